"""The exact variance of an estimator as a function of its baseline, and the baselines that make it least.

A baseline b_t(s) leaves the mean of a policy-gradient estimator alone, and its variance is a quadratic
function of b. Scores at different times are uncorrelated given the past, so the quadratic has no mixed
terms: for the component k of the gradient,

    Var ĝ_k(b) = Var ĝ_k(0) − 2 Σ_{t,s} b_t(s) C_tk(s) + Σ_{t,s} b_t(s)² κ_tk(s)
               = least_k + Σ_{t,s} (b_t(s) − C_tk(s) / κ_tk(s))² κ_tk(s).

The minimum is b_t(s) = C / κ. If fewer baselines are allowed, one for each state or one in all, C and
κ are added up over those that must be equal.

Where all returns have a large common part, Var ĝ(0) and the sums are large and nearly cancel. So C is kept about
b_t(s) = E[w_t | s_t = s], the mean weight, where nothing large is left, and the variance is computed by the second
line, in which nothing cancels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode._telescoping import PROMISE, Program, Result, Steps, entry
from pgcode.mdp import TabularMDP
from pgcode.moments import Moments
from pgcode.policies import TabularPolicy

__all__ = ["BaselineVariance", "full_return_variance", "reward_to_go_variance"]

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class BaselineVariance:
    """Var ĝ as a quadratic function of the baseline; call it with a baseline.

    The arrays are copied and read-only.

    Attributes
    ----------
    at_centre : Moments
        Mean and variance with the baseline ``centre``.
    centre : array, shape (T, n_states)
        The baseline about which the quadratic is kept.
    centred_slope : array, shape (T, n_states, *θ)
        Half of the negative derivative of Var ĝ_k by b_t(s) at ``centre``.
    curvature : array, shape (T, n_states, *θ)
        κ, half of the second derivative; 0 where b_t(s) has no effect.
    least : array, shape (*θ,)
        Var ĝ_k with ``timed_component``, the least that a function of state and time can do.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode.environments import lone_payer
    >>> from pgcode.policies import SoftmaxPolicy
    >>> variance = reward_to_go_variance(lone_payer(2), SoftmaxPolicy(2, 2), np.zeros((2, 2)))
    >>> variance(0.0)[0], variance(0.5)[0]
    (array([0.0625, 0.0625]), array([0., 0.]))
    >>> variance.constant, variance.state, variance.without.trace
    (0.5, array([0.5, 0. ]), 0.125)
    """

    at_centre: Moments
    centre: Array
    centred_slope: Array
    curvature: Array
    least: Array

    def __post_init__(self) -> None:
        for name in ("centre", "centred_slope", "curvature", "least"):
            array = _checks.real_array(name, getattr(self, name))
            _checks.require_finite(name, array)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        shape = (*self.centre.shape, *self.at_centre.mean.shape)
        for name in ("centred_slope", "curvature"):
            _checks.require_shape(name, getattr(self, name).shape, shape, "(T, n_states, *θ)")
        _checks.require_shape("least", self.least.shape, self.at_centre.mean.shape, "the shape of θ")

    def __reduce__(self) -> tuple[Any, ...]:
        # a copy is made read-only again
        return BaselineVariance, (self.at_centre, self.centre, self.centred_slope, self.curvature, self.least)

    def __call__(self, baseline: ArrayLike) -> Array:
        """Var ĝ with a baseline of shape (), (n_states,) or (T, n_states), or (T, n_states, *θ); shape (*θ,).

        Raises
        ------
        TypeError, ValueError
            If the baseline does not fit, or if a variance is lost in rounding, or too large or too small for a float.
        """
        b = _checks.real_array("baseline", baseline)
        if b.ndim == self.curvature.ndim:
            _checks.require_shape("baseline", b.shape, self.curvature.shape, "(T, n_states, *θ)")
            _checks.require_finite("baseline", b)
        else:
            n_times, n_states = self.centre.shape
            b = self._for_all(_checks.timed_table("baseline", b, n_times, (n_states,), "one for each state"))
        with np.errstate(over="ignore"):
            return self._beyond_least(b - self._for_all(self.centre))

    def _beyond_least(self, away: Array) -> Array:
        """Var ĝ with a baseline that is this far from the centre."""
        best = _ratio(self.centred_slope, self.curvature)
        difference = np.where(self.curvature > 0, away - best, 0.0)
        unit = int(np.frexp(np.abs(difference).max(initial=0.0))[1])  # a square must not vanish
        scaled, sizes = np.ldexp(difference, -unit), np.ldexp(np.abs(away) + np.abs(best), -unit)
        beyond = (self.curvature * scaled**2).sum(axis=(0, 1))
        blur = (len(self.centre) + 32) * np.finfo(float).eps * sizes
        error = (self.curvature * (2 * np.abs(scaled) + blur) * blur).sum(axis=(0, 1))
        with np.errstate(over="ignore", under="ignore"):
            found: Array = self.least + np.ldexp(beyond, 2 * unit)
            error = np.ldexp(error, 2 * unit)
        vanished = (beyond > 0) & (found < np.finfo(float).tiny) & (beyond > 1e-20)
        if vanished.any() or not np.isfinite(found).all():
            k = int(np.argmax((vanished | ~np.isfinite(found)).ravel()))
            raise ValueError(
                f"the variance of {entry(k, found.shape)} with this baseline is not a number that a float holds: "
                "multiply rewards and baseline by a number that brings the gradient near 1"
            )
        lost = (error > PROMISE * found) & (found > error)
        if lost.any():
            k = int(np.argmax(lost.ravel()))
            raise ValueError(
                f"the variance of {entry(k, found.shape)} is lost in rounding so near to the best baseline, right to "
                f"{error.flat[k] / found.flat[k]:.0e} only: take timed_component itself, or a baseline farther away"
            )
        return found

    @property
    def without(self) -> Moments:
        """Mean and variance with no baseline."""
        return Moments(self.at_centre.mean, self(0.0))

    @property
    def slope(self) -> Array:
        """C, half of the negative derivative of Var ĝ_k by b_t(s) at b = 0, shape (T, n_states, *θ)."""
        return self.centred_slope + self.curvature * self._for_all(self.centre)

    @property
    def constant(self) -> float:
        """The one number b that makes the trace Σ_k Var ĝ_k least."""
        return float(self._best(tuple(range(self.curvature.ndim))))

    @property
    def state(self) -> Array:
        """The b(s) that makes the trace least, shape (n_states,); 0 where it has no effect."""
        return self._best((0, *range(2, self.curvature.ndim)))

    @property
    def timed(self) -> Array:
        """The b_t(s) that makes the trace least, shape (T, n_states); 0 where it has no effect."""
        return self._best(tuple(range(2, self.curvature.ndim)))

    @property
    def component(self) -> Array:
        """For each component k its own number b_k that makes Var ĝ_k least, shape (*θ,).

        To call the variance with it, give it to all times and states:
        ``numpy.broadcast_to(variance.component, variance.curvature.shape)``.
        """
        return self._best((0, 1))

    @property
    def timed_component(self) -> Array:
        """For each component its own b_tk(s), shape (T, n_states, *θ): no function of state and time does better."""
        return self._best(())

    def _best(self, shared: tuple[int, ...]) -> Array:
        """The best baseline that is the same along some axes: the mean of the best, weighted with the curvature.

        It is added up about a centre of theirs, so that a large common part costs no digits.
        """
        h, centre = self.curvature, self._for_all(self.centre)
        total = h.sum(axis=shared, keepdims=True)
        middle = _ratio((h * centre).sum(axis=shared, keepdims=True), total)
        away = _ratio((self.centred_slope + h * (centre - middle)).sum(axis=shared, keepdims=True), total)
        best: Array = (middle + away).squeeze(axis=shared)
        return best

    def _for_all(self, baseline: Array) -> Array:
        """A baseline (T, n_states) with the axes of θ added."""
        return baseline.reshape(*baseline.shape, *(1,) * (self.curvature.ndim - 2))


def full_return_variance(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> BaselineVariance:
    """Var ĝ of ĝ = Σ_t ∇log π_θ(a_t|s_t) (R(τ) − b_t(s_t)) as a function of b.

    With C' the braces of ``reward_to_go_variance`` and R_{<t} the discounted rewards before t,

        κ = Pr(s_t = s) Σ_a π ψ²,   C = γᵗ C' + E[R_{<t}; s_t = s] Σ_a π ψ²,

    where E[x; s_t = s] = Pr(s_t = s) E[x | s_t = s]. The quadratic is kept about E[R(τ) | s_t = s].

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon.
    policy, theta : TabularPolicy, array
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

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode.environments import cancelling_rewards
    >>> from pgcode.policies import SoftmaxPolicy
    >>> variance = full_return_variance(cancelling_rewards(size=1e8), SoftmaxPolicy(5, 2), np.zeros((5, 2)))
    >>> variance.constant, variance(variance.constant).sum().item(), variance(0.0).sum().item()
    (1.0, 0.375, 1.375)
    """
    program = Program(mdp, policy, theta)
    steps = program.telescoped(program.paid, mdp.discount)
    past = program.past(steps)
    parts = _Parts(program, steps)
    discounts = mdp.discount ** np.arange(program.horizon)[:, None]
    curvature = program.occupied[:-1, :, None] * parts.squares
    # C' is kept about E[R | s_t = s], and the centre is a float near it.
    beyond = past.residue[:-1] + discounts * parts.residue
    slope = discounts[:, :, None] * parts.braces() + curvature * beyond[:, :, None]
    best = _ratio(slope, curvature)
    least = program.full_return(steps, past, lambda t: past.residue[t][:, None] - best[t])
    return _quadratic(program, least, past.mean[:-1], slope, curvature)


def reward_to_go_variance(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> BaselineVariance:
    """Var ĝ of ĝ = Σ_t γᵗ ∇log π_θ(a_t|s_t) (G_t − b_t(s_t)) as a function of b.

    With ψ = ∇_k log π(a|s), κ = γ²ᵗ Pr(s_t = s) Σ_a π ψ² and

        C = γ²ᵗ { Pr(s_t = s) Σ_a π ψ² Q_t + ∇_k Pr(s_t = s) Σ_a π ψ Q_t
                  + γ Pr(s_t = s) Σ_a π ψ Σ_s' p(s'|s,a) ∇_k V_{t+1}(s') }.

    The three terms are what the score at t shares with itself, with the earlier scores, and with the
    later ones. The quadratic is kept about V_t(s), where Q_t becomes the advantage.

    Parameters, result and errors as ``full_return_variance``.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode.environments import lone_payer
    >>> from pgcode.policies import SoftmaxPolicy
    >>> theta = np.log([[0.9, 0.05, 0.05], [1 / 3, 1 / 3, 1 / 3]])
    >>> variance = reward_to_go_variance(lone_payer(), SoftmaxPolicy(2, 3), theta)
    >>> round(variance.constant, 4)  # far from V = 0.9
    0.073
    """
    program = Program(mdp, policy, theta)
    steps = program.telescoped(program.paid, mdp.discount)
    parts = _Parts(program, steps)
    squared_discounts = mdp.discount ** (2 * np.arange(program.horizon))[:, None, None]
    curvature = squared_discounts * program.occupied[:-1, :, None] * parts.squares
    # C' is kept about V, and the centre is V as a float.
    slope = squared_discounts * parts.braces() + curvature * parts.residue[:, :, None]
    best = _ratio(slope, curvature)
    least = program.to_go(steps, lambda t: -best[t], mdp.discount)
    return _quadratic(program, least, steps.expected[:-1], slope, curvature)


def _quadratic(program: Program, least: Result, centre: Array, slope: Array, curvature: Array) -> BaselineVariance:
    """The quadratic with rewards and scores out of their units."""
    shape = (*centre.shape, *program.theta_shape)
    with np.errstate(over="ignore", under="ignore"):
        centre = np.ldexp(centre, program.unit)
        slope = np.ldexp(slope, 2 * program.units + program.unit).reshape(shape)
        curvature = np.ldexp(curvature, 2 * program.units).reshape(shape)
    at_least = BaselineVariance(Moments(*least), centre, slope, curvature, least[1])
    at_centre = Moments(least[0], at_least._beyond_least(np.zeros(shape)))
    return BaselineVariance(at_centre, centre, slope, curvature, least[1])


def _ratio(slope: Any, curvature: Any) -> Array:
    """The ratio C / κ, and 0 where κ is 0: there the baseline has no effect."""
    h = np.asarray(curvature)
    return np.divide(slope, h, out=np.zeros(h.shape), where=h > 0)


class _Parts:
    """What both quadratics are made of, in units and with θ flattened.

    Attributes
    ----------
    squares : array, shape (S, |θ|)
        Σ_a π ψ².
    residue : array, shape (T, S)
        V_t(s) less the float that is taken for it.
    """

    def __init__(self, program: Program, steps: Steps) -> None:
        self.program, self.steps = program, steps
        shape = (program.horizon, program.mdp.n_states, program.score.shape[1])
        _checks.require_memory(
            "the variance as a function of the baseline",
            shape,
            "ask reward_to_go_moments or full_return_moments for one baseline at a time",
        )
        self.shape = shape
        self.squares = program.over_actions(program.score**2)
        self.residue, self.advantages = np.zeros(shape[:2]), np.zeros((program.horizon, len(program.pi)))
        later = np.zeros(program.mdp.n_states)
        for t in reversed(range(program.horizon)):
            brought = program.over_next(steps.jump(t) + program.mdp.discount * later[program.after])
            later = program.over_pairs(brought)
            self.residue[t], self.advantages[t] = later, brought - later[program.state]

    def braces(self) -> Array:
        """The braces of ``reward_to_go_variance`` with A_t in the place of Q_t, shape (T, S, |θ|)."""
        program, discount, sigma = self.program, self.program.mdp.discount, self.program.score
        found, occupied = np.zeros(self.shape), program.occupied
        policy_term = np.zeros(self.shape)
        value_gradient = np.zeros(self.shape[1:])
        for t in reversed(range(program.horizon)):
            advantage = self.advantages[t][:, None]
            after = discount * program.expect(program.p, value_gradient)
            policy_term[t] = program.over_actions(sigma * advantage)
            found[t] = occupied[t][:, None] * program.over_actions(sigma * (sigma * advantage + after))
            value_gradient = policy_term[t] + program.over_actions(after)
        # ∇p_t(s) = E[Σ_{k<t} ∇log π(a_k|s_k); s_t = s]
        gradient = np.zeros(self.shape[1:])
        for t in range(program.horizon):
            found[t] += gradient * policy_term[t]
            moved = program.pi[:, None] * (gradient[program.state] + occupied[t][program.state][:, None] * sigma)
            gradient = program.spread(moved)
        return found
