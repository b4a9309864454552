"""Keep the past, or leave it out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.environments import cancelling_rewards
from pgcode.exercises import (
    Mistake,
    sign_exercise,
)
from pgcode.exercises.chapters import BASELINES
from pgcode.exercises.one_gradient._shared import (
    C2,
)
from pgcode.moments import full_return_moments, reward_to_go_moments
from pgcode.policies import SoftmaxPolicy

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


_NOISIER_TO_GO = BASELINES.section("Reward-to-go does not always have the lower variance")


@sign_exercise(
    title="Keep the past, or leave it out?",
    wrong={
        "negative": Mistake(
            "fewer rewards for less noise",
            "You left out rewards and expected less noise. The two payments of ±3 cancel, and the whole return holds "
            "both of them. The reward-to-go of the second decision holds one of them, and nothing is left to cancel "
            "it.",
        ),
        "zero": Mistake(
            "the same mean for the same variance",
            "The two estimators have the same mean, because a past reward has the mean zero beside a later score. The "
            "variance is another matter: it depends on how the past rewards go together with those to come.",
            C2,
        ),
    },
    shows="The return is the number of times that action 1 was taken: 0, 1 or 2. The reward-to-go of the second "
    "decision is ±3 and a little. So the whole return is the quieter weight here. That reward-to-go lowers the "
    "variance holds often, and it is no theorem.",
    hints=[
        "Write down the weight of the second decision in both estimators: once it is R, once it is G_1.",
        "What becomes of the coin in R, and what in G_1?",
    ],
    see=_NOISIER_TO_GO,
)
def variance_to_go_less_whole() -> float:
    """Predict the sign of Var(reward-to-go) − Var(whole return) where two payments cancel."""
    process, policy, theta = cancelling_rewards(size=3.0), SoftmaxPolicy(5, 2), np.zeros((5, 2))
    to_go, whole = reward_to_go_moments(process, policy, theta), full_return_moments(process, policy, theta)
    return to_go.trace - whole.trace
