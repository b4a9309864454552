import numpy as np

from pgcode import values
from pgcode.environments import gridworld, random_mdp, two_armed_bandit
from pgcode.policies import SoftmaxPolicy


def test_bandit_pays_its_arms():
    mdp, policy, theta = two_armed_bandit((3.0, 5.0)), SoftmaxPolicy(2, 2), [[0.7, 0.0], [0.0, 0.0]]
    first = 1 / (1 + np.exp(-0.7))
    assert abs(values.objective(mdp, policy, theta) - (3 * first + 5 * (1 - first))) < 1e-14


def test_random_mdp_repeats_with_its_seed():
    one, two, other = (random_mdp(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (one.transition == two.transition).all()
    assert (one.reward == two.reward).all()
    assert (one.transition != other.transition).any()


def test_gridworld_moves_as_drawn():
    grid = gridworld(("S#G", "..H"), slip=0.0, step_reward=-0.5)
    assert grid.terminal.tolist() == [False, True, True, False, False, True]
    left, down, right, up = range(4)
    assert grid.transition[0, right, 0] == 1  # a wall
    assert grid.transition[0, up, 0] == 1  # the edge
    assert grid.transition[0, down, 3] == 1
    assert grid.transition[4, right, 5] == 1
    assert grid.transition[3, left, 3] == 1
    assert grid.reward[4, right, 5] == -1
    assert grid.reward[0, down, 3] == -0.5


def test_gridworld_slips_to_the_sides():
    grid = gridworld(("...", ".S.", "..."), slip=0.2)
    assert np.allclose(grid.transition[4, 2, [5, 1, 7, 3]], [0.8, 0.1, 0.1, 0])
    assert np.allclose(grid.transition.sum(axis=2), 1)
