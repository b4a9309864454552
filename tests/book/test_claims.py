"""Claims of the chapters, checked with code of their own: NumPy and fractions, nothing of pgcode.

What a chapter says in words or as a formula is computed here from the definitions: by lists of all walks, by linear
solves, by quadrature, and by a complex step written out below.
"""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

H = 1e-30


def slope(function, at):
    """The derivative of a function of real parameters by each of them, last axis."""
    at = np.asarray(at, dtype=float)
    columns = []
    for k in range(at.size):
        moved = at.astype(complex).ravel()
        moved[k] += 1j * H
        columns.append(np.imag(function(moved.reshape(at.shape))) / H)
    return np.stack(columns, axis=-1)


def softmax(theta):
    weights = np.exp(theta - np.real(theta).max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def drawn(seed, states=3, actions=2):
    """A random process and parameters: p, r(s, a), μ, θ."""
    rng = np.random.default_rng([seed, 71])
    p = rng.dirichlet(np.ones(states), size=(states, actions))
    r = rng.standard_normal((states, actions))
    return p, r, rng.dirichlet(np.ones(states)), rng.standard_normal((states, actions))


def chain_of(pi, p, r):
    return np.einsum("sa,san->sn", pi, p), (pi * r).sum(axis=1)


def discounted(pi, p, r, gamma):
    """V and Q."""
    P, rs = chain_of(pi, p, r)
    v = np.linalg.solve(np.eye(len(P)) - gamma * P, rs)
    return v, r + gamma * p @ v


def visits_of(pi, p, r, mu, gamma):
    P, _ = chain_of(pi, p, r)
    return np.linalg.solve((np.eye(len(P)) - gamma * P).T, mu)


def stationary(P):
    n = len(P)
    return np.linalg.solve((np.eye(n) - P + np.ones((n, n))).T, np.ones(n))


def differential(pi, p, r):
    """r(π), differential V with Σ d V = 0, and Q."""
    P, rs = chain_of(pi, p, r)
    d = stationary(P)
    rate = d @ rs
    x = np.linalg.solve(np.eye(len(P)) - P + np.ones(P.shape), rs - rate)
    v = x - d @ x
    return rate, v, r - rate + p @ v


def formula(weights, theta, q):
    """Σ_s w(s) Σ_a ∇π(a|s) Q(s,a)."""
    return np.einsum("s,sak,sa->k", weights, slope(softmax, theta), q)


def walks(p, mu, pi, steps, ended=()):
    """All walks: their states, actions and probabilities; nothing is decided in a state that has ended."""
    found = [((s,), (), mu[s]) for s in range(len(mu)) if mu[s]]
    for _ in range(steps):
        longer = []
        for states, actions, chance in found:
            s = states[-1]
            if s in ended:
                longer.append((states, actions, chance))
                continue
            longer += [
                ((*states, n), (*actions, a), chance * pi[s][a] * p[s][a][n])
                for a in range(len(pi[s]))
                for n in range(len(p))
                if p[s][a][n] and pi[s][a]
            ]
        found = longer
    return found


def scores(pi):
    """∇log π of a table of preferences: (s, a, s', b)."""
    n, k = pi.shape
    table = np.zeros((n, k, n, k))
    for s in range(n):
        table[s, :, s] = np.eye(k) - pi[s]
    return table


def angle(a, b):
    a, b = np.ravel(a), np.ravel(b)
    return np.degrees(np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1)))


CORRIDOR = np.zeros((4, 2, 4))  # left, right; switched in state 1
for _state, _left, _right in ((0, 0, 1), (1, 2, 0), (2, 1, 3), (3, 3, 3)):
    CORRIDOR[_state, 0, _left] = CORRIDOR[_state, 1, _right] = 1


# ---------------------------------------------------------------- the theorem and its relatives


@pytest.mark.parametrize("seed", range(5))
def test_discounted_from_a_start(seed):
    p, r, mu, theta = drawn(seed)

    def objective(at):
        return mu @ discounted(softmax(at), p, r, 0.9)[0]

    q = discounted(softmax(theta), p, r, 0.9)[1]
    weights = visits_of(softmax(theta), p, r, mu, 0.9)
    np.testing.assert_allclose(formula(weights, theta, q), slope(objective, theta), atol=1e-11)


def test_the_horizon_needs_a_q_for_each_time():
    p, r, mu, theta = drawn(3)
    T, gamma = 5, 0.7

    def q_table(pi):
        later, q = 0.0 * pi[:, 0], []
        for _ in range(T):
            q.insert(0, r + gamma * p @ later)
            later = (pi * q[0]).sum(axis=1)
        return q, later

    pi = softmax(theta)
    q, _ = q_table(pi)
    law = [mu]
    for _ in range(T - 1):
        law.append(law[-1] @ chain_of(pi, p, r)[0])
    truth = slope(lambda at: mu @ q_table(softmax(at))[1], theta)
    timed = sum(gamma**t * formula(law[t], theta, q[t]) for t in range(T))
    untimed = formula(sum(gamma**t * law[t] for t in range(T)), theta, q[0])
    np.testing.assert_allclose(timed, truth, atol=1e-12)
    assert np.abs(untimed - truth).max() > 1e-3


@pytest.mark.parametrize("seed", range(5))
def test_average_reward(seed):
    p, r, _, theta = drawn(seed)
    _, _, q = differential(softmax(theta), p, r)
    d = stationary(chain_of(softmax(theta), p, r)[0])
    truth = slope(lambda at: differential(softmax(at), p, r)[0], theta)
    np.testing.assert_allclose(formula(d, theta, q), truth, atol=1e-11)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.95])
def test_what_the_short_derivation_drops(gamma):
    p, r, _, theta = drawn(4)

    def d_at(at):
        return stationary(chain_of(softmax(at), p, r)[0])

    def v_at(at):
        return discounted(softmax(at), p, r, gamma)[0]

    line = formula(d_at(theta), theta, discounted(softmax(theta), p, r, gamma)[1])
    moved = v_at(theta) @ slope(d_at, theta)
    whole = slope(lambda at: d_at(at) @ v_at(at), theta)
    rate = slope(lambda at: differential(softmax(at), p, r)[0], theta)
    np.testing.assert_allclose(whole, moved + line / (1 - gamma), atol=1e-11)
    np.testing.assert_allclose(rate, (1 - gamma) * moved + line, atol=1e-11)
    assert np.abs(line / (1 - gamma) - whole).max() > 1e-3


def test_the_line_is_right_in_a_contextual_bandit_at_any_discount():
    """So "exact as γ → 1 only" is false."""
    p, r, mu, theta = drawn(5)
    p = np.broadcast_to(mu, p.shape)
    for gamma in (0.0, 0.3, 0.9):

        def objective(at, gamma=gamma):
            pi = softmax(at)
            return stationary(chain_of(pi, p, r)[0]) @ discounted(pi, p, r, gamma)[0]

        line = formula(mu, theta, discounted(softmax(theta), p, r, gamma)[1])
        np.testing.assert_allclose(line / (1 - gamma), slope(objective, theta), atol=1e-11)


@pytest.mark.parametrize("seed", range(5))
def test_the_restarting_chain_makes_the_line_exact(seed):
    p, r, mu, theta = drawn(seed)
    gamma = 0.8
    pi = softmax(theta)
    P, rs = chain_of(pi, p, r)
    d = stationary(gamma * P + (1 - gamma) * mu)
    np.testing.assert_allclose(d, (1 - gamma) * visits_of(pi, p, r, mu, gamma), atol=1e-14)
    np.testing.assert_allclose(d @ rs, (1 - gamma) * mu @ discounted(pi, p, r, gamma)[0], atol=1e-13)
    truth = slope(lambda at: (1 - gamma) * mu @ discounted(softmax(at), p, r, gamma)[0], theta)
    np.testing.assert_allclose(formula(d, theta, discounted(pi, p, r, gamma)[1]), truth, atol=1e-12)


def test_the_bias_of_the_line_is_of_the_order_of_one_less_gamma():
    p, r, _, theta = drawn(6)
    pi = softmax(theta)
    d = stationary(chain_of(pi, p, r)[0])
    rate = slope(lambda at: differential(softmax(at), p, r)[0], theta)
    limit = differential(pi, p, r)[1] @ slope(lambda at: stationary(chain_of(softmax(at), p, r)[0]), theta)
    for small in (1e-3, 1e-4):
        bias = rate - formula(d, theta, discounted(pi, p, r, 1 - small)[1])
        np.testing.assert_allclose(bias / small, limit, atol=20 * small)


@pytest.mark.parametrize("seed", range(5))
def test_any_weights_are_not_downhill_with_a_table(seed):
    p, r, mu, theta = drawn(seed)
    pi = softmax(theta)
    q, visits = discounted(pi, p, r, 0.9)[1], visits_of(pi, p, r, mu, 0.9)
    each = np.einsum("sak,sa->sk", slope(softmax, theta), q)
    product = formula(mu, theta, q) @ formula(visits, theta, q)
    assert product == pytest.approx((mu * visits * (each**2).sum(axis=1)).sum())
    assert product > 0


def test_a_constant_in_the_entropy_bonus_needs_no_further_term():
    p, r, mu, theta = drawn(8)
    gamma, beta = 0.9, 0.3

    def with_bonus(at):
        pi = softmax(at)
        return discounted(pi, p, r - beta * np.log(pi), gamma)

    weights = visits_of(softmax(theta), p, r, mu, gamma)
    truth = slope(lambda at: mu @ with_bonus(at)[0], theta)
    np.testing.assert_allclose(formula(weights, theta, with_bonus(theta)[1]), truth, atol=1e-11)


def test_compatible_features_give_the_gradient_and_others_do_not():
    p, r, mu, theta = drawn(9)
    pi = softmax(theta)
    q, visits = discounted(pi, p, r, 0.9)[1], visits_of(pi, p, r, mu, 0.9)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((6, 2))  # a linear softmax with two parameters, at a point where it is this π
    d_pi = np.einsum("sa,sak->sak", pi, x.reshape(3, 2, 2) - np.einsum("sa,sak->sk", pi, x.reshape(3, 2, 2))[:, None])
    phi = (d_pi / pi[:, :, None]).reshape(6, 2)
    gradient = np.einsum("s,sak,sa->k", visits, d_pi, q)

    def update(features, weights):
        root = np.sqrt(weights).ravel()
        w = np.linalg.lstsq(root[:, None] * features, root * q.ravel(), rcond=None)[0]
        return np.einsum("s,sak,sa->k", visits, d_pi, (features @ w).reshape(3, 2))

    np.testing.assert_allclose(update(phi, visits[:, None] * pi), gradient, atol=1e-12)
    assert np.abs(update(phi, np.ones((3, 2))) - gradient).max() > 1e-3
    assert np.abs(update(rng.standard_normal((6, 2)), visits[:, None] * pi) - gradient).max() > 1e-3


# ---------------------------------------------------------------- what can be differentiated


def blocks(rng, sizes, transient):
    """A chain with a recurrent class of each size, and transient states."""
    n = sum(sizes) + transient
    P, start = np.zeros((n, n)), 0
    for size in sizes:
        P[start : start + size, start : start + size] = rng.dirichlet(np.ones(size), size=size)
        start += size
    P[start:] = rng.dirichlet(np.ones(n), size=transient)
    return P


@pytest.mark.parametrize(("sizes", "transient"), [((3,), 0), ((1,), 4), ((2, 2), 0), ((2, 1, 3), 2), ((4,), 1)])
def test_classes_are_counted_by_the_rank(sizes, transient):
    P = blocks(np.random.default_rng(1), sizes, transient)
    n = len(P)
    assert n - np.linalg.matrix_rank(np.eye(n) - P) == len(sizes)
    M = np.eye(n) - P + np.ones((n, n))
    assert (np.linalg.matrix_rank(M) == n) == (len(sizes) == 1)
    if len(sizes) == 1:
        d = stationary(P)
        np.testing.assert_allclose([d @ P, d.sum() * d], [d, d], atol=1e-12)
        assert (d > -1e-12).all()


def test_a_period_is_no_obstacle():
    np.testing.assert_allclose(stationary(np.array([[0.0, 1.0], [1.0, 0.0]])), [0.5, 0.5])


def test_the_class_may_change_at_the_point_inside_of_the_parameters():
    """State 0 is left with probability sin²x, which is 0 at x = 0: there it is the class, nearby it is not alone."""
    r = np.array([[1.0, 0.0, 2.5], [3.0, 3.0, 3.0]])  # state 0: stay, leave, stay otherwise
    p = np.array([[[1.0, 0], [0, 1], [1, 0]], [[0.4, 0.6]] * 3])

    def pi_at(at):
        x, y = at
        leave, stay = np.sin(x) ** 2, 1 / (1 + np.exp(-y))
        first = [(1 - leave) * stay, leave, (1 - leave) * (1 - stay)]
        return np.stack([np.stack(first), np.stack([1 + 0 * x, 0 * x, 0 * x])])

    at = np.array([0.0, 0.3])
    pi = pi_at(at)
    d = stationary(chain_of(pi, p, r)[0])
    np.testing.assert_allclose(d, [1, 0], atol=1e-15)
    np.testing.assert_allclose(stationary(chain_of(pi_at(np.array([0.1, 0.3])), p, r)[0])[1] > 0.01, True)
    _, _, q = differential(pi, p, r)
    by_theorem = np.einsum("s,sak,sa->k", d, slope(pi_at, at), q)
    by_step = slope(lambda at: differential(pi_at(at), p, r)[0], at)
    s = 1 / (1 + np.exp(-0.3))
    by_hand = [0, s * (1 - s) * (1 - 2.5)]
    np.testing.assert_allclose(by_theorem, by_hand, atol=1e-14)
    np.testing.assert_allclose(by_step, by_hand, atol=1e-14)


def test_the_class_may_change_at_the_edge_with_a_gradient_that_is_not_zero():
    q = Fraction(2, 5)

    def rate(x):
        return (q * (1 - x) + 3 * x) / (q + x)

    small = Fraction(1, 10**12)
    assert abs((rate(small) - rate(Fraction(0))) / small - 4) < Fraction(1, 10**10)


def test_two_rooms_have_no_limit():
    """With doors x and y the left room's share is y/(x + y): it depends on the way to 0."""
    for ratio in (1, 3):
        x = 1e-9
        share = stationary(np.array([[1 - x, x], [ratio * x, 1 - ratio * x]]))[0]
        assert share == pytest.approx(ratio / (1 + ratio), abs=1e-6)


def test_the_derivative_of_the_stationary_distribution():
    p, r, _, theta = drawn(10)

    def chain_at(at):
        return chain_of(softmax(at), p, r)[0]

    P = chain_at(theta)
    d, inverse = stationary(P), np.linalg.inv(np.eye(3) - P + np.ones((3, 3)))
    by_formula = np.einsum("s,snk,nm->mk", d, slope(chain_at, theta), inverse)
    np.testing.assert_allclose(by_formula, slope(lambda at: stationary(chain_at(at)), theta), atol=1e-12)


# ---------------------------------------------------------------- the two games, from their words


def rounds(rng, n, first_stop_before, gamma, P, mu):
    """Where n players stop: before each step, the first one too, or after each step only."""
    cumulative, state = P.cumsum(axis=1), rng.choice(len(mu), size=n, p=mu)
    going, moved = np.ones(n, bool), False
    while going.any():
        if moved or first_stop_before:
            going &= rng.random(n) >= 1 - gamma
        step = (rng.random((n, 1)) > cumulative[state]).sum(axis=1)
        state, moved = np.where(going, step, state), True
    return np.bincount(state, minlength=len(mu)) / n


def test_stopping_before_each_step_has_the_discounted_visits():
    p, r, mu, theta = drawn(11)
    mu = np.array([1.0, 0, 0])
    P, gamma = chain_of(softmax(theta), p, r)[0], 0.8
    before = (1 - gamma) * np.linalg.solve((np.eye(3) - gamma * P).T, mu)
    after = before @ P
    assert np.abs(before - after).max() > 0.05
    rng, n = np.random.default_rng(0), 40_000
    for first, law, other in ((True, before, after), (False, after, before)):
        error = np.sqrt(law * (1 - law) / n)
        found = rounds(rng, n, first, gamma, P, mu)
        assert (np.abs(found - law) < 5 * error).all()
        assert (np.abs(found - other) > 5 * error).any()


@pytest.mark.parametrize(("stop_first", "factor"), [(False, 1.0), (True, 0.8)])
def test_the_second_game_pays_q_if_one_stops_after_each_step(stop_first, factor):
    """Rewards until the stop, exactly: the law of a player who is still there, step by step."""
    p, r, _, theta = drawn(12)
    pi, gamma = softmax(theta), 0.8
    q = discounted(pi, p, r, gamma)[1]
    for s, a in np.ndindex(3, 2):
        there = gamma if stop_first else 1.0  # the chance to take the first step
        total, law = there * r[s, a], there * p[s, a]
        for _ in range(400):
            law = gamma * law  # stop or go on, after the step
            total += (law[:, None] * pi * r).sum()
            law = law @ chain_of(pi, p, r)[0]
        assert total == pytest.approx(factor * q[s, a], abs=1e-12)


# ---------------------------------------------------------------- densities


def test_a_moving_set_is_no_obstacle_if_the_density_vanishes_at_its_edge():
    """Triangle: E a^k by the score is ∫ a^k sign(a − θ) da; the true slopes of E a, E a², E a³ are 1, 2θ, 3θ² + ½."""
    theta = 0.7
    x, w = np.polynomial.legendre.leggauss(6)
    u, w = (x + 1) / 2, w / 2
    for power, truth in ((0, 0.0), (1, 1.0), (2, 2 * theta), (3, 3 * theta**2 + 0.5)):
        assert w @ ((theta + u) ** power - (theta - u) ** power) == pytest.approx(truth, abs=1e-14)

    def moment(at):  # E a³ = θ³ + 3 θ E u² with E u² = 1/6
        return at**3 + at / 2

    assert (moment(theta + 1e-5) - moment(theta - 1e-5)) / 2e-5 == pytest.approx(3 * theta**2 + 0.5, abs=1e-8)


def test_the_triangle_moves_by_no_more_than_theta():
    a = np.linspace(-3, 4, 701)
    for delta in (0.3, 1e-3):
        moved = np.maximum(0, 1 - np.abs(a - 0.7 - delta)) - np.maximum(0, 1 - np.abs(a - 0.7))
        assert np.abs(moved).max() <= delta * (1 + 1e-9)


def test_the_uniform_density_loses_what_stands_at_its_edge():
    theta = Fraction(2)
    truth, by_score = 2 * theta / 3, -1 / theta * theta**2 / 3  # of E a² = θ²/3
    assert truth - by_score == theta**2 * (1 / theta)


def test_the_gaussian_variances():
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    weights = weights / weights.sum()
    for delta, sigma in ((0.8, 0.5), (-0.3, 2.0)):
        by_score = -nodes / sigma * (delta + sigma * nodes) ** 2
        by_path = -2 * (delta + sigma * nodes)
        for estimate, variance in (
            (by_score, delta**4 / sigma**2 + 14 * delta**2 + 15 * sigma**2),
            (by_path, 4 * sigma**2),
        ):
            assert weights @ estimate == pytest.approx(-2 * delta)
            assert weights @ (estimate + 2 * delta) ** 2 == pytest.approx(variance)


def test_a_rough_payment_prefers_the_score():
    noise = np.linspace(-9, 9, 200_001)
    weights = np.exp(-(noise**2) / 2) * (noise[1] - noise[0]) / np.sqrt(2 * np.pi)
    a = 0.3 + noise
    path, score = 10 * np.cos(10 * a), noise * np.sin(10 * a)
    variances = [weights @ x**2 - (weights @ x) ** 2 for x in (path, score)]
    np.testing.assert_allclose(variances, [50, 0.5], rtol=1e-3)


# ---------------------------------------------------------------- trajectories


def test_past_terms_and_the_trajectory_form():
    p, r, mu, theta = drawn(13)
    pi, gamma = softmax(theta), 0.7
    score, T = scores(pi), 3
    listed = walks(p, mu, pi, T)
    assert sum(chance for *_, chance in listed) == pytest.approx(1)
    assert len(listed) == 3 * 6**T
    whole, to_go = np.zeros((T, 3, 2)), np.zeros((T, 3, 2))
    for states, actions, chance in listed:
        paid = [gamma**k * r[states[k], actions[k]] for k in range(T)]
        for t in range(T):
            whole[t] += chance * score[states[t], actions[t]] * sum(paid)
            to_go[t] += chance * score[states[t], actions[t]] * sum(paid[t:])

    def objective(at):
        later = 0
        for _ in range(T):
            later = (softmax(at) * (r + gamma * p @ (later * np.ones(3)))).sum(axis=1)
        return mu @ later

    np.testing.assert_allclose(whole, to_go, atol=1e-14)
    np.testing.assert_allclose(whole.sum(axis=0).ravel(), slope(objective, theta), atol=1e-13)


def test_neither_markov_nor_without_memory():
    """Two steps; the second action and the second payment look at all that happened: the scores still add up."""
    rng = np.random.default_rng(3)
    paid = rng.standard_normal((2, 2, 2, 2))  # by s_0, a_0, s_1, a_1
    arrives = rng.dirichlet(np.ones(2), size=(2, 2))
    start = rng.dirichlet(np.ones(2))
    theta = rng.standard_normal(2 * 2 + 2 * 2 * 2 * 2)

    def policies(at):
        return softmax(at[:4].reshape(2, 2)), softmax(at[4:].reshape(2, 2, 2, 2))

    def objective(at):
        first, second = policies(at)
        return np.einsum("s,sa,san,sanb,sanb", start, first, arrives, second, paid)

    first, second = policies(theta)
    total = np.zeros(theta.size)
    for s, a, n, b in itertools.product(range(2), repeat=4):
        score = np.zeros(theta.size)
        score[:4].reshape(2, 2)[s] += np.eye(2)[a] - first[s]
        score[4:].reshape(2, 2, 2, 2)[s, a, n] += np.eye(2)[b] - second[s, a, n]
        total += start[s] * first[s, a] * arrives[s, a, n] * second[s, a, n, b] * paid[s, a, n, b] * score
    np.testing.assert_allclose(total, slope(objective, theta), atol=1e-14)


def test_one_score_too_many_leaves_the_mean_and_adds_its_square():
    p, r, mu, theta = drawn(14)
    pi, T = softmax(theta), 2
    score = scores(pi)
    rows = []
    for states, actions, chance in walks(p, mu, pi, T + 1):
        R = sum(r[states[k], actions[k]] for k in range(T))
        own = sum(score[states[t], actions[t]] for t in range(T)).ravel() * R
        rows.append((chance, own, score[states[T], actions[T]].ravel() * R))
    chance, own, extra = (np.array(column) for column in zip(*rows, strict=True))
    np.testing.assert_allclose(chance @ extra, 0, atol=1e-14)
    mean = chance @ own
    covariance = np.einsum("i,ij,ik->jk", chance, own - mean, own - mean)
    with_extra = np.einsum("i,ij,ik->jk", chance, own + extra - mean, own + extra - mean)
    np.testing.assert_allclose(with_extra, covariance + np.einsum("i,ij,ik->jk", chance, extra, extra), atol=1e-13)


def test_the_corridor_by_fractions():
    for p in (Fraction(1, 10), Fraction(1, 2), Fraction(9, 10)):
        v0 = (2 * p - 4) / (p * (1 - p))
        v1 = v0 + 1 / p
        v2 = -1 + (1 - p) * v1
        assert v0 == -1 + p * v1 + (1 - p) * v0
        assert v1 == -1 + p * v0 + (1 - p) * v2
    best = 2 - np.sqrt(2)
    assert (2 * best - 4) / (best * (1 - best)) == pytest.approx(-(6 + 4 * np.sqrt(2)))
    assert best**2 - 4 * best + 2 == pytest.approx(0)


def test_the_length_of_the_list_of_the_corridor():
    going, counts = {0: 1}, []
    for _ in range(35):
        after: dict[int, int] = {}
        for state, number in going.items():
            for action in range(2):
                n = int(CORRIDOR[state, action].argmax())
                after[n] = after.get(n, 0) + number * (state != 3) + number * (state == 3 and action == 0)
        going = after
        counts.append(sum(going.values()))
    assert counts[7] == 168
    assert counts[33] < 10**9 <= counts[34]


def corridor_walks(T, p):
    return walks(CORRIDOR, np.eye(4)[0], np.array([[1 - p, p]] * 4), T, ended=(3,))


def test_the_mean_over_steps_of_the_exercise():
    """The repaired estimator's process: γ = 0.9, T = 6, θ = (0.5, 0), one trajectory. Exactly ∇J/2.737, not ∇J/E[T]."""
    p, gamma = 1 / (1 + np.exp(-0.5)), 0.9
    gradient = ratio = length = 0.0
    for _, actions, chance in corridor_walks(6, p):
        L = len(actions)
        to_go = [-(1 - gamma ** (L - t)) / (1 - gamma) for t in range(L)]
        term = sum(gamma**t * ((a == 1) - p) * to_go[t] for t, a in enumerate(actions))
        gradient, ratio, length = gradient + chance * term, ratio + chance * term / L, length + chance * L
    assert gradient / ratio == pytest.approx(2.737, abs=5e-4)
    assert length > 4.5


def test_the_mean_over_steps_can_be_zero_or_point_the_wrong_way():
    p = 0.3
    over_steps = sum(
        chance * sum((a == 1) - p for a in actions) * -len(actions) / len(actions)
        for _, actions, chance in corridor_walks(12, p)
    )
    assert over_steps == pytest.approx(0, abs=1e-13)

    def quick_or_slow(p, m):
        """The mean of ΣΣ score R / ΣT, with score in units of ∇p/p(1 − p)·…: two kinds of trajectories."""
        total = Fraction(0)
        for kinds in itertools.product((0, 1), repeat=m):
            chance = Fraction(1)
            for k in kinds:
                chance *= p if k else 1 - p
            above = sum((k - p) * (2 if k else 1) for k in kinds)
            total += chance * above / sum(10 if k else 1 for k in kinds)
        return total

    half, tenth = Fraction(1, 2), Fraction(1, 10)
    unit = (half * (1 - half)) / Fraction(11, 2)  # ∇J = p(1 − p) (2 − 1), and E[T] = 5.5
    assert quick_or_slow(half, 1) / unit == Fraction(-44, 10)
    assert quick_or_slow(half, 2) / unit == Fraction(-17, 10)
    assert quick_or_slow(half, 4) > 0 > quick_or_slow(half, 3)
    assert quick_or_slow(tenth, 8) > 0 > quick_or_slow(tenth, 7)


# ---------------------------------------------------------------- variances


def variance_of(terms):
    """Trace of the covariance of rows (chance, vector of fractions)."""
    size = len(terms[0][1])
    mean = [sum(chance * g[k] for chance, g in terms) for k in range(size)]
    return sum(chance * sum((g[k] - mean[k]) ** 2 for k in range(size)) for chance, g in terms), mean


def test_reward_to_go_can_be_the_noisier_one():
    """A coin pays ±10 first, the second step takes it back, action 1 earns 1: 1.375 against 50.875, and 1/4 with V."""
    half, rows = Fraction(1, 2), {"R": [], "G": [], "G − V": []}
    for coin, a, b in itertools.product((0, 1), repeat=3):
        sign = 10 if coin else -10
        first = [half if a == 0 else -half, -half if a == 0 else half]
        second = [half if b == 0 else -half, -half if b == 0 else half]
        zero = [Fraction(0), Fraction(0)]
        first = first + zero if coin else zero + first  # states of their own for each coin, at both decisions
        second = second + zero if coin else zero + second
        R, later = Fraction(a + b), Fraction(b - sign)
        for name, u, v in (("R", R, R), ("G", R, later), ("G − V", R - 1, later - (half - sign))):
            rows[name].append((Fraction(1, 8), [x * u for x in first] + [x * v for x in second]))
    found = {name: variance_of(terms) for name, terms in rows.items()}
    assert {name: v for name, (v, _) in found.items()} == {
        "R": Fraction(11, 8),
        "G": Fraction(407, 8),
        "G − V": Fraction(1, 4),
    }
    assert len({tuple(mean) for _, mean in found.values()}) == 1


def test_two_equal_decisions():
    p = Fraction(95, 100)
    rows = {"R": [], "G": [], "G − V": []}
    level = 2 * p - 1
    for a, b in itertools.product((0, 1), repeat=2):
        chance = (p if a == 0 else 1 - p) * (p if b == 0 else 1 - p)
        x, y = (1 - p if c == 0 else -p for c in (a, b))
        u, v = (1 if c == 0 else -1 for c in (a, b))
        for name, first, second in (("R", u + v, u + v), ("G", u + v, v), ("G − V", u + v - 2 * level, v - level)):
            g = x * first + y * second
            rows[name].append((chance, [g, -g]))
    found = {name: float(variance_of(terms)[0]) for name, terms in rows.items()}
    for name, value in (("R", 0.0722), ("G", 0.0950), ("G − V", 0.6337)):
        assert found[name] == pytest.approx(value, abs=5e-5)


def test_the_value_function_can_be_a_bad_baseline():
    for p, none, with_v, best in ((Fraction(1, 2), 0.09375, 0.0625, 0.0375), (Fraction(4, 5), 0.0096, 0.1504, 0.00282)):
        pi = [p, (1 - p) / 2, (1 - p) / 2]
        score = [[Fraction(int(a == b)) - pi[b] for b in range(3)] for a in range(3)]
        lengths = [sum(x * x for x in row) for row in score]
        b_star = pi[0] * lengths[0] / sum(w * n for w, n in zip(pi, lengths, strict=True))
        for b, expected in ((Fraction(0), none), (p, with_v), (b_star, best)):
            terms = [(pi[a], [x * (int(a == 0) - b) for x in score[a]]) for a in range(3)]
            assert float(variance_of(terms)[0]) == pytest.approx(expected, abs=6e-6)


def test_two_arms_can_be_levelled():
    p, q0, q1 = Fraction(7, 10), Fraction(3), Fraction(-2)
    b = (1 - p) * q0 + p * q1
    assert (1 - p) * (q0 - b) == -p * (q1 - b)  # the same vector for both arms
    for p in (Fraction(6, 10), Fraction(7, 10)):  # V is worse than nothing above 2/3
        assert (abs(p - (1 - p)) > 1 - p) == (p > Fraction(2, 3))


@pytest.mark.parametrize("m", [1, 2, 3, 4])
def test_a_batch_mean_takes_one_mth(m):
    p = Fraction(2, 5)
    gradient = (1 - p) * p * (1 - 2)  # by the first arm's preference, arms pay 1 and 2
    total = Fraction(0)
    for arms in itertools.product((0, 1), repeat=m):
        chance = Fraction(1)
        for a in arms:
            chance *= p if a == 0 else 1 - p
        paid = [Fraction(1 + a) for a in arms]
        mean = sum(paid) / m
        total += chance * sum((int(a == 0) - p) * (x - mean) for a, x in zip(arms, paid, strict=True)) / m
    assert total == (1 - Fraction(1, m)) * gradient


def test_the_mean_of_one_s_own_episode_takes_half():
    p = 0.62
    gradient = own = 0.0
    for _, actions, chance in corridor_walks(10, p):
        L = len(actions)
        score = [(a == 1) - p for a in actions]
        gradient += chance * sum(score) * -L
        own += chance * sum(s * (-(L - t) + (L + 1) / 2) for t, s in enumerate(score))
    assert own == pytest.approx(gradient / 2, abs=1e-12)


def test_standardising_within_an_episode_turns_the_corridor_round():
    p = 1 / (1 + np.exp(-0.5))
    gradient = standardised = 0.0
    for _, actions, chance in corridor_walks(10, p):
        L = len(actions)
        score, to_go = np.array([(a == 1) - p for a in actions]), -np.arange(L, 0, -1.0)
        gradient += chance * score.sum() * -L
        standardised += chance * score @ (to_go - to_go.mean()) / (to_go.std() or 1)
    assert standardised / gradient == pytest.approx(-0.170, abs=5e-4)


def test_the_best_baseline_and_the_semicolon():
    """b* = c/κ with E[x; s_t = s] = E[x 1(s_t = s)]; with the conditional mean it is off by 1/p_t(s)."""
    p, r, mu, theta = drawn(15)
    pi, gamma, T = softmax(theta), 0.9, 3
    score = scores(pi)[..., 0, 1]  # one entry of θ
    rows = walks(p, mu, pi, T)
    chance = np.array([w for *_, w in rows])
    S = np.array([states[:T] for states, *_ in rows])
    sigma = np.array([[score[s, a] for s, a in zip(states[:T], actions, strict=True)] for states, actions, _ in rows])
    paid = np.array([[r[s, a] for s, a in zip(states[:T], actions, strict=True)] for states, actions, _ in rows])
    powers = gamma ** np.arange(T)
    to_go = np.cumsum((paid * powers)[:, ::-1], axis=1)[:, ::-1]  # γᵗ G_t

    def variance(b):
        g = (sigma * (to_go - powers * b[np.arange(T), S])).sum(axis=1)
        return chance @ g**2 - (chance @ g) ** 2

    g0 = (sigma * to_go).sum(axis=1)
    best, wrong, c, kappa = (np.zeros((T, 3)) for _ in range(4))
    for t, s in np.ndindex(T, 3):
        here = chance * (S[:, t] == s)
        c[t, s] = powers[t] * here @ (g0 * sigma[:, t])
        kappa[t, s] = powers[t] ** 2 * here @ sigma[:, t] ** 2
        if kappa[t, s] > 0:
            best[t, s], wrong[t, s] = c[t, s] / kappa[t, s], c[t, s] / here.sum() / kappa[t, s]
    least, rng = variance(best), np.random.default_rng(0)
    for _ in range(20):
        b = best + rng.standard_normal((T, 3))
        quadratic = variance(0 * b) + (b**2 * kappa).sum() - 2 * (b * c).sum()
        assert variance(b) == pytest.approx(quadratic)
        assert variance(b) >= least
    assert variance(wrong) > least + 1e-3


def test_q_can_be_the_noisier_weight():
    """Two decisions by one coin, paid 1 if they differ: with G every estimate is 0, with Q the variance is 1/16."""
    half, rows = Fraction(1, 2), {"G": [], "Q": []}
    for a, b in itertools.product((0, 1), repeat=2):
        x, y = (half if c else -half for c in (a, b))
        paid = int(a != b)
        rows["G"].append((Fraction(1, 4), [(x + y) * paid]))
        rows["Q"].append((Fraction(1, 4), [x * half + y * paid]))
    assert variance_of(rows["G"]) == (0, [0])
    assert variance_of(rows["Q"]) == (Fraction(1, 16), [0])


def test_how_far_sampled_variances_and_squared_errors_stray():
    """Both formulas over all samples of two and three draws of a vector."""
    rng = np.random.default_rng(5)
    chance, g = rng.dirichlet(np.ones(4)), rng.standard_normal((4, 2))
    d = g - chance @ g
    Sigma = np.einsum("i,ij,ik->jk", chance, d, d)
    trace, square, fourth = np.trace(Sigma), np.sum(Sigma**2), chance @ (d**2).sum(axis=1) ** 2
    for m in (2, 3):
        moments = np.zeros(4)
        for draw in itertools.product(range(4), repeat=m):
            weight = np.prod(chance[list(draw)])
            x = g[list(draw)]
            sampled = x.var(axis=0, ddof=1).sum()
            error = (d[list(draw)].mean(axis=0) ** 2).sum()
            moments += weight * np.array([sampled, sampled**2, error, error**2])
        of_sampled = (fourth - trace**2) / m + 2 * square / (m * (m - 1))
        of_error = (fourth + (m - 1) * (trace**2 + 2 * square)) / m**3 - trace**2 / m**2
        assert moments[0] == pytest.approx(trace)
        assert moments[1] - moments[0] ** 2 == pytest.approx(of_sampled)
        assert moments[2] == pytest.approx(trace / m)
        assert moments[3] - moments[2] ** 2 == pytest.approx(of_error)


def test_the_bias_of_generalized_advantages():
    p, r, mu, theta = drawn(16)
    pi, gamma, lam, T = softmax(theta), 0.9, 0.6, 3
    score = scores(pi).reshape(3, 2, -1)
    v = np.zeros((T + 1, 3))
    for t in range(T - 1, -1, -1):
        v[t] = (pi * (r + gamma * p @ v[t + 1])).sum(axis=1)
    critic = v + np.random.default_rng(6).standard_normal(v.shape)
    critic[T] = 0
    e = critic - v
    mean, bias, gradient = np.zeros(6), np.zeros(6), np.zeros(6)
    for states, actions, chance in walks(p, mu, pi, T):
        paid = [r[s, a] for s, a in zip(states[:T], actions, strict=True)]
        delta = [paid[t] + gamma * critic[t + 1, states[t + 1]] - critic[t, states[t]] for t in range(T)]
        for t in range(T):
            sigma = chance * gamma**t * score[states[t], actions[t]]
            mean += sigma * sum((gamma * lam) ** k * delta[t + k] for k in range(T - t))
            shift = sum(gamma ** (k + 1) * lam**k * e[t + k + 1, states[t + k + 1]] for k in range(T - t))
            bias += (1 - lam) * sigma * shift
            gradient += sigma * sum(gamma**k * paid[t + k] for k in range(T - t))
    np.testing.assert_allclose(mean - gradient, bias, atol=1e-13)
    assert np.abs(bias).max() > 1e-2


# ---------------------------------------------------------------- discounting


def ending(seed):
    """A process that ends: sub-stochastic dynamics."""
    p, r, mu, theta = drawn(seed)
    return 0.9 * p, r, mu, theta


@pytest.mark.parametrize("gamma", [0.0, 0.5, 0.9])
def test_the_update_without_the_factor(gamma):
    p, r, mu, theta = ending(17)

    def visits(at):
        return visits_of(softmax(at), p, r, mu, 1.0)

    v, q = discounted(softmax(theta), p, r, gamma)
    F = formula(visits(theta), theta, q)
    truth = slope(lambda at: mu @ discounted(softmax(at), p, r, 1.0)[0], theta)
    np.testing.assert_allclose(F + (1 - gamma) * v @ slope(visits, theta), truth, atol=1e-11)
    # and with a table it is uphill for J_γ, within Kantorovich's bound
    d = visits_of(softmax(theta), p, r, mu, gamma)
    own = formula(d, theta, q)
    ratio = visits(theta) / d
    low, high = ratio.min(), ratio.max()
    assert np.cos(np.radians(angle(F, own))) >= 2 * np.sqrt(low * high) / (low + high) - 1e-12


def test_the_update_without_the_factor_is_no_gradient():
    p, r, mu, theta = ending(18)

    def jacobian(visits_discount, h=1e-5):
        def at(point):
            q = discounted(softmax(point), p, r, 0.8)[1]
            return formula(visits_of(softmax(point), p, r, mu, visits_discount), point, q)

        columns = []
        for k in range(6):
            step = np.zeros(6)
            step[k] = h
            step = step.reshape(theta.shape)
            columns.append((at(theta + step) - at(theta - step)) / (2 * h))
        return np.array(columns)

    true, dropped = jacobian(0.8), jacobian(1.0)
    assert np.abs(true - true.T).max() < 1e-8
    assert np.abs(dropped - dropped.T).max() > 1e-3


def test_the_late_payment():
    for gamma in (Fraction(1, 2), Fraction(99, 100)):
        D = gamma / (1 + gamma)  # E[γ^K] with K geometric from 1, and the wait w = γ
        w, total = gamma, Fraction(0)
        for k in range(1, 60):
            total += w ** (k - 1) * (1 - w) * gamma**k
        assert total <= D <= total + gamma**59
        assert D * Fraction(1, 2) > 0 > Fraction(3, 2) * D - 1  # ∇J_γ and F, divided by ∇p


def test_two_doors_turn():
    """F = (1 − γ) (−(2q − 1) dp + (2p − 1) dq): by the four walks of each order."""
    gamma, p, q = Fraction(1, 2), Fraction(4, 5), Fraction(1, 3)
    red = blue = value = Fraction(0)
    for red_first, a, b in itertools.product((True, False), (0, 1), (0, 1)):  # a at the red door, b at the blue one
        chance = Fraction(1, 2) * (p if a else 1 - p) * (q if b else 1 - q)
        paid = (1 if a == b else -1) * (1 if red_first else -1)
        value += chance * gamma * paid
        red += chance * (a - p) * paid * (gamma if red_first else 1)
        blue += chance * (b - q) * paid * (1 if red_first else gamma)
    assert value == 0
    assert red == -(1 - gamma) * (2 * q - 1) * p * (1 - p)
    assert blue == (1 - gamma) * (2 * p - 1) * q * (1 - q)


def test_the_first_page():
    """Sowing is worth 9γ − 6 to the update, mending 1: angles of what is above the mean of the three actions."""

    def angle(gamma):
        update, gradient = ([worth - sum(of) / 3 for worth in of[:2]] for of in ((9 * gamma - 6, 1, 0), (3, 1, 0)))
        return math.degrees(math.atan2(update[1], update[0]) - math.atan2(gradient[1], gradient[0]))

    assert [round(angle(gamma), 1) for gamma in (1, 0.99, 0.7, 0.99**40)] == [0, 0.6, 114.6, 127.1]
    assert 9 * Fraction(7, 10) - 6 == Fraction(3, 10)
    assert round(0.99**40, 2) == 0.67
    assert Fraction(3 + 1 + 0, 3) > 1  # what it ends with, and what it began with


def test_a_proportional_gradient_need_not_be_one():
    def field(at, second_cost):
        pi, costs = softmax(at), np.array([1.0, second_cost, 1.0])
        P = np.einsum("sa,san->sn", pi, CORRIDOR[:3])[:, :3]
        inverse = np.linalg.inv(np.eye(3) - P)
        v = inverse @ -costs
        q = -costs[:, None] + CORRIDOR[:3][:, :, :3] @ v
        visits = inverse[0]
        return formula(visits, at, q) / visits.sum()

    at = np.array([[0.2, 0.9], [0.5, -0.3], [0.0, 0.4]])
    for cost, symmetric in ((1.0, True), (2.0, False)):
        jacobian = []
        for k in range(6):
            step = np.zeros(6)
            step[k] = 1e-5
            step = step.reshape(3, 2)
            jacobian.append((field(at + step, cost) - field(at - step, cost)) / 2e-5)
        odd = np.abs(np.array(jacobian) - np.array(jacobian).T).max()
        assert (odd < 1e-7) == symmetric, odd


# ---------------------------------------------------------------- ascent


def test_the_rate_of_the_bandit_and_steps_that_grow():
    alpha = 0.5

    def climb(steps, step_size):
        d = 0.0
        for _ in range(steps):
            gap = 1 / (1 + np.exp(d))
            d += 2 * step_size(gap) * (1 - gap) * gap
        return 1 / (1 + np.exp(d))

    gap = climb(100_000, lambda gap: alpha)
    assert gap * 100_000 == pytest.approx(1 / (2 * alpha), rel=1e-3)
    assert climb(100, lambda gap: alpha / gap) < 1e-40  # geometric: no order 1/k
    assert climb(20, lambda gap: alpha / gap) / climb(21, lambda gap: alpha / gap) == pytest.approx(np.e, rel=1e-3)


def test_ties_leave_finite_maximisers():
    """A table has a finite maximiser if and only if no action that can be reached is worse than the best one there."""
    for pays, finite in (([1.0, 1.0], True), ([1.0, 2.0], False)):
        best = max(pays)
        at_zero = softmax(np.zeros(2)) @ np.array(pays)
        assert (at_zero == best) == finite


def test_the_two_switches():
    x, y = Fraction(1, 3), Fraction(3, 4)

    def J(x, y):
        return 3 * x * y + 2 * (1 - x) * (1 - y)

    small = Fraction(1, 10**6)
    assert (J(x + small, y) - J(x, y)) / small == 5 * y - 2
    assert (J(x, y + small) - J(x, y)) / small == 5 * x - 2
    assert J(Fraction(2, 5), Fraction(2, 5)) == Fraction(6, 5)


def test_one_q_for_all_times_is_off_by_the_order_of_t_times_gamma_to_the_t():
    p, r, mu, theta = drawn(19)
    pi, gamma = softmax(theta), 0.8
    endless = discounted(pi, p, r, gamma)[1]
    P = chain_of(pi, p, r)[0]
    scaled = []
    for T in (5, 10, 20, 40):
        later, q, law, laws = np.zeros(3), [], mu, []
        for _ in range(T):
            q.insert(0, r + gamma * p @ later)
            later = (pi * q[0]).sum(axis=1)
            laws.append(law)
            law = law @ P
        gap = sum(gamma**t * formula(laws[t], theta, endless - q[t]) for t in range(T))
        scaled.append(np.abs(gap).max() / (T * gamma**T))
    assert max(scaled) < 2 * scaled[0] + 1
