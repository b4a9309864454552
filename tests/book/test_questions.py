"""What the cells of the learners' questions show, from the names that they leave."""

import numpy as np
import pytest

from pgcode import estimators
from pgcode.trajectories import enumerate_trajectories


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("reference/questions")


def test_reward_to_go_may_have_the_higher_variance(names):
    whole, to_go = names["whole"], names["to_go"]
    assert to_go[0] > 1.1 * whole[0]
    assert to_go[1] < 0.9 * whole[1]


def test_along_the_path_the_score_vanishes(names):
    still, path, both = (names["weight"] @ each for each in names["rows"].values())
    assert abs(still - names["true_slope"]) < 1e-12
    assert abs(path - names["true_slope"]) < 1e-12
    assert abs(both) < 1e-12


def test_the_mean_of_the_batch_halves_and_that_of_the_others_does_not(names):
    own, others, standardised = names["estimates"].values()
    truth = names["truth"]
    assert np.abs(own - truth / 2).max() < 1e-12
    assert np.abs(others - truth).max() < 1e-12
    cosine = (standardised * truth).sum() / np.linalg.norm(standardised) / np.linalg.norm(truth)
    assert np.degrees(np.arccos(cosine)) > 5


def test_a_baseline_moves_the_loss_and_not_the_mean_gradient(names):
    mdp, policy, theta = names["mdp"], names["policy"], names["theta"]
    low, high = (names["cross_entropy"](theta, weight) for weight in names["weights"].values())
    assert high < low - 10
    walks, chance = enumerate_trajectories(mdp, policy, theta)
    lowered = estimators.trajectory_gradients(walks, policy, theta, estimators.reward_to_go(walks, baseline=10.0))
    assert np.abs(np.tensordot(chance, lowered, axes=1) - names["gradient"]).max() < 1e-12


def test_a_density_may_exceed_one(names):
    at = names["mean"]
    assert np.abs(names["by_step"] - (names["actions"] - at) / names["narrow"] ** 2).max() < 1e-9
    assert names["narrow_log_density"](at)[-1] > 0
