"""Nasty inputs of ``step_form``, and of the step that goes with it."""

from dataclasses import replace

import numpy as np

from pgcode.environments import random_mdp, thin_ice, thin_ice_policy
from pgcode.learning import trust_region_step
from pgcode.policies import SoftmaxPolicy
from pgcode.step_form import divergence, fisher_matrix, step_derivation, surrogate, surrogate_error_bound

MDP, POLICY, THETA = random_mdp(np.random.default_rng(0), horizon=None), SoftmaxPolicy(3, 2), np.zeros((3, 2))
SHORT = random_mdp(np.random.default_rng(0))

CASES = {
    "a ledger with a horizon": (
        lambda: step_derivation(SHORT, POLICY, THETA, THETA),
        r"endless process with a discount",
    ),
    "a bound with a horizon": (
        lambda: surrogate_error_bound(SHORT, POLICY, THETA, THETA),
        r"give mdp no horizon and γ < 1",
    ),
    "a bound without a discount": (
        lambda: surrogate_error_bound(replace(thin_ice(), discount=1.0), thin_ice_policy(), [0.0], [0.0]),
        r"give mdp no horizon and γ < 1",
    ),
    "a step from complex parameters": (
        lambda: fisher_matrix(MDP, POLICY, THETA + 1j),
        r"a Fisher matrix is taken at real parameters",
    ),
    "a surrogate from complex parameters": (
        lambda: surrogate(MDP, POLICY, THETA + 1j, THETA),
        r"the surrogate is that of a step from real parameters",
    ),
    "a divergence from complex parameters": (
        lambda: divergence(MDP, POLICY, THETA + 1j, THETA),
        r"a divergence is from real parameters",
    ),
    "a bound at complex parameters": (
        lambda: surrogate_error_bound(MDP, POLICY, THETA, THETA + 1j),
        r"the bound is for real parameters",
    ),
    "θ' of another shape": (
        lambda: surrogate(MDP, POLICY, THETA, np.zeros((2, 2))),
        r"theta has shape \(2, 2\), but SoftmaxPolicy\(3, 2\) needs shape \(3, 2\)",
    ),
    "θ' that is NaN": (lambda: divergence(MDP, POLICY, THETA, THETA + np.nan), r"nan"),
    "a radius of 0": (lambda: trust_region_step(MDP, POLICY, THETA, 0), r"radius is 0: the square of a distance is"),
    "a radius of text": (lambda: trust_region_step(MDP, POLICY, THETA, "0.01"), r"pass a number above 0"),
    "a policy that is sure": (
        lambda: divergence(MDP, POLICY, [[800.0, 0], [0, 0], [0, 0]], THETA),
        lambda found: np.isfinite(found) and found > 0,
    ),
    "a policy that becomes sure": (
        lambda: divergence(MDP, POLICY, THETA, [[900.0, 0], [0, 0], [0, 0]]),
        lambda found: 100 < found < np.inf,
    ),
}
