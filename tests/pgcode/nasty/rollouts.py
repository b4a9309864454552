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

    def __init__(self, seen=0, reward=0.0, ended=True, cut=False):
        self.seen, self.reward, self.ended, self.cut = seen, reward, ended, cut

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self.seen, {}

    def step(self, action):
        return self.seen, self.reward, self.ended, self.cut, {}


class Older(World):
    """An environment of the package before Gymnasium, in some of its ways."""

    def __init__(self, *ways):
        super().__init__()
        self.ways = ways

    def reset(self, **options):
        if "seed" in options and "seed" in self.ways:
            raise TypeError("reset() got an unexpected keyword argument 'seed'")
        return 0 if "reset" in self.ways else (0, {})

    def step(self, action):
        return (0, 0.0, True, {}) if "step" in self.ways else (0, 0.0, True, False, {})


class Growing(World):
    """Observations that it writes into one list, or that become longer."""

    def __init__(self, longer):
        super().__init__([0, 0], ended=False)
        self.longer = longer

    def step(self, action):
        if self.longer:
            self.seen = [*self.seen, 1]
        else:
            self.seen[0] += 1
        return super().step(action)


class FromOne(World):
    observation_space = gymnasium.spaces.Discrete(16, start=1)
    action_space = gymnasium.spaces.Discrete(4)


class Clipping(World):
    """It clips the action that it is given, in place."""

    def step(self, action):
        np.clip(action, -1, 1, out=action)
        return super().step(0)


def centring(seen):
    """A function that writes into what it has seen."""
    seen -= 5
    return 0


def overwriting(seen):
    seen[...] = 9
    return np.array([0, 1])


def one_buffer(buffer):
    """A function that answers with one array, which it fills anew."""

    def act(seen):
        buffer[...] += 1
        return buffer

    return act


def wrapped(wrapper, *arguments, **options):
    return TabularMDP.from_gymnasium(wrapper(gymnasium.make("FrozenLake-v1"), *arguments, **options), 0.9)


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
    "actions in a buffer that is filled again": (
        lambda: stepped(World(ended=False), one_buffer(np.zeros(1)), n_steps=3)[0].actions.ravel().tolist(),
        lambda actions: actions == [1.0, 2.0, 3.0],
    ),
    "actions of many in a buffer that is filled again": (
        lambda: [e.actions.tolist() for e in stepped(lakes(), one_buffer(np.zeros(2, int)), n_steps=2)],
        lambda actions: actions == [[1, 2], [1, 2]],
    ),
    "actions that the environment clips in place": (
        lambda: stepped(Clipping(ended=False), lambda seen: np.array([3.0]), n_steps=2)[0].actions.ravel().tolist(),
        lambda actions: actions == [3.0, 3.0],
    ),
    "observations that act writes into": (
        lambda: stepped(World(np.zeros(1), ended=False), centring, n_steps=2)[0].observations.ravel().tolist(),
        lambda seen: seen == [0.0, 0.0, 0.0],
    ),
    "observations of many that act writes into": (
        lambda: [
            float(e.observations.max()) for e in stepped(gymnasium.make_vec("CartPole-v1", 2), overwriting, n_steps=4)
        ],
        lambda largest: max(largest) < 5,
    ),
    "observations in a list that is filled again": (
        lambda: stepped(Growing(longer=False), n_steps=2)[0].observations[:, 0].tolist(),
        lambda seen: seen == [0, 1, 2],
    ),
    "observations that grow": (
        lambda: stepped(Growing(longer=True), n_steps=2),
        r"observations of shapes \[\(2,\), \(3,\), \(4,\)\] in one episode",
    ),
    "four values of a step": (
        lambda: stepped(Older("step")),
        "env.step returns 4 values, not .*: it is no environment of",
    ),
    "reset that gives the observation alone": (lambda: stepped(Older("reset")), r"env.reset returns int, not \(obs"),
    "reset without a seed": (
        lambda: stepped(Older("seed")),
        "env.reset takes no seed: it is no environment of Gymnasium",
    ),
    "end that is None": (
        lambda: stepped(World(ended=None)),
        "env.step returns terminated = None: return True or False",
    ),
    "cut in words": (lambda: stepped(World(cut="no")), "env.step returns truncated = 'no': return True or False"),
    "ends of many for one": (lambda: stepped(World(ended=np.ones(2, bool))), "terminated = array"),
    "end as a number": (lambda: stepped(World(ended=1))[0].terminated, lambda ended: ended is True),
    "reward of None": (lambda: stepped(World(reward=None)), "env paid None in step 0 of an episode"),
    "reward of text": (lambda: stepped(World(reward="1")), "env paid '1' in step 0 of an episode"),
    "reward in an array of one": (
        lambda: stepped(World(reward=np.array([2.0])))[0].rewards.tolist(),
        lambda rewards: rewards == [2.0],
    ),
    "rewards of two for one": (lambda: stepped(World(reward=np.zeros(2))), r"env paid array\(\[0., 0.\]\) in step 0"),
    "complex reward": (lambda: stepped(World(reward=1j)), "env paid 1j in step 0"),
    "states from 1": (lambda: lake(FromOne()), "env numbers its states or actions from another number than 0"),
    "table below changed rewards": (
        lambda: wrapped(gymnasium.wrappers.TransformReward, lambda r: 2 * r),
        "env has the wrapper TransformReward, which changes what env.P says",
    ),
    "table below normalised rewards": (lambda: wrapped(gymnasium.wrappers.NormalizeReward), "wrapper NormalizeReward"),
    "table below clipped rewards": (lambda: wrapped(gymnasium.wrappers.ClipReward, -1, 0.5), "wrapper ClipReward"),
    "table below sticky actions": (lambda: wrapped(gymnasium.wrappers.StickyAction, 0.3), "wrapper StickyAction"),
    "table below statistics": (
        lambda: wrapped(gymnasium.wrappers.RecordEpisodeStatistics).n_states,
        lambda n_states: n_states == 16,
    ),
    "reward of 400 digits": (lambda: stepped(World(reward=10**400)), "env paid 1000.* in step 0"),
    "rewards of whole numbers": (
        lambda: [stepped(World(reward=r))[0].rewards.tolist() for r in (2, True, np.int8(3), np.float32(0.5))],
        lambda rewards: rewards == [[2.0], [1.0], [3.0], [0.5]],
    ),
    "actions as tuples": (
        lambda: stepped(World(), lambda seen: (1, 0))[0].actions.tolist(),
        lambda actions: actions == [[1, 0]],
    ),
}
