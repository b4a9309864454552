import copy
import dataclasses
import pickle

import gymnasium
import numpy as np
import pytest
from scipy import sparse

from pgcode.environments import random_mdp, short_corridor, two_armed_bandit
from pgcode.mdp import TabularMDP, gymnasium_states


def test_arrays_are_copied_and_read_only():
    transition = np.ones((1, 1, 1))
    mdp = TabularMDP(transition, np.ones((1, 1, 1)), np.ones(1), 0.9)
    transition[:] = 7
    assert mdp.transition[0, 0, 0] == 1
    with pytest.raises(ValueError, match="read-only"):
        mdp.transition[:] = 0


def test_terminal_needs_both_absorption_and_no_reward():
    bandit = two_armed_bandit()
    assert bandit.terminal.tolist() == [False, True]
    paid = bandit.reward.copy()
    paid[1, 0, 1] = 1
    assert not TabularMDP(bandit.transition, paid, bandit.initial, 1.0).terminal.any()


def test_expected_reward_is_the_mean_over_next_states():
    rng = np.random.default_rng(0)
    transition, reward = rng.dirichlet(np.ones(3), (3, 2)), rng.standard_normal((3, 2, 3))
    mdp = TabularMDP(transition, reward, np.ones(3) / 3, 0.5)
    expected = sum(transition[1, 0, n] * reward[1, 0, n] for n in range(3))
    assert np.isclose(mdp.expected_reward[1, 0], expected, rtol=1e-14)


def test_corridor_is_switched_in_its_second_state():
    corridor = short_corridor()
    assert corridor.transition[:, 1].argmax(axis=1).tolist() == [1, 0, 3, 3]
    assert corridor.transition[:, 0].argmax(axis=1).tolist() == [0, 2, 1, 3]


class TestFromGymnasium:
    def test_frozen_lake_holds_the_environments_own_numbers(self):
        env = gymnasium.make("FrozenLake-v1", is_slippery=True)
        mdp = TabularMDP.from_gymnasium(env, 0.9, horizon=4)
        table = env.unwrapped.P
        for s in range(16):
            for a in range(4):
                row = np.zeros(16)
                for probability, after, _, _ in table[s][a]:
                    row[after] += probability
                assert np.allclose(mdp.transition[s, a], row, atol=1e-15)
        assert np.flatnonzero(mdp.terminal).tolist() == [5, 7, 11, 12, 15]
        assert mdp.reward[14, 2, 15] == 1
        assert mdp.reward.sum() == mdp.reward[14, :, 15].sum()
        assert (mdp.discount, mdp.horizon) == (0.9, 4)

    @pytest.mark.parametrize("name", ["CliffWalking-v1", "Taxi-v4", "FrozenLake8x8-v1"])
    def test_every_toy_text_table_is_taken_whole(self, name):
        """The chain of the table and that of the environment pay the same expected rewards."""
        env = gymnasium.make(name)
        mdp = TabularMDP.from_gymnasium(env, 0.9)
        table = env.unwrapped.P
        for s in np.flatnonzero(~mdp.terminal[: len(table)]):
            for a in range(mdp.n_actions):
                paid = sum(p * r for p, _, r, _ in table[s][a])
                assert np.isclose(mdp.expected_reward[s, a], paid, atol=1e-12)
                ends = sum(p for p, _, _, ended in table[s][a] if ended)
                assert np.isclose(mdp.transition[s, a, mdp.terminal].sum(), ends, atol=1e-12)

    def test_a_state_that_is_both_passed_and_ended_in_gets_an_end_of_its_own(self):
        class Env:
            P = {
                0: {0: [(0.5, 1, 1.0, False), (0.5, 1, 1.0, True)]},
                1: {0: [(1.0, 0, 2.0, False)]},
            }
            initial_state_distrib = np.array([1.0, 0.0])

        mdp = TabularMDP.from_gymnasium(Env(), 0.9)
        assert mdp.terminal.tolist() == [False, False, True]
        assert mdp.transition[0, 0].tolist() == [0, 0.5, 0.5]
        assert mdp.reward[0, 0].tolist() == [0, 1, 1]

    def test_different_rewards_for_one_step_can_be_averaged(self):
        """Falling off the slippery cliff leads to the start, as some safe steps do: −100 and −1 for one (s, a, s')."""
        env = gymnasium.make("CliffWalkingSlippery-v1")
        mdp = TabularMDP.from_gymnasium(env, 0.9, average_rewards=True)
        for s in np.flatnonzero(~mdp.terminal):
            for a in range(4):
                paid = sum(p * r for p, _, r, _ in env.unwrapped.P[s][a])
                assert np.isclose(mdp.expected_reward[s, a], paid, atol=1e-12)

    @pytest.mark.parametrize(
        ("table", "start", "message"),
        [
            ({1: {0: [(1.0, 1, 0.0, True)]}}, [1.0], r"env\.P does not hold the states 0 to 0: number all from 0"),
            ({0: {1: [(1.0, 0, 0.0, True)]}}, [1.0], r"env\.P\[0\] does not hold the actions 0 to 0: number all"),
            (
                {0: {0: [(1.0, 0, 0.0, True)]}, 1: {0: [], 1: []}},
                [1.0, 0.0],
                r"P\[1\] does not hold the actions 0 to 0",
            ),
            (
                {0: {0: [(1.0, 0, 0.0, True)]}},
                [0.5, 0.5],
                r"initial_state_distrib has shape \(2,\), but P has 1 states",
            ),
        ],
    )
    def test_an_incomplete_table_is_told(self, table, start, message):
        class Env:
            P = table
            initial_state_distrib = np.array(start)

        with pytest.raises(ValueError, match=message):
            TabularMDP.from_gymnasium(Env(), 0.9)

    def test_two_rewards_for_one_step_are_refused(self):
        class Env:
            P = {0: {0: [(0.5, 0, 1.0, False), (0.5, 0, 2.0, False)]}}
            initial_state_distrib = np.array([1.0])

        with pytest.raises(ValueError, match=r"P\[0\]\[0\] pays both 1.0 and 2.0 .* average_rewards=True"):
            TabularMDP.from_gymnasium(Env(), 0.9)

    def test_lists_are_as_good_as_dictionaries_and_isd_as_a_start(self):
        env = gymnasium.make("FrozenLake-v1")

        class Env:
            P = [[env.unwrapped.P[s][a] for a in range(4)] for s in range(16)]
            isd = env.unwrapped.initial_state_distrib

        same, mdp = TabularMDP.from_gymnasium(env, 0.9), TabularMDP.from_gymnasium(Env(), 0.9)
        assert (mdp.transition == same.transition).all()
        assert (mdp.reward == same.reward).all()
        assert (mdp.initial == same.initial).all()

    def test_a_wrapper_with_a_table_of_its_own_is_asked_first(self):
        class Slower(gymnasium.Wrapper):
            @property
            def P(self):  # noqa: N802
                inner = self.unwrapped.P
                return {
                    s: {a: [(0.5, s, 0.0, False)] + [(0.5 * p, *rest) for p, *rest in inner[s][a]] for a in inner[s]}
                    for s in inner
                }

        env = gymnasium.make("FrozenLake-v1")
        mdp, plain = (TabularMDP.from_gymnasium(e, 0.9) for e in (gymnasium.wrappers.TimeLimit(Slower(env), 5), env))
        going = ~plain.terminal
        assert np.allclose(mdp.transition[going], 0.5 * plain.transition[going] + 0.5 * np.eye(16)[going][:, None])

    def test_the_added_end_has_the_number_that_is_told(self):
        """Taxi-v4: dropping off in state 16 ends in state 0, which a taxi may also pass through."""
        env = gymnasium.make("Taxi-v4")
        mdp = TabularMDP.from_gymnasium(env, 0.9)
        assert env.unwrapped.P[16][5] == [(1.0, 0, 20, True)]
        assert (mdp.n_states, mdp.terminal[500], mdp.terminal[0]) == (501, True, False)
        assert mdp.transition[16, 5, 500] == 1
        assert mdp.reward[16, 5, 500] == 20
        assert gymnasium_states(mdp, [0, 0, 16], [True, False, False]).tolist() == [500, 0, 16]


class TestForbiddenActions:
    ALLOWED = np.array([[True, False], [True, True]])

    def process(self, fill, **changes):
        transition = np.array([[[0.5, 0.5], [fill, fill]], [[0.0, 1.0], [0.0, 1.0]]])
        reward = np.array([[[1.0, 2.0], [fill, -np.inf]], [[0.0, 0.0], [0.0, 0.0]]])
        parts = {"initial": [1, 0], "discount": 0.9, "allowed": self.ALLOWED} | changes
        return TabularMDP(transition, reward, **parts)

    @pytest.mark.parametrize("fill", [np.nan, 0.0, 7.0])
    def test_what_stands_there_is_not_used(self, fill):
        mdp = self.process(fill)
        assert not mdp.transition[0, 1].any()
        assert not mdp.reward[0, 1].any()
        assert mdp.expected_reward.tolist() == [[1.5, 0], [0, 0]]
        assert mdp.allowed.tolist() == self.ALLOWED.tolist()
        assert not mdp.allows_all

    def test_without_it_everything_is_allowed(self):
        mdp = two_armed_bandit()
        assert mdp.allowed.all()
        assert mdp.allows_all

    def test_a_state_is_terminal_by_what_it_allows(self):
        transition, reward = np.zeros((2, 2, 2)), np.zeros((2, 2, 2))
        transition[0, :, 1] = transition[1, 0, 1] = transition[1, 1, 0] = 1
        assert TabularMDP(transition, reward, [1, 0], 0.9).terminal.tolist() == [False, False]
        closed = TabularMDP(transition, reward, [1, 0], 0.9, allowed=[[1, 1], [1, 0]])
        assert closed.terminal.tolist() == [False, True]


@pytest.mark.parametrize(
    "again",
    [copy.copy, copy.deepcopy, dataclasses.replace, lambda mdp: pickle.loads(pickle.dumps(mdp))],
    ids=["copy", "deepcopy", "replace", "pickle"],
)
def test_a_copy_is_the_same_process_and_read_only(again):
    mdp = TestForbiddenActions().process(np.nan)
    assert mdp.terminal.tolist() == [False, True]
    other = again(mdp)
    for field in dataclasses.fields(TabularMDP):
        mine, theirs = getattr(mdp, field.name), getattr(other, field.name)
        assert np.array_equal(mine, theirs)
        if isinstance(theirs, np.ndarray):
            assert not theirs.flags.writeable
            assert theirs is not mine
    assert not other.terminal.flags.writeable


class TestTablesOfOtherPackages:
    """The same process in the orders and the shapes that other packages use."""

    MDP = random_mdp(np.random.default_rng(0), 4, 2, 0.9, None)

    def same(self, mdp, reward=None):
        assert np.allclose(mdp.transition, self.MDP.transition, rtol=1e-15)
        assert np.allclose(mdp.reward, self.MDP.reward if reward is None else reward, rtol=1e-15)

    @pytest.mark.parametrize("kind", [list, np.asarray, tuple, sparse.csr_array, sparse.coo_matrix])
    def test_actions_first(self, kind):
        p, r = (np.moveaxis(table, 1, 0) for table in (self.MDP.transition, self.MDP.reward))
        if kind not in (list, np.asarray, tuple):
            p, r = [kind(matrix) for matrix in p], [kind(matrix) for matrix in r]
        else:
            p, r = kind(p), kind(r)
        self.same(TabularMDP.from_tables(p, r, self.MDP.initial, 0.9, order="asn"))

    def test_an_array_of_sparse_matrices(self):
        p = np.empty(2, dtype=object)
        p[:] = [sparse.csr_matrix(self.MDP.transition[:, a]) for a in range(2)]
        r = np.zeros((4, 2))
        self.same(TabularMDP.from_tables(p, r, self.MDP.initial, 0.9, order="asn"), 0)

    def test_states_first(self):
        parts = self.MDP.transition, self.MDP.reward, self.MDP.initial
        self.same(TabularMDP.from_tables(*parts, 0.9, order="san"))

    @pytest.mark.parametrize("order", ["asn", "san"])
    def test_rewards_of_fewer_axes(self, order):
        p = self.MDP.transition if order == "san" else np.moveaxis(self.MDP.transition, 1, 0)
        rng = np.random.default_rng(1)
        for shape, expanded in (((4,), np.s_[:, None, None]), ((4, 2), np.s_[:, :, None])):
            r = rng.standard_normal(shape)
            expected = np.broadcast_to(r[expanded], (4, 2, 4))
            self.same(TabularMDP.from_tables(p, r, self.MDP.initial, 0.9, order=order), expected)

    def test_minus_infinity_forbids(self):
        r = self.MDP.expected_reward.copy()
        r[1, 0] = -np.inf
        mdp = TabularMDP.from_tables(self.MDP.transition, r, self.MDP.initial, 0.9, order="san")
        assert mdp.allowed.tolist() == [[1, 1], [0, 1], [1, 1], [1, 1]]
        assert np.allclose(mdp.expected_reward, np.where(mdp.allowed, r, 0))
        whole = self.MDP.reward.copy()
        whole[2, 1, 3] = -np.inf  # it may happen, so its mean is −∞
        mdp = TabularMDP.from_tables(self.MDP.transition, whole, self.MDP.initial, 0.9, order="san")
        assert np.argwhere(~mdp.allowed).tolist() == [[2, 1]]

    def test_minus_infinity_where_nothing_leads_is_no_ban(self):
        r = np.full((2, 1, 2), -np.inf)
        r[:, :, 1] = 3
        mdp = TabularMDP.from_tables([[[0, 1]], [[0, 1]]], r, [1, 0], 0.9, order="san")
        assert mdp.allows_all
        assert mdp.expected_reward.tolist() == [[3], [3]]
