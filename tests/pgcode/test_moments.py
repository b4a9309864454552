import dataclasses

import gymnasium
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import problems

from pgcode import moments, state_action_form, trajectory_form, values
from pgcode.bias import bias_test
from pgcode.environments import cancelling_rewards, random_mdp
from pgcode.estimators import (
    full_return,
    generalized_advantage,
    reward_to_go,
    state_action_weights,
    trajectory_gradients,
)
from pgcode.mdp import TabularMDP
from pgcode.moments import enumerated_moments
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import count_trajectories, sample_trajectories


@pytest.mark.parametrize("weights", [full_return, reward_to_go])
@given(problem=problems())
def test_the_mean_is_the_gradient(weights, problem):
    exact = trajectory_form.enumerated_gradient(*problem)
    found = enumerated_moments(*problem, weights)
    assert np.abs(found.mean - exact).max() < 1e-10 * max(1, np.abs(exact).max())


@pytest.mark.parametrize("weights", [full_return, reward_to_go])
def test_the_covariance_is_that_of_samples(weights):
    rng = np.random.default_rng(0)
    mdp, policy, theta = random_mdp(rng), SoftmaxPolicy(3, 2), rng.standard_normal((3, 2))
    found = enumerated_moments(mdp, policy, theta, weights)
    batch = sample_trajectories(mdp, policy, theta, 400_000, rng)
    sampled = np.cov(trajectory_gradients(batch, policy, theta, weights(batch)).reshape(400_000, -1).T)
    assert np.abs(sampled - found.covariance).max() < 0.02 * np.abs(found.covariance).max()
    assert np.allclose(found.standard_deviation.ravel() ** 2, np.diag(found.covariance))


CASES = {
    "full return": lambda mdp, policy, theta, b, **o: (
        moments.full_return_moments(mdp, policy, theta, **o), full_return),
    "full return, baseline": lambda mdp, policy, theta, b, **o: (
        moments.full_return_moments(mdp, policy, theta, b, **o), lambda batch: full_return(batch, b)),
    "reward to go": lambda mdp, policy, theta, b, **o: (
        moments.reward_to_go_moments(mdp, policy, theta, **o), reward_to_go),
    "reward to go, baseline": lambda mdp, policy, theta, b, **o: (
        moments.reward_to_go_moments(mdp, policy, theta, b, **o), lambda batch: reward_to_go(batch, b)),
    "Q": lambda mdp, policy, theta, b, **o: (
        moments.state_action_moments(mdp, policy, theta, values.action_values(mdp, policy, theta), **o),
        lambda batch: state_action_weights(batch, values.action_values(mdp, policy, theta))),
    "advantage": lambda mdp, policy, theta, b, **o: (
        moments.state_action_moments(mdp, policy, theta, values.advantages(mdp, policy, theta), **o),
        lambda batch: state_action_weights(batch, values.advantages(mdp, policy, theta))),
    "GAE": lambda mdp, policy, theta, b, **o: (
        moments.gae_moments(mdp, policy, theta, values.state_values(mdp, policy, theta), 0.7, **o),
        lambda batch: generalized_advantage(batch, values.state_values(mdp, policy, theta), 0.7)),
    "GAE with wrong values": lambda mdp, policy, theta, b, **o: (
        moments.gae_moments(mdp, policy, theta, wrong_values(mdp), 0.4, **o),
        lambda batch: generalized_advantage(batch, wrong_values(mdp), 0.4)),
}  # fmt: skip


def wrong_values(mdp):
    v = np.random.default_rng(7).standard_normal((mdp.horizon + 1, mdp.n_states))
    v[-1], v[:, mdp.terminal] = 0, 0
    return v


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@settings(max_examples=60, deadline=None)
@given(problem=problems(horizons=(1, 2, 4)), seed=st.integers(0, 1000))
def test_dynamic_programming_is_enumeration(case, problem, seed):
    mdp, policy, theta = problem
    assume(count_trajectories(mdp) < 20_000)
    baseline = np.random.default_rng(seed).standard_normal((mdp.horizon, mdp.n_states))
    found, weights = case(mdp, policy, theta, baseline, with_covariance=True)
    listed = enumerated_moments(mdp, policy, theta, weights)
    scale = max(1, np.abs(listed.covariance).max())
    assert np.abs(found.mean - listed.mean).max() < 1e-10 * scale
    assert np.abs(found.covariance - listed.covariance).max() < 1e-10 * scale
    cheap, _ = case(mdp, policy, theta, baseline)
    assert cheap.covariance is None
    assert np.abs(cheap.variance - listed.variance).max() < 1e-10 * scale
    assert abs(cheap.trace - np.trace(listed.covariance)) < 1e-9 * scale


def test_frozen_lake_at_horizon_100():
    """More trajectories than atoms; sampled variances fall within their own error of the exact ones."""
    lake = TabularMDP.from_gymnasium(gymnasium.make("FrozenLake8x8-v1"), 0.99, horizon=100)
    assert count_trajectories(lake) > 10**80
    policy, theta = SoftmaxPolicy(64, 4), np.random.default_rng(0).standard_normal((64, 4)) / 2
    exact = moments.reward_to_go_moments(lake, policy, theta)
    by_theorem = state_action_form.exact_gradient(lake, policy, theta)
    assert np.abs(exact.mean - by_theorem).max() < 1e-12
    whole = moments.full_return_moments(lake, policy, theta)
    assert np.abs(whole.mean - by_theorem).max() < 1e-12
    batch = sample_trajectories(lake, policy, theta, 40_000, np.random.default_rng(1))
    for found, weights in ((exact, reward_to_go), (whole, full_return)):
        squares = (trajectory_gradients(batch, policy, theta, weights(batch)) - found.mean).reshape(40_000, -1) ** 2
        lengths = squares.sum(axis=1)
        assert abs(lengths.mean() - found.trace) < 4 * lengths.std() / np.sqrt(40_000)


@pytest.mark.parametrize("offset", [0.0, 1e6, 1e8])
def test_a_large_common_part_of_the_returns_does_not_swallow_the_variance(offset):
    rng = np.random.default_rng(0)
    plain = random_mdp(rng)
    mdp = dataclasses.replace(plain, reward=plain.reward + offset)
    policy, theta = SoftmaxPolicy(3, 2), rng.standard_normal((3, 2))
    baseline = values.state_values(plain, policy, theta)[:-1]
    expected = moments.reward_to_go_moments(plain, policy, theta, baseline)
    shifted = baseline + offset * (1 - 0.8 ** np.arange(4, 0, -1))[:, None] / (1 - 0.8)
    found = moments.reward_to_go_moments(mdp, policy, theta, shifted)
    assert found.trace == pytest.approx(expected.trace, rel=1e-9 + 1e-15 * offset)
    whole = moments.full_return_moments(plain, policy, theta, baseline)
    found = moments.full_return_moments(mdp, policy, theta, baseline + offset * (1 - 0.8**4) / (1 - 0.8))
    assert found.trace == pytest.approx(whole.trace, rel=1e-9 + 1e-15 * offset)


@given(seed=st.integers(0, 2**32 - 1), offset=st.sampled_from([0.0, 1e8]))
def test_moments_of_a_sample_of_gradients(seed, offset):
    gradients = offset + np.random.default_rng(seed).integers(-64, 64, (9, 2, 2)) / 8
    found = moments.from_gradients(gradients)
    assert np.abs(found.covariance - np.cov((gradients - offset).reshape(9, -1).T)).max() < 1e-13 * 64
    assert np.abs(found.mean - gradients.mean(axis=0)).max() <= 1e-15 * max(64, offset)
    exact = moments.from_gradients(gradients, np.full(9, 1 / 9))
    assert np.abs(exact.covariance * 9 / 8 - found.covariance).max() < 1e-13 * 64


def test_the_covariance_is_one_for_the_test_of_bias():
    """Also where the variances are of very different sizes, it has no negative eigenvalue beyond rounding."""
    for size in (1.0, 1e4, 1e8):
        found = moments.reward_to_go_moments(
            cancelling_rewards(size), SoftmaxPolicy(5, 2), np.ones((5, 2)), with_covariance=True
        )
        assert bias_test(found.mean, 10, found.mean, found.covariance).p_value == 1


def test_bad_input():
    mdp, policy, theta = random_mdp(np.random.default_rng(0)), SoftmaxPolicy(3, 2), np.zeros((3, 2))
    with pytest.raises(ValueError, match=r"baseline has shape \(5,\), but needs \(\), \(3,\) or \(4, 3\)"):
        moments.reward_to_go_moments(mdp, policy, theta, np.zeros(5))
    with pytest.raises(ValueError, match=r"gae_lambda is 1.5"):
        moments.gae_moments(mdp, policy, theta, np.zeros(3), 1.5)
    with pytest.raises(TypeError, match="weights is a ndarray: pass a function"):
        enumerated_moments(mdp, policy, theta, np.zeros((3888, 4)))
    with pytest.raises(TypeError, match="theta is complex"):
        moments.reward_to_go_moments(mdp, policy, theta + 0j)
    with pytest.raises(ValueError, match="horizon is None"):
        moments.full_return_moments(dataclasses.replace(mdp, horizon=None), policy, theta)
