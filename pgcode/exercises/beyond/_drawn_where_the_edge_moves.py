"""What the draws say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import number_exercise
from pgcode.exercises.chapters import GENERAL_SPACES

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


_NO_DENSITY = GENERAL_SPACES.section("Where there is no density to differentiate")


@number_exercise(
    title="What the draws say",
    shows="Score times reward has the mean −θ/3 = −1, and the slope is 2θ/3 = 2. What is missing is the edge, q(θ)/θ "
    "= 3.",
    hints=[
        "The density is 1/θ, so the score is −1/θ for each action that can be drawn.",
        "The mean of a² on [0, θ] is θ²/3.",
    ],
    see=_NO_DENSITY,
)
def drawn_where_the_edge_moves() -> float:
    """Predict the mean of score times reward for a uniform on [0, θ] and the reward a², at θ = 3."""
    theta = 3.0
    return -1 / theta * theta**2 / 3


@drawn_where_the_edge_moves.misconception()
def slope_of_the_objective() -> float:
    """That is the slope of J = θ²/3, and so what one would like the draws to say.

    The score does not see that new actions become possible.
    """
    return 2.0


@drawn_where_the_edge_moves.misconception()
def part_of_the_edge() -> float:
    """That is what the score does not see: q(θ)/θ.

    The draws say the rest.
    """
    return 3.0


@drawn_where_the_edge_moves.misconception()
def mean_score_is_zero() -> float:
    """The mean of the score is zero where the density is smooth in θ.

    Here it is −1/θ for every draw: the density jumps at an edge that moves.
    """
    return 0.0


@drawn_where_the_edge_moves.misconception()
def score_not_multiplied() -> float:
    """That is the score alone, −1/θ.

    Multiply by the reward and take the mean.
    """
    return -1 / 3
