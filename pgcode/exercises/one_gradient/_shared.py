"""What several exercises of this part use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises.chapters import BASELINES, CAUSALITY, DISCOUNTING

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


C2 = CAUSALITY.section("C2: causality")
LOOKING_AHEAD = CAUSALITY.section("Break it")
UNBIASED = BASELINES.section("A baseline leaves the mean alone")
V_IS_NOT_BEST = BASELINES.section("The value function is not always a good baseline")
STANDARDISING = BASELINES.section("What standardising the returns does")
GAE = BASELINES.section("Generalized advantage estimation")
TWO_CLOCKS = DISCOUNTING.section("Both discounts come from one")
DROPPED = DISCOUNTING.section("What code computes")
TWICE = DISCOUNTING.section("Break it")
OVER_STEPS = DISCOUNTING.section("Mean over time steps, or sum per trajectory?")


def scores_of(pi: Array) -> Array:
    """The score of each arm, one in each row."""
    return np.asarray(np.eye(len(pi)) - pi)
