"""Known mistakes with another constant than that of the catalogue: it is solved for, and confirmed on every batch.

- A pull: ĝ = f · known − c₁ θ + c₂ Σ_s ∇H(π(·|s)), with c₁ and c₂ from the states in which nothing is decided.
- A length: ĝ = f · known, shortened to the length c where it is longer. c is the longest estimate.
- A limit: rewards or weights are clipped to [−c, c]. Between two limits that are reached ĝ is linear in c.
- A softmax: the scores are those of c θ, and c follows from one decision between two actions.
- A discount of one's own, whatever that of the batch is: over two steps ĝ is linear in it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pgcode.audit._calls import Called
from pgcode.audit._naming import NEARLY, RIGHT_ESTIMATORS, common_factor, names, written
from pgcode.audit._recipes import recipe_of
from pgcode.audit._worlds import Draw
from pgcode.mistakes import ESTIMATORS
from pgcode.mistakes._pipeline import RIGHT, Batches, Station, log_softmax, to_go

__all__ = ["Solved", "with_a_constant", "with_its_own_discount"]

Array = NDArray[np.float64]
Stations = Mapping[str, Station]

_DECAY, _BONUS, _LENGTH = "weight decay included", "entropy bonus included", "clipped to a length"
_UPDATED = "updated parameters returned"
_REWARDS, _WEIGHTS, _SOFTMAX = "rewards clipped", "weights clipped", "temperature forgotten"
#: What may have been done beside a limit or a softmax of another constant.
_BESIDE = (
    "discount of the step left out",
    "discount left out",
    "mean over the steps of the batch",
    "mean over padded steps",
    "sum over the episodes",
)
#: Of draws with fewer batches that were not shortened nothing is learnt.
_FEWEST = 8
#: A small number beside the length, as 1e-6 in PyTorch, shortens by this share more.
_SMALL = 2e-5


@dataclass(frozen=True)
class Solved:
    """What explains an estimator, with constants that were solved for.

    Attributes
    ----------
    names : tuple of str
        Names of the catalogue; all of them were done.
    factor : float
        What is left beside them.
    notes : tuple of str
        What the constants are, and what else is known.
    by_mean : bool
        Whether only the mean is the same, and not what it gives on every batch.
    near : bool
        Whether that is so but for what a small number in a divisor does.
    by : str
        How the names are to be understood.
    """

    names: tuple[str, ...]
    factor: float
    notes: tuple[str, ...] = ()
    by_mean: bool = False
    near: bool = False
    by: str = "with the constant below"


def with_a_constant(called: Called) -> Solved | None:
    """Return what explains an estimator with a constant of its own; None where nothing does."""
    ways: tuple[Callable[[Called], Solved | None], ...] = (_pulled, _shortened, _limited, _of_another_softmax)
    return next((found for found in (way(called) for way in ways) if found is not None), None)


def _told(what: str, found: float, in_catalogue: float) -> str:
    """What a constant is, where the sentences of the catalogue have another."""
    number = written(float(f"{found:.6g}"))
    return (
        f"The {what} is {number}{'' if abs(found / in_catalogue - 1) < 1e-4 else f' here, and not {in_catalogue:g}'}."
    )


# ---- pulls that are the same on every batch -------------------------------------------------------------------------


def _pulled(called: Called) -> Solved | None:
    """A decay of θ, or the entropy of all states: both move the states in which nothing is decided too."""
    pulls, moved = [], []
    for draw, given in zip(called.draws, called.estimates, strict=True):
        over = np.flatnonzero(draw.world.seen.terminal)
        one = np.stack([pull[over].ravel() for pull in _pulls(draw)], axis=1)
        pulls.append(np.tile(one, (len(given), 1)))
        moved.append(given[:, over].ravel())
    matrix, wanted = np.concatenate(pulls), np.concatenate(moved)
    if not wanted.size or np.abs(wanted).max() < 1e-12:
        return None
    weights = np.linalg.lstsq(matrix, wanted, rcond=1e-12)[0]
    if np.abs(wanted - matrix @ weights).max() > max(called.tolerance, 1e-9) * np.abs(wanted).max():
        return None
    weights = np.where(np.abs(weights) < 1e-6 * np.abs(weights).max(), 0.0, weights)
    rest = tuple(
        given - sum(weight * pull for weight, pull in zip(weights, _pulls(draw), strict=True))
        for draw, given in zip(called.draws, called.estimates, strict=True)
    )
    left = max(float(np.abs(given).max()) for given in rest)
    if left <= 1e-6 * max(float(np.abs(given).max()) for given in called.estimates):
        return None  # a pull and no estimate beside it
    inner = _understood(replace(called, estimates=rest))
    if inner is None:
        return None
    told, notes = [], []
    if abs(weights[0] + 1) < 1e-6:  # θ itself is added
        step = written(float(f"{inner.factor:.6g}"))
        notes.append(f"The step size is {step}{', so it goes downhill' if inner.factor < 0 else ''}.")
        beside = [_BONUS] if weights[1] else []
        notes += [_told("weight of the entropy", weights[1] / inner.factor, 0.1)] if beside else []
        return replace(inner, names=(*inner.names, *beside, _UPDATED), factor=1.0, notes=(*notes, *inner.notes))
    for name, weight, of in zip((_DECAY, _BONUS), weights / inner.factor, ("θ", "the entropy"), strict=True):
        if weight:
            told.append(name)
            notes.append(_told(f"weight of {of}", weight, 0.1))
    return replace(inner, names=(*inner.names, *told), notes=(*notes, *inner.notes))


def _pulls(draw: Draw) -> tuple[Array, Array]:
    """−θ, and the gradient of the entropy of all states, both of shape (S, A)."""
    theta = draw.world.theta
    logs = log_softmax(theta)
    entropy = -(np.exp(logs) * logs).sum(axis=1, keepdims=True)
    return -theta, -np.exp(logs) * (logs + entropy)


def _understood(called: Called) -> Solved | None:
    """What is left when a pull is taken away: the gradient, known mistakes, or a usual loss."""
    pairs = zip(called.means, called.draws, strict=True)
    factors = [common_factor(mean, draw.gradient, called.tolerance) for mean, draw in pairs]
    known = [factor for factor in factors if factor is not None and not np.isnan(factor)]
    if len(known) == len(factors) and known[0] and np.ptp(known) <= 1e-6 * abs(known[0]):
        return Solved((), known[0], by_mean=True)
    found, everywhere = names(called)
    if found:
        told, factor = found[0]
        return Solved(told, factor, by_mean=not everywhere)
    for nearly in (0.0, NEARLY):
        made = recipe_of(called, nearly)
        if made is not None:
            return Solved(made.recipe.names, made.recipe.factor, made.recipe.notes, near=nearly > 0)
    return None


# ---- a longest length -----------------------------------------------------------------------------------------------


def _shortened(called: Called) -> Solved | None:
    """An estimate that is longer than c is shortened to it: what is not so long shows what it is made of."""
    lengths = [np.sqrt((given**2).sum(axis=(1, 2))) for given in called.estimates]
    longest = max(float(length.max()) for length in lengths)
    cut = [length > longest * (1 - _SMALL) for length in lengths]
    if longest == 0 or sum(int(here.sum()) for here in cut) < _FEWEST or sum(here.any() for here in cut) < 2:
        return None
    draws, estimates = [], []
    for draw, given, here in zip(called.draws, called.estimates, cut, strict=True):
        kept = np.flatnonzero(~here)
        if len(kept) >= _FEWEST:
            draws.append(replace(draw, kept=tuple(kept.tolist())))
            estimates.append(given[kept])
    if not draws:
        return None
    whole = replace(called, draws=tuple(draws), estimates=tuple(estimates), flagged=())

    def confirmed(estimate: Callable[[Draw], Array], nearly: float = 0.0) -> bool:
        return all(
            _same(given, _cut(estimate(draw), longest), max(called.tolerance, nearly), here)
            for draw, given, here in zip(called.draws, called.estimates, cut, strict=True)
        )

    note = _told("longest length", longest, 0.5)
    for told, stations in _candidates():
        factor = _factor(whole, stations)
        if factor and confirmed(lambda draw, s=stations, f=factor: f * draw.known(s)):  # type: ignore[misc]
            return Solved((*told, _LENGTH), factor, (note,))
    for nearly in (0.0, NEARLY):
        made = recipe_of(
            whole,
            nearly,
            lambda one, near=nearly: one.recipe.critic != "table" and confirmed(one.estimates, near),  # type: ignore[misc]
        )
        if made is not None:
            notes = (note, *made.recipe.notes)
            return Solved((*made.recipe.names, _LENGTH), made.recipe.factor, notes, near=nearly > 0)
    return None


def _cut(estimates: Array, longest: float) -> Array:
    lengths = np.sqrt((estimates**2).sum(axis=(1, 2), keepdims=True))
    return np.asarray(estimates * np.minimum(1.0, longest / np.maximum(lengths, 1e-300)))


def _same(given: Array, known: Array, tolerance: float, cut: NDArray[np.bool_]) -> bool:
    """Whether all batches agree; those that were shortened up to a small number beside the length."""
    off = np.abs(given - known).max(axis=(1, 2))
    close = np.where(cut, max(tolerance, _SMALL), 2 * tolerance) * np.abs(given).max()
    return bool((off <= close).all())


def _candidates() -> Iterator[tuple[tuple[str, ...], Stations]]:
    """Right estimators, and those with one mistake."""
    for base in RIGHT_ESTIMATORS.values():
        yield (), base
    for mistake in ESTIMATORS.values():
        for base in RIGHT_ESTIMATORS.values():
            if mistake.station not in base and mistake.station != "after":
                yield (mistake.name,), {**base, mistake.station: mistake.change}


def _factor(called: Called, stations: Stations) -> float | None:
    """The one number f with ĝ = f · known on every batch; None where there is none."""
    found: float | None = None
    for draw, given in zip(called.draws, called.estimates, strict=True):
        here = common_factor(given, draw.known(stations), called.tolerance)
        if here is None or (found is not None and not abs(here - found) <= 1e-6 * abs(found)):
            if here is not None and np.isnan(here):
                continue
            return None
        found = found if np.isnan(here) else here
    return found


# ---- a limit of rewards or of weights -------------------------------------------------------------------------------


def _limited(called: Called) -> Solved | None:
    """Rewards or weights clipped to [−c, c]."""
    alone = [number for number, draw in enumerate(called.draws) if draw.n_trajectories == 1 and not draw.entropy]
    largest = sorted(alone, key=lambda number: -float(np.abs(called.draws[number].batches.rewards).max()))
    for number, (told, stations, station) in itertools.product(largest[:2], _with_a_place_for(("data", "baseline"))):
        clip = _clipped_rewards if station == "data" else _clipped_weights
        draw, given = called.draws[number], called.estimates[number]
        for limit in _limits(draw, given, stations, station, clip, called.tolerance):
            changes = {**stations, station: clip(limit)}
            factor = _factor(called, changes)
            if factor:
                name = _REWARDS if station == "data" else _WEIGHTS
                return Solved((*told, name), factor, (_told("limit", limit, 1.0),))
    return None


def _with_a_place_for(places: Sequence[str]) -> Iterator[tuple[tuple[str, ...], Stations, str]]:
    """Right estimators, also with one thing beside, in which one of some stations is free."""
    beside: list[tuple[tuple[str, ...], Stations]] = [((), {})]
    beside += [((name,), {ESTIMATORS[name].station: ESTIMATORS[name].change}) for name in _BESIDE]
    for station, (told, other), base in itertools.product(places, beside, RIGHT_ESTIMATORS.values()):
        if station not in base and station not in other and not set(other) & set(base):
            yield told, {**base, **other}, station


def _clipped_rewards(limit: float) -> Station:
    return lambda batches: batches.changed(rewards=np.clip(batches.rewards, -limit, limit))


def _clipped_weights(limit: float) -> Station:
    return lambda batches, weights: np.clip(weights, -limit, limit)


def _limits(
    draw: Draw,
    given: Array,
    stations: Stations,
    station: str,
    clip: Callable[[float], Station],
    tolerance: float,
) -> Iterator[float]:
    """The limits c with which a draw gives what the estimator gave, up to a factor."""
    reached = draw.batches.rewards
    if station == "baseline":
        line = {**RIGHT, **stations}
        seen = line["data"](draw.batches)
        reached = np.where(seen.active, line["weights"](seen), 0.0)
    marks = np.unique(np.abs(reached).round(12))
    marks = marks[marks > 0]
    below, low = np.zeros(given.size), 0.0
    for mark in marks:
        above = draw.known({**stations, station: clip(float(mark))}).ravel()
        matrix = np.stack([below, above - below], axis=1)
        (factor, more), *_ = np.linalg.lstsq(matrix, given.ravel(), rcond=1e-12)
        if low == 0:  # from 0 to the first mark both columns are along each other: clipped everywhere, a sign
            factor, more = 1.0, 0.0
        share = more / factor if factor else -1.0
        off = np.abs(given.ravel() - matrix @ (factor, more)).max()
        limit = low + share * (float(mark) - low)
        reached_by_some = 0 < share <= 1 + 1e-9 and limit < marks[-1] * (1 - 1e-9)
        if reached_by_some and off <= tolerance * np.abs(given).max():
            yield limit
        below, low = above, float(mark)


# ---- a softmax of other logits --------------------------------------------------------------------------------------


def _of_another_softmax(called: Called) -> Solved | None:
    """The scores are those of c θ, as with a temperature 1/c that was not there when the walks were drawn."""
    pairs = zip(called.draws, called.estimates, strict=True)
    short = [one for one in pairs if len(one[0]) == 2 and one[0].horizon == 1 and one[0].n_trajectories == 1]
    if not short:
        return None
    batches, given = short[0][0].batches, short[0][1]
    earned = given[:, 0, 0] / batches.rewards[:, 0, 0]  # f c (1 − p) of action 0, and −f c p of action 1
    of = {int(action): float(one) for action, one in zip(batches.actions[:, 0, 0], earned, strict=True)}
    if set(of) != {0, 1} or of[0] == 0 or of[1] / of[0] >= 0:
        return None
    logits = batches.theta[0]
    times = float(np.log(-of[1] / of[0]) / (logits[0] - logits[1]))
    if times <= 0 or abs(times - 1) < 1e-6:
        return None

    def scores(batches: Batches) -> Array:
        return np.asarray(times * RIGHT["scores"](batches.changed(theta=times * batches.theta)))

    for told, stations, station in _with_a_place_for(("scores",)):
        factor = _factor(called, {**stations, station: scores})
        if factor:
            return Solved((*told, _SOFTMAX), factor, (_told("factor of the logits", times, 0.5),))
    return None


# ---- a discount of one's own ----------------------------------------------------------------------------------------

_DISCOUNT, _STEP = "discount left out", "discount of the step left out"
#: What may have been done beside a discount of one's own.
_BESIDE_A_DISCOUNT = (
    "mean over the steps of the batch",
    "mean over padded steps",
    "sum over the episodes",
    "mean of the batch subtracted",
    "mean over all steps subtracted",
)


def with_its_own_discount(called: Called) -> Solved | None:
    """Return what explains an estimator whose discount is one number, in a batch of any γ; None where nothing does.

    A number that is the γ of a world is told apart by the other worlds.
    """
    short = [number for number, draw in enumerate(called.draws) if draw.horizon == 2]
    if not short or called.draws[0].entropy or len({draw.world.mdp.discount for draw in called.draws}) == 1:
        return None
    number = min(short, key=lambda one: (-called.draws[one].n_trajectories, len(called.draws[one])))
    draw, given = called.draws[number], called.estimates[number].ravel()
    for told, note, stations in _discounted():
        nothing = draw.known(stations(0.0)).ravel()
        columns = np.stack([nothing, draw.known(stations(1.0)).ravel() - nothing], axis=1)
        factor, more = np.linalg.lstsq(columns, given, rcond=1e-12)[0]
        if np.abs(given - columns @ (factor, more)).max() > called.tolerance * np.abs(given).max() or factor == 0:
            continue
        discount = float(more / factor)
        if not 1e-6 < discount < 1 - 1e-6:
            continue
        left = _factor(called, stations(discount))
        if left:
            number_of_its_own = written(float(f"{discount:.6g}"))
            own = f"The discount is {number_of_its_own} here, and not 1: whatever the γ of the batch is{note}."
            return Solved((*told, _DISCOUNT), left, (own,))
    return None


def _discounted() -> Iterator[tuple[tuple[str, ...], str, Callable[[float], Stations]]]:
    """What may be done with a discount of one's own: the other mistakes, what is said of γᵗ, and the stations."""
    beside: list[tuple[tuple[str, ...], Stations]] = [((), {})]
    beside += [((name,), {ESTIMATORS[name].station: ESTIMATORS[name].change}) for name in _BESIDE_A_DISCOUNT]
    for (told, other), base in itertools.product(beside, RIGHT_ESTIMATORS.values()):
        if set(other) & set(base):
            continue
        line = {**base, **other}
        yield told, "", _with(line, "data", _of_discount)
        if "weights" not in base:
            yield (_STEP, *told), "", _with(line, "weights", _without_powers)
            note = ", and γᵗ before it is that of the batch"
            yield told, note, _with(line, "weights", _after_powers)


def _with(line: Stations, name: str, change: Callable[[float], Station]) -> Callable[[float], Stations]:
    """A line of stations, one of which has a discount."""
    return lambda discount: {**line, name: change(discount)}


def _of_discount(discount: float) -> Station:
    return lambda batches: batches.changed(discount=discount)


def _without_powers(discount: float) -> Station:
    return lambda batches: to_go(batches.rewards, discount)


def _after_powers(discount: float) -> Station:
    return lambda batches: batches.powers * to_go(batches.rewards, discount)
