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
    from pgcode.figures._decision_process import draw_mdp
    from pgcode.figures._grid import draw_grid

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

if not TYPE_CHECKING:  # else a misspelled name would be any object to a type checker

    def __getattr__(name: str) -> object:
        # These two are drawn with much of matplotlib.
        if name not in ("draw_mdp", "draw_grid"):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        _checks.optional_import("matplotlib", f"to use figures.{name}")
        module = import_module(f"{__name__}.{'_decision_process' if name == 'draw_mdp' else '_grid'}")
        return getattr(module, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
