"""What the check of an exercise says, its hint or its solution: a box with paragraphs, code and links."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from itertools import groupby
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

from press.outputs.base import Display, Part, Writers, element, latex, place_link, text, with_scripts


class Feedback(Display):
    """What an answer is told."""


class Message(Display):
    """A hint or a solution."""


class FeedbackHeading(Part):
    """The sign, the outcome and the title."""


def build(data: Mapping[str, Any]) -> list[nodes.Node]:
    """Return the nodes of a verdict."""
    outcome = data["outcome"]
    heading = FeedbackHeading("", "", nodes.inline("", data["mark"], classes=["pg-mark"]), nodes.Text(" "))
    heading += nodes.strong("", data["heading"])
    parts = [heading, *paragraphs(data["sentences"]), *places("Explained in ", data["see"])]
    return [Feedback("", *parts, outcome=outcome, classes=[f"is-{outcome}"])]


def build_message(data: Mapping[str, Any]) -> list[nodes.Node]:
    """Return the nodes of a hint or a solution."""
    parts = [FeedbackHeading("", "", nodes.strong("", data["heading"]))]
    parts += [*paragraphs(data["sentences"]), *places("More in ", data["see"])]
    if data["code"]:
        code = data["code"].rstrip()
        parts.append(nodes.literal_block(code, code, language="python"))
    return [Message("", *parts)]


def paragraphs(sentences: list[str]) -> list[nodes.Node]:
    """Return the paragraphs of sentences; lines that are indented are a block of code."""
    blocks: list[nodes.Node] = []
    for sentence in sentences:
        for is_code, lines in groupby(sentence.splitlines(), key=lambda line: line.startswith("    ")):
            if is_code:
                code = textwrap.dedent("\n".join(lines))
                blocks.append(nodes.literal_block(code, code, language="text"))
            else:
                blocks.append(nodes.paragraph("", "", *with_scripts(text(" ".join(lines), code=True))))
    return blocks


def places(before: str, sections: list[Mapping[str, str]]) -> list[nodes.Node]:
    """Return a sentence with a link for each section."""
    return [
        nodes.paragraph(
            "",
            "",
            nodes.Text(before),
            place_link(place, f"“{place['heading']}” in the chapter “{place['title']}”"),
            nodes.Text("."),
        )
        for place in sections
    ]


KINDS = {"feedback": build, "message": build_message}

BOX = latex("\n\\begin{quote}\n", "\n\\end{quote}\n")

WRITERS: dict[type[nodes.Element], Writers] = {
    Feedback: {"html": element("div", CLASS="exercise-verdict", role="status"), "latex": BOX},
    Message: {"html": element("div", CLASS="exercise-message", role="status"), "latex": BOX},
    FeedbackHeading: {"html": element("p", CLASS="exercise-verdict-head"), "latex": latex("", "\n\n")},
}
