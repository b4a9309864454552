"""A proof that every gradient is zero."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import trajectory_form
from pgcode.derivation import Derivation, Line
from pgcode.environments import random_mdp
from pgcode.exercises import (
    Mistake,
    choice_exercise,
)
from pgcode.exercises.trajectory_form._shared import (
    A3,
    A4_AND_A5,
    A6,
)
from pgcode.oracles import complex_step
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import enumerate_trajectories

Array = NDArray[Any]
Generator = np.random.Generator


def _proof_that_every_gradient_is_zero() -> Derivation:
    """The seven lines of the task, evaluated on a small decision process."""
    mdp, policy = random_mdp(np.random.default_rng(0), n_states=2, horizon=2), SoftmaxPolicy(2, 2)
    theta = np.array([[0.3, -0.2], [0.1, 0.4]])
    exact = trajectory_form.derivation(mdp, policy, theta, n_trajectories=1)
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    objective = probability @ trajectories.returns
    mean_score = np.tensordot(probability, exact["A14"].value, axes=1)

    def sum_of_probabilities(at: Array) -> Any:
        return enumerate_trajectories(mdp, policy, at)[1].sum()

    size = exact["A7"].scale
    return Derivation(
        "Every gradient is zero",
        [
            *(
                replace(exact[line], label=label, follows=None)
                for label, line in zip("abcd", ("A2", "A3", "A5", "A7"), strict=True)
            ),
            Line("e", "", "", mean_score * objective, scale=size),
            Line("f", "", "", complex_step(sum_of_probabilities, theta) * objective, scale=size),
            Line("g", "", "", np.zeros_like(theta), scale=size),
        ],
    )


@choice_exercise(
    title="A proof that every gradient is zero",
    wrong={
        "a": Mistake("the definition doubted", "Line a is the definition of J, under a gradient."),
        "b": Mistake(
            "the exchange doubted",
            "Line b is A3 and true: the sum is finite, and R(τ) has no θ in it.",
            A3,
        ),
        "c": Mistake(
            "one doubted",
            "Line c multiplies by P/P = 1. A softmax policy makes no trajectory impossible that the environment "
            "allows, so nothing is divided by zero.",
            A4_AND_A5,
        ),
        "d": Mistake("the logarithm doubted", "Line d is A7 and true: ∇P/P is ∇log P where P > 0."),
        "f": Mistake(
            "the mean score doubted",
            "The step from e to f is right: P ∇log P = ∇P, and the sum of the gradients is the gradient of the sum. "
            "The mean score is zero. Something went wrong before.",
        ),
        "g": Mistake(
            "the derivative of one doubted",
            "The step from f to g is right: the probabilities sum to one at every θ, and the gradient of 1 is 0. "
            "Something went wrong before.",
        ),
    },
    shows="Line d is the mean of a product, line e the product of two means. They differ by the covariance of score "
    "and return, and since the mean score is zero, this covariance is all there is: ∇J is the covariance of the score "
    "with the return. So adding a constant to every return changes nothing.",
    hints=[
        "Lines a to d are A2, A3, A5 and A7.",
        "The mean of the scores is indeed zero. Look at how it gets to stand alone.",
        "Is the mean of a product the product of the means?",
    ],
    see=A6,
)
def false_line() -> str:
    """Find the first line that does not follow from the one before it."""
    return _proof_that_every_gradient_is_zero().false_lines[0]
