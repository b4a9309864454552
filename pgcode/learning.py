"""Learning: gradient ascent on a known gradient, and REINFORCE, many runs at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode._policy_checks import require_match, require_obedience
from pgcode._sampling import cumulative, draw_each, draw_many
from pgcode.mdp import TabularMDP
from pgcode.policies import TabularPolicy

__all__ = ["LearningCurve", "gradient_ascent", "reinforce"]


def gradient_ascent(
    gradient: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    theta: ArrayLike,
    step_size: float,
    n_steps: int,
) -> NDArray[np.float64]:
    """Follow a gradient uphill: θ ← θ + α ∇J(θ).

    Parameters
    ----------
    gradient : callable
        From θ to ∇J(θ), of the same shape.
    theta : array
        The start.
    step_size : float
        α.
    n_steps : int
        The number of steps.

    Returns
    -------
    array, shape (n_steps + 1, *θ)
        All points of the path, the start first.

    Raises
    ------
    TypeError
        If an argument, or what ``gradient`` returns, does not hold real numbers.
    ValueError
        If the start, the step size, a gradient or a point of the path is not finite, there is no step, or the
        gradient has another shape than θ.

    References
    ----------
    Line A1.

    Examples
    --------
    >>> gradient_ascent(lambda theta: -2 * theta, [1.0], step_size=0.25, n_steps=3)  # of −θ²
    array([[1.   ],
           [0.5  ],
           [0.25 ],
           [0.125]])
    """
    n_steps = _checks.require_count("n_steps", n_steps, "steps")
    point = _checks.real_array("theta", theta)
    _checks.require_finite("theta", point)
    alpha = _checks.step_sizes("step_size", step_size)
    path = np.empty((n_steps + 1, *point.shape))
    path[0] = point
    for step in range(n_steps):
        uphill = _checks.real_array("gradient", gradient(path[step].copy()))  # who may write into what is given
        _checks.require_shape("gradient", uphill.shape, point.shape, "the shape of theta")
        _checks.require_finite("gradient", uphill, f"the gradient of step {step} must be finite")
        path[step + 1] = _moved(path[step], alpha, uphill, f"step {step}")
    return path


def _moved(
    theta: NDArray[np.float64], alpha: NDArray[np.float64], uphill: NDArray[np.float64], where: str
) -> NDArray[np.float64]:
    """θ + α g, which must stay among the floats."""
    with np.errstate(over="ignore", invalid="ignore"):
        moved: NDArray[np.float64] = theta + alpha * uphill
    if not np.isfinite(moved).all():
        raise ValueError(f"theta is no longer finite after {where}: take a smaller step_size")
    return moved


@dataclass(frozen=True, eq=False, repr=False)
class LearningCurve:
    """What happened in several independent runs of a learner.

    Attributes
    ----------
    theta : array, shape (n_runs, n_updates + 1, *θ)
        The parameters before the first update and after each.
    returns : array, shape (n_runs, n_episodes)
        R(τ) of each episode. There is one to an update, or a batch of several.

    Examples
    --------
    >>> LearningCurve(theta=np.zeros((2, 4, 3)), returns=np.zeros((2, 3)))
    LearningCurve(n_runs=2, n_episodes=3)
    >>> LearningCurve(theta=np.zeros((2, 4, 3)), returns=np.zeros((2, 15))).batch_size
    5
    """

    theta: NDArray[np.float64]
    returns: NDArray[np.float64]

    def __post_init__(self) -> None:
        for name in ("theta", "returns"):
            array = _checks.real_array(name, getattr(self, name))
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        n_updates = self.theta.shape[1] - 1 if self.theta.ndim > 1 else 0
        fits = self.returns.ndim == 2 and n_updates > 0 and len(self.theta) == len(self.returns)
        if not fits or self.returns.shape[1] % n_updates or not self.returns.shape[1]:
            raise ValueError(
                f"theta has shape {self.theta.shape} and returns {self.returns.shape}: "
                "give (n_runs, n_updates + 1, *θ) and (n_runs, n_episodes), as many episodes to each update"
            )

    @property
    def batch_size(self) -> int:
        """The number of episodes to an update."""
        return self.returns.shape[1] // (self.theta.shape[1] - 1)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are built anew, for an array that is unpickled can be written to."""
        return type(self), (self.theta, self.returns)

    def __repr__(self) -> str:
        return f"LearningCurve(n_runs={self.returns.shape[0]}, n_episodes={self.returns.shape[1]})"


def reinforce(
    mdp: TabularMDP,
    policy: TabularPolicy,
    theta: ArrayLike,
    step_size: ArrayLike,
    n_episodes: int,
    n_runs: int,
    rng: np.random.Generator,
    max_steps: int = 100_000,
    progress: bool = False,
    *,
    batch_size: int = 1,
    baseline: Callable[[NDArray[np.float64]], ArrayLike] | Literal["leave one out"] | None = None,
) -> LearningCurve:
    """REINFORCE: after each batch of m episodes, θ ← θ + α (1/m) Σ_i Σ_t γᵗ (G_t − b_t) ∇log π_θ(a_t|s_t).

    All runs take their steps together. The update adds up while the episode goes on,

        Σ_t γᵗ G_t ∇log π(a_t|s_t) = Σ_k γᵏ r_k Σ_{t≤k} ∇log π(a_t|s_t),

    so that no trajectory is stored and the memory does not grow with the length of an episode. To leave one out, each
    r_k is compared with the mean of what the other episodes of the batch are paid at that time, after their end 0.

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon, or one whose episodes end.
    policy : TabularPolicy
    theta : array, shape (*θ,)
        The start of every run.
    step_size : float or array, shape (n_runs,)
        α, one for all runs or one for each.
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
    baseline : callable or "leave one out", optional
        b. A callable takes the θ of one run, before each update, and returns one number, one for each state, or, with
        a horizon, an array (T, n_states): V for example, or the best of ``baselines.reward_to_go_variance``. With
        "leave one out" the b_t of an episode is the mean of the other episodes' G_t.

    Returns
    -------
    LearningCurve

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
    """
    require_match(policy, mdp)
    _checks.require_generator("rng", rng)
    n_episodes = _checks.require_count("n_episodes", n_episodes, "episodes")
    n_runs = _checks.require_count("n_runs", n_runs, "runs")
    start = _checks.real_array("theta", theta)
    _checks.require_shape("theta", start.shape, policy.theta_shape, "the shape of one θ")
    alpha = _checks.step_sizes("step_size", step_size, n_runs).reshape(-1, *(1,) * start.ndim)

    _checks.require_finite("theta", start)
    batch_size = _checks.require_count("batch_size", batch_size, "episodes")
    if n_episodes % batch_size:
        raise ValueError(f"{n_episodes} episodes are no whole number of batches of {batch_size}: change n_episodes")
    n_updates = n_episodes // batch_size
    shape = n_runs, n_updates + 1, *start.shape
    _checks.require_memory("the path of theta", shape, "take fewer runs or episodes at a time")
    path = np.empty(shape)
    path[:, 0] = start
    returns = np.empty((n_runs, n_updates, batch_size))
    steps = _Steps(mdp, max_steps, batch_size, _subtracted(mdp, baseline, batch_size))
    for update in _shown(n_updates, batch_size) if progress else range(n_updates):
        current = path[:, update].copy()  # which a policy or a baseline of one's own may write into
        probabilities = _obedient(mdp, policy, current)
        weights, returns[:, update] = steps.batch(current, probabilities, rng)
        uphill = policy.weighted_score(path[:, update].copy(), weights)
        path[:, update + 1] = _moved(path[:, update], alpha, uphill, f"episode {(update + 1) * batch_size - 1}")
    return LearningCurve(path, returns.reshape(n_runs, n_episodes))


def _shown(n_updates: int, batch_size: int) -> Iterable[int]:
    """The numbers of the updates, with a progress bar that needs no thread beside it, as a browser has none."""
    tqdm = _checks.optional_import("tqdm.auto", "to show a progress bar").tqdm
    tqdm.monitor_interval = 0
    what = "episodes" if batch_size == 1 else f"batches of {batch_size} episodes"
    bar: Iterable[int] = tqdm(range(n_updates), desc=what, leave=False)
    return bar


Baselines = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def _subtracted(mdp: TabularMDP, baseline: object, batch_size: int) -> Baselines | Literal["leave one out"] | None:
    """From the θ of all runs to their b_t(s), shape (n_runs, T, n_states), or (n_runs, 1, n_states) for all times."""
    if baseline is None:
        return None
    if isinstance(baseline, str) and baseline == "leave one out":
        if batch_size == 1:
            raise ValueError("one episode has no others to be compared with: take a batch_size of 2 or more")
        return "leave one out"
    if not callable(baseline):
        raise ValueError(f'baseline is {baseline!r}: give None, "leave one out" or a function of one θ')

    def of_one(theta: NDArray[np.float64]) -> NDArray[np.float64]:
        b = _checks.real_array("baseline", baseline(theta))
        _checks.require_finite("baseline", b)
        if mdp.horizon is not None and b.ndim == 2:
            _checks.require_shape("baseline", b.shape, (mdp.horizon, mdp.n_states), "(T, n_states)")
            return b
        if b.shape != ():
            _checks.require_shape("baseline", b.shape, (mdp.n_states,), "one for each state")
        return np.broadcast_to(b, (1, mdp.n_states))

    return lambda thetas: np.stack([of_one(theta) for theta in thetas])


def _obedient(mdp: TabularMDP, policy: TabularPolicy, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """π_θ of each run, which must be 0 where an action is forbidden."""
    probabilities: NDArray[np.float64] = policy.probabilities(theta)
    require_obedience(mdp, policy, probabilities)
    return probabilities


class _Steps:
    """One batch of episodes of every run, step by step, each run with a policy of its own."""

    def __init__(
        self,
        mdp: TabularMDP,
        max_steps: int,
        batch_size: int,
        baseline: Baselines | Literal["leave one out"] | None,
    ) -> None:
        self.mdp = mdp
        self.limit = _checks.require_count("max_steps", max_steps, "steps") if mdp.horizon is None else mdp.horizon
        self.start = cumulative(mdp.initial)
        self.after = cumulative(mdp.transition)
        self.batch_size = batch_size
        self.baseline = baseline

    def batch(
        self, theta: NDArray[np.float64], probabilities: NDArray[np.float64], rng: np.random.Generator
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the mean of Σ_t γᵗ (G_t − b_t) over visits of each (run, s, a), and R(τ) of each (run, episode)."""
        mdp, n_runs, m = self.mdp, len(probabilities), self.batch_size
        run = np.repeat(np.arange(n_runs), m)  # to which an episode belongs
        table = self.baseline(theta) if callable(self.baseline) else None
        choice = cumulative(probabilities)
        visits = np.zeros((n_runs * m, *probabilities.shape[1:]))
        weights = np.zeros_like(visits)
        returns = np.zeros(n_runs * m)
        state = draw_many(self.start, n_runs * m, rng)
        going = np.flatnonzero(~mdp.terminal[state])
        state = state[going]
        discount = 1.0
        for t in range(self.limit):
            if not going.size:
                break
            action = draw_each(choice[run[going], state], rng)
            after = draw_each(self.after[state, action], rng)
            paid = discount * mdp.reward[state, action, after]
            visits[going, state, action] += 1
            with np.errstate(over="ignore", invalid="ignore"):
                if self.baseline == "leave one out":
                    weights += self._less_the_others(len(visits), going, paid)[:, None, None] * visits
                else:
                    weights[going] += paid[:, None, None] * visits[going]
                if table is not None:
                    b = table[run[going], min(t, table.shape[1] - 1), state]
                    weights[going, state, action] -= discount * b
                returns[going] += paid
            discount *= mdp.discount
            on = ~mdp.terminal[after]
            going, state = going[on], after[on]
        else:
            if mdp.horizon is None and going.size:
                raise ValueError(
                    f"{going.size} of {n_runs * m} episodes did not end within max_steps = {self.limit:,}: "
                    "set a horizon, raise max_steps or take a smaller step_size"
                )
        _checks.require_range("R(τ) of episode", returns, "mdp.reward")
        weights = weights.reshape(n_runs, m, *probabilities.shape[1:]).mean(axis=1)
        _checks.require_range("the sum of γᵗ(G_t − b_t) of run", weights, "mdp.reward and baseline")
        return weights, returns.reshape(n_runs, m)

    def _less_the_others(
        self, n_episodes: int, going: NDArray[np.intp], paid: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """What each episode is paid in this step, less the mean of what the others of its batch are paid."""
        everyone = np.zeros(n_episodes)
        everyone[going] = paid
        by_batch = everyone.reshape(-1, self.batch_size)
        others = (by_batch.sum(axis=1, keepdims=True) - by_batch) / (self.batch_size - 1)
        return (by_batch - others).ravel()
