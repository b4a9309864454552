"""Which change of one line leaves the mean of the gradient as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import Mistake, choice_exercise
from pgcode.exercises.practice._shared import DEBUG_WEIGHTS

Array = NDArray[Any]

#: Two arms that are pulled with probability ½ and pay 1 and 3; what a critic says before and after a pull.
_PAYS, _BEFORE, _AFTER = np.array([1.0, 3.0]), 0.5, np.array([1.0, 2.0])
#: By label, the weights that a batch of pulled arms gets.
_WEIGHTS: Mapping[str, Callable[[NDArray[np.intp]], Array]] = {
    "a": lambda arms: _PAYS[arms] - _PAYS[arms].max(),
    "b": lambda arms: _PAYS[arms] - _AFTER[arms],
    "c": lambda arms: _PAYS[arms] - _BEFORE + 7,
    "d": lambda arms: np.maximum(_PAYS[arms] - _BEFORE - 1, 0),
}


def _mean(weights: Callable[[NDArray[np.intp]], Array]) -> float:
    """The mean slope of the preference for arm 1, over all batches of two pulls."""
    batches = np.array([[i, j] for i in range(2) for j in range(2)])
    return float(np.mean([np.mean((arms - 0.5) * weights(arms)) for arms in batches]))


@choice_exercise(
    title="One line, four changes",
    wrong={
        "a": Mistake(
            "largest return of the buffer subtracted",
            "The largest return may be one's own, and then the best walk gets the weight 0. What is subtracted must "
            "not depend on the action.",
        ),
        "b": Mistake(
            "value of the next state subtracted",
            "The next state goes with the action, so that takes away what the action has earned.",
        ),
        "d": Mistake(
            "negative weights set to 0",
            "What is worse than expected is then never made less probable, and the mean of a maximum is not the "
            "maximum of the mean.",
        ),
    },
    shows="A constant is the same for all actions, and the mean of a score is zero: 7 more changes no mean. It makes "
    "the estimate much noisier, though.",
    hints=[
        "Is the number that is added or subtracted known before the action is drawn?",
        "Two arms, ½ each, which pay 1 and 3, two pulls a batch: what is the mean with each line?",
    ],
    see=DEBUG_WEIGHTS,
)
def line_that_only_calms() -> str:
    """Say which of four lines leaves the mean of the gradient as it was."""
    right = _mean(lambda arms: _PAYS[arms] - _BEFORE)
    (label,) = (label for label, weights in _WEIGHTS.items() if abs(_mean(weights) - right) < 1e-12)
    return label
