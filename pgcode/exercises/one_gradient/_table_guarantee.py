"""What a table guarantees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import Mistake, choice_exercise
from pgcode.exercises.chapters import DISCOUNTING

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


_TABLE = DISCOUNTING.section("With a table it goes uphill")
_GRADIENT = DISCOUNTING.section("Is it the gradient of anything?")
_FAR = DISCOUNTING.section("How far F is from the gradient without discount")


@choice_exercise(
    title="What a table guarantees",
    wrong={
        "a": Mistake(
            "uphill taken for a gradient",
            "F goes uphill, and it is still no gradient: its Jacobian is not symmetric, with a table either.",
            _GRADIENT,
        ),
        "b": Mistake(
            "the length taken for that of the gradient",
            "The visits d_1(s) are larger than the discounted ones, by another factor in each state.",
            _TABLE,
        ),
        "d": Mistake(
            "the other objective",
            "A table helps with J_γ, whose local terms F has. J_1 has other values, and there F may go downhill.",
            _FAR,
        ),
    },
    shows="State by state F is a positive multiple of ∇J_γ. So both are zero at the same θ, and a small step goes "
    "uphill.",
    hints=[
        "Write both as sums over states: which factor differs?",
        "d_1(s) and d_γ(s) are both positive where the state is visited. What follows for the zeros of F and of ∇J_γ?",
    ],
    see=_TABLE,
)
def table_guarantee() -> str:
    """Find what separate parameters for each state guarantee for the update without γᵗ."""
    return "c"
