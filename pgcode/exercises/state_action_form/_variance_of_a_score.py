"""The variance of one draw, by the score and by the path."""

from __future__ import annotations

from pgcode.exercises import number_exercise
from pgcode.exercises.chapters import FROM_Q_TO_SAMPLES

_NAMES = FROM_Q_TO_SAMPLES.section("B11: the score function and its name")
_SLOPE, _SIGMA = 3.0, 0.5
#: The mean of z⁴ for a standard normal z.
_FOURTH = 3.0


@number_exercise(
    title="A straight line, two estimates",
    shows="With a = σz the score is z/σ and the reward 3σz, so the estimate is 3z². Its mean is 3, the slope, and its "
    "variance is 9 (E z⁴ − 1) = 9 · 2 = 18, for every σ. Differentiating through the draw gives 3 each time, with "
    "variance 0. On a line that is known the path wins; the score asks only for the reward, not for its slope.",
    hints=[
        "Write a = σz with a standard normal z. What is the score of a, and what the reward?",
        "E z² = 1 and E z⁴ = 3. The variance is the mean of the square less the square of the mean.",
    ],
    see=_NAMES,
)
def variance_of_a_score() -> float:
    """Predict the variance of score times reward, for one draw; the reward is 3a, and θ = 0."""
    return _SLOPE**2 * (_FOURTH - 1)


@variance_of_a_score.misconception()
def variance_of_the_path() -> float:
    """That is the variance of the other estimate, which differentiates through the draw.

    It is 3 each time. Score times reward is 3z².
    """
    return 0.0


@variance_of_a_score.misconception()
def mean_not_subtracted() -> float:
    """That is the mean of the square.

    The square of the mean, 9, is still to be subtracted.
    """
    return _SLOPE**2 * _FOURTH


@variance_of_a_score.misconception()
def square_of_the_mean() -> float:
    """That is the square of the mean."""
    return _SLOPE**2


@variance_of_a_score.misconception()
def standard_deviation() -> float:
    """That is the standard deviation, the root of the variance."""
    return float((_SLOPE**2 * (_FOURTH - 1)) ** 0.5)


@variance_of_a_score.misconception()
def deviation_left_in() -> float:
    """You kept a factor σ².

    The score has 1/σ and the reward σ: they cancel.
    """
    return _SLOPE**2 * (_FOURTH - 1) * _SIGMA**2


@variance_of_a_score.misconception()
def slope_not_squared() -> float:
    """You multiplied the variance of z² by the slope.

    A variance takes the square of a factor.
    """
    return _SLOPE * (_FOURTH - 1)
