"""The exact mean and covariance of policy-gradient estimators from one trajectory.

By enumeration for any weights, and by dynamic programming for the weights of ``estimators``, in time
polynomial in S, A and T. The programs go backward in time. They carry, for each state, the moments of
the rest of the trajectory from there: of its return G, of its sum of scores Z, of its part Y of the
estimator, and of their products up to the second order in each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks, values
from pgcode._policy_checks import require_real_theta
from pgcode.estimators import trajectory_gradients
from pgcode.mdp import TabularMDP
from pgcode.policies import Policy, action_probabilities
from pgcode.trajectories import Trajectories, enumerate_trajectories

__all__ = [
    "Moments",
    "enumerated_moments",
    "full_return_moments",
    "gae_moments",
    "reward_to_go_moments",
    "state_action_moments",
]

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean and second moment of the gradient g of one trajectory.

    The mean of m independent ones has the same mean and the covariance divided by m.

    Attributes
    ----------
    mean : array, shape (*θ,)
        E[g].
    variance : array, shape (*θ,)
        Var[g] of each component.
    covariance : array, shape (|θ|, |θ|), or None
        Cov[g], θ flattened, where it was asked for.
    """

    mean: NDArray[np.float64]
    variance: NDArray[np.float64]
    covariance: NDArray[np.float64] | None = None

    @property
    def standard_deviation(self) -> NDArray[np.float64]:
        """√Var g for each component, shape (*θ,)."""
        return np.sqrt(self.variance)

    @property
    def trace(self) -> float:
        """The trace Σ Var g of Cov[g], the mean squared length of g − E[g]."""
        return float(self.variance.sum())


def enumerated_moments(
    mdp: TabularMDP, policy: Policy, theta: ArrayLike, weights: Callable[[Trajectories], NDArray[np.float64]]
) -> Moments:
    """Mean and covariance of g = Σ_t ∇log π_θ(a_t|s_t) w_t by enumeration of all trajectories.

    E[g] = Σ_τ P(τ;θ) g(τ) and Cov[g] = Σ_τ P(τ;θ) (g(τ) − E[g])(g(τ) − E[g])ᵀ.

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon and few enough trajectories to list.
    policy, theta : Policy, array
        π_θ.
    weights : callable
        From trajectories to weights (m, T), for example ``estimators.full_return``.

    Returns
    -------
    Moments
        With the covariance.

    Raises
    ------
    TypeError
        If the weights are no function of trajectories.
    ValueError
        As ``enumerate_trajectories``.
    """
    if not callable(weights):
        raise TypeError(
            f"weights is a {type(weights).__name__}: pass a function from trajectories to weights, "
            "such as estimators.full_return"
        )
    trajectories, probabilities = enumerate_trajectories(mdp, policy, theta)
    gradients = trajectory_gradients(trajectories, policy, theta, weights(trajectories))
    flat = gradients.reshape(len(gradients), -1)
    mean = probabilities @ flat
    centred = flat - mean
    covariance = (centred * probabilities[:, None]).T @ centred
    return Moments(mean.reshape(policy.theta_shape), np.diag(covariance).reshape(policy.theta_shape), covariance)


def full_return_moments(
    mdp: TabularMDP,
    policy: Policy,
    theta: ArrayLike,
    baseline: ArrayLike | None = None,
    *,
    with_covariance: bool = False,
) -> Moments:
    """Moments of g = Σ_t ∇log π_θ(a_t|s_t) (R(τ) − b_t(s_t)) by dynamic programming.

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon.
    policy, theta : Policy, array
        π_θ.
    baseline : array, shape (), (n_states,) or (T, n_states), optional
        b, subtracted from the return; 0 unless told.
    with_covariance : bool
        Compute the whole covariance too, which costs |θ| times as much.

    Returns
    -------
    Moments

    Raises
    ------
    TypeError
        If θ is complex.
    ValueError
        If the MDP has no horizon, if something does not fit, or if a variance is lost in rounding.
    """
    program = _Program(mdp, policy, theta, baseline, with_covariance)
    # R − b_t = (R − J) − (b_t − J): without the common part of all returns nothing large cancels.
    level = (values.occupancy(mdp, policy, theta) * values.state_values(mdp, policy, theta)).sum(axis=1)  # E V_t(s_t)
    program.baseline = program.baseline - level[0]
    m1, m2, z1, y1, gz, gy = program.zeros(6)
    zz, zy, yy = program.square_zeros(3)
    for t in reversed(range(program.horizon)):
        centred = mdp.reward + (mdp.discount * level[t + 1] - level[t])  # Σ_t γᵗ of it is R − J
        step = program.step(mdp.discount**t * centred, program.baseline[t])
        g1, g2 = step.gain(1.0, m1, m2)
        w1, w2 = step.less_baseline(g1, g2)
        w_y = step.shifted(y1) + step.mean(gy)
        w_z = step.shifted(z1) + step.mean(gz)
        w_paid_z = step.paid_twice(z1) - step.baseline_times(step.paid(z1)) + step.paid(gz)
        sigma, product, symmetric = program.score, program.product, program.symmetric
        rest_y = step.paid(z1) + step.mean(y1)
        new_yy = (
            program.scaled(product(sigma, sigma), w2)
            + symmetric(sigma, w_paid_z + w_y)
            + step.paid_twice(zz)
            + step.paid(zy)
            + step.mean(yy)
        )
        new_zy = (
            2 * program.scaled(product(sigma, sigma), w1)
            + symmetric(sigma, rest_y + w_z)
            + 2 * step.paid(zz)
            + step.mean(zy)
        )
        new_zz = product(sigma, sigma) + symmetric(sigma, step.mean(z1)) + step.mean(zz)
        new_gy = (
            program.scaled(sigma, w2 + step.baseline * w1) + step.paid_twice(z1) + step.paid(gz + y1) + step.mean(gy)
        )
        new_gz = program.scaled(sigma, g1) + step.paid(z1) + step.mean(gz)
        new_y1 = program.scaled(sigma, w1) + rest_y
        new_z1 = sigma + step.mean(z1)
        m1, m2, z1, y1, gz, gy, zz, zy, yy = (
            program.over_actions(moment) for moment in (g1, g2, new_z1, new_y1, new_gz, new_gy, new_zz, new_zy, new_yy)
        )
    return program.result(y1, yy)


def reward_to_go_moments(
    mdp: TabularMDP,
    policy: Policy,
    theta: ArrayLike,
    baseline: ArrayLike | None = None,
    *,
    with_covariance: bool = False,
) -> Moments:
    """Moments of g = Σ_t γᵗ ∇log π_θ(a_t|s_t) (G_t − b_t(s_t)) by dynamic programming.

    Parameters (``with_covariance`` too) and result as ``full_return_moments``; the baseline is subtracted
    from G_t, before the factor γᵗ.
    """
    program = _Program(mdp, policy, theta, baseline, with_covariance)
    # G_t − b_t = Σ_k γᵏ δ_{t+k} − (b_t − V_t): without the common part of all returns nothing large cancels.
    v = values.state_values(mdp, policy, theta)
    program.baseline = program.baseline - v[:-1]
    return _to_go(program, lambda t: mdp.reward + mdp.discount * v[t + 1] - v[t][:, None, None], mdp.discount)


def state_action_moments(
    mdp: TabularMDP, policy: Policy, theta: ArrayLike, weights: ArrayLike, *, with_covariance: bool = False
) -> Moments:
    """Moments of g = Σ_t γᵗ ∇log π_θ(a_t|s_t) w_t(s_t,a_t), for example with w = Q or w = A.

    Parameters
    ----------
    mdp, policy, theta, with_covariance
        As for ``full_return_moments``.
    weights : array, shape (n_states, n_actions) or (T, n_states, n_actions)
        w_t(s,a).

    Returns
    -------
    Moments
    """
    program = _Program(mdp, policy, theta, None, with_covariance)
    shape = (mdp.n_states, mdp.n_actions)
    timed = _checks.timed_table("weights", weights, program.horizon, shape, "one for each state and action")
    return _to_go(program, lambda t: np.broadcast_to(timed[t][:, :, None], mdp.reward.shape), 0.0)


def gae_moments(
    mdp: TabularMDP,
    policy: Policy,
    theta: ArrayLike,
    state_values: ArrayLike,
    gae_lambda: float,
    *,
    with_covariance: bool = False,
) -> Moments:
    """Moments of g = Σ_t γᵗ ∇log π_θ(a_t|s_t) A_t with A_t = Σ_k (γλ)ᵏ δ_{t+k}, δ_t = r_t + γV(s_{t+1}) − V(s_t).

    Parameters
    ----------
    mdp, policy, theta, with_covariance
        As for ``full_return_moments``.
    state_values : array, shape (n_states,) or (T + 1, n_states)
        V, exact or not; it should be 0 in terminal states and, if indexed by time, at time T.
    gae_lambda : float
        λ, from 0 to 1.

    Returns
    -------
    Moments

    References
    ----------
    Schulman et al. (2016), generalized advantage estimation.
    """
    gae_lambda = _checks.require_fraction("gae_lambda", gae_lambda, "λ")
    program = _Program(mdp, policy, theta, None, with_covariance)
    v = _checks.timed_table("state_values", state_values, program.horizon + 1, (mdp.n_states,), "one for each state")

    def temporal_difference(t: int) -> Array:
        delta: Array = mdp.reward + mdp.discount * v[t + 1] - v[t][:, None, None]
        return delta

    return _to_go(program, temporal_difference, mdp.discount * gae_lambda)


def _to_go(program: _Program, reward: Callable[[int], Array], decay: float) -> Moments:
    """Moments of Y_0, where G_t = ρ_t + κ G_{t+1} and Y_t = ∇log π · (G_t − b_t) + γ Y_{t+1}."""
    gamma, sigma = program.mdp.discount, program.score
    m1, m2, y1, gy = program.zeros(4)
    (yy,) = program.square_zeros(1)
    for t in reversed(range(program.horizon)):
        step = program.step(reward(t), program.baseline[t])
        g1, g2 = step.gain(decay, m1, m2)
        w1, w2 = step.less_baseline(g1, g2)
        w_y = step.shifted(y1) + decay * step.mean(gy)
        new_yy = (
            program.scaled(program.product(sigma, sigma), w2)
            + gamma * program.symmetric(sigma, w_y)
            + gamma**2 * step.mean(yy)
        )
        new_gy = program.scaled(sigma, w2 + step.baseline * w1) + gamma * (w_y + step.baseline_times(step.mean(y1)))
        new_y1 = program.scaled(sigma, w1) + gamma * step.mean(y1)
        m1, m2, y1, gy, yy = (program.over_actions(moment) for moment in (g1, g2, new_y1, new_gy, new_yy))
    return program.result(y1, yy)


def require_horizon(mdp: TabularMDP) -> int:
    """Return T, or say that these moments need one."""
    if mdp.horizon is None:
        raise ValueError("mdp.horizon is None: set one, as these moments go backward from the last decision")
    return mdp.horizon


def real_parameters(policy: Policy, theta: ArrayLike) -> Array:
    """Return θ, or say that it is complex: a variance is no analytic function, and has no complex step."""
    return require_real_theta(policy, theta, "a variance is computed at real parameters")


class _Program:
    """What the programs share: scores, products of moments, and the mean over actions.

    A moment has the shape (S, …) before a mean over the next state and (S, A, …) after it; the rest is
    empty, |θ|, or for products of two vectors |θ| again, or |θ|, |θ| if the whole covariance is wanted.
    """

    def __init__(
        self, mdp: TabularMDP, policy: Policy, theta: ArrayLike, baseline: ArrayLike | None, with_covariance: bool
    ) -> None:
        self.mdp, self.policy, self.horizon = mdp, policy, require_horizon(mdp)
        theta = real_parameters(policy, theta)
        self.probabilities = action_probabilities(mdp, policy, theta)
        self.score = policy.score(theta).reshape(mdp.n_states, mdp.n_actions, -1)
        self.score[mdp.terminal] = 0
        self.with_covariance = with_covariance
        b = 0.0 if baseline is None else baseline
        self.baseline = _checks.timed_table("baseline", b, self.horizon, (mdp.n_states,), "one for each state")

    def zeros(self, number: int) -> list[Array]:
        """Moments of an empty rest: the first two are numbers for each state, the others vectors."""
        return [np.zeros(self.mdp.n_states) for _ in range(2)] + [
            np.zeros((self.mdp.n_states, self.score.shape[-1])) for _ in range(number - 2)
        ]

    def square_zeros(self, number: int) -> list[Array]:
        size = self.score.shape[-1]
        shape = (size, size) if self.with_covariance else (size,)
        return [np.zeros((self.mdp.n_states, *shape)) for _ in range(number)]

    def product(self, left: Array, right: Array) -> Array:
        """Left times right of two vectors: all pairs of components, or each component with itself."""
        return left[..., :, None] * right[..., None, :] if self.with_covariance else left * right

    def symmetric(self, left: Array, right: Array) -> Array:
        return self.product(left, right) + self.product(right, left)

    @staticmethod
    def scaled(moment: Array, by: Array) -> Array:
        """A moment (S, A, …) times a number for each (s, a)."""
        return moment * by.reshape(*by.shape, *(1,) * (moment.ndim - 2))

    def over_actions(self, moment: Array) -> Array:
        return np.einsum("sa,sa...->s...", self.probabilities, moment)

    def step(self, reward: Array, baseline: Array) -> _Step:
        return _Step(self.mdp.transition, reward, baseline)

    def result(self, first: Array, second: Array) -> Moments:
        mean, square = (np.tensordot(self.mdp.initial, moment, axes=1) for moment in (first, second))
        shape = self.policy.theta_shape
        covariance = square - np.outer(mean, mean) if self.with_covariance else None
        variance = square - mean**2 if covariance is None else np.diag(covariance)
        lost = 1e-12 * float(np.abs(square).max(initial=0.0))
        if variance.min(initial=0.0) < -lost:
            raise ValueError(
                f"a variance comes out as {variance.min():.2g}: it is lost in rounding beside a large common part of "
                "all returns: subtract a constant from the rewards"
            )
        return Moments(mean.reshape(shape), np.maximum(variance, 0).reshape(shape), covariance)


class _Step:
    """Means over the next state s' given (s, a), plain or weighted with powers of the payment ρ(s,a,s')."""

    def __init__(self, transition: Array, reward: Array, baseline: Array) -> None:
        self.transition, self.reward = transition, reward
        self.baseline = baseline[:, None]

    @cached_property
    def _paid(self) -> Array:
        return self.transition * self.reward

    @cached_property
    def _paid_twice(self) -> Array:
        return self._paid * self.reward

    def mean(self, later: Array) -> Array:
        """E[X' | s, a]."""
        return np.tensordot(self.transition, later, axes=1)

    def paid(self, later: Array) -> Array:
        """E[ρ X' | s, a]."""
        return np.tensordot(self._paid, later, axes=1)

    def paid_twice(self, later: Array) -> Array:
        """E[ρ² X' | s, a]."""
        return np.tensordot(self._paid_twice, later, axes=1)

    def baseline_times(self, moment: Array) -> Array:
        """The baseline of s times a moment (S, A, …)."""
        return self.baseline.reshape(-1, *(1,) * (moment.ndim - 1)) * moment

    def shifted(self, later: Array) -> Array:
        """E[(ρ − b) X' | s, a]."""
        return self.paid(later) - self.baseline_times(self.mean(later))

    def gain(self, decay: float, m1: Array, m2: Array) -> tuple[Array, Array]:
        """E[G | s, a] and E[G² | s, a] for G = ρ + κ G'."""
        one = np.ones_like(m1)
        first = self.paid(one) + decay * self.mean(m1)
        second = self.paid_twice(one) + 2 * decay * self.paid(m1) + decay**2 * self.mean(m2)
        return first, second

    def less_baseline(self, first: Array, second: Array) -> tuple[Array, Array]:
        """E[w | s, a] and E[w² | s, a] for w = G − b."""
        return first - self.baseline, second - 2 * self.baseline * first + self.baseline**2
