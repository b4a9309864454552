"""One style sheet: what may match stays, what cannot goes, and addresses still lead where they led."""

from types import SimpleNamespace

import pytest

from press import one_style

WORDS = {"a", "shown", "box"}


def kept(style):
    return "".join(one_style.kept(one_style.parsed(style), WORDS))


@pytest.mark.parametrize(
    ("style", "left"),
    [
        (".shown { color: red }", ".shown{color: red}"),
        (".gone { color: red }", ""),
        (".shown .gone, .box > p { color: red }", ".box > p{color: red}"),
        (".box.is-so { margin: 0 }", ".box.is-so{margin: 0}"),
        (".gone.is-so { margin: 0 }", ""),
        ("p, h1 { margin: 0 }", "p,h1{margin: 0}"),
        (".shown:not(.gone) { margin: 0 }", ".shown:not(.gone){margin: 0}"),
        (".shown:is(.gone, .box) { margin: 0 }", ".shown:is(.gone, .box){margin: 0}"),
        ("@media print { .gone { margin: 0 } }", ""),
        ("@media print { .gone { margin: 0 } .box { margin: 0 } }", "@media print {.box{margin: 0}}"),
        ("@font-face { font-family: X; src: url(x.woff) }", "@font-face { font-family: X; src: url(x.woff) }"),
        ('@import "other.css"; .box { margin: 0 }', ".box{margin: 0}"),
        ("/* a word */ .box { margin: 0 }", ".box{margin: 0}"),
        (".box :is(th, td):first-child { margin: 0 }", ".box th:first-child,.box td:first-child{margin: 0}"),
        (".box > :is(.a, .gone)::before { margin: 0 }", ".box > .a::before{margin: 0}"),
        (":is(th, td) { margin: 0 }", "th,td{margin: 0}"),
        (":is(th, .box) { margin: 0 }", ":is(th, .box){margin: 0}"),
        (".box :is(p.a, .a > p) { margin: 0 }", ".box :is(p.a, .a > p){margin: 0}"),
        (":is(th, td) .box { margin: 0 }", ":is(th, td) .box{margin: 0}"),
        ("td:not(:is(.a, .box)) { margin: 0 }", "td:not(:is(.a, .box)){margin: 0}"),
    ],
)
def test_rules_that_no_page_can_use_go(style, left):
    assert kept(style) == left


def test_addresses_are_those_of_the_folder_above():
    style = ".a{background: url(../vendor/x.woff2), url('y.png'), url(data:image/png;base64,), url(#id)}"
    moved = one_style.moved(style, "styles")
    assert moved == ".a{background: url(vendor/x.woff2), url('styles/y.png'), url(data:image/png;base64,), url(#id)}"


def test_a_site_loads_one_style_sheet(tmp_path, sphinx_build):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "own.css").write_text(".document { margin: 0 } .gone { margin: 0 }", encoding="utf-8")
    settings = "extensions = ['press.one_style']\nhtml_css_files = ['own.css']\nhtml_static_path = ['own']"
    site = sphinx_build(tmp_path, settings, index="Title\n=====\n\nText.\n")
    page = (site / "index.html").read_text(encoding="utf-8")
    assert "own.css" not in page
    assert page.count("_static/site-") == 1
    (style,) = (site / "_static").glob("site-*.css")
    assert style.name in page
    text = style.read_text(encoding="utf-8")
    assert ".document{margin: 0}" in text
    assert ".gone" not in text


def test_a_style_sheet_of_some_pages_alone_stays_beside_it(tmp_path, sphinx_build):
    """Which one the site's stands for is known when the first page is written, before others are, in any process."""
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "own.css").write_text(".document { margin: 0 }", encoding="utf-8")
    settings = (
        "extensions = ['press.one_style']\nhtml_static_path = ['own']\n"
        "def add(app, page, *rest):\n    if page == 'other':\n        app.add_css_file('own.css')\n"
        "def setup(app):\n    app.connect('html-page-context', add)\n"
    )
    index = "Title\n=====\n\n.. toctree::\n\n   other\n"
    site = sphinx_build(tmp_path, settings, index=index, other="Other\n=====\n\nText.\n")
    pages = {name: (site / f"{name}.html").read_text(encoding="utf-8") for name in ("index", "other")}
    assert {name: page.count("_static/site-") for name, page in pages.items()} == {"index": 1, "other": 1}
    assert {name: "own.css" in page for name, page in pages.items()} == {"index": False, "other": True}


def test_what_only_a_run_shows_has_its_style(tmp_path, sphinx_build):
    """A class may stand in a module that a page loads later, or in the Python that writes what a cell shows."""
    (tmp_path / "own").mkdir()
    rules = (".spoken", ".pg-audit > .pg-chip", ".pg-audit.is-not-an-estimator", ".gone")
    (tmp_path / "own" / "own.css").write_text("".join(f"{rule} {{ margin: 0 }}" for rule in rules), encoding="utf-8")
    (tmp_path / "own" / "later.mjs").write_text('made.className = "spoken";', encoding="utf-8")
    settings = "extensions = ['press.one_style']\nhtml_css_files = ['own.css']\nhtml_static_path = ['own']"
    site = sphinx_build(tmp_path, settings, index="Title\n=====\n\nText.\n")
    (style,) = (site / "_static").glob("site-*.css")
    text = style.read_text(encoding="utf-8")
    assert [rule for rule in rules if f"{rule}{{margin: 0}}" in text] == list(rules[:3])


def named(folder):
    """The name of the style sheet of a site without pages, whose settings are in a folder."""
    app = SimpleNamespace(confdir=folder)
    one_style.name_style(app, SimpleNamespace(env=SimpleNamespace(found_docs=[])))
    return app.one_style_name


def test_another_version_of_the_theme_gives_another_name(monkeypatch, tmp_path):
    def name(version):
        theme = SimpleNamespace(name="sphinx-book-theme", version=version)
        monkeypatch.setattr(one_style.metadata, "distributions", lambda: iter([theme]))
        return named(tmp_path)

    assert name("1.1") == name("1.1") != name("1.2")


def test_other_settings_give_another_name(tmp_path):
    """Some options are of styles, as that of the colours of code."""

    def name(option):
        (tmp_path / "_config.yml").write_text(option, encoding="utf-8")
        return named(tmp_path)

    assert name("pygments_style: a") == name("pygments_style: a") != name("pygments_style: b")
