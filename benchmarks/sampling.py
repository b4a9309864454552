"""How fast FrozenLake is sampled and its gradient estimated, as ratios measured in one run.

    python benchmarks/sampling.py

Two peers: a plain Python loop that steps the Gymnasium environment with a NumPy policy, and the drawing
of uniform numbers, without which nothing can be sampled. Every number is the best of several repeats in
one process. A decision is a step that is really taken; trajectories end early on FrozenLake.
"""

from __future__ import annotations

import tracemalloc

import gymnasium
import numpy as np
from _timing import best

from pgcode.estimators import policy_gradient, reward_to_go
from pgcode.mdp import TabularMDP
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import Trajectories, sample_trajectories

N_TRAJECTORIES, HORIZON, DISCOUNT = 100_000, 20, 0.99
LOOP_EPISODES = 1_000


def gymnasium_loop(env: gymnasium.Env, theta: np.ndarray, rng: np.random.Generator) -> int:
    """REINFORCE's gradient the usual way: one environment, one step at a time. Returns the decisions taken."""
    probabilities = np.exp(theta) / np.exp(theta).sum(axis=1, keepdims=True)
    cumulative = np.cumsum(probabilities, axis=1)
    gradient = np.zeros_like(theta)
    decisions = 0
    for _ in range(LOOP_EPISODES):
        state, _ = env.reset()
        visited, rewards = [], []
        for _ in range(HORIZON):
            action = int(cumulative[state].searchsorted(rng.random(), side="right"))  # rng.choice is slower
            after, reward, ended, _, _ = env.step(action)
            visited.append((state, action))
            rewards.append(reward)
            state = after
            if ended:
                break
        to_go = 0.0
        for t in range(len(rewards) - 1, -1, -1):
            to_go = rewards[t] + DISCOUNT * to_go
            s, a = visited[t]
            gradient[s] -= DISCOUNT**t * to_go * probabilities[s]
            gradient[s, a] += DISCOUNT**t * to_go
        decisions += len(rewards)
    return decisions


def main() -> None:
    """Measure and print."""
    env = gymnasium.make("FrozenLake-v1")
    mdp = TabularMDP.from_gymnasium(env, DISCOUNT, HORIZON)
    policy, theta = SoftmaxPolicy(16, 4), np.zeros((16, 4))
    rng = np.random.default_rng(0)
    batch: Trajectories = sample_trajectories(mdp, policy, theta, N_TRAJECTORIES, rng)
    decisions = int(batch.active.sum())

    def sample() -> None:
        sample_trajectories(mdp, policy, theta, N_TRAJECTORIES, rng)

    def mean() -> None:
        drawn = sample_trajectories(mdp, policy, theta, N_TRAJECTORIES, rng)
        policy_gradient(drawn, policy, theta, reward_to_go(drawn), standard_error=False)

    def mean_and_error() -> None:
        drawn = sample_trajectories(mdp, policy, theta, N_TRAJECTORIES, rng)
        policy_gradient(drawn, policy, theta, reward_to_go(drawn))

    env.reset(seed=0)
    loop_decisions = gymnasium_loop(env, theta, rng)
    loop = best(lambda: gymnasium_loop(env, theta, rng), 3) / loop_decisions
    all_uniforms = best(lambda: rng.random((HORIZON, N_TRAJECTORIES)), 15)
    used_uniforms = best(lambda: rng.random(decisions), 15)

    print(f"FrozenLake-v1, m = {N_TRAJECTORIES:,}, T = {HORIZON}; {decisions:,} decisions are taken")
    print(f"{'':46}{'ns per':>10}{'Gymnasium':>12}{'m·T':>12}{'uniforms':>12}")
    print(f"{'':46}{'decision':>10}{'loop / it':>12}{'uniforms':>12}{'it needs':>12}")
    print(f"{'Gymnasium loop':46}{loop * 1e9:>10.0f}{1:>12.0f}")
    for name, work in (
        ("sample_trajectories", sample),
        ("… + policy_gradient, mean", mean),
        ("… + policy_gradient, mean and standard error", mean_and_error),
    ):
        seconds = best(work, 15)
        each = seconds / decisions
        print(
            f"{name:46}{each * 1e9:>10.0f}{loop / each:>12.0f}"
            f"{seconds / all_uniforms:>12.1f}{seconds / used_uniforms:>12.1f}"
        )

    tracemalloc.start()
    mean()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    kept = batch.states.nbytes + batch.actions.nbytes + batch.rewards.nbytes
    print(f"bytes kept, states {batch.states.itemsize}, actions {batch.actions.itemsize}, rewards 8 each: {kept:,}")
    print(f"peak of the whole estimate: {peak / kept:.2f} times what is kept")


if __name__ == "__main__":
    main()
