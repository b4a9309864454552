"""A penalty on the distance to a reference policy, paid as a reward."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.practice._shared import AVERAGED, PENALTY

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _answers(rng: Generator) -> Arguments:
    for answers, room, beta in ((3, 4, 0.3), (2, 2, 1.5), (4, 5, 0.1)):
        lengths = rng.integers(1, room + 1, size=(answers, 1))
        filled = np.arange(room) < lengths
        log_pi, log_ref = (np.where(filled, np.log(rng.uniform(0.1, 0.9, filled.shape)), 0.0) for _ in range(2))
        yield rng.integers(0, 2, answers).astype(float), log_pi.round(3), log_ref.round(3), beta


@function_exercise(
    title="Repair: a penalty that is paid",
    cases=_answers,
    shows="The logarithm of the ratio of the whole answer, paid as a number that is held, has the gradient of the "
    "divergence. The estimate x − 1 − log x has the same mean value and another gradient.",
    hints=[
        "Of which of the three estimates is it true that paying it, held, has the gradient of the divergence?",
        "The probability of an answer is a product over its tokens, so its logarithm is a sum.",
        "To be far from the reference costs: R − β (log π − log π_ref), both of the whole answer.",
    ],
    see=PENALTY,
)
def penalised_rewards(rewards: Array, log_pi: Array, log_ref: Array, beta: float) -> Array:
    """Return the reward of each answer less β times log π/π_ref of the whole answer, shape (m,)."""
    ratios = log_pi - log_ref
    return rewards - beta * ratios.sum(axis=1)


@penalised_rewards.misconception()
def third_estimate_paid(rewards: Array, log_pi: Array, log_ref: Array, beta: float) -> Array:
    """The estimate x − 1 − log x of each token is paid, with x = π_ref/π.

    Its mean is the divergence, and its gradient is that of something else, paid or differentiated.
    """
    x = np.exp(log_ref - log_pi)
    return np.asarray(rewards - beta * (x - 1 - np.log(x)).sum(axis=1))


@penalised_rewards.misconception()
def third_estimate_of_the_answer(rewards: Array, log_pi: Array, log_ref: Array, beta: float) -> Array:
    """The estimate x − 1 − log x of the whole answer is paid, with x = π_ref/π.

    Its mean is the divergence, and its gradient is that of something else, paid or differentiated.
    """
    x = np.exp((log_ref - log_pi).sum(axis=1))
    return np.asarray(rewards - beta * (x - 1 - np.log(x)))


@penalised_rewards.misconception()
def square_paid(rewards: Array, log_pi: Array, log_ref: Array, beta: float) -> Array:
    """Half of the square of the logarithm is paid, for the whole answer.

    Differentiated it has the gradient of the divergence. Paid as a number that is held it has not.
    """
    return np.asarray(rewards - beta * (log_pi - log_ref).sum(axis=1) ** 2 / 2)


@penalised_rewards.misconception()
def square_of_each_token_paid(rewards: Array, log_pi: Array, log_ref: Array, beta: float) -> Array:
    """Half of the square of the logarithm is paid, token by token.

    Differentiated it pulls the right way within a token. Paid as a number that is held it does not.
    """
    return np.asarray(rewards - beta * ((log_pi - log_ref) ** 2).sum(axis=1) / 2)


@penalised_rewards.misconception()
def distance_rewarded(rewards: Array, log_pi: Array, log_ref: Array, beta: float) -> Array:
    """The logarithm of the ratio is added, or the ratio stands upside down.

    Then to be far from the reference pays.
    """
    return np.asarray(rewards + beta * (log_pi - log_ref).sum(axis=1))


@penalised_rewards.misconception(see=AVERAGED)
def mean_over_the_room(rewards: Array, log_pi: Array, log_ref: Array, beta: float) -> Array:
    """The logarithms are averaged over the room that the arrays have.

    The logarithm of a product is the sum. Averaged, the penalty is a fraction of what β says.
    """
    return np.asarray(rewards - beta * (log_pi - log_ref).mean(axis=1))


@penalised_rewards.misconception(see=AVERAGED)
def mean_over_its_own_tokens(rewards: Array, log_pi: Array, log_ref: Array, beta: float) -> Array:
    """The logarithms of an answer are averaged over its own tokens.

    The logarithm of a product is the sum. Averaged, a long answer pays less for each of its tokens.
    """
    lengths = (log_pi != 0).sum(axis=1)
    return np.asarray(rewards - beta * (log_pi - log_ref).sum(axis=1) / lengths)


@penalised_rewards.misconception()
def one_penalty_for_all(rewards: Array, log_pi: Array, log_ref: Array, beta: float) -> Array:
    """Every answer pays the mean penalty of the batch.

    That is a number which hardly depends on the answer, nearly a baseline: it penalises nothing.
    """
    return np.asarray(rewards - beta * (log_pi - log_ref).sum(axis=1).mean())


@penalised_rewards.misconception()
def probability_of_the_policy_alone(rewards: Array, log_pi: Array, log_ref: Array, beta: float) -> Array:
    """β log π is subtracted, and the reference does not occur.

    That is an entropy bonus. It pulls towards a level policy, not towards the reference.
    """
    return np.asarray(rewards - beta * log_pi.sum(axis=1))


@penalised_rewards.misconception()
def ratio_without_logarithm(rewards: Array, log_pi: Array, log_ref: Array, beta: float) -> Array:
    """The ratio π/π_ref of the answer is paid, without a logarithm."""
    return np.asarray(rewards - beta * np.exp((log_pi - log_ref).sum(axis=1)))


@penalised_rewards.misconception()
def first_token_alone(rewards: Array, log_pi: Array, log_ref: Array, beta: float) -> Array:
    """Only the first token pays.

    The probability of an answer is the product over all of its tokens.
    """
    return np.asarray(rewards - beta * (log_pi - log_ref)[:, 0])


@penalised_rewards.misconception()
def weight_forgotten(rewards: Array, log_pi: Array, log_ref: Array, beta: float) -> Array:
    """The penalty has no weight β."""
    return np.asarray(rewards - (log_pi - log_ref).sum(axis=1))
