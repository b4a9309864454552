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
