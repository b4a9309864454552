"""Leave one out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises._catalogues import ABOUT_STATES, TO_GO, Estimators, batch_of
from pgcode.exercises.one_gradient._shared import (
    LOOKING_AHEAD,
    STANDARDISING,
)
from pgcode.mistakes._pipeline import Batches

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _batches(rng: Generator) -> Arguments:
    for m, horizon, level in ((4, 3, 0.0), (2, 5, 1.0), (6, 1, -2.0), (3, 4, 10.0)):
        yield (level + rng.standard_normal((m, horizon)),)


@function_exercise(
    title="Leave one out",
    cases=_batches,
    shows="The others are independent of the own trajectory, so their mean is a baseline, exactly. Your result is "
    "m/(m − 1) times what comes out if you subtract the mean of all m: to leave one out is the repair of the batch "
    "mean.",
    hints=[
        "The rows are trajectories and the columns are times. Each column is a task of its own.",
        "The sum over the others is the sum over all, less the own number. `to_go.sum(axis=0)` has one sum for each "
        "time.",
        "How many others are there?",
    ],
    see=STANDARDISING,
)
def leave_one_out(to_go: Array) -> Array:
    """Return G_{i,t} less the mean of G_{j,t} over the other trajectories, shape (m, T)."""
    others = (to_go.sum(axis=0) - to_go) / (len(to_go) - 1)
    return to_go - others


def _mean_of_the_others(to_go: Array) -> Array:
    return np.asarray((to_go.sum(axis=0) - to_go) / (len(to_go) - 1))


@leave_one_out.misconception()
def sample_itself_included(to_go: Array) -> Array:
    """You subtracted the mean over all m trajectories, the one itself among them.

    Its G depends on its own actions, so this is no baseline: the mean of the estimate is (1 − 1/m) ∇J.
    """
    return np.asarray(to_go - to_go.mean(axis=0))


@leave_one_out.misconception()
def divided_by_all(to_go: Array) -> Array:
    """You added up the others and divided by m.

    There are m − 1 others. With m in the denominator it is a baseline, but not their mean.
    """
    return np.asarray(to_go - (to_go.sum(axis=0) - to_go) / len(to_go))


@leave_one_out.misconception()
def sum_of_the_others(to_go: Array) -> Array:
    """You subtracted the sum of the others.

    Their mean is asked for: divide by their number.
    """
    return np.asarray(to_go - (to_go.sum(axis=0) - to_go))


@leave_one_out.misconception()
def factor_turned_over(to_go: Array) -> Array:
    """You multiplied the batch mean's result by (m − 1)/m once more.

    The mean of all m makes the estimate too short by that factor. The repair is m/(m − 1).
    """
    return np.asarray((to_go - to_go.mean(axis=0)) * (1 - 1 / len(to_go)))


@leave_one_out.misconception(see=LOOKING_AHEAD)
def mean_of_the_own_episode(to_go: Array) -> Array:
    """You took the mean along time, over the own trajectory.

    Such a mean holds numbers that the action at time t has influenced, so it is no baseline. The mean runs over the
    other rows, for each time by itself.
    """
    return np.asarray(to_go - to_go.mean(axis=1, keepdims=True))


@leave_one_out.misconception()
def one_mean_for_all_times(to_go: Array) -> Array:
    """You subtracted one mean over all times and all trajectories.

    It holds the own trajectory at other times, and the action has a part in some of them: what it takes away need not
    have the direction of ∇J. Each time has a mean of its own, over the others alone.
    """
    return np.asarray(to_go - to_go.mean())


@leave_one_out.misconception()
def others_at_all_times(to_go: Array) -> Array:
    """You took one mean of the others for all times.

    It is a baseline, since the others are independent of the own actions, but not the one that is asked for: each time
    t has the mean of G_{j,t} at the same t.
    """
    rows = to_go.sum(axis=1, keepdims=True)
    return np.asarray(to_go - (rows.sum() - rows) / ((len(to_go) - 1) * to_go.shape[1]))


@leave_one_out.misconception()
def standardised(to_go: Array) -> Array:
    """You subtracted the mean of all and divided by the standard deviation.

    That sets the scale, and in a small batch it biases the direction too. Nothing is divided here, and the mean is over
    the others.
    """
    return np.asarray((to_go - to_go.mean(axis=0)) / to_go.std(axis=0))


@leave_one_out.misconception()
def baseline_for_the_difference(to_go: Array) -> Array:
    """You returned the mean of the others.

    That is the baseline. Subtract it from G.
    """
    return _mean_of_the_others(to_go)


@leave_one_out.misconception()
def return_subtracted_from_baseline(to_go: Array) -> Array:
    """You subtracted the wrong way round.

    A trajectory that did better than the others has a positive weight: G less the baseline.
    """
    return np.asarray(_mean_of_the_others(to_go) - to_go)


leave_one_out.recognise(
    Estimators(
        lambda stations, to_go: stations["baseline"](_complete(to_go), to_go[None])[0],
        stations=("baseline",),
        without=ABOUT_STATES,
        bases=(TO_GO,),
    )
)


def _complete(to_go: Array) -> Batches:
    """A batch of walks that all have the same length."""
    m, horizon = to_go.shape
    return batch_of(np.zeros(m * horizon), np.full(m, horizon), 1.0)


@leave_one_out.misconception()
def own_number_not_taken_out(to_go: Array) -> Array:
    """The sum over all is divided by m − 1, with the own number still in it.

    Take it out of the sum first: (Σ_j G_j − G_i) / (m − 1).
    """
    return np.asarray(to_go - to_go.sum(axis=0) / (len(to_go) - 1))


@leave_one_out.misconception()
def other_times_for_other_trajectories(to_go: Array) -> Array:
    """The mean is that of the other times of the same trajectory.

    Those are numbers in which the own action has a part. Take the same time in the other trajectories: `axis=0`.
    """
    others = max(to_go.shape[1] - 1, 1)
    return np.asarray(to_go - (to_go.sum(axis=1, keepdims=True) - to_go) / others)


@leave_one_out.misconception()
def trajectory_before(to_go: Array) -> Array:
    """The number of the trajectory before is subtracted.

    It is a baseline too, and leaves the mean alone. The mean of all the others varies less.
    """
    return np.asarray(to_go - np.roll(to_go, 1, axis=0))


@leave_one_out.misconception()
def median_of_the_others(to_go: Array) -> Array:
    """The median of the others is subtracted.

    It is a baseline too, and leaves the mean alone. The task asks for their mean.
    """
    return np.array([row - np.median(np.delete(to_go, i, axis=0), axis=0) for i, row in enumerate(to_go)])


@leave_one_out.also_right
def _row_by_row(to_go: Array) -> Array:
    """The loop over the trajectories."""
    left = np.zeros(to_go.shape)
    for i in range(len(to_go)):
        others = np.delete(to_go, i, axis=0)
        left[i] = to_go[i] - others.mean(axis=0)
    return left


@leave_one_out.misconception()
def rows_overwritten(to_go: Array) -> Array:
    """Each row is overwritten by its difference, and the rows after it are compared with that.

    Every row needs the others as they were: write the result into an array of its own.
    """
    left = np.array(to_go, dtype=float)
    for i in range(len(left)):
        left[i] -= (left.sum(axis=0) - left[i]) / (len(left) - 1)
    return left
