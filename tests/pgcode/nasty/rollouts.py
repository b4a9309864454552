"""Nasty inputs of ``rollouts``."""

import gymnasium
import numpy as np
from gymnasium.vector import SyncVectorEnv

from pgcode.environments import random_mdp
from pgcode.mdp import TabularMDP
from pgcode.policies import SoftmaxPolicy
from pgcode.rollouts import Episode, collect, step_gymnasium, tabular_actor

LAKE, POLICY, THETA = gymnasium.make("FrozenLake-v1"), SoftmaxPolicy(16, 4), np.zeros((16, 4))
TABLE = TabularMDP.from_gymnasium(LAKE, 0.9, 5)


class World(gymnasium.Env):
    """One state, and whatever it is told to show and pay."""

    observation_space = action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, seen=0, reward=0.0):
        self.seen, self.reward = seen, reward

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.seen, {}

    def step(self, action):
        return self.seen, self.reward, True, False, {}


def stepped(env=LAKE, act=lambda seen: 0, rng=None, **number):
    return collect(env, act, np.random.default_rng(0) if rng is None else rng, **(number or {"n_episodes": 2}))


def lake(env=LAKE, mdp=TABLE, policy=POLICY, theta=THETA):
    return step_gymnasium(env, mdp, policy, theta, 3, np.random.default_rng(0))


def lakes():
    return SyncVectorEnv([lambda: gymnasium.make("FrozenLake-v1")] * 2)


def without_mode():
    env = lakes()
    env.metadata = {}
    return env


CASES = {
    "no environment": (
        lambda: lake(None),
        "env is None, which is no environment that can be stepped: pass one, such as",
    ),
    "no environment to collect from": (lambda: stepped(None), "env is None, which is no environment"),
    "the name of an environment": (lambda: stepped("FrozenLake-v1"), "env is 'FrozenLake-v1', which is no environment"),
    "the class of an environment": (lambda: stepped(World), "env is the class World, which is no environment"),
    "many environments where one is stepped": (lambda: lake(lakes()), "env holds several environments"),
    "no horizon": (lambda: lake(mdp=TabularMDP.from_gymnasium(LAKE, 0.9)), "mdp.horizon is None"),
    "table of another environment": (
        lambda: lake(mdp=random_mdp(np.random.default_rng(0))),
        "env has 16 states|policy is",
    ),
    "no function": (lambda: stepped(act=0), "act is 0: pass a function of the observation"),
    "both numbers": (lambda: stepped(n_episodes=1, n_steps=1), "n_episodes and n_steps are both given, or neither"),
    "neither number": (lambda: collect(LAKE, lambda s: 0, np.random.default_rng(0)), "both given, or neither is"),
    "no episodes": (lambda: stepped(n_episodes=0), "n_episodes is 0: pass a whole number of episodes"),
    "half a step": (lambda: stepped(n_steps=0.5), "n_steps is 0.5: pass a whole number of steps"),
    "seed in place of a generator": (lambda: stepped(rng=3), "rng is 3: pass a generator with a seed"),
    "one action for two environments": (
        lambda: stepped(lakes()),
        r"act returned an array of shape \(\) for 2 environments: return one action for each",
    ),
    "vector environment without a mode": (
        lambda: stepped(without_mode(), lambda seen: np.zeros(2, int)),
        r'env\.metadata\["autoreset_mode"\] is None: set it to',
    ),
    "observations as a dictionary": (
        lambda: stepped(World({"a": 1})),
        "observations of type dict, not arrays: wrap it",
    ),
    "reward that is NaN": (lambda: stepped(World(reward=np.nan)), "env paid nan in step 0 of an episode"),
    "floats as states": (lambda: stepped(World(0.5)).trajectories(0.9), r"episodes\[0\]\['states'\] holds float64"),
    "state that the policy does not know": (
        lambda: stepped(World(7), tabular_actor(SoftmaxPolicy(2, 2), np.zeros((2, 2)), np.random.default_rng(0))),
        "the observation is 7, but the policy has 2 states",
    ),
    "θ of another policy": (
        lambda: tabular_actor(POLICY, np.zeros((2, 2)), np.random.default_rng(0)),
        r"theta has shape \(2, 2\), but SoftmaxPolicy\(16, 4\) needs",
    ),
    "complex θ": (lambda: lake(theta=THETA * 1j), "theta is complex: actions can only be drawn"),
    "episode with a reward too few": (
        lambda: Episode([0, 1], [0], [], True),
        "an episode has 2 observations, 1 actions",
    ),
    "environment that writes into what it gave": (
        lambda: [e.observations.tolist() for e in stepped(World(np.zeros(1)), n_episodes=1)],
        lambda seen: seen == [[[0.0], [0.0]]],
    ),
}
