"""What the chapter on losses says, by ways that it does not take, and the numbers that its words rest on."""

import itertools
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from letters import BOOK, path_of

from pgcode import environments, values
from pgcode.mistakes import BONUSES, ESTIMATORS
from pgcode.oracles import complex_step
from pgcode.policies import SoftmaxPolicy
from pgcode.state_action_form import exact_gradient
from pgcode.trajectories import enumerate_trajectories

NAME = "practice/from-theorem-to-loss"


@pytest.fixture(scope="module")
def names(chapter):
    return chapter(NAME)


def test_the_prediction():
    assert round(-0.5 * (1 + 2) * np.log(0.5), 2) == 1.04
    assert round(-0.5 * (-2 - 1) * np.log(0.5), 2) == -1.04


def test_by_hand():
    score = np.array([-0.5, 0.5])
    assert round(2 * np.log(0.5), 2) == -1.39
    assert (2 * score).tolist() == [-1, 1]
    assert round(1 / (1 + np.exp(-2)), 2) == 0.88
    assert round(12 * np.log(0.5), 2) == -8.32
    mean = 0.5 * 12 * score + 0.5 * 11 * -score
    assert mean.tolist() == (0.5 * 2 * score + 0.5 * 1 * -score).tolist() == [-0.25, 0.25]
    assert round((0.5 * 23 - 0.5 * 3) * np.log(2), 2) == 6.93


def test_three_losses_of_one_run_fall_rise_and_stay(names):
    objective, falls, rises, stays = names["run"].T
    assert objective[0] == pytest.approx(2.507, abs=1e-3)
    assert objective[-1] > 4.1
    assert falls[:10].mean() > 3
    assert falls[-10:].mean() < 1.2
    assert rises[:10].mean() < -6
    assert rises[-10:].mean() > -1
    assert np.abs(stays).max() < 1e-12


def test_what_is_differentiated(names):
    """The five expressions: two give no gradient of J. A sum over the walks stands behind each."""
    written, gradient, theta = names["written"], names["gradient"], names["theta"]
    right = [np.allclose(complex_step(each, theta), gradient, atol=1e-12) for each in written.values()]
    assert right == [False, False, True, True, True]
    assert not complex_step(next(iter(written.values())), theta).any()
    exact = exact_gradient(names["rooms"], names["policy"], theta)
    assert gradient == pytest.approx(exact, abs=1e-12)
    elsewhere = theta + np.array([[0.7, -0.2], [-1.1, 0.4]])
    objective = names["exact_J"](elsewhere)
    is_objective = [float(each(elsewhere)) == pytest.approx(objective) for each in written.values()]
    assert is_objective == [False, False, False, True, True]


def test_the_second_derivative_of_the_surrogate_is_not_that_of_the_objective(names):
    walks, chances, returns, theta = names["walks"], names["P"], names["R"], names["theta"]

    def scores(at):
        return names["policy"].score(at)[walks.states[:, :-1], walks.actions].sum(axis=1)

    psi = scores(theta).reshape(len(walks), -1)
    step = 1e-5
    hessian, of_surrogate = np.empty((4, 4)), np.empty((4, 4))
    for k in range(4):
        moved = np.zeros(4)
        moved[k] = step
        up, down = (theta + sign * moved.reshape(2, 2) for sign in (1, -1))
        hessian[k] = (
            exact_gradient(names["rooms"], names["policy"], up) - exact_gradient(names["rooms"], names["policy"], down)
        ).ravel() / (2 * step)
        change = (scores(up) - scores(down)).reshape(len(walks), -1) / (2 * step)
        of_surrogate[k] = (chances * returns) @ change
    missing = np.einsum("n,ni,nj->ij", chances * returns, psi, psi)
    assert hessian == pytest.approx(of_surrogate + missing, abs=1e-7)
    assert np.abs(missing).max() > 0.1


@pytest.mark.parametrize(("n_actions", "too_much"), [(2, 0.69), (18, 2.89)])
def test_a_critic_that_is_not_detached_settles_too_high(n_actions, too_much):
    """Lower the mean of the whole loss in V̂ alone, step by step."""
    c, pi = 0.5, np.full(n_actions, 1 / n_actions)
    pays = np.arange(1.0, n_actions + 1)
    v = 0.0
    for _ in range(2000):
        slope = complex_step(lambda x: pi @ (-(pays - x[0]) * np.log(pi) + c * (pays - x[0]) ** 2), np.array([v]))[0]
        v -= 0.01 * slope
    entropy = -(pi @ np.log(pi))
    assert v - pi @ pays == pytest.approx(entropy / (2 * c), abs=1e-6)
    assert round(entropy / (2 * c), 2) == too_much


def test_through_a_shared_critic_the_entries_do_not_sum_to_zero(names):
    case = names["case"]
    assert case.world == "two arms"
    assert case.gradient[0].sum() == pytest.approx(0, abs=1e-12)
    through = (case.mean - case.gradient)[0]
    assert (through > 0).all()  # V(s) = Σ π θ rises
    assert "raises V" in ESTIMATORS["critic not detached"].why


def test_the_entropy_bonus(names):
    assert names["of_sample"].tolist() == [0, 0]
    assert names["of_entropy"].round(4).tolist() == [-0.2218, 0.2218]

    def entropy(at):
        p = np.exp(at) / np.exp(at).sum()
        return -(p * np.log(p)).sum()

    assert names["of_entropy"] == pytest.approx(complex_step(entropy, np.log([0.8, 0.2])), abs=1e-12)
    assert names["where_it_ends"](1) == pytest.approx(np.e**2 / (np.e + np.e**2), abs=1e-6)
    assert names["where_it_ends"](0) > 0.99
    assert BONUSES["sampled entropy bonus"].see.heading == "The entropy bonus"


def test_logits_and_probabilities(names):
    softmax = names["softmax"]
    assert softmax(np.array([-1.0, -3.0])).round(3)[0] == 0.881
    for n_actions in (2, 18):
        at = np.zeros(n_actions)
        at[0] = 800  # as sure as it can be
        assert softmax(softmax(at - 800))[0] == pytest.approx(np.e / (np.e + n_actions - 1))


def test_four_ways_to_nan(names):
    values_of = [value for value, _ in names["found"].values()]
    assert np.isneginf(values_of[0])
    assert np.isnan(values_of[1:]).all()
    shifted = np.array([0.0, -800.0])
    log_softmax = shifted - np.log(np.exp(shifted).sum())
    assert log_softmax[1] == -800
    assert (np.exp(log_softmax) * log_softmax)[1] == 0


# The shapes, over all batches of two walks.


@pytest.fixture(scope="module")
def pairs():
    rooms = replace(environments.two_rooms(horizon=2, discount=0.9), discount=1.0)
    policy, theta = SoftmaxPolicy(2, 2), np.array([[0.0, 0.5], [0.0, -0.5]])
    walks, chances = enumerate_trajectories(rooms, policy, theta)
    return rooms, policy, theta, walks, chances


def exact_mean(pairs, weigh):
    """The mean over all batches of two walks of 2 · mean of a matrix of score times weight, and its pieces."""
    _, policy, theta, walks, chances = pairs
    score = policy.score(theta)[walks.states[:, :-1], walks.actions]
    critic = np.array([0.7, -0.4])[walks.states[:, :-1]]  # that is not V
    total = np.zeros((2, 2))
    for i, j in itertools.product(range(len(walks)), repeat=2):
        gains = walks.returns_from_step[[i, j]].ravel()
        weights = weigh(gains, critic[[i, j]].ravel())  # (n, n): [other, own]
        product = np.einsum("on,nsa->sa", weights, score[[i, j]].reshape(4, 2, 2))
        total += chances[i] * chances[j] * 2 * product / len(gains) ** 2
    return total


def test_a_column_of_values_is_a_constant_baseline_but_for_one_mth(pairs):
    """The mean of all values holds those of the own walk, and the later ones go with its actions."""
    rooms, policy, theta, walks, chances = pairs
    mean = exact_mean(pairs, lambda gains, critic: gains - critic.reshape(-1, 1))
    score = policy.score(theta)[walks.states[:, :-1], walks.actions].sum(axis=1)
    critic = np.array([0.7, -0.4])[walks.states[:, :-1]].mean(axis=1)
    own = np.einsum("n,nsa,n->sa", chances, score, critic)
    assert mean == pytest.approx(exact_gradient(rooms, policy, theta) - own / 2, abs=1e-12)  # m = 2
    assert np.abs(own).max() > 0.01


def test_a_column_of_returns_leaves_one_mth_of_their_mean(pairs):
    _, policy, theta, walks, chances = pairs
    mean = exact_mean(pairs, lambda gains, critic: gains.reshape(-1, 1) - critic)
    score = policy.score(theta)[walks.states[:, :-1], walks.actions].sum(axis=1)
    own = np.einsum("n,nsa,n->sa", chances, score, walks.returns_from_step.mean(axis=1))
    assert mean == pytest.approx(own / 2, abs=1e-12)  # m = 2
    assert np.abs(own).max() > 0.05


# The ratio of PPO.


def test_at_ratio_one_the_value_is_zero_and_the_gradient_is_not(names):
    assert names["first"].verdict.word == "exact"
    assert names["clipped"](names["theta"]).real == pytest.approx(0, abs=1e-12)
    assert np.linalg.norm(names["gradient"]) > 1


def test_the_clipped_objective_bends_and_becomes_flat(names):
    value, length, of_objective, turned, beyond, objective = names["epochs"].T
    assert turned[0] == pytest.approx(0, abs=1e-5)
    assert 70 < turned[2] < 80
    assert length[-1] < 1e-12
    assert of_objective[-1] > 0.8
    assert beyond[-1] == pytest.approx(1)
    assert (np.diff(objective) >= 0).all()
    assert (np.diff(value) >= 0).all()


# The programs.


def test_what_the_programs_learn(names):
    ends = {name: np.median(curves[:, -1]) for name, curves in names["learnt"].items()}
    assert names["best"] == pytest.approx(4.16, abs=0.005)
    assert ends["right"] == pytest.approx(4.14, abs=0.01)
    assert ends["two softmaxes"] == pytest.approx(3.18, abs=0.01)
    assert ends["one batch"] == pytest.approx(3.85, abs=0.01)
    assert ends["one batch"] < ends["(n, 1) − (n)"] < ends["right"]
    at_ten = {name: np.median(curves[:, 10]) for name, curves in names["learnt"].items()}
    assert at_ten["(n, 1) − (n)"] < 2.9 < 3.5 < at_ten["right"] < at_ten["one batch"]
    assert sorted(ends, key=ends.get)[:2] == ["two softmaxes", "one batch"]


def test_the_surrogate_is_high_on_one_batch_alone(names):
    """In every run; those of the others differ more from run to run than from program to program."""
    last = dict(names["last"])
    of_one_batch, others = last.pop("one batch"), np.array(list(last.values()))
    assert of_one_batch.min() > 80 > 2 > others.max()
    medians = np.median(others, axis=1)
    assert (np.ptp(others, axis=1) > np.ptp(medians)).all()


def test_two_softmaxes_can_do_no_better(names):
    """The best of all policies whose probabilities are at most e/(e + 1)."""
    most = np.e / (np.e + 1)
    choices = [np.log([most, 1 - most]), np.log([1 - most, most])]
    objective = [names["exact_J"](np.array(rows)) for rows in itertools.product(choices, repeat=2)]
    assert 0 < max(objective) - np.median(names["learnt"]["two softmaxes"][:, -1]) < 0.02


def test_the_one_batch_has_staying_to_tell(names):
    stay = np.array([[20.0, -20.0], [20.0, -20.0]])
    assert names["exact_J"](stay) == pytest.approx(3.85, abs=0.005)


@pytest.mark.parametrize("folder", ["numpy", "torch", "jax"])
def test_the_code_to_take_home_is_the_tested_file(folder):
    text = path_of(NAME).read_text(encoding="utf-8")
    file = (BOOK / "practice/take-home" / folder / "losses.py").read_text(encoding="utf-8")
    cells = json.loads(text)["cells"]
    shown = "".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    assert f"```python\n{file}```" in shown
    assert all(len(line) <= 72 for line in file.splitlines())


def test_exercise_the_constant_that_moves_a_loss():
    for x in (-1.5, 0.0, 4.0):
        entries = np.array([-(1 + x) / 2, (2 + x) / 2])
        assert entries.mean() == pytest.approx(0.25)
        assert entries.std() == pytest.approx(abs(3 + 2 * x) / 4)


def test_exercise_differentiate_twice():
    step = 1e-4

    def pi(at):
        return 1 / (1 + np.exp(-at))

    def second(f):
        return (f(step) - 2 * f(0.0) + f(-step)) / step**2

    assert second(lambda at: 1 + pi(at)) == pytest.approx(0, abs=1e-6)
    assert second(lambda at: 0.5 * 2 * np.log(pi(at)) + 0.5 * np.log(1 - pi(at))) == pytest.approx(-0.375, abs=1e-6)
    assert 0.375 == 1.5 * 0.25


def test_values_of_the_rooms_are_timed(names):
    """A critic of the rooms has a value for each time, as the programs use it."""
    critic = values.state_values(names["rooms"], names["policy"], names["theta"])
    assert critic.shape == (5, 2)


def test_reports_are_linked():
    text = path_of(NAME).read_text(encoding="utf-8")
    assert len(set(re.findall(r"https://github\.com/[\w./-]+/issues/\d+", text))) == 6
