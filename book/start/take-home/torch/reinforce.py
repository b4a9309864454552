"""REINFORCE in PyTorch: a loss whose gradient is −∇J on average."""

import torch


def reinforce_loss(logits, actions, rewards, mask, discount):
    """Return a number to call backward() on; its value says nothing.

    logits come from your network and have the shape (walks, times,
    actions), the other tensors (walks, times). Walks differ in length
    and are filled up at the end; mask is True where a decision was
    taken.
    """
    # A reward at time t counts discount**t; what fills up counts 0.
    time = torch.arange(rewards.shape[1]).to(rewards)
    paid = rewards.masked_fill(~mask, 0.0) * discount**time
    # A decision at time t is credited with what is paid from t on. The
    # credit is a number: detached, so that no gradient flows into it.
    credit = paid.flip(1).cumsum(1).flip(1).detach()
    # log π of the action that was taken; its gradient is the score. It
    # is logits= and not probs=: preferences may have any sign.
    policy = torch.distributions.Categorical(logits=logits)
    log_pi = policy.log_prob(actions).masked_fill(~mask, 0.0)
    # A sum over the times, a mean over the walks, and a minus, because
    # an optimiser goes downhill.
    return -(log_pi * credit).sum(1).mean()


# One step:
#     logits = network(observations)
#     loss = reinforce_loss(logits, actions, rewards, mask, 0.99)
#     optimizer.zero_grad()
#     loss.backward()
#     optimizer.step()
