import copy
import pickle

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from pgcode import values
from pgcode.estimators import reward_to_go, trajectory_gradients
from pgcode.mdp import TabularMDP
from pgcode.policies import SoftmaxPolicy
from pgcode.rollouts import Episode, collect, step_gymnasium, tabular_actor
from pgcode.state_action_form import exact_gradient
from pgcode.trajectories import Trajectories

MODES = [AutoresetMode.NEXT_STEP, AutoresetMode.SAME_STEP, AutoresetMode.DISABLED]


def vector(name, n, mode, **options):
    return SyncVectorEnv([lambda: gymnasium.make(name, **options)] * n, autoreset_mode=mode)


@pytest.mark.parametrize("name", ["CliffWalking-v1", "Taxi-v4", "FrozenLake8x8-v1"])
def test_every_toy_text_environment_can_be_stepped(name):
    env = gymnasium.make(name, max_episode_steps=60)
    mdp = TabularMDP.from_gymnasium(env, 1.0, horizon=60)
    policy = SoftmaxPolicy(mdp.n_states, mdp.n_actions)
    drawn = step_gymnasium(env, mdp, policy, np.zeros(policy.theta_shape), 20, np.random.default_rng(0))
    steps = mdp.transition[drawn.states[:, :-1], drawn.actions, drawn.states[:, 1:]]
    assert (steps[drawn.active] > 0).all()
    table = mdp.reward[drawn.states[:, :-1], drawn.actions, drawn.states[:, 1:]]
    assert (table == drawn.rewards)[drawn.active].all()


def test_stepping_the_environment_follows_its_table():
    env = gymnasium.make("FrozenLake-v1")
    mdp = TabularMDP.from_gymnasium(env, 1.0, horizon=6)
    policy, theta = SoftmaxPolicy(16, 4), np.zeros((16, 4))
    drawn = step_gymnasium(env, mdp, policy, theta, 200, np.random.default_rng(0))
    steps = mdp.transition[drawn.states[:, :-1], drawn.actions, drawn.states[:, 1:]]
    assert (steps[drawn.active] > 0).all()
    assert (drawn.states[:, 0] == 0).all()


def test_an_environment_that_stops_too_early_is_told():
    env = gymnasium.make("FrozenLake-v1", max_episode_steps=3)
    mdp = TabularMDP.from_gymnasium(env, 1.0, horizon=50)
    with pytest.raises(ValueError, match="larger max_episode_steps"):
        step_gymnasium(env, mdp, SoftmaxPolicy(16, 4), np.zeros((16, 4)), 50, np.random.default_rng(0))


class Script(gymnasium.Env):
    """Counts the steps of an episode and tells the number of the episode: observation 100·episode + step.

    Episode k has the length ``lengths[k]``, pays 1, 2, …, and ends where ``ends[k]``, else is truncated.
    """

    observation_space = gymnasium.spaces.Discrete(10_000)
    action_space = gymnasium.spaces.Discrete(2)

    def __init__(self, lengths, ends):
        self.lengths, self.ends, self.episode, self.seeds = lengths, ends, -1, []

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.seeds.append(seed)
        self.episode, self.t = (self.episode + 1) % len(self.lengths), 0
        return 100 * self.episode, {}

    def step(self, action):
        self.t += 1
        over, ends = self.t == self.lengths[self.episode], self.ends[self.episode]
        assert self.t <= self.lengths[self.episode], "stepped after the end"
        return 100 * self.episode + self.t, float(self.t), over and ends, over and not ends, {}


LENGTHS, ENDS = [2, 1, 3, 1, 2, 4], [True, False, True, True, False, False]


def environments(mode, n=2):
    if mode is None:
        return Script(LENGTHS, ENDS)
    return SyncVectorEnv([lambda: Script(LENGTHS, ENDS)] * n, autoreset_mode=mode)


def parity(seen):
    return seen % 2


def expected(k, n=None):
    """What is to be seen of episode k, or of its first n steps."""
    length = LENGTHS[k] if n is None else n
    observations = 100 * k + np.arange(length + 1)
    return observations, parity(observations[:-1]), np.arange(1.0, length + 1), ENDS[k] and length == LENGTHS[k]


def assert_episode(episode, observations, actions, rewards, terminated):
    assert episode.observations.tolist() == observations.tolist()
    assert episode.actions.tolist() == actions.tolist()
    assert episode.rewards.tolist() == rewards.tolist()
    assert episode.terminated == terminated


@pytest.mark.parametrize("mode", [None, *MODES])
def test_episodes_are_those_of_the_environment(mode):
    rollout = collect(environments(mode), parity, np.random.default_rng(0), n_episodes=6 if mode is None else 12)
    for i, episode in enumerate(rollout):
        assert_episode(episode, *expected(i % 6))


@pytest.mark.parametrize("mode", [None, *MODES])
def test_steps_are_counted_for_each_environment(mode):
    rollout = collect(environments(mode), parity, np.random.default_rng(0), n_steps=5)
    kinds = [(0, None), (1, None), (2, 2)]
    assert len(rollout) == (3 if mode is None else 6)
    for i, episode in enumerate(rollout):
        assert_episode(episode, *expected(*kinds[i % 3]))


def test_each_environment_gives_its_share():
    rollout = collect(environments(MODES[0], 3), parity, np.random.default_rng(0), n_episodes=4)
    assert [episode.observations[0] for episode in rollout] == [0, 100, 0, 0]


def test_one_seed_for_all_and_none_afterwards():
    env = environments(None)
    collect(env, parity, np.random.default_rng(0), n_episodes=3)
    assert isinstance(env.seeds[0], int)
    assert set(env.seeds[1:]) == {None}
    first, again = (
        collect(gymnasium.make("CartPole-v1"), lambda seen: 0, np.random.default_rng(5), n_episodes=2) for _ in range(2)
    )
    other = collect(gymnasium.make("CartPole-v1"), lambda seen: 0, np.random.default_rng(6), n_episodes=2)
    for one, two, three in zip(first, again, other, strict=True):
        assert np.array_equal(one.observations, two.observations)
        assert not np.array_equal(one.observations[0], three.observations[0])


@pytest.mark.parametrize("mode", [None, *MODES])
def test_many_environments_are_as_good_as_one(mode):
    """On FrozenLake, the mean return and the estimated gradient lie within their standard errors of the exact ones."""
    env = gymnasium.make("FrozenLake-v1") if mode is None else vector("FrozenLake-v1", 8, mode)
    table = TabularMDP.from_gymnasium(gymnasium.make("FrozenLake-v1"), 0.9, horizon=100)
    policy, theta = SoftmaxPolicy(16, 4), np.random.default_rng(3).standard_normal((16, 4)) / 2
    rng = np.random.default_rng(0)
    rollout = collect(env, tabular_actor(policy, theta, rng), rng, n_episodes=1000)
    batch = rollout.trajectories(0.9, terminal=table.terminal)
    assert len(batch) == 1000

    def assert_mean(each, exact):
        assert abs(each.mean() - exact) < 4 * each.std() / np.sqrt(1000)

    gradient = exact_gradient(table, policy, theta)
    each = trajectory_gradients(batch, policy, theta, reward_to_go(batch))
    assert_mean(batch.returns, values.objective(table, policy, theta))
    assert_mean(np.tensordot(each, gradient, axes=2), (gradient**2).sum())
    for state in (0, 1, 4, 8, 5):  # the start, its neighbourhood, and a hole
        visits = (batch.states[:, :-1] == state) & (batch.active | table.terminal[state])
        exact = values.occupancy(table, policy, theta)[:-1, state]
        assert_mean(visits[:, :10].sum(axis=1), exact[:10].sum())


def test_a_time_limit_cuts():
    env = gymnasium.make("FrozenLake-v1", max_episode_steps=3)
    rollout = collect(env, lambda state: 1, np.random.default_rng(0), n_episodes=50)
    batch = rollout.trajectories(0.9, n_states=16)
    assert batch.cut.any()
    assert not batch.cut.all()
    assert (batch.lengths[batch.cut] == 3).all()
    holes = np.isin(batch.last_states, [5, 7, 11, 12, 15])
    assert (holes == ~batch.cut).all()


@pytest.mark.parametrize("mode", [None, *MODES])
def test_observations_may_be_anything(mode):
    env = gymnasium.make("CartPole-v1") if mode is None else vector("CartPole-v1", 2, mode)
    rollout = collect(env, lambda seen: (seen[..., 2] > 0).astype(int), np.random.default_rng(0), n_episodes=4)
    for episode in rollout:
        assert episode.observations.dtype == np.float32
        assert episode.observations.shape == (len(episode.rewards) + 1, 4)
        assert (np.abs(episode.observations[:-1, 2]) <= 0.2095).all()
        assert episode.terminated
        assert np.abs(episode.observations[-1, 2]) > 0.2095 or np.abs(episode.observations[-1, 0]) > 2.4
    with pytest.raises(TypeError, match=r"episodes\[0\]\['states'\] holds float32, not whole numbers"):
        rollout.trajectories(0.9)


def test_continuous_actions():
    env = gymnasium.make("Pendulum-v1")
    rollout = collect(env, lambda seen: np.array([0.5]), np.random.default_rng(0), n_episodes=1)
    assert rollout[0].actions.shape == (200, 1)
    assert not rollout[0].terminated


def test_taxi_through_a_buffer_and_through_episodes():
    """Two ways from a vector environment with reset rows to the table's trajectories are one."""
    mdp = TabularMDP.from_gymnasium(gymnasium.make("Taxi-v4"), 0.9, horizon=200)
    policy, theta = SoftmaxPolicy(501, 6), np.zeros((501, 6))

    def run():
        env = vector("Taxi-v4", 3, AutoresetMode.NEXT_STEP, max_episode_steps=20)
        return env, tabular_actor(policy, theta, np.random.default_rng(1))

    rollout = collect(*run(), np.random.default_rng(0), n_steps=57)
    end = {"terminal": mdp.terminal, "end_state": 500}
    by_episodes = rollout.trajectories(0.9, **end)
    env, act = run()
    state, rows = env.reset(seed=int(np.random.default_rng(0).integers(2**31)))[0], []
    for _ in range(59):  # 57 decisions and two resets after the time limit
        action = act(state)
        after, reward, terminated, truncated, _ = env.step(action)
        rows.append((state, action, reward, terminated, truncated, after))
        state = after
    arrays = (np.array(column) for column in zip(*rows, strict=True))
    by_buffer = Trajectories.from_buffer(*arrays, 0.9, autoreset=env.metadata["autoreset_mode"], **end)
    for name in ("states", "actions", "rewards", "lengths", "cut"):
        assert np.array_equal(getattr(by_episodes, name), getattr(by_buffer, name)), name


def test_what_was_collected_stays():
    rollout = collect(environments(None), parity, np.random.default_rng(0), n_episodes=2)
    for again in (rollout, copy.deepcopy(rollout), pickle.loads(pickle.dumps(rollout))):
        assert again[0].rewards.tolist() == [1.0, 2.0]
        for array in (again[0].observations, again[0].actions, again[0].rewards):
            assert not array.flags.writeable
    observations = np.array([0, 1])
    episode = Episode(observations, [0], [1.0], True)
    observations[0] = 9
    assert episode.observations.tolist() == [0, 1]
