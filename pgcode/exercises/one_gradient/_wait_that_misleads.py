"""A wait that is too long."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import number_exercise
from pgcode.exercises.chapters import DISCOUNTING

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


_ALIKE = DISCOUNTING.section("Where states look alike it may go downhill")


@number_exercise(
    title="A wait that is too long",
    shows="At its own time the investment is worth 3 γᴷ, and that is less than 2 from the fourth step on. Both "
    "objectives still want p = 1.",
    hints=[
        "Without γᵗ each decision is judged from its own time. What is an investment worth at its own time, if 3 are "
        "paid K steps later?",
        "The learner goes down when 3 · 0.9ᴷ < 2.",
    ],
    see=_ALIKE,
)
def wait_that_misleads() -> float:
    """Predict the smallest number of steps after which the learner without γᵗ goes to the worst policy."""
    steps = 1
    while 3 * 0.9**steps >= 2:
        steps += 1
    return steps


@wait_that_misleads.misconception()
def last_wait_that_does_no_harm() -> float:
    """After three steps 3 · 0.9³ = 2.19 is still more than 2.

    Asked for is the first wait that is too long.
    """
    return 3


@wait_that_misleads.misconception()
def discounted_to_one() -> float:
    """After eleven steps the investment is worth less than 1.

    It is compared with the expense, which is 2.
    """
    return 11


@wait_that_misleads.misconception()
def horizon_of_the_discount() -> float:
    """That is 1/(1 − γ), the number of steps that the discount looks ahead.

    What counts is where 3 · 0.9ᴷ falls below 2.
    """
    return 10


@wait_that_misleads.misconception()
def not_rounded_up() -> float:
    """That is log(2/3)/log 0.9, where 3 · 0.9ᴷ is exactly 2.

    K is a number of steps: round up, to the first whole number that is too long.
    """
    return float(np.log(2 / 3) / np.log(0.9))


@wait_that_misleads.misconception()
def a_step_too_many() -> float:
    """After four steps 3 · 0.9⁴ = 1.97 is already less than 2.

    Asked for is the first wait that is too long.
    """
    return 5
