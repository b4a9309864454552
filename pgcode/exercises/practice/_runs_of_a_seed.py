"""Random generators for many runs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.practice._shared import SEEDS

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _seeds(rng: Generator) -> Arguments:
    for n_runs in (3, 5, 2):
        yield int(rng.integers(1000)), n_runs


@function_exercise(
    title="Repair: runs that are copies",
    cases=_seeds,
    shows="One seed and as many generators as there are runs, which have nothing in common. Any run can be repeated "
    "alone, and no run changes if another one is added or takes longer.",
    hints=[
        "The program makes the same generator anew for each run. What do the curves of its runs look like?",
        "A generator of NumPy has a method `spawn(n)`, which gives n generators that are independent of each other.",
    ],
    see=SEEDS,
    pairs=20,  # a changed seed may be the number of generators
)
def runs_of_a_seed(seed: int, n_runs: int) -> Array:
    """Return the first random number of each run, shape (n_runs,); each run has a generator spawned from the seed."""
    runs = np.random.default_rng(seed).spawn(n_runs)
    return np.array([run.random() for run in runs])


@runs_of_a_seed.misconception()
def every_run_alike(seed: int, n_runs: int) -> Array:
    """All runs have the same generator, so they are one run, drawn many times.

    Twenty curves then lie on each other, and their spread says nothing.
    """
    return np.full(n_runs, np.random.default_rng(seed).random())


@runs_of_a_seed.misconception()
def one_generator_for_all(seed: int, n_runs: int) -> Array:
    """All runs draw from one generator, one after the other.

    They are independent, but what a run draws depends on how much the runs before it have drawn. It cannot be repeated
    alone, or run beside them.
    """
    return np.random.default_rng(seed).random(n_runs)


@runs_of_a_seed.misconception()
def seeds_in_a_row(seed: int, n_runs: int) -> Array:
    """The runs have the seeds seed, seed + 1, seed + 2 and so on.

    Then an experiment with the seed 0 and one with the seed 1 share all of their runs but one, and look like a
    replication.
    """
    return np.array([np.random.default_rng(seed + run).random() for run in range(n_runs)])


@runs_of_a_seed.misconception()
def numbers_of_the_runs(seed: int, n_runs: int) -> Array:
    """The runs have the seeds 0, 1, 2 and so on, whatever the seed is.

    Then there is one experiment, and another seed repeats it.
    """
    return np.array([np.random.default_rng(run).random() for run in range(n_runs)])


@runs_of_a_seed.misconception()
def first_numbers_of_the_seed_spawned_one_by_one(seed: int, n_runs: int) -> Array:
    """Each run spawns one generator from a new one of the seed: the first child, each time.

    All runs are alike again. Spawn all of them from one generator.
    """
    return np.array([np.random.default_rng(seed).spawn(1)[0].random() for _ in range(n_runs)])
