"""The false line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.derivation import Derivation, Line
from pgcode.environments import (
    random_mdp,
)
from pgcode.exercises import (
    Mistake,
    choice_exercise,
)
from pgcode.exercises.chapters import DECISION_PROCESSES
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import enumerate_trajectories

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


@choice_exercise(
    title="The false line",
    wrong={
        "a": Mistake(
            "a definition taken for false",
            "Line a is the definition of J, an expectation written as a sum over trajectories.",
            DECISION_PROCESSES.section("The objective"),
        ),
        "b": Mistake(
            "two sums exchanged taken for false",
            "Line b puts in R(τ) = Σ_t γᵗ r_t and exchanges two finite sums, which is always allowed.",
            DECISION_PROCESSES.section("Returns"),
        ),
        "d": Mistake(
            "a consequence taken for the cause",
            "Line d follows from line c: nothing in c but γᵗ depends on t, and Σ_t γᵗ = (1 − γ^T) / (1 − γ). Look at "
            "the step before.",
        ),
    },
    shows="At time t the state is distributed as p_t, not as μ. With p_t(s) in the place of μ(s) line c is right.",
    hints=[
        "Try T = 1 and T = 2. Which line is right for T = 1 only?",
        "What is the distribution of s_1?",
    ],
    see=DECISION_PROCESSES.section("The dynamics and the state distribution"),
)
def false_line() -> str:
    """Find the false line in a computation of J(θ)."""
    mdp, policy = random_mdp(np.random.default_rng(0)), SoftmaxPolicy(3, 2)
    theta = np.zeros((3, 2))
    listed, probability = enumerate_trajectories(mdp, policy, theta)
    factors = mdp.discount ** np.arange(listed.horizon)
    one_step = mdp.initial @ (policy.probabilities(theta) * mdp.expected_reward).sum(axis=1)
    lines = {
        "a": probability @ listed.returns,
        "b": factors @ (probability @ listed.rewards),
        "c": np.sum(factors * one_step),
        "d": (1 - mdp.discount**listed.horizon) / (1 - mdp.discount) * one_step,
    }
    return Derivation("", [Line(label, "", "", value) for label, value in lines.items()]).false_lines[0]
