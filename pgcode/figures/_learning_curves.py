"""Learning curves: medians and bands over seeds, each with its name at its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import ScaledTranslation
from numpy.typing import ArrayLike

from pgcode import _checks
from pgcode.figures._style import COLORS, COLUMN, CYCLE, LINE_STYLES, style
from pgcode.figures._words import spread, text_size

__all__ = ["learning_curves"]

#: In points, and inches: on a phone the column is 3.6 inches wide, and a word of this size still 10 pixels high.
_SIZE = 12.5
_HEIGHT = 3.4


def learning_curves(
    curves: Mapping[str, ArrayLike],
    x: ArrayLike | None = None,
    *,
    xlabel: str = "episodes",
    ylabel: str = r"expected return $J$",
    levels: Mapping[str, float] | None = None,
    quantiles: Sequence[float] = (0.25, 0.75),
    colors: Sequence[str] | None = None,
    places: Mapping[str, tuple[float, float]] | None = None,
) -> Figure:
    """Draw the median of several runs and a band between two quantiles, for each way of learning.

    Each curve has its name at its right end, so that no legend is needed, and a colour and a line style of its own.
    Where all end equally high, names may stand elsewhere.

    Parameters
    ----------
    curves : mapping of str to array, shape (n_seeds, n_points) or (n_points,)
        Names, and the returns of every seed. One run alone has no band.
    x : array, shape (n_points,), optional
        Where the points lie, such as numbers of episodes. Without it 0, 1, 2, ….
    xlabel, ylabel : str
        What the axes measure, with units.
    levels : mapping of str to float, optional
        Names and heights of dotted lines, such as the best return there is.
    quantiles : sequence of two floats
        The edges of the band. (0.25, 0.75) holds the middle half of the seeds.
    colors : sequence of str, optional
        The colours, for more curves than the four of the cycle or for another meaning.
    places : mapping of str to (float, float), optional
        Names that stand inside the plot instead, each with x and y of its left end, such as beside a curve's rise.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, for `show`.

    Raises
    ------
    ImportError
        Without matplotlib.
    ValueError
        When there is no curve, when shapes do not fit, when there are more curves than colours, when the quantiles
        are not two increasing numbers from 0 to 1, or when a place is that of no curve or level, or no two numbers.

    Examples
    --------
    >>> from pgcode import figures
    >>> runs = {"no baseline": [[0, 0.2, 0.4], [0, 0.1, 0.6]], "with V": [[0, 0.5, 0.9], [0, 0.6, 0.8]]}
    >>> figure = figures.learning_curves(runs, [0, 100, 200], levels={"optimum": 1.0})
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['no baseline', 'with V', 'optimum']
    >>> figures.show(figure, "With V the return rises to 0.85 in 200 episodes, without a baseline to 0.5.")
    With V the return rises to 0.85 in 200 episodes, without a baseline to 0.5.
    """
    if not isinstance(curves, Mapping) or not curves:
        raise ValueError(f"curves is {curves!r}: pass at least one name with its returns")
    palette = CYCLE if colors is None else tuple(colors)
    if len(curves) > len(palette):
        raise ValueError(f"curves holds {len(curves)} curves: pass at most {len(palette)}, or more colors")
    edges = _checks.real_array("quantiles", quantiles)
    if edges.shape != (2,) or not 0 <= edges[0] < edges[1] <= 1:
        raise ValueError(f"quantiles is {quantiles!r}: pass two increasing numbers from 0 to 1")
    tables = {}
    for name, given in curves.items():
        table = np.atleast_2d(_checks.real_array(f"curves[{name!r}]", given))
        if table.ndim != 2 or table.shape[1] < 2:
            raise ValueError(
                f"curves[{name!r}] has shape {np.shape(given)}: pass (n_seeds, n_points), two points or more"
            )
        _checks.require_finite(f"curves[{name!r}]", table)
        tables[str(name)] = table
    n_points = next(iter(tables.values())).shape[1]
    for name, table in tables.items():
        if table.shape[1] != n_points:
            raise ValueError(f"curves[{name!r}] has {table.shape[1]} points, but the first curve has {n_points}")
    where = np.arange(n_points, dtype=float) if x is None else _checks.real_array("x", x)
    _checks.require_shape("x", where.shape, (n_points,), "one place for each point")
    _checks.require_finite("x", where)
    heights = {} if levels is None else {str(name): float(level) for name, level in levels.items()}
    if not isinstance(places, (Mapping, type(None))):
        raise ValueError(f"places is {places!r}: pass names, each with its x and y")
    inside = {}
    for name, given in (places or {}).items():
        if str(name) not in tables and str(name) not in heights:
            raise ValueError(f"places holds {name!r}: pass names among {', '.join(map(repr, (*tables, *heights)))}")
        place = _checks.real_array(f"places[{name!r}]", given)
        _checks.require_shape(f"places[{name!r}]", place.shape, (2,), "x and y")
        _checks.require_finite(f"places[{name!r}]", place)
        inside[str(name)] = place

    with style():
        figure = Figure(figsize=(COLUMN, _HEIGHT))
        figure.set_layout_engine("none")
        words = [*tables, *heights]
        at_ends = [word for word in words if word not in inside]
        room = max((float(text_size(figure, word, _SIZE)[0]) + 0.5 for word in at_ends), default=0.1) + 0.1
        left, bottom, top = 0.88, 0.66, 0.12
        width, height = COLUMN - left - room, _HEIGHT - bottom - top
        axes = figure.add_axes((left / COLUMN, bottom / _HEIGHT, width / COLUMN, height / _HEIGHT))
        axes.set(xlim=(where.min(), where.max()))
        axes.set_xlabel(xlabel, fontsize=_SIZE)
        axes.set_ylabel(ylabel, fontsize=_SIZE)
        axes.tick_params(labelsize=_SIZE)
        axes.xaxis.set_major_locator(MaxNLocator(4, integer=x is None))
        axes.yaxis.set_major_locator(MaxNLocator(4))
        ends: list[float] = []
        strokes: list[dict[str, Any]] = []
        for index, table in enumerate(tables.values()):
            color = palette[index]
            stroke = {"color": color, "linestyle": LINE_STYLES[index % len(LINE_STYLES)], "linewidth": 2.2}
            middle = np.median(table, axis=0)
            if len(table) > 1:
                low, high = np.quantile(table, edges, axis=0)
                axes.fill_between(where, low, high, color=color, alpha=0.18, linewidth=0)
            axes.plot(where, middle, **stroke)
            ends.append(float(middle[-1]))
            strokes.append(stroke)
        for level in heights.values():
            stroke = {"color": COLORS["foreground"], "linestyle": (0, (1, 2)), "linewidth": 1.3}
            axes.axhline(level, **stroke)
            ends.append(level)
            strokes.append(stroke)
        bottom_value, top_value = axes.get_ylim()
        axes.set_ylim(bottom_value, top_value)
        line = 1.35 * _SIZE / 72 * (top_value - bottom_value) / height
        free = [end for word, end in zip(words, ends, strict=True) if word not in inside]
        at_end = iter(spread(free, line, bottom_value + line / 2, top_value - line / 4))
        # A piece of each line stands before its name, which has the colour of text. Both are measured in inches from a
        # place, so that they stay there when the axis of x becomes another one, a logarithmic one say.
        for word, stroke in zip(words, strokes, strict=True):
            if word in inside:
                before, (across, high), units = 0.0, inside[word], axes.transData
            else:
                before, (across, high), units = 0.1, (1.0, next(at_end)), axes.get_yaxis_transform()
            there = figure.dpi_scale_trans + ScaledTranslation(across, high, cast(Any, units))
            axes.plot([before, before + 0.32], [0, 0], **stroke, clip_on=False, transform=there)
            axes.text(before + 0.4, 0, word, va="center", fontsize=_SIZE, clip_on=False, transform=there)
    return figure
