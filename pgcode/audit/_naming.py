"""Which known mistake, or which two together, give what an estimator gave."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.audit._calls import Called
from pgcode.audit._worlds import Draw, frozen, worlds
from pgcode.mistakes import BONUSES, ESTIMATORS
from pgcode.mistakes._bonuses import RIGHT_BONUSES
from pgcode.mistakes._pipeline import Batches, Station, run, whole_return

__all__ = [
    "RIGHT_ESTIMATORS",
    "Named",
    "PlainFactor",
    "common_factor",
    "most_telling_first",
    "names",
    "nearly",
    "others_subtracted",
    "plain_function",
    "written",
]

Array = NDArray[np.float64]
#: What a small number in a divisor may do, such as 1e-5 beside a deviation.
NEARLY = 5e-3

#: The names of one mistake or of two that were made together, and the factor that is left.
Named = tuple[tuple[str, ...], float]
#: The names of what was made wrong, and the stations of such an estimator.
Candidate = tuple[tuple[str, ...], Mapping[str, Station]]


def others_subtracted(batches: Batches, weights: Array) -> Array:
    """The mean weight of the other episodes at the same step is subtracted: leave-one-out, which is right."""
    m = weights.shape[1]
    if m == 1:
        return weights
    return np.asarray(weights - (weights.sum(axis=1, keepdims=True) - weights) / (m - 1))


#: Estimators that are right, on which a mistake can be put: by name, the stations in which they differ.
RIGHT_ESTIMATORS: Mapping[str, Mapping[str, Station]] = {
    "reward-to-go": {},
    "whole return": {"weights": whole_return},
    "reward-to-go, leave-one-out": {"baseline": others_subtracted},
    "whole return, leave-one-out": {"weights": whole_return, "baseline": others_subtracted},
}


def names(called: Called) -> tuple[list[Named], bool]:
    """Return what explains an estimator, and whether by its values on every batch or by its mean alone.

    First a mistake that gives the same on every batch, up to a factor; else one with the same mean in every world; else
    two together with the same mean. A mean of 0 tells of nothing: where it is 0, or where one of two mistakes by itself
    makes it so, the values on every batch have to be the same.
    """
    looked = _Looked(called, most_telling_first(called.draws))
    candidates = _single_on(looked.draws)
    alike = looked.explanations(candidates, looked.estimates)
    if alike or all(not given.any() for given in looked.estimates):
        return _plainest(alike), True
    vanishes = called.vanishes
    alike = [] if vanishes else looked.explanations(candidates, looked.means)
    if alike:
        return _plainest(alike), False
    pairs = _pairs_on(looked.draws[:2])
    if not vanishes:
        same = pairs.with_the_means(looked.means[:2], called.tolerance)
        found = [one for one in same if not looked.has_a_silent_part(one)]
        alike = looked.explanations([_Candidate(*one, looked.draws) for one in found], looked.means)
    if alike:
        return _plainest(alike), False
    same = pairs.with_the_values(looked.estimates[0], called.tolerance)
    found = [one for one in same if not looked.has_a_silent_part(one, by_values=True)]
    return _plainest(looked.explanations([_Candidate(*one, looked.draws) for one in found], looked.estimates)), True


def nearly(called: Called) -> tuple[list[Named], float]:
    """Return one mistake, or two, that give nearly the same on every batch, as with a small number in a divisor.

    And by how much they differ, as a share of the largest estimate.
    """
    looked = _Looked(called, most_telling_first(called.draws))
    pairs = _pairs_on(looked.draws[:2]).with_the_values(looked.estimates[0], NEARLY)
    near = [one for one in pairs if not looked.has_a_silent_part(one, by_values=True)]
    candidates = [*_single_on(looked.draws), *(_Candidate(*one, looked.draws) for one in near)]
    alike = looked.explanations(candidates, looked.estimates, NEARLY)
    fewest = min((len(told) for told, _ in alike), default=0)
    found = _plainest([named for named in alike if len(named[0]) == fewest])
    off = [looked.distance(one, factor) for one in candidates for told, factor in found[:1] if one.told == told]
    return found, min(off, default=0.0)


def most_telling_first(draws: Sequence[Draw]) -> list[int]:
    """The order in which draws are compared: a small one on which little is hidden, one with directions, the others.

    What goes wrong with a discount, with lengths or with other episodes shows only where there are some. And where a
    gradient has one direction, a wrong mean may have it too. Where states look alike, critics tell less.
    """

    def shown(draw: Draw) -> int:
        lengths = draw.world.walks[0].lengths
        several = len(np.unique(lengths)) > 1 and int(lengths.max()) > 2
        return several + (draw.world.mdp.discount < 1) + (draw.n_trajectories > 1)

    def directions(draw: Draw) -> int:
        moved = draw.gradient[np.abs(draw.gradient).max(axis=1) > 0]
        return moved.size - len(moved)  # each row sums to zero

    numbers = range(len(draws))
    seen = [number for number in numbers if draws[number].world.looks is None] or numbers
    small = min(seen, key=lambda number: (-shown(draws[number]), len(draws[number])))
    wide = min(
        (number for number in seen if number != small or len(seen) == 1),
        key=lambda number: (-shown(draws[number]) - min(directions(draws[number]), 2), len(draws[number])),
    )
    first = list(dict.fromkeys((small, wide)))
    return [*first, *(number for number in numbers if number not in first)]


class _Candidate:
    """What was made wrong, and what that gives on the draws, as far as anybody has asked.

    One with a ``key`` is looked at in every audit: what it gives on the two draws that are compared first is kept.
    """

    def __init__(
        self, told: tuple[str, ...], changes: Mapping[str, Station], draws: Sequence[Draw], key: object = None
    ) -> None:
        self.told, self.changes, self.draws, self.key = told, changes, draws, key
        self.found: list[Array] = []

    def on(self, place: int) -> Array:
        """What it gives on a draw, shape (B, S, A)."""
        while len(self.found) <= place:
            draw = self.draws[len(self.found)]
            if self.key is None or len(self.found) > 1:
                self.found.append(draw.known(self.changes))
                continue
            if self.key not in draw.memory:
                draw.memory[self.key] = frozen(draw.known(self.changes))
            self.found.append(draw.memory[self.key])
        return self.found[place]


class _Looked:
    """What an estimator gave, in the order in which draws are compared."""

    def __init__(self, called: Called, order: Sequence[int]) -> None:
        self.tolerance = called.tolerance
        self.draws = [called.draws[number] for number in order]
        self.estimates = [called.estimates[number] for number in order]
        self.means = [called.means[number] for number in order]
        self._silent: dict[object, bool] = {}  # one mistake is a part of many pairs

    def has_a_silent_part(self, pair: Candidate, by_values: bool = False) -> bool:
        """Whether one of two mistakes, by itself, has the mean 0 everywhere, so that any other could stand for it.

        Where values are compared, whether it gives 0 on every batch.
        """
        told, changes = pair
        stations = [ESTIMATORS[name].station for name in told if name in ESTIMATORS]
        others = [{key: one for key, one in changes.items() if key != left} for left in stations if len(stations) > 1]
        return any(self._is_silent(alone, by_values) for alone in others)

    def _is_silent(self, changes: Mapping[str, Station], by_values: bool) -> bool:
        def on(draw: Draw) -> bool:
            estimates = draw.known(changes)
            telling = estimates if by_values else draw.mean(estimates)
            return bool(np.abs(telling).max() <= 1e-6 * np.abs(draw.gradient).max())

        key = frozenset(changes.items()), by_values
        if key not in self._silent:
            self._silent[key] = all(on(draw) for draw in self.draws)
        return self._silent[key]

    def explanations(
        self, candidates: Sequence[_Candidate], given: Sequence[Array], nearly: float = 0.0
    ) -> list[Named]:
        """Those that give the same on all draws, up to one factor: the same values, or the same means.

        What is right on these draws explains nothing, such as a sum over the episodes where there is one.
        """
        found = ((one, self._factor(one, given, nearly)) for one in candidates)
        return [(one.told, factor) for one, factor in found if factor is not None and not self._is_right(one)]

    def _is_right(self, candidate: _Candidate) -> bool:
        """Whether the mean of a candidate is the gradient on all draws."""
        return all(
            np.abs(draw.mean(candidate.on(place)) - draw.gradient).max() <= 1e-9 * np.abs(draw.gradient).max()
            for place, draw in enumerate(self.draws)
        )

    def distance(self, candidate: _Candidate, factor: float) -> float:
        """By how much the estimates differ from a multiple of a candidate's, as a share of the largest."""
        return max(
            float(np.abs(given - factor * candidate.on(place)).max() / max(float(np.abs(given).max()), 1e-300))
            for place, given in enumerate(self.estimates)
        )

    def _factor(self, candidate: _Candidate, given: Sequence[Array], nearly: float) -> float | None:
        """The one number c with given = c · known on all draws, or None."""
        factor: float | None = None
        tolerance = max(self.tolerance, nearly)
        for place, (draw, one) in enumerate(zip(self.draws, given, strict=True)):
            known = candidate.on(place)
            here = common_factor(one, draw.mean(known) if given is self.means else known, tolerance)
            if not here:  # there is none, or 0 is given where the known is not 0
                return None
            if np.isnan(here):  # both are 0
                continue
            if factor is not None and abs(here - factor) > max(1e-6, tolerance) * max(abs(here), abs(factor)):
                return None
            factor = here
        return 1.0 if factor is None else factor


def _plainest(found: list[Named]) -> list[Named]:
    """Each explanation once; those that leave no factor before the others."""
    unique = dict(sorted(found, key=lambda one: -abs(one[1] - 1)))
    plain = {mistakes: factor for mistakes, factor in unique.items() if abs(factor - 1) < NEARLY}
    return sorted((plain or unique).items(), key=lambda one: abs(one[1] - 1))


def _bases(entropy: float) -> Iterator[Mapping[str, Station]]:
    """Right estimators, with an entropy bonus where one is asked for."""
    for base in RIGHT_ESTIMATORS.values():
        if entropy:
            yield from ({**base, **bonus(entropy)} for bonus in RIGHT_BONUSES.values())
        else:
            yield base


def _single(entropy: float) -> Iterator[Candidate]:
    if entropy:
        for bonus in BONUSES.values():
            for base in RIGHT_ESTIMATORS.values():
                yield (bonus.name,), {**base, **bonus.stations(entropy)}
    for mistake in ESTIMATORS.values():
        for base in _bases(entropy):
            if mistake.station not in base:
                yield (mistake.name,), {**base, mistake.station: mistake.change}


def _single_on(draws: Sequence[Draw]) -> list[_Candidate]:
    """Those with one mistake, on some draws."""
    return [
        _Candidate(told, changes, draws, key=(_single, number))
        for number, (told, changes) in enumerate(_single(draws[0].entropy))
    ]


def _pairs(entropy: float) -> Iterator[Candidate]:
    telling = [mistake for mistake in ESTIMATORS.values() if mistake.name not in ("downhill", "step size included")]
    bases = list(RIGHT_ESTIMATORS.values())[:2]
    if entropy:
        stations = {bonus.name: bonus.stations(entropy) for bonus in BONUSES.values()}
        for (name, bonus), mistake in itertools.product(stations.items(), telling):
            for base in bases:
                changes = {**base, **bonus}
                if mistake.station not in changes:
                    yield (name, mistake.name), {**changes, mistake.station: mistake.change}
        return
    for first, second in itertools.combinations(telling, 2):
        if first.station != second.station:
            for base in bases:
                if first.station not in base and second.station not in base:
                    yield (
                        (first.name, second.name),
                        {**base, first.station: first.change, second.station: second.change},
                    )


class _Pairs:
    """All pairs of mistakes, with what they give on one or two draws.

    That has nothing to do with the estimator that is audited, so it is kept for the next one.
    """

    def __init__(self, draws: Sequence[Draw]) -> None:
        self.draws = draws
        self.all = list(_pairs(draws[0].entropy))
        self.memories: list[dict[object, Any]] = [{} for _ in draws]
        every = np.arange(len(self.all))
        self.values = self._run(0, every)
        self.means = [draws[0].means(self.values)]
        for draw in draws[1:]:  # to be computed where it is asked for
            self.means.append(np.full((len(self.all), *draw.world.theta.shape), np.nan))

    def _run(self, place: int, numbers: NDArray[np.intp]) -> Array:
        """What some of them give on a draw, shape (P, B, S, A)."""
        batches, memory = self.draws[place].batches, self.memories[place]
        values = np.empty((len(numbers), len(batches.actions), *batches.theta.shape))
        for row, number in enumerate(numbers):
            values[row] = run(batches, self.all[number][1], memory)
        return values

    def with_the_means(self, wanted: Sequence[Array], tolerance: float) -> list[Candidate]:
        """Those that may have some means, one for each draw, up to a factor."""
        left = np.flatnonzero(_alike(wanted[0], self.means[0], tolerance))
        for place, one in enumerate(wanted[1:], start=1):
            means = self.means[place]
            for new in np.array_split(left[np.isnan(means[left, 0, 0])], 20):  # few at a time: they are large
                means[new] = self.draws[place].means(self._run(place, new))
            left = left[_alike(one, means[left], tolerance)]
        return [self.all[number] for number in left]

    def with_the_values(self, given: Array, tolerance: float) -> list[Candidate]:
        """Those that may give the same on every batch of the first draw, up to a factor."""
        return [self.all[number] for number in np.flatnonzero(_alike(given, self.values, tolerance))]


def _pairs_on(draws: Sequence[Draw]) -> _Pairs:
    return _pairs_in(*((draw.world.name, draw.n_trajectories, draw.entropy) for draw in draws))


@lru_cache(maxsize=2)
def _pairs_in(*of: tuple[str, int, float]) -> _Pairs:
    known = {world.name: world for world in worlds()}
    return _Pairs([Draw(known[name], n_trajectories, entropy) for name, n_trajectories, entropy in of])


def _alike(one: Array, others: Array, tolerance: float) -> NDArray[np.bool_]:
    """Of many arrays, which may be a multiple of one: `common_factor` for all of them at once, shape (P,)."""
    size = float(np.abs(one).max())
    flat = others.reshape(len(others), one.size)
    lengths = np.abs(flat).max(axis=1, initial=0.0)
    if size < 1e-13:
        return np.asarray(lengths < 1e-13)
    there = lengths >= 1e-13
    unit = flat[there] / lengths[there, None]
    given = one.ravel() / size
    factors = unit @ given / np.einsum("pn,pn->p", unit, unit)
    same = np.zeros(len(flat), dtype=bool)
    same[there] = np.abs(given - factors[:, None] * unit).max(axis=1, initial=0.0) <= tolerance
    return same


def common_factor(one: Array, other: Array, tolerance: float) -> float | None:
    """The number c with one = c · other; NaN where both are 0, None where there is none."""
    size, length = float(np.abs(one).max()), float(np.abs(other).max())
    if max(size, length) < 1e-13:
        return float("nan")
    if length < 1e-13:
        return None
    if size == 0:
        return 0.0
    one, other = one / size, other / length  # so that no square is too large or too small
    factor = float(np.sum(one * other) / np.sum(other * other))
    if np.abs(one - factor * other).max() > tolerance:
        return None
    return factor * size / length


#: Plain functions of the number m of episodes, the horizon T and γ, the simplest first.
_FUNCTIONS: dict[str, Callable[[int, int, float], float]] = {
    "": lambda m, horizon, discount: 1.0,
    "m": lambda m, horizon, discount: m,
    "/m": lambda m, horizon, discount: 1 / m,
    "(1 − 1/m)": lambda m, horizon, discount: 1 - 1 / m,
    "(1 − 1/m)/T": lambda m, horizon, discount: (1 - 1 / m) / horizon,
    "(m − 1)": lambda m, horizon, discount: m - 1,
    "T": lambda m, horizon, discount: horizon,
    "/T": lambda m, horizon, discount: 1 / horizon,
    "m·T": lambda m, horizon, discount: m * horizon,
    "/(m·T)": lambda m, horizon, discount: 1 / (m * horizon),
    "m/T": lambda m, horizon, discount: m / horizon,
    "γ": lambda m, horizon, discount: discount,
    "/γ": lambda m, horizon, discount: 1 / discount,
    "γ²": lambda m, horizon, discount: discount**2,
    "γ^T": lambda m, horizon, discount: discount**horizon,
    "m²": lambda m, horizon, discount: m * m,
    "√m": lambda m, horizon, discount: m**0.5,
    "/√m": lambda m, horizon, discount: m**-0.5,
    "[m > 1]": lambda m, horizon, discount: float(m > 1),
    "m/(m − 1)": lambda m, horizon, discount: m / (m - 1) if m > 1 else np.nan,
    "(1 − γ)": lambda m, horizon, discount: 1 - discount,
    "/(1 − γ)": lambda m, horizon, discount: 1 / (1 - discount) if discount < 1 else np.nan,
    "/Σγᵗ": lambda m, horizon, discount: 1 / sum(discount**t for t in range(horizon)),
    "Σγᵗ": lambda m, horizon, discount: sum(discount**t for t in range(horizon)),
}

#: Where they are not defined.
_UNDEFINED = {"m/(m − 1)": "m = 1", "/(1 − γ)": "γ = 1"}


@dataclass(frozen=True)
class PlainFactor:
    """A factor that is a plain function of (m, T, γ), and what it is where that is not defined.

    Attributes
    ----------
    function : str
        Such as "m/(m − 1)" or "−0.5".
    elsewhere : float or None
        The factor where the function is not defined; None where it always is.
    where : str
        Where that is, such as "m = 1".
    """

    function: str
    elsewhere: float | None = None
    where: str = ""

    @property
    def downhill(self) -> bool:
        """Whether the factor is negative."""
        return self.function.startswith("−")

    @property
    def keeps_its_sign(self) -> bool:
        """Whether it goes uphill everywhere or downhill everywhere."""
        return self.elsewhere is None or (self.elsewhere <= 0 if self.downhill else self.elsewhere >= 0)

    @property
    def sentence(self) -> str:
        """What the mean is."""
        apart = "" if self.elsewhere is None else f", and {written(self.elsewhere)} times where {self.where}"
        return f"The mean is {self.function} times the gradient{apart}"

    def __str__(self) -> str:
        apart = "" if self.elsewhere is None else f", and {written(self.elsewhere)} where {self.where}"
        return f"{self.function}{apart}"


def plain_function(
    sizes: Sequence[tuple[int, int, float]],
    factors: Sequence[float],
    tolerance: float,
    others: Mapping[str, Sequence[float]] = MappingProxyType({}),
) -> PlainFactor | None:
    """The factors as a number times a plain function of (m, T, γ), or of what else is told; None if they are none.

    Where a function such as 1/(1 − γ) is not defined, at γ = 1, the factors have to be one number, and it is said.
    """
    values = {name: [function(*size) for size in sizes] for name, function in _FUNCTIONS.items()}
    for name, known in {**values, **others}.items():
        pairs = list(zip(factors, known, strict=True))
        numbers = [factor / value for factor, value in pairs if value and not np.isnan(value)]
        zeros = [factor for factor, value in pairs if not value]
        left = [factor for factor, value in pairs if np.isnan(value)]
        if not numbers or any(abs(factor) > 10 * tolerance for factor in zeros):
            continue
        number = numbers[0]
        if _spread(numbers) > 4 * tolerance or _spread(left) > 4 * tolerance or number == 0:
            continue
        one = "1" if name.startswith("/") else ""
        sign = "−" if number < 0 else ""
        plain = f"{sign}{one}{name}" if name and abs(abs(number) - 1) < 1e-6 else f"{written(number)} {name}".strip()
        return PlainFactor(plain.replace(" /", "/"), left[0] if left else None, _UNDEFINED[name] if left else "")
    return None


def _spread(numbers: Sequence[float]) -> float:
    """How far numbers are apart, as a share of the largest; each is known to its share of a tolerance."""
    largest = max(map(abs, numbers), default=0.0)
    return (max(numbers) - min(numbers)) / largest if largest else 0.0


def written(number: float) -> str:
    """A number with four digits, or as many as tell it from 1, and a true minus."""
    near = 1e-10 < abs(abs(number) - 1) < 5e-4
    return f"{number:{'.10g' if near else '.4g'}}".replace("-", "−")
