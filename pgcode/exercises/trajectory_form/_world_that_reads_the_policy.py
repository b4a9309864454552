"""A world in which the dynamics do not drop out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from pgcode.exercises import Mistake, choice_exercise
from pgcode.exercises.chapters import DYNAMICS_DROP_OUT

_NO_THETA = DYNAMICS_DROP_OUT.section("A12: the start and the dynamics contain no θ")
_OUT = DYNAMICS_DROP_OUT.section("What drops out, and what does not")

#: By label p(s′|s,a) for one state and one action, on a day and at θ; a policy prefers the action with exp(θ) to 1.
_CHANCE: Mapping[str, Callable[[int, float], float]] = {
    "a": lambda day, theta: 0.3137,
    "b": lambda day, theta: 0.2 + 0.5 * (day % 2),
    "c": lambda day, theta: 0.2 + 0.5 / (1 + np.exp(-theta)),
    "d": lambda day, theta: 0.7,
}


@choice_exercise(
    title="A world that reads the policy",
    wrong={
        "a": Mistake(
            "unknown taken for moving",
            "That nobody knows p does no harm: what is dropped is its derivative by θ, and that is 0, known or not.",
            _OUT,
        ),
        "b": Mistake(
            "time taken for θ",
            "p may be another one each day. As long as it does not look at θ, its derivative by θ is 0.",
        ),
        "d": Mistake(
            "states that are visited taken for dynamics",
            "How often a state is visited moves with θ, because the actions do. p(s′|s,a), given state and action, "
            "does not. That is what drops out, and the scores account for the rest.",
            _OUT,
        ),
    },
    shows="If p(s′|s,a) itself is another number at another θ, its score ∇log p belongs to the walk, and Σ_t ∇log π "
    "is not all. “Model-free” means that p need not be known. It does not mean that p may read θ.",
    hints=[
        "Hold the state and the action fixed, and turn θ a little. In which world does the chance of the next state "
        "change?",
        "Not known, not the same every day, and visited more often: none of these is “depends on θ”.",
    ],
    see=_NO_THETA,
)
def world_that_reads_the_policy() -> str:
    """Say in which world the sum of the scores of the actions is not the score of the walk."""
    (label,) = (label for label, chance in _CHANCE.items() if chance(1, 0.0) != chance(1, 0.5))
    return label
