"""What stands in a page where a comment of its source asks for it, such as ``<!-- source -->``."""

from __future__ import annotations

from collections.abc import Callable

from docutils import nodes  # type: ignore[import-untyped]


def fill(doctree: nodes.document, name: str, make: Callable[[], list[nodes.Node]]) -> None:
    """Put nodes in the place of each comment of this name."""
    for comment in list(doctree.findall(lambda node: isinstance(node, nodes.raw | nodes.comment))):
        if comment.astext().strip().removeprefix("<!--").removesuffix("-->").strip() == name:
            comment.replace_self(make())
