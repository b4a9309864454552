"""One entry of the gradient, from visits, a probability and an advantage."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import number_exercise
from pgcode.exercises.chapters import THEOREM, VALUES

Array = NDArray[Any]

_THEOREM = THEOREM.section("T8: the theorem")
_WEIGHTS = VALUES.section("Three distributions of states")
_PROPORTIONAL = THEOREM.section("Equal, or only proportional")

_DISCOUNT = 0.5
#: From the workshop (0) to keep leads back to it and to ship to the road (1); from the road everything leads back.
_NEXT = np.array([[0, 1], [0, 0]])
_PAYS = np.array([[2.0, 0.0], [4.0, 4.0]])
_PI = np.full((2, 2), 0.5)


def _chain() -> Array:
    chain = np.zeros((2, 2))
    for state, action in np.ndindex(2, 2):
        chain[state, _NEXT[state, action]] += _PI[state, action]
    return chain


def _values() -> tuple[Array, Array]:
    """V and Q."""
    v = np.linalg.solve(np.eye(2) - _DISCOUNT * _chain(), (_PI * _PAYS).sum(axis=1))
    return v, _PAYS + _DISCOUNT * v[_NEXT]


def _visits() -> Array:
    """The discounted visits to each state, from the workshop."""
    return np.asarray(np.linalg.solve(np.eye(2) - _DISCOUNT * _chain().T, np.array([1.0, 0.0])))


@number_exercise(
    title="One entry by hand",
    shows="V(0) = 3.2 and V(1) = 5.6, so Q(0, keep) = 2 + ½ · 3.2 = 3.6. The workshop has d_γ(0) = 1.6 visits, and the "
    "entry is 1.6 · ½ · (3.6 − 3.2) = 0.32: visits, times probability, times advantage.",
    hints=[
        "Two equations give the values: V(0) = ½ (2 + ½ V(0)) + ½ · ½ V(1), and V(1) = 4 + ½ V(0).",
        "For the visits, d(0) = 1 + ½ (½ d(0) + d(1)) and d(1) = ½ · ½ d(0).",
        "For a softmax the derivative of Σ_a π(a) Q(a) by one preference is π(a) (Q(a) − V).",
    ],
    see=_THEOREM,
)
def entry_by_hand() -> float:
    """Predict the derivative of J by the preference for keeping in the workshop."""
    v, q = _values()
    return float(_visits()[0] * _PI[0, 0] * (q[0, 0] - v[0]))


@entry_by_hand.misconception(see=_WEIGHTS)
def visits_left_out() -> float:
    """That is the local term of the workshop, without its visits.

    The walk comes back to it: d_γ(0) is 1.6.
    """
    v, q = _values()
    return float(_PI[0, 0] * (q[0, 0] - v[0]))


@entry_by_hand.misconception()
def probability_left_out() -> float:
    """You left out π(keep).

    The derivative of π(keep) by its preference is π(keep) (1 − π(keep)), and what is left is π times the advantage.
    """
    v, q = _values()
    return float(_visits()[0] * (q[0, 0] - v[0]))


@entry_by_hand.misconception()
def value_for_advantage() -> float:
    """You took Q where Q − V belongs.

    The preference for keeping also lowers the probability of shipping, and Q of that is lost.
    """
    return float(_visits()[0] * _PI[0, 0] * _values()[1][0, 0])


@entry_by_hand.misconception(see=_PROPORTIONAL)
def visits_that_sum_to_one() -> float:
    """You divided the visits by their sum, 1/(1 − γ).

    That is the gradient times 1 − γ: proportional, and half of it here.
    """
    v, q = _values()
    return float((1 - _DISCOUNT) * _visits()[0] * _PI[0, 0] * (q[0, 0] - v[0]))


@entry_by_hand.misconception()
def reward_of_the_step_alone() -> float:
    """You compared the rewards of the step, 2 and 0, and not the values.

    To ship pays nothing at once, and leads to where 4 is paid.
    """
    return float(_visits()[0] * _PI[0, 0] * (_PAYS[0, 0] - (_PI * _PAYS).sum(axis=1)[0]))


@entry_by_hand.misconception(see=_WEIGHTS)
def visits_without_discount() -> float:
    """You weighed the workshop by its share of a long run, ⅔.

    From a start and with a discount, the early visits count most.
    """
    v, q = _values()
    return float(2 / 3 * _PI[0, 0] * (q[0, 0] - v[0]))
