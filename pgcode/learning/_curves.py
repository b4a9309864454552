"""What learning leaves: θ and returns of each run, whether it was interrupted, and what it takes to go on."""

from __future__ import annotations

import copy
import operator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks, values
from pgcode.mdp import TabularMDP
from pgcode.policies import TabularPolicy

__all__ = ["Checkpoint", "LearningCurve", "SegmentCurve", "TrainingCurve"]


@dataclass(frozen=True, eq=False, repr=False)
class Checkpoint:
    """Where a run stands after its last whole update: the generator, and what optimisers remember."""

    generator: np.random.Generator
    memory: tuple[Any, ...]

    def fresh_generator(self) -> np.random.Generator:
        """A generator that goes on from here, any number of times."""
        return copy.deepcopy(self.generator)


@dataclass(frozen=True, eq=False, repr=False)
class LearningCurve:
    """What happened in several independent runs of a learner on a table.

    Attributes
    ----------
    theta : array, shape (n_runs, n_updates + 1, *θ)
        The parameters before the first update and after each.
    returns : array, shape (n_runs, n_episodes)
        R(τ) of each episode. There is one to an update, or a batch of several.
    critic : array, shape (n_runs, n_updates + 1, n_features), optional
        The parameters of the critic, where one was learnt.
    interrupted : bool
        Whether it holds fewer episodes than it was to have, because somebody pressed Ctrl-C or the stop button.
    checkpoint : object, optional
        What the learner needs to go on. Give the curve in place of θ.

    Examples
    --------
    >>> LearningCurve(theta=np.zeros((2, 4, 3)), returns=np.zeros((2, 3)))
    LearningCurve(n_runs=2, n_episodes=3)
    >>> LearningCurve(theta=np.zeros((2, 4, 3)), returns=np.zeros((2, 15))).batch_size
    5
    """

    theta: NDArray[np.float64]
    returns: NDArray[np.float64]
    critic: NDArray[np.float64] | None = None
    interrupted: bool = False
    checkpoint: Checkpoint | None = field(default=None)

    def __post_init__(self) -> None:
        for name in ("theta", "returns", "critic"):
            if getattr(self, name) is not None:
                array = _checks.real_array(name, getattr(self, name))
                array.setflags(write=False)
                object.__setattr__(self, name, array)
        n_updates = self.theta.shape[1] - 1 if self.theta.ndim > 1 else 0
        fits = self.returns.ndim == 2 and n_updates > 0 and len(self.theta) == len(self.returns)
        if not fits or self.returns.shape[1] % n_updates or not self.returns.shape[1]:
            raise ValueError(
                f"theta has shape {self.theta.shape} and returns {self.returns.shape}: "
                "give (n_runs, n_updates + 1, *θ) and (n_runs, n_episodes), as many episodes to each update"
            )
        if self.critic is not None and self.critic.shape[:2] != self.theta.shape[:2]:
            raise ValueError(
                f"critic has shape {self.critic.shape}, but theta has shape {self.theta.shape}: give "
                "(n_runs, n_updates + 1, n_features)"
            )

    @property
    def batch_size(self) -> int:
        """The number of episodes to an update."""
        return self.returns.shape[1] // (self.theta.shape[1] - 1)

    def objectives(
        self, mdp: TabularMDP, policy: TabularPolicy, updates: ArrayLike | None = None
    ) -> NDArray[np.float64]:
        """The exact J(θ) on the way of each run, which no return shows by itself.

        Parameters
        ----------
        mdp : TabularMDP
            The process that was learnt on, or another one: how θ does elsewhere.
        policy : TabularPolicy
        updates : array of int, shape (k,), optional
            After how many updates, 0 for the start and −1 for the last; every one of them if it is left out.

        Returns
        -------
        array, shape (n_runs, k)

        Raises
        ------
        TypeError, ValueError
            If there is no such update, or as ``values.objective``.

        Examples
        --------
        >>> from pgcode.environments import two_armed_bandit
        >>> from pgcode.learning import reinforce
        >>> from pgcode.policies import SoftmaxPolicy
        >>> bandit, policy = two_armed_bandit(), SoftmaxPolicy(2, 2)
        >>> curve = reinforce(bandit, policy, np.zeros((2, 2)), 0.5, 200, 50, np.random.default_rng(0))
        >>> curve.objectives(bandit, policy, [0, -1]).mean(axis=0).round(2)
        array([1.5 , 1.99])
        """
        n_points = self.theta.shape[1]
        which = np.arange(n_points) if updates is None else _checks.whole_numbers("updates", updates, "count updates")
        if which.ndim != 1 or not which.size:
            raise ValueError(f"updates has shape {which.shape}: pass a list of numbers of updates")
        wrong = (which < -n_points) | (which >= n_points)
        if wrong.any():
            raise ValueError(f"updates holds {which[wrong][0]}, but there are {n_points - 1}, and 0 is the start")
        found = [[values.objective(mdp, policy, theta) for theta in path[which]] for path in self.theta]
        return _checks.real_array("J", found)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are built anew, for an array that is unpickled can be written to."""
        return type(self), (self.theta, self.returns, self.critic, self.interrupted, self.checkpoint)

    def __repr__(self) -> str:
        marked = ", interrupted" if self.interrupted else ""
        return f"LearningCurve(n_runs={self.returns.shape[0]}, n_episodes={self.returns.shape[1]}{marked})"


@dataclass(frozen=True, eq=False, repr=False)
class TrainingCurve:
    """What happened in several independent runs of a learner on an environment.

    Each update is made of m episodes. Arrays of episodes have shape (n_runs, n_updates, m).

    Attributes
    ----------
    returns : array
        Σ_t r_t of each episode, undiscounted, as Gymnasium's reward thresholds have it.
    discounted_returns : array
        Σ_t γᵗ r_t of each, whose mean is an estimate of J.
    lengths : array of int
        The number of decisions of each.
    ended : array of bool
        Whether it ended by itself; otherwise it was cut, by a time limit.
    theta : array, shape (n_runs, *θ)
        The parameters after the last update.
    critic : array, shape (n_runs, n_parameters), optional
        Those of the critic, where one was learnt.
    interrupted : bool
        Whether it holds fewer updates than it was to have, because somebody pressed Ctrl-C or the stop button.
    checkpoint : object, optional
        What ``train`` needs to go on. Give the curve in place of θ.

    Examples
    --------
    >>> ones = np.ones((2, 5, 4))
    >>> curve = TrainingCurve(3 * ones, 3 * ones, (3 * ones).astype(int), ones > 0, np.zeros((2, 10)))
    >>> curve
    TrainingCurve(n_runs=2, n_updates=5, batch_size=4)
    >>> curve.mean_returns.shape, curve.steps[0]
    ((2, 5), array([12, 24, 36, 48, 60]))
    """

    returns: NDArray[np.float64]
    discounted_returns: NDArray[np.float64]
    lengths: NDArray[np.int64]
    ended: NDArray[np.bool_]
    theta: NDArray[np.float64]
    critic: NDArray[np.float64] | None = None
    interrupted: bool = False
    checkpoint: Checkpoint | None = field(default=None)

    def __post_init__(self) -> None:
        shape = np.shape(self.returns)
        if len(shape) != 3 or 0 in shape:
            raise ValueError(f"returns has shape {shape}: give (n_runs, n_updates, batch_size), none of them 0")
        for name, convert in (
            ("returns", _checks.real_array),
            ("discounted_returns", _checks.real_array),
            ("lengths", lambda name, value: np.array(_checks.whole_numbers(name, value, "count decisions"))),
            ("ended", _checks.flags),
            ("theta", _checks.real_array),
            ("critic", _checks.real_array),
        ):
            if getattr(self, name) is None:
                continue
            array = convert(name, getattr(self, name))
            if name not in ("theta", "critic"):
                _checks.require_shape(name, array.shape, shape, "that of returns")
            elif len(array) != shape[0]:
                raise ValueError(f"{name} has {len(array)} runs, but returns has {shape[0]}: give one row for each")
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    @property
    def mean_returns(self) -> NDArray[np.float64]:
        """The mean of the returns of each update's episodes, shape (n_runs, n_updates)."""
        means: NDArray[np.float64] = self.returns.mean(axis=2)
        return means

    @property
    def steps(self) -> NDArray[np.int64]:
        """How many decisions a run has taken by the end of each update, shape (n_runs, n_updates)."""
        taken: NDArray[np.int64] = self.lengths.sum(axis=2).cumsum(axis=1)
        return taken

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are built anew, for an array that is unpickled can be written to."""
        return type(self), operator.attrgetter(*self.__dataclass_fields__)(self)

    def __repr__(self) -> str:
        n_runs, n_updates, m = self.returns.shape
        marked = ", interrupted" if self.interrupted else ""
        return f"TrainingCurve(n_runs={n_runs}, n_updates={n_updates}, batch_size={m}{marked})"


@dataclass(frozen=True, eq=False, repr=False)
class SegmentCurve:
    """What happened in several independent runs that learn from segments of a fixed length.

    Episodes are listed in the order in which they were over; those that are on their way are not there. So the episodes
    of a few updates are no fair sample of J: whoever stops to look has seen more of the short ones. Arrays of
    episodes have shape (n_episodes,).

    Attributes
    ----------
    run, update : array of int
        Whose each episode was, and in which update it was over, both counted from 0.
    returns : array
        Σ_t r_t of each episode, undiscounted.
    discounted_returns : array
        Σ_t γᵗ r_t of each.
    lengths : array of int
        The number of decisions of each.
    ended : array of bool
        Whether it ended by itself; otherwise it was cut, by a time limit.
    steps : array of int, shape (n_runs, n_updates)
        How many decisions a run has taken by the end of each update.
    n_steps : int
        The rows of a segment.
    batch_size : int
        m, the copies of each run.
    theta : array, shape (n_runs, *θ)
        The parameters after the last update.
    critic : array, shape (n_runs, n_parameters)
        Those of the critic.
    interrupted : bool
        Whether it holds fewer updates than it was to have, because somebody pressed Ctrl-C or the stop button.
    checkpoint : object, optional
        What ``train_on_segments`` needs to go on. Give the curve in place of θ.

    Examples
    --------
    Of two runs with two updates each, the second has no episode that is over within its first:

    >>> curve = SegmentCurve(
    ...     run=[0, 0, 1], update=[0, 1, 1], returns=[3.0, 5.0, 7.0], discounted_returns=[3.0, 5.0, 7.0],
    ...     lengths=[3, 5, 7], ended=[True, True, False], steps=[[4, 8], [4, 8]], n_steps=4, batch_size=1,
    ...     theta=np.zeros((2, 10)), critic=np.zeros((2, 5)))
    >>> curve
    SegmentCurve(n_runs=2, n_updates=2, n_steps=4)
    >>> curve.mean_returns
    array([[ 3.,  5.],
           [nan,  7.]])
    """

    run: NDArray[np.int64]
    update: NDArray[np.int64]
    returns: NDArray[np.float64]
    discounted_returns: NDArray[np.float64]
    lengths: NDArray[np.int64]
    ended: NDArray[np.bool_]
    steps: NDArray[np.int64]
    n_steps: int
    batch_size: int
    theta: NDArray[np.float64]
    critic: NDArray[np.float64]
    interrupted: bool = False
    checkpoint: Checkpoint | None = field(default=None)

    def __post_init__(self) -> None:
        for name, convert in (
            ("run", _counted),
            ("update", _counted),
            ("returns", _checks.real_array),
            ("discounted_returns", _checks.real_array),
            ("lengths", _counted),
            ("ended", _checks.flags),
            ("steps", _counted),
            ("theta", _checks.real_array),
            ("critic", _checks.real_array),
        ):
            array = convert(name, getattr(self, name))
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        for name in ("n_steps", "batch_size"):
            object.__setattr__(self, name, _checks.require_count(name, getattr(self, name), "rows or copies"))
        if self.steps.ndim != 2 or 0 in self.steps.shape:
            raise ValueError(f"steps has shape {self.steps.shape}: give (n_runs, n_updates), none of them 0")
        n_runs, n_updates = self.steps.shape
        for name in ("theta", "critic"):
            if len(getattr(self, name)) != n_runs:
                raise ValueError(
                    f"{name} has {len(getattr(self, name))} runs, but steps has {n_runs}: give one row each"
                )
        for name in ("run", "update", "discounted_returns", "lengths", "ended"):
            _checks.require_shape(name, getattr(self, name).shape, (self.returns.size,), "that of returns")
        for name, n in (("run", n_runs), ("update", n_updates)):
            wrong = (getattr(self, name) < 0) | (getattr(self, name) >= n)
            if wrong.any():
                raise ValueError(f"{name} holds {getattr(self, name)[wrong][0]}, but steps has {n}: count from 0")

    @property
    def mean_returns(self) -> NDArray[np.float64]:
        """The mean return of the episodes that were over within each update, or NaN; shape (n_runs, n_updates)."""
        shape = self.steps.shape
        place = np.ravel_multi_index((self.run, self.update), shape)
        count = np.bincount(place, minlength=self.steps.size)
        total = np.bincount(place, self.returns, minlength=self.steps.size)
        return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0).reshape(shape)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are built anew, for an array that is unpickled can be written to."""
        return type(self), operator.attrgetter(*self.__dataclass_fields__)(self)

    def __repr__(self) -> str:
        n_runs, n_updates = self.steps.shape
        marked = ", interrupted" if self.interrupted else ""
        return f"SegmentCurve(n_runs={n_runs}, n_updates={n_updates}, n_steps={self.n_steps}{marked})"


def _counted(name: str, value: ArrayLike) -> NDArray[np.int64]:
    return np.array(_checks.whole_numbers(name, value, "count from 0"), dtype=np.int64)
