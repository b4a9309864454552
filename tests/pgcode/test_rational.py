"""Exact moments against rational arithmetic, where rewards cancel or their scale is extreme."""

from fractions import Fraction

import numpy as np
import pytest
import rational
from hypothesis import given, settings
from hypothesis import strategies as st

from pgcode import moments, values
from pgcode.baselines import full_return_variance, reward_to_go_variance
from pgcode.environments import cancelling_rewards
from pgcode.estimators import full_return, reward_to_go
from pgcode.mdp import TabularMDP
from pgcode.policies import DirectPolicy

SIZES = (1.0, 1e3, 1e6, 1e7, 1e8)


def dyadic(rng, *shape):
    """Distributions along the last axis, in sixty-fourths."""
    parts = 1 + rng.multinomial(64 - shape[-1], np.ones(shape[-1]) / shape[-1], shape[:-1])
    return parts / 64


@st.composite
def processes(draw):
    """Processes with rewards that have huge common parts, are paid and taken back, or have extreme scales."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_states, n_actions, horizon = draw(st.integers(2, 3)), 2, draw(st.integers(1, 3))
    transition = dyadic(rng, n_states, n_actions, n_states)
    if draw(st.booleans()):  # moves that are certain
        transition = np.eye(n_states)[rng.integers(n_states, size=(n_states, n_actions))]
    reward = rng.standard_normal((n_states, n_actions, n_states))
    kind, size = draw(st.sampled_from(["plain", "common", "potential"])), draw(st.sampled_from([1e3, 1e6, 1e8]))
    if kind == "common":
        reward += size * rng.standard_normal()
    if kind == "potential":
        potential = size * rng.standard_normal(n_states)
        reward += potential[:, None, None] - potential
    if draw(st.booleans()):
        transition[-1], reward[-1] = np.eye(n_states)[-1], 0
    discount = draw(st.sampled_from([0.0, 0.5, 0.9, 1 - 1e-7, 1.0]))
    scale = draw(st.sampled_from([1.0, 1e-140, 1e140]))
    initial = dyadic(rng, n_states)
    mdp = TabularMDP(transition, scale * reward, initial, discount, horizon)
    theta = dyadic(rng, n_states, n_actions)[:, :-1]
    return mdp, DirectPolicy(n_states, n_actions), theta, rng


def check(found, mdp, theta, weights):
    """Entry by entry: variances to 1e-8 of themselves, or 0 to rounding; covariances of their deviations."""
    unit = 2.0 ** -np.frexp(np.abs(mdp.reward).max())[1]
    mean, covariance = rational.moments(mdp, theta, weights)
    mean, covariance = (float(Fraction(unit)) ** n * x for n, x in ((1, mean), (2, covariance)))
    mean, covariance = mean.astype(float), covariance.astype(float)
    variance = np.diag(covariance)
    computed = unit * found.variance.ravel() * unit
    squares = variance + mean**2
    nothing = variance <= 1e-26 * np.maximum(1, squares)
    assert (np.abs(computed - variance)[~nothing] <= 1e-8 * variance[~nothing]).all()
    assert (computed[nothing] <= 1e-25 * np.maximum(1, squares)[nothing]).all()
    assert np.abs(unit * found.mean.ravel() - mean).max() <= 1e-11 * np.sqrt(squares).max()
    if found.covariance is not None:
        deviations = np.sqrt(np.outer(variance, variance)) + 1e-13 * squares.max()
        assert (np.abs(unit * found.covariance * unit - covariance) <= 1e-8 * deviations).all()


@settings(max_examples=40)
@given(problem=processes())
def test_programs_are_right_in_rational_arithmetic(problem):
    mdp, policy, theta, rng = problem
    v = values.state_values(mdp, policy, theta)
    b = v[:-1] + np.abs(mdp.reward).max() * rng.choice([0, 1e-3]) * rng.standard_normal(v[:-1].shape)
    zero = np.zeros(b.shape)
    gamma = mdp.discount
    paid = lambda t, s, a, r, after: r  # noqa: E731
    for baseline in (zero, b):
        found = moments.full_return_moments(mdp, policy, theta, baseline, with_covariance=True)
        check(found, mdp, theta, rational.full_return(gamma, baseline))
        found = moments.reward_to_go_moments(mdp, policy, theta, baseline, with_covariance=True)
        check(found, mdp, theta, rational.to_go(gamma, gamma, paid, baseline))
    table = rng.standard_normal((mdp.horizon, mdp.n_states, mdp.n_actions)) * np.abs(mdp.reward).max()
    exact_table = rational.exact(table)
    found = moments.state_action_moments(mdp, policy, theta, table, with_covariance=True)
    check(found, mdp, theta, rational.to_go(gamma, 0, lambda t, s, a, r, after: exact_table[t, s, a], zero))
    found = moments.gae_moments(mdp, policy, theta, v, 0.75, with_covariance=True)
    check(found, mdp, theta, rational.generalized_advantage(mdp, v, 0.75))


@settings(max_examples=25)
@given(problem=processes())
def test_quadratics_are_right_in_rational_arithmetic(problem):
    mdp, policy, theta, rng = problem
    gamma, size = mdp.discount, np.abs(mdp.reward).max()
    paid = lambda t, s, a, r, after: r  # noqa: E731
    v = values.state_values(mdp, policy, theta)[:-1]
    for quadratic, weights in (
        (full_return_variance, lambda b: rational.full_return(gamma, b)),
        (reward_to_go_variance, lambda b: rational.to_go(gamma, gamma, paid, b)),
    ):
        variance = quadratic(mdp, policy, theta)
        for baseline in (0.0, v, variance.constant, variance.state, variance.timed, size * rng.standard_normal()):
            timed = np.broadcast_to(baseline, v.shape)
            found = moments.Moments(variance.at_centre.mean, variance(baseline))
            check(found, mdp, theta, weights(timed))


@pytest.mark.parametrize("size", SIZES)
def test_cancelling_rewards_keep_their_digits(size):
    mdp, policy = cancelling_rewards(size), DirectPolicy(5, 2)
    theta = np.array([0.25, 0.625, 0.5, 0.375, 0.5])[:, None]
    paid = lambda t, s, a, r, after: r  # noqa: E731
    v = values.state_values(mdp, policy, theta)
    nothing = np.zeros((2, 5))
    whole, parts = rational.full_return(1.0, nothing), rational.to_go(1.0, 1.0, paid, nothing)
    check(moments.full_return_moments(mdp, policy, theta, with_covariance=True), mdp, theta, whole)
    check(moments.reward_to_go_moments(mdp, policy, theta, with_covariance=True), mdp, theta, parts)
    check(moments.gae_moments(mdp, policy, theta, v, 0.9), mdp, theta, rational.generalized_advantage(mdp, v, 0.9))
    for weights, exactly in ((full_return, whole), (reward_to_go, parts)):
        if size >= 1e7 and weights is full_return:
            with pytest.raises(ValueError, match=r"is lost in rounding: rewards of 2e.*full_return_moments"):
                moments.enumerated_moments(mdp, policy, theta, weights)
        else:
            check(moments.enumerated_moments(mdp, policy, theta, weights), mdp, theta, exactly)
