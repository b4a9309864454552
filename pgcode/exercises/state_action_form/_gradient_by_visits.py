"""The gradient, by visits and values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import state_action_form, values
from pgcode.environments import corridor_policy, random_mdp, short_corridor
from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises.chapters import SHORT_DERIVATION
from pgcode.exercises.state_action_form._shared import (
    CRITIC,
    PROPORTIONAL,
    T8,
    T9_AND_T10,
    WHAT_VALUES_ARE,
    WHERE_RIGHT,
    WHICH_POLICY,
    optimal_action_values,
    right_factors,
    weighted_line,
)
from pgcode.mdp import TabularMDP
from pgcode.policies import SoftmaxPolicy, TabularPolicy

Array = NDArray[Any]
Generator = np.random.Generator


_B9 = SHORT_DERIVATION.section("B9: an integral is lost")


def _gradients(rng: Generator) -> Iterator[tuple[TabularMDP, TabularPolicy, Array]]:
    """Processes without a horizon, with a policy and parameters; θ of two shapes, with an end and without."""
    for n_states, n_actions, discount in ((3, 2, 0.8), (2, 4, 0.5), (4, 3, 0.9)):
        mdp = random_mdp(rng, n_states, n_actions, discount, None)
        yield mdp, SoftmaxPolicy(n_states, n_actions), rng.standard_normal((n_states, n_actions))
    yield short_corridor(discount=0.8), corridor_policy(), rng.standard_normal(2)


@function_exercise(
    title="The gradient, by visits and values",
    cases=_gradients,
    shows="Two solves, and no list of trajectories. The weights count visits from the same start and with the same "
    "discount as J, and Q is that of the same policy. How d_γ changes with θ was never needed.",
    hints=[
        "For each letter of the formula ask which of the arrays it is. Which weights belong to the J from μ?",
        "∇π(a|s) = π(a|s) ∇log π(a|s): the probabilities times the score, for each state and action.",
        'In `np.einsum("s,sa,sa,sa...->...", …)` the dots are the axes of θ. Give it d_γ, π, Q and the score.',
    ],
    see=T8,
    pairs=100,
)
def gradient_by_visits(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """Return ∇J(θ) = Σ_s d_γ(s) Σ_a ∇π(a|s) Q(s,a), the shape of θ."""
    visits = values.discounted_visitation(mdp, policy, theta)
    q = values.action_values(mdp, policy, theta)
    pi = policy.probabilities(theta)
    score = policy.score(theta)
    return np.einsum("s,sa,sa,sa...->...", visits, pi, q, score)


@gradient_by_visits.misconception()
def state_weights_forgotten(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You added up the states without weights.

    A state that is often visited counts more: the weight of s is the discounted visitation from μ.
    """
    return weighted_line(policy, theta, np.ones(mdp.n_states), values.action_values(mdp, policy, theta))


@gradient_by_visits.misconception()
def all_states_equally_likely(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You took the plain mean over the states.

    The weight of s is how often it is visited from μ, with γᵗ for a visit at time t.
    """
    weights = np.full(mdp.n_states, 1 / mdp.n_states)
    return weighted_line(policy, theta, weights, values.action_values(mdp, policy, theta))


@gradient_by_visits.misconception(see=WHERE_RIGHT)
def stationary_weights(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You weighted by the stationary distribution.

    The objective starts from μ and discounts, so the discounted visitation from μ is needed. The stationary one belongs
    to the average reward, with differential values.
    """
    d = values.stationary_distribution(mdp, policy, theta)
    return weighted_line(policy, theta, d, values.action_values(mdp, policy, theta))


@gradient_by_visits.misconception(see=WHERE_RIGHT)
def stationary_weights_over_one_minus_the_discount(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You weighted by the stationary distribution, divided by 1 − γ.

    The sum of these weights is that of the visitation, but they forget the start. J begins at μ, and so do the visits
    that are counted.
    """
    d = values.stationary_distribution(mdp, policy, theta) / (1 - mdp.discount)
    return weighted_line(policy, theta, d, values.action_values(mdp, policy, theta))


@gradient_by_visits.misconception(see=WHERE_RIGHT)
def start_weights_for_visits(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You weighted by the start distribution μ.

    That is the first step of the unrolled proof: it drops ∇Q, all that θ changes later. The weights are the discounted
    visits of all times.
    """
    return weighted_line(policy, theta, mdp.initial, values.action_values(mdp, policy, theta))


@gradient_by_visits.misconception(see=PROPORTIONAL)
def normalised_visits(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You divided the visits by their sum, or multiplied them by 1 − γ.

    Then they are a distribution and the result is only proportional to ∇J: the factor 1/(1 − γ) is missing.
    """
    visits, q = right_factors(mdp, policy, theta)
    return weighted_line(policy, theta, visits / visits.sum(), q)


@gradient_by_visits.misconception(see=PROPORTIONAL)
def factor_in_front_twice(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You divided by 1 − γ once too often.

    That factor belongs before weights that sum to 1. The visitation sums to 1/(1 − γ) and has it already.
    """
    return weighted_line(policy, theta, *right_factors(mdp, policy, theta)) / (1 - mdp.discount)


@gradient_by_visits.misconception(see=WHICH_POLICY)
def optimal_q_for_q_of_the_policy(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You used the optimal action values q*.

    They praise an action for what the best policy would make of it. Q follows the policy whose gradient is wanted.
    """
    return weighted_line(policy, theta, values.discounted_visitation(mdp, policy, theta), optimal_action_values(mdp))


@gradient_by_visits.misconception(see=WHAT_VALUES_ARE)
def reward_for_action_value(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You put the reward of one step in the place of Q.

    An action also decides what comes after it. Q(s,a) is the expected return, with all later rewards.
    """
    return weighted_line(policy, theta, values.discounted_visitation(mdp, policy, theta), mdp.expected_reward)


@gradient_by_visits.misconception(see=CRITIC)
def state_value_for_action_value(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """Your result is zero: you put V(s) in the place of Q(s,a), or no value at all.

    What is the same for all actions of a state is multiplied by Σ_a ∇π(a|s) = ∇1 = 0. Q tells the actions apart.
    """
    return np.zeros(theta.shape)


@gradient_by_visits.misconception(see=WHERE_RIGHT)
def differential_action_values(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You put differential values in the place of Q.

    They do not discount, and they belong to the average reward with the stationary weights. J discounts, and so does
    its Q.
    """
    q = values.differential_action_values(mdp, policy, theta)
    return weighted_line(policy, theta, values.discounted_visitation(mdp, policy, theta), q)


@gradient_by_visits.misconception(see=WHERE_RIGHT)
def gradient_of_the_average_reward(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You computed ∇r(π), the gradient of the average reward.

    Stationary weights and differential values fit each other. They are those of another objective: J starts from μ and
    discounts.
    """
    return state_action_form.average_reward_gradient(mdp, policy, theta)


@gradient_by_visits.misconception(see=T9_AND_T10)
def policy_counted_twice(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You multiplied ∇π by the policy once more.

    ∇π(a|s) = π(a|s) ∇log π(a|s): before the score stands one π(a|s), before ∇π none.
    """
    visits, q = right_factors(mdp, policy, theta)
    return weighted_line(policy, theta, visits, policy.probabilities(theta) * q)


@gradient_by_visits.misconception(see=T9_AND_T10)
def score_without_the_policy(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You put the score in the place of ∇π.

    The score is ∇log π = ∇π/π. In a sum over all actions its weight is π(a|s); only where actions are drawn does that
    come by itself.
    """
    visits, q = right_factors(mdp, policy, theta)
    return policy.weighted_score(theta, visits[:, None] * q)


@gradient_by_visits.misconception(see=_B9)
def one_vector_for_each_state(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You returned a vector for each state: the sum over the states is lost.

    Multiply the vector of s by d_γ(s) and add up the states.
    """
    return np.stack(
        [weighted_line(policy, theta, at, values.action_values(mdp, policy, theta)) for at in np.eye(mdp.n_states)]
    )


@gradient_by_visits.misconception(see=_B9)
def states_weighted_and_not_summed(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You returned a vector for each state, with its weight, and did not add up the states.

    ∇J is one vector, of the shape of θ: sum over s too.
    """
    visits, q = right_factors(mdp, policy, theta)
    return np.stack([weighted_line(policy, theta, weights, q) for weights in np.diag(visits)])


@gradient_by_visits.misconception()
def descent_direction(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You have the opposite sign.

    The minus belongs to a loss that is minimised, −J. Asked for is the gradient of J.
    """
    return -weighted_line(policy, theta, *right_factors(mdp, policy, theta))


@gradient_by_visits.made_of
def _made(
    mdp: TabularMDP,
    policy: TabularPolicy,
    theta: Array,
    *,
    visits: Callable[[TabularMDP, Array], Array] = lambda mdp, visits: visits,
    valued: Callable[[TabularMDP, Array, Array], Array] = lambda mdp, pi, q: q,
    slope: Callable[[Array], Array] = lambda pi: pi,
    sign: int = 1,
) -> Array:
    found, q = right_factors(mdp, policy, theta)
    pi = policy.probabilities(theta)
    weights = visits(mdp, found)[:, None] * slope(pi) * valued(mdp, pi, q)
    return sign * np.einsum("sa,sa...->...", weights, policy.score(theta))


gradient_by_visits.variation("score without the policy", slope=np.ones_like)
gradient_by_visits.variation("policy counted twice", slope=lambda pi: pi**2)
gradient_by_visits.variation("normalised visits", visits=lambda mdp, visits: (1 - mdp.discount) * visits)
gradient_by_visits.variation("start weights for visits", visits=lambda mdp, visits: mdp.initial)
gradient_by_visits.variation("reward for action value", valued=lambda mdp, pi, q: mdp.expected_reward)
gradient_by_visits.variation("descent direction", sign=-1)
gradient_by_visits.variation(
    "divided by the policy",
    "The score is divided by π. ∇π = π ∇log π: the score is multiplied by it.",
    slope=lambda pi: 1 / pi,
)


@gradient_by_visits.also_right
def _state_by_state(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """The loops over states and actions."""
    visits = values.discounted_visitation(mdp, policy, theta)
    q = values.action_values(mdp, policy, theta)
    pi, score = policy.probabilities(theta), policy.score(theta)
    total = np.zeros(np.shape(theta))
    for s in range(mdp.n_states):
        for a in range(mdp.n_actions):
            total += visits[s] * pi[s, a] * score[s, a] * q[s, a]
    return total
