"""The tree of pages at the side, made of nodes."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

#: A book of five pages, of which one stands below another, and one below that; and a part without a page that folds.
INDEX = """
Start
=====

.. toctree::
   :caption: First part
   :numbered:

   upper
   other

.. toctree::
   :caption: Second & last part

   last
"""
PAGES = {
    "index": INDEX,
    "upper": "Upper & *higher*\n================\n\nHeading\n-------\n\n.. toctree::\n\n   lower\n",
    "lower": "Lower\n=====\n\n.. toctree::\n\n   lowest\n",
    "lowest": "Lowest\n======\n",
    "other": "Other\n=====\n\nHeading\n-------\n",
    "last": "Last\n====\n",
}
PROJECT = """
extensions = [{}]
html_theme = "sphinx_book_theme"
html_theme_options = {{"show_navbar_depth": {}}}
"""


def sidebar(page):
    """What stands at the side of a page."""
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one("nav.bd-links")


def shape(element):
    """An element as a browser has it: without spaces between elements, and in whatever order its attributes are."""
    inside = [shape(part) if part.name else " ".join(part.split()) for part in element.children]
    attributes = sorted((name, value or name) for name, value in element.attrs.items())
    return element.name, attributes, [part for part in inside if part]


@pytest.fixture(scope="module", params=[0, 1, 2, "1, 'collapse_navbar': True"])
def sites(request, tmp_path_factory, sphinx_build):
    """The book with the theme's own tree and with ours, and how many levels are open."""
    theirs, ours = (
        sphinx_build(tmp_path_factory.mktemp("book"), PROJECT.format(extension, request.param), **PAGES)
        for extension in ("", "'press.sidebar'")
    )
    return theirs, ours, int(str(request.param)[0])


@pytest.mark.parametrize("page", [*PAGES, "search"])
def test_the_tree_is_the_theme_s_but_for_names(sites, page):
    """Where the theme names what opens a part, this module can go; where its tree changes, ours must."""
    theirs, ours, _ = sites
    tree = sidebar(ours / f"{page}.html")
    named = tree.select("summary[aria-label]")
    for summary in named:
        link = summary.find_parent("li").find("a")
        words = re.sub(r"^[\d.]+ ", "", link.get_text())  # it has its number before it
        assert summary.attrs.pop("aria-label") == f"Parts of {words}"
    assert shape(tree) == shape(sidebar(theirs / f"{page}.html"))
    assert all(summary in named or summary.get_text(strip=True) for summary in tree.select("summary"))


def test_where_the_page_is_the_tree_is_open(sites):
    _, ours, shown = sites
    tree = sidebar(ours / "lowest.html")
    opened = [fold.find("summary").get("aria-label") for fold in tree.select("li > details[open]")]
    assert opened == [*([] if shown else [None]), "Parts of Upper & higher", "Parts of Lower"]
    (here,) = tree.select("a.current")
    assert here.get_text().endswith("Lowest")
    opened = sidebar(ours / "last.html").select("li.toctree-l1 > details[open]")
    assert len(opened) == (shown > 1)


def test_a_book_of_one_page_has_no_tree(tmp_path, sphinx_build):
    site = sphinx_build(tmp_path, PROJECT.format("'press.sidebar'", 1), index="Start\n=====\n")
    assert not sidebar(site / "index.html").select("li")


def test_the_theme_makes_no_tree_of_its_own(tmp_path, sphinx_build):
    """It would make one for each page, to see whether the sidebar is empty."""
    refuse = """
from pydata_sphinx_theme import toctree

def refuse(*args, **options):
    raise AssertionError("the theme's own tree")

def add(app, page, template, context, doctree):
    toctree_of = context["toctree"]
    context["toctree"] = lambda **options: refuse() if "includehidden" in options else toctree_of(**options)

def setup(app):
    app.connect("html-page-context", add, priority=499)
"""
    sphinx_build(tmp_path, PROJECT.format("'press.sidebar'", 1) + refuse, **PAGES)
