"""One update by hand, seen from an arm that was not pulled."""

from __future__ import annotations

import numpy as np

from pgcode.exercises import number_exercise
from pgcode.exercises.chapters import DYNAMICS_DROP_OUT, SAMPLE_ESTIMATE

_REINFORCE = SAMPLE_ESTIMATE.section("REINFORCE")
_SCORE = DYNAMICS_DROP_OUT.section("The score of a softmax policy")

_STEP, _PAID, _PULLED, _WATCHED = 0.5, -3.0, 2, 0
_PI = np.full(3, 1 / 3)


def _score(arm: int) -> float:
    """The derivative of log π of the arm that was pulled by the preference for another one."""
    return float((arm == _PULLED) - _PI[arm])


@number_exercise(
    title="The arm that was not pulled",
    shows="Its score is −⅓, and −3 · (−⅓) = 1: what was pulled has lost, so the other two gain, half a unit each, and "
    "the arm that was pulled falls by 1. The three changes sum to zero.",
    hints=[
        "Arm 0 was not pulled. What is the derivative of log π(2) by θ(0)?",
        "The change is step size times return times score, each with its sign.",
    ],
    see=_REINFORCE,
)
def one_update_by_hand() -> float:
    """Predict the preference for arm 0 after one update of REINFORCE, in which arm 2 was pulled and paid −3."""
    return float(_STEP * _PAID * _score(_WATCHED))


@one_update_by_hand.misconception(see=_SCORE)
def only_the_arm_that_was_pulled() -> float:
    """You left arm 0 where it was.

    A softmax shares one probability: the score of the others is −π.
    """
    return 0.0


@one_update_by_hand.misconception()
def change_of_the_arm_that_was_pulled() -> float:
    """That is the change of arm 2, which was pulled.

    Its score is 1 − ⅓. Asked for is arm 0.
    """
    return float(_STEP * _PAID * _score(_PULLED))


@one_update_by_hand.misconception()
def downhill() -> float:
    """The sign is wrong.

    The return is negative and so is the score of arm 0: their product is a gain.
    """
    return float(-_STEP * _PAID * _score(_WATCHED))


@one_update_by_hand.misconception()
def step_size_left_out() -> float:
    """You left out the step size ½."""
    return float(_PAID * _score(_WATCHED))


@one_update_by_hand.misconception(see=_SCORE)
def score_of_one() -> float:
    """You took a score of −1.

    It is −π(0), a third of that.
    """
    return float(-_STEP * _PAID)


@one_update_by_hand.misconception()
def probability_times_it() -> float:
    """You multiplied by the probability of the arm that was pulled.

    In the mean over all arms each has its probability. An update from one pull has none: pulling was the draw.
    """
    return float(_STEP * _PAID * _score(_WATCHED) * _PI[_PULLED])
