import numpy as np
import pytest
from hypothesis import given
from strategies import problems

from pgcode import trajectory_form
from pgcode.environments import random_mdp
from pgcode.estimators import full_return, reward_to_go, trajectory_gradients
from pgcode.moments import enumerated_moments
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import sample_trajectories


@pytest.mark.parametrize("weights", [full_return, reward_to_go])
@given(problem=problems())
def test_the_mean_is_the_gradient(weights, problem):
    exact = trajectory_form.exact_gradient(*problem)
    moments = enumerated_moments(*problem, weights)
    assert np.abs(moments.mean - exact).max() < 1e-10 * max(1, np.abs(exact).max())


@pytest.mark.parametrize("weights", [full_return, reward_to_go])
def test_the_covariance_is_that_of_samples(weights):
    rng = np.random.default_rng(0)
    mdp, policy, theta = random_mdp(rng), SoftmaxPolicy(3, 2), rng.standard_normal((3, 2))
    moments = enumerated_moments(mdp, policy, theta, weights)
    batch = sample_trajectories(mdp, policy, theta, 400_000, rng)
    sampled = np.cov(trajectory_gradients(batch, policy, theta, weights(batch)).reshape(400_000, -1).T)
    assert np.abs(sampled - moments.covariance).max() < 0.02 * np.abs(moments.covariance).max()
    assert np.allclose(moments.standard_deviation.ravel() ** 2, np.diag(moments.covariance))
