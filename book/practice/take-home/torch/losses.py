"""Two losses in PyTorch: an actor–critic's, and the clipped one of PPO.

Their values say nothing. Their gradients are tested against exact ones.
"""

import torch
from torch.distributions import Categorical


def actor_critic_loss(
    logits, values, actions, rewards, mask, discount,
    entropy_weight=0.01, value_weight=0.5,
):
    """Return a number to call backward() on; its value says nothing.

    logits (walks, times, actions) and values (walks, times) come from
    your network, the other tensors (walks, times) from walks that have
    ended. mask is True where a decision was taken.
    """
    # A network gives (..., 1): squeeze it, or it is broadcast.
    assert values.shape == actions.shape == rewards.shape == mask.shape
    policy = Categorical(logits=logits)  # not probs=
    # Masked by filling, not by multiplying: 0 times nan is nan.
    log_pi = policy.log_prob(actions).masked_fill(~mask, 0.0)
    entropy = policy.entropy().masked_fill(~mask, 0.0)
    # The entropy is paid like a reward, so that what an action leads to
    # counts. Paid, it is a number.
    paid = rewards + entropy_weight * entropy.detach()
    paid = paid.masked_fill(~mask, 0.0)
    later, backwards = torch.zeros_like(paid[:, 0]), []
    for t in reversed(range(paid.shape[1])):
        later = paid[:, t] + discount * later
        backwards.append(later)
    to_go = torch.stack(backwards[::-1], 1)  # G_t
    powers = discount ** torch.arange(paid.shape[1]).to(paid)
    # The advantage is a number: no gradient into the critic.
    advantage = powers * (to_go - values).detach()
    actor = log_pi * advantage + entropy_weight * powers * entropy
    critic = (to_go - values).masked_fill(~mask, 0.0) ** 2
    # A sum over the times, a mean over the walks, and a minus.
    return (value_weight * critic - actor).sum(1).mean()


def clipped_loss(
    logits, actions, advantages, old_log_pi, mask, clip=0.2
):
    """Return a number to call backward() on, several times a batch.

    old_log_pi is log π as it was when the walks were drawn, stored
    then. advantages are numbers, times discount**t.
    """
    log_pi = Categorical(logits=logits).log_prob(actions)
    # log π follows the parameters, old_log_pi does not.
    ratio = torch.exp(log_pi - old_log_pi.detach())
    # What fills up becomes 0 before it is multiplied: nan times the
    # slope 0 of a later mask is nan.
    advantages = advantages.detach().masked_fill(~mask, 0.0)
    kept = ratio.clamp(1 - clip, 1 + clip)
    least = torch.minimum(ratio * advantages, kept * advantages)
    return -least.sum(1).mean()
