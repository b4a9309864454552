"""The trajectory form: ∇J(θ) = Σ_τ P(τ;θ) ∇log P(τ;θ) R(τ), and its derivation, line by line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode._policy_checks import require_match, require_real_theta
from pgcode.derivation import Derivation, Line, in_rewards, reward_exponent
from pgcode.estimators import full_return, policy_gradient, trajectory_gradients
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step
from pgcode.policies import TabularPolicy, action_probabilities
from pgcode.trajectories import (
    Trajectories,
    enumerate_trajectories,
    possible_trajectories,
    sample_trajectories,
    trajectory_probabilities,
)

__all__ = ["derivation", "enumerated_gradient", "enumerated_objective"]

#: The most numbers ∂P(τ;θ)/∂θ_k that a derivation lists.
_MOST_DERIVATIVES = 20_000_000

#: The least probability of which a complex step is still taken; times the step 1e-30 it must not underflow.
_LEAST_PROBABILITY = 1e-250

#: A derivative of a probability below this is 0 for a ledger: the complex step may lose it by underflow.
_LEAST_DERIVATIVE = 1e-278


def enumerated_objective(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Any:
    """J(θ) = Σ_τ P(τ;θ) R(τ), by enumeration; complex for complex θ.

    Raises
    ------
    ValueError
        Without a horizon, or with more trajectories than ``enumerate_trajectories`` lists.

    Examples
    --------
    >>> from pgcode.environments import two_armed_bandit
    >>> from pgcode.policies import SoftmaxPolicy
    >>> mdp, policy = two_armed_bandit((1.0, 2.0)), SoftmaxPolicy(2, 2)
    >>> print(enumerated_objective(mdp, policy, [[0.0, 0.0], [0.0, 0.0]]))
    1.5
    """
    trajectories, probabilities = enumerate_trajectories(mdp, policy, theta)
    return probabilities @ trajectories.returns


def enumerated_gradient(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> NDArray[Any]:
    """∇J(θ) = Σ_τ P(τ;θ) R(τ) Σ_t ∇log π_θ(a_t|s_t), by enumeration; shape (*θ,).

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon and few enough trajectories to list.
    policy, theta : TabularPolicy, array
        π_θ. An action that has probability 0 must have a probability of gradient 0.

    Returns
    -------
    array, shape (*θ,)

    Raises
    ------
    ValueError
        As ``enumerate_trajectories``; and where π_θ(a|s) = 0 although ∇π_θ(a|s) ≠ 0, for there the score
        does not exist and the sum misses a part.

    References
    ----------
    Williams (1992); lines A7 and A14.

    Examples
    --------
    >>> from pgcode.environments import two_armed_bandit
    >>> from pgcode.policies import SoftmaxPolicy
    >>> mdp, policy = two_armed_bandit((1.0, 2.0)), SoftmaxPolicy(2, 2)
    >>> enumerated_gradient(mdp, policy, [[0.0, 0.0], [0.0, 0.0]])
    array([[-0.25,  0.25],
           [ 0.  ,  0.  ]])
    """
    _require_score(mdp, policy, theta)
    trajectories, probabilities = enumerate_trajectories(mdp, policy, theta)
    weights = np.broadcast_to((probabilities * trajectories.returns)[:, None], trajectories.actions.shape)
    return policy.weighted_score(theta, _sum_by_pair(trajectories, weights, mdp))


def _require_score(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> None:
    never = action_probabilities(mdp, policy, theta) == 0
    never[mdp.terminal] = False
    for state, action in np.argwhere(never):
        weight = np.zeros(never.shape)
        weight[state, action] = 1
        if policy.weighted_gradient(theta, weight).any():
            raise ValueError(
                f"action {action} in state {state} has probability 0 and a gradient that is not 0, so it has no score: "
                "move theta into the interior, or use state_action_form.exact_gradient, which needs no score"
            )


def _sum_by_pair(trajectories: Trajectories, weights: NDArray[Any], mdp: TabularMDP) -> NDArray[Any]:
    """Σ of the weights of all decisions, by state and action; shape (S, A)."""
    sums = np.zeros((mdp.n_states, mdp.n_actions), weights.dtype)
    active = trajectories.active
    np.add.at(sums, (trajectories.states[:, :-1][active], trajectories.actions[active]), weights[active])
    return sums


def derivation(
    mdp: TabularMDP,
    policy: TabularPolicy,
    theta: ArrayLike,
    n_trajectories: int = 1000,
    rng: np.random.Generator | None = None,
) -> Derivation:
    """Evaluate lines A2 to A15 of the trajectory form, each by a computation of its own.

    Derivatives that a line has not yet rewritten are taken by the complex step. The lines that
    divide by P(τ;θ) or take its logarithm sum over the trajectories with P(τ;θ) > 0, because the
    others have no such term; that is where they may fail. A8 and A15 are estimates, shown with
    the exact standard error.

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon and few enough trajectories to list.
    policy, theta : TabularPolicy, array
        π_θ.
    n_trajectories : int
        m, for lines A8 and A15.
    rng : numpy.random.Generator, optional
        Draws those trajectories; ``default_rng(0)`` unless told.

    Returns
    -------
    Derivation
        Lines A2 to A8 and A15 have the shape of θ; A6 and A9 to A14 hold a row for each trajectory
        of positive probability.

    Raises
    ------
    ValueError
        As ``enumerate_trajectories``; if the table of all derivatives would be too large; if a
        probability is so small that its complex step underflows.

    Examples
    --------
    >>> from pgcode.environments import two_armed_bandit
    >>> from pgcode.policies import SoftmaxPolicy
    >>> mdp, policy = two_armed_bandit((1.0, 2.0)), SoftmaxPolicy(2, 2)
    >>> ledger = derivation(mdp, policy, [[0.0, 0.0], [0.0, 0.0]], n_trajectories=100)
    >>> ledger.false_lines, len(ledger)
    ([], 14)
    >>> print(ledger.between("A5", "A7"))
    The trajectory form
    • A5  start       value (−0.25, 0.25, 0, 0)
          The factors change places.
    ✓ A6  exact       agrees with the other side to 10⁻¹⁰
          The derivative of a logarithm, for each τ with P(τ;θ) > 0.
    ✓ A7  exact       agrees with A5 to 10⁻¹⁰
          A6 put into A5.
    """
    require_match(policy, mdp)
    theta = require_real_theta(policy, theta, "a derivation is evaluated at real parameters")
    exponent = reward_exponent(mdp.reward)
    mdp = replace(mdp, reward=np.ldexp(mdp.reward, -exponent))
    everything = possible_trajectories(mdp)
    if everything.n_trajectories * theta.size > _MOST_DERIVATIVES:
        raise ValueError(
            f"mdp has {everything.n_trajectories:,} trajectories and theta {theta.size} entries, so the derivation "
            f"would list more than {_MOST_DERIVATIVES:,} derivatives: shorten the horizon or use fewer parameters"
        )

    def probability(at: NDArray[Any]) -> NDArray[Any]:
        return trajectory_probabilities(everything, mdp, policy, at)

    p = probability(theta)
    logarithm = _LogTerms(everything, mdp, policy).all_together(theta)
    least = logarithm[logarithm > -np.inf].min() / np.log(10)
    if least < np.log10(_LEAST_PROBABILITY):
        raise ValueError(
            f"theta gives a trajectory the probability 10^{least:.0f}, too small for its derivative to be "
            "taken in floating point: move theta nearer to 0, or shorten the horizon"
        )
    possible = p > 0
    supported = _select(everything, possible)
    terms = _LogTerms(supported, mdp, policy)

    # First chain: ∇J.
    of_sum = complex_step(lambda at: probability(at) @ everything.returns, theta)
    dp = complex_step(probability, theta)
    p_pos, dp_pos, returns = p[possible], dp[possible], supported.returns
    ratio = dp_pos / _column(p_pos, theta)
    d_log = complex_step(lambda at: np.log(trajectory_probabilities(supported, mdp, policy, at)), theta)
    # Each entry is judged beside the terms that it sums. A probability is a product of T factors or so, each rounded;
    # all lines are computed from the same returns.
    steps = _score_sizes(supported, mdp, policy, theta) + _LEAST_DERIVATIVE / _column(p_pos, theta)
    paid = np.abs(everything.rewards) @ mdp.discount ** np.arange(everything.horizon)
    of_gradient: dict[str, Any] = {
        "scale": _weigh(p_pos * paid[possible], steps) + _weigh(paid, np.abs(dp)),
        "condition": float(everything.horizon),
    }
    of_each: dict[str, Any] = {"scale": steps, "condition": float(everything.horizon)}
    lines = [
        Line(
            "A2",
            r"\nabla J = \nabla \sum_\tau P(\tau;\theta)\,R(\tau)",
            r"The definition of \(J\).",
            of_sum,
            **of_gradient,
        ),
        Line(
            "A3",
            r"= \sum_\tau \nabla\big[P(\tau;\theta)\big]\,R(\tau)",
            r"The sum is finite, so the gradient goes inside; \(R(\tau)\) is a fixed number of each \(\tau\).",
            _weigh(everything.returns, dp),
            **of_gradient,
        ),
        Line(
            "A4",
            r"= \sum_\tau \frac{P(\tau;\theta)}{P(\tau;\theta)}\,\nabla P(\tau;\theta)\,R(\tau)",
            r"Multiply by \(P/P = 1\), which needs \(P(\tau;\theta) > 0\) wherever \(\nabla P(\tau;\theta) \ne 0\).",
            _weigh(p_pos / p_pos * returns, dp_pos),
            **of_gradient,
        ),
        Line(
            "A5",
            r"= \sum_\tau P(\tau;\theta)\,\frac{\nabla P(\tau;\theta)}{P(\tau;\theta)}\,R(\tau)",
            "The factors change places.",
            _weigh(p_pos * returns, ratio),
            **of_gradient,
        ),
        Line(
            "A6",
            r"\nabla \log P(\tau;\theta) = \frac{\nabla P(\tau;\theta)}{P(\tau;\theta)}",
            r"The derivative of a logarithm, for each \(\tau\) with \(P(\tau;\theta) > 0\).",
            d_log,
            right_side=ratio,
            **of_each,
        ),
        Line(
            "A7",
            r"= \sum_\tau P(\tau;\theta)\,\nabla \log P(\tau;\theta)\,R(\tau)",
            "A6 put into A5.",
            _weigh(p_pos * returns, d_log),
            follows="A5",
            **of_gradient,
        ),
    ]

    # The estimates, and their exact standard error √(Var ĝ / m).
    generator = np.random.default_rng(0) if rng is None else rng
    sample = sample_trajectories(mdp, policy, theta, n_trajectories, generator)
    centred = _column(returns, theta) * d_log - lines[-1].value
    standard_error = np.sqrt(_weigh(p_pos, centred**2) / n_trajectories)
    d_log_sample = complex_step(lambda at: np.log(trajectory_probabilities(sample, mdp, policy, at)), theta)
    lines.append(
        Line(
            "A8",
            r"\approx \frac1m \sum_{i=1}^m \nabla \log P(\tau^{(i)};\theta)\,R(\tau^{(i)})",
            f"An estimate from {n_trajectories:,} trajectories; the source prints an equals sign.",
            _weigh(sample.returns, d_log_sample) / n_trajectories,
            follows="A7",
            standard_error=standard_error,
            **of_gradient,
        )
    )

    # Second chain: ∇log P(τ;θ) of every trajectory.
    of_start, of_dynamics, of_policy = (
        complex_step(part, theta) for part in (terms.start, terms.dynamics, terms.policy)
    )
    lines += [
        Line(
            "A9",
            r"\nabla \log P(\tau;\theta)"
            r" = \nabla \log\Big[\mu(s_0)\prod_t p(s_{t+1}|s_t,a_t)\,\pi_\theta(a_t|s_t)\Big]",
            "The probability of a trajectory is the product of its steps.",
            complex_step(lambda at: np.log(terms.product(at)), theta),
            follows="A6",
            **of_each,
        ),
        Line(
            "A10",
            r"= \nabla\Big[\log\mu(s_0) + \sum_t \log p(s_{t+1}|s_t,a_t) + \sum_t \log\pi_\theta(a_t|s_t)\Big]",
            "The logarithm of a product is the sum of the logarithms.",
            complex_step(lambda at: terms.start(at) + terms.dynamics(at) + terms.policy(at), theta),
            **of_each,
        ),
        Line(
            "A11",
            r"= \nabla\log\mu(s_0) + \nabla\sum_t \log p(s_{t+1}|s_t,a_t) + \nabla\sum_t \log\pi_\theta(a_t|s_t)",
            "The gradient of a sum is the sum of the gradients.",
            of_start + of_dynamics + of_policy,
            **of_each,
        ),
        Line(
            "A12",
            r"\nabla\log\mu(s_0) + \nabla\sum_t \log p(s_{t+1}|s_t,a_t) = 0",
            r"Neither the start nor the dynamics depends on \(\theta\); "
            r"the source prints \(\nabla\mu\) for \(\nabla\log\mu\).",
            of_start + of_dynamics,
            right_side=np.zeros_like(of_start),
            **of_each,
        ),
        Line(
            "A13",
            r"\nabla\log P(\tau;\theta) = \nabla\sum_t \log\pi_\theta(a_t|s_t)",
            "A12 put into A11; the source prints A14 here already.",
            of_policy,
            follows="A11",
            **of_each,
        ),
        Line(
            "A14",
            r"= \sum_t \nabla\log\pi_\theta(a_t|s_t)",
            "The gradient of a sum is the sum of the gradients.",
            trajectory_gradients(supported, policy, theta, np.ones(supported.actions.shape)),
            **of_each,
        ),
        Line(
            "A15",
            r"\nabla J \approx \hat g"
            r" = \frac1m \sum_{i=1}^m \sum_t \nabla\log\pi_\theta(a_t^{(i)}|s_t^{(i)})\,R(\tau^{(i)})",
            "A14 put into A8, the same trajectories: an estimate; the source prints an equals sign.",
            policy_gradient(sample, policy, theta, full_return(sample)).mean,
            follows="A7",
            standard_error=standard_error,
            **of_gradient,
        ),
    ]
    of_rewards = {"A2", "A3", "A4", "A5", "A7", "A8", "A15"}
    return Derivation(
        "The trajectory form", [in_rewards(line, exponent) if line.label in of_rewards else line for line in lines]
    )


def _score_sizes(
    trajectories: Trajectories, mdp: TabularMDP, policy: TabularPolicy, theta: NDArray[Any]
) -> NDArray[Any]:
    """Σ_t |∇log π(a_t|s_t)| of each trajectory, the size of the terms of ∇log P; shape (m, *θ).

    The logarithm of a softmax is itself a sum whose terms may cancel; they are of the size of the largest score in
    the state.
    """
    pi, d_pi = policy.probabilities(theta), complex_step(policy.probabilities, theta)
    score = np.abs(d_pi) / np.where(pi > _LEAST_PROBABILITY, pi, np.inf).reshape(*pi.shape, *(1,) * theta.ndim)
    size = score.max(axis=1)
    total = np.zeros((trajectories.n_trajectories, *theta.shape))
    for t in range(trajectories.horizon):
        active = trajectories.active[:, t]
        total[active] += size[trajectories.states[active, t]]
    return total


class _LogTerms:
    """log μ(s₀), Σ_t log p and Σ_t log π of each trajectory, as functions of θ; and their product."""

    def __init__(self, trajectories: Trajectories, mdp: TabularMDP, policy: TabularPolicy) -> None:
        self._trajectories, self._policy = trajectories, policy
        self._before = trajectories.states[:, :-1]
        active = trajectories.active
        self._mu = mdp.initial[trajectories.states[:, 0]]
        self._p = np.where(active, mdp.transition[self._before, trajectories.actions, trajectories.states[:, 1:]], 1)

    def all_together(self, theta: NDArray[Any]) -> NDArray[Any]:
        """Log P(τ;θ), −∞ where it is 0; it does not underflow."""
        with np.errstate(divide="ignore"):
            total: NDArray[Any] = np.log(self._mu) + np.log(self._p).sum(axis=1) + self._log_pi(theta).sum(axis=1)
        return total

    def _pi(self, theta: NDArray[Any]) -> NDArray[Any]:
        chosen = self._policy.probabilities(theta)[self._before, self._trajectories.actions]
        return np.where(self._trajectories.active, chosen, 1)

    def _log_pi(self, theta: NDArray[Any]) -> NDArray[Any]:
        chosen = self._policy.log_probabilities(theta)[self._before, self._trajectories.actions]
        return np.where(self._trajectories.active, chosen, 0)

    def product(self, theta: NDArray[Any]) -> NDArray[Any]:
        product: NDArray[Any] = self._mu * (self._p * self._pi(theta)).prod(axis=1)
        return product

    def start(self, theta: NDArray[Any]) -> NDArray[Any]:
        return np.log(self._mu)

    def dynamics(self, theta: NDArray[Any]) -> NDArray[Any]:
        total: NDArray[Any] = np.log(self._p).sum(axis=1)
        return total

    def policy(self, theta: NDArray[Any]) -> NDArray[Any]:
        total: NDArray[Any] = self._log_pi(theta).sum(axis=1)
        return total


def _select(trajectories: Trajectories, chosen: NDArray[np.bool_]) -> Trajectories:
    return Trajectories(
        trajectories.states[chosen],
        trajectories.actions[chosen],
        trajectories.rewards[chosen],
        trajectories.discount,
        trajectories.terminal,
    )


def _column(numbers: NDArray[Any], theta: NDArray[Any]) -> NDArray[Any]:
    """One number for each trajectory, shaped to divide an array (m, *θ)."""
    return numbers.reshape(-1, *(1,) * theta.ndim)


def _weigh(weights: NDArray[Any], rows: NDArray[Any]) -> NDArray[Any]:
    """Σ_τ w(τ) row(τ), shape (*θ,)."""
    return np.tensordot(weights, rows, axes=1)
