"""Copies of an environment that serve several runs at once: stepping them, and what each run learns from its own."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode.learning._critics import NetworkCritic
from pgcode.learning._networks import MLP, NetworkPolicy, SoftmaxNetwork
from pgcode.learning._optimisers import Memory, Optimiser, carried_on
from pgcode.learning._reinforce import moved_critic
from pgcode.rollouts import _stepper

__all__ = ["Copies", "critic_values", "fitted", "require_network_policy", "started", "summed_scores"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Copies:
    """A vector environment of n_runs · m copies, of which run i owns those from i·m to (i+1)·m − 1."""

    def __init__(self, env: Any, n_runs: int, features: Callable[[NDArray[Any]], ArrayLike] | None) -> None:
        self.stepper = _stepper(env)
        if not hasattr(env, "num_envs"):
            raise TypeError("env is a single environment: make copies of it with gymnasium.make_vec(name, num_envs)")
        self.n = self.stepper.n_environments
        if self.n % n_runs:
            raise ValueError(
                f"env has {self.n} copies, which do not divide among {n_runs} runs: make it with {n_runs} · m"
            )
        self.n_runs, self.batch_size = n_runs, self.n // n_runs
        self.features = _features(env, features)
        space = env.single_action_space
        self.low, self.high = getattr(space, "low", None), getattr(space, "high", None)
        self.of_numbers = self.low is not None
        self.n_actions = getattr(space, "n", None) if space.shape == () else None
        if not self.of_numbers and self.n_actions is None:
            raise TypeError(f"env has the actions {space}: train knows those of Discrete and Box")
        self.first_action = int(getattr(space, "start", 0)) if self.n_actions is not None else 0
        self.shape, self.kind = space.shape, space.dtype

    def require_fit(self, policy: Any, critic: NetworkCritic | None, x: Floats) -> None:
        """Require networks that take as many features as there are, and a choice among all actions."""
        for name, owner in (("policy", policy), ("the critic", critic)):
            network = getattr(owner, "network", None)
            if isinstance(network, MLP) and network.n_inputs != x.shape[1]:
                raise ValueError(
                    f"{name} has a network of {network.n_inputs} inputs, but env gives observations of {x.shape[1]} "
                    "features: give it as many"
                )
        if isinstance(policy, SoftmaxNetwork) and self.n_actions is not None:
            n = policy.network.n_outputs
            if n < self.n_actions:
                raise ValueError(
                    f"policy has {n} actions, and would never take the others of env: give it {self.n_actions}"
                )

    def drawn(self, policy: NetworkPolicy, theta: Floats, x: Floats, rng: np.random.Generator) -> NDArray[Any]:
        """An action of each copy, drawn from the policy of the run that owns it."""
        actions = np.asarray(policy.sample(theta, x.reshape(self.n_runs, self.batch_size, -1), rng))
        return actions.reshape(self.n, *actions.shape[2:])

    def given(self, drawn: NDArray[Any]) -> NDArray[Any]:
        """What the environment is given for an action: a number of its own counting, or a vector in its bounds."""
        if not self.of_numbers:
            among = (
                drawn.ndim == 1 and drawn.dtype.kind in "iu" and bool(((drawn >= 0) & (drawn < self.n_actions)).all())
            )
            if not among:
                raise ValueError(f"policy drew what is not among the {self.n_actions} actions of env: give it as many")
            return drawn + self.first_action
        if drawn.dtype.kind != "f" or drawn[0].size != math.prod(self.shape):
            drew = f"{drawn.dtype} of shape {drawn.shape[1:]}"
            raise ValueError(f"policy drew {drew}, but an action of env is real numbers of shape {self.shape}")
        return np.clip(drawn.reshape(len(drawn), *self.shape), self.low, self.high).astype(self.kind)

    def paid(self, rewards: Any, counted: Flags, number: int) -> Floats:
        """What each copy was paid in a step of this number, and 0 where it does not count."""
        found = np.where(counted, np.asarray(rewards, dtype=np.float64), 0.0)
        if not np.isfinite(found).all():
            copy = int(np.flatnonzero(~np.isfinite(found))[0])
            raise ValueError(f"env paid {found[copy]} to copy {copy} in step {number}: a reward is finite")
        return found


def _features(env: Any, features: Callable[[NDArray[Any]], ArrayLike] | None) -> Callable[[NDArray[Any], int], Floats]:
    if features is not None and not callable(features):
        raise TypeError(f"features is {features!r}: pass a function of observations")
    space = env.single_observation_space
    n_values = getattr(space, "n", None) if space.shape == () else None
    first = int(getattr(space, "start", 0)) if n_values is not None else 0

    def found(observations: NDArray[Any], n: int) -> Floats:
        if features is None and n_values is not None:
            return np.eye(int(n_values))[np.asarray(observations, dtype=np.int64) - first]
        if features is None:
            x = observations.reshape(n, -1).astype(np.float64)
            if not np.isfinite(x).all():
                copy, number = np.argwhere(~np.isfinite(x))[0]
                raise ValueError(
                    f"env gives copy {copy} an observation with {x[copy, number]} at place {number}: mend it, or give "
                    "features that leave it out"
                )
            return x
        x = _checks.real_array("features", features(observations.copy()))
        if x.ndim != 2 or len(x) != n:
            raise ValueError(f"features returned an array of shape {x.shape}: return ({n}, n_features)")
        _checks.require_finite("features", x)
        return x

    return found


def require_network_policy(policy: object) -> None:
    """Require a policy over features of observations, or say what to pass."""
    if not isinstance(policy, NetworkPolicy) or isinstance(policy, type):
        raise TypeError(
            f"policy is {policy!r}, which has not all of theta_shape, initial, sample, log_probabilities and "
            "weighted_score: pass a SoftmaxNetwork or a GaussianNetwork"
        )


# ---- where a run begins, or goes on ----------------------------------------------------------------------------------


def started(
    policy: NetworkPolicy,
    theta: Any,
    earlier: Any,
    rule: Optimiser,
    critic: NetworkCritic | None,
    n_runs: int,
    rng: np.random.Generator,
) -> tuple[Floats, Floats | None, Memory]:
    """θ and w of every run to begin with, and what the optimisers of both remember."""
    if earlier is None:
        at = _first(policy, theta, n_runs, rng)
        w = None if critic is None else np.stack([critic.network.initial(rng, last=0.01) for _ in range(n_runs)])
        memory = rule.start(at), None if w is None or critic is None else critic.step_size.start(w)
    else:
        at, w = np.array(earlier.theta), earlier.critic
        _require_critic(critic, w)
        memory = carried_on(rule, at, earlier.checkpoint.memory[0]), earlier.checkpoint.memory[1]
        if w is not None and critic is not None:
            carried_on(critic.step_size, w, memory[1])
    _checks.require_shape("theta", at.shape[1:], tuple(policy.theta_shape), "the shape of one θ")
    return at, w, memory


def _first(policy: NetworkPolicy, theta: Any, n_runs: int, rng: np.random.Generator) -> Floats:
    if theta is None:
        return np.stack([policy.initial(rng) for _ in range(n_runs)])
    start = _checks.real_array("theta", theta)
    shape = tuple(policy.theta_shape)
    if start.shape not in (shape, (n_runs, *shape)):
        raise ValueError(f"theta has shape {start.shape}, but {policy!r} needs {shape}, or {(n_runs, *shape)}")
    _checks.require_finite("theta", start)
    return np.array(np.broadcast_to(start, (n_runs, *shape)))


def _require_critic(critic: NetworkCritic | None, w: Floats | None) -> None:
    needed = None if critic is None else critic.network.n_parameters
    had = None if w is None else w.shape[1]
    if needed != had:
        raise ValueError(
            f"the curve to go on from has a critic of {had} parameters, but baseline needs {needed}: give the same one"
        )


# ---- what a run learns from its rows: arrays (T, N, …), of which those count that are used --------------------------


def _of_runs(n_runs: int, used: Flags, *arrays: NDArray[Any]) -> list[list[NDArray[Any]]]:
    """The rows of each run that are used, of each array."""
    m = used.shape[1] // n_runs
    owned = [slice(run * m, (run + 1) * m) for run in range(n_runs)]
    return [[array[:, copies][used[:, copies]] for array in arrays] for copies in owned]


def summed_scores(
    policy: NetworkPolicy, theta: Floats, features: Floats, actions: NDArray[Any], weights: Floats, used: Flags
) -> Floats:
    """Σ w ∇log π(a|x) of each run, shape (n_runs, *θ)."""
    rows = _of_runs(len(theta), used, features, actions, weights)
    sums = np.stack([policy.weighted_score(at, *row) for at, row in zip(theta, rows, strict=True)])
    _checks.require_range("Σ γᵗ Â_t ∇log π of run", sums.reshape(len(theta), -1), "the rewards")
    return sums


def critic_values(critic: NetworkCritic, w: Floats, features: Floats) -> Floats:
    """V̂ of the run that owns the copy, shape (T, N), of features (T, N, n_features)."""
    n_rows, n, n_features = features.shape
    by_run = features.reshape(n_rows, len(w), -1, n_features).swapaxes(0, 1)
    flat = critic.values(w, by_run.reshape(len(w), -1, n_features))
    return flat.reshape(len(w), n_rows, -1).swapaxes(0, 1).reshape(n_rows, n)


def fitted(
    critic: NetworkCritic, w: Floats, features: Floats, targets: Floats, used: Flags, memory: Memory
) -> tuple[Floats, Memory]:
    """W after the steps of a critic towards its targets, each run with its own rows."""
    rows = _of_runs(len(w), used, features, targets)
    for _ in range(critic.n_fits):
        uphill = np.stack([critic.uphill(w[run], x, aim) for run, (x, aim) in enumerate(rows)])
        change, memory = critic.step_size.change(uphill, memory)
        w = moved_critic(w, change)
    return w, memory
