"""The density of a squashed action."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.practice._shared import SQUASHING

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _draws(rng: Generator) -> Arguments:
    for size, mean, log_sigma, level in ((4, 0.3, -0.5, 0.0), (3, -0.8, 0.4, 0.0), (3, 1.0, 1.5, 25.0)):
        yield level + mean + np.exp(log_sigma) * rng.standard_normal(size), mean, log_sigma


@function_exercise(
    title="Repair: the density of tanh z",
    cases=_draws,
    shows="The density of a is that of z divided by the slope of tanh. Written with z, the logarithm of the slope, "
    "2 log 2 − 2|z| − 2 log(1 + e^(−2|z|)), is exact even where tanh z is 1 in every digit.",
    hints=[
        "What is reported is the density of z. The action is a = tanh z. Which factor takes one to the other?",
        "da/dz = 1 − tanh² z, and log π(a) = log π(z) − log(1 − tanh² z).",
        "At z = 25 the slope is rounded to 0. It is 1/cosh² z: write its logarithm with |z| and e^(−2|z|).",
    ],
    see=SQUASHING,
)
def squashed_log_density(z: Array, mean: float, log_sigma: float) -> Array:
    """Return log π(a) of a = tanh z for each z that was drawn from N(mean, σ²)."""
    standard = (z - mean) / np.exp(log_sigma)
    log_normal = -(standard**2) / 2 - log_sigma - np.log(2 * np.pi) / 2
    log_slope = 2 * (np.log(2) - abs(z) - np.log1p(np.exp(-2 * abs(z))))
    return log_normal - log_slope


def _log_normal(z: Array, mean: float, log_sigma: float) -> Array:
    standard = (z - mean) / np.exp(log_sigma)
    return np.asarray(-(standard**2) / 2 - log_sigma - np.log(2 * np.pi) / 2)


def _log_slope(z: Array) -> Array:
    return np.asarray(2 * (np.log(2) - abs(z) - np.log1p(np.exp(-2 * abs(z)))))


@squashed_log_density.misconception()
def slope_left_out(z: Array, mean: float, log_sigma: float) -> Array:
    """Your result is the density of z, not that of tanh z.

    Where tanh is flat, many z crowd into a few a: divide by its slope.
    """
    return _log_normal(z, mean, log_sigma)


@squashed_log_density.misconception()
def slope_multiplied(z: Array, mean: float, log_sigma: float) -> Array:
    """The logarithm of the slope is added.

    Where tanh is flat the mass is squeezed together and the density larger: subtract it.
    """
    return np.asarray(_log_normal(z, mean, log_sigma) + _log_slope(z))


@squashed_log_density.misconception()
def half_of_the_slope(z: Array, mean: float, log_sigma: float) -> Array:
    """The logarithm of the slope counts half.

    The slope is 1/cosh² z, with a square.
    """
    return np.asarray(_log_normal(z, mean, log_sigma) - _log_slope(z) / 2)


@squashed_log_density.misconception()
def slope_for_its_logarithm(z: Array, mean: float, log_sigma: float) -> Array:
    """The slope itself is subtracted.

    Dividing the density by the slope subtracts its logarithm.
    """
    return np.asarray(_log_normal(z, mean, log_sigma) - np.exp(_log_slope(z)))


@squashed_log_density.misconception()
def normal_of_the_squashed_action(z: Array, mean: float, log_sigma: float) -> Array:
    """The normal density is taken at tanh z.

    What was drawn from the normal is z.
    """
    return np.asarray(_log_normal(np.tanh(z), mean, log_sigma) - _log_slope(z))


@squashed_log_density.misconception()
def spread_left_out(z: Array, mean: float, log_sigma: float) -> Array:
    """The term −log σ is missing.

    A narrow density is a high one.
    """
    return np.asarray(_log_normal(z, mean, log_sigma) + log_sigma - _log_slope(z))


@squashed_log_density.misconception()
def constant_left_out(z: Array, mean: float, log_sigma: float) -> Array:
    """The constant −½ log 2π is missing.

    No gradient needs it, but the density does.
    """
    return np.asarray(_log_normal(z, mean, log_sigma) + np.log(2 * np.pi) / 2 - _log_slope(z))


@squashed_log_density.misconception()
def small_number_in_the_logarithm(z: Array, mean: float, log_sigma: float) -> Array:
    """The logarithm is that of the slope plus 10⁻⁶.

    It avoids an infinity and changes the value: far out it stops at −13.8, and the true logarithm goes on.
    """
    return np.asarray(_log_normal(z, mean, log_sigma) - np.log(1 - np.tanh(z) ** 2 + 1e-6))


@squashed_log_density.misconception()
def small_number_and_no_spread(z: Array, mean: float, log_sigma: float) -> Array:
    """The term −log σ is missing, and the logarithm of the slope has 10⁻⁶ in it.

    A narrow density is a high one, and far out the slope is much smaller than 10⁻⁶.
    """
    return np.asarray(_log_normal(z, mean, log_sigma) + log_sigma - np.log(1 - np.tanh(z) ** 2 + 1e-6))


@squashed_log_density.misconception()
def slope_rounded_to_zero(z: Array, mean: float, log_sigma: float) -> Array:
    """The logarithm is that of 1 − tanh² z, which is rounded to 0 for large z.

    Write the slope as 1/cosh² z, and its logarithm with |z| and e^(−2|z|).
    """
    return np.asarray(_log_normal(z, mean, log_sigma) - np.log(1 - np.tanh(z) ** 2))


@squashed_log_density.misconception()
def normal_density_of_the_action(z: Array, mean: float, log_sigma: float) -> Array:
    """Your result is the normal density at tanh z, and the slope is left out.

    What was drawn from the normal is z, and the density of tanh z is that of z divided by the slope.
    """
    return _log_normal(np.tanh(z), mean, log_sigma)
