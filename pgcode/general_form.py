"""The theorem on general spaces, line by line: with integrals on a linear-quadratic problem, with sums on a finite one.

The proof compares two policies, π of θ and π' of θ', before it lets θ' tend to θ. Nothing is differentiated until the
last lines, so nothing has to be known to be differentiable but π. Both derivations have the labels G1 to G10: the same
line, once with ∫ and once with Σ. A prime marks what belongs to θ'. P is the kernel of the states under π, so that
P_π v is the mean of v after one step.

A policy without chance, which takes a = a_θ(s), has no density, and its gradient is another theorem: lines N1 to N4.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks, values
from pgcode._policy_checks import require_endless, require_mdp
from pgcode.derivation import Derivation, Line
from pgcode.linear_quadratic import (
    LinearQuadratic,
    lq_action_values,
    lq_deterministic_objective,
    lq_gradient,
    lq_objective,
    lq_second_moments,
    lq_state_values,
)
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step
from pgcode.policies import TabularPolicy, action_probabilities

__all__ = ["derivation_with_integrals", "derivation_with_sums", "derivation_without_chance"]

Array = NDArray[Any]

#: How many steps line G5 writes out.
_STEPS = 3

_REASONS = {
    "G1": r"\(V\) is the mean of \(Q\) under the policy, for each of the two.",
    "G2": r"Subtract and add the mean of \(Q'\) under \(\pi\): \(f\) is what changes now, the rest what changes later.",
    "G3": r"\(Q' - Q\) is \(\gamma\) times the mean of \(V' - V\) at the next state, for \(r\) and \(p\) stay.",
    "G4": r"A Bellman equation for \(V' - V\), with \(f\) for the reward; \(P\) is the kernel of \(\theta\) alone.",
    "G5": r"The equation put into itself; here \(k = 3\).",
    "G6": "For ever: the rest tends to 0.",
    "G7": r"The mean over the start. The visits are those of \(\theta\) alone, so no distribution is differentiated.",
    "G8": r"Divide by \(|\theta' - \theta|\) and let it tend to 0: domination lets the limit into both integrals.",
    "G9": r"\(\nabla\pi = \pi\,\nabla\log\pi\) where \(\pi > 0\); where \(\pi = 0\) it is least, so \(\nabla\pi = 0\).",
    "G10": r"The visits divided by their mass, \(1/(1-\gamma)\), are a distribution of \(s\).",
}

_FINITE = {
    "G1": r"V' - V = \sum_a (\pi' Q' - \pi\, Q)",
    "G2": r"= \underbrace{\sum_a (\pi' - \pi)\, Q'}_{f} + \sum_a \pi\, (Q' - Q)",
    "G3": r"= f + \gamma \sum_a \pi \sum_{s'} p\, (V' - V)",
    "G4": r"= f + \gamma\, P\, (V' - V)",
    "G5": r"= \sum_{j<k} \gamma^j P_\pi^j f + \gamma^k P_\pi^k (V' - V)",
    "G6": r"= \sum_j \gamma^j P_\pi^j f",
    "G7": r"J' - J = \sum_s d_\gamma\, f",
    "G8": r"\nabla J = \sum_s d_\gamma \sum_a \nabla\pi\, Q",
    "G9": r"= \sum_s d_\gamma \sum_a \pi\, \nabla\log\pi\; Q",
    "G10": r"= \tfrac{1}{1-\gamma}\, \mathbb{E}[\nabla\log\pi\; Q]",
}

_INTEGRAL = {
    "G1": r"V' - V = \int (\pi' Q' - \pi\, Q)\, d\nu",
    "G2": r"= \underbrace{\int (\pi' - \pi)\, Q'\, d\nu}_{f} + \int \pi\, (Q' - Q)\, d\nu",
    "G3": r"= f + \gamma \int \pi \int (V' - V)\, dp\; d\nu",
    "G4": r"= f + \gamma\, P\, (V' - V)",
    "G5": r"= \sum_{j<k} \gamma^j P_\pi^j f + \gamma^k P_\pi^k (V' - V)",
    "G6": r"= \sum_j \gamma^j P_\pi^j f",
    "G7": r"J' - J = \int f\; d(d_\gamma)",
    "G8": r"\nabla J = \int\!\!\int \nabla\pi\, Q\; d\nu\, d(d_\gamma)",
    "G9": r"= \int\!\!\int \nabla\log\pi\; Q\; \pi\, d\nu\, d(d_\gamma)",
    "G10": r"= \tfrac{1}{1-\gamma}\, \mathbb{E}[\nabla\log\pi\; Q]",
}


def derivation_with_sums(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, other: ArrayLike) -> Derivation:
    """The lines G1 to G10 with sums, for two parameters θ and θ' of a finite process.

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
        G1 to G6 are functions of the state, G7 is a number, G8 to G10 are gradients.

    Raises
    ------
    ValueError
        If the process has a horizon or no discount.

    Examples
    --------
    >>> from pgcode.environments import random_mdp
    >>> from pgcode.policies import SoftmaxPolicy
    >>> mdp = random_mdp(np.random.default_rng(0), horizon=None)
    >>> ledger = derivation_with_sums(mdp, SoftmaxPolicy(3, 2), np.zeros((3, 2)), np.eye(3, 2))
    >>> ledger.false_lines
    []
    """
    require_mdp(mdp)
    require_endless("mdp", mdp)
    theta, other = _checks.real_array("theta", theta), _checks.real_array("other", other)
    gamma = mdp.discount
    pi, pi_other = (action_probabilities(mdp, policy, at) for at in (theta, other))
    v, v_other = (values.state_values(mdp, policy, at) for at in (theta, other))
    q, q_other = (values.action_values(mdp, policy, at) for at in (theta, other))
    chain, _ = values.policy_chain(mdp, policy, theta)
    change = v_other - v
    f = ((pi_other - pi) * q_other).sum(axis=1)
    powers = [gamma**j * np.linalg.matrix_power(chain, j) for j in range(_STEPS + 1)]
    visits = values.discounted_visitation(mdp, policy, theta)
    d_pi = complex_step(policy.probabilities, theta)
    terms = {
        "G1": (pi_other * q_other - pi * q).sum(axis=1),
        "G2": f + (pi * (q_other - q)).sum(axis=1),
        "G3": f + gamma * (pi * (mdp.transition @ change)).sum(axis=1),
        "G4": f + gamma * chain @ change,
        "G5": sum(power @ f for power in powers[:-1]) + powers[-1] @ change,
        "G6": values._solve_forward(np.eye(mdp.n_states) - gamma * chain, f),
        "G7": visits @ f,
        "G8": np.einsum("s,sa...,sa->...", visits, d_pi, q),
        "G9": policy.weighted_score(theta, visits[:, None] * pi * q),
        "G10": _mean_over_pairs(policy.score(theta), (1 - gamma) * visits[:, None] * pi, q) / (1 - gamma),
    }
    size = max(float(np.abs(array).max()) for array in (v, v_other, q, q_other))
    return _ledger(
        "The theorem on finite spaces, with sums",
        _FINITE,
        terms,
        change,
        mdp.initial @ v_other - mdp.initial @ v,
        complex_step(lambda at: values.objective(mdp, policy, at), theta),
        size,
        np.einsum("s,sa...,sa->...", visits, np.abs(d_pi), np.abs(q)),
        1 / (1 - gamma),
    )


def _mean_over_pairs(score: Array, joint: Array, q: Array) -> Array:
    """E[∇log π Q] over pairs of state and action, one after the other."""
    n_states, n_actions = joint.shape
    pairs = ((s, a) for s in range(n_states) for a in range(n_actions))
    return np.asarray(sum(joint[pair] * score[pair] * q[pair] for pair in pairs))


def derivation_with_integrals(
    problem: LinearQuadratic, theta: ArrayLike, other: ArrayLike, states: ArrayLike | None = None
) -> Derivation:
    """The lines G1 to G10 with integrals, for two parameters θ and θ' of a linear-quadratic problem.

    ν is Lebesgue's measure of actions. The integrals are computed by Gauss–Hermite rules, which are exact here
    because every integrand is a polynomial times a Gaussian density. The line G6 solves for the infinite sum, and d_γ
    enters by its mass and its second moment, all that a quadratic integrand needs.

    Parameters
    ----------
    problem : LinearQuadratic
        Without a horizon and with a discount below 1.
    theta, other : array
        θ and θ'; both must be stable enough for J to be finite.
    states : array, shape (number, n), optional
        Where the lines G1 to G6 are evaluated; unit vectors and their negatives halved, unless told.

    Returns
    -------
    Derivation

    Raises
    ------
    ValueError
        If the problem has a horizon or no discount, J is not finite, or ``states`` has another shape.

    Examples
    --------
    >>> problem = LinearQuadratic([[0.9]], [[1.0]], [[0.1]], [[1.0]], [[0.5]], [1.0], [[0.0]], discount=0.9)
    >>> derivation_with_integrals(problem, [0.5, 0.0], [0.8, -0.5]).false_lines
    []
    """
    _require_endless_problem(problem)
    theta, other = _checks.real_array("theta", theta), _checks.real_array("other", other)
    n, gamma = problem.n_states, problem.discount
    x = _places(problem, states)
    gain, scale = problem.gain_and_scale(theta)
    loop = problem.dynamics - problem.control @ gain
    spread = problem.noise + scale**2 * problem.control @ problem.control.T

    def q(at: Array) -> Callable[[Array, Array], Array]:
        return lambda s, a: lq_action_values(problem, at, s, a)

    def mean(at: Array, function: Callable[[Array, Array], Array], s: Array) -> Array:
        """∫ function(s, a) π(a|s) ν(da) at some states, for the policy of a parameter."""
        actions, weights = _actions(problem, at, s)
        return np.asarray(function(s[..., None, :], actions) @ weights)

    def change(s: Array) -> Array:
        return lq_state_values(problem, other, s) - lq_state_values(problem, theta, s)

    def f(s: Array) -> Array:
        return mean(other, q(other), s) - mean(theta, q(other), s)

    def after(s: Array, j: int, function: Callable[[Array], Array]) -> Array:
        """∫ function(s') Pʲ(ds'|s): after j steps the state is Gaussian."""
        power, covariance = np.eye(n), np.zeros((n, n))
        for _ in range(j):
            power, covariance = loop @ power, loop @ covariance @ loop.T + spread
        nodes, weights = _gaussian(covariance)
        return np.asarray(function((s @ power.T)[..., None, :] + nodes) @ weights)

    def next_change(s: Array, a: Array) -> Array:
        """∫ (V' − V)(s') p(ds'|s, a)."""
        nodes, weights = _gaussian(problem.noise)
        middle = s @ problem.dynamics.T + a @ problem.control.T
        return np.asarray(change(middle[..., None, :] + nodes) @ weights)

    def resolvent(s: Array) -> Array:
        """Σ γʲ ∫ f dPʲ, by the second moments of all that follows a state."""
        return np.stack([_over(f, _visited(problem, theta, state), 1 / (1 - gamma)) for state in s])

    def direct(s: Array) -> Array:
        """∫ ∇π(a|s) Q(s, a) ν(da), with the density itself differentiated by the complex step."""
        actions, weights = _actions(problem, theta, s)
        density = complex_step(lambda at: _density(problem, at, s[..., None, :], actions), theta)
        lebesgue = weights / _density(problem, theta, s[..., None, :], actions)
        return np.asarray(np.einsum("...jp,...j,...j->...p", density, lebesgue, q(theta)(s[..., None, :], actions)))

    def scored(s: Array) -> Array:
        """∫ ∇log π(a|s) Q(s, a) π(a|s) ν(da)."""
        actions, weights = _actions(problem, theta, s)
        score = _score(problem, theta, s[..., None, :], actions)
        return np.asarray(np.einsum("...jp,j,...j->...p", score, weights, q(theta)(s[..., None, :], actions)))

    def scored_size(s: Array) -> Array:
        """The size of the terms that ``scored`` sums."""
        actions, weights = _actions(problem, theta, s)
        terms = _score(problem, theta, s[..., None, :], actions) * q(theta)(s[..., None, :], actions)[..., None]
        return np.asarray(np.einsum("...jp,j->...p", np.abs(terms), weights))

    visited = lq_second_moments(problem, theta)
    start, start_weights = _gaussian(problem.initial_covariance)
    normalised = _over(scored, (1 - gamma) * visited, 1.0)
    terms = {
        "G1": mean(other, q(other), x) - mean(theta, q(theta), x),
        "G2": f(x) + mean(theta, lambda s, a: q(other)(s, a) - q(theta)(s, a), x),
        "G3": f(x) + gamma * mean(theta, next_change, x),
        "G4": f(x) + gamma * after(x, 1, change),
        "G5": sum(gamma**j * after(x, j, f) for j in range(_STEPS)) + gamma**_STEPS * after(x, _STEPS, change),
        "G6": resolvent(x),
        "G7": _over(f, visited, 1 / (1 - gamma)),
        "G8": _over(direct, visited, 1 / (1 - gamma)),
        "G9": _over(scored, visited, 1 / (1 - gamma)),
        "G10": normalised / (1 - gamma),
    }
    sizes = [float(np.abs(lq_state_values(problem, at, x)).max()) for at in (theta, other)]
    radius = max(_radius(problem, at) for at in (theta, other))
    return _ledger(
        "The theorem on general spaces, with integrals",
        _INTEGRAL,
        terms,
        change(x),
        change(problem.initial_mean + start) @ start_weights,
        complex_step(lambda at: lq_objective(problem, at), theta),
        max(sizes),
        _over(scored_size, visited, 1 / (1 - gamma)),
        1 / (1 - gamma) + 1 / (1 - gamma * radius**2),
    )


#: log σ of a policy that has no chance but for numbers: σ² is 10⁻²⁶¹.
_NO_CHANCE = -300.0

_WITHOUT_CHANCE = {
    "N1": (r"\nabla V(s) = \nabla\, Q\big(s, a_\theta(s)\big)", "The policy takes one action, so there is no mean."),
    "N2": (
        r"= \nabla a_\theta(s)\,\partial_a Q + \gamma\,\mathbb{E}\,\nabla V(s')",
        r"The chain rule: through the action here, and through \(V\) at the next state.",
    ),
    "N3": (
        r"\nabla J = \int \nabla a_\theta(s)\,\partial_a Q\; d_\gamma(ds)",
        r"Unrolled from the start on, as in T5 to T7.",
    ),
    "N4": (
        r"= \lim_{\sigma\to0} \int\!\!\int \nabla\log\pi\; Q\; \pi\, d\nu\, d(d_\gamma)",
        r"G9 for a Gaussian around \(a_\theta(s)\), whose \(\sigma\) tends to 0.",
    ),
}


def derivation_without_chance(problem: LinearQuadratic, gain: ArrayLike, states: ArrayLike | None = None) -> Derivation:
    """The lines N1 to N4 of the deterministic policy gradient, for a_θ(x) = −K x on a linear-quadratic problem.

    Parameters
    ----------
    problem : LinearQuadratic
        Without a horizon and with a discount below 1.
    gain : array, shape (k, n)
        K.
    states : array, shape (number, n), optional
        Where N1 and N2 are evaluated; unit vectors and their negatives halved, unless told.

    Returns
    -------
    Derivation
        N1 and N2 have a row for each state, N3 and N4 are gradients; all have the entries of K, row by row.

    Raises
    ------
    ValueError
        If the problem has a horizon or no discount, J is not finite, or K or ``states`` has another shape.

    References
    ----------
    Silver, Lever, Heess, Degris, Wierstra and Riedmiller (2014).

    Examples
    --------
    >>> problem = LinearQuadratic([[0.9]], [[1.0]], [[0.1]], [[1.0]], [[0.5]], [1.0], [[0.0]], discount=0.9)
    >>> derivation_without_chance(problem, [[0.5]]).false_lines
    []
    """
    _require_endless_problem(problem)
    k, n = problem.n_actions, problem.n_states
    x = _places(problem, states)
    start = _checks.real_array("gain", gain)
    _checks.require_finite("gain", start)
    slope = complex_step(lambda at: lq_deterministic_objective(problem, at), start).ravel()
    gamma = problem.discount

    def theta(at: Array) -> Array:
        return np.append(at.ravel(), _NO_CHANCE)

    def value(at: Array, s: Array) -> Array:
        return lq_state_values(problem, theta(at), s)

    def d_value(s: Array) -> Array:
        """∇V, by the complex step: shape (..., k n)."""
        found = complex_step(lambda at: value(at, s), start)
        return np.asarray(found.reshape(*found.shape[:-2], -1))

    def through_the_action(s: Array) -> Array:
        """∇a_θ(s) ∂Q/∂a: with a = −K s the derivative of a_i by K_ij is −s_j."""
        rows = []
        for state in s:
            by_action = complex_step(partial(lq_action_values, problem, theta(start), state), -start @ state)
            rows.append(-np.outer(by_action, state).ravel())
        return np.stack(rows)

    noise, weights = _gaussian(problem.noise)
    loop = problem.dynamics - problem.control @ start
    after = np.einsum("sjp,j->sp", d_value((x @ loop.T)[:, None, :] + noise), weights)
    moment = lq_second_moments(problem, theta(start))
    terms = {
        "N1": complex_step(
            lambda at: lq_action_values(problem, theta(at), x, -x @ at.T),
            start,
        ).reshape(len(x), -1),
        "N2": through_the_action(x) + gamma * after,
        "N3": _over(through_the_action, moment, 1 / (1 - gamma)),
        "N4": lq_gradient(problem, theta(start))[: k * n],
    }
    scale = _over(lambda s: np.abs(through_the_action(s)), moment, 1 / (1 - gamma))
    equal = {"N1": d_value(x), "N3": slope}
    radius = _radius(problem, theta(start))
    return Derivation(
        "Without chance: the deterministic policy gradient",
        [
            Line(
                label,
                formula,
                reason,
                np.asarray(terms[label]),
                right_side=equal.get(label),
                scale=scale if label in ("N3", "N4") else float(np.abs(d_value(x)).max()),
                condition=1 / (1 - gamma) + 1 / (1 - gamma * radius**2),
            )
            for label, (formula, reason) in _WITHOUT_CHANCE.items()
        ],
    )


def _require_endless_problem(problem: object) -> None:
    if not isinstance(problem, LinearQuadratic):
        raise TypeError(f"problem is a {type(problem).__name__}: pass a LinearQuadratic")
    require_endless("problem", problem)


def _places(problem: LinearQuadratic, states: ArrayLike | None) -> Array:
    """Where lines that are functions of the state are evaluated, shape (number, n)."""
    n = problem.n_states
    if states is None:
        return np.vstack([np.eye(n), -np.eye(n) / 2])
    x = _checks.real_array("states", states)
    if x.ndim != 2 or x.shape[1] != n or not len(x):
        raise ValueError(f"states has shape {x.shape}, but needs (number, {n}): a row for each state, and at least one")
    _checks.require_finite("states", x)
    return x


def _ledger(
    title: str,
    formulas: dict[str, str],
    terms: dict[str, Array],
    change: Array,
    rise: Any,
    slope: Array,
    size: float,
    slope_size: Array,
    condition: float,
) -> Derivation:
    """G1, G7 and G8 say what they are equal to; every other line follows the one before.

    G1 to G7 subtract values of this size, G8 to G10 sum terms of that. Values come from solves with this condition,
    about the number of steps that count.
    """
    equal = {"G1": change, "G7": np.asarray(rise), "G8": slope}
    gradients = ("G8", "G9", "G10")
    return Derivation(
        title,
        [
            Line(
                label,
                formulas[label],
                _REASONS[label],
                np.asarray(terms[label]),
                right_side=equal.get(label),
                scale=slope_size if label in gradients else size,
                condition=condition,
            )
            for label in formulas
        ],
    )


def _radius(problem: LinearQuadratic, theta: Array) -> float:
    """The spectral radius of A − B K."""
    gain, _ = problem.gain_and_scale(theta)
    return float(np.abs(np.linalg.eigvals(problem.dynamics - problem.control @ gain)).max())


def _gaussian(covariance: Array) -> tuple[Array, Array]:
    """Nodes (m, n) and weights (m,) for a Gaussian of mean 0, exact for polynomials of degree 5 in each direction."""
    sizes, directions = np.linalg.eigh(covariance)
    factor = directions * np.sqrt(np.maximum(sizes, 0))
    points, weights = np.polynomial.hermite_e.hermegauss(3)
    n = len(covariance)
    _checks.require_memory("the nodes of an integral", (3**n, n), "take a problem with fewer entries")
    choice = np.indices((3,) * n).reshape(n, -1)
    return points[choice].T @ factor.T, (weights / weights.sum())[choice].prod(axis=0)


def _actions(problem: LinearQuadratic, theta: Array, states: Array) -> tuple[Array, Array]:
    """Nodes (..., m, k) of the policy's actions in some states, and their weights (m,)."""
    nodes, weights = _gaussian(np.eye(problem.n_actions))
    gain, scale = problem.gain_and_scale(theta)
    return np.asarray(scale * nodes - (states @ gain.T)[..., None, :]), weights


def _density(problem: LinearQuadratic, theta: Array, states: Array, actions: Array) -> Array:
    """π_θ(a|s) with respect to Lebesgue's measure."""
    gain, scale = problem.gain_and_scale(theta)
    deviation = (actions + states @ gain.T) / scale
    return np.asarray(np.exp(-np.sum(deviation**2, axis=-1) / 2) / (np.sqrt(2 * np.pi) * scale) ** problem.n_actions)


def _score(problem: LinearQuadratic, theta: Array, states: Array, actions: Array) -> Array:
    """∇log π_θ(a|s): −ε xᵀ/σ for K, |ε|² − k for log σ, with ε = (a + K x)/σ."""
    gain, scale = problem.gain_and_scale(theta)
    epsilon = (actions + states @ gain.T) / scale
    by_gain = -epsilon[..., :, None] * states[..., None, :] / scale
    by_scale = np.sum(epsilon**2, axis=-1, keepdims=True) - problem.n_actions
    return np.concatenate([by_gain.reshape(*by_gain.shape[:-2], -1), by_scale], axis=-1)


def _visited(problem: LinearQuadratic, theta: Array, state: Array) -> Array:
    """Σ γʲ E x_j x_jᵀ from a state on."""
    from_here = replace(problem, initial_mean=state, initial_covariance=np.zeros((len(state), len(state))))
    return lq_second_moments(from_here, theta)


def _over(function: Callable[[Array], Array], moment: Array, mass: float) -> Array:
    """∫ function dν for a quadratic function without linear part, from the mass and the second moment of ν.

    2n points that lie opposite each other, with equal weights, have any mass and any second moment.
    """
    sizes, directions = np.linalg.eigh(moment * len(moment) / mass)
    points = (directions * np.sqrt(np.maximum(sizes, 0))).T
    return np.asarray(mass * function(np.vstack([points, -points])).mean(axis=0))
