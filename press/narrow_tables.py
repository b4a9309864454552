"""A Sphinx extension: each cell of a table of three columns, or of four of words, holds the head of its column.

On a phone the columns behind the first stand below each other, and without its head a cell would not say what it is.
The style sheet shows these heads there and nowhere else. A column of nothing but code stands below the others there:
what a thing is comes before what it is called in code.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

#: Tables of so many columns stand below each other on a phone, of four only if none is of numbers.
LEAST, MOST = 3, 4


def add_heads(app: Any, doctree: nodes.document, docname: str = "") -> None:
    """Put the heads of the columns into the cells of each table that is too wide for a phone."""
    if app.builder.format != "html":
        return
    for group in doctree.findall(nodes.tgroup):
        heads, body = group.next_node(nodes.thead), group.next_node(nodes.tbody)
        if not LEAST <= group["cols"] <= MOST or heads is None or len(heads) != 1:
            continue
        columns = list(zip(*body, strict=True))
        if group["cols"] == MOST and any(is_of_numbers(column) for column in columns):
            continue
        group.parent["classes"] += ["pg-stacked"] if group["cols"] == LEAST else ["pg-stacked", "pg-stacked-four"]
        for head, column in list(zip(heads[0], columns, strict=True))[1:]:
            last = group["cols"] == MOST and all(is_code(cell) for cell in column)
            for cell in column:
                cell["classes"] += ["pg-below"] if last else []
                if head.astext().strip():
                    words = [child.deepcopy() for paragraph in head for child in paragraph.children]
                    cell.insert(0, nodes.paragraph("", "", *words, classes=["pg-cell-head"]))


def is_of_numbers(column: tuple[nodes.entry, ...]) -> bool:
    """Return whether a column is aligned to the right."""
    return any("text-right" in cell.get("classes", ()) for cell in column)


def is_code(cell: nodes.entry) -> bool:
    """Return whether a cell holds nothing but code, or nothing."""
    code = "".join(literal.astext() for literal in cell.findall(nodes.literal))
    return len(code) >= len(cell.astext().replace(", ", ""))


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.connect("doctree-resolved", add_heads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
