"""The mean of four returns, your own among them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import state_action_form
from pgcode.environments import two_armed_bandit
from pgcode.estimators import trajectory_gradients
from pgcode.exercises import (
    number_exercise,
)
from pgcode.exercises.one_gradient._shared import (
    STANDARDISING,
)
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import enumerate_trajectories

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


@number_exercise(
    title="The mean of four returns, your own among them",
    shows="E[ĝ] = (1 − 1/m) ∇J, so m = 4 leaves three quarters. The three returns of the others take nothing away, "
    "and your own, a quarter of the mean, takes away a quarter. The direction is right, and m/(m − 1) repairs the "
    "length.",
    hints=[
        "Write out the mean: R̄ = (R_1 + R_2 + R_3 + R_4) / 4. Three of these returns belong to other trajectories.",
        "E[Z_i R_j] = 0 for j ≠ i, because the trajectories are independent and a sum of scores has the mean zero.",
        "What stays of E[Z_i (R_i − R̄)] is E[Z_i R_i] less a quarter of it.",
    ],
    see=STANDARDISING,
)
def factor_of_a_batch_mean() -> float:
    """Predict c in E[ĝ] = c ∇J, for four trajectories with the mean of their four returns subtracted."""
    m, bandit, policy, theta = 4, two_armed_bandit((1.0, 3.0)), SoftmaxPolicy(2, 2), np.zeros((2, 2))
    pulls, probability = enumerate_trajectories(bandit, policy, theta)
    scores = trajectory_gradients(pulls, policy, theta, np.ones(pulls.actions.shape))[:, 0, 0]
    batches = np.indices((len(pulls),) * m).reshape(m, -1).T
    returns = pulls.returns[batches]
    estimates = np.mean(scores[batches] * (returns - returns.mean(axis=1, keepdims=True)), axis=1)
    mean = probability[batches].prod(axis=1) @ estimates
    return float(mean / state_action_form.exact_gradient(bandit, policy, theta)[0, 0])


@factor_of_a_batch_mean.misconception()
def batch_mean_for_a_baseline() -> float:
    """You took the mean of the batch for a baseline, which leaves the mean of the estimate alone.

    A baseline is fixed before the action is drawn. A quarter of this mean is the return of the trajectory itself.
    """
    return 1.0


@factor_of_a_batch_mean.misconception()
def repair_for_the_damage() -> float:
    """That is the factor m/(m − 1), which repairs the estimate.

    The question is how long the mean is before the repair, and to subtract a part of one's own return makes it shorter.
    """
    return 4 / 3


@factor_of_a_batch_mean.misconception()
def what_is_taken_away() -> float:
    """That is the part that is taken away.

    One of the four returns is your own, and it takes away a quarter. The question is what stays.
    """
    return 1 / 4


@factor_of_a_batch_mean.misconception()
def own_return_subtracted() -> float:
    """Nothing would stay if you subtracted the trajectory's own return from itself.

    Here it is the mean of four returns, and the own one is only a part of it.
    """
    return 0.0


@factor_of_a_batch_mean.misconception()
def only_the_others_counted() -> float:
    """You divided by the number of the others, three.

    The mean is over all four, so the own return has the weight 1/4 in it.
    """
    return 2 / 3
