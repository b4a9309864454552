"""Moments of policy-gradient estimators in rational arithmetic: a route on which nothing is rounded.

Floats are rational numbers. A ``DirectPolicy`` whose θ has few digits has rational probabilities and scores, and so
every trajectory has a rational probability and a rational gradient.
"""

from fractions import Fraction

import numpy as np


def exact(array):
    """The rational numbers that floats are."""
    return np.vectorize(Fraction, otypes=[object])(np.asarray(array, dtype=float))


def trajectories(mdp, theta):
    """Each trajectory with its probability: (P, [(s, a, r, s'), …]), up to where it ends or the horizon."""
    pi = exact(np.concatenate([theta, 1 - theta.sum(axis=1, keepdims=True)], axis=1))
    p, r = exact(mdp.transition), exact(mdp.reward)

    def continued(state, left):
        if left == 0 or mdp.terminal[state]:
            yield Fraction(1), []
            return
        for action in np.flatnonzero(pi[state]):
            for after in np.flatnonzero(mdp.transition[state, action]):
                here = pi[state, action] * p[state, action, after]
                for chance, rest in continued(after, left - 1):
                    yield here * chance, [(state, action, r[state, action, after], after), *rest]

    for start in np.flatnonzero(mdp.initial):
        for chance, path in continued(start, mdp.horizon):
            yield Fraction(mdp.initial[start]) * chance, path


def score(theta):
    """∇log π of a ``DirectPolicy``, shape (S, A, S·(A − 1))."""
    n_states, n_free = theta.shape
    found = np.full((n_states, n_free + 1, n_states, n_free), Fraction(0), dtype=object)
    for s in range(n_states):
        for a in range(n_free):
            found[s, a, s, a] = 1 / Fraction(theta[s, a])
            found[s, n_free, s, a] = -1 / (1 - sum(map(Fraction, theta[s])))
    return found.reshape(n_states, n_free + 1, -1)


def moments(mdp, theta, weights):
    """Mean and covariance of Σ_t ∇log π w_t; ``weights(path)`` lists w_t of one path, shape (θ,) or numbers."""
    sigma = score(theta)
    chances, gradients = [], []
    for chance, path in trajectories(mdp, theta):
        w = weights(path)
        chances.append(chance)
        gradients.append(sum((sigma[s, a] * w[t] for t, (s, a, _, _) in enumerate(path)), 0 * sigma[0, 0]))
    chances, gradients = np.array(chances), np.array(gradients)
    mean = chances @ gradients
    centred = gradients - mean
    return mean, (centred * chances[:, None]).T @ centred


def full_return(discount, baseline):
    discount, b = Fraction(discount), exact(baseline)

    def weights(path):
        whole = sum((discount**t * r for t, (_, _, r, _) in enumerate(path)), Fraction(0))
        return [whole - b[t, s] for t, (s, _, _, _) in enumerate(path)]

    return weights


def to_go(discount, decay, payment, baseline):
    """γᵗ (Σ_k κᵏ ρ_{t+k} − b_t(s_t)), with ρ = payment(t, s, a, r, s')."""
    discount, decay, b = Fraction(discount), Fraction(decay), exact(baseline)

    def weights(path):
        found, later = [], Fraction(0)
        for t in reversed(range(len(path))):
            later = payment(t, *path[t]) + decay * later
            found.append(discount**t * (later - b[t, path[t][0]]))
        return found[::-1]

    return weights


def generalized_advantage(mdp, state_values, gae_lambda):
    v, gamma = exact(state_values), Fraction(mdp.discount)

    def kept(t, s):
        return 0 if t == mdp.horizon or mdp.terminal[s] else v[t, s]

    def difference(t, s, _, r, after):
        return r + gamma * kept(t + 1, after) - kept(t, s)

    nothing = np.zeros((mdp.horizon, mdp.n_states))
    return to_go(mdp.discount, gamma * Fraction(gae_lambda), difference, nothing)
