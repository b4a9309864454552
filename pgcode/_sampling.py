"""Drawing from finite distributions by inversion: the outcome is the number of cumulative sums that are at most u.

Everything in the package that is drawn from a table is drawn here: many outcomes of one distribution, one of
each of many, and, where the same distributions are drawn from very often, through tables: column by column where few
outcomes are possible, and through a guide where many are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Columns", "FewOutcomes", "GuideTable", "cumulative", "draw_each", "draw_many"]


def cumulative(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return cumulative probabilities along the last axis, infinite from the last possible outcome on.

    With u uniform on [0, 1), the number of entries that are at most u is an outcome with the given
    probability, and never one of probability 0, whatever rounding does to the sums.
    """
    sums = np.cumsum(probabilities, axis=-1)
    possible_from_here = np.flip(np.maximum.accumulate(np.flip(probabilities > 0, axis=-1), axis=-1), axis=-1)
    sums[..., :-1][~possible_from_here[..., 1:]] = np.inf
    sums[..., -1] = np.inf
    return sums


def draw_many(sums: NDArray[np.float64], n: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Draw n outcomes of one distribution, given its ``cumulative`` sums (k,)."""
    return np.searchsorted(sums, rng.random(n), side="right")


def draw_each(sums: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.intp]:
    """Draw one outcome of each distribution, given their ``cumulative`` sums (n, k)."""
    uniform = rng.random((len(sums), 1))
    if sums.shape[1] > 8:
        drawn: NDArray[np.intp] = (uniform >= sums).sum(axis=1)
        return drawn
    drawn = np.zeros(len(sums), dtype=np.intp)
    for column in range(sums.shape[1] - 1):  # few columns are counted faster one by one; the last is infinite
        drawn += uniform[:, 0] >= sums[:, column]
    return drawn


class Columns:
    """Distributions, one a row, as their ``cumulative`` sums column by column, each column in one piece of memory."""

    def __init__(self, probabilities: NDArray[np.float64]) -> None:
        n_outcomes = probabilities.shape[-1]
        columns = [np.ascontiguousarray(probabilities[..., k]).ravel() for k in range(n_outcomes)]
        possible_later = [columns[-1] > 0]
        for column in columns[-2:0:-1]:
            possible_later.insert(0, possible_later[0] | (column > 0))
        self.sums: list[NDArray[np.float64]] = []
        total: NDArray[np.float64] | float = 0.0
        for column, goes_on in zip(columns[:-1], possible_later, strict=False):  # one outcome alone has no sums
            total = total + column
            self.sums.append(np.where(goes_on, total, np.inf))

    def draw(self, rows: NDArray[np.integer], rng: np.random.Generator) -> NDArray[np.intp]:
        """Draw an outcome from each of the rows that are named."""
        uniform = rng.random(rows.size)
        drawn = np.zeros(rows.size, dtype=np.intp)
        for column in self.sums:
            drawn += uniform >= column.take(rows)
        return drawn


class FewOutcomes:
    """Distributions, one a row, in each of which few outcomes are possible, which alone are looked at.

    Attributes
    ----------
    row, outcome : array of int
        What the numbers that are drawn stand for.
    """

    def __init__(self, probabilities: NDArray[np.float64]) -> None:
        self.width = int((probabilities > 0).sum(axis=1).max())
        possible_first = np.argsort(probabilities <= 0, axis=1, kind="stable")[:, : self.width]
        self.row, self.outcome = np.repeat(np.arange(len(probabilities)), self.width), possible_first.ravel()
        self.columns = Columns(np.take_along_axis(probabilities, possible_first, axis=1))

    def draw(self, rows: NDArray[np.integer], rng: np.random.Generator) -> NDArray[np.intp]:
        """Draw from each of the rows that are named; the number of an outcome counts through all rows."""
        if self.width == 1:  # nothing to choose; but others drew a number here, and what is drawn later depends on it
            rng.random(rows.size)
            return rows.astype(np.intp, copy=False)
        drawn = self.columns.draw(rows, rng)
        drawn += rows * self.width
        return drawn


class GuideTable:
    """Distributions, one a row, each drawn from many times.

    Row r owns the interval from r to r + 1 of one sorted table, so that the number r + u, with u
    uniform, finds the outcome by inversion. A guide table cuts each interval into equal cells and
    says where the search in a cell begins (Chen and Asau 1974), so that it ends after a step or two.
    A rounded sum may pass the interval's end, or fall short of it, and r + u may be rounded up to it. So
    the sums are cut off at the end, the last outcome has no upper bound, and no cell of the guide leads
    out of its row.

    Attributes
    ----------
    row, outcome : array of int, shape (number of possible outcomes,)
        The outcomes of positive probability, row by row.
    """

    def __init__(self, probabilities: NDArray[np.float64]) -> None:
        self.row, self.outcome = np.nonzero(probabilities)
        every = np.arange(len(probabilities))[:, None]
        first = np.searchsorted(self.row, every)
        last = np.searchsorted(self.row, every, side="right") - 1
        sums = np.minimum(np.cumsum(probabilities, axis=1)[self.row, self.outcome], 1) + self.row
        self.n_cells = 1 << int(np.bincount(self.row).max()).bit_length()
        cell = every + np.arange(self.n_cells) / self.n_cells
        self.guide = np.clip(np.searchsorted(sums, cell, side="right"), first, last).ravel()
        self.first_above = sums
        self.first_above[last] = np.inf

    def draw(self, rows: NDArray[np.integer], rng: np.random.Generator) -> NDArray[np.intp]:
        """Draw from each of the rows that are named; the number of an outcome counts through all rows."""
        uniform = rng.random(rows.size)
        found = self.guide[rows * self.n_cells + (uniform * self.n_cells).astype(np.intp)]
        uniform += rows
        low = np.flatnonzero(self.first_above[found] <= uniform)
        while low.size:
            found[low] += 1
            low = low[self.first_above[found[low]] <= uniform[low]]
        return found
