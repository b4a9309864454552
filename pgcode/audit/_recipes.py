"""A usual loss taken apart: of which ingredients, several at once, an estimator is made.

    ĝ = f · (1/n) Σ_i Σ_t w_t ∇log π(a_t|s_t) + c · (1/n) Σ_i Σ_t ∇H(π(·|s_t))

REINFORCE with whitening, A2C and PPO at the first step of an update, where its ratio is 1, have this form. They differ
in the rewards, in how these are summed, in what is subtracted from the sum and by what it is divided, in n, and in c.
All ways together are some ten thousand, too many to be called one by one. But ĝ is linear in f and in c, so the two
are solved for, and all ways are compared at once on the batches of one small world. What is left is compared with what
the estimator gave on every batch of every world.

Where the advantages have a critic, a number V(s) for each state that nobody knows here, ĝ is linear in that as well, as
long as nothing is divided by a deviation. So V is solved for too.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.audit._calls import Called
from pgcode.audit._naming import NEARLY, most_telling_first, others_subtracted, written
from pgcode.audit._worlds import Draw
from pgcode.mistakes import ESTIMATORS
from pgcode.mistakes._pipeline import RIGHT, Batches, log_softmax, pairs, to_go

__all__ = ["Recipe", "recipe_of"]

Array = NDArray[np.float64]
Baseline = Callable[[Batches, Array], Array]

#: λ as programs have it by default, and round numbers.
LAMBDAS = (0.95, 0.97, 0.9, 0.99, 0.98, 0.8, 0.5)
#: Draws of more batches are not looked at first.
_MOST_BATCHES = 260
#: A coefficient that changes no estimate by more than this share is 0.
_NOTHING = 1e-6

_STEP, _UNDISCOUNTED = "discount of the step left out", "discount left out"
_RUNS_ON = "discount of the step runs on"
_OWN, _DECAYED, _CRITIC = "own reward alone", "value left out", "critic for what comes later"
_BEYOND = "end taken for a cut"
_EACH = "mean over the steps of each episode"
_BONUS = {False: "entropy of the visited states without discount", True: "entropy of the visited states alone"}


@dataclass(frozen=True)
class Recipe:
    """What an estimator is made of. Names are those of the catalogue, and empty where nothing is wrong.

    Attributes
    ----------
    rewards : str
        What was done to the rewards.
    undiscounted : bool
        Whether γ was left out.
    whole : bool
        Whether each decision has the whole return, and not what came from it on.
    step : bool
        Whether γᵗ stands before the sum.
    runs_on : bool
        Whether that power is of the row in the buffer, and not of the step of its episode.
    late : bool
        Whether γᵗ is put there only after all that is done to the weights.
    decay : float
        λ.
    critic : str
        "", "exact" for V, or "table" for a number V(s) for each state.
    beyond : bool
        Whether V of the state after an end was counted.
    others : str
        What was subtracted of the batch.
    scale : str
        How the weights were standardised.
    mean : str
        By what the sum was divided.
    slopes : bool or None
        Whether the gradients of the entropy have γᵗ before them; None without any.
    factor, entropy : float
        f, and c / f.
    """

    rewards: str = ""
    undiscounted: bool = False
    whole: bool = False
    step: bool = True
    runs_on: bool = False
    late: bool = False
    decay: float = 1.0
    critic: str = ""
    beyond: bool = False
    others: str = ""
    scale: str = ""
    mean: str = ""
    slopes: bool | None = None
    factor: float = 1.0
    entropy: float = 0.0

    @property
    def ingredients(self) -> tuple[tuple[str, Recipe], ...]:
        """What bends the gradient: each by its name, with the recipe in which nothing else is wrong."""
        found = []
        if self.rewards:
            found.append((self.rewards, Recipe(rewards=self.rewards)))
        if self.undiscounted:
            found.append((_UNDISCOUNTED, Recipe(undiscounted=True)))
        if self.decay < 1 and self.critic != "exact":
            name = _CRITIC if self.critic else _DECAYED if self.decay else _OWN
            found.append((name, Recipe(decay=self.decay, critic=self.critic)))
        if self.beyond:
            found.append((_BEYOND, Recipe(critic=self.critic, beyond=True)))
        if not self.step and not self.late:
            found.append((_STEP, Recipe(step=False)))
        if self.runs_on:
            found.append((_RUNS_ON, Recipe(runs_on=True)))
        right = Recipe(step=not self.late, late=self.late)
        if self.others in ESTIMATORS:
            found.append((self.others, replace(right, others=self.others)))
        if self.scale:
            found.append((_SCALES[self.scale][0], replace(right, scale=self.scale)))
        if self.mean:
            found.append((self.mean, Recipe(mean=self.mean)))
        if self.slopes is not None:
            found.append((_BONUS[self.slopes], Recipe(slopes=self.slopes, entropy=self.entropy)))
        return tuple(found)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what bends the gradient."""
        return tuple(name for name, _ in self.ingredients)

    @property
    def notes(self) -> tuple[str, ...]:
        """What else is known of it."""
        told = []
        if 0 < self.decay < 1 or (self.decay < 1 and self.critic):
            told.append(f"Its advantages are summed with λ = {written(self.decay)}.")
        if self.critic == "exact" and self.decay < 1:
            told.append(
                "Its critic is exact where it sees the state, so λ bends nothing there. Where two states look alike "
                "it does."
            )
        if self.critic == "table":
            told.append(
                "Its critic is held fixed, one number for each state. Subtracted, it is a baseline, and by itself "
                "bends nothing."
            )
        if self.slopes is not None:
            beta = written(self.entropy)
            told.append(
                f"The weight of the entropy is {beta}. To ask for the gradient of the objective with it: "
                f"audit(…, entropy={beta})."
            )
        return tuple(told)


# ---- the ways, station by station -----------------------------------------------------------------------------------

_REWARDS = ("", "rewards clipped", "signs of rewards")

#: Which power of γ stands before the sum: whether there is one, and whether it runs on.
_POWERS = ((True, False), (False, False), (True, True))


def _others_returns(batches: Batches, weights: Array) -> Array:
    """The mean of the whole returns of the other episodes is subtracted, at every step: right too."""
    m = weights.shape[1]
    if m == 1:
        return weights
    mean = (batches.returns.sum(axis=1, keepdims=True) - batches.returns) / (m - 1)
    return np.asarray(weights - mean[..., None])


_OTHERS: Mapping[str, Baseline] = {
    "": RIGHT["baseline"],
    "leave-one-out": others_subtracted,
    "the others' returns": _others_returns,
    **{
        name: ESTIMATORS[name].change
        for name in ("mean of the batch subtracted", "mean of the same state in the batch")
    },
}


def _unless_alone(batches: Batches, weights: Array) -> Array:
    """Standardised over the batch with one less, where there are two decisions at least."""
    alone = batches.active.sum(axis=(1, 2), keepdims=True) < 2
    return np.where(alone, weights, ESTIMATORS["standardised over the batch with one less"].change(batches, weights))


#: By a name of its own, the name in the catalogue and what is done.
_SCALES: Mapping[str, tuple[str, Baseline]] = {
    **{
        name: (name, ESTIMATORS[name].change)
        for name in (
            "standardised over the batch",
            "standardised over the batch with one less",
            "standardised per episode",
            "standardised per episode with one less",
            "standardised per mini batch",
            "standardised at each step",
            "divided by the deviation",
            "divided by the largest",
            "mean over all steps subtracted",
            "weights clipped",
        )
    },
    "standardised unless alone": ("standardised over the batch with one less", _unless_alone),
}
#: In these a small number may stand beside the divisor.
_DIVIDED = tuple(name for name in _SCALES if name not in ("mean over all steps subtracted", "weights clipped"))

#: By what the sums of a batch are divided, shape (B,).
_MEANS: Mapping[str, Callable[[Batches], Array]] = {
    "": lambda batches: np.asarray(batches.episodes[:, 0, 0]),
    "mean over the steps of the batch": lambda batches: np.maximum(batches.lengths.sum(axis=1), 1.0),
    "mean over padded steps": lambda batches: np.full(len(batches.actions), float(np.prod(batches.actions.shape[1:]))),
    "sum over the episodes": lambda batches: np.ones(len(batches.actions)),
    _EACH: lambda batches: np.asarray(batches.episodes[:, 0, 0]),
}


def _seen(batches: Batches, recipe: Recipe) -> Batches:
    """The batches with what was done to rewards and to γ."""
    for name in (recipe.rewards, _UNDISCOUNTED if recipe.undiscounted else ""):
        if name:
            batches = ESTIMATORS[name].change(batches)
    return batches


def _powers(batches: Batches, recipe: Recipe) -> Array:
    """γᵗ, or γ to the row of the buffer, shape (T,) or (B, m, T)."""
    if not recipe.runs_on:
        return batches.powers
    before = np.cumsum(batches.lengths, axis=1) - batches.lengths
    return np.asarray(batches.discount ** before[..., None] * batches.powers)


def _advantages(batches: Batches, recipe: Recipe, values: Array, rewards: Array) -> Array:
    """Σ_l (γλ)^l δ_{t+l} with the values (T + 1, S) of a critic, and 0 where nothing is decided, shape (B, m, T)."""
    steps = np.arange(batches.actions.shape[-1])
    last = steps == batches.lengths[..., None] - 1
    here, then = batches.states[..., :-1], batches.states[..., 1:]
    if recipe.whole:
        total = np.repeat((rewards @ batches.powers)[..., None], len(steps), axis=-1) - values[steps, here]
    else:
        after = values[steps + 1, then] if recipe.beyond else np.where(last, 0.0, values[steps + 1, then])
        errors = np.where(batches.active, rewards + batches.discount * after - values[steps, here], 0.0)
        total = to_go(errors, batches.discount * recipe.decay)
        total = _powers(batches, recipe) * total if recipe.step else total
    return np.where(batches.active, total, 0.0)


def _weights(draw: Draw, batches: Batches, recipe: Recipe, values: Array | None = None) -> Array:
    """What the scores are multiplied by, shape (B, m, T)."""
    shape = (batches.actions.shape[-1] + 1, len(batches.theta))
    if recipe.critic == "exact":
        values = draw.world.values
    held = np.zeros(shape) if values is None else np.broadcast_to(values, shape)
    return _OTHERS[recipe.others](batches, _advantages(batches, recipe, held, batches.rewards))


def _scaled(batches: Batches, recipe: Recipe, weights: Array) -> Array:
    """Weights as they are put before the scores: standardised, and divided by the length where that is done."""
    weights = np.where(batches.active, weights, 0.0)
    if recipe.scale:
        weights = np.where(batches.active, _SCALES[recipe.scale][1](batches, weights), 0.0)
    if recipe.late:
        weights = weights * _powers(batches, recipe)
    if recipe.mean == _EACH:
        weights = weights / np.maximum(batches.lengths, 1)[..., None]
    return np.asarray(weights)


def _entropy_slopes(batches: Batches, recipe: Recipe) -> Array:
    """Σ_i Σ_t ∇H(π(·|s_t)), with γᵗ where the recipe has it, shape (B, S, A)."""
    logs = log_softmax(batches.theta)
    entropy = -(np.exp(logs) * logs).sum(axis=1, keepdims=True)
    slope = -np.exp(logs) * (logs + entropy)
    powers = batches.powers if recipe.slopes else np.ones_like(batches.powers)
    weights = np.where(batches.active, powers, 0.0)
    if recipe.mean == _EACH:
        weights = weights / np.maximum(batches.lengths, 1)[..., None]
    visits = np.equal.outer(batches.states[..., :-1], np.arange(len(logs)))
    return np.asarray(np.einsum("bmt,bmts->bs", weights, visits)[..., None] * slope)


def _parts(draw: Draw, recipe: Recipe, values: Array | None = None) -> tuple[Array, Array]:
    """On each batch what f and what c is multiplied by, both of shape (B, S, A)."""
    batches = _seen(draw.batches, recipe)
    weights = _scaled(batches, recipe, _weights(draw, batches, recipe, values))
    divisor = _MEANS[recipe.mean](batches)[:, None, None]
    pushes = np.einsum("bmt,bmtsa->bsa", weights, RIGHT["scores"](batches)) / divisor
    slopes = np.zeros_like(pushes) if recipe.slopes is None else _entropy_slopes(batches, recipe) / divisor
    return pushes, slopes


def estimates(draw: Draw, recipe: Recipe, values: Array | None = None) -> Array:
    """What a recipe gives on each batch, shape (B, S, A)."""
    pushes, slopes = _parts(draw, recipe, values)
    return np.asarray(recipe.factor * (pushes + recipe.entropy * slopes))


# ---- the search -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Found:
    """A recipe that gives what an estimator gave, and the values of its critic in each world, if it has a table."""

    recipe: Recipe
    values: Mapping[str, Array]

    def estimates(self, draw: Draw, recipe: Recipe | None = None) -> Array:
        """What it gives on each batch, or what another recipe with the same critic gives, shape (B, S, A)."""
        return estimates(draw, recipe or self.recipe, self.values.get(draw.world.name))


def _always(found: Found) -> bool:
    return True


def recipe_of(called: Called, nearly: float = 0.0, confirmed: Callable[[Found], bool] = _always) -> Found | None:
    """Of what a usual loss is made that gives the same on every batch; None where nothing known is.

    With ``nearly``, what a small number in a divisor may do is overlooked. Of several recipes the plainest is taken
    that is ``confirmed``.
    """
    numbers = most_telling_first(called.draws)
    telling = [number for number in numbers[:2][::-1] if called.draws[number].horizon > 1]
    small = [number for number in telling if len(called.draws[number]) <= _MOST_BATCHES] or numbers[:1]
    order = [small[0], *(number for number in numbers if number != small[0])]
    draw, given = called.draws[order[0]], called.estimates[order[0]]
    if np.abs(given).max() < 1e-13:
        return None
    tolerance = max(called.tolerance, nearly)
    fitting = _without_a_table(draw, given, tolerance, only_divided=nearly > 0)
    if not nearly:
        fitting += _with_a_table(draw, given, tolerance)
    for recipe in sorted(fitting, key=_plainness)[:100]:
        found = _holds_everywhere(called, order, recipe, tolerance)
        if found is not None and nearly:
            found = _with_the_bonus_of_level_batches(called, found)
        if found is not None and confirmed(found):
            return found
    return None


def _with_the_bonus_of_level_batches(called: Called, found: Found) -> Found:
    """The same with the weight of the entropy as it is where nothing else is given: no divisor changes it there."""
    given, slopes = [], []
    for draw, estimate in zip(called.draws, called.estimates, strict=True):
        pushes, bonus = _parts(draw, found.recipe)
        level = np.abs(pushes).max(axis=(1, 2)) <= 1e-6 * np.abs(bonus).max(axis=(1, 2))
        given.append(estimate[level].ravel())
        slopes.append(bonus[level].ravel())
    along, square = np.concatenate(given) @ np.concatenate(slopes), float((np.concatenate(slopes) ** 2).sum())
    if square == 0:
        return found
    return replace(found, recipe=replace(found.recipe, entropy=float(along) / square / found.recipe.factor))


def _plainness(recipe: Recipe) -> tuple[float, ...]:
    """Recipes with few ingredients come first, then those that leave no factor."""
    return len(recipe.names), abs(abs(recipe.factor) - 1) > NEARLY, recipe.factor < 0, bool(recipe.critic)


class _Looked:
    """What an estimator gave on the batches of one draw, in the numbers that tell: a row of π has one number less."""

    def __init__(self, draw: Draw, given: Array) -> None:
        self.draw = draw
        decided = pairs(draw.batches, draw.batches.states[..., :-1], draw.batches.actions)
        self.rows = np.flatnonzero(decided.any(axis=(0, 1, 2, 4)))
        scores = RIGHT["scores"](draw.batches)[..., self.rows, :-1]
        self.scores = scores.reshape(len(draw), -1, scores.shape[-2] * scores.shape[-1])
        self.given = self.reduced(given)
        self.size = float(np.abs(given).max())

    def reduced(self, given: Array) -> Array:
        """Of an array (B, S, A) the numbers that tell, shape (B, q)."""
        return np.asarray(given[:, self.rows, :-1].reshape(len(given), -1))

    def pushes(self, weights: Array) -> Array:
        """Σ_i Σ_t w_t ∇log π of many weights (K, B, m, T), shape (K, B, q)."""
        flat = weights.reshape(len(weights), len(self.draw), -1)
        return np.matmul(flat.transpose(1, 0, 2), self.scores).transpose(1, 0, 2)


def _sums() -> Iterator[Recipe]:
    """How weights come from rewards, without a critic or with the exact one."""
    for rewards, undiscounted in itertools.product(_REWARDS, (False, True)):
        plain = Recipe(rewards=rewards, undiscounted=undiscounted)
        for (step, runs_on), decay, others in itertools.product(_POWERS, (1.0, 0.0), _OTHERS):
            if others != "the others' returns":
                yield replace(plain, step=step, runs_on=runs_on, decay=decay, others=others)
        for others in _OTHERS:
            yield replace(plain, whole=True, others=others)
        for (step, runs_on), decay in itertools.product(_POWERS, LAMBDAS):
            yield replace(plain, step=step, runs_on=runs_on, decay=decay)
        if not rewards and not undiscounted:
            for (step, runs_on), decay in itertools.product(_POWERS, (1.0, *LAMBDAS, 0.0)):
                yield replace(plain, step=step, runs_on=runs_on, decay=decay, critic="exact")


def _without_a_table(draw: Draw, given: Array, tolerance: float, only_divided: bool) -> list[Recipe]:
    """The recipes that may give what an estimator gave on one draw, with f and c."""
    looked, found = _Looked(draw, given), []
    targets = {mean: looked.given * divisor(draw.batches)[:, None] for mean, divisor in _MEANS.items()}
    for group in _groups(draw):
        bonuses = {key: looked.reduced(slopes) for key, slopes in group.bonuses.items()}
        for scale in _DIVIDED if only_divided else ("", *_SCALES):
            # One coefficient more could take up what is left.
            close = {
                (mean, slopes): tolerance if slopes is None or not only_divided else tolerance / 5
                for mean, slopes in itertools.product(_MEANS, (None, False, True))
            }
            open_ones = [key for key in close if group.may_fit(scale, *key, targets[key[0]], close[key])]
            linear: dict[tuple[bool | None, str], _Linear] = {}
            scaled = group.scaled(scale) if open_ones else np.zeros(0)
            for mean, slopes in open_ones:
                each = _EACH if mean == _EACH else ""
                if (slopes, each) not in linear:
                    pushes = looked.pushes(group.divided(scaled) if each else scaled)
                    linear[slopes, each] = _Linear(pushes, None if slopes is None else bonuses[slopes, each])
                fits = linear[slopes, each].fits(targets[mean], close[mean, slopes])
                for number, factor, entropy in fits:
                    found.append(
                        replace(
                            group.recipes[number], scale=scale, mean=mean, slopes=slopes, factor=factor, entropy=entropy
                        )
                    )
    return found


#: So many of the numbers that a draw gives are compared first.
_GLIMPSE = 48


def _glimpse(numbers: Array) -> Array:
    """A few of the last two axes' numbers (B, q), from all over them, shape (..., n)."""
    flat = numbers.reshape(*numbers.shape[:-2], -1)
    return np.asarray(flat[..., np.unique(np.linspace(0, flat.shape[-1] - 1, _GLIMPSE).astype(int))])


class _Group:
    """The recipes with the same rewards and the same γ on one draw, and a few of the numbers that they give there.

    A recipe that gives what an estimator gave does so where one looks first. The few numbers have nothing to do with
    the estimator that is audited, so they are kept for the next one.
    """

    def __init__(self, draw: Draw, recipes: list[Recipe]) -> None:
        self.batches = batches = _seen(draw.batches, recipes[0])
        plain = [one for one in recipes if not one.step and not one.whole]
        self.recipes = [*recipes, *(replace(one, late=True, runs_on=on) for on in (False, True) for one in plain)]
        self.bonuses = {
            (slopes, mean): _entropy_slopes(batches, Recipe(slopes=slopes, mean=mean))
            for slopes, mean in itertools.product((False, True), ("", _EACH))
        }
        self.early = np.array([not recipe.step and not recipe.whole for recipe in recipes])
        self.weights = np.stack([_weights(draw, batches, recipe) for recipe in recipes])
        looked = _Looked(draw, np.zeros((len(draw), *batches.theta.shape)))
        self.glimpses: dict[tuple[str, bool | None, str], _Glimpse] = {}
        for scale in ("", *_SCALES):
            scaled = self.scaled(scale)
            for each, weights in (("", scaled), (_EACH, self.divided(scaled))):
                rows = _glimpse(looked.pushes(weights))
                for slopes in (None, False, True):
                    bonus = None if slopes is None else _glimpse(looked.reduced(self.bonuses[slopes, each]))
                    self.glimpses[scale, slopes, each] = _Glimpse(rows, bonus)

    def scaled(self, scale: str) -> Array:
        """What the scores are multiplied by, shape (K, B, m, T)."""
        stacked = _stacked(self.batches, len(self.weights))
        scaled = _scaled(stacked, Recipe(scale=scale), self.weights.reshape(stacked.rewards.shape))
        scaled = scaled.reshape(self.weights.shape)
        late = [scaled[self.early] * _powers(self.batches, Recipe(runs_on=on)) for on in (False, True)]
        return np.concatenate([scaled, *late])

    def divided(self, scaled: Array) -> Array:
        """The same, divided by the length of each episode."""
        return np.asarray(scaled / np.maximum(self.batches.lengths, 1)[..., None])

    def may_fit(self, scale: str, mean: str, slopes: bool | None, target: Array, tolerance: float) -> bool:
        """Whether one of the recipes may give a target, by a few of its numbers."""
        glimpse = self.glimpses[scale, slopes, _EACH if mean == _EACH else ""]
        return glimpse.may_fit(_glimpse(target), tolerance * float(np.abs(target).max()))


class _Glimpse:
    """A few numbers of many pushes (K, n), and of what may be added to them with a coefficient."""

    def __init__(self, rows: Array, extra: Array | None) -> None:
        self.rows, self.extra = rows, extra
        left = rows if extra is None else rows - _along(rows, extra)
        whole = np.einsum("kn,kn->k", rows, rows)
        self.squares = np.einsum("kn,kn->k", left, left)
        # What is nearly a multiple of what may be added says nothing: it stays open.
        self.open = bool(((self.squares < 1e-12 * whole) & (self.squares > 1e-26 * whole)).any())
        self.there = self.squares >= 1e-12 * np.maximum(whole, 1e-300)

    def may_fit(self, wanted: Array, off: float) -> bool:
        """Whether f · push + c · extra may be so close to what is wanted, for one of the pushes, some f and some c."""
        if self.extra is not None:
            wanted = wanted - _along(wanted, self.extra)
        whole = float(wanted @ wanted)
        shared = self.rows @ wanted
        taken = np.divide(shared**2, self.squares, out=np.zeros(len(shared)), where=self.there)
        return self.open or bool((whole - taken <= wanted.size * off**2 + 1e-9 * whole).any())


def _along(rows: Array, extra: Array) -> Array:
    """The part of rows (..., n) that is a multiple of something else."""
    square = float(extra @ extra)
    return np.asarray((rows @ extra / square)[..., None] * extra if square else np.zeros_like(rows))


def _groups(draw: Draw) -> list[_Group]:
    """All recipes without a table, on a draw."""
    if _Group not in draw.memory:
        each = itertools.groupby(_sums(), key=lambda one: (one.rewards, one.undiscounted))
        draw.memory[_Group] = [_Group(draw, list(recipes)) for _, recipes in each]
    return draw.memory[_Group]


def _stacked(batches: Batches, times: int) -> Batches:
    """The batches several times, one after the other."""

    def repeated(array: NDArray[Any]) -> NDArray[Any]:
        return np.tile(array, (times, *(1,) * (array.ndim - 1)))

    return batches.changed(
        states=repeated(batches.states), actions=repeated(batches.actions),
        rewards=repeated(batches.rewards), active=repeated(batches.active),
    )  # fmt: skip


class _Linear:
    """Many pushes (K, B, q), and what may be added to them with a coefficient, for many targets."""

    def __init__(self, pushes: Array, extra: Array | None) -> None:
        flat = pushes.reshape(len(pushes), -1)
        self.extra = None if extra is None else extra.ravel()
        self.along = np.zeros(len(flat))
        if self.extra is not None:
            self.square = float(self.extra @ self.extra)
            if self.square == 0:
                return
            self.along = flat @ self.extra / self.square
            flat = flat - self.along[:, None] * self.extra
        self.flat = flat
        self.squares = np.einsum("kn,kn->k", flat, flat)
        self.there = self.squares > 1e-18 * max(float(self.squares.max(initial=0.0)), 1e-300)

    def fits(self, target: Array, tolerance: float) -> Iterator[tuple[int, float, float]]:
        """Those of the pushes with target = f · (push + c · extra), with f and c."""
        wanted, ahead = target.ravel(), 0.0
        size = float(np.abs(wanted).max())
        if self.extra is not None:
            if self.square == 0:
                return
            ahead = float(wanted @ self.extra) / self.square
            wanted = wanted - ahead * self.extra
        shared = self.flat @ wanted
        factors = np.divide(shared, self.squares, out=np.zeros(len(shared)), where=self.there)
        # Where the sum of all squares that are left is too large, so is the largest: there it is not looked for.
        whole = float(wanted @ wanted)
        near = whole - factors * shared <= wanted.size * (tolerance * size) ** 2 + 1e-9 * whole
        for number in np.flatnonzero(self.there & near & (np.abs(factors) > 1e-12)):
            factor = float(factors[number])
            if np.abs(wanted - factor * self.flat[number]).max() > tolerance * size:
                continue
            if self.extra is None:
                yield int(number), factor, 0.0
                continue
            share = ahead - factor * float(self.along[number])
            if np.abs(share * self.extra).max() < max(_NOTHING, 2 * tolerance) * size:
                continue  # that is the same without a bonus
            yield int(number), factor, share / factor


def _with_a_table(draw: Draw, given: Array, tolerance: float) -> list[Recipe]:
    """The recipes with a number V(s) for each state, where nothing is divided by a deviation."""
    looked, found = _Looked(draw, given), []
    divisors = {mean: divisor(draw.batches) for mean, divisor in _MEANS.items() if mean != _EACH}
    each = np.stack([looked.given * divisor[:, None] for divisor in divisors.values()])
    targets = each.reshape(len(each), -1).T
    largest = np.abs(targets).max(axis=0)
    tables, directions = _tables(draw)
    few = _glimpse(each).T
    left = few - directions @ (directions.transpose(0, 2, 1) @ few)
    may_fit = (left**2).sum(axis=1) <= len(few) * (tolerance * largest) ** 2 + 1e-9 * (few**2).sum(axis=0)
    for number in np.flatnonzero(may_fit.any(axis=1)):
        base = tables[number]
        matrix, bonus = _table_matrix(looked, base)
        solutions, *_ = np.linalg.lstsq(matrix, targets, rcond=1e-10)
        off = np.abs(targets - matrix @ solutions).max(axis=0)
        for mean, solution, size, far in zip(divisors, solutions.T, largest, off, strict=True):
            factor, entropy = float(solution[0]), float(solution[-1])
            if far > tolerance * size or abs(factor) < 1e-12:
                continue
            nothing = np.abs(entropy * bonus).max() < _NOTHING * size
            found.append(
                replace(
                    base, mean=mean, factor=factor,
                    slopes=None if nothing else False, entropy=0.0 if nothing else entropy / factor,
                )
            )  # fmt: skip
    return found


def _tables(draw: Draw) -> tuple[list[Recipe], Array]:
    """All recipes with a table, and in which directions a few of their numbers may lie, shape (R, n, 2 + S).

    The directions have nothing to do with the estimator that is audited, so they are kept for the next one.
    """
    if _tables not in draw.memory:
        looked, recipes, few = _Looked(draw, np.zeros((len(draw), *draw.batches.theta.shape))), [], []
        for undiscounted, whole, (step, runs_on), decay, beyond in itertools.product(
            (False, True),
            (False, True),
            _POWERS,
            (1.0, *LAMBDAS, 0.0),
            (False, True),
        ):
            if whole and (not step or runs_on or decay < 1 or beyond):
                continue
            base = Recipe(
                undiscounted=undiscounted, whole=whole, step=step, runs_on=runs_on, decay=decay, beyond=beyond,
                critic="table",
            )  # fmt: skip
            columns = _table_columns(draw, base)
            for scale in ("", "mean over all steps subtracted"):
                recipes.append(replace(base, scale=scale))
                matrix, _ = _table_matrix(looked, recipes[-1], columns)
                few.append(_glimpse(matrix.T.reshape(-1, *looked.given.shape)).T)
        draw.memory[_tables] = recipes, np.linalg.qr(np.stack(few))[0]
    return draw.memory[_tables]


def _table_matrix(looked: _Looked, recipe: Recipe, columns: Sequence[Array] = ()) -> tuple[Array, Array]:
    """What f, f V(s) for each state, and c are multiplied by, shape (B · q, 2 + S), and the last of it, (B, q)."""
    draw = looked.draw
    plain = looked.pushes(_scaled_columns(draw, recipe, columns or _table_columns(draw, recipe)))
    bonus = looked.reduced(_entropy_slopes(_seen(draw.batches, recipe), Recipe(slopes=False)))
    return np.concatenate([plain, bonus[None]]).reshape(len(plain) + 1, -1).T, bonus


def _table_columns(draw: Draw, recipe: Recipe) -> list[Array]:
    """Weights of the rewards alone, and then of V(s) for each state alone, each of shape (B, m, T)."""
    batches = _seen(draw.batches, recipe)
    n_states, horizon = len(batches.theta), batches.actions.shape[-1]
    nothing, no_rewards = np.zeros((horizon + 1, n_states)), np.zeros_like(batches.rewards)
    ones = [np.broadcast_to(row, nothing.shape) for row in np.eye(n_states)]
    return [
        _advantages(batches, recipe, nothing, batches.rewards),
        *(_advantages(batches, recipe, one, no_rewards) for one in ones),
    ]


def _scaled_columns(draw: Draw, recipe: Recipe, columns: Sequence[Array]) -> Array:
    """These as they are put before the scores, shape (1 + S, B, m, T)."""
    batches = _seen(draw.batches, recipe)
    return np.stack([_scaled(batches, replace(recipe, mean=""), column) for column in columns])


def _holds_everywhere(called: Called, order: Sequence[int], recipe: Recipe, tolerance: float) -> Found | None:
    """The recipe with its values, where it gives on every batch of every draw what the estimator gave."""
    values: dict[str, Array] = {}
    of_world = {called.draws[one].world.name: one for one in sorted(order, key=lambda one: len(called.draws[one]))}
    found = Found(recipe, values)
    largest = max(float(np.abs(given).max()) for given in called.estimates)
    for number in order:
        draw, given = called.draws[number], called.estimates[number]
        if recipe.critic == "table" and draw.world.name not in values:  # from the largest draw of the world
            most = of_world[draw.world.name]
            values[draw.world.name] = _solved(called.draws[most], called.estimates[most], recipe)
        size = max(float(np.abs(given).max()), 1e-4 * largest)  # where it is 0, all that it gives is rounding
        if np.abs(found.estimates(draw) - given).max() > 2 * tolerance * size:
            return None
    return found


def _solved(draw: Draw, given: Array, recipe: Recipe) -> Array:
    """V(s) of a table, from what an estimator gave on a draw, shape (S,)."""
    looked = _Looked(draw, given)
    batches = _seen(draw.batches, recipe)
    first, *others = looked.pushes(_scaled_columns(draw, recipe, _table_columns(draw, recipe)))
    slopes = 0.0 if recipe.slopes is None else looked.reduced(_entropy_slopes(batches, recipe))
    wanted = looked.given * _MEANS[recipe.mean](batches)[:, None] / recipe.factor - first - recipe.entropy * slopes
    matrix = np.stack(others).reshape(len(others), -1).T
    return np.asarray(np.linalg.lstsq(matrix, wanted.ravel(), rcond=1e-10)[0])
