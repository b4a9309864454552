"""Where to cut."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.chapters import GENERAL_SPACES

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


_NEVER_ENDS = GENERAL_SPACES.section("Trajectories that never end")


def _wishes(rng: Generator) -> Arguments:
    yield from ((0.9, 1.0, 0.01), (0.5, 10.0, 1e-6), (0.99, 3.0, 0.5), (0.8, 2.0, 0.1))
    for smallest in (0.6, 0.9):
        yield rng.uniform(smallest, 0.98), rng.uniform(1.5, 9.0), rng.uniform(0.02, 0.4)


@function_exercise(
    title="Where to cut",
    cases=_wishes,
    shows="The rest after T steps is at most γᵀ r̄/(1 − γ). A digit more costs log 10 / −log γ steps, 22 for γ = 0.9 "
    "and 229 for γ = 0.99.",
    hints=[
        "What is left out is Σ_{t ≥ T} γᵗ r_t. Put the largest reward in the place of each.",
        "The geometric sum is γᵀ r̄/(1 − γ). Solve for T, with logarithms.",
        "log γ is negative: dividing by it turns the inequality round. Round up.",
    ],
    see=_NEVER_ENDS,
)
def steps_to_keep(discount: float, largest: float, error: float) -> Any:
    """Return the smallest T with γᵀ r̄/(1 − γ) ≤ error, so that what comes after T steps may be cut off."""
    return np.ceil(np.log(error * (1 - discount) / largest) / np.log(discount))


@steps_to_keep.made_of
def _made(
    discount: float,
    largest: float,
    error: float,
    *,
    rest: Callable[[float, float], float] = lambda discount, largest: largest / (1 - discount),
    rounded: Callable[[float], float] = np.ceil,
    base: Callable[[float], float] = np.log,
    sign: int = 1,
) -> Any:
    return sign * rounded(np.log(error / rest(discount, largest)) / base(discount))


steps_to_keep.variation(
    "one reward for all the rest",
    "The rest is taken for one reward, γᵀ r̄. All later ones are cut off: their sum has the factor 1/(1 − γ).",
    rest=lambda discount, largest: largest,
)
steps_to_keep.variation(
    "size of the rewards left out",
    "The largest reward is left out. Rewards that are ten times as large leave ten times as much behind.",
    rest=lambda discount, largest: 1 / (1 - discount),
)
steps_to_keep.variation(
    "horizon of the discount",
    "The rest is multiplied by 1 − γ where it is divided by it.",
    rest=lambda discount, largest: largest * (1 - discount),
)
steps_to_keep.variation(
    "rounded down",
    "The number is rounded down, and the rest is larger than the error.",
    rounded=np.floor,
)
steps_to_keep.variation("not rounded", "The number is not whole. Round up.", rounded=float)
steps_to_keep.variation(
    "sign of the logarithm",
    "The number is negative. Both logarithms are: they are divided, without another sign.",
    rounded=np.floor,
    sign=-1,
)
steps_to_keep.variation(
    "decimal and natural logarithm",
    "Two kinds of logarithm are mixed. Take the same above and below.",
    base=np.log10,
)


@steps_to_keep.misconception()
def rule_of_thumb(discount: float, largest: float, error: float) -> Any:
    """The number is 1/(1 − γ), whatever the error.

    After so many steps γᵀ is still between 1/4 and 1/e for every γ from 1/2 on. How small the rest has to be is in ε.
    """
    return 1 / (1 - discount)


@steps_to_keep.misconception()
def rule_of_thumb_rounded_up(discount: float, largest: float, error: float) -> Any:
    """The number is 1/(1 − γ), rounded up, whatever the error.

    After so many steps γᵀ is hardly below 1/e. How small the rest has to be is in ε.
    """
    return np.ceil(1 / (1 - discount))


@steps_to_keep.also_right
def _by_a_quotient(discount: float, largest: float, error: float) -> Any:
    """The logarithm of the rest over that of the error."""
    rest = largest / (1 - discount)
    return np.ceil((np.log(rest) - np.log(error)) / -np.log(discount))
