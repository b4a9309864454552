"""Wrong answers to the exercises of the state–action form."""

import numpy as np

from exercises_wrong_answers import Collection
from pgcode import values

HERE = Collection("state_action_form")
wrong = HERE.wrong


def _chain(mdp, pi):
    return np.einsum("sa,san->sn", pi, mdp.transition)


def _reward(mdp, pi):
    return (pi * mdp.expected_reward).sum(axis=1)


def _values(mdp, pi):
    return np.linalg.solve(np.eye(mdp.n_states) - mdp.discount * _chain(mdp, pi), _reward(mdp, pi))


@wrong("state_and_action_values", "reward for Q")
def _(mdp, pi):
    return _values(mdp, pi), mdp.expected_reward


@wrong("state_and_action_values", "no discount in Q")
def _(mdp, pi):
    v = _values(mdp, pi)
    return v, mdp.expected_reward + mdp.transition @ v


@wrong("state_and_action_values", "transposed chain")
def _(mdp, pi):
    v = np.linalg.solve(np.eye(mdp.n_states) - mdp.discount * _chain(mdp, pi).T, _reward(mdp, pi))
    return v, mdp.expected_reward + mdp.discount * mdp.transition @ v


@wrong("state_and_action_values", "swapped")
def _(mdp, pi):
    v = _values(mdp, pi)
    return mdp.expected_reward + mdp.discount * mdp.transition @ v, v


@wrong("state_and_action_values", "a hundred sweeps")
def _(mdp, pi):
    v = np.zeros(mdp.n_states)
    for _ in range(100):
        v = (pi * (mdp.expected_reward + mdp.discount * mdp.transition @ v)).sum(axis=1)
    return v, mdp.expected_reward + mdp.discount * mdp.transition @ v


@wrong("state_and_action_values", "twenty sweeps")
def _(mdp, pi):
    v = np.zeros(mdp.n_states)
    for _ in range(20):
        v = (pi * (mdp.expected_reward + mdp.discount * mdp.transition @ v)).sum(axis=1)
    return v, mdp.expected_reward + mdp.discount * mdp.transition @ v


@wrong("state_and_action_values", "optimal values")
def _(mdp, pi):
    v = np.zeros(mdp.n_states)
    for _ in range(800):
        v = (mdp.expected_reward + mdp.discount * mdp.transition @ v).max(axis=1)
    return v, mdp.expected_reward + mdp.discount * mdp.transition @ v


@wrong("state_and_action_values", "uniform policy")
def _(mdp, pi):
    pi = np.full(pi.shape, 1 / pi.shape[1])
    v = _values(mdp, pi)
    return v, mdp.expected_reward + mdp.discount * mdp.transition @ v


@wrong("state_and_action_values", "discount on the reward too")
def _(mdp, pi):
    v = _values(mdp, pi)
    return v, mdp.discount * (mdp.expected_reward + mdp.transition @ v)


@wrong("state_and_action_values", "Q of the state left")
def _(mdp, pi):
    v = _values(mdp, pi)
    return v, mdp.expected_reward + mdp.discount * v[:, None]


@wrong("state_and_action_values", "only V")
def _(mdp, pi):
    return _values(mdp, pi)


@wrong("state_and_action_values", "Q as a list of different lengths")
def _(mdp, pi):
    v = _values(mdp, pi)
    return [v, mdp.expected_reward + mdp.discount * mdp.transition @ v]


@wrong("state_and_action_values", "weighted by the policy")
def _(mdp, pi):
    v = _values(mdp, pi)
    return v, pi * (mdp.expected_reward + mdp.discount * mdp.transition @ v)


@wrong("state_and_action_values", "inverse without a discount")
def _(mdp, pi):
    v = np.linalg.solve(np.eye(mdp.n_states) - 0.999999 * _chain(mdp, pi), _reward(mdp, pi))
    return v, mdp.expected_reward + mdp.discount * mdp.transition @ v


def _visits(mdp, pi):
    return np.linalg.solve((np.eye(mdp.n_states) - mdp.discount * _chain(mdp, pi)).T, mdp.initial)


@wrong("discounted_visitation", "not transposed")
def _(mdp, pi):
    return np.linalg.solve(np.eye(mdp.n_states) - mdp.discount * _chain(mdp, pi), mdp.initial)


@wrong("discounted_visitation", "made a distribution")
def _(mdp, pi):
    return (1 - mdp.discount) * _visits(mdp, pi)


@wrong("discounted_visitation", "divided by its sum")
def _(mdp, pi):
    d = _visits(mdp, pi)
    return d / d.sum()


@wrong("discounted_visitation", "starts at the first step")
def _(mdp, pi):
    return _visits(mdp, pi) - mdp.initial


@wrong("discounted_visitation", "stationary distribution")
def _(mdp, pi):
    d = mdp.initial
    for _ in range(5000):
        d = d @ _chain(mdp, pi)
    return d


@wrong("discounted_visitation", "fifty steps")
def _(mdp, pi):
    d, p = np.zeros(mdp.n_states), mdp.initial
    for t in range(50):
        d = d + mdp.discount**t * p
        p = p @ _chain(mdp, pi)
    return d


@wrong("discounted_visitation", "discount doubled in the recursion")
def _(mdp, pi):
    d, p = np.zeros(mdp.n_states), mdp.initial
    for t in range(500):
        d = d + mdp.discount**t * p
        p = mdp.discount * p @ _chain(mdp, pi)
    return d


@wrong("discounted_visitation", "uniform start")
def _(mdp, pi):
    n = mdp.n_states
    return np.linalg.solve((np.eye(n) - mdp.discount * _chain(mdp, pi)).T, np.full(n, 1 / n))


@wrong("discounted_visitation", "start left out")
def _(mdp, pi):
    n = mdp.n_states
    return np.linalg.solve((np.eye(n) - mdp.discount * _chain(mdp, pi)).T, np.ones(n))


@wrong("discounted_visitation", "the matrix")
def _(mdp, pi):
    return np.linalg.inv(np.eye(mdp.n_states) - mdp.discount * _chain(mdp, pi))


@wrong("discounted_visitation", "one plus")
def _(mdp, pi):
    return np.linalg.solve((np.eye(mdp.n_states) + mdp.discount * _chain(mdp, pi)).T, mdp.initial)


@wrong("discounted_visitation", "one step of the sum")
def _(mdp, pi):
    return mdp.initial + mdp.discount * mdp.initial @ _chain(mdp, pi)


@wrong("stationary_distribution", "eigenvector unscaled")
def _(mdp, pi):
    w, v = np.linalg.eig(_chain(mdp, pi).T)
    return v[:, np.argmin(np.abs(w - 1))].real


@wrong("stationary_distribution", "right eigenvector")
def _(mdp, pi):
    w, v = np.linalg.eig(_chain(mdp, pi))
    d = v[:, np.argmin(np.abs(w - 1))].real
    return d / d.sum()


@wrong("stationary_distribution", "first eigenvector")
def _(mdp, pi):
    _, v = np.linalg.eig(_chain(mdp, pi).T)
    d = v[:, 0].real
    return d / d.sum()


@wrong("stationary_distribution", "divided by the length")
def _(mdp, pi):
    w, v = np.linalg.eig(_chain(mdp, pi).T)
    d = np.abs(v[:, np.argmin(np.abs(w - 1))].real)
    return d / np.linalg.norm(d)


@wrong("stationary_distribution", "power iteration from the start")
def _(mdp, pi):
    d = mdp.initial
    for _ in range(1000):
        d = d @ _chain(mdp, pi)
    return d


@wrong("stationary_distribution", "ten powers")
def _(mdp, pi):
    d = mdp.initial
    for _ in range(10):
        d = d @ _chain(mdp, pi)
    return d


@wrong("stationary_distribution", "a row of the hundredth power")
def _(mdp, pi):
    return np.linalg.matrix_power(_chain(mdp, pi), 100)[0]


@wrong("stationary_distribution", "discounted visits")
def _(mdp, pi):
    return (1 - mdp.discount) * _visits(mdp, pi)


@wrong("stationary_distribution", "uniform")
def _(mdp, pi):
    return np.full(mdp.n_states, 1 / mdp.n_states)


@wrong("stationary_distribution", "transposed power")
def _(mdp, pi):
    d = np.full(mdp.n_states, 1 / mdp.n_states)
    for _ in range(1000):
        d = _chain(mdp, pi) @ d
    return d


@wrong("stationary_distribution", "uniform policy")
def _(mdp, pi):
    p = mdp.transition.mean(axis=1)
    n = mdp.n_states
    return np.linalg.solve((np.eye(n) - p + 1).T, np.ones(n))


@wrong("stationary_distribution", "largest eigenvalue by size")
def _(mdp, pi):
    w, v = np.linalg.eig(_chain(mdp, pi).T)
    d = v[:, np.argmax(np.abs(w))].real
    return d / d.sum()


def _q_and_visits(mdp, policy, theta):
    return values.discounted_visitation(mdp, policy, theta), values.action_values(mdp, policy, theta)


def _visits_line(policy, theta, weights, q):
    return np.einsum("s,sa,sa,sa...->...", weights, policy.probabilities(theta), q, policy.score(theta))


@wrong("gradient_by_visits", "policy weight forgotten")
def _(mdp, policy, theta):
    d, q = _q_and_visits(mdp, policy, theta)
    return np.einsum("s,sa,sa...->...", d, q, policy.score(theta))


@wrong("gradient_by_visits", "normalised visits")
def _(mdp, policy, theta):
    d, q = _q_and_visits(mdp, policy, theta)
    return _visits_line(policy, theta, d / d.sum(), q)


@wrong("gradient_by_visits", "start for the visits")
def _(mdp, policy, theta):
    _, q = _q_and_visits(mdp, policy, theta)
    return _visits_line(policy, theta, mdp.initial, q)


@wrong("gradient_by_visits", "rewards for Q")
def _(mdp, policy, theta):
    d, _ = _q_and_visits(mdp, policy, theta)
    return _visits_line(policy, theta, d, mdp.expected_reward)


@wrong("gradient_by_visits", "V for Q")
def _(mdp, policy, theta):
    d, q = _q_and_visits(mdp, policy, theta)
    v = values.state_values(mdp, policy, theta)
    return _visits_line(policy, theta, d, np.repeat(v[:, None], q.shape[1], axis=1))


@wrong("gradient_by_visits", "probability twice")
def _(mdp, policy, theta):
    d, q = _q_and_visits(mdp, policy, theta)
    return _visits_line(policy, theta, d, policy.probabilities(theta) * q)


@wrong("gradient_by_visits", "no weights of states")
def _(mdp, policy, theta):
    _, q = _q_and_visits(mdp, policy, theta)
    return _visits_line(policy, theta, np.ones(mdp.n_states), q)


@wrong("gradient_by_visits", "uniform weights of states")
def _(mdp, policy, theta):
    _, q = _q_and_visits(mdp, policy, theta)
    return _visits_line(policy, theta, np.ones(mdp.n_states) / mdp.n_states, q)


@wrong("gradient_by_visits", "visits with the factor twice")
def _(mdp, policy, theta):
    d, q = _q_and_visits(mdp, policy, theta)
    return _visits_line(policy, theta, d, q) / (1 - mdp.discount)


@wrong("gradient_by_visits", "divided by pi")
def _(mdp, policy, theta):
    d, q = _q_and_visits(mdp, policy, theta)
    return _visits_line(policy, theta, d, q / policy.probabilities(theta) ** 2)


@wrong("gradient_by_visits", "descent")
def _(mdp, policy, theta):
    return -_visits_line(policy, theta, *_q_and_visits(mdp, policy, theta))


@wrong("gradient_by_visits", "best action's value")
def _(mdp, policy, theta):
    d, q = _q_and_visits(mdp, policy, theta)
    return _visits_line(policy, theta, d, np.repeat(q.max(axis=1, keepdims=True), q.shape[1], axis=1))


@wrong("gradient_by_visits", "normalised visits and rewards for Q")
def _(mdp, policy, theta):
    d, _ = _q_and_visits(mdp, policy, theta)
    return _visits_line(policy, theta, (1 - mdp.discount) * d, mdp.expected_reward)


def _timed_parts(mdp, policy, theta):
    return (
        values.occupancy(mdp, policy, theta),
        values.action_values(mdp, policy, theta),
        mdp.discount ** np.arange(mdp.horizon),
        policy.probabilities(theta),
        policy.score(theta),
    )


@wrong("gradient_with_a_horizon", "no discount of the step")
def _(mdp, policy, theta):
    p, q, _, pi, score = _timed_parts(mdp, policy, theta)
    return np.einsum("ts,sa,tsa,sa...->...", p[:-1], pi, q, score)


@wrong("gradient_with_a_horizon", "next occupancy")
def _(mdp, policy, theta):
    p, q, g, pi, score = _timed_parts(mdp, policy, theta)
    return np.einsum("t,ts,sa,tsa,sa...->...", g, p[1:], pi, q, score)


@wrong("gradient_with_a_horizon", "Q of the start at all times")
def _(mdp, policy, theta):
    p, q, g, pi, score = _timed_parts(mdp, policy, theta)
    return np.einsum("t,ts,sa,sa,sa...->...", g, p[:-1], pi, q[0], score)


@wrong("gradient_with_a_horizon", "start at all times")
def _(mdp, policy, theta):
    _p, q, g, pi, score = _timed_parts(mdp, policy, theta)
    return np.einsum("t,s,sa,tsa,sa...->...", g, mdp.initial, pi, q, score)


@wrong("gradient_with_a_horizon", "policy forgotten")
def _(mdp, policy, theta):
    p, q, g, _pi, score = _timed_parts(mdp, policy, theta)
    return np.einsum("t,ts,tsa,sa...->...", g, p[:-1], q, score)


@wrong("gradient_with_a_horizon", "discount from one")
def _(mdp, policy, theta):
    p, q, g, pi, score = _timed_parts(mdp, policy, theta)
    return np.einsum("t,ts,sa,tsa,sa...->...", mdp.discount * g, p[:-1], pi, q, score)


@wrong("gradient_with_a_horizon", "rewards for Q")
def _(mdp, policy, theta):
    p, _q, g, pi, score = _timed_parts(mdp, policy, theta)
    return np.einsum("t,ts,sa,sa,sa...->...", g, p[:-1], pi, mdp.expected_reward, score)


@wrong("gradient_with_a_horizon", "first step alone")
def _(mdp, policy, theta):
    p, q, _g, pi, score = _timed_parts(mdp, policy, theta)
    return np.einsum("s,sa,sa,sa...->...", p[0], pi, q[0], score)


@wrong("gradient_with_a_horizon", "mean over the steps")
def _(mdp, policy, theta):
    p, q, g, pi, score = _timed_parts(mdp, policy, theta)
    return np.einsum("t,ts,sa,tsa,sa...->...", g, p[:-1], pi, q, score) / mdp.horizon


@wrong("gradient_with_a_horizon", "last step lost")
def _(mdp, policy, theta):
    p, q, g, pi, score = _timed_parts(mdp, policy, theta)
    return np.einsum("t,ts,sa,tsa,sa...->...", g[:-1], p[:-2], pi, q[:-1], score)


@wrong("gradient_with_a_horizon", "no discount and the Q of the start")
def _(mdp, policy, theta):
    p, q, _g, pi, score = _timed_parts(mdp, policy, theta)
    return np.einsum("ts,sa,sa,sa...->...", p[:-1], pi, q[0], score)


@wrong("gradient_with_a_horizon", "times reversed")
def _(mdp, policy, theta):
    p, q, g, pi, score = _timed_parts(mdp, policy, theta)
    return np.einsum("t,ts,sa,tsa,sa...->...", g, p[:-1], pi, q[::-1], score)


@wrong("gradient_with_a_horizon", "a gradient for each step")
def _(mdp, policy, theta):
    p, q, g, pi, score = _timed_parts(mdp, policy, theta)
    return np.einsum("t,ts,sa,tsa,sa...->t...", g, p[:-1], pi, q, score)


def _step(theta, v, score, state, delta, actor, beta):
    new = v.copy()
    new[state] += beta * delta
    return theta + actor * delta * score, new


@wrong("actor_critic_step", "no discount of the step")
def _(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * (not ended) * v[after] - v[state]
    return _step(theta, v, score, state, delta, alpha, beta)


@wrong("actor_critic_step", "end ignored")
def _(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * v[after] - v[state]
    return _step(theta, v, score, state, delta, alpha * discount**t, beta)


@wrong("actor_critic_step", "critic updated first and read again")
def _(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    v = v.copy()
    later = 0 if ended else v[after]
    v[state] += beta * (reward + discount * later - v[state])
    later = 0 if ended else v[after]
    delta = reward + discount * later - v[state]
    return theta + alpha * discount**t * delta * score, v


@wrong("actor_critic_step", "no bootstrap")
def _(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    return _step(theta, v, score, state, reward - v[state], alpha * discount**t, beta)


@wrong("actor_critic_step", "V of the next state for the error")
def _(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * (0 if ended else v[after])
    return _step(theta, v, score, state, delta, alpha * discount**t, beta)


@wrong("actor_critic_step", "rates swapped")
def _(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * (0 if ended else v[after]) - v[state]
    return _step(theta, v, score, state, delta, beta * discount**t, alpha)


@wrong("actor_critic_step", "sign of the actor")
def _(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * (0 if ended else v[after]) - v[state]
    return _step(theta, v, score, state, delta, -alpha * discount**t, beta)


@wrong("actor_critic_step", "sign of the critic")
def _(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * (0 if ended else v[after]) - v[state]
    return _step(theta, v, score, state, delta, alpha * discount**t, -beta)


@wrong("actor_critic_step", "next state's value updated")
def _(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * (0 if ended else v[after]) - v[state]
    new = v.copy()
    new[after] += beta * delta
    return theta + alpha * discount**t * delta * score, new


@wrong("actor_critic_step", "no discount at all")
def _(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + (0 if ended else v[after]) - v[state]
    return _step(theta, v, score, state, delta, alpha, beta)


@wrong("actor_critic_step", "end turned round")
def _(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * (v[after] if ended else 0) - v[state]
    return _step(theta, v, score, state, delta, alpha * discount**t, beta)


@wrong("actor_critic_step", "discounts the critic too")
def _(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * (0 if ended else v[after]) - v[state]
    return _step(theta, v, score, state, delta, alpha * discount**t, beta * discount**t)


@wrong("actor_critic_step", "value returned and not the table")
def _(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * (0 if ended else v[after]) - v[state]
    return theta + alpha * discount**t * delta * score, v[state] + beta * delta


@wrong("actor_critic_step", "end ignored and no discount of the step")
def _(theta, v, score, state, reward, after, ended, t, discount, alpha, beta):
    delta = reward + discount * v[after] - v[state]
    return _step(theta, v, score, state, delta, alpha, beta)


HERE.say(
    "stationary_mean_of_values",
    average_reward=1.0,
    value_of_state_0=15.484,
    mean_of_the_values_unweighted=11.6,
    reward_of_state_0_forever=30,
    distribution_turned_round=20,
    start_state_alone=3,
    times_gamma=9,
)
HERE.say("change_by_an_overrated_state", all_values_rise="positive", it_is_punished="negative")
HERE.say(
    "ordered_lines",
    product_rule_forgotten="f b a g i d",
    dynamics_differentiated="f c e a g i d",
    no_discount="f c l k g i d",
    stationary="f c l a g i h",
    start_alone="f c l a g i j",
    unrolled_first="f c l g a i d",
    announcement_missing="f c l a g d",
)
HERE.say(
    "false_line", the_definition="a", the_gradient="c", the_one="e", the_logarithm="f", the_mean="g", first_step="b"
)
HERE.say("true_formula", start="a", stationary="b", average="c", as_the_source="e", normalised="f")
