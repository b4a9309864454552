"""The gain of a closed path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.chapters import DISCOUNTING

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


_GRADIENT = DISCOUNTING.section("Is it the gradient of anything?")

Field = Callable[[Array], Array]


def _doors(strength: float) -> Field:
    """The field of the two doors, {eq}`dc-doors`, with a strength in place of 1 − γ."""

    def field(theta: Array) -> Array:
        p, q = 1 / (1 + np.exp(-theta))
        return strength * np.array([-(2 * q - 1) * p * (1 - p), (2 * p - 1) * q * (1 - q)])

    return field


def _paths(rng: Generator) -> Arguments:
    for strength, corners in ((0.1, 4), (0.5, 3), (1.0, 7)):
        yield _doors(strength), rng.standard_normal((corners, 2))


@function_exercise(
    title="The gain of a closed path",
    cases=_paths,
    shows="A gradient gains nothing on a closed path, up to the coarseness of the steps. A field that gains at each "
    "round is the gradient of nothing.",
    hints=[
        "At each corner the field says how much a small step gains: F(θ) · Δθ.",
        "The corners are the rows of `path`. `np.roll(path, -1, axis=0)` holds the next corner of each, and the "
        "first one after the last.",
        "Add F(θ_k) · (θ_{k+1} − θ_k) over all corners, the way back to the first one too.",
    ],
    see=_GRADIENT,
)
def claimed_gain(field: Field, path: Array) -> Any:
    """Return Σ_k F(θ_k) · (θ_{k+1} − θ_k) once round the corners θ_k of a closed path, back to the first."""
    after = np.roll(path, -1, axis=0)
    return sum(field(here) @ (there - here) for here, there in zip(path, after, strict=True))


@claimed_gain.made_of
def _made(
    field: Field,
    path: Array,
    *,
    turned: int = -1,
    kept: slice = slice(None),
    where: Callable[[Array, Array], Array] = lambda here, there: here,
    gain: Callable[[Array, Array], float] = lambda slope, step: float(slope @ step),
    joined: Callable[[list[float]], Any] = sum,
) -> Any:
    after = np.roll(path, turned, axis=0)
    pairs = list(zip(path, after, strict=True))[kept]
    return joined([gain(field(where(here, there)), there - here) for here, there in pairs])


claimed_gain.variation(
    "way back left out",
    "The last step, back to the first corner, is missing. The path is closed.",
    kept=slice(None, -1),
)
claimed_gain.variation(
    "the other way round",
    "Each step leads to the corner before. The path goes on to the next one.",
    turned=1,
)
claimed_gain.variation(
    "field at the end of the step",
    "The field is taken where the step ends. It is taken where the step begins: that is what the learner follows.",
    where=lambda here, there: there,
)
claimed_gain.variation(
    "field in the middle of the step",
    "The field is taken in the middle of the step. That is finer, and the task asks for the beginning.",
    where=lambda here, there: (here + there) / 2,
)
claimed_gain.variation(
    "lengths multiplied",
    "The lengths of field and step are multiplied. A step across the field gains nothing: take the inner product.",
    gain=lambda slope, step: float(np.linalg.norm(slope) * np.linalg.norm(step)),
)
claimed_gain.variation(
    "mean of the steps",
    "The mean over the steps is taken. Gains add up.",
    joined=lambda gains: float(np.mean(gains)),
)
claimed_gain.variation(
    "each step for itself",
    "These are the gains of the single steps. Asked for is their sum.",
    joined=np.array,
)


@claimed_gain.also_right
def _corner_by_corner(field: Field, path: Array) -> Any:
    """The loop over the corners."""
    total = 0.0
    for k in range(len(path)):
        step = path[(k + 1) % len(path)] - path[k]
        total += np.sum(field(path[k]) * step)
    return total


@claimed_gain.misconception()
def mean_of_both_ends(field: Field, path: Array) -> Any:
    """The field is averaged over both ends of each step.

    That is the trapezoidal rule, which is more exact. The sum that is asked for takes F where the step begins.
    """
    after = np.roll(path, -1, axis=0)
    return sum((field(here) + field(there)) / 2 @ (there - here) for here, there in zip(path, after, strict=True))


@claimed_gain.misconception()
def steps_of_length_one(field: Field, path: Array) -> Any:
    """Each step is divided by its length.

    A long step gains more than a short one: F times the whole step.
    """
    after = np.roll(path, -1, axis=0)
    steps = [(here, there - here) for here, there in zip(path, after, strict=True)]
    return sum(field(here) @ step / np.linalg.norm(step) for here, step in steps)


@claimed_gain.misconception()
def sizes_of_the_gains(field: Field, path: Array) -> Any:
    """The gains are added up without their signs.

    What a step loses is subtracted: that is how a gradient comes to nothing on a closed path.
    """
    after = np.roll(path, -1, axis=0)
    return sum(abs(field(here) @ (there - here)) for here, there in zip(path, after, strict=True))
