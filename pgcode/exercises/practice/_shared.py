"""The places in the book that exercises of this part refer to."""

from __future__ import annotations

from pgcode.exercises.chapters import AUDIT, BASELINES, CONTINUOUS, CURVES, DEBUG, ENDS, LANGUAGE, LOSS

NO_BASELINE = BASELINES.section("A baseline leaves the mean alone")
SURROGATE = LOSS.section("The surrogate")
HELD = LOSS.section("Numbers that are held: the critic")
ENTROPY = LOSS.section("The entropy bonus")
LOGITS = LOSS.section("Logits against probabilities")
NAN = LOSS.section("Where a nan comes from")
RATIO = LOSS.section("The ratio of PPO")
FLAG = ENDS.section("What a flag does")
MASKS = ENDS.section("Two masks, not one")
MEANS = ENDS.section("Over what the mean is taken")
SUBTRACTED = LANGUAGE.section("What is subtracted")
DIVIDED = LANGUAGE.section("By what is divided")
AVERAGED = LANGUAGE.section("Over what is averaged")
SEEDS = CURVES.section("How many seeds")
SPREAD = CONTINUOUS.section("Learning σ: what collapses, and what blows up")
SQUASHING = CONTINUOUS.section("Squashing")
CLIPPING = CONTINUOUS.section("Clipping")
RECIPES = LANGUAGE.section("The recipes beside each other")
PENALTY = LANGUAGE.section("A penalty on the distance")
PICTURES = CURVES.section("Three pictures of the same runs")
DEBUG_WEIGHTS = DEBUG.section("Two lines about weights")
PROCEDURE = DEBUG.section("In your own program")
LISTING = AUDIT.section("What an audit does")
VERDICT = AUDIT.section("The counterexample, read aloud")
