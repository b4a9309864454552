"""Which known mistakes give the result that an answer gave: exactly, up to a factor, or two together."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises._comparing import Result, UnsuitableError, agree, as_result, common_factor, size_of
from pgcode.exercises._exercise import Misconception, Mistake

Array = NDArray[Any]
Cases = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Composition:
    """An answer that is made of exchangeable parts, and its variations.

    Attributes
    ----------
    build : callable
        Takes the arguments of the exercise and, by name, what stands in place of a part.
    variations : mapping
        By the name of a mistake, the parts that it replaces.
    """

    build: Callable[..., Any]
    variations: Mapping[str, Mapping[str, Any]]

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Mistakes that can be made together: they replace different parts."""
        for one, other in itertools.combinations(self.variations, 2):
            if not self.variations[one].keys() & self.variations[other].keys():
                yield one, other

    def result(self, arguments: tuple[Any, ...], *names: str) -> Any:
        """What the mistakes of these names give together."""
        changes = {part: value for name in names for part, value in self.variations[name].items()}
        return self.build(*arguments, **changes)


class Known:
    """The results of an answer, to be compared with those of known mistakes on the same cases."""

    def __init__(self, results: list[Result], expected: list[Result], tolerance: float) -> None:
        self.results = results
        self.tolerance = tolerance
        self.scales = [size_of(right) * 1e-3 for right in expected]

    def equal(self, known: Iterable[Misconception], cases: Cases) -> list[Mistake]:
        """All mistakes that give these results."""
        return [one.mistake for one in known if self._equals(one.function, cases)]

    def proportional(self, known: Iterable[Misconception], cases: Cases) -> tuple[float, list[Mistake]]:
        """All mistakes that give these results times one number, and the number; those of the plainest number."""
        found: dict[float, list[Mistake]] = {}
        for one in known:
            factor = self._factor(one, cases)
            if factor is not None:
                found.setdefault(float(f"{factor:.6g}"), []).append(one.mistake)
        if not found:
            return 1.0, []
        factor = min(found, key=lambda number: (abs(number + 1) > 1e-9, abs(math.log(abs(number)))))
        return factor, found[factor]

    def _factor(self, known: Misconception, cases: Cases) -> float | None:
        """The number by which these results are those of a mistake; None where there is none."""
        ours, theirs = [], []
        for got, given in zip(self.results, cases, strict=True):
            result = trusted(known.function, given)
            if result is None:
                return None
            ours.append(got)
            theirs.append(result)
            if size_of(got) and size_of(result) and common_factor([got], [result], self.tolerance) is None:
                return None
        return common_factor(ours, theirs, self.tolerance)

    def pairs(
        self, composition: Composition, mistakes: Mapping[str, Mistake], cases: Cases
    ) -> list[tuple[Mistake, Mistake]]:
        """All pairs of mistakes that give these results together."""
        return [
            (mistakes[one], mistakes[other])
            for one, other in composition.pairs()
            if self._equals(functools.partial(_composed, composition, (one, other)), cases)
        ]

    def _equals(self, function: Callable[..., Any], cases: Cases) -> bool:
        """Compare case by case, and end at the first that differs; where a mistake has no result, it does not count."""
        compared = 0
        for got, given, scale in zip(self.results, cases, self.scales, strict=True):
            theirs = trusted(function, given)
            if theirs is not None and not agree(got, theirs, self.tolerance, scale):
                return False
            compared += theirs is not None
        return compared >= min(2, len(cases))


def _composed(composition: Composition, names: tuple[str, ...], *given: Any) -> Any:
    return composition.result(given, *names)


def trusted(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Result | None:
    """The result of a function of ours; None where it has none in this case."""
    try:
        with np.errstate(all="ignore"):
            return as_result(function(*arguments))
    except (UnsuitableError, ValueError, IndexError, np.linalg.LinAlgError):
        return None


# ---- results that differ by a plain change ---------------------------------------------------------------------------


def reductions(results: list[Result], expected: list[Result], tolerance: float) -> str:
    """What is still to be done with an axis too many: the words for it, or nothing."""
    if any(len(one) != 1 or len(other) != 1 for one, other in zip(results, expected, strict=True)):
        return ""
    pairs = [(got[0], right[0]) for got, right in zip(results, expected, strict=True)]
    if any(got.ndim != right.ndim + 1 or 0 in got.shape for got, right in pairs):
        return ""
    for axis in range(pairs[0][0].ndim):
        for words, reduce in _REDUCTIONS.items():
            if all(agree((reduce(got, axis),), (right,), tolerance) for got, right in pairs):
                return words.format(axis=axis)
    return ""


_REDUCTIONS: Mapping[str, Callable[[Array, int], Array]] = {
    "summed over axis {axis}": lambda part, axis: part.sum(axis=axis),
    "the last entry along axis {axis}": lambda part, axis: np.take(part, -1, axis=axis),
    "the first entry along axis {axis}": lambda part, axis: np.take(part, 0, axis=axis),
    "multiplied over axis {axis}": lambda part, axis: part.prod(axis=axis),
    "averaged over axis {axis}": lambda part, axis: part.mean(axis=axis),
    "its diagonal": lambda part, axis: np.diagonal(part) if part.ndim == 2 else np.empty(0),
}


def in_every_case_a_multiple(results: list[Result], expected: list[Result], tolerance: float) -> bool:
    """Tell whether each result is a multiple of the right one, where that says something: they are rows of numbers."""
    if (
        any(len(right) != 1 or right[0].ndim == 0 for right in expected)
        or sum(right[0].size > 1 for right in expected) < 2
    ):
        return False
    return all(
        common_factor([got], [right], tolerance) is not None for got, right in zip(results, expected, strict=True)
    )


def plain_factor(
    results: list[Result], expected: list[Result], names: Sequence[str], cases: Cases, tolerance: float
) -> str:
    """The factor of each case as a plain function of one of its quantities: the words for it, or nothing."""
    factors = []
    for got, right in zip(results, expected, strict=True):
        factor = common_factor([got], [right], tolerance)
        if factor is None and size_of(right):
            return ""
        factors.append(factor)
    quantities = [_quantities(names, given) for given in cases]
    for name in quantities[0]:
        for words, function in _FUNCTIONS.items():
            for sign in (1, -1):
                if all(
                    factor is None or _same(factor, sign * _value(function, quantity.get(name, math.nan)))
                    for factor, quantity in zip(factors, quantities, strict=True)
                ):
                    shown = words.format(name)
                    return f"−{shown}" if sign < 0 else shown
    return ""


def _same(one: float, other: float) -> bool:
    return math.isfinite(other) and abs(one - other) <= 1e-6 * max(abs(one), abs(other))


def _value(function: Callable[[float], float], quantity: float) -> float:
    try:
        return function(quantity)
    except (ZeroDivisionError, ValueError):
        return math.nan


_FUNCTIONS: Mapping[str, Callable[[float], float]] = {
    "{}": lambda q: q,
    "1/{}": lambda q: 1 / q,
    "(1 − {})": lambda q: 1 - q,
    "1/(1 − {})": lambda q: 1 / (1 - q),
    "({} − 1)": lambda q: q - 1,
    "1/({} − 1)": lambda q: 1 / (q - 1),
    "√{}": lambda q: math.sqrt(q),
    "1/√{}": lambda q: 1 / math.sqrt(q),
    "(1 − 1/{})": lambda q: 1 - 1 / q,
    "1/(1 − 1/{})": lambda q: 1 / (1 - 1 / q),
}


def _quantities(names: Sequence[str], given: tuple[Any, ...]) -> dict[str, float]:
    """The numbers of a case that may stand in a factor: its plain arguments, lengths, and those of its objects."""
    found: dict[str, float] = {}
    for name, value in zip(names, given, strict=True):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            found[name] = float(value)
        elif isinstance(value, np.ndarray) and value.ndim:
            found[f"len({name})"] = float(len(value))
        else:
            for attribute in ("discount", "horizon", "n_states", "n_actions", "n_trajectories"):
                number = getattr(value, attribute, None)
                if isinstance(number, (int, float)):
                    found[f"{name}.{attribute}"] = float(number)
    return found
