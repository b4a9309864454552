"""A gridworld with the values of its cells and a policy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode.figures._style import COLORS, style, written

__all__ = ["draw_grid"]

#: The colour of the largest value, over the page. On a dark page more of it is brighter, so there is little of it.
_STRONGEST_TINT = 0.24

_KEY_SIZE = 9.5

Array = NDArray[np.float64]

#: Left, down, right, up, as Gymnasium's FrozenLake numbers its actions; (columns, rows downwards).
_FROZEN_LAKE_DIRECTIONS = ((-1, 0), (0, 1), (1, 0), (0, -1))


def _grid_cells(desc: object) -> list[list[str]]:
    rows = desc.tolist() if isinstance(desc, np.ndarray) else desc
    if not isinstance(rows, (list, tuple)) or not all(isinstance(row, (str, list, tuple)) for row in rows):
        raise TypeError(f"desc is {desc!r}: pass a list of rows such as ['SF', 'HG']")
    cells = [[cell.decode() if isinstance(cell, bytes) else str(cell) for cell in row] for row in rows]
    if not cells or not cells[0]:
        raise ValueError("desc is empty: pass rows such as ['SF', 'HG']")
    for where, cell in ((f"desc[{i}][{j}]", cell) for i, row in enumerate(cells) for j, cell in enumerate(row)):
        if len(cell) != 1:
            raise ValueError(f"{where} is {cell!r}: pass one letter for each cell")
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
    policy are as long as their action is probable. A key below the drawing says so.

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
    ImportError
        Without matplotlib.
    TypeError
        When `desc` is no list of rows, or an array does not hold real numbers.
    ValueError
        When the rows have different lengths, a cell is more than a letter, `values` or `policy` has the wrong
        shape or is no distribution, a direction is none, or `value_format` does not fit.

    Examples
    --------
    >>> from pgcode import figures
    >>> figure = figures.draw_grid(["SF", "HG"], values=[0.25, 0.5, 0.0, 0.0])
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['S', '0.25', 'F', '0.50', 'H', 'G']
    """
    cells = _grid_cells(desc)
    moves = _checks.real_array("directions", directions)
    if moves.ndim != 2 or moves.shape[1] != 2 or not moves.any(axis=1).all():
        raise ValueError(f"directions is {directions!r}: pass a move (right, down) other than (0, 0) for each action")
    n_rows, n_columns = len(cells), len(cells[0])
    n_cells = n_rows * n_columns
    numbers = None if values is None else _checks.real_array("values", values)
    if numbers is not None:
        _checks.require_shape("values", numbers.shape, (n_cells,), "one number for each cell")
        _checks.require_finite("values", numbers)
    arrows = None if policy is None else _checks.real_array("policy", policy)
    if arrows is not None:
        _checks.require_shape("policy", arrows.shape, (n_cells, len(moves)), "(cells, actions)")
        _checks.require_distributions("policy", arrows)
    largest = 0.0 if numbers is None else float(np.abs(numbers).max())
    both = numbers is not None and arrows is not None

    with style():
        side = min(0.95, 6.2 / n_columns)
        key = []
        if numbers is not None and largest > 0:
            key.append("colour: blue above 0, orange below 0")
        if arrows is not None:
            key.append("length of an arrow: probability of the action")
        line = 1.45 * _KEY_SIZE / 72
        below = line * len(key) + (0.08 if key else 0.0)
        width, height = side * n_columns + 0.1, side * n_rows + 0.1
        page_width = max([width] + [0.62 * _KEY_SIZE / 72 * len(text) for text in key])
        page_height = height + below
        figure = Figure(figsize=(page_width, page_height))
        figure.set_layout_engine("none")
        left = (page_width - width) / 2 / page_width
        axes = figure.add_axes((left, below / page_height, width / page_width, height / page_height))
        axes.set_axis_off()
        for index, text in enumerate(key):
            y = (below - 0.08 - line * (index + 0.5)) / page_height
            figure.text(0.5, y, text, ha="center", va="center", fontsize=_KEY_SIZE)
        margin = 0.05 / side
        axes.set(xlim=(-margin, n_columns + margin), ylim=(n_rows + margin, -margin))
        for cell in range(n_cells):
            row, column = divmod(cell, n_columns)
            letter = cells[row][column]
            final = letter in "HG"
            if numbers is not None and largest > 0 and not final and numbers[cell] != 0:
                shade = COLORS["blue" if numbers[cell] > 0 else "orange"]
                alpha = _STRONGEST_TINT * abs(float(numbers[cell])) / largest
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
                    written(float(numbers[cell]), value_format),
                    ha="right" if both else "center",
                    va="bottom" if both else "center",
                    fontsize=8.5 if both else 11,
                )
            if arrows is not None:
                for probability, (right, down) in zip(arrows[cell], moves, strict=True):
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
