import math

import numpy as np
import pytest
from scipy import stats

from pgcode import trajectory_form
from pgcode.bias_test import bias_test, chi_square_survival, power
from pgcode.environments import random_mdp
from pgcode.estimators import full_return, trajectory_gradients
from pgcode.moments import enumerated_moments
from pgcode.policies import LinearSoftmaxPolicy, SoftmaxPolicy
from pgcode.trajectories import sample_trajectories

MDP = random_mdp(np.random.default_rng(4))
POLICY, THETA = SoftmaxPolicy(3, 2), np.random.default_rng(5).standard_normal((3, 2))


def without_last_score(trajectories):
    weights = full_return(trajectories).copy()
    weights[:, -1] = 0
    return weights


@pytest.mark.parametrize("degrees", [1, 2, 3, 4, 9, 20, 64])
def test_chi_square_survival_is_scipys(degrees):
    for x in (1e-3, 0.5, 1.0, degrees, 3 * degrees, 10 * degrees):
        assert math.isclose(chi_square_survival(x, degrees), stats.chi2.sf(x, degrees), rel_tol=1e-10)


@pytest.mark.parametrize("degrees", [1, 3, 6])
@pytest.mark.parametrize("noncentrality", [0.1, 2.0, 30.0, 400.0])
def test_power_is_that_of_the_noncentral_chi_square(degrees, noncentrality):
    bias = np.zeros(degrees)
    bias[0] = math.sqrt(noncentrality)
    exact = stats.ncx2.sf(stats.chi2.isf(0.05, degrees), degrees, noncentrality)
    assert math.isclose(power(bias, 1, np.eye(degrees), 0.05), exact, rel_tol=1e-8)


def test_no_bias_has_the_power_of_a_false_alarm():
    assert power(np.zeros(2), 100, np.eye(2), 0.01) == 0.01


def test_a_softmax_covariance_has_its_rank():
    """Two actions in three states: the score of each state has one direction."""
    moments = enumerated_moments(MDP, POLICY, THETA, full_return)
    result = bias_test(moments.mean, 10, moments.mean, moments.covariance)
    assert (result.statistic, result.degrees_of_freedom, result.p_value) == (0, 3, 1)


def test_a_difference_where_nothing_varies_is_a_bias_for_sure():
    moments = enumerated_moments(MDP, POLICY, THETA, full_return)
    shifted = moments.mean + 1e-6  # the same for both actions of a state
    assert bias_test(shifted, 10, moments.mean, moments.covariance).p_value == 0


def replicate(weights, n, replications, seed):
    """The mean estimates of many samples of n trajectories."""
    rng = np.random.default_rng(seed)
    batch = sample_trajectories(MDP, POLICY, THETA, n * replications, rng)
    gradients = trajectory_gradients(batch, POLICY, THETA, weights(batch))
    return gradients.reshape(replications, n, *POLICY.theta_shape).mean(axis=1)


@pytest.mark.parametrize("level", [0.01, 0.05, 0.2])
def test_false_alarms_come_as_often_as_they_should(level):
    """2000 replications: within 4 binomial standard errors of the nominal level."""
    moments = enumerated_moments(MDP, POLICY, THETA, full_return)
    exact = trajectory_form.exact_gradient(MDP, POLICY, THETA)
    n, replications = 500, 2000
    alarms = [
        bias_test(estimate, n, exact, moments.covariance).p_value < level
        for estimate in replicate(full_return, n, replications, seed=int(1000 * level))
    ]
    error = math.sqrt(level * (1 - level) / replications)
    assert abs(np.mean(alarms) - level) < 4 * error


def test_the_statistic_by_hand():
    """Σ = diag(4, 0, 1/4): zᵀΣ⁺z = 2²/4 + 1²/(1/4) = 5, times n = 3, with two degrees of freedom."""
    result = bias_test([2.0, 7.0, 1.0], 3, [0.0, 7.0, 0.0], np.diag([4.0, 0.0, 0.25]))
    assert result.statistic == pytest.approx(15, rel=1e-14)
    assert result.degrees_of_freedom == 2
    assert result.p_value == pytest.approx(math.exp(-7.5), rel=1e-12)


@pytest.mark.parametrize("unit", [1e-12, 1e-6, 1.0, 1e6])
def test_units_of_reward_do_not_matter(unit):
    moments = enumerated_moments(MDP, POLICY, THETA, full_return)
    exact, covariance = unit * moments.mean, unit**2 * moments.covariance
    shift = 0.1 * np.abs(exact).max()
    assert bias_test(exact + shift, 10, exact, covariance).p_value == 0  # along the null space
    assert power(np.full(exact.shape, shift), 10, covariance) == 1
    inside = exact + shift * np.array([1.0, -1.0])
    reference = bias_test(moments.mean + shift / unit * np.array([1.0, -1.0]), 10, moments.mean, moments.covariance)
    assert bias_test(inside, 10, exact, covariance).p_value == pytest.approx(reference.p_value, rel=1e-6)


def test_a_parameter_of_small_effect_is_noise_and_no_bias():
    features = np.random.default_rng(0).standard_normal((3, 2, 2)) * [1.0, 1e-6]
    policy, theta = LinearSoftmaxPolicy(features), np.array([0.3, 0.2])
    moments = enumerated_moments(MDP, policy, theta, full_return)
    rng, alarms = np.random.default_rng(1), 0
    for _ in range(200):
        batch = sample_trajectories(MDP, policy, theta, 500, rng)
        mean = trajectory_gradients(batch, policy, theta, full_return(batch)).mean(axis=0)
        result = bias_test(mean, 500, moments.mean, moments.covariance)
        assert result.degrees_of_freedom == 2
        alarms += result.p_value < 0.05
    assert abs(alarms / 200 - 0.05) < 4 * math.sqrt(0.05 * 0.95 / 200)


def test_power_of_a_huge_sample_is_one_at_once():
    assert power([1.0], 10**9, np.eye(1)) == 1
    assert power([0.1], 10_000, np.eye(1)) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("n", [400, 1600, 4000])
def test_power_against_a_missing_last_score_is_as_predicted(n):
    """The bias and the covariance of the wrong estimator are exact; so is the prediction, for large n."""
    wrong = enumerated_moments(MDP, POLICY, THETA, without_last_score)
    exact = trajectory_form.exact_gradient(MDP, POLICY, THETA)
    bias = wrong.mean - exact
    assert np.abs(bias).max() > 0.01
    replications = 1000
    found = np.mean(
        [
            bias_test(estimate, n, exact, wrong.covariance).p_value < 0.05
            for estimate in replicate(without_last_score, n, replications, seed=1)
        ]
    )
    predicted = power(bias, n, wrong.covariance, 0.05)
    error = math.sqrt(predicted * (1 - predicted) / replications)
    assert abs(found - predicted) < 4 * error + 0.005  # the normal limit is not quite reached


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.zeros(2), 0, np.zeros(2), np.eye(2)), "n_trajectories is 0"),
        ((np.zeros(3), 5, np.zeros(2), np.eye(2)), "estimate has shape"),
        ((np.array([np.nan, 0]), 5, np.zeros(2), np.eye(2)), r"estimate\[0\] is nan"),
        ((np.zeros(2), 5, np.zeros(2), np.eye(3)), "covariance has shape"),
        ((np.zeros(2), 5, np.zeros(2), np.array([[1.0, 2.0], [0.0, 1.0]])), "not symmetric"),
        ((np.zeros(2), 5, np.zeros(2), np.diag([1.0, -1.0])), "negative variance -1"),
        ((np.zeros(2), 5, np.zeros(2), np.array([[1.0, 2.0], [2.0, 1.0]])), "negative eigenvalue, -1"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        bias_test(*arguments)
