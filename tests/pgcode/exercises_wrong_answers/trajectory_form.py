"""Wrong answers to the exercises of the trajectory form."""

import numpy as np

from exercises_wrong_answers import Collection
from pgcode.trajectories import enumerate_trajectories

HERE = Collection("trajectory_form")
wrong = HERE.wrong


@wrong("trajectory_score", "one hots alone")
def _(states, actions, pi):
    score = np.zeros(pi.shape)
    for s, a in zip(states, actions, strict=False):
        score[s, a] += 1
    return score


@wrong("trajectory_score", "overwritten and not added")
def _(states, actions, pi):
    score = np.zeros(pi.shape)
    for s, a in zip(states, actions, strict=False):
        score[s] = -pi[s]
        score[s, a] += 1
    return score


@wrong("trajectory_score", "fancy index adds once")
def _(states, actions, pi):
    score = np.zeros(pi.shape)
    score[states[:-1], actions] += 1
    score[states[:-1]] -= pi[states[:-1]]
    return score


@wrong("trajectory_score", "whole policy at each step")
def _(states, actions, pi):
    score = np.zeros(pi.shape)
    for s, a in zip(states, actions, strict=False):
        score[s, a] += 1
        score -= pi
    return score


@wrong("trajectory_score", "next states")
def _(states, actions, pi):
    score = np.zeros(pi.shape)
    for s, a in zip(states[1:], actions, strict=False):
        score[s, a] += 1
        score[s] -= pi[s]
    return score


@wrong("trajectory_score", "divided by the probability")
def _(states, actions, pi):
    score = np.zeros(pi.shape)
    for s, a in zip(states, actions, strict=False):
        score[s, a] += 1 / pi[s, a]
    return score


@wrong("trajectory_score", "mean over the steps")
def _(states, actions, pi):
    score = np.zeros(pi.shape)
    for s, a in zip(states, actions, strict=False):
        score[s, a] += 1
        score[s] -= pi[s]
    return score / len(actions)


@wrong("trajectory_score", "opposite sign")
def _(states, actions, pi):
    score = np.zeros(pi.shape)
    for s, a in zip(states, actions, strict=False):
        score[s, a] -= 1
        score[s] += pi[s]
    return score


@wrong("trajectory_score", "last state has a policy term")
def _(states, actions, pi):
    score = np.zeros(pi.shape)
    for s, a in zip(states, actions, strict=False):
        score[s, a] += 1
    for s in states:
        score[s] -= pi[s]
    return score


@wrong("trajectory_score", "chosen entry alone")
def _(states, actions, pi):
    score = np.zeros(pi.shape)
    for s, a in zip(states, actions, strict=False):
        score[s, a] += 1 - pi[s, a]
    return score


@wrong("trajectory_score", "multiplied by the probability of the walk")
def _(states, actions, pi):
    score = np.zeros(pi.shape)
    for s, a in zip(states, actions, strict=False):
        score[s, a] += 1
        score[s] -= pi[s]
    return score * np.prod(pi[states[:-1], actions])


@wrong("trajectory_score", "last step only")
def _(states, actions, pi):
    for s, a in zip(states, actions, strict=False):
        score = np.zeros(pi.shape)
        score[s] = -pi[s]
        score[s, a] += 1
    return score


@wrong("importance_ratio", "turned round")
def _(states, actions, pi, pi_old):
    s = states[:, :-1]
    return np.prod(pi_old[s, actions] / pi[s, actions], axis=1)


@wrong("importance_ratio", "ratio of the sums")
def _(states, actions, pi, pi_old):
    s = states[:, :-1]
    return pi[s, actions].sum(axis=1) / pi_old[s, actions].sum(axis=1)


@wrong("importance_ratio", "sum of the ratios")
def _(states, actions, pi, pi_old):
    s = states[:, :-1]
    return (pi[s, actions] / pi_old[s, actions]).sum(axis=1)


@wrong("importance_ratio", "mean of the ratios")
def _(states, actions, pi, pi_old):
    s = states[:, :-1]
    return (pi[s, actions] / pi_old[s, actions]).mean(axis=1)


@wrong("importance_ratio", "a ratio for each step")
def _(states, actions, pi, pi_old):
    s = states[:, :-1]
    return pi[s, actions] / pi_old[s, actions]


@wrong("importance_ratio", "only the new policy")
def _(states, actions, pi, pi_old):
    return np.prod(pi[states[:, :-1], actions], axis=1)


@wrong("importance_ratio", "the logarithm")
def _(states, actions, pi, pi_old):
    s = states[:, :-1]
    return np.log(pi[s, actions] / pi_old[s, actions]).sum(axis=1)


@wrong("importance_ratio", "running products")
def _(states, actions, pi, pi_old):
    s = states[:, :-1]
    return np.cumprod(pi[s, actions] / pi_old[s, actions], axis=1)


@wrong("importance_ratio", "product over the trajectories")
def _(states, actions, pi, pi_old):
    s = states[:, :-1]
    return np.prod(pi[s, actions] / pi_old[s, actions], axis=0)


@wrong("importance_ratio", "states shifted")
def _(states, actions, pi, pi_old):
    s = states[:, 1:]
    return np.prod(pi[s, actions] / pi_old[s, actions], axis=1)


@wrong("importance_ratio", "clipped as in PPO")
def _(states, actions, pi, pi_old):
    s = states[:, :-1]
    return np.clip(np.prod(pi[s, actions] / pi_old[s, actions], axis=1), 0.8, 1.2)


@wrong("importance_ratio", "normalised to sum to one")
def _(states, actions, pi, pi_old):
    s = states[:, :-1]
    w = np.prod(pi[s, actions] / pi_old[s, actions], axis=1)
    return w / w.sum()


@wrong("importance_ratio", "last step only")
def _(states, actions, pi, pi_old):
    s = states[:, :-1]
    return (pi[s, actions] / pi_old[s, actions])[:, -1]


def _listed(mdp, policy, theta):
    tau, p = enumerate_trajectories(mdp, policy, theta)
    scores = policy.score(theta)[tau.states[:, :-1], tau.actions]
    scores[~tau.active] = 0
    return tau, p, scores


@wrong("gradient_by_listing", "probability forgotten")
def _(mdp, policy, theta):
    tau, _p, scores = _listed(mdp, policy, theta)
    return np.einsum("it...,i->...", scores, tau.returns)


@wrong("gradient_by_listing", "mean over the list")
def _(mdp, policy, theta):
    tau, _p, scores = _listed(mdp, policy, theta)
    return np.einsum("it...,i->...", scores, tau.returns) / len(tau)


@wrong("gradient_by_listing", "return forgotten")
def _(mdp, policy, theta):
    _tau, p, scores = _listed(mdp, policy, theta)
    return np.einsum("it...,i->...", scores, p)


@wrong("gradient_by_listing", "mean score times mean return")
def _(mdp, policy, theta):
    tau, p, scores = _listed(mdp, policy, theta)
    return np.einsum("it...,i->...", scores, p) * (p @ tau.returns)


@wrong("gradient_by_listing", "zeros")
def _(mdp, policy, theta):
    return np.zeros(np.shape(theta))


@wrong("gradient_by_listing", "rewards not discounted")
def _(mdp, policy, theta):
    tau, p, scores = _listed(mdp, policy, theta)
    return np.einsum("it...,i->...", scores, p * tau.rewards.sum(axis=1))


@wrong("gradient_by_listing", "own reward alone")
def _(mdp, policy, theta):
    tau, p, scores = _listed(mdp, policy, theta)
    return np.einsum("it...,it,i->...", scores, tau.rewards, p)


@wrong("gradient_by_listing", "reward-to-go without the discount of the step")
def _(mdp, policy, theta):
    tau, p, scores = _listed(mdp, policy, theta)
    return np.einsum("it...,it,i->...", scores, tau.returns_from_step, p)


@wrong("gradient_by_listing", "scores after the end")
def _(mdp, policy, theta):
    tau, p = enumerate_trajectories(mdp, policy, theta)
    scores = policy.score(theta)[tau.states[:, :-1], tau.actions]
    return np.einsum("it...,i->...", scores, p * tau.returns)


@wrong("gradient_by_listing", "probability squared")
def _(mdp, policy, theta):
    tau, p, scores = _listed(mdp, policy, theta)
    return np.einsum("it...,i->...", scores, p * p * tau.returns)


@wrong("gradient_by_listing", "next states")
def _(mdp, policy, theta):
    tau, p = enumerate_trajectories(mdp, policy, theta)
    scores = policy.score(theta)[tau.states[:, 1:], tau.actions]
    scores[~tau.active] = 0
    return np.einsum("it...,i->...", scores, p * tau.returns)


@wrong("gradient_by_listing", "descent")
def _(mdp, policy, theta):
    tau, p, scores = _listed(mdp, policy, theta)
    return -np.einsum("it...,i->...", scores, p * tau.returns)


@wrong("gradient_by_listing", "first step alone")
def _(mdp, policy, theta):
    tau, p, scores = _listed(mdp, policy, theta)
    return np.einsum("i...,i->...", scores[:, 0], p * tau.returns)


def _terms(trajectories, policy, theta):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    return np.einsum("it...,i->i...", scores, trajectories.returns)


@wrong("estimate_and_error", "ddof 0")
def _(trajectories, policy, theta):
    g = _terms(trajectories, policy, theta)
    return g.mean(axis=0), g.std(axis=0) / np.sqrt(len(g))


@wrong("estimate_and_error", "standard deviation")
def _(trajectories, policy, theta):
    g = _terms(trajectories, policy, theta)
    return g.mean(axis=0), g.std(axis=0, ddof=1)


@wrong("estimate_and_error", "divided by m")
def _(trajectories, policy, theta):
    g = _terms(trajectories, policy, theta)
    return g.mean(axis=0), g.std(axis=0, ddof=1) / len(g)


@wrong("estimate_and_error", "variance")
def _(trajectories, policy, theta):
    g = _terms(trajectories, policy, theta)
    return g.mean(axis=0), g.var(axis=0, ddof=1) / len(g)


@wrong("estimate_and_error", "sum for mean")
def _(trajectories, policy, theta):
    g = _terms(trajectories, policy, theta)
    return g.sum(axis=0), g.std(axis=0, ddof=1) / np.sqrt(len(g))


@wrong("estimate_and_error", "order swapped")
def _(trajectories, policy, theta):
    g = _terms(trajectories, policy, theta)
    return g.std(axis=0, ddof=1) / np.sqrt(len(g)), g.mean(axis=0)


@wrong("estimate_and_error", "only the estimate")
def _(trajectories, policy, theta):
    return _terms(trajectories, policy, theta).mean(axis=0)


@wrong("estimate_and_error", "scores after the end")
def _(trajectories, policy, theta):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    g = np.einsum("it...,i->i...", scores, trajectories.returns)
    return g.mean(axis=0), g.std(axis=0, ddof=1) / np.sqrt(len(g))


@wrong("estimate_and_error", "rewards not discounted")
def _(trajectories, policy, theta):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    g = np.einsum("it...,i->i...", scores, trajectories.rewards.sum(axis=1))
    return g.mean(axis=0), g.std(axis=0, ddof=1) / np.sqrt(len(g))


@wrong("estimate_and_error", "reward-to-go, no discount of the step")
def _(trajectories, policy, theta):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    g = np.einsum("it...,it->i...", scores, trajectories.returns_from_step)
    return g.mean(axis=0), g.std(axis=0, ddof=1) / np.sqrt(len(g))


@wrong("estimate_and_error", "ddof 0 and no root")
def _(trajectories, policy, theta):
    g = _terms(trajectories, policy, theta)
    return g.mean(axis=0), g.std(axis=0)


@wrong("estimate_and_error", "steps for trajectories")
def _(trajectories, policy, theta):
    g = _terms(trajectories, policy, theta)
    return g.mean(axis=0), g.std(axis=0, ddof=1) / np.sqrt(trajectories.active.sum())


@wrong("estimate_and_error", "return less its mean")
def _(trajectories, policy, theta):
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    g = np.einsum("it...,i->i...", scores, trajectories.returns - trajectories.returns.mean())
    return g.mean(axis=0), g.std(axis=0, ddof=1) / np.sqrt(len(g))


def _to_go(rewards, discount):
    g = np.zeros(len(rewards))
    running = 0.0
    for t in reversed(range(len(rewards))):
        running = rewards[t] + discount * running
        g[t] = running
    return g


@wrong("reinforce_update", "only the sign repaired")
def _(theta, policy, states, actions, rewards, discount, step_size):
    paid = rewards * discount ** np.arange(len(rewards))
    weights = np.cumsum(paid[::-1])[::-1]
    scores = policy.score(theta)[states[1:], actions]
    return theta + step_size * np.tensordot(weights[:-1], scores[:-1], axes=1)


@wrong("reinforce_update", "only the states repaired")
def _(theta, policy, states, actions, rewards, discount, step_size):
    paid = rewards * discount ** np.arange(len(rewards))
    weights = np.cumsum(paid[::-1])[::-1]
    scores = policy.score(theta)[states[:-1], actions]
    return theta - step_size * np.tensordot(weights[:-1], scores[:-1], axes=1)


@wrong("reinforce_update", "sign left")
def _(theta, policy, states, actions, rewards, discount, step_size):
    paid = rewards * discount ** np.arange(len(rewards))
    weights = np.cumsum(paid[::-1])[::-1]
    scores = policy.score(theta)[states[:-1], actions]
    return theta - step_size * np.tensordot(weights, scores, axes=1)


@wrong("reinforce_update", "as given")
def _(theta, policy, states, actions, rewards, discount, step_size):
    paid = rewards * discount ** np.arange(len(rewards))
    weights = np.cumsum(paid[::-1])[::-1]
    scores = policy.score(theta)[states[1:], actions]
    return theta - step_size * np.tensordot(weights[:-1], scores[:-1], axes=1)


@wrong("reinforce_update", "no discount of the step")
def _(theta, policy, states, actions, rewards, discount, step_size):
    scores = policy.score(theta)[states[:-1], actions]
    return theta + step_size * np.tensordot(_to_go(rewards, discount), scores, axes=1)


@wrong("reinforce_update", "whole return")
def _(theta, policy, states, actions, rewards, discount, step_size):
    scores = policy.score(theta)[states[:-1], actions]
    return theta + step_size * scores.sum(axis=0) * np.sum(rewards * discount ** np.arange(len(rewards)))


@wrong("reinforce_update", "never discounted")
def _(theta, policy, states, actions, rewards, discount, step_size):
    scores = policy.score(theta)[states[:-1], actions]
    return theta + step_size * np.tensordot(_to_go(rewards, 1.0), scores, axes=1)


@wrong("reinforce_update", "only the gradient")
def _(theta, policy, states, actions, rewards, discount, step_size):
    scores = policy.score(theta)[states[:-1], actions]
    weights = discount ** np.arange(len(rewards)) * _to_go(rewards, discount)
    return np.tensordot(weights, scores, axes=1)


@wrong("reinforce_update", "theta moves within the episode")
def _(theta, policy, states, actions, rewards, discount, step_size):
    weights = discount ** np.arange(len(rewards)) * _to_go(rewards, discount)
    for t in range(len(rewards)):
        theta = theta + step_size * weights[t] * policy.score(theta)[states[t], actions[t]]
    return theta


@wrong("reinforce_update", "mean over the steps")
def _(theta, policy, states, actions, rewards, discount, step_size):
    scores = policy.score(theta)[states[:-1], actions]
    weights = discount ** np.arange(len(rewards)) * _to_go(rewards, discount)
    return theta + step_size * np.tensordot(weights, scores, axes=1) / len(rewards)


@wrong("reinforce_update", "theta never assigned")
def _(theta, policy, states, actions, rewards, discount, step_size):
    weights = discount ** np.arange(len(rewards)) * _to_go(rewards, discount)
    for t in range(len(rewards)):
        theta + step_size * weights[t] * policy.score(theta)[states[t], actions[t]]
    return theta


@wrong("reinforce_update", "returns normalised")
def _(theta, policy, states, actions, rewards, discount, step_size):
    g = _to_go(rewards, discount)
    g = (g - g.mean()) / (g.std() + 1e-9)
    scores = policy.score(theta)[states[:-1], actions]
    return theta + step_size * np.tensordot(discount ** np.arange(len(rewards)) * g, scores, axes=1)


@wrong("reinforce_update", "discount twice")
def _(theta, policy, states, actions, rewards, discount, step_size):
    paid = rewards * discount ** np.arange(len(rewards))
    weights = discount ** np.arange(len(rewards)) * np.cumsum(paid[::-1])[::-1]
    scores = policy.score(theta)[states[:-1], actions]
    return theta + step_size * np.tensordot(weights, scores, axes=1)


@wrong("reinforce_update", "rewards so far")
def _(theta, policy, states, actions, rewards, discount, step_size):
    weights = np.cumsum(rewards * discount ** np.arange(len(rewards)))
    scores = policy.score(theta)[states[:-1], actions]
    return theta + step_size * np.tensordot(weights, scores, axes=1)


@wrong("softmax_score", "one hot less the whole table")
def _(pi, state, action):
    one = np.zeros_like(pi)
    one[state, action] = 1
    return one - pi


@wrong("softmax_score", "one over the probability")
def _(pi, state, action):
    score = np.zeros_like(pi)
    score[state, action] = 1 / pi[state, action]
    return score


@wrong("softmax_score", "derivative of pi")
def _(pi, state, action):
    score = np.zeros_like(pi)
    score[state] = -pi[state] * pi[state, action]
    score[state, action] = pi[state, action] * (1 - pi[state, action])
    return score


@wrong("softmax_score", "pi less one hot")
def _(pi, state, action):
    score = np.zeros_like(pi)
    score[state] = pi[state]
    score[state, action] -= 1
    return score


@wrong("softmax_score", "the vector of the actions")
def _(pi, state, action):
    return np.eye(pi.shape[1])[action] - pi[state]


@wrong("softmax_score", "log of the probability in place of its derivative")
def _(pi, state, action):
    score = np.zeros_like(pi)
    score[state, action] = np.log(pi[state, action])
    return score


@wrong("softmax_score", "chosen entry alone")
def _(pi, state, action):
    score = np.zeros_like(pi)
    score[state, action] = 1 - pi[state, action]
    return score


@wrong("softmax_score", "one less the whole row")
def _(pi, state, action):
    score = np.zeros_like(pi)
    score[state] = 1 - pi[state]
    return score


@wrong("softmax_score", "the others pushed by the probability of the chosen one")
def _(pi, state, action):
    score = np.zeros_like(pi)
    score[state] = -pi[state, action]
    score[state, action] += 1
    return score


@wrong("softmax_score", "signs of the others forgotten")
def _(pi, state, action):
    score = np.zeros_like(pi)
    score[state] = pi[state]
    score[state, action] = 1 - pi[state, action]
    return score


@wrong("softmax_score", "column for row")
def _(pi, state, action):
    score = np.zeros_like(pi)
    score[:, action] = -pi[:, action]
    score[state, action] += 1
    return score


HERE.say(
    "objective_to_gradient",
    gradient_before_the_sum="f g a d",
    return_differentiated="f b g a c",
    both_differentiated="f b g a h",
    sample_for_the_mean="f e g a d",
    sum_first="b f g a d",
    inside_and_outside_swapped="f b a g d",
    ends_early="f b g a",
)
HERE.say(
    "factor_of_the_standard_error",
    one_ninth=1 / 9,
    root_of_an_eighth=0.3536,
    an_eighth=0.125,
    the_wrong_way=3,
    nine=9,
    eighty_first=1 / 81,
    two_thirds=0.667,
)
HERE.say("estimate_from_one_pull", it_is_the_better_arm="positive", costs_cancel="zero")
HERE.say(
    "ordered_lines",
    probability_lost="k d h g i f b",
    gradient_of_the_return="k c h a i f b",
    no_logarithms="k d h a e b",
    the_sample="k d h a i f j",
    multiply_first="k h d a i f b",
    dynamics_first="k d h a f i b",
    a_line_missing="k d h a i b",
)
HERE.say("false_line", the_sum="b", the_one="c", the_logarithm="d", the_mean_score="f", the_constant="g")


@wrong("walks_needed", "deviation over error")
def _(pilot, error):
    return np.ceil(pilot.std(ddof=1) / error)


@wrong("walks_needed", "population variance")
def _(pilot, error):
    return int(np.ceil(np.var(pilot) / error**2))


@wrong("walks_needed", "an integer division")
def _(pilot, error):
    return int(pilot.var(ddof=1) / error**2)


@wrong("walks_needed", "one more to be sure")
def _(pilot, error):
    return int(pilot.var(ddof=1) / error**2) + 2


@wrong("bias_statistic", "inverse for the pseudo-inverse without n")
def _(estimate, gradient, covariance, n):
    z = estimate - gradient
    return z @ np.linalg.pinv(covariance) @ z


@wrong("bias_statistic", "standard errors")
def _(estimate, gradient, covariance, n):
    z = estimate - gradient
    return np.sqrt(n * z @ np.linalg.pinv(covariance) @ z)


@wrong("bias_statistic", "covariance itself")
def _(estimate, gradient, covariance, n):
    z = estimate - gradient
    return n * z @ covariance @ z


@wrong("error_parts", "whole error for the noise")
def _(probability, g, gradient, m):
    mean = probability @ g
    return np.sum((mean - gradient) ** 2), probability @ np.sum((g - gradient) ** 2, axis=1) / m


@wrong("error_parts", "plain mean")
def _(probability, g, gradient, m):
    mean = g.mean(axis=0)
    return np.sum((mean - gradient) ** 2), g.var(axis=0).sum() / m


@wrong("error_parts", "only the sum")
def _(probability, g, gradient, m):
    mean = probability @ g
    return np.sum((mean - gradient) ** 2) + probability @ np.sum((g - mean) ** 2, axis=1) / m


HERE.say("two_looks", sum_of_levels=0.1, one_level=0.05, product=0.0025, neither=0.9025)
