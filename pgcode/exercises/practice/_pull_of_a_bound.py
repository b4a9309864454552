"""What the score of a cut action is worth on average."""

from __future__ import annotations

import numpy as np

from pgcode.exercises import number_exercise
from pgcode.exercises.practice._shared import CLIPPING

_SIGMA, _PAID = 0.25, 2.0
_UPPER = 1 / np.sqrt(2 * np.pi)


@number_exercise(
    title="The pull of a bound",
    shows="−2 · 0.399/0.25 = −3.19. Every action pays 2, so J' is 0: the whole of it is bias. The upper half "
    "of the draws is "
    "cut to the mean and silenced, and the lower half pulls down.",
    hints=[
        "Draws above the bound are carried out as the mean itself: their score is 0.",
        "The draws below keep theirs: (a − θ)/σ² = ε/σ, with ε below 0.",
        "E[min(ε, 0)] = −1/√(2π) = −0.399.",
    ],
    see=CLIPPING,
)
def pull_of_a_bound() -> float:
    """Predict the mean of 2 (a − θ)/σ², with θ at the upper bound, where draws are cut to a, and σ = ¼."""
    return float(-_PAID * _UPPER / _SIGMA)


@pull_of_a_bound.misconception()
def slope_of_the_objective() -> float:
    """That is J', and the score of the draw would have this mean.

    The program takes the score of the action that was cut.
    """
    return 0.0


@pull_of_a_bound.misconception()
def payment_left_out() -> float:
    """The payment is left out, or σ is that of the chapter.

    The bias is proportional to what is paid, which is 2, and σ is ¼ here: a narrower policy is pulled harder.
    """
    return float(-_UPPER / _SIGMA)


@pull_of_a_bound.misconception()
def divided_by_the_variance() -> float:
    """You divided by σ².

    a − θ is σε, so one σ cancels.
    """
    return float(-_PAID * _UPPER / _SIGMA**2)


@pull_of_a_bound.misconception()
def deviation_left_out() -> float:
    """You did not divide by σ.

    A narrow policy has long scores.
    """
    return float(-_PAID * _UPPER)


@pull_of_a_bound.misconception()
def both_halves() -> float:
    """You counted |ε| on both sides.

    The upper half is cut to the mean, where the score is 0.
    """
    return float(-2 * _PAID * _UPPER / _SIGMA)
