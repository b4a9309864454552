"""The estimate and its standard error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.estimators import full_return, reward_to_go
from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises._catalogues import TO_GO, WHOLE_RETURN, Estimators, Stations, terms
from pgcode.exercises.chapters import HOW_FAR_OFF, SAMPLE_ESTIMATE
from pgcode.exercises.trajectory_form._shared import (
    A8,
    AFTER_THE_END,
    WHICH_REWARDS,
    WHICH_SCORES,
    listed_processes,
    scores_after_the_end_too,
    scores_of,
)
from pgcode.policies import TabularPolicy
from pgcode.trajectories import Trajectories, sample_trajectories

Array = NDArray[Any]
Generator = np.random.Generator


_A15 = SAMPLE_ESTIMATE.section("A15: the same estimate from the policy alone")
_STANDARD_ERROR = HOW_FAR_OFF.section("What the standard error says")


def _samples(rng: Generator) -> Iterator[tuple[Trajectories, TabularPolicy, Array]]:
    for (mdp, policy, theta), m in zip(listed_processes(rng), (7, 4, 6, 9), strict=True):
        yield sample_trajectories(mdp, policy, theta, m, rng), policy, theta


@function_exercise(
    title="The estimate and its standard error",
    cases=_samples,
    shows="The mean of the g_i estimates ∇J(θ), and their spread estimates how far off that mean is, from the same "
    "sample and without the exact gradient. Nothing of μ or p was used.",
    hints=[
        "First make one vector g_i for each trajectory: its score times its return. An array of shape (m, *θ).",
        "`scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]` has shape (m, T, *θ). Set "
        "it to zero where `trajectories.active` is False.",
        '`np.einsum("it...,i->i...", scores, trajectories.returns)` sums over time and multiplies by the return.',
        "The standard error of a mean is the standard deviation divided by √m. `std` takes `ddof=1` for m − 1.",
    ],
    see=_A15,
    pairs=200,
)
def estimate_and_error(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """Return ĝ = (1/m) Σ_i g_i with g_i = Σ_t ∇log π_θ(a_t|s_t) R(τ_i), and its standard error; each the shape of θ."""
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    g = np.einsum("it...,i->i...", scores, trajectories.returns)
    return g.mean(axis=0), g.std(axis=0, ddof=1) / np.sqrt(len(g))


def _each(scores: Array, weights: Array) -> Array:
    """Σ_t scores · w for each trajectory, shape (m, *θ), with weights (m, T)."""
    return np.asarray(np.einsum("it...,it->i...", scores, weights))


def _mean_and_error(g: Array) -> tuple[Array, Array]:
    return g.mean(axis=0), g.std(axis=0, ddof=1) / np.sqrt(len(g))


def _right_terms(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> Array:
    return _each(scores_of(trajectories, policy, theta), full_return(trajectories))


@estimate_and_error.misconception(see=_STANDARD_ERROR)
def standard_deviation_of_one(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """Your second result is the standard deviation of one trajectory.

    The standard error belongs to the mean of m of them and is smaller, by the factor 1/√m.
    """
    g = _right_terms(trajectories, policy, theta)
    return g.mean(axis=0), g.std(axis=0, ddof=1)


@estimate_and_error.misconception(see=_STANDARD_ERROR)
def divided_by_m_outside_the_root(
    trajectories: Trajectories, policy: TabularPolicy, theta: Array
) -> tuple[Array, Array]:
    """You divided the standard deviation by m.

    The variance of the mean is the variance of one trajectory divided by m. Under the root stands 1/m, too.
    """
    g = _right_terms(trajectories, policy, theta)
    return g.mean(axis=0), g.std(axis=0, ddof=1) / len(g)


@estimate_and_error.misconception(see=_STANDARD_ERROR)
def variance_of_the_mean(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """Your second result is the variance of the mean.

    The standard error is its root, in the units of the gradient.
    """
    g = _right_terms(trajectories, policy, theta)
    return g.mean(axis=0), g.var(axis=0, ddof=1) / len(g)


@estimate_and_error.misconception(see=_STANDARD_ERROR)
def m_in_the_denominator(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """You estimated the variance with m in the denominator.

    The deviations are taken from the sample's own mean, which lies nearer to the sample than ∇J does. With m − 1
    the variance is estimated without bias.
    """
    g = _right_terms(trajectories, policy, theta)
    return g.mean(axis=0), g.std(axis=0) / np.sqrt(len(g))


@estimate_and_error.misconception(see=_STANDARD_ERROR)
def mean_not_subtracted(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """You took the mean square of the g_i for their variance.

    A variance is the mean square of the deviations from the mean: subtract ĝ first.
    """
    g = _right_terms(trajectories, policy, theta)
    return g.mean(axis=0), np.sqrt((g**2).sum(axis=0) / (len(g) - 1) / len(g))


@estimate_and_error.misconception(see=A8)
def sum_over_trajectories(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """Your first result is a sum over the trajectories and grows with m.

    ĝ is their mean, which stays near ∇J however many you draw.
    """
    g = _right_terms(trajectories, policy, theta)
    return g.sum(axis=0), g.std(axis=0, ddof=1) / np.sqrt(len(g))


@estimate_and_error.misconception(see=AFTER_THE_END)
def fillers_counted(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """You counted scores after the end of a trajectory.

    Where it has ended the actions are fillers that nobody chose. `trajectories.active` says where a decision is taken.
    """
    return _mean_and_error(_each(scores_after_the_end_too(trajectories, policy, theta), full_return(trajectories)))


@estimate_and_error.misconception(see=SAMPLE_ESTIMATE.section("A8: draw instead of sum"))
def mean_over_all_time_steps(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """You took the mean of the scores over time.

    The g_i are sums over t. Dividing by T makes the estimate T times too short.
    """
    return _mean_and_error(_right_terms(trajectories, policy, theta) / trajectories.horizon)


@estimate_and_error.misconception(see=SAMPLE_ESTIMATE.section("A8: draw instead of sum"))
def mean_over_the_decisions_taken(
    trajectories: Trajectories, policy: TabularPolicy, theta: Array
) -> tuple[Array, Array]:
    """You divided each g_i by the number of decisions of its trajectory.

    Then short walks count more than long ones, and the mean is in general no multiple of ∇J. The g_i are sums over t.
    """
    weights = full_return(trajectories) / trajectories.active.sum(axis=1, keepdims=True)
    return _mean_and_error(_each(scores_of(trajectories, policy, theta), weights))


@estimate_and_error.misconception(see=WHICH_REWARDS)
def own_reward_for_return(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """You multiplied each score by the reward of its own step.

    What a decision earns comes later too. The weight of every score is the return R(τ) of the whole trajectory.
    """
    return _mean_and_error(_each(scores_of(trajectories, policy, theta), trajectories.rewards))


@estimate_and_error.misconception(see=WHICH_REWARDS)
def rewards_to_go_for_return(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """You took the rewards from t on as weights, γᵗ G_t.

    That estimate has the mean ∇J as well. It is another one than A15, with another error, and here every score has
    the whole return R(τ) beside it.
    """
    return _mean_and_error(_each(scores_of(trajectories, policy, theta), reward_to_go(trajectories)))


@estimate_and_error.misconception()
def discount_left_out(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """You added up the rewards without the discount.

    R(τ) is Σ_t γᵗ r_t; `trajectories.returns` holds it.
    """
    total = trajectories.rewards.sum(axis=1, keepdims=True)
    return _mean_and_error(_each(scores_of(trajectories, policy, theta), total + 0 * trajectories.rewards))


@estimate_and_error.misconception(see=WHICH_SCORES)
def final_score_lost(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """You left out the score of the last decision.

    A trajectory of T + 1 states has T decisions, and the last of them can still earn a reward.
    """
    scores = scores_of(trajectories, policy, theta)
    scores[:, -1] = 0
    return _mean_and_error(_each(scores, full_return(trajectories)))


def _from_stations(
    stations: Stations, trajectories: Trajectories, policy: TabularPolicy, theta: Array
) -> tuple[Array, Array]:
    """The mean and its error of what each trajectory gives when it is computed from these stations."""
    return _mean_and_error(terms(stations, trajectories, policy, theta))


estimate_and_error.recognise(
    Estimators(
        _from_stations,
        stations=("data", "weights", "scores"),
        bases=(WHOLE_RETURN, TO_GO),
        chapters_known=("setting", "trajectory-form"),
    )
)


@estimate_and_error.made_of
def _made(
    trajectories: Trajectories,
    policy: TabularPolicy,
    theta: Array,
    *,
    stations: Stations = WHOLE_RETURN,
    mean: Callable[[Array], Array] = lambda g: g.mean(axis=0),
    spread: Callable[[Array, int], Array] = lambda g, ddof: g.std(axis=0, ddof=ddof),
    ddof: int = 1,
    divisor: Callable[[Trajectories], float] = lambda trajectories: np.sqrt(len(trajectories)),
) -> tuple[Array, Array]:
    g = terms(stations, trajectories, policy, theta)
    return mean(g), spread(g, ddof) / divisor(trajectories)


estimate_and_error.variation("standard deviation of one", divisor=lambda trajectories: 1.0)
estimate_and_error.variation("divided by m outside the root", divisor=lambda trajectories: float(len(trajectories)))
estimate_and_error.variation(
    "variance of the mean",
    spread=lambda g, ddof: g.var(axis=0, ddof=ddof),
    divisor=lambda trajectories: float(len(trajectories)),
)
estimate_and_error.variation("m in the denominator", ddof=0)
estimate_and_error.variation("sum over trajectories", mean=lambda g: g.sum(axis=0))
estimate_and_error.variation(
    "decisions counted for trajectories",
    "The standard error is divided by the root of the number of decisions. The decisions of one walk are not "
    "independent: what is repeated is the walk, m times.",
    _STANDARD_ERROR,
    divisor=lambda trajectories: np.sqrt(trajectories.active.sum()),
)
estimate_and_error.variation(
    "variance for the standard deviation",
    "The variance stands where its root belongs: `std` in place of `var`.",
    _STANDARD_ERROR,
    spread=lambda g, ddof: g.var(axis=0, ddof=ddof),
)


@estimate_and_error.misconception()
def mean_return_subtracted(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """The mean return of the sample is subtracted from each return.

    The g_i of the task has R(τ_i) as it is. The mean of the sample holds the walk's own return, and with it the mean
    of the estimate is (1 − 1/m) ∇J.
    """
    centred = trajectories.returns - trajectories.returns.mean()
    weights = np.repeat(centred[:, None], trajectories.horizon, axis=1)
    return _mean_and_error(_each(scores_of(trajectories, policy, theta), weights))


@estimate_and_error.also_right
def _by_deviations(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> Any:
    """The sum of squared deviations."""
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    g = np.einsum("it...,i->i...", scores, trajectories.returns)
    m, mean = len(g), g.mean(axis=0)
    return mean, np.sqrt(np.sum((g - mean) ** 2, axis=0) / (m - 1) / m)
