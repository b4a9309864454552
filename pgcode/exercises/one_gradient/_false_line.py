"""A proof that the mean of the episode is a baseline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import state_action_form
from pgcode.derivation import Derivation, Line
from pgcode.environments import random_mdp
from pgcode.exercises import (
    Mistake,
    choice_exercise,
)
from pgcode.exercises.one_gradient._shared import (
    C2,
    STANDARDISING,
    UNBIASED,
)
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import enumerate_trajectories

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _given(known: Array, x: Array, probability: Array) -> Array:
    """E[x | known], written beside each trajectory."""
    _, group = np.unique(known, axis=0, return_inverse=True)
    same = group.reshape(-1, 1) == group.ravel()
    weights = same * probability
    return np.asarray(np.tensordot(weights / weights.sum(axis=1, keepdims=True), x, axes=1))


def _proof_that_the_mean_of_the_episode_is_a_baseline() -> Derivation:
    """The lines of the task, evaluated on a small decision process by a list of its trajectories."""
    mdp, policy = random_mdp(np.random.default_rng(0), n_states=2, horizon=2), SoftmaxPolicy(2, 2)
    theta = np.array([[0.3, -0.2], [0.1, 0.4]])
    tau, probability = enumerate_trajectories(mdp, policy, theta)
    scores = policy.score(theta)[tau.states[:, :-1], tau.actions]
    scores *= (mdp.discount ** np.arange(tau.horizon))[:, None, None]
    to_go = tau.returns_from_step
    mean = to_go.mean(axis=1)
    gradient = state_action_form.exact_gradient(mdp, policy, theta)

    def expected(terms: Array) -> Array:
        return np.asarray(np.tensordot(probability, terms, axes=1))

    histories = [np.hstack([tau.states[:, : t + 1], tau.actions[:, :t]]) for t in range(tau.horizon)]
    products = scores * mean[:, None, None, None]
    outer = sum(expected(_given(history, products[:, t], probability)) for t, history in enumerate(histories))
    inner = sum(
        expected(mean[:, None, None] * _given(history, scores[:, t], probability))
        for t, history in enumerate(histories)
    )
    lines = {
        "a": expected(np.einsum("it...,it->i...", scores, to_go - mean[:, None])),
        "b": expected(np.einsum("it...,it->i...", scores, to_go)) - expected(products.sum(axis=1)),
        "c": gradient - expected(products.sum(axis=1)),
        "d": gradient - outer,
        "e": gradient - inner,
        "f": gradient,
    }
    return Derivation("", [Line(label, "", "", value) for label, value in lines.items()])


@choice_exercise(
    title="A proof that the mean of the episode is a baseline",
    wrong={
        "a": Mistake("the definition doubted", "Line a is the mean of the estimator. It claims nothing yet."),
        "b": Mistake(
            "linearity doubted",
            "The step from a to b is right: the mean of a difference is the difference of the means.",
            UNBIASED,
        ),
        "c": Mistake(
            "reward-to-go doubted",
            "The step from b to c is right: the estimator with γᵗ G_t has the mean ∇J, by causality.",
            C2,
        ),
        "d": Mistake(
            "the tower rule doubted",
            "The step from c to d is right: a mean may be taken in two steps, first with the history held fixed. That "
            "holds for any random number.",
            C2,
        ),
        "f": Mistake(
            "the mean score doubted",
            "The step from e to f is right: given the history, the mean of the score is zero. Something went wrong "
            "before.",
            UNBIASED,
        ),
    },
    shows="Ḡ holds the rewards from t on, which are not known when a_t is drawn, so it is no number under the mean "
    "given h_t. To standardise within an episode subtracts this Ḡ, and it is no baseline: the mean can even point "
    "against ∇J.",
    hints=[
        "The proof of the lemma has the same steps for a function of the history. What of Ḡ is no such function?",
        "When is Ḡ known: before a_t is drawn, or when the episode is over?",
        "What may be taken out of a mean that is conditional on h_t?",
    ],
    see=STANDARDISING,
)
def false_line() -> str:
    """Find the first line that does not follow from the one before it."""
    return _proof_that_the_mean_of_the_episode_is_a_baseline().false_lines[0]
