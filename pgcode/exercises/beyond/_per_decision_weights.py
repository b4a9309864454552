"""Somebody else's walk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.chapters import OFF_POLICY

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _walks(rng: Generator) -> Arguments:
    """Rewards of a walk, the probabilities of its actions under π and under β, and a discount."""
    for horizon, discount in ((3, 0.5), (4, 0.9), (2, 0.8)):
        yield rng.standard_normal(horizon), rng.uniform(0.2, 0.9, horizon), rng.uniform(0.2, 0.9, horizon), discount


@function_exercise(
    title="Somebody else's walk",
    cases=_walks,
    shows="A reward is weighed with the ratios of all decisions up to its own: those before t say whether you would be "
    "there at all, those after it cannot change what was paid.",
    hints=[
        "ρ_t = π(a_t|s_t)/β(a_t|s_t): how much more often you would do it than whoever did it.",
        "np.cumprod(ρ) has ρ_0 ⋯ ρ_k in its entry k. Multiply by γᵏ r_k.",
        "Then sum from t to the end, for each t: a cumulative sum from behind.",
    ],
    see=OFF_POLICY.section("Whole walks, reweighed"),
)
def per_decision_weights(rewards: Array, target: Array, behaviour: Array, discount: float) -> Any:
    """Return Σ_{k ≥ t} γᵏ ρ_0 ⋯ ρ_k r_k for each decision t, shape (T,)."""
    ratios = target / behaviour
    paid = discount ** np.arange(len(rewards)) * np.cumprod(ratios) * rewards
    return np.cumsum(paid[::-1])[::-1]


@per_decision_weights.made_of
def _made(
    rewards: Array,
    target: Array,
    behaviour: Array,
    discount: float,
    *,
    ratio: Callable[[Array, Array], Array] = lambda target, behaviour: target / behaviour,
    weight: Callable[[Array, int, int], Any] = lambda ratios, k, t: np.prod(ratios[: k + 1]),
    discounted: Callable[[float, int, int], float] = lambda discount, k, t: discount**k,
    counted: Callable[[int, int], range] = range,
) -> Any:
    ratios, horizon = ratio(target, behaviour), len(rewards)
    return np.array(
        [
            sum(discounted(discount, k, t) * weight(ratios, k, t) * rewards[k] for k in counted(t, horizon))
            for t in range(horizon)
        ]
    )


per_decision_weights.variation(
    "ratio upside down",
    "The ratio is β/π. A decision that you would take more often than β must count more: π/β.",
    ratio=lambda target, behaviour: behaviour / target,
)
per_decision_weights.variation(
    "no ratios",
    "There are no ratios in it: these are the weights of your own walks. What β does more often than you has to count "
    "less.",
    ratio=lambda target, behaviour: np.ones(len(target)),
)
per_decision_weights.variation(
    "behaviour left out",
    "The probabilities of π stand alone, not divided by those of β. How often β does it is in the data already.",
    ratio=lambda target, behaviour: target,
)
per_decision_weights.variation(
    "past ratios left out",
    "The ratios of the decisions before t are missing. They say whether you would have come to s_t at all.",
    weight=lambda ratios, k, t: np.prod(ratios[t : k + 1]),
)
per_decision_weights.variation(
    "whole product",
    "Each reward has the product of all ratios of the walk. Its mean is right, but later decisions cannot change a "
    "reward: asked for are the ratios up to its own.",
    weight=lambda ratios, k, t: np.prod(ratios),
)
per_decision_weights.variation(
    "later ratios for earlier ones",
    "A reward has the ratios from its own decision on. They are those that it does not need: take those up to it.",
    weight=lambda ratios, k, t: np.prod(ratios[k:]),
)
per_decision_weights.variation(
    "own ratio left out",
    "The ratio of the decision that earns the reward is missing: the product goes from 0 to k, and k counts.",
    weight=lambda ratios, k, t: np.prod(ratios[:k]),
)
per_decision_weights.variation(
    "one ratio each",
    "A reward has the ratio of its own decision alone. Whether you come to its state hangs on the earlier ones.",
    weight=lambda ratios, k, t: ratios[k],
)
per_decision_weights.variation(
    "ratios up to the decision",
    "Every reward has the ratios up to decision t, and not up to its own. What is decided between t and k matters for "
    "r_k.",
    weight=lambda ratios, k, t: np.prod(ratios[: t + 1]),
)
per_decision_weights.variation(
    "ratios added",
    "The ratios are added. The probability of a walk is a product of probabilities, so is their ratio.",
    weight=lambda ratios, k, t: np.sum(ratios[: k + 1]),
)
per_decision_weights.variation(
    "no discount",
    "The discount is missing: a reward at time k counts γᵏ times.",
    discounted=lambda discount, k, t: 1.0,
)
per_decision_weights.variation(
    "discount from the decision on",
    "The discount is counted from decision t on, γ to the power k − t. J counts from the start: γᵏ.",
    discounted=lambda discount, k, t: discount ** (k - t),
)
per_decision_weights.variation(
    "past rewards too",
    "Every decision has all rewards, those before it too. Beside the score those have the mean 0 under β only if ρ_t "
    "is among their ratios. With the ratios up to their own alone they make the mean wrong.",
    counted=lambda t, horizon: range(horizon),
)
per_decision_weights.variation(
    "added up from the start",
    "Decision t has what was paid up to t. It is credited with what is paid from t on: add up from behind.",
    counted=lambda t, horizon: range(t + 1),
)


@per_decision_weights.misconception()
def past_rewards_with_the_ratio_of_the_decision(
    rewards: Array, target: Array, behaviour: Array, discount: float
) -> Any:
    """Every decision has all rewards, those before it with the ratios up to t.

    Those have the mean 0 beside the score, so the mean is right. They only add noise: asked for are those from t on.
    """
    upto, times = np.cumprod(target / behaviour), np.arange(len(rewards))
    return np.array([np.sum(discount**times * upto[np.maximum(times, t)] * rewards) for t in times])


@per_decision_weights.also_right
def _backward(rewards: Array, target: Array, behaviour: Array, discount: float) -> Any:
    """A recursion from the end, G_t = ρ_t (r_t + γ G_{t+1}), times γᵗ and the earlier ratios."""
    ratios, later, found = target / behaviour, 0.0, np.zeros(len(rewards))
    for t in range(len(rewards) - 1, -1, -1):
        later = ratios[t] * (rewards[t] + discount * later)
        found[t] = discount**t * np.prod(ratios[:t]) * later
    return found
