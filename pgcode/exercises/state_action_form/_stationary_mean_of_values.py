"""A discounted value in the long run."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import values
from pgcode.exercises import (
    number_exercise,
)
from pgcode.exercises.state_action_form._shared import (
    LONG_RUN,
    OBJECTIVE_OF_B1,
    WEIGHTS,
)
from pgcode.mdp import TabularMDP
from pgcode.policies import SoftmaxPolicy, TabularPolicy

Array = NDArray[Any]
Generator = np.random.Generator


def _two_states() -> tuple[TabularMDP, TabularPolicy, Array]:
    """The chain of the task, as a process with one action."""
    transition = np.array([[0.5, 0.5], [0.25, 0.75]])[:, None]
    reward = np.repeat([3.0, 0.0], 2).reshape(2, 1, 2)
    return TabularMDP(transition, reward, np.array([1.0, 0.0]), discount=0.9), SoftmaxPolicy(2, 1), np.zeros((2, 1))


@number_exercise(
    title="A discounted value in the long run",
    shows="d_π is (1/3, 2/3), so the long run pays r(π) = 1 per step, and Σ_s d_π(s) V(s) = r(π)/(1 − γ) = 10. No V "
    "was needed. The discount is a factor in front that no policy can change, and the start does not count at all.",
    hints=[
        "You need no V. The chapter says what the stationary mean of a discounted value is.",
        "First find d_π. In the long run as many steps lead from state 0 to state 1 as back: d_π(0)/2 = d_π(1)/4.",
        "Then the reward per step, r(π) = 3 d_π(0). Divide it by 1 − γ.",
    ],
    see=OBJECTIVE_OF_B1,
)
def stationary_mean_of_values() -> float:
    """Predict Σ_s d_π(s) V(s) of a chain of two states, with γ = 0.9."""
    process = _two_states()
    return float(values.stationary_distribution(*process) @ values.state_values(*process))


@stationary_mean_of_values.misconception()
def reward_per_step() -> float:
    """You gave the reward per step, r(π).

    V adds up all later rewards, discounted. Its mean over d_π earns r(π) at each time, and the weights 1, γ, γ², … of
    the times are still to be added up.
    """
    return float(values.average_reward(*_two_states()))


@stationary_mean_of_values.misconception(see=WEIGHTS)
def start_for_the_long_run() -> float:
    """You gave V(0), the value of the start.

    That is J. The question weights the states by how often they come up in the long run, wherever the walk began.
    """
    return float(values.objective(*_two_states()))


@stationary_mean_of_values.misconception(see=WEIGHTS)
def both_states_alike() -> float:
    """You took the plain mean of V over the two states.

    The walk stays longer in state 1, from which it returns with probability 1/4 only. Its weight is d_π(1).
    """
    return float(values.state_values(*_two_states()).mean())


@stationary_mean_of_values.misconception()
def differential_for_discounted() -> float:
    """You took V for the differential value, whose mean over d_π is 0.

    Here V is discounted and counts the rewards themselves, not how far they are above the average.
    """
    return 0.0


@stationary_mean_of_values.misconception(see=LONG_RUN)
def paid_at_every_step() -> float:
    """You counted the 3 at every step.

    It is paid in state 0, and the walk is there only some of the time.
    """
    return 3 / (1 - _two_states()[0].discount)


@stationary_mean_of_values.misconception()
def first_reward_discounted() -> float:
    """You discounted the first reward already.

    The factors are 1, γ, γ², …, and their sum is 1/(1 − γ).
    """
    process = _two_states()
    gamma = process[0].discount
    return gamma * float(values.average_reward(*process)) / (1 - gamma)
