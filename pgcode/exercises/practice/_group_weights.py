"""Weights for several answers to one question."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises._catalogues import WITH_PRACTICE, Sequences
from pgcode.exercises.practice._shared import DIVIDED, SUBTRACTED
from pgcode.mistakes import SequenceBatch

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _rewards(rng: Generator) -> Arguments:
    for groups, m in ((3, 4), (2, 2), (4, 6)):
        yield (np.round(rng.random((groups, m)) + rng.random((groups, 1)), 3),)


@function_exercise(
    title="Repair: several answers to one question",
    cases=_rewards,
    shows="Each answer is compared with the other answers to its own question. They do not depend on it, so "
    "their mean is "
    "a baseline. The group's own mean holds a part of the answer, and its deviation is another number for each "
    "question.",
    hints=[
        "Does the mean that is subtracted depend on the answer from which it is subtracted?",
        "To divide by a deviation counts a question more the surer its answers are. Does ∇J do that?",
        "The sum of the others is the sum of the group less the own reward, and there are m − 1 of them.",
    ],
    see=SUBTRACTED,
)
def group_weights(rewards: Array) -> Array:
    """Return each reward less the mean of the other rewards of its row, shape (questions, m)."""
    m = rewards.shape[1]
    others = (rewards.sum(axis=1, keepdims=True) - rewards) / (m - 1)
    return rewards - others


def _off(rewards: Array) -> Array:
    return np.asarray(rewards - rewards.mean(axis=1, keepdims=True))


@group_weights.misconception(see=DIVIDED)
def group_standardised(rewards: Array) -> Array:
    """The rewards of each question are standardised, with mean 0 and deviation 1.

    That divides each question's gradient by another number: questions that are nearly always or nearly never solved
    count most.
    """
    return np.asarray(_off(rewards) / rewards.std(axis=1, keepdims=True))


@group_weights.misconception(see=DIVIDED)
def group_standardised_with_one_less(rewards: Array) -> Array:
    """The rewards of each question are divided by their deviation, with m − 1 in it.

    A deviation differs from question to question and bends the direction. Nothing is divided by it here.
    """
    return np.asarray(_off(rewards) / rewards.std(axis=1, ddof=1, keepdims=True))


@group_weights.misconception()
def own_answer_in_the_mean(rewards: Array) -> Array:
    """The mean of the whole group is subtracted, with the own reward in it.

    The mean of the estimate is then (1 − 1/m) ∇J. Take the others alone.
    """
    return _off(rewards)


@group_weights.misconception()
def mean_over_all_questions(rewards: Array) -> Array:
    """One mean over all questions is subtracted.

    It holds the own reward, and it is no good forecast: some questions are harder.
    """
    return np.asarray(rewards - rewards.mean())


@group_weights.misconception()
def mean_of_the_column(rewards: Array) -> Array:
    """The mean of a column is subtracted.

    A column holds answers to different questions. The answers to one question stand in a row.
    """
    return np.asarray(rewards - rewards.mean(axis=0))


@group_weights.misconception()
def others_divided_by_all(rewards: Array) -> Array:
    """The sum of the others is divided by m.

    There are m − 1 others.
    """
    m = rewards.shape[1]
    return np.asarray(rewards - (rewards.sum(axis=1, keepdims=True) - rewards) / m)


@group_weights.misconception(see=DIVIDED)
def others_then_standardised(rewards: Array) -> Array:
    """The others' mean is subtracted, and the result is divided by the deviation of the group.

    The first is right. The second bends the direction.
    """
    m = rewards.shape[1]
    return np.asarray(_off(rewards) * m / (m - 1) / rewards.std(axis=1, keepdims=True))


@group_weights.misconception()
def nothing_subtracted(rewards: Array) -> Array:
    """Your weights are the rewards.

    Unbiased, but noisy: the mean of the other answers is subtracted.
    """
    return rewards.copy()


def _as_batch(rewards: Array) -> SequenceBatch:
    """The answers one after the other, of one token each."""
    questions, m = rewards.shape
    tokens = np.zeros((rewards.size, 1))
    return SequenceBatch(rewards.ravel(), tokens == 0, np.repeat(np.arange(questions), m), tokens)


#: What these do is done to tokens, of which the exercise has none.
_OF_TOKENS = (
    "mean weighted by length subtracted",
    "standardised over all tokens",
    "mean of the group subtracted then standardised over all tokens",
    "group standardised then standardised over all tokens",
    "reward divided by length",
    "reward at the last token alone",
)

group_weights.recognise(Sequences(_as_batch, without=_OF_TOKENS, chapters_known=WITH_PRACTICE))


@group_weights.also_right
def _scaled(rewards: Array) -> Array:
    """The reward less the mean, times m/(m − 1)."""
    m = rewards.shape[1]
    return np.asarray((rewards - rewards.mean(axis=1, keepdims=True)) * m / (m - 1))


@group_weights.misconception()
def median_for_mean(rewards: Array) -> Array:
    """The median of the others is subtracted.

    It is a baseline too. Asked for is their mean.
    """
    others = [np.median(np.delete(rewards, i, axis=1), axis=1) for i in range(rewards.shape[1])]
    return np.asarray(rewards - np.stack(others, axis=1))


@group_weights.misconception()
def others_of_the_whole_batch(rewards: Array) -> Array:
    """The mean is taken over all other rewards of the batch, those of other questions too.

    A hard question then has only negative weights. Compare the answers to the same question.
    """
    return np.asarray(rewards - (rewards.sum() - rewards) / (rewards.size - 1))
