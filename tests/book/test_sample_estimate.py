"""The claims of "The sample-based estimate", each by a way that the chapter does not take."""

from math import erf

import numpy as np
import pytest

from pgcode import environments, trajectory_form, values
from pgcode.derivation import Verdict
from pgcode.estimators import full_return, importance_ratios, trajectory_gradients
from pgcode.moments import enumerated_moments
from pgcode.oracles import complex_step, finite_difference
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import enumerate_trajectories, sample_trajectories, trajectory_probabilities

BEST = 4.1603  # go in room 0, stay in room 1


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("trajectory-form/sample-estimate")


def verdicts(names):
    return {shown.claim: shown.verdict for shown in names.shown if hasattr(shown, "claim")}


def test_prediction():
    """One pull: the estimates 1 and −1/2, with the mean 1/4; from nine pulls in ten of arm 1, 0.85."""
    bandit, policy, theta = environments.two_armed_bandit(), SoftmaxPolicy(2, 2), np.zeros((2, 2))
    pulls, chance = enumerate_trajectories(bandit, policy, theta)
    single = trajectory_gradients(pulls, policy, theta, full_return(pulls))[:, 0, 1]
    assert sorted(single) == [-0.5, 1.0]
    assert chance @ single == 0.25
    gradient = finite_difference(lambda at: values.objective(bandit, policy, at), theta)
    assert abs(gradient[0, 1] - 0.25) < 1e-7
    old = np.where(pulls.actions[:, 0] == 1, 0.9, 0.1)
    assert abs(old @ single - 0.85) < 1e-12
    assert 0.85 > 3 * 0.25


def test_the_mean_and_the_covariance_of_two_walks(names):
    """All ordered pairs of walks listed: the mean is ∇J, the covariance half of Σ₁."""
    flat, chance = names["arrows"].reshape(256, 4), names["P_tau"]
    pairs = (flat[:, None] + flat[None, :]).reshape(-1, 4) / 2
    weight = np.outer(chance, chance).ravel()
    mean = weight @ pairs
    assert np.abs(mean - names["gradient"].ravel()).max() < 1e-12
    centred = pairs - mean
    covariance = (centred * weight[:, None]).T @ centred
    assert np.abs(covariance - names["one_walk"].covariance / 2).max() < 1e-12


def test_the_sample_is_off_by_chance_alone(names):
    off = np.abs(names["g_hat"] - names["gradient"])
    assert (off < 4 * names["standard_error"]).all()
    assert off.max() > 1e-3
    variance = names["P_tau"] @ (names["arrows"].reshape(256, 4) - names["gradient"].ravel()) ** 2
    assert np.abs(names["standard_error"].ravel() - np.sqrt(variance / 1000)).max() < 1e-12


def test_the_arrow_of_the_opening_figure(names):
    arrow = names["gradient"][:, 1]
    assert abs(np.linalg.norm(arrow) - 0.8) < 0.05
    assert (arrow < 0).all()
    assert arrow[1] < 3 * arrow[0]
    batch = sample_trajectories(names["rooms"], names["policy"], names["theta"], 300, np.random.default_rng(7))
    points = trajectory_gradients(batch, names["policy"], names["theta"], full_return(batch))[:, :, 1]
    deviation = names["one_walk"].standard_deviation[:, 1]
    assert (np.abs(points.mean(axis=0) - arrow) < 4 * deviation / np.sqrt(300)).all()
    assert np.linalg.norm(points.mean(axis=0) - arrow) < np.linalg.norm(points - arrow, axis=1).min()


def test_what_is_shown_as_exact_and_as_false(names):
    shown = verdicts(names)
    assert shown[r"the mean over all 256 walks is \(\nabla J\)"] is Verdict.EXACT
    assert shown[r"the mean of the sample is \(\nabla J\)"] is Verdict.ESTIMATE
    assert shown["A8 and A15 are one number on this sample"] is Verdict.EXACT
    assert shown[r"the gradient of the loss is \(-\hat g\)"] is Verdict.EXACT
    assert shown[r"the value of the loss is \(-J\)"] is Verdict.FALSE
    assert shown["where it stops, the mean of its updates is zero"] is Verdict.EXACT
    assert shown[r"where it stops, \(\nabla J\) is zero"] is Verdict.FALSE


def test_every_run_learns_and_ten_walks_steady_the_first_climb(names):
    learnt, exact = names["learnt"], names["exact_J"](names["exact_path"])
    assert abs(names["best"] - BEST) < 1e-4
    for runs in learnt.values():
        assert (runs[:, -1] > runs[:, 0] + 1.2).all()
        assert (runs <= BEST + 1e-6).all()
        assert 3.79 < runs[:, -1].min() < 3.86
    assert learnt[10][:, 10].std() < learnt[1][:, 10].std() / 3
    assert abs(learnt[10][:, 10].mean() - exact[10]) < 0.05
    stays = {n: (runs[:, -1] < 3.9).sum() for n, runs in learnt.items()}
    assert stays == {1: 4, 10: 2}
    assert all(runs[runs > 3.9].min() > 3.95 for runs in (learnt[1][:, -1], learnt[10][:, -1]))
    stay = np.array([[20.0, -20.0], [20.0, -20.0]])
    assert abs(values.objective(names["rooms"], names["policy"], stay) - 3.85) < 0.005


def test_the_program_is_the_one_of_the_package(names):
    """One update of the program is the mean of the walks' gradients with γᵗG_t."""
    rooms, policy, theta = names["rooms"], names["policy"], names["theta"]
    path = names["learn_rooms"](theta, 5, 1, 0.1, np.random.default_rng(3))
    batch = sample_trajectories(rooms, policy, theta, 5, np.random.default_rng(3))
    total = np.zeros((2, 2))
    for states, actions, rewards in zip(batch.states, batch.actions, batch.rewards, strict=True):
        for t in range(4):
            earned = sum(0.9**k * rewards[k] for k in range(t, 4))
            log_pi = lambda at, s=states[t], a=actions[t]: np.log(policy.probabilities(at)[s, a])  # noqa: E731
            total += earned * complex_step(log_pi, theta)
    assert np.abs(path[1] - theta - 0.1 * total / 5).max() < 1e-12


def test_the_corridor(names):
    gap, end, p_right = names["gap"], names["end"], names["p_right"]
    error = gap.std(axis=1, ddof=1) / np.sqrt(100)
    largest = np.abs(gap.mean(axis=1) / error).max()
    assert round(largest, 1) == 2.1
    assert round(100 * (1 - erf(largest / np.sqrt(2)) ** 3)) == 11
    assert end.round(1).tolist() == [-12.5, -15.3, -21.2]
    assert (end < names["best_value"]).all()
    assert abs(p_right[0, 0, 0] - 0.05) < 1e-12
    assert abs(names["corridor_J"][0, 0, 0] + 82.1) < 0.05
    for place in ((0, 0, 0), (1, 50, 250), (2, 99, 499)):
        value = environments.corridor_state_values(p_right[place])[0]
        assert abs(names["corridor_J"][place] - value) < 1e-10
    assert abs(names["best_value"] + 6 + 4 * np.sqrt(2)) < 1e-12


def test_stale_walks(names):
    (fresh, fresh_trace), (stale, _), (repaired, repaired_trace) = names["found"].values()
    gradient = names["gradient"]
    assert np.abs(fresh - gradient).max() < 1e-12
    assert np.abs(repaired - gradient).max() < 1e-12
    assert np.linalg.norm(stale - gradient) > np.linalg.norm(gradient)
    assert abs(repaired_trace / fresh_trace - 1.56) < 0.005
    assert np.abs(names["rho"] - names["P_tau"] / names["P_old"]).max() < 1e-12
    assert np.allclose(names["policy"].probabilities(names["theta_old"]), 0.5)
    bias, price = names["bias_length"], names["price"]
    assert bias[0] < 1e-12
    assert abs(price[0] - 1) < 1e-12
    assert (np.diff(bias) > 0).all()
    assert (np.diff(price) > 0).all()
    crossing = names["staleness"][np.argmax(bias > np.linalg.norm(gradient))]
    assert 0 < crossing <= 1


def test_the_second_moment_of_the_ratio_grows_in_every_step(names):
    growth = []
    for horizon in range(1, 7):
        rooms = environments.two_rooms(horizon)
        walks, old = enumerate_trajectories(rooms, names["policy"], 3 * names["theta"])
        growth.append(old @ importance_ratios(walks, names["policy"], names["theta"], 3 * names["theta"]) ** 2)
    assert (np.diff(np.log(growth)) > 0.05).all()


def test_one_score_too_many_and_one_too_few(names):
    gradient, missing, extra = names["gradient"], names["missing"], names["extra"]
    policy, theta, walks = names["policy"], names["theta"], names["walks"]
    last = policy.score(theta)[walks.states[:, -2], walks.actions[:, -1]]
    lost = np.tensordot(names["P_tau"] * 0.9**3 * walks.rewards[:, -1], last, axes=1)
    assert np.abs(missing.mean - gradient + lost).max() < 1e-12
    assert np.linalg.norm(lost) > 0.1
    assert np.abs(extra.mean - gradient).max() < 1e-12
    added = extra.covariance - names["one_walk"].covariance
    assert np.linalg.eigvalsh(added).min() > -1e-12  # no variance falls
    assert extra.trace > names["one_walk"].trace > missing.trace


def test_past_rewards(names):
    one_walk, past, to_go = names["one_walk"], names["past"], names["to_go"]
    assert np.abs(past.mean).max() < 1e-12
    assert past.trace > 1
    assert np.abs(to_go.mean - names["gradient"]).max() < 1e-12
    assert (round(one_walk.trace, 2), round(to_go.trace, 2)) == (16.25, 8.45)


def test_learning_from_the_first_walks_is_a_weighted_fit(names):
    """It stops where π(a|s) is the share of a among the old decisions in s, each weighted with its walk's return."""
    walks, weight = names["walks"], names["P_tau"] * names["walks"].returns
    counts = np.zeros((2, 2))
    for states, actions, w in zip(walks.states, walks.actions, weight, strict=True):
        np.add.at(counts, (states[:-1], actions), w)
    fit = counts / counts.sum(axis=1, keepdims=True)
    end = names["stale_path"][-1]
    assert np.abs(names["policy"].probabilities(end) - fit).max() < 1e-10
    assert abs(values.objective(names["rooms"], names["policy"], end) - 3.10) < 0.005
    uphill = trajectory_form.enumerated_gradient(names["rooms"], names["policy"], end)
    assert np.abs(uphill).max() > 0.5
    assert names["exact_J"](names["fresh_path"][-1:])[0] > 4.1


def test_old_walks_and_old_scores_are_the_gradient_at_the_old_place(names):
    old = names["theta_old"]
    at_old = trajectory_form.enumerated_gradient(names["rooms"], names["policy"], old)
    assert np.abs(names["old_mean"] - at_old).max() < 1e-12
    assert np.abs(at_old - names["gradient"]).max() > 0.1


def test_a_return_that_counts_one_decision_less(names):
    """The slip "one too many" is A15 of the longer process whose last decision pays nothing."""
    longer, policy, theta = names["longer"], names["policy"], names["theta"]
    walks, chance = enumerate_trajectories(longer, policy, theta)
    assert np.abs(trajectory_probabilities(walks, longer, policy, theta) - chance).max() < 1e-15
    direct = enumerated_moments(longer, policy, theta, names["first_rewards_only"])
    returns = walks.rewards[:, :-1] @ 0.9 ** np.arange(4)
    scores = policy.score(theta)[walks.states[:, :-1], walks.actions].sum(axis=1)
    assert np.abs(direct.mean - np.tensordot(chance * returns, scores, axes=1)).max() < 1e-12


def test_when_it_pays_to_go(names):
    """At θ it does not. Where room 1 is left in one of ten decisions, it does."""
    rooms, policy, theta = names["rooms"], names["policy"], names["theta"]
    assert abs(policy.probabilities(theta)[1, 1] - 0.38) < 0.005
    assert trajectory_form.enumerated_gradient(rooms, policy, theta)[0, 1] < 0
    settled = np.array([theta[0], [0.0, -np.log(9)]])
    assert trajectory_form.enumerated_gradient(rooms, policy, settled)[0, 1] > 1e-3
