"""What a step brings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.chapters import HOW_FAR_TO_STEP

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]

_BRINGS = HOW_FAR_TO_STEP.section("What a step brings")
_PROMISES = HOW_FAR_TO_STEP.section("What a step promises")


def _steps(rng: Generator) -> Arguments:
    """Two policies of a random process, with the advantages of the first."""
    for n_states, n_actions, discount in ((2, 2, 0.5), (3, 2, 0.8), (2, 3, 0.9)):
        transition = rng.dirichlet(np.ones(n_states), (n_states, n_actions))
        reward = rng.standard_normal((n_states, n_actions))
        pi, pi_other = rng.dirichlet(np.ones(n_actions), (2, n_states))
        chain = _chain(pi, transition)
        v = np.linalg.solve(np.eye(n_states) - discount * chain, (pi * reward).sum(axis=1))
        advantages = reward + discount * transition @ v - v[:, None]
        yield pi, pi_other, transition, advantages, rng.dirichlet(np.ones(n_states)), discount


def _chain(pi: Array, transition: Array) -> Array:
    return np.asarray(np.einsum("sa,sat->st", pi, transition))


@function_exercise(
    title="What a step brings",
    cases=_steps,
    shows="The old advantages, averaged over what the new policy does, where the new policy goes.",
    hints=[
        "J' − J = Σ_s d'(s) Σ_a π'(a|s) A(s,a).",
        "The chain of the new policy is P(s'|s) = Σ_a π'(a|s) p(s'|s,a).",
        "Its discounted visits solve d = μ + γ Pᵀ d.",
    ],
    see=_BRINGS,
)
def performance_difference(
    pi: Array, pi_other: Array, transition: Array, advantages: Array, initial: Array, discount: float
) -> Any:
    """Return J' − J, a number, from the old policy π, the new one π' and the advantages of the old one."""
    chain = np.einsum("sa,sat->st", pi_other, transition)
    visits = np.linalg.solve(np.eye(len(initial)) - discount * chain.T, initial)
    return visits @ np.sum(pi_other * advantages, axis=1)


@performance_difference.made_of
def _made(
    pi: Array,
    pi_other: Array,
    transition: Array,
    advantages: Array,
    initial: Array,
    discount: float,
    *,
    walks: Callable[[Array, Array], Array] = lambda pi, pi_other: pi_other,
    turned: Callable[[Array], Array] = np.transpose,
    scaled: Callable[[float], float] = lambda discount: 1.0,
    weights: Callable[[Array, Array], Array] = lambda pi, pi_other: pi_other,
) -> Any:
    chain = turned(_chain(walks(pi, pi_other), transition))
    visits = scaled(discount) * np.linalg.solve(np.eye(len(initial)) - discount * chain, initial)
    return visits @ np.sum(weights(pi, pi_other) * advantages, axis=1)


performance_difference.variation(
    "visits of the old policy",
    "The visits are those of the old policy. That is the surrogate L, what the step promises: right to first order "
    "alone.",
    see=_PROMISES,
    walks=lambda pi, pi_other: pi,
)
performance_difference.variation(
    "visits as a distribution",
    "The visits add up to 1. Those of J' − J are not normalised: they add up to 1/(1 − γ).",
    scaled=lambda discount: 1 - discount,
)
performance_difference.variation(
    "chain not transposed",
    "The visits solve d = μ + γ P d here. They flow forwards, from s to s': d = μ + γ Pᵀ d.",
    turned=lambda chain: chain,
)
performance_difference.variation(
    "actions not weighted",
    "The advantages of a state are added up. Their mean under the new policy is asked for.",
    weights=lambda pi, pi_other: np.ones_like(pi),
)
performance_difference.variation(
    "ratio for the probability",
    "The advantages are weighted by π'/π. The ratio belongs to a mean over actions of the old policy: Σ_a π (π'/π) A.",
    see=_PROMISES,
    weights=lambda pi, pi_other: pi_other / pi,
)
performance_difference.variation(
    "one discount too many",
    "Each advantage is discounted once more. The first decision counts in full.",
    scaled=lambda discount: discount,
)


@performance_difference.misconception()
def mean_under_the_old_policy(
    pi: Array, pi_other: Array, transition: Array, advantages: Array, initial: Array, discount: float
) -> Any:
    """Your result is 0, as the mean of the advantages under the old policy is in every state.

    The new policy chooses the actions: Σ_a π'(a|s) A(s,a).
    """
    return 0.0


@performance_difference.misconception()
def first_decision_alone(
    pi: Array, pi_other: Array, transition: Array, advantages: Array, initial: Array, discount: float
) -> Any:
    """Only the first decision is counted, at the start.

    The new policy decides anew in every state that it reaches, so sum over its discounted visits.
    """
    return initial @ (pi_other * advantages).sum(axis=1)


@performance_difference.also_right
def _by_values(
    pi: Array, pi_other: Array, transition: Array, advantages: Array, initial: Array, discount: float
) -> Any:
    """V' − V obeys a Bellman equation of the new policy, with the mean advantage for the reward."""
    gained = ((pi_other - pi) * advantages).sum(axis=1)
    return initial @ np.linalg.solve(np.eye(len(initial)) - discount * _chain(pi_other, transition), gained)
