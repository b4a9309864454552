"""The state–action form: ∇J(θ) = Σ_s d(s) Σ_a ∇π_θ(a|s) Q(s,a), its proof, and a short derivation that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks, environments, values
from pgcode._policy_checks import require_policy, require_real_theta, require_theta
from pgcode.derivation import Derivation, Line
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step
from pgcode.policies import Policy, action_probabilities

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


def state_weighted_gradient(
    policy: Policy, theta: ArrayLike, state_weights: ArrayLike, action_values: ArrayLike
) -> Array:
    """Σ_s w(s) Σ_a ∇π_θ(a|s) Q(s,a) for any state weights w and any Q, shape (*θ,).

    Which w and which Q make this a gradient of what is the subject of the theorem.

    Parameters
    ----------
    policy, theta : Policy, array
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


def exact_gradient(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> Array:
    """∇J(θ) without a list of trajectories.

    Without a horizon, ∇J = Σ_s d_γ(s) Σ_a ∇π_θ(a|s) Q(s,a), by two linear solves of size S. With a
    horizon, ∇J = Σ_t γᵗ Σ_s p_t(s) Σ_a ∇π_θ(a|s) Q_t(s,a), by one backward and one forward pass,
    O(T·S²·A). No array is larger than the dynamics.

    Parameters
    ----------
    mdp : TabularMDP
    policy, theta : Policy, array
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
    """
    if mdp.horizon is None:
        visits = values.discounted_visitation(mdp, policy, theta)
        return state_weighted_gradient(policy, theta, visits, values._action_values_from_start(mdp, policy, theta))
    action_values = values.action_values(mdp, policy, theta)
    occupied = values.occupancy(mdp, policy, theta)[:-1]
    discounted = mdp.discount ** np.arange(mdp.horizon)[:, None] * occupied
    return policy.weighted_gradient(theta, np.einsum("ts,tsa->sa", discounted, action_values))


def average_reward_gradient(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> Array:
    """∇r(π) = Σ_s d_π(s) Σ_a ∇π_θ(a|s) Q(s,a), with the stationary d_π and the differential Q; shape (*θ,).

    References
    ----------
    Sutton et al. (2000), theorem 1, average-reward formulation.
    """
    stationary = values.stationary_distribution(mdp, policy, theta)
    return state_weighted_gradient(policy, theta, stationary, values.differential_action_values(mdp, policy, theta))


class _Parts:
    """What the derivations are made of, at one θ: π, ∇π, P, and the sum over actions of a table."""

    def __init__(self, mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> None:
        self.mdp, self.policy = mdp, policy
        self.theta = require_real_theta(policy, theta, "a derivation is evaluated at real parameters")
        self.pi = action_probabilities(mdp, policy, self.theta)
        self.d_pi = self.derivative(policy.probabilities)
        self.chain, _ = values.policy_chain(mdp, policy, self.theta)

    def derivative(self, function: Callable[[Array], Any]) -> Array:
        return complex_step(function, self.theta)

    def policy_term(self, action_values: Array) -> Array:
        """Σ_a ∇π(a|s) Q(s,a) for each state, shape (S, *θ), or for each time and state."""
        return np.einsum("sa...,sa->s...", self.d_pi, action_values)

    def recursion(self, action_values: Array, dq: Array, later_dv: Array) -> tuple[Array, Array, Array]:
        """The right sides of T2, T3 and T4 at one time, from Q, ∇Q and the ∇V that comes after; each (S, *θ)."""
        g, gamma = self.policy_term(action_values), self.mdp.discount
        next_dv = gamma * np.tensordot(self.mdp.transition, later_dv, axes=1)
        return (
            g + np.einsum("sa,sa...->s...", self.pi, dq),
            g + np.einsum("sa,sa...->s...", self.pi, next_dv),
            g + gamma * np.tensordot(self.chain, later_dv, axes=1),
        )


def source_derivation(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> Derivation:
    """Evaluate lines B1 to B11 of source B, each by a computation of its own, whether it holds or not.

    The source leaves its setting open. Here V and Q are discounted values without a horizon and the
    state distribution is the stationary one, as the source says. J = Σ_s d_π(s) V(s) is then a
    legitimate number, r(π)/(1 − γ), and B6 is not its gradient.

    Parameters
    ----------
    mdp : TabularMDP
        Without a horizon, with γ < 1, and with one recurrent class.
    policy, theta : Policy, array
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
    """
    if mdp.horizon is not None or mdp.discount == 1:
        raise ValueError(
            f"mdp has horizon {mdp.horizon} and discount {mdp.discount:g}, but source B speaks of a stationary "
            "distribution and of values without a horizon: take horizon=None and a discount below 1"
        )
    parts = _Parts(mdp, policy, theta)
    pi, d_pi = parts.pi, parts.d_pi
    d = values.stationary_distribution(mdp, policy, parts.theta)
    v, q = values.state_values(mdp, policy, parts.theta), values.action_values(mdp, policy, parts.theta)
    log_derivative = parts.derivative(lambda at: np.log(policy.probabilities(at)))
    ratio = d_pi / pi.reshape(*pi.shape, *(1,) * parts.theta.ndim)

    def objective(at: Array) -> Any:
        """ΣΣ Q π d, with every factor at θ."""
        d_at = values.stationary_distribution(mdp, policy, at)
        return (d_at[:, None] * policy.probabilities(at) * values.action_values(mdp, policy, at)).sum()

    weighted = d[:, None] * pi * q
    expectation = np.tensordot(weighted, log_derivative, axes=2)
    per_state = np.einsum("sa,sa...->s...", pi * q, log_derivative)
    lines = [
        Line("B1", r"J = \int_s V\,d\mathbb{P}", "The source's objective: P is the stationary distribution.", d @ v),
        Line(
            "B2",
            r"= \int_s\int_a Q\,d\pi\,d\mathbb{P}",
            "V is the mean of Q under the policy.",
            (d * (pi * q).sum(1)).sum(),
        ),
        Line("B3", r"= \mathbb{E}_{s}[V]", "B1 as an expectation.", np.average(v, weights=d), follows="B1"),
        Line(
            "B4",
            r"= \mathbb{E}_s\,\mathbb{E}_a[Q]",
            "B2 as an expectation.",
            np.average(np.average(q, axis=1, weights=pi), weights=d),
            follows="B2",
        ),
        Line(
            "B5",
            r"\nabla J = \nabla\int_s\int_a Q\,d\pi\,d\mathbb{P}",
            "What is to be differentiated: d, π and Q all depend on θ.",
            parts.derivative(objective),
            start=True,
        ),
        Line(
            "B6",
            r"= \int_s\int_a Q\,\nabla d\pi\,d\mathbb{P}",
            "The source differentiates π alone. The terms with ∇d and ∇Q are dropped.",
            np.einsum("s,sa...,sa->...", d, d_pi, q),
        ),
        Line(
            "B7",
            r"= \int_s\int_a Q\,\frac{\nabla\pi}{\pi}\,d\pi\,d\mathbb{P}",
            "Multiply by π/π = 1, where π > 0.",
            np.tensordot(weighted, ratio, axes=2),
        ),
        Line(
            "B8",
            r"= \int_s\int_a Q\,\nabla\log\pi\,d\pi\,d\mathbb{P}",
            "B11 put into B7.",
            expectation,
        ),
        Line(
            "B9",
            r"= \int_a Q\,\nabla\log\pi\,d\pi",
            "The integral over states is lost: this is a different vector for each state.",
            per_state,
            right_side=np.broadcast_to(expectation, per_state.shape),
        ),
        Line(
            "B10",
            r"= \mathbb{E}_{s\sim d,\,a\sim\pi}[\nabla\log\pi\;Q]",
            "B8 as an expectation. The source writes E under π alone, which does not say how s is drawn.",
            np.average(per_state, axis=0, weights=d),
            follows="B8",
        ),
        Line(
            "B10 = ∇J",
            r"\nabla J = \mathbb{E}_{s\sim d,\,a\sim\pi}[\nabla\log\pi\;Q]",
            "The source's conclusion, compared with B5.",
            expectation,
            follows="B5",
        ),
        Line(
            "B11",
            r"\nabla\log\pi = \frac{\nabla\pi}{\pi}",
            "The score-function identity; the source calls it reparameterization, which is another method.",
            log_derivative,
            right_side=ratio,
        ),
    ]
    through_states = np.abs(parts.derivative(lambda at: values.stationary_distribution(mdp, policy, at)))
    size = float(np.tensordot(np.abs(v), through_states, axes=1).max() + (np.abs(d_pi).max() * np.abs(q).sum()))
    of_gradient = {"B5", "B6", "B7", "B8", "B9", "B10", "B10 = ∇J"}
    return Derivation("Source B, line by line", lines).scaled(size, of_gradient)


def full_derivation(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> Derivation:
    """The proof of the theorem for J(θ) from a start, each line evaluated: lines T1 to T10.

    Without a horizon the values and their gradients have one entry for each state; with a horizon one
    for each time and state, and the recursion ends because V_T = 0.

    Parameters
    ----------
    mdp : TabularMDP
    policy, theta : Policy, array
        π_θ; lines T9 and T10 need it positive.

    Returns
    -------
    Derivation

    References
    ----------
    Sutton et al. (2000), appendix 1; Sutton and Barto (2018), the box of section 13.2.
    """
    return _finite_derivation(mdp, policy, theta) if mdp.horizon else _discounted_derivation(mdp, policy, theta)


def average_reward_derivation(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> Derivation:
    """The proof of the theorem for the average reward r(π), each line evaluated: lines R1 to R6.

    Parameters
    ----------
    mdp : TabularMDP
        With one recurrent class; its start, discount and horizon play no part.
    policy, theta : Policy, array
        π_θ.

    Returns
    -------
    Derivation

    References
    ----------
    Sutton et al. (2000), appendix 1, average-reward formulation.
    """
    parts = _Parts(mdp, policy, theta)
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
    lines = [
        Line("R1", r"\nabla V(s) = \nabla \sum_a \pi(a|s)\,Q(s,a)", "V is the mean of Q under the policy.", dv),
        Line(
            "R2",
            r"= \sum_a \big[\nabla\pi(a|s)\,Q(s,a) + \pi(a|s)\,\nabla Q(s,a)\big]",
            "The product rule: Q depends on θ too.",
            g + mean_dq,
        ),
        Line(
            "R3",
            r"= \sum_a \Big[\nabla\pi(a|s)\,Q(s,a)"
            r" + \pi(a|s)\Big(\sum_{s'} p(s'|s,a)\,\nabla V(s') - \nabla r(\pi)\Big)\Big]",
            "Q is r − r(π) + Σ p V, and neither r(s,a) nor p depends on θ.",
            g + np.einsum("sa,sa...->s...", parts.pi, inner),
        ),
        Line(
            "R4",
            r"\nabla r(\pi) = g(s) + \sum_{s'} P(s'|s)\,\nabla V(s') - \nabla V(s)",
            "Solved for ∇r(π), with g(s) = Σ_a ∇π(a|s) Q(s,a): the right side is the same vector in every state.",
            each,
            right_side=np.broadcast_to(dr, each.shape),
        ),
        Line(
            "R5",
            r"= \sum_s d(s)\Big[g(s) + \sum_{s'} P(s'|s)\,\nabla V(s') - \nabla V(s)\Big]",
            "A mean over states of what is the same in every state.",
            np.tensordot(d, each, axes=1),
            right_side=dr,
        ),
        Line(
            "R6",
            r"= \sum_s d(s) \sum_a \nabla\pi(a|s)\,Q(s,a)",
            "d P = d, so the two other terms cancel.",
            np.tensordot(d, g, axes=1),
        ),
    ]
    return Derivation("The theorem, average reward", lines).scaled(_size(parts, q, dv, dq))


def restart_derivation(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> Derivation:
    """The reading in which source B's formula is exact, each line evaluated: lines S1 to S4.

    ℙ is the stationary distribution of the restarting chain γP + (1 − γ)μ of ``environments.restarting_chain``, and
    the objective is its average reward, (1 − γ) J.

    Parameters
    ----------
    mdp : TabularMDP
        Without a horizon and with γ < 1; any number of recurrent classes.
    policy, theta : Policy, array
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
    restarting = environments.restarting_chain(mdp)
    parts = _Parts(mdp, policy, theta)
    weights = values.stationary_distribution(restarting, policy, parts.theta)
    of_restarting = values.differential_action_values(restarting, policy, parts.theta)
    q = values.action_values(mdp, policy, parts.theta)
    dv = parts.derivative(lambda at: values.state_values(mdp, policy, at))
    lines = [
        Line(
            "S1",
            r"\nabla\big[(1-\gamma)J\big] = \nabla r_\circ(\pi)",
            "The average reward of the restarting chain is (1 − γ)J: its stationary distribution is (1 − γ)d_γ.",
            parts.derivative(lambda at: values.average_reward(restarting, policy, at)),
            right_side=(1 - mdp.discount) * parts.derivative(lambda at: values.objective(mdp, policy, at)),
        ),
        Line(
            "S2",
            r"= \sum_s \mathbb{P}(s) \sum_a \nabla\pi(a|s)\,Q_\circ(s,a)",
            "The theorem for the average reward, of the restarting chain: ℙ is stationary, and Q differential.",
            np.tensordot(weights, parts.policy_term(of_restarting), axes=1),
        ),
        Line(
            "S3",
            r"= \int_s\int_a Q\,\nabla d\pi\,d\mathbb{P}",
            "B6 with this ℙ. Its differential Q is the discounted Q up to a constant, and Σ_a ∇π = 0.",
            np.tensordot(weights, parts.policy_term(q), axes=1),
        ),
        Line(
            "S4",
            r"= \mathbb{E}_{s\sim\mathbb{P},\,a\sim\pi}[\nabla\log\pi\;Q]",
            "B10 with this ℙ, where π > 0.",
            np.tensordot(weights[:, None] * parts.pi * q, policy.score(parts.theta), axes=2),
        ),
    ]
    return Derivation("Source B on the restarting chain", lines).scaled(_size(parts, q, dv, dv))


def _discounted_derivation(mdp: TabularMDP, policy: Policy, theta: ArrayLike, steps: int = 5) -> Derivation:
    parts = _Parts(mdp, policy, theta)
    gamma = mdp.discount
    states = values.going_states(mdp, parts.chain)
    q = values.action_values(mdp, policy, parts.theta)
    dv = parts.derivative(lambda at: values.state_values(mdp, policy, at))
    dq = parts.derivative(lambda at: values.action_values(mdp, policy, at))
    g = parts.policy_term(q)
    unrolled, power = np.zeros_like(dv), np.eye(mdp.n_states)
    for _ in range(steps):
        unrolled, power = unrolled + np.tensordot(power, g, axes=1), gamma * power @ parts.chain
    inner = np.eye(len(states)) - gamma * parts.chain[np.ix_(states, states)]
    solved: Array = np.linalg.solve(inner, g[states].reshape(len(states), -1)).reshape(g[states].shape)
    lines = [
        *_recursion_lines(side[states] for side in (dv, *parts.recursion(q, dq, dv))),
        Line(
            "T5",
            rf"= \sum_{{k<{steps}}} \gamma^k \big[P^k g\big](s) + \gamma^{steps} \big[P^{steps}\,\nabla V\big](s)",
            f"T4 put into itself {steps} times, with g(s) = Σ_a ∇π(a|s) Q(s,a); it holds for any number of times.",
            (unrolled + np.tensordot(power, dv, axes=1))[states],
        ),
        Line(
            "T6",
            r"= \big[(I - \gamma P)^{-1} g\big](s)",
            "For ever: the rest tends to 0, and Σ γᵏPᵏ = (I − γP)⁻¹. One linear solve.",
            solved,
        ),
        *_conclusion(
            parts,
            np.tensordot(mdp.initial, dv, axes=1),
            values.discounted_visitation(mdp, policy, parts.theta),
            q,
        ),
    ]
    return Derivation("The theorem, discounted from a start", lines).scaled(_size(parts, q, dv, dq))


def _finite_derivation(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> Derivation:
    parts = _Parts(mdp, policy, theta)
    assert mdp.horizon is not None
    gamma, horizon = mdp.discount, mdp.horizon
    q = values.action_values(mdp, policy, parts.theta)
    dv = parts.derivative(lambda at: values.state_values(mdp, policy, at))
    dq = parts.derivative(lambda at: values.action_values(mdp, policy, at))
    g = np.stack([parts.policy_term(q_t) for q_t in q])
    recursion = zip(*(parts.recursion(*at) for at in zip(q, dq, dv[1:], strict=True)), strict=True)
    unrolled = np.zeros_like(g)
    for t in range(horizon):
        power = np.eye(mdp.n_states)
        for k in range(t, horizon):
            unrolled[t] += np.tensordot(power, g[k], axes=1)
            power = gamma * power @ parts.chain
    size = horizon * mdp.n_states
    blocks = np.kron(np.eye(horizon, k=1), gamma * parts.chain)
    solved = np.linalg.solve(np.eye(size) - blocks, g.reshape(size, -1)).reshape(g.shape)
    discounted = gamma ** np.arange(horizon)[:, None] * values.occupancy(mdp, policy, parts.theta)[:-1]
    lines = [
        *_recursion_lines([dv[:-1], *map(np.stack, recursion)], "_t", "_{t+1}"),
        Line(
            "T5",
            r"= \sum_{k=t}^{T-1} \gamma^{k-t} \sum_{s'} P^{k-t}(s'|s) \sum_a \nabla\pi(a|s')\,Q_k(s',a)",
            "T4 put into itself until the end, where V_T = 0.",
            unrolled,
        ),
        Line(
            "T6",
            r"= \big[(I - \gamma\mathcal{P})^{-1} g\big]_t(s),\quad g_t(s) = \sum_a \nabla\pi(a|s)\,Q_t(s,a)",
            "The same as one linear solve over all times and states; 𝒫 leads from time t to t + 1.",
            solved,
        ),
        *_conclusion(parts, np.tensordot(mdp.initial, dv[0], axes=1), discounted, q),
    ]
    return Derivation("The theorem, finite horizon", lines).scaled(_size(parts, q, dv, dq))


def _recursion_lines(sides: Iterable[Array], now: str = "", later: str = "") -> list[Line]:
    """Lines T1 to T4: from ∇V to its recursion; ``now`` and ``later`` are the indices of time, where there are any."""
    dv, product_rule, dynamics, chain = sides
    return [
        Line(
            "T1",
            rf"\nabla V{now}(s) = \nabla \sum_a \pi(a|s)\,Q{now}(s,a)",
            "V is the mean of Q under the policy.",
            dv,
        ),
        Line(
            "T2",
            rf"= \sum_a \big[\nabla\pi(a|s)\,Q{now}(s,a) + \pi(a|s)\,\nabla Q{now}(s,a)\big]",
            "The product rule: Q depends on θ too.",
            product_rule,
        ),
        Line(
            "T3",
            rf"= \sum_a \Big[\nabla\pi(a|s)\,Q{now}(s,a)"
            rf" + \pi(a|s)\,\gamma\sum_{{s'}} p(s'|s,a)\,\nabla V{later}(s')\Big]",
            f"Q{now} is r + γ Σ p V{later}, and neither r nor p depends on θ.",
            dynamics,
        ),
        Line(
            "T4",
            rf"= \sum_a \nabla\pi(a|s)\,Q{now}(s,a) + \gamma\sum_{{s'}} P(s'|s)\,\nabla V{later}(s')",
            "Σ_a π p is the transition matrix P of the policy.",
            chain,
        ),
    ]


def _size(parts: _Parts, action_values: Array, dv: Array, dq: Array) -> float:
    """The size of the terms of the proof: gradients of values, and ∇π times Q summed over actions."""
    policy_terms = np.abs(parts.d_pi).max() * np.abs(action_values).sum(axis=-1).max()
    return float(max(np.abs(dv).max(), np.abs(dq).max(), policy_terms))


def _conclusion(parts: _Parts, start_gradient: Array, state_weights: Array, action_values: Array) -> list[Line]:
    """Lines T7 to T10: from ∇V at the start to the theorem; weights and Q may be indexed by time."""
    dj = parts.derivative(lambda at: values.objective(parts.mdp, parts.policy, at))
    by_action = state_weights[..., None] * action_values
    timed = state_weights.ndim == 2
    summed = by_action.sum(axis=0) if timed else by_action
    log_derivative = parts.derivative(lambda at: np.log(parts.policy.probabilities(at)))
    total = state_weights.sum()
    joint = (state_weights / total)[..., None] * parts.pi  # the distribution of (s, a), or of (t, s, a)
    mean = np.tensordot((joint * action_values).reshape(-1, *parts.pi.shape).sum(axis=0), log_derivative, axes=2)
    sums, q = (r"\sum_t \gamma^t \sum_s p_t(s)", "Q_t") if timed else (r"\sum_s d_\gamma(s)", "Q")
    return [
        Line(
            "T7",
            r"\nabla J = \sum_s \mu(s)\,\nabla V" + ("_0" if timed else "") + "(s)",
            "J is the mean of V over the start, which has no θ.",
            start_gradient,
            right_side=dj,
        ),
        Line(
            "T8",
            rf"= {sums} \sum_a \nabla\pi(a|s)\,{q}(s,a)",
            "T6 put in: Σ_s μ(s) Pr(s to s' in k steps) is p_k(s').",
            np.tensordot(summed, parts.d_pi, axes=2),
        ),
        Line(
            "T9",
            rf"= {sums} \sum_a \pi(a|s)\,\nabla\log\pi(a|s)\,{q}(s,a)",
            "∇π = π ∇log π, where π > 0.",
            np.tensordot(summed * parts.pi, log_derivative, axes=2),
        ),
        Line(
            "T10",
            (r"= \Big(\sum_t\gamma^t\Big)" if timed else r"= \Big(\sum_s d_\gamma(s)\Big)")
            + rf"\,\mathbb{{E}}\big[\nabla\log\pi(a|s)\,{q}(s,a)\big]",
            "The weights divided by their sum are a distribution: s is drawn from it, then a from the policy.",
            total * mean,
        ),
    ]
