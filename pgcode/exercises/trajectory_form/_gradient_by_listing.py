"""The exact gradient, by listing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises._catalogues import TO_GO, WHOLE_RETURN, Estimators, Stations, terms
from pgcode.exercises.chapters import DYNAMICS_DROP_OUT
from pgcode.exercises.trajectory_form._shared import (
    A4_AND_A5,
    A6,
    A7,
    A8,
    AFTER_THE_END,
    WHICH_REWARDS,
    WHICH_SCORES,
    listed_processes,
    scores_after_the_end_too,
    scores_of,
)
from pgcode.mdp import TabularMDP
from pgcode.policies import TabularPolicy
from pgcode.trajectories import enumerate_trajectories

Array = NDArray[Any]
Generator = np.random.Generator


_THEOREM = DYNAMICS_DROP_OUT.section("The theorem")


@function_exercise(
    title="The exact gradient, by listing",
    cases=listed_processes,
    shows="This is A7 with A14 put in. Every trajectory counts with its probability, its return and its score. The "
    "dynamics are in P(τ;θ) and nowhere else. That is exact, and it is as long as the list: the list grows "
    "exponentially with T.",
    hints=[
        "∇J(θ) = Σ_τ P(τ;θ) R(τ) Σ_t ∇log π_θ(a_t|s_t). The list gives P and τ, and `trajectories.returns` gives R.",
        "`policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]` is an array with a score for each "
        "decision of each trajectory, shape (m, T, *θ).",
        "Where `trajectories.active` is False nothing is decided: set those scores to zero. Then sum over time and "
        "over the list, with the weights P(τ;θ) R(τ).",
    ],
    see=_THEOREM,
    pairs=60,
)
def gradient_by_listing(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """Return ∇J(θ) = Σ_τ P(τ;θ) R(τ) Σ_t ∇log π_θ(a_t|s_t), over all trajectories; the shape of θ."""
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    return np.einsum("it...,i->...", scores, probability * trajectories.returns)


def _total(weights: Array, scores: Array) -> Array:
    """Σ_i w_i Σ_t of the scores."""
    return np.asarray(np.einsum("it...,i->...", scores, weights))


@gradient_by_listing.misconception(see=AFTER_THE_END)
def scores_after_the_end(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You counted scores after the end of a trajectory.

    Where it has ended nobody chooses; the actions that are written there are fillers. `trajectories.active` says
    where a decision is taken.
    """
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    return _total(probability * trajectories.returns, scores_after_the_end_too(trajectories, policy, theta))


@gradient_by_listing.misconception(see=A8)
def listed_and_not_drawn(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You took the plain mean over the list, as if its trajectories had been drawn.

    In a sample the probable trajectories come more often. In the list each stands once, and its weight is P(τ;θ).
    """
    trajectories, _ = enumerate_trajectories(mdp, policy, theta)
    return _total(trajectories.returns / len(trajectories), scores_of(trajectories, policy, theta))


@gradient_by_listing.misconception(see=A4_AND_A5)
def probabilities_left_out(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You left out the probabilities of the trajectories.

    The sum of scores times returns counts a rare walk like a common one. Each term has the weight P(τ;θ).
    """
    trajectories, _ = enumerate_trajectories(mdp, policy, theta)
    return _total(trajectories.returns, scores_of(trajectories, policy, theta))


@gradient_by_listing.misconception(see=A6)
def probability_twice(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You counted the probability of each trajectory twice.

    P ∇log P is ∇P already: beside ∇P stands no P, and beside the score stands one.
    """
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    return _total(probability**2 * trajectories.returns, scores_of(trajectories, policy, theta))


@gradient_by_listing.misconception(see=A7)
def undiscounted_return(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You added up the rewards without the discount.

    R(τ) is Σ_t γᵗ r_t; `trajectories.returns` holds it.
    """
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    return _total(probability * trajectories.rewards.sum(axis=1), scores_of(trajectories, policy, theta))


@gradient_by_listing.misconception(see=A7)
def zero_for_the_gradient(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """Your result is zero.

    The mean of the scores alone is zero for every policy, and so is that mean times the mean return. The gradient is
    the mean of the product: each score is multiplied by the return of its own trajectory.
    """
    return np.zeros(theta.shape)


@gradient_by_listing.misconception()
def mean_over_time(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You took the mean of the scores over time.

    The score of a trajectory is the sum of its scores. Nothing is divided by T.
    """
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    scores = scores_of(trajectories, policy, theta)
    return _total(probability * trajectories.returns, scores) / trajectories.horizon


@gradient_by_listing.misconception(see=WHICH_SCORES)
def last_score_missing(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You left out the score of the last decision.

    A trajectory of T + 1 states has T decisions, and the last of them can still earn a reward.
    """
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    return _total(probability * trajectories.returns, scores_of(trajectories, policy, theta)[:, :-1])


@gradient_by_listing.misconception()
def states_that_follow(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You took the score of each action in the state that it leads to.

    a_t is chosen in s_t. Of the T + 1 states the last one has no action: leave it out, and not the first.
    """
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    scores = policy.score(theta)[trajectories.states[:, 1:], trajectories.actions]
    scores[~trajectories.active] = 0
    return _total(probability * trajectories.returns, scores)


@gradient_by_listing.misconception(see=WHICH_REWARDS)
def reward_for_return(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You multiplied each score by the reward of its own step.

    What a decision earns comes later too. Each score is multiplied by the return of the whole trajectory.
    """
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    discounted = trajectories.rewards * trajectories.discount ** np.arange(trajectories.horizon)
    return np.asarray(np.einsum("it...,it,i->...", scores_of(trajectories, policy, theta), discounted, probability))


def _from_stations(stations: Stations, mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """Σ_τ P(τ) of what each trajectory gives when it is computed from these stations."""
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    return np.asarray(np.tensordot(probability, terms(stations, trajectories, policy, theta), axes=1))


gradient_by_listing.recognise(
    Estimators(
        _from_stations,
        stations=("data", "weights", "scores"),
        bases=(WHOLE_RETURN, TO_GO),
        chapters_known=("setting", "trajectory-form"),
    )
)


@gradient_by_listing.misconception()
def first_decision_alone(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """Only the score of the first decision is there.

    The score of a trajectory is the sum of the scores of all its decisions.
    """
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    scores = scores_of(trajectories, policy, theta)[:, 0]
    return np.asarray(np.tensordot(probability * trajectories.returns, scores, axes=1))


@gradient_by_listing.misconception()
def mean_over_the_steps_of_each_walk(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """The score of each trajectory is divided by the number of its own decisions.

    The score of a trajectory is the sum over its decisions, however many there are.
    """
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    steps = np.maximum(trajectories.active.sum(axis=1), 1)
    return _total(probability * trajectories.returns / steps, scores_of(trajectories, policy, theta))


@gradient_by_listing.misconception()
def divided_by_the_length_of_the_list(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """The sum with its probabilities is divided by the number of trajectories too.

    The probabilities make a mean of the sum already.
    """
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    weights = probability * trajectories.returns / len(trajectories)
    return _total(weights, scores_of(trajectories, policy, theta))
