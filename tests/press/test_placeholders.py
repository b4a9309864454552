"""Comments that a page is filled at."""

from docutils import nodes

from press import placeholders


def test_a_comment_of_the_name_is_replaced_and_no_other():
    here, other = (nodes.raw("", f"<!-- {name} -->", format="html") for name in ("here", "there"))
    page = nodes.section("", nodes.paragraph("", "", nodes.Text("a "), here), other, nodes.comment("", "here"))
    placeholders.fill(page, "here", lambda: [nodes.Text("b")])
    assert page[0].astext() == "a b"
    assert page[1] is other
    assert page[2].astext() == "b"
