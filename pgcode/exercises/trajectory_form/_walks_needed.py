"""How many walks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.chapters import HOW_FAR_OFF

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


_HOW_MANY = HOW_FAR_OFF.section("How many walks")
_STANDARD_ERROR = HOW_FAR_OFF.section("What the standard error says")


def _pilots(rng: Generator) -> Arguments:
    for size, scale, error in ((20, 1.0, 0.05), (8, 30.0, 0.7), (50, 0.2, 0.01), (5, 2.0, 0.3)):
        yield scale * rng.standard_normal(size) + 1.0, error


def _ceiling(number: float) -> int:
    return int(np.ceil(number))


@function_exercise(
    title="How many walks do you need?",
    cases=_pilots,
    shows="A few walks tell the size of the variance, and with it how many walks a wished-for standard error costs. "
    "Half the error costs four times the walks.",
    hints=[
        "The standard error of a mean of m walks is √(Var/m). Solve for m.",
        "The variance of one walk is estimated from the pilot, with `ddof=1`.",
        "m is a whole number that is large enough: round up with `np.ceil`.",
    ],
    see=_HOW_MANY,
)
def walks_needed(pilot: Array, error: float) -> Any:
    """Return the smallest number m of walks for which the standard error √(Var/m) is at most the given error."""
    return np.ceil(pilot.var(ddof=1) / error**2)


@walks_needed.made_of
def _made(
    pilot: Array,
    error: float,
    *,
    spread: Callable[[Array], float] = lambda pilot: float(pilot.var(ddof=1)),
    against: Callable[[float], float] = lambda error: error**2,
    rounded: Callable[[float], float] = np.ceil,
) -> Any:
    return rounded(spread(pilot) / against(error))


walks_needed.variation(
    "standard deviation for the variance",
    "The standard deviation stands above ε². Var/m = ε² has the variance: the square of it.",
    _STANDARD_ERROR,
    spread=lambda pilot: float(pilot.std(ddof=1)),
)
walks_needed.variation(
    "error not squared",
    "The variance is divided by ε. The root is in √(Var/m) = ε: square both sides.",
    against=lambda error: error,
)
walks_needed.variation(
    "rounded down",
    "The number is rounded down. With one walk fewer the error is larger than what was wished for.",
    rounded=np.floor,
)
walks_needed.variation(
    "rounded to the nearest",
    "The number is rounded to the nearest. Where that is down, the error is larger than what was wished for.",
    rounded=np.round,
)
walks_needed.variation(
    "not rounded",
    "The number is not whole. There is no half of a walk: round up.",
    rounded=float,
)
walks_needed.variation(
    "m in the denominator",
    "The squares of the pilot are divided by m, `ddof=0`. With its own mean subtracted they are on average too small: "
    "divide by m − 1.",
    _STANDARD_ERROR,
    spread=lambda pilot: float(pilot.var()),
)
walks_needed.variation(
    "variance of the mean of the pilot",
    "The variance is divided by the size of the pilot. That is the variance of its mean; what is needed is that of one "
    "walk.",
    _STANDARD_ERROR,
    spread=lambda pilot: float(pilot.var(ddof=1) / len(pilot)),
)
walks_needed.variation(
    "second moment for the variance",
    "The mean of the squares stands for the variance. Take away the square of the mean.",
    _STANDARD_ERROR,
    spread=lambda pilot: float(np.mean(pilot**2)),
)


@walks_needed.misconception()
def half_width_of_an_interval(pilot: Array, error: float) -> Any:
    """The error is taken for half of an interval of 95 %, 1.96 standard errors.

    The standard error itself is to be at most the given number.
    """
    return np.ceil(1.96**2 * pilot.var(ddof=1) / error**2)


@walks_needed.misconception()
def two_standard_errors(pilot: Array, error: float) -> Any:
    """Two standard errors are to be at most the given number.

    Asked for is one.
    """
    return np.ceil(4 * pilot.var(ddof=1) / error**2)


@walks_needed.misconception()
def mean_square_for_the_variance(pilot: Array, error: float) -> Any:
    """The mean of the squares stands where the variance belongs.

    The variance is measured about the mean.
    """
    return np.ceil(np.mean(pilot**2) / error**2)


@walks_needed.misconception()
def square_forgotten(pilot: Array, error: float) -> Any:
    """The deviation is divided by ε, and the square is forgotten.

    √(Var/m) = ε gives m = Var/ε²: half the error costs four times the walks, and not twice as many.
    """
    return np.ceil(pilot.std(ddof=1) / error)


@walks_needed.misconception()
def square_forgotten_and_rounded_down(pilot: Array, error: float) -> Any:
    """The deviation is divided by ε, and the quotient is neither squared nor rounded up.

    √(Var/m) = ε gives m = Var/ε²: square it first, then round up.
    """
    return np.floor(pilot.std(ddof=1) / error)
