"""An estimator that is right for another objective than the one that is asked for: J with an entropy bonus.

∇J_β with J_β = E[Σ_t γᵗ (r_t + β H(π(·|s_t)))] is linear in β. So are the means of estimators of it that have a mistake
which is linear in the rewards. E[ĝ] = f (known + β · slope) has two unknowns, f and f β, and all entries of all worlds
to fit them to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pgcode.audit._calls import Called
from pgcode.audit._naming import RIGHT_ESTIMATORS
from pgcode.audit._worlds import Draw
from pgcode.mistakes import BONUSES, ESTIMATORS
from pgcode.mistakes._bonuses import RIGHT_BONUSES
from pgcode.mistakes._pipeline import Station

__all__ = ["AnotherObjective", "another_objective", "beside_an_entropy"]

Array = NDArray[np.float64]
Stations = Mapping[str, Station]

_NAME = "entropy in the objective"
#: Weights that differ by no more than this are one.
_SAME = 1e-6
#: What may have been done beside a bonus; all of it is linear in the rewards.
_BESIDE = (
    "discount of the step left out",
    "discount of the step runs on",
    "discount left out",
    "mean over the steps of the batch",
    "mean over the steps of each episode",
    "mean of the batch subtracted",
)


@dataclass(frozen=True)
class AnotherObjective:
    """E[ĝ] = factor · ∇J_β, or what known mistakes make of it.

    Attributes
    ----------
    weight : float
        β.
    factor : float
        What is left.
    mistakes : tuple of str
        Names of the catalogue.
    """

    weight: float
    factor: float
    mistakes: tuple[str, ...] = ()

    @property
    def asked_for(self) -> str:
        """The weight of the entropy as it is passed to an audit."""
        return f"{self.weight:.6g}".replace("-", "−")

    @property
    def hint(self) -> str:
        """What to do about it."""
        if self.weight < 0:
            return f"The weight of the entropy is {self.asked_for}: the policy is made less random. Is its sign meant?"
        here = "" if _NAME not in self.mistakes or abs(self.weight - 0.1) < _SAME else " here, and not 0.1"
        return (
            f"The weight of the entropy is {self.asked_for}{here}. If you mean an objective with it, ask for its "
            f"gradient: audit(…, entropy={self.asked_for})."
        )


def another_objective(called: Called, tolerance: float) -> AnotherObjective | None:
    """Return for which weight of the entropy, other than the one that is asked for, a mean is right."""
    plain = [draw.world.gradient for draw in called.draws]
    slopes = [one - other for one, other in zip(_gradients(called.draws), plain, strict=True)]
    found = _fit(called.means, plain, slopes, tolerance)
    asked = called.draws[0].entropy
    if found is None or min(abs(found.weight - told) for told in (0.0, asked, -asked)) <= _SAME * max(1.0, asked):
        return None
    return found if asked else replace(found, mistakes=(_NAME,))


def beside_an_entropy(called: Called, tolerance: float) -> AnotherObjective | None:
    """Return which mistake, and which weight of an entropy bonus, have a mean together where J alone is asked for."""
    if called.draws[0].entropy:
        return None
    for number, (told, stations) in enumerate(_candidates()):
        known: list[Array] = []
        slopes: list[Array] = []
        for place, draw in enumerate(called.draws, start=1):
            key = _candidates, number
            if key not in draw.memory:
                plain = draw.mean(draw.known(stations(0.0)))
                draw.memory[key] = plain, draw.mean(draw.known(stations(1.0))) - plain
            for kept, one in zip((known, slopes), draw.memory[key], strict=True):
                kept.append(one)
            if place % 10 == 0 and _fit(called.means[:place], known, slopes, tolerance) is None:
                break
        else:
            found = _fit(called.means, known, slopes, tolerance)
            if found is not None and abs(found.weight) > _SAME:
                return replace(found, mistakes=told)
    return None


def _gradients(draws: Sequence[Draw]) -> list[Array]:
    """∇J_1 of each draw; of each world it is computed once."""
    of_world = {draw.world.name: draw for draw in draws}
    for draw in of_world.values():
        if _gradients not in draw.memory:
            draw.memory[_gradients] = replace(draw, entropy=1.0).gradient
    return [of_world[draw.world.name].memory[_gradients] for draw in draws]


def _fit(
    means: Sequence[Array], known: Sequence[Array], slopes: Sequence[Array], tolerance: float
) -> AnotherObjective | None:
    """The factor and the weight with which all means are those of what is known; None where there are none."""
    sizes = [max(float(np.abs(one).max()), 1e-300) for one in known]  # each world counts alike

    def in_one(arrays: Sequence[Array]) -> Array:
        return np.concatenate([(one / size).ravel() for one, size in zip(arrays, sizes, strict=True)])

    matrix, wanted = np.stack([in_one(known), in_one(slopes)], axis=1), in_one(means)
    (factor, share), *_ = np.linalg.lstsq(matrix, wanted, rcond=1e-12)
    close = np.abs(wanted - matrix @ (factor, share)).max() <= tolerance * max(float(np.abs(wanted).max()), 1e-300)
    if not close or abs(factor) < 1e-9:
        return None
    return AnotherObjective(float(share / factor), float(factor))


def _candidates() -> Iterator[tuple[tuple[str, ...], Callable[[float], Stations]]]:
    """The names, and the stations by the weight of the entropy: a mistake beside a bonus, right or paid alone."""
    paid_alone = BONUSES["entropy as a reward alone"]
    yield (paid_alone.name,), paid_alone.stations
    for name in _BESIDE:
        for bonus in (*RIGHT_BONUSES.values(), paid_alone.stations):
            told = (name, paid_alone.name) if bonus is paid_alone.stations else (name, _NAME)
            for base in list(RIGHT_ESTIMATORS.values())[:2]:
                if ESTIMATORS[name].station not in base:
                    yield told, _together(name, bonus, base)


def _together(name: str, bonus: Callable[[float], Stations], base: Stations) -> Callable[[float], Stations]:
    """The stations of a right estimator with a bonus and with a mistake."""
    mistake = ESTIMATORS[name]

    def stations(weight: float) -> Stations:
        changes = {**base, **bonus(weight)}
        if mistake.station not in changes:
            return {**changes, mistake.station: mistake.change}
        first = changes[mistake.station]  # both change the data: one after the other
        return {**changes, mistake.station: lambda batches: mistake.change(first(batches))}

    return stations
