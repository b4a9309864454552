"""What the shortened update follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import values
from pgcode.environments import corridor_policy, short_corridor
from pgcode.exercises import function_exercise
from pgcode.exercises.chapters import CAUSALITY, DISCOUNTING, THEOREM, VALUES
from pgcode.mdp import TabularMDP
from pgcode.policies import SoftmaxPolicy, TabularPolicy

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


_CODE = DISCOUNTING.section("What code computes")
_BOTH = DISCOUNTING.section("Both discounts come from one")


def _processes_that_end(rng: Generator) -> Iterator[tuple[TabularMDP, TabularPolicy, Array]]:
    """Processes whose last state is an end that every step may reach; and the corridor."""
    for n_states, n_actions, discount in ((3, 2, 0.8), (4, 3, 0.5), (3, 4, 0.9)):
        transition = rng.dirichlet(np.ones(n_states), size=(n_states, n_actions))
        transition[-1] = np.eye(n_states)[-1]
        reward = rng.standard_normal(transition.shape)
        reward[-1] = 0
        start = np.append(rng.dirichlet(np.ones(n_states - 1)), 0.0)
        mdp = TabularMDP(transition, reward, start, discount)
        yield mdp, SoftmaxPolicy(n_states, n_actions), rng.standard_normal((n_states, n_actions))
    yield short_corridor(discount=0.7), corridor_policy(), rng.standard_normal(2)


def _line(policy: TabularPolicy, theta: Array, visits: Array, q: Array) -> Array:
    pi, score = policy.probabilities(theta), policy.score(theta)
    return np.einsum("s,sa,sa,sa...->...", visits, pi, q, score)


@function_exercise(
    title="What the shortened update follows",
    cases=_processes_that_end,
    shows="Two discounts in one formula: 1 for the visits and γ for the values. Neither ∇J with the discount nor ∇J "
    "without has that.",
    hints=[
        "Without γᵗ a visit counts 1 whenever it comes: the weight of a state is the expected number of visits.",
        "That is the discounted visitation of the same process with the discount 1: "
        "`replace(mdp, discount=1.0)`, from `dataclasses`.",
        "The values keep their γ: `values.action_values(mdp, policy, theta)`.",
    ],
    see=_CODE,
    pairs=100,
)
def field_without_power(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """Return F = Σ_s d_1(s) Σ_a ∇π(a|s) Q_γ(s,a), the mean of the update without γᵗ; the shape of θ."""
    visits = values.discounted_visitation(replace(mdp, discount=1.0), policy, theta)
    q = values.action_values(mdp, policy, theta)
    pi, score = policy.probabilities(theta), policy.score(theta)
    return np.einsum("s,sa,sa,sa...->...", visits, pi, q, score)


@field_without_power.made_of
def _made(
    mdp: TabularMDP,
    policy: TabularPolicy,
    theta: Array,
    *,
    visited: Callable[[TabularMDP], TabularMDP] = lambda mdp: replace(mdp, discount=1.0),
    weights: Callable[[TabularMDP, Array], Array] = lambda mdp, visits: visits,
    valued: Callable[[TabularMDP], TabularMDP] = lambda mdp: mdp,
    action_values: Callable[[TabularMDP, Array], Array] = lambda mdp, q: q,
    slope: Callable[[Array], Array] = lambda pi: pi,
) -> Array:
    visits = weights(mdp, values.discounted_visitation(visited(mdp), policy, theta))
    q = action_values(mdp, values.action_values(valued(mdp), policy, theta))
    return np.einsum("s,sa,sa,sa...->...", visits, slope(policy.probabilities(theta)), q, policy.score(theta))


field_without_power.variation(
    "the gradient with the discount",
    "Your result is ∇J with the discount: the visits are discounted. Without γᵗ they are not.",
    _BOTH,
    visited=lambda mdp: mdp,
)
field_without_power.variation(
    "values without a discount",
    "The values have the discount 1. G_t has kept its γ: only the factor before it was left out.",
    _CODE,
    valued=lambda mdp: replace(mdp, discount=1.0),
)
field_without_power.variation(
    "visits made a distribution",
    "The visits are divided by their sum. F has their number: more visits bring more scores.",
    THEOREM.section("Equal, or only proportional"),
    weights=lambda mdp, visits: visits / visits.sum(),
)
field_without_power.variation(
    "start for the visits",
    "The weights are those of the start. Every decision of the walk has a score.",
    VALUES.section("Three distributions of states"),
    weights=lambda mdp, visits: mdp.initial,
)
field_without_power.variation(
    "reward for action value",
    "The expected reward of the step stands in place of Q. G_t holds what comes later too.",
    VALUES.section("Values"),
    action_values=lambda mdp, q: mdp.expected_reward,
)
field_without_power.variation(
    "score for the gradient of the policy",
    "∇log π stands in place of ∇π = π ∇log π: the probability of the action is missing.",
    CAUSALITY.section("C6: no score, no division"),
    slope=np.ones_like,
)


@field_without_power.misconception(see=_BOTH)
def visits_and_values_exchanged(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """The discounts are exchanged: γ for the visits and 1 for the values.

    Left out is the factor of the step, which discounts the visits.
    """
    return _made(mdp, policy, theta, visited=lambda mdp: mdp, valued=lambda mdp: replace(mdp, discount=1.0))


@field_without_power.also_right
def _state_by_state(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """The loops over states and actions."""
    visits = values.discounted_visitation(replace(mdp, discount=1.0), policy, theta)
    q = values.action_values(mdp, policy, theta)
    pi, score = policy.probabilities(theta), policy.score(theta)
    total = np.zeros(np.shape(theta))
    for s in range(mdp.n_states):
        for a in range(mdp.n_actions):
            total += visits[s] * pi[s, a] * score[s, a] * q[s, a]
    return total
