"""A ledger: the lines of a derivation, each with its formula, its reason, its finding and its verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

from press.joints import Joint
from press.outputs.base import (
    Display,
    Part,
    Writers,
    element,
    label_link,
    latex,
    nothing,
    place_link,
    skip,
    text,
    whole_numbers,
)
from press.outputs.breaking import breakable


class Ledger(Display):
    """A ledger."""


class LedgerHeads(nodes.General, nodes.Element):  # type: ignore[misc]
    """What its columns are called."""


class LedgerLines(nodes.General, nodes.Element):  # type: ignore[misc]
    """The body of its table."""


class LedgerLine(nodes.General, nodes.Element):  # type: ignore[misc]
    """One line."""


class LedgerLabel(Part):
    """The name of a line."""


class LedgerFormula(Part):
    """The formula of a line, in pieces between which it may break."""


class LedgerReason(Part):
    """Why the line holds."""


class LedgerFinding(Part):
    """What the comparison with its neighbour found."""


class LedgerVerdict(Part):
    """The sign and the word, and the errata that belong to the line."""


def build(data: Mapping[str, Any]) -> list[nodes.Node]:
    """Return the nodes of a ledger."""
    lines = [line(fields) for fields in data["lines"]]
    return [Ledger("", LedgerHeads(), LedgerLines("", *lines), title=data["title"])]


def line(fields: Mapping[str, Any]) -> LedgerLine:
    """Return the nodes of a line. Its verdict stands behind its label, as in print."""
    name = fields["label"]
    label = [place_link(fields["place"], name)] if "place" in fields else [nodes.Text(name)]
    verdict = [nodes.inline("", fields["mark"], classes=["pg-mark"]), nodes.Text(f" {fields['word']}")]
    if codes := fields.get("errata", ()):
        errata: list[nodes.Node] = [nodes.Text("→\N{NO-BREAK SPACE}")]
        for number, code in enumerate(codes):
            errata += [nodes.Text(", " if number else ""), label_link(code.lower(), code)]
        verdict += [nodes.Text(" "), nodes.inline("", "", *errata, classes=["ledger-errata"])]
    pieces: list[nodes.Node] = []
    for piece in breakable(fields["formula"]):
        pieces += [Joint(), nodes.math("", rf"\displaystyle {piece}")]
    classes = [f"is-{fields['verdict']}", *(["is-after-false"] if fields["after_false"] else [])]
    return LedgerLine(
        "",
        LedgerLabel("", "", *label),
        LedgerFormula("", "", *pieces[1:], source=fields["formula"]),
        LedgerReason("", "", *text(fields["reason"])),
        LedgerFinding("", "", *whole_numbers(fields["finding"])),
        LedgerVerdict("", "", *verdict),
        classes=classes,
    )


def write_heads(translator: Any, node: LedgerHeads) -> None:
    """Write the heads of the columns."""
    heads = "".join(
        f'<th scope="col">{head}</th>' for head in ("line", "formula", "reason", "value or residual", "verdict")
    )
    translator.body.append(f"<thead><tr>{heads}</tr></thead>")
    raise nodes.SkipNode


def enter_ledger(translator: Any, node: Ledger) -> None:
    """Write the start of a ledger."""
    name = {"aria-label": f"Ledger: {node['title']}"}
    translator.body.append(translator.starttag(node, "div", "", CLASS="ledger", role="region", tabindex="0", **name))
    translator.body.append("<table>")


def leave_ledger(translator: Any, node: Ledger) -> None:
    """Write the end of a ledger."""
    translator.body.append("</table></div>\n")


def write_printed_line(translator: Any, node: LedgerLine) -> None:
    """Write a line of the list that a ledger is in print: its label and its verdict, and then the rest."""
    label, formula, reason, finding, verdict = node.children
    translator.body.append("\n\\sphinxlineitem{\\textbf{")
    label.walkabout(translator)
    translator.body.append("}\\quad ")
    verdict.walkabout(translator)
    translator.body.append("}")
    for part in (formula, reason, finding):
        part.walkabout(translator)
    raise nodes.SkipNode


def write_printed_formula(translator: Any, node: LedgerFormula) -> None:
    """Write the formula of a line, which print has room for."""
    translator.body.append(f"\n\\sphinxAtStartPar\n\\(\\displaystyle {node['source']}\\)\n\n")
    raise nodes.SkipNode


KINDS = {"ledger": build}

WRITERS: dict[type[nodes.Element], Writers] = {
    Ledger: {
        "html": (enter_ledger, leave_ledger),
        "latex": latex("\n\\begin{description}\n", "\n\\end{description}\n"),
    },
    LedgerHeads: {"html": (write_heads, nothing), "latex": (skip, nothing)},
    LedgerLines: {"html": element("tbody"), "latex": (nothing, nothing)},
    LedgerLine: {"html": element("tr"), "latex": (write_printed_line, nothing)},
    LedgerLabel: {"html": element("th", scope="row"), "latex": (nothing, nothing)},
    LedgerFormula: {"html": element("td", CLASS="ledger-formula"), "latex": (write_printed_formula, nothing)},
    LedgerReason: {"html": element("td", CLASS="ledger-reason"), "latex": (nothing, nothing)},
    LedgerFinding: {"html": element("td", CLASS="ledger-value"), "latex": latex(" (", ")\n")},
    LedgerVerdict: {"html": element("td", CLASS="ledger-verdict"), "latex": (nothing, nothing)},
}
