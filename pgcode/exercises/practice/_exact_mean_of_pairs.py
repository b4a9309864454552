"""The exact mean of an estimator, from all of its batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.practice._shared import LISTING

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _listed(rng: Generator) -> Arguments:
    for walks, entries in ((3, 2), (2, 1), (4, 5)):
        chances = rng.random(walks) + 0.1
        yield chances / chances.sum(), rng.normal(size=(walks, walks, entries)).round(2)


@function_exercise(
    title="Repair: a mean without sampling",
    cases=_listed,
    shows="Each batch counts with its probability, which for two independent walks is a product. That is all that an "
    "audit does; its verdict needs no random number and no tolerance for noise.",
    hints=[
        "The program takes every batch for equally likely. How likely is the batch of walk i and walk j?",
        "The two walks are independent, and the batch (i, j) is another one than (j, i).",
    ],
    see=LISTING,
)
def exact_mean_of_pairs(probability: Array, estimates: Array) -> Array:
    """Return the mean of an estimator over all batches of two walks, shape (K,)."""
    chances = probability[:, None] * probability
    return np.tensordot(chances, estimates, 2)


@exact_mean_of_pairs.misconception()
def all_batches_equally_likely(probability: Array, estimates: Array) -> Array:
    """Every batch counts alike, as if all walks were equally probable.

    A batch is as probable as its two walks: multiply their probabilities.
    """
    return np.asarray(estimates.mean(axis=(0, 1)))


@exact_mean_of_pairs.misconception()
def batches_summed(probability: Array, estimates: Array) -> Array:
    """The estimates of all batches are summed, and none has a probability.

    A mean counts each batch with its probability.
    """
    return np.asarray(estimates.sum(axis=(0, 1)))


@exact_mean_of_pairs.misconception()
def first_walk_alone(probability: Array, estimates: Array) -> Array:
    """Only the first walk of a batch has its probability, the second counts alike whichever it is."""
    return np.asarray(np.tensordot(probability, estimates.mean(axis=1), 1))


@exact_mean_of_pairs.misconception()
def second_walk_alone(probability: Array, estimates: Array) -> Array:
    """Only the second walk of a batch has its probability, the first counts alike whichever it is."""
    return np.asarray(np.tensordot(probability, estimates.mean(axis=0), 1))


@exact_mean_of_pairs.misconception()
def same_walk_left_out(probability: Array, estimates: Array) -> Array:
    """Batches in which the same walk comes twice are left out.

    The two draws are independent: a walk comes twice with the square of its probability.
    """
    chances = np.outer(probability, probability) * (1 - np.eye(len(probability)))
    return np.asarray(np.tensordot(chances, estimates, 2))


@exact_mean_of_pairs.misconception()
def same_walk_left_out_and_scaled(probability: Array, estimates: Array) -> Array:
    """Batches in which the same walk comes twice are left out, and the others scaled so that they sum to 1.

    The two draws are independent: a walk comes twice with the square of its probability.
    """
    chances = np.outer(probability, probability) * (1 - np.eye(len(probability)))
    return np.asarray(np.tensordot(chances / chances.sum(), estimates, 2))


@exact_mean_of_pairs.misconception()
def same_walk_alone(probability: Array, estimates: Array) -> Array:
    """Only batches in which one walk comes twice are there.

    That is a batch of one walk, counted double. Two walks are drawn independently.
    """
    return np.asarray(np.einsum("i,iik->k", probability, estimates))


@exact_mean_of_pairs.misconception()
def probabilities_added(probability: Array, estimates: Array) -> Array:
    """The probabilities of the two walks are added, or averaged, and not multiplied."""
    chances = (probability[:, None] + probability) / 2 / len(probability)
    return np.asarray(np.tensordot(chances, estimates, 2))


@exact_mean_of_pairs.misconception()
def order_not_counted(probability: Array, estimates: Array) -> Array:
    """Each pair is counted in one order alone.

    (i, j) and (j, i) are two batches, and an estimator may see a difference.
    """
    chances = np.triu(np.outer(probability, probability))
    return np.asarray(np.tensordot(chances, estimates, 2))
