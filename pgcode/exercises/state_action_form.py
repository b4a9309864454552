"""Exercises of the state–action form: values, state weights, the theorem and its proof, actor–critic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import state_action_form, values
from pgcode.derivation import Derivation, Line
from pgcode.environments import corridor_policy, random_mdp, short_corridor
from pgcode.exercises import (
    Mistake,
    choice_exercise,
    function_exercise,
    number_exercise,
    order_exercise,
    sign_exercise,
)
from pgcode.exercises.chapters import FROM_Q_TO_SAMPLES, SHORT_DERIVATION, THEOREM, VALUES
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step
from pgcode.policies import SoftmaxPolicy, TabularPolicy

__all__ = [
    "actor_critic_step",
    "change_by_an_overrated_state",
    "discounted_visitation",
    "false_line",
    "gradient_by_visits",
    "gradient_with_a_horizon",
    "ordered_lines",
    "state_and_action_values",
    "stationary_distribution",
    "stationary_mean_of_values",
    "true_formula",
]

Array = NDArray[Any]
Generator = np.random.Generator

_VALUES = VALUES.section("Values")
_SOLVE = VALUES.section("Without a horizon: one linear solve")
_RECURSION = VALUES.section("With a horizon: one recursion")
_WHICH_POLICY = VALUES.section("The value of which policy?")
_WEIGHTS = VALUES.section("Three distributions of states")
_LONG_RUN = VALUES.section("Does the start matter in the long run?")
_B1_AND_B2 = VALUES.section("B1 and B2: the mean of V, the mean of Q")
_OBJECTIVE_OF_B1 = VALUES.section("What the objective of B1 is")
_B5 = SHORT_DERIVATION.section("B5: what is to be differentiated")
_B6 = SHORT_DERIVATION.section("B6: the gradient goes to one factor")
_B7_B8_B11 = SHORT_DERIVATION.section("B7, B8 and B11: multiply by one")
_B9 = SHORT_DERIVATION.section("B9: an integral is lost")
_B10 = SHORT_DERIVATION.section("B10: the expectation says how the state is drawn")
_DROPPED = SHORT_DERIVATION.section("What was dropped, exactly")
_BIASED_GRADIENT = SHORT_DERIVATION.section("The line as a biased gradient")
_T2 = THEOREM.section("T2: the product rule")
_T3 = THEOREM.section("T3: put in the second Bellman equation")
_T4 = THEOREM.section("T4: the recursion")
_T5 = THEOREM.section("T5: unroll")
_T7 = THEOREM.section("T7: from the values to the objective")
_T8 = THEOREM.section("T8: the theorem")
_T9_AND_T10 = THEOREM.section("T9 and T10: scores and an expectation")
_HORIZON = THEOREM.section("The proof, with a horizon")
_PROPORTIONAL = THEOREM.section("Equal, or only proportional")
_WHERE_RIGHT = THEOREM.section("Where the formula is right")
_CRITIC = FROM_Q_TO_SAMPLES.section("Actor–critic: Q replaced by an estimate")
_SMALL_RUN = FROM_Q_TO_SAMPLES.section("A small run")
_WITHOUT_DISCOUNT = FROM_Q_TO_SAMPLES.section("Break it")


# ---- predictions ---------------------------------------------------------------------------------------------------


def _two_states() -> tuple[TabularMDP, TabularPolicy, Array]:
    """The chain of the task, as a process with one action."""
    transition = np.array([[0.5, 0.5], [0.25, 0.75]])[:, None]
    reward = np.repeat([3.0, 0.0], 2).reshape(2, 1, 2)
    return TabularMDP(transition, reward, np.array([1.0, 0.0]), discount=0.9), SoftmaxPolicy(2, 1), np.zeros((2, 1))


@number_exercise(
    title="A discounted value in the long run",
    shows="d_π is (1/3, 2/3), so the long run pays r(π) = 1 per step, and Σ_s d_π(s) V(s) = r(π)/(1 − γ) = 10. No V "
    "was needed. The discount is a factor in front that no policy can change, and the start does not count at all.",
    hints=[
        "You need no V. The chapter says what the stationary mean of a discounted value is.",
        "First find d_π. In the long run as many steps lead from state 0 to state 1 as back: d_π(0)/2 = d_π(1)/4.",
        "Then the reward per step, r(π) = 3 d_π(0). Divide it by 1 − γ.",
    ],
    see=_OBJECTIVE_OF_B1,
)
def stationary_mean_of_values() -> float:
    """Predict Σ_s d_π(s) V(s) of a chain of two states, with γ = 0.9."""
    process = _two_states()
    return float(values.stationary_distribution(*process) @ values.state_values(*process))


@stationary_mean_of_values.misconception()
def reward_per_step() -> float:
    """You gave the reward per step, r(π).

    V adds up all later rewards, discounted. Its mean over d_π earns r(π) at each time, and the weights 1, γ, γ², … of
    the times are still to be added up.
    """
    return float(values.average_reward(*_two_states()))


@stationary_mean_of_values.misconception(see=_WEIGHTS)
def start_for_the_long_run() -> float:
    """You gave V(0), the value of the start.

    That is J. The question weights the states by how often they come up in the long run, wherever the walk began.
    """
    return float(values.objective(*_two_states()))


@stationary_mean_of_values.misconception(see=_WEIGHTS)
def both_states_alike() -> float:
    """You took the plain mean of V over the two states.

    The walk stays longer in state 1, from which it returns with probability 1/4 only. Its weight is d_π(1).
    """
    return float(values.state_values(*_two_states()).mean())


@stationary_mean_of_values.misconception()
def differential_for_discounted() -> float:
    """You took V for the differential value, whose mean over d_π is 0.

    Here V is discounted and counts the rewards themselves, not how far they are above the average.
    """
    return 0.0


@stationary_mean_of_values.misconception(see=_LONG_RUN)
def paid_at_every_step() -> float:
    """You counted the 3 at every step.

    It is paid in state 0, and the walk is there only some of the time.
    """
    return 3 / (1 - _two_states()[0].discount)


@stationary_mean_of_values.misconception()
def first_reward_discounted() -> float:
    """You discounted the first reward already.

    The factors are 1, γ, γ², …, and their sum is 1/(1 − γ).
    """
    process = _two_states()
    gamma = process[0].discount
    return gamma * float(values.average_reward(*process)) / (1 - gamma)


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
    see=_CRITIC,
)
def change_by_an_overrated_state() -> float:
    """Predict the sign of the change of the update's entry for θ(1,0) by an error of the critic in state 1."""
    return _overrated_state(np.random.default_rng(0))


# ---- values and state weights --------------------------------------------------------------------------------------


def _policy_table(rng: Generator, n_states: int, n_actions: int) -> Array:
    return rng.dirichlet(np.full(n_actions, 2.0), size=n_states)


def _chains(rng: Generator) -> Iterator[tuple[Any, ...]]:
    """Processes without a horizon and a policy: three that go on for ever and one that ends."""
    for n_states, n_actions, discount in ((3, 2, 0.8), (2, 4, 0.5), (4, 3, 0.9)):
        yield random_mdp(rng, n_states, n_actions, discount, None), _policy_table(rng, n_states, n_actions)
    corridor = short_corridor(discount=0.7)
    yield replace(corridor, initial=rng.dirichlet(np.ones(4))), _policy_table(rng, 4, 2)


def _transition(mdp: TabularMDP, pi: Array) -> Array:
    """P(s'|s)."""
    return np.einsum("sa,san->sn", pi, mdp.transition)


def _solved(matrix: Array, right: Array, discount: float) -> Array:
    """(I − γ M)⁻¹ x."""
    return np.linalg.solve(np.eye(len(matrix)) - discount * matrix, right)


def _backup(mdp: TabularMDP, v: Array) -> Array:
    """r(s,a) + γ Σ p V."""
    return np.asarray(mdp.expected_reward + mdp.discount * mdp.transition @ v)


def _reward_of_states(mdp: TabularMDP, pi: Array) -> Array:
    """r(s)."""
    return np.asarray((pi * mdp.expected_reward).sum(axis=1))


def _state_values(mdp: TabularMDP, pi: Array) -> Array:
    return _solved(_transition(mdp, pi), _reward_of_states(mdp, pi), mdp.discount)


def _optimal_action_values(mdp: TabularMDP) -> Array:
    """q*(s,a), by value iteration until the factor γᵏ is far below rounding."""
    q = np.zeros((mdp.n_states, mdp.n_actions))
    for _ in range(400):
        q = _backup(mdp, q.max(axis=1))
    return q


@function_exercise(
    title="Values by one linear solve",
    cases=_chains,
    shows="Two Bellman equations, two lines. V = r + γ P V has exactly one solution for γ < 1, and Q looks one step "
    "ahead and puts V there. The policy is in both: Q(s,a) lets it choose everything but the first action.",
    hints=[
        "First average over the actions: P(s'|s) = Σ_a π(a|s) p(s'|s,a) and r(s) = Σ_a π(a|s) r(s,a).",
        "V = r + γ P V is (I − γP) V = r. `np.linalg.solve(matrix, right)` solves that.",
        "`np.einsum(\"sa,san->sn\", pi, mdp.transition)` is P. For Q, `mdp.transition @ v` is Σ_s' p(s'|s,a) V(s') "
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


@state_and_action_values.misconception(see=_WHICH_POLICY)
def optimal_values(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """You computed the values of the best policy, q*.

    V and Q belong to the policy that is given. After the first action it is this policy that chooses, with its own
    probabilities: a mean over the actions, no maximum.
    """
    q = _optimal_action_values(mdp)
    return q.max(axis=1), q


@state_and_action_values.misconception(see=_VALUES)
def reward_for_return(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """You returned the expected reward of one step.

    A value is the expected return: the rewards of all later steps count, discounted.
    """
    return _reward_of_states(mdp, pi), mdp.expected_reward


@state_and_action_values.misconception()
def transposed_transitions(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """You transposed P in the solve.

    A value looks ahead: row s of P holds the states that follow s, and V stands on the right, P V. The transposed
    matrix carries visits forward, and belongs to state weights.
    """
    v = _solved(_transition(mdp, pi).T, _reward_of_states(mdp, pi), mdp.discount)
    return v, _backup(mdp, v)


@state_and_action_values.misconception()
def policy_left_out(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """You averaged over the actions as if all were equally likely.

    The weights are π(a|s), in the transition matrix and in the reward.
    """
    uniform = np.full(pi.shape, 1 / mdp.n_actions)
    v = _state_values(mdp, uniform)
    return v, _backup(mdp, v)


@state_and_action_values.misconception()
def next_states_equally_likely(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """You took the plain mean of the reward over the next states.

    r(s,a) = Σ_s' p(s'|s,a) r(s,a,s'): the next state has its probability. `mdp.expected_reward` holds it.
    """
    expected = mdp.reward.mean(axis=2)
    v = _solved(_transition(mdp, pi), (pi * expected).sum(axis=1), mdp.discount)
    return v, expected + mdp.discount * (mdp.transition @ v)


@state_and_action_values.misconception()
def actions_summed_without_weights(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """Your r(s) is the sum of r(s,a) over the actions, without the policy.

    Each action is taken with probability π(a|s), and its reward has that weight.
    """
    v = _solved(_transition(mdp, pi), mdp.expected_reward.sum(axis=1), mdp.discount)
    return v, _backup(mdp, v)


@state_and_action_values.misconception(see=_VALUES)
def discount_missing_in_q(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """Your V is right, and Q lacks a discount.

    V of the next state is worth γ times as much one step earlier.
    """
    v = _state_values(mdp, pi)
    return v, mdp.expected_reward + mdp.transition @ v


@state_and_action_values.misconception(see=_VALUES)
def discount_twice_in_q(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """Your V is right, and Q has γ twice.

    Between the action and the next state lies one step, and V discounts by itself what comes after that.
    """
    v = _state_values(mdp, pi)
    return v, mdp.expected_reward + mdp.discount**2 * (mdp.transition @ v)


@state_and_action_values.misconception(see=_VALUES)
def this_state_for_the_next(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """Your V is right, and Q adds the value of the state in which the action is taken.

    After the action the process is in another state: add the mean of V over the states that follow s and a.
    """
    v = _state_values(mdp, pi)
    return v, mdp.expected_reward + mdp.discount * v[:, None]


@state_and_action_values.misconception(see=_VALUES)
def policy_takes_the_first_action(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """Your V is right, and in Q the policy has moved the state.

    In Q(s,a) the first action is a, whatever the policy likes: the next state comes from p(s'|s,a) and not from
    P(s'|s).
    """
    v = _state_values(mdp, pi)
    return v, mdp.expected_reward + mdp.discount * (_transition(mdp, pi) @ v)[:, None]


@state_and_action_values.misconception(see=_VALUES)
def advantages_for_action_values(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """Your second result is the advantage Q − V.

    Q itself is asked for.
    """
    v = _state_values(mdp, pi)
    return v, _backup(mdp, v) - v[:, None]


@state_and_action_values.misconception(see=_VALUES)
def action_values_weighted_by_the_policy(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """Your second result is π(a|s) Q(s,a).

    Q says what an action is worth once it is taken. How likely it is comes in when V is made from Q.
    """
    v = _state_values(mdp, pi)
    return v, pi * _backup(mdp, v)


@state_and_action_values.misconception(see=_VALUES)
def first_reward_discounted_too(mdp: TabularMDP, pi: Array) -> tuple[Array, Array]:
    """You discounted the first reward already, γ (r + P V).

    The reward of the step counts in full. The discount stands before the value of the next state.
    """
    v = mdp.discount * _state_values(mdp, pi)
    return v, mdp.discount * (mdp.expected_reward + mdp.transition @ v)


def _stationary(mdp: TabularMDP, pi: Array) -> Array:
    equations = np.eye(mdp.n_states) - _transition(mdp, pi) + 1
    return np.linalg.solve(equations.T, np.ones(mdp.n_states))


def _visitation(mdp: TabularMDP, pi: Array) -> Array:
    return _solved(_transition(mdp, pi).T, mdp.initial, mdp.discount)


@function_exercise(
    title="The discounted visitation",
    cases=_chains,
    shows="d_γ = μ (I − γP)⁻¹: the same matrix as for V, applied from the left. That is why J can be counted by values "
    "or by visits, Σ_s μ(s) V(s) = Σ_s d_γ(s) r(s). The weights sum to 1/(1 − γ) and depend on the start.",
    hints=[
        "Write the first terms: d_γ = μ + γ μP + γ² μP² + … All but μ is γ times the whole sum, moved on by P.",
        "So d_γ = μ + γ d_γ P. As a row times a matrix this is d_γ (I − γP) = μ.",
        "`np.linalg.solve(matrix, right)` has the unknown on the right of the matrix. Transpose the matrix.",
    ],
    see=_WEIGHTS,
)
def discounted_visitation(mdp: TabularMDP, pi: Array) -> Array:
    """Return d_γ(s) = Σ_t γᵗ Pr(s_t = s), for t = 0, 1, … without end, shape (S,)."""
    transition = np.einsum("sa,san->sn", pi, mdp.transition)
    matrix = np.eye(mdp.n_states) - mdp.discount * transition
    return np.linalg.solve(matrix.T, mdp.initial)


@discounted_visitation.misconception()
def stationary_for_visitation(mdp: TabularMDP, pi: Array) -> Array:
    """You returned the stationary distribution.

    It knows neither the start nor the discount. The visitation begins at μ and counts early visits more:
    d_γ = μ + γ d_γ P.
    """
    return _stationary(mdp, pi)


@discounted_visitation.misconception()
def stationary_with_the_sum_of_the_visitation(mdp: TabularMDP, pi: Array) -> Array:
    """You returned the stationary distribution, divided by 1 − γ.

    The sum is right now, but not how it is shared out: the states near the start are visited early and count more.
    """
    return _stationary(mdp, pi) / (1 - mdp.discount)


@discounted_visitation.misconception(see=_PROPORTIONAL)
def divided_by_its_sum(mdp: TabularMDP, pi: Array) -> Array:
    """You divided by the sum, or multiplied by 1 − γ: yours is a distribution.

    The visitation counts visits and sums to 1/(1 − γ). With it the theorem is an equality; divided by its sum it is
    only proportional.
    """
    return (1 - mdp.discount) * _visitation(mdp, pi)


@discounted_visitation.misconception()
def applied_from_the_wrong_side(mdp: TabularMDP, pi: Array) -> Array:
    """You solved (I − γP) d = μ.

    That applies the matrix from the right, as for V, and P then looks ahead. Visits move forward: d stands on the left
    of P, so the matrix is to be transposed.
    """
    return _solved(_transition(mdp, pi), mdp.initial, mdp.discount)


@discounted_visitation.misconception()
def every_state_as_a_start(mdp: TabularMDP, pi: Array) -> Array:
    """You left out the start distribution: yours begins in each state alike.

    The walk begins in s with probability μ(s), `mdp.initial`.
    """
    return _solved(_transition(mdp, pi).T, np.full(mdp.n_states, 1 / mdp.n_states), mdp.discount)


@discounted_visitation.misconception()
def one_walk_from_each_state(mdp: TabularMDP, pi: Array) -> Array:
    """You summed the columns of the inverse: a whole walk from each state.

    There is one walk, and it begins in s with probability μ(s). Multiply the inverse by μ from the left.
    """
    return _solved(_transition(mdp, pi).T, np.ones(mdp.n_states), mdp.discount)


@discounted_visitation.misconception()
def start_distribution(mdp: TabularMDP, pi: Array) -> Array:
    """You returned μ.

    That is where the walk is at time 0. The visits of all later times are to be added, each with its γᵗ.
    """
    return mdp.initial


@discounted_visitation.misconception()
def time_zero_lost(mdp: TabularMDP, pi: Array) -> Array:
    """You began to count at time 1.

    The sum begins at t = 0, where the state is drawn from μ and counts in full.
    """
    return _visitation(mdp, pi) - mdp.initial


@discounted_visitation.misconception()
def time_zero_discounted(mdp: TabularMDP, pi: Array) -> Array:
    """You discounted the start already: all your numbers are γ times too small.

    The factor of time 0 is γ⁰ = 1.
    """
    return mdp.discount * _visitation(mdp, pi)


@discounted_visitation.misconception()
def discount_twice(mdp: TabularMDP, pi: Array) -> Array:
    """You discounted each step twice, γ² in place of γ.

    Each further step multiplies by γ once. The discount of later rewards is in Q, and has no place here.
    """
    return _solved(_transition(mdp, pi).T, mdp.initial, mdp.discount**2)


@discounted_visitation.misconception()
def end_left_out(mdp: TabularMDP, pi: Array) -> Array:
    """You gave terminal states the weight 0.

    Where γ < 1 this book counts them too: a walk that has ended is there at every later time. Nothing is earned there,
    so in the theorem it makes no difference; here it does.
    """
    return np.where(mdp.terminal, 0.0, _visitation(mdp, pi))


def _recurrent_chains(rng: Generator) -> Iterator[tuple[Any, ...]]:
    """Processes with one recurrent class: three connected, one with two states left for good, one with a rhythm of two.

    The last has the eigenvalue −1 too, so that the first or the largest eigenvalue need not be 1.
    """
    for n_states, n_actions, discount in ((3, 2, 0.8), (2, 4, 0.5), (4, 3, 0.9)):
        yield random_mdp(rng, n_states, n_actions, discount, None), _policy_table(rng, n_states, n_actions)
    leaving = rng.dirichlet(np.ones(4), size=(4, 2))
    leaving[0::2] = 0
    leaving[0::2, :, 0::2] = rng.dirichlet(np.ones(2), size=(2, 2))
    rhythm = np.zeros((4, 2, 4))
    rhythm[0::2, :, 1::2] = rng.dirichlet(np.ones(2), size=(2, 2))
    rhythm[1::2, :, 0::2] = rng.dirichlet(np.ones(2), size=(2, 2))
    for transition in (leaving, rhythm):
        mdp = TabularMDP(transition, np.zeros((4, 2, 4)), rng.dirichlet(np.ones(4)), discount=0.8)
        yield mdp, _policy_table(rng, 4, 2)


@function_exercise(
    title="The long run",
    cases=_recurrent_chains,
    shows="d_π is drawn once and then stays: d_π P = d_π. Neither the start nor the discount nor a reward has a part "
    "in it, only the policy and the dynamics. A chain that goes round in a rhythm has one too, although its p_t tends "
    "to nothing.",
    hints=[
        "d (I − P) = 0 says that d stays. It leaves the size of d open, so one more equation is needed: Σ_s d(s) = 1.",
        "Take both at once. If Σ_s d(s) = 1, then d times a matrix of ones is a row of ones: d (I − P + ones) = ones.",
        "Transpose the matrix, as for the visitation, and solve with `np.ones(mdp.n_states)` on the right.",
    ],
    see=_WEIGHTS,
)
def stationary_distribution(mdp: TabularMDP, pi: Array) -> Array:
    """Return the distribution d_π with d_π P = d_π, shape (S,)."""
    transition = np.einsum("sa,san->sn", pi, mdp.transition)
    matrix = np.eye(mdp.n_states) - transition + np.ones(transition.shape)
    return np.linalg.solve(matrix.T, np.ones(mdp.n_states))


@stationary_distribution.misconception()
def constant_vector(mdp: TabularMDP, pi: Array) -> Array:
    """You found the same weight for every state, which solves P d = d.

    The rows of P sum to 1, so a constant column stays as it is. A distribution is a row and stands on the left:
    d P = d. Transpose P.
    """
    return np.full(mdp.n_states, 1 / mdp.n_states)


@stationary_distribution.misconception()
def discounted_for_stationary(mdp: TabularMDP, pi: Array) -> Array:
    """You returned the discounted visits, divided by their sum.

    They remember the start, and one step of the chain changes them. A stationary distribution stays: d P = d.
    """
    return (1 - mdp.discount) * _visitation(mdp, pi)


@stationary_distribution.misconception()
def discounted_visits(mdp: TabularMDP, pi: Array) -> Array:
    """You returned the discounted visitation d_γ.

    It remembers the start, and it is no distribution. Neither μ nor γ has a part in the long run.
    """
    return _visitation(mdp, pi)


@stationary_distribution.misconception(see=_LONG_RUN)
def many_steps_of_a_rhythm(mdp: TabularMDP, pi: Array) -> Array:
    """You let the chain run from μ for many steps.

    That works where p_t has a limit. One of the chains goes round in a rhythm of two, and its p_t at even times is not
    that at odd times, for ever. Solve d P = d instead; or take the mean of two neighbouring times.
    """
    return np.asarray(mdp.initial @ np.linalg.matrix_power(_transition(mdp, pi), 2000))


@stationary_distribution.misconception(see=_LONG_RUN)
def odd_number_of_steps_of_a_rhythm(mdp: TabularMDP, pi: Array) -> Array:
    """You let the chain run from μ for many steps, an odd number of them.

    That works where p_t has a limit. One of the chains goes round in a rhythm of two, and its p_t at odd times is not
    that at even times, for ever. Solve d P = d instead; or take the mean of two neighbouring times.
    """
    return np.asarray(mdp.initial @ np.linalg.matrix_power(_transition(mdp, pi), 2001))


@stationary_distribution.misconception(see=_LONG_RUN)
def many_steps_from_state_zero(mdp: TabularMDP, pi: Array) -> Array:
    """You let the chain run from state 0 for many steps.

    That works where p_t has a limit. One of the chains goes round in a rhythm of two and can be in state 0 at even
    times only, for ever. Solve d P = d instead; or take the mean of two neighbouring times.
    """
    return np.asarray(np.linalg.matrix_power(_transition(mdp, pi), 2000)[0])


@stationary_distribution.misconception()
def length_one_for_sum_one(mdp: TabularMDP, pi: Array) -> Array:
    """Your weights have length 1, as an eigenvector that NumPy returns.

    A distribution sums to 1: divide by the sum.
    """
    d = _stationary(mdp, pi)
    return np.asarray(d / np.linalg.norm(d))


@stationary_distribution.misconception()
def one_step_from_the_start(mdp: TabularMDP, pi: Array) -> Array:
    """You took one step from the start, μP.

    That is p_1, where the state is at time 1. After another step it is elsewhere, and d_π is what no step changes.
    """
    return np.asarray(mdp.initial @ _transition(mdp, pi))


@stationary_distribution.misconception()
def start_weights(mdp: TabularMDP, pi: Array) -> Array:
    """You returned μ.

    That is where the walk begins. The long run has forgotten it.
    """
    return mdp.initial


@stationary_distribution.misconception()
def actions_equally_likely(mdp: TabularMDP, pi: Array) -> Array:
    """You let all actions be equally likely.

    The chain is that of the policy: P(s'|s) = Σ_a π(a|s) p(s'|s,a).
    """
    return _stationary(mdp, np.full(pi.shape, 1 / mdp.n_actions))


# ---- the short derivation ------------------------------------------------------------------------------------------


#: The lines of the task, and those of the ledger that they are.
_SHORT = {"a": "B1", "b": "B2", "c": "B5", "d": "B6", "e": "B7", "f": "B8", "g": "B10"}


@choice_exercise(
    title="A short derivation",
    wrong={
        "a": Mistake(
            "a definition taken for false",
            "Line a is a definition, and an odd one: it is r(π)/(1 − γ). Odd is not false.",
            _OBJECTIVE_OF_B1,
        ),
        "b": Mistake(
            "the Bellman equation doubted",
            "Line b puts V(s) = Σ_a π(a|s) Q(s,a) into line a, which holds in every state.",
            _B1_AND_B2,
        ),
        "c": Mistake(
            "the announcement doubted",
            "Line c only says what is to be differentiated, and the gradient stands before all of it. Nothing has been "
            "done yet.",
            _B5,
        ),
        "e": Mistake(
            "one doubted",
            "Line e multiplies each term of line d by π/π = 1, which a softmax policy allows. What is wrong in it was "
            "wrong in line d.",
            _B7_B8_B11,
        ),
        "f": Mistake(
            "the logarithm doubted",
            "Line f puts ∇log π for ∇π/π, which is exact where π > 0. What is wrong in it comes from above.",
            _B7_B8_B11,
        ),
        "g": Mistake(
            "the expectation doubted",
            "Line g writes the two sums of line f as an expectation and says how s and a are drawn. It is exact as a "
            "consequence of line f. As the gradient of J_B it is false, but it is not the first line to be so.",
            _B10,
        ),
    },
    shows="Line d lets ∇ act on π alone. Q and d_π depend on θ too, and the product rule has three terms. The one with "
    "∇Q has the direction of line d and γ/(1 − γ) times its length; the one with ∇d_π can point anywhere.",
    hints=[
        "Six of the seven lines are a definition, an announcement, or a consequence of the line above.",
        "For each line, ask which of the letters in it change when θ changes.",
        "Where does the gradient move past something that depends on θ?",
    ],
    see=_B6,
)
def false_line() -> str:
    """Find the first line of a short derivation that does not follow."""
    mdp, policy, theta = random_mdp(np.random.default_rng(0), horizon=None), SoftmaxPolicy(3, 2), np.eye(3, 2)
    false = state_action_form.source_derivation(mdp, policy, theta).false_lines
    return next(label for label, line in _SHORT.items() if line in false)


# ---- the theorem ---------------------------------------------------------------------------------------------------


def _gradients(rng: Generator) -> Iterator[tuple[TabularMDP, TabularPolicy, Array]]:
    """Processes without a horizon, with a policy and parameters; θ of two shapes, with an end and without."""
    for n_states, n_actions, discount in ((3, 2, 0.8), (2, 4, 0.5), (4, 3, 0.9)):
        mdp = random_mdp(rng, n_states, n_actions, discount, None)
        yield mdp, SoftmaxPolicy(n_states, n_actions), rng.standard_normal((n_states, n_actions))
    yield short_corridor(discount=0.8), corridor_policy(), rng.standard_normal(2)


def _line(policy: TabularPolicy, theta: Array, state_weights: Array, action_values: Array) -> Array:
    """Σ_s w(s) Σ_a ∇π(a|s) Q(s,a)."""
    return state_action_form.state_weighted_gradient(policy, theta, state_weights, action_values)


def _right_factors(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """d_γ and Q."""
    return values.discounted_visitation(mdp, policy, theta), values.action_values(mdp, policy, theta)


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
    see=_T8,
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
    return _line(policy, theta, np.ones(mdp.n_states), values.action_values(mdp, policy, theta))


@gradient_by_visits.misconception()
def all_states_equally_likely(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You took the plain mean over the states.

    The weight of s is how often it is visited from μ, with γᵗ for a visit at time t.
    """
    weights = np.full(mdp.n_states, 1 / mdp.n_states)
    return _line(policy, theta, weights, values.action_values(mdp, policy, theta))


@gradient_by_visits.misconception(see=_WHERE_RIGHT)
def stationary_weights(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You weighted by the stationary distribution.

    The objective starts from μ and discounts, so the discounted visitation from μ is needed. The stationary one belongs
    to the average reward, with differential values.
    """
    d = values.stationary_distribution(mdp, policy, theta)
    return _line(policy, theta, d, values.action_values(mdp, policy, theta))


@gradient_by_visits.misconception(see=_WHERE_RIGHT)
def stationary_weights_over_one_minus_the_discount(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You weighted by the stationary distribution, divided by 1 − γ.

    The sum of these weights is that of the visitation, but they forget the start. J begins at μ, and so do the visits
    that are counted.
    """
    d = values.stationary_distribution(mdp, policy, theta) / (1 - mdp.discount)
    return _line(policy, theta, d, values.action_values(mdp, policy, theta))


@gradient_by_visits.misconception(see=_WHERE_RIGHT)
def start_weights_for_visits(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You weighted by the start distribution μ.

    That is the first step of the unrolled proof: it drops ∇Q, all that θ changes later. The weights are the discounted
    visits of all times.
    """
    return _line(policy, theta, mdp.initial, values.action_values(mdp, policy, theta))


@gradient_by_visits.misconception(see=_PROPORTIONAL)
def normalised_visits(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You divided the visits by their sum, or multiplied them by 1 − γ.

    Then they are a distribution and the result is only proportional to ∇J: the factor 1/(1 − γ) is missing.
    """
    visits, q = _right_factors(mdp, policy, theta)
    return _line(policy, theta, visits / visits.sum(), q)


@gradient_by_visits.misconception(see=_PROPORTIONAL)
def factor_in_front_twice(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You divided by 1 − γ once too often.

    That factor belongs before weights that sum to 1. The visitation sums to 1/(1 − γ) and has it already.
    """
    return _line(policy, theta, *_right_factors(mdp, policy, theta)) / (1 - mdp.discount)


@gradient_by_visits.misconception(see=_WHICH_POLICY)
def optimal_q_for_q_of_the_policy(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You used the optimal action values q*.

    They praise an action for what the best policy would make of it. Q follows the policy whose gradient is wanted.
    """
    return _line(policy, theta, values.discounted_visitation(mdp, policy, theta), _optimal_action_values(mdp))


@gradient_by_visits.misconception(see=_VALUES)
def reward_for_action_value(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You put the reward of one step in the place of Q.

    An action also decides what comes after it. Q(s,a) is the expected return, with all later rewards.
    """
    return _line(policy, theta, values.discounted_visitation(mdp, policy, theta), mdp.expected_reward)


@gradient_by_visits.misconception(see=_CRITIC)
def state_value_for_action_value(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """Your result is zero: you put V(s) in the place of Q(s,a), or no value at all.

    What is the same for all actions of a state is multiplied by Σ_a ∇π(a|s) = ∇1 = 0. Q tells the actions apart.
    """
    return np.zeros(theta.shape)


@gradient_by_visits.misconception(see=_WHERE_RIGHT)
def differential_action_values(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You put differential values in the place of Q.

    They do not discount, and they belong to the average reward with the stationary weights. J discounts, and so does
    its Q.
    """
    q = values.differential_action_values(mdp, policy, theta)
    return _line(policy, theta, values.discounted_visitation(mdp, policy, theta), q)


@gradient_by_visits.misconception(see=_WHERE_RIGHT)
def gradient_of_the_average_reward(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You computed ∇r(π), the gradient of the average reward.

    Stationary weights and differential values fit each other. They are those of another objective: J starts from μ and
    discounts.
    """
    return state_action_form.average_reward_gradient(mdp, policy, theta)


@gradient_by_visits.misconception(see=_T9_AND_T10)
def policy_counted_twice(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You multiplied ∇π by the policy once more.

    ∇π(a|s) = π(a|s) ∇log π(a|s): before the score stands one π(a|s), before ∇π none.
    """
    visits, q = _right_factors(mdp, policy, theta)
    return _line(policy, theta, visits, policy.probabilities(theta) * q)


@gradient_by_visits.misconception(see=_T9_AND_T10)
def score_without_the_policy(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You put the score in the place of ∇π.

    The score is ∇log π = ∇π/π. In a sum over all actions its weight is π(a|s); only where actions are drawn does that
    come by itself.
    """
    visits, q = _right_factors(mdp, policy, theta)
    return policy.weighted_score(theta, visits[:, None] * q)


@gradient_by_visits.misconception(see=_B9)
def one_vector_for_each_state(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You returned a vector for each state: the sum over the states is lost.

    Multiply the vector of s by d_γ(s) and add up the states.
    """
    return np.stack([_line(policy, theta, at, values.action_values(mdp, policy, theta)) for at in np.eye(mdp.n_states)])


@gradient_by_visits.misconception(see=_B9)
def states_weighted_and_not_summed(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You returned a vector for each state, with its weight, and did not add up the states.

    ∇J is one vector, of the shape of θ: sum over s too.
    """
    visits, q = _right_factors(mdp, policy, theta)
    return np.stack([_line(policy, theta, weights, q) for weights in np.diag(visits)])


@gradient_by_visits.misconception()
def descent_direction(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You have the opposite sign.

    The minus belongs to a loss that is minimised, −J. Asked for is the gradient of J.
    """
    return -_line(policy, theta, *_right_factors(mdp, policy, theta))


@order_exercise(
    title="The proof of the theorem",
    decoys={
        "b": Mistake(
            "the gradient of Q dropped",
            "Line b keeps one term of the product rule. Q is the value of what the policy does later and depends on θ "
            "as well: π(a|s) ∇Q(s,a) is missing, and it is no small term.",
            _T2,
        ),
        "e": Mistake(
            "the dynamics differentiated",
            "Line e lets the gradient act on p. The dynamics are given and contain no θ. What depends on θ in the next "
            "state is its value V(s').",
            _T3,
        ),
        "h": Mistake(
            "stationary for visitation",
            "Line h weights by the stationary distribution. What stands before g is μ (I − γP)⁻¹, and that counts "
            "discounted visits from the start: no line speaks of the long run.",
            _T8,
        ),
        "j": Mistake(
            "the start for all visits",
            "Line j evaluates g at the start alone. Every later state adds its g too, discounted: that is what the "
            "inverse collects.",
            _T5,
        ),
        "k": Mistake(
            "the discount lost",
            "Line k has no discount before ∇V(s'). Q(s,a) contains γ times the value of the next state, and γ passes "
            "the gradient as a factor.",
            _T4,
        ),
    },
    shows="The product rule keeps both terms, and the second one hands the question on to the next state. When it has "
    "been handed on for ever, the changes of all later values have become visits. So d_γ is not differentiated: it "
    "comes out as a factor.",
    hints=[
        "The proof begins with V and not with J. Five of the twelve lines are false.",
        "Product rule, then the Bellman equation for Q, then the average over the actions, then solve for ∇V.",
        "The lines with ∇J on their left or with d_γ in them stand at the end: i and then d.",
    ],
    see=_T8,
)
def ordered_lines() -> str:
    """Put the lines of the proof of the theorem in order; five of the twelve are false."""
    return "f c l a g i d"


@ordered_lines.misconception(see=_T3)
def recursion_before_the_bellman_equation() -> str:
    """You wrote the recursion before the line that it comes from.

    First Q = r + γ Σ p V is put in and ∇V(s') appears for each action. Then Σ_a π p becomes P.
    """
    return "f c a l g i d"


@ordered_lines.misconception(see=_T7)
def objective_first() -> str:
    """You began with the objective.

    Line i holds the inverse (I − γP)⁻¹ already, so it needs all lines on ∇V(s) before it: they are where the inverse
    comes from.
    """
    return "i f c l a g d"


@ordered_lines.misconception(see=_T7)
def objective_and_theorem_first() -> str:
    """You began with the objective and the theorem.

    Line i holds the inverse (I − γP)⁻¹ already, so it needs all lines on ∇V(s) before it: they are where the inverse
    comes from.
    """
    return "i d f c l a g"


def _claims() -> Derivation:
    """The six formulas of the task, each beside the complex step of its objective."""
    rng = np.random.default_rng(1)
    mdp, policy, theta = random_mdp(rng, horizon=None), SoftmaxPolicy(3, 2), rng.standard_normal((3, 2))
    d, factor = values.stationary_distribution(mdp, policy, theta), 1 / (1 - mdp.discount)
    visits, q = _right_factors(mdp, policy, theta)
    differential = values.differential_action_values(mdp, policy, theta)

    def source_objective(at: Array) -> Any:
        return values.stationary_distribution(mdp, policy, at) @ values.state_values(mdp, policy, at)

    start = complex_step(lambda at: values.objective(mdp, policy, at), theta)
    average = complex_step(lambda at: values.average_reward(mdp, policy, at), theta)
    source = complex_step(source_objective, theta)
    claims = {
        "a": (start, mdp.initial, q),
        "b": (start, factor * d, q),
        "c": (average, d, q),
        "d": (source, factor * d, differential),
        "e": (source, factor * d, q),
        "f": (start, visits / visits.sum(), q),
    }
    return Derivation(
        "Six claims",
        [
            Line(label, "", "", _line(policy, theta, weights, action_values), right_side=truth)
            for label, (truth, weights, action_values) in claims.items()
        ],
    )


@choice_exercise(
    title="One formula of six",
    wrong={
        "a": Mistake(
            "start weights for visits",
            "Line a has the weights μ. That is where the walk begins, but what θ changes later counts too: the weights "
            "of J are the discounted visits. Line a drops ∇Q.",
        ),
        "b": Mistake(
            "stationary for visitation",
            "Line b has stationary weights for a return from the start. The factor makes their sum right, and not "
            "their shares: they forget μ. It would be right for a walk that begins in d_π, held fixed.",
        ),
        "c": Mistake(
            "discounted values for the average reward",
            "Line c is the biased gradient of the average reward: its weights are right, and its Q discounts. It "
            "becomes exact only as γ tends to 1.",
            _BIASED_GRADIENT,
        ),
        "e": Mistake(
            "the gradient of the stationary distribution dropped",
            "Line e is Σ_s d_π ∇V. In J_B the weights d_π move with θ too, and Σ_s ∇d_π(s) V(s) is missing.",
            _DROPPED,
        ),
        "f": Mistake(
            "proportional for equal",
            "Line f has the right direction and not the right length. Its weights were divided by their sum, and the "
            "factor 1/(1 − γ) in front is missing.",
            _PROPORTIONAL,
        ),
    },
    shows="Σ_s d_π(s) V(s) is r(π)/(1 − γ). So its gradient is that of the average reward, with stationary weights and "
    "differential values, times 1/(1 − γ). Weights and values belong together, and both belong to an objective: the "
    "formula alone does not say what it is the gradient of.",
    hints=[
        "Go from the objective to its weights and values. J: discounted visits, discounted Q. And r(π)?",
        "No line has d_γ as it is. So no line of J can be right. What kind of number is J_B?",
        "J_B = r(π)/(1 − γ). Which weights and which values does ∇r(π) need?",
    ],
    see=_WHERE_RIGHT,
)
def true_formula() -> str:
    """Find the one formula of six that is true."""
    claims = _claims()
    (label,) = (line.label for line in claims if line.label not in claims.false_lines)
    return label


# ---- finite horizon ------------------------------------------------------------------------------------------------


def _short_processes(rng: Generator) -> Iterator[tuple[TabularMDP, TabularPolicy, Array]]:
    """Processes with a horizon: of several lengths, with an end, θ of two shapes."""
    for n_states, n_actions, discount, horizon in ((3, 2, 0.8, 4), (2, 4, 0.5, 3), (4, 3, 0.9, 6)):
        mdp = random_mdp(rng, n_states, n_actions, discount, horizon)
        yield mdp, SoftmaxPolicy(n_states, n_actions), rng.standard_normal((n_states, n_actions))
    yield short_corridor(horizon=5, discount=0.7), corridor_policy(), rng.standard_normal(2)


@function_exercise(
    title="The gradient with a horizon",
    cases=_short_processes,
    shows="The weight γᵗ p_t(s) and the value Q_t(s,a) share the time, so neither can be summed alone. When less time "
    "is left, an action is worth something else. It takes one pass back for Q_t and one forward for p_t.",
    hints=[
        "Everything here has a time: γᵗ, p_t and Q_t. Only π and its score have none.",
        "`occupied[:-1]` holds p_0 … p_{T−1}. At the last time, T, nothing is decided.",
        '`np.einsum("t,ts,sa,tsa,sa...->...", …)` sums over time, states and actions at once.',
    ],
    see=_HORIZON,
)
def gradient_with_a_horizon(mdp: Any, policy: TabularPolicy, theta: Array) -> Array:
    """Return ∇J(θ) = Σ_t γᵗ Σ_s p_t(s) Σ_a ∇π(a|s) Q_t(s,a), t = 0 … T − 1, the shape of θ."""
    occupied = values.occupancy(mdp, policy, theta)
    q = values.action_values(mdp, policy, theta)
    discounts = mdp.discount ** np.arange(mdp.horizon)
    pi, score = policy.probabilities(theta), policy.score(theta)
    return np.einsum("t,ts,sa,tsa,sa...->...", discounts, occupied[:-1], pi, q, score)


def _timed(
    mdp: TabularMDP,
    policy: TabularPolicy,
    theta: Array,
    *,
    discounts: Array | None = None,
    occupied: Array | None = None,
    q: Array | None = None,
) -> Array:
    """Σ_t c_t Σ_s p_t Σ_a ∇π Q_t with one of its factors replaced."""
    discounts = _discounts(mdp) if discounts is None else discounts
    occupied = values.occupancy(mdp, policy, theta)[:-1] if occupied is None else occupied
    q = values.action_values(mdp, policy, theta) if q is None else q
    return policy.weighted_gradient(theta, np.einsum("t,ts,tsa->sa", discounts, occupied, q))


def _horizon(mdp: TabularMDP) -> int:
    assert mdp.horizon is not None  # every case has one
    return mdp.horizon


def _discounts(mdp: TabularMDP) -> Array:
    return np.asarray(mdp.discount ** np.arange(_horizon(mdp)))


def _at_all_times(mdp: TabularMDP, table: Array) -> Array:
    return np.repeat(table[None], _horizon(mdp), axis=0)


@gradient_with_a_horizon.misconception()
def first_q_at_all_times(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You used Q_0 at all times.

    At time t only T − t decisions are left, and what an action is worth depends on that: the time t has Q_t.
    """
    q = values.action_values(mdp, policy, theta)[0]
    return _timed(mdp, policy, theta, q=_at_all_times(mdp, q))


@gradient_with_a_horizon.misconception()
def q_without_a_horizon(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You used the Q of a process without a horizon.

    It counts rewards that are never paid, because the walk stops after T decisions. The time t has Q_t.
    """
    q = values.action_values(replace(mdp, horizon=None), policy, theta)
    return _timed(mdp, policy, theta, q=_at_all_times(mdp, q))


@gradient_with_a_horizon.misconception()
def nothing_ends(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You computed the gradient without a horizon.

    Here the walk stops after T decisions: the visits after that do not count, and Q_t has only T − t decisions left.
    """
    return state_action_form.exact_gradient(replace(mdp, horizon=None), policy, theta)


@gradient_with_a_horizon.misconception(see=_WITHOUT_DISCOUNT)
def discount_of_the_time_dropped(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You left out γᵗ.

    Q_t discounts from time t on, and J discounts from time 0. The factor γᵗ makes up for that; without it late
    decisions count too much.
    """
    return _timed(mdp, policy, theta, discounts=np.ones(_horizon(mdp)))


@gradient_with_a_horizon.misconception()
def discount_applied_twice(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You applied γᵗ twice.

    It stands once before p_t. `values.discounted_visitation` holds it already, `values.occupancy` does not.
    """
    return _timed(mdp, policy, theta, discounts=_discounts(mdp) ** 2)


@gradient_with_a_horizon.misconception()
def time_zero_discounted_already(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You discounted the first decision already: yours is γ times the gradient.

    The factor of time 0 is γ⁰ = 1.
    """
    return mdp.discount * _timed(mdp, policy, theta)


@gradient_with_a_horizon.misconception()
def values_backwards_in_time(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """Your values stand in the wrong order: time 0 has the last Q.

    The recursion goes back from the end, and `values.action_values` has turned its rows already: row t is Q_t.
    """
    return _timed(mdp, policy, theta, q=values.action_values(mdp, policy, theta)[::-1])


@gradient_with_a_horizon.misconception()
def time_summed_apart(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You summed the weights over time and the values over time, and multiplied the sums.

    The weight of time t belongs to the value of time t: multiply first, then sum over t.
    """
    visits = _discounts(mdp) @ values.occupancy(mdp, policy, theta)[:-1]
    return _line(policy, theta, visits, values.action_values(mdp, policy, theta).sum(axis=0))


@gradient_with_a_horizon.misconception()
def mean_of_q_over_time(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You summed the weights over time and took the mean of Q_t over time.

    The weight of time t belongs to the value of time t: multiply first, then sum over t.
    """
    visits = _discounts(mdp) @ values.occupancy(mdp, policy, theta)[:-1]
    return _line(policy, theta, visits, values.action_values(mdp, policy, theta).mean(axis=0))


@gradient_with_a_horizon.misconception(see=_WEIGHTS)
def start_weights_at_every_time(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You weighted by μ at every time.

    The start distribution holds at time 0. After that the state has moved, and p_t says where it is.
    """
    return _timed(mdp, policy, theta, occupied=_at_all_times(mdp, mdp.initial))


@gradient_with_a_horizon.misconception()
def states_without_weights(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You forgot the state weights p_t(s).

    A state counts at time t with the probability that the walk is there.
    """
    return _timed(mdp, policy, theta, occupied=np.ones((_horizon(mdp), mdp.n_states)))


@gradient_with_a_horizon.misconception()
def states_one_step_late(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You paired Q_t with the states of time t + 1.

    The occupancy has T + 1 rows. The decision at time t is taken in s_t: leave out the last row, and not the first.
    """
    return _timed(mdp, policy, theta, occupied=values.occupancy(mdp, policy, theta)[1:])


@gradient_with_a_horizon.misconception()
def last_decision_lost(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You left out the last decision.

    There are T decisions, at the times 0 to T − 1, and the last one still earns a reward.
    """
    discounts = _discounts(mdp)
    discounts[-1] = 0
    return _timed(mdp, policy, theta, discounts=discounts)


@gradient_with_a_horizon.misconception()
def first_decision_alone(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You took the term of time 0 alone.

    θ also changes what is done later: each of the T times adds its own term.
    """
    return _line(policy, theta, mdp.initial, values.action_values(mdp, policy, theta)[0])


@gradient_with_a_horizon.misconception(see=_PROPORTIONAL)
def mean_over_time_steps(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You divided by the number of decisions.

    The gradient is a sum over time. Nothing is divided by T.
    """
    return _timed(mdp, policy, theta) / _horizon(mdp)


@gradient_with_a_horizon.misconception(see=_PROPORTIONAL)
def time_weights_divided_by_their_sum(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You divided the weights γᵗ by their sum.

    Then t can be drawn from them, and the result is only proportional to ∇J: the factor Σ_t γᵗ is missing.
    """
    return _timed(mdp, policy, theta) / _discounts(mdp).sum()


@gradient_with_a_horizon.misconception(see=_RECURSION)
def reward_for_action_value_of_the_time(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You put the reward of one step in the place of Q_t.

    Or you used the last Q at all times, which is that reward. An action also decides what comes after it: Q_t is the
    expected reward-to-go from time t.
    """
    return _timed(mdp, policy, theta, q=_at_all_times(mdp, mdp.expected_reward))


@gradient_with_a_horizon.misconception(see=_CRITIC)
def value_that_tells_no_actions_apart(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """Your result is zero: you put V_t(s) in the place of Q_t(s,a), or no value at all.

    What is the same for all actions of a state is multiplied by Σ_a ∇π(a|s) = ∇1 = 0.
    """
    return np.zeros(theta.shape)


@gradient_with_a_horizon.misconception(see=_T9_AND_T10)
def policy_twice(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You multiplied ∇π by the policy once more.

    ∇π(a|s) = π(a|s) ∇log π(a|s): before the score stands one π(a|s), before ∇π none.
    """
    q = policy.probabilities(theta) * values.action_values(mdp, policy, theta)
    return _timed(mdp, policy, theta, q=q)


@gradient_with_a_horizon.misconception(see=_T9_AND_T10)
def score_for_the_gradient_of_the_policy(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You put the score in the place of ∇π.

    The score is ∇log π = ∇π/π. In a sum over all actions its weight is π(a|s).
    """
    occupied, q = values.occupancy(mdp, policy, theta)[:-1], values.action_values(mdp, policy, theta)
    return policy.weighted_score(theta, np.einsum("t,ts,tsa->sa", _discounts(mdp), occupied, q))


# ---- actor–critic --------------------------------------------------------------------------------------------------


def _steps(rng: Generator) -> Iterator[tuple[Any, ...]]:
    """Single steps of a walk: early and late, one that ends it and one that stays where it is; θ of two shapes."""
    for theta_shape, state, after, ended, t, discount, alpha, beta in (
        ((3, 2), 0, 2, False, 3, 0.9, 0.5, 0.2),
        ((4, 3), 2, 3, True, 2, 0.6, 0.1, 0.8),
        ((2,), 1, 1, False, 1, 0.8, 2.0, 0.5),
        ((2, 4), 1, 0, False, 0, 0.5, 0.3, 0.7),
        ((2,), 2, 0, True, 4, 0.7, 0.4, 0.3),
    ):
        n_states = theta_shape[0] if len(theta_shape) == 2 else 3
        theta, v, score = (
            rng.standard_normal(theta_shape),
            rng.standard_normal(n_states),
            rng.standard_normal(theta_shape),
        )
        yield theta, v, score, state, float(rng.standard_normal()), after, ended, t, discount, alpha, beta


@function_exercise(
    title="One step of an actor–critic",
    cases=_steps,
    shows="One error serves both. The critic moves towards what one step and its own next value say. The actor makes "
    "the action more likely if that was more than expected. γᵗ is the actor's: it makes visits into discounted visits.",
    hints=[
        "First the error δ: what the step was worth, with what the critic says of the rest, minus what was expected.",
        "After the end nothing is earned: there the step is worth its reward alone, whatever stands in `v[after]`.",
        "`np.eye(len(v))[state]` is 1 at the state and 0 elsewhere: β δ times it is the change of the critic.",
        "The actor moves by α γᵗ δ times the score, with the same δ, computed before the critic has changed.",
    ],
    see=_SMALL_RUN,
)
def actor_critic_step(
    theta: Array,
    v: Array,
    score: Array,
    state: int,
    reward: float,
    after: int,
    ended: bool,
    t: int,
    discount: float,
    alpha: float,
    beta: float,
) -> tuple[Array, Array]:
    """Return θ and V̂ after one step of the one-step actor–critic, each of the shape that it had."""
    later = 0 if ended else v[after]
    error = reward + discount * later - v[state]
    new_v = v + beta * error * np.eye(len(v))[state]
    new_theta = theta + alpha * discount**t * error * score
    return new_theta, new_v


def _delta(*step: Any, discount: float | None = None) -> Any:
    """δ = r + γ V̂(s') − V̂(s) of a step, with another γ if told."""
    _, v, _, state, reward, after, ended, _, gamma, *_ = step
    return reward + (gamma if discount is None else discount) * (0 if ended else v[after]) - v[state]


def _updated(
    *step: Any,
    error: Any = None,
    actor_error: Any = None,
    actor_weight: float | None = None,
    critic_weight: float | None = None,
) -> tuple[Array, Array]:
    """Both updates of a step, with another error for both, or for the actor, or in place of α γᵗ or β."""
    theta, v, score, state, _, _, _, t, discount, alpha, beta = step
    error = _delta(*step) if error is None else error
    actor_error = error if actor_error is None else actor_error
    actor_weight = alpha * discount**t if actor_weight is None else actor_weight
    critic_weight = beta if critic_weight is None else critic_weight
    return theta + actor_weight * actor_error * score, v + critic_weight * error * np.eye(len(v))[state]


@actor_critic_step.misconception()
def value_beyond_the_end(*step: Any) -> tuple[Array, Array]:
    """You added a value of the state behind the end.

    Where `ended` is True the walk is over, and nothing more is earned, whatever the critic says of that state.
    """
    return _updated(*step[:6], False, *step[7:])


@actor_critic_step.misconception()
def nothing_learnt_at_the_end(*step: Any) -> tuple[Array, Array]:
    """You changed nothing where the episode ends.

    The last step paid a reward too, and its error is δ = r − V̂(s). Only the value of what follows is 0.
    """
    return (step[0], step[1]) if step[6] else _updated(*step)


@actor_critic_step.misconception()
def expectation_lost_at_the_end(*step: Any) -> tuple[Array, Array]:
    """Where the episode ends you did not subtract V̂(s).

    V̂(s) was expected there too. Only the value of what follows is 0: δ = r − V̂(s).
    """
    return _updated(*step, error=step[4]) if step[6] else _updated(*step)


@actor_critic_step.misconception()
def both_values_discounted(*step: Any) -> tuple[Array, Array]:
    """You discounted V̂(s) as well.

    The walk is in s now, and V̂(s) counts in full. V̂(s') is one step away: δ = r + γ V̂(s') − V̂(s).
    """
    _, v, _, state, _, _, _, _, discount, *_ = step
    return _updated(*step, error=_delta(*step) + (1 - discount) * v[state])


@actor_critic_step.misconception()
def power_of_the_discount_in_the_error(*step: Any) -> tuple[Array, Array]:
    """You put γᵗ into δ and not before the step of the actor.

    From s to s' it is one step, whatever the time: δ has γ. The whole step of the actor has γᵗ.
    """
    return _updated(*step, error=_delta(*step, discount=step[8] ** step[7]), actor_weight=step[9])


@actor_critic_step.misconception()
def discount_of_the_next_value_missing(*step: Any) -> tuple[Array, Array]:
    """Your δ has no discount before V̂(s').

    What comes after the step is worth γ times as much now: δ = r + γ V̂(s') − V̂(s).
    """
    return _updated(*step, error=_delta(*step, discount=1.0))


@actor_critic_step.misconception()
def discount_of_the_actor_dropped(*step: Any) -> tuple[Array, Array]:
    """The factor γᵗ of the actor is missing.

    The γ in δ discounts from time t on. J discounts from time 0, so the update of time t counts γᵗ.
    """
    return _updated(*step, actor_weight=step[9])


@actor_critic_step.misconception()
def discount_for_its_power(*step: Any) -> tuple[Array, Array]:
    """You multiplied the actor's step by γ in place of γᵗ.

    The step at time t lies t steps after the start: at time 0 it counts in full, at time 3 it counts γ³.
    """
    return _updated(*step, actor_weight=step[9] * step[8])


@actor_critic_step.misconception()
def critic_discounted_too(*step: Any) -> tuple[Array, Array]:
    """You multiplied the critic's step by γᵗ as well.

    V̂(s) is the value from s on, and it is the same at whatever time the walk comes by. Only the actor's step has γᵗ.
    """
    return _updated(*step, critic_weight=step[10] * step[8] ** step[7])


@actor_critic_step.misconception()
def error_upside_down(*step: Any) -> tuple[Array, Array]:
    """Your δ has the opposite sign: the critic runs away from its target and the actor goes downhill.

    What the step was worth comes first, and what was expected is subtracted from it.
    """
    return _updated(*step, error=-_delta(*step))


@actor_critic_step.misconception()
def actor_downhill(*step: Any) -> tuple[Array, Array]:
    """The critic is right, and the actor goes downhill.

    A minus belongs to a loss that is minimised. An action that was worth more than expected becomes more likely.
    """
    return _updated(*step, actor_error=-_delta(*step))


@actor_critic_step.misconception()
def critic_away_from_its_target(*step: Any) -> tuple[Array, Array]:
    """The actor is right, and the critic moves away from its target.

    V̂(s) was too low where δ is positive: add β δ.
    """
    return _updated(*step, critic_weight=-step[10])


@actor_critic_step.misconception()
def critic_first(*step: Any) -> tuple[Array, Array]:
    """You changed the critic first and gave the actor the error of the changed critic.

    There is one δ for both, computed with the critic as it was when the step was made.
    """
    _, changed = _updated(*step)
    return _updated(*step, actor_error=_delta(step[0], changed, *step[2:]))


@actor_critic_step.misconception(see=_CRITIC)
def reward_for_error(*step: Any) -> tuple[Array, Array]:
    """You gave the actor the reward in the place of δ.

    What an action is worth includes what comes after it, γ V̂(s'). And V̂(s) is subtracted: was it more than expected?
    """
    return _updated(*step, actor_error=step[4])


@actor_critic_step.misconception(see=_CRITIC)
def target_for_error(*step: Any) -> tuple[Array, Array]:
    """You gave the actor r + γ V̂(s') and did not subtract V̂(s).

    The mean of the update is the same, because V̂(s) is the same for all actions. But this is another update: the one
    that is asked for has δ in both places.
    """
    return _updated(*step, actor_error=_delta(*step) + step[1][step[3]])


@actor_critic_step.misconception(see=_CRITIC)
def critic_for_error(*step: Any) -> tuple[Array, Array]:
    """You gave the actor V̂(s) in the place of δ.

    V̂(s) is the same for all actions of the state and cannot tell a good one from a bad one. δ can.
    """
    return _updated(*step, actor_error=step[1][step[3]])


@actor_critic_step.misconception()
def critic_of_the_next_state(*step: Any) -> tuple[Array, Array]:
    """You changed the critic at the state that follows.

    δ says how far off V̂(s) was, the value of the state in which the step began.
    """
    v = step[1]
    return _updated(*step)[0], v + step[10] * _delta(*step) * np.eye(len(v))[step[5]]


@actor_critic_step.misconception()
def critic_changed_everywhere(*step: Any) -> tuple[Array, Array]:
    """You changed the critic in all states.

    One step says something about one state, the one in which it began.
    """
    return _updated(*step)[0], step[1] + step[10] * _delta(*step)


@actor_critic_step.misconception()
def target_for_value(*step: Any) -> tuple[Array, Array]:
    """You set V̂(s) to its target.

    One step is a matter of chance. The critic goes part of the way, β δ.
    """
    return _updated(*step, critic_weight=1.0)


@actor_critic_step.misconception()
def step_sizes_exchanged(*step: Any) -> tuple[Array, Array]:
    """You exchanged the step sizes.

    α is the actor's, β the critic's.
    """
    return _updated(*step[:9], step[10], step[9])


@actor_critic_step.misconception()
def changes_without_their_start(*step: Any) -> tuple[Array, Array]:
    """You returned the two changes, and not what they lead to.

    The new θ and the new V̂ are the old ones plus the changes.
    """
    theta, v = _updated(*step)
    return theta - step[0], v - step[1]


@actor_critic_step.misconception()
def results_exchanged(*step: Any) -> tuple[Array, Array]:
    """You returned the critic first.

    The first result is θ, the second V̂.
    """
    return _updated(*step)[::-1]
