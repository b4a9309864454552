"""What the chapter on sampling the theorem says in words, and the numbers that its cells leave."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pgcode import environments, state_action_form, values
from pgcode.derivation import Verdict
from pgcode.estimators import policy_gradient, reward_to_go
from pgcode.mdp import TabularMDP
from pgcode.moments import enumerated_moments
from pgcode.oracles import complex_step
from pgcode.policies import LinearSoftmaxPolicy, SoftmaxPolicy
from pgcode.trajectories import sample_trajectories

NODES, NODE_WEIGHTS = np.polynomial.hermite_e.hermegauss(20)  # exact for polynomials, against a standard normal
NODE_WEIGHTS = NODE_WEIGHTS / NODE_WEIGHTS.sum()


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("state-action-form/from-q-to-samples")


def close(a, b, tolerance=1e-12):
    return bool(np.abs(np.asarray(a) - b).max() < tolerance)


def test_the_four_estimates_by_hand_have_the_gradient_as_their_mean():
    table = {(0, 1): (Fraction(3, 8), 3), (0, 0): (Fraction(3, 8), -1), (1, 1): (Fraction(1, 8), 9),
             (1, 0): (Fraction(1, 8), -3)}  # fmt: skip
    case = environments.shuttle(), environments.shuttle_policy(), np.zeros(1)
    visits, q = values.discounted_visitation(*case), values.action_values(*case)
    for (s, a), (chance, estimate) in table.items():
        assert close(visits[s] / 2 * 0.5, float(chance))
        assert close(case[1].score(case[2])[s, a, 0] * q[s, a] * 2, estimate)
    assert sum(chance * estimate for chance, estimate in table.values()) == Fraction(3, 2)
    assert close(state_action_form.exact_gradient(*case), 1.5)
    assert 2 * (Fraction(1, 4) + Fraction(3, 4)) == 2  # the prediction: all steps alike
    shifted = state_action_form.state_weighted_gradient(*case[1:], visits, q + np.array([[100], [0]]))
    assert close(shifted, 1.5)


def test_the_picture_shows_what_its_words_say(names):
    gaps = np.abs(np.diff(names["Q"], axis=1))
    assert round(gaps.min(), 1) == 0.9
    assert round(gaps.max(), 1) == 2.7
    rng = np.random.default_rng(0)
    walks = sample_trajectories(replace(names["machine"], horizon=80), names["policy"], names["theta"], 4000, rng)
    for s, a in np.ndindex(3, 2):
        time = 0 if s == 0 else 3
        met = (walks.states[:, time] == s) & (walks.actions[:, time] == a)
        drawn = walks.returns_from_step[met, time]
        error = drawn.std() / np.sqrt(drawn.size)
        assert abs(drawn.mean() - names["Q"][s, a]) < 4.5 * error + 1e-5


def test_b10_is_the_gradient_by_three_routes(names):
    chain, _ = values.policy_chain(names["machine"], names["policy"], names["theta"])
    by_solve = names["machine"].initial @ np.linalg.solve(np.eye(3) - names["gamma"] * chain, names["g"])
    by_step = complex_step(lambda at: values.objective(names["machine"], names["policy"], at), names["theta"])
    for other in (by_solve, by_step, names["gradient"]):
        assert close(names["by_score"], other)


def test_the_gaussian_variances_are_those_of_quadrature(names):
    theta, c, sigma = names["mean_a"], names["c"], names["sigma"]
    a = theta + sigma * NODES
    estimators = {"score": NODES / sigma * -((a - c) ** 2), "path": -2 * (a - c)}
    for name, values_at_nodes in estimators.items():
        mean = NODE_WEIGHTS @ values_at_nodes
        assert close(mean, -2 * names["delta"])
        assert close(NODE_WEIGHTS @ (values_at_nodes - mean) ** 2, names["exact"][name], 1e-10)
        drawn = names["draws"][name]
        fourth = NODE_WEIGHTS @ (values_at_nodes - mean) ** 4
        error = np.sqrt((fourth - names["exact"][name] ** 2) / drawn.size)
        assert abs(drawn.var() - names["exact"][name]) < 4 * error
    assert round(names["exact"]["score"] / names["exact"]["path"]) == 14


def test_the_score_function_copes_with_a_jump(names):
    theta, c, sigma, noise = (names[name] for name in ("mean_a", "c", "sigma", "noise"))
    slope = np.exp(-(names["delta"] ** 2) / (2 * sigma**2)) / (sigma * np.sqrt(2 * np.pi))
    draws = noise / sigma * (theta + sigma * noise > c)
    assert abs(draws.mean() - slope) < 4 * draws.std() / np.sqrt(draws.size)
    assert slope > 0.1


def test_the_stopped_state_by_a_chain_with_two_copies_of_each_state(names):
    """On the way, or stopped: run until nothing is left on the way, without the formula of the proof."""
    chain, _ = values.policy_chain(names["machine"], names["policy"], names["theta"])
    gamma = names["gamma"]
    both = np.block([[gamma * chain, (1 - gamma) * np.eye(3)], [np.zeros((3, 3)), np.eye(3)]])
    law = np.concatenate([names["machine"].initial, np.zeros(3)]) @ np.linalg.matrix_power(both, 400)
    assert close(law[:3], 0)
    assert close(law[3:], (1 - gamma) * names["d_gamma"])


def test_two_methods_are_estimates_and_equal_weights_are_not(names):
    verdicts = [comparison.verdict for comparison in names["comparisons"]]
    assert verdicts == [Verdict.ESTIMATE, Verdict.ESTIMATE, Verdict.FALSE]
    gamma, count, chain = names["gamma"], names["T"], values.policy_chain(
        names["machine"], names["policy"], names["theta"]
    )[0]  # fmt: skip
    tail = np.linalg.matrix_power(gamma * chain, count).T @ names["d_gamma"]
    assert np.abs(tail @ names["g"]).max() < 1e-4
    means = {
        "stop at random": names["d_gamma"],
        "weight by γᵗ": names["d_gamma"] - tail,
        "all steps alike": names["time_average"](count) / (1 - gamma),
    }
    for name, weights in means.items():
        draws = names["methods"][name]
        error = draws.std(axis=0) / np.sqrt(names["m"])
        assert (np.abs(draws.mean(axis=0) - weights @ names["g"]) < 4.5 * error).all()
    assert f"{gamma**count:.1e}" == "1.4e-05"


def test_equal_weights_turn_to_the_line_of_source_b(names):
    assert [round(outcome.angle) for outcome in names["outcomes"]] == [3, 3, 13, 16]
    assert names["outcomes"][0].length_ratio > 1 > names["outcomes"][-1].length_ratio
    line = state_action_form.source_derivation(names["machine"], names["policy"], names["theta"])["B6"].value
    assert close(names["time_average"](4000) @ names["g"], line, 1e-3)


@pytest.mark.parametrize("asked_before", [False, True])
def test_the_second_stop_does_what_its_words_say(names, asked_before):
    """Collect the first reward for certain and ask after each step; or ask before the first step as well."""
    machine, gamma, rng = names["machine"], names["gamma"], np.random.default_rng(11)
    s, a, sums = 1, 0, []
    for _ in range(4000):
        state, action, collected = s, a, 0.0
        going = not asked_before or rng.random() < gamma
        while going:
            after = rng.choice(3, p=machine.transition[state, action])
            collected += machine.reward[state, action, after]
            going = rng.random() < gamma  # after the step
            state, action = after, int(rng.random() < names["pi"][after, 1])
        sums.append(collected)
    mean = names["Q"][s, a] * (gamma if asked_before else 1)
    other = names["Q"][s, a] * (1 if asked_before else gamma)
    error = np.std(sums) / np.sqrt(len(sums))
    assert abs(np.mean(sums) - mean) < 4 * error < abs(mean - other)


def test_two_stops_estimate_the_gradient_and_every_q(names):
    draws = names["two_stops"]
    assert (np.abs(draws.mean(axis=0) - names["gradient"]) < 4 * draws.std(axis=0) / np.sqrt(names["m"])).all()
    for s, a in np.ndindex(3, 2):
        here = names["collected"][(names["s"] == s) & (names["a"] == a)]
        assert abs(here.mean() - names["Q"][s, a]) < 4.5 * here.std() / np.sqrt(here.size)


def test_the_product_of_both_discounts_is_that_of_the_reward(names):
    both, alone = names["weight_tables"].values()
    upper = names["k_index"] >= names["t_index"]
    assert close((both - names["gamma"] ** names["k_index"])[upper], 0)
    probe = sample_trajectories(
        replace(names["machine"], horizon=5), names["policy"], names["theta"], 100, np.random.default_rng(2)
    )
    assert close(np.einsum("tk,tk,ik->it", both, upper, probe.rewards), reward_to_go(probe))
    assert close(np.einsum("tk,tk,ik->it", alone, upper, probe.rewards), probe.returns_from_step)


def test_q_has_the_smallest_variance_here(names):
    for moments in names["moments"]:
        assert close(moments.mean, names["of_six_days"])
    variances = [np.diag(moments.covariance) for moments in names["moments"]]
    assert (variances[0] > variances[1]).all()
    assert (variances[1] > variances[2]).all()
    by_step = complex_step(lambda at: values.objective(names["six_days"], names["policy"], at), names["theta"])
    assert close(by_step, names["of_six_days"])


def test_q_is_not_always_better_than_the_reward_to_go(names):
    pays, leads = np.zeros((4, 2, 4)), np.zeros((4, 2, 4))
    leads[0, 0, 1] = leads[0, 1, 2] = 1  # the first decision is remembered as state 1 or 2
    leads[1:, :, 3] = 1
    pays[1, 1, 3] = pays[2, 0, 3] = 1
    switching = TabularMDP(leads, pays, np.eye(4)[0], discount=1.0, horizon=2)
    one_number, even = LinearSoftmaxPolicy(np.tile([[0.0], [1.0]], (4, 1, 1))), np.zeros(1)
    by_g = enumerated_moments(switching, one_number, even, reward_to_go)
    by_q = enumerated_moments(switching, one_number, even, names["q_weights"](switching, one_number, even))
    assert close(by_g.covariance, 0)
    assert close(by_q.covariance, 1 / 16)
    assert close([by_g.mean, by_q.mean], 0)


def test_the_bias_of_a_critic_is_its_equation(names):
    for q_hat in names["critics"].values():
        bias = np.einsum("s,sa,sak,sa->k", names["d_gamma"], names["pi"], names["score"], q_hat - names["Q"])
        assert close(names["actor_update"](q_hat) - names["gradient"], bias)
        updates = names["score"][names["s"], names["a"]] * q_hat[names["s"], names["a"]][:, None]
        updates = updates / (1 - names["gamma"])
        error = updates.std(axis=0) / np.sqrt(names["m"])
        assert (np.abs(updates.mean(axis=0) - names["gradient"] - bias) < 4.5 * error).all()
    biases = [
        np.linalg.norm(names["actor_update"](names["critics"][name]) - names["gradient"])
        for name in ("one day", "3 sweeps", "10 sweeps", "Q + f(s)")
    ]
    assert biases[0] > biases[1] > biases[2] > 1e-3
    assert biases[3] < 1e-10
    assert names["largest_errors"](names["critics"]["Q + f(s)"]) == (30.0, pytest.approx(0, abs=1e-12))


def test_the_run_learns_with_a_biased_update(names):
    curves, turned = names["curves"], names["turned"]
    assert curves[:, -1].mean() > 0.8 * names["optimum"]
    assert abs(curves[:, 0].mean() + 1) < 0.2
    assert np.median(turned[:, 0]) > np.median(turned[:, 5:], axis=0).max()
    assert np.median(turned, axis=0).min() > 1


def test_the_mean_of_an_episodes_updates_is_its_formula(names):
    """With θ and V̂ held fixed, by formula and by sampling."""
    grid, grid_policy = names["grid"], names["grid_policy"]
    at, v = names["runs"].theta[0, 50], names["runs"].critic[0, 50]
    q_hat = grid.expected_reward + grid.discount * grid.transition @ v
    visits = values.discounted_visitation(grid, grid_policy, at)
    expected = state_action_form.state_weighted_gradient(grid_policy, at, visits, q_hat)
    episodes = sample_trajectories(replace(grid, horizon=300), grid_policy, at, 4000, np.random.default_rng(4))
    deltas = episodes.rewards + grid.discount * v[episodes.states[:, 1:]] - v[episodes.states[:, :-1]]
    held = policy_gradient(episodes, grid_policy, at, deltas * grid.discount ** np.arange(300))
    assert (np.abs(held.mean - expected) <= 4.5 * held.standard_error + 1e-5).all()
    assert np.abs(v[grid.terminal]).max() == 0


def test_the_compatible_critic_is_wrong_and_does_no_harm(names):
    fits = names["fits"]
    assert close(names["actor_update"](fits["compatible"]), names["gradient"], 1e-10)
    assert np.abs(fits["compatible"] - names["Q"]).max() > 2
    for name in ("other features", "stationary weights", "equal weights"):
        assert not close(names["actor_update"](fits[name]), names["gradient"], 1e-3)
    assert close((names["pi"] * fits["compatible"]).sum(axis=1), 0, 1e-10)
    now = values.objective(names["machine"], names["policy"], names["theta"])

    def after(name):
        step = 0.01 * names["actor_update"](fits[name])
        return values.objective(names["machine"], names["policy"], names["theta"] + step)

    assert after("equal weights") < now < after("compatible")


def test_leaving_the_discount_out_aims_elsewhere(names):
    occupied = values.occupancy(names["six_days"], names["policy"], names["theta"])[:-1]
    q = values.action_values(names["six_days"], names["policy"], names["theta"])[:6]
    by_recursion = names["policy"].weighted_gradient(names["theta"], np.einsum("ts,tsa->sa", occupied, q))
    assert close(by_recursion, names["without"].mean)
    assert not close(names["without"].mean, names["of_six_days"], 0.1)


def test_exercise_a_rough_payment():
    nodes, weights = np.polynomial.hermite_e.hermegauss(150)
    weights = weights / weights.sum()
    a = 0.3 + nodes
    for estimator, variance in ((nodes * np.sin(10 * a), 0.5), (10 * np.cos(10 * a), 50)):
        mean = weights @ estimator
        assert abs(mean) < 1e-6
        assert weights @ estimator**2 - mean**2 == pytest.approx(variance, abs=1e-3)


def test_exercise_the_mistake_at_1():
    case = environments.short_corridor(horizon=6), environments.corridor_policy(), np.array([0.0, 0.5])
    mean = enumerated_moments(*case, lambda tau: tau.returns_from_step).mean
    assert close(mean, state_action_form.exact_gradient(*case))


def test_exercise_which_errors_are_harmless(names):
    visited = names["d_gamma"][:, None, None] * names["pi"][:, :, None]
    equations = (visited * names["score"]).reshape(6, 2)
    assert 6 - np.linalg.matrix_rank(equations) == 4
    tabular = SoftmaxPolicy(3, 2)
    of_table = (visited * tabular.score(np.log(names["pi"])).reshape(3, 2, 6)).reshape(6, 6)
    assert 6 - np.linalg.matrix_rank(of_table) == 3
    of_state = np.repeat(np.eye(3), 2, axis=0).T
    assert close(of_state @ equations, 0)
