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
        h, a finite number above 0.

    Returns
    -------
    array, shape (*shape of f, *shape of theta)
        The derivative of each entry of f by each entry of θ, the latter on the last axes.

    Raises
    ------
    TypeError
        If ``function`` is not analytic on the way (``abs``, ``conj``, ``max``, ``float``, a real array
        that is written to). It is found out by one finite difference along all components together,
        which must agree with the result to a few digits, and by a value at θ that is not real. Also if
        ``function`` returns something other than numbers, or ``theta`` or ``step`` is not real.
    ValueError
        If ``theta`` is not finite, or ``step`` is not a finite number above 0.

    References
    ----------
    Squire and Trapp (1998), "Using complex variables to estimate derivatives of real functions".
    """
    point = _checks.real_array("theta", theta)
    _checks.require_finite("theta", point)
    step = _checks.require_positive("step", step, "the length of the step")
    base = _real_value(function, point.astype(complex))
    derivative = np.empty(base.shape + point.shape)
    for index in np.ndindex(point.shape):
        shifted = point.astype(complex)
        shifted[index] += 1j * step
        derivative[(..., *index)] = np.asarray(function(shifted)).imag / step
    _require_analytic(function, point, derivative)
    return derivative


def _real_value(function: Callable[[Any], Any], at: NDArray[Any]) -> NDArray[np.float64]:
    """Return the value of a function at a real point, as an array."""
    value = _checks.numeric_array("what function returns", function(at), "return a number or an array of numbers")
    if value.imag.any():
        raise TypeError("function is complex at a real theta: return a function that is real on real numbers")
    return value.real.astype(np.float64)


def _require_analytic(
    function: Callable[[Any], Any], point: NDArray[np.float64], derivative: NDArray[np.float64]
) -> None:
    """Compare a derivative with a central difference along a direction in which every component moves.

    One of four widths must agree: near a singularity a wide difference is wrong, and a narrow one is noisy.
    """
    if not point.size:
        return
    direction = np.cos(np.arange(point.size)).reshape(point.shape)
    along = np.tensordot(derivative, direction, axes=point.ndim)
    compared = False
    for width in (1e-6, 1e-8, 1e-11, 1e-4):
        small = width * max(1.0, float(np.abs(point).max()))
        with np.errstate(all="ignore"):
            try:
                up, down = (
                    np.asarray(function((point + way * direction).astype(complex))).real for way in (small, -small)
                )
            except ValueError:
                continue  # θ stands at the edge of what the function accepts
            error = np.abs((up - down) / (2 * small) - along)
        compared = True
        noise = 1e-14 * np.abs(up).max(initial=0) / small
        if not np.isfinite(error).all() or (error <= 1e-3 * np.abs(along).max(initial=0) + noise + 1e-7).all():
            return
    if compared:
        raise TypeError(
            "function does not carry complex numbers through, for its complex step and its finite difference "
            "disagree: keep the complex part (no abs, conj, max, float or real output array on the way)"
        )


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
        h, a finite number above 0 that is not lost beside θ.

    Returns
    -------
    array, shape (*shape of f, *shape of theta)

    Raises
    ------
    TypeError
        If ``function`` returns something other than real numbers, or ``theta`` or ``step`` is not real.
    ValueError
        If ``theta`` is not finite, or ``step`` is not a finite number above 0, or so small that
        an entry of θ does not move.
    """
    point = _checks.real_array("theta", theta)
    _checks.require_finite("theta", point)
    step = _checks.require_positive("step", step, "the length of the step")
    unmoved = (point + step == point) | (point - step == point)
    if unmoved.any():
        where, entry = _checks.first_place("theta", unmoved)
        raise ValueError(f"step is {step:g}, which is lost beside {where} = {point[entry]:g}: take a longer step")
    derivative = np.empty(_real_value(function, point).shape + point.shape)
    for index in np.ndindex(point.shape):
        up, down = point.copy(), point.copy()
        up[index] += step
        down[index] -= step
        derivative[(..., *index)] = (_real_value(function, up) - _real_value(function, down)) / (2 * step)
    return derivative
