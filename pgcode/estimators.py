"""Policy-gradient estimators: the mean over trajectories of Σ_t ∇log π_θ(a_t|s_t) · w_t.

Every estimator of the course is this one sum. They differ in the weights w_t alone, and the
functions of this module that take trajectories return such weights, of shape (m, T).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode._policy_checks import require_policy, require_real_theta
from pgcode.policies import Policy
from pgcode.trajectories import Trajectories

__all__ = [
    "GradientEstimate",
    "full_return",
    "generalized_advantage",
    "importance_ratios",
    "policy_gradient",
    "reward_to_go",
    "state_action_weights",
    "trajectory_gradients",
]

Blocks = Iterator[NDArray[np.float64]]

#: Numbers that one block of work may hold, so that it stays in a core's cache.
_BLOCK_SIZE = 1 << 17


class GradientEstimate:
    """A policy gradient estimated from m independent trajectories.

    The mean is computed at once. The standard error and the covariance, which need the gradient of
    each single trajectory, are computed when they are first asked for.

    Attributes
    ----------
    mean : array, shape (*θ,)
        ĝ = (1/m) Σ_i g_i.
    standard_error : array, shape (*θ,)
        √(Var g / m) for each component, the variance with m − 1 in the denominator.
    covariance : array, shape (|θ|, |θ|)
        The sample covariance of the gradient of one trajectory, θ flattened, with m − 1 in the
        denominator. The covariance of the mean is this divided by m.
    n_trajectories : int
        m. With m = 1 there is no standard error and no covariance: asking for one is an error.
    """

    def __init__(self, mean: NDArray[np.float64], n_trajectories: int, blocks: Callable[[], Blocks]) -> None:
        self.mean = mean
        self.n_trajectories = n_trajectories
        self._blocks = blocks

    def __repr__(self) -> str:
        mean = np.array2string(self.mean, precision=4, suppress_small=True, threshold=8)
        return f"GradientEstimate(mean={mean}, n_trajectories={self.n_trajectories})"

    @cached_property
    def standard_error(self) -> NDArray[np.float64]:
        """√(Var g / m), shape (*θ,)."""
        centre, squares = self.mean.ravel(), np.zeros(self.mean.size)
        for block in self._blocks():
            block -= centre
            squares += np.einsum("ik,ik->k", block, block)
        error: NDArray[np.float64] = np.sqrt(squares / self._degrees_of_freedom() / self.n_trajectories)
        return error.reshape(self.mean.shape)

    @cached_property
    def covariance(self) -> NDArray[np.float64]:
        """Cov g of one trajectory, shape (|θ|, |θ|)."""
        centre, squares = self.mean.ravel(), np.zeros((self.mean.size, self.mean.size))
        for block in self._blocks():
            block -= centre
            squares += block.T @ block
        return squares / self._degrees_of_freedom()

    def _degrees_of_freedom(self) -> int:
        if self.n_trajectories < 2:
            raise ValueError("n_trajectories is 1: a standard error or a covariance needs at least 2 trajectories")
        return self.n_trajectories - 1


def full_return(trajectories: Trajectories, baseline: ArrayLike = 0.0) -> NDArray[np.float64]:
    """w_t = R(τ) − b_t(s_t), the whole return at every step, less a baseline; shape (m, T).

    E[Σ_t ∇log π_θ(a_t|s_t) (R(τ) − b_t(s_t))] = ∇J(θ), for any baseline that depends on nothing but
    the state and the time.

    Parameters
    ----------
    trajectories : Trajectories
    baseline : array, shape (), (n_states,) or (T, n_states)
        b; 0 unless told.

    Returns
    -------
    array, shape (m, T)

    References
    ----------
    Williams (1992), the episodic REINFORCE estimator; line A15.
    """
    whole = np.broadcast_to(trajectories.returns[:, None], trajectories.actions.shape)
    return whole if np.ndim(baseline) == 0 and baseline == 0 else whole - _baseline_at(trajectories, baseline)


def reward_to_go(trajectories: Trajectories, baseline: ArrayLike = 0.0) -> NDArray[np.float64]:
    """w_t = γᵗ (G_t − b_t(s_t)), with γᵗ G_t = Σ_{k≥t} γᵏ r_k; shape (m, T).

    E[Σ_t ∇log π_θ(a_t|s_t) γᵗ (G_t − b_t(s_t))] = ∇J(θ): a reward that was paid before the action is
    chosen has mean zero beside its score, and so has a baseline.

    Parameters
    ----------
    trajectories : Trajectories
    baseline : array, shape (), (n_states,) or (T, n_states)
        b, subtracted from G_t, before the factor γᵗ; 0 unless told.

    Returns
    -------
    array, shape (m, T)

    References
    ----------
    Sutton and Barto (2018), sections 13.3 and 13.4, the REINFORCE update with γᵗ, and with a baseline.
    """
    discounts = trajectories.discount ** np.arange(trajectories.horizon)
    weights = _sums_to_go(trajectories.rewards * discounts)
    if not (np.ndim(baseline) == 0 and baseline == 0):
        weights -= discounts * _baseline_at(trajectories, baseline)
    return weights


def state_action_weights(trajectories: Trajectories, table: ArrayLike) -> NDArray[np.float64]:
    """w_t = γᵗ f_t(s_t, a_t) for a table f, for example Q_π or the advantage; shape (m, T).

    E[Σ_t ∇log π_θ(a_t|s_t) γᵗ Q_t(s_t,a_t)] = ∇J(θ), and the same with A_t = Q_t − V_t.

    Parameters
    ----------
    trajectories : Trajectories
    table : array, shape (n_states, n_actions) or (T, n_states, n_actions)
        f, for example ``values.action_values``.

    Returns
    -------
    array, shape (m, T)

    References
    ----------
    Sutton et al. (2000), theorem 1; line B10.
    """
    horizon, f = trajectories.horizon, _checks.real_array("table", table)
    if f.ndim not in (2, 3):
        raise ValueError(
            f"table has shape {f.shape}, but needs (n_states, n_actions) or ({horizon}, n_states, n_actions)"
        )
    timed = _checks.timed_table("table", f, horizon, f.shape[-2:], "one for each state and action")
    _require_listed(trajectories, "table", timed.shape[1], timed.shape[2])
    steps = np.arange(horizon)
    return trajectories.discount**steps * timed[steps, trajectories.states[:, :-1], trajectories.actions]


def generalized_advantage(
    trajectories: Trajectories, state_values: ArrayLike, gae_lambda: float
) -> NDArray[np.float64]:
    """w_t = γᵗ Σ_{k≥0} (γλ)ᵏ δ_{t+k} with δ_t = r_t + γ V_{t+1}(s_{t+1}) − V_t(s_t); shape (m, T).

    At λ = 1 the sum is G_t − V_t(s_t) + γ^{T−t} V_T(s_T), so it is unbiased for any V that is 0 at the
    end. For λ < 1 it is unbiased for V = V_π, and for another V in general not.

    Parameters
    ----------
    trajectories : Trajectories
    state_values : array, shape (n_states,) or (T + 1, n_states)
        V, exact or not; it should be 0 in terminal states and, if indexed by time, at time T.
    gae_lambda : float
        λ, from 0 to 1.

    Returns
    -------
    array, shape (m, T)

    References
    ----------
    Schulman et al. (2016), generalized advantage estimation, which leaves out the factor γᵗ.
    """
    gae_lambda = _checks.require_fraction("gae_lambda", gae_lambda, "λ")
    v = _looked_up(trajectories, "state_values", state_values, trajectories.horizon + 1)
    discounts = trajectories.discount ** np.arange(trajectories.horizon)
    differences = trajectories.rewards + trajectories.discount * v[:, 1:] - v[:, :-1]
    return _sums_to_go(discounts * differences, gae_lambda)


def _sums_to_go(payments: NDArray[np.float64], decay: float = 1.0) -> NDArray[np.float64]:
    """Σ_{k≥t} κ^{k−t} x_k for each t, in place."""
    for t in range(payments.shape[1] - 2, -1, -1):
        payments[:, t] += decay * payments[:, t + 1]
    return payments


def _baseline_at(trajectories: Trajectories, baseline: ArrayLike) -> NDArray[np.float64]:
    """b_t(s_t), shape (m, T)."""
    return _looked_up(trajectories, "baseline", baseline, trajectories.horizon)


def _looked_up(trajectories: Trajectories, name: str, table: ArrayLike, n_times: int) -> NDArray[np.float64]:
    """The entries of a table of states, perhaps one for each time, along the trajectories; shape (m, n_times)."""
    known = _checks.real_array(name, table)
    n_states = known.shape[-1] if known.ndim else _n_states(trajectories)
    timed = _checks.timed_table(name, known, n_times, (n_states,), "one for each state")
    _require_listed(trajectories, name, n_states)
    return timed[np.arange(n_times), trajectories.states[:, :n_times]]


def _n_states(trajectories: Trajectories) -> int:
    """S where the trajectories know it, else the number that occur."""
    return int(trajectories.states.max()) + 1 if trajectories.terminal is None else len(trajectories.terminal)


def _require_listed(trajectories: Trajectories, name: str, n_states: int, n_actions: int | None = None) -> None:
    for what, found, length in (
        ("states", _n_states(trajectories), n_states),
        ("actions", int(trajectories.actions.max()) + 1, n_actions),
    ):
        if length is not None and found > length:
            raise ValueError(
                f"{name} holds {length} {what}, but the trajectories have {found}: give one entry for each"
            )


def importance_ratios(
    trajectories: Trajectories, policy: Policy, theta: ArrayLike, behaviour_theta: ArrayLike
) -> NDArray[np.float64]:
    """ρ(τ) = P(τ;θ) / P(τ;θ_b) = Π_t π_θ(a_t|s_t) / π_{θ_b}(a_t|s_t), shape (m,).

    Multiply the weights of trajectories that were drawn at θ_b by their ratio, and the estimate has
    the gradient at θ as its mean. The dynamics cancel.

    Parameters
    ----------
    trajectories : Trajectories
        Drawn from π at θ_b.
    policy : Policy
    theta, behaviour_theta : array, shape (*θ,)
        θ, where the gradient is wanted, and θ_b, where the trajectories were drawn; π must be positive
        at θ_b wherever it is at θ.

    Returns
    -------
    array, shape (m,)

    References
    ----------
    Sutton and Barto (2018), section 5.5, equation (5.3).
    """
    _require_occurring(trajectories, policy)
    visited = trajectories.states[:, :-1], trajectories.actions
    target, behaviour = (policy.log_probabilities(_real_theta(policy, at)) for at in (theta, behaviour_theta))
    if (np.isneginf(behaviour[visited]) & trajectories.active).any():
        raise ValueError(
            "behaviour_theta gives an action that was taken the probability 0: "
            "pass the parameters at which the trajectories were drawn"
        )
    with np.errstate(invalid="ignore"):
        log_ratios = np.where(trajectories.active, target[visited] - behaviour[visited], 0)
    product: NDArray[np.float64] = np.exp(log_ratios.sum(axis=1))  # a product of many ratios would overflow
    return product


def policy_gradient(
    trajectories: Trajectories, policy: Policy, theta: ArrayLike, weights: ArrayLike
) -> GradientEstimate:
    """Estimate ∇J(θ) by ĝ = (1/m) Σ_i Σ_t ∇log π_θ(a_t|s_t) w_t.

    Parameters
    ----------
    trajectories : Trajectories
        m trajectories drawn from π_θ at the same θ.
    policy, theta : Policy, array
        π_θ.
    weights : array, shape (m, T)
        w_t, for example ``reward_to_go(trajectories)``. A weight in a terminal state is not used.

    Returns
    -------
    GradientEstimate

    Raises
    ------
    TypeError
        If the policy is none, θ is complex, or the weights are not real.
    ValueError
        If the policy has not the states and actions that occur, θ or the weights do not fit, or one of
        them is not finite.

    References
    ----------
    Williams (1992); lines A8 and A15.
    """
    w = _checked_weights(trajectories, policy, weights)
    theta = _real_theta(policy, theta)
    n_pairs = policy.n_states * policy.n_actions
    total = np.zeros(n_pairs)
    for block in _slices(trajectories, _BLOCK_SIZE // trajectories.horizon):
        total += np.bincount(_pairs(trajectories, policy, block).ravel(), w.T[:, block].ravel(), n_pairs)
    sums = total.reshape(policy.n_states, policy.n_actions)
    _leave_out_terminal(trajectories, sums)
    if not np.isfinite(sums).all():  # a look at the sums costs less than one at all weights
        _require_finite_weights(trajectories, w)
    mean = policy.weighted_score(theta, sums / trajectories.n_trajectories)
    return GradientEstimate(mean, trajectories.n_trajectories, lambda: _gradient_blocks(trajectories, policy, theta, w))


def trajectory_gradients(
    trajectories: Trajectories, policy: Policy, theta: ArrayLike, weights: ArrayLike
) -> NDArray[np.float64]:
    """The gradient of each trajectory, g_i = Σ_t ∇log π_θ(a_t|s_t) w_t; shape (m, *θ).

    Same arguments and errors as ``policy_gradient``, which takes the mean without holding them all;
    ``weights`` has the shape (m, T) there and here.
    """
    w = _checked_weights(trajectories, policy, weights)
    theta = _real_theta(policy, theta)
    _require_finite_weights(trajectories, w)
    blocks = list(_gradient_blocks(trajectories, policy, theta, w))
    return np.concatenate(blocks).reshape(trajectories.n_trajectories, *policy.theta_shape)


def _real_theta(policy: Policy, theta: ArrayLike) -> NDArray[np.float64]:
    return require_real_theta(policy, theta, "an estimate is made at real parameters")


def _gradient_blocks(
    trajectories: Trajectories, policy: Policy, theta: ArrayLike, weights: NDArray[np.float64]
) -> Blocks:
    """Yield the gradients g_i of consecutive trajectories, each block of shape (block, |θ|)."""
    n_pairs = policy.n_states * policy.n_actions
    for block in _slices(trajectories, _BLOCK_SIZE // max(n_pairs, math.prod(policy.theta_shape))):
        n = block.stop - block.start
        pairs = _pairs(trajectories, policy, block) + np.arange(n) * n_pairs
        sums = np.bincount(pairs.ravel(), weights.T[:, block].ravel(), n * n_pairs).reshape(
            n, policy.n_states, policy.n_actions
        )
        _leave_out_terminal(trajectories, sums)
        yield policy.weighted_score(theta, sums).reshape(n, -1)


def _slices(trajectories: Trajectories, size: int) -> Iterator[slice]:
    """Cut the trajectories into consecutive blocks of a size, of 1 at least."""
    for begin in range(0, trajectories.n_trajectories, max(1, size)):
        yield slice(begin, min(begin + max(1, size), trajectories.n_trajectories))


def _pairs(trajectories: Trajectories, policy: Policy, block: slice) -> NDArray[np.intp]:
    """The number s·A + a of each decision, time first, shape (T, block)."""
    states, actions = trajectories.states.T[:-1, block], trajectories.actions.T[:, block]
    return states * np.intp(policy.n_actions) + actions


def _leave_out_terminal(trajectories: Trajectories, sums: NDArray[Any]) -> None:
    """Set the weights of terminal states, shape (..., S, A), to 0: no decision is taken there."""
    if trajectories.terminal is not None:
        sums[..., trajectories.terminal, :] = 0


def _checked_weights(trajectories: Trajectories, policy: Policy, weights: ArrayLike) -> NDArray[np.float64]:
    w = np.asarray(weights)
    if w.dtype.kind not in "biuf":
        raise TypeError(f"weights holds {w.dtype}, not real numbers")
    _checks.require_shape("weights", w.shape, trajectories.actions.shape, "(m, T), one weight for each decision")
    _require_occurring(trajectories, policy)
    return w


def _require_finite_weights(trajectories: Trajectories, weights: NDArray[np.float64]) -> None:
    """Require finite weights wherever they are used."""
    _checks.require_finite("weights", np.where(trajectories.active, weights, 0))


def _require_occurring(trajectories: Trajectories, policy: Policy) -> None:
    require_policy(policy)
    known = None if trajectories.terminal is None else len(trajectories.terminal)
    highest_state, highest_action = int(trajectories.states.max()), int(trajectories.actions.max())
    if highest_state >= policy.n_states or known not in (None, policy.n_states):
        raise ValueError(
            f"policy is {policy!r}, with {policy.n_states} states, but the trajectories come from an MDP "
            f"with {known or highest_state + 1} states: use the policy that drew them"
        )
    if highest_action >= policy.n_actions:
        raise ValueError(
            f"policy is {policy!r}, with {policy.n_actions} actions, but action {highest_action} occurs in the "
            "trajectories: use the policy that drew them"
        )
