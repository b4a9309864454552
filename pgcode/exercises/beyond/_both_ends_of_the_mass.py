"""The edge that moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.chapters import GENERAL_SPACES

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


_NO_DENSITY = GENERAL_SPACES.section("Where there is no density to differentiate")


def _edges(rng: Generator) -> Arguments:
    """Rewards that are polynomials of the action, by their coefficients from the constant on."""
    for degree, theta in ((2, 1.5), (3, 0.7), (1, 4.0)):
        yield rng.standard_normal(degree + 1), theta


def _mean(coefficients: Array, theta: float) -> float:
    """The mean of the polynomial on [0, θ]."""
    powers = np.arange(len(coefficients))
    return float(np.sum(coefficients * theta**powers / (powers + 1)))


def _at(coefficients: Array, theta: float) -> float:
    return float(np.sum(coefficients * theta ** np.arange(len(coefficients))))


@function_exercise(
    title="An edge that moves",
    cases=_edges,
    shows="Mass appears at the edge and vanishes everywhere: c = 1/θ times the reward at θ less the mean reward. The "
    "score sees the second part alone.",
    hints=[
        "The actions are uniform on [0, θ]. When θ grows, mass appears at θ, and it is taken from everywhere.",
        "dJ/dθ = c (E q(a⁺) − E q(a⁻)) with c = 1/θ, a⁺ = θ and a⁻ uniform.",
        "The mean of aᵏ on [0, θ] is θᵏ/(k + 1).",
    ],
    see=_NO_DENSITY,
)
def both_ends_of_the_mass(coefficients: Array, theta: float) -> Any:
    """Return dJ/dθ for a uniform on [0, θ] and the reward q(a) = Σ_k c_k aᵏ, a number."""
    powers = np.arange(len(coefficients))
    at_the_edge = np.sum(coefficients * theta**powers)
    mean = np.sum(coefficients * theta**powers / (powers + 1))
    return (at_the_edge - mean) / theta


@both_ends_of_the_mass.misconception()
def score_alone(coefficients: Array, theta: float) -> Any:
    """Your result is the mean of score times reward: −1/θ times the mean.

    The score does not see the mass that appears at the edge. Its part is q(θ)/θ.
    """
    return -_mean(coefficients, theta) / theta


@both_ends_of_the_mass.misconception()
def edge_alone(coefficients: Array, theta: float) -> Any:
    """Your result is the part of the edge alone, q(θ)/θ.

    The mass that appears there is taken from everywhere: the mean goes down by 1/θ of itself.
    """
    return _at(coefficients, theta) / theta


@both_ends_of_the_mass.misconception()
def rate_left_out(coefficients: Array, theta: float) -> Any:
    """The factor 1/θ is missing.

    That is the rate at which mass moves: the density at the edge.
    """
    return _at(coefficients, theta) - _mean(coefficients, theta)


@both_ends_of_the_mass.misconception()
def parts_added(coefficients: Array, theta: float) -> Any:
    """The two parts are added.

    What appears at the edge is taken from everywhere: they have opposite signs.
    """
    return (_at(coefficients, theta) + _mean(coefficients, theta)) / theta


@both_ends_of_the_mass.misconception()
def objective_for_its_slope(coefficients: Array, theta: float) -> Any:
    """Your result is J itself, the mean of the reward.

    Asked for is its derivative by θ.
    """
    return _mean(coefficients, theta)


@both_ends_of_the_mass.misconception()
def slope_of_the_reward(coefficients: Array, theta: float) -> Any:
    """Your result is q'(θ), the slope of the reward at the edge.

    The actions are spread over [0, θ]: what moves is their distribution.
    """
    return np.sum(np.arange(1, len(coefficients)) * coefficients[1:] * theta ** np.arange(len(coefficients) - 1))


@both_ends_of_the_mass.also_right
def _term_by_term(coefficients: Array, theta: float) -> Any:
    """The sum over k of k/(k + 1) c_k θ^(k − 1)."""
    k = np.arange(len(coefficients))
    return np.sum(k / (k + 1) * coefficients * theta ** (k - 1.0))


@both_ends_of_the_mass.misconception()
def reward_of_the_mean_action(coefficients: Array, theta: float) -> Any:
    """The reward at the mean action θ/2 stands for the mean reward.

    The mean of q(a) is not q of the mean, unless q is a straight line.
    """
    powers = np.arange(len(coefficients))
    return (np.sum(coefficients * theta**powers) - np.sum(coefficients * (theta / 2) ** powers)) / theta
