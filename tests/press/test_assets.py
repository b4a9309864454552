"""The style sheet and the scripts stand beside the pages, and each page names them."""

from press import assets


def test_pages_name_the_files_and_have_them_beside_them(tmp_path, sphinx_build):
    site = sphinx_build(tmp_path, "extensions = ['press.assets']", index="Page\n====\n")
    page = (site / "index.html").read_text(encoding="utf-8")
    names = [path.name for path in assets.STATIC.iterdir()]
    assert "course.css" in names
    for name in names:
        assert (site / "_static" / name).read_bytes() == (assets.STATIC / name).read_bytes()
        everywhere = name.endswith((".css", ".js")) and name not in assets.ON_SOME_PAGES
        assert (f"_static/{name}" in page) is everywhere


def test_maps_for_debuggers_are_not_published(tmp_path, sphinx_build):
    (tmp_path / "static").mkdir()
    for name in ("theme.js", "theme.js.map"):
        (tmp_path / "static" / name).write_text("{}", encoding="utf-8")
    settings = "extensions = ['press.assets']\nhtml_static_path = ['static']"
    site = sphinx_build(tmp_path, settings, index="Page\n====\n")
    assert (site / "_static" / "theme.js").exists()
    assert not list(site.rglob("*.map"))
