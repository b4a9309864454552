"""A test that no wrong gradient of four passes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import Mistake, choice_exercise
from pgcode.exercises.chapters import SHORT_DERIVATION

Array = NDArray[Any]

_TEST = SHORT_DERIVATION.section("Which test catches it?")

_TRUE = np.array([3.0, 4.0])
_WRONG = (np.array([6.0, 8.0]), np.array([4.0, 3.0]), np.array([5.0, 0.0]), np.array([0.5, 6.5]))
#: By label, whether a test is content.
_PASSES: Mapping[str, Callable[[Array], bool]] = {
    "a": lambda g: bool(g @ _TRUE > np.cos(np.radians(5)) * np.linalg.norm(g) * np.linalg.norm(_TRUE)),
    "b": lambda g: bool(abs(np.linalg.norm(g) / np.linalg.norm(_TRUE) - 1) < 0.01),
    "c": lambda g: bool(abs(g.sum() / _TRUE.sum() - 1) < 0.01),
    "d": lambda g: bool(np.abs(g - _TRUE).max() < 0.01 * np.abs(_TRUE).max()),
    "e": lambda g: bool(g @ _TRUE > 0),
}


@choice_exercise(
    title="A test for four wrong gradients",
    wrong={
        "a": Mistake("the angle alone", "(6, 8) has the right direction, and is twice as long."),
        "b": Mistake("the length alone", "(4, 3) and (5, 0) are as long as (3, 4), and point elsewhere."),
        "c": Mistake(
            "one number for all entries", "(4, 3) and (0.5, 6.5) have the right sum. Errors of two signs cancel."
        ),
        "e": Mistake(
            "uphill taken for right",
            "All four go uphill. So does half of all directions, which is why learning is no test.",
        ),
    },
    shows="Entry by entry, measured by the largest: direction and length at once. An angle forgets the length, a "
    "length the direction, and a sum lets errors cancel.",
    hints=[
        "Take each wrong gradient to each test. Which test is content with none?",
        "What does a test see of (6, 8), and what of (4, 3)?",
    ],
    see=_TEST,
)
def check_that_catches() -> str:
    """Say which test finds all four wrong gradients."""
    (label,) = (label for label, passes in _PASSES.items() if passes(_TRUE) and not any(map(passes, _WRONG)))
    return label
