"""Wrong answers over all parts, written from the tasks alone when names were first confirmed on further seeds.

Of these 48 the exercises named 41 when they first saw them, none untruly. Then “clipped ratio times the advantage” and
“plain mean of q for v” got a name of their own.
"""

import numpy as np

from exercises_wrong_answers import Collection
from pgcode import values
from pgcode.trajectories import enumerate_trajectories

SETTING = Collection("setting")
TRAJECTORY = Collection("trajectory_form")
STATES = Collection("state_action_form")
ONE = Collection("one_gradient")
PRACTICE = Collection("practice")
BEYOND = Collection("beyond")


@SETTING.wrong("discounted_return", "discount counted from 1, last reward first")
def _(rewards, discount):
    total = 0
    for t, r in enumerate(reversed(rewards)):
        total += discount ** (t + 1) * r
    return total


@SETTING.wrong("discounted_return", "running product starts at discount and is multiplied before the reward")
def _(rewards, discount):
    total, d = 0.0, discount
    for r in rewards:
        d *= discount
        total += d * r
    return total


@SETTING.wrong("expected_return", "uses mean reward over next states instead of p")
def _(mdp, pi):
    v = np.zeros(mdp.n_states)
    for _ in range(mdp.horizon):
        q = mdp.reward.mean(axis=2) + mdp.discount * mdp.transition @ v
        v = (pi * q).sum(axis=1)
    return mdp.initial @ v


@SETTING.wrong("expected_return", "stops one step early and starts uniformly")
def _(mdp, pi):
    v = np.zeros(mdp.n_states)
    for _ in range(mdp.horizon - 1):
        q = np.sum(mdp.transition * (mdp.reward + mdp.discount * v), axis=2)
        v = (pi * q).sum(axis=1)
    return v.mean()


@SETTING.wrong("softmax", "base 2")
def _(preferences):
    x = preferences - preferences.max(axis=1, keepdims=True)
    w = 2.0**x
    return w / w.sum(axis=1, keepdims=True)


@SETTING.wrong("softmax", "normalised by columns, shifted by global max")
def _(preferences):
    w = np.exp(preferences - preferences.max())
    return w / w.sum(axis=0)


@SETTING.wrong("gradient_ascent", "the gradient is taken once at the start")
def _(gradient, theta, step_size, n_steps):
    g = gradient(theta)
    for _ in range(n_steps):
        theta = theta + step_size * g
    return theta


@SETTING.wrong("gradient_ascent", "descends and takes one step less")
def _(gradient, theta, step_size, n_steps):
    for _ in range(n_steps - 1):
        theta = theta - step_size * gradient(theta)
    return theta


@SETTING.wrong("trajectory_probability", "next state of t not t+1, and mu of last")
def _(mdp, pi, states, actions):
    p = mdp.initial[states[-1]]
    for t in range(len(actions)):
        p *= pi[states[t], actions[t]] * mdp.transition[states[t], actions[t], states[t]]
    return p


@SETTING.wrong("trajectory_probability", "sum of logs, exp forgotten")
def _(mdp, pi, states, actions):
    p = np.log(mdp.initial[states[0]])
    for s, a, n in zip(states[:-1], actions, states[1:], strict=True):
        p += np.log(pi[s, a]) + np.log(mdp.transition[s, a, n])
    return p


@TRAJECTORY.wrong("softmax_score", "probabilities added, and the taken entry right")
def _(pi, state, action):
    g = np.zeros_like(pi)
    g[state] = pi[state]
    g[state, action] = 1 - pi[state, action]
    return g


@TRAJECTORY.wrong("softmax_score", "gradient of pi in place of log pi, sign wrong")
def _(pi, state, action):
    g = np.zeros_like(pi)
    g[state] = pi[state, action] * pi[state]
    g[state, action] -= pi[state, action]
    return g


@TRAJECTORY.wrong("trajectory_score", "discounted scores by 0.9**t")
def _(states, actions, pi):
    g = np.zeros(pi.shape)
    for t in range(len(actions)):
        g[states[t], actions[t]] += 0.9**t
        g[states[t]] -= 0.9**t * pi[states[t]]
    return g


@TRAJECTORY.wrong("trajectory_score", "mean over steps, pi subtracted at the next state")
def _(states, actions, pi):
    g = np.zeros(pi.shape)
    for t in range(len(actions)):
        g[states[t], actions[t]] += 1
        g[states[t + 1]] -= pi[states[t + 1]]
    return g / len(actions)


@TRAJECTORY.wrong("gradient_by_listing", "probability twice")
def _(mdp, policy, theta):
    tau, p = enumerate_trajectories(mdp, policy, theta)
    s = policy.score(theta)[tau.states[:, :-1], tau.actions]
    s[~tau.active] = 0
    return np.einsum("it...,i->...", s, p**2 * tau.returns)


@TRAJECTORY.wrong("gradient_by_listing", "undiscounted total reward")
def _(mdp, policy, theta):
    tau, p = enumerate_trajectories(mdp, policy, theta)
    s = policy.score(theta)[tau.states[:, :-1], tau.actions]
    s[~tau.active] = 0
    return np.einsum("it...,i->...", s, p * tau.rewards.sum(axis=1))


@TRAJECTORY.wrong("estimate_and_error", "ddof 0 and error not divided by root m but m")
def _(trajectories, policy, theta):
    s = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    s[~trajectories.active] = 0
    g = np.einsum("it...,i->i...", s, trajectories.returns)
    return g.mean(axis=0), g.std(axis=0) / len(g)


@TRAJECTORY.wrong("reinforce_update", "weights G_t with forward cumsum")
def _(theta, policy, states, actions, rewards, discount, step_size):
    paid = rewards * discount ** np.arange(len(rewards))
    w = np.cumsum(paid)
    s = policy.score(theta)[states[:-1], actions]
    return theta + step_size * np.tensordot(w, s, axes=1)


@TRAJECTORY.wrong("importance_ratio", "upside down and summed")
def _(states, actions, pi, pi_old):
    at = states[:, :-1], actions
    return (pi_old[at] / pi[at]).sum(axis=1)


@TRAJECTORY.wrong("bias_statistic", "divides by covariance diagonal")
def _(estimate, gradient, covariance, n):
    z = estimate - gradient
    return n * np.sum(z**2 / np.diag(covariance))


@TRAJECTORY.wrong("walks_needed", "floor and population variance")
def _(pilot, error):
    return np.floor(pilot.var() / error**2)


@STATES.wrong("discounted_visitation", "not transposed and times 1 - gamma")
def _(mdp, pi):
    p = np.einsum("sa,san->sn", pi, mdp.transition)
    return (1 - mdp.discount) * np.linalg.solve(np.eye(mdp.n_states) - mdp.discount * p, mdp.initial)


@STATES.wrong("discounted_visitation", "50 sweeps, the first left out")
def _(mdp, pi):
    p = np.einsum("sa,san->sn", pi, mdp.transition)
    d, total = mdp.initial, 0
    for _ in range(50):
        d = mdp.discount * d @ p
        total = total + d
    return total


@STATES.wrong("state_and_action_values", "q without discount")
def _(mdp, pi):
    p = np.einsum("sa,san->sn", pi, mdp.transition)
    r = np.einsum("sa,san,san->s", pi, mdp.transition, mdp.reward)
    v = np.linalg.solve(np.eye(mdp.n_states) - mdp.discount * p, r)
    q = mdp.expected_reward + mdp.transition @ v
    return v, q


@STATES.wrong("state_and_action_values", "v as plain mean of Q")
def _(mdp, pi):
    p = np.einsum("sa,san->sn", pi, mdp.transition)
    r = (pi * mdp.expected_reward).sum(axis=1)
    v = np.linalg.solve(np.eye(mdp.n_states) - mdp.discount * p, r)
    q = mdp.expected_reward + mdp.discount * (mdp.transition @ v)
    return q.mean(axis=1), q


@STATES.wrong("stationary_distribution", "power iteration of 10 steps from uniform")
def _(mdp, pi):
    p = np.einsum("sa,san->sn", pi, mdp.transition)
    d = np.ones(mdp.n_states) / mdp.n_states
    for _ in range(10):
        d = d @ p
    return d


@STATES.wrong("gradient_by_visits", "advantage by the max of Q, visits normalised")
def _(mdp, policy, theta):
    d = values.discounted_visitation(mdp, policy, theta)
    q = values.action_values(mdp, policy, theta)
    return np.einsum(
        "s,sa,sa,sa...->...",
        d / d.sum(),
        policy.probabilities(theta),
        q - q.max(axis=1, keepdims=True),
        policy.score(theta),
    )


@STATES.wrong("gradient_with_a_horizon", "q one step later")
def _(mdp, policy, theta):
    d = values.occupancy(mdp, policy, theta)
    q = values.action_values(mdp, policy, theta)
    q = np.concatenate([q[1:], np.zeros_like(q[:1])])
    g = mdp.discount ** np.arange(mdp.horizon)
    return np.einsum("t,ts,sa,tsa,sa...->...", g, d[:-1], policy.probabilities(theta), q, policy.score(theta))


@STATES.wrong("actor_critic_step", "critic uses updated v in the actor")
def _(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    v = v.copy()
    e = reward + (0 if ended else discount * v[after]) - v[state]
    v[state] += beta * e
    e = reward + (0 if ended else discount * v[after]) - v[state]
    return theta + alpha * discount**t * e * score, v


@ONE.wrong("gae", "lambda and gamma not multiplied but added")
def _(rewards, values, discount, gae_lambda):
    d = rewards + discount * values[1:] - values[:-1]
    out, run = np.zeros(len(d)), 0
    for t in range(len(d))[::-1]:
        run = d[t] + (discount + gae_lambda) * run
        out[t] = run
    return out


@ONE.wrong("reward_to_go_weights", "discount restarts never: time counts through")
def _(rewards, lengths, discount):
    paid = rewards * discount ** np.arange(len(rewards))
    out, end = np.zeros(len(rewards)), 0
    for n in lengths:
        start, end = end, end + n
        out[start:end] = np.cumsum(paid[start:end][::-1])[::-1]
    return out


@ONE.wrong("leave_one_out", "mean of all times m/(m-1) subtracted")
def _(to_go):
    m = len(to_go)
    return to_go - to_go.sum(axis=0) / (m - 1)


@ONE.wrong("best_constant", "weights by pi(1-pi)")
def _(pi, rewards):
    w = pi * (1 - pi)
    return np.sum(w * rewards) / np.sum(w)


@ONE.wrong("one_step_variance", "no square of the mean subtracted, baseline added")
def _(pi, rewards, baseline):
    s = np.eye(len(pi)) - pi
    e = s * (rewards + baseline)[:, None]
    return pi @ e**2


@ONE.wrong("gradient_estimate", "sums over trajectories and uses whole return")
def _(trajectories, policy, theta, v):
    t = np.arange(trajectories.horizon)
    s = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    s[~trajectories.active] = 0
    w = trajectories.returns[:, None] - v[t, trajectories.states[:, :-1]]
    return np.einsum("it...,it->...", s, w)


@PRACTICE.wrong("clipped_ratio_slope", "flat outside of the band above only")
def _(log_pi, log_old, advantages, epsilon):
    r = np.exp(log_pi - log_old)
    return np.where(r > 1 + epsilon, 0.0, r * advantages)


@PRACTICE.wrong("clipped_ratio_slope", "ratio clipped, then times A, no flat part")
def _(log_pi, log_old, advantages, epsilon):
    r = np.clip(np.exp(log_pi - log_old), 1 - epsilon, 1 + epsilon)
    return r * advantages


@PRACTICE.wrong("group_weights", "standardised by the group")
def _(rewards):
    return (rewards - rewards.mean(axis=1, keepdims=True)) / (rewards.std(axis=1, keepdims=True) + 1e-8)


@PRACTICE.wrong("log_softmax", "max over the batch axis, minus log-sum of unshifted")
def _(logits):
    x = logits - logits.max(axis=0)
    return x - np.log(np.exp(x).sum(axis=0))


@PRACTICE.wrong("surrogate_loss", "mean over decisions, sign forgotten")
def _(log_pi, weights, mask):
    return np.sum(np.where(mask, log_pi * weights, 0)) / mask.sum()


@PRACTICE.wrong("advantages_with_cuts", "cut treated as end for the bootstrap")
def _(rewards, values, next_values, ended, cut, discount, gae_lambda):
    out, run = np.zeros(len(rewards)), 0
    for t in range(len(rewards))[::-1]:
        goes = 1 - (ended[t] | cut[t])
        run = rewards[t] + discount * next_values[t] * goes - values[t] + discount * gae_lambda * goes * run
        out[t] = run
    return out


@PRACTICE.wrong("entropy_slope", "plus sign and log base 2")
def _(logits):
    p = np.exp(logits) / np.exp(logits).sum()
    h = -np.sum(p * np.log2(p))
    return p * (np.log2(p) + h)


@PRACTICE.wrong("squashed_log_density", "plus the log slope, no 2 pi")
def _(z, mean, log_sigma):
    s = (z - mean) / np.exp(log_sigma)
    return -(s**2) / 2 - log_sigma + np.log(1 - np.tanh(z) ** 2)


@PRACTICE.wrong("scaled_step", "divides by sigma squared")
def _(gradient, log_sigma, alpha):
    return alpha * gradient / np.array([np.exp(2 * log_sigma), 2.0])


@PRACTICE.wrong("penalised_rewards", "penalty averaged over tokens, sign plus")
def _(rewards, log_pi, log_ref, beta):
    return rewards + beta * (log_pi - log_ref).mean(axis=1)


@BEYOND.wrong("gaussian_score", "z not squared minus 1 but z squared, over variance")
def _(actions, mean, log_deviation):
    s = np.exp(log_deviation)
    z = (actions - mean) / s
    return np.stack([z / s, z**2])


@BEYOND.wrong("steps_to_keep", "log of error over largest, 1-gamma forgotten")
def _(discount, largest, error):
    return np.ceil(np.log(error / largest) / np.log(discount))


@BEYOND.wrong("both_ends_of_the_mass", "only the edge")
def _(coefficients, theta):
    return np.polyval(coefficients[::-1], theta) / theta


class HERE:
    """All of them."""

    answers = [
        *SETTING.answers,
        *TRAJECTORY.answers,
        *STATES.answers,
        *ONE.answers,
        *PRACTICE.answers,
        *BEYOND.answers,
    ]
