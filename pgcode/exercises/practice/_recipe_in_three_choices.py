"""Two lines of a program, read as REINFORCE with three choices."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import Mistake, choice_exercise
from pgcode.exercises.practice._shared import AVERAGED, DIVIDED, RECIPES, SUBTRACTED

Array = NDArray[Any]

#: By label, the factor of each log π in what is climbed, from rewards (m,) and a mask (m, T).
_FACTORS: Mapping[str, Callable[[Array, Array], Array]] = {
    "a": lambda r, mask: (r - (r.sum() - r) / (len(r) - 1))[:, None] * mask / len(r),
    "b": lambda r, mask: (r - r.mean())[:, None] * mask / mask.size,
    "c": lambda r, mask: (r - r.mean())[:, None] * mask / mask.sum(),
    "d": lambda r, mask: ((r - r.mean()) / r.std())[:, None] * mask / mask.sum(axis=1, keepdims=True) / len(r),
}


def _program(rewards: Array, mask: Array) -> Array:
    """The factors that the program of the task has."""
    w = rewards - rewards.mean()
    return np.asarray(w[:, None] * mask / mask.size)


@choice_exercise(
    title="Two lines of a recipe",
    wrong={
        "a": Mistake(
            "own reward not seen",
            "`rewards.mean()` is the mean of the group, with the own reward in it. The mean of the others would leave "
            "∇J; this leaves (m − 1)/m of it.",
            SUBTRACTED,
        ),
        "c": Mistake(
            "size taken for a sum",
            "`mask.size` counts all places of the array, 8 · 512, filled or not: a constant. `mask.sum()` would count "
            "the tokens, which are random.",
            AVERAGED,
        ),
        "d": Mistake(
            "a recipe by its name",
            "Nothing is divided by a deviation here, and no answer by its own length. To subtract a group's mean is "
            "not yet GRPO.",
            DIVIDED,
        ),
    },
    shows="The mean of the group leaves (m − 1)/m of the gradient, and 1/(8 · 512) is a constant. Both are step "
    "sizes: the direction is right.",
    hints=[
        "Three questions: what is subtracted, by what is the rest divided, over what is averaged?",
        "Is `mask.size` another number in the next batch?",
    ],
    see=RECIPES,
)
def recipe_in_three_choices() -> str:
    """Say what two lines of a program do to the mean of the gradient."""
    rewards, mask = np.array([1.0, 0.0, 3.0]), np.array([[1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 0]], dtype=float)
    wanted = _program(rewards, mask)
    (label,) = (label for label, factors in _FACTORS.items() if np.allclose(factors(rewards, mask), wanted))
    return label
