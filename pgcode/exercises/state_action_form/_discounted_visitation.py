"""The discounted visitation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises._catalogues import CutShort
from pgcode.exercises.state_action_form._shared import (
    PROPORTIONAL,
    WEIGHTS,
    chain_of,
    chains,
    solved_for,
    stationary_of,
    visits_of,
)
from pgcode.mdp import TabularMDP

Array = NDArray[Any]
Generator = np.random.Generator


@function_exercise(
    title="The discounted visitation",
    cases=chains,
    shows="d_γ = μ (I − γP_π)⁻¹: the same matrix as for V, applied from the left. That is why J can be counted by "
    "values or by visits, Σ_s μ(s) V(s) = Σ_s d_γ(s) r(s). The weights sum to 1/(1 − γ) and depend on the start.",
    hints=[
        "Write the first terms: d_γ = μ + γ μP_π + γ² μP_π² + … All but μ is γ times the whole sum, moved on by P_π.",
        "So d_γ = μ + γ d_γ P_π. As a row times a matrix this is d_γ (I − γP_π) = μ.",
        "`np.linalg.solve(matrix, right)` has the unknown on the right of the matrix. Transpose the matrix.",
    ],
    see=WEIGHTS,
)
def discounted_visitation(mdp: TabularMDP, pi: Array) -> Array:
    """Return d_γ(s) = Σ_t γᵗ Pr(s_t = s), for t = 0, 1, … without end, shape (S,)."""
    transition = np.einsum("sa,san->sn", pi, mdp.transition)
    matrix = np.eye(mdp.n_states) - mdp.discount * transition
    return np.linalg.solve(matrix.T, mdp.initial)


@discounted_visitation.misconception()
def stationary_for_visitation(mdp: TabularMDP, pi: Array) -> Array:
    """You returned the stationary distribution.

    It knows neither the start nor the discount. The visitation begins at μ and counts early visits more:
    d_γ = μ + γ d_γ P_π.
    """
    return stationary_of(mdp, pi)


@discounted_visitation.misconception()
def stationary_with_the_sum_of_the_visitation(mdp: TabularMDP, pi: Array) -> Array:
    """You returned the stationary distribution, divided by 1 − γ.

    The sum is right now, but not how it is shared out: the states near the start are visited early and count more.
    """
    return stationary_of(mdp, pi) / (1 - mdp.discount)


@discounted_visitation.misconception(see=PROPORTIONAL)
def divided_by_its_sum(mdp: TabularMDP, pi: Array) -> Array:
    """You divided by the sum, or multiplied by 1 − γ: yours is a distribution.

    The visitation counts visits and sums to 1/(1 − γ). With it the theorem is an equality; divided by its sum it is
    only proportional.
    """
    return (1 - mdp.discount) * visits_of(mdp, pi)


@discounted_visitation.misconception()
def applied_from_the_wrong_side(mdp: TabularMDP, pi: Array) -> Array:
    """You solved (I − γP_π) d = μ.

    That applies the matrix from the right, as for V, and P then looks ahead. Visits move forward: d stands on the left
    of P_π, so the matrix is to be transposed.
    """
    return solved_for(chain_of(mdp, pi), mdp.initial, mdp.discount)


@discounted_visitation.misconception()
def every_state_as_a_start(mdp: TabularMDP, pi: Array) -> Array:
    """You left out the start distribution: yours begins in each state alike.

    The walk begins in s with probability μ(s), `mdp.initial`.
    """
    return solved_for(chain_of(mdp, pi).T, np.full(mdp.n_states, 1 / mdp.n_states), mdp.discount)


@discounted_visitation.misconception()
def one_walk_from_each_state(mdp: TabularMDP, pi: Array) -> Array:
    """You summed the columns of the inverse: a whole walk from each state.

    There is one walk, and it begins in s with probability μ(s). Multiply the inverse by μ from the left.
    """
    return solved_for(chain_of(mdp, pi).T, np.ones(mdp.n_states), mdp.discount)


@discounted_visitation.misconception()
def start_distribution(mdp: TabularMDP, pi: Array) -> Array:
    """You returned μ.

    That is where the walk is at time 0. The visits of all later times are to be added, each with its γᵗ.
    """
    return mdp.initial


@discounted_visitation.misconception()
def time_zero_lost(mdp: TabularMDP, pi: Array) -> Array:
    """You began to count at time 1.

    The sum begins at t = 0, where the state is drawn from μ and counts in full.
    """
    return visits_of(mdp, pi) - mdp.initial


@discounted_visitation.misconception()
def time_zero_discounted(mdp: TabularMDP, pi: Array) -> Array:
    """You discounted the start already: all your numbers are γ times too small.

    The factor of time 0 is γ⁰ = 1.
    """
    return mdp.discount * visits_of(mdp, pi)


@discounted_visitation.misconception()
def discount_twice(mdp: TabularMDP, pi: Array) -> Array:
    """You discounted each step twice, γ² in place of γ.

    Each further step multiplies by γ once. The discount of later rewards is in Q, and has no place here.
    """
    return solved_for(chain_of(mdp, pi).T, mdp.initial, mdp.discount**2)


@discounted_visitation.misconception()
def end_left_out(mdp: TabularMDP, pi: Array) -> Array:
    """You gave terminal states the weight 0.

    Where γ < 1 this book counts them too: a walk that has ended is there at every later time. Nothing is earned there,
    so in the theorem it makes no difference; here it does.
    """
    return np.where(mdp.terminal, 0.0, visits_of(mdp, pi))


discounted_visitation.recognise(CutShort(lambda mdp, pi, count: _first_terms(mdp, pi, count), "terms"))


def _first_terms(mdp: TabularMDP, pi: Array, count: int) -> Array:
    """The sum over the times before ``count``."""
    total, occupied = np.zeros(mdp.n_states), np.array(mdp.initial)
    for t in range(count):
        total += mdp.discount**t * occupied
        occupied = occupied @ chain_of(mdp, pi)
    return total


@discounted_visitation.misconception()
def inverse_without_the_start(mdp: TabularMDP, pi: Array) -> Array:
    """Your result is the whole matrix (I − γP_π)⁻¹: the visits from every state.

    The walk begins by μ: multiply by it from the left, μ (I − γP_π)⁻¹.
    """
    return np.linalg.inv(np.eye(mdp.n_states) - mdp.discount * chain_of(mdp, pi))


@discounted_visitation.misconception()
def sign_in_the_matrix(mdp: TabularMDP, pi: Array) -> Array:
    """The matrix is I + γP_π. It is I − γP_π.

    d = μ + γ d P_π, so that d − γ d P_π = μ.
    """
    return solved_for(-chain_of(mdp, pi).T, mdp.initial, mdp.discount)


@discounted_visitation.misconception()
def discount_left_out_of_a_long_sum(mdp: TabularMDP, pi: Array) -> Array:
    """The start is counted once, and only one step of the chain is made.

    The walk never ends: each step brings γ d P once more.
    """
    return np.asarray(mdp.initial @ chain_of(mdp, pi))


@discounted_visitation.also_right
def _by_the_inverse(mdp: TabularMDP, pi: Array) -> Array:
    """The start times the inverse."""
    transition = np.einsum("sa,san->sn", pi, mdp.transition)
    return mdp.initial @ np.linalg.inv(np.eye(mdp.n_states) - mdp.discount * transition)
