"""The slope of PPO's objective."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.practice._shared import RATIO

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _batches(rng: Generator) -> Arguments:
    for m, epsilon in ((12, 0.2), (16, 0.1), (10, 0.3)):
        log_old = -rng.exponential(size=m)
        moves = np.linspace(-0.6, 0.6, m)
        rng.shuffle(moves)
        advantages = rng.standard_normal(m)
        moves[:2], advantages[:2] = (0.98 * epsilon, -1.02 * epsilon), (1.5, -0.7)  # the bounds are those of the ratio
        yield log_old + moves, log_old, advantages, epsilon
    yield np.array([-0.5, -1.0, -0.2]), np.array([-1.1, -0.6, -0.3]), np.array([-1.3, 0.8, 0.5]), 0.2


@function_exercise(
    title="Repair: the slope of a clipped ratio",
    cases=_batches,
    shows="min(ρA, clip(ρ)A) is flat only where the ratio has already gone the way that A asks for, by more "
    "than ε. Where "
    "it has gone the other way, the slope is there to bring it back. At ρ = 1 it is A: the first step of an update is "
    "that of the plain surrogate.",
    hints=[
        "The objective is min(ρA, clip(ρ, 1 − ε, 1 + ε) A). Draw it as a function of ρ, once for A > 0, once "
        "for A < 0.",
        "For A > 0 it is flat above 1 + ε and nowhere else.",
        "Where it is not flat: d/d log π of ρA is ρA, since ρ = exp(log π − log π_old).",
    ],
    see=RATIO,
)
def clipped_ratio_slope(log_pi: Array, log_old: Array, advantages: Array, epsilon: float) -> Array:
    """Return the slope of min(ρA, clip(ρ, 1 − ε, 1 + ε)A) by log π, for each sample, with ρ = π/π_old."""
    ratio = np.exp(log_pi - log_old)
    flat = np.where(advantages > 0, ratio > 1 + epsilon, ratio < 1 - epsilon)
    return np.where(flat, 0.0, ratio * advantages)


def _ratio(log_pi: Array, log_old: Array) -> Array:
    return np.asarray(np.exp(log_pi - log_old))


@clipped_ratio_slope.misconception()
def flat_on_both_sides(log_pi: Array, log_old: Array, advantages: Array, epsilon: float) -> Array:
    """The slope is 0 wherever the ratio is outside of 1 ± ε.

    That is the clipped part alone. The minimum keeps a slope where the ratio went the wrong way, to bring it back.
    """
    ratio = _ratio(log_pi, log_old)
    return np.where(abs(ratio - 1) > epsilon, 0.0, ratio * advantages)


@clipped_ratio_slope.misconception()
def flat_on_the_wrong_side(log_pi: Array, log_old: Array, advantages: Array, epsilon: float) -> Array:
    """The slope is 0 where the ratio went against the advantage, and not where it went along.

    That is the larger of the two. The objective takes the smaller.
    """
    ratio = _ratio(log_pi, log_old)
    flat = np.where(advantages > 0, ratio < 1 - epsilon, ratio > 1 + epsilon)
    return np.where(flat, 0.0, ratio * advantages)


@clipped_ratio_slope.misconception()
def flat_on_one_side_whatever_the_advantage(log_pi: Array, log_old: Array, advantages: Array, epsilon: float) -> Array:
    """The slope is 0 where the ratio is above 1 + ε, whether A is positive or negative.

    That is right for A > 0. For A < 0 the objective is flat below 1 − ε, and above 1 + ε its slope brings the ratio
    back.
    """
    ratio = _ratio(log_pi, log_old)
    return np.where(ratio > 1 + epsilon, 0.0, ratio * advantages)


@clipped_ratio_slope.misconception()
def flat_below_whatever_the_advantage(log_pi: Array, log_old: Array, advantages: Array, epsilon: float) -> Array:
    """The slope is 0 where the ratio is below 1 − ε, whether A is positive or negative.

    That is right for A < 0. For A > 0 the objective is flat above 1 + ε, and below 1 − ε its slope brings the ratio
    back.
    """
    ratio = _ratio(log_pi, log_old)
    return np.where(ratio < 1 - epsilon, 0.0, ratio * advantages)


@clipped_ratio_slope.misconception()
def never_flat(log_pi: Array, log_old: Array, advantages: Array, epsilon: float) -> Array:
    """Nothing is clipped.

    Where the ratio has gone the right way by more than ε, the objective is flat.
    """
    return np.asarray(_ratio(log_pi, log_old) * advantages)


@clipped_ratio_slope.misconception()
def ratio_left_out(log_pi: Array, log_old: Array, advantages: Array, epsilon: float) -> Array:
    """The slope is A where it is not flat.

    The slope of ρ by log π is ρ itself: the samples are those of the old policy.
    """
    ratio = _ratio(log_pi, log_old)
    flat = np.where(advantages > 0, ratio > 1 + epsilon, ratio < 1 - epsilon)
    return np.where(flat, 0.0, advantages)


@clipped_ratio_slope.misconception()
def ratio_upside_down(log_pi: Array, log_old: Array, advantages: Array, epsilon: float) -> Array:
    """The ratio is π_old/π.

    It is new over old.
    """
    ratio = _ratio(log_old, log_pi)
    flat = np.where(advantages > 0, ratio > 1 + epsilon, ratio < 1 - epsilon)
    return np.where(flat, 0.0, ratio * advantages)


@clipped_ratio_slope.misconception()
def clipped_value_for_the_slope(log_pi: Array, log_old: Array, advantages: Array, epsilon: float) -> Array:
    """Your result is the objective itself, min(ρA, clip(ρ)A).

    Where it is flat its slope is 0.
    """
    ratio = _ratio(log_pi, log_old)
    return np.minimum(ratio * advantages, np.clip(ratio, 1 - epsilon, 1 + epsilon) * advantages)


@clipped_ratio_slope.misconception()
def clipped_ratio_times_the_advantage(log_pi: Array, log_old: Array, advantages: Array, epsilon: float) -> Array:
    """The slope is clip(ρ)A: the ratio is held at the bound, and the slope with it.

    Where the objective is clipped it does not change with ρ, so its slope is 0. Elsewhere it is ρA with the whole ρ.
    """
    return np.asarray(np.clip(_ratio(log_pi, log_old), 1 - epsilon, 1 + epsilon) * advantages)


@clipped_ratio_slope.misconception()
def logarithms_compared_with_the_bounds(log_pi: Array, log_old: Array, advantages: Array, epsilon: float) -> Array:
    """The difference of the logarithms is compared with ε.

    The bounds 1 ± ε are those of the ratio, and log(1 + ε) is below ε.
    """
    change = log_pi - log_old
    flat = np.where(advantages > 0, change > epsilon, change < -epsilon)
    return np.where(flat, 0.0, np.exp(change) * advantages)


@clipped_ratio_slope.also_right
def _by_the_smaller(log_pi: Array, log_old: Array, advantages: Array, epsilon: float) -> Array:
    """The slope where ρA is the smaller one."""
    ratio = np.exp(log_pi - log_old)
    clipped = np.clip(ratio, 1 - epsilon, 1 + epsilon)
    return np.where(ratio * advantages <= clipped * advantages, ratio * advantages, 0.0)
