import math

import numpy as np
import pytest

from pgcode import trajectory_form
from pgcode.bias import bias_test, power
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


def along_one_axis(degrees, length):
    vector = np.zeros(degrees)
    vector[0] = length
    return vector


@pytest.mark.parametrize(
    ("degrees", "exact"),
    [
        (1, lambda x: math.erfc(math.sqrt(x / 2))),
        (2, lambda x: math.exp(-x / 2)),
        (3, lambda x: math.erfc(math.sqrt(x / 2)) + math.sqrt(2 * x / math.pi) * math.exp(-x / 2)),
        (6, lambda x: math.exp(-x / 2) * (1 + x / 2 + x**2 / 8)),
    ],
)
@pytest.mark.parametrize("statistic", [1e-3, 1.0, 7.0, 60.0])
def test_the_p_value_has_its_closed_form(degrees, exact, statistic):
    estimate = along_one_axis(degrees, math.sqrt(statistic))
    result = bias_test(estimate, 1, np.zeros(degrees), np.eye(degrees))
    assert result.p_value == pytest.approx(exact(statistic), rel=1e-9)


@pytest.mark.parametrize(
    ("wanted", "noncentralities"),
    [
        (0.8, (7.849, 9.635, 10.903, 11.935, 12.828, 13.624)),
        (0.9, (10.507, 12.654, 14.171, 15.405, 16.469, 17.419)),
    ],
)
def test_power_is_that_of_the_tables(wanted, noncentralities):
    """Haynam, Govindarajulu and Leone (1970): what it takes at the level 0.05, for 1 to 6 degrees of freedom."""
    for degrees, noncentrality in enumerate(noncentralities, 1):
        bias = along_one_axis(degrees, math.sqrt(noncentrality))
        assert power(bias, 1, np.eye(degrees), 0.05) == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("shift", [0.01, 0.3, 1.0, 4.0, 6.0, 20.0])
def test_power_in_one_dimension_is_that_of_the_two_sided_normal_test(shift):
    """At the critical value 2: Φ(b − 2) + Φ(−b − 2)."""
    level = math.erfc(math.sqrt(2))
    exact = sum(math.erfc((2 - way * shift) / math.sqrt(2)) / 2 for way in (1, -1))
    assert power([shift], 1, [[1.0]], level) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("level", [0.01, 0.2])
def test_power_is_how_often_normal_noise_around_a_bias_is_found(level):
    rng, n, draws = np.random.default_rng(0), 25, 100_000
    root = rng.standard_normal((3, 3))
    bias, covariance = np.array([0.2, -0.1, 0.3]), root @ root.T
    means = bias + rng.standard_normal((draws, 3)) @ root.T / math.sqrt(n)
    statistics = n * np.einsum("ij,jk,ik->i", means, np.linalg.inv(covariance), means)
    critical = {0.01: 11.344867, 0.2: 4.641628}[level]  # Abramowitz and Stegun (1964), table 26.8
    predicted = power(bias, n, covariance, level)
    assert 1.2 * level < predicted < 0.98
    assert abs((statistics > critical).mean() - predicted) < 4 * math.sqrt(predicted * (1 - predicted) / draws)


@pytest.mark.parametrize("level", [1e-20, 1e-12, 0.01, 0.5])
def test_no_bias_has_the_power_of_a_false_alarm(level):
    assert level <= power(np.zeros(2), 100, np.eye(2), level) < level + 1e-14


def test_where_nothing_varies_a_bias_is_found_for_sure_and_no_bias_never():
    nothing = np.zeros((2, 2))
    assert power(np.zeros(2), 10, nothing) == 0
    assert power([0.0, 1e-6], 10, nothing) == 1
    right = bias_test([1.0, 2.0], 10, [1.0, 2.0], nothing)
    assert (right.statistic, right.degrees_of_freedom, right.p_value) == (0, 0, 1)
    wrong = bias_test([1.0, 2.0 + 1e-6], 10, [1.0, 2.0], nothing)
    assert (wrong.statistic, wrong.degrees_of_freedom, wrong.p_value) == (math.inf, 0, 0)


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
    exact = trajectory_form.enumerated_gradient(MDP, POLICY, THETA)
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
    for n in (10**9, 10**30):
        assert power([1.0], n, np.eye(1)) == 1
    assert power([0.1], 10_000, np.eye(1)) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("n", [400, 1600, 4000])
def test_power_against_a_missing_last_score_is_as_predicted(n):
    """The bias and the covariance of the wrong estimator are exact; so is the prediction, for large n."""
    wrong = enumerated_moments(MDP, POLICY, THETA, without_last_score)
    exact = trajectory_form.enumerated_gradient(MDP, POLICY, THETA)
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
        ((np.zeros(2), 5, np.array([0, np.nan]), np.eye(2)), r"gradient\[1\] is nan"),
        ((np.zeros(2), 5, np.full(2, np.inf), np.eye(2)), r"gradient\[0\] is inf"),
        ((np.zeros(2), 5, np.zeros(2), np.diag([1.0, np.nan])), r"covariance\[1, 1\] is nan"),
        ((np.zeros(2), 5, np.zeros(2), np.eye(3)), "covariance has shape"),
        ((np.zeros(2), 5, np.zeros(2), np.array([[1.0, 2.0], [0.0, 1.0]])), "not symmetric"),
        ((np.zeros(2), 5, np.zeros(2), np.diag([1.0, -1.0])), "negative variance -1"),
        ((np.zeros(2), 5, np.zeros(2), np.array([[1.0, 2.0], [2.0, 1.0]])), "negative eigenvalue, -1"),
    ],
)
def test_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        bias_test(*arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([np.nan, 0.0], 5, np.eye(2)), r"bias\[0\] is nan"),
        (([0.0, np.inf], 5, np.zeros((2, 2))), r"bias\[1\] is inf"),
        ((np.zeros(2), 5.5, np.eye(2)), r"n_trajectories is 5\.5"),
        ((np.zeros(2), 5, np.eye(2), 0.0), "level is 0: .* strictly between 0 and 1"),
        ((np.zeros(2), 5, np.eye(2), np.nan), "level is nan"),
        ((np.zeros(2), 5, np.eye(2), "few"), "level is 'few'"),
    ],
)
def test_bad_input_of_power(arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        power(*arguments)
