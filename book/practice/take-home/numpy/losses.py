"""The gradients of two losses in NumPy, which differentiates nothing.

An actor–critic's, and the clipped one of PPO. Both lead uphill, and
both are tested against exact gradients.
"""

import numpy as np


def log_softmax(preferences):
    """Return log π of logits, without an overflow."""
    shifted = preferences - preferences.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def actor_critic_gradient(
    theta, values, states, actions, rewards, mask, discount,
    entropy_weight=0.01, value_weight=0.5,
):
    """Return what to add to theta and to values, times a step size.

    theta is a table of preferences (states, actions), values a table
    (states,), the other arrays (walks, times) are from walks that have
    ended. mask is True where a decision was taken.
    """
    log_pi = log_softmax(theta)
    pi = np.exp(log_pi)
    entropy = -(pi * log_pi).sum(axis=1)
    # The entropy is paid like a reward, so that what an action leads to
    # counts.
    paid = rewards + entropy_weight * entropy[states]
    paid = np.where(mask, paid, 0.0)
    to_go, later = np.zeros(paid.shape), 0.0
    for t in reversed(range(paid.shape[1])):
        to_go[:, t] = later = paid[:, t] + discount * later
    powers = discount ** np.arange(paid.shape[1])
    error = np.where(mask, to_go - values[states], 0.0)
    score = np.eye(theta.shape[1])[actions] - pi[states]
    slope = -pi * (log_pi + entropy[:, None])  # of the entropy
    actor = (powers * error)[..., None] * score
    bonus = np.where(mask, entropy_weight * powers, 0.0)
    actor += bonus[..., None] * slope[states]
    gradient, critic = np.zeros(theta.shape), np.zeros(values.shape)
    np.add.at(gradient, states, actor)
    np.add.at(critic, states, 2 * value_weight * error)
    return gradient / len(states), critic / len(states)


def clipped_gradient(
    theta, states, actions, advantages, old_log_pi, mask, clip=0.2
):
    """Return what to add to theta, for several steps on a batch.

    old_log_pi is log π as it was when the walks were drawn, stored
    then. advantages are times discount**t.
    """
    log_pi = log_softmax(theta)
    ratio = np.exp(log_pi[states, actions] - old_log_pi)
    # Beyond the clip nothing pushes further. Pushes back remain.
    up = (advantages > 0) & (ratio > 1 + clip)
    down = (advantages < 0) & (ratio < 1 - clip)
    push = np.where(mask & ~up & ~down, ratio * advantages, 0.0)
    score = np.eye(theta.shape[1])[actions] - np.exp(log_pi)[states]
    gradient = np.zeros(theta.shape)
    np.add.at(gradient, states, push[..., None] * score)
    return gradient / len(states)
