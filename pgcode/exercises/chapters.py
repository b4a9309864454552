"""The chapters that exercises refer to, and where each line of the derivations is explained.

Tests compare all of them with the book.
"""

from collections.abc import Mapping

from pgcode._chapters import (
    BASELINES,
    CAUSALITY,
    DECISION_PROCESSES,
    DISCOUNTING,
    DYNAMICS_DROP_OUT,
    FROM_Q_TO_SAMPLES,
    GENERAL_SPACES,
    GRADIENT_ASCENT,
    HOW_FAR_OFF,
    LIKELIHOOD_RATIO,
    SAMPLE_ESTIMATE,
    SHORT_DERIVATION,
    THEOREM,
    VALUES,
)
from pgcode._places import Section

__all__ = [
    "BASELINES",
    "CAUSALITY",
    "DECISION_PROCESSES",
    "DISCOUNTING",
    "DYNAMICS_DROP_OUT",
    "FROM_Q_TO_SAMPLES",
    "GENERAL_SPACES",
    "GRADIENT_ASCENT",
    "HOW_FAR_OFF",
    "LIKELIHOOD_RATIO",
    "SAMPLE_ESTIMATE",
    "SHORT_DERIVATION",
    "THEOREM",
    "VALUES",
]

#: The section on each line, by its label: of both sources (A and B), of the proof of the theorem (T), for the average
#: reward (R), on the restarting chain (S) and on general spaces (G).
LINES: Mapping[str, Section] = {
    "A1": GRADIENT_ASCENT.section("A1: the update"),
    "A2": LIKELIHOOD_RATIO.section("A2: what is to be differentiated"),
    "A3": LIKELIHOOD_RATIO.section("A3: the gradient goes inside the sum"),
    "A4": LIKELIHOOD_RATIO.section("A4 and A5: multiply by one"),
    "A5": LIKELIHOOD_RATIO.section("A4 and A5: multiply by one"),
    "A6": LIKELIHOOD_RATIO.section("A6: the ratio is the gradient of a logarithm"),
    "A7": LIKELIHOOD_RATIO.section("A7: the trajectory form"),
    "A8": SAMPLE_ESTIMATE.section("A8: draw instead of sum"),
    "A9": DYNAMICS_DROP_OUT.section("A9: the probability is a product"),
    "A10": DYNAMICS_DROP_OUT.section("A10: the logarithm of a product"),
    "A11": DYNAMICS_DROP_OUT.section("A11: the gradient of a sum"),
    "A12": DYNAMICS_DROP_OUT.section("A12: the start and the dynamics contain no θ"),
    "A13": DYNAMICS_DROP_OUT.section("A13: what is left"),
    "A14": DYNAMICS_DROP_OUT.section("A14: the sum of the scores"),
    "A15": SAMPLE_ESTIMATE.section("A15: the same estimate from the policy alone"),
    "B1": VALUES.section("B1 and B2: the mean of V, the mean of Q"),
    "B2": VALUES.section("B1 and B2: the mean of V, the mean of Q"),
    "B3": VALUES.section("B3 and B4: the same as expectations"),
    "B4": VALUES.section("B3 and B4: the same as expectations"),
    "B5": SHORT_DERIVATION.section("B5: what is to be differentiated"),
    "B6": SHORT_DERIVATION.section("B6: the gradient goes to one factor"),
    "B7": SHORT_DERIVATION.section("B7, B8 and B11: multiply by one"),
    "B8": SHORT_DERIVATION.section("B7, B8 and B11: multiply by one"),
    "B9": SHORT_DERIVATION.section("B9: an integral is lost"),
    "B10": SHORT_DERIVATION.section("B10: the expectation says how the state is drawn"),
    "B10 = ∇J": FROM_Q_TO_SAMPLES.section("B10, read as the theorem has it"),
    "B11": FROM_Q_TO_SAMPLES.section("B11: the score function and its name"),
    "T1": THEOREM.section("T1: differentiate the first Bellman equation"),
    "T2": THEOREM.section("T2: the product rule"),
    "T3": THEOREM.section("T3: put in the second Bellman equation"),
    "T4": THEOREM.section("T4: the recursion"),
    "T5": THEOREM.section("T5: unroll"),
    "T6": THEOREM.section("T6: for ever"),
    "T7": THEOREM.section("T7: from the values to the objective"),
    "T8": THEOREM.section("T8: the theorem"),
    "T9": THEOREM.section("T9 and T10: scores and an expectation"),
    "T10": THEOREM.section("T9 and T10: scores and an expectation"),
    **{f"R{number}": THEOREM.section("The proof, average reward") for number in range(1, 7)},
    **{f"S{number}": SHORT_DERIVATION.section("A chain on which the source is right") for number in range(1, 5)},
    **{f"G{number}": GENERAL_SPACES.section("The theorem with a discount") for number in range(1, 11)},
}

#: The entries on the page of errata that belong to a line of a source: what it should say, or a remark.
ERRATA: Mapping[str, tuple[str, ...]] = {
    "A1": ("EA1", "EA2"),
    "A2": ("EA6", "EA7"),
    "A3": ("EA4",),
    "A4": ("EA8",),
    "A7": ("EA9",),
    "A8": ("EA11",),
    "A9": ("EA10", "EA13"),
    "A12": ("EA14",),
    "A13": ("EA12",),
    "A15": ("EA11", "EA15"),
    "B1": ("EB2", "EB3"),
    "B3": ("EB12",),
    "B5": ("EB15",),
    "B6": ("EB4", "EB5", "EB14"),
    "B7": ("EB13",),
    "B9": ("EB6",),
    "B10": ("EB7",),
    "B10 = ∇J": ("EB4", "EB7"),
    "B11": ("EB10",),
}
