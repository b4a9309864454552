"""The linear-quadratic problem: J and ∇J by four routes, and what is refused."""

import copy
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgcode.linear_quadratic import (
    LinearQuadratic,
    LQTrajectories,
    lq_action_values,
    lq_average_gradient,
    lq_average_reward,
    lq_deterministic_gradient,
    lq_deterministic_objective,
    lq_gradient,
    lq_objective,
    lq_quadrature,
    lq_sample,
    lq_second_moments,
    lq_state_values,
)
from pgcode.oracles import complex_step
from pgcode.policies import GaussianPolicy

SCALAR = LinearQuadratic([[0.9]], [[1.0]], [[0.1]], [[1.0]], [[0.5]], [1.0], [[0.2]], discount=0.9)
AT_SCALAR = SCALAR.parameters([[0.5]], 0.3)


def random_problem(seed, n=2, k=1, discount=0.9, horizon=None):
    """A random problem with correlated noise and costs, and a θ under which it is stable."""
    rng = np.random.default_rng(seed)

    def covariance(size):
        factor = rng.standard_normal((size, size))
        return factor @ factor.T / size

    dynamics, control = rng.standard_normal((n, n)), rng.standard_normal((n, k))
    gain, scale = 0.2 * rng.standard_normal((k, n)), np.exp(0.3 * rng.standard_normal())
    radius = np.abs(np.linalg.eigvals(dynamics - control @ gain)).max()
    dynamics, control = 0.8 * dynamics / radius, 0.8 * control / radius
    problem = LinearQuadratic(
        dynamics, control, covariance(n), covariance(n), covariance(k), rng.standard_normal(n), covariance(n),
        discount, horizon,
    )  # fmt: skip
    return problem, problem.parameters(gain, scale)


def close(a, b, tolerance=1e-10):
    return np.abs(np.asarray(a) - b).max() <= tolerance * max(1.0, np.abs(np.asarray(b)).max())


SIZES = st.tuples(st.integers(0, 10**6), st.integers(1, 3), st.integers(1, 3))


@given(SIZES)
def test_endless_gradient_is_the_complex_step_of_the_objective(case):
    problem, theta = random_problem(*case)
    assert close(lq_gradient(problem, theta), complex_step(lambda at: lq_objective(problem, at), theta))


@given(SIZES, st.integers(1, 6), st.sampled_from([0.0, 0.5, 1.0]))
def test_gradient_with_a_horizon_is_the_complex_step_of_the_objective(case, horizon, discount):
    problem, theta = random_problem(*case, discount=discount, horizon=horizon)
    assert close(lq_gradient(problem, theta), complex_step(lambda at: lq_objective(problem, at), theta))


@pytest.mark.parametrize(("n", "k", "horizon"), [(1, 1, 1), (1, 1, 3), (2, 1, 2), (1, 2, 2)])
def test_quadrature_over_trajectories_gives_objective_and_gradient(n, k, horizon):
    problem, theta = random_problem(7, n, k, horizon=horizon)
    nodes = lq_quadrature(problem, theta)
    objective, gradient = lq_objective(problem, theta), lq_gradient(problem, theta)
    assert close(nodes.weights.sum(), 1.0)
    assert close(nodes.weights @ nodes.discounted_rewards.sum(axis=1), objective)
    assert close(nodes.weights @ nodes.with_return(), gradient)
    assert close(nodes.weights @ nodes.with_reward_to_go(), gradient)
    moving = complex_step(
        lambda at: (lambda tau: tau.weights @ tau.discounted_rewards.sum(axis=1))(lq_quadrature(problem, at)), theta
    )
    assert close(moving, gradient)  # nodes that move with θ: the pathwise gradient


def test_two_nodes_are_too_few_for_the_gradient_and_four_add_nothing():
    problem = replace(SCALAR, horizon=2)
    two, three, four = (lq_quadrature(problem, AT_SCALAR, number) for number in (2, 3, 4))
    gradient = lq_gradient(problem, AT_SCALAR)
    assert close(two.weights @ two.discounted_rewards.sum(axis=1), lq_objective(problem, AT_SCALAR))
    assert not close(two.weights @ two.with_return(), gradient, 1e-3)
    assert close(three.weights @ three.with_return(), gradient)
    assert close(four.weights @ four.with_return(), gradient)


@pytest.mark.parametrize("seed", range(3))
def test_samples_agree_within_their_standard_error(seed):
    problem, theta = random_problem(seed, 2, 2, horizon=4)
    drawn = lq_sample(problem, theta, 100_000, np.random.default_rng(seed))
    for terms in (drawn.with_return(), drawn.with_reward_to_go()):
        error = terms.std(axis=0, ddof=1) / np.sqrt(len(terms))
        assert (np.abs(terms.mean(axis=0) - lq_gradient(problem, theta)) < 5 * error).all()


def test_theorem_with_the_integrals_done_by_a_rule():
    """Σ γᵗ E[∇log π Q_t], by nodes over the Gaussian law of x_t and of a."""
    problem, theta = random_problem(3, 2, 1, horizon=3)
    gain, scale = problem.gain_and_scale(theta)
    loop = problem.dynamics - problem.control @ gain
    spread = problem.noise + scale**2 * problem.control @ problem.control.T
    points, weights = np.polynomial.hermite_e.hermegauss(4)
    weights = weights / weights.sum()
    mean, covariance, total = problem.initial_mean, problem.initial_covariance, 0.0
    for t in range(3):
        factor = np.linalg.cholesky(covariance)
        for i, j, m in np.ndindex(4, 4, 4):
            x = mean + factor @ [points[i], points[j]]
            epsilon = points[m]
            q = lq_action_values(problem, theta, x, scale * epsilon - gain @ x, step=t)
            score = np.append(-epsilon * x / scale, epsilon**2 - 1)
            total = total + problem.discount**t * weights[i] * weights[j] * weights[m] * q * score
        mean, covariance = loop @ mean, loop @ covariance @ loop.T + spread
    assert close(total, lq_gradient(problem, theta))


def test_scalar_problem_by_hand():
    """J = −P M₀ − c with P = (1 + K²/2) / (1 − γ L²), written out."""
    gamma, k, variance = 0.9, 0.5, 0.09
    p = (1 + k**2 / 2) / (1 - gamma * 0.4**2)
    c = (variance / 2 + gamma * p * (0.1 + variance)) / (1 - gamma)
    assert close(lq_objective(SCALAR, AT_SCALAR), -p * 1.2 - c, 1e-14)


@given(SIZES)
def test_bellman_equations(case):
    problem, theta = random_problem(*case)
    gain, scale = problem.gain_and_scale(theta)
    rng = np.random.default_rng(case[0])
    x = rng.standard_normal((4, problem.n_states))
    points, weights = np.polynomial.hermite_e.hermegauss(3)
    choice = np.indices((3,) * problem.n_actions).reshape(problem.n_actions, -1)
    actions = scale * points[choice].T - (x @ gain.T)[:, None]
    mass = (weights / weights.sum())[choice].prod(axis=0)
    mean_q = lq_action_values(problem, theta, x[:, None], actions) @ mass
    assert close(mean_q, lq_state_values(problem, theta, x))


def test_long_horizon_tends_to_the_endless_problem():
    problem, theta = random_problem(5, 3, 2)
    long = replace(problem, horizon=400)
    assert close(lq_objective(long, theta), lq_objective(problem, theta))
    assert close(lq_gradient(long, theta), lq_gradient(problem, theta))
    weights = 0.9 ** np.arange(401)
    assert close(np.tensordot(weights, lq_second_moments(long, theta), 1), lq_second_moments(problem, theta))


@given(SIZES)
def test_average_reward_and_its_gradient(case):
    problem, theta = random_problem(*case)
    gradient = lq_average_gradient(problem, theta)
    assert close(gradient, complex_step(lambda at: lq_average_reward(problem, at), theta))
    nearly = replace(problem, discount=1 - 1e-9)
    with_discount = 1e-9 * (lq_objective(nearly, theta) - lq_state_values(nearly, theta, np.zeros(problem.n_states)))
    assert abs(with_discount) < 1e-4  # V(0) (1 − γ) → r(π): the start is forgotten
    value = 1e-9 * lq_state_values(nearly, theta, np.zeros(problem.n_states))
    assert close(value, lq_average_reward(problem, theta), 1e-6)


def test_average_reward_is_that_of_long_trajectories():
    problem, theta = random_problem(1, 2, 1)
    horizons = (1000, 2000)
    totals = [lq_objective(replace(problem, discount=1.0, horizon=horizon), theta) for horizon in horizons]
    assert close(np.diff(totals)[0] / 1000, lq_average_reward(problem, theta))


def test_best_gain_of_the_riccati_equation_has_gradient_zero():
    a, b, q, r, gamma = 0.9, 1.0, 1.0, 0.5, 0.9
    p = q
    for _ in range(200):
        p = q + gamma * a**2 * p - (gamma * a * b * p) ** 2 / (r + gamma * b**2 * p)
    best = gamma * a * b * p / (r + gamma * b**2 * p)
    gradient = lq_gradient(SCALAR, SCALAR.parameters([[best]], 0.3))
    assert abs(gradient[0]) < 1e-12
    assert gradient[1] < 0  # less exploration costs less


@pytest.mark.parametrize("copied", [lambda x: pickle.loads(pickle.dumps(x)), copy.copy, copy.deepcopy, replace])
def test_arrays_stay_read_only(copied):
    source = np.array([[0.9]])
    problem = copied(replace(SCALAR, dynamics=source))
    source[0, 0] = 5
    assert problem.dynamics[0, 0] == 0.9
    with pytest.raises(ValueError, match="read-only"):
        problem.dynamics[0, 0] = 2
    tau = copied(LQTrajectories([1.0], [[1.0]], [[[1.0]]], 0.5))
    with pytest.raises(ValueError, match="read-only"):
        tau.rewards[0, 0] = 2


def test_samples_are_those_of_the_seed():
    problem = replace(SCALAR, horizon=3)
    first, second = (lq_sample(problem, AT_SCALAR, 5, np.random.default_rng(4)) for _ in range(2))
    assert (first.rewards == second.rewards).all()


def test_fixed_start_without_noise_needs_few_nodes():
    still = replace(SCALAR, horizon=3, noise=[[0.0]], initial_covariance=[[0.0]])
    nodes = lq_quadrature(still, AT_SCALAR)
    assert len(nodes.weights) == 3**3
    assert close(nodes.weights @ nodes.with_return(), lq_gradient(still, AT_SCALAR))


@pytest.mark.parametrize(("n", "k"), [(1, 1), (2, 1), (2, 3)])
def test_scores_are_those_of_the_gaussian_policy(n, k):
    """w_j = −K_j, and one σ for all components: its score is the sum of theirs."""
    problem, theta = random_problem(n, n, k, horizon=1)
    problem = replace(problem, initial_covariance=np.zeros((n, n)))
    gain, scale = problem.gain_and_scale(theta)
    nodes = lq_quadrature(problem, theta)
    points = np.polynomial.hermite_e.hermegauss(3)[0]
    epsilon = points[np.indices((3,) * k).reshape(k, -1)].T
    actions = scale * epsilon - gain @ problem.initial_mean
    policy = GaussianPolicy(n_features=n, n_components=k)
    rows = np.column_stack([-gain, np.full(k, np.log(scale))])
    score = policy.score(rows, np.broadcast_to(problem.initial_mean, (len(actions), n)), actions)
    assert close(nodes.scores[:, 0, :-1], -score[:, :, :-1].reshape(len(actions), -1))
    assert close(nodes.scores[:, 0, -1], score[:, :, -1].sum(axis=1))


# ---- without chance ----


@given(SIZES, st.sampled_from([None, 1, 4]))
def test_the_deterministic_gradient_is_the_complex_step_of_the_objective(case, horizon):
    problem, theta = random_problem(*case, horizon=horizon)
    gain = theta[:-1].reshape(problem.n_actions, problem.n_states)
    exact = lq_deterministic_gradient(problem, gain)
    assert close(exact, complex_step(lambda at: lq_deterministic_objective(problem, at), gain))
    visits = lq_second_moments(problem, np.append(theta[:-1], -300))
    assert close(exact, lq_deterministic_gradient(problem, gain, visits))


@pytest.mark.parametrize(("n", "k", "horizon"), [(1, 1, 3), (2, 1, 2), (1, 2, 2)])
def test_the_deterministic_gradient_is_that_of_every_path(n, k, horizon):
    """Without chance in the actions a path is a polynomial of the start and the noise: differentiate each node's."""
    problem, theta = random_problem(7, n, k, horizon=horizon)
    gain = theta[:-1].reshape(k, n)

    def over_paths(at):
        nodes = lq_quadrature(problem, np.append(at.ravel(), -300), 2)
        return nodes.weights @ nodes.discounted_rewards.sum(axis=1)

    assert close(over_paths(gain), lq_deterministic_objective(problem, gain))
    assert close(complex_step(over_paths, gain), lq_deterministic_gradient(problem, gain))


@given(SIZES, st.floats(0.01, 1.0))
def test_the_gradient_with_chance_differs_by_the_square_of_the_deviation(case, scale):
    problem, theta = random_problem(*case)
    gain = theta[:-1].reshape(problem.n_actions, problem.n_states)
    exact = lq_deterministic_gradient(problem, gain).ravel()
    off = [lq_gradient(problem, problem.parameters(gain, sigma))[:-1] - exact for sigma in (1.0, scale)]
    assert close(off[1], scale**2 * off[0])
    lost = [
        lq_objective(problem, problem.parameters(gain, sigma)) - lq_deterministic_objective(problem, gain)
        for sigma in (1.0, scale)
    ]
    assert close(lost[1], scale**2 * lost[0])
    assert lost[0] < 0
