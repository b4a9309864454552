"""Where multiplying by one fails."""

from __future__ import annotations

import numpy as np

from pgcode.exercises import number_exercise
from pgcode.exercises.chapters import LIKELIHOOD_RATIO

_BY_ONE = LIKELIHOOD_RATIO.section("A4 and A5: multiply by one")

#: The probabilities of the two arms at θ = 0, their derivatives, and what the arms pay.
_P, _SLOPE, _PAYS = np.array([1.0, 0.0]), np.array([-1.0, 1.0]), np.array([1.0, 3.0])


@number_exercise(
    title="An arm that is never pulled",
    shows="Only arm 0 is drawn. Its score is −1 and it pays 1, so the mean is −1, while J′ = −1 + 3 = 2. The term of "
    "arm 1 was multiplied by 0/0 and is lost: ∇P = P ∇log P asks that P is positive wherever ∇P is not zero. A "
    "softmax sees to that.",
    hints=[
        "Which arms are drawn at θ = 0? Each draw is arm 0.",
        "log P of arm 0 is log(1 − θ). What is its derivative at θ = 0?",
    ],
    see=_BY_ONE,
)
def mean_at_the_edge() -> float:
    """Predict the mean of score times return over the arms that are drawn at θ = 0."""
    drawn = _P > 0
    return float(np.sum(_SLOPE[drawn] * _PAYS[drawn]))


@mean_at_the_edge.misconception()
def slope_of_the_objective() -> float:
    """That is J′, by differentiating J itself.

    The mean over what is drawn does not hold the part of arm 1, which is never drawn.
    """
    return float(np.sum(_SLOPE * _PAYS))


@mean_at_the_edge.misconception()
def nothing_moves() -> float:
    """You took the score of what is certain for 0.

    The probability of arm 0 is 1, and it falls as θ grows: its score is −1.
    """
    return 0.0


@mean_at_the_edge.misconception()
def arm_that_is_never_drawn() -> float:
    """That is the part of arm 1.

    It is never drawn at θ = 0, and no mean of draws holds it.
    """
    return float(_SLOPE[1] * _PAYS[1])


@mean_at_the_edge.misconception()
def wrong_sign() -> float:
    """The sign is wrong.

    log(1 − θ) falls as θ grows.
    """
    return float(-_SLOPE[0] * _PAYS[0])
