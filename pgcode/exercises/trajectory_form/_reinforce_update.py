"""Repair this REINFORCE."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises._catalogues import Estimators, Stations, estimate
from pgcode.exercises.chapters import SAMPLE_ESTIMATE
from pgcode.exercises.trajectory_form._shared import (
    A14,
    WHICH_REWARDS,
    WHICH_SCORES,
)
from pgcode.policies import SoftmaxPolicy, TabularPolicy
from pgcode.trajectories import Trajectories

Array = NDArray[Any]
Generator = np.random.Generator


_REINFORCE = SAMPLE_ESTIMATE.section("REINFORCE")


def _episodes(rng: Generator) -> Iterator[tuple[Any, ...]]:
    for n_states, n_actions, horizon, discount, step_size in (
        (3, 2, 5, 0.9, 0.1),
        (2, 3, 4, 0.6, 0.5),
        (4, 3, 7, 0.8, 2.0),
        (3, 4, 1, 0.7, 1.0),
    ):
        policy, theta = SoftmaxPolicy(n_states, n_actions), rng.standard_normal((n_states, n_actions))
        states, actions = rng.integers(n_states, size=horizon + 1), rng.integers(n_actions, size=horizon)
        yield theta, policy, states, actions, rng.standard_normal(horizon), discount, step_size


@function_exercise(
    title="Repair this REINFORCE",
    cases=_episodes,
    shows="Ascent on J, all T scores, and each of them in the state in which its action was chosen. Broken code of "
    "this kind runs without an error, and often it even learns something: only a comparison with known numbers tells.",
    hints=[
        "There are three mistakes. The line that computes γᵗ G_t is not one of them, nor is the one above it.",
        "Compare the number of states with the number of actions. In which state was the first action chosen?",
        "How many decisions are there, and how many of them does the sum take? Then ask whether J is to rise or fall.",
    ],
    see=_REINFORCE,
    pairs=300,
)
def reinforce_update(
    theta: Array,
    policy: TabularPolicy,
    states: Array,
    actions: Array,
    rewards: Array,
    discount: float,
    step_size: float,
) -> Array:
    """Return θ + α Σ_t γᵗ G_t ∇log π_θ(a_t|s_t) after one episode, the shape of θ."""
    paid = rewards * discount ** np.arange(len(rewards))
    weights = np.cumsum(paid[::-1])[::-1]  # γᵗ G_t
    scores = policy.score(theta)[states[:-1], actions]
    return theta + step_size * np.tensordot(weights, scores, axes=1)


def _update(
    theta: Array,
    policy: TabularPolicy,
    states: Array,
    actions: Array,
    rewards: Array,
    discount: float,
    step_size: float,
    *,
    sign: int = 1,
    shifted: bool = False,
    last_lost: bool = False,
    weights: Array | None = None,
) -> Array:
    """θ + α Σ_t w_t score_t with mistakes; the weights are γᵗ G_t unless told."""
    if weights is None:
        weights = _discounted_to_go(rewards, discount)
    scores = policy.score(theta)[states[1:] if shifted else states[:-1], actions]
    n_scores = len(rewards) - last_lost
    return np.asarray(theta + sign * step_size * np.tensordot(weights[:n_scores], scores[:n_scores], axes=1))


def _discounts(rewards: Array, discount: float) -> Array:
    return np.asarray(discount ** np.arange(len(rewards)))


def _discounted_to_go(rewards: Array, discount: float) -> Array:
    """γᵗ G_t of each step."""
    return np.cumsum((rewards * _discounts(rewards, discount))[::-1])[::-1]


@reinforce_update.misconception()
def nothing_repaired(*episode: Any) -> Array:
    """Three mistakes are left: your function does what the broken one does.

    One is in the states that are paired with the actions, one in the number of the scores, one in the direction of
    the step.
    """
    return _update(*episode, sign=-1, shifted=True, last_lost=True)


@reinforce_update.misconception()
def only_the_last_score_repaired(*episode: Any) -> Array:
    """All scores count now, and two mistakes are left.

    Each action still meets the state that it leads to, and the step still goes downhill.
    """
    return _update(*episode, sign=-1, shifted=True)


@reinforce_update.misconception()
def only_the_states_repaired(*episode: Any) -> Array:
    """Each action meets its own state now, and two mistakes are left.

    The sum still loses the last decision, and the step still goes downhill.
    """
    return _update(*episode, sign=-1, last_lost=True)


@reinforce_update.misconception()
def only_the_sign_repaired(*episode: Any) -> Array:
    """The step goes uphill now, and two mistakes are left.

    Each action still meets the state that it leads to, and the sum still loses the last decision.
    """
    return _update(*episode, shifted=True, last_lost=True)


@reinforce_update.misconception()
def still_downhill(*episode: Any) -> Array:
    """The step goes downhill, and the rest is right.

    A minus sign belongs to a loss that is minimised. Here J is to rise, and θ moves along the gradient.
    """
    return _update(*episode, sign=-1)


@reinforce_update.misconception(see=WHICH_SCORES)
def last_score_still_lost(*episode: Any) -> Array:
    """The score of the last decision is missing, and the rest is right.

    T rewards belong to T decisions, and the last decision earns the last reward. Without it the mean is not ∇J.
    """
    return _update(*episode, last_lost=True)


@reinforce_update.misconception(see=A14)
def states_still_shifted(*episode: Any) -> Array:
    """Each action meets the state that it leads to, and the rest is right.

    a_t is chosen in s_t. Of the T + 1 states the last one has no action.
    """
    return _update(*episode, shifted=True)


@reinforce_update.misconception()
def discount_of_the_step_dropped(*episode: Any) -> Array:
    """The factor γᵗ is missing: your weights are G_t.

    G_t counts the discount from time t on, and J counts it from time 0. The weight of the score at time t is γᵗ G_t.
    The broken code has that right.
    """
    rewards, discount = episode[4:6]
    return _update(*episode, weights=_discounted_to_go(rewards, discount) / _discounts(rewards, discount))


@reinforce_update.misconception()
def discounted_twice(*episode: Any) -> Array:
    """You applied γᵗ twice.

    `paid` holds γᵏ r_k, discounted from time 0, so its sums from t on are γᵗ G_t already.
    """
    rewards, discount = episode[4:6]
    return _update(*episode, weights=_discounted_to_go(rewards, discount) * _discounts(rewards, discount))


@reinforce_update.misconception(see=WHICH_REWARDS)
def past_rewards_for_those_to_go(*episode: Any) -> Array:
    """Your weights add up the rewards until time t.

    A decision cannot change what has been paid before it. Its weight is the sum from time t to the end: the row is
    turned round, summed, and turned round again.
    """
    rewards, discount = episode[4:6]
    return _update(*episode, weights=np.cumsum(rewards * _discounts(rewards, discount)))


@reinforce_update.misconception()
def divided_by_the_length(*episode: Any) -> Array:
    """You divided by the number of steps.

    The update is a sum over time. A mean makes the step shorter the longer the episode was.
    """
    rewards, discount = episode[4:6]
    return _update(*episode, weights=_discounted_to_go(rewards, discount) / len(rewards))


@reinforce_update.misconception(see=WHICH_REWARDS)
def whole_return_for_rewards_to_go(*episode: Any) -> Array:
    """Your weights are the whole return at every step.

    That update has the same mean, but it is not the one that is asked for: the weight of the score at time t leaves
    out what was paid before t.
    """
    rewards, discount = episode[4:6]
    weights = np.full(len(rewards), np.sum(rewards * _discounts(rewards, discount)))
    return _update(*episode, weights=weights)


@reinforce_update.misconception(see=WHICH_REWARDS)
def own_reward_alone(*episode: Any) -> Array:
    """Each score has only the reward of its own step beside it.

    What a decision earns comes later too: its weight is the sum of the discounted rewards from time t to the end.
    """
    rewards, discount = episode[4:6]
    return _update(*episode, weights=rewards * _discounts(rewards, discount))


@reinforce_update.misconception()
def weights_not_turned_back(*episode: Any) -> Array:
    """Your weights stand in the wrong order.

    The sums that run from the end begin with the last step. Turn the row round again, so that time 0 comes first.
    """
    rewards, discount = episode[4:6]
    return _update(*episode, weights=_discounted_to_go(rewards, discount)[::-1])


@reinforce_update.misconception()
def step_without_its_start(*episode: Any) -> Array:
    """You returned the step, and not where it leads.

    The new parameters are the old ones plus the step.
    """
    return _update(*episode) - episode[0]


@reinforce_update.misconception()
def theta_changed_within_the_episode(
    theta: Array,
    policy: TabularPolicy,
    states: Array,
    actions: Array,
    rewards: Array,
    discount: float,
    step_size: float,
) -> Array:
    """You changed θ at each step and took the later scores at the changed θ.

    The episode was drawn with one θ, and all its scores are taken there. The update is made once, after the episode.
    """
    weights = _discounted_to_go(rewards, discount)
    for t in range(len(rewards)):
        theta = theta + step_size * weights[t] * policy.score(theta)[states[t], actions[t]]
    return theta


def _from_stations(stations: Stations, *episode: Any) -> Array:
    """θ + α ĝ with ĝ from these stations."""
    theta, policy, states, actions, rewards, discount, step_size = episode
    terminal = np.zeros(len(theta), dtype=bool)
    walk = Trajectories(states[None], actions[None], rewards[None], discount, terminal)
    return np.asarray(theta + step_size * estimate(stations, walk, policy, theta))


reinforce_update.recognise(
    Estimators(
        _from_stations,
        stations=("data", "weights", "baseline", "scores", "mean", "after"),
        chapters_known=("setting", "trajectory-form"),
    )
)


@reinforce_update.made_of
def _made(
    *episode: Any,
    weights: Callable[[Array, float], Array] = _discounted_to_go,
    divided: bool = False,
    **left: Any,
) -> Array:
    rewards, discount = episode[4], episode[5]
    beside = weights(rewards, discount) / (len(rewards) if divided else 1)
    return _update(*episode, weights=beside, **left)


def _standardised(rewards: Array, discount: float) -> Array:
    """The G_t of the episode with mean 0 and deviation 1."""
    returns = _discounted_to_go(rewards, discount) / _discounts(rewards, discount)
    return np.asarray((returns - returns.mean()) / (returns.std() + 1e-8))


reinforce_update.variation("still downhill", sign=-1)
reinforce_update.variation("last score still lost", last_lost=True)
reinforce_update.variation("states still shifted", shifted=True)
reinforce_update.variation(
    "discount of the step dropped",
    weights=lambda rewards, discount: _discounted_to_go(rewards, discount) / _discounts(rewards, discount),
)
reinforce_update.variation("weights not turned back", weights=lambda *given: _discounted_to_go(*given)[::-1])
reinforce_update.variation(
    "whole return for rewards to go",
    weights=lambda *given: np.full(len(given[0]), _discounted_to_go(*given)[0]),
)
reinforce_update.variation("divided by the length", divided=True)
reinforce_update.variation(
    "rewards never discounted",
    "Nothing is discounted: this is the update of γ = 1. The reward at time k counts γᵏ times in J.",
    WHICH_REWARDS,
    weights=lambda rewards, discount: _discounted_to_go(rewards, 1.0),
)
reinforce_update.variation(
    "returns standardised",
    "The G_t of the episode are standardised, mean 0 and deviation 1. Then what is compared is early with late, and "
    "a good episode looks like a bad one.",
    weights=lambda rewards, discount: _discounts(rewards, discount) * _standardised(rewards, discount),
)


@reinforce_update.misconception(see=WHICH_REWARDS)
def mean_return_subtracted(*episode: Any) -> Array:
    """The mean of the G_t of the episode is subtracted from each of them.

    That mean holds the rewards of the very decisions that it is subtracted from, so it is no baseline: the mean of the
    update is not ∇J. The weight that is asked for is γᵗ G_t alone.
    """
    rewards, discount = episode[4:6]
    discounts = _discounts(rewards, discount)
    returns = _discounted_to_go(rewards, discount) / discounts
    return _update(*episode, weights=discounts * (returns - returns.mean()))


@reinforce_update.misconception()
def theta_never_assigned(*episode: Any) -> Array:
    """The result is the θ that was given: the step was computed and not kept.

    `theta + …` makes a new array. Give it the name, or return it.
    """
    return np.array(episode[0])


@reinforce_update.misconception()
def gradient_for_the_parameters(*episode: Any) -> Array:
    """Your result is the estimate of the gradient, without θ and without the step size.

    What is asked for is where the step leads: θ + α ĝ.
    """
    return np.asarray((_update(*episode) - episode[0]) / episode[6])


@reinforce_update.also_right
def _backwards(
    theta: Array,
    policy: TabularPolicy,
    states: Array,
    actions: Array,
    rewards: Array,
    discount: float,
    step_size: float,
) -> Array:
    """The loop from the last decision to the first."""
    scores = policy.score(theta)[states[:-1], actions]
    step, to_go = np.zeros(theta.shape), 0.0
    for t in range(len(rewards))[::-1]:
        to_go = rewards[t] + discount * to_go
        step += discount**t * to_go * scores[t]
    return theta + step_size * step
