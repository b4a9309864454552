"""How far a step may go: J(θ') − J(θ) exactly, its surrogate and a bound, and distances between policies.

Two policies are compared, π of θ and π' of θ'; a prime marks what belongs to θ'. The lines of the derivation are D1 to
D10.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import values
from pgcode._policy_checks import beside_likeliest, require_endless, require_mdp, require_real_theta
from pgcode.derivation import Derivation, Line
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step
from pgcode.policies import TabularPolicy, action_probabilities

__all__ = ["divergence", "fisher_matrix", "step_derivation", "surrogate", "surrogate_error_bound"]

Array = NDArray[Any]

_FORMULAS = {
    "D1": r"J' - J = \mathbb{E}'\big[\sum_t \gamma^t r_t - V(s_0)\big]",
    "D2": r"= \mathbb{E}'\big[\sum_t \gamma^t \big(r_t + \gamma V(s_{t+1}) - V(s_t)\big)\big]",
    "D3": r"= \sum_s d_\gamma' \sum_a \pi' A",
    "D4": r"= \sum_s d_\gamma' \sum_a (\pi' - \pi)\, Q",
    "D5": r"= \sum_s d_\gamma \sum_a (\pi' - \pi)\, Q'",
    "D6": r"= \underbrace{\sum_s d_\gamma \sum_a \pi' A}_{L} + \sum_s d_\gamma \sum_a (\pi' - \pi)(Q' - Q)",
    "D7": r"= L",
    "D8": r"\nabla J = \sum_s d_\gamma \sum_a \nabla\pi\, A",
    "D9": r"= \sum_s d_\gamma \sum_a \pi\, \nabla\log\pi\; A",
    "D10": r"= \sum_s d_\gamma \sum_a \pi\, \nabla\log\pi\, \nabla\log\pi^\top x = F x",
}

_REASONS = {
    "D1": r"Both start alike: \(J\) is the mean of \(V(s_0)\), under the new policy too.",
    "D2": r"\(V(s_0)\) in steps: the terms \(\gamma^t V(s_t)\) cancel but for the first.",
    "D3": r"In \(s\) after \(a\), the bracket has the mean \(A\). The visits are those of the new policy.",
    "D4": r"\(\pi\) has the mean \(Q - A = V\), and so has \(\pi'\): under \(\pi\) the mean of \(A\) is 0.",
    "D5": r"D4 with the primes exchanged, and the sign of both sides. It is line G7.",
    "D6": r"Write \(Q' = Q + (Q' - Q)\): the rest is a change of the policy times a change of \(Q\).",
    "D7": "The rest left out: right to first order, and so only for a step that is infinitely small.",
    "D8": r"Divide D6 by the step: of the rest nothing stays, for it is a product of two changes.",
    "D9": r"\(\nabla\pi = \pi\,\nabla\log\pi\).",
    "D10": r"Features that are scores are compatible: the best fit \(x^\top\nabla\log\pi\) stands for \(A\).",
}


def _visits(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """γᵗ p_t(s), shape (T, n_states), or d_γ(s) without a horizon."""
    if mdp.horizon is None:
        return values.discounted_visitation(mdp, policy, theta)
    powers = mdp.discount ** np.arange(mdp.horizon)
    return np.asarray(powers[:, None] * values.occupancy(mdp, policy, theta)[:-1])


def _deciding_visits(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """d_γ(s) of the states in which something is decided, and 0 for terminal ones."""
    visits = values.discounted_visitation(mdp, policy, theta)
    return np.where(mdp.terminal, 0, visits)


def surrogate(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, other: ArrayLike) -> Any:
    """L(θ') = Σ_s d_γ(s) Σ_a π'(a|s) A(s,a), what a step from θ to θ' promises; a number.

    Visits and advantages are those of θ. J(θ') − J(θ) is the same sum with the visits of θ', so L is right to first
    order in θ' − θ: at θ' = θ both are 0 and have the gradient ∇J(θ). With a horizon it is
    Σ_t γᵗ Σ_s p_t(s) Σ_a π'(a|s) A_t(s,a).

    Parameters
    ----------
    mdp : TabularMDP
    policy : TabularPolicy
    theta, other : array
        θ, and θ', which may be complex, so that L has a complex step.

    Returns
    -------
    float or complex

    Raises
    ------
    TypeError, ValueError
        As ``values.advantages``.

    References
    ----------
    Kakade and Langford (2002); Schulman et al. (2015).

    Examples
    --------
    On thin ice, going on is promised to pay from u = 0.1, and it does not:

    >>> from pgcode.environments import thin_ice, thin_ice_policy
    >>> mdp, policy, theta = thin_ice(), thin_ice_policy(), [np.log(1 / 9)]
    >>> print(round(surrogate(mdp, policy, theta, [50.0]), 9))
    0.36
    >>> print(round(values.objective(mdp, policy, [50.0]) - values.objective(mdp, policy, theta), 9))
    -2.07
    """
    theta = require_real_theta(policy, theta, "the surrogate is that of a step from real parameters")
    advantages = values.advantages(mdp, policy, theta)
    if mdp.horizon is not None:
        advantages = advantages[: mdp.horizon]
    gained = (action_probabilities(mdp, policy, other) * advantages).sum(axis=-1)
    return (_visits(mdp, policy, theta) * gained).sum()


def surrogate_error_bound(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, other: ArrayLike) -> float:
    """What |J(θ') − J(θ) − L(θ')| does not exceed: 2γ/(1−γ) · max_s |Σ_a π'(a|s) A(s,a)| · Σ_s d_γ(s) TV(s).

    TV(s) = ½ Σ_a |π'(a|s) − π(a|s)| is the total variation between the policies in s.

    Parameters
    ----------
    mdp : TabularMDP
        Without a horizon and with a discount below 1.
    policy : TabularPolicy
    theta, other : array
        θ and θ'.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If the process has a horizon or no discount.

    References
    ----------
    Achiam et al. (2017), corollary 1, there with normalised visits. It implies the bound of Schulman et al. (2015),
    theorem 1, 4γ/(1−γ)² · max |A| · max TV².

    Examples
    --------
    >>> from pgcode.environments import thin_ice, thin_ice_policy
    >>> print(round(surrogate_error_bound(thin_ice(), thin_ice_policy(), [np.log(1 / 9)], [50.0]), 9))
    10.206
    """
    require_mdp(mdp)
    require_endless("mdp", mdp)
    theta = require_real_theta(policy, theta, "the bound is for real parameters")
    other = require_real_theta(policy, other, "the bound is for real parameters")
    pi, pi_other = (action_probabilities(mdp, policy, at) for at in (theta, other))
    gained = (pi_other * values.advantages(mdp, policy, theta)).sum(axis=1)
    variation = np.abs(pi_other - pi).sum(axis=1) / 2
    visits = _deciding_visits(mdp, policy, theta)
    return float(2 * mdp.discount / (1 - mdp.discount) * np.abs(gained).max() * (visits @ variation))


def divergence(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, other: ArrayLike) -> Any:
    """Σ_s d_γ(s) KL(π(·|s), π'(·|s)), how far θ' is from θ in what the policies do; a number.

    KL(π, π') = Σ_a π(a|s) log(π(a|s)/π'(a|s)), and nothing is decided in terminal states. With γ = 1 the sum is
    KL(P, P') of the distributions of the walks under π and under π'. Divided by the number of visits, Σ_s d_γ(s), it is
    their mean.

    Parameters
    ----------
    mdp : TabularMDP
    policy : TabularPolicy
    theta, other : array
        θ, and θ', which may be complex, so that the divergence has a complex step.

    Returns
    -------
    float or complex
        Infinite where π' gives up an action that π takes.

    Raises
    ------
    TypeError, ValueError
        As ``values.discounted_visitation``.

    References
    ----------
    Schulman et al. (2015).

    Examples
    --------
    >>> from pgcode.environments import two_armed_bandit
    >>> from pgcode.policies import SoftmaxPolicy
    >>> start = np.zeros((2, 2))
    >>> print(round(divergence(two_armed_bandit(), SoftmaxPolicy(2, 2), start, [[0, 1.0], [0, 0]]), 6))
    0.120115
    """
    theta = require_real_theta(policy, theta, "a divergence is from real parameters")
    pi, _ = (action_probabilities(mdp, policy, at) for at in (theta, other))
    visits = _deciding_visits(mdp, policy, theta)[:, None]
    counts = (visits > 0) & (pi > 0)
    with np.errstate(divide="ignore"):  # an action that is given up has log π' = −∞
        logs, logs_other = (np.where(counts, policy.log_probabilities(at), 0) for at in (theta, other))
    return (visits * pi * (logs - logs_other)).sum()


def fisher_matrix(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> NDArray[np.float64]:
    """F(θ) = Σ_s d_γ(s) Σ_a π(a|s) ∇log π(a|s) ∇log π(a|s)ᵀ, shape (n, n) for n parameters.

    ``divergence`` from θ to θ + x is ½ xᵀF x, to second order in x. The sum is over the states in which something is
    decided, so not over terminal ones. The visits are not normalised: divide F by their sum for the mean over them.

    Parameters
    ----------
    mdp : TabularMDP
    policy, theta : TabularPolicy, array
        π_θ, at real θ, whose entries F has in the order of ``ravel``.

    Returns
    -------
    array, shape (n, n)

    Raises
    ------
    TypeError, ValueError
        As ``values.discounted_visitation``, or if θ is complex.

    References
    ----------
    Kakade (2001).

    Examples
    --------
    >>> from pgcode.environments import thin_ice, thin_ice_policy
    >>> fisher_matrix(thin_ice(), thin_ice_policy(), [np.log(1 / 9)]).round(6)
    array([[0.0945]])

    The variance of the score, 0.09, times the visits: 1 at the bank and 0.05 on the ice.
    """
    at = require_real_theta(policy, theta, "a Fisher matrix is taken at real parameters")
    rows, _ = _weighted_scores(mdp, policy, at)
    return np.asarray(rows.T @ rows)


def _weighted_scores(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """√(d_γ(s) π(a|s)) ∇log π(a|s), a row for each pair, the factor of F = rowsᵀ rows; and those roots, (S, A)."""
    root = np.sqrt(_deciding_visits(mdp, policy, theta)[:, None] * action_probabilities(mdp, policy, theta))
    rows = root[..., None] * policy.score(theta).reshape(*root.shape, -1)
    return rows.reshape(-1, theta.size), root


def _mean_advantages(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """A(s,a) in the states that are reached, with a horizon its mean over the times of the visits; 0 in others."""
    visits = _visits(mdp, policy, theta)
    if mdp.horizon is None:
        q = values._action_values_from_start(mdp, policy, theta, visits)
    else:
        q = values._timed_action_values_beyond(mdp, policy, theta, visits)
        total = visits.sum(axis=0)[:, None]
        q = np.einsum("ts,tsa->sa", visits, q) / np.where(total > 0, total, 1)
    pi = action_probabilities(mdp, policy, theta)
    beside = np.where(pi > 0, beside_likeliest(q, pi), 0)
    return np.asarray(beside - (pi * beside).sum(axis=1, keepdims=True))


def step_derivation(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, other: ArrayLike) -> Derivation:
    """The lines D1 to D10 for a step from θ to θ': what it brings, what is promised, and the natural gradient.

    D1 to D7 are numbers, and D7, the surrogate alone, is false unless θ' is θ. D8 to D10 are gradients; the x of D10 is
    the weighted fit of A by the scores, which is the natural gradient.

    Parameters
    ----------
    mdp : TabularMDP
        Without a horizon and with a discount below 1.
    policy : TabularPolicy
    theta, other : array
        θ and θ', of the policy's shape; they need not be near each other.

    Returns
    -------
    Derivation

    Raises
    ------
    ValueError
        If the process has a horizon or no discount.

    References
    ----------
    Kakade and Langford (2002) have D3, Schulman et al. (2015) D7; Sutton et al. (2000) and Kakade (2001) have D10.

    Examples
    --------
    >>> from pgcode.environments import thin_ice, thin_ice_policy
    >>> ledger = step_derivation(thin_ice(), thin_ice_policy(), [np.log(1 / 9)], [50.0])
    >>> print(round(float(ledger["D3"].value), 9), ledger.false_lines)
    -2.07 ['D7']
    """
    require_mdp(mdp)
    require_endless("mdp", mdp)
    theta, other = (require_real_theta(policy, at, "a step is between real parameters") for at in (theta, other))
    gamma = mdp.discount
    pi, pi_other = (action_probabilities(mdp, policy, at) for at in (theta, other))
    v = values.state_values(mdp, policy, theta)
    q, q_other = (values.action_values(mdp, policy, at) for at in (theta, other))
    a = values.advantages(mdp, policy, theta)
    visits, visits_other = (values.discounted_visitation(mdp, policy, at) for at in (theta, other))
    change = pi_other - pi
    paid = values.policy_chain(mdp, policy, other)[1]
    td = (mdp.transition * (mdp.reward + gamma * v - v[:, None, None])).sum(axis=2)
    promised = visits @ (pi_other * a).sum(axis=1)
    d_pi = complex_step(policy.probabilities, theta)
    rows, _ = _weighted_scores(mdp, policy, theta)
    fit = np.linalg.lstsq(rows, np.sqrt(visits[:, None] * pi).ravel() * a.ravel(), rcond=None)[0]
    terms = {
        "D1": visits_other @ paid - mdp.initial @ v,
        "D2": visits_other @ (pi_other * td).sum(axis=1),
        "D3": visits_other @ (pi_other * a).sum(axis=1),
        "D4": visits_other @ (change * q).sum(axis=1),
        "D5": visits @ (change * q_other).sum(axis=1),
        "D6": promised + visits @ (change * (q_other - q)).sum(axis=1),
        "D7": promised,
        "D8": np.einsum("s,sa...,sa->...", visits, d_pi, a),
        "D9": policy.weighted_score(theta, visits[:, None] * pi * a),
        "D10": (rows.T @ (rows @ fit)).reshape(theta.shape),
    }
    rise = values.objective(mdp, policy, other) - values.objective(mdp, policy, theta)
    equal = {"D1": rise, "D8": complex_step(lambda at: values.objective(mdp, policy, at), theta)}
    size = max(float(np.abs(array).max()) for array in (v, q, q_other)) / (1 - gamma)
    slope_size = np.einsum("s,sa...,sa->...", visits, np.abs(d_pi), np.abs(q))
    return Derivation(
        "How far to step",
        [
            Line(
                label,
                _FORMULAS[label],
                _REASONS[label],
                np.asarray(terms[label]),
                right_side=equal.get(label),
                follows="D6" if label == "D7" else None,
                scale=size if label in list(terms)[:7] else slope_size,
                condition=1 / (1 - gamma),
            )
            for label in terms
        ],
    )
