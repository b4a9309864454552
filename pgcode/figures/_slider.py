"""A figure with a slider that needs no kernel."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import ipywidgets
import numpy as np
from IPython.display import display
from matplotlib.figure import Figure
from numpy.typing import NDArray

from pgcode.figures._svg import Drawing, box, inline_svg, is_wide, plain

__all__ = ["FrameSlider", "frame_slider"]

Array = NDArray[np.float64]

#: The most frames of one slider: each weighs about 20 kB in the page.
_MOST_FRAMES = 40

_MINUS = re.compile(r"(?<![\w.)])-(?=[\d.])")


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
    caption: str | None = None,
    readout: Callable[[Any], str] | None = None,
) -> FrameSlider:
    r"""Draw one frame for each value and show them with a slider that needs no kernel.

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
    caption : str, optional
        The visible caption below the frames. Formulas stand in it as ``\(…\)``.
    readout : callable, optional
        Takes a value and returns what is written beside the slider, such as "θ = 0.5 · J = −6.56". Without
        it, the label and the value.

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
    label = plain("label", label)
    if caption is not None:
        caption = plain("caption", caption)
    if readout is None:
        labels = tuple(f"{label} = {_written(value, value_format)}" for value in values)
    else:
        labels = tuple(_MINUS.sub("−", plain("readout", readout(value))) for value in values)
    for index, text in enumerate(labels):
        if text in labels[:index]:
            both = f"values[{labels.index(text)}] and values[{index}]"
            remedy = "give value_format more digits" if readout is None else "let readout tell them apart"
            raise ValueError(f"{both} are both written {text!r}: {remedy}")
    first = _start_index(values, start)

    drawings = []
    for value, text in zip(values, labels, strict=True):
        figure = draw(value)
        if not isinstance(figure, Figure):
            raise TypeError(f"draw({value!r}) returned {figure!r}: let it return the matplotlib figure")
        sentence = plain("alt", alt(value)) if callable(alt) else f"{plain('alt', alt)} ({text})"
        drawings.append(Drawing(inline_svg(figure, sentence, text), sentence, None, is_wide(figure)))

    full_width = ipywidgets.Layout(width="100%")
    frames = [ipywidgets.HTML(box(drawing.svg, drawing.alt, drawing.wide), layout=full_width) for drawing in drawings]
    stack = ipywidgets.Stack(frames, selected_index=first, layout=full_width)
    slider = ipywidgets.SelectionSlider(
        options=[(text, index) for index, text in enumerate(labels)],
        index=first,
        description=label,
        tooltip=label,
        style={"description_width": "initial"},
        layout=ipywidgets.Layout(width="100%", max_width="32rem", margin="0 auto"),
    )
    children: list[ipywidgets.Widget] = [slider, stack]
    if caption is not None:
        text = f'<p class="pg-caption mathjax_process">{html.escape(caption, quote=False)}</p>'
        children.append(ipywidgets.HTMLMath(text, layout=full_width))
    widget = ipywidgets.VBox(children)
    widget.add_class("pg-frames")
    sentence = f"{labels[first]}: one of {len(labels)} frames. The slider that shows the others needs scripts."
    fallback = Drawing(
        drawings[first].svg,
        drawings[first].alt,
        sentence if caption is None else f"{caption} {sentence}",
        drawings[first].wide,
    )
    link = ipywidgets.jslink((slider, "index"), (stack, "selected_index"))
    return FrameSlider(widget, slider, stack, link, fallback, labels)
