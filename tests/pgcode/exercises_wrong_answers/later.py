"""Wrong answers that were written after the exercises had learnt from the others, rare ones and pairs among them.

Of these 45 the exercises named 26 when they first saw them, none untruly.
"""

import numpy as np

from exercises_wrong_answers import Collection

SETTING = Collection("setting")
TRAJECTORY = Collection("trajectory_form")
STATES = Collection("state_action_form")
ONE = Collection("one_gradient")


@SETTING.wrong("discounted_return", "power starts at two")
def _(rewards, discount):
    return sum(discount ** (t + 2) * r for t, r in enumerate(rewards))


@SETTING.wrong("discounted_return", "negative times")
def _(rewards, discount):
    return sum(discount ** (-t) * r for t, r in enumerate(rewards, 1))


@SETTING.wrong("discounted_return", "last reward not discounted and mean")
def _(rewards, discount):
    return np.mean(discount ** np.arange(len(rewards))[::-1] * rewards)


@SETTING.wrong("discounted_return", "even steps only")
def _(rewards, discount):
    return sum(discount**t * rewards[t] for t in range(0, len(rewards), 2))


@SETTING.wrong("softmax", "log of the normaliser not subtracted in the exponent")
def _(preferences):
    e = np.exp(preferences - preferences.max(axis=1, keepdims=True))
    return e - e.sum(axis=1, keepdims=True)


@SETTING.wrong("softmax", "columns shifted, columns normalised")
def _(preferences):
    e = np.exp(preferences - preferences.max(axis=0))
    return e / e.sum(axis=0, keepdims=True)


@SETTING.wrong("expected_return", "uniform policy and no discount")
def _(mdp, pi):
    v = np.zeros(mdp.n_states)
    for _ in range(mdp.horizon):
        v = (mdp.transition * (mdp.reward + v)).sum(axis=2).mean(axis=1)
    return mdp.initial @ v


@SETTING.wrong("expected_return", "rewards counted after the first step only")
def _(mdp, pi):
    v = np.zeros(mdp.n_states)
    for _ in range(mdp.horizon):
        v = (pi * (mdp.transition * (mdp.reward + mdp.discount * v)).sum(axis=2)).sum(axis=1)
    first = mdp.initial @ (pi * (mdp.transition * mdp.reward).sum(axis=2)).sum(axis=1)
    return mdp.initial @ v - first


@SETTING.wrong("trajectory_probability", "start and policy forgotten")
def _(mdp, pi, states, actions):
    return np.prod(mdp.transition[states[:-1], actions, states[1:]])


@SETTING.wrong("trajectory_probability", "mean of the factors")
def _(mdp, pi, states, actions):
    steps = pi[states[:-1], actions] * mdp.transition[states[:-1], actions, states[1:]]
    return mdp.initial[states[0]] * np.mean(steps)


@SETTING.wrong("gradient_ascent", "down and one step too few")
def _(gradient, theta, step_size, n_steps):
    for _ in range(n_steps - 1):
        theta = theta - step_size * gradient(theta)
    return theta


@SETTING.wrong("gradient_ascent", "momentum")
def _(gradient, theta, step_size, n_steps):
    v = np.zeros_like(theta)
    for _ in range(n_steps):
        v = 0.9 * v + gradient(theta)
        theta = theta + step_size * v
    return theta


@TRAJECTORY.wrong("softmax_score", "probability and sign")
def _(pi, state, action):
    score = np.zeros_like(pi)
    score[state] = pi[state] * pi[state, action]
    score[state, action] -= pi[state, action]
    return score


@TRAJECTORY.wrong("trajectory_score", "counts less policy")
def _(states, actions, pi):
    counts = np.zeros(pi.shape)
    for s, a in zip(states, actions, strict=False):
        counts[s, a] += 1
    return counts - pi


@TRAJECTORY.wrong("trajectory_score", "frequencies less policy")
def _(states, actions, pi):
    counts = np.zeros(pi.shape)
    for s, a in zip(states, actions, strict=False):
        counts[s, a] += 1
    visits = np.maximum(counts.sum(axis=1, keepdims=True), 1)
    return (counts / visits - pi) * (counts.sum(axis=1, keepdims=True) > 0)


@TRAJECTORY.wrong("importance_ratio", "last decision left out")
def _(states, actions, pi, pi_old):
    s = states[:, :-2]
    return np.prod(pi[s, actions[:, :-1]] / pi_old[s, actions[:, :-1]], axis=1)


@TRAJECTORY.wrong("importance_ratio", "difference")
def _(states, actions, pi, pi_old):
    s = states[:, :-1]
    return np.prod(pi[s, actions], axis=1) - np.prod(pi_old[s, actions], axis=1)


@TRAJECTORY.wrong("estimate_and_error", "error squared")
def _(trajectories, policy, theta):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    g = np.einsum("it...,i->i...", scores, trajectories.returns)
    return g.mean(axis=0), g.var(axis=0) / len(g)


@TRAJECTORY.wrong("estimate_and_error", "own rewards")
def _(trajectories, policy, theta):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    powers = trajectories.discount ** np.arange(trajectories.horizon)
    g = np.einsum("it...,it->i...", scores, powers * trajectories.rewards)
    return g.mean(axis=0), g.std(axis=0, ddof=1) / np.sqrt(len(g))


@TRAJECTORY.wrong("reinforce_update", "no discount and downhill")
def _(theta, policy, states, actions, rewards, discount, step_size):
    g = np.cumsum(rewards[::-1])[::-1]
    return theta - step_size * np.tensordot(g, policy.score(theta)[states[:-1], actions], axes=1)


@TRAJECTORY.wrong("reinforce_update", "baseline of the mean")
def _(theta, policy, states, actions, rewards, discount, step_size):
    paid = rewards * discount ** np.arange(len(rewards))
    g = np.cumsum(paid[::-1])[::-1]
    return theta + step_size * np.tensordot(g - g.mean(), policy.score(theta)[states[:-1], actions], axes=1)


@TRAJECTORY.wrong("reinforce_update", "only the first decision")
def _(theta, policy, states, actions, rewards, discount, step_size):
    g = np.sum(rewards * discount ** np.arange(len(rewards)))
    return theta + step_size * g * policy.score(theta)[states[0], actions[0]]


@STATES.wrong("state_and_action_values", "optimal Q")
def _(mdp, pi):
    q = np.zeros(pi.shape)
    for _ in range(800):
        q = mdp.expected_reward + mdp.discount * mdp.transition @ q.max(axis=1)
    return (pi * q).sum(axis=1), q


@STATES.wrong("state_and_action_values", "uniform policy and no discount in Q")
def _(mdp, pi):
    p, r = mdp.transition.mean(axis=1), mdp.expected_reward.mean(axis=1)
    v = np.linalg.solve(np.eye(mdp.n_states) - mdp.discount * p, r)
    return v, mdp.expected_reward + mdp.transition @ v


@STATES.wrong("discounted_visitation", "every state once at time zero")
def _(mdp, pi):
    chain = np.einsum("sa,san->sn", pi, mdp.transition)
    return np.linalg.inv(np.eye(mdp.n_states) - mdp.discount * chain).sum(axis=0) / mdp.n_states


@STATES.wrong("discounted_visitation", "thirty steps of a loop")
def _(mdp, pi):
    chain = np.einsum("sa,san->sn", pi, mdp.transition)
    d, p = np.zeros(mdp.n_states), mdp.initial
    for t in range(30):
        d, p = d + mdp.discount**t * p, p @ chain
    return d


@STATES.wrong("stationary_distribution", "least squares without the sum")
def _(mdp, pi):
    chain = np.einsum("sa,san->sn", pi, mdp.transition)
    return np.linalg.svd((np.eye(mdp.n_states) - chain).T)[2][-1]


@STATES.wrong("gradient_by_visits", "start weights and rewards")
def _(mdp, policy, theta):
    pi, score = policy.probabilities(theta), policy.score(theta)
    return np.einsum("s,sa,sa,sa...->...", mdp.initial, pi, mdp.expected_reward, score)


@STATES.wrong("actor_critic_step", "beyond the end and the actor downhill")
def _(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * v[after] - v[state]
    new = v.copy()
    new[state] += beta * delta
    return theta - alpha * discount**t * delta * score, new


@STATES.wrong("actor_critic_step", "critic not updated")
def _(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * (0 if ended else v[after]) - v[state]
    return theta + alpha * discount**t * delta * score, v


@ONE.wrong("reward_to_go_weights", "mean subtracted in each episode")
def _(rewards, lengths, discount):
    out, start = [], 0
    for n in lengths:
        paid = rewards[start : start + n] * discount ** np.arange(n)
        g = np.cumsum(paid[::-1])[::-1]
        out.append(g - g.mean())
        start += n
    return np.concatenate(out)


@ONE.wrong("reward_to_go_weights", "standardised over the buffer")
def _(rewards, lengths, discount):
    out, start = [], 0
    for n in lengths:
        paid = rewards[start : start + n] * discount ** np.arange(n)
        out.append(np.cumsum(paid[::-1])[::-1])
        start += n
    w = np.concatenate(out)
    return (w - w.mean()) / (w.std() + 1e-8)


@ONE.wrong("leave_one_out", "largest of the others")
def _(to_go):
    return np.array([row - np.delete(to_go, i, axis=0).max(axis=0) for i, row in enumerate(to_go)])


@ONE.wrong("one_step_variance", "baseline added and the second moment")
def _(pi, rewards, baseline):
    g = (np.eye(len(pi)) - pi) * (rewards + baseline)[:, None]
    return pi @ g**2


@ONE.wrong("gae", "no lambda and no discount in the error")
def _(rewards, values, discount, gae_lambda):
    a = rewards + values[1:] - values[:-1]
    for t in range(len(a) - 1)[::-1]:
        a[t] += discount * a[t + 1]
    return a


@ONE.wrong("gradient_estimate", "next value and no discount")
def _(trajectories, policy, theta, v):
    steps = np.arange(trajectories.horizon)
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    w = trajectories.returns_from_step - v[steps + 1, trajectories.states[:, :-1]]
    return np.einsum("it...,it->...", scores, w) / len(trajectories)


@ONE.wrong("gradient_estimate", "whole return, no baseline")
def _(trajectories, policy, theta, v):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    return np.einsum("it...,i->...", scores, trajectories.returns) / len(trajectories)


@ONE.wrong("best_constant", "weights are the variances of the score")
def _(pi, rewards):
    w = pi * (1 - pi)
    return w @ rewards / w.sum()


ONE.say("factor_of_a_batch_mean", minus_a_quarter=-0.25, five_quarters=1.25)
SETTING.say("fair_coin_value", ten=-10.5, value_of_two=-6.0, sixteen=-16)
STATES.say("stationary_mean_of_values", one_third=1 / 3, hundred=100)


class HERE:
    """All of them."""

    answers = [*SETTING.answers, *TRAJECTORY.answers, *STATES.answers, *ONE.answers]
