"""A comparison in one line: a chip with the verdict, the claim, and by how much both sides differ."""

from __future__ import annotations

from collections.abc import Mapping

from docutils import nodes  # type: ignore[import-untyped]

from press.outputs.base import Display, Part, Writers, element, latex, nothing, text, whole_numbers


class Comparison(Display):
    """A claim and what came out."""


class CheckChip(Part):
    """The sign and the word of a verdict."""


class CheckClaim(Part):
    """What should be equal."""


class CheckFinding(Part):
    """By how much both sides differ."""


def build(data: Mapping[str, str]) -> list[nodes.Node]:
    """Return the nodes of a comparison."""
    finding = CheckFinding("", "", *whole_numbers(f"({data['finding']})"))
    parts = [chip(data), nodes.Text(" "), CheckClaim("", "", *text(data["claim"])), nodes.Text(" "), finding]
    return [Comparison("", *parts, classes=[f"is-{data['verdict']}"])]


def chip(data: Mapping[str, str]) -> CheckChip:
    """Return the node of a chip."""
    mark = nodes.inline("", data["mark"], classes=["pg-mark"])
    return CheckChip("", "", mark, nodes.Text(f" {data['verdict']}"), classes=[f"is-{data['verdict']}"])


KINDS = {"check": build}

WRITERS: dict[type[nodes.Element], Writers] = {
    Comparison: {"html": element("div", CLASS="pg-check"), "latex": latex("\n\n", "\n\n")},
    CheckChip: {"html": element("span", CLASS="pg-chip"), "latex": latex("\\textbf{", "}")},
    CheckClaim: {"html": element("span", CLASS="pg-claim"), "latex": (nothing, nothing)},
    CheckFinding: {"html": element("span", CLASS="pg-finding"), "latex": (nothing, nothing)},
}
