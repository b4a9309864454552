"""Arguments in another order, or a process that is none, at every door that takes one."""

import numpy as np

from pgcode import (
    baselines,
    bias,
    environments,
    estimators,
    general_form,
    learning,
    moments,
    state_action_form,
    step_form,
    trajectories,
    trajectory_form,
    values,
)
from pgcode.environments import random_mdp
from pgcode.mdp import gymnasium_states
from pgcode.policies import SoftmaxPolicy, action_probabilities

MDP = random_mdp(np.random.default_rng(0))
POLICY, THETA, RNG = SoftmaxPolicy(3, 2), np.zeros((3, 2)), np.random.default_rng(0)
BATCH = trajectories.sample_trajectories(MDP, POLICY, THETA, 3, RNG)
OF_THREE = (
    *(getattr(values, name) for name in values.__all__ if name != "going_states"),
    action_probabilities,
    baselines.full_return_variance,
    baselines.reward_to_go_variance,
    moments.full_return_moments,
    moments.reward_to_go_moments,
    state_action_form.average_reward_derivation,
    state_action_form.average_reward_gradient,
    state_action_form.exact_gradient,
    state_action_form.full_derivation,
    state_action_form.restart_derivation,
    state_action_form.source_derivation,
    trajectories.enumerate_trajectories,
    trajectory_form.derivation,
    trajectory_form.enumerated_gradient,
    trajectory_form.enumerated_objective,
)
OF_A_PROCESS = {
    "moments of GAE": lambda mdp: moments.gae_moments(mdp, POLICY, THETA, np.zeros(3), 1.0),
    "moments of a table": lambda mdp: moments.state_action_moments(mdp, POLICY, THETA, THETA),
    "enumerated moments": lambda mdp: moments.enumerated_moments(mdp, POLICY, THETA, estimators.full_return),
    "the general proof": lambda mdp: general_form.derivation_with_sums(mdp, POLICY, THETA, THETA + 1),
    "a ledger of a step": lambda mdp: step_form.step_derivation(mdp, POLICY, THETA, THETA + 1),
    "a surrogate": lambda mdp: step_form.surrogate(mdp, POLICY, THETA, THETA + 1),
    "a bound": lambda mdp: step_form.surrogate_error_bound(mdp, POLICY, THETA, THETA + 1),
    "a divergence": lambda mdp: step_form.divergence(mdp, POLICY, THETA, THETA + 1),
    "a Fisher matrix": lambda mdp: step_form.fisher_matrix(mdp, POLICY, THETA),
    "a trust region": lambda mdp: learning.trust_region_step(mdp, POLICY, THETA, 0.1),
    "a restarting chain": lambda mdp: environments.restarting_chain(mdp),
    "a count": lambda mdp: trajectories.count_trajectories(mdp),
    "samples": lambda mdp: trajectories.sample_trajectories(mdp, POLICY, THETA, 3, RNG),
    "REINFORCE": lambda mdp: learning.reinforce(mdp, POLICY, THETA, 0.1, 3, 4, RNG),
    "a simulated test": lambda mdp: bias.simulated_bias_test(
        BATCH, mdp, POLICY, THETA, estimators.full_return, 19, RNG
    ),
    "a policy for a process": lambda mdp: SoftmaxPolicy.for_mdp(mdp),
    "the states of an environment": lambda mdp: gymnasium_states(mdp, [0], [True]),
    "states that go on": lambda mdp: values.going_states(mdp, np.eye(3)),
}


def given(function, *arguments):
    return lambda: function(*arguments)


CASES = {
    **{f"{f.__name__} of nothing": (given(f, None, POLICY, THETA), "mdp is a NoneType: pass a Tab") for f in OF_THREE},
    **{
        f"{f.__name__}, policy first": (
            given(f, POLICY, MDP, THETA),
            "mdp is a SoftmaxPolicy: pass a TabularMDP|policy is a TabularMDP, which has no theta_shape",
        )
        for f in OF_THREE
    },
    **{f"{name} of nothing": (given(f, None), "mdp is a NoneType: pass a Tab") for name, f in OF_A_PROCESS.items()},
    "a grid of NaN": (lambda: environments.gridworld(np.nan), "rows holds something that is no string"),
}
