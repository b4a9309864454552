"""What "Gradient ascent and its two obstacles" says in words and numbers."""

from dataclasses import replace

import numpy as np
import pytest

from pgcode import environments, state_action_form, trajectory_form, values
from pgcode.derivation import Verdict
from pgcode.displays import Comparison
from pgcode.learning import gradient_ascent
from pgcode.oracles import complex_step, finite_difference
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import count_trajectories

SADDLE = np.full(2, np.log(2 / 3))


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("setting/gradient-ascent")


def test_the_prediction_and_the_example_by_hand(names):
    theta = np.full(2, np.log(0.3 / 0.7))
    assert names["J"](theta) == pytest.approx(1.25)
    assert names["grad_J"](theta) == pytest.approx([-0.105, -0.105])
    end = gradient_ascent(names["grad_J"], theta, 1.0, 400)[-1]
    assert 1.95 < names["J"](end) < 2


def test_the_comparisons_come_out_as_they_are_told(names):
    verdicts = [shown.verdict for shown in names.shown if isinstance(shown, Comparison)]
    assert verdicts == [Verdict.FALSE, Verdict.EXACT, Verdict.EXACT, Verdict.EXACT]


def test_the_two_climbs_of_the_map(names):
    heights = {name: np.array([names["J"](theta) for theta in path]) for name, path in names["paths"].items()}
    for path, climbed in zip(names["paths"].values(), heights.values(), strict=True):
        assert (np.diff(climbed) > 0).all()
        assert np.abs(path).max() < 4.7  # the map ends at 5
    assert heights["blue"][-1] > 2.9
    assert 1.9 < heights["orange"][-1] < 2
    late = gradient_ascent(names["grad_J"], names["paths"]["orange"][-1], 0.5, 2000)[-1]
    assert 1.99 < names["J"](late) < 2


def test_ascent_is_descent_on_minus_the_objective(names):
    start = names["starts"]["blue"]
    up = gradient_ascent(lambda x: complex_step(names["J"], x), start, 0.5, 40)
    down = [start]
    for _ in range(40):
        down.append(down[-1] - 0.5 * complex_step(lambda x: -names["J"](x), down[-1]))
    assert np.array_equal(up, down)
    assert np.abs(up[20] - names["up"][20]).max() < 1e-12


def test_the_saddle_is_one(names):
    assert np.abs(complex_step(names["J"], SADDLE)).max() < 1e-12
    curvature = finite_difference(lambda x: complex_step(names["J"], x), SADDLE)
    low, high = np.linalg.eigvalsh((curvature + curvature.T) / 2)
    assert low < -0.1
    assert high > 0.1


def test_who_sees_comes_to_three_from_the_same_start(names):
    first = values.objective(names["switches"], names["seeing"], names["same_start"])
    assert first == pytest.approx(names["J"](names["starts"]["orange"]))
    assert values.objective(names["switches"], names["seeing"], names["seen"][-1]) > 2.98


@pytest.mark.parametrize("alpha", [0.1, 0.5, 1.0])
def test_the_rate_of_the_bandit(names, alpha):
    climb = gradient_ascent(names["bandit_gradient"], np.zeros(2), alpha, 20_000)
    difference = climb[:, 1] - climb[:, 0]
    inverse_gap = 1 + np.exp(difference)
    u = 1 / (1 + np.exp(-difference))
    raised = u / (1 - u) * np.expm1(2 * alpha * u * (1 - u))  # the formula for one step
    assert np.diff(inverse_gap) == pytest.approx(raised[:-1], rel=1e-7)
    assert raised[-1] == pytest.approx(2 * alpha, rel=1e-3)
    assert 20_000 / inverse_gap[-1] * 2 * alpha == pytest.approx(1, rel=0.01)
    assert np.linalg.norm(climb[-1]) == pytest.approx(np.log(2 * alpha * 20_000) / np.sqrt(2), rel=1e-2)


def test_the_gradient_of_the_bandit(names):
    bandit, tabular = environments.two_armed_bandit(), SoftmaxPolicy(2, 2)
    for theta in (names["climb"][0], names["climb"][10], names["climb"][1000]):
        table = np.stack([theta, np.zeros(2)])  # one row for the decision, one for the end
        exact = trajectory_form.enumerated_gradient(bandit, tabular, table)[0]
        assert np.abs(exact - names["bandit_gradient"](theta)).max() < 1e-12


def test_each_climb_in_the_corridor_ends_on_the_line(names):
    best_u, best = environments.corridor_optimum()
    assert np.log(best_u / (1 - best_u)) == pytest.approx(np.log(2) / 2)
    ends = []
    for path in names["climbs"]:
        left, right = path[-1]
        assert right - left == pytest.approx(np.log(2) / 2, abs=1e-6)
        assert names["corridor_J"](path[-1]) == pytest.approx(best)
        assert np.ptp(path.sum(axis=1)) < 1e-9  # never along the line
        ends.append(path[-1])
    assert min(np.linalg.norm(ends[i] - ends[j]) for i in range(3) for j in range(i)) > 0.5


def counted(mdp, policy, theta):
    """The objective by the recursion in plain Python, and how often a probability is multiplied by a value."""
    pi, count, value = policy.probabilities(theta), 0, [0.0] * mdp.n_states
    for _ in range(mdp.horizon):
        later, value = value, [0.0] * mdp.n_states
        for s in range(mdp.n_states):
            for a in range(mdp.n_actions):
                ahead = 0.0
                for n in range(mdp.n_states):
                    ahead += mdp.transition[s, a, n] * later[n]
                    count += 1
                value[s] += pi[s, a] * (mdp.expected_reward[s, a] + mdp.discount * ahead)
    return mdp.initial @ np.array(value), count


def test_the_counts(names):
    world, softmax, at = names["world"], names["softmax"], names["at"]
    by_count, products = counted(world, softmax, at)
    assert by_count == pytest.approx(values.objective(world, softmax, at))
    assert products == world.horizon * world.n_states**2 * world.n_actions
    for horizon in (1, 5, 40):
        assert count_trajectories(replace(world, horizon=horizon)) == 3 * 6**horizon
    assert 1e8 < count_trajectories(replace(world, horizon=10)) < 2e8  # the number in the opening figure


def test_gradients_without_a_formula(names):
    lake, policy, theta = names["lake"], names["lake_policy"], names["lake_theta"]
    solves = state_action_form.exact_gradient(lake, policy, theta)
    assert np.linalg.norm(solves) > 0.01
    differences = finite_difference(lambda x: values.objective(lake, policy, x), theta)
    assert np.abs(solves - differences).max() < 1e-8


def test_the_largest_step_lands_beyond_the_ridge_where_it_is_steeper(names):
    start = np.array([0.0, -1.0])
    runs = {a: gradient_ascent(names["corridor_grad"], start, a, 3) for a in (0.01, 0.05, 0.15)}
    heights = {a: np.array([names["corridor_J"](x) for x in path]) for a, path in runs.items()}
    assert (np.diff(heights[0.01]) > 0).all()
    assert (np.diff(heights[0.05]) > 0).all()
    assert heights[0.05][-1] > heights[0.01][-1]
    assert (np.diff(heights[0.15]) < 0).all()
    first, second = runs[0.15][:2]
    assert first @ [-1, 1] < np.log(2) / 2 < second @ [-1, 1]
    lengths = [np.linalg.norm(names["corridor_grad"](x)) for x in (first, second)]
    assert lengths[1] > lengths[0]


def test_exercise_the_constant_of_the_bandit():
    pays, alpha, k = np.array([1.0, 5.0]), 0.5, 20_000

    def gradient(theta):
        pi = np.exp(theta - theta.max())
        pi /= pi.sum()
        return pi * (pays - pi @ pays)

    theta = gradient_ascent(gradient, np.zeros(2), alpha, k)[-1]
    gap = 4 / (1 + np.exp(theta[1] - theta[0]))
    assert gap * k == pytest.approx(1 / (2 * alpha), rel=0.01)


@pytest.mark.parametrize(("side", "corner"), [(1, 3), (-1, 2)])
def test_exercise_a_wall_between_two_climbers(names, side, corner):
    walk = gradient_ascent(names["grad_J"], SADDLE + 0.05 * side, 0.5, 1500)
    assert np.abs(walk[:, 0] - walk[:, 1]).max() < 1e-9
    assert corner - 0.01 < names["J"](walk[-1]) < corner


def test_exercise_the_longest_list():
    counts = [count_trajectories(environments.short_corridor(horizon=T)) for T in (34, 35)]
    assert counts[0] < 10**9 <= counts[1]
    assert 34 * 4**2 * 2 == 1088
