"""Bias and noise."""

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


_BIASED = HOW_FAR_OFF.section("Biased, or just noisy?")


def _estimators(rng: Generator) -> Arguments:
    for outcomes, size, m in ((4, 2, 10), (6, 3, 1), (3, 1, 25), (5, 4, 3)):
        yield rng.dirichlet(np.ones(outcomes)), rng.standard_normal((outcomes, size)), rng.standard_normal(size), m


@function_exercise(
    title="Bias and noise",
    cases=_estimators,
    shows="The mean squared error is the sum of both parts. More walks make the second smaller, and never the first.",
    hints=[
        "First the mean of one walk's estimate, Σ_i P(τ_i) g_i. How far is it from ∇J?",
        "The noise of one walk is Σ_i P(τ_i) ‖g_i − E g‖², about its own mean and not about ∇J.",
        "The mean of m walks has the m-th part of that noise, and the whole bias.",
    ],
    see=_BIASED,
)
def error_parts(probability: Array, g: Array, gradient: Array, m: int) -> Any:
    """Return ‖E ĝ − ∇J‖² and tr Σ₁/m, two numbers, for the mean ĝ of m walks; row i of g has the given probability."""
    mean = probability @ g
    noise = probability @ np.sum((g - mean) ** 2, axis=1)
    return np.sum((mean - gradient) ** 2), noise / m


@error_parts.made_of
def _made(
    probability: Array,
    g: Array,
    gradient: Array,
    m: int,
    *,
    bias: Callable[[Array, int], float] = lambda off, m: float(np.sum(off**2)),
    about: Callable[[Array, Array], Array] = lambda mean, gradient: mean,
    share: Callable[[int], float] = float,
    weights: Callable[[Array], Array] = lambda probability: probability,
) -> Any:
    chances = weights(probability)
    mean = chances @ g
    noise = chances @ np.sum((g - about(mean, gradient)) ** 2, axis=1)
    return bias(mean - gradient, m), noise / share(m)


error_parts.variation(
    "noise about the gradient",
    "The second part is measured about ∇J. That is the whole squared error, with the bias in it; the noise is measured "
    "about the estimate's own mean.",
    about=lambda mean, gradient: gradient,
)
error_parts.variation(
    "noise of one walk",
    "The second part is that of one walk. The mean of m walks has the m-th part of it.",
    share=lambda m: 1.0,
)
error_parts.variation(
    "root of the number of walks",
    "The noise is divided by √m. The variance falls like 1/m, and its root like 1/√m.",
    share=np.sqrt,
)
error_parts.variation(
    "bias averaged away",
    "The bias is divided by m too. Every walk is biased alike, and no average takes that away.",
    bias=lambda off, m: float(np.sum(off**2) / m),
)
error_parts.variation(
    "length of the bias",
    "The first part is the length of the bias. In the sum stands its square.",
    bias=lambda off, m: float(np.linalg.norm(off)),
)
error_parts.variation(
    "every walk alike",
    "All walks count alike. Each counts with its probability.",
    weights=lambda probability: np.full(len(probability), 1 / len(probability)),
)


@error_parts.also_right
def _by_second_moments(probability: Array, g: Array, gradient: Array, m: int) -> Any:
    """The second moment less the square of the mean."""
    mean = probability @ g
    second = probability @ g**2
    return np.sum((mean - gradient) ** 2), np.sum(second - mean**2) / m


@error_parts.also_right
def _by_the_covariance(probability: Array, g: Array, gradient: Array, m: int) -> Any:
    """The trace of the covariance."""
    mean = probability @ g
    off = g - mean
    covariance = off.T @ (probability[:, None] * off)
    return np.sum((mean - gradient) ** 2), np.trace(covariance) / m


@error_parts.misconception()
def correction_of_a_sample(probability: Array, g: Array, gradient: Array, m: int) -> Any:
    """The noise is divided by 1 − Σ P², as `np.cov` does with `aweights` unless told `ddof=0`.

    That corrects for a mean that was estimated from a sample. Here every probability is known.
    """
    mean = probability @ g
    noise = probability @ np.sum((g - mean) ** 2, axis=1)
    return np.sum((mean - gradient) ** 2), noise / (1 - np.sum(probability**2)) / m
