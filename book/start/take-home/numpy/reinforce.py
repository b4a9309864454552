"""REINFORCE in NumPy: an estimate that is ∇J on average."""

import numpy as np


def reinforce(theta, states, actions, rewards, mask, discount):
    """Return the estimated gradient in theta, a table of preferences.

    theta has the shape (states, actions), the other arrays (walks,
    times). Walks differ in length and are filled up at the end; mask is
    True where a decision was taken.
    """
    # A reward at time t counts discount**t; what fills up counts 0.
    powers = discount ** np.arange(rewards.shape[1])
    paid = np.where(mask, rewards, 0.0) * powers
    # A decision at time t is credited with what is paid from t on.
    credit = np.cumsum(paid[:, ::-1], axis=1)[:, ::-1]
    # The score: 1 for the action that was taken, less each probability.
    weights = np.exp(theta - theta.max(axis=1, keepdims=True))
    pi = weights / weights.sum(axis=1, keepdims=True)
    score = np.eye(theta.shape[1])[actions] - pi[states]
    # Score times credit: a sum over the times, a mean over the walks.
    terms = np.where(mask, credit, 0.0)[..., None] * score
    gradient = np.zeros(theta.shape)
    np.add.at(gradient, states, terms)
    return gradient / len(states)


# One step, uphill, with a plus:
#     theta = theta + step * reinforce(theta, ..., discount)
