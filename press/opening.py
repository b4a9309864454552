"""A Sphinx extension: a chapter opens with its picture, under its title.

The picture is that of the cell with the tag ``opening``. A drawing that stands still is shown once: under the title,
with its caption, and where the cell stands is one fold that holds it with its code. A slider stands in the text too,
where it can be moved, and what is under the title draws its frame. Wherever one of the two is a drawing of the other, a
page is no heavier for it; where the cell is run anew, both show what came out (``static/course.js``). Who listens to a
page meets the picture once. It must not answer the prediction that a chapter begins with.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from myst_nb.sphinx_ import HideCodeCellNode  # type: ignore[import-untyped]

from press.outputs.base import skip
from press.outputs.figure import Drawing, FigureCaption
from press.outputs.slider import SliderCaption, SliderFrame

#: Marks the drawing that the other draws; ``static/slider.js`` and ``static/course.js`` keep it on what they show.
MARK = "pg-opening"
#: What the fold is called.
AT_HEAD = "The picture at the head of this page, and its code"
ATTRIBUTE = re.compile(r'\b(viewBox|style)="([^"]*)"')
LEAST_WIDTH = re.compile(r';\s*min-width:[^;"]*')


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
    marked = drawing["svg"].replace("<svg ", f'<svg id="{MARK}" ', 1)
    caption = next(iter(cell.findall(lambda node: isinstance(node, FigureCaption | SliderCaption))), None)
    # Not its children: the search would find the words twice.
    words = [] if caption is None else [child.deepcopy() for child in caption.children]
    opening = Opening(svg="", attributes=attributes, words=words)
    if fold_away(cell):
        opening["svg"] = LEAST_WIDTH.sub("", marked, count=1)
        alt = f' role="img" aria-label="{escape(drawing["alt"])}"'
        drawing["svg"] = copy_of(attributes["viewBox"], attributes["style"], alt)
    else:
        drawing["svg"] = marked
    title.parent.insert(title.parent.index(title) + 1, opening)


def fold_away(cell: nodes.container) -> bool:
    """Put what a cell shows into the fold of its code, unless it is a slider, and return whether that was done."""
    outputs = [part for part in cell if part.get("nb_element") == "cell_code_output"]
    fold = next((part for part in cell if isinstance(part, HideCodeCellNode)), None)
    if fold is None or len(outputs) != 1 or any(True for _ in cell.findall(SliderFrame)):
        return False
    cell.remove(outputs[0])
    fold.insert(0, outputs[0])
    fold["prompt_show"] = fold["prompt_hide"] = AT_HEAD
    return True


def copy_of(view: str, style: str, attributes: str = "") -> str:
    """Return an element of the size of the marked drawing, which draws it."""
    _, _, width, height = view.split()
    use = f'<use href="#{MARK}" width="{width}" height="{height}"/>'
    return f'<svg viewBox="{view}" style="{style}"{attributes}>{use}</svg>'


def write_opening(translator: Any, node: Opening) -> None:
    """Write the picture with its caption. It scrolls nowhere."""
    view, style = node["attributes"]["viewBox"], LEAST_WIDTH.sub("", node["attributes"]["style"])
    hidden, drawn = ("", node["svg"]) if node["svg"] else (' aria-hidden="true"', copy_of(view, style))
    translator.body.append(f'<figure class="pg-opening"{hidden}>{drawn}')
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
