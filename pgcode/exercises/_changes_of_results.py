"""What becomes of a result by one step too many or too few: squared, cumulated, normalised, turned round.

Each change takes many results at once, on a first axis of their own, so that a result is compared with what all known
mistakes give after it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class ResultChange:
    """A change of results.

    Attributes
    ----------
    name : str
        What is different, in a few words, which stand behind the name of a result.
    change : callable
        Takes results of shape (n, …) and returns others of shape (n, …).
    """

    name: str
    change: Callable[[Array], Array]

    def of(self, part: Array) -> Array:
        """The change of one result."""
        return np.asarray(self.change(part[None])[0])


def result_changes(ndim: int) -> list[ResultChange]:
    """Every change of results with so many axes."""
    found = [ResultChange(words, change) for words, change in _OF_NUMBERS.items()]
    if ndim:
        every = tuple(range(-ndim, 0))
        found += [ResultChange(words, change) for words, change in _over(every, "", ndim == 1)]
    for axis in range(ndim):
        along = "" if ndim == 1 else f" along axis {axis}"
        found += [ResultChange(f"{words}{along}", change) for words, change in _along(axis - ndim, ndim)]
        if ndim > 1:
            found += [
                ResultChange(words, change) for words, change in _over((axis - ndim,), f" over axis {axis}", True)
            ]
    if ndim > 1:
        for one, other in itertools.combinations(range(ndim), 2):
            words = "transposed" if ndim == 2 else f"with axes {one} and {other} exchanged"
            found.append(ResultChange(words, _axes_exchanged(one - ndim, other - ndim)))
        found.append(ResultChange("in one row", lambda x: x.reshape(len(x), -1)))
        found.append(ResultChange("its diagonal alone", lambda x: np.diagonal(x, axis1=-2, axis2=-1)))
    if ndim == 1:
        found.append(ResultChange("on a diagonal", lambda x: x[..., None] * np.eye(x.shape[-1])))
        found.append(ResultChange("repeated in every row", lambda x: np.repeat(x[..., None, :], x.shape[-1], axis=-2)))
    return found


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
    "its sign alone": np.sign,
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


def _along(axis: int, ndim: int) -> Iterator[tuple[str, Callable[[Array], Array]]]:
    """Changes along one axis, which is counted from the end."""
    yield "backwards", lambda x: np.flip(x, axis)
    yield "one place later", lambda x: np.roll(x, 1, axis)
    yield "one place earlier", lambda x: np.roll(x, -1, axis)
    yield "added up from the start", lambda x: np.cumsum(x, axis)
    yield "added up from the end", lambda x: np.flip(np.cumsum(np.flip(x, axis), axis), axis)
    yield "multiplied up from the start", lambda x: np.cumprod(x, axis)
    yield "in differences of neighbours", lambda x: np.diff(x, axis=axis)
    yield "in differences from the one before", lambda x: np.diff(x, axis=axis, prepend=0)
    yield "in differences to the next", lambda x: -np.diff(x, axis=axis, append=0)
    yield "sorted", lambda x: np.sort(x, axis)
    yield "sorted downwards", lambda x: np.flip(np.sort(x, axis), axis)
    yield "with its first entry as 0", _zero_at(axis, 0)
    yield "with its last entry as 0", _zero_at(axis, -1)
    yield "without its first entry", _take(axis, slice(1, None))
    yield "without its last entry", _take(axis, slice(None, -1))
    yield "its first entry alone, kept as an axis", _take(axis, slice(None, 1))
    yield "its last entry alone, kept as an axis", _take(axis, slice(-1, None))
    yield "with a 0 before it", _padded(axis, 1, 0)
    yield "with a 0 behind it", _padded(axis, 0, 1)
    yield "one place later, 0 first", lambda x: _take(axis, slice(None, -1))(_padded(axis, 1, 0)(x))
    yield "one place earlier, 0 last", lambda x: _take(axis, slice(1, None))(_padded(axis, 0, 1)(x))
    yield "its first entry alone", lambda x: np.take(x, 0, axis)
    yield "its last entry alone", lambda x: np.take(x, -1, axis)
    yield "the place of its largest entry", lambda x: np.argmax(x, axis).astype(float)


def _over(axes: tuple[int, ...], over: str, dropped: bool) -> Iterator[tuple[str, Callable[[Array], Array]]]:
    """Changes that add up over some axes."""

    def kept(function: Callable[..., Array], x: Array, **more: Any) -> Array:
        return function(x, axis=axes, keepdims=True, **more)

    yield f"added up{over}", lambda x: np.sum(x, axis=axes)
    yield f"averaged{over}", lambda x: np.mean(x, axis=axes)
    yield f"its largest entry{over}", lambda x: np.max(x, axis=axes)
    yield f"its smallest entry{over}", lambda x: np.min(x, axis=axes)
    yield f"multiplied{over}", lambda x: np.prod(x, axis=axes)
    yield f"its norm{over}", lambda x: np.sqrt(np.sum(x**2, axis=axes))
    yield f"the sum of its squares{over}", lambda x: np.sum(x**2, axis=axes)
    yield f"its sum{over} in every entry", lambda x: np.broadcast_to(kept(np.sum, x), x.shape)
    yield f"its mean{over} in every entry", lambda x: np.broadcast_to(kept(np.mean, x), x.shape)
    yield f"less its mean{over}", lambda x: x - kept(np.mean, x)
    yield f"standardised{over}", lambda x: (x - kept(np.mean, x)) / kept(np.std, x)
    yield f"standardised{over}, with ddof 1", lambda x: (x - kept(np.mean, x)) / kept(np.std, x, ddof=1)
    yield f"standardised{over}, with 1e-8 added", lambda x: (x - kept(np.mean, x)) / (kept(np.std, x) + 1e-8)
    yield f"divided by its deviation{over}", lambda x: x / kept(np.std, x)
    yield f"divided by its sum{over}", lambda x: x / kept(np.sum, x)
    yield f"divided by its mean{over}", lambda x: x / kept(np.mean, x)
    yield f"divided by the sum of its sizes{over}", lambda x: x / kept(np.sum, np.abs(x))
    yield f"divided by its largest entry{over}", lambda x: x / kept(np.max, x)
    yield f"divided by its norm{over}", lambda x: x / np.sqrt(kept(np.sum, x**2))
    yield f"less its largest entry{over}", lambda x: x - kept(np.max, x)
    yield f"less its smallest entry{over}", lambda x: x - kept(np.min, x)
    yield f"in a softmax{over}", lambda x: np.exp(x - kept(np.max, x)) / kept(np.sum, np.exp(x - kept(np.max, x)))
    yield f"1 at its largest entry{over} and 0 elsewhere", lambda x: (x == kept(np.max, x)).astype(float)
