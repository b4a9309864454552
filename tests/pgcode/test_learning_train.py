"""Learning on vector environments: exact means on a table behind Gymnasium's interface, and Gymnasium's own."""

import dataclasses
import pickle
import re

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from table_environments import Tables

from pgcode.environments import short_corridor
from pgcode.learning import MLP, Adam, GaussianNetwork, NetworkCritic, SoftmaxNetwork, TrainingCurve, train
from pgcode.learning._loop import keep
from pgcode.policies import LinearSoftmaxPolicy
from pgcode.state_action_form import exact_gradient
from pgcode.trajectories import enumerate_trajectories
from pgcode.values import objective

MDP = short_corridor(horizon=5, discount=0.8)
SOFT = SoftmaxNetwork(4, 2)  # on one number for each state: W of shape (4, 2), and an offset
THETA = 0.3 * np.random.default_rng(3).standard_normal(10)
FEATURES = np.zeros((4, 2, 10))
for state in range(4):
    for action in (0, 1):
        FEATURES[state, action, [2 * state + action, 8 + action]] = 1
LINEAR = LinearSoftmaxPolicy(FEATURES)  # the same policy, as a table


def test_the_network_is_the_table():
    logs = SOFT.table(THETA, np.eye(4))
    assert np.abs(np.exp(logs) - LINEAR.probabilities(THETA)).max() < 1e-14


def first_steps(n_runs=8000, m=1, mode=AutoresetMode.NEXT_STEP, seed=0, **options):
    env = Tables(MDP, n_runs * m, mode)
    curve = train(env, SOFT, THETA, 1.0, 1, n_runs, np.random.default_rng(seed), discount=0.8, **options)
    return curve, curve.theta - THETA


def close(steps, exact, limit=4):
    z = (steps.mean(axis=0) - exact) / (steps.std(axis=0) / np.sqrt(len(steps)) + 1e-12)
    assert np.abs(z).max() < limit


@pytest.mark.parametrize("mode", list(AutoresetMode))
def test_the_mean_of_an_update_is_the_gradient(mode):
    curve, steps = first_steps(mode=mode)
    close(steps, exact_gradient(MDP, LINEAR, THETA))
    discounted = curve.discounted_returns.ravel()
    assert abs(discounted.mean() - objective(MDP, LINEAR, THETA)) < 4 * discounted.std() / np.sqrt(discounted.size)
    assert np.array_equal(curve.returns, -curve.lengths)
    assert curve.lengths[~curve.ended].min() == 5


@pytest.mark.parametrize(
    "baseline", [-2.0, "leave one out", lambda x: x @ np.arange(4.0)], ids=["number", "others", "V"]
)
def test_a_baseline_leaves_the_mean_alone(baseline):
    _, steps = first_steps(4000, m=2, baseline=baseline)
    close(steps, exact_gradient(MDP, LINEAR, THETA))
    assert steps.std() > 0


def test_without_the_factor_of_time_it_is_another_direction():
    _, steps = first_steps(20_000, state_discount=1.0)
    walks, chance = enumerate_trajectories(MDP, LINEAR, THETA)
    score = LINEAR.score(THETA)[walks.states[:, :-1], walks.actions]
    weights = np.where(walks.active, walks.returns_from_step, 0)
    expected = np.einsum("i,it,itk->k", chance, weights, score)
    close(steps, expected)
    exact = exact_gradient(MDP, LINEAR, THETA)
    assert np.linalg.norm(expected - exact) > 0.2 * np.linalg.norm(exact)


@pytest.mark.parametrize("decay", [0.0, 0.5, 1.0])
def test_a_critic_gives_the_mean_of_its_advantages(decay):
    """Beyond a cut it looks at V̂, which starts as that of a network whose last layer is 0 but for its offset."""
    walks, chance = enumerate_trajectories(MDP, LINEAR, THETA)
    score = LINEAR.score(THETA)[walks.states[:, :-1], walks.actions]
    v = np.array([3.0, -1.0, 2.0, 7.0])
    advantages = np.zeros(walks.rewards.shape)
    for i, length in enumerate(walks.lengths):
        s = walks.states[i]
        beyond = [0.0 if MDP.terminal[s[t + 1]] else v[s[t + 1]] for t in range(length)]
        delta = [walks.rewards[i, t] + 0.8 * beyond[t] - v[s[t]] for t in range(length)]
        for t in range(length):
            advantages[i, t] = sum((0.8 * decay) ** (k - t) * delta[k] for k in range(t, length))
    expected = np.einsum("i,t,it,itk->k", chance, 0.8 ** np.arange(5), advantages, score)

    class Known(MLP):
        def initial(self, rng, last=1.0):
            return np.append(v / 10, 0.0)

    critic = NetworkCritic(Known(4, 1, ()), 0.5, trace_decay=decay, n_fits=1, scale=10.0)
    curve, steps = first_steps(baseline=critic)
    close(steps, expected)
    # One fit: w moves by 0.5 times the mean of Â φ / scale over the decisions of its episode.
    moves = []
    for i, length in enumerate(walks.lengths):
        x = np.column_stack([np.eye(4)[walks.states[i, :length]], np.ones(length)])
        moves.append(0.5 * advantages[i, :length] @ x / (10 * length))
    near = np.abs((curve.critic - np.append(v / 10, 0.0))[:200, None] - np.array(moves)[None]).max(axis=2)
    assert near.min(axis=1).max() < 1e-12


class Target(VectorEnv):
    """One decision: −(a − c)² is paid, and it is over."""

    metadata = {"autoreset_mode": AutoresetMode.NEXT_STEP}

    def __init__(self, n, bound=np.inf):
        self.num_envs, self.given = n, []
        self.single_observation_space = gymnasium.spaces.Box(-1, 1, (1,))
        self.single_action_space = gymnasium.spaces.Box(-bound, bound, (1,))
        self.observation_space = batch_space(self.single_observation_space, n)
        self.action_space = batch_space(self.single_action_space, n)

    def reset(self, *, seed=None, options=None):
        return np.ones((self.num_envs, 1), np.float32), {}

    def step(self, actions):
        self.given.append(actions.copy())
        never = np.zeros(self.num_envs, bool)
        return np.ones((self.num_envs, 1), np.float32), -((actions[:, 0] - 0.2) ** 2), ~never, never, {}


def test_a_normal_policy_follows_its_exact_gradient():
    """J = −(f − c)² − σ², with f = w + b: by f −2(f − c), by log σ −2σ²."""
    policy, n = GaussianNetwork(1, 1), 10_000
    theta = np.array([0.7, 0.3, np.log(0.5)])
    curve = train(Target(n), policy, theta, 1.0, 1, n, np.random.default_rng(0))
    close(curve.theta - theta, np.array([-1.6, -1.6, -0.5]))


def test_bounds_clip_what_is_done_and_not_what_is_drawn():
    env, policy = Target(500, bound=0.1), GaussianNetwork(1, 1, standard_deviation=2.0)
    curve = train(env, policy, np.array([0.0, 0.0, np.log(2.0)]), 1.0, 1, 500, np.random.default_rng(0))
    given = np.concatenate(env.given)
    assert np.abs(given).max() == np.float32(0.1)
    assert given.dtype == np.float32
    z = np.random.default_rng(0)
    z.integers(2**31)
    drawn = 2 * z.standard_normal((500, 1, 1)).ravel()
    assert np.allclose(curve.theta[:, 0], -((np.clip(drawn, -0.1, 0.1) - 0.2) ** 2) * drawn / 4, atol=1e-6)


# ---- Gymnasium's own environments -----------------------------------------------------------------------------------


def cart_poles(n):
    return gymnasium.make_vec("CartPole-v1", num_envs=n, vectorization_mode="vector_entry_point")


LEARNERS = {
    "leave one out": {"step_size": Adam(0.05), "baseline": "leave one out"},
    "GAE": {
        "step_size": Adam(0.05),
        "baseline": NetworkCritic(MLP(4, 1, (8,)), Adam(0.02), trace_decay=0.9, n_fits=5, scale=50.0),
        "discount": 0.99,
        "state_discount": 1.0,
    },
}


@pytest.mark.parametrize("name", LEARNERS)
def test_poles_are_held_up(name):
    policy = SoftmaxNetwork(4, 2, (8,))
    curve = train(cart_poles(24), policy, None, n_updates=20, n_runs=3, rng=np.random.default_rng(0), **LEARNERS[name])
    assert np.median(curve.mean_returns[:, -3:]) > 4 * np.median(curve.mean_returns[:, 0])
    assert np.array_equal(curve.returns, curve.lengths)


@pytest.mark.parametrize("mode", ["sync", "vector_entry_point"])
@pytest.mark.parametrize("name", LEARNERS)
def test_training_goes_on_from_its_curve(name, mode):
    policy, options = SoftmaxNetwork(4, 2, (3,)), LEARNERS[name]

    def env():
        return gymnasium.make_vec("CartPole-v1", num_envs=6, vectorization_mode=mode)

    whole = train(env(), policy, None, n_updates=5, n_runs=3, rng=np.random.default_rng(1), **options)
    part = train(env(), policy, None, n_updates=2, n_runs=3, rng=np.random.default_rng(1), **options)
    for begun in (part, pickle.loads(pickle.dumps(part))):
        same(train(env(), policy, begun, n_updates=3, **options), whole)


def same(one, other):
    for name in ("returns", "discounted_returns", "lengths", "ended", "theta"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert (one.critic is None) == (other.critic is None)
    assert one.critic is None or np.array_equal(one.critic, other.critic)


class Impatient(SoftmaxNetwork):
    calls_left = 10**9

    def sample(self, theta, features, rng):
        self.calls_left -= 1
        if not self.calls_left:
            raise KeyboardInterrupt
        return super().sample(theta, features, rng)


@pytest.mark.parametrize("name", LEARNERS)
def test_an_interrupted_training_gives_what_it_has_and_goes_on(name):
    policy, options = Impatient(4, 2, (3,)), LEARNERS[name]
    whole = train(cart_poles(6), policy, None, n_updates=5, n_runs=3, rng=np.random.default_rng(1), **options)
    policy.calls_left = (10**9 - policy.calls_left) // 2
    part = train(cart_poles(6), policy, None, n_updates=5, n_runs=3, rng=np.random.default_rng(1), **options)
    done = part.returns.shape[1]
    assert part.interrupted
    assert "interrupted" in repr(part)
    assert 0 < done < 5
    assert np.array_equal(part.returns, whole.returns[:, :done])
    same(train(cart_poles(6), policy, part, n_updates=5 - done, **options), whole)
    policy.calls_left = 1
    with pytest.raises(KeyboardInterrupt):
        train(cart_poles(6), policy, None, n_updates=5, n_runs=3, rng=np.random.default_rng(1), **options)


def test_discrete_observations_are_one_number_for_each_value():
    env = gymnasium.make_vec("FrozenLake-v1", num_envs=4, is_slippery=False)
    policy = SoftmaxNetwork(16, 4)
    curve = train(env, policy, None, Adam(0.1), 3, 2, np.random.default_rng(0), discount=0.95)
    assert curve.theta.shape == (2, 68)


def test_features_of_ones_own_and_a_bar(capsys):
    def features(observations):
        angle, speed = observations[:, 2], observations[:, 3]
        return np.column_stack([angle, speed, angle * speed])

    curve = train(
        cart_poles(4),
        SoftmaxNetwork(3, 2),
        None,
        Adam(0.1),
        3,
        2,
        np.random.default_rng(0),
        features=features,
        max_steps=7,
        progress=True,
    )
    assert curve.lengths.max() == 7
    assert "updates" in capsys.readouterr().err


def test_each_run_learns_by_itself():
    """A run whose step size is 0 stays where it is beside one that learns."""
    curve = train(cart_poles(8), SoftmaxNetwork(4, 2), None, [0.0, 0.01], 3, 2, np.random.default_rng(0))
    start = np.random.default_rng(0)
    first = [SoftmaxNetwork(4, 2).initial(start) for _ in range(2)]
    assert np.array_equal(curve.theta[0], first[0])
    assert not np.array_equal(curve.theta[1], first[1])


def learn(env=None, policy=None, theta=None, step_size=0.1, n_updates=1, n_runs=2, seed=0, **options):
    return train(
        cart_poles(4) if env is None else env,
        SoftmaxNetwork(4, 2) if policy is None else policy,
        theta,
        step_size,
        n_updates,
        n_runs,
        None if seed is None else np.random.default_rng(seed),
        **options,
    )


def part():
    return learn()


class Told(VectorEnv):
    """Four copies that give what they are told to give."""

    metadata = {"autoreset_mode": AutoresetMode.NEXT_STEP}

    def __init__(self, number=0.0, space=None, actions=None):
        self.num_envs, self.number = 4, number
        self.single_observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (2, 2)) if space is None else space
        self.single_action_space = gymnasium.spaces.Discrete(2) if actions is None else actions
        self.observation_space = batch_space(self.single_observation_space, 4)
        self.action_space = batch_space(self.single_action_space, 4)

    def reset(self, *, seed=None, options=None):
        seen = self.observation_space.sample()
        if isinstance(seen, np.ndarray):
            seen[2, 0, 1] = self.number
        return seen, {}


class Unpaid(Tables):
    def step(self, actions):
        after, rewards, *others = super().step(actions)
        return after, rewards * np.nan, *others


NASTY = {
    "a single environment": (lambda: learn(gymnasium.make("CartPole-v1")), "env is a single environment: make copies"),
    "no environment": (lambda: learn("CartPole-v1"), "env is 'CartPole-v1', which is no environment"),
    "copies that do not divide": (lambda: learn(n_runs=3), "env has 4 copies, which do not divide among 3 runs"),
    "a policy that is a class": (lambda: learn(policy=SoftmaxNetwork), "pass a SoftmaxNetwork or a GaussianNetwork"),
    "a policy of a table": (lambda: learn(policy=LINEAR), "which has not all of theta_shape, initial, sample"),
    "θ of another policy": (lambda: learn(theta=np.zeros(3)), r"theta has shape \(3,\), but .* needs \(10,\)"),
    "θ that is NaN": (lambda: learn(theta=np.full(10, np.nan)), r"theta\[0\] is nan"),
    "a class for an optimiser": (lambda: learn(step_size=Adam), r"step_size is the class Adam: pass Adam\(0.01\)"),
    "three step sizes for two runs": (lambda: learn(step_size=[1, 2, 3]), "pass one number, or 2 of them"),
    "a baseline of another name": (lambda: learn(baseline="V"), "baseline is 'V': give None, a number"),
    "others that are not there": (
        lambda: learn(n_runs=4, baseline="leave one out"),
        "and no other to be compared with",
    ),
    "a baseline of another shape": (lambda: learn(baseline=lambda x: x), r"baseline has shape \(4, 4\)"),
    "a discount of 99": (lambda: learn(discount=99), "discount is 99: γ lies from 0 to 1"),
    "no runs": (lambda: learn(n_runs=None), "n_runs is None: pass the number of runs"),
    "no generator": (lambda: learn(seed=None), "rng is None: pass a generator"),
    "features of another length": (
        lambda: learn(features=lambda seen: seen[:, :3]),
        "policy has a network of 4 inputs, but env gives observations of 3 features: give it as many",
    ),
    "features that are lists of words": (lambda: learn(features=lambda seen: ["a"] * 4), "features holds <U1"),
    "features without rows": (lambda: learn(features=lambda seen: seen[0]), r"return \(4, n_features\)"),
    "features that are no function": (lambda: learn(features=3), "features is 3: pass a function"),
    "a reward that is NaN": (lambda: learn(Unpaid(MDP, 4), SOFT), "env paid nan to copy 0 in step 0"),
    "an observation that is NaN": (lambda: learn(Told(np.nan)), "env gives copy 2 an observation with nan at place 1"),
    "an observation without bound": (
        lambda: learn(Told(np.inf)),
        "env gives copy 2 an observation with inf at place 1",
    ),
    "observations in a dictionary": (
        lambda: learn(Told(space=gymnasium.spaces.Dict(a=gymnasium.spaces.Box(-1, 1, (4,))))),
        r"observations of type dict, not arrays: .*gymnasium\.wrappers\.vector\.FlattenObservation",
    ),
    "several actions at a time": (
        lambda: learn(Told(actions=gymnasium.spaces.MultiDiscrete([2, 3]))),
        r"env has the actions MultiDiscrete\(\[2 3\]\): train knows those of Discrete and Box",
    ),
    "many switches at a time": (
        lambda: learn(Told(actions=gymnasium.spaces.MultiBinary(3))),
        r"env has the actions MultiBinary\(3\): train knows",
    ),
    "too few actions": (
        lambda: learn(Told(actions=gymnasium.spaces.Discrete(5))),
        "policy has 2 actions, and would never take the others of env: give it 5",
    ),
    "a critic of other features": (
        lambda: learn(baseline=NetworkCritic(MLP(5, 1), 0.1)),
        "the critic has a network of 5 inputs, but env gives observations of 4 features",
    ),
    "a critic that is a class": (lambda: learn(baseline=NetworkCritic), "baseline is the class NetworkCritic: pass an"),
    "a step downhill": (
        lambda: learn(step_size=-0.1),
        "step_size is -0.1, and a step would go the wrong way: pass a n",
    ),
    "one step downhill": (lambda: learn(step_size=[0.1, -2]), r"step_size\[1\] is -2, and a step would go the wrong"),
    "Adam downhill": (lambda: Adam(-0.1), "step_size is -0.1, and a step would go the wrong way"),
    "a critic that forgets": (lambda: NetworkCritic(MLP(4, 1), -0.1), "step_size is -0.1, and a step would go the w"),
    "no step size": (lambda: learn(step_size=None), r"step_size is None: pass a number, .* such as Adam\(0.01\)"),
    "a step size in words": (lambda: learn(step_size="small"), "step_size is 'small': pass a number"),
    "a learner that runs away": (
        lambda: learn(step_size=1e308, n_updates=3),
        "theta is no longer finite|is beyond the",
    ),
    "to go on with a seed": (lambda: learn(theta=part()), "carries its own generator: leave rng out"),
    "to go on with more runs": (lambda: learn(theta=part(), n_runs=4, seed=None), "has 2 runs: leave n_runs out"),
    "to go on with other copies": (
        lambda: learn(cart_poles(8), theta=part(), seed=None),
        "env has 4 copies for each run, but the curve",
    ),
    "to go on with a critic": (
        lambda: learn(theta=part(), seed=None, baseline=NetworkCritic(MLP(4, 1), 0.1)),
        "has a critic of None parameters",
    ),
    "to go on from a curve made by hand": (
        lambda: learn(theta=dataclasses.replace(part(), checkpoint=None), seed=None),
        "holds no checkpoint",
    ),
    "a curve of other shapes": (
        lambda: TrainingCurve(
            np.zeros((2, 3, 4)), np.zeros((2, 3)), np.zeros((2, 3, 4), int), np.zeros((2, 3, 4)), [0, 0]
        ),
        r"discounted_returns has shape \(2, 3\), but needs shape \(2, 3, 4\)",
    ),
    "a critic with two outputs": (lambda: NetworkCritic(MLP(4, 2), 0.1), "pass an MLP with one output"),
    "a network of no inputs": (lambda: MLP(0, 1), "n_inputs is 0"),
    "a layer that is no list": (lambda: MLP(2, 1, 32), r"hidden is 32: give the sizes of the layers, such as \(32,\)"),
    "inputs for another network": (lambda: MLP(2, 1).outputs(np.zeros(129), [1.0, 2.0]), r"inputs has shape \(2,\)"),
    "a σ of e^999": (
        lambda: GaussianNetwork(1).mean([0, 0, 999.0], [[1.0]]),
        "a log σ of 999, whose exponential is no positive float",
    ),
    "an action that is not there": (lambda: SOFT.log_probabilities(THETA, np.eye(4), [0, 1, 2, 0]), "actions holds 2"),
    "Adam that never learns": (lambda: Adam(0.1, beta_1=1.0), "beta_1 is 1, and nothing would ever be learnt"),
}


@pytest.mark.parametrize("name", NASTY)
def test_nasty_input_is_told(name):
    call, message = NASTY[name]
    with pytest.raises((TypeError, ValueError), match=message) as caught:
        call()
    assert re.search("pgcode", str(caught.traceback[-1].path))


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (SoftmaxNetwork(4, 5, ()), "not among the 2 actions of env"),
        (GaussianNetwork(4, 1, ()), "not among the 2 actions of env"),
    ],
)
def test_a_policy_of_other_actions_than_the_environments_is_refused(policy, said):
    rng = np.random.default_rng(0)
    env = gymnasium.make_vec("CartPole-v1", 4)
    with pytest.raises(ValueError, match=said):
        train(env, policy, policy.initial(rng), 0.1, 2, 2, rng)


def test_a_policy_of_whole_numbers_is_refused_where_actions_are_real():
    rng = np.random.default_rng(0)
    env = gymnasium.make_vec("Pendulum-v1", 4)
    policy = SoftmaxNetwork(3, 5, ())
    with pytest.raises(ValueError, match=r"an action of env is real numbers of shape \(1,\)"):
        train(env, policy, policy.initial(rng), 0.1, 2, 2, rng, max_steps=5)


def test_parameters_of_updates_long_past_are_not_kept():
    kept: list = []
    for number in range(5):
        keep(kept, number, -number, f"update {number}")
    assert [one[:2] for one in kept] == [(None, None)] * 3 + [(3, -3), (4, -4)]
    assert [one[2] for one in kept] == [f"update {number}" for number in range(5)]


class Counted(gymnasium.Wrapper):
    """Counts the steps of an environment."""

    steps = 0

    def step(self, action):
        self.steps += 1
        return super().step(action)


class Plain(gymnasium.vector.SyncVectorEnv):
    """What pgcode takes for an environment of somebody else, whose copies are stepped together."""


@pytest.mark.parametrize("mode", list(AutoresetMode))
@pytest.mark.parametrize(
    ("name", "policy"),
    [
        ("CartPole-v1", SoftmaxNetwork(4, 2)),
        ("Pendulum-v1", GaussianNetwork(3, 1)),
        ("Taxi-v4", SoftmaxNetwork(500, 6)),
    ],
)
def test_copies_whose_episode_is_over_stand_still_and_nothing_else_changes(name, policy, mode):
    def trained(kind):
        single = [lambda: Counted(gymnasium.make(name, max_episode_steps=60)) for _ in range(6)]
        env = kind(single, autoreset_mode=mode)
        curve = train(env, policy, None, Adam(0.1), n_updates=4, n_runs=2, rng=np.random.default_rng(3))
        return curve, sum(copy.steps for copy in env.envs)

    (alone, steps), (together, more) = trained(gymnasium.vector.SyncVectorEnv), trained(Plain)
    for one, other in ((alone.theta, together.theta), (alone.returns, together.returns)):
        np.testing.assert_array_equal(one, other)
    assert steps == alone.lengths.sum()
    assert more >= steps
