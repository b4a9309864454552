"""What nobody should pass to the tests for bias."""

import math

import numpy as np

from pgcode import bias
from pgcode.environments import random_mdp, two_armed_bandit
from pgcode.estimators import full_return
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import Trajectories, sample_trajectories

BANDIT, POLICY, THETA = two_armed_bandit(), SoftmaxPolicy(2, 2), np.zeros((2, 2))


def batch(n=10, mdp=BANDIT):
    policy = SoftmaxPolicy(mdp.n_states, mdp.n_actions)
    return sample_trajectories(mdp, policy, np.zeros(policy.theta_shape), n, np.random.default_rng(0))


def simulated(trajectories=None, mdp=BANDIT, theta=THETA, weights=full_return, n_replications=19, **options):
    trajectories = batch() if trajectories is None else trajectories
    rng = options.pop("rng", np.random.default_rng(1))
    return bias.simulated_bias_test(trajectories, mdp, POLICY, theta, weights, n_replications, rng, **options)


def of_the_mean(trajectories):
    returns = full_return(trajectories)
    return returns - returns.mean()


def written():
    result = simulated()
    result.null_statistics[0] = 5


def is_sure(result):
    return result.p_value == 0 and result.trusted is True


ONE = np.eye(1)
COIN = bias.higher_moments([[1.0], [-1.0]], ONE, [0.5, 0.5])

CASES = {
    "n of 10^300": (lambda: bias.bias_test([0.1], 10**300, [0.0], ONE), lambda r: r.p_value == 0),
    "n of 10^400": (lambda: bias.bias_test([0.1], 10**400, [0.0], ONE), "n_trajectories is beyond 1e308"),
    "n negative": (lambda: bias.bias_test([0.1], -1, [0.0], ONE), "n_trajectories is -1"),
    "n is a float": (lambda: bias.bias_test([0.1], 1e3, [0.0], ONE), "n_trajectories is 1000.0"),
    "n is True": (lambda: bias.bias_test([0.1], True, [0.0], ONE), "n_trajectories is True"),
    "estimate NaN": (lambda: bias.bias_test([np.nan], 5, [0.0], ONE), r"estimate\[0\] is nan"),
    "gradient infinite": (lambda: bias.bias_test([0.0], 5, [np.inf], ONE), r"gradient\[0\] is inf"),
    "estimate complex": (lambda: bias.bias_test([1j], 5, [0.0], ONE), "estimate holds complex128"),
    "estimate masked": (lambda: bias.bias_test(np.ma.masked_equal([0.0], 0), 5, [0.0], ONE), "estimate is a masked"),
    "estimate of another shape": (lambda: bias.bias_test([[0.0]], 5, [0.0], ONE), "estimate has shape"),
    "estimate and gradient beyond double": (lambda: bias.bias_test([1.7e308], 5, [-1.7e308], ONE), "is inf"),
    "estimate far away": (lambda: bias.bias_test([1e300], 5, [0.0], ONE), lambda r: r.p_value == 0),
    "no parameters": (
        lambda: bias.bias_test(np.zeros(0), 5, np.zeros(0), np.zeros((0, 0))),
        lambda r: (r.statistic, r.p_value) == (0, 1),
    ),
    "covariance not square": (lambda: bias.bias_test([0.0], 5, [0.0], [[1.0, 0.0]]), "covariance has shape"),
    "covariance asymmetric": (lambda: bias.power([0.0, 0.0], 5, [[1.0, 1e-3], [0.0, 1.0]]), "not symmetric"),
    "covariance indefinite": (lambda: bias.power([0.0, 0.0], 5, [[1.0, 1.1], [1.1, 1.0]]), "negative eigenvalue"),
    "variance negative": (lambda: bias.power([0.0], 5, [[-1.0]]), "negative variance"),
    "variance negative and tiny": (lambda: bias.power([0.0], 5, [[-1e-200]]), "negative variance"),
    "covariance NaN": (lambda: bias.power([0.0], 5, [[np.nan]]), r"covariance\[0, 0\] is nan"),
    "covariance at the limit": (lambda: bias.bias_test([1e150], 1, [0.0], [[1.7e308]]), lambda r: 0 < r.p_value < 1),
    "units of 1e100": (lambda: bias.bias_test([3e100], 1, [0.0], [[1e200]]), lambda r: abs(r.statistic - 9) < 1e-9),
    "units of 1e-200": (lambda: bias.bias_test([3e-200], 1, [1e-200], [[0.0]]), "too small for all digits"),
    "covariance of zeros, equal": (lambda: bias.bias_test([3e-200], 1, [3e-200], [[0.0]]), lambda r: r.p_value == 1),
    "covariance of zeros, unequal": (lambda: bias.bias_test([1.1], 1, [1.0], [[0.0]]), is_sure),
    "difference where nothing varies": (
        lambda: bias.bias_test([0.0, 1e-6], 1, [0.0, 0.0], np.diag([1.0, 0.0])),
        lambda r: is_sure(r) and math.isinf(r.statistic) and "sure" in str(r),
    ),
    "level 0": (lambda: bias.power([1.0], 5, ONE, 0), "level is 0"),
    "level 1": (lambda: bias.power([1.0], 5, ONE, 1), "level is 1"),
    "level NaN": (lambda: bias.power([1.0], 5, ONE, math.nan), "level is nan"),
    "level 1e-300": (lambda: bias.power([0.0], 5, ONE, 1e-300), lambda p: 1e-300 <= p < 1.001e-300),
    "level next to 1": (lambda: bias.power([0.0], 5, ONE, 1 - 1e-16), lambda p: p == 1 - 1e-16),
    "level 1e-300, a large bias": (lambda: bias.power([50.0], 1, ONE, 1e-300), lambda p: 1 - 1e-12 < p <= 1),
    "bias infinite": (lambda: bias.power([math.inf], 5, ONE), r"bias\[0\] is inf"),
    "higher is a number": (lambda: bias.bias_test([0.0], 5, [0.0], ONE, 3.0), "higher is 3.0"),
    "higher of another rank": (lambda: bias.bias_test([0.0] * 2, 5, [0.0] * 2, np.eye(2), COIN), "higher has rank 1"),
    "no gradients": (lambda: bias.higher_moments(np.zeros((0, 1)), ONE), "at least one trajectory"),
    "gradients a number": (lambda: bias.higher_moments(1.0, ONE), "at least one trajectory"),
    "gradients NaN": (lambda: bias.higher_moments([[np.nan]], ONE), r"gradients\[0, 0\] is nan"),
    "gradients of other covariance": (
        lambda: bias.higher_moments([[1.0], [-1.0]], [[4.0]], [0.5, 0.5]),
        "times the variance that covariance says",
    ),
    "gradients vary where none may": (lambda: bias.higher_moments([[1.0], [0.0]], [[0.0]]), "nothing varies"),
    "one gradient is a sample that shows nothing": (lambda: bias.higher_moments([[1.0]], ONE), lambda h: h.seen == 0),
    "probabilities of another length": (
        lambda: bias.higher_moments([[1.0]], ONE, [0.5, 0.5]),
        "probabilities has shape",
    ),
    "probabilities no distribution": (lambda: bias.higher_moments([[1.0], [-1.0]], ONE, [0.5, 0.6]), "sums to 1.1"),
    "false alarms at level 0": (lambda: COIN.false_alarms(10, 0.0), "level is 0"),
    "trajectories are an array": (lambda: simulated(np.zeros((2, 2))), "trajectories is a ndarray"),
    "trajectories of another discount": (
        lambda: simulated(Trajectories([[0, 1]], [[0]], [[1.0]], 0.5, BANDIT.terminal)),
        "trajectories.discount is 0.5",
    ),
    "trajectories that are longer": (
        lambda: simulated(Trajectories([[0, 1, 1]], [[0, 0]], [[1.0, 0.0]], 1.0, BANDIT.terminal)),
        "trajectories have 2 decisions",
    ),
    "trajectories of a larger process": (
        lambda: simulated(Trajectories([[0, 7]], [[0]], [[1.0]], 1.0)),
        "trajectories hold state 7",
    ),
    "one trajectory": (lambda: simulated(batch(1)), lambda r: 0 < r.p_value <= 1),
    "no horizon": (lambda: simulated(mdp=random_mdp(np.random.default_rng(0), 2, 2, horizon=None)), "horizon is None"),
    "theta complex": (lambda: simulated(theta=THETA + 1j), "theta is complex"),
    "theta of another shape": (lambda: simulated(theta=np.zeros(3)), "theta has shape"),
    "weights are an array": (lambda: simulated(weights=np.ones((10, 1))), "weights is a ndarray"),
    "weights of another shape": (lambda: simulated(weights=lambda b: b.returns), "has shape"),
    "weights NaN": (lambda: simulated(weights=lambda b: full_return(b) * np.nan), "is nan"),
    "weights complex": (lambda: simulated(weights=lambda b: full_return(b) * 1j), "complex"),
    "weights of all together": (lambda: simulated(weights=of_the_mean), "change with the other trajectories"),
    "rng a seed": (lambda: simulated(rng=3), "rng is 3"),
    "no replications": (lambda: simulated(n_replications=0), "n_replications is 0"),
    "one replication": (lambda: simulated(n_replications=1), lambda r: r.p_value in (0.5, 1)),
    "moments a number": (lambda: simulated(moments=2), "moments is 2"),
    "written to": (written, "read-only"),
}
