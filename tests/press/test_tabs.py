"""Headings of a notebook as tabs of a page."""

import pytest
from docutils import nodes

from press import tabs


def section(title: str, *children: nodes.Node) -> nodes.section:
    return nodes.section("", nodes.title("", title), *children, ids=[title.lower()])


def page(*after: nodes.Node, end: bool = True) -> nodes.section:
    """A section with two subsections between the comments, and what stands after them."""
    last = [nodes.raw("", tabs.END, format="html")] if end else []
    return section(
        "Code",
        nodes.raw("", tabs.BEGIN, format="html"),
        section("NumPy", nodes.literal_block("", "import numpy")),
        section("JAX", nodes.literal_block("", "import jax"), *last, *after),
    )


def begin(whole: nodes.section) -> nodes.raw:
    return next(node for node in whole.findall(nodes.raw) if tabs.comment(node, tabs.BEGIN))


def test_each_heading_is_a_tab_and_what_follows_the_end_follows_the_tabs():
    whole = page(nodes.paragraph("", "Three places go wrong."))
    assert tabs.put_in_tabs(begin(whole))
    _title, tab_set, rest = whole.children
    assert [node["design_component"] for node in tab_set] == ["tab-item", "tab-item"]
    assert [[label.astext(), content.astext()] for label, content in tab_set] == [
        ["NumPy", "import numpy"],
        ["JAX", "import jax"],
    ]
    assert rest.astext() == "Three places go wrong."
    assert [label["ids"] for label, _ in tab_set] == [["numpy"], ["jax"]]


def test_a_later_heading_is_no_tab():
    whole = page()
    whole += section("PyTorch")
    assert tabs.put_in_tabs(begin(whole))
    assert [type(node) for node in whole.children] == [nodes.title, nodes.container, nodes.section]


def test_without_an_end_nothing_is_changed():
    whole = page(end=False)
    before = whole.pformat()
    assert not tabs.put_in_tabs(begin(whole))
    assert whole.pformat() == before


@pytest.mark.parametrize("text", ["<!-- tab -->", "tabs are fine"])
def test_other_comments_are_none(text):
    assert not tabs.comment(nodes.raw("", text, format="html"), tabs.BEGIN)
