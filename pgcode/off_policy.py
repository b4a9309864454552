"""Learning from another policy's data: importance weights, and the gradient of the excursion objective.

The data are drawn by a policy β, the behaviour, and π_θ is to be improved. β is an array of its probabilities: nobody
has to know how it was made. Two objectives can be followed. J(θ), from the start, by reweighing whole trajectories. Or

    J_β(θ) = Σ_s d_β(s) V(s),

where d_β are the states of the data: whoever is taken there by β, and acts by π_θ from then on, earns this on average.
It is J with other start weights, so its gradient is Σ_s M(s) Σ_a ∇π Q with M = (I − γ P_πᵀ)⁻¹ d_β. The semi-gradient
has d_β in the place of M.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks, state_action_form, values
from pgcode._policy_checks import require_match, require_mdp, require_policy, require_real_theta
from pgcode.derivation import Derivation, Line
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step
from pgcode.policies import TabularPolicy, action_probabilities
from pgcode.trajectories import Trajectories

__all__ = [
    "decision_ratios",
    "emphatic_trace",
    "emphatic_weights",
    "excursion_derivation",
    "excursion_gradient",
    "excursion_objective",
    "per_decision_returns",
    "ratio_second_moments",
    "squared_ratio_chain",
    "trace_second_moments",
]

Array = NDArray[Any]


def decision_ratios(
    trajectories: Trajectories, policy: TabularPolicy, theta: ArrayLike, behaviour: ArrayLike
) -> NDArray[np.float64]:
    """ρ_t = π_θ(a_t|s_t) / β(a_t|s_t) of each decision, shape (m, T); 1 after the end.

    Their product over a trajectory is ``estimators.importance_ratios``. The dynamics cancel.

    Parameters
    ----------
    trajectories : Trajectories
        Drawn by β.
    policy, theta : TabularPolicy, array
        π_θ.
    behaviour : array, shape (n_states, n_actions)
        β(a|s), positive for each action that was taken.

    Returns
    -------
    array, shape (m, T)

    Raises
    ------
    TypeError, ValueError
        If trajectories, policy and behaviour do not fit, or β gives an action that was taken the probability 0.

    References
    ----------
    Precup, Sutton and Singh (2000).

    Examples
    --------
    >>> from pgcode.policies import SoftmaxPolicy
    >>> batch = Trajectories([[0, 0, 0]], [[0, 1]], [[1.0, 1.0]], 1.0)
    >>> decision_ratios(batch, SoftmaxPolicy(1, 2), np.log([[0.75, 0.25]]), [[0.5, 0.5]]).round(9)
    array([[1.5, 0.5]])
    """
    if not isinstance(trajectories, Trajectories):
        raise TypeError(f"trajectories is a {type(trajectories).__name__}: pass Trajectories, drawn by the behaviour")
    require_policy(policy)
    theta = require_real_theta(policy, theta, "a ratio of probabilities is real")
    beta = _behaviour(behaviour, policy.n_states, policy.n_actions)
    if trajectories.states.max() >= policy.n_states or trajectories.actions.max() >= policy.n_actions:
        raise ValueError(
            f"policy is {policy!r}, but state {trajectories.states.max()} and action {trajectories.actions.max()} "
            "occur in the trajectories: pass a policy for the process that they come from"
        )
    visited = trajectories.states[:, :-1], trajectories.actions
    wrong = (beta[visited] == 0) & trajectories.active
    if wrong.any():
        i, t = (int(index) for index in np.argwhere(wrong)[0])
        s, a = trajectories.states[i, t], trajectories.actions[i, t]
        raise ValueError(
            f"behaviour[{s}, {a}] is 0, but trajectory {i} takes action {a} in state {s}: "
            "pass the probabilities of the policy that drew the trajectories"
        )
    drawn = np.where(trajectories.active, beta[visited], 1)
    with np.errstate(over="ignore"):
        rho = np.where(trajectories.active, policy.probabilities(theta)[visited] / drawn, 1)
    if not np.isfinite(rho).all():
        i, t = (int(index) for index in np.argwhere(~np.isfinite(rho))[0])
        raise ValueError(
            f"the ratio of decision {t} of trajectory {i} is beyond the floats, as its behaviour is {drawn[i, t]:.3g}: "
            "pass the probabilities of the policy that drew the trajectories"
        )
    return rho


def per_decision_returns(trajectories: Trajectories, ratios: ArrayLike) -> NDArray[np.float64]:
    """Σ_{k≥t} γᵏ ρ_0 ⋯ ρ_k r_k for each decision t, shape (m, T), to stand beside the score of decision t.

    A reward is weighed with the ratios of the decisions up to its own. Later ones cannot change it, and their ratios
    have the mean 1. E_β of Σ_t ∇log π_θ(a_t|s_t) times this is ∇J(θ). The variance is often smaller than with the
    whole ρ(τ), and not always.

    Parameters
    ----------
    trajectories : Trajectories
        Drawn by the behaviour.
    ratios : array, shape (m, T)
        ρ_t, as ``decision_ratios`` gives them.

    Returns
    -------
    array, shape (m, T)
        In entry 0 it estimates J(θ).

    References
    ----------
    Precup, Sutton and Singh (2000), for values; Liu, Bacon and Brunskill (2020), that the variance may be larger.

    Examples
    --------
    >>> batch = Trajectories([[0, 0, 0]], [[0, 1]], [[4.0, 8.0]], 0.5)
    >>> per_decision_returns(batch, [[1.5, 0.5]])  # 1.5 · 4 + 0.5 · 0.75 · 8
    array([[9., 3.]])
    """
    rho = _ratios(trajectories, ratios)
    with np.errstate(over="ignore", invalid="ignore"):
        weights = np.cumprod(rho, axis=1) * trajectories.discount ** np.arange(trajectories.horizon)
        paid = np.where(trajectories.rewards == 0, 0.0, weights * trajectories.rewards)
        found = np.cumsum(paid[:, ::-1], axis=1)[:, ::-1]
    if not np.isfinite(found).all():
        raise ValueError("a product of ratios is beyond the floats: shorten the trajectories")
    return np.ascontiguousarray(found)


def emphatic_trace(trajectories: Trajectories, ratios: ArrayLike) -> NDArray[np.float64]:
    """F_t = 1 + γ ρ_{t−1} F_{t−1} with F_0 = 1, for each decision, shape (m, T).

    What π_θ does to the visits: a state counts for itself, and for each earlier state of the data from which π_θ would
    have come here. E_β[F_t; s_t = s] tends to M(s) of ``emphatic_weights`` where the states of the data are stationary.
    Summed over the steps of episodes it is M(s) with the expected visits under β in the place of d_β.

    Parameters
    ----------
    trajectories : Trajectories
        Drawn by the behaviour.
    ratios : array, shape (m, T)
        ρ_t, as ``decision_ratios`` gives them. ρ_t is no part of F_t: it stands beside it.

    Returns
    -------
    array, shape (m, T)

    References
    ----------
    Sutton, Mahmood and White (2016), with the interest 1; Imani, Graves and White (2018), for the gradient.

    Examples
    --------
    >>> batch = Trajectories([[0, 0, 0, 0]], [[0, 1, 0]], [[0.0, 0.0, 0.0]], 0.5)
    >>> emphatic_trace(batch, [[3.0, 0.5, 1.0]])  # 1; 1 + 0.5 · 3; 1 + 0.5 · 0.5 · 2.5
    array([[1.   , 2.5  , 1.625]])
    """
    rho = _ratios(trajectories, ratios)
    trace = np.ones(rho.shape)
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(1, trajectories.horizon):
            trace[:, t] = 1 + trajectories.discount * rho[:, t - 1] * trace[:, t - 1]
    if not np.isfinite(trace).all():
        raise ValueError("a trace is beyond the floats: shorten the trajectories")
    return trace


def emphatic_weights(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, state_weights: ArrayLike) -> Array:
    """M = (I − γ P_πᵀ)⁻¹ d, the visits of π_θ from the start weights d; shape (n_states,).

    M(s') = d(s') + γ Σ_s P_π(s'|s) M(s): a state counts for itself, and for all from which π_θ leads to it.

    Parameters
    ----------
    mdp : TabularMDP
        Without a horizon.
    policy, theta : TabularPolicy, array
        π_θ; complex θ is carried through.
    state_weights : array, shape (n_states,)
        d, not negative: the states of the data, d_β, or d_β times an interest in each state. They need not sum to 1.

    Returns
    -------
    array, shape (n_states,)
        At γ = 1 terminal states have 0.

    Raises
    ------
    ValueError
        If the process has a horizon, a weight is negative or all are 0; at γ = 1, if the process need not end.

    References
    ----------
    Sutton, Mahmood and White (2016); Imani, Graves and White (2018), theorem 1.

    Examples
    --------
    >>> from pgcode.environments import fork, fork_policy
    >>> theta = np.log([9.0, 1.0])  # at the fork action 0 with probability 0.9
    >>> emphatic_weights(fork(), fork_policy(), theta, [0.5, 0.125, 0.375, 0.0]).round(9)
    array([0.5  , 0.575, 0.425, 0.   ])
    """
    started, total = _started(mdp, state_weights)
    return np.asarray(total * values.discounted_visitation(started, policy, theta))


def excursion_objective(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, state_weights: ArrayLike) -> Any:
    """J_β(θ) = Σ_s d(s) V(s), what π_θ earns from the states of the data on; a number.

    Parameters
    ----------
    mdp, policy, theta, state_weights
        As for ``emphatic_weights``.

    Returns
    -------
    number

    References
    ----------
    Degris, White and Sutton (2012).

    Examples
    --------
    >>> from pgcode.environments import fork, fork_policy
    >>> data = [0.5, 0.125, 0.375, 0.0]
    >>> print(round(excursion_objective(fork(), fork_policy(), [50.0, 50.0], data), 9))  # action 0 everywhere
    1.25
    >>> print(round(excursion_objective(fork(), fork_policy(), [-50.0, -50.0], data), 9))  # action 1 everywhere
    0.875
    """
    started, total = _started(mdp, state_weights)
    return total * values.objective(started, policy, theta)


def excursion_gradient(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, state_weights: ArrayLike) -> Array:
    """∇J_β = Σ_s M(s) Σ_a ∇π_θ(a|s) Q(s,a) with the emphatic weights M; shape (*θ,).

    With d in the place of M this is the semi-gradient of Degris, White and Sutton (2012):
    ``state_action_form.state_weighted_gradient(policy, theta, state_weights, action_values)``.

    Parameters
    ----------
    mdp, policy, theta, state_weights
        As for ``emphatic_weights``.

    Returns
    -------
    array, shape (*θ,)

    References
    ----------
    Imani, Graves and White (2018), theorem 1.

    Examples
    --------
    >>> from pgcode.environments import fork, fork_policy
    >>> theta = np.log([9.0, 9.0])
    >>> excursion_gradient(fork(), fork_policy(), theta, [0.5, 0.125, 0.375, 0.0]).round(5)
    array([0.0765 , 0.06525])
    """
    weights = emphatic_weights(mdp, policy, theta, state_weights)
    q = values.action_values(mdp, policy, theta)
    return state_action_form.state_weighted_gradient(policy, theta, weights, q)


def squared_ratio_chain(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, behaviour: ArrayLike) -> Array:
    """Σ_a π_θ(a|s)²/β(a|s) p(s'|s,a), shape (S, S): E_β[ρ²; s' follows s]. Terminal states stay, with ρ = 1.

    Its rows sum to 1 where π_θ = β and to more elsewhere, the more the farther apart the two are in that state. Its
    spectral radius says by what factor squares of products of ratios grow with each step.

    Parameters
    ----------
    mdp, policy, theta : TabularMDP, TabularPolicy, array
        π_θ.
    behaviour : array, shape (n_states, n_actions)
        β(a|s), positive where π_θ is.

    Returns
    -------
    array, shape (n_states, n_states)

    Raises
    ------
    ValueError
        If β(a|s) = 0 where π_θ(a|s) > 0: then no weight repairs the data.

    Examples
    --------
    >>> from pgcode.environments import shuttle, shuttle_policy
    >>> squared_ratio_chain(shuttle(), shuttle_policy(), [0.0], [[0.5, 0.5], [0.75, 0.25]]).round(6)
    array([[0.5     , 0.5     ],
           [1.      , 0.333333]])
    """
    pi, beta = _both(mdp, policy, theta, behaviour)
    with np.errstate(over="ignore"):
        squared = np.divide(pi**2, beta, out=np.zeros(pi.shape), where=(beta > 0) & (pi > 0))
    squared[mdp.terminal] = 0
    if not np.isfinite(squared).all():
        where, index = _checks.first_place("behaviour", ~np.isfinite(squared))
        raise ValueError(
            f"{where} is {beta[index]:.3g}, and π² divided by it is beyond the floats: take a behaviour that tries the "
            "action"
        )
    chain = np.einsum("sa,san->sn", squared, mdp.transition)
    chain[mdp.terminal] = np.eye(mdp.n_states)[mdp.terminal]
    return np.asarray(chain)


def ratio_second_moments(
    mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, behaviour: ArrayLike, n_decisions: int
) -> NDArray[np.float64]:
    """E_β[(ρ_0 ⋯ ρ_{k−1})²] for k = 0 … n_decisions, shape (n_decisions + 1,).

    The mean of the product is 1, so this less 1 is its variance, and m trajectories are worth about m divided by it:
    the effective sample size.

    Parameters
    ----------
    mdp, policy, theta, behaviour
        As for ``squared_ratio_chain``. The horizon plays no part.
    n_decisions : int

    Returns
    -------
    array, shape (n_decisions + 1,)

    Examples
    --------
    >>> from pgcode.environments import shuttle, shuttle_policy
    >>> ratio_second_moments(shuttle(), shuttle_policy(), [0.0], [[0.75, 0.25], [0.75, 0.25]], 3).round(6)
    array([1.      , 1.333333, 1.777778, 2.37037 ])
    """
    count = _checks.require_count("n_decisions", n_decisions, "decisions")
    chain = squared_ratio_chain(mdp, policy, theta, behaviour)
    mass, found = mdp.initial, [1.0]
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(count):
            mass = mass @ chain
            found.append(float(mass.sum()))
    if not np.isfinite(found).all():
        raise ValueError(f"the second moment of a product of {count} ratios is beyond the floats: take fewer decisions")
    return np.array(found)


def trace_second_moments(
    mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, behaviour: ArrayLike, state_weights: ArrayLike
) -> NDArray[np.float64]:
    """The limit of E_β[F_t²; s_t = s] for a stationary d_β; shape (n_states,).

    With C of ``squared_ratio_chain`` it solves x = d_β + 2 γ P_πᵀ M + γ² Cᵀ x. It is finite only if γ² times the
    spectral radius of C, on the states to which π leads from the data, is below 1; E_β[F_t; s_t = s] = M(s) always is.

    Parameters
    ----------
    mdp, policy, theta, behaviour
        As for ``squared_ratio_chain``.
    state_weights : array, shape (n_states,)
        d_β, the stationary distribution of β.

    Returns
    -------
    array, shape (n_states,)
        0 where π never leads from the data; at γ = 1 terminal states have 0 too.

    Raises
    ------
    ValueError
        If the limit is infinite.

    References
    ----------
    Sutton, Mahmood and White (2016), for the trace, and that its variance may be infinite; the equation is ours.

    Examples
    --------
    >>> from pgcode.environments import shuttle, shuttle_policy
    >>> equal = np.full((2, 2), 0.5)  # β = π: the trace is 1/(1 − γ) in the long run
    >>> trace_second_moments(shuttle(), shuttle_policy(), [0.0], equal, [0.5, 0.5]).round(9)
    array([2., 2.])
    """
    chain = squared_ratio_chain(mdp, policy, theta, behaviour)
    weights = emphatic_weights(mdp, policy, theta, state_weights)
    d = _checks.real_array("state_weights", state_weights)
    states = values._closure(chain != 0, d > 0)
    if mdp.discount == 1:
        states &= ~mdp.terminal
    inner = mdp.discount**2 * chain[np.ix_(states, states)]
    growth = float(np.abs(np.linalg.eigvals(inner)).max(initial=0.0))
    if growth >= 1:
        raise ValueError(
            f"the second moment of the trace is infinite: γ² times the spectral radius of the squared ratios is "
            f"{growth:.4g}, not below 1; take a behaviour nearer to the policy, or a smaller discount"
        )
    transition, _ = values.policy_chain(mdp, policy, theta)
    right = d + 2 * mdp.discount * transition.T @ weights
    found = np.zeros(mdp.n_states)
    found[states] = np.linalg.solve(np.eye(len(inner)) - inner.T, right[states])
    return found


_FORMULAS = {
    "O1": (r"\nabla J_\beta = \nabla \sum_s d_\beta(s)\,V(s)", r"The definition of \(J_\beta\)."),
    "O2": (r"= \sum_s d_\beta(s)\,\nabla V(s)", r"The states come from \(\beta\), which has no \(\theta\)."),
    "O3": (
        r"= \sum_s d_\beta(s)\Big[g(s) + \gamma \sum_{s'} P_\pi(s'|s)\,\nabla V(s')\Big]",
        r"Line T4: what changes here, and what changes later.",
    ),
    "O4": (
        r"= \sum_s M(s)\,g(s)",
        r"Unrolled. \(M\) counts the visits of \(\pi\) from \(d_\beta\) on: \(M = d_\beta + \gamma P_\pi^\top M\).",
    ),
    "O5": (r"= \sum_s M(s)\sum_a \pi\,\nabla\log\pi\;Q", r"\(\nabla\pi = \pi\,\nabla\log\pi\)."),
    "O6": (
        r"= \sum_s d_\beta(s)\,\tfrac{M(s)}{d_\beta(s)} \sum_a \beta\,\rho\,\nabla\log\pi\;Q",
        r"\(\pi = \beta\rho\), for \(\beta > 0\) and \(d_\beta > 0\) wherever \(\pi\) and \(M\) are.",
    ),
    "O7": (
        r"= \mathbb{E}_\beta\big[F_t\,\rho_t\,\nabla\log\pi(a_t|s_t)\,Q\big]",
        r"In the long run \(F_t\) has the mean \(M(s)/d_\beta(s)\) over the times at which \(s_t = s\).",
    ),
    "O8": (
        r"\overset{?}{=} \sum_s d_\beta(s)\,g(s)",
        r"The semi-gradient: O3 without what changes later, \(d_\beta\) in the place of \(M\).",
    ),
}


def excursion_derivation(
    mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, behaviour: ArrayLike, state_weights: ArrayLike
) -> Derivation:
    """The lines O1 to O7 of ∇J_β, and the semi-gradient, O8, each by a computation of its own.

    O1 and O2 are taken by the complex step, O3 from ∇V, O4 and O5 by a linear solve, O6 pair by pair under β. O7
    follows the mean of the trace for 2⁶⁰ steps, by doubling.

    Parameters
    ----------
    mdp : TabularMDP
        Without a horizon.
    policy, theta : TabularPolicy, array
        π_θ.
    behaviour : array, shape (n_states, n_actions)
        β, positive where π_θ is.
    state_weights : array, shape (n_states,)
        d_β, positive wherever π_θ leads from it, ends excepted.

    Returns
    -------
    Derivation

    Raises
    ------
    ValueError
        As ``emphatic_weights``, or if β or d_β is 0 where it must not be.

    Examples
    --------
    >>> from pgcode.environments import fork, fork_policy
    >>> behaviour, data = [[0.25, 0.75]] * 4, [0.5, 0.125, 0.375, 0.0]
    >>> ledger = excursion_derivation(fork(), fork_policy(), np.log([9, 9]), behaviour, data)
    >>> ledger.false_lines
    ['O8']
    """
    pi, beta = _both(mdp, policy, theta, behaviour)
    theta = require_real_theta(policy, theta, "a derivation is evaluated at real parameters")
    d = _checks.real_array("state_weights", state_weights)
    emphasis = emphatic_weights(mdp, policy, theta, d)
    going = ~mdp.terminal
    unseen = (d == 0) & (emphasis > 0) & going
    if unseen.any():
        s = int(np.argmax(unseen))
        raise ValueError(
            f"state_weights[{s}] is 0, but the policy leads to state {s}: data that never see it cannot be weighed; "
            "take a behaviour that reaches it"
        )
    chain, _ = values.policy_chain(mdp, policy, theta)
    q = values.action_values(mdp, policy, theta)
    d_pi = complex_step(policy.probabilities, theta)
    dv = complex_step(lambda at: values.state_values(mdp, policy, at), theta)
    score = policy.score(theta)
    g = np.einsum("sa...,sa->s...", d_pi, q)
    later = mdp.discount * np.tensordot(chain, dv, axes=1)
    step = mdp.discount * chain[np.ix_(going, going)].T
    trace, power = d[going], step
    for _ in range(60):  # Σ_{k<2n} Aᵏ d = Σ_{k<n} Aᵏ d + Aⁿ Σ_{k<n} Aᵏ d
        trace, power = trace + power @ trace, power @ power
    mean_trace = np.zeros(mdp.n_states)
    mean_trace[going] = trace
    share = np.divide(emphasis, d, out=np.zeros(d.shape), where=d > 0)
    rho = np.divide(pi, beta, out=np.zeros(pi.shape), where=beta > 0)
    terms = {
        "O1": complex_step(lambda at: excursion_objective(mdp, policy, at, d), theta),
        "O2": np.tensordot(d, dv, axes=1),
        "O3": np.tensordot(d, g + later, axes=1),
        "O4": np.tensordot(emphasis, g, axes=1),
        "O5": np.einsum("s,sa,sa...,sa->...", emphasis, pi, score, q),
        "O6": np.einsum("s,s,sa,sa,sa...,sa->...", d, share, beta, rho, score, q),
        "O7": np.einsum("s,sa,sa,sa...,sa->...", mean_trace, beta, rho, score, q),
        "O8": np.tensordot(d, g, axes=1),
    }
    scale = np.einsum("s,sa...,sa->...", emphasis, np.abs(d_pi), np.abs(q))
    steps = float(max(1.0, emphasis.sum() / d.sum()))
    return Derivation(
        "Off-policy: the gradient of the excursion objective",
        [
            Line(
                label,
                formula,
                reason,
                np.asarray(terms[label]),
                follows="O7" if label == "O8" else None,
                start=label == "O1",
                scale=scale,
                condition=steps,
            )
            for label, (formula, reason) in _FORMULAS.items()
        ],
    )


def _behaviour(behaviour: ArrayLike, n_states: int, n_actions: int) -> NDArray[np.float64]:
    beta = _checks.real_array("behaviour", behaviour)
    _checks.require_shape("behaviour", beta.shape, (n_states, n_actions), "β(a|s), a row for each state")
    _checks.require_distributions("behaviour", beta)
    return beta


def _both(
    mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, behaviour: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """π_θ and β of a process, with β > 0 wherever π_θ is and something is decided."""
    require_match(policy, mdp)
    pi = action_probabilities(mdp, policy, require_real_theta(policy, theta, "a ratio of probabilities is real"))
    beta = _behaviour(behaviour, mdp.n_states, mdp.n_actions)
    wrong = (beta == 0) & (pi > 0) & ~mdp.terminal[:, None]
    if wrong.any():
        where, index = _checks.first_place("behaviour", wrong)
        raise ValueError(
            f"{where} is 0, but the policy takes that action with the probability {pi[index]:.3g}: "
            "data that never show it cannot be weighed; take a behaviour that tries it"
        )
    return pi, beta


def _ratios(trajectories: Trajectories, ratios: ArrayLike) -> NDArray[np.float64]:
    if not isinstance(trajectories, Trajectories):
        raise TypeError(f"trajectories is a {type(trajectories).__name__}: pass Trajectories, drawn by the behaviour")
    rho = _checks.real_array("ratios", ratios)
    _checks.require_shape("ratios", rho.shape, trajectories.actions.shape, "(m, T), one ratio for each decision")
    _checks.require_finite("ratios", rho)
    if (rho < 0).any():
        where, index = _checks.first_place("ratios", rho < 0)
        raise ValueError(
            f"{where} is {rho[index]:g}: a ratio of probabilities is not negative; pass ratios, not logarithms"
        )
    return rho


def _started(mdp: TabularMDP, state_weights: ArrayLike) -> tuple[TabularMDP, float]:
    """The process that starts by the weights, and their sum."""
    require_mdp(mdp)
    if mdp.horizon is not None:
        raise ValueError(
            f"mdp.horizon is {mdp.horizon}, and states of the data have no time: "
            "take the process without one, by dataclasses.replace(mdp, horizon=None)"
        )
    d = _checks.real_array("state_weights", state_weights)
    _checks.require_shape("state_weights", d.shape, (mdp.n_states,), "one weight for each state")
    _checks.require_finite("state_weights", d)
    if (d < 0).any():
        where, index = _checks.first_place("state_weights", d < 0)
        raise ValueError(f"{where} is {d[index]:g}: a state is weighed by how often it is seen, which is not negative")
    with np.errstate(over="ignore"):
        total = float(d.sum())
    if total == np.inf:
        raise ValueError("state_weights sum to more than the largest float, 1.8e308: divide them by a constant")
    if total == 0:
        raise ValueError("state_weights are all 0: give at least one state a weight")
    return replace(mdp, initial=d / total), total
