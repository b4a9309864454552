"""The restarting chain: the discounted theorem is the average-reward theorem of another chain."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgcode import environments, state_action_form, values
from pgcode.oracles import complex_step, finite_difference
from pgcode.policies import DirectPolicy, SoftmaxPolicy


def drawn(seed: int, discount: float = 0.8):
    rng = np.random.default_rng(seed)
    mdp = environments.random_mdp(rng, n_states=4, n_actions=3, discount=discount, horizon=None)
    policy = SoftmaxPolicy(4, 3)
    return mdp, policy, rng.standard_normal(policy.theta_shape)


@given(seed=st.integers(0, 1000), discount=st.sampled_from([0.0, 0.3, 0.9, 0.99]))
def test_the_lines_are_exact(seed, discount):
    ledger = state_action_form.restart_derivation(*drawn(seed, discount))
    assert [line.label for line in ledger] == ["S1", "S2", "S3", "S4"]
    assert ledger.false_lines == []


def test_three_routes_to_each_line():
    mdp, policy, theta = drawn(1)
    restarting = environments.restarting_chain(mdp)
    gamma = mdp.discount
    by_theorem = (1 - gamma) * state_action_form.exact_gradient(mdp, policy, theta)
    by_average = state_action_form.average_reward_gradient(restarting, policy, theta)
    by_step = complex_step(lambda at: values.average_reward(restarting, policy, at), theta)
    by_differences = finite_difference(lambda at: values.average_reward(restarting, policy, at), theta)
    for route, tolerance in ((by_theorem, 1e-12), (by_average, 1e-12), (by_step, 1e-12), (by_differences, 1e-8)):
        for line in state_action_form.restart_derivation(mdp, policy, theta):
            np.testing.assert_allclose(line.value, route, rtol=0, atol=tolerance)


def test_what_the_chain_has_of_the_process():
    mdp, policy, theta = drawn(2)
    restarting = environments.restarting_chain(mdp)
    gamma, v = mdp.discount, values.state_values(mdp, policy, theta)
    chain, reward = values.policy_chain(restarting, policy, theta)
    own, own_reward = values.policy_chain(mdp, policy, theta)
    np.testing.assert_allclose(chain, gamma * own + (1 - gamma) * mdp.initial, atol=1e-15)
    np.testing.assert_allclose(reward, own_reward, atol=1e-14)
    stationary = values.stationary_distribution(restarting, policy, theta)
    np.testing.assert_allclose(stationary, (1 - gamma) * values.discounted_visitation(mdp, policy, theta), atol=1e-14)
    differential = values.differential_values(restarting, policy, theta)
    np.testing.assert_allclose(differential, v - stationary @ v, atol=1e-12)


def test_an_end_and_two_rooms_are_no_obstacle():
    corridor = environments.short_corridor(discount=0.9)
    policy, theta = environments.corridor_policy(), np.array([0.0, 0.5])
    assert state_action_form.restart_derivation(corridor, policy, theta).false_lines == []
    rooms = np.zeros((4, 2, 4))
    rooms[:2, :, :2], rooms[2:, :, 2:] = 0.5, 0.5
    rooms[0, 1], rooms[2, 1] = [0.1, 0.9, 0, 0], [0, 0, 0.3, 0.7]
    mdp = environments.TabularMDP(rooms, np.arange(32.0).reshape(4, 2, 4) % 5, np.array([0.5, 0, 0.5, 0]), 0.8)
    with pytest.raises(ValueError, match="more than one recurrent class"):
        values.stationary_distribution(mdp, SoftmaxPolicy(4, 2), np.zeros((4, 2)))
    ledger = state_action_form.restart_derivation(mdp, SoftmaxPolicy(4, 2), np.zeros((4, 2)))
    assert ledger.false_lines == []
    assert np.abs(ledger["S3"].value).max() > 0.01


def test_forbidden_actions_play_no_part():
    mdp, _, theta = drawn(4)
    allowed = np.ones((4, 3), dtype=bool)
    allowed[1, 2] = allowed[3, 0] = False
    mdp = environments.TabularMDP(mdp.transition, mdp.reward, mdp.initial, mdp.discount, None, allowed)
    ledger = state_action_form.restart_derivation(mdp, SoftmaxPolicy(4, 3, allowed=allowed), theta)
    assert ledger.false_lines == []
    assert not ledger["S4"].value[~allowed].any()


def test_the_source_with_the_stationary_distribution_of_the_policy_is_another_vector():
    mdp, policy, theta = drawn(3)
    d = values.stationary_distribution(mdp, policy, theta)
    line = state_action_form.state_weighted_gradient(policy, theta, d, values.action_values(mdp, policy, theta))
    assert np.abs(line - state_action_form.restart_derivation(mdp, policy, theta)["S3"].value).max() > 1e-3


@pytest.mark.parametrize(("horizon", "discount"), [(4, 0.8), (None, 1.0), (3, 1.0)])
def test_without_a_discount_there_is_no_restart(horizon, discount):
    mdp = environments.random_mdp(np.random.default_rng(0), discount=discount, horizon=horizon)
    with pytest.raises(ValueError, match="take horizon=None and a discount below 1"):
        environments.restarting_chain(mdp)


def test_the_recurrent_class_may_change_where_one_differentiates():
    """State 0 is left with probability x: at x = 0 it alone is recurrent, at x > 0 both are. By hand dr/dx = 4."""
    moves = np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.4, 0.6], [0.4, 0.6]]])
    pays = np.zeros((2, 2, 2))
    pays[0, 0], pays[1] = 1, 3
    mdp = environments.TabularMDP(moves, pays, np.array([1.0, 0.0]), 0.9)
    policy, theta = DirectPolicy(2, 2), np.array([[1.0], [0.5]])
    assert values.stationary_distribution(mdp, policy, theta).round(12).tolist() == [1, 0]
    by_theorem = state_action_form.average_reward_gradient(mdp, policy, theta)
    by_step = complex_step(lambda at: values.average_reward(mdp, policy, at), theta)
    np.testing.assert_allclose(by_theorem, [[-4], [0]], atol=1e-12)
    np.testing.assert_allclose(by_step, [[-4], [0]], atol=1e-12)
