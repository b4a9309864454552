"""The constant with the least variance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises.chapters import BASELINES
from pgcode.exercises.one_gradient._shared import (
    V_IS_NOT_BEST,
    scores_of,
)

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


_BEST = BASELINES.section("The best baseline")


def _arms(rng: Generator) -> Arguments:
    for n_arms in (3, 4, 2):
        yield rng.dirichlet(np.full(n_arms, 2.0)), 3 * rng.standard_normal(n_arms)
    yield np.array([0.9, 0.06, 0.04]), np.array([1.0, 0.0, -0.5])


@function_exercise(
    title="The constant with the least variance",
    cases=_arms,
    shows="b* is a mean of the rewards, and a likely arm counts little in it, because its score is short. V counts it "
    "most. So V is not the best constant, and where the policy is nearly sure it can be worse than none.",
    hints=[
        "At one decision b* is a weighted mean of the rewards. What are the weights?",
        "The weight of arm a is π(a) ‖ψ(a)‖², and ψ(a) has the entries 1[a' = a] − π(a').",
        "Add up the weights times the rewards, and divide by the sum of the weights.",
    ],
    see=_BEST,
)
def best_constant(pi: Array, rewards: Array) -> Any:
    """Return the number b that makes the trace of Var ĝ least, ĝ = ∇log π(a) (r(a) − b)."""
    scores = np.eye(len(pi)) - pi
    weights = pi * np.sum(scores**2, axis=1)
    return np.sum(weights * rewards) / np.sum(weights)


def _squares(pi: Array) -> Array:
    """‖ψ(a)‖² of each arm."""
    return np.asarray((scores_of(pi) ** 2).sum(axis=1))


def _weighted(weights: Array, rewards: Array) -> Any:
    return weights @ rewards / weights.sum()


@best_constant.misconception(see=V_IS_NOT_BEST)
def value_for_the_best_constant(pi: Array, rewards: Array) -> Any:
    """You returned the mean reward, which is V.

    Its weights are π alone. In the variance each reward stands beside the square of its score: a short score counts
    little.
    """
    return pi @ rewards


@best_constant.misconception()
def plain_mean_of_the_arms(pi: Array, rewards: Array) -> Any:
    """You returned the plain mean over the arms.

    The arms are not pulled equally often, and their scores are not equally long.
    """
    return rewards.mean()


@best_constant.misconception()
def policy_left_out(pi: Array, rewards: Array) -> Any:
    """Your weights are ‖ψ(a)‖², without π(a).

    The variance is a mean over the arms that are pulled: a rare arm counts as rarely as it comes up.
    """
    return _weighted(_squares(pi), rewards)


@best_constant.misconception()
def length_not_squared(pi: Array, rewards: Array) -> Any:
    """Your weights hold the length of the score, and not its square.

    The variance is quadratic in the score: the weight is π(a) ‖ψ(a)‖².
    """
    return _weighted(pi * np.sqrt(_squares(pi)), rewards)


@best_constant.misconception()
def own_entry_of_the_score(pi: Array, rewards: Array) -> Any:
    """Your weights hold the entry of the pulled arm alone, (1 − π(a))².

    The score has an entry for every arm, −π(a') for the others, and ‖ψ(a)‖² adds up the squares of them all.
    """
    return _weighted(pi * (1 - pi) ** 2, rewards)


@best_constant.misconception()
def not_divided_by_the_weights(pi: Array, rewards: Array) -> Any:
    """You did not divide by the sum of the weights.

    The weights π(a) ‖ψ(a)‖² do not sum to 1. A mean divides by their sum.
    """
    return np.sum(pi * _squares(pi) * rewards)


@best_constant.misconception()
def other_arms_probability(pi: Array, rewards: Array) -> Any:
    """Your weights are 1 − π(a).

    With two arms the probabilities are exchanged indeed. With three or more the weights are π(a) ‖ψ(a)‖², which is
    something else.
    """
    return _weighted(1 - pi, rewards)


@best_constant.misconception()
def policy_squared(pi: Array, rewards: Array) -> Any:
    """Your weights are π(a)² ‖ψ(a)‖²: the probability stands in the square.

    The probability comes into the variance once, as the weight of the arm. What is squared is the score.
    """
    return _weighted(pi**2 * _squares(pi), rewards)


@best_constant.misconception()
def a_constant_for_each_entry(pi: Array, rewards: Array) -> Array:
    """There is a number for each entry of θ: the best constant of each entry alone.

    One number b stands before the whole score: add the squares of all its entries first.
    """
    weights = pi[:, None] * scores_of(pi) ** 2
    return np.asarray(weights.T @ rewards / weights.sum(axis=0))


@best_constant.misconception()
def squares_added_over_the_arms(pi: Array, rewards: Array) -> Any:
    """The squares of the scores are added over the arms, axis 0, and not over the entries.

    ‖ψ(a)‖² belongs to one arm: add along its row, axis 1.
    """
    return _weighted(pi * (scores_of(pi) ** 2).sum(axis=0), rewards)


@best_constant.misconception(see=V_IS_NOT_BEST)
def reward_of_the_best_arm(pi: Array, rewards: Array) -> Any:
    """Your result is the reward of the best arm.

    With it every other arm counts as a loss, and the variance is far from least.
    """
    return rewards.max()


@best_constant.misconception()
def policy_squared_and_no_score(pi: Array, rewards: Array) -> Any:
    """The weights are π². They are π times ‖ψ‖².

    The length of the score is no probability: arms that are rarely pulled have the longer scores.
    """
    return _weighted(pi**2, rewards)


@best_constant.misconception()
def variance_of_the_indicator(pi: Array, rewards: Array) -> Any:
    """The weights are π(1 − π), the variance of one entry of the score.

    The weight of an arm is π times the squared length of its whole score.
    """
    return _weighted(pi * (1 - pi), rewards)


@best_constant.also_right
def _by_sums(pi: Array, rewards: Array) -> Any:
    """The means of ‖score‖² r and of ‖score‖²."""
    lengths = 1 - 2 * pi + np.sum(pi**2)
    return np.sum(pi * lengths * rewards) / np.sum(pi * lengths)
