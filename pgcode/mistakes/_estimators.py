"""Wrong estimators of the policy gradient, each at one station of REINFORCE."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pgcode._chapters import (
    BASELINES,
    CAUSALITY,
    DECISION_PROCESSES,
    DISCOUNTING,
    DYNAMICS_DROP_OUT,
    ENDS,
    FROM_Q_TO_SAMPLES,
    GRADIENT_ASCENT,
    LIKELIHOOD_RATIO,
    LOSS,
    SAMPLE_ESTIMATE,
)
from pgcode.mistakes._catalogue import EstimatorCatalogue
from pgcode.mistakes._pipeline import RIGHT, Batches, log_softmax, pairs, to_go

__all__ = ["ESTIMATORS"]

Array = NDArray[np.float64]

#: The known wrong estimators, by name.
ESTIMATORS = EstimatorCatalogue()

_wrong = ESTIMATORS.declare

_TRAJECTORIES = SAMPLE_ESTIMATE.section("Which trajectories")
_SCORES = SAMPLE_ESTIMATE.section("Which scores")
_REWARDS = SAMPLE_ESTIMATE.section("Which rewards")
_REINFORCE = SAMPLE_ESTIMATE.section("REINFORCE")
_OBJECTIVE = DECISION_PROCESSES.section("Returns")
_UPDATE = GRADIENT_ASCENT.section("A1: the update")
_WHAT_IT_DOES = LIKELIHOOD_RATIO.section("What score times return does")
_LOG = LIKELIHOOD_RATIO.section("A6: the ratio is the gradient of a logarithm")
_SOFTMAX = DYNAMICS_DROP_OUT.section("The score of a softmax policy")
_CAUSAL = CAUSALITY.section("C2: causality")
_BASELINE = BASELINES.section("A baseline leaves the mean alone")
_STANDARDISING = BASELINES.section("What standardising the returns does")
_STEP_WEIGHT = DISCOUNTING.section("What code computes")
_ONE_DISCOUNT = DISCOUNTING.section("Both discounts come from one")
_PER_STEP = DISCOUNTING.section("Mean over time steps, or sum per trajectory?")
_BY_STEPS = ENDS.section("Batches that stop by a number of steps")
_HELD = LOSS.section("Numbers that are held: the critic")
_LOGITS = LOSS.section("Logits against probabilities")
_SHAPES = LOSS.section("One column too many")
_BONUS = LOSS.section("The entropy bonus")
_RATIO = LOSS.section("The ratio of PPO")
_CRITIC = FROM_Q_TO_SAMPLES.section("Actor–critic: Q replaced by an estimate")


# ---- data: what goes into the estimator -----------------------------------------------------------------------------


@_wrong("data", _SCORES)
def next_states_for_states(batches: Batches) -> Batches:
    """The score of an action is taken in the state that it led to.

    The policy chose a_t in s_t. In s_{t+1} it chose something else.
    """
    states = np.concatenate([batches.states[..., 1:], batches.states[..., -1:]], axis=-1)
    return batches.changed(states=states)


@_wrong("data", _SCORES)
def previous_action(batches: Batches) -> Batches:
    """The action of the step before is scored in each state.

    An array is shifted by one. The action before was not chosen in this state.
    """
    actions = np.concatenate([batches.actions[..., :1], batches.actions[..., :-1]], axis=-1)
    return batches.changed(actions=actions)


@_wrong("data", _SCORES, "drl-zh 13")
def last_decision_lost(batches: Batches) -> Batches:
    """The row with done = True is thrown away: its reward and its score are lost.

    The decision that ends an episode is a decision like any other, and often the one that pays.
    """
    return batches.changed(**_without(batches, _last(batches)))


@_wrong("data", _SCORES)
def first_decision_lost(batches: Batches) -> Batches:
    """The first decision of each episode is thrown away.

    A loop begins one step late. The rewards that follow belong to the first decision too.
    """
    first = np.zeros_like(batches.active)
    first[..., 0] = True
    return batches.changed(**_without(batches, first))


@_wrong("data", _REWARDS)
def last_reward_lost(batches: Batches) -> Batches:
    """The reward of the step that ends an episode is left out.

    It is paid after the last decision, and it counts: r_t belongs to the step from s_t to s_{t+1}.
    """
    return batches.changed(rewards=np.where(_last(batches), 0.0, batches.rewards))


@_wrong("data", _REWARDS)
def first_reward_lost(batches: Batches) -> Batches:
    """The reward of the first step is left out.

    The list of rewards begins with the one for the first decision, not with a zero.
    """
    rewards = batches.rewards.copy()
    rewards[..., 0] = 0
    return batches.changed(rewards=rewards)


@_wrong("data", _REWARDS)
def reward_of_the_next_step(batches: Batches) -> Batches:
    """Each decision is paid the reward of the next one.

    In texts that write R_{t+1} for what a_t earns, the index is that of arrival. The array begins with r_0.
    """
    rewards = np.concatenate([batches.rewards[..., 1:], np.zeros_like(batches.rewards[..., :1])], axis=-1)
    return batches.changed(rewards=rewards)


@_wrong("data", _REWARDS)
def reward_of_the_previous_step(batches: Batches) -> Batches:
    """Each decision is paid the reward of the one before.

    The last reward falls out, and each action is credited with what it did not earn.
    """
    rewards = np.concatenate([np.zeros_like(batches.rewards[..., :1]), batches.rewards[..., :-1]], axis=-1)
    return batches.changed(rewards=rewards)


@_wrong("data", _OBJECTIVE)
def rewards_clipped(batches: Batches) -> Batches:
    """Rewards are clipped to [−1, 1].

    That is another process with other rewards. Its best policy may be another one.
    """
    return batches.changed(rewards=np.clip(batches.rewards, -1, 1))


@_wrong("data", _OBJECTIVE)
def signs_of_rewards(batches: Batches) -> Batches:
    """Each reward is replaced by its sign.

    A large reward counts no more than a small one, so that the policy is led elsewhere.
    """
    return batches.changed(rewards=np.sign(batches.rewards))


@_wrong("data", _OBJECTIVE)
def losses_left_out(batches: Batches) -> Batches:
    """Negative rewards are set to 0.

    What must be avoided is then as good as what does nothing.
    """
    return batches.changed(rewards=np.maximum(batches.rewards, 0))


@_wrong("data", _OBJECTIVE)
def rewards_without_sign(batches: Batches) -> Batches:
    """The size of each reward is taken, a loss counts as a gain.

    Somewhere stands an absolute value, or a square root of a square.
    """
    return batches.changed(rewards=np.abs(batches.rewards))


@_wrong("data", _STANDARDISING)
def mean_reward_subtracted(batches: Batches) -> Batches:
    """The mean reward of the batch is subtracted from every reward.

    A constant less for each step is a price on length, or a prize where the mean is negative. And the mean holds the
    rewards themselves.
    """
    mean = _over_decisions(batches, batches.rewards)
    return batches.changed(rewards=np.where(batches.active, batches.rewards - mean, 0.0))


@_wrong("data", _STANDARDISING)
def rewards_standardised(batches: Batches) -> Batches:
    """Rewards are standardised over the batch, mean 0 and deviation 1.

    That subtracts from every step, and divides by a number that depends on the batch.
    """
    mean = _over_decisions(batches, batches.rewards)
    deviation = np.sqrt(_over_decisions(batches, (batches.rewards - mean) ** 2))
    rewards = np.where(batches.active, (batches.rewards - mean) / (deviation + 1e-8), 0.0)
    return batches.changed(rewards=rewards)


@_wrong("data", _OBJECTIVE)
def discount_left_out(batches: Batches) -> Batches:
    """Nothing is discounted.

    This is the gradient of another objective, that of γ = 1.
    """
    return batches.changed(discount=1.0)


@_wrong("data", _ONE_DISCOUNT)
def rewards_discounted_before_they_are_summed(batches: Batches) -> Batches:
    """The rewards are multiplied by γᵗ, and the recursion that sums them discounts again.

    Each reward r_k then counts γ²ᵏ in place of γᵏ: this is the gradient of another objective, that of γ².
    """
    return batches.changed(rewards=batches.powers * batches.rewards)


@_wrong("data", _BONUS)
def entropy_in_the_objective(batches: Batches) -> Batches:
    """−0.1 log π(a_t|s_t) is paid with each reward, a number that is held: J has an entropy bonus.

    It is the right gradient of another objective: of J plus 0.1 times the entropies of all states on the way. Its best
    policy is more random than that of J.
    """
    logs = log_softmax(batches.theta)[batches.states[..., :-1], batches.actions]
    return batches.changed(rewards=np.where(batches.active, batches.rewards - 0.1 * logs, 0.0))


@_wrong("data", _SCORES)
def only_the_first_decision(batches: Batches) -> Batches:
    """Only the first decision of each episode is scored.

    Every decision of an episode moves its probability, not the first alone.
    """
    active = batches.active.copy()
    active[..., 1:] = False
    return batches.changed(active=active, rewards=_first_holds_all(batches))


@_wrong("data", _TRAJECTORIES)
def the_best_episode_alone(batches: Batches) -> Batches:
    """Only the episode with the highest return of the batch is used.

    What is kept depends on what came out, so that the mean is no longer that of the policy's episodes.
    """
    best = batches.returns == batches.returns.max(axis=-1, keepdims=True)
    return _of_some(batches, best)


@_wrong("data", _TRAJECTORIES)
def episodes_that_failed_left_out(batches: Batches) -> Batches:
    """Episodes with a return that is not positive are left out.

    A negative return is what makes its walk less probable. Without it a failure is not unlearnt.
    """
    return _of_some(batches, batches.returns > 0)


@_wrong("data", _TRAJECTORIES)
def episodes_cut_by_the_horizon_left_out(batches: Batches) -> Batches:
    """Episodes that last to the horizon are left out, only those that end before are used.

    Long episodes have another mean than short ones: what is left out must not depend on what happened.
    """
    return _of_some(batches, batches.lengths < batches.actions.shape[-1])


@_wrong("data", _BY_STEPS, "Spinning Up, vpg: an epoch ends by a number of steps")
def cut_where_the_steps_are_enough(batches: Batches) -> Batches:
    """The batch ends after a number of steps, and the episode that is cut there is used as if it had ended.

    Here half of m·T steps are enough. What the cut episode would still have earned is missing from its returns, and
    more often so for long episodes.
    """
    before, needed = _steps_before(batches)
    kept = batches.active & (before[..., None] + np.arange(batches.actions.shape[-1]) < needed)
    rewards = np.where(kept, batches.rewards, 0.0)
    return batches.changed(active=kept, rewards=rewards, counted=(before < needed).sum(axis=1))


@_wrong("data", _BY_STEPS)
def unfinished_episode_dropped_but_counted(batches: Batches) -> Batches:
    """The batch ends after a number of steps; an episode that is not over by then is dropped, but counted in the mean.

    Here half of m·T steps are enough. A long episode is dropped more often than a short one, and in its place stands a
    zero. The mean over the whole episodes alone is ∇J, if none is longer than the steps of a batch.
    """
    before, needed = _steps_before(batches)
    whole = before + batches.lengths <= needed
    return _of_some(batches, whole).changed(counted=(before < needed).sum(axis=1))


@_wrong("data", _BY_STEPS, "Spinning Up, 2_rtg_pg")
def as_many_episodes_as_the_steps_allow(batches: Batches) -> Batches:
    """Episodes are added until there are enough steps, the last one whole, and their mean is taken.

    Here half of m·T steps are enough. How many episodes there are depends on how they went: after long ones the batch
    is small, and each of them counts more.
    """
    before, needed = _steps_before(batches)
    used = before < needed
    return _of_some(batches, used).changed(counted=used.sum(axis=1))


# ---- weights: what a score is multiplied by -------------------------------------------------------------------------


@_wrong("weights", _STEP_WEIGHT, "Spinning Up, reward-to-go without the discount of the step")
def discount_of_the_step_left_out(batches: Batches) -> Array:
    """The weight is G_t, without γᵗ before it.

    G_t is discounted from t on, J from the start. Without γᵗ later decisions count too much, and the mean is
    in general the gradient of no function.
    """
    return to_go(batches.rewards, batches.discount)


@_wrong("weights", _ONE_DISCOUNT)
def step_discounted_twice(batches: Batches) -> Array:
    """The weight is γ²ᵗ G_t.

    The discount of the step is applied to a return that is discounted from the start already.
    """
    return np.asarray(batches.powers**2 * to_go(batches.rewards, batches.discount))


@_wrong("weights", _ONE_DISCOUNT)
def discount_of_the_step_runs_on(batches: Batches) -> Array:
    """The weight is γᵏ G_t with the row k of the buffer: the power does not begin anew where an episode does.

    The first episode has its weights. Every later one has them times γ to the number of rows before it, so it counts
    less the more was done before, and far down a long buffer not at all.
    """
    before = np.cumsum(batches.lengths, axis=1) - batches.lengths
    weights = batches.powers * to_go(batches.rewards, batches.discount)
    return np.asarray(batches.discount ** before[..., None] * weights)


@_wrong("weights", _ONE_DISCOUNT)
def past_discount_alone(batches: Batches) -> Array:
    """The weight is γᵗ times the sum of the rewards to come, which are not discounted.

    Each reward r_k has the weight γᵏ in J, not γᵗ.
    """
    return np.asarray(batches.powers * to_go(batches.rewards, 1.0))


@_wrong("weights", _ONE_DISCOUNT)
def discount_counted_from_the_end(batches: Batches) -> Array:
    """The discount is counted from the end of the arrays: γ^{T−1−t} G_t.

    The powers stand in the opposite order. The first decision should count in full.
    """
    return np.asarray(batches.powers[::-1] * to_go(batches.rewards, batches.discount))


@_wrong("weights", _ONE_DISCOUNT)
def whole_return_discounted_by_step(batches: Batches) -> Array:
    """The weight is γᵗ R(τ).

    R(τ) is discounted from the start already. With the whole return no power stands before it.
    """
    return np.asarray(batches.powers * batches.returns[..., None])


@_wrong("weights", _WHAT_IT_DOES)
def return_left_out(batches: Batches) -> Array:
    """The weight is 1: the scores alone are summed, and no return stands beside them.

    A score has the mean 0, so the mean of this is 0: what was done is made more probable, whatever it earned.
    """
    return np.ones_like(batches.rewards)


@_wrong("weights", _SHAPES)
def mean_return_of_the_batch_for_every_decision(batches: Batches) -> Array:
    """The weight of every score is one number, the mean return of the batch.

    Of it only one's own return, the share 1/m, depends on what one did. So the mean is ∇J/m: the larger the batch, the
    less is learnt from it.
    """
    return np.broadcast_to(batches.returns.mean(axis=1)[:, None, None], batches.rewards.shape)


@_wrong("weights", _CAUSAL)
def own_reward_alone(batches: Batches) -> Array:
    """The weight is γᵗ r_t: a decision is credited with its own reward only.

    What comes later depends on the decision too.
    """
    return np.asarray(batches.powers * batches.rewards)


@_wrong("weights", _CAUSAL)
def rewards_of_the_past(batches: Batches) -> Array:
    """The weight is the sum of the rewards up to and with this step.

    The sum runs the wrong way. Earlier rewards do not depend on this decision, later ones do.
    """
    return np.asarray(np.cumsum(batches.powers * batches.rewards, axis=-1))


@_wrong("weights", _CAUSAL)
def own_reward_left_out(batches: Batches) -> Array:
    """The weight is the sum of the rewards after this step, without its own.

    The reward r_t is paid for a_t, so the sum begins with it.
    """
    later = to_go(batches.rewards, batches.discount) - batches.rewards
    return np.asarray(batches.powers * later)


@_wrong("weights", _CAUSAL)
def earlier_rewards_alone(batches: Batches) -> Array:
    """The weight is the sum of the rewards before this step.

    These are the very rewards that this decision cannot change: the mean is zero.
    """
    paid = batches.powers * batches.rewards
    return np.asarray(np.cumsum(paid, axis=-1) - paid)


@_wrong("weights", _CAUSAL)
def returns_not_turned_round(batches: Batches) -> Array:
    """The return is summed forwards: G_t = r_t + γ G_{t−1}.

    The loop over the rewards should run from the last to the first.
    """
    forwards = to_go(batches.rewards[..., ::-1], batches.discount)[..., ::-1]
    return np.asarray(batches.powers * forwards)


@_wrong("weights", _CAUSAL)
def returns_in_the_opposite_order(batches: Batches) -> Array:
    """The rewards-to-go stand in the opposite order.

    They were collected from the last to the first and not turned back: each decision has another one's weight.
    """
    right = to_go(batches.rewards, batches.discount)
    steps = np.arange(right.shape[-1])
    place = np.clip(batches.lengths[..., None] - 1 - steps, 0, None)
    return np.asarray(batches.powers * np.take_along_axis(right, place, axis=-1))


@_wrong("weights", _ONE_DISCOUNT)
def power_inside_the_recursion(batches: Batches) -> Array:
    """The recursion multiplies by γᵗ: G_t = r_t + γᵗ G_{t+1}.

    One step further is one more factor γ, whatever t is. The power γᵗ belongs before G_t, not into it.
    """
    total = np.array(batches.rewards, dtype=float)
    for t in range(total.shape[-1] - 2, -1, -1):
        total[..., t] += batches.powers[t] * total[..., t + 1]
    return np.asarray(batches.powers * total)


@_wrong("weights", _CRITIC)
def critic_for_what_comes_later(batches: Batches) -> Array:
    """The weight is γᵗ (r_t + γ V(s_{t+1})), with a critic that is not V. Here it is V(s) = Σ_a π(a|s) θ(s, a).

    The critic's error at the next state goes with the action that led there, so it does not average out. The exact V
    may stand for what comes.
    """
    after = np.where(_last(batches), 0.0, _critic(batches)[batches.states[..., 1:]])
    return np.asarray(batches.powers * (batches.rewards + batches.discount * after))


@_wrong("weights", _REWARDS)
def final_reward_alone(batches: Batches) -> Array:
    """The weight is the last reward of the episode.

    Rewards on the way belong to the return as well.
    """
    last = np.sum(np.where(_last(batches), batches.powers * batches.rewards, 0.0), axis=-1, keepdims=True)
    return np.broadcast_to(last, batches.rewards.shape)


@_wrong("weights", _OBJECTIVE)
def mean_reward_to_go(batches: Batches) -> Array:
    """The weight is the mean of the rewards to come instead of their sum.

    J sums rewards. A mean per step makes long and short episodes alike.
    """
    left = np.maximum(batches.lengths[..., None] - np.arange(batches.actions.shape[-1]), 1)
    return np.asarray(batches.powers * to_go(batches.rewards, batches.discount) / left)


@_wrong("weights", _PER_STEP)
def return_divided_by_length(batches: Batches) -> Array:
    """The return is divided by the length of its own episode.

    The length is random and goes with the return. R(τ) so divided belongs to another objective, E[R/length]; the
    rewards-to-go so divided belong to none: in general their mean is the gradient of no function.
    """
    return np.asarray(
        batches.powers * to_go(batches.rewards, batches.discount) / np.maximum(batches.lengths, 1)[..., None]
    )


@_wrong("weights", _OBJECTIVE)
def return_squared(batches: Batches) -> Array:
    """The weight is γᵗ G_t²: the return from the step on is squared.

    What a very bad walk did is then made more probable too. With R(τ)² the mean would be the gradient of E[R²]; with
    G_t² it is in general the gradient of no function.
    """
    return np.asarray(batches.powers * to_go(batches.rewards, batches.discount) ** 2)


@_wrong("weights", _OBJECTIVE)
def exponential_of_the_return(batches: Batches) -> Array:
    """The weight is γᵗ exp(G_t).

    A gamble then counts more than a sure payment of the same mean. With exp(R(τ)) the mean would be the gradient of
    E[exp R]; with exp(G_t) it is in general the gradient of no function.
    """
    return np.asarray(batches.powers * np.exp(to_go(batches.rewards, batches.discount)))


@_wrong("weights", _OBJECTIVE)
def sign_of_the_return(batches: Batches) -> Array:
    """The weight is the sign of the return.

    How much a walk earned no longer counts.
    """
    return np.asarray(batches.powers * np.sign(to_go(batches.rewards, batches.discount)))


@_wrong("weights", _WHAT_IT_DOES)
def negative_returns_left_out(batches: Batches) -> Array:
    """Weights below zero are set to 0.

    What earns less than nothing is then not made less probable.
    """
    return np.asarray(batches.powers * np.maximum(to_go(batches.rewards, batches.discount), 0))


@_wrong("weights", _REWARDS, "rl-starter-files 8", "PufferLib 445")
def returns_run_over_the_ends(batches: Batches) -> Array:
    """The return runs on into the next episode of the buffer.

    Where an episode ended nothing more is paid: the recursion must be cut there.
    """
    n, m, steps = batches.rewards.shape
    total = np.zeros((n, m, steps))
    running = np.zeros(n)
    for i in range(m - 1, -1, -1):
        for t in range(steps - 1, -1, -1):
            here = batches.active[:, i, t]
            running = np.where(here, batches.rewards[:, i, t] + batches.discount * running, running)
            total[:, i, t] = running
    return np.asarray(batches.powers * total)


@_wrong("weights", _REWARDS, "RoboVerse 814", "rlevo 342")
def returns_cut_by_the_flag_of_the_next_step(batches: Batches) -> Array:
    """The return is cut by the flag of the row after: G_i = r_i + γ G_{i+1} (1 − done_{i+1}).

    The flag of a step says whether *it* was the last. One row too far, the last reward of an episode is lost to all
    decisions before it, and the last decision is paid for the next episode.
    """
    return _along_the_buffer(batches, 1)


@_wrong("weights", _REWARDS)
def returns_cut_by_the_flag_of_the_step_before(batches: Batches) -> Array:
    """The return is cut by the flag of the row before: G_i = r_i + γ G_{i+1} (1 − done_{i−1}).

    The flag of a step says whether *it* was the last. One row too early, an episode is paid for what follows it, and
    the first decision of each episode but the first has nothing but its own reward.
    """
    return _along_the_buffer(batches, -1)


# ---- baseline: what is subtracted, and by what it is divided --------------------------------------------------------


@_wrong("baseline", _STANDARDISING)
def mean_of_the_batch_subtracted(batches: Batches, weights: Array) -> Array:
    """The mean weight of the batch at the same step is subtracted, one's own among it.

    A baseline must not depend on the action. One's own return does, and its share of the mean is taken away.
    """
    here = np.maximum(batches.active.sum(axis=1, keepdims=True), 1)
    return np.asarray(weights - weights.sum(axis=1, keepdims=True) / here)


@_wrong("baseline", _STANDARDISING)
def mean_over_all_steps_subtracted(batches: Batches, weights: Array) -> Array:
    """The mean weight over all steps of the batch is subtracted.

    One's own weights are among it, and early and late steps are thrown together.
    """
    return np.asarray(weights - _over_decisions(batches, weights))


@_wrong("baseline", _STANDARDISING, "Deep-Reinforcement-Learning-Hands-On 33")
def standardised_per_episode(batches: Batches, weights: Array) -> Array:
    """The weights of each episode are standardised, mean 0 and deviation 1.

    Then a good and a bad episode look alike: what is compared is early with late, not good with bad.
    """
    mean = _within(batches, weights)
    deviation = np.sqrt(_within(batches, (weights - mean) ** 2))
    return np.asarray((weights - mean) / (deviation + 1e-8))


@_wrong("baseline", _STANDARDISING)
def standardised_over_the_batch(batches: Batches, weights: Array) -> Array:
    """The weights of the batch are standardised, mean 0 and deviation 1.

    The mean holds one's own return, and the deviation changes from batch to batch: the mean of a ratio is not the
    ratio of means.
    """
    mean = _over_decisions(batches, weights)
    deviation = np.sqrt(_over_decisions(batches, (weights - mean) ** 2))
    return np.asarray((weights - mean) / (deviation + 1e-8))


@_wrong("baseline", _STANDARDISING, "huggingface/deep-rl-class, unit 4")
def standardised_per_episode_with_one_less(batches: Batches, weights: Array) -> Array:
    """The weights of each episode are standardised, with the deviation of PyTorch, which divides by one less.

    A good and a bad episode look alike. And an episode of one step has no such deviation: it is 0/0.
    """
    return _with_one_less(batches, weights, _within(batches, weights), (2,))


@_wrong("baseline", _STANDARDISING)
def standardised_over_the_batch_with_one_less(batches: Batches, weights: Array) -> Array:
    """The weights of the batch are standardised, with the deviation of PyTorch, which divides by one less.

    The mean holds one's own return, and the deviation changes from batch to batch.
    """
    return _with_one_less(batches, weights, _over_decisions(batches, weights), (1, 2))


@_wrong("baseline", _STANDARDISING, "CleanRL, ppo: norm_adv")
def standardised_per_mini_batch(batches: Batches, weights: Array) -> Array:
    """The weights are standardised within mini-batches, here of two decisions each, in the order of the buffer.

    Whom a decision is compared with is then left to where the buffer is divided, and two decisions that differ get the
    weights 1 and −1, however much they do.
    """
    flat, here = weights.reshape(len(weights), -1), batches.active.reshape(len(weights), -1)
    place = np.cumsum(here, axis=1) - 1
    mates = here[:, :, None] & here[:, None, :] & (place[:, :, None] // 2 == place[:, None, :] // 2)
    count = np.maximum(mates.sum(axis=2), 1)
    mean = np.einsum("bij,bj->bi", mates, flat) / count
    deviation = np.sqrt(np.einsum("bij,bij->bi", mates, (flat[:, None, :] - mean[:, :, None]) ** 2) / count)
    return np.asarray(((flat - mean) / (deviation + 1e-8)).reshape(weights.shape))


@_wrong("baseline", _STANDARDISING)
def standardised_at_each_step(batches: Batches, weights: Array) -> Array:
    """The weights of the batch are standardised for each step by itself.

    The mean over the episodes holds one's own return, and the deviation is another random number at each step.
    """
    count = np.maximum(batches.active.sum(axis=1, keepdims=True), 1)
    mean = weights.sum(axis=1, keepdims=True) / count
    off = np.where(batches.active, weights - mean, 0.0)
    return np.asarray(off / (np.sqrt((off**2).sum(axis=1, keepdims=True) / count) + 1e-8))


@_wrong("baseline", _CRITIC)
def critic_of_the_next_state_subtracted(batches: Batches, weights: Array) -> Array:
    """The baseline is the critic's value of the state that the action led to. Here V(s) = Σ_a π(a|s) θ(s, a).

    The next state depends on the action, so this takes away what the action earned. A baseline looks at s_t.
    """
    return np.asarray(weights - batches.powers * _critic(batches)[batches.states[..., 1:]])


@_wrong("baseline", _SHAPES)
def mean_weight_of_the_batch_for_every_decision(batches: Batches, weights: Array) -> Array:
    """The weight of every score is one number, the mean of the weights over all steps of the batch.

    The mean was taken before the product. So a decision is no longer paid for what followed it, and of the number only
    the share of its own walk depends on it.
    """
    return np.broadcast_to(_over_decisions(batches, weights), weights.shape)


@_wrong("baseline", _STANDARDISING)
def divided_by_the_deviation(batches: Batches, weights: Array) -> Array:
    """The weights are divided by their deviation over the batch.

    The deviation depends on the batch, so a batch that varies little counts more.
    """
    mean = _over_decisions(batches, weights)
    deviation = np.sqrt(_over_decisions(batches, (weights - mean) ** 2))
    return np.asarray(weights / (deviation + 1e-8))


@_wrong("baseline", _STANDARDISING)
def divided_by_the_largest(batches: Batches, weights: Array) -> Array:
    """The weights are divided by the largest of the batch, whatever its sign.

    The largest is random and goes with the weights.
    """
    largest = np.abs(weights).max(axis=(1, 2), keepdims=True)
    return np.asarray(weights / np.maximum(largest, 1e-8))


@_wrong("baseline", _BASELINE)
def best_of_the_batch_subtracted(batches: Batches, weights: Array) -> Array:
    """The largest weight of the batch is subtracted.

    It may be one's own, and then the best walk is not made more probable at all.
    """
    shown = np.where(batches.active, weights, -np.inf).max(axis=(1, 2), keepdims=True)
    return np.asarray(weights - np.where(np.isfinite(shown), shown, 0.0))


@_wrong("baseline", _BASELINE)
def worst_of_the_batch_subtracted(batches: Batches, weights: Array) -> Array:
    """The smallest weight of the batch is subtracted.

    It may be one's own, and it depends on the action then.
    """
    shown = np.where(batches.active, weights, np.inf).min(axis=(1, 2), keepdims=True)
    return np.asarray(weights - np.where(np.isfinite(shown), shown, 0.0))


@_wrong("baseline", _BASELINE)
def baseline_of_state_and_action(batches: Batches, weights: Array) -> Array:
    """The mean weight of the same state and action in the batch is subtracted.

    A baseline that knows the action takes away what the action earns.
    """
    return np.asarray(weights - _mean_of_alike(batches, weights, with_action=True))


@_wrong("baseline", _BASELINE)
def mean_of_the_same_state_in_the_batch(batches: Batches, weights: Array) -> Array:
    """The mean weight of the same state in the batch is subtracted, one's own among it.

    V(s) of the policy is a baseline, an average that holds one's own return is none.
    """
    return np.asarray(weights - _mean_of_alike(batches, weights, with_action=False))


@_wrong("baseline", _WHAT_IT_DOES)
def weights_clipped(batches: Batches, weights: Array) -> Array:
    """Weights are clipped to [−1, 1].

    What is large counts too little, and the mean of a clipped number is not the clipped mean.
    """
    return np.clip(weights, -1, 1)


@_wrong("baseline", _STANDARDISING)
def softmax_of_the_weights(batches: Batches, weights: Array) -> Array:
    """The weights of the batch are passed through a softmax, so that they sum to 1.

    Then no weight is negative, and what each is divided by goes with the weights of the batch.
    """
    shown = np.where(batches.active, weights, -np.inf)
    powers = np.exp(shown - np.maximum(shown.max(axis=(1, 2), keepdims=True), -1e300))
    return np.asarray(powers / np.maximum(powers.sum(axis=(1, 2), keepdims=True), 1e-300))


# ---- scores: ∇log π -------------------------------------------------------------------------------------------------


@_wrong("scores", _SOFTMAX)
def probabilities_not_subtracted(batches: Batches) -> Array:
    """The score is 1 at the action taken, without −π(a|s).

    To raise one logit lowers the probability of the other actions. Without −π the mean of the score is not zero.
    """
    return pairs(batches, batches.states[..., :-1], batches.actions)


@_wrong("scores", _LOG)
def one_over_pi_for_the_score(batches: Batches) -> Array:
    """The score is 1/π at the action taken.

    1/π is the derivative of log π by π. The chain rule goes on to θ.
    """
    return np.asarray(pairs(batches, batches.states[..., :-1], batches.actions) / batches.probabilities)


@_wrong("scores", _LOG)
def gradient_of_pi_for_that_of_its_logarithm(batches: Batches) -> Array:
    """∇π stands in the place of ∇log π.

    The walks are drawn with probability π already. Without the logarithm it counts twice.
    """
    taken = pairs(batches, batches.states[..., :-1], batches.actions)
    probability = np.einsum("bmtsa,sa->bmt", taken, batches.probabilities)
    return np.asarray(probability[..., None, None] * RIGHT["scores"](batches))


@_wrong("scores", _SOFTMAX)
def softmax_over_the_states(batches: Batches) -> Array:
    """The softmax is taken over the wrong axis, over states instead of actions.

    In each state the probabilities of the actions sum to one, not those of a column.
    """
    taken = pairs(batches, batches.states[..., :-1], batches.actions)
    columns = np.exp(log_softmax(batches.theta, axis=0))
    return np.asarray(taken - taken.sum(axis=-1, keepdims=True) * columns)


@_wrong("scores", _SOFTMAX, "DeepReinforcementLearningInAction 32")
def logarithm_of_a_softmax_over_the_states(batches: Batches) -> Array:
    """The score is ∇ of the logarithm of a softmax over the wrong axis, over states instead of actions.

    Then states compete for an action, and not actions for a state: in its own state nothing is lowered.
    """
    taken = pairs(batches, batches.states[..., :-1], batches.actions)
    columns = np.exp(log_softmax(batches.theta, axis=0))
    return np.asarray(taken - taken.sum(axis=-2, keepdims=True) * columns)


@_wrong("scores", _LOGITS, "pytorch 61727")
def probabilities_taken_for_logits(batches: Batches) -> Array:
    """The probabilities are passed as logits: log softmax(π) instead of log π.

    A distribution that takes logits applies the softmax itself.
    """
    pi = batches.probabilities
    second = np.exp(log_softmax(pi))
    taken = pairs(batches, batches.states[..., :-1], batches.actions)
    outer = taken - taken.sum(axis=-1, keepdims=True) * second
    return np.asarray(pi * (outer - np.sum(pi * outer, axis=-1, keepdims=True)))


@_wrong("scores", _SOFTMAX)
def likeliest_action_for_the_one_taken(batches: Batches) -> Array:
    """The score of the likeliest action is taken, whatever was done.

    The weight belongs to the action that was taken.
    """
    likeliest = batches.theta.argmax(axis=1)[batches.states[..., :-1]]
    return np.asarray(RIGHT["scores"](batches.changed(actions=likeliest)))


@_wrong("scores", _TRAJECTORIES)
def scores_of_another_theta(batches: Batches) -> Array:
    """The scores are those of θ = 0, not of the θ with which the walks were drawn.

    Walks of one policy have the mean of another only with importance ratios.
    """
    return np.asarray(RIGHT["scores"](batches.changed(theta=np.zeros_like(batches.theta))))


@_wrong("scores", _TRAJECTORIES)
def ratio_to_another_policy(batches: Batches) -> Array:
    """The score is multiplied by π_θ(a|s) over the probability under another policy, here that of θ/2.

    The walks were drawn by π_θ itself. The ratio is 1, and so is its value in the first step of every method with one.
    """
    ratios = batches.probabilities / np.exp(log_softmax(batches.theta / 2))
    return np.asarray(_chances(batches, ratios)[..., None, None] * RIGHT["scores"](batches))


@_wrong("scores", _SOFTMAX)
def probabilities_added(batches: Batches) -> Array:
    """The score is 1 + π at the action taken and π elsewhere.

    A sign is wrong: the logits of a softmax have the score 1 − π and −π.
    """
    taken = pairs(batches, batches.states[..., :-1], batches.actions)
    return np.asarray(taken + taken.sum(axis=-1, keepdims=True) * batches.probabilities)


@_wrong("scores", _SOFTMAX)
def all_actions_scored(batches: Batches) -> Array:
    """The scores of all actions are summed, not that of the one taken.

    What the action taken earned is credited to all of them.
    """
    here = pairs(batches, batches.states[..., :-1], batches.actions).sum(axis=-1, keepdims=True)
    return np.asarray(here * (1 - batches.theta.shape[1] * batches.probabilities))


@_wrong("scores", _SOFTMAX)
def temperature_forgotten(batches: Batches) -> Array:
    """The score is that of a softmax with half the logits.

    A temperature stands in the score and not in the policy that was run.
    """
    return np.asarray(RIGHT["scores"](batches.changed(theta=batches.theta / 2)) / 2)


@_wrong("scores", _SCORES)
def repeated_visits_overwritten(batches: Batches) -> Array:
    """Of several visits to one state in an episode only the last is scored.

    Scores are assigned to a table instead of being added to it.
    """
    return _one_visit(batches, last=True)


@_wrong("scores", _SCORES)
def first_visit_alone(batches: Batches) -> Array:
    """Of several visits to one state in an episode only the first is scored.

    Every decision moves the probability of the walk, the second visit as well.
    """
    return _one_visit(batches, last=False)


# ---- mean: how the terms are put together ---------------------------------------------------------------------------


@_wrong("mean", _REINFORCE)
def sum_over_the_episodes(batches: Batches, weights: Array, scores: Array) -> Array:
    """The episodes are summed, not averaged.

    The direction is right, and the length grows with the number of episodes: a step size in disguise.
    """
    return np.asarray(np.einsum("bmt,bmtsa->bsa", weights, scores))


@_wrong("mean", _PER_STEP)
def mean_over_the_steps_of_the_batch(batches: Batches, weights: Array, scores: Array) -> Array:
    """The sum is divided by the number of steps of the batch.

    That number is random where episodes end, so this is a ratio, and its mean is not ∇J times a constant.
    """
    total = np.einsum("bmt,bmtsa->bsa", weights, scores)
    return np.asarray(total / np.maximum(batches.lengths.sum(axis=1), 1)[:, None, None])


@_wrong("mean", _PER_STEP)
def mean_over_the_steps_of_each_episode(batches: Batches, weights: Array, scores: Array) -> Array:
    """Each episode is averaged over its own steps.

    A long episode then counts less for each of its decisions.
    """
    each = np.einsum("bmt,bmtsa->bmsa", weights, scores)
    return np.asarray((each / np.maximum(batches.lengths, 1)[..., None, None]).mean(axis=1))


@_wrong("mean", _PER_STEP)
def mean_over_padded_steps(batches: Batches, weights: Array, scores: Array) -> Array:
    """The mean is taken over all entries of the padded arrays.

    The direction is right, and the length is divided by T: a step size in disguise.
    """
    return np.asarray(RIGHT["mean"](batches, weights, scores) / batches.actions.shape[-1])


@_wrong("mean", _SHAPES, "Deep-Reinforcement-Learning-Hands-On 74")
def every_score_with_every_weight(batches: Batches, weights: Array, scores: Array) -> Array:
    """Every score is multiplied by every weight: an array (B, 1) was broadcast against (B,).

    The mean of a product became the product of means, and a score has the mean zero.
    """
    steps = np.maximum(batches.lengths.sum(axis=1), 1)[:, None, None]
    return np.asarray(weights.sum(axis=(1, 2))[:, None, None] / steps * scores.sum(axis=(1, 2)) / steps)


@_wrong("mean", _CAUSAL)
def every_score_with_all_of_its_weights(batches: Batches, weights: Array, scores: Array) -> Array:
    """Within an episode the sum of the scores is multiplied by the sum of the weights.

    A reward then counts once for each weight that holds it: a late one more often than an early one with rewards-to-go,
    and one of a long episode more often than one of a short with whole returns.
    """
    return np.asarray(np.einsum("bm,bmsa->bsa", weights.sum(axis=2), scores.sum(axis=2)) / weights.shape[1])


@_wrong("mean", _SCORES)
def mean_over_the_visits(batches: Batches, weights: Array, scores: Array) -> Array:
    """The row of each state is divided by the number of its visits in the batch.

    A state that is visited often should count more, by just that number.
    """
    total = np.einsum("bmt,bmtsa->bsa", weights, scores)
    visits = pairs(batches, batches.states[..., :-1], batches.actions).sum(axis=(1, 2, 4))
    return np.asarray(total / np.maximum(visits, 1)[..., None])


@_wrong("mean", _TRAJECTORIES)
def last_episode_dropped(batches: Batches, weights: Array, scores: Array) -> Array:
    """The last episode of a batch is left out of the sum and counted in the mean.

    The batch is one shorter than the number that it is divided by.
    """
    return np.asarray(np.einsum("bmt,bmtsa->bsa", weights[:, :-1], scores[:, :-1]) / weights.shape[1])


# ---- after: what happens to the gradient ----------------------------------------------------------------------------


@_wrong("after", _UPDATE)
def downhill(batches: Batches, gradient: Array) -> Array:
    """The gradient has the opposite sign.

    A loss is lowered and J is raised: the loss is −J.
    """
    return np.asarray(-gradient)


@_wrong("after", _UPDATE)
def scaled_to_length_one(batches: Batches, gradient: Array) -> Array:
    """The estimate is divided by its own length.

    The length is random, so that batches with a small gradient count too much.
    """
    length = np.sqrt((gradient**2).sum(axis=(1, 2), keepdims=True))
    return np.asarray(gradient / np.maximum(length, 1e-12))


@_wrong("after", _UPDATE)
def clipped_to_a_length(batches: Batches, gradient: Array) -> Array:
    """An estimate that is longer than 0.5 is shortened to it.

    Rare and long estimates carry much of the mean.
    """
    length = np.sqrt((gradient**2).sum(axis=(1, 2), keepdims=True))
    return np.asarray(gradient * np.minimum(1.0, 0.5 / np.maximum(length, 1e-12)))


@_wrong("after", _UPDATE)
def signs_of_the_gradient(batches: Batches, gradient: Array) -> Array:
    """Each component is replaced by its sign.

    What is rare and large is outvoted by what is frequent and small.
    """
    return np.sign(np.where(np.abs(gradient) < 1e-12, 0.0, gradient))


@_wrong("after", _UPDATE)
def step_size_included(batches: Batches, gradient: Array) -> Array:
    """The gradient is multiplied by the step size 0.01.

    The direction is right. The step size belongs to the update.
    """
    return np.asarray(0.01 * gradient)


@_wrong("after", _UPDATE)
def updated_parameters_returned(batches: Batches, gradient: Array) -> Array:
    """θ + ĝ is returned, not ĝ.

    What is asked for is the gradient, not the parameters after a step.
    """
    return np.asarray(batches.theta + gradient)


@_wrong("after", _UPDATE)
def weight_decay_included(batches: Batches, gradient: Array) -> Array:
    """0.1 θ is subtracted from the gradient.

    This is the gradient of J less a penalty on θ.
    """
    return np.asarray(gradient - 0.1 * batches.theta)


@_wrong("after", _UPDATE, "pg-is-all-you-need 37")
def entropy_bonus_included(batches: Batches, gradient: Array) -> Array:
    """0.1 times the gradient of the policy's entropy is added, in all states.

    This is the gradient of J plus a bonus, and its best policy is more random.
    """
    pi = batches.probabilities
    logs = log_softmax(batches.theta)
    entropy = -(pi * logs).sum(axis=1, keepdims=True)
    return np.asarray(gradient - 0.1 * pi * (logs + entropy))


@_wrong("after", _RATIO, "PPO-PyTorch 12", "GRPO-Zero 4")
def ratio_held_constant(batches: Batches, gradient: Array) -> Array:
    """The gradient is 0: in the ratio π/π_old both sides are constants, or both follow θ.

    At the first step the ratio is 1, but its gradient is the score. Only π_old is to be held constant.
    """
    return np.zeros_like(gradient)


@_wrong("after", _HELD, "keras-io 194")
def critic_not_detached(batches: Batches, gradient: Array) -> Array:
    """The loss (G − V) log π also differentiates V, which shares parameters with π. Here V(s) = Σ_a π(a|s) θ(s, a).

    It then raises V, most where the action taken was improbable. In the policy's loss the advantage is a number, to be
    detached.
    """
    pi = batches.probabilities
    slope = pi * (1 + batches.theta - _critic(batches)[:, None])
    logs = np.where(batches.active, np.log(np.where(batches.active, _chances(batches, pi), 1.0)), 0.0)
    decided = pairs(batches, batches.states[..., :-1], batches.actions).sum(axis=-1)
    through = np.einsum("bmt,bmts,sa->bsa", batches.powers * logs, decided, slope)
    return np.asarray(gradient - through / batches.episodes)


@_wrong("after", _WHAT_IT_DOES)
def losses_of_probability_left_out(batches: Batches, gradient: Array) -> Array:
    """Components below zero are set to 0.

    Somewhere stands a maximum with zero. Then no preference is ever lowered, and what should fall can fall only behind
    others that rise.
    """
    return np.maximum(gradient, 0)


# ---- parts ----------------------------------------------------------------------------------------------------------


def _last(batches: Batches) -> NDArray[np.bool_]:
    """The last decision of each episode."""
    steps = np.arange(batches.actions.shape[-1])
    return np.asarray(steps == batches.lengths[..., None] - 1)


def _without(batches: Batches, lost: NDArray[np.bool_]) -> dict[str, NDArray[np.generic]]:
    return {"active": batches.active & ~lost, "rewards": np.where(lost, 0.0, batches.rewards)}


def _first_holds_all(batches: Batches) -> Array:
    """Rewards with the whole return at the first step."""
    rewards = np.zeros_like(batches.rewards)
    rewards[..., 0] = batches.returns
    return rewards


def _steps_before(batches: Batches) -> tuple[NDArray[np.intp], int]:
    """How many steps stand in the batch before each episode, shape (B, m), and how many are enough: half of m·T."""
    before = np.cumsum(batches.lengths, axis=1) - batches.lengths
    m, horizon = batches.actions.shape[-2:]
    return np.asarray(before), (m * horizon + 1) // 2


def _along_the_buffer(batches: Batches, ahead: int) -> Array:
    """γᵗ G_i over all rows of a buffer, episodes one after the other, cut by the flag of the row i + ahead."""
    rewards, active = batches.rewards, batches.active
    total = np.zeros(rewards.shape)
    for number, (rows, paid) in enumerate(zip(active, rewards, strict=True)):
        done, r = _last(batches)[number][rows], paid[rows]
        shifted = np.concatenate([done[1:], [True]]) if ahead > 0 else np.concatenate([[False], done[:-1]])
        for i in range(len(r) - 2, -1, -1):
            r[i] += batches.discount * r[i + 1] * (1 - shifted[i])
        total[number][rows] = r
    return np.asarray(batches.powers * total)


def _critic(batches: Batches) -> Array:
    """A critic that shares its parameters with the policy: V(s) = Σ_a π(a|s) θ(s, a), shape (S,)."""
    return np.asarray((batches.probabilities * batches.theta).sum(axis=1))


def _chances(batches: Batches, probabilities: Array) -> Array:
    """What a table (S, A), such as π, holds for the state and the action of each decision, shape (B, m, T)."""
    taken = pairs(batches, batches.states[..., :-1], batches.actions)
    return np.asarray(np.einsum("bmtsa,sa->bmt", taken, probabilities))


def _with_one_less(batches: Batches, weights: Array, mean: Array, axes: tuple[int, ...]) -> Array:
    """Weights less a mean, divided by the deviation along some axes that divides by one less than the number."""
    off = np.where(batches.active, weights - mean, 0.0)
    count = np.maximum(batches.active.sum(axis=axes, keepdims=True) - 1, 1)
    return np.asarray(off / (np.sqrt((off**2).sum(axis=axes, keepdims=True) / count) + 1e-8))


def _of_some(batches: Batches, kept: NDArray[np.bool_]) -> Batches:
    """The batch with the other episodes emptied; they still count in the mean unless told."""
    here = kept[..., None]
    return batches.changed(active=batches.active & here, rewards=np.where(here, batches.rewards, 0.0))


def _over_decisions(batches: Batches, numbers: Array) -> Array:
    """The mean over all decisions of a batch, shape (B, 1, 1)."""
    count = np.maximum(batches.active.sum(axis=(1, 2), keepdims=True), 1)
    return np.asarray(np.where(batches.active, numbers, 0.0).sum(axis=(1, 2), keepdims=True) / count)


def _within(batches: Batches, numbers: Array) -> Array:
    """The mean over the decisions of each episode, shape (B, m, 1)."""
    count = np.maximum(batches.active.sum(axis=2, keepdims=True), 1)
    return np.asarray(np.where(batches.active, numbers, 0.0).sum(axis=2, keepdims=True) / count)


def _mean_of_alike(batches: Batches, weights: Array, with_action: bool) -> Array:
    """For each decision the mean weight of those in the same state, and of the same action where told."""
    places = pairs(batches, batches.states[..., :-1], batches.actions)
    if not with_action:
        places = places.sum(axis=-1, keepdims=True)
    flat = places.reshape(*weights.shape, -1)
    count = flat.sum(axis=(1, 2))
    mean = np.einsum("bmt,bmtk->bk", weights, flat) / np.maximum(count, 1)
    return np.asarray(np.einsum("bk,bmtk->bmt", mean, flat))


def _one_visit(batches: Batches, last: bool) -> Array:
    """Scores where a state's other visits of the episode are left out."""
    scores = RIGHT["scores"](batches)
    visits = pairs(batches, batches.states[..., :-1], batches.actions).sum(axis=-1)
    ordered = visits[..., ::-1, :] if last else visits
    before = np.cumsum(ordered, axis=2) - ordered
    before = before[..., ::-1, :] if last else before
    return np.asarray(scores * (before == 0)[..., None])
