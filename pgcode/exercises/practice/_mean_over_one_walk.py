"""A batch of one walk, divided by its steps."""

from __future__ import annotations

import numpy as np

from pgcode.exercises import number_exercise
from pgcode.exercises.practice._shared import MEANS

_CHANCE, _STEPS, _SUMS = np.array([0.5, 0.5]), np.array([1.0, 7.0]), np.array([1.0, -2.0])


@number_exercise(
    title="A mean over steps that points the wrong way",
    shows="½ · 1/1 + ½ · (−2)/7 = 0.357, while J' = ½ · 1 + ½ · (−2) = −0.5. The long walk was bad, and its "
    "length takes "
    "its weight away.",
    hints=[
        "Each batch is one walk. Divide its sum by its own number of steps.",
        "Then take the mean over the two walks, ½ each.",
    ],
    see=MEANS,
)
def mean_over_one_walk() -> float:
    """Predict the mean of the estimate; half of the walks have 1 step and the sum 1, half have 7 and the sum −2."""
    return float(np.sum(_CHANCE * _SUMS / _STEPS))


@mean_over_one_walk.misconception()
def mean_over_walks() -> float:
    """That is the mean over walks, which is J'.

    The program divides each batch by its number of steps.
    """
    return float(np.sum(_CHANCE * _SUMS))


@mean_over_one_walk.misconception()
def ratio_of_the_means() -> float:
    """That is the mean sum divided by the mean length.

    Each batch is divided by its own length: the mean of a ratio is not the ratio of the means.
    """
    return float(np.sum(_CHANCE * _SUMS) / np.sum(_CHANCE * _STEPS))


@mean_over_one_walk.misconception()
def not_weighted() -> float:
    """You added both walks up.

    Each comes half of the time.
    """
    return float(np.sum(_SUMS / _STEPS))


@mean_over_one_walk.misconception()
def length_multiplied() -> float:
    """You multiplied by the lengths.

    The program divides by them.
    """
    return float(np.sum(_CHANCE * _SUMS * _STEPS))
