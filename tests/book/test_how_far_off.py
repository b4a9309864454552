"""The claims of "How far off is it?", each by a way that the chapter does not take."""

from math import comb

import numpy as np
import pytest

from pgcode import environments
from pgcode.bias import bias_test, power, simulated_bias_test
from pgcode.derivation import Verdict
from pgcode.displays import Comparison
from pgcode.estimators import full_return, reward_to_go, trajectory_gradients
from pgcode.moments import full_return_moments, reward_to_go_moments
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import enumerate_trajectories, sample_trajectories


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("trajectory-form/how-far-off")


@pytest.fixture(scope="module")
def flat(names):
    """The estimates from single walks less their mean, and the probabilities of the walks."""
    return (names["arrows"] - names["gradient"]).reshape(256, 4), names["P_tau"]


def test_prediction():
    """A pull is off by 3/4 always; 0.15 or more of a hundred pulls is ten heads more or less than fifty."""
    bandit, policy = environments.two_armed_bandit(), SoftmaxPolicy(2, 2)
    moments = full_return_moments(bandit, policy, np.zeros((2, 2)))
    assert abs(moments.standard_deviation[0, 1] - 0.75) < 1e-12
    heads = np.array([comb(100, k) / 2**100 for k in range(101)])
    single = np.arange(101) / 100 * 1.5 - 0.5
    assert abs(heads[np.abs(single - 0.25) > 0.149999].sum() - 0.057) < 0.0005


def test_the_line_of_the_opening_figure(names, flat):
    away, chance = flat
    trace = chance @ (away**2).sum(axis=1)
    assert abs(names["one_walk"].trace - trace) < 1e-12
    assert abs(trace / (names["gradient"] ** 2).sum() - 12.1) < 0.05  # the crossing
    ratio = names["squared_error"].mean(axis=1) * names["sizes"] / trace
    assert (np.abs(ratio - 1) < 4 * names["spread"] / names["exact_square"]).all()
    assert np.abs(ratio - 1).max() > 1e-3


def test_the_variance_of_a_squared_error(names, flat):
    """Over all pairs of walks, listed."""
    away, chance = flat
    pairs = ((away[:, None] + away[None, :]).reshape(-1, 4) / 2) ** 2
    squares, weight = pairs.sum(axis=1), np.outer(chance, chance).ravel()
    listed = weight @ squares**2 - (weight @ squares) ** 2
    assert abs(listed - names["variance_of_squared_error"](2)) < 1e-9


def test_the_ellipse_holds_what_a_normal_one_does(names):
    """At m = 1024 it holds 1 − e⁻² of the points, within four standard errors; and the cloud lies within the axes."""
    away = names["running"][:, -1] - names["gradient"][:, 1]
    distance = 1024 * np.einsum("ki,ij,kj->k", away, np.linalg.inv(names["covariance_of_go"]), away)
    expected = 1 - np.exp(-2)
    assert abs((distance <= 4).mean() - expected) < 4 * np.sqrt(expected * (1 - expected) / 100)


def test_what_the_reported_standard_error_promises(names):
    shares, error = names["shares"], np.sqrt(0.954 * 0.046 / 2000)
    assert abs(shares[0, 2] - 0.75) < 0.02  # one in four is farther off
    assert shares[0, 2] < shares[1, 2] < 0.954 - 4 * error
    assert np.abs(shares[2:] - [0.683, 0.954, 0.954]).max() < 0.03
    assert np.abs(shares[:, 1] - 0.954).max() < 4 * error


def test_how_many_walks(names):
    rooms, policy, theta = names["rooms"], names["policy"], names["theta"]
    by_recursion = (
        full_return_moments(rooms, policy, theta).variance[0, 1],
        reward_to_go_moments(rooms, policy, theta).variance[0, 1],
    )
    for result, variance in zip((names["one_walk"], names["to_go"]), by_recursion, strict=True):
        for error in (*names["wanted"], 0.01):
            n = names["walks_needed"](result, error)
            assert variance / n <= error**2 * (1 + 1e-9)
            assert variance / (n - 1) > error**2
    assert abs(by_recursion[1] / by_recursion[0] - 2 / 3) < 0.01
    assert abs(names["gradient"][0, 1] + 0.239) < 5e-4


def test_bias_and_variance_of_stale_walks(names):
    square = (names["stale_bias"] ** 2).sum()
    for errors, exact in (
        (names["without_rho"], square + names["stale_trace"] / names["stale_sizes"]),
        (names["with_rho"], names["rho_trace"] / names["stale_sizes"]),
    ):
        own = errors.std(axis=1, ddof=1) / np.sqrt(200)
        assert (np.abs(errors.mean(axis=1) - exact) < 4 * own).all()
    assert np.abs(names["rho_bias"]).max() < 1e-12
    at_ten = square + names["stale_trace"] / 10, names["rho_trace"] / 10, names["one_walk"].trace / 10
    assert np.sqrt(at_ten).round(2).tolist() == [1.96, 1.59, 1.27]
    assert int(np.sqrt(square / (names["stale_trace"] / 3000))) == 19


def test_the_plan(names):
    """m is the smallest at which the bias is found with probability 0.9; it grows with the square."""
    covariance, bias = names["missing"].covariance, names["bias"]
    for part, m in zip((1, 2, 10), names["plan"], strict=True):
        assert power(bias / part, m, covariance) >= 0.9 > power(bias / part, m - 1, covariance)
    assert abs(names["plan"][2] / names["plan"][0] - 100) < 1
    assert abs(names["plan"][1] / names["plan"][0] - 4) < 0.05


def test_the_bias_of_the_missing_score(names):
    """What the last decision earns beside its score is lost, no more and no less."""
    walks = names["walks"]
    last = names["policy"].score(names["theta"])[walks.states[:, -2], walks.actions[:, -1]]
    lost = np.tensordot(names["P_tau"] * 0.9**3 * walks.rewards[:, -1], last, axes=1)
    assert np.abs(names["bias"] + lost).max() < 1e-12


def test_the_test_keeps_its_promises(names):
    predicted, found = names["predicted"], names["found"]
    error = np.sqrt(predicted * (1 - predicted) / names["n_tests"])
    assert (np.abs(found - predicted) < 4 * error).all()
    assert (np.abs(names["alarms"] - 0.05) < 4 * np.sqrt(0.05 * 0.95 / names["n_tests"])).all()
    assert names["results"]["A15"].degrees_of_freedom == 2
    moved = bias_test(names["gradient"] + 1e-4, 10, names["gradient"], names["one_walk"].covariance)
    assert moved.p_value == 0  # where nothing varies the slightest deviation is a bias


def test_where_the_test_cries_wolf(names):
    lake, policy, theta = names["lake"], names["tabular"], names["lake_theta"]
    goals = sample_trajectories(lake, policy, theta, 400_000, np.random.default_rng(8)).rewards.sum(axis=1)
    share = goals.mean()
    assert abs(1 / share - 140) < 10
    assert 1 < 200 * share < 2
    assert 0.15 < names["cries"] < 0.3
    assert names["simulated"].guaranteed
    assert names["judged"].trusted is False
    # another draw of the null distribution, from other seeds, says the same
    sample = sample_trajectories(lake, policy, theta, 200, np.random.default_rng(9))
    again = simulated_bias_test(
        sample, lake, policy, theta, full_return, 999, np.random.default_rng(10), moments=names["lake_moments"]
    )
    cries = (again.null_statistics > names["critical"]).mean()
    assert abs(cries - names["cries"]) < 4 * np.sqrt(2 * 0.22 * 0.78 / 999)


def test_looking_often_raises_false_alarms(names):
    ever = names["ever"]
    assert abs(ever[0] - 0.05) < 4 * np.sqrt(0.05 * 0.95 / 1000)
    assert ever[-1] > 0.2
    assert abs(ever[-1] - 0.25) < 0.02
    pvalues = [
        bias_test(names["gradient"] + z.reshape(2, 2), 100, names["gradient"], names["one_walk"].covariance).p_value
        for z in names["z"][:50, 0]
    ]
    assert ((np.array(pvalues) < 0.05) == names["says_bias"][:50, 0]).all()


def test_the_ledger(names):
    ledger = names.shown[-3]
    assert [ledger.checks[line.label].verdict for line in ledger] == [
        Verdict.EXACT,
        Verdict.ESTIMATE,
        Verdict.EXACT,
        Verdict.FALSE,
    ]
    shown = {each.claim: each.verdict for each in names.shown if isinstance(each, Comparison)}
    assert sorted(map(str, shown.values())) == sorted(map(str, (Verdict.ESTIMATE, Verdict.EXACT)))


def test_reward_to_go_has_the_same_mean(names):
    rooms, policy, theta = names["rooms"], names["policy"], names["theta"]
    walks, chance = enumerate_trajectories(rooms, policy, theta)
    mean = np.tensordot(chance, trajectory_gradients(walks, policy, theta, reward_to_go(walks)), axes=1)
    assert np.abs(mean - names["gradient"]).max() < 1e-12
