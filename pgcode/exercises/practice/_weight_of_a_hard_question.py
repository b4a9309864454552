"""What a deviation in the divisor does to a hard question."""

from __future__ import annotations

import numpy as np

from pgcode.exercises import number_exercise
from pgcode.exercises.practice._shared import DIVIDED


def _deviation(solved: float) -> float:
    return float(np.sqrt(solved * (1 - solved)))


@number_exercise(
    title="A hard question in a standardised group",
    shows="√0.25/√(0.02 · 0.98) = 3.57: the hard question's part of the gradient is blown up, and so is that "
    "of a question "
    "with 0.98. What is nearly settled counts most, and the sum over questions is no longer along ∇J.",
    hints=[
        "A reward of 0 or 1 with probability p of 1 has the deviation √(p(1 − p)).",
        "In a large group, each question's gradient is divided by that.",
        "Compare 1/√(0.02 · 0.98) with 1/√(0.5 · 0.5).",
    ],
    see=DIVIDED,
)
def weight_of_a_hard_question() -> float:
    """Predict how many times as much as p = ½ a question with p = 0.02 counts, if σ of a large group divides."""
    return _deviation(0.5) / _deviation(0.02)


@weight_of_a_hard_question.misconception()
def variance_for_the_deviation() -> float:
    """That is the ratio of the variances.

    The deviation divides, their root.
    """
    return (_deviation(0.5) / _deviation(0.02)) ** 2


@weight_of_a_hard_question.misconception()
def the_hard_question_alone() -> float:
    """That is one over the deviation of the hard question.

    The question with p = ½ is divided too, by ½. Asked for is the ratio.
    """
    return 1 / _deviation(0.02)


@weight_of_a_hard_question.misconception()
def all_questions_alike() -> float:
    """Without a division all questions count alike.

    The deviation of a question that is rarely solved is small, and it divides.
    """
    return 1.0


@weight_of_a_hard_question.misconception()
def ratio_of_the_chances() -> float:
    """That is the ratio of the chances.

    What divides is the deviation √(p(1 − p)).
    """
    return 0.5 / 0.02


@weight_of_a_hard_question.misconception()
def root_of_the_chances() -> float:
    """That is the root of the ratio of the chances.

    The deviation is √(p(1 − p)), with 1 − p too.
    """
    return float(np.sqrt(0.5 / 0.02))
