"""Nasty inputs of ``estimators``."""

import dataclasses
import pickle

import numpy as np

from pgcode.environments import random_mdp
from pgcode.estimators import (
    GradientEstimate,
    full_return,
    generalized_advantage,
    importance_ratios,
    log_importance_ratios,
    policy_gradient,
    reward_to_go,
    state_action_weights,
    trajectory_gradients,
)
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import Trajectories, sample_trajectories

MDP, POLICY, THETA = random_mdp(np.random.default_rng(0)), SoftmaxPolicy(3, 2), np.zeros((3, 2))
BATCH = sample_trajectories(MDP, POLICY, THETA, 10, np.random.default_rng(0))
LONG = Trajectories(np.zeros((1, 2001), int), np.zeros((1, 2000), int), np.ones((1, 2000)), 1.0)
CUT = Trajectories([[0] * 5], [[0] * 4], [[1.0, 1.0, 9.0, 9.0]], 0.9, lengths=[2], cut=[True])
ONE, NEW, OLD = SoftmaxPolicy(1, 2), np.log([[0.75, 0.25]]), np.log([[0.25, 0.75]])


def gradient(weights=None, batch=BATCH, policy=POLICY, theta=THETA, **options):
    return policy_gradient(batch, policy, theta, full_return(batch) if weights is None else weights, **options)


def write(array):
    array[...] = 0


def changed_afterwards():
    weights = np.array(full_return(BATCH))
    estimate = gradient(weights)
    before = np.array(estimate.standard_error)
    weights *= 100
    return np.array_equal(estimate.standard_error, before)


def sized(size):
    return dataclasses.replace(BATCH, rewards=BATCH.rewards * size)


CASES = {
    "weights that change afterwards": (changed_afterwards, lambda same: same),
    "mean written to": (lambda: write(gradient().mean), "read-only"),
    "standard error of a pickle written to": (
        lambda: write(pickle.loads(pickle.dumps(gradient())).standard_error),
        "read-only",
    ),
    "standard error of one trajectory": (lambda: gradient(batch=BATCH[[0]]).standard_error, "at least 2 trajectories"),
    "covariance that nobody asked for": (lambda: gradient().covariance, "pass covariance=True to policy_gradient"),
    "rewards 1e-300": (
        lambda: gradient(batch=sized(1e-300)).standard_error * 1e300 / gradient().standard_error,
        lambda ratio: np.allclose(ratio, 1, rtol=1e-12, atol=0),
    ),
    "rewards 1e-200 and a covariance": (
        lambda: gradient(batch=sized(1e-200), covariance=True),
        "the covariance is beyond the floats, as weights are of size .*: scale the rewards",
    ),
    "rewards 1e300": (
        lambda: gradient(batch=sized(1e300)).mean / 1e300 / gradient().mean,
        lambda ratio: np.allclose(ratio, 1, rtol=1e-12, atol=0),
    ),
    "rewards 1e300 and a covariance": (
        lambda: gradient(batch=sized(1e300), covariance=True),
        "the covariance is beyond the floats",
    ),
    "a sum of weights beyond the floats": (
        lambda: gradient(np.full((10, 4), 1.7e308), standard_error=False).n_trajectories,
        lambda n: n == 10,
    ),
    "a gradient beyond the floats": (
        lambda: trajectory_gradients(LONG, ONE, [[0.0, 0.0]], np.full((1, 2000), 1.7e308)),
        "gradient of a trajectory is beyond the floats",
    ),
    "infinite weight": (lambda: gradient(np.full((10, 4), np.inf)), r"weights\[0, 0\] is inf"),
    "NaN weight": (lambda: gradient(np.full((10, 4), np.nan), standard_error=False), r"weights\[0, 0\] is nan"),
    "masked weights": (lambda: gradient(np.ma.masked_array(np.ones((10, 4)), False)), "weights is a masked array"),
    "complex weights": (lambda: gradient(np.ones((10, 4)) * 1j), "weights holds complex128, not real numbers"),
    "weights of one step": (lambda: gradient(np.ones((10, 1))), r"weights has shape \(10, 1\)"),
    "weights as flags": (
        lambda: gradient(np.ones((10, 4), bool)).mean - gradient(np.ones((10, 4))).mean,
        lambda off: not off.any(),
    ),
    "policy as a class": (lambda: gradient(policy=SoftmaxPolicy), "policy is the class SoftmaxPolicy"),
    "a return beyond the floats": (
        lambda: full_return(Trajectories([[0, 0, 0]], [[0, 0]], [[1.7e308, 1.7e308]], 1.0)),
        r"R\(τ\) of trajectory 0 is beyond the largest float",
    ),
    "a reward-to-go beyond the floats": (
        lambda: reward_to_go(Trajectories([[0, 0, 0]], [[0, 0]], [[1.7e308, 1.7e308]], 1.0)),
        r"γᵗG_t of trajectory 0 is beyond the largest float",
    ),
    "a baseline beyond the floats": (
        lambda: reward_to_go(Trajectories([[0, 0]], [[0]], [[1.7e308]], 1.0), -1.7e308),
        "a weight of trajectory 0 is beyond the largest float",
    ),
    "an advantage beyond the floats": (
        lambda: generalized_advantage(Trajectories([[0, 0]], [[0]], [[1.7e308]], 1.0), [-1.7e308], 1.0),
        "a weight of trajectory 0 is beyond the largest float.*divide rewards and state_values",
    ),
    "cut after 2 of 4 steps": (
        lambda: generalized_advantage(CUT, [2.0], 0.5) / 0.9 ** np.arange(4),
        lambda a: np.allclose(a, [[1.16, 0.8, 0, 0]], rtol=0, atol=1e-15),
    ),
    "values that are not 0 at the end": (
        lambda: generalized_advantage(dataclasses.replace(CUT, cut=[False]), [2.0], 1.0),
        lambda a: np.allclose(a, [[1.9 - 2, 0.9 * (1 - 2), 0, 0]], rtol=0, atol=1e-15),
    ),
    "a baseline for each time with one axis": (
        lambda: reward_to_go(BATCH, np.zeros(4)),
        r"baseline has shape \(4,\), and there are 4 decisions, but 3 states: pass baseline\[:, None\]",
    ),
    "a baseline for each time": (
        lambda: reward_to_go(BATCH, np.arange(4.0)[:, None]) - reward_to_go(BATCH),
        lambda off: np.allclose(off, -np.arange(4) * 0.8 ** np.arange(4), rtol=0, atol=1e-12),
    ),
    "a baseline where T = S is one of the states": (
        lambda: full_return(Trajectories([[1, 1, 1]], [[0, 0]], [[0.0, 0.0]], 1.0), [5.0, 7.0]),
        lambda w: w.tolist() == [[-7.0, -7.0]],
    ),
    "a baseline of more states": (
        lambda: reward_to_go(BATCH, np.zeros(9)),
        "baseline holds 9 states, but the traj.* 3",
    ),
    "a NaN baseline for each time": (lambda: full_return(BATCH, [[0.0], [np.nan], [0.0], [0.0]]), r"baseline\[1, 0\]"),
    "a masked baseline": (lambda: full_return(BATCH, np.ma.masked_array(np.zeros(3), [0, 0, 1])), "is a masked array"),
    "a NaN bootstrap": (lambda: full_return(CUT, bootstrap=[np.nan]), r"bootstrap\[0\] is nan"),
    "a bootstrap of other states": (lambda: reward_to_go(BATCH, bootstrap=np.zeros(2)), "bootstrap holds 2 states"),
    "a table of one axis": (lambda: state_action_weights(BATCH, np.zeros(3)), r"table has shape \(3,\), but needs"),
    "a number as a table": (
        lambda: state_action_weights(BATCH, 5.0),
        r"table has shape \(\), but needs \(n_states, n_actions\) or \(4, n_states, n_actions\)$",
    ),
    "a table for some of the times": (
        lambda: state_action_weights(BATCH, np.zeros((3, 3, 3))),
        r"table has shape \(3, 3, 3\), but needs \(n_states, n_actions\) or \(4, n_states, n_actions\)$",
    ),
    "NaN λ": (lambda: generalized_advantage(BATCH, np.zeros(3), np.nan), "gae_lambda is nan: λ lies from 0 to 1"),
    "ratio that overflows": (
        lambda: importance_ratios(LONG, ONE, NEW, OLD),
        r"the ratio of trajectory 0 is exp\(2197\.22\), beyond the floats: take log_importance_ratios",
    ),
    "ratio that underflows": (
        lambda: importance_ratios(LONG, ONE, OLD, NEW),
        r"the ratio of trajectory 0 is exp\(-2197\.22\), beyond the floats: take log_importance_ratios",
    ),
    "logarithm of a ratio that overflows": (
        lambda: log_importance_ratios(LONG, ONE, NEW, OLD),
        lambda logs: np.allclose(logs, 2000 * np.log(3), rtol=1e-13, atol=0),
    ),
    "a hundred thousand steps": (
        lambda: reward_to_go(
            Trajectories(np.zeros((1, 10**5 + 1), int), np.zeros((1, 10**5), int), np.ones((1, 10**5)), 0.5)
        ),
        lambda w: abs(w[0, 0] - 2) < 1e-15 and w[0, -1] == 0,
    ),
    "complex θ": (lambda: gradient(theta=THETA * 1j), "theta is complex"),
    "no trajectories": (lambda: full_return(None), "trajectories is a NoneType: pass Trajectories"),
    "an array in place of trajectories": (
        lambda: generalized_advantage(np.zeros((2, 3)), np.zeros(3), 0.5),
        "trajectories is a ndarray: pass Trajectories, as sample_trajectories draws them",
    ),
    "a gradient of nothing": (lambda: gradient(np.ones((1, 1)), batch=None), "trajectories is a NoneType"),
    "ratios of nothing": (lambda: importance_ratios(None, ONE, NEW, OLD), "trajectories is a NoneType"),
    "an estimate whose standard error is of another": (
        lambda: GradientEstimate(np.zeros(2), 3, np.zeros(3)),
        r"standard_error has shape \(3,\), but needs shape \(2,\)",
    ),
    "an estimate whose covariance is of another": (
        lambda: GradientEstimate(np.zeros((2, 2)), 3, None, np.zeros((2, 2))),
        r"covariance has shape \(2, 2\), but needs shape \(4, 4\)",
    ),
    "an estimate of NaN": (lambda: GradientEstimate([np.nan], 3), r"mean\[0\] is nan"),
    "an estimate of words": (lambda: GradientEstimate([0.0], "many"), "n_trajectories is 'many': pass a whole number"),
    "a negative standard error": (lambda: GradientEstimate([0.0], 3, [-1.0]), r"standard_error\[0\] is -1: a standard"),
    "a standard error that is replaced": (
        lambda: dataclasses.replace(GradientEstimate([0.0], 3, [1.0]), _standard_error=[np.inf]),
        r"standard_error\[0\] is inf",
    ),
}
