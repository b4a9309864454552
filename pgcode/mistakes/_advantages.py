"""Wrong advantages: what code does at the ends and cuts of episodes, and elsewhere in the estimate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode._chapters import BASELINES, ENDS
from pgcode._places import Section
from pgcode.mistakes._catalogue import Catalogue, PickledByName, described

__all__ = ["ADVANTAGES", "Steps", "WrongAdvantages", "right_advantages"]

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

_ENDS = ENDS.section("Each wrong version, and what its mean is")
_SUM = BASELINES.section("Generalized advantage estimation")
_STANDARDISING = BASELINES.section("What standardising the returns does")


@dataclass(frozen=True)
class Steps:
    r"""The steps of one environment as a rollout buffer holds them: episodes one after the other.

    Attributes
    ----------
    rewards : array, shape (T,)
        r_t.
    values : array, shape (T,)
        V(s_t).
    next_values : array, shape (T,)
        V of the state that the step led to, before any reset. Where the episode ended it is some number: the
        state is terminal, and nothing comes after it.
    terminated, truncated : array of bool, shape (T,)
        Whether the step ended the episode, or cut it. Never both here.
    discount, gae_lambda : float
        γ and λ.

    Examples
    --------
    >>> import numpy as np
    >>> no = np.zeros(2, dtype=bool)
    >>> Steps(np.ones(2), np.zeros(2), np.zeros(2), no, ~no, 0.9, 0.8).done
    array([ True,  True])
    """

    rewards: Array
    values: Array
    next_values: Array
    terminated: Flags
    truncated: Flags
    discount: float
    gae_lambda: float

    @property
    def done(self) -> Flags:
        """Whether the next step belongs to another episode, shape (T,)."""
        return np.asarray(self.terminated | self.truncated)

    @property
    def last_value(self) -> float:
        """V of the state after the last step, where the collecting stopped."""
        return float(self.next_values[-1])

    def __len__(self) -> int:
        return len(self.rewards)


def right_advantages(steps: Steps) -> Array:
    r"""Generalized advantage estimates Â_t = δ_t + γλ Â_{t+1}, with ends and cuts.

    δ_t = r_t + γ V(s_{t+1}) − V(s_t), where V is 0 after an end, and the V of the state that was reached after a cut.
    Where an episode is over the sum stops.

    Parameters
    ----------
    steps : Steps

    Returns
    -------
    array, shape (T,)

    References
    ----------
    Schulman et al. (2016), generalized advantage estimation.

    Examples
    --------
    Cut after two steps.

    >>> import numpy as np
    >>> two = np.full(2, 2.0)
    >>> no = np.zeros(2, dtype=bool)
    >>> right_advantages(Steps(np.ones(2), two, two, no, np.array([False, True]), 0.9, 0.5)).round(4)
    array([1.16, 0.8 ])
    """
    return _gae(steps, _errors(steps, ~steps.terminated), ~steps.done)


def _errors(steps: Steps, goes_on: NDArray[Any], next_values: Array | None = None) -> Array:
    """δ_t with V(s_{t+1}) counted where ``goes_on``."""
    then = steps.next_values if next_values is None else next_values
    return np.asarray(steps.rewards + steps.discount * then * goes_on - steps.values)


def _gae(steps: Steps, errors: Array, goes_on: NDArray[Any], decay: float | None = None) -> Array:
    """Â_t = δ_t + decay · Â_{t+1} where the episode goes on."""
    factor = steps.discount * steps.gae_lambda if decay is None else decay
    total, running = np.zeros(len(steps)), 0.0
    for t in range(len(steps) - 1, -1, -1):
        running = errors[t] + factor * float(goes_on[t]) * running
        total[t] = running
    return total


@dataclass(frozen=True)
class WrongAdvantages(PickledByName):
    """A known wrong way to advantages. Called with `Steps` it gives its own.

    Where something is divided by a deviation, a small number is added to it, which the function takes as ``small``.

    Attributes
    ----------
    name, what, why : str
        Its name in words, what it does, and why that is wrong.
    see : Section
        Where in the book it is explained.
    reports : tuple of str
        Where it was met: public reports.

    Examples
    --------
    >>> from pgcode import mistakes
    >>> mistakes.ADVANTAGES["cut taken for an end"].what
    'After a cut V is taken as 0, as after an end.'
    """

    name: str
    what: str
    why: str
    see: Section
    reports: tuple[str, ...] = ()
    function: Callable[..., Array] = field(repr=False, compare=False, default=right_advantages)

    def __call__(self, steps: Steps) -> Array:
        """Return the wrong advantages, shape (T,)."""
        return np.asarray(self.function(steps))


#: The known wrong ways to advantages, by name.
ADVANTAGES: Catalogue[WrongAdvantages] = Catalogue()


def _wrong(see: Section, *reports: str) -> Callable[[Callable[..., Array]], WrongAdvantages]:
    def register(function: Callable[..., Array]) -> WrongAdvantages:
        return ADVANTAGES._add(WrongAdvantages(*described(function), see, reports, function))

    return register


@_wrong(_ENDS, "skrl 449", "CoursIA 7821", "Stoix 142")
def cut_taken_for_an_end(steps: Steps) -> Array:
    """After a cut V is taken as 0, as after an end.

    More would have come. Without the bootstrap a time limit looks like a failure.
    """
    return _gae(steps, _errors(steps, ~steps.done), ~steps.done)


@_wrong(_ENDS, "rl-triton 4")
def end_taken_for_a_cut(steps: Steps) -> Array:
    """After an end the V of the last state is counted.

    Nothing comes after an end: V is 0 there, whatever the network says.
    """
    return _gae(steps, _errors(steps, np.ones(len(steps))), ~steps.done)


@_wrong(_ENDS, "rl-starter-files 8", "PufferLib 445")
def sum_runs_over_ends_and_cuts(steps: Steps) -> Array:
    """The sum of errors runs on into the next episode.

    The advantages of another episode have nothing to do with this one.
    """
    return _gae(steps, _errors(steps, ~steps.terminated), np.ones(len(steps)))


@_wrong(_ENDS, "CoursIA 7825")
def sum_runs_over_cuts(steps: Steps) -> Array:
    """The sum of errors stops at ends and runs on over cuts.

    After a cut comes another episode as well.
    """
    return _gae(steps, _errors(steps, ~steps.terminated), ~steps.terminated)


@_wrong(_ENDS)
def sum_runs_over_ends(steps: Steps) -> Array:
    """The sum of errors stops at cuts and runs on over ends.

    After an end comes another episode as well.
    """
    return _gae(steps, _errors(steps, ~steps.terminated), ~steps.truncated)


@_wrong(_ENDS)
def value_of_the_reset_state(steps: Steps) -> Array:
    """After a cut the V of the next row is counted, which is that of the next episode's first state.

    The bootstrap is the value of the state that was reached before the reset.
    """
    return _gae(steps, _errors(steps, ~steps.terminated, _of_next_row(steps)), ~steps.done)


@_wrong(_ENDS)
def value_of_the_reset_state_everywhere(steps: Steps) -> Array:
    """Ends and cuts are not seen at all: the V of the next row is always counted and the sum runs on.

    The buffer is read as one long episode.
    """
    return _gae(steps, _errors(steps, np.ones(len(steps)), _of_next_row(steps)), np.ones(len(steps)))


@_wrong(_ENDS, "drl-zh 13")
def done_a_step_late(steps: Steps) -> Array:
    """The flag of the step before is used.

    The flag that a step returns belongs to that step.
    """
    late = Steps(**{**vars(steps), "terminated": _later(steps.terminated), "truncated": _later(steps.truncated)})
    return right_advantages(late)


@_wrong(_ENDS, "rlevo 342")
def done_a_step_early(steps: Steps) -> Array:
    """The flag of the step after is used.

    It cuts an episode one step before its end, and its last reward is lost to the others.
    """
    early = Steps(**{**vars(steps), "terminated": _sooner(steps.terminated), "truncated": _sooner(steps.truncated)})
    return right_advantages(early)


@_wrong(_ENDS, "rlevo 342")
def last_advantage_left_out(steps: Steps) -> Array:
    """The advantage of the last row is 0.

    The loop begins one row too early. The last step has an advantage like any other.
    """
    errors = _errors(steps, ~steps.terminated)
    errors[-1] = 0
    return _gae(steps, errors, ~steps.done)


@_wrong(_ENDS)
def buffer_end_taken_for_an_end(steps: Steps) -> Array:
    """Where the buffer stops V is taken as 0.

    The episode goes on after the buffer: the value of the last state stands for what comes.
    """
    goes_on = ~steps.terminated
    goes_on[-1] = False
    return _gae(steps, _errors(steps, goes_on), ~steps.done)


@_wrong(_ENDS)
def bootstrap_twice(steps: Steps) -> Array:
    """At a cut γV is added to the reward and counted again in the error.

    Once is enough. A wrapper that adds it expects code that takes a cut for an end.
    """
    twice = steps.rewards + steps.discount * steps.next_values * steps.truncated
    return right_advantages(Steps(**{**vars(steps), "rewards": twice}))


@_wrong(_ENDS)
def own_value_at_a_cut(steps: Steps) -> Array:
    """At a cut the V of the state before the step is counted for that after it.

    Buffers without the last observation have no other. It is an approximation, and one step old.
    """
    then = np.where(steps.truncated, steps.values, steps.next_values)
    return _gae(steps, _errors(steps, ~steps.terminated, then), ~steps.done)


@_wrong(_ENDS)
def reward_lost_at_the_end(steps: Steps) -> Array:
    """The reward of a step that ends an episode is masked with V.

    The mask belongs to V(s_{t+1}) alone.
    """
    rewards = np.where(steps.terminated, 0.0, steps.rewards)
    return right_advantages(Steps(**{**vars(steps), "rewards": rewards}))


@_wrong(_ENDS)
def both_values_masked_at_an_end(steps: Steps) -> Array:
    """At an end V(s_t) is masked together with V(s_{t+1}): the error is the reward alone.

    Only what comes after the end is 0. The state before it has a value, which the reward is compared with.
    """
    errors = steps.rewards + (steps.discount * steps.next_values - steps.values) * ~steps.terminated
    return _gae(steps, np.asarray(errors), ~steps.done)


@_wrong(_ENDS)
def end_masks_the_step_before_too(steps: Steps) -> Array:
    """The flags of this step and of the next are both used: V is 0 and the sum stops one step before an end as well.

    done was applied twice, once where it belongs and once shifted.
    """
    goes_on = ~(steps.done | _sooner(steps.done))
    return _gae(steps, _errors(steps, ~(steps.terminated | _sooner(steps.terminated))), goes_on)


@_wrong(_ENDS)
def own_value_at_the_end_of_the_buffer(steps: Steps) -> Array:
    """Where the buffer stops, V of the last state in it is counted for that of the state after it.

    The buffer holds one row too few: the value of the state that comes next has to be asked for.
    """
    then = steps.next_values.copy()
    then[-1] = steps.values[-1]
    return _gae(steps, _errors(steps, ~steps.terminated, then), ~steps.done)


@_wrong(_ENDS)
def return_without_a_critic(steps: Steps) -> Array:
    """The advantage is the discounted sum of rewards to the end of the episode, or to where it was cut.

    Without V nothing stands for what would have come after a cut, and there is no baseline.
    """
    return _gae(steps, steps.rewards, ~steps.done, steps.discount)


@_wrong(_SUM)
def discount_twice_in_the_sum(steps: Steps) -> Array:
    """Each step further weighs γ²λ.

    γ stands in the recursion and in the weight of the error. Each step further weighs γλ.
    """
    decay = steps.discount**2 * steps.gae_lambda
    return _gae(steps, _errors(steps, ~steps.terminated), ~steps.done, decay)


@_wrong(_SUM)
def discount_missing_in_the_error(steps: Steps) -> Array:
    """δ_t = r_t + V(s_{t+1}) − V(s_t), without γ.

    What comes a step later counts γ times as much.
    """
    errors = steps.rewards + steps.next_values * ~steps.terminated - steps.values
    return _gae(steps, np.asarray(errors), ~steps.done)


@_wrong(_SUM)
def discount_missing_in_the_sum(steps: Steps) -> Array:
    """The errors are summed with λ alone.

    Each step further weighs γλ.
    """
    return _gae(steps, _errors(steps, ~steps.terminated), ~steps.done, steps.gae_lambda)


@_wrong(_SUM)
def lambda_missing_in_the_sum(steps: Steps) -> Array:
    """The errors are summed with γ alone, as for λ = 1.

    This is the return less V: right for λ = 1, and noisier than what was asked for.
    """
    return _gae(steps, _errors(steps, ~steps.terminated), ~steps.done, steps.discount)


@_wrong(_SUM)
def one_error_alone(steps: Steps) -> Array:
    """The advantage is δ_t alone, as for λ = 0.

    The errors that follow are left out.
    """
    return _errors(steps, ~steps.terminated)


@_wrong(_SUM)
def value_not_subtracted(steps: Steps) -> Array:
    """V(s_t) is added to the advantage: this is the λ-return.

    It is the target of the critic, not the weight of the score.
    """
    return np.asarray(right_advantages(steps) + steps.values)


@_wrong(_SUM)
def reward_less_value(steps: Steps) -> Array:
    """The error is r_t − V(s_t), without the V that follows.

    V(s_t) holds all that comes, r_t only what comes at once.
    """
    return _gae(steps, np.asarray(steps.rewards - steps.values), ~steps.done)


@_wrong(_SUM)
def value_left_out(steps: Steps) -> Array:
    """The error is the reward alone.

    Then the sum is a return with the discount γλ, without a baseline.
    """
    return _gae(steps, steps.rewards, ~steps.done)


@_wrong(_SUM)
def next_value_for_both(steps: Steps) -> Array:
    """V(s_{t+1}) is subtracted where V(s_t) should be.

    An index is shifted by one.
    """
    errors = steps.rewards + steps.discount * steps.next_values * ~steps.terminated - steps.next_values
    return _gae(steps, np.asarray(errors), ~steps.done)


@_wrong(_SUM)
def opposite_sign(steps: Steps) -> Array:
    """The advantage is V − return.

    Good actions are made less probable.
    """
    return np.asarray(-right_advantages(steps))


@_wrong(_SUM)
def summed_forwards(steps: Steps) -> Array:
    """The recursion runs from the first step to the last.

    An advantage sums what comes, not what was.
    """
    errors, total, running = _errors(steps, ~steps.terminated), np.zeros(len(steps)), 0.0
    for t in range(len(steps)):
        before = t > 0 and not steps.done[t - 1]
        running = errors[t] + steps.discount * steps.gae_lambda * float(before) * running
        total[t] = running
    return total


@_wrong(_SUM)
def in_the_opposite_order(steps: Steps) -> Array:
    """The advantages stand in the opposite order.

    They were collected from the last to the first and not turned back.
    """
    return right_advantages(steps)[::-1]


@_wrong(_STANDARDISING)
def mean_subtracted(steps: Steps) -> Array:
    """The mean advantage of the buffer is subtracted.

    A step then depends on all others, and a buffer of one step has no advantage at all.
    """
    right = right_advantages(steps)
    return np.asarray(right - right.mean())


@_wrong(_STANDARDISING)
def standardised(steps: Steps, small: float = 1e-8) -> Array:
    """The advantages are standardised over the buffer.

    What large libraries do on purpose changes the length of the step, and with small buffers its direction.
    """
    right = right_advantages(steps)
    return np.asarray((right - right.mean()) / (right.std() + small))


@_wrong(_STANDARDISING)
def standardised_with_one_less(steps: Steps, small: float = 1e-8) -> Array:
    """The advantages are standardised over the buffer, with the deviation of PyTorch, which divides by one less.

    As with n: the length of the step changes, and a buffer of one step has no deviation at all.
    """
    off = right_advantages(steps) - right_advantages(steps).mean()
    return np.asarray(off / (np.sqrt((off**2).sum() / max(len(off) - 1, 1)) + small))


@_wrong(_STANDARDISING, "CleanRL, ppo: norm_adv")
def standardised_in_mini_batches(steps: Steps, small: float = 1e-8) -> Array:
    """The advantages are standardised within mini-batches, here of two steps each.

    What a step is compared with is then left to how the buffer is divided: of two steps one gets 1 and the other −1.
    """
    right = right_advantages(steps)
    parts = [right[start : start + 2] for start in range(0, len(right), 2)]
    return np.concatenate([(part - part.mean()) / (part.std() + small) for part in parts])


@_wrong(_SUM)
def discount_one_step_late(steps: Steps) -> Array:
    """The whole advantage is multiplied by γ.

    The power counts from t + 1 instead of t.
    """
    return np.asarray(steps.discount * right_advantages(steps))


def _of_next_row(steps: Steps) -> Array:
    return np.append(steps.values[1:], steps.next_values[-1])


def _later(flags: Flags) -> Flags:
    return np.concatenate([[False], flags[:-1]])


def _sooner(flags: Flags) -> Flags:
    return np.concatenate([flags[1:], [False]])
