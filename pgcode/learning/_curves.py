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

__all__ = ["Checkpoint", "LearningCurve", "TrainingCurve"]


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
