"""The lines G1 to G10, with integrals and with sums."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_linear_quadratic import random_problem

from pgcode import state_action_form, values
from pgcode.environments import random_mdp
from pgcode.general_form import derivation_with_integrals, derivation_with_sums
from pgcode.linear_quadratic import lq_gradient, lq_objective
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
