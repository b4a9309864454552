"""Four thousand trajectories more."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.environments import random_mdp
from pgcode.exercises import (
    number_exercise,
)
from pgcode.exercises.chapters import HOW_FAR_OFF
from pgcode.moments import full_return_moments
from pgcode.policies import SoftmaxPolicy

Array = NDArray[Any]
Generator = np.random.Generator


_HOW_MANY = HOW_FAR_OFF.section("How many walks")


def _standard_error(n_trajectories: float) -> float:
    """The exact standard error of one entry of A15, for a process of no importance: the factor is the same in all."""
    mdp, policy = random_mdp(np.random.default_rng(0)), SoftmaxPolicy(3, 2)
    moments = full_return_moments(mdp, policy, np.zeros((3, 2)))
    return float(moments.standard_deviation[0, 0] / np.sqrt(n_trajectories))


@number_exercise(
    title="Four thousand trajectories more",
    shows="The covariance of the mean is Σ₁/m. 500 and 4000 are 4500 trajectories, nine times as many, so the "
    "variance falls to a ninth and the standard error to a third. That is so for every entry, every policy and every "
    "decision process: only Σ₁ differs, and it cancels.",
    hints=[
        "All 4500 trajectories come from the same policy and are independent, so they make one estimate.",
        "What is divided by m is the variance.",
        "The standard error is the root of the variance. Nine times as many trajectories: the root of a ninth.",
    ],
    see=_HOW_MANY,
    tolerance=0.02,
)
def factor_of_the_standard_error() -> float:
    """Predict by which factor the standard error is multiplied when 500 trajectories become 4500."""
    return _standard_error(4500) / _standard_error(500)


@factor_of_the_standard_error.misconception()
def variance_for_standard_error() -> float:
    """That is the factor of the variance.

    The variance is divided by the number of trajectories. The standard error is the root of the variance.
    """
    return (_standard_error(4500) / _standard_error(500)) ** 2


@factor_of_the_standard_error.misconception()
def only_the_new_ones() -> float:
    """You compared the 500 trajectories with the 4000 new ones.

    The 500 are still good: they come from the same policy, and all 4500 make one estimate.
    """
    return _standard_error(4000) / _standard_error(500)


@factor_of_the_standard_error.misconception()
def upside_down() -> float:
    """You turned the factor over.

    It is the later standard error divided by the earlier one, and more trajectories make it smaller.
    """
    return _standard_error(500) / _standard_error(4500)


@factor_of_the_standard_error.misconception()
def number_of_trajectories() -> float:
    """That is the factor of the number of trajectories.

    The standard error falls while the number grows, and more slowly: with its root.
    """
    return 4500 / 500
