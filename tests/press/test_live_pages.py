"""Pages with something to run load one script, and their data stand in them."""

import html
import io
import json
import re
import zipfile

import pytest

from press.live import pages

ASKS = """
import sys
sys.path.insert(0, {root!r})
from press.live import pages
extensions = ["press.assets", "press.live"]
def setup(app):
    app.connect("doctree-read", lambda app, doctree: ask(app.env))
def ask(env):
    if env.docname != "plain":
        pages.require(env, env.docname, words="</script> and Σ")
"""


def test_a_page_that_asks_for_it_has_the_script_and_its_data(tmp_path, sphinx_build):
    texts = {"index": "Page\n====\n", "part/other": "Other\n=====\n", "plain": "Plain\n=====\n"}
    settings = ASKS.format(root=str(pages.assets.STATIC.parents[1]))
    site = sphinx_build(
        tmp_path, settings + "exclude_patterns = []\n", **{name: f":orphan:\n\n{text}" for name, text in texts.items()}
    )
    for name in texts:
        page = (site / f"{name}.html").read_text(encoding="utf-8")
        data = re.findall(r'<script[^>]*id="pg-live"[^>]*>(.*?)</script>', page)
        assert len(re.findall(r"_static/live\.js", page)) == len(data) == (name != "plain")
        if data:
            (found,) = map(json.loads, data)
            assert found["words"] == "</script> and Σ"
            assert (found["page"], found["root"]) == (name, "../" * name.count("/"))
            assert page.index('id="pg-live"') < page.index("_static/live.js")


CELLS = """
extensions = ["myst_nb", "press.assets", "press.outputs", "press.cells", "press.live"]
nb_execution_mode = "off"
"""


def test_a_cell_has_the_place_of_its_buttons_and_what_it_needs(tmp_path, sphinx_build, notebook, monkeypatch):
    if pages.distribution.distribution() is None:
        pytest.skip("press/vendor/python is missing, which `make vendor` fetches")
    text = notebook(
        ("a = 1\nunused = 2", {"tags": ["hide-input"]}),
        "Words.",
        ("print(a)", {}),
        ("1 / 0", {"tags": ["raises-exception"]}),
        ("import torch", {"tags": ["skip-execution"]}),
        ("b = a", {}),
    )
    site = sphinx_build(tmp_path, CELLS, index=text)
    page = (site / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<div class="pg-run" data-cell="(\d+)"></div>', page) == ["1", "3", "4", "6"]
    (data,) = map(json.loads, re.findall(r'<script[^>]*id="pg-live"[^>]*>(.*?)</script>', page))
    along = json.loads((site / data["cells"]).read_text(encoding="utf-8"))
    assert [along["parts"][part] for part in along["cells"]["3"]["setup"]] == ["a = 1"]
    assert [along["parts"][part] for part in along["cells"]["6"]["setup"]] == ["a = 1"]
    assert along["numbers"] == [1, 3, 4, 5, 6]
    assert along["silent"] == [4, 5]
    for address in (data["python"]["sources"], data["python"]["folder"] + data["python"]["lock"]):
        assert (site / address).is_file()


def test_cells_of_the_same_code_have_names_by_their_order_on_the_page(tmp_path, sphinx_build, notebook):
    if pages.distribution.distribution() is None:
        pytest.skip("press/vendor/python is missing, which `make vendor` fetches")
    twins = [("a = 1", {"tags": ["hide-input"]}), ("b = 1", {}), ("a = 1\n", {}), ("a = 1", {"tags": ["hide-input"]})]
    site = sphinx_build(tmp_path, CELLS, index=notebook(*twins))
    page = (site / "index.html").read_text(encoding="utf-8")
    places = re.findall(r'data-cell="(\d+)"(?: data-twin="(\d+)")?', page)
    assert places == [("1", ""), ("2", ""), ("3", "1"), ("4", "2")]


SMALLER = {"from": "n = 1000", "to": "n = 10", "called": "10 draws", "said": "Smaller: 10 draws."}


def test_a_cell_offers_the_smaller_size_that_it_names_and_so_does_what_needs_it(tmp_path, sphinx_build, notebook):
    if pages.distribution.distribution() is None:
        pytest.skip("press/vendor/python is missing, which `make vendor` fetches")
    text = notebook(("n = 1000\nm = 2", {"live": {"smaller": SMALLER}}), ("n", {}), ("m", {}), ("n = 1000", {}))
    page = (sphinx_build(tmp_path, CELLS, index=text) / "index.html").read_text(encoding="utf-8")
    found = dict(re.findall(r'data-cell="(\d)" data-smaller="([^"]*)"', page))
    offer = {"called": "10 draws", "said": "Smaller: 10 draws.", "edits": [[1, "n = 1000", "n = 10"]]}
    assert json.loads(html.unescape(found.pop("2"))) == offer
    own = json.loads(html.unescape(found.pop("1")))
    assert own == {**offer, "said": f"Smaller: 10 draws. {pages.GOES_ON}"}
    assert not found  # neither what needs another line of that cell, nor what looks like it


def test_sizes_of_two_cells_above_are_offered_together():
    def cell(source, **smaller):
        told = {"called": f"{smaller['to']}", "said": f"Only {smaller['to']}."} if smaller else {}
        return {"source": source, "tags": [], "live": {"smaller": {**smaller, **told}} if smaller else {}}

    cells = {
        1: cell("a = 9", **{"from": "9", "to": "1"}),
        3: cell("b = 8", **{"from": "8", "to": "2"}),
        4: cell("a + b"),
    }
    offers = pages.offered(cells, [1, 3, 4], "page")
    assert offers[4] == {"called": "1 and 2", "said": "Only 1. Only 2.", "edits": [[1, "9", "1"], [3, "8", "2"]]}
    assert offers[3]["edits"] == [[3, "8", "2"]]


@pytest.mark.parametrize("wrong", [{"from": "m = 1"}, {"to": None}])
def test_a_smaller_size_of_other_code_is_not_built(tmp_path, sphinx_fails, notebook, wrong):
    smaller = {name: words for name, words in (SMALLER | wrong).items() if words}
    said = sphinx_fails(tmp_path, CELLS, index=notebook(("n = 1000", {"live": {"smaller": smaller}})))
    assert "index: the smaller size of a cell" in said


def test_a_website_without_python_leaves_its_cells_as_they_are(tmp_path, sphinx_build, notebook):
    without = CELLS + "from press.live import distribution\ndistribution.distribution = lambda: None\n"
    site = sphinx_build(tmp_path, without, index=notebook(("print(1)", {})))
    page = (site / "index.html").read_text(encoding="utf-8")
    assert "pg-run" not in page
    assert "live.js" not in page


def test_what_runs_in_a_page_is_the_same_archive_each_time():
    made = pages.shipped({"labels": {}})
    assert made == pages.shipped({"labels": {}})
    names = zipfile.ZipFile(io.BytesIO(made)).namelist()
    assert {"press/live/in_page.py", "press/outputs/ledger.py", "press/live/places.json"} <= set(names)


def test_a_cell_that_is_not_python_has_no_button_and_is_told(tmp_path, sphinx_build, sphinx_fails, notebook):
    """IPython runs it, and no browser does."""
    if pages.distribution.distribution() is None:
        pytest.skip("press/vendor/python is missing, which `make vendor` fetches")
    text = notebook(("%matplotlib inline\nx = 1", {}), ("x = 2", {}), ("print(x)", {}))
    (tmp_path / "told").mkdir()
    assert "index.ipynb: WARNING: code cell 1 is not plain Python" in sphinx_fails(tmp_path / "told", CELLS, index=text)
    (tmp_path / "kept").mkdir()
    site = sphinx_build(tmp_path / "kept", CELLS + "suppress_warnings = ['press.live']\n", index=text)
    page = (site / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<div class="pg-run" data-cell="(\d+)"></div>', page) == ["2", "3"]
    assert "%" in page
    other = json.loads(text)
    other["metadata"]["kernelspec"] = {"name": "ir", "display_name": "R", "language": "R"}
    (tmp_path / "other").mkdir()
    site = sphinx_build(tmp_path / "other", CELLS, index=json.dumps(other))
    assert "pg-run" not in (site / "index.html").read_text(encoding="utf-8")
