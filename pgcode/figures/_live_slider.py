"""A slider of figures as a widget, which draws what lies between the frames: for whoever has a kernel."""

from __future__ import annotations

import html
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any

import numpy as np

from pgcode.derivation import Derivation
from pgcode.displays import Comparison
from pgcode.figures._svg import Drawing

if TYPE_CHECKING:
    import ipywidgets

    from pgcode.figures._slider import FrameSlider

__all__ = ["Frames", "between", "has_kernel", "widget"]

#: Set to ``baked`` where notebooks are run for others to read, so that no frame is drawn twice.
SWITCH = "PGCODE_SLIDERS"

#: Into how many steps the way from one frame to the next is divided, the finest first.
_STEPS = (10, 5, 4, 2)


@dataclass(frozen=True)
class Frames:
    """What a slider shows at a value: what is written below it, the picture, and what is compared.

    Attributes
    ----------
    values : sequence
        The values of the baked frames, in their order.
    label, frame : callable
        From a value to what is written below the slider, and to what is shown.
    outcome : callable, optional
        From a value to what is compared there.
    """

    values: Sequence[Any]
    label: Callable[[Any], str]
    frame: Callable[[Any], Drawing | Derivation]
    outcome: Callable[[Any], Comparison] | None = None


def has_kernel() -> bool:
    """Tell whether a kernel runs this, for a reader who has widgets."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if getattr(shell, "kernel", None) is None or os.environ.get(SWITCH) == "baked":
        return False
    try:
        import ipywidgets  # noqa: F401  what is shown needs it, and a kernel may lack it
    except ImportError:
        return False
    return True


def between(values: Sequence[Any], label: Callable[[Any], str]) -> list[Any]:
    """Return the values of a slider and, where they are numbers, those between them.

    The way from one value to the next is divided as finely as what is written below the slider tells apart: no two
    places of the slider are written alike. Whole numbers stay whole.

    Examples
    --------
    >>> between([1, 2, 4, 8], "m = {}".format)
    [1, 2, 3, 4, 5, 6, 7, 8]
    >>> between([0.0, 0.5], "γ = {:.1f}".format)
    [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]
    >>> between(["SG", "SF"], str)
    ['SG', 'SF']
    """
    values = list(values)
    if any(isinstance(value, bool | np.bool_) or not isinstance(value, Real) for value in values):
        return values
    whole = all(isinstance(value, Integral) for value in values)
    for steps in _STEPS:
        finer: list[Any] = []
        for low, high in pairwise(values):
            way = (float(low) + (float(high) - float(low)) * step / steps for step in range(steps))
            finer += [low, *(round(value) if whole else float(f"{value:.12g}") for value in list(way)[1:])]
        finer = list(dict.fromkeys([*finer, values[-1]]))
        if len({label(value) for value in finer}) == len(finer):
            return finer
    return values


def shown(frame: Drawing | Derivation) -> str:
    """Return what is shown at a value, as HTML."""
    return frame.in_box() if isinstance(frame, Drawing) else frame._repr_html_()


def widget(slider: FrameSlider, frames: Frames) -> ipywidgets.Widget:
    """Return a slider whose pictures are drawn by the kernel when it moves, with the values between the frames."""
    import ipywidgets

    values = between(frames.values, frames.label)
    first = frames.values[slider.start]
    start = next(index for index, value in enumerate(values) if value is first or np.array_equal(value, first))
    control = ipywidgets.IntSlider(
        start, 0, len(values) - 1, readout=False, layout={"width": "auto"}, tooltip=slider.label
    )
    readout = ipywidgets.HTML(layout={"align_self": "center"})
    # These set their formulas; a drawing is as wide as what it stands in.
    outcome, stage = (ipywidgets.HTMLMath(layout={"width": "100%", "display": "block"}) for _ in range(2))

    def show(_: Any = None) -> None:
        value = values[control.value]
        try:
            compared = None if frames.outcome is None else frames.outcome(value)
            label, picture = frames.label(value), shown(frames.frame(value))
        except Exception as error:
            label, picture = f"{slider.label} = {value!r}", f"{type(error).__name__}: {html.escape(str(error))}"
            compared = None
        readout.value = html.escape(label)
        outcome.value = "" if compared is None else compared._repr_html_()
        stage.value = picture

    control.observe(show, "value")
    show()
    caption = ipywidgets.HTMLMath("" if slider.caption is None else html.escape(slider.caption, quote=False))
    rows = [outcome] if frames.outcome else []
    return ipywidgets.VBox([*rows, control, readout, stage, caption], layout={"max_width": "48rem"})
