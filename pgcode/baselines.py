"""The exact variance of an estimator as a function of its baseline, and the baselines that make it least.

A baseline b_t(s) leaves the mean of a policy-gradient estimator alone, and its variance is a quadratic
function of b. Scores at different times are uncorrelated given the past, so the quadratic has no mixed
terms: for the component k of the gradient,

    Var g_k(b) = Var g_k(0) − 2 Σ_{t,s} b_t(s) c_tk(s) + Σ_{t,s} b_t(s)² h_tk(s).

The minimum is b_t(s) = c / h. If fewer baselines are allowed, one for each state or one in all, c and
h are added up over those that must be equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks, values
from pgcode.mdp import TabularMDP
from pgcode.moments import Moments, full_return_moments, reward_to_go_moments
from pgcode.policies import Policy, action_probabilities, require_theta

__all__ = ["BaselineVariance", "full_return_variance", "reward_to_go_variance"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BaselineVariance:
    """Var g as a quadratic function of the baseline; call it with a baseline.

    Attributes
    ----------
    without : Moments
        Mean and variance with no baseline.
    slope : array, shape (T, n_states, *θ)
        c, half of the negative derivative of Var g_k by b_t(s) at b = 0.
    curvature : array, shape (T, n_states, *θ)
        h, half of the second derivative; 0 where b_t(s) has no effect.
    """

    without: Moments
    slope: Array
    curvature: Array

    def __call__(self, baseline: ArrayLike) -> Array:
        """Var g with a baseline of shape (), (n_states,) or (T, n_states), or (T, n_states, *θ); shape (*θ,)."""
        b = _checks.real_array("baseline", baseline)
        if b.shape != self.slope.shape:
            n_times, n_states = self.slope.shape[:2]
            timed = _checks.timed_table("baseline", b, n_times, (n_states,), "one for each state")
            b = timed.reshape(n_times, n_states, *(1,) * self.without.variance.ndim)
        change: Array = (b * (b * self.curvature - 2 * self.slope)).sum(axis=(0, 1))
        return self.without.variance + change

    @property
    def constant(self) -> float:
        """The one number b that makes the trace Σ_k Var g_k least."""
        return float(_ratio(self.slope.sum(), self.curvature.sum()))

    @property
    def state(self) -> Array:
        """The b(s) that makes the trace least, shape (n_states,); 0 where it has no effect."""
        axes = (0, *range(2, self.slope.ndim))
        return _ratio(self.slope.sum(axis=axes), self.curvature.sum(axis=axes))

    @property
    def timed(self) -> Array:
        """The b_t(s) that makes the trace least, shape (T, n_states); 0 where it has no effect."""
        axes = tuple(range(2, self.slope.ndim))
        return _ratio(self.slope.sum(axis=axes), self.curvature.sum(axis=axes))

    @property
    def component(self) -> Array:
        """For each component k its own number b_k that makes Var g_k least, shape (*θ,)."""
        return _ratio(self.slope.sum(axis=(0, 1)), self.curvature.sum(axis=(0, 1)))

    @property
    def timed_component(self) -> Array:
        """For each component its own b_tk(s), shape (T, n_states, *θ): the least that any baseline can reach."""
        return _ratio(self.slope, self.curvature)


def full_return_variance(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> BaselineVariance:
    """Var g of g = Σ_t ∇log π_θ(a_t|s_t) (R(τ) − b_t(s_t)) as a function of b.

    c = γᵗ c' + E[R_{<t}; s_t = s] Σ_a π σ², h = p_t(s) Σ_a π σ², with c' the slope of
    ``reward_to_go_variance`` less its factor γ²ᵗ and R_{<t} the discounted rewards before t.

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon.
    policy, theta : Policy, array
        π_θ.

    Returns
    -------
    BaselineVariance

    References
    ----------
    Greensmith, Bartlett and Baxter (2004), optimal baselines. The form for a finite horizon is derived
    in the chapter on baselines and variance.
    """
    without = full_return_moments(mdp, policy, theta)
    parts = _Parts(mdp, policy, theta)
    discounts = mdp.discount ** np.arange(parts.horizon)[:, None, None]
    slope = discounts * parts.products() + parts.past_returns()[:, :, None] * parts.squares
    return parts.result(without, slope, parts.occupied[:, :, None] * parts.squares)


def reward_to_go_variance(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> BaselineVariance:
    """Var g of g = Σ_t γᵗ ∇log π_θ(a_t|s_t) (G_t − b_t(s_t)) as a function of b.

    With σ = ∇_k log π(a|s), h = γ²ᵗ p_t(s) Σ_a π σ² and

        c = γ²ᵗ { p_t(s) Σ_a π σ² Q_t + ∇_k p_t(s) Σ_a π σ Q_t + γ p_t(s) Σ_a π σ Σ_s' p(s'|s,a) ∇_k V_{t+1}(s') }.

    The three terms are what the score at t shares with itself, with the earlier scores, and with the
    later ones.

    Parameters and result as ``full_return_variance``.
    """
    without = reward_to_go_moments(mdp, policy, theta)
    parts = _Parts(mdp, policy, theta)
    squared_discounts = mdp.discount ** (2 * np.arange(parts.horizon))[:, None, None]
    curvature = parts.occupied[:, :, None] * parts.squares
    return parts.result(without, squared_discounts * parts.products(), squared_discounts * curvature)


def _ratio(slope: Any, curvature: Any) -> Array:
    """The ratio c / h, and 0 where h is 0: there the baseline has no effect."""
    h = np.asarray(curvature)
    return np.divide(slope, h, out=np.zeros(h.shape), where=h > 0)


class _Parts:
    """What both quadratics are made of, θ flattened."""

    def __init__(self, mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> None:
        theta = require_theta(policy, theta)
        self.mdp, self.shape = mdp, policy.theta_shape
        self.action_values = values.action_values(mdp, policy, theta)
        self.horizon = len(self.action_values)
        self.occupied = values.occupancy(mdp, policy, theta)[:-1]
        self.pi = action_probabilities(mdp, policy, theta)
        score = policy.score(theta).reshape(mdp.n_states, mdp.n_actions, -1)
        score[mdp.terminal] = 0
        self.gradient = self.pi[:, :, None] * score  # ∇π(a|s)
        self.squares = np.einsum("sak,sak->sk", self.gradient, score)  # Σ_a π σ²
        self.score = score

    def products(self) -> Array:
        """The braces of ``reward_to_go_variance``, shape (T, S, |θ|)."""
        q, pi = self.action_values, self.pi
        itself = np.einsum("sak,sak,tsa->tsk", self.gradient, self.score, q)
        policy_term = np.einsum("sak,tsa->tsk", self.gradient, q)
        later = np.zeros_like(policy_term)  # Σ_a π σ Σ_s' p(s'|s,a) ∇V_{t+1}(s')
        value_gradient = np.zeros_like(policy_term[0])
        for t in reversed(range(self.horizon)):
            after = np.tensordot(self.mdp.transition, value_gradient, axes=1)
            later[t] = np.einsum("sak,sak->sk", self.gradient, after)
            value_gradient = policy_term[t] + self.mdp.discount * np.einsum("sa,sak->sk", pi, after)
        shared = itself + self.mdp.discount * later
        return self.occupied[:, :, None] * shared + self._occupancy_gradient() * policy_term

    def _occupancy_gradient(self) -> Array:
        """∇p_t(s) = E[Σ_{k<t} ∇log π(a_k|s_k); s_t = s], shape (T, S, |θ|)."""
        found = np.zeros((self.horizon, *self.squares.shape))
        for t in range(self.horizon - 1):
            moved = self.pi[:, :, None] * found[t][:, None] + self.occupied[t][:, None, None] * self.gradient
            found[t + 1] = np.tensordot(self.mdp.transition, moved, axes=((0, 1), (0, 1)))
        return found

    def past_returns(self) -> Array:
        """E[Σ_{k<t} γᵏ r_k; s_t = s], shape (T, S)."""
        found = np.zeros_like(self.occupied)
        paid = self.mdp.transition * self.mdp.reward
        for t in range(self.horizon - 1):
            pairs, weights = (self.pi * at[t][:, None] for at in (self.occupied, found))
            found[t + 1] = self.mdp.discount**t * np.tensordot(pairs, paid, axes=2)
            found[t + 1] += np.tensordot(weights, self.mdp.transition, axes=2)
        return found

    def result(self, without: Moments, slope: Array, curvature: Array) -> BaselineVariance:
        shape = (*self.occupied.shape, *self.shape)
        return BaselineVariance(without, slope.reshape(shape), curvature.reshape(shape))
