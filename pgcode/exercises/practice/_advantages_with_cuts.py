"""Advantages with ends and cuts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises._catalogues import WITH_PRACTICE, Advantages
from pgcode.exercises.practice._shared import MASKS
from pgcode.mistakes import Steps

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _buffers(rng: Generator) -> Arguments:
    for pattern in ("..e..c", ".c.e.", "...c", "e.c.c", "....e"):
        marks = np.array(list(pattern))
        ended, cut = marks == "e", marks == "c"
        n = len(pattern)
        yield rng.standard_normal(n), 2 + rng.random(n), 2 + rng.random(n), ended, cut, 0.9, 0.7


@function_exercise(
    title="Repair: advantages with two flags",
    cases=_buffers,
    shows="Two masks: behind an end nothing is worth anything, behind a cut the critic's word stands for the "
    "rest. And the "
    "sum stops at both, because the next row belongs to another episode.",
    hints=[
        "At which rows is the value of the next state zero? At which rows does the next row belong to another episode?",
        "An episode that was cut would have gone on: its last state is worth `next_values[t]`.",
        "One mask for V, `~ended[t]`, another for the running sum, `~(ended[t] | cut[t])`.",
    ],
    see=MASKS,
)
def advantages_with_cuts(
    rewards: Array, values: Array, next_values: Array, ended: Array, cut: Array, discount: float, gae_lambda: float
) -> Array:
    """Return Â_t = Σ_k (γλ)ᵏ δ_{t+k} within each episode of a buffer whose rows may end or be cut, shape (n,)."""
    advantages, running = np.zeros(len(rewards)), 0.0
    for t in range(len(rewards))[::-1]:
        delta = rewards[t] + discount * next_values[t] * (not ended[t]) - values[t]
        running = delta + discount * gae_lambda * running * (not (ended[t] or cut[t]))
        advantages[t] = running
    return advantages


def _loop(
    rewards: Array,
    values: Array,
    next_values: Array,
    worth: Array,
    goes_on: Array,
    discount: float,
    decay: float,
) -> Array:
    """The backward loop, with the mask of the value and that of the sum."""
    advantages, running = np.zeros(len(rewards)), 0.0
    for t in reversed(range(len(rewards))):
        delta = rewards[t] + discount * next_values[t] * worth[t] - values[t]
        advantages[t] = running = delta + decay * running * goes_on[t]
    return advantages


@advantages_with_cuts.misconception()
def cut_taken_for_an_end(
    rewards: Array, values: Array, next_values: Array, ended: Array, cut: Array, discount: float, gae_lambda: float
) -> Array:
    """At a cut, nothing is added for what would have followed.

    The episode was cut and not over. Its last state is worth `next_values[t]`.
    """
    on = ~(ended | cut)
    return _loop(rewards, values, next_values, on, on, discount, discount * gae_lambda)


@advantages_with_cuts.misconception()
def end_taken_for_a_cut(
    rewards: Array, values: Array, next_values: Array, ended: Array, cut: Array, discount: float, gae_lambda: float
) -> Array:
    """At an end, the critic's value of the next state is added.

    Where an episode has ended nothing follows, whatever a critic says of that state.
    """
    on = ~(ended | cut)
    return _loop(rewards, values, next_values, np.ones(len(cut)), on, discount, discount * gae_lambda)


@advantages_with_cuts.misconception()
def sum_runs_over_a_cut(
    rewards: Array, values: Array, next_values: Array, ended: Array, cut: Array, discount: float, gae_lambda: float
) -> Array:
    """The sum runs over a cut into the next episode.

    What was paid there has nothing to do with the actions before the cut. The sum begins anew.
    """
    return _loop(rewards, values, next_values, ~ended, ~ended, discount, discount * gae_lambda)


@advantages_with_cuts.misconception()
def sum_runs_over_an_end(
    rewards: Array, values: Array, next_values: Array, ended: Array, cut: Array, discount: float, gae_lambda: float
) -> Array:
    """The sum runs over an end into the next episode.

    It begins anew at an end and at a cut.
    """
    return _loop(rewards, values, next_values, ~ended, ~cut, discount, discount * gae_lambda)


@advantages_with_cuts.misconception()
def sum_runs_over_both(
    rewards: Array, values: Array, next_values: Array, ended: Array, cut: Array, discount: float, gae_lambda: float
) -> Array:
    """The sum runs on over ends and cuts.

    The row behind them belongs to another episode.
    """
    return _loop(rewards, values, next_values, ~ended, np.ones(len(cut)), discount, discount * gae_lambda)


@advantages_with_cuts.misconception()
def flags_not_used(
    rewards: Array, values: Array, next_values: Array, ended: Array, cut: Array, discount: float, gae_lambda: float
) -> Array:
    """Neither flag is used.

    The buffer holds several episodes, and some of them ended.
    """
    one = np.ones(len(cut))
    return _loop(rewards, values, next_values, one, one, discount, discount * gae_lambda)


@advantages_with_cuts.misconception()
def value_of_the_next_row(
    rewards: Array, values: Array, next_values: Array, ended: Array, cut: Array, discount: float, gae_lambda: float
) -> Array:
    """The next value is read from the row below.

    After a cut that row is the start of another episode. `next_values[t]` is the value where row t arrived.
    """
    below = np.append(values[1:], next_values[-1])
    return _loop(rewards, values, below, ~ended, ~(ended | cut), discount, discount * gae_lambda)


@advantages_with_cuts.misconception()
def flags_one_row_late(
    rewards: Array, values: Array, next_values: Array, ended: Array, cut: Array, discount: float, gae_lambda: float
) -> Array:
    """The flags are read from the row below.

    `ended[t]` says that the episode ended with row t.
    """
    e, c = np.append(ended[1:], ended[-1]), np.append(cut[1:], cut[-1])
    return _loop(rewards, values, next_values, ~e, ~(e | c), discount, discount * gae_lambda)


advantages_with_cuts.recognise(Advantages(Steps, chapters_known=WITH_PRACTICE))


@advantages_with_cuts.also_right
def _errors_first(
    rewards: Array,
    values: Array,
    next_values: Array,
    ended: Array,
    cut: Array,
    discount: float,
    gae_lambda: float,
) -> Array:
    """All errors first, and then the sums."""
    errors = rewards + discount * (1 - ended) * next_values - values
    goes_on = 1 - (ended | cut)
    for t in range(len(rewards) - 1)[::-1]:
        errors[t] += discount * gae_lambda * goes_on[t] * errors[t + 1]
    return np.asarray(errors)


@advantages_with_cuts.misconception()
def values_added(
    rewards: Array,
    values: Array,
    next_values: Array,
    ended: Array,
    cut: Array,
    discount: float,
    gae_lambda: float,
) -> Array:
    """The values are added: these are the targets of the critic.

    The advantage is what is left when V̂ is taken away.
    """
    given = rewards, values, next_values, ended, cut, discount, gae_lambda
    return np.asarray(advantages_with_cuts.reference(*given) + values)
