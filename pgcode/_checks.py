"""Checks at the door: each error names the argument, the place, the value and the repair."""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: Two probabilities that should be equal may differ by this much before it is called a mistake.
PROBABILITY_TOLERANCE = 1e-9

#: The most bytes that an array of a result may take.
LARGEST_ARRAY = 2**31


def place(name: str, index: Sequence[int]) -> str:
    """Return ``name[i, j]`` for an index, or ``name`` for the empty index of a scalar."""
    return f"{name}[{', '.join(str(int(i)) for i in index)}]" if len(index) else name


def first_place(name: str, wrong: NDArray[np.bool_]) -> tuple[str, tuple[int, ...]]:
    """Return the name and the index of the first entry that is marked wrong."""
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    return place(name, index), index


def _as_array(name: str, value: ArrayLike) -> NDArray[Any]:
    """Return an array, or say why there is none: a ragged list, or a masked array, whose mask would be lost."""
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array, and its mask would be lost: fill it, as by {name}.filled(0.0)")
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} is no array, as its parts differ in length: make them equally long") from error


def real_array(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """Return a new array of floats, or say that the argument does not hold real numbers."""
    array = _as_array(name, value)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} holds {array.dtype}, not real numbers: pass an array of floats")
    return np.array(array, dtype=np.float64)


def numeric_array(name: str, value: ArrayLike, repair: str = "pass an array of floats") -> NDArray[Any]:
    """Return an array of numbers, complex ones too, as a function of a complex θ gives, or say that it holds none."""
    array = _as_array(name, value)
    if array.dtype.kind not in "iufc":
        raise TypeError(f"{name} holds {array.dtype}, not numbers: {repair}")
    return array


def require_shape(name: str, shape: tuple[int, ...], expected: tuple[int, ...], meaning: str) -> None:
    """Require a shape; ``meaning`` says what the axes are."""
    if shape != expected:
        raise ValueError(f"{name} has shape {shape}, but needs shape {expected}, which is {meaning}")


def require_finite(name: str, array: NDArray[np.generic], repair: str = "replace it by a finite number") -> None:
    """Require that no entry is NaN or infinite."""
    wrong = ~np.isfinite(array)
    if wrong.any():
        where, index = first_place(name, wrong)
        raise ValueError(f"{where} is {array[index]}: {repair}")


def require_distributions(name: str, array: NDArray[np.float64]) -> None:
    """Require that every vector along the last axis is a probability distribution."""
    require_finite(name, array, "a probability is a number from 0 to 1")
    if (array < 0).any():
        where, index = first_place(name, array < 0)
        raise ValueError(f"{where} is {array[index]:g}: a probability is not negative")
    sums = array.sum(axis=-1)
    wrong = np.abs(sums - 1) > PROBABILITY_TOLERANCE
    if wrong.any():
        where, index = first_place(name, wrong)
        nearly = abs(sums[index] - 1) < 1e-4  # as numbers of single precision leave it
        repair = (
            f"convert to float64 and renormalise, {name} / {name}.sum(-1, keepdims=True)"
            if nearly
            else "add the missing outcomes or correct the row"
        )
        raise ValueError(f"{where} sums to {sums[index]:.10g}, not 1: {repair}")


def allowed_actions(allowed: ArrayLike, n_states: int, n_actions: int) -> NDArray[np.bool_]:
    """Return a new table of which actions may be taken, read-only; every state allows at least one."""
    table = _as_array("allowed", allowed)
    if table.dtype.kind != "b" and not (table.dtype.kind in "iu" and ((table == 0) | (table == 1)).all()):
        raise TypeError(f"allowed holds {table.dtype}: pass True where an action may be taken, and False elsewhere")
    require_shape("allowed", table.shape, (n_states, n_actions), "(n_states, n_actions)")
    table = np.array(table, dtype=np.bool_)
    without = np.flatnonzero(~table.any(axis=1))
    if without.size:
        raise ValueError(f"allowed[{without[0]}] forbids every action: allow at least one, which may stay and pay 0")
    table.setflags(write=False)
    return table


def require_count(name: str, value: object, unit: str) -> int:
    """Require a whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} is {value!r}: pass a whole number of {unit}, at least 1")
    if value < 1:
        raise ValueError(f"{name} is {value}: pass a whole number of {unit}, at least 1")
    return int(value)


def require_fraction(name: str, value: object, meaning: str) -> float:
    """Require a number from 0 to 1; ``meaning`` says what it is."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name} is {value!r}: pass a number from 0 to 1, {meaning}")
    if not 0 <= value <= 1:
        raise ValueError(f"{name} is {value}: {meaning} lies from 0 to 1")
    return float(value)


def require_positive(name: str, value: object, meaning: str) -> float:
    """Require a finite number above 0; ``meaning`` says what it is."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name} is {value!r}: pass a number above 0, {meaning}")
    if not 0 < value < np.inf:
        raise ValueError(f"{name} is {value}: {meaning} is a finite number above 0")
    return float(value)


def step_sizes(name: str, value: ArrayLike, needed: str = "one number", n_axes: int = 0) -> NDArray[np.float64]:
    """Return finite step sizes from 0 on; ``needed`` says how many may be given, on at most so many axes."""
    if _as_array(name, value).dtype.kind not in "iuf":
        raise TypeError(f"{name} is {value!r}: pass {needed}")
    sizes = real_array(name, value)
    if sizes.ndim > n_axes:
        raise ValueError(f"{name} has shape {sizes.shape}: pass {needed}")
    require_finite(name, sizes)
    if (sizes < 0).any():
        where, index = first_place(name, sizes < 0)
        raise ValueError(f"{where} is {sizes[index]:g}, and a step would go the wrong way: pass a number from 0 on")
    return sizes


def require_generator(name: str, value: object) -> np.random.Generator:
    """Require a NumPy generator, so that every sampled number has a seed that its caller chose."""
    if not isinstance(value, np.random.Generator):
        raise TypeError(f"{name} is {value!r}: pass a generator with a seed, such as numpy.random.default_rng(0)")
    return value


def timed_table(name: str, value: ArrayLike, n_times: int, shape: tuple[int, ...], meaning: str) -> NDArray[np.float64]:
    """Return a table as (n_times, *shape): one number, one table for all times, or one for each time.

    A table of one axis may also be a number for each time, of shape (n_times, 1).
    """
    table = real_array(name, value)
    of_time_alone = len(shape) == 1 and table.shape == (n_times, 1)
    alone = f"; numbers for each time alone have shape {(n_times, 1)}" if len(shape) == 1 else ""
    if table.shape not in ((), shape, (n_times, *shape)) and not of_time_alone:
        raise ValueError(
            f"{name} has shape {table.shape}, but needs (), {shape} or {(n_times, *shape)}: one number, {meaning}, "
            f"or such a table for each time{alone}"
        )
    require_finite(name, table)
    return np.broadcast_to(table, (n_times, *shape))


def require_memory(what: str, shape: Sequence[int], instead: str) -> None:
    """Refuse an array of floats that would take more than 2 GiB; ``instead`` says what to use."""
    n_bytes = 8 * math.prod(shape)
    if n_bytes > LARGEST_ARRAY:
        raise ValueError(f"{what} would have shape {tuple(shape)} and take {n_bytes / 2**30:,.1f} GiB: {instead}")


def optional_import(name: str, purpose: str, *, extra: bool = True) -> Any:
    """Import a module that not everybody needs, or say what to install; ``purpose`` begins with "to".

    What is no part of the extra "book" has to be installed by itself.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name.split(".")[0]:
            raise
        way = f"'pgcode[book]', or {error.name} alone" if extra else error.name
        raise ImportError(f"{error.name} is needed {purpose} and is not installed: pip install {way}") from error


def whole_numbers(name: str, value: ArrayLike, repair: str = "number states and actions from 0") -> NDArray[Any]:
    """Return an array of whole numbers of any size, or say that the argument holds none."""
    array = _as_array(name, value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} holds {array.dtype}, not whole numbers: {repair}")
    return array


def flags(name: str, value: ArrayLike) -> NDArray[np.bool_]:
    """Return a new array of True and False; 0 and 1, as buffers hold them, will do."""
    array = _as_array(name, value)
    if array.dtype.kind not in "biuf" or not ((array == 0) | (array == 1)).all():
        raise TypeError(f"{name} holds {array.dtype}, not flags: pass True or False, or 1 or 0")
    return np.array(array, dtype=np.bool_)


def require_range(what: str, array: NDArray[np.float64], source: str) -> NDArray[np.float64]:
    """Require that sums of finite numbers stayed below the largest float; ``source`` says what to scale."""
    if not np.isfinite(array).all():
        index = np.argwhere(~np.isfinite(array))[0][0]
        raise ValueError(f"{what} {index} is beyond the largest float, 1.8e308: divide {source} by a constant")
    return array
