"""The gradient with a horizon."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import state_action_form, values
from pgcode.environments import corridor_policy, random_mdp, short_corridor
from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises.chapters import FROM_Q_TO_SAMPLES, THEOREM, VALUES
from pgcode.exercises.state_action_form._shared import (
    CRITIC,
    PROPORTIONAL,
    T9_AND_T10,
    WEIGHTS,
    weighted_line,
)
from pgcode.mdp import TabularMDP
from pgcode.policies import SoftmaxPolicy, TabularPolicy

Array = NDArray[Any]
Generator = np.random.Generator


_RECURSION = VALUES.section("With a horizon: one recursion")
_HORIZON = THEOREM.section("The proof, with a horizon")
_WITHOUT_DISCOUNT = FROM_Q_TO_SAMPLES.section("Break it")


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
    pairs=100,
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
    return weighted_line(policy, theta, visits, values.action_values(mdp, policy, theta).sum(axis=0))


@gradient_with_a_horizon.misconception()
def mean_of_q_over_time(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You summed the weights over time and took the mean of Q_t over time.

    The weight of time t belongs to the value of time t: multiply first, then sum over t.
    """
    visits = _discounts(mdp) @ values.occupancy(mdp, policy, theta)[:-1]
    return weighted_line(policy, theta, visits, values.action_values(mdp, policy, theta).mean(axis=0))


@gradient_with_a_horizon.misconception(see=WEIGHTS)
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
    return weighted_line(policy, theta, mdp.initial, values.action_values(mdp, policy, theta)[0])


@gradient_with_a_horizon.misconception(see=PROPORTIONAL)
def mean_over_time_steps(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You divided by the number of decisions.

    The gradient is a sum over time. Nothing is divided by T.
    """
    return _timed(mdp, policy, theta) / _horizon(mdp)


@gradient_with_a_horizon.misconception(see=PROPORTIONAL)
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


@gradient_with_a_horizon.misconception(see=CRITIC)
def value_that_tells_no_actions_apart(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """Your result is zero: you put V_t(s) in the place of Q_t(s,a), or no value at all.

    What is the same for all actions of a state is multiplied by Σ_a ∇π(a|s) = ∇1 = 0.
    """
    return np.zeros(theta.shape)


@gradient_with_a_horizon.misconception(see=T9_AND_T10)
def policy_twice(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You multiplied ∇π by the policy once more.

    ∇π(a|s) = π(a|s) ∇log π(a|s): before the score stands one π(a|s), before ∇π none.
    """
    q = policy.probabilities(theta) * values.action_values(mdp, policy, theta)
    return _timed(mdp, policy, theta, q=q)


@gradient_with_a_horizon.misconception(see=T9_AND_T10)
def score_for_the_gradient_of_the_policy(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You put the score in the place of ∇π.

    The score is ∇log π = ∇π/π. In a sum over all actions its weight is π(a|s).
    """
    occupied, q = values.occupancy(mdp, policy, theta)[:-1], values.action_values(mdp, policy, theta)
    return policy.weighted_score(theta, np.einsum("t,ts,tsa->sa", _discounts(mdp), occupied, q))


@gradient_with_a_horizon.made_of
def _made(
    mdp: TabularMDP,
    policy: TabularPolicy,
    theta: Array,
    *,
    powers: Callable[[float, int], Array] = lambda discount, horizon: discount ** np.arange(horizon),
    where: Callable[[TabularMDP, Array], Array] = lambda mdp, occupied: occupied[:-1],
    valued: Callable[[TabularMDP, Array], Array] = lambda mdp, q: q,
    slope: Callable[[Array], Array] = lambda pi: pi,
) -> Array:
    occupied, q = values.occupancy(mdp, policy, theta), values.action_values(mdp, policy, theta)
    times = powers(mdp.discount, _horizon(mdp))
    weights = np.einsum("t,ts,tsa->sa", times, where(mdp, occupied), valued(mdp, q))
    return np.einsum("sa,sa...->...", weights * slope(policy.probabilities(theta)), policy.score(theta))


gradient_with_a_horizon.variation("discount of the time dropped", powers=lambda discount, horizon: np.ones(horizon))
gradient_with_a_horizon.variation(
    "time zero discounted already", powers=lambda discount, horizon: discount ** np.arange(1, horizon + 1)
)
gradient_with_a_horizon.variation("states one step late", where=lambda mdp, occupied: occupied[1:])
gradient_with_a_horizon.variation(
    "start weights at every time", where=lambda mdp, occupied: _at_all_times(mdp, mdp.initial)
)
gradient_with_a_horizon.variation("first q at all times", valued=lambda mdp, q: _at_all_times(mdp, q[0]))
gradient_with_a_horizon.variation(
    "reward for action value of the time", valued=lambda mdp, q: _at_all_times(mdp, mdp.expected_reward)
)
gradient_with_a_horizon.variation("values backwards in time", valued=lambda mdp, q: q[::-1])
gradient_with_a_horizon.variation("score for the gradient of the policy", slope=np.ones_like)
gradient_with_a_horizon.variation(
    "discount twice for each step",
    "The factor is γ²ᵗ. One γ for each step of time is enough.",
    powers=lambda discount, horizon: discount ** (2 * np.arange(horizon)),
)


@gradient_with_a_horizon.also_right
def _time_by_time(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """The loop over t."""
    occupied = values.occupancy(mdp, policy, theta)
    q = values.action_values(mdp, policy, theta)
    pi, score = policy.probabilities(theta), policy.score(theta)
    total = np.zeros(np.shape(theta))
    for t in range(q.shape[0]):
        total += mdp.discount**t * np.einsum("s,sa,sa,sa...->...", occupied[t], pi, q[t], score)
    return total
