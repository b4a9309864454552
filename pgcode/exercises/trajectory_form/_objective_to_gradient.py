"""From the objective to its gradient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    Mistake,
    order_exercise,
)
from pgcode.exercises.chapters import DECISION_PROCESSES, LIKELIHOOD_RATIO

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


@order_exercise(
    title="From the objective to its gradient",
    decoys={
        "c": Mistake(
            "the return differentiated",
            "Line c differentiates R(τ). The return of a given trajectory is a fixed number, with no θ in it, so ∇R(τ) "
            "= 0, and line c is 0. Only the probability moves.",
            DECISION_PROCESSES.section("What is fixed and what moves"),
        ),
        "e": Mistake(
            "an estimate among equalities",
            "Line e is a mean over drawn trajectories: an estimate of the line before it, and not equal to it.",
            DECISION_PROCESSES.section("Third way: a sample"),
        ),
        "h": Mistake(
            "the gradient of a product as a product of gradients",
            "Line h multiplies the two gradients. The product rule gives (∇P) R + P ∇R, and ∇R = 0.",
            LIKELIHOOD_RATIO.section("A3: the gradient goes inside the sum"),
        ),
    },
    shows="A gradient goes into a finite sum for free, and past a factor that does not depend on θ. Nothing "
    "else was used.",
    hints=[
        "The first line is J as an expectation. Write the expectation as a sum next.",
        "Then take the gradient of both sides, bring it into the sum, and ask which of the two factors depends on θ.",
        "Three of the eight lines are false or not equal to the others.",
    ],
    see=LIKELIHOOD_RATIO.section("A3: the gradient goes inside the sum"),
)
def objective_to_gradient() -> str:
    """Put the lines from J(θ) = E[R(τ)] to ∇J(θ) = Σ_τ (∇P(τ;θ)) R(τ) in order, without the decoys."""
    return "f b g a d"
