"""Bars with their numbers at their ends: the same things before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from pgcode import _checks
from pgcode.figures._style import COLORS, COLUMN, CYCLE, style, written
from pgcode.figures._svg import largest_size
from pgcode.figures._words import text_size

__all__ = ["bars"]

_SIZE = 10.5
_THICK = 0.2


def bars(
    names: Sequence[str],
    groups: Mapping[str, ArrayLike],
    *,
    xlabel: str | None = None,
    value_format: str = "{:.2f}",
    limits: Sequence[float] | None = None,
    colors: Sequence[str] | None = None,
) -> Figure:
    """Draw a row of horizontal bars for each name, one bar for each group, with its number at its end.

    Of two groups the first is hollow and the second filled, so that they are told apart without colours. The
    groups are named at the bars of the first row.

    Parameters
    ----------
    names : sequence of str
        What each row is about, from the top down.
    groups : mapping of str to array, shape (n_rows,)
        Names of the groups, such as "before" and "after", and their values.
    xlabel : str, optional
        What is measured.
    value_format : str
        How a value is written, as for `str.format`.
    limits : sequence of two floats, optional
        The ends of the axis, so that the frames of a slider share one scale.
    colors : sequence of str, optional
        The colour of each group.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, for `show`.

    Raises
    ------
    ImportError
        Without matplotlib.
    ValueError
        When there is no name or group, when shapes do not fit, or when there are more groups than colours.

    Examples
    --------
    >>> from pgcode import figures
    >>> figure = figures.bars(["left, left", "left, right"], {"before": [0.25, 0.25], "after": [0.2, 0.31]})
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['0.25 before', '0.20 after', '0.25', '0.31']
    >>> figures.show(figure, "The walk left, right grows from 0.25 to 0.31.")
    The walk left, right grows from 0.25 to 0.31.
    """
    if isinstance(names, str) or not len(names):
        raise ValueError(f"names is {names!r}: pass at least one text, one for each row")
    if not isinstance(groups, Mapping) or not groups:
        raise ValueError(f"groups is {groups!r}: pass at least one name with its values")
    palette = CYCLE if colors is None else tuple(colors)
    if len(groups) > len(palette):
        raise ValueError(f"groups holds {len(groups)} groups: pass at most {len(palette)}, or more colors")
    rows = [str(name) for name in names]
    table = []
    for name, given in groups.items():
        values = _checks.real_array(f"groups[{name!r}]", given)
        _checks.require_shape(f"groups[{name!r}]", values.shape, (len(rows),), "one value for each row")
        _checks.require_finite(f"groups[{name!r}]", values)
        table.append(values)
    if limits is not None and (len(limits) != 2 or not limits[0] < limits[1]):
        raise ValueError(f"limits is {limits!r}: pass two increasing numbers")
    low = min(0.0, *(float(values.min()) for values in table)) if limits is None else float(limits[0])
    high = max(0.0, *(float(values.max()) for values in table)) if limits is None else float(limits[1])
    span = high - low or 1.0
    n_groups = len(table)
    step = _THICK * n_groups + 0.18

    def words(row: int, group: int) -> str:
        text = written(float(table[group][row]), value_format)
        return f"{text} {list(groups)[group]}" if row == 0 and n_groups > 1 else text

    with style():
        height = step * len(rows) + 0.1 + (0.32 if xlabel else 0.0)
        figure = Figure(figsize=(COLUMN, height))
        figure.set_layout_engine("none")
        left = max(float(text_size(figure, row, largest_size(_SIZE, 72 * COLUMN))[0]) for row in rows) + 0.18
        sizes = [
            float(text_size(figure, words(row, group), _SIZE)[0]) + 0.12
            for row in range(len(rows))
            for group in range(n_groups)
        ]
        before = max(sizes) if low < 0 else 0.0
        after = max(sizes) if high > 0 else 0.1
        width = max(COLUMN - left - before - after - 0.05, 0.5)
        per_inch = span / width
        foot = 0.32 if xlabel else 0.0
        axes = figure.add_axes(
            (left / COLUMN, (foot + 0.05) / height, (width + before + after) / COLUMN, step * len(rows) / height)
        )
        axes.set(xlim=(low - before * per_inch, high + after * per_inch), ylim=(step * len(rows), 0))
        axes.grid(False)
        axes.spines[:].set_visible(False)
        axes.set_xticks([])
        axes.set_yticks(step * (np.arange(len(rows)) + 0.5), rows, fontsize=_SIZE)
        axes.tick_params(axis="y", length=0, pad=4 if low >= 0 else 2)
        axes.axvline(0, color=COLORS["foreground"], linewidth=0.9, linestyle="-")
        for row in range(len(rows)):
            for group in range(n_groups):
                value = float(table[group][row])
                level = step * row + 0.09 + _THICK * (group + 0.5)
                hollow = n_groups == 2 and group == 0
                color = palette[0] if n_groups == 2 and colors is None else palette[group]
                axes.barh(
                    level,
                    value,
                    height=_THICK - 0.045,
                    facecolor="none" if hollow else color,
                    edgecolor=color,
                    linewidth=1.3,
                )
                axes.text(
                    value + (0.06 if value >= 0 else -0.06) * per_inch,
                    level,
                    words(row, group),
                    ha="left" if value >= 0 else "right",
                    va="center",
                    fontsize=_SIZE,
                )
        if xlabel:
            figure.text((left + before) / COLUMN, 0.14 / height, xlabel, ha="left", va="center", fontsize=_SIZE)
    return figure
