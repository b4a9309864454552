"""A story, as two rows of arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pgcode.exercises import Mistake, choice_exercise
from pgcode.exercises.chapters import DECISION_PROCESSES

_PROCESS = DECISION_PROCESSES.section("The process: states, actions, dynamics, rewards")

#: Of a leaking ferry that sails: where it may be afterwards, how probably, and what the trip then earns.
_STORY: Mapping[int, tuple[float, float]] = {1: (0.7, 5.0), 2: (0.3, 0.0)}
#: What stands in `transition[1, 0]` and in `reward[1, 0]`, by label.
_ROWS: Mapping[str, tuple[list[float], list[float]]] = {
    "a": ([0.7, 0.0, 0.3], [5.0, 0.0, 0.0]),
    "b": ([0.0, 0.7, 0.3], [0.0, 5.0, 5.0]),
    "c": ([0.0, 0.7, 0.3], [0.0, 5.0, 0.0]),
    "d": ([0.0, 0.7, 0.3], [0.0, 3.5, 0.0]),
    "e": ([0.1, 0.7, 0.3], [0.0, 5.0, 0.0]),
}


@choice_exercise(
    title="A ferry as two rows",
    wrong={
        "a": Mistake(
            "another state of arrival",
            "Here a leaking ferry comes home sound. The place in the row is the state of arrival: it leaks still, so "
            "0.7 belongs in column 1.",
        ),
        "b": Mistake(
            "reward on every way",
            "Here a trip on which the ferry sinks earns 5 too. A reward r(s,a,s′) may depend on where the step led.",
        ),
        "d": Mistake(
            "probability in the reward",
            "The reward is what is paid if it happens, 5. How often it happens stands in the dynamics, and would count "
            "twice.",
        ),
        "e": Mistake(
            "two rows in one",
            "The row sums to 1.1. That a sound ferry springs a leak belongs in the row of the sound ferry.",
        ),
    },
    shows="A row of the dynamics holds the probabilities of all states of arrival and sums to 1. The row of rewards "
    "says what is paid on each of these ways.",
    hints=[
        "The first index is the state before, the second the action, and the place in the row the state after.",
        "Which state is a leaking ferry in when it has come home?",
    ],
    see=_PROCESS,
)
def array_for_a_story() -> str:
    """Say which two rows tell of a leaking ferry that sails."""
    chances, paid = np.zeros(3), np.zeros(3)
    for after, (chance, earned) in _STORY.items():
        chances[after], paid[after] = chance, earned
    (label,) = (name for name, rows in _ROWS.items() if np.array_equal(rows, [chances, paid]))
    return label
