"""Random decision processes, policies and parameters for hypothesis."""

import numpy as np
from hypothesis import strategies as st

from pgcode.environments import random_mdp
from pgcode.mdp import TabularMDP
from pgcode.policies import LinearSoftmaxPolicy, SoftmaxPolicy

DISCOUNTS = (0.0, 0.5, 0.9, 1.0)


@st.composite
def problems(draw, kinds=("softmax", "linear"), discounts=DISCOUNTS, horizons=(1, 2, 3), with_end=True):
    """Draw (mdp, policy, theta): up to 3 states and actions, sometimes with a terminal state."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    mdp = random_mdp(
        rng,
        n_states=draw(st.integers(2, 3)),
        n_actions=draw(st.integers(1, 3)),
        discount=draw(st.sampled_from(discounts)),
        horizon=draw(st.sampled_from(horizons)),
    )
    if with_end and draw(st.booleans()):
        mdp = end_in_last_state(mdp)
    if draw(st.sampled_from(kinds)) == "softmax":
        policy = SoftmaxPolicy(mdp.n_states, mdp.n_actions)
    else:
        policy = LinearSoftmaxPolicy(rng.standard_normal((mdp.n_states, mdp.n_actions, 2)))
    return mdp, policy, 2 * rng.standard_normal(policy.theta_shape)


def end_in_last_state(mdp):
    """Make the last state of a process terminal."""
    transition, reward = mdp.transition.copy(), mdp.reward.copy()
    transition[-1], reward[-1] = np.eye(mdp.n_states)[-1], 0
    return TabularMDP(transition, reward, mdp.initial, mdp.discount, mdp.horizon)
