"""Visits after the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import function_exercise
from pgcode.exercises.chapters import OFF_POLICY

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _chains(rng: Generator) -> Arguments:
    """The policy's transition matrix, the shares of the states in the data, and a discount."""
    for size, discount in ((3, 0.5), (2, 0.9), (4, 0.7)):
        yield rng.dirichlet(np.ones(size), size=size), rng.dirichlet(np.ones(size)), discount


@function_exercise(
    title="Visits after the data",
    cases=_chains,
    shows="A state counts for itself and for every state of the data from which the policy would come to it. With the "
    "shares of the data alone, what follows is left out.",
    hints=[
        "M(s') = d(s') + γ Σ_s P(s'|s) M(s). The row of P is where one is, the column where one comes to.",
        "In matrices M = d + γ Pᵀ M, with the transpose: visits go forward.",
        "So (I − γ Pᵀ) M = d: np.linalg.solve.",
    ],
    see=OFF_POLICY.section("The states of the data"),
)
def visits_after_the_data(chain: Array, data: Array, discount: float) -> Any:
    """Return the emphasis M(s) of each state, shape (S,), for P(s'|s) = chain[s, s'] and d_β(s) = data[s]."""
    identity = np.eye(len(data))
    return np.linalg.solve(identity - discount * chain.T, data)


@visits_after_the_data.made_of
def _made(
    chain: Array,
    data: Array,
    discount: float,
    *,
    matrix: Callable[[Array], Array] = lambda chain: chain.T,
    decay: Callable[[float], float] = lambda discount: discount,
    start: Callable[[Array], Array] = lambda data: data,
    counted: Callable[[Array, Array, float], Array] = lambda visits, data, discount: visits,
) -> Any:
    visits = np.linalg.solve(np.eye(len(data)) - decay(discount) * matrix(chain), start(data))
    return counted(visits, data, discount)


visits_after_the_data.variation(
    "matrix not transposed",
    "P is not transposed. (I − γP)⁻¹ carries values back from where one comes to; visits go forward, by Pᵀ.",
    matrix=lambda chain: chain,
)
visits_after_the_data.variation(
    "data alone",
    "Your result is d_β, the weights of the semi-gradient. What the policy does to the visits that follow is missing.",
    counted=lambda visits, data, discount: data,
)
visits_after_the_data.variation(
    "data left out",
    "The states of the data themselves do not count, only what follows them. A state counts for itself too.",
    counted=lambda visits, data, discount: visits - data,
)
visits_after_the_data.variation(
    "divided by their sum",
    "The weights are divided by their sum, 1/(1 − γ). The direction of the gradient is right, and its length is not.",
    counted=lambda visits, data, discount: (1 - discount) * visits,
)
visits_after_the_data.variation(
    "ratio to the data",
    "Your result is M/d_β, by which a sample of the data is multiplied. Asked for is M.",
    counted=lambda visits, data, discount: visits / data,
)
visits_after_the_data.variation(
    "start alike in every state",
    "Every state starts with the same weight. The data have their own shares, d_β.",
    start=lambda data: np.full(len(data), 1 / len(data)),
)
visits_after_the_data.variation(
    "interest without the data",
    "Every state starts with the weight 1. The interest of 1 is multiplied by how often the data show the state.",
    start=lambda data: np.ones(len(data)),
)
visits_after_the_data.variation(
    "discount twice",
    "The discount is squared. One step later is one factor γ.",
    decay=lambda discount: discount**2,
)
visits_after_the_data.variation(
    "discount upside down",
    "The visits are discounted by 1 − γ. One step later counts γ times.",
    decay=lambda discount: 1 - discount,
)


@visits_after_the_data.misconception()
def one_step_only(chain: Array, data: Array, discount: float) -> Any:
    """Your result stops after one step, d + γ Pᵀ d.

    What follows goes on: the visits after k steps are (γ Pᵀ)ᵏ d.
    """
    return data + discount * data @ chain


@visits_after_the_data.misconception()
def long_run_of_the_policy(chain: Array, data: Array, discount: float) -> Any:
    """Your result is the stationary distribution of the policy, which has forgotten the data.

    With a discount the start counts, and the start is d_β.
    """
    size = len(data)
    return np.linalg.solve((np.eye(size) - chain + 1).T, np.ones(size))


@visits_after_the_data.also_right
def _step_by_step(chain: Array, data: Array, discount: float) -> Any:
    """The sum over the steps, until nothing is added."""
    here, visits = data, np.zeros(len(data))
    for _ in range(600):
        visits, here = visits + here, discount * here @ chain
    return visits
