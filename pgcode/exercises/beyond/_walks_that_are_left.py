"""How many are left."""

from __future__ import annotations

from pgcode.exercises import number_exercise
from pgcode.exercises.chapters import OFF_POLICY


@number_exercise(
    title="How many walks are left",
    shows="One ratio has the mean square ½ · (3/2)² + ½ · (1/2)² = 5/4, two have 25/16, and 1000 · 16/25 = 640.",
    hints=[
        "The two ratios of one decision are 3/2 and 1/2, each with probability ½ under β.",
        "The mean of the square of a product of independent ratios is the product of the mean squares.",
        "n walks are worth n divided by the mean square of the weight.",
    ],
    see=OFF_POLICY.section("Whole walks, reweighed"),
)
def walks_that_are_left() -> float:
    """Predict how many fresh walks 1000 reweighed walks of two decisions are worth."""
    square = 0.5 * 1.5**2 + 0.5 * 0.5**2
    return 1000 / square**2


@walks_that_are_left.misconception()
def one_decision() -> float:
    """That is right for walks of one decision.

    The weight of a walk of two has the product of two ratios.
    """
    return 800.0


@walks_that_are_left.misconception()
def all_of_them() -> float:
    """All 1000 are there, but with unequal weights.

    Their mean is 1, so the mean estimate is right. Its variance is that of fewer walks.
    """
    return 1000.0


@walks_that_are_left.misconception()
def divided_by_the_variance() -> float:
    """You divided by the variance of the weight, 9/16.

    Divide by its mean square, 25/16: with equal weights the variance is 0, and all walks are left.
    """
    return 1000 / (1.25**2 - 1)


@walks_that_are_left.misconception()
def squares_under_the_target() -> float:
    """You took the mean of the squared ratios under π.

    The walks are drawn by β: under it each ratio has probability ½.
    """
    return 1000 / (0.75 * 1.5**2 + 0.25 * 0.5**2) ** 2


@walks_that_are_left.misconception()
def squares_added() -> float:
    """You added the mean squares of the two decisions.

    The weight is a product, and the mean square of a product of independent factors is the product.
    """
    return 1000 / 2.5


@walks_that_are_left.misconception()
def mean_square_itself() -> float:
    """That is the mean square of the weight.

    The 1000 walks are divided by it.
    """
    return 25 / 16


@walks_that_are_left.misconception()
def multiplied_by_the_mean_square() -> float:
    """You multiplied by the mean square of the weight.

    Divide by it: walks whose weights differ are worth fewer.
    """
    return 1000 * 1.25**2


@walks_that_are_left.misconception()
def probability_squared() -> float:
    """That is 1000 times the probability that you choose action 0 twice, ¾ squared.

    Walks with action 1 count too, only less. Take the mean square of the weight.
    """
    return 1000 * 0.75**2
