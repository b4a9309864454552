import copy
import dataclasses
import pickle
import re
import tracemalloc

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import problems

from pgcode import _sampling, estimators
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
    trajectory_log_probabilities,
    trajectory_probabilities,
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
    mdp, policy, theta = short_corridor(horizon=12), corridor_policy(), [0.0, 0.4]
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
    state = np.repeat(np.arange(mdp.n_states), table.guide.n_cells)
    owner = np.repeat(
        np.arange(mdp.n_states), ((probabilities[:, :, None] * mdp.transition) > 0).reshape(mdp.n_states, -1).sum(1)
    )
    assert (owner[table.guide.guide] == state).all()
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
    drawn = sample_trajectories(mdp, policy, [0.0, 0.5], 300_000, np.random.default_rng(0))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    kept = drawn.states.nbytes + drawn.actions.nbytes + drawn.rewards.nbytes
    assert kept == 300_000 * (21 * 4 + 20 * 4 + 20 * 8)
    assert peak < 1.2 * kept


@given(st.integers(0, 2**32 - 1))
def test_all_draws_are_one(seed):
    """Many of one distribution, one of each of many, columns, and tables: the same numbers give the same outcomes."""
    rng = np.random.default_rng(seed)
    table = rng.dirichlet(np.full(5, 0.3), size=4)
    table[rng.random(table.shape) < 0.3] = 0
    table[:, 2] += 0.1
    table /= table.sum(axis=1, keepdims=True)
    sums, guide = _sampling.cumulative(table), _sampling.GuideTable(table)
    few, columns = _sampling.FewOutcomes(table), _sampling.Columns(table)
    for row in range(4):
        many, each, guided, one_of_few, by_column = (np.random.default_rng(seed) for _ in range(5))
        drawn = _sampling.draw_many(sums[row], 50, many)
        assert (drawn == _sampling.draw_each(np.repeat(sums[row][None], 50, axis=0), each)).all()
        assert (drawn == guide.outcome[guide.draw(np.full(50, row), guided)]).all()
        found = few.draw(np.full(50, row), one_of_few)
        assert (drawn == few.outcome[found]).all()
        assert (few.row[found] == row).all()
        assert (drawn == columns.draw(np.full(50, row), by_column)).all()
        assert np.array_equal(np.array(columns.sums)[:, row], sums[row, :-1])


@pytest.mark.parametrize("kind", [_sampling.Columns, _sampling.FewOutcomes, _sampling.GuideTable])
def test_what_is_certain_takes_a_number_too(kind):
    """So one process draws the same, whether the steps of another row are certain or not."""
    rng = np.random.default_rng(0)
    drawn = kind(np.ones((3, 1))).draw(np.array([2, 0, 1, 1]), rng)
    assert drawn.tolist() == ([0, 0, 0, 0] if kind is _sampling.Columns else [2, 0, 1, 1])
    assert rng.random() == np.random.default_rng(0).random(5)[4]


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


@st.composite
def ragged(draw):
    """A batch of random lengths, some cut, as (states, actions, rewards, lengths, cut)."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    m, horizon = draw(st.integers(1, 4)), draw(st.integers(1, 5))
    lengths, cut = rng.integers(0, horizon + 1, m), rng.random(m) < 0.5
    states, actions = rng.integers(0, 3, (m, horizon + 1)), rng.integers(0, 2, (m, horizon))
    return states, actions, rng.standard_normal((m, horizon)), lengths, cut


def answers(batch):
    """Everything that the package says about a batch."""
    policy, theta = SoftmaxPolicy(3, 2), np.arange(6.0).reshape(3, 2) / 5
    v, mdp = np.array([1.0, -2.0, 3.0]), random_mdp(np.random.default_rng(0), horizon=batch.horizon)
    yield from (batch.states, batch.actions, batch.rewards, batch.active, batch.returns, batch.returns_from_step)
    yield from (batch.last_states, batch[::-1].returns)
    yield from (estimators.importance_ratios(batch, policy, theta, -theta), batch.lengths, batch.cut)
    yield from (f(batch, mdp, policy, theta) for f in (trajectory_probabilities, trajectory_log_probabilities))
    for weights in (
        estimators.full_return(batch, v[None], bootstrap=v),
        estimators.reward_to_go(batch, 2.0, bootstrap=v),
        estimators.generalized_advantage(batch, v, 0.7),
        estimators.state_action_weights(batch, theta),
        batch.returns_from_step,
        np.random.default_rng(1).standard_normal(batch.actions.shape),
    ):
        yield estimators.trajectory_gradients(batch, policy, theta, weights)
        estimate = estimators.policy_gradient(batch, policy, theta, weights, covariance=True)
        yield estimate.mean
        if len(batch) > 1:
            yield from (estimate.standard_error, estimate.covariance)


@given(ragged(), st.integers(0, 2**32 - 1))
def test_padding_never_counts(parts, seed):
    states, actions, rewards, lengths, cut = parts
    plain = Trajectories(states, actions, rewards, 0.9, lengths=lengths, cut=cut)
    rng = np.random.default_rng(seed)
    horizon = actions.shape[1]
    past, past_last = np.arange(horizon) >= lengths[:, None], np.arange(horizon + 1) > lengths[:, None]
    other = Trajectories(
        np.where(past_last, rng.integers(-9, 10**12, states.shape), states),
        np.where(past, rng.integers(-9, 10**12, actions.shape), actions),
        np.where(past, rng.choice([np.nan, np.inf, -1e300, 7.0], rewards.shape), rewards),
        0.9,
        lengths=lengths,
        cut=cut,
    )
    for one, two in zip(answers(plain), answers(other), strict=True):
        assert np.array_equal(one, two)


@given(ragged(), st.integers(0, 2**32 - 1))
def test_weights_beyond_the_ends_never_count(parts, seed):
    states, actions, rewards, lengths, cut = parts
    batch = Trajectories(states, actions, rewards, 0.9, lengths=lengths, cut=cut)
    policy, theta = SoftmaxPolicy(3, 2), np.arange(6.0).reshape(3, 2) / 5
    weights = np.random.default_rng(seed).standard_normal(actions.shape)
    for filler in (np.nan, np.inf, 1e300, 5.0):
        filled = np.where(batch.active, weights, filler)
        for of in (
            lambda w: estimators.trajectory_gradients(batch, policy, theta, w),
            lambda w: estimators.policy_gradient(batch, policy, theta, w, standard_error=False).mean,
        ):
            assert np.array_equal(of(filled), of(np.where(batch.active, weights, 0)))


@given(ragged())
def test_a_longer_batch_says_the_same_of_its_trajectories(parts):
    states, actions, rewards, lengths, cut = parts
    batch = Trajectories(states, actions, rewards, 0.9, lengths=lengths, cut=cut)
    wide = Trajectories(
        np.pad(states, ((0, 0), (0, 3))),
        np.pad(actions, ((0, 0), (0, 3))),
        np.pad(rewards, ((0, 0), (0, 3))),
        0.9,
        lengths=lengths,
        cut=cut,
    )
    v = np.array([1.0, -2.0, 3.0])
    assert np.allclose(wide.returns, batch.returns, rtol=1e-14, atol=1e-14)
    for weights in (
        lambda b: estimators.generalized_advantage(b, v, 0.3),
        lambda b: estimators.reward_to_go(b, bootstrap=v),
    ):
        assert np.allclose(weights(wide)[:, : batch.horizon], weights(batch), rtol=1e-14, atol=1e-14)


def episodes_of(parts):
    states, actions, rewards, lengths, cut = parts
    return [
        {"states": s[: n + 1], "actions": a[:n], "rewards": r[:n], "terminated": not c}
        for s, a, r, n, c in zip(states, actions, rewards, lengths, cut, strict=True)
    ]


def assert_same(one, two):
    for name in ("states", "actions", "rewards", "lengths", "cut", "discount"):
        assert np.array_equal(getattr(one, name), getattr(two, name)), name


@given(ragged().filter(lambda parts: parts[3].any()))
def test_episodes_make_the_batch(parts):
    batch = Trajectories.from_episodes(episodes_of(parts), 0.9)
    states, actions, rewards, lengths, cut = parts
    longest = lengths.max()
    direct = Trajectories(
        states[:, : longest + 1], actions[:, :longest], rewards[:, :longest], 0.9, lengths=lengths, cut=cut
    )
    assert_same(batch, direct)


def buffer_of(episodes, n_environments, mode, rng):
    """A (T, N) buffer of all episodes, dealt to the environments in turn, with reset rows where the mode has them."""
    columns = [[] for _ in range(n_environments)]
    for i, episode in enumerate(episodes):
        rows, n = columns[i % n_environments], len(episode["actions"])
        if mode == "next_step" and rows:
            rows.append((rows[-1][5], rng.integers(2), 0.0, False, False, episode["states"][0]))
        for t in range(n):
            last = t == n - 1
            over = last and episode["terminated"], last and not episode["terminated"]
            rows.append(
                (episode["states"][t], episode["actions"][t], episode["rewards"][t], *over, episode["states"][t + 1])
            )
    shortest = min(len(rows) for rows in columns)
    return [np.array([[row[k] for row in rows[:shortest]] for rows in columns]).T for k in range(6)], shortest


@pytest.mark.parametrize("mode", ["same_step", "next_step", "disabled"])
@given(parts=ragged().filter(lambda parts: parts[3].all()), seed=st.integers(0, 9))
def test_episodes_survive_a_buffer(mode, parts, seed):
    episodes = episodes_of(parts)
    (states, actions, rewards, terminated, truncated, after), _ = buffer_of(
        episodes, 1, mode, np.random.default_rng(seed)
    )
    whole = Trajectories.from_episodes(episodes, 0.9)
    for shaped in (lambda array: array, lambda array: array[:, 0]):
        arrays = (shaped(array) for array in (states, actions, rewards, terminated, truncated, after))
        assert_same(Trajectories.from_buffer(*arrays, 0.9, autoreset=mode), whole)


@pytest.mark.parametrize("mode", ["same_step", "next_step"])
def test_environments_side_by_side_are_cut_where_the_buffer_ends(mode):
    rng = np.random.default_rng(0)
    episodes = [
        {
            "states": rng.integers(0, 3, n + 1),
            "actions": rng.integers(0, 2, n),
            "rewards": rng.random(n),
            "terminated": bool(rng.random() < 0.5),
        }
        for n in rng.integers(1, 6, 40)
    ]
    arrays, n_steps = buffer_of(episodes, 3, mode, rng)
    batch = Trajectories.from_buffer(*arrays, 0.9, autoreset=mode)
    expected = []
    for environment in range(3):
        left = n_steps
        for i, episode in enumerate(episodes[environment::3]):
            left -= mode == "next_step" and i > 0
            n = min(left, len(episode["actions"]))
            if n <= 0:
                break
            whole = n == len(episode["actions"])
            expected.append(
                {
                    "states": episode["states"][: n + 1],
                    "actions": episode["actions"][:n],
                    "rewards": episode["rewards"][:n],
                    "terminated": episode["terminated"] and whole,
                }
            )
            left -= n
    assert_same(batch, Trajectories.from_episodes(expected, 0.9))
    assert batch.lengths.sum() == 3 * n_steps - (0 if mode == "same_step" else (arrays[3] | arrays[4])[:-1].sum())


def test_an_end_that_is_terminated_and_truncated_has_ended():
    batch = Trajectories.from_buffer([0, 0], [0, 0], [1.0, 1.0], [0, 1], [0, 1], [0, 2], 0.9)
    assert batch.cut.tolist() == [False]


def test_the_end_of_a_taxi_ride_is_a_state_of_its_own():
    """Who drops off in state 16 ends in state 0, through which others drive; the end of the table is state 500."""
    env = gymnasium.make("Taxi-v4")
    mdp = TabularMDP.from_gymnasium(env, 0.9, horizon=3)
    drop_off = 5
    assert env.unwrapped.P[16][drop_off] == [(1.0, 0, 20, True)]
    ride = {"states": [16, 0], "actions": [drop_off], "rewards": [20.0], "terminated": True}
    passing = {"states": [100, 0], "actions": [1], "rewards": [-1.0], "terminated": False}
    end = {"terminal": mdp.terminal, "end_state": mdp.n_states - 1}
    batch = Trajectories.from_episodes([ride, passing], 0.9, **end)
    assert batch.last_states.tolist() == [500, 0]
    assert mdp.transition[16, drop_off, 500] == 1
    with pytest.raises(
        ValueError, match=r"episodes\[0\]\['states'\]\[1\] is 0, where the episode ended, but no terminal"
    ):
        Trajectories.from_episodes([ride], 0.9, terminal=mdp.terminal)
    buffer = [16, 100], [drop_off, 1], [20.0, -1.0], [1, 0], [0, 0], [0, 0]
    assert_same(Trajectories.from_buffer(*buffer, 0.9, **end), batch)


def test_what_is_held_is_copied_and_stays():
    states, actions, rewards = np.zeros((2, 3), np.int32), np.zeros((2, 2), np.int32), np.ones((2, 2))
    terminal, lengths, cut = np.zeros(3, bool), np.array([2, 1]), np.array([True, True])
    batch = Trajectories(states, actions, rewards, 0.5, terminal, lengths, cut)
    for array in (states, actions, rewards, terminal, lengths, cut):
        array[...] = 1
    assert batch.returns.tolist() == [1.5, 1.0]
    assert batch.states.max() == 0
    drawn = sample_trajectories(short_corridor(horizon=4), corridor_policy(), [0.0, 0.0], 5, np.random.default_rng(0))
    for one in (batch, drawn, batch[[0]]):
        _ = one.active, one.returns, one.returns_from_step
        for again in (
            one,
            copy.copy(one),
            copy.deepcopy(one),
            pickle.loads(pickle.dumps(one)),
            dataclasses.replace(one),
        ):
            assert_same(one, again)
            for name in (*one.__dataclass_fields__, "active", "returns", "returns_from_step", "last_states"):
                array = getattr(again, name)
                if isinstance(array, np.ndarray):
                    assert not array.flags.writeable, name


def test_a_batch_gives_its_trajectories():
    drawn = sample_trajectories(short_corridor(horizon=6), corridor_policy(), [0.0, 0.0], 5, np.random.default_rng(0))
    assert [len(one) for one in drawn] == [1] * 5
    assert np.concatenate([one.returns for one in drawn]).tolist() == drawn.returns.tolist()
    assert drawn[drawn.lengths == 6].lengths.tolist() == [6] * int((drawn.lengths == 6).sum())
    assert drawn[-1].states.tolist() == drawn.states[-1:].tolist()
    for wrong in (5, np.zeros(5, bool), np.zeros(4, bool), [[0]], []):
        with pytest.raises(IndexError, match="trajector"):
            drawn[wrong]


@given(problems())
def test_lengths_are_those_of_the_terminal_states(problem):
    mdp, policy, theta = problem
    listed, _ = enumerate_trajectories(mdp, policy, theta)
    for batch in (listed, sample_trajectories(mdp, policy, theta, 50, np.random.default_rng(0))):
        told = Trajectories(batch.states, batch.actions, batch.rewards, mdp.discount, mdp.terminal)
        assert_same(batch, told)
        assert (batch.active == ~mdp.terminal[batch.states[:, :-1]]).all()
        assert not batch.cut.any()


@given(problems())
def test_logarithms_of_probabilities(problem):
    mdp, policy, theta = problem
    listed, probabilities = enumerate_trajectories(mdp, policy, theta)
    logs = trajectory_log_probabilities(listed, mdp, policy, theta)
    assert np.allclose(np.exp(logs), probabilities, rtol=1e-12, atol=0)
    direction = np.random.default_rng(0).standard_normal(policy.theta_shape)
    tilted = trajectory_log_probabilities(listed, mdp, policy, theta + 1e-30j * direction)
    scores = estimators.trajectory_gradients(listed, policy, theta, np.ones(listed.actions.shape))
    along = np.tensordot(scores, direction, axes=direction.ndim)
    assert np.allclose(tilted.imag / 1e-30, along, rtol=1e-10, atol=1e-12)


def test_a_long_trajectory_has_a_logarithm_where_its_probability_underflows():
    mdp = TabularMDP(np.ones((1, 2, 1)), np.ones((1, 2, 1)), np.ones(1), 1.0, horizon=3000)
    policy, theta = SoftmaxPolicy(1, 2), np.zeros((1, 2))
    batch = sample_trajectories(mdp, policy, theta, 3, np.random.default_rng(0))
    assert np.allclose(trajectory_log_probabilities(batch, mdp, policy, theta), -3000 * np.log(2), rtol=1e-14)
    with pytest.raises(ValueError, match=r"exp\(-2079\.44\), number 0, too small .* trajectory_log_probabilities"):
        trajectory_probabilities(batch, mdp, policy, theta)
    short = dataclasses.replace(mdp, horizon=1020)
    batch = sample_trajectories(short, policy, theta, 3, np.random.default_rng(0))
    assert (trajectory_probabilities(batch, short, policy, theta) == 2.0**-1020).all()


def test_what_is_impossible_has_the_logarithm_minus_infinity():
    mdp, policy = two_armed_bandit(), SoftmaxPolicy(2, 2)
    batch = Trajectories([[0, 1], [1, 1]], [[0], [0]], [[1.0], [0.0]], 1.0, mdp.terminal)
    logs = trajectory_log_probabilities(batch, mdp, policy, np.zeros((2, 2)))
    assert logs.tolist() == [np.log(0.5), -np.inf]
    assert trajectory_probabilities(batch, mdp, policy, np.zeros((2, 2))).tolist() == [0.5, 0]


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64, np.uint64])
def test_any_whole_numbers_will_do(kind):
    batch = Trajectories(np.array([[200 % 128, 1]], kind), np.array([[1]], kind), [[1]], 1)
    assert batch.states.dtype == np.int32
    assert batch.states.tolist() == [[72, 1]]


def test_forbidden_actions_are_neither_drawn_nor_listed():
    rng = np.random.default_rng(0)
    allowed = np.array([[True, False, True], [False, True, True], [False, True, False]])
    mdp = dataclasses.replace(random_mdp(rng, n_actions=3, horizon=3), allowed=allowed)
    policy = SoftmaxPolicy(3, 3, allowed=mdp.allowed)
    theta = rng.standard_normal((3, 3))
    listed, probabilities = enumerate_trajectories(mdp, policy, theta)
    assert abs(probabilities.sum() - 1) < 1e-14
    assert len(listed) == count_trajectories(mdp)
    for batch in (listed, sample_trajectories(mdp, policy, theta, 2000, rng)):
        assert allowed[batch.states[:, :-1], batch.actions].all()
    exact = occupancy(mdp, policy, theta)
    found = np.stack([probabilities @ (listed.states[:, t, None] == np.arange(3)) for t in range(4)])
    assert np.abs(found - exact).max() < 1e-14


def test_a_terminal_state_may_forbid_its_first_action():
    allowed = np.array([[True, True], [False, True]])
    mdp = dataclasses.replace(two_armed_bandit(), allowed=allowed, horizon=3)
    policy = SoftmaxPolicy(2, 2, allowed=mdp.allowed)
    listed, probabilities = enumerate_trajectories(mdp, policy, np.zeros((2, 2)))
    assert probabilities.tolist() == [0.5, 0.5]
    assert listed.lengths.tolist() == [1, 1]
