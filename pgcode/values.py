"""Objective, values and occupancies of a policy, by dynamic programming and linear algebra.

With a horizon T everything is indexed by time and found by one recursion; without one it is found
by one linear solve. All functions carry complex θ through.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode.mdp import TabularMDP
from pgcode.policies import TabularPolicy, action_probabilities

__all__ = [
    "action_values",
    "advantages",
    "average_reward",
    "differential_action_values",
    "differential_values",
    "discounted_visitation",
    "going_states",
    "objective",
    "occupancy",
    "period",
    "policy_chain",
    "state_values",
    "stationary_distribution",
]

Array = NDArray[Any]


def policy_chain(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> tuple[Array, Array]:
    """P(s'|s) = Σ_a π(a|s) p(s'|s,a), shape (S, S), and r(s) = Σ_a π(a|s) r(s,a), shape (S,)."""
    probabilities = action_probabilities(mdp, policy, theta)
    transition = np.matmul(probabilities[:, None, :], mdp.transition)[:, 0]
    return transition, (probabilities * mdp.expected_reward).sum(axis=1)


def objective(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Any:
    """J(θ) = Σ_s μ(s) V(s), the expected return from the start distribution; a number."""
    values = state_values(mdp, policy, theta)
    return mdp.initial @ (values if mdp.horizon is None else values[0])


def state_values(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """V(s), the expected return from s on.

    With a horizon: V_t(s) = Σ_a π(a|s) Q_t(s,a) and V_T = 0, shape (T + 1, n_states). Without one:
    V = (I − γP)⁻¹ r over the states that are not terminal, shape (n_states,).

    Raises
    ------
    ValueError
        Without a horizon and with γ = 1, if there is a state from which the process cannot end, for its
        return from there need not have a limit; or from which it hardly ends, for the sum is then lost in
        rounding.

    References
    ----------
    Sutton and Barto (2018), equations (3.14) and (4.4).
    """
    if mdp.horizon is None:
        transition, reward = policy_chain(mdp, policy, theta)
        going = going_states(mdp, transition)
        values = np.zeros(mdp.n_states, transition.dtype)
        values[going] = _solve(mdp, transition, going, reward[going])
        return values
    probabilities = action_probabilities(mdp, policy, theta)
    values = np.zeros((mdp.horizon + 1, mdp.n_states), probabilities.dtype)
    for t in range(mdp.horizon - 1, -1, -1):
        values[t] = (probabilities * _backup(mdp, values[t + 1])).sum(axis=1)
    return values


def action_values(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
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


def advantages(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """A(s,a) = Q(s,a) − V(s), of the shape of ``action_values``; its mean under the policy is 0.

    Where an action is forbidden A is 0.
    """
    action = action_values(mdp, policy, theta)
    difference = action - (action_probabilities(mdp, policy, theta) * action).sum(axis=-1, keepdims=True)
    return difference if mdp.allows_all else np.where(mdp.allowed, difference, 0)


def occupancy(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """p_t(s) = Pr(s_t = s), t = 0 … T, shape (T + 1, n_states), by p_{t+1} = p_t P."""
    if mdp.horizon is None:
        raise ValueError("mdp.horizon is None: set one to list p_t, or take discounted_visitation")
    transition, _ = policy_chain(mdp, policy, theta)
    occupied = np.empty((mdp.horizon + 1, mdp.n_states), transition.dtype)
    occupied[0] = mdp.initial
    for t in range(mdp.horizon):
        occupied[t + 1] = occupied[t] @ transition
    return occupied


def discounted_visitation(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """d_γ(s) = Σ_{t<T} γᵗ p_t(s), not normalised; shape (n_states,).

    Without a horizon it is the solution of d = μ + γ Pᵀ d. At γ = 1 it counts visits, and terminal
    states, which are visited for ever, are given 0.
    """
    if mdp.horizon is not None:
        steps = mdp.discount ** np.arange(mdp.horizon)
        visits: Array = steps @ occupancy(mdp, policy, theta)[:-1]
        return visits
    transition, _ = policy_chain(mdp, policy, theta)
    states = going_states(mdp, transition) if mdp.discount == 1 else np.arange(mdp.n_states)
    visits = np.zeros(mdp.n_states, transition.dtype)
    visits[states] = _solve(mdp, transition, states, mdp.initial[states], transposed=True)
    return visits


def stationary_distribution(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """d_π with d = d P and Σ d = 1, by elimination without subtraction; shape (n_states,).

    The horizon, the discount and the start play no part. d_π is unique when the chain has one
    recurrent class; states outside of it have d = 0, and a single terminal state has d = 1. A
    periodic chain has a d_π too, although p_t does not tend to it (see ``period``).

    Raises
    ------
    ValueError
        If the chain has more than one recurrent class: then each has a distribution of its own, and
        which one describes the long run depends on the start.

    References
    ----------
    Sutton and Barto (2018), section 10.3; Grassmann, Taksar and Heyman (1985) for the elimination,
    whose every entry is accurate even where the chain hardly connects.
    """
    transition, _ = policy_chain(mdp, policy, theta)
    steps = transition != 0
    recurrent = np.flatnonzero(_closure(steps, np.arange(mdp.n_states) == _require_unichain(steps)))
    rest = transition[np.ix_(recurrent, recurrent)].copy()
    for k in range(len(rest) - 1, 0, -1):  # leave out state k: its visits are spread over those before it
        rest[:k, k] /= rest[k, :k].sum()
        rest[:k, :k] += np.outer(rest[:k, k], rest[k, :k])
    weights = np.ones(len(rest), transition.dtype)
    for k in range(1, len(rest)):
        weights[k] = weights[:k] @ rest[:k, k]
    distribution = np.zeros(mdp.n_states, transition.dtype)
    distribution[recurrent] = weights / weights.sum()
    return distribution


def period(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> int:
    """The period of the recurrent class: the common divisor of the lengths of all its cycles.

    With period 1, p_t tends to the stationary distribution from every start. With a larger one it goes
    round for ever, and only its mean over time tends to it.
    """
    transition, _ = policy_chain(mdp, policy, theta)
    steps = transition != 0
    recurrent = _closure(steps, np.arange(mdp.n_states) == _require_unichain(steps))
    depth = np.full(mdp.n_states, -1)
    layer, number = np.arange(mdp.n_states) == np.flatnonzero(recurrent)[0], 0
    while layer.any():
        depth[layer] = number
        layer, number = steps[layer].any(axis=0) & (depth < 0), number + 1
    source, target = np.nonzero(steps & recurrent[:, None])
    return int(np.gcd.reduce(depth[source] + 1 - depth[target]))


def average_reward(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Any:
    """r(π) = Σ_s d_π(s) Σ_a π(a|s) r(s,a), the reward per step in the long run; a number.

    References
    ----------
    Sutton and Barto (2018), section 10.3.
    """
    _, reward = policy_chain(mdp, policy, theta)
    return stationary_distribution(mdp, policy, theta) @ reward


def differential_values(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """V with V = r − r(π) + P V and Σ_s d_π(s) V(s) = 0, by V = (I − P + 1dᵀ)⁻¹ (r − r(π)); shape (n_states,).

    References
    ----------
    Sutton and Barto (2018), section 10.3, differential return; the second condition picks one of the
    solutions, which differ by a constant.
    """
    transition, reward = policy_chain(mdp, policy, theta)
    stationary = stationary_distribution(mdp, policy, theta)
    matrix = np.eye(mdp.n_states) - transition + stationary
    if np.linalg.cond(matrix.real, 1) > _MOST_STEPS:
        raise ValueError("the chain hardly connects: differential values are lost in rounding; move theta nearer to 0")
    values: Array = np.linalg.solve(matrix, reward - stationary @ reward)
    return values


def differential_action_values(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """Q(s,a) = r(s,a) − r(π) + Σ_{s'} p(s'|s,a) V(s') with differential V; shape (n_states, n_actions)."""
    values = differential_values(mdp, policy, theta)
    action: Array = mdp.expected_reward - average_reward(mdp, policy, theta) + mdp.transition @ values
    return action if mdp.allows_all else np.where(mdp.allowed, action, 0)


def _backup(mdp: TabularMDP, later: Array) -> Array:
    """r(s,a) + γ Σ_{s'} p(s'|s,a) v(s')."""
    backed: Array = mdp.expected_reward + mdp.discount * (mdp.transition @ later)
    return backed


def going_states(mdp: TabularMDP, transition: Array) -> NDArray[np.intp]:
    """The numbers of the states that are not terminal.

    Parameters
    ----------
    mdp : TabularMDP
    transition : array, shape (n_states, n_states)
        P(s'|s) under a policy. At γ = 1 every state must be able to end under it.

    Raises
    ------
    ValueError
        At γ = 1 without a horizon, where a state cannot end.
    """
    if mdp.discount == 1:
        stuck = np.flatnonzero(~_closure((transition != 0).T, mdp.terminal))
        if stuck.size:
            raise ValueError(
                f"discount is 1 and the process cannot end once it is in state {stuck[0]}, so its return from there "
                "need not have a limit: take a discount below 1, a horizon, or the average reward"
            )
    return np.flatnonzero(~mdp.terminal)


#: The most steps that a process may be expected to go on for: (I − γP)⁻¹ loses as many digits as this has.
_MOST_STEPS = 1e8


def _solve(
    mdp: TabularMDP, transition: Array, states: NDArray[np.intp], right: Array, *, transposed: bool = False
) -> Array:
    """Solve (I − γP) x = right on some of the states, or the transposed system.

    The inverse is Σ γᵏPᵏ and not negative. Its largest row sum, the expected (discounted) number of steps,
    bounds the condition number, and it is found by the same elimination.
    """
    matrix = -mdp.discount * (transition if len(states) == mdp.n_states else transition[np.ix_(states, states)])
    matrix[np.diag_indices(len(states))] += 1
    both = np.stack([right, np.ones(len(states))], axis=1)
    solution: Array = np.linalg.solve(matrix.T if transposed else matrix, both)
    steps = solution[:, 1].real
    if len(states) and not (steps.min() > 0 and steps.max() <= _MOST_STEPS):
        raise ValueError(
            f"the process is expected to go on for more than {_MOST_STEPS:g} steps, and the sum of its rewards is lost "
            "in rounding: take a smaller discount, a horizon, or parameters nearer to 0"
        )
    return solution[:, 0]


def _closure(steps: NDArray[np.bool_], start: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The states that can be reached from a set along steps, the set included."""
    reached = start.copy()
    while True:
        wider = reached | steps[reached].any(axis=0)
        if (wider == reached).all():
            return reached
        reached = wider


def _require_unichain(steps: NDArray[np.bool_]) -> int:
    """Require one recurrent class and return a state of it.

    A state of the only recurrent class can be reached from everywhere. In the reversed graph it reaches
    everything, and such a state, if there is one, is the root of the last tree of a search.
    """
    found, root = np.zeros(len(steps), dtype=bool), 0
    for state in range(len(steps)):
        if not found[state]:
            root = state
            found |= _closure(steps.T, np.arange(len(steps)) == state)
    cannot = np.flatnonzero(~_closure(steps.T, np.arange(len(steps)) == root))
    if cannot.size:
        raise ValueError(
            f"the chain has more than one recurrent class: state {root} cannot be reached from state {cannot[0]}, "
            "so there is no unique stationary distribution: leave one class only, or discount from a start"
        )
    return root
