"""Two losses in JAX: an actor–critic's, and the clipped one of PPO.

Their values say nothing. Their gradients are tested against exact ones.
"""

import jax
import jax.numpy as jnp


def log_prob(logits, actions):
    """Return log π of the actions taken, from logits."""
    log_pi = jax.nn.log_softmax(logits)
    return jnp.take_along_axis(log_pi, actions[..., None], -1)[..., 0]


def actor_critic_loss(
    logits, values, actions, rewards, mask, discount,
    entropy_weight=0.01, value_weight=0.5,
):
    """Return a number to differentiate; its value says nothing.

    logits (walks, times, actions) and values (walks, times) come from
    your network, the other arrays (walks, times) from walks that have
    ended. mask is True where a decision was taken.
    """
    # A network gives (..., 1): squeeze it, or it is broadcast.
    assert values.shape == actions.shape == rewards.shape == mask.shape
    log_pi = log_prob(logits, actions)
    all_log_pi = jax.nn.log_softmax(logits)
    entropy = -(jnp.exp(all_log_pi) * all_log_pi).sum(axis=-1)
    # The entropy is paid like a reward, so that what an action leads to
    # counts. Paid, it is a number.
    paid = rewards + entropy_weight * jax.lax.stop_gradient(entropy)
    paid = jnp.where(mask, paid, 0.0)
    later, backwards = jnp.zeros_like(paid[:, 0]), []
    for t in reversed(range(paid.shape[1])):
        later = paid[:, t] + discount * later
        backwards.append(later)
    to_go = jnp.stack(backwards[::-1], axis=1)  # G_t
    powers = discount ** jnp.arange(paid.shape[1])
    # The advantage is a number: no gradient into the critic.
    advantage = powers * jax.lax.stop_gradient(to_go - values)
    actor = log_pi * advantage + entropy_weight * powers * entropy
    critic = (to_go - values) ** 2
    # Masked by choosing, not by multiplying: 0 times nan is nan. A sum
    # over the times, a mean over the walks, and a minus.
    loss = jnp.where(mask, value_weight * critic - actor, 0.0)
    return loss.sum(axis=1).mean()


def clipped_loss(
    logits, actions, advantages, old_log_pi, mask, clip=0.2
):
    """Return a number to differentiate, for several steps on a batch.

    old_log_pi is log π as it was when the walks were drawn, stored
    then. advantages are numbers, times discount**t.
    """
    # log π follows the parameters, old_log_pi does not.
    old_log_pi = jax.lax.stop_gradient(old_log_pi)
    ratio = jnp.exp(log_prob(logits, actions) - old_log_pi)
    # What fills up becomes 0 before it is multiplied: nan times the
    # slope 0 of a later mask is nan.
    advantages = jnp.where(mask, jax.lax.stop_gradient(advantages), 0.0)
    kept = jnp.clip(ratio, 1 - clip, 1 + clip)
    least = jnp.minimum(ratio * advantages, kept * advantages)
    return -least.sum(axis=1).mean()
