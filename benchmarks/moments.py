"""What the exact variance of an estimator costs by dynamic programming, as S, A and T grow.

    python benchmarks/moments.py

The programs carry moments of the size |θ| = S·A for each state, and take their mean over the next state
at each step: O(T·S²·A·|θ|) = O(T·S³·A²) work for the variances of all components, and O(T·(S² + S·A)·|θ|²)
for the whole covariance, which is added up and never carried. Every number is the
best of several repeats in one process; a sample of 10,000 trajectories with the variance of its gradients
is measured beside it. Enumeration would list up to S·(S·A)^T trajectories.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from _timing import best

from pgcode.baselines import reward_to_go_variance
from pgcode.environments import random_mdp
from pgcode.estimators import policy_gradient, reward_to_go
from pgcode.mdp import TabularMDP
from pgcode.moments import full_return_moments, reward_to_go_moments
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import sample_trajectories

GROWING = {"S": (8, 16, 32, 64), "A": (2, 4, 8, 16), "T": (10, 20, 40, 80)}
FIXED = {"S": 16, "A": 4, "T": 20}

Problem = tuple[TabularMDP, SoftmaxPolicy, np.ndarray]


def sampled(problem: Problem) -> object:
    """The variance of 10,000 sampled gradients."""
    batch = sample_trajectories(*problem, 10_000, np.random.default_rng(0))
    return policy_gradient(batch, problem[1], problem[2], reward_to_go(batch)).standard_error


def power(now: float, before: float | None) -> str:
    """The power with which the time grows when the size doubles."""
    return f"^{np.log2(now / before):.1f}" if before else ""


def main() -> None:
    """Measure and print."""
    works: dict[str, Callable[[Problem], object]] = {
        "full return": lambda problem: full_return_moments(*problem),
        "reward-to-go": lambda problem: reward_to_go_moments(*problem),
        "with covariance": lambda problem: reward_to_go_moments(*problem, with_covariance=True),
        "in baseline": lambda problem: reward_to_go_variance(*problem),
        "10,000 samples": sampled,
    }
    rng = np.random.default_rng(0)
    for name, sizes in GROWING.items():
        others = ", ".join(f"{other} = {size}" for other, size in FIXED.items() if other != name)
        print(f"\ngrowth with {name}, at {others}; milliseconds, and the power of {name}")
        print(f"{name:>6}" + "".join(f"{work:>16}      " for work in works))
        before: dict[str, float] = {}
        for size in sizes:
            at = FIXED | {name: size}
            policy = SoftmaxPolicy(at["S"], at["A"])
            problem = random_mdp(rng, at["S"], at["A"], 0.95, at["T"]), policy, rng.standard_normal((at["S"], at["A"]))
            now = {work: best(lambda run=run, problem=problem: run(problem), 3) for work, run in works.items()}
            cells = (f"{now[work] * 1e3:>16.2f}{power(now[work], before.get(work)):>6}" for work in works)
            print(f"{size:>6}" + "".join(cells))
            before = now


if __name__ == "__main__":
    main()
