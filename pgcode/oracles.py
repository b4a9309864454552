"""Gradients of any function of θ, independent of every formula of the course."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
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

    Whether it does is looked at, entry by entry of f, with differences f(θ + ε v) − f(θ − ε v) at real points. The
    direction v moves all components of θ at once; where that leaves an entry of f with few digits, each component
    is moved alone too. What is found is a derivative that is wrong by more than these differences can be: about
    1e-9 of the size of the entry of f, more where f is curved or has noise of its own. What cannot be found: a kink
    or jump away from θ, a kink at θ itself whose two sides have opposite slopes and where f returns 0 for both, and
    what is smaller than the rounding of the entry in which it is hidden. A derivative below 1e-277 may be lost by
    underflow, for it is multiplied by the step.

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
        If ``function`` is found not to be analytic on the way (``abs``, ``conj``, ``max``, ``float``, a real array
        that is written to), or its value at θ is not real. Also if ``function`` returns something other than
        numbers, or ``theta`` or ``step`` is not real.
    ValueError
        If ``theta`` is not finite, or ``step`` is not a finite number above 0; if ``function`` returns an entry
        that is not finite, or arrays of different shapes.

    References
    ----------
    Squire and Trapp (1998), "Using complex variables to estimate derivatives of real functions".

    Examples
    --------
    >>> import numpy as np
    >>> complex_step(lambda x: x[0] * np.sin(x[1]), [2.0, 0.0])
    array([0., 2.])
    >>> complex_step(lambda x: np.abs(x), [3.0])
    Traceback (most recent call last):
    ...
    TypeError: function does not carry complex numbers through: its complex step and its finite difference disagree \
in what it returns: keep the complex part (no abs, conj, max, float or real output array on the way)
    """
    point = _checks.real_array("theta", theta)
    _checks.require_finite("theta", point)
    step = _checks.require_positive("step", step, "the length of the step")
    base = _real_value(function, point.astype(complex))
    _checks.require_finite("what function returns", base, "a derivative needs finite values: move theta, or scale")
    _checks.require_memory(
        "the derivative", base.shape + point.shape, "differentiate fewer entries of function at once, or their sum"
    )
    derivative = np.empty(base.shape + point.shape)
    for index in np.ndindex(point.shape):
        shifted = point.astype(complex)
        shifted[index] += 1j * step
        value = _call(function, shifted)
        if value.shape != base.shape:
            raise ValueError(f"function returns shapes {base.shape} and {value.shape}: return one shape for all theta")
        derivative[(..., *index)] = value.imag / step
    _checks.require_finite("the derivative", derivative, "move theta, or scale what function returns")
    if point.size:
        lost_below = np.finfo(float).tiny / step  # a smaller derivative times the step may underflow
        _require_analytic(function, point, base.ravel(), derivative.reshape(base.size, point.size), lost_below)
    return derivative


def _call(function: Callable[[Any], Any], at: NDArray[Any]) -> NDArray[Any]:
    """Return what a function returns as an array of numbers; a complex part that NumPy would drop is told."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        try:
            value = function(at)
        except np.exceptions.ComplexWarning as error:
            raise TypeError(f"{_NOT_CARRIED}: {_KEEP}") from error
    return _checks.numeric_array("what function returns", value, "return a number or an array of numbers")


_NOT_CARRIED = "function does not carry complex numbers through"
_KEEP = "keep the complex part (no abs, conj, max, float or real output array on the way)"


def _real_value(function: Callable[[Any], Any], at: NDArray[Any]) -> NDArray[np.float64]:
    """Return the value of a function at a real point, as an array."""
    value = _call(function, at)
    if value.imag.any():
        raise TypeError("function is complex at a real theta: return a function that is real on real numbers")
    return value.real.astype(np.float64)


def _require_analytic(
    function: Callable[[Any], Any],
    point: NDArray[np.float64],
    base: NDArray[np.float64],
    jacobian: NDArray[np.float64],
    lost_below: float,
) -> None:
    """Compare a derivative (n_values, n_parameters) with central differences, each value for itself."""
    flat = point.ravel()
    size = np.maximum(1, np.abs(flat))
    irregular = np.cos(np.arange(flat.size))  # so that two wrong components do not cancel by symmetry
    quantum = np.zeros(len(base))
    blunt = _disagreement(function, point, base, jacobian, size * irregular, _WIDTHS, quantum, lost_below)
    if not blunt.any():
        return
    near = np.where(flat == 0, 1, np.abs(flat))
    if (near < size).any():  # close to 0 there may be a singularity: steps that are small beside θ itself
        _disagreement(function, point, base, jacobian, near * irregular[::-1], _WIDTHS, quantum, lost_below)
    if 1 < flat.size <= _MOST_SINGLE_DIRECTIONS:
        for k in range(flat.size):
            alone = size[k] * (np.arange(flat.size) == k)
            _disagreement(function, point, base, jacobian, alone, (0.1, 0.01, 0.001, *_WIDTHS), quantum, lost_below)


#: From far, where little is lost in rounding, to near, where a singularity is out of reach.
_WIDTHS = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12)

#: With more parameters than these a direction of its own is not taken for each.
_MOST_SINGLE_DIRECTIONS = 32

#: How often over its estimated error a difference must be off before a function is called not analytic.
_CERTAINTY = 30.0


def _disagreement(
    function: Callable[[Any], Any],
    point: NDArray[np.float64],
    base: NDArray[np.float64],
    jacobian: NDArray[np.float64],
    direction: NDArray[np.float64],
    widths: Sequence[float],
    quantum: NDArray[np.float64],
    lost_below: float,
) -> NDArray[np.bool_]:
    """Raise where the slope along a direction is not that of differences; return where they were blunt.

    The error of a difference of width ε has two parts. Its bend, of order ε², is seen by comparing it with the
    one of the next larger width; its blur is the noise of f divided by ε. The widths narrow down until each value
    has a difference whose blur is the larger part. A value is wrong if it disagrees at its best width, by far more
    than both parts together, and at all narrower ones whose blur would let one see that.
    ``quantum`` is the noise of values that moved by less than their last digit; it is kept from one direction
    to the next.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        along = jacobian @ direction
        largest = np.abs(jacobian * direction).max(axis=1)
    shape = direction.reshape(point.shape)

    def value(distance: float) -> NDArray[np.float64]:
        """What function returns at a distance; NaN where that is not real, for there θ has left its domain."""
        try:
            found = _call(function, (point + distance * shape).astype(complex)).ravel()
        except (ValueError, ArithmeticError, np.linalg.LinAlgError):
            return np.full(base.shape, np.nan)
        return np.where(found.imag == 0, found.real, np.nan).astype(np.float64)

    with np.errstate(all="ignore"):
        noise = np.fmax(quantum, np.finfo(float).eps * np.abs(base))
        for distance in (1e-13, -1e-13):
            noise = np.fmax(noise, np.abs(value(distance) - base - distance * along))
        slopes: list[NDArray[np.float64]] = []
        offs: list[NDArray[np.float64]] = []
        blurs: list[NDArray[np.float64]] = []
        bars: list[NDArray[np.float64]] = []
        shaken: list[NDArray[np.float64]] = []
        moved = np.zeros(len(base), dtype=bool)
        for width in widths:
            up, down = value(width), value(-width)
            still = (up == base) & (down == base)
            moved |= ~still
            blur = 2 * np.fmax(noise, np.finfo(float).eps * np.fmax(np.abs(up), np.abs(down))) / width
            lost = still & moved  # f has moved before, and now by less than its last digit
            slope = np.where(lost, np.nan, (up - down) / (2 * width))
            bend = np.abs(slope - slopes[-1]) if slopes else np.full(base.shape, np.nan)
            quantum[lost] = np.maximum(quantum, width * np.abs(along))[lost]
            shaken.append(width * np.where(lost, np.abs(along), np.where(np.isfinite(bend), bend, 0)))
            slopes.append(slope)
            blurs.append(blur)
            offs.append(np.abs(slope - along))
            bars.append(bend + blur)
            if ((bend <= blur) & (offs[-1] <= _CERTAINTY * bars[-1])).all():
                break
        off, blur, bar, slope = (np.array(rows) for rows in (offs, blurs, bars, slopes))
        # Noise that only shows when f moves by more than it: a narrower difference bends by noise alone.
        reach = np.array(widths[: len(bar)])[:, None]
        later = np.maximum.accumulate(np.vstack([*shaken[1:], np.zeros(len(base))])[::-1])[::-1] / reach
        blur, bar = blur + later, bar + later
        known = np.isfinite(bar) & np.isfinite(off)
        bar = np.where(known, bar, np.inf)
        best, every = bar.argmin(axis=0), np.arange(len(base))
        sharpest, furthest = bar[best, every], off[best, every]
        rounding = (along != 0) & (np.maximum(np.abs(along), furthest) <= 1e-13 * max(1.0, np.abs(base).max()))
        narrower = np.arange(len(bar))[:, None] > best
        acquits = known & narrower & (10 * _CERTAINTY * blur < furthest) & (off <= _CERTAINTY * bar)
        wrong = (
            np.isfinite(sharpest)
            & (furthest > np.fmax(_CERTAINTY * sharpest, lost_below))
            & ~rounding
            & ~acquits.any(axis=0)
        )
    if wrong.any():
        number = int(np.flatnonzero(wrong)[0])
        raise TypeError(
            f"{_NOT_CARRIED}: its complex step and its finite difference disagree in what it "
            f"returns{f'[{number}]' if len(base) > 1 else ''}: {_KEEP}"
        )
    return np.asarray(sharpest > 1e-6 * np.where(largest > 0, largest, np.abs(base)))


def finite_difference(
    function: Callable[[NDArray[np.float64]], Any], theta: ArrayLike, step: float = 1e-5
) -> NDArray[np.float64]:
    """Differentiate by central differences: ∂f/∂θ_k = (f(θ + h e_k) − f(θ − h e_k)) / 2h + O(h²).

    It asks nothing of ``function`` but real values. Besides h² f‴/6 it is wrong by about 1e-16 |f| / h, because two
    nearly equal numbers are subtracted: 1e-11 |f| at the default step. Beside a large θ the two points are rounded; the
    difference of f is divided by the distance that they have, and what remains is at most 1e-16 |θ f″|.

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

    Examples
    --------
    >>> import numpy as np
    >>> finite_difference(lambda x: x[0] * np.abs(x[1]), [2.0, -3.0]).round(6)
    array([ 3., -2.])
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
        moved = up[index] - down[index]  # beside a large θ not 2h
        derivative[(..., *index)] = (_real_value(function, up) - _real_value(function, down)) / moved
    return derivative
