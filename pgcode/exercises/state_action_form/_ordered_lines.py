"""The proof of the theorem."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    Mistake,
    order_exercise,
)
from pgcode.exercises.chapters import THEOREM
from pgcode.exercises.state_action_form._shared import (
    T8,
)

Array = NDArray[Any]
Generator = np.random.Generator


_T2 = THEOREM.section("T2: the product rule")
_T3 = THEOREM.section("T3: put in the second Bellman equation")
_T4 = THEOREM.section("T4: the recursion")
_T5 = THEOREM.section("T5: unroll")
_T6 = THEOREM.section("T6: for ever")


@order_exercise(
    title="The proof of the theorem",
    decoys={
        "b": Mistake(
            "the gradient of Q dropped",
            "Line b keeps one term of the product rule. Q is the value of what the policy does later and depends on θ "
            "as well: π(a|s) ∇Q(s,a) is missing, and it is no small term.",
            _T2,
        ),
        "e": Mistake(
            "the dynamics differentiated",
            "Line e lets the gradient act on p. The dynamics are given and contain no θ. What depends on θ in the next "
            "state is its value V(s').",
            _T3,
        ),
        "h": Mistake(
            "stationary for visitation",
            "Line h weights by the stationary distribution. What stands before g is μ (I − γP_π)⁻¹, and that counts "
            "discounted visits from the start: no line speaks of the long run.",
            T8,
        ),
        "j": Mistake(
            "the start for all visits",
            "Line j evaluates g at the start alone. Every later state adds its g too, discounted: that is what the "
            "inverse collects.",
            _T5,
        ),
        "k": Mistake(
            "the discount lost",
            "Line k has no discount before ∇V(s'). Q(s,a) contains γ times the value of the next state, and γ passes "
            "the gradient as a factor.",
            _T4,
        ),
    },
    shows="The product rule keeps both terms, and the second one hands the question on to the next state. When it has "
    "been handed on for ever, the changes of all later values have become visits. So d_γ is not differentiated: it "
    "comes out as a factor.",
    hints=[
        "The proof begins with V and not with J. Five of the twelve lines are false.",
        "Product rule, then the Bellman equation for Q, then the average over the actions, then solve for ∇V.",
        "The lines with ∇J on their left or with d_γ in them stand at the end: i and then d.",
    ],
    see=T8,
)
def ordered_lines() -> str:
    """Put the lines of the proof of the theorem in order; five of the twelve are false."""
    return "f c l a g i d"


@ordered_lines.misconception(see=_T3)
def recursion_before_the_bellman_equation() -> str:
    """You wrote the recursion before the line that it comes from.

    First Q = r + γ Σ p V is put in and ∇V(s') appears for each action. Then Σ_a π p becomes P_π.
    """
    return "f c a l g i d"


@ordered_lines.misconception(see=_T6)
def objective_first() -> str:
    """You began with the objective.

    Line i holds the inverse (I − γP_π)⁻¹ already, so it needs all lines on ∇V(s) before it: they are where the inverse
    comes from.
    """
    return "i f c l a g d"


@ordered_lines.misconception(see=_T6)
def objective_and_theorem_first() -> str:
    """You began with the objective and the theorem.

    Line i holds the inverse (I − γP_π)⁻¹ already, so it needs all lines on ∇V(s) before it: they are where the inverse
    comes from.
    """
    return "i d f c l a g"
