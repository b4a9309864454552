"""A Sphinx extension: names in code may break at their joints and nowhere else, and a number keeps its per cent sign.

A joint is before a dot or a bracket, and after an underscore, a slash or an equals sign. In a line of text only a long
name has joints: others go to the next line as they are.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

JOINT = re.compile(r"(?<=[\w)\]])(?=\.\D|[(\[])|(?<=\w[_/=])(?=\w)")

#: In a line of text a name of so many letters does not break.
LONG = 18

PER_CENT = re.compile(r"(?<=\d) %")


class Joint(nodes.General, nodes.Element):  # type: ignore[misc]
    """Where a name may break."""


def write_joint(translator: Any, node: Joint) -> None:
    """Write a joint."""
    translator.body.append("<wbr>")
    raise nodes.SkipNode


def holds_names(node: nodes.Node) -> bool:
    """Return whether a node is inline code, or a long name in a table of numbers."""
    in_table = isinstance(node, nodes.inline) and "pg-joined" in node.get("classes", ())
    return in_table or isinstance(node, nodes.literal)


def is_in_table(node: nodes.Node) -> bool:
    """Return whether a node stands in a cell of a table, where a column may be short."""
    above: Any = node
    while above is not None:
        if type(above).__name__ in ("entry", "TableCell"):  # by their names: a page that runs has no class of the first
            return True
        above = above.parent
    return False


def joints_of_long(text: str) -> list[str]:
    """Return code in pieces between which it may break: a name that is not long goes to the next line as a whole."""
    pieces = [""]
    for word in re.split(r"(\s+)", text):
        first, *others = JOINT.split(word) if len(word) > LONG else [word]
        pieces[-1] += first
        pieces += others
    return pieces


def add_joints(app: Any, doctree: nodes.document, docname: str) -> None:
    """Put joints into the inline code of a page."""
    if app.builder.format != "html":
        return
    for code in list(doctree.findall(holds_names)):
        for text in list(code.findall(nodes.Text)):
            if not isinstance(code, nodes.literal) or is_in_table(code):
                first, *others = JOINT.split(text)
            else:
                first, *others = joints_of_long(text)
            if others:
                parts = [nodes.Text(first), *(part for other in others for part in (Joint(), nodes.Text(other)))]
                text.parent.replace(text, parts)


def keep_together(app: Any, doctree: nodes.document, docname: str) -> None:
    """Let no line break between a number and its per cent sign."""
    source = nodes.literal | nodes.literal_block | nodes.math | nodes.math_block
    for text in list(doctree.findall(nodes.Text)):
        kept = PER_CENT.sub("\u00a0%", text)
        if kept != text and not isinstance(text.parent, source):
            text.parent.replace(text, nodes.Text(kept))


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.add_node(Joint, html=(write_joint, None))
    app.connect("doctree-resolved", add_joints, priority=900)
    app.connect("doctree-resolved", keep_together, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
