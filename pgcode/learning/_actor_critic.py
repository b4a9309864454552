"""Learners that move θ once for every step, as textbooks have them, on a table, all runs side by side."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode._policy_checks import require_match
from pgcode._sampling import Columns, cumulative, draw_each
from pgcode.learning._ascent import moved, require_finite_theta
from pgcode.learning._critics import Critic
from pgcode.learning._curves import LearningCurve
from pgcode.learning._loop import begun, repeated, shown
from pgcode.learning._optimisers import SGD, Memory
from pgcode.learning._reinforce import (
    Drawing,
    critic_of,
    first_of,
    joined,
    moved_critic,
    path_of,
    require_finite_critic,
)
from pgcode.learning._softmaxes import Floats, Softmaxes, obedient
from pgcode.mdp import TabularMDP
from pgcode.policies import TabularPolicy

__all__ = ["actor_critic", "stepwise_reinforce"]


def actor_critic(
    mdp: TabularMDP,
    policy: TabularPolicy,
    theta: ArrayLike | LearningCurve,
    step_size: ArrayLike,
    n_episodes: int,
    n_runs: int | None = None,
    rng: np.random.Generator | None = None,
    max_steps: int = 100_000,
    progress: bool = False,
    *,
    critic: Critic,
) -> LearningCurve:
    """Actor–critic: after every step, both θ and V̂ follow the error δ = r + γ V̂(s') − V̂(s).

        z ← γλ z + γᵗ ∇log π_θ(a|s),   θ ← θ + α δ z
        y ← γλ y + φ(s),               w ← w + β δ y

    At λ = 0, the one-step actor–critic, z is γᵗ ∇log π(a|s): an action that went better than V̂ expected becomes more
    probable. With λ above 0 the decisions before share in the error, each step a factor γλ less. θ moves within
    the episode, so that the sum of its updates is no estimate of the gradient at one θ; `reinforce` with a critic
    updates after the episode. The horizon is an end like any other: V̂ is 0 there.

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon, or one whose episodes end.
    policy : TabularPolicy
    theta, n_episodes, n_runs, rng, max_steps, progress
        As for `reinforce`, with one episode to a batch.
    step_size : float or array, shape (n_runs,)
        α, one for all runs or one for each.
    critic : Critic
        V̂, with β, λ and φ. Most often ``Critic(β, trace_decay=0.0)``.

    Returns
    -------
    LearningCurve
        θ and w after each episode.

    Raises
    ------
    TypeError
        If there is no policy or no critic, or an argument does not hold real numbers.
    ValueError
        If an episode does not end within ``max_steps``, θ or V̂ leaves the floats, or another argument does not fit.

    References
    ----------
    Sutton and Barto (2018), section 13.5, both algorithms for episodes.

    Examples
    --------
    >>> from pgcode.environments import gridworld
    >>> from pgcode.policies import SoftmaxPolicy
    >>> grid = gridworld(("S.", ".G"), step_reward=-0.1, discount=0.95)
    >>> policy = SoftmaxPolicy.for_mdp(grid)
    >>> curve = actor_critic(
    ...     grid, policy, np.zeros(policy.theta_shape), step_size=0.5, n_episodes=200, n_runs=10,
    ...     rng=np.random.default_rng(0), critic=Critic(0.2, trace_decay=0.0))
    >>> curve
    LearningCurve(n_runs=10, n_episodes=200)
    >>> curve.objectives(grid, policy, [0, -1]).mean(axis=0).round(1)
    array([0.2, 0.8])
    """
    if not isinstance(critic, Critic):
        raise TypeError(f"critic is {critic!r}: pass a Critic, such as Critic(0.1, trace_decay=0.0)")
    runs = _Runs("actor_critic", mdp, policy, theta, step_size, n_episodes, n_runs, rng, critic)
    n_runs, rng, alpha, features = runs.n_runs, runs.rng, runs.alpha, runs.features
    path, returns, weights = runs.path, runs.returns, runs.weights
    drawing, fading, axes = Drawing(mdp, max_steps), mdp.discount * critic.trace_decay, (1,) * (path.ndim - 2)
    of_rows = Softmaxes(mdp, policy)

    def episode(number: int, memory: Memory) -> Memory:
        at, w, paid = path[:, number].copy(), weights[:, number].copy(), np.zeros(n_runs)
        trace, trace_of_critic = np.zeros_like(at), np.zeros_like(w)
        run, state = drawing.begin(n_runs, rng)
        discount = 1.0
        for t in range(drawing.limit):
            if not run.size:
                break
            rows = at[run]
            action = draw_each(cumulative(of_rows.probabilities(rows, state)), rng)
            after, reward, on = drawing.step(state, action, rng)
            with np.errstate(over="ignore", invalid="ignore"):
                beyond = (w[run] * features[after]).sum(axis=1) if t + 1 != mdp.horizon else 0.0
                delta = reward + mdp.discount * beyond - (w[run] * features[state]).sum(axis=1)
                trace[run] = fading * trace[run] + discount * of_rows.score(rows, state, action)
                trace_of_critic[run] = fading * trace_of_critic[run] + features[state]
                change = (alpha[run] * delta).reshape(-1, *axes) * trace[run]
                paid[run] += discount * reward
                change_of_critic = critic.step_size * delta[:, None] * trace_of_critic[run]
            at[run] = moved(rows, change, f"step {t} of episode {number}")
            w[run] = moved_critic(w[run], change_of_critic)
            discount *= mdp.discount
            run, state = run[on], after[on]
        else:
            drawing.require_end(run.size, n_runs)
        _checks.require_range("R(τ) of run", paid, "mdp.reward")
        path[:, number + 1], weights[:, number + 1], returns[:, number] = at, w, paid
        return memory

    return runs.learn(episode, progress)


def stepwise_reinforce(
    mdp: TabularMDP,
    policy: TabularPolicy,
    theta: ArrayLike | LearningCurve,
    step_size: ArrayLike,
    n_episodes: int,
    n_runs: int | None = None,
    rng: np.random.Generator | None = None,
    max_steps: int = 100_000,
    progress: bool = False,
    *,
    critic: Critic | None = None,
) -> LearningCurve:
    """REINFORCE as textbooks write it down: when the episode is over, one update for each of its steps in turn.

        for t = 0, 1, …:   b = V̂(s_t),   w ← w + β (G_t − b) φ(s_t),   θ ← θ + α γᵗ (G_t − b) ∇log π_θ(a_t|s_t)

    θ and w move from step to step, while the actions came from the θ before the episode. So the sum of the updates is
    no longer an unbiased estimate of the gradient, as that of `reinforce` is; where α |G| times the length of an
    episode is small the two hardly differ. Take this one to compare with a textbook's figure.

    Parameters
    ----------
    mdp, policy, theta, step_size, n_episodes, n_runs, rng, max_steps, progress
        As for `actor_critic`.
    critic : Critic, optional
        The baseline, with λ = 1; without it b = 0.

    Returns
    -------
    LearningCurve
        θ, and w where there is a critic, after each episode.

    Raises
    ------
    TypeError, ValueError
        As `actor_critic`, or if λ is not 1.

    References
    ----------
    Sutton and Barto (2018), sections 13.3 and 13.4.

    Examples
    --------
    The baseline of Figure 13.2 of Sutton and Barto is one number for all states:

    >>> from pgcode.environments import corridor_policy, short_corridor
    >>> curve = stepwise_reinforce(
    ...     short_corridor(), corridor_policy(), [1.5, -1.5], step_size=2**-9, n_episodes=200, n_runs=20,
    ...     rng=np.random.default_rng(0), critic=Critic(2**-6, features=np.ones((4, 1))))
    >>> curve.objectives(short_corridor(), corridor_policy(), [0, -1]).mean(axis=0).round(0)
    array([-86., -12.])
    """
    if critic is not None and not isinstance(critic, Critic):
        raise TypeError(f"critic is {critic!r}: pass a Critic, such as Critic(0.1), or leave it out")
    if critic is not None and critic.trace_decay != 1:
        raise ValueError(
            f"the critic has trace_decay = {critic.trace_decay}, but a baseline needs 1, as it is left out"
        )
    runs = _Runs("stepwise_reinforce", mdp, policy, theta, step_size, n_episodes, n_runs, rng, critic)
    n_runs, rng, alpha, features = runs.n_runs, runs.rng, runs.alpha, runs.features
    path, returns, weights = runs.path, runs.returns, None if critic is None else runs.weights
    drawing, axes, of_rows = Drawing(mdp, max_steps), (1,) * (path.ndim - 2), Softmaxes(mdp, policy)

    def climbed(played: _Played, at: Floats, w: Floats | None, number: int | None) -> bool:
        """Move θ and w, whose rows are in the order of the runs, and say whether they stay among the floats.

        With the number of the episode, complain about the first step after which they do not.
        """
        discount, size = 1.0, alpha[played.order]
        with np.errstate(over="ignore", invalid="ignore"):
            for t, (now, n_going) in enumerate(zip(played.steps, played.n_going, strict=True)):
                rows, state, error = at[:n_going], played.state[now], played.to_go[now]
                if w is not None and critic is not None:
                    seen, known = features.take(state, axis=0), w[:n_going]
                    error = error - np.add.reduce(known * seen, axis=1)
                    known += critic.step_size * error[:, None] * seen
                    if number is not None:
                        require_finite_critic(known)
                factor = discount * size[:n_going] * error
                rows += factor.reshape(-1, *axes) * of_rows.score(rows, state, played.action[now])
                if number is not None:
                    require_finite_theta(rows, f"step {t} of episode {number}")
                discount *= mdp.discount
        return bool(np.isfinite(at).all()) and (w is None or bool(np.isfinite(w).all()))

    def episode(number: int, memory: Memory) -> Memory:
        played = _Played(_drawn(drawing, obedient(mdp, policy, path[:, number].copy()), rng), n_runs, mdp.discount)
        _checks.require_range("R(τ) of run", played.returns, "mdp.reward")

        def begin() -> tuple[Floats, Floats | None]:
            return path[played.order, number], None if weights is None else weights[played.order, number]

        at, w = begin()
        # The two softmaxes go on with a θ that has left the floats, and it does not come back: look for the step then.
        # Another policy is not asked at such a θ.
        if not climbed(played, at, w, None if of_rows.written_out else number):
            climbed(played, *begin(), number)
        path[played.order, number + 1], returns[:, number] = at, played.returns
        if weights is not None:
            weights[played.order, number + 1] = w
        return memory

    return runs.learn(episode, progress)


class _Runs:
    """What a learner that updates at every step works on: its arguments, checked, and the arrays that it fills."""

    def __init__(
        self,
        learner: str,
        mdp: TabularMDP,
        policy: TabularPolicy,
        theta: ArrayLike | LearningCurve,
        step_size: ArrayLike,
        n_episodes: int,
        n_runs: int | None,
        rng: np.random.Generator | None,
        critic: Critic | None,
    ) -> None:
        require_match(policy, mdp)
        earlier, n, self.rng = begun(theta, LearningCurve, n_runs, rng)
        self.earlier, self.n_runs = earlier, n
        self.n_episodes = _checks.require_count("n_episodes", n_episodes, "episodes")
        start = first_of(policy, theta, earlier, n)
        if earlier is not None and earlier.batch_size != 1:
            raise ValueError(f"the curve to go on from has batches of {earlier.batch_size}: {learner} has none")
        if earlier is not None and earlier.critic is not None and critic is None:
            raise ValueError("the curve to go on from has a critic: give the same one")
        if callable(getattr(step_size, "change", None)):
            raise TypeError(
                f"step_size is {step_size!r}, but {learner} moves at every step: pass one number, or one for each run"
            )
        rule = SGD(step_size)
        rule.start(start)
        self.alpha = np.broadcast_to(rule.step_size, n)
        self.path, self.returns = path_of(start, self.n_episodes), np.empty((n, self.n_episodes))
        self.has_critic = critic is not None
        self.features = np.zeros((mdp.n_states, 1)) if critic is None else critic.table(mdp)
        n_features = self.features.shape[1]
        self.weights = np.zeros((n, self.n_episodes + 1, n_features))
        if critic is not None:
            begins = critic.begin(n_features, n) if earlier is None else critic_of(earlier, self.weights)
            self.weights[:, 0] = begins

    def learn(self, episode: Callable[[int, Memory], Memory], progress: bool) -> LearningCurve:
        """Return the curve, when all episodes are over or somebody has interrupted them."""
        memory = () if self.earlier is None else self.earlier.checkpoint.memory
        numbers = shown(self.n_episodes, "episodes") if progress else range(self.n_episodes)
        done, interrupted, checkpoint = repeated(episode, memory, numbers, self.rng)
        weights = self.weights if self.has_critic else None
        return joined(
            self.earlier, self.path[:, : done + 1], self.returns[:, :done], weights, done, interrupted, checkpoint
        )


class _Played:
    """One episode of each run: what was decided, one step behind the other, in as many numbers as there are decisions.

    Within a step the runs with the longest episodes stand first. So those that are on their way at any time are the
    first so many, and a piece of memory.
    """

    def __init__(self, drawn: list[tuple[Any, ...]], n_runs: int, discount: float) -> None:
        self.n_going = [len(run) for run, *_ in drawn]
        ends = np.cumsum([0, *self.n_going])
        self.steps = [slice(*pair) for pair in itertools.pairwise(ends.tolist())]
        run, state, action, reward = (
            np.concatenate([np.zeros(0, dtype=kind), *(step[k] for step in drawn)])
            for k, kind in enumerate((np.intp, np.intp, np.intp, np.float64))
        )
        self.order = np.argsort(-np.bincount(run, minlength=n_runs), kind="stable")
        place = np.empty(n_runs, dtype=np.intp)
        place[self.order] = np.arange(n_runs)
        at = np.repeat(ends[:-1], self.n_going)
        at += place[run]
        self.state, self.action, self.to_go = np.empty_like(state), np.empty_like(action), np.empty_like(reward)
        self.state[at], self.action[at], self.to_go[at] = state, action, reward
        returns = np.zeros(n_runs)
        with np.errstate(over="ignore", invalid="ignore"):
            for now, n_going in zip(reversed(self.steps), reversed(self.n_going), strict=True):
                gain = returns[:n_going]
                gain *= discount
                gain += self.to_go[now]
                self.to_go[now] = gain
        self.returns = np.empty(n_runs)
        self.returns[self.order] = returns


def _drawn(drawing: Drawing, probabilities: NDArray[np.float64], rng: np.random.Generator) -> list[tuple[Any, ...]]:
    """One episode of each run, step by step: which runs are on their way, and their states, actions and rewards."""
    n_states, choice, n_runs = drawing.mdp.n_states, Columns(probabilities), len(probabilities)
    run, state = drawing.begin(n_runs, rng)
    steps = []
    for _ in range(drawing.limit):
        if not run.size:
            break
        action = choice.draw(run * n_states + state, rng)
        after, reward, on = drawing.step(state, action, rng)
        steps.append((run, state, action, reward))
        stay = on.nonzero()[0]
        run, state = (run, after) if stay.size == run.size else (run.take(stay), after.take(stay))
    else:
        drawing.require_end(run.size, n_runs)
    return steps
