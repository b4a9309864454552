"""Answers of learners: setting."""

ANSWERS = [
    {
        "exercise": "discounted_return",
        "code": """\
def discounted_return(rewards, discount):
    g = 0.0
    for r in rewards:
        g = r + discount * g
    return g
""",
        "says": "The sum runs through the recursion forwards, so the last reward has the power 0 and the "
        "first the highest.",
        "right": False,
    },
    {
        "exercise": "discounted_return",
        "code": """\
def discounted_return(rewards, discount):
    return discount ** len(rewards) * sum(rewards)
""",
        "says": "The discount is raised to the same last power for all rewards.",
        "right": False,
    },
    {
        "exercise": "discounted_return",
        "code": """\
import numpy as np


def discounted_return(rewards, discount):
    return np.mean(rewards * discount ** np.arange(len(rewards)))
""",
        "says": "The discounted sum is divided by the number of steps.",
        "right": False,
    },
    {
        "exercise": "discounted_return",
        "code": """\
def discounted_return(rewards, discount):
    R = 0
    for t in range(len(rewards)):
        R += discount**t * rewards[t]
    print(R)
""",
        "says": "Prints the return and returns nothing.",
        "right": False,
    },
    {
        "exercise": "discounted_return",
        "code": """\
import numpy as np


def discounted_return(rewards, discount):
    T = len(rewards)
    G = np.zeros(T)
    running = 0.0
    for t in range(T - 1, -1, -1):
        running = rewards[t] + discount * running
        G[t] = running
    return G
""",
        "says": "Returns the reward-to-go of every step instead of one number.",
        "right": False,
    },
    {
        "exercise": "discounted_return",
        "code": """\
def discounted_return(rewards, discount):
    total = 0
    for t in range(len(rewards)):
        total = total + rewards[t] * discount * t
    return total
""",
        "says": "Multiplies by the discount times t instead of the discount to the power t.",
        "right": False,
    },
    {
        "exercise": "discounted_return",
        "code": """\
def discounted_return(rewards, discount):
    R = 0.0
    # t = 0 .. T-1
    for t in range(0, len(rewards) - 1):
        R += discount**t * rewards[t]
    return R
""",
        "says": "The last reward is left out because the range stops one short.",
        "right": False,
    },
    {
        "exercise": "discounted_return",
        "code": """\
import numpy as np


def discounted_return(rewards, discount):
    t = np.arange(rewards.size)
    return (1 - discount) * np.dot(discount**t, rewards)
""",
        "says": "Multiplies the return by 1 - γ, as if it had to be normalised.",
        "right": False,
    },
    {
        "exercise": "discounted_return",
        "code": """\
def discounted_return(rewards, discount):
    value = 0.0
    factor = 1.0
    for x in rewards:
        value += factor * x
        factor = discount
        discount = discount * discount
    return value
""",
        "says": "The discount itself is squared in each step, so the powers run 1, 2, 4, 8.",
        "right": False,
    },
    {
        "exercise": "discounted_return",
        "code": """\
def discounted_return(rewards, discount):
    acc = 0.0
    for r in rewards:
        acc = discount * (acc + r)
    return acc
""",
        "says": "The recursion discounts the reward of the step too and the powers are reversed, both at once.",
        "right": False,
    },
    {
        "exercise": "discounted_return",
        "code": """\
import numpy as np


def discounted_return(rewards, discount):
    return np.cumsum(rewards * discount ** np.arange(len(rewards)))
""",
        "says": "A cumulative sum is returned instead of its last entry.",
        "right": False,
    },
    {
        "exercise": "discounted_return",
        "code": """\
import numpy as np


def discounted_return(rewards, discount):
    gamma = 0.99
    powers = np.array([gamma**t for t in range(len(rewards))])
    return float(powers @ rewards)
""",
        "says": "The given discount is overwritten by 0.99.",
        "right": False,
    },
    {
        "exercise": "discounted_return",
        "code": """\
def discounted_return(rewards, discount):
    g = 0.0
    for r in rewards[::-1]:
        g = g * discount + r
    return float(g)
""",
        "says": "Horner's scheme from the end, which is right.",
        "right": True,
    },
    {
        "exercise": "softmax",
        "code": """\
import numpy as np


def softmax(preferences):
    e = np.exp(preferences - preferences.max())
    return e / e.sum()
""",
        "says": "Normalises over the whole table instead of each row.",
        "right": False,
    },
    {
        "exercise": "softmax",
        "code": """\
import numpy as np


def softmax(preferences):
    shifted = preferences - np.max(preferences, axis=0)
    ex = np.exp(shifted)
    return ex / np.sum(ex, axis=0)
""",
        "says": "Normalises over the states, axis 0.",
        "right": False,
    },
    {
        "exercise": "softmax",
        "code": """\
import numpy as np


def softmax(preferences):
    out = np.zeros_like(preferences, dtype=float)
    for s in range(preferences.shape[0]):
        z = sum(np.exp(preferences[s, a]) for a in range(preferences.shape[1]))
        for a in range(preferences.shape[1]):
            out[s, a] = np.exp(preferences[s, a]) / z
    return out
""",
        "says": "No shift at all: overflows for preferences of 1000.",
        "right": False,
    },
    {
        "exercise": "softmax",
        "code": """\
import numpy as np


def softmax(preferences):
    safe = np.minimum(preferences, 700)
    e = np.exp(safe)
    return e / e.sum(axis=1, keepdims=True)
""",
        "says": "Clips the preferences at 700, which changes the probabilities of large ones.",
        "right": False,
    },
    {
        "exercise": "softmax",
        "code": """\
import numpy as np


def softmax(preferences):
    scaled = preferences / np.max(np.abs(preferences), axis=1, keepdims=True)
    e = np.exp(scaled)
    return e / e.sum(axis=1, keepdims=True)
""",
        "says": "Divides by the largest preference instead of subtracting it.",
        "right": False,
    },
    {
        "exercise": "softmax",
        "code": """\
import numpy as np


def softmax(preferences):
    lowest = preferences.min(axis=1, keepdims=True)
    p = np.exp(preferences - lowest)
    return p / p.sum(axis=1, keepdims=True)
""",
        "says": "Subtracts the smallest preference of the row instead of the largest.",
        "right": False,
    },
    {
        "exercise": "softmax",
        "code": """\
import numpy as np


def softmax(preferences):
    z = preferences - preferences.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))
""",
        "says": "Returns log-probabilities.",
        "right": False,
    },
    {
        "exercise": "softmax",
        "code": """\
import numpy as np


def softmax(preferences):
    best = np.argmax(preferences, axis=1)
    pi = np.zeros(preferences.shape)
    pi[np.arange(len(best)), best] = 1.0
    return pi
""",
        "says": "A hard maximum: all the probability on the best action.",
        "right": False,
    },
    {
        "exercise": "softmax",
        "code": """\
import numpy as np


def softmax(preferences):
    m = preferences.max(axis=1, keepdims=True)
    num = np.exp(preferences - m)
    den = np.exp(preferences).sum(axis=1, keepdims=True)
    return num / den
""",
        "says": "The numerator is shifted by the maximum and the denominator is not.",
        "right": False,
    },
    {
        "exercise": "softmax",
        "code": """\
import numpy as np


def softmax(preferences):
    with np.errstate(all="ignore"):
        e = np.nan_to_num(np.exp(preferences))
        return np.nan_to_num(e / e.sum(axis=1, keepdims=True))
""",
        "says": "Overflow is papered over with nan_to_num.",
        "right": False,
    },
    {
        "exercise": "softmax",
        "code": """\
import numpy as np


def softmax(preferences):
    centred = preferences - preferences.mean(axis=1, keepdims=True)
    weights = np.exp(centred)
    return weights / weights.sum(axis=0, keepdims=True)
""",
        "says": "Shifts by the row mean and normalises over columns.",
        "right": False,
    },
    {
        "exercise": "softmax",
        "code": """\
import numpy as np


def softmax(preferences):
    def sigmoid(x):
        return np.where(x >= 0, 1 / (1 + np.exp(-np.abs(x))), np.exp(-np.abs(x)) / (1 + np.exp(-np.abs(x))))

    return sigmoid(preferences)
""",
        "says": "A logistic function of each preference by itself, not normalised.",
        "right": False,
    },
    {
        "exercise": "softmax",
        "code": """\
import numpy as np


def softmax(preferences):
    log_z = np.logaddexp.reduce(preferences, axis=1)
    return np.exp(preferences - log_z[:, None])
""",
        "says": "Probabilities from logaddexp, which is right.",
        "right": True,
    },
    {
        "exercise": "trajectory_probability",
        "code": """\
def trajectory_probability(mdp, pi, states, actions):
    p = 1.0
    for t in range(len(actions)):
        p *= pi[states[t], actions[t]]
        p *= mdp.transition[states[t], actions[t], states[t + 1]]
    return p
""",
        "says": "The start distribution is left out.",
        "right": False,
    },
    {
        "exercise": "trajectory_probability",
        "code": """\
def trajectory_probability(mdp, pi, states, actions):
    prob = mdp.initial[states[0]]
    for s, a, s2 in zip(states, actions, states[1:]):
        prob = prob * mdp.transition[s, a, s2]
    return prob
""",
        "says": "The policy is left out.",
        "right": False,
    },
    {
        "exercise": "trajectory_probability",
        "code": """\
import numpy as np


def trajectory_probability(mdp, pi, states, actions):
    # the dynamics cancel
    return mdp.initial[states[0]] * np.prod(pi[states[:-1], actions])
""",
        "says": "The dynamics are left out, as they are in the gradient.",
        "right": False,
    },
    {
        "exercise": "trajectory_probability",
        "code": """\
def trajectory_probability(mdp, pi, states, actions):
    p = mdp.initial[states[0]]
    for t in range(len(actions)):
        p *= pi[states[t], actions[t]]
        p *= mdp.transition[states[t], actions[t], states[t + 1]]
        return p
""",
        "says": "Only the first step is counted, since the return stands inside the loop.",
        "right": False,
    },
    {
        "exercise": "trajectory_probability",
        "code": """\
import numpy as np


def trajectory_probability(mdp, pi, states, actions):
    logp = np.log(mdp.initial[states[0]])
    for t, a in enumerate(actions):
        logp += np.log(pi[states[t], a]) + np.log(mdp.transition[states[t], a, states[t + 1]])
    return logp
""",
        "says": "Returns the logarithm of the probability.",
        "right": False,
    },
    {
        "exercise": "trajectory_probability",
        "code": """\
import numpy as np


def trajectory_probability(mdp, pi, states, actions):
    here, after = states[:-1], states[1:]
    return mdp.initial[states[0]] * np.prod(pi[after, actions] * mdp.transition[here, actions, after])
""",
        "says": "The policy is asked in the state after the action.",
        "right": False,
    },
    {
        "exercise": "trajectory_probability",
        "code": """\
def trajectory_probability(mdp, pi, states, actions):
    p = mdp.initial[states[0]]
    T = len(actions)
    for t in range(T - 1):
        s, a, sn = states[t], actions[t], states[t + 1]
        p = p * pi[s, a] * mdp.transition[s, a, sn]
    return p
""",
        "says": "The last step is left out.",
        "right": False,
    },
    {
        "exercise": "trajectory_probability",
        "code": """\
def trajectory_probability(mdp, pi, states, actions):
    terms = pi[states[:-1], actions] * mdp.transition[states[:-1], actions, states[1:]]
    return mdp.initial[states[0]] * terms.sum()
""",
        "says": "Sums the terms over time instead of multiplying them.",
        "right": False,
    },
    {
        "exercise": "trajectory_probability",
        "code": """\
def trajectory_probability(mdp, pi, states, actions):
    P = mdp.initial[states[0]]
    for i in range(len(actions)):
        a = actions[i]
        P *= pi[states[i], a] * mdp.transition[states[i + 1], a, states[i]]
    return P
""",
        "says": "State and next state are swapped in the dynamics.",
        "right": False,
    },
    {
        "exercise": "trajectory_probability",
        "code": """\
import numpy as np


def trajectory_probability(mdp, pi, states, actions):
    chain = np.einsum("sa,sat->st", pi, mdp.transition)
    p = mdp.initial[states[0]]
    for t in range(len(actions)):
        p *= pi[states[t], actions[t]] * chain[states[t], states[t + 1]]
    return p
""",
        "says": "Uses the transition matrix of the policy, summed over all actions, besides the policy.",
        "right": False,
    },
    {
        "exercise": "trajectory_probability",
        "code": """\
def trajectory_probability(mdp, pi, states, actions):
    p = mdp.initial[states[0]]
    for t in range(len(actions)):
        p *= mdp.discount * pi[states[t], actions[t]] * mdp.transition[states[t], actions[t], states[t + 1]]
    return p
""",
        "says": "Each step is multiplied by the discount as well.",
        "right": False,
    },
    {
        "exercise": "trajectory_probability",
        "code": """\
def trajectory_probability(mdp, pi, states, actions):
    p = mdp.initial[states[-1]]
    for t in range(1, len(actions)):
        p *= pi[states[t], actions[t]] * mdp.transition[states[t], actions[t], states[t + 1]]
    return p
""",
        "says": "Begins with the probability of the last state and leaves out the first decision.",
        "right": False,
    },
    {
        "exercise": "trajectory_probability",
        "code": """\
def trajectory_probability(mdp, pi, states, actions):
    s, n = states[:-1], states[1:]
    return mdp.initial[s[0]] * pi[s, actions] * mdp.transition[s, actions, n]
""",
        "says": "The product of the terms is not taken: an array of step probabilities comes back.",
        "right": False,
    },
    {
        "exercise": "trajectory_probability",
        "code": """\
import numpy as np


def trajectory_probability(mdp, pi, states, actions):
    with np.errstate(divide="ignore"):
        total = np.log(mdp.initial[states[0]])
        total = total + np.log(pi[states[:-1], actions]).sum()
        total = total + np.log(mdp.transition[states[:-1], actions, states[1:]]).sum()
    return np.exp(total)
""",
        "says": "By logarithms and one exponential, which is right.",
        "right": True,
    },
    {
        "exercise": "expected_return",
        "code": """\
import numpy as np


def expected_return(mdp, pi):
    V = np.zeros(mdp.n_states)
    for _ in range(mdp.horizon):
        Q = np.sum(mdp.transition * (mdp.reward + V), axis=2)
        V = np.sum(pi * Q, axis=1)
    return mdp.initial @ V
""",
        "says": "The discount is left out of the recursion.",
        "right": False,
    },
    {
        "exercise": "expected_return",
        "code": """\
import numpy as np


def expected_return(mdp, pi):
    v = np.zeros(mdp.n_states)
    for t in range(mdp.horizon, -1, -1):
        v = np.einsum("sa,sat,sat->s", pi, mdp.transition, mdp.reward + mdp.discount * v)
    return float(mdp.initial @ v)
""",
        "says": "One step too many: horizon + 1 backups.",
        "right": False,
    },
    {
        "exercise": "expected_return",
        "code": """\
import numpy as np


def expected_return(mdp, pi):
    v = np.zeros(mdp.n_states)
    for t in range(1, mdp.horizon):
        q = (mdp.transition * (mdp.reward + mdp.discount * v[None, None, :])).sum(-1)
        v = (pi * q).sum(-1)
    return np.dot(mdp.initial, v)
""",
        "says": "One step too few: horizon - 1 backups.",
        "right": False,
    },
    {
        "exercise": "expected_return",
        "code": """\
import numpy as np


def expected_return(mdp, pi):
    P = np.einsum("sa,sat->st", pi, mdp.transition)
    r = np.einsum("sa,sat,sat->s", pi, mdp.transition, mdp.reward)
    V = np.linalg.solve(np.eye(len(r)) - mdp.discount * P, r)
    return mdp.initial @ V
""",
        "says": "Solves the stationary Bellman equation and ignores the horizon.",
        "right": False,
    },
    {
        "exercise": "expected_return",
        "code": """\
import numpy as np


def expected_return(mdp, pi):
    V = np.zeros(mdp.n_states)
    for _ in range(mdp.horizon):
        V_new = np.zeros(mdp.n_states)
        for s in range(mdp.n_states):
            for a in range(mdp.n_actions):
                for s2 in range(mdp.n_states):
                    V_new[s] += pi[s, a] * mdp.transition[s, a, s2] * (mdp.reward[s, a, s2] + mdp.discount * V[s2])
        V = V_new
    return V[0]
""",
        "says": "Returns the value of state 0 instead of the mean over the start distribution.",
        "right": False,
    },
    {
        "exercise": "expected_return",
        "code": """\
import numpy as np


def expected_return(mdp, pi):
    V = np.zeros(mdp.n_states)
    for _ in range(mdp.horizon):
        for s in range(mdp.n_states):
            q = [mdp.transition[s, a] @ (mdp.reward[s, a] + mdp.discount * V) for a in range(mdp.n_actions)]
            V[s] = sum(pi[s, a] * q[a] for a in range(mdp.n_actions))
    return mdp.initial @ V
""",
        "says": "The values are updated in place, so later states already see values of the step before.",
        "right": False,
    },
    {
        "exercise": "expected_return",
        "code": """\
import numpy as np


def expected_return(mdp, pi):
    v = np.zeros(mdp.n_states)
    for _ in range(mdp.horizon):
        q = np.einsum("ijk,ijk->ij", mdp.transition, mdp.reward + mdp.discount * v)
        v = q.max(axis=1)
    return mdp.initial @ v
""",
        "says": "Takes the best action in every state instead of the mean under the policy.",
        "right": False,
    },
    {
        "exercise": "expected_return",
        "code": """\
def expected_return(mdp, pi):
    P = (pi[:, :, None] * mdp.transition).sum(1)
    r = (pi[:, :, None] * mdp.transition * mdp.reward).sum((1, 2))
    V = 0 * r
    for _ in range(mdp.horizon):
        V = mdp.discount * (r + P @ V)
    return mdp.initial @ V
""",
        "says": "The reward of the step is discounted as well.",
        "right": False,
    },
    {
        "exercise": "expected_return",
        "code": """\
import numpy as np


def expected_return(mdp, pi):
    r_pi = np.sum(pi * mdp.reward.sum(axis=2), axis=1)
    P_pi = np.einsum("sa,sax->sx", pi, mdp.transition)
    V = np.zeros(mdp.n_states)
    for _ in range(mdp.horizon):
        V = r_pi + mdp.discount * P_pi @ V
    return mdp.initial.dot(V)
""",
        "says": "Sums the rewards over the next states without their probabilities.",
        "right": False,
    },
    {
        "exercise": "expected_return",
        "code": """\
import numpy as np


def expected_return(mdp, pi):
    chain = np.einsum("sa,sat->ts", pi, mdp.transition)
    pay = np.einsum("sa,sat,sat->s", pi, mdp.transition, mdp.reward)
    V = np.zeros(mdp.n_states)
    for _ in range(mdp.horizon):
        V = pay + mdp.discount * chain @ V
    return V.mean()
""",
        "says": "The chain is transposed and the start distribution is replaced by a plain mean.",
        "right": False,
    },
    {
        "exercise": "expected_return",
        "code": """\
import numpy as np


def expected_return(mdp, pi):
    v = np.zeros(mdp.n_states)
    for t in reversed(range(mdp.horizon)):
        backup = mdp.reward + mdp.discount**t * v
        v = (pi * (mdp.transition * backup).sum(axis=2)).sum(axis=1)
    return mdp.initial @ v
""",
        "says": "The power γᵗ is put into the recursion, which already has a discount in each step.",
        "right": False,
    },
    {
        "exercise": "expected_return",
        "code": """\
import numpy as np


def expected_return(mdp, pi):
    v = np.zeros(mdp.n_states)
    for _ in range(mdp.horizon):
        q = (mdp.transition * (mdp.reward + mdp.discount * v)).sum(axis=2)
        v = q.mean(axis=1)
    return mdp.initial * v
""",
        "says": "All actions count alike: the policy is ignored, and the values of all states are returned.",
        "right": False,
    },
    {
        "exercise": "expected_return",
        "code": """\
import numpy as np


def expected_return(mdp, pi):
    p = mdp.initial.copy()
    r = (pi * (mdp.transition * mdp.reward).sum(axis=2)).sum(axis=1)
    J = 0.0
    for t in range(mdp.horizon):
        J += mdp.discount**t * (p @ r)
        p = np.einsum("s,sa,sat->t", p, pi, mdp.transition)
    return J
""",
        "says": "Forwards in time with the distribution of the states, which gives the same number.",
        "right": True,
    },
    {
        "exercise": "gradient_ascent",
        "code": """\
def gradient_ascent(gradient, theta, step_size, n_steps):
    for _ in range(n_steps):
        theta = theta - step_size * gradient(theta)
    return theta
""",
        "says": "Descends: the sign of the step is minus.",
        "right": False,
    },
    {
        "exercise": "gradient_ascent",
        "code": """\
import numpy as np


def gradient_ascent(gradient, theta, step_size, n_steps):
    x = np.array(theta, dtype=float)
    for k in range(1, n_steps):
        x = x + step_size * gradient(x)
    return x
""",
        "says": "One step too few.",
        "right": False,
    },
    {
        "exercise": "gradient_ascent",
        "code": """\
def gradient_ascent(gradient, theta, step_size, n_steps):
    g = gradient(theta)
    for _ in range(n_steps):
        theta = theta + step_size * g
    return theta
""",
        "says": "The gradient is computed once, at the start.",
        "right": False,
    },
    {
        "exercise": "gradient_ascent",
        "code": """\
def gradient_ascent(gradient, theta, step_size, n_steps):
    for step in range(n_steps):
        theta = theta + step_size * gradient(theta)
        return theta
""",
        "says": "The return stands inside the loop, so only one step is made.",
        "right": False,
    },
    {
        "exercise": "gradient_ascent",
        "code": """\
import numpy as np


def gradient_ascent(gradient, theta, step_size, n_steps):
    history = [theta]
    for _ in range(n_steps):
        history.append(history[-1] + step_size * gradient(history[-1]))
    return np.array(history)
""",
        "says": "Returns the list of all parameters on the way.",
        "right": False,
    },
    {
        "exercise": "gradient_ascent",
        "code": """\
import numpy as np


def gradient_ascent(gradient, theta, step_size, n_steps):
    for _ in range(n_steps):
        g = gradient(theta)
        theta = theta + step_size * g / np.linalg.norm(g)
    return theta
""",
        "says": "The gradient is normalised to length one.",
        "right": False,
    },
    {
        "exercise": "gradient_ascent",
        "code": """\
def gradient_ascent(gradient, theta, step_size, n_steps):
    for k in range(n_steps):
        alpha = step_size / (k + 1)
        theta = theta + alpha * gradient(theta)
    return theta
""",
        "says": "The step size decays with the number of steps.",
        "right": False,
    },
    {
        "exercise": "gradient_ascent",
        "code": """\
def gradient_ascent(gradient, theta, step_size, n_steps):
    i = 0
    while i < n_steps:
        theta = theta + gradient(theta)
        i += 1
    return theta
""",
        "says": "The step size is ignored.",
        "right": False,
    },
    {
        "exercise": "gradient_ascent",
        "code": """\
def gradient_ascent(gradient, theta, step_size, n_steps):
    step = step_size * gradient(theta)
    for _ in range(n_steps):
        theta = theta + step
        step = step_size * gradient(theta)
    return step
""",
        "says": "One step too many and the parameters are lost: the last step is returned instead of θ.",
        "right": False,
    },
    {
        "exercise": "gradient_ascent",
        "code": """\
import numpy as np


def gradient_ascent(gradient, theta, step_size, n_steps):
    velocity = np.zeros_like(theta, dtype=float)
    for _ in range(n_steps):
        velocity = 0.9 * velocity + gradient(theta)
        theta = theta + step_size * velocity
    return theta
""",
        "says": "Momentum is added, which line A1 does not have.",
        "right": False,
    },
    {
        "exercise": "gradient_ascent",
        "code": """\
import numpy as np


def gradient_ascent(gradient, theta, step_size, n_steps):
    x = np.array(theta, dtype=float)
    for _ in range(n_steps):
        for i in np.ndindex(x.shape):
            x[i] += step_size * gradient(x)[i]
    return x
""",
        "says": "The parameters are updated one entry at a time with the gradient at the partly updated point.",
        "right": False,
    },
    {
        "exercise": "gradient_ascent",
        "code": """\
def gradient_ascent(gradient, theta, step_size, n_steps):
    for _ in range(n_steps + 1):
        theta = theta * (1 + step_size * gradient(theta))
    return theta
""",
        "says": "Multiplies the parameters by the step instead of adding it, and makes a step too many.",
        "right": False,
    },
    {
        "exercise": "gradient_ascent",
        "code": """\
def gradient_ascent(gradient, theta, step_size, n_steps):
    if n_steps == 0:
        return theta
    return gradient_ascent(gradient, theta + step_size * gradient(theta), step_size, n_steps - 1)
""",
        "says": "By recursion, which is right.",
        "right": True,
    },
]
