"""Comments that a page is filled at."""

from types import SimpleNamespace

from docutils import nodes

from press import placeholders


def test_a_comment_of_the_name_is_replaced_and_no_other():
    here, other = (nodes.raw("", f"<!-- {name} -->", format="html") for name in ("here", "there"))
    page = nodes.section("", nodes.paragraph("", "", nodes.Text("a "), here), other, nodes.comment("", "here"))
    placeholders.fill(page, "here", lambda: [nodes.Text("b")])
    assert page[0].astext() == "a b"
    assert page[1] is other
    assert page[2].astext() == "b"


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
