"""The arguments of a call, changed as people misread them: a discount of 1, rewards backwards, two tables exchanged.

The changes know no exercise: each belongs to a kind of argument, such as a number, a row or a decision process. What a
right answer gives after such a change is what somebody computes who ignores the argument, or takes it for another.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.mdp import TabularMDP
from pgcode.trajectories import Trajectories

Array = NDArray[Any]
Arguments = tuple[Any, ...]


@dataclass(frozen=True)
class ArgumentChange:
    """A change of the arguments.

    Attributes
    ----------
    name : str
        What is different, in a few words.
    phrase : str
        The same with its code between backticks, to stand behind "what the solution gives".
    change : callable
        Takes the arguments and returns others.
    """

    name: str
    phrase: str
    change: Callable[[Arguments], Arguments]

    def after(self, function: Callable[..., Any]) -> OfChanged:
        """The function of the changed arguments."""
        return OfChanged(function, self)


@dataclass(frozen=True)
class OfChanged:
    """A function of changed arguments; two that change the same are equal, so that a result is found again."""

    function: Callable[..., Any]
    change: ArgumentChange

    def __call__(self, *given: Any) -> Any:
        return self.function(*self.change.change(given))


def argument_changes(names: Sequence[str], cases: Sequence[Arguments]) -> list[ArgumentChange]:
    """Every change of one argument, and every exchange of two, that the kinds of the arguments of cases admit."""
    arguments = cases[0]
    each = [
        [
            ArgumentChange(
                words.replace("`", ""), _phrase(words, [case[number] for case in cases]), _at(number, change)
            )
            for words, change in _changes_of(name, value)
        ]
        for number, (name, value) in enumerate(zip(names, arguments, strict=True))
    ]
    # The plainest change of each argument comes first.
    found = [change for together in itertools.zip_longest(*each) for change in together if change is not None]
    for i, one in enumerate(arguments):
        for j in range(i + 1, len(arguments)):
            if _alike(one, arguments[j]):
                words = f"`{names[i]}` and `{names[j]}` exchanged"
                found.append(ArgumentChange(words.replace("`", ""), f"with {words}", _exchanged(i, j)))
                for here, there in ((i, j), (j, i)):
                    words = f"`{names[there]}` in place of `{names[here]}`"
                    found.append(
                        ArgumentChange(f"{names[there]} for {names[here]}", f"with {words}", _taken(here, there))
                    )
    return found


def constant_changes(names: Sequence[str], cases: Sequence[Arguments]) -> Iterator[ArgumentChange]:
    """A plain number in the place of a number that is given, or of the discount of what is given."""
    for number, (name, value) in enumerate(zip(names, cases[0], strict=True)):
        values = [case[number] for case in cases]
        if isinstance(value, float):
            for other in _CONSTANTS:
                words = f"`{name}` = {other:g}"
                yield ArgumentChange(words.replace("`", ""), _phrase(words, values), _at(number, _always(other)))
        elif isinstance(value, (TabularMDP, Trajectories)):
            for other in _CONSTANTS:
                if other < 1:
                    words, change = f"`{name}`.discount = {other:g}", _at(number, _with_discount(other))
                    yield ArgumentChange(words.replace("`", ""), _phrase(words, values), change)


#: What people write where a number is given: hundredths, thousandths near 0 and 1, and a few more.
_CONSTANTS = tuple(
    sorted(
        {k / 100 for k in range(1, 100)}
        | {k / 1000 for k in (*range(1, 10), *range(990, 1000))}
        | {1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 10.0, 100.0, 0.9999},
        key=lambda x: (len(f"{x:g}"), x),
    )
)


def _always(number: float) -> Callable[[Any], float]:
    return lambda _: number


def _with_discount(number: float) -> Callable[[Any], Any]:
    return lambda given: replace(given, discount=number)


def _phrase(words: str, values: Sequence[Any]) -> str:
    """The change to stand behind "what the solution gives"; of a number, also what it should be in one case."""
    found = re.fullmatch(r"(`\w+`(?:\.discount)?) = (\d*\.\d+|[2-9]\d*|10+)", words)
    if found is None:
        return f"with {words}"
    should = [getattr(value, "discount", value) for value in values]
    other = next((x for x in should if isinstance(x, (int, float)) and x != float(found[2])), None)
    is_so = "" if other is None else f", which is {other:g} in one case"
    name = found[1].replace("`.discount", ".discount`")
    return f"with {found[2]} in the place of {name}{is_so}"


def _at(number: int, change: Callable[[Any], Any]) -> Callable[[Arguments], Arguments]:
    return lambda given: (*given[:number], change(given[number]), *given[number + 1 :])


def _taken(here: int, there: int) -> Callable[[Arguments], Arguments]:
    return lambda given: (*given[:here], given[there], *given[here + 1 :])


def _exchanged(i: int, j: int) -> Callable[[Arguments], Arguments]:
    def change(given: Arguments) -> Arguments:
        changed = list(given)
        changed[i], changed[j] = changed[j], changed[i]
        return tuple(changed)

    return change


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.ndim == other.ndim
    return isinstance(one, (int, float)) and isinstance(other, (int, float))


# ---- by the kind of an argument -------------------------------------------------------------------------------------

Named = tuple[str, Callable[[Any], Any]]


def _changes_of(name: str, value: Any) -> Iterator[Named]:
    if isinstance(value, (bool, np.bool_)):
        yield f"`{name}` always True", lambda _: True
        yield f"`{name}` always False", lambda _: False
        yield f"`{name}` negated", lambda given: not given
    elif isinstance(value, (int, np.integer)):
        yield from _labelled(name, _OF_A_COUNT)
    elif isinstance(value, float):
        yield from _labelled(name, _OF_A_NUMBER)
    elif isinstance(value, np.ndarray) and value.ndim:
        kinds = _OF_FLAGS if value.dtype.kind == "b" else _OF_WHOLE_NUMBERS if value.dtype.kind in "iu" else _OF_NUMBERS
        yield from _labelled(name, kinds)
        yield from _labelled(name, _OF_A_ROW)
        if value.ndim == 2:
            yield from _labelled(name, _OF_A_TABLE)
            if value.dtype.kind == "f" and np.allclose(value.sum(axis=1), 1) and (value >= 0).all():
                yield from _labelled(name, _OF_PROBABILITIES)
        if value.ndim == 1 and value.dtype.kind == "f" and np.isclose(value.sum(), 1) and (value >= 0).all():
            yield from _labelled(name, _OF_PROBABILITIES)
    elif isinstance(value, TabularMDP):
        yield from _labelled(name, _OF_A_PROCESS)
    elif isinstance(value, Trajectories):
        yield from _labelled(name, _OF_TRAJECTORIES)
    elif callable(value) and not hasattr(value, "theta_shape"):
        yield f"minus `{name}`", lambda given: lambda *x: -given(*x)
        yield f"`{name}` at the opposite point", lambda given: lambda x: given(-x)
        yield f"`{name}` at zero", lambda given: lambda x: given(np.zeros_like(x))
        yield f"`{name}` normalised", lambda given: lambda x: given(x) / np.linalg.norm(given(x))
        yield f"the sign of `{name}`", lambda given: lambda x: np.sign(given(x))


def _labelled(name: str, changes: Mapping[str, Callable[[Any], Any]]) -> Iterator[Named]:
    for words, change in changes.items():
        yield words.replace("{}", f"`{name}`"), change


_OF_A_NUMBER: Mapping[str, Callable[[float], float]] = {
    "{} = 1": lambda _: 1.0,
    "{} = 0": lambda _: 0.0,
    "minus {}": lambda x: -x,
    "{} = 0.9": lambda _: 0.9,
    "{} = 0.95": lambda _: 0.95,
    "{} = 0.99": lambda _: 0.99,
    "{} = 0.5": lambda _: 0.5,
    "{} squared": lambda x: x * x,
    "the root of {}": lambda x: x**0.5,
    "1/{} for {}": lambda x: 1 / x,
    "1 − {} for {}": lambda x: 1 - x,
    "2 {} for {}": lambda x: 2 * x,
    "half of {}": lambda x: x / 2,
    "{} + 1 for {}": lambda x: x + 1,
    "{} − 1 for {}": lambda x: x - 1,
    "the exponential of {}": np.exp,
    "the logarithm of {}": np.log,
}
_OF_A_COUNT: Mapping[str, Callable[[int], Any]] = {
    "{} + 1 for {}": lambda n: n + 1,
    "{} − 1 for {}": lambda n: n - 1,
    "{} = 1": lambda _: 1,
    "{} = 0": lambda _: 0,
    "{} squared": lambda n: n * n,
    "the root of {}": lambda n: n**0.5,
    "{} = 10": lambda _: 10,
    "{} = 100": lambda _: 100,
}
_OF_FLAGS: Mapping[str, Callable[[Array], Any]] = {
    "{} ignored": np.zeros_like,
    "{} true throughout": np.ones_like,
    "{} negated": np.logical_not,
}
_OF_WHOLE_NUMBERS: Mapping[str, Callable[[Array], Any]] = {
    "{} all 1": np.ones_like,
    "{} all 0": np.zeros_like,
    "1 more in {}": lambda x: x + 1,
    "1 less in {}": lambda x: x - 1,
    "the largest of {} throughout": lambda x: np.full_like(x, x.max()),
    "the mean of {} throughout": lambda x: np.full(x.shape, x.mean()),
    "{} squared": lambda x: x * x,
    "the root of {}": np.sqrt,
}
_OF_NUMBERS: Mapping[str, Callable[[Array], Any]] = {
    "minus {}": lambda x: -x,
    "the sizes of {} without their signs": np.abs,
    "{} all 0": np.zeros_like,
    "{} all 1": np.ones_like,
    "{} squared": lambda x: x**2,
    "the root of {}": np.sqrt,
    "the exponential of {}": np.exp,
    "the logarithm of {}": np.log,
    "1 − {} for {}": lambda x: 1 - x,
    "1/{} for {}": lambda x: 1 / x,
    "the signs of {}": np.sign,
    "2 {} for {}": lambda x: 2 * x,
    "half of {}": lambda x: x / 2,
    "{} less their mean": lambda x: x - x.mean(),
    "{} standardised": lambda x: (x - x.mean()) / x.std(),
    "{} standardised, with ddof 1": lambda x: (x - x.mean()) / x.std(ddof=1),
    "{} divided by their deviation": lambda x: x / x.std(),
    "{} divided by their sum": lambda x: x / x.sum(),
    "{} divided by the largest": lambda x: x / x.max(),
    "{} divided by their norm": lambda x: x / np.linalg.norm(x),
    "{} less the largest": lambda x: x - x.max(),
    "{} less the smallest": lambda x: x - x.min(),
    "{} cut to 0 and more": lambda x: np.maximum(x, 0),
    "{} cut to [−1, 1]": lambda x: np.clip(x, -1, 1),
    "the tanh of {}": np.tanh,
    "the mean of {} throughout": lambda x: np.full_like(x, x.mean()),
    "the first of {} throughout": lambda x: np.broadcast_to(x[:1], x.shape),
    "the last of {} throughout": lambda x: np.broadcast_to(x[-1:], x.shape),
    "{} rounded to whole numbers": np.round,
}


def _with_zero(index: int | tuple[Any, ...]) -> Callable[[Array], Array]:
    def change(x: Array) -> Array:
        changed = np.array(x)
        changed[index] = 0
        return changed

    return change


def _alone(index: int) -> Callable[[Array], Array]:
    def change(x: Array) -> Array:
        changed = np.zeros_like(x)
        changed[index] = x[index]
        return changed

    return change


_OF_A_ROW: Mapping[str, Callable[[Array], Any]] = {
    "{} backwards": lambda x: x[::-1],
    "{} one place later": lambda x: np.roll(x, 1, axis=0),
    "{} one place earlier": lambda x: np.roll(x, -1, axis=0),
    "{} one place later, 0 first": lambda x: np.concatenate([np.zeros_like(x[:1]), x[:-1]]),
    "{} one place earlier, 0 last": lambda x: np.concatenate([x[1:], np.zeros_like(x[:1])]),
    "{} without the first": lambda x: x[1:],
    "{} without the last": lambda x: x[:-1],
    "the first of {} as 0": _with_zero(0),
    "the last of {} as 0": _with_zero(-1),
    "the first of {} alone": _alone(0),
    "the last of {} alone": _alone(-1),
    "{} added up from the start": lambda x: np.cumsum(x, axis=0),
    "{} added up from the end": lambda x: np.cumsum(x[::-1], axis=0)[::-1],
    "the differences of {}": lambda x: np.diff(x, axis=0, prepend=np.zeros_like(x[:1])),
    "{} sorted": lambda x: np.sort(x, axis=0),
    "{} sorted downwards": lambda x: np.sort(x, axis=0)[::-1],
    "every second of {}": lambda x: x[::2],
}
_OF_A_TABLE: Mapping[str, Callable[[Array], Any]] = {
    "{} transposed": lambda x: x.T,
    "each row of {} backwards": lambda x: x[:, ::-1],
    "each row of {} less its mean": lambda x: x - x.mean(axis=1, keepdims=True),
    "each column of {} less its mean": lambda x: x - x.mean(axis=0),
    "each row of {} standardised": lambda x: (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True),
    "each column of {} standardised": lambda x: (x - x.mean(axis=0)) / x.std(axis=0),
    "each row of {} less its largest": lambda x: x - x.max(axis=1, keepdims=True),
    "each column of {} less its largest": lambda x: x - x.max(axis=0),
    "each row of {} divided by its sum": lambda x: x / x.sum(axis=1, keepdims=True),
    "each column of {} divided by its sum": lambda x: x / x.sum(axis=0),
    "each row of {} added up": lambda x: np.cumsum(x, axis=1),
    "each row of {} added up from the end": lambda x: np.cumsum(x[:, ::-1], axis=1)[:, ::-1],
    "the mean of each row of {} throughout": lambda x: np.broadcast_to(x.mean(axis=1, keepdims=True), x.shape),
    "the mean of each column of {} throughout": lambda x: np.broadcast_to(x.mean(axis=0), x.shape),
    "the first row of {} throughout": lambda x: np.broadcast_to(x[:1], x.shape),
    "the first column of {} throughout": lambda x: np.broadcast_to(x[:, :1], x.shape),
    "each row of {} without its first": lambda x: x[:, 1:],
    "each row of {} without its last": lambda x: x[:, :-1],
    "the first of each row of {} as 0": _with_zero((slice(None), 0)),
    "the last of each row of {} as 0": _with_zero((slice(None), -1)),
}
_OF_PROBABILITIES: Mapping[str, Callable[[Array], Any]] = {
    "{} uniform": lambda x: np.full_like(x, 1 / x.shape[-1]),
    "the likeliest of {} alone": lambda x: (x == x.max(axis=-1, keepdims=True)).astype(float),
    "{} squared and normalised": lambda x: x**2 / (x**2).sum(axis=-1, keepdims=True),
}


def _of_the_start(mdp: TabularMDP, state: int) -> TabularMDP:
    return replace(mdp, initial=np.eye(mdp.n_states)[state])


def _with_steps(mdp: TabularMDP, more: int) -> TabularMDP:
    if mdp.horizon is None:
        raise ValueError("there is no horizon to change")
    return replace(mdp, horizon=mdp.horizon + more)


_OF_A_PROCESS: Mapping[str, Callable[[TabularMDP], Any]] = {
    "{}.discount = 1": lambda mdp: replace(mdp, discount=1.0),
    "{}.discount = 0": lambda mdp: replace(mdp, discount=0.0),
    "{}.discount = 0.9": lambda mdp: replace(mdp, discount=0.9),
    "{}.discount = 0.99": lambda mdp: replace(mdp, discount=0.99),
    "{}.discount squared": lambda mdp: replace(mdp, discount=mdp.discount**2),
    "the root of {}.discount": lambda mdp: replace(mdp, discount=mdp.discount**0.5),
    "1 − {}.discount for {}.discount": lambda mdp: replace(mdp, discount=1 - mdp.discount),
    "{}.initial uniform": lambda mdp: replace(mdp, initial=np.full(mdp.n_states, 1 / mdp.n_states)),
    "a start in state 0": lambda mdp: _of_the_start(mdp, 0),
    "a start in the last state": lambda mdp: _of_the_start(mdp, -1),
    "a start in the likeliest state": lambda mdp: _of_the_start(mdp, int(np.argmax(mdp.initial))),
    "minus {}.reward": lambda mdp: replace(mdp, reward=-np.asarray(mdp.reward)),
    "{}.reward without its sign": lambda mdp: replace(mdp, reward=np.abs(mdp.reward)),
    "{}.reward squared": lambda mdp: replace(mdp, reward=np.asarray(mdp.reward) ** 2),
    "a reward of 1 in every step": lambda mdp: replace(mdp, reward=np.ones_like(mdp.reward)),
    "rewards averaged over the next states, all alike": lambda mdp: replace(
        mdp, reward=np.broadcast_to(np.mean(mdp.reward, axis=2, keepdims=True), mdp.reward.shape)
    ),
    "the current state's reward for the next one's": lambda mdp: replace(mdp, reward=np.swapaxes(mdp.reward, 0, 2)),
    "{}.transition uniform": lambda mdp: replace(mdp, transition=np.full_like(mdp.transition, 1 / mdp.n_states)),
    "{}.transition from s' to s": lambda mdp: _of_unnormalised(mdp, np.swapaxes(mdp.transition, 0, 2)),
    "the same {}.transition for every action": lambda mdp: replace(
        mdp, transition=np.broadcast_to(np.mean(mdp.transition, axis=1, keepdims=True), mdp.transition.shape)
    ),
    "the likeliest next state alone": lambda mdp: replace(
        mdp,
        transition=np.eye(mdp.n_states)[np.argmax(mdp.transition, axis=2)],
    ),
    "one step more than {}.horizon": lambda mdp: _with_steps(mdp, 1),
    "one step less than {}.horizon": lambda mdp: _with_steps(mdp, -1),
    "{}.horizon = 1": lambda mdp: replace(mdp, horizon=1),
    "no horizon": lambda mdp: replace(mdp, horizon=None),
    "n_states steps for the horizon": lambda mdp: replace(mdp, horizon=mdp.n_states),
}


def _of_unnormalised(mdp: TabularMDP, transition: Array) -> TabularMDP:
    """A process whose rows may sum to anything: what a wrong index makes of it."""
    changed = replace(mdp)
    object.__setattr__(changed, "transition", transition)
    return changed


def _mapped(change: Callable[[Array], Array]) -> Callable[[Trajectories], Trajectories]:
    """The rewards changed where something is decided."""

    def mapped(trajectories: Trajectories) -> Trajectories:
        rewards = np.where(trajectories.active, change(np.array(trajectories.rewards)), 0.0)
        return replace(trajectories, rewards=rewards)

    return mapped


_OF_TRAJECTORIES: Mapping[str, Callable[[Trajectories], Any]] = {
    "{}.discount = 1": lambda tau: replace(tau, discount=1.0),
    "{}.discount = 0": lambda tau: replace(tau, discount=0.0),
    "{}.discount = 0.9": lambda tau: replace(tau, discount=0.9),
    "{}.discount = 0.99": lambda tau: replace(tau, discount=0.99),
    "{}.discount squared": lambda tau: replace(tau, discount=tau.discount**2),
    "minus {}.rewards": _mapped(lambda r: -r),
    "{}.rewards without their signs": _mapped(np.abs),
    "{}.rewards squared": _mapped(lambda r: r**2),
    "a reward of 1 in every step": _mapped(np.ones_like),
    "{}.rewards one step later": _mapped(lambda r: np.roll(r, 1, axis=1)),
    "{}.rewards one step earlier": _mapped(lambda r: np.roll(r, -1, axis=1)),
    "{}.rewards less their mean": _mapped(lambda r: r - r.mean()),
    "{}.rewards cut to [−1, 1]": _mapped(lambda r: np.clip(r, -1, 1)),
    "the first reward as 0": _mapped(_with_zero((slice(None), 0))),
    "the reward at the last time of all as 0": _mapped(_with_zero((slice(None), -1))),
}
