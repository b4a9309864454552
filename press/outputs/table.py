"""A table of numbers, texts and comparisons, with typeset heads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

from press.outputs.base import Display, Part, Writers, element, latex, nothing, text, whole_numbers
from press.outputs.check import CheckFinding, chip

#: So many columns leave room for what was found beside a verdict.
MOST_BESIDE = 3
#: A name that may be too long for its column.
LONG_NAME = re.compile(r"(?<!\S)([^\s/_]+[/_]\S{8,})(?!\S)")


class Table(Display):
    """A table."""


class TableCaption(Part):
    """What the table shows."""


class TableNote(Part):
    """What the rows have in common, below a table."""


class TableFindingPart(nodes.inline):  # type: ignore[misc]
    """One of the numbers that say by how much both sides differ: below each other they stand in a column."""


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
    once = said_once(data["rows"])
    rows = [TableRow("", *(body_cell(*pair, once) for pair in zip(row, sides, strict=True))) for row in data["rows"]]
    caption = [] if data["caption"] is None else [TableCaption("", "", *text(data["caption"]))]
    note = [TableNote("", "", *whole_numbers(f"✓ exact: {once}."))] if once else []
    judged = is_judged(data["rows"])
    return [Table("", *caption, TableHead("", *heads), TableBody("", *rows), *note, sides=sides, judged=judged)]


def is_judged(rows: list[list[Mapping[str, str]]]) -> bool:
    """Return whether a table has a column of verdicts, and room for what they found beside them."""
    verdicts = [sum("verdict" in cell for cell in row) for row in rows]
    return max(verdicts, default=0) == 1 and all(len(row) <= MOST_BESIDE for row in rows)


def said_once(rows: Iterable[Iterable[Mapping[str, str]]]) -> str:
    """Return what all the exact comparisons of a table say of how well they agree, if there are several."""
    findings = [cell["finding"] for row in rows for cell in row if cell.get("verdict") == "exact"]
    return findings[0] if len(findings) > 1 and len({*findings}) == 1 else ""


def body_cell(cell: Mapping[str, str], side: str, once: str) -> TableCell:
    """Return the node of a cell, aligned to a side."""
    classes = [f"is-{side}", "is-verdict"] if "verdict" in cell else [f"is-{side}"]
    return TableCell("", "", *content(cell, once), classes=classes)


def content(cell: Mapping[str, str], once: str) -> list[nodes.Node]:
    """Return what stands in a cell: a text, or a comparison as its chip, with the number unless it is said once."""
    if "verdict" in cell:
        if once and cell["verdict"] == "exact":
            return [chip(cell)]
        first, *others = cell["finding"].split(", ")
        pieces = [TableFindingPart("", "", *whole_numbers(f"{first},")), nodes.Text(" ")] if others else []
        rest = whole_numbers(", ".join(others) or first)
        return [chip(cell), nodes.Text(" "), CheckFinding("", "", *pieces, *rest)]
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


def is_figure(node: Table) -> bool:
    """Return whether words stand above or below a table."""
    return isinstance(node[0], TableCaption) or isinstance(node[-1], TableNote)


def enter_table(translator: Any, node: Table) -> None:
    """Write the start of a table. Words above and below it stand outside of the box in which the table scrolls."""
    if not is_figure(node):
        translator.body.append(translator.starttag(node, "div", "", **BOX) + start(node))
        return
    has_caption = isinstance(node[0], TableCaption)
    name = "pg-captioned" if has_caption else "pg-noted"
    translator.body.append(translator.starttag(node, "figure", "", CLASS=name))
    if not has_caption:
        translator.body.append(box(translator, node))


def start(node: Table) -> str:
    """Return the start of the table itself."""
    return '<table class="pg-judged">' if node["judged"] else "<table>"


def box(translator: Any, node: Table) -> str:
    """Return the start of a box in a figure, and of the table in it."""
    return f"{translator.starttag(nodes.inline(), 'div', '', **BOX)}{start(node)}"


def leave_table(translator: Any, node: Table) -> None:
    """Write the end of a table."""
    end = "" if isinstance(node[-1], TableNote) else "</table></div>"
    translator.body.append(f"{end}</figure>\n" if is_figure(node) else f"{end}\n")


def leave_caption(translator: Any, node: TableCaption) -> None:
    """Write the end of a caption, and the start of the box below it."""
    translator.body.append("</figcaption>" + box(translator, node.parent))


def enter_note(translator: Any, node: TableNote) -> None:
    """Write the end of the box, and the start of the note below it."""
    translator.body.append('</table></div><p class="pg-note">')


def leave_note(translator: Any, node: TableNote) -> None:
    """Write the end of a note."""
    translator.body.append("</p>")


def leave_printed_table(translator: Any, node: Table) -> None:
    """Print the end of a table."""
    end = "" if isinstance(node[-1], TableNote) else "\\hline\n\\end{tabulary}"
    translator.body.append(f"{end}\\end{{center}}\n")


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
        "latex": (latex("\n\\begin{center}\n", "")[0], leave_printed_table),
    },
    TableNote: {
        "html": (enter_note, leave_note),
        "latex": latex("\\hline\n\\end{tabulary}\\par\\smallskip\n\\emph{", "}"),
    },
    TableFindingPart: {"html": element("span", CLASS="pg-part"), "latex": (nothing, nothing)},
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
