"""How fast learning is: many runs at once beside one at a time, as ratios measured in one run.

    python benchmarks/learning.py

The corridor: REINFORCE on the table, many runs side by side, beside the textbook's pseudocode written plainly in NumPy,
one run and one step at a time. CartPole: one vector environment for all runs, beside one environment at a time with the
same network, the same updates and the same number of episodes, and, where PyTorch is installed, beside two programs of
it: the same loop with one environment, and the same vector environment with the networks of all runs in one tensor. A
step is a decision that is really taken. Every program has one thread, every time is that of the processor, and the best
of several. At the end the same replication is made with 1, 2 and 4 workers, and its results compared.
"""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
from _timing import best

from pgcode.environments import corridor_policy, short_corridor
from pgcode.learning import SGD, Adam, SoftmaxNetwork, reinforce, replicate, train

START, ALPHA = [0.0, 0.0], 2.0**-13
POLES, EPISODES, UPDATES, HIDDEN = 20, 8, 6, 16


def textbook(n_episodes: int, rng: np.random.Generator) -> int:
    """REINFORCE on the corridor as its pseudocode has it. Returns the decisions taken."""
    theta, features = np.array(START), np.eye(2)  # of left and right, in every state
    after = ((0, 1), (2, 0), (1, 3))  # from each state to the left and to the right
    decisions = 0
    for _ in range(n_episodes):
        state, actions, rewards = 0, [], []
        while state != 3:
            preferences = features @ theta
            weights = np.exp(preferences - preferences.max())
            action = rng.choice(2, p=weights / weights.sum())
            state = after[state][action]
            actions.append(action)
            rewards.append(-1.0)
        for t, action in enumerate(actions):
            to_go = sum(rewards[t:])
            preferences = features @ theta
            weights = np.exp(preferences - preferences.max())
            theta = theta + ALPHA * to_go * (features[action] - features.T @ (weights / weights.sum()))
        decisions += len(actions)
    return decisions


def corridor() -> None:
    """Per decision: the plain program, and 10 to 10,000 runs side by side."""
    plain_decisions = textbook(100, np.random.default_rng(0))
    plain = best(lambda: textbook(100, np.random.default_rng(0)), 5, time.process_time) / plain_decisions
    print(f"{'corridor':44}{'ns a decision':>14}{'plain / it':>12}")
    print(f"{'the pseudocode, one run at a time':44}{plain * 1e9:>14.0f}{1:>12.0f}")
    mdp, policy = short_corridor(), corridor_policy()
    for n_runs in (10, 100, 1000, 10_000):

        def many(n_runs: int = n_runs) -> Any:
            return reinforce(mdp, policy, START, ALPHA, 20, n_runs, np.random.default_rng(0))

        decisions = -many().returns.sum()
        each = best(many, 5, time.process_time) / decisions
        print(f"{f'reinforce, {n_runs:,} runs at once':44}{each * 1e9:>14.0f}{plain / each:>12.0f}")


def one_environment(seed: int, network: Any) -> int:
    """One run on one environment, an update after every eight episodes. Returns the decisions taken."""
    env, decisions = gymnasium.make("CartPole-v1"), 0
    env.reset(seed=seed)
    for _ in range(UPDATES):
        seen, taken, to_go = [], [], []
        for _ in range(EPISODES):
            observation, _ = env.reset()
            rewards: list[float] = []
            over = False
            while not over:
                action = network.act(observation)
                seen.append(observation)
                taken.append(action)
                observation, reward, ended, cut, _ = env.step(action)
                rewards.append(float(reward))
                over = ended or cut
            to_go.extend(np.cumsum(rewards[::-1])[::-1])
        network.update(np.array(seen), np.array(taken), np.array(to_go) / EPISODES)
        decisions += len(taken)
    return decisions


class InNumPy:
    """The network and the optimiser of the vectorised program, for one observation at a time."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.policy, self.steps = SoftmaxNetwork(4, 2, hidden=(HIDDEN,)), Adam(0.05)
        self.theta = self.policy.initial(self.rng)[None]
        self.memory = self.steps.start(self.theta)

    def act(self, observation: np.ndarray) -> int:
        """Draw an action."""
        return int(self.policy.sample(self.theta[0], observation[None].astype(float), self.rng)[0])

    def update(self, seen: np.ndarray, taken: np.ndarray, weights: np.ndarray) -> None:
        """Make one step uphill."""
        gradient = self.policy.weighted_score(self.theta[0], seen.astype(float), taken, weights)
        change, self.memory = self.steps.change(gradient[None], self.memory)
        self.theta = self.theta + change


class InPyTorch:
    """The same in PyTorch, as its users write it."""

    def __init__(self, seed: int) -> None:
        import torch

        torch.set_num_threads(1)
        torch.manual_seed(seed)
        self.torch = torch
        self.net = torch.nn.Sequential(torch.nn.Linear(4, HIDDEN), torch.nn.Tanh(), torch.nn.Linear(HIDDEN, 2))
        self.steps = torch.optim.Adam(self.net.parameters(), lr=0.05)

    def act(self, observation: np.ndarray) -> int:
        """Draw an action."""
        with self.torch.no_grad():
            logits = self.net(self.torch.as_tensor(observation))
            return int(self.torch.distributions.Categorical(logits=logits).sample())

    def update(self, seen: np.ndarray, taken: np.ndarray, weights: np.ndarray) -> None:
        """Make one step down the surrogate loss."""
        as_tensor = self.torch.as_tensor
        logits = self.net(as_tensor(seen))
        logs = self.torch.distributions.Categorical(logits=logits).log_prob(as_tensor(taken))
        loss = -(logs * as_tensor(weights, dtype=self.torch.float32)).sum()
        self.steps.zero_grad()
        loss.backward()
        self.steps.step()


def together_in_pytorch(env: Any, seed: int) -> int:
    """All runs on the vector environment that ours has, a network of each run in one tensor. Returns the decisions."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    shapes = (POLES, 4, HIDDEN), (POLES, 1, HIDDEN), (POLES, HIDDEN, 2), (POLES, 1, 2)
    bounds = 4**-0.5, 4**-0.5, HIDDEN**-0.5, HIDDEN**-0.5  # those of torch.nn.Linear
    theta = [
        (bound * (2 * torch.rand(shape) - 1)).requires_grad_() for shape, bound in zip(shapes, bounds, strict=True)
    ]
    steps, decisions = torch.optim.Adam(theta, lr=0.05), 0

    def distribution(seen: Any) -> Any:
        """From (…, all copies, 4) to the actions of (…, runs, copies of a run)."""
        x = seen.reshape(*seen.shape[:-2], POLES, EPISODES, 4)
        logits = torch.tanh(x @ theta[0] + theta[1]) @ theta[2] + theta[3]
        return torch.distributions.Categorical(logits=logits)

    for update in range(UPDATES):
        observation, _ = env.reset(seed=seed * UPDATES + update)
        going, seen, taken, rewards, counted = np.ones(POLES * EPISODES, dtype=bool), [], [], [], []
        while going.any():
            seen.append(torch.as_tensor(observation))
            with torch.no_grad():
                taken.append(distribution(seen[-1]).sample())
            observation, reward, ended, cut, _ = env.step(taken[-1].numpy().ravel())
            rewards.append(np.where(going, reward, 0.0))
            counted.append(going)
            going = going & ~(ended | cut)
        to_go = np.cumsum(rewards[::-1], axis=0)[::-1] * counted / EPISODES
        logs = distribution(torch.stack(seen)).log_prob(torch.stack(taken))
        weights = torch.as_tensor(to_go.reshape(logs.shape), dtype=torch.float32)
        steps.zero_grad()
        (-(logs * weights).sum()).backward()
        steps.step()
        decisions += int(np.sum(counted))
    return decisions


def poles() -> None:
    """Per decision of CartPole."""
    env = gymnasium.make_vec("CartPole-v1", num_envs=POLES * EPISODES, vectorization_mode="vector_entry_point")
    policy = SoftmaxNetwork(4, 2, hidden=(HIDDEN,))

    def at_once() -> Any:
        return train(env, policy, None, Adam(0.05), UPDATES, POLES, np.random.default_rng(0))

    together = best(at_once, 3, time.process_time) / at_once().lengths.sum()

    def timed(program: Callable[[int], int]) -> float:
        times = []
        for seed in range(3):
            start = time.process_time()
            decisions = program(seed)
            times.append((time.process_time() - start) / decisions)
        return min(times)

    programs: dict[str, Callable[[int], int]] = {
        "one environment, NumPy": lambda seed: one_environment(seed, InNumPy(seed))
    }
    if importlib.util.find_spec("torch"):
        programs["one environment, PyTorch"] = lambda seed: one_environment(seed, InPyTorch(seed))
        programs["the same vector environment, PyTorch"] = lambda seed: together_in_pytorch(env, seed)
    print(f"\n{'CartPole':44}{'µs a decision':>14}{'it / vector':>12}")
    print(f"{f'vector environment, {POLES} runs of {EPISODES}':44}{together * 1e6:>14.2f}{1:>12.0f}")
    for name, program in programs.items():
        each = timed(program)
        print(f"{name:44}{each * 1e6:>14.2f}{each / together:>12.1f}")
    if len(programs) == 1:
        print("PyTorch is not installed here, and is not compared with")


def one_replication(rng: np.random.Generator) -> np.ndarray:
    """Return where 50 runs end on the corridor."""
    curve = reinforce(short_corridor(), corridor_policy(), START, SGD(2.0**-10), 200, 50, rng)
    return np.array(curve.theta[:, -1])


def workers() -> None:
    """The same replication with 1, 2 and 4 workers."""
    print()
    if not importlib.util.find_spec("joblib"):
        print("joblib is not installed here, and one worker does all")
        return
    results, seconds = {}, {}
    for n_jobs in (1, 2, 4):
        start = time.perf_counter()
        results[n_jobs] = np.array(list(replicate(one_replication, 8, seed=0, n_jobs=n_jobs)))
        seconds[n_jobs] = time.perf_counter() - start
    alike = all(np.array_equal(results[1], results[n]) for n in (2, 4))
    print(f"8 replications with 1, 2 and 4 workers: {'equal to the last bit' if alike else 'DIFFERENT'}")
    print("  ".join(f"{n}: {s:.1f} s" for n, s in seconds.items()) + "  (the first call of several starts processes)")


def main() -> None:
    """Measure and print."""
    corridor()
    poles()
    workers()


if __name__ == "__main__":
    main()
