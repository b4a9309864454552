"""One formula of six."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import values
from pgcode.derivation import Derivation, Line
from pgcode.environments import random_mdp
from pgcode.exercises import (
    Mistake,
    choice_exercise,
)
from pgcode.exercises.chapters import SHORT_DERIVATION
from pgcode.exercises.state_action_form._shared import (
    PROPORTIONAL,
    WHERE_RIGHT,
    right_factors,
    weighted_line,
)
from pgcode.oracles import complex_step
from pgcode.policies import SoftmaxPolicy

Array = NDArray[Any]
Generator = np.random.Generator


_DROPPED = SHORT_DERIVATION.section("What was dropped, exactly")
_BIASED_GRADIENT = SHORT_DERIVATION.section("The line as a biased gradient")


def _claims() -> Derivation:
    """The six formulas of the task, each beside the complex step of its objective."""
    rng = np.random.default_rng(1)
    mdp, policy, theta = random_mdp(rng, horizon=None), SoftmaxPolicy(3, 2), rng.standard_normal((3, 2))
    d, factor = values.stationary_distribution(mdp, policy, theta), 1 / (1 - mdp.discount)
    visits, q = right_factors(mdp, policy, theta)
    differential = values.differential_action_values(mdp, policy, theta)

    def source_objective(at: Array) -> Any:
        return values.stationary_distribution(mdp, policy, at) @ values.state_values(mdp, policy, at)

    start = complex_step(lambda at: values.objective(mdp, policy, at), theta)
    average = complex_step(lambda at: values.average_reward(mdp, policy, at), theta)
    source = complex_step(source_objective, theta)
    claims = {
        "a": (start, mdp.initial, q),
        "b": (start, factor * d, q),
        "c": (average, d, q),
        "d": (source, factor * d, differential),
        "e": (source, factor * d, q),
        "f": (start, visits / visits.sum(), q),
    }
    return Derivation(
        "Six claims",
        [
            Line(label, "", "", weighted_line(policy, theta, weights, action_values), right_side=truth)
            for label, (truth, weights, action_values) in claims.items()
        ],
    )


@choice_exercise(
    title="One formula of six",
    wrong={
        "a": Mistake(
            "start weights for visits",
            "Line a has the weights μ. That is where the walk begins, but what θ changes later counts too: the weights "
            "of J are the discounted visits. Line a drops ∇Q.",
        ),
        "b": Mistake(
            "stationary for visitation",
            "Line b has stationary weights for a return from the start. The factor makes their sum right, and not "
            "their shares: they forget μ. It would be right for a walk that begins in d_π, held fixed.",
        ),
        "c": Mistake(
            "discounted values for the average reward",
            "Line c is the biased gradient of the average reward: its weights are right, and its Q discounts. It "
            "becomes exact only as γ tends to 1.",
            _BIASED_GRADIENT,
        ),
        "e": Mistake(
            "the gradient of the stationary distribution dropped",
            "Line e is Σ_s d_π ∇V. In J_B the weights d_π move with θ too, and Σ_s ∇d_π(s) V(s) is missing.",
            _DROPPED,
        ),
        "f": Mistake(
            "proportional for equal",
            "Line f has the right direction and not the right length. Its weights were divided by their sum, and the "
            "factor 1/(1 − γ) in front is missing.",
            PROPORTIONAL,
        ),
    },
    shows="Σ_s d_π(s) V(s) is r(π)/(1 − γ). So its gradient is that of the average reward, with stationary weights and "
    "differential values, times 1/(1 − γ). Weights and values belong together, and both belong to an objective: the "
    "formula alone does not say what it is the gradient of.",
    hints=[
        "Go from the objective to its weights and values. J: discounted visits, discounted Q. And r(π)?",
        "No line has d_γ as it is. So no line of J can be right. What kind of number is J_B?",
        "J_B = r(π)/(1 − γ). Which weights and which values does ∇r(π) need?",
    ],
    see=WHERE_RIGHT,
)
def true_formula() -> str:
    """Find the one formula of six that is true."""
    claims = _claims()
    (label,) = (line.label for line in claims if line.label not in claims.false_lines)
    return label
