"""What is expected at a cut."""

from __future__ import annotations

from pgcode.exercises import number_exercise
from pgcode.exercises.practice._shared import FLAG

_REWARD, _DISCOUNT, _NEXT, _NOW = 1.0, 0.9, 5.0, 4.0


@number_exercise(
    title="One step before a cut",
    shows="A cut says that nobody watched any longer. The state where the walk was cut is worth 5 as before, "
    "so the step "
    "brought 1 + 0.9 · 5 = 5.5, and 1.5 more than was expected.",
    hints=[
        "Did the process end, or did somebody stop watching?",
        "δ = r + γ V̂(s') − V̂(s), and V̂(s') is zero only where the walk ended.",
    ],
    see=FLAG,
)
def target_at_a_cut() -> float:
    """Predict δ of a step that pays 1 and is cut by a time limit; γ = 0.9, V̂(s) = 4, V̂(s') = 5."""
    return _REWARD + _DISCOUNT * _NEXT - _NOW


@target_at_a_cut.misconception()
def cut_taken_for_an_end() -> float:
    """That is δ of a step that ends the walk.

    It was cut: s' is worth 5.
    """
    return _REWARD - _NOW


@target_at_a_cut.misconception()
def discount_left_out() -> float:
    """The next value is not discounted.

    It comes one step later and counts γ times.
    """
    return _REWARD + _NEXT - _NOW


@target_at_a_cut.misconception()
def target_for_the_difference() -> float:
    """That is r + γ V̂(s'), what the critic is fitted to.

    δ has V̂(s) subtracted.
    """
    return _REWARD + _DISCOUNT * _NEXT


@target_at_a_cut.misconception()
def reward_left_out() -> float:
    """That is γ V̂(s') − V̂(s), without what the step pays.

    The step pays 1, and δ = r + γ V̂(s') − V̂(s).
    """
    return _DISCOUNT * _NEXT - _NOW


@target_at_a_cut.misconception()
def nothing_after_the_state() -> float:
    """That is 0 − V̂(s): neither the reward of the step nor the next value is there.

    The step pays 1 and leads to a state that is worth 5.
    """
    return -_NOW


@target_at_a_cut.misconception()
def reward_discounted_too() -> float:
    """The reward is discounted too.

    It is paid now.
    """
    return _DISCOUNT * (_REWARD + _NEXT) - _NOW
