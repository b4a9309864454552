"""A loss whose gradient is the estimate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.chapters import BASELINES
from pgcode.exercises.practice._shared import MEANS, SURROGATE

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _batches(rng: Generator) -> Arguments:
    for lengths in ((3, 1, 2), (1, 4), (2, 5, 5, 3)):
        mask = np.arange(max(lengths)) < np.array(lengths)[:, None]
        log_pi = -rng.exponential(size=mask.shape)
        yield log_pi, rng.standard_normal(mask.shape), mask


@function_exercise(
    title="Repair: a loss for REINFORCE",
    cases=_batches,
    shows="An optimiser goes downhill, hence the minus. Each episode counts once, however long it is, so the "
    "divisor is "
    "the number of episodes, which does not depend on what happens in them.",
    hints=[
        "An optimiser makes this number smaller. What should become larger?",
        "Where `mask` is false nothing was decided: the arrays hold something there, and it must not count.",
        "How many episodes are there? `len(log_pi)`. Their lengths are random, and no divisor may depend on them.",
    ],
    see=SURROGATE,
)
def surrogate_loss(log_pi: Array, weights: Array, mask: Array) -> Any:
    """Return the loss, minus the mean over episodes of Σ_t log π(a_t|s_t) w_t over their decisions, a number."""
    terms = np.where(mask, log_pi * weights, 0.0)
    return -np.sum(terms) / len(log_pi)


@surrogate_loss.misconception(see=MEANS)
def mean_over_the_steps(log_pi: Array, weights: Array, mask: Array) -> Any:
    """The sum is divided by the number of all decisions.

    That number is random and goes with the rewards, so the mean of the estimate is no multiple of ∇J.
    """
    return -np.sum(log_pi * weights * mask) / np.sum(mask)


@surrogate_loss.misconception(see=MEANS)
def mean_over_padded_steps(log_pi: Array, weights: Array, mask: Array) -> Any:
    """The sum is divided by the number of all entries, padding included.

    Divide by the number of episodes.
    """
    return -np.sum(log_pi * weights * mask) / mask.size


@surrogate_loss.misconception(see=MEANS)
def padding_counted(log_pi: Array, weights: Array, mask: Array) -> Any:
    """The padding is added up with the decisions.

    What stands where `mask` is false belongs to no decision.
    """
    return -np.sum(log_pi * weights) / len(log_pi)


@surrogate_loss.misconception(see=MEANS)
def padding_counted_and_divided_by(log_pi: Array, weights: Array, mask: Array) -> Any:
    """The mean runs over all entries, padding included.

    `mask` says which entries are decisions, and the divisor is the number of episodes.
    """
    return -np.mean(log_pi * weights)


@surrogate_loss.misconception(see=MEANS)
def mean_of_each_episode(log_pi: Array, weights: Array, mask: Array) -> Any:
    """Each episode is divided by its own length.

    A long episode then counts less for each decision, and the direction changes. Add up its terms.
    """
    return -np.mean(np.sum(log_pi * weights * mask, axis=1) / mask.sum(axis=1))


@surrogate_loss.misconception()
def sum_over_the_episodes(log_pi: Array, weights: Array, mask: Array) -> Any:
    """The terms are added up over all episodes.

    The mean is asked for: with a sum the step grows with the batch.
    """
    return -np.sum(log_pi * weights * mask)


@surrogate_loss.misconception()
def uphill(log_pi: Array, weights: Array, mask: Array) -> Any:
    """The minus is missing.

    An optimiser makes a loss smaller, and here what is good would become smaller.
    """
    return np.sum(log_pi * weights * mask) / len(log_pi)


@surrogate_loss.misconception()
def probabilities_for_logarithms(log_pi: Array, weights: Array, mask: Array) -> Any:
    """The probabilities are weighted, and not their logarithms.

    The gradient of π w lacks the division by π: actions that are often drawn count too much.
    """
    return -np.sum(np.exp(log_pi) * weights * mask) / len(log_pi)


@surrogate_loss.misconception()
def whole_weight_for_each_decision(log_pi: Array, weights: Array, mask: Array) -> Any:
    """Each log π is multiplied by the sum of all weights of its episode.

    Each decision has a weight of its own.
    """
    total = np.sum(weights * mask, axis=1, keepdims=True)
    return -np.sum(log_pi * mask * total) / len(log_pi)


@surrogate_loss.also_right
def _as_a_mean(log_pi: Array, weights: Array, mask: Array) -> Any:
    """Minus the mean of the sums."""
    return -np.mean(np.sum(mask * log_pi * weights, axis=1))


@surrogate_loss.misconception(see=BASELINES.section("What standardising the returns does"))
def weights_standardised(log_pi: Array, weights: Array, mask: Array) -> Any:
    """The weights are standardised over the decisions.

    That divides by a random number and subtracts one in which each decision has a part. Asked for are the weights.
    """
    decided = weights[mask]
    standard = np.where(mask, (weights - decided.mean()) / decided.std(), 0.0)
    return -np.sum(log_pi * standard) / len(log_pi)
