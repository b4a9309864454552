"""Importance weights, emphatic weights and the excursion objective, each beside ways of its own."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgcode import state_action_form, trajectory_form, values
from pgcode.derivation import Verdict
from pgcode.environments import fork, fork_policy, random_mdp, short_corridor
from pgcode.estimators import full_return, importance_ratios, trajectory_gradients
from pgcode.mdp import TabularMDP
from pgcode.off_policy import (
    decision_ratios,
    emphatic_trace,
    emphatic_weights,
    excursion_derivation,
    excursion_gradient,
    excursion_objective,
    per_decision_returns,
    ratio_second_moments,
    squared_ratio_chain,
    trace_second_moments,
)
from pgcode.oracles import complex_step
from pgcode.policies import DirectPolicy, LinearSoftmaxPolicy, SoftmaxPolicy
from pgcode.trajectories import enumerate_trajectories, sample_trajectories

SEEDS = st.integers(0, 10**6)


def case(seed, horizon=None, discount=0.8):
    """A process, a policy whose states share parameters, θ, β and the states of β's data."""
    rng = np.random.default_rng(seed)
    mdp = random_mdp(rng, horizon=horizon, discount=discount)
    policy = LinearSoftmaxPolicy(rng.standard_normal((3, 2, 2)))
    theta = rng.standard_normal(2)
    beta = rng.dirichlet(5 * np.ones(2), size=3)
    data = values.stationary_distribution(replace(mdp, horizon=None), DirectPolicy(3, 2), beta[:, :-1])
    return mdp, policy, theta, beta, data


def close(a, b, tolerance=1e-10):
    return np.abs(np.asarray(a) - b).max() <= tolerance * max(1.0, np.abs(np.asarray(b)).max())


# ---- whole trajectories, reweighed ----


@given(SEEDS)
def test_reweighed_trajectories_have_the_gradient_as_their_mean(seed):
    mdp, policy, theta, beta, _ = case(seed, horizon=3)
    walks, chance = enumerate_trajectories(mdp, DirectPolicy(3, 2), beta[:, :-1])
    rho = decision_ratios(walks, policy, theta, beta)
    whole = full_return(walks) * rho.prod(axis=1, keepdims=True)
    single = per_decision_returns(walks, rho)
    exact = trajectory_form.enumerated_gradient(mdp, policy, theta)
    for weights in (whole, single):
        assert close(np.tensordot(chance, trajectory_gradients(walks, policy, theta, weights), 1), exact)
    assert close(chance @ rho.prod(axis=1), 1)
    assert close(chance @ single[:, 0], values.objective(mdp, policy, theta))


@given(SEEDS, st.integers(1, 4))
def test_second_moments_of_products_are_those_of_all_walks(seed, horizon):
    mdp, policy, theta, beta, _ = case(seed, horizon)
    walks, chance = enumerate_trajectories(mdp, DirectPolicy(3, 2), beta[:, :-1])
    rho = np.cumprod(decision_ratios(walks, policy, theta, beta), axis=1)
    found = ratio_second_moments(mdp, policy, theta, beta, horizon)
    assert close(found[1:], chance @ rho**2)
    assert found[0] == 1


def test_ratios_of_decisions_multiply_to_those_of_trajectories():
    corridor, policy = short_corridor(horizon=6), SoftmaxPolicy(4, 2)
    old, new = np.zeros((4, 2)), np.random.default_rng(1).standard_normal((4, 2))
    walks = sample_trajectories(corridor, policy, old, 50, np.random.default_rng(0))
    assert not walks.active.all()
    single = decision_ratios(walks, policy, new, policy.probabilities(old))
    assert close(single.prod(axis=1), importance_ratios(walks, policy, new, old))
    assert (single[~walks.active] == 1).all()


def test_products_of_ratios_stop_at_the_end():
    """After the end nothing is decided: the second moment of the fork stays after two steps."""
    theta, beta = np.log([9.0, 3.0]), np.full((4, 2), 0.5)
    found = ratio_second_moments(fork(), fork_policy(), theta, beta, 5)
    first, second = (0.81 + 0.01) / 0.5, (0.5625 + 0.0625) / 0.5
    assert close(found, [1, first, first * second, *[first * second] * 3])


def test_without_a_distance_nothing_varies():
    mdp, policy, theta, _, _ = case(3)
    pi = policy.probabilities(theta)
    assert close(squared_ratio_chain(mdp, policy, theta, pi), values.policy_chain(mdp, policy, theta)[0])
    assert close(ratio_second_moments(mdp, policy, theta, pi, 9), np.ones(10))


def test_per_decision_weights_may_vary_more():
    """Payments of which a later one pays back what an earlier one took: the whole product is the same for both."""
    mdp, policy = replace(fork(), horizon=2), SoftmaxPolicy(4, 2)
    reward = np.zeros((4, 2, 4))
    reward[0], reward[1:3] = 1.0, -1.0
    mdp = replace(mdp, reward=reward)
    theta = np.log(np.array([[0.5, 0.5], [0.9, 0.1], [0.9, 0.1], [0.5, 0.5]]))
    beta = np.full((4, 2), 0.5)
    walks, chance = enumerate_trajectories(mdp, DirectPolicy(4, 2), beta[:, :-1])
    rho = decision_ratios(walks, policy, theta, beta)
    whole, single = rho.prod(axis=1) * walks.returns, per_decision_returns(walks, rho)[:, 0]
    assert close(chance @ whole, 0)
    assert close(chance @ single, 0)
    assert close(chance @ whole**2, 0)
    assert chance @ single**2 > 0.6


# ---- the excursion objective ----


@given(SEEDS, st.floats(0.0, 0.95))
def test_the_gradient_of_the_excursion_objective_by_three_routes(seed, discount):
    mdp, policy, theta, _, data = case(seed, discount=discount)
    gradient = excursion_gradient(mdp, policy, theta, data)
    assert close(gradient, complex_step(lambda at: data @ values.state_values(mdp, policy, at), theta))
    assert close(gradient, complex_step(lambda at: excursion_objective(mdp, policy, at, data), theta))
    # the third: states after k steps, one after the other, with g(s)
    chain, _ = values.policy_chain(mdp, policy, theta)
    q, d_pi = values.action_values(mdp, policy, theta), complex_step(policy.probabilities, theta)
    g, here, summed = np.einsum("sa...,sa->s...", d_pi, q), data, np.zeros(2)
    for _ in range(1200):
        summed, here = summed + here @ g, discount * here @ chain
    assert close(gradient, summed)


@given(SEEDS)
def test_every_line_holds_but_the_semi_gradient(seed):
    ledger = excursion_derivation(*case(seed))
    assert [line.label for line in ledger] == [f"O{number}" for number in range(1, 9)]
    assert set(ledger.false_lines) <= {"O8"}
    for label in ("O2", "O3", "O4", "O5", "O6", "O7"):
        assert ledger.checks[label].verdict is Verdict.EXACT
        assert label in ledger.with_value(label, 1.001 * ledger[label].value + 1e-6).false_lines


def test_the_mean_of_the_trace_is_what_the_walks_say():
    """E_β[F_t ρ_t ∇log π Q] from all walks of five steps, by the recursion of its mean, and its limit."""
    mdp, policy, theta, beta, data = case(5, horizon=5)
    walks, chance = enumerate_trajectories(replace(mdp, initial=data), DirectPolicy(3, 2), beta[:, :-1])
    rho = decision_ratios(walks, policy, theta, beta)
    trace = emphatic_trace(walks, rho)
    chain, _ = values.policy_chain(mdp, policy, theta)
    mean = data.copy()
    for t in range(5):
        found = np.bincount(walks.states[:, t], chance * trace[:, t], minlength=3)
        assert close(found, mean)
        mean = data + mdp.discount * chain.T @ mean
    for _ in range(400):
        mean = data + mdp.discount * chain.T @ mean
    endless = replace(mdp, horizon=None)
    weights = emphatic_weights(endless, policy, theta, data)
    assert close(mean, weights)
    q = values.action_values(endless, policy, theta)
    score = policy.score(theta)
    last = walks.states[:, 4], walks.actions[:, 4]
    update = np.einsum("i,ik->k", chance * trace[:, 4] * rho[:, 4] * q[last], score[last])
    after_five = sum(np.linalg.matrix_power(mdp.discount * chain.T, k) @ data for k in range(5))
    assert close(update, state_action_form.state_weighted_gradient(policy, theta, after_five, q))


def test_the_second_moment_of_the_trace_is_what_the_walks_say():
    mdp, policy, theta, beta, data = case(5, horizon=6)
    walks, chance = enumerate_trajectories(replace(mdp, initial=data), DirectPolicy(3, 2), beta[:, :-1])
    trace = emphatic_trace(walks, decision_ratios(walks, policy, theta, beta))
    chain, _ = values.policy_chain(mdp, policy, theta)
    squares = squared_ratio_chain(mdp, policy, theta, beta)
    mean, second = data.copy(), data.copy()
    for t in range(6):
        assert close(np.bincount(walks.states[:, t], chance * trace[:, t] ** 2, minlength=3), second)
        second = data + 2 * mdp.discount * chain.T @ mean + mdp.discount**2 * squares.T @ second
        mean = data + mdp.discount * chain.T @ mean
    for _ in range(2000):
        second = data + 2 * mdp.discount * chain.T @ mean + mdp.discount**2 * squares.T @ second
        mean = data + mdp.discount * chain.T @ mean
    assert close(second, trace_second_moments(replace(mdp, horizon=None), policy, theta, beta, data))


def test_episodes_give_the_gradient_times_their_length():
    """On the fork, from all walks: the sum over an episode is the gradient with visits in the place of shares."""
    mdp, policy, theta = fork(), fork_policy(), np.log([9.0, 2.0])
    beta = np.tile([0.25, 0.75], (4, 1))
    walks, chance = enumerate_trajectories(replace(mdp, horizon=2), DirectPolicy(4, 2), beta[:, :-1])
    rho = decision_ratios(walks, policy, theta, beta)
    q = values.action_values(mdp, policy, theta)[walks.states[:, :-1], walks.actions]
    mean = np.tensordot(chance, trajectory_gradients(walks, policy, theta, emphatic_trace(walks, rho) * rho * q), 1)
    data = np.array([0.5, 0.125, 0.375, 0])
    assert close(mean, 2 * excursion_gradient(mdp, policy, theta, data))


@given(SEEDS)
def test_with_a_table_the_semi_gradient_goes_uphill(seed):
    rng = np.random.default_rng(seed)
    mdp, policy, theta = random_mdp(rng, horizon=None), SoftmaxPolicy(3, 2), rng.standard_normal((3, 2))
    data = rng.dirichlet(np.ones(3))
    q = values.action_values(mdp, policy, theta)
    semi = state_action_form.state_weighted_gradient(policy, theta, data, q)
    exact = excursion_gradient(mdp, policy, theta, data)
    emphasis = emphatic_weights(mdp, policy, theta, data)
    g = state_action_form.state_weighted_gradient(policy, theta, np.ones(3), q)
    assert close((semi * exact).sum(), (data * emphasis * (g**2).sum(axis=1)).sum())
    assert (semi * exact).sum() > 0


# ---- the fork ----


def test_the_fork_by_hand():
    """J_β = ½ (2xu + (1−x)(1−u)) + ⅛ 2u + ⅜ (1−u), with x at the fork and u in the rooms."""
    data = np.array([0.5, 0.125, 0.375, 0])
    for x, u in ((0.9, 0.9), (0.3, 0.6)):
        theta = np.log([x / (1 - x), u / (1 - u)])
        by_hand = (2 * x * u + (1 - x) * (1 - u)) / 2 + u / 4 + 3 * (1 - u) / 8
        assert close(excursion_objective(fork(), fork_policy(), theta, data), by_hand)
        gradient = [x * (1 - x) * (2 * u - (1 - u)) / 2, u * (1 - u) * (1.5 * x - 0.625)]
        assert close(excursion_gradient(fork(), fork_policy(), theta, data), gradient)
        q = values.action_values(fork(), fork_policy(), theta)
        semi = state_action_form.state_weighted_gradient(fork_policy(), theta, data, q)
        assert close(semi[1], -u * (1 - u) / 8)  # the same direction wherever it is


def test_a_trace_with_an_infinite_variance_is_refused():
    mdp, policy, _, _, _ = case(1, discount=0.99)
    theta, beta = np.zeros(2), np.tile([0.1, 0.9], (3, 1))
    assert np.isfinite(emphatic_weights(mdp, policy, theta, np.ones(3) / 3)).all()
    with pytest.raises(ValueError, match=r"second moment of the trace is infinite: γ² times .* is 2.7"):
        trace_second_moments(mdp, policy, theta, beta, np.ones(3) / 3)


@pytest.mark.parametrize("seed", range(8))
def test_lines_are_exact_where_the_data_never_lead_to_some_states(seed):
    rng = np.random.default_rng(seed)
    transition = np.zeros((6, 2, 6))
    transition[:3, :, :3] = rng.dirichlet(np.ones(3), (3, 2))
    transition[3:] = rng.dirichlet(np.ones(6), (3, 2))
    order = rng.permutation(6)
    data = np.concatenate([rng.dirichlet(np.ones(3)), np.zeros(3)])[order]
    mdp = TabularMDP(transition[order][:, :, order], rng.standard_normal((6, 2, 6)), np.eye(6)[0], 0.9)
    beta = rng.dirichlet(np.ones(2), 6)
    ledger = excursion_derivation(mdp, SoftmaxPolicy(6, 2), rng.standard_normal((6, 2)), beta, data)
    assert ledger.false_lines == ["O8"]
