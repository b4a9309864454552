"""Ascent on a known gradient: along ∇J, or along the natural gradient."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks, step_form
from pgcode._policy_checks import require_real_theta
from pgcode.mdp import TabularMDP
from pgcode.policies import TabularPolicy

__all__ = [
    "gradient_ascent",
    "moved",
    "natural_ascent",
    "natural_gradient",
    "require_finite_theta",
    "trust_region_step",
]


def gradient_ascent(
    gradient: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    theta: ArrayLike,
    step_size: float,
    n_steps: int,
) -> NDArray[np.float64]:
    """Follow a gradient uphill: θ ← θ + α ∇J(θ).

    Parameters
    ----------
    gradient : callable
        From θ to ∇J(θ), of the same shape.
    theta : array
        The start.
    step_size : float
        α.
    n_steps : int
        The number of steps.

    Returns
    -------
    array, shape (n_steps + 1, *θ)
        All points of the path, the start first.

    Raises
    ------
    TypeError
        If an argument, or what ``gradient`` returns, does not hold real numbers.
    ValueError
        If the start, the step size, a gradient or a point of the path is not finite, there is no step, or the
        gradient has another shape than θ.

    References
    ----------
    Line A1.

    Examples
    --------
    >>> gradient_ascent(lambda theta: -2 * theta, [1.0], step_size=0.25, n_steps=3)  # of −θ²
    array([[1.   ],
           [0.5  ],
           [0.25 ],
           [0.125]])
    """
    if not callable(gradient):
        raise TypeError(f"gradient is {gradient!r}: pass a function from theta to the gradient there")
    n_steps = _checks.require_count("n_steps", n_steps, "steps")
    point = _checks.real_array("theta", theta)
    _checks.require_finite("theta", point)
    alpha = _checks.step_sizes("step_size", step_size)
    path = np.empty((n_steps + 1, *point.shape))
    path[0] = point
    for step in range(n_steps):
        uphill = _checks.real_array("gradient", gradient(path[step].copy()))  # who may write into what is given
        _checks.require_shape("gradient", uphill.shape, point.shape, "the shape of theta")
        _checks.require_finite("gradient", uphill, f"the gradient of step {step} must be finite")
        with np.errstate(over="ignore", invalid="ignore"):
            change = alpha * uphill
        path[step + 1] = moved(path[step], change, f"step {step}")
    return path


def moved(theta: NDArray[np.float64], change: NDArray[np.float64], where: str) -> NDArray[np.float64]:
    """θ and a change of it, which must stay among the floats."""
    with np.errstate(over="ignore", invalid="ignore"):
        after: NDArray[np.float64] = theta + change
    return require_finite_theta(after, where)


def require_finite_theta(after: NDArray[np.float64], where: str) -> NDArray[np.float64]:
    """Return θ of any shape, or say after what it has left the floats."""
    if not np.isfinite(after).all():
        raise ValueError(f"theta is no longer finite after {where}: take a smaller step_size")
    return after


def natural_gradient(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> NDArray[np.float64]:
    """F(θ)⁺ ∇J(θ), the direction in which J rises most for a small change of the policy, not of its parameters.

        F(θ) = Σ_s d_γ(s) Σ_a π_θ(a|s) ∇log π_θ(a|s) ∇log π_θ(a|s)ᵀ

    is the Fisher matrix, over the states in which something is decided, and F⁺ its pseudoinverse: where parameters
    share a direction that changes no policy, as a softmax has one in each state, the natural gradient has no part in
    it. For a tabular softmax it is the advantage A(s,a), less its mean over the actions of the state. In general its
    entries are the coefficients with which the entries of ∇log π fit A best, under the weights d_γ(s) π(a|s). It does
    not depend on how the policy is written in parameters, while ∇J does.

    Parameters
    ----------
    mdp : TabularMDP
    policy, theta : TabularPolicy, array
        π_θ, at real θ.

    Returns
    -------
    array, shape (*θ,)

    Raises
    ------
    TypeError, ValueError
        As ``exact_gradient``, or if θ is complex.

    References
    ----------
    Amari (1998) has the natural gradient, Kakade (2001) that of J; Sutton et al. (2000) have the fit of A.

    Examples
    --------
    >>> from pgcode.environments import two_armed_bandit
    >>> from pgcode.policies import SoftmaxPolicy
    >>> natural_gradient(two_armed_bandit((1.0, 2.0)), SoftmaxPolicy(2, 2), [[0.0, 3.0], [0.0, 0.0]]).round(9)
    array([[-0.5,  0.5],
           [ 0. ,  0. ]])

    The arms pay 1 and 2, and their advantages differ by 1 whatever their probabilities.
    """
    at = require_real_theta(policy, theta, "the natural gradient is taken at real parameters")
    return _natural_gradient(mdp, policy, at)[0]


def _natural_gradient(
    mdp: TabularMDP, policy: TabularPolicy, at: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """F⁺ ∇J, and √(∇Jᵀ F⁺ ∇J), which is 0 where rounding may have made all of it."""
    rows, root = step_form._weighted_scores(mdp, policy, at)
    # F = rowsᵀ rows and ∇J = rowsᵀ (√(d π) A): the fit of A does without the squares of small sizes.
    left, sizes, directions = np.linalg.svd(rows, full_matrices=False)
    rounding = max(rows.shape) * np.finfo(float).eps
    # A score is rounded by ε of the largest one, however small the weight beside that is.
    kept = sizes > rounding * root.max() * np.abs(policy.score(at)).max()
    target = (root * step_form._mean_advantages(mdp, policy, at)).ravel()
    along = target @ left[:, kept]
    length = float(np.linalg.norm(along))
    # A is rounded by ε of itself. Where all actions pay alike, V is rounded by ε of what n steps pay; that is found
    # again, and rounded by ε once more, in each of n steps.
    n_steps = float(np.square(root).sum())
    common = np.finfo(float).eps * np.abs(mdp.reward).max() * n_steps**2 * np.sqrt(n_steps)
    natural: NDArray[np.float64] = (along / sizes[kept] @ directions[kept]).reshape(at.shape)
    return natural, length if length > rounding * (float(np.linalg.norm(target)) + common) else 0.0


def trust_region_step(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, radius: float) -> NDArray[np.float64]:
    """The step x that raises J most, to first order, among those with ½ xᵀF x ≤ ε.

        x = √(2ε / ∇Jᵀ F⁺ ∇J) · F⁺ ∇J

    has the direction of the natural gradient and the length at which ½ xᵀF x = ε, which is what
    ``step_form.divergence`` from θ to θ + x is, to second order. Programs try it, measure the divergence, and shorten
    the step where it is too large.

    Parameters
    ----------
    mdp : TabularMDP
    policy, theta : TabularPolicy, array
        π_θ, at real θ.
    radius : float
        ε, for the sum over the discounted visits. TRPO gives its own for the mean: multiply that by Σ_s d_γ(s).

    Returns
    -------
    array, shape (*θ,)
        Zero where ∇J is, and where it cannot be told from rounding.

    Raises
    ------
    TypeError, ValueError
        As ``natural_gradient``, or if the radius is not a positive number.

    References
    ----------
    Schulman et al. (2015).

    Examples
    --------
    >>> from pgcode.environments import thin_ice, thin_ice_policy
    >>> trust_region_step(thin_ice(), thin_ice_policy(), [np.log(1 / 9)], 0.01).round(4)
    array([0.46])
    """
    at = require_real_theta(policy, theta, "the step is taken from real parameters")
    epsilon = _checks.require_positive("radius", radius, "the square of a distance")
    direction, length = _natural_gradient(mdp, policy, at)
    return direction * (np.sqrt(2 * epsilon) / length) if length > 0 else np.zeros_like(direction)


def natural_ascent(
    mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, step_size: float, n_steps: int
) -> NDArray[np.float64]:
    """Follow the natural gradient uphill: θ ← θ + α F(θ)⁺ ∇J(θ).

    Parameters
    ----------
    mdp : TabularMDP
    policy : TabularPolicy
    theta : array, shape (*θ,)
        The start.
    step_size : float
        α.
    n_steps : int
        The number of steps.

    Returns
    -------
    array, shape (n_steps + 1, *θ)
        All points of the path, the start first.

    Raises
    ------
    TypeError, ValueError
        As ``gradient_ascent`` and ``natural_gradient``.

    References
    ----------
    Kakade (2001).

    Examples
    --------
    From a start that nearly always takes the poor arm, 20 steps of 0.5 along ∇J and along the natural gradient:

    >>> from pgcode import values
    >>> from pgcode.environments import two_armed_bandit
    >>> from pgcode.policies import SoftmaxPolicy
    >>> from pgcode.state_action_form import exact_gradient
    >>> bandit, policy, start = two_armed_bandit((1.0, 2.0)), SoftmaxPolicy(2, 2), [[5.0, 0.0], [0.0, 0.0]]
    >>> plain = gradient_ascent(lambda at: exact_gradient(bandit, policy, at), start, 0.5, 20)
    >>> natural = natural_ascent(bandit, policy, start, 0.5, 20)
    >>> [round(float(values.objective(bandit, policy, path[-1])), 3) for path in (plain, natural)]
    [1.008, 1.993]
    """
    return gradient_ascent(lambda at: natural_gradient(mdp, policy, at), theta, step_size, n_steps)
