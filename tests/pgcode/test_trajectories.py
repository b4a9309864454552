import dataclasses
import re
import tracemalloc

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import problems

from pgcode.environments import corridor_policy, random_mdp, short_corridor, two_armed_bandit
from pgcode.mdp import TabularMDP
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import (
    Trajectories,
    _OutcomeTable,
    count_trajectories,
    enumerate_trajectories,
    possible_trajectories,
    sample_trajectories,
    step_gymnasium,
)
from pgcode.values import occupancy


@given(problems())
def test_all_trajectories_are_listed_once_and_their_probabilities_sum_to_one(problem):
    mdp, policy, theta = problem
    trajectories, probabilities = enumerate_trajectories(mdp, policy, theta)
    assert len(trajectories) == count_trajectories(mdp)
    assert abs(probabilities.sum() - 1) < 1e-12
    rows = np.concatenate([trajectories.states, trajectories.actions], axis=1)
    assert len(np.unique(rows, axis=0)) == len(rows)
    Trajectories(  # finds nothing wrong with them
        trajectories.states, trajectories.actions, trajectories.rewards, mdp.discount, mdp.terminal
    )


def test_a_trajectory_without_probability_is_listed_when_the_dynamics_allow_it():
    trajectories, probabilities = enumerate_trajectories(
        two_armed_bandit(), SoftmaxPolicy(2, 2), [[1e4, -1e4], [0.0, 0.0]]
    )
    assert trajectories.actions.ravel().tolist() == [0, 1]
    assert probabilities.tolist() == [1, 0]


def test_returns_and_rewards_to_go_by_hand():
    batch = Trajectories([[0, 0, 0, 0]], [[0, 0, 0]], [[1.0, 2.0, 4.0]], discount=0.5)
    assert batch.returns.tolist() == [1 + 0.5 * 2 + 0.25 * 4]
    assert batch.returns_from_step.tolist() == [[3.0, 4.0, 4.0]]


def test_discount_zero_keeps_the_first_reward():
    batch = Trajectories([[0, 0, 0]], [[0, 0]], [[3.0, 5.0]], discount=0.0)
    assert batch.returns.tolist() == [3.0]
    assert batch.returns_from_step.tolist() == [[3.0, 5.0]]


@pytest.mark.parametrize("seed", range(3))
def test_samples_have_the_exact_frequencies(seed):
    """Every listed trajectory occurs as often as its probability says: Pearson's χ² over all of them."""
    rng = np.random.default_rng(seed)
    mdp = random_mdp(rng, n_states=3, n_actions=2, horizon=2)
    policy, theta = SoftmaxPolicy(3, 2), rng.standard_normal((3, 2))
    listed, probabilities = enumerate_trajectories(mdp, policy, theta)
    m = 200_000
    drawn = sample_trajectories(mdp, policy, theta, m, rng)

    def code(batch):
        rows = np.concatenate([batch.states, batch.actions], axis=1).astype(np.int64)
        return rows @ 3 ** np.arange(rows.shape[1])

    order = np.argsort(code(listed))
    counts = np.bincount(np.searchsorted(code(listed)[order], code(drawn)), minlength=len(listed))
    expected = m * probabilities[order]
    statistic = ((counts - expected) ** 2 / expected).sum()
    degrees = len(listed) - 1
    assert abs(statistic - degrees) < 5 * np.sqrt(2 * degrees)
    assert np.isin(code(drawn), code(listed)).all()
    table = mdp.reward[drawn.states[:, :-1], drawn.actions, drawn.states[:, 1:]]
    assert (drawn.rewards == table).all()


def test_samples_of_a_process_with_an_end_have_the_exact_occupancies():
    mdp, policy, theta = short_corridor(horizon=12), corridor_policy(), [0.4, 0.0]
    m = 100_000
    drawn = sample_trajectories(mdp, policy, theta, m, np.random.default_rng(0))
    exact = occupancy(mdp, policy, theta)
    found = np.stack([np.bincount(drawn.states[:, t], minlength=4) for t in range(13)]) / m
    error = np.sqrt(exact * (1 - exact) / m)
    assert (np.abs(found - exact) <= 5 * error + 1e-12).all()
    assert (drawn.rewards == np.where(drawn.active, -1.0, 0.0)).all()
    assert (drawn.actions[~drawn.active] == 0).all()


def test_impossible_outcomes_are_never_drawn():
    """Rounding at the ends of the table must not let an outcome of probability 0 in."""
    transition = np.zeros((3, 2, 3))
    transition[:, 0, 1], transition[:, 1, 0] = 1, 1
    mdp = TabularMDP(transition, np.ones((3, 2, 3)), np.array([0.5, 0.5, 0.0]), 1.0, horizon=5)
    theta = np.log([[0.1, 0.9], [0.7, 0.3], [0.5, 0.5]])

    class Extremes(np.random.Generator):
        def random(self, size=None):
            numbers = super().random(size)
            return np.where(numbers < 0.5, 0.0, np.nextafter(1.0, 0.0))

    drawn = sample_trajectories(mdp, SoftmaxPolicy(3, 2), theta, 1000, Extremes(np.random.PCG64(0)))
    assert drawn.states.max() == 1
    assert set(zip(drawn.actions.ravel().tolist(), drawn.states[:, 1:].ravel().tolist(), strict=True)) == {
        (0, 1),
        (1, 0),
    }


@settings(max_examples=300)
@given(problems(), st.sampled_from([1, 20, 40, 200]))
def test_near_certain_policies_keep_to_their_state(problem, sharpness):
    """Rounded sums that pass 1 must not let one state's outcomes stand in for another's."""
    mdp, policy, theta = problem
    probabilities = policy.probabilities(sharpness * theta)
    table = _OutcomeTable(mdp, probabilities)
    state = np.repeat(np.arange(mdp.n_states), table.n_cells)
    owner = np.repeat(
        np.arange(mdp.n_states), ((probabilities[:, :, None] * mdp.transition) > 0).reshape(mdp.n_states, -1).sum(1)
    )
    assert (owner[table.guide] == state).all()
    drawn = sample_trajectories(mdp, policy, sharpness * theta, 200, np.random.default_rng(0))
    steps = (probabilities[:, :, None] * mdp.transition)[drawn.states[:, :-1], drawn.actions, drawn.states[:, 1:]]
    assert (steps[drawn.active] > 0).all()


def test_a_near_certain_policy_in_one_state_leaves_the_others_alone():
    mdp = random_mdp(np.random.default_rng(0), n_states=2, n_actions=2, horizon=6)
    policy, theta = SoftmaxPolicy(2, 2), np.array([[40.0, 0.0], [0.0, 0.0]])
    drawn = sample_trajectories(mdp, policy, theta, 100_000, np.random.default_rng(1))
    chosen = drawn.actions[drawn.states[:, :-1] == 1]
    assert abs(chosen.mean() - 0.5) < 5 * 0.5 / np.sqrt(chosen.size)


def test_memory_is_in_proportion_to_what_is_returned():
    mdp, policy = short_corridor(horizon=20), corridor_policy()
    tracemalloc.start()
    drawn = sample_trajectories(mdp, policy, [0.5, 0.0], 300_000, np.random.default_rng(0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    kept = drawn.states.nbytes + drawn.actions.nbytes + drawn.rewards.nbytes
    assert kept == 300_000 * (21 * 4 + 20 * 4 + 20 * 8)
    assert peak < 1.2 * kept


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


def test_the_same_seed_draws_the_same_and_types_are_small():
    mdp, policy = random_mdp(np.random.default_rng(0)), SoftmaxPolicy(3, 2)
    first, again = (
        sample_trajectories(mdp, policy, np.zeros((3, 2)), 40_000, np.random.default_rng(5)) for _ in range(2)
    )
    assert (first.states == again.states).all()
    assert (first.rewards == again.rewards).all()
    assert first.states.dtype.itemsize <= 4
    assert first.actions.dtype.itemsize <= 4
    assert first.states.shape == (40_000, 5)
    assert first.rewards.shape == (40_000, 4)


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


def test_listing_is_in_lexicographic_order():
    listed = possible_trajectories(short_corridor(horizon=3))
    rows = np.concatenate(
        [listed.states[:, :1], *np.stack([listed.actions, listed.states[:, 1:]], 2).swapaxes(0, 1)], 1
    )
    assert rows.tolist() == sorted(rows.tolist())


@pytest.mark.parametrize("horizon", [38, 39, 40, 41, 100, 900])
def test_a_number_that_is_too_long_to_read_is_told_by_its_size(horizon):
    mdp = dataclasses.replace(random_mdp(np.random.default_rng(0)), horizon=horizon)
    number = count_trajectories(mdp)
    with pytest.raises(ValueError, match=r"mdp has more than 10\^\d+ trajectories") as raised:
        possible_trajectories(mdp)
    exponent = int(re.search(r"10\^(\d+)", str(raised.value))[1])
    assert 10**exponent < number <= 100 * 10**exponent
    with pytest.raises(ValueError, match=rf"more than max_trajectories = more than 10\^{exponent}: shorten"):
        possible_trajectories(mdp, number - 1)


def test_a_number_that_can_be_read_is_written():
    mdp = dataclasses.replace(random_mdp(np.random.default_rng(0)), horizon=30)
    with pytest.raises(ValueError, match=rf"mdp has {count_trajectories(mdp):,} trajectories of 30 decisions"):
        possible_trajectories(mdp)
