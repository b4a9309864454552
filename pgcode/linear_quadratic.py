"""A linear system with quadratic cost and a Gaussian policy: states and actions are vectors, and J and ∇J are known.

    x' = A x + B a + w,   w ~ N(0, W),   r(x, a) = −xᵀ Q x − aᵀ R a,   a ~ N(−K x, σ² I)

θ is one vector: the entries of the gain K, row by row, and then log σ. (``policies.GaussianPolicy`` has w_j = −K_j and
a σ_j for each component; its scores by log σ_j, added over the components, are the one used here.) J(θ) and ∇J(θ) come
from recursions for matrices, and both once more from a sum over finitely many trajectories, which is exact because
everything is a polynomial.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks

__all__ = [
    "LQTrajectories",
    "LinearQuadratic",
    "lq_action_values",
    "lq_average_gradient",
    "lq_average_reward",
    "lq_deterministic_gradient",
    "lq_deterministic_objective",
    "lq_gradient",
    "lq_objective",
    "lq_quadrature",
    "lq_sample",
    "lq_second_moments",
    "lq_state_values",
]

Array = NDArray[Any]

#: A linear system for a value or a moment is solved if it loses at most this factor: then ten digits are left.
_LARGEST_CONDITION = 1e6


class _Frozen:
    """Arrays of a frozen class stay read-only when it is copied or unpickled."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
            object.__setattr__(self, name, value)


@dataclass(frozen=True, eq=False)
class LinearQuadratic(_Frozen):
    """A linear system with quadratic cost: x' = A x + B a + w and r(x, a) = −xᵀ Q x − aᵀ R a.

    Parameters
    ----------
    dynamics : array, shape (n, n)
        A.
    control : array, shape (n, k)
        B.
    noise : array, shape (n, n)
        W, the covariance of w.
    state_cost : array, shape (n, n)
        Q, symmetric.
    action_cost : array, shape (k, k)
        R, symmetric.
    initial_mean : array, shape (n,)
        The mean of x₀.
    initial_covariance : array, shape (n, n)
        The covariance of x₀, which is Gaussian; zero for a fixed start.
    discount : float
        γ, from 0 to 1.
    horizon : int, optional
        T, the number of decisions; None means that the process goes on for ever.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If a shape does not fit, an entry is not finite, a cost is not symmetric, or a covariance is not
        symmetric with eigenvalues of at least 0.

    Examples
    --------
    >>> problem = LinearQuadratic(
    ...     dynamics=[[0.9]], control=[[1.0]], noise=[[0.1]], state_cost=[[1.0]], action_cost=[[0.5]],
    ...     initial_mean=[1.0], initial_covariance=[[0.0]], discount=0.9,
    ... )
    >>> theta = problem.parameters(gain=[[0.5]], scale=0.3)
    >>> print(f"{lq_objective(problem, theta):.4f}")
    -4.0116
    """

    dynamics: Array
    control: Array
    noise: Array
    state_cost: Array
    action_cost: Array
    initial_mean: Array
    initial_covariance: Array
    discount: float
    horizon: int | None = None

    def __post_init__(self) -> None:
        arrays = {f.name: _checks.real_array(f.name, getattr(self, f.name)) for f in fields(self)[:7]}
        a, b = arrays["dynamics"], arrays["control"]
        if a.ndim != 2 or a.shape[0] != a.shape[1] or not a.size:
            raise ValueError(f"dynamics has shape {a.shape}, but needs shape (n, n): a row for each entry of x'")
        n = len(a)
        if b.ndim != 2 or len(b) != n or not b.size:
            raise ValueError(f"control has shape {b.shape}, but needs shape ({n}, k): a column for each action")
        k = b.shape[1]
        square = {"noise": n, "state_cost": n, "action_cost": k, "initial_covariance": n}
        for name, size in square.items():
            _checks.require_shape(name, arrays[name].shape, (size, size), "a row and a column for each entry")
        _checks.require_shape("initial_mean", arrays["initial_mean"].shape, (n,), "one number for each entry of x")
        for name, array in arrays.items():
            _checks.require_finite(name, array)
        for name in square:
            self._require_symmetric(name, arrays[name])
        for name in ("noise", "initial_covariance"):
            least = np.linalg.eigvalsh(arrays[name]).min()
            if least < -1e-12 * np.abs(arrays[name]).max():
                raise ValueError(f"{name} has the eigenvalue {least:.3g}: a covariance has none below 0")
        for name, array in arrays.items():
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        object.__setattr__(self, "discount", _checks.require_fraction("discount", self.discount, "a discount"))
        if self.horizon is not None:
            object.__setattr__(self, "horizon", _checks.require_count("horizon", self.horizon, "decisions"))

    @staticmethod
    def _require_symmetric(name: str, array: Array) -> None:
        wrong = np.abs(array - array.T) > 1e-12 * np.abs(array).max(initial=0.0)
        if wrong.any():
            (i, j), value = np.argwhere(wrong)[0], array
            raise ValueError(
                f"{name}[{i}, {j}] is {value[i, j]:g} and {name}[{j}, {i}] is {value[j, i]:g}: "
                f"make {name} symmetric, as by ({name} + {name}.T) / 2"
            )

    @property
    def n_states(self) -> int:
        """The number of entries of x."""
        return len(self.dynamics)

    @property
    def n_actions(self) -> int:
        """The number of entries of a."""
        return int(self.control.shape[1])

    @property
    def theta_shape(self) -> tuple[int]:
        """The shape of θ: the entries of K and log σ."""
        return (self.n_states * self.n_actions + 1,)

    def parameters(self, gain: ArrayLike, scale: float) -> NDArray[np.float64]:
        """θ: the entries of K, row by row, then log σ.

        Parameters
        ----------
        gain : array, shape (k, n)
            K.
        scale : float
            σ, above 0.

        Returns
        -------
        array, shape (k · n + 1,)

        Examples
        --------
        >>> problem = LinearQuadratic(
        ...     np.eye(2), [[0.0], [1.0]], np.eye(2), np.eye(2), [[1.0]], np.zeros(2), np.eye(2), 0.9
        ... )
        >>> problem.parameters([[0.5, 0.25]], 1.0)
        array([0.5 , 0.25, 0.  ])
        """
        rows = _checks.real_array("gain", gain)
        meaning = "a row for each entry of a and a column for each entry of x"
        _checks.require_shape("gain", rows.shape, (self.n_actions, self.n_states), meaning)
        _checks.require_finite("gain", rows)
        return np.append(rows.ravel(), np.log(_checks.require_positive("scale", scale, "the standard deviation σ")))

    def gain_and_scale(self, theta: ArrayLike) -> tuple[Array, Any]:
        """K and σ of θ; complex θ is carried through.

        Parameters
        ----------
        theta : array, shape (k · n + 1,)

        Returns
        -------
        gain : array, shape (k, n)
        scale : number

        Examples
        --------
        >>> problem = LinearQuadratic([[0.9]], [[1.0]], [[0.1]], [[1.0]], [[0.5]], [1.0], [[0.0]], discount=0.9)
        >>> problem.gain_and_scale([0.5, 0.0])
        (array([[0.5]]), 1.0)
        """
        point = _checks.numeric_array("theta", theta)
        _checks.require_shape("theta", point.shape, self.theta_shape, "the entries of K, row by row, and log σ")
        _checks.require_finite("theta", point)
        if abs(point[-1].real) > 300:
            raise ValueError(
                f"theta[{len(point) - 1}] is {point[-1].real:g}, and σ² = exp of twice that is lost: "
                "it is log σ, from −300 to 300"
            )
        return point[:-1].reshape(self.n_actions, self.n_states), np.exp(point[-1]).item()


@dataclass(frozen=True, eq=False)
class LQTrajectories(_Frozen):
    """Weighted trajectories of a linear-quadratic problem: drawn, or the nodes of a quadrature.

    Attributes
    ----------
    weights : array, shape (m,)
        They sum to 1; all are 1/m where the trajectories were drawn.
    rewards : array, shape (m, T)
        r_t.
    scores : array, shape (m, T, size of θ)
        ∇log π_θ(a_t|x_t).
    discount : float
        γ.

    Examples
    --------
    >>> LQTrajectories([1.0], [[1.0, 1.0]], [[[1.0], [2.0]]], 0.5).with_reward_to_go()
    array([[2.5]])
    """

    weights: Array
    rewards: Array
    scores: Array
    discount: float

    def __post_init__(self) -> None:
        for name in ("weights", "rewards", "scores"):
            array = np.array(_checks.numeric_array(name, getattr(self, name)))
            _checks.require_finite(name, array)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        m = self.weights.shape[0] if self.weights.ndim else 0
        if self.weights.ndim != 1 or self.rewards.ndim != 2 or len(self.rewards) != m:
            raise ValueError(
                f"weights has shape {self.weights.shape} and rewards {self.rewards.shape}: pass (m,) and (m, T)"
            )
        if self.scores.ndim != 3 or self.scores.shape[:2] != self.rewards.shape:
            raise ValueError(
                f"scores has shape {self.scores.shape}, but needs {self.rewards.shape} and the number of parameters"
            )
        object.__setattr__(self, "discount", _checks.require_fraction("discount", self.discount, "a discount"))

    @property
    def discounted_rewards(self) -> Array:
        """γᵗ r_t, shape (m, T)."""
        return self.rewards * self.discount ** np.arange(self.rewards.shape[1])

    def with_return(self) -> Array:
        """R(τ) Σ_t score_t of each trajectory, shape (m, size of θ)."""
        returns = self.discounted_rewards.sum(axis=1)
        return returns[:, None] * self.scores.sum(axis=1)

    def with_reward_to_go(self) -> Array:
        """Σ_t score_t γᵗ G_t of each trajectory, shape (m, size of θ)."""
        to_go = np.cumsum(self.discounted_rewards[:, ::-1], axis=1)[:, ::-1]
        return np.asarray(np.einsum("mtp,mt->mp", self.scores, to_go))


def lq_objective(problem: LinearQuadratic, theta: ArrayLike) -> Any:
    """J(θ) = E Σ_t γᵗ r_t = −tr(P₀ M₀) − c₀, a number.

    V(x) = −xᵀ P x − c by the recursion P_t = Q + Kᵀ R K + γ Lᵀ P_{t+1} L with L = A − B K, and
    c_t = σ² tr R + γ (c_{t+1} + tr(P_{t+1} N)) with N = W + σ² B Bᵀ. Without a horizon the two are solved as equations.
    M₀ = E x₀ x₀ᵀ. Complex θ is carried through.

    Parameters
    ----------
    problem : LinearQuadratic
    theta : array, shape (k · n + 1,)
        The entries of K, then log σ.

    Returns
    -------
    number

    Raises
    ------
    ValueError
        Without a horizon, if γ = 1, or γ times the squared spectral radius of L is 1 or more: the sum is infinite.
        Also if a solution would have fewer than about ten digits, or overflows.

    References
    ----------
    Fazel, Ge, Kakade and Mesbahi (2018), for the problem; the formulas follow from the Bellman equation.

    Examples
    --------
    >>> still = LinearQuadratic([[0.0]], [[1.0]], [[0.0]], [[1.0]], [[0.0]], [2.0], [[0.0]], discount=0.5, horizon=1)
    >>> lq_objective(still, [0.0, 0.0])
    -4.0
    """
    with np.errstate(over="ignore", invalid="ignore"):
        p, c = _value(problem, *_split(problem, theta))
        value = -np.sum(p[0] * _initial_moment(problem)) - c[0]
    return _finite("J", value).item()


def lq_state_values(problem: LinearQuadratic, theta: ArrayLike, states: ArrayLike, step: int = 0) -> Array:
    """V_t(x) = −xᵀ P_t x − c_t for each of some states.

    Parameters
    ----------
    problem : LinearQuadratic
    theta : array, shape (k · n + 1,)
    states : array, shape (..., n)
    step : int
        t, from 0 to T; without a horizon all steps are alike.

    Returns
    -------
    array, shape (...)

    Examples
    --------
    >>> still = LinearQuadratic([[0.0]], [[1.0]], [[0.0]], [[1.0]], [[0.0]], [2.0], [[0.0]], discount=0.5, horizon=1)
    >>> lq_state_values(still, [0.0, 0.0], [[1.0], [3.0]])
    array([-1., -9.])
    """
    x = _vectors("states", states, problem.n_states)
    with np.errstate(over="ignore", invalid="ignore"):
        p, c = _value(problem, *_split(problem, theta))
        at = _step(problem, step, last=True)
        found = -np.einsum("...i,ij,...j->...", x, p[at], x) - c[at]
    return _finite("V", found)


def lq_action_values(
    problem: LinearQuadratic, theta: ArrayLike, states: ArrayLike, actions: ArrayLike, step: int = 0
) -> Array:
    """Q_t(x, a) = r(x, a) + γ E V_{t+1}(A x + B a + w), for each of some pairs.

    Parameters
    ----------
    problem : LinearQuadratic
    theta : array, shape (k · n + 1,)
    states : array, shape (..., n)
    actions : array, shape (..., k)
    step : int
        t, from 0 to T − 1; without a horizon all steps are alike.

    Returns
    -------
    array, shape (...)

    Examples
    --------
    >>> still = LinearQuadratic([[0.0]], [[1.0]], [[0.0]], [[1.0]], [[0.5]], [2.0], [[0.0]], discount=0.5, horizon=2)
    >>> lq_action_values(still, [0.0, 0.0], [[1.0]], [[2.0]])  # −3 + γ (−4 − 0.5)
    array([-5.25])
    """
    x, a = _vectors("states", states, problem.n_states), _vectors("actions", actions, problem.n_actions)
    try:
        np.broadcast_shapes(x.shape[:-1], a.shape[:-1])
    except ValueError as error:
        raise ValueError(
            f"states has shape {x.shape} and actions {a.shape}: pass one action for each state, or one for all"
        ) from error
    with np.errstate(over="ignore", invalid="ignore"):
        p, c = _value(problem, *_split(problem, theta))
        at = _step(problem, step, last=False)
        later = at if problem.horizon is None else at + 1
        found = _reward(problem, x, a) + problem.discount * _expected_next(problem, p[later], c[later], x, a)
    return _finite("Q", found)


def lq_second_moments(problem: LinearQuadratic, theta: ArrayLike) -> Array:
    """Σ_t γᵗ E x_t x_tᵀ, shape (n, n), or with a horizon M_t = E x_t x_tᵀ for t = 0 … T, shape (T + 1, n, n).

    M_{t+1} = L M_t Lᵀ + N with N = W + σ² B Bᵀ. The sum is what the theorem needs of the discounted visitation d_γ,
    because the rest of the integrand is quadratic.

    Parameters
    ----------
    problem : LinearQuadratic
    theta : array, shape (k · n + 1,)

    Returns
    -------
    array

    Examples
    --------
    >>> still = LinearQuadratic([[0.5]], [[0.0]], [[1.0]], [[1.0]], [[0.0]], [2.0], [[0.0]], discount=0.5, horizon=2)
    >>> lq_second_moments(still, [0.0, 0.0]).ravel()
    array([4. , 2. , 1.5])
    """
    gain, variance = _split(problem, theta)
    with np.errstate(over="ignore", invalid="ignore"):
        found = _moments(problem, gain, variance)
    return _finite("the second moment", found)


def lq_gradient(problem: LinearQuadratic, theta: ArrayLike) -> Array:
    """∇J(θ) by the policy gradient theorem, with its integrals done by hand; shape (k · n + 1,).

    ∇_K J = 2 Σ_t γᵗ (γ Bᵀ P_{t+1} L − R K) M_t and ∂J/∂log σ = −2 σ² Σ_t γᵗ tr(R + γ Bᵀ P_{t+1} B).

    The inner integral ∫ ∇π Q da is E[−ε xᵀ Q/σ] for K and E[(|ε|² − k) Q] for log σ, with a = −K x + σ ε; the
    outer one, over the states, leaves M_t.

    Parameters
    ----------
    problem : LinearQuadratic
    theta : array, shape (k · n + 1,)

    Returns
    -------
    array, shape (k · n + 1,)

    Raises
    ------
    ValueError
        As ``lq_objective``.

    References
    ----------
    Fazel, Ge, Kakade and Mesbahi (2018), for policy gradients on this problem; the integrals are done here.

    Examples
    --------
    >>> once = LinearQuadratic([[0.0]], [[1.0]], [[0.0]], [[1.0]], [[0.5]], [2.0], [[0.0]], discount=0.5, horizon=1)
    >>> lq_gradient(once, once.parameters([[1.0]], 1.0))  # J = −4 − 0.5 (4 K² + σ²)
    array([-4., -1.])
    """
    gain, variance = _split(problem, theta)
    with np.errstate(over="ignore", invalid="ignore"):
        p, _ = _value(problem, gain, variance)
        moments = _moments(problem, gain, variance)
        if problem.horizon is None:
            found = _gradient(problem, gain, variance, p[0], moments, 1 / (1 - problem.discount), problem.discount)
        else:
            discount = problem.discount
            found = np.sum(
                [
                    discount**t * _gradient(problem, gain, variance, p[t + 1], moments[t], 1.0, discount)
                    for t in range(problem.horizon)
                ],
                axis=0,
            )
    return _finite("the gradient", found)


def lq_deterministic_objective(problem: LinearQuadratic, gain: ArrayLike) -> Any:
    """J of the policy without chance, a = −K x; a number.

    It is ``lq_objective`` at σ = 0, which no θ holds. With σ, J is less by a multiple of σ², and by nothing else.

    Parameters
    ----------
    problem : LinearQuadratic
    gain : array, shape (k, n)
        K; a complex one is carried through.

    Returns
    -------
    number

    Raises
    ------
    ValueError
        As ``lq_objective``.

    Examples
    --------
    >>> still = LinearQuadratic([[0.0]], [[1.0]], [[0.0]], [[1.0]], [[0.5]], [2.0], [[0.0]], discount=0.5, horizon=1)
    >>> lq_deterministic_objective(still, [[1.0]])  # −4 − 0.5 · 4
    -6.0
    """
    k = _gain(problem, gain)
    with np.errstate(over="ignore", invalid="ignore"):
        p, c = _value(problem, k, 0.0)
        value = -np.sum(p[0] * _initial_moment(problem)) - c[0]
    return _finite("J", value).item()


def lq_deterministic_gradient(problem: LinearQuadratic, gain: ArrayLike, visits: ArrayLike | None = None) -> Array:
    """∇J of a = −K x by the deterministic policy gradient theorem: ∫ ∇a_θ(x) ∂Q/∂a d_γ(dx) at a = −K x; shape (k, n).

    Here a_θ(x) = −K x, so that the integrand is −(∂Q/∂a) xᵀ = 2 (γ Bᵀ P_{t+1} L − R K) x xᵀ, and of the states only
    their second moments count.

    Parameters
    ----------
    problem : LinearQuadratic
    gain : array, shape (k, n)
        K.
    visits : array, optional
        Second moments in the place of those of this policy, as from a buffer of others' data: Σ_t γᵗ E x_t x_tᵀ of
        shape (n, n), or with a horizon E x_t x_tᵀ for t = 0 … T − 1 at least. Then the result is a semi-gradient, not
        ∇J.

    Returns
    -------
    array, shape (k, n)

    Raises
    ------
    ValueError
        As ``lq_objective``, or if visits has another shape.

    References
    ----------
    Silver, Lever, Heess, Degris, Wierstra and Riedmiller (2014); the integral is done here.

    Examples
    --------
    >>> still = LinearQuadratic([[0.0]], [[1.0]], [[0.0]], [[1.0]], [[0.5]], [2.0], [[0.0]], discount=0.5, horizon=1)
    >>> lq_deterministic_gradient(still, [[1.0]])  # J = −4 − 0.5 · 4 K²
    array([[-4.]])
    """
    k = _gain(problem, gain)
    with np.errstate(over="ignore", invalid="ignore"):
        p, _ = _value(problem, k, 0.0)
        moments = _moments(problem, k, 0.0) if visits is None else _visits(problem, visits)
        if problem.horizon is None:
            found = _gradient(problem, k, 0.0, p[0], moments, 0.0, problem.discount)
        else:
            found = np.sum(
                [
                    problem.discount**t * _gradient(problem, k, 0.0, p[t + 1], moments[t], 0.0, problem.discount)
                    for t in range(problem.horizon)
                ],
                axis=0,
            )
    return _finite("the gradient", found[:-1].reshape(k.shape))


def lq_average_reward(problem: LinearQuadratic, theta: ArrayLike) -> Any:
    """The reward per step in the long run, −tr(P N) − σ² tr R, with P = Q + Kᵀ R K + Lᵀ P L; a number.

    Start, discount and horizon play no part.

    Parameters
    ----------
    problem : LinearQuadratic
    theta : array, shape (k · n + 1,)

    Returns
    -------
    number

    Raises
    ------
    ValueError
        If the spectral radius of L = A − B K is not below 1: then there is no stationary distribution.

    Examples
    --------
    >>> noisy = LinearQuadratic([[0.0]], [[0.0]], [[2.0]], [[1.0]], [[0.0]], [5.0], [[0.0]], discount=0.5)
    >>> lq_average_reward(noisy, [0.0, 0.0])
    -2.0
    """
    gain, variance = _split(problem, theta)
    with np.errstate(over="ignore", invalid="ignore"):
        p = _lyapunov(problem, gain, _cost(problem, gain), 1.0, transposed=True)
        value = -np.sum(p * _spread(problem, variance)) - variance * np.trace(problem.action_cost)
    return _finite("the average reward", value).item()


def lq_average_gradient(problem: LinearQuadratic, theta: ArrayLike) -> Array:
    """∇ of the average reward by the theorem: stationary second moment, differential Q; shape (k · n + 1,).

    Parameters
    ----------
    problem : LinearQuadratic
    theta : array, shape (k · n + 1,)

    Returns
    -------
    array, shape (k · n + 1,)

    Raises
    ------
    ValueError
        As ``lq_average_reward``.

    Examples
    --------
    >>> noisy = LinearQuadratic([[0.0]], [[1.0]], [[2.0]], [[1.0]], [[0.0]], [5.0], [[0.0]], discount=0.5)
    >>> lq_average_gradient(noisy, [0.0, 0.0])  # −(2 + σ²) / (1 − K²)
    array([ 0., -2.])
    """
    gain, variance = _split(problem, theta)
    with np.errstate(over="ignore", invalid="ignore"):
        p = _lyapunov(problem, gain, _cost(problem, gain), 1.0, transposed=True)
        stationary = _lyapunov(problem, gain, _spread(problem, variance), 1.0)
        found = _gradient(problem, gain, variance, p, stationary, 1.0, 1.0)
    return _finite("the gradient", found)


def lq_sample(
    problem: LinearQuadratic, theta: ArrayLike, n_trajectories: int, rng: np.random.Generator
) -> LQTrajectories:
    """Draw trajectories, each with the rewards and the scores of its T decisions.

    Parameters
    ----------
    problem : LinearQuadratic
        With a horizon.
    theta : array, shape (k · n + 1,)
        Real.
    n_trajectories : int
        m.
    rng : numpy.random.Generator

    Returns
    -------
    LQTrajectories

    Raises
    ------
    ValueError
        Without a horizon, or if the arrays would take more than 2 GiB.

    Examples
    --------
    >>> problem = LinearQuadratic(
    ...     [[0.9]], [[1.0]], [[0.1]], [[1.0]], [[0.5]], [1.0], [[0.0]], discount=0.9, horizon=3
    ... )
    >>> drawn = lq_sample(problem, [0.5, 0.0], 1000, np.random.default_rng(0))
    >>> drawn.with_reward_to_go().shape
    (1000, 2)
    """
    m = _checks.require_count("n_trajectories", n_trajectories, "trajectories")
    rng = _checks.require_generator("rng", rng)
    gain, variance = _split(problem, theta)
    if np.iscomplexobj(gain):
        raise TypeError("theta is complex, and nothing can be drawn then: pass a real theta")
    n, k, horizon = problem.n_states, problem.n_actions, _horizon(problem)
    _checks.require_memory("the scores", (m, horizon, n * k + 1), "draw fewer trajectories, in several batches")
    first, shock = _factor(problem.initial_covariance), _factor(problem.noise)
    start = problem.initial_mean + rng.standard_normal((m, first.shape[1])) @ first.T
    shocks = rng.standard_normal((m, horizon - 1, shock.shape[1])) @ shock.T
    deviations = rng.standard_normal((m, horizon, k))
    return _roll(problem, gain, variance, np.full(m, 1 / m), start, deviations, shocks)


def lq_quadrature(problem: LinearQuadratic, theta: ArrayLike, n_nodes: int = 3) -> LQTrajectories:
    """The trajectories of a product Gauss–Hermite rule: weighted sums over them are expectations.

    Start, actions and noise are Gaussian. R(τ) Σ_t score_t is a polynomial of degree 4 at most in each of these
    variables, and a rule with n nodes is exact up to degree 2n − 1. So three nodes for each variable make the integral
    over all trajectories a finite sum, without error.

    Parameters
    ----------
    problem : LinearQuadratic
        With a short horizon: there are n_nodes to the power T (n + k) trajectories at most. A variable without
        variance needs one node only.
    theta : array, shape (k · n + 1,)
        Complex θ is carried through to the rewards.
    n_nodes : int
        Nodes for each variable, from 2 on: two are enough for J, three for ∇J.

    Returns
    -------
    LQTrajectories

    Raises
    ------
    ValueError
        Without a horizon, or if the arrays would take more than 2 GiB.

    Examples
    --------
    >>> problem = LinearQuadratic(
    ...     [[0.9]], [[1.0]], [[0.1]], [[1.0]], [[0.5]], [1.0], [[0.0]], discount=0.9, horizon=2
    ... )
    >>> nodes = lq_quadrature(problem, [0.5, 0.0])
    >>> (nodes.weights @ nodes.with_return()).round(6)
    array([-0.257, -3.925])
    >>> lq_gradient(problem, [0.5, 0.0]).round(6)
    array([-0.257, -3.925])
    """
    if _checks.require_count("n_nodes", n_nodes, "nodes") < 2:
        raise ValueError("n_nodes is 1: one node knows no variance; pass 2 for J, 3 for the gradient")
    gain, variance = _split(problem, theta)
    n, k, horizon = problem.n_states, problem.n_actions, _horizon(problem)
    start, shock = _factor(problem.initial_covariance), _factor(problem.noise)
    n_start, n_shock = start.shape[1], shock.shape[1]
    size = n_start + (horizon - 1) * n_shock + horizon * k
    m = n_nodes**size
    shape = (m, max(horizon * (n * k + 1), size))
    _checks.require_memory("the list of nodes", shape, "take a shorter horizon, or draw by lq_sample")
    points, weights = np.polynomial.hermite_e.hermegauss(n_nodes)
    choice = np.indices((n_nodes,) * size).reshape(size, m)
    nodes, mass = points[choice].T, (weights / weights.sum())[choice].prod(axis=0)
    first, second, third = np.split(nodes, [n_start, n_start + (horizon - 1) * n_shock], axis=1)
    return _roll(
        problem,
        gain,
        variance,
        mass,
        problem.initial_mean + first @ start.T,
        third.reshape(m, horizon, k),
        second.reshape(m, horizon - 1, n_shock) @ shock.T,
    )


def _split(problem: LinearQuadratic, theta: ArrayLike) -> tuple[Array, Any]:
    """Return K, shape (k, n), and σ²."""
    gain, scale = problem.gain_and_scale(theta)
    return gain, scale**2


def _gain(problem: LinearQuadratic, gain: ArrayLike) -> Array:
    k = _checks.numeric_array("gain", gain)
    meaning = "a row for each entry of a and a column for each entry of x"
    _checks.require_shape("gain", k.shape, (problem.n_actions, problem.n_states), meaning)
    _checks.require_finite("gain", k)
    return k


def _visits(problem: LinearQuadratic, visits: ArrayLike) -> Array:
    moments, n = _checks.real_array("visits", visits), problem.n_states
    if problem.horizon is None:
        _checks.require_shape("visits", moments.shape, (n, n), "the second moments of all visits")
    elif moments.ndim != 3 or moments.shape[1:] != (n, n) or len(moments) < problem.horizon:
        raise ValueError(
            f"visits has shape {moments.shape}, but needs a matrix ({n}, {n}) for each of the {problem.horizon} times"
        )
    _checks.require_finite("visits", moments)
    return moments


def _finite(what: str, value: Any) -> Array:
    found = np.asarray(value)
    if not np.isfinite(found).all():
        raise ValueError(
            f"{what} is too large for a float: take a shorter horizon, or theta, costs and states nearer to 0"
        )
    return found


def _vectors(name: str, value: ArrayLike, size: int) -> Array:
    array = _checks.numeric_array(name, value)
    if not array.ndim or array.shape[-1] != size:
        raise ValueError(f"{name} has shape {array.shape}, but its last axis needs {size}, one for each entry")
    _checks.require_finite(name, array)
    return array


def _horizon(problem: LinearQuadratic) -> int:
    if problem.horizon is None:
        raise ValueError(
            "problem.horizon is None, and a trajectory would never end: "
            "set one, as by dataclasses.replace(problem, horizon=50)"
        )
    return problem.horizon


def _step(problem: LinearQuadratic, step: int, *, last: bool) -> int:
    """Return where the matrices of a step stand in their list."""
    if isinstance(step, bool) or not isinstance(step, (int, np.integer)):
        raise TypeError(f"step is {step!r}: pass a whole number")
    if problem.horizon is None:
        return 0
    bound = problem.horizon if last else problem.horizon - 1
    if not 0 <= step <= bound:
        raise ValueError(f"step is {step}: it lies from 0 to {bound}")
    return int(step)


def _reward(problem: LinearQuadratic, x: Array, a: Array) -> Array:
    state = np.einsum("...i,ij,...j->...", x, problem.state_cost, x)
    action = np.einsum("...i,ij,...j->...", a, problem.action_cost, a)
    return np.asarray(-state - action)


def _expected_next(problem: LinearQuadratic, p: Array, c: Any, x: Array, a: Array) -> Array:
    """E V(A x + B a + w) with V = −xᵀ P x − c."""
    mean = x @ problem.dynamics.T + a @ problem.control.T
    return np.asarray(-np.einsum("...i,ij,...j->...", mean, p, mean) - np.sum(p * problem.noise) - c)


def _cost(problem: LinearQuadratic, gain: Array) -> Array:
    """Q + Kᵀ R K."""
    return np.asarray(problem.state_cost + gain.T @ problem.action_cost @ gain)


def _spread(problem: LinearQuadratic, variance: Any) -> Array:
    """N = W + σ² B Bᵀ, the covariance of x' given x."""
    return np.asarray(problem.noise + variance * problem.control @ problem.control.T)


def _closed_loop(problem: LinearQuadratic, gain: Array) -> Array:
    """L = A − B K."""
    return np.asarray(problem.dynamics - problem.control @ gain)


def _initial_moment(problem: LinearQuadratic) -> Array:
    """M₀ = E x₀ x₀ᵀ."""
    return np.asarray(problem.initial_covariance + np.outer(problem.initial_mean, problem.initial_mean))


def _lyapunov(
    problem: LinearQuadratic, gain: Array, right: Array, discount: float, *, transposed: bool = False
) -> Array:
    """Solve X = right + γ L X Lᵀ, or with transposed X = right + γ Lᵀ X L."""
    loop = _closed_loop(problem, gain)
    growth = discount * float(np.abs(np.linalg.eigvals(loop.real)).max()) ** 2
    if growth >= 1:
        factor = "" if discount == 1 else "γ times "
        raise ValueError(
            f"{factor}the squared spectral radius of A − B K is {growth:.4g}, not below 1, so the cost of going on "
            "for ever is not finite: move K nearer to a stabilising gain, or take a smaller discount or a horizon"
        )
    if transposed:
        loop = loop.T
    _checks.require_memory(
        "the linear system for a second moment", (loop.size, loop.size), "take a horizon, whose recursion needs none"
    )
    step = discount * np.kron(loop, loop)
    matrix = np.eye(loop.size) - step
    # 1 − γ L² may cancel, so that even a system of one equation may lose digits.
    if np.linalg.norm(np.linalg.inv(matrix.real), 1) * (1 + np.linalg.norm(step.real, 1)) > _LARGEST_CONDITION:
        raise ValueError(
            "the system hardly forgets its state, and its values are lost in rounding: move K nearer to a stabilising "
            "gain, or take a smaller discount or a horizon"
        )
    return np.asarray(np.linalg.solve(matrix, right.ravel()).reshape(right.shape))


def _value(problem: LinearQuadratic, gain: Array, variance: Any) -> tuple[Array, Array]:
    """P_t and c_t of V_t(x) = −xᵀ P_t x − c_t for t = 0 … T; one of each without a horizon."""
    cost, spread = _cost(problem, gain), _spread(problem, variance)
    fee, discount = variance * np.trace(problem.action_cost), problem.discount
    if problem.horizon is None:
        if discount == 1:
            raise ValueError(
                "discount is 1 and horizon is None, so the sum of the rewards has no limit: "
                "take a discount below 1, a horizon, or lq_average_reward"
            )
        p = _lyapunov(problem, gain, cost, discount, transposed=True)
        return p[None], np.array([(fee + discount * np.sum(p * spread)) / (1 - discount)])
    loop = _closed_loop(problem, gain)
    ps = np.zeros((problem.horizon + 1, *loop.shape), loop.dtype)
    cs = np.zeros(problem.horizon + 1, np.result_type(loop.dtype, np.asarray(variance).dtype))
    for t in range(problem.horizon - 1, -1, -1):
        ps[t] = cost + discount * loop.T @ ps[t + 1] @ loop
        cs[t] = fee + discount * (cs[t + 1] + np.sum(ps[t + 1] * spread))
    return ps, cs


def _moments(problem: LinearQuadratic, gain: Array, variance: Any) -> Array:
    first, spread, discount = _initial_moment(problem), _spread(problem, variance), problem.discount
    if problem.horizon is None:
        if discount == 1:
            raise ValueError("discount is 1 and horizon is None: the sum of the moments has no limit; set one of them")
        return _lyapunov(problem, gain, first + discount / (1 - discount) * spread, discount)
    loop = _closed_loop(problem, gain)
    moments = np.empty((problem.horizon + 1, *first.shape), np.result_type(loop.dtype, spread.dtype))
    moments[0] = first
    for t in range(problem.horizon):
        moments[t + 1] = loop @ moments[t] @ loop.T + spread
    return moments


def _gradient(
    problem: LinearQuadratic, gain: Array, variance: Any, p: Array, moment: Array, mass: float, discount: float
) -> Array:
    """∫∫ ∇π Q over states with this second moment and this mass, where the next value has the matrix P."""
    control, loop = problem.control, _closed_loop(problem, gain)
    by_gain = 2 * (discount * control.T @ p @ loop - problem.action_cost @ gain) @ moment
    by_scale = -2 * variance * mass * np.trace(problem.action_cost + discount * control.T @ p @ control)
    return np.append(by_gain.ravel(), by_scale)


def _factor(covariance: Array) -> Array:
    """Return F with F Fᵀ = covariance, a column for each direction in which it does not vanish."""
    sizes, directions = np.linalg.eigh(covariance)
    kept = sizes > 1e-14 * max(sizes.max(), 0.0)
    return np.asarray(directions[:, kept] * np.sqrt(sizes[kept]))


def _roll(
    problem: LinearQuadratic, gain: Array, variance: Any, weights: Array, start: Array, deviations: Array, shocks: Array
) -> LQTrajectories:
    """Follow trajectories with a_t = −K x_t + σ ε_t from given start, ε (m, T, k) and noise (m, T − 1, n)."""
    m, horizon, k = deviations.shape
    scale = np.sqrt(variance)
    kind = np.result_type(gain.dtype, float)
    rewards = np.empty((m, horizon), kind)
    scores = np.empty((m, horizon, problem.n_states * k + 1), kind)
    x = start
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(horizon):
            epsilon = deviations[:, t]
            action = scale * epsilon - x @ gain.T
            rewards[:, t] = _reward(problem, x, action)
            scores[:, t, :-1] = (-epsilon[:, :, None] * x[:, None, :] / scale).reshape(m, -1)
            scores[:, t, -1] = np.sum(epsilon**2, axis=1) - k
            if t < horizon - 1:
                x = x @ problem.dynamics.T + action @ problem.control.T + shocks[:, t]
    _finite("a trajectory", rewards)
    _finite("a score", scores)
    return LQTrajectories(weights, rewards, scores, problem.discount)
