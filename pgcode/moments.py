"""The exact mean and covariance of policy-gradient estimators from one trajectory.

By enumeration for any weights, and by dynamic programming for the weights of ``estimators``, in time
polynomial in S, A and T. Each variance is right to 1e-8 of itself, or it is refused. That holds also where rewards have
a large common part or are paid and taken back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode._precision import exact_product
from pgcode._telescoping import (
    EPS,
    PROMISE,
    Program,
    entry,
    exponents,
    require_covariance_fits,
    require_horizon,
    unscaled,
)
from pgcode.estimators import trajectory_gradients
from pgcode.mdp import TabularMDP
from pgcode.policies import TabularPolicy
from pgcode.trajectories import Trajectories, enumerate_trajectories

__all__ = [
    "Moments",
    "enumerated_moments",
    "from_gradients",
    "full_return_moments",
    "gae_moments",
    "reward_to_go_moments",
    "state_action_moments",
]

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean and second moment of the estimate ĝ of one trajectory.

    The mean of m independent ones has the same mean and the covariance divided by m. The arrays are copied and
    read-only.

    Attributes
    ----------
    mean : array, shape (*θ,)
        E[ĝ].
    variance : array, shape (*θ,)
        Var[ĝ] of each component.
    covariance : array, shape (|θ|, |θ|), or None
        Cov[ĝ], θ flattened, where it was asked for.

    Raises
    ------
    TypeError, ValueError
        If a shape does not fit, an entry is not finite, or a variance is negative.

    Examples
    --------
    >>> moments = Moments(mean=[1.0, -1.0], variance=[0.25, 0.5])
    >>> moments.trace, moments.standard_deviation[0].item()
    (0.75, 0.5)
    """

    mean: NDArray[np.float64]
    variance: NDArray[np.float64]
    covariance: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        mean = _checks.real_array("mean", self.mean)
        variance = _checks.real_array("variance", self.variance)
        _checks.require_shape("variance", variance.shape, mean.shape, "the shape of mean")
        arrays = {"mean": mean, "variance": variance}
        if self.covariance is not None:
            arrays["covariance"] = _checks.real_array("covariance", self.covariance)
            shape = (mean.size, mean.size)
            _checks.require_shape(
                "covariance", arrays["covariance"].shape, shape, "a row and a column for each entry of θ"
            )
        for name, array in arrays.items():
            _checks.require_finite(name, array)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if (variance < 0).any():
            where, index = _checks.first_place("variance", variance < 0)
            raise ValueError(f"{where} is {variance[index]:g}: a variance is not negative")

    def __reduce__(self) -> tuple[Any, ...]:
        return Moments, (self.mean, self.variance, self.covariance)  # a copy is made read-only again

    @property
    def standard_deviation(self) -> NDArray[np.float64]:
        """√Var ĝ for each component, shape (*θ,)."""
        return np.sqrt(self.variance)

    @property
    def trace(self) -> float:
        """The trace Σ Var ĝ of Cov[ĝ], the mean squared length of ĝ − E[ĝ]."""
        return float(self.variance.sum())


def from_gradients(gradients: ArrayLike, probabilities: ArrayLike | None = None) -> Moments:
    """Mean and covariance of gradients g_i, one for each trajectory, that were computed in any way.

    With the probabilities P_i of all possible trajectories they are exact,

        E[ĝ] = Σ_i P_i ĝ_i,   Cov[ĝ] = Σ_i P_i (ĝ_i − E[ĝ])(ĝ_i − E[ĝ])ᵀ.

    Without, the gradients are a sample of m independent ones, and the result estimates: the covariance has
    m − 1 in the denominator.

    Parameters
    ----------
    gradients : array, shape (m, *θ)
        g_i, for example ``estimators.trajectory_gradients``, or your own code's.
    probabilities : array, shape (m,), optional
        P_i, as ``trajectories.enumerate_trajectories`` gives them beside the trajectories.

    Returns
    -------
    Moments
        With the covariance.

    Raises
    ------
    TypeError, ValueError
        If a shape does not fit, an entry is not finite, the probabilities do not sum to 1, there are no
        probabilities and fewer than two gradients, or a moment is too large or too small for a double.

    Examples
    --------
    >>> gradients = [[1.0, 0.0], [3.0, 1.0]]
    >>> from_gradients(gradients, probabilities=[0.5, 0.5]).covariance
    array([[1.  , 0.5 ],
           [0.5 , 0.25]])
    >>> from_gradients(gradients).variance  # of a sample: m − 1 in the denominator
    array([2. , 0.5])
    """
    found = _checks.real_array("gradients", gradients)
    if found.ndim < 1 or found.shape[0] == 0:
        raise ValueError(f"gradients has shape {found.shape}, but needs (m, *θ): one gradient for each trajectory")
    _checks.require_finite("gradients", found)
    m, shape = found.shape[0], found.shape[1:]
    if probabilities is None:
        if m < 2:
            raise ValueError(
                "gradients holds 1 gradient: a sample needs at least 2, and exact moments need probabilities"
            )
        weights, correction = np.full(m, 1 / m), m / (m - 1)
    else:
        weights, correction = _checks.real_array("probabilities", probabilities), 1.0
        _checks.require_shape("probabilities", weights.shape, (m,), "(m,), one for each gradient")
        _checks.require_distributions("probabilities", weights)
    flat = found.reshape(m, -1)
    require_covariance_fits(flat.shape[1])
    flat = flat[weights > 0]
    weights = weights[weights > 0] / weights.sum()
    units = exponents(flat)
    flat = np.ldexp(flat, -units)
    mean = weights @ flat
    centred = flat - mean
    rest = weights @ centred  # what the rounding of the mean left
    centred -= rest
    covariance = correction * ((centred * weights[:, None]).T @ centred)
    varies = np.abs(centred).max(axis=0) > 4 * EPS
    return Moments(*unscaled(shape, mean + rest, covariance.diagonal(), covariance, units, varies))


def enumerated_moments(
    mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, weights: Callable[[Trajectories], NDArray[np.float64]]
) -> Moments:
    """Mean and covariance of ĝ = Σ_t ∇log π_θ(a_t|s_t) w_t by enumeration of all trajectories.

    E[ĝ] = Σ_τ P(τ;θ) ĝ(τ) and Cov[ĝ] = Σ_τ P(τ;θ) (ĝ(τ) − E[ĝ])(ĝ(τ) − E[ĝ])ᵀ.

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon and few enough trajectories to list.
    policy, theta : TabularPolicy, array
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
        As ``enumerate_trajectories``; if the variances are lost in rounding because the rewards of a trajectory
        nearly cancel in its weights.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode.environments import lone_payer
    >>> from pgcode.estimators import full_return
    >>> from pgcode.policies import SoftmaxPolicy
    >>> moments = enumerated_moments(lone_payer(2), SoftmaxPolicy(2, 2), np.zeros((2, 2)), full_return)
    >>> moments.mean[0], moments.variance[0]
    (array([ 0.25, -0.25]), array([0.0625, 0.0625]))
    """
    if not callable(weights):
        raise TypeError(
            f"weights is a {type(weights).__name__}: pass a function from trajectories to weights, "
            "such as estimators.full_return"
        )
    trajectories, probabilities = enumerate_trajectories(mdp, policy, theta)
    w = weights(trajectories)
    found = from_gradients(trajectory_gradients(trajectories, policy, theta, w), probabilities)
    _require_kept(found, trajectories, probabilities, w, policy, theta)
    return found


def _require_kept(
    found: Moments,
    trajectories: Trajectories,
    probabilities: Array,
    weights: Array,
    policy: TabularPolicy,
    theta: ArrayLike,
) -> None:
    """Require that rewards that cancel in the weights have not taken the digits of the variance with them."""
    discounted = np.abs(trajectories.rewards) * trajectories.discount ** np.arange(trajectories.horizon)
    paid, largest = discounted.sum(axis=1), float(np.abs(weights).max())
    if paid.max() <= 1e4 * largest or largest == 0:
        return
    visited = (trajectories.states[:, :-1] * policy.n_actions + trajectories.actions).ravel()
    squares = np.repeat(probabilities * (paid / largest) ** 2, trajectories.horizon) * trajectories.active.ravel()
    of_pair = np.bincount(visited, squares, policy.n_states * policy.n_actions)
    score = policy.score(theta).reshape(len(of_pair), -1)[of_pair > 0]
    horizon = trajectories.horizon
    error = (horizon + 3) / 2 * EPS * largest * np.sqrt(horizon * (of_pair[of_pair > 0] @ score**2))
    spread = found.standard_deviation.ravel()
    wrong = 2 * error > PROMISE * spread
    if wrong.any():
        k = int(np.argmax(wrong))
        raise ValueError(
            f"the variance of {entry(k, found.mean.shape)} is lost in rounding: rewards of "
            f"{paid.max():.2g} in all nearly cancel in weights of at most {largest:.2g}: take the function for these "
            "weights, such as full_return_moments, which keeps the digits, or subtract from the rewards what is common"
        )


def full_return_moments(
    mdp: TabularMDP,
    policy: TabularPolicy,
    theta: ArrayLike,
    baseline: ArrayLike | None = None,
    *,
    with_covariance: bool = False,
) -> Moments:
    """Moments of ĝ = Σ_t ∇log π_θ(a_t|s_t) (R(τ) − b_t(s_t)) by dynamic programming.

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon.
    policy, theta : TabularPolicy, array
        π_θ.
    baseline : array, shape (), (n_states,) or (T, n_states), optional
        b, subtracted from the return; 0 unless told.
    with_covariance : bool
        Compute the whole covariance too, which costs up to |θ| times as much.

    Returns
    -------
    Moments
        Each variance right to 1e-8 of itself, or 0 to rounding: below (T + 32)² 1e-31 of E[ĝ²].

    Raises
    ------
    TypeError
        If θ is complex.
    ValueError
        If the MDP has no horizon, if something does not fit, if a variance is lost in rounding or is too large or
        too small for a double, or if a table of scores or the covariance does not fit in memory.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode.environments import cancelling_rewards
    >>> from pgcode.policies import SoftmaxPolicy
    >>> problem = cancelling_rewards(size=1e8), SoftmaxPolicy(5, 2), np.zeros((5, 2))
    >>> round(full_return_moments(*problem).trace, 6), round(full_return_moments(*problem, baseline=1).trace, 6)
    (1.375, 0.375)
    """
    program = Program(mdp, policy, theta, ("baseline", _baseline(mdp, baseline)), with_covariance)
    steps = program.telescoped(program.paid, mdp.discount)
    past = program.past(steps)
    return Moments(*program.full_return(steps, past, lambda t: past.mean[t] - program.table[t] + past.residue[t]))


def reward_to_go_moments(
    mdp: TabularMDP,
    policy: TabularPolicy,
    theta: ArrayLike,
    baseline: ArrayLike | None = None,
    *,
    with_covariance: bool = False,
) -> Moments:
    """Moments of ĝ = Σ_t γᵗ ∇log π_θ(a_t|s_t) (G_t − b_t(s_t)) by dynamic programming.

    Parameters (``with_covariance`` too), result and errors as ``full_return_moments``; the baseline is subtracted
    from G_t, before the factor γᵗ.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode.environments import cancelling_rewards
    >>> from pgcode.policies import SoftmaxPolicy
    >>> problem = cancelling_rewards(size=10), SoftmaxPolicy(5, 2), np.zeros((5, 2))
    >>> round(reward_to_go_moments(*problem).trace, 6)  # the full return has 1.375
    50.875
    """
    program = Program(mdp, policy, theta, ("baseline", _baseline(mdp, baseline)), with_covariance)
    steps = program.telescoped(program.paid, mdp.discount)
    return Moments(*program.to_go(steps, lambda t: steps.expected[t] - program.table[t], mdp.discount))


def state_action_moments(
    mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, weights: ArrayLike, *, with_covariance: bool = False
) -> Moments:
    """Moments of ĝ = Σ_t γᵗ ∇log π_θ(a_t|s_t) w_t(s_t,a_t), for example with w = Q or w = A.

    Parameters
    ----------
    mdp, policy, theta, with_covariance
        As for ``full_return_moments``.
    weights : array, shape (n_states, n_actions) or (T, n_states, n_actions)
        w_t(s,a).

    Returns
    -------
    Moments
        As ``full_return_moments``, and with its errors.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode.environments import cancelling_rewards
    >>> from pgcode.policies import SoftmaxPolicy
    >>> from pgcode.values import advantages
    >>> problem = cancelling_rewards(size=10), SoftmaxPolicy(5, 2), np.zeros((5, 2))
    >>> state_action_moments(*problem, advantages(*problem)).trace
    0.125
    """
    timed = _checks.timed_table(
        "weights", weights, require_horizon(mdp), (mdp.n_states, mdp.n_actions), "one for each state and action"
    )
    program = Program(mdp, policy, theta, ("weights", timed), with_covariance)
    steps = program.telescoped(lambda t: [program.table[t][program.state, program.action][program.pair]], 0.0)
    return Moments(*program.to_go(steps, lambda t: steps.expected[t], 0.0))


def gae_moments(
    mdp: TabularMDP,
    policy: TabularPolicy,
    theta: ArrayLike,
    state_values: ArrayLike,
    gae_lambda: float,
    *,
    with_covariance: bool = False,
) -> Moments:
    """Moments of ĝ = Σ_t γᵗ ∇log π_θ(a_t|s_t) A_t with A_t = Σ_k (γλ)ᵏ δ_{t+k}, δ_t = r_t + γV(s_{t+1}) − V(s_t).

    Parameters
    ----------
    mdp, policy, theta, with_covariance
        As for ``full_return_moments``.
    state_values : array, shape (n_states,) or (T + 1, n_states)
        V, exact or not. It counts as 0 in terminal states and at time T, whatever is given there: nothing comes after
        the end.
    gae_lambda : float
        λ, from 0 to 1.

    Returns
    -------
    Moments
        As ``full_return_moments``, and with its errors.

    References
    ----------
    Schulman et al. (2016), generalized advantage estimation.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode.environments import cancelling_rewards
    >>> from pgcode.policies import SoftmaxPolicy
    >>> from pgcode.values import state_values
    >>> problem = cancelling_rewards(size=10), SoftmaxPolicy(5, 2), np.zeros((5, 2))
    >>> round(gae_moments(*problem, state_values(*problem), 0.95).trace, 6)
    0.237812
    """
    gae_lambda = _checks.require_fraction("gae_lambda", gae_lambda, "λ")
    timed = _checks.timed_table(
        "state_values", state_values, require_horizon(mdp) + 1, (mdp.n_states,), "one for each state"
    ).copy()
    timed[-1], timed[:, mdp.terminal] = 0, 0
    program = Program(mdp, policy, theta, ("state_values", timed), with_covariance)
    v, gamma = program.table, mdp.discount

    def differences(t: int) -> list[Array]:
        return [program.reward, *exact_product(gamma, v[t + 1][program.after]), -v[t][program.before]]

    steps = program.telescoped(differences, gamma * gae_lambda)
    return Moments(*program.to_go(steps, lambda t: steps.expected[t], gamma * gae_lambda))


def _baseline(mdp: TabularMDP, baseline: ArrayLike | None) -> Array:
    b = 0.0 if baseline is None else baseline
    return _checks.timed_table("baseline", b, require_horizon(mdp), (mdp.n_states,), "one for each state")
