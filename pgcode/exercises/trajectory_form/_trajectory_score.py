"""The score of a trajectory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises.chapters import DYNAMICS_DROP_OUT
from pgcode.exercises.trajectory_form._shared import (
    A6,
    A14,
    WHICH_SCORES,
)

Array = NDArray[Any]
Generator = np.random.Generator


_SOFTMAX_SCORE = DYNAMICS_DROP_OUT.section("The score of a softmax policy")


def _walk(rng: Generator, n_states: int, n_actions: int, horizon: int) -> tuple[Array, Array, Array]:
    pi = rng.dirichlet(np.ones(n_actions), size=n_states)
    return rng.integers(n_states, size=horizon + 1), rng.integers(n_actions, size=horizon), pi


def _walks_and_policies(rng: Generator) -> Iterator[tuple[Any, ...]]:
    yield _walk(rng, 3, 2, 6)
    yield _walk(rng, 2, 4, 5)
    yield _walk(rng, 5, 3, 4)
    yield _walk(rng, 4, 3, 1)


@function_exercise(
    title="The score of a trajectory",
    cases=_walks_and_policies,
    shows="The entry of θ(s, a') is N(s, a') − N(s) π(a'|s): how often a' was taken in s, minus how often that was "
    "to be expected. Each row sums to zero. Neither μ nor p occurs, although log P(τ;θ) contains both.",
    hints=[
        "The score of a trajectory is the sum of the scores of its decisions. Each decision moves one row only.",
        "The decision at time t adds 1 to the entry of the action that was taken, and takes π(·|s_t) from the row.",
        "There are T decisions and T + 1 states. Go through `range(len(actions))` and leave the last state alone.",
    ],
    see=A14,
)
def trajectory_score(states: Array, actions: Array, pi: Array) -> Array:
    """Return ∇log P(τ;θ) of one trajectory under a softmax policy with a parameter for each (s, a), shape (S, A)."""
    score = np.zeros(pi.shape)
    for t in range(len(actions)):
        score[states[t], actions[t]] += 1
        score[states[t]] -= pi[states[t]]
    return score


@trajectory_score.misconception(see=WHICH_SCORES)
def last_score_lost(states: Array, actions: Array, pi: Array) -> Array:
    """You left out the last decision.

    T decisions are taken, at the times 0 to T − 1, and each of them has a score.
    """
    return np.asarray(trajectory_score.reference(states[:-1], actions[:-1], pi))


@trajectory_score.misconception()
def states_shifted_by_one(states: Array, actions: Array, pi: Array) -> Array:
    """You paired each action with the state that it leads to.

    a_t is chosen in s_t. The last state, s_T, is where the trajectory arrives, and nothing is chosen there.
    """
    return np.asarray(trajectory_score.reference(states[1:], actions, pi))


@trajectory_score.misconception()
def mean_over_time_steps(states: Array, actions: Array, pi: Array) -> Array:
    """You divided by the number of decisions.

    The logarithm of a product is a sum. The score of the trajectory is the sum over time, not the mean.
    """
    return np.asarray(trajectory_score.reference(states, actions, pi)) / max(len(actions), 1)


@trajectory_score.misconception(see=_SOFTMAX_SCORE)
def policy_not_subtracted(states: Array, actions: Array, pi: Array) -> Array:
    """You counted the actions and did not subtract the policy.

    log π(a|s) is θ(s, a) minus the logarithm of the sum of all exponentials of that state. The second term has a
    gradient too, minus the probabilities.
    """
    counts = np.zeros(pi.shape)
    np.add.at(counts, (states[:-1], actions), 1)
    return counts


@trajectory_score.misconception(see=_SOFTMAX_SCORE)
def other_actions_forgotten(states: Array, actions: Array, pi: Array) -> Array:
    """You changed only the entry of the action that was taken.

    What one action gains the others lose: every other action of that state gets minus its own probability.
    """
    score = np.zeros(pi.shape)
    np.add.at(score, (states[:-1], actions), 1 - pi[states[:-1], actions])
    return score


@trajectory_score.misconception(see=A6)
def probability_for_log_probability(states: Array, actions: Array, pi: Array) -> Array:
    """You added up the gradients of the probabilities π(a|s).

    The score is the gradient of log π(a|s), which is ∇π(a|s) divided by π(a|s).
    """
    gradient = np.zeros(pi.shape)
    for s, a in zip(states[:-1], actions, strict=True):
        gradient[s] += pi[s, a] * (np.eye(pi.shape[1])[a] - pi[s])
    return gradient


@trajectory_score.misconception()
def repeated_visits_lost(states: Array, actions: Array, pi: Array) -> Array:
    """A pair or a state that the walk meets again counts only once.

    `score[states] += …` with an array of states adds once to each entry, however often it is named. Go through the
    steps one at a time, or use `np.add.at`.
    """
    score = np.zeros(pi.shape)
    score[states[:-1], actions] += 1
    score[states[:-1]] -= pi[states[:-1]]
    return score


@trajectory_score.misconception()
def last_visit_alone(states: Array, actions: Array, pi: Array) -> Array:
    """Each decision overwrites what an earlier visit to the same state has left.

    The scores of all decisions add up: write `+=` and `-=`, also for the row.
    """
    score = np.zeros(pi.shape)
    for s, a in zip(states[:-1], actions, strict=True):
        score[s] = np.eye(pi.shape[1])[a] - pi[s]
    return score


@trajectory_score.misconception(see=_SOFTMAX_SCORE)
def opposite_sign(states: Array, actions: Array, pi: Array) -> Array:
    """You subtracted what happened from what was expected.

    An action that was taken becomes more probable when its own parameter grows: 1 minus its probability is positive.
    """
    return -np.asarray(trajectory_score.reference(states, actions, pi))


@trajectory_score.misconception()
def transposed_theta(states: Array, actions: Array, pi: Array) -> Array:
    """Your result has a row for each action.

    θ has a row for each state and a column for each action, and so has the score.
    """
    return np.asarray(trajectory_score.reference(states, actions, pi)).T


@trajectory_score.misconception()
def whole_policy_at_each_step(states: Array, actions: Array, pi: Array) -> Array:
    """At each step the probabilities of all states were subtracted.

    A decision moves the parameters of the state in which it was taken, and no other: `score[states[t]] -= …`.
    """
    score = np.zeros(pi.shape)
    np.add.at(score, (states[:-1], actions), 1.0)
    return score - len(actions) * pi


@trajectory_score.misconception()
def one_over_pi_for_the_score(states: Array, actions: Array, pi: Array) -> Array:
    """Each decision adds 1/π(a|s) at its action.

    1/π is the derivative of log π by π. The chain rule goes on to θ.
    """
    score = np.zeros(pi.shape)
    np.add.at(score, (states[:-1], actions), 1 / pi[states[:-1], actions])
    return score


@trajectory_score.misconception()
def last_state_decides_too(states: Array, actions: Array, pi: Array) -> Array:
    """The probabilities of the last state s_T were subtracted too.

    In s_T nothing is chosen: T actions have T scores, in the states s_0 to s_{T−1}.
    """
    score = np.zeros(pi.shape)
    np.add.at(score, (states[:-1], actions), 1.0)
    np.subtract.at(score, states, pi[states])
    return score


@trajectory_score.misconception()
def gradient_of_the_probability_of_the_walk(states: Array, actions: Array, pi: Array) -> Array:
    """The score is multiplied by the probability of the actions.

    ∇P = P ∇log P: what is asked for is ∇log P, without the P before it.
    """
    return trajectory_score.reference(states, actions, pi) * np.prod(pi[states[:-1], actions])


@trajectory_score.misconception()
def last_decision_alone(states: Array, actions: Array, pi: Array) -> Array:
    """Your result is the score of the last decision.

    A loop that begins each step with zeros keeps the last one only: make the table before the loop, and add.
    """
    return trajectory_score.reference(states[-2:], actions[-1:], pi)


@trajectory_score.misconception()
def last_decision_lost(states: Array, actions: Array, pi: Array) -> Array:
    """The score of the last decision is missing.

    A walk of T + 1 states has T decisions, and all of them count.
    """
    return trajectory_score.reference(states[:-1], actions[:-1], pi)


@trajectory_score.misconception()
def first_decision_alone(states: Array, actions: Array, pi: Array) -> Array:
    """Your result is the score of the first decision.

    A `return` inside the loop ends it at its first step.
    """
    return trajectory_score.reference(states[:2], actions[:1], pi)


@trajectory_score.misconception()
def policy_subtracted_once(states: Array, actions: Array, pi: Array) -> Array:
    """The probabilities are subtracted once, whatever the number of visits.

    Each visit subtracts them: the entry is N(s,a) − N(s) π(a|s).
    """
    counts = np.zeros(pi.shape)
    np.add.at(counts, (states[:-1], actions), 1.0)
    return counts - pi


@trajectory_score.misconception()
def frequencies_for_counts(states: Array, actions: Array, pi: Array) -> Array:
    """The counts of each state are divided by the number of its visits.

    A state that was visited twice has twice the score: nothing is divided.
    """
    counts = np.zeros(pi.shape)
    np.add.at(counts, (states[:-1], actions), 1.0)
    visits = counts.sum(axis=1, keepdims=True)
    return np.asarray(np.where(visits > 0, counts / np.maximum(visits, 1) - pi, 0.0))


@trajectory_score.also_right
def _by_counts(states: Array, actions: Array, pi: Array) -> Array:
    """The counts of pairs less those of states times π."""
    counts = np.zeros(pi.shape)
    np.add.at(counts, (states[:-1], actions), 1)
    visits = counts.sum(axis=1, keepdims=True)
    return np.asarray(counts - visits * pi)


@trajectory_score.misconception()
def policy_subtracted_once_a_visited_state(states: Array, actions: Array, pi: Array) -> Array:
    """π(·|s) is subtracted once in each state that was visited.

    Each decision has a score of its own: a state that is visited three times has π subtracted three times.
    """
    score = np.zeros(pi.shape)
    np.add.at(score, (states[:-1], actions), 1)
    visited = np.unique(states[:-1])
    score[visited] -= pi[visited]
    return score
