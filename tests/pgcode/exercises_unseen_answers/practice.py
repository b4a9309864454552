"""Answers of learners: practice."""

ANSWERS = [
    {
        "exercise": "surrogate_loss",
        "code": """\
import numpy as np


def surrogate_loss(log_pi, weights, mask):
    return np.where(mask, log_pi * weights, 0.0).sum() / len(log_pi)
""",
        "says": "The sign is still that of an objective.",
        "right": False,
    },
    {
        "exercise": "surrogate_loss",
        "code": """\
import numpy as np


def surrogate_loss(log_pi, weights, mask):
    return -np.sum((log_pi * weights)[mask]) / mask.sum()
""",
        "says": "Divided by the number of decisions, not of episodes.",
        "right": False,
    },
    {
        "exercise": "surrogate_loss",
        "code": """\
import numpy as np


def surrogate_loss(log_pi, weights, mask):
    return -np.mean(log_pi * weights)
""",
        "says": "Only the sign is mended: padding counts, and the mean is over all entries.",
        "right": False,
    },
    {
        "exercise": "surrogate_loss",
        "code": """\
def surrogate_loss(log_pi, weights, mask):
    return -(log_pi * weights).sum(axis=1).mean()
""",
        "says": "The padding is not masked.",
        "right": False,
    },
    {
        "exercise": "surrogate_loss",
        "code": """\
import numpy as np


def surrogate_loss(log_pi, weights, mask):
    terms = np.where(mask, log_pi * weights, 0)
    per_episode = terms.sum(axis=1) / mask.sum(axis=1)
    return -per_episode.mean()
""",
        "says": "Each episode is divided by its own length.",
        "right": False,
    },
    {
        "exercise": "surrogate_loss",
        "code": """\
import numpy as np


def surrogate_loss(log_pi, weights, mask):
    return -np.where(mask, np.exp(log_pi) * weights, 0).sum(axis=1).mean()
""",
        "says": "Probabilities in the place of their logarithms.",
        "right": False,
    },
    {
        "exercise": "surrogate_loss",
        "code": """\
def surrogate_loss(log_pi, weights, mask):
    loss = 0.0
    for i in range(log_pi.shape[0]):
        for t in range(log_pi.shape[1]):
            if mask[i, t]:
                loss -= log_pi[i, t] * weights[i, t]
    return loss
""",
        "says": "A sum over the episodes instead of the mean.",
        "right": False,
    },
    {
        "exercise": "surrogate_loss",
        "code": """\
import numpy as np


def surrogate_loss(log_pi, weights, mask):
    masked = np.where(mask, log_pi * weights, 0.0)
    return -masked.sum(axis=0).mean()
""",
        "says": "The mean is taken over the columns, so the divisor is T.",
        "right": False,
    },
    {
        "exercise": "surrogate_loss",
        "code": """\
import numpy as np


def surrogate_loss(log_pi, weights, mask):
    terms = log_pi * weights
    terms = np.where(mask, 0.0, terms)
    return -terms.sum() / terms.shape[0]
""",
        "says": "The mask is used the wrong way round.",
        "right": False,
    },
    {
        "exercise": "surrogate_loss",
        "code": """\
import numpy as np


def surrogate_loss(log_pi, weights, mask):
    lp = np.where(mask, log_pi, 0).sum(axis=1)
    w = np.where(mask, weights, 0).sum(axis=1)
    return -np.mean(lp * w)
""",
        "says": "Sum of log π times the sum of the weights of each episode.",
        "right": False,
    },
    {
        "exercise": "surrogate_loss",
        "code": """\
import numpy as np


def surrogate_loss(log_pi, weights, mask):
    n = np.count_nonzero(mask)
    return np.sum(np.where(mask, log_pi * weights, 0)) / n
""",
        "says": "The right sign is lost, and the divisor is the number of decisions.",
        "right": False,
    },
    {
        "exercise": "surrogate_loss",
        "code": """\
import numpy as np


def surrogate_loss(log_pi, weights, mask):
    return -np.where(mask, log_pi * weights, 0.0).sum(axis=-1)
""",
        "says": "One loss for each episode; their mean is not taken.",
        "right": False,
    },
    {
        "exercise": "surrogate_loss",
        "code": """\
import numpy as np


def surrogate_loss(log_pi, weights, mask):
    w = (weights - weights[mask].mean()) / (weights[mask].std() + 1e-8)
    return -np.where(mask, log_pi * w, 0.0).sum(axis=1).mean()
""",
        "says": "The weights are standardised over the decisions.",
        "right": False,
    },
    {
        "exercise": "surrogate_loss",
        "code": """\
import numpy as np


def surrogate_loss(log_pi, weights, mask):
    return -np.dot(log_pi[mask], weights[mask]) / mask.shape[0]
""",
        "says": "A sum over the chosen entries, divided by the number of rows: right.",
        "right": True,
    },
    {
        "exercise": "advantages_with_cuts",
        "code": """\
import numpy as np


def advantages_with_cuts(rewards, values, next_values, ended, cut, discount, gae_lambda):
    advantages, running = np.zeros(len(rewards)), 0.0
    for t in range(len(rewards))[::-1]:
        goes_on = not (ended[t] or cut[t])
        delta = rewards[t] + discount * next_values[t] - values[t]
        running = delta + discount * gae_lambda * running * goes_on
        advantages[t] = running
    return advantages
""",
        "says": "Only the recursion is stopped; the value after an end counts as well.",
        "right": False,
    },
    {
        "exercise": "advantages_with_cuts",
        "code": """\
import numpy as np


def advantages_with_cuts(rewards, values, next_values, ended, cut, discount, gae_lambda):
    advantages, running = np.zeros(len(rewards)), 0.0
    for t in range(len(rewards))[::-1]:
        delta = rewards[t] + discount * next_values[t] * (not ended[t]) - values[t]
        running = delta + discount * gae_lambda * running * (not ended[t])
        advantages[t] = running
    return advantages
""",
        "says": "The sum runs on over a cut into the next episode.",
        "right": False,
    },
    {
        "exercise": "advantages_with_cuts",
        "code": """\
import numpy as np


def advantages_with_cuts(rewards, values, next_values, ended, cut, discount, gae_lambda):
    out = np.zeros(len(rewards))
    acc = 0.0
    for t in reversed(range(len(rewards))):
        delta = rewards[t] + discount * next_values[t] * (1 - cut[t]) - values[t]
        acc = delta + discount * gae_lambda * acc * (1 - ended[t])
        out[t] = acc
    return out
""",
        "says": "The flags are swapped: ended stops the sum and cut the value.",
        "right": False,
    },
    {
        "exercise": "advantages_with_cuts",
        "code": """\
import numpy as np


def advantages_with_cuts(rewards, values, next_values, ended, cut, discount, gae_lambda):
    advantages, running = np.zeros(len(rewards)), 0.0
    for t in range(len(rewards))[::-1]:
        delta = rewards[t] + discount * next_values[t] * (not ended[t]) - values[t]
        running = delta + discount * gae_lambda * running * (not (ended[t] or cut[t]))
        advantages[t] = running
    return advantages, advantages + values
""",
        "says": "Returns a pair, with the targets of the critic.",
        "right": False,
    },
    {
        "exercise": "advantages_with_cuts",
        "code": """\
import numpy as np


def advantages_with_cuts(rewards, values, next_values, ended, cut, discount, gae_lambda):
    n = len(rewards)
    adv = np.zeros(n)
    running = 0.0
    for t in range(n - 1, -1, -1):
        after = values[t + 1] if t + 1 < n else next_values[t]
        if ended[t]:
            after = 0.0
        delta = rewards[t] + discount * after - values[t]
        if ended[t] or cut[t]:
            running = 0.0
        running = delta + discount * gae_lambda * running
        adv[t] = running
    return adv
""",
        "says": "Takes the value of the next row of the buffer, which after a cut is another episode.",
        "right": False,
    },
    {
        "exercise": "advantages_with_cuts",
        "code": """\
import numpy as np


def advantages_with_cuts(rewards, values, next_values, ended, cut, discount, gae_lambda):
    adv = np.zeros(len(rewards))
    running = 0.0
    for t in range(len(rewards))[::-1]:
        delta = rewards[t] + discount * next_values[t] * (not ended[t]) - values[t]
        running = delta + discount * gae_lambda * running
        adv[t] = running
        if ended[t] or cut[t]:
            running = 0.0
    return adv
""",
        "says": "The running sum is set to zero after its row instead of before, so an ended row still "
        "hears of the next episode.",
        "right": False,
    },
    {
        "exercise": "advantages_with_cuts",
        "code": """\
import numpy as np


def advantages_with_cuts(rewards, values, next_values, ended, cut, discount, gae_lambda):
    advantages, running = np.zeros(len(rewards)), 0.0
    for t in range(len(rewards))[::-1]:
        delta = rewards[t] + discount * next_values[t] * (not ended[t]) - values[t]
        goes_on = not (ended[t] or cut[t])
        running = delta + gae_lambda * running * goes_on
        advantages[t] = running
    return advantages
""",
        "says": "The discount is left out of the recursion.",
        "right": False,
    },
    {
        "exercise": "advantages_with_cuts",
        "code": """\
import numpy as np


def advantages_with_cuts(rewards, values, next_values, ended, cut, discount, gae_lambda):
    advantages, running = np.zeros(len(rewards)), 0.0
    for t in range(len(rewards))[::-1]:
        if ended[t]:
            delta = rewards[t]
        else:
            delta = rewards[t] + discount * next_values[t] - values[t]
        running = delta + discount * gae_lambda * running * (not (ended[t] or cut[t]))
        advantages[t] = running
    return advantages
""",
        "says": "A row that has ended loses its own value too: the error is the reward alone.",
        "right": False,
    },
    {
        "exercise": "advantages_with_cuts",
        "code": """\
import numpy as np


def advantages_with_cuts(rewards, values, next_values, ended, cut, discount, gae_lambda):
    advantages, running = np.zeros(len(rewards)), 0.0
    for t in range(len(rewards))[::-1]:
        goes_on = not (ended[t] and cut[t])
        delta = rewards[t] + discount * next_values[t] * (not ended[t]) - values[t]
        running = delta + discount * gae_lambda * running * goes_on
        advantages[t] = running
    return advantages
""",
        "says": "`and` stands where `or` belongs, so nothing ever stops the sum.",
        "right": False,
    },
    {
        "exercise": "advantages_with_cuts",
        "code": """\
import numpy as np


def advantages_with_cuts(rewards, values, next_values, ended, cut, discount, gae_lambda):
    adv = np.zeros(len(rewards))
    running = 0.0
    for t in range(len(rewards))[::-1]:
        if cut[t]:
            running = 0.0
            continue
        delta = rewards[t] + discount * next_values[t] * (not ended[t]) - values[t]
        running = delta + discount * gae_lambda * running * (not ended[t])
        adv[t] = running
    return adv
""",
        "says": "At a cut the advantage is set to zero, the step is thrown away.",
        "right": False,
    },
    {
        "exercise": "advantages_with_cuts",
        "code": """\
import numpy as np


def advantages_with_cuts(rewards, values, next_values, ended, cut, discount, gae_lambda):
    delta = rewards + discount * np.where(ended, 0.0, next_values) - values
    stop = ended | cut
    out = delta.copy()
    for t in range(len(out) - 2, -1, -1):
        if not stop[t]:
            out[t] += discount * gae_lambda * out[t + 1]
    return out + values
""",
        "says": "The values are added to the advantages.",
        "right": False,
    },
    {
        "exercise": "advantages_with_cuts",
        "code": """\
import numpy as np


def advantages_with_cuts(rewards, values, next_values, ended, cut, discount, gae_lambda):
    advantages, running = np.zeros(len(rewards)), 0.0
    for t in range(len(rewards)):
        delta = rewards[t] + discount * next_values[t] * (not ended[t]) - values[t]
        running = delta + discount * gae_lambda * running * (not ended[t])
        advantages[t] = running
    return advantages
""",
        "says": "The sum runs forwards through the buffer, and over the cuts.",
        "right": False,
    },
    {
        "exercise": "advantages_with_cuts",
        "code": """\
import numpy as np


def advantages_with_cuts(rewards, values, next_values, ended, cut, discount, gae_lambda):
    adv = np.zeros(len(rewards))
    later = 0.0
    for t in range(len(rewards) - 1, -1, -1):
        if ended[t] or cut[t]:
            later = 0.0
        later = rewards[t] + discount * next_values[t] - values[t] + discount * later
        adv[t] = later
    return adv
""",
        "says": "λ is left out, and the value after an end counts.",
        "right": False,
    },
    {
        "exercise": "advantages_with_cuts",
        "code": """\
import numpy as np


def advantages_with_cuts(rewards, values, next_values, ended, cut, discount, gae_lambda):
    delta = rewards + discount * np.where(ended, 0.0, next_values) - values
    borders = [0] + [t + 1 for t in range(len(rewards)) if ended[t] or cut[t]]
    if borders[-1] != len(rewards):
        borders.append(len(rewards))
    out = []
    for a, b in zip(borders, borders[1:]):
        d = delta[a:b]
        out += [np.sum((discount * gae_lambda) ** np.arange(len(d) - t) * d[t:]) for t in range(len(d))]
    return np.array(out)
""",
        "says": "Episode by episode, with slices: right.",
        "right": True,
    },
    {
        "exercise": "log_softmax",
        "code": """\
import numpy as np


def log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=0))
""",
        "says": "Only the maximum is taken along the actions; the sum still runs over the batch.",
        "right": False,
    },
    {
        "exercise": "log_softmax",
        "code": """\
import numpy as np


def log_softmax(logits):
    shifted = logits - logits.max(axis=0)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
""",
        "says": "The maximum is taken over the batch, the sum along the actions.",
        "right": False,
    },
    {
        "exercise": "log_softmax",
        "code": """\
import numpy as np


def log_softmax(logits):
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
""",
        "says": "No shift: overflows for logits near 2000.",
        "right": False,
    },
    {
        "exercise": "log_softmax",
        "code": """\
import numpy as np


def log_softmax(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    e = np.exp(shifted)
    return e / e.sum(axis=-1, keepdims=True)
""",
        "says": "Returns probabilities.",
        "right": False,
    },
    {
        "exercise": "log_softmax",
        "code": """\
import numpy as np


def log_softmax(logits):
    shifted = logits - logits.max()
    return shifted - np.log(np.exp(shifted).sum())
""",
        "says": "The sum runs over the whole table.",
        "right": False,
    },
    {
        "exercise": "log_softmax",
        "code": """\
import numpy as np


def log_softmax(logits):
    top = logits.max(axis=1, keepdims=True)
    log_z = np.log(np.exp(logits - top).sum(axis=1, keepdims=True))
    return logits - log_z
""",
        "says": "The shift is taken off twice from the unshifted logits' normaliser: the maximum is missing.",
        "right": False,
    },
    {
        "exercise": "log_softmax",
        "code": """\
import numpy as np


def log_softmax(logits):
    top = logits.max(axis=1, keepdims=True)
    shifted = logits - top
    log_z = top + np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return shifted - log_z
""",
        "says": "The maximum is subtracted twice.",
        "right": False,
    },
    {
        "exercise": "log_softmax",
        "code": """\
import numpy as np


def log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted / np.log(np.exp(shifted).sum(axis=1, keepdims=True))
""",
        "says": "Divides by the logarithm of the sum instead of subtracting it.",
        "right": False,
    },
    {
        "exercise": "log_softmax",
        "code": """\
import numpy as np


def log_softmax(logits):
    out = np.zeros(logits.shape)
    for i, row in enumerate(logits):
        shifted = row - max(row)
        out[i] = shifted - sum(np.exp(shifted))
    return out
""",
        "says": "The logarithm of the sum is forgotten: the sum itself is subtracted.",
        "right": False,
    },
    {
        "exercise": "log_softmax",
        "code": """\
import numpy as np


def log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    p = np.exp(shifted)
    p = p / p.sum(axis=1, keepdims=True)
    return np.log(p + 1e-3)
""",
        "says": "A logarithm of probabilities with a small number added.",
        "right": False,
    },
    {
        "exercise": "log_softmax",
        "code": """\
import numpy as np


def log_softmax(logits):
    centred = logits - logits.mean(axis=1, keepdims=True)
    return centred - np.log(np.exp(centred).mean(axis=1, keepdims=True))
""",
        "says": "The mean of the row is subtracted, and the mean is taken in the place of the sum.",
        "right": False,
    },
    {
        "exercise": "log_softmax",
        "code": """\
import numpy as np


def log_softmax(logits):
    shifted = logits - logits.max(axis=1)[:, None]
    return shifted + np.log(np.exp(shifted).sum(axis=1))[:, None]
""",
        "says": "Sign: the normaliser is added.",
        "right": False,
    },
    {
        "exercise": "log_softmax",
        "code": """\
import numpy as np


def log_softmax(logits):
    return logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
""",
        "says": "By logaddexp along the actions, which is right.",
        "right": True,
    },
    {
        "exercise": "entropy_slope",
        "code": """\
import numpy as np


def entropy_slope(logits):
    pi = np.exp(logits - logits.max())
    pi /= pi.sum()
    H = -np.sum(pi * np.log(pi))
    return -(np.log(pi) + H)
""",
        "says": "The probability is left out in front: −(log π + H).",
        "right": False,
    },
    {
        "exercise": "entropy_slope",
        "code": """\
import numpy as np


def entropy_slope(logits):
    pi = np.exp(logits - logits.max())
    pi /= pi.sum()
    H = -(pi * np.log(pi)).sum()
    return pi * (np.log(pi) + H)
""",
        "says": "The sign is that of a penalty: the slope of −H.",
        "right": False,
    },
    {
        "exercise": "entropy_slope",
        "code": """\
import numpy as np


def entropy_slope(logits):
    pi = np.exp(logits) / np.sum(np.exp(logits))
    return -np.log(pi) - 1
""",
        "says": "Derivative by π instead of the logits: −log π − 1.",
        "right": False,
    },
    {
        "exercise": "entropy_slope",
        "code": """\
import numpy as np


def entropy_slope(logits):
    pi = np.exp(logits - logits.max())
    pi /= pi.sum()
    H = -np.sum(pi * np.log(pi))
    slope = np.zeros(len(logits), dtype=int)
    for a in range(len(logits)):
        slope[a] = -pi[a] * (np.log(pi[a]) + H)
    return slope
""",
        "says": "Rounds away the small parts: whole numbers in the table of results.",
        "right": False,
    },
    {
        "exercise": "entropy_slope",
        "code": """\
import numpy as np


def entropy_slope(logits):
    pi = np.exp(logits) / np.sum(np.exp(logits))
    return -pi * (np.log(pi) + 1)
""",
        "says": "The product with π of −log π − 1, without the softmax's other terms.",
        "right": False,
    },
    {
        "exercise": "entropy_slope",
        "code": """\
import numpy as np


def entropy_slope(logits):
    pi = np.exp(logits) / np.exp(logits).sum()
    log_pi = np.log(pi)
    H = -pi @ log_pi
    return -pi * (log_pi - H)
""",
        "says": "The entropy is subtracted where it should be added.",
        "right": False,
    },
    {
        "exercise": "entropy_slope",
        "code": """\
import numpy as np


def entropy_slope(logits):
    pi = np.exp(logits) / np.sum(np.exp(logits))
    return -np.sum(pi * np.log(pi))
""",
        "says": "Returns the entropy, not its slope.",
        "right": False,
    },
    {
        "exercise": "entropy_slope",
        "code": """\
import numpy as np


def entropy_slope(logits):
    pi = np.exp(logits) / np.sum(np.exp(logits))
    return -pi * (1 - pi) * (np.log(pi) + 1)
""",
        "says": "Only the diagonal of the softmax's derivative.",
        "right": False,
    },
    {
        "exercise": "entropy_slope",
        "code": """\
import numpy as np


def entropy_slope(logits):
    pi = np.exp(logits) / np.sum(np.exp(logits))
    scores = np.eye(len(logits)) - pi
    return -np.mean(np.log(pi)[:, None] * scores, axis=0)
""",
        "says": "Each action counts alike in the mean, not with π.",
        "right": False,
    },
    {
        "exercise": "entropy_slope",
        "code": """\
import numpy as np


def entropy_slope(logits):
    pi = np.exp(logits - logits.max())
    pi = pi / pi.sum()
    scores = np.eye(len(pi)) - pi
    return -(pi * np.log2(pi)) @ scores
""",
        "says": "Logarithms to the base two.",
        "right": False,
    },
    {
        "exercise": "entropy_slope",
        "code": """\
import numpy as np


def entropy_slope(logits):
    pi = np.exp(logits) / np.sum(np.exp(logits))
    scores = np.eye(len(logits)) - pi
    return -(pi * pi) @ scores
""",
        "says": "The probability stands where the logarithm belongs.",
        "right": False,
    },
    {
        "exercise": "entropy_slope",
        "code": """\
import numpy as np


def entropy_slope(logits):
    p = np.exp(logits - max(logits))
    p = p / sum(p)
    H = -sum(x * np.log(x) for x in p)
    return np.array([np.log(x) + H for x in p])
""",
        "says": "The sign is wrong, and the probability in front is missing.",
        "right": False,
    },
    {
        "exercise": "entropy_slope",
        "code": """\
import numpy as np


def entropy_slope(logits):
    pi = np.exp(logits) / np.sum(np.exp(logits))
    scores = np.eye(len(logits)) - pi
    return -scores @ (pi * np.log(pi))
""",
        "says": "The matrix of scores is used from the other side.",
        "right": False,
    },
    {
        "exercise": "entropy_slope",
        "code": """\
import numpy as np


def entropy_slope(logits):
    pi = np.exp(logits) / np.sum(np.exp(logits))
    H = -np.sum(pi * np.log(pi))
    return -pi * (np.log(pi) + H) / np.log(len(pi))
""",
        "says": "Divided by the largest entropy, log of the number of actions.",
        "right": False,
    },
    {
        "exercise": "entropy_slope",
        "code": """\
import numpy as np


def entropy_slope(logits):
    pi = np.exp(logits - np.max(logits))
    pi /= pi.sum()
    return pi * (pi @ logits - logits)
""",
        "says": "With logits in the place of log π, whose constant drops out: right.",
        "right": True,
    },
    {
        "exercise": "clipped_ratio_slope",
        "code": """\
import numpy as np


def clipped_ratio_slope(log_pi, log_old, advantages, epsilon):
    ratio = np.exp(log_pi - log_old)
    return np.where(ratio > 1 + epsilon, 0.0, ratio * advantages)
""",
        "says": "Flat on one side only whatever the sign: above 1 + ε.",
        "right": False,
    },
    {
        "exercise": "clipped_ratio_slope",
        "code": """\
import numpy as np


def clipped_ratio_slope(log_pi, log_old, advantages, epsilon):
    ratio = np.exp(log_pi - log_old)
    flat = ((advantages > 0) & (ratio < 1 - epsilon)) | ((advantages < 0) & (ratio > 1 + epsilon))
    return np.where(flat, 0.0, ratio * advantages)
""",
        "says": "The sides are swapped: the maximum in the place of the minimum.",
        "right": False,
    },
    {
        "exercise": "clipped_ratio_slope",
        "code": """\
import numpy as np


def clipped_ratio_slope(log_pi, log_old, advantages, epsilon):
    ratio = np.exp(log_pi - log_old)
    flat = np.where(advantages >= 0, ratio > 1 + epsilon, ratio < 1 - epsilon)
    return np.where(flat, 0.0, advantages)
""",
        "says": "The derivative by the ratio: the factor ρ is missing.",
        "right": False,
    },
    {
        "exercise": "clipped_ratio_slope",
        "code": """\
import numpy as np


def clipped_ratio_slope(log_pi, log_old, advantages, epsilon):
    ratio = np.exp(log_pi - log_old)
    if advantages[0] > 0:
        flat = ratio > 1 + epsilon
    else:
        flat = ratio < 1 - epsilon
    return np.where(flat, 0.0, ratio * advantages)
""",
        "says": "A single branch by the sign of the first advantage is used for all samples.",
        "right": False,
    },
    {
        "exercise": "clipped_ratio_slope",
        "code": """\
import numpy as np


def clipped_ratio_slope(log_pi, log_old, advantages, epsilon):
    ratio = np.exp(log_pi - log_old)
    plain = ratio * advantages
    clipped = np.clip(ratio, 1 - epsilon, 1 + epsilon) * advantages
    return np.where(plain < clipped, plain, 0.0)
""",
        "says": "Strictly smaller: between the bounds both are equal, and the slope comes out zero.",
        "right": False,
    },
    {
        "exercise": "clipped_ratio_slope",
        "code": """\
import numpy as np


def clipped_ratio_slope(log_pi, log_old, advantages, epsilon):
    ratio = np.exp(log_pi - log_old)
    return np.minimum(ratio * advantages, np.clip(ratio, 1 - epsilon, 1 + epsilon) * advantages)
""",
        "says": "Returns the objective, not its slope.",
        "right": False,
    },
    {
        "exercise": "clipped_ratio_slope",
        "code": """\
import numpy as np


def clipped_ratio_slope(log_pi, log_old, advantages, epsilon):
    ratio = np.exp(log_pi - log_old)
    out = np.zeros(len(ratio))
    for i, (r, adv) in enumerate(zip(ratio, advantages)):
        if adv > 0 and r > 1 + epsilon:
            out[i] = (1 + epsilon) * adv
        elif adv < 0 and r < 1 - epsilon:
            out[i] = (1 - epsilon) * adv
        else:
            out[i] = r * adv
    return out
""",
        "says": "Where it is clipped, the slope is the bound times the advantage.",
        "right": False,
    },
    {
        "exercise": "clipped_ratio_slope",
        "code": """\
import numpy as np


def clipped_ratio_slope(log_pi, log_old, advantages, epsilon):
    ratio = np.exp(log_old - log_pi)
    flat = ((advantages > 0) & (ratio > 1 + epsilon)) | ((advantages < 0) & (ratio < 1 - epsilon))
    return np.where(flat, 0.0, ratio * advantages)
""",
        "says": "The ratio is upside down.",
        "right": False,
    },
    {
        "exercise": "clipped_ratio_slope",
        "code": """\
import numpy as np


def clipped_ratio_slope(log_pi, log_old, advantages, epsilon):
    return np.exp(log_pi - log_old) * advantages
""",
        "says": "Never flat: the clip is left out.",
        "right": False,
    },
    {
        "exercise": "clipped_ratio_slope",
        "code": """\
import numpy as np


def clipped_ratio_slope(log_pi, log_old, advantages, epsilon):
    diff = log_pi - log_old
    flat = ((advantages > 0) & (diff > epsilon)) | ((advantages < 0) & (diff < -epsilon))
    return np.where(flat, 0.0, np.exp(diff) * advantages)
""",
        "says": "The bounds are set on the difference of the logarithms.",
        "right": False,
    },
    {
        "exercise": "clipped_ratio_slope",
        "code": """\
import numpy as np


def clipped_ratio_slope(log_pi, log_old, advantages, epsilon):
    ratio = np.exp(log_pi - log_old)
    flat = ((advantages > 0) & (ratio > 1 + epsilon)) | ((advantages < 0) & (ratio < 1 - epsilon))
    return -np.where(flat, 0.0, ratio * advantages)
""",
        "says": "The sign is that of a loss.",
        "right": False,
    },
    {
        "exercise": "clipped_ratio_slope",
        "code": """\
import numpy as np


def clipped_ratio_slope(log_pi, log_old, advantages, epsilon):
    ratio = np.exp(log_pi - log_old)
    inside = (ratio >= 1 - epsilon) & (ratio <= 1 + epsilon)
    return np.mean(inside * ratio * advantages)
""",
        "says": "One number: the mean over the samples, and clipped on both sides.",
        "right": False,
    },
    {
        "exercise": "clipped_ratio_slope",
        "code": """\
import numpy as np


def clipped_ratio_slope(log_pi, log_old, advantages, epsilon):
    rho = np.exp(log_pi - log_old)
    keep_up = (advantages > 0) & (rho >= 1 - epsilon)
    keep_down = (advantages <= 0) & (rho <= 1 + epsilon)
    return advantages * (keep_up | keep_down)
""",
        "says": "The sides are swapped, and the factor ρ is missing.",
        "right": False,
    },
    {
        "exercise": "clipped_ratio_slope",
        "code": """\
import numpy as np


def clipped_ratio_slope(log_pi, log_old, advantages, epsilon):
    ratio = np.exp(log_pi - log_old)
    beyond = np.sign(advantages) * (ratio - 1) > epsilon
    return ratio * advantages * ~beyond
""",
        "says": "The sign of the advantage decides by a product, which is right.",
        "right": True,
    },
    {
        "exercise": "group_weights",
        "code": """\
def group_weights(rewards):
    return rewards - rewards.mean(axis=1, keepdims=True)
""",
        "says": "The own reward is in the mean; only the standard deviation is gone.",
        "right": False,
    },
    {
        "exercise": "group_weights",
        "code": """\
def group_weights(rewards):
    m = rewards.shape[1]
    others = (rewards.sum(axis=1, keepdims=True) - rewards) / (m - 1)
    return (rewards - others) / rewards.std(axis=1, keepdims=True)
""",
        "says": "The standard deviation is kept beside the mean of the others.",
        "right": False,
    },
    {
        "exercise": "group_weights",
        "code": """\
def group_weights(rewards):
    q = rewards.shape[0]
    others = (rewards.sum(axis=0, keepdims=True) - rewards) / (q - 1)
    return rewards - others
""",
        "says": "The mean of the others runs over the questions instead of the answers.",
        "right": False,
    },
    {
        "exercise": "group_weights",
        "code": """\
def group_weights(rewards):
    w = rewards.astype(float)
    m = w.shape[1]
    for q in range(w.shape[0]):
        for i in range(m):
            w[q, i] -= (w[q].sum() - w[q, i]) / (m - 1)
    return w
""",
        "says": "The rewards are overwritten one after the other, and later ones see the changed numbers.",
        "right": False,
    },
    {
        "exercise": "group_weights",
        "code": """\
def group_weights(rewards):
    m = rewards.shape[1]
    total = rewards.sum(axis=1, keepdims=True)
    return rewards - (total - rewards) / m
""",
        "says": "The sum of the others is divided by m.",
        "right": False,
    },
    {
        "exercise": "group_weights",
        "code": """\
def group_weights(rewards):
    m = rewards.shape[1]
    off = rewards - rewards.mean(axis=1, keepdims=True)
    return off * (m - 1) / m
""",
        "says": "The factor (m − 1)/m in the place of m/(m − 1).",
        "right": False,
    },
    {
        "exercise": "group_weights",
        "code": """\
def group_weights(rewards):
    return rewards - rewards.mean()
""",
        "says": "One mean for the whole batch.",
        "right": False,
    },
    {
        "exercise": "group_weights",
        "code": """\
def group_weights(rewards):
    off = rewards - rewards.mean(axis=1, keepdims=True)
    return off / rewards.std(axis=1, ddof=1, keepdims=True)
""",
        "says": "Only the divisor of the deviation is changed to m − 1.",
        "right": False,
    },
    {
        "exercise": "group_weights",
        "code": """\
def group_weights(rewards):
    m = rewards.shape[1]
    others = (rewards.sum(axis=1, keepdims=True) - rewards) / (m - 1)
    return (rewards - others) / m
""",
        "says": "Divided by the number of answers as well.",
        "right": False,
    },
    {
        "exercise": "group_weights",
        "code": """\
import numpy as np


def group_weights(rewards):
    return np.array(rewards, dtype=float)
""",
        "says": "No baseline at all.",
        "right": False,
    },
    {
        "exercise": "group_weights",
        "code": """\
import numpy as np


def group_weights(rewards):
    w = np.zeros(rewards.shape)
    for q in range(rewards.shape[0]):
        for i in range(rewards.shape[1]):
            w[q, i] = rewards[q, i] - np.median(np.delete(rewards[q], i))
    return w
""",
        "says": "The median of the others in the place of their mean.",
        "right": False,
    },
    {
        "exercise": "group_weights",
        "code": """\
import numpy as np


def group_weights(rewards):
    baseline = np.mean(rewards, axis=1)
    return baseline[:, None] - rewards
""",
        "says": "The weights have the opposite sign, and the own reward is in the mean.",
        "right": False,
    },
    {
        "exercise": "group_weights",
        "code": """\
def group_weights(rewards):
    n = rewards.size
    others = (rewards.sum() - rewards) / (n - 1)
    return (rewards - others) / rewards.std(axis=1, keepdims=True)
""",
        "says": "All other rewards of the batch are the baseline, of other questions too, divided by the "
        "row's deviation.",
        "right": False,
    },
    {
        "exercise": "group_weights",
        "code": """\
import numpy as np


def group_weights(rewards):
    out = np.empty(rewards.shape)
    for q, row in enumerate(rewards):
        for i in range(len(row)):
            rest = [row[j] for j in range(len(row)) if j != i]
            out[q, i] = row[i] - max(rest)
    return out
""",
        "says": "The largest of the other rewards is the baseline.",
        "right": False,
    },
    {
        "exercise": "group_weights",
        "code": """\
def group_weights(rewards):
    m = rewards.shape[1]
    differences = rewards[:, :, None] - rewards[:, None, :]
    return differences.sum(axis=2) / (m - 1)
""",
        "says": "The mean of the pairwise differences to the others, which is right.",
        "right": True,
    },
    {
        "exercise": "throttle_estimate",
        "code": """\
import numpy as np


def throttle_estimate(z, payments, mean, sigma, low, high):
    actions = np.clip(z, low, high)
    score = (actions - mean) / sigma**2
    return np.mean(score * payments)
""",
        "says": "Only the divisor is mended; the score is still that of the cut action.",
        "right": False,
    },
    {
        "exercise": "throttle_estimate",
        "code": """\
import numpy as np


def throttle_estimate(z, payments, mean, sigma, low, high):
    score = (z - mean) / sigma
    return np.mean(score * payments)
""",
        "says": "Only the cut is mended; divided by σ instead of its square.",
        "right": False,
    },
    {
        "exercise": "throttle_estimate",
        "code": """\
import numpy as np


def throttle_estimate(z, payments, mean, sigma, low, high):
    inside = (z > low) & (z < high)
    score = (z[inside] - mean) / sigma**2
    return np.mean(score * payments[inside])
""",
        "says": "Draws beyond the bounds are thrown away.",
        "right": False,
    },
    {
        "exercise": "throttle_estimate",
        "code": """\
import numpy as np


def throttle_estimate(z, payments, mean, sigma, low, high):
    inside = (low <= z) & (z <= high)
    score = np.where(inside, (z - mean) / sigma**2, 0.0)
    return np.mean(score * payments)
""",
        "says": "Draws beyond the bounds have the score zero.",
        "right": False,
    },
    {
        "exercise": "throttle_estimate",
        "code": """\
import numpy as np


def throttle_estimate(z, payments, mean, sigma, low, high):
    return np.sum((z - mean) / sigma**2 * payments)
""",
        "says": "The sum over the draws, not the mean.",
        "right": False,
    },
    {
        "exercise": "throttle_estimate",
        "code": """\
import numpy as np


def throttle_estimate(z, payments, mean, sigma, low, high):
    score = (z - mean) / sigma**2
    return np.mean(score * (payments - payments.mean()))
""",
        "says": "The mean payment is taken off as a baseline, which holds the own draw too.",
        "right": False,
    },
    {
        "exercise": "throttle_estimate",
        "code": """\
def throttle_estimate(z, payments, mean, sigma, low, high):
    total = 0.0
    for zi, p in zip(z, payments):
        total += (mean - zi) / sigma**2 * p
    return total / len(z)
""",
        "says": "The sign of the score is wrong.",
        "right": False,
    },
    {
        "exercise": "throttle_estimate",
        "code": """\
import numpy as np


def throttle_estimate(z, payments, mean, sigma, low, high):
    log_density = -0.5 * ((z - mean) / sigma) ** 2 - np.log(sigma) - 0.5 * np.log(2 * np.pi)
    return np.mean(log_density * payments)
""",
        "says": "The log density in the place of its derivative.",
        "right": False,
    },
    {
        "exercise": "throttle_estimate",
        "code": """\
def throttle_estimate(z, payments, mean, sigma, low, high):
    score = (z - mean) / sigma**2
    return score.mean() * payments.mean()
""",
        "says": "Mean score times mean payment.",
        "right": False,
    },
    {
        "exercise": "throttle_estimate",
        "code": """\
import numpy as np


def throttle_estimate(z, payments, mean, sigma, low, high):
    centre = np.clip(mean, low, high)
    clipped = np.clip(z, low, high)
    return np.mean((clipped - centre) / sigma * payments)
""",
        "says": "The distance is taken from the cut mean, and divided by σ.",
        "right": False,
    },
    {
        "exercise": "throttle_estimate",
        "code": """\
def throttle_estimate(z, payments, mean, sigma, low, high):
    return (z - mean) / sigma**2 * payments
""",
        "says": "One term for each draw; the mean is missing.",
        "right": False,
    },
    {
        "exercise": "throttle_estimate",
        "code": """\
import numpy as np


def throttle_estimate(z, payments, mean, sigma, low, high):
    a = np.minimum(np.maximum(z, low), high)
    return np.average((a - mean) * sigma**2 * payments)
""",
        "says": "Multiplied by σ squared where it should be divided, and the cut is kept.",
        "right": False,
    },
    {
        "exercise": "throttle_estimate",
        "code": """\
import numpy as np


def throttle_estimate(z, payments, mean, sigma, low, high):
    score = (z - mean) / sigma**2
    return np.sum(score * payments) / (len(z) - 1)
""",
        "says": "Divided by n − 1.",
        "right": False,
    },
    {
        "exercise": "throttle_estimate",
        "code": """\
def throttle_estimate(z, payments, mean, sigma, low, high):
    noise = (z - mean) / sigma
    return float(noise @ payments) / (sigma * len(z))
""",
        "says": "The score of the standardised number, divided by σ once more: right.",
        "right": True,
    },
    {
        "exercise": "squashed_log_density",
        "code": """\
import numpy as np


def squashed_log_density(z, mean, log_sigma):
    standard = (z - mean) / np.exp(log_sigma)
    gauss = -(standard**2) / 2 - log_sigma - np.log(2 * np.pi) / 2
    return gauss + 2 * (np.log(2) - z - np.logaddexp(0, -2 * z))
""",
        "says": "The logarithm of the slope of tanh is added instead of subtracted.",
        "right": False,
    },
    {
        "exercise": "squashed_log_density",
        "code": """\
import numpy as np


def squashed_log_density(z, mean, log_sigma):
    standard = (z - mean) / np.exp(log_sigma)
    gauss = -(standard**2) / 2 - log_sigma - np.log(2 * np.pi) / 2
    return gauss - np.log(1 - np.tanh(z) ** 2)
""",
        "says": "Breaks at large z: log of 1 − tanh², which is rounded to zero.",
        "right": False,
    },
    {
        "exercise": "squashed_log_density",
        "code": """\
import numpy as np


def squashed_log_density(z, mean, log_sigma):
    standard = (z - mean) / np.exp(log_sigma)
    gauss = -(standard**2) / 2 - log_sigma - np.log(2 * np.pi) / 2
    return gauss - np.log(1 - np.tanh(z) ** 2 + 1e-6)
""",
        "says": "A small number is added under the logarithm, so large z are wrong.",
        "right": False,
    },
    {
        "exercise": "squashed_log_density",
        "code": """\
import numpy as np


def squashed_log_density(z, mean, log_sigma):
    standard = (z - mean) / np.exp(log_sigma)
    gauss = -(standard**2) / 2 - log_sigma - np.log(2 * np.pi) / 2
    return gauss - (np.log(2) - z - np.logaddexp(0, -2 * z))
""",
        "says": "The factor 2 is missing before the stable form.",
        "right": False,
    },
    {
        "exercise": "squashed_log_density",
        "code": """\
import numpy as np


def squashed_log_density(z, mean, log_sigma):
    standard = (z - mean) / np.exp(log_sigma)
    gauss = -(standard**2) / 2 - log_sigma - np.log(2 * np.pi) / 2
    softplus = np.log1p(np.exp(-2 * np.abs(z)))
    return gauss + 2 * (np.abs(z) + softplus)
""",
        "says": "log 2 is missing in the stable form.",
        "right": False,
    },
    {
        "exercise": "squashed_log_density",
        "code": """\
import numpy as np


def squashed_log_density(z, mean, log_sigma):
    a = np.tanh(z)
    standard = (a - mean) / np.exp(log_sigma)
    return -(standard**2) / 2 - log_sigma - np.log(2 * np.pi) / 2
""",
        "says": "The Gaussian is asked at the squashed number.",
        "right": False,
    },
    {
        "exercise": "squashed_log_density",
        "code": """\
import numpy as np


def squashed_log_density(z, mean, log_sigma):
    standard = (z - mean) / np.exp(log_sigma)
    gauss = -(standard**2) / 2 - log_sigma - np.log(2 * np.pi) / 2
    return gauss - np.log(np.maximum(1 - np.tanh(z), 1e-300))
""",
        "says": "tanh is not squared under the logarithm.",
        "right": False,
    },
    {
        "exercise": "squashed_log_density",
        "code": """\
import numpy as np


def squashed_log_density(z, mean, log_sigma):
    standard = (z - mean) / np.exp(log_sigma)
    log_normal = -0.5 * standard**2 - log_sigma - 0.5 * np.log(2 * np.pi)
    return log_normal - 1 / np.cosh(z) ** 2
""",
        "says": "The slope of tanh is subtracted, not its logarithm.",
        "right": False,
    },
    {
        "exercise": "squashed_log_density",
        "code": """\
import numpy as np


def squashed_log_density(z, mean, log_sigma):
    standard = (z - mean) / np.exp(log_sigma)
    gauss = -(standard**2) / 2 - np.log(2 * np.pi) / 2
    return gauss - 2 * (np.log(2) - z - np.logaddexp(0, -2 * z))
""",
        "says": "log σ is left out of the Gaussian.",
        "right": False,
    },
    {
        "exercise": "squashed_log_density",
        "code": """\
import numpy as np


def squashed_log_density(z, mean, log_sigma):
    standard = (z - mean) / log_sigma
    gauss = -(standard**2) / 2 - np.log(np.abs(log_sigma)) - np.log(2 * np.pi) / 2
    return gauss + 2 * (np.logaddexp(z, -z) - np.log(2))
""",
        "says": "log σ is taken for σ.",
        "right": False,
    },
    {
        "exercise": "squashed_log_density",
        "code": """\
import numpy as np


def squashed_log_density(z, mean, log_sigma):
    standard = (z - mean) / np.exp(log_sigma)
    gauss = -(standard**2) / 2 - log_sigma - np.log(2 * np.pi) / 2
    return np.sum(gauss - 2 * (np.log(2) - z - np.logaddexp(0, 2 * z)))
""",
        "says": "The sign of z is wrong in the softplus, and the terms are added up.",
        "right": False,
    },
    {
        "exercise": "squashed_log_density",
        "code": """\
import numpy as np


def squashed_log_density(z, mean, log_sigma):
    a = np.clip(np.tanh(z), -1 + 1e-6, 1 - 1e-6)
    standard = (z - mean) / np.exp(log_sigma)
    return -(standard**2) / 2 - log_sigma - np.log(2 * np.pi) / 2 - np.log(1 - a**2)
""",
        "says": "The action is cut near 1 before the logarithm is taken.",
        "right": False,
    },
    {
        "exercise": "squashed_log_density",
        "code": """\
import numpy as np


def squashed_log_density(z, mean, log_sigma):
    sigma = np.exp(log_sigma)
    return np.exp(-((z - mean) ** 2) / (2 * sigma**2)) / (sigma * np.sqrt(2 * np.pi))
""",
        "says": "The density instead of its logarithm, and without the slope of tanh.",
        "right": False,
    },
    {
        "exercise": "squashed_log_density",
        "code": """\
import numpy as np


def squashed_log_density(z, mean, log_sigma):
    standard = (z - mean) * np.exp(-log_sigma)
    log_cosh = np.logaddexp(z, -z) - np.log(2)
    return 2 * log_cosh - (standard**2 + np.log(2 * np.pi)) / 2 - log_sigma
""",
        "says": "Twice the logarithm of cosh, in a stable form: right.",
        "right": True,
    },
    {
        "exercise": "scaled_step",
        "code": """\
import numpy as np


def scaled_step(gradient, log_sigma, alpha):
    sigma = np.exp(log_sigma)
    fisher = np.array([1 / sigma**2, 2.0])
    return alpha * fisher * gradient
""",
        "says": "Multiplied by the Fisher information instead of divided.",
        "right": False,
    },
    {
        "exercise": "scaled_step",
        "code": """\
import numpy as np


def scaled_step(gradient, log_sigma, alpha):
    sigma = np.exp(log_sigma)
    return alpha * np.array([sigma * gradient[0], gradient[1] / 2])
""",
        "says": "σ in the place of σ squared.",
        "right": False,
    },
    {
        "exercise": "scaled_step",
        "code": """\
import numpy as np


def scaled_step(gradient, log_sigma, alpha):
    return alpha * np.array([np.exp(2 * log_sigma) * gradient[0], gradient[1]])
""",
        "says": "The entry for log σ is not halved.",
        "right": False,
    },
    {
        "exercise": "scaled_step",
        "code": """\
import numpy as np


def scaled_step(gradient, log_sigma, alpha):
    var = np.exp(log_sigma) ** 2
    return np.array([alpha * var * gradient[0], alpha * 2 * gradient[1]])
""",
        "says": "The entry for log σ is doubled instead of halved.",
        "right": False,
    },
    {
        "exercise": "scaled_step",
        "code": """\
import numpy as np


def scaled_step(gradient, log_sigma, alpha):
    variance = np.exp(2 * log_sigma)
    return alpha * variance * gradient
""",
        "says": "Both entries are multiplied by the variance.",
        "right": False,
    },
    {
        "exercise": "scaled_step",
        "code": """\
import numpy as np


def scaled_step(gradient, log_sigma, alpha):
    fisher = np.array([1 / log_sigma**2, 2])
    return alpha * gradient / fisher
""",
        "says": "log σ is taken for σ.",
        "right": False,
    },
    {
        "exercise": "scaled_step",
        "code": """\
import numpy as np


def scaled_step(gradient, log_sigma, alpha):
    sigma = np.exp(log_sigma)
    F = np.diag([1 / sigma**2, 2 / sigma**2])
    return alpha * np.linalg.solve(F, gradient)
""",
        "says": "The Fisher information of σ, 2/σ², not of log σ.",
        "right": False,
    },
    {
        "exercise": "scaled_step",
        "code": """\
import numpy as np


def scaled_step(gradient, log_sigma, alpha):
    sigma = np.exp(log_sigma)
    scale = np.sqrt(np.array([1 / sigma**2, 2.0]))
    return alpha * gradient / scale
""",
        "says": "Divided by the deviation of the score, the root of the Fisher information.",
        "right": False,
    },
    {
        "exercise": "scaled_step",
        "code": """\
import numpy as np


def scaled_step(gradient, log_sigma, alpha):
    sigma = np.exp(log_sigma)
    return gradient * np.array([sigma**2, 0.5])
""",
        "says": "The step size is left out.",
        "right": False,
    },
    {
        "exercise": "scaled_step",
        "code": """\
import numpy as np


def scaled_step(gradient, log_sigma, alpha):
    sigma = np.exp(log_sigma)
    F = np.array([[2.0, 0.0], [0.0, sigma**-2]])
    return alpha * np.linalg.inv(F) @ gradient
""",
        "says": "The entries of the Fisher information are swapped.",
        "right": False,
    },
    {
        "exercise": "scaled_step",
        "code": """\
import numpy as np


def scaled_step(gradient, log_sigma, alpha):
    return alpha * gradient / np.linalg.norm(gradient)
""",
        "says": "The gradient is divided by its length, so every step is equally long.",
        "right": False,
    },
    {
        "exercise": "scaled_step",
        "code": """\
import numpy as np


def scaled_step(gradient, log_sigma, alpha):
    step = np.array(gradient, dtype=float)
    step[0] = step[0] / np.exp(2 * log_sigma)
    return alpha * step
""",
        "says": "The exponent lacks its sign: divided by σ squared, and the second entry is left as it is.",
        "right": False,
    },
    {
        "exercise": "scaled_step",
        "code": """\
import numpy as np


def scaled_step(gradient, log_sigma, alpha):
    s = np.exp(log_sigma)
    return -alpha * gradient * np.array([s, 0.5])
""",
        "says": "The step goes downhill, and σ is not squared.",
        "right": False,
    },
    {
        "exercise": "scaled_step",
        "code": """\
import numpy as np


def scaled_step(gradient, log_sigma, alpha):
    F = np.diag([np.exp(-2.0 * log_sigma), 2.0])
    return alpha * np.linalg.solve(F, gradient)
""",
        "says": "A linear solve with the Fisher matrix, which is right.",
        "right": True,
    },
]
