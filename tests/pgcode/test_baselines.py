import dataclasses

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import problems

from pgcode.baselines import full_return_variance, reward_to_go_variance
from pgcode.environments import lone_payer, random_mdp
from pgcode.estimators import full_return, reward_to_go
from pgcode.mdp import TabularMDP
from pgcode.moments import enumerated_moments, full_return_moments, reward_to_go_moments
from pgcode.policies import SoftmaxPolicy

CASES = {
    "full return": (full_return_variance, full_return_moments, full_return),
    "reward-to-go": (reward_to_go_variance, reward_to_go_moments, reward_to_go),
}
cases = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


@cases
@settings(max_examples=60, deadline=None)
@given(problem=problems(), seed=st.integers(0, 1000))
def test_the_quadratic_is_the_variance(case, problem, seed):
    """Against the dynamic program with that baseline, and against enumeration."""
    quadratic, moments, weights = case
    mdp, _, _ = problem
    variance = quadratic(*problem)
    rng = np.random.default_rng(seed)
    for shape in ((), (mdp.n_states,), (mdp.horizon, mdp.n_states)):
        b = rng.standard_normal(shape)
        found = variance(b)
        scale = max(1, np.abs(found).max())
        assert np.abs(found - moments(*problem, b).variance).max() < 1e-10 * scale
        listed = enumerated_moments(*problem, lambda batch, b=b: weights(batch, b)).variance
        assert np.abs(found - listed).max() < 1e-10 * scale
        everywhere = np.broadcast_to(b if b.ndim != 1 else b[None], (mdp.horizon, mdp.n_states))
        b_tk = np.broadcast_to(everywhere.reshape(*everywhere.shape, *(1,) * found.ndim), variance.slope.shape)
        about_zero = variance.without.variance + (b_tk * (b_tk * variance.curvature - 2 * variance.slope)).sum((0, 1))
        assert np.abs(about_zero - listed).max() < 1e-10 * scale
        assert np.abs(variance(b_tk) - listed).max() < 1e-10 * scale


@cases
@pytest.mark.parametrize("offset", [0.0, 1e4, 1e8])
def test_a_large_common_part_of_the_returns_does_not_swallow_the_least_variance(case, offset):
    """The same constant in every return: the best baselines move by it, and the least variance stays."""
    plain = random_mdp(np.random.default_rng(0), discount=1.0)
    mdp = dataclasses.replace(plain, reward=plain.reward + offset)
    policy, theta = SoftmaxPolicy(3, 2), np.random.default_rng(1).standard_normal((3, 2))
    expected, found = case[0](plain, policy, theta), case[0](mdp, policy, theta)
    assert found(found.timed).sum() == pytest.approx(expected(expected.timed).sum(), rel=1e-10 + 1e-15 * offset)
    by_program = case[1](mdp, policy, theta, found.timed).trace
    assert by_program == pytest.approx(expected(expected.timed).sum(), rel=1e-10 + 1e-15 * offset)


@cases
@settings(max_examples=40, deadline=None)
@given(problem=problems(), seed=st.integers(0, 1000))
def test_no_other_baseline_has_less_variance(case, problem, seed):
    """The variance is a convex quadratic: at the least the derivative is 0, and every other point is higher."""
    variance = case[0](*problem)
    rng = np.random.default_rng(seed)
    for best in (variance.constant, variance.state, variance.timed):
        step = rng.standard_normal(np.shape(best))
        low, high, least = (variance(best + sign * step).sum() for sign in (-1, 1, 0))
        scale = max(1, abs(high), abs(low))
        assert abs(high - low) < 1e-10 * scale
        assert high >= least - 1e-12 * scale
    ordered = [
        variance(b).sum() for b in (variance.timed_component, variance.timed, variance.state, variance.constant, 0)
    ]
    assert (np.diff(ordered) >= -1e-10 * max(1, ordered[-1])).all()
    steps = 0.1 * rng.standard_normal(variance.component.shape)
    for sign in (-1, 1):
        shifted = np.broadcast_to(variance.component + sign * steps, variance.slope.shape)
        least = np.broadcast_to(variance.component, variance.slope.shape)
        assert (variance(shifted) >= variance(least) - 1e-10 * max(1, np.abs(variance(least)).max())).all()


def test_the_best_baseline_of_a_bandit():
    """b* = Σ_a π |σ_a|² r_a / Σ_a π |σ_a|², Greensmith et al. (2004), with |σ_a|² = 1 − 2π_a + Σ π²."""
    pi = np.array([0.9, 0.05, 0.05])
    lengths = pi * (1 - 2 * pi + (pi**2).sum())
    theta = np.array([np.log(pi), np.zeros(3)])
    for quadratic in (full_return_variance, reward_to_go_variance):
        variance = quadratic(lone_payer(), SoftmaxPolicy(2, 3), theta)
        assert abs(variance.constant - lengths[0] / lengths.sum()) < 1e-14
        assert variance.state[1] == 0


def test_a_problem_of_many_states():
    lake = TabularMDP.from_gymnasium(gymnasium.make("FrozenLake8x8-v1"), 0.99, horizon=100)
    policy, theta = SoftmaxPolicy(64, 4), np.random.default_rng(0).standard_normal((64, 4)) / 2
    variance = reward_to_go_variance(lake, policy, theta)
    best = reward_to_go_moments(lake, policy, theta, variance.timed)
    assert abs(best.trace - variance(variance.timed).sum()) < 1e-10 * best.trace
    assert best.trace < variance.without.trace


def test_bad_input():
    variance = reward_to_go_variance(lone_payer(), SoftmaxPolicy(2, 3), np.zeros((2, 3)))
    with pytest.raises(ValueError, match=r"baseline has shape \(3,\), but needs \(\), \(2,\) or \(1, 2\)"):
        variance(np.zeros(3))
    with pytest.raises(ValueError, match=r"baseline has shape \(1, 2, 2, 2\), but needs shape \(1, 2, 2, 3\)"):
        variance(np.zeros((1, 2, 2, 2)))
    with pytest.raises(ValueError, match=r"baseline\[0, 0, 0, 0\] is nan"):
        variance(np.full((1, 2, 2, 3), np.nan))
    for quadratic in (full_return_variance, reward_to_go_variance):
        with pytest.raises(ValueError, match="horizon is None"):
            quadratic(dataclasses.replace(lone_payer(), horizon=None), SoftmaxPolicy(2, 3), np.zeros((2, 3)))
        with pytest.raises(TypeError, match="theta is complex"):
            quadratic(lone_payer(), SoftmaxPolicy(2, 3), np.zeros((2, 3), complex))
