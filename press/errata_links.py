"""A Sphinx extension: the label of an erratum, such as EA8, leads to the errata wherever it stands in the book."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.addnodes import pending_xref

from press.outputs.base import label_link

ERRATA = "book/reference/errata"
LABEL = re.compile(r"\b(E[AB]\d+)\b")
#: In these a link is there already, would not be seen, or would be seen in lists of headings.
NO_LINKS = (
    nodes.reference | pending_xref | nodes.literal | nodes.literal_block | nodes.math | nodes.math_block | nodes.raw
)


def takes_links(text: nodes.Text) -> bool:
    """Return whether a text may hold a link."""
    element = text.parent
    while element is not None:
        if isinstance(element, NO_LINKS) or (
            isinstance(element, nodes.title) and isinstance(element.parent, nodes.section)
        ):
            return False
        element = element.parent
    return True


def linked(text: str) -> Iterator[nodes.Node]:
    """Iterate over the parts of a text, with each label as a link to the page of errata."""
    for part in LABEL.split(text):
        if LABEL.fullmatch(part):
            yield label_link(part.lower(), part)
        elif part:
            yield nodes.Text(part)


def link_labels(app: Any, doctree: nodes.document) -> None:
    """Turn the labels on a page into links; Sphinx finds where they lead, and warns of one that leads nowhere."""
    if app.env.docname == ERRATA:
        return
    for text in list(doctree.findall(nodes.Text)):
        if LABEL.search(text) and takes_links(text):
            text.parent.replace(text, list(linked(text)))


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.connect("doctree-read", link_labels)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
