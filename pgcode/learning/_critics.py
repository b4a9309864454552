"""Critics: V̂ as a linear function of features of a table's states, or as a network over observations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode.learning._networks import MLP
from pgcode.learning._optimisers import optimiser
from pgcode.mdp import TabularMDP

__all__ = ["Critic", "NetworkCritic"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class Critic:
    """A critic V̂(s) = wᵀφ(s) for tables, learnt beside the policy, and the advantage that it gives.

        Â_t = Σ_{k≥t} (γλ)^{k−t} δ_k,   δ_k = r_k + γ V̂(s_{k+1}) − V̂(s_k)

    With λ = 1 that is G_t − V̂(s_t): V̂ is a baseline, and whatever its error, the update keeps its mean. With λ = 0 it
    is δ_t: the update need not wait for the end of the episode, varies less, and is as wrong as V̂ is. V̂ is 0 after the
    end, and beyond the horizon.

    `reinforce` moves w once after a batch, by β times the mean of Â_t φ(s_t) over its decisions, so that no episode is
    too long for β; `stepwise_reinforce` and `actor_critic` move it at every step.

    Parameters
    ----------
    step_size : float
        β, with which w follows.
    trace_decay : float
        λ, from 0 to 1.
    features : array, shape (n_states, n_features), optional
        φ. Without it every state has a number of its own; ``np.ones((n_states, 1))`` is one number for all.
    start : array, shape (n_features,), optional
        w at first; without it 0.

    Raises
    ------
    TypeError, ValueError
        If a number is out of its range or an array does not fit.

    References
    ----------
    Sutton and Barto (2018), sections 13.4 and 13.5; Schulman et al. (2016) for Â at λ between 0 and 1.

    Examples
    --------
    One baseline for all states, as in Figure 13.2 of Sutton and Barto:

    >>> import numpy as np
    >>> Critic(step_size=2**-6, features=np.ones((4, 1)))
    Critic(step_size=0.015625, trace_decay=1.0, n_features=1)
    """

    step_size: float
    trace_decay: float = 1.0
    features: ArrayLike | None = None
    start: ArrayLike | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "step_size", float(_checks.step_sizes("step_size", self.step_size)))
        object.__setattr__(self, "trace_decay", _checks.require_fraction("trace_decay", self.trace_decay, "λ"))
        for name, n_axes, axes in (("features", 2, "(n_states, n_features)"), ("start", 1, "(n_features,)")):
            if getattr(self, name) is not None:
                array = _checks.real_array(name, getattr(self, name))
                if array.ndim != n_axes or 0 in array.shape:
                    raise ValueError(f"{name} has shape {array.shape}, but needs shape {axes}, none of them 0")
                _checks.require_finite(name, array)
                array.setflags(write=False)
                object.__setattr__(self, name, array)

    def table(self, mdp: TabularMDP) -> Floats:
        """Return φ for a process, shape (n_states, n_features), with 0 where it is over."""
        if self.features is None:
            table = np.eye(mdp.n_states)
        else:
            table = np.array(self.features, dtype=np.float64)
            if len(table) != mdp.n_states:
                raise ValueError(
                    f"features of the critic has {len(table)} rows, but mdp has {mdp.n_states} states: give one each"
                )
        table[mdp.terminal] = 0
        return table

    def begin(self, n_features: int, n_runs: int) -> Floats:
        """Return w at first, shape (n_runs, n_features)."""
        start = np.zeros(n_features) if self.start is None else np.asarray(self.start, dtype=np.float64)
        _checks.require_shape("start of the critic", start.shape, (n_features,), "one number for each feature")
        return np.tile(start, (n_runs, 1))

    def __repr__(self) -> str:
        n = "" if self.features is None else f", n_features={np.shape(self.features)[1]}"
        return f"Critic(step_size={self.step_size:g}, trace_decay={self.trace_decay}{n})"


@dataclass(frozen=True, eq=False)
class NetworkCritic:
    """V̂(x) as a network over features of an observation, fitted to its own λ-returns after every batch.

    The advantage is that of ``Critic``. Where an episode ended nothing is expected of what comes after; where it was
    cut, V̂ of the last observation stands for the rest. Then w makes ``n_fits`` steps down the mean of (V̂(x_t) − V̂_t)²,
    where the targets V̂_t = Â_t + V̂(x_t) are those of the V̂ from before, and are not differentiated.

    Parameters
    ----------
    network : MLP
        With one output.
    step_size : float or optimiser
        With which w follows; Adam, in most cases.
    trace_decay : float
        λ, from 0 to 1.
    n_fits : int
        Steps of w after each batch.
    scale : float
        What the network's output is multiplied by: about the size of the returns, so that the network itself works
        with numbers around 1.

    Raises
    ------
    TypeError, ValueError
        If a number is out of its range, or the network has not one output.

    References
    ----------
    Schulman et al. (2016).

    Examples
    --------
    >>> from pgcode.learning import MLP, Adam
    >>> critic = NetworkCritic(MLP(4, 1, hidden=(32,)), Adam(0.01), trace_decay=0.95, scale=100.0)
    >>> critic.network.n_parameters
    193
    """

    network: MLP
    step_size: Any
    trace_decay: float = 0.95
    n_fits: int = 10
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.network, MLP) or self.network.n_outputs != 1:
            raise TypeError(f"network is {self.network!r}: pass an MLP with one output, such as MLP(n_features, 1)")
        object.__setattr__(self, "step_size", optimiser("step_size", self.step_size))
        object.__setattr__(self, "trace_decay", _checks.require_fraction("trace_decay", self.trace_decay, "λ"))
        _checks.require_count("n_fits", self.n_fits, "steps")
        _checks.require_positive("scale", self.scale, "about the size of the returns")

    def values(self, w: Floats, features: Floats) -> Floats:
        """Return V̂, shape (*many, n), of features (*many, n, n_features)."""
        found: Floats = self.scale * self.network.outputs(w, features)[..., 0]
        return found

    def uphill(self, w: Floats, features: Floats, targets: Floats) -> Floats:
        """Return minus half the gradient of the mean squared error, in units of the scale; shape of w."""
        error = (targets - self.values(w, features)) / (self.scale * targets.shape[-1])
        return self.network.weighted_gradient(w, features, error[..., None])
