"""A table of numbers, texts and comparisons, with typeset heads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

from press.outputs.base import Display, Part, Writers, element, latex, nothing, text, whole_numbers
from press.outputs.check import CheckFinding, chip

#: A name that may be too long for its column.
LONG_NAME = re.compile(r"(?<!\S)([^\s/_]+[/_]\S{8,})(?!\S)")


class Table(Display):
    """A table."""


class TableCaption(Part):
    """What the table shows."""


class TableHead(nodes.General, nodes.Element):  # type: ignore[misc]
    """The row of the heads."""


class TableBody(nodes.General, nodes.Element):  # type: ignore[misc]
    """The other rows."""


class TableRow(nodes.General, nodes.Element):  # type: ignore[misc]
    """One row."""


class TableColumn(Part):
    """The head of a column."""


class TableCell(Part):
    """A cell."""


def build(data: Mapping[str, Any]) -> list[nodes.Node]:
    """Return the nodes of a table."""
    sides = ["right" if numeric else "left" for numeric in data["numeric"]]
    columns = zip(data["heads"], sides, strict=True)
    heads = [TableColumn("", "", *text(head), classes=[f"is-{side}"]) for head, side in columns]
    rows = [TableRow("", *(body_cell(*pair) for pair in zip(row, sides, strict=True))) for row in data["rows"]]
    caption = [] if data["caption"] is None else [TableCaption("", "", *text(data["caption"]))]
    return [Table("", *caption, TableHead("", *heads), TableBody("", *rows), sides=sides)]


def body_cell(cell: Mapping[str, str], side: str) -> TableCell:
    """Return the node of a cell, aligned to a side."""
    return TableCell("", "", *content(cell), classes=[f"is-{side}"])


def content(cell: Mapping[str, str]) -> list[nodes.Node]:
    """Return what stands in a cell: a text, or a comparison as its chip with the number."""
    if "verdict" in cell:
        return [chip(cell), nodes.Text(" "), CheckFinding("", "", *whole_numbers(cell["finding"]))]
    parts: list[nodes.Node] = []
    for part in text(cell["text"]):
        parts += breaking(part) if isinstance(part, nodes.Text) else [part]
    return parts


def breaking(words: nodes.Text) -> list[nodes.Node]:
    """Return a text whose long names, such as the path of a file, break at their joints."""
    parts: list[nodes.Node] = []
    for number, piece in enumerate(LONG_NAME.split(words.astext())):
        parts.append(nodes.inline("", piece, classes=["pg-joined"]) if number % 2 else nodes.Text(piece))
    return [part for part in parts if part.astext()]


#: The box in which a table scrolls. It is no landmark: a page has many tables.
BOX = {"CLASS": "pg-table", "role": "group", "tabindex": "0", "aria-label": "Table"}


def is_captioned(node: Table) -> bool:
    """Return whether a table has a caption."""
    return isinstance(node[0], TableCaption)


def enter_table(translator: Any, node: Table) -> None:
    """Write the start of a table. Its caption, if it has one, stands outside of the box in which the table scrolls."""
    if is_captioned(node):
        translator.body.append(translator.starttag(node, "figure", "", CLASS="pg-captioned"))
    else:
        translator.body.append(translator.starttag(node, "div", "", **BOX) + "<table>")


def leave_table(translator: Any, node: Table) -> None:
    """Write the end of a table."""
    translator.body.append("</table></div></figure>\n" if is_captioned(node) else "</table></div>\n")


def leave_caption(translator: Any, node: TableCaption) -> None:
    """Write the end of a caption, and the start of the box below it."""
    translator.body.append("</figcaption>" + translator.starttag(nodes.inline(), "div", "", **BOX) + "<table>")


def enter_cell(translator: Any, node: nodes.Element) -> None:
    """Print what stands between two cells."""
    if node.parent.index(node):
        translator.body.append(" & ")


def enter_head(translator: Any, node: TableHead) -> None:
    """Write the start of the row of heads."""
    translator.body.append("<thead><tr>")


def leave_head(translator: Any, node: TableHead) -> None:
    """Write its end."""
    translator.body.append("</tr></thead>")


def enter_printed_head(translator: Any, node: TableHead) -> None:
    """Print the start of a table: columns are as wide as what is in them, and break where a line is too short."""
    columns = "".join(side[0].upper() for side in node.parent["sides"])
    translator.body.append(f"\\begin{{tabulary}}{{\\linewidth}}{{{columns}}}\n\\hline\n")


ROW = latex("", " \\\\\n")

KINDS = {"table": build}

WRITERS: dict[type[nodes.Element], Writers] = {
    Table: {
        "html": (enter_table, leave_table),
        "latex": latex("\n\\begin{center}\n", "\\hline\n\\end{tabulary}\\end{center}\n"),
    },
    TableCaption: {"html": (element("figcaption")[0], leave_caption), "latex": latex("\\emph{", "}\\par\\smallskip\n")},
    TableHead: {
        "html": (enter_head, leave_head),
        "latex": (enter_printed_head, latex("", " \\\\\n\\hline\n")[1]),
    },
    TableBody: {"html": element("tbody"), "latex": (nothing, nothing)},
    TableRow: {"html": element("tr"), "latex": ROW},
    TableColumn: {"html": element("th", scope="col"), "latex": (enter_cell, nothing)},
    TableCell: {"html": element("td"), "latex": (enter_cell, nothing)},
}
