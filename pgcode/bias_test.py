"""A test whether a policy-gradient estimate has the exact gradient as its mean.

With the exact gradient and the exact covariance at hand nothing has to be guessed: if the estimator is
unbiased, n zᵀΣ⁺z with z = ĝ − ∇J has, for large n, a χ² distribution with rank Σ degrees of freedom.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks

__all__ = ["BiasTest", "bias_test", "chi_square_survival", "power"]

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
        The rank of Σ.
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
    degrees of freedom. In all other directions the estimate must agree with the gradient to rounding.

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
    ValueError
        If the shapes do not fit, or Σ is not symmetric and positive semidefinite.
    """
    n = _checks.require_count("n_trajectories", n_trajectories, "trajectories")
    mean, exact = _checks.real_array("estimate", estimate), _checks.real_array("gradient", gradient)
    _checks.require_shape("estimate", mean.shape, exact.shape, "the shape of gradient")
    _checks.require_finite("estimate", mean)
    parts = _Whitened(mean - exact, float(np.abs(exact).max(initial=0.0)), covariance)
    if parts.beyond_noise:
        return BiasTest(math.inf, parts.rank, 0.0)
    statistic = n * parts.squared_length
    return BiasTest(statistic, parts.rank, chi_square_survival(statistic, parts.rank))


def power(bias: ArrayLike, n_trajectories: int, covariance: ArrayLike, level: float = 0.05) -> float:
    """The probability that the test at a level finds a bias, for large n.

    Under a bias b the statistic has a noncentral χ² distribution with noncentrality n bᵀΣ⁺b. Its
    survival function is a mixture of central ones with Poisson weights.

    Parameters
    ----------
    bias : array, shape (*θ,)
        b = E[ĝ] − ∇J(θ).
    n_trajectories : int
        n.
    covariance : array, shape (|θ|, |θ|)
        Σ, the exact covariance of the biased estimator for one trajectory.
    level : float
        The probability of a false alarm.

    Returns
    -------
    float
    """
    n = _checks.require_count("n_trajectories", n_trajectories, "trajectories")
    if not 0 < level < 1:
        raise ValueError(f"level is {level}: the probability of a false alarm lies strictly between 0 and 1")
    flat = _checks.real_array("bias", bias).ravel()
    parts = _Whitened(flat, float(np.abs(flat).max(initial=0.0)), covariance)
    if parts.beyond_noise:
        return 1.0
    critical = _critical_value(level, parts.rank)
    noncentrality = n * parts.squared_length
    if noncentrality == 0:
        return level
    if math.sqrt(noncentrality) > math.sqrt(critical) + 9:  # even one normal component decides
        return 1.0
    half, x = noncentrality / 2, critical / 2
    spread = 12 * math.sqrt(half) + 40
    first, last = max(0, int(half - spread)), int(half + spread)
    survival, terms = chi_square_survival(critical, parts.rank + 2 * first), []
    for j in range(first, last + 1):
        terms.append(math.exp(j * math.log(half) - half - math.lgamma(j + 1)) * survival)
        order = parts.rank / 2 + j  # Pr(χ²_{k+2} > c) = Pr(χ²_k > c) + x^{k/2} e^{−x} / Γ(k/2 + 1)
        survival += math.exp(order * math.log(x) - x - math.lgamma(order + 1))
    return min(1.0, math.fsum(terms))


def chi_square_survival(x: float, degrees_of_freedom: int) -> float:
    """Pr(χ²_k > x) in closed form for a whole number k = ``degrees_of_freedom``.

    For even k it is e^{−x/2} Σ_{j<k/2} (x/2)^j / j!, for odd k it is
    erfc(√(x/2)) + e^{−x/2} Σ_{j=1}^{(k−1)/2} (x/2)^{j−1/2} / Γ(j + 1/2).

    References
    ----------
    Abramowitz and Stegun (1964), equations 26.4.4 and 26.4.5.
    """
    if x <= 0:
        return 1.0
    if degrees_of_freedom == 0:
        return 0.0
    half = x / 2
    if degrees_of_freedom % 2:
        exponents = [j - 0.5 for j in range(1, (degrees_of_freedom + 1) // 2)]
        tail = math.erfc(math.sqrt(half))
    else:
        exponents = [float(j) for j in range(degrees_of_freedom // 2)]
        tail = 0.0
    terms = (math.exp(e * math.log(half) - half - math.lgamma(e + 1)) for e in exponents)
    return min(1.0, tail + math.fsum(terms))


def _critical_value(level: float, degrees_of_freedom: int) -> float:
    """The x with Pr(χ²_k > x) = level, by bisection."""
    low, high = 0.0, 1.0
    while chi_square_survival(high, degrees_of_freedom) > level:
        high *= 2
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if chi_square_survival(middle, degrees_of_freedom) > level else (low, middle)
    return high


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
