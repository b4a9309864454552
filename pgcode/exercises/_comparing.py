"""Numbers of the reader beside those of the reference."""

from __future__ import annotations

from decimal import Decimal
from inspect import iscoroutine
from numbers import Real
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises._verdict import an_object

Array = NDArray[Any]

#: One result: a number or an array, or several of them, one after the other.
Result = tuple[Array, ...]


#: No exercise asks for so many numbers. More are not copied.
MOST_NUMBERS = 1_000_000


class UnsuitableError(Exception):
    """A result that holds no real numbers; the message says what it is instead."""


def as_result(value: Any) -> Result:
    """Return a result as arrays of real numbers.

    Raises
    ------
    UnsuitableError
        If it is nothing of the kind.
    """
    if isinstance(value, tuple):
        return tuple(_as_array(part) for part in value)
    return (_as_array(value),)


def _as_array(value: Any) -> Array:
    if value is None:
        raise UnsuitableError("returned None: end it with `return` and the result")
    if iscoroutine(value):
        value.close()
        raise UnsuitableError("returned a coroutine: write `def` without `async`")
    if isinstance(value, (str, bytes)):
        raise UnsuitableError("returned a text: return numbers")
    if callable(value):
        raise UnsuitableError(f"returned {an_object(value)}: return numbers")
    if isinstance(value, (list, tuple, range)):
        _check_amount(len(value))
    try:
        array = np.asarray(value)
    except Exception as error:  # an object of the reader's own may raise anything
        raise UnsuitableError(
            f"returned {an_object(value)} that is no array: make its rows equally long, of numbers"
        ) from error
    _check_amount(array.size)
    if isinstance(value, np.ma.MaskedArray) and np.ma.getmaskarray(value).any():
        raise UnsuitableError("returned an array with masked entries: return one where each entry is a number")
    if array.dtype.kind == "c":
        raise UnsuitableError(
            f"returned complex numbers ({array.dtype}): return real ones, `.real` where the imaginary part is 0"
        )
    if array.dtype.kind == "O":
        array = _numbers_among_objects(array, value)
    if array.dtype.kind not in "biuf":
        raise UnsuitableError(f"returned {an_object(value)} of dtype {array.dtype}: return an array of numbers")
    return np.array(array, dtype=np.float64)  # a copy: the reader's array may be changed by a later call


def _check_amount(numbers: int) -> None:
    if numbers > MOST_NUMBERS:
        raise UnsuitableError(f"returned {numbers} numbers, far more than are needed: look at its shape")


def _numbers_among_objects(array: Array, value: Any) -> Array:
    """Fractions, decimals and large integers as floats."""
    for entry in array.ravel():
        if not isinstance(entry, (Real, Decimal)):
            if not array.ndim:
                raise UnsuitableError(f"returned {an_object(value)}: return a number or an array of numbers")
            raise UnsuitableError(f"returned {an_object(value)} that holds {an_object(entry)}: return numbers alone")
    try:
        return array.astype(np.float64)
    except Exception as error:
        raise UnsuitableError(f"returned {an_object(value)} that no float can hold") from error


def like(result: Result, expected: Result) -> Result:
    """Return a result in the form of the expected one: several numbers in a row may be an array."""
    if len(expected) == 1 and len(result) > 1 and len({part.shape for part in result}) == 1:
        return (np.stack(result),)
    if len(result) == 1 and len(expected) > 1 and result[0].shape == (len(expected), *expected[0].shape):
        return tuple(result[0])
    return result


def agree(result: Result, expected: Result, tolerance: float) -> bool:
    """Tell whether two results have the same shapes and differ by rounding alone."""
    return len(result) == len(expected) and all(
        ours.shape == theirs.shape and not differs(ours, theirs, tolerance).any()
        for ours, theirs in zip(result, expected, strict=True)
    )


def differs(got: Array, expected: Array, tolerance: float) -> NDArray[np.bool_]:
    """Tell which entries differ by more than the tolerance times the largest finite expected entry.

    Where all expected entries are 0 the tolerance itself counts. Two NaN are equal here, so that a wrong answer is
    recognised by its NaN too.
    """
    finite = np.abs(expected[np.isfinite(expected)])
    scale = float(finite.max(initial=0.0)) or 1.0
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(got - expected) <= tolerance * scale
    same = (got == expected) | (np.isnan(got) & np.isnan(expected))
    wrong: NDArray[np.bool_] = ~(near | same)
    return wrong


def common_factor(results: list[Result], expected: list[Result], tolerance: float) -> float | None:
    """Return c where every result is c times the expected one, and None where there is no such c."""
    got, right = flat(results), flat(expected)
    if got.shape != right.shape or not np.isfinite(got).all() or not (square := float(right @ right)):
        return None
    factor = float(got @ right) / square
    return factor if factor and agree((got,), (factor * right,), tolerance) else None


def flat(results: list[Result]) -> Array:
    """Return all numbers of some results in one row."""
    return np.concatenate([part.ravel() for result in results for part in result])


def same_value(one: Any, other: Any) -> bool:
    """Tell whether two arguments hold the same, array by array; generators of random numbers are left out."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.shape == other.shape and one.dtype == other.dtype and np.array_equal(one, other)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(same_value(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same_value(one[key], other[key]) for key in one)
    if isinstance(one, np.random.Generator) or callable(one):
        return True
    if hasattr(one, "__dict__"):
        kept = vars(one).keys() & vars(other).keys()  # what a cached property adds is no change
        return all(same_value(vars(one)[key], vars(other)[key]) for key in kept)
    return bool(one == other)


def describe(value: Any) -> str:
    """Say in a few words what an argument is."""
    if isinstance(value, np.ndarray):
        return f"array of shape {value.shape}" if value.ndim else f"{float(value):.4g}"
    if isinstance(value, FunctionType):
        return "a function"
    if isinstance(value, (bool, int, str)):
        return repr(value)
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.4g}"
    text = repr(value)
    return text if len(text) < 100 else an_object(value)
