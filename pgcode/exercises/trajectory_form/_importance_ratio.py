"""Importance ratios."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises.chapters import SAMPLE_ESTIMATE
from pgcode.exercises.trajectory_form._shared import (
    A10,
)

Array = NDArray[Any]
Generator = np.random.Generator


_WHICH_TRAJECTORIES = SAMPLE_ESTIMATE.section("Which trajectories")


def _stale_walks(rng: Generator) -> Iterator[tuple[Any, ...]]:
    for m, n_states, n_actions, horizon in ((5, 3, 2, 4), (2, 2, 3, 6), (4, 4, 3, 2)):
        states = rng.integers(n_states, size=(m, horizon + 1))
        actions = rng.integers(n_actions, size=(m, horizon))
        pi, pi_old = rng.dirichlet(np.full(n_actions, 3.0), size=(2, n_states))
        yield states, actions, pi, pi_old


@function_exercise(
    title="Importance ratios",
    cases=_stale_walks,
    shows="μ and p stand in both probabilities and cancel, so the ratio needs the two policies alone. It is a product "
    "of T factors: for long trajectories a few weights grow huge and most become tiny, and the estimate then rests "
    "on a few of the old trajectories.",
    hints=[
        "P(τ;θ) is a product. Write it for both policies, one above the other, and see which factors cancel.",
        "For each decision one factor is left, π(a_t|s_t)/π_old(a_t|s_t). Above stands the policy whose gradient is "
        "wanted.",
        "`pi[states[:, :-1], actions]` holds the probabilities of all decisions, with shape (m, T). Multiply along "
        "time, which is axis 1.",
    ],
    see=_WHICH_TRAJECTORIES,
)
def importance_ratio(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """Return ρ(τ) = P(τ;θ)/P(τ;θ_old) of each of m trajectories, shape (m,)."""
    visited = states[:, :-1], actions
    return np.prod(pi[visited] / pi_old[visited], axis=1)


def _step_ratios(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    visited = states[:, :-1], actions
    return np.asarray(pi[visited] / pi_old[visited])


@importance_ratio.misconception()
def ratio_upside_down(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You divided the old probability by the new one.

    The old policy drew the trajectories, and its probability is to cancel: it stands below the line.
    """
    return np.prod(1 / _step_ratios(states, actions, pi, pi_old), axis=1)


@importance_ratio.misconception()
def old_policy_left_out(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You multiplied the probabilities of the new policy and did not divide by those of the old.

    How often a trajectory came up in the batch was decided by the old policy, and the weight has to undo that.
    """
    return np.prod(pi[states[:, :-1], actions], axis=1)


@importance_ratio.misconception(see=A10)
def logarithm_for_ratio(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """Your result is log ρ(τ), the sum of the logarithms.

    To sum logarithms is a good way. The ratio itself is the exponential of that sum.
    """
    return np.log(_step_ratios(states, actions, pi, pi_old)).sum(axis=1)


@importance_ratio.misconception()
def sum_of_ratios(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You added the ratios of the steps.

    P(τ;θ) is a product over time, and so is the ratio of two of them.
    """
    return _step_ratios(states, actions, pi, pi_old).sum(axis=1)


@importance_ratio.misconception()
def mean_of_ratios(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You took the mean of the ratios of the steps.

    P(τ;θ) is a product over time, and so is the ratio of two of them. Nothing is averaged.
    """
    return _step_ratios(states, actions, pi, pi_old).mean(axis=1)


@importance_ratio.misconception()
def last_decision_lost(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You left out the last decision.

    All T decisions were drawn from the old policy, and each of them has its factor.
    """
    return np.prod(_step_ratios(states, actions, pi, pi_old)[:, :-1], axis=1)


@importance_ratio.misconception()
def last_decision_alone(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You took the ratio of the last decision alone.

    The whole trajectory was drawn from the old policy: each of its decisions has a factor.
    """
    return _step_ratios(states, actions, pi, pi_old)[:, -1]


@importance_ratio.misconception()
def next_states_for_states(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You paired each action with the state that it leads to.

    a_t is chosen in s_t. Of the T + 1 states the last one is only reached, and nothing is chosen there.
    """
    visited = states[:, 1:], actions
    return np.prod(pi[visited] / pi_old[visited], axis=1)


@importance_ratio.misconception()
def a_weight_for_each_step(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You returned a ratio for each decision.

    One weight belongs to the whole trajectory: the product of the ratios of its decisions.
    """
    return _step_ratios(states, actions, pi, pi_old)


@importance_ratio.misconception()
def product_over_the_batch(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You multiplied over the trajectories.

    The trajectories are independent and each has its own ratio. Multiply over time, along axis 1.
    """
    return np.prod(_step_ratios(states, actions, pi, pi_old), axis=0)


@importance_ratio.misconception()
def one_product_of_everything(states: Array, actions: Array, pi: Array, pi_old: Array) -> Any:
    """You multiplied over the trajectories too, and one number is left.

    The trajectories are independent and each has its own ratio. Multiply over time alone: give `axis=1`.
    """
    return np.prod(_step_ratios(states, actions, pi, pi_old))


@importance_ratio.misconception()
def ratio_of_sums(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """The probabilities of the steps were added, above and below.

    The probability of a walk is a product: multiply the steps.
    """
    visited = states[:, :-1], actions
    return np.asarray(pi[visited].sum(axis=1) / pi_old[visited].sum(axis=1))


@importance_ratio.misconception()
def clipped_ratio(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """The ratio is clipped to 0.8 … 1.2, as PPO does with the ratio of a step.

    That is another number, and with it the mean of the old walks is no longer that of the new ones.
    """
    return np.clip(np.prod(_step_ratios(states, actions, pi, pi_old), axis=1), 0.8, 1.2)


@importance_ratio.misconception()
def weights_that_sum_to_one(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """The ratios are divided by their sum over the batch.

    Each trajectory has a ratio of its own, whatever the others did.
    """
    ratios = np.prod(_step_ratios(states, actions, pi, pi_old), axis=1)
    return np.asarray(ratios / ratios.sum())


@importance_ratio.misconception()
def ratios_up_to_each_step(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """These are the products up to each step, a row for each trajectory.

    The ratio of the whole walk is the last number of each row.
    """
    return np.cumprod(_step_ratios(states, actions, pi, pi_old), axis=1)


@importance_ratio.misconception()
def root_of_the_ratio(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """Your result is the geometric mean of the steps, the T-th root of the ratio.

    The ratio is the product, without a root.
    """
    ratios = _step_ratios(states, actions, pi, pi_old)
    return np.asarray(np.prod(ratios, axis=1) ** (1 / ratios.shape[1]))


@importance_ratio.misconception()
def difference_for_ratio(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """The old probability is subtracted.

    How many times as probable a walk has become is a quotient.
    """
    visited = states[:, :-1], actions
    return np.asarray(np.prod(pi[visited], axis=1) - np.prod(pi_old[visited], axis=1))


@importance_ratio.also_right
def _by_logarithms(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """The exponential of the sum of logarithms."""
    new, old = np.log(pi[states[:, :-1], actions]), np.log(pi_old[states[:, :-1], actions])
    return np.exp(np.sum(new - old, axis=1))


@importance_ratio.also_right
def _of_two_products(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """One product divided by the other."""
    new = np.prod(pi[states[:, :-1], actions], axis=1)
    old = np.prod(pi_old[states[:, :-1], actions], axis=1)
    return np.asarray(new / old)
