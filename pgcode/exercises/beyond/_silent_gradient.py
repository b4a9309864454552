"""A policy without chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.chapters import OFF_POLICY

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _parabolas(rng: Generator) -> Arguments:
    """Features of the states, visits, parameters, and Q as a parabola of the action in each state."""
    for states, size in ((3, 2), (4, 3), (2, 2)):
        yield (
            rng.standard_normal((states, size)),
            rng.uniform(0.3, 2.0, states),
            rng.standard_normal(size),
            rng.uniform(0.4, 2.0, states),
            rng.standard_normal(states),
        )


@function_exercise(
    title="A policy without chance",
    cases=_parabolas,
    shows="Each visited state says by the slope of Q which way its action should move, and ∇a_θ = x(s) how θ moves it.",
    hints=[
        "The action in s is a = θ·x(s), so ∇a_θ(s) = x(s).",
        "The slope of Q(s, a) = −c(s) (a − b(s))² by a is −2 c(s) (a − b(s)), taken at a = θ·x(s).",
        "Sum over the states: visits × slope × features.",
    ],
    see=OFF_POLICY.section("Policies without chance"),
)
def silent_gradient(features: Array, visits: Array, theta: Array, curvature: Array, best: Array) -> Any:
    """Return ∇J for the action θ·x(s), visits d_γ(s) and Q(s, a) = −c(s) (a − b(s))², shape (len(theta),)."""
    actions = features @ theta
    slopes = -2 * curvature * (actions - best)
    return (visits * slopes) @ features


@silent_gradient.made_of
def _made(
    features: Array,
    visits: Array,
    theta: Array,
    curvature: Array,
    best: Array,
    *,
    taken: Callable[[Array, Array], Array] = lambda features, theta: features @ theta,
    slope: Callable[[Array, Array, Array], Array] = lambda a, c, b: -2 * c * (a - b),
    weighed: Callable[[Array], Array] = lambda visits: visits,
    by_theta: Callable[[Array], Array] = lambda features: features,
) -> Any:
    actions = taken(features, theta)
    return (weighed(visits) * slope(actions, curvature, best)) @ by_theta(features)


silent_gradient.variation(
    "value for its slope",
    "Q itself stands where its slope by the action belongs. How good an action is does not say which way to move it.",
    slope=lambda a, c, b: -c * (a - b) ** 2,
)
silent_gradient.variation(
    "slope at the action zero",
    "The slope of Q is taken at a = 0. It is taken at the action of the policy, θ·x(s).",
    taken=lambda features, theta: np.zeros(len(features)),
)
silent_gradient.variation(
    "mean action for all states",
    "The slope is taken at one action for all states, their mean. Each state has its own, θ·x(s).",
    taken=lambda features, theta: np.full(len(features), np.mean(features @ theta)),
)
silent_gradient.variation(
    "half of the slope",
    "The slope is half as large: the derivative of (a − b)² has a factor 2.",
    slope=lambda a, c, b: -c * (a - b),
)
silent_gradient.variation(
    "curvature left out",
    "The factor c(s) is missing: a state in which a wrong action costs much should move θ more.",
    slope=lambda a, c, b: -2 * (a - b),
)
silent_gradient.variation(
    "slope with the other sign",
    "The sign is turned: this goes away from the best action.",
    slope=lambda a, c, b: 2 * c * (a - b),
)
silent_gradient.variation(
    "second derivative",
    "Your result holds the second derivative of Q by the action. The first is needed.",
    slope=lambda a, c, b: -2 * c,
)
silent_gradient.variation(
    "distance to the best action alone",
    "The slope is replaced by b(s) − a. It is 2 c(s) times that.",
    slope=lambda a, c, b: b - a,
)
silent_gradient.variation(
    "visits left out",
    "All states count alike. A state counts d_γ(s) times.",
    weighed=lambda visits: np.ones(len(visits)),
)
silent_gradient.variation(
    "visits divided by their sum",
    "The visits are divided by their sum. d_γ is not normalised: the direction stays, the length does not.",
    weighed=lambda visits: visits / visits.sum(),
)
silent_gradient.variation(
    "mean over the states",
    "The sum over the states is divided by their number. How often a state counts is in d_γ already.",
    weighed=lambda visits: visits / len(visits),
)


@silent_gradient.misconception()
def derivative_of_the_action_left_out(
    features: Array, visits: Array, theta: Array, curvature: Array, best: Array
) -> Any:
    """∇a_θ is missing: your result is the slope summed over the states, one number.

    The chain rule needs the derivative of the action by each parameter, x(s).
    """
    return np.sum(visits * -2 * curvature * (features @ theta - best))


@silent_gradient.misconception()
def a_row_for_each_state(features: Array, visits: Array, theta: Array, curvature: Array, best: Array) -> Any:
    """Your result has a row for each state.

    θ is shared: sum over the states.
    """
    return (visits * -2 * curvature * (features @ theta - best))[:, None] * features


@silent_gradient.also_right
def _differentiated(features: Array, visits: Array, theta: Array, curvature: Array, best: Array) -> Any:
    """Σ d Q(s, θ·x) with d held, differentiated as a whole."""
    matrix = features.T * (visits * curvature)
    return -2 * (matrix @ features @ theta - matrix @ best)
