"""Which known mistake, or which two together, give what an estimator gave."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pgcode.audit._calls import Called
from pgcode.audit._worlds import Draw
from pgcode.mistakes import ESTIMATORS, WrongEstimator
from pgcode.mistakes._pipeline import Batches, Station, run, whole_return

__all__ = ["RIGHT_ESTIMATORS", "Named", "common_factor", "names", "plain_function", "written"]

Array = NDArray[np.float64]
#: The names of one mistake or of two that were made together, and the factor that is left.
Named = tuple[tuple[str, ...], float]


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
    two together with the same mean.
    """
    alike: list[Named] = []
    for mistake, base in _single():
        factor = _factor(called, called.estimates, _estimates(called.draws, base, mistake))
        if factor is not None:
            alike.append(((mistake.name,), factor))
    if alike:
        return _plainest(alike), True
    for mistake, base in _single():
        factor = _factor_of_means(called, base, mistake)
        if factor is not None:
            alike.append(((mistake.name,), factor))
    if alike:
        return _plainest(alike), False
    for first, second, base in _pairs():
        factor = _factor_of_means(called, base, first, second)
        if factor is not None:
            alike.append(((first.name, second.name), factor))
    return _plainest(alike), False


def _plainest(found: list[Named]) -> list[Named]:
    """Each explanation once; those that leave no factor before the others."""
    unique = dict(sorted(found, key=lambda one: -abs(one[1] - 1)))
    plain = {mistakes: factor for mistakes, factor in unique.items() if abs(factor - 1) < 1e-6}
    return sorted((plain or unique).items(), key=lambda one: abs(one[1] - 1))


def _single() -> Iterator[tuple[WrongEstimator, Mapping[str, Station]]]:
    for mistake in ESTIMATORS.values():
        for base in RIGHT_ESTIMATORS.values():
            if mistake.station not in base:
                yield mistake, base


def _pairs() -> Iterator[tuple[WrongEstimator, WrongEstimator, Mapping[str, Station]]]:
    telling = [mistake for mistake in ESTIMATORS.values() if mistake.name not in ("downhill", "step size included")]
    for first, second in itertools.combinations(telling, 2):
        if first.station != second.station:
            for base in list(RIGHT_ESTIMATORS.values())[:2]:
                if first.station not in base and second.station not in base:
                    yield first, second, base


def _changes(base: Mapping[str, Station], *mistakes: WrongEstimator) -> dict[str, Station]:
    return {**base, **{mistake.station: mistake.change for mistake in mistakes}}


def _estimates(draws: Sequence[Draw], base: Mapping[str, Station], *mistakes: WrongEstimator) -> Iterator[Array]:
    return (run(draw.batches, _changes(base, *mistakes)) for draw in draws)


def _factor_of_means(called: Called, base: Mapping[str, Station], *mistakes: WrongEstimator) -> float | None:
    wrong = (draw.mean(run(draw.batches, _changes(base, *mistakes))) for draw in called.draws)
    return _factor(called, called.means, wrong)


def _factor(called: Called, given: Sequence[Array], known: Iterator[Array]) -> float | None:
    """The one number c with given = c · known on all draws, or None; it is sought on the smallest draws first."""
    factor: float | None = None
    for one, other in zip(given, known, strict=True):
        here = common_factor(one, other, called.tolerance)
        if here is None:
            return None
        if np.isnan(here):  # both are 0
            continue
        if factor is not None and abs(here - factor) > max(1e-6, called.tolerance) * max(abs(here), abs(factor)):
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
    factor = float(np.sum(one * other) / np.sum(other * other))
    if np.abs(one - factor * other).max() > tolerance * max(size, abs(factor) * length):
        return None
    return factor


#: Plain functions of the number m of episodes, the horizon T and γ, the simplest first.
_FUNCTIONS: dict[str, Callable[[int, int, float], float]] = {
    "": lambda m, horizon, discount: 1.0,
    "m": lambda m, horizon, discount: m,
    "/m": lambda m, horizon, discount: 1 / m,
    "(1 − 1/m)": lambda m, horizon, discount: 1 - 1 / m,
    "(m − 1)": lambda m, horizon, discount: m - 1,
    "T": lambda m, horizon, discount: horizon,
    "/T": lambda m, horizon, discount: 1 / horizon,
    "m·T": lambda m, horizon, discount: m * horizon,
    "/(m·T)": lambda m, horizon, discount: 1 / (m * horizon),
    "m/T": lambda m, horizon, discount: m / horizon,
    "γ": lambda m, horizon, discount: discount,
    "/γ": lambda m, horizon, discount: 1 / discount,
}


def plain_function(sizes: Sequence[tuple[int, int, float]], factors: Sequence[float], tolerance: float) -> str:
    """The factors as a number times a plain function of (m, T, γ); empty if they are none."""
    for name, function in _FUNCTIONS.items():
        values = [function(*size) for size in sizes]
        numbers = [factor / value for factor, value in zip(factors, values, strict=True) if value]
        zeros = [factor for factor, value in zip(factors, values, strict=True) if not value]
        if not numbers or any(abs(factor) > 10 * tolerance for factor in zeros):
            continue
        if max(numbers) - min(numbers) <= 100 * tolerance * max(abs(number) for number in numbers):
            number = numbers[0]
            if abs(number) < 1e-12:
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
    """A number with four digits and a true minus."""
    return f"{number:.4g}".replace("-", "−")
