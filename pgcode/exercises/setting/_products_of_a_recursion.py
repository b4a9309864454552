"""What an exact value costs where a state is a few counters."""

from __future__ import annotations

from pgcode.exercises import number_exercise
from pgcode.exercises.chapters import GRADIENT_ASCENT

_COST = GRADIENT_ASCENT.section("The first obstacle: is the true gradient out of reach?")
_COUNTERS, _LEVELS, _ACTIONS, _HORIZON = 2, 10, 3, 20


@number_exercise(
    title="Two tanks",
    shows="100 states, and so 100² · 3 · 20 = 600,000 products: no time at all. A third tank makes it 60 million, a "
    "fourth six billion. What puts an exact gradient out of reach is the number of states, not that of walks.",
    hints=[
        "How many states are there, if each of the two tanks has ten levels?",
        "For each step, each state and each action the recursion multiplies every p(s′|s,a) with a value.",
    ],
    see=_COST,
)
def products_of_a_recursion() -> float:
    """Predict how many products of a probability with a value the recursion for J takes."""
    states = _LEVELS**_COUNTERS
    return float(states**2 * _ACTIONS * _HORIZON)


@products_of_a_recursion.misconception()
def levels_added() -> float:
    """That is the count for 20 states.

    Each level of the one tank goes with each level of the other: there are 10 · 10 states.
    """
    return float((_LEVELS * _COUNTERS) ** 2 * _ACTIONS * _HORIZON)


@products_of_a_recursion.misconception()
def states_counted_once() -> float:
    """That is S · A · T.

    For each state and action there is a sum over all states of arrival, with S products.
    """
    return float(_LEVELS**_COUNTERS * _ACTIONS * _HORIZON)


@products_of_a_recursion.misconception()
def one_step_alone() -> float:
    """That is the work of one step.

    The recursion goes back through all 20.
    """
    return float((_LEVELS**_COUNTERS) ** 2 * _ACTIONS)


@products_of_a_recursion.misconception()
def one_action_alone() -> float:
    """That is the work for one action.

    Each of the three has dynamics of its own.
    """
    return float((_LEVELS**_COUNTERS) ** 2 * _HORIZON)


@products_of_a_recursion.misconception()
def walks_counted() -> float:
    """That is how many walks there are, S (SA)ᵀ.

    The list needs them. The recursion does not.
    """
    states = float(_LEVELS**_COUNTERS)
    return states * (states * _ACTIONS) ** _HORIZON
