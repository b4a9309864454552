"""One script: all pages load it, in it stand the others in their order, and what some pages have stays beside it."""

import re

import pytest

OWN = {
    "first.js": '"use strict";\nconst first = 1;',
    "second.js": "second = document.currentScript.dataset.word;",
    "some.js": "some = 1;",
}
SETTINGS = """
extensions = ["press.one_script", "press.assets"]
html_static_path = ["own"]
html_js_files = [("second.js", {"priority": 702, "data-word": "told"}), ("first.js", {"priority": 701})]
def add(app, page, *rest):
    if page == "other":
        app.add_js_file("some.js", priority=650)
def setup(app):
    app.connect("html-page-context", add)
"""


@pytest.fixture
def site(tmp_path, sphinx_build):
    (tmp_path / "own").mkdir()
    for name, script in OWN.items():
        (tmp_path / "own" / name).write_text(script, encoding="utf-8")
    index = "Title\n=====\n\n.. toctree::\n\n   other\n"
    return sphinx_build(tmp_path, SETTINGS, index=index, other="Other\n=====\n\nText.\n")


def scripts(site, page):
    text = (site / f"{page}.html").read_text(encoding="utf-8")
    return re.findall(r'<script[^>]*src="_static/([^"?]*)', text)


def test_a_page_loads_one_script_and_what_is_its_own(site):
    (one,) = (path.name for path in (site / "_static").glob("site-*.js"))
    assert scripts(site, "index") == scripts(site, "genindex") == [one]
    assert scripts(site, "other") == [one, "some.js"]
    element = re.search(rf"<script[^>]*{one}", (site / "index.html").read_text(encoding="utf-8"))
    assert 'defer="defer"' in element[0]
    assert 'data-word="told"' in element[0]


def test_the_others_stand_in_it_in_their_order(site):
    (path,) = (site / "_static").glob("site-*.js")
    one = path.read_text(encoding="utf-8")
    inner = [(site / "_static" / name).read_text(encoding="utf-8") for name in ("doctools.js", "first.js", "second.js")]
    places = [one.index(script) for script in inner]
    assert places == sorted(places)
    assert OWN["some.js"] not in one
    assert "DOCUMENTATION_OPTIONS = {" not in one  # it stands in the page
    assert not one.lstrip().startswith(('"use strict"', "//", "/*")), "one script's mode would be that of all"


def test_the_search_loads_each_by_itself(site):
    names = scripts(site, "search")
    assert {"doctools.js", "first.js", "second.js", "searchtools.js"} <= set(names)
    assert not any(name.startswith("site-") for name in names)
