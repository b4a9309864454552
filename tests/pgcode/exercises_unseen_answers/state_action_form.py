"""Answers of learners: state_action_form."""

ANSWERS = [
    {
        "exercise": "state_and_action_values",
        "code": """\
import numpy as np


def state_and_action_values(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    r = (pi * mdp.expected_reward).sum(axis=1)
    V = np.linalg.solve(np.eye(mdp.n_states) - mdp.discount * P, r)
    Q = mdp.expected_reward + mdp.transition @ V
    return V, Q
""",
        "says": "The action values leave the discount out.",
        "right": False,
    },
    {
        "exercise": "state_and_action_values",
        "code": """\
import numpy as np


def state_and_action_values(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    r = np.einsum("sa,sa->s", pi, mdp.expected_reward)
    V = np.linalg.solve(np.eye(len(r)) - mdp.discount * P, r)
    Q = mdp.expected_reward + mdp.discount * mdp.transition @ V
    return Q, V
""",
        "says": "The order is Q, V.",
        "right": False,
    },
    {
        "exercise": "state_and_action_values",
        "code": """\
import numpy as np


def state_and_action_values(mdp, pi):
    P = np.einsum("sa,sat->ts", pi, mdp.transition)
    r = np.sum(pi * mdp.expected_reward, axis=1)
    V = np.linalg.inv(np.eye(mdp.n_states) - mdp.discount * P) @ r
    Q = mdp.expected_reward + mdp.discount * np.einsum("sat,t->sa", mdp.transition, V)
    return V, Q
""",
        "says": "The chain is transposed in the solve.",
        "right": False,
    },
    {
        "exercise": "state_and_action_values",
        "code": """\
import numpy as np


def state_and_action_values(mdp, pi):
    S, A = mdp.n_states, mdp.n_actions
    M = np.einsum("sat,tb->satb", mdp.transition, pi).reshape(S * A, S * A)
    Q = np.linalg.solve(np.eye(S * A) - mdp.discount * M, mdp.expected_reward.reshape(-1)).reshape(S, A)
    return Q.mean(axis=1), Q
""",
        "says": "V is the row mean of Q instead of the mean under π.",
        "right": False,
    },
    {
        "exercise": "state_and_action_values",
        "code": """\
import numpy as np


def state_and_action_values(mdp, pi):
    gamma = mdp.discount
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    r = (pi * mdp.expected_reward).sum(1)
    V = np.linalg.solve(np.eye(mdp.n_states) - gamma * P, r)
    Q = mdp.expected_reward + gamma * V[:, None]
    return V, Q
""",
        "says": "Q uses the value of the same state instead of the next ones.",
        "right": False,
    },
    {
        "exercise": "state_and_action_values",
        "code": """\
import numpy as np


def state_and_action_values(mdp, pi):
    P_pi = (pi[:, :, None] * mdp.transition).sum(axis=1)
    r_pi = (pi * mdp.expected_reward).sum(axis=1)
    V = np.linalg.solve(np.identity(mdp.n_states) - mdp.discount * P_pi, r_pi)
    Q = mdp.expected_reward + mdp.discount * (P_pi @ V)[:, np.newaxis]
    return V, Q
""",
        "says": "Q uses the policy's chain, so its future is the same for all actions.",
        "right": False,
    },
    {
        "exercise": "state_and_action_values",
        "code": """\
import numpy as np


def state_and_action_values(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    r = (pi * mdp.expected_reward).sum(axis=1)
    V = np.linalg.solve(np.eye(mdp.n_states) - mdp.discount * P, r)
    Q = mdp.expected_reward + mdp.discount * mdp.transition @ V - V[:, None]
    return V, Q
""",
        "says": "The second table is the advantage Q - V.",
        "right": False,
    },
    {
        "exercise": "state_and_action_values",
        "code": """\
import numpy as np


def state_and_action_values(mdp, pi):
    V = np.zeros(mdp.n_states)
    for _ in range(2000):
        Q = mdp.expected_reward + mdp.discount * np.einsum("sat,t->sa", mdp.transition, V)
        V = Q.max(axis=1)
    return V, Q
""",
        "says": "Values of the best policy instead of π.",
        "right": False,
    },
    {
        "exercise": "state_and_action_values",
        "code": """\
import numpy as np


def state_and_action_values(mdp, pi):
    n = mdp.n_states
    A = np.eye(n)
    b = np.zeros(n)
    for s in range(n):
        b[s] = mdp.expected_reward[s].mean()
        for a in range(mdp.n_actions):
            A[s] -= mdp.discount * pi[s, a] * mdp.transition[s, a]
    V = np.linalg.solve(A, b)
    Q = mdp.expected_reward + mdp.discount * mdp.transition.dot(V)
    return V, Q
""",
        "says": "The rewards are averaged over the actions without the policy.",
        "right": False,
    },
    {
        "exercise": "state_and_action_values",
        "code": """\
import numpy as np


def state_and_action_values(mdp, pi):
    V = np.zeros(mdp.n_states)
    for _ in range(10):
        Q = mdp.expected_reward + mdp.discount * mdp.transition @ V
        V = (pi * Q).sum(axis=1)
    return V, Q
""",
        "says": "Ten sweeps only, which are far from the end.",
        "right": False,
    },
    {
        "exercise": "state_and_action_values",
        "code": """\
import numpy as np


def state_and_action_values(mdp, pi):
    g = mdp.discount
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    r = (pi * mdp.expected_reward).sum(axis=1)
    V = (1 - g) * np.linalg.solve(np.eye(len(r)) - g * P, r)
    return V, mdp.expected_reward + mdp.transition @ V
""",
        "says": "The values are multiplied by 1 - γ, and Q is made of them without a discount.",
        "right": False,
    },
    {
        "exercise": "state_and_action_values",
        "code": """\
import numpy as np


def state_and_action_values(mdp, pi):
    P = mdp.transition.mean(axis=1)
    r = mdp.expected_reward.mean(axis=1)
    V = np.linalg.solve(np.eye(mdp.n_states) - mdp.discount * P, r)
    Q = mdp.expected_reward + mdp.discount * mdp.transition @ V
    return V, Q
""",
        "says": "Discount and policy are missing in the chain: all actions alike, and V is the plain mean of Q.",
        "right": False,
    },
    {
        "exercise": "state_and_action_values",
        "code": """\
import numpy as np


def state_and_action_values(mdp, pi):
    S, A = mdp.n_states, mdp.n_actions
    M = np.einsum("sat,tb->satb", mdp.transition, pi).reshape(S * A, S * A)
    Q = np.linalg.solve(np.eye(S * A) - mdp.discount * M, mdp.expected_reward.ravel()).reshape(S, A)
    return np.sum(pi * Q, axis=1), Q
""",
        "says": "One solve for the pairs (s, a), then V as the mean of Q: right.",
        "right": True,
    },
    {
        "exercise": "discounted_visitation",
        "code": """\
import numpy as np


def discounted_visitation(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    return np.linalg.solve(np.eye(mdp.n_states) - mdp.discount * P, mdp.initial)
""",
        "says": "The chain is not transposed, so it solves for values with μ as reward.",
        "right": False,
    },
    {
        "exercise": "discounted_visitation",
        "code": """\
import numpy as np


def discounted_visitation(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    return (1 - mdp.discount) * np.linalg.solve(np.eye(mdp.n_states) - mdp.discount * P.T, mdp.initial)
""",
        "says": "Multiplied by 1 - γ.",
        "right": False,
    },
    {
        "exercise": "discounted_visitation",
        "code": """\
import numpy as np


def discounted_visitation(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    d = np.zeros(mdp.n_states)
    p = mdp.initial
    for t in range(3000):
        d = d + mdp.discount**t * p
        p = p @ P
    d /= d.sum()
    return d
""",
        "says": "Divided by its sum.",
        "right": False,
    },
    {
        "exercise": "discounted_visitation",
        "code": """\
import numpy as np


def discounted_visitation(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    K = mdp.discount * P.T
    return np.linalg.solve(np.eye(mdp.n_states) - K, K @ mdp.initial)
""",
        "says": "Begins at t = 1: the start itself is not counted.",
        "right": False,
    },
    {
        "exercise": "discounted_visitation",
        "code": """\
import numpy as np


def discounted_visitation(mdp, pi):
    P_pi = np.sum(pi[:, :, None] * mdp.transition, axis=1)
    p, d = mdp.initial.copy(), np.zeros(mdp.n_states)
    for t in range(10):
        d += mdp.discount**t * p
        p = p @ P_pi
    return d
""",
        "says": "Only the first ten times are added up.",
        "right": False,
    },
    {
        "exercise": "discounted_visitation",
        "code": """\
import numpy as np


def discounted_visitation(mdp, pi):
    n = mdp.n_states
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    return np.linalg.solve((np.eye(n) - mdp.discount * P).T, np.full(n, 1 / n))
""",
        "says": "The start is taken as uniform.",
        "right": False,
    },
    {
        "exercise": "discounted_visitation",
        "code": """\
import numpy as np


def discounted_visitation(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    d = np.linalg.solve(np.eye(mdp.n_states) - mdp.discount * P.T, mdp.initial)
    d[mdp.terminal] = 0
    return d
""",
        "says": "Terminal states are set to zero.",
        "right": False,
    },
    {
        "exercise": "discounted_visitation",
        "code": """\
import numpy as np


def discounted_visitation(mdp, pi):
    P = mdp.transition.mean(axis=1)
    return mdp.initial @ np.linalg.inv(np.eye(mdp.n_states) - mdp.discount * P)
""",
        "says": "Every action counts alike: the policy is ignored.",
        "right": False,
    },
    {
        "exercise": "discounted_visitation",
        "code": """\
import numpy as np


def discounted_visitation(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    d = np.linalg.solve(np.eye(mdp.n_states) - mdp.discount * P.T, mdp.initial)
    return mdp.discount * d
""",
        "says": "The powers begin with γ instead of 1.",
        "right": False,
    },
    {
        "exercise": "discounted_visitation",
        "code": """\
import numpy as np


def discounted_visitation(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    return np.linalg.inv(np.eye(mdp.n_states) - mdp.discount * P)
""",
        "says": "The whole matrix of visits from each start is returned; the start distribution is missing.",
        "right": False,
    },
    {
        "exercise": "discounted_visitation",
        "code": """\
import numpy as np


def discounted_visitation(mdp, pi):
    S = mdp.n_states
    P = np.zeros((S, S))
    for s in range(S):
        for a in range(mdp.n_actions):
            P[s] += pi[s, a] * mdp.transition[s, a]
    d = np.linalg.solve(np.eye(S) - mdp.discount * P, mdp.initial)
    return d * (1 - mdp.discount)
""",
        "says": "No transpose, and multiplied by 1 - γ.",
        "right": False,
    },
    {
        "exercise": "discounted_visitation",
        "code": """\
import numpy as np


def discounted_visitation(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    p = mdp.initial
    for _ in range(5000):
        p = p @ P
    return p / (1 - mdp.discount)
""",
        "says": "The stationary distribution times 1/(1 - γ).",
        "right": False,
    },
    {
        "exercise": "discounted_visitation",
        "code": """\
import numpy as np


def discounted_visitation(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    term = np.array(mdp.initial, dtype=float)
    d = np.zeros(mdp.n_states)
    while term.sum() > 1e-15:
        d += term
        term = mdp.discount * (term @ P)
    return d
""",
        "says": "Adds up the series until the terms are too small to matter, which is right.",
        "right": True,
    },
    {
        "exercise": "stationary_distribution",
        "code": """\
import numpy as np


def stationary_distribution(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    w, v = np.linalg.eig(P)
    d = np.real(v[:, np.argmin(np.abs(w - 1))])
    return d / d.sum()
""",
        "says": "The eigenvector is taken on the wrong side, so it is uniform.",
        "right": False,
    },
    {
        "exercise": "stationary_distribution",
        "code": """\
import numpy as np


def stationary_distribution(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    w, v = np.linalg.eig(P.T)
    return np.abs(np.real(v[:, np.argmax(np.real(w))]))
""",
        "says": "The eigenvector keeps its length one and is not divided by its sum.",
        "right": False,
    },
    {
        "exercise": "stationary_distribution",
        "code": """\
import numpy as np


def stationary_distribution(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    d = mdp.initial
    for _ in range(5):
        d = d @ P
    return d
""",
        "says": "Five steps from the start, which is not the long run.",
        "right": False,
    },
    {
        "exercise": "stationary_distribution",
        "code": """\
import numpy as np


def stationary_distribution(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    d = np.linalg.solve(np.eye(mdp.n_states) - mdp.discount * P.T, mdp.initial)
    return d / d.sum()
""",
        "says": "The discounted visits, normalised.",
        "right": False,
    },
    {
        "exercise": "stationary_distribution",
        "code": """\
import numpy as np


def stationary_distribution(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    d = mdp.initial @ P**50
    return d / d.sum()
""",
        "says": "The matrix is raised to a power entry by entry.",
        "right": False,
    },
    {
        "exercise": "stationary_distribution",
        "code": """\
import numpy as np


def stationary_distribution(mdp, pi):
    P = mdp.transition.mean(axis=1)
    return (mdp.initial @ np.linalg.matrix_power(P + np.eye(len(P)), 400) / 2.0**400)
""",
        "says": "The policy is ignored: all actions alike.",
        "right": False,
    },
    {
        "exercise": "stationary_distribution",
        "code": """\
import numpy as np


def stationary_distribution(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    A = np.eye(mdp.n_states) - P.T
    return np.linalg.lstsq(A, np.zeros(mdp.n_states), rcond=None)[0]
""",
        "says": "Solves without the condition that the sum is one, so it gets zeros.",
        "right": False,
    },
    {
        "exercise": "stationary_distribution",
        "code": """\
import numpy as np


def stationary_distribution(mdp, pi):
    P = np.zeros((mdp.n_states, mdp.n_states))
    for s in range(mdp.n_states):
        for a in range(mdp.n_actions):
            P[s, :] += pi[s, a] * mdp.transition[s, a, :]
    return P.mean(axis=0)
""",
        "says": "Takes the column means of the chain.",
        "right": False,
    },
    {
        "exercise": "stationary_distribution",
        "code": """\
import numpy as np


def stationary_distribution(mdp, pi):
    n = mdp.n_states
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    A = P - np.eye(n)
    A[-1] = 1
    b = np.zeros(n)
    b[-1] = 1
    return np.linalg.solve(A, b)
""",
        "says": "Not transposed when the equation for the sum replaces the last row.",
        "right": False,
    },
    {
        "exercise": "stationary_distribution",
        "code": """\
import numpy as np


def stationary_distribution(mdp, pi):
    P = mdp.discount * np.einsum("sa,sat->st", pi, mdp.transition)
    return np.linalg.matrix_power(P, 1000)
""",
        "says": "The whole limiting matrix is returned, and it has a discount in it.",
        "right": False,
    },
    {
        "exercise": "stationary_distribution",
        "code": """\
import numpy as np


def stationary_distribution(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    d = mdp.initial.copy()
    for _ in range(1000):
        d = P @ d
    return d / d.sum()
""",
        "says": "The power iteration multiplies from the other side, and is normalised in the end.",
        "right": False,
    },
    {
        "exercise": "stationary_distribution",
        "code": """\
import numpy as np


def stationary_distribution(mdp, pi):
    chain = np.einsum("sa,sat->st", pi, mdp.transition)
    w, v = np.linalg.eig(chain.T)
    x = np.abs(v[:, np.argmax(w.real)].real)
    return x / x.max()
""",
        "says": "The eigenvector of the largest eigenvalue is normalised by its largest entry.",
        "right": False,
    },
    {
        "exercise": "stationary_distribution",
        "code": """\
import numpy as np


def stationary_distribution(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    lazy = (np.eye(mdp.n_states) + P) / 2
    for _ in range(40):
        lazy = lazy @ lazy
        lazy /= lazy.sum(axis=1, keepdims=True)
    return lazy.mean(axis=0)
""",
        "says": "Power iteration of the lazy chain, which also serves a periodic one: right.",
        "right": True,
    },
    {
        "exercise": "stationary_distribution",
        "code": """\
import numpy as np


def stationary_distribution(mdp, pi):
    n = mdp.n_states
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    A = np.vstack([P.T - np.eye(n), np.ones(n)])
    b = np.r_[np.zeros(n), 1.0]
    return np.linalg.lstsq(A, b, rcond=None)[0]
""",
        "says": "Least squares with the sum as one more equation, which is right.",
        "right": True,
    },
    {
        "exercise": "gradient_by_visits",
        "code": """\
import numpy as np
from pgcode import values


def gradient_by_visits(mdp, policy, theta):
    d = values.discounted_visitation(mdp, policy, theta)
    Q = values.action_values(mdp, policy, theta)
    return np.einsum("s,sa,sa...->...", d, Q, policy.score(theta))
""",
        "says": "The score stands in the place of ∇π.",
        "right": False,
    },
    {
        "exercise": "gradient_by_visits",
        "code": """\
import numpy as np
from pgcode import values


def gradient_by_visits(mdp, policy, theta):
    d = values.stationary_distribution(mdp, policy, theta)
    Q = values.action_values(mdp, policy, theta)
    grad_pi = np.einsum("sa,sa...->sa...", policy.probabilities(theta), policy.score(theta))
    return np.einsum("s,sa,sa...->...", d, Q, grad_pi)
""",
        "says": "Weights by the stationary distribution.",
        "right": False,
    },
    {
        "exercise": "gradient_by_visits",
        "code": """\
import numpy as np
from pgcode import values


def gradient_by_visits(mdp, policy, theta):
    w = mdp.initial[:, None] * policy.probabilities(theta) * values.action_values(mdp, policy, theta)
    return np.tensordot(w, policy.score(theta), axes=2)
""",
        "says": "Weights by the start distribution.",
        "right": False,
    },
    {
        "exercise": "gradient_by_visits",
        "code": """\
import numpy as np
from pgcode import values


def gradient_by_visits(mdp, policy, theta):
    d = values.discounted_visitation(mdp, policy, theta)
    V = values.state_values(mdp, policy, theta)
    w = (d * V)[:, None] * policy.probabilities(theta)
    return np.tensordot(w, policy.score(theta), axes=2)
""",
        "says": "State values in the place of action values, so the sum is zero.",
        "right": False,
    },
    {
        "exercise": "gradient_by_visits",
        "code": """\
import numpy as np
from pgcode import values


def gradient_by_visits(mdp, policy, theta):
    d = (1 - mdp.discount) * values.discounted_visitation(mdp, policy, theta)
    pi = policy.probabilities(theta)
    Q = values.action_values(mdp, policy, theta)
    return np.tensordot(d[:, None] * pi * Q, policy.score(theta), axes=([0, 1], [0, 1]))
""",
        "says": "Multiplied by 1 - γ, as if d_γ were a distribution.",
        "right": False,
    },
    {
        "exercise": "gradient_by_visits",
        "code": """\
import numpy as np
from pgcode import values


def gradient_by_visits(mdp, policy, theta):
    d = values.discounted_visitation(mdp, policy, theta)
    q = values.differential_action_values(mdp, policy, theta)
    pi = policy.probabilities(theta)
    return np.einsum("s,sa,sa,sa...->...", d, pi, q, policy.score(theta))
""",
        "says": "The differential action values of the average reward.",
        "right": False,
    },
    {
        "exercise": "gradient_by_visits",
        "code": """\
import numpy as np
from pgcode import values


def gradient_by_visits(mdp, policy, theta):
    d = values.discounted_visitation(mdp, policy, theta)
    Q = values.action_values(mdp, policy, theta)
    pi = policy.probabilities(theta)
    grad = np.zeros(np.shape(theta))
    for s in range(mdp.n_states):
        for a in range(mdp.n_actions):
            grad_pi = pi[s, a] * policy.score(theta)[s, a]
            grad += d[s] * pi[s, a] * Q[s, a] * grad_pi
    return grad
""",
        "says": "The policy comes in twice.",
        "right": False,
    },
    {
        "exercise": "gradient_by_visits",
        "code": """\
import numpy as np
from pgcode import values


def gradient_by_visits(mdp, policy, theta):
    d = values.discounted_visitation(mdp, policy, theta)
    Q = values.action_values(mdp, policy, theta)
    pi = policy.probabilities(theta)
    return mdp.discount * np.einsum("s,sa,sa,sa...->...", d, pi, Q, policy.score(theta))
""",
        "says": "One more discount than there should be.",
        "right": False,
    },
    {
        "exercise": "gradient_by_visits",
        "code": """\
import numpy as np
from pgcode import values


def gradient_by_visits(mdp, policy, theta):
    d = values.discounted_visitation(mdp, policy, theta)
    pi = policy.probabilities(theta)
    return np.einsum("s,sa,sa,sa...->...", d, pi, mdp.expected_reward, policy.score(theta))
""",
        "says": "The immediate expected reward instead of the action value.",
        "right": False,
    },
    {
        "exercise": "gradient_by_visits",
        "code": """\
from pgcode import values


def gradient_by_visits(mdp, policy, theta):
    d = values.discounted_visitation(mdp, policy, theta)
    Q = values.action_values(mdp, policy, theta)
    dpi = policy.probabilities(theta)[:, :, None] * policy.score(theta)
    return (d[:, None, None] * Q[:, :, None] * dpi).sum(axis=(0, 1))
""",
        "says": "Written for a θ with one index; fails for a table.",
        "right": False,
    },
    {
        "exercise": "gradient_by_visits",
        "code": """\
import numpy as np
from pgcode import values


def gradient_by_visits(mdp, policy, theta):
    d = values.stationary_distribution(mdp, policy, theta)
    Q = values.action_values(mdp, policy, theta)
    ratio = Q / policy.probabilities(theta)
    return np.tensordot(d[:, None] * ratio, policy.score(theta), axes=2)
""",
        "says": "Divides by π instead of multiplying, and weights by the stationary distribution.",
        "right": False,
    },
    {
        "exercise": "gradient_by_visits",
        "code": """\
import numpy as np
from pgcode import values


def gradient_by_visits(mdp, policy, theta):
    d = values.discounted_visitation(mdp, policy, theta)
    Q = values.action_values(mdp, policy, theta)
    score = policy.score(theta)
    inner = np.einsum("sa,sa...->s...", Q, score) / mdp.n_actions
    return np.tensordot(d, inner, axes=1)
""",
        "says": "No ∇π but the score, and a plain mean over the actions.",
        "right": False,
    },
    {
        "exercise": "gradient_by_visits",
        "code": """\
import numpy as np
from pgcode import values


def gradient_by_visits(mdp, policy, theta):
    d = values.discounted_visitation(mdp, policy, theta)
    weights = d[:, None] * policy.probabilities(theta) * values.action_values(mdp, policy, theta)
    loss_gradient = -np.tensordot(weights, policy.score(theta), axes=2)
    return loss_gradient
""",
        "says": "The sign is that of a loss.",
        "right": False,
    },
    {
        "exercise": "gradient_by_visits",
        "code": """\
import numpy as np
from pgcode import values


def gradient_by_visits(mdp, policy, theta):
    d = values.discounted_visitation(mdp, policy, theta)
    adv = values.action_values(mdp, policy, theta) - values.state_values(mdp, policy, theta)[:, None]
    pi = policy.probabilities(theta)
    return np.einsum("s,sa,sa,sa...->...", d, pi, adv, policy.score(theta))
""",
        "says": "Advantages in the place of Q, which changes nothing.",
        "right": True,
    },
    {
        "exercise": "gradient_with_a_horizon",
        "code": """\
import numpy as np
from pgcode import values


def gradient_with_a_horizon(mdp, policy, theta):
    p = values.occupancy(mdp, policy, theta)[:-1]
    Q = values.action_values(mdp, policy, theta)
    pi = policy.probabilities(theta)
    return np.einsum("ts,sa,tsa,sa...->...", p, pi, Q, policy.score(theta))
""",
        "says": "The factor γᵗ is left out.",
        "right": False,
    },
    {
        "exercise": "gradient_with_a_horizon",
        "code": """\
import numpy as np
from pgcode import values


def gradient_with_a_horizon(mdp, policy, theta):
    p = values.occupancy(mdp, policy, theta)
    Q = values.action_values(mdp, policy, theta)
    pi, score = policy.probabilities(theta), policy.score(theta)
    total = 0
    for t in range(mdp.horizon):
        total = total + mdp.discount ** (t + 1) * np.tensordot(p[t][:, None] * pi * Q[t], score, axes=2)
    return total
""",
        "says": "The powers are γ to the t + 1.",
        "right": False,
    },
    {
        "exercise": "gradient_with_a_horizon",
        "code": """\
import numpy as np
from pgcode import values


def gradient_with_a_horizon(mdp, policy, theta):
    p = values.occupancy(mdp, policy, theta)[1:]
    Q = values.action_values(mdp, policy, theta)
    g = mdp.discount ** np.arange(mdp.horizon)
    return np.einsum("t,ts,sa,tsa,sa...->...", g, p, policy.probabilities(theta), Q, policy.score(theta))
""",
        "says": "The occupancy is one step late: p at t + 1.",
        "right": False,
    },
    {
        "exercise": "gradient_with_a_horizon",
        "code": """\
import numpy as np
from pgcode import values


def gradient_with_a_horizon(mdp, policy, theta):
    p = values.occupancy(mdp, policy, theta)
    Q = values.action_values(mdp, policy, theta)
    score = policy.score(theta)
    grad = np.zeros(np.shape(theta))
    for t in range(mdp.horizon):
        for s in range(mdp.n_states):
            for a in range(mdp.n_actions):
                grad += mdp.discount**t * p[t, s] * Q[t, s, a] * score[s, a]
    return grad
""",
        "says": "The score stands in the place of ∇π.",
        "right": False,
    },
    {
        "exercise": "gradient_with_a_horizon",
        "code": """\
import numpy as np
from pgcode import values


def gradient_with_a_horizon(mdp, policy, theta):
    p = values.occupancy(mdp, policy, theta)[: mdp.horizon]
    Q = values.action_values(mdp, policy, theta)[0]
    d = mdp.discount ** np.arange(mdp.horizon) @ p
    return np.tensordot(d[:, None] * policy.probabilities(theta) * Q, policy.score(theta), axes=2)
""",
        "says": "The action values of the first time are used at all times.",
        "right": False,
    },
    {
        "exercise": "gradient_with_a_horizon",
        "code": """\
import numpy as np
from pgcode import values


def gradient_with_a_horizon(mdp, policy, theta):
    T = mdp.horizon
    p = values.occupancy(mdp, policy, theta)[:T]
    Q = values.action_values(mdp, policy, theta)
    w = (mdp.discount ** np.arange(T))[:, None, None] * p[:, :, None] * policy.probabilities(theta) * Q
    return np.tensordot(w.mean(axis=0), policy.score(theta), axes=2)
""",
        "says": "The sum is divided by the number of steps.",
        "right": False,
    },
    {
        "exercise": "gradient_with_a_horizon",
        "code": """\
import numpy as np
from pgcode import values


def gradient_with_a_horizon(mdp, policy, theta):
    Q = values.action_values(mdp, policy, theta)
    gammas = mdp.discount ** np.arange(mdp.horizon)
    pi = policy.probabilities(theta)
    return np.einsum("t,s,sa,tsa,sa...->...", gammas, mdp.initial, pi, Q, policy.score(theta))
""",
        "says": "The start distribution stands at all times.",
        "right": False,
    },
    {
        "exercise": "gradient_with_a_horizon",
        "code": """\
import numpy as np
from pgcode import values


def gradient_with_a_horizon(mdp, policy, theta):
    p = values.occupancy(mdp, policy, theta)[:-1]
    Q = values.action_values(mdp, policy, theta)[::-1]
    pi = policy.probabilities(theta)
    g = mdp.discount ** np.arange(mdp.horizon)
    return np.einsum("t,ts,sa,tsa,sa...->...", g, p, pi, Q, policy.score(theta))
""",
        "says": "The action values are read backwards in time.",
        "right": False,
    },
    {
        "exercise": "gradient_with_a_horizon",
        "code": """\
import numpy as np
from pgcode import values


def gradient_with_a_horizon(mdp, policy, theta):
    p = values.occupancy(mdp, policy, theta)
    Q = values.action_values(mdp, policy, theta)
    pi, score = policy.probabilities(theta), policy.score(theta)
    out = np.zeros(np.shape(theta))
    for t in range(mdp.horizon - 1):
        out += mdp.discount**t * np.tensordot(p[t][:, None] * pi * Q[t], score, axes=2)
    return out
""",
        "says": "The last decision is left out.",
        "right": False,
    },
    {
        "exercise": "gradient_with_a_horizon",
        "code": """\
import numpy as np
from pgcode import values


def gradient_with_a_horizon(mdp, policy, theta):
    T = mdp.horizon
    p = values.occupancy(mdp, policy, theta)[:T]
    Q = values.action_values(mdp, policy, theta)
    power = mdp.discount ** np.arange(T)[::-1]
    return np.einsum("t,ts,sa,tsa,sa...->...", power, p, policy.probabilities(theta), Q, policy.score(theta))
""",
        "says": "The power counts the time that is left.",
        "right": False,
    },
    {
        "exercise": "gradient_with_a_horizon",
        "code": """\
import numpy as np
from pgcode import values


def gradient_with_a_horizon(mdp, policy, theta):
    p = values.occupancy(mdp, policy, theta)[:-1]
    Q = values.action_values(mdp, policy, theta)
    return np.einsum("ts,tsa,sa...->...", p, Q, policy.score(theta))
""",
        "says": "Neither γᵗ nor the π of ∇π.",
        "right": False,
    },
    {
        "exercise": "gradient_with_a_horizon",
        "code": """\
import numpy as np
from pgcode import values


def gradient_with_a_horizon(mdp, policy, theta):
    p = values.occupancy(mdp, policy, theta)
    Q = values.action_values(mdp, policy, theta)
    pi, score = policy.probabilities(theta), policy.score(theta)
    grad = 0.0
    for t in range(1, mdp.horizon):
        grad = grad + mdp.discount**t * np.tensordot(p[t + 1][:, None] * pi * Q[t], score, axes=2)
    return grad
""",
        "says": "The occupancy is shifted and the sum begins at t = 1.",
        "right": False,
    },
    {
        "exercise": "gradient_with_a_horizon",
        "code": """\
import numpy as np
from pgcode import values


def gradient_with_a_horizon(mdp, policy, theta):
    p = values.occupancy(mdp, policy, theta)[:-1]
    Q = values.action_values(mdp, policy, theta)
    pi = policy.probabilities(theta)
    return mdp.discount**mdp.horizon * np.einsum("ts,sa,tsa,sa...->...", p, pi, Q, policy.score(theta))
""",
        "says": "The discount is left out of the sum and put on the whole at the end.",
        "right": False,
    },
    {
        "exercise": "actor_critic_step",
        "code": """\
def actor_critic_step(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    target = reward if ended else reward + discount * v[after]
    delta = target - v[state]
    v = v.copy()
    v[state] += beta * delta
    return theta + alpha * delta * score, v
""",
        "says": "The factor γᵗ of the actor is left out.",
        "right": False,
    },
    {
        "exercise": "actor_critic_step",
        "code": """\
import numpy as np


def actor_critic_step(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * v[after] - v[state]
    new_v = np.array(v, dtype=float)
    new_v[state] += beta * delta
    return theta + alpha * discount**t * delta * score, new_v
""",
        "says": "The end is ignored: it bootstraps from a terminal state.",
        "right": False,
    },
    {
        "exercise": "actor_critic_step",
        "code": """\
def actor_critic_step(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    if ended:
        delta = reward
    else:
        delta = reward + discount * v[after] - v[state]
    v_new = v.copy()
    v_new[state] = v[state] + beta * delta
    theta_new = theta + alpha * discount**t * delta * score
    return theta_new, v_new
""",
        "says": "At the end the error is the reward alone; the value of the state is dropped as well.",
        "right": False,
    },
    {
        "exercise": "actor_critic_step",
        "code": """\
def actor_critic_step(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    bootstrap = 0.0 if ended else v[after]
    delta = reward + discount * bootstrap - v[state]
    critic = v.copy()
    critic[state] += beta * delta
    return theta + alpha * discount * t * delta * score, critic
""",
        "says": "The power is a product: γ times t.",
        "right": False,
    },
    {
        "exercise": "actor_critic_step",
        "code": """\
def actor_critic_step(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * ended * v[after] - v[state]
    v2 = v.copy()
    v2[state] += beta * delta
    return theta + alpha * discount**t * delta * score, v2
""",
        "says": "The flag is used the wrong way round: the next value counts when the episode has ended.",
        "right": False,
    },
    {
        "exercise": "actor_critic_step",
        "code": """\
def actor_critic_step(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * v[after] * (1 - ended) - v[state]
    I = discount**t
    v2 = v.copy()
    v2[state] += beta * I * delta
    return theta + alpha * I * delta * score, v2
""",
        "says": "The critic's update has the factor γᵗ too.",
        "right": False,
    },
    {
        "exercise": "actor_critic_step",
        "code": """\
def actor_critic_step(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * v[after] * (not ended) - v[state]
    v2 = v.copy()
    v2[state] += alpha * delta
    return theta + beta * discount**t * delta * score, v2
""",
        "says": "The step sizes are swapped.",
        "right": False,
    },
    {
        "exercise": "actor_critic_step",
        "code": """\
def actor_critic_step(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    v = v.copy()
    target = reward + (0.0 if ended else discount * v[after])
    v[state] += beta * (target - v[state])
    delta = target - v[state]
    return theta + alpha * discount**t * delta * score, v
""",
        "says": "The critic is updated first, and the actor uses a new error with the new value.",
        "right": False,
    },
    {
        "exercise": "actor_critic_step",
        "code": """\
import numpy as np


def actor_critic_step(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    next_value = 0 if ended else v[after]
    delta = reward + next_value - v[state]
    critic = list(v)
    critic[state] = critic[state] + beta * delta
    actor = theta + alpha * discount**t * delta * score
    return actor, np.array(critic)
""",
        "says": "The next value is not discounted.",
        "right": False,
    },
    {
        "exercise": "actor_critic_step",
        "code": """\
def actor_critic_step(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    q = reward + (not ended) * discount * v[after]
    v2 = v.copy()
    v2[state] += beta * (q - v[state])
    return theta + alpha * discount**t * q * score, v2
""",
        "says": "The actor is moved with the target, without the value of the state as a baseline.",
        "right": False,
    },
    {
        "exercise": "actor_critic_step",
        "code": """\
def actor_critic_step(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward - v[state] + (0 if ended else discount * v[after])
    v2 = v.copy()
    v2[after] += beta * delta
    return theta + alpha * discount**t * delta * score, v2
""",
        "says": "The critic is updated in the state that was reached.",
        "right": False,
    },
    {
        "exercise": "actor_critic_step",
        "code": """\
import numpy as np


def actor_critic_step(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    td_error = reward + discount * v[after] - v[state]
    e = np.eye(len(v))[state]
    return theta + alpha * td_error * score, v + beta * td_error * e
""",
        "says": "γᵗ is left out and the end is ignored.",
        "right": False,
    },
    {
        "exercise": "actor_critic_step",
        "code": """\
import numpy as np


def actor_critic_step(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * (0.0 if ended else v[after]) - v[state]
    new = np.copy(v)
    new[state] = new[state] - beta * delta
    return theta + alpha * discount**t * delta * score, new
""",
        "says": "The critic goes the wrong way: its error is subtracted.",
        "right": False,
    },
    {
        "exercise": "actor_critic_step",
        "code": """\
def actor_critic_step(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * v[after] * (1 - int(ended)) - v[state]
    return theta + alpha * discount ** (t + 1) * delta * score, v + beta * delta
""",
        "says": "The power is one too high, and every entry of the critic is moved.",
        "right": False,
    },
    {
        "exercise": "actor_critic_step",
        "code": """\
def actor_critic_step(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward - v[state]
    if not ended:
        delta += discount * v[after]
    new_v = v.copy()
    new_v[state] += beta * delta
    return new_v, theta + alpha * discount**t * delta * score
""",
        "says": "The pair comes back in the other order.",
        "right": False,
    },
    {
        "exercise": "actor_critic_step",
        "code": """\
import numpy as np


def actor_critic_step(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    target = reward
    if not ended:
        target = target + discount * v[after]
    mixed = np.where(np.arange(len(v)) == state, (1 - beta) * v + beta * target, v)
    return theta + (target - v[state]) * alpha * discount**t * score, mixed
""",
        "says": "The critic as a mixture of the old value and the target, which is right.",
        "right": True,
    },
]
