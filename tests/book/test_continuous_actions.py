"""The claims of "Continuous actions", each by a way that the chapter does not take."""

import math
from itertools import pairwise

import numpy as np
import pytest

from pgcode.linear_quadratic import LinearQuadratic, lq_gradient, lq_objective
from pgcode.oracles import finite_difference
from pgcode.policies import GaussianPolicy

NODES, WEIGHTS = np.polynomial.legendre.leggauss(300)
SIGMA = 0.5


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("practice/continuous-actions")


def rows(names, head):
    """The rows of the tables whose first head is this."""
    return [shown.rows for shown in names.shown if getattr(shown, "heads", ("",))[0] == head]


def number(cell):
    return float(cell.replace("−", "-"))


def integral(function, *ends):
    total = 0.0
    for low, high in pairwise(ends):
        total += (high - low) / 2 * WEIGHTS @ function((low + high) / 2 + (high - low) / 2 * NODES)
    return total


def normal(z, mean, sigma=SIGMA):
    return np.exp(-(((z - mean) / sigma) ** 2) / 2) / sigma / np.sqrt(2 * np.pi)


# The prediction, the example by hand, and the densities.


def test_prediction_and_the_example_by_hand():
    assert round(float(normal(0, 0, 0.1)), 2) == 3.99
    assert round(math.log(normal(0, 0, 0.1)), 2) == 1.38
    assert round(math.log(100), 1) == 4.6
    upper = integral(lambda e: e * normal(e, 0, 1), 0, 12)
    assert round(upper, 3) == 0.399
    for payment, mean in ((1, -0.80), (3, -2.4), (-1, 0.80)):
        wrong = integral(lambda z, p=payment: p * (np.minimum(z, 1) - 1) / SIGMA**2 * normal(z, 1), -6, 1, 8)
        assert wrong == pytest.approx(mean, abs=0.01)


@pytest.mark.parametrize("sigma", [0.3, 2.0])
def test_scores_have_mean_0_and_the_variances_of_the_text(sigma):
    policy = GaussianPolicy(1)
    at = [[0.4, np.log(sigma)]]
    z = 0.4 + sigma * 12 * NODES
    weights = 12 * sigma * WEIGHTS * np.exp(policy.log_density(at, np.ones((300, 1)), z[:, None]))
    score = policy.score(at, np.ones((300, 1)), z[:, None])[:, 0]
    assert np.abs(weights @ score).max() < 1e-10
    assert weights @ score**2 == pytest.approx([1 / sigma**2, 2])


def test_table_of_densities(names):
    ((*_, last),) = rows(names, r"\(\sigma\)")
    assert [number(cell) for cell in last] == [0.01, 3.686, 0.683, -3.186, 10000.0]
    assert 1 / np.sqrt(2 * np.pi) == pytest.approx(0.4, abs=0.002)  # the σ below which log π is positive somewhere


# The cart.


def test_all_four_estimators_have_the_mean_of_the_theorem_and_the_variance_of_draws(names):
    rng = np.random.default_rng(1)
    m = 200_000
    noise = (
        1 + np.sqrt(0.2) * rng.standard_normal(m),
        rng.standard_normal((m, 3)),
        np.sqrt(0.1) * rng.standard_normal((m, 3)),
    )
    exact = lq_gradient(names["cart"](3), names["cart"](3).parameters([[0.5]], 0.3))
    for way, (mean, variance) in names["found"].items():
        assert np.abs(mean - exact).max() < 1e-10
        drawn = names["WAYS"][way](0.5, 0.3, noise)
        squares = (drawn - exact[:, None]) ** 2
        errors = squares.std(axis=1) / np.sqrt(m)
        assert (np.abs(squares.mean(axis=1) - variance) < 5 * errors).all(), way


def test_variances_by_spread_are_those_of_the_text(names):
    by_spread, spreads = names["by_spread"], names["spreads"]
    assert spreads[0] == pytest.approx(0.03)
    whole, to_go, less_v, path = by_spread.values()
    assert round(whole[0] / less_v[0]) == 54
    assert round(path[0], 1) == 1.2
    variances = [float(v[1][0]) for v in names["found"].values()]
    assert round(variances[0] / variances[-1]) == 100
    small = np.array([0.01, 0.001])
    for way in list(by_spread)[:3]:  # σ² times the variance has a limit above 0
        at_small = np.array([names["moments_of"](way, 0.5, s)[1][0] for s in small]) * small**2
        assert abs(at_small[0] / at_small[1] - 1) < 0.02
        assert at_small[1] > 0.1
    assert whole[0] > to_go[0] > less_v[0] > path[0]


def test_drive_is_the_cart_of_the_package(names):
    """By the objective: the exact mean of what all drives earn, at any gain."""
    cart, (weight, noise) = names["cart"](3), (names["weight"], names["every_noise"])
    for gain, sigma in ((0.2, 0.5), (0.8, 1.1)):
        earned = names["drive"](gain, sigma, *noise)[1].sum(axis=-1) @ weight
        assert abs(earned - lq_objective(cart, cart.parameters([[gain]], sigma))) < 1e-10


def test_learned_gains_are_those_of_the_text(names):
    best = names["K_best"]
    cart = names["cart"](10)
    values = [lq_objective(cart, cart.parameters([[best + off]], 0.3)) for off in (-1e-3, 0.0, 1e-3)]
    assert values[1] == max(values)
    assert round(best, 2) == 0.62
    spread = {way: runs[:, 100:].std() for way, runs in names["gains"].items()}
    assert spread["whole return"] > 3 * spread["less V"] > 3 * spread["pathwise"]
    for runs in names["gains"].values():
        assert abs(np.median(runs[:, 100:]) - best) < 0.03


def test_slope_by_log_sigma_in_closed_form(names):
    cart = names["cart"](4)
    for gain, sigma in ((0.62, 0.3), (0.1, 1.3)):
        kappa = [0.0]
        for _ in range(4):
            kappa.insert(0, 1 + gain**2 / 2 + 0.9 * (0.9 - gain) ** 2 * kappa[0])
        closed = -2 * sigma**2 * sum(0.9**t * (0.5 + 0.9 * kappa[t + 1]) for t in range(4))
        assert closed == pytest.approx(lq_gradient(cart, cart.parameters([[gain]], sigma))[1])
        assert closed < 0


def test_plain_steps_lose_runs_and_scaled_steps_none(names):
    plain, natural = names["plain"], names["natural"]
    assert np.isnan(plain[-1, 0]).sum() >= 10
    assert not np.isnan(natural).any()
    assert np.nanstd(plain[150, 0]) > 3 * natural[150, 0].std()
    assert natural[600, 0].std() <= 1.5 * natural[50, 0].std()
    for path in (plain, natural):
        assert np.nanmedian(path[-1, 1]) == pytest.approx(0.06, abs=0.01)


def test_values_of_many_gains_are_those_of_the_package(names):
    x = np.random.default_rng(0).standard_normal((1, 5, 10))
    gain, sigma = np.array([[0.4]]), np.array([[0.7]])
    found = names["values_along"](gain, sigma, x)
    assert np.allclose(found + names["less_value"](0.4, 0.7)(x, 0 * x), 0)


# Squashing.


@pytest.mark.parametrize(("theta", "log_sigma"), [(1.0, -0.7), (0.0, 0.3), (-0.6, -1.5)])
def test_derivatives_of_the_squashed_entropy(theta, log_sigma):
    """−∫ π log π da over the actions themselves, differenced."""

    def entropy(at):
        sigma = np.exp(at[1])

        def term(z):  # da = (1 − a²) dz
            a = np.tanh(z)
            density = normal(z, at[0], sigma) / (1 - a**2)
            return -density * np.log(density) * (1 - a**2)

        return np.array(integral(term, at[0] - 9 * sigma, at[0], at[0] + 9 * sigma))

    slopes = finite_difference(entropy, [theta, log_sigma])
    sigma = np.exp(log_sigma)

    def mean(f):
        return integral(lambda e: f(e, np.tanh(theta + sigma * e)) * normal(e, 0, 1), -10, 0, 10)

    assert slopes == pytest.approx([-2 * mean(lambda e, a: a), 1 - 2 * sigma * mean(lambda e, a: e * a)], abs=1e-6)


def test_the_jacobian_changes_the_entropy_and_not_the_score(names):
    (squashed, _) = rows(names, "the Jacobian")
    assert [row[1] for row in squashed] == ["1.8889", "1.8889"]
    score = (np.arctanh(0.9) - 1) / 0.25
    assert round(float(score), 4) == 1.8889
    assert names["slopes"]["without"].round(12).tolist() == [0.0, 1.0]


def test_a_bonus_without_the_jacobian_has_no_best_spread(names):
    soft = names["soft"]
    assert abs(soft["with"][-1] - soft["with"][300]).max() < 1e-6
    assert np.exp(soft["without"][-1, 1]) > 3
    assert soft["without"][-1, 1] > soft["without"][500, 1]
    assert round(names["at_bounds"](soft["without"][-1]), 2) == 0.94
    assert names["at_bounds"](soft["with"][-1]) < 0.005


def test_the_term_of_a_saturated_action():
    for z in (0.3, 5.0, 12.0):
        stable = 2 * np.log(2) - 2 * z - 2 * np.log1p(np.exp(-2 * z))
        assert stable == pytest.approx(-2 * np.log(np.cosh(z)))
    assert np.tanh(20.0) == 1.0
    assert np.tanh(np.float32(10.0)) == 1.0
    assert round(math.log(1e-6), 1) == -13.8


# Clipping.


def paid(a, bonus):
    return bonus - (a - 0.6) ** 2


def mean_of(theta, score, bonus):
    return integral(
        lambda z: normal(z, theta) * score(z) * paid(np.clip(z, -1, 1), bonus), theta - 12, -1, 1, theta + 12
    )


@pytest.mark.parametrize("theta", [-1.2, 0.0, 0.8, 1.7])
@pytest.mark.parametrize("bonus", [0.0, 2.0])
def test_slope_and_bias_of_the_cut_by_other_routes(names, theta, bonus):
    """The slope by differences of J, by the score of the draw and by the path; the bias by integrals."""
    slope = names["slope_by_hand"](theta)
    expected = finite_difference(lambda t: np.array(mean_of(t[0], np.ones_like, bonus)), [theta])[0]
    assert slope == pytest.approx(expected, abs=1e-6)
    assert slope == pytest.approx(mean_of(theta, lambda z: (z - theta) / SIGMA**2, bonus), abs=1e-10)
    inside = integral(lambda z: -2 * (z - 0.6) * normal(z, theta), -1, 1)
    assert slope == pytest.approx(inside, abs=1e-10)
    wrong = mean_of(theta, lambda z: (np.clip(z, -1, 1) - theta) / SIGMA**2, bonus)
    assert names["bias_by_hand"](theta, bonus) == pytest.approx(wrong - slope, abs=1e-10)


def test_programs_of_the_table(names):
    exactly, slope = names["exactly"], names["slope"]
    raw, wrong, chance = (exactly[program] for program in names["PROGRAMS"])
    assert abs(raw[0] - slope) < 1e-10
    assert abs(chance[0] - slope) < 1e-10
    assert wrong[0] < 0 < slope
    assert wrong[1] < chance[1] < raw[1]
    assert abs(names["by_integral"] - slope) < 1e-10
    for program in names["PROGRAMS"]:
        error = np.sqrt(exactly[program][1] / 2e5)
        assert abs(names["sampled"][program].mean() - exactly[program][0]) < 4 * error


def test_the_chance_of_an_action_is_the_mean_of_the_score_of_the_draw(names):
    """Over the draws that are cut to the same action."""
    theta = 0.8
    above = integral(lambda z: normal(z, theta), 1, 8)
    mean = integral(lambda z: (z - theta) / SIGMA**2 * normal(z, theta), 1, 8) / above
    assert names["score"](np.array([1.3]), theta, "log of the chance of a")[0] == pytest.approx(mean)


def test_where_programs_come_to_rest(names):
    stops = [None if at is None else round(at, 2) for at in names["stops"].values()]
    assert stops == [1.0, 0.48, 0.54, None, 1.12]
    assert round(names["stops"]["right, any level"], 3) == 0.997
    earned = [names["expected"](at) for at in names["stops"].values() if at is not None]
    assert max(earned) == earned[0]
    for theta in (0.5, 1.0, 2.0, 3.0):
        assert names["wrong_mean"](theta, 0.0) > 0
    learned = {key: np.median(runs[:, -1]) for key, runs in names["throttles"].items()}
    assert learned["z", "pays up to 0"] == pytest.approx(0.997, abs=0.05)
    assert learned["z", "pays up to 2"] == pytest.approx(0.997, abs=0.1)
    assert learned["a", "pays up to 2"] == pytest.approx(0.54, abs=0.05)
    assert learned["a", "pays up to 0"] > 2.5


def test_far_outside_the_slope_vanishes_and_the_noise_stays(names):
    assert round(float(names["slope_by_hand"](2.0)), 2) == -0.01
    assert round(names["mean_and_variance"](2.0, "log π(z)", 2.0)[1]) == 14


# The exercises.


def test_the_constant_that_hides_the_bias(names):
    less = paid(1.0, 0.0)
    assert abs(names["bias_by_hand"](0.8, -less)) < 1e-3
    assert names["bias_by_hand"](0.0, 0.0) == pytest.approx(names["bias_by_hand"](0.0, -5.0))
    assert round(float(names["bias_by_hand"](0.0, 0.0)), 2) == -0.04
    assert round(float(names["Phi"](-1.8 / SIGMA)), 4) == 0.0002


def test_the_widest_squashed_policy(names):
    sigmas = np.linspace(0.5, 1.5, 1001)
    values = [names["entropy"]([0.0, np.log(s)]) for s in sigmas]
    best = int(np.argmax(values))
    assert round(sigmas[best], 2) == 0.87
    assert round(values[best], 3) == 0.684
    assert round(math.log(2), 3) == 0.693


def test_the_problem_is_the_one_of_the_text():
    cart = LinearQuadratic([[0.9]], [[1.0]], [[0.1]], [[1.0]], [[0.5]], [1.0], [[0.2]], discount=0.9, horizon=1)
    assert lq_objective(cart, cart.parameters([[0.5]], 0.3)) == pytest.approx(-1.2 - 0.5 * (0.25 * 1.2 + 0.09))
