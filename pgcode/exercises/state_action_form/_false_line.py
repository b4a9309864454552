"""A short derivation."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import state_action_form
from pgcode.environments import random_mdp
from pgcode.exercises import (
    Mistake,
    choice_exercise,
)
from pgcode.exercises.chapters import SHORT_DERIVATION, VALUES
from pgcode.exercises.state_action_form._shared import (
    OBJECTIVE_OF_B1,
)
from pgcode.policies import SoftmaxPolicy

Array = NDArray[Any]
Generator = np.random.Generator


_B1_AND_B2 = VALUES.section("B1 and B2: the mean of V, the mean of Q")
_B5 = SHORT_DERIVATION.section("B5: what is to be differentiated")
_B6 = SHORT_DERIVATION.section("B6: the gradient goes to one factor")
_B7_B8_B11 = SHORT_DERIVATION.section("B7, B8 and B11: multiply by one")
_B10 = SHORT_DERIVATION.section("B10: the expectation says how the state is drawn")


#: The lines of the task, and those of the ledger that they are.
_SHORT = {"a": "B1", "b": "B2", "c": "B5", "d": "B6", "e": "B7", "f": "B8", "g": "B10"}


@choice_exercise(
    title="A short derivation",
    wrong={
        "a": Mistake(
            "a definition taken for false",
            "Line a is a definition, and an odd one: it is r(π)/(1 − γ). Odd is not false.",
            OBJECTIVE_OF_B1,
        ),
        "b": Mistake(
            "the Bellman equation doubted",
            "Line b puts V(s) = Σ_a π(a|s) Q(s,a) into line a, which holds in every state.",
            _B1_AND_B2,
        ),
        "c": Mistake(
            "the announcement doubted",
            "Line c only says what is to be differentiated, and the gradient stands before all of it. Nothing has been "
            "done yet.",
            _B5,
        ),
        "e": Mistake(
            "one doubted",
            "Line e multiplies each term of line d by π/π = 1, which a softmax policy allows. What is wrong in it was "
            "wrong in line d.",
            _B7_B8_B11,
        ),
        "f": Mistake(
            "the logarithm doubted",
            "Line f puts ∇log π for ∇π/π, which is exact where π > 0. What is wrong in it comes from above.",
            _B7_B8_B11,
        ),
        "g": Mistake(
            "the expectation doubted",
            "Line g writes the two sums of line f as an expectation and says how s and a are drawn. It is exact as a "
            "consequence of line f. As the gradient of J_B it is false, but it is not the first line to be so.",
            _B10,
        ),
    },
    shows="Line d lets ∇ act on π alone. Q and d_π depend on θ too, and the product rule has three terms. The one with "
    "∇Q has the direction of line d and γ/(1 − γ) times its length; the one with ∇d_π can point anywhere.",
    hints=[
        "Six of the seven lines are a definition, an announcement, or a consequence of the line above.",
        "For each line, ask which of the letters in it change when θ changes.",
        "Where does the gradient move past something that depends on θ?",
    ],
    see=_B6,
)
def false_line() -> str:
    """Find the first line of a short derivation that does not follow."""
    mdp, policy, theta = random_mdp(np.random.default_rng(0), horizon=None), SoftmaxPolicy(3, 2), np.eye(3, 2)
    false = state_action_form.source_derivation(mdp, policy, theta).false_lines
    return next(label for label, line in _SHORT.items() if line in false)
