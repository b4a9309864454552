"""The claims of "Other people's data, and policies without chance", each by a way that the chapter does not take."""

import itertools
import math
import operator
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pgcode import environments, off_policy, state_action_form, trajectory_form, values
from pgcode.exercises import beyond
from pgcode.linear_quadratic import lq_deterministic_gradient, lq_gradient, lq_objective
from pgcode.oracles import complex_step, finite_difference
from pgcode.policies import SoftmaxPolicy

DATA = np.array([0.5, 0.125, 0.375, 0.0])


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("beyond/off-policy")


# The prediction and the fork.


def test_prediction():
    """By hand in fractions: the best earns 2, in four rooms left earns 2 and right 3, and right everywhere earns 1."""
    mdp, policy = environments.fork(), environments.fork_policy()
    worth = [values.objective(mdp, policy, [x, u]) for x in (40.0, -40.0) for u in (40.0, -40.0)]
    assert np.abs(np.array(worth) - [2, 0, 0, 1]).max() < 1e-12
    assert 4 * 0.25 * 2 == 2
    assert 4 * 0.75 * 1 == 3


def test_the_data_see_the_states_as_the_chapter_says():
    """Two steps an episode, of which one is at the fork."""
    walk = values.discounted_visitation(
        replace(environments.fork(), horizon=2), environments.fork_policy(), np.log([1 / 3, 1 / 3])
    )
    assert np.abs(walk / 2 - DATA).max() < 1e-12


def test_the_emphasis_by_hand(names):
    emphasis = off_policy.emphatic_weights(names["fork"], names["aliased"], names["nearly"], names["d_beta"])
    assert np.abs(emphasis - [0.5, 0.575, 0.425, 0]).max() < 1e-12
    assert abs((1 + 0.9 / 0.25) * 0.125 - 0.575) < 1e-12


def test_the_semi_gradient_leaves_the_best_policy_and_a_table_keeps_it(names):
    emphasis, data, table = names["curves"].values()
    assert abs(emphasis[0] - 1.63) < 0.005
    assert (np.diff(emphasis) > 0).all()
    assert emphasis[-1] > 1.99
    assert (np.diff(table) > 0).all()
    assert table[-1] > 1.98
    assert data[-1] < 1.0
    assert data.min() < 0.6
    limit = names["ascend"](names["semi_gradient"], names["aliased"], np.array([-6.0, -6.0]), n_steps=50)
    assert (np.diff(limit) > 0).all()
    assert abs(limit[-1] - 1) < 0.01


def test_the_rooms_learn_before_the_fork(names):
    """Left at the fork, and in the rooms, after each update along the semi-gradient."""
    fork, aliased, at, d_beta = (names[name] for name in ("fork", "aliased", "nearly", "d_beta"))
    assert d_beta[2] == 3 * d_beta[1]
    path = [at]
    for _ in range(1000):
        path.append(path[-1] + names["semi_gradient"](fork, aliased, path[-1], d_beta))
    left = aliased.probabilities(np.array(path))[:, :, 0]
    worth_less = 2 * left[:, 1] < 1 - left[:, 2]
    assert round(int(worth_less.argmax()), -1) == 130
    assert worth_less[worth_less.argmax() :].all()
    assert left[300, 0] > 0.96 > 0.06 > left[300, 1]
    assert left[400, 0] < 0.2
    earned = np.array([values.objective(fork, aliased, theta) for theta in path])
    assert abs(earned.argmin() - 300) < 20
    assert round(earned.min(), 2) == 0.13
    assert round(earned[-1], 1) == 1.0


def test_with_chances_of_their_own_both_vanish_together():
    """The product of semi-gradient and gradient is Σ d M |g|², component by component."""
    rng = np.random.default_rng(3)
    mdp, policy, theta = environments.random_mdp(rng, horizon=None), SoftmaxPolicy(3, 2), rng.standard_normal((3, 2))
    data = rng.dirichlet(np.ones(3))
    slope = complex_step(lambda at: data @ values.state_values(mdp, policy, at), theta)
    g = state_action_form.state_weighted_gradient(policy, theta, np.ones(3), values.action_values(mdp, policy, theta))
    assert ((data[:, None] * g) * slope).sum() > 0
    ratio = slope / g  # M, in each row
    assert np.abs(ratio[:, 0] - ratio[:, 1]).max() < 1e-10
    visits, here = np.zeros(3), data
    chain, _ = values.policy_chain(mdp, policy, theta)
    for _ in range(300):
        visits, here = visits + here, mdp.discount * here @ chain
    assert np.abs(ratio[:, 0] - visits).max() < 1e-10


# Whole walks.


def test_one_decision_by_hand():
    square = 0.5 * 1.5**2 + 0.5 * 0.5**2
    assert square == 1.25
    assert round(square**10, 1) == 9.3
    assert round(square**50) == 70065
    assert round(1000 / square**10) == 107
    assert round(1000 / square**50, 2) == 0.01


def test_variances_of_reweighed_walks(names):
    for horizon, row in zip(names["lengths"], names["by_length"], strict=True):
        assert all(check.verdict.word == "exact" for check, _ in row)
        fresh, whole, single = (trace for _, trace in row)
        assert single <= whole + 1e-12
        assert single < fresh
        rooms = environments.two_rooms(horizon=horizon)
        exact = trajectory_form.enumerated_gradient(rooms, names["policy"], names["theta"])
        assert np.abs(exact - names["exact_gradient"](rooms, names["policy"], names["theta"])).max() < 1e-10
    square = names["square"]
    squares = off_policy.squared_ratio_chain(environments.two_rooms(), names["policy"], names["theta"], names["coin"])
    assert abs(square[100] / square[99] - np.abs(np.linalg.eigvals(squares)).max()) < 1e-10


def test_later_decisions_that_undo_earlier_payments():
    """r_0 = 1 and r_1 = −1 whatever is done: the whole weight times 0, and ρ_0 − ρ_0 ρ_1, over the four pairs."""
    rho, chance = np.array([1.5, 0.5]), 0.25
    pairs = [(a, b) for a in rho for b in rho]
    assert sum(chance * (a - a * b) for a, b in pairs) == 0
    assert sum(chance * (a - a * b) ** 2 for a, b in pairs) > 0.3


# The trace.


def test_the_trace_keeps_its_mean_and_loses_its_variance(names):
    """The mean of the trace is 1/(1 − γ) for every behaviour; its variance grows and is infinite at the last."""
    growth, mean, spread = zip(*names["rows_of_the_trace"], strict=True)
    assert np.abs(np.array(mean) - 10).max() < 1e-9
    assert (np.diff(growth) > 0).all()
    assert growth[-1] > 1
    assert spread[-1] is None
    assert abs(spread[0]) < 1e-9
    assert (np.diff(spread[:-1]) > 0).all()


def test_the_mean_of_the_episodes_is_twice_the_gradient(names):
    assert np.abs((names["one"].mean(axis=0) - 2 * names["exact"]) / names["error"]).max() < 3


# Without chance.


def test_the_cart_by_hand():
    kappa = 1.125 / (1 - 0.9 * 0.4**2)
    assert round(kappa, 3) == 1.314
    assert abs(1 - 0.9 * 0.4**2 - 0.856) < 1e-12
    slope = 0.5 - 2 * 0.9 * kappa * 0.4
    assert round(slope, 3) == -0.446


def test_the_deterministic_gradient_of_the_cart(names):
    """Moments forward and values backward, by hand in one dimension."""
    gain, gamma, steps = 0.5, 0.9, 3
    loop, second, kappas = 0.9 - gain, [1.2], [0.0]
    for _ in range(steps):
        second.append(loop**2 * second[-1] + 0.1)
        kappas.append(1 + gain**2 / 2 + gamma * loop**2 * kappas[-1])
    kappas = kappas[::-1]
    by_hand = sum(gamma**t * -(gain - 2 * gamma * kappas[t + 1] * loop) * second[t] for t in range(steps))
    assert abs(by_hand - names["silent"]) < 1e-12
    assert abs(names["slope"] - by_hand) < 1e-12
    numeric = finite_difference(lambda k: np.array(lq_objective(names["cart"], np.append(k, -300.0))), np.array([0.5]))
    assert abs(numeric[0] - by_hand) < 1e-7


def test_the_limit_and_its_order(names):
    """The distance is c σ² exactly, and the score's variance times σ² tends to a constant, from the last two rows."""
    sigma, g, off, scaled, score, path = np.array(names["limit_rows"]).T
    assert np.abs(scaled - scaled[0]).max() < 1e-8
    assert np.abs(off - (g - names["silent"])).max() == 0
    last = score * sigma**2
    assert abs(last[-1] / last[-2] - 1) < 0.01
    assert abs(path[-1] / path[-2] - 1) < 0.02
    at = names["cart"].parameters(names["K"], 1e-4)
    assert abs(lq_gradient(names["cart"], at)[0] - names["silent"]) < 1e-7


def test_the_pathwise_variance_without_chance(names):
    """What start and noise leave: all paths of a policy without chance, differentiated."""
    change, mass = names["by_path"](-300)
    assert abs(mass @ change - names["silent"]) < 1e-10
    left = mass @ change**2 - names["silent"] ** 2
    assert abs(left / names["limit_rows"][-1][-1] - 1) < 0.01


def test_states_of_a_buffer_turn_the_deterministic_gradient_in_length_alone_in_one_dimension(names):
    cart = replace(names["cart"], horizon=None)
    exact = lq_deterministic_gradient(cart, [[0.5]])
    semi = lq_deterministic_gradient(cart, [[0.5]], [[3.0]])
    assert exact[0, 0] * semi[0, 0] > 0


def test_a_jump(names):
    """J = P(x + θ > 1) has the slope φ(1 − θ), though Q has the slope 0; with noise by a sum over a fine grid."""
    chance = [math.erfc((1 - at) / math.sqrt(2)) / 2 for at in (0.4999, 0.5001)]
    assert abs((chance[1] - chance[0]) / 0.0002 - names["jump"]) < 1e-7
    grid = np.linspace(-9, 9, 180_001)
    weight = names["phi"](grid) * (grid[1] - grid[0])
    for sigma, slope in names["with_noise"].items():
        smooth = weight @ (names["phi"]((0.5 + grid - 1) / sigma) / sigma)
        assert abs(smooth - slope) < 1e-6


def test_a_critic_with_wrong_slopes(names):
    assert abs(complex_step(lambda a: names["critic"](a[0]), [0.0])[0] + 0.8) < 1e-12
    grid = np.linspace(-2, 2, 1001)
    assert np.abs(names["critic"](grid) + (grid - 0.6) ** 2).max() <= 0.05
    for s, found in zip(names["spreads"], names["by_score"], strict=True):
        eps = np.linspace(-9, 9, 400_001)
        weight = names["phi"](eps) * (eps[1] - eps[0])
        assert abs(weight @ (eps / s * names["critic"](s * eps)) - found) < 1e-8


# The ledger and the exercises.


def test_the_ledger_has_one_false_line(names):
    ledger = names.shown[-1]
    assert ledger.false_lines == ["O8"]
    assert len(ledger) == 12


def test_the_data_of_ones_own_policy():
    mdp, policy = environments.random_mdp(np.random.default_rng(0), horizon=None), SoftmaxPolicy(3, 2)
    theta = np.random.default_rng(1).standard_normal((3, 2))
    own = values.stationary_distribution(mdp, policy, theta)
    emphasis = off_policy.emphatic_weights(mdp, policy, theta, own)
    assert np.abs(emphasis - own / (1 - mdp.discount)).max() < 1e-10


def test_a_critic_that_fits_the_slope_gives_the_gradient():
    rng = np.random.default_rng(2)
    visits, moves, slopes = rng.uniform(0.2, 2, 6), rng.standard_normal((6, 2)), rng.standard_normal(6)
    root = np.sqrt(visits)
    omega, *_ = np.linalg.lstsq(root[:, None] * moves, root * slopes, rcond=None)
    assert np.abs(visits @ (moves * (moves @ omega - slopes)[:, None])).max() < 1e-12


def test_counted_by_the_square_alone_whole_walks_are_better_and_worse_than_that(names):
    by_length = dict(zip(names["lengths"], names["by_length"], strict=True))
    worth = {T: whole[1] / fresh[1] for T, (fresh, whole, _) in by_length.items()}
    assert worth[1] < 1 < names["square"][1]
    assert worth[6] > names["square"][6] > 1


@pytest.mark.parametrize(
    ("mistake", "ratios", "mean"),
    [
        ("", lambda rho, k, t: rho[k] if k >= t else 0, "-3/4"),
        ("past rewards too", lambda rho, k, t: rho[k], "-9/8"),
        ("past rewards with the ratio of the decision", lambda rho, k, t: rho[max(k, t)], "-3/4"),
        ("whole product and past rewards too", lambda rho, k, t: rho[-1], "-3/4"),
        ("added up from the start", lambda rho, k, t: rho[k] if k <= t else 0, "-9/8"),
    ],
)
def test_what_the_exercise_says_of_rewards_of_the_past(mistake, ratios, mean):
    """One state, two decisions, π = (¾, ¼), a coin for β and payments of 1 and 3, in fractions: the slope is −¾."""
    pi, coin, payments = (Fraction(3, 4), Fraction(1, 4)), Fraction(1, 2), (1, 3)
    score, found = (pi[1], -pi[0]), Fraction(0)  # by the preference of action 0
    for walk in itertools.product((0, 1), repeat=2):
        rho = list(itertools.accumulate((pi[a] / coin for a in walk), operator.mul))
        found += coin**2 * sum(score[walk[t]] * ratios(rho, k, t) * payments[walk[k]] for t in (0, 1) for k in (0, 1))
    assert found == Fraction(mean)
    assert 2 * pi[0] * pi[1] * (payments[0] - payments[1]) == Fraction(-3, 4)

    def answer(rewards, target, behaviour, discount):
        rho, times = np.cumprod(target / behaviour), range(len(rewards))
        return np.array([sum(discount**k * ratios(rho, k, t) * rewards[k] for k in times) for t in times])

    assert beyond.per_decision_weights.check(answer).mistake == mistake
