"""The catalogue of known mistakes as wrong answers to exercises on an estimator, its terms or its weights.

Each mistake changes one station of REINFORCE. So an exercise says once how its answer comes from the stations, and
knows all of them, and two together.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode._places import Section
from pgcode.exercises._exercise import Misconception, Mistake
from pgcode.exercises._naming import Composition
from pgcode.mistakes import ADVANTAGES, ESTIMATORS, SEQUENCES, SequenceBatch, Steps, WrongAdvantages, WrongSequences
from pgcode.mistakes._pipeline import RIGHT, Batches, Station, run, whole_return
from pgcode.policies import TabularPolicy
from pgcode.trajectories import Trajectories

Array = NDArray[Any]
Stations = Mapping[str, Station]

#: Mistakes about the state, where an exercise has none.
ABOUT_STATES = ("baseline of state and action", "mean of the same state in the batch")

#: The parts of the book that derive the gradient.
DERIVATIONS = ("setting", "trajectory-form", "state-action-form", "one-gradient")

#: Those and the part that puts it into practice.
WITH_PRACTICE = (*DERIVATIONS, "practice")

TO_GO: Stations = MappingProxyType({})
WHOLE_RETURN: Stations = MappingProxyType({"weights": whole_return})


class Estimators:
    """The wrong estimators of the catalogue as answers to one exercise.

    Parameters
    ----------
    answer : callable
        Takes the stations and the arguments of the exercise and returns the answer.
    stations : sequence of str
        Those on which the answer depends.
    bases : sequence of mapping
        Right estimators on which a mistake is put.
    without : sequence of str
        Names of mistakes that make no sense here.
    chapters_known : sequence of str
        The parts of the book that may be linked to, by the beginning of a page's path.
    """

    def __init__(
        self,
        answer: Callable[..., Any],
        *,
        stations: Sequence[str],
        bases: Sequence[Stations] = (TO_GO, WHOLE_RETURN),
        without: Sequence[str] = (),
        chapters_known: Sequence[str] = DERIVATIONS,
    ) -> None:
        self._answer = answer
        known = (mistake for mistake in ESTIMATORS.values() if mistake.station in stations)
        self._known = [mistake for mistake in known if mistake.name not in without]
        self._bases = bases
        self._chapters = tuple(chapters_known)

    def mistakes(self) -> Mapping[str, Mistake]:
        """What is told, by name."""
        return {
            one.name: Mistake(one.name, f"{one.what} {one.why}", _if_known(one.see, self._chapters))
            for one in self._known
        }

    @functools.cached_property
    def singles(self) -> Sequence[Misconception]:
        """Each mistake, on each right estimator that it changes."""
        told = self.mistakes()
        return [
            Misconception(functools.partial(self._answer, {**base, one.station: one.change}), told[one.name])
            for one in self._known
            for base in self._bases
            if one.station not in base
        ]

    @functools.cached_property
    def compositions(self) -> Sequence[Composition]:
        """Two mistakes at two stations, on each right estimator."""
        return [
            Composition(
                functools.partial(_with_stations, self._answer, base),
                {one.name: {one.station: one.change} for one in self._known if one.station not in base},
            )
            for base in self._bases
        ]


def _if_known(place: Section, chapters: Sequence[str] = DERIVATIONS) -> Section | None:
    """The place, if it lies in one of these parts."""
    return place if place.chapter.path.removeprefix("book/").startswith(tuple(chapters)) else None


def _with_stations(answer: Callable[..., Any], base: Stations, *given: Any, **changes: Station) -> Any:
    return answer({**base, **changes}, *given)


class Advantages:
    """The wrong advantages of the catalogue as answers to an exercise.

    Parameters
    ----------
    steps : callable
        Takes the arguments of the exercise and returns the ``Steps``.
    chapters_known : sequence of str
        The parts of the book that may be linked to, by the beginning of a page's path.
    """

    def __init__(self, steps: Callable[..., Steps], *, chapters_known: Sequence[str] = DERIVATIONS) -> None:
        self._steps = steps
        self._chapters = tuple(chapters_known)

    def mistakes(self) -> Mapping[str, Mistake]:
        """What is told, by name."""
        return {name: _told(one, self._chapters) for name, one in ADVANTAGES.items()}

    @functools.cached_property
    def singles(self) -> Sequence[Misconception]:
        """Each mistake."""
        told = self.mistakes()
        return [
            Misconception(lambda *given, wrong=form: wrong(self._steps(*given)), told[name])
            for name, one in ADVANTAGES.items()
            for form in _forms(one.function)
        ]

    @functools.cached_property
    def compositions(self) -> Sequence[Composition]:
        """None: two of these are not made together."""
        return []


class Sequences:
    """The wrong weights of groups of answers of the catalogue as answers to an exercise on rewards.

    Parameters
    ----------
    batch : callable
        Takes the arguments of the exercise and returns the ``SequenceBatch``.
    without : sequence of str
        Names of mistakes that make no sense here.
    chapters_known : sequence of str
        The parts of the book that may be linked to, by the beginning of a page's path.
    """

    def __init__(
        self,
        batch: Callable[..., SequenceBatch],
        *,
        without: Sequence[str] = (),
        chapters_known: Sequence[str] = DERIVATIONS,
    ) -> None:
        self._batch = batch
        self._known = [one for name, one in SEQUENCES.items() if name not in without]
        self._chapters = tuple(chapters_known)

    def mistakes(self) -> Mapping[str, Mistake]:
        """What is told, by name."""
        return {one.name: _told(one, self._chapters) for one in self._known}

    @functools.cached_property
    def singles(self) -> Sequence[Misconception]:
        """Each mistake, in the shape of the rewards."""
        told = self.mistakes()
        return [
            Misconception(functools.partial(self._weights, form), told[one.name])
            for one in self._known
            for form in _forms(one.function)
        ]

    @functools.cached_property
    def compositions(self) -> Sequence[Composition]:
        """None: two of these are not made together."""
        return []

    def _weights(self, form: Callable[..., Array], rewards: Array, *given: Any) -> Array:
        return np.asarray(form(self._batch(rewards, *given))).reshape(np.shape(rewards))


#: What is added to a deviation before something is divided by it: libraries differ.
SMALL = (0.0, *(10.0**-k for k in range(12, 1, -1)))


def _forms(function: Callable[..., Array]) -> list[Callable[..., Array]]:
    """A wrong way; where it adds a small number to a deviation, itself with each that is in use."""
    if "small" not in inspect.signature(function).parameters:
        return [function]
    return [functools.partial(function, small=small) for small in SMALL]


def _told(one: WrongAdvantages | WrongSequences, chapters: Sequence[str]) -> Mistake:
    return Mistake(one.name, f"{one.what} {one.why}", _if_known(one.see, chapters))


class CutShort:
    """An endless sum or repetition that was ended after some steps, as an answer to an exercise.

    Parameters
    ----------
    after : callable
        Takes the arguments of the exercise and a number of steps.
    of_what : str
        What is counted, in a word or a few.
    """

    #: How often people repeat.
    COUNTS = (*range(1, 6), 8, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 128, 150, 200, 256, 300, 400, 500, 1000)

    def __init__(self, after: Callable[..., Any], of_what: str) -> None:
        self._after = after
        self._of_what = of_what

    def mistakes(self) -> Mapping[str, Mistake]:
        """What is told, by name."""
        return {told.name: told for _, told in self._told()}

    @functools.cached_property
    def singles(self) -> Sequence[Misconception]:
        """The result after each number of steps."""
        return [
            Misconception(lambda *given, count=count: self._after(*given, count), told) for count, told in self._told()
        ]

    @functools.cached_property
    def compositions(self) -> Sequence[Composition]:
        """None."""
        return []

    def _told(self) -> list[tuple[int, Mistake]]:
        return [
            (
                count,
                Mistake(
                    f"cut short after {count} {self._of_what}",
                    f"Your result is what is reached after {count} {self._of_what}. What is asked for is the limit: "
                    "a linear solve gives it.",
                ),
            )
            for count in self.COUNTS
        ]


# ---- answers that are made of the stations --------------------------------------------------------------------------


def estimate(changes: Stations, trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> Array:
    """The estimate of one batch, the shape of θ."""
    stations = _for_the_shape(changes, policy, theta)
    return np.asarray(run(_batches(trajectories, theta), stations)[0]).reshape(theta.shape)


def terms(changes: Stations, trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> Array:
    """What each trajectory alone gives, shape (m, *θ)."""
    batches = _batches(trajectories, theta)
    alone = batches.changed(
        **{name: np.swapaxes(getattr(batches, name), 0, 1) for name in ("states", "actions", "rewards", "active")}
    )
    stations = _for_the_shape(changes, policy, theta)
    return np.asarray(run(alone, stations)).reshape(len(trajectories), *theta.shape)


def weights(changes: Stations, batches: Batches) -> Array:
    """What stands beside the score of each decision, those of one trajectory after the other."""
    line = {**RIGHT, **changes}
    seen = line["data"](batches)
    found = np.where(seen.active, line["weights"](seen), 0.0)
    return np.asarray(line["baseline"](seen, found)[batches.active])


def batch_of(rewards: Array, lengths: Array, discount: float) -> Batches:
    """Episodes of these rewards, one after the other, in one state with one action."""
    shape = (1, len(lengths), int(np.max(lengths)))
    active = np.arange(shape[2]) < np.asarray(lengths)[None, :, None]
    paid = np.zeros(shape)
    paid[active] = rewards
    nowhere = np.zeros((1, shape[1], shape[2] + 1), dtype=np.intp)
    return Batches(nowhere, nowhere[..., 1:], paid, active, discount, np.zeros((1, 1)))


def _batches(trajectories: Trajectories, theta: Array) -> Batches:
    logits = theta if theta.ndim == 2 else theta[:, None]
    return Batches(
        trajectories.states[None].astype(np.intp),
        trajectories.actions[None].astype(np.intp),
        trajectories.rewards[None],
        trajectories.active[None],
        trajectories.discount,
        logits,
    )


def _for_the_shape(changes: Stations, policy: TabularPolicy, theta: Array) -> Stations:
    """The stations with the scores of the policy itself where θ is no table of logits."""
    return changes if theta.ndim == 2 else {"scores": functools.partial(_own_scores, policy, theta), **changes}


def _own_scores(policy: TabularPolicy, theta: Array, batches: Batches) -> Array:
    """The scores of a policy with one row of parameters."""
    scores = policy.score(theta)[batches.states[..., :-1], batches.actions]
    return np.asarray((scores * batches.active[..., None])[..., None])
