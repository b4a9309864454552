"""A weight for each step of a buffer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises._catalogues import ABOUT_STATES, Estimators, batch_of, weights
from pgcode.exercises.one_gradient._shared import (
    C2,
    DROPPED,
    LOOKING_AHEAD,
    OVER_STEPS,
    STANDARDISING,
    TWICE,
    TWO_CLOCKS,
)

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _stored_rewards(rng: Generator) -> Arguments:
    for lengths, size, discount in (
        ([3, 1, 4], 1.0, 0.9),
        ([2, 5], 100.0, 0.6),
        ([6], 1.0, 0.7),
        ([1, 2, 2, 3], 1.0, 1.0),
    ):
        yield size * rng.standard_normal(sum(lengths)), np.array(lengths), discount


@function_exercise(
    title="A weight for each step of a buffer",
    cases=_stored_rewards,
    shows="The reward r_k counts γᵏ in every weight, and t and k are counted from the start of the episode. Where one "
    "episode ends both the sum and the clock begin anew.",
    hints=[
        "Take one episode at a time, `rewards[start:end]`, and forget the others.",
        "γᵗ G_t = Σ_{k≥t} γᵏ r_k: first discount the rewards from the start of the episode, then add up from t on.",
        "`np.cumsum(paid)` adds up from the left. To add up from the right, turn the row round before and after.",
    ],
    see=TWO_CLOCKS,
)
def reward_to_go_weights(rewards: Array, lengths: Array, discount: float) -> Array:
    """Return γᵗ G_t of each step of several episodes, shape (N,)."""
    weights = np.zeros(len(rewards))
    end = 0
    for length in lengths:
        start, end = end, end + length
        paid = rewards[start:end] * discount ** np.arange(length)
        weights[start:end] = np.cumsum(paid[::-1])[::-1]
    return weights


def _episodes(rewards: Array, lengths: Array) -> list[Array]:
    return np.split(rewards, np.cumsum(lengths)[:-1])


def _times(lengths: Array) -> Array:
    """The time of each step within its episode."""
    return np.concatenate([np.arange(length) for length in lengths])


def _to_go(row: Array) -> Array:
    """The sums from each entry to the end of the row."""
    return np.cumsum(row[::-1])[::-1]


def _discounted(episode: Array, discount: float) -> Array:
    """γᵏ r_k."""
    return np.asarray(episode * discount ** np.arange(len(episode)))


def _joined(rewards: Array, lengths: Array, discount: float, summed: Any) -> Array:
    """What a rule makes of the discounted rewards of each episode, one episode after the other."""
    return np.concatenate([summed(_discounted(episode, discount)) for episode in _episodes(rewards, lengths)])


def _returns_to_go(rewards: Array, lengths: Array, discount: float) -> Array:
    """G_t."""
    return np.asarray(_joined(rewards, lengths, discount, _to_go) / discount ** _times(lengths))


@reward_to_go_weights.misconception(see=DROPPED)
def discount_of_the_step_dropped(rewards: Array, lengths: Array, discount: float) -> Array:
    """You returned G_t, without γᵗ in front.

    G_t starts its clock at step t, and J starts it at the beginning of the episode. The factor γᵗ makes up for that.
    """
    return _returns_to_go(rewards, lengths, discount)


@reward_to_go_weights.misconception(see=TWICE)
def discount_of_the_step_twice(rewards: Array, lengths: Array, discount: float) -> Array:
    """You applied γᵗ twice.

    The sum of γᵏ r_k over k ≥ t is γᵗ G_t already. A further factor γᵗ makes it γ²ᵗ G_t.
    """
    return np.asarray(_joined(rewards, lengths, discount, _to_go) * discount ** _times(lengths))


@reward_to_go_weights.misconception()
def first_reward_discounted(rewards: Array, lengths: Array, discount: float) -> Array:
    """You discounted the first reward of an episode already.

    k counts from 0: what is paid in the first step of an episode counts in full.
    """
    return _joined(rewards, lengths, discount, lambda paid: discount * _to_go(paid))


@reward_to_go_weights.misconception(see=C2)
def whole_return_at_every_step(rewards: Array, lengths: Array, discount: float) -> Array:
    """You gave every step the return of its whole episode.

    That weight has the same mean beside the score, but it is not the one that is asked for: leave out what was paid
    before step t.
    """
    return _joined(rewards, lengths, discount, lambda paid: np.full(len(paid), paid.sum()))


@reward_to_go_weights.misconception(see=C2)
def reward_for_return(rewards: Array, lengths: Array, discount: float) -> Array:
    """You gave each step its own reward alone, γᵗ r_t.

    What a decision earns comes later too. Its weight holds all rewards from step t to the end of the episode.
    """
    return _joined(rewards, lengths, discount, lambda paid: paid)


@reward_to_go_weights.misconception(see=C2)
def past_for_future(rewards: Array, lengths: Array, discount: float) -> Array:
    """You added up from the wrong side: your weights hold the rewards until step t.

    A decision cannot change what was paid before it. Add up from step t to the end.
    """
    return _joined(rewards, lengths, discount, np.cumsum)


@reward_to_go_weights.misconception(see=LOOKING_AHEAD)
def own_reward_lost(rewards: Array, lengths: Array, discount: float) -> Array:
    """Your sums begin one step too late: the reward of the own step is missing.

    The reward r_t is paid for the action a_t. Without it the action does not meet its own payment.
    """
    return _joined(rewards, lengths, discount, lambda paid: _to_go(paid) - paid)


@reward_to_go_weights.misconception()
def weights_in_reverse(rewards: Array, lengths: Array, discount: float) -> Array:
    """Your weights stand in the wrong order.

    A sum that runs from the end begins with the last step. Turn the row round again, so that step 0 comes first.
    """
    return _joined(rewards, lengths, discount, lambda paid: np.cumsum(paid[::-1]))


@reward_to_go_weights.misconception()
def one_long_episode(rewards: Array, lengths: Array, discount: float) -> Array:
    """You took the whole row for one episode.

    No decision earns the rewards of the next episode, and each episode has a clock of its own. `lengths` says where
    they end.
    """
    return _to_go(_discounted(rewards, discount))


@reward_to_go_weights.misconception()
def next_episode_counted(rewards: Array, lengths: Array, discount: float) -> Array:
    """Your G_t runs on into the next episode.

    The clock γᵗ begins anew with each episode, and so must the sum: after the last step nothing is added.
    """
    return np.asarray(_to_go(_discounted(rewards, discount)) * discount ** (_times(lengths) - np.arange(len(rewards))))


@reward_to_go_weights.misconception()
def clock_not_restarted(rewards: Array, lengths: Array, discount: float) -> Array:
    """Your G_t is right, and the γᵗ in front counts t from the start of the row.

    The first step of every episode has t = 0, so its weight is G_0, whatever episodes stand before it.
    """
    return np.asarray(_returns_to_go(rewards, lengths, discount) * discount ** np.arange(len(rewards)))


@reward_to_go_weights.misconception()
def discount_left_out(rewards: Array, lengths: Array, discount: float) -> Array:
    """You added up the rewards without a discount.

    In J the reward r_k counts γᵏ, and so it does in each of the weights.
    """
    return _joined(rewards, lengths, 1.0, _to_go)


@reward_to_go_weights.misconception(see=OVER_STEPS)
def divided_by_the_length(rewards: Array, lengths: Array, discount: float) -> Array:
    """You divided by the length of the episode.

    The weights stand in a sum over time. A mean over the steps of each episode makes a long episode count less.
    """
    return _joined(rewards, lengths, discount, lambda paid: _to_go(paid) / len(paid))


reward_to_go_weights.recognise(
    Estimators(
        lambda stations, rewards, lengths, discount: weights(stations, batch_of(rewards, lengths, discount)),
        stations=("data", "weights", "baseline"),
        without=ABOUT_STATES,
    )
)


@reward_to_go_weights.made_of
def _made(
    rewards: Array,
    lengths: Array,
    discount: float,
    *,
    before: Callable[[Array, Array, float], Array] = lambda rewards, lengths, discount: discount ** _times(lengths),
    cut: bool = True,
    fading: Callable[[float], float] = lambda discount: discount,
) -> Array:
    ends = lengths if cut else np.array([len(rewards)])
    return np.asarray(before(rewards, lengths, discount) * _returns_to_go(rewards, ends, fading(discount)))


reward_to_go_weights.variation("discount of the step dropped", before=lambda rewards, *_: np.ones(len(rewards)))
reward_to_go_weights.variation(
    "discount of the step twice", before=lambda rewards, lengths, discount: discount ** (2 * _times(lengths))
)
reward_to_go_weights.variation(
    "clock not restarted", before=lambda rewards, lengths, discount: discount ** np.arange(len(rewards))
)
reward_to_go_weights.variation("next episode counted", cut=False)
reward_to_go_weights.variation(
    "future not discounted",
    "The rewards to come are not discounted among themselves: the weight is γᵗ Σ r_k, and it is Σ γᵏ r_k.",
    fading=lambda discount: 1.0,
)


@reward_to_go_weights.misconception(see=STANDARDISING)
def mean_of_the_own_episode_subtracted(rewards: Array, lengths: Array, discount: float) -> Array:
    """The mean of the weights of each episode is subtracted.

    It holds what the action itself has earned. The task asks for the weights as they are.
    """
    return _joined(rewards, lengths, discount, lambda paid: _to_go(paid) - _to_go(paid).mean())


@reward_to_go_weights.also_right
def _backwards(rewards: Array, lengths: Array, discount: float) -> Array:
    """The loop backwards in each episode."""
    weights, end = np.zeros(len(rewards)), 0
    for length in lengths:
        start, end = end, end + length
        to_go = 0.0
        for t in range(length)[::-1]:
            to_go = rewards[start + t] + discount * to_go
            weights[start + t] = discount**t * to_go
    return weights
