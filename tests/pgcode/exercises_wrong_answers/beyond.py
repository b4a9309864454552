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


@wrong("step_in_the_region", "downhill")
def _(fisher, gradient, radius):
    x = np.linalg.solve(fisher, gradient)
    return -np.sqrt(2 * radius / (gradient @ x)) * x


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
