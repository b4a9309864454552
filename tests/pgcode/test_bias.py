import copy
import math
import pickle
from dataclasses import FrozenInstanceError, replace
from functools import cache

import gymnasium
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom
from strategies import problems

from pgcode import trajectory_form
from pgcode.bias import bias_test, higher_moments, power, simulated_bias_test
from pgcode.environments import cancelling_rewards, random_mdp, two_armed_bandit
from pgcode.estimators import full_return, policy_gradient, reward_to_go, trajectory_gradients
from pgcode.mdp import TabularMDP
from pgcode.moments import enumerated_moments, full_return_moments
from pgcode.policies import LinearSoftmaxPolicy, SoftmaxPolicy, TabularPolicy
from pgcode.state_action_form import exact_gradient
from pgcode.trajectories import enumerate_trajectories, sample_trajectories

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


# ---- when the level can be trusted -----------------------------------------------------------------------------------


def discrete(values, probabilities):
    """The gradient takes a few values: its rows, probabilities and covariance."""
    rows, p = np.asarray(values, dtype=float), np.asarray(probabilities, dtype=float)
    centred = rows - p @ rows
    return rows, p, (centred * p[:, None]).T @ centred


def level_of(values, probabilities, n, draws, seed):
    """How often χ² is above its 5 % and 1 % points, by multinomial counts, none of which pgcode has drawn."""
    rows, p, covariance = discrete(values, probabilities)
    rng, inverse = np.random.default_rng(seed), np.linalg.pinv(covariance, rcond=1e-10)
    differences = rng.multinomial(n, p, size=draws) @ rows / n - p @ rows
    rank = np.linalg.matrix_rank(covariance)
    statistics = n * np.einsum("ij,jk,ik->i", differences, inverse, differences)
    critical = {1: (3.841459, 6.634897), 2: (5.991465, 9.210340), 3: (7.814728, 11.344867), 4: (9.487729, 13.276704)}
    return [(statistics > x).mean() for x in critical[rank]]  # Abramowitz and Stegun (1964), table 26.8


COIN = ([[1.0], [-1.0]], [0.5, 0.5])
DIE = (np.eye(4), [0.25] * 4)
LOADED = (np.eye(5), [0.9, 0.04, 0.03, 0.02, 0.01])
RARE = ([[0.0], [1.0]], [0.99, 0.01])
SQUARE = ([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]], [0.25] * 4)
HEAVY = ([[0.0], [1.0], [-1.0], [30.0], [-30.0]], [0.4, 0.2995, 0.2995, 0.0005, 0.0005])


@pytest.mark.parametrize(
    "case", [COIN, DIE, LOADED, RARE, SQUARE, HEAVY], ids=["coin", "die", "loaded", "rare", "square", "heavy"]
)
@pytest.mark.parametrize("n", [5, 20, 100, 1000, 20_000])
def test_where_the_level_is_trusted_it_is_right(case, n):
    """Trusted means: within 1 and 0.5 percentage points. Here within 4 binomial errors more, as it is counted."""
    rows, p, covariance = discrete(*case)
    result = bias_test(p @ rows, n, p @ rows, covariance, higher_moments(rows, covariance, p))
    counted = level_of(*case, n, 20_000, seed=n)
    if result.trusted:
        for found, level, margin in zip(counted, (0.05, 0.01), (0.01, 0.005), strict=True):
            assert abs(found - level) < margin + 4 * math.sqrt(level * (1 - level) / 20_000)
    else:
        assert result.trusted is False
        assert "simulated_bias_test" in result.why


@pytest.mark.parametrize(
    ("case", "too_small", "enough"),
    [
        (COIN, 100, 200),
        (DIE, 5, 100),
        (LOADED, 100, 3000),
        (RARE, 1000, 30_000),
        (SQUARE, 20, 100),
        (HEAVY, 1000, 300_000),
    ],
)
def test_enough_is_not_a_matter_of_n_alone(case, too_small, enough):
    rows, p, covariance = discrete(*case)
    higher = higher_moments(rows, covariance, p)
    assert bias_test(p @ rows, too_small, p @ rows, covariance, higher).trusted is False
    assert bias_test(p @ rows, enough, p @ rows, covariance, higher).trusted is True


def test_higher_moments_of_a_loaded_die_are_pearsons():
    """For counts, W is Pearson's statistic, whose variance is 2(k − 1) + (Σ 1/p − k² − 2k + 2)/n."""
    rows, p, covariance = discrete(*LOADED)
    higher = higher_moments(rows, covariance, p)
    k, r = len(p), len(p) - 1
    assert (higher.rank, higher.seen) == (r, pytest.approx(1))
    assert higher.kurtosis - r * (r + 2) == pytest.approx((1 / p).sum() - k**2 - 2 * k + 2, rel=1e-10)
    # E[(X·X')³] with X·X' = 1/p − 1 on the diagonal of two draws, and −1 off it.
    products = np.diag(1 / p) - 1
    assert higher.skewness == pytest.approx(p @ products**3 @ p, rel=1e-10)
    assert higher.mean_skewness == pytest.approx(
        np.einsum("i,j,i,ij,j->", p, p, 1 / p - 1, products, 1 / p - 1), rel=1e-10
    )


def test_false_alarms_to_first_order_are_counted_ones():
    """Skewed, smooth noise (an exponential distribution on a fine grid), where n times the correction is large."""
    values = -np.log1p(-(np.arange(2000) + 0.5) / 2000)[:, None]
    p = np.full(2000, 1 / 2000)
    rows, p, covariance = discrete(values, p)
    higher = higher_moments(rows, covariance, p)
    rng, n, draws = np.random.default_rng(0), 20, 200_000
    means = rng.standard_exponential((draws, n)).mean(axis=1) - 1
    for level, critical in ((0.05, 3.841459), (0.01, 6.634897)):
        counted, error = (n * means**2 > critical).mean(), math.sqrt(level / draws)
        predicted, _ = higher.false_alarms(n, level)
        assert abs(counted - level) > 5 * error or level == 0.05
        assert abs(counted - predicted) < 4 * error + 1.5 / n**2  # the next order


@given(problems(horizons=(1, 2)), st.sampled_from([1e-100, 1e-3, 1.0, 1e7, 1e100]))
def test_higher_moments_do_not_depend_on_units(problem, unit):
    mdp, policy, theta = problem
    trajectories, p = enumerate_trajectories(mdp, policy, theta)
    rows = trajectory_gradients(trajectories, policy, theta, full_return(trajectories))
    covariance = enumerated_moments(mdp, policy, theta, full_return).covariance
    here, there = higher_moments(rows, covariance, p), higher_moments(unit * rows, unit**2 * covariance, p)
    assert here.rank == there.rank
    for name in ("skewness", "mean_skewness", "kurtosis"):
        assert getattr(there, name) == pytest.approx(getattr(here, name), rel=1e-6, abs=1e-9)
    # Pearson's inequalities: E|X|⁴ ≥ (E|X|²)² + |E|X|²X|², and the third moments are below the fourth.
    assert here.kurtosis * (1 + 1e-9) >= here.rank**2 + here.mean_skewness
    assert here.skewness <= (here.kurtosis - here.rank) * (1 + 1e-9) + 1e-9


def test_a_sample_that_misses_the_rare_events_says_so():
    """The direction of the second entry is an event of probability 1/10,000; 1000 trajectories show none."""
    p = np.array([0.49995, 0.49995, 0.0001])
    rows, p, covariance = discrete([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]], p)
    sample = rows[np.random.default_rng(0).choice(2, 1000)]
    higher = higher_moments(sample, covariance)
    assert higher.seen < 0.01
    result = bias_test(p @ rows, 10**9, p @ rows, covariance, higher)
    assert result.trusted is False
    assert "too rare for that sample" in result.why


def test_moments_of_a_sample_come_near_the_exact_ones():
    rows, p, covariance = discrete(*DIE)
    sample = rows[np.random.default_rng(0).choice(4, 20_000, p=p)]
    exact, sampled = higher_moments(rows, covariance, p), higher_moments(sample, covariance)
    assert sampled.kurtosis == pytest.approx(exact.kurtosis, rel=0.05)
    assert sampled.seen == pytest.approx(1, abs=0.05)


def test_without_higher_moments_the_level_is_not_checked():
    result = bias_test([0.1], 100, [0.0], [[1.0]])
    assert result.trusted is None
    assert "not checked" in str(result)
    assert str(result).encode("cp1252") == str(result).encode("ascii")


def test_results_are_frozen_and_can_be_pickled():
    higher = higher_moments(*discrete(*COIN)[::2], discrete(*COIN)[1])
    result = bias_test([0.1], 100, [0.0], [[1.0]], higher)
    for frozen in (higher, result):
        assert pickle.loads(pickle.dumps(frozen)) == copy.deepcopy(frozen) == frozen
    with pytest.raises(FrozenInstanceError):
        result.p_value = 0.5


# ---- every scale -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exponent", [-140, -100, -30, 0, 30, 100, 150])
def test_units_from_the_smallest_to_the_largest(exponent):
    moments = enumerated_moments(MDP, POLICY, THETA, full_return)
    unit = 10.0**exponent
    shift = 0.1 * np.array([1.0, -1.0]) * np.ones((3, 1))
    reference = bias_test(moments.mean + shift, 10, moments.mean, moments.covariance)
    there = bias_test(unit * (moments.mean + shift), 10, unit * moments.mean, (unit * moments.covariance) * unit)
    assert there.degrees_of_freedom == reference.degrees_of_freedom == 3
    assert there.statistic == pytest.approx(reference.statistic, rel=1e-6)


def test_variances_that_underflow_are_refused():
    for unit in (1e-150, 1e-200):
        with pytest.raises(ValueError, match="too small for all digits"):
            bias_test([2 * unit], 10, [unit], [[unit**2]])
    assert bias_test([1e-200], 10, [1e-200], [[0.0]]).p_value == 1


@pytest.mark.parametrize("size", [1.0, 1e3, 1e6])
def test_its_own_covariances_are_taken(size):
    """At 1e6 the enumerated covariance of rewards that nearly cancel still serves."""
    mdp = cancelling_rewards(size)
    policy, theta = SoftmaxPolicy(mdp.n_states, mdp.n_actions), np.zeros((mdp.n_states, mdp.n_actions))
    moments = enumerated_moments(mdp, policy, theta, full_return)
    result = bias_test(moments.mean, 100, exact_gradient(mdp, policy, theta), moments.covariance)
    assert result.p_value > 0.99


def test_mutating_the_arguments_changes_no_result():
    mean, gradient, covariance = np.array([0.1]), np.array([0.0]), np.eye(1)
    result = bias_test(mean, 100, gradient, covariance)
    before = str(result)
    mean[0], gradient[0], covariance[0, 0] = 7, 8, 9
    assert str(result) == before


# ---- where rare events decide ----------------------------------------------------------------------------------------


@cache
def lake(horizon):
    return TabularMDP.from_gymnasium(gymnasium.make("FrozenLake-v1", map_name="4x4"), discount=1.0, horizon=horizon)


@cache
def cliff():
    """A cliff of two rows and three columns: start and goal below, −100 and back to the start between them."""
    transition, reward = np.zeros((5, 4, 5)), np.full((5, 4, 5), -1.0)  # start, three cells above, goal
    moves = {0: (1, 0, 0, 0), 1: (1, 2, 0, 1), 2: (2, 3, 0, 1), 3: (3, 3, 4, 2), 4: (4, 4, 4, 4)}  # up right down left
    for state, nexts in moves.items():
        transition[state, np.arange(4), nexts] = 1
    reward[0, 1], reward[2, 2], reward[4] = -100, -100, 0
    return TabularMDP(transition, reward, np.eye(5)[0], 1.0, horizon=12)


@cache
def rare_reward():
    """One decision; with action 0 one in 200 trajectories is paid 100."""
    transition, reward = np.zeros((3, 2, 3)), np.zeros((3, 2, 3))
    transition[0] = [0, 0.995, 0.005], [0, 1, 0]
    transition[1, :, 1] = transition[2, :, 2] = 1
    reward[0, 0, 2] = 100
    return TabularMDP(transition, reward, np.eye(3)[0], 1.0, horizon=1)


@cache
def long_walk():
    return random_mdp(np.random.default_rng(3), n_states=2, n_actions=2, discount=0.95, horizon=40)


def drawn(mdp, scale=0.5):
    return scale * np.random.default_rng(0).standard_normal((mdp.n_states, mdp.n_actions))


def prefers(mdp, action, by):
    theta = np.zeros((mdp.n_states, mdp.n_actions))
    theta[:, action] = by
    return theta


#: The process, θ and n.
HARD = {
    "FrozenLake, n = 200": lambda: (lake(12), drawn(lake(12)), 200),
    "FrozenLake, n = 2000": lambda: (lake(12), drawn(lake(12)), 2000),
    "cliff": lambda: (cliff(), drawn(cliff()) + prefers(cliff(), 0, 3.0), 200),
    "rare reward": lambda: (rare_reward(), np.zeros((3, 2)), 100),
    "nearly deterministic": lambda: (two_armed_bandit(), prefers(two_armed_bandit(), 0, 5.0), 50),
    "two-point gradient": lambda: (two_armed_bandit((0.0, 1.0)), np.zeros((2, 2)), 10),
    "heavy tails": lambda: (lake(20), prefers(lake(20), 2, 2.0), 100),
    "long horizon": lambda: (long_walk(), 2 * drawn(long_walk()), 10),
}


@cache
def hard(name):
    mdp, theta, n = HARD[name]()
    policy = SoftmaxPolicy(mdp.n_states, mdp.n_actions)
    return mdp, policy, theta, n, full_return_moments(mdp, policy, theta, with_covariance=True)


@pytest.mark.parametrize("name", HARD)
def test_chi_squared_is_not_trusted_where_rare_events_decide(name):
    mdp, policy, theta, n, moments = hard(name)
    sample = sample_trajectories(mdp, policy, theta, 4000, np.random.default_rng(0))
    gradients = trajectory_gradients(sample, policy, theta, full_return(sample))
    result = bias_test(moments.mean, n, moments.mean, moments.covariance, higher_moments(gradients, moments.covariance))
    assert result.trusted is False


RUNS, REPLICATIONS = 200, 99


@pytest.mark.parametrize("name", HARD)
def test_the_simulated_test_has_its_level(name):
    """Within what a test with the right level leaves once in a million times; ties make alarms only rarer."""
    mdp, policy, theta, n, moments = hard(name)
    rng = np.random.default_rng(11)
    values = []
    for _ in range(RUNS):
        batch = sample_trajectories(mdp, policy, theta, min(n, 20), rng)  # a smaller n makes it no easier
        values.append(
            simulated_bias_test(batch, mdp, policy, theta, full_return, REPLICATIONS, rng, moments=moments).p_value
        )
    for level in (0.05, 0.01):
        assert (np.array(values) <= level).sum() <= binom.isf(1e-6, RUNS, level)
    assert min(values) >= 1 / (1 + REPLICATIONS)


@pytest.mark.parametrize("weights", [full_return, lambda batch: reward_to_go(batch, 0.7)], ids=["known", "simulated"])
def test_the_level_holds_too_where_no_moments_are_given(weights):
    """FrozenLake has too many trajectories to list; for weights that are no named ones the mean is simulated."""
    mdp, policy, theta, _, _ = hard("FrozenLake, n = 200")
    rng = np.random.default_rng(12)
    batches = [sample_trajectories(mdp, policy, theta, 20, rng) for _ in range(100)]
    results = [simulated_bias_test(batch, mdp, policy, theta, weights, 99, rng) for batch in batches]
    assert {result.guaranteed for result in results} == {weights is full_return}
    for level in (0.05, 0.01):
        assert sum(result.p_value <= level for result in results) <= binom.isf(1e-6, 100, level)


# ---- what the simulated test finds -----------------------------------------------------------------------------------


def simulated(batch, weights=full_return, mdp=MDP, replications=199, seed=0, **options):
    policy = SoftmaxPolicy(mdp.n_states, mdp.n_actions)
    theta = THETA if mdp is MDP else np.zeros(policy.theta_shape)
    return simulated_bias_test(batch, mdp, policy, theta, weights, replications, np.random.default_rng(seed), **options)


def test_right_data_and_weights_give_uniform_p_values():
    rng = np.random.default_rng(0)
    values = [simulated(sample_trajectories(MDP, POLICY, THETA, 30, rng), seed=k).p_value for k in range(200)]
    below = [(np.array(values) <= level).sum() for level in (0.1, 0.5, 0.9)]
    for count, level in zip(below, (0.1, 0.5, 0.9), strict=True):
        assert binom.ppf(1e-6, 200, level) <= count <= binom.isf(1e-6, 200, level)


@pytest.mark.parametrize("moments", ["listed", "without covariance", "given"])
def test_weights_without_the_last_score_are_found(moments):
    """The draws have the same bias, but are compared with their own mean."""
    exact = enumerated_moments(MDP, POLICY, THETA, without_last_score)
    options = {
        "listed": {},
        "without covariance": {"moments": replace(exact, covariance=None)},
        "given": {"moments": exact},
    }[moments]
    batch = sample_trajectories(MDP, POLICY, THETA, 20_000, np.random.default_rng(1))
    result = simulated(batch, without_last_score, replications=99, **options)
    assert (result.p_value, result.guaranteed) == (0.01, True)


def test_biased_weights_are_found_where_nothing_can_be_listed():
    mdp, policy, theta, _, _ = hard("FrozenLake, n = 200")
    batch = sample_trajectories(mdp, policy, theta, 2000, np.random.default_rng(1))
    rng = np.random.default_rng(2)
    result = simulated_bias_test(batch, mdp, policy, theta, lambda b: full_return(b) + 0.5 * (b.actions == 1), 99, rng)
    assert result.p_value == 0.01
    assert not result.guaranteed
    assert "pass moments" in result.why


def test_the_power_is_that_of_chi_squared_where_that_can_be_trusted():
    n, rng = 2000, np.random.default_rng(3)
    exact = enumerated_moments(MDP, POLICY, THETA, without_last_score)
    bias = exact.mean - exact_gradient(MDP, POLICY, THETA)
    runs = 100
    found = sum(
        simulated(sample_trajectories(MDP, POLICY, THETA, n, rng), without_last_score, replications=99, seed=k).p_value
        <= 0.05
        for k in range(runs)
    )
    predicted = power(bias, n, exact.covariance, 0.05)
    assert 0.2 < predicted < 0.98
    assert abs(found / runs - predicted) < 4 * math.sqrt(predicted * (1 - predicted) / runs) + 0.03  # B is only 99


def test_stale_data_and_another_process_are_found():
    rng = np.random.default_rng(4)
    stale = sample_trajectories(MDP, POLICY, THETA + [0.5, 0.0], 3000, rng)
    assert simulated(stale).p_value == 1 / 200
    other = random_mdp(np.random.default_rng(5))
    assert simulated(sample_trajectories(other, POLICY, THETA, 3000, rng)).p_value == 1 / 200


@pytest.mark.parametrize("block", [7, 64, 1 << 20])
def test_samples_are_drawn_in_parts_of_any_size(block, monkeypatch):
    """E T_b is the rank, whatever n is."""
    monkeypatch.setattr("pgcode.bias._BLOCK", block)
    batch = sample_trajectories(MDP, POLICY, THETA, 10, np.random.default_rng(0))
    null = simulated(batch, replications=300).null_statistics
    assert null.mean() == pytest.approx(3, abs=4 * null.std() / math.sqrt(300))


def test_the_statistic_is_that_of_bias_test():
    moments = enumerated_moments(MDP, POLICY, THETA, reward_to_go)
    batch = sample_trajectories(MDP, POLICY, THETA, 100, np.random.default_rng(0))
    mean = policy_gradient(batch, POLICY, THETA, reward_to_go(batch)).mean
    expected = bias_test(mean, 100, exact_gradient(MDP, POLICY, THETA), moments.covariance)
    assert simulated(batch, reward_to_go).statistic == pytest.approx(expected.statistic, rel=1e-9)


def test_where_nothing_varies_the_simulated_test_is_sure():
    """One action: the gradient of each trajectory is 0."""
    mdp = random_mdp(np.random.default_rng(0), n_actions=1)
    policy, theta = SoftmaxPolicy(mdp.n_states, 1), np.zeros((mdp.n_states, 1))
    batch = sample_trajectories(mdp, policy, theta, 10, np.random.default_rng(0))
    result = simulated_bias_test(batch, mdp, policy, theta, full_return, 19, np.random.default_rng(1))
    assert (result.statistic, result.p_value) == (0, 1)


def test_a_simulated_result_is_read_only_in_every_copy():
    result = simulated(sample_trajectories(MDP, POLICY, THETA, 10, np.random.default_rng(0)))
    copies = (result, pickle.loads(pickle.dumps(result)), copy.copy(result), copy.deepcopy(result), replace(result))
    for one in copies:
        assert not one.null_statistics.flags.writeable
        np.testing.assert_array_equal(one.null_statistics, result.null_statistics)
        assert str(one) == str(result)
    own = np.array([3.0, 1.0])
    made = replace(result, null_statistics=own)
    own[0] = 7
    np.testing.assert_array_equal(made.null_statistics, [1, 3])


class TemperatureSoftmax(TabularPolicy):
    """A reader's own policy, by its probabilities alone."""

    def __init__(self):
        super().__init__(3, 2, theta_shape=(7,))

    def probabilities(self, theta):
        weights = np.exp(theta[:-1].reshape(3, 2) * np.exp(theta[-1]))
        return weights / weights.sum(axis=1, keepdims=True)


def test_an_own_policy_is_tested_as_any_other():
    policy, theta = TemperatureSoftmax(), np.append(THETA.ravel(), 0.2)
    values = []
    for shift, seed in ((0.0, 1), (0.5, 2)):
        batch = sample_trajectories(MDP, policy, theta + shift, 2000, np.random.default_rng(seed))
        rng = np.random.default_rng(seed + 2)
        values.append(simulated_bias_test(batch, MDP, policy, theta, reward_to_go, 99, rng))
    assert values[0].p_value > 0.01 == values[1].p_value
    assert values[0].guaranteed


def test_a_progress_bar_shows_only_if_asked_for(capsys):
    batch = sample_trajectories(MDP, POLICY, THETA, 10, np.random.default_rng(0))
    simulated(batch, progress=True)
    assert "samples" in capsys.readouterr().err
    simulated(batch)
    assert capsys.readouterr().err == ""
