"""The axis of a softmax."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.practice._shared import LOGITS, NAN

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
        "Some logits are near 2000, and e²⁰⁰⁰ is no float.",
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


# ---- where a logarithm or an exponential leaves the floats ----------------------------------------------------------


def _logarithm_of_the_quotient(logits: Array, shift: Array | float) -> Array:
    weights = np.exp(logits - shift)
    return np.asarray(np.log(weights / weights.sum(axis=1, keepdims=True)))


def _less_the_logarithm_of_the_sum(logits: Array, shift: Array | float) -> Array:
    shifted = logits - shift
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))


@log_softmax.misconception(see=NAN)
def logarithm_of_a_rounded_0(logits: Array) -> Array:
    """Your result is the logarithm of π: right, until a probability is rounded to 0, whose logarithm is −∞.

    The logits 2000 and 1000 have log π = 0 and −1000, and e⁻¹⁰⁰⁰ is 0 in a float. Take no exponential back: the shifted
    logits less the logarithm of the sum of their exponentials.
    """
    return _logarithm_of_the_quotient(logits, logits.max(axis=1, keepdims=True))


@log_softmax.misconception(see=NAN)
def exponential_of_large_numbers(logits: Array) -> Array:
    """You took the exponential of the logits as they are.

    The formula is right, but e²⁰⁰⁰ is infinite in a float, and e⁻⁹⁰⁰ is 0: what comes of them is infinite or `nan`.
    Subtract the largest logit of each row first: that changes no probability.
    """
    return _logarithm_of_the_quotient(logits, 0.0)


@log_softmax.misconception(see=NAN)
def one_shift_for_all_states(logits: Array) -> Array:
    """You subtracted the largest logit of the whole batch.

    In a row whose logits are all far below it every exponential is rounded to 0, and so is their sum, whose logarithm
    is −∞. Each row needs the largest of its own.
    """
    return _less_the_logarithm_of_the_sum(logits, logits.max())


@log_softmax.misconception(see=NAN)
def mean_for_the_maximum(logits: Array) -> Array:
    """The mean of each row is subtracted, and some logits lie far above it: their exponential is infinite.

    Subtract the largest, and no exponent is positive.
    """
    return _less_the_logarithm_of_the_sum(logits, logits.mean(axis=1, keepdims=True))


@log_softmax.misconception(see=NAN)
def shift_of_each_column(logits: Array) -> Array:
    """The largest of each column is subtracted: that is `max(axis=0)`, the largest of each action.

    What cancels is the same number taken from all actions of a state. Subtract the largest logit of each row.
    """
    return _less_the_logarithm_of_the_sum(logits, logits.max(axis=0, keepdims=True))


log_softmax.another_form("exponential of large numbers")(lambda logits: _less_the_logarithm_of_the_sum(logits, 0.0))
log_softmax.another_form("one shift for all states")(lambda logits: _logarithm_of_the_quotient(logits, logits.max()))
log_softmax.another_form("mean for the maximum")(
    lambda logits: _logarithm_of_the_quotient(logits, logits.mean(axis=1, keepdims=True))
)
