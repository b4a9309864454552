"""Comments that a page is filled at."""

from types import SimpleNamespace

import pytest
from docutils import nodes

from press import placeholders


def test_a_comment_of_the_name_is_replaced_and_no_other():
    here, other = (nodes.raw("", f"<!-- {name} -->", format="html") for name in ("here", "there"))
    page = nodes.section("", nodes.paragraph("", "", nodes.Text("a "), here), other)
    placeholders.fill(page, "here", lambda: [nodes.Text("b")])
    assert page.pformat().split() == ["<section>", "<paragraph>", "a", "b", *other.pformat().split()]


@pytest.mark.parametrize(
    ("made", "stands"),
    [
        ([nodes.Text("b"), nodes.reference("", "c", refuri="c.html")], "paragraph"),
        ([nodes.bullet_list()], "bullet_list"),
        ([], None),
    ],
)
def test_words_in_the_place_of_a_comment_that_stands_alone_are_a_paragraph(made, stands):
    """Sphinx writes a link outside of a paragraph as a picture, and stops where it is none."""
    page = nodes.section("", nodes.comment("", "here"))
    placeholders.fill(page, "here", lambda: made)
    assert [node.tagname for node in page] == [stands] * (stands is not None)
    assert [node for node in page.findall() if node in made] == made


def test_a_name_that_nothing_fills_is_a_warning(caplog):
    """Else a slip in it would leave out a tool of the page, and nobody would know."""
    app = SimpleNamespace(builder=SimpleNamespace(format="html"))
    drawing = nodes.raw("", "<div><!-- not a comment of the page --></div>", format="html")
    page = nodes.section("", drawing, nodes.raw("", "<!-- your estimatr -->", format="html"))
    with caplog.at_level("WARNING", logger="sphinx.press.placeholders"):
        placeholders.report_unknown(app, page, "book/page")
    assert [record.getMessage() for record in caplog.records] == [
        "<!-- your estimatr --> asks for something that there is not"
    ]
