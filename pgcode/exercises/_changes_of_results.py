"""What becomes of a result by one step too many or too few: squared, cumulated, normalised, turned round.

Each change takes many results at once, on a first axis of their own, so that a result is compared with what all known
mistakes give after it. It tells which shape it gives before it is made: most give another than is wanted.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Shape = tuple[int, ...]


def _as_it_is(shape: Shape) -> Shape:
    return shape


@dataclass(frozen=True)
class ResultChange:
    """A change of results.

    Attributes
    ----------
    name : str
        What is different, in a few words, which stand behind "the result".
    change : callable
        Takes results of shape (n, …) and returns others of shape (n, …).
    shape : callable
        Takes the shape of one result and returns that of the changed one.
    """

    name: str
    change: Callable[[Array], Array]
    shape: Callable[[Shape], Shape] = _as_it_is

    def of(self, part: Array) -> Array:
        """The change of one result."""
        return np.asarray(self.change(part[None])[0])


@functools.cache
def result_changes(ndim: int) -> tuple[ResultChange, ...]:
    """Every change of results with so many axes."""
    found = [ResultChange(words, change) for words, change in _OF_NUMBERS.items()]
    if ndim:
        found += _over(tuple(range(-ndim, 0)), "")
    for axis in range(ndim):
        found += _along(axis - ndim, "" if ndim == 1 else f" along axis {axis}")
        if ndim > 1:
            found += _over((axis - ndim,), f" over axis {axis}")
    if ndim > 1:
        for one, other in itertools.combinations(range(ndim), 2):
            words = "transposed" if ndim == 2 else f"with axes {one} and {other} exchanged"
            exchanged = _axes_exchanged(one - ndim, other - ndim)
            found.append(ResultChange(words, exchanged, _shape_with_axes_exchanged(one, other)))
        found.append(ResultChange("in one row", lambda x: x.reshape(len(x), -1), lambda shape: (math.prod(shape),)))
        diagonal = ResultChange(
            "cut to its diagonal",
            lambda x: np.diagonal(x, axis1=-2, axis2=-1),
            lambda shape: (*shape[:-2], min(shape[-2:])),
        )
        found.append(diagonal)
    if ndim == 1:
        found += [
            ResultChange("on a diagonal", lambda x: x[..., None] * np.eye(x.shape[-1]), _square),
            ResultChange("repeated in every row", lambda x: np.repeat(x[..., None, :], x.shape[-1], axis=-2), _square),
        ]
    return tuple(found)


def _square(shape: Shape) -> Shape:
    return shape * 2


def _without(axes: tuple[int, ...]) -> Callable[[Shape], Shape]:
    """The shape without some axes, which are counted from the end."""
    return lambda shape: tuple(length for i, length in enumerate(shape) if i - len(shape) not in axes)


def _longer(axis: int, by: int) -> Callable[[Shape], Shape]:
    """The shape with an axis, counted from the end, that is longer or shorter, but no shorter than 0."""
    return lambda shape: tuple(max(n + by, 0) if i - len(shape) == axis else n for i, n in enumerate(shape))


def _one(axis: int) -> Callable[[Shape], Shape]:
    """The shape of what is taken from the beginning or the end of an axis."""
    return lambda shape: tuple(min(n, 1) if i - len(shape) == axis else n for i, n in enumerate(shape))


def _shape_with_axes_exchanged(one: int, other: int) -> Callable[[Shape], Shape]:
    def change(shape: Shape) -> Shape:
        changed = list(shape)
        changed[one], changed[other] = changed[other], changed[one]
        return tuple(changed)

    return change


_OF_NUMBERS: dict[str, Callable[[Array], Array]] = {
    "squared": np.square,
    "without its sign": np.abs,
    "under a root": np.sqrt,
    "inverted (1/x)": np.reciprocal,
    "subtracted from 1": lambda x: 1 - x,
    "less 1": lambda x: x - 1,
    "plus 1": lambda x: x + 1,
    "less 2": lambda x: x - 2,
    "plus 2": lambda x: x + 2,
    "in an exponential": np.exp,
    "in a logarithm": np.log,
    "in minus a logarithm": lambda x: -np.log(x),
    "rounded down": np.floor,
    "rounded up": np.ceil,
    "rounded to a whole number": np.round,
    "rounded to one decimal": lambda x: np.round(x, 1),
    "rounded to two decimals": lambda x: np.round(x, 2),
    "rounded to three decimals": lambda x: np.round(x, 3),
    "rounded to four decimals": lambda x: np.round(x, 4),
    "cut to [0, 1]": lambda x: np.clip(x, 0, 1),
    "cut to [−1, 1]": lambda x: np.clip(x, -1, 1),
    "cut to 0 and more": lambda x: np.maximum(x, 0),
    "cut to 0 and less": lambda x: np.minimum(x, 0),
    "reduced to its sign": np.sign,
    "in a sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "in a tanh": np.tanh,
    "cubed": lambda x: x**3,
    "with 0 for what is no number": lambda x: np.nan_to_num(x),
}


def _zero_at(axis: int, index: int) -> Callable[[Array], Array]:
    def change(x: Array) -> Array:
        changed = np.array(x)
        np.moveaxis(changed, axis, 0)[index] = 0
        return changed

    return change


def _padded(axis: int, before: int, after: int) -> Callable[[Array], Array]:
    def change(x: Array) -> Array:
        widths = [(0, 0)] * x.ndim
        widths[axis] = (before, after)
        return np.pad(x, widths)

    return change


def _axes_exchanged(one: int, other: int) -> Callable[[Array], Array]:
    return lambda x: np.swapaxes(x, one, other)


def _take(axis: int, index: slice) -> Callable[[Array], Array]:
    def change(x: Array) -> Array:
        where = [slice(None)] * x.ndim
        where[axis] = index
        return x[tuple(where)]

    return change


def _along(axis: int, along: str) -> Iterator[ResultChange]:
    """Changes along one axis, which is counted from the end."""
    for words, change, *shape in _changes_along(axis):
        yield ResultChange(f"{words}{along}", change, *shape)


def _changes_along(axis: int) -> Iterator[tuple[Any, ...]]:
    """The words, the change, and its shape where that is another."""
    shorter, longer, one, dropped = _longer(axis, -1), _longer(axis, 1), _one(axis), _without((axis,))
    yield "backwards", lambda x: np.flip(x, axis)
    yield "one place later", lambda x: np.roll(x, 1, axis)
    yield "one place earlier", lambda x: np.roll(x, -1, axis)
    yield "added up from the start", lambda x: np.cumsum(x, axis)
    yield "added up from the end", lambda x: np.flip(np.cumsum(np.flip(x, axis), axis), axis)
    yield "multiplied up from the start", lambda x: np.cumprod(x, axis)
    yield "in differences of neighbours", lambda x: np.diff(x, axis=axis), shorter
    yield "in differences from the one before", lambda x: np.diff(x, axis=axis, prepend=0)
    yield "in differences to the next", lambda x: -np.diff(x, axis=axis, append=0)
    yield "sorted", lambda x: np.sort(x, axis)
    yield "sorted downwards", lambda x: np.flip(np.sort(x, axis), axis)
    yield "with its first entry as 0", _zero_at(axis, 0)
    yield "with its last entry as 0", _zero_at(axis, -1)
    yield "without its first entry", _take(axis, slice(1, None)), shorter
    yield "without its last entry", _take(axis, slice(None, -1)), shorter
    yield "cut to its first entry, kept as an axis", _take(axis, slice(None, 1)), one
    yield "cut to its last entry, kept as an axis", _take(axis, slice(-1, None)), one
    yield "with a 0 before it", _padded(axis, 1, 0), longer
    yield "with a 0 behind it", _padded(axis, 0, 1), longer
    yield "one place later, 0 first", lambda x: _take(axis, slice(None, -1))(_padded(axis, 1, 0)(x))
    yield "one place earlier, 0 last", lambda x: _take(axis, slice(1, None))(_padded(axis, 0, 1)(x))
    yield "cut to its first entry", lambda x: np.take(x, 0, axis), dropped
    yield "cut to its last entry", lambda x: np.take(x, -1, axis), dropped
    yield "reduced to the place of its largest entry", lambda x: np.argmax(x, axis).astype(float), dropped


def _over(axes: tuple[int, ...], over: str) -> Iterator[ResultChange]:
    """Changes that add up over some axes, and the words for these."""
    shape = _without(axes)
    for words, change in _reduced(axes):
        yield ResultChange(f"{words}{over}", change, shape)
    for words, change in _compared_with_all(axes):
        yield ResultChange(words.format(over), change)


def _reduced(axes: tuple[int, ...]) -> Iterator[tuple[str, Callable[[Array], Array]]]:
    yield "added up", lambda x: np.sum(x, axis=axes)
    yield "averaged", lambda x: np.mean(x, axis=axes)
    yield "reduced to its largest entry", lambda x: np.max(x, axis=axes)
    yield "reduced to its smallest entry", lambda x: np.min(x, axis=axes)
    yield "multiplied", lambda x: np.prod(x, axis=axes)
    yield "reduced to its norm", lambda x: np.sqrt(np.sum(x**2, axis=axes))
    yield "reduced to the sum of its squares", lambda x: np.sum(x**2, axis=axes)


def _compared_with_all(axes: tuple[int, ...]) -> Iterator[tuple[str, Callable[[Array], Array]]]:
    def kept(function: Callable[..., Array], x: Array, **more: Any) -> Array:
        return function(x, axis=axes, keepdims=True, **more)

    yield "with its sum{} in every entry", lambda x: np.broadcast_to(kept(np.sum, x), x.shape)
    yield "with its mean{} in every entry", lambda x: np.broadcast_to(kept(np.mean, x), x.shape)
    yield "less its mean{}", lambda x: x - kept(np.mean, x)
    yield "standardised{}", lambda x: (x - kept(np.mean, x)) / kept(np.std, x)
    yield "standardised{}, with ddof 1", lambda x: (x - kept(np.mean, x)) / kept(np.std, x, ddof=1)
    yield "standardised{}, with 1e-8 added", lambda x: (x - kept(np.mean, x)) / (kept(np.std, x) + 1e-8)
    yield "divided by its deviation{}", lambda x: x / kept(np.std, x)
    yield "divided by its sum{}", lambda x: x / kept(np.sum, x)
    yield "divided by its mean{}", lambda x: x / kept(np.mean, x)
    yield "divided by the sum of its sizes{}", lambda x: x / kept(np.sum, np.abs(x))
    yield "divided by its largest entry{}", lambda x: x / kept(np.max, x)
    yield "divided by its norm{}", lambda x: x / np.sqrt(kept(np.sum, x**2))
    yield "less its largest entry{}", lambda x: x - kept(np.max, x)
    yield "less its smallest entry{}", lambda x: x - kept(np.min, x)
    yield "in a softmax{}", lambda x: np.exp(x - kept(np.max, x)) / kept(np.sum, np.exp(x - kept(np.max, x)))
    yield "with 1 at its largest entry{} and 0 elsewhere", lambda x: (x == kept(np.max, x)).astype(float)
