"""The corridor with a fair coin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.environments import (
    corridor_optimum,
    corridor_state_values,
)
from pgcode.exercises import (
    number_exercise,
)
from pgcode.exercises.chapters import DECISION_PROCESSES

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


@number_exercise(
    title="The corridor with a fair coin",
    shows="v(0) = (2u − 4) / (u(1 − u)) is −12 at u = 1/2: twelve steps on average. The best u, 2 − √2, needs 11.66, "
    "so a fair coin costs a third of a step.",
    hints=[
        "Write down v(0), v(1) and v(2). Each step pays −1 and leads to one of two states, each with probability 1/2.",
        "v(0) = −1 + v(1)/2 + v(0)/2, because left of state 0 is a wall. So v(1) = v(0) + 2.",
        "v(1) = −1 + v(0)/2 + v(2)/2, and v(2) = −1 + v(1)/2. Put the second into the first.",
    ],
    see=DECISION_PROCESSES.section("The corridor, solved"),
)
def fair_coin_value() -> float:
    """Predict v(0) of the short corridor for u = 1/2, with no horizon and no discount."""
    return float(corridor_state_values(0.5)[0].real)


@fair_coin_value.misconception()
def steps_for_rewards() -> float:
    """You gave the number of steps.

    Each step pays −1, so the value is minus that number.
    """
    return -float(corridor_state_values(0.5)[0].real)


@fair_coin_value.misconception()
def value_of_the_middle_state() -> float:
    """You gave v(1), the value of the state in the middle.

    The walk begins in state 0.
    """
    return float(corridor_state_values(0.5)[1].real)


@fair_coin_value.misconception()
def steps_back_forgotten() -> float:
    """You counted two tries for each of the three states, as if nothing led back.

    From states 1 and 2 a step may lead back, and then the way is walked again. The number is also v(2).
    """
    return -3 / 0.5


@fair_coin_value.misconception()
def the_shortest_way() -> float:
    """That is three steps without a detour.

    A fair coin leads back as often as on, and each step back is paid for as well.
    """
    return -3.0


@fair_coin_value.misconception()
def steps_that_cancel() -> float:
    """You took the steps to the right and to the left to cancel.

    Where they lead cancels, what they cost does not: each step pays −1, whatever its direction.
    """
    return 0.0


@fair_coin_value.misconception()
def no_wall() -> float:
    """That is the value where the first room always leads on.

    Left of state 0 is a wall. Whoever turns left there stays, and pays for the step.
    """
    return -9.0


@fair_coin_value.misconception()
def value_of_the_best_coin() -> float:
    """You gave the value at the best u.

    The question is about u = 1/2, and the best u is 2 − √2.
    """
    return float(corridor_optimum()[1])
