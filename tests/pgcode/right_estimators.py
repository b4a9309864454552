"""Right estimators of the policy gradient, written as people write them: what mutants are made of."""

import numpy as np


def softmax(theta):
    weights = np.exp(theta - theta.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def loop(batch, theta):
    """REINFORCE with the reward-to-go, step by step."""
    pi = softmax(theta)
    gradient = np.zeros_like(theta)
    for i in range(batch.n_trajectories):
        length = batch.lengths[i]
        to_go = 0.0
        for t in range(length - 1, -1, -1):
            to_go = batch.rewards[i, t] + batch.discount * to_go
            score = -pi[batch.states[i, t]]
            score[batch.actions[i, t]] += 1
            gradient[batch.states[i, t]] += batch.discount**t * to_go * score
    return gradient / batch.n_trajectories


def whole(batch, theta):
    """The whole return times the sum of the scores."""
    pi = softmax(theta)
    total = 0 * theta
    for i in range(batch.n_trajectories):
        gain = 0.0
        scores = 0 * theta
        for t in range(batch.lengths[i]):
            gain = gain + batch.discount**t * batch.rewards[i, t]
            scores[batch.states[i, t], batch.actions[i, t]] += 1
            scores[batch.states[i, t]] -= pi[batch.states[i, t]]
        total = total + gain * scores
    return total / batch.n_trajectories


def vectorised(batch, theta):
    """All at once, with the mean return of the other episodes subtracted."""
    m = batch.n_trajectories
    pi = softmax(theta)
    powers = batch.discount ** np.arange(batch.horizon)
    returns = batch.rewards @ powers
    others = (returns.sum() - returns) / max(m - 1, 1)
    weights = np.where(batch.active, (returns - others)[:, None], 0.0)
    gradient = np.zeros_like(theta)
    np.add.at(gradient, (batch.states[:, :-1], batch.actions), weights)
    visits = np.zeros(len(theta))
    np.add.at(visits, batch.states[:, :-1], weights)
    return (gradient - visits[:, None] * pi) / m


def by_table(batch, theta):
    """The sum of weights of each state and action, and then the scores of all of them at once."""
    pi = softmax(theta)
    table = np.zeros(theta.shape)
    for t in range(batch.horizon - 1, -1, -1):
        later = batch.rewards[:, t:] @ batch.discount ** np.arange(t, batch.horizon)
        here = batch.active[:, t]
        np.add.at(table, (batch.states[here, t], batch.actions[here, t]), later[here])
    return (table - table.sum(axis=1, keepdims=True) * pi) / batch.n_trajectories


def less_a_constant(batch, theta):
    """The whole return less 3, step by step, with the score as the derivative of a logarithm."""
    pi = softmax(theta)
    gradient = np.zeros_like(theta)
    for i in range(batch.n_trajectories):
        weight = -3.0
        for t in range(batch.lengths[i]):
            weight = weight + batch.discount**t * batch.rewards[i, t]
        for t in range(batch.lengths[i]):
            state, action = batch.states[i, t], batch.actions[i, t]
            for other in range(theta.shape[1]):
                change = pi[state, action] * ((other == action) - pi[state, other])
                gradient[state, other] += weight * change / pi[state, action] / batch.n_trajectories
    return gradient
