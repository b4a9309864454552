"""Advantages beside the exact ones: every pattern of ends and cuts, and the name of the mistake."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import _checks
from pgcode.audit._calls import LONGEST_CALL, Counted, NotAnEstimatorError, called_no_more, ended, result_of, rounding
from pgcode.audit._report import Report
from pgcode.audit._worlds import frozen
from pgcode.displays import table
from pgcode.mistakes import ADVANTAGES, Steps, right_advantages

__all__ = ["audit_advantages"]

Array = NDArray[np.float64]

#: Rollouts are enumerated up to this length.
LONGEST = 5
#: What a small number in a divisor may do, such as 1e-5 beside a deviation.
NEARLY = 1e-4
#: What agrees so well is the same; in single precision, which has about seven digits, what agrees as well as this.
EXACT, SINGLE = 1e-9, 1e-5
#: γ and λ.
DISCOUNTS = ((0.9, 0.8), (0.97, 0.5))
GOES_ON, ENDS, IS_CUT = "·", "end", "cut"


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[tuple[str, ...], Steps], ...]:
    """Every pattern of ends and cuts up to the longest, with numbers of its own."""
    found = []
    rng = np.random.default_rng(0)
    for length in range(1, LONGEST + 1):
        for pattern in itertools.product((GOES_ON, ENDS, IS_CUT), repeat=length):
            rewards, values, beyond = rng.normal(size=(3, length)).round(2)
            done = np.array([sign != GOES_ON for sign in pattern])
            then = np.append(values[1:], beyond[-1])
            next_values = np.where(done, beyond, then)
            ends, cuts = (np.array([sign == kind for sign in pattern]) for kind in (ENDS, IS_CUT))
            rewards, values, next_values, ends, cuts = map(frozen, (rewards, values, next_values, ends, cuts))
            for discount, gae_lambda in DISCOUNTS:
                found.append((pattern, Steps(rewards, values, next_values, ends, cuts, discount, gae_lambda)))
    return tuple(found)


def audit_advantages(function: Callable[[Steps], Any], *, max_seconds: float = 60.0) -> Report:
    r"""Tell whether a function gives generalized advantage estimates, at every pattern of ends and cuts.

    The function is called on rollouts of up to five steps in which each step goes on, ends its episode or is cut, all
    363 of them, with γ = 0.9 and λ = 0.8, and with γ = 0.97 and λ = 0.5.

    **Equal, and not unbiased.** What is compared are numbers, one for each step, with Σ_l (γλ)^l δ_{t+l} of the values
    that were handed in. Nothing is averaged, and no policy is there. Whether such advantages give an unbiased gradient
    hangs on λ and on the values: with λ = 1 they do where nothing is cut, with λ < 1 only if the values are V itself.
    That is asked of the whole estimator, by `audit`.

    **What it does not see.** Nothing is longer than five steps, rewards and values are about 1 in size, and one
    environment is looked at, not several next to each other.

    Parameters
    ----------
    function : callable
        ``function(steps)`` with `mistakes.Steps` returns the advantages, shape (T,).
    max_seconds : float
        A call that takes a quarter of it is stopped where there are signals, as in `audit`.

    Returns
    -------
    Report
        "equal" says that all agree with `mistakes.right_advantages`, in single precision or better; "different" names
        the mistake, if it is known, and shows in ``rollout`` the shortest one on which it matters; "not an estimator"
        is what raises, or gives something else than a number for each step.

    Raises
    ------
    TypeError, ValueError
        If function is none, or max_seconds is not a finite number above 0.

    Examples
    --------
    >>> from pgcode.audit import audit_advantages
    >>> def advantages(steps):
    ...     total, running = [0.0] * len(steps), 0.0
    ...     for t in reversed(range(len(steps))):
    ...         mask = 1.0 - steps.done[t]
    ...         error = steps.rewards[t] + steps.discount * steps.next_values[t] * mask - steps.values[t]
    ...         running = error + steps.discount * steps.gae_lambda * mask * running
    ...         total[t] = running
    ...     return total
    >>> audit_advantages(advantages).mistakes
    ('cut taken for an end',)
    """
    if not callable(function):
        raise TypeError(f"function is {function!r}: pass a function of Steps")
    longest = LONGEST_CALL * _checks.require_positive("max_seconds", max_seconds, "the seconds that an audit may take")
    patterns, counted = _patterns(), Counted(function)
    try:
        given = [_given(counted, pattern, steps, longest) for pattern, steps in patterns]
        largest = max(range(len(given)), key=lambda number: float(np.abs(given[number]).max()))
        for number in (0, len(given) // 2, largest, len(given) - 1):
            again = _given(counted, *patterns[number], longest)
            if not np.array_equal(again, given[number]):
                raise NotAnEstimatorError(
                    f"at {_shown(patterns[number][0])} it gave two results, so it draws random numbers or keeps "
                    "something from call to call"
                )
    except NotAnEstimatorError as error:
        return Report("not an estimator", f"These are no advantages: {ended(error)}", calls=counted.calls)
    called_no_more(function)
    tolerance = max(rounding(array.dtype) for array in given)
    right = [right_advantages(steps) for _, steps in patterns]
    off = [_off(one, other) for one, other in zip(given, right, strict=True)]
    wrong = [number for number, one in enumerate(off) if one > SINGLE]
    told = len(patterns) // len(DISCOUNTS)
    if not wrong:
        precision = "" if max(off) <= EXACT else f", to {max(off):.1g}: in single precision, it seems"
        return Report(
            "equal",
            f"On all {told} patterns of ends and cuts it gives the advantages of the values that it was handed"
            f"{precision}. Whether the gradient is right hangs on these values and on λ.",
            calls=counted.calls,
        )
    names = _names(given, tolerance) or _names(given, NEARLY)
    pattern, steps = patterns[wrong[0]]
    shown = table(
        {
            "step": list(range(len(steps))),
            "then": list(pattern),
            r"\(r_t\)": steps.rewards,
            r"\(V(s_t)\)": steps.values,
            r"\(V(s_{t+1})\)": steps.next_values,
            "given": given[wrong[0]],
            "right": right[wrong[0]],
        },
        digits=3,
        caption=f"The shortest rollout that differs, with γ = {steps.discount:g} and λ = {steps.gae_lambda:g}.",
    )
    alike = "It gives what " + " or ".join(f"“{name}”" for name in names) + " gives. " if names else ""
    unknown = "" if names else "No mistake that is known gives the same. "
    different = len({patterns[number][0] for number in wrong})
    near = f", by at most {max(off):.1g}" if max(off) < 1e-2 else ""
    half = " Half precision has about three digits." if near and min(one.itemsize for one in given) == 2 else ""
    reason = f"{alike}{unknown}{different} of {told} patterns of ends and cuts differ{near}.{half}"
    return Report("different", reason, mistakes=names, rollout=shown, calls=counted.calls)


def _given(function: Callable[[Steps], Any], pattern: tuple[str, ...], steps: Steps, longest: float) -> Array:
    """What a function gives at one rollout."""
    array = result_of(lambda: function(steps), longest, f"at {_shown(pattern)}")
    if array.shape != (len(steps),):
        raise NotAnEstimatorError(f"at {_shown(pattern)} it gave shape {array.shape}, not {len(steps)} numbers")
    return array


def _off(one: Array, other: Array) -> float:
    """The largest difference, as a share of the largest of what is right, or of 1."""
    return float(np.abs(one - other).max()) / max(1.0, float(np.abs(other).max()))


def _names(given: list[Array], tolerance: float) -> tuple[str, ...]:
    """The known mistakes that give the same on all rollouts; a small number in a divisor changes little."""
    return tuple(
        name
        for name, mistake in ADVANTAGES.items()
        if all(_same(one, mistake(steps), tolerance) for one, (_, steps) in zip(given, _patterns(), strict=True))
    )


def _same(one: Array, other: Array, tolerance: float) -> bool:
    return _off(one, other) <= tolerance


def _shown(pattern: tuple[str, ...]) -> str:
    return f"the rollout ({', '.join('goes on' if sign == GOES_ON else sign for sign in pattern)})"
