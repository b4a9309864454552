"""A Sphinx extension: the search index holds prose, no code and no formulas, and titles without numbers."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

#: The number of a chapter before its title.
SECTION_NUMBER = re.compile(r'<span class="section-number">.*?</span>')


def index_prose_only(app: Any) -> None:
    """Leave code cells, their outputs and other blocks of code out of the search index, and numbers out of its titles.

    With its number, a page is not known by its title, and stands among those that share a word with it.
    """
    if app.builder.format != "html" or not hasattr(app.builder, "index_page"):
        return
    index_page = app.builder.index_page

    def index_prose(pagename: str, doctree: nodes.document, title: str) -> None:
        prose = doctree.deepcopy()
        for node in list(prose.findall(is_no_prose)):
            if node.parent is not None:
                node.parent.remove(node)
        index_page(pagename, prose, SECTION_NUMBER.sub("", title))

    app.builder.index_page = index_prose


def is_no_prose(node: nodes.Node) -> bool:
    """Return whether a node is a block of code, the output of a cell or a formula, whose source nobody searches for."""
    return isinstance(node, nodes.literal_block | nodes.doctest_block | nodes.math | nodes.math_block) or (
        isinstance(node, nodes.container) and node.get("nb_element") in ("cell_code_source", "cell_code_output")
    )


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.connect("builder-inited", index_prose_only)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
