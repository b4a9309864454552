"""What the page on the errata measures, from the names that its cells leave."""

from dataclasses import replace

import numpy as np
import pytest

from pgcode import estimators
from pgcode.trajectories import enumerate_trajectories


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("reference/errata")


def length(array):
    return np.linalg.norm(array)


def test_ascent_and_descent_are_the_same_steps(names):
    assert (names["up"] == np.array(names["down"])).all()


def test_the_parameters_grow_and_the_gap_falls_like_one_over_the_steps(names):
    assert names["lengths"][0] < names["lengths"][1] < names["lengths"][2]
    assert all(0.9 < gap < 1.2 for gap in names["gaps"])


@pytest.mark.parametrize("name", ["by_list", "by_passes", "repaired"])
def test_what_is_the_gradient(names, name):
    assert np.abs(names[name] - names["gradient"]).max() < 1e-12


def test_the_state_distribution_moves(names):
    assert length(names["moved"]) > 0.05


def test_stale_walks_are_biased(names):
    assert length(names["stale"] - names["gradient"]) > 0.1 * length(names["gradient"])


def test_the_slope_at_the_boundary(names):
    assert names["edge"]["A3"].value[0, 0] == -1
    assert names["edge"]["A7"].value[0, 0] == -2


def test_past_rewards_are_noise(names):
    assert np.abs(names["mean"](names["past"])).max() < 1e-12
    assert names["variance"](names["past"]) > 0.1


def test_a_score_too_many_and_one_too_few(names):
    """EA13 by a list: one more decision whose score counts and whose reward does not."""
    full, gradient, added = names["full"], names["gradient"], names["added"]
    longer = replace(names["mdp"], horizon=5)
    walks, chance = enumerate_trajectories(longer, names["policy"], names["theta"])
    earned = (walks.rewards[:, :4] * 0.8 ** np.arange(4)).sum(axis=1)
    weights = np.repeat(earned[:, None], 5, axis=1)
    each = estimators.trajectory_gradients(walks, names["policy"], names["theta"], weights)
    mean = np.tensordot(chance, each, axes=1)
    assert np.abs(mean - gradient).max() < 1e-12
    variance = np.tensordot(chance, (each - mean) ** 2, axes=1).sum()
    assert abs(variance - names["variance"](full) - added) < 1e-12
    assert added > 0.05 * names["variance"](full)
    assert length(names["missing"] - gradient) > 0.05 * length(gradient)


def test_the_best_action_values_give_no_gradient(names):
    assert names["degrees"](names["with_best"], names["true_gradient"]) > 1


def test_the_objective_of_source_b(names):
    gamma, d = names["gamma"], names["d"]
    assert abs(d @ names["V"] - names["rate"] / (1 - gamma)) < 1e-12
    assert abs(d @ names["differential"]) < 1e-12
    assert names["ending"].tolist() == [0, 0, 0, 1]


def test_lines_of_source_b_that_are_false(names):
    assert length(names["line"]) < 0.5 * length(names["objective_gradient"])
    assert names["degrees"](names["line"], names["objective_gradient"]) > 1
    assert names["apart"] > 0.5
    assert abs(names["as_one_array"] - names["ledger"].checks["B9"].length_ratio) < 1e-12
    assert abs(names["dropped"](0.8) - 4) < 1e-9
    assert abs(names["dropped"](0.95) - 19) < 1e-8


def test_where_the_formula_is_right(names):
    for truth, side, constant in names["settings"].values():
        assert np.abs(truth - constant * side).max() < 1e-10
    by_step, restart = names["by_step"], (1 - names["gamma"]) * names["true_gradient"]
    assert np.abs(names["true_gradient"] - by_step).max() < 1e-12
    assert np.abs(names["on_restart"] - restart).max() < 1e-12


def test_densities(names):
    of_gaussian, top = names["of_gaussian"], names["top"]
    assert abs(of_gaussian["score"][0] - of_gaussian["path"][0]) < 1e-12
    assert of_gaussian["score"][1] > 5 * of_gaussian["path"][1]
    assert abs(names["triangle"] - 2 * top) < 1e-12
    assert abs(names["slope"] - names["by_its_score"] - top) < 1e-12
