"""Objective, values and occupancies of a policy, by dynamic programming and linear algebra.

With a horizon T everything is indexed by time and found by one recursion; without one it is found
by one linear solve. All functions carry complex θ through. Where an action is forbidden, Q and the
advantage are 0.

All take the same three arguments, and look at them in the same way.

Parameters
----------
mdp : TabularMDP
policy, theta : TabularPolicy, array
    π_θ.

Raises
------
TypeError
    If the policy is none, or θ does not hold numbers.
ValueError
    If policy and MDP do not belong together, θ does not fit, or a result is too large for a float.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks, _policy_checks
from pgcode._policy_checks import beside_likeliest
from pgcode._precision import exact_product, exact_sum
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
    """P_π(s'|s) = Σ_a π(a|s) p(s'|s,a), shape (S, S), and r(s) = Σ_a π(a|s) r(s,a), shape (S,).

    Examples
    --------
    >>> from pgcode.environments import two_armed_bandit
    >>> from pgcode.policies import SoftmaxPolicy
    >>> chain, reward = policy_chain(two_armed_bandit((1.0, 2.0)), SoftmaxPolicy(2, 2), [[0, 0], [0, 0]])
    >>> chain
    array([[0., 1.],
           [0., 1.]])
    >>> reward
    array([1.5, 0. ])
    """
    probabilities = action_probabilities(mdp, policy, theta)
    transition = np.matmul(probabilities[:, None, :], mdp.transition)[:, 0]
    with np.errstate(over="ignore", invalid="ignore"):
        reward = (probabilities * mdp.expected_reward).sum(axis=1)
    return transition, _finite(mdp, "r(s)", reward)


def objective(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Any:
    """J(θ) = Σ_s μ(s) V(s), the expected return from the start distribution; a number.

    States that are not reached from the start play no part. So without a horizon and with γ = 1 the
    process has to end from the states that are reached, and from these alone.

    Raises
    ------
    ValueError
        As ``state_values``, for the states that are reached.

    Examples
    --------
    >>> from pgcode.environments import corridor_policy, short_corridor
    >>> print(round(objective(short_corridor(), corridor_policy(), [0.0, 0.0]), 9))
    -12.0
    """
    _policy_checks.require_match(policy, mdp)
    if mdp.horizon is not None:
        values = state_values(mdp, policy, theta)[0]
    else:
        with _underflow_explained(mdp, policy, theta):
            transition, reward = policy_chain(mdp, policy, theta)
            values = _values_within(mdp, transition, reward, _closure(transition != 0, mdp.initial > 0))
    with np.errstate(over="ignore", invalid="ignore"):
        return _finite(mdp, "J", mdp.initial @ values)


def state_values(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """V(s), the expected return from s on.

    With a horizon: V_t(s) = r(s) + γ Σ_{s'} P_π(s'|s) V_{t+1}(s') and V_T = 0, shape (T + 1, n_states). Without
    one: V = (I − γP_π)⁻¹ r over the states that are not terminal, shape (n_states,).

    Raises
    ------
    ValueError
        Without a horizon and with γ = 1, if there is a state from which the process cannot end, for its
        return from there need not have a limit; or from which it hardly ends, for the sum is then lost in
        rounding.

    References
    ----------
    Sutton and Barto (2018), equations (3.14) and (4.4).

    Examples
    --------
    >>> from pgcode.environments import corridor_policy, short_corridor
    >>> state_values(short_corridor(), corridor_policy(), [0.0, 0.0]).round(9)
    array([-12., -10.,  -6.,   0.])
    >>> state_values(short_corridor(horizon=3), corridor_policy(), [0.0, 0.0])[0]
    array([-3.  , -2.75, -2.  ,  0.  ])
    """
    transition, reward = policy_chain(mdp, policy, theta)
    if mdp.horizon is None:
        with _underflow_explained(mdp, policy, theta):
            return _values_within(mdp, transition, reward, np.ones(mdp.n_states, dtype=bool))
    return _timed_values(mdp, mdp.horizon, transition, reward)


def _timed_values(mdp: TabularMDP, horizon: int, transition: Array, reward: Array, beside: int | None = None) -> Array:
    """V_t(s) by the recursion backward; or less a number for each time, with which it is 0 in one state."""
    shape = (horizon + 1, mdp.n_states)
    _checks.require_memory("V_t(s)", shape, "take a shorter horizon, or none and a discount")
    values = np.zeros(shape, transition.dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(horizon - 1, -1, -1):
            values[t] = reward + mdp.discount * (transition @ values[t + 1])
            if beside is not None:
                values[t] -= values[t, beside]
    return _finite(mdp, "V", values)


def action_values(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """Q(s,a) = r(s,a) + γ Σ_{s'} p(s'|s,a) V(s'), and 0 where a is forbidden.

    Shape (n_states, n_actions), or with a horizon (T, n_states, n_actions) with V_{t+1} on the right.

    References
    ----------
    Sutton and Barto (2018), equation (3.13).

    Examples
    --------
    >>> from pgcode.environments import corridor_policy, short_corridor
    >>> action_values(short_corridor(), corridor_policy(), [0.0, 0.0]).round(9)
    array([[-13., -11.],
           [ -7., -13.],
           [-11.,  -1.],
           [  0.,   0.]])
    """
    values = state_values(mdp, policy, theta)
    return _backup(mdp, values if mdp.horizon is None else values[1:])


def advantages(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """A(s,a) = Q(s,a) − V(s), of the shape of ``action_values``; its mean under the policy is 0.

    Where an action is forbidden A is 0.

    Examples
    --------
    >>> from pgcode.environments import corridor_policy, short_corridor
    >>> advantages(short_corridor(), corridor_policy(), [0.0, 0.0]).round(9)[:3]
    array([[-1.,  1.],
           [ 3., -3.],
           [-5.,  5.]])
    """
    action = action_values(mdp, policy, theta)
    probabilities = action_probabilities(mdp, policy, theta)
    with np.errstate(over="ignore", invalid="ignore"):
        beside = beside_likeliest(action, probabilities)
        difference = beside - (probabilities * beside).sum(axis=-1, keepdims=True)
    return _finite(mdp, "A", difference if mdp.allows_all else np.where(mdp.allowed, difference, 0))


def occupancy(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """p_t(s) = Pr(s_t = s), t = 0 … T, shape (T + 1, n_states), by p_{t+1} = p_t P.

    Raises
    ------
    ValueError
        If the MDP has no horizon.

    Examples
    --------
    >>> from pgcode.environments import corridor_policy, short_corridor
    >>> occupancy(short_corridor(horizon=2), corridor_policy(), [0.0, 0.0])
    array([[1.  , 0.  , 0.  , 0.  ],
           [0.5 , 0.5 , 0.  , 0.  ],
           [0.5 , 0.25, 0.25, 0.  ]])
    """
    _policy_checks.require_match(policy, mdp)
    if mdp.horizon is None:
        raise ValueError("mdp.horizon is None: set one to list p_t, or take discounted_visitation")
    shape = (mdp.horizon + 1, mdp.n_states)
    _checks.require_memory("p_t(s)", shape, "take discounted_visitation, or a shorter horizon")
    transition, _ = policy_chain(mdp, policy, theta)
    occupied = np.empty(shape, transition.dtype)
    occupied[0] = mdp.initial
    for t in range(mdp.horizon):
        occupied[t + 1] = occupied[t] @ transition
    return occupied


def discounted_visitation(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """d_γ(s) = Σ_{t<T} γᵗ p_t(s), not normalised; shape (n_states,).

    Without a horizon it is the solution of d = μ + γ P_πᵀ d over the states that are reached. At γ = 1 it
    counts visits, and terminal states, which are visited for ever, are given 0.

    Raises
    ------
    ValueError
        Without a horizon, as ``objective``.

    Examples
    --------
    >>> from pgcode.environments import corridor_policy, short_corridor
    >>> discounted_visitation(short_corridor(), corridor_policy(), [0.0, 0.0]).round(9)
    array([6., 4., 2., 0.])
    """
    transition, _ = policy_chain(mdp, policy, theta)
    visits = np.zeros(mdp.n_states, transition.dtype)
    if mdp.horizon is not None:
        occupied, weight = mdp.initial.astype(transition.dtype), 1.0
        for _ in range(mdp.horizon):
            visits += weight * occupied
            occupied, weight = occupied @ transition, weight * mdp.discount
        return visits
    with _underflow_explained(mdp, policy, theta):
        reached = _closure(transition != 0, mdp.initial > 0)
        states = going_states(mdp, transition, reached) if mdp.discount == 1 else np.flatnonzero(reached)
        visits[states], _ = _solve(mdp, transition, states, mdp.initial[states], transposed=True)
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

    Examples
    --------
    >>> from pgcode.mdp import TabularMDP
    >>> from pgcode.policies import SoftmaxPolicy
    >>> chain = [[[0.9, 0.1]], [[0.3, 0.7]]]
    >>> mdp = TabularMDP(chain, np.zeros((2, 1, 2)), [1.0, 0.0], discount=0.9)
    >>> stationary_distribution(mdp, SoftmaxPolicy(2, 1), [[0.0], [0.0]]).round(9)
    array([0.75, 0.25])
    """
    transition, _ = policy_chain(mdp, policy, theta)
    with _underflow_explained(mdp, policy, theta):
        recurrent = np.flatnonzero(_recurrent(transition != 0))
    rest = transition[np.ix_(recurrent, recurrent)].copy()
    _require_resolved(rest)
    for k in range(len(rest) - 1, 0, -1):  # leave out state k: its visits are spread over those before it
        leaving = rest[k, :k].sum()
        if leaving == 0:
            raise ValueError(f"the chain leaves state {recurrent[k]} too rarely for a float: move theta nearer to 0")
        rest[:k, k] /= leaving
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

    Examples
    --------
    >>> from pgcode.mdp import TabularMDP
    >>> from pgcode.policies import SoftmaxPolicy
    >>> there_and_back = TabularMDP([[[0, 1]], [[1, 0]]], np.zeros((2, 1, 2)), [1, 0], discount=0.9)
    >>> period(there_and_back, SoftmaxPolicy(2, 1), [[0.0], [0.0]])
    2
    """
    transition, _ = policy_chain(mdp, policy, theta)
    steps = transition != 0
    with _underflow_explained(mdp, policy, theta):
        recurrent = _recurrent(steps)
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

    Examples
    --------
    >>> from pgcode.mdp import TabularMDP
    >>> from pgcode.policies import SoftmaxPolicy
    >>> reward = [[[0, 0]], [[4, 4]]]
    >>> mdp = TabularMDP([[[0.9, 0.1]], [[0.3, 0.7]]], reward, [1, 0], discount=0.9)
    >>> print(round(average_reward(mdp, SoftmaxPolicy(2, 1), [[0.0], [0.0]]), 9))
    1.0
    """
    _, reward = policy_chain(mdp, policy, theta)
    return stationary_distribution(mdp, policy, theta) @ reward


def differential_values(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """V with V = r − r(π) + P_π V and Σ_s d_π(s) V(s) = 0, by V = (I − P_π + 1dᵀ)⁻¹ (r − r(π)); shape (n_states,).

    References
    ----------
    Sutton and Barto (2018), section 10.3, differential return; the second condition picks one of the
    solutions, which differ by a constant.

    Examples
    --------
    >>> from pgcode.mdp import TabularMDP
    >>> from pgcode.policies import SoftmaxPolicy
    >>> reward = [[[0, 0]], [[4, 4]]]
    >>> mdp = TabularMDP([[[0.9, 0.1]], [[0.3, 0.7]]], reward, [1, 0], discount=0.9)
    >>> differential_values(mdp, SoftmaxPolicy(2, 1), [[0.0], [0.0]]).round(9)
    array([-2.5,  7.5])
    """
    transition, reward = policy_chain(_less_common_part(mdp), policy, theta)
    stationary = stationary_distribution(mdp, policy, theta)
    matrix = np.eye(mdp.n_states) - transition + stationary
    if np.linalg.cond(matrix.real, 1) > _MOST_STEPS:
        raise ValueError("the chain hardly connects: differential values are lost in rounding; move theta nearer to 0")
    with np.errstate(over="ignore", invalid="ignore"):
        return _finite(mdp, "V", np.linalg.solve(matrix, reward - stationary @ reward))


def differential_action_values(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """Q(s,a) = r(s,a) − r(π) + Σ_{s'} p(s'|s,a) V(s') with differential V; shape (n_states, n_actions).

    Where an action is forbidden it is 0.

    Examples
    --------
    >>> from pgcode.mdp import TabularMDP
    >>> from pgcode.policies import SoftmaxPolicy
    >>> reward = [[[0, 0]], [[4, 4]]]
    >>> mdp = TabularMDP([[[0.9, 0.1]], [[0.3, 0.7]]], reward, [1, 0], discount=0.9)
    >>> differential_action_values(mdp, SoftmaxPolicy(2, 1), [[0.0], [0.0]]).round(9)
    array([[-2.5],
           [ 7.5]])
    """
    values, mdp = differential_values(mdp, policy, theta), _less_common_part(mdp)
    with np.errstate(over="ignore", invalid="ignore"):
        action = mdp.expected_reward - average_reward(mdp, policy, theta) + mdp.transition @ values
    return _finite(mdp, "Q", action if mdp.allows_all else np.where(mdp.allowed, action, 0))


def _less_common_part(mdp: TabularMDP) -> TabularMDP:
    """The process with rewards less a number that all nearly have in common, on which r − r(π) does not depend."""
    _policy_checks.require_mdp(mdp)
    paid = mdp.reward[mdp.transition > 0]
    low, high = float(paid.min()), float(paid.max())
    if max(abs(low), abs(high)) < 1e3 * (high / 2 - low / 2):
        return mdp
    return replace(mdp, reward=np.where(mdp.transition > 0, mdp.reward, low) - low)


def going_states(mdp: TabularMDP, transition: Array, within: NDArray[np.bool_] | None = None) -> NDArray[np.intp]:
    """The numbers of the states that are not terminal.

    Parameters
    ----------
    mdp : TabularMDP
    transition : array, shape (n_states, n_states)
        P_π(s'|s) under a policy. At γ = 1 every state must be able to end under it.
    within : array of bool, shape (n_states,), optional
        Look at these states alone, a set that is never left.

    Raises
    ------
    ValueError
        At γ = 1 without a horizon, where a state cannot end.

    Examples
    --------
    >>> from pgcode.environments import corridor_policy, short_corridor
    >>> mdp = short_corridor()
    >>> going_states(mdp, policy_chain(mdp, corridor_policy(), [0.0, 0.0])[0])
    array([0, 1, 2])
    """
    _policy_checks.require_mdp(mdp)
    looked_at = np.ones(mdp.n_states, dtype=bool) if within is None else within
    if mdp.discount == 1:
        stuck = np.flatnonzero(looked_at & ~_closure((transition != 0).T, mdp.terminal))
        if stuck.size:
            raise ValueError(
                f"discount is 1 and the process cannot end once it is in state {stuck[0]}, so its return from there "
                "need not have a limit: take a discount below 1, a horizon, or the average reward"
            )
    return np.flatnonzero(looked_at & ~mdp.terminal)


#: The most steps that a process may be expected to go on for: (I − γP_π)⁻¹ loses as many digits as this has.
_MOST_STEPS = 1e8


def _action_values_from_start(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, visits: Array) -> Array:
    """Q(s,a) without a horizon, right for every allowed action in the states that are reached, for ∇J asks no more.

    So at γ = 1 a state from which the process cannot end does no harm where nothing leads to it. Where Q hardly
    depends on the action in states with many ``visits``, a number for each state is left out of it, as with a horizon.
    """
    transition, reward = policy_chain(mdp, policy, theta)
    steps = transition != 0
    reached = _closure(steps, mdp.initial > 0)
    one_action_on = reached | (mdp.transition[reached] > 0).any(axis=(0, 1))
    with _underflow_explained(mdp, policy, theta):
        values = _values_within(mdp, transition, reward, _closure(steps, one_action_on))
        action = np.where(reached[:, None], _backup(mdp, values), 0)
        pi = action_probabilities(mdp, policy, theta)
        if not _cancels(mdp, action, pi, visits):
            return action
        jumps = _jumps(mdp, values, values)
        rest = _values_within(mdp, transition, (pi * jumps).sum(axis=1), _closure(steps, one_action_on))
    return np.where(reached[:, None], jumps + mdp.discount * (mdp.transition @ rest), 0)


def _timed_action_values_beyond(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, visits: Array) -> Array:
    """Q_t(s,a) with a horizon, less a number for each state and time where Q hardly depends on the action.

    The number has no effect on ∇J, because Σ_a ∇π = 0, and without it the digits of the difference are kept. What
    counts is where the ``visits`` are, γᵗ p_t(s).
    """
    pi, (transition, reward) = action_probabilities(mdp, policy, theta), policy_chain(mdp, policy, theta)
    # Nor has a number for each time alone. Without it values do not grow with the horizon where the chain goes on.
    values = _timed_values(mdp, len(visits), transition, reward, beside=int(visits.sum(axis=0).real.argmax()))
    action = _backup(mdp, values[1:])
    if not _cancels(mdp, action, pi, visits):
        return action
    values = _timed_values(mdp, len(visits), transition, reward)
    rest = np.zeros(mdp.n_states)  # V less the float that is taken for it
    for t in range(len(action) - 1, -1, -1):
        jumps = _jumps(mdp, values[t], values[t + 1])
        action[t] = jumps + mdp.discount * (mdp.transition @ rest)
        rest = (pi * jumps).sum(axis=1) + mdp.discount * (transition @ rest)
    return action


def _cancels(mdp: TabularMDP, action_values: Array, probabilities: Array, visits: Array) -> bool:
    """Whether real action values are more than a thousand times as large as their differences within a state.

    A mean over the states, each counted as its part of ∇J: as it is visited, and as its policy can be moved. So large
    differences in a state that is hardly reached, or where one action is certain, do not hide small ones elsewhere.
    """
    if action_values.dtype.kind == "c":
        return False
    counts = visits * np.maximum(1 - probabilities.max(axis=-1), 1e-200)
    if not counts.any():
        return False
    counts = counts / counts.sum()
    low = np.where(mdp.allowed, action_values, np.inf).min(axis=-1)
    high = np.where(mdp.allowed, action_values, -np.inf).max(axis=-1)
    largest = np.maximum(-low, high)
    # In a linear solve the largest value of all, though hardly reached, takes digits from the others.
    size = max((counts * largest).sum() / 1e3, largest.max() / 1e5)
    return bool((counts * (high / 2 - low / 2)).sum() < size / 2 < 1e287)


def _differential_action_values_beyond(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """Differential Q less a number for each state, which has no effect on ∇r(π), right beside what all pay.

    V and r(π) are taken as floats, and what they miss is found from the jumps, in which nothing large cancels.
    """
    values, average = differential_values(mdp, policy, theta), average_reward(mdp, policy, theta)
    if values.dtype.kind == "c":
        return differential_action_values(mdp, policy, theta)
    pi, (transition, _) = action_probabilities(mdp, policy, theta), policy_chain(mdp, policy, theta)
    stationary = stationary_distribution(mdp, policy, theta)
    with np.errstate(over="ignore", invalid="ignore"):
        jumps = _finite(mdp, "Q", _jumps(replace(mdp, discount=1.0), values, values, average))
    mean = (pi * jumps).sum(axis=1)
    rest = np.linalg.solve(np.eye(mdp.n_states) - transition + stationary, mean - stationary @ mean)
    return jumps + mdp.transition @ rest


def _jumps(mdp: TabularMDP, now: Array, later: Array, average: float = 0.0) -> Array:
    """Σ_{s'} p(s'|s,a) (r(s,a,s') + γ v(s') − u(s) − r(π)), shape (S, A), the brackets in twice the precision."""
    terms: list[Any] = [mdp.reward, *exact_product(mdp.discount, later), -now[:, None, None], np.float64(-average)]
    brackets = exact_sum([np.broadcast_to(term, mdp.reward.shape) for term in terms])
    return np.einsum("san,san->sa", mdp.transition, np.where(mdp.transition > 0, brackets, 0))


def _values_within(mdp: TabularMDP, transition: Array, reward: Array, within: NDArray[np.bool_]) -> Array:
    """V without a horizon on a set of states that is never left, and 0 elsewhere."""
    values = np.zeros(mdp.n_states, transition.dtype)
    going = going_states(mdp, transition, within)
    values[going], _ = _solve(mdp, transition, going, reward[going])
    return _finite(mdp, "V", values)


def _backup(mdp: TabularMDP, later: Array) -> Array:
    """r(s,a) + γ Σ_{s'} p(s'|s,a) v(s'), shape (..., S, A) for v of shape (..., S); 0 where a is forbidden."""
    shape = (*later.shape[:-1], mdp.n_actions, mdp.n_states)
    _checks.require_memory("Q", shape, "take a shorter horizon, or state_values, which has no axis of actions")
    with np.errstate(over="ignore", invalid="ignore"):
        backed = mdp.expected_reward + mdp.discount * np.tensordot(later, mdp.transition, axes=(-1, -1))
    return _finite(mdp, "Q", backed)


def _solve_forward(matrix: Array, right: Array) -> Array:
    """Solve A x = right for A = I − γP, so that a state from which another is not reached knows nothing of it.

    LAPACK exchanges rows where a number below the diagonal is larger than that on it. Then states are mixed that have
    nothing to do with each other, and what should be 0 is left as the rounding of something else. With y = A⁻ᵀ1 > 0
    the rows y_s A_s have columns that sum to 1, so that each diagonal is larger than all else in its column, and
    nothing is exchanged. Aᵀ itself has such columns.
    """
    if (matrix != 0).all():
        return np.asarray(np.linalg.solve(matrix, right))
    weights = np.linalg.solve(matrix.real.T, np.ones(len(matrix)))
    if not (np.isfinite(weights) & (weights > 0)).all():
        weights = np.ones(len(matrix))
    return np.asarray(np.linalg.solve(weights[:, None] * matrix, (weights * right.T).T))


def _solve(
    mdp: TabularMDP, transition: Array, states: NDArray[np.intp], right: Array, *, transposed: bool = False
) -> tuple[Array, NDArray[np.float64]]:
    """Solve (I − γP) x = right on some of the states, or the transposed system; also the row sums of the inverse.

    The inverse is Σ γᵏPᵏ and not negative. Its largest row sum, the expected (discounted) number of steps,
    bounds the condition number, and it is found by the same elimination.
    """
    matrix = -mdp.discount * (transition if len(states) == mdp.n_states else transition[np.ix_(states, states)])
    matrix[np.diag_indices(len(states))] += 1
    both = np.stack([right, np.ones(len(states))], axis=1)
    with np.errstate(all="ignore"):
        try:
            solution = np.linalg.solve(matrix.T, both) if transposed else _solve_forward(matrix, both)
        except np.linalg.LinAlgError:  # a state is left so rarely that 1 − P(s|s) is 0
            solution = np.full(both.shape, np.inf)
    steps = solution[:, 1].real
    if len(states) and not (steps.min() > 0 and steps.max() <= _MOST_STEPS):
        raise ValueError(
            f"the process is expected to go on for more than {_MOST_STEPS:g} steps, and the sum of its rewards is lost "
            "in rounding: take a smaller discount, a horizon, or parameters nearer to 0"
        )
    return solution[:, 0], steps


def _finite(mdp: TabularMDP, name: str, result: Any) -> Any:
    """Require that a result is not too large for a float."""
    if not np.isfinite(result).all():
        largest = np.abs(mdp.reward).max()
        raise ValueError(f"{name} is too large for a float, with rewards of up to {largest:g}: scale the rewards down")
    return result


@contextmanager
def _underflow_explained(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Iterator[None]:
    """Where a chain falls apart because a probability became 0 in floating point, say so first."""
    try:
        yield
    except ValueError as error:
        at = np.asarray(theta).real
        lost = (policy.probabilities(at) == 0) & np.isfinite(policy.log_probabilities(at)) & mdp.allowed
        if not lost.any():
            raise
        state, action = np.argwhere(lost)[0]
        logarithm = policy.log_probabilities(at)[state, action]
        raise ValueError(
            f"π({action}|{state}) = exp({logarithm:g}) is too small for a float and became 0, and then {error}: "
            "move theta nearer to 0"
        ) from error


def _require_resolved(transition: Array) -> None:
    """Require of a complex chain that its complex step of 1e-30 is not lost beside its smallest entry."""
    if transition.dtype.kind == "c":
        smallest = transition.real[transition.real > 0].min()
        if smallest < 1e-275:
            raise ValueError(
                f"a probability of the chain is {smallest:.3g}, and its complex step is too small for a float: "
                "move theta nearer to 0"
            )


def _closure(steps: NDArray[np.bool_], start: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The states that can be reached from a set along steps, the set included."""
    reached = start.copy()
    newly = reached
    while newly.any():
        newly = steps[newly].any(axis=0) & ~reached
        reached = reached | newly
    return reached


def _recurrent(steps: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Require one recurrent class and return it.

    A state of the only recurrent class can be reached from everywhere. In the reversed graph it reaches
    everything, and such a state, if there is one, is the root of the last tree of a search.
    """
    found, root = np.zeros(len(steps), dtype=bool), 0
    for state in range(len(steps)):
        if not found[state]:
            root = state
            found |= _closure(steps.T, np.arange(len(steps)) == state)
    at_root = np.arange(len(steps)) == root
    cannot = np.flatnonzero(~_closure(steps.T, at_root))
    if cannot.size:
        raise ValueError(
            f"the chain has more than one recurrent class: state {root} cannot be reached from state {cannot[0]}, "
            "so there is no unique stationary distribution: leave one class only, or discount from a start"
        )
    return _closure(steps, at_root)
