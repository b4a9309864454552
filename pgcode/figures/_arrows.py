"""Gradients and updates as arrows from one point: how long each is, and how far it is turned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Arc, Polygon
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode.figures._style import COLORS, COLUMN, style
from pgcode.figures._words import clearest, number, text_size

__all__ = ["arrows"]

Array = NDArray[np.float64]

_TALLEST = 3.2
_SIZE = 11.0
#: Room for words beside and above the arrows, in inches.
_ROOM = np.array([2.5, 1.1])
_HEAD = 0.17

#: The first arrow is what is right; the second is what is compared with it.
_COLORS = (COLORS["exact"], COLORS["false"], COLORS["blue"], COLORS["green"], COLORS["purple"])


def _in_a_plane(vectors: Array) -> Array:
    """Return coordinates in the plane of the first two vectors: the first points to the right, the second up."""
    first = vectors[0] / max(float(np.linalg.norm(vectors[0])), np.finfo(float).tiny)
    if not first.any():
        first = np.eye(vectors.shape[1])[0]
    rest = vectors[1] - (vectors[1] @ first) * first if len(vectors) > 1 else np.zeros_like(first)
    length = float(np.linalg.norm(rest))
    # What rounding leaves of a vector along the first is no direction.
    second = rest / length if length > 1e-12 * float(np.abs(vectors).max(initial=1e-300)) else np.zeros_like(rest)
    return np.column_stack([vectors @ first, vectors @ second])


def _turn(one: Array, other: Array) -> float:
    """Return the angle between two vectors in degrees; NaN where one of them is zero."""
    lengths = [float(np.linalg.norm(one)), float(np.linalg.norm(other))]
    if min(lengths) == 0:
        return float("nan")
    unit, turned = one / lengths[0], other / lengths[1]
    return float(np.rad2deg(2 * np.arctan2(np.linalg.norm(turned - unit), np.linalg.norm(turned + unit))))


def _words(vectors: Array, index: int) -> str:
    vector, first = vectors[index], vectors[0]
    length, whole = float(np.linalg.norm(vector)), float(np.linalg.norm(first))
    if length == 0:
        return "zero: it points nowhere"
    if index == 0 or whole == 0:
        return f"length {number(length)}"
    if float(np.abs(vector - first).max()) <= 1e-10 * whole:
        return "the same arrow"
    return f"{number(length / whole, 2)} times as long, turned by {_turn(first, vector):.0f}°"


def arrows(
    vectors: Mapping[str, ArrayLike],
    *,
    coordinates: Sequence[str] | None = None,
    reach: float | None = None,
    colors: Sequence[str] | None = None,
) -> Figure:
    r"""Draw vectors as arrows from one point, each with its name and how it differs from the first.

    The first is the one that the others are compared with, such as the gradient. Below the name of each other
    stands how many times as long it is and by how many degrees it is turned. Vectors of two components are drawn
    as they are; of more, in the plane that the first two span, in which their lengths and their angle are true.

    Parameters
    ----------
    vectors : mapping of str to array
        Names and vectors, all of one size of at least 2; an array of any shape counts as the vector of its entries.
    coordinates : sequence of two str, optional
        The names of the two components.
    reach : float, optional
        The length that the drawing has room for in every direction, so that the frames of a slider share one scale.
    colors : sequence of str, optional
        The colours. Without them the first arrow has the colour of text, the second that of what is false.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, for `show`.

    Raises
    ------
    ImportError
        Without matplotlib.
    ValueError
        When there is no vector, when their sizes differ or are below 2, or when there are more vectors than colours.

    Examples
    --------
    >>> from pgcode import figures
    >>> figure = figures.arrows({"the gradient": [1.0, 0.0], "the update": [0.0, 0.5]})
    >>> [text.get_text() for text in figure.axes[0].texts]
    ['the gradient\nlength 1', 'the update\n0.5 times as long, turned by 90°']
    >>> figures.show(figure, "The update is half as long as the gradient and at right angles to it.")
    The update is half as long as the gradient and at right angles to it.
    """
    if not isinstance(vectors, Mapping) or not vectors:
        raise ValueError(f"vectors is {vectors!r}: pass at least one name with its vector, such as {{'∇J': [1, 0]}}")
    palette = _COLORS if colors is None else tuple(colors)
    if len(vectors) > len(palette):
        raise ValueError(f"vectors holds {len(vectors)} vectors: pass at most {len(palette)}, one for each colour")
    names = [str(name) for name in vectors]
    columns: list[Array] = []
    for name, vector in zip(names, vectors.values(), strict=True):
        column = _checks.real_array(f"vectors[{name!r}]", vector).ravel()
        _checks.require_finite(f"vectors[{name!r}]", column)
        if column.size < 2:
            raise ValueError(f"vectors[{name!r}] has {column.size} component: an arrow needs two or more")
        if columns and column.size != columns[0].size:
            raise ValueError(
                f"vectors[{name!r}] has {column.size} components, but vectors[{names[0]!r}] has {columns[0].size}"
            )
        columns.append(column)
    table = np.array(columns)
    if coordinates is not None and (isinstance(coordinates, str) or len(coordinates) != 2 or table.shape[1] != 2):
        raise ValueError(f"coordinates is {coordinates!r}: pass two names, for vectors of two components")
    flat = table if table.shape[1] == 2 else _in_a_plane(table)

    if reach is None:
        low, high = np.minimum(flat.min(axis=0), 0), np.maximum(flat.max(axis=0), 0)
    else:
        high = np.full(2, _checks.require_positive("reach", reach, "the length that there is room for"))
        low = -high
    span = np.maximum(high - low, np.finfo(float).tiny)
    scale = float(np.min((np.array([COLUMN, _TALLEST]) - _ROOM) / span))
    size = np.array([COLUMN, max(scale * span[1], 0.3) + _ROOM[1]])
    origin = size / 2 - scale * (low + high) / 2

    with style():
        figure = Figure(figsize=(size[0], size[1]))
        figure.set_layout_engine("none")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        axes.set(xlim=(0, size[0]), ylim=(0, size[1]))
        faint: dict[str, Any] = {
            "color": COLORS["foreground"],
            "alpha": 0.3,
            "linewidth": 0.8,
            "linestyle": "-",
            "zorder": 0,
        }
        if coordinates is not None:
            axes.plot([0.1, size[0] - 0.1], [origin[1]] * 2, **faint)
            axes.plot([origin[0]] * 2, [0.1, size[1] - 0.1], **faint)

        tips = origin + scale * flat
        lines = np.concatenate([np.linspace(origin, tip, 60) for tip in tips])
        boxes: list[tuple[Array, Array]] = []
        texts: list[tuple[Array, str, str]] = []
        if coordinates is not None:
            for word, spot in zip(
                coordinates,
                (np.array([size[0] - 0.22, origin[1] - 0.2]), np.array([origin[0] + 0.24, size[1] - 0.2])),
                strict=True,
            ):
                boxes.append((spot, text_size(figure, word, _SIZE) / 2 + 0.03))
                texts.append((spot, word, COLORS["foreground"]))

        for index, tip in enumerate(tips):
            color = palette[index]
            length = float(np.hypot(*(tip - origin)))
            if length < 0.02:
                axes.plot(*origin, marker="o", markersize=7, color=color, zorder=3)
                continue
            direction = (tip - origin) / length
            head = min(_HEAD, 0.6 * length)
            base = tip - head * direction
            wings = 0.42 * head * np.array([-direction[1], direction[0]])
            # One under the other stays in sight: the later ones are thinner.
            axes.plot(
                *np.array([origin, base + 0.2 * head * direction]).T,
                color=color,
                linewidth=3.4 - 1.0 * min(index, 2),
                linestyle="-",
                solid_capstyle="round",
            )
            axes.add_patch(
                Polygon([tip, base + wings, base - wings], closed=True, facecolor=color, edgecolor="none", zorder=3)
            )
        if len(flat) == 2 and _turn(flat[0], flat[1]) > 8:
            angles = np.rad2deg(np.arctan2(flat[:, 1], flat[:, 0]))
            start, end = angles if (angles[1] - angles[0]) % 360 <= 180 else angles[::-1]
            radius = min(0.42, 0.75 * scale * float(np.hypot(*flat.T).min()))
            axes.add_patch(
                Arc(
                    (float(origin[0]), float(origin[1])),
                    2 * radius,
                    2 * radius,
                    theta1=float(start),
                    theta2=float(end),
                    color=palette[1],
                    linewidth=1.2,
                )
            )

        outer = np.array([0.05, 0.05]), size - 0.05
        labels: list[tuple[Array, str, str]] = []
        for index, tip in enumerate(tips):
            words = f"{names[index]}\n{_words(table, index)}"
            half = text_size(figure, words, _SIZE) / 2 + 0.04
            away = np.arctan2(*(tip - origin)[::-1]) if (tip != origin).any() else np.pi / 2
            spots = []
            for distance in (0.08, 0.25, 0.45):
                for turn in np.deg2rad(np.arange(-180, 180, 15)):
                    direction = np.array([np.cos(away + turn), np.sin(away + turn)])
                    beyond = float(np.min((half + 0.02) / np.maximum(np.abs(direction), 1e-9)))
                    spots.append((tip + (distance + beyond) * direction, 0.4 * abs(float(turn)) + 4 * distance))
            spot = clearest(spots, half, boxes, lines, *outer)
            boxes.append((spot, half))
            labels.append((spot, words, palette[index]))
        plate = {"boxstyle": "square,pad=0.1", "facecolor": COLORS["surface"], "edgecolor": "none"}
        for spot, words, color in labels:
            axes.text(
                float(spot[0]),
                float(spot[1]),
                words,
                ha="center",
                va="center",
                fontsize=_SIZE,
                color=color,
                linespacing=1.3,
                bbox=plate,
            )
        for spot, words, color in texts:
            axes.text(float(spot[0]), float(spot[1]), words, ha="center", va="center", fontsize=_SIZE, color=color)
    return figure
