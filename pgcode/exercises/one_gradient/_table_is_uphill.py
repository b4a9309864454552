"""With a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import values
from pgcode.exercises import Mistake, sign_exercise
from pgcode.exercises.chapters import DISCOUNTING
from pgcode.exercises.one_gradient._field_without_power import field_without_power
from pgcode.mdp import TabularMDP
from pgcode.policies import SoftmaxPolicy

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


_TABLE = DISCOUNTING.section("With a table it goes uphill")
_ALIKE = DISCOUNTING.section("Where states look alike it may go downhill")


@sign_exercise(
    title="A small step with a table",
    wrong={
        "negative": Mistake(
            "aliased states where none are",
            "Downhill it may go where states share parameters. Here each state has its own, and each is turned the "
            "right way.",
            _ALIKE,
        ),
        "zero": Mistake(
            "no gradient, and so no slope",
            "F is the gradient of nothing, and still it has an angle with ∇J. With a table each part of F is a "
            "positive multiple of that of ∇J.",
            _TABLE,
        ),
    },
    shows="F(s) = d_1(s) g(s) and ∇J(s) = d_γ(s) g(s): state by state a positive multiple. So the step goes uphill, in "
    "general not the steepest way.",
    hints=[
        "In a table the parameters of a state are moved by the term of that state alone.",
        "In F the term of s has the weight d_1(s), in ∇J the weight d_γ(s). Which signs do they have?",
    ],
    see=_TABLE,
)
def table_is_uphill() -> float:
    """Predict the sign of F · ∇J_γ where every state has parameters of its own."""
    rng = np.random.default_rng(0)
    transition = rng.dirichlet(np.ones(4), size=(4, 2))
    transition[-1] = np.eye(4)[-1]
    reward = rng.standard_normal(transition.shape)
    reward[-1] = 0
    mdp = TabularMDP(transition, reward, np.eye(4)[0], 0.6)
    policy, theta = SoftmaxPolicy(4, 2), rng.standard_normal((4, 2))
    field = field_without_power.reference(mdp, policy, theta)
    visits, q = values.discounted_visitation(mdp, policy, theta), values.action_values(mdp, policy, theta)
    gradient = policy.weighted_gradient(theta, visits[:, None] * q)
    return float(np.sum(field * gradient))
