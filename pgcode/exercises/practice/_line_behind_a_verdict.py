"""From the name of a mistake to the line that has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import Mistake, choice_exercise
from pgcode.exercises.practice._shared import VERDICT

Array = NDArray[Any]

_REWARDS, _DISCOUNT = np.array([1.0, -2.0, 3.0]), 0.5


def _backwards(weight: Callable[[int, float, float], float]) -> Array:
    """The loop of the task, with a weight from the step, its reward and what was summed after it."""
    weights, total = np.zeros(3), 0.0
    for t in (2, 1, 0):
        weights[t] = weight(t, float(_REWARDS[t]), total)
        total = _REWARDS[t] + _DISCOUNT * total
    return weights


def _forwards() -> Array:
    weights, total = np.zeros(3), 0.0
    for t in (0, 1, 2):
        weights[t] = _DISCOUNT**t * total
        total = _REWARDS[t] + _DISCOUNT * total
    return weights


#: By label, the weights after the change.
_CHANGED: Mapping[str, Callable[[], Array]] = {
    "a": lambda: _backwards(lambda t, paid, total: _DISCOUNT**t * (paid + _DISCOUNT * total)),
    "b": _forwards,
    "c": lambda: _backwards(lambda t, paid, total: _DISCOUNT ** (t + 1) * total),
    "d": lambda: _backwards(lambda t, paid, total: _DISCOUNT**t * total + paid),
}


@choice_exercise(
    title="From a verdict to a line",
    wrong={
        "b": Mistake(
            "loop turned round",
            "Forwards, the sum holds the rewards before t, which the decision cannot change. The own reward is still "
            "missing.",
        ),
        "c": Mistake(
            "another power",
            "γᵗ⁺¹ G_{t+1} is rightly discounted, and the own reward r_t is still missing.",
        ),
        "d": Mistake(
            "reward put beside its discount",
            "The own reward is there now, without γᵗ, and what comes later counts 1/γ times too much.",
        ),
    },
    shows="At line 3 `total` is still G_{t+1}. Once line 4 stands before line 3 it is G_t, with the own reward in it: "
    "the name of the mistake is the name of what was missing.",
    hints=[
        "What does `total` hold when line 3 runs: the sum from t on, or from t + 1 on?",
        "Let there be three steps, and let the last reward be 3. Work the last step by hand: which change gives it the "
        "weight γ² · 3?",
    ],
    see=VERDICT,
)
def line_behind_a_verdict() -> str:
    """Say which change repairs a loop of which the audit says “own reward left out”."""
    to_go = [sum(_DISCOUNT**k * _REWARDS[k] for k in range(t, 3)) for t in range(3)]
    (label,) = (label for label, weights in _CHANGED.items() if np.allclose(weights(), to_go))
    return label
