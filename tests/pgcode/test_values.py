import dataclasses

import gymnasium
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg
from strategies import problems

from pgcode import state_action_form, trajectory_form, values
from pgcode.environments import (
    corridor_optimum,
    corridor_policy,
    corridor_state_values,
    random_mdp,
    short_corridor,
)
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step
from pgcode.policies import DirectPolicy, SoftmaxPolicy


@given(problems())
def test_objective_by_recursion_is_the_objective_by_enumeration(problem):
    mdp, policy, theta = problem
    by_recursion = values.objective(mdp, policy, theta)
    by_list = trajectory_form.enumerated_objective(mdp, policy, theta)
    assert abs(by_recursion - by_list) < 1e-12 * max(1, abs(by_recursion))


@given(problems(discounts=(0.0, 0.5, 0.9)))
def test_a_long_horizon_reaches_the_linear_solve(problem):
    mdp, policy, theta = problem
    for_ever = dataclasses.replace(mdp, horizon=None)
    long = dataclasses.replace(mdp, horizon=300)
    assert abs(values.objective(for_ever, policy, theta) - values.objective(long, policy, theta)) < 1e-10
    assert np.allclose(
        values.action_values(for_ever, policy, theta), values.action_values(long, policy, theta)[0], atol=1e-10
    )


@given(problems())
def test_occupancies_are_distributions_and_weigh_the_rewards(problem):
    mdp, policy, theta = problem
    occupied = values.occupancy(mdp, policy, theta)
    assert np.abs(occupied.sum(axis=1) - 1).max() < 1e-12
    reward = (policy.probabilities(theta) * mdp.expected_reward).sum(axis=1)
    visits = values.discounted_visitation(mdp, policy, theta)
    assert abs(visits @ reward - values.objective(mdp, policy, theta)) < 1e-11


def test_visitation_without_a_horizon_weighs_the_rewards_too():
    mdp = random_mdp(np.random.default_rng(0), horizon=None)
    policy, theta = SoftmaxPolicy(3, 2), np.arange(6.0).reshape(3, 2) / 5
    reward = (policy.probabilities(theta) * mdp.expected_reward).sum(axis=1)
    visits = values.discounted_visitation(mdp, policy, theta)
    assert abs(visits @ reward - values.objective(mdp, policy, theta)) < 1e-12
    assert abs(visits.sum() - 1 / (1 - mdp.discount)) < 1e-12


@pytest.mark.parametrize("p", [0.1, 0.5, 2 - 2**0.5, 0.9])
def test_corridor_has_its_closed_form(p):
    theta = [0.0, np.log(p / (1 - p))]
    solved = values.state_values(short_corridor(), corridor_policy(), theta)
    assert np.abs(solved - corridor_state_values(p)).max() < 1e-10


def test_corridor_is_best_at_the_known_point():
    best, value = corridor_optimum()
    assert abs(corridor_state_values(best)[0] - value) < 1e-12
    assert (best.round(3), value.round(2)) == (0.586, -11.66)
    nearby = [corridor_state_values(best + shift)[0] for shift in (-1e-3, 1e-3)]
    assert max(nearby) < value


def test_visits_before_the_end_weigh_the_rewards_without_a_discount():
    mdp, policy, theta = short_corridor(), corridor_policy(), np.array([0.0, 0.3])
    visits = values.discounted_visitation(mdp, policy, theta)
    assert visits[3] == 0
    assert abs(-visits.sum() - values.objective(mdp, policy, theta)) < 1e-11


def test_a_process_that_never_ends_has_no_undiscounted_return():
    mdp = random_mdp(np.random.default_rng(0), discount=1.0, horizon=None)
    with pytest.raises(ValueError, match="cannot end once it is in state 0"):
        values.objective(mdp, SoftmaxPolicy(3, 2), np.zeros((3, 2)))


def test_occupancy_needs_a_horizon():
    with pytest.raises(ValueError, match="horizon is None"):
        values.occupancy(short_corridor(), corridor_policy(), [0.0, 0.0])


@given(problems(discounts=(0.0, 0.5, 0.9)))
def test_visitation_solves_its_equation_and_sums_to_the_effective_horizon(problem):
    mdp, policy, theta = problem
    for_ever = dataclasses.replace(mdp, horizon=None)
    visits = values.discounted_visitation(for_ever, policy, theta)
    transition, _ = values.policy_chain(mdp, policy, theta)
    assert np.abs(visits - mdp.initial - mdp.discount * visits @ transition).max() < 1e-12
    assert abs(visits.sum() - 1 / (1 - mdp.discount)) < 1e-11


@given(problems(discounts=(0.5, 0.9)))
def test_stationary_distribution_is_a_left_eigenvector(problem):
    mdp, policy, theta = problem
    stationary = values.stationary_distribution(mdp, policy, theta)
    transition, _ = values.policy_chain(mdp, policy, theta)
    assert abs(stationary.sum() - 1) < 1e-12
    assert stationary.min() > -1e-13
    assert np.abs(stationary @ transition - stationary).max() < 1e-12
    resolvent = np.linalg.inv(np.eye(mdp.n_states) - mdp.discount * transition)
    assert np.abs(stationary @ resolvent - stationary / (1 - mdp.discount)).max() < 1e-11


@given(problems(discounts=(0.5, 0.9), with_end=False))
def test_stationary_distribution_agrees_with_scipy(problem):
    mdp, policy, theta = problem
    transition, _ = values.policy_chain(mdp, policy, theta)
    eigenvalues, left = linalg.eig(transition, left=True, right=False)
    vector = left[:, np.argmin(np.abs(eigenvalues - 1))].real
    assert np.abs(values.stationary_distribution(mdp, policy, theta) - vector / vector.sum()).max() < 1e-10


@given(problems(discounts=(0.5, 0.9), with_end=False))
def test_mean_discounted_value_is_the_average_reward_over_one_minus_discount(problem):
    """Σ d V_γ = r(π) / (1 − γ)."""
    mdp, policy, theta = problem
    mdp = dataclasses.replace(mdp, horizon=None)
    stationary = values.stationary_distribution(mdp, policy, theta)
    mean = stationary @ values.state_values(mdp, policy, theta)
    assert abs(mean - values.average_reward(mdp, policy, theta) / (1 - mdp.discount)) < 1e-11


@given(problems(with_end=False))
def test_differential_values_solve_their_equation(problem):
    mdp, policy, theta = problem
    differential = values.differential_values(mdp, policy, theta)
    transition, reward = values.policy_chain(mdp, policy, theta)
    gain = values.average_reward(mdp, policy, theta)
    assert np.abs(differential - (reward - gain + transition @ differential)).max() < 1e-9
    assert abs(values.stationary_distribution(mdp, policy, theta) @ differential) < 1e-9
    means = (policy.probabilities(theta) * values.differential_action_values(mdp, policy, theta)).sum(axis=1)
    assert np.abs(means - differential).max() < 1e-9


@given(problems())
def test_advantages_have_mean_zero(problem):
    mdp, policy, theta = problem
    mean = (policy.probabilities(theta) * values.advantages(mdp, policy, theta)).sum(axis=-1)
    assert np.abs(mean).max() < 1e-12


@given(problems(kinds=("softmax",), discounts=(0.5, 0.9), with_end=False), st.integers(0, 2**32 - 1))
def test_performance_difference_lemma(problem, seed):
    """J(θ') − J(θ) = Σ_s d'_γ(s) Σ_a π'(a|s) A_θ(s,a)."""
    mdp, policy, theta = problem
    mdp = dataclasses.replace(mdp, horizon=None)
    other = np.random.default_rng(seed).standard_normal(policy.theta_shape)
    difference = values.objective(mdp, policy, other) - values.objective(mdp, policy, theta)
    visits = values.discounted_visitation(mdp, policy, other)
    advantage = (policy.probabilities(other) * values.advantages(mdp, policy, theta)).sum(axis=1)
    assert abs(difference - visits @ advantage) < 1e-11


@pytest.mark.parametrize("epsilon", [1e-3, 1e-9, 1e-15, 1e-17])
def test_a_chain_that_hardly_connects_keeps_its_digits(epsilon):
    """Two states that change with probability ε and 3ε: d = (3/4, 1/4) whatever ε is."""
    transition = np.array([[[1 - epsilon, epsilon]], [[3 * epsilon, 1 - 3 * epsilon]]])
    mdp = TabularMDP(transition, np.zeros_like(transition), np.array([1.0, 0.0]), 0.9)
    found = values.stationary_distribution(mdp, SoftmaxPolicy(2, 1), np.zeros((2, 1)))
    assert np.abs(found - [0.75, 0.25]).max() < 1e-15
    if epsilon < 1e-8:
        with pytest.raises(ValueError, match="hardly connects"):
            values.differential_values(mdp, SoftmaxPolicy(2, 1), np.zeros((2, 1)))


def deterministic(successors, n_actions=1):
    """A chain that goes from state s to successors[s], whatever is done."""
    transition = np.eye(len(successors))[list(successors)][:, None].repeat(n_actions, axis=1)
    reward = np.ones_like(transition)
    return TabularMDP(transition, reward, np.eye(len(successors))[0], 0.9)


@pytest.mark.parametrize(
    ("successors", "expected", "cycle"),
    [
        ((1, 2, 0), [1 / 3, 1 / 3, 1 / 3], 3),
        ((1, 2, 1), [0, 0.5, 0.5], 2),
        ((1, 1), [0, 1], 1),
    ],
)
def test_a_periodic_chain_has_a_stationary_distribution_and_a_period(successors, expected, cycle):
    mdp = deterministic(successors)
    policy, theta = SoftmaxPolicy(len(successors), 1), np.zeros((len(successors), 1))
    assert np.abs(values.stationary_distribution(mdp, policy, theta) - expected).max() < 1e-12
    assert values.period(mdp, policy, theta) == cycle


def test_period_of_a_mixed_chain_is_the_common_divisor():
    transition = np.zeros((4, 1, 4))  # cycles of length 4 and 2
    transition[0, 0, 1], transition[1, 0, [0, 2]], transition[2, 0, 3], transition[3, 0, 0] = 1, 0.5, 1, 1
    mdp = TabularMDP(transition, np.zeros_like(transition), np.eye(4)[0], 0.9)
    assert values.period(mdp, SoftmaxPolicy(4, 1), np.zeros((4, 1))) == 2


@pytest.mark.parametrize("successors", [(0, 1), (1, 1, 3, 3), (0, 2, 1)])
def test_several_recurrent_classes_have_no_unique_stationary_distribution(successors):
    mdp = deterministic(successors)
    policy, theta = SoftmaxPolicy(len(successors), 1), np.zeros((len(successors), 1))
    for function in (values.stationary_distribution, values.period, values.differential_values):
        with pytest.raises(ValueError, match=r"recurrent class: state \d cannot be reached from state \d"):
            function(mdp, policy, theta)


def test_frozen_lake_has_no_unique_stationary_distribution():
    lake = TabularMDP.from_gymnasium(gymnasium.make("FrozenLake-v1"), 0.9)
    with pytest.raises(ValueError, match="more than one recurrent class"):
        values.stationary_distribution(lake, SoftmaxPolicy(16, 4), np.zeros((16, 4)))


def stay_or_leave(n_states=1):
    """States that stay (action 0, pays 1) or end (action 1), side by side."""
    transition, reward = np.zeros((n_states + 1, 2, n_states + 1)), np.zeros((n_states + 1, 2, n_states + 1))
    state = np.arange(n_states)
    transition[state, 0, state] = reward[state, 0, state] = 1
    transition[:, 1, -1] = transition[-1, 0, -1] = 1
    return TabularMDP(transition, reward, np.eye(n_states + 1)[0], 1.0)


def test_a_state_that_is_never_reached_may_go_on_for_ever():
    """At γ = 1: J and ∇J ask for the states that are reached alone, V for all."""
    mdp = stay_or_leave(2)
    transition = mdp.transition.copy()
    transition[1, 1] = transition[1, 0]
    mdp, policy = dataclasses.replace(mdp, transition=transition), SoftmaxPolicy(3, 2)
    theta = np.array([[0.3, 0.0], [0.2, 0.1], [0.0, 0.0]])
    assert np.isclose(values.objective(mdp, policy, theta), np.exp(0.3), rtol=1e-14)
    assert np.allclose(values.discounted_visitation(mdp, policy, theta), [1 + np.exp(0.3), 0, 0], rtol=1e-14)
    gradient = state_action_form.exact_gradient(mdp, policy, theta)
    assert np.allclose(gradient, [[np.exp(0.3), -np.exp(0.3)], [0, 0], [0, 0]], rtol=1e-14)
    assert np.allclose(gradient, complex_step(lambda at: values.objective(mdp, policy, at), theta), rtol=1e-13)
    with pytest.raises(ValueError, match="cannot end once it is in state 1"):
        values.state_values(mdp, policy, theta)


def test_at_the_edge_of_the_simplex_an_action_that_never_ends_has_no_gradient():
    """In the start action 0 has probability 0, but a derivative, and leads to where nothing ends."""
    mdp = stay_or_leave(2)
    transition = mdp.transition.copy()
    transition[0, 0], transition[1, 1] = transition[1, 0], transition[1, 0]
    mdp, policy, theta = dataclasses.replace(mdp, transition=transition), DirectPolicy(3, 2), [[0.0], [0.5], [0.5]]
    assert values.objective(mdp, policy, theta) == 0
    with pytest.raises(ValueError, match="cannot end once it is in state 1"):
        state_action_form.exact_gradient(mdp, policy, theta)


def test_a_forbidden_action_has_no_value_and_changes_nothing():
    """Against the same process in which the action is there, but never taken."""
    rng = np.random.default_rng(4)
    whole, theta = random_mdp(rng, 3, 3, 0.9, None), rng.standard_normal((3, 3))
    allowed = np.array([[1, 1, 0], [1, 0, 1], [1, 1, 1]], dtype=bool)
    mdp = dataclasses.replace(whole, allowed=allowed)
    policy = SoftmaxPolicy.for_mdp(mdp)
    for horizon in (None, 4):
        mdp, whole = (dataclasses.replace(m, horizon=horizon) for m in (mdp, whole))
        assert np.isclose(values.objective(mdp, policy, theta), values.objective(whole, policy, theta), rtol=1e-14)
        for function in (values.action_values, values.advantages):
            expected = np.where(allowed, function(whole, policy, theta), 0)
            assert np.allclose(function(mdp, policy, theta), expected, rtol=1e-13, atol=1e-14)
        gradient = state_action_form.exact_gradient(mdp, policy, theta)
        by_step = complex_step(lambda at, m=mdp: values.objective(m, policy, at), theta)
        assert np.allclose(gradient, by_step, rtol=1e-12, atol=1e-14)
        assert (gradient[~allowed] == 0).all()
    assert not values.differential_action_values(mdp, policy, theta)[~allowed].any()


@pytest.mark.parametrize("size", [1e-300, 1e-200, 1e150])
@pytest.mark.parametrize("horizon", [None, 5])
def test_values_scale_with_the_rewards(size, horizon):
    rng = np.random.default_rng(2)
    mdp, policy, theta = random_mdp(rng, 3, 2, 0.9, horizon), SoftmaxPolicy(3, 2), rng.standard_normal((3, 2))
    scaled = dataclasses.replace(mdp, reward=size * mdp.reward)
    for function in (values.objective, values.action_values, values.advantages, values.average_reward):
        assert np.allclose(
            function(scaled, policy, theta) / size, function(mdp, policy, theta), rtol=1e-12, atol=1e-13
        ), function


def test_discount_near_one_keeps_the_digits_that_it_can():
    """One state, reward 1: V = 1/(1 − γ)."""
    mdp = TabularMDP(np.ones((1, 1, 1)), np.ones((1, 1, 1)), [1.0], 1 - 1e-7)
    policy, theta = SoftmaxPolicy(1, 1), [[0.0]]
    assert np.isclose(values.objective(mdp, policy, theta), 1 / (1 - mdp.discount), rtol=1e-15)


@pytest.mark.slow
def test_a_long_horizon_is_only_long():
    mdp = random_mdp(np.random.default_rng(0), 3, 2, 0.999, 100_000)
    policy, theta = SoftmaxPolicy(3, 2), np.random.default_rng(1).standard_normal((3, 2))
    for_ever = dataclasses.replace(mdp, horizon=None)
    assert np.allclose(values.action_values(mdp, policy, theta)[0], values.action_values(for_ever, policy, theta))
    visits = values.discounted_visitation(mdp, policy, theta)
    assert np.isclose(
        visits @ (policy.probabilities(theta) * mdp.expected_reward).sum(1), values.objective(mdp, policy, theta)
    )
