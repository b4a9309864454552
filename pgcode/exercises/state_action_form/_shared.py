"""What several exercises of this part use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import state_action_form, values
from pgcode.environments import random_mdp, short_corridor
from pgcode.exercises.chapters import FROM_Q_TO_SAMPLES, THEOREM, VALUES
from pgcode.mdp import TabularMDP
from pgcode.policies import TabularPolicy

Array = NDArray[Any]
Generator = np.random.Generator


WHAT_VALUES_ARE = VALUES.section("Values")
WHICH_POLICY = VALUES.section("The value of which policy?")
WEIGHTS = VALUES.section("Three distributions of states")
LONG_RUN = VALUES.section("Does the start matter in the long run?")
OBJECTIVE_OF_B1 = VALUES.section("What the objective of B1 is")
T8 = THEOREM.section("T8: the theorem")
T9_AND_T10 = THEOREM.section("T9 and T10: scores and an expectation")
PROPORTIONAL = THEOREM.section("Equal, or only proportional")
WHERE_RIGHT = THEOREM.section("Where the formula is right")
CRITIC = FROM_Q_TO_SAMPLES.section("Actor–critic: Q replaced by an estimate")


def policy_table(rng: Generator, n_states: int, n_actions: int) -> Array:
    return rng.dirichlet(np.full(n_actions, 2.0), size=n_states)


def chains(rng: Generator) -> Iterator[tuple[Any, ...]]:
    """Processes without a horizon and a policy: three that go on for ever and one that ends."""
    for n_states, n_actions, discount in ((3, 2, 0.8), (2, 4, 0.5), (4, 3, 0.9)):
        yield random_mdp(rng, n_states, n_actions, discount, None), policy_table(rng, n_states, n_actions)
    corridor = short_corridor(discount=0.7)
    yield replace(corridor, initial=rng.dirichlet(np.ones(4))), policy_table(rng, 4, 2)


def chain_of(mdp: TabularMDP, pi: Array) -> Array:
    """P_π(s'|s)."""
    return np.einsum("sa,san->sn", pi, mdp.transition)


def solved_for(matrix: Array, right: Array, discount: float) -> Array:
    """(I − γ M)⁻¹ x."""
    return np.linalg.solve(np.eye(len(matrix)) - discount * matrix, right)


def backup(mdp: TabularMDP, v: Array) -> Array:
    """r(s,a) + γ Σ p V."""
    return np.asarray(mdp.expected_reward + mdp.discount * mdp.transition @ v)


def optimal_action_values(mdp: TabularMDP) -> Array:
    """q*(s,a), by value iteration until the factor γᵏ is far below rounding."""
    q = np.zeros((mdp.n_states, mdp.n_actions))
    for _ in range(400):
        q = backup(mdp, q.max(axis=1))
    return q


def stationary_of(mdp: TabularMDP, pi: Array) -> Array:
    equations = np.eye(mdp.n_states) - chain_of(mdp, pi) + 1
    return np.linalg.solve(equations.T, np.ones(mdp.n_states))


def visits_of(mdp: TabularMDP, pi: Array) -> Array:
    return solved_for(chain_of(mdp, pi).T, mdp.initial, mdp.discount)


def weighted_line(policy: TabularPolicy, theta: Array, state_weights: Array, action_values: Array) -> Array:
    """Σ_s w(s) Σ_a ∇π(a|s) Q(s,a)."""
    return state_action_form.state_weighted_gradient(policy, theta, state_weights, action_values)


def right_factors(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """d_γ and Q."""
    return values.discounted_visitation(mdp, policy, theta), values.action_values(mdp, policy, theta)
