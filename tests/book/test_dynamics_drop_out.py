"""What "The dynamics drop out" says in words and numbers."""

import math
from dataclasses import replace

import numpy as np
import pytest

from pgcode import environments, trajectory_form, values
from pgcode.derivation import Derivation, Verdict
from pgcode.displays import Comparison, Table
from pgcode.estimators import importance_ratios
from pgcode.oracles import complex_step, finite_difference
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import enumerate_trajectories, trajectory_probabilities


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("trajectory-form/dynamics-drop-out")


@pytest.fixture(scope="module")
def ledgers(names):
    return [shown for shown in names.shown if isinstance(shown, Derivation)]


def test_the_prediction():
    """A worse wheel: another probability, the same score, another gradient."""
    policy, coin = SoftmaxPolicy(2, 2), np.zeros((2, 2))
    found = []
    for breaks in (0.2, 0.5):
        mdp = environments.mill(breaks=breaks)
        walks, probability = enumerate_trajectories(mdp, policy, coin)
        scores = complex_step(lambda at, m=mdp, w=walks: np.log(trajectory_probabilities(w, m, policy, at)), coin)
        found.append((probability[0], scores[0, 0, 0], trajectory_form.enumerated_gradient(mdp, policy, coin)[0, 0]))
    (before, score, slope), (after, same, other) = found
    assert (before, after) == pytest.approx((0.16, 0.0625))
    assert (score, same) == pytest.approx((1, 1))
    assert abs(slope - other) > 0.1


def test_the_opening_figure_is_the_walk_of_the_mill(names):
    for preference in (-2.0, 0.0, 1.3):
        at = np.array([[preference, 0.0], [0.0, 0.0]])
        product = trajectory_probabilities(names["walks"], names["mill"], names["on_mill"], at)[0]
        assert names["factors_at"](preference).prod() == pytest.approx(product)


def test_the_product_is_lost_and_the_sum_is_not(names):
    assert math.ulp(0.0) == pytest.approx(5e-324)
    assert names["factor"].prod() == 0
    assert names["factor"][:100].prod() > 0
    assert np.isfinite(np.log(names["factor"]).sum())


def test_the_comparisons_come_out_as_they_are_told(names):
    shown = [shown.verdict for shown in names.shown if isinstance(shown, Comparison)]
    assert shown == [Verdict.EXACT] * 3 + [Verdict.FALSE]
    two = next(shown for shown in names.shown if isinstance(shown, Table) and shown.heads[0] == "walks from")
    assert [[cell.verdict for cell in row[1:]] for row in two.rows] == [
        [Verdict.ESTIMATE, Verdict.FALSE],
        [Verdict.FALSE, Verdict.ESTIMATE],
    ]


def test_the_score_of_a_walk_is_that_of_its_probability(names):
    """Central differences of log P use neither the score nor complex numbers."""
    mill, policy, walks = names["mill"], names["on_mill"], names["walks"]
    at = np.array([[2.0, 0.0], [0.0, 1.0]])
    slopes = finite_difference(lambda x: np.log(trajectory_probabilities(walks, mill, policy, x)), at)
    table = policy.score(at)
    summed = table[names["here"], names["done"]].sum(axis=1)
    assert np.abs(slopes - summed).max() < 1e-8


def test_the_ledger(names, ledgers):
    assert [line.label for line in ledgers[0]] == names["labels"]
    assert ledgers[0].false_lines == []
    assert ledgers[0]["A14"].value.shape == (3888, 3, 2)
    assert (names["small"].transition < 1).all()
    assert names["small"].horizon == 4


def test_the_state_distribution_moves_by_the_scores():
    mdp = environments.random_mdp(np.random.default_rng(3))
    policy = SoftmaxPolicy(mdp.n_states, mdp.n_actions)
    theta = np.random.default_rng(0).standard_normal(policy.theta_shape)
    walks, probability = enumerate_trajectories(mdp, policy, theta)
    scores = complex_step(lambda at: np.log(trajectory_probabilities(walks, mdp, policy, at)), theta)
    forward = complex_step(lambda at: values.occupancy(mdp, policy, at), theta)
    for t in (1, 3):
        for state in range(mdp.n_states):
            by_scores = np.tensordot(probability * (walks.states[:, t] == state), scores, 1)
            assert np.abs(by_scores - forward[t, state]).max() < 1e-12
            assert np.linalg.norm(forward[t, state]) > 1e-3


def test_the_picture_of_the_scores(names):
    plane, corners = names["PLANE"], names["CORNERS"]
    for preference in names["preferences"]:
        pi, scores = names["three_actions"](preference)
        assert np.abs(pi @ scores).max() < 1e-12
        assert np.abs(scores.sum(axis=1)).max() < 1e-12
        assert np.abs(np.linalg.norm(scores @ plane, axis=1) - np.linalg.norm(scores, axis=1)).max() < 1e-12
        assert np.abs(pi @ plane + scores @ plane - corners).max() < 1e-12
        lengths = np.linalg.norm(scores, axis=1)[np.argsort(pi)]
        assert (np.diff(lengths) < 1e-12).all()  # the more probable, the shorter


def test_the_score_of_a_density():
    def log_density(mean):
        return -((-1.3 - mean) ** 2) / (2 * 0.2**2) - np.log(0.2 * np.sqrt(2 * np.pi))

    assert complex_step(log_density, np.array(-1.2)) == pytest.approx(-2.5)
    assert np.exp(log_density(-1.2)) == pytest.approx(1.76, abs=5e-3)


def test_walks_of_both_corridors_have_one_score(names):
    theta, blind = names["theta_blind"], names["blind"]
    found = []
    for room in (names["often"], names["rarely"]):
        walks, probability = enumerate_trajectories(room, blind, theta)
        scores = complex_step(lambda x, w=walks, r=room: np.log(trajectory_probabilities(w, r, blind, x)), theta)
        found.append((np.hstack([walks.states, walks.actions]), probability, scores))
    (one, before, score_one), (two, after, score_two) = found
    assert np.array_equal(one, two)
    assert np.abs(score_one - score_two).max() < 1e-12
    ratio = after / before
    assert ratio.min() < 1e-2
    assert ratio.max() > 10
    first, second, third, fourth = names["slopes"]
    assert first * second < 0
    assert third * fourth < 0
    for room, slope in zip(names["rooms"], names["slopes"], strict=True):
        gradient = complex_step(lambda x, r=room: values.objective(r, blind, x), theta)
        assert gradient == pytest.approx([-slope, slope])


def test_when_the_dynamics_know_the_parameters(names, ledgers):
    assert ledgers[1].false_lines == ["A12", "A13"]
    assert names["true"] == pytest.approx([0.925, 0.04])
    assert names["by_A14"] == pytest.approx([0.925, 0])
    missing = (np.exp(names["log_P"](names["now"])) * names["R"]) @ names["answers"]
    assert names["true"] - names["by_A14"] == pytest.approx(missing)

    def by_recursion(at):
        mdp = environments.mill(breaks=1 / (1 + np.exp(at[1])))
        return values.objective(mdp, SoftmaxPolicy(2, 2), [[at[0], 0.0], [0.0, 0.0]])

    assert finite_difference(by_recursion, names["now"]) == pytest.approx(names["true"], abs=1e-8)


def test_scores_after_the_end_would_be_noise_if_they_were_drawn(names):
    tau, blind, theta = names["tau"], names["blind"], names["theta_blind"]
    masked = np.where(tau.active[:, :, None], names["each"], 0).sum(axis=1)
    weights = names["P_tau"] * tau.returns
    assert weights @ masked == pytest.approx(names["right"])
    drawn = blind.probabilities(theta)[3] @ blind.score(theta)[3]
    assert np.abs(drawn).max() < 1e-12
    # a tabular policy: the error sits in the rows of terminal states
    corridor, table = names["corridor"], SoftmaxPolicy(4, 2)
    at = np.random.default_rng(1).standard_normal((4, 2))
    walks, probability = enumerate_trajectories(corridor, table, at)
    summed = table.score(at)[walks.states[:, :-1], walks.actions].sum(axis=1)
    error = np.tensordot(probability * walks.returns, summed, 1)
    error = error - trajectory_form.enumerated_gradient(corridor, table, at)
    assert np.abs(error[:3]).max() < 1e-12
    assert np.abs(error[3]).max() > 0.1


def test_exercise_by_hand(names):
    state_score = np.eye(2) - np.array([0.8, 0.2])
    assert 2 * state_score[0] + state_score[1] == pytest.approx([-0.4, 0.4])
    mill, policy, walks = names["mill"], names["on_mill"], names["walks"]
    at = np.array([[2.0, 0.0], [0.0, 1.0]])
    count = np.zeros((len(walks), 2, 2))
    np.add.at(count, (np.arange(len(walks))[:, None], names["here"], names["done"]), 1)
    expected = count.sum(axis=2, keepdims=True) * policy.probabilities(at)
    scores = complex_step(lambda x: np.log(trajectory_probabilities(walks, mill, policy, x)), at)
    assert np.abs(count - expected - scores).max() < 1e-12


def test_exercise_a_start_that_you_choose():
    mdp = environments.random_mdp(np.random.default_rng(3))
    policy, theta, phi = SoftmaxPolicy(3, 2), np.ones((3, 2)) * [0.3, -0.2], np.array([0.3, -0.2, 0.1])

    def start(at):
        return np.exp(at) / np.exp(at).sum()

    walks, probability = enumerate_trajectories(replace(mdp, initial=start(phi)), policy, theta)
    score = complex_step(lambda at: np.log(start(at)), phi)[walks.states[:, 0]]
    truth = complex_step(lambda at: start(at) @ values.state_values(mdp, policy, theta)[0], phi)
    assert (probability * walks.returns) @ score == pytest.approx(truth)
    assert np.abs(score).max() > 0.1


def test_exercise_what_else_drops_out(names):
    mill, policy, walks = names["mill"], names["on_mill"], names["walks"]
    old, new = np.zeros((2, 2)), np.array([[2.0, 0.0], [0.0, 1.0]])
    whole = [trajectory_probabilities(walks, mill, policy, at) for at in (new, old)]
    assert importance_ratios(walks, policy, new, old) == pytest.approx(whole[0] / whole[1])
