"""Exercises of one gradient: reward-to-go, baselines, exact variance, generalized advantage estimation, REINFORCE."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import state_action_form
from pgcode.derivation import Derivation, Line
from pgcode.environments import cancelling_rewards, corridor_policy, random_mdp, short_corridor, two_armed_bandit
from pgcode.estimators import full_return, trajectory_gradients
from pgcode.exercises import (
    Mistake,
    choice_exercise,
    function_exercise,
    number_exercise,
    order_exercise,
    sign_exercise,
)
from pgcode.exercises.chapters import BASELINES, CAUSALITY, DISCOUNTING
from pgcode.moments import full_return_moments, reward_to_go_moments
from pgcode.policies import SoftmaxPolicy, TabularPolicy
from pgcode.trajectories import Trajectories, enumerate_trajectories, sample_trajectories
from pgcode.values import state_values

__all__ = [
    "best_constant",
    "factor_of_a_batch_mean",
    "false_line",
    "gae",
    "gradient_estimate",
    "leave_one_out",
    "one_step_variance",
    "ordered_lines",
    "reward_to_go_weights",
    "variance_to_go_less_whole",
]

Array = NDArray[Any]
Generator = np.random.Generator
Arguments = Iterator[tuple[Any, ...]]

_C1 = CAUSALITY.section("C1: one copy turned")
_C2 = CAUSALITY.section("C2: causality")
_LOOKING_AHEAD = CAUSALITY.section("Break it")
_UNBIASED = BASELINES.section("A baseline leaves the mean alone")
_VARIANCE = BASELINES.section("The variance of every estimator, exactly")
_BEST = BASELINES.section("The best baseline")
_NOISIER_TO_GO = BASELINES.section("Reward-to-go does not always have the lower variance")
_V_IS_NOT_BEST = BASELINES.section("The value function is not always a good baseline")
_STANDARDISING = BASELINES.section("What standardising the returns does")
_GAE = BASELINES.section("Generalized advantage estimation")
_TWO_CLOCKS = DISCOUNTING.section("Both discounts come from one")
_DROPPED = DISCOUNTING.section("What code computes")
_TWICE = DISCOUNTING.section("Break it")
_OVER_STEPS = DISCOUNTING.section("Mean over time steps, or sum per trajectory?")


# ---- predictions ---------------------------------------------------------------------------------------------------


@sign_exercise(
    title="Keep the past, or leave it out?",
    wrong={
        "negative": Mistake(
            "fewer rewards for less noise",
            "You left out rewards and expected less noise. The two payments of ±3 cancel, and the whole return holds "
            "both of them. The reward-to-go of the second decision holds one of them, and nothing is left to cancel "
            "it.",
        ),
        "zero": Mistake(
            "the same mean for the same variance",
            "The two estimators have the same mean, because a past reward has the mean zero beside a later score. The "
            "variance is another matter: it depends on how the past rewards go together with those to come.",
            _C2,
        ),
    },
    shows="The return is the number of times that action 1 was taken: 0, 1 or 2. The reward-to-go of the second "
    "decision is ±3 and a little. So the whole return is the quieter weight here. That reward-to-go lowers the "
    "variance holds often, and it is no theorem.",
    hints=[
        "Write down the weight of the second decision in both estimators: once it is R, once it is G_1.",
        "What becomes of the coin in R, and what in G_1?",
    ],
    see=_NOISIER_TO_GO,
)
def variance_to_go_less_whole() -> float:
    """Predict the sign of Var(reward-to-go) − Var(whole return) where two payments cancel."""
    process, policy, theta = cancelling_rewards(size=3.0), SoftmaxPolicy(5, 2), np.zeros((5, 2))
    to_go, whole = reward_to_go_moments(process, policy, theta), full_return_moments(process, policy, theta)
    return to_go.trace - whole.trace


@number_exercise(
    title="The mean of four returns, your own among them",
    shows="E[ĝ] = (1 − 1/m) ∇J, so m = 4 leaves three quarters. The three returns of the others take nothing away, "
    "and your own, a quarter of the mean, takes away a quarter. The direction is right, and m/(m − 1) repairs the "
    "length.",
    hints=[
        "Write out the mean: R̄ = (R_1 + R_2 + R_3 + R_4) / 4. Three of these returns belong to other trajectories.",
        "E[Z_i R_j] = 0 for j ≠ i, because the trajectories are independent and a sum of scores has the mean zero.",
        "What stays of E[Z_i (R_i − R̄)] is E[Z_i R_i] less a quarter of it.",
    ],
    see=_STANDARDISING,
)
def factor_of_a_batch_mean() -> float:
    """Predict c in E[ĝ] = c ∇J, for four trajectories with the mean of their four returns subtracted."""
    m, bandit, policy, theta = 4, two_armed_bandit((1.0, 3.0)), SoftmaxPolicy(2, 2), np.zeros((2, 2))
    pulls, probability = enumerate_trajectories(bandit, policy, theta)
    scores = trajectory_gradients(pulls, policy, theta, np.ones(pulls.actions.shape))[:, 0, 0]
    batches = np.indices((len(pulls),) * m).reshape(m, -1).T
    returns = pulls.returns[batches]
    estimates = np.mean(scores[batches] * (returns - returns.mean(axis=1, keepdims=True)), axis=1)
    mean = probability[batches].prod(axis=1) @ estimates
    return float(mean / state_action_form.exact_gradient(bandit, policy, theta)[0, 0])


@factor_of_a_batch_mean.misconception()
def batch_mean_for_a_baseline() -> float:
    """You took the mean of the batch for a baseline, which leaves the mean of the estimate alone.

    A baseline is fixed before the action is drawn. A quarter of this mean is the return of the trajectory itself.
    """
    return 1.0


@factor_of_a_batch_mean.misconception()
def repair_for_the_damage() -> float:
    """That is the factor m/(m − 1), which repairs the estimate.

    The question is how long the mean is before the repair, and to subtract a part of one's own return makes it shorter.
    """
    return 4 / 3


@factor_of_a_batch_mean.misconception()
def what_is_taken_away() -> float:
    """That is the part that is taken away.

    One of the four returns is your own, and it takes away a quarter. The question is what stays.
    """
    return 1 / 4


@factor_of_a_batch_mean.misconception()
def own_return_subtracted() -> float:
    """Nothing would stay if you subtracted the trajectory's own return from itself.

    Here it is the mean of four returns, and the own one is only a part of it.
    """
    return 0.0


@factor_of_a_batch_mean.misconception()
def only_the_others_counted() -> float:
    """You divided by the number of the others, three.

    The mean is over all four, so the own return has the weight 1/4 in it.
    """
    return 2 / 3


# ---- rewards to go -------------------------------------------------------------------------------------------------


def _stored_rewards(rng: Generator) -> Arguments:
    for lengths, size, discount in (
        ([3, 1, 4], 1.0, 0.9),
        ([2, 5], 100.0, 0.6),
        ([6], 1.0, 0.7),
        ([1, 2, 2, 3], 1.0, 1.0),
    ):
        yield size * rng.standard_normal(sum(lengths)), np.array(lengths), discount


@function_exercise(
    title="A weight for each step of a buffer",
    cases=_stored_rewards,
    shows="The reward r_k counts γᵏ in every weight, and t and k are counted from the start of the episode. Where one "
    "episode ends both the sum and the clock begin anew.",
    hints=[
        "Take one episode at a time, `rewards[start:end]`, and forget the others.",
        "γᵗ G_t = Σ_{k≥t} γᵏ r_k: first discount the rewards from the start of the episode, then add up from t on.",
        "`np.cumsum(paid)` adds up from the left. To add up from the right, turn the row round before and after.",
    ],
    see=_TWO_CLOCKS,
)
def reward_to_go_weights(rewards: Array, lengths: Array, discount: float) -> Array:
    """Return γᵗ G_t of each step of several episodes, shape (N,)."""
    weights = np.zeros(len(rewards))
    end = 0
    for length in lengths:
        start, end = end, end + length
        paid = rewards[start:end] * discount ** np.arange(length)
        weights[start:end] = np.cumsum(paid[::-1])[::-1]
    return weights


def _episodes(rewards: Array, lengths: Array) -> list[Array]:
    return np.split(rewards, np.cumsum(lengths)[:-1])


def _times(lengths: Array) -> Array:
    """The time of each step within its episode."""
    return np.concatenate([np.arange(length) for length in lengths])


def _to_go(row: Array) -> Array:
    """The sums from each entry to the end of the row."""
    return np.cumsum(row[::-1])[::-1]


def _discounted(episode: Array, discount: float) -> Array:
    """γᵏ r_k."""
    return np.asarray(episode * discount ** np.arange(len(episode)))


def _joined(rewards: Array, lengths: Array, discount: float, summed: Any) -> Array:
    """What a rule makes of the discounted rewards of each episode, one episode after the other."""
    return np.concatenate([summed(_discounted(episode, discount)) for episode in _episodes(rewards, lengths)])


def _returns_to_go(rewards: Array, lengths: Array, discount: float) -> Array:
    """G_t."""
    return np.asarray(_joined(rewards, lengths, discount, _to_go) / discount ** _times(lengths))


@reward_to_go_weights.misconception(see=_DROPPED)
def discount_of_the_step_dropped(rewards: Array, lengths: Array, discount: float) -> Array:
    """You returned G_t, without γᵗ in front.

    G_t starts its clock at step t, and J starts it at the beginning of the episode. The factor γᵗ makes up for that.
    """
    return _returns_to_go(rewards, lengths, discount)


@reward_to_go_weights.misconception(see=_TWICE)
def discount_of_the_step_twice(rewards: Array, lengths: Array, discount: float) -> Array:
    """You applied γᵗ twice.

    The sum of γᵏ r_k over k ≥ t is γᵗ G_t already. A further factor γᵗ makes it γ²ᵗ G_t.
    """
    return np.asarray(_joined(rewards, lengths, discount, _to_go) * discount ** _times(lengths))


@reward_to_go_weights.misconception()
def first_reward_discounted(rewards: Array, lengths: Array, discount: float) -> Array:
    """You discounted the first reward of an episode already.

    k counts from 0: what is paid in the first step of an episode counts in full.
    """
    return _joined(rewards, lengths, discount, lambda paid: discount * _to_go(paid))


@reward_to_go_weights.misconception(see=_C2)
def whole_return_at_every_step(rewards: Array, lengths: Array, discount: float) -> Array:
    """You gave every step the return of its whole episode.

    That weight has the same mean beside the score, but it is not the one that is asked for: leave out what was paid
    before step t.
    """
    return _joined(rewards, lengths, discount, lambda paid: np.full(len(paid), paid.sum()))


@reward_to_go_weights.misconception(see=_C2)
def reward_for_return(rewards: Array, lengths: Array, discount: float) -> Array:
    """You gave each step its own reward alone, γᵗ r_t.

    What a decision earns comes later too. Its weight holds all rewards from step t to the end of the episode.
    """
    return _joined(rewards, lengths, discount, lambda paid: paid)


@reward_to_go_weights.misconception(see=_C2)
def past_for_future(rewards: Array, lengths: Array, discount: float) -> Array:
    """You added up from the wrong side: your weights hold the rewards until step t.

    A decision cannot change what was paid before it. Add up from step t to the end.
    """
    return _joined(rewards, lengths, discount, np.cumsum)


@reward_to_go_weights.misconception(see=_LOOKING_AHEAD)
def own_reward_lost(rewards: Array, lengths: Array, discount: float) -> Array:
    """Your sums begin one step too late: the reward of the own step is missing.

    The reward r_t is paid for the action a_t. Without it the action does not meet its own payment.
    """
    return _joined(rewards, lengths, discount, lambda paid: _to_go(paid) - paid)


@reward_to_go_weights.misconception()
def weights_in_reverse(rewards: Array, lengths: Array, discount: float) -> Array:
    """Your weights stand in the wrong order.

    A sum that runs from the end begins with the last step. Turn the row round again, so that step 0 comes first.
    """
    return _joined(rewards, lengths, discount, lambda paid: np.cumsum(paid[::-1]))


@reward_to_go_weights.misconception()
def one_long_episode(rewards: Array, lengths: Array, discount: float) -> Array:
    """You took the whole row for one episode.

    No decision earns the rewards of the next episode, and each episode has a clock of its own. `lengths` says where
    they end.
    """
    return _to_go(_discounted(rewards, discount))


@reward_to_go_weights.misconception()
def next_episode_counted(rewards: Array, lengths: Array, discount: float) -> Array:
    """Your G_t runs on into the next episode.

    The clock γᵗ begins anew with each episode, and so must the sum: after the last step nothing is added.
    """
    return np.asarray(_to_go(_discounted(rewards, discount)) * discount ** (_times(lengths) - np.arange(len(rewards))))


@reward_to_go_weights.misconception()
def clock_not_restarted(rewards: Array, lengths: Array, discount: float) -> Array:
    """Your G_t is right, and the γᵗ in front counts t from the start of the row.

    The first step of every episode has t = 0, so its weight is G_0, whatever episodes stand before it.
    """
    return np.asarray(_returns_to_go(rewards, lengths, discount) * discount ** np.arange(len(rewards)))


@reward_to_go_weights.misconception()
def discount_left_out(rewards: Array, lengths: Array, discount: float) -> Array:
    """You added up the rewards without a discount.

    In J the reward r_k counts γᵏ, and so it does in each of the weights.
    """
    return _joined(rewards, lengths, 1.0, _to_go)


@reward_to_go_weights.misconception(see=_OVER_STEPS)
def divided_by_the_length(rewards: Array, lengths: Array, discount: float) -> Array:
    """You divided by the length of the episode.

    The weights stand in a sum over time. A mean over the steps of each episode makes a long episode count less.
    """
    return _joined(rewards, lengths, discount, lambda paid: _to_go(paid) / len(paid))


# ---- the other trajectories ----------------------------------------------------------------------------------------


def _batches(rng: Generator) -> Arguments:
    for m, horizon, level in ((4, 3, 0.0), (2, 5, 1.0), (6, 1, -2.0), (3, 4, 10.0)):
        yield (level + rng.standard_normal((m, horizon)),)


@function_exercise(
    title="Leave one out",
    cases=_batches,
    shows="The others are independent of the own trajectory, so their mean is a baseline, exactly. Your result is "
    "m/(m − 1) times what comes out if you subtract the mean of all m: to leave one out is the repair of the batch "
    "mean.",
    hints=[
        "The rows are trajectories and the columns are times. Each column is a task of its own.",
        "The sum over the others is the sum over all, less the own number. `to_go.sum(axis=0)` has one sum for each "
        "time.",
        "How many others are there?",
    ],
    see=_STANDARDISING,
)
def leave_one_out(to_go: Array) -> Array:
    """Return G_{i,t} less the mean of G_{j,t} over the other trajectories, shape (m, T)."""
    others = (to_go.sum(axis=0) - to_go) / (len(to_go) - 1)
    return to_go - others


def _mean_of_the_others(to_go: Array) -> Array:
    return np.asarray((to_go.sum(axis=0) - to_go) / (len(to_go) - 1))


@leave_one_out.misconception()
def sample_itself_included(to_go: Array) -> Array:
    """You subtracted the mean over all m trajectories, the own one among them.

    The own G depends on the own actions, so this is no baseline: the mean of the estimate is (1 − 1/m) ∇J.
    """
    return np.asarray(to_go - to_go.mean(axis=0))


@leave_one_out.misconception()
def divided_by_all(to_go: Array) -> Array:
    """You added up the others and divided by m.

    There are m − 1 others. With m in the denominator it is a baseline, but not their mean.
    """
    return np.asarray(to_go - (to_go.sum(axis=0) - to_go) / len(to_go))


@leave_one_out.misconception()
def sum_of_the_others(to_go: Array) -> Array:
    """You subtracted the sum of the others.

    Their mean is asked for: divide by their number.
    """
    return np.asarray(to_go - (to_go.sum(axis=0) - to_go))


@leave_one_out.misconception()
def factor_turned_over(to_go: Array) -> Array:
    """You multiplied the batch mean's result by (m − 1)/m once more.

    The mean of all m makes the estimate too short by that factor. The repair is m/(m − 1).
    """
    return np.asarray((to_go - to_go.mean(axis=0)) * (1 - 1 / len(to_go)))


@leave_one_out.misconception(see=_LOOKING_AHEAD)
def mean_of_the_own_episode(to_go: Array) -> Array:
    """You took the mean along time, over the own trajectory.

    Such a mean holds numbers that the action at time t has influenced, so it is no baseline. The mean runs over the
    other rows, for each time by itself.
    """
    return np.asarray(to_go - to_go.mean(axis=1, keepdims=True))


@leave_one_out.misconception()
def one_mean_for_all_times(to_go: Array) -> Array:
    """You subtracted one mean over all times and all trajectories.

    It holds the own trajectory at other times, and the action has a part in some of them: what it takes away need not
    have the direction of ∇J. Each time has a mean of its own, over the others alone.
    """
    return np.asarray(to_go - to_go.mean())


@leave_one_out.misconception()
def others_at_all_times(to_go: Array) -> Array:
    """You took one mean of the others for all times.

    It is a baseline, since the others are independent of the own actions, but not the one that is asked for: each time
    t has the mean of G_{j,t} at the same t.
    """
    rows = to_go.sum(axis=1, keepdims=True)
    return np.asarray(to_go - (rows.sum() - rows) / ((len(to_go) - 1) * to_go.shape[1]))


@leave_one_out.misconception()
def standardised(to_go: Array) -> Array:
    """You subtracted the mean of all and divided by the standard deviation.

    That sets the scale, and in a small batch it biases the direction too. Nothing is divided here, and the mean is over
    the others.
    """
    return np.asarray((to_go - to_go.mean(axis=0)) / to_go.std(axis=0))


@leave_one_out.misconception()
def baseline_for_the_difference(to_go: Array) -> Array:
    """You returned the mean of the others.

    That is the baseline. Subtract it from G.
    """
    return _mean_of_the_others(to_go)


@leave_one_out.misconception()
def return_subtracted_from_baseline(to_go: Array) -> Array:
    """You subtracted the wrong way round.

    A trajectory that did better than the others has a positive weight: G less the baseline.
    """
    return np.asarray(_mean_of_the_others(to_go) - to_go)


# ---- one decision: the variance and the best constant --------------------------------------------------------------


def _bandits(rng: Generator) -> Arguments:
    for n_arms, baseline in ((3, 0.6), (4, -1.5), (2, 2.0), (5, 0.0)):
        yield rng.dirichlet(np.full(n_arms, 2.0)), 3 * rng.standard_normal(n_arms), baseline


@function_exercise(
    title="The variance of one decision, exactly",
    cases=_bandits,
    shows="No arm was pulled: the variance is a mean over the list of arms, with the weights π. Try another baseline: "
    "the mean π @ g stays, and the variance changes.",
    hints=[
        "Make a table with a row for each arm a: the estimate that you get if a is pulled.",
        "The score of arm a has the entries 1[b = a] − π(b). `np.eye(len(pi)) - pi` holds all scores, one in each row.",
        "A mean over the arms has the weights π: `pi @ table` takes it for every column at once. The variance is the "
        "mean of the squared deviations from the mean.",
    ],
    see=_VARIANCE,
)
def one_step_variance(pi: Array, rewards: Array, baseline: float) -> Array:
    """Return Var g of g = ∇log π(a) (r(a) − b) for each entry of θ, shape (A,)."""
    scores = np.eye(len(pi)) - pi
    estimates = scores * (rewards - baseline)[:, None]
    mean = pi @ estimates
    return pi @ (estimates - mean) ** 2


def _scores(pi: Array) -> Array:
    """The score of each arm, one in each row."""
    return np.asarray(np.eye(len(pi)) - pi)


def _variance(pi: Array, estimates: Array) -> Array:
    return np.asarray(pi @ (estimates - pi @ estimates) ** 2)


@one_step_variance.misconception()
def second_moment(pi: Array, rewards: Array, baseline: float) -> Array:
    """You returned the second moment E[g²].

    The variance is the second moment less the square of the mean, and the mean is ∇J, which is not zero.
    """
    return np.asarray(pi @ (_scores(pi) * (rewards - baseline)[:, None]) ** 2)


@one_step_variance.misconception()
def standard_deviation(pi: Array, rewards: Array, baseline: float) -> Array:
    """You returned the standard deviation.

    The variance is its square.
    """
    return np.sqrt(_variance(pi, _scores(pi) * (rewards - baseline)[:, None]))


@one_step_variance.misconception()
def every_arm_alike(pi: Array, rewards: Array, baseline: float) -> Array:
    """You took plain means over the arms.

    `var` treats the list of arms as a sample in which each comes up once. Arm a is pulled with probability π(a): that
    is its weight, in the mean and in the variance.
    """
    return np.var(_scores(pi) * (rewards - baseline)[:, None], axis=0)


@one_step_variance.misconception()
def mean_without_the_policy(pi: Array, rewards: Array, baseline: float) -> Array:
    """Your squares have the weights π, and the mean that you subtract has not.

    The mean of g is Σ_a π(a) g(a) too: it is ∇J.
    """
    estimates = _scores(pi) * (rewards - baseline)[:, None]
    return np.asarray(pi @ (estimates - estimates.mean(axis=0)) ** 2)


@one_step_variance.misconception()
def baseline_left_out(pi: Array, rewards: Array, baseline: float) -> Array:
    """You left out the baseline.

    It leaves the mean alone, and it changes the variance: the weight of the score is r(a) − b.
    """
    return _variance(pi, _scores(pi) * rewards[:, None])


@one_step_variance.misconception(see=_V_IS_NOT_BEST)
def value_for_the_baseline(pi: Array, rewards: Array, baseline: float) -> Array:
    """You subtracted the mean reward from the rewards, and not the baseline that is given.

    The mean reward is one baseline among many, and not always a good one. Here b is an argument.
    """
    return _variance(pi, _scores(pi) * (rewards - pi @ rewards)[:, None])


@one_step_variance.misconception()
def variance_of_the_reward(pi: Array, rewards: Array, baseline: float) -> Any:
    """You returned the variance of the reward, one number.

    The estimate is the reward less b, times the score. It has an entry for each arm, and each entry has a variance.
    """
    return pi @ (rewards - pi @ rewards) ** 2


@one_step_variance.misconception()
def trace_for_the_entries(pi: Array, rewards: Array, baseline: float) -> Any:
    """You added up the variances of all entries.

    That is the trace. Here each entry of θ keeps its own.
    """
    return _variance(pi, _scores(pi) * (rewards - baseline)[:, None]).sum()


@one_step_variance.misconception()
def other_arms_forgotten(pi: Array, rewards: Array, baseline: float) -> Array:
    """Your score has an entry for the pulled arm alone.

    The preferences of the other arms move too: their entries are −π(b).
    """
    return _variance(pi, np.diag(1 - pi) * (rewards - baseline)[:, None])


@one_step_variance.misconception()
def probability_for_log_probability(pi: Array, rewards: Array, baseline: float) -> Array:
    """You took the gradient of π(a) for the score.

    The estimate holds ∇log π(a), which is ∇π(a) / π(a). How often arm a is pulled comes in with the mean, once.
    """
    return _variance(pi, pi[:, None] * _scores(pi) * (rewards - baseline)[:, None])


def _arms(rng: Generator) -> Arguments:
    for n_arms in (3, 4, 2):
        yield rng.dirichlet(np.full(n_arms, 2.0)), 3 * rng.standard_normal(n_arms)
    yield np.array([0.9, 0.06, 0.04]), np.array([1.0, 0.0, -0.5])


@function_exercise(
    title="The constant with the least variance",
    cases=_arms,
    shows="b* is a mean of the rewards, and a likely arm counts little in it, because its score is short. V counts it "
    "most. So V is not the best constant, and where the policy is nearly sure it can be worse than none.",
    hints=[
        "At one decision b* is a weighted mean of the rewards. What are the weights?",
        "The weight of arm a is π(a) ‖σ(a)‖², and σ(a) has the entries 1[b = a] − π(b).",
        "Add up the weights times the rewards, and divide by the sum of the weights.",
    ],
    see=_V_IS_NOT_BEST,
)
def best_constant(pi: Array, rewards: Array) -> Any:
    """Return the number b that makes the trace of Var g least, g = ∇log π(a) (r(a) − b)."""
    scores = np.eye(len(pi)) - pi
    weights = pi * np.sum(scores**2, axis=1)
    return np.sum(weights * rewards) / np.sum(weights)


def _squares(pi: Array) -> Array:
    """‖σ(a)‖² of each arm."""
    return np.asarray((_scores(pi) ** 2).sum(axis=1))


def _weighted(weights: Array, rewards: Array) -> Any:
    return weights @ rewards / weights.sum()


@best_constant.misconception()
def value_for_the_best_constant(pi: Array, rewards: Array) -> Any:
    """You returned the mean reward, which is V.

    Its weights are π alone. In the variance each reward stands beside the square of its score: a short score counts
    little.
    """
    return pi @ rewards


@best_constant.misconception()
def plain_mean_of_the_arms(pi: Array, rewards: Array) -> Any:
    """You returned the plain mean over the arms.

    The arms are not pulled equally often, and their scores are not equally long.
    """
    return rewards.mean()


@best_constant.misconception()
def policy_left_out(pi: Array, rewards: Array) -> Any:
    """Your weights are ‖σ(a)‖², without π(a).

    The variance is a mean over the arms that are pulled: a rare arm counts as rarely as it comes up.
    """
    return _weighted(_squares(pi), rewards)


@best_constant.misconception()
def length_not_squared(pi: Array, rewards: Array) -> Any:
    """Your weights hold the length of the score, and not its square.

    The variance is quadratic in the score: the weight is π(a) ‖σ(a)‖².
    """
    return _weighted(pi * np.sqrt(_squares(pi)), rewards)


@best_constant.misconception()
def own_entry_of_the_score(pi: Array, rewards: Array) -> Any:
    """Your weights hold the entry of the pulled arm alone, (1 − π(a))².

    The score has an entry for every arm, −π(b) for the others, and ‖σ(a)‖² adds up the squares of them all.
    """
    return _weighted(pi * (1 - pi) ** 2, rewards)


@best_constant.misconception()
def not_divided_by_the_weights(pi: Array, rewards: Array) -> Any:
    """You did not divide by the sum of the weights.

    The weights π(a) ‖σ(a)‖² do not sum to 1. A mean divides by their sum.
    """
    return np.sum(pi * _squares(pi) * rewards)


@best_constant.misconception(see=_BEST)
def other_arms_probability(pi: Array, rewards: Array) -> Any:
    """Your weights are 1 − π(a).

    With two arms the probabilities are exchanged indeed. With three or more the weights are π(a) ‖σ(a)‖², which is
    something else.
    """
    return _weighted(1 - pi, rewards)


@best_constant.misconception()
def policy_squared(pi: Array, rewards: Array) -> Any:
    """Your weights are π(a)² ‖σ(a)‖²: the probability stands in the square.

    The probability comes into the variance once, as the weight of the arm. What is squared is the score.
    """
    return _weighted(pi**2 * _squares(pi), rewards)


# ---- generalized advantage estimation ------------------------------------------------------------------------------


def _walks(rng: Generator) -> Arguments:
    for horizon, discount, gae_lambda, ended in (
        (5, 0.9, 0.7, False),
        (3, 0.5, 0.9, True),
        (1, 0.8, 0.5, False),
        (4, 0.95, 0.0, False),
        (6, 0.7, 1.0, False),
    ):
        values = rng.standard_normal(horizon + 1)
        values[-1] *= not ended
        yield rng.standard_normal(horizon), values, discount, gae_lambda


@function_exercise(
    title="Generalized advantage estimation",
    cases=_walks,
    shows="One pass from the end is enough: Â_t = δ_t + γλ Â_{t+1}. At λ = 0 it is one temporal difference. At λ = 1 "
    "the values between cancel, and it is what was paid, plus what the critic says at the end, less V̂_t(s_t).",
    hints=[
        "First the temporal differences: T of them, from T rewards and T + 1 values. `values[1:]` holds the values one "
        "step later.",
        "Take the first term out of the sum: what is left is γλ times the same sum one step later.",
        "Begin with δ and go from the end to the start: `advantages[t] += discount * gae_lambda * advantages[t + 1]`.",
    ],
    see=_GAE,
)
def gae(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """Return Â_t = Σ_k (γλ)ᵏ δ_{t+k} of one walk, shape (T,)."""
    advantages = rewards + discount * values[1:] - values[:-1]
    for t in range(len(rewards) - 1)[::-1]:
        advantages[t] += discount * gae_lambda * advantages[t + 1]
    return advantages


def _differences(rewards: Array, values: Array, discount: float) -> Array:
    """δ_t."""
    return np.asarray(rewards + discount * values[1:] - values[:-1])


def _fading_sums(x: Array, decay: float) -> Array:
    """Σ_k κᵏ x_{t+k} for each t."""
    found = x.copy()
    for t in reversed(range(len(x) - 1)):
        found[t] += decay * found[t + 1]
    return found


@gae.misconception()
def lambda_without_discount(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """Your differences fade by λ alone.

    What comes k steps later is discounted as well: the factor of each step is γλ.
    """
    return _fading_sums(_differences(rewards, values, discount), gae_lambda)


@gae.misconception()
def discount_without_lambda(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """Your differences fade by γ alone, which is λ = 1.

    λ is given, and the factor of each step is γλ.
    """
    return _fading_sums(_differences(rewards, values, discount), discount)


@gae.misconception()
def one_difference_alone(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """You returned the temporal differences δ_t, which is λ = 0.

    The later differences come in as well, with the factors γλ, (γλ)² and so on.
    """
    return _differences(rewards, values, discount)


@gae.misconception()
def lambda_turned_over(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """You used 1 − λ for λ.

    λ = 0 is one temporal difference, and λ = 1 takes all later ones in full: they fade by γλ.
    """
    return _fading_sums(_differences(rewards, values, discount), discount * (1 - gae_lambda))


@gae.misconception()
def next_value_not_discounted(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """Your δ_t has the next value without a discount.

    V̂(s_{t+1}) is worth γ times as much one step earlier: δ_t = r_t + γ V̂(s_{t+1}) − V̂(s_t).
    """
    return _fading_sums(_differences(rewards, values, 1.0), discount * gae_lambda)


@gae.misconception()
def difference_with_the_wrong_sign(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """Your temporal differences have the opposite sign.

    δ_t is positive where things go better than the critic said: what came, less what was expected.
    """
    return -_fading_sums(_differences(rewards, values, discount), discount * gae_lambda)


@gae.misconception()
def values_exchanged(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """You exchanged the two values in δ_t.

    The value of s_{t+1} is what is still to come, and it is added to the reward, with γ. The value of s_t is what was
    expected, and it is subtracted.
    """
    return _fading_sums(rewards + discount * values[:-1] - values[1:], discount * gae_lambda)


@gae.misconception()
def not_bootstrapped_at_the_end(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """You took the value after the last step to be zero.

    It is zero where the walk has ended. Where it was only cut off, the last entry of `values` stands for all that would
    still have come.
    """
    return _fading_sums(_differences(rewards, np.append(values[:-1], 0.0), discount), discount * gae_lambda)


@gae.misconception()
def summed_from_the_start(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """You added up the differences until step t, and not those from t on.

    An action has a part in what comes after it. Go from the end to the start.
    """
    return _fading_sums(_differences(rewards, values, discount)[::-1], discount * gae_lambda)[::-1]


@gae.misconception()
def fading_counted_from_the_start(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """Your factors are (γλ)^{t+k}: you count from the start of the walk.

    The power is the number of steps since t, so δ_t itself counts in full in Â_t.
    """
    decay = discount * gae_lambda
    return np.asarray(_fading_sums(_differences(rewards, values, discount), decay) * decay ** np.arange(len(rewards)))


@gae.misconception()
def rewards_for_differences(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """You let the rewards fade by γλ and subtracted V̂.

    What fades by γλ is the temporal differences. With the rewards in their place the later values are lost.
    """
    return np.asarray(_fading_sums(rewards, discount * gae_lambda) - values[:-1])


@gae.misconception()
def target_for_the_advantage(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """You returned Â_t + V̂_t(s_t).

    That is what a critic is fitted to. The advantage has V̂ subtracted.
    """
    return np.asarray(_fading_sums(_differences(rewards, values, discount), discount * gae_lambda) + values[:-1])


@gae.misconception(see=_DROPPED)
def discount_of_the_step_included(rewards: Array, values: Array, discount: float, gae_lambda: float) -> Array:
    """You multiplied by γᵗ.

    The factor γᵗ belongs in front of the score in the estimator. Here Â_t itself is asked for.
    """
    advantages = _fading_sums(_differences(rewards, values, discount), discount * gae_lambda)
    return np.asarray(advantages * discount ** np.arange(len(rewards)))


# ---- a broken estimator --------------------------------------------------------------------------------------------


def _samples(rng: Generator) -> Iterator[tuple[Trajectories, TabularPolicy, Array, Array]]:
    """Yield samples with and without an end, θ of two shapes, and values that are wrong, in terminal states too."""
    corridor = short_corridor(horizon=6, discount=0.9)
    for mdp, policy, m in (
        (random_mdp(rng, 3, 2, 0.8, 4), SoftmaxPolicy(3, 2), 6),
        (corridor, corridor_policy(), 5),
        (corridor, SoftmaxPolicy(4, 2), 7),
        (random_mdp(rng, 2, 3, 0.5, 3), SoftmaxPolicy(2, 3), 4),
    ):
        theta = rng.standard_normal(policy.theta_shape)
        v = state_values(mdp, policy, theta)
        yield sample_trajectories(mdp, policy, theta, m, rng), policy, theta, v + rng.standard_normal(v.shape)


@function_exercise(
    title="Repair this estimator",
    cases=_samples,
    shows="The baseline looks at the state in which the action was drawn, γᵗ stands before the whole difference, and "
    "the sum is divided by the number of trajectories, which is not random. The code ran before as well. Its mean was "
    "not ∇J.",
    hints=[
        "There are three mistakes, one in each of the last three lines. The two lines with the scores are right.",
        "Which state is known before a_t is drawn? And `returns_from_step` holds G_t: where is the factor that J has "
        "and G_t has not?",
        "The number of decisions in the batch is random where walks end. Divide by the number of trajectories, "
        "`len(trajectories)`.",
    ],
    see=_TWO_CLOCKS,
)
def gradient_estimate(trajectories: Trajectories, policy: TabularPolicy, theta: Array, v: Array) -> Array:
    """Return ĝ = (1/m) Σ_i Σ_t γᵗ ∇log π_θ(a_t|s_t) (G_t − V̂_t(s_t)), the shape of θ."""
    steps = np.arange(trajectories.horizon)
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    baseline = v[steps, trajectories.states[:, :-1]]
    weights = trajectories.discount**steps * (trajectories.returns_from_step - baseline)
    return np.einsum("it...,it->...", scores, weights) / len(trajectories)


def _walk_scores(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> Array:
    """The score of each decision, shape (m, T, *θ); 0 after the end."""
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    return scores


def _baseline(trajectories: Trajectories, v: Array, *, ahead: bool = False) -> Array:
    """V̂ in the state of each decision, or in the next one."""
    steps = np.arange(trajectories.horizon) + ahead
    return np.asarray(v[steps, trajectories.states[:, 1:] if ahead else trajectories.states[:, :-1]])


def _discounts(trajectories: Trajectories) -> Array:
    return np.asarray(trajectories.discount ** np.arange(trajectories.horizon))


def _estimate(
    trajectories: Trajectories,
    policy: TabularPolicy,
    theta: Array,
    v: Array,
    *,
    ahead: bool = False,
    undiscounted: bool = False,
    per_step: bool = False,
    weights: Array | None = None,
) -> Array:
    """ĝ with mistakes; the weights are γᵗ (G_t − V̂) unless told."""
    if weights is None:
        weights = trajectories.returns_from_step - _baseline(trajectories, v, ahead=ahead)
        weights = weights * (1.0 if undiscounted else _discounts(trajectories))
    total = np.einsum("it...,it->...", _walk_scores(trajectories, policy, theta), weights)
    return np.asarray(total / (trajectories.active.sum() if per_step else len(trajectories)))


@gradient_estimate.misconception()
def nothing_repaired(*given: Any) -> Array:
    """Three mistakes are left: your function does what the broken one does.

    One is in the state that the baseline looks at, one in the discount, one in what the sum is divided by.
    """
    return _estimate(*given, ahead=True, undiscounted=True, per_step=True)


@gradient_estimate.misconception()
def only_the_baseline_repaired(*given: Any) -> Array:
    """The baseline is right now, and two mistakes are left.

    J discounts from the start, and these weights do not. And the sum is divided by a random number.
    """
    return _estimate(*given, undiscounted=True, per_step=True)


@gradient_estimate.misconception()
def only_the_discount_repaired(*given: Any) -> Array:
    """The discount is right now, and two mistakes are left.

    The baseline still looks at a state that the action has a part in. And the sum is divided by a random number.
    """
    return _estimate(*given, ahead=True, per_step=True)


@gradient_estimate.misconception()
def only_the_divisor_repaired(*given: Any) -> Array:
    """The sum is divided by the number of trajectories now, and two mistakes are left.

    The baseline still looks at a state that the action has a part in. And J discounts from the start, while these
    weights do not.
    """
    return _estimate(*given, ahead=True, undiscounted=True)


@gradient_estimate.misconception(see=_UNBIASED)
def baseline_of_the_next_state(*given: Any) -> Array:
    """The baseline looks at the state that the action leads to, and the rest is right.

    The next state is not known before the action is drawn, so this is no baseline and the mean is not ∇J.
    """
    return _estimate(*given, ahead=True)


@gradient_estimate.misconception(see=_DROPPED)
def factor_of_the_step_missing(*given: Any) -> Array:
    """The factor γᵗ is missing, and the rest is right.

    G_t counts the discount from step t, and J counts it from the start. Without γᵗ the mean is the gradient of nothing
    in general.
    """
    return _estimate(*given, undiscounted=True)


@gradient_estimate.misconception(see=_OVER_STEPS)
def mean_over_time_steps(*given: Any) -> Array:
    """You divide by the number of decisions in the batch, and the rest is right.

    Where walks end by themselves this number is random, and the mean of a ratio is not the ratio of the means. Divide
    by the number of trajectories.
    """
    return _estimate(*given, per_step=True)


@gradient_estimate.misconception(see=_OVER_STEPS)
def divided_by_the_horizon_too(*given: Any) -> Array:
    """You divided by the number of trajectories and by the horizon.

    The gradient is a sum over time. Divide by the number of trajectories alone.
    """
    return _estimate(*given) / given[0].horizon


@gradient_estimate.misconception()
def fillers_counted(*given: Any) -> Array:
    """You counted scores after the end of a walk.

    Where it has ended nobody decides; the actions that are written there are fillers, and what `v` says of the end
    would count beside them. `trajectories.active` says where a decision is taken.
    """
    trajectories, policy, theta, v = given
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    weights = _discounts(trajectories) * (trajectories.returns_from_step - _baseline(trajectories, v))
    return np.asarray(np.einsum("it...,it->...", scores, weights) / len(trajectories))


@gradient_estimate.misconception()
def sum_over_trajectories(*given: Any) -> Array:
    """You did not divide: your result grows with the number of trajectories.

    ĝ is the mean over the trajectories.
    """
    return _estimate(*given) * len(given[0])


@gradient_estimate.misconception(see=_UNBIASED)
def baseline_after_the_discount(*given: Any) -> Array:
    """You multiplied G_t by γᵗ and subtracted the baseline without it.

    That leaves the mean alone too, since any function of the state and the time may be subtracted. But V̂ is a forecast
    of G_t, not of γᵗ G_t, and here γᵗ stands before the whole difference.
    """
    trajectories, v = given[0], given[3]
    weights = _discounts(trajectories) * trajectories.returns_from_step - _baseline(trajectories, v)
    return _estimate(*given, weights=weights)


@gradient_estimate.misconception(see=_TWICE)
def discounted_twice(*given: Any) -> Array:
    """You applied γᵗ twice.

    `returns_from_step` holds G_t, discounted from step t. One factor γᵗ is enough.
    """
    trajectories, v = given[0], given[3]
    weights = _discounts(trajectories) ** 2 * (trajectories.returns_from_step - _baseline(trajectories, v))
    return _estimate(*given, weights=weights)


@gradient_estimate.misconception()
def baseline_added(*given: Any) -> Array:
    """You added the baseline.

    Its mean is zero beside the score with either sign, but added it doubles the level that it should take away.
    """
    trajectories, v = given[0], given[3]
    weights = _discounts(trajectories) * (trajectories.returns_from_step + _baseline(trajectories, v))
    return _estimate(*given, weights=weights)


@gradient_estimate.misconception()
def no_baseline(*given: Any) -> Array:
    """You left out the baseline.

    The mean is ∇J without it too. The estimator that is asked for has it.
    """
    trajectories = given[0]
    return _estimate(*given, weights=_discounts(trajectories) * trajectories.returns_from_step)


@gradient_estimate.misconception(see=_STANDARDISING)
def standardised_over_the_batch(*given: Any) -> Array:
    """You standardised G_t − V̂ over the batch.

    The mean of the batch holds the walk's own numbers, so to subtract it is no baseline, and to divide by the deviation
    biases the estimate too. Nothing of this is asked for.
    """
    trajectories, v = given[0], given[3]
    difference = trajectories.returns_from_step - _baseline(trajectories, v)
    decided = difference[trajectories.active]
    weights = _discounts(trajectories) * (difference - decided.mean()) / decided.std()
    return _estimate(*given, weights=weights)


@gradient_estimate.misconception(see=_GAE)
def one_temporal_difference(*given: Any) -> Array:
    """You took r_t + γ V̂ of the next state for G_t.

    That is generalized advantage estimation with λ = 0, and it is unbiased only if V̂ is right. G_t is what was really
    paid from step t on.
    """
    trajectories, v = given[0], given[3]
    later = trajectories.discount * _baseline(trajectories, v, ahead=True)
    difference = trajectories.rewards + later - _baseline(trajectories, v)
    return _estimate(*given, weights=_discounts(trajectories) * difference)


@gradient_estimate.misconception(see=CAUSALITY.section("Which Q? The one with the time"))
def values_of_the_first_step(*given: Any) -> Array:
    """You took the values of time 0 at every time.

    It is a baseline, but not the one that is asked for. At a horizon the value of a state depends on how many steps are
    left: row t of `v` belongs to time t.
    """
    trajectories, v = given[0], given[3]
    weights = _discounts(trajectories) * (trajectories.returns_from_step - v[0][trajectories.states[:, :-1]])
    return _estimate(*given, weights=weights)


@gradient_estimate.misconception(see=_C2)
def whole_return_less_baseline(*given: Any) -> Array:
    """You took the whole return at every step.

    Its mean is right as well. What is asked for is γᵗ (G_t − V̂), without what was paid before t.
    """
    trajectories, v = given[0], given[3]
    weights = full_return(trajectories) - _discounts(trajectories) * _baseline(trajectories, v)
    return _estimate(*given, weights=weights)


# ---- the lines -----------------------------------------------------------------------------------------------------


@order_exercise(
    title="A baseline takes nothing away",
    decoys={
        "b": Mistake(
            "the weight of the actions lost",
            "Line b adds up the scores of all actions alike. Given the history, the action a is drawn with probability "
            "π(a|s_t): that is its weight in the mean, and without it the sum is not zero.",
        ),
        "d": Mistake(
            "the score of one decision for the whole",
            "Line d takes σ_t for the score of the whole history. E[x ∇log P] = ∇E[x] needs the scores of all "
            "decisions that x depends on. σ_t is the score of one decision, and x does not depend on it.",
            _C1,
        ),
        "g": Mistake(
            "probability for log-probability",
            "Line g has ∇π in the place of ∇log π. The score is ∇π/π, so that π cancels.",
        ),
        "i": Mistake(
            "the gradient lost",
            "Line i drops the gradient and is E[x], which need not be zero. The probabilities sum to 1, and it is the "
            "gradient of this 1 that is zero.",
        ),
    },
    shows="Given the history x is a number, and the mean score is ∇1 = 0. Nothing was asked of x but that it is fixed "
    "before a_t is drawn. It may be a bad forecast, or a past reward: that is why past rewards drop out too.",
    hints=[
        "First hold the history fixed, so that x is a number and comes out of the inner mean.",
        "Then write the inner mean as a sum over the actions. Each has the weight π(a|s_t), and π ∇log π = ∇π.",
        "At the end the gradient comes before the sum, and the sum is 1. Four of the eleven lines do not belong.",
    ],
    see=_UNBIASED,
)
def ordered_lines() -> str:
    """Put the lines of the proof that E[σ_t x] = 0 in order; four of the eleven are false."""
    return "h c k e a j f"


@ordered_lines.misconception(see=_C2)
def number_before_the_history_is_fixed() -> str:
    """You took x out before you held the history fixed.

    x is random. It is a number only inside a mean in which the history is given.
    """
    return "h k c e a j f"


@ordered_lines.misconception()
def gradient_of_the_sum_too_early() -> str:
    """You wrote the gradient before the sum while the terms still are π ∇log π.

    First π ∇log π = ∇π, then the sum of the gradients is the gradient of the sum.
    """
    return "h c k e j a f"


def _given(known: Array, x: Array, probability: Array) -> Array:
    """E[x | known], written beside each trajectory."""
    _, group = np.unique(known, axis=0, return_inverse=True)
    same = group.reshape(-1, 1) == group.ravel()
    weights = same * probability
    return np.asarray(np.tensordot(weights / weights.sum(axis=1, keepdims=True), x, axes=1))


def _proof_that_the_mean_of_the_episode_is_a_baseline() -> Derivation:
    """The lines of the task, evaluated on a small decision process by a list of its trajectories."""
    mdp, policy = random_mdp(np.random.default_rng(0), n_states=2, horizon=2), SoftmaxPolicy(2, 2)
    theta = np.array([[0.3, -0.2], [0.1, 0.4]])
    tau, probability = enumerate_trajectories(mdp, policy, theta)
    scores = policy.score(theta)[tau.states[:, :-1], tau.actions]
    scores *= (mdp.discount ** np.arange(tau.horizon))[:, None, None]
    to_go = tau.returns_from_step
    mean = to_go.mean(axis=1)
    gradient = state_action_form.exact_gradient(mdp, policy, theta)

    def expected(terms: Array) -> Array:
        return np.asarray(np.tensordot(probability, terms, axes=1))

    histories = [np.hstack([tau.states[:, : t + 1], tau.actions[:, :t]]) for t in range(tau.horizon)]
    products = scores * mean[:, None, None, None]
    outer = sum(expected(_given(history, products[:, t], probability)) for t, history in enumerate(histories))
    inner = sum(
        expected(mean[:, None, None] * _given(history, scores[:, t], probability))
        for t, history in enumerate(histories)
    )
    lines = {
        "a": expected(np.einsum("it...,it->i...", scores, to_go - mean[:, None])),
        "b": expected(np.einsum("it...,it->i...", scores, to_go)) - expected(products.sum(axis=1)),
        "c": gradient - expected(products.sum(axis=1)),
        "d": gradient - outer,
        "e": gradient - inner,
        "f": gradient,
    }
    return Derivation("", [Line(label, "", "", value) for label, value in lines.items()])


@choice_exercise(
    title="A proof that the mean of the episode is a baseline",
    wrong={
        "a": Mistake("the definition doubted", "Line a is the mean of the estimator. It claims nothing yet."),
        "b": Mistake(
            "linearity doubted",
            "The step from a to b is right: the mean of a difference is the difference of the means.",
        ),
        "c": Mistake(
            "reward-to-go doubted",
            "The step from b to c is right: the estimator with γᵗ G_t has the mean ∇J, by causality.",
            _C2,
        ),
        "d": Mistake(
            "the tower rule doubted",
            "The step from c to d is right: a mean may be taken in two steps, first with the history held fixed. That "
            "holds for any random number.",
        ),
        "f": Mistake(
            "the mean score doubted",
            "The step from e to f is right: given the history, the mean of the score is zero. Something went wrong "
            "before.",
            _UNBIASED,
        ),
    },
    shows="Ḡ holds the rewards from t on, which are not known when a_t is drawn, so it is no number under the mean "
    "given h_t. To standardise within an episode subtracts this Ḡ, and it is no baseline: the mean can even point "
    "against ∇J.",
    hints=[
        "The proof of the lemma has the same steps for a function of the history. What of Ḡ is no such function?",
        "When is Ḡ known: before a_t is drawn, or when the episode is over?",
        "What may be taken out of a mean that is conditional on h_t?",
    ],
    see=_STANDARDISING,
)
def false_line() -> str:
    """Find the first line that does not follow from the one before it."""
    return _proof_that_the_mean_of_the_episode_is_a_baseline().false_lines[0]
