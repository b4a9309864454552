"""tools/icons.py: the theme's script of icons, cut down to those in use."""

import gzip
from pathlib import Path
from types import SimpleNamespace

import icons
import pydata_sphinx_theme
import pytest
from icons import Icon
from sphinx.errors import ExtensionError

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static" / "scripts"


@pytest.fixture(scope="module")
def script():
    return (THEME / "fontawesome.js").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("classes", "shown"),
    [
        ("theme-switch fa-solid fa-sun                fa-lg", {Icon("fas", "sun")}),
        ("fab fa-github", {Icon("fab", "github")}),
        ("far fa-file", {Icon("far", "file")}),
        ("fa fa-bars", {Icon("fas", "bars")}),
        ("fa-bars", set()),  # no set: nothing is drawn
        ("fab-like far-off", set()),
    ],
)
def test_icons_of_an_element(classes, shown):
    assert icons.icons_of(classes) == shown
    assert icons.page_icons(f"<p class='fas'>fa-solid fa-moon</p><i class='{classes}'></i>") == shown


def test_cut_script_holds_the_icons_in_use_and_no_other(script):
    used = {Icon("fas", "sun"), Icon("fas", "search"), Icon("fab", "github"), Icon("far", "file")}
    result, lacking = icons.cut(script, used)
    assert not lacking
    assert len(icons.ENTRY.findall(result)) == len(used)
    assert len(icons.ENTRY.findall(script)) > 2000
    for entry in ("sun:[", '"magnifying-glass":[512,512,[128269,"search"]', "github:[", "file:["):
        assert entry in result
    assert result.startswith(icons.LICENCE)
    assert len(gzip.compress(result.encode())) < 25_000


def test_code_of_the_script_is_left_as_it_is(script):
    result, _ = icons.cut(script, {Icon("fas", "sun")})
    code = [icons.ENTRY.sub("", text).replace(",", "").rstrip() for text in (script, result)]
    assert code[0].rpartition("\n//# sourceMappingURL=")[0] == code[1]


def test_cutting_twice_changes_nothing(script):
    once, _ = icons.cut(script, {Icon("fas", "sun"), Icon("fab", "github"), Icon("far", "file")})
    again, lacking = icons.cut(once, {Icon("fas", "sun"), Icon("fab", "github"), Icon("far", "file")})
    assert (again, lacking) == (once, set())


def test_icons_that_the_script_lacks_are_named(script):
    used = {Icon("fas", "sun"), Icon("fas", "sunn"), Icon("far", "github")}
    assert icons.cut(script, used)[1] == {Icon("fas", "sunn"), Icon("far", "github")}


@pytest.mark.parametrize(("old", "new"), [('"fab"', '"new"'), ("var p={", "let p={"), (icons.LICENCE, "/*! ")])
def test_a_script_of_another_form_is_refused(script, old, new):
    with pytest.raises(ExtensionError, match="another form"):
        icons.cut(script.replace(old, new), {Icon("fas", "sun")})


@pytest.fixture
def site(tmp_path, script):
    scripts = tmp_path / "_static" / "scripts"
    scripts.mkdir(parents=True)
    (scripts / "fontawesome.js").write_text(script, encoding="utf-8")
    (scripts / "fontawesome.js.map").touch()
    (scripts / "theme.js").write_text('f.classList="fa-solid fa-xmark",g="fade"', encoding="utf-8")
    (tmp_path / "page.html").write_text('<i class="fas fa-sun fa-lg"></i>', encoding="utf-8")
    return SimpleNamespace(outdir=tmp_path, builder=SimpleNamespace(format="html"))


def test_icons_of_pages_and_scripts_are_kept(site):
    icons.cut_icons(site, None)
    text = (site.outdir / icons.SCRIPT).read_text(encoding="utf-8")
    assert sorted(name for name, _ in icons.ENTRY.findall(text)) == ["sun", "xmark"]
    assert not (site.outdir / icons.SCRIPT).with_suffix(".js.map").exists()


def test_a_page_with_an_unknown_icon_fails_the_build(site):
    (site.outdir / "other.html").write_text('<i class="fas fa-sunn"></i>', encoding="utf-8")
    with pytest.raises(ExtensionError, match=r"other\.html.*fa-sunn"):
        icons.cut_icons(site, None)


def test_a_build_that_failed_or_is_no_website_is_left_alone(site, script):
    icons.cut_icons(site, RuntimeError())
    icons.cut_icons(SimpleNamespace(outdir=site.outdir, builder=SimpleNamespace(format="latex")), None)
    assert (site.outdir / icons.SCRIPT).read_text(encoding="utf-8") == script
