"""Gradient ascent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises.chapters import GRADIENT_ASCENT

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _hills(rng: Generator) -> Arguments:
    for n_arms, step_size, n_steps in ((2, 0.5, 3), (4, 0.1, 1), (3, 2.0, 6)):
        yield _bandit_gradient(rng.standard_normal(n_arms)), rng.standard_normal(n_arms), step_size, n_steps


def _bandit_gradient(pays: Array) -> Callable[[Array], Array]:
    """The gradient of J(θ) = Σ_a π(a) r(a) as a function of θ."""

    def gradient(theta: Array) -> Array:
        pi = np.exp(theta - theta.max())
        pi /= pi.sum()
        return pi * (pays - pi @ pays)

    return gradient


@function_exercise(
    title="Gradient ascent",
    cases=_hills,
    shows="A1 is one line, repeated. Everything else in this book is about where the gradient comes from.",
    hints=[
        "One step is θ ← θ + α ∇J(θ).",
        "`gradient` is a function: call it anew at each θ.",
        "Repeat `theta = theta + …` in a loop of `n_steps` and return the last θ.",
    ],
    see=GRADIENT_ASCENT.section("A1: the update"),
)
def gradient_ascent(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """Return θ after n_steps of θ ← θ + α ∇J(θ)."""
    for _ in range(n_steps):
        theta = theta + step_size * gradient(theta)
    return theta


@gradient_ascent.misconception()
def descent_for_ascent(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """You walked downhill.

    J is to be raised: the step has the sign of the gradient. The minus belongs to descent, on −J.
    """
    for _ in range(n_steps):
        theta = theta - step_size * gradient(theta)
    return theta


@gradient_ascent.misconception()
def step_size_forgotten(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """You added the gradient without the step size.

    Multiply it by α.
    """
    for _ in range(n_steps):
        theta = theta + gradient(theta)
    return theta


@gradient_ascent.misconception()
def gradient_of_the_start(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """You used the gradient at the first θ for all steps.

    The slope changes from place to place: compute it anew at each θ.
    """
    return theta + n_steps * step_size * gradient(theta)


@gradient_ascent.misconception()
def one_step_only(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """You made one step.

    Repeat it n_steps times; a `return` inside the loop ends it at once.
    """
    return theta + step_size * gradient(theta)


@gradient_ascent.misconception()
def one_step_too_few(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """You made one step too few.

    `range(n_steps)` already counts n_steps times.
    """
    for _ in range(n_steps - 1):
        theta = theta + step_size * gradient(theta)
    return theta


@gradient_ascent.misconception()
def one_step_too_many(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """You made one step too many.

    `range(n_steps)` already counts n_steps times.
    """
    for _ in range(n_steps + 1):
        theta = theta + step_size * gradient(theta)
    return theta


@gradient_ascent.misconception()
def step_for_the_parameter(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """You replaced θ by the step.

    The step is added to θ: where you are counts.
    """
    for _ in range(n_steps):
        theta = step_size * gradient(theta)
    return theta


@gradient_ascent.misconception()
def steps_of_one_length(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """You divided the gradient by its length, so that all steps are equally long.

    A1 adds α ∇J as it is: where the slope is small, so is the step.
    """
    for _ in range(n_steps):
        slope = gradient(theta)
        theta = theta + step_size * slope / np.linalg.norm(slope)
    return theta


@gradient_ascent.made_of
def _made(
    gradient: Callable[[Array], Array],
    theta: Array,
    step_size: float,
    n_steps: int,
    *,
    scale: Callable[[float, int], float] = lambda step_size, step: step_size,
    direction: Callable[[Array], Array] = lambda slope: slope,
    more: int = 0,
    frozen: bool = False,
    sign: int = 1,
) -> Any:
    start = theta
    for step in range(n_steps + more):
        theta = theta + sign * scale(step_size, step) * direction(gradient(start if frozen else theta))
    return theta


gradient_ascent.variation("descent for ascent", sign=-1)
gradient_ascent.variation("step size forgotten", scale=lambda step_size, step: 1.0)
gradient_ascent.variation("gradient of the start", frozen=True)
gradient_ascent.variation("one step too few", more=-1)
gradient_ascent.variation("one step too many", more=1)
gradient_ascent.variation("steps of one length", direction=lambda slope: slope / np.linalg.norm(slope))
gradient_ascent.variation(
    "shrinking steps",
    "The step size is divided by the number of the step. A1 takes one α for all steps.",
    scale=lambda step_size, step: step_size / (step + 1),
)
gradient_ascent.variation(
    "powers of the step size",
    "The step size is raised to the power of the step. A1 takes one α for all steps.",
    scale=lambda step_size, step: step_size**step,
)
gradient_ascent.variation(
    "divided by the step size",
    "The gradient is divided by α. It is multiplied by it: a small α makes a small step.",
    scale=lambda step_size, step: 1 / step_size,
)
gradient_ascent.variation(
    "sign of the slope",
    "Each step follows the signs of the gradient alone. How steep the hill is counts too.",
    direction=np.sign,
)


@gradient_ascent.misconception()
def theta_never_assigned(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """The result is the θ that was given: the step was computed and not kept.

    `theta + …` makes a new array. Give it the name: `theta = theta + …`.
    """
    return theta


@gradient_ascent.misconception()
def gradient_at_the_end(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """Your result is the gradient at the last θ.

    What is asked for is θ itself, the place and not the slope.
    """
    return gradient(_made(gradient, theta, step_size, n_steps))


@gradient_ascent.misconception()
def all_the_way(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """These are all θ of the way, one in each row.

    What is asked for is the last of them.
    """
    return np.array([_made(gradient, theta, step_size, steps) for steps in range(n_steps + 1)])


@gradient_ascent.misconception()
def momentum(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """Each step carries 0.9 of the one before it along.

    That is ascent with momentum. Line A1 has the gradient at θ alone.
    """
    speed = np.zeros_like(theta)
    for _ in range(n_steps):
        speed = 0.9 * speed + gradient(theta)
        theta = theta + step_size * speed
    return theta


@gradient_ascent.misconception()
def parameters_multiplied(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """θ is multiplied by 1 + α ∇J.

    The step is added to θ, however large θ is.
    """
    for _ in range(n_steps):
        theta = theta * (1 + step_size * gradient(theta))
    return theta
