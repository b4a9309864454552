"""The step of a given size."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.chapters import HOW_FAR_TO_STEP

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]

_METRIC = HOW_FAR_TO_STEP.section("In which metric")
_REGION = HOW_FAR_TO_STEP.section("A step of a given size")


def _regions(rng: Generator) -> Arguments:
    for size, radius in ((2, 0.01), (3, 0.5), (4, 0.003), (2, 80.0)):  # in the last F⁻¹ g lies within
        scores = rng.standard_normal((3 * size, size))
        yield scores.T @ scores / size, rng.standard_normal(size), radius


@function_exercise(
    title="The step of a given size",
    cases=_regions,
    shows="The natural gradient, made as long as the divergence ε allows: ½ xᵀF x = ε.",
    hints=[
        "The direction is F⁻¹ g: solve F y = g.",
        "Along x = c y the divergence is ½ c² yᵀF y, and yᵀF y = gᵀy.",
        "So c² = 2ε / (gᵀ F⁻¹ g).",
    ],
    see=_REGION,
)
def step_in_the_region(fisher: Array, gradient: Array, radius: float) -> Any:
    """Return the x that makes gᵀx largest among those with ½ xᵀF x ≤ ε, of the gradient's shape."""
    natural = np.linalg.solve(fisher, gradient)
    return np.sqrt(2 * radius / (gradient @ natural)) * natural


@step_in_the_region.made_of
def _made(
    fisher: Array,
    gradient: Array,
    radius: float,
    *,
    direction: Callable[[Array, Array], Array] = np.linalg.solve,
    allowed: Callable[[float], float] = lambda radius: 2 * radius,
    square: Callable[[Array, Array, Array], Any] = lambda fisher, gradient, along: gradient @ along,
    root: Callable[[Any], Any] = np.sqrt,
) -> Any:
    along = direction(fisher, gradient)
    return root(allowed(radius) / square(fisher, gradient, along)) * along


step_in_the_region.variation(
    "root forgotten",
    "The length has no square root. The divergence grows with the square of the step.",
    root=lambda ratio: ratio,
)
step_in_the_region.variation(
    "half forgotten",
    "The step is √2 times too short: ½ xᵀF x is to be ε, not xᵀF x.",
    allowed=lambda radius: radius,
)
step_in_the_region.variation(
    "multiplied by the Fisher matrix",
    "The gradient is multiplied by F. The direction is F⁻¹ g.",
    see=_METRIC,
    direction=np.matmul,
)
step_in_the_region.variation(
    "slope of the gradient with itself",
    "Under the root stands gᵀg. The step is along F⁻¹ g, so it is gᵀF⁻¹g.",
    square=lambda fisher, gradient, along: gradient @ gradient,
)
step_in_the_region.variation(
    "measured by its own length",
    "The step has the length √(2ε) in θ. It is measured by what it changes in the policy, xᵀF x.",
    see=_METRIC,
    square=lambda fisher, gradient, along: along @ along,
)
step_in_the_region.variation(
    "diagonal of the Fisher matrix",
    "F is taken for its diagonal. The scores of two parameters go together, which its other entries hold.",
    see=_METRIC,
    direction=lambda fisher, gradient: gradient / np.diag(fisher),
)
step_in_the_region.variation(
    "never longer than the natural gradient",
    "The step is F⁻¹ g where that lies within the region. The largest gᵀx is at the edge: there the step is longer.",
    root=lambda ratio: np.minimum(np.sqrt(ratio), 1.0),
)
step_in_the_region.variation(
    "multiplied by the slope",
    "The length is multiplied by gᵀF⁻¹g where it is divided by it.",
    square=lambda fisher, gradient, along: 1 / (gradient @ along),
)


@step_in_the_region.misconception()
def divided_by_the_entries_of_the_matrix(fisher: Array, gradient: Array, radius: float) -> Any:
    """Your result is the gradient divided by each row of F, a matrix.

    F⁻¹ g is the vector y with F y = g, and the step is as long as the radius allows.
    """
    return gradient / fisher


@step_in_the_region.misconception()
def plain_gradient(fisher: Array, gradient: Array, radius: float) -> Any:
    """Your result is the plain gradient, made √(2ε) long.

    F is forgotten: a step is small if the policy changes little, not θ.
    """
    return np.sqrt(2 * radius / (gradient @ gradient)) * gradient


@step_in_the_region.misconception()
def plain_gradient_in_the_region(fisher: Array, gradient: Array, radius: float) -> Any:
    """The step has the right size, ½ xᵀF x = ε, and the direction of the plain gradient.

    Among the steps of this size F⁻¹ g rises most.
    """
    return np.sqrt(2 * radius / (gradient @ fisher @ gradient)) * gradient


@step_in_the_region.misconception()
def natural_gradient_of_any_size(fisher: Array, gradient: Array, radius: float) -> Any:
    """Your result is the natural gradient F⁻¹ g itself.

    It has the direction. Its length is not set by ε.
    """
    return np.linalg.solve(fisher, gradient)


@step_in_the_region.misconception()
def radius_as_step_size(fisher: Array, gradient: Array, radius: float) -> Any:
    """Your result is ε F⁻¹ g: ε is taken for a step size.

    ε is what ½ xᵀF x may be.
    """
    return radius * np.linalg.solve(fisher, gradient)


@step_in_the_region.also_right
def _by_the_root_of_fisher(fisher: Array, gradient: Array, radius: float) -> Any:
    """In the coordinates in which F is the identity, the gradient made √(2ε) long."""
    root = np.linalg.cholesky(fisher)
    along = np.linalg.solve(root, gradient)
    return np.linalg.solve(root.T, along / np.linalg.norm(along) * np.sqrt(2 * radius))
