"""The same run under many seeds, here, on several processors or on a cluster, with the same numbers everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from pgcode import _checks
from pgcode.learning._loop import whole_runs_alone

__all__ = ["Replications", "replicate"]


class Replications:
    """What a run returned under one seed after the other.

    Attributes
    ----------
    results : tuple
        Of the runs that are whole, in the order of their seeds.
    seed : int, or sequence of int
        From which the seeds of the runs were spawned.
    n_runs : int
        How many runs there were to be.
    interrupted : bool
        Whether some are missing, because somebody pressed Ctrl-C or the stop button.

    Examples
    --------
    >>> Replications([0.5, 0.25], seed=0, n_runs=3)
    Replications(2 of 3 runs, interrupted)
    >>> sum(Replications([0.5, 0.25], seed=0, n_runs=2))
    0.75
    """

    def __init__(self, results: Iterable[Any], seed: Any, n_runs: int) -> None:
        self.results = tuple(results)
        self.seed = seed
        self.n_runs = _checks.require_count("n_runs", n_runs, "runs")

    @property
    def interrupted(self) -> bool:
        """Whether some runs are missing."""
        return len(self.results) < self.n_runs

    def __len__(self) -> int:
        return len(self.results)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.results)

    def __getitem__(self, number: int) -> Any:
        return self.results[number]

    def __repr__(self) -> str:
        if self.interrupted:
            return f"Replications({len(self)} of {self.n_runs} runs, interrupted)"
        return f"Replications({len(self)} runs)"


def replicate(
    run: Callable[[np.random.Generator], Any],
    n_runs: int,
    seed: Any,
    n_jobs: int | None = None,
    *,
    earlier: Replications | None = None,
    progress: bool = False,
) -> Replications:
    """Call ``run(rng)`` under n seeds, each with a generator of its own that no other run shares.

    The seeds are the children of one ``numpy.random.SeedSequence``: that of run i depends on ``seed`` and i alone, and
    on how many workers there are, which of them is first, or how many runs are asked for, it does not. joblib
    spreads the runs over processes, or over whatever ``joblib.parallel_config`` says: within
    ``with joblib.parallel_config(backend="dask"):`` the same call runs on a Dask cluster. Without joblib, as in a
    browser, one run is made after the other, with the same results.

    Parameters
    ----------
    run : callable
        From a ``numpy.random.Generator`` to a result. All chance in it must come from this generator.
    n_runs : int
    seed : int or sequence of int
        From which all others are spawned.
    n_jobs : int, optional
        The number of workers, −1 for as many as there are processors. Left out, it is what ``joblib.parallel_config``
        says, and otherwise 1.
    earlier : Replications, optional
        The same runs, some of them or fewer: those that it holds are not made again.
    progress : bool
        Show a progress bar, which needs tqdm.

    Returns
    -------
    Replications
        Interrupted, it holds the runs before the first that is not whole, and can be given as ``earlier``. A learner
        that is interrupted within ``run`` gives nothing then, so that no part of a run is taken for the whole.

    Raises
    ------
    TypeError, ValueError
        If an argument does not fit, or ``run`` raises; its error is passed on.

    Examples
    --------
    >>> def draw(rng):
    ...     return round(float(rng.normal()), 3)
    >>> list(replicate(draw, 3, seed=0))
    [1.444, 0.805, 0.942]
    >>> some = replicate(draw, 2, seed=0)
    >>> list(replicate(draw, 3, seed=0, earlier=some))
    [1.444, 0.805, 0.942]
    """
    if not callable(run):
        raise TypeError(f"run is {run!r}: pass a function of a generator")
    n_runs = _checks.require_count("n_runs", n_runs, "runs")
    if n_jobs is not None and (isinstance(n_jobs, bool) or not isinstance(n_jobs, (int, np.integer)) or n_jobs == 0):
        raise ValueError(f"n_jobs is {n_jobs!r}: pass a number of workers, or -1 for one on each processor")
    if seed is None or isinstance(seed, (np.random.Generator, np.random.SeedSequence)):
        raise TypeError(f"seed is {seed!r}: pass a whole number, so that the same runs can be made again")
    entropy = np.asarray(seed)
    if entropy.dtype.kind not in "iu" or entropy.ndim > 1 or (entropy < 0).any():
        raise ValueError(f"seed is {seed!r}: pass a whole number from 0 on, or a list of such numbers")
    seed = int(entropy) if entropy.ndim == 0 else tuple(int(number) for number in entropy)
    known: list[Any] = []
    if earlier is not None:
        if not isinstance(earlier, Replications):
            raise TypeError(f"earlier is a {type(earlier).__name__}: pass what replicate returned")
        if earlier.seed != seed:
            raise ValueError(f"earlier was made with seed = {earlier.seed}, and not {seed}: its runs are others")
        known = list(earlier.results[:n_runs])
    children = np.random.SeedSequence(seed).spawn(n_runs)[len(known) :]
    results = _results(run, children, n_jobs)
    if progress:
        tqdm = _checks.optional_import("tqdm.auto", "to show a progress bar").tqdm
        tqdm.monitor_interval = 0
        results = tqdm(results, total=n_runs, initial=len(known), desc="runs", leave=False)
    try:
        for result in results:
            if getattr(result, "interrupted", False):
                break
            known.append(result)
    except KeyboardInterrupt:
        if not known:
            raise
    return Replications(known, seed, n_runs)


def _one(run: Callable[[np.random.Generator], Any], child: np.random.SeedSequence) -> Any:
    with whole_runs_alone():
        return run(np.random.default_rng(child))


def _results(
    run: Callable[[np.random.Generator], Any], children: list[np.random.SeedSequence], n_jobs: int | None
) -> Iterable[Any]:
    """The results in the order of the seeds, each as soon as those before it are there."""
    try:
        import joblib
    except ImportError:
        return (_one(run, child) for child in children)
    try:
        parallel = joblib.Parallel(n_jobs=n_jobs, return_as="generator")
    except ValueError:  # a backend that gives its results only all at once
        parallel = joblib.Parallel(n_jobs=n_jobs)
    ordered: Iterable[Any] = parallel(joblib.delayed(_one)(run, child) for child in children)
    return ordered
