"""The probability of a trajectory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.environments import (
    random_mdp,
)
from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises.chapters import DECISION_PROCESSES
from pgcode.mdp import TabularMDP
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import sample_trajectories

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


def _walks(rng: Generator) -> Arguments:
    for n_states, n_actions, horizon in ((3, 2, 4), (2, 3, 1), (4, 2, 6)):
        mdp = random_mdp(rng, n_states, n_actions, horizon=horizon)
        policy = SoftmaxPolicy(n_states, n_actions)
        theta = rng.standard_normal(policy.theta_shape)
        drawn = sample_trajectories(mdp, policy, theta, 1, rng)
        yield mdp, policy.probabilities(theta), drawn.states[0], drawn.actions[0]


@function_exercise(
    title="The probability of a trajectory",
    cases=_walks,
    shows="One factor for the start and two for each step. Only the factors π depend on θ. A walk of T decisions has "
    "T + 1 states.",
    hints=[
        "Begin with the probability of the first state, `mdp.initial[states[0]]`.",
        "Each step has two factors: the policy's, `pi[s, a]`, and that of the dynamics, `mdp.transition[s, a, after]`.",
        "There are `len(actions)` steps. Step t goes from `states[t]` to `states[t + 1]`.",
    ],
    see=DECISION_PROCESSES.section("Trajectories and their probabilities"),
)
def trajectory_probability(mdp: TabularMDP, pi: Array, states: Array, actions: Array) -> Any:
    """Return P(τ) = μ(s_0) Π_t π(a_t|s_t) p(s_{t+1}|s_t,a_t), a number."""
    probability = mdp.initial[states[0]]
    for t in range(len(actions)):
        probability *= pi[states[t], actions[t]]
        probability *= mdp.transition[states[t], actions[t], states[t + 1]]
    return probability


def _factors(mdp: TabularMDP, pi: Array, states: Array, actions: Array) -> tuple[Any, Array, Array]:
    """The factor of the start, those of the policy and those of the dynamics."""
    before, after = states[:-1], states[1:]
    return mdp.initial[states[0]], pi[before, actions], mdp.transition[before, actions, after]


@trajectory_probability.misconception()
def start_forgotten(mdp: TabularMDP, pi: Array, states: Array, actions: Array) -> Any:
    """You left out the start.

    The walk begins in s_0 with probability μ(s_0), which is the first factor.
    """
    _, policy, dynamics = _factors(mdp, pi, states, actions)
    return policy.prod() * dynamics.prod()


@trajectory_probability.misconception()
def dynamics_forgotten(mdp: TabularMDP, pi: Array, states: Array, actions: Array) -> Any:
    """You left out the dynamics.

    They drop out of the gradient of log P, but not of P: where the process goes is a matter of chance too.
    """
    start, policy, _ = _factors(mdp, pi, states, actions)
    return start * policy.prod()


@trajectory_probability.misconception()
def policy_alone(mdp: TabularMDP, pi: Array, states: Array, actions: Array) -> Any:
    """You multiplied the probabilities of the actions alone.

    They are all that is left in the gradient of log P. In P itself stand the start, μ(s_0), and the dynamics too.
    """
    _, policy, _ = _factors(mdp, pi, states, actions)
    return policy.prod()


@trajectory_probability.misconception()
def policy_forgotten(mdp: TabularMDP, pi: Array, states: Array, actions: Array) -> Any:
    """You left out the policy.

    The actions are drawn: each step has the factor π(a_t|s_t), the only one that depends on θ.
    """
    start, _, dynamics = _factors(mdp, pi, states, actions)
    return start * dynamics.prod()


@trajectory_probability.misconception()
def action_chosen_in_the_next_state(mdp: TabularMDP, pi: Array, states: Array, actions: Array) -> Any:
    """You took the policy in the state after the step, π(a_t|s_{t+1}).

    The action a_t is chosen in s_t and leads to s_{t+1}.
    """
    start, _, dynamics = _factors(mdp, pi, states, actions)
    return start * pi[states[1:], actions].prod() * dynamics.prod()


@trajectory_probability.misconception()
def last_step_lost(mdp: TabularMDP, pi: Array, states: Array, actions: Array) -> Any:
    """You lost the last step.

    There are as many steps as actions, and the last one leads to the last of the T + 1 states.
    """
    start, policy, dynamics = _factors(mdp, pi, states, actions)
    return start * policy[:-1].prod() * dynamics[:-1].prod()


@trajectory_probability.misconception()
def log_probability_of_the_trajectory(mdp: TabularMDP, pi: Array, states: Array, actions: Array) -> Any:
    """You returned log P(τ).

    The sum of the logarithms is the logarithm of the product: take its exponential.
    """
    start, policy, dynamics = _factors(mdp, pi, states, actions)
    return np.log(start) + np.log(policy).sum() + np.log(dynamics).sum()


@trajectory_probability.misconception()
def sum_of_probabilities(mdp: TabularMDP, pi: Array, states: Array, actions: Array) -> Any:
    """You added the factors.

    All of it must happen, one thing after the other: multiply.
    """
    start, policy, dynamics = _factors(mdp, pi, states, actions)
    return start + policy.sum() + dynamics.sum()


@trajectory_probability.made_of
def _made(
    mdp: TabularMDP,
    pi: Array,
    states: Array,
    actions: Array,
    *,
    start: Callable[[TabularMDP, Array], Any] = lambda mdp, states: mdp.initial[states[0]],
    chosen: Callable[[Array, Array, Array], Array] = lambda pi, states, actions: pi[states[:-1], actions],
    moved: Callable[[Array], Array] = lambda factors: factors,
) -> Any:
    moves = moved(mdp.transition[states[:-1], actions, states[1:]])
    return start(mdp, states) * np.prod(chosen(pi, states, actions)) * np.prod(moves)


trajectory_probability.variation("start forgotten", start=lambda mdp, states: 1.0)
trajectory_probability.variation("policy forgotten", chosen=lambda pi, states, actions: np.ones(1))
trajectory_probability.variation("dynamics forgotten", moved=np.ones_like)
trajectory_probability.variation(
    "action chosen in the next state", chosen=lambda pi, states, actions: pi[states[1:], actions]
)
trajectory_probability.variation(
    "last transition lost",
    "The factor p(s_T|s_{T−1},a_{T−1}) of the last step is missing. A walk of T actions has T transitions.",
    moved=lambda factors: factors[:-1],
)
trajectory_probability.variation(
    "first transition lost",
    "The factor p(s_1|s_0,a_0) of the first step is missing. A walk of T actions has T transitions.",
    moved=lambda factors: factors[1:],
)
trajectory_probability.variation(
    "a start at every step",
    "Each state of the walk has a factor μ(s_t). The walk begins once: μ(s_0), and then the dynamics decide.",
    start=lambda mdp, states: np.prod(mdp.initial[states]),
)
trajectory_probability.variation(
    "start distribution of the last state",
    "The start has the factor μ(s_T) here. The walk begins in s_0.",
    start=lambda mdp, states: mdp.initial[states[-1]],
)


@trajectory_probability.misconception()
def steps_added(mdp: TabularMDP, pi: Array, states: Array, actions: Array) -> Any:
    """The steps are added, the factor of the start with them.

    One thing must happen and then the next: probabilities of both are multiplied.
    """
    start, chosen, moved = _factors(mdp, pi, states, actions)
    return start + np.sum(chosen * moved)


@trajectory_probability.misconception()
def any_action_would_do(mdp: TabularMDP, pi: Array, states: Array, actions: Array) -> Any:
    """Your result is the probability of the states, whatever actions led from one to the next.

    The policy was averaged out: Σ_a π(a|s) p(s'|s,a). The walk holds its actions too.
    """
    chain = np.einsum("sa,san->sn", pi, mdp.transition)
    return mdp.initial[states[0]] * np.prod(chain[states[:-1], states[1:]])


@trajectory_probability.misconception()
def one_number_for_each_step(mdp: TabularMDP, pi: Array, states: Array, actions: Array) -> Any:
    """There is a number for each step, and the factor of the start stands in each of them.

    Multiply the steps, `np.prod`, and take the start once.
    """
    start, chosen, moved = _factors(mdp, pi, states, actions)
    return start * chosen * moved


@trajectory_probability.misconception()
def mean_of_the_steps(mdp: TabularMDP, pi: Array, states: Array, actions: Array) -> Any:
    """The mean of the steps stands in place of their product.

    All of them must happen: multiply.
    """
    start, chosen, moved = _factors(mdp, pi, states, actions)
    return start * np.mean(chosen * moved)


@trajectory_probability.also_right
def _as_products(mdp: Any, pi: Array, states: Array, actions: Array) -> Any:
    """The product of all factors at once."""
    chosen = np.prod(pi[states[:-1], actions])
    moved = np.prod(mdp.transition[states[:-1], actions, states[1:]])
    return mdp.initial[states[0]] * chosen * moved
