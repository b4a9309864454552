"""Policy-gradient estimators: the mean over trajectories of Σ_t ∇log π_θ(a_t|s_t) · w_t.

Every estimator of the course is this one sum. They differ in the weights w_t alone, and the
functions of this module that take trajectories return such weights, of shape (m, T).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode._policy_checks import require_policy, require_real_theta
from pgcode.policies import TabularPolicy
from pgcode.trajectories import Trajectories

__all__ = [
    "GradientEstimate",
    "full_return",
    "generalized_advantage",
    "importance_ratios",
    "log_importance_ratios",
    "policy_gradient",
    "reward_to_go",
    "state_action_weights",
    "trajectory_gradients",
]

#: Bounds between which the squares of weights, and sums of very many of them, are floats with all their digits.
_LEAST_PLAIN, _MOST_PLAIN = 1e-100, 1e100

#: Logarithms of the smallest and the largest float.
_LOG_SMALLEST, _LOG_LARGEST = math.log(np.finfo(np.float64).tiny), math.log(np.finfo(np.float64).max)

#: Numbers that one block of work may hold, so that it stays in a core's cache.
_BLOCK_SIZE = 1 << 17


@dataclass(frozen=True, eq=False, repr=False)
class GradientEstimate:
    """A policy gradient estimated from m independent trajectories, as ``policy_gradient`` returns it.

    It holds numbers alone, and they stay as they are.

    Attributes
    ----------
    mean : array, shape (*θ,)
        ĝ = (1/m) Σ_i g_i.
    n_trajectories : int
        m.
    standard_error : array, shape (*θ,)
        √(Var ĝ / m) for each component, the variance with m − 1 in the denominator.
    covariance : array, shape (|θ|, |θ|)
        The sample covariance of the gradient of one trajectory, θ flattened, with m − 1 in the
        denominator. The covariance of the mean is this divided by m.

    Raises
    ------
    TypeError, ValueError
        Where shapes disagree, an entry is not finite, or a standard error is negative; and
        when a standard error or a covariance is asked for that was not computed: with m = 1 there is none,
        and otherwise ``policy_gradient`` has to be told.

    Examples
    --------
    >>> estimate = GradientEstimate(np.array([1.0, 2.0]), 100, np.array([0.1, 0.2]))
    >>> estimate
    GradientEstimate(mean=[1. 2.], n_trajectories=100)
    >>> estimate.standard_error
    array([0.1, 0.2])
    """

    mean: NDArray[np.float64]
    n_trajectories: int
    _standard_error: NDArray[np.float64] | None = None
    _covariance: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        _checks.require_count("n_trajectories", self.n_trajectories, "trajectories")
        for name in ("mean", "_standard_error", "_covariance"):
            value, called = getattr(self, name), name.lstrip("_")
            if value is not None:
                array = _checks.real_array(called, value)
                _checks.require_finite(called, array)
                array.setflags(write=False)
                object.__setattr__(self, name, array)
        size = self.mean.size
        for called, found, shape in (
            ("standard_error", self._standard_error, self.mean.shape),
            ("covariance", self._covariance, (size, size)),
        ):
            if found is not None:
                _checks.require_shape(called, found.shape, shape, "what the shape of mean asks for")
        if self._standard_error is not None and (self._standard_error < 0).any():
            where, index = _checks.first_place("standard_error", self._standard_error < 0)
            raise ValueError(f"{where} is {self._standard_error[index]:g}: a standard error is not negative")

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are built anew, for an array that is unpickled can be written to."""
        return type(self), (self.mean, self.n_trajectories, self._standard_error, self._covariance)

    def __repr__(self) -> str:
        mean = np.array2string(self.mean, precision=4, suppress_small=True, threshold=8)
        return f"GradientEstimate(mean={mean}, n_trajectories={self.n_trajectories})"

    @property
    def standard_error(self) -> NDArray[np.float64]:
        """√(Var ĝ / m), shape (*θ,)."""
        return self._computed("standard_error", self._standard_error)

    @property
    def covariance(self) -> NDArray[np.float64]:
        """Cov g of one trajectory, shape (|θ|, |θ|)."""
        return self._computed("covariance", self._covariance)

    def _computed(self, name: str, value: NDArray[np.float64] | None) -> NDArray[np.float64]:
        if value is not None:
            return value
        if self.n_trajectories < 2:
            raise ValueError("n_trajectories is 1: a standard error or a covariance needs at least 2 trajectories")
        raise ValueError(f"the {name} was not computed: pass {name}=True to policy_gradient")


def full_return(
    trajectories: Trajectories, baseline: ArrayLike = 0.0, bootstrap: ArrayLike = 0.0
) -> NDArray[np.float64]:
    """w_t = R(τ) − b_t(s_t), the whole return at every step, less a baseline; shape (m, T).

    E[Σ_t ∇log π_θ(a_t|s_t) (R(τ) − b_t(s_t))] = ∇J(θ), for any baseline that depends on nothing but
    the state and the time.

    Parameters
    ----------
    trajectories : Trajectories
    baseline : array, shape (), (n_states,), (T, 1) or (T, n_states)
        b; 0 unless told. One axis is always that of the states, also where T = S: a baseline for each time
        alone has shape (T, 1).
    bootstrap : array, shape (), (n_states,) or (T + 1, n_states)
        V, an estimate of what is still to come. Where a trajectory was cut after L decisions, γᴸ V_L(s_L) is added to
        its return; where it ended, nothing. With 0, a return is what was seen of it.

    Returns
    -------
    array, shape (m, T)
        Beyond the end of a trajectory it means nothing, and ``policy_gradient`` does not look.

    References
    ----------
    Williams (1992), the episodic REINFORCE estimator; line A15.

    Examples
    --------
    >>> batch = Trajectories([[0, 1, 0]], [[0, 1]], [[1.0, 2.0]], discount=0.5, cut=[True])
    >>> full_return(batch)
    array([[2., 2.]])
    >>> full_return(batch, bootstrap=[4.0, 8.0])  # and ¼ · 4 for what was cut off
    array([[3., 3.]])
    """
    _require_trajectories(trajectories)
    returns = trajectories.returns
    missing = _bootstrapped(trajectories, bootstrap)
    if missing is not None:
        with np.errstate(over="ignore"):
            returns = returns + trajectories.discount**trajectories.lengths * missing
    _checks.require_range("R(τ) of trajectory", returns, "rewards and bootstrap")
    whole = np.broadcast_to(returns[:, None], trajectories.actions.shape)
    return whole if _is_zero(baseline) else _less(whole, _baseline_at(trajectories, baseline))


def reward_to_go(
    trajectories: Trajectories, baseline: ArrayLike = 0.0, bootstrap: ArrayLike = 0.0
) -> NDArray[np.float64]:
    """w_t = γᵗ (G_t − b_t(s_t)), with γᵗ G_t = Σ_{k≥t} γᵏ r_k; shape (m, T).

    E[Σ_t ∇log π_θ(a_t|s_t) γᵗ (G_t − b_t(s_t))] = ∇J(θ): a reward that was paid before the action is
    chosen has mean zero beside its score, and so has a baseline.

    Parameters
    ----------
    trajectories : Trajectories
    baseline : array, shape (), (n_states,), (T, 1) or (T, n_states)
        b, subtracted from G_t, before the factor γᵗ; 0 unless told. One axis is always that of the states,
        also where T = S: a baseline for each time alone has shape (T, 1).
    bootstrap : array, shape (), (n_states,) or (T + 1, n_states)
        V, an estimate of what is still to come. Where a trajectory was cut after L decisions, γᴸ V_L(s_L) is added to
        the rewards that were seen; where it ended, nothing.

    Returns
    -------
    array, shape (m, T)
        Beyond the end of a trajectory it means nothing, and ``policy_gradient`` does not look.

    References
    ----------
    Sutton and Barto (2018), sections 13.3 and 13.4, the REINFORCE update with γᵗ, and with a baseline.

    Examples
    --------
    >>> batch = Trajectories([[0, 1, 0]], [[0, 1]], [[1.0, 2.0]], discount=0.5)
    >>> reward_to_go(batch)
    array([[2., 1.]])
    >>> reward_to_go(batch, baseline=1.0)
    array([[1. , 0.5]])
    """
    _require_trajectories(trajectories)
    discounts = trajectories.discount ** np.arange(trajectories.horizon)
    weights = trajectories.rewards * discounts
    missing = _bootstrapped(trajectories, bootstrap)
    if missing is not None:
        decided = np.flatnonzero(trajectories.lengths)
        length = trajectories.lengths[decided]
        weights[decided, length - 1] += trajectories.discount**length * missing[decided]
    weights = _sums_to_go(weights)
    # What is beyond the floats at one step is so in all sums that contain it, up to the first one.
    _checks.require_range("γᵗG_t of trajectory", weights[:, 0], "rewards and bootstrap")
    return weights if _is_zero(baseline) else _less(weights, discounts * _baseline_at(trajectories, baseline))


def state_action_weights(trajectories: Trajectories, table: ArrayLike) -> NDArray[np.float64]:
    """w_t = γᵗ f_t(s_t, a_t) for a table f, for example Q_π or the advantage; shape (m, T).

    E[Σ_t ∇log π_θ(a_t|s_t) γᵗ Q_t(s_t,a_t)] = ∇J(θ), and the same with A_t = Q_t − V_t.

    Parameters
    ----------
    trajectories : Trajectories
    table : array, shape (n_states, n_actions) or (T, n_states, n_actions)
        f, for example ``values.action_values``.

    Returns
    -------
    array, shape (m, T)

    References
    ----------
    Sutton et al. (2000), theorem 1; line B10.

    Examples
    --------
    >>> batch = Trajectories([[0, 1, 0]], [[0, 1]], [[1.0, 2.0]], discount=0.5)
    >>> state_action_weights(batch, [[1.0, 2.0], [3.0, 5.0]])
    array([[1. , 2.5]])
    """
    _require_trajectories(trajectories)
    horizon, f = trajectories.horizon, _checks.real_array("table", table)
    if f.ndim not in (2, 3) or (f.ndim == 3 and len(f) != horizon):
        raise ValueError(
            f"table has shape {f.shape}, but needs (n_states, n_actions) or ({horizon}, n_states, n_actions)"
        )
    timed = _checks.timed_table("table", f, horizon, f.shape[-2:], "one for each state and action")
    _require_listed(trajectories, "table", timed.shape[1], timed.shape[2])
    steps = np.arange(horizon)
    return trajectories.discount**steps * timed[steps, trajectories.states[:, :-1], trajectories.actions]


def generalized_advantage(
    trajectories: Trajectories, state_values: ArrayLike, gae_lambda: float
) -> NDArray[np.float64]:
    """w_t = γᵗ Σ_{k≥0} (γλ)ᵏ δ_{t+k} with δ_t = r_t + γ V_{t+1}(s_{t+1}) − V_t(s_t); shape (m, T).

    The sum goes to the last decision of a trajectory. Where it ended, nothing more can come, and the last
    V_{t+1}(s_{t+1}) is 0, whatever the table says. Where it was cut, more would have come, and V stands for it.

    At λ = 1 the sum is G_t − V_t(s_t), and γ^{L−t} V_L(s_L) more after a cut at L. So it is unbiased for any V
    where nothing is cut. For λ < 1 it is unbiased for V = V_π, and for another V in general not.

    Parameters
    ----------
    trajectories : Trajectories
    state_values : array, shape (n_states,) or (T + 1, n_states)
        V, exact or not.
    gae_lambda : float
        λ, from 0 to 1.

    Returns
    -------
    array, shape (m, T)
        0 beyond the end of a trajectory.

    References
    ----------
    Schulman et al. (2016), generalized advantage estimation, which leaves out the factor γᵗ.

    Examples
    --------
    Two steps paid 1, V = 2 everywhere. After a cut δ = (0.8, 0.8), after an end δ = (0.8, −1).

    >>> for cut in (True, False):
    ...     batch = Trajectories([[0, 0, 0]], [[0, 0]], [[1.0, 1.0]], discount=0.9, cut=[cut])
    ...     print(generalized_advantage(batch, [2.0], 0.5) / 0.9 ** np.arange(2))
    [[1.16 0.8 ]]
    [[ 0.35 -1.  ]]
    """
    _require_trajectories(trajectories)
    gae_lambda = _checks.require_fraction("gae_lambda", gae_lambda, "λ")
    v = _looked_up(trajectories, "state_values", state_values, trajectories.horizon + 1)
    ended = np.flatnonzero(~trajectories.cut)
    v[ended, trajectories.lengths[ended]] = 0
    discounts = trajectories.discount ** np.arange(trajectories.horizon)
    with np.errstate(over="ignore", invalid="ignore"):
        differences = trajectories.rewards + trajectories.discount * v[:, 1:] - v[:, :-1]
        differences *= discounts
    differences[~trajectories.active] = 0
    return _checks.require_range(
        "a weight of trajectory", _sums_to_go(differences, gae_lambda), "rewards and state_values"
    )


def _sums_to_go(payments: NDArray[np.float64], decay: float = 1.0) -> NDArray[np.float64]:
    """Σ_{k≥t} κ^{k−t} x_k for each t, in place."""
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(payments.shape[1] - 2, -1, -1):
            payments[:, t] += decay * payments[:, t + 1]
    return payments


def _less(weights: NDArray[np.float64], baseline: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(over="ignore", invalid="ignore"):
        difference = weights - baseline
    return _checks.require_range("a weight of trajectory", difference, "rewards and baseline")


def _is_zero(number: ArrayLike) -> bool:
    return np.ndim(number) == 0 and number == 0


def _bootstrapped(trajectories: Trajectories, bootstrap: ArrayLike) -> NDArray[np.float64] | None:
    """V_L(s_L) of who was cut, 0 of who ended, shape (m,); None where nothing is added."""
    if _is_zero(bootstrap):
        return None
    v = _looked_up(trajectories, "bootstrap", bootstrap, trajectories.horizon + 1)
    last = v[np.arange(trajectories.n_trajectories), trajectories.lengths]
    return np.where(trajectories.cut, last, 0)


def _baseline_at(trajectories: Trajectories, baseline: ArrayLike) -> NDArray[np.float64]:
    """b_t(s_t), shape (m, T)."""
    known = _checks.real_array("baseline", baseline)
    horizon, found = trajectories.horizon, _n_states(trajectories)
    if known.shape == (horizon,) and horizon != found:
        raise ValueError(
            f"baseline has shape {known.shape}, and there are {horizon} decisions, but {found} states: pass "
            "baseline[:, None] if it has an entry for each decision, or baseline[None, :] for one for each state"
        )
    return _looked_up(trajectories, "baseline", known[0] if known.ndim == 2 and len(known) == 1 else known, horizon)


def _looked_up(trajectories: Trajectories, name: str, table: ArrayLike, n_times: int) -> NDArray[np.float64]:
    """The entries of a table of states, perhaps one for each time, along the trajectories; shape (m, n_times)."""
    known = _checks.real_array(name, table)
    of_time_alone = known.shape == (n_times, 1)
    n_states = known.shape[-1] if known.ndim and not of_time_alone else _n_states(trajectories)
    timed = _checks.timed_table(name, known, n_times, (n_states,), "one for each state")
    _require_listed(trajectories, name, n_states)
    return timed[np.arange(n_times), trajectories.states[:, :n_times]]


def _n_states(trajectories: Trajectories) -> int:
    """S where the trajectories know it, else the number that occur."""
    return int(trajectories.states.max()) + 1 if trajectories.terminal is None else len(trajectories.terminal)


def _require_listed(trajectories: Trajectories, name: str, n_states: int, n_actions: int | None = None) -> None:
    known = trajectories.terminal is not None
    for what, found, length, exact in (
        ("states", _n_states(trajectories), n_states, known),
        ("actions", int(trajectories.actions.max()) + 1, n_actions, False),
    ):
        if length is not None and (found > length or (exact and found != length)):
            raise ValueError(
                f"{name} holds {length} {what}, but the trajectories have {found}: give one entry for each"
            )


def log_importance_ratios(
    trajectories: Trajectories, policy: TabularPolicy, theta: ArrayLike, behaviour_theta: ArrayLike
) -> NDArray[np.float64]:
    """Log ρ(τ) = Σ_t (log π_θ(a_t|s_t) − log π_{θ_b}(a_t|s_t)), shape (m,).

    Differences of these are right where the ratios themselves are beyond all floats: self-normalised
    weights, for example, are exp(log ρ − max log ρ), divided by their sum.

    Parameters
    ----------
    trajectories, policy, theta, behaviour_theta
        As for ``importance_ratios``.

    Returns
    -------
    array, shape (m,)
        −∞ where π_θ never takes an action that was taken.

    Examples
    --------
    Two thousand decisions, each 3 times as probable as it was.

    >>> from pgcode.policies import SoftmaxPolicy
    >>> batch = Trajectories(np.zeros((1, 2001), int), np.zeros((1, 2000), int), np.zeros((1, 2000)), 1.0)
    >>> new, old = np.log([[0.75, 0.25]]), np.log([[0.25, 0.75]])
    >>> (log_importance_ratios(batch, SoftmaxPolicy(1, 2), new, old) / np.log(3)).round(9)
    array([2000.])
    """
    _require_trajectories(trajectories)
    _require_occurring(trajectories, policy)
    visited = trajectories.states[:, :-1], trajectories.actions
    target, behaviour = (policy.log_probabilities(_real_theta(policy, at)) for at in (theta, behaviour_theta))
    if (np.isneginf(behaviour[visited]) & trajectories.active).any():
        raise ValueError(
            "behaviour_theta gives an action that was taken the probability 0: "
            "pass the parameters at which the trajectories were drawn"
        )
    with np.errstate(invalid="ignore"):
        log_ratios = np.where(trajectories.active, target[visited] - behaviour[visited], 0)
    total: NDArray[np.float64] = np.ascontiguousarray(log_ratios).sum(axis=1)  # pairwise
    return total


def importance_ratios(
    trajectories: Trajectories, policy: TabularPolicy, theta: ArrayLike, behaviour_theta: ArrayLike
) -> NDArray[np.float64]:
    """ρ(τ) = P(τ;θ) / P(τ;θ_b) = Π_t π_θ(a_t|s_t) / π_{θ_b}(a_t|s_t), shape (m,).

    Multiply the weights of trajectories that were drawn at θ_b by their ratio, and the estimate has
    the gradient at θ as its mean. The dynamics cancel.

    Parameters
    ----------
    trajectories : Trajectories
        Drawn from π at θ_b.
    policy : TabularPolicy
    theta, behaviour_theta : array, shape (*θ,)
        θ, where the gradient is wanted, and θ_b, where the trajectories were drawn; π must be positive
        at θ_b wherever it is at θ.

    Returns
    -------
    array, shape (m,)

    Raises
    ------
    TypeError, ValueError
        If trajectories, policy and parameters do not fit, or a ratio is beyond the floats, too large or too
        small: ``log_importance_ratios`` has no such bounds.

    References
    ----------
    Sutton and Barto (2018), section 5.5, equation (5.3).

    Examples
    --------
    >>> from pgcode.policies import SoftmaxPolicy
    >>> batch = Trajectories([[0, 0, 0]], [[0, 1]], [[1.0, 1.0]], 1.0)
    >>> new, old = np.log([[0.75, 0.25]]), np.log([[0.5, 0.5]])
    >>> importance_ratios(batch, SoftmaxPolicy(1, 2), new, old).round(12)  # 0.75/0.5 · 0.25/0.5
    array([0.75])
    """
    logs = log_importance_ratios(trajectories, policy, theta, behaviour_theta)  # a product of many might overflow
    beyond = np.isfinite(logs) & ~((logs > _LOG_SMALLEST) & (logs < _LOG_LARGEST))
    if beyond.any():
        i = int(np.argmax(beyond))
        raise ValueError(
            f"the ratio of trajectory {i} is exp({logs[i]:.6g}), beyond the floats: take log_importance_ratios, and "
            "subtract their largest before you exponentiate"
        )
    return np.exp(logs)


def policy_gradient(
    trajectories: Trajectories,
    policy: TabularPolicy,
    theta: ArrayLike,
    weights: ArrayLike,
    *,
    standard_error: bool = True,
    covariance: bool = False,
) -> GradientEstimate:
    """Estimate ∇J(θ) by ĝ = (1/m) Σ_i Σ_t ∇log π_θ(a_t|s_t) w_t.

    The mean needs one sum of weights for each state and action, the others the gradient of each single
    trajectory, a block at a time. That takes several times as long, and so a loop that learns may leave the
    standard error out.

    Parameters
    ----------
    trajectories : Trajectories
        m trajectories drawn from π_θ at the same θ.
    policy, theta : TabularPolicy, array
        π_θ.
    weights : array, shape (m, T)
        w_t, for example ``reward_to_go(trajectories)``. A weight beyond the end of a trajectory is not used.
    standard_error : bool
        Compute the standard error too, where m ≥ 2.
    covariance : bool
        Compute the covariance too, where m ≥ 2; it has |θ|² entries.

    Returns
    -------
    GradientEstimate

    Raises
    ------
    TypeError
        If the policy is none, θ is complex, or the weights are not real.
    ValueError
        If the policy has not the states and actions that occur, θ or the weights do not fit, one of
        them is not finite, or a result is beyond the floats.

    References
    ----------
    Williams (1992); lines A8 and A15.

    Examples
    --------
    >>> from pgcode.environments import two_armed_bandit
    >>> from pgcode.policies import SoftmaxPolicy
    >>> from pgcode.trajectories import sample_trajectories
    >>> bandit, policy, theta = two_armed_bandit((1.0, 2.0)), SoftmaxPolicy(2, 2), np.zeros((2, 2))
    >>> batch = sample_trajectories(bandit, policy, theta, 10_000, np.random.default_rng(0))
    >>> estimate = policy_gradient(batch, policy, theta, reward_to_go(batch))
    >>> bool((np.abs(estimate.mean[0] - [-0.25, 0.25]) < 4 * estimate.standard_error[0]).all())
    True
    """
    w = _checked_weights(trajectories, policy, weights)
    theta = _real_theta(policy, theta)
    m = trajectories.n_trajectories
    if covariance:
        n_parameters = math.prod(policy.theta_shape)
        _checks.require_memory("the covariance", (n_parameters, n_parameters), "take the standard error alone")
    w = _used(trajectories, w)
    sums, scale = _sums_by_pair(trajectories, policy, w), 1.0
    if standard_error or covariance or not _is_plain(sums):
        scale = _scale_of(trajectories, w)
        if scale != 1:
            w = w / scale
            sums = _sums_by_pair(trajectories, policy, w)
    mean = policy.weighted_score(theta, sums / m)
    error, products = None, None
    if m > 1 and (standard_error or covariance):
        variance, products = _second_moments(trajectories, policy, theta, w, mean, covariance)
        if standard_error:
            error = _unscaled("standard error", np.sqrt(variance / m), scale)
        if products is not None:
            products = _unscaled("covariance", _unscaled("covariance", products, scale), scale)
    return GradientEstimate(_unscaled("mean", mean, scale), m, error, products)


def trajectory_gradients(
    trajectories: Trajectories, policy: TabularPolicy, theta: ArrayLike, weights: ArrayLike
) -> NDArray[np.float64]:
    """The gradient of each trajectory, g_i = Σ_t ∇log π_θ(a_t|s_t) w_t; shape (m, *θ).

    Same arguments and errors as ``policy_gradient``, which takes the mean without holding them all;
    ``weights`` has the shape (m, T) there and here.

    Examples
    --------
    >>> from pgcode.policies import SoftmaxPolicy
    >>> batch = Trajectories([[0, 0], [0, 0]], [[0], [1]], [[1.0], [2.0]], 1.0)
    >>> trajectory_gradients(batch, SoftmaxPolicy(1, 2), [[0.0, 0.0]], full_return(batch)).reshape(2, 2)
    array([[ 0.5, -0.5],
           [-1. ,  1. ]])
    """
    w = _used(trajectories, _checked_weights(trajectories, policy, weights))
    theta = _real_theta(policy, theta)
    shape = (trajectories.n_trajectories, *policy.theta_shape)
    _checks.require_memory("the gradients", shape, "take policy_gradient, which holds a block of them at a time")
    scale = _scale_of(trajectories, w)
    gradients = np.empty((len(w), math.prod(policy.theta_shape)))
    for block, part in _gradient_blocks(trajectories, policy, theta, w if scale == 1 else w / scale):
        gradients[block] = part
    return _unscaled("gradient of a trajectory", gradients.reshape(shape), scale)


def _real_theta(policy: TabularPolicy, theta: ArrayLike) -> NDArray[np.float64]:
    return require_real_theta(policy, theta, "an estimate is made at real parameters")


def _gradient_blocks(
    trajectories: Trajectories, policy: TabularPolicy, theta: ArrayLike, weights: NDArray[np.float64]
) -> Iterator[tuple[slice, NDArray[np.float64]]]:
    """Yield the gradients g_i of consecutive trajectories, with where they belong, each of shape (block, |θ|)."""
    n_pairs = policy.n_states * policy.n_actions
    for block in _slices(trajectories, _BLOCK_SIZE // max(n_pairs, math.prod(policy.theta_shape))):
        n = block.stop - block.start
        pairs = _pairs(trajectories, policy, block) + np.arange(n) * n_pairs
        sums = np.bincount(pairs.ravel(), weights.T[:, block].ravel(), n * n_pairs).reshape(
            n, policy.n_states, policy.n_actions
        )
        _leave_out_terminal(trajectories, sums)
        yield block, policy.weighted_score(theta, sums).reshape(n, -1)


def _second_moments(
    trajectories: Trajectories,
    policy: TabularPolicy,
    theta: ArrayLike,
    weights: NDArray[np.float64],
    mean: NDArray[np.float64],
    with_covariance: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """The sample variance of each component, shape (*θ,), and the covariance, about a mean that is known."""
    centre = mean.ravel()
    squares = np.zeros(centre.size)
    products = np.zeros((centre.size, centre.size)) if with_covariance else None
    for _, block in _gradient_blocks(trajectories, policy, theta, weights):
        block -= centre
        squares += np.einsum("ik,ik->k", block, block)
        if products is not None:
            products += block.T @ block
    free = trajectories.n_trajectories - 1
    return (squares / free).reshape(mean.shape), None if products is None else products / free


def _sums_by_pair(
    trajectories: Trajectories, policy: TabularPolicy, weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Σ of the weights of all decisions, by state and action; shape (S, A)."""
    n_pairs = policy.n_states * policy.n_actions
    total = np.zeros(n_pairs)
    for block in _slices(trajectories, _BLOCK_SIZE // trajectories.horizon):
        total += np.bincount(_pairs(trajectories, policy, block).ravel(), weights.T[:, block].ravel(), n_pairs)
    sums = total.reshape(policy.n_states, policy.n_actions)
    _leave_out_terminal(trajectories, sums)
    return sums


def _used(trajectories: Trajectories, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights, 0 beyond the ends; as they are where all padding is in terminal states, whose sums are left out."""
    short = trajectories.lengths < trajectories.horizon
    terminal = trajectories.terminal
    if not short.any() or (terminal is not None and terminal[trajectories.last_states[short]].all()):
        return weights
    return np.where(trajectories.active, weights, 0)


def _is_plain(array: NDArray[np.float64]) -> bool:
    """Whether the largest entry is 0, or so far inside the floats that nothing is lost when it is squared."""
    largest = float(max(array.max(), -array.min()))
    return largest == 0 or _LEAST_PLAIN < largest < _MOST_PLAIN


def _scale_of(trajectories: Trajectories, weights: NDArray[np.float64]) -> float:
    """Require finite weights, and return the power of two by which to divide them, so that squares stay floats."""
    if _is_plain(weights):
        return 1.0
    used = np.where(trajectories.active, weights, 0)
    _checks.require_finite("weights", used)
    return 1.0 if _is_plain(used) else math.ldexp(1.0, math.frexp(float(np.abs(used).max()))[1] - 1)


def _unscaled(what: str, array: NDArray[np.float64], scale: float) -> NDArray[np.float64]:
    """Multiply by the scale again, or say that the result is beyond the floats."""
    if scale == 1:
        return array
    with np.errstate(over="ignore", under="ignore"):
        result = array * scale
    lost = ~np.isfinite(result) | ((result == 0) & (array != 0))
    if lost.any():
        raise ValueError(f"the {what} is beyond the floats, as weights are of size {scale:.1e}: scale the rewards")
    return result


def _slices(trajectories: Trajectories, size: int) -> Iterator[slice]:
    """Cut the trajectories into consecutive blocks of a size, of 1 at least."""
    for begin in range(0, trajectories.n_trajectories, max(1, size)):
        yield slice(begin, min(begin + max(1, size), trajectories.n_trajectories))


def _pairs(trajectories: Trajectories, policy: TabularPolicy, block: slice) -> NDArray[np.intp]:
    """The number s·A + a of each decision, time first, shape (T, block)."""
    states, actions = trajectories.states.T[:-1, block], trajectories.actions.T[:, block]
    return states * np.intp(policy.n_actions) + actions


def _leave_out_terminal(trajectories: Trajectories, sums: NDArray[Any]) -> None:
    """Set the weights of terminal states, shape (..., S, A), to 0: no decision is taken there."""
    if trajectories.terminal is not None:
        sums[..., trajectories.terminal, :] = 0


def _checked_weights(trajectories: Trajectories, policy: TabularPolicy, weights: ArrayLike) -> NDArray[np.float64]:
    _require_trajectories(trajectories)
    w = np.asarray(weights)
    if w.dtype != np.float64 or isinstance(weights, np.ma.MaskedArray):
        w = _checks.real_array("weights", weights)
    _checks.require_shape("weights", w.shape, trajectories.actions.shape, "(m, T), one weight for each decision")
    _require_occurring(trajectories, policy)
    return w


def _require_trajectories(trajectories: object) -> None:
    if not isinstance(trajectories, Trajectories):
        raise TypeError(
            f"trajectories is a {type(trajectories).__name__}: pass Trajectories, as sample_trajectories draws them, "
            "or Trajectories.from_episodes makes them of episodes"
        )


def _require_occurring(trajectories: Trajectories, policy: TabularPolicy) -> None:
    require_policy(policy)
    known = None if trajectories.terminal is None else len(trajectories.terminal)
    highest_state, highest_action = int(trajectories.states.max()), int(trajectories.actions.max())
    if highest_state >= policy.n_states or known not in (None, policy.n_states):
        raise ValueError(
            f"policy is {policy!r}, with {policy.n_states} states, but the trajectories come from an MDP "
            f"with {known or highest_state + 1} states: use the policy that drew them"
        )
    if highest_action >= policy.n_actions:
        raise ValueError(
            f"policy is {policy!r}, with {policy.n_actions} actions, but action {highest_action} occurs in the "
            "trajectories: use the policy that drew them"
        )
