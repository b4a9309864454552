"""What the page "Your world" says is so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import pgcode as pg
from pgcode import environments
from pgcode._in_page import world as in_page


@pytest.fixture
def names(chapter):
    return chapter("start/your-world")


def gradient(world, theta):
    return pg.exact_gradient(world, pg.SoftmaxPolicy.for_mdp(world), theta)


def test_the_world_is_the_shuttle_of_the_package(names):
    world, shuttle = names["world"], environments.shuttle()
    np.testing.assert_array_equal(world.transition, shuttle.transition)
    np.testing.assert_array_equal(world.reward, shuttle.reward)
    assert world.discount == shuttle.discount


def test_the_entries_by_hand(names):
    np.testing.assert_allclose(names["gradient"][:, 1], [3 / 4, 3 / 4])
    np.testing.assert_allclose(names["visits"], [3 / 2, 1 / 2])
    np.testing.assert_allclose(names["v"], [2, 6])
    np.testing.assert_allclose(names["q"][:, 1], [3, 9])
    by_hand = names["visits"] * 0.5 * (names["q"][:, 1] - names["v"])
    np.testing.assert_allclose(by_hand, names["gradient"][:, 1])


def test_the_entry_of_home_grows_with_what_is_done_away(names):
    """From the fair policy to 0.9, all the way."""
    entries = [gradient(names["world"], np.log([[0.5, 0.5], [1 - p, p]]))[0, 1] for p in np.linspace(0.5, 0.9, 9)]
    assert (np.diff(entries) > 0).all()


def test_a_constant_in_all_rewards(names):
    world = names["world"]
    richer = replace(world, reward=world.reward + 10 * (world.transition > 0))
    policy, theta = names["policy"], names["theta"]
    assert pg.objective(richer, policy, theta) - pg.objective(world, policy, theta) == pytest.approx(20)
    np.testing.assert_allclose(gradient(richer, theta), gradient(world, theta), atol=1e-12)
    corridor = environments.short_corridor()
    paid = corridor.reward.copy()
    paid[:3] = 9
    theta = np.zeros((4, 2))
    cost, pay = gradient(corridor, theta), gradient(replace(corridor, reward=paid), theta)
    np.testing.assert_allclose(pay, -9 * cost)
    assert cost[2, 1] > 0 > pay[2, 1]  # in the last room, right is the exit


def test_what_is_the_only_action_has_entry_0(names):
    rows = [row for row in names["rows"] if row[:2] != ("home", "wait")]
    world = names["world_of"](names["states"], names["actions"], rows, [1, 0], 0.5)
    np.testing.assert_array_equal(gradient(world, np.zeros((2, 2)))[0], 0)


def test_the_page_refuses_the_shuttle_without_a_discount():
    shuttle = {
        "name": "Shuttle",
        "states": ["home", "away"],
        "actions": ["wait", "go"],
        "rows": [[0, 0, 0, 1, 0], [0, 1, 1, 1, 0], [1, 0, 1, 1, 0], [1, 1, 0, 1, 8]],
        "start": [1, 0],
        "discount": 1,
        "horizon": None,
        "theta": [[0, 0], [0, 0]],
    }
    with pytest.raises(in_page.WorldError, match="never ends"):
        in_page.read(shuttle)
    in_page.read(shuttle | {"horizon": 5})


@pytest.mark.parametrize("x", [0.01, 0.2, 0.25, 0.7, 0.99])
def test_savings_by_its_formula(names, x):
    savings, saver = names["savings"], names["saver"]
    theta = np.log([[1 - x, x], [1, 1]])
    assert pg.objective(savings, saver, theta) == pytest.approx(3 * x + 2 * (1 - x) ** 2)
    slope = gradient(savings, theta)[0, 1] / (x * (1 - x))  # dJ/dx, as dx/dθ = x (1 − x)
    assert slope == pytest.approx(3 - 4 * (1 - x))


def test_savings_is_worst_at_a_quarter(names):
    x = np.linspace(0, 1, 1001)
    assert x[np.argmin(3 * x + 2 * (1 - x) ** 2)] == 0.25


def test_three_climbs_end_at_2_nowhere_and_at_3(names):
    climbs = names["climbs"]
    assert climbs["x = 0.2"][-1] == pytest.approx(2, abs=0.03)
    assert climbs["x = 0.3"][-1] == pytest.approx(3, abs=0.03)
    np.testing.assert_allclose(climbs["x = 0.25"], 1.875, atol=1e-9)
    assert in_page.optimum(names["savings"]) == 3


def test_source_b_is_false_on_nearly_every_world():
    """Three of its lines, on each of a hundred random worlds with three states."""
    rng = np.random.default_rng(0)
    for _ in range(100):
        world = environments.random_mdp(rng, horizon=None)
        ledger = pg.state_action_form.source_derivation(
            world, pg.SoftmaxPolicy.for_mdp(world), rng.normal(size=(world.n_states, world.n_actions))
        )
        assert ledger.false_lines == ["B6", "B9", "B10 = ∇J"]


def test_a_reward_that_nobody_feels():
    """A first state with one action, which leads to the shuttle and pays: a constant, but noise in the estimate."""
    shuttle = environments.shuttle()
    transition, reward = np.zeros((3, 2, 3)), np.zeros((3, 2, 3))
    transition[1:, :, 1:], reward[1:, :, 1:] = shuttle.transition, shuttle.reward
    transition[0, 0, 1] = 1
    allowed = np.array([[True, False], [True, True], [True, True]])
    found = []
    for pay in (0, 100):
        reward[0, 0, 1] = pay
        world = pg.TabularMDP(transition, reward, [1, 0, 0], 0.5, 8, allowed)
        policy, theta = pg.SoftmaxPolicy.for_mdp(world), np.zeros((3, 2))
        walks = pg.sample_trajectories(world, policy, theta, 400, np.random.default_rng(0))
        noise = pg.policy_gradient(walks, policy, theta, pg.estimators.full_return(walks)).standard_error
        found.append((pg.exact_gradient(world, policy, theta), pg.objective(world, policy, theta), noise))
    (gradient_0, j_0, noise_0), (gradient_1, j_1, noise_1) = found
    np.testing.assert_allclose(gradient_0, gradient_1, atol=1e-10)
    assert j_1 - j_0 == pytest.approx(100)
    assert (noise_1[1:] > 5 * noise_0[1:]).all()


def test_no_flat_place_below_the_top_without_a_horizon():
    """Where all advantages are 0 the policy is best: tried by climbing to a gradient of nearly 0."""
    rng = np.random.default_rng(1)
    for _ in range(3):
        world = environments.random_mdp(rng, horizon=None)
        policy = pg.SoftmaxPolicy.for_mdp(world)
        path = pg.learning.gradient_ascent(
            lambda at, w=world, p=policy: pg.exact_gradient(w, p, at), np.zeros((world.n_states, 2)), 20.0, 500
        )
        best = in_page.optimum(world)
        assert pg.objective(world, policy, path[-1]) == pytest.approx(best, abs=1e-2 * max(1, abs(best)))
