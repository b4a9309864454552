"""Exercises of the setting: returns, policies, trajectories, the objective and gradient ascent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.derivation import Derivation, Line
from pgcode.environments import (
    corridor_optimum,
    corridor_policy,
    corridor_state_values,
    random_mdp,
    short_corridor,
    two_armed_bandit,
)
from pgcode.exercises import (
    Mistake,
    choice_exercise,
    function_exercise,
    number_exercise,
    order_exercise,
    sign_exercise,
)
from pgcode.exercises.chapters import DECISION_PROCESSES, DYNAMICS_DROP_OUT, GRADIENT_ASCENT, LIKELIHOOD_RATIO
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import enumerate_trajectories, sample_trajectories
from pgcode.values import objective

__all__ = [
    "discounted_return",
    "expected_return",
    "fair_coin_value",
    "false_line",
    "gradient_ascent",
    "objective_to_gradient",
    "softmax",
    "softmax_score",
    "trajectory_probability",
    "worse_arm_slope",
]

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]


# ---- the return ----------------------------------------------------------------------------------------------------


def _reward_sequences(rng: Generator) -> Arguments:
    yield rng.standard_normal(5), 0.9
    yield 100 * rng.standard_normal(3), 0.5
    yield rng.standard_normal(1), 0.7
    yield rng.standard_normal(4), 1.0


@function_exercise(
    title="The return of a sequence of rewards",
    cases=_reward_sequences,
    shows="The first reward counts in full, and each later one γ times as much as the one before it. With γ = 1 all "
    "rewards count alike.",
    hints=[
        "The reward at time t is multiplied by γ to the power t, and t begins at 0.",
        "`np.arange(len(rewards))` is the row of times 0, 1, …, T − 1.",
        "Raise the discount to these powers, multiply by the rewards, and add up.",
    ],
    see=DECISION_PROCESSES.section("Returns"),
)
def discounted_return(rewards: Array, discount: float) -> Any:
    """Return R = Σ_t γᵗ r_t of one sequence of rewards, a number."""
    times = np.arange(len(rewards))
    return np.sum(discount**times * rewards)


@discounted_return.misconception()
def first_reward_discounted(rewards: Array, discount: float) -> Any:
    """You discounted the first reward already.

    The first factor is γ⁰ = 1: what is paid at time 0 counts in full.
    """
    return np.sum(discount ** np.arange(1, len(rewards) + 1) * rewards)


@discounted_return.misconception()
def no_discount(rewards: Array, discount: float) -> Any:
    """You added the rewards without a discount.

    The reward at time t counts γᵗ times.
    """
    return np.sum(rewards)


@discounted_return.misconception()
def one_factor_for_all(rewards: Array, discount: float) -> Any:
    """You applied γ once, to the whole sum.

    Each reward has a factor of its own: γ to the power of its time.
    """
    return discount * np.sum(rewards)


@discounted_return.misconception()
def discount_applied_twice(rewards: Array, discount: float) -> Any:
    """You applied the discount twice, γ²ᵗ in place of γᵗ.

    One factor γ for each step of time is enough.
    """
    return np.sum(discount ** (2 * np.arange(len(rewards))) * rewards)


@discounted_return.misconception()
def discount_grows_linearly(rewards: Array, discount: float) -> Any:
    """You multiplied γ by the time t.

    Each further step multiplies by γ once more, which gives the power γᵗ.
    """
    return np.sum(discount * np.arange(len(rewards)) * rewards)


@discounted_return.misconception()
def mean_over_time_steps(rewards: Array, discount: float) -> Any:
    """You divided by the number of steps.

    The return is a sum over time and not a mean: a longer walk may earn more.
    """
    return np.mean(discount ** np.arange(len(rewards)) * rewards)


@discounted_return.misconception()
def discount_from_the_end(rewards: Array, discount: float) -> Any:
    """You discounted backwards: your last reward counts in full.

    The first one does, and the later ones count less.
    """
    return np.sum(discount ** np.arange(len(rewards))[::-1] * rewards)


@discounted_return.misconception()
def last_reward_lost(rewards: Array, discount: float) -> Any:
    """You lost the last reward.

    A sequence of T rewards has the times 0 to T − 1, and all of them count.
    """
    return np.sum(discount ** np.arange(len(rewards) - 1) * rewards[:-1])


@discounted_return.misconception()
def first_reward_alone(rewards: Array, discount: float) -> Any:
    """You returned the first reward alone.

    All rewards count. A `return` inside the loop ends it at its first step: write it after the loop.
    """
    return rewards[0]


@discounted_return.misconception()
def discounted_and_not_added(rewards: Array, discount: float) -> Any:
    """You returned the discounted rewards one by one.

    The factors are right. The return is one number, their sum.
    """
    return discount ** np.arange(len(rewards)) * rewards


# ---- the policy ----------------------------------------------------------------------------------------------------


def _preference_tables(rng: Generator) -> Arguments:
    yield (rng.standard_normal((3, 2)),)
    yield (rng.standard_normal((2, 4)),)
    # States of very different sizes, and within a state too: exp overflows or vanishes unless each is shifted.
    yield (np.array([[1000.0, 999.0, 998.5], [0.5, -1000.0, 0.0], [-900.0, -901.0, 900.0]]) + rng.random((3, 3)),)


@function_exercise(
    title="A softmax from scratch",
    cases=_preference_tables,
    shows="The same number taken from all preferences of a state changes no probability. Take away the largest, and "
    "the exponential never overflows.",
    hints=[
        "Each row is one state, and its probabilities sum to 1. So sum over the actions, which is `axis=1`.",
        "`exp(1000)` is too large for a float. The same number may be subtracted from a whole row: which one keeps "
        "every exponential at most 1?",
        "`preferences.max(axis=1, keepdims=True)` keeps the shape (n_states, 1), and so does the sum.",
    ],
    see=DECISION_PROCESSES.section("The policy"),
)
def softmax(preferences: Array) -> Any:
    """Return the probabilities π(a|s) of a table of preferences θ(s,a)."""
    shifted = preferences - preferences.max(axis=1, keepdims=True)
    weights = np.exp(shifted)
    return weights / weights.sum(axis=1, keepdims=True)


@softmax.misconception()
def softmax_over_the_states(preferences: Array) -> Any:
    """You normalised over the states: your columns sum to 1.

    In each state the probabilities of the actions sum to 1. The actions are the second axis.
    """
    weights = np.exp(preferences - preferences.max(axis=0, keepdims=True))
    return weights / weights.sum(axis=0, keepdims=True)


@softmax.misconception()
def softmax_over_the_whole_table(preferences: Array) -> Any:
    """You normalised over the whole table: all your numbers together sum to 1.

    Each state has a distribution of its own, so each row sums to 1.
    """
    weights = np.exp(preferences - preferences.max())
    return weights / weights.sum()


@softmax.misconception()
def exponential_of_large_numbers(preferences: Array) -> Any:
    """You took the exponential of the preferences as they are.

    The formula is right, but exp(1000) is too large for a float, and infinity divided by infinity is not a number.
    Subtract the largest preference of each state first: it cancels.
    """
    weights = np.exp(preferences)
    return weights / weights.sum(axis=1, keepdims=True)


@softmax.misconception()
def one_shift_for_all_states(preferences: Array) -> Any:
    """You subtracted the largest preference of the whole table.

    A state whose preferences are all far below it is left with weights that are rounded to 0, and 0 divided by 0 is
    not a number. Each state needs the largest of its own.
    """
    weights = np.exp(preferences - preferences.max())
    return weights / weights.sum(axis=1, keepdims=True)


@softmax.misconception()
def logarithms_of_probabilities(preferences: Array) -> Any:
    """You returned log π in place of π.

    Log-probabilities are at most 0. Take their exponential.
    """
    shifted = preferences - preferences.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


@softmax.misconception()
def not_normalised(preferences: Array) -> Any:
    """You did not divide by the sum.

    Weights become probabilities when each row is divided by its sum.
    """
    return np.exp(preferences - preferences.max(axis=1, keepdims=True))


@softmax.misconception()
def no_exponential(preferences: Array) -> Any:
    """You divided the preferences themselves by their sum.

    Preferences may be negative. Their exponentials are positive, and those are divided by their sum.
    """
    return preferences / preferences.sum(axis=1, keepdims=True)


def _chosen_actions(rng: Generator) -> Arguments:
    for n_states, n_actions in ((3, 2), (2, 4), (4, 3)):
        pi = rng.dirichlet(np.ones(n_actions), size=n_states)
        yield pi, int(rng.integers(n_states)), int(rng.integers(n_actions))


@function_exercise(
    title="The score of a softmax",
    cases=_chosen_actions,
    shows="The chosen action is pushed up by 1 − π(a|s), the others are pushed down by their probabilities, and other "
    "states do not move. The entries sum to 0.",
    hints=[
        "log π(a|s) = θ(s,a) − log Σ_b exp θ(s,b). Differentiate both terms by θ(s,b).",
        "The second term gives −π(b|s) for every action b of this state, and nothing for other states.",
        "Begin with zeros of the shape of `pi`, write −π into the row of the state, and add 1 at the chosen action.",
    ],
    see=DYNAMICS_DROP_OUT.section("The score of a softmax policy"),
)
def softmax_score(pi: Array, state: int, action: int) -> Any:
    """Return ∇_θ log π(action|state), of the shape of θ and π."""
    score = np.zeros(pi.shape)
    score[state] = -pi[state]
    score[state, action] += 1
    return score


@softmax_score.misconception()
def normaliser_forgotten(pi: Array, state: int, action: int) -> Any:
    """You differentiated θ(s,a) alone.

    The normaliser Σ_b exp θ(s,b) depends on θ too: its logarithm gives −π(b|s) for each action b of the state.
    """
    score = np.zeros(pi.shape)
    score[state, action] = 1
    return score


@softmax_score.misconception()
def score_with_the_wrong_sign(pi: Array, state: int, action: int) -> Any:
    """You have the opposite sign.

    A larger preference for an action makes it more probable: the entry of the chosen action is 1 − π(a|s), positive.
    """
    score = np.zeros(pi.shape)
    score[state] = pi[state]
    score[state, action] -= 1
    return score


@softmax_score.misconception(see=LIKELIHOOD_RATIO.section("A6: the ratio is the gradient of a logarithm"))
def gradient_of_the_probability(pi: Array, state: int, action: int) -> Any:
    """You differentiated the probability in place of its logarithm.

    The score is ∇ log π = ∇π / π: divide by π(a|s).
    """
    score = np.zeros(pi.shape)
    score[state] = -pi[state] * pi[state, action]
    score[state, action] += pi[state, action]
    return score


@softmax_score.misconception()
def all_states_pushed(pi: Array, state: int, action: int) -> Any:
    """You filled the rows of all states.

    The action was chosen in one state, and the preferences of the other states have no part in its probability: their
    entries are 0.
    """
    score = -pi
    score[:, action] += 1
    return score


@softmax_score.misconception()
def policy_subtracted_in_all_states(pi: Array, state: int, action: int) -> Any:
    """You subtracted the probabilities of all states.

    The action was chosen in one state, and the preferences of the other states have no part in its probability: their
    entries are 0. The row of the state is right.
    """
    score = -pi
    score[state, action] += 1
    return score


@softmax_score.misconception()
def row_of_the_state_alone(pi: Array, state: int, action: int) -> Any:
    """You returned the row of the state alone.

    Its entries are right. The score has one entry for each entry of θ: put the row into a table of zeros.
    """
    score = -pi[state]
    score[action] += 1
    return score


@softmax_score.misconception()
def chosen_action_forgotten(pi: Array, state: int, action: int) -> Any:
    """You differentiated the normaliser alone.

    It gives −π(b|s) for every action b of the state. The first term of log π(a|s), which is θ(s,a), gives 1 more at
    the action that was chosen.
    """
    score = np.zeros(pi.shape)
    score[state] = -pi[state]
    return score


@softmax_score.misconception()
def one_written_over(pi: Array, state: int, action: int) -> Any:
    """You wrote 1 over the entry of the chosen action.

    The 1 is added to the −π(a|s) that stands there, which gives 1 − π(a|s): write `+=` in place of `=`.
    """
    score = np.zeros(pi.shape)
    score[state] = -pi[state]
    score[state, action] = 1
    return score


@softmax_score.misconception()
def transposed_score(pi: Array, state: int, action: int) -> Any:
    """You returned the table transposed.

    The first axis of θ is the state, the second the action.
    """
    score = np.zeros(pi.shape)
    score[state] = -pi[state]
    score[state, action] += 1
    return score.T


@softmax_score.misconception()
def only_the_chosen_entry(pi: Array, state: int, action: int) -> Any:
    """You filled the entry of the chosen action alone.

    What the chosen action gains, the other actions of the state lose: their entries are −π(b|s).
    """
    score = np.zeros(pi.shape)
    score[state, action] = 1 - pi[state, action]
    return score


# ---- trajectories --------------------------------------------------------------------------------------------------


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


# ---- the objective -------------------------------------------------------------------------------------------------


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


@number_exercise(
    title="The corridor with a fair coin",
    shows="v(0) = (2u − 4) / (u(1 − u)) is −12 at u = 1/2: twelve steps on average. The best u, 2 − √2, needs 11.66, "
    "so a fair coin costs a third of a step.",
    hints=[
        "Write down v(0), v(1) and v(2). Each step pays −1 and leads to one of two states, each with probability 1/2.",
        "v(0) = −1 + v(1)/2 + v(0)/2, because left of state 0 is a wall. So v(1) = v(0) + 2.",
        "v(1) = −1 + v(0)/2 + v(2)/2, and v(2) = −1 + v(1)/2. Put the second into the first.",
    ],
    see=DECISION_PROCESSES.section("The corridor, solved"),
)
def fair_coin_value() -> float:
    """Predict v(0) of the short corridor for u = 1/2, with no horizon and no discount."""
    return float(corridor_state_values(0.5)[0].real)


@fair_coin_value.misconception()
def steps_for_rewards() -> float:
    """You gave the number of steps.

    Each step pays −1, so the value is minus that number.
    """
    return -float(corridor_state_values(0.5)[0].real)


@fair_coin_value.misconception()
def value_of_the_middle_state() -> float:
    """You gave v(1), the value of the state in the middle.

    The walk begins in state 0.
    """
    return float(corridor_state_values(0.5)[1].real)


@fair_coin_value.misconception()
def steps_back_forgotten() -> float:
    """You counted two tries for each of the three states, as if nothing led back.

    From states 1 and 2 a step may lead back, and then the way is walked again. The number is also v(2).
    """
    return -3 / 0.5


@fair_coin_value.misconception()
def value_of_the_best_coin() -> float:
    """You gave the value at the best u.

    The question is about u = 1/2, and the best u is 2 − √2.
    """
    return float(corridor_optimum()[1])


# ---- the lines -----------------------------------------------------------------------------------------------------


@sign_exercise(
    title="Which way does the worse arm go?",
    wrong={
        "positive": Mistake(
            "a positive reward as a gain",
            "You looked at the reward of the arm alone, which is positive. The derivative is π(0) (r(0) − J): what "
            "counts is whether the arm pays more than the policy does on average, and 1 is less than 1.5.",
            GRADIENT_ASCENT.section("A maximum that no θ reaches"),
        ),
        "zero": Mistake(
            "equal probabilities as equilibrium",
            "You took the uniform policy for a stationary one. It is one only if both arms pay the same. Here a little "
            "less of the worse arm raises J.",
            GRADIENT_ASCENT.section("A maximum that no θ reaches"),
        ),
    },
    shows="∂J/∂θ(0) = π(0) (r(0) − J) = −1/4. An action is pushed up if it pays more than the policy does on average, "
    "whatever the sign of its reward.",
    hints=[
        "Only differences of preferences count. What happens to J if the preference for arm 0 grows a little?",
        "Then arm 0 is chosen more often, and arm 1, which pays more, less often.",
    ],
    see=GRADIENT_ASCENT.section("A2: what is differentiated"),
)
def worse_arm_slope() -> Any:
    """Predict the sign of ∂J/∂θ for the worse arm of a bandit that pays 1 and 2, at θ = 0."""
    bandit, policy = two_armed_bandit((1.0, 2.0)), SoftmaxPolicy(2, 2)
    return complex_step(lambda theta: objective(bandit, policy, theta), np.zeros((2, 2)))[0, 0]


@order_exercise(
    title="From the objective to its gradient",
    decoys={
        "c": Mistake(
            "the return differentiated",
            "Line c differentiates R(τ). The return of a given trajectory is a fixed number, with no θ in it, so ∇R(τ) "
            "= 0, and line c is 0. Only the probability moves.",
            DECISION_PROCESSES.section("What is fixed and what moves"),
        ),
        "e": Mistake(
            "an estimate among equalities",
            "Line e is a mean over drawn trajectories: an estimate of the line before it, and not equal to it.",
            DECISION_PROCESSES.section("Third way: a sample"),
        ),
        "h": Mistake(
            "the gradient of a product as a product of gradients",
            "Line h multiplies the two gradients. The product rule gives (∇P) R + P ∇R, and ∇R = 0.",
            LIKELIHOOD_RATIO.section("A3: the gradient goes inside the sum"),
        ),
    },
    shows="A gradient goes into a finite sum for free, and past a factor that does not depend on θ. Nothing "
    "else was used.",
    hints=[
        "The first line is J as an expectation. Write the expectation as a sum next.",
        "Then take the gradient of both sides, bring it into the sum, and ask which of the two factors depends on θ.",
        "Three of the eight lines are false or not equal to the others.",
    ],
    see=LIKELIHOOD_RATIO.section("A3: the gradient goes inside the sum"),
)
def objective_to_gradient() -> str:
    """Put the lines from J(θ) = E[R(τ)] to ∇J(θ) = Σ_τ (∇P(τ;θ)) R(τ) in order, without the decoys."""
    return "f b g a d"


@choice_exercise(
    title="The false line",
    wrong={
        "a": Mistake(
            "a definition taken for false",
            "Line a is the definition of J, an expectation written as a sum over trajectories.",
            DECISION_PROCESSES.section("The objective"),
        ),
        "b": Mistake(
            "two sums exchanged taken for false",
            "Line b puts in R(τ) = Σ_t γᵗ r_t and exchanges two finite sums, which is always allowed.",
            DECISION_PROCESSES.section("Returns"),
        ),
        "d": Mistake(
            "a consequence taken for the cause",
            "Line d follows from line c: nothing in c but γᵗ depends on t, and Σ_t γᵗ = (1 − γ^T) / (1 − γ). Look at "
            "the step before.",
        ),
    },
    shows="At time t the state is distributed as p_t, not as μ. With p_t(s) in the place of μ(s) line c is right.",
    hints=[
        "Try T = 1 and T = 2. Which line is right for T = 1 only?",
        "What is the distribution of s_1?",
    ],
    see=DECISION_PROCESSES.section("The dynamics and the state distribution"),
)
def false_line() -> str:
    """Find the false line in a computation of J(θ)."""
    mdp, policy = random_mdp(np.random.default_rng(0)), SoftmaxPolicy(3, 2)
    theta = np.zeros((3, 2))
    listed, probability = enumerate_trajectories(mdp, policy, theta)
    factors = mdp.discount ** np.arange(listed.horizon)
    one_step = mdp.initial @ (policy.probabilities(theta) * mdp.expected_reward).sum(axis=1)
    lines = {
        "a": probability @ listed.returns,
        "b": factors @ (probability @ listed.rewards),
        "c": np.sum(factors * one_step),
        "d": (1 - mdp.discount**listed.horizon) / (1 - mdp.discount) * one_step,
    }
    return Derivation("", [Line(label, "", "", value) for label, value in lines.items()]).false_lines[0]


# ---- gradient ascent -----------------------------------------------------------------------------------------------


def _hills(rng: Generator) -> Arguments:
    for n_arms, step_size, n_steps in ((2, 0.5, 3), (4, 0.1, 1), (3, 2.0, 6)):
        yield _bandit_gradient(rng.standard_normal(n_arms)), rng.standard_normal(n_arms), step_size, n_steps


def _bandit_gradient(pays: Array) -> Callable[[Array], Array]:
    """The gradient of J(θ) = Σ_a π(a) r(a) as a function of θ."""

    def gradient(theta: Array) -> Array:
        pi = np.exp(theta - theta.max())
        pi /= pi.sum()
        return pi * (pays - pi @ pays)

    return gradient


@function_exercise(
    title="Gradient ascent",
    cases=_hills,
    shows="A1 is one line, repeated. Everything else in this book is about where the gradient comes from.",
    hints=[
        "One step is θ ← θ + α ∇J(θ).",
        "`gradient` is a function: call it anew at each θ.",
        "Repeat `theta = theta + …` in a loop of `n_steps` and return the last θ.",
    ],
    see=GRADIENT_ASCENT.section("A1: the update"),
)
def gradient_ascent(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """Return θ after n_steps of θ ← θ + α ∇J(θ)."""
    for _ in range(n_steps):
        theta = theta + step_size * gradient(theta)
    return theta


@gradient_ascent.misconception()
def descent_for_ascent(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """You walked downhill.

    J is to be raised: the step has the sign of the gradient. The minus belongs to descent, on −J.
    """
    for _ in range(n_steps):
        theta = theta - step_size * gradient(theta)
    return theta


@gradient_ascent.misconception()
def step_size_forgotten(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """You added the gradient without the step size.

    Multiply it by α.
    """
    for _ in range(n_steps):
        theta = theta + gradient(theta)
    return theta


@gradient_ascent.misconception()
def gradient_of_the_start(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """You used the gradient at the first θ for all steps.

    The slope changes from place to place: compute it anew at each θ.
    """
    return theta + n_steps * step_size * gradient(theta)


@gradient_ascent.misconception()
def one_step_only(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """You made one step.

    Repeat it n_steps times; a `return` inside the loop ends it at once.
    """
    return theta + step_size * gradient(theta)


@gradient_ascent.misconception()
def one_step_too_few(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """You made one step too few.

    `range(n_steps)` already counts n_steps times.
    """
    for _ in range(n_steps - 1):
        theta = theta + step_size * gradient(theta)
    return theta


@gradient_ascent.misconception()
def one_step_too_many(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """You made one step too many.

    `range(n_steps)` already counts n_steps times.
    """
    for _ in range(n_steps + 1):
        theta = theta + step_size * gradient(theta)
    return theta


@gradient_ascent.misconception()
def step_for_the_parameter(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """You replaced θ by the step.

    The step is added to θ: where you are counts.
    """
    for _ in range(n_steps):
        theta = step_size * gradient(theta)
    return theta


@gradient_ascent.misconception()
def steps_of_one_length(gradient: Callable[[Array], Array], theta: Array, step_size: float, n_steps: int) -> Any:
    """You divided the gradient by its length, so that all steps are equally long.

    A1 adds α ∇J as it is: where the slope is small, so is the step.
    """
    for _ in range(n_steps):
        slope = gradient(theta)
        theta = theta + step_size * slope / np.linalg.norm(slope)
    return theta
