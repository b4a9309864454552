"""The long run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.environments import random_mdp
from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises._catalogues import CutShort
from pgcode.exercises.state_action_form._shared import (
    LONG_RUN,
    WEIGHTS,
    chain_of,
    policy_table,
    stationary_of,
    visits_of,
)
from pgcode.mdp import TabularMDP

Array = NDArray[Any]
Generator = np.random.Generator


def _recurrent_chains(rng: Generator) -> Iterator[tuple[Any, ...]]:
    """Processes with one recurrent class: three connected, one with two states left for good, one with a rhythm of two.

    The last has the eigenvalue −1 too, so that the first or the largest eigenvalue need not be 1.
    """
    for n_states, n_actions, discount in ((3, 2, 0.8), (2, 4, 0.5), (4, 3, 0.9)):
        yield random_mdp(rng, n_states, n_actions, discount, None), policy_table(rng, n_states, n_actions)
    leaving = rng.dirichlet(np.ones(4), size=(4, 2))
    leaving[0::2] = 0
    leaving[0::2, :, 0::2] = rng.dirichlet(np.ones(2), size=(2, 2))
    rhythm = np.zeros((4, 2, 4))
    rhythm[0::2, :, 1::2] = rng.dirichlet(np.ones(2), size=(2, 2))
    rhythm[1::2, :, 0::2] = rng.dirichlet(np.ones(2), size=(2, 2))
    for transition in (leaving, rhythm):
        mdp = TabularMDP(transition, np.zeros((4, 2, 4)), rng.dirichlet(np.ones(4)), discount=0.8)
        yield mdp, policy_table(rng, 4, 2)


@function_exercise(
    title="The long run",
    cases=_recurrent_chains,
    shows="d_π is drawn once and then stays: d_π P = d_π. Neither the start nor the discount nor a reward has a part "
    "in it, only the policy and the dynamics. A chain that goes round in a rhythm has one too, although its p_t tends "
    "to nothing.",
    hints=[
        "d (I − P_π) = 0 says that d stays. It leaves the size of d open; one more equation is needed: Σ_s d(s) = 1.",
        "Take both at once. If Σ_s d(s) = 1, d times a matrix of ones is a row of ones: d (I − P_π + ones) = ones.",
        "Transpose the matrix, as for the visitation, and solve with `np.ones(mdp.n_states)` on the right.",
    ],
    see=WEIGHTS,
)
def stationary_distribution(mdp: TabularMDP, pi: Array) -> Array:
    """Return the distribution d_π with d_π P = d_π, shape (S,)."""
    transition = np.einsum("sa,san->sn", pi, mdp.transition)
    matrix = np.eye(mdp.n_states) - transition + np.ones(transition.shape)
    return np.linalg.solve(matrix.T, np.ones(mdp.n_states))


@stationary_distribution.misconception()
def constant_vector(mdp: TabularMDP, pi: Array) -> Array:
    """You found the same weight for every state, which solves P d = d.

    The rows of P sum to 1, so a constant column stays as it is. A distribution is a row and stands on the left:
    d P_π = d. Transpose P_π.
    """
    return np.full(mdp.n_states, 1 / mdp.n_states)


@stationary_distribution.misconception()
def discounted_for_stationary(mdp: TabularMDP, pi: Array) -> Array:
    """You returned the discounted visits, divided by their sum.

    They remember the start, and one step of the chain changes them. A stationary distribution stays: d P_π = d.
    """
    return (1 - mdp.discount) * visits_of(mdp, pi)


@stationary_distribution.misconception()
def discounted_visits(mdp: TabularMDP, pi: Array) -> Array:
    """You returned the discounted visitation d_γ.

    It remembers the start, and it is no distribution. Neither μ nor γ has a part in the long run.
    """
    return visits_of(mdp, pi)


@stationary_distribution.misconception(see=LONG_RUN)
def many_steps_of_a_rhythm(mdp: TabularMDP, pi: Array) -> Array:
    """You let the chain run from μ for many steps.

    That works where p_t has a limit. One of the chains goes round in a rhythm of two, and its p_t at even times is not
    that at odd times, for ever. Solve d P = d instead; or take the mean of two neighbouring times.
    """
    return np.asarray(mdp.initial @ np.linalg.matrix_power(chain_of(mdp, pi), 2000))


@stationary_distribution.misconception(see=LONG_RUN)
def odd_number_of_steps_of_a_rhythm(mdp: TabularMDP, pi: Array) -> Array:
    """You let the chain run from μ for many steps, an odd number of them.

    That works where p_t has a limit. One of the chains goes round in a rhythm of two, and its p_t at odd times is not
    that at even times, for ever. Solve d P = d instead; or take the mean of two neighbouring times.
    """
    return np.asarray(mdp.initial @ np.linalg.matrix_power(chain_of(mdp, pi), 2001))


@stationary_distribution.misconception(see=LONG_RUN)
def many_steps_from_state_zero(mdp: TabularMDP, pi: Array) -> Array:
    """You let the chain run from state 0 for many steps.

    That works where p_t has a limit. One of the chains goes round in a rhythm of two and can be in state 0 at even
    times only, for ever. Solve d P = d instead; or take the mean of two neighbouring times.
    """
    return np.asarray(np.linalg.matrix_power(chain_of(mdp, pi), 2000)[0])


@stationary_distribution.misconception()
def length_one_for_sum_one(mdp: TabularMDP, pi: Array) -> Array:
    """Your weights have length 1, as an eigenvector that NumPy returns.

    A distribution sums to 1: divide by the sum.
    """
    d = stationary_of(mdp, pi)
    return np.asarray(d / np.linalg.norm(d))


@stationary_distribution.misconception()
def one_step_from_the_start(mdp: TabularMDP, pi: Array) -> Array:
    """You took one step from the start, μP_π.

    That is p_1, where the state is at time 1. After another step it is elsewhere, and d_π is what no step changes.
    """
    return np.asarray(mdp.initial @ chain_of(mdp, pi))


@stationary_distribution.misconception()
def start_weights(mdp: TabularMDP, pi: Array) -> Array:
    """You returned μ.

    That is where the walk begins. The long run has forgotten it.
    """
    return mdp.initial


@stationary_distribution.misconception()
def actions_equally_likely(mdp: TabularMDP, pi: Array) -> Array:
    """You let all actions be equally likely.

    The chain is that of the policy: P_π(s'|s) = Σ_a π(a|s) p(s'|s,a).
    """
    return stationary_of(mdp, np.full(pi.shape, 1 / mdp.n_actions))


for _name, _begin in (
    ("from the start", lambda mdp: np.array(mdp.initial)),
    ("from all states alike", lambda mdp: np.full(mdp.n_states, 1 / mdp.n_states)),
    ("from state 0", lambda mdp: np.eye(mdp.n_states)[0]),
):
    stationary_distribution.recognise(
        CutShort(lambda mdp, pi, count, begin=_begin: _after_steps(begin(mdp), mdp, pi, count), f"steps {_name}")
    )


def _after_steps(begin: Array, mdp: TabularMDP, pi: Array, count: int) -> Array:
    """Where the chain is after some steps."""
    return np.asarray(begin @ np.linalg.matrix_power(chain_of(mdp, pi), count))


@stationary_distribution.also_right
def _by_least_squares(mdp: TabularMDP, pi: Array) -> Array:
    """The equations d P = d and Σ d = 1, all at once."""
    transition = np.einsum("sa,san->sn", pi, mdp.transition)
    rows = np.vstack([transition.T - np.eye(mdp.n_states), np.ones(mdp.n_states)])
    wanted = np.append(np.zeros(mdp.n_states), 1)
    return np.asarray(np.linalg.pinv(rows) @ wanted)
