"""What of many runs a curve should show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.practice._shared import PICTURES

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _runs(rng: Generator) -> Arguments:
    for runs, updates in ((9, 4), (5, 7), (12, 3)):
        solved = rng.random((runs, 1)) < 0.7
        yield (np.round(np.where(solved, 400, 10) + 20 * rng.normal(size=(runs, updates)), 1),)


@function_exercise(
    title="Repair: a curve of the best run",
    cases=_runs,
    shows="Half of all runs lie between the first and the last row, at every update, and the median is what a run "
    "does. The best run says what luck can do, and a mean is where no run is if some succeed and some fail.",
    hints=[
        "At each update there are as many numbers as runs. Which three of them say where the runs are?",
        "`np.quantile` takes several shares at once, and an axis.",
    ],
    see=PICTURES,
)
def curve_to_report(returns: Array) -> Array:
    """Return the quantiles at ¼, ½ and ¾ over the runs, shape (3, updates), of returns (runs, updates)."""
    return np.quantile(returns, [0.25, 0.5, 0.75], axis=0)


@curve_to_report.misconception()
def best_run(returns: Array) -> Array:
    """All three rows are the best run.

    The best of many says what luck can do, and grows with the number of runs.
    """
    return np.tile(returns[returns.mean(axis=1).argmax()], (3, 1))


@curve_to_report.misconception()
def best_at_the_end(returns: Array) -> Array:
    """All three rows are the run that ends best.

    The best of many says what luck can do, and grows with the number of runs.
    """
    return np.tile(returns[returns[:, -1].argmax()], (3, 1))


@curve_to_report.misconception()
def mean_and_deviation(returns: Array) -> Array:
    """The rows are the mean, and the mean less and plus a standard deviation.

    Where some runs succeed and some fail no run is near the mean, and the band reaches beyond all of them.
    """
    mean, spread = returns.mean(axis=0), returns.std(axis=0)
    return np.stack([mean - spread, mean, mean + spread])


@curve_to_report.misconception()
def mean_and_deviation_with_one_less(returns: Array) -> Array:
    """The rows are the mean, and the mean less and plus a standard deviation with one less in it.

    Where some runs succeed and some fail no run is near the mean, and the band reaches beyond all of them.
    """
    mean, spread = returns.mean(axis=0), returns.std(axis=0, ddof=1)
    return np.stack([mean - spread, mean, mean + spread])


@curve_to_report.misconception()
def mean_and_standard_error(returns: Array) -> Array:
    """The rows are the mean, and the mean less and plus its standard error.

    That says how well the mean is known. It does not say where the runs are, and with many runs it hides them.
    """
    mean = returns.mean(axis=0)
    error = returns.std(axis=0, ddof=1) / np.sqrt(len(returns))
    return np.stack([mean - error, mean, mean + error])


@curve_to_report.misconception()
def all_runs_from_least_to_most(returns: Array) -> Array:
    """The rows are the least, the median and the most of all runs.

    Least and most move apart with the number of runs. The middle half does not.
    """
    return np.quantile(returns, [0, 0.5, 1], axis=0)


@curve_to_report.misconception()
def over_the_updates(returns: Array) -> Array:
    """The quantiles are taken over the updates of each run.

    That throws early and late together. At each update the runs are to be compared.
    """
    return np.quantile(returns, [0.25, 0.5, 0.75], axis=1)


@curve_to_report.misconception()
def order_turned_round(returns: Array) -> Array:
    """The rows stand in the opposite order, the largest first."""
    return np.quantile(returns, [0.75, 0.5, 0.25], axis=0)


@curve_to_report.misconception()
def all_runs_and_updates_together(returns: Array) -> Array:
    """The quantiles are those of all numbers together, the same at every update.

    A curve says how the runs change from update to update.
    """
    flat = np.quantile(returns, [0.25, 0.5, 0.75])
    return np.tile(flat[:, None], returns.shape[1])
