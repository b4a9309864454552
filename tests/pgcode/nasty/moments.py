"""Inputs of ``moments`` that nobody should pass, and somebody will."""

import copy
import pickle

import numpy as np

from pgcode import moments, values
from pgcode.environments import cancelling_rewards, lone_payer, random_mdp
from pgcode.estimators import full_return, reward_to_go
from pgcode.mdp import TabularMDP
from pgcode.policies import DirectPolicy, LinearSoftmaxPolicy, SoftmaxPolicy, TabularPolicy

PLAIN = random_mdp(np.random.default_rng(0))
POLICY, THETA = SoftmaxPolicy(3, 2), np.random.default_rng(1).standard_normal((3, 2))
FIVE = SoftmaxPolicy(5, 2), np.zeros((5, 2))
PROGRAMS = {
    "full return": moments.full_return_moments,
    "reward-to-go": moments.reward_to_go_moments,
    "GAE": lambda *problem, **options: moments.gae_moments(
        *problem, values.state_values(*problem), 0.9, **options
    ),
    "action values": lambda *problem, **options: moments.state_action_moments(
        *problem, values.action_values(*problem), **options
    ),
}  # fmt: skip


def scaled(size, discount=0.8, horizon=4):
    return TabularMDP(PLAIN.transition, size * PLAIN.reward, PLAIN.initial, discount, horizon)


def close(found, expected):
    return found.shape == expected.shape and np.allclose(
        found, expected, rtol=1e-8, atol=1e-12 * np.abs(expected).max()
    )


def scales(program, size):
    """The standard deviation and the mean of rewards times a number are that number times theirs."""
    one, other = program(PLAIN, POLICY, THETA), program(scaled(size), POLICY, THETA)
    return close(other.mean / size, one.mean) and close(other.standard_deviation / size, one.standard_deviation)


def mixed(small, large):
    """Two bandits that never meet: one pays little, one much."""
    transition, reward = np.zeros((3, 2, 3)), np.zeros((3, 2, 3))
    transition[:, :, 2] = 1
    reward[0, 0, 2], reward[1, 0, 2] = small, large
    return TabularMDP(transition, reward, [0.5, 0.5, 0], 1.0, 1)


def sure(program, height):
    """With softmax parameters far apart: numbers that are finite, and the gradient's own mean."""
    theta = np.where(np.arange(2) == 0, height, -height) * np.ones((3, 1))
    found = program(PLAIN, POLICY, theta, with_covariance=True)
    return np.isfinite(found.covariance).all() and (found.variance >= 0).all()


def writable(array):
    array[...] = 7


class ByHand(TabularPolicy):
    """A softmax that takes no complex θ."""

    complex_theta = False

    def probabilities(self, theta):
        weights = np.exp(np.asarray(theta, dtype=float))
        return weights / weights.sum(axis=-1, keepdims=True)

    def score(self, theta):
        return SoftmaxPolicy(self.n_states, self.n_actions).score(theta)


def forbidden():
    """The random process with action 1 forbidden in state 0, which has then no choice."""
    allowed = np.array([[True, False], [True, True], [True, True]])
    mdp = TabularMDP(PLAIN.transition, PLAIN.reward, PLAIN.initial, 0.8, 3, allowed)
    return mdp, SoftmaxPolicy(3, 2, allowed), THETA


def matches_enumeration(problem, program=moments.full_return_moments, weights=full_return):
    found, listed = program(*problem, with_covariance=True), moments.enumerated_moments(*problem, weights)
    return close(found.covariance, listed.covariance) and close(found.mean, listed.mean)


def trace_of_cancelling(size):
    return moments.full_return_moments(cancelling_rewards(size), *FIVE).trace


def large(n_states):
    transition = np.zeros((n_states, 2, n_states))
    transition[:, :, 0] = 1
    return TabularMDP(transition, 0 * transition, np.eye(n_states)[0], 1.0, 2)


CASES = {
    **{
        f"rewards of {size:g} in {name}": (lambda program=program, size=size: scales(program, size), bool)
        for name, program in PROGRAMS.items()
        for size in (1e-150, 1e-100, 1e-3, 1e100, 1e150)
    },
    **{
        f"rewards of {size:g} in {name}": (
            lambda program=program, size=size: program(scaled(size), POLICY, THETA),
            r"the variance of g\[0, 0\] is about 1e-(40|60)\d, which no float holds: multiply the rewards",
        )
        for name, program in PROGRAMS.items()
        for size in (1e-200, 1e-300)
    },
    "rewards of 1e200": (
        lambda: moments.full_return_moments(scaled(1e200), POLICY, THETA),
        r"the variance of g\[0, 0\] is about 1e\+(39|40)\d, which no float holds",
    ),
    "rewards of 1e-200, listed": (
        lambda: moments.enumerated_moments(scaled(1e-200), POLICY, THETA, full_return),
        r"the variance of g\[0, 0\] is about 1e-40\d, which no float holds",
    ),
    "rewards of 1e-300 and 1e150": (
        lambda: moments.full_return_moments(mixed(1e-300, 1e150), POLICY, THETA),
        r"a reward is 1e-300 beside one of about 8e\+149: no unit holds both",
    ),
    "rewards of 1e-200 and 1": (
        lambda: moments.full_return_moments(mixed(1e-200, 1.0), POLICY, THETA),
        r"the variance of g\[0, 0\] is about 1e-\d+, which no float holds",
    ),
    "rewards of 1e-100 and 1e40": (
        lambda: moments.full_return_moments(mixed(1e-100, 1e40), POLICY, 0 * THETA).variance[:, 0],
        lambda found: np.allclose(found, [3 / 64 * 1e-200, 3 / 64 * 1e80, 0], rtol=1e-12, atol=0),
    ),
    "no rewards at all": (
        lambda: moments.full_return_moments(scaled(0.0), POLICY, THETA, with_covariance=True),
        lambda found: not found.covariance.any() and not found.mean.any(),
    ),
    "a baseline of 1e300": (
        lambda: moments.reward_to_go_moments(PLAIN, POLICY, THETA, 1e300),
        r"a reward is .* beside one of about 1e\+300|which no float holds",
    ),
    **{
        f"cancelling rewards of {size:g}": (
            lambda size=size: trace_of_cancelling(size), lambda found: abs(found - 1.375) < 1e-13
        )
        for size in (1.0, 1e3, 1e6, 1e7, 1e8, 1e12)
    },
    "a common part of 1e12": (
        lambda: moments.reward_to_go_moments(
            TabularMDP(PLAIN.transition, np.round(PLAIN.reward * 64) / 64 + 2.0**40, PLAIN.initial, 1.0, 4),
            POLICY, THETA, 2.0**40 * np.arange(4, 0, -1)[:, None] * np.ones(3),
        ).trace / moments.reward_to_go_moments(
            TabularMDP(PLAIN.transition, np.round(PLAIN.reward * 64) / 64, PLAIN.initial, 1.0, 4), POLICY, THETA
        ).trace,
        lambda ratio: abs(ratio - 1) < 1e-11,
    ),
    **{
        f"θ of ±{height} in {name}": (lambda program=program, height=height: sure(program, height), bool)
        for name, program in PROGRAMS.items()
        for height in (30, 300, 700)
    },
    **{
        f"γ = {discount} in {name}": (
            lambda program=program, weights=weights, discount=discount: matches_enumeration(
                (scaled(1.0, discount, 3), POLICY, THETA), program, weights
            ),
            bool,
        )
        for name, program, weights in (
            ("full return", moments.full_return_moments, full_return),
            ("reward-to-go", moments.reward_to_go_moments, reward_to_go),
        )
        for discount in (0.0, 1 - 1e-7, 1.0)
    },
    "V that is not 0 at the end": (
        lambda: moments.gae_moments(cancelling_rewards(), *FIVE, 2.0, 0.5).trace
        - moments.gae_moments(cancelling_rewards(), *FIVE, [[2, 2, 2, 2, 0], [2, 2, 2, 2, 0], [0] * 5], 0.5).trace,
        lambda difference: difference == 0,
    ),
    "an own policy without complex θ": (
        lambda: matches_enumeration((scaled(1.0, 0.8, 3), ByHand(3, 2, (3, 2)), THETA)), bool
    ),
    "a forbidden action": (lambda: matches_enumeration(forbidden()), bool),
    "a forbidden action, reward-to-go": (
        lambda: matches_enumeration(forbidden(), moments.reward_to_go_moments, reward_to_go), bool
    ),
    "features of 1e200": (
        lambda: moments.full_return_moments(
            PLAIN, LinearSoftmaxPolicy(1e200 * np.random.default_rng(2).standard_normal((3, 2, 2))), [0.0, 0.0]
        ),
        r"the variance of g\[0\] is about 1e\+\d+, which no float holds",
    ),
    "features of 1e-100": (
        lambda: moments.full_return_moments(
            PLAIN, LinearSoftmaxPolicy(1e-100 * np.random.default_rng(2).standard_normal((3, 2, 2))), [0.0, 0.0]
        ).trace,
        lambda found: 1e-202 < found < 1e-197,
    ),
    "a probability of 1e-300": (
        lambda: moments.full_return_moments(lone_payer(2), DirectPolicy(2, 2), [[1e-300], [0.5]]).variance[0, 0],
        lambda found: abs(found / 1e300 - 1) < 1e-12,
    ),
    "a covariance of 74 GiB": (
        lambda: moments.full_return_moments(
            large(12), LinearSoftmaxPolicy(np.zeros((12, 2, 100_000))), np.zeros(100_000), with_covariance=True
        ),
        r"the covariance would have shape \(100000, 100000\) and take 74.5 GiB: leave with_covariance out",
    ),
    "gradients whose covariance does not fit": (
        lambda: moments.from_gradients(np.zeros((2, 100_000))), r"the covariance would have shape \(100000, 100000\)"
    ),
    "every state terminal": (
        lambda: moments.full_return_moments(large(1), SoftmaxPolicy(1, 2), [[0.0, 0.0]], with_covariance=True).trace,
        lambda found: found == 0,
    ),
    "a mean that is written to": (
        lambda: writable(moments.full_return_moments(PLAIN, POLICY, THETA).mean), "read-only"
    ),
    "a pickled covariance that is written to": (
        lambda: writable(pickle.loads(pickle.dumps(moments.Moments([1.0], [1.0], [[1.0]]))).covariance), "read-only"
    ),
    "a copied variance that is written to": (
        lambda: writable(copy.deepcopy(moments.Moments([1.0], [1.0])).variance), "read-only"
    ),
    "moments with a negative variance": (
        lambda: moments.Moments([0.0, 0.0], [1.0, -1.0]), r"variance\[1\] is -1: a variance is not negative"
    ),
    "moments with NaN": (lambda: moments.Moments([np.nan], [1.0]), r"mean\[0\] is nan"),
    "moments of two shapes": (lambda: moments.Moments([0.0], [1.0, 1.0]), r"variance has shape \(2,\)"),
    "gradients of one trajectory": (lambda: moments.from_gradients([[1.0, 2.0]]), "gradients holds 1 gradient"),
    "no gradients": (lambda: moments.from_gradients(np.zeros((0, 2))), r"gradients has shape \(0, 2\)"),
    "a number for gradients": (lambda: moments.from_gradients(3.0), r"gradients has shape \(\)"),
    "gradients with infinity": (lambda: moments.from_gradients([[1.0], [np.inf]]), r"gradients\[1, 0\] is inf"),
    "probabilities that sum to 2": (
        lambda: moments.from_gradients([[1.0], [2.0]], [1.0, 1.0]), r"probabilities sums to 2, not 1"
    ),
    "probabilities of others": (
        lambda: moments.from_gradients([[1.0], [2.0]], [1.0]), r"probabilities has shape \(1,\), but needs shape \(2,\)"
    ),
    "gradients of 1e-200": (
        lambda: moments.from_gradients([[1e-200], [2e-200]]), r"the variance of g\[0\] is about 1e-400, which no float"
    ),
    "gradients of 1e200": (lambda: moments.from_gradients([[1e200], [2e200]]), r"about 1e\+400, which no float holds"),
    "gradients with a common part": (
        lambda: moments.from_gradients(1e15 + np.array([[0.0], [1.0], [2.0]])).variance[0], lambda found: found == 1
    ),
    "gradients that are all the same": (
        lambda: moments.from_gradients(np.full((1000, 1), 0.1)).variance[0], lambda found: found < 1e-30
    ),
    "weights of a million rewards that cancel": (
        lambda: moments.enumerated_moments(cancelling_rewards(1e9), *FIVE, full_return),
        r"g\[0, 0\] is lost in rounding: rewards of 2e\+09 in all nearly cancel .* full_return_moments",
    ),
    "weights that are an array": (
        lambda: moments.enumerated_moments(PLAIN, POLICY, THETA, np.zeros((3888, 4))), "weights is a ndarray"
    ),
    "no horizon": (
        lambda: moments.full_return_moments(
            TabularMDP(PLAIN.transition, PLAIN.reward, PLAIN.initial, 0.9), POLICY, THETA
        ),
        "mdp.horizon is None",
    ),
}  # fmt: skip
