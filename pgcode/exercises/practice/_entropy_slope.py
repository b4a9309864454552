"""The gradient of an entropy bonus."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.practice._shared import ENTROPY

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _logits(rng: Generator) -> Arguments:
    for n_actions, size in ((2, 1.0), (4, 2.0), (3, 0.5)):
        yield (size * rng.standard_normal(n_actions),)


@function_exercise(
    title="Repair: an entropy bonus",
    cases=_logits,
    shows="∂H/∂θ_a = −π_a (log π_a + H): rare actions gain, frequent ones lose, and the entries sum to 0. The "
    "mean of the "
    "gradients of −log π is 0 in every entry: a mean score is zero, whatever the policy is.",
    hints=[
        "Write out what the broken function returns for two actions. What do its entries sum to, and why?",
        "H = −Σ π log π holds θ twice, in π and in log π. The second gives nothing.",
        "∂π_b/∂θ_a = π_b (1[a = b] − π_a).",
    ],
    see=ENTROPY,
)
def entropy_slope(logits: Array) -> Array:
    """Return ∂H/∂θ of H = −Σ_a π_a log π_a for a softmax policy with these logits θ, shape (n_actions,)."""
    pi = np.exp(logits) / np.sum(np.exp(logits))
    entropy = -np.sum(pi * np.log(pi))
    return -pi * (np.log(pi) + entropy)


def _policy(logits: Array) -> Array:
    return np.asarray(np.exp(logits) / np.sum(np.exp(logits)))


@entropy_slope.misconception()
def mean_of_sampled_gradients(logits: Array) -> Array:
    """Every entry is 0: this is the mean of the gradients of −log π of a drawn action.

    The mean of a score is zero. To differentiate a sampled −log π loses how the draw depends on θ.
    """
    return np.zeros(len(logits))


@entropy_slope.misconception()
def slope_by_the_probabilities(logits: Array) -> Array:
    """Your result is the derivative by the probabilities, −log π − 1.

    The parameters are the logits: go on with ∂π/∂θ.
    """
    return np.asarray(-np.log(_policy(logits)) - 1)


@entropy_slope.misconception()
def entropy_not_subtracted(logits: Array) -> Array:
    """Your result is −π log π, the terms of the entropy.

    A slope by logits sums to 0, since adding a number to all of them changes nothing.
    """
    pi = _policy(logits)
    return np.asarray(-pi * np.log(pi))


@entropy_slope.misconception()
def each_probability_for_itself(logits: Array) -> Array:
    """Your result is −π (log π + 1): each probability was differentiated as if it stood alone.

    When one logit rises, the probabilities of all other actions fall.
    """
    pi = _policy(logits)
    return np.asarray(-pi * (np.log(pi) + 1))


@entropy_slope.misconception()
def entropy_added_with_the_wrong_sign(logits: Array) -> Array:
    """Your result is −π (log π − H).

    −log π has the mean H, so what has the mean zero is log π + H.
    """
    pi = _policy(logits)
    return np.asarray(-pi * (np.log(pi) + np.sum(pi * np.log(pi))))


@entropy_slope.misconception()
def toward_the_uniform_policy(logits: Array) -> Array:
    """Your result is 1/n − π, the slope of the mean log π over all actions alike.

    That pulls toward the uniform policy too, but it is the slope of another quantity, a cross-entropy.
    """
    return np.asarray(1 / len(logits) - _policy(logits))


@entropy_slope.misconception()
def downhill(logits: Array) -> Array:
    """The sign is turned: your result lowers the entropy.

    A rare action, with log π below −H, gains.
    """
    pi = _policy(logits)
    return np.asarray(pi * (np.log(pi) - np.sum(pi * np.log(pi))))


@entropy_slope.also_right
def _by_the_mean(logits: Array) -> Array:
    """Minus π times log π less its mean."""
    pi = np.exp(logits) / np.sum(np.exp(logits))
    log_pi = np.log(pi)
    return np.asarray(-pi * (log_pi - np.sum(pi * log_pi)))


@entropy_slope.also_right
def _by_the_jacobian(logits: Array) -> Array:
    """The slope by π times that of the softmax."""
    pi = np.exp(logits) / np.sum(np.exp(logits))
    jacobian = np.diag(pi) - np.outer(pi, pi)
    return np.asarray(-jacobian @ (np.log(pi) + 1))


@entropy_slope.misconception()
def diagonal_of_the_derivative(logits: Array) -> Array:
    """Only π_a is taken to depend on θ_a.

    Each logit moves all probabilities: ∂π_b/∂θ_a = π_b (1[a = b] − π_a).
    """
    pi = np.exp(logits) / np.sum(np.exp(logits))
    return np.asarray(-pi * (1 - pi) * (np.log(pi) + 1))
