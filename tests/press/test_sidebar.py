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


def test_where_there_is_no_tree_nothing_is_done():
    assert with_names(lambda: "")() == ""
