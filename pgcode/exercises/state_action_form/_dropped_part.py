"""The gradient of a product with three factors that move, and what is dropped."""

from __future__ import annotations

import numpy as np

from pgcode.exercises import number_exercise
from pgcode.exercises.chapters import SHORT_DERIVATION

_DROPPED = SHORT_DERIVATION.section("What was dropped, exactly")
_FACTOR = SHORT_DERIVATION.section("B6: the gradient goes to one factor")

#: In two states: d and its derivative, V, and the derivatives of V by the policy and by Q alone.
_D, _D_MOVES, _V = np.array([0.25, 0.75]), np.array([0.1, -0.1]), np.array([4.0, 8.0])
_BY_POLICY, _BY_Q = np.array([1.0, 2.0]), np.array([0.6, 0.2])


@number_exercise(
    title="What the derivation drops",
    shows="By d: 0.1 · 4 − 0.1 · 8 = −0.4. By Q: ¼ · 0.6 + ¾ · 0.2 = 0.3. Together −0.1, beside 1.75 by the policy: "
    "the derivation finds 1.75, and the gradient is 1.65. Two parts may nearly cancel, and on another process they "
    "do not.",
    hints=[
        "J_B is Σ_s d(s) Σ_a π(a|s) Q(s,a). Three factors move, so there are three terms.",
        "The derivation keeps Σ_s d(s) Σ_a ∇π(a|s) Q(s,a). Add up the other two.",
    ],
    see=_DROPPED,
)
def dropped_part() -> float:
    """Predict by how much the gradient differs from the term that a derivation keeps if it differentiates π alone."""
    return float(_D_MOVES @ _V + _D @ _BY_Q)


@dropped_part.misconception()
def only_the_states() -> float:
    """That is the part of the state distribution alone.

    Q moves with θ as well.
    """
    return float(_D_MOVES @ _V)


@dropped_part.misconception()
def only_the_values() -> float:
    """That is the part of Q alone.

    The distribution of the states moves with θ as well.
    """
    return float(_D @ _BY_Q)


@dropped_part.misconception(see=_FACTOR)
def what_is_kept() -> float:
    """That is the term that the derivation keeps."""
    return float(_D @ _BY_POLICY)


@dropped_part.misconception(see=_FACTOR)
def whole_gradient() -> float:
    """That is the whole gradient, with the term that the derivation keeps."""
    return float(_D_MOVES @ _V + _D @ (_BY_POLICY + _BY_Q))


@dropped_part.misconception()
def the_other_way_round() -> float:
    """The sign is wrong: that is what is kept less the gradient."""
    return float(-(_D_MOVES @ _V + _D @ _BY_Q))


@dropped_part.misconception()
def states_not_weighted() -> float:
    """You added the parts of Q without the weights d(s)."""
    return float(_D_MOVES @ _V + _BY_Q.sum())
