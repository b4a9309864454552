"""Which known mistake, or which two together, give what an estimator gave."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pgcode.audit._calls import Called
from pgcode.audit._worlds import Draw
from pgcode.mistakes import BONUSES, ESTIMATORS
from pgcode.mistakes._bonuses import RIGHT_BONUSES
from pgcode.mistakes._pipeline import Batches, Station, run, whole_return

__all__ = ["RIGHT_ESTIMATORS", "Named", "common_factor", "names", "plain_function", "written"]

Array = NDArray[np.float64]
#: What a small number in a divisor may do, such as 1e-5 beside a deviation.
NEARLY = 5e-3

#: The names of one mistake or of two that were made together, and the factor that is left.
Named = tuple[tuple[str, ...], float]
#: The names of what was made wrong, and the stations of such an estimator.
Candidate = tuple[tuple[str, ...], Mapping[str, Station]]


def _others_subtracted(batches: Batches, weights: Array) -> Array:
    """The mean weight of the other episodes at the same step is subtracted: leave-one-out, which is right."""
    m = weights.shape[1]
    if m == 1:
        return weights
    return np.asarray(weights - (weights.sum(axis=1, keepdims=True) - weights) / (m - 1))


#: Estimators that are right, on which a mistake can be put: by name, the stations in which they differ.
RIGHT_ESTIMATORS: Mapping[str, Mapping[str, Station]] = {
    "reward-to-go": {},
    "whole return": {"weights": whole_return},
    "reward-to-go, leave-one-out": {"baseline": _others_subtracted},
    "whole return, leave-one-out": {"weights": whole_return, "baseline": _others_subtracted},
}


def names(called: Called) -> tuple[list[Named], bool]:
    """Return what explains an estimator, and whether by its values on every batch or by its mean alone.

    First a mistake that gives the same on every batch, up to a factor; else one with the same mean in every world; else
    two together with the same mean; else one or two that give nearly the same on every batch.
    """
    alike: list[Named] = []
    candidates = list(_single(called.draws[0].entropy))
    for told, changes in candidates:
        factor = _factor(called, called.estimates, _estimates(called.draws, changes))
        if factor is not None:
            alike.append((told, factor))
    if alike:
        return _plainest(alike), True
    for told, changes in candidates:
        factor = _factor_of_means(called, changes)
        if factor is not None:
            alike.append((told, factor))
    if alike:
        return _plainest(alike), False
    draw, given, mean = called.draws[0], called.estimates[0], called.means[0]
    for told, changes in _pairs(draw.entropy):
        known = run(draw.batches, changes)  # the smallest draw decides nearly always
        if common_factor(mean, draw.mean(known), called.tolerance) is not None:
            factor = _factor_of_means(called, changes)
            if factor is not None:
                alike.append((told, factor))
        if common_factor(given, known, NEARLY) is not None:
            candidates.append((told, changes))
    if alike:
        return _plainest(alike), False
    for told, changes in candidates:
        factor = _factor(called, called.estimates, _estimates(called.draws, changes), NEARLY)
        if factor is not None:
            alike.append((told, factor))
    fewest = min((len(told) for told, _ in alike), default=0)
    return _plainest([named for named in alike if len(named[0]) == fewest]), True


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


def _pairs(entropy: float) -> Iterator[Candidate]:
    telling = [mistake for mistake in ESTIMATORS.values() if mistake.name not in ("downhill", "step size included")]
    bases = list(RIGHT_ESTIMATORS.values())[:2]
    if entropy:
        for bonus, mistake in itertools.product(BONUSES.values(), telling):
            for base in bases:
                changes = {**base, **bonus.stations(entropy)}
                if mistake.station not in changes:
                    yield (bonus.name, mistake.name), {**changes, mistake.station: mistake.change}
        return
    for first, second in itertools.combinations(telling, 2):
        if first.station != second.station:
            for base in bases:
                if first.station not in base and second.station not in base:
                    yield (
                        (first.name, second.name),
                        {**base, first.station: first.change, second.station: second.change},
                    )


def _estimates(draws: Sequence[Draw], changes: Mapping[str, Station]) -> Iterator[Array]:
    return (run(draw.batches, changes) for draw in draws)


def _factor_of_means(called: Called, changes: Mapping[str, Station]) -> float | None:
    return _factor(called, called.means, (draw.mean(run(draw.batches, changes)) for draw in called.draws))


def _factor(called: Called, given: Sequence[Array], known: Iterator[Array], nearly: float = 0.0) -> float | None:
    """The one number c with given = c · known on all draws, or None; it is sought on the smallest draws first."""
    factor: float | None = None
    tolerance = max(called.tolerance, nearly)
    for one, other in zip(given, known, strict=True):
        here = common_factor(one, other, tolerance)
        if here is None:
            return None
        if np.isnan(here):  # both are 0
            continue
        if factor is not None and abs(here - factor) > max(1e-6, tolerance) * max(abs(here), abs(factor)):
            return None
        factor = here
    return 1.0 if factor is None else factor if factor else None


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
    "m²": lambda m, horizon, discount: m * m,
    "[m > 1]": lambda m, horizon, discount: float(m > 1),
    "m/(m − 1)": lambda m, horizon, discount: m / (m - 1) if m > 1 else np.nan,
    "(1 − γ)": lambda m, horizon, discount: 1 - discount,
    "/(1 − γ)": lambda m, horizon, discount: 1 / (1 - discount) if discount < 1 else np.nan,
    "/Σγᵗ": lambda m, horizon, discount: 1 / sum(discount**t for t in range(horizon)),
    "Σγᵗ": lambda m, horizon, discount: sum(discount**t for t in range(horizon)),
}


def plain_function(sizes: Sequence[tuple[int, int, float]], factors: Sequence[float], tolerance: float) -> str:
    """The factors as a number times a plain function of (m, T, γ); empty if they are none."""
    for name, function in _FUNCTIONS.items():
        # Where a function is not defined anything will do.
        pairs = [(factor, function(*size)) for size, factor in zip(sizes, factors, strict=True)]
        numbers = [factor / value for factor, value in pairs if value and not np.isnan(value)]
        zeros = [factor for factor, value in pairs if not value]
        if not numbers or any(abs(factor) > 10 * tolerance for factor in zeros):
            continue
        if max(numbers) - min(numbers) <= 100 * tolerance * max(abs(number) for number in numbers):
            number = numbers[0]
            if number == 0:
                return ""
            if not name:
                return written(number)
            one = "1" if name.startswith("/") else ""
            sign = "−" if number < 0 else ""
            return (f"{sign}{one}{name}" if abs(abs(number) - 1) < 1e-6 else f"{written(number)} {name}").replace(
                " /", "/"
            )
    return ""


def written(number: float) -> str:
    """A number with four digits, or as many as tell it from 1, and a true minus."""
    near = 1e-10 < abs(abs(number) - 1) < 5e-4
    return f"{number:{'.10g' if near else '.4g'}}".replace("-", "−")
