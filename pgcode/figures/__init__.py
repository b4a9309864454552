"""Figures of the course: one style, inline SVG for light and dark pages, and sliders that need no kernel.

A figure is drawn with matplotlib and shown as inline SVG. Its foreground follows the colour of the text
around it and its colours follow the page, so that one drawing serves a light page, a dark page and print.

matplotlib is imported where something is drawn; the colours, the styles of lines and a slider of ledgers
need none.

Examples
--------
>>> from pgcode import figures
>>> figures.COLORS["estimate"]
'#0072b2'
"""

from importlib import import_module
from typing import TYPE_CHECKING

from pgcode import _checks
from pgcode.figures._slider import FrameSlider, frame_slider
from pgcode.figures._style import COLORS, LINE_STYLES, MARKERS, style
from pgcode.figures._svg import Drawing, show

if TYPE_CHECKING:
    from pgcode.figures._arrows import arrows
    from pgcode.figures._bars import bars
    from pgcode.figures._decision_process import draw_mdp
    from pgcode.figures._grid import draw_grid
    from pgcode.figures._learning_curves import learning_curves
    from pgcode.figures._walks import walks

__all__ = [
    "COLORS",
    "LINE_STYLES",
    "MARKERS",
    "Drawing",
    "FrameSlider",
    "arrows",
    "bars",
    "draw_grid",
    "draw_mdp",
    "frame_slider",
    "learning_curves",
    "show",
    "style",
    "walks",
]

# What is drawn with much of matplotlib, and the module of each.
_DRAWN = {
    "arrows": "_arrows",
    "bars": "_bars",
    "draw_grid": "_grid",
    "draw_mdp": "_decision_process",
    "learning_curves": "_learning_curves",
    "walks": "_walks",
}

if not TYPE_CHECKING:  # else a misspelled name would be any object to a type checker

    def __getattr__(name: str) -> object:
        if name not in _DRAWN:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        _checks.optional_import("matplotlib", f"to use figures.{name}")
        return getattr(import_module(f"{__name__}.{_DRAWN[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
