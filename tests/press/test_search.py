"""What the search knows of a page."""

from types import SimpleNamespace

from docutils import nodes

from press import search


def test_the_index_is_fed_with_prose():
    fed = []
    builder = SimpleNamespace(format="html", index_page=lambda name, doctree, title: fed.extend([doctree, title]))
    search.index_prose_only(SimpleNamespace(builder=builder))
    cell = nodes.container(
        "",
        nodes.container("", nodes.literal_block("", "import numpy"), nb_element="cell_code_source"),
        nodes.container("", nodes.paragraph("", "output"), nb_element="cell_code_output"),
        nb_element="cell_code",
    )
    doctree = nodes.section("", nodes.paragraph("", "prose"), cell, nodes.literal_block("", "code"))
    builder.index_page("page", doctree, '<span class="section-number">3. </span>Title')
    assert fed[0].astext().strip() == "prose"
    assert fed[1] == "Title"
    assert "import numpy" in doctree.astext()
