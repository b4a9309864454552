"""One update of an actor and its critic, in order."""

from __future__ import annotations

from pgcode.exercises import Mistake, order_exercise
from pgcode.exercises.practice._shared import HELD, NO_BASELINE, RATIO, SURROGATE


@order_exercise(
    title="One update of an actor and its critic",
    decoys={
        "b": Mistake(
            "critic fitted before its values are used",
            "Line b fits the critic to this batch before the advantages are taken from it. A critic that has seen the "
            "walk is no baseline: the mean of the estimate gets shorter and turns.",
            NO_BASELINE,
        ),
        "e": Mistake(
            "old probabilities taken after the step",
            "Line e stores log π after the parameters have moved. Then every ratio is 1 and nothing is ever clipped.",
            RATIO,
        ),
        "h": Mistake(
            "critic differentiated with the policy",
            "Line h lets the gradient run through V̂ in the policy's loss. The advantages are numbers there.",
            HELD,
        ),
    },
    shows="Collect and store log π of the policy that acted; advantages from the critic of before, as numbers; "
    "a step of the "
    "policy; and only then the critic learns from this batch.",
    hints=[
        "Whose probabilities are the old ones: those of the policy that collected the batch.",
        "The critic must not have seen the batch when its values are subtracted.",
        "Three of the eight lines do not belong.",
    ],
    see=SURROGATE,
    also=["d a g f c", "d a f g c"],  # once the advantages are numbers, it matters not when the critic learns
)
def ordered_update() -> str:
    """Put the lines of the update in order; three of the eight are wrong."""
    return "d a g c f"


@ordered_update.misconception(see=NO_BASELINE)
def critic_that_has_seen_the_walk() -> str:
    """The critic is fitted before the advantages are computed.

    Then it has seen the walks from which its values are subtracted, and it is no baseline.
    """
    return "d f a g c"


@ordered_update.misconception()
def advantages_of_nothing() -> str:
    """The advantages come before anything was collected.

    They are made of the rewards of this batch.
    """
    return "a d g c f"
