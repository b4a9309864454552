"""Gradients of any function of θ, independent of every formula of the course."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks

__all__ = ["complex_step", "finite_difference"]


def complex_step(
    function: Callable[[NDArray[np.complex128]], Any], theta: ArrayLike, step: float = 1e-30
) -> NDArray[np.float64]:
    """Differentiate by the complex step: ∂f/∂θ_k = Im f(θ + i h e_k) / h + O(h²).

    Nothing is subtracted, so nothing cancels: with h = 1e-30 the result is exact to the last
    digits of f itself. ``function`` must carry complex numbers through.

    Parameters
    ----------
    function : callable
        Takes θ (complex, of the shape of ``theta``), returns a number or an array.
    theta : array
        The point, real.
    step : float
        h.

    Returns
    -------
    array, shape (*shape of f, *shape of theta)
        The derivative of each entry of f by each entry of θ, the latter on the last axes.

    Raises
    ------
    TypeError
        If ``function`` drops the imaginary part on the way (``abs``, ``max``, ``float``, a real
        array that is written to): its result is real although it changes with θ.

    References
    ----------
    Squire and Trapp (1998), "Using complex variables to estimate derivatives of real functions".
    """
    point = _checks.real_array("theta", theta)
    _checks.require_finite("theta", point)
    base = np.asarray(function(point.astype(complex)))
    derivative = np.empty(base.shape + point.shape)
    for index in np.ndindex(point.shape):
        shifted = point.astype(complex)
        shifted[index] += 1j * step
        value = np.asarray(function(shifted))
        if not np.iscomplexobj(value) and _changes(function, point, index):
            raise TypeError(
                "function returns real numbers although they depend on theta: "
                "keep the complex part (no abs, max, float or real output array on the way)"
            )
        derivative[(..., *index)] = value.imag / step
    return derivative


def _changes(function: Callable[[Any], Any], point: NDArray[np.float64], index: tuple[int, ...]) -> bool:
    """Tell whether a real function depends on one entry of θ at all."""
    moved = point.astype(complex)
    moved[index] += 1e-3 * max(1.0, abs(point[index]))
    before, after = np.asarray(function(point.astype(complex))), np.asarray(function(moved))
    return not np.array_equal(before, after, equal_nan=True)


def finite_difference(
    function: Callable[[NDArray[np.float64]], Any], theta: ArrayLike, step: float = 1e-5
) -> NDArray[np.float64]:
    """Differentiate by central differences: ∂f/∂θ_k = (f(θ + h e_k) − f(θ − h e_k)) / 2h + O(h²).

    Good to about 1e-10 relative to f at best, because two nearly equal numbers are subtracted;
    it asks nothing of ``function`` but real values.

    Parameters
    ----------
    function : callable
        Takes θ (real), returns a number or an array.
    theta : array
        The point.
    step : float
        h.

    Returns
    -------
    array, shape (*shape of f, *shape of theta)
    """
    point = _checks.real_array("theta", theta)
    _checks.require_finite("theta", point)
    base = np.asarray(function(point))
    derivative = np.empty(base.shape + point.shape)
    for index in np.ndindex(point.shape):
        up, down = point.copy(), point.copy()
        up[index] += step
        down[index] -= step
        derivative[(..., *index)] = (np.asarray(function(up)) - np.asarray(function(down))) / (2 * step)
    return derivative
