"""The style sheet and the scripts stand beside the pages, and each page names them."""

from press import assets


def test_pages_name_the_files_and_have_them_beside_them(tmp_path, sphinx_build):
    site = sphinx_build(tmp_path, "extensions = ['press.assets']", index="Page\n====\n")
    page = (site / "index.html").read_text(encoding="utf-8")
    names = [path.name for path in assets.STATIC.iterdir()]
    assert "course.css" in names
    for name in names:
        assert (site / "_static" / name).read_bytes() == (assets.STATIC / name).read_bytes()
        assert f"_static/{name}" in page
