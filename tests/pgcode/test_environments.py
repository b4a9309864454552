import math
from fractions import Fraction

import numpy as np
import pytest

from pgcode import environments, moments, state_action_form, values
from pgcode.environments import (
    aliased_chain,
    aliased_chain_policy,
    board,
    cancelling_rewards,
    fork,
    fork_policy,
    gridworld,
    lone_payer,
    mill,
    random_mdp,
    two_armed_bandit,
    two_switches,
    two_switches_policy,
)
from pgcode.learning import gradient_ascent
from pgcode.oracles import complex_step
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import enumerate_trajectories

POLICIES = [name for name in environments.__all__ if name.endswith("_policy")]


def test_there_are_policies_to_look_at():
    assert {"corridor_policy", "machine_policy", "two_seasons_policy"} <= set(POLICIES)


@pytest.mark.parametrize("name", POLICIES)
def test_parameters_stand_in_the_order_of_the_actions_that_they_favour(name):
    policy = getattr(environments, name)()
    score = policy.score(np.zeros(policy.theta_shape)).max(axis=0)  # of the states, the one that an entry moves most
    favoured = score.argmax(axis=0)
    assert (np.diff(favoured) >= 0).all()
    if len(set(favoured)) == policy.probabilities(np.zeros(policy.theta_shape)).shape[1]:  # a preference an action
        assert favoured.tolist() == list(range(len(favoured)))


def test_the_corridors_preferences_are_those_for_left_and_for_right():
    for action in (environments.LEFT, environments.RIGHT):
        preferred = environments.corridor_policy().probabilities(np.eye(2)[action])[:, action]
        assert preferred == pytest.approx(np.e / (np.e + 1))


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


def test_reward_to_go_has_the_higher_variance_where_rewards_cancel():
    problem = cancelling_rewards(), SoftmaxPolicy(5, 2), np.zeros((5, 2))
    whole, to_go = moments.full_return_moments(*problem), moments.reward_to_go_moments(*problem)
    assert np.abs(whole.mean - to_go.mean).max() < 1e-14
    # At π = 1/2 every score has the squared length 1/2. E|g|² is E[R²]/2 summed over both decisions, plus nothing
    # from products of different scores, which stand in different states; R is 0, 1, 2 with 1/4, 1/2, 1/4.
    length = (whole.mean**2).sum()
    assert abs(whole.trace - (2 * 0.5 * 1.5 - length)) < 1e-12
    # G_0 = R, and G_1 = ∓10 + a_1 has E[G_1²] = (100 + 121 + 100 + 81)/4.
    assert abs(to_go.trace - (0.5 * 1.5 + 0.5 * 100.5 - length)) < 1e-12


def test_payments_are_single_finite_numbers():
    with pytest.raises(ValueError, match=r"size has shape \(2,\), but needs shape \(\), which is one number"):
        cancelling_rewards([1.0, 2.0])
    with pytest.raises(ValueError, match="bonus is nan"):
        cancelling_rewards(bonus=np.nan)
    with pytest.raises(ValueError, match="cost is inf"):
        aliased_chain(cost=np.inf)


def test_the_value_is_a_bad_baseline_where_only_a_likely_arm_pays():
    mdp, policy, theta = lone_payer(), SoftmaxPolicy(2, 3), np.array([[np.log(18), 0, 0], [0, 0, 0]])
    v = values.state_values(mdp, policy, theta)[0]
    assert abs(v[0] - 0.9) < 1e-14
    plain, with_value = (moments.reward_to_go_moments(mdp, policy, theta, b).trace for b in (0.0, v))
    assert with_value > 5 * plain


def test_without_the_discount_the_learner_of_the_aliased_chain_ends_at_the_worst():
    mdp, policy, start = aliased_chain(), aliased_chain_policy(), np.array([0.3])

    def without_discount(theta):
        visits = values.occupancy(mdp, policy, theta)[:-1]
        q = values.action_values(mdp, policy, theta)
        return policy.weighted_gradient(theta, np.einsum("ts,tsa->sa", visits, q))

    p = policy.probabilities(start)[0, 1]
    assert abs(values.objective(mdp, policy, start) - 0.25 * p) < 1e-15
    assert abs(state_action_form.exact_gradient(mdp, policy, start)[0] - 0.25 * p * (1 - p)) < 1e-15
    assert abs(without_discount(start)[0] + 0.5 * p * (1 - p)) < 1e-15
    best = gradient_ascent(lambda at: complex_step(lambda x: values.objective(mdp, policy, x), at), start, 5.0, 300)
    worst = gradient_ascent(without_discount, start, 5.0, 300)
    assert values.objective(mdp, policy, best[-1]) > 0.249
    assert values.objective(mdp, policy, worst[-1]) < 0.001


@pytest.mark.parametrize("x", [Fraction(1, 10), Fraction(1, 2), Fraction(4, 5)])
def test_the_shuttle_earns_what_fractions_say(x):
    # V(0) and V(1) of going with probability x, by Cramer's rule at γ = 1/2.
    wait = 1 - (1 - x) / 2
    determinant = wait**2 - (x / 2) ** 2
    v = (x / 2 * 8 * x / determinant, wait * 8 * x / determinant)
    assert v[0] == 16 * x**2 / (1 + 2 * x)
    theta = [math.log(x / (1 - x))]
    found = values.state_values(environments.shuttle(), environments.shuttle_policy(), theta)
    assert found == pytest.approx([float(value) for value in v], rel=1e-12)
    slope = (32 * x + 32 * x**2) / (1 + 2 * x) ** 2 * x * (1 - x)
    gradient = state_action_form.exact_gradient(environments.shuttle(), environments.shuttle_policy(), theta)
    assert gradient == pytest.approx([float(slope)], rel=1e-12)


def test_the_loop_rests_where_it_seldom_goes():
    theta = np.array([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0], [0.0, 1.5]])
    policy = SoftmaxPolicy(4, 2)
    inverse = 1 / policy.probabilities(theta)[:, 1]
    stationary = values.stationary_distribution(environments.loop(), policy, theta)
    assert stationary == pytest.approx(inverse / inverse.sum(), rel=1e-12)
    assert environments.loop(horizon=3).horizon == 3


def test_the_machine_wears_under_use_and_is_new_after_a_service():
    machine, policy = environments.machine(discount=0.5, horizon=2), environments.machine_policy()
    assert (machine.discount, machine.horizon) == (0.5, 2)
    better_or_equal = np.cumsum(machine.transition, axis=2)
    assert (better_or_equal[:, 1] >= better_or_equal[:, 0]).all()
    odds = policy.probabilities([-1.0, 0.5])[:, 1] / policy.probabilities([-1.0, 0.5])[:, 0]
    assert np.log(odds) == pytest.approx([-1.0, -0.5, 0.0], abs=1e-12)


def test_the_board_by_hand():
    """Six walks: two of two steps with probability 1/4 each under a fair coin, four of three with 1/8."""
    walks, probabilities = enumerate_trajectories(board(), SoftmaxPolicy(5, 2), np.zeros((5, 2)))
    moves = ["".join("→↓"[a] for a in row[:n]) for row, n in zip(walks.actions, walks.lengths, strict=True)]
    found = dict(zip(moves, zip(walks.returns.tolist(), probabilities.tolist(), strict=True), strict=True))
    assert found == {
        "→→": (-2, 1 / 4), "→↓→": (2, 1 / 8), "→↓↓": (0, 1 / 8),
        "↓→→": (3, 1 / 8), "↓→↓": (1, 1 / 8), "↓↓": (1, 1 / 4),
    }  # fmt: skip
    assert values.objective(board(), SoftmaxPolicy(5, 2), np.zeros((5, 2))) == 1 / 2
    # the coin lies one step away, home two or three
    discounted = enumerate_trajectories(board(0.5), SoftmaxPolicy(5, 2), np.zeros((5, 2)))[0]
    assert sorted(discounted.returns.tolist()) == [-1, 0, 1 / 2, 1, 1, 3 / 2]


def test_the_mill_by_hand():
    running, mending = 0.7, 0.4  # π(run|working), π(repair|broken)
    theta = np.log([[running, 1 - running], [1 - mending, mending]])
    works = running - (1 - running)  # what the last day earns
    broken = -mending
    first = running * (1 + 0.9 * works + 0.1 * broken) + (1 - running) * (-1 + works)
    policy = SoftmaxPolicy(2, 2)
    assert abs(values.objective(mill(breaks=0.1), policy, theta) - first) < 1e-14
    assert abs(values.objective(mill(horizon=1), policy, theta) - works) < 1e-14


@pytest.mark.parametrize("point", [(0.0, 0.0), (-1.0, 0.5), (2.0, -0.3)])
def test_the_switches_by_hand(point):
    mdp, policy = two_switches(), two_switches_policy()
    first, second = 1 / (1 + np.exp(-np.array(point)))
    assert abs(values.objective(mdp, policy, point) - (3 * first * second + 2 * (1 - first) * (1 - second))) < 1e-14
    slope = [first * (1 - first) * (5 * second - 2), second * (1 - second) * (5 * first - 2)]
    assert np.abs(state_action_form.exact_gradient(mdp, policy, point) - slope).max() < 1e-14


def test_the_switches_have_a_saddle():
    saddle = np.full(2, np.log(2 / 3))

    def gradient(theta):
        return state_action_form.exact_gradient(two_switches(), two_switches_policy(), theta)

    assert np.abs(gradient(saddle)).max() < 1e-15
    for sign, end in ((1, 3), (-1, 2)):
        top = gradient_ascent(gradient, saddle + 0.05 * sign, 0.5, 1500)[-1]
        assert end - 0.01 < values.objective(two_switches(), two_switches_policy(), top) < end


@pytest.mark.parametrize("discount", [1.0, 0.8, 0.6])
def test_the_two_seasons_by_hand(discount):
    """Without preferences every action has probability 1/3: a slope is a third of the worth above the mean."""
    mdp, policy, theta = environments.two_seasons(discount), environments.two_seasons_policy(), np.zeros(2)

    def slope(rest, sow, mend):
        mean = Fraction(rest + sow + mend, 3)
        return [float((sow - mean) / 3), float((mend - mean) / 3)]

    gamma = Fraction(discount).limit_denominator(10)
    assert abs(values.objective(mdp, policy, theta) - discount * 4 / 3) < 1e-14
    gradient = state_action_form.exact_gradient(mdp, policy, theta)
    assert gradient == pytest.approx(slope(0, 3 * gamma, gamma), rel=1e-12)  # in all, sowing is worth 9 − 6 = 3
    update = moments.enumerated_moments(mdp, policy, theta, lambda batch: batch.returns_from_step).mean
    assert update == pytest.approx(slope(0, 9 * gamma - 6, 1), rel=1e-12)
    assert (9 * gamma - 6 < 1) == (gamma < Fraction(7, 9)) == (discount == 0.6)


def test_the_learner_of_the_two_seasons_ends_at_mending():
    """It earns 1 there, with the discount left out of account, and 4/3 where it began."""
    mdp, policy = environments.two_seasons(0.6), environments.two_seasons_policy()

    def update(theta):
        return moments.enumerated_moments(mdp, policy, theta, lambda batch: batch.returns_from_step).mean

    def gradient(theta):
        return state_action_form.exact_gradient(mdp, policy, theta)

    for direction, best in ((update, 2), (gradient, 1)):
        end = gradient_ascent(direction, np.zeros(2), 1.0, 400)[-1]
        assert policy.probabilities(end)[0, best] > 0.97


def test_the_fork_leads_to_two_rooms_that_look_alike():
    mdp, policy = fork(), fork_policy()
    assert mdp.terminal.tolist() == [False, False, False, True]
    pi = policy.probabilities(np.log([9.0, 3.0]))
    assert np.abs(pi[1] - pi[2]).max() == 0
    assert np.abs(pi[:2, 0] - [0.9, 0.75]).max() < 1e-12
    worth = {}
    for fork_at, room_at in ((50.0, 50.0), (50.0, -50.0), (-50.0, 50.0), (-50.0, -50.0)):
        worth[fork_at > 0, room_at > 0] = round(values.objective(mdp, policy, [fork_at, room_at]), 9)
    assert worth == {(True, True): 2, (True, False): 0, (False, True): 0, (False, False): 1}
