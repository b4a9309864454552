"""Generalized advantage estimation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises._catalogues import Advantages
from pgcode.exercises.one_gradient._shared import (
    DROPPED,
    GAE,
    STANDARDISING,
)
from pgcode.mistakes import Steps

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _walks(rng: Generator) -> Arguments:
    for horizon, discount, gae_lambda, ended in (
        (5, 0.9, 0.7, False),
        (3, 0.5, 0.9, True),
        (1, 0.8, 0.5, False),
        (4, 0.95, 0.0, False),
        (6, 0.7, 1.0, False),
    ):
        values = rng.standard_normal(horizon + 1)
        values[-1] *= not ended
        yield rng.standard_normal(horizon), values, discount, gae_lambda


@function_exercise(
    title="Generalized advantage estimation",
    cases=_walks,
    shows="One pass from the end is enough: Â_t = δ_t + γλ Â_{t+1}. At λ = 0 it is one temporal difference. At λ = 1 "
    "the values between cancel, and it is what was paid, plus what the critic says at the end, less V̂_t(s_t).",
    hints=[
        "First the temporal differences: T of them, from T rewards and T + 1 values. `values[1:]` holds the values one "
        "step later.",
        "Take the first term out of the sum: what is left is γλ times the same sum one step later.",
        "Begin with δ and go from the end to the start: `advantages[t] += discount * gae_lambda * advantages[t + 1]`.",
    ],
    see=GAE,
)
def gae(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """Return Â_t = Σ_k (γλ)ᵏ δ_{t+k} of one walk, shape (T,)."""
    advantages = rewards + discount * values[1:] - values[:-1]
    for t in range(len(rewards) - 1)[::-1]:
        advantages[t] += discount * gae_lambda * advantages[t + 1]
    return advantages


def _differences(rewards: Array, values: Array, discount: float) -> Array:
    """δ_t."""
    return np.asarray(rewards + discount * values[1:] - values[:-1])


def _fading_sums(x: Array, decay: float) -> Array:
    """Σ_k κᵏ x_{t+k} for each t."""
    found = x.copy()
    for t in reversed(range(len(x) - 1)):
        found[t] += decay * found[t + 1]
    return found


@gae.misconception()
def lambda_without_discount(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """Your differences fade by λ alone.

    What comes k steps later is discounted as well: the factor of each step is γλ.
    """
    return _fading_sums(_differences(rewards, values, discount), gae_lambda)


@gae.misconception()
def discount_without_lambda(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """Your differences fade by γ alone, which is λ = 1.

    λ is given, and the factor of each step is γλ.
    """
    return _fading_sums(_differences(rewards, values, discount), discount)


@gae.misconception()
def one_difference_alone(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """You returned the temporal differences δ_t, which is λ = 0.

    The later differences come in as well, with the factors γλ, (γλ)² and so on.
    """
    return _differences(rewards, values, discount)


@gae.misconception()
def lambda_turned_over(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """You used 1 − λ for λ.

    λ = 0 is one temporal difference, and λ = 1 takes all later ones in full: they fade by γλ.
    """
    return _fading_sums(_differences(rewards, values, discount), discount * (1 - gae_lambda))


@gae.misconception()
def next_value_not_discounted(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """Your δ_t has the next value without a discount.

    V̂(s_{t+1}) is worth γ times as much one step earlier: δ_t = r_t + γ V̂(s_{t+1}) − V̂(s_t).
    """
    return _fading_sums(_differences(rewards, values, 1.0), discount * gae_lambda)


@gae.misconception()
def difference_with_the_wrong_sign(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """Your temporal differences have the opposite sign.

    δ_t is positive where things go better than the critic said: what came, less what was expected.
    """
    return -_fading_sums(_differences(rewards, values, discount), discount * gae_lambda)


@gae.misconception()
def values_exchanged(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """You exchanged the two values in δ_t.

    The value of s_{t+1} is what is still to come, and it is added to the reward, with γ. The value of s_t is what was
    expected, and it is subtracted.
    """
    return _fading_sums(rewards + discount * values[:-1] - values[1:], discount * gae_lambda)


@gae.misconception()
def not_bootstrapped_at_the_end(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """You took the value after the last step to be zero.

    It is zero where the walk has ended. Where it was only cut off, the last entry of `values` stands for all that would
    still have come.
    """
    return _fading_sums(_differences(rewards, np.append(values[:-1], 0.0), discount), discount * gae_lambda)


@gae.misconception()
def summed_from_the_start(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """You added up the differences until step t, and not those from t on.

    An action has a part in what comes after it. Go from the end to the start.
    """
    return _fading_sums(_differences(rewards, values, discount)[::-1], discount * gae_lambda)[::-1]


@gae.misconception()
def fading_counted_from_the_start(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """Your factors are (γλ)^{t+k}: you count from the start of the walk.

    The power is the number of steps since t, so δ_t itself counts in full in Â_t.
    """
    decay = discount * gae_lambda
    return np.asarray(_fading_sums(_differences(rewards, values, discount), decay) * decay ** np.arange(len(rewards)))


@gae.misconception()
def rewards_for_differences(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """You let the rewards fade by γλ and subtracted V̂.

    What fades by γλ is the temporal differences. With the rewards in their place the later values are lost.
    """
    return np.asarray(_fading_sums(rewards, discount * gae_lambda) - values[:-1])


@gae.misconception()
def target_for_the_advantage(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """You returned Â_t + V̂_t(s_t).

    That is what a critic is fitted to. The advantage has V̂ subtracted.
    """
    return np.asarray(_fading_sums(_differences(rewards, values, discount), discount * gae_lambda) + values[:-1])


@gae.misconception(see=DROPPED)
def discount_of_the_step_included(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """You multiplied by γᵗ.

    The factor γᵗ belongs in front of the score in the estimator. Here Â_t itself is asked for.
    """
    advantages = _fading_sums(_differences(rewards, values, discount), discount * gae_lambda)
    return np.asarray(advantages * discount ** np.arange(len(rewards)))


def _as_steps(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Steps:
    """The walk as a buffer of its own: cut after its last step, or ended there."""
    last = np.arange(len(rewards)) == len(rewards) - 1
    ended = bool(values[-1] == 0)
    return Steps(rewards, values[:-1], values[1:], last & ended, last & (not ended), discount, gae_lambda)


gae.recognise(Advantages(_as_steps))


@gae.made_of
def _made(
    rewards: Array,
    values: Array,
    discount: float,
    gae_lambda: float,
    *,
    error: Callable[[Array, Array, float], Array] = _differences,
    decay: Callable[[float, float], float] = lambda discount, gae_lambda: discount * gae_lambda,
    after: Callable[[Array, float, float], Array] = lambda found, discount, gae_lambda: found,
) -> Array:
    return after(_fading_sums(error(rewards, values, discount), decay(discount, gae_lambda)), discount, gae_lambda)


gae.variation("discount without lambda", decay=lambda discount, gae_lambda: discount)
gae.variation("lambda without discount", decay=lambda discount, gae_lambda: gae_lambda)
gae.variation("one difference alone", decay=lambda discount, gae_lambda: 0.0)
gae.variation("next value not discounted", error=lambda rewards, values, discount: rewards + values[1:] - values[:-1])
gae.variation(
    "discount of the step included",
    after=lambda found, discount, gae_lambda: discount ** np.arange(len(found)) * found,
)
gae.variation(
    "not bootstrapped at the end",
    error=lambda rewards, values, discount: _differences(rewards, np.append(values[:-1], 0.0), discount),
)
gae.variation(
    "value added",
    "δ_t is r_t + γ V̂(s_{t+1}) + V̂(s_t) here. The value of the own state is subtracted.",
    error=lambda rewards, values, discount: rewards + discount * values[1:] + values[:-1],
)
gae.variation(
    "own value left out",
    "δ_t is r_t + γ V̂(s_{t+1}) here. The value of the own state is missing.",
    error=lambda rewards, values, discount: rewards + discount * values[1:],
)
gae.variation(
    "next value left out",
    "δ_t is r_t − V̂(s_t) here. The discounted value of the next state is missing.",
    error=lambda rewards, values, discount: rewards - values[:-1],
)
gae.variation(
    "one minus lambda in front",
    "The factor 1 − λ stands in front. It belongs to the weights of the n-step advantages. With the δ it has gone "
    "into the sum already.",
    after=lambda found, discount, gae_lambda: (1 - gae_lambda) * found,
)


@gae.misconception()
def return_less_value(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """Your result is G_t − V̂(s_t), with the return of the walk and without λ.

    That is what λ = 1 gives where the walk has ended. Here λ fades the later errors.
    """
    return np.asarray(_fading_sums(rewards, discount) - values[:-1])


@gae.misconception()
def summed_once_forwards(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """The loop goes from the first step to the last, so that each step sees the next error alone.

    Â_{t+1} must be ready before Â_t: go from the last step but one to the first.
    """
    errors = _differences(rewards, values, discount)
    return np.asarray(errors + discount * gae_lambda * np.append(errors[1:], 0.0))


@gae.misconception(see=STANDARDISING)
def advantages_standardised(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """The advantages are standardised, mean 0 and deviation 1.

    The formula has no such step. Standardised over one walk, good and bad walks look alike.
    """
    found = _fading_sums(_differences(rewards, values, discount), discount * gae_lambda)
    return np.asarray((found - found.mean()) / (found.std() + 1e-8))


@gae.also_right
def _as_a_sum(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """The double sum."""
    errors = rewards + discount * values[1:] - values[:-1]
    advantages = np.zeros(len(rewards))
    for t in range(len(rewards)):
        for k in range(len(rewards) - t):
            advantages[t] += (discount * gae_lambda) ** k * errors[t + k]
    return advantages


@gae.also_right
def _with_a_running_sum(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """The loop backwards with a running sum."""
    advantages, running = np.zeros(len(rewards)), 0.0
    for t in range(len(rewards))[::-1]:
        error = rewards[t] + discount * values[t + 1] - values[t]
        running = error + discount * gae_lambda * running
        advantages[t] = running
    return advantages
