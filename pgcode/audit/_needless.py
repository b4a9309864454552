"""What an unbiased estimator uses without need, and what its variance is beside that of one that does not.

Two things leave the mean alone and may add noise: rewards that were paid before a decision, and episodes of the batch
that are not looked at. Each is found by what the estimator gave on every batch. Whatever else it is that makes an
estimator noisier than the plain reward-to-go in most worlds is told by the numbers alone.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pgcode._chapters import BASELINES, CAUSALITY
from pgcode.audit._calls import Called
from pgcode.audit._naming import others_subtracted
from pgcode.audit._worlds import Draw
from pgcode.mistakes._pipeline import RIGHT, Batches, Station

__all__ = ["less_values", "needless"]

Array = NDArray[np.float64]

#: Variances that differ by no more than this share are one.
_SAME = 1e-6
#: What is left of an estimate that is explained, as a share of its largest.
_NOTHING = 1e-9


def needless(called: Called) -> tuple[str, ...]:
    """What is said of an unbiased estimator that is noisier than it need be; nothing, if it is not."""
    told = [*_unused_episodes(called), *_past_rewards(called)]
    return tuple(told) or tuple(_noisier(called))


# ---- episodes that are not looked at --------------------------------------------------------------------------------


def _unused_episodes(called: Called) -> Iterator[str]:
    """Of the episodes of a batch those on which no estimate depends."""
    several = [(draw, given) for draw, given in zip(called.draws, called.estimates, strict=True) if _several(draw)]
    used: dict[int, NDArray[np.bool_]] = {}
    for draw, given in several:
        m = draw.n_trajectories
        by_episode = given.reshape(*(len(draw.world.walks[1]),) * m, *given.shape[1:])
        size = float(np.abs(given).max())
        moves = [float(np.ptp(by_episode, axis=axis).max()) > _NOTHING * size for axis in range(m)]
        used[m] = used.get(m, np.zeros(m, dtype=bool)) | moves
    for m, which in used.items():
        if not which.all():
            n = int(which.sum())
            these = " and ".join(_ORDINALS[number] for number in np.flatnonzero(which))
            yield (
                f"Of the {m} episodes of a batch it uses only the {these}. The mean is the same, and the mean of all "
                f"{m} has {n}/{m} of this variance."
            )
            return


_ORDINALS = ("first", "second", "third")


def _several(draw: Draw) -> bool:
    return draw.n_trajectories > 1 and draw.kept is None and len(draw.world.walks[1]) > 1


# ---- rewards of the past --------------------------------------------------------------------------------------------


def less_values(draw: Draw) -> Station:
    """V(s_t) of the world at its time is subtracted."""
    values = draw.world.values

    def subtracted(batches: Batches, weights: Array) -> Array:
        steps = np.arange(weights.shape[-1])
        return np.asarray(weights - batches.powers * values[steps, batches.states[..., :-1]])

    return subtracted


def _past_rewards(called: Called) -> Iterator[str]:
    """Rewards that were paid before a decision, where they are all that is there beside a known estimator."""
    for name in ("reward-to-go", "reward-to-go, leave-one-out", "reward-to-go less V"):
        steps = _steps_back(called, name)
        if steps is None:
            continue
        if steps:
            one = steps == 1
            what = "the reward of the step before, which" if one else "rewards of steps before it, which"
            yield (
                f"Each decision is also paid {what} it could not change. In the mean that adds nothing, but the "
                f"variance is another. Without {'it' if one else 'them'} yours is “{name}”: {_compared(called, name)} "
                f"Explained in {CAUSALITY.section('C2: causality')}."
            )
        return


def _steps_back(called: Called, name: str) -> int | None:
    """How many steps back the rewards lie that are used beside a known estimator; None where that is not all.

    0 where the two are the same.
    """
    farthest = 0
    for draw, given in zip(called.draws, called.estimates, strict=True):
        left = (given - _known(draw, name)).ravel()
        size = max(float(np.abs(given).max()), 1e-300)
        close = max(called.tolerance, _NOTHING) * size
        columns = _of_the_past(draw, name) if np.abs(left).max() > close else np.zeros((0, 1))
        for lag in range(len(columns) + 1):
            matrix = columns[:lag].T if lag else np.zeros((left.size, 1))
            shares = np.linalg.lstsq(matrix, left, rcond=1e-10)[0]
            if np.abs(left - matrix @ shares).max() <= close:
                farthest = max(farthest, lag)
                break
        else:
            return None
    return farthest


def _known(draw: Draw, name: str) -> Array:
    """What a known estimator gives on each batch, shape (B, S, A)."""
    if name.endswith("V"):
        return draw.known({"baseline": less_values(draw)})
    return draw.known({"baseline": others_subtracted} if "leave-one-out" in name else {})


def _of_the_past(draw: Draw, name: str) -> Array:
    """Σ_i Σ_t γ^{t−l} r_{t−l} ∇log π for each number l ≥ 1 of steps back, each flat, shape (T − 1, B · S · A)."""

    def before(lag: int) -> Station:
        def weights(batches: Batches) -> Array:
            paid = batches.powers * batches.rewards
            return np.concatenate([np.zeros_like(paid[..., :lag]), paid[..., :-lag]], axis=-1)

        return weights

    baseline = others_subtracted if "leave-one-out" in name else RIGHT["baseline"]
    each = [draw.known({"weights": before(lag), "baseline": baseline}).ravel() for lag in range(1, draw.horizon)]
    return np.array(each) if each else np.zeros((0, 1))


# ---- whatever it is -------------------------------------------------------------------------------------------------


def _noisier(called: Called) -> Iterator[str]:
    """That an estimator has more variance than the reward-to-go in more worlds than it has less."""
    ratios = [ratio for ratio, _ in _ratios(called, "reward-to-go")]
    if sum(ratio > 1 + _SAME for ratio in ratios) > sum(ratio < 1 - _SAME for ratio in ratios):
        yield (
            f"The reward-to-go with nothing subtracted has the same mean: {_compared(called, 'reward-to-go')} Batches "
            f"here have at most {max(draw.n_trajectories for draw in called.draws)} episodes: a baseline that is made "
            "of the other episodes is noisier in them than in large ones. "
            f"Explained in {BASELINES.section('A baseline leaves the mean alone')}."
        )


def _ratios(called: Called, name: str) -> list[tuple[float, str]]:
    """The variance as a multiple of that of a known estimator, in the largest draw of each world, and which world."""
    pairs = zip(called.draws, called.estimates, strict=True)
    largest = {draw.world.name: (draw, given) for draw, given in pairs}.values()
    found = [(draw.variance(given), draw.variance(_known(draw, name)), draw.world.name) for draw, given in largest]
    return [(own / other, world) for own, other, world in found if other > 0]


def _compared(called: Called, name: str) -> str:
    """In how many worlds an estimator has more variance than a known one, in how many less, and where it is most so."""
    ratios = _ratios(called, name)
    more = [one for one in ratios if one[0] > 1 + _SAME]
    less = [one for one in ratios if one[0] < 1 - _SAME]
    where = f"all {len(ratios)}" if len(more) == len(ratios) else f"{len(more)} of {len(ratios)}"
    told = f"yours has more variance than that in {where} worlds"
    if more:
        ratio, world = max(more)
        told += f", up to {ratio:.3g} times as much (in “{world}”)"
    if less:
        ratio, world = min(less)
        told += f", and less in {len(less)}, down to {ratio:.2g} times as much (in “{world}”)"
    return f"{told}."
