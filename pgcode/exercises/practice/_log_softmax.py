"""The axis of a softmax."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.practice._shared import LOGITS

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _logits(rng: Generator) -> Arguments:
    for shape, level in (((3, 2), 0.0), ((2, 4), 1000.0), ((5, 3), -900.0)):
        yield (level + rng.standard_normal(shape),)
    yield (np.array([[0.0, -1500.0], [2000.0, 1999.0]]),)  # each row with its own largest logit


@function_exercise(
    title="Repair: a softmax for a batch",
    cases=_logits,
    shows="A policy is a distribution over the actions of one state: one row sums to 1. Subtracting the largest logit "
    "changes no probability and keeps the exponential in range.",
    hints=[
        "What sums to 1 in the broken function? What should?",
        "The rows are states, the columns are actions.",
        "Some logits are near 1000, and e¹⁰⁰⁰ is no float.",
    ],
    see=LOGITS,
)
def log_softmax(logits: Array) -> Array:
    """Return log π of each action in each state of a batch, for logits of shape (m, n_actions)."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def _over(logits: Array, axis: int | None) -> Array:
    shifted = logits - logits.max(axis=axis, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)))


@log_softmax.misconception()
def softmax_over_the_batch(logits: Array) -> Array:
    """Each column sums to 1: the states of the batch compete for an action.

    What is chosen in a state are its actions: `axis=1`.
    """
    return _over(logits, 0)


@log_softmax.misconception()
def one_softmax_for_all(logits: Array) -> Array:
    """All entries together sum to 1.

    Each state has a distribution of its own.
    """
    return _over(logits, None)


@log_softmax.misconception()
def probabilities_for_logarithms(logits: Array) -> Array:
    """Your result is π itself.

    Its logarithm is asked for.
    """
    return np.asarray(np.exp(_over(logits, 1)))


@log_softmax.misconception()
def not_normalised(logits: Array) -> Array:
    """Your result is the logits less the largest of their row.

    That is log π but for a number in each row: subtract the logarithm of the sum of the exponentials.
    """
    return np.asarray(logits - logits.max(axis=1, keepdims=True))


@log_softmax.misconception()
def logits_for_log_probabilities(logits: Array) -> Array:
    """Your result is the logits as they are.

    They are log π only if their exponentials sum to 1.
    """
    return logits.copy()


@log_softmax.misconception()
def mean_for_the_sum(logits: Array) -> Array:
    """The exponentials are averaged where they should be added up.

    Then each row of π sums to the number of actions.
    """
    return np.asarray(_over(logits, 1) + np.log(logits.shape[1]))


@log_softmax.misconception()
def softmax_taken_twice(logits: Array) -> Array:
    """The softmax of a softmax: π was handed on as logits.

    Probabilities lie between 0 and 1, so the second softmax is nearly flat.
    """
    return _over(np.exp(_over(logits, 1)), 1)


@log_softmax.also_right
def _unshifted_at_last(logits: Array) -> Array:
    """The logits less their logarithm of the sum of exponentials."""
    largest = logits.max(axis=1, keepdims=True)
    norm = largest + np.log(np.exp(logits - largest).sum(axis=1, keepdims=True))
    return np.asarray(logits - norm)


@log_softmax.misconception()
def largest_subtracted_twice(logits: Array) -> Array:
    """The largest logit is subtracted once more in the end.

    It was taken from the logits and from the normaliser alike: nothing is left to subtract.
    """
    shifted = logits - logits.max(axis=1, keepdims=True)
    norm = np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return np.asarray(shifted - norm - logits.max(axis=1, keepdims=True))
