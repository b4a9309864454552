"""Wrong answers to the exercises beyond the sources."""

import numpy as np

from exercises_wrong_answers import Collection

HERE = Collection("beyond")
wrong = HERE.wrong


@wrong("gaussian_score", "variance left out")
def _(actions, mean, log_deviation):
    z = (actions - mean) / np.exp(log_deviation)
    return np.stack([actions - mean, z**2 - 1])


@wrong("gaussian_score", "normaliser forgotten")
def _(actions, mean, log_deviation):
    z = (actions - mean) / np.exp(log_deviation)
    return np.stack([z / np.exp(log_deviation), z**2])


@wrong("gaussian_score", "by sigma, and the variance left out")
def _(actions, mean, log_deviation):
    sigma = np.exp(log_deviation)
    z = (actions - mean) / sigma
    return np.stack([actions - mean, (z**2 - 1) / sigma])


@wrong("gaussian_score", "transposed")
def _(actions, mean, log_deviation):
    sigma = np.exp(log_deviation)
    z = (actions - mean) / sigma
    return np.stack([z / sigma, z**2 - 1], axis=1)


@wrong("both_ends_of_the_mass", "score times reward")
def _(coefficients, theta):
    k = np.arange(len(coefficients))
    return -np.sum(coefficients * theta**k / (k + 1)) / theta


@wrong("both_ends_of_the_mass", "slope of the reward")
def _(coefficients, theta):
    return sum(k * c * theta ** (k - 1) for k, c in enumerate(coefficients) if k)


@wrong("both_ends_of_the_mass", "signs turned")
def _(coefficients, theta):
    k = np.arange(len(coefficients))
    return (np.sum(coefficients * theta**k / (k + 1)) - np.sum(coefficients * theta**k)) / theta


@wrong("steps_to_keep", "one reward left")
def _(discount, largest, error):
    return np.ceil(np.log(error / largest) / np.log(discount))


@wrong("steps_to_keep", "rounded down")
def _(discount, largest, error):
    return int(np.log(error * (1 - discount) / largest) / np.log(discount))


@wrong("steps_to_keep", "largest reward forgotten")
def _(discount, largest, error):
    return np.ceil(np.log(error * (1 - discount)) / np.log(discount))


HERE.say("drawn_where_the_edge_moves", slope=2, edge=3, zero=0, minus_two=-2)


def _visits(chain, initial, discount):
    return np.linalg.solve(np.eye(len(initial)) - discount * chain.T, initial)


@wrong("performance_difference", "visits of the old policy")
def _(pi, pi_other, transition, advantages, initial, discount):
    d = _visits(np.einsum("sa,sat->st", pi, transition), initial, discount)
    return d @ np.sum(pi_other * advantages, axis=1)


@wrong("performance_difference", "mean under the old policy")
def _(pi, pi_other, transition, advantages, initial, discount):
    d = _visits(np.einsum("sa,sat->st", pi_other, transition), initial, discount)
    return d @ np.sum(pi * advantages, axis=1)


@wrong("performance_difference", "visits as a distribution")
def _(pi, pi_other, transition, advantages, initial, discount):
    d = _visits(np.einsum("sa,sat->st", pi_other, transition), initial, discount)
    return d / d.sum() @ np.sum(pi_other * advantages, axis=1)


@wrong("performance_difference", "first step alone")
def _(pi, pi_other, transition, advantages, initial, discount):
    return initial @ np.sum(pi_other * advantages, axis=1)


@wrong("performance_difference", "advantages summed over the actions")
def _(pi, pi_other, transition, advantages, initial, discount):
    d = _visits(np.einsum("sa,sat->st", pi_other, transition), initial, discount)
    return np.sum(d[:, None] * advantages)


@wrong("performance_difference", "not transposed")
def _(pi, pi_other, transition, advantages, initial, discount):
    chain = np.einsum("sa,sat->st", pi_other, transition)
    d = np.linalg.solve(np.eye(len(initial)) - discount * chain, initial)
    return d @ np.sum(pi_other * advantages, axis=1)


@wrong("performance_difference", "old visits as a distribution")
def _(pi, pi_other, transition, advantages, initial, discount):
    d = (1 - discount) * _visits(np.einsum("sa,sat->st", pi, transition), initial, discount)
    return d @ np.sum(pi_other * advantages, axis=1)


@wrong("performance_difference", "old minus new")
def _(pi, pi_other, transition, advantages, initial, discount):
    d = _visits(np.einsum("sa,sat->st", pi_other, transition), initial, discount)
    return d @ np.sum((pi - pi_other) * advantages, axis=1)


@wrong("performance_difference", "discounted once more")
def _(pi, pi_other, transition, advantages, initial, discount):
    chain, d, total = np.einsum("sa,sat->st", pi_other, transition), initial, 0
    for t in range(2000):
        total = total + discount ** (t + 1) * d @ np.sum(pi_other * advantages, axis=1)
        d = d @ chain
    return total


@wrong("performance_difference", "ratio of the policies as the mean")
def _(pi, pi_other, transition, advantages, initial, discount):
    d = _visits(np.einsum("sa,sat->st", pi_other, transition), initial, discount)
    return d @ np.sum(pi_other / pi * advantages, axis=1)


@wrong("step_in_the_region", "no root")
def _(fisher, gradient, radius):
    x = np.linalg.solve(fisher, gradient)
    return 2 * radius / (gradient @ x) * x


@wrong("step_in_the_region", "no two")
def _(fisher, gradient, radius):
    x = np.linalg.inv(fisher) @ gradient
    return np.sqrt(radius / (gradient @ x)) * x


@wrong("step_in_the_region", "plain gradient")
def _(fisher, gradient, radius):
    return np.sqrt(2 * radius) * gradient / np.linalg.norm(gradient)


@wrong("step_in_the_region", "plain gradient of the right divergence")
def _(fisher, gradient, radius):
    return np.sqrt(2 * radius / (gradient @ fisher @ gradient)) * gradient


@wrong("step_in_the_region", "F for its inverse")
def _(fisher, gradient, radius):
    x = fisher @ gradient
    return np.sqrt(2 * radius / (gradient @ x)) * x


@wrong("step_in_the_region", "slope with itself")
def _(fisher, gradient, radius):
    x = np.linalg.solve(fisher, gradient)
    return np.sqrt(2 * radius / (gradient @ gradient)) * x


@wrong("step_in_the_region", "of length √2ε")
def _(fisher, gradient, radius):
    x = np.linalg.solve(fisher, gradient)
    return np.sqrt(2 * radius) * x / np.linalg.norm(x)


@wrong("step_in_the_region", "natural gradient")
def _(fisher, gradient, radius):
    return np.linalg.solve(fisher, gradient)


@wrong("step_in_the_region", "radius as the step size")
def _(fisher, gradient, radius):
    return radius * np.linalg.solve(fisher, gradient)


@wrong("step_in_the_region", "diagonal of F")
def _(fisher, gradient, radius):
    x = gradient / np.diag(fisher)
    return np.sqrt(2 * radius / (gradient @ x)) * x


@wrong("step_in_the_region", "no root and no two")
def _(fisher, gradient, radius):
    x = np.linalg.solve(fisher, gradient)
    return radius / (gradient @ x) * x


@wrong("step_in_the_region", "divided by F")
def _(fisher, gradient, radius):
    x = gradient / fisher
    return np.sqrt(2 * radius / (gradient @ x @ gradient)) * x


@wrong("step_in_the_region", "gradient over F")
def _(fisher, gradient, radius):
    return gradient / fisher


@wrong("step_in_the_region", "downhill")
def _(fisher, gradient, radius):
    x = np.linalg.solve(fisher, gradient)
    return -np.sqrt(2 * radius / (gradient @ x)) * x


@wrong("step_in_the_region", "natural gradient where it lies within")
def _(fisher, gradient, radius):
    natural = np.linalg.solve(fisher, gradient)
    return natural * min(1.0, np.sqrt(2 * radius / (gradient @ natural)))


@wrong("step_in_the_region", "entries of 1/F")
def _(fisher, gradient, radius):
    x = (1 / fisher) @ gradient
    return np.sqrt(2 * radius / np.abs(gradient @ x)) * x


HERE.say(
    "where_the_push_ends",
    the_other_arm=0.68,
    added=0.8,
    never=1.0,
    at_once=0.6,
    the_ratio=1.2,
    below=0.48,
    divided=0.5,
    both_added=0.92,
)


@wrong("per_decision_weights", "upside down")
def _(rewards, target, behaviour, discount):
    rho = np.cumprod(behaviour / target)
    paid = discount ** np.arange(len(rewards)) * rho * rewards
    return np.cumsum(paid[::-1])[::-1]


@wrong("per_decision_weights", "whole weight")
def _(rewards, target, behaviour, discount):
    rho = np.prod(target) / np.prod(behaviour)
    paid = discount ** np.arange(len(rewards)) * rewards
    return rho * np.cumsum(paid[::-1])[::-1]


@wrong("per_decision_weights", "a recursion that forgets the past")
def _(rewards, target, behaviour, discount):
    rho, later, out = target / behaviour, 0, []
    for t in reversed(range(len(rewards))):
        later = rho[t] * (rewards[t] + discount * later)
        out.append(discount**t * later)
    return np.array(out[::-1])


@wrong("per_decision_weights", "a recursion as it stands")
def _(rewards, target, behaviour, discount):
    rho, later, out = target / behaviour, 0, []
    for t in reversed(range(len(rewards))):
        later = rho[t] * (rewards[t] + discount * later)
        out.append(later)
    return np.array(out[::-1])


@wrong("per_decision_weights", "only the first one")
def _(rewards, target, behaviour, discount):
    return np.sum(discount ** np.arange(len(rewards)) * np.cumprod(target / behaviour) * rewards)


@wrong("per_decision_weights", "not summed")
def _(rewards, target, behaviour, discount):
    return discount ** np.arange(len(rewards)) * np.cumprod(target / behaviour) * rewards


@wrong("per_decision_weights", "summed from the front")
def _(rewards, target, behaviour, discount):
    return np.cumsum(discount ** np.arange(len(rewards)) * np.cumprod(target / behaviour) * rewards)


@wrong("per_decision_weights", "summed from the front with a loop")
def _(rewards, target, behaviour, discount):
    out, total, product = [], 0.0, 1.0
    for k, reward in enumerate(rewards):
        product *= target[k] / behaviour[k]
        total += discount**k * product * reward
        out.append(total)
    return out


@wrong("per_decision_weights", "summed from the front, one ratio each")
def _(rewards, target, behaviour, discount):
    return np.cumsum(discount ** np.arange(len(rewards)) * target / behaviour * rewards)


@wrong("per_decision_weights", "all rewards")
def _(rewards, target, behaviour, discount):
    paid = discount ** np.arange(len(rewards)) * np.cumprod(target / behaviour) * rewards
    return np.full(len(rewards), paid.sum())


@wrong("per_decision_weights", "all rewards with the ratio of the decision")
def _(rewards, target, behaviour, discount):
    horizon = len(rewards)
    rho = np.cumprod(target / behaviour)
    return np.array([sum(discount**k * rho[max(k, t)] * rewards[k] for k in range(horizon)) for t in range(horizon)])


@wrong("per_decision_weights", "all rewards with the whole product")
def _(rewards, target, behaviour, discount):
    return np.full(len(rewards), np.prod(target / behaviour) * np.sum(discount ** np.arange(len(rewards)) * rewards))


@wrong("per_decision_weights", "no discount")
def _(rewards, target, behaviour, discount):
    paid = np.cumprod(target / behaviour) * rewards
    return np.cumsum(paid[::-1])[::-1]


@wrong("per_decision_weights", "ratios of logarithms")
def _(rewards, target, behaviour, discount):
    rho = np.cumprod(np.log(target) / np.log(behaviour))
    paid = discount ** np.arange(len(rewards)) * rho * rewards
    return np.cumsum(paid[::-1])[::-1]


@wrong("visits_after_the_data", "values in place of visits")
def _(chain, data, discount):
    return np.linalg.inv(np.eye(len(data)) - discount * chain) @ data


@wrong("visits_after_the_data", "what the buffer holds")
def _(chain, data, discount):
    return data


@wrong("visits_after_the_data", "one step")
def _(chain, data, discount):
    return data + discount * chain.T @ data


@wrong("visits_after_the_data", "one step and the wrong way")
def _(chain, data, discount):
    return data + discount * chain @ data


@wrong("visits_after_the_data", "normalised")
def _(chain, data, discount):
    m = np.linalg.solve(np.eye(len(data)) - discount * chain.T, data)
    return m / m.sum()


@wrong("visits_after_the_data", "trace")
def _(chain, data, discount):
    return np.linalg.solve(np.eye(len(data)) - discount * chain.T, data) / data


@wrong("visits_after_the_data", "interest one")
def _(chain, data, discount):
    return np.linalg.solve(np.eye(len(data)) - discount * chain.T, np.ones(len(data)))


@wrong("visits_after_the_data", "no discount")
def _(chain, data, discount):
    return np.linalg.lstsq(np.eye(len(data)) - chain.T, data, rcond=None)[0]


@wrong("silent_gradient", "Q for its slope")
def _(features, visits, theta, curvature, best):
    a = features @ theta
    return (visits * -curvature * (a - best) ** 2) @ features


@wrong("silent_gradient", "two forgotten")
def _(features, visits, theta, curvature, best):
    return -(visits * curvature * (features @ theta - best)) @ features


@wrong("silent_gradient", "downhill")
def _(features, visits, theta, curvature, best):
    return 2 * (visits * curvature * (features @ theta - best)) @ features


@wrong("silent_gradient", "no visits")
def _(features, visits, theta, curvature, best):
    return (-2 * curvature * (features @ theta - best)) @ features


@wrong("silent_gradient", "chain rule stopped")
def _(features, visits, theta, curvature, best):
    return (visits * -2 * curvature * (features @ theta - best)).sum()


@wrong("silent_gradient", "at the best action")
def _(features, visits, theta, curvature, best):
    return (visits * -2 * curvature * (best - best)) @ features


@wrong("silent_gradient", "each state")
def _(features, visits, theta, curvature, best):
    return np.array(
        [v * -2 * c * (x @ theta - b) * x for x, v, c, b in zip(features, visits, curvature, best, strict=True)]
    )


@wrong("silent_gradient", "mean over the states, Q for its slope")
def _(features, visits, theta, curvature, best):
    return np.mean((visits * -curvature * (features @ theta - best) ** 2)[:, None] * features, axis=0)


HERE.say(
    "walks_that_are_left",
    one_decision=800,
    all=1000,
    square=1.5625,
    added=400,
    none=0,
    multiplied=1562.5,
    the_probability_squared=562.5,
)
