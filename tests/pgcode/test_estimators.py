import copy
import dataclasses
import pickle

import numpy as np
import pytest
from hypothesis import given
from strategies import problems

from pgcode import trajectory_form, values
from pgcode.environments import corridor_policy, random_mdp, short_corridor
from pgcode.estimators import (
    full_return,
    generalized_advantage,
    policy_gradient,
    reward_to_go,
    state_action_weights,
    trajectory_gradients,
)
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import Trajectories, enumerate_trajectories, sample_trajectories

WEIGHTS = [full_return, reward_to_go]


def some_values(mdp):
    """Any state values, 0 where they must be."""
    v = np.random.default_rng(mdp.n_states).standard_normal((mdp.horizon + 1, mdp.n_states))
    v[-1], v[:, mdp.terminal] = 0, 0
    return v


UNBIASED = {
    "full return": lambda problem, batch: full_return(batch),
    "full return, constant": lambda problem, batch: full_return(batch, 3.0),
    "full return, state baseline": lambda problem, batch: full_return(batch, some_values(problem[0])[0]),
    "full return, timed baseline": lambda problem, batch: full_return(batch, some_values(problem[0])[:-1]),
    "reward-to-go": lambda problem, batch: reward_to_go(batch),
    "reward-to-go, state baseline": lambda problem, batch: reward_to_go(batch, some_values(problem[0])[0]),
    "reward-to-go, timed baseline": lambda problem, batch: reward_to_go(batch, some_values(problem[0])[:-1]),
    "Q": lambda problem, batch: state_action_weights(batch, values.action_values(*problem)),
    "advantage": lambda problem, batch: state_action_weights(batch, values.advantages(*problem)),
    "GAE, exact values": lambda problem, batch: generalized_advantage(batch, values.state_values(*problem), 0.6),
    "GAE, any values, λ = 1": lambda problem, batch: generalized_advantage(batch, some_values(problem[0]), 1.0),
}


def exact_mean(problem, weights):
    """E[g] by enumeration."""
    trajectories, probabilities = enumerate_trajectories(*problem)
    _, policy, theta = problem
    gradients = trajectory_gradients(trajectories, policy, theta, weights(problem, trajectories))
    return np.tensordot(probabilities, gradients, axes=1)


@pytest.mark.parametrize("weights", UNBIASED.values(), ids=UNBIASED)
@given(problem=problems())
def test_its_exact_mean_is_the_gradient(weights, problem):
    exact = trajectory_form.enumerated_gradient(*problem)
    assert np.abs(exact_mean(problem, weights) - exact).max() < 1e-10 * max(1, np.abs(exact).max())


def test_wrong_values_bias_a_generalized_advantage():
    rng = np.random.default_rng(0)
    mdp = random_mdp(rng)
    problem = mdp, SoftmaxPolicy(3, 2), rng.standard_normal((3, 2))
    exact = trajectory_form.enumerated_gradient(*problem)
    bias = [
        np.linalg.norm(exact_mean(problem, lambda p, b, at=at: generalized_advantage(b, some_values(mdp), at)) - exact)
        for at in (0.0, 0.5, 0.9, 1.0)
    ]
    assert bias[0] > bias[1] > bias[2] > 0.01
    assert bias[3] < 1e-12


def test_the_weights_by_hand():
    batch = Trajectories([[0, 1, 0]], [[0, 1]], [[1.0, 2.0]], discount=0.5)
    v = [4.0, 8.0]
    assert full_return(batch, v).tolist() == [[-2.0, -6.0]]
    assert reward_to_go(batch, v).tolist() == [[-2.0, 0.5 * (2 - 8)]]
    assert reward_to_go(batch, [v, [0.0, 1.0]]).tolist() == [[-2.0, 0.5]]
    assert state_action_weights(batch, [[1.0, 2.0], [3.0, 5.0]]).tolist() == [[1.0, 2.5]]
    # It was cut: δ_0 = 1 + 0.5·8 − 4 = 1, δ_1 = 2 + 0.5·4 − 8 = −4
    was_cut = Trajectories(batch.states, batch.actions, batch.rewards, 0.5, cut=[True])
    assert generalized_advantage(was_cut, v, 0.0).tolist() == [[1.0, -2.0]]
    assert generalized_advantage(was_cut, v, 0.5).tolist() == [[0.0, -2.0]]
    assert generalized_advantage(was_cut, v, 1.0).tolist() == [[-1.0, -2.0]]
    # It ended: δ_1 = 2 − 8 = −6
    assert generalized_advantage(batch, v, 0.5).tolist() == [[-0.5, -3.0]]


def test_at_lambda_one_the_temporal_differences_telescope():
    """Σ_k γᵏ δ_{t+k} = G_t − V_t(s_t), and after a cut γ^{T−t} V_T(s_T) more, also for a V that is not 0 at the end."""
    rng = np.random.default_rng(0)
    batch = sample_trajectories(random_mdp(rng), SoftmaxPolicy(3, 2), np.zeros((3, 2)), 50, rng)
    v = rng.standard_normal((5, 3))
    assert np.abs(generalized_advantage(batch, v, 1.0) - reward_to_go(batch, v[:-1])).max() < 1e-14
    was_cut = dataclasses.replace(batch, cut=np.ones(50, bool))
    end = batch.discount**4 * v[4][batch.states[:, -1:]]
    assert np.abs(generalized_advantage(was_cut, v, 1.0) - reward_to_go(was_cut, v[:-1]) - end).max() < 1e-14
    assert np.abs(generalized_advantage(was_cut, v, 1.0) - reward_to_go(was_cut, v[:-1], bootstrap=v)).max() < 1e-14


def test_weights_leave_the_trajectories_and_tables_alone():
    batch = Trajectories([[0, 1, 0]], [[0, 1]], [[1.0, 2.0]], discount=0.5)
    v = np.array([4.0, 8.0])
    for _ in range(2):
        assert reward_to_go(batch, v).tolist() == [[-2.0, -3.0]]
        assert generalized_advantage(batch, v, 0.5).tolist() == [[-0.5, -3.0]]
    assert v.tolist() == [4.0, 8.0]


def test_the_two_weights_differ_on_single_trajectories():
    batch = Trajectories([[0, 0, 0]], [[0, 1]], [[1.0, 2.0]], discount=0.5)
    assert full_return(batch).tolist() == [[2.0, 2.0]]
    assert reward_to_go(batch).tolist() == [[2.0, 1.0]]


@pytest.mark.parametrize("weights", WEIGHTS)
def test_mean_and_covariance_are_those_of_the_single_gradients(weights):
    rng = np.random.default_rng(0)
    mdp, policy = random_mdp(rng, horizon=5), SoftmaxPolicy(3, 2)
    theta = rng.standard_normal((3, 2))
    batch = sample_trajectories(mdp, policy, theta, 50_000, rng)  # more than one block
    estimate = policy_gradient(batch, policy, theta, weights(batch), covariance=True)
    single = trajectory_gradients(batch, policy, theta, weights(batch)).reshape(50_000, -1)
    covariance = np.cov(single.T)
    assert np.abs(estimate.mean.ravel() - single.mean(axis=0)).max() < 1e-12
    assert np.abs(estimate.covariance - covariance).max() < 1e-10
    assert np.abs(estimate.standard_error.ravel() - np.sqrt(np.diag(covariance) / 50_000)).max() < 1e-12
    assert estimate.n_trajectories == 50_000


@pytest.mark.parametrize("weights", WEIGHTS)
def test_one_trajectory_by_hand(weights):
    policy, theta = SoftmaxPolicy(2, 2), np.array([[0.3, -0.2], [0.0, 1.0]])
    batch = Trajectories([[0, 1, 0]], [[1, 0]], [[2.0, 3.0]], discount=0.5)
    w, score = weights(batch)[0], policy.score(theta)
    by_hand = score[0, 1] * w[0] + score[1, 0] * w[1]
    estimate = policy_gradient(batch, policy, theta, weights(batch))
    assert np.abs(estimate.mean - by_hand).max() < 1e-15
    with pytest.raises(ValueError, match="at least 2 trajectories"):
        _ = estimate.standard_error
    with pytest.raises(ValueError, match="at least 2 trajectories"):
        _ = estimate.covariance


def test_terminal_states_have_no_score():
    mdp, policy, theta = short_corridor(horizon=30), corridor_policy(), np.array([0.0, 0.5])
    batch = sample_trajectories(mdp, policy, theta, 500, np.random.default_rng(0))
    cut = np.where(batch.active, full_return(batch), 0)
    assert not batch.active.all()
    mean = policy_gradient(batch, policy, theta, full_return(batch)).mean
    assert np.abs(mean - policy_gradient(batch, policy, theta, cut).mean).max() < 1e-12
    without_end = Trajectories(batch.states, batch.actions, batch.rewards, batch.discount)
    assert np.abs(mean - policy_gradient(without_end, policy, theta, full_return(batch)).mean).max() > 0.1


@pytest.mark.parametrize("order", ["C", "F"])
def test_the_layout_in_memory_does_not_matter(order):
    rng = np.random.default_rng(0)
    mdp, policy, theta = random_mdp(rng), SoftmaxPolicy(3, 2), rng.standard_normal((3, 2))
    drawn = sample_trajectories(mdp, policy, theta, 1000, rng)
    copy = Trajectories(
        *(np.array(a, order=order) for a in (drawn.states, drawn.actions, drawn.rewards)), mdp.discount, mdp.terminal
    )
    for weights in WEIGHTS:
        mean = policy_gradient(drawn, policy, theta, weights(drawn)).mean
        assert np.abs(policy_gradient(copy, policy, theta, weights(copy)).mean - mean).max() < 1e-14


def ragged_batch(seed, m=6, horizon=7):
    """Random episodes, ended or cut, and V of a critic."""
    rng = np.random.default_rng(seed)
    lengths, cut = rng.integers(1, horizon + 1, m), rng.random(m) < 0.5
    states, actions = rng.integers(0, 4, (m, horizon + 1)), rng.integers(0, 2, (m, horizon))
    batch = Trajectories(states, actions, rng.standard_normal((m, horizon)), 0.9, lengths=lengths, cut=cut)
    return batch, rng.standard_normal(4)


def without_discount(batch, weights):
    return weights / batch.discount ** np.arange(batch.horizon)


def by_masks(rewards, values, last_value, starts, terminated_at_end, gamma, lam):
    """The form of Stable-Baselines3's rollout buffer: one long row of steps, `starts` says where episodes begin.

    A time limit's bootstrap γV(s_L) has been added to its last reward, as its collector does. After that an
    episode's end masks the next value, and the last step of the row looks at `last_value`.
    """
    n, last = len(rewards), 0.0
    advantages = np.zeros(n)
    for t in reversed(range(n)):
        goes_on = 1.0 - (terminated_at_end if t == n - 1 else starts[t + 1])
        next_value = last_value if t == n - 1 else values[t + 1]
        last = rewards[t] + gamma * next_value * goes_on - values[t] + gamma * lam * goes_on * last
        advantages[t] = last
    return advantages


def by_discounts(rewards, discounts, values, lam):
    """The form of rlax: γ of each step, 0 where the episode ends, and V of all states, the last one too."""
    last, advantages = 0.0, []
    for r, d, v, after in zip(rewards[::-1], discounts[::-1], values[:-1][::-1], values[1:][::-1], strict=True):
        last = r + d * after - v + d * lam * last
        advantages.append(last)
    return np.array(advantages[::-1])


def by_ends(values, next_values, rewards, ends, value_masks, gamma, lam):
    """The form of tianshou: V after each step is masked where it terminated, the sum stops where an episode stops."""
    delta = rewards + gamma * next_values * value_masks - values
    last, advantages = 0.0, np.zeros(len(rewards))
    for t in reversed(range(len(rewards))):
        last = delta[t] + gamma * lam * (1.0 - ends[t]) * last
        advantages[t] = last
    return advantages


@pytest.mark.parametrize("lam", [0.0, 0.5, 0.95, 1.0])
@pytest.mark.parametrize("seed", range(5))
def test_generalized_advantage_is_that_of_the_libraries(seed, lam):
    batch, v = ragged_batch(seed)
    gamma, ours = batch.discount, without_discount(batch, generalized_advantage(batch, v, lam))
    assert (ours[~batch.active] == 0).all()
    mine = ours[batch.active]
    of = v[batch.states]
    before, after = of[:, :-1][batch.active], of[:, 1:][batch.active]
    starts = (np.arange(batch.horizon) == 0) & batch.active
    ends = np.arange(batch.horizon) == batch.lengths[:, None] - 1
    terminated = (ends & ~batch.cut[:, None])[batch.active]
    rewards = batch.rewards[batch.active]

    stops = ends[batch.active].astype(float)
    assert np.allclose(mine, by_ends(before, after, rewards, stops, ~terminated, gamma, lam), rtol=0, atol=1e-13)

    timed_out = stops - terminated
    flat = rewards + gamma * after * timed_out
    masked = by_masks(flat, before, 0.0, starts[batch.active].astype(float), 1.0, gamma, lam)
    assert np.allclose(mine, masked, rtol=0, atol=1e-13)

    for i, length in enumerate(batch.lengths):
        discounts = np.full(length, gamma)
        discounts[-1] = gamma if batch.cut[i] else 0.0
        one = by_discounts(batch.rewards[i, :length], discounts, of[i, : length + 1], lam)
        assert np.allclose(ours[i, :length], one, rtol=0, atol=1e-13)


def test_a_cut_after_two_of_four_steps():
    rewards = [[1.0, 1.0, 9.0, 9.0]]
    batch = Trajectories([[0] * 5], [[0] * 4], rewards, 0.9, lengths=[2], cut=[True])
    advantages = without_discount(batch, generalized_advantage(batch, [2.0], 0.5))
    assert np.allclose(advantages, [[1.16, 0.8, 0, 0]], rtol=0, atol=1e-15)


def test_bootstraps_stand_for_what_was_cut_off():
    batch, v = ragged_batch(3)
    gamma, end = batch.discount, v[batch.last_states] * batch.cut
    whole = batch.returns + gamma**batch.lengths * end
    assert np.allclose(full_return(batch, bootstrap=v), whole[:, None], rtol=0, atol=1e-14)
    to_go = reward_to_go(batch, bootstrap=v)
    assert np.allclose(to_go[:, 0], whole, rtol=0, atol=1e-14)
    advantage = reward_to_go(batch, v, bootstrap=v)[batch.active]
    assert np.allclose(advantage, generalized_advantage(batch, v, 1.0)[batch.active], rtol=0, atol=1e-14)
    ended = dataclasses.replace(batch, cut=None)
    assert (reward_to_go(ended, bootstrap=v) == reward_to_go(batch)).all()


def test_a_baseline_for_each_time_and_one_for_each_state():
    batch = Trajectories([[0, 1, 1]], [[0, 1]], [[1.0, 2.0]], 1.0, np.zeros(2, bool))
    assert reward_to_go(batch, [10.0, 20.0]).tolist() == [[-7.0, -18.0]]  # T = S: an axis is that of the states
    assert reward_to_go(batch, [[10.0, 20.0]]).tolist() == [[-7.0, -18.0]]
    assert reward_to_go(batch, [[10.0], [20.0]]).tolist() == [[-7.0, -18.0]]
    turned = Trajectories([[1, 0, 1]], [[0, 1]], [[1.0, 2.0]], 1.0, np.zeros(2, bool))
    assert reward_to_go(turned, [10.0, 20.0]).tolist() == [[-17.0, -8.0]]
    assert reward_to_go(turned, [[10.0], [20.0]]).tolist() == [[-7.0, -18.0]]
    assert full_return(turned, [[10.0], [20.0]]).tolist() == [[-7.0, -17.0]]


def test_an_estimate_holds_its_numbers():
    rng = np.random.default_rng(0)
    mdp, policy, theta = random_mdp(rng), SoftmaxPolicy(3, 2), np.zeros((3, 2))
    batch = sample_trajectories(mdp, policy, theta, 100, rng)
    weights = np.array(full_return(batch))
    estimate = policy_gradient(batch, policy, theta, weights, covariance=True)
    kept = [np.array(x) for x in (estimate.mean, estimate.standard_error, estimate.covariance)]
    weights[...] = 7
    for again in (estimate, copy.copy(estimate), copy.deepcopy(estimate), pickle.loads(pickle.dumps(estimate))):
        for array, before in zip((again.mean, again.standard_error, again.covariance), kept, strict=True):
            assert np.array_equal(array, before)
            assert not array.flags.writeable
        assert again.n_trajectories == 100
    plain = policy_gradient(batch, policy, theta, full_return(batch), standard_error=False)
    assert np.array_equal(plain.mean, kept[0])
    with pytest.raises(ValueError, match="the standard_error was not computed: pass standard_error=True"):
        _ = plain.standard_error
    with pytest.raises(ValueError, match="the covariance was not computed: pass covariance=True"):
        _ = plain.covariance


@pytest.mark.parametrize("size", [1e-300, 1e-200, 1e-120, 1e120, 1e200, 1e300])
def test_rewards_of_any_size(size):
    """Mean and standard error are linear in the rewards, also where their squares are no floats."""
    rng = np.random.default_rng(0)
    mdp, policy, theta = random_mdp(rng), SoftmaxPolicy(3, 2), rng.standard_normal((3, 2))
    plain = sample_trajectories(mdp, policy, theta, 300, rng)
    scaled = dataclasses.replace(plain, rewards=plain.rewards * size)
    one, other = (policy_gradient(batch, policy, theta, reward_to_go(batch)) for batch in (plain, scaled))
    assert np.allclose(other.mean / size, one.mean, rtol=1e-12, atol=0)
    assert np.allclose(other.standard_error / size, one.standard_error, rtol=1e-12, atol=0)
    alone = policy_gradient(scaled, policy, theta, reward_to_go(scaled), standard_error=False)
    assert np.allclose(alone.mean, other.mean, rtol=1e-14, atol=0)
    single = trajectory_gradients(scaled, policy, theta, reward_to_go(scaled))
    assert np.allclose(single.mean(axis=0) / size, one.mean, rtol=1e-10, atol=0)
