"""Hard inputs of the trajectory form: right, or refused."""

import dataclasses

import numpy as np

from pgcode.environments import random_mdp, two_armed_bandit
from pgcode.mdp import TabularMDP
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectory_form import derivation, enumerated_gradient

MDP, POLICY = random_mdp(np.random.default_rng(0)), SoftmaxPolicy(3, 2)
THETA = np.random.default_rng(1).standard_normal((3, 2))
ONE = TabularMDP(np.ones((1, 1, 1)), np.ones((1, 1, 1)), [1.0], 0.9, 3000)


def with_rewards(factor):
    return dataclasses.replace(MDP, reward=MDP.reward * factor)


def ledger(mdp, policy=POLICY, theta=THETA):
    return lambda: derivation(mdp, policy, theta, n_trajectories=50)


def no_line_false(found):
    return set(found.false_lines) <= {"A8", "A15"}


def halving(horizon):
    """At each step the process ends with probability one half; one action."""
    transition = np.array([[[0.5, 0.5]], [[0.0, 1.0]]])
    reward = np.array([[[1.0, 0.0]], [[0.0, 0.0]]])
    return TabularMDP(transition, reward, [1.0, 0.0], 1.0, horizon)


CASES = {
    "rewards of 1e-300": (ledger(with_rewards(1e-300)), no_line_false),
    "rewards of 1e150": (ledger(with_rewards(1e150)), no_line_false),
    "rewards of 1e300": (ledger(with_rewards(1e300)), no_line_false),
    "rewards of all sizes": (
        ledger(dataclasses.replace(MDP, reward=np.where(np.arange(3) == 0, 1e300, 1e-300) * MDP.reward)),
        "reward holds numbers from .* set the smaller ones to 0",
    ),
    "no rewards": (ledger(with_rewards(0.0)), lambda found: found.false_lines == []),
    "nearly certain": (ledger(MDP, theta=np.array([[37.0, 0.0]] * 3)), no_line_false),
    "certain": (ledger(MDP, theta=np.array([[700.0, 0.0]] * 3)), "too small"),
    "one state, one action, 3000 steps": (ledger(ONE, SoftmaxPolicy(1, 1), np.zeros((1, 1))), no_line_false),
    "probability that underflows over 1200 steps": (
        ledger(halving(1200), SoftmaxPolicy(2, 1), np.zeros((2, 1))),
        "too small",
    ),
    "its gradient": (
        lambda: enumerated_gradient(halving(1200), SoftmaxPolicy(2, 1), np.zeros((2, 1))),
        lambda found: not found.any(),
    ),
    "no discounting at all": (ledger(dataclasses.replace(MDP, discount=0.0)), no_line_false),
    "no trajectories asked for": (lambda: derivation(MDP, POLICY, THETA, n_trajectories=0), "n_trajectories is 0"),
    "seed for a generator": (lambda: derivation(MDP, POLICY, THETA, rng=0), "rng is 0: pass a generator"),
    "two arms that pay the same": (
        ledger(two_armed_bandit((1.0, 1.0)), SoftmaxPolicy(2, 2), np.zeros((2, 2))),
        no_line_false,
    ),
}
