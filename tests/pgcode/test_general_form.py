"""The lines G1 to G10, with integrals and with sums."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_linear_quadratic import random_problem

from pgcode import state_action_form, values
from pgcode.derivation import Verdict
from pgcode.environments import random_mdp
from pgcode.general_form import derivation_with_integrals, derivation_with_sums, derivation_without_chance
from pgcode.linear_quadratic import lq_deterministic_objective, lq_gradient, lq_objective
from pgcode.oracles import complex_step
from pgcode.policies import SoftmaxPolicy

LABELS = [f"G{number}" for number in range(1, 11)]


@given(st.integers(0, 10**6), st.floats(0.01, 5))
def test_every_line_holds_with_sums_however_far_the_policies_are(seed, distance):
    rng = np.random.default_rng(seed)
    mdp, policy = random_mdp(rng, horizon=None), SoftmaxPolicy(3, 2)
    theta = rng.standard_normal((3, 2))
    other = theta + distance * rng.standard_normal((3, 2))
    ledger = derivation_with_sums(mdp, policy, theta, other)
    assert [line.label for line in ledger] == LABELS
    assert ledger.false_lines == []
    rise = values.objective(mdp, policy, other) - values.objective(mdp, policy, theta)
    assert abs(ledger["G7"].value - rise) < 1e-10
    assert np.abs(ledger["G10"].value - state_action_form.exact_gradient(mdp, policy, theta)).max() < 1e-10


@pytest.mark.parametrize(("n", "k"), [(1, 1), (2, 1), (1, 2), (3, 2)])
def test_every_line_holds_with_integrals(n, k):
    problem, theta = random_problem(n + 10 * k, n, k)
    other = theta + 0.05 * np.random.default_rng(0).standard_normal(theta.shape)
    ledger = derivation_with_integrals(problem, theta, other)
    assert [line.label for line in ledger] == LABELS
    assert ledger.false_lines == []
    assert abs(ledger["G7"].value - (lq_objective(problem, other) - lq_objective(problem, theta))) < 1e-10
    assert np.abs(ledger["G8"].value - lq_gradient(problem, theta)).max() < 1e-9


def test_both_ledgers_give_the_same_reasons():
    problem, at = random_problem(0)
    mdp = random_mdp(np.random.default_rng(0), horizon=None)
    sums = derivation_with_sums(mdp, SoftmaxPolicy(3, 2), np.zeros((3, 2)), np.ones((3, 2)))
    integrals = derivation_with_integrals(problem, at, at)
    assert [line.reason for line in sums] == [line.reason for line in integrals]


def test_a_wrong_value_is_found():
    problem, at = random_problem(0)
    ledger = derivation_with_integrals(problem, at, 0.9 * at)
    for label in LABELS:
        assert label in ledger.with_value(label, 1.001 * ledger[label].value).false_lines


@pytest.mark.parametrize("discount", [0.0, 0.9, 0.999, 1 - 1e-5, 1 - 1e-7])
def test_near_no_discount_true_lines_are_never_false_and_wrong_ones_never_exact(discount):
    rng = np.random.default_rng(1)
    mdp, theta = random_mdp(rng, horizon=None, discount=discount), rng.standard_normal((3, 2))
    problem, at = random_problem(4, 2, 1, discount=discount)
    words = {Verdict.EXACT} if discount <= 0.999 else {Verdict.EXACT, Verdict.UNDECIDED}
    for ledger in (
        derivation_with_sums(mdp, SoftmaxPolicy(3, 2), theta, theta + np.eye(3, 2)),
        derivation_with_integrals(problem, at, 0.9 * at),
    ):
        assert {check.verdict for check in ledger.checks.values()} <= words
        for label in LABELS:
            wrong = ledger.with_value(label, ledger[label].value * 1.01)
            assert wrong.checks[label].verdict is not Verdict.EXACT, (label, discount)


@pytest.mark.parametrize("size", [1e-150, 1e150])
def test_costs_of_any_size(size):
    problem, at = random_problem(4, 2, 1)
    scaled = replace(problem, state_cost=size * problem.state_cost, action_cost=size * problem.action_cost)
    ledger = derivation_with_integrals(scaled, at, 0.9 * at)
    assert {check.verdict for check in ledger.checks.values()} == {Verdict.EXACT}
    assert "G9" in ledger.with_value("G9", 1.001 * ledger["G9"].value).false_lines


# Without chance.


@pytest.mark.parametrize(("n", "k"), [(1, 1), (2, 1), (1, 2), (3, 2)])
def test_every_line_holds_without_chance(n, k):
    problem, theta = random_problem(n + 10 * k, n, k)
    gain = theta[:-1].reshape(k, n)
    ledger = derivation_without_chance(problem, gain)
    assert [line.label for line in ledger] == ["N1", "N2", "N3", "N4"]
    assert ledger.false_lines == []
    slope = complex_step(lambda at: lq_deterministic_objective(problem, at), gain)
    for label in ("N3", "N4"):
        assert np.abs(ledger[label].value - slope.ravel()).max() < 1e-9
        assert ledger.checks[label].verdict is Verdict.EXACT
    for label in ("N1", "N2", "N3", "N4"):
        assert label in ledger.with_value(label, 1.001 * ledger[label].value).false_lines
