"""Which known mistakes give the result that an answer gave: exactly, up to a factor, or two together."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises._candidates import Candidates, Cases
from pgcode.exercises._comparing import Result, agree, common_factor, size_of
from pgcode.exercises._exercise import Misconception, Mistake
from pgcode.trajectories import Trajectories

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
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

    def pairs(self) -> Iterator[Pair]:
        """Mistakes that can be made together: they replace different parts."""
        for one, other in itertools.combinations(self.variations, 2):
            if not self.variations[one].keys() & self.variations[other].keys():
                yield Pair(self, one, other)


@dataclass(frozen=True)
class Pair:
    """An answer with two mistakes, by their names; two of the same are equal, so that a result is found again."""

    made: Composition
    one: str
    other: str

    def __call__(self, *given: Any) -> Any:
        """What the two give together."""
        return self.made.build(*given, **self.made.variations[self.one], **self.made.variations[self.other])


class Known:
    """The results of an answer, to be compared with those of known mistakes on the same cases."""

    def __init__(self, ours: Candidates, results: list[Result], expected: list[Result], tolerance: float) -> None:
        self.ours = ours
        self.results = results
        self.tolerance = tolerance
        self.scales = [size_of(right) * 1e-3 for right in expected]

    def equal(self, known: Iterable[Misconception]) -> list[Mistake]:
        """All mistakes that give these results."""
        return [one.mistake for one in known if self._equals(one.function)]

    def proportional(self, known: Iterable[Misconception]) -> tuple[float, list[Mistake]]:
        """All mistakes that give these results times one number, and the number; those of the plainest number."""
        found: dict[float, list[Mistake]] = {}
        for one in known:
            factor = self._factor(one.function)
            if factor is not None:
                found.setdefault(float(f"{factor:.6g}"), []).append(one.mistake)
        if not found:
            return 1.0, []
        factor = min(found, key=lambda number: (abs(number + 1) > 1e-9, abs(math.log(abs(number)))))
        return factor, found[factor]

    def up_to_sign(self, known: Iterable[Misconception]) -> list[Mistake]:
        """All mistakes that give these results in some cases and their opposites in the others."""
        return [one.mistake for one in known if self._differs_in_sign(one.function)]

    def _differs_in_sign(self, function: Callable[..., Any]) -> bool:
        signs = set()
        for number, got in enumerate(self.results):
            theirs = self.ours.trusted(function, number)
            factor = None if theirs is None else common_factor([got], [theirs], self.tolerance)
            if factor is None or abs(abs(factor) - 1) > self.tolerance:
                return False
            signs.add(factor > 0)
        return len(signs) == 2

    def _factor(self, function: Callable[..., Any]) -> float | None:
        """The number by which these results are those of a mistake; None where there is none."""
        ours, theirs = [], []
        for number, got in enumerate(self.results):
            result = self.ours.trusted(function, number)
            if result is None:
                return None
            ours.append(got)
            theirs.append(result)
            if size_of(got) and size_of(result) and common_factor([got], [result], self.tolerance) is None:
                return None
        return common_factor(ours, theirs, self.tolerance)

    def pairs(self, composition: Composition, mistakes: Mapping[str, Mistake]) -> list[tuple[Mistake, Mistake]]:
        """All pairs of mistakes that give these results together."""
        return [(mistakes[pair.one], mistakes[pair.other]) for pair in composition.pairs() if self._equals(pair)]

    def _equals(self, function: Callable[..., Any]) -> bool:
        """Compare case by case, and end at the first that differs; where a mistake has no result, it does not count."""
        compared = 0
        for number, (got, scale) in enumerate(zip(self.results, self.scales, strict=True)):
            theirs = self.ours.trusted(function, number)
            if theirs is not None and not agree(got, theirs, self.tolerance, scale):
                return False
            compared += theirs is not None
        return compared >= min(2, len(self.results))


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


class PlainFactors:
    """Factors that are plain functions of the quantities of a case, and the words for them.

    Parameters
    ----------
    names : sequence of str
        Those of the arguments.
    cases : list of tuple
        The arguments of each case.
    """

    def __init__(self, names: Sequence[str], cases: Cases) -> None:
        quantities = [_quantities(names, given) for given in cases]
        self._words: list[str] = []
        rows: list[list[float]] = []

        def add(words: str, values: list[float]) -> None:
            if any(map(math.isfinite, values)) and any(values):
                self._words.append(words)
                rows.append(values)

        common = [name for name in quantities[0] if all(name in others for others in quantities)]
        for name in common:
            for words, function in _FUNCTIONS.items():
                add(words.format(name), [_value(function, each[name]) for each in quantities])
        for one, other in itertools.permutations(common, 2):
            if all(0 < each[one] <= 1 for each in quantities):
                for words, power in (("{}^{}", 1), ("1/{}^{}", -1)):
                    add(words.format(one, other), [_power(each[one], power * each[other]) for each in quantities])
        for one, other in itertools.combinations(common, 2):
            add(f"{one}·{other}", [each[one] * each[other] for each in quantities])
            add(f"1/({one}·{other})", [_value(lambda q: 1 / q, each[one] * each[other]) for each in quantities])
        for one, other in itertools.permutations(common, 2):
            add(f"{one}/{other}", [each[one] / each[other] if each[other] else math.nan for each in quantities])
        self._values = np.array(rows).reshape(len(rows), len(cases))

    def words(self, factors: Sequence[float | None]) -> str:
        """The words for the factors of the cases; none where there are none. A factor is None where all fit."""
        known = [number for number, factor in enumerate(factors) if factor is not None]
        if not known:
            return ""
        wanted = np.array([factors[number] for number in known], dtype=float)
        if np.ptp(wanted) <= 1e-6 * np.abs(wanted).max(initial=0.0) and wanted[0]:
            return number_text(float(wanted[0]))
        values = self._values[:, known]
        for sign in (1, -1):
            same = np.abs(sign * values - wanted) <= 1e-6 * np.maximum(np.abs(values), np.abs(wanted))
            found = np.flatnonzero(same.all(axis=1))
            if found.size:
                return f"{'−' if sign < 0 else ''}{self._words[found[0]]}"
        return ""


def number_text(number: float) -> str:
    """A number with four digits and a true minus."""
    return f"{number:.4g}".replace("-", "−")


def factor_of(got: Result, base: Result, tolerance: float) -> float | bool | None:
    """By which number a result is a multiple of another: None where any fits, for both are 0, and False where none."""
    if not size_of(base):
        return None if not size_of(got) else False
    if not size_of(got):
        return 0.0 if all(a.shape == b.shape for a, b in zip(got, base, strict=False)) else False
    factor = common_factor([got], [base], tolerance)
    return False if factor is None else factor


def plain_factor(results: list[Result], expected: list[Result], factors: PlainFactors, tolerance: float) -> str:
    """The factor of each case as a plain function of one of its quantities: the words for it, or nothing."""
    found = []
    for got, right in zip(results, expected, strict=True):
        factor = factor_of(got, right, tolerance)
        if factor is False:
            return ""
        found.append(factor)
    return factors.words(found)


def _value(function: Callable[[float], float], quantity: float) -> float:
    try:
        return function(quantity)
    except (ZeroDivisionError, ValueError):
        return math.nan


def _power(base: float, exponent: float) -> float:
    try:
        return math.nan if abs(exponent) > 100 else base**exponent
    except (ZeroDivisionError, OverflowError):
        return math.nan


_FUNCTIONS: Mapping[str, Callable[[float], float]] = {
    "{}": lambda q: q,
    "1/{}": lambda q: 1 / q,
    "(1 − {})": lambda q: 1 - q,
    "1/(1 − {})": lambda q: 1 / (1 - q),
    "({} − 1)": lambda q: q - 1,
    "1/({} − 1)": lambda q: 1 / (q - 1),
    "({} + 1)": lambda q: q + 1,
    "1/({} + 1)": lambda q: 1 / (q + 1),
    "√{}": lambda q: math.sqrt(q),
    "1/√{}": lambda q: 1 / math.sqrt(q),
    "{}²": lambda q: q * q,
    "1/{}²": lambda q: 1 / (q * q),
    "2{}": lambda q: 2 * q,
    "{}/2": lambda q: q / 2,
    "1/(2{})": lambda q: 1 / (2 * q),
    "(1 − 1/{})": lambda q: 1 - 1 / q,
    "1/(1 − 1/{})": lambda q: 1 / (1 - 1 / q),
    "(1 − 1/{})²": lambda q: (1 - 1 / q) ** 2,
    "√((1 − 1/{}))": lambda q: math.sqrt(1 - 1 / q),
    "√({} − 1)": lambda q: math.sqrt(q - 1),
    "1/√({} − 1)": lambda q: 1 / math.sqrt(q - 1),
}


def _quantities(names: Sequence[str], given: tuple[Any, ...]) -> dict[str, float]:
    """The numbers of a case that may stand in a factor: its plain arguments, lengths, and those of its objects."""
    found: dict[str, float] = {}
    for name, value in zip(names, given, strict=True):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            found[name] = float(value)
        elif isinstance(value, np.ndarray) and value.ndim:
            found[f"len({name})"] = float(len(value))
            if value.ndim == 2:
                found[f"{name}.shape[1]"] = float(value.shape[1])
        else:
            for attribute in ("discount", "horizon", "n_states", "n_actions", "n_trajectories"):
                number = getattr(value, attribute, None)
                if isinstance(number, (int, float)):
                    found[f"{name}.{attribute}"] = float(number)
            if isinstance(value, Trajectories):
                found[f"{name}.active.sum()"] = float(value.active.sum())
    return found
