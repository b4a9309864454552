"""A matplotlib figure as inline SVG that follows the colours of its page."""

from __future__ import annotations

import hashlib
import html
import io
import itertools
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from pgcode import _checks
from pgcode._console import printable
from pgcode._mime import Display
from pgcode._tex import without_tex
from pgcode.figures._style import COLUMN, PALETTE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Drawing", "draw", "plain", "show"]

# Each colour of the palette becomes a variable of the page; where the page has none, the colour itself.
_PAGE_COLORS = {
    hexadecimal: f"var(--pg-{name}, {hexadecimal})"
    for name, hexadecimal in PALETTE.items()
    if name not in ("foreground", "surface")
} | {
    PALETTE["foreground"]: "currentColor",
    PALETTE["surface"]: "var(--pg-surface, var(--jp-layout-color0, Canvas))",
}
_HEX = re.compile(r"#[0-9a-f]{6}\b")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_FONT = re.compile(r"font-family: [^;]*;? ?")
_SIZE = re.compile(r"font-size: ([\d.]+)px")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_SIGN = re.compile(r"[A-DF-Za-df-z]")
_OPACITY = re.compile(r"(?<![-\w])opacity:")
_A_ROW = 4
_SAME = 1e-4
_REFERENCE = re.compile(r"^#(?P<whole>.+)$|url\(#(?P<part>[^)]+)\)")

# Words stay words, names of parts are the same in each build, and what is laid out is not laid out again.
_SAVED = {
    "svg.fonttype": "none",
    "svg.hashsalt": "pgcode",
    "figure.constrained_layout.use": False,
    "figure.autolayout": False,
}

# A drawing as wide as the column fills it; a narrower one keeps the same size of text.
_COLUMN_PIXELS = 704
_LARGEST_SCALE = _COLUMN_PIXELS / (72 * COLUMN)
# A drawing is not shrunk below this, in pixels per point; a wide one scrolls in its own box instead.
_SMALLEST_SCALE = 0.8
_NARROW_PAGE = 337
# How wide a drawing is on a page of 390 pixels, and the least size of its words there, in pixels: where no style sheet
# is, and on the website, which sets small words larger there. A formula's own indices are smaller.
_PHONE_PIXELS = 382
_SMALLEST_WORDS = 9.5
_SMALLEST_ON_WEBSITE = 11.1
# The website has a drawing that is somewhat narrower still. Words of so many times the least size may be set larger.
_MAY_GROW = 1.15


def plain(name: str, text: object) -> str:
    """Return a text in one line, or say that it is missing."""
    if not isinstance(text, str):
        raise TypeError(f"{name} is {text!r}: pass a sentence that says what the figure shows")
    line = " ".join(text.split())
    if not line.isprintable():
        sign = next(sign for sign in line if not sign.isprintable())
        raise ValueError(f"{name} holds the control character {sign!r}, which no page shows: take it out")
    if not line:
        raise ValueError(f"{name} is empty: say in a sentence what the figure shows to one who cannot see it")
    return line


def _local_name(name: str) -> str:
    return name.rpartition("}")[2]


def _let_flow(text: ElementTree.Element) -> None:
    """Let the glyphs of a formula follow each other in whatever font the page has.

    matplotlib gives each glyph of a formula a place of its own, which fits one font. Glyphs of one size and on one
    line become one run, and a run is set off from the one before it by its height alone.
    """
    glyphs = sorted(text, key=lambda glyph: float(glyph.get("x", "0").split()[0]))
    runs: list[ElementTree.Element] = []
    for glyph in glyphs:
        before = runs[-1] if runs else None
        if before is not None and all(before.get(name) == glyph.get(name) for name in ("y", "style")):
            before.text = (before.text or "") + (glyph.text or "")
        else:
            runs.append(glyph)
    height = 0.0
    for run in runs:
        now = float(run.attrib.pop("y", "0"))
        run.attrib.pop("x", None)
        if now != height:
            run.set("dy", f"{now - height:.2f}")
        height = now
    text[:] = runs


def _ungroup(element: ElementTree.Element) -> None:
    """Put the parts of each group that has no attributes in its place: a page has a third fewer elements."""
    children: list[ElementTree.Element] = []
    for child in element:
        _ungroup(child)
        children += list(child) if child.tag == "g" and not child.attrib else [child]
    element[:] = children


def _as_circle(path: ElementTree.Element) -> None:
    """Write a circle as one, where matplotlib has eight curves for it."""
    numbers = [float(number) for number in _NUMBER.findall(path.get("d", ""))]
    if path.get("transform") or _SIGN.findall(path.get("d", "")) != ["M", *"C" * 8, "z"] or len(numbers) != 50:
        return
    ends = [(numbers[place], numbers[place + 1]) for place in range(0, 50, 6)]
    (x, lowest), (_, highest) = ends[0], ends[4]
    y, radius = (lowest + highest) / 2, (lowest - highest) / 2
    if all(abs(math.hypot(end[0] - x, end[1] - y) - radius) < _SAME * max(radius, 1) for end in ends):
        path.tag = "circle"
        del path.attrib["d"]
        path.attrib.update(cx=f"{x:.2f}", cy=f"{y:.2f}", r=f"{radius:.2f}")


def _say_once(parent: ElementTree.Element) -> None:
    """Give what many marks in a row have in common, their style and where they are cut off, to a group of them."""
    children: list[ElementTree.Element] = []
    for common, marks in itertools.groupby(parent, lambda mark: (mark.get("clip-path"), mark.get("style"))):
        row = list(marks)
        for mark in row:
            _say_once(mark)
        # the opacity of a group is that of the whole, not of each mark
        if len(row) < _A_ROW or None in common or _OPACITY.search(str(common[1])):
            children += row
            continue
        group = ElementTree.Element("g", {"clip-path": str(common[0]), "style": str(common[1])})
        for mark in row:
            del mark.attrib["clip-path"], mark.attrib["style"]
        group[:] = row
        children.append(group)
    parent[:] = children


def _scale_on_phone(width: float) -> float:
    """Return how many pixels a point of a drawing has on a phone, where the drawing is so many points wide."""
    return min(max(_PHONE_PIXELS / width, _SMALLEST_SCALE), _LARGEST_SCALE)


def largest_size(size: float, width: float) -> float:
    """Return the size at which a phone shows words of this size, in points of a drawing so many points wide."""
    return max(size, _SMALLEST_ON_WEBSITE / _scale_on_phone(width))


def _let_grow(text: ElementTree.Element, least: float) -> None:
    """Let the page set small words larger. matplotlib's font is broader than those of phones, so there is room."""
    parts = [part for part in text.iter() if _SIZE.search(part.get("style", ""))]
    sizes = [float(_SIZE.findall(part.attrib["style"])[0]) for part in parts]
    if not sizes or max(sizes) >= _MAY_GROW * least:
        return
    for part, size in zip(parts, sizes, strict=True):
        share = size / max(sizes)  # an index stays as small beside its letter
        room = "var(--pg-words, 0px)" if share == 1 else f"{share:.2g} * var(--pg-words, 0px)"
        part.attrib["style"] = _SIZE.sub(f"font-size: max({size:g}px, {room})", part.attrib["style"])


def _lay_out(figure: Figure) -> None:
    """Put everything in its place, as it will be in SVG. Left to itself, ``savefig`` draws all of it twice for that."""
    engine, dpi = figure.get_layout_engine(), figure.dpi
    if engine is not None and figure.axes:
        _checks.optional_import("matplotlib.backends.backend_svg", "to draw").FigureCanvasSVG(figure)
        try:
            engine.execute(figure)
        except ValueError:
            return  # where there is no room, savefig draws without a layout too
        figure.set_layout_engine(None)  # as the settings have it, which is none
        figure.dpi = dpi  # measuring for SVG changes it, and images of points that are drawn as such follow it


def inline_svg(figure: Figure, alt: str, salt: str = "") -> str:
    """Draw a figure as one ``<svg>`` element that may stand in any page beside any other."""
    plt = _checks.optional_import("matplotlib.pyplot", "to draw")
    scale = _scale_on_phone(72 * float(figure.get_figwidth()))
    smallest = _SMALLEST_WORDS / scale
    for text in figure.findobj(_checks.optional_import("matplotlib.text", "to draw").Text):
        text.set_fontsize(max(float(text.get_fontsize()), smallest))
    buffer = io.StringIO()
    with plt.rc_context(_SAVED):
        _lay_out(figure)
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    plt.close(figure)
    source = buffer.getvalue()
    prefix = "pg" + hashlib.sha256("\0".join((source, alt, salt)).encode()).hexdigest()[:10]
    root = ElementTree.fromstring(source)

    for parent in root.iter():
        for child in list(parent):
            if _local_name(child.tag) in ("metadata", "style"):
                parent.remove(child)

    new_ids: dict[str, str] = {}
    for element in root.iter():
        for name, value in element.attrib.items():
            if _local_name(name) == "href" or "url(#" in value:
                for match in _REFERENCE.finditer(value):
                    new_ids.setdefault(match["whole"] or match["part"], f"{prefix}-{len(new_ids)}")

    def renamed(match: re.Match[str]) -> str:
        return f"#{new_ids[match['whole']]}" if match["whole"] else f"url(#{new_ids[match['part']]})"

    for element in root.iter():
        element.tag = _local_name(element.tag)
        element.tail = None
        if element.tag not in ("text", "tspan") or len(element):
            element.text = None
        if element.tag == "path":
            _as_circle(element)
        attributes = {_local_name(name): value for name, value in element.attrib.items()}
        if attributes.get("id") not in new_ids:
            attributes.pop("id", None)
        for name, value in attributes.items():
            if name == "id":
                attributes[name] = new_ids[value]
            elif name == "href" or (name != "style" and "url(#" in value):
                attributes[name] = _REFERENCE.sub(renamed, value)
            elif name == "style":
                # Colours first: a new id may begin like one.
                value = _FONT.sub("", value)
                value = _HEX.sub(lambda match: _PAGE_COLORS.get(match.group(), match.group()), value)
                attributes[name] = _REFERENCE.sub(renamed, value)
            elif name in ("d", "points", "x", "y"):
                attributes[name] = _LONG_NUMBER.sub(lambda match: f"{float(match.group()):.2f}", value)
        element.attrib.clear()
        element.attrib.update({name: " ".join(value.split()) for name, value in attributes.items()})

    for text in root.iter("text"):
        _let_flow(text)
        _let_grow(text, _SMALLEST_ON_WEBSITE / scale)
    _ungroup(root)
    _say_once(root)

    width = float(figure.get_figwidth()) * 72
    view_box = root.attrib["viewBox"]
    root.attrib.clear()
    root.attrib.update(
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": view_box,
            "role": "img",
            "aria-label": alt,
            # What matplotlib leaves black without saying so.
            "fill": "currentColor",
            "stroke-linejoin": "round",
            "style": (
                f"display: block; width: 100%; height: auto; margin: 0 auto; "
                f"max-width: {width * _LARGEST_SCALE:.0f}px; min-width: {width * _SMALLEST_SCALE:.0f}px; "
                f"--pg-least-words: {_SMALLEST_ON_WEBSITE / scale:.4g}px"
            ),
        }
    )
    return ElementTree.tostring(root, encoding="unicode")


@dataclass(frozen=True)
class Drawing(Display):
    """A finished drawing: inline SVG, its text alternative and its caption.

    Attributes
    ----------
    svg : str
        The ``<svg>`` element.
    alt : str
        The text alternative.
    caption : str, optional
        The visible caption.
    width : int
        How wide it is at most, in pixels.
    wide : bool
        Whether it may scroll in its box on a phone.

    Examples
    --------
    >>> from pgcode import figures
    >>> drawing = figures.show(figures.draw_grid(["SG"]), "A start and a goal.")
    >>> drawing.alt, drawing.svg[:4]
    ('A start and a goal.', '<svg')
    """

    svg: str
    alt: str
    caption: str | None = None
    width: int = 0
    wide: bool = False
    _kind = "figure"

    @property
    def data(self) -> dict[str, Any]:
        """The fields from which a page is made."""
        return {"svg": self.svg, "alt": self.alt, "caption": self.caption, "width": self.width, "wide": self.wide}

    def in_box(self) -> str:
        """Return the drawing in the box in which it scrolls; a wide one is reached by the keyboard too."""
        focus = f' tabindex="0" role="group" aria-label="{html.escape(self.alt)}"' if self.wide else ""
        return f'<div class="pg-drawing" style="overflow-x: auto"{focus}>{self.svg}</div>'

    def _repr_html_(self) -> str:
        caption = "" if self.caption is None else f"<figcaption>{html.escape(self.caption, quote=False)}</figcaption>"
        return f'<figure class="pg-figure mathjax_process" style="margin: 1em 0">{self.in_box()}{caption}</figure>'

    def __repr__(self) -> str:
        return printable(without_tex(self.alt))


def draw(figure: Figure, alt: str, caption: str | None = None, salt: str = "") -> Drawing:
    """Turn a matplotlib figure into a drawing, and close it. The salt tells apart what looks alike."""
    width = float(figure.get_figwidth()) * 72
    wide = width * _SMALLEST_SCALE > _NARROW_PAGE
    return Drawing(inline_svg(figure, alt, salt), alt, caption, round(width * _LARGEST_SCALE), wide)


def show(figure: Figure, alt: str, caption: str | None = None) -> Drawing:
    r"""Turn a matplotlib figure into a drawing that follows the page, and close the figure.

    Black becomes the colour of the text, white the colour of the page, and the colours of `COLORS` their
    variants for the page. All other colours stay as they are.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        The figure. It is closed, so that the notebook does not show it a second time.
    alt : str
        The text alternative: what the figure shows, in a sentence. It is also the notebook's stored output.
    caption : str, optional
        The visible caption. Formulas stand in it as ``\(…\)``.

    Returns
    -------
    Drawing
        Shown by the notebook when it ends a cell.

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError
        When `figure` is not a matplotlib figure or a text is not a string.
    ValueError
        When a text is empty.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from pgcode import figures
    >>> figure = Figure(figsize=(2, 1))
    >>> _ = figure.add_subplot().plot([0, 1], [0.2, 0.8])
    >>> drawing = figures.show(figure, "J rises from 0.2 to 0.8.", "Ascent.")
    >>> drawing
    J rises from 0.2 to 0.8.
    """
    if not isinstance(figure, _checks.optional_import("matplotlib.figure", "to show a figure").Figure):
        raise TypeError(f"figure is {figure!r}: pass a matplotlib figure, such as plt.gcf()")
    alt = plain("alt", alt)
    if caption is not None:
        caption = plain("caption", caption)
    return draw(figure, alt, caption, caption or "")
