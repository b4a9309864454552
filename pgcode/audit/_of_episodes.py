"""Baselines and deviations of the returns of whole episodes, put to every step: the group of GRPO, and the usual loop.

The catalogue takes the mean and the deviation of the weights, at each step or over all of them. In much code they are
those of one number for each episode.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from pgcode.audit._calls import Called
from pgcode.audit._constants import Solved
from pgcode.audit._naming import NEARLY, common_factor
from pgcode.mistakes import ESTIMATORS
from pgcode.mistakes._pipeline import Batches, Station, to_go, whole_return

__all__ = ["with_the_returns_of_episodes"]

Array = NDArray[np.float64]

_DISCOUNT, _STEP, _LESS = "discount left out", "discount of the step left out", "mean of the batch subtracted"
_DIVIDED = {None: _LESS, 0: "standardised over the batch", 1: "standardised over the batch with one less"}
_MEANS = (
    "",
    "mean over the steps of the batch",
    "mean over the steps of each episode",
    "mean over padded steps",
    "sum over the episodes",
)


def with_the_returns_of_episodes(called: Called) -> Solved | None:
    """Return what explains an estimator with the mean, or the deviation, of the returns of whole episodes."""
    if called.draws[0].entropy or max(draw.n_trajectories for draw in called.draws) == 1:
        return None
    for names, stations, note, divided in _candidates():
        for tolerance in (called.tolerance, NEARLY) if divided else (called.tolerance,):
            factor = _factor(called, stations, tolerance)
            if factor:
                return Solved(names, factor, (note,), near=tolerance > called.tolerance, by="as told below")
    return None


def _candidates() -> Iterator[tuple[tuple[str, ...], Mapping[str, Station], str, bool]]:
    """Names, stations, what is said, and whether anything is divided by a deviation."""
    for undiscounted, divisor, mean, weights in itertools.product((False, True), _DIVIDED, _MEANS, _WEIGHTS):
        names = [_DISCOUNT] if undiscounted else []
        names += [_STEP] if weights == "G" else []
        names += [_DIVIDED[divisor], *([mean] if mean else [])]
        stations: dict[str, Station] = {"weights": _WEIGHTS[weights], "baseline": _less_returns(weights, divisor)}
        if undiscounted:
            stations["data"] = ESTIMATORS[_DISCOUNT].change
        if mean:
            stations["mean"] = ESTIMATORS[mean].change
        yield tuple(names), stations, _told(weights, divisor), divisor is not None


def _to_go(batches: Batches) -> Array:
    return to_go(batches.rewards, batches.discount)


def _discounted(batches: Batches) -> Array:
    return np.asarray(batches.powers * to_go(batches.rewards, batches.discount))


#: By what is subtracted from it: R(τ), G_t, and γᵗ G_t less the mean of the returns with and without γᵗ.
_WEIGHTS: Mapping[str, Station] = {"R": whole_return, "G": _to_go, "γG": _discounted, "γG with γᵗ": _discounted}


def _less_returns(weights: str, divisor: int | None) -> Station:
    def station(batches: Batches, given: Array) -> Array:
        returns = batches.returns
        mean = returns.mean(axis=1)[:, None, None]
        less = given - mean * (batches.powers if weights.endswith("γᵗ") else 1.0)
        if divisor is None:
            return np.asarray(less)
        count = max(returns.shape[1] - divisor, 1)
        deviation = np.sqrt(((returns - returns.mean(axis=1, keepdims=True)) ** 2).sum(axis=1) / count)
        return np.asarray(less / (deviation[:, None, None] + 1e-8))

    return station


def _told(weights: str, divisor: int | None) -> str:
    """What was done, where the sentences of the catalogue have the weights of steps."""
    if weights == "R" and divisor is not None:
        return "Here each episode has one return, and these are standardised over the episodes of the batch."
    what = "The mean is that" if divisor is None else "The mean and the deviation are those"
    times = ", times γᵗ" if weights.endswith("γᵗ") else ""
    return f"{what} of the returns of whole episodes here, one's own among them, at every step{times}."


def _factor(called: Called, stations: Mapping[str, Station], tolerance: float) -> float | None:
    """The one number f with ĝ = f · known on every batch; None where there is none."""
    found = float("nan")
    for draw, given in zip(called.draws, called.estimates, strict=True):
        here = common_factor(given, draw.known(stations), tolerance)
        if here is None or abs(here - found) > max(1e-6, tolerance) * abs(found):
            return None
        found = found if np.isnan(here) else here
    return None if np.isnan(found) else found
