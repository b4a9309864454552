"""Wrong answers to the exercises of the setting."""

import numpy as np

from exercises_wrong_answers import Collection

HERE = Collection("setting")
wrong = HERE.wrong


@wrong("discounted_return", "a loop that multiplies the running sum by the discount")
def _(rewards, discount):
    total = 0.0
    for r in rewards:
        total = r + discount * total
    return total


@wrong("discounted_return", "times from 1")
def _(rewards, discount):
    return sum(discount**t * r for t, r in enumerate(rewards, start=1))


@wrong("discounted_return", "range one too short")
def _(rewards, discount):
    return sum(discount**t * rewards[t] for t in range(len(rewards) - 1))


@wrong("discounted_return", "the plain sum")
def _(rewards, discount):
    return float(np.sum(rewards))


@wrong("discounted_return", "power of the sum")
def _(rewards, discount):
    return discount ** len(rewards) * np.sum(rewards)


@wrong("discounted_return", "divided by the sum of the factors")
def _(rewards, discount):
    factors = discount ** np.arange(len(rewards))
    return factors @ rewards / factors.sum()


@wrong("discounted_return", "minus the discount")
def _(rewards, discount):
    return np.sum((1 - discount) ** np.arange(len(rewards)) * rewards)


@wrong("discounted_return", "each step's reward to go")
def _(rewards, discount):
    g = np.zeros(len(rewards))
    running = 0.0
    for t in reversed(range(len(rewards))):
        running = rewards[t] + discount * running
        g[t] = running
    return g


@wrong("discounted_return", "cumulative sums")
def _(rewards, discount):
    return np.cumsum(discount ** np.arange(len(rewards)) * rewards)


@wrong("discounted_return", "multiplied by one over gamma")
def _(rewards, discount):
    return np.sum(rewards / discount ** np.arange(len(rewards)))


@wrong("discounted_return", "factor multiplied before use and last reward lost")
def _(rewards, discount):
    total, factor = 0.0, 1.0
    for r in rewards[:-1]:
        factor *= discount
        total += factor * r
    return total


@wrong("discounted_return", "cost for reward")
def _(rewards, discount):
    return -np.sum(discount ** np.arange(len(rewards)) * rewards)


@wrong("softmax", "no axis in the sum")
def _(preferences):
    e = np.exp(preferences - np.max(preferences, axis=1, keepdims=True))
    return e / e.sum()


@wrong("softmax", "naive")
def _(preferences):
    return np.exp(preferences) / np.exp(preferences).sum(axis=1, keepdims=True)


@wrong("softmax", "the wrong axis")
def _(preferences):
    e = np.exp(preferences - preferences.max(axis=0))
    return e / e.sum(axis=0)


@wrong("softmax", "global maximum")
def _(preferences):
    e = np.exp(preferences - preferences.max())
    return e / e.sum(axis=1, keepdims=True)


@wrong("softmax", "divided by the largest preference")
def _(preferences):
    e = np.exp(preferences / np.abs(preferences).max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@wrong("softmax", "minus in the exponent")
def _(preferences):
    e = np.exp(-(preferences - preferences.min(axis=1, keepdims=True)))
    return e / e.sum(axis=1, keepdims=True)


@wrong("softmax", "hard maximum")
def _(preferences):
    return (preferences == preferences.max(axis=1, keepdims=True)).astype(float)


@wrong("softmax", "mean subtracted for the maximum")
def _(preferences):
    e = np.exp(preferences - preferences.mean(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@wrong("softmax", "sigmoid of each entry")
def _(preferences):
    return np.where(preferences > 0, 1 / (1 + np.exp(-np.abs(preferences))), 1 - 1 / (1 + np.exp(-np.abs(preferences))))


@wrong("softmax", "a small number in the denominator")
def _(preferences):
    e = np.exp(preferences - preferences.max(axis=1, keepdims=True))
    return e / (e.sum(axis=1, keepdims=True) + 1e-3)


@wrong("softmax", "powers of two")
def _(preferences):
    e = 2.0 ** (preferences - preferences.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@wrong("softmax", "only shifted and exponentiated")
def _(preferences):
    return np.exp(preferences - preferences.max(axis=1, keepdims=True))


@wrong("trajectory_probability", "start forgotten")
def _(mdp, pi, states, actions):
    p = 1.0
    for t in range(len(actions)):
        p *= pi[states[t], actions[t]] * mdp.transition[states[t], actions[t], states[t + 1]]
    return p


@wrong("trajectory_probability", "policy forgotten")
def _(mdp, pi, states, actions):
    p = mdp.initial[states[0]]
    for t in range(len(actions)):
        p *= mdp.transition[states[t], actions[t], states[t + 1]]
    return p


@wrong("trajectory_probability", "dynamics forgotten, as they drop out")
def _(mdp, pi, states, actions):
    return mdp.initial[states[0]] * np.prod(pi[states[:-1], actions])


@wrong("trajectory_probability", "only the policy")
def _(mdp, pi, states, actions):
    return np.prod(pi[states[:-1], actions])


@wrong("trajectory_probability", "sum for product")
def _(mdp, pi, states, actions):
    p = mdp.initial[states[0]]
    for t in range(len(actions)):
        p += pi[states[t], actions[t]] * mdp.transition[states[t], actions[t], states[t + 1]]
    return p


@wrong("trajectory_probability", "logarithm returned")
def _(mdp, pi, states, actions):
    p = np.log(mdp.initial[states[0]])
    for t in range(len(actions)):
        p += np.log(pi[states[t], actions[t]]) + np.log(mdp.transition[states[t], actions[t], states[t + 1]])
    return p


@wrong("trajectory_probability", "policy in the next state")
def _(mdp, pi, states, actions):
    p = mdp.initial[states[0]]
    for t in range(len(actions)):
        p *= pi[states[t + 1], actions[t]] * mdp.transition[states[t], actions[t], states[t + 1]]
    return p


@wrong("trajectory_probability", "last step lost")
def _(mdp, pi, states, actions):
    p = mdp.initial[states[0]]
    for t in range(len(actions) - 1):
        p *= pi[states[t], actions[t]] * mdp.transition[states[t], actions[t], states[t + 1]]
    return p


@wrong("trajectory_probability", "last transition lost")
def _(mdp, pi, states, actions):
    p = mdp.initial[states[0]]
    for t in range(len(actions)):
        p *= pi[states[t], actions[t]]
    for t in range(len(actions) - 1):
        p *= mdp.transition[states[t], actions[t], states[t + 1]]
    return p


@wrong("trajectory_probability", "dynamics averaged over the policy")
def _(mdp, pi, states, actions):
    chain = np.einsum("sa,san->sn", pi, mdp.transition)
    return mdp.initial[states[0]] * np.prod(chain[states[:-1], states[1:]])


@wrong("trajectory_probability", "one factor a step as an array")
def _(mdp, pi, states, actions):
    return mdp.initial[states[0]] * pi[states[:-1], actions] * mdp.transition[states[:-1], actions, states[1:]]


@wrong("trajectory_probability", "start distribution of every state")
def _(mdp, pi, states, actions):
    p = np.prod(mdp.initial[states])
    for t in range(len(actions)):
        p *= pi[states[t], actions[t]] * mdp.transition[states[t], actions[t], states[t + 1]]
    return p


def _recursion(mdp, pi, steps, discount):
    v = np.zeros(mdp.n_states)
    for _ in range(steps):
        q = (mdp.transition * (mdp.reward + discount * v)).sum(axis=2)
        v = (pi * q).sum(axis=1)
    return v


@wrong("expected_return", "brackets forgotten")
def _(mdp, pi):
    v = np.zeros(mdp.n_states)
    for _ in range(mdp.horizon):
        q = np.sum(mdp.transition * mdp.reward + mdp.discount * v, axis=2)
        v = np.sum(pi * q, axis=1)
    return mdp.initial @ v


@wrong("expected_return", "no discount")
def _(mdp, pi):
    return mdp.initial @ _recursion(mdp, pi, mdp.horizon, 1.0)


@wrong("expected_return", "value of state 0")
def _(mdp, pi):
    return _recursion(mdp, pi, mdp.horizon, mdp.discount)[0]


@wrong("expected_return", "all the values")
def _(mdp, pi):
    return _recursion(mdp, pi, mdp.horizon, mdp.discount)


@wrong("expected_return", "mean over the states")
def _(mdp, pi):
    return _recursion(mdp, pi, mdp.horizon, mdp.discount).mean()


@wrong("expected_return", "sum over the states")
def _(mdp, pi):
    return _recursion(mdp, pi, mdp.horizon, mdp.discount).sum()


@wrong("expected_return", "one step too few")
def _(mdp, pi):
    return mdp.initial @ _recursion(mdp, pi, mdp.horizon - 1, mdp.discount)


@wrong("expected_return", "maximum for the policy")
def _(mdp, pi):
    v = np.zeros(mdp.n_states)
    for _ in range(mdp.horizon):
        v = (mdp.transition * (mdp.reward + mdp.discount * v)).sum(axis=2).max(axis=1)
    return mdp.initial @ v


@wrong("expected_return", "discount to the power of the step inside the recursion")
def _(mdp, pi):
    v = np.zeros(mdp.n_states)
    for t in range(mdp.horizon):
        q = np.sum(mdp.transition * (mdp.reward + mdp.discount**t * v), axis=2)
        v = np.sum(pi * q, axis=1)
    return mdp.initial @ v


@wrong("expected_return", "rewards of one step alone")
def _(mdp, pi):
    return mdp.initial @ (pi * (mdp.transition * mdp.reward).sum(axis=2)).sum(axis=1)


@wrong("expected_return", "endless values")
def _(mdp, pi):
    return mdp.initial @ _recursion(mdp, pi, 2000, min(mdp.discount, 0.99999))


@wrong("expected_return", "discount on the reward too")
def _(mdp, pi):
    v = np.zeros(mdp.n_states)
    for _ in range(mdp.horizon):
        v = (pi * (mdp.transition * mdp.discount * (mdp.reward + v)).sum(axis=2)).sum(axis=1)
    return mdp.initial @ v


@wrong("expected_return", "values of the state left instead of reached")
def _(mdp, pi):
    v = np.zeros(mdp.n_states)
    for _ in range(mdp.horizon):
        v = (pi * ((mdp.transition * mdp.reward).sum(axis=2) + mdp.discount * v[:, None])).sum(axis=1)
    return mdp.initial @ v


@wrong("gradient_ascent", "descent")
def _(gradient, theta, step_size, n_steps):
    for _ in range(n_steps):
        theta = theta - step_size * gradient(theta)
    return theta


@wrong("gradient_ascent", "gradient once")
def _(gradient, theta, step_size, n_steps):
    g = gradient(theta)
    for _ in range(n_steps):
        theta = theta + step_size * g
    return theta


@wrong("gradient_ascent", "theta never assigned")
def _(gradient, theta, step_size, n_steps):
    for _ in range(n_steps):
        theta + step_size * gradient(theta)
    return theta


@wrong("gradient_ascent", "return in the loop")
def _(gradient, theta, step_size, n_steps):
    for _ in range(n_steps):
        return theta + step_size * gradient(theta)
    return None


@wrong("gradient_ascent", "the way and not its end")
def _(gradient, theta, step_size, n_steps):
    way = [theta]
    for _ in range(n_steps):
        theta = theta + step_size * gradient(theta)
        way.append(theta)
    return np.array(way)


@wrong("gradient_ascent", "step size shrinks with time")
def _(gradient, theta, step_size, n_steps):
    for k in range(n_steps):
        theta = theta + step_size / (k + 1) * gradient(theta)
    return theta


@wrong("gradient_ascent", "step size to the power of the step")
def _(gradient, theta, step_size, n_steps):
    for k in range(n_steps):
        theta = theta + step_size**k * gradient(theta)
    return theta


@wrong("gradient_ascent", "from one to n steps")
def _(gradient, theta, step_size, n_steps):
    for _ in range(1, n_steps):
        theta = theta + step_size * gradient(theta)
    return theta


@wrong("gradient_ascent", "divided by the step size")
def _(gradient, theta, step_size, n_steps):
    for _ in range(n_steps):
        theta = theta + gradient(theta) / step_size
    return theta


@wrong("gradient_ascent", "descent without a step size")
def _(gradient, theta, step_size, n_steps):
    for _ in range(n_steps):
        theta = theta - gradient(theta)
    return theta


@wrong("gradient_ascent", "gradient at the end")
def _(gradient, theta, step_size, n_steps):
    for _ in range(n_steps):
        theta = theta + step_size * gradient(theta)
    return gradient(theta)


@wrong("gradient_ascent", "sign of the gradient")
def _(gradient, theta, step_size, n_steps):
    for _ in range(n_steps):
        theta = theta + step_size * np.sign(gradient(theta))
    return theta


HERE.say(
    "fair_coin_value",
    three_steps=-3,
    sign_of_a_cost=12,
    wall_forgotten=-9,
    value_of_the_middle=-10,
    value_of_the_last_state=-6,
    four_steps=-4,
    one_over_the_product=-8,
    eleven=-11,
)
HERE.say("worse_arm_slope", its_reward_is_positive="positive", both_are_equal="zero")
HERE.say("false_line", the_definition="a", the_sums_exchanged="b", the_geometric_sum="d")
