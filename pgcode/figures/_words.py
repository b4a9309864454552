"""Words in a drawing: how large they are, and where they stand without covering anything."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

__all__ = ["clearest", "number", "renderer", "spread", "text_size"]

Array = NDArray[np.float64]

#: What an overlap with another box costs, beside a price of about one for a spot that is merely less good.
_OVERLAP = 20.0


def renderer(figure: Figure) -> RendererBase:
    """Return what measures texts."""
    return FigureCanvasAgg(figure).get_renderer()


def text_size(figure: Figure, text: str, size: float) -> Array:
    """Return the width and height of a text in inches."""
    artist = figure.text(0, 0, text, fontsize=size)
    extent = artist.get_window_extent(renderer(figure))
    artist.remove()
    return np.array([extent.width / figure.dpi, extent.height / figure.dpi])


def number(value: float, digits: int = 3) -> str:
    """Write a number with so many significant digits, a true minus sign and no needless zeros."""
    text = f"{value:.{digits}g}"
    return text.replace("e-0", "e-").replace("e+0", "e").replace("-", "−")


def spread(wished: Sequence[float] | Array, distance: float, low: float, high: float) -> Array:
    """Move points apart as little as possible, so that neighbours keep a distance and all stay in an interval.

    Labels at the ends of curves stand at such heights. Where the interval is too short, the distance shrinks.
    """
    heights = np.asarray(wished, dtype=float)
    order = np.argsort(heights, kind="stable")
    if len(order) > 1:
        distance = min(distance, (high - low) / (len(order) - 1))
    steps = distance * np.arange(len(order))
    # Less their steps, the points need only be in order: neighbours that are not are put at their mean.
    blocks: list[list[float]] = []
    for value in np.clip(heights[order], low, high) - steps:
        blocks.append([float(value)])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            last = blocks.pop()
            blocks[-1] += last
    level = np.concatenate([np.full(len(block), np.mean(block)) for block in blocks]) if blocks else np.zeros(0)
    placed = np.empty(len(order))
    placed[order] = np.clip(level, low, high - (steps[-1] if len(steps) else 0.0)) + steps
    return placed


def clearest(
    spots: Sequence[tuple[Array, float]],
    half: Array,
    boxes: Sequence[tuple[Array, Array]],
    lines: Array,
    low: Array,
    high: Array,
) -> Array:
    """Return the centre, among spots with prices, at which a text covers the least and stays on the canvas.

    Parameters
    ----------
    spots : sequence of (array, float)
        Where the centre may stand, in inches, and what it costs to stand there.
    half : array, shape (2,)
        Half the width and height of the text.
    boxes : sequence of (array, array)
        Centres and half sizes of what is there already.
    lines : array, shape (n, 2)
        Points along what has been drawn.
    low, high : array, shape (2,)
        The corners of the canvas.
    """
    best, least = spots[0][0], np.inf
    for spot, price in spots:
        cost = price
        for centre, size in boxes:
            overlap = half + size - np.abs(spot - centre)
            if (overlap > 0).all():
                cost += _OVERLAP + 100 * float(overlap.prod())
        if len(lines):
            cost += 2.0 * int((np.abs(lines - spot) < half).all(axis=1).sum())
        outside = np.maximum(low - (spot - half), 0) + np.maximum(spot + half - high, 0)
        cost += 200 * float(outside.sum())
        if cost < least - 1e-9:
            best, least = spot, cost
    return best
