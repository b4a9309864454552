"""What "The likelihood ratio" says in words and numbers."""

import numpy as np
import pytest

from pgcode import environments, trajectory_form, values
from pgcode.derivation import Derivation, Verdict
from pgcode.displays import Comparison, Table
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step, finite_difference
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import count_trajectories


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("trajectory-form/likelihood-ratio")


@pytest.fixture(scope="module")
def tables(names):
    return [shown for shown in names.shown if isinstance(shown, Table)]


def test_the_prediction():
    probability, relative, returns = np.array([[0.2, 0.5, 0.3], [0.1, -0.04, 0], [4, 1, -1]])
    assert (probability * relative).sum() == pytest.approx(0)
    assert probability @ (relative * returns) == pytest.approx(0.06)


def test_good_walks_grow_and_bad_ones_shrink(names):
    before, returns = names["probability"], names["R"]
    for alpha in (0.1, 0.5, 1.0):
        grown = names["after"](alpha) - before
        assert (grown[returns > 0] > 0).all()
        assert (grown[returns < 0] < 0).all()
    assert max(names["by_return"](names["after"](1.0))) < 0.72  # the end of the axis
    assert names["by_return"](before) == pytest.approx([0.2, 0.05, 0.5, 0.25])
    climbed = [names["after"](alpha) @ returns for alpha in np.linspace(0, 1, 11)]
    assert (np.diff(climbed) > 0).all()


def test_the_walk_of_the_example(names):
    assert names["probability"][0] == pytest.approx(0.16)
    assert names["slope"][0] == pytest.approx(0.16)
    assert names["shares"][[0, 7]] == pytest.approx([0.32, 0.5])
    assert names["shares"].sum() == pytest.approx(0.925)
    slope = finite_difference(lambda at: values.objective(names["mill"], names["policy"], at), np.zeros((2, 2)))
    assert slope[0, 0] == pytest.approx(0.925)


def test_the_ratio_of_likelihoods(names):
    """A step of 0.1 in the preference multiplies the walk's probability by 1.102, where 1.1 is the first order."""
    moved = names["P"](np.array([[0.1, 0.0], [0.0, 0.0]]))[0] / 0.16
    assert moved == pytest.approx(1.102, abs=5e-4)


def test_the_comparisons_come_out_as_they_are_told(names, tables):
    shown = [shown.verdict for shown in names.shown if isinstance(shown, Comparison)]
    assert shown == [Verdict.EXACT, Verdict.EXACT]
    last = [row[1].verdict for row in tables[-1].rows]
    assert last == [Verdict.FALSE, Verdict.EXACT, Verdict.EXACT]


def test_the_ledger_of_the_lake(names):
    ledger = names["ledger"]
    assert any(isinstance(shown, Derivation) for shown in names.shown)
    assert [line.label for line in ledger] == ["A2", "A3", "A4", "A5", "A6", "A7"]
    assert ledger.false_lines == []
    lake, policy, theta = names["lake"], names["on_lake"], names["theta_lake"]
    assert (count_trajectories(lake), theta.size) == (10_477, 64)
    recursion = complex_step(lambda at: values.objective(lake, policy, at), theta)
    assert np.abs(ledger["A7"].value - recursion).max() < 1e-12
    assert np.linalg.norm(recursion) > 0.01


def test_with_the_default_rewards_every_line_would_be_zero(names):
    gymnasium = names["gymnasium"]
    default = TabularMDP.from_gymnasium(gymnasium.make("FrozenLake-v1"), discount=0.9, horizon=4)
    assert not trajectory_form.enumerated_gradient(default, names["on_lake"], names["theta_lake"]).any()


def test_the_broken_assumption(names):
    broken = names["broken"].between("A2", "A7")
    assert broken.false_lines == ["A4"]
    assert (names["A3"], names["A7"]) == (-1, -2)


def test_exercise_a_constant_in_the_return(names):
    probability, score = names["P"](names["theta"]), names["score"]
    plain, shifted = (np.tensordot(probability * (names["R"] + c), score, 1) for c in (0, 5))
    assert np.abs(plain - shifted).max() < 1e-14
    at_the_edge = trajectory_form.derivation(environments.two_armed_bandit((6.0, 7.0)), names["direct"], names["edge"])
    assert at_the_edge["A3"].value[0, 0] == -1
    assert at_the_edge["A7"].value[0, 0] == -2 - 5


def test_exercise_which_lines_survive(names):
    """The gradient of the return itself is what is missing."""
    probability, theta = names["P"], names["theta"]

    def returns(at):
        return names["R"] * at[0, 0]

    whole = complex_step(lambda at: probability(at) @ returns(at), theta)
    by_score = np.tensordot(probability(theta) * returns(theta), names["score"], 1)
    own = np.tensordot(probability(theta), complex_step(returns, theta), 1)
    assert np.abs(by_score + own - whole).max() < 1e-12
    assert np.abs(own).max() > 0.1


def test_exercise_the_other_edge(names):
    ledger = trajectory_form.derivation(names["bandit"], names["direct"], np.array([[1.0], [0.5]]))
    assert (ledger["A3"].value[0, 0], ledger["A7"].value[0, 0]) == (-1, 1)


def test_exercise_your_own_process():
    own, theta = environments.random_mdp(np.random.default_rng(1)), np.zeros((3, 2))
    ledger = trajectory_form.derivation(own, SoftmaxPolicy(3, 2), theta).between("A2", "A7")
    wrong = ledger["A5"].value.copy()
    wrong[0, 0] += 0.001
    assert ledger.with_value("A5", wrong).false_lines == ["A5", "A7"]
