"""Answers of learners: trajectory_form."""

ANSWERS = [
    {
        "exercise": "softmax_score",
        "code": """\
import numpy as np


def softmax_score(pi, state, action):
    score = np.zeros_like(pi)
    score[state] = -pi[state, action] * pi[state]
    score[state, action] += pi[state, action]
    return score
""",
        "says": "Gradient of π instead of log π: the factor π(a|s) is kept.",
        "right": False,
    },
    {
        "exercise": "softmax_score",
        "code": """\
import numpy as np


def softmax_score(pi, state, action):
    g = np.zeros(pi.shape)
    g[state, action] = 1
    return g
""",
        "says": "Only the one-hot part; the probabilities are not subtracted.",
        "right": False,
    },
    {
        "exercise": "softmax_score",
        "code": """\
import numpy as np


def softmax_score(pi, state, action):
    g = np.zeros(pi.shape)
    g[state] = pi[state]
    g[state, action] -= 1.0
    return g
""",
        "says": "The sign is wrong: probabilities minus one-hot.",
        "right": False,
    },
    {
        "exercise": "softmax_score",
        "code": """\
def softmax_score(pi, state, action):
    pi[state] = -pi[state]
    pi[state, action] += 1
    return pi
""",
        "says": "Works in the given table itself: the other rows keep their probabilities, and the caller's"
        " π is changed.",
        "right": False,
    },
    {
        "exercise": "softmax_score",
        "code": """\
def softmax_score(pi, state, action):
    out = -pi.copy()
    out[state, action] += 1
    return out
""",
        "says": "Subtracts the probabilities in every state, not just the one that was visited.",
        "right": False,
    },
    {
        "exercise": "softmax_score",
        "code": """\
import numpy as np


def softmax_score(pi, state, action):
    one_hot = np.eye(pi.shape[1])[action]
    return one_hot - pi[state]
""",
        "says": "Returns only the row of the state.",
        "right": False,
    },
    {
        "exercise": "softmax_score",
        "code": '''\
import numpy as np


def softmax_score(pi, state, action):
    """Entry of the chosen action."""
    score = np.zeros_like(pi)
    score[state, action] = 1 - pi[state, action]
    return score
''',
        "says": "Only the chosen action gets an entry, 1 - π; the other actions get 0.",
        "right": False,
    },
    {
        "exercise": "softmax_score",
        "code": """\
import numpy as np


def softmax_score(pi, state, action):
    n_states, n_actions = pi.shape
    score = np.zeros((n_states, n_actions))
    for s in range(n_states):
        for a in range(n_actions):
            if s == state and a == action:
                score[s, a] = 1.0 / pi[s, a]
    return score
""",
        "says": "Takes the derivative of log π by π, 1/π, and stops there.",
        "right": False,
    },
    {
        "exercise": "softmax_score",
        "code": """\
import numpy as np


def softmax_score(pi, state, action):
    score = np.zeros_like(pi)
    for a in range(pi.shape[1]):
        if a == action:
            score[state, a] = 1 - pi[state, action]
        else:
            score[state, a] = -pi[state, action]
    return score
""",
        "says": "The other actions get minus the probability of the chosen action instead of their own.",
        "right": False,
    },
    {
        "exercise": "softmax_score",
        "code": """\
import numpy as np


def softmax_score(pi, state, action):
    S, A = pi.shape
    g = np.zeros((S, A))
    g[state, :] = -1 / A
    g[state, action] += 1
    return g
""",
        "says": "Subtracts the uniform probability 1/A instead of π.",
        "right": False,
    },
    {
        "exercise": "softmax_score",
        "code": """\
import numpy as np


def softmax_score(pi, state, action):
    score = np.zeros(pi.shape, dtype=int)
    score[state] -= (pi[state] * 1).astype(int)
    score[state, action] += 1
    return score
""",
        "says": "The table is made of integers, so the probabilities are cut off.",
        "right": False,
    },
    {
        "exercise": "softmax_score",
        "code": """\
import numpy as np


def softmax_score(pi, state, action):
    g = np.zeros(pi.shape)
    one = np.arange(pi.shape[1]) == action
    g[state] = -(one - pi[state]) / pi[state]
    return g
""",
        "says": "Divides by π of each action, and has the sign of the descent.",
        "right": False,
    },
    {
        "exercise": "softmax_score",
        "code": """\
def softmax_score(pi, state, action):
    p = pi[state, action]
    grad = -p * pi
    grad[state, action] = p * (1 - p)
    return grad
""",
        "says": "Both mistakes: the gradient of π, and the minus term in all states.",
        "right": False,
    },
    {
        "exercise": "softmax_score",
        "code": """\
import numpy as np


def softmax_score(pi, state, action):
    rows = (np.arange(pi.shape[0]) == state)[:, None]
    cols = (np.arange(pi.shape[1]) == action)[None, :]
    return rows * (cols - pi)
""",
        "says": "Multiplies an indicator table with the difference, which is right.",
        "right": True,
    },
    {
        "exercise": "trajectory_score",
        "code": """\
import numpy as np


def trajectory_score(states, actions, pi):
    score = np.zeros_like(pi)
    score[states[:-1], actions] += 1
    score[states[:-1]] -= pi[states[:-1]]
    return score
""",
        "says": "Fancy indexing with += counts a pair that occurs twice only once.",
        "right": False,
    },
    {
        "exercise": "trajectory_score",
        "code": """\
import numpy as np


def trajectory_score(states, actions, pi):
    g = np.zeros(pi.shape)
    np.add.at(g, (states[:-1], actions), 1.0)
    for s in set(states[:-1].tolist()):
        g[s] -= pi[s]
    return g
""",
        "says": "The probabilities are subtracted once for each visited state, not once for each visit.",
        "right": False,
    },
    {
        "exercise": "trajectory_score",
        "code": """\
import numpy as np


def trajectory_score(states, actions, pi):
    score = np.zeros(pi.shape)
    for t in range(len(actions)):
        s = states[t + 1]
        score[s] -= pi[s]
        score[s, actions[t]] += 1
    return score
""",
        "says": "The scores are taken in the state after each action.",
        "right": False,
    },
    {
        "exercise": "trajectory_score",
        "code": """\
import numpy as np


def trajectory_score(states, actions, pi):
    eye = np.eye(pi.shape[1])
    total = np.zeros(pi.shape)
    for s, a in zip(states, actions):
        total[s] += eye[a] - pi[s]
    return total / len(actions)
""",
        "says": "The mean over the steps instead of the sum.",
        "right": False,
    },
    {
        "exercise": "trajectory_score",
        "code": """\
import numpy as np


def trajectory_score(states, actions, pi):
    counts = np.zeros(pi.shape)
    for t, a in enumerate(actions):
        counts[states[t], a] += 1
    return counts
""",
        "says": "Only counts the pairs and forgets to subtract the probabilities.",
        "right": False,
    },
    {
        "exercise": "trajectory_score",
        "code": """\
import numpy as np


def trajectory_score(states, actions, pi):
    score = np.zeros(pi.shape)
    prob = 1.0
    for s, a in zip(states[:-1], actions):
        prob *= pi[s, a]
        score[s] -= pi[s]
        score[s, a] += 1
    return prob * score
""",
        "says": "Gradient of the probability of the actions instead of its logarithm: multiplied by the product of π.",
        "right": False,
    },
    {
        "exercise": "trajectory_score",
        "code": """\
import numpy as np


def trajectory_score(states, actions, pi):
    def grad_pi(s, a):
        g = np.zeros_like(pi)
        g[s] = -pi[s, a] * pi[s]
        g[s, a] += pi[s, a]
        return g

    return sum(grad_pi(s, a) for s, a in zip(states[:-1], actions))
""",
        "says": "Sums the gradients of π instead of log π.",
        "right": False,
    },
    {
        "exercise": "trajectory_score",
        "code": """\
import numpy as np


def trajectory_score(states, actions, pi):
    g = -len(actions) * pi
    np.add.at(g, (states[:-1], actions), 1)
    return g
""",
        "says": "Subtracts T times the probabilities in every state.",
        "right": False,
    },
    {
        "exercise": "trajectory_score",
        "code": """\
import numpy as np


def trajectory_score(states, actions, pi):
    g = np.zeros(pi.shape)
    np.add.at(g, (states[:-1], actions), 1)
    np.subtract.at(g, states, pi[states])
    return g
""",
        "says": "A score for the last state is subtracted too, though nothing was decided there.",
        "right": False,
    },
    {
        "exercise": "trajectory_score",
        "code": """\
import numpy as np


def trajectory_score(states, actions, pi):
    T = len(actions)
    g = np.zeros((T,) + pi.shape)
    for t in range(T):
        g[t, states[t]] = -pi[states[t]]
        g[t, states[t], actions[t]] += 1
    return g
""",
        "says": "Returns one score for each step instead of their sum.",
        "right": False,
    },
    {
        "exercise": "trajectory_score",
        "code": """\
import numpy as np


def trajectory_score(states, actions, pi):
    g = np.zeros_like(pi)
    for t in range(len(actions) - 1):
        g[states[t]] -= pi[states[t]] / len(actions)
        g[states[t], actions[t]] += 1 / len(actions)
    return g
""",
        "says": "The last decision is left out, and the sum is divided by the number of steps.",
        "right": False,
    },
    {
        "exercise": "trajectory_score",
        "code": """\
import numpy as np


def trajectory_score(states, actions, pi):
    score = np.zeros_like(pi)
    for s, a in zip(states[:-1], actions):
        score[s, a] += 1 - pi[s, a]
    return score
""",
        "says": "Only the chosen action's own entry is filled, and only by 1 - π.",
        "right": False,
    },
    {
        "exercise": "trajectory_score",
        "code": """\
import numpy as np


def trajectory_score(states, actions, pi):
    S, A = pi.shape
    counts = np.bincount(states[:-1] * A + actions, minlength=S * A).reshape(S, A)
    return counts - counts.sum(axis=1, keepdims=True) * pi
""",
        "says": "Counts of the pairs less visits times π, which is right.",
        "right": True,
    },
    {
        "exercise": "importance_ratio",
        "code": """\
import numpy as np


def importance_ratio(states, actions, pi, pi_old):
    s = states[:, :-1]
    return np.prod(pi_old[s, actions] / pi[s, actions], axis=1)
""",
        "says": "The ratio is upside down: old over new.",
        "right": False,
    },
    {
        "exercise": "importance_ratio",
        "code": """\
def importance_ratio(states, actions, pi, pi_old):
    s = states[:, :-1]
    return (pi[s, actions] / pi_old[s, actions]).sum(axis=1)
""",
        "says": "The ratios are added over time instead of multiplied.",
        "right": False,
    },
    {
        "exercise": "importance_ratio",
        "code": """\
def importance_ratio(states, actions, pi, pi_old):
    nxt = states[:, 1:]
    num = pi[nxt, actions].prod(axis=1)
    den = pi_old[nxt, actions].prod(axis=1)
    return num / den
""",
        "says": "Uses the states after the actions.",
        "right": False,
    },
    {
        "exercise": "importance_ratio",
        "code": """\
import numpy as np


def importance_ratio(states, actions, pi, pi_old):
    new, old = [], []
    for s, a in zip(states, actions):
        new.append(sum(pi[s[t], a[t]] for t in range(len(a))))
        old.append(sum(pi_old[s[t], a[t]] for t in range(len(a))))
    return np.array(new) / np.array(old)
""",
        "says": "Ratio of the sums of the probabilities along the walk.",
        "right": False,
    },
    {
        "exercise": "importance_ratio",
        "code": """\
import numpy as np


def importance_ratio(states, actions, pi, pi_old):
    s = states[:, :-1]
    return np.sum(np.log(pi[s, actions]) - np.log(pi_old[s, actions]), axis=1)
""",
        "says": "Returns the logarithm of the ratio.",
        "right": False,
    },
    {
        "exercise": "importance_ratio",
        "code": """\
import numpy as np


def importance_ratio(states, actions, pi, pi_old):
    m, T = actions.shape
    w = np.ones(m)
    for i in range(m):
        for t in range(T):
            w[i] *= pi[states[i, t], actions[i, t]] / pi_old[states[i, t], actions[i, t]]
    return w / w.mean()
""",
        "says": "The weights are normalised to a mean of one over the batch.",
        "right": False,
    },
    {
        "exercise": "importance_ratio",
        "code": """\
import numpy as np


def importance_ratio(states, actions, pi, pi_old):
    ratio = pi[states[:, :-1], actions] / pi_old[states[:, :-1], actions]
    return np.prod(ratio, axis=0)
""",
        "says": "The product runs over the trajectories instead of the time.",
        "right": False,
    },
    {
        "exercise": "importance_ratio",
        "code": """\
import numpy as np


def importance_ratio(states, actions, pi, pi_old):
    rho = np.empty(len(states))
    for i in range(len(states)):
        for t in range(actions.shape[1]):
            rho[i] = pi[states[i, t], actions[i, t]] / pi_old[states[i, t], actions[i, t]]
    return rho
""",
        "says": "Only the last step's ratio is kept.",
        "right": False,
    },
    {
        "exercise": "importance_ratio",
        "code": """\
import numpy as np


def importance_ratio(states, actions, pi, pi_old):
    s = states[:, :-1]
    log_ratio = np.log(pi[s, actions]) - np.log(pi_old[s, actions])
    return np.exp(log_ratio.mean(axis=1))
""",
        "says": "The geometric mean over the steps, as some programs for language models do.",
        "right": False,
    },
    {
        "exercise": "importance_ratio",
        "code": """\
import numpy as np


def importance_ratio(states, actions, pi, pi_old):
    return np.array([np.prod([pi[s, a] for s, a in zip(row, acts)]) for row, acts in zip(states, actions)])
""",
        "says": "Only the new policy's probability, not divided by the old one.",
        "right": False,
    },
    {
        "exercise": "importance_ratio",
        "code": """\
import numpy as np


def importance_ratio(states, actions, pi, pi_old):
    s = states[:, :-1]
    r = pi[s, actions] / pi_old[s, actions]
    r = np.clip(r, 0.8, 1.2)
    return r.prod(axis=1)
""",
        "says": "The ratios are clipped as in PPO.",
        "right": False,
    },
    {
        "exercise": "importance_ratio",
        "code": """\
import numpy as np


def importance_ratio(states, actions, pi, pi_old):
    rho = np.ones(states.shape[0])
    for t in range(actions.shape[1] - 1):
        rho *= pi_old[states[:, t], actions[:, t]] / pi[states[:, t], actions[:, t]]
    return rho
""",
        "says": "Upside down, and the last decision is left out.",
        "right": False,
    },
    {
        "exercise": "importance_ratio",
        "code": """\
import numpy as np


def importance_ratio(states, actions, pi, pi_old):
    s = states[:, :-1]
    return np.cumprod(pi[s, actions] / pi_old[s, actions], axis=1)
""",
        "says": "Per-step ratios, cumulative in time, instead of one weight for each trajectory.",
        "right": False,
    },
    {
        "exercise": "importance_ratio",
        "code": """\
import numpy as np


def importance_ratio(states, actions, pi, pi_old):
    table = np.log(pi) - np.log(pi_old)
    return np.exp(np.take_along_axis(table[states[:, :-1]], actions[..., None], axis=2).squeeze(-1).sum(axis=1))
""",
        "says": "Through the table of all ratios and logarithms, which is right.",
        "right": True,
    },
    {
        "exercise": "gradient_by_listing",
        "code": """\
import numpy as np
from pgcode.trajectories import enumerate_trajectories


def gradient_by_listing(mdp, policy, theta):
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    total = scores.sum(axis=1)
    return np.tensordot(probability * trajectories.returns, total, axes=1)
""",
        "says": "The steps after the end are counted: `active` is not used.",
        "right": False,
    },
    {
        "exercise": "gradient_by_listing",
        "code": """\
import numpy as np
from pgcode.trajectories import enumerate_trajectories


def gradient_by_listing(mdp, policy, theta):
    tr, p = enumerate_trajectories(mdp, policy, theta)
    scores = policy.score(theta)[tr.states[:, :-1], tr.actions]
    scores[~tr.active] = 0
    g = np.tensordot(tr.returns, scores.sum(axis=1), axes=1)
    return g / len(tr)
""",
        "says": "The probabilities are left out: a plain mean over all trajectories.",
        "right": False,
    },
    {
        "exercise": "gradient_by_listing",
        "code": """\
import numpy as np
from pgcode.trajectories import enumerate_trajectories


def gradient_by_listing(mdp, policy, theta):
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    table = policy.score(theta)
    g = np.zeros(np.shape(theta))
    for i in range(len(trajectories)):
        for t in range(trajectories.horizon):
            if trajectories.active[i, t]:
                s, a = trajectories.states[i, t + 1], trajectories.actions[i, t]
                g = g + probability[i] * trajectories.returns[i] * table[s, a]
    return g
""",
        "says": "The states are shifted: scores in the state after the action.",
        "right": False,
    },
    {
        "exercise": "gradient_by_listing",
        "code": """\
import numpy as np
from pgcode.trajectories import enumerate_trajectories


def gradient_by_listing(mdp, policy, theta):
    from pgcode import environments

    mdp = environments.short_corridor(horizon=3, discount=0.9)
    policy, theta = environments.corridor_policy(), np.array([0.0, -1.0])
    tr, p = enumerate_trajectories(mdp, policy, theta)
    scores = policy.score(theta)[tr.states[:, :-1], tr.actions]
    scores[~tr.active] = 0
    return np.tensordot(p * tr.returns, scores.sum(axis=1), axes=1)
""",
        "says": "The example of the page is built inside, and the arguments are ignored.",
        "right": False,
    },
    {
        "exercise": "gradient_by_listing",
        "code": """\
import numpy as np
from pgcode.trajectories import enumerate_trajectories


def gradient_by_listing(mdp, policy, theta):
    tr, prob = enumerate_trajectories(mdp, policy, theta)
    s, a = tr.states[:, :-1], tr.actions
    pi = policy.probabilities(theta)[s, a] * tr.active
    score = policy.score(theta)[s, a]
    return np.einsum("i,i,it,it...->...", prob, tr.returns, pi, score)
""",
        "says": "Multiplied by π, so gradients of π stand where scores should.",
        "right": False,
    },
    {
        "exercise": "gradient_by_listing",
        "code": """\
import numpy as np
from pgcode.trajectories import enumerate_trajectories


def gradient_by_listing(mdp, policy, theta):
    tr, prob = enumerate_trajectories(mdp, policy, theta)
    score = policy.score(theta)[tr.states[:, :-1], tr.actions]
    return np.einsum("i,it,it...->...", prob, tr.active.astype(float), score)
""",
        "says": "The return is left out, so that the sum is zero.",
        "right": False,
    },
    {
        "exercise": "gradient_by_listing",
        "code": """\
import numpy as np
from pgcode.trajectories import enumerate_trajectories


def gradient_by_listing(mdp, policy, theta):
    tr, prob = enumerate_trajectories(mdp, policy, theta)
    weights = prob[:, None] * tr.returns_from_step * tr.active
    score = policy.score(theta)[tr.states[:, :-1], tr.actions]
    return np.einsum("it,it...->...", weights, score)
""",
        "says": "Reward-to-go without its factor γᵗ.",
        "right": False,
    },
    {
        "exercise": "gradient_by_listing",
        "code": """\
import numpy as np
from pgcode.trajectories import enumerate_trajectories


def gradient_by_listing(mdp, policy, theta):
    tr, prob = enumerate_trajectories(mdp, policy, theta)
    R = tr.rewards.sum(axis=1)
    score = policy.score(theta)[tr.states[:, :-1], tr.actions]
    score[~tr.active] = 0.0
    Z = score.sum(axis=1)
    return np.tensordot(prob * R, Z, axes=(0, 0))
""",
        "says": "The rewards are added without the discount.",
        "right": False,
    },
    {
        "exercise": "gradient_by_listing",
        "code": """\
import numpy as np
from pgcode.trajectories import enumerate_trajectories


def gradient_by_listing(mdp, policy, theta):
    tr, prob = enumerate_trajectories(mdp, policy, theta)
    n = np.maximum(tr.active.sum(axis=1), 1)
    score = policy.score(theta)[tr.states[:, :-1], tr.actions]
    w = prob * tr.returns / n
    return np.einsum("i,it,it...->...", w, tr.active * 1.0, score)
""",
        "says": "Each trajectory's score is divided by its number of steps.",
        "right": False,
    },
    {
        "exercise": "gradient_by_listing",
        "code": """\
import numpy as np
from pgcode.trajectories import enumerate_trajectories


def gradient_by_listing(mdp, policy, theta):
    tr, prob = enumerate_trajectories(mdp, policy, theta)
    score = policy.score(theta)[tr.states[:, :-1], tr.actions].sum(axis=1)
    logp = np.log(np.where(prob > 0, prob, 1.0))
    return np.tensordot(logp * tr.returns, score, axes=1)
""",
        "says": "Weights with log P instead of P, and counts steps after the end.",
        "right": False,
    },
    {
        "exercise": "gradient_by_listing",
        "code": """\
import numpy as np
from pgcode.trajectories import enumerate_trajectories


def gradient_by_listing(mdp, policy, theta):
    tr, prob = enumerate_trajectories(mdp, policy, theta)
    score = policy.score(theta)[tr.states[:, :-1], tr.actions]
    return np.einsum("i,i,it,itk->k", prob, tr.returns, tr.active * 1.0, score)
""",
        "says": "Written for a θ with one number only: fails when θ has two.",
        "right": False,
    },
    {
        "exercise": "gradient_by_listing",
        "code": """\
import numpy as np
from pgcode.trajectories import enumerate_trajectories


def gradient_by_listing(mdp, policy, theta):
    tr, prob = enumerate_trajectories(mdp, policy, theta)
    score = policy.score(theta)[tr.states[:, :-1], tr.actions]
    score[~tr.active] = 0
    J = prob @ tr.returns
    return J * np.tensordot(prob, score.sum(axis=1), axes=1)
""",
        "says": "Sums over trajectories separately: the mean score times the mean return.",
        "right": False,
    },
    {
        "exercise": "gradient_by_listing",
        "code": """\
import numpy as np
from pgcode.trajectories import enumerate_trajectories


def gradient_by_listing(mdp, policy, theta):
    tr, prob = enumerate_trajectories(mdp, policy, theta)
    table = policy.score(theta)
    grad = np.zeros(np.shape(theta))
    for i in range(len(tr)):
        z = np.zeros(np.shape(theta))
        for t in range(tr.horizon):
            if tr.active[i, t]:
                z += table[tr.states[i, t], tr.actions[i, t]]
        grad += prob[i] * tr.rewards[i].sum() * z
    return grad / len(tr)
""",
        "says": "Divides the exact sum by the number of trajectories, and the rewards are not discounted.",
        "right": False,
    },
    {
        "exercise": "gradient_by_listing",
        "code": """\
import numpy as np
from pgcode.trajectories import enumerate_trajectories


def gradient_by_listing(mdp, policy, theta):
    tr, prob = enumerate_trajectories(mdp, policy, theta)
    J = prob @ tr.returns
    score = policy.score(theta)[tr.states[:, :-1], tr.actions]
    score[~tr.active] = 0
    return np.tensordot(prob * (tr.returns - J), score.sum(axis=1), axes=1)
""",
        "says": "A constant baseline J is subtracted, which changes nothing in the exact sum.",
        "right": True,
    },
    {
        "exercise": "gradient_by_listing",
        "code": """\
import numpy as np
from pgcode.trajectories import enumerate_trajectories


def gradient_by_listing(mdp, policy, theta):
    tr, prob = enumerate_trajectories(mdp, policy, theta)
    powers = tr.discount ** np.arange(tr.horizon)
    w = prob[:, None] * powers * tr.returns_from_step * tr.active
    score = policy.score(theta)[tr.states[:, :-1], tr.actions]
    return np.einsum("it,it...->...", w, score)
""",
        "says": "γᵗ times the reward-to-go in the place of the return, equal in the exact sum.",
        "right": True,
    },
    {
        "exercise": "estimate_and_error",
        "code": """\
import numpy as np


def estimate_and_error(trajectories, policy, theta):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    z = scores.sum(axis=1)
    g = (z.T * trajectories.returns).T
    return g.mean(axis=0), g.std(axis=0) / np.sqrt(len(g))
""",
        "says": "The variance has m in its denominator.",
        "right": False,
    },
    {
        "exercise": "estimate_and_error",
        "code": """\
import numpy as np


def estimate_and_error(trajectories, policy, theta):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    g = np.einsum("it...,i->i...", scores, trajectories.returns)
    return g.mean(axis=0), g.std(axis=0, ddof=1)
""",
        "says": "Returns the standard deviation of one trajectory, not of the mean.",
        "right": False,
    },
    {
        "exercise": "estimate_and_error",
        "code": """\
import numpy as np


def estimate_and_error(trajectories, policy, theta):
    tr = trajectories
    m = len(tr)
    table = policy.score(theta)
    g = []
    for i in range(m):
        z = 0
        for t in range(tr.horizon):
            if tr.active[i, t]:
                z = z + table[tr.states[i, t], tr.actions[i, t]]
        g.append(z * tr.returns[i])
    g = np.array(g)
    return g.mean(axis=0), g.var(axis=0, ddof=1) / m
""",
        "says": "Returns the variance of the mean instead of its root.",
        "right": False,
    },
    {
        "exercise": "estimate_and_error",
        "code": """\
import numpy as np


def estimate_and_error(trajectories, policy, theta):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    g = np.einsum("it...,i->i...", scores, trajectories.returns)
    m = len(trajectories)
    return g.mean(axis=0), g.std(axis=0, ddof=1) / m**0.5
""",
        "says": "Steps after the end are counted.",
        "right": False,
    },
    {
        "exercise": "estimate_and_error",
        "code": """\
import numpy as np


def estimate_and_error(trajectories, policy, theta):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    w = trajectories.discount ** np.arange(trajectories.horizon) * trajectories.returns_from_step
    g = np.einsum("it...,it->i...", scores, w)
    return g.mean(axis=0), g.std(axis=0, ddof=1) / np.sqrt(len(trajectories))
""",
        "says": "Reward-to-go instead of the whole return.",
        "right": False,
    },
    {
        "exercise": "estimate_and_error",
        "code": """\
import numpy as np


def estimate_and_error(trajectories, policy, theta):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    g = np.einsum("it...,i->i...", scores, trajectories.returns)
    n = trajectories.active.sum()
    return g.sum(axis=0) / n, g.std(axis=0, ddof=1) / np.sqrt(n)
""",
        "says": "The mean is taken over all steps instead of over the trajectories.",
        "right": False,
    },
    {
        "exercise": "estimate_and_error",
        "code": """\
import numpy as np


def estimate_and_error(trajectories, policy, theta):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    z = scores.sum(axis=1)
    g = np.einsum("i...,i->i...", z, trajectories.returns)
    return z.mean(axis=0) * trajectories.returns.mean(), g.std(axis=0, ddof=1) / np.sqrt(len(z))
""",
        "says": "The mean score times the mean return.",
        "right": False,
    },
    {
        "exercise": "estimate_and_error",
        "code": """\
import numpy as np


def estimate_and_error(trajectories, policy, theta):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    g = np.einsum("it...,i->i...", scores, trajectories.returns)
    m = g.shape[0]
    mean = g.sum(axis=0) / m
    var = ((g - mean) ** 2).sum(axis=0) / (m - 1)
    return mean, np.sqrt(var / (m - 1))
""",
        "says": "m - 1 is used twice: for the variance and under the root of the mean.",
        "right": False,
    },
    {
        "exercise": "estimate_and_error",
        "code": """\
import numpy as np


def estimate_and_error(trajectories, policy, theta):
    R = trajectories.returns
    R = (R - R.mean()) / R.std()
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    g = np.einsum("it...,i->i...", scores, R)
    return g.mean(axis=0), g.std(axis=0, ddof=1) / np.sqrt(len(R))
""",
        "says": "Returns are standardised over the batch first.",
        "right": False,
    },
    {
        "exercise": "estimate_and_error",
        "code": """\
import numpy as np


def estimate_and_error(trajectories, policy, theta):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    g = np.einsum("it...,i->i...", scores, trajectories.returns)
    return g.mean(axis=0), np.std(g, ddof=1) / np.sqrt(len(g))
""",
        "says": "The standard error is one number for all entries together.",
        "right": False,
    },
    {
        "exercise": "estimate_and_error",
        "code": """\
import numpy as np


def estimate_and_error(trajectories, policy, theta):
    score = policy.score(theta)
    total = np.zeros(np.shape(theta))
    for s, a, R in zip(trajectories.states, trajectories.actions, trajectories.returns):
        total += score[s[:-1], a].sum(axis=0) * R
    return total / len(trajectories)
""",
        "says": "Only the estimate is returned, and steps after the end count.",
        "right": False,
    },
    {
        "exercise": "estimate_and_error",
        "code": """\
import numpy as np


def estimate_and_error(trajectories, policy, theta):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    g = np.einsum("it...,i->i...", scores, trajectories.returns)
    return g.sum(axis=0), np.sqrt(len(g)) * g.std(axis=0)
""",
        "says": "A sum over trajectories instead of a mean, with the error of a sum and m in the variance.",
        "right": False,
    },
    {
        "exercise": "estimate_and_error",
        "code": """\
import numpy as np


def estimate_and_error(trajectories, policy, theta):
    table = policy.score(theta)
    m = len(trajectories)
    mean = np.zeros(np.shape(theta))
    squares = np.zeros(np.shape(theta))
    for i in range(m):
        on = trajectories.active[i]
        g = trajectories.returns[i] * table[trajectories.states[i, :-1][on], trajectories.actions[i][on]].sum(axis=0)
        step = g - mean
        mean = mean + step / (i + 1)
        squares = squares + step * (g - mean)
    return mean, np.sqrt(squares / (m - 1) / m)
""",
        "says": "One pass over the trajectories with running sums of squares, which is right.",
        "right": True,
    },
    {
        "exercise": "reinforce_update",
        "code": """\
import numpy as np


def reinforce_update(theta, policy, states, actions, rewards, discount, step_size):
    paid = rewards * discount ** np.arange(len(rewards))
    weights = np.cumsum(paid[::-1])[::-1]
    scores = policy.score(theta)[states[:-1], actions]
    return theta - step_size * np.tensordot(weights, scores, axes=1)
""",
        "says": "The step still goes downhill: only two of the three mistakes are mended.",
        "right": False,
    },
    {
        "exercise": "reinforce_update",
        "code": """\
import numpy as np


def reinforce_update(theta, policy, states, actions, rewards, discount, step_size):
    paid = rewards * discount ** np.arange(len(rewards))
    weights = np.cumsum(paid[::-1])[::-1]
    scores = policy.score(theta)[states[1:], actions]
    return theta + step_size * np.tensordot(weights, scores, axes=1)
""",
        "says": "The scores still stand in the states after the actions.",
        "right": False,
    },
    {
        "exercise": "reinforce_update",
        "code": """\
import numpy as np


def reinforce_update(theta, policy, states, actions, rewards, discount, step_size):
    paid = rewards * discount ** np.arange(len(rewards))
    weights = np.cumsum(paid[::-1])[::-1]
    scores = policy.score(theta)[states[:-1], actions]
    return theta + step_size * np.tensordot(weights[:-1], scores[:-1], axes=1)
""",
        "says": "The last step is still left out.",
        "right": False,
    },
    {
        "exercise": "reinforce_update",
        "code": """\
import numpy as np


def reinforce_update(theta, policy, states, actions, rewards, discount, step_size):
    T = len(rewards)
    G = 0.0
    table = policy.score(theta)
    grad = np.zeros(np.shape(theta))
    for t in reversed(range(T)):
        G = rewards[t] + discount * G
        grad = grad + G * table[states[t], actions[t]]
    return theta + step_size * grad
""",
        "says": "The factor γᵗ is left out: plain reward-to-go.",
        "right": False,
    },
    {
        "exercise": "reinforce_update",
        "code": """\
import numpy as np


def reinforce_update(theta, policy, states, actions, rewards, discount, step_size):
    gamma_t = discount ** np.arange(len(rewards))
    weights = np.cumsum((rewards * gamma_t)[::-1])[::-1]
    scores = policy.score(theta)[states[:-1], actions]
    return theta + step_size * np.tensordot(gamma_t * weights, scores, axes=1)
""",
        "says": "γᵗ is multiplied twice.",
        "right": False,
    },
    {
        "exercise": "reinforce_update",
        "code": """\
import numpy as np


def reinforce_update(theta, policy, states, actions, rewards, discount, step_size):
    R = np.sum(rewards * discount ** np.arange(len(rewards)))
    scores = policy.score(theta)[states[:-1], actions]
    return theta + step_size * R * scores.sum(axis=0)
""",
        "says": "The whole return stands beside every score.",
        "right": False,
    },
    {
        "exercise": "reinforce_update",
        "code": """\
import numpy as np


def reinforce_update(theta, policy, states, actions, rewards, discount, step_size):
    theta = np.array(theta, dtype=float)
    T = len(rewards)
    for t in range(T):
        G = sum(discount ** (k - t) * rewards[k] for k in range(t, T))
        theta = theta + step_size * discount**t * G * policy.score(theta)[states[t], actions[t]]
    return theta
""",
        "says": "The parameters are updated after each step, and later scores are taken at the new parameters.",
        "right": False,
    },
    {
        "exercise": "reinforce_update",
        "code": """\
import numpy as np


def reinforce_update(theta, policy, states, actions, rewards, discount, step_size):
    paid = rewards * discount ** np.arange(len(rewards))
    weights = np.cumsum(paid)
    scores = policy.score(theta)[states[:-1], actions]
    return theta + step_size * np.tensordot(weights, scores, axes=1)
""",
        "says": "The cumulative sum runs forwards: what has been paid so far.",
        "right": False,
    },
    {
        "exercise": "reinforce_update",
        "code": """\
import numpy as np


def reinforce_update(theta, policy, states, actions, rewards, discount, step_size):
    t = np.arange(len(rewards))
    weights = np.cumsum((discount**t * rewards)[::-1])
    scores = policy.score(theta)[states[:-1], actions]
    return theta + step_size * np.einsum("t,t...->...", weights, scores)
""",
        "says": "The weights are not turned round again after the cumulative sum.",
        "right": False,
    },
    {
        "exercise": "reinforce_update",
        "code": """\
import numpy as np


def reinforce_update(theta, policy, states, actions, rewards, discount, step_size):
    T = len(rewards)
    paid = rewards * discount ** np.arange(T)
    after = np.array([paid[t + 1 :].sum() for t in range(T)])
    scores = policy.score(theta)[states[:-1], actions]
    return theta + step_size * np.tensordot(after, scores, axes=1) / T
""",
        "says": "The mean over the steps is taken, and the reward of the own step is left out.",
        "right": False,
    },
    {
        "exercise": "reinforce_update",
        "code": """\
import numpy as np


def reinforce_update(theta, policy, states, actions, rewards, discount, step_size):
    paid = rewards * discount ** np.arange(len(rewards))
    weights = np.cumsum(paid[::-1])[::-1]
    scores = policy.score(theta)[states[:-1], actions]
    return step_size * np.tensordot(weights, scores, axes=1)
""",
        "says": "Only the update is returned, not the new parameters.",
        "right": False,
    },
    {
        "exercise": "reinforce_update",
        "code": """\
import numpy as np


def reinforce_update(theta, policy, states, actions, rewards, discount, step_size):
    returns = []
    g = 0.0
    for r in rewards[::-1]:
        g = r + discount * g
        returns.insert(0, g)
    returns = np.array(returns)
    returns = (returns - returns.mean()) / (returns.std() + 1e-8)
    scores = policy.score(theta)[states[:-1], actions]
    return theta + step_size * np.tensordot(returns, scores, axes=1)
""",
        "says": "The weights are standardised, as programs do, and γᵗ is left out.",
        "right": False,
    },
    {
        "exercise": "reinforce_update",
        "code": """\
import numpy as np


def reinforce_update(theta, policy, states, actions, rewards, discount, step_size):
    w = discount ** np.arange(len(rewards)) * rewards
    scores = policy.score(theta)[states[:-1], actions]
    return theta + step_size * np.tensordot(w, scores, axes=1)
""",
        "says": "The immediate reward alone is the weight.",
        "right": False,
    },
    {
        "exercise": "reinforce_update",
        "code": """\
import numpy as np


def reinforce_update(theta, policy, states, actions, rewards, discount, step_size):
    scores = policy.score(theta)[states[:-1], actions]
    so_far = np.cumsum(scores, axis=0)
    paid = rewards * discount ** np.arange(len(rewards))
    return theta + step_size * np.tensordot(paid, so_far, axes=1)
""",
        "says": "For each reward the sum of the scores up to it, which is the same sum in another order.",
        "right": True,
    },
    {
        "exercise": "walks_needed",
        "code": """\
import numpy as np


def walks_needed(pilot, error):
    return int(np.ceil(np.var(pilot) / error**2))
""",
        "says": "The variance is estimated with n in its denominator.",
        "right": False,
    },
    {
        "exercise": "walks_needed",
        "code": """\
import numpy as np


def walks_needed(pilot, error):
    variance = np.var(pilot, ddof=1)
    return int(variance / error**2)
""",
        "says": "Rounds down.",
        "right": False,
    },
    {
        "exercise": "walks_needed",
        "code": """\
def walks_needed(pilot, error):
    s2 = ((pilot - pilot.mean()) ** 2).sum() / (len(pilot) - 1)
    return s2 / error**2
""",
        "says": "Not rounded up to a whole number.",
        "right": False,
    },
    {
        "exercise": "walks_needed",
        "code": """\
import numpy as np


def walks_needed(pilot, error):
    variance = np.var(pilot, ddof=1)
    return int(np.ceil(variance / error))
""",
        "says": "The error is not squared.",
        "right": False,
    },
    {
        "exercise": "walks_needed",
        "code": """\
import numpy as np


def walks_needed(pilot, error):
    s = np.std(pilot, ddof=1)
    return int(np.ceil(s / error**2))
""",
        "says": "The standard deviation stands where the variance belongs.",
        "right": False,
    },
    {
        "exercise": "walks_needed",
        "code": """\
import numpy as np


def walks_needed(pilot, error):
    s = np.std(pilot, ddof=1)
    return int(np.ceil(s / error))
""",
        "says": "Forgets the root: asks for Var/m at most the error, and divides the deviation only.",
        "right": False,
    },
    {
        "exercise": "walks_needed",
        "code": """\
import numpy as np


def walks_needed(pilot, error):
    variance = pilot.var(ddof=1)
    return int(np.ceil(1.96**2 * variance / error**2))
""",
        "says": "Asks for a 95% interval of the given half-width.",
        "right": False,
    },
    {
        "exercise": "walks_needed",
        "code": """\
import numpy as np


def walks_needed(pilot, error):
    var_of_mean = np.var(pilot, ddof=1) / len(pilot)
    return int(np.ceil(var_of_mean / error**2))
""",
        "says": "The pilot's variance is divided by the size of the pilot first.",
        "right": False,
    },
    {
        "exercise": "walks_needed",
        "code": """\
import numpy as np


def walks_needed(pilot, error):
    n = len(pilot)
    v = sum(x * x for x in pilot) / (n - 1)
    return int(np.ceil(v / error**2))
""",
        "says": "The mean square stands where the variance belongs.",
        "right": False,
    },
    {
        "exercise": "walks_needed",
        "code": """\
import numpy as np


def walks_needed(pilot, error):
    m = np.ceil(pilot.var() / error**2)
    return int(max(m - len(pilot), 0))
""",
        "says": "The walks of the pilot are subtracted, and the variance has n in its denominator.",
        "right": False,
    },
    {
        "exercise": "walks_needed",
        "code": """\
import numpy as np


def walks_needed(pilot, error):
    return round(float(np.var(pilot)) / error**2)
""",
        "says": "Rounds to the nearest and forgets the m - 1.",
        "right": False,
    },
    {
        "exercise": "walks_needed",
        "code": """\
import numpy as np


def walks_needed(pilot, error):
    variance = np.var(pilot, ddof=1)
    m = 1
    while np.sqrt(variance / m) > error:
        m += 1
    return m
""",
        "says": "Counts m up until the standard error is small enough, which is right.",
        "right": True,
    },
    {
        "exercise": "error_parts",
        "code": """\
import numpy as np


def error_parts(probability, g, gradient, m):
    mean = probability @ g
    bias = np.sum((mean - gradient) ** 2)
    noise = np.sum(probability @ (g - mean) ** 2)
    return bias, noise
""",
        "says": "The noise is that of one walk, not divided by m.",
        "right": False,
    },
    {
        "exercise": "error_parts",
        "code": """\
import numpy as np


def error_parts(probability, g, gradient, m):
    mean = probability @ g
    bias = np.linalg.norm(mean - gradient)
    var = probability @ (g - mean) ** 2
    return bias, var.sum() / m
""",
        "says": "The bias is the length of the difference, not squared.",
        "right": False,
    },
    {
        "exercise": "error_parts",
        "code": """\
def error_parts(probability, g, gradient, m):
    bias = ((g.mean(axis=0) - gradient) ** 2).sum()
    return bias, g.var(axis=0).sum() / m
""",
        "says": "Plain means over the rows: the probabilities are ignored.",
        "right": False,
    },
    {
        "exercise": "error_parts",
        "code": """\
import numpy as np


def error_parts(probability, g, gradient, m):
    mean = np.einsum("i,ik->k", probability, g)
    b = mean - gradient
    d = g - gradient
    return b @ b, np.einsum("i,ik,ik->", probability, d, d) / m
""",
        "says": "The noise is measured round the gradient instead of the estimator's mean.",
        "right": False,
    },
    {
        "exercise": "error_parts",
        "code": """\
def error_parts(probability, g, gradient, m):
    mean = (probability[:, None] * g).sum(axis=0)
    second = (probability[:, None] * g**2).sum()
    return ((mean - gradient) ** 2).sum(), second / m
""",
        "says": "The noise is the second moment; the square of the mean is not subtracted.",
        "right": False,
    },
    {
        "exercise": "error_parts",
        "code": """\
import numpy as np


def error_parts(probability, g, gradient, m):
    mean = probability @ g
    d = g - mean
    cov = (d.T * probability) @ d
    return float(np.sum((mean - gradient) ** 2)), float(cov.sum() / m)
""",
        "says": "Adds all entries of the covariance matrix instead of the trace.",
        "right": False,
    },
    {
        "exercise": "error_parts",
        "code": """\
import numpy as np


def error_parts(probability, g, gradient, m):
    mean = probability @ g
    bias = np.sum((mean - gradient) ** 2) / m
    noise = (probability @ np.sum((g - mean) ** 2, axis=1)) / m
    return bias, noise
""",
        "says": "The bias is divided by m as well.",
        "right": False,
    },
    {
        "exercise": "error_parts",
        "code": """\
import numpy as np


def error_parts(probability, g, gradient, m):
    mean = np.average(g, axis=0, weights=probability)
    sigma = np.atleast_2d(np.cov(g.T, aweights=probability))
    return np.sum((mean - gradient) ** 2), np.trace(sigma) / m
""",
        "says": "np.cov with probabilities as weights uses its default correction.",
        "right": False,
    },
    {
        "exercise": "error_parts",
        "code": """\
import numpy as np


def error_parts(probability, g, gradient, m):
    mean = probability @ g
    bias = np.sum(mean - gradient) ** 2
    noise = sum(probability[i] * np.sum((g[i] - mean) ** 2) for i in range(len(g))) / m
    return bias, noise
""",
        "says": "Squares the sum of the differences instead of adding their squares.",
        "right": False,
    },
    {
        "exercise": "error_parts",
        "code": """\
import numpy as np


def error_parts(probability, g, gradient, m):
    mean = probability @ g
    var = probability @ (g**2) - mean**2
    return np.mean((mean - gradient) ** 2), np.mean(var) / m
""",
        "says": "Both parts are means over the entries instead of sums.",
        "right": False,
    },
    {
        "exercise": "error_parts",
        "code": """\
def error_parts(probability, g, gradient, m):
    return probability @ ((g - gradient) ** 2).sum(axis=1)
""",
        "says": "Returns one number, the whole mean squared error, and the noise is not divided by m.",
        "right": False,
    },
    {
        "exercise": "error_parts",
        "code": """\
def error_parts(probability, g, gradient, m):
    mean = probability @ g
    var = probability @ (g - mean) ** 2
    return (mean - gradient) ** 2, var / (m - 1)
""",
        "says": "Returns vectors with one entry for each parameter, and divides by m - 1.",
        "right": False,
    },
    {
        "exercise": "error_parts",
        "code": """\
def error_parts(probability, g, gradient, m):
    z = probability @ g - gradient
    gaps = ((g[:, None, :] - g[None, :, :]) ** 2).sum(axis=-1)
    return z @ z, probability @ gaps @ probability / (2 * m)
""",
        "says": "The noise as half the mean squared distance of two independent walks, which is right.",
        "right": True,
    },
    {
        "exercise": "bias_statistic",
        "code": """\
import numpy as np


def bias_statistic(estimate, gradient, covariance, n):
    z = estimate - gradient
    return z @ np.linalg.pinv(covariance) @ z
""",
        "says": "The factor n is left out.",
        "right": False,
    },
    {
        "exercise": "bias_statistic",
        "code": """\
def bias_statistic(estimate, gradient, covariance, n):
    z = estimate - gradient
    return n * z @ covariance @ z
""",
        "says": "Multiplies with the covariance itself, not its pseudo-inverse.",
        "right": False,
    },
    {
        "exercise": "bias_statistic",
        "code": """\
import numpy as np


def bias_statistic(estimate, gradient, covariance, n):
    z = estimate - gradient
    var = np.diag(covariance)
    return n * np.sum(z**2 / var)
""",
        "says": "Uses the variances only and ignores the covariances.",
        "right": False,
    },
    {
        "exercise": "bias_statistic",
        "code": """\
import numpy as np


def bias_statistic(estimate, gradient, covariance, n):
    diff = estimate - gradient
    return n * diff.T @ np.linalg.inv(covariance) @ diff
""",
        "says": "A plain inverse, which a covariance without full rank does not have.",
        "right": False,
    },
    {
        "exercise": "bias_statistic",
        "code": """\
import numpy as np


def bias_statistic(estimate, gradient, covariance, n):
    z = estimate - gradient
    return np.sqrt(n * z @ np.linalg.pinv(covariance) @ z)
""",
        "says": "The root of the statistic is returned.",
        "right": False,
    },
    {
        "exercise": "bias_statistic",
        "code": """\
import numpy as np


def bias_statistic(estimate, gradient, covariance, n):
    z = estimate - gradient
    cov_of_mean = covariance / n
    return n * (z @ np.linalg.pinv(cov_of_mean) @ z)
""",
        "says": "The factor n comes in twice: the covariance of the mean, and n.",
        "right": False,
    },
    {
        "exercise": "bias_statistic",
        "code": """\
import numpy as np


def bias_statistic(estimate, gradient, covariance, n):
    inverse = np.linalg.pinv(covariance)
    return n * float(estimate @ inverse @ estimate)
""",
        "says": "The gradient is not subtracted.",
        "right": False,
    },
    {
        "exercise": "bias_statistic",
        "code": """\
import numpy as np


def bias_statistic(estimate, gradient, covariance, n):
    z = estimate - gradient
    total = 0.0
    P = np.linalg.pinv(covariance)
    for i in range(len(z)):
        for j in range(len(z)):
            total += z[i] * P[i, j] * z[j]
    return total / n
""",
        "says": "Divides by n instead of multiplying.",
        "right": False,
    },
    {
        "exercise": "bias_statistic",
        "code": """\
import numpy as np


def bias_statistic(estimate, gradient, covariance, n):
    z = estimate - gradient
    K = len(z)
    return n * z @ np.linalg.inv(covariance + 0.01 * np.eye(K)) @ z
""",
        "says": "A ridge is added so that the plain inverse exists.",
        "right": False,
    },
    {
        "exercise": "bias_statistic",
        "code": """\
import numpy as np


def bias_statistic(estimate, gradient, covariance, n):
    z = estimate - gradient
    inv = np.where(covariance != 0, 1 / covariance, 0)
    return z @ inv @ z
""",
        "says": "Entries of the covariance are inverted one by one, and the factor n is left out.",
        "right": False,
    },
    {
        "exercise": "bias_statistic",
        "code": """\
import numpy as np


def bias_statistic(estimate, gradient, covariance, n):
    z = np.asarray(estimate) - np.asarray(gradient)
    return (n - 1) * z @ np.linalg.pinv(covariance) @ z / z.size
""",
        "says": "Divided by the number of entries, and n - 1 in the place of n.",
        "right": False,
    },
    {
        "exercise": "bias_statistic",
        "code": """\
import numpy as np


def bias_statistic(estimate, gradient, covariance, n):
    z = estimate - gradient
    return n * z * (np.linalg.pinv(covariance) @ z)
""",
        "says": "Elementwise product instead of the quadratic form's sum: a vector comes back.",
        "right": False,
    },
    {
        "exercise": "bias_statistic",
        "code": """\
import numpy as np


def bias_statistic(estimate, gradient, covariance, n):
    z = estimate - gradient
    x = np.linalg.lstsq(covariance, z, rcond=1e-12)[0]
    return n * (z @ x)
""",
        "says": "By least squares, which finds the same number.",
        "right": True,
    },
]
