"""A step in widths of the policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.practice._shared import SPREAD

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _gradients(rng: Generator) -> Arguments:
    for log_sigma, alpha in ((-1.0, 0.1), (0.5, 0.02), (-2.5, 1.0)):
        yield rng.standard_normal(2), log_sigma, alpha


@function_exercise(
    title="Repair: a step that does not shake",
    cases=_gradients,
    shows="The Fisher information of a Gaussian is 1/σ² for its mean and 2 for log σ. Divided by it, a step is "
    "as long as "
    "the policy is wide, and the noise of the score, which grows like 1/σ, cancels.",
    hints=[
        "The variance of the score by the mean is 1/σ². What is it by log σ?",
        "The natural gradient divides each entry by its variance.",
        "σ² = exp(2 log σ).",
    ],
    see=SPREAD,
)
def scaled_step(gradient: Array, log_sigma: float, alpha: float) -> Array:
    """Return the natural step α F⁻¹ g for the mean and log σ of a Gaussian, shape (2,)."""
    sigma = np.exp(log_sigma)
    return alpha * gradient * np.array([sigma**2, 1 / 2])


def _by(gradient: Array, alpha: float, mean: float, spread: float) -> Array:
    return np.asarray(alpha * gradient * np.array([mean, spread]))


@scaled_step.misconception()
def plain_step(gradient: Array, log_sigma: float, alpha: float) -> Array:
    """Your result is the plain step α g.

    As σ falls, the noise of its first entry grows like 1/σ.
    """
    return _by(gradient, alpha, 1.0, 1.0)


@scaled_step.misconception()
def deviation_for_variance(gradient: Array, log_sigma: float, alpha: float) -> Array:
    """The first entry is multiplied by σ.

    The information about the mean is 1/σ²: multiply by σ².
    """
    return _by(gradient, alpha, np.exp(log_sigma), 0.5)


@scaled_step.misconception()
def information_multiplied(gradient: Array, log_sigma: float, alpha: float) -> Array:
    """The gradient is multiplied by the information.

    The natural gradient is multiplied by its inverse.
    """
    return _by(gradient, alpha, np.exp(-2 * log_sigma), 2.0)


@scaled_step.misconception()
def half_forgotten(gradient: Array, log_sigma: float, alpha: float) -> Array:
    """The second entry is not divided by 2.

    The variance of ε² − 1 is 2.
    """
    return _by(gradient, alpha, np.exp(2 * log_sigma), 1.0)


@scaled_step.misconception()
def spread_scaled_alike(gradient: Array, log_sigma: float, alpha: float) -> Array:
    """Both entries are multiplied by σ².

    The score by log σ, ε² − 1, has the same variance at every σ.
    """
    return _by(gradient, alpha, np.exp(2 * log_sigma), np.exp(2 * log_sigma))


@scaled_step.misconception()
def step_of_the_deviation(gradient: Array, log_sigma: float, alpha: float) -> Array:
    """The second entry is multiplied by σ²/2, as for a policy whose parameter is σ.

    Here it is log σ, whose score, ε² − 1, has the variance 2 at every σ: divide by 2.
    """
    return _by(gradient, alpha, np.exp(2 * log_sigma), np.exp(2 * log_sigma) / 2)


@scaled_step.misconception()
def logarithm_taken_for_the_deviation(gradient: Array, log_sigma: float, alpha: float) -> Array:
    """The number log σ was used as σ.

    Take its exponential.
    """
    return _by(gradient, alpha, log_sigma**2, 0.5)


@scaled_step.misconception()
def entries_exchanged(gradient: Array, log_sigma: float, alpha: float) -> Array:
    """The two factors are exchanged.

    The mean comes first.
    """
    return _by(gradient, alpha, 0.5, np.exp(2 * log_sigma))


@scaled_step.also_right
def _by_the_information(gradient: Array, log_sigma: float, alpha: float) -> Array:
    """The gradient divided by the Fisher information."""
    sigma = np.exp(log_sigma)
    information = np.array([1 / sigma**2, 2.0])
    return np.asarray(alpha * gradient / information)
