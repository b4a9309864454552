"""The style sheet and the scripts stand beside the pages, and each page names them."""

import re
from pathlib import Path
from types import SimpleNamespace

import pydata_sphinx_theme  # type: ignore[import-untyped]
import pytest
from sphinx.errors import ExtensionError

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


def test_no_script_holds_up_a_page(tmp_path, sphinx_build):
    site = sphinx_build(tmp_path, "extensions = ['press.assets']\nlanguage = 'de'", index="Page\n====\n")
    for page in ("index", "genindex"):
        text = (site / f"{page}.html").read_text(encoding="utf-8")
        loaded = re.findall(r"<script[^>]*\bsrc=[^>]*>", text)
        assert loaded
        assert all("defer" in script for script in loaded)
        assert text.count("const DOCUMENTATION_OPTIONS = {") == 1
        assert "LANGUAGE: 'de'" in text
        assert text.index("const DOCUMENTATION_OPTIONS") < text.index("<script defer")
    search = (site / "search.html").read_text(encoding="utf-8")
    assert search.index("const DOCUMENTATION_OPTIONS") < search.index("searchtools.js")


def test_maps_for_debuggers_are_not_published(tmp_path, sphinx_build):
    (tmp_path / "static").mkdir()
    for name in ("theme.js", "theme.js.map"):
        (tmp_path / "static" / name).write_text("{}", encoding="utf-8")
    settings = "extensions = ['press.assets']\nhtml_static_path = ['static']"
    site = sphinx_build(tmp_path, settings, index="Page\n====\n")
    assert (site / "_static" / "theme.js").exists()
    assert not list(site.rglob("*.map"))


def without_boxes(folder, script):
    path = folder / "_static" / assets.THEME
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script, encoding="utf-8")
    assets.leave_boxes_alone(SimpleNamespace(builder=SimpleNamespace(format="html"), outdir=folder), None)
    return path.read_text(encoding="utf-8")


def test_the_theme_does_not_look_for_boxes_that_scroll(tmp_path):
    folder = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
    script = (folder / assets.THEME).read_text(encoding="utf-8")
    left = without_boxes(tmp_path, script)
    assert 0 < len(script) - len(left) < 1000
    assert left.count("{") == left.count("}")
    assert "scrollHeight" in script
    assert "scrollHeight" not in left
    assert without_boxes(tmp_path, left) == left


def test_a_theme_that_looks_in_another_way_fails_the_build(tmp_path):
    with pytest.raises(ExtensionError, match="does not know"):
        without_boxes(tmp_path, "for (const box of boxes) box.tabIndex = 0;")
