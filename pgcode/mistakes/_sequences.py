"""Ways to weigh sequences of tokens that are not what they seem: advantages of groups, and means over tokens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pgcode._chapters import LANGUAGE
from pgcode._places import Section
from pgcode.mistakes._catalogue import Catalogue, PickledByName, described

__all__ = ["SEQUENCES", "SequenceBatch", "WrongSequences", "leave_one_out"]

Array = NDArray[np.float64]

_SUBTRACTED = LANGUAGE.section("What is subtracted")
_DIVIDED = LANGUAGE.section("By what is divided")
_AVERAGED = LANGUAGE.section("Over what is averaged")
_ANSWER = LANGUAGE.section("An answer is a trajectory")


@dataclass(frozen=True)
class SequenceBatch:
    r"""N sequences of tokens with one reward each, as recipes for language models hold them.

    Attributes
    ----------
    rewards : array, shape (N,)
        R of each sequence.
    mask : array of bool, shape (N, T)
        Which tokens were chosen by the policy; the rest is padding.
    groups : array of int, shape (N,)
        Sequences of one group answer one prompt.
    log_ratios : array, shape (N, T)
        log π_θ − log π_ref of each token, 0 beyond the mask.

    Examples
    --------
    >>> import numpy as np
    >>> batch = SequenceBatch(np.array([1.0, 3.0]), np.ones((2, 1), bool), np.zeros(2, int), np.zeros((2, 1)))
    >>> batch.group_mean(batch.rewards)
    array([2., 2.])
    """

    rewards: Array
    mask: NDArray[np.bool_]
    groups: NDArray[np.intp]
    log_ratios: Array

    def group_mean(self, numbers: Array) -> Array:
        """The mean over the group of each sequence, shape (N,)."""
        return np.asarray(self._group_sum(numbers) / self.group_sizes)

    @property
    def group_sizes(self) -> NDArray[np.intp]:
        """The number of sequences in the group of each, shape (N,)."""
        return np.asarray((self.groups[:, None] == self.groups).sum(axis=1))

    def _group_sum(self, numbers: Array) -> Array:
        return np.asarray((self.groups[:, None] == self.groups) @ numbers)


def leave_one_out(batch: SequenceBatch) -> Array:
    """R_i less the mean of the others of its group, shape (N,): RLOO, which is right.

    Parameters
    ----------
    batch : SequenceBatch

    Examples
    --------
    >>> import numpy as np
    >>> batch = SequenceBatch(np.array([1.0, 3.0]), np.ones((2, 1), bool), np.zeros(2, int), np.zeros((2, 1)))
    >>> leave_one_out(batch)
    array([-2.,  2.])
    """
    n = batch.group_sizes
    return np.asarray(batch.rewards - (batch.group_mean(batch.rewards) * n - batch.rewards) / np.maximum(n - 1, 1))


@dataclass(frozen=True)
class WrongSequences(PickledByName):
    """A known way to weigh sequences whose mean is not the gradient. Called with a `SequenceBatch`.

    Where something is divided by a deviation, a small number is added to it; libraries add different ones. The function
    of such a mistake takes it as ``small``.

    Attributes
    ----------
    name, what, why : str
    see : Section
        Where in the book it is explained.
    reports : tuple of str

    Examples
    --------
    >>> from pgcode import mistakes
    >>> mistakes.SEQUENCES["mean of the group subtracted"].why
    'It holds the reward itself, which leaves 1 − 1/m of the gradient with m answers: a step size in disguise.'
    """

    name: str
    what: str
    why: str
    see: Section
    reports: tuple[str, ...] = ()
    function: Callable[..., Array] = field(repr=False, compare=False, default=leave_one_out)

    def __call__(self, batch: SequenceBatch) -> Array:
        """Return the advantages, shape (N,) or (N, T)."""
        return np.asarray(self.function(batch))


#: The known ones, by name.
SEQUENCES: Catalogue[WrongSequences] = Catalogue()


def _wrong(see: Section, *reports: str) -> Callable[[Callable[..., Array]], WrongSequences]:
    def register(function: Callable[..., Array]) -> WrongSequences:
        return SEQUENCES._add(WrongSequences(*described(function), see, reports, function))

    return register


@_wrong(_SUBTRACTED, "verl PR 7325")
def mean_of_the_group_subtracted(batch: SequenceBatch) -> Array:
    """The mean reward of the group is subtracted.

    It holds the reward itself, which leaves 1 − 1/m of the gradient with m answers: a step size in disguise.
    """
    return np.asarray(batch.rewards - batch.group_mean(batch.rewards))


@_wrong(_DIVIDED, "verl PR 7325", "tunix 1377")
def group_standardised(batch: SequenceBatch, small: float = 1e-6) -> Array:
    """The mean of the group is subtracted, and the rest divided by the group's deviation.

    The deviation is random. Prompts whose answers differ little count more, and the direction bends.
    """
    centred = batch.rewards - batch.group_mean(batch.rewards)
    return np.asarray(centred / (np.sqrt(batch.group_mean(centred**2)) + small))


@_wrong(_DIVIDED)
def group_standardised_with_one_less(batch: SequenceBatch, small: float = 1e-6) -> Array:
    """The mean of the group is subtracted, and the rest divided by its deviation with m − 1.

    As with m: the deviation is random, and the direction bends.
    """
    centred = batch.rewards - batch.group_mean(batch.rewards)
    n = batch.group_sizes
    variance = batch.group_mean(centred**2) * n / np.maximum(n - 1, 1)
    return np.asarray(centred / (np.sqrt(variance) + small))


@_wrong(_DIVIDED)
def divided_by_the_deviation_of_the_group(batch: SequenceBatch, small: float = 1e-6) -> Array:
    """The reward is divided by the group's deviation, nothing is subtracted.

    The deviation is random and goes with the rewards.
    """
    centred = batch.rewards - batch.group_mean(batch.rewards)
    return np.asarray(batch.rewards / (np.sqrt(batch.group_mean(centred**2)) + small))


@_wrong(_DIVIDED)
def standardised_over_all_sequences(batch: SequenceBatch, small: float = 1e-6) -> Array:
    """The rewards of all groups are standardised together.

    Mean and deviation hold the reward itself, and prompts of different difficulty are thrown together.
    """
    centred = batch.rewards - batch.rewards.mean()
    return np.asarray(centred / (np.sqrt((centred**2).mean()) + small))


@_wrong(_DIVIDED)
def standardised_over_all_sequences_with_one_less(batch: SequenceBatch, small: float = 1e-6) -> Array:
    """The rewards of all groups are standardised together, with the deviation of PyTorch, which divides by one less.

    Mean and deviation hold the reward itself, and prompts of different difficulty are thrown together.
    """
    return np.asarray((batch.rewards - batch.rewards.mean()) / (_deviation_with_one_less(batch.rewards) + small))


@_wrong(_SUBTRACTED)
def mean_over_all_sequences_subtracted(batch: SequenceBatch) -> Array:
    """The mean reward of all groups is subtracted.

    It holds the reward itself: 1 − 1/N of the gradient is left.
    """
    return np.asarray(batch.rewards - batch.rewards.mean())


@_wrong(_DIVIDED)
def leave_one_out_then_standardised(batch: SequenceBatch, small: float = 1e-6) -> Array:
    """Leave-one-out advantages are standardised over all sequences.

    The first step is right. The second divides by a random number.
    """
    right = leave_one_out(batch)
    return np.asarray((right - right.mean()) / (right.std() + small))


@_wrong(_SUBTRACTED, "verl, opo")
def mean_weighted_by_length_subtracted(batch: SequenceBatch) -> Array:
    """The mean of the group is subtracted in which each reward counts with the length of its answer.

    It holds the reward itself, and more of it the longer the answer is.
    """
    lengths = batch.mask.sum(axis=1)
    return np.asarray(batch.rewards - batch.group_mean(lengths * batch.rewards) / batch.group_mean(1.0 * lengths))


@_wrong(_DIVIDED, "verl, gpg")
def mean_of_the_group_subtracted_by_share_of_rewards(batch: SequenceBatch) -> Array:
    """The mean of the group is subtracted, and the rest multiplied by N over the number of rewards that are not 0.

    That number goes with the rewards.
    """
    paid = max(int(np.count_nonzero(batch.rewards)), 1)
    return np.asarray((batch.rewards - batch.group_mean(batch.rewards)) * len(batch.rewards) / paid)


@_wrong(_DIVIDED, "verl, reinforce_plus_plus")
def standardised_over_all_tokens(batch: SequenceBatch) -> Array:
    """Every token has the reward of its answer, and these are standardised over all tokens of the batch.

    A long answer counts more in the mean that is subtracted, and mean and deviation hold the reward itself.
    """
    return _over_tokens(batch, batch.rewards)


@_wrong(_DIVIDED, "verl, reinforce_plus_plus_baseline")
def mean_of_the_group_subtracted_then_standardised_over_all_tokens(batch: SequenceBatch) -> Array:
    """The mean of the group is subtracted, and the rest is standardised over all tokens of the batch.

    A step size in disguise first, and then a division by a random number.
    """
    return _over_tokens(batch, batch.rewards - batch.group_mean(batch.rewards))


@_wrong(_DIVIDED, "verl, gdpo with one reward")
def group_standardised_then_standardised_over_all_tokens(batch: SequenceBatch) -> Array:
    """The rewards are standardised within the group, and then over all tokens of the batch.

    Both deviations are random.
    """
    return _over_tokens(batch, group_standardised_with_one_less(batch))


@_wrong(_DIVIDED, "TRL, RLOO with normalize_advantages")
def leave_one_out_then_standardised_with_one_less(batch: SequenceBatch, small: float = 1e-6) -> Array:
    """Leave-one-out advantages are standardised over all sequences, with the deviation that divides by one less.

    The first step is right. The second divides by a random number.
    """
    right = leave_one_out(batch)
    return np.asarray((right - right.mean()) / (right.std(ddof=1) + small))


@_wrong(_DIVIDED, "TRL, GRPO with scale_rewards = batch")
def mean_of_the_group_subtracted_then_divided_by_the_deviation_of_all(
    batch: SequenceBatch, small: float = 1e-6
) -> Array:
    """The mean of the group is subtracted, and the rest divided by the deviation of all rewards, with one less.

    The deviation is random, as that of a group is.
    """
    return np.asarray((batch.rewards - batch.group_mean(batch.rewards)) / (batch.rewards.std(ddof=1) + small))


@_wrong(_SUBTRACTED, "verl, grpo_passk")
def best_of_the_group_less_the_second(batch: SequenceBatch, small: float = 1e-6) -> Array:
    """Only the best answer of the group counts, by how much it is better than the second, over the deviation.

    Its mean without the deviation is the gradient of another objective, that of the best of the group.
    """
    advantages = np.zeros(len(batch.rewards))
    for group in np.unique(batch.groups):
        rows = np.flatnonzero(batch.groups == group)
        order = rows[np.argsort(-batch.rewards[rows], kind="stable")]
        if len(rows) > 1:
            lead = batch.rewards[order[0]] - batch.rewards[order[1]]
            advantages[order[0]] = lead / (batch.rewards[rows].std(ddof=1) + small)
    return advantages


@_wrong(_SUBTRACTED)
def best_of_the_group_alone(batch: SequenceBatch) -> Array:
    """The best sequence of the group has the weight 1, the others 0.

    What is kept depends on what came out: this raises the best, by how much does not matter.
    """
    same = batch.groups[:, None] == batch.groups
    best = np.where(same, batch.rewards, -np.inf).max(axis=1)
    return np.asarray((batch.rewards == best).astype(float))


@_wrong(_AVERAGED)
def reward_divided_by_length(batch: SequenceBatch) -> Array:
    """The reward is divided by the number of tokens.

    Long sequences then count less, right or wrong.
    """
    return np.asarray(batch.rewards / np.maximum(batch.mask.sum(axis=1), 1))


@_wrong(_ANSWER)
def reward_at_the_last_token_alone(batch: SequenceBatch) -> Array:
    """Only the last token is given the reward.

    All tokens before it led there.
    """
    last = np.arange(batch.mask.shape[1]) == batch.mask.sum(axis=1, keepdims=True) - 1
    return np.asarray(batch.rewards[:, None] * last)


def _deviation_with_one_less(numbers: Array) -> float:
    """The deviation that divides by one less; 0 for one number alone."""
    return float(np.sqrt(((numbers - numbers.mean()) ** 2).sum() / max(len(numbers) - 1, 1)))


def _over_tokens(batch: SequenceBatch, numbers: Array) -> Array:
    """Numbers of the sequences, standardised over all tokens with the deviation that divides by one less."""
    each = np.where(batch.mask, numbers[:, None], 0.0)
    tokens = int(batch.mask.sum())
    off = np.where(batch.mask, each - each.sum() / tokens, 0.0)
    return np.asarray(off / np.sqrt((off**2).sum() / max(tokens - 1, 1) + 1e-8))
