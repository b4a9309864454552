"""A test whether a policy-gradient estimate has the exact gradient as its mean.

With the exact gradient and the exact covariance at hand nothing has to be guessed: if the estimator is
unbiased, n zᵀΣ⁺z with z = ĝ − ∇J has, for large n, a χ² distribution with rank Σ degrees of freedom.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, chdtri, chndtr

from pgcode import _checks

__all__ = ["BiasTest", "bias_test", "power"]

#: Eigenvalues of a correlation matrix below this are rounding errors of 0.
_RANK_TOLERANCE = 1e-10

#: A difference below this, relative to what is compared, is a rounding error of 0.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class BiasTest:
    """The result of ``bias_test``.

    Attributes
    ----------
    statistic : float
        n zᵀΣ⁺z; infinite if z has a part in directions in which the estimator does not vary at all.
    degrees_of_freedom : int
        The rank of Σ; 0 if the estimator does not vary at all.
    p_value : float
        The probability of a statistic at least as large when there is no bias.
    """

    statistic: float
    degrees_of_freedom: int
    p_value: float


def bias_test(estimate: ArrayLike, n_trajectories: int, gradient: ArrayLike, covariance: ArrayLike) -> BiasTest:
    """Compare an estimate with the exact gradient in the metric of the exact covariance.

    The scores of a softmax policy sum to zero over the actions of a state, so Σ is singular. The
    statistic is computed in the space in which the estimator varies, and its dimension is the number of
    degrees of freedom. In all other directions the estimate must agree with the gradient to rounding. If
    Σ = 0, these are all directions, and chance plays no part: the p-value is 1 or 0.

    Parameters
    ----------
    estimate : array, shape (*θ,)
        ĝ, the mean over n trajectories.
    n_trajectories : int
        n.
    gradient : array, shape (*θ,)
        ∇J(θ).
    covariance : array, shape (|θ|, |θ|)
        Σ, the exact covariance of the gradient of one trajectory.

    Returns
    -------
    BiasTest

    Raises
    ------
    TypeError
        If n is no whole number, or an array does not hold real numbers.
    ValueError
        If the shapes do not fit, an entry is not finite, n is not at least 1, or Σ is not symmetric and
        positive semidefinite.
    """
    n = _checks.require_count("n_trajectories", n_trajectories, "trajectories")
    mean, exact = _checks.real_array("estimate", estimate), _checks.real_array("gradient", gradient)
    _checks.require_shape("estimate", mean.shape, exact.shape, "the shape of gradient")
    _checks.require_finite("estimate", mean)
    _checks.require_finite("gradient", exact)
    parts = _Whitened(mean - exact, float(np.abs(exact).max(initial=0.0)), covariance)
    if parts.beyond_noise:
        return BiasTest(math.inf, parts.rank, 0.0)
    if parts.rank == 0:
        return BiasTest(0.0, 0, 1.0)
    statistic = n * parts.squared_length
    return BiasTest(statistic, parts.rank, float(chdtrc(parts.rank, statistic)))


def power(bias: ArrayLike, n_trajectories: int, covariance: ArrayLike, level: float = 0.05) -> float:
    """The probability that the test at a level finds a bias, for large n.

    Under a bias b the statistic has a noncentral χ² distribution with noncentrality n bᵀΣ⁺b. Without a bias
    the power is the level. If Σ = 0, it is 1 with a bias and 0 without: where nothing varies there is no
    false alarm either.

    Parameters
    ----------
    bias : array, shape (*θ,)
        b = E[ĝ] − ∇J(θ).
    n_trajectories : int
        n.
    covariance : array, shape (|θ|, |θ|)
        Σ, the exact covariance of the biased estimator for one trajectory.
    level : float
        The probability of a false alarm, strictly between 0 and 1.

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        As ``bias_test``, and if the level is no number between 0 and 1.
    """
    n = _checks.require_count("n_trajectories", n_trajectories, "trajectories")
    level = _checks.require_fraction("level", level, "the probability of a false alarm")
    if level in (0, 1):
        raise ValueError(f"level is {level:g}: the probability of a false alarm lies strictly between 0 and 1")
    flat = _checks.real_array("bias", bias).ravel()
    _checks.require_finite("bias", flat)
    parts = _Whitened(flat, float(np.abs(flat).max(initial=0.0)), covariance)
    if parts.beyond_noise:
        return 1.0
    if parts.rank == 0:
        return 0.0
    critical = float(chdtri(parts.rank, level))
    noncentrality = n * parts.squared_length
    # One normal component decides: it misses with a probability below 1e-18, and ``chndtr`` is not asked for what
    # it cannot compute.
    if math.sqrt(noncentrality) > math.sqrt(critical) + 9:
        return 1.0
    return max(level, 1 - float(chndtr(critical, parts.rank, noncentrality)))  # a bias makes no alarm rarer


class _Whitened:
    """A vector in the metric of a covariance: its length where there is noise, and whether it leaves that space.

    Components are first divided by their standard deviations, so that nothing depends on the units of a
    parameter or of the reward.

    Attributes
    ----------
    rank : int
        The number of directions with noise.
    squared_length : float
        zᵀΣ⁺z, over these directions.
    beyond_noise : bool
        Whether z has a part, beyond rounding at the given scale, where there is no noise.
    """

    def __init__(self, vector: NDArray[np.float64], scale: float, covariance: ArrayLike) -> None:
        flat = vector.ravel()
        matrix = _checked_covariance(covariance, flat.size)
        deviation = np.sqrt(np.maximum(np.diag(matrix), 0))
        largest = float(deviation.max(initial=0.0))
        noisy = deviation > 1e-12 * largest
        scale = max(scale, largest)
        self.beyond_noise = bool(np.abs(flat[~noisy]).max(initial=0.0) > _ROUNDING * scale)
        unit = deviation[noisy]
        values, vectors = np.linalg.eigh(matrix[np.ix_(noisy, noisy)] / np.outer(unit, unit))
        if values.min(initial=0.0) < -1e-8:
            raise ValueError(f"covariance has a negative eigenvalue, {values.min():.3g} in units of its diagonal")
        varies = values > _RANK_TOLERANCE
        along = vectors.T @ (flat[noisy] / unit)
        allowed = _ROUNDING * (scale / unit).max(initial=0.0)
        self.beyond_noise |= bool(np.abs(along[~varies]).max(initial=0.0) > allowed)
        self.rank = int(varies.sum())
        self.squared_length = float((along[varies] ** 2 / values[varies]).sum())


def _checked_covariance(covariance: ArrayLike, size: int) -> NDArray[np.float64]:
    matrix = _checks.real_array("covariance", covariance)
    _checks.require_shape("covariance", matrix.shape, (size, size), "a row and a column for each entry of θ")
    _checks.require_finite("covariance", matrix)
    if np.abs(matrix - matrix.T).max(initial=0.0) > 1e-9 * np.abs(matrix).max(initial=0.0):
        raise ValueError("covariance is not symmetric: pass Cov[g] of one trajectory, θ flattened")
    if (np.diag(matrix) < -1e-12 * np.abs(matrix).max(initial=0.0)).any():
        raise ValueError(f"covariance has the negative variance {np.diag(matrix).min():g}: it is no covariance")
    return (matrix + matrix.T) / 2
