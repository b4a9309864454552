"""Learning on Gymnasium's vector environments: whole episodes, many runs in one environment, networks in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode.learning._ascent import moved
from pgcode.learning._copies import Copies, critic_values, fitted, require_network_policy, started, summed_scores
from pgcode.learning._critics import NetworkCritic
from pgcode.learning._curves import TrainingCurve
from pgcode.learning._loop import begun, keep, repeated, shown
from pgcode.learning._networks import NetworkPolicy
from pgcode.learning._optimisers import Memory, Optimiser, optimiser

__all__ = ["train"]

Floats = NDArray[np.float64]
Baseline = float | Callable[[Floats], ArrayLike] | Literal["leave one out"] | NetworkCritic | None


def train(
    env: Any,
    policy: NetworkPolicy,
    theta: ArrayLike | TrainingCurve | None,
    step_size: ArrayLike | Optimiser,
    n_updates: int,
    n_runs: int | None = None,
    rng: np.random.Generator | None = None,
    *,
    discount: float = 1.0,
    state_discount: float | None = None,
    baseline: Baseline = None,
    features: Callable[[NDArray[Any]], ArrayLike] | None = None,
    max_steps: int | None = None,
    progress: bool = False,
) -> TrainingCurve:
    """REINFORCE and actor–critic on a vector environment: θ ← θ + α (1/m) Σ_i Σ_t γᵗ Â_t ∇log π_θ(a_t|x_t).

    An environment of N = n_runs · m copies serves all runs at once: run i owns the copies from i·m to (i+1)·m − 1, has
    a θ of its own, and learns from no other. In each update every copy is reset and plays one episode, to its end or
    to its cut. So no episode is left out for being long, as happens where the first m that are over are taken, and the
    mean of what the runs are paid is an estimate of J without a bias.

    What stands in the place of Â_t is chosen by ``baseline``:

    ====================  =============================================================================
    None                  G_t = Σ_{k≥t} γ^{k−t} r_k
    a number c            G_t − c
    a function b          G_t − b(x_t), of features (N, n_features) to (N,): a V that you know
    "leave one out"       G_t less the mean of the other m − 1 episodes' G_t, which is 0 after their end
    NetworkCritic         Σ_{k≥t} (γλ)^{k−t} δ_k: one-step actor–critic at λ = 0, GAE between, G_t − V̂ at 1
    ====================  =============================================================================

    Only a critic looks beyond a cut, by V̂ of the last observation. The others take the time limit as the horizon of the
    process that is learnt on, and its episodes as all there is.

    Parameters
    ----------
    env : gymnasium.vector.VectorEnv
        As from ``gymnasium.make_vec(name, num_envs=N)``, in any mode of its resets.
    policy : NetworkPolicy
        ``SoftmaxNetwork`` or ``GaussianNetwork``, or one of your own.
    theta : array, shape (*θ,) or (n_runs, *θ), TrainingCurve, or None
        The start of all runs, or of each; None draws one for each run by ``policy.initial``. A curve goes on where it
        ended, with the same other arguments but without ``n_runs`` and ``rng``: the result holds all updates, and is
        what one longer call would have given.
    step_size : float or array, shape (n_runs,), or optimiser
        α, or an optimiser, such as ``Adam(0.01)``.
    n_updates, n_runs : int
        Updates of a run, and independent runs.
    rng : numpy.random.Generator
        The source of all randomness, that of the environment too.
    discount : float
        γ.
    state_discount : float, optional
        What stands for γ in γᵗ; without it γ itself. Most programs leave the factor out, which is 1 here: then the
        update is not the gradient of J.
    baseline : optional
        See above.
    features : callable, optional
        From the observations of all copies, on a first axis, to x, shape (N, n_features). Without it: one number for
        each value of a discrete observation, 1 where it is; otherwise all numbers of the observation in a row.
    max_steps : int, optional
        Cut an episode that is not over after so many steps. An environment without a time limit of its own may need
        it: nothing else stops an episode that does not end.
    progress : bool
        Show a progress bar, which needs tqdm.

    Returns
    -------
    TrainingCurve
        Marked as interrupted where somebody stopped it after the first update.

    Raises
    ------
    TypeError
        If the environment is none or is a single one, or the policy lacks a method.
    ValueError
        If the copies do not divide among the runs, θ, V̂ or a return leaves the floats, or another argument does
        not fit.

    References
    ----------
    Williams (1992); Schulman et al. (2016); Towers et al. (2024), Gymnasium.

    Examples
    --------
    Two runs of four episodes to an update, on an environment whose copies are computed together:

    >>> import gymnasium
    >>> from pgcode.learning import Adam, SoftmaxNetwork
    >>> env = gymnasium.make_vec("CartPole-v1", num_envs=8, vectorization_mode="vector_entry_point")
    >>> policy = SoftmaxNetwork(n_features=4, n_actions=2)
    >>> curve = train(
    ...     env, policy, None, Adam(0.05), n_updates=10, n_runs=2, rng=np.random.default_rng(0),
    ...     baseline="leave one out")
    >>> curve
    TrainingCurve(n_runs=2, n_updates=10, batch_size=4)
    >>> bool(curve.returns[:, -3:].mean() > 1.5 * curve.returns[:, :3].mean())
    True
    """
    earlier, n_runs, rng = begun(theta, TrainingCurve, n_runs, rng)
    require_network_policy(policy)
    n_updates = _checks.require_count("n_updates", n_updates, "updates")
    gamma = _checks.require_fraction("discount", discount, "γ")
    weight = gamma if state_discount is None else _checks.require_fraction("state_discount", state_discount, "γ in γᵗ")
    limit = None if max_steps is None else _checks.require_count("max_steps", max_steps, "steps")
    episodes = _Episodes(env, n_runs, features, limit)
    m = episodes.batch_size
    _require_baseline(baseline, m)
    rule = optimiser("step_size", step_size)
    if earlier is not None and earlier.returns.shape[2] != m:
        raise ValueError(
            f"env has {m} copies for each run, but the curve to go on from {earlier.returns.shape[2]}: give as many"
        )
    critic = baseline if isinstance(baseline, NetworkCritic) else None
    at, w, memory = started(policy, theta, earlier, rule, critic, n_runs, rng)
    kept: list[tuple[Any, ...]] = []

    def update(number: int, memory: Memory) -> Memory:
        theta_now, w_now = kept[-1][:2] if kept else (at, w)
        of_theta, of_w = memory
        batch = episodes.play(policy, critic, theta_now, rng)
        decided, actions, features = batch.active, batch.actions, batch.features[:-1]
        advantages, targets = batch.advantages(gamma, baseline, w_now)
        factors = weight ** np.arange(len(advantages))[:, None] * advantages / m
        uphill = summed_scores(policy, theta_now, features, actions, factors, decided)
        change, of_theta = rule.change(uphill, of_theta)
        theta_next, w_next = moved(theta_now, change, f"update {number}"), w_now
        if critic is not None and w_now is not None:
            w_next, of_w = fitted(critic, w_now, features, targets, decided, of_w)
        keep(kept, theta_next, w_next, *batch.summary(gamma))
        return of_theta, of_w

    numbers = shown(n_updates, "updates") if progress else range(n_updates)
    done, interrupted, checkpoint = repeated(update, memory, numbers, rng)
    arrays = [np.stack([one[k] for one in kept[:done]], axis=1) for k in range(2, 6)]
    if earlier is not None:
        before = earlier.returns, earlier.discounted_returns, earlier.lengths, earlier.ended
        arrays = [np.concatenate([a, b], axis=1) for a, b in zip(before, arrays, strict=True)]
    theta_last, w_last = kept[done - 1][:2]
    returns, discounted, lengths, ended = arrays
    return TrainingCurve(returns, discounted, lengths, ended, theta_last, w_last, interrupted, checkpoint)


def _require_baseline(baseline: Any, m: int) -> None:
    if isinstance(baseline, type):
        raise TypeError(f"baseline is the class {baseline.__name__}: pass an object of it")
    number = isinstance(baseline, (int, float, np.integer, np.floating)) and not isinstance(baseline, bool)
    if isinstance(baseline, str) and baseline == "leave one out":
        if m == 1:
            raise ValueError("each run has one copy, and no other to be compared with: make env with more copies")
    elif number:
        _checks.require_finite("baseline", np.asarray(float(baseline)))
    elif not (baseline is None or isinstance(baseline, NetworkCritic) or callable(baseline)):
        raise ValueError(
            f'baseline is {baseline!r}: give None, a number, "leave one out", a NetworkCritic or a function of features'
        )


@dataclass
class _Batch:
    """Whole episodes of all copies side by side, time first: (T, N, …), and T as long as the longest."""

    features: Floats  # (T + 1, N, n_features); after an episode's last observation it means nothing
    actions: NDArray[Any]
    rewards: Floats
    lengths: NDArray[np.int64]
    ended: NDArray[np.bool_]
    n_runs: int

    @property
    def active(self) -> NDArray[np.bool_]:
        """Whether copy i takes decision t, shape (T, N)."""
        return np.arange(len(self.rewards))[:, None] < self.lengths

    def to_go(self, discount: float) -> Floats:
        """G_t, shape (T, N)."""
        found = np.zeros((len(self.rewards) + 1, len(self.lengths)))
        with np.errstate(over="ignore", invalid="ignore"):
            for t in range(len(self.rewards) - 1, -1, -1):
                found[t] = self.rewards[t] + discount * found[t + 1]
        return found[:-1]

    def advantages(self, discount: float, baseline: Any, w: Floats | None) -> tuple[Floats, Floats]:
        """Â_t where something was decided and 0 elsewhere, and what a critic should have said; both (T, N)."""
        if isinstance(baseline, NetworkCritic) and w is not None:
            v = critic_values(baseline, w, self.features)
            known = np.arange(len(v))[:, None] < self.lengths + ~self.ended  # that of the last observation after a cut
            v = np.where(known, v, 0)
            delta = np.where(self.active, self.rewards + discount * v[1:] - v[:-1], 0)
            found = np.zeros_like(v)
            for t in range(len(delta) - 1, -1, -1):
                found[t] = delta[t] + discount * baseline.trace_decay * found[t + 1]
            return found[:-1], found[:-1] + v[:-1]
        to_go = self.to_go(discount)
        if baseline is None:
            b: Any = 0.0
        elif isinstance(baseline, str):
            each = to_go.reshape(len(to_go), self.n_runs, -1)
            others = each.shape[2] - 1
            b = ((each.sum(axis=2, keepdims=True) - each) / others).reshape(to_go.shape)
        elif callable(baseline):
            b = np.stack([self._of_user(baseline, x) for x in self.features[:-1]])
        else:
            b = float(baseline)
        with np.errstate(over="ignore", invalid="ignore"):
            return np.where(self.active, to_go - b, 0), to_go

    def _of_user(self, baseline: Callable[[Floats], ArrayLike], features: Floats) -> Floats:
        b = _checks.real_array("baseline", baseline(features.copy()))
        if b.shape != ():
            _checks.require_shape("baseline", b.shape, self.lengths.shape, "one for each row of features")
        _checks.require_finite("baseline", b)
        return np.broadcast_to(b, self.lengths.shape)

    def summary(self, discount: float) -> tuple[NDArray[Any], ...]:
        """Returns, discounted returns, lengths, and which ended, each (n_runs, m)."""
        with np.errstate(over="ignore", invalid="ignore"):
            returns, discounted = self.rewards.sum(axis=0), self.to_go(discount)[0]
        _checks.require_range("the return of episode", returns, "the rewards")
        return tuple(x.reshape(self.n_runs, -1) for x in (returns, discounted, self.lengths, self.ended))


class _Episodes(Copies):
    """One episode of each copy of a vector environment, all at once."""

    def __init__(
        self, env: Any, n_runs: int, features: Callable[[NDArray[Any]], ArrayLike] | None, limit: int | None
    ) -> None:
        super().__init__(env, n_runs, features)
        self.limit = limit

    def play(
        self, policy: NetworkPolicy, critic: NetworkCritic | None, theta: Floats, rng: np.random.Generator
    ) -> _Batch:
        seen = self.stepper.reset(int(rng.integers(2**31)))
        going, ended = np.ones(self.n, dtype=np.bool_), np.zeros(self.n, dtype=np.bool_)
        length = np.zeros(self.n, dtype=np.int64)
        rows, actions = [self.features(seen, self.n)], []
        self.require_fit(policy, critic, rows[0])
        rewards: list[Floats] = []
        while going.any() and (self.limit is None or len(rewards) < self.limit):
            drawn = self.drawn(policy, theta, rows[-1], rng)
            step = self.stepper.step_some(self.given(drawn), going)
            rewards.append(self.paid(step.rewards, going, len(rewards)))
            actions.append(drawn)
            length += going
            ended |= going & step.terminated
            rows.append(self.features(step.after, self.n))
            going &= ~(step.terminated | step.truncated)
        return _Batch(np.stack(rows), np.stack(actions), np.stack(rewards), length, ended, self.n_runs)
