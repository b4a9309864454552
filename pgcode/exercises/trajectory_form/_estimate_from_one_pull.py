"""One pull of the better arm."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.environments import two_armed_bandit
from pgcode.estimators import full_return, policy_gradient
from pgcode.exercises import (
    Mistake,
    sign_exercise,
)
from pgcode.exercises.trajectory_form._shared import (
    A3,
    A8,
)
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import Trajectories

Array = NDArray[Any]
Generator = np.random.Generator


@sign_exercise(
    title="One pull of the better arm",
    wrong={
        "positive": Mistake(
            "the gradient for its estimate",
            "Positive is the sign of ∂J/∂θ(0): more of the better arm is better on average. You were asked for the "
            "estimate from one pull, which is the score of the arm that was pulled times what it paid.",
        ),
        "zero": Mistake(
            "a fixed return has no gradient",
            "The return of a trajectory is a fixed number, and indeed it is not differentiated. It multiplies the "
            "score, and the score is not zero: an arm that is pulled half of the time has room to move.",
            A3,
        ),
    },
    shows="The score of arm 0 for its own parameter is 1 − 1/2, its return −1: the estimate is −1/2 and lowers the "
    "preference for the better arm. A pull of arm 1 gives (−1/2)·(−3) = 3/2. The mean of both is 1/2, which is "
    "∂J/∂θ(0). A single estimate may point away from the gradient; what is right is its mean.",
    hints=[
        "The estimate from one trajectory is its score times its return, with no average to help it.",
        "The entry of the score for the arm that was pulled is 1 − π(0). Which sign has that?",
        "Multiply that sign by the sign of the return.",
    ],
    see=A8,
)
def estimate_from_one_pull() -> float:
    """Predict the sign of the estimate of ∂J/∂θ(0) after one pull of arm 0, the better of two arms that cost."""
    bandit, policy = two_armed_bandit((-1.0, -3.0)), SoftmaxPolicy(2, 2)
    pull = Trajectories(np.array([[0, 1]]), np.array([[0]]), np.array([[-1.0]]), bandit.discount, bandit.terminal)
    return float(policy_gradient(pull, policy, np.zeros((2, 2)), full_return(pull)).mean[0, 0])
