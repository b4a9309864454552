"""The gradients of well-known programs at the first step of an update, written anew as formulas on a flat buffer."""

import numpy as np
from right_estimators import softmax


def pushes(theta, states, actions, weights):
    """The sum of w ∇log π over rows."""
    total = np.zeros_like(theta)
    np.add.at(total, states, weights[:, None] * (np.eye(theta.shape[1])[actions] - softmax(theta)[states]))
    return total


def entropy_slopes(theta, states):
    """The sum of ∇H(π(·|s)) over rows."""
    pi = softmax(theta)
    entropy = -(pi * np.log(pi)).sum(axis=1, keepdims=True)
    total = np.zeros_like(theta)
    np.add.at(total, states, (-pi * (np.log(pi) + entropy))[states])
    return total


def gae(steps, values, decay):
    """Generalized advantages of whole episodes with the values (S,) of a critic."""
    total, running = np.zeros(len(steps.rewards)), 0.0
    for t in range(len(total) - 1, -1, -1):
        on = 1.0 - steps.done[t]
        error = steps.rewards[t] + steps.discount * values[steps.next_states[t]] * on - values[steps.states[t]]
        running = error + steps.discount * decay * on * running
        total[t] = running
    return total


def table(theta):
    """A critic of somebody: a number for each state."""
    return np.linspace(-1.0, 2.0, len(theta))


def cleanrl_ppo(steps, theta):
    """Normalised with PyTorch's deviation, which is nan for one step; with a bonus."""
    advantages = gae(steps, np.zeros(len(theta)), 0.95)
    normalised = (advantages - advantages.mean()) / (advantages.std(ddof=1) + 1e-8)
    total = pushes(theta, steps.states, steps.actions, normalised) + 0.01 * entropy_slopes(theta, steps.states)
    return total / len(advantages)


def stable_baselines_ppo(steps, theta):
    """The same without a bonus, and not normalised where there is one step."""
    advantages = gae(steps, np.zeros(len(theta)), 0.95)
    if len(advantages) > 1:
        advantages = (advantages - advantages.mean()) / (advantages.std(ddof=1) + 1e-8)
    return pushes(theta, steps.states, steps.actions, advantages) / len(advantages)


def spinning_up_vpg(steps, theta):
    """With λ = 0.97, and the deviation that divides by n."""
    advantages = gae(steps, np.zeros(len(theta)), 0.97)
    advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-12)
    return pushes(theta, steps.states, steps.actions, advantages) / len(advantages)


def stable_baselines_a2c(steps, theta):
    """λ = 1, nothing normalised, and a critic that is a table."""
    weights = gae(steps, table(theta), 1.0)
    total = pushes(theta, steps.states, steps.actions, weights) + 0.01 * entropy_slopes(theta, steps.states)
    return total / len(weights)


def actor_critic(steps, theta):
    """One step ahead with a table, and a mean over episodes."""
    return pushes(theta, steps.states, steps.actions, gae(steps, table(theta), 0.0)) / steps.done.sum()


def whitened(steps, theta):
    """Returns without γᵗ, whitened with another small number, over the steps, with a bonus."""
    gains = gae(steps, np.zeros(len(theta)), 1.0)
    gains = (gains - gains.mean()) / (gains.std() + 1e-5)
    total = pushes(theta, steps.states, steps.actions, gains) + 0.01 * entropy_slopes(theta, steps.states)
    return total / len(gains)


def in_one_piece(steps, theta):
    """A loss of PPO whose every line can be mistyped: it calls nothing of ours."""
    pi = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi = pi / pi.sum(axis=1, keepdims=True)
    advantages, running = np.zeros(len(steps.rewards)), 0.0
    for t in range(len(steps.rewards) - 1, -1, -1):
        running = steps.rewards[t] + 0.9 * steps.discount * running * (1 - steps.done[t])
        advantages[t] = running
    weights = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    gradient = np.zeros(theta.shape)
    for t in range(len(weights)):
        s, a = steps.states[t], steps.actions[t]
        gradient[s, a] += weights[t]
        gradient[s] -= weights[t] * pi[s]
        gradient[s] -= 0.05 * pi[s] * (np.log(pi[s]) - pi[s] @ np.log(pi[s]))
    return gradient / len(weights)
