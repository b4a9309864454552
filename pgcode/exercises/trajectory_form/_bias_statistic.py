"""A statistic for a bias."""

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


_TEST = HOW_FAR_OFF.section("A test for bias")


def _samples(rng: Generator) -> Arguments:
    """Covariances of full and of lower rank."""
    for size, rank, n in ((2, 2, 50), (3, 2, 400), (4, 3, 7), (3, 1, 1000)):
        factor = rng.standard_normal((size, rank))
        gradient = rng.standard_normal(size)
        estimate = gradient + factor @ rng.standard_normal(rank) / np.sqrt(n)
        yield estimate, gradient, factor @ factor.T, n


@function_exercise(
    title="One number for a whole vector",
    cases=_samples,
    shows="The deviation is measured in units of its own spread, in all directions at once. Directions in which "
    "nothing varies are left out by the pseudo-inverse.",
    hints=[
        "z = ĝ − ∇J, and the statistic is n zᵀ Σ⁺ z.",
        "`np.linalg.pinv(covariance)` is the pseudo-inverse. An inverse does not exist where the rank is lower.",
        "Σ is the covariance of one walk. The n before the product makes it that of the mean.",
    ],
    see=_TEST,
)
def bias_statistic(estimate: Array, gradient: Array, covariance: Array, n: int) -> Any:
    """Return n zᵀ Σ⁺ z with z = ĝ − ∇J, a number; Σ is the covariance of one walk."""
    z = estimate - gradient
    return n * z @ np.linalg.pinv(covariance) @ z


@bias_statistic.made_of
def _made(
    estimate: Array,
    gradient: Array,
    covariance: Array,
    n: int,
    *,
    turned: Callable[[Array], Array] = lambda covariance: np.linalg.pinv(covariance),
    times: Callable[[int], float] = float,
    off: Callable[[Array, Array], Array] = lambda estimate, gradient: estimate - gradient,
) -> Any:
    z = off(estimate, gradient)
    return times(n) * z @ turned(covariance) @ z


bias_statistic.variation(
    "number of walks left out",
    "The n is missing. Σ is the covariance of one walk, and that of the mean is Σ/n.",
    times=lambda n: 1.0,
)
bias_statistic.variation(
    "root of the number of walks",
    "The factor is √n. The deviation stands in the square, so n does too.",
    times=np.sqrt,
)
bias_statistic.variation(
    "covariance not inverted",
    "The deviation is multiplied by Σ. It is to be measured in units of the spread: by Σ⁺.",
    turned=lambda covariance: covariance,
)
bias_statistic.variation(
    "entries for themselves",
    "Each entry is divided by its own variance. The entries go together, and that is what Σ⁺ takes into account.",
    turned=lambda covariance: np.diag(1 / np.diag(covariance)),
)
bias_statistic.variation(
    "spread left out",
    "This is n times the squared length of the deviation. How much it varies is left out: Σ⁺ stands between.",
    turned=lambda covariance: np.eye(len(covariance)),
)
bias_statistic.variation(
    "estimate for its deviation",
    "The estimate itself stands on both sides. What is tested is how far it is from ∇J.",
    off=lambda estimate, gradient: estimate,
)


@bias_statistic.misconception()
def root_of_the_statistic(estimate: Array, gradient: Array, covariance: Array, n: int) -> Any:
    """The root was taken.

    That is a number of standard errors. What has the χ² distribution is its square.
    """
    return np.sqrt(bias_statistic.reference(estimate, gradient, covariance, n))


@bias_statistic.also_right
def _of_the_mean(estimate: Array, gradient: Array, covariance: Array, n: int) -> Any:
    """The quadratic form with the covariance of the mean."""
    z = estimate - gradient
    return z @ np.linalg.pinv(covariance / n) @ z
