"""A Sphinx extension: each cell of a table of three columns holds the head of its column.

On a phone the third column stands below the second, and without its head a cell would not say what it is. The style
sheet shows these heads there and nowhere else.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

COLUMNS = 3


def add_heads(app: Any, doctree: nodes.document, docname: str = "") -> None:
    """Put the heads of the columns into the cells of each table of three columns."""
    if app.builder.format != "html":
        return
    for group in doctree.findall(nodes.tgroup):
        heads, body = group.next_node(nodes.thead), group.next_node(nodes.tbody)
        if group["cols"] != COLUMNS or heads is None or len(heads) != 1:
            continue
        for row in body:
            for head, cell in list(zip(heads[0], row, strict=True))[1:]:
                if head.astext().strip():
                    words = [child.deepcopy() for paragraph in head for child in paragraph.children]
                    cell.insert(0, nodes.paragraph("", "", *words, classes=["pg-cell-head"]))


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.connect("doctree-resolved", add_heads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
