import numpy as np
import pytest

from pgcode.environments import corridor_policy
from pgcode.oracles import complex_step
from pgcode.policies import DirectPolicy, LinearSoftmaxPolicy, Policy, SoftmaxPolicy

RNG = np.random.default_rng(3)
POLICIES = [
    (SoftmaxPolicy(3, 4), RNG.standard_normal((3, 4))),
    (SoftmaxPolicy(2, 1), RNG.standard_normal((2, 1))),
    (LinearSoftmaxPolicy(RNG.standard_normal((3, 4, 2))), RNG.standard_normal(2)),
    (corridor_policy(), RNG.standard_normal(2)),
    (DirectPolicy(2, 3), np.array([[0.2, 0.3], [0.6, 0.1]])),
]


@pytest.mark.parametrize(("policy", "theta"), POLICIES, ids=repr)
class TestEveryPolicy:
    def test_it_keeps_the_protocol(self, policy, theta):
        assert isinstance(policy, Policy)
        assert theta.shape == policy.theta_shape

    def test_probabilities_are_distributions(self, policy, theta):
        probabilities = policy.probabilities(theta)
        assert probabilities.shape == (policy.n_states, policy.n_actions)
        assert (probabilities > 0).all()
        assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-14)

    def test_score_is_the_derivative_of_the_logarithm(self, policy, theta):
        derivative = complex_step(lambda at: np.log(policy.probabilities(at)), theta)
        assert np.abs(policy.score(theta) - derivative).max() < 1e-12

    def test_score_has_mean_zero(self, policy, theta):
        mean = np.einsum("sa,sa...->s...", policy.probabilities(theta), policy.score(theta))
        assert np.abs(mean).max() < 1e-14

    def test_weighted_score_is_the_sum_of_scores(self, policy, theta):
        weights = RNG.standard_normal((5, policy.n_states, policy.n_actions))
        summed = np.tensordot(weights, policy.score(theta), axes=2)
        assert np.abs(policy.weighted_score(theta, weights) - summed).max() < 1e-13

    def test_weighted_gradient_is_the_derivative_of_the_probabilities(self, policy, theta):
        weights = RNG.standard_normal((policy.n_states, policy.n_actions))
        derivative = complex_step(lambda at: (weights * policy.probabilities(at)).sum(), theta)
        assert np.abs(policy.weighted_gradient(theta, weights) - derivative).max() < 1e-14

    def test_many_parameters_at_once_give_what_each_gives(self, policy, theta):
        many = np.stack([theta, theta * 0.5, theta * 0.9])
        weights = RNG.standard_normal((3, policy.n_states, policy.n_actions))
        probabilities, scores = policy.probabilities(many), policy.weighted_score(many, weights)
        for run in range(3):
            assert np.abs(probabilities[run] - policy.probabilities(many[run])).max() < 1e-15
            assert np.abs(scores[run] - policy.weighted_score(many[run], weights[run])).max() < 1e-14
        with pytest.raises(ValueError, match="theta has shape"):
            policy.score(many)

    def test_score_can_itself_be_differentiated_by_the_complex_step(self, policy, theta):
        hessian = complex_step(policy.score, theta)
        other_order = np.moveaxis(hessian, range(-theta.ndim, 0), range(2, 2 + theta.ndim))
        assert np.abs(hessian - other_order).max() < 1e-12


def test_softmax_survives_large_preferences():
    probabilities = SoftmaxPolicy(1, 3).probabilities([[1e4, 0.0, -1e4]])
    assert probabilities.tolist() == [[1, 0, 0]]


def test_aliased_states_act_alike():
    probabilities = corridor_policy().probabilities([0.3, -0.4])
    assert (probabilities == probabilities[0]).all()
    assert np.isclose(probabilities[0, 1], 1 / (1 + np.exp(-0.7)), rtol=1e-15)


def test_direct_policy_has_no_score_on_the_boundary():
    policy, boundary = DirectPolicy(1, 2), [[0.0]]
    assert policy.probabilities(boundary).tolist() == [[0, 1]]
    with pytest.raises(ValueError, match="action 0 in state 0 does not exist"):
        policy.score(boundary)
    with pytest.raises(ValueError, match="action 0 in state 0 does not exist"):
        policy.weighted_score(boundary, [[1.0, 0.0]])
    assert policy.weighted_score(boundary, [[0.0, 2.0]]).tolist() == [[-2.0]]
