"""Repair this estimator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.environments import corridor_policy, random_mdp, short_corridor
from pgcode.estimators import full_return
from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises._catalogues import Estimators, Stations, estimate
from pgcode.exercises.chapters import CAUSALITY, DYNAMICS_DROP_OUT, SAMPLE_ESTIMATE
from pgcode.exercises.one_gradient._shared import (
    C2,
    DROPPED,
    GAE,
    LOOKING_AHEAD,
    OVER_STEPS,
    STANDARDISING,
    TWICE,
    TWO_CLOCKS,
    UNBIASED,
)
from pgcode.mistakes._pipeline import Batches
from pgcode.policies import SoftmaxPolicy, TabularPolicy
from pgcode.trajectories import Trajectories, sample_trajectories
from pgcode.values import state_values

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _samples(rng: Generator) -> Iterator[tuple[Trajectories, TabularPolicy, Array, Array]]:
    """Yield samples with and without an end, θ of two shapes, and values that are wrong, in terminal states too."""
    corridor = short_corridor(horizon=6, discount=0.9)
    for mdp, policy, m in (
        (random_mdp(rng, 3, 2, 0.8, 4), SoftmaxPolicy(3, 2), 6),
        (corridor, corridor_policy(), 5),
        (corridor, SoftmaxPolicy(4, 2), 7),
        (random_mdp(rng, 2, 3, 0.5, 3), SoftmaxPolicy(2, 3), 4),
    ):
        theta = rng.standard_normal(policy.theta_shape)
        v = state_values(mdp, policy, theta)
        yield sample_trajectories(mdp, policy, theta, m, rng), policy, theta, v + rng.standard_normal(v.shape)


@function_exercise(
    title="Repair this estimator",
    cases=_samples,
    shows="The baseline looks at the state in which the action was drawn, γᵗ stands before the whole difference, and "
    "the sum is divided by the number of trajectories, which is not random. The code ran before as well. Its mean was "
    "not ∇J.",
    hints=[
        "There are three mistakes, one in each of the last three lines. The two lines with the scores are right.",
        "Which state is known before a_t is drawn? And `returns_from_step` holds G_t: where is the factor that J has "
        "and G_t has not?",
        "The number of decisions in the batch is random where walks end. Divide by the number of trajectories, "
        "`len(trajectories)`.",
    ],
    see=TWO_CLOCKS,
    pairs=150,
)
def gradient_estimate(trajectories: Trajectories, policy: TabularPolicy, theta: Array, v: Array) -> Array:
    """Return ĝ = (1/m) Σ_i Σ_t γᵗ ∇log π_θ(a_t|s_t) (G_t − V̂_t(s_t)), the shape of θ."""
    steps = np.arange(trajectories.horizon)
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    baseline = v[steps, trajectories.states[:, :-1]]
    weights = trajectories.discount**steps * (trajectories.returns_from_step - baseline)
    return np.einsum("it...,it->...", scores, weights) / len(trajectories)


def _walk_scores(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> Array:
    """The score of each decision, shape (m, T, *θ); 0 after the end."""
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    return scores


def _baseline(trajectories: Trajectories, v: Array, *, ahead: bool = False) -> Array:
    """V̂ in the state of each decision, or in the next one."""
    steps = np.arange(trajectories.horizon) + ahead
    return np.asarray(v[steps, trajectories.states[:, 1:] if ahead else trajectories.states[:, :-1]])


def _discounts(trajectories: Trajectories) -> Array:
    return np.asarray(trajectories.discount ** np.arange(trajectories.horizon))


def _estimate(
    trajectories: Trajectories,
    policy: TabularPolicy,
    theta: Array,
    v: Array,
    *,
    ahead: bool = False,
    undiscounted: bool = False,
    per_step: bool = False,
    weights: Array | None = None,
) -> Array:
    """ĝ with mistakes; the weights are γᵗ (G_t − V̂) unless told."""
    if weights is None:
        weights = trajectories.returns_from_step - _baseline(trajectories, v, ahead=ahead)
        weights = weights * (1.0 if undiscounted else _discounts(trajectories))
    total = np.einsum("it...,it->...", _walk_scores(trajectories, policy, theta), weights)
    return np.asarray(total / (trajectories.active.sum() if per_step else len(trajectories)))


@gradient_estimate.misconception()
def nothing_repaired(*given: Any) -> Array:
    """Three mistakes are left: your function does what the broken one does.

    One is in the state that the baseline looks at, one in the discount, one in what the sum is divided by.
    """
    return _estimate(*given, ahead=True, undiscounted=True, per_step=True)


@gradient_estimate.misconception(see=OVER_STEPS)
def only_the_baseline_repaired(*given: Any) -> Array:
    """The baseline is right now, and two mistakes are left.

    J discounts from the start, and these weights do not. And the sum is divided by a random number.
    """
    return _estimate(*given, undiscounted=True, per_step=True)


@gradient_estimate.misconception(see=OVER_STEPS)
def only_the_discount_repaired(*given: Any) -> Array:
    """The discount is right now, and two mistakes are left.

    The baseline still looks at a state that the action has a part in. And the sum is divided by a random number.
    """
    return _estimate(*given, ahead=True, per_step=True)


@gradient_estimate.misconception()
def only_the_divisor_repaired(*given: Any) -> Array:
    """The sum is divided by the number of trajectories now, and two mistakes are left.

    The baseline still looks at a state that the action has a part in. And J discounts from the start, while these
    weights do not.
    """
    return _estimate(*given, ahead=True, undiscounted=True)


@gradient_estimate.misconception(see=UNBIASED)
def baseline_of_the_next_state(*given: Any) -> Array:
    """The baseline looks at the state that the action leads to, and the rest is right.

    The next state is not known before the action is drawn, so this is no baseline and the mean is not ∇J.
    """
    return _estimate(*given, ahead=True)


@gradient_estimate.misconception(see=DROPPED)
def factor_of_the_step_missing(*given: Any) -> Array:
    """The factor γᵗ is missing, and the rest is right.

    G_t counts the discount from step t, and J counts it from the start. Without γᵗ the mean is the gradient of nothing
    in general.
    """
    return _estimate(*given, undiscounted=True)


@gradient_estimate.misconception(see=OVER_STEPS)
def mean_over_time_steps(*given: Any) -> Array:
    """You divide by the number of decisions in the batch, and the rest is right.

    Where walks end by themselves this number is random, and the mean of a ratio is not the ratio of the means. Divide
    by the number of trajectories.
    """
    return _estimate(*given, per_step=True)


@gradient_estimate.misconception(see=OVER_STEPS)
def divided_by_the_horizon_too(*given: Any) -> Array:
    """You divided by the number of trajectories and by the horizon.

    The gradient is a sum over time. Divide by the number of trajectories alone.
    """
    return _estimate(*given) / given[0].horizon


@gradient_estimate.misconception(see=DYNAMICS_DROP_OUT.section("Break it"))
def fillers_counted(*given: Any) -> Array:
    """You counted scores after the end of a walk.

    Where it has ended nobody decides; the actions that are written there are fillers, and what `v` says of the end
    would count beside them. `trajectories.active` says where a decision is taken.
    """
    trajectories, policy, theta, v = given
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    weights = _discounts(trajectories) * (trajectories.returns_from_step - _baseline(trajectories, v))
    return np.asarray(np.einsum("it...,it->...", scores, weights) / len(trajectories))


@gradient_estimate.misconception(see=SAMPLE_ESTIMATE.section("A8: draw instead of sum"))
def sum_over_trajectories(*given: Any) -> Array:
    """You did not divide: your result grows with the number of trajectories.

    ĝ is the mean over the trajectories.
    """
    return _estimate(*given) * len(given[0])


@gradient_estimate.misconception(see=UNBIASED)
def baseline_after_the_discount(*given: Any) -> Array:
    """You multiplied G_t by γᵗ and subtracted the baseline without it.

    That leaves the mean alone too, since any function of the state and the time may be subtracted. But V̂ is a forecast
    of G_t, not of γᵗ G_t, and here γᵗ stands before the whole difference.
    """
    trajectories, v = given[0], given[3]
    weights = _discounts(trajectories) * trajectories.returns_from_step - _baseline(trajectories, v)
    return _estimate(*given, weights=weights)


@gradient_estimate.misconception(see=TWICE)
def discounted_twice(*given: Any) -> Array:
    """You applied γᵗ twice.

    `returns_from_step` holds G_t, discounted from step t. One factor γᵗ is enough.
    """
    trajectories, v = given[0], given[3]
    weights = _discounts(trajectories) ** 2 * (trajectories.returns_from_step - _baseline(trajectories, v))
    return _estimate(*given, weights=weights)


@gradient_estimate.misconception(see=UNBIASED)
def baseline_added(*given: Any) -> Array:
    """You added the baseline.

    Its mean is zero beside the score with either sign, but added it doubles the level that it should take away.
    """
    trajectories, v = given[0], given[3]
    weights = _discounts(trajectories) * (trajectories.returns_from_step + _baseline(trajectories, v))
    return _estimate(*given, weights=weights)


@gradient_estimate.misconception(see=UNBIASED)
def no_baseline(*given: Any) -> Array:
    """You left out the baseline.

    The mean is ∇J without it too. The estimator that is asked for has it.
    """
    trajectories = given[0]
    return _estimate(*given, weights=_discounts(trajectories) * trajectories.returns_from_step)


@gradient_estimate.misconception(see=STANDARDISING)
def standardised_over_the_batch(*given: Any) -> Array:
    """You standardised G_t − V̂ over the batch.

    The mean of the batch holds the walk's own numbers, so to subtract it is no baseline, and to divide by the deviation
    biases the estimate too. Nothing of this is asked for.
    """
    trajectories, v = given[0], given[3]
    difference = trajectories.returns_from_step - _baseline(trajectories, v)
    decided = difference[trajectories.active]
    weights = _discounts(trajectories) * (difference - decided.mean()) / decided.std()
    return _estimate(*given, weights=weights)


@gradient_estimate.misconception(see=GAE)
def one_temporal_difference(*given: Any) -> Array:
    """You took r_t + γ V̂ of the next state for G_t.

    That is generalized advantage estimation with λ = 0, and it is unbiased only if V̂ is right. G_t is what was really
    paid from step t on.
    """
    trajectories, v = given[0], given[3]
    later = trajectories.discount * _baseline(trajectories, v, ahead=True)
    difference = trajectories.rewards + later - _baseline(trajectories, v)
    return _estimate(*given, weights=_discounts(trajectories) * difference)


@gradient_estimate.misconception(see=CAUSALITY.section("Which Q? The one with the time"))
def values_of_the_first_step(*given: Any) -> Array:
    """You took the values of time 0 at every time.

    It is a baseline, but not the one that is asked for. At a horizon the value of a state depends on how many steps are
    left: row t of `v` belongs to time t.
    """
    trajectories, v = given[0], given[3]
    weights = _discounts(trajectories) * (trajectories.returns_from_step - v[0][trajectories.states[:, :-1]])
    return _estimate(*given, weights=weights)


@gradient_estimate.misconception(see=C2)
def whole_return_less_baseline(*given: Any) -> Array:
    """You took the whole return at every step.

    Its mean is right as well. What is asked for is γᵗ (G_t − V̂), without what was paid before t.
    """
    trajectories, v = given[0], given[3]
    weights = full_return(trajectories) - _discounts(trajectories) * _baseline(trajectories, v)
    return _estimate(*given, weights=weights)


def _from_stations(
    stations: Stations, trajectories: Trajectories, policy: TabularPolicy, theta: Array, v: Array
) -> Array:
    """The estimate from these stations, with V̂ as the baseline unless they hold another."""

    def less_value(batches: Batches, weights: Array) -> Array:
        steps = np.arange(batches.actions.shape[-1])
        return np.asarray(weights - batches.powers * v[steps, batches.states[..., :-1]])

    return estimate({"baseline": less_value, **stations}, trajectories, policy, theta)


gradient_estimate.recognise(
    Estimators(_from_stations, stations=("data", "weights", "baseline", "scores", "mean", "after"))
)


@gradient_estimate.made_of
def _made(
    trajectories: Trajectories,
    policy: TabularPolicy,
    theta: Array,
    v: Array,
    *,
    value: Callable[[Trajectories, Array], Array] = _baseline,
    before: Callable[[Trajectories], Array] = _discounts,
    earned: Callable[[Trajectories], Array] = lambda trajectories: trajectories.returns_from_step,
    divisor: Callable[[Trajectories], float] = len,
) -> Array:
    weights = before(trajectories) * (earned(trajectories) - value(trajectories, v))
    return _estimate(trajectories, policy, theta, v, weights=weights) * len(trajectories) / divisor(trajectories)


gradient_estimate.variation("baseline of the next state", value=lambda *given: _baseline(*given, ahead=True))
gradient_estimate.variation("factor of the step missing", before=lambda trajectories: np.ones(trajectories.horizon))
gradient_estimate.variation("mean over time steps", divisor=lambda trajectories: trajectories.active.sum())
gradient_estimate.variation("sum over trajectories", divisor=lambda trajectories: 1.0)
gradient_estimate.variation("no baseline", value=lambda trajectories, v: np.zeros(trajectories.actions.shape))
gradient_estimate.variation("values of the first step", value=lambda trajectories, v: v[0, trajectories.states[:, :-1]])
gradient_estimate.variation("baseline added", value=lambda *given: -_baseline(*given))
gradient_estimate.variation(
    "value of the next time in this state",
    "The baseline is V̂_{t+1}(s_t): the state is repaired and the time is not. Read V̂ at the same time as the state.",
    LOOKING_AHEAD,
    value=lambda trajectories, v: v[np.arange(trajectories.horizon) + 1, trajectories.states[:, :-1]],
)
gradient_estimate.variation(
    "value of this time in the next state",
    "The baseline is V̂_t(s_{t+1}): the time is repaired and the state is not. The action has a part in s_{t+1}, and a "
    "baseline must not know it.",
    LOOKING_AHEAD,
    value=lambda trajectories, v: v[np.arange(trajectories.horizon), trajectories.states[:, 1:]],
)
gradient_estimate.variation(
    "return discounted from the start",
    "G_t is discounted from time 0 already, and then γᵗ stands before it once more. The baseline is discounted once.",
    TWICE,
    earned=lambda trajectories: _discounts(trajectories) * trajectories.returns_from_step,
)
gradient_estimate.variation(
    "rewards never discounted",
    "The rewards to come are added without a discount: that is G_t for γ = 1.",
    earned=lambda trajectories: np.cumsum(trajectories.rewards[:, ::-1], axis=1)[:, ::-1],
)


@gradient_estimate.misconception(see=OVER_STEPS)
def mean_over_the_steps_of_each_walk(*given: Any) -> Array:
    """The sum of each walk is divided by the number of its own decisions.

    That number is random and goes with the return: a long walk counts too little for each of its steps.
    """
    trajectories, _, _, v = given
    weights = _discounts(trajectories) * (trajectories.returns_from_step - _baseline(trajectories, v))
    return _estimate(*given, weights=weights / trajectories.active.sum(axis=1, keepdims=True))


gradient_estimate.variation(
    "return of the whole walk",
    "R(τ) stands beside each score in place of γᵗ G_t. Its mean is the same and its variance is another. The task asks "
    "for the rewards from t on.",
    C2,
    earned=lambda trajectories: trajectories.returns[:, None] / _discounts(trajectories),
)


@gradient_estimate.also_right
def _walk_by_walk(trajectories: Trajectories, policy: TabularPolicy, theta: Array, v: Array) -> Array:
    """The loops over walks and steps."""
    score, total = policy.score(theta), np.zeros(np.shape(theta))
    for i in range(len(trajectories)):
        for t in range(trajectories.lengths[i]):
            s, a = trajectories.states[i, t], trajectories.actions[i, t]
            to_go = trajectories.returns_from_step[i, t]
            total += trajectories.discount**t * (to_go - v[t, s]) * score[s, a]
    return total / len(trajectories)
