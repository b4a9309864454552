"""Learners on tables: critics, updates at every step, natural ascent, interruptions, and going on."""

import dataclasses
import pickle
import tracemalloc

import numpy as np
import pytest

from pgcode import values
from pgcode.environments import corridor_policy, gridworld, random_mdp, short_corridor, two_armed_bandit
from pgcode.learning import Adam, Critic, actor_critic, natural_ascent, natural_gradient, reinforce, stepwise_reinforce
from pgcode.policies import LinearSoftmaxPolicy, SoftmaxPolicy
from pgcode.state_action_form import exact_gradient
from pgcode.trajectories import enumerate_trajectories

CORRIDOR, POLICY, THETA = short_corridor(horizon=4, discount=0.5), corridor_policy(), np.array([0.0, 0.3])
W = np.array([-1.0, 0.5, 2.0, 9.0])  # the last is of the end, and counts for nothing


def advantages_of(mdp, walks, w, decay):
    """Â by its double sum, walk by walk."""
    v = np.where(mdp.terminal, 0, w)
    found = np.zeros(walks.rewards.shape)
    for i, length in enumerate(walks.lengths):
        s = walks.states[i]
        beyond = [v[s[t + 1]] if t + 1 < mdp.horizon else 0.0 for t in range(length)]
        delta = [walks.rewards[i, t] + mdp.discount * beyond[t] - v[s[t]] for t in range(length)]
        for t in range(length):
            found[i, t] = sum((mdp.discount * decay) ** (k - t) * delta[k] for k in range(t, length))
    return found


@pytest.mark.parametrize("decay", [0.0, 0.6, 1.0])
def test_a_step_with_a_critic_is_that_of_its_own_trajectory(decay):
    critic = Critic(0.1, trace_decay=decay, start=W)
    curve = reinforce(CORRIDOR, POLICY, THETA, 1.0, 1, 300, np.random.default_rng(0), baseline=critic)
    walks, _ = enumerate_trajectories(CORRIDOR, POLICY, THETA)
    weights = advantages_of(CORRIDOR, walks, W, decay) * 0.5 ** np.arange(4)
    score = POLICY.score(THETA)[walks.states[:, :-1], walks.actions]
    every = np.einsum("it,itk->ik", weights, score)
    steps = curve.theta[:, 1] - THETA
    distance = np.abs(steps[:, None] - every[None]).max(axis=2)
    assert distance.min(axis=1).max() < 1e-12
    # and the critic moves by β times the mean of Â over the decisions, in the states where they were taken
    plain = advantages_of(CORRIDOR, walks, W, decay)
    moves = np.zeros((len(walks), 4))
    for i, length in enumerate(walks.lengths):
        np.add.at(moves[i], walks.states[i, :length], 0.1 * plain[i, :length] / length)
    near = np.abs(curve.critic[:, 1, None] - W - moves[None]).max(axis=2)
    assert near.min(axis=1).max() < 1e-12
    assert (np.abs(moves).max(axis=1) > 0).all()


def test_a_baseline_that_is_learnt_leaves_the_mean_alone():
    mdp, policy = random_mdp(np.random.default_rng(0)), SoftmaxPolicy(3, 2)
    theta, n = np.random.default_rng(1).standard_normal((3, 2)), 100_000
    critic = Critic(0.1, start=[5.0, -3.0, 2.0])
    curve = reinforce(mdp, policy, theta, 1.0, 1, n, np.random.default_rng(2), baseline=critic)
    steps = curve.theta[:, 1] - theta
    z = (steps.mean(axis=0) - exact_gradient(mdp, policy, theta)) / (steps.std(axis=0) / np.sqrt(n))
    assert np.abs(z).max() < 4


def test_a_critic_learns_v():
    ending = gridworld(("SG",), step_reward=-0.1, discount=0.9)
    policy = SoftmaxPolicy.for_mdp(ending)
    theta = np.array([[0.0, 0.0, 1.0, 0.0]] * 2)
    v = values.state_values(ending, policy, theta)
    problem = ending, policy, theta, 0.0, 400, 50
    for learner, options in (
        (actor_critic, {"critic": Critic(0.02, trace_decay=0.5)}),
        (stepwise_reinforce, {"critic": Critic(0.01)}),  # within an episode the last visit counts most, by O(β)
        (reinforce, {"baseline": Critic(0.05), "batch_size": 5}),
    ):
        learnt = learner(*problem, np.random.default_rng(0), **options).critic[:, -1].mean(axis=0)
        assert np.abs(learnt - np.where(ending.terminal, 0, v)).max() < 0.05
    assert abs(v[0]) > 0.4


# ---- updates at every step, beside a textbook's loop that is fed the same uniform numbers --------------------------


def softmax_row(theta, state):
    weights = np.exp(theta[state] - theta[state].max())
    return weights / weights.sum()


def drawn(probabilities, u):
    return int((u >= np.cumsum(probabilities)[:-1]).sum())


def score_of(theta, state, action):
    score = np.zeros_like(theta)
    score[state] = -softmax_row(theta, state)
    score[state, action] += 1
    return score


def plain_actor_critic(mdp, alpha, beta, decay, n_episodes, rng):
    theta, v = np.zeros((mdp.n_states, mdp.n_actions)), np.zeros(mdp.n_states)
    for _ in range(n_episodes):
        s, factor = drawn(mdp.initial, rng.random()), 1.0
        z, y = np.zeros_like(theta), np.zeros_like(v)
        while not mdp.terminal[s]:
            a = drawn(softmax_row(theta, s), rng.random())
            after = drawn(mdp.transition[s, a], rng.random())
            delta = mdp.reward[s, a, after] + mdp.discount * v[after] - v[s]
            z = mdp.discount * decay * z + factor * score_of(theta, s, a)
            y = mdp.discount * decay * y + np.eye(mdp.n_states)[s]
            theta, v = theta + alpha * delta * z, v + beta * delta * y
            factor, s = factor * mdp.discount, after
    return theta, v


def plain_reinforce(mdp, alpha, beta, n_episodes, rng):
    theta, v = np.zeros((mdp.n_states, mdp.n_actions)), np.zeros(mdp.n_states)
    for _ in range(n_episodes):
        s, seen = drawn(mdp.initial, rng.random()), []
        while not mdp.terminal[s]:
            a = drawn(softmax_row(theta, s), rng.random())
            after = drawn(mdp.transition[s, a], rng.random())
            seen.append((s, a, mdp.reward[s, a, after]))
            s = after
        for t, (s, a, _) in enumerate(seen):
            error = sum(mdp.discount**k * paid for k, (_, _, paid) in enumerate(seen[t:])) - v[s]
            v[s] += beta * error
            theta = theta + alpha * mdp.discount**t * error * score_of(theta, s, a)
    return theta, v


GRID = gridworld(("S..", ".H.", "..G"), slip=0.2, step_reward=-0.1, discount=0.95)
GRID_POLICY = SoftmaxPolicy.for_mdp(GRID)
GRID_START = np.zeros(GRID_POLICY.theta_shape)


@pytest.mark.parametrize("decay", [0.0, 0.7])
def test_actor_critic_is_the_textbooks_loop(decay):
    critic = Critic(0.2, trace_decay=decay)
    curve = actor_critic(GRID, GRID_POLICY, GRID_START, 0.3, 30, 1, np.random.default_rng(5), critic=critic)
    theta, v = plain_actor_critic(GRID, 0.3, 0.2, decay, 30, np.random.default_rng(5))
    assert np.abs(curve.theta[0, -1] - theta).max() < 1e-12
    assert np.abs(curve.critic[0, -1] - v).max() < 1e-12
    assert np.abs(theta).max() > 0.1


@pytest.mark.parametrize("beta", [0.0, 0.2])
def test_stepwise_reinforce_is_the_textbooks_loop(beta):
    critic = Critic(beta) if beta else None
    curve = stepwise_reinforce(GRID, GRID_POLICY, GRID_START, 0.3, 30, 1, np.random.default_rng(5), critic=critic)
    theta, v = plain_reinforce(GRID, 0.3, beta, 30, np.random.default_rng(5))
    assert np.abs(curve.theta[0, -1] - theta).max() < 1e-12
    assert np.abs(theta).max() > 0.1
    if beta:
        assert np.abs(curve.critic[0, -1] - v).max() < 1e-12


class OneByOne(SoftmaxPolicy):
    """The same policy, of a class whose formulas nobody has written out."""


@pytest.mark.parametrize("learner", [actor_critic, stepwise_reinforce])
def test_any_policy_learns_as_the_two_softmax_policies_do(learner):
    """A softmax of a class of its own, and a linear one whose features name states and actions, are one policy."""
    n = GRID.n_states * GRID.n_actions
    named = LinearSoftmaxPolicy(np.eye(n).reshape(GRID.n_states, GRID.n_actions, n))
    thetas = [
        learner(
            GRID, policy, np.zeros(policy.theta_shape), 0.3, 10, 5, np.random.default_rng(5), critic=Critic(0.1)
        ).theta
        for policy in (GRID_POLICY, OneByOne.for_mdp(GRID), named)
    ]
    assert np.abs(thetas[0] - thetas[1]).max() < 1e-12
    assert np.abs(thetas[0].reshape(thetas[2].shape) - thetas[2]).max() < 1e-12
    assert np.abs(thetas[0]).max() > 0.1


def test_a_stepwise_update_with_a_small_step_is_that_of_the_episode():
    """The difference is of second order in α."""
    gaps = []
    for alpha in (1e-3, 1e-4):
        runs = (GRID, GRID_POLICY, GRID_START + 0.1, alpha, 1, 30)
        one, other = (
            learner(*runs, np.random.default_rng(3)).theta[:, 1] for learner in (reinforce, stepwise_reinforce)
        )
        gaps.append(np.abs(one - other).max() / alpha)
    assert gaps[1] < gaps[0] / 8
    assert gaps[0] > 0


def test_one_run_that_is_stuck_takes_the_memory_of_its_own_steps():
    """A table of every time and every run would hold 3,000 times 1,000 numbers, of which one in 200 is played."""
    corridor, steps = short_corridor(horizon=3000), np.full(1000, 2.0**-12)
    steps[0] = 0.5
    tracemalloc.start()
    try:
        curve = stepwise_reinforce(corridor, POLICY, np.zeros(2), steps, 3, 1000, np.random.default_rng(0))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    decisions = -curve.returns.sum(axis=0).min()  # each step costs 1
    assert curve.returns[0, -1] == -3000
    assert (curve.returns[1:] > -300).all()
    assert peak < 1000 * decisions  # bytes: a step of one run alone is four arrays of Python's


# ---- natural ascent -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("horizon", [None, 5])
def test_the_natural_gradient_is_the_pseudoinverse_of_fisher_times_the_gradient(horizon):
    mdp = dataclasses.replace(random_mdp(np.random.default_rng(0)), horizon=horizon)
    rng = np.random.default_rng(1)
    policy = LinearSoftmaxPolicy(rng.standard_normal((3, 2, 2)))
    theta = rng.standard_normal(2)
    weights = values.discounted_visitation(mdp, policy, theta)[:, None] * policy.probabilities(theta)
    score = policy.score(theta)
    fisher = np.einsum("sa,saj,sak->jk", weights, score, score)
    expected = np.linalg.solve(fisher, exact_gradient(mdp, policy, theta))
    assert np.abs(natural_gradient(mdp, policy, theta) - expected).max() < 1e-10


def test_the_natural_gradient_of_a_table_is_the_advantage():
    mdp, policy = dataclasses.replace(random_mdp(np.random.default_rng(0)), horizon=None), SoftmaxPolicy(3, 2)
    theta = 3 * np.random.default_rng(1).standard_normal((3, 2))
    advantages = values.advantages(mdp, policy, theta)
    expected = advantages - advantages.mean(axis=1, keepdims=True)
    assert np.abs(natural_gradient(mdp, policy, theta) - expected).max() < 1e-9


def test_the_natural_gradient_does_not_see_how_a_policy_is_written():
    """θ = Mη: both change the policy alike, and so θ by M times the change of η. The plain gradient does not."""
    rng = np.random.default_rng(2)
    features, matrix = rng.standard_normal((3, 2, 2)), np.array([[5.0, 1.0], [0.0, 0.2]])
    mdp = random_mdp(rng)
    one, other = LinearSoftmaxPolicy(features), LinearSoftmaxPolicy(features @ matrix)
    eta = rng.standard_normal(2)
    theta = matrix @ eta
    assert np.abs(one.probabilities(theta) - other.probabilities(eta)).max() < 1e-14
    assert np.allclose(natural_gradient(mdp, one, theta), matrix @ natural_gradient(mdp, other, eta), rtol=1e-9)
    assert not np.allclose(exact_gradient(mdp, one, theta), matrix @ exact_gradient(mdp, other, eta), rtol=0.1)


def test_natural_ascent_rises():
    path = natural_ascent(GRID, GRID_POLICY, GRID_START, 0.1, 20)
    objectives = [values.objective(GRID, GRID_POLICY, theta) for theta in path]
    assert (np.diff(objectives) > 0).all()


# ---- curves that are interrupted and go on -------------------------------------------------------------------------

LEARNERS = {
    "plain": (reinforce, {}),
    "in batches, with Adam": (reinforce, {"batch_size": 4, "step_size": Adam(0.05)}),
    "leave one out": (reinforce, {"batch_size": 2, "baseline": "leave one out"}),
    "with a critic": (reinforce, {"baseline": Critic(0.2, trace_decay=0.9)}),
    "step by step": (stepwise_reinforce, {"critic": Critic(0.2)}),
    "actor–critic": (actor_critic, {"critic": Critic(0.2, trace_decay=0.5)}),
}


class Impatient(SoftmaxPolicy):
    """Somebody who presses Ctrl-C at one call of weighted_score."""

    calls_left = 10**9

    def weighted_score(self, theta, weights):
        type(self).calls_left -= 1
        if type(self).calls_left == 0:
            raise KeyboardInterrupt
        return super().weighted_score(theta, weights)


def same(one, other):
    assert np.array_equal(one.theta, other.theta)
    assert np.array_equal(one.returns, other.returns)
    assert (one.critic is None) == (other.critic is None)
    if one.critic is not None:
        assert np.array_equal(one.critic, other.critic)


@pytest.mark.parametrize("name", LEARNERS)
def test_a_run_goes_on_from_its_curve(name):
    learner, options = LEARNERS[name]
    options = {"step_size": 0.3} | options
    whole = learner(GRID, GRID_POLICY, GRID_START, n_episodes=12, n_runs=3, rng=np.random.default_rng(7), **options)
    part = learner(GRID, GRID_POLICY, GRID_START, n_episodes=4, n_runs=3, rng=np.random.default_rng(7), **options)
    kept = pickle.loads(pickle.dumps(part))
    for begun in (part, kept, part):  # again from the same curve too
        gone_on = learner(GRID, GRID_POLICY, begun, n_episodes=8, **options)
        same(gone_on, whole)
    assert not whole.interrupted
    assert np.abs(whole.theta[:, -1]).max() > 0


@pytest.mark.parametrize("name", LEARNERS)
def test_an_interrupted_run_gives_what_it_has_and_goes_on(name, monkeypatch):
    learner, options = LEARNERS[name]
    options = {"step_size": 0.3} | options
    mine = Impatient.for_mdp(GRID)
    monkeypatch.setattr(Impatient, "calls_left", 10**9)
    whole = learner(GRID, mine, GRID_START, n_episodes=12, n_runs=3, rng=np.random.default_rng(7), **options)
    monkeypatch.setattr(Impatient, "calls_left", (10**9 - Impatient.calls_left) * 2 // 3)
    part = learner(GRID, mine, GRID_START, n_episodes=12, n_runs=3, rng=np.random.default_rng(7), **options)
    assert part.interrupted
    assert "interrupted" in repr(part)
    done = part.returns.shape[1]
    assert 0 < done < 12
    assert np.array_equal(part.theta, whole.theta[:, : part.theta.shape[1]])
    monkeypatch.setattr(Impatient, "calls_left", 10**9)
    same(learner(GRID, mine, part, n_episodes=12 - done, **options), whole)


def test_an_interruption_before_anything_is_there_is_passed_on(monkeypatch):
    monkeypatch.setattr(Impatient, "calls_left", 1)
    with pytest.raises(KeyboardInterrupt):
        reinforce(GRID, Impatient.for_mdp(GRID), GRID_START, 0.1, 5, 2, np.random.default_rng(0))


def test_a_bar_is_shown_by_each_learner(capsys):
    for learner, options in ((stepwise_reinforce, {}), (actor_critic, {"critic": Critic(0.1)})):
        learner(GRID, GRID_POLICY, GRID_START, 0.1, 3, 2, np.random.default_rng(0), progress=True, **options)
        assert "episodes" in capsys.readouterr().err


# ---- exact J along a curve ------------------------------------------------------------------------------------------


def test_the_objectives_of_a_curve_are_those_of_its_thetas():
    curve = reinforce(GRID, GRID_POLICY, GRID_START, 0.2, 30, 3, np.random.default_rng(0), batch_size=3)
    found = curve.objectives(GRID, GRID_POLICY)
    assert found.shape == (3, 11)
    for index in np.ndindex(3, 11):
        assert found[index] == values.objective(GRID, GRID_POLICY, curve.theta[index])
    assert np.array_equal(curve.objectives(GRID, GRID_POLICY, [0, 5, -1]), found[:, [0, 5, -1]])


def test_a_number_is_a_baseline_like_a_function_that_returns_it():
    one, other = (
        reinforce(
            two_armed_bandit(), SoftmaxPolicy(2, 2), np.zeros((2, 2)), 0.3, 9, 4, np.random.default_rng(0), baseline=b
        )
        for b in (1.5, lambda theta: 1.5)
    )
    same(one, other)


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        ({"step_size": 0.1}, {"step_size": Adam(0.1)}, "was not made with Adam: give the same step_size"),
        ({"step_size": Adam(0.1)}, {"step_size": 0.1}, "was not made with SGD: give the same step_size"),
        ({"step_size": 0.1, "baseline": Critic(0.1)}, {"step_size": 0.1}, "has a critic: give the same Critic"),
    ],
)
def test_a_curve_goes_on_with_its_own_optimiser_and_critic(first, then, said):
    curve = reinforce(CORRIDOR, POLICY, THETA, n_episodes=3, n_runs=2, rng=np.random.default_rng(0), **first)
    assert reinforce(CORRIDOR, POLICY, curve, n_episodes=3, **first).returns.shape == (2, 6)
    with pytest.raises(ValueError, match=said):
        reinforce(CORRIDOR, POLICY, curve, n_episodes=3, **then)


def test_reinforce_goes_on_from_an_actor_critic():
    critic = Critic(0.1)
    curve = actor_critic(CORRIDOR, POLICY, THETA, 0.1, 3, 2, np.random.default_rng(0), critic=critic)
    assert reinforce(CORRIDOR, POLICY, curve, 0.1, 2, baseline=critic).returns.shape == (2, 5)


def test_stepwise_reinforce_keeps_the_critic_of_its_curve():
    critic = Critic(0.1)
    curve = stepwise_reinforce(CORRIDOR, POLICY, THETA, 0.1, 3, 2, np.random.default_rng(0), critic=critic)
    with pytest.raises(ValueError, match="has a critic: give the same one"):
        stepwise_reinforce(CORRIDOR, POLICY, curve, 0.1, 3)
