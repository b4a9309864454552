"""What an exact gradient costs without a list of trajectories, beside one linear solve of the same size.

    python benchmarks/exact_gradient.py

The theorem needs the values and the visitation: two solves of size S, and sums over the dynamics. Every
number is the best of several repeats in one process.
"""

from __future__ import annotations

import numpy as np
from _timing import best

from pgcode.environments import random_mdp
from pgcode.policies import SoftmaxPolicy
from pgcode.state_action_form import exact_gradient

N_ACTIONS, DISCOUNT = 4, 0.95


def main() -> None:
    """Measure and print."""
    rng = np.random.default_rng(0)
    print(f"{'S':>6}{'gradient, ms':>16}{'one solve, ms':>16}{'ratio':>8}{'growth with S':>16}")
    before = None
    for n_states in (10, 30, 100, 300, 1000, 2000):
        mdp = random_mdp(rng, n_states, N_ACTIONS, DISCOUNT, horizon=None)
        policy = SoftmaxPolicy(n_states, N_ACTIONS)
        theta = rng.standard_normal(policy.theta_shape)
        matrix, right = np.eye(n_states) - DISCOUNT * mdp.transition[:, 0], rng.standard_normal(n_states)
        repeats = 3 if n_states >= 1000 else 20
        exact_gradient(mdp, policy, theta)  # the expected rewards of the process are computed once
        gradient = best(lambda mdp=mdp, policy=policy, theta=theta: exact_gradient(mdp, policy, theta), repeats)
        solve = best(lambda matrix=matrix, right=right: np.linalg.solve(matrix, right), repeats)
        growth = "" if before is None else f"S^{np.log(gradient / before[1]) / np.log(n_states / before[0]):.1f}"
        before = (n_states, gradient)
        print(f"{n_states:>6}{gradient * 1e3:>16.3f}{solve * 1e3:>16.3f}{gradient / solve:>8.1f}{growth:>16}")


if __name__ == "__main__":
    main()
