"""Ways to subtract β KL(π_θ, π_ref) that are not the gradient of an objective with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pgcode._chapters import LANGUAGE
from pgcode._places import Section
from pgcode.mistakes._catalogue import Catalogue, PickledByName, described
from pgcode.mistakes._sequences import SequenceBatch

__all__ = ["PENALTIES", "WrongPenalty", "log_ratio_of_the_answer"]

Array = NDArray[np.float64]

_SECTION = LANGUAGE.section("A penalty on the distance")


def log_ratio_of_the_answer(batch: SequenceBatch) -> Array:
    """Log π_θ − log π_ref of each answer, paid to each of its tokens, shape (N, 1): right."""
    return np.asarray(batch.log_ratios.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class WrongPenalty(PickledByName):
    r"""A known wrong way to subtract β KL(π_θ, π_ref). Called with a `SequenceBatch` it gives what β multiplies.

    Attributes
    ----------
    name, what, why : str
    see : Section
        Where in the book it is explained.
    reports : tuple of str

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode import mistakes
    >>> batch = mistakes.SequenceBatch(np.zeros(1), np.ones((1, 2), bool), np.zeros(1, int), np.log([[2.0, 2.0]]))
    >>> mistakes.PENALTIES["k3 differentiated by token"](batch)  # 1 − x, x = π_ref/π_θ of each token
    array([[0.5, 0.5]])
    """

    name: str
    what: str
    why: str
    see: Section
    reports: tuple[str, ...] = ()
    function: Callable[[SequenceBatch], Array] = field(repr=False, compare=False, default=log_ratio_of_the_answer)

    def __call__(self, batch: SequenceBatch) -> Array:
        """Return what is subtracted from the advantages, for β = 1, shape (N, 1) or (N, T)."""
        return np.asarray(self.function(batch))


#: The known ones, by name.
PENALTIES: Catalogue[WrongPenalty] = Catalogue()


def _wrong(function: Callable[[SequenceBatch], Array]) -> WrongPenalty:
    return PENALTIES._add(WrongPenalty(*described(function), _SECTION, (), function))


@_wrong
def penalty_left_out(batch: SequenceBatch) -> Array:
    """Nothing is subtracted, or something whose mean gradient is 0.

    What is climbed is E[R]. A log ratio that is differentiated itself comes to the same: a score has the mean 0.
    """
    return np.zeros((len(batch.rewards), 1))


@_wrong
def penalty_added(batch: SequenceBatch) -> Array:
    """The log ratio of the answer is added to the reward.

    It is to be subtracted: so the policy is driven away from the reference.
    """
    return -log_ratio_of_the_answer(batch)


@_wrong
def k2_differentiated_by_token(batch: SequenceBatch) -> Array:
    """Each token has its own log ratio alone.

    What a token does to the states after it, and to their distance, is left out.
    """
    return batch.log_ratios


@_wrong
def k3_differentiated_by_token(batch: SequenceBatch) -> Array:
    """Each token has 1 − π_ref/π_θ, as in GRPO's loss.

    For one token it is the gradient of the other divergence, KL(π_ref, π_θ), and later states are left out.
    """
    return np.asarray(np.where(batch.mask, 1 - np.exp(-batch.log_ratios), 0.0))


@_wrong
def k3_differentiated(batch: SequenceBatch) -> Array:
    """Each answer has 1 − π_ref/π_θ.

    That is the gradient of the other divergence, KL(π_ref, π_θ).
    """
    return np.asarray(1 - np.exp(-log_ratio_of_the_answer(batch)))


@_wrong
def k2_paid_as_a_reward(batch: SequenceBatch) -> Array:
    """Half the square of the answer's log ratio is paid.

    Its gradient is to be taken, not its value: E[(log x)²]/2 is another objective.
    """
    return np.asarray(log_ratio_of_the_answer(batch) ** 2 / 2)


@_wrong
def k2_of_each_token_paid(batch: SequenceBatch) -> Array:
    """Half the squares of the tokens' log ratios are paid, their sum to the whole answer.

    Its gradient is to be taken, not its value.
    """
    return np.asarray((batch.log_ratios**2).sum(axis=1, keepdims=True) / 2)


@_wrong
def k3_paid_as_a_reward(batch: SequenceBatch) -> Array:
    """What is paid of the answer is x − 1 − log x, with x = π_ref/π_θ.

    Its value is right in the mean, and the mean of its gradient is not.
    """
    ratio = log_ratio_of_the_answer(batch)
    return np.asarray(np.exp(-ratio) - 1 + ratio)


@_wrong
def k3_of_each_token_paid(batch: SequenceBatch) -> Array:
    """What is paid is the sum of x − 1 − log x over the tokens.

    Its value is right in the mean, and the mean of its gradient is not.
    """
    each = np.exp(-batch.log_ratios) - 1 + batch.log_ratios
    return np.asarray(np.where(batch.mask, each, 0.0).sum(axis=1, keepdims=True))
