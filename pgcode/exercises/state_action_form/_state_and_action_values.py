"""Values by one linear solve."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises._catalogues import CutShort
from pgcode.exercises.chapters import VALUES
from pgcode.exercises.state_action_form._shared import (
    WHAT_VALUES_ARE,
    WHICH_POLICY,
    backup,
    chain_of,
    chains,
    optimal_action_values,
    solved_for,
)
from pgcode.mdp import TabularMDP

Array = NDArray[Any]
Generator = np.random.Generator


_SOLVE = VALUES.section("Without a horizon: one linear solve")


def _reward_of_states(mdp: TabularMDP, pi: Array) -> Array:
    """r(s)."""
    return np.asarray((pi * mdp.expected_reward).sum(axis=1))


def _state_values(mdp: TabularMDP, pi: Array) -> Array:
    return solved_for(chain_of(mdp, pi), _reward_of_states(mdp, pi), mdp.discount)


@function_exercise(
    title="Values by one linear solve",
    cases=chains,
    shows="Two Bellman equations, two lines. V = r + γ P_π V has exactly one solution for γ < 1, and Q looks one step "
    "ahead and puts V there. The policy is in both: Q(s,a) lets it choose everything but the first action.",
    hints=[
        "First average over the actions: P_π(s'|s) = Σ_a π(a|s) p(s'|s,a) and r(s) = Σ_a π(a|s) r(s,a).",
        "V = r + γ P_π V is (I − γP_π) V = r. `np.linalg.solve(matrix, right)` solves that.",
        "`np.einsum(\"sa,san->sn\", pi, mdp.transition)` is P_π. For Q, `mdp.transition @ v` is Σ_s' p(s'|s,a) V(s') "
        "with shape (S, A).",
    ],
    see=_SOLVE,
)
def state_and_action_values(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """Return V, shape (S,), and Q, shape (S, A), of the policy π, by a linear solve."""
    transition = np.einsum("sa,san->sn", pi, mdp.transition)
    reward = np.sum(pi * mdp.expected_reward, axis=1)
    v = np.linalg.solve(np.eye(mdp.n_states) - mdp.discount * transition, reward)
    q = mdp.expected_reward + mdp.discount * (mdp.transition @ v)
    return v, q


@state_and_action_values.misconception(see=WHICH_POLICY)
def optimal_values(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """You computed the values of the best policy, q*.

    V and Q belong to the policy that is given. After the first action it is this policy that chooses, with its own
    probabilities: a mean over the actions, no maximum.
    """
    q = optimal_action_values(mdp)
    return q.max(axis=1), q


@state_and_action_values.misconception(see=WHAT_VALUES_ARE)
def reward_for_return(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """You returned the expected reward of one step.

    A value is the expected return: the rewards of all later steps count, discounted.
    """
    return _reward_of_states(mdp, pi), mdp.expected_reward


@state_and_action_values.misconception()
def transposed_transitions(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """You transposed P in the solve.

    A value looks ahead: row s of P_π holds the states that follow s, and V stands on the right, P_π V. The transposed
    matrix carries visits forward, and belongs to state weights.
    """
    v = solved_for(chain_of(mdp, pi).T, _reward_of_states(mdp, pi), mdp.discount)
    return v, backup(mdp, v)


@state_and_action_values.misconception()
def policy_left_out(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """You averaged over the actions as if all were equally likely.

    The weights are π(a|s), in the transition matrix and in the reward.
    """
    uniform = np.full(pi.shape, 1 / mdp.n_actions)
    v = _state_values(mdp, uniform)
    return v, backup(mdp, v)


@state_and_action_values.misconception()
def next_states_equally_likely(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """You took the plain mean of the reward over the next states.

    r(s,a) = Σ_s' p(s'|s,a) r(s,a,s'): the next state has its probability. `mdp.expected_reward` holds it.
    """
    expected = mdp.reward.mean(axis=2)
    v = solved_for(chain_of(mdp, pi), (pi * expected).sum(axis=1), mdp.discount)
    return v, expected + mdp.discount * (mdp.transition @ v)


@state_and_action_values.misconception()
def actions_summed_without_weights(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """Your r(s) is the sum of r(s,a) over the actions, without the policy.

    Each action is taken with probability π(a|s), and its reward has that weight.
    """
    v = solved_for(chain_of(mdp, pi), mdp.expected_reward.sum(axis=1), mdp.discount)
    return v, backup(mdp, v)


@state_and_action_values.misconception(see=WHICH_POLICY)
def plain_mean_of_q_for_v(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """Your Q is right, and V is its plain mean over the actions.

    V(s) = Σ_a π(a|s) Q(s,a): the policy weighs the actions, and takes some more often than others.
    """
    q = backup(mdp, _state_values(mdp, pi))
    return q.mean(axis=1), q


@state_and_action_values.misconception(see=WHAT_VALUES_ARE)
def discount_missing_in_q(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """Your V is right, and Q lacks a discount.

    V of the next state is worth γ times as much one step earlier.
    """
    v = _state_values(mdp, pi)
    return v, mdp.expected_reward + mdp.transition @ v


@state_and_action_values.misconception(see=WHAT_VALUES_ARE)
def discount_twice_in_q(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """Your V is right, and Q has γ twice.

    Between the action and the next state lies one step, and V discounts by itself what comes after that.
    """
    v = _state_values(mdp, pi)
    return v, mdp.expected_reward + mdp.discount**2 * (mdp.transition @ v)


@state_and_action_values.misconception(see=WHAT_VALUES_ARE)
def this_state_for_the_next(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """Your V is right, and Q adds the value of the state in which the action is taken.

    After the action the process is in another state: add the mean of V over the states that follow s and a.
    """
    v = _state_values(mdp, pi)
    return v, mdp.expected_reward + mdp.discount * v[:, None]


@state_and_action_values.misconception(see=WHAT_VALUES_ARE)
def policy_takes_the_first_action(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """Your V is right, and in Q the policy has moved the state.

    In Q(s,a) the first action is a, whatever the policy likes: the next state comes from p(s'|s,a) and not from
    P_π(s'|s).
    """
    v = _state_values(mdp, pi)
    return v, mdp.expected_reward + mdp.discount * (chain_of(mdp, pi) @ v)[:, None]


@state_and_action_values.misconception(see=WHAT_VALUES_ARE)
def advantages_for_action_values(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """Your second result is the advantage Q − V.

    Q itself is asked for.
    """
    v = _state_values(mdp, pi)
    return v, backup(mdp, v) - v[:, None]


@state_and_action_values.misconception(see=WHAT_VALUES_ARE)
def action_values_weighted_by_the_policy(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """Your second result is π(a|s) Q(s,a).

    Q says what an action is worth once it is taken. How likely it is comes in when V is made from Q.
    """
    v = _state_values(mdp, pi)
    return v, pi * backup(mdp, v)


@state_and_action_values.misconception(see=WHAT_VALUES_ARE)
def first_reward_discounted_too(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """You discounted the first reward already, γ (r + P_π V).

    The reward of the step counts in full. The discount stands before the value of the next state.
    """
    v = mdp.discount * _state_values(mdp, pi)
    return v, mdp.discount * (mdp.expected_reward + mdp.transition @ v)


state_and_action_values.recognise(CutShort(lambda mdp, pi, count: _after_sweeps(mdp, pi, count), "sweeps"))


def _after_sweeps(mdp: TabularMDP, pi: Array, count: int) -> tuple[Array, Array]:
    """V and Q after some sweeps of the Bellman equation, from zero."""
    v = np.zeros(mdp.n_states)
    for _ in range(count):
        v = (pi * backup(mdp, v)).sum(axis=1)
    return v, backup(mdp, v)


@state_and_action_values.made_of
def _made(
    mdp: TabularMDP,
    pi: Array,
    *,
    chain: Callable[[TabularMDP, Array], Array] = chain_of,
    policy: Callable[[Array], Array] = lambda pi: pi,
    q_of: Callable[[TabularMDP, Array, Array], Array] = lambda mdp, v, pi: backup(mdp, v),
) -> tuple[Array, Array]:
    chosen = policy(pi)
    v = solved_for(chain(mdp, chosen), (chosen * mdp.expected_reward).sum(axis=1), mdp.discount)
    return v, q_of(mdp, v, pi)


state_and_action_values.variation("policy left out", policy=lambda pi: np.full(pi.shape, 1 / pi.shape[1]))
state_and_action_values.variation("transposed transitions", chain=lambda mdp, pi: chain_of(mdp, pi).T)
state_and_action_values.variation(
    "discount missing in q", q_of=lambda mdp, v, pi: mdp.expected_reward + mdp.transition @ v
)
state_and_action_values.variation(
    "this state for the next", q_of=lambda mdp, v, pi: mdp.expected_reward + mdp.discount * v[:, None]
)
state_and_action_values.variation("action values weighted by the policy", q_of=lambda mdp, v, pi: pi * backup(mdp, v))
state_and_action_values.variation(
    "reward for action value",
    "Q is the expected reward of one step. What comes after it counts as well: r + γ Σ p V.",
    q_of=lambda mdp, v, pi: mdp.expected_reward,
)
state_and_action_values.variation(
    "reward discounted in q",
    "In Q the reward is discounted too. It is paid at once: r + γ Σ p V, and γ stands before the value alone.",
    q_of=lambda mdp, v, pi: mdp.discount * (mdp.expected_reward + mdp.transition @ v),
)
state_and_action_values.variation(
    "later value alone",
    "Q holds the later value alone, γ Σ p V. The reward of the step is missing.",
    q_of=lambda mdp, v, pi: mdp.discount * mdp.transition @ v,
)


@state_and_action_values.misconception(see=WHICH_POLICY)
def optimal_values_averaged(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """Q is that of the best policy, and V its mean under yours.

    After the first action your policy goes on, not the best one.
    """
    q = optimal_action_values(mdp)
    return (pi * q).sum(axis=1), q


@state_and_action_values.also_right
def _state_by_state(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """The linear system, with rewards and transitions of the policy."""
    transition = np.sum(pi[:, :, None] * mdp.transition, axis=1)
    rewards = np.sum(mdp.transition * mdp.reward, axis=2)
    v = np.linalg.inv(np.eye(mdp.n_states) - mdp.discount * transition) @ np.sum(pi * rewards, axis=1)
    return v, rewards + mdp.discount * np.einsum("san,n->sa", mdp.transition, v)


@state_and_action_values.misconception()
def rewards_of_all_actions_alike(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """The rewards are averaged over the actions without the policy, while the transitions have it.

    The mean reward in a state is Σ_a π(a|s) r(s,a).
    """
    transition = np.einsum("sa,san->sn", pi, mdp.transition)
    matrix = np.eye(mdp.n_states) - mdp.discount * transition
    v = np.linalg.solve(matrix, mdp.expected_reward.mean(axis=1))
    return v, mdp.expected_reward + mdp.discount * (mdp.transition @ v)
