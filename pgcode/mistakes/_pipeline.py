"""REINFORCE as a line of six stations, each of which can go wrong, for many batches at once.

    data → weights → baseline → scores → mean → after

A mistake changes one station. So two mistakes at two stations can be put together, and what comes out of all possible
batches of a world is one computation on arrays with the axes (batch, trajectory, time).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["RIGHT", "STATIONS", "Batches", "log_softmax", "run", "to_go"]

Array = NDArray[np.float64]

#: In the order in which they run.
STATIONS = ("data", "weights", "baseline", "scores", "mean", "after")


@dataclass(frozen=True)
class Batches:
    """B batches of m trajectories of one world, as arrays.

    Attributes
    ----------
    states : array of int, shape (B, m, T + 1)
    actions : array of int, shape (B, m, T)
    rewards : array, shape (B, m, T)
        0 beyond the length.
    active : array of bool, shape (B, m, T)
        t < length.
    discount : float
        γ.
    theta : array, shape (S, A)
        The logits of the softmax policy.
    counted : array of int, shape (B,), optional
        Over how many trajectories the mean is taken, where that is not m.
    """

    states: NDArray[np.intp]
    actions: NDArray[np.intp]
    rewards: Array
    active: NDArray[np.bool_]
    discount: float
    theta: Array
    counted: NDArray[np.intp] | None = None

    @property
    def episodes(self) -> Array:
        """Over how many trajectories the mean is taken, shape (B, 1, 1)."""
        m = self.actions.shape[-2]
        counted = np.full(len(self.actions), m) if self.counted is None else self.counted
        return np.asarray(np.maximum(counted, 1.0)[:, None, None])

    @property
    def lengths(self) -> NDArray[np.intp]:
        """The number of decisions, shape (B, m)."""
        return np.asarray(self.active.sum(axis=-1))

    @property
    def powers(self) -> Array:
        """γᵗ, shape (T,)."""
        return np.asarray(self.discount ** np.arange(self.actions.shape[-1]))

    @property
    def returns(self) -> Array:
        """R(τ), shape (B, m)."""
        return np.asarray(self.rewards @ self.powers)

    @property
    def probabilities(self) -> Array:
        """π_θ(a|s), shape (S, A)."""
        return np.exp(log_softmax(self.theta))

    def changed(self, **arrays: Any) -> Batches:
        """The same with other arrays."""
        return replace(self, **arrays)


def log_softmax(theta: Array, axis: int = 1) -> Array:
    """Return log π_θ(a|s) of logits (S, A)."""
    shifted = theta - theta.max(axis=axis, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True)))


def to_go(rewards: Array, discount: float) -> Array:
    """Return G_t = r_t + γ G_{t+1} along the last axis."""
    total = np.array(rewards, dtype=float)
    for t in range(total.shape[-1] - 2, -1, -1):
        total[..., t] += discount * total[..., t + 1]
    return total


# ---- the stations of a right estimator ------------------------------------------------------------------------------


def _data(batches: Batches) -> Batches:
    return batches


def _weights(batches: Batches) -> Array:
    """γᵗ G_t."""
    return batches.powers * to_go(batches.rewards, batches.discount)


def whole_return(batches: Batches) -> Array:
    """R(τ), at each decision."""
    return np.repeat(batches.returns[..., None], batches.actions.shape[-1], axis=-1)


def _baseline(batches: Batches, weights: Array) -> Array:
    return weights


def _scores(batches: Batches) -> Array:
    """∇log π_θ(a_t|s_t), shape (B, m, T, S, A); 0 where nothing is decided."""
    taken = pairs(batches, batches.states[..., :-1], batches.actions)
    here = taken.sum(axis=-1, keepdims=True)
    return np.asarray(taken - here * batches.probabilities)


def pairs(batches: Batches, states: NDArray[np.intp], actions: NDArray[np.intp]) -> Array:
    """Return 1 at (s_t, a_t) of each decision, shape (B, m, T, S, A); 0 where nothing is decided."""
    n_states, n_actions = batches.theta.shape
    at = np.equal.outer(states * n_actions + actions, np.arange(n_states * n_actions))
    return np.asarray((at & batches.active[..., None]).reshape(*actions.shape, n_states, n_actions), dtype=float)


def _mean(batches: Batches, weights: Array, scores: Array) -> Array:
    """(1/m) Σ_i Σ_t w_t ∇log π, shape (B, S, A)."""
    return np.asarray(np.einsum("bmt,bmtsa->bsa", weights, scores) / batches.episodes)


def _after(batches: Batches, gradient: Array) -> Array:
    return gradient


Station = Callable[..., Any]

#: A right estimator: the mean of Σ_t γᵗ G_t ∇log π_θ(a_t|s_t).
RIGHT: Mapping[str, Station] = MappingProxyType(
    {"data": _data, "weights": _weights, "baseline": _baseline, "scores": _scores, "mean": _mean, "after": _after}
)


def run(
    batches: Batches,
    changes: Mapping[str, Station] = MappingProxyType({}),
    memory: dict[object, Any] | None = None,
) -> Array:
    """Return the estimates of all batches, shape (B, S, A), with some stations changed.

    Where many estimators are run on the same batches, a ``memory`` that they share keeps what comes out of a station:
    it is computed once for all that have the same stations before it.
    """
    line = {**RIGHT, **changes}
    kept: dict[object, Any] = {} if memory is None else memory

    def once(names: tuple[str, ...], compute: Callable[[], Any]) -> Any:
        key = tuple((name, line[name]) for name in names)
        if key not in kept:
            kept[key] = compute()
        return kept[key]

    seen = once(("data",), lambda: line["data"](batches))
    weights = once(("data", "weights"), lambda: np.where(seen.active, line["weights"](seen), 0.0))
    weights = once(("data", "weights", "baseline"), lambda: np.where(seen.active, line["baseline"](seen, weights), 0.0))
    scores = once(("data", "scores"), lambda: line["scores"](seen))
    gradient = once(STATIONS[:-1], lambda: line["mean"](seen, weights, scores))
    return np.asarray(line["after"](seen, gradient))
