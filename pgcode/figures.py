"""Figures of the course: one style, inline SVG for light and dark pages, and sliders that need no kernel.

A figure is drawn with matplotlib and shown as inline SVG. Its foreground follows the colour of the text
around it and its colours follow the page, so that one drawing serves a light page, a dark page and print.
"""

from __future__ import annotations

import hashlib
import html
import io
import math
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol
from xml.etree import ElementTree

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, PathPatch, Polygon, Rectangle
from matplotlib.path import Path
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks

__all__ = [
    "COLORS",
    "LINE_STYLES",
    "MARKERS",
    "Drawing",
    "FrameSlider",
    "draw_grid",
    "draw_mdp",
    "frame_slider",
    "show",
    "style",
]

Array = NDArray[np.float64]

_PALETTE = {
    "foreground": "#000000",
    "surface": "#ffffff",
    "blue": "#0072b2",
    "vermillion": "#d55e00",
    "green": "#009e73",
    "purple": "#cc79a7",
    "orange": "#b87800",
    "sky": "#2f8fc4",
}

#: Colours by meaning and by name. They are those of Okabe and Ito (2008), with orange and sky blue darkened
#: until each stands out at 3:1 on a white page and on a dark one. Yellow does not, and is left out.
COLORS: Mapping[str, str] = {
    "exact": _PALETTE["foreground"],
    "estimate": _PALETTE["blue"],
    "false": _PALETTE["vermillion"],
    **_PALETTE,
}

#: Line styles in the order of the colour cycle: no figure is read by colour alone.
LINE_STYLES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.2, 1.6)), (0, (6, 2, 1.2, 2)))

#: Markers in the order of the colour cycle.
MARKERS: tuple[str, ...] = ("o", "s", "^", "D")

# Vermillion is missing from the cycle, because it means "false".
_CYCLE = tuple(_PALETTE[name] for name in ("blue", "orange", "green", "purple"))

_STYLE: dict[str, Any] = {
    "figure.figsize": (5.2, 3.25),
    "figure.constrained_layout.use": True,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "mathtext.fontset": "dejavusans",
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "xtick.labelsize": 10,
    "ytick.labelsize": 10,
    "legend.fontsize": 10,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": _PALETTE["foreground"],
    "grid.alpha": 0.14,
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "patch.linewidth": 0.8,
    "axes.prop_cycle": cycler(color=_CYCLE) + cycler(linestyle=LINE_STYLES),
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.facecolor": _PALETTE["surface"],
}


def style() -> AbstractContextManager[None]:
    """Return a context in which matplotlib draws in the style of the course.

    Returns
    -------
    context manager
        ``with style(): figure, axes = plt.subplots()``.

    References
    ----------
    Okabe and Ito (2008), Color Universal Design, for the colours.
    """
    return plt.rc_context(_STYLE)  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------------------------------
# Inline SVG
# ---------------------------------------------------------------------------------------------------------

# Each colour of the palette becomes a variable of the page; where the page has none, the colour itself.
_PAGE_COLORS = {
    hexadecimal: f"var(--pg-{name}, {hexadecimal})"
    for name, hexadecimal in _PALETTE.items()
    if name not in ("foreground", "surface")
} | {
    _PALETTE["foreground"]: "currentColor",
    _PALETTE["surface"]: "var(--pg-surface, var(--jp-layout-color0, Canvas))",
}
_HEX = re.compile(r"#[0-9a-f]{6}\b")
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_REFERENCE = re.compile(r"(?<=#)[^#)\"']+")

_CSS_PIXELS_PER_POINT = 4 / 3
# A drawing is not shrunk below this, in pixels per point; a wide one scrolls in its own box instead.
_SMALLEST_SCALE = 0.72
_NARROW_PAGE = 286


def _plain(name: str, text: object) -> str:
    """Return a text in one line, or say that it is missing."""
    if not isinstance(text, str):
        raise TypeError(f"{name} is {text!r}: pass a sentence that says what the figure shows")
    line = " ".join(text.split())
    if not line:
        raise ValueError(f"{name} is empty: say in a sentence what the figure shows to one who cannot see it")
    return line


def _local_name(name: str) -> str:
    return name.rpartition("}")[2]


def _inline_svg(figure: Figure, alt: str, salt: str = "") -> str:
    """Draw a figure as one ``<svg>`` element that may stand in any page beside any other."""
    buffer = io.StringIO()
    with plt.rc_context({"svg.fonttype": "path", "svg.hashsalt": "pgcode"}):
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
                for old in _REFERENCE.findall(value):
                    new_ids.setdefault(old, f"{prefix}-{len(new_ids)}")

    for element in root.iter():
        element.tag = _local_name(element.tag)
        element.text = element.tail = None
        attributes = {_local_name(name): value for name, value in element.attrib.items()}
        if attributes.get("id") not in new_ids:
            attributes.pop("id", None)
        for name, value in attributes.items():
            if name == "id":
                attributes[name] = new_ids[value]
            elif name in ("href", "clip-path") and "#" in value:
                attributes[name] = _REFERENCE.sub(lambda match: new_ids[match.group()], value)
            elif name == "style":
                attributes[name] = _HEX.sub(lambda match: _PAGE_COLORS.get(match.group(), match.group()), value)
            elif name in ("d", "points", "x", "y"):
                attributes[name] = _LONG_NUMBER.sub(lambda match: f"{float(match.group()):.2f}", value)
        element.attrib.clear()
        element.attrib.update({name: " ".join(value.split()) for name, value in attributes.items()})

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
                f"max-width: {width * _CSS_PIXELS_PER_POINT:.0f}px; min-width: {width * _SMALLEST_SCALE:.0f}px"
            ),
        }
    )
    return ElementTree.tostring(root, encoding="unicode")


def _is_wide(figure: Figure) -> bool:
    return bool(figure.get_figwidth() * 72 * _SMALLEST_SCALE > _NARROW_PAGE)


def _box(svg: str, alt: str, wide: bool) -> str:
    """Put a drawing in the box in which it scrolls; a wide one is reached by the keyboard too."""
    focus = f' tabindex="0" role="group" aria-label="{html.escape(alt)}"' if wide else ""
    return f'<div class="pg-drawing" style="overflow-x: auto"{focus}>{svg}</div>'


@dataclass(frozen=True)
class Drawing:
    """A finished drawing: inline SVG, its text alternative and its caption."""

    svg: str
    alt: str
    caption: str | None = None
    wide: bool = False

    def _repr_html_(self) -> str:
        caption = "" if self.caption is None else f"<figcaption>{html.escape(self.caption, quote=False)}</figcaption>"
        box = _box(self.svg, self.alt, self.wide)
        return f'<figure class="pg-figure mathjax_process" style="margin: 1em 0">{box}{caption}</figure>'

    def __repr__(self) -> str:
        return self.alt


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
    TypeError
        When `figure` is not a matplotlib figure or a text is not a string.
    ValueError
        When a text is empty.
    """
    if not isinstance(figure, Figure):
        raise TypeError(f"figure is {figure!r}: pass a matplotlib figure, such as plt.gcf()")
    alt = _plain("alt", alt)
    if caption is not None:
        caption = _plain("caption", caption)
    return Drawing(_inline_svg(figure, alt, caption or ""), alt, caption, _is_wide(figure))


# ---------------------------------------------------------------------------------------------------------
# Sliders
# ---------------------------------------------------------------------------------------------------------

#: The most frames of one slider: each weighs about 20 kB in the page.
_MOST_FRAMES = 40


@dataclass(frozen=True)
class FrameSlider:
    """A figure with a slider: the widget, and the drawing that stands for it where scripts are blocked."""

    widget: ipywidgets.VBox
    slider: ipywidgets.SelectionSlider
    stack: ipywidgets.Stack
    link: ipywidgets.jslink
    fallback: Drawing
    labels: tuple[str, ...] = field(repr=False)

    def _ipython_display_(self) -> None:
        text = repr(self)
        noscript = f"<noscript>{self.fallback._repr_html_()}</noscript>"
        display({"text/html": noscript, "text/plain": text}, raw=True)  # type: ignore[no-untyped-call]
        bundle = self.widget._repr_mimebundle_()
        display({**bundle, "text/plain": text}, raw=True)  # type: ignore[no-untyped-call]

    def __repr__(self) -> str:
        return f"{self.fallback.alt} [{len(self.labels)} frames, from {self.labels[0]} to {self.labels[-1]}]"


def _start_index(values: Sequence[Any], start: Any) -> int:
    if start is None:
        return 0
    for index, value in enumerate(values):
        if value == start or (isinstance(value, float) and math.isclose(value, start, abs_tol=1e-12)):
            return index
    raise ValueError(f"start is {start!r}, which is not among the values: pass one of {list(values)}")


def _written(value: Any, value_format: str) -> str:
    """Write a value; a number with a true minus sign."""
    text = value_format.format(value)
    return text if isinstance(value, str) else text.replace("-", "−")


def frame_slider(
    draw: Callable[[Any], Figure],
    values: Sequence[Any] | Array,
    label: str,
    alt: str | Callable[[Any], str],
    *,
    value_format: str = "{:g}",
    start: Any = None,
) -> FrameSlider:
    """Draw one frame for each value and show them with a slider that needs no kernel.

    Every frame is drawn at once, and the slider is linked to the frames in the browser. It moves by
    mouse, touch and arrow keys, on Jupyter and on the static website alike.

    Parameters
    ----------
    draw : callable
        Takes one value and returns a new matplotlib figure. All frames should have one size.
    values : sequence
        The values, 2 to 40 of them.
    label : str
        The name of what moves, such as "θ".
    alt : str or callable
        The text alternative: one sentence for all frames, to which the value is added, or a function of the
        value.
    value_format : str
        How a value is written, as for `str.format`.
    start : optional
        The value of the frame shown first. Without it, the first value.

    Returns
    -------
    FrameSlider
        Shown by the notebook when it ends a cell.

    Raises
    ------
    TypeError
        When `draw` does not return a figure, or a text is not a string.
    ValueError
        When there are too few or too many values, when two values are written alike, when `start` is not
        among the values, or when a text is empty.
    """
    values = list(values)
    if not 2 <= len(values) <= _MOST_FRAMES:
        raise ValueError(f"values holds {len(values)} values: pass 2 to {_MOST_FRAMES}, each is one frame in the page")
    label = _plain("label", label)
    labels = tuple(f"{label} = {_written(value, value_format)}" for value in values)
    for index, text in enumerate(labels):
        if text in labels[:index]:
            both = f"values[{labels.index(text)}] and values[{index}]"
            raise ValueError(f"{both} are both written {text!r}: give value_format more digits")
    first = _start_index(values, start)

    drawings = []
    for value, text in zip(values, labels, strict=True):
        figure = draw(value)
        if not isinstance(figure, Figure):
            raise TypeError(f"draw({value!r}) returned {figure!r}: let it return the matplotlib figure")
        sentence = _plain("alt", alt(value)) if callable(alt) else f"{_plain('alt', alt)} ({text})"
        drawings.append(Drawing(_inline_svg(figure, sentence, text), sentence, None, _is_wide(figure)))

    full_width = ipywidgets.Layout(width="100%")
    frames = [ipywidgets.HTML(_box(drawing.svg, drawing.alt, drawing.wide), layout=full_width) for drawing in drawings]
    stack = ipywidgets.Stack(frames, selected_index=first, layout=full_width)
    slider = ipywidgets.SelectionSlider(
        options=[(text, index) for index, text in enumerate(labels)],
        index=first,
        description=label,
        tooltip=label,
        style={"description_width": "initial"},
        layout=ipywidgets.Layout(width="100%", max_width="32rem", margin="0 auto"),
    )
    widget = ipywidgets.VBox([slider, stack])
    widget.add_class("pg-frames")
    fallback = Drawing(
        drawings[first].svg,
        drawings[first].alt,
        f"{labels[first]}: one of {len(labels)} frames. The slider that shows the others needs scripts.",
        drawings[first].wide,
    )
    link = ipywidgets.jslink((slider, "index"), (stack, "selected_index"))
    return FrameSlider(widget, slider, stack, link, fallback, labels)


# ---------------------------------------------------------------------------------------------------------
# Decision processes
# ---------------------------------------------------------------------------------------------------------


class DecisionProcess(Protocol):
    """What `draw_mdp` reads of a decision process."""

    @property
    def transition(self) -> Array:
        """p(s'|s,a), shape (n_states, n_actions, n_states)."""

    @property
    def reward(self) -> Array:
        """r(s,a,s'), shape (n_states, n_actions, n_states)."""

    @property
    def initial(self) -> Array:
        """μ(s), shape (n_states,)."""

    @property
    def terminal(self) -> NDArray[np.bool_]:
        """Which states are terminal, shape (n_states,)."""

    @property
    def n_states(self) -> int:
        """S."""

    @property
    def n_actions(self) -> int:
        """A."""


# One unit of the drawing is one inch, so that text and lines keep their proportion.
_RADIUS = 0.25
_GAP = 0.05
_HEAD = 0.13
_LABEL_SIZE = 9.5
_ACTION_LABEL_SIZE = 10


@dataclass
class _Arrow:
    """An arrow of an action: a Bézier curve already cut at the borders of its states."""

    action: int
    text: str
    control: Array  # shape (3, 2) for an arc, (4, 2) for a loop

    def at(self, t: float) -> Array:
        points = self.control
        while len(points) > 1:
            points = (1 - t) * points[:-1] + t * points[1:]
        return np.asarray(points[0])

    def samples(self, n: int = 25) -> Array:
        return np.array([self.at(t) for t in np.linspace(0, 1, n)])


def _number(value: float, digits: int, signed: bool = False) -> str:
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    text = "0" if text == "-0" else text
    if text == "0" and value != 0 and not signed:
        return f"<{10.0**-digits:g}"
    sign = "+" if signed and not text.startswith("-") and text != "0" else ""
    return sign + text.replace("-", "−")


def _cut(control: Array, t_start: float, t_end: float) -> Array:
    """Cut a Bézier curve to the piece between two parameters (de Casteljau)."""

    def split(points: Array, t: float) -> tuple[Array, Array]:
        left, right = [points[0]], [points[-1]]
        while len(points) > 1:
            points = (1 - t) * points[:-1] + t * points[1:]
            left.append(points[0])
            right.append(points[-1])
        return np.array(left), np.array(right[::-1])

    _, tail = split(control, t_start)
    head, _ = split(tail, (t_end - t_start) / (1 - t_start))
    return head


def _trim(control: Array, start: Array, start_square: bool, end: Array, end_square: bool) -> Array:
    """Cut a curve from centre to centre down to what lies outside the two states."""
    curve = _Arrow(0, "", control)
    parameters = np.linspace(0, 1, 401)
    points = np.array([curve.at(t) for t in parameters])

    def outside(centre: Array, square: bool) -> NDArray[np.bool_]:
        offset = np.abs(points - centre)
        distance = offset.max(axis=1) if square else np.hypot(*offset.T)
        return np.asarray(distance > _RADIUS + _GAP)

    middle = len(parameters) // 2
    start_inside = np.flatnonzero(~outside(start, start_square)[:middle])
    end_inside = np.flatnonzero(~outside(end, end_square)[middle:]) + middle
    first = parameters[start_inside[-1] + 1] if len(start_inside) else 0.0
    last = parameters[end_inside[0] - 1] if len(end_inside) else 1.0
    return _cut(control, float(first), float(last))


def _default_positions(mdp: DecisionProcess) -> Array:
    """Place states in a row when arrows join neighbours only, else on a circle, clockwise from the top."""
    n = mdp.n_states
    live = ~np.asarray(mdp.terminal, dtype=bool)
    source, _, target = np.nonzero(mdp.transition * live[:, None, None])
    if n <= 2 or (np.abs(source - target) <= 1).all():
        spacing = 2.3 if n <= 2 else float(np.clip(4.1 / (n - 1), 1.2, 1.8))
        return np.column_stack([spacing * np.arange(n), np.zeros(n)])
    radius = max(3.0, 1.8 + 0.25 * n) / (2 * np.sin(np.pi / n))
    angle = np.pi / 2 - 2 * np.pi * np.arange(n) / n
    return radius * np.column_stack([np.cos(angle), np.sin(angle)])


def _arcs(mdp: DecisionProcess, where: Array, text: Callable[[int, int, int], str]) -> list[_Arrow]:
    """Bend the arrows between two states apart, those of opposite directions to opposite sides."""
    arrows = []
    terminal = np.asarray(mdp.terminal, dtype=bool)
    for low in range(mdp.n_states):
        for high in range(low + 1, mdp.n_states):
            pairs = [
                (source, action, target)
                for source, target, order in ((high, low, 1), (low, high, -1))
                for action in range(mdp.n_actions)[::order]
                if not terminal[source] and mdp.transition[source, action, target] > 0
            ]
            chord = where[high] - where[low]
            length = float(np.hypot(*chord))
            normal = np.array([-chord[1], chord[0]]) / length
            spacing = 0.52 if len(pairs) == 2 else 0.36
            others = np.delete(where, [low, high], axis=0)
            # A broad bundle leaves the middle of the drawing to the bundles that face it.
            outwards = np.sign(np.round((where[[low, high]].mean(axis=0) - where.mean(axis=0)) @ normal, 6))
            shift = 0.75 * spacing * outwards if len(pairs) > 2 else 0.0
            for rank, (source, action, target) in enumerate(pairs):
                height = shift + (rank - (len(pairs) - 1) / 2) * spacing
                side = 1.0 if height > 0 or (height == 0 and source == low) else -1.0
                for attempt in range(20):
                    middle = (where[source] + where[target]) / 2 + 2 * height * normal
                    control = np.array([where[source], middle, where[target]])
                    points = _Arrow(action, "", control).samples()
                    if not len(others) or np.hypot(*(points[:, None] - others).T).min() > _RADIUS + 0.12:
                        break
                    height = side * max(abs(height) + 0.15, 0.2 * length) if attempt == 0 else height + side * 0.15
                control = _trim(control, where[source], terminal[source], where[target], terminal[target])
                arrows.append(_Arrow(action, text(source, action, target), control))
    return arrows


def _unit(angle: float) -> Array:
    return np.array([np.cos(angle), np.sin(angle)])


def _clearest_direction(centre: Array, reach: tuple[float, ...], taken: Array, preferred: Array) -> float:
    """Return the angle in which the most room is left around a state."""
    best, best_room = 0.0, -np.inf
    for angle in np.deg2rad(np.arange(0, 360, 15)):
        direction = _unit(angle)
        points = centre + np.outer(reach, direction)
        room = np.hypot(*(points[:, None] - taken).T).min() if len(taken) else 1.0
        room = min(float(room), 0.45) + 0.15 * float(direction @ preferred)
        if room > best_room + 1e-9:
            best, best_room = float(angle), room
    return best


def _add_arrow(axes: Axes, control: Array, color: str, linestyle: Any) -> None:
    """Draw a curve with a solid head at its end, whatever the style of the line."""
    curve = _Arrow(0, "", control)
    length = float(np.hypot(*np.diff(curve.samples(60), axis=0).T).sum())
    t_head = 1 - 0.85 * _HEAD / length
    tip, back = curve.at(1.0), curve.at(1 - _HEAD / length)
    direction = (tip - back) / np.hypot(*(tip - back))
    normal = np.array([-direction[1], direction[0]])
    shaft = _cut(control, 0.0, t_head)
    codes = [Path.MOVETO] + [Path.CURVE3 if len(shaft) == 3 else Path.CURVE4] * (len(shaft) - 1)
    axes.add_patch(
        PathPatch(Path(shaft, codes), fill=False, edgecolor=color, linewidth=1.6, linestyle=linestyle, capstyle="butt")
    )
    wings = 0.42 * _HEAD * normal
    base = tip - _HEAD * direction
    axes.add_patch(Polygon([tip, base + wings, base - wings], closed=True, facecolor=color, edgecolor="none"))


def _renderer(figure: Figure) -> RendererBase:
    return FigureCanvasAgg(figure).get_renderer()  # type: ignore[no-untyped-call]


def _text_size(figure: Figure, text: str, size: float) -> Array:
    """Return the width and height of a text in inches."""
    artist = figure.text(0, 0, text, fontsize=size)
    extent = artist.get_window_extent(_renderer(figure))
    artist.remove()
    return np.array([extent.width / figure.dpi, extent.height / figure.dpi])


def _label_spots(arrow: _Arrow, size: Array) -> list[tuple[Array, float]]:
    """Return the points where an arrow's label may stand, each with its price."""
    line = arrow.samples(41)
    length = float(np.hypot(*np.diff(line, axis=0).T).sum())
    spots = []
    if len(arrow.control) == 4:
        # A loop's label stands outside, beyond its far end or a little to the side.
        outwards = arrow.at(0.5) - (arrow.at(0.0) + arrow.at(1.0)) / 2
        angle = float(np.arctan2(outwards[1], outwards[0]))
        for turn in (0.0, 0.3, -0.3, 0.6, -0.6):
            direction = _unit(angle + turn)
            beyond = float(np.min((size / 2 + 0.05) / np.maximum(np.abs(direction), 1e-9)))
            spots.append((arrow.at(0.5) + beyond * direction, 0.3 * abs(turn)))
        return spots
    for t in (0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.26, 0.74):
        point = arrow.at(t)
        along = arrow.at(t + 0.01) - arrow.at(t - 0.01)
        along /= np.hypot(*along)
        hidden = float(np.min(size / np.maximum(np.abs(along), 1e-9)))
        price = 0.5 * abs(t - 0.5)
        # On the line, when enough of the line stays in sight; else beside it.
        spots.append((point, price + (3.0 if length - hidden < 0.5 else 0.0)))
        normal = np.array([-along[1], along[0]])
        beside = float(np.abs(normal) @ size) / 2 + 0.04
        for spot in (point + beside * normal, point - beside * normal):
            covered = int((np.abs(line - spot) < size / 2).all(axis=1).sum())
            spots.append((spot, price + 1.2 + covered))
    return spots


def _place_labels(
    arrows: list[_Arrow], sizes: list[Array], where: Array, solid: list[tuple[Array, Array]]
) -> list[Array]:
    """Choose for each label a spot at its own arrow, away from other labels, states and arrows."""
    samples = [arrow.samples(41) for arrow in arrows]
    spots = [_label_spots(arrow, size) for arrow, size in zip(arrows, sizes, strict=True)]
    choice = [options[0][0] for options in spots]
    obstacles = [(state, np.full(2, _RADIUS)) for state in where] + solid

    def cost(index: int, point: Array, price: float) -> float:
        half = sizes[index] / 2 + 0.02
        total = price
        for other in range(len(arrows)):
            if other == index:
                continue
            overlap = half + sizes[other] / 2 - np.abs(point - choice[other])
            if (overlap > 0).all():
                total += 10 + 100 * float(overlap.prod())
            total += 0.5 * int((np.abs(samples[other] - point) < half).all(axis=1).sum())
        for centre, half_size in obstacles:
            overlap = half + half_size - np.abs(point - centre)
            if (overlap > 0).all():
                total += 20 + 100 * float(overlap.prod())
        return total

    for _ in range(6):
        before = list(choice)
        for index, options in enumerate(spots):
            prices = [cost(index, point, price) for point, price in options]
            choice[index] = options[int(np.argmin(prices))][0]
        if all(np.array_equal(a, b) for a, b in zip(before, choice, strict=True)):
            break
    return choice


def _labels(name: str, given: Sequence[str] | None, count: int, default: str) -> list[str]:
    if given is None:
        return [default.format(index) for index in range(count)]
    if isinstance(given, str) or len(given) != count:
        raise ValueError(f"{name} is {given!r}: pass a list of {count} texts")
    return [str(text) for text in given]


def draw_mdp(
    mdp: DecisionProcess,
    positions: ArrayLike | None = None,
    state_labels: Sequence[str] | None = None,
    action_labels: Sequence[str] | None = None,
    *,
    digits: int = 2,
) -> Figure:
    """Draw a decision process from its arrays.

    States are circles, terminal states double squares. Each action has a colour and a line style. An arrow
    carries p(s'|s,a), unless it is 1, and r(s,a,s') with its sign. A short arrow marks where μ(s) > 0.

    Parameters
    ----------
    mdp : TabularMDP
        The decision process.
    positions : array, shape (n_states, 2), optional
        The centres of the states, in inches. Without them, a row or a circle.
    state_labels, action_labels : sequence of str, optional
        The names. Without them, the numbers.
    digits : int
        The most digits after the decimal point.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, for `show`.

    Raises
    ------
    ValueError
        When there are more than four actions, when `positions` has the wrong shape or puts two states too
        close together, or when the number of labels is wrong.
    """
    if mdp.n_actions > len(_CYCLE):
        raise ValueError(f"mdp has {mdp.n_actions} actions: at most {len(_CYCLE)} can be told apart in a drawing")
    states = _labels("state_labels", state_labels, mdp.n_states, "{}")
    actions = _labels("action_labels", action_labels, mdp.n_actions, "action {}")
    if positions is None:
        where = _default_positions(mdp)
    else:
        where = _checks.real_array("positions", positions)
        _checks.require_shape("positions", where.shape, (mdp.n_states, 2), "(n_states, 2), in inches")
        _checks.require_finite("positions", where)
    for i in range(mdp.n_states):
        for j in range(i):
            if np.hypot(*(where[i] - where[j])) < 3 * _RADIUS:
                raise ValueError(
                    f"positions[{j}] and positions[{i}] are closer than {3 * _RADIUS} inches: move them apart"
                )
    terminal = np.asarray(mdp.terminal, dtype=bool)

    def text(source: int, action: int, target: int) -> str:
        reward = _number(float(mdp.reward[source, action, target]), digits, signed=True)
        probability = float(mdp.transition[source, action, target])
        return reward if probability == 1 else f"{_number(probability, digits)}, {reward}"

    with style():
        figure = Figure(figsize=(5, 5))
        figure.set_layout_engine("none")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()

        arrows = _arcs(mdp, where, text)
        starts: list[tuple[Array, str, Array]] = []
        solid: list[tuple[Array, Array]] = []
        in_a_row = bool(np.ptp(where[:, 1]) < 1e-9)

        def taken(state: int) -> Array:
            points = [arrow.samples() for arrow in arrows] + [np.delete(where, state, axis=0)]
            points += [np.vstack([control, centre]) for centre, _, control in starts]
            return np.concatenate(points)

        def outwards(state: int) -> Array:
            if in_a_row:
                return np.array([0.0, 1.0])
            offset = where[state] - where.mean(axis=0)
            return np.asarray(offset / max(float(np.hypot(*offset)), 1e-9))

        for state in np.flatnonzero(np.asarray(mdp.initial) > 0).tolist():
            wish = np.array([-1.0, 0.0]) if in_a_row else outwards(state)
            angle = _clearest_direction(where[state], (0.4, 0.6, 0.8, 0.95), taken(state), wish)
            direction = _unit(angle)
            mass = float(mdp.initial[state])
            word = "start" if mass == 1 else f"start {_number(mass, digits)}"
            half = _text_size(figure, word, _LABEL_SIZE) / 2
            tip, tail = (where[state] + (_RADIUS + _GAP + reach) * direction for reach in (0.0, 0.34))
            centre = tail + (0.06 + float(np.min(half / np.maximum(np.abs(direction), 1e-9)))) * direction
            starts.append((centre, word, np.array([tail, (tail + tip) / 2, tip])))
            solid.append((centre, half + 0.03))

        for state in np.flatnonzero(~terminal).tolist():
            for action in np.flatnonzero(mdp.transition[state, :, state] > 0).tolist():
                angle = _clearest_direction(where[state], (0.45, 0.65, 0.8), taken(state), outwards(state))
                feet = [where[state] + 1.05 * _unit(angle + turn) for turn in (0.62, -0.62)]
                control = np.array([where[state], *feet, where[state]])
                control = _trim(control, where[state], False, where[state], False)
                arrows.append(_Arrow(action, text(state, action, state), control))

        sizes = [_text_size(figure, arrow.text, _LABEL_SIZE) for arrow in arrows]
        spots = _place_labels(arrows, sizes, where, solid)

        for _, _, control in starts:
            _add_arrow(axes, control, COLORS["foreground"], "-")
        for arrow in arrows:
            _add_arrow(axes, arrow.control, _CYCLE[arrow.action], LINE_STYLES[arrow.action])
        for state, (x, y) in enumerate(where.tolist()):
            outline: dict[str, Any] = {
                "facecolor": COLORS["surface"],
                "edgecolor": COLORS["foreground"],
                "linewidth": 1.4,
            }
            if terminal[state]:
                for r in (_RADIUS, _RADIUS - 0.05):
                    axes.add_patch(Rectangle((x - r, y - r), 2 * r, 2 * r, **outline))
            else:
                axes.add_patch(Circle((x, y), _RADIUS, **outline))
            axes.text(x, y, states[state], ha="center", va="center_baseline", fontsize=11)
        plate = {"boxstyle": "round,pad=0.12", "facecolor": COLORS["surface"], "edgecolor": "none"}
        for (x, y), arrow in zip(spots, arrows, strict=True):
            axes.text(x, y, arrow.text, ha="center", va="center", fontsize=_LABEL_SIZE, bbox=plate)
        for (x, y), word, _ in starts:
            axes.text(x, y, word, ha="center", va="center", fontsize=_LABEL_SIZE, style="italic")

        corners = [where - _RADIUS, where + _RADIUS]
        corners += [arrow.samples() for arrow in arrows]
        corners += [spot + sign * size / 2 for spot, size in zip(spots, sizes, strict=True) for sign in (-1, 1)]
        corners += [centre + sign * half for centre, half in solid for sign in (-1, 1)]
        points = np.concatenate([np.atleast_2d(corner) for corner in corners])
        low, high = points.min(axis=0) - 0.08, points.max(axis=0) + 0.08

        certain = bool((mdp.transition[~terminal].max(axis=-1) == 1).all())
        key = "on an arrow: reward" if certain else "on an arrow: probability (unless 1), reward"
        handles = [
            Line2D([], [], color=_CYCLE[action], linestyle=LINE_STYLES[action], linewidth=1.8, label=actions[action])
            for action in range(mdp.n_actions)
        ]
        legend = figure.legend(
            handles=handles,
            title=key,
            loc="lower center",
            ncols=mdp.n_actions,
            fontsize=_ACTION_LABEL_SIZE,
            title_fontsize=_LABEL_SIZE,
            borderaxespad=0.1,
            handlelength=2.6,
        )
        extent = legend.get_window_extent(_renderer(figure))
        legend_size = np.array([extent.width, extent.height]) / figure.dpi
        low[1] -= legend_size[1] + 0.1
        missing = max(legend_size[0] + 0.1 - (high[0] - low[0]), 0.0)
        low[0], high[0] = low[0] - missing / 2, high[0] + missing / 2
        figure.set_size_inches(*(high - low))
        axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    return figure


# ---------------------------------------------------------------------------------------------------------
# Gridworlds
# ---------------------------------------------------------------------------------------------------------

#: Left, down, right, up, as Gymnasium's FrozenLake numbers its actions; (columns, rows downwards).
_FROZEN_LAKE_DIRECTIONS = ((-1, 0), (0, 1), (1, 0), (0, -1))


def _grid_cells(desc: object) -> list[list[str]]:
    rows = [list(row) for row in np.asarray(desc).tolist()]
    cells = [[cell.decode() if isinstance(cell, bytes) else str(cell) for cell in row] for row in rows]
    if not cells or not cells[0]:
        raise ValueError("desc is empty: pass rows such as ['SF', 'HG']")
    for index, row in enumerate(cells):
        if len(row) != len(cells[0]):
            raise ValueError(
                f"desc[{index}] has {len(row)} cells, but desc[0] has {len(cells[0])}: make the rows equal"
            )
    return cells


def draw_grid(
    desc: Sequence[str] | ArrayLike,
    values: ArrayLike | None = None,
    policy: ArrayLike | None = None,
    *,
    value_format: str = "{:.2f}",
    directions: Sequence[tuple[int, int]] = _FROZEN_LAKE_DIRECTIONS,
) -> Figure:
    """Draw a gridworld, and on it the values of its states and a policy.

    A cell shows its letter (S start, F free, H hole, G goal). Holes are hatched and the goal has a double
    border. Blue marks positive values and orange negative ones, the stronger the larger. The arrows of a
    policy are as long as their action is probable.

    Parameters
    ----------
    desc : sequence of str, or array of single characters
        The rows of the grid, such as ``env.unwrapped.desc`` of Gymnasium's FrozenLake.
    values : array, shape (n_states,), optional
        One number for each cell, row by row.
    policy : array, shape (n_states, n_actions), optional
        π(a|s), row by row.
    value_format : str
        How a value is written, as for `str.format`.
    directions : sequence of pairs
        The move of each action, as columns to the right and rows downwards.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, for `show`.

    Raises
    ------
    ValueError
        When the rows have different lengths, or `values` or `policy` has the wrong shape or is no
        distribution.
    """
    cells = _grid_cells(desc)
    n_rows, n_columns = len(cells), len(cells[0])
    n_cells = n_rows * n_columns
    numbers = None if values is None else _checks.real_array("values", values)
    if numbers is not None:
        _checks.require_shape("values", numbers.shape, (n_cells,), "one number for each cell")
        _checks.require_finite("values", numbers)
    arrows = None if policy is None else _checks.real_array("policy", policy)
    if arrows is not None:
        _checks.require_shape("policy", arrows.shape, (n_cells, len(directions)), "(cells, actions)")
        _checks.require_distributions("policy", arrows)
    largest = 0.0 if numbers is None else float(np.abs(numbers).max())
    both = numbers is not None and arrows is not None

    with style():
        side = min(0.95, 6.2 / n_columns)
        figure = Figure(figsize=(side * n_columns + 0.1, side * n_rows + 0.1))
        figure.set_layout_engine("none")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        margin = 0.05 / side
        axes.set(xlim=(-margin, n_columns + margin), ylim=(n_rows + margin, -margin))
        for cell in range(n_cells):
            row, column = divmod(cell, n_columns)
            letter = cells[row][column]
            final = letter in "HG"
            if numbers is not None and largest > 0 and not final and numbers[cell] != 0:
                shade = COLORS["blue" if numbers[cell] > 0 else "orange"]
                alpha = 0.42 * abs(float(numbers[cell])) / largest
                axes.add_patch(Rectangle((column, row), 1, 1, facecolor=shade, alpha=alpha, edgecolor="none"))
            axes.add_patch(Rectangle((column, row), 1, 1, fill=False, edgecolor=COLORS["foreground"], linewidth=0.9))
            if letter == "H":
                for shift in np.arange(0.25, 2, 0.25):
                    low, high = max(0.0, shift - 1), min(1.0, shift)
                    axes.plot(
                        [column + low, column + high],
                        [row + shift - low, row + shift - high],
                        color=COLORS["foreground"],
                        alpha=0.28,
                        linewidth=0.9,
                        linestyle="-",
                    )
            if letter == "G":
                axes.add_patch(
                    Rectangle((column + 0.07, row + 0.07), 0.86, 0.86, fill=False, edgecolor=COLORS["foreground"])
                )
            busy = (numbers is not None or arrows is not None) and not final
            spot = (column + 0.09, row + 0.09) if busy else (column + 0.5, row + 0.5)
            plate = {"boxstyle": "round,pad=0.2", "facecolor": COLORS["surface"], "edgecolor": "none"}
            axes.text(
                *spot,
                letter,
                ha="left" if busy else "center",
                va="top" if busy else "center",
                fontsize=9 if busy else 13,
                bbox=plate if letter == "H" else None,
            )
            if final:
                continue
            if numbers is not None:
                axes.text(
                    column + (0.93 if both else 0.5),
                    row + (0.92 if both else 0.55),
                    value_format.format(numbers[cell]).replace("-", "−"),
                    ha="right" if both else "center",
                    va="bottom" if both else "center",
                    fontsize=8.5 if both else 11,
                )
            if arrows is not None:
                for probability, (right, down) in zip(arrows[cell], directions, strict=True):
                    if probability < 0.01:
                        continue
                    start = np.array([column + 0.5, row + 0.48])
                    tip = start + (0.03 + 0.36 * probability) * np.array([right, down])
                    _add_grid_arrow(axes, start, tip)
    return figure


def _add_grid_arrow(axes: Axes, start: Array, tip: Array) -> None:
    """Draw an arrow whose whole length counts, head included."""
    direction = (tip - start) / np.hypot(*(tip - start))
    normal = np.array([-direction[1], direction[0]])
    head = min(0.1, 0.7 * float(np.hypot(*(tip - start))))
    base = tip - head * direction
    axes.plot(
        *np.array([start, base]).T, color=COLORS["foreground"], linewidth=1.4, linestyle="-", solid_capstyle="round"
    )
    corners = [tip, base + 0.55 * head * normal, base - 0.55 * head * normal]
    axes.add_patch(Polygon(corners, closed=True, facecolor=COLORS["foreground"], edgecolor="none"))
