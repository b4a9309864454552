"""The variance of one decision, exactly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


_VARIANCE = BASELINES.section("The variance of every estimator, exactly")


def _bandits(rng: Generator) -> Arguments:
    for n_arms, baseline in ((3, 0.6), (4, -1.5), (2, 2.0), (5, 0.0)):
        yield rng.dirichlet(np.full(n_arms, 2.0)), 3 * rng.standard_normal(n_arms), baseline


@function_exercise(
    title="The variance of one decision, exactly",
    cases=_bandits,
    shows="No arm was pulled: the variance is a mean over the list of arms, with the weights π. Try another baseline: "
    "the mean π @ g stays, and the variance changes.",
    hints=[
        "Make a table with a row for each arm a: the estimate that you get if a is pulled.",
        "The score of arm a has the entries 1[a' = a] − π(a'). `np.eye(len(pi)) - pi` holds all scores, one in a row.",
        "A mean over the arms has the weights π: `pi @ table` takes it for every column at once. The variance is the "
        "mean of the squared deviations from the mean.",
    ],
    see=_VARIANCE,
)
def one_step_variance(pi: Array, rewards: Array, baseline: float) -> Array:
    """Return Var ĝ of ĝ = ∇log π(a) (r(a) − b) for each entry of θ, shape (A,)."""
    scores = np.eye(len(pi)) - pi
    estimates = scores * (rewards - baseline)[:, None]
    mean = pi @ estimates
    return pi @ (estimates - mean) ** 2


def _variance(pi: Array, estimates: Array) -> Array:
    return np.asarray(pi @ (estimates - pi @ estimates) ** 2)


@one_step_variance.misconception()
def second_moment(pi: Array, rewards: Array, baseline: float) -> Array:
    """You returned the second moment E[g²].

    The variance is the second moment less the square of the mean, and the mean is ∇J, which is not zero.
    """
    return np.asarray(pi @ (scores_of(pi) * (rewards - baseline)[:, None]) ** 2)


@one_step_variance.misconception()
def standard_deviation(pi: Array, rewards: Array, baseline: float) -> Array:
    """You returned the standard deviation.

    The variance is its square.
    """
    return np.sqrt(_variance(pi, scores_of(pi) * (rewards - baseline)[:, None]))


@one_step_variance.misconception()
def every_arm_alike(pi: Array, rewards: Array, baseline: float) -> Array:
    """You took plain means over the arms.

    `var` treats the list of arms as a sample in which each comes up once. Arm a is pulled with probability π(a): that
    is its weight, in the mean and in the variance.
    """
    return np.var(scores_of(pi) * (rewards - baseline)[:, None], axis=0)


@one_step_variance.misconception()
def mean_without_the_policy(pi: Array, rewards: Array, baseline: float) -> Array:
    """Your squares have the weights π, and the mean that you subtract has not.

    The mean of g is Σ_a π(a) g(a) too: it is ∇J.
    """
    estimates = scores_of(pi) * (rewards - baseline)[:, None]
    return np.asarray(pi @ (estimates - estimates.mean(axis=0)) ** 2)


@one_step_variance.misconception()
def baseline_without_effect(pi: Array, rewards: Array, baseline: float) -> Array:
    """The baseline has no part in your result.

    That is so where it was left out, and where it stands outside of the product, ψ r − b: a constant has no variance.
    It is subtracted from the reward, and the difference multiplies the score: ψ (r − b).
    """
    return _variance(pi, scores_of(pi) * rewards[:, None])


@one_step_variance.misconception(see=V_IS_NOT_BEST)
def value_for_the_baseline(pi: Array, rewards: Array, baseline: float) -> Array:
    """You subtracted the mean reward from the rewards, and not the baseline that is given.

    The mean reward is one baseline among many, and not always a good one. Here b is an argument.
    """
    return _variance(pi, scores_of(pi) * (rewards - pi @ rewards)[:, None])


@one_step_variance.misconception()
def variance_of_the_reward(pi: Array, rewards: Array, baseline: float) -> Any:
    """You returned the variance of the reward, one number.

    The estimate is the reward less b, times the score. It has an entry for each arm, and each entry has a variance.
    """
    return pi @ (rewards - pi @ rewards) ** 2


@one_step_variance.misconception()
def trace_for_the_entries(pi: Array, rewards: Array, baseline: float) -> Any:
    """You added up the variances of all entries.

    That is the trace. Here each entry of θ keeps its own.
    """
    return _variance(pi, scores_of(pi) * (rewards - baseline)[:, None]).sum()


@one_step_variance.misconception()
def other_arms_forgotten(pi: Array, rewards: Array, baseline: float) -> Array:
    """Your score has an entry for the pulled arm alone.

    The preferences of the other arms move too: their entries are −π(a').
    """
    return _variance(pi, np.diag(1 - pi) * (rewards - baseline)[:, None])


@one_step_variance.misconception()
def probability_for_log_probability(pi: Array, rewards: Array, baseline: float) -> Array:
    """You took the gradient of π(a) for the score.

    The estimate holds ∇log π(a), which is ∇π(a) / π(a). How often arm a is pulled comes in with the mean, once.
    """
    return _variance(pi, pi[:, None] * scores_of(pi) * (rewards - baseline)[:, None])


@one_step_variance.made_of
def _made(
    pi: Array,
    rewards: Array,
    baseline: float,
    *,
    paid: Callable[[Array, float], Array] = lambda rewards, baseline: rewards - baseline,
    scored: Callable[[Array], Array] = scores_of,
    beside: Callable[[Array], Array] = lambda paid: paid[:, None],
    spread: Callable[[Array, Array], Array] = _variance,
) -> Array:
    return spread(pi, scored(pi) * beside(paid(rewards, baseline)))


one_step_variance.variation("baseline without effect", paid=lambda rewards, baseline: rewards)
one_step_variance.variation("second moment", spread=lambda pi, estimates: pi @ estimates**2)
one_step_variance.variation("standard deviation", spread=lambda pi, estimates: np.sqrt(_variance(pi, estimates)))
one_step_variance.variation("every arm alike", spread=lambda pi, estimates: np.var(estimates, axis=0))
one_step_variance.variation("other arms forgotten", scored=lambda pi: np.diag(1 - pi))
one_step_variance.variation("probability for log probability", scored=lambda pi: pi[:, None] * scores_of(pi))
one_step_variance.variation(
    "baseline added",
    "The weight is r(a) + b. The baseline is subtracted.",
    paid=lambda rewards, baseline: rewards + baseline,
)
one_step_variance.variation(
    "one over pi for the score",
    "The score is 1/π at the arm that was pulled. 1/π is the derivative of log π by π: the chain rule goes on.",
    scored=lambda pi: np.diag(1 / pi),
)
one_step_variance.variation(
    "probabilities not subtracted",
    "The score is 1 at the arm that was pulled, without −π. A larger preference for one arm lowers the others.",
    scored=lambda pi: np.eye(len(pi)),
)
one_step_variance.variation(
    "rewards beside the entries",
    "Each reward stands beside an entry of the score and not beside its arm: `(A, A)` times `(A,)` goes along the "
    "rows. Write `[:, None]`.",
    beside=lambda paid: paid,
)
one_step_variance.variation(
    "mean not squared",
    "This is E[g²] − E[g]. The variance is E[g²] − E[g]².",
    spread=lambda pi, estimates: pi @ estimates**2 - pi @ estimates,
)
one_step_variance.variation(
    "covariance matrix",
    "This is the whole matrix of covariances. The variances of the entries stand on its diagonal.",
    spread=lambda pi, estimates: np.cov(estimates.T, aweights=pi, ddof=0),
)


@one_step_variance.misconception()
def factors_taken_for_independent(pi: Array, rewards: Array, baseline: float) -> Array:
    """Your result is the second moment of the score times the variance of the reward.

    Both depend on the arm, so that the variance of the product is no product.
    """
    return np.asarray((pi @ scores_of(pi) ** 2) * (pi @ (rewards - pi @ rewards) ** 2))


@one_step_variance.also_right
def _by_second_moments(pi: Array, rewards: Array, baseline: float) -> Array:
    """The second moment less the square of the mean."""
    scores = np.eye(len(pi)) - pi
    estimates = scores * (rewards - baseline)[:, None]
    second = pi @ estimates**2
    mean = pi @ estimates
    return np.asarray(second - mean**2)


@one_step_variance.also_right
def _with_a_known_mean(pi: Array, rewards: Array, baseline: float) -> Array:
    """The second moment less the square of ∇J = π (r − π·r)."""
    scores = np.eye(len(pi)) - pi
    second = pi @ (scores * (rewards - baseline)[:, None]) ** 2
    return np.asarray(second - (pi * (rewards - pi @ rewards)) ** 2)
