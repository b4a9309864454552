"""What every policy gradient fulfils, on a handful of batches: what to ask before a gradient is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pgcode.audit._calls import Estimator
from pgcode.derivation import Verdict
from pgcode.displays import Comparison, Table, check, table
from pgcode.mistakes._pipeline import log_softmax
from pgcode.trajectories import Trajectories

__all__ = ["FirstChecks", "first_checks"]

Array = NDArray[np.float64]
Episode = tuple[Sequence[int], Sequence[int], Sequence[float]]

_DISCOUNT = 0.8
#: Eight states, the last one terminal, and three actions. No two logits of a state are alike.
_THETA = np.array([[0.3, -0.2, 0.5], [0.1, 0.4, -0.3], [-0.5, 0.2, 0.0], [0.2, -0.1, 0.6]] * 2).round(1)
_PI = np.exp(log_softmax(_THETA))
_END = len(_THETA) - 1

#: What agrees to this share of the larger side is equal, and no side is taken for smaller than this.
_ROUNDING, _SMALL = 1e-5, 0.1

#: The states, the actions and the rewards of episodes that share no state.
_FIRST: Episode = ([0, 1, 2], [1, 0, 2], [0.5, -1.0, 2.0])
_SECOND: Episode = ([3, 4], [2, 1], [1.0, 0.3])


@dataclass(frozen=True, repr=False)
class FirstChecks(Table):
    """What `first_checks` found: a table of what should be so, whether it is, and what to look for where it is not.

    Examples
    --------
    >>> from pgcode import mistakes
    >>> from pgcode.audit import first_checks
    >>> first_checks(mistakes.ESTIMATORS["downhill"]).failed
    ('what paid becomes more probable',)
    """

    @property
    def failed(self) -> tuple[str, ...]:
        """What should be so and is not, in the order in which to look."""
        return tuple(
            str(name)
            for name, found, _ in self.rows
            if isinstance(found, Comparison) and found.verdict is not Verdict.EXACT
        )


def first_checks(estimator: Estimator) -> FirstChecks:
    """Ask an estimator what every policy gradient fulfils, without a process and without its gradient.

    Each check calls the function on one or a few batches that are made by hand and compares two results. All of them
    hold for the sum Σ_t γᵗ (G_t − b_t) ∇log π_θ(a_t|s_t) over episodes with a softmax policy of a table, for whole
    returns as well as for rewards-to-go, with a baseline of the state, with a mean over the episodes and with one that
    leaves the own episode out. So a check that fails tells of a mistake, or that standardising or a bonus is at work.
    That all of them hold does not show that the mean is the gradient: that is for `audit`.

    Parameters
    ----------
    estimator : callable
        As for `audit`: ``estimator(batch, theta)``, or what an adapter such as `from_buffer` returns.

    Returns
    -------
    FirstChecks
        A table that shows itself; its ``failed`` holds the names of the checks that fail. The order is that in which to
        look: what is wrong above explains what is wrong below.

    Raises
    ------
    TypeError, ValueError
        If estimator is no function, or does not return finite numbers in the shape of θ.

    Examples
    --------
    >>> from pgcode import mistakes
    >>> from pgcode.audit import first_checks
    >>> first_checks(mistakes.ESTIMATORS["mean over the steps of the batch"]).failed
    ('steps that pay nothing change no other step',)
    >>> first_checks(mistakes.ESTIMATORS["sum over the episodes"]).failed  # a step size in disguise
    ()
    """
    if not callable(estimator):
        raise TypeError(f"estimator is {estimator!r}: pass a function of a batch and theta")

    def estimate(*episodes: Episode) -> Array:
        return _given(estimator, episodes)

    found = table(
        {
            "what should be so": list(_CHECKS),
            "is it": [_compared(*sides(estimate)) for sides, _ in _CHECKS.values()],
            "else look for": [hint for _, hint in _CHECKS.values()],
        }
    )
    return FirstChecks(found.heads, found.rows, found.numeric, found.caption)


def _compared(value: Array, other: Array) -> Comparison:
    """Whether two sides are equal; what differs by rounding, in single precision too, does not differ."""
    size = max(float(np.abs(value).max()), float(np.abs(other).max()), _SMALL)
    return check("", np.where(np.abs(value - other) <= _ROUNDING * size, other, value), other)


def _given(estimator: Estimator, episodes: Sequence[Episode]) -> Array:
    """What the estimator makes of some episodes that all end."""
    batch = Trajectories.from_episodes(
        [
            {"states": [*states, _END], "actions": actions, "rewards": rewards, "terminated": True}
            for states, actions, rewards in episodes
        ],
        _DISCOUNT,
        terminal=np.arange(len(_THETA)) == _END,
    )
    given = np.asarray(estimator(batch, _THETA.copy()))
    of = f"on {len(episodes)} episode{'s' if len(episodes) > 1 else ''}"
    if given.dtype.kind not in "iuf":
        raise TypeError(f"estimator gave {given.dtype} {of}: return an array of real numbers")
    if given.shape != _THETA.shape:
        raise ValueError(f"estimator gave shape {given.shape} {of}: return an array of the shape of theta, {(8, 3)}")
    if not np.isfinite(given).all():
        raise ValueError(f"estimator gave {given[~np.isfinite(given)][0]} {of}: look for 0/0 and for log 0")
    return given.astype(float)


Estimate = Callable[..., Array]
Sides = Callable[[Estimate], tuple[Array, Array]]

#: By what should be so: the two sides that should be equal, and what to look for where they are not.
_CHECKS: dict[str, tuple[Sides, str]] = {}


def _should_be(name: str, hint: str) -> Callable[[Sides], None]:
    def register(sides: Sides) -> None:
        _CHECKS[name] = sides, hint

    return register


@_should_be("the gradient is not zero", "a detached log π, a ratio of a thing to itself")
def _moves(estimate: Estimate) -> tuple[Array, Array]:
    return np.asarray(float(estimate(_FIRST, _SECOND).any())), np.asarray(1.0)


@_should_be("what paid becomes more probable", "the sign of the loss")
def _goes_up(estimate: Estimate) -> tuple[Array, Array]:
    """In one state action 1 paid and action 0 did not."""
    push = estimate(([0], [1], [1.0]), ([0], [0], [0.0]))[0]
    return np.asarray(np.sign(push[1] - push[0])), np.asarray(1.0)


@_should_be("in each state the entries sum to zero", "the axis of the softmax, a missing logarithm")
def _sums_to_zero(estimate: Estimate) -> tuple[Array, Array]:
    """To raise one action of a softmax is to lower the others."""
    sums = estimate(_FIRST, _SECOND).sum(axis=1)
    return sums, np.zeros_like(sums)


@_should_be("where all actions pay alike the mean is zero", "the action that is scored, softmax twice")
def _level(estimate: Estimate) -> tuple[Array, Array]:
    """The mean over all pairs of episodes of one decision, which pays 1 whatever is chosen."""
    mean = np.zeros_like(_THETA)
    for a, b in np.ndindex(3, 3):
        mean += _PI[0, a] * _PI[0, b] * estimate(([0], [a], [1.0]), ([0], [b], [1.0]))
    return mean, np.zeros_like(mean)


@_should_be("a state that nobody visited stays", "weight decay, a bonus, padding")
def _stays(estimate: Estimate) -> tuple[Array, Array]:
    rows = estimate(_FIRST, _SECOND)[5:]
    return rows, np.zeros_like(rows)


@_should_be("the order of the episodes does not matter", "the flags at the ends, returns that run on")
def _any_order(estimate: Estimate) -> tuple[Array, Array]:
    return estimate(_SECOND, _FIRST), estimate(_FIRST, _SECOND)


@_should_be("a reward at time 2 counts γ² times as much as one at time 0", "the discounts, broadcasting")
def _discounted(estimate: Estimate) -> tuple[Array, Array]:
    """For the decision at time 0, which leads to both, and for every decision up to time 2 alike."""

    def weights(rewards: Sequence[float]) -> Iterator[float]:
        given = estimate(([0, 1, 2], [1, 0, 2], rewards), ([3], [0], [0.0]))
        for state, action in ((0, 1), (1, 0), (2, 2)):
            score = np.eye(3)[action] - _PI[state]
            yield float(given[state] @ score / (score @ score))

    late, early = np.array(list(weights([0, 0, 1.0]))), np.array(list(weights([1.0, 0, 0])))
    return late, np.full(3, _DISCOUNT**2 * early[0])


@_should_be("steps that pay nothing change no other step", "a mean over steps or tokens, a division by a length")
def _nothing_is_nothing(estimate: Estimate) -> tuple[Array, Array]:
    """Steps of the episode itself, after its last reward, and of another one that pays nothing at all."""
    states, actions, rewards = _FIRST
    longer: Episode = [*states, 5, 6], [*actions, 0, 0], [*rewards, 0.0, 0.0]
    other: Episode = [3, 4, 3, 4], [0] * 4, [0.0] * 4
    return estimate(longer, other)[:3], estimate(_FIRST, ([3], [0], [0.0]))[:3]


@_should_be("rewards times −2 are the gradient times −2", "standardising, clipping, what fails left out, a bonus")
def _linear(estimate: Estimate) -> tuple[Array, Array]:
    turned = [(states, actions, [-2 * r for r in rewards]) for states, actions, rewards in (_FIRST, _SECOND)]
    return estimate(*turned), -2 * estimate(_FIRST, _SECOND)
