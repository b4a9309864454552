"""A Sphinx extension: the label of an erratum, such as EA8, leads to it wherever it stands in the book.

``press_labels`` is the regular expression of such labels. The page that holds an erratum does not lead to it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.addnodes import pending_xref

from press.outputs.base import label_link

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


def linked(text: str, label: re.Pattern[str], here: Container[str]) -> Iterator[nodes.Node]:
    """Iterate over the parts of a text, with each label as a link, but for those that are here."""
    done = 0
    for match in label.finditer(text):
        if match[0].lower() not in here:
            yield nodes.Text(text[done : match.start()])
            yield label_link(match[0].lower(), match[0])
            done = match.end()
    yield nodes.Text(text[done:])


def link_labels(app: Any, doctree: nodes.document) -> None:
    """Turn the labels on a page into links; Sphinx finds where they lead, and warns of one that leads nowhere."""
    labels = labels_of(app.config)
    if not labels:
        return
    label, here = re.compile(rf"\b(?:{labels})\b"), getattr(doctree, "nameids", {})
    for text in list(doctree.findall(nodes.Text)):
        if label.search(text) and takes_links(text):
            text.parent.replace(text, [part for part in linked(text, label, here) if part.astext()])


def labels_of(config: Any) -> str:
    """Return the regular expression of labels; "" where there is none, or something else, which is complained of."""
    labels: str = config.press_labels
    return "" if list(is_expression(None, labels)) else labels


def is_expression(env: Any, labels: str) -> Iterator[str]:
    """Complain of what is no regular expression."""
    try:
        re.compile(labels)
    except re.error as error:
        yield f"is no regular expression: {error}"


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    from press import config  # not where a page runs this module

    config.add_value(app, "press_labels", "", is_expression)
    app.connect("doctree-read", link_labels)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
