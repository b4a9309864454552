"""The estimate from actions that are cut at bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.practice._shared import CLIPPING

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _draws(rng: Generator) -> Arguments:
    for m, mean, sigma, low, high in ((8, 0.9, 0.5, -1.0, 1.0), (6, -0.2, 0.8, -0.5, 0.5), (10, 2.0, 1.5, 0.0, 2.0)):
        z = mean + sigma * rng.standard_normal(m)
        yield z, 2 - (np.clip(z, low, high) - 0.6) ** 2, mean, sigma, low, high


@function_exercise(
    title="Repair: actions that are cut at bounds",
    cases=_draws,
    shows="The policy drew z, so the score is that of z. The cut belongs to the world: it is in the payments already.",
    hints=[
        "Which number did the policy draw, and which one did the world carry out?",
        "The score of a Gaussian by its mean is (z − θ)/σ².",
        "The bounds are not needed: the payments were made for the actions that were cut.",
    ],
    see=CLIPPING,
)
def throttle_estimate(z: Array, payments: Array, mean: float, sigma: float, low: float, high: float) -> Any:
    """Return the mean of score × payment by the mean of the Gaussian from which z was drawn; a is z cut at bounds."""
    score = (z - mean) / sigma**2
    return np.mean(score * payments)


@throttle_estimate.misconception()
def score_of_the_action_carried_out(
    z: Array, payments: Array, mean: float, sigma: float, low: float, high: float
) -> Any:
    """The score is that of the action that was cut.

    The policy never drew it. Its bias is what the bound pays, times how far draws stick out, over σ².
    """
    return np.mean((np.clip(z, low, high) - mean) / sigma**2 * payments)


@throttle_estimate.misconception()
def cut_and_divided_by_the_deviation(
    z: Array, payments: Array, mean: float, sigma: float, low: float, high: float
) -> Any:
    """The score is that of the action that was cut, and it is divided by σ once.

    Take what was drawn, and divide by the variance.
    """
    return np.mean((np.clip(z, low, high) - mean) / sigma * payments)


@throttle_estimate.misconception()
def divided_by_the_deviation(z: Array, payments: Array, mean: float, sigma: float, low: float, high: float) -> Any:
    """The score is (z − θ)/σ.

    It is divided by the variance σ².
    """
    return np.mean((z - mean) / sigma * payments)


@throttle_estimate.misconception()
def draws_outside_dropped(z: Array, payments: Array, mean: float, sigma: float, low: float, high: float) -> Any:
    """Draws outside of the bounds count as 0.

    They were drawn and paid. Without them a constant payment would have a slope.
    """
    inside = (z > low) & (z < high)
    return np.mean(np.where(inside, (z - mean) / sigma**2, 0.0) * payments)


@throttle_estimate.misconception()
def draws_outside_left_out_of_the_mean(
    z: Array, payments: Array, mean: float, sigma: float, low: float, high: float
) -> Any:
    """Draws outside of the bounds are left out, and the mean is over the others.

    Which draws lie outside depends on θ: what is left is a sample of another distribution.
    """
    inside = (z > low) & (z < high)
    return np.sum(np.where(inside, (z - mean) / sigma**2, 0.0) * payments) / inside.sum()


@throttle_estimate.misconception()
def mean_payment_subtracted(z: Array, payments: Array, mean: float, sigma: float, low: float, high: float) -> Any:
    """The mean of these payments is subtracted from each.

    It holds the own payment, so with m draws the mean of the estimate is (1 − 1/m) J'. Nothing is subtracted here.
    """
    return np.mean((z - mean) / sigma**2 * (payments - payments.mean()))


@throttle_estimate.misconception()
def score_not_divided(z: Array, payments: Array, mean: float, sigma: float, low: float, high: float) -> Any:
    """The score is z − θ.

    It is divided by the variance σ².
    """
    return np.mean((z - mean) * payments)


@throttle_estimate.misconception()
def log_density_for_the_score(z: Array, payments: Array, mean: float, sigma: float, low: float, high: float) -> Any:
    """The logarithm of the density stands beside the payments.

    The score is its derivative by the mean.
    """
    log_density = -(((z - mean) / sigma) ** 2) / 2 - np.log(sigma) - np.log(2 * np.pi) / 2
    return np.mean(log_density * payments)
