"""A baseline takes nothing away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    Mistake,
    order_exercise,
)
from pgcode.exercises.chapters import CAUSALITY
from pgcode.exercises.one_gradient._shared import (
    C2,
)

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


_C1 = CAUSALITY.section("C1: one copy turned")


@order_exercise(
    title="A baseline takes nothing away",
    decoys={
        "b": Mistake(
            "the weight of the actions lost",
            "Line b adds up the scores of all actions alike. Given the history, the action a is drawn with probability "
            "π(a|s_t): that is its weight in the mean, and without it the sum is not zero.",
        ),
        "d": Mistake(
            "the score of one decision for the whole",
            "Line d takes ψ_t for the score of the whole history. E[x ∇log P] = ∇E[x] needs the scores of all "
            "decisions that x depends on. ψ_t is the score of one decision, and x does not depend on it.",
            _C1,
        ),
        "g": Mistake(
            "probability for log-probability",
            "Line g has ∇π in the place of ∇log π. The score is ∇π/π, so that π cancels.",
        ),
        "i": Mistake(
            "the gradient lost",
            "Line i drops the gradient and is E[x], which need not be zero. The probabilities sum to 1, and it is the "
            "gradient of this 1 that is zero.",
        ),
    },
    shows="Given the history x is a number, and the mean score is ∇1 = 0. Nothing was asked of x but that it is fixed "
    "before a_t is drawn. It may be a bad forecast, or a past reward: that is why past rewards drop out too.",
    hints=[
        "First hold the history fixed, so that x is a number and comes out of the inner mean.",
        "Then write the inner mean as a sum over the actions. Each has the weight π(a|s_t), and π ∇log π = ∇π.",
        "At the end the gradient comes before the sum, and the sum is 1. Four of the eleven lines do not belong.",
    ],
    see=C2,
)
def ordered_lines() -> str:
    """Put the lines of the proof that E[ψ_t x] = 0 in order; four of the eleven are false."""
    return "h c k e a j f"


@ordered_lines.misconception()
def number_before_the_history_is_fixed() -> str:
    """You took x out before you held the history fixed.

    x is random. It is a number only inside a mean in which the history is given.
    """
    return "h k c e a j f"


@ordered_lines.misconception()
def two_changes_in_one_step() -> str:
    """From c to e two things change: x comes out of the inner mean, and that mean becomes a sum.

    One at a time. First x comes out, because it is a number where the history is given: k. Then the inner mean is
    written as a sum over the actions: e.
    """
    return "h c e k a j f"


@ordered_lines.misconception()
def gradient_of_the_sum_too_early() -> str:
    """You wrote the gradient before the sum while the terms still are π ∇log π.

    First π ∇log π = ∇π, then the sum of the gradients is the gradient of the sum.
    """
    return "h c k e j a f"
