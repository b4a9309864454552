"""How far a step may go: the performance difference, its surrogate and bound, distances, the Fisher matrix."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pgcode import environments, state_action_form, values
from pgcode.derivation import Verdict
from pgcode.environments import random_mdp
from pgcode.learning import natural_gradient, trust_region_step
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step
from pgcode.policies import DirectPolicy, LinearSoftmaxPolicy, SoftmaxPolicy
from pgcode.step_form import divergence, fisher_matrix, step_derivation, surrogate, surrogate_error_bound

LABELS = [f"D{number}" for number in range(1, 11)]


def problem(seed, distance=1.0, n_states=3, n_actions=2, discount=0.8, horizon=None):
    rng = np.random.default_rng(seed)
    mdp = random_mdp(rng, n_states, n_actions, discount, horizon)
    theta = rng.standard_normal((n_states, n_actions))
    other = theta + distance * rng.standard_normal(theta.shape)
    return mdp, SoftmaxPolicy(n_states, n_actions), theta, other


def rise(mdp, policy, theta, other):
    return values.objective(mdp, policy, other) - values.objective(mdp, policy, theta)


@given(st.integers(0, 10**6), st.floats(0.01, 5), st.sampled_from((0.5, 0.8, 0.95)))
def test_every_line_holds_but_the_seventh(seed, distance, discount):
    case = problem(seed, distance, discount=discount)
    ledger = step_derivation(*case)
    assert [line.label for line in ledger] == LABELS
    assert ledger.false_lines in (["D7"], [])
    assert abs(ledger["D3"].value - rise(*case)) < 1e-9
    assert np.abs(ledger["D10"].value - state_action_form.exact_gradient(*case[:3])).max() < 1e-9


def test_the_seventh_line_is_false_and_nothing_rests_on_it():
    ledger = step_derivation(*problem(0))
    assert ledger.false_lines == ["D7"]
    assert ledger.checks["D8"].verdict is Verdict.EXACT
    for label in LABELS:
        if label != "D7":
            assert label in ledger.with_value(label, 1.001 * ledger[label].value).false_lines


def test_a_ledger_of_shared_parameters():
    mdp, policy = environments.machine(), environments.machine_policy()
    assert step_derivation(mdp, policy, [-1.0, 0.0], [0.5, 1.0]).false_lines == ["D7"]


@pytest.mark.parametrize("horizon", [None, 4])
def test_the_surrogate_by_another_way(horizon):
    """Σ_t γᵗ E[ρ_t A_t] over walks of θ, listed; without a horizon the sum over states."""
    mdp, policy, theta, other = problem(3, horizon=horizon)
    found = surrogate(mdp, policy, theta, other)
    if horizon is None:
        visits = np.linalg.solve(
            np.eye(3) - mdp.discount * values.policy_chain(mdp, policy, theta)[0].T, mdp.initial
        )
        q = values.action_values(mdp, policy, theta)
        listed = visits @ ((policy.probabilities(other) - policy.probabilities(theta)) * q).sum(axis=1)
    else:
        pi, pi_other = policy.probabilities(theta), policy.probabilities(other)
        a = values.advantages(mdp, policy, theta)
        listed = 0.0
        for pairs in itertools.product(range(3), range(2), repeat=4):
            s, acts, chance = pairs[::2], pairs[1::2], mdp.initial[pairs[0]]
            for t in range(4):
                listed += mdp.discount**t * chance * pi_other[s[t], acts[t]] * a[t, s[t], acts[t]] / (6.0 ** (3 - t))
                chance *= pi[s[t], acts[t]] * (mdp.transition[s[t], acts[t], s[t + 1]] if t < 3 else 1)
        # each prefix up to (s_t, a_t) is met 6^(3−t) times, and its last action has been given π' for π
    assert abs(found - listed) < 1e-10


@pytest.mark.parametrize("horizon", [None, 4])
def test_the_surrogate_starts_at_zero_and_has_the_gradient_of_the_objective(horizon):
    mdp, policy, theta, _ = problem(5, horizon=horizon)
    assert abs(surrogate(mdp, policy, theta, theta)) < 1e-12
    slope = complex_step(lambda at: surrogate(mdp, policy, theta, at), theta)
    assert np.abs(slope - state_action_form.exact_gradient(mdp, policy, theta)).max() < 1e-10


def test_what_the_surrogate_forgets_is_of_second_order():
    mdp, policy, theta, other = problem(7)
    errors = []
    for size in (1e-2, 1e-3):
        at = theta + size * (other - theta)
        errors.append(rise(mdp, policy, theta, at) - surrogate(mdp, policy, theta, at))
    assert abs(np.log10(errors[0] / errors[1]) - 2) < 0.05


@given(st.integers(0, 10**6), st.floats(0.01, 10), st.sampled_from((0.1, 0.5, 0.9)), st.integers(2, 4))
def test_the_error_of_the_surrogate_is_within_its_bound_and_that_within_those_of_others(seed, distance, gamma, n):
    """The bound of Achiam et al., then that of Schulman et al. in the largest TV, then through KL."""
    case = problem(seed, distance, n, n, gamma)
    mdp, policy, theta, other = case
    error, bound = rise(*case) - surrogate(*case), surrogate_error_bound(*case)
    assert abs(error) <= bound + 1e-12
    pi, pi_other = policy.probabilities(theta), policy.probabilities(other)
    a = values.advantages(mdp, policy, theta)
    variation = np.abs(pi_other - pi).sum(axis=1) / 2
    assert bound <= 4 * gamma * np.abs(a).max() * variation.max() ** 2 / (1 - gamma) ** 2 + 1e-12
    largest = np.abs((pi_other * a).sum(axis=1)).max()
    by_kl = 2 * gamma * largest / (1 - gamma) * np.sqrt(divergence(*case) / (2 * (1 - gamma)))
    assert bound <= by_kl + 1e-12


@pytest.mark.parametrize(("small", "share"), [(0.1, 0.5), (1e-3, 0.99), (1e-6, 0.99999)])
def test_no_smaller_constant_would_do(small, share):
    """State 0 chooses one of two loops for ever; there a small change of the policy costs 1, or brings 1, a step."""
    gamma, pay = 0.9, 1 / small
    transition, reward = np.zeros((3, 2, 3)), np.zeros((3, 2, 3))
    transition[0, 0, 1] = transition[0, 1, 2] = transition[1, :, 1] = transition[2, :, 2] = 1
    reward[1:, 1] = pay
    mdp, policy = TabularMDP(transition, reward, np.eye(3)[0], gamma), SoftmaxPolicy(3, 2)
    logit = np.log((0.5 + small) / (0.5 - small))
    theta, other = [[40.0, 0], [0, 0], [0, 0]], [[0, 40.0], [0, -logit], [0, logit]]
    case = mdp, policy, np.array(theta), np.array(other)
    error = rise(*case) - surrogate(*case)
    assert abs(error - 2 * gamma / (1 - gamma)) < 1e-6
    assert share < error / surrogate_error_bound(*case) <= 1


def test_the_divergence_is_that_of_the_walks():
    """KL of the laws of walks, listed, is Σ_s d_1(s) KL(s) at γ = 1."""
    rng = np.random.default_rng(1)
    mdp = random_mdp(rng, 2, 2, 1.0, 3)
    policy, theta, other = SoftmaxPolicy(2, 2), rng.standard_normal((2, 2)), rng.standard_normal((2, 2))
    pi, pi_other = policy.probabilities(theta), policy.probabilities(other)
    listed = 0.0
    for walk in itertools.product(range(2), repeat=6):
        s, a = walk[::2], walk[1::2]
        dynamics = mdp.initial[s[0]] * np.prod([mdp.transition[s[t], a[t], s[t + 1]] for t in range(2)])
        p, q = (np.prod([table[s[t], a[t]] for t in range(3)]) for table in (pi, pi_other))
        listed += dynamics * p * np.log(p / q)
    assert abs(divergence(mdp, policy, theta, other) - listed) < 1e-12


def test_the_divergence_is_at_least_zero_and_infinite_where_an_action_is_given_up():
    mdp, policy, theta, other = problem(2)
    assert divergence(mdp, policy, theta, theta) == 0
    assert divergence(mdp, policy, theta, other) > 0
    bandit, free, even, gone = environments.two_armed_bandit(), DirectPolicy(2, 2), [[0.5], [0.5]], [[0.0], [0.5]]
    assert divergence(bandit, free, even, gone) == np.inf
    assert divergence(bandit, free, gone, even) == pytest.approx(np.log(2))


def test_nothing_is_decided_after_the_end():
    """On thin ice the features of the end are those of the other states, and it is visited 0.95 times."""
    mdp, policy, theta = environments.thin_ice(), environments.thin_ice_policy(), np.array([np.log(1 / 9)])
    assert fisher_matrix(mdp, policy, theta) == pytest.approx(1.05 * 0.09)
    kl = 0.1 * np.log(0.1 / 0.5) + 0.9 * np.log(0.9 / 0.5)
    assert divergence(mdp, policy, theta, [0.0]) == pytest.approx(1.05 * kl)
    assert natural_gradient(mdp, policy, theta) == pytest.approx(0.4 / 1.05)


@pytest.mark.parametrize("horizon", [None, 4])
@pytest.mark.parametrize("shared", [False, True])
def test_the_fisher_matrix_is_the_curvature_of_the_divergence(horizon, shared):
    rng = np.random.default_rng(9)
    mdp = random_mdp(rng, horizon=horizon)
    policy = LinearSoftmaxPolicy(rng.standard_normal((3, 2, 4))) if shared else SoftmaxPolicy(3, 2)
    theta = rng.standard_normal(policy.theta_shape)
    visits = values.discounted_visitation(mdp, policy, theta)
    held = visits[:, None] * policy.probabilities(theta)

    def slope(at):  # of the divergence in θ'
        return -np.einsum("sa,sa...->...", held, policy.score(at)).ravel()

    curvature = complex_step(slope, theta).reshape(theta.size, theta.size)
    fisher = fisher_matrix(mdp, policy, theta)
    assert fisher.shape == (theta.size, theta.size)
    assert np.abs(fisher - curvature).max() < 1e-10
    assert np.abs(fisher - fisher.T).max() < 1e-14
    small = 1e-4 * rng.standard_normal(theta.shape)
    half = small.ravel() @ fisher @ small.ravel() / 2
    assert abs(divergence(mdp, policy, theta, theta + small) / half - 1) < 1e-2
    expected = np.linalg.pinv(fisher, rcond=1e-12) @ state_action_form.exact_gradient(mdp, policy, theta).ravel()
    assert np.abs(natural_gradient(mdp, policy, theta).ravel() - expected).max() < 1e-8


@pytest.mark.parametrize("radius", [1e-8, 0.01, 10.0])
def test_where_no_step_raises_the_objective_the_step_is_none(radius):
    """What rounding leaves of a gradient that is 0 has a direction too, and would be made as long as any other."""
    at_the_top = np.log([(1 / 6) / (5 / 6)])
    assert (trust_region_step(environments.thin_ice(), environments.thin_ice_policy(), at_the_top, radius) == 0).all()
    near = at_the_top + 1e-9
    step = trust_region_step(environments.thin_ice(), environments.thin_ice_policy(), near, radius)
    fisher = fisher_matrix(environments.thin_ice(), environments.thin_ice_policy(), near)
    assert step[0] < 0
    assert abs(step @ fisher @ step / 2 / radius - 1) < 1e-6
    for seed in range(20):
        rng = np.random.default_rng(seed)
        mdp = environments.random_mdp(rng, horizon=(None, 3)[seed % 2], discount=(0.5, 0.9, 0.999)[seed % 3])
        alike = replace(mdp, reward=np.full_like(mdp.reward, rng.standard_normal()))
        assert (trust_region_step(alike, SoftmaxPolicy(3, 2), rng.standard_normal((3, 2)), radius) == 0).all()


@pytest.mark.parametrize("radius", [1e-6, 0.01, 1.0])
def test_the_trust_region_step_rises_most_among_those_of_its_size(radius):
    rng = np.random.default_rng(4)
    mdp, policy = environments.machine(), environments.machine_policy()
    theta = np.array([-1.0, 0.0])
    step = trust_region_step(mdp, policy, theta, radius)
    fisher, gradient = fisher_matrix(mdp, policy, theta), state_action_form.exact_gradient(mdp, policy, theta)
    assert abs(step @ fisher @ step / 2 - radius) < 1e-10 * max(1, radius)
    root = np.linalg.cholesky(fisher)
    for _ in range(200):
        direction = rng.standard_normal(2)
        other = np.linalg.solve(root.T, direction / np.linalg.norm(direction)) * np.sqrt(2 * radius)
        assert abs(other @ fisher @ other / 2 - radius) < 1e-10 * max(1, radius)
        assert gradient @ other <= gradient @ step + 1e-12


def test_the_trust_region_step_is_small_as_asked_and_zero_at_the_top():
    mdp, policy, theta, _ = problem(6)
    for radius in (1e-4, 1e-6):
        at = theta + trust_region_step(mdp, policy, theta, radius)
        assert abs(divergence(mdp, policy, theta, at) / radius - 1) < 20 * np.sqrt(radius)
    same = environments.two_armed_bandit((1.0, 1.0))
    assert trust_region_step(same, SoftmaxPolicy(2, 2), np.zeros((2, 2)), 0.1).tolist() == [[0, 0], [0, 0]]


def test_thin_ice():
    mdp, policy = environments.thin_ice(), environments.thin_ice_policy()
    for u in (0.1, 0.3, 0.9):
        theta = [np.log(u / (1 - u))]
        assert abs(values.objective(mdp, policy, theta) - (u - 3 * u**2)) < 1e-12
        slope = state_action_form.exact_gradient(mdp, policy, theta)[0]
        assert abs(slope - u * (1 - u) * (1 - 6 * u)) < 1e-12


@pytest.mark.parametrize("u", [1e-3, 1e-9, 1 - 1e-9])
def test_the_natural_gradient_of_a_policy_that_is_nearly_sure(u):
    """The preferences of two arms move apart by the difference of what they pay, whatever the policy is."""
    theta = np.array([[0, np.log(u) - np.log1p(-u)], [0, 0]])
    natural = natural_gradient(environments.two_armed_bandit(), SoftmaxPolicy(2, 2), theta)
    assert natural[0, 1] - natural[0, 0] == pytest.approx(1, abs=1e-6)
    assert np.abs(natural).max() < 10
