"""REINFORCE in JAX: a loss whose gradient is −∇J on average."""

import jax
import jax.numpy as jnp


def reinforce_loss(logits, actions, rewards, mask, discount):
    """Return a number to differentiate; its value says nothing.

    logits come from your network and have the shape (walks, times,
    actions), the other arrays (walks, times). Walks differ in length
    and are filled up at the end; mask is True where a decision was
    taken.
    """
    # A reward at time t counts discount**t; what fills up counts 0.
    powers = discount ** jnp.arange(rewards.shape[1])
    paid = jnp.where(mask, rewards, 0.0) * powers
    # A decision at time t is credited with what is paid from t on. The
    # credit is a number: stopped, so that no gradient flows into it.
    credit = jnp.cumsum(paid[:, ::-1], axis=1)[:, ::-1]
    credit = jax.lax.stop_gradient(credit)
    # log π of the action that was taken; its gradient is the score.
    log_pi = jax.nn.log_softmax(logits)
    taken = jnp.take_along_axis(log_pi, actions[..., None], -1)[..., 0]
    # A sum over the times, a mean over the walks, and a minus, because
    # an optimiser goes downhill.
    return -jnp.where(mask, taken * credit, 0.0).sum(axis=1).mean()


# One step, where network(parameters, observations) gives the logits:
#     def loss(parameters):
#         logits = network(parameters, observations)
#         return reinforce_loss(logits, actions, rewards, mask, 0.99)
#
#     slope = jax.grad(loss)(parameters)
#     parameters = jax.tree.map(lambda p, s: p - step * s,
#                               parameters, slope)
