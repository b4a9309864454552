"""Objective, values and occupancies of a policy, by dynamic programming and linear algebra.

With a horizon T everything is indexed by time and found by one recursion; without one it is found
by one linear solve. All functions carry complex θ through.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode.mdp import TabularMDP
from pgcode.policies import Policy, action_probabilities

__all__ = ["action_values", "discounted_visitation", "objective", "occupancy", "state_values"]

Array = NDArray[Any]


def objective(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> Any:
    """J(θ) = Σ_s μ(s) V(s), the expected return from the start distribution; a number."""
    values = state_values(mdp, policy, theta)
    return mdp.initial @ (values if mdp.horizon is None else values[0])


def state_values(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> Array:
    """V(s), the expected return from s on.

    With a horizon: V_t(s) = Σ_a π(a|s) Q_t(s,a) and V_T = 0, shape (T + 1, n_states). Without one:
    V = (I − γP)⁻¹ r over the states that are not terminal, shape (n_states,).

    Raises
    ------
    ValueError
        Without a horizon and with γ = 1, if from some state that the policy can reach the process
        does not end: its return is a sum without a limit.

    References
    ----------
    Sutton and Barto (2018), equations (3.14) and (4.4).
    """
    probabilities = action_probabilities(mdp, policy, theta)
    if mdp.horizon is None:
        transition, reward = _chain(mdp, probabilities)
        going = _going_states(mdp, transition)
        values = np.zeros(mdp.n_states, transition.dtype)
        inner = transition[np.ix_(going, going)]
        values[going] = np.linalg.solve(np.eye(len(going)) - mdp.discount * inner, reward[going])
        return values
    values = np.zeros((mdp.horizon + 1, mdp.n_states), probabilities.dtype)
    for t in range(mdp.horizon - 1, -1, -1):
        values[t] = (probabilities * _backup(mdp, values[t + 1])).sum(axis=1)
    return values


def action_values(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> Array:
    """Q(s,a) = r(s,a) + γ Σ_{s'} p(s'|s,a) V(s').

    Shape (n_states, n_actions), or with a horizon (T, n_states, n_actions) with V_{t+1} on the right.

    References
    ----------
    Sutton and Barto (2018), equation (3.13).
    """
    values = state_values(mdp, policy, theta)
    if mdp.horizon is None:
        return _backup(mdp, values)
    return np.stack([_backup(mdp, later) for later in values[1:]])


def occupancy(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> Array:
    """p_t(s) = Pr(s_t = s), t = 0 … T, shape (T + 1, n_states), by p_{t+1} = p_t P."""
    if mdp.horizon is None:
        raise ValueError("mdp.horizon is None: set one to list p_t, or take discounted_visitation")
    transition, _ = _chain(mdp, action_probabilities(mdp, policy, theta))
    occupied = np.empty((mdp.horizon + 1, mdp.n_states), transition.dtype)
    occupied[0] = mdp.initial
    for t in range(mdp.horizon):
        occupied[t + 1] = occupied[t] @ transition
    return occupied


def discounted_visitation(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> Array:
    """d_γ(s) = Σ_{t<T} γᵗ p_t(s), not normalised; shape (n_states,).

    Without a horizon it is the solution of d = μ + γ Pᵀ d. At γ = 1 it counts visits, and terminal
    states, which are visited for ever, are given 0.
    """
    if mdp.horizon is not None:
        steps = mdp.discount ** np.arange(mdp.horizon)
        visits: Array = steps @ occupancy(mdp, policy, theta)[:-1]
        return visits
    transition, _ = _chain(mdp, action_probabilities(mdp, policy, theta))
    states = _going_states(mdp, transition) if mdp.discount == 1 else np.arange(mdp.n_states)
    inner = transition[np.ix_(states, states)]
    visits = np.zeros(mdp.n_states, transition.dtype)
    visits[states] = np.linalg.solve(np.eye(len(states)) - mdp.discount * inner.T, mdp.initial[states])
    return visits


def _backup(mdp: TabularMDP, later: Array) -> Array:
    """r(s,a) + γ Σ_{s'} p(s'|s,a) v(s')."""
    backed: Array = mdp.expected_reward + mdp.discount * (mdp.transition @ later)
    return backed


def _chain(mdp: TabularMDP, probabilities: Array) -> tuple[Array, Array]:
    """The policy's transition matrix P(s'|s) and expected reward r(s)."""
    transition = np.einsum("sa,san->sn", probabilities, mdp.transition)
    return transition, (probabilities * mdp.expected_reward).sum(axis=1)


def _going_states(mdp: TabularMDP, transition: Array) -> NDArray[np.intp]:
    """The states that are not terminal and, at γ = 1, that the process can visit from μ.

    At γ = 1 each of them must be able to end.
    """
    going = np.flatnonzero(~mdp.terminal)
    if mdp.discount < 1:
        return going
    steps = transition != 0
    visited = _closure(steps, mdp.initial > 0)
    ends = _closure(steps.T, mdp.terminal)
    stuck = np.flatnonzero(visited & ~ends)
    if stuck.size:
        raise ValueError(
            f"discount is 1 and the process never ends once it is in state {stuck[0]}, so its return has no limit: "
            "take a discount below 1, a horizon, or the average reward"
        )
    return going[visited[going]]


def _closure(steps: NDArray[np.bool_], start: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The states that can be reached from a set along steps, the set included."""
    reached = start.copy()
    while True:
        wider = reached | steps[reached].any(axis=0)
        if (wider == reached).all():
            return reached
        reached = wider
