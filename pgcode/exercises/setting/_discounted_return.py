"""The return of a sequence of rewards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises.chapters import DECISION_PROCESSES

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _reward_sequences(rng: Generator) -> Arguments:
    yield rng.standard_normal(5), 0.9
    yield 100 * rng.standard_normal(3), 0.5
    yield rng.standard_normal(1), 0.7
    yield rng.standard_normal(4), 1.0


@function_exercise(
    title="The return of a sequence of rewards",
    cases=_reward_sequences,
    shows="The first reward counts in full, and each later one γ times as much as the one before it. With γ = 1 all "
    "rewards count alike.",
    hints=[
        "The reward at time t is multiplied by γ to the power t, and t begins at 0.",
        "`np.arange(len(rewards))` is the row of times 0, 1, …, T − 1.",
        "Raise the discount to these powers, multiply by the rewards, and add up.",
    ],
    see=DECISION_PROCESSES.section("Returns"),
)
def discounted_return(rewards: Array, discount: float) -> Any:
    """Return R = Σ_t γᵗ r_t of one sequence of rewards, a number."""
    times = np.arange(len(rewards))
    return np.sum(discount**times * rewards)


@discounted_return.misconception()
def first_reward_discounted(rewards: Array, discount: float) -> Any:
    """You discounted the first reward already.

    The first factor is γ⁰ = 1: what is paid at time 0 counts in full.
    """
    return np.sum(discount ** np.arange(1, len(rewards) + 1) * rewards)


@discounted_return.misconception()
def no_discount(rewards: Array, discount: float) -> Any:
    """You added the rewards without a discount.

    The reward at time t counts γᵗ times.
    """
    return np.sum(rewards)


@discounted_return.misconception()
def one_factor_for_all(rewards: Array, discount: float) -> Any:
    """You applied γ once, to the whole sum.

    Each reward has a factor of its own: γ to the power of its time.
    """
    return discount * np.sum(rewards)


@discounted_return.misconception()
def discount_applied_twice(rewards: Array, discount: float) -> Any:
    """You applied the discount twice, γ²ᵗ in place of γᵗ.

    One factor γ for each step of time is enough.
    """
    return np.sum(discount ** (2 * np.arange(len(rewards))) * rewards)


@discounted_return.misconception()
def discount_grows_linearly(rewards: Array, discount: float) -> Any:
    """You multiplied γ by the time t.

    Each further step multiplies by γ once more, which gives the power γᵗ.
    """
    return np.sum(discount * np.arange(len(rewards)) * rewards)


@discounted_return.misconception()
def mean_over_time_steps(rewards: Array, discount: float) -> Any:
    """You divided by the number of steps.

    The return is a sum over time and not a mean: a longer walk may earn more.
    """
    return np.mean(discount ** np.arange(len(rewards)) * rewards)


@discounted_return.misconception()
def discount_from_the_end(rewards: Array, discount: float) -> Any:
    """You discounted backwards: your last reward counts in full.

    The first one does, and the later ones count less.
    """
    return np.sum(discount ** np.arange(len(rewards))[::-1] * rewards)


@discounted_return.misconception()
def last_reward_lost(rewards: Array, discount: float) -> Any:
    """You lost the last reward.

    A sequence of T rewards has the times 0 to T − 1, and all of them count.
    """
    return np.sum(discount ** np.arange(len(rewards) - 1) * rewards[:-1])


@discounted_return.misconception()
def first_reward_alone(rewards: Array, discount: float) -> Any:
    """You returned the first reward alone.

    All rewards count. A `return` inside the loop ends it at its first step: write it after the loop.
    """
    return rewards[0]


@discounted_return.misconception()
def discounted_and_not_added(rewards: Array, discount: float) -> Any:
    """You returned the discounted rewards one by one.

    The factors are right. The return is one number, their sum.
    """
    return discount ** np.arange(len(rewards)) * rewards


@discounted_return.made_of
def _made(
    rewards: Array,
    discount: float,
    *,
    base: Callable[[float], float] = lambda discount: discount,
    powers: Callable[[int], Array] = np.arange,
    kept: slice = slice(None),
    summed: Callable[[Array], Any] = np.sum,
    sign: int = 1,
) -> Any:
    return sign * summed((base(discount) ** powers(len(rewards)) * rewards)[kept])


discounted_return.variation("first reward discounted", powers=lambda length: np.arange(1, length + 1))
discounted_return.variation("discount applied twice", powers=lambda length: 2 * np.arange(length))
discounted_return.variation("discount from the end", powers=lambda length: np.arange(length)[::-1])
discounted_return.variation("no discount", base=lambda discount: 1.0)
discounted_return.variation("mean over time steps", summed=np.mean)
discounted_return.variation("last reward lost", kept=slice(None, -1))
discounted_return.variation("discounted and not added", summed=np.asarray)
discounted_return.variation(
    "first reward lost",
    "The reward of time 0 is missing. It counts in full: γ⁰ = 1.",
    kept=slice(1, None),
)
discounted_return.variation(
    "discount upside down",
    "The rewards grow by 1/γ with each step. They shrink by γ.",
    base=lambda discount: 1 / discount,
)
discounted_return.variation(
    "one minus the discount",
    "The factor of a step is 1 − γ here. It is γ: with γ near 1 later rewards count nearly as much as early ones.",
    base=lambda discount: 1 - discount,
)
discounted_return.variation(
    "rewards added up along the way",
    "These are the sums up to each time. The return is the last of them, one number.",
    summed=np.cumsum,
)
discounted_return.variation(
    "rewards as costs",
    "The sign is the opposite one. Rewards are paid to you.",
    sign=-1,
)


@discounted_return.misconception()
def weighted_mean_of_the_rewards(rewards: Array, discount: float) -> Any:
    """The sum is divided by that of the factors, which makes it a weighted mean.

    The return is the sum itself: a longer walk may earn more.
    """
    factors = discount ** np.arange(len(rewards))
    return factors @ rewards / factors.sum()


@discounted_return.misconception()
def the_last_power_for_all(rewards: Array, discount: float) -> Any:
    """All rewards have one factor, γ to the power of their number.

    Each has its own: γ to the power of its time.
    """
    return discount ** len(rewards) * np.sum(rewards)


@discounted_return.misconception()
def return_from_each_step(rewards: Array, discount: float) -> Any:
    """These are the returns from each time on, one for each step.

    What is asked for is the first of them, the return from time 0.
    """
    totals = np.array(rewards, dtype=float)
    for t in range(len(rewards) - 2, -1, -1):
        totals[t] += discount * totals[t + 1]
    return totals


@discounted_return.also_right
def _backwards(rewards: Array, discount: float) -> Any:
    """The recursion from the last reward on."""
    total = 0.0
    for reward in rewards[::-1]:
        total = reward + discount * total
    return total


@discounted_return.also_right
def _one_by_one(rewards: Array, discount: float) -> Any:
    """The sum in a loop over t."""
    total = 0.0
    for t in range(len(rewards)):
        total += discount**t * rewards[t]
    return total


@discounted_return.misconception()
def discount_squared_at_each_step(rewards: Array, discount: float) -> Any:
    """The discount itself is squared at each step: the powers are 0, 1, 2, 4, 8 and so on.

    From one step to the next one more γ is multiplied, and γ stays as it is.
    """
    powers = np.concatenate([[0], 2.0 ** np.arange(len(rewards) - 1)])
    return np.sum(discount**powers * rewards)
