import dataclasses

import numpy as np
import pytest
from hypothesis import given
from strategies import problems

from pgcode import trajectory_form, values
from pgcode.environments import (
    corridor_optimum,
    corridor_policy,
    corridor_state_values,
    random_mdp,
    short_corridor,
)
from pgcode.policies import SoftmaxPolicy


@given(problems())
def test_objective_by_recursion_is_the_objective_by_enumeration(problem):
    mdp, policy, theta = problem
    by_recursion = values.objective(mdp, policy, theta)
    assert abs(by_recursion - trajectory_form.objective(mdp, policy, theta)) < 1e-12 * max(1, abs(by_recursion))


@given(problems(discounts=(0.0, 0.5, 0.9)))
def test_a_long_horizon_reaches_the_linear_solve(problem):
    mdp, policy, theta = problem
    for_ever = dataclasses.replace(mdp, horizon=None)
    long = dataclasses.replace(mdp, horizon=300)
    assert abs(values.objective(for_ever, policy, theta) - values.objective(long, policy, theta)) < 1e-10
    assert np.allclose(
        values.action_values(for_ever, policy, theta), values.action_values(long, policy, theta)[0], atol=1e-10
    )


@given(problems())
def test_occupancies_are_distributions_and_weigh_the_rewards(problem):
    mdp, policy, theta = problem
    occupied = values.occupancy(mdp, policy, theta)
    assert np.abs(occupied.sum(axis=1) - 1).max() < 1e-12
    reward = (policy.probabilities(theta) * mdp.expected_reward).sum(axis=1)
    visits = values.discounted_visitation(mdp, policy, theta)
    assert abs(visits @ reward - values.objective(mdp, policy, theta)) < 1e-11


def test_visitation_without_a_horizon_weighs_the_rewards_too():
    mdp = random_mdp(np.random.default_rng(0), horizon=None)
    policy, theta = SoftmaxPolicy(3, 2), np.arange(6.0).reshape(3, 2) / 5
    reward = (policy.probabilities(theta) * mdp.expected_reward).sum(axis=1)
    visits = values.discounted_visitation(mdp, policy, theta)
    assert abs(visits @ reward - values.objective(mdp, policy, theta)) < 1e-12
    assert abs(visits.sum() - 1 / (1 - mdp.discount)) < 1e-12


@pytest.mark.parametrize("p", [0.1, 0.5, 2 - 2**0.5, 0.9])
def test_corridor_has_its_closed_form(p):
    theta = [np.log(p / (1 - p)), 0.0]
    solved = values.state_values(short_corridor(), corridor_policy(), theta)
    assert np.abs(solved - corridor_state_values(p)).max() < 1e-10


def test_corridor_is_best_at_the_known_point():
    best, value = corridor_optimum()
    assert abs(corridor_state_values(best)[0] - value) < 1e-12
    assert (best.round(3), value.round(2)) == (0.586, -11.66)
    nearby = [corridor_state_values(best + shift)[0] for shift in (-1e-3, 1e-3)]
    assert max(nearby) < value


def test_a_process_that_never_ends_has_no_undiscounted_return():
    mdp = random_mdp(np.random.default_rng(0), discount=1.0, horizon=None)
    with pytest.raises(ValueError, match="never ends once it is in state 0"):
        values.objective(mdp, SoftmaxPolicy(3, 2), np.zeros((3, 2)))


def test_occupancy_needs_a_horizon():
    with pytest.raises(ValueError, match="horizon is None"):
        values.occupancy(short_corridor(), corridor_policy(), [0.0, 0.0])
