"""Where the push ends."""

from __future__ import annotations

from pgcode.exercises import number_exercise
from pgcode.exercises.chapters import HOW_FAR_TO_STEP

_CLIP = HOW_FAR_TO_STEP.section("A clip is no trust region")


@number_exercise(
    title="Where the push ends",
    shows="The worse arm's ratio is clipped first, at 1 − 0.4 · 0.8 = 0.68; the better one pushes on to 1.2 · 0.6 = "
    "0.72. From there to 1 the objective is flat, and nothing holds the policy.",
    hints=[
        "The better arm has a positive advantage: it pushes until its ratio is 1.2.",
        "The worse arm has a negative one: it pushes until its ratio is 0.8.",
        "The push ends where both have ended.",
    ],
    see=_CLIP,
)
def where_the_push_ends() -> float:
    """Predict the least probability of the better arm at which the clipped objective is flat, from 0.6 and ε = 0.2."""
    return 1.2 * 0.6


@where_the_push_ends.misconception()
def clip_of_the_worse_arm() -> float:
    """There the worse arm's ratio is 0.8: 0.32/0.4.

    The better arm's is 0.68/0.6 = 1.13 and still pushes.
    """
    return 0.68


@where_the_push_ends.misconception()
def clip_added_to_the_probability() -> float:
    """That is 0.6 + 0.2.

    The clip is on the ratio of the probabilities: 1 + 0.2 times 0.6.
    """
    return 0.8


@where_the_push_ends.misconception()
def never_clipped() -> float:
    """That is where the policy is sure.

    It is pushed as far as that only if the better arm's ratio cannot reach 1.2: from a probability above 1/1.2.
    """
    return 1.0


@where_the_push_ends.misconception()
def no_push_at_ratio_one() -> float:
    """There all ratios are 1, and the gradient is the policy gradient.

    The value of the objective is 0 there, and its slope is not.
    """
    return 0.6


@where_the_push_ends.misconception()
def ratio_for_the_probability() -> float:
    """That is the ratio at which it ends.

    The probability is the ratio times the old probability.
    """
    return 1.2


@where_the_push_ends.misconception()
def lower_clip() -> float:
    """That is 0.8 · 0.6: the better arm made less probable.

    Its advantage is positive, so it is pushed upwards.
    """
    return 0.48


@where_the_push_ends.misconception()
def divided_by_the_clip() -> float:
    """That is 0.6/1.2.

    The new probability is the ratio times the old one.
    """
    return 0.5
