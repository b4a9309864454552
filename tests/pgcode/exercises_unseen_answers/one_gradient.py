"""Answers of learners: one_gradient."""

ANSWERS = [
    {
        "exercise": "reward_to_go_weights",
        "code": """\
import numpy as np


def reward_to_go_weights(rewards, lengths, discount):
    paid = rewards * discount ** np.arange(len(rewards))
    return np.cumsum(paid[::-1])[::-1]
""",
        "says": "The episodes are run together: the lengths are ignored.",
        "right": False,
    },
    {
        "exercise": "reward_to_go_weights",
        "code": """\
import numpy as np


def reward_to_go_weights(rewards, lengths, discount):
    out = np.zeros(len(rewards))
    end = 0
    for n in lengths:
        start, end = end, end + n
        g = 0.0
        for t in range(end - 1, start - 1, -1):
            g = rewards[t] + discount * g
            out[t] = g
    return out
""",
        "says": "Returns G_t without the factor γᵗ.",
        "right": False,
    },
    {
        "exercise": "reward_to_go_weights",
        "code": """\
import numpy as np


def reward_to_go_weights(rewards, lengths, discount):
    paid = rewards * discount ** np.arange(len(rewards))
    w, start = np.empty(len(rewards)), 0
    for n in lengths:
        w[start : start + n] = np.cumsum(paid[start : start + n][::-1])[::-1]
        start += n
    return w
""",
        "says": "The power counts from the beginning of the buffer, not of the episode.",
        "right": False,
    },
    {
        "exercise": "reward_to_go_weights",
        "code": """\
import numpy as np


def reward_to_go_weights(rewards, lengths, discount):
    parts = np.split(rewards, np.cumsum(lengths)[:-1])
    return np.concatenate([np.cumsum(r * discount ** np.arange(len(r))) for r in parts])
""",
        "says": "Cumulative sums run forwards: what has been paid up to the step.",
        "right": False,
    },
    {
        "exercise": "reward_to_go_weights",
        "code": """\
import numpy as np


def reward_to_go_weights(rewards, lengths, discount):
    parts = np.split(rewards, np.cumsum(lengths)[:-1])
    return np.concatenate([np.cumsum((r * discount ** np.arange(len(r)))[::-1]) for r in parts])
""",
        "says": "The reversed sums are not turned round again.",
        "right": False,
    },
    {
        "exercise": "reward_to_go_weights",
        "code": """\
import numpy as np


def reward_to_go_weights(rewards, lengths, discount):
    result = []
    start = 0
    for n in lengths:
        powers = discount ** np.arange(n)
        paid = rewards[start : start + n] * powers
        to_go = np.flip(np.cumsum(np.flip(paid)))
        result.extend(powers * to_go)
        start += n
    return np.array(result)
""",
        "says": "γᵗ is multiplied on sums that already hold γ to the k.",
        "right": False,
    },
    {
        "exercise": "reward_to_go_weights",
        "code": """\
import numpy as np


def reward_to_go_weights(rewards, lengths, discount):
    w = np.zeros(len(rewards))
    start = 0
    for n in lengths:
        for t in range(n):
            w[start + t] = sum(discount**k * rewards[start + k] for k in range(t + 1, n))
        start += n
    return w
""",
        "says": "The reward of the step itself is left out.",
        "right": False,
    },
    {
        "exercise": "reward_to_go_weights",
        "code": """\
import numpy as np


def reward_to_go_weights(rewards, lengths, discount):
    starts = np.r_[0, np.cumsum(lengths)[:-1]]
    returns = [rewards[s : s + n] @ discount ** np.arange(n) for s, n in zip(starts, lengths)]
    return np.repeat(returns, lengths)
""",
        "says": "Every step gets the whole return of its episode.",
        "right": False,
    },
    {
        "exercise": "reward_to_go_weights",
        "code": """\
import numpy as np


def reward_to_go_weights(rewards, lengths, discount):
    out = []
    for part in np.split(rewards, lengths):
        paid = part * discount ** np.arange(len(part))
        out.append(np.cumsum(paid[::-1])[::-1])
    return np.concatenate(out)[: len(rewards)]
""",
        "says": "Uses the lengths as places where to split the row, not their running sum.",
        "right": False,
    },
    {
        "exercise": "reward_to_go_weights",
        "code": """\
import numpy as np


def reward_to_go_weights(rewards, lengths, discount):
    w = np.zeros(len(rewards))
    i = 0
    for n in lengths:
        episode = rewards[i : i + n]
        for t in range(n):
            w[i + t] = np.sum(episode[t : n - 1] * discount ** np.arange(t, n - 1))
        i += n
    return w
""",
        "says": "The last step of each episode is left out of the sums.",
        "right": False,
    },
    {
        "exercise": "reward_to_go_weights",
        "code": """\
import numpy as np


def reward_to_go_weights(rewards, lengths, discount):
    g, out = 0.0, []
    for r in reversed(rewards):
        g = r + discount * g
        out.append(g)
    return np.array(out[::-1])
""",
        "says": "The running sum is not set to zero between episodes, and γᵗ is left out.",
        "right": False,
    },
    {
        "exercise": "reward_to_go_weights",
        "code": """\
import numpy as np


def reward_to_go_weights(rewards, lengths, discount):
    parts = np.split(rewards, np.cumsum(lengths)[:-1])
    ws = []
    for r in parts:
        paid = r * discount ** np.arange(1, len(r) + 1)
        ws.append(np.cumsum(paid[::-1])[::-1] / len(r))
    return np.concatenate(ws)
""",
        "says": "Time is counted from 1, and the weights are divided by the length of the episode.",
        "right": False,
    },
    {
        "exercise": "reward_to_go_weights",
        "code": """\
import numpy as np


def reward_to_go_weights(rewards, lengths, discount):
    parts = np.split(np.asarray(rewards, dtype=float), np.cumsum(lengths)[:-1])
    out = []
    for r in parts:
        paid = r * discount ** np.arange(len(r))
        out.append(paid.sum() - np.cumsum(paid) + paid)
    return np.concatenate(out)
""",
        "says": "The return less what was paid before, which is right.",
        "right": True,
    },
    {
        "exercise": "leave_one_out",
        "code": """\
def leave_one_out(to_go):
    return to_go - to_go.mean(axis=0)
""",
        "says": "The own trajectory is in the mean.",
        "right": False,
    },
    {
        "exercise": "leave_one_out",
        "code": """\
def leave_one_out(to_go):
    T = to_go.shape[1]
    others = (to_go.sum(axis=1, keepdims=True) - to_go) / (T - 1)
    return to_go - others
""",
        "says": "The mean is taken over the times of the same trajectory.",
        "right": False,
    },
    {
        "exercise": "leave_one_out",
        "code": """\
def leave_one_out(to_go):
    m = len(to_go)
    return to_go - (to_go.sum(axis=0) - to_go) / m
""",
        "says": "The sum of the others is divided by m instead of m - 1.",
        "right": False,
    },
    {
        "exercise": "leave_one_out",
        "code": """\
def leave_one_out(to_go):
    m = to_go.shape[-1]
    others = (to_go.sum(axis=0) - to_go) / (m - 1)
    return to_go - others
""",
        "says": "The number of trajectories is read from the wrong axis, so the divisor is T − 1.",
        "right": False,
    },
    {
        "exercise": "leave_one_out",
        "code": """\
import numpy as np


def leave_one_out(to_go):
    m, T = to_go.shape
    b = np.zeros((m, T))
    for i in range(m):
        b[i] = np.delete(to_go, i, axis=0).mean(axis=0)
    return b
""",
        "says": "Returns the mean of the others, nothing is subtracted.",
        "right": False,
    },
    {
        "exercise": "leave_one_out",
        "code": """\
import numpy as np


def leave_one_out(to_go):
    out = np.empty_like(to_go)
    for i in range(len(to_go)):
        out[i] = to_go[i] - np.delete(to_go, i, axis=0).mean()
    return out
""",
        "says": "One number for each trajectory: the mean of the others over all times.",
        "right": False,
    },
    {
        "exercise": "leave_one_out",
        "code": """\
def leave_one_out(to_go):
    m = len(to_go)
    g = to_go.copy()
    for i in range(m):
        g[i] -= (g.sum(axis=0) - g[i]) / (m - 1)
    return g
""",
        "says": "The rows are overwritten while later rows still need them.",
        "right": False,
    },
    {
        "exercise": "leave_one_out",
        "code": """\
def leave_one_out(to_go):
    total = to_go.sum(axis=0, keepdims=True)
    return to_go - (total - to_go)
""",
        "says": "The sum of the others is subtracted, not their mean.",
        "right": False,
    },
    {
        "exercise": "leave_one_out",
        "code": """\
def leave_one_out(to_go):
    m = to_go.shape[0]
    centred = to_go - to_go.mean(axis=0)
    return centred * (m - 1) / m
""",
        "says": "The correction factor is upside down.",
        "right": False,
    },
    {
        "exercise": "leave_one_out",
        "code": """\
def leave_one_out(to_go):
    m = to_go.shape[0]
    others = (to_go.sum(0) - to_go) / (m - 1)
    adv = to_go - others
    return adv / (adv.std(axis=0) + 1e-8)
""",
        "says": "Divided by the standard deviation as well.",
        "right": False,
    },
    {
        "exercise": "leave_one_out",
        "code": """\
def leave_one_out(to_go):
    n = to_go.size
    return to_go - (to_go.sum() - to_go) / (n - 1)
""",
        "says": "The mean over everything else in the table, other times too, and of the own row.",
        "right": False,
    },
    {
        "exercise": "leave_one_out",
        "code": """\
import numpy as np


def leave_one_out(to_go):
    m = to_go.shape[0]
    result = np.zeros(to_go.shape)
    for i in range(m):
        s = 0.0
        for j in range(m):
            if j != i:
                s = s + to_go[j]
        result[i] = to_go[i] + s / m
    return result
""",
        "says": "The mean of the others is added, and it has the wrong divisor.",
        "right": False,
    },
    {
        "exercise": "leave_one_out",
        "code": """\
import numpy as np


def leave_one_out(to_go):
    return to_go - np.roll(to_go, 1, axis=0)
""",
        "says": "Only the neighbouring trajectory is the baseline.",
        "right": False,
    },
    {
        "exercise": "leave_one_out",
        "code": """\
def leave_one_out(to_go):
    m = to_go.shape[0]
    return m / (m - 1) * (to_go - to_go.mean(axis=0))
""",
        "says": "The difference to the mean of all times m/(m - 1), which is right.",
        "right": True,
    },
    {
        "exercise": "one_step_variance",
        "code": """\
import numpy as np


def one_step_variance(pi, rewards, baseline):
    psi = np.eye(len(pi)) - pi
    g = psi * (rewards - baseline)[:, None]
    return pi @ g**2
""",
        "says": "The square of the mean is not subtracted.",
        "right": False,
    },
    {
        "exercise": "one_step_variance",
        "code": """\
import numpy as np


def one_step_variance(pi, rewards, baseline):
    g = (np.eye(len(pi)) - pi) * (rewards - baseline)[:, None]
    mean = pi @ g
    return float(np.sum(pi @ (g - mean) ** 2))
""",
        "says": "Returns the trace, one number.",
        "right": False,
    },
    {
        "exercise": "one_step_variance",
        "code": """\
import numpy as np


def one_step_variance(pi, rewards, baseline):
    A = len(pi)
    g = np.array([(np.eye(A)[a] - pi) * (rewards[a] - baseline) for a in range(A)])
    return g.var(axis=0)
""",
        "says": "All arms count alike: variance over the rows without the probabilities.",
        "right": False,
    },
    {
        "exercise": "one_step_variance",
        "code": """\
def one_step_variance(pi, rewards, baseline):
    adv = rewards - baseline
    mean = pi * adv
    return pi * adv**2 - mean**2
""",
        "says": "The score lacks the minus π.",
        "right": False,
    },
    {
        "exercise": "one_step_variance",
        "code": """\
import numpy as np


def one_step_variance(pi, rewards, baseline):
    g = (np.eye(len(pi)) - pi) * (rewards - baseline)[:, None]
    mean = g @ pi
    return (g**2) @ pi - mean**2
""",
        "says": "Sums run over the entries of θ instead of the arms: the wrong axis.",
        "right": False,
    },
    {
        "exercise": "one_step_variance",
        "code": """\
import numpy as np


def one_step_variance(pi, rewards, baseline):
    psi = np.eye(len(pi)) - pi[None, :]
    g = psi * (rewards - baseline)[:, None]
    mean = pi @ g
    return np.einsum("a,ai,aj->ij", pi, g - mean, g - mean)
""",
        "says": "The whole covariance matrix is returned.",
        "right": False,
    },
    {
        "exercise": "one_step_variance",
        "code": """\
import numpy as np


def one_step_variance(pi, rewards, baseline):
    g = (np.eye(len(pi)) - pi) * (rewards - baseline)[:, None]
    return np.sqrt(pi @ g**2 - (pi @ g) ** 2)
""",
        "says": "Standard deviations instead of variances.",
        "right": False,
    },
    {
        "exercise": "one_step_variance",
        "code": """\
import numpy as np


def one_step_variance(pi, rewards, baseline):
    grad = np.diag(pi) - np.outer(pi, pi)
    g = grad * (rewards - baseline)[:, None]
    mean = pi @ g
    return pi @ (g - mean) ** 2
""",
        "says": "Gradient of π instead of log π.",
        "right": False,
    },
    {
        "exercise": "one_step_variance",
        "code": """\
import numpy as np


def one_step_variance(pi, rewards, baseline):
    mean = np.zeros(len(pi))
    second = np.zeros(len(pi))
    for a in range(len(pi)):
        psi = -pi.copy()
        psi[a] += 1
        mean += pi[a] * psi * rewards[a]
        second += pi[a] * (psi * rewards[a]) ** 2
    return second - mean**2
""",
        "says": "The baseline is ignored.",
        "right": False,
    },
    {
        "exercise": "one_step_variance",
        "code": """\
import numpy as np


def one_step_variance(pi, rewards, baseline):
    rng = np.random.default_rng(0)
    a = rng.choice(len(pi), size=1000, p=pi)
    g = (np.eye(len(pi))[a] - pi) * (rewards[a] - baseline)[:, None]
    return g.var(axis=0)
""",
        "says": "Simulated with a thousand draws instead of computed.",
        "right": False,
    },
    {
        "exercise": "one_step_variance",
        "code": """\
import numpy as np


def one_step_variance(pi, rewards, baseline):
    psi = np.eye(len(pi)) - pi
    return pi @ (psi**2 * (rewards**2)[:, None]) - baseline**2
""",
        "says": "The baseline is subtracted from the square only after weighting, and the mean is not subtracted.",
        "right": False,
    },
    {
        "exercise": "one_step_variance",
        "code": """\
import numpy as np


def one_step_variance(pi, rewards, baseline):
    g = np.diag(rewards - baseline)
    return np.var(g, axis=0)
""",
        "says": "Score without π, and the arms count alike.",
        "right": False,
    },
    {
        "exercise": "one_step_variance",
        "code": """\
import numpy as np


def one_step_variance(pi, rewards, baseline):
    g = (np.eye(len(pi)) - pi) * (rewards - baseline)[:, None]
    second = pi @ g**2
    return second - (pi * (rewards - baseline)) ** 2
""",
        "says": "The mean of each entry is taken as π(a)(r(a) − b) of its own arm alone.",
        "right": False,
    },
    {
        "exercise": "one_step_variance",
        "code": """\
import numpy as np


def one_step_variance(pi, rewards, baseline):
    gradient = pi * (rewards - pi @ rewards)
    psi = np.eye(len(pi)) - pi
    return np.einsum("a,ai,a->i", pi, psi**2, (rewards - baseline) ** 2) - gradient**2
""",
        "says": "The mean is computed without the baseline, which does not change it: right.",
        "right": True,
    },
    {
        "exercise": "best_constant",
        "code": """\
def best_constant(pi, rewards):
    return pi @ rewards
""",
        "says": "The mean reward: the squares of the scores are left out.",
        "right": False,
    },
    {
        "exercise": "best_constant",
        "code": """\
import numpy as np


def best_constant(pi, rewards):
    psi = np.eye(len(pi)) - pi
    w = np.sum(psi**2, axis=1)
    return np.sum(w * rewards) / np.sum(w)
""",
        "says": "The weights lack the probabilities.",
        "right": False,
    },
    {
        "exercise": "best_constant",
        "code": """\
import numpy as np


def best_constant(pi, rewards):
    psi = np.eye(len(pi)) - pi
    w = pi * np.linalg.norm(psi, axis=1)
    return w @ rewards / w.sum()
""",
        "says": "The length of the score is not squared.",
        "right": False,
    },
    {
        "exercise": "best_constant",
        "code": """\
import numpy as np


def best_constant(pi, rewards):
    psi = np.eye(len(pi)) - pi
    up = np.sum(pi[:, None] * psi * rewards[:, None])
    down = np.sum(pi[:, None] * np.abs(psi))
    return up / (down + 1e-8)
""",
        "says": "The score is not squared: its mean times the reward is divided by its mean size.",
        "right": False,
    },
    {
        "exercise": "best_constant",
        "code": """\
import numpy as np


def best_constant(pi, rewards):
    psi = np.eye(len(pi)) - pi
    w = pi[:, None] * psi**2
    return (w * rewards[:, None]).sum(axis=0) / w.sum(axis=0)
""",
        "says": "One best number for each entry instead of one for the trace.",
        "right": False,
    },
    {
        "exercise": "best_constant",
        "code": """\
import numpy as np


def best_constant(pi, rewards):
    w = pi * (1 - pi) ** 2
    return np.dot(w, rewards) / np.sum(w)
""",
        "says": "Only the chosen arm's entry of the score is squared.",
        "right": False,
    },
    {
        "exercise": "best_constant",
        "code": """\
def best_constant(pi, rewards):
    total = 0.0
    for a in range(len(pi)):
        psi = -pi.copy()
        psi[a] += 1
        total += pi[a] * (psi @ psi) * rewards[a]
    return total
""",
        "says": "Not divided by the mean square of the score.",
        "right": False,
    },
    {
        "exercise": "best_constant",
        "code": """\
import numpy as np


def best_constant(pi, rewards):
    return np.mean(rewards)
""",
        "says": "The plain mean of the arms.",
        "right": False,
    },
    {
        "exercise": "best_constant",
        "code": """\
import numpy as np


def best_constant(pi, rewards):
    psi = np.eye(len(pi)) - pi
    sq = (psi**2).sum(axis=0)
    return (pi * sq) @ rewards / ((pi * sq).sum())
""",
        "says": "Sums the squares over the arms instead of the entries: the wrong axis.",
        "right": False,
    },
    {
        "exercise": "best_constant",
        "code": """\
import numpy as np


def best_constant(pi, rewards):
    sq = ((np.eye(len(pi)) - pi) ** 2).sum(axis=1)
    top = (pi * sq * rewards).sum()
    bottom = (pi * sq).sum()
    return bottom / top
""",
        "says": "The ratio is upside down.",
        "right": False,
    },
    {
        "exercise": "best_constant",
        "code": """\
import numpy as np


def best_constant(pi, rewards):
    psi = np.eye(len(pi)) - pi
    second = pi[:, None] * psi**2
    per_entry = (second * rewards[:, None]).sum(axis=0) / second.sum(axis=0)
    return per_entry.mean()
""",
        "says": "The mean of the numbers that are best for the single entries.",
        "right": False,
    },
    {
        "exercise": "best_constant",
        "code": """\
import numpy as np


def best_constant(pi, rewards):
    psi = np.eye(len(pi))
    sq = (psi**2).sum(axis=1)
    return np.sqrt(np.sum(pi * sq * rewards**2) / np.sum(pi * sq))
""",
        "says": "The score lacks the minus π, and the root of a mean square stands where a mean belongs.",
        "right": False,
    },
    {
        "exercise": "best_constant",
        "code": """\
import numpy as np


def best_constant(pi, rewards):
    lengths = np.sqrt(((np.eye(len(pi)) - pi) ** 2).sum(axis=1))
    return (lengths * rewards).sum() / lengths.sum()
""",
        "says": "No squares and no probabilities: the arms are weighted by the lengths of their scores.",
        "right": False,
    },
    {
        "exercise": "best_constant",
        "code": """\
import numpy as np


def best_constant(pi, rewards):
    psi = np.eye(len(pi)) - pi

    def trace(b):
        g = psi * (rewards - b)[:, None]
        return np.sum(pi @ g**2) - np.sum((pi @ g) ** 2)

    low, mid, high = trace(-1.0), trace(0.0), trace(1.0)
    return (low - high) / (2 * (low - 2 * mid + high))
""",
        "says": "From three values of the trace, whose parabola has its lowest point there: right.",
        "right": True,
    },
    {
        "exercise": "gae",
        "code": """\
import numpy as np


def gae(rewards, values, discount, gae_lambda):
    T = len(rewards)
    adv, running = np.zeros(T), 0.0
    for t in reversed(range(T)):
        delta = rewards[t] + discount * values[t + 1] - values[t]
        running = delta + discount * running
        adv[t] = running
    return adv
""",
        "says": "λ is left out of the recursion.",
        "right": False,
    },
    {
        "exercise": "gae",
        "code": """\
def gae(rewards, values, discount, gae_lambda):
    delta = rewards + discount * values[1:] - values[:-1]
    adv = delta.copy()
    for t in range(len(delta) - 2, -1, -1):
        adv[t] += gae_lambda * adv[t + 1]
    return adv
""",
        "says": "γ is left out of the recursion, only λ is there.",
        "right": False,
    },
    {
        "exercise": "gae",
        "code": """\
import numpy as np


def gae(rewards, values, discount, gae_lambda):
    deltas = rewards + values[1:] - values[:-1]
    out, acc = [], 0.0
    for d in deltas[::-1]:
        acc = d + discount * gae_lambda * acc
        out.append(acc)
    return np.array(out[::-1])
""",
        "says": "The next value is not discounted in δ.",
        "right": False,
    },
    {
        "exercise": "gae",
        "code": """\
import numpy as np


def gae(rewards, values, discount, gae_lambda):
    T = len(rewards)
    advantages = np.zeros(T)
    last = 0.0
    for t in reversed(range(T)):
        delta = rewards[t] + discount * values[t + 1] - values[t]
        last = delta + discount * gae_lambda * last
        advantages[t] = last
    return advantages, advantages + values[:-1]
""",
        "says": "Returns a pair, advantages and targets of the critic.",
        "right": False,
    },
    {
        "exercise": "gae",
        "code": """\
import numpy as np


def gae(rewards, values, discount, gae_lambda):
    values = np.array(values)
    values[-1] = 0.0
    delta = rewards + discount * values[1:] - values[:-1]
    for t in range(len(delta) - 2, -1, -1):
        delta[t] += discount * gae_lambda * delta[t + 1]
    return delta
""",
        "says": "Writes a zero over the last value, also where the walk was only cut.",
        "right": False,
    },
    {
        "exercise": "gae",
        "code": """\
import numpy as np


def gae(rewards, values, discount, gae_lambda):
    delta = rewards + discount * values[1:] - values[:-1]
    adv = np.zeros(len(delta))
    acc = 0.0
    for t in range(len(delta)):
        acc = delta[t] + discount * gae_lambda * acc
        adv[t] = acc
    return adv
""",
        "says": "The sum runs forwards in time.",
        "right": False,
    },
    {
        "exercise": "gae",
        "code": """\
import numpy as np


def gae(rewards, values, discount, gae_lambda):
    T = len(rewards)
    adv = np.zeros(T)
    last = 0.0
    for t in range(T - 1, -1, -1):
        next_value = values[t + 1] if t < T - 1 else 0.0
        delta = rewards[t] + discount * next_value - values[t]
        adv[t] = last = delta + discount * gae_lambda * last
    return adv
""",
        "says": "The last value is always taken as zero.",
        "right": False,
    },
    {
        "exercise": "gae",
        "code": """\
import numpy as np


def gae(rewards, values, discount, gae_lambda):
    delta = rewards + discount * values[:-1] - values[1:]
    T = len(delta)
    g = discount * gae_lambda
    return np.array([sum(g**k * delta[t + k] for k in range(T - t)) for t in range(T)])
""",
        "says": "The value before and the value after are swapped.",
        "right": False,
    },
    {
        "exercise": "gae",
        "code": """\
import numpy as np


def gae(rewards, values, discount, gae_lambda):
    delta = rewards + discount * values[1:] - values[:-1]
    T = len(delta)
    k = np.arange(T)
    adv = np.array([(discount * gae_lambda) ** k[: T - t] @ delta[t:] for t in range(T)])
    return discount**k * adv
""",
        "says": "A factor γᵗ is put on, which the task leaves out.",
        "right": False,
    },
    {
        "exercise": "gae",
        "code": """\
import numpy as np


def gae(rewards, values, discount, gae_lambda):
    delta = rewards + discount * values[1:] - values[:-1]
    adv = np.zeros_like(delta)
    running = 0
    for t in reversed(range(len(delta))):
        running = delta[t] + discount * gae_lambda * running
        adv[t] = running
    return adv + values[:-1]
""",
        "says": "The values are added again: the critic's targets come back.",
        "right": False,
    },
    {
        "exercise": "gae",
        "code": """\
import numpy as np


def gae(rewards, values, discount, gae_lambda):
    delta = rewards + discount * values[1:] - values[:-1]
    adv = np.zeros_like(delta)
    running = 0
    for t in reversed(range(len(delta))):
        running = delta[t] + discount * gae_lambda * running
        adv[t] = running
    return (adv - adv.mean()) / (adv.std() + 1e-8)
""",
        "says": "The advantages are standardised.",
        "right": False,
    },
    {
        "exercise": "gae",
        "code": """\
import numpy as np


def gae(rewards, values, discount, gae_lambda):
    T = len(rewards)
    adv = np.zeros(T)
    for t in range(T):
        for k in range(T - 1 - t):
            d = rewards[t + k] + discount * values[t + k + 1] - values[t + k]
            adv[t] += (discount * gae_lambda) ** k * d
    return adv
""",
        "says": "The last δ is left out of every sum.",
        "right": False,
    },
    {
        "exercise": "gae",
        "code": """\
import numpy as np


def gae(rewards, values, discount, gae_lambda):
    delta = rewards + discount * values[1:]
    adv = np.zeros(len(delta))
    running = 0.0
    for t in reversed(range(len(delta))):
        running = delta[t] + discount * running
        adv[t] = gae_lambda * running
    return adv
""",
        "says": "λ multiplies only once and the own value is not subtracted.",
        "right": False,
    },
    {
        "exercise": "gae",
        "code": """\
import numpy as np


def gae(rewards, values, discount, gae_lambda):
    delta = rewards + discount * values[1:] - values[:-1]
    out, acc = [], 0.0
    for d in reversed(delta):
        acc = d + discount * gae_lambda * acc
        out.append((1 - gae_lambda) * acc)
    return np.array(out)
""",
        "says": "Divided by 1 over 1 - λ, as in a λ-return, and not turned round again.",
        "right": False,
    },
    {
        "exercise": "gae",
        "code": """\
def gae(rewards, values, discount, gae_lambda):
    return rewards + discount * values[1:] - values[:-1]
""",
        "says": "The one-step error only: λ and the sum are ignored.",
        "right": False,
    },
    {
        "exercise": "gae",
        "code": """\
import numpy as np


def gae(rewards, values, discount, gae_lambda):
    delta = rewards + discount * values[1:] - values[:-1]
    t = np.arange(len(delta))
    gap = t[None, :] - t[:, None]
    kernel = np.where(gap >= 0, (discount * gae_lambda) ** np.maximum(gap, 0), 0.0)
    return kernel @ delta
""",
        "says": "A matrix of powers times the errors, which is right.",
        "right": True,
    },
    {
        "exercise": "gradient_estimate",
        "code": """\
import numpy as np


def gradient_estimate(trajectories, policy, theta, v):
    steps = np.arange(trajectories.horizon)
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    weights = trajectories.returns_from_step - v[steps, trajectories.states[:, :-1]]
    return np.einsum("it...,it->...", scores, weights) / len(trajectories)
""",
        "says": "The factor γᵗ is still missing.",
        "right": False,
    },
    {
        "exercise": "gradient_estimate",
        "code": """\
import numpy as np


def gradient_estimate(trajectories, policy, theta, v):
    steps = np.arange(trajectories.horizon)
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    baseline = v[steps + 1, trajectories.states[:, 1:]]
    weights = trajectories.discount**steps * (trajectories.returns_from_step - baseline)
    return np.einsum("it...,it->...", scores, weights) / len(trajectories)
""",
        "says": "The baseline still stands in the state after the action.",
        "right": False,
    },
    {
        "exercise": "gradient_estimate",
        "code": """\
import numpy as np


def gradient_estimate(trajectories, policy, theta, v):
    t = np.arange(trajectories.horizon)
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    baseline = v[t, trajectories.states[:, :-1]]
    weights = trajectories.discount**t * (trajectories.returns_from_step - baseline)
    return np.einsum("it...,it->...", scores, weights) / trajectories.active.sum()
""",
        "says": "Still divided by the number of steps.",
        "right": False,
    },
    {
        "exercise": "gradient_estimate",
        "code": """\
import numpy as np


def gradient_estimate(trajectories, policy, theta, v):
    steps = np.arange(trajectories.horizon)
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    baseline = v[steps, trajectories.states[:, :-1]]
    weights = trajectories.discount**steps * (trajectories.returns_from_step - baseline)
    return np.einsum("it...,it->...", scores, weights) / len(trajectories)
""",
        "says": "The steps after the end are counted: the line with active was lost.",
        "right": False,
    },
    {
        "exercise": "gradient_estimate",
        "code": """\
import numpy as np


def gradient_estimate(trajectories, policy, theta, v):
    steps = np.arange(trajectories.horizon)
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    baseline = v[steps, trajectories.states[:, :-1]]
    weights = trajectories.discount**steps * trajectories.returns_from_step - baseline
    return np.einsum("it...,it->...", scores, weights) / len(trajectories)
""",
        "says": "The power stands beside the return only, not beside the baseline.",
        "right": False,
    },
    {
        "exercise": "gradient_estimate",
        "code": """\
import numpy as np


def gradient_estimate(trajectories, policy, theta, v):
    table = policy.score(theta)
    total = np.zeros(np.shape(theta))
    for i in range(len(trajectories)):
        for t in range(trajectories.horizon):
            if not trajectories.active[i, t]:
                break
            s, a = trajectories.states[i, t], trajectories.actions[i, t]
            total += trajectories.discount**t * table[s, a] * (trajectories.returns_from_step[i, t] - v[0, s])
    return total / len(trajectories)
""",
        "says": "The baseline takes the values of time 0 at all times.",
        "right": False,
    },
    {
        "exercise": "gradient_estimate",
        "code": """\
import numpy as np


def gradient_estimate(trajectories, policy, theta, v):
    steps = np.arange(trajectories.horizon)
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    baseline = v[steps, trajectories.states[:, :-1]]
    weights = trajectories.discount**steps * (trajectories.returns[:, None] - baseline)
    return np.einsum("it...,it->...", scores, weights) / len(trajectories)
""",
        "says": "The whole return in the place of the reward-to-go.",
        "right": False,
    },
    {
        "exercise": "gradient_estimate",
        "code": """\
import numpy as np


def gradient_estimate(trajectories, policy, theta, v):
    steps = np.arange(trajectories.horizon)
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    w = trajectories.discount**steps * (trajectories.returns_from_step + v[steps, trajectories.states[:, :-1]])
    return np.einsum("it...,it->...", scores, w) / len(trajectories)
""",
        "says": "The baseline is added instead of subtracted.",
        "right": False,
    },
    {
        "exercise": "gradient_estimate",
        "code": """\
import numpy as np


def gradient_estimate(trajectories, policy, theta, v):
    m, T = trajectories.actions.shape
    steps = np.arange(T)
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    adv = trajectories.returns_from_step - v[steps, trajectories.states[:, :-1]]
    return np.einsum("t,it,it...->...", trajectories.discount**steps, adv, scores) / (m * T)
""",
        "says": "Divided by m times T.",
        "right": False,
    },
    {
        "exercise": "gradient_estimate",
        "code": """\
import numpy as np


def gradient_estimate(trajectories, policy, theta, v):
    steps = np.arange(trajectories.horizon)
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    baseline = v[steps, trajectories.states[:, :-1]]
    weights = trajectories.returns_from_step - baseline
    return np.einsum("it...,it->...", scores, weights) / trajectories.active.sum()
""",
        "says": "Divided by the number of steps, and γᵗ is missing.",
        "right": False,
    },
    {
        "exercise": "gradient_estimate",
        "code": """\
import numpy as np


def gradient_estimate(trajectories, policy, theta, v):
    steps = np.arange(trajectories.horizon)
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    baseline = v[steps + 1, trajectories.states[:, :-1]]
    weights = trajectories.discount**steps * (trajectories.returns_from_step - baseline)
    return np.einsum("it...,it->...", scores, weights) / len(trajectories)
""",
        "says": "Time of the baseline is one late though the state is right, and the steps after the end count.",
        "right": False,
    },
    {
        "exercise": "gradient_estimate",
        "code": """\
import numpy as np


def gradient_estimate(trajectories, policy, theta, v):
    steps = np.arange(trajectories.horizon)
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    adv = trajectories.returns_from_step - v[steps, trajectories.states[:, :-1]]
    on = trajectories.active
    adv = (adv - adv[on].mean()) / (adv[on].std() + 1e-8)
    return np.einsum("it...,it->...", scores, trajectories.discount**steps * adv) / len(trajectories)
""",
        "says": "Advantages are standardised over the batch.",
        "right": False,
    },
    {
        "exercise": "gradient_estimate",
        "code": """\
import numpy as np


def gradient_estimate(trajectories, policy, theta, v):
    table = policy.score(theta)
    total = 0 * table[0, 0]
    for i, t in np.argwhere(trajectories.active):
        s, a = trajectories.states[i, t], trajectories.actions[i, t]
        advantage = trajectories.returns_from_step[i, t] - v[t, s]
        total = total + trajectories.discount**t * advantage * table[s, a]
    return total / trajectories.n_trajectories
""",
        "says": "Step by step in two loops, which is right.",
        "right": True,
    },
    {
        "exercise": "field_without_power",
        "code": """\
import numpy as np
from pgcode import values


def field_without_power(mdp, policy, theta):
    d = values.discounted_visitation(mdp, policy, theta)
    Q = values.action_values(mdp, policy, theta)
    pi = policy.probabilities(theta)
    return np.einsum("s,sa,sa,sa...->...", d, pi, Q, policy.score(theta))
""",
        "says": "The visits are discounted: the true gradient, not what the program follows.",
        "right": False,
    },
    {
        "exercise": "field_without_power",
        "code": """\
import numpy as np
from pgcode import values
from dataclasses import replace


def field_without_power(mdp, policy, theta):
    plain = replace(mdp, discount=1.0)
    d = values.discounted_visitation(plain, policy, theta)
    Q = values.action_values(plain, policy, theta)
    pi = policy.probabilities(theta)
    return np.einsum("s,sa,sa,sa...->...", d, pi, Q, policy.score(theta))
""",
        "says": "The values are undiscounted as well: the gradient of J_1.",
        "right": False,
    },
    {
        "exercise": "field_without_power",
        "code": """\
import numpy as np
from pgcode import values
from dataclasses import replace


def field_without_power(mdp, policy, theta):
    d = values.discounted_visitation(mdp, policy, theta)
    Q = values.action_values(replace(mdp, discount=1.0), policy, theta)
    w = d[:, None] * policy.probabilities(theta) * Q
    return np.tensordot(w, policy.score(theta), axes=2)
""",
        "says": "Weights and values are swapped: discounted visits with undiscounted values.",
        "right": False,
    },
    {
        "exercise": "field_without_power",
        "code": """\
import numpy as np
from pgcode import values
from dataclasses import replace


def field_without_power(mdp, policy, theta):
    d1 = values.discounted_visitation(replace(mdp, discount=1.0), policy, theta)
    Q = values.action_values(mdp, policy, theta)
    return np.tensordot(d1[:, None] * Q, policy.score(theta), axes=2)
""",
        "says": "The score stands in the place of ∇π.",
        "right": False,
    },
    {
        "exercise": "field_without_power",
        "code": """\
import numpy as np
from pgcode import values
from dataclasses import replace


def field_without_power(mdp, policy, theta):
    d1 = values.discounted_visitation(replace(mdp, discount=1.0), policy, theta)
    d1 = d1 / d1.sum()
    Q = values.action_values(mdp, policy, theta)
    pi = policy.probabilities(theta)
    return np.einsum("s,sa,sa,sa...->...", d1, pi, Q, policy.score(theta))
""",
        "says": "The visits are divided by their sum.",
        "right": False,
    },
    {
        "exercise": "field_without_power",
        "code": """\
import numpy as np
from pgcode import values


def field_without_power(mdp, policy, theta):
    Q = values.action_values(mdp, policy, theta)
    pi = policy.probabilities(theta)
    return np.einsum("s,sa,sa,sa...->...", mdp.initial, pi, Q, policy.score(theta))
""",
        "says": "The start distribution in the place of the visits.",
        "right": False,
    },
    {
        "exercise": "field_without_power",
        "code": """\
import numpy as np
from pgcode import values


def field_without_power(mdp, policy, theta):
    Q = values.action_values(mdp, policy, theta)
    pi, score = policy.probabilities(theta), policy.score(theta)
    F = np.zeros(np.shape(theta))
    for s in range(mdp.n_states):
        for a in range(mdp.n_actions):
            F += pi[s, a] * score[s, a] * Q[s, a]
    return F
""",
        "says": "All states count alike.",
        "right": False,
    },
    {
        "exercise": "field_without_power",
        "code": """\
import numpy as np
from pgcode import values


def field_without_power(mdp, policy, theta):
    d = values.discounted_visitation(mdp, policy, theta) / (1 - mdp.discount)
    Q = values.action_values(mdp, policy, theta)
    pi = policy.probabilities(theta)
    return np.tensordot(d[:, None] * pi * Q, policy.score(theta), axes=2)
""",
        "says": "Discounted visits divided by 1 - γ, in the hope that they turn into plain ones.",
        "right": False,
    },
    {
        "exercise": "field_without_power",
        "code": """\
import numpy as np
from pgcode import values
from dataclasses import replace


def field_without_power(mdp, policy, theta):
    d = values.discounted_visitation(replace(mdp, discount=0.0), policy, theta)
    Q = values.action_values(mdp, policy, theta)
    pi = policy.probabilities(theta)
    return np.tensordot(d[:, None] * pi * Q, policy.score(theta), axes=2)
""",
        "says": "The discount set to 0 for the visits, so only the start counts.",
        "right": False,
    },
    {
        "exercise": "field_without_power",
        "code": """\
import numpy as np
from pgcode import values
from dataclasses import replace


def field_without_power(mdp, policy, theta):
    d1 = values.discounted_visitation(replace(mdp, discount=1.0), policy, theta)
    return np.einsum("s,sa,sa...->...", d1, mdp.expected_reward, policy.score(theta))
""",
        "says": "Expected rewards of one step instead of Q, and the score without π.",
        "right": False,
    },
    {
        "exercise": "field_without_power",
        "code": """\
import numpy as np
from pgcode import values


def field_without_power(mdp, policy, theta):
    d = values.stationary_distribution(mdp, policy, theta)
    Q = values.action_values(mdp, policy, theta)
    pi = policy.probabilities(theta)
    return np.einsum("s,sa,sa,sa...->...", d, pi, Q, policy.score(theta))
""",
        "says": "The stationary distribution in the place of the visits: only the end has weight.",
        "right": False,
    },
    {
        "exercise": "field_without_power",
        "code": """\
import numpy as np
from pgcode import values


def field_without_power(mdp, policy, theta):
    d = values.discounted_visitation(mdp, policy, theta)
    Q = values.action_values(mdp, policy, theta)
    return np.einsum("s,sa,sa...->...", d, Q, policy.score(theta))
""",
        "says": "Discounted visits, and the score without π.",
        "right": False,
    },
    {
        "exercise": "field_without_power",
        "code": """\
import numpy as np
from pgcode import values
from dataclasses import replace


def field_without_power(mdp, policy, theta):
    d1 = values.discounted_visitation(replace(mdp, discount=1.0), policy, theta)
    adv = values.advantages(mdp, policy, theta)
    pi = policy.probabilities(theta)
    return np.einsum("s,sa,sa,sa...->...", d1, pi, adv, policy.score(theta))
""",
        "says": "Advantages in the place of Q, which changes nothing.",
        "right": True,
    },
    {
        "exercise": "claimed_gain",
        "code": """\
def claimed_gain(field, path):
    total = 0.0
    for k in range(len(path) - 1):
        total += field(path[k]) @ (path[k + 1] - path[k])
    return total
""",
        "says": "The path is not closed: the last step back to the first corner is missing.",
        "right": False,
    },
    {
        "exercise": "claimed_gain",
        "code": """\
import numpy as np


def claimed_gain(field, path):
    nxt = np.roll(path, -1, axis=0)
    return sum(field(b) @ (b - a) for a, b in zip(path, nxt))
""",
        "says": "The field is taken at the end of each step.",
        "right": False,
    },
    {
        "exercise": "claimed_gain",
        "code": """\
import numpy as np


def claimed_gain(field, path):
    total = 0.0
    K = len(path)
    for k in range(K):
        a, b = path[k], path[(k + 1) % K]
        total += np.dot(field((a + b) / 2), b - a)
    return total
""",
        "says": "The field is taken in the middle of each step.",
        "right": False,
    },
    {
        "exercise": "claimed_gain",
        "code": """\
import numpy as np


def claimed_gain(field, path):
    gain = 0.0
    for a, b in zip(path, np.roll(path, -1, axis=0)):
        gain += 0.5 * (field(a) + field(b)) @ (b - a)
    return gain
""",
        "says": "Mean of the field at both ends.",
        "right": False,
    },
    {
        "exercise": "claimed_gain",
        "code": """\
import numpy as np


def claimed_gain(field, path):
    steps = path - np.roll(path, 1, axis=0)
    return sum(field(p) @ s for p, s in zip(path, steps))
""",
        "says": "Rolls in the wrong direction, so each step is the one before it.",
        "right": False,
    },
    {
        "exercise": "claimed_gain",
        "code": """\
def claimed_gain(field, path):
    closed = list(path) + [path[0]]
    return sum(float(field(closed[k]) @ (closed[k] - closed[k + 1])) for k in range(len(path)))
""",
        "says": "The step is taken with the wrong sign: this corner minus the next.",
        "right": False,
    },
    {
        "exercise": "claimed_gain",
        "code": """\
import numpy as np


def claimed_gain(field, path):
    K = len(path)
    total = 0
    for k in range(K):
        step = path[(k + 1) % K] - path[k]
        total += np.linalg.norm(field(path[k])) * np.linalg.norm(step)
    return total
""",
        "says": "Lengths are multiplied instead of the dot product.",
        "right": False,
    },
    {
        "exercise": "claimed_gain",
        "code": """\
import numpy as np


def claimed_gain(field, path):
    total = 0.0
    for k in range(len(path)):
        step = path[(k + 1) % len(path)] - path[k]
        total += field(path[k]) @ step / np.linalg.norm(step)
    return total
""",
        "says": "The steps are divided by their lengths.",
        "right": False,
    },
    {
        "exercise": "claimed_gain",
        "code": """\
import numpy as np


def claimed_gain(field, path):
    after = np.vstack([path[1:], path[:1]])
    return sum(np.dot(field(p), q) for p, q in zip(path, after))
""",
        "says": "The field is multiplied with the next corner, not with the step.",
        "right": False,
    },
    {
        "exercise": "claimed_gain",
        "code": """\
import numpy as np


def claimed_gain(field, path):
    total = np.zeros(path.shape[1])
    for k in range(len(path)):
        total += field(path[k]) * (path[(k + 1) % len(path)] - path[k])
    return total
""",
        "says": "The products are not added over the entries: a vector comes back.",
        "right": False,
    },
    {
        "exercise": "claimed_gain",
        "code": """\
import numpy as np


def claimed_gain(field, path):
    steps = np.diff(path, axis=0)
    return sum(field(path[k + 1]) @ steps[k] for k in range(len(steps)))
""",
        "says": "Not closed, and the field at the end of each step.",
        "right": False,
    },
    {
        "exercise": "claimed_gain",
        "code": """\
import numpy as np


def claimed_gain(field, path):
    K = len(path)
    gains = [abs(field(path[k]) @ (path[(k + 1) % K] - path[k])) for k in range(K)]
    return np.mean(gains)
""",
        "says": "Absolute gains are added, and their mean is taken over the steps.",
        "right": False,
    },
    {
        "exercise": "claimed_gain",
        "code": """\
import numpy as np


def claimed_gain(field, path):
    return sum(float(np.vdot(field(path[k - 1]), path[k] - path[k - 1])) for k in range(len(path)))
""",
        "says": "With index -1, which steps from the last corner to the first: right.",
        "right": True,
    },
    {
        "exercise": "mean_over_steps",
        "code": """\
def mean_over_steps(probability, totals, lengths):
    return probability @ totals / (probability @ lengths)
""",
        "says": "The mean of the sum over the mean of the number of steps: a ratio of means.",
        "right": False,
    },
    {
        "exercise": "mean_over_steps",
        "code": """\
def mean_over_steps(probability, totals, lengths):
    return probability @ (totals / lengths[:, None])
""",
        "says": "The mean of one walk's sum over its own steps.",
        "right": False,
    },
    {
        "exercise": "mean_over_steps",
        "code": """\
import numpy as np


def mean_over_steps(probability, totals, lengths):
    out = np.zeros(totals.shape[1])
    for i in range(len(probability)):
        for j in range(len(probability)):
            out += probability[i] * probability[j] * totals[i] / (lengths[i] + lengths[j])
    return out
""",
        "says": "Only the first walk's sum stands in the numerator.",
        "right": False,
    },
    {
        "exercise": "mean_over_steps",
        "code": """\
import numpy as np


def mean_over_steps(probability, totals, lengths):
    n = len(probability)
    mean = np.zeros(totals.shape[1])
    for i in range(n):
        for j in range(n):
            if i == j:
                continue
            mean = mean + probability[i] * probability[j] * (totals[i] + totals[j]) / (lengths[i] + lengths[j])
    return mean
""",
        "says": "The two walks are never the same one.",
        "right": False,
    },
    {
        "exercise": "mean_over_steps",
        "code": """\
import numpy as np


def mean_over_steps(probability, totals, lengths):
    n = len(probability)
    mean = np.zeros(totals.shape[1])
    for i in range(n):
        for j in range(i, n):
            mean += probability[i] * probability[j] * (totals[i] + totals[j]) / (lengths[i] + lengths[j])
    return mean
""",
        "says": "Each pair is counted once, i less than or equal to j, without the factor two.",
        "right": False,
    },
    {
        "exercise": "mean_over_steps",
        "code": """\
import numpy as np


def mean_over_steps(probability, totals, lengths):
    W = probability[:, None] * probability[None, :] / (lengths[:, None] + lengths[None, :])
    pair = (totals[:, None, :] + totals[None, :, :]) / 2
    return np.einsum("ij,ijk->k", W, pair)
""",
        "says": "The mean of the pair is divided: half of what it should be.",
        "right": False,
    },
    {
        "exercise": "mean_over_steps",
        "code": """\
def mean_over_steps(probability, totals, lengths):
    pair = totals[:, None] + totals[None]
    steps = lengths[:, None] + lengths[None]
    return (pair / steps[..., None]).mean(axis=(0, 1))
""",
        "says": "The probabilities are ignored: a plain mean over the pairs.",
        "right": False,
    },
    {
        "exercise": "mean_over_steps",
        "code": """\
import numpy as np


def mean_over_steps(probability, totals, lengths):
    p = probability[:, None] + probability[None, :]
    ratio = p / (lengths[:, None] + lengths[None, :])
    return np.einsum("ij,ijk->k", ratio, totals[:, None, :] + totals[None, :, :])
""",
        "says": "The probability of a pair is the sum of both.",
        "right": False,
    },
    {
        "exercise": "mean_over_steps",
        "code": """\
def mean_over_steps(probability, totals, lengths):
    mean = 0
    for p, g, n in zip(probability, totals, lengths):
        for q, h, k in zip(probability, totals, lengths):
            mean = mean + p * q * (g + h) / ((n + k) / 2)
    return mean
""",
        "says": "Divides by the mean number of steps of the pair.",
        "right": False,
    },
    {
        "exercise": "mean_over_steps",
        "code": """\
import numpy as np


def mean_over_steps(probability, totals, lengths):
    per = totals / lengths[:, None]
    pp = np.outer(probability, probability)
    return np.einsum("ij,ijk->k", pp, per[:, None, :] + per[None, :, :])
""",
        "says": "Each walk of the pair is divided by its own length, and both are added.",
        "right": False,
    },
    {
        "exercise": "mean_over_steps",
        "code": """\
import numpy as np


def mean_over_steps(probability, totals, lengths):
    total = 0.0
    for i, p in enumerate(probability):
        for j, q in enumerate(probability):
            total += p * q * np.sum((totals[i] + totals[j]) // (lengths[i] + lengths[j]))
    return total
""",
        "says": "Whole-number division of the pairs, and one number for all entries.",
        "right": False,
    },
    {
        "exercise": "mean_over_steps",
        "code": """\
def mean_over_steps(probability, totals, lengths):
    return 2 * (probability @ totals) / (probability @ lengths)
""",
        "says": "A ratio of means with the batch's two walks in the numerator and one in the denominator.",
        "right": False,
    },
    {
        "exercise": "mean_over_steps",
        "code": """\
import numpy as np


def mean_over_steps(probability, totals, lengths):
    share = np.array([np.sum(probability / (n + lengths)) for n in lengths])
    return 2 * (probability * share) @ totals
""",
        "says": "Twice the first walk's part, by symmetry: right.",
        "right": True,
    },
]
