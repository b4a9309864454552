"""REINFORCE on a table of the dynamics: all runs take their steps together, and no trajectory is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode._policy_checks import require_match
from pgcode._sampling import Columns, FewOutcomes, GuideTable, cumulative, draw_many
from pgcode.learning._ascent import moved
from pgcode.learning._critics import Critic
from pgcode.learning._curves import Checkpoint, LearningCurve
from pgcode.learning._loop import begun, repeated, shown
from pgcode.learning._optimisers import Memory, Optimiser, carried_on, optimiser
from pgcode.learning._softmaxes import Softmaxes, obedient
from pgcode.mdp import TabularMDP
from pgcode.policies import TabularPolicy

__all__ = [
    "Drawing",
    "critic_of",
    "first_of",
    "joined",
    "moved_critic",
    "path_of",
    "reinforce",
    "require_finite_critic",
]

Floats = NDArray[np.float64]

#: From so many possible outcomes of a step on, a guide table finds one sooner than a look at each.
MANY_OUTCOMES = 8


def reinforce(
    mdp: TabularMDP,
    policy: TabularPolicy,
    theta: ArrayLike | LearningCurve,
    step_size: ArrayLike | Optimiser,
    n_episodes: int,
    n_runs: int | None = None,
    rng: np.random.Generator | None = None,
    max_steps: int = 100_000,
    progress: bool = False,
    *,
    batch_size: int = 1,
    baseline: float | Callable[[Floats], ArrayLike] | Literal["leave one out"] | Critic | None = None,
) -> LearningCurve:
    """REINFORCE: after each batch of m episodes, θ ← θ + α (1/m) Σ_i Σ_t γᵗ (G_t − b_t) ∇log π_θ(a_t|s_t).

    All runs take their steps together. The update adds up while the episode goes on,

        Σ_t γᵗ G_t ∇log π(a_t|s_t) = Σ_t (R(τ) − Σ_{k<t} γᵏ r_k) ∇log π(a_t|s_t) = Σ_k γᵏ r_k Σ_{t≤k} ∇log π(a_t|s_t),

    so that no trajectory is stored and the memory does not grow with the length of an episode. To leave one out, each
    r_k is compared with the mean of what the other episodes of the batch are paid at that time, after their end 0.

    A critic is learnt on the way, and Â of ``Critic`` stands in the place of G_t − b_t. In the sum above each decision
    then fades by λ, and δ_k stands in the place of r_k.

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon, or one whose episodes end.
    policy : TabularPolicy
    theta : array, shape (*θ,), or LearningCurve
        The start of every run; or a curve to go on from, with the same other arguments but without ``n_runs`` and
        ``rng``. The result then holds all episodes, and is what one longer call would have given.
    step_size : float or array, shape (n_runs,), or optimiser
        α, one for all runs or one for each; or an optimiser, such as ``Adam(0.01)``.
    n_episodes, n_runs : int
        Episodes in a run, a multiple of ``batch_size``, and independent runs.
    rng : numpy.random.Generator
        The source of randomness.
    max_steps : int
        Without a horizon, the most steps that an episode may take.
    progress : bool
        Show a progress bar, which needs tqdm.
    batch_size : int
        m, the episodes to an update.
    baseline : number, callable, "leave one out" or Critic, optional
        b. A callable takes the θ of one run, before each update, and returns one number, one for each state, or, with
        a horizon, an array (T, n_states): V for example, or the best of ``baselines.reward_to_go_variance``. With
        "leave one out" the b_t of an episode is the mean of the other episodes' G_t. A critic learns its V̂ itself.

    Returns
    -------
    LearningCurve
        Marked as interrupted where somebody stopped it after the first update.

    Raises
    ------
    TypeError
        If the policy is none, or an argument does not hold real numbers.
    ValueError
        If an episode does not end within ``max_steps``, a step size is not finite, there are not as many of
        them as runs, θ or a return leaves the floats, one is left out of one, or another argument does not fit.

    References
    ----------
    Williams (1992); Sutton and Barto (2018), section 13.3, where θ is updated at every step of the
    episode instead of once after it.

    Examples
    --------
    Two arms that pay 1 and 2: nearly all runs learn to take the second.

    >>> from pgcode.environments import two_armed_bandit
    >>> from pgcode.policies import SoftmaxPolicy
    >>> curve = reinforce(
    ...     two_armed_bandit(), SoftmaxPolicy(2, 2), np.zeros((2, 2)), step_size=0.5, n_episodes=100, n_runs=50,
    ...     rng=np.random.default_rng(0))
    >>> curve
    LearningCurve(n_runs=50, n_episodes=100)
    >>> bool(curve.returns[:, -20:].mean() > 1.8)
    True

    In batches of four, where each episode is compared with the other three:

    >>> curve = reinforce(
    ...     two_armed_bandit(), SoftmaxPolicy(2, 2), np.zeros((2, 2)), step_size=0.5, n_episodes=100, n_runs=50,
    ...     rng=np.random.default_rng(0), batch_size=4, baseline="leave one out")
    >>> curve.theta.shape, curve.batch_size
    ((50, 26, 2, 2), 4)

    With a baseline that is learnt on the way, and 50 episodes more:

    >>> problem = two_armed_bandit(), SoftmaxPolicy(2, 2)
    >>> curve = reinforce(
    ...     *problem, np.zeros((2, 2)), step_size=0.5, n_episodes=100, n_runs=50, rng=np.random.default_rng(0),
    ...     baseline=Critic(0.1))
    >>> reinforce(*problem, curve, step_size=0.5, n_episodes=50, baseline=Critic(0.1))
    LearningCurve(n_runs=50, n_episodes=150)
    >>> print(curve.critic[:, -1, 0].mean().round(2))  # of the first state
    1.99
    """
    require_match(policy, mdp)
    earlier, n_runs, rng = begun(theta, LearningCurve, n_runs, rng)
    n_episodes = _checks.require_count("n_episodes", n_episodes, "episodes")
    batch_size = _checks.require_count("batch_size", batch_size, "episodes")
    start = first_of(policy, theta, earlier, n_runs)
    rule = optimiser("step_size", step_size)
    memory = (rule.start(start), None)
    if earlier is not None and earlier.checkpoint.memory:  # the learners that update at every step keep none
        memory = (carried_on(rule, start, earlier.checkpoint.memory[0]), None)
    if earlier is not None and earlier.critic is not None and not isinstance(baseline, Critic):
        raise ValueError("the curve to go on from has a critic: give the same Critic as baseline")
    if n_episodes % batch_size:
        raise ValueError(f"{n_episodes} episodes are no whole number of batches of {batch_size}: change n_episodes")
    if earlier is not None and earlier.batch_size != batch_size:
        raise ValueError(f"batch_size is {batch_size}, but the curve to go on from has batches of {earlier.batch_size}")
    n_updates = n_episodes // batch_size
    path = path_of(start, n_updates)
    returns = np.empty((n_runs, n_updates, batch_size))
    steps = _Steps(mdp, max_steps, batch_size, _subtracted(mdp, baseline, batch_size))
    softmaxes = Softmaxes(mdp, policy)
    critic = None
    if isinstance(baseline, Critic):
        critic = np.empty((n_runs, n_updates + 1, steps.features.shape[1]))
        critic[:, 0] = baseline.begin(critic.shape[2], n_runs) if earlier is None else critic_of(earlier, critic)

    def update(number: int, memory: Memory) -> Memory:
        current = path[:, number].copy()  # which a policy or a baseline of one's own may write into
        probabilities = obedient(mdp, policy, current)
        w = None if critic is None else critic[:, number]
        weights, returns[:, number], learnt = steps.batch(current, probabilities, w, rng)
        uphill = softmaxes.summed_scores(path[:, number], probabilities, weights)
        change, kept = rule.change(uphill, memory[0])
        path[:, number + 1] = moved(path[:, number], change, f"episode {(number + 1) * batch_size - 1}")
        if critic is not None and isinstance(baseline, Critic):
            critic[:, number + 1] = moved_critic(critic[:, number], baseline.step_size * learnt)
        return kept, None

    what = "episodes" if batch_size == 1 else f"batches of {batch_size} episodes"
    numbers = shown(n_updates, what) if progress else range(n_updates)
    done, interrupted, checkpoint = repeated(update, memory, numbers, rng)
    return joined(
        earlier, path[:, : done + 1], returns[:, :done].reshape(n_runs, -1), critic, done, interrupted, checkpoint
    )


def first_of(policy: TabularPolicy, theta: Any, earlier: LearningCurve | None, n_runs: int) -> Floats:
    """θ of every run to begin with, shape (n_runs, *θ)."""
    if earlier is not None:
        last = np.array(earlier.theta[:, -1])
        _checks.require_shape("theta of the curve", last.shape[1:], policy.theta_shape, "the shape of one θ")
        return last
    if theta is None:
        raise TypeError(f"theta is None: pass a start of shape {policy.theta_shape}, such as numpy.zeros of it")
    start = _checks.real_array("theta", theta)
    _checks.require_shape("theta", start.shape, policy.theta_shape, "the shape of one θ")
    _checks.require_finite("theta", start)
    return np.broadcast_to(start, (n_runs, *start.shape))


def path_of(start: Floats, n_updates: int) -> Floats:
    """Room for θ before the first update and after each, with the start in it."""
    shape = len(start), n_updates + 1, *start.shape[1:]
    _checks.require_memory("the path of theta", shape, "take fewer runs or episodes at a time")
    path = np.empty((n_updates + 1, *start.shape)).swapaxes(0, 1)  # the runs of one update stand together in memory
    path[:, 0] = start
    return path


def critic_of(earlier: LearningCurve, critic: Floats) -> Floats:
    """W of every run where an earlier curve ended."""
    if earlier.critic is None or earlier.critic.shape[2:] != critic.shape[2:]:
        had = "no critic" if earlier.critic is None else f"a critic of {earlier.critic.shape[2]} features"
        raise ValueError(f"the curve to go on from has {had}, but the critic has {critic.shape[2]} features")
    last: Floats = earlier.critic[:, -1]
    return last


def moved_critic(w: Floats, change: Floats) -> Floats:
    """W and a change of it, which must stay among the floats."""
    with np.errstate(over="ignore", invalid="ignore"):
        after: Floats = w + change
    return require_finite_critic(after)


def require_finite_critic(after: Floats) -> Floats:
    """Return the parameters of a critic, of any shape, or say after what they have left the floats."""
    if not np.isfinite(after).all():
        raise ValueError("the critic is no longer finite: give it a smaller step_size")
    return after


def joined(
    earlier: LearningCurve | None,
    path: Floats,
    returns: Floats,
    critic: Floats | None,
    done: int,
    interrupted: bool,
    checkpoint: Checkpoint,
) -> LearningCurve:
    """The curve of what was done, behind that from which it went on."""
    if critic is not None:
        critic = critic[:, : done + 1]
    if earlier is not None:
        path = np.concatenate([earlier.theta, path[:, 1:]], axis=1)
        returns = np.concatenate([earlier.returns, returns], axis=1)
        if critic is not None and earlier.critic is not None:
            critic = np.concatenate([earlier.critic, critic[:, 1:]], axis=1)
    return LearningCurve(path, returns, critic, interrupted, checkpoint)


Baselines = Callable[[Floats], Floats]


def _subtracted(
    mdp: TabularMDP, baseline: object, batch_size: int
) -> Baselines | Literal["leave one out"] | Critic | None:
    """From the θ of all runs to their b_t(s), shape (n_runs, T, n_states), or (n_runs, 1, n_states) for all times."""
    if baseline is None or isinstance(baseline, Critic):
        return baseline
    if isinstance(baseline, str) and baseline == "leave one out":
        if batch_size == 1:
            raise ValueError("one episode has no others to be compared with: take a batch_size of 2 or more")
        return "leave one out"
    if isinstance(baseline, (int, float, np.integer, np.floating)) and not isinstance(baseline, bool):
        number = float(baseline)
        return _subtracted(mdp, lambda theta: number, batch_size)
    if isinstance(baseline, type):
        raise TypeError(f"baseline is the class {baseline.__name__}: pass an object of it, such as Critic(0.1)")
    if not callable(baseline):
        raise ValueError(
            f'baseline is {baseline!r}: give None, a number, "leave one out", a Critic or a function of one θ'
        )

    def of_one(theta: Floats) -> Floats:
        b = _checks.real_array("baseline", baseline(theta))
        _checks.require_finite("baseline", b)
        if mdp.horizon is not None and b.ndim == 2:
            _checks.require_shape("baseline", b.shape, (mdp.horizon, mdp.n_states), "(T, n_states)")
            return b
        if b.shape != ():
            _checks.require_shape("baseline", b.shape, (mdp.n_states,), "one for each state")
        return np.broadcast_to(b, (1, mdp.n_states))

    return lambda thetas: np.stack([of_one(theta) for theta in thetas])


class Drawing:
    """Where episodes begin and where steps lead, and how long an episode may take."""

    def __init__(self, mdp: TabularMDP, max_steps: int) -> None:
        self.mdp = mdp
        most = _checks.require_count("max_steps", max_steps, "steps")
        self.limit = most if mdp.horizon is None else mdp.horizon
        self.start = cumulative(mdp.initial)
        pairs = mdp.transition.reshape(-1, mdp.n_states)
        few = (pairs > 0).sum(axis=1).max() <= MANY_OUTCOMES
        self.outcomes: FewOutcomes | GuideTable = FewOutcomes(pairs) if few else GuideTable(pairs)
        self.after = self.outcomes.outcome
        self.reward = mdp.reward.reshape(pairs.shape)[self.outcomes.row, self.after]
        self.goes_on = ~mdp.terminal[self.after]

    def begin(self, n: int, rng: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The numbers of the episodes that are not over at once, and their states."""
        state = draw_many(self.start, n, rng)
        going = np.flatnonzero(~self.mdp.terminal[state])
        return going, state[going]

    def step(
        self, state: NDArray[np.intp], action: NDArray[np.intp], rng: np.random.Generator
    ) -> tuple[NDArray[np.intp], Floats, NDArray[np.bool_]]:
        """Where each step leads, what it pays, and whether the episode goes on."""
        drawn = self.outcomes.draw(state * self.mdp.n_actions + action, rng)
        return self.after.take(drawn), self.reward.take(drawn), self.goes_on.take(drawn)

    def require_end(self, n_going: int, n: int) -> None:
        """Complain about episodes that are not over after ``limit`` steps, unless that is the horizon."""
        if self.mdp.horizon is None and n_going:
            raise ValueError(
                f"{n_going} of {n} episodes did not end within max_steps = {self.limit:,}: "
                "set a horizon, raise max_steps or take a smaller step_size"
            )


class _Steps(Drawing):
    """One batch of episodes of every run, step by step, each run with a policy of its own."""

    def __init__(
        self,
        mdp: TabularMDP,
        max_steps: int,
        batch_size: int,
        baseline: Baselines | Literal["leave one out"] | Critic | None,
    ) -> None:
        super().__init__(mdp, max_steps)
        self.batch_size = batch_size
        self.baseline = baseline
        if isinstance(baseline, Critic):
            self.features = baseline.table(mdp)

    def batch(
        self, theta: Floats, probabilities: Floats, w: Floats | None, rng: np.random.Generator
    ) -> tuple[Floats, Floats, Any]:
        """Return three things: weights, returns, and what the critic has learnt.

        The mean over the batch of Σ_t γᵗ (G_t − b_t) of each (run, s, a), R(τ) of each (run, episode), and the mean of
        Â_t φ(s_t) over the decisions of each run.
        """
        mdp, n_runs, m = self.mdp, len(probabilities), self.batch_size
        n_episodes, n_states, n_actions = n_runs * m, mdp.n_states, mdp.n_actions
        table = self.baseline(theta) if callable(self.baseline) else None
        choice = Columns(np.repeat(probabilities, m, axis=0) if m > 1 else probabilities)  # a row: episode and state
        weights = np.zeros((n_episodes, n_states, n_actions))
        returns = np.zeros(n_episodes)
        # γᵗ G_t is R(τ) less what was paid before t, and so it is of what is paid beyond the others: without a critic
        # two sums for each (s, a) will do.
        counts, before = np.zeros(weights.size), np.zeros(weights.size)
        beyond = np.zeros(n_episodes) if self.baseline == "leave one out" else None
        visits = counts.reshape(weights.shape)
        critic = None if w is None or not isinstance(self.baseline, Critic) else _Following(self, self.baseline, w, m)
        going, state = self.begin(n_episodes, rng)
        paid, discount = np.zeros(going.size), 1.0
        with np.errstate(over="ignore", invalid="ignore"):
            for t in range(self.limit):
                if not going.size:
                    break
                row = going * n_states + state
                action = choice.draw(row, rng)
                after, reward, on = self.step(state, action, rng)
                now = discount * reward
                if critic is not None:
                    critic.step(t, discount, going, state, action, after, visits, weights)
                else:
                    place = row * n_actions + action
                    counts[place] += 1
                    before[place] += paid if beyond is None else beyond[going]
                    if beyond is not None:
                        beyond += self._less_the_others(n_episodes, going, now)
                if table is not None:
                    b = table[going // m, min(t, table.shape[1] - 1), state]
                    weights[going, state, action] -= discount * b
                paid += now
                discount *= mdp.discount
                stay = on.nonzero()[0]
                if stay.size < going.size:
                    over = (~on).nonzero()[0]
                    returns[going[over]] = paid[over]
                    going, after, paid = going[stay], after[stay], paid[stay]
                state = after
            else:
                self.require_end(going.size, n_episodes)
                returns[going] = paid
            if critic is None:
                whole = returns if beyond is None else beyond
                weights += whole[:, None, None] * visits - before.reshape(weights.shape)
        _checks.require_range("R(τ) of episode", returns, "mdp.reward")
        if m > 1:
            weights = weights.reshape(n_runs, m, n_states, n_actions).mean(axis=1)
        _checks.require_range("the sum of γᵗ(G_t − b_t) of run", weights, "mdp.reward and baseline")
        return weights, returns.reshape(n_runs, m), None if critic is None else critic.mean(n_runs)

    def _less_the_others(self, n_episodes: int, going: NDArray[np.intp], paid: Floats) -> Floats:
        """What each episode is paid in this step, less the mean of what the others of its batch are paid."""
        everyone = np.zeros(n_episodes)
        everyone[going] = paid
        by_batch = everyone.reshape(-1, self.batch_size)
        others = (by_batch.sum(axis=1, keepdims=True) - by_batch) / (self.batch_size - 1)
        return (by_batch - others).ravel()


class _Following:
    """A critic that follows the episodes of a batch, in which it does not change itself."""

    def __init__(self, steps: _Steps, critic: Critic, w: Floats, batch_size: int) -> None:
        self.mdp, self.critic, self.features = steps.mdp, critic, steps.features
        with np.errstate(over="ignore", invalid="ignore"):
            self.values = np.repeat(w @ self.features.T, batch_size, axis=0)  # V̂(s) of each (episode, s)
        self.trace = np.zeros((len(self.values), self.features.shape[1]))
        self.learnt = np.zeros_like(self.trace)
        self.lengths = np.zeros(len(self.values))

    def mean(self, n_runs: int) -> Floats:
        """Return the mean of Â_t φ(s_t) over all decisions of each run, shape (n_runs, n_features)."""
        decisions = np.maximum(self.lengths.reshape(n_runs, -1).sum(axis=1), 1)
        means: Floats = self.learnt.reshape(n_runs, -1, self.learnt.shape[1]).sum(axis=1) / decisions[:, None]
        return means

    def step(
        self,
        t: int,
        discount: float,
        going: NDArray[np.intp],
        state: NDArray[np.intp],
        action: NDArray[np.intp],
        after: NDArray[np.intp],
        visits: Floats,
        weights: Floats,
    ) -> None:
        """Add δ to all decisions so far, each as far as it has not faded: as γᵗ (γλ)^{k−t}, and as (γλ)^{k−t}."""
        mdp, fading = self.mdp, self.mdp.discount * self.critic.trace_decay
        beyond = self.values[going, after] if t + 1 != mdp.horizon else 0.0
        delta = mdp.reward[state, action, after] + mdp.discount * beyond - self.values[going, state]
        self.trace[going] = fading * self.trace[going] + self.features[state]
        self.lengths[going] += 1
        self.learnt[going] += delta[:, None] * self.trace[going]
        visits[going] *= fading
        visits[going, state, action] += discount
        weights[going] += delta[:, None, None] * visits[going]
