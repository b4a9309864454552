import copy
import dataclasses
import pickle
import threading

import numpy as np
import pytest

from pgcode import trajectory_form, values
from pgcode.baselines import reward_to_go_variance
from pgcode.environments import corridor_policy, corridor_state_values, random_mdp, short_corridor
from pgcode.estimators import importance_ratios, log_importance_ratios, policy_gradient, reward_to_go
from pgcode.learning import gradient_ascent, reinforce
from pgcode.mdp import TabularMDP
from pgcode.policies import DirectPolicy, SoftmaxPolicy, TabularPolicy
from pgcode.state_action_form import exact_gradient
from pgcode.trajectories import Trajectories, enumerate_trajectories


def test_ascent_on_j_is_descent_on_minus_j():
    mdp, policy = short_corridor(horizon=6), corridor_policy()
    up = gradient_ascent(lambda at: trajectory_form.enumerated_gradient(mdp, policy, at), [-1.0, 0.0], 0.1, 20)
    down = [np.array([-1.0, 0.0])]
    for _ in range(20):
        down.append(down[-1] - 0.1 * -trajectory_form.enumerated_gradient(mdp, policy, down[-1]))
    assert (up == np.array(down)).all()
    objectives = [trajectory_form.enumerated_objective(mdp, policy, at) for at in up]
    assert (np.diff(objectives) > 0).all()


def test_the_mean_of_one_reinforce_step_is_the_gradient():
    mdp = random_mdp(np.random.default_rng(0))
    policy, theta = SoftmaxPolicy(3, 2), np.random.default_rng(1).standard_normal((3, 2))
    curve = reinforce(mdp, policy, theta, 1.0, 1, 200_000, np.random.default_rng(2))
    steps = curve.theta[:, 1] - curve.theta[:, 0]
    exact = trajectory_form.enumerated_gradient(mdp, policy, theta)
    z = (steps.mean(axis=0) - exact) / (steps.std(axis=0) / np.sqrt(len(steps)))
    assert np.abs(z).max() < 4


@pytest.mark.parametrize("forbids", [False, True])
def test_where_many_next_states_are_possible_it_is_the_gradient_too(forbids):
    """Twelve next states of each step, so that they are drawn through a guide table, and actions that are forbidden."""
    mdp, theta = random_mdp(np.random.default_rng(0), n_states=12), np.random.default_rng(1).standard_normal((12, 2))
    if forbids:
        allowed = np.ones((12, 2), dtype=bool)
        allowed[[0, 5, 11], [0, 1, 1]] = False
        mdp = dataclasses.replace(mdp, allowed=allowed)
    policy = SoftmaxPolicy.for_mdp(mdp)
    curve = reinforce(mdp, policy, theta, 1.0, 1, 100_000, np.random.default_rng(2))
    steps = curve.theta[:, 1] - curve.theta[:, 0]
    exact = exact_gradient(mdp, policy, theta)
    z = (steps.mean(axis=0) - exact) / (steps.std(axis=0) / np.sqrt(len(steps)) + 1e-12)
    assert np.abs(z).max() < 4.5
    returns = curve.returns.ravel()
    assert abs(returns.mean() - values.objective(mdp, policy, theta)) < 4 * returns.std() / np.sqrt(returns.size)


def test_a_step_is_the_estimator_of_its_own_trajectory():
    """On a process without chance after the start, the step must be one of the listed gradients."""
    mdp, policy, theta = short_corridor(horizon=4, discount=0.5), corridor_policy(), np.array([0.0, 0.3])
    curve = reinforce(mdp, policy, theta, 1.0, 1, 300, np.random.default_rng(0))
    listed, _ = enumerate_trajectories(mdp, policy, theta)
    every = np.array(
        [
            policy_gradient(one, policy, theta, reward_to_go(one)).mean
            for one in (
                Trajectories(
                    listed.states[[i]], listed.actions[[i]], listed.rewards[[i]], listed.discount, listed.terminal
                )
                for i in range(len(listed))
            )
        ]
    )
    steps = curve.theta[:, 1] - theta
    distance = np.abs(steps[:, None] - every[None]).max(axis=2)
    assert distance.min(axis=1).max() < 1e-12
    assert np.abs(curve.returns[:, 0] - listed.returns[distance.argmin(axis=1)]).max() < 1e-12


def test_without_learning_the_returns_have_the_closed_form_as_mean():
    p = 0.6
    theta = np.array([0.0, np.log(p / (1 - p))])
    curve = reinforce(short_corridor(), corridor_policy(), theta, 0.0, 100, 200, np.random.default_rng(0))
    returns = curve.returns.ravel()
    error = returns.std() / np.sqrt(returns.size)
    assert abs(returns.mean() - corridor_state_values(p)[0]) < 4 * error
    assert (curve.theta == theta).all()


@pytest.mark.parametrize("gradient", [lambda at: 1.0, lambda at: np.ones(3)])
def test_a_gradient_of_another_shape_is_told(gradient):
    with pytest.raises(ValueError, match="gradient has shape"):
        gradient_ascent(gradient, np.zeros((2, 2)), 0.1, 3)


def test_each_run_has_its_own_step_size():
    curve = reinforce(short_corridor(), corridor_policy(), np.zeros(2), [0.0, 0.01], 5, 2, np.random.default_rng(0))
    assert (curve.theta[0] == 0).all()
    assert (curve.theta[1, -1] != 0).all()


def test_an_episode_without_end_is_told():
    endless = dataclasses.replace(random_mdp(np.random.default_rng(0)), horizon=None)
    with pytest.raises(ValueError, match="3 of 3 episodes did not end within max_steps = 50"):
        reinforce(endless, SoftmaxPolicy(3, 2), np.zeros((3, 2)), 0.1, 2, 3, np.random.default_rng(0), max_steps=50)


@pytest.mark.parametrize("horizon", [None, 3])
@pytest.mark.parametrize(("most", "error"), [(None, TypeError), (1.5, TypeError), (True, TypeError), (-1, ValueError)])
def test_a_limit_that_is_none_is_refused_with_a_horizon_too(horizon, most, error):
    mdp = dataclasses.replace(random_mdp(np.random.default_rng(0)), horizon=horizon)
    with pytest.raises(error, match="max_steps is"):
        reinforce(mdp, SoftmaxPolicy(3, 2), np.zeros((3, 2)), 0.1, 2, 3, np.random.default_rng(0), max_steps=most)


def test_a_step_size_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match="step_size is True"):
        reinforce(short_corridor(), corridor_policy(), np.zeros(2), True, 2, 2, np.random.default_rng(0))


BASELINES = {
    "none": None,
    "number": lambda theta: 3.0,
    "of the state": lambda theta: theta.sum(axis=1) + 1,
    "of state and time": lambda theta: np.arange(12.0).reshape(4, 3),
}


@pytest.mark.parametrize("name", BASELINES)
def test_a_batch_has_the_mean_and_the_variance_of_its_baseline(name):
    mdp, policy = random_mdp(np.random.default_rng(0)), SoftmaxPolicy(3, 2)
    theta, m, n = np.random.default_rng(1).standard_normal((3, 2)), 3, 20_000
    curve = reinforce(mdp, policy, theta, 1.0, m, n, np.random.default_rng(2), batch_size=m, baseline=BASELINES[name])
    g = curve.theta[:, 1] - curve.theta[:, 0]
    error = g.std(axis=0) / np.sqrt(n)
    assert (np.abs(g.mean(axis=0) - trajectory_form.enumerated_gradient(mdp, policy, theta)) < 4 * error).all()
    b = 0 if BASELINES[name] is None else BASELINES[name](theta)
    squares = ((g - g.mean(axis=0)) ** 2).sum(axis=(1, 2))
    exact = reward_to_go_variance(mdp, policy, theta)(b).sum() / m
    assert abs(squares.mean() - exact) < 4.5 * squares.std() / np.sqrt(n)


def test_to_leave_one_out_is_to_compare_with_the_others():
    """The corridor's episodes end at different times; afterwards they are paid 0."""
    mdp, policy, theta = short_corridor(horizon=4, discount=0.5), corridor_policy(), np.array([0.0, 0.3])
    curve = reinforce(mdp, policy, theta, 1.0, 2, 200, np.random.default_rng(0), batch_size=2, baseline="leave one out")
    walks, _ = enumerate_trajectories(mdp, policy, theta)
    score = np.where(walks.active[..., None], policy.score(theta)[walks.states[:, :-1], walks.actions], 0)
    paid = reward_to_go(walks)
    less = paid[:, None] - paid[None]  # of each walk, less another
    one = np.einsum("itk,ijt->ijk", score, less)
    every = (one + one.transpose(1, 0, 2)) / 2
    steps = curve.theta[:, 1] - theta
    distance = np.abs(steps[:, None, None] - every[None]).max(axis=3)
    assert distance.min(axis=(1, 2)).max() < 1e-12
    assert (steps != 0).any()


@pytest.mark.parametrize("baseline", [None, "leave one out", lambda theta: 2.0])
def test_a_batch_of_one_path_is_kept(baseline):
    mdp = random_mdp(np.random.default_rng(0))
    problem = mdp, SoftmaxPolicy(3, 2), np.zeros((3, 2)), 0.1, 12, 2
    curve = reinforce(*problem, np.random.default_rng(1), batch_size=4, baseline=baseline)
    assert curve.theta.shape == (2, 4, 3, 2)
    assert curve.returns.shape == (2, 12)
    assert curve.batch_size == 4


def test_a_baseline_may_write_into_what_it_is_given():
    def greedy(theta):
        v = values.state_values(mdp, policy, theta)[:-1].copy()
        theta[...] = 100
        return v

    mdp, policy = random_mdp(np.random.default_rng(0)), SoftmaxPolicy(3, 2)
    theirs, mine = (
        reinforce(mdp, policy, np.zeros((3, 2)), 0.1, 6, 2, np.random.default_rng(1), batch_size=2, baseline=baseline)
        for baseline in (greedy, lambda theta: values.state_values(mdp, policy, theta)[:-1])
    )
    assert np.array_equal(theirs.theta, mine.theta)


def test_importance_ratios_repair_stale_trajectories():
    """Exactly: under the old probabilities, the weighted mean is the gradient at the new parameters."""
    rng = np.random.default_rng(0)
    mdp, policy = random_mdp(rng, horizon=3), SoftmaxPolicy(3, 2)
    old, new = rng.standard_normal((2, 3, 2))
    listed, p_old = enumerate_trajectories(mdp, policy, old)
    _, p_new = enumerate_trajectories(mdp, policy, new)
    ratios = importance_ratios(listed, policy, new, old)
    assert np.abs(ratios * p_old - p_new).max() < 1e-14


def test_importance_ratios_do_not_look_beyond_the_end():
    """With parameters of its own in the end state, where nothing is decided."""
    rng = np.random.default_rng(0)
    mdp, policy = short_corridor(horizon=6), SoftmaxPolicy(4, 2)
    old, new = rng.standard_normal((2, 4, 2))
    old[3] = 1e4, -1e4
    listed, p_old = enumerate_trajectories(mdp, policy, old)
    _, p_new = enumerate_trajectories(mdp, policy, new)
    assert np.abs(importance_ratios(listed, policy, new, old) * p_old - p_new).max() < 1e-14


def test_importance_ratios_of_long_trajectories_do_not_overflow():
    """Four hundred ratios of 10 and as many of 0.1 make 1."""
    steps = 800
    batch = Trajectories(np.zeros((1, steps + 1), int), np.arange(steps)[None] % 2, np.zeros((1, steps)), 1.0)
    policy = SoftmaxPolicy(1, 3)
    old = np.log([[0.05, 0.5, 0.45]])
    new = np.log([[0.5, 0.05, 0.45]])
    assert importance_ratios(batch, policy, new, old)[0] == pytest.approx(1, rel=1e-10)
    half = Trajectories(batch.states[:, :401], np.zeros((1, 400), int), np.zeros((1, 400)), 1.0)
    assert log_importance_ratios(half, policy, new, old)[0] == pytest.approx(400 * np.log(10), rel=1e-12)
    with pytest.raises(ValueError, match=r"the ratio of trajectory 0 is exp\(921\.034\), .*log_importance_ratios"):
        importance_ratios(half, policy, new, old)
    with pytest.raises(ValueError, match=r"the ratio of trajectory 0 is exp\(-921\.034\)"):
        importance_ratios(half, policy, old, new)


def test_importance_ratios_need_a_behaviour_that_could_act_so():
    policy = DirectPolicy(2, 2)
    batch = Trajectories([[0, 1]], [[0]], [[1.0]], 1.0, np.array([False, True]))
    never = np.array([[0.0], [0.5]])
    with pytest.raises(ValueError, match="behaviour_theta gives an action that was taken the probability 0"):
        importance_ratios(batch, policy, np.full((2, 1), 0.5), never)


def test_a_callback_may_write_into_what_it_is_given():
    def greedy(theta):
        gradient = -theta.copy()
        theta[...] = 100
        return gradient

    path = gradient_ascent(greedy, [1.0, 2.0], 0.5, 3)
    assert path.tolist() == [[1.0, 2.0], [0.5, 1.0], [0.25, 0.5], [0.125, 0.25]]


def test_a_learning_curve_stays():
    curve = reinforce(short_corridor(), corridor_policy(), np.zeros(2), 0.01, 3, 2, np.random.default_rng(0))
    for again in (curve, copy.copy(curve), copy.deepcopy(curve), pickle.loads(pickle.dumps(curve))):
        assert np.array_equal(again.theta, curve.theta)
        assert not again.theta.flags.writeable
        assert not again.returns.flags.writeable


def test_a_progress_bar_starts_no_thread(capsys):
    before = threading.active_count()
    problem = short_corridor(), corridor_policy(), np.zeros(2), 0.01, 3, 2
    shown = reinforce(*problem, np.random.default_rng(0), progress=True)
    assert threading.active_count() == before
    assert "episodes" in capsys.readouterr().err
    assert np.array_equal(shown.theta, reinforce(*problem, np.random.default_rng(0)).theta)


class RealSoftmax(TabularPolicy):
    """A softmax that cannot take complex θ, as a network cannot."""

    complex_theta = False

    def __init__(self):
        super().__init__(3, 2, (3, 2))

    def probabilities(self, theta):
        weights = np.exp(np.asarray(theta, dtype=float))
        return weights / weights.sum(axis=1, keepdims=True)

    def score(self, theta):
        return SoftmaxPolicy(3, 2).score(theta)


class OwnSoftmax(TabularPolicy):
    def __init__(self):
        super().__init__(3, 2, (3, 2))

    def log_probabilities(self, theta):
        return theta - np.log(np.exp(theta).sum(axis=1, keepdims=True))


@pytest.mark.parametrize("own", [RealSoftmax(), OwnSoftmax()])
def test_a_policy_of_ones_own_learns_the_same(own):
    mdp, theta = random_mdp(np.random.default_rng(0)), np.zeros((3, 2))
    mine, theirs = (
        reinforce(mdp, policy, theta, 0.1, 20, 3, np.random.default_rng(1)) for policy in (own, SoftmaxPolicy(3, 2))
    )
    assert np.allclose(mine.theta, theirs.theta, rtol=0, atol=1e-12)
    assert np.allclose(mine.returns, theirs.returns, rtol=0, atol=1e-12)


def test_forbidden_actions_are_never_taken():
    rng = np.random.default_rng(0)
    mdp = random_mdp(rng, n_actions=3)
    allowed = np.array([[True, False, True], [True, True, False], [False, True, False]])
    reward = np.where(allowed[:, :, None], mdp.reward, -np.inf)
    mdp = TabularMDP(mdp.transition, reward, mdp.initial, mdp.discount, mdp.horizon, allowed)
    policy = SoftmaxPolicy(3, 3, allowed=allowed)
    curve = reinforce(mdp, policy, np.zeros((3, 3)), 0.5, 200, 20, rng)
    learned = policy.probabilities(curve.theta[:, -1])
    assert (learned[:, ~allowed] == 0).all()
    assert curve.returns[:, -50:].mean() > curve.returns[:, :50].mean()
    with pytest.raises(ValueError, match=r"the probability .*, but mdp\.allowed forbids it"):
        reinforce(mdp, SoftmaxPolicy(3, 3), np.zeros((3, 3)), 0.5, 2, 2, rng)
