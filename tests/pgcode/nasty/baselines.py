"""Inputs of ``baselines`` that nobody should pass, and somebody will."""

import copy
import dataclasses
import pickle

import numpy as np

from pgcode.baselines import full_return_variance, reward_to_go_variance
from pgcode.environments import cancelling_rewards, lone_payer, random_mdp
from pgcode.mdp import TabularMDP
from pgcode.policies import LinearSoftmaxPolicy, SoftmaxPolicy

PLAIN = random_mdp(np.random.default_rng(0))
POLICY, THETA = SoftmaxPolicy(3, 2), np.random.default_rng(1).standard_normal((3, 2))
FIVE = SoftmaxPolicy(5, 2), np.zeros((5, 2))
QUADRATICS = {"full return": full_return_variance, "reward-to-go": reward_to_go_variance}
ARM = SoftmaxPolicy(2, 2), np.zeros((2, 2))


def scaled(size, discount=0.8, horizon=4):
    return TabularMDP(PLAIN.transition, size * PLAIN.reward, PLAIN.initial, discount, horizon)


def scales(quadratic, size):
    """Deviations and best baselines of rewards times a number are that number times theirs."""
    one, other = quadratic(PLAIN, POLICY, THETA), quadratic(scaled(size), POLICY, THETA)
    return all(
        np.allclose(found / size, expected, rtol=1e-9, atol=0)
        for found, expected in (
            (np.sqrt(other(0.3 * size)), np.sqrt(one(0.3))),
            (np.sqrt(other.least), np.sqrt(one.least)),
            (other.timed, one.timed),
            (np.array(other.constant), np.array(one.constant)),
        )
    )


def writable(array):
    array[...] = 7


def certain(quadratic):
    """θ of ±700: what cannot happen does not vary."""
    variance = quadratic(PLAIN, POLICY, np.array([[700.0, -700.0]] * 3))
    return not variance(3.0).any() and not variance.timed.any()


CASES = {
    **{
        f"rewards of {size:g}, {name}": (lambda quadratic=quadratic, size=size: scales(quadratic, size), bool)
        for name, quadratic in QUADRATICS.items()
        for size in (1e-150, 1e-80, 1e100, 1e150)
    },
    **{
        f"rewards of {size:g}, {name}": (
            lambda quadratic=quadratic, size=size: quadratic(scaled(size), POLICY, THETA),
            r"the variance of g\[0, 0\] is about 1e[+-](39|40)\d, which no float holds",
        )
        for name, quadratic in QUADRATICS.items()
        for size in (1e-200, 1e200)
    },
    **{
        f"cancelling rewards of {size:g}": (
            lambda size=size: full_return_variance(cancelling_rewards(size), *FIVE)(1.0).sum(),
            lambda found: abs(found - 0.375) < 1e-13,
        )
        for size in (1.0, 1e4, 1e8, 1e12)
    },
    **{
        f"the best baseline for cancelling rewards of {size:g}": (
            lambda size=size: (lambda v: v(v.timed).sum())(reward_to_go_variance(cancelling_rewards(size), *FIVE))
            / (lambda v: v(v.timed).sum())(reward_to_go_variance(cancelling_rewards(1.0), *FIVE)),
            lambda ratio: abs(ratio - 1) < 1e-12,
        )
        for size in (1e4, 1e8)
    },
    **{
        f"θ of ±700, {name}": (lambda quadratic=quadratic: certain(quadratic), bool)
        for name, quadratic in QUADRATICS.items()
    },
    **{
        f"γ = {discount}, {name}": (
            lambda quadratic=quadratic, discount=discount: quadratic(
                scaled(1.0, discount), POLICY, THETA
            ).without.trace,
            lambda found: 0 < found < 100,
        )
        for name, quadratic in QUADRATICS.items()
        for discount in (0.0, 1 - 1e-7, 1.0)
    },
    "no rewards at all": (lambda: full_return_variance(scaled(0.0), POLICY, THETA)(0.0).any(), lambda found: not found),
    "the baseline that leaves nothing": (
        lambda: (lambda v: v(v.timed))(reward_to_go_variance(lone_payer(2), *ARM)), lambda found: (found < 1e-28).all()
    ),
    "a baseline next to the one that leaves nothing": (
        lambda: reward_to_go_variance(lone_payer(2), *ARM)(0.5 + 2.0**-30).max() / (2.0**-60 / 4),
        lambda ratio: abs(ratio - 1) < 1e-8,
    ),
    "a baseline of 1e300": (
        lambda: reward_to_go_variance(PLAIN, POLICY, THETA)(1e300),
        r"the variance of g\[0, 0\] with this baseline is not a number that a float holds",
    ),
    "a baseline of infinity": (lambda: reward_to_go_variance(PLAIN, POLICY, THETA)(np.inf), "baseline is inf"),
    "a baseline of words": (
        lambda: reward_to_go_variance(PLAIN, POLICY, THETA)("much"), "baseline holds .*not real numbers"
    ),
    "a baseline of another process": (
        lambda: reward_to_go_variance(PLAIN, POLICY, THETA)(np.zeros(5)),
        r"baseline has shape \(5,\), but needs \(\), \(3,\)",
    ),
    "a table that does not fit": (
        lambda: reward_to_go_variance(
            scaled(1.0, horizon=2000), LinearSoftmaxPolicy(np.zeros((3, 2, 50_000))), np.zeros(50_000)
        ),
        r"as a function of the baseline would have shape \(2000, 3, 50000\) .* one baseline at a time",
    ),
    "a slope that is written to": (
        lambda: writable(reward_to_go_variance(PLAIN, POLICY, THETA).centred_slope), "read-only"
    ),
    "a pickled centre that is written to": (
        lambda: writable(pickle.loads(pickle.dumps(reward_to_go_variance(PLAIN, POLICY, THETA))).centre), "read-only"
    ),
    "a copied curvature that is written to": (
        lambda: writable(copy.deepcopy(reward_to_go_variance(PLAIN, POLICY, THETA)).curvature), "read-only"
    ),
    "a replaced least that does not fit": (
        lambda: dataclasses.replace(reward_to_go_variance(PLAIN, POLICY, THETA), least=np.zeros(2)),
        r"least has shape \(2,\)",
    ),
    "no horizon": (
        lambda: full_return_variance(TabularMDP(PLAIN.transition, PLAIN.reward, PLAIN.initial, 0.9), POLICY, THETA),
        "mdp.horizon is None",
    ),
    "complex θ": (lambda: full_return_variance(PLAIN, POLICY, THETA + 0j), "theta is complex"),
}  # fmt: skip
