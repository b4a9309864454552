"""The value of the surrogate."""

from __future__ import annotations

import numpy as np

from pgcode.exercises import number_exercise
from pgcode.exercises.practice._shared import SURROGATE

_PAID, _CHANCE = np.array([1.0, 3.0]), np.array([0.5, 0.5])


@number_exercise(
    title="What the surrogate is worth",
    shows="(log ½ · 1 + log ½ · 3)/2 = −2 log 2. J is 2. The number says nothing of how good the policy is: "
    "add 10 to both "
    "payments, and it falls by 10 log 2, though each choice is as good as before. Only its slope means something.",
    hints=[
        "The surrogate of one pull is log π(a) times what it was paid.",
        "Both arms have the logarithm log ½ = −0.693.",
        "The mean payment is 2.",
    ],
    see=SURROGATE,
)
def surrogate_value() -> float:
    """Predict the mean of log π(a) r(a) for two arms that pay 1 and 3, with probability ½ each."""
    return float(np.sum(_CHANCE * np.log(_CHANCE) * _PAID))


@surrogate_value.misconception()
def objective_for_the_surrogate() -> float:
    """That is J, the mean payment.

    The surrogate has the slope of J, not its value.
    """
    return float(np.sum(_CHANCE * _PAID))


@surrogate_value.misconception()
def sum_over_the_arms() -> float:
    """You added both arms up.

    Each is pulled half of the time.
    """
    return float(np.sum(np.log(_CHANCE) * _PAID))


@surrogate_value.misconception()
def payments_left_out() -> float:
    """That is the mean of log π alone.

    Each logarithm is multiplied by what was paid.
    """
    return float(np.sum(_CHANCE * np.log(_CHANCE)))


@surrogate_value.misconception()
def probability_for_its_logarithm() -> float:
    """You weighted the payments with π once more.

    The surrogate has log π, and the pulls are drawn with π.
    """
    return float(np.sum(_CHANCE**2 * _PAID))
