"""Two looks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import number_exercise
from pgcode.exercises.chapters import HOW_FAR_OFF

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


_BREAK_IT = HOW_FAR_OFF.section("Break it")


@number_exercise(
    title="Two looks",
    shows="Two independent tests at level 5 % raise a false alarm in 9.75 % of all studies. The level belongs to one "
    "test that was named beforehand.",
    hints=[
        "A study is without alarm if both tests are.",
        "One test is without alarm with probability 0.95. The samples are independent.",
    ],
    see=_BREAK_IT,
    tolerance=2e-3,
)
def two_looks() -> float:
    """Predict how often one of two independent tests at level 0.05 says "bias" of an estimator that has none."""
    return 1 - (1 - 0.05) ** 2


@two_looks.misconception()
def levels_added() -> float:
    """That is the sum of both levels.

    Studies in which both tests raise an alarm are counted twice in it.
    """
    return 0.05 + 0.05


@two_looks.misconception()
def level_of_one_test() -> float:
    """That is the level of one test.

    Each look is one more chance of a false alarm.
    """
    return 0.05


@two_looks.misconception()
def both_at_once() -> float:
    """That is how often both tests raise an alarm.

    One of them is enough to say "bias".
    """
    return 0.05**2


@two_looks.misconception()
def no_alarm_at_all() -> float:
    """That is how often neither test raises an alarm.

    Asked for is the opposite.
    """
    return (1 - 0.05) ** 2


@two_looks.misconception()
def exactly_one_alarm() -> float:
    """That is how often exactly one of the tests raises an alarm.

    Two alarms are a false verdict as well.
    """
    return 2 * 0.05 * 0.95
