"""How many seeds tell two learners apart."""

from __future__ import annotations

from pgcode.exercises import number_exercise
from pgcode.exercises.practice._shared import SEEDS

_APART, _DEVIATION, _ERRORS = 1.0, 2.0, 2.0


@number_exercise(
    title="Seeds that tell two learners apart",
    shows="Both means are noisy: the variance of their difference is 2 · 2²/n, and 2 √(8/n) = 1 at n = 32. "
    "With five seeds "
    "the standard error of the difference is 1.26, more than the difference itself.",
    hints=[
        "The mean of n seeds has the variance 2²/n.",
        "The two learners have seeds of their own, so the variances of their means add up.",
        "Set twice the root of that to 1.",
    ],
    see=SEEDS,
)
def seeds_needed() -> float:
    """Predict n, the seeds of each learner, for a difference of 1 to be twice its standard error, with σ = 2."""
    return 2 * _DEVIATION**2 * (_ERRORS / _APART) ** 2


@seeds_needed.misconception()
def noise_of_one_learner() -> float:
    """That is enough for the mean of one learner.

    The other's mean is as noisy, and the variances add up.
    """
    return _DEVIATION**2 * (_ERRORS / _APART) ** 2


@seeds_needed.misconception()
def one_standard_error() -> float:
    """With so many the difference is one standard error.

    Twice that is asked for, and it costs four times the seeds.
    """
    return 2 * _DEVIATION**2 / _APART**2


@seeds_needed.misconception()
def a_seed_too_few() -> float:
    """With 31 seeds twice the standard error is 2 √(8/31) = 1.016, still more than the difference.

    Round up, not down.
    """
    return 31.0


@seeds_needed.misconception()
def a_seed_too_many() -> float:
    """With 32 seeds twice the standard error is 2 √(8/32) = 1 already.

    σ is known here: nothing is lost to estimating it.
    """
    return 33.0


@seeds_needed.misconception()
def deviations_added() -> float:
    """You added the deviations of the two means.

    Their variances add up.
    """
    return (2 * _DEVIATION) ** 2 * (_ERRORS / _APART) ** 2
