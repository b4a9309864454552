"""The sidebar's toggles have names."""

from __future__ import annotations

from bs4 import BeautifulSoup

from press.sidebar import with_names

THEIRS = (
    '<ul><li><a href="one.html">One</a></li><li class="has-children"><a href="two.html">Two</a>'
    '<details><summary><span role="presentation"><i></i></span></summary><ul><li>…</li></ul></details></li></ul>'
)


def test_a_toggle_is_named_after_its_page():
    made = with_names(lambda kind: BeautifulSoup(THEIRS, "html.parser"))("sidebar")
    assert [summary["aria-label"] for summary in made.select("summary")] == ["Parts of Two"]


def test_a_toggle_with_words_keeps_them():
    made = with_names(lambda: BeautifulSoup(THEIRS.replace("<i></i>", "More"), "html.parser"))()
    assert not made.select("summary[aria-label]")


PROJECT = """
extensions = [{}]
html_theme = "sphinx_book_theme"
"""
ABOVE = "{0}\n=====\n\n.. toctree::\n\n   {1}\n"


def toggles(folder, sphinx_build, extension):
    """What the toggles of a page are called, in a book of three pages of which one is below another."""
    pages = {
        "index": ABOVE.format("Start", "upper"),
        "upper": ABOVE.format("Upper", "lower"),
        "lower": "Lower\n=====\n",
    }
    site = sphinx_build(folder, PROJECT.format(extension), **pages)
    page = BeautifulSoup((site / "index.html").read_text(encoding="utf-8"), "html.parser")
    return [summary.get("aria-label") for summary in page.select("nav.bd-links summary")]


def test_the_theme_makes_the_toggles_as_we_think(tmp_path, sphinx_build):
    """Where it names them itself, this module can go."""
    assert toggles(tmp_path, sphinx_build, "") == [None]
    assert toggles(tmp_path, sphinx_build, "'press.sidebar'") == ["Parts of Upper"]


def test_where_there_is_no_tree_nothing_is_done():
    assert with_names(lambda: "")() == ""
