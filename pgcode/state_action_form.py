"""The state–action form: ∇J(θ) = Σ_s d(s) Σ_a ∇π_θ(a|s) Q(s,a), its proof, and a short derivation that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks, environments, values
from pgcode._policy_checks import require_match, require_mdp, require_policy, require_real_theta, require_theta
from pgcode.derivation import Derivation, Line, in_rewards, reward_exponent
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step
from pgcode.policies import TabularPolicy, action_probabilities

__all__ = [
    "average_reward_derivation",
    "average_reward_gradient",
    "exact_gradient",
    "full_derivation",
    "restart_derivation",
    "source_derivation",
    "state_weighted_gradient",
]

Array = NDArray[Any]

#: ``scale`` and ``condition`` of a line.
_Judged = dict[str, Any]


def state_weighted_gradient(
    policy: TabularPolicy, theta: ArrayLike, state_weights: ArrayLike, action_values: ArrayLike
) -> Array:
    """Σ_s w(s) Σ_a ∇π_θ(a|s) Q(s,a) for any state weights w and any Q, shape (*θ,).

    Which w and which Q make this a gradient of what is the subject of the theorem.

    Parameters
    ----------
    policy, theta : TabularPolicy, array
        π_θ.
    state_weights : array, shape (n_states,)
        w, for example ``values.discounted_visitation``.
    action_values : array, shape (n_states, n_actions)
        Q. Both may be complex, so that the sum has a complex step.

    Returns
    -------
    array, shape (*θ,)

    Raises
    ------
    TypeError
        If the policy is none, or an array does not hold numbers.
    ValueError
        If a shape does not fit, as that of a Q for each time, or an entry is not finite.

    Examples
    --------
    >>> from pgcode.policies import SoftmaxPolicy
    >>> policy, theta = SoftmaxPolicy(2, 2), [[0.0, 0.0], [0.0, 0.0]]
    >>> state_weighted_gradient(policy, theta, [1.0, 0.0], [[1.0, 2.0], [0.0, 0.0]])
    array([[-0.25,  0.25],
           [ 0.  ,  0.  ]])
    """
    require_policy(policy)
    theta = require_theta(policy, theta)
    w = _checks.numeric_array("state_weights", state_weights)
    q = _checks.numeric_array("action_values", action_values)
    _checks.require_shape("state_weights", w.shape, (policy.n_states,), "one weight for each state")
    _checks.require_shape("action_values", q.shape, (policy.n_states, policy.n_actions), "(n_states, n_actions)")
    _checks.require_finite("state_weights", w)
    _checks.require_finite("action_values", q)
    return policy.weighted_gradient(theta, w[:, None] * q)


def exact_gradient(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """∇J(θ) without a list of trajectories.

    Without a horizon, ∇J = Σ_s d_γ(s) Σ_a ∇π_θ(a|s) Q(s,a), by two linear solves of size S. With a
    horizon, ∇J = Σ_t γᵗ Σ_s p_t(s) Σ_a ∇π_θ(a|s) Q_t(s,a), by one backward and one forward pass,
    O(T·S²·A). No array is larger than the dynamics. Where Q hardly depends on the action, as with a large part that all
    rewards have in common, what the actions of a state share is left out of Q in twice the precision, for Σ_a ∇π = 0.

    Parameters
    ----------
    mdp : TabularMDP
    policy, theta : TabularPolicy, array
        π_θ; it need not be positive.

    Returns
    -------
    array, shape (*θ,)

    Raises
    ------
    ValueError
        At γ = 1 without a horizon, where the process need not end.

    References
    ----------
    Sutton et al. (2000), theorem 1, start-state formulation; Sutton and Barto (2018), section 13.2.

    Examples
    --------
    >>> from pgcode.environments import corridor_policy, short_corridor
    >>> exact_gradient(short_corridor(), corridor_policy(), [0.0, 0.0]).round(9)  # left, right
    array([-2.,  2.])
    """
    require_match(policy, mdp)
    if mdp.horizon is None:
        visits = values.discounted_visitation(mdp, policy, theta)
        action_values = values._action_values_from_start(mdp, policy, theta, visits)
        return state_weighted_gradient(policy, theta, visits, action_values)
    visits = mdp.discount ** np.arange(mdp.horizon)[:, None] * values.occupancy(mdp, policy, theta)[:-1]
    action_values = values._timed_action_values_beyond(mdp, policy, theta, visits)
    return policy.weighted_gradient(theta, np.einsum("ts,tsa->sa", visits, action_values))


def average_reward_gradient(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """∇r(π) = Σ_s d_π(s) Σ_a ∇π_θ(a|s) Q(s,a), with the stationary d_π and the differential Q; shape (*θ,).

    References
    ----------
    Sutton et al. (2000), theorem 1, average-reward formulation.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode.environments import random_mdp
    >>> from pgcode.policies import SoftmaxPolicy
    >>> mdp, policy = random_mdp(np.random.default_rng(0), horizon=None), SoftmaxPolicy(3, 2)
    >>> average_reward_gradient(mdp, policy, np.zeros((3, 2))).sum(axis=1).round(12) + 0.0
    array([0., 0., 0.])
    """
    stationary = values.stationary_distribution(mdp, policy, theta)
    action_values = values._differential_action_values_beyond(mdp, policy, theta)
    return state_weighted_gradient(policy, theta, stationary, action_values)


#: A derivative of a probability below this is 0 for a ledger: the complex step may lose it by underflow.
_LEAST_DERIVATIVE = 1e-278

#: A probability below this counts as 0 where a line divides by it.
_LEAST_PROBABILITY = 1e-250


class _Parts:
    """What the derivations are made of, at one θ: π, ∇π, ∇log π, P, and the sizes of sums over actions.

    Rewards are divided by 2ᵏ; ``ledger`` multiplies the lines by it.
    """

    def __init__(self, mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, exponent: int | None = None) -> None:
        self.policy = policy
        self.theta = require_real_theta(policy, theta, "a derivation is evaluated at real parameters")
        self.pi = action_probabilities(mdp, policy, self.theta)
        _checks.require_memory(
            "the derivative of Q",
            (mdp.horizon or 1, *self.pi.shape, *self.theta.shape),
            "shorten the horizon, or take exact_gradient, which needs no table",
        )
        self.exponent = reward_exponent(mdp.reward) if exponent is None else exponent
        self.mdp = replace(mdp, reward=np.ldexp(mdp.reward, -self.exponent))
        self.d_pi = self.derivative(policy.probabilities)
        self.positive = self.pi > _LEAST_PROBABILITY
        self.d_log = np.zeros(self.d_pi.shape)
        self.d_log[self.positive] = self.derivative(lambda at: policy.log_probabilities(at)[self.positive])
        # ∇π of an action that is nearly certain is what 1 − π leaves: it is rounded beside this, not beside itself.
        score = np.abs(self.d_log).max(axis=1, keepdims=True)
        self.d_pi_terms = self.pi.reshape(*self.pi.shape, *(1,) * self.theta.ndim) * score
        self.chain, _ = values.policy_chain(self.mdp, policy, self.theta)
        self.paid = np.einsum("san,san->sa", self.mdp.transition, np.abs(self.mdp.reward))  # E|r|, by state and action

    def derivative(self, function: Callable[[Array], Any]) -> Array:
        return complex_step(function, self.theta)

    def policy_term(self, action_values: Array) -> Array:
        """Σ_a ∇π(a|s) Q(s,a) for each state, shape (S, *θ), or for each time and state."""
        return np.einsum("sa...,sa->s...", self.d_pi, action_values)

    def size(self, sizes: Array) -> Array:
        """Σ_a |∇π(a|s)| q(s,a), the size of the terms of ``policy_term``; q may be indexed by time."""
        d_pi = np.abs(self.d_pi).reshape(*self.pi.shape, -1) + _LEAST_DERIVATIVE
        return np.einsum("sak,...sa->...sk", d_pi, sizes).reshape(*sizes.shape[:-1], *self.theta.shape)

    def recursion(self, action_values: Array, dq: Array, later_dv: Array) -> tuple[Array, Array, Array]:
        """The right sides of T2, T3 and T4, from Q, ∇Q and the ∇V that comes after; (S, *θ), or with times first."""
        shape = (*action_values.shape[:-1], *self.theta.shape)
        flat_dq = dq.reshape(*action_values.shape, -1)
        later = later_dv.reshape(*action_values.shape[:-1], -1)
        gamma, transition = self.mdp.discount, self.mdp.transition
        g = np.einsum("sak,...sa->...sk", self.d_pi.reshape(*self.pi.shape, -1), action_values)
        next_dv = gamma * (transition.reshape(-1, transition.shape[-1]) @ later).reshape(flat_dq.shape)
        return (
            (g + np.einsum("sa,...sak->...sk", self.pi, flat_dq)).reshape(shape),
            (g + np.einsum("sa,...sak->...sk", self.pi, next_dv)).reshape(shape),
            (g + gamma * (self.chain @ later)).reshape(shape),
        )

    def mean(self, sizes: Array) -> Array:
        """Σ_a π(a|s) q(s,a)."""
        return np.asarray((self.pi * sizes).sum(axis=-1))

    def ledger(self, title: str, lines: Iterable[Line]) -> Derivation:
        """The derivation, in the units of the rewards; B11 is none of them."""
        return Derivation(title, [line if line.label == "B11" else in_rewards(line, self.exponent) for line in lines])


class _Sizes:
    """The sizes of the terms of a proof, and how far rounding of one step is carried on; see ``Line.condition``.

    Everything is counted in roundings: an array e says that a quantity is off by e times 2⁻⁵² or so. Products and
    sums are off by the size of their terms. What is added to V(s) by a rounding in state s' is multiplied by the
    number of visits M(s,s') = Σ γᵏ Pᵏ(s'|s) to it. All values together may be shifted a lot by that, as by an error in
    the sum of a row of P; but Σ_a ∇π = 0, and ∇V feels only how differently Q(s,a) and Q(s,b) are shifted. So Q is
    off by what M shifts apart.

    Parameters
    ----------
    parts : _Parts
    action_values, dv : array
        Q (..., S, A) and ∇V (..., S, *θ), with times first where there is a horizon.
    later, later_dv : array
        V and ∇V one step later.
    apart : array, shape (S, S)
        How far a rounding in state s' shifts the value of state s from that of the others.
    sum_over_future : callable
        x to Σ_k γᵏ Pᵏ x, over the future from each state, or each time and state.
    """

    def __init__(
        self,
        parts: _Parts,
        action_values: Array,
        later: Array,
        dv: Array,
        later_dv: Array,
        apart: Array,
        sum_over_future: Callable[[Array], Array],
    ) -> None:
        mdp, chain = parts.mdp, parts.mdp.discount * parts.chain
        state_values = parts.mean(action_values)
        paid = np.broadcast_to(parts.mean(parts.paid), state_values.shape)
        steps = sum_over_future(np.ones(state_values.shape))
        a_reward = np.divide(sum_over_future(paid), steps, out=np.zeros(steps.shape), where=steps > 0)
        local = parts.size(np.abs(action_values - state_values[..., None]) + a_reward[..., None])
        rounded = paid + np.abs(later) @ chain.T + np.abs(state_values)
        shifted = apart @ rounded.reshape(-1, mdp.n_states).max(axis=0)
        off = np.abs(action_values) + mdp.discount * (mdp.transition @ shifted) + (chain @ shifted)[:, None]
        flat = later_dv.reshape(*state_values.shape, -1)
        in_one_step = parts.size(off) + np.abs(dv) + (chain @ np.abs(flat)).reshape(dv.shape)
        self.apart = shifted
        self.local, self.local_rounding = local, parts.size(off)
        self.scale, self.rounding = sum_over_future(local), sum_over_future(in_one_step)

    def of_values(self) -> _Judged:
        """``scale`` and ``condition`` of lines with one entry for each state, or each time and state."""
        return _judged_by(self.scale, self.rounding)

    def of_start(self, mdp: TabularMDP) -> _Judged:
        """``scale`` and ``condition`` of lines that are a mean over the start."""
        timed = mdp.horizon is not None
        sides = [side[0] if timed else side for side in (self.scale, self.rounding)]
        return _judged_by(*(np.tensordot(mdp.initial, side, axes=1) for side in sides))


class _LongRunSizes:
    """As ``_Sizes``, for the long run.

    What a rounding in state s' is multiplied by are the entries of Z = (I − P + 1dᵀ)⁻¹, the fundamental
    matrix, and ∇d is Σ d ∇P Z.
    Where the chain hardly connects Z cannot be had, and nothing is decided.
    """

    def __init__(self, parts: _Parts, stationary: Array, action_values: Array, dv: Array, dr: Array) -> None:
        mdp, chain = parts.mdp, parts.chain
        z = _fundamental(chain, stationary)
        paid = parts.mean(parts.paid)
        mean_paid = stationary @ paid
        state_values = parts.mean(action_values)
        local = parts.size(np.abs(action_values - state_values[:, None]) + (paid + mean_paid)[:, None])
        shifted = z @ (paid + mean_paid + chain @ np.abs(state_values) + np.abs(state_values))
        through = z @ (paid + mean_paid)  # V by its terms, as the derivative of d knows them
        off = parts.paid + mean_paid + np.abs(action_values) + mdp.transition @ (shifted + through)
        off += (chain @ shifted)[:, None]
        moved = _moved_stationary(parts, np.abs(parts.d_pi), stationary, z)
        constant = np.tensordot(np.abs(state_values) + shifted, moved, axes=1)
        self.stationary, self.z = stationary, z
        self.in_one_step = np.abs(dv) + np.tensordot(chain, np.abs(dv), axes=1)
        self.local = local
        # The stationary distribution normalises the rows of ∇P, Q does not.
        unbalanced = np.einsum("sa...,sa->s...", parts.d_pi_terms, off)
        self.local_rounding = parts.size(off) + unbalanced + self.in_one_step + np.abs(dr)
        self.rounding = np.tensordot(z, self.local_rounding, axes=1) + constant
        spread = np.tensordot(z, local + np.tensordot(stationary, local, axes=1), axes=1)
        self.scale = local + spread + np.tensordot(np.abs(state_values), moved, axes=1)
        self.chain = chain

    def of_values(self) -> _Judged:
        """For lines of ∇V, one entry for each state."""
        return _judged_by(self.scale, self.rounding)

    def of_steps(self) -> _Judged:
        """For ∇r(π) as the difference of two values, one entry for each state."""
        carried = self.rounding + np.tensordot(self.chain, self.rounding, axes=1)
        return _judged_by(self.local + self.in_one_step, self.local_rounding + carried)

    def of_mean(self) -> _Judged:
        """For ∇r(π) as a mean over states."""
        local, in_one_step, rounding = (
            np.tensordot(self.stationary, side, axes=1) for side in (self.local, self.in_one_step, self.local_rounding)
        )
        return _judged_by(local + in_one_step, rounding)


def _moved_stationary(parts: _Parts, d_pi: Array, stationary: Array, z: Array) -> Array:
    """The size of ∇d = Σ d ∇P Z by its terms, shape (S, *θ)."""
    flat = d_pi.reshape(*parts.pi.shape, -1)
    moved = np.einsum("s,sak,san->nk", stationary, flat, parts.mdp.transition)
    return np.asarray((z.T @ moved).reshape(len(stationary), *parts.theta.shape))


def _fundamental(chain: Array, stationary: Array) -> Array:
    """|Z| = |(I − P + 1dᵀ)⁻¹|, or numbers as large as no precision bears where it is singular in floating point."""
    try:
        z = np.abs(np.linalg.inv(np.eye(len(chain)) - chain + stationary))
    except np.linalg.LinAlgError:
        z = np.full(chain.shape, np.inf)
    return np.where(z < _NOT_TO_BE_HAD, z, _NOT_TO_BE_HAD)


#: Amplification that leaves no digit.
_NOT_TO_BE_HAD = 1e17


def _judged_by(scale: Array, rounding: Array) -> _Judged:
    """The size of terms and the condition, for a quantity that is off by so many roundings."""
    with np.errstate(over="ignore"):
        condition = np.divide(rounding, scale, out=np.ones(scale.shape), where=scale > 0)
    return {"scale": scale, "condition": np.clip(condition, 1, 1e300)}


def _visits(chain: Array, states: NDArray[np.intp]) -> Array:
    """M = (I − γP)⁻¹ on some states, 0 elsewhere; ``chain`` is γP."""
    visits = np.zeros(chain.shape)
    inner = np.eye(len(states)) - chain[np.ix_(states, states)]
    visits[np.ix_(states, states)] = np.abs(np.linalg.inv(inner.T).T) if len(states) else 0  # see values._solve_forward
    return visits


def source_derivation(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Derivation:
    """Evaluate lines B1 to B11 of source B, each by a computation of its own, whether it holds or not.

    The source leaves its setting open. Here V and Q are discounted values without a horizon and the
    state distribution is the stationary one, as the source says. J = Σ_s d_π(s) V(s) is then a
    legitimate number, r(π)/(1 − γ), and B6 is not its gradient.

    Parameters
    ----------
    mdp : TabularMDP
        Without a horizon, with γ < 1, and with one recurrent class.
    policy, theta : TabularPolicy, array
        π_θ, positive.

    Returns
    -------
    Derivation
        B1 to B4 are numbers; B5 to B8 and B10 have the shape of θ; B9 has a row for each state, and
        B11 one for each state and action.

    Raises
    ------
    ValueError
        If the MDP has a horizon or γ = 1, or there is no unique stationary distribution.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode.environments import random_mdp
    >>> from pgcode.policies import SoftmaxPolicy
    >>> mdp, policy = random_mdp(np.random.default_rng(0), horizon=None), SoftmaxPolicy(3, 2)
    >>> source_derivation(mdp, policy, np.zeros((3, 2))).false_lines
    ['B6', 'B9', 'B10 = ∇J']
    """
    require_mdp(mdp)
    if mdp.horizon is not None or mdp.discount == 1:
        raise ValueError(
            f"mdp has horizon {mdp.horizon} and discount {mdp.discount:g}, but source B speaks of a stationary "
            "distribution and of values without a horizon: take horizon=None and a discount below 1"
        )
    parts = _Parts(mdp, policy, theta)
    mdp, pi, d_pi, log_derivative = parts.mdp, parts.pi, parts.d_pi, parts.d_log
    d = values.stationary_distribution(mdp, policy, parts.theta)
    v, q = values.state_values(mdp, policy, parts.theta), values.action_values(mdp, policy, parts.theta)
    ratio = np.zeros(d_pi.shape)
    ratio[parts.positive] = d_pi[parts.positive] / pi[parts.positive].reshape(-1, *(1,) * parts.theta.ndim)

    def objective(at: Array) -> Any:
        """ΣΣ Q π d, with every factor at θ."""
        d_at = values.stationary_distribution(mdp, policy, at)
        return (d_at[:, None] * policy.probabilities(at) * values.action_values(mdp, policy, at)).sum()

    judged = _source_sizes(parts, d, v, q)
    weighted = d[:, None] * pi * q
    expectation = np.tensordot(weighted, log_derivative, axes=2)
    per_state = np.einsum("sa,sa...->s...", pi * q, log_derivative)
    lines = [
        Line(
            "B1",
            r"J = \int_s V\,d\mathbb{P}",
            r"The source's objective: \(\mathbb{P}\) is the stationary distribution.",
            d @ v,
            **judged["J"],
        ),
        Line(
            "B2",
            r"= \int_s\int_a Q\,d\pi\,d\mathbb{P}",
            r"\(V\) is the mean of \(Q\) under the policy.",
            (d * (pi * q).sum(1)).sum(),
            **judged["J"],
        ),
        Line(
            "B3", r"= \mathbb{E}_{s}[V]", "B1 as an expectation.", np.average(v, weights=d), follows="B1", **judged["J"]
        ),
        Line(
            "B4",
            r"= \mathbb{E}_s\,\mathbb{E}_a[Q]",
            "B2 as an expectation.",
            np.average(np.average(q, axis=1, weights=pi), weights=d),
            follows="B2",
            **judged["J"],
        ),
        Line(
            "B5",
            r"\nabla J = \nabla\int_s\int_a Q\,d\pi\,d\mathbb{P}",
            r"What is to be differentiated: \(d\), \(\pi\) and \(Q\) all depend on \(\theta\).",
            parts.derivative(objective),
            start=True,
            **judged["∇J"],
        ),
        Line(
            "B6",
            r"= \int_s\int_a Q\,\nabla d\pi\,d\mathbb{P}",
            r"The source differentiates \(\pi\) alone. The terms with \(\nabla d\) and \(\nabla Q\) are dropped.",
            np.einsum("s,sa...,sa->...", d, d_pi, q),
            **judged["mean"],
        ),
        Line(
            "B7",
            r"= \int_s\int_a Q\,\frac{\nabla\pi}{\pi}\,d\pi\,d\mathbb{P}",
            r"Multiply by \(\pi/\pi = 1\), where \(\pi > 0\).",
            np.tensordot(weighted, ratio, axes=2),
            **judged["mean"],
        ),
        Line(
            "B8",
            r"= \int_s\int_a Q\,\nabla\log\pi\,d\pi\,d\mathbb{P}",
            "B11 put into B7.",
            expectation,
            **judged["mean"],
        ),
        Line(
            "B9",
            r"= \int_a Q\,\nabla\log\pi\,d\pi",
            "The integral over states is lost: this is a different vector for each state.",
            per_state,
            right_side=np.broadcast_to(expectation, per_state.shape),
            **judged["states"],
        ),
        Line(
            "B10",
            r"= \mathbb{E}_{s\sim d,\,a\sim\pi}[\nabla\log\pi\;Q]",
            r"B8 as an expectation. The source writes it under \(\pi\) alone, which does not say how \(s\) is drawn.",
            np.average(per_state, axis=0, weights=d),
            follows="B8",
            **judged["mean"],
        ),
        Line(
            "B10 = ∇J",
            r"\nabla J = \mathbb{E}_{s\sim d,\,a\sim\pi}[\nabla\log\pi\;Q]",
            "The source's conclusion, compared with B5.",
            expectation,
            follows="B5",
            **judged["mean"],
        ),
        Line(
            "B11",
            r"\nabla\log\pi = \frac{\nabla\pi}{\pi}",
            "The score-function identity; the source calls it reparameterization, which is another method.",
            log_derivative,
            right_side=ratio,
            scale=np.broadcast_to(np.abs(log_derivative).max(axis=1, keepdims=True), ratio.shape),
        ),
    ]
    return parts.ledger("Source B, line by line", lines)


def _source_sizes(parts: _Parts, d: Array, v: Array, q: Array) -> dict[str, _Judged]:
    """``scale`` and ``condition`` of B1 to B4, of B5, of the means B6 to B10, and of B9, one for each state."""
    sizes = _discounted_sizes(parts)
    z = _fundamental(parts.chain, d)
    through_d = _moved_stationary(parts, np.abs(parts.d_pi), d, z)
    unbalanced = _moved_stationary(parts, parts.d_pi_terms, d, z)
    carried = through_d + np.tensordot(((np.eye(len(d)) + parts.chain) @ z).T, through_d, axes=1)
    mean_v = d @ v
    apart = np.abs(v - mean_v)
    shifted = sizes.apart
    of_v = d @ (np.abs(v) + parts.mean(parts.paid))
    terms = np.tensordot(apart, through_d, axes=1) + np.tensordot(d, sizes.scale, axes=1)
    rounding = (
        np.tensordot(np.abs(v) + shifted, through_d, axes=1)
        + np.tensordot(apart, carried + unbalanced, axes=1)
        + np.tensordot(d, sizes.rounding, axes=1)
    )
    mean, mean_rounding = (np.tensordot(d, side, axes=1) for side in (sizes.local, sizes.local_rounding))
    return {
        "J": _judged_by(np.asarray(of_v), np.asarray(4 * of_v)),
        "∇J": _judged_by(terms, rounding),
        "mean": _judged_by(mean, mean_rounding),
        "states": _judged_by(sizes.local + mean, sizes.local_rounding + mean_rounding),
    }


def full_derivation(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Derivation:
    """The proof of the theorem for J(θ) from a start, each line evaluated: lines T1 to T10.

    Without a horizon the values and their gradients have one entry for each state; with a horizon one
    for each time and state, and the recursion ends because V_T = 0.

    Parameters
    ----------
    mdp : TabularMDP
    policy, theta : TabularPolicy, array
        π_θ; lines T9 and T10 need it positive.

    Returns
    -------
    Derivation

    References
    ----------
    Sutton et al. (2000), appendix 1; Sutton and Barto (2018), the box of section 13.2.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode.environments import random_mdp
    >>> from pgcode.policies import SoftmaxPolicy
    >>> mdp, policy = random_mdp(np.random.default_rng(0), horizon=None), SoftmaxPolicy(3, 2)
    >>> ledger = full_derivation(mdp, policy, np.zeros((3, 2)))
    >>> [line.label for line in ledger], ledger.false_lines
    (['T1', 'T2', 'T3', 'T4', 'T5', 'T6', 'T7', 'T8', 'T9', 'T10'], [])
    """
    require_mdp(mdp)
    return _finite_derivation(mdp, policy, theta) if mdp.horizon else _discounted_derivation(mdp, policy, theta)


def average_reward_derivation(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Derivation:
    """The proof of the theorem for the average reward r(π), each line evaluated: lines R1 to R6.

    Parameters
    ----------
    mdp : TabularMDP
        With one recurrent class; its start, discount and horizon play no part.
    policy, theta : TabularPolicy, array
        π_θ.

    Returns
    -------
    Derivation

    References
    ----------
    Sutton et al. (2000), appendix 1, average-reward formulation.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode.environments import random_mdp
    >>> from pgcode.policies import SoftmaxPolicy
    >>> mdp, policy = random_mdp(np.random.default_rng(0), horizon=None), SoftmaxPolicy(3, 2)
    >>> average_reward_derivation(mdp, policy, np.zeros((3, 2))).false_lines
    []
    """
    require_mdp(mdp)
    parts = _Parts(replace(mdp, horizon=None), policy, theta)
    mdp = parts.mdp
    d = values.stationary_distribution(mdp, policy, parts.theta)
    q = values.differential_action_values(mdp, policy, parts.theta)
    dv = parts.derivative(lambda at: values.differential_values(mdp, policy, at))
    dq = parts.derivative(lambda at: values.differential_action_values(mdp, policy, at))
    dr = parts.derivative(lambda at: values.average_reward(mdp, policy, at))
    g = parts.policy_term(q)
    mean_dq = np.einsum("sa,sa...->s...", parts.pi, dq)
    inner = np.tensordot(mdp.transition, dv, axes=1) - dr
    next_dv = np.tensordot(parts.chain, dv, axes=1)
    each = g + next_dv - dv
    sizes = _LongRunSizes(parts, d, q, dv, dr)
    of_values, of_steps, of_mean = sizes.of_values(), sizes.of_steps(), sizes.of_mean()
    lines = [
        Line(
            "R1",
            r"\nabla V(s) = \nabla \sum_a \pi(a|s)\,Q(s,a)",
            r"\(V\) is the mean of \(Q\) under the policy.",
            dv,
            **of_values,
        ),
        Line(
            "R2",
            r"= \sum_a \big[\nabla\pi(a|s)\,Q(s,a) + \pi(a|s)\,\nabla Q(s,a)\big]",
            r"The product rule: \(Q\) depends on \(\theta\) too.",
            g + mean_dq,
            **of_values,
        ),
        Line(
            "R3",
            r"= \sum_a \Big[\nabla\pi(a|s)\,Q(s,a)"
            r" + \pi(a|s)\Big(\sum_{s'} p(s'|s,a)\,\nabla V(s') - \nabla r(\pi)\Big)\Big]",
            r"\(Q\) is \(r - r(\pi) + \sum p\,V\), and neither \(r(s,a)\) nor \(p\) depends on \(\theta\).",
            g + np.einsum("sa,sa...->s...", parts.pi, inner),
            **of_values,
        ),
        Line(
            "R4",
            r"\nabla r(\pi) = g(s) + \sum_{s'} P_\pi(s'|s)\,\nabla V(s') - \nabla V(s)",
            r"Solved for \(\nabla r(\pi)\), with \(g(s) = \sum_a \nabla\pi(a|s)\,Q(s,a)\): "
            r"the right side is one vector for all states.",
            each,
            right_side=np.broadcast_to(dr, each.shape),
            **of_steps,
        ),
        Line(
            "R5",
            r"= \sum_s d(s)\Big[g(s) + \sum_{s'} P_\pi(s'|s)\,\nabla V(s') - \nabla V(s)\Big]",
            "A mean over states of what is the same in every state.",
            np.tensordot(d, each, axes=1),
            right_side=dr,
            **of_mean,
        ),
        Line(
            "R6",
            r"= \sum_s d(s) \sum_a \nabla\pi(a|s)\,Q(s,a)",
            r"\(d\,P = d\), so the two other terms cancel.",
            np.tensordot(d, g, axes=1),
            **of_mean,
        ),
    ]
    return parts.ledger("The theorem, average reward", lines)


def restart_derivation(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Derivation:
    """The reading in which source B's formula is exact, each line evaluated: lines S1 to S4.

    ℙ is the stationary distribution of the restarting chain γP + (1 − γ)μ of ``environments.restarting_chain``, and
    the objective is its average reward, (1 − γ) J.

    Parameters
    ----------
    mdp : TabularMDP
        Without a horizon and with γ < 1; any number of recurrent classes.
    policy, theta : TabularPolicy, array
        π_θ; line S4 needs it positive.

    Returns
    -------
    Derivation
        Each line has the shape of θ.

    Raises
    ------
    ValueError
        If the MDP has a horizon or γ = 1.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode.policies import SoftmaxPolicy
    >>> mdp = environments.random_mdp(np.random.default_rng(0), horizon=None)
    >>> ledger = restart_derivation(mdp, SoftmaxPolicy(3, 2), np.zeros((3, 2)))
    >>> [line.label for line in ledger], ledger.false_lines
    (['S1', 'S2', 'S3', 'S4'], [])
    """
    environments.restarting_chain(mdp)
    parts = _Parts(mdp, policy, theta)
    mdp = parts.mdp
    restarting = environments.restarting_chain(mdp)
    weights = values.stationary_distribution(restarting, policy, parts.theta)
    of_restarting = values.differential_action_values(restarting, policy, parts.theta)
    q = values.action_values(mdp, policy, parts.theta)
    dr = parts.derivative(lambda at: values.average_reward(restarting, policy, at))
    judged = _restart_sizes(parts, restarting, weights, of_restarting, dr)
    lines = [
        Line(
            "S1",
            r"\nabla\big[(1-\gamma)J\big] = \nabla r_\circ(\pi)",
            r"The average reward of the restarting chain is \((1-\gamma)J\): "
            r"it is stationary at \((1-\gamma)\,d_\gamma\).",
            dr,
            right_side=(1 - mdp.discount) * parts.derivative(lambda at: values.objective(mdp, policy, at)),
            **judged,
        ),
        Line(
            "S2",
            r"= \sum_s \mathbb{P}(s) \sum_a \nabla\pi(a|s)\,Q_\circ(s,a)",
            r"The theorem for its average reward: "
            r"\(\mathbb{P}\) is its stationary distribution, and \(Q_\circ\) differential.",
            np.tensordot(weights, parts.policy_term(of_restarting), axes=1),
            **judged,
        ),
        Line(
            "S3",
            r"= \int_s\int_a Q\,\nabla d\pi\,d\mathbb{P}",
            r"B6 with this \(\mathbb{P}\): "
            r"\(Q_\circ\) is the discounted \(Q\) up to a constant, and \(\sum_a \nabla\pi = 0\).",
            np.tensordot(weights, parts.policy_term(q), axes=1),
            **judged,
        ),
        Line(
            "S4",
            r"= \mathbb{E}_{s\sim\mathbb{P},\,a\sim\pi}[\nabla\log\pi\;Q]",
            r"B10 with this \(\mathbb{P}\), where \(\pi > 0\).",
            np.tensordot(weights[:, None] * parts.pi * q, parts.d_log, axes=2),
            **judged,
        ),
    ]
    return parts.ledger("Source B on the restarting chain", lines)


def _restart_sizes(parts: _Parts, restarting: TabularMDP, weights: Array, q: Array, dr: Array) -> _Judged:
    """``scale`` and ``condition`` of S1 to S4: sums over the restarting chain, and (1 − γ) of sums over the process."""
    long_run = _Parts(restarting, parts.policy, parts.theta, exponent=0)
    dv = long_run.derivative(lambda at: values.differential_values(restarting, parts.policy, at))
    averaged = _LongRunSizes(long_run, weights, q, dv, dr).of_mean()
    discounted = _discounted_sizes(parts).of_start(parts.mdp)
    rest = 1 - parts.mdp.discount
    scale = averaged["scale"] + rest * discounted["scale"]
    rounding = averaged["scale"] * averaged["condition"] + rest * discounted["scale"] * discounted["condition"]
    return _judged_by(scale, rounding)


def _discounted_sizes(parts: _Parts, states: NDArray[np.intp] | None = None) -> _Sizes:
    """The sizes of sums over the endless future, from some states or, where γ < 1, from all."""
    mdp, at = parts.mdp, parts.theta
    v, q = values.state_values(mdp, parts.policy, at), values.action_values(mdp, parts.policy, at)
    dv = parts.derivative(lambda x: values.state_values(mdp, parts.policy, x))
    going = np.arange(mdp.n_states) if states is None else states
    visits = _visits(mdp.discount * parts.chain, going)
    apart = np.abs(visits - visits[going].mean(axis=0)) if len(going) else visits
    return _Sizes(parts, q, v, dv, dv, apart, lambda x: np.tensordot(visits, x, axes=1))


def _discounted_derivation(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, steps: int = 5) -> Derivation:
    parts = _Parts(mdp, policy, theta)
    mdp, gamma = parts.mdp, mdp.discount
    going = values.going_states(mdp, parts.chain)
    states = going if len(going) else np.arange(mdp.n_states)  # where nothing goes on, all values are 0
    q = values.action_values(mdp, policy, parts.theta)
    dv = parts.derivative(lambda at: values.state_values(mdp, policy, at))
    dq = parts.derivative(lambda at: values.action_values(mdp, policy, at))
    g = parts.policy_term(q)
    unrolled, power = np.zeros_like(dv), np.eye(mdp.n_states)
    for _ in range(steps):
        unrolled, power = unrolled + np.tensordot(power, g, axes=1), gamma * power @ parts.chain
    inner = np.eye(len(going)) - gamma * parts.chain[np.ix_(going, going)]
    solved = np.zeros_like(g)
    if len(going):
        solved[going] = values._solve_forward(inner, g[going].reshape(len(going), -1)).reshape(g[going].shape)
    sizes = _discounted_sizes(parts, going)
    judged = {name: array[states] for name, array in sizes.of_values().items()}
    lines = [
        *_recursion_lines((side[states] for side in (dv, *parts.recursion(q, dq, dv))), judged),
        Line(
            "T5",
            rf"= \sum_{{k<{steps}}} \gamma^k \big[P_\pi^k g\big](s) "
            rf"+ \gamma^{steps} \big[P_\pi^{steps}\,\nabla V\big](s)",
            rf"T4 put into itself {steps} times, with \(g(s) = \sum_a \nabla\pi(a|s)\,Q(s,a)\); any number will do.",
            (unrolled + np.tensordot(power, dv, axes=1))[states],
            **judged,
        ),
        Line(
            "T6",
            r"= \big[(I - \gamma P_\pi)^{-1} g\big](s)",
            r"For ever: the rest tends to 0; \(\sum \gamma^k P_\pi^k = (I - \gamma P_\pi)^{-1}\). One linear solve.",
            solved[states],
            **judged,
        ),
        *_conclusion(
            parts,
            np.tensordot(mdp.initial, dv, axes=1),
            values.discounted_visitation(mdp, policy, parts.theta),
            q,
            sizes.of_start(mdp),
        ),
    ]
    return parts.ledger("The theorem, discounted from a start", lines)


def _finite_derivation(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Derivation:
    parts = _Parts(mdp, policy, theta)
    mdp = parts.mdp
    assert mdp.horizon is not None
    gamma, horizon = mdp.discount, mdp.horizon
    v, q = values.state_values(mdp, policy, parts.theta), values.action_values(mdp, policy, parts.theta)
    dv = parts.derivative(lambda at: values.state_values(mdp, policy, at))
    dq = parts.derivative(lambda at: values.action_values(mdp, policy, at))
    g = np.einsum("sak,tsa->tsk", parts.d_pi.reshape(*parts.pi.shape, -1), q).reshape(dv[:-1].shape)
    discounted = gamma ** np.arange(horizon)[:, None] * values.occupancy(mdp, policy, parts.theta)[:-1]
    chain = gamma * parts.chain
    sizes = _Sizes(
        parts, q, v[1:], dv[:-1], dv[1:], _shifted_apart(chain, horizon), lambda x: _back_substituted(chain, x)
    )
    judged = sizes.of_values()
    lines = [
        *_recursion_lines([dv[:-1], *parts.recursion(q, dq, dv[1:])], judged, "_t", "_{t+1}"),
        Line(
            "T5",
            r"= \sum_{k=t}^{T-1} \gamma^{k-t} \sum_{s'} P_\pi^{k-t}(s'|s) \sum_a \nabla\pi(a|s')\,Q_k(s',a)",
            r"T4 put into itself until the end, where \(V_T = 0\).",
            _unrolled(chain, g),
            **judged,
        ),
        Line(
            "T6",
            r"= \big[(I - \gamma\mathcal{P})^{-1} g\big]_t(s),\quad g_t(s) = \sum_a \nabla\pi(a|s)\,Q_t(s,a)",
            r"The same as one linear solve over all times and states; "
            r"\(\mathcal{P}\) leads from time \(t\) to \(t+1\).",
            _back_substituted(chain, g),
            **judged,
        ),
        *_conclusion(parts, np.tensordot(mdp.initial, dv[0], axes=1), discounted, q, sizes.of_start(mdp)),
    ]
    return parts.ledger("The theorem, finite horizon", lines)


def _back_substituted(chain: Array, right: Array) -> Array:
    """Solve x_t − γP x_{t+1} = g_t with x_T = 0, block by block from the last; ``chain`` is γP."""
    flat = right.reshape(*right.shape[:2], -1)
    solution = np.empty(flat.shape)
    later = np.zeros(flat.shape[1:])
    for t in range(len(flat) - 1, -1, -1):
        solution[t] = later = flat[t] + chain @ later
    return solution.reshape(right.shape)


def _unrolled(chain: Array, terms: Array) -> Array:
    """Σ_{k≥t} (γP)^{k−t} g_k by putting the sum into itself: of 1 term, of 2, of 4, until the end."""
    flat = terms.reshape(*terms.shape[:2], -1).copy()
    power, length = chain, 1
    while length < len(flat):
        flat[:-length] = flat[:-length] + power @ flat[length:]
        power, length = power @ power, 2 * length
    return flat.reshape(terms.shape)


def _shifted_apart(chain: Array, horizon: int) -> Array:
    """Σ_k |(γP)ᵏ − its mean row|: how far a rounding in s' at each later time shifts V(s) from the others."""
    power, total = np.eye(len(chain)), np.zeros(chain.shape)
    for k in range(horizon):
        apart = np.abs(power - power.mean(axis=0))
        total += apart
        if apart.max() * (horizon - k) <= 1e-6 * total.max():
            break
        power = power @ chain
    return total


def _recursion_lines(sides: Iterable[Array], judged: _Judged, now: str = "", later: str = "") -> list[Line]:
    """Lines T1 to T4: from ∇V to its recursion; ``now`` and ``later`` are the indices of time, where there are any."""
    dv, product_rule, dynamics, chain = sides
    return [
        Line(
            "T1",
            rf"\nabla V{now}(s) = \nabla \sum_a \pi(a|s)\,Q{now}(s,a)",
            r"\(V\) is the mean of \(Q\) under the policy.",
            dv,
            **judged,
        ),
        Line(
            "T2",
            rf"= \sum_a \big[\nabla\pi(a|s)\,Q{now}(s,a) + \pi(a|s)\,\nabla Q{now}(s,a)\big]",
            r"The product rule: \(Q\) depends on \(\theta\) too.",
            product_rule,
            **judged,
        ),
        Line(
            "T3",
            rf"= \sum_a \Big[\nabla\pi(a|s)\,Q{now}(s,a)"
            rf" + \pi(a|s)\,\gamma\sum_{{s'}} p(s'|s,a)\,\nabla V{later}(s')\Big]",
            rf"\(Q{now}\) is \(r + \gamma\sum p\,V{later}\), and neither \(r\) nor \(p\) depends on \(\theta\).",
            dynamics,
            **judged,
        ),
        Line(
            "T4",
            rf"= \sum_a \nabla\pi(a|s)\,Q{now}(s,a) + \gamma\sum_{{s'}} P_\pi(s'|s)\,\nabla V{later}(s')",
            r"\(\sum_a \pi\,p\) is the transition matrix \(P\) of the policy.",
            chain,
            **judged,
        ),
    ]


def _conclusion(
    parts: _Parts, start_gradient: Array, state_weights: Array, action_values: Array, judged: _Judged
) -> list[Line]:
    """Lines T7 to T10: from ∇V at the start to the theorem; weights and Q may be indexed by time."""
    dj = parts.derivative(lambda at: values.objective(parts.mdp, parts.policy, at))
    by_action = state_weights[..., None] * action_values
    timed = state_weights.ndim == 2
    summed = by_action.sum(axis=0) if timed else by_action
    total = state_weights.sum()
    drawn = state_weights / total if total > 0 else state_weights  # no visit is counted where all starts have ended
    joint = drawn[..., None] * parts.pi  # the distribution of (s, a), or of (t, s, a)
    mean = np.tensordot((joint * action_values).reshape(-1, *parts.pi.shape).sum(axis=0), parts.d_log, axes=2)
    sums, q = (r"\sum_t \gamma^t \sum_s p_t(s)", "Q_t") if timed else (r"\sum_s d_\gamma(s)", "Q")
    return [
        Line(
            "T7",
            r"\nabla J = \sum_s \mu(s)\,\nabla V" + ("_0" if timed else "") + "(s)",
            r"\(J\) is the mean of \(V\) over the start, which has no \(\theta\).",
            start_gradient,
            right_side=dj,
            **judged,
        ),
        Line(
            "T8",
            rf"= {sums} \sum_a \nabla\pi(a|s)\,{q}(s,a)",
            r"T6 put in: \(\sum_s \mu(s)\,P_\pi^k(s'|s)\) is the probability of \(s'\) after \(k\) steps.",
            np.tensordot(summed, parts.d_pi, axes=2),
            **judged,
        ),
        Line(
            "T9",
            rf"= {sums} \sum_a \pi(a|s)\,\nabla\log\pi(a|s)\,{q}(s,a)",
            r"\(\nabla\pi = \pi\,\nabla\log\pi\), where \(\pi > 0\).",
            np.tensordot(summed * parts.pi, parts.d_log, axes=2),
            **judged,
        ),
        Line(
            "T10",
            (r"= \Big(\sum_t\gamma^t\Big)" if timed else r"= \Big(\sum_s d_\gamma(s)\Big)")
            + rf"\,\mathbb{{E}}\big[\nabla\log\pi(a|s)\,{q}(s,a)\big]",
            r"The weights divided by their sum are a distribution: \(s\) is drawn from it, then \(a\) from the policy.",
            total * mean,
            **judged,
        ),
    ]
