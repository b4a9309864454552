"""Which chain forgets its start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import Mistake, choice_exercise
from pgcode.exercises.chapters import VALUES

Array = NDArray[Any]

_LONG_RUN = VALUES.section("Does the start matter in the long run?")

#: The chains, by label.
_CHAINS: Mapping[str, Array] = {
    "a": np.array([[0.0, 1.0], [1.0, 0.0]]),
    "b": np.array([[0.0, 0.5, 0.5], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    "c": np.array([[0.0, 1.0, 0.0], [0.0, 0.5, 0.5], [0.0, 1.0, 0.0]]),
    "d": np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]),
}


def _forgets(chain: Array) -> bool:
    """Whether Pr(s_t = s) tends to one distribution, from whichever state the walk begins."""
    late, later = np.linalg.matrix_power(chain, 1000), np.linalg.matrix_power(chain, 1001)
    return bool(np.allclose(late, later) and np.allclose(late, late[0]))


@choice_exercise(
    title="A chain that forgets its start",
    wrong={
        "a": Mistake(
            "swapping for ever",
            "Its only stationary distribution is (½, ½), and Pr(s_t = s) is 1 and 0 in turn: from a fixed start it "
            "has no limit.",
        ),
        "b": Mistake(
            "two places to end",
            "It ends in 1 or in 2 and stays there. Every mixture of the two is stationary, and which one comes "
            "depends on where the walk begins.",
        ),
        "d": Mistake(
            "a cycle of three",
            "Its stationary distribution is ⅓ each. The walk stands in one state every third step, so from a fixed "
            "start there is no limit.",
        ),
    },
    shows="From each state it comes to 1 and 2 and stays among them, never in step: (0, ⅔, ⅓) in the long run. State "
    "0 is visited once, at the start. Whatever is paid there, an objective that is built on the long run does not "
    "see it.",
    hints=[
        "Begin in each state in turn. Where may the walk be after a thousand steps, and does it matter where it began?",
        "A distribution may be stationary although Pr(s_t = s) never settles.",
    ],
    see=_LONG_RUN,
)
def chain_with_a_long_run() -> str:
    """Say in which chain the distribution of the state settles, on the same one from every start."""
    (label,) = (label for label, chain in _CHAINS.items() if _forgets(chain))
    return label
