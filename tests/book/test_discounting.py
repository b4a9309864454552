"""What the chapter on discounting says, by ways that it does not take, and the numbers that its words rest on."""

from dataclasses import replace

import numpy as np
import pytest

from pgcode import environments, learning, state_action_form, values
from pgcode.estimators import full_return, reward_to_go, trajectory_gradients
from pgcode.mdp import TabularMDP
from pgcode.moments import enumerated_moments, gae_moments, reward_to_go_moments
from pgcode.oracles import complex_step
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import enumerate_trajectories, sample_trajectories


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("one-gradient/discounting")


@pytest.fixture(scope="module")
def machine(names):
    return names["mdp"], names["policy"], names["theta"]


def gradient_of(mdp, policy, theta):
    return complex_step(lambda at: values.objective(mdp, policy, at), theta)


def test_the_clocks_of_the_opening_figure(names):
    """Both fall by the same factor; the upper one has fallen to a third before the decision."""
    upper, lower = (panel.patches for panel in names["draw_clocks"]().axes)
    heights = np.array([[bar.get_height() for bar in panel] for panel in (upper, lower)])
    assert heights[0] == pytest.approx(0.75 ** np.arange(12), abs=1e-12)
    assert heights[1, :4] == pytest.approx(0, abs=0)
    assert heights[0, 4:] / heights[1, 4:] == pytest.approx(0.75**4, abs=1e-12)
    assert round(0.75**4, 1) == 0.3


# The prediction, which is the late payment without a wait.


def test_the_slopes_of_the_prediction():
    """Two decisions, written out: what action 1 brings, with and without the factor in front of the score."""
    gamma = 0.5
    brings = np.array([gamma * 1.5, -1.0])  # of G_t
    assert (gamma ** np.arange(2) * brings).sum() == 0.25
    assert brings.sum() == -0.25


@pytest.mark.parametrize(("discount", "wait"), [(0.5, 0.0), (0.5, 0.5), (0.9, 0.9), (0.99, 0.99), (0.9, 0.2)])
def test_late_payment_in_closed_form(names, discount, wait):
    mdp, policy, at = names["late_payment"](discount, wait), names["investor"], np.array([0.3])
    p = policy.probabilities(at)[0, 1]
    d = discount * (1 - wait) / (1 - discount * wait)
    assert values.objective(mdp, policy, at) == pytest.approx(p * d * 0.5, rel=1e-10)
    assert values.objective(replace(mdp, discount=1.0), policy, at) == pytest.approx(p * 0.5, rel=1e-9)
    assert names["field"](mdp, policy, at, 1.0)[0] == pytest.approx(p * (1 - p) * (1.5 * d - 1), rel=1e-9)
    mean_wait = 1 / (1 - wait)
    assert (d < 2 / 3) == (mean_wait > discount / (2 * (1 - discount)))
    if wait == discount:
        assert d == pytest.approx(discount / (1 + discount))


def test_learners_of_the_late_payment(names):
    up, down = names["followed"].values()
    assert up[-1] > 0.97
    assert down[-1] < 0.03
    assert (np.diff(up) > 0).all()
    assert (np.diff(down) < 0).all()
    assert (names["tried"][:, -1] < 0.2).sum() > 90


def test_the_mean_of_one_sampled_update_is_f(names):
    """The program that the chapter draws from, and G_t beside the score, from a list of walks."""
    mdp, policy, start = names["soon"], names["investor"], names["start"]
    one = names["without_discount"](mdp, policy, start, 1.0, 1, 40_000, np.random.default_rng(2))[:, 1, 0]
    exact = names["field"](mdp, policy, start, 1.0)[0]
    assert abs(one.mean() - exact) < 4 * one.std() / 200
    listed = enumerated_moments(replace(mdp, horizon=2), policy, start, lambda tau: tau.returns_from_step).mean
    assert listed[0] == pytest.approx(exact, rel=1e-10)


# The lines.


def test_three_lines_with_both_discounts(machine):
    mdp, policy, theta = machine
    five = replace(mdp, horizon=5)

    def as_in_the_objective(tau):
        w = np.zeros(tau.rewards.shape)
        for t in range(5):
            for k in range(t, 5):
                w[:, t] += 0.8**k * tau.rewards[:, k]
        return w

    exact = gradient_of(five, policy, theta)
    lines = (
        enumerated_moments(five, policy, theta, as_in_the_objective).mean,
        enumerated_moments(five, policy, theta, lambda tau: 0.8 ** np.arange(5) * tau.returns_from_step).mean,
        state_action_form.exact_gradient(five, policy, theta),
    )
    for line in lines:
        assert np.abs(line - exact).max() < 1e-10


def test_f_is_the_sum_over_the_steps(names, machine):
    mdp, policy, theta = machine
    for horizon, tolerance in ((5, None), (600, 1e-9)):
        cut = replace(mdp, horizon=horizon)
        occupied, q = values.occupancy(cut, policy, theta)[:-1], values.action_values(cut, policy, theta)
        summed = policy.weighted_gradient(theta, np.einsum("ts,tsa->sa", occupied, q))
        if tolerance is None:
            listed = enumerated_moments(cut, policy, theta, lambda tau: tau.returns_from_step).mean
            assert np.abs(summed - listed).max() < 1e-10
        else:
            assert np.abs(summed - names["F"]).max() < tolerance
    assert names["episodes"].active[:, -1].mean() < 1e-3
    assert np.abs(names["field"](mdp, policy, theta, 0.8) - names["gradient"]).max() < 1e-10


@pytest.mark.parametrize("discount", [0.0, 0.3, 0.8, 0.9, 1.0])
def test_theorem_of_the_missing_term(names, machine, discount):
    mdp, policy, theta = machine
    at_discount, undiscounted = replace(mdp, discount=discount), replace(mdp, discount=1.0)
    visits = complex_step(lambda at: values.discounted_visitation(undiscounted, policy, at)[:-1], theta)
    missing = (1 - discount) * np.einsum("sk,s->k", visits, values.state_values(at_discount, policy, theta)[:-1])
    found = names["field"](at_discount, policy, theta, 1.0) + missing
    assert np.abs(found - gradient_of(undiscounted, policy, theta)).max() < 1e-9


def test_angles_that_the_text_reads_from_the_table(names):
    turns = dict(zip(names["near"], names["turns"], strict=True))
    assert turns[0.8][0] < 10
    assert turns[0.8][1] > 90
    assert turns[0.9][0] > turns[0.8][0]  # not at every step of the way
    assert all(8 < a / b < 12 for a, b in zip(turns[0.999], turns[0.9999], strict=True))


# A table.


def test_with_a_table_it_is_uphill_within_the_bound(names):
    for seed in range(40):
        rng = np.random.default_rng(seed)
        mdp, policy, theta = names["process_with_end"](rng), SoftmaxPolicy(4, 2), rng.standard_normal((4, 2))
        f, exact = names["field"](mdp, policy, theta, 1.0), names["field"](mdp, policy, theta, 0.8)
        visits = values.discounted_visitation(replace(mdp, discount=1.0), policy, theta)[:-1]
        d = values.discounted_visitation(mdp, policy, theta)[:-1]
        g = np.linalg.norm(exact[:-1], axis=1) / d
        assert (f * exact).sum() == pytest.approx((visits * d * g**2).sum(), rel=1e-9)
        a, b = (visits / d).min(), (visits / d).max()
        cosine = (f * exact).sum() / np.linalg.norm(f) / np.linalg.norm(exact)
        assert cosine >= 2 * np.sqrt(a * b) / (a + b) - 1e-12
        assert (names["field"](mdp, policy, theta, 0.64) * exact).sum() > 0


def test_numbers_of_the_bound():
    assert np.degrees(np.arccos(2 * np.sqrt(2) / 3)) == pytest.approx(19.5, abs=0.05)
    x, y = 3.0, 1.0
    cosine = (x**2 + 9 * y**2) / np.sqrt((x**2 + y**2) * (x**2 + 81 * y**2))
    assert cosine == pytest.approx(0.6)
    assert np.degrees(np.arccos(0.6)) == pytest.approx(53.1, abs=0.05)


def test_angles_of_the_random_processes(names):
    with_table, with_features = names["angles"].values()
    assert with_table.max() < 45
    assert (np.diff(np.median(with_table, axis=1)) < 0).all()
    assert (np.median(with_features, axis=1) < np.median(with_table, axis=1)).all()
    assert (with_features > 90).sum(axis=1).tolist() == [2, 1, 0, 0, 0]


def test_late_steps_hardly_count():
    assert 0.99**500 < 0.01


# Two doors.


@pytest.mark.parametrize("at", [(1.5, 0.0), (-1.0, 0.5), (0.3, 0.7)])
@pytest.mark.parametrize("discount", [0.5, 0.9])
def test_the_field_of_the_doors(names, at, discount):
    at, policy, mdp = np.array(at), names["by_colour"], names["two_doors"](discount)
    p, q = policy.probabilities(at)[[0, 3], 1]
    closed = (1 - discount) * np.array([-(2 * q - 1) * p * (1 - p), (2 * p - 1) * q * (1 - q)])
    assert np.abs(names["field"](mdp, policy, at, 1.0) - closed).max() < 1e-12
    listed = enumerated_moments(replace(mdp, horizon=2), policy, at, lambda tau: tau.returns_from_step).mean
    assert np.abs(listed - closed).max() < 1e-12
    assert abs(values.objective(mdp, policy, at)) < 1e-12
    assert np.abs(gradient_of(mdp, policy, at)).max() < 1e-12


def test_the_jacobian_by_hand(names):
    expected = (1 - 0.5) / 8 * np.array([[0, -1], [1, 0]])
    assert np.abs(names["at_middle"] - expected).max() < 1e-12


@pytest.mark.parametrize("discount", [0.0, 0.5, 0.9, 0.99])
def test_gain_of_a_round_trip(names, discount):
    """The sum of F·dθ along a circle of radius 0.3 about the middle is 4 (1 − γ) times its area."""
    mdp, total, radius, points = names["two_doors"](discount), 0.0, 0.3, 128
    for phi in 2 * np.pi * np.arange(points) / points:
        share = 0.5 + radius * np.array([np.cos(phi), np.sin(phi)])
        step = radius * np.array([-np.sin(phi), np.cos(phi)]) / (share * (1 - share))
        at = np.log(share / (1 - share))
        total += names["field"](mdp, names["by_colour"], at, 1.0) @ step * 2 * np.pi / points
    assert total == pytest.approx(4 * (1 - discount) * np.pi * radius**2, abs=1e-10)


def test_the_learner_goes_round(names):
    x, y = names["pq"].T - 0.5
    turned = np.unwrap(np.arctan2(y, x))
    assert turned[-1] - turned[0] > 4 * np.pi
    assert (np.diff(turned) > 0).all()
    assert (np.diff(names["claimed"]) > 0).all()
    assert names["claimed"][-1] > 1


def test_only_the_gradient_is_symmetric(names):
    of_gradient, without, twice = names["odd"].values()
    assert max(of_gradient) < 1e-10
    assert min(without) > 1e-5
    assert min(twice) > 1e-5


# Mean over time steps.


def test_mean_over_steps_by_all_pairs_and_by_samples(names):
    mdp, policy, at = names["quick_or_slow"], names["once"], names["start"]
    walks, chance = enumerate_trajectories(mdp, policy, at)
    g = trajectory_gradients(walks, policy, at, full_return(walks))[:, 0]
    lengths = walks.active.sum(axis=1)
    pairs = np.einsum("i,j,ij->", chance, chance, (g[:, None] + g) / (lengths[:, None] + lengths))
    means, exact, _ = names["mean_over_steps"](mdp, policy, at, full_return, (1, 2))
    assert means[2][0] == pytest.approx(pairs, rel=1e-10)
    assert exact[0] > 0 > means[1][0]
    rate = complex_step(lambda t: 1 - policy.probabilities(t)[0, 1] * 0.8, at)
    assert means[1] == pytest.approx(rate)  # the gradient of E[R/T]

    case = names["on_corridor"]
    drawn = sample_trajectories(*case, 40_000, np.random.default_rng(5))
    g = trajectory_gradients(drawn, *case[1:], reward_to_go(drawn))[:, 0].reshape(-1, 2).sum(axis=1)
    sampled = g / drawn.active.sum(axis=1).reshape(-1, 2).sum(axis=1)
    means, exact, length = names["mean_over_steps"](*case, reward_to_go, (2,))
    error = sampled.std() / np.sqrt(len(sampled))
    assert abs(sampled.mean() - means[2][0]) < 4 * error < abs(exact[0] / length - means[2][0])


def test_mean_over_steps_of_a_fixed_length_is_a_constant(names):
    case = environments.random_mdp(np.random.default_rng(0)), SoftmaxPolicy(3, 2), np.ones((3, 2))
    means, exact, length = names["mean_over_steps"](*case, reward_to_go, (1, 2, 5))
    assert length == pytest.approx(4)
    for mean in means.values():
        assert np.abs(mean - exact / 4).max() < 1e-12


def test_ratios_that_the_text_reads(names):
    assert names["ratios"]["quick or slow, R"][0] < 0
    assert names["ratios"]["corridor, R"][0] == 0
    for ratio in names["ratios"].values():
        assert 1.8 < (ratio[-2] - 1) / (ratio[-1] - 1) < 2.2


@pytest.mark.parametrize(("chance", "first_right"), [(0.1, 8), (0.5, 4)])
def test_how_many_walks_a_batch_needs(names, chance, first_right):
    at = np.array([np.log(chance / (1 - chance))])
    case = names["quick_or_slow"], names["once"], at
    means, exact, _ = names["mean_over_steps"](*case, full_return, range(1, 13))
    assert exact[0] > 0
    assert [m for m, mean in means.items() if mean[0] > 0] == list(range(first_right, 13))


# A discount for the noise.


@pytest.mark.parametrize("discount", [0.0, 0.6, 1.0])
def test_weights_without_the_factor_are_generalized_advantages(machine, discount):
    mdp, policy, theta = machine
    small = replace(mdp, discount=1.0, horizon=4)
    recursion = gae_moments(small, policy, theta, np.zeros(4), discount)
    listed = enumerated_moments(small, policy, theta, lambda tau: replace(tau, discount=discount).returns_from_step)
    assert np.abs(recursion.mean - listed.mean).max() < 1e-10
    assert np.abs(recursion.variance - listed.variance).max() < 1e-10


def test_best_discounts_that_the_text_reads(names):
    left_out, kept = names["errors"].values()
    best = [names["knob"][np.argmin(row)] for row in left_out]
    assert best == sorted(best)
    assert best[0] < 0.8
    assert best[-1] == 1
    assert all(names["knob"][np.argmin(row)] == 1 for row in kept)
    assert all(min(a) < min(b) for a, b in zip(left_out[:4], kept[:4], strict=True))
    late = replace(names["late_payment"](1.0, 0.0), horizon=2)
    exact = state_action_form.exact_gradient(late, names["investor"], names["start"])
    wrong = gae_moments(late, names["investor"], names["start"], np.zeros(6), 0.5).mean
    right = reward_to_go_moments(replace(late, discount=0.5), names["investor"], names["start"]).mean
    assert wrong[0] * exact[0] < 0 < right[0] * exact[0]


# Fields, and exercises.


def test_three_fields_are_gradients_of_what_the_table_says(names, machine):
    mdp, policy, theta = machine
    symmetric = [np.abs(j - j.T).max() < 1e-9 for j in names["jacobians"].values()]
    assert symmetric == [True] * 3 + [False] * 4
    restarting, own = names["restarting"], names["restart_policy"]
    length = names["mean_length"]
    objective = values.objective(replace(mdp, discount=1.0), policy, theta)
    assert values.average_reward(restarting, own, theta) == pytest.approx(objective / length(theta), rel=1e-10)
    of_rate = complex_step(lambda at: values.average_reward(restarting, own, at), theta)
    assert np.abs(list(names["truths"].values())[2] - of_rate).max() < 1e-10
    quotient = names["gradient_1"] / length(theta) - objective / length(theta) ** 2 * complex_step(length, theta)
    assert np.abs(of_rate - quotient).max() < 1e-9
    assert names["angle"](of_rate, names["gradient_1"]) > 90


def test_the_stationary_rows_have_the_values_of_the_restarted_machine(names, machine):
    """With the Q of the machine that ends, stationary weights make F divided by the mean length."""
    mdp, policy, theta = machine
    d = values.stationary_distribution(names["restarting"], names["restart_policy"], theta)
    visits = values.discounted_visitation(replace(mdp, discount=1.0), policy, theta)[:3]
    assert np.abs(d - visits / names["mean_length"](theta)).max() < 1e-10
    own_q = values.action_values(mdp, policy, theta)[:3]
    with_own = state_action_form.state_weighted_gradient(names["restart_policy"], theta, d, own_q)
    assert np.abs(with_own - names["F"] / names["mean_length"](theta)).max() < 1e-10
    restarted = names["stationary_line"](theta)
    for vector, angles in ((with_own, (9, 102, 16)), (restarted, (14, 125, 7))):
        assert [round(names["angle"](vector, truth)) for truth in names["truths"].values()] == list(angles)


def test_the_discount_twice():
    for discount, cost in ((0.5, 1.5), (0.5, 3.0), (0.9, 1.05), (0.9, 1.2), (0.9, 0.5), (0.9, 2.0)):
        case = environments.aliased_chain(discount, cost), environments.aliased_chain_policy(), np.zeros(1)
        means = [
            enumerated_moments(*case, lambda tau, nu=nu: nu ** np.arange(2) * tau.returns_from_step).mean[0]
            for nu in (discount, 1.0, discount**2)
        ]
        assert 4 * np.array(means) == pytest.approx(1 - cost * np.array([discount, 1, discount**2]))


def test_an_investor_with_a_table(names):
    mdp, policy = names["soon"], SoftmaxPolicy(6, 2)
    ends = []
    for nu in (0.5, 1.0):

        def direction(at, nu=nu):
            return names["field"](mdp, policy, at, nu)

        ends.append(policy.probabilities(learning.gradient_ascent(direction, np.zeros((6, 2)), 0.5, 3000)[-1]))
    for end in ends:
        assert end[0, 1] > 0.98
        assert end[4, 1] < 0.02
    first, second = (names["field"](mdp, policy, np.zeros((6, 2)), nu) for nu in (0.5, 1.0))
    assert second[3:5] == pytest.approx(first[3:5] / 0.5)
    assert second[0] == pytest.approx(first[0])


def test_the_corridor_pays_the_same_each_step():
    corridor = environments.short_corridor()
    assert isinstance(corridor, TabularMDP)
    paid = corridor.expected_reward[~corridor.terminal]
    assert (paid == -1).all()
