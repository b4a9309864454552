"""Figures of the course: one style, inline SVG for light and dark pages, and sliders that need no kernel.

A figure is drawn with matplotlib and shown as inline SVG. Its foreground follows the colour of the text
around it and its colours follow the page, so that one drawing serves a light page, a dark page and print.
"""

from pgcode.figures._decision_process import draw_mdp
from pgcode.figures._grid import draw_grid
from pgcode.figures._slider import FrameSlider, frame_slider
from pgcode.figures._style import COLORS, LINE_STYLES, MARKERS, style
from pgcode.figures._svg import Drawing, show

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
