"""What the chapter on the theorem says in words, and the numbers that its cells leave."""

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pgcode import environments, state_action_form, trajectory_form, values
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step
from pgcode.policies import DirectPolicy, SoftmaxPolicy

GO = 1
SHUTTLE = (environments.shuttle(), environments.shuttle_policy(), np.zeros(1))


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("state-action-form/the-theorem")


def close(a, b, tolerance=1e-12):
    return bool(np.abs(np.asarray(a) - b).max() < tolerance)


def test_every_line_by_hand_is_three_halves_in_fractions():
    """T1 to T10 for the shuttle, as the chapter writes them, without a matrix."""
    half, quarter = Fraction(1, 2), Fraction(1, 4)
    q = ((1, 3), (3, 9))
    g = [quarter * (go - wait) for wait, go in q]
    assert g == [half, 3 * half]
    dv = (3 * half, 5 * half)
    dq = ((half * dv[0], half * dv[1]), (half * dv[1], half * dv[0]))  # γ ∇V of where the action leads
    for s in range(2):
        assert half * sum(dq[s]) == 1  # the second term of T2
        assert g[s] + half * sum(dq[s]) == dv[s]  # T2 and T3
        assert g[s] + half * (half * dv[0] + half * dv[1]) == dv[s]  # T4
    for k in range(1, 8):  # T5
        written_out = half + sum(half**j for j in range(1, k))
        assert written_out + half**k * 2 == dv[0]
    inverse = ((3 * half, half), (half, 3 * half))
    assert tuple(row[0] * g[0] + row[1] * g[1] for row in inverse) == dv  # T6
    scores = (-half, half)
    means = [half * sum(score * q[s][a] for a, score in enumerate(scores)) for s in range(2)]
    assert means == g  # T9
    assert 2 * (Fraction(3, 4) * means[0] + quarter * means[1]) == dv[0]  # T10


def test_the_shuttle_agrees_with_its_formula():
    assert close(state_action_form.exact_gradient(*SHUTTLE), 1.5)
    assert close(complex_step(lambda at: values.state_values(*SHUTTLE[:2], at), SHUTTLE[2])[:, 0], [1.5, 2.5])
    slope = complex_step(lambda x: 16 * x[0] ** 2 / (1 + 2 * x[0]), np.array([0.5]))
    assert close(slope / 4, 1.5)
    ledger = state_action_form.full_derivation(*SHUTTLE)
    assert ledger.false_lines == []
    assert close(ledger["T4"].value[:, 0], [1.5, 2.5])


def test_the_blocks_of_the_picture_add_up_either_way():
    chain, _ = values.policy_chain(*SHUTTLE)
    blocks = np.array([0.5**k * np.linalg.matrix_power(chain, k)[0] * [0.5, 1.5] for k in range(60)])
    assert close(blocks.sum(), 1.5)
    assert close(blocks.sum(axis=0), [0.75, 0.75])
    assert close(blocks.sum(axis=1)[:4], [0.5, 0.5, 0.25, 0.125])


def test_average_reward_of_the_shuttle_by_hand():
    q = values.differential_action_values(*SHUTTLE)
    assert close(q, np.array([[-4, 0], [0, 4]]))
    assert close(state_action_form.average_reward_gradient(*SHUTTLE), 1)
    for x in (0.2, 0.7):
        at = [np.log(x / (1 - x))]
        assert close(values.average_reward(*SHUTTLE[:2], at), 4 * x)


def test_the_ledgers_have_no_false_line(names):
    loop, policy, theta = names["loop"], names["policy"], names["theta"]
    for ledger in (
        state_action_form.full_derivation(loop, policy, theta),
        state_action_form.full_derivation(names["short"], policy, theta),
        state_action_form.average_reward_derivation(loop, policy, theta),
    ):
        assert ledger.false_lines == []
    assert close(state_action_form.full_derivation(loop, policy, theta)["T8"].value, names["T8"])
    assert close(names["T8"], names["dJ"])


def test_unrolling_misses_less_and_less(names):
    missing = [names["share_missing"](k) for k in (1, 5, 10, 20, 40)]
    assert all(a > b for a, b in itertools.pairwise(missing))
    assert close(names["share_missing"](50) / names["share_missing"](40), names["gamma"] ** 10, 1e-4)
    first = np.einsum("s,s...->...", names["weights_after"](1), names["g"])
    dq = complex_step(lambda at: values.action_values(names["loop"], names["policy"], at), names["theta"])
    pi = names["policy"].probabilities(names["theta"])
    dropped = np.einsum("s,sa,sa...->...", names["mu"], pi, dq)
    assert close(names["T8"] - first, dropped)  # the second term of T2
    assert names["d_gamma"].max() < 2.6  # the bars stay within the figure


def test_the_gradient_of_the_visitation_is_what_the_shortcut_lacks(names):
    loop, policy, theta = names["loop"], names["policy"], names["theta"]
    d_visits = complex_step(lambda at: values.discounted_visitation(loop, policy, at), theta)
    term_d = np.einsum("s...,s->...", d_visits, names["r_at"](theta))
    assert close(term_d + names["term_r"], names["dJ"])
    assert not close(names["term_r"], names["dJ"], 0.1)


def test_three_routes_to_one_gradient(names):
    short, policy, theta = names["short"], names["policy"], names["theta"]
    by_list = trajectory_form.enumerated_gradient(short, policy, theta)
    assert close(by_list, names["timed"])
    assert close(by_list, complex_step(lambda at: values.objective(short, policy, at), theta))
    long = state_action_form.exact_gradient(replace(short, horizon=200), policy, theta)
    assert close(names["T8"], long)


def test_taxi_needs_two_solves():
    gymnasium = pytest.importorskip("gymnasium")
    taxi = TabularMDP.from_gymnasium(gymnasium.make("Taxi-v4"), discount=0.95)
    policy = SoftmaxPolicy(taxi.n_states, taxi.n_actions)
    rng = np.random.default_rng(0)
    at = rng.standard_normal(policy.theta_shape)
    gradient = state_action_form.exact_gradient(taxi, policy, at)
    assert gradient.size >= 3000
    for _ in range(3):
        u = rng.standard_normal(policy.theta_shape)
        slope = values.objective(taxi, policy, at + 1e-30j * u).imag / 1e-30
        assert abs(slope - np.sum(u * gradient)) < 1e-10 * np.linalg.norm(u) * np.linalg.norm(gradient)


def test_time_is_drawn_with_a_horizon(names):
    """T10 as it is described: t, then s from p_t, then a."""
    short, policy, theta = names["short"], names["policy"], names["theta"]
    time = names["gamma"] ** np.arange(6)
    joint = (time / time.sum())[:, None] * values.occupancy(short, policy, theta)[:-1]
    pi, q = policy.probabilities(theta), values.action_values(short, policy, theta)[:6]
    mean = np.einsum("ts,sa,sa...,tsa->...", joint, pi, policy.score(theta), q)
    assert close(time.sum() * mean, names["timed"])
    assert not close(names["untimed"], names["timed"], 0.01)


def test_only_stationary_weights_cancel_the_rest(names):
    stationary, visits, start = names["left_over"]
    assert stationary < 1e-12
    assert min(visits, start) > 0.01


def test_the_theorem_holds_where_the_recurrent_class_changes():
    moves = np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.4, 0.6], [0.4, 0.6]]])
    pays = np.zeros((2, 2, 2))
    pays[0, 0], pays[1] = 1, 3
    leaving, direct = TabularMDP(moves, pays, np.array([1.0, 0.0]), discount=0.9), DirectPolicy(2, 2)
    stays = np.array([[1.0], [0.5]])  # the probabilities of action 0
    assert close(values.stationary_distribution(leaving, direct, stays), [1, 0])
    assert (values.stationary_distribution(leaving, direct, [[0.9], [0.5]]) > 0.01).all()
    assert close(-state_action_form.average_reward_gradient(leaving, direct, stays)[0, 0], 4, 1e-10)
    step = complex_step(lambda at: values.average_reward(leaving, direct, at), stays)[0, 0]
    assert close(-step, 4, 1e-10)
    assert close(values.average_reward(leaving, direct, [[0.8], [0.5]]), (0.4 * 0.8 + 3 * 0.2) / (0.4 + 0.2))
    assert state_action_form.average_reward_derivation(leaving, direct, stays).false_lines == []


def test_the_constants_are_the_sums_of_the_weights(names):
    for constant, side, truth in zip(names["constants"], names["sides"], names["truths"], strict=True):
        assert close(constant * side, truth, 1e-10)
    assert close(names["constants"][0], -values.objective(names["walk"], names["its_policy"], names["at"]), 1e-9)
    ending = environments.short_corridor(discount=0.9)  # a discount and an end, counted as a state or not
    with_end = values.discounted_visitation(ending, names["its_policy"], names["at"])
    assert close(with_end.sum(), 10, 1e-10)
    without_end = np.where(np.arange(4) < 3, with_end, 0)
    truth = complex_step(lambda x: values.objective(ending, names["its_policy"], x), names["at"])
    q = values.action_values(ending, names["its_policy"], names["at"])
    for counted in (with_end, without_end):
        side = names["right_side"](names["its_policy"], names["at"], counted / counted.sum(), q)
        assert close(counted.sum() * side, truth)


def test_the_formula_is_right_in_four_settings_and_wrong_in_three_mixtures(names):
    assert names["where_right"].false_lines == ["M1", "M2", "M3"]
    elsewhere = names["theta"] + np.eye(4)[0][:, None] * [0.5, 1.0]
    q = values.action_values(names["loop"], names["policy"], elsewhere)
    d = values.stationary_distribution(names["loop"], names["policy"], elsewhere) / (1 - names["gamma"])
    there = state_action_form.state_weighted_gradient(names["policy"], elsewhere, d, q)
    assert not close(there, complex_step(names["frozen_mean"], elsewhere), 1e-3)  # at that θ and no other


def test_any_weights_lead_uphill_where_each_state_has_its_parameters(names):
    for seed in range(20):
        w = np.random.default_rng(seed).random(4)
        step = state_action_form.state_weighted_gradient(names["policy"], names["theta"], w, names["Q"])
        expected = sum(w[s] * names["d_gamma"][s] * np.sum(names["g"][s] ** 2) for s in range(4))
        assert close(np.sum(step * names["dJ"]), expected)
        assert expected > 0


def test_the_line_of_source_b_is_no_gradient_and_the_theorems_are(names):
    loop, policy, theta = names["loop"], names["policy"], names["theta"]

    def source(at):
        d = values.stationary_distribution(loop, policy, at)
        return state_action_form.state_weighted_gradient(policy, at, d, values.action_values(loop, policy, at))

    def skew(field):
        jacobian = complex_step(field, theta).reshape(theta.size, theta.size)
        return np.linalg.norm(jacobian - jacobian.T) / np.linalg.norm(jacobian + jacobian.T)

    assert skew(source) > 0.01
    assert skew(lambda at: state_action_form.exact_gradient(loop, policy, at)) < 1e-12
    assert skew(lambda at: state_action_form.average_reward_gradient(loop, policy, at)) < 1e-12


def test_the_fee_adds_its_own_gradient(names):
    pi = names["policy"].probabilities(names["theta"])
    own = np.einsum("s,sa,sa...->...", names["d_gamma"], pi, complex_step(names["reward_with_fee"], names["theta"]))
    assert not close(names["theorem_with_fee"], names["with_fee"], 0.1)
    assert close(names["theorem_with_fee"] + own, names["with_fee"])


def test_without_discount_and_end_the_gradient_grows_with_time(names):
    loop, policy, theta = names["loop"], names["policy"], names["theta"]
    with pytest.raises(ValueError, match="discount"):
        values.state_values(replace(loop, discount=1.0), policy, theta)
    assert close(names["gaps"][1] / names["gaps"][2], 10, 0.05)


def test_exercise_a_bonus_for_entropy(names):
    def reward(at):
        return names["loop"].expected_reward - 0.5 * np.log(names["policy"].probabilities(at))

    true = complex_step(lambda at: names["mu"] @ names["values_with"](reward, at)[0], names["theta"])
    q = names["values_with"](reward, names["theta"])[1]
    theorem = state_action_form.state_weighted_gradient(names["policy"], names["theta"], names["d_gamma"], q)
    assert close(theorem, true)


def test_exercise_actions_that_steer_nothing(names):
    loop, policy, theta = names["loop"], names["policy"], names["theta"]
    rewards = np.random.default_rng(5).standard_normal(loop.reward.shape)
    unsteered = replace(loop, transition=np.repeat(loop.transition[:, 1:2], 2, axis=1), reward=rewards)
    d, q = values.stationary_distribution(unsteered, policy, theta), values.action_values(unsteered, policy, theta)
    scaled = d / (1 - loop.discount)

    def weighted(w, table=q):
        return state_action_form.state_weighted_gradient(policy, theta, w, table)

    source = complex_step(
        lambda at: values.stationary_distribution(unsteered, policy, at) @ values.state_values(unsteered, policy, at),
        theta,
    )
    start = complex_step(lambda at: values.objective(unsteered, policy, at), theta)
    assert close(weighted(scaled), source)
    assert close(weighted(scaled, unsteered.expected_reward), source)
    assert not close(weighted(scaled), start, 0.01)
    assert not close(weighted(names["mu"]), start, 0.01)
    at_home = replace(unsteered, initial=d)
    assert close(weighted(scaled), complex_step(lambda at: values.objective(at_home, policy, at), theta))


@pytest.mark.parametrize(("reward", "is_gradient"), [(-1, True), (-2, False)])
def test_exercise_the_proportional_gradient(names, reward, is_gradient):
    rewards = np.array(names["walk"].reward)
    rewards[1] *= -reward
    process, tabular = replace(names["walk"], reward=rewards), SoftmaxPolicy(4, 2)
    point = np.random.default_rng(6).standard_normal((4, 2))

    def normalised(at):
        length = values.discounted_visitation(process, tabular, at).sum()
        return state_action_form.exact_gradient(process, tabular, at) / length

    jacobian = complex_step(normalised, point).reshape(8, 8)
    odd = np.linalg.norm(jacobian - jacobian.T) / np.linalg.norm(jacobian + jacobian.T)
    assert odd < 1e-10 if is_gradient else odd > 1e-3
