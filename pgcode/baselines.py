"""The exact variance of an estimator as a function of its baseline, and the baselines that make it least.

A baseline b_t(s) leaves the mean of a policy-gradient estimator alone, and its variance is a quadratic
function of b. Scores at different times are uncorrelated given the past, so the quadratic has no mixed
terms: for the component k of the gradient,

    Var g_k(b) = Var g_k(0) − 2 Σ_{t,s} b_t(s) c_tk(s) + Σ_{t,s} b_t(s)² h_tk(s).

The minimum is b_t(s) = c / h. If fewer baselines are allowed, one for each state or one in all, c and
h are added up over those that must be equal.

Where all returns have a large common part, Var g(0) and the sums are large and nearly cancel. So the
quadratic is kept about b_t(s) = E[w_t | s_t = s], the mean weight, where nothing large is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks, values
from pgcode.mdp import TabularMDP
from pgcode.moments import Moments, full_return_moments, real_parameters, require_horizon, reward_to_go_moments
from pgcode.policies import Policy, action_probabilities

__all__ = ["BaselineVariance", "full_return_variance", "reward_to_go_variance"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BaselineVariance:
    """Var g as a quadratic function of the baseline; call it with a baseline.

    Attributes
    ----------
    at_centre : Moments
        Mean and variance with the baseline ``centre``.
    centre : array, shape (T, n_states)
        The baseline about which the quadratic is kept.
    centred_slope : array, shape (T, n_states, *θ)
        Half of the negative derivative of Var g_k by b_t(s) at ``centre``.
    curvature : array, shape (T, n_states, *θ)
        h, half of the second derivative; 0 where b_t(s) has no effect.
    """

    at_centre: Moments
    centre: Array
    centred_slope: Array
    curvature: Array

    def __call__(self, baseline: ArrayLike) -> Array:
        """Var g with a baseline of shape (), (n_states,) or (T, n_states), or (T, n_states, *θ); shape (*θ,)."""
        b = _checks.real_array("baseline", baseline)
        if b.ndim == self.curvature.ndim:
            _checks.require_shape("baseline", b.shape, self.curvature.shape, "(T, n_states, *θ)")
            _checks.require_finite("baseline", b)
        else:
            n_times, n_states = self.centre.shape
            b = self._for_all(_checks.timed_table("baseline", b, n_times, (n_states,), "one for each state"))
        away = b - self._for_all(self.centre)
        change: Array = (away * (away * self.curvature - 2 * self.centred_slope)).sum(axis=(0, 1))
        return np.maximum(self.at_centre.variance + change, 0)  # at the least variance rounding may pass 0

    @property
    def without(self) -> Moments:
        """Mean and variance with no baseline."""
        return Moments(self.at_centre.mean, self(0.0))

    @property
    def slope(self) -> Array:
        """c, half of the negative derivative of Var g_k by b_t(s) at b = 0, shape (T, n_states, *θ)."""
        return self.centred_slope + self.curvature * self._for_all(self.centre)

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
        """For each component k its own number b_k that makes Var g_k least, shape (*θ,).

        To call the variance with it, give it to all times and states:
        ``numpy.broadcast_to(variance.component, variance.curvature.shape)``.
        """
        return _ratio(self.slope.sum(axis=(0, 1)), self.curvature.sum(axis=(0, 1)))

    @property
    def timed_component(self) -> Array:
        """For each component its own b_tk(s), shape (T, n_states, *θ): no function of state and time does better."""
        return _ratio(self.slope, self.curvature)

    def _for_all(self, baseline: Array) -> Array:
        """A baseline (T, n_states) with the axes of θ added."""
        return baseline.reshape(*baseline.shape, *(1,) * (self.curvature.ndim - 2))


def full_return_variance(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> BaselineVariance:
    """Var g of g = Σ_t ∇log π_θ(a_t|s_t) (R(τ) − b_t(s_t)) as a function of b.

    With c' the braces of ``reward_to_go_variance`` and R_{<t} the discounted rewards before t,

        h = p_t(s) Σ_a π σ²,   c = γᵗ c' + E[R_{<t}; s_t = s] Σ_a π σ²,

    where E[x; s_t = s] = p_t(s) E[x | s_t = s]. The quadratic is kept about E[R(τ) | s_t = s].

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon.
    policy, theta : Policy, array
        π_θ.

    Returns
    -------
    BaselineVariance

    Raises
    ------
    TypeError, ValueError
        As ``full_return_moments``.

    References
    ----------
    Greensmith, Bartlett and Baxter (2004), optimal baselines. The form for a finite horizon is derived
    in the chapter on baselines and variance.
    """
    parts = _Parts(mdp, policy, theta)
    discounts = mdp.discount ** np.arange(parts.horizon)[:, None]
    past = np.divide(parts.past_returns(), parts.occupied, out=np.zeros(parts.v.shape), where=parts.occupied > 0)
    centre = past + discounts * parts.v
    at_centre = full_return_moments(mdp, policy, theta, centre)
    return parts.result(at_centre, centre, discounts, np.ones_like(discounts))


def reward_to_go_variance(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> BaselineVariance:
    """Var g of g = Σ_t γᵗ ∇log π_θ(a_t|s_t) (G_t − b_t(s_t)) as a function of b.

    With σ = ∇_k log π(a|s), h = γ²ᵗ p_t(s) Σ_a π σ² and

        c = γ²ᵗ { p_t(s) Σ_a π σ² Q_t + ∇_k p_t(s) Σ_a π σ Q_t + γ p_t(s) Σ_a π σ Σ_s' p(s'|s,a) ∇_k V_{t+1}(s') }.

    The three terms are what the score at t shares with itself, with the earlier scores, and with the
    later ones. The quadratic is kept about V_t(s), where Q_t becomes the advantage.

    Parameters, result and errors as ``full_return_variance``.
    """
    parts = _Parts(mdp, policy, theta)
    squared_discounts = mdp.discount ** (2 * np.arange(parts.horizon))[:, None]
    at_centre = reward_to_go_moments(mdp, policy, theta, parts.v)
    return parts.result(at_centre, parts.v, squared_discounts, squared_discounts)


def _ratio(slope: Any, curvature: Any) -> Array:
    """The ratio c / h, and 0 where h is 0: there the baseline has no effect."""
    h = np.asarray(curvature)
    return np.divide(slope, h, out=np.zeros(h.shape), where=h > 0)


class _Parts:
    """What both quadratics are made of, θ flattened."""

    def __init__(self, mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> None:
        theta = real_parameters(policy, theta)
        require_horizon(mdp)
        self.mdp, self.shape = mdp, policy.theta_shape
        self.v = values.state_values(mdp, policy, theta)[:-1]
        self.advantages = values.advantages(mdp, policy, theta)
        self.horizon = len(self.v)
        self.occupied = values.occupancy(mdp, policy, theta)[:-1]
        self.pi = action_probabilities(mdp, policy, theta)
        score = policy.score(theta).reshape(mdp.n_states, mdp.n_actions, -1)
        score[mdp.terminal] = 0
        self.gradient = self.pi[:, :, None] * score  # ∇π(a|s)
        self.squares = np.einsum("sak,sak->sk", self.gradient, score)  # Σ_a π σ²
        self.score = score

    def _centred_braces(self) -> Array:
        """The braces of ``reward_to_go_variance`` with A_t in the place of Q_t, shape (T, S, |θ|)."""
        a, pi = self.advantages, self.pi
        itself = np.einsum("sak,sak,tsa->tsk", self.gradient, self.score, a)
        policy_term = np.einsum("sak,tsa->tsk", self.gradient, a)
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

    def result(
        self, at_centre: Moments, centre: Array, of_slope: NDArray[Any], of_curvature: NDArray[Any]
    ) -> BaselineVariance:
        """The quadratic; the last two are the discounts of c and of h, shape (T, 1)."""
        shape = (*self.occupied.shape, *self.shape)
        slope = of_slope[:, :, None] * self._centred_braces()
        curvature = (of_curvature * self.occupied)[:, :, None] * self.squares
        return BaselineVariance(at_centre, centre, slope.reshape(shape), curvature.reshape(shape))
