"""What stands in a page where a comment of its source asks for it, such as ``<!-- source -->``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.util import logging

LOGGER = logging.getLogger(__name__)


def comments(doctree: nodes.document) -> Iterator[tuple[nodes.Node, str]]:
    """Return what is a comment in the source of a page, and what it says."""
    for node in [*doctree.findall(nodes.raw), *doctree.findall(nodes.comment)]:
        text = node.astext().strip()
        if isinstance(node, nodes.comment) or (text.startswith("<!--") and text.endswith("-->")):
            yield node, text.removeprefix("<!--").removesuffix("-->").strip()


def fill(doctree: nodes.document, name: str, make: Callable[[], list[nodes.Node]]) -> None:
    """Put nodes in the place of each comment of this name. Words that stand alone are a paragraph."""
    for comment, says in comments(doctree):
        if says == name:
            made = make()
            if made and not isinstance(comment.parent, nodes.TextElement) and all(map(in_a_line, made)):
                made = [nodes.paragraph("", "", *made)]
            comment.replace_self(made)


def in_a_line(node: nodes.Node) -> bool:
    """Tell whether a node is a part of a line."""
    return isinstance(node, nodes.Text | nodes.Inline)


def report_unknown(app: Any, doctree: nodes.document, docname: str) -> None:
    """Warn of a comment that nothing has filled: a slip in its name would leave out a tool, and nobody would know."""
    if app.builder.format == "html":
        for comment, says in comments(doctree):
            told, where = "<!-- %s --> asks for something that there is not", (docname, comment.line)
            LOGGER.warning(told, says, location=where, type="press", subtype="placeholder")


def setup(app: Any) -> dict[str, bool]:
    """Register the module; all the others have their turn first."""
    app.connect("doctree-resolved", report_unknown, priority=990)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
