"""A Sphinx extension: a chapter opens with its picture, under its title.

The picture is that of the cell with the tag ``opening``. It stands a second time where the text explains it and where
the cell runs. Here it is one element that draws the other, so that a page is no heavier, and where that one is a slider
or is run anew, this one follows. Who listens to a page meets it once, in the text. So the picture must not answer the
prediction that a chapter begins with.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

from press.outputs.base import skip
from press.outputs.figure import Drawing, FigureCaption
from press.outputs.slider import SliderCaption, SliderFrame

#: Marks the drawing in the text; ``static/slider.js`` and ``static/course.js`` keep the mark on what they show.
MARK = "pg-opening"
ATTRIBUTE = re.compile(r'\b(viewBox|style)="([^"]*)"')
LEAST_WIDTH = re.compile(r";\s*min-width:[^;]*")


class Opening(nodes.General, nodes.Element):  # type: ignore[misc]
    """The picture under the title."""


def opening_cell(doctree: nodes.document) -> nodes.container | None:
    """Return the cell whose picture a page opens with, if there is one."""
    for cell in doctree.findall(nodes.container):
        if "tag_opening" in cell.get("classes", ()):
            return cell
    return None


def first_drawing(cell: nodes.container) -> Drawing | None:
    """Return the drawing that a cell shows; of a slider, the one at the start."""
    for node in cell.findall(Drawing):
        if not isinstance(node.parent, SliderFrame) or node.parent["shown"]:
            return node
    return None


def open_with_picture(app: Any, doctree: nodes.document, docname: str) -> None:
    """Put the picture under the title of a page."""
    cell = opening_cell(doctree) if app.builder.format == "html" else None
    drawing = first_drawing(cell) if cell is not None else None
    title = next(iter(doctree.findall(nodes.title)), None)
    if cell is None or drawing is None or title is None:
        return
    attributes = dict(ATTRIBUTE.findall(drawing["svg"].partition(">")[0]))
    drawing["svg"] = drawing["svg"].replace("<svg ", f'<svg id="{MARK}" ', 1)
    caption = next(iter(cell.findall(lambda node: isinstance(node, FigureCaption | SliderCaption))), None)
    # Not its children: the search would find the words twice.
    words = [] if caption is None else [child.deepcopy() for child in caption.children]
    title.parent.insert(title.parent.index(title) + 1, Opening(attributes=attributes, words=words))


def write_opening(translator: Any, node: Opening) -> None:
    """Write the picture with its caption. It has the size of the one that it draws, and scrolls nowhere."""
    view, style = node["attributes"]["viewBox"], LEAST_WIDTH.sub("", node["attributes"]["style"])
    _, _, width, height = view.split()
    translator.body.append(
        f'<figure class="pg-opening" aria-hidden="true"><svg viewBox="{view}" style="{style}">'
        f'<use href="#{MARK}" width="{width}" height="{height}"/></svg>'
    )
    if node["words"]:
        translator.body.append("<figcaption>")
        for child in node["words"]:
            child.walkabout(translator)
        translator.body.append("</figcaption>")
    translator.body.append("</figure>")
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Register the extension: it comes after the guide, which stands under the title too."""
    app.add_node(Opening, html=(write_opening, None), latex=(skip, None))
    app.connect("doctree-resolved", open_with_picture, priority=950)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
