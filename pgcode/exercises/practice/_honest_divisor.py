"""Which divisor leaves the direction alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pgcode.exercises import Mistake, choice_exercise
from pgcode.exercises.practice._shared import AVERAGED, MEANS

#: Two walks that come with probability ½ each: their lengths and the sums of their terms.
_LENGTHS, _SUMS = np.array([1.0, 8.0]), np.array([1.0, -2.0])
_DIVIDED: dict[str, Callable[[list[int]], float]] = {
    "a": lambda batch: float(_SUMS[batch].sum() / _LENGTHS[batch].sum()),
    "b": lambda batch: float((_SUMS[batch] / _LENGTHS[batch]).mean()),
    "c": lambda batch: float(_SUMS[batch].sum() / (2 * 512)),
    "d": lambda batch: float(_SUMS[batch].sum() / (2 * _LENGTHS[batch].max())),
}


def _mean(divided: Callable[[list[int]], float]) -> float:
    """The exact mean over batches of two walks."""
    return float(np.mean([divided([i, j]) for i in range(2) for j in range(2)]))


@choice_exercise(
    title="A divisor for answers of random length",
    wrong={
        "a": Mistake(
            "mean over all tokens of the batch",
            "The number of tokens is random and goes with the rewards: a batch with long answers counts less. "
            "The mean is "
            "no multiple of ∇J.",
            MEANS,
        ),
        "b": Mistake(
            "mean of each answer",
            "Each answer is divided by its own length: a long bad answer is punished less for each token than "
            "a short one.",
            MEANS,
        ),
        "d": Mistake(
            "mean over the padded batch",
            "The length of the longest answer of a batch is random too.",
            MEANS,
        ),
    },
    shows="A constant changes the length of a step and nothing else. All other divisors are random and go with what is "
    "divided.",
    hints=[
        "Which of the four divisors does not depend on what was drawn?",
        "Try two answers that come half of the time each: 1 token with the sum 1, and 8 tokens with the sum −2.",
    ],
    see=AVERAGED,
)
def honest_divisor() -> str:
    """Find the divisor with which the mean of the estimate is a multiple of ∇J."""
    gradient = float(_SUMS.mean())
    (label,) = (label for label, divided in _DIVIDED.items() if _mean(divided) * gradient > 0)
    return label
