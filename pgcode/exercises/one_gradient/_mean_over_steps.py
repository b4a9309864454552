"""Two walks in a batch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.chapters import DISCOUNTING

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


_OVER_STEPS = DISCOUNTING.section("Mean over time steps, or sum per trajectory?")


def _two_walks(rng: Generator) -> Arguments:
    for walks, size in ((2, 1), (3, 2), (5, 4)):
        yield rng.dirichlet(np.ones(walks)), rng.standard_normal((walks, size)), rng.integers(1, 12, size=walks)
    yield np.array([0.5, 0.5]), np.array([[1.0], [-2.0]]), np.array([1, 10])


@function_exercise(
    title="A mean over the steps of two walks",
    cases=_two_walks,
    shows="The number of steps is random and goes with the walk, so the mean of the ratio is no multiple of ∇J. With "
    "more walks in a batch the divisor hardly depends on any one of them.",
    hints=[
        "A batch holds two independent walks i and j. Its probability is P_i P_j.",
        "In this batch the estimate is (ĝ_i + ĝ_j) / (N_i + N_j).",
        "`lengths[:, None] + lengths` has an entry for each pair.",
    ],
    see=_OVER_STEPS,
)
def mean_over_steps(probability: Array, totals: Array, lengths: Array) -> Array:
    """Return Σ_ij P_i P_j (ĝ_i + ĝ_j)/(N_i + N_j), the mean of the estimate from two walks; ĝ_i is a row of totals."""
    pairs = probability[:, None] * probability
    steps = lengths[:, None] + lengths
    return np.einsum("ij,ijk->k", pairs / steps, totals[:, None] + totals)


@mean_over_steps.misconception()
def ratio_of_the_means(probability: Array, totals: Array, lengths: Array) -> Array:
    """Your result is the mean sum divided by the mean length.

    The mean of a ratio is not the ratio of the means: divide in each batch, and then take the mean.
    """
    return np.asarray(probability @ totals / (probability @ lengths))


@mean_over_steps.misconception()
def one_walk_in_a_batch(probability: Array, totals: Array, lengths: Array) -> Array:
    """Your result is the mean for batches of one walk: each sum is divided by its own length.

    Two walks share one divisor, N_i + N_j.
    """
    return np.asarray(probability @ (totals / lengths[:, None]))


@mean_over_steps.misconception()
def sum_for_each_walk(probability: Array, totals: Array, lengths: Array) -> Array:
    """Nothing is divided by the number of steps.

    That is the sum for each walk, which is right as an estimate of ∇J. Asked for is the mean over steps.
    """
    return np.asarray(probability @ totals)


@mean_over_steps.misconception()
def two_walks_alike(probability: Array, totals: Array, lengths: Array) -> Array:
    """A pair of two equal walks was left out, and the rest counted as it is.

    The walks are independent: the second may be the same as the first.
    """
    pairs = probability[:, None] * probability
    np.fill_diagonal(pairs, 0.0)
    return np.einsum("ij,ijk->k", pairs / (lengths[:, None] + lengths), totals[:, None] + totals)


@mean_over_steps.misconception()
def divided_by_the_walks_too(probability: Array, totals: Array, lengths: Array) -> Array:
    """The sum is divided by the number of walks as well.

    The mean over all steps has one divisor, their number.
    """
    return np.asarray(mean_over_steps.reference(probability, totals, lengths) / 2)


@mean_over_steps.misconception()
def every_pair_alike(probability: Array, totals: Array, lengths: Array) -> Array:
    """All pairs of walks count alike.

    Each counts with its probability, P_i P_j.
    """
    uniform = np.full(len(probability), 1 / len(probability))
    return np.asarray(mean_over_steps.reference(uniform, totals, lengths))


@mean_over_steps.also_right
def _pair_by_pair(probability: Array, totals: Array, lengths: Array) -> Array:
    """The loop over the pairs."""
    mean = np.zeros(totals.shape[1])
    for i in range(len(probability)):
        for j in range(len(probability)):
            mean += probability[i] * probability[j] * (totals[i] + totals[j]) / (lengths[i] + lengths[j])
    return mean


@mean_over_steps.misconception()
def each_pair_once(probability: Array, totals: Array, lengths: Array) -> Array:
    """Each pair of different walks is counted once.

    The batches (i, j) and (j, i) are two, each with the probability P_i P_j.
    """
    pairs = np.triu(probability[:, None] * probability) / (lengths[:, None] + lengths)
    return np.asarray(np.einsum("ij,ijk->k", pairs, totals[:, None] + totals))


@mean_over_steps.misconception()
def pairs_of_different_walks(probability: Array, totals: Array, lengths: Array) -> Array:
    """The batches with the same walk twice are left out.

    Two independent walks may be equal: the pair (i, i) has the probability P_i².
    """
    pairs = probability[:, None] * probability * (1 - np.eye(len(probability)))
    return np.asarray(np.einsum("ij,ijk->k", pairs / (lengths[:, None] + lengths), totals[:, None] + totals))
