"""The claims of "General spaces and random lengths", each by a way that the chapter does not take."""

from dataclasses import replace

import numpy as np
import pytest

from pgcode import environments, general_form, moments, state_action_form, values
from pgcode.linear_quadratic import LinearQuadratic, lq_average_gradient, lq_gradient, lq_objective, lq_quadrature
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step, finite_difference
from pgcode.policies import LinearSoftmaxPolicy, SoftmaxPolicy
from pgcode.trajectories import enumerate_trajectories

NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)


def integral(function, low, high):
    middle, half = (low + high) / 2, (high - low) / 2
    return half * np.sum(WEIGHTS * function(middle + half * NODES))


def q(a):
    return np.sin(2 * a) + a


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("beyond/general-spaces")


# The prediction and the weak derivatives.


@pytest.mark.parametrize("theta", [0.4, 1.3, 3.0])
def test_uniform_policy(theta):
    """At q(a) = a the score gives −1/2, the weak derivative 1/2; for any q the weak derivative is the slope."""
    assert abs(integral(lambda a: -a / theta / theta, 0, theta) + 0.5) < 1e-12
    slope = finite_difference(lambda t: np.array(integral(q, 0, t[0]) / t[0]), [theta])[0]
    weak = (q(theta) - integral(q, 0, theta) / theta) / theta
    assert abs(weak - slope) < 1e-8
    by_score = -integral(q, 0, theta) / theta**2
    assert abs(by_score - slope) > 0.05
    assert abs(slope - by_score - q(theta) / theta) < 1e-8  # what the score misses is the edge


@pytest.mark.parametrize("theta", [-0.7, 0.5, 1.3])
def test_triangular_policy(theta):
    """The support moves, the density vanishes at its edge: score and weak derivative are both right."""

    def mean(t):
        left = integral(lambda a: (1 - t + a) * q(a), t - 1, t)
        return left + integral(lambda a: (1 + t - a) * q(a), t, t + 1)

    slope = finite_difference(lambda t: np.array(mean(t[0])), [theta])[0]
    weak = integral(q, theta, theta + 1) - integral(q, theta - 1, theta)
    assert abs(weak - slope) < 1e-8
    assert abs(np.sin(1) ** 2 * 2 * np.cos(2 * theta) + 1 - weak) < 1e-12  # the closed form that the chapter prints


def test_score_of_the_triangle_has_infinite_variance():
    pieces = [integral(lambda u: 1 / u, 10.0 ** -(k + 1), 10.0**-k) for k in range(6)]
    assert np.allclose(pieces, np.log(10))  # ∫ 1/u du grows by the same amount with each power of ten


def test_gaussian_by_weak_derivatives():
    theta, sigma = 0.3, 0.7
    slope = integral(lambda a: (a - theta) / sigma**2 * gauss(a, theta, sigma) * q(a), -8, 9)
    sides = [integral(lambda w, s=s: w * np.exp(-(w**2) / 2) * q(theta + s * sigma * w), 0, 12) for s in (1, -1)]
    assert abs((sides[0] - sides[1]) / (sigma * np.sqrt(2 * np.pi)) - slope) < 1e-12
    assert abs(integral(lambda a: np.maximum(0, a - theta) / sigma**2 * gauss(a, theta, sigma), theta, 9)
               - 1 / (sigma * np.sqrt(2 * np.pi))) < 1e-12  # fmt: skip


def gauss(a, mean, sigma):
    return np.exp(-((a - mean) ** 2) / (2 * sigma**2)) / (np.sqrt(2 * np.pi) * sigma)


def test_weak_theorem_on_a_process_with_uniform_actions():
    """States 0 and 1, a uniform on [0, θ_s], the other state comes with probability a²/4, and a pays sin 2a + s."""
    gamma, mu, theta = 0.8, np.array([0.7, 0.3]), np.array([0.9, 1.6])
    pay = [lambda a, s=s: np.sin(2 * a) + s for s in (0, 1)]

    def solve(t):
        """V and the visits, by integrals over [0, θ_s] done by hand."""
        move = t**2 / 12
        reward = np.sin(t) ** 2 / t + np.array([0, 1])
        chain = np.array([[1 - move[0], move[0]], [move[1], 1 - move[1]]])
        matrix = np.eye(2) - gamma * chain
        return np.linalg.solve(matrix, reward), np.linalg.solve(matrix.T, mu + 0 * t)

    slope = complex_step(lambda t: mu @ solve(t)[0], theta)
    v, visits = solve(theta)
    weak = []
    for s in (0, 1):

        def action_value(a, s=s):
            return pay[s](a) + gamma * (a**2 / 4 * v[1 - s] + (1 - a**2 / 4) * v[s])

        mean = integral(action_value, 0, theta[s]) / theta[s]
        assert abs(mean - v[s]) < 1e-12
        weak.append(visits[s] * (action_value(theta[s]) - mean) / theta[s])
    assert np.abs(np.array(weak) - slope).max() < 1e-12


def test_weak_derivative_of_a_finite_policy_is_the_sum():
    rng = np.random.default_rng(0)
    policy, action = SoftmaxPolicy(1, 4), rng.standard_normal(4)
    change = complex_step(policy.probabilities, rng.standard_normal((1, 4)))[0, :, 0, 2]
    c = np.maximum(change, 0).sum()
    plus, minus = np.maximum(change, 0) / c, np.maximum(-change, 0) / c
    assert abs(plus.sum() - 1) < 1e-12
    assert abs(minus.sum() - 1) < 1e-12
    assert abs(c * (plus @ action - minus @ action) - change @ action) < 1e-12


# The linear-quadratic problems.

CART = LinearQuadratic([[0.9]], [[1.0]], [[0.1]], [[1.0]], [[0.5]], [1.0], [[0.2]], discount=0.9)
AT_CART = CART.parameters([[0.5]], 0.6)


def test_scalar_recursion_of_the_text():
    p = (1 + 0.5**2 / 2) / (1 - 0.9 * (0.9 - 0.5) ** 2)
    assert abs(lq_objective(CART, AT_CART) + p * 1.2 + (0.18 + 0.9 * p * 0.46) / 0.1) < 1e-12


def test_three_routes_and_six_numbers():
    short = replace(CART, horizon=3)
    nodes = lq_quadrature(short, AT_CART)
    assert len(nodes.weights) == 3**6
    gradient = lq_gradient(short, AT_CART)
    assert np.abs(nodes.weights @ nodes.with_return() - gradient).max() < 1e-12
    assert np.abs(complex_step(lambda at: lq_objective(short, at), AT_CART) - gradient).max() < 1e-12


def test_closed_form_where_only_the_discount_holds_the_cart():
    """L = 1.02 and γ L² < 1: J is finite, its closed form has the gradient, and high powers of x do not fall."""
    at = CART.parameters([[-0.12]], 0.6)
    p = (1 + 0.12**2 / 2) / (1 - 0.9 * 1.02**2)

    def objective(t):
        loop, spread = 0.9 - t[0], 0.1 + np.exp(2 * t[1])
        p = (1 + t[0] ** 2 / 2) / (1 - 0.9 * loop**2)
        return -p * 1.2 - (np.exp(2 * t[1]) / 2 + 0.9 * p * spread) / 0.1

    assert abs(lq_objective(CART, at) - objective(at)) < 1e-10 * p
    slope = complex_step(objective, at)
    assert np.abs(lq_gradient(CART, at) / slope - 1).max() < 1e-10
    assert 0.9 * 1.02**6 > 1  # not even the sixth power


def test_average_reward_with_a_weight_on_the_line():
    """The cart without discount, on a grid: stationary density, Poisson equation and the integrals over actions."""
    x, a = np.linspace(-6, 6, 601), np.linspace(-7, 7, 701)
    gain, variance, noise = 0.5, 0.36, 0.1
    loop, spread = 0.9 - gain, noise + variance
    chain = np.exp(-((x - loop * x[:, None]) ** 2) / (2 * spread))
    chain /= chain.sum(axis=1, keepdims=True)
    reward = -(x**2) - (gain**2 * x**2 + variance) / 2
    d = np.exp(-(x**2) * (1 - loop**2) / (2 * spread))
    d /= d.sum()
    v = np.linalg.solve(np.eye(len(x)) - chain + d, reward - d @ reward)
    v = np.polynomial.Polynomial.fit(x[150:-150], v[150:-150], 2)  # away from the ends of the grid it is quadratic
    middle = 0.9 * x[:, None] + a
    nodes, weights = np.polynomial.hermite_e.hermegauss(3)
    after = v(middle[..., None] + np.sqrt(noise) * nodes) @ weights / weights.sum()
    q = -(x[:, None] ** 2) - a**2 / 2 + after
    epsilon = (a + gain * x[:, None]) / np.sqrt(variance)
    pi = np.exp(-(epsilon**2) / 2) / np.sqrt(2 * np.pi * variance) * (a[1] - a[0])
    by_theorem = [np.sum(d[:, None] * pi * s * q) for s in (-epsilon * x[:, None] / np.sqrt(variance), epsilon**2 - 1)]
    assert np.abs(by_theorem - lq_average_gradient(CART, AT_CART)).max() < 1e-6


def test_both_ledgers_of_the_table_hold(names):
    small = environments.random_mdp(np.random.default_rng(0), horizon=None)
    elsewhere = np.array([[1.0, -1], [0, 2], [-1, 1]])
    sums = general_form.derivation_with_sums(small, SoftmaxPolicy(3, 2), np.zeros((3, 2)), elsewhere)
    integrals = general_form.derivation_with_integrals(CART, AT_CART, CART.parameters([[0.8]], 0.4))
    assert sums.false_lines == integrals.false_lines == []
    rows = [row for shown in names.shown if getattr(shown, "heads", ("",))[0] == "line" for row in shown.rows]
    assert [row[0] for row in rows] == [f"G{k}" for k in range(1, 11)]
    assert all(cell.endswith("✓") for row in rows for cell in row[1:])


# The queue.


def queue(n_max, arrive=0.4):
    """The queue with a door, row by row."""
    states = n_max + 1
    transition, reward = np.zeros((states, 2, states)), np.zeros((states, 2, states))
    for n, action in np.ndindex(states, 2):
        enters = action == 1 and n < n_max
        transition[n, action, max(n - 1, 0)] += 1 - arrive
        transition[n, action, n + enters] += arrive
        reward[n, action] = -n
        if enters:
            reward[n, action, n + 1] = 5 - n
    mdp = TabularMDP(transition, reward, np.eye(states)[0], 1.0)
    return mdp, LinearSoftmaxPolicy(np.tile([[[0.0], [1.0]]], (states, 1, 1)))


@pytest.mark.parametrize("theta", [-1.5, 0.4, 2.0])
def test_queue_in_closed_form_by_three_routes(theta):
    def average(t):
        p = 1 / (1 + np.exp(-t[0]))
        rho = 0.4 * p / 0.6
        return 2 * p - rho / (1 - rho)

    p = 1 / (1 + np.exp(-theta))
    rho, n = 0.4 * p / 0.6, np.arange(2000)
    slope = complex_step(average, [theta])[0]
    listed = np.sum((1 - rho) * rho**n * p * (1 - p) * 0.4 * (5 - (n + 1) / (0.6 - 0.4 * p)))
    assert abs(listed - slope) < 1e-12
    mdp, door = queue(150)
    d = values.stationary_distribution(mdp, door, [theta])
    cut = state_action_form.state_weighted_gradient(
        door, [theta], d, values.differential_action_values(mdp, door, [theta])
    )
    assert abs(cut[0] - slope) < 1e-10


def test_poisson_equation_of_the_queue():
    p, n = 0.6, np.arange(1, 50)
    rho = 0.4 * p / 0.6
    average = 2 * p - rho / (1 - rho)
    v = -np.cumsum(np.arange(60)) / (0.6 - 0.4 * p)  # V(n) = −Σ_{k≤n} k / (0.6 − 0.4 p)
    up, down = 0.4 * p, 0.6
    for k in n:
        after = up * v[k + 1] + (1 - up - down) * v[k] + down * v[k - 1]
        assert abs(v[k] - (2 * p - k - average + after)) < 1e-9
    assert abs(v[0] - (2 * p - average + up * v[1] + (1 - up) * v[0])) < 1e-12


def poisson_differences(p, f):
    """V(n + 1) − V(n) of the queue for a right side f of mean 0: the Poisson equation, state by state."""
    up, down, steps = 0.4 * p, 0.6, [0.0]
    for n, value in enumerate(f):
        steps.append((down * steps[-1] - value) / up if n else -value / up)
    return np.array(steps[1:])


@pytest.mark.parametrize("p", [0.2, 0.6, 0.9])
def test_no_bounded_solution_for_a_bounded_right_side(p):
    """Condition 4 in the largest value fails for the queue: V falls by 1/0.6 with each customer."""
    rho = 0.4 * p / 0.6
    f = np.r_[rho, np.full(9, rho - 1)]  # 1 at the empty queue, less its mean 1 − ρ
    assert np.abs(poisson_differences(p, f) + 1 / 0.6).max() < 1e-6


@pytest.mark.parametrize("p", [0.2, 0.6, 0.9])
def test_condition_4_of_the_queue_with_a_weight(p):
    """w = zⁿ falls by a fixed factor, and the solutions for |f| ≤ w keep the bound of the text."""
    rho, n = 0.4 * p / 0.6, np.arange(400)
    z = (1 + 1 / rho) / 2
    fall = (z - 1) * (0.6 / z - 0.4 * p)
    assert abs(0.4 * p * z + 0.6 / z + 1 - 0.4 * p - 0.6 - (1 - fall)) < 1e-12
    assert 0 < fall < 1
    rng, d = np.random.default_rng(0), (1 - rho) * rho**n
    for _ in range(5):
        f = rng.uniform(-1, 1, 400) * z**n
        f[0] -= d @ f / d[0]  # of mean 0
        size = (np.abs(f) / z**n).max()
        by_tail = np.array([np.sum(d[k + 1 :] * f[k + 1 :]) for k in range(40)]) / (0.4 * p * d[:40])
        assert np.abs(poisson_differences(p, f[:10]) - by_tail[:10]).max() < 1e-6 * np.abs(by_tail[:10]).max()
        assert (np.abs(by_tail) <= size * z ** (n[:40] + 1) / (0.6 * (1 - rho * z)) + 1e-9).all()


@pytest.mark.parametrize("theta", [-1.0, 0.4, 3.0])
@pytest.mark.parametrize("n_max", [1, 3, 8, 15, 25])
def test_bound_of_the_cut_queue(theta, n_max):
    p = 1 / (1 + np.exp(-theta))
    rho = 0.4 * p / 0.6
    mdp, door = queue(n_max)
    slope = complex_step(lambda at: values.average_reward(mdp, door, at), [theta])[0]
    exact = p * (1 - p) * (2 - 0.4 / 0.6 / (1 - rho) ** 2)
    by_p = 2 / 3 * (n_max + 1) ** 2 * rho**n_max / (1 - rho ** (n_max + 1)) ** 2 + 2 * (n_max + 1) * rho**n_max
    assert abs(slope - exact) <= p * (1 - p) * by_p + 1e-15  # and rounding
    at_end = values.stationary_distribution(mdp, door, [theta])[-1]
    error = values.average_reward(mdp, door, [theta]) - (2 * p - rho / (1 - rho))
    costs = (n_max + 1) * rho ** (n_max + 1) / (1 - rho ** (n_max + 1))
    assert abs(error - (costs - 2 * p * at_end)) < 1e-12
    assert at_end <= rho**n_max


# Random lengths.


def rooms(theta):
    return values.policy_chain(environments.short_corridor(), environments.corridor_policy(), theta)[0][:3, :3]


def shorter(theta, n):
    """E[R; N ≤ n] of the corridor, by matrix powers."""
    alive = [np.linalg.matrix_power(rooms(theta), k)[0].sum() for k in range(n + 1)]
    return -sum(k * (alive[k - 1] - alive[k]) for k in range(1, n + 1))


@pytest.mark.parametrize("theta", [[0.0, 0.3], [0.5, -1.0], [0.0, 1.2]])
def test_corridor_rest_and_bound(theta):
    theta = np.array(theta)
    policy = environments.corridor_policy()
    corridor = environments.short_corridor()
    exact = complex_step(lambda at: values.objective(corridor, policy, at), theta)
    assert np.abs(exact - state_action_form.exact_gradient(corridor, policy, theta)).max() < 1e-9
    steepest = np.linalg.norm(policy.score(theta), axis=-1).max()
    alive = np.array([np.linalg.matrix_power(rooms(theta), k)[0].sum() for k in range(3000)])
    ends = alive[:-1] - alive[1:]
    lengths = np.arange(1, 3000)
    for n in (3, 10, 40, 100):
        rest = np.linalg.norm(exact - complex_step(lambda at, n=n: shorter(at, n), theta))
        listed = steepest * np.sum(lengths[n:] ** 2.0 * ends[n:])
        still = np.linalg.matrix_power(rooms(theta), n)[0]
        resolvent = np.linalg.inv(np.eye(3) - rooms(theta))
        first = resolvent.sum(axis=1)
        second = 2 * resolvent @ first - first
        by_resolvent = steepest * (n**2 * still.sum() + 2 * n * still @ first + still @ second)
        assert abs(listed - by_resolvent) < 1e-8 * by_resolvent
        assert rest <= by_resolvent


def test_short_walks_of_the_corridor_are_those_of_the_list():
    theta, n = np.array([0.0, 0.3]), 8
    corridor, policy = environments.short_corridor(horizon=n), environments.corridor_policy()
    walks, chance = enumerate_trajectories(corridor, policy, theta)
    ended = walks.states[:, -1] == 3
    score = np.where(walks.active[..., None], policy.score(theta)[walks.states[:, :-1], walks.actions], 0).sum(axis=1)
    listed = (chance[ended] * walks.returns[ended]) @ score[ended]
    assert np.abs(listed - complex_step(lambda at: shorter(at, n), theta)).max() < 1e-12


def test_first_sum_of_the_corridor_has_the_wrong_sign():
    theta = np.array([0.0, 0.3])  # left, right
    assert complex_step(lambda at: shorter(at, 5), theta)[1] < 0
    corridor, policy = environments.short_corridor(), environments.corridor_policy()
    assert complex_step(lambda at: values.objective(corridor, policy, at), theta)[1] > 0


def test_walk_without_geometric_tails():
    """Σ over the lengths up to 2K + 1 of ∇P is −2 Pr(N ≤ 2K + 1) at p = 1/2, and J has slopes 0 and −4."""
    mass, gradient, chance = 0.5, 0.0, 0.0
    for k in range(20_000):
        gradient += mass * (k / 0.5 - (k + 1) / 0.5)
        chance += mass
        mass *= 2 * (2 * k + 1) / (k + 2) / 4
    assert abs(gradient + 2 * chance) < 1e-10
    assert 0.99 < chance < 1

    def ends(p):
        """The least solution of x = (1 − p) + p x², the probability to come down by one."""
        return (1 - np.sqrt(1 - 4 * p * (1 - p))) / (2 * p)

    step = 1e-4
    assert abs(ends(0.5 - step) - 1) < 1e-12
    assert abs((ends(0.5 + step) - 1) / step + 4) < 1e-2
    tails = []
    for n in (1000, 4000):
        mass, chance = 0.5, 0.0
        for k in range(n):
            chance += mass
            mass *= 2 * (2 * k + 1) / (k + 2) / 4
        tails.append(1 - chance)
    assert abs(tails[0] / tails[1] - 2) < 1e-2  # four times as long, half as likely: like 1/√n


def test_whole_return_has_no_limit_where_nothing_ends():
    small, policy = environments.random_mdp(np.random.default_rng(0), horizon=None), SoftmaxPolicy(3, 2)
    theta = np.zeros((3, 2))
    whole, to_go = [], []
    for horizon in (40, 80, 120):
        cut = replace(small, horizon=horizon)
        whole.append(moments.full_return_moments(cut, policy, theta).variance.sum())
        to_go.append(moments.reward_to_go_moments(cut, policy, theta).variance.sum())
    assert abs((whole[2] - whole[1]) / (whole[1] - whole[0]) - 1) < 1e-3  # it grows along a line
    assert abs(to_go[2] - to_go[1]) < 1e-6
    limit = state_action_form.exact_gradient(small, policy, theta)
    assert np.abs(state_action_form.exact_gradient(replace(small, horizon=200), policy, theta) - limit).max() < 1e-12


# The numbers that the chapter's words rest on.


def test_every_bound_of_a_cut_holds(names):
    assert names["p"] == pytest.approx(0.599, abs=5e-4)
    assert names["step"] == pytest.approx(0.574, abs=5e-4)
    assert (names["small"].discount, names["mid"]) == (0.8, 1.3)
    errors = np.abs(np.array(names["gradients"]) - names["by_theorem"])
    assert (errors <= names["bounds"]).all()
    assert (np.array(names["rests"]) <= names["rest_bounds"]).all()
    assert names["parts"][0][1] < 0 < names["closed_form"][1]


def test_a_gaussian_by_hand():
    """E[score · a] = 1 for a ~ N(θ, σ²), and the value of the cart that the text reckons."""
    theta, sigma = 0.3, 0.7
    assert abs(integral(lambda a: (a - theta) / sigma**2 * a * gauss(a, theta, sigma), -8, 9) - 1) < 1e-12
    assert abs(1.125 / (1 - 0.9 * 0.16) - 1.31) < 0.005


def test_the_slope_that_the_opening_figure_draws():
    slope = integral(lambda a: a * (1.5 + 0.4 * a) * gauss(a, 0, 1), -12, 12)
    assert abs(slope - 0.4) < 1e-10


def test_a_queue_that_cannot_be_served_is_full_but_for_two_and_a_half():
    weight = 1.4 ** (np.arange(201.0) - 200)
    assert abs(200 - weight @ np.arange(201) / weight.sum() - 2.5) < 1e-10


def test_estimators_where_the_density_ends(names):
    rows = {(policy, way): (truth, draws) for policy, way, truth, draws in names["rows"]}
    for (policy, way), (truth, draws) in rows.items():
        z = (draws.mean() - truth) / draws.std() * np.sqrt(draws.size)
        assert (abs(z) < 4) == ((policy, way) != ("uniform", "score"))


def test_digits_of_the_corridor_cost_22_steps(names):
    rho = np.abs(np.linalg.eigvals(names["rooms"](names["at"]))).max()
    assert round(rho, 2) == 0.90
    assert round(1 / np.log10(1 / rho)) == 22


def test_whole_returns_grow_and_the_other_order_does_not(names):
    case = SoftmaxPolicy(3, 2), np.zeros((3, 2))
    whole = [moments.full_return_moments(mdp, *case).trace for mdp in names["cut"]]
    to_go = [moments.reward_to_go_moments(mdp, *case).trace for mdp in names["cut"]]
    assert whole[2] > 10 * whole[0]
    assert to_go[2] < 1.02 * to_go[0]
