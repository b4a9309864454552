"""Wrong answers to the exercises of practice: programs as they are found, and half of a repair."""

import numpy as np

from exercises_wrong_answers import Collection

HERE = Collection("practice")
wrong = HERE.wrong


@wrong("surrogate_loss", "PyTorch's mean of everything, and a minus")
def _(log_pi, weights, mask):
    return -(log_pi * weights).mean()


@wrong("surrogate_loss", "mean over the real steps")
def _(log_pi, weights, mask):
    return -(log_pi * weights)[mask].mean()


@wrong("surrogate_loss", "no minus, all else right")
def _(log_pi, weights, mask):
    return (log_pi * weights * mask).sum(axis=1).mean()


@wrong("surrogate_loss", "mean per episode, then over episodes, and no minus")
def _(log_pi, weights, mask):
    return np.mean([np.mean((a * b)[c]) for a, b, c in zip(log_pi, weights, mask, strict=True)])


@wrong("entropy_slope", "gradient of the mean of minus log pi")
def _(logits):
    pi = np.exp(logits) / np.exp(logits).sum()
    return -(pi @ (np.eye(len(logits)) - pi))


@wrong("entropy_slope", "minus log pi minus one")
def _(logits):
    pi = np.exp(logits) / np.exp(logits).sum()
    return -(np.log(pi) + 1)


@wrong("entropy_slope", "the entropy itself")
def _(logits):
    pi = np.exp(logits) / np.exp(logits).sum()
    return -np.sum(pi * np.log(pi))


@wrong("log_softmax", "axis 0")
def _(logits):
    shifted = logits - logits.max(axis=0)
    return shifted - np.log(np.exp(shifted).sum(axis=0))


@wrong("log_softmax", "no shift")
def _(logits):
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


@wrong("log_softmax", "probabilities")
def _(logits):
    e = np.exp(logits - logits.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@wrong("advantages_with_cuts", "done is ended or cut, used for both")
def _(rewards, values, next_values, ended, cut, discount, gae_lambda):
    out, running = np.zeros(len(rewards)), 0.0
    for t in reversed(range(len(rewards))):
        on = 1.0 - (ended[t] or cut[t])
        running = rewards[t] + discount * next_values[t] * on - values[t] + discount * gae_lambda * on * running
        out[t] = running
    return out


@wrong("advantages_with_cuts", "only ended, used for both")
def _(rewards, values, next_values, ended, cut, discount, gae_lambda):
    out, running = np.zeros(len(rewards)), 0.0
    for t in reversed(range(len(rewards))):
        on = 1.0 - ended[t]
        running = rewards[t] + discount * next_values[t] * on - values[t] + discount * gae_lambda * on * running
        out[t] = running
    return out


@wrong("advantages_with_cuts", "the critic fills in after an end too")
def _(rewards, values, next_values, ended, cut, discount, gae_lambda):
    out, running = np.zeros(len(rewards)), 0.0
    for t in reversed(range(len(rewards))):
        on = 1.0 - (ended[t] or cut[t])
        running = rewards[t] + discount * next_values[t] - values[t] + discount * gae_lambda * on * running
        out[t] = running
    return out


@wrong("group_weights", "GRPO")
def _(rewards):
    return (rewards - rewards.mean(axis=1, keepdims=True)) / (rewards.std(axis=1, ddof=1, keepdims=True) + 1e-12)


@wrong("group_weights", "without the deviation")
def _(rewards):
    return rewards - rewards.mean(axis=1, keepdims=True)


@wrong("group_weights", "mean of the batch")
def _(rewards):
    return rewards - rewards.mean()


@wrong("squashed_log_density", "log prob of the normal")
def _(z, mean, log_sigma):
    sigma = np.exp(log_sigma)
    return -((z - mean) ** 2) / (2 * sigma**2) - log_sigma - 0.5 * np.log(2 * np.pi)


@wrong("squashed_log_density", "with 1e-6, as the original")
def _(z, mean, log_sigma):
    sigma = np.exp(log_sigma)
    log_prob = -((z - mean) ** 2) / (2 * sigma**2) - log_sigma - 0.5 * np.log(2 * np.pi)
    return log_prob - np.log(1 - np.tanh(z) ** 2 + 1e-6)


@wrong("squashed_log_density", "plus for minus")
def _(z, mean, log_sigma):
    sigma = np.exp(log_sigma)
    log_prob = -((z - mean) ** 2) / (2 * sigma**2) - log_sigma - 0.5 * np.log(2 * np.pi)
    return log_prob - 2 * np.log(np.cosh(z))


@wrong("throttle_estimate", "clipped, over sigma")
def _(z, payments, mean, sigma, low, high):
    return np.mean((np.clip(z, low, high) - mean) / sigma * payments)


@wrong("throttle_estimate", "clipped")
def _(z, payments, mean, sigma, low, high):
    return np.mean((np.clip(z, low, high) - mean) / sigma**2 * payments)


@wrong("throttle_estimate", "only draws inside")
def _(z, payments, mean, sigma, low, high):
    inside = (z > low) & (z < high)
    return np.mean(((z - mean) / sigma**2 * payments)[inside])


@wrong("scaled_step", "plain")
def _(gradient, log_sigma, alpha):
    return alpha * gradient


@wrong("scaled_step", "sigma squared for both")
def _(gradient, log_sigma, alpha):
    return alpha * np.exp(log_sigma) ** 2 * gradient


@wrong("scaled_step", "sigma for the mean")
def _(gradient, log_sigma, alpha):
    return alpha * np.array([np.exp(log_sigma) * gradient[0], gradient[1] / 2])


@wrong("clipped_ratio_slope", "zero outside on both sides")
def _(log_pi, log_old, advantages, epsilon):
    ratio = np.exp(log_pi - log_old)
    inside = (ratio > 1 - epsilon) & (ratio < 1 + epsilon)
    return inside * ratio * advantages


@wrong("clipped_ratio_slope", "no ratio")
def _(log_pi, log_old, advantages, epsilon):
    ratio = np.exp(log_pi - log_old)
    kept = ~(((advantages > 0) & (ratio > 1 + epsilon)) | ((advantages < 0) & (ratio < 1 - epsilon)))
    return kept * advantages


@wrong("clipped_ratio_slope", "objective")
def _(log_pi, log_old, advantages, epsilon):
    ratio = np.exp(log_pi - log_old)
    return np.minimum(ratio * advantages, np.clip(ratio, 1 - epsilon, 1 + epsilon) * advantages)


HERE.say("surrogate_value", objective=2, without_payments=-0.693, a_loss=1.386, sum=-2.773)
HERE.say("target_at_a_cut", ended=-3, no_discount=2, target=5.5)
HERE.say("mean_over_one_walk", over_walks=-0.5, ratio_of_means=-0.125, sum=5 / 7)
HERE.say("weight_of_a_hard_question", variance=12.755, alike=1, chances=25, the_other_way_round=0.28)
HERE.say("pull_of_a_bound", unbiased=0, variance=-12.77, sign=3.19, one=-1.596)
HERE.say("honest_divisor", tokens="a", answers="b", padded="d")
HERE.say("ordered_update", critic_first="d b a g c", old_after="d a g e f", critic_at_once="d f a g c")
HERE.say("seeds_needed", of_one=16, one_error=8, added=64)
