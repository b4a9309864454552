"""From the definition to the scores."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    Mistake,
    order_exercise,
)
from pgcode.exercises.chapters import DYNAMICS_DROP_OUT
from pgcode.exercises.trajectory_form._shared import (
    A3,
    A4_AND_A5,
    A7,
    A8,
    A10,
)

Array = NDArray[Any]
Generator = np.random.Generator


@order_exercise(
    title="From the definition to the scores",
    decoys={
        "c": Mistake(
            "the return differentiated",
            "You let the gradient act on R(τ). What a trajectory earns is a fixed number: only its probability moves "
            "with θ.",
            A3,
        ),
        "e": Mistake(
            "probability for log-probability",
            "The gradient of a product is not the sum of the gradients of its factors. It is so after the logarithm "
            "has made the product a sum, and then the terms are gradients of logarithms.",
            A10,
        ),
        "g": Mistake(
            "the weight of the trajectory lost",
            "The factor P(τ;θ) is missing, so all trajectories count alike, however rare they are. ∇P = P ∇log P: the "
            "ratio becomes the gradient of the logarithm, and the factor in front of it stays.",
            A4_AND_A5,
        ),
        "j": Mistake(
            "an estimate for an equality",
            "A mean over m trajectories that were drawn is another vector at each draw. Its mean is ∇J; no equals sign "
            "stands between the two.",
            A8,
        ),
    },
    shows="Seven lines, and each changes one thing: the definition, the gradient under the sum (A3), times P/P (A5), "
    "the logarithm (A7), its product made a sum (A9, A10), term by term (A11), and the terms without θ dropped (A12 "
    "to A14). All of them are exact. The first step that is not comes after them, when the sum over τ becomes a "
    "sample.",
    hints=[
        "Begin with the definition of J under the gradient. Four of the eleven lines are false.",
        "Three lines come before the logarithm. The factor P(τ;θ) comes in as P/P, one line before the logarithm.",
        "After the logarithm: first ∇ of a sum, then the sum of ∇, then what is left of it. So i, f, b at the end.",
    ],
    see=A7,
)
def ordered_lines() -> str:
    """Put the lines from ∇J to the sum of the scores in order; four of the eleven are false."""
    return "k d h a i f b"


@ordered_lines.misconception(see=A4_AND_A5)
def logarithm_without_its_reason() -> str:
    """You wrote the gradient of a logarithm before the ratio that it replaces.

    A3 has no P in front. First multiply by P/P = 1, then write ∇P/P as a gradient of a logarithm.
    """
    return "k d a h i f b"


@ordered_lines.misconception(see=DYNAMICS_DROP_OUT.section("A11: the gradient of a sum"))
def gradients_before_the_sum_is_split() -> str:
    """You split the gradient before it stands in front of a sum.

    First the logarithm of the product becomes a sum of logarithms, then the gradient goes to each of them.
    """
    return "k d h a f i b"
