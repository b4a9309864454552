"""What "Decision processes, policies, returns" says in words and numbers."""

from dataclasses import replace

import numpy as np
import pytest

from pgcode import environments, trajectory_form, values
from pgcode.derivation import Verdict
from pgcode.displays import Comparison, Table
from pgcode.mdp import TabularMDP
from pgcode.policies import DirectPolicy, SoftmaxPolicy
from pgcode.trajectories import count_trajectories, sample_trajectories


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("setting/decision-processes")


def test_running_twice_earns_what_is_predicted():
    always_run = DirectPolicy(2, 2), np.ones((2, 1))
    assert values.objective(environments.mill(), *always_run) == pytest.approx(1.8)


def test_the_mill_is_that_of_the_package(names):
    ours, theirs = names["mill"], environments.mill()
    assert (ours.transition == theirs.transition).all()
    assert (ours.reward == theirs.reward).all()
    assert (names["transition"] == theirs.transition).all()


def test_the_walks_of_the_coin(names):
    """0.16 for the walk of the example, eight walks, −0.05 on average."""
    assert names["shares"].sum() == pytest.approx(-0.05)
    first = next(table for table in names.shown if isinstance(table, Table))
    assert first.rows[0][1:] == ("0.16", "2", "0.32")
    assert len(first.rows) == 9


def test_every_comparison_holds(names):
    shown = [shown for shown in names.shown if isinstance(shown, Comparison)]
    in_tables = [cell for table in names.shown if isinstance(table, Table) for row in table.rows for cell in row]
    verdicts = [cell.verdict for cell in [*shown, *in_tables] if isinstance(cell, Comparison)]
    assert verdicts.count(Verdict.ESTIMATE) == 7
    assert verdicts.count(Verdict.EXACT) == len(verdicts) - 7 == 12


def test_two_standard_errors_hold_95_times_in_100(names):
    mill, policy, theta = names["mill"], names["policy"], names["theta"]
    m, batches = 500, 2000
    drawn = sample_trajectories(mill, policy, theta, m * batches, np.random.default_rng(3)).returns
    means = drawn.reshape(batches, m).mean(axis=1)
    error = names["spread"] / np.sqrt(m)
    held = np.mean(np.abs(means - names["J_list"]) < 2 * error)
    assert abs(held - 0.9545) < 4 * np.sqrt(0.95 * 0.05 / batches)


def test_the_slider_stays_within_its_axes_and_moves(names):
    found = np.array([names["probabilities_at"](x) for x in names["preferences"]])
    assert found.max() < 1
    assert np.ptp(found, axis=0).min() > 0.04
    assert np.ptp([names["J_at"](x) for x in names["preferences"]]) > 3


@pytest.mark.parametrize("discount", [0.4, 0.6])
def test_one_now_or_two_a_step_later(discount):
    transition, reward = np.zeros((2, 3, 2, 3))
    transition[0, 0, 2] = transition[0, 1, 1] = transition[1, :, 2] = transition[2, :, 2] = 1
    reward[0, 0, 2], reward[1, :, 2] = 1, 2
    waits = TabularMDP(transition, reward, np.array([1.0, 0, 0]), discount, 2)
    now, later = values.action_values(waits, SoftmaxPolicy(3, 2), np.zeros((3, 2)))[0, 0]
    assert (now, later) == (1, 2 * discount)
    assert (later > now) == (discount > 0.5)


def test_the_corridor(names):
    best = 2 - np.sqrt(2)
    assert best**2 - 4 * best + 2 == pytest.approx(0, abs=1e-15)
    assert environments.corridor_optimum() == pytest.approx((best, -(6 + 4 * np.sqrt(2))))
    u = np.linspace(0.01, 0.99, 99)
    v = (2 * u - 4) / (u * (1 - u))
    assert v.max() <= names["best_value"]
    assert v[49] == pytest.approx(-12)
    # the three equations, at a u of no importance
    v0, v1, v2, _ = environments.corridor_state_values(0.3)
    assert v0 == pytest.approx(-1 + 0.3 * v1 + 0.7 * v0)
    assert v1 == pytest.approx(-1 + 0.3 * v0 + 0.7 * v2)
    assert v2 == pytest.approx(-1 + 0.7 * v1)
    cut = [
        values.objective(environments.short_corridor(16), names["blind"], names["theta_for"](x)) for x in u[[5, 50, 90]]
    ]
    assert (np.array(cut) > v[[5, 50, 90]]).all()


def test_neither_horizon_nor_discount_nor_end(names):
    assert [round(paid, 9) for paid in names["paid"]] == [-10, -100, -1000, -10]
    with pytest.raises(ValueError, match="need not have a limit"):
        values.objective(names["endless"], names["direct"], names["right"])
    with pytest.raises(ValueError, match="need not have a limit"):  # always left
        values.objective(names["endless"], names["direct"], np.ones((4, 1)))


def test_exercise_a_constant_in_every_reward(names):
    mill, policy, theta = names["mill"], names["policy"], names["theta"]
    generous = replace(mill, reward=mill.reward + 2)
    assert values.objective(generous, policy, theta) - values.objective(mill, policy, theta) == pytest.approx(4)

    hundred = environments.short_corridor(horizon=100)
    paid = hundred.reward.copy()
    paid[:3] += 2
    walking = replace(hundred, reward=paid)
    at = {u: values.objective(walking, names["blind"], names["theta_for"](u)) for u in (0.001, 0.586, 0.999)}
    assert at[0.586] < at[0.001] < 100
    assert at[0.586] < at[0.999]
    assert values.objective(walking, names["direct"], names["right"]) == pytest.approx(100)


def test_exercise_a_third_day():
    assert [count_trajectories(environments.mill(horizon=T)) for T in (1, 2, 3)] == [3, 8, 21]


def test_exercise_your_own_process():
    transition = np.array([[[0.5, 0.5], [0, 1]], [[0, 1], [0, 1]]])
    reward = np.array([[[-1, -5], [-1, -7]], [[0, 0], [0, 0]]])
    street = TabularMDP(transition, reward, np.array([1.0, 0.0]), 1.0, 3)
    even = SoftmaxPolicy(2, 2), np.zeros((2, 2))
    assert trajectory_form.enumerated_objective(street, *even) == pytest.approx(-6.5625)
    assert values.objective(street, *even) == pytest.approx(-6.5625)
    direct = DirectPolicy(2, 2)
    assert values.objective(street, direct, np.ones((2, 1))) == pytest.approx(-5.25)
    assert values.objective(street, direct, np.zeros((2, 1))) == pytest.approx(-7)
