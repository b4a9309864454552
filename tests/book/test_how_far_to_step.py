"""The claims of "How far to step", each by a way that the chapter does not take."""

from fractions import Fraction

import numpy as np
import pytest

from pgcode import environments, learning, step_form, values
from pgcode.derivation import Derivation
from pgcode.mdp import TabularMDP
from pgcode.policies import SoftmaxPolicy
from pgcode.state_action_form import exact_gradient


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("beyond/how-far-to-step")


def rows(names, head):
    """The rows of the table whose first head is this, as texts."""
    (shown,) = (display for display in names.shown if getattr(display, "heads", ("",))[0] == head)
    return shown.rows


# The ice, in fractions.


def ice(u):
    """J, V on the ice and on the bank, Q for going on, exactly."""
    on_ice = -6 * u
    q_bank = 1 + Fraction(1, 2) * on_ice
    return u * q_bank, on_ice, q_bank


U = Fraction(1, 10)


def test_prediction_and_the_example_by_hand():
    here, on_ice, q_bank = ice(U)
    assert (here, on_ice, q_bank) == (Fraction(7, 100), Fraction(-6, 10), Fraction(7, 10))
    slope = 1 - 6 * U  # of u − 3u²
    assert slope == Fraction(4, 10)
    assert ice(Fraction(1))[0] == -2
    advantages = q_bank - here, -here, -6 - on_ice, -on_ice
    assert advantages == (Fraction(63, 100), Fraction(-7, 100), Fraction(-54, 10), Fraction(6, 10))
    assert advantages[0] + Fraction(1, 2) * advantages[2] == ice(Fraction(1))[0] - here == Fraction(-207, 100)


@pytest.mark.parametrize("x", [Fraction(1, 100), Fraction(2, 15), Fraction(9, 10)])
def test_promise_rise_and_bound_on_the_ice(x):
    here, _, q_bank = ice(U)
    promised = x * q_bank + Fraction(1, 2) * U * x * (-6)  # Σ d_γ (π' − π) Q
    assert promised == Fraction(4, 10) * x
    assert ice(U + x)[0] - here == promised - 3 * x**2
    variation = (1 + Fraction(1, 2) * U) * x
    bound = 2 * max(abs(x * q_bank), abs(6 * x)) * variation  # 2γ/(1 − γ) = 2
    assert bound == Fraction(126, 10) * x**2
    mdp, policy = environments.thin_ice(), environments.thin_ice_policy()
    at, to = ([float(np.log(p / (1 - p)))] for p in (float(U), min(float(U + x), 1 - 1e-12)))
    assert abs(step_form.surrogate(mdp, policy, at, to) - float(promised)) < 1e-10
    assert abs(step_form.surrogate_error_bound(mdp, policy, at, to) - float(bound)) < 1e-9


def test_where_the_ice_is_safe():
    x = Fraction(2, 15)
    assert ice(U + x)[0] == ice(U)[0]
    assert ice(U + x + Fraction(1, 100))[0] < ice(U)[0] < ice(U + x - Fraction(1, 100))[0]
    assert round(float(U + x), 3) == 0.233
    assert round(0.4 / 12.6, 3) == 0.032
    best = Fraction(4, 10) / Fraction(252, 10)  # of 0.4 x − 12.6 x²
    assert (round(float(best), 4), round(float(Fraction(4, 10) * best - 3 * best**2), 4)) == (0.0159, 0.0056)
    assert (round(0.4 / 6, 4), round(0.4**2 / 12, 4)) == (0.0667, 0.0133)


def test_a_walker_with_eyes():
    """Only the bank's policy changes, so the promise is kept."""
    mdp, policy, tired = environments.thin_ice(), SoftmaxPolicy(3, 2), -np.log(9)
    old, new = np.array([[0, tired], [0, tired], [0, 0]]), np.array([[0, 40.0], [0, tired], [0, 0]])
    rise = values.objective(mdp, policy, new) - values.objective(mdp, policy, old)
    assert abs(rise - 0.63) < 1e-9
    assert abs(step_form.surrogate(mdp, policy, old, new) - 0.63) < 1e-9


def test_a_step_of_one_preference_moves_little_where_the_policy_is_sure():
    def moved(u):
        return 1 / (1 + (1 - u) / u / np.e) - u

    assert (round(moved(0.1), 2), round(moved(0.999), 4)) == (0.13, 0.0006)


# The lines.


@pytest.mark.parametrize("seed", range(20))
def test_better_in_every_state_is_better_however_far(seed):
    rng = np.random.default_rng(seed)
    mdp, policy = environments.random_mdp(rng, 3, 3, 0.9, None), SoftmaxPolicy(3, 3)
    theta = rng.standard_normal((3, 3))
    greedy = 40.0 * np.eye(3)[values.action_values(mdp, policy, theta).argmax(axis=1)]
    assert values.objective(mdp, policy, greedy) >= values.objective(mdp, policy, theta)


def test_the_surrogate_falls_short_by_the_square(names):
    by_square = names["off"] / np.square(names["sizes"])
    assert abs(by_square[3] / by_square[2] - 1) < 0.02
    assert abs(by_square[2] / by_square[1] - 1) < 0.1


def test_surrogate_rises_while_the_objective_falls(names):
    told, earned = names["told"], names["earned"]
    assert np.all(np.diff(told) > 0)
    assert earned[3] == pytest.approx(earned[0], abs=2e-4)
    assert earned[4] < earned[0]
    assert earned[5] < earned[4]


def test_opening_figure_says_what_its_caption_says():
    """One slope at the start, and the ground below the map."""
    mdp, policy, at = environments.machine(), environments.machine_policy(), np.array([-1.0, 2.5])
    uphill = exact_gradient(mdp, policy, at)
    here = values.objective(mdp, policy, at)
    for x in (0.5, 3.0, 9.0):
        ground = values.objective(mdp, policy, at + x * uphill) - here
        assert ground < step_form.surrogate(mdp, policy, at, at + x * uphill)


def test_the_bounds_are_loose_as_told(names):
    for gamma, found in names["loose"].items():
        assert found.shape == (200, 2)
        assert (found[:, 1] >= found[:, 0]).all(), gamma
        assert (found[:, 0] >= 1).all(), gamma
    medians = [np.median(found[:, 0]) for found in names["loose"].values()]
    assert medians[0] > 20
    assert medians[2] > 1000


@pytest.mark.parametrize("x", [0.5, 0.005, 5e-6])
def test_two_loops_reach_the_bound(x):
    """All actions have ½ at first; in the loops a step pays 1 or −1, and the new policy is better in one of them."""
    gamma, transition, reward = 0.9, np.zeros((3, 2, 3)), np.zeros((3, 2, 3))
    transition[0, [0, 1], [1, 2]] = transition[1, :, 1] = transition[2, :, 2] = 1
    reward[1:, 0], reward[1:, 1] = 1, -1
    mdp, policy = TabularMDP(transition, reward, np.eye(3)[0], gamma), SoftmaxPolicy(3, 2)
    up = 40.0 if x == 0.5 else np.log((0.5 + x) / (0.5 - x))
    old, new = np.zeros((3, 2)), np.array([[40.0, 0], [up, 0], [-up, 0]])
    rise = values.objective(mdp, policy, new) - values.objective(mdp, policy, old)
    missing = abs(rise - step_form.surrogate(mdp, policy, old, new))
    bound = step_form.surrogate_error_bound(mdp, policy, old, new)
    assert bound / missing == pytest.approx(1 + 2 * gamma * x / (1 - gamma), rel=1e-8)


# The metric.


def test_the_natural_step_of_a_table_multiplies_by_exponentials():
    rng = np.random.default_rng(0)
    mdp, policy, alpha = environments.random_mdp(rng, 3, 4, 0.8, None), SoftmaxPolicy(3, 4), 0.7
    theta = rng.standard_normal((3, 4))
    pi, a = policy.probabilities(theta), values.advantages(mdp, policy, theta)
    expected = pi * np.exp(alpha * a)
    expected /= expected.sum(axis=1, keepdims=True)
    stepped = policy.probabilities(theta + alpha * learning.natural_gradient(mdp, policy, theta))
    assert np.abs(stepped - expected).max() < 1e-10
    normalised = np.linalg.pinv((1 - 0.8) * step_form.fisher_matrix(mdp, policy, theta), rcond=1e-12)
    by_papers = normalised @ exact_gradient(mdp, policy, theta).ravel()
    ours = learning.natural_gradient(mdp, policy, theta).ravel()
    assert np.abs(by_papers - ours / (1 - 0.8)).max() < 1e-8
    plain = values.discounted_visitation(mdp, policy, theta)[:, None] * pi * a
    assert np.abs(exact_gradient(mdp, policy, theta) - plain).max() < 1e-10


def test_the_natural_step_does_not_see_how_the_policy_is_written(names):
    columns = {head: np.array(column) for head, column in names["columns"].items() if head != "written in"}
    for alpha in ("0.1", "0.01"):
        years, months, sinh = columns[f"natural, {alpha}"]
        assert abs(years - months) < 1e-10
        assert np.ptp(columns[f"gradient, {alpha}"]) > 10 * abs(years - sinh)
    apart = [abs(np.subtract(*columns[f"natural, {alpha}"][[0, 2]])) for alpha in ("0.1", "0.01")]
    assert 80 < apart[0] / apart[1] < 120


def test_the_rate_and_the_rise_of_the_natural_gradient_hold_on_random_processes():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        gamma, alpha = rng.uniform(0.3, 0.9), rng.uniform(0.1, 3)
        mdp, policy = environments.random_mdp(rng, 3, 3, gamma, None), SoftmaxPolicy(3, 3)
        start = 2 * rng.standard_normal((3, 3))
        v = np.zeros(3)
        for _ in range(400):
            q = mdp.expected_reward + gamma * mdp.transition @ v
            v = q.max(axis=1)
        best = 40.0 * np.eye(3)[q.argmax(axis=1)]
        top, spread = values.objective(mdp, policy, best), np.ptp(mdp.reward)
        visits, pi = values.discounted_visitation(mdp, policy, best), policy.probabilities(start)
        far = -visits @ np.log(pi[range(3), q.argmax(axis=1)])
        path = learning.natural_ascent(mdp, policy, start, alpha, 30)
        reached = np.array([values.objective(mdp, policy, at) for at in path])
        assert (np.diff(reached) > -1e-9).all()
        k = np.arange(1, 31)
        assert (top - reached[1:] <= (far / alpha + spread / (1 - gamma) ** 2) / k + 1e-9).all()


def test_gradient_domination():
    for seed in range(50):
        rng = np.random.default_rng(seed)
        mdp, policy = environments.random_mdp(rng, 3, 2, 0.8, None), SoftmaxPolicy(3, 2)
        theta = rng.standard_normal((3, 2))
        candidates = [40.0 * np.eye(2)[[i, j, k]] for i in (0, 1) for j in (0, 1) for k in (0, 1)]
        best = max(candidates, key=lambda at: values.objective(mdp, policy, at))
        d, d_best = (values.discounted_visitation(mdp, policy, at) for at in (theta, best))
        gap = values.objective(mdp, policy, best) - values.objective(mdp, policy, theta)
        assert gap <= (d_best / d).max() * (d @ values.advantages(mdp, policy, theta).max(axis=1)) + 1e-9


def test_the_circle_is_best_gone_round_and_the_plain_gradient_waits(names):
    circle = names["circle"]
    v = np.zeros(4)
    for _ in range(400):
        q = circle.expected_reward + circle.discount * circle.transition @ v
        v = q.max(axis=1)
    assert (q.argmax(axis=1) == 1).all()
    assert abs(circle.initial @ v - names["best"]) < 1e-9
    assert (circle.reward.min(), circle.reward.max()) == (0, 6)
    assert round(SoftmaxPolicy(4, 2).probabilities(names["resting"])[0, 1], 2) == 0.05
    plain, natural = names["gaps"].values()
    assert plain[-1] > 0.5
    assert natural[4] < 1e-5
    assert (np.array(natural) <= names["bounds"]).all()


# Regions and clips.


def test_divergence_of_the_steps(names):
    ratio = np.array(names["measured"]) / names["radii"]
    assert abs(ratio[0] - 1) < 0.01
    assert ratio[2] < 0.8
    assert (np.array(names["bigger"]) > names["gained"]).all()


@pytest.mark.parametrize("old", [0.6, 0.9])
def test_the_clipped_objective_of_two_arms(names, old):
    """From 0.6 it is flat between 0.72 and 1; from 0.9 it rises all the way."""
    grid = np.linspace(old, 1, 401)
    height = np.array([names["clipped"](old, new) for new in grid])
    slope = np.diff(height) / np.diff(grid)
    assert slope[0] == pytest.approx(1)  # that of J: one arm pays 1 more
    if old == 0.9:
        assert (slope > 1e-3).all()
    else:
        assert height.max() - height[grid >= 0.72 - 1e-9].min() < 1e-12
        assert (slope[grid[1:] < 0.72 - 1e-9] > 1e-3).all()


@pytest.mark.parametrize(("advantage", "pushed"), [(1, (True, True, False)), (-1, (False, True, True))])
def test_a_clip_pushes_and_pulls_on_one_side_alone(advantage, pushed):
    """The slope of min(ρA, clip(ρ)A) at the ratios 0.7, 1 and 1.3: a bad action whose ratio is 1.3 is brought back."""
    rho, step = np.array([0.7, 1.0, 1.3]), 1e-3

    def kept(rho):
        return np.minimum(rho * advantage, np.clip(rho, 0.8, 1.2) * advantage)

    slope = (kept(rho + step) - kept(rho - step)) / (2 * step)
    assert np.abs(slope - advantage * np.array(pushed)).max() < 1e-10


def test_a_ratio_near_zero_is_not_prevented(names):
    bandit, pull = environments.two_armed_bandit(), SoftmaxPolicy(2, 2)
    near, far = (step_form.divergence(bandit, pull, names["pulls"](0.9), names["pulls"](1 - x)) for x in (1e-2, 1e-12))
    assert far > near + 2
    assert 1 / 0.9 < 1.2


def test_one_natural_step_of_two_arms():
    policy, bandit = SoftmaxPolicy(2, 2), environments.two_armed_bandit()
    for u in (0.001, 0.5):
        at = [[0, np.log(u / (1 - u))], [0, 0]]
        natural, plain = (found(bandit, policy, at)[0] for found in (learning.natural_gradient, exact_gradient))
        assert natural[1] - natural[0] == pytest.approx(1)
        assert plain[1] - plain[0] == pytest.approx(2 * u * (1 - u))
    assert round(1 / (2 * 0.001 * 0.999)) in range(499, 502)


def test_ledger(names):
    (ledger,) = (shown for shown in names.shown if isinstance(shown, Derivation))
    assert ledger.false_lines == ["D7"]
