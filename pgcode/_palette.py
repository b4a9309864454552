"""The colours of figures and verdicts. Nothing is drawn here, so that verdicts need no matplotlib."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["COLORS", "PALETTE"]

PALETTE = {
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
    "exact": PALETTE["foreground"],
    "estimate": PALETTE["blue"],
    "false": PALETTE["vermillion"],
    **PALETTE,
}
