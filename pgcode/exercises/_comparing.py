"""Numbers of the reader beside those of the reference."""

from __future__ import annotations

import contextlib
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


#: How far single precision may be off, relative to the largest entry.
SINGLE = 2e-5

#: Arrays with so many numbers are shown whole.
FEW_NUMBERS = 24

#: A list is read as several results, or as rows of several lengths, if it is no longer.
MOST_PARTS = 1000

#: No exercise asks for so many numbers. More are not copied.
MOST_NUMBERS = 1_000_000


class UnsuitableError(Exception):
    """A result that holds no real numbers; the message says what it is instead."""


class Ragged(tuple[Array, ...]):
    """What a list of arrays of several shapes holds. Where several results are asked for, it may be these."""

    __slots__ = ()


def as_result(value: Any) -> Result:
    """Return a result as arrays of real numbers.

    Raises
    ------
    UnsuitableError
        If it is nothing of the kind.
    """
    if isinstance(value, tuple):
        return tuple(_as_array(part) for part in value)
    if type(value) is list and len(value) <= MOST_PARTS and len({_shape_of(part) for part in value}) > 1:
        with contextlib.suppress(UnsuitableError):
            return Ragged(_as_array(part) for part in value)
    return (_as_array(value),)


def _shape_of(part: Any) -> tuple[int, ...] | None:
    """The shape of a number, an array or a list of numbers; None where it has none."""
    if isinstance(part, np.ndarray):
        return part.shape
    if isinstance(part, list) and len(part) <= MOST_NUMBERS:
        return (len(part),)
    return () if isinstance(part, (Real, Decimal)) else None


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


def reshaped(result: Result, expected: Result) -> Result:
    """Return a result in the shapes of the expected one, where they differ by axes of length 1 alone.

    Rows of several lengths are joined where one row is asked for.
    """
    if len(expected) == 1 and isinstance(result, Ragged) and all(part.ndim == 1 for part in result):
        joined = np.concatenate(result)
        return (joined,) if joined.shape == expected[0].shape else result
    if len(result) != len(expected):
        return result
    pairs = zip(result, expected, strict=True)
    return tuple(
        part.reshape(right.shape) if _bare(part.shape) == _bare(right.shape) else part for part, right in pairs
    )


def _bare(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(length for length in shape if length != 1)


def in_single_precision(results: list[Result]) -> bool:
    """Tell whether every number is one of single precision, and not all are whole, so that they were computed so."""
    whole = all(np.array_equal(np.round(part), part, equal_nan=True) for result in results for part in result)
    with np.errstate(over="ignore"):
        return not whole and all(
            np.array_equal(part.astype(np.float32).astype(np.float64), part, equal_nan=True)
            for result in results
            for part in result
        )


def agree(result: Result, expected: Result, tolerance: float, scale: float = 0.0) -> bool:
    """Tell whether two results have the same shapes and differ by rounding alone."""
    return len(result) == len(expected) and all(
        ours.shape == theirs.shape and not differs(ours, theirs, tolerance, scale).any()
        for ours, theirs in zip(result, expected, strict=True)
    )


def differs(got: Array, expected: Array, tolerance: float, scale: float = 0.0) -> NDArray[np.bool_]:
    """Tell which entries differ by more than the tolerance times the largest finite expected entry.

    Where all expected entries are below ``scale``, that counts, and where they are 0 the tolerance itself. Two NaN are
    equal here, so that a wrong answer is recognised by its NaN too.
    """
    finite = np.abs(expected[np.isfinite(expected)])
    scale = max(float(finite.max(initial=0.0)), scale) or 1.0
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(got - expected) <= tolerance * scale
    same = (got == expected) | (np.isnan(got) & np.isnan(expected))
    wrong: NDArray[np.bool_] = ~(near | same)
    return wrong


def says_something(got: Array, expected: Array, tolerance: float) -> bool:
    """Tell whether a wrong result has a finite number that is not the right one.

    Where all that is wrong is nan or infinite, one way there looks like any other.
    """
    if got.shape != expected.shape:
        return bool(np.isfinite(got).any())
    return bool((differs(got, expected, tolerance) & np.isfinite(got)).any())


def size_of(result: Result) -> float:
    """Return the largest finite number of a result, without its sign."""
    return max((float(np.abs(part[np.isfinite(part)]).max(initial=0.0)) for part in result), default=0.0)


def common_factor(results: list[Result], expected: list[Result], tolerance: float) -> float | None:
    """Return c where every result is c times the expected one, and None where there is no such c."""
    if any(len(one) != len(other) for one, other in zip(results, expected, strict=True)):
        return None
    pairs = [pair for one, other in zip(results, expected, strict=True) for pair in zip(one, other, strict=True)]
    if any(ours.shape != theirs.shape for ours, theirs in pairs):
        return None
    got, right = flat(results), flat(expected)
    if not np.isfinite(got).all() or not np.isfinite(right).all() or not (square := float(right @ right)):
        return None
    factor = float(got @ right) / square
    if not factor:
        return None
    scaled = ((ours, factor * theirs) for ours, theirs in pairs)
    return None if any(differs(ours, theirs, tolerance).any() for ours, theirs in scaled) else factor


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
    """Say in a few words what an argument is; a small array is shown whole."""
    if isinstance(value, np.ndarray):
        if not value.ndim:
            return f"{float(value):.4g}"
        if value.size > FEW_NUMBERS:
            return f"array of shape {value.shape}"
        shown = np.array2string(value, precision=4, separator=", ", suppress_small=True, max_line_width=10_000)
        return " ".join(shown.split())
    if isinstance(value, FunctionType):
        return "a function"
    if isinstance(value, (bool, int, str)):
        return repr(value)
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.4g}"
    text = repr(value)
    return text if len(text) < 100 else an_object(value)


def amount(arguments: tuple[Any, ...]) -> int:
    """Return how many numbers some arguments hold, to find a case that is easily looked through."""
    return sum(_amount(value) for value in arguments)


def _amount(value: Any) -> int:
    if isinstance(value, np.ndarray):
        return value.size
    return (
        sum(part.size for part in vars(value).values() if isinstance(part, np.ndarray))
        if hasattr(value, "__dict__")
        else 1
    )
