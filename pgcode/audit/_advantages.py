"""The same for advantages: every pattern of ends and cuts, and the name of the mistake."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode._time_limit import TimeLimitReachedError, call_within
from pgcode.audit._calls import LONGEST_CALL, stopped
from pgcode.audit._report import Report
from pgcode.displays import table
from pgcode.mistakes import ADVANTAGES, Steps, right_advantages

__all__ = ["audit_advantages"]

Array = NDArray[np.float64]

#: Rollouts are enumerated up to this length.
LONGEST = 5
#: What a small number in a divisor may do, such as 1e-5 beside a deviation.
NEARLY = 1e-4
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
            for array in (rewards, values, next_values):
                array.setflags(write=False)
            ends, cuts = (np.array([sign == kind for sign in pattern]) for kind in (ENDS, IS_CUT))
            found.append((pattern, Steps(rewards, values, next_values, ends, cuts, 0.9, 0.8)))
    return tuple(found)


def audit_advantages(function: Callable[[Steps], Any], *, max_seconds: float = 60.0) -> Report:
    r"""Tell whether a function gives generalized advantage estimates, at every pattern of ends and cuts.

    The function is called on rollouts of up to five steps in which each step goes on, ends its episode or is cut, all
    363 of them, with γ = 0.9 and λ = 0.8.

    Parameters
    ----------
    function : callable
        ``function(steps)`` with `mistakes.Steps` returns the advantages, shape (T,).
    max_seconds : float
        A call that takes a quarter of it is stopped where there are signals, as in `audit`.

    Returns
    -------
    Report
        "unbiased" says that all agree with `mistakes.right_advantages`; "biased" names the mistake, if it is known, and
        shows the shortest rollout on which it matters.

    Raises
    ------
    TypeError
        If function is none.

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
    given, longest = [], max_seconds * LONGEST_CALL
    for pattern, steps in _patterns():
        try:
            array = np.asarray(call_within(lambda now=steps: function(now), longest))  # type: ignore[misc]
        except TimeLimitReachedError:
            return _no(stopped(longest, f"at {_shown(pattern)}"))
        except Exception as error:
            return _no(f"it raised {type(error).__name__} at {_shown(pattern)}: {error}")
        if array.dtype.kind not in "iuf" or array.shape != (len(steps),):
            return _no(f"at {_shown(pattern)} it gave shape {array.shape} of {array.dtype}, not {len(steps)} numbers")
        if not np.isfinite(array).all():
            return _no(f"at {_shown(pattern)} it gave {array[~np.isfinite(array)][0]}")
        given.append(array)
    tolerance = 2e-5 if any(array.dtype.itemsize < 8 and array.dtype.kind == "f" for array in given) else 1e-9
    right = [right_advantages(steps) for _, steps in _patterns()]
    wrong = [n for n, (one, other) in enumerate(zip(given, right, strict=True)) if not _same(one, other, tolerance)]
    calls = len(given)
    if not wrong:
        return Report("unbiased", f"All {calls} patterns of ends and cuts agree.", calls=calls)
    names = _names(given, tolerance) or _names(given, NEARLY)
    pattern, steps = _patterns()[wrong[0]]
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
        caption="The shortest rollout that differs, with γ = 0.9 and λ = 0.8.",
    )
    alike = "It gives what " + " or ".join(f"“{name}”" for name in names) + " gives. " if names else ""
    unknown = "" if names else "No mistake that is known gives the same. "
    reason = f"{alike}{unknown}{len(wrong)} of {calls} patterns of ends and cuts differ."
    return Report("biased", reason, mistakes=names, variances=shown, calls=calls)


def _names(given: list[Array], tolerance: float) -> tuple[str, ...]:
    """The known mistakes that give the same on all rollouts; a small number in a divisor changes little."""
    return tuple(
        name
        for name, mistake in ADVANTAGES.items()
        if all(_same(one, mistake(steps), tolerance) for one, (_, steps) in zip(given, _patterns(), strict=True))
    )


def _same(one: Array, other: Array, tolerance: float) -> bool:
    return bool(np.abs(one - other).max() <= tolerance * max(1.0, float(np.abs(other).max())))


def _no(reason: str) -> Report:
    return Report("not an estimator", f"These are no advantages: {reason}.")


def _shown(pattern: tuple[str, ...]) -> str:
    return f"the rollout ({', '.join('goes on' if sign == GOES_ON else sign for sign in pattern)})"
