"""A critic that overrates a state."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import state_action_form, values
from pgcode.environments import random_mdp
from pgcode.exercises import (
    Mistake,
    sign_exercise,
)
from pgcode.exercises.state_action_form._shared import (
    CRITIC,
)
from pgcode.policies import SoftmaxPolicy

Array = NDArray[Any]
Generator = np.random.Generator


def _overrated_state(rng: Generator) -> float:
    """How the entry of θ(1, 0) of the update changes when a critic overrates both actions of state 1."""
    mdp, policy, theta = random_mdp(rng, horizon=None), SoftmaxPolicy(3, 2), rng.standard_normal((3, 2))
    visits = values.discounted_visitation(mdp, policy, theta)
    error = np.zeros((3, 2))
    error[1] = 10
    return float(state_action_form.state_weighted_gradient(policy, theta, visits, error)[1, 0])


@sign_exercise(
    title="A critic that overrates a state",
    wrong={
        "positive": Mistake(
            "a better state for a better action",
            "You let a larger value raise the preference. Both actions of the state gain the same 10, and what one "
            "probability gains the other loses: an action is preferred only for being better than the other one.",
        ),
        "negative": Mistake(
            "the other action alone",
            "You looked at the other action, whose larger value lowers the preference for action 0. The value of "
            "action 0 has grown by the same 10, and that raises it by as much.",
        ),
    },
    shows="The change is d_γ(1)·10·Σ_a ∇π(a|1) = 0, because the probabilities of a state sum to 1 at every θ. An error "
    "of the critic that is the same for all actions of a state is harmless, however large. What harms are errors in "
    "the differences between actions.",
    hints=[
        "The update is linear in Q̂. So its change is the same formula with the error in the place of Q̂.",
        "The error is 0 outside of state 1 and 10 in it: 10 stands before the sum of ∇π(a|1) over the actions.",
        "What is the gradient of Σ_a π(a|1)?",
    ],
    see=CRITIC,
)
def change_by_an_overrated_state() -> float:
    """Predict the sign of the change of the update's entry for θ(1,0) by an error of the critic in state 1."""
    return _overrated_state(np.random.default_rng(0))
