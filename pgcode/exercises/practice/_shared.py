"""The places in the book that exercises of this part refer to."""

from __future__ import annotations

from pgcode.exercises.chapters import AUDIT, CONTINUOUS, ENDS, LOSS

SURROGATE = LOSS.section("The surrogate")
HELD = LOSS.section("Numbers that are held: the critic")
ENTROPY = LOSS.section("The entropy bonus")
LOGITS = LOSS.section("Logits against probabilities")
RATIO = LOSS.section("The ratio of PPO")
FLAG = ENDS.section("What a flag does")
MASKS = ENDS.section("Two masks, not one")
MEANS = ENDS.section("Over what the mean is taken")
GROUPS = AUDIT.section("Groups of answers, for language models")
SPREAD = CONTINUOUS.section("Learning σ: what collapses, and what blows up")
SQUASHING = CONTINUOUS.section("Squashing")
CLIPPING = CONTINUOUS.section("Clipping")
