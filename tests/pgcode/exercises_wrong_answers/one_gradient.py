"""Wrong answers to the exercises of one gradient."""

from dataclasses import replace

import numpy as np

from exercises_wrong_answers import Collection
from pgcode import values

HERE = Collection("one_gradient")
wrong = HERE.wrong


def _by_episode(rewards, lengths, rule):
    out, start = [], 0
    for n in lengths:
        out.append(rule(rewards[start : start + n]))
        start += n
    return np.concatenate(out)


def _to_go(r, discount):
    g, running = np.zeros(len(r)), 0.0
    for t in reversed(range(len(r))):
        running = r[t] + discount * running
        g[t] = running
    return g


@wrong("reward_to_go_weights", "no discount of the step")
def _(rewards, lengths, discount):
    return _by_episode(rewards, lengths, lambda r: _to_go(r, discount))


@wrong("reward_to_go_weights", "runs over the ends of episodes")
def _(rewards, lengths, discount):
    paid = rewards * discount ** np.arange(len(rewards))
    return np.cumsum(paid[::-1])[::-1]


@wrong("reward_to_go_weights", "never discounted")
def _(rewards, lengths, discount):
    return _by_episode(rewards, lengths, lambda r: _to_go(r, 1.0))


@wrong("reward_to_go_weights", "discounted twice")
def _(rewards, lengths, discount):
    def rule(r):
        factors = discount ** np.arange(len(r))
        return factors * np.cumsum((factors * r)[::-1])[::-1]

    return _by_episode(rewards, lengths, rule)


@wrong("reward_to_go_weights", "the whole return")
def _(rewards, lengths, discount):
    return _by_episode(rewards, lengths, lambda r: np.full(len(r), np.sum(discount ** np.arange(len(r)) * r)))


@wrong("reward_to_go_weights", "own reward alone")
def _(rewards, lengths, discount):
    return _by_episode(rewards, lengths, lambda r: discount ** np.arange(len(r)) * r)


@wrong("reward_to_go_weights", "the past")
def _(rewards, lengths, discount):
    return _by_episode(rewards, lengths, lambda r: np.cumsum(discount ** np.arange(len(r)) * r))


@wrong("reward_to_go_weights", "own reward left out")
def _(rewards, lengths, discount):
    def rule(r):
        paid = discount ** np.arange(len(r)) * r
        return np.cumsum(paid[::-1])[::-1] - paid

    return _by_episode(rewards, lengths, rule)


@wrong("reward_to_go_weights", "times of the buffer")
def _(rewards, lengths, discount):
    g = _by_episode(rewards, lengths, lambda r: _to_go(r, discount))
    return discount ** np.arange(len(rewards)) * g


@wrong("reward_to_go_weights", "a list for each episode")
def _(rewards, lengths, discount):
    out, start = [], 0
    for n in lengths:
        out.append(discount ** np.arange(n) * _to_go(rewards[start : start + n], discount))
        start += n
    return out


@wrong("reward_to_go_weights", "reversed and not turned back")
def _(rewards, lengths, discount):
    return _by_episode(rewards, lengths, lambda r: np.cumsum((discount ** np.arange(len(r)) * r)[::-1]))


@wrong("reward_to_go_weights", "discount from one")
def _(rewards, lengths, discount):
    return _by_episode(rewards, lengths, lambda r: np.cumsum((discount ** np.arange(1, len(r) + 1) * r)[::-1])[::-1])


@wrong("reward_to_go_weights", "over the ends and no discount of the step")
def _(rewards, lengths, discount):
    return _to_go(rewards, discount)


@wrong("reward_to_go_weights", "centred")
def _(rewards, lengths, discount):
    w = _by_episode(rewards, lengths, lambda r: discount ** np.arange(len(r)) * _to_go(r, discount))
    return w - w.mean()


@wrong("leave_one_out", "mean of all")
def _(to_go):
    return to_go - to_go.mean(axis=0)


@wrong("leave_one_out", "mean over time")
def _(to_go):
    return to_go - to_go.mean(axis=1, keepdims=True)


@wrong("leave_one_out", "one mean for all")
def _(to_go):
    return to_go - to_go.mean()


@wrong("leave_one_out", "divided by m")
def _(to_go):
    return to_go - (to_go.sum(axis=0) - to_go) / len(to_go)


@wrong("leave_one_out", "only the baseline")
def _(to_go):
    return (to_go.sum(axis=0) - to_go) / (len(to_go) - 1)


@wrong("leave_one_out", "sum of the others")
def _(to_go):
    return to_go - (to_go.sum(axis=0) - to_go)


@wrong("leave_one_out", "own number not taken out")
def _(to_go):
    return to_go - to_go.sum(axis=0) / (len(to_go) - 1)


@wrong("leave_one_out", "median")
def _(to_go):
    return np.array([g - np.median(np.delete(to_go, i, axis=0), axis=0) for i, g in enumerate(to_go)])


@wrong("leave_one_out", "divided by the deviation")
def _(to_go):
    return (to_go - to_go.mean(axis=0)) / (to_go.std(axis=0) + 1e-8)


@wrong("leave_one_out", "neighbour before")
def _(to_go):
    return to_go - np.roll(to_go, 1, axis=0)


@wrong("leave_one_out", "others minus own")
def _(to_go):
    return (to_go.sum(axis=0) - to_go) / (len(to_go) - 1) - to_go


@wrong("leave_one_out", "over other times")
def _(to_go):
    n = to_go.shape[1]
    return to_go - (to_go.sum(axis=1, keepdims=True) - to_go) / max(n - 1, 1)


@wrong("leave_one_out", "mean of everything of the others")
def _(to_go):
    return np.array([g - np.delete(to_go, i, axis=0).mean() for i, g in enumerate(to_go)])


@wrong("one_step_variance", "second moment")
def _(pi, rewards, baseline):
    g = (np.eye(len(pi)) - pi) * (rewards - baseline)[:, None]
    return pi @ g**2


@wrong("one_step_variance", "baseline forgotten")
def _(pi, rewards, baseline):
    g = (np.eye(len(pi)) - pi) * rewards[:, None]
    return pi @ g**2 - (pi @ g) ** 2


@wrong("one_step_variance", "score times reward less b")
def _(pi, rewards, baseline):
    g = (np.eye(len(pi)) - pi) * rewards[:, None] - baseline
    return pi @ g**2 - (pi @ g) ** 2


@wrong("one_step_variance", "uniform mean over the arms")
def _(pi, rewards, baseline):
    g = (np.eye(len(pi)) - pi) * (rewards - baseline)[:, None]
    return g.var(axis=0)


@wrong("one_step_variance", "the trace")
def _(pi, rewards, baseline):
    g = (np.eye(len(pi)) - pi) * (rewards - baseline)[:, None]
    return (pi @ g**2 - (pi @ g) ** 2).sum()


@wrong("one_step_variance", "standard deviation")
def _(pi, rewards, baseline):
    g = (np.eye(len(pi)) - pi) * (rewards - baseline)[:, None]
    return np.sqrt(pi @ g**2 - (pi @ g) ** 2)


@wrong("one_step_variance", "baseline added")
def _(pi, rewards, baseline):
    g = (np.eye(len(pi)) - pi) * (rewards + baseline)[:, None]
    return pi @ g**2 - (pi @ g) ** 2


@wrong("one_step_variance", "one over pi for the score")
def _(pi, rewards, baseline):
    g = np.eye(len(pi)) / pi * (rewards - baseline)[:, None]
    return pi @ g**2 - (pi @ g) ** 2


@wrong("one_step_variance", "rewards along the wrong axis")
def _(pi, rewards, baseline):
    g = (np.eye(len(pi)) - pi) * (rewards - baseline)
    return pi @ g**2 - (pi @ g) ** 2


@wrong("one_step_variance", "mean not squared")
def _(pi, rewards, baseline):
    g = (np.eye(len(pi)) - pi) * (rewards - baseline)[:, None]
    return pi @ g**2 - pi @ g


@wrong("one_step_variance", "covariance matrix")
def _(pi, rewards, baseline):
    g = (np.eye(len(pi)) - pi) * (rewards - baseline)[:, None]
    c = g - pi @ g
    return np.einsum("a,ai,aj->ij", pi, c, c)


@wrong("one_step_variance", "variance of the reward times the score squared")
def _(pi, rewards, baseline):
    scores = np.eye(len(pi)) - pi
    return (pi @ scores**2) * (pi @ (rewards - pi @ rewards) ** 2)


@wrong("one_step_variance", "second moment and baseline forgotten")
def _(pi, rewards, baseline):
    g = (np.eye(len(pi)) - pi) * rewards[:, None]
    return pi @ g**2


@wrong("best_constant", "mean reward")
def _(pi, rewards):
    return pi @ rewards


@wrong("best_constant", "plain mean")
def _(pi, rewards):
    return rewards.mean()


@wrong("best_constant", "lengths not squared")
def _(pi, rewards):
    w = pi * np.linalg.norm(np.eye(len(pi)) - pi, axis=1)
    return w @ rewards / w.sum()


@wrong("best_constant", "policy forgotten")
def _(pi, rewards):
    w = ((np.eye(len(pi)) - pi) ** 2).sum(axis=1)
    return w @ rewards / w.sum()


@wrong("best_constant", "not divided")
def _(pi, rewards):
    w = pi * ((np.eye(len(pi)) - pi) ** 2).sum(axis=1)
    return w @ rewards


@wrong("best_constant", "an entry for each parameter")
def _(pi, rewards):
    w = pi[:, None] * (np.eye(len(pi)) - pi) ** 2
    return w.T @ rewards / w.sum(axis=0)


@wrong("best_constant", "own entry of the score alone")
def _(pi, rewards):
    w = pi * (1 - pi) ** 2
    return w @ rewards / w.sum()


@wrong("best_constant", "sum over the wrong axis")
def _(pi, rewards):
    w = pi * ((np.eye(len(pi)) - pi) ** 2).sum(axis=0)
    return w @ rewards / w.sum()


@wrong("best_constant", "the best arm")
def _(pi, rewards):
    return rewards.max()


@wrong("best_constant", "half")
def _(pi, rewards):
    w = pi * ((np.eye(len(pi)) - pi) ** 2).sum(axis=1)
    return w @ rewards / w.sum() / 2


@wrong("best_constant", "pi squared as weights")
def _(pi, rewards):
    return pi**2 @ rewards / (pi**2).sum()


@wrong("gae", "lambda forgotten")
def _(rewards, values, discount, gae_lambda):
    d = rewards + discount * values[1:] - values[:-1]
    return _to_go(d, discount)


@wrong("gae", "discount forgotten in the sum")
def _(rewards, values, discount, gae_lambda):
    d = rewards + discount * values[1:] - values[:-1]
    return _to_go(d, gae_lambda)


@wrong("gae", "one step errors")
def _(rewards, values, discount, gae_lambda):
    return rewards + discount * values[1:] - values[:-1]


@wrong("gae", "no discount in the error")
def _(rewards, values, discount, gae_lambda):
    return _to_go(rewards + values[1:] - values[:-1], discount * gae_lambda)


@wrong("gae", "last value taken for zero")
def _(rewards, values, discount, gae_lambda):
    later = np.append(values[1:-1], 0.0)
    return _to_go(rewards + discount * later - values[:-1], discount * gae_lambda)


@wrong("gae", "values added")
def _(rewards, values, discount, gae_lambda):
    d = rewards + discount * values[1:] - values[:-1]
    return _to_go(d, discount * gae_lambda) + values[:-1]


@wrong("gae", "forward")
def _(rewards, values, discount, gae_lambda):
    d = rewards + discount * values[1:] - values[:-1]
    out = d.copy()
    for t in range(1, len(d)):
        out[t] += discount * gae_lambda * out[t - 1]
    return out


@wrong("gae", "forward loop over the next ones")
def _(rewards, values, discount, gae_lambda):
    out = rewards + discount * values[1:] - values[:-1]
    for t in range(len(out) - 1):
        out[t] += discount * gae_lambda * out[t + 1]
    return out


@wrong("gae", "normalised")
def _(rewards, values, discount, gae_lambda):
    a = _to_go(rewards + discount * values[1:] - values[:-1], discount * gae_lambda)
    return (a - a.mean()) / (a.std() + 1e-8)


@wrong("gae", "discounted by the step")
def _(rewards, values, discount, gae_lambda):
    a = _to_go(rewards + discount * values[1:] - values[:-1], discount * gae_lambda)
    return discount ** np.arange(len(a)) * a


@wrong("gae", "one minus lambda in front")
def _(rewards, values, discount, gae_lambda):
    return (1 - gae_lambda) * _to_go(rewards + discount * values[1:] - values[:-1], discount * gae_lambda)


@wrong("gae", "sign of the baseline")
def _(rewards, values, discount, gae_lambda):
    return _to_go(rewards + discount * values[1:] + values[:-1], discount * gae_lambda)


@wrong("gae", "return less value")
def _(rewards, values, discount, gae_lambda):
    return _to_go(rewards, discount) - values[:-1]


@wrong("gae", "values of the next state subtracted")
def _(rewards, values, discount, gae_lambda):
    return _to_go(rewards + discount * values[:-1] - values[1:], discount * gae_lambda)


def _ingredients(trajectories, policy, theta):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    steps = np.arange(trajectories.horizon)
    return scores, steps, trajectories.discount**steps, trajectories.returns_from_step


@wrong("gradient_estimate", "as given")
def _(trajectories, policy, theta, v):
    scores, steps, _powers, g = _ingredients(trajectories, policy, theta)
    weights = g - v[steps + 1, trajectories.states[:, 1:]]
    return np.einsum("it...,it->...", scores, weights) / trajectories.active.sum()


@wrong("gradient_estimate", "half repaired, next time")
def _(trajectories, policy, theta, v):
    scores, steps, powers, g = _ingredients(trajectories, policy, theta)
    weights = powers * (g - v[steps + 1, trajectories.states[:, :-1]])
    return np.einsum("it...,it->...", scores, weights) / len(trajectories)


@wrong("gradient_estimate", "half repaired, next state")
def _(trajectories, policy, theta, v):
    scores, steps, powers, g = _ingredients(trajectories, policy, theta)
    weights = powers * (g - v[steps, trajectories.states[:, 1:]])
    return np.einsum("it...,it->...", scores, weights) / len(trajectories)


@wrong("gradient_estimate", "no discount of the step")
def _(trajectories, policy, theta, v):
    scores, steps, _powers, g = _ingredients(trajectories, policy, theta)
    weights = g - v[steps, trajectories.states[:, :-1]]
    return np.einsum("it...,it->...", scores, weights) / len(trajectories)


@wrong("gradient_estimate", "mean over the decisions")
def _(trajectories, policy, theta, v):
    scores, steps, powers, g = _ingredients(trajectories, policy, theta)
    weights = powers * (g - v[steps, trajectories.states[:, :-1]])
    return np.einsum("it...,it->...", scores, weights) / trajectories.active.sum()


@wrong("gradient_estimate", "discount on the return alone")
def _(trajectories, policy, theta, v):
    scores, steps, powers, g = _ingredients(trajectories, policy, theta)
    weights = powers * g - v[steps, trajectories.states[:, :-1]]
    return np.einsum("it...,it->...", scores, weights) / len(trajectories)


@wrong("gradient_estimate", "only the baseline repaired")
def _(trajectories, policy, theta, v):
    scores, steps, _powers, g = _ingredients(trajectories, policy, theta)
    weights = g - v[steps, trajectories.states[:, :-1]]
    return np.einsum("it...,it->...", scores, weights) / trajectories.active.sum()


@wrong("gradient_estimate", "not divided")
def _(trajectories, policy, theta, v):
    scores, steps, powers, g = _ingredients(trajectories, policy, theta)
    weights = powers * (g - v[steps, trajectories.states[:, :-1]])
    return np.einsum("it...,it->...", scores, weights)


@wrong("gradient_estimate", "no baseline")
def _(trajectories, policy, theta, v):
    scores, _steps, powers, g = _ingredients(trajectories, policy, theta)
    return np.einsum("it...,it->...", scores, powers * g) / len(trajectories)


@wrong("gradient_estimate", "scores after the end")
def _(trajectories, policy, theta, v):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    _, steps, powers, g = _ingredients(trajectories, policy, theta)
    weights = powers * (g - v[steps, trajectories.states[:, :-1]])
    return np.einsum("it...,it->...", scores, weights) / len(trajectories)


@wrong("gradient_estimate", "values of time zero")
def _(trajectories, policy, theta, v):
    scores, _steps, powers, g = _ingredients(trajectories, policy, theta)
    weights = powers * (g - v[0, trajectories.states[:, :-1]])
    return np.einsum("it...,it->...", scores, weights) / len(trajectories)


@wrong("gradient_estimate", "divided by the steps of a full batch")
def _(trajectories, policy, theta, v):
    scores, steps, powers, g = _ingredients(trajectories, policy, theta)
    weights = powers * (g - v[steps, trajectories.states[:, :-1]])
    return np.einsum("it...,it->...", scores, weights) / trajectories.actions.size


@wrong("gradient_estimate", "mean of each walk over its steps")
def _(trajectories, policy, theta, v):
    scores, steps, powers, g = _ingredients(trajectories, policy, theta)
    weights = powers * (g - v[steps, trajectories.states[:, :-1]])
    weights = weights / trajectories.active.sum(axis=1, keepdims=True)
    return np.einsum("it...,it->...", scores, weights) / len(trajectories)


@wrong("gradient_estimate", "discount twice")
def _(trajectories, policy, theta, v):
    scores, steps, powers, g = _ingredients(trajectories, policy, theta)
    weights = powers * (powers * g - v[steps, trajectories.states[:, :-1]])
    return np.einsum("it...,it->...", scores, weights) / len(trajectories)


HERE.say(
    "factor_of_a_batch_mean",
    unbiased=1,
    a_quarter=0.25,
    four_thirds=4 / 3,
    zero=0,
    half=0.5,
    root=0.866,
    three=3,
)
HERE.say("variance_to_go_less_whole", less_noise_always="negative", they_have_the_same_mean="zero")
HERE.say(
    "ordered_lines",
    probability_forgotten="h c k b a j f",
    gradient_of_the_mean="h d f",
    no_log="h c k g a j f",
    sum_of_the_probabilities="h c k e i j f",
    no_inner_mean="h k c e a j f",
    sum_last="h c k e j a f",
    steps_skipped="h k e a f",
)
HERE.say("false_line", the_definition="a", linearity="b", the_theorem="c", the_tower="d", zero_score="f")


def _sum_over_states(policy, theta, visits, q):
    return np.einsum("s,sa,sa,sa...->...", visits, policy.probabilities(theta), q, policy.score(theta))


@wrong("field_without_power", "the gradient")
def _(mdp, policy, theta):
    visits = values.discounted_visitation(mdp, policy, theta)
    return _sum_over_states(policy, theta, visits, values.action_values(mdp, policy, theta))


@wrong("field_without_power", "nothing discounted")
def _(mdp, policy, theta):
    mdp = replace(mdp, discount=1.0)
    visits = values.discounted_visitation(mdp, policy, theta)
    return _sum_over_states(policy, theta, visits, values.action_values(mdp, policy, theta))


@wrong("field_without_power", "divided by one minus gamma")
def _(mdp, policy, theta):
    visits = values.discounted_visitation(replace(mdp, discount=1.0), policy, theta)
    return _sum_over_states(policy, theta, visits, values.action_values(mdp, policy, theta)) / (1 - mdp.discount)


@wrong("claimed_gain", "an open path")
def _(field, path):
    return sum(field(path[k]) @ (path[k + 1] - path[k]) for k in range(len(path) - 1))


@wrong("claimed_gain", "against the path")
def _(field, path):
    return sum(field(path[k]) @ (path[k - 1] - path[k]) for k in range(len(path)))


@wrong("claimed_gain", "ends of the steps")
def _(field, path):
    return sum(field(path[k]) @ (path[k] - path[k - 1]) for k in range(len(path)))


@wrong("mean_over_steps", "ratio of means")
def _(probability, totals, lengths):
    return probability @ totals / (probability @ lengths)


@wrong("mean_over_steps", "one walk")
def _(probability, totals, lengths):
    return (probability / lengths) @ totals


@wrong("mean_over_steps", "gradient")
def _(probability, totals, lengths):
    return probability @ totals


HERE.say("wait_that_misleads", three=3, five=5, ten=10, eleven=11)
HERE.say("table_is_uphill", turned_away="negative", no_gradient="zero")
HERE.say("table_guarantee", another_function="a", same_length="b", other_return="d")
