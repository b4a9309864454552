"""What several exercises of this part use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.environments import corridor_policy, random_mdp, short_corridor
from pgcode.exercises.chapters import DYNAMICS_DROP_OUT, LIKELIHOOD_RATIO, SAMPLE_ESTIMATE
from pgcode.mdp import TabularMDP
from pgcode.policies import SoftmaxPolicy, TabularPolicy
from pgcode.trajectories import Trajectories

Array = NDArray[Any]
Generator = np.random.Generator


A3 = LIKELIHOOD_RATIO.section("A3: the gradient goes inside the sum")
A4_AND_A5 = LIKELIHOOD_RATIO.section("A4 and A5: multiply by one")
A6 = LIKELIHOOD_RATIO.section("A6: the ratio is the gradient of a logarithm")
A7 = LIKELIHOOD_RATIO.section("A7: the trajectory form")
A10 = DYNAMICS_DROP_OUT.section("A10: the logarithm of a product")
A14 = DYNAMICS_DROP_OUT.section("A14: the sum of the scores")
AFTER_THE_END = DYNAMICS_DROP_OUT.section("Break it")
A8 = SAMPLE_ESTIMATE.section("A8: draw instead of sum")
WHICH_SCORES = SAMPLE_ESTIMATE.section("Which scores")
WHICH_REWARDS = SAMPLE_ESTIMATE.section("Which rewards")


def listed_processes(rng: Generator) -> Iterator[tuple[TabularMDP, TabularPolicy, Array]]:
    """Yield processes with a policy and parameters: no end and an end, θ of two shapes."""
    for n_states, n_actions, discount, horizon in ((3, 2, 0.8, 3), (2, 3, 0.5, 2)):
        mdp = random_mdp(rng, n_states, n_actions, discount, horizon)
        yield mdp, SoftmaxPolicy(n_states, n_actions), rng.standard_normal((n_states, n_actions))
    corridor = short_corridor(horizon=6, discount=0.9)
    yield corridor, corridor_policy(), rng.standard_normal(2)
    yield corridor, SoftmaxPolicy(4, 2), rng.standard_normal((4, 2))


def scores_of(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> Array:
    """The score of each decision, shape (m, T, *θ); 0 after the end."""
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    return scores


def scores_after_the_end_too(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> Array:
    return policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
