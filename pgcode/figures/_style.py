"""The one style of the figures: colours by meaning, line styles, markers, sizes."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from pgcode import _checks
from pgcode._palette import COLORS, PALETTE

__all__ = ["COLORS", "COLUMN", "CYCLE", "LINE_STYLES", "MARKERS", "PALETTE", "style", "written"]

#: Line styles in the order of the colour cycle: no figure is read by colour alone.
LINE_STYLES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.2, 1.6)), (0, (6, 2, 1.2, 2)))

#: Markers in the order of the colour cycle.
MARKERS: tuple[str, ...] = ("o", "s", "^", "D")

# Vermillion is missing from the cycle, because it means "false".
CYCLE = tuple(PALETTE[name] for name in ("blue", "orange", "green", "purple"))

#: The width of a page's column, in inches. A drawing of this width fills the column, and its text is a little
#: larger there than the text around it, so that it can still be read on a phone, at half the size.
COLUMN = 5.8

_STYLE: dict[str, Any] = {
    "figure.figsize": (COLUMN, 3.4),
    "figure.constrained_layout.use": True,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "mathtext.fontset": "dejavusans",
    "font.size": 11,
    "axes.titlesize": 11.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "axes.labelpad": 6,
    "xtick.labelsize": 10.5,
    "ytick.labelsize": 10.5,
    "legend.fontsize": 10.5,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": PALETTE["foreground"],
    "grid.alpha": 0.14,
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "patch.linewidth": 0.8,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
    "legend.facecolor": PALETTE["surface"],
}


def written(value: Any, value_format: str) -> str:
    """Write a value; a number with a true minus sign."""
    try:
        text = value_format.format(value)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise ValueError(
            f"value_format is {value_format!r}, which does not write the value {value!r}: pass one that does, "
            "such as '{}'"
        ) from error
    return text if isinstance(value, str) else text.replace("-", "−")


def style() -> AbstractContextManager[None]:
    """Return a context in which matplotlib draws in the style of the course.

    Returns
    -------
    context manager
        For a ``with`` statement around the drawing.

    Raises
    ------
    ImportError
        Without matplotlib.

    References
    ----------
    Okabe and Ito (2008), Color Universal Design, for the colours.

    Examples
    --------
    >>> import matplotlib.pyplot as plt
    >>> from pgcode import figures
    >>> with figures.style():
    ...     figure, axes = plt.subplots()
    ...     lines = axes.plot([[0, 0], [1, 2]])
    >>> [line.get_color() for line in lines] == [figures.COLORS["blue"], figures.COLORS["orange"]]
    True
    >>> plt.close(figure)
    """
    plt = _checks.optional_import("matplotlib.pyplot", "to draw")
    cycle = plt.cycler(color=CYCLE, linestyle=LINE_STYLES)
    context: AbstractContextManager[None] = plt.rc_context({**_STYLE, "axes.prop_cycle": cycle})
    return context
