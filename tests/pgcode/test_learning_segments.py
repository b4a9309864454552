"""Learning on segments: the exact mean of what each update is, in every mode of Gymnasium's resets."""

import dataclasses
import pickle

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode
from table_environments import Tables

from pgcode import values
from pgcode.audit import audit_advantages
from pgcode.environments import short_corridor
from pgcode.learning import (
    MLP,
    SGD,
    Adam,
    GaussianNetwork,
    NetworkCritic,
    SegmentCurve,
    SoftmaxNetwork,
    train,
    train_on_segments,
)
from pgcode.learning._segments import _Segment
from pgcode.policies import SoftmaxPolicy
from pgcode.state_action_form import exact_gradient

LIMIT, GAMMA = 3, 0.8
MDP = short_corridor(horizon=LIMIT, discount=GAMMA)  # the horizon is a time limit: a walk that is longer is cut
POLICY = SoftmaxNetwork(4, 2)  # on one number for each state: W of shape (4, 2), and an offset
THETA = 0.3 * np.random.default_rng(3).standard_normal(10)
V = np.array([3.0, -1.0, 2.0, 7.0])  # of a critic that is wrong, and says something of the end too
PROBABILITIES = np.exp(POLICY.table(THETA, np.eye(4)))
SCORE = np.stack(
    [[POLICY.weighted_score(THETA, np.eye(4)[[s]], np.array([a]), np.ones(1)) for a in (0, 1)] for s in range(4)]
)
MODES = list(AutoresetMode)


class Known(MLP):
    """A linear network over states that says v at first."""

    def __init__(self, v):
        super().__init__(len(v), 1, ())
        self.v = v

    def initial(self, rng, last=1.0):
        return np.append(self.v, 0.0)


def critic_of(v, decay, step_size=0.0):
    return NetworkCritic(Known(v), step_size, trace_decay=decay, n_fits=1)


def segments(n_rows, mode):
    """Every way on which a copy may go: rows (s, a, r, s', t, ended, cut), None where it is only reset; and chance."""
    todo = [((), 0, 0, False, 1.0)]
    while todo:
        rows, state, clock, over, chance = todo.pop()
        if len(rows) == n_rows:
            yield rows, chance
        elif over and mode == AutoresetMode.NEXT_STEP:
            todo.append(((*rows, None), 0, 0, False, chance))
        else:
            for action in (0, 1):
                after = int(MDP.transition[state, action].argmax())  # the corridor leaves nothing to chance
                ended = bool(MDP.terminal[after])
                cut = not ended and clock + 1 == LIMIT
                row = state, action, MDP.reward[state, action, after], after, clock, ended, cut
                stops = ended or cut
                go_on = (after, clock + 1) if not stops else (0, 0)
                todo.append(((*rows, row), *go_on, stops, chance * PROBABILITIES[state, action]))


def estimate(rows, decay):
    """Σ γᵗ Â ∇log π over rows, by the formula: each Â a sum of the errors up to where its episode stops."""
    total = np.zeros(10)
    for first, row in enumerate(rows):
        if row is None:
            continue
        advantage, k = 0.0, first
        while k < len(rows) and rows[k] is not None:
            state, _, reward, after, _, ended, cut = rows[k]
            advantage += (GAMMA * decay) ** (k - first) * (reward + GAMMA * V[after] * (not ended) - V[state])
            if ended or cut:
                break
            k += 1
        total += GAMMA ** row[4] * advantage * SCORE[row[0], row[1]]
    return total


class OnlyTheLast:
    """Steps that leave θ where it is, but for the last of so many."""

    def __init__(self, number):
        self.number = number

    def start(self, theta):
        return (0,)

    def change(self, gradient, memory):
        return gradient * (memory[0] + 1 == self.number), (memory[0] + 1,)


def close(found, exact, limit=4):
    z = (found.mean(axis=0) - exact) / (found.std(axis=0) / np.sqrt(len(found)) + 1e-12)
    assert np.abs(z).max() < limit


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("decay", "number"), [(0.0, 1), (0.7, 1), (1.0, 1), (0.7, 2)])
def test_the_mean_of_a_segment_is_what_the_formula_says(mode, decay, number):
    """The second segment goes on within the episodes of the first, with their clocks."""
    n_rows, n_runs = 4, 6000
    curve = train_on_segments(
        Tables(MDP, n_runs, mode),
        POLICY,
        THETA,
        OnlyTheLast(number),
        number,
        n_runs,
        np.random.default_rng(1),
        n_steps=n_rows,
        critic=critic_of(V, decay),
        discount=GAMMA,
    )
    every = [(estimate(rows[-n_rows:], decay) / n_rows, p) for rows, p in segments(n_rows * number, mode)]
    assert sum(p for _, p in every) == pytest.approx(1, abs=1e-12)
    steps = curve.theta - THETA
    close(steps, sum(p * g for g, p in every))
    nearest = np.abs(steps[:300, None] - np.array([g for g, _ in every])).max(axis=2).min(axis=1)
    assert nearest.max() < 1e-12
    decided = [sum(row is not None for row in rows) for rows, _ in segments(n_rows * number, mode)]
    assert set(curve.steps[:, -1]) == set(decided)


@pytest.mark.parametrize("mode", MODES)
def test_many_segments_come_to_the_gradient_for_each_row(mode):
    """With the exact V and no cut: ∇J / ℓ, where ℓ is the mean number of rows to an episode, whatever λ is."""
    endless = short_corridor(discount=GAMMA)
    patient = dataclasses.replace(endless, horizon=10**9)
    table = SoftmaxPolicy(4, 2)
    preferences = np.log(PROBABILITIES)
    v = values.state_values(endless, table, preferences)
    by_preference = exact_gradient(endless, table, preferences)
    exact = np.append(by_preference.ravel(), by_preference.sum(axis=0))  # W row by row, and the offset of each action
    length = -values.state_values(short_corridor(), table, preferences)[0]
    rows = length + (mode == AutoresetMode.NEXT_STEP)
    curve = train_on_segments(
        Tables(patient, 2000, mode),
        POLICY,
        THETA,
        OnlyTheLast(6),  # by then no copy remembers that all began together, to 0.63³⁵ = 1e-7
        6,
        2000,
        np.random.default_rng(2),
        n_steps=7,
        critic=critic_of(np.where(endless.terminal, 5.0, v), 0.6),
        discount=GAMMA,
    )
    close(curve.theta - THETA, exact / rows)
    assert np.linalg.norm(exact / rows) > 10 * ((curve.theta - THETA).std(axis=0) / np.sqrt(2000)).max()


def test_the_critic_is_fitted_to_decisions_alone():
    """One fit moves w by the mean of Â φ over the decisions of the segment, none of which is a reset."""
    n_rows, decay = 5, 0.5
    critic = critic_of(V, decay, SGD(0.5))
    curve = train_on_segments(
        Tables(MDP, 200),
        POLICY,
        THETA,
        0.0,
        1,
        200,
        np.random.default_rng(0),
        n_steps=n_rows,
        critic=critic,
        discount=GAMMA,
    )
    moves = []
    for rows, _ in segments(n_rows, AutoresetMode.NEXT_STEP):
        taken = [k for k, row in enumerate(rows) if row is not None]
        move = np.zeros(5)
        for k in taken:
            weights, later = 1.0, k
            while True:
                state, _, reward, after, _, ended, cut = rows[later]
                delta = reward + GAMMA * V[after] * (not ended) - V[state]
                move[[rows[k][0], 4]] += 0.5 * weights * delta / len(taken)
                later, weights = later + 1, weights * GAMMA * decay
                if ended or cut or later == n_rows:
                    break
        moves.append(move)
    near = np.abs((curve.critic - np.append(V, 0.0))[:, None] - np.array(moves)).max(axis=2).min(axis=1)
    assert near.max() < 1e-12


def test_its_advantages_stand_the_audit():
    """At every pattern of ends and cuts, with two copies side by side that differ."""

    def advantages(steps):
        n = len(steps)
        two = np.eye(2 * n).reshape(2, n, 2 * n).swapaxes(0, 1)  # V is a number of each row of each copy
        v = np.concatenate([steps.values, -steps.values]), np.concatenate([steps.next_values, steps.next_values])
        both = np.concatenate([two, np.zeros_like(two)], axis=2), np.concatenate([np.zeros_like(two), two], axis=2)
        flags = [np.stack([flag, flag[::-1]], axis=1) for flag in (steps.terminated, steps.done)]
        rewards = np.stack([steps.rewards, -steps.rewards], axis=1)
        always = np.ones((n, 2), dtype=bool)
        segment = _Segment(*both, np.zeros((n, 2)), rewards, *flags, always, np.zeros((n, 2), int))
        critic = NetworkCritic(MLP(4 * n, 1, ()), 0.1, trace_decay=steps.gae_lambda)
        found, _ = segment.advantages(steps.discount, critic, np.concatenate([*v, [0.0]])[None])
        return found[:, 0]

    assert audit_advantages(advantages).verdict == "equal"


# ---- Gymnasium's own environments -----------------------------------------------------------------------------------


def learn(env=None, policy=None, theta=None, step_size=0.1, n_updates=2, n_runs=2, seed=0, **options):
    options = {"n_steps": 5, "discount": 0.99, "critic": NetworkCritic(MLP(4, 1, (3,)), Adam(0.1))} | options
    return train_on_segments(
        gymnasium.make_vec("CartPole-v1", num_envs=4) if env is None else env,
        SoftmaxNetwork(4, 2) if policy is None else policy,
        theta,
        step_size,
        n_updates,
        n_runs,
        None if seed is None else np.random.default_rng(seed),
        **options,
    )


def test_poles_are_held_up_and_episodes_are_listed():
    env = gymnasium.make_vec("CartPole-v1", num_envs=24, vectorization_mode="vector_entry_point")
    critic = NetworkCritic(MLP(4, 1, (8,)), Adam(0.02), trace_decay=0.9, n_fits=5, scale=50.0)
    curve = learn(env, SoftmaxNetwork(4, 2, (8,)), None, Adam(0.05), 60, 3, n_steps=32, critic=critic)
    assert repr(curve) == "SegmentCurve(n_runs=3, n_updates=60, n_steps=32)"
    late = curve.update >= 50
    assert np.median(curve.lengths[late]) > 3 * np.median(curve.lengths[curve.update < 5])
    assert np.array_equal(curve.returns, curve.lengths)
    assert np.allclose(curve.discounted_returns, (1 - 0.99**curve.lengths) / 0.01)
    for run in range(3):
        mine = curve.run == run
        assert curve.lengths[mine].sum() <= curve.steps[run, -1] <= 60 * 32 * 8
        for update in (0, 30, 59):
            here = curve.returns[mine & (curve.update == update)]
            assert curve.mean_returns[run, update] == pytest.approx(here.mean() if here.size else np.nan, nan_ok=True)


def test_real_actions_and_time_limits():
    """Pendulum is only ever cut, here after 20 decisions."""
    env = gymnasium.make_vec("Pendulum-v1", num_envs=4, max_episode_steps=20)
    critic = NetworkCritic(MLP(3, 1, (3,)), Adam(0.1))
    curve = learn(env, GaussianNetwork(3, 1), n_updates=3, n_steps=30, critic=critic)
    assert set(curve.lengths) == {20}
    assert not curve.ended.any()
    assert curve.steps[0].tolist() == [58, 116, 172]  # rows 20, 41, 62 and 83 of each copy reset


@pytest.mark.parametrize("mode", ["sync", "vector_entry_point"])
def test_it_is_the_same_again_and_goes_on_after_a_reset(mode):
    def env():
        return gymnasium.make_vec("CartPole-v1", num_envs=4, vectorization_mode=mode)

    one, other = learn(env()), learn(env())
    for name in ("run", "update", "returns", "lengths", "steps", "theta", "critic"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
        assert not getattr(one, name).flags.writeable
    more = [
        learn(env(), theta=part, n_runs=None, seed=None, n_updates=3) for part in (one, pickle.loads(pickle.dumps(one)))
    ]
    assert np.array_equal(more[0].theta, more[1].theta)
    assert more[0].steps.shape == (2, 5)
    assert np.array_equal(more[0].steps[:, :2], one.steps)
    assert (np.diff(more[0].steps, axis=1) > 0).all()
    assert np.array_equal(more[0].returns[: len(one.returns)], one.returns)
    assert (more[0].update[len(one.returns) :] >= 2).all()
    assert not np.array_equal(more[0].theta, one.theta)


class Impatient(SoftmaxNetwork):
    calls_left = 10**9

    def sample(self, theta, features, rng):
        self.calls_left -= 1
        if not self.calls_left:
            raise KeyboardInterrupt
        return super().sample(theta, features, rng)


def test_an_interrupted_run_gives_what_it_has():
    policy = Impatient(4, 2)
    whole = learn(policy=policy, n_updates=4)
    policy.calls_left = 2 * 5 + 3
    part = learn(policy=policy, n_updates=4)
    assert repr(part) == "SegmentCurve(n_runs=2, n_updates=2, n_steps=5, interrupted)"
    assert np.array_equal(part.steps, whole.steps[:, :2])
    assert np.array_equal(part.returns, whole.returns[whole.update < 2])
    policy.calls_left = 10**9
    assert learn(policy=policy, theta=part, n_runs=None, seed=None).steps.shape == (2, 4)
    policy.calls_left = 3
    with pytest.raises(KeyboardInterrupt):
        learn(policy=policy, n_updates=4)


class Unpaid(Tables):
    def step(self, actions):
        after, rewards, *others = super().step(actions)
        return after, rewards * np.nan, *others


NASTY = {
    "no critic": (lambda: learn(critic=None), "critic is None: a segment stops within episodes.*let train play whole"),
    "a baseline for a critic": (lambda: learn(critic="leave one out"), "only a critic says what comes then"),
    "no rows": (lambda: learn(n_steps=0), "n_steps is 0: pass a whole number of rows of a segment"),
    "half a row": (lambda: learn(n_steps=2.5), "n_steps is 2.5"),
    "a discount of 99": (lambda: learn(discount=99), "discount is 99: γ lies from 0 to 1"),
    "a single environment": (lambda: learn(gymnasium.make("CartPole-v1")), "env is a single environment"),
    "a reward that is NaN": (
        lambda: learn(Unpaid(MDP, 4), POLICY, critic=critic_of(V, 0.5)),
        "env paid nan to copy 0 in step 0",
    ),
    "to go on with other segments": (
        lambda: learn(theta=learn(), n_runs=None, seed=None, n_steps=6),
        "env has 2 copies for each run and n_steps is 6, but the curve to go on from has 2 and 5",
    ),
    "to go on from whole episodes": (
        lambda: learn(
            theta=train(
                gymnasium.make_vec("CartPole-v1", 4), SoftmaxNetwork(4, 2), None, 0.1, 1, 2, np.random.default_rng(0)
            )
        ),
        "theta is a TrainingCurve, which another learner returned: go on with that one",
    ),
    "an episode of no update": (
        lambda: SegmentCurve([0], [2], [1.0], [1.0], [1], [True], [[4, 8]], 4, 1, [0.0], [0.0]),
        "update holds 2, but steps has 2: count from 0",
    ),
    "an episode without a length": (
        lambda: SegmentCurve([0], [1], [1.0], [1.0], [], [True], [[4, 8]], 4, 1, [0.0], [0.0]),
        "lengths",
    ),
    "one θ for two runs": (
        lambda: SegmentCurve([0], [1], [1.0], [1.0], [3], [True], [[4, 8], [4, 8]], 4, 1, [0.0], [0.0, 1.0]),
        "theta has 1 runs, but steps has 2",
    ),
    "no updates": (
        lambda: SegmentCurve([], [], [], [], [], [], [[]], 4, 1, [0.0], [0.0]),
        "holds float64, not whole numbers|none of them 0",
    ),
}


@pytest.mark.parametrize("name", NASTY)
def test_nasty_input_is_told(name):
    call, message = NASTY[name]
    with pytest.raises((TypeError, ValueError), match=message) as caught:
        call()
    assert "pgcode" in str(caught.traceback[-1].path)
