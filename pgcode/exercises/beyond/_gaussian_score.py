"""The score of a Gaussian."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.chapters import GENERAL_SPACES

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


_LINE = GENERAL_SPACES.section("What the theorem does on a line")


def _draws(rng: Generator) -> Arguments:
    for size, mean, log_deviation in ((4, 0.3, 0.5), (1, -2.0, -1.0), (6, 1.0, 0.2)):
        yield mean + np.exp(log_deviation) * rng.standard_normal(size), mean, log_deviation


@function_exercise(
    title="The score of a Gaussian",
    cases=_draws,
    shows="An action above the mean pulls the mean up; one farther away than the deviation widens the policy. Both "
    "have the mean zero.",
    hints=[
        "log π = −(a − x)²/(2σ²) − log σ − ½ log 2π.",
        "Differentiate by x: the inner derivative turns the sign round.",
        "By the logarithm of σ: d/d log σ = σ d/dσ. The term −log σ gives −1.",
    ],
    see=_LINE,
)
def gaussian_score(actions: Array, mean: float, log_deviation: float) -> Any:
    """Return the derivatives of log π(a) by the mean x and by log σ, for each action, shape (2, len(actions))."""
    deviation = np.exp(log_deviation)
    z = (actions - mean) / deviation
    return np.stack([z / deviation, z**2 - 1])


@gaussian_score.made_of
def _made(
    actions: Array,
    mean: float,
    log_deviation: float,
    *,
    wide: Callable[[float], float] = np.exp,
    by_mean: Callable[[Array, float], Array] = lambda z, deviation: z / deviation,
    by_width: Callable[[Array, float], Array] = lambda z, deviation: z**2 - 1,
    joined: Callable[[list[Array]], Array] = np.stack,
) -> Any:
    deviation = wide(log_deviation)
    z = (actions - mean) / deviation
    return joined([by_mean(z, deviation), by_width(z, deviation)])


gaussian_score.variation(
    "variance left out",
    "The derivative by the mean is a − x here. It is divided by σ²: a narrow policy has long scores.",
    by_mean=lambda z, deviation: z * deviation,
)
gaussian_score.variation(
    "divided by the deviation once",
    "The derivative by the mean is (a − x)/σ here. It is (a − x)/σ².",
    by_mean=lambda z, deviation: z,
)
gaussian_score.variation(
    "sign of the mean",
    "The derivative by the mean has the opposite sign. An action above the mean is made likelier by a larger mean.",
    by_mean=lambda z, deviation: -z / deviation,
)
gaussian_score.variation(
    "normaliser of the width forgotten",
    "The derivative by log σ has no −1. The density is divided by σ, which gives −log σ in its logarithm.",
    by_width=lambda z, deviation: z**2,
)
gaussian_score.variation(
    "derivative by the deviation itself",
    "The second row is the derivative by σ. By log σ it is σ times that.",
    by_width=lambda z, deviation: (z**2 - 1) / deviation,
)
gaussian_score.variation(
    "logarithm taken for the deviation",
    "log σ was used as σ. Take its exponential.",
    wide=lambda log_deviation: log_deviation,
)
gaussian_score.variation(
    "rows exchanged",
    "The rows are exchanged: first the mean, then log σ.",
    joined=lambda rows: np.stack(rows[::-1]),
)
gaussian_score.variation(
    "one column for each derivative",
    "The two axes are exchanged: a row for each derivative is asked for.",
    joined=lambda rows: np.stack(rows, axis=1),
)


@gaussian_score.also_right
def _by_the_variance(actions: Array, mean: float, log_deviation: float) -> Array:
    """Both derivatives with the variance."""
    off, variance = actions - mean, np.exp(2 * log_deviation)
    return np.array([off / variance, off**2 / variance - 1])


@gaussian_score.misconception()
def logarithm_of_the_variance(actions: Array, mean: float, log_deviation: float) -> Array:
    """The parameter is taken for the logarithm of the variance.

    It is log σ: the variance is its exponential, squared.
    """
    off, variance = actions - mean, np.exp(log_deviation)
    return np.stack([off / variance, (off**2 / variance - 1) / 2])


@gaussian_score.misconception()
def half_of_the_square(actions: Array, mean: float, log_deviation: float) -> Array:
    """A half stands before z².

    log π has z²/2 in it, and z goes as 1/σ: the derivative of −z²/2 by log σ is z², without a half.
    """
    deviation = np.exp(log_deviation)
    z = (actions - mean) / deviation
    return np.stack([z / deviation, z**2 / 2 - 1])
