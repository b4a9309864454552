"""Learning on Gymnasium's vector environments by segments: so many rows of every copy, wherever its episode stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode.learning._ascent import moved
from pgcode.learning._copies import Copies, critic_values, fitted, require_network_policy, started, summed_scores
from pgcode.learning._critics import NetworkCritic
from pgcode.learning._curves import SegmentCurve
from pgcode.learning._loop import begun, keep, repeated, shown
from pgcode.learning._networks import NetworkPolicy
from pgcode.learning._optimisers import Memory, Optimiser, optimiser

__all__ = ["train_on_segments"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def train_on_segments(
    env: Any,
    policy: NetworkPolicy,
    theta: ArrayLike | SegmentCurve | None,
    step_size: ArrayLike | Optimiser,
    n_updates: int,
    n_runs: int | None = None,
    rng: np.random.Generator | None = None,
    *,
    n_steps: int,
    critic: NetworkCritic,
    discount: float,
    state_discount: float | None = None,
    features: Callable[[NDArray[Any]], ArrayLike] | None = None,
    progress: bool = False,
) -> SegmentCurve:
    """Actor–critic on segments: θ ← θ + α (1/mn) Σ_i Σ_k γᵗ Â_k ∇log π_θ(a_k|x_k), over n rows k of m copies.

    The copies are reset once. From then on each update steps all of them n times, wherever their episodes stand, and
    the next one goes on from there, as programs for A2C and PPO collect. A segment may hold several ends, or none.
    With x_k = 0 where row k **ended** its episode and 1 elsewhere, and y_k = 0 where the episode was over, by an end or
    by a **cut**, and 1 elsewhere,

        δ_k = r_k + γ x_k V̂(x'_k) − V̂(x_k),   Â_k = δ_k + γλ y_k Â_{k+1},   Â_n = 0 after the last row,

    where x'_k is what row k led to, before any reset. So V̂ stands for the rest where an episode is cut and where the
    segment stops, and nothing is expected after an end. A row in which a copy was only reset, as Gymnasium's default
    mode has after each episode, is no decision: it has no score, and the critic is not fitted to it. t counts the
    decisions since the episode began, which may have been in an earlier segment.

    The mean of an update, given where its segments begin, is α/(mn) Σ_k E[γᵗ A ∇log π] over its decisions, if V̂ is V:
    each decision is judged right, whatever λ is. Over many segments at one θ that comes to α ∇J / ℓ, where ℓ is the
    mean number of rows to an episode, reset rows counted, if no episode is cut. The divisor mn is fixed beforehand: a
    mean over the decisions would count a segment with many resets for more.

    `train` plays whole episodes instead. It needs no critic, and its returns are a fair sample of J; segments learn
    from each n steps of an episode that is long or never ends.

    Parameters
    ----------
    env, policy, theta, step_size, n_updates, n_runs, rng, features, progress
        As for `train`. A curve goes on with its θ, its critic, and what the optimisers remember, but its copies are
        reset: no environment can be asked where it stands. So the result is not what one longer call would have given.
    n_steps : int
        n, the rows of a segment.
    critic : NetworkCritic
        V̂, with λ.
    discount : float
        γ.
    state_discount : float, optional
        What stands for γ in γᵗ; without it γ itself. Most programs leave the factor out, which is 1 here: then the
        update is not the gradient of J.

    Returns
    -------
    SegmentCurve
        Marked as interrupted where somebody stopped it after the first update.

    Raises
    ------
    TypeError
        If the environment is none or is a single one, the policy lacks a method, or there is no critic.
    ValueError
        If the copies do not divide among the runs, θ, V̂ or a return leaves the floats, or another argument does
        not fit.

    References
    ----------
    Schulman et al. (2016) for Â; Schulman et al. (2017), section 5 and algorithm 1, for segments of a fixed length;
    Towers et al. (2024), Gymnasium, for the modes of reset.

    Examples
    --------
    >>> import gymnasium
    >>> from pgcode.learning import MLP, Adam, NetworkCritic, SoftmaxNetwork
    >>> env = gymnasium.make_vec("CartPole-v1", num_envs=16, vectorization_mode="vector_entry_point")
    >>> curve = train_on_segments(
    ...     env, SoftmaxNetwork(4, 2), None, Adam(0.05), n_updates=40, n_runs=2, rng=np.random.default_rng(0),
    ...     n_steps=32, discount=0.99, critic=NetworkCritic(MLP(4, 1), Adam(0.01), scale=50.0))
    >>> curve
    SegmentCurve(n_runs=2, n_updates=40, n_steps=32)
    >>> late = curve.update >= 30
    >>> bool(curve.lengths[late].mean() > 2 * curve.lengths[curve.update < 10].mean())
    True
    """
    earlier, n_runs, rng = begun(theta, SegmentCurve, n_runs, rng)
    require_network_policy(policy)
    if not isinstance(critic, NetworkCritic):
        raise TypeError(
            f"critic is {critic!r}: a segment stops within episodes, and only a critic says what comes then; pass a "
            "NetworkCritic, or let train play whole episodes"
        )
    n_updates = _checks.require_count("n_updates", n_updates, "updates")
    n_steps = _checks.require_count("n_steps", n_steps, "rows of a segment")
    gamma = _checks.require_fraction("discount", discount, "γ")
    weight = gamma if state_discount is None else _checks.require_fraction("state_discount", state_discount, "γ in γᵗ")
    copies = _Copies(env, n_runs, features, gamma)
    rule = optimiser("step_size", step_size)
    if earlier is not None and (earlier.n_steps, earlier.batch_size) != (n_steps, copies.batch_size):
        raise ValueError(
            f"env has {copies.batch_size} copies for each run and n_steps is {n_steps}, but the curve to go on from "
            f"has {earlier.batch_size} and {earlier.n_steps}: give the same"
        )
    at, w, memory = started(policy, theta, earlier, rule, critic, n_runs, rng)
    kept: list[tuple[Any, ...]] = []

    def update(number: int, memory: Memory) -> Memory:
        theta_now, w_now = kept[-1][:2] if kept else (at, w)
        of_theta, of_w = memory
        if not number:
            copies.reset(rng)
            copies.require_fit(policy, critic, copies.x)
        segment = copies.segment(policy, theta_now, n_steps, rng)
        advantages, targets = segment.advantages(gamma, critic, w_now)
        factors = weight**segment.clock * advantages / (copies.batch_size * n_steps)
        uphill = summed_scores(policy, theta_now, segment.features, segment.actions, factors, segment.decided)
        change, of_theta = rule.change(uphill, of_theta)
        theta_next = moved(theta_now, change, f"update {number}")
        w_next, of_w = fitted(critic, w_now, segment.features, targets, segment.decided, of_w)
        decisions = segment.decided.sum(axis=0).reshape(n_runs, -1).sum(axis=1)
        keep(kept, theta_next, w_next, decisions, copies.taken())
        return of_theta, of_w

    numbers = shown(n_updates, "updates") if progress else range(n_updates)
    done, interrupted, checkpoint = repeated(update, memory, numbers, rng)
    theta_last, w_last = kept[done - 1][:2]
    steps = np.stack([one[2] for one in kept[:done]], axis=1).cumsum(axis=1)
    found = [(run, np.full(len(run), number), *rest) for number, (_, _, _, (run, *rest)) in enumerate(kept[:done])]
    episodes = [np.concatenate(column) for column in zip(*found, strict=True)]
    if earlier is not None:
        episodes[1] += earlier.steps.shape[1]
        before = (
            earlier.run,
            earlier.update,
            earlier.returns,
            earlier.discounted_returns,
            earlier.lengths,
            earlier.ended,
        )
        episodes = [np.concatenate(both) for both in zip(before, episodes, strict=True)]
        steps = np.concatenate([earlier.steps, earlier.steps[:, -1:] + steps], axis=1)
    run, at_update, returns, discounted, lengths, ended = episodes
    return SegmentCurve(
        run,
        at_update,
        returns,
        discounted,
        lengths,
        ended,
        steps,
        n_steps,
        copies.batch_size,
        theta_last,
        w_last,
        interrupted,
        checkpoint,
    )


@dataclass
class _Segment:
    """Rows of all copies side by side, time first: (n, N, …)."""

    features: Floats  # of what was seen before each row
    after: Floats  # of what the row led to, before any reset
    actions: NDArray[Any]
    rewards: Floats
    ended: Flags
    over: Flags  # by an end or by a cut
    decided: Flags  # and not only reset
    clock: NDArray[np.int64]  # decisions of the episode before this one

    def advantages(self, discount: float, critic: NetworkCritic, w: Floats) -> tuple[Floats, Floats]:
        """Â and what the critic should have said, both (n, N); in a row that only resets they mean nothing."""
        here, beyond = (critic_values(critic, w, x) for x in (self.features, self.after))
        delta = self.rewards + discount * np.where(self.ended, 0, beyond) - here
        decay = np.where(self.over, 0, discount * critic.trace_decay)
        found, later = np.zeros_like(delta), np.zeros(delta.shape[1])
        for k in reversed(range(len(delta))):
            found[k] = later = delta[k] + decay[k] * later
        return found, found + here


class _Copies(Copies):
    """Copies that go on from segment to segment, and what their episodes are paid."""

    def __init__(
        self, env: Any, n_runs: int, features: Callable[[NDArray[Any]], ArrayLike] | None, discount: float
    ) -> None:
        super().__init__(env, n_runs, features)
        self.discount = discount
        self.over_with: list[tuple[NDArray[Any], ...]] = []

    def reset(self, rng: np.random.Generator) -> None:
        """Begin an episode in every copy."""
        self.x = self.features(self.stepper.reset(int(rng.integers(2**31))), self.n)
        self.clock = np.zeros(self.n, dtype=np.int64)
        self.total, self.discounted = np.zeros(self.n), np.zeros(self.n)

    def segment(self, policy: NetworkPolicy, theta: Floats, n_steps: int, rng: np.random.Generator) -> _Segment:
        """Step all copies so many times, each from where it stands."""
        rows = [self._row(policy, theta, k, rng) for k in range(n_steps)]
        return _Segment(*(np.stack(column) for column in zip(*rows, strict=True)))

    def taken(self) -> list[NDArray[Any]]:
        """The run, return, discounted return and length of the episodes that are over, and whether each ended."""
        found = [np.concatenate(column) for column in zip(*self.over_with, strict=True)]
        self.over_with = []
        return found

    def _row(
        self, policy: NetworkPolicy, theta: Floats, number: int, rng: np.random.Generator
    ) -> tuple[NDArray[Any], ...]:
        x, clock = self.x, self.clock
        drawn = self.drawn(policy, theta, x, rng)
        step = self.stepper.step(self.given(drawn))
        decided, ended = step.decided, step.decided & step.terminated
        over = decided & (step.terminated | step.truncated)
        paid = self.paid(step.rewards, decided, number)
        with np.errstate(over="ignore", invalid="ignore"):
            self.total, self.discounted = self.total + paid, self.discounted + self.discount**clock * paid
        _checks.require_range("the return of the episode of copy", self.total, "the rewards")
        here = np.flatnonzero(over)
        length = clock + decided
        self.over_with.append(
            (here // self.batch_size, self.total[here], self.discounted[here], length[here], ended[here])
        )
        self.total, self.discounted = np.where(over, 0, self.total), np.where(over, 0, self.discounted)
        self.x, self.clock = self.features(step.seen, self.n), np.where(over, 0, length)
        after = self.x if step.seen is step.after else self.features(step.after, self.n)
        return x, after, drawn, paid, ended, over, decided, clock
