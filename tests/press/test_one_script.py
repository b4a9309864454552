"""One script: all pages load it, in it stand the others in their order, and what may not be moved stays beside it."""

import re

import pytest

from .conftest import sphinx

OWN = {
    "first.js": '"use strict";\nconst first = 1;',
    "second.js": "second = document.currentScript.dataset.word;",
    "some.js": "some = 1;",
    "module.js": "import './some.js';",
}
ELSEWHERE = "https://example.org/plot.js"
SETTINGS = f"""
extensions = ["press.one_script"]
html_static_path = ["own"]
html_js_files = [
    ("second.js", {{"priority": 702, "data-word": "told"}}),
    ("first.js", {{"priority": 701}}),
    ("module.js", {{"type": "module"}}),
    "{ELSEWHERE}",
]
def add(app, page, *rest):
    if page == "other":
        app.add_js_file("some.js", priority=650)
def setup(app):
    app.connect("html-page-context", add)
"""
INDEX = "Title\n=====\n\n.. toctree::\n\n   other\n"


def put(folder, settings=SETTINGS, **own):
    """Write the sources of a site of two pages."""
    (folder / "own").mkdir(parents=True)
    for name, script in (OWN | own).items():
        (folder / "own" / name).write_text(script, encoding="utf-8")
    (folder / "conf.py").write_text(settings, encoding="utf-8")
    (folder / "index.rst").write_text(INDEX, encoding="utf-8")
    (folder / "other.rst").write_text("Other\n=====\n\nText.\n", encoding="utf-8")


def built(folder, builder="html"):
    """Build it, once more if it has been built, and return the site."""
    run = sphinx("-q", "-W", "-b", builder, folder, folder / builder)
    assert run.returncode == 0, run.stderr
    return folder / builder


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("one-script")
    put(folder)
    return built(folder)


def elements(site, page):
    """The elements of the scripts that a page loads, by their files."""
    text = (site / f"{page}.html").read_text(encoding="utf-8")
    found = re.findall(r'(<script[^>]*src="([^"?]*)[^>]*>)', text)
    return {source.removeprefix("_static/"): element for element, source in found}


def the_one(site):
    (path,) = (site / "_static").glob("site-*.js")
    return path


def test_a_page_loads_one_script_and_what_is_its_own(site):
    one = the_one(site).name
    assert list(elements(site, "index")) == list(elements(site, "genindex")) == [one, "module.js", ELSEWHERE]
    assert list(elements(site, "other")) == [one, "some.js", "module.js", ELSEWHERE]
    element = elements(site, "index")[one]
    assert 'defer="defer"' in element
    assert 'data-word="told"' in element
    assert "type=" not in element


def test_the_others_stand_in_it_in_their_order(site):
    one = the_one(site).read_text(encoding="utf-8")
    inner = [(site / "_static" / name).read_text(encoding="utf-8") for name in ("doctools.js", "first.js", "second.js")]
    places = [one.index(script) for script in inner]
    assert places == sorted(places)
    assert OWN["some.js"] not in one
    assert OWN["module.js"] not in one
    assert "DOCUMENTATION_OPTIONS = {" not in one  # it stands in the page
    assert not one.lstrip().startswith(('"use strict"', "//", "/*")), "one script's mode would be that of all"


def test_the_search_loads_each_by_itself(site):
    names = list(elements(site, "search"))
    assert {"doctools.js", "first.js", "second.js", "searchtools.js"} <= set(names)
    assert the_one(site).name not in names


def test_the_scripts_at_the_end_of_the_theme_are_in_it_once(tmp_path):
    theme = (
        SETTINGS.replace("press.one_script", 'press.one_script", "press.icons') + 'html_theme = "sphinx_book_theme"\n'
    )
    put(tmp_path, theme)
    site = built(tmp_path)
    one = the_one(site).read_text(encoding="utf-8")
    for name in ("scripts/bootstrap.js", "scripts/pydata-sphinx-theme.js"):
        assert name not in elements(site, "index")
        assert name in elements(site, "search")
        assert one.count((site / "_static" / name).read_text(encoding="utf-8")) == 1
    assert "scrollHeight" not in one[one.index("pydata") :]  # as press.assets leaves the theme's script


def test_it_is_named_after_what_it_holds(tmp_path):
    """A browser keeps what it has under a name."""
    for place, script in {"a": "1;", "b": "1;", "c": "2;"}.items():
        put(tmp_path / place, **{"first.js": script})
    names = [the_one(built(tmp_path / place)).name for place in "abc"]
    assert names[0] == names[1] != names[2]


def test_a_build_of_nothing_or_of_one_page_leaves_the_others_their_script(tmp_path):
    put(tmp_path)
    before = elements(built(tmp_path), "index")
    assert elements(built(tmp_path), "index") == before
    (tmp_path / "other.rst").write_text("Other\n=====\n\nAnother text.\n", encoding="utf-8")
    site = built(tmp_path)
    assert elements(site, "index") == before
    assert list(elements(site, "other"))[:1] == list(before)[:1] == [the_one(site).name]


def test_a_builder_that_writes_scripts_last_has_them_one_by_one(tmp_path):
    put(tmp_path)
    names = list(elements(built(tmp_path, "singlehtml"), "index"))
    assert names[:2] == ["documentation_options.js", "doctools.js"]
    assert {"first.js", "second.js"} <= set(names)
