"""Which way does the worse arm go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.environments import (
    two_armed_bandit,
)
from pgcode.exercises import (
    Mistake,
    sign_exercise,
)
from pgcode.exercises.chapters import GRADIENT_ASCENT
from pgcode.oracles import complex_step
from pgcode.policies import SoftmaxPolicy
from pgcode.values import objective

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


@sign_exercise(
    title="Which way does the worse arm go?",
    wrong={
        "positive": Mistake(
            "a positive reward as a gain",
            "You looked at the reward of the arm alone, which is positive. The derivative is π(0) (r(0) − J): what "
            "counts is whether the arm pays more than the policy does on average, and 1 is less than 1.5.",
            GRADIENT_ASCENT.section("A maximum that no θ reaches"),
        ),
        "zero": Mistake(
            "equal probabilities as equilibrium",
            "You took the uniform policy for a stationary one. It is one only if both arms pay the same. Here a little "
            "less of the worse arm raises J.",
            GRADIENT_ASCENT.section("A maximum that no θ reaches"),
        ),
    },
    shows="∂J/∂θ(0) = π(0) (r(0) − J) = −1/4. An action is pushed up if it pays more than the policy does on average, "
    "whatever the sign of its reward.",
    hints=[
        "Only differences of preferences count. What happens to J if the preference for arm 0 grows a little?",
        "Then arm 0 is chosen more often, and arm 1, which pays more, less often.",
    ],
    see=GRADIENT_ASCENT.section("A2: what is differentiated"),
)
def worse_arm_slope() -> Any:
    """Predict the sign of ∂J/∂θ for the worse arm of a bandit that pays 1 and 2, at θ = 0."""
    bandit, policy = two_armed_bandit((1.0, 2.0)), SoftmaxPolicy(2, 2)
    return complex_step(lambda theta: objective(bandit, policy, theta), np.zeros((2, 2)))[0, 0]
