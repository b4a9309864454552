"""The loop that all learners share: a progress bar, an interruption that keeps what there is, and how to go on."""

from __future__ import annotations

import contextlib
import contextvars
import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import _checks
from pgcode.learning._curves import Checkpoint
from pgcode.learning._optimisers import Memory

__all__ = ["begun", "keep", "repeated", "shown", "whole_runs_alone"]

Floats = NDArray[np.float64]

_WHOLE_ALONE = contextvars.ContextVar("whole runs alone", default=False)


@contextlib.contextmanager
def whole_runs_alone() -> Iterator[None]:
    """Pass an interruption of a learner on, as who repeats a run must not take a part of it for the whole."""
    token = _WHOLE_ALONE.set(True)
    try:
        yield
    finally:
        _WHOLE_ALONE.reset(token)


def shown(n: int, what: str) -> Iterable[int]:
    """The numbers from 0 to n − 1, with a progress bar that needs no thread beside it, as a browser has none."""
    tqdm = _checks.optional_import("tqdm.auto", "to show a progress bar").tqdm
    tqdm.monitor_interval = 0
    bar: Iterable[int] = tqdm(range(n), desc=what, leave=False)
    return bar


def keep(kept: list[tuple[Any, ...]], theta: Any, w: Any, *told: Any) -> None:
    """Keep what an update tells; its θ and w only until two more have come, as an interruption takes one back."""
    kept.append((theta, w, *told))
    if len(kept) > 2:
        kept[-3] = (None, None, *kept[-3][2:])


def repeated(
    update: Callable[[int, Memory], Memory], memory: Memory, numbers: Iterable[int], rng: np.random.Generator
) -> tuple[int, bool, Checkpoint]:
    """Make one update after the other; return how many are whole, whether somebody interrupted, and where it stands.

    ``update`` takes its number and what is remembered, and returns what is to be remembered. What it writes
    elsewhere counts only when it has returned. An interruption is passed on before the first whole update, and where
    ``whole_runs_alone`` says so.
    """
    stand = copy.deepcopy(rng)
    done: tuple[int, Memory, Any] = (0, memory, stand.bit_generator.state)
    interrupted = False
    try:
        for number in numbers:
            memory = update(number, memory)
            done = (number + 1, memory, rng.bit_generator.state)  # in one assignment, which nothing can interrupt
    except KeyboardInterrupt:
        if not done[0] or _WHOLE_ALONE.get():
            raise
        interrupted = True
    stand.bit_generator.state = done[2]
    return done[0], interrupted, Checkpoint(stand, done[1])


def begun(
    given: Any, curve: type[Any], n_runs: int | None, rng: np.random.Generator | None
) -> tuple[Any, int, np.random.Generator]:
    """The curve to go on from, or None; the number of runs; and the generator, which a curve carries with it."""
    if not isinstance(given, curve):
        if hasattr(given, "checkpoint"):
            raise TypeError(
                f"theta is a {type(given).__name__}, which another learner returned: go on with that one, or pass its "
                "last θ"
            )
        if n_runs is None:
            raise TypeError("n_runs is None: pass the number of runs")
        return None, _checks.require_count("n_runs", n_runs, "runs"), _checks.require_generator("rng", rng)
    known = len(given.theta)
    if given.checkpoint is None:
        raise ValueError(
            "the curve in place of theta holds no checkpoint: only a curve that a learner returned can go on; pass its "
            "last θ instead"
        )
    if n_runs not in (None, known):
        raise ValueError(f"n_runs is {n_runs}, but the curve to go on from has {known} runs: leave n_runs out")
    if rng is not None:
        raise ValueError("rng is given, but the curve to go on from carries its own generator: leave rng out")
    return given, known, given.checkpoint.fresh_generator()
