"""Learning: gradient ascent on a known gradient, and REINFORCE, many runs at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode._policy_checks import require_match
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
        If the start or the step size is not finite, there is no step, or the gradient has another shape than θ.

    References
    ----------
    Line A1.
    """
    n_steps = _checks.require_count("n_steps", n_steps, "steps")
    point = _checks.real_array("theta", theta)
    _checks.require_finite("theta", point)
    alpha = _checks.step_sizes("step_size", step_size)
    path = np.empty((n_steps + 1, *point.shape))
    path[0] = point
    for step in range(n_steps):
        uphill = _checks.real_array("gradient", gradient(path[step]))
        _checks.require_shape("gradient", uphill.shape, point.shape, "the shape of theta")
        path[step + 1] = path[step] + alpha * uphill
    return path


@dataclass(frozen=True, eq=False, repr=False)
class LearningCurve:
    """What happened in several independent runs of a learner.

    Attributes
    ----------
    theta : array, shape (n_runs, n_episodes + 1, *θ)
        The parameters before the first episode and after each.
    returns : array, shape (n_runs, n_episodes)
        R(τ) of each episode.
    """

    theta: NDArray[np.float64]
    returns: NDArray[np.float64]

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
) -> LearningCurve:
    """REINFORCE: after each episode, θ ← θ + α Σ_t γᵗ G_t ∇log π_θ(a_t|s_t).

    All runs take their steps together. The update adds up while the episode goes on,

        Σ_t γᵗ G_t ∇log π(a_t|s_t) = Σ_k γᵏ r_k Σ_{t≤k} ∇log π(a_t|s_t),

    so that no trajectory is stored and the memory does not grow with the length of an episode.

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
        Episodes in a run, and independent runs.
    rng : numpy.random.Generator
        The source of randomness.
    max_steps : int
        Without a horizon, the most steps that an episode may take.
    progress : bool
        Show a progress bar.

    Returns
    -------
    LearningCurve

    Raises
    ------
    TypeError
        If the policy is none, or an argument does not hold real numbers.
    ValueError
        If an episode does not end within ``max_steps``, a step size is not finite, there are not as many of
        them as runs, or another argument does not fit.

    References
    ----------
    Williams (1992); Sutton and Barto (2018), section 13.3, where θ is updated at every step of the
    episode instead of once after it.
    """
    require_match(policy, mdp)
    _checks.require_generator("rng", rng)
    n_episodes = _checks.require_count("n_episodes", n_episodes, "episodes")
    n_runs = _checks.require_count("n_runs", n_runs, "runs")
    start = _checks.real_array("theta", theta)
    _checks.require_shape("theta", start.shape, policy.theta_shape, "the shape of one θ")
    alpha = _checks.step_sizes("step_size", step_size, n_runs).reshape(-1, *(1,) * start.ndim)

    path = np.empty((n_runs, n_episodes + 1, *start.shape))
    path[:, 0] = start
    returns = np.empty((n_runs, n_episodes))
    steps = _Steps(mdp, max_steps)
    episodes: Iterable[int] = range(n_episodes)
    if progress:
        bar = _checks.optional_import("tqdm.auto", "to show a progress bar")
        episodes = bar.tqdm(episodes, desc="episodes", leave=False)
    for episode in episodes:
        current = path[:, episode]
        weights, returns[:, episode] = steps.episode(policy.probabilities(current), rng)
        path[:, episode + 1] = current + alpha * policy.weighted_score(current, weights)
    return LearningCurve(path, returns)


class _Steps:
    """One episode of every run, step by step, each run with a policy of its own."""

    def __init__(self, mdp: TabularMDP, max_steps: int) -> None:
        self.mdp = mdp
        self.limit = _checks.require_count("max_steps", max_steps, "steps") if mdp.horizon is None else mdp.horizon
        self.start = cumulative(mdp.initial)
        self.after = cumulative(mdp.transition)

    def episode(
        self, probabilities: NDArray[np.float64], rng: np.random.Generator
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return Σ_t γᵗ G_t over the visits of each (run, s, a), and R(τ) of each run."""
        mdp, n_runs = self.mdp, len(probabilities)
        choice = cumulative(probabilities)
        visits, weights = np.zeros_like(probabilities), np.zeros_like(probabilities)
        returns = np.zeros(n_runs)
        state = draw_many(self.start, n_runs, rng)
        going = np.flatnonzero(~mdp.terminal[state])
        state = state[going]
        discount = 1.0
        for _ in range(self.limit):
            if not going.size:
                break
            action = draw_each(choice[going, state], rng)
            after = draw_each(self.after[state, action], rng)
            paid = discount * mdp.reward[state, action, after]
            visits[going, state, action] += 1
            weights[going] += paid[:, None, None] * visits[going]
            returns[going] += paid
            discount *= mdp.discount
            on = ~mdp.terminal[after]
            going, state = going[on], after[on]
        else:
            if mdp.horizon is None and going.size:
                raise ValueError(
                    f"{going.size} of {n_runs} episodes did not end within max_steps = {self.limit:,}: "
                    "set a horizon, raise max_steps or take a smaller step_size"
                )
        return weights, returns
