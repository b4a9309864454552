"""Calling an estimator that somebody else wrote, on every batch, and saying what is wrong with what it gives."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode._time_limit import TimeLimitReachedError, call_within
from pgcode.audit._worlds import Draw
from pgcode.trajectories import Trajectories

__all__ = ["Called", "Estimator", "NotAnEstimatorError", "call_on_all"]

Array = NDArray[np.float64]
Estimator = Callable[..., Any]

#: How many seeds an estimator with a generator of its own is averaged over.
N_SEEDS = 400


#: The share of the time for a whole audit after which a single call is stopped.
LONGEST_CALL = 0.25


class NotAnEstimatorError(Exception):
    """Why a function is not an estimator of ∇J, in a sentence."""


@dataclass(frozen=True)
class Called:
    """What an estimator gave on all batches of some draws.

    Attributes
    ----------
    draws : tuple of Draw
    estimates : tuple of array, shape (B, S, A)
    single : bool
        Whether what it gave was in single precision.
    averaged : bool
        Whether each estimate is a mean over seeds, because the estimator draws random numbers.
    notes : tuple of str
        What a reader of the report should know.
    calls : int
    """

    draws: tuple[Draw, ...]
    estimates: tuple[Array, ...]
    single: bool
    averaged: bool
    notes: tuple[str, ...]
    calls: int

    @property
    def means(self) -> list[Array]:
        """E[ĝ] for each draw, shape (S, A)."""
        return [draw.mean(given) for draw, given in zip(self.draws, self.estimates, strict=True)]

    @property
    def tolerance(self) -> float:
        """The relative size of what rounding may do."""
        return 2e-5 if self.single else 1e-9


def call_on_all(estimator: Estimator, draws: Sequence[Draw], max_seconds: float) -> Called:
    """Call an estimator on every batch of every draw.

    Raises
    ------
    NotAnEstimatorError
        If it raises, gives no array of the right shape, is random without a generator, or would take too long.
    """
    caller = _Caller(estimator, max_seconds)
    done: list[Draw] = []
    estimates: list[Array] = []
    notes: list[str] = []
    begun = time.perf_counter()
    total = sum(map(len, draws)) * (N_SEEDS if caller.takes_rng else 1)
    least = min(draw.n_trajectories for draw in draws)
    refused: NotAnEstimatorError | None = None
    for draw in draws:
        try:
            given = np.empty((len(draw), *draw.world.theta.shape))
            for number, batch in enumerate(draw):
                given[number] = caller.estimate(batch, draw)
                spent = time.perf_counter() - begun
                if spent > max_seconds / 20 and caller.calls < total * spent / max_seconds:
                    raise _too_slow(spent / caller.calls, total, max_seconds)
        except NotAnEstimatorError as error:
            # One episode may be too few for it, as for a baseline of the others' returns.
            if draw.n_trajectories == least and least < max(other.n_trajectories for other in draws) and not done:
                refused = refused or error
                continue
            if refused is not None and draw.n_trajectories == least:
                continue
            raise refused or error from None
        done.append(draw)
        estimates.append(given)
    if not done:
        raise refused or NotAnEstimatorError("there is nothing to call it on")
    if refused is not None:
        sizes = sorted({draw.n_trajectories for draw in done})
        notes.append(f"With {least} episode it fails ({refused}); it was audited with {' and '.join(map(str, sizes))}.")
    caller.require_repeatable(done[-1], estimates[-1])
    if caller.changed_theta:
        notes.append("It writes into theta. It was given a copy each time.")
    if caller.takes_rng:
        notes.append(f"It draws random numbers: each estimate is a mean over {N_SEEDS} seeds.")
    return Called(tuple(done), tuple(estimates), caller.single, caller.takes_rng, tuple(notes), caller.calls)


def _too_slow(each: float, total: int, max_seconds: float) -> NotAnEstimatorError:
    return NotAnEstimatorError(
        f"one call takes {each:.2g} s and the audit needs {total}, which would be {each * total:.0f} s: make a call "
        f"faster (batches hold at most 3 episodes of 4 steps), or pass max_seconds above {max_seconds:g}"
    )


def stopped(seconds: float, where: str) -> str:
    """What is said of a call that was stopped."""
    return f"it did not return within {seconds:g} s {where}: does a loop in it end?"


class _Caller:
    """Calls a function and looks at what comes back."""

    def __init__(self, estimator: Estimator, max_seconds: float) -> None:
        self.estimator = estimator
        self.seconds = max_seconds * LONGEST_CALL
        self.calls = 0
        self.single = False
        self.changed_theta = False
        try:
            self.takes_rng = "rng" in inspect.signature(estimator).parameters
        except (TypeError, ValueError):
            self.takes_rng = False

    def estimate(self, batch: Trajectories, draw: Draw) -> Array:
        """One estimate, or a mean over seeds."""
        if not self.takes_rng:
            return self._call(batch, draw)
        seeds = (self._call(batch, draw, rng=np.random.default_rng(seed)) for seed in range(N_SEEDS))
        return np.asarray(sum(seeds) / N_SEEDS)

    def require_repeatable(self, draw: Draw, estimates: Array) -> None:
        """Refuse an estimator that gives two results for one batch: that with the largest estimate."""
        if self.takes_rng:
            return
        number = int(np.abs(estimates).max(axis=(1, 2)).argmax())
        again = self._call(draw.world.walks[0][draw.chosen[number]], draw)
        if not np.array_equal(again, estimates[number]):
            raise NotAnEstimatorError(
                "it gives two results for one batch, so it draws random numbers or keeps something from call to call: "
                "let it take a generator, estimator(batch, theta, rng), and it is averaged over seeds"
            )

    def _call(self, batch: Trajectories, draw: Draw, **options: Any) -> Array:
        theta = draw.world.theta.copy()
        self.calls += 1
        where = f"on a batch of {draw.n_trajectories} of “{draw.world.name}”"
        try:
            given = call_within(lambda: self.estimator(batch, theta, **options), self.seconds)
        except Exception as error:
            raise NotAnEstimatorError(f"it raised {type(error).__name__} {where}: {error}") from error
        except TimeLimitReachedError:
            raise NotAnEstimatorError(stopped(self.seconds, where)) from None
        except SystemExit as error:
            raise NotAnEstimatorError(f"it left Python {where}, exit({error.code!r})") from error
        self.changed_theta |= not np.array_equal(theta, draw.world.theta)
        return self._array(given, theta.shape, where)

    def _array(self, given: Any, shape: tuple[int, ...], where: str) -> Array:
        if given is None:
            raise NotAnEstimatorError(f"it gave None {where}: did you forget to return?")
        if hasattr(given, "detach"):  # a tensor of PyTorch
            given = given.detach().cpu().numpy()
        try:
            array = np.asarray(given)
        except Exception as error:
            raise NotAnEstimatorError(f"it gave no array {where}: {error}") from error
        if array.dtype.kind not in "iuf":
            raise NotAnEstimatorError(f"it gave an array of {array.dtype} {where}, not of real numbers")
        if array.shape != shape:
            raise NotAnEstimatorError(f"it gave an array of shape {array.shape} {where}, and θ has shape {shape}")
        if not np.isfinite(array).all():
            raise NotAnEstimatorError(f"it gave {array[~np.isfinite(array)][0]} {where}")
        self.single |= array.dtype.itemsize < 8 and array.dtype.kind == "f"
        return array.astype(float)
