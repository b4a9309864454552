"""A figure: a drawing that follows the colours of its page, with a caption."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

from press.outputs.base import Display, Part, Writers, element, latex, nothing, text

#: The width of a page's column in pixels: a drawing of this width fills a line in print too.
COLUMN = 704

PAGE_COLOR = re.compile(r"var\(--[\w-]+, *(#[0-9a-f]{6})\)")
PAGE_WORDS = re.compile(r"max\(([\d.]+px), (?:[\d.]+ \* )?var\(--pg-words, 0px\)\)")
PAGE_SURFACE = re.compile(r"var\(--[\w-]+, *var\([^)]*\)\)")


class Figure(Display):
    """A drawing and its caption."""


class Drawing(nodes.General, nodes.Element):  # type: ignore[misc]
    """The drawing itself, as SVG."""


class FigureCaption(Part):
    """The caption."""


def build(data: Mapping[str, Any]) -> list[nodes.Node]:
    """Return the nodes of a figure."""
    return [Figure("", drawing(data), *caption(data["caption"]))]


def drawing(data: Mapping[str, Any]) -> Drawing:
    """Return the node of a drawing."""
    return Drawing(**{name: data[name] for name in ("svg", "alt", "width", "wide")})


def caption(words: str | None) -> list[FigureCaption]:
    """Return the node of a caption, where there is one."""
    return [] if words is None else [FigureCaption("", "", *text(words))]


def write_drawing(translator: Any, node: Drawing) -> None:
    """Write a drawing in the box in which it scrolls; a wide one is reached by the keyboard too."""
    focus = f' tabindex="0" role="group" aria-label="{escape(node["alt"])}"' if node["wide"] else ""
    translator.body.append(f'<div class="pg-drawing"{focus}>{node["svg"]}</div>')
    raise nodes.SkipNode


def standalone(svg: str) -> str:
    """Return an inline drawing as a file of its own, black on white, with words of one size."""
    svg = PAGE_SURFACE.sub("#ffffff", PAGE_COLOR.sub(r"\1", PAGE_WORDS.sub(r"\1", svg)))
    return svg.replace("currentColor", "#000000").replace('style="display: block;', 'data-style="', 1)


def draw(svg: str, folder: Path) -> str:
    """Write a drawing as a PDF into the folder, unless it is there, and return the name of the file."""
    source = standalone(svg)
    name = f"drawing-{hashlib.sha256(source.encode()).hexdigest()[:16]}.pdf"
    if not (folder / name).exists():
        command = ["rsvg-convert", "--format=pdf", f"--output={folder / name}"]
        try:
            subprocess.run(command, input=source, encoding="utf-8", check=True)
        except FileNotFoundError:
            from sphinx.errors import ExtensionError  # not in a page, which draws nothing for print

            told = "rsvg-convert was not found: it draws the figures of the PDF (Debian's librsvg2-bin)"
            raise ExtensionError(told) from None
    return name


def print_drawing(translator: Any, node: Drawing) -> None:
    """Include a drawing, at most as wide as a line."""
    name, share = draw(node["svg"], Path(translator.builder.outdir)), min(node["width"] / COLUMN, 1)
    translator.body.append(f"\\sphinxincludegraphics[width={share:.3f}\\linewidth]{{{name}}}\n")
    raise nodes.SkipNode


KINDS = {"figure": build}

WRITERS: dict[type[nodes.Element], Writers] = {
    Figure: {
        "html": element("figure", CLASS="pg-figure"),
        "latex": latex("\n\\begin{figure}[H]\n\\centering\n", "\\end{figure}\n"),
    },
    Drawing: {"html": (write_drawing, nothing), "latex": (print_drawing, nothing)},
    # Not numbered: neither are the figures of the website.
    FigureCaption: {
        "html": element("figcaption"),
        "latex": latex("\\begin{sphinxlegend}\\emph{", "}\\end{sphinxlegend}\n"),
    },
}
