"""Nasty inputs of ``learning``."""

import dataclasses
import pickle

import gymnasium
import numpy as np

from pgcode.environments import random_mdp, two_armed_bandit
from pgcode.learning import Adam, Critic, LearningCurve, actor_critic, gradient_ascent, reinforce, stepwise_reinforce
from pgcode.policies import SoftmaxPolicy

MDP, POLICY, THETA = random_mdp(np.random.default_rng(0)), SoftmaxPolicy(3, 2), np.zeros((3, 2))


def learn(mdp=MDP, policy=POLICY, theta=THETA, step_size=0.1, n_episodes=3, n_runs=2, **options):
    return reinforce(mdp, policy, theta, step_size, n_episodes, n_runs, np.random.default_rng(0), **options)


def paid(size):
    return dataclasses.replace(MDP, reward=MDP.reward * size)


def run_away(policy, **options):
    """Take one step beyond the floats, at which no policy gives a score."""
    theta, rng = np.zeros(policy.theta_shape), np.random.default_rng(0)
    return stepwise_reinforce(paid(1e9), policy, theta, 1e308, 3, 2, rng, **options)


def writes_into_its_argument(theta):
    gradient = 0 * theta + 1
    theta[...] = 99
    return gradient


def write(array):
    array[...] = 0


CASES = {
    "a callback that writes into the history": (
        lambda: gradient_ascent(writes_into_its_argument, [0.0], 1.0, 3),
        lambda path: path.tolist() == [[0.0], [1.0], [2.0], [3.0]],
    ),
    "a gradient that is NaN": (
        lambda: gradient_ascent(lambda at: at * np.nan, [1.0], 1.0, 3),
        r"gradient\[0\] is nan: the gradient of step 0 must be finite",
    ),
    "an ascent that runs away": (
        lambda: gradient_ascent(lambda at: at, [1.0], 1e200, 3),
        "theta is no longer finite after step 1: take a smaller step_size",
    ),
    "a gradient of text": (lambda: gradient_ascent(lambda at: "up", [1.0], 1.0, 3), "gradient holds <U2"),
    "a start that is NaN": (lambda: gradient_ascent(lambda at: at, [np.nan], 1.0, 3), r"theta\[0\] is nan"),
    "episodes that fill no batch": (
        lambda: learn(n_episodes=7, batch_size=4),
        "7 episodes are no whole number of batches of 4: change n_episodes",
    ),
    "nobody to be compared with": (
        lambda: learn(baseline="leave one out"),
        "one episode has no others to be compared with: take a batch_size of 2 or more",
    ),
    "a baseline of another name": (
        lambda: learn(baseline="V"),
        "baseline is 'V': give None, a number, \"leave one out\", a Critic or a function of one θ",
    ),
    "a baseline for each action": (
        lambda: learn(baseline=lambda theta: np.zeros((3, 2))),
        r"baseline has shape \(3, 2\), but needs shape \(4, 3\), which is \(T, n_states\)",
    ),
    "a baseline that is NaN": (lambda: learn(baseline=lambda theta: np.nan), "baseline is nan"),
    "a batch of none": (lambda: learn(batch_size=0), "batch_size is 0"),
    "a step downhill": (lambda: learn(step_size=-0.1), "step_size is -0.1, and a step would go the wrong way"),
    "an ascent downhill": (lambda: gradient_ascent(lambda at: at, [1.0], -0.1, 3), "step_size is -0.1, and a step"),
    "two step sizes for one ascent": (
        lambda: gradient_ascent(lambda at: at, [1.0], [0.1, 0.2], 3),
        r"step_size has shape \(2,\): pass one number",
    ),
    "an ascent along a number": (lambda: gradient_ascent(3, [1.0], 0.1, 3), "gradient is 3: pass a function"),
    "no start": (lambda: learn(theta=None), r"theta is None: pass a start of shape \(3, 2\)"),
    "a critic that is a class": (lambda: learn(baseline=Critic), "baseline is the class Critic: pass an object of it"),
    "a critic that forgets": (lambda: Critic(-0.1), "step_size is -0.1, and a step would go the wrong way"),
    "an optimiser for every step": (
        lambda: actor_critic(
            MDP, POLICY, THETA, Adam(0.1), 3, 2, np.random.default_rng(0), critic=Critic(0.1, trace_decay=0.0)
        ),
        r"step_size is Adam\(0.1, .*\), but actor_critic moves at every step: pass one number",
    ),
    "an environment for a table": (
        lambda: learn(mdp=gymnasium.make("FrozenLake-v1")),
        r"mdp is a \w+: pass a TabularMDP, such as TabularMDP.from_gymnasium\(env, discount\)",
    ),
    "a learner that runs away": (
        lambda: learn(paid(1e9), step_size=1e308),
        "theta is no longer finite after episode 0: take a smaller step_size",
    ),
    "a learner that runs away at a step": (
        lambda: run_away(SoftmaxPolicy(3, 2)),
        "theta is no longer finite after step 0 of episode 0: take a smaller step_size",
    ),
    "a learner that runs away at a step, and whose policy allows some actions": (
        lambda: run_away(SoftmaxPolicy(3, 2, allowed=[[True, True], [True, False], [True, True]])),
        "theta is no longer finite after step 0 of episode 0: take a smaller step_size",
    ),
    "a critic that runs away at a step": (
        lambda: run_away(SoftmaxPolicy(3, 2), critic=Critic(1e308)),
        "the critic is no longer finite: give it a smaller step_size",
    ),
    "a learner that starts at infinity": (lambda: learn(theta=THETA + np.inf), r"theta\[0, 0\] is inf"),
    "rewards beyond the floats": (
        lambda: learn(paid(1e308)),
        r"R\(τ\) of episode \d is beyond the largest float|γᵗ\(G_t − b_t\) of run \d is beyond the largest float",
    ),
    "rewards 1e-300": (lambda: learn(paid(1e-300)).theta, lambda theta: np.isfinite(theta).all()),
    "a path that does not fit": (
        lambda: learn(n_episodes=10**7, n_runs=10**3),
        r"the path of theta would have shape \(1000, 10000001, 3, 2\).*fewer runs",
    ),
    "complex θ": (lambda: learn(theta=THETA * 1j), "theta holds complex128, not real numbers"),
    "a path written to": (lambda: write(learn().theta), "read-only"),
    "returns of a pickle written to": (lambda: write(pickle.loads(pickle.dumps(learn())).returns), "read-only"),
    "a curve of other shapes": (
        lambda: LearningCurve(np.zeros((2, 3, 1)), np.zeros((2, 3))),
        r"theta has shape \(2, 3, 1\) and returns \(2, 3\)",
    ),
    "no steps at most": (
        lambda: learn(dataclasses.replace(MDP, horizon=None), max_steps=0),
        "max_steps is 0: pass a whole number of steps",
    ),
    "one run of one episode of one step": (
        lambda: learn(two_armed_bandit(), SoftmaxPolicy(2, 2), np.zeros((2, 2)), n_episodes=1, n_runs=1).returns,
        lambda returns: returns[0, 0] in (1.0, 2.0),
    ),
}
