"""The icons in use, drawn by a style sheet."""

import gzip
import re
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import pydata_sphinx_theme
import pytest
from sphinx.errors import ExtensionError

from press import icons
from press.icons import Icon

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static" / "scripts"


@pytest.fixture(scope="module")
def script():
    return (THEME / "fontawesome.js").read_text(encoding="utf-8")


def test_icons_are_found_under_each_of_their_names(script):
    known = icons.drawings(script)
    assert len({icon.name for icon in known}) > 1500
    assert known[Icon("fas", "magnifying-glass")] == known[Icon("fas", "search")]
    assert known[Icon("fas", "bars")][:2] == (448, 512)
    assert all(drawing.path.startswith("M") for drawing in known.values())


def test_style_draws_the_icons_in_use_and_no_other(script):
    known = icons.drawings(script)
    used = {icon: known[icon] for icon in (Icon("fas", "sun"), Icon("fab", "github"), Icon("far", "file"))}
    text = icons.style(used)
    assert re.findall(r"\)\.(fa-[\w-]+) \{ width", text) == ["fa-github", "fa-file", "fa-sun"]
    assert ":is(.fa-regular, .far).fa-file { width: 0.75em;" in text
    assert text.startswith(icons.LICENCE)
    assert '"' not in unquote(text.split('url("')[1].split('")')[0])
    assert len(gzip.compress(text.encode())) < 3_000


@pytest.mark.parametrize(("old", "new"), [('"fab"', '"new"'), ("var p={", "let p={")])
def test_a_script_of_another_form_is_refused(script, old, new):
    with pytest.raises(ExtensionError, match="another form"):
        icons.drawings(script.replace(old, new))


def website(folder, kind="html", **more):
    theme = SimpleNamespace(get_theme_dirs=lambda: [str(folder / "no theme"), str(THEME.parents[1])])
    info = SimpleNamespace(config_hash=more.pop("settings", "1"))
    return SimpleNamespace(outdir=folder, builder=SimpleNamespace(format=kind, theme=theme, build_info=info), **more)


@pytest.fixture
def site(tmp_path, script):
    scripts = tmp_path / "_static" / "scripts"
    scripts.mkdir(parents=True)
    (scripts / "fontawesome.js").touch()
    (scripts / "fontawesome.js.map").touch()
    (scripts / "theme.js").touch()
    return website(tmp_path, site_words={"fas", "fa-solid", "fa-sun", "fa-xmark", "fa-lg", "fade", "bars"})


def test_icons_of_the_website_are_drawn_without_the_script(site):
    icons.drop_script(site, None)
    icons.draw_icons(site, None)
    text = (site.outdir / "_static" / icons.STYLE).read_text(encoding="utf-8")
    assert re.findall(r"\)\.(fa-[\w-]+) \{ width", text) == ["fa-sun", "fa-xmark"]
    assert [path.name for path in (site.outdir / "_static" / "scripts").iterdir()] == ["theme.js"]


def test_an_unknown_icon_fails_the_build(site):
    site.site_words.add("fa-sunn")
    with pytest.raises(ExtensionError, match="no icon fa-sunn"):
        icons.draw_icons(site, None)


def test_an_icon_is_drawn_where_its_set_is_named_too(script):
    known = icons.drawings(script)
    words = {"fa-github", "fa-file", "fa-sun", "fa-fw", "far"}
    assert set(icons.used_icons(known, words)) == {Icon("far", "file"), Icon("far", "sun")}
    assert set(icons.used_icons(known, words | {"fa-brands"})) >= {Icon("fab", "github")}


def test_a_second_build_in_which_nothing_is_written_draws_the_same(site):
    icons.draw_icons(site, None)
    style = site.outdir / "_static" / icons.STYLE
    before = style.read_text(encoding="utf-8")
    icons.draw_icons(site, None)
    assert style.read_text(encoding="utf-8") == before


PROJECT = """
extensions = ["press.icons", "press.one_style"]
html_theme = "pydata_sphinx_theme"
html_theme_options = {"navbar_end": ["theme-switcher"], "secondary_sidebar_items": []}
"""


def test_pages_have_the_icons_in_their_style_sheet_and_no_script_for_them(tmp_path, sphinx_build):
    for _ in range(2):  # the second time, the website is there
        folder = sphinx_build(tmp_path, PROJECT, index="Start\n=====\n\nText.\n")
    page = (folder / "index.html").read_text(encoding="utf-8")
    (style,) = set(re.findall(r'href="_static/(site-\w+\.css)', page))
    assert "--pg-icon:url(" in (folder / "_static" / style).read_text(encoding="utf-8").replace(": ", ":")
    assert not re.search(r"<script[^>]*fontawesome", page)
    assert (folder / "_static" / icons.STYLE).exists()
    assert not (folder / icons.SCRIPT).exists()


def test_a_build_that_failed_or_is_no_website_is_left_alone(site):
    for work in (icons.drop_script, icons.draw_icons):
        work(site, RuntimeError())
        work(website(site.outdir, "latex"), None)
    assert (site.outdir / icons.SCRIPT).exists()
