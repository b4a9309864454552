"""The report of an audit: a chip with the verdict, what was found, the mistakes with links, and tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

from press.outputs import table
from press.outputs.base import Display, Part, Writers, element, latex, place_link, text, with_scripts


class Audit(Display):
    """A report."""


class AuditVerdict(Part):
    """The chip."""


def build(data: Mapping[str, Any]) -> list[nodes.Node]:
    """Return the nodes of a report."""
    verdict = data["verdict"].replace(" ", "-")
    mark = nodes.inline("", data["mark"], classes=["pg-mark"])
    chip = AuditVerdict("", "", mark, nodes.Text(f" {data['verdict']}"), classes=[f"is-{verdict}"])
    parts: list[nodes.Node] = [nodes.paragraph("", "", chip, nodes.Text(" "), *with_scripts(text(data["reason"])))]
    for mistake in data["mistakes"]:
        place = mistake["see"]
        link = place_link(place, f"“{place['heading']}” in the chapter “{place['title']}”")
        said = [*with_scripts(text(mistake["sentence"])), nodes.Text(" Explained in "), link, nodes.Text(".")]
        parts.append(nodes.paragraph("", "", *said))
    sentences = [*data["notes"], *([data["example"]] if data["example"] else [])]
    parts += [nodes.paragraph("", "", *with_scripts(text(sentence))) for sentence in sentences]
    for shown in data["tables"]:
        parts += table.build(shown)
    return [Audit("", *parts, classes=[f"is-{verdict}"])]


KINDS = {"audit": build}

WRITERS: dict[type[nodes.Element], Writers] = {
    Audit: {"html": element("div", CLASS="pg-audit"), "latex": latex("\n\\begin{quote}\n", "\n\\end{quote}\n")},
    AuditVerdict: {"html": element("span", CLASS="pg-chip"), "latex": latex("\\textbf{", "}")},
}
