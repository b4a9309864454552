"""A softmax from scratch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises.chapters import DECISION_PROCESSES

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _preference_tables(rng: Generator) -> Arguments:
    yield (rng.standard_normal((3, 2)),)
    yield (rng.standard_normal((2, 4)),)
    # States of very different sizes, and within a state too: exp overflows or vanishes unless each is shifted.
    yield (np.array([[1000.0, 999.0, 998.5], [0.5, -1000.0, 0.0], [-900.0, -901.0, 900.0]]) + rng.random((3, 3)),)


@function_exercise(
    title="A softmax from scratch",
    cases=_preference_tables,
    shows="The same number taken from all preferences of a state changes no probability. Take away the largest, and "
    "the exponential never overflows.",
    hints=[
        "Each row is one state, and its probabilities sum to 1. So sum over the actions, which is `axis=1`.",
        "`exp(1000)` is too large for a float. The same number may be subtracted from a whole row: which one keeps "
        "every exponential at most 1?",
        "`preferences.max(axis=1, keepdims=True)` keeps the shape (n_states, 1), and so does the sum.",
    ],
    see=DECISION_PROCESSES.section("The policy"),
)
def softmax(preferences: Array) -> Any:
    """Return the probabilities π(a|s) of a table of preferences θ(s,a)."""
    shifted = preferences - preferences.max(axis=1, keepdims=True)
    weights = np.exp(shifted)
    return weights / weights.sum(axis=1, keepdims=True)


@softmax.misconception()
def softmax_over_the_states(preferences: Array) -> Any:
    """You normalised over the states: your columns sum to 1.

    In each state the probabilities of the actions sum to 1. The actions are the second axis.
    """
    weights = np.exp(preferences - preferences.max(axis=0, keepdims=True))
    return weights / weights.sum(axis=0, keepdims=True)


@softmax.misconception()
def softmax_over_the_whole_table(preferences: Array) -> Any:
    """You normalised over the whole table: all your numbers together sum to 1.

    Each state has a distribution of its own, so each row sums to 1.
    """
    weights = np.exp(preferences - preferences.max())
    return weights / weights.sum()


@softmax.misconception()
def exponential_of_large_numbers(preferences: Array) -> Any:
    """You took the exponential of the preferences as they are.

    The formula is right, but exp(1000) is too large for a float, and infinity divided by infinity is not a number.
    Subtract the largest preference of each state first: it cancels.
    """
    weights = np.exp(preferences)
    return weights / weights.sum(axis=1, keepdims=True)


@softmax.misconception()
def one_sum_and_large_exponentials(preferences: Array) -> Any:
    """You divided by one sum for the whole table, and took the exponential of the preferences as they are.

    Each state has a distribution of its own: sum each row, with `axis=1` and `keepdims=True`. And exp(1000) is too
    large for a float, and infinity divided by infinity is not a number. Subtract the largest preference of each state
    first: it cancels.
    """
    weights = np.exp(preferences)
    return weights / weights.sum()


@softmax.misconception()
def sums_over_the_states_and_large_exponentials(preferences: Array) -> Any:
    """You summed over the states, `axis=0`, and took the exponential of the preferences as they are.

    The actions are the second axis: sum each row, with `axis=1` and `keepdims=True`. And exp(1000) is too large for a
    float, and infinity divided by infinity is not a number. Subtract the largest preference of each state first: it
    cancels.
    """
    weights = np.exp(preferences)
    return weights / weights.sum(axis=0)


@softmax.misconception()
def one_shift_for_all_states(preferences: Array) -> Any:
    """You subtracted the largest preference of the whole table.

    A state whose preferences are all far below it is left with weights that are rounded to 0, and 0 divided by 0 is
    not a number. Each state needs the largest of its own.
    """
    weights = np.exp(preferences - preferences.max())
    return weights / weights.sum(axis=1, keepdims=True)


@softmax.misconception()
def logarithms_of_probabilities(preferences: Array) -> Any:
    """You returned log π in place of π.

    Log-probabilities are at most 0. Take their exponential.
    """
    shifted = preferences - preferences.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


@softmax.misconception()
def not_normalised(preferences: Array) -> Any:
    """You did not divide by the sum.

    Weights become probabilities when each row is divided by its sum.
    """
    return np.exp(preferences - preferences.max(axis=1, keepdims=True))


@softmax.misconception()
def no_exponential(preferences: Array) -> Any:
    """You divided the preferences themselves by their sum.

    Preferences may be negative. Their exponentials are positive, and those are divided by their sum.
    """
    return preferences / preferences.sum(axis=1, keepdims=True)


@softmax.misconception()
def rows_shifted_and_the_table_normalised(preferences: Array) -> Any:
    """All numbers together sum to 1: `sum()` without an axis adds up the whole table.

    Each state has a distribution of its own: `sum(axis=1, keepdims=True)`.
    """
    weights = np.exp(preferences - preferences.max(axis=1, keepdims=True))
    return weights / weights.sum()


@softmax.misconception()
def minus_in_the_exponent(preferences: Array) -> Any:
    """The smallest preference has the largest probability: there is a minus in the exponent.

    What is preferred is chosen more often. The minus belongs to energies, not to preferences.
    """
    weights = np.exp(preferences.min(axis=1, keepdims=True) - preferences)
    return weights / weights.sum(axis=1, keepdims=True)


@softmax.misconception()
def greedy_choice(preferences: Array) -> Any:
    """The most preferred action has probability 1 and the others none.

    A softmax gives every action some probability, and it can be differentiated, which a maximum cannot.
    """
    return (preferences == preferences.max(axis=1, keepdims=True)).astype(float)


@softmax.misconception()
def sigmoid_of_each_preference(preferences: Array) -> Any:
    """Each preference went through a sigmoid for itself, so that the rows do not sum to 1.

    A sigmoid is the softmax of two preferences, of which one is 0.
    """
    small = np.exp(-np.abs(preferences))
    return np.where(preferences > 0, 1 / (1 + small), small / (1 + small))


@softmax.misconception()
def powers_of_two(preferences: Array) -> Any:
    """The base is 2 in place of e, so that each preference counts log 2 = 0.69 times.

    The score of the book belongs to the base e.
    """
    weights = 2.0 ** (preferences - preferences.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


@softmax.misconception()
def mean_for_the_maximum(preferences: Array) -> Any:
    """The mean of each row is subtracted, and some preferences lie far above it: their exponential is infinite.

    Subtract the largest, and no exponent is positive.
    """
    weights = np.exp(preferences - preferences.mean(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


@softmax.misconception()
def minimum_for_the_maximum(preferences: Array) -> Any:
    """The smallest of each row is subtracted, and some preferences lie far above it: their exponential is infinite.

    Subtract the largest, and no exponent is positive.
    """
    weights = np.exp(preferences - preferences.min(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


@softmax.misconception()
def preferences_scaled(preferences: Array) -> Any:
    """Each row is divided by its largest preference: that keeps the exponentials small, and it changes the policy.

    A difference of preferences counts as it is. Subtract, and nothing changes.
    """
    weights = np.exp(preferences / np.abs(preferences).max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


@softmax.misconception()
def maximum_of_each_column(preferences: Array) -> Any:
    """The largest of each column is subtracted: that is `max(axis=0)`, the largest of each action.

    What cancels is the same number taken from all actions of a state: `max(axis=1, keepdims=True)`.
    """
    weights = np.exp(preferences - preferences.max(axis=0, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


@softmax.misconception()
def sum_subtracted(preferences: Array) -> Any:
    """The sum of the exponentials is subtracted.

    They are divided by it. Subtracted is its logarithm, in log π.
    """
    weights = np.exp(preferences - preferences.max(axis=1, keepdims=True))
    return weights - weights.sum(axis=1, keepdims=True)


@softmax.also_right
def _in_one_line(preferences: Array) -> Array:
    """The quotient, shifted above and below."""
    above = np.exp(preferences - preferences.max(axis=1, keepdims=True))
    below = np.exp(preferences - preferences.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)
    return np.asarray(above / below)


@softmax.misconception()
def preferences_cut(preferences: Array) -> Array:
    """The preferences are cut at ±700, so that nothing overflows.

    That changes the probabilities of all that are beyond. Subtract the largest of each row: that changes nothing.
    """
    weights = np.exp(np.clip(preferences, -700, 700))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


@softmax.misconception()
def numerator_shifted_alone(preferences: Array) -> Array:
    """The largest preference is subtracted above and not below.

    The quotient stays the same if both are shifted.
    """
    above = np.exp(preferences - preferences.max(axis=1, keepdims=True))
    return np.asarray(above / np.exp(preferences).sum(axis=1, keepdims=True))
