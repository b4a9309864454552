"""The objective, by a recursion backwards in time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.environments import (
    corridor_policy,
    random_mdp,
    short_corridor,
)
from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises.chapters import DECISION_PROCESSES
from pgcode.mdp import TabularMDP

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _processes(rng: Generator) -> Arguments:
    for n_states, n_actions, horizon, discount in ((3, 2, 4, 0.8), (2, 3, 1, 0.5), (4, 2, 7, 1.0)):
        mdp = random_mdp(rng, n_states, n_actions, discount, horizon)
        yield mdp, rng.dirichlet(np.ones(n_actions), size=n_states)
    yield short_corridor(horizon=5, discount=0.9), corridor_policy().probabilities([0.0, 0.4])


@function_exercise(
    title="The objective, by a recursion backwards in time",
    cases=_processes,
    shows="V_T = 0, and each step back takes V_{t+1} to V_t. J(θ) is the mean of V_0 over the start. The cost grows "
    "with T, not with the number of trajectories.",
    hints=[
        "After the last decision nothing is paid: begin with `np.zeros(mdp.n_states)`.",
        "One step back: Q(s,a) = Σ_{s'} p(s'|s,a) [ r(s,a,s') + γ V(s') ]. In `mdp.transition` the next state is the "
        "last axis, and V broadcasts along it.",
        "Then V(s) = Σ_a π(a|s) Q(s,a). Do this `mdp.horizon` times, and take the mean over `mdp.initial`.",
    ],
    see=DECISION_PROCESSES.section("Second way: a recursion"),
)
def expected_return(mdp: Any, pi: Array) -> Any:
    """Return J = Σ_s μ(s) V_0(s) of the policy π, a number."""
    values = np.zeros(mdp.n_states)
    for _ in range(mdp.horizon):
        returns = mdp.reward + mdp.discount * values
        action_values = np.sum(mdp.transition * returns, axis=2)
        values = np.sum(pi * action_values, axis=1)
    return mdp.initial @ values


def _recursion(mdp: TabularMDP, pi: Array, discount: float, steps: int) -> Array:
    """V after some steps of the recursion."""
    values = np.zeros(mdp.n_states)
    for _ in range(steps):
        values = (pi * (mdp.transition * (mdp.reward + discount * values)).sum(axis=2)).sum(axis=1)
    return values


def _horizon(mdp: TabularMDP) -> int:
    assert mdp.horizon is not None  # every case has one
    return mdp.horizon


@expected_return.misconception()
def objective_without_discount(mdp: TabularMDP, pi: Array) -> Any:
    """You left out the discount.

    V_{t+1} is worth γ times as much one step earlier.
    """
    return mdp.initial @ _recursion(mdp, pi, 1.0, _horizon(mdp))


@expected_return.misconception()
def discount_twice(mdp: TabularMDP, pi: Array) -> Any:
    """You discounted each step twice, γ² in place of γ.

    The recursion already applies γ once for each step. It needs no further γᵗ.
    """
    return mdp.initial @ _recursion(mdp, pi, mdp.discount**2, _horizon(mdp))


@expected_return.misconception()
def reward_discounted_too(mdp: TabularMDP, pi: Array) -> Any:
    """You discounted the reward of the step together with what comes after it.

    The discount stands before V_{t+1} alone: r + γ V and not γ (r + V).
    """
    return mdp.discount * (mdp.initial @ _recursion(mdp, pi, mdp.discount, _horizon(mdp)))


@expected_return.misconception()
def one_decision_too_few(mdp: TabularMDP, pi: Array) -> Any:
    """You made one step too few, and the last reward is lost.

    There are T decisions, so T steps lead from V_T = 0 to V_0.
    """
    return mdp.initial @ _recursion(mdp, pi, mdp.discount, _horizon(mdp) - 1)


@expected_return.misconception()
def one_decision_too_many(mdp: TabularMDP, pi: Array) -> Any:
    """You made one step too many.

    There are T decisions, so T steps lead from V_T = 0 to V_0.
    """
    return mdp.initial @ _recursion(mdp, pi, mdp.discount, _horizon(mdp) + 1)


@expected_return.misconception()
def reward_for_return(mdp: TabularMDP, pi: Array) -> Any:
    """You returned the expected first reward.

    J is the expected return: the rewards of all T steps count.
    """
    return mdp.initial @ _recursion(mdp, pi, mdp.discount, 1)


@expected_return.misconception()
def start_weights_at_every_step(mdp: TabularMDP, pi: Array) -> Any:
    """In your answer the states stay distributed as μ at every time.

    That holds at time 0 only: each step leads from s to another state s'. In the recursion V_{t+1} is taken at s',
    which is the last axis of the dynamics, and not at s.
    """
    first = mdp.initial @ _recursion(mdp, pi, mdp.discount, 1)
    return first * np.sum(mdp.discount ** np.arange(_horizon(mdp)))


@expected_return.misconception()
def best_action_for_the_policy(mdp: TabularMDP, pi: Array) -> Any:
    """You took the best action in each state.

    That is the value of the best policy. J belongs to the policy that is given: take the mean over its actions.
    """
    values = np.zeros(mdp.n_states)
    for _ in range(_horizon(mdp)):
        values = (mdp.transition * (mdp.reward + mdp.discount * values)).sum(axis=2).max(axis=1)
    return mdp.initial @ values


@expected_return.misconception()
def plain_mean_over_the_actions(mdp: TabularMDP, pi: Array) -> Any:
    """You took the plain mean over the actions.

    The policy chooses a with probability π(a|s): these are the weights, and they sum to 1.
    """
    uniform = np.full(pi.shape, 1 / mdp.n_actions)
    return mdp.initial @ _recursion(mdp, uniform, mdp.discount, _horizon(mdp))


@expected_return.misconception()
def every_state_as_a_start(mdp: TabularMDP, pi: Array) -> Any:
    """You took the plain mean of V_0 over the states.

    The walk begins in s with probability μ(s): these are the weights.
    """
    return np.mean(_recursion(mdp, pi, mdp.discount, _horizon(mdp)))


@expected_return.misconception()
def values_without_the_start(mdp: TabularMDP, pi: Array) -> Any:
    """You returned V_0, one number for each state.

    J is one number: the mean of V_0 over the start distribution.
    """
    return _recursion(mdp, pi, mdp.discount, _horizon(mdp))


@expected_return.made_of
def _made(
    mdp: TabularMDP,
    pi: Array,
    *,
    discount: Callable[[float, int], float] = lambda discount, step: discount,
    steps: int = 0,
    backed: Callable[[TabularMDP, Array], Array] = lambda mdp, later: np.sum(
        mdp.transition * (mdp.reward + later), axis=2
    ),
    chosen: Callable[[Array, Array], Array] = lambda pi, q: np.sum(pi * q, axis=1),
    start: Callable[[TabularMDP, Array], Any] = lambda mdp, values: mdp.initial @ values,
) -> Any:
    values = np.zeros(mdp.n_states)
    for step in range(_horizon(mdp) + steps):
        values = chosen(pi, backed(mdp, discount(mdp.discount, step) * values))
    return start(mdp, values)


expected_return.variation("objective without discount", discount=lambda discount, step: 1.0)
expected_return.variation("discount twice", discount=lambda discount, step: discount**2)
expected_return.variation("one decision too few", steps=-1)
expected_return.variation("one decision too many", steps=1)
expected_return.variation("best action for the policy", chosen=lambda pi, q: q.max(axis=1))
expected_return.variation("plain mean over the actions", chosen=lambda pi, q: q.mean(axis=1))
expected_return.variation("every state as a start", start=lambda mdp, values: values.mean())
expected_return.variation("values without the start", start=lambda mdp, values: values)
expected_return.variation(
    "brackets forgotten",
    "This is p·r + γV without brackets: γ V(s') was added for each s' without its probability. Both the reward and "
    "the later value are weighted: p (r + γV).",
    backed=lambda mdp, later: np.sum(mdp.transition * mdp.reward + later, axis=2),
)
expected_return.variation(
    "value of the state that is left",
    "The later value is that of the state that is left, V(s). It is that of the state that is reached, V(s').",
    backed=lambda mdp, later: np.sum(mdp.transition * mdp.reward, axis=2) + later[:, None],
)
expected_return.variation(
    "power of the discount inside the recursion",
    "The factor is γᵗ inside the recursion. It is γ there: the recursion multiplies once at each step, and so makes "
    "the powers by itself.",
    discount=lambda discount, step: discount**step,
)
expected_return.variation(
    "value of state 0 for the mean over the start",
    "This is V_0 of state 0. The walk begins in s with the probability μ(s): J = Σ_s μ(s) V_0(s).",
    start=lambda mdp, values: values[0],
)
expected_return.variation(
    "values of all states added",
    "The values of all states are added. Each counts with the probability μ(s) of beginning there.",
    start=lambda mdp, values: values.sum(),
)
expected_return.variation(
    "actions added without the policy",
    "The values of all actions are added. Each counts with its probability π(a|s).",
    chosen=lambda pi, q: q.sum(axis=1),
)
expected_return.variation(
    "rewards in all next states added",
    "The rewards and values of all next states are added. Each counts with its probability p(s'|s,a).",
    backed=lambda mdp, later: np.sum(mdp.reward + later, axis=2),
)


@expected_return.also_right
def _with_mean_rewards(mdp: Any, pi: Array) -> Any:
    """The recursion with the mean reward of each action."""
    rewards = np.sum(mdp.transition * mdp.reward, axis=2)
    values = np.zeros(mdp.n_states)
    for _ in range(mdp.horizon):
        action_values = rewards + mdp.discount * (mdp.transition @ values)
        values = np.sum(pi * action_values, axis=1)
    return mdp.initial @ values


@expected_return.also_right
def _forwards(mdp: Any, pi: Array) -> Any:
    """The sum over t of γᵗ times the mean reward at time t."""
    rewards = np.sum(pi * np.sum(mdp.transition * mdp.reward, axis=2), axis=1)
    chain = np.einsum("sa,san->sn", pi, mdp.transition)
    total, chances = 0.0, mdp.initial
    for t in range(mdp.horizon):
        total += mdp.discount**t * (chances @ rewards)
        chances = chances @ chain
    return total


@expected_return.misconception()
def discount_of_the_time_in_the_recursion(mdp: TabularMDP, pi: Array) -> Any:
    """The recursion has γᵗ in it, and γ besides.

    One step back discounts by one γ, whatever t is. The powers come about by themselves.
    """
    values = np.zeros(mdp.n_states)
    for t in range(_horizon(mdp))[::-1]:
        rewards = mdp.discount**t * np.asarray(mdp.reward) + mdp.discount * values
        values = (pi * (mdp.transition * rewards).sum(axis=2)).sum(axis=1)
    return mdp.initial @ values


@expected_return.misconception()
def power_of_the_time_for_the_discount(mdp: TabularMDP, pi: Array) -> Any:
    """The recursion multiplies by γᵗ in place of γ.

    One step back discounts by one γ, whatever t is. The powers come about by themselves.
    """
    values = np.zeros(mdp.n_states)
    for t in range(_horizon(mdp))[::-1]:
        returns = np.asarray(mdp.reward) + mdp.discount**t * values
        values = (pi * (mdp.transition * returns).sum(axis=2)).sum(axis=1)
    return mdp.initial @ values
