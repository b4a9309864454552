"""One step of an actor–critic."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises import (
    function_exercise,
)
from pgcode.exercises.chapters import FROM_Q_TO_SAMPLES
from pgcode.exercises.state_action_form._shared import (
    CRITIC,
)

Array = NDArray[Any]
Generator = np.random.Generator


_SMALL_RUN = FROM_Q_TO_SAMPLES.section("A small run")


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


@actor_critic_step.misconception(see=CRITIC)
def reward_for_error(*step: Any) -> tuple[Array, Array]:
    """You gave the actor the reward in the place of δ.

    What an action is worth includes what comes after it, γ V̂(s'). And V̂(s) is subtracted: was it more than expected?
    """
    return _updated(*step, actor_error=step[4])


@actor_critic_step.misconception(see=CRITIC)
def target_for_error(*step: Any) -> tuple[Array, Array]:
    """You gave the actor r + γ V̂(s') and did not subtract V̂(s).

    The mean of the update is the same, because V̂(s) is the same for all actions. But this is another update: the one
    that is asked for has δ in both places.
    """
    return _updated(*step, actor_error=_delta(*step) + step[1][step[3]])


@actor_critic_step.misconception(see=CRITIC)
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


@actor_critic_step.made_of
def _made(
    *step: Any,
    later: Callable[[float, bool], float] = lambda value, ended: 0.0 if ended else value,
    own: float = 1.0,
    fading: Callable[[float], float] = lambda discount: discount,
    actor: Callable[[float, float, float, int], float] = lambda alpha, beta, discount, t: alpha * discount**t,
    critic: Callable[[float, float, float, int], float] = lambda alpha, beta, discount, t: beta,
    actor_sign: int = 1,
    critic_sign: int = 1,
) -> tuple[Array, Array]:
    theta, v, score, state, reward, after, ended, t, discount, alpha, beta = step
    error = reward + fading(discount) * later(v[after], ended) - own * v[state]
    new_v = v + critic_sign * critic(alpha, beta, discount, t) * error * np.eye(len(v))[state]
    return theta + actor_sign * actor(alpha, beta, discount, t) * error * score, new_v


actor_critic_step.variation("value beyond the end", later=lambda value, ended: value)
actor_critic_step.variation("discount of the next value missing", fading=lambda discount: 1.0)
actor_critic_step.variation("discount of the actor dropped", actor=lambda alpha, beta, discount, t: alpha)
actor_critic_step.variation("discount for its power", actor=lambda alpha, beta, discount, t: alpha * discount)
actor_critic_step.variation("critic discounted too", critic=lambda alpha, beta, discount, t: beta * discount**t)
actor_critic_step.variation("target for value", critic=lambda alpha, beta, discount, t: 1.0)
actor_critic_step.variation("actor downhill", actor_sign=-1)
actor_critic_step.variation("critic away from its target", critic_sign=-1)
actor_critic_step.variation(
    "step sizes exchanged",
    actor=lambda alpha, beta, discount, t: beta * discount**t,
    critic=lambda alpha, beta, discount, t: alpha,
)
actor_critic_step.variation(
    "next value left out",
    "The error is r − V̂(s), without the next value. What comes later is worth something: r + γ V̂(s') − V̂(s).",
    later=lambda value, ended: 0.0,
)
actor_critic_step.variation(
    "own value not subtracted",
    "The error is r + γ V̂(s'), and nothing is subtracted, for actor and critic. It is what was earned less what was "
    "expected: V̂(s) is taken away.",
    own=0.0,
)
actor_critic_step.variation(
    "end turned round",
    "The next value counts where the walk has ended, and where it goes on it does not. It is the other way round.",
    later=lambda value, ended: value if ended else 0.0,
)
actor_critic_step.variation(
    "discount of the actor twice",
    "The actor's step has the factor γ²ᵗ. One γ for each step of time is enough.",
    actor=lambda alpha, beta, discount, t: alpha * discount ** (2 * t),
)
actor_critic_step.variation(
    "actor without a step size",
    "The actor's step has no α.",
    actor=lambda alpha, beta, discount, t: discount**t,
)
actor_critic_step.variation(
    "theta never assigned",
    "θ is the one that was given: its step was computed and not kept.",
    actor=lambda alpha, beta, discount, t: 0.0,
)
actor_critic_step.variation(
    "critic never assigned",
    "V̂ is the one that was given: its step was computed and not kept.",
    critic=lambda alpha, beta, discount, t: 0.0,
)


@actor_critic_step.also_right
def _in_place(
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
    """A step with one entry of a copy changed."""
    target = reward + discount * v[after] * (not ended)
    error = target - v[state]
    v = v.copy()
    v[state] += beta * error
    return theta + alpha * discount**t * error * score, v


@actor_critic_step.misconception()
def error_computed_again(
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
    """The critic moves first, and the actor takes the error that is left after it, towards the same target.

    One error serves both: it is computed before anything has changed.
    """
    target = reward + discount * (0 if ended else v[after])
    new_v = v.copy()
    new_v[state] += beta * (target - v[state])
    return theta + alpha * discount**t * (target - new_v[state]) * score, new_v
