"""Answers of learners: beyond."""

ANSWERS = [
    {
        "exercise": "gaussian_score",
        "code": """\
import numpy as np


def gaussian_score(actions, mean, log_deviation):
    sigma = np.exp(log_deviation)
    z = (actions - mean) / sigma
    return np.stack([z, z**2 - 1])
""",
        "says": "The score of the mean is divided by σ only once.",
        "right": False,
    },
    {
        "exercise": "gaussian_score",
        "code": """\
import numpy as np


def gaussian_score(actions, mean, log_deviation):
    sigma = np.exp(log_deviation)
    by_mean = (actions - mean) / sigma**2
    by_sigma = (actions - mean) ** 2 / sigma**3 - 1 / sigma
    return np.array([by_mean, by_sigma])
""",
        "says": "Derivative by σ, not by log σ.",
        "right": False,
    },
    {
        "exercise": "gaussian_score",
        "code": """\
import numpy as np


def gaussian_score(actions, mean, log_deviation):
    sigma = np.exp(log_deviation)
    diff = actions - mean
    return np.stack([diff / sigma**2, diff**2 / sigma**2])
""",
        "says": "The minus one from the normaliser is missing.",
        "right": False,
    },
    {
        "exercise": "gaussian_score",
        "code": """\
import numpy as np


def gaussian_score(actions, mean, log_deviation):
    s = np.exp(log_deviation)
    z = (mean - actions) / s
    return np.stack([z / s, 1 - z**2])
""",
        "says": "Both signs are wrong.",
        "right": False,
    },
    {
        "exercise": "gaussian_score",
        "code": """\
import numpy as np


def gaussian_score(actions, mean, log_deviation):
    z = (actions - mean) / log_deviation
    return np.stack([z / log_deviation, z**2 - 1])
""",
        "says": "log σ is taken for σ.",
        "right": False,
    },
    {
        "exercise": "gaussian_score",
        "code": """\
import numpy as np


def gaussian_score(actions, mean, log_deviation):
    sigma = np.exp(log_deviation)
    out = []
    for a in actions:
        out.append([(a - mean) / sigma**2, ((a - mean) / sigma) ** 2 - 1])
    return np.array(out)
""",
        "says": "Columns instead of rows.",
        "right": False,
    },
    {
        "exercise": "gaussian_score",
        "code": """\
import numpy as np


def gaussian_score(actions, mean, log_deviation):
    var = np.exp(log_deviation)
    d = actions - mean
    return np.stack([d / var, (d**2 / var - 1) / 2])
""",
        "says": "The parameter is taken for the log of the variance.",
        "right": False,
    },
    {
        "exercise": "gaussian_score",
        "code": """\
import numpy as np


def gaussian_score(actions, mean, log_deviation):
    sigma = np.exp(log_deviation)
    z = (actions - mean) / sigma
    density = np.exp(-(z**2) / 2) / (sigma * np.sqrt(2 * np.pi))
    return density * np.stack([z / sigma, z**2 - 1])
""",
        "says": "Gradients of the density, not of its logarithm.",
        "right": False,
    },
    {
        "exercise": "gaussian_score",
        "code": """\
import numpy as np


def gaussian_score(actions, mean, log_deviation):
    sigma = np.exp(log_deviation)
    z = (actions - mean) / sigma
    return np.stack([z / sigma, z**2 / 2 - 1])
""",
        "says": "A half is left before the square.",
        "right": False,
    },
    {
        "exercise": "gaussian_score",
        "code": """\
import numpy as np


def gaussian_score(actions, mean, log_deviation):
    sigma = np.exp(log_deviation)
    z = (actions - mean) / sigma
    return np.vstack((z**2 - 1, z / sigma))
""",
        "says": "The rows are swapped.",
        "right": False,
    },
    {
        "exercise": "gaussian_score",
        "code": """\
import numpy as np


def gaussian_score(actions, mean, log_deviation):
    sigma = np.exp(log_deviation)
    z = (actions - mean) / sigma
    return np.stack([z, z**2 - log_deviation])
""",
        "says": "log σ subtracted instead of its derivative 1, and the mean's entry divided once.",
        "right": False,
    },
    {
        "exercise": "gaussian_score",
        "code": """\
import numpy as np


def gaussian_score(actions, mean, log_deviation):
    sigma = np.exp(log_deviation)
    by_mean = np.sum((actions - mean) / sigma**2)
    by_log = np.sum(1 - (actions - mean) ** 2 / sigma**2)
    return np.array([by_mean, by_log])
""",
        "says": "Summed over the actions, and the sign of the second row is wrong.",
        "right": False,
    },
    {
        "exercise": "gaussian_score",
        "code": """\
import numpy as np


def gaussian_score(actions, mean, log_deviation):
    def log_density(x, ell):
        return -(((actions - x) / np.exp(ell)) ** 2) / 2 - ell

    h = 1e-30
    by_mean = log_density(mean + 1j * h, log_deviation).imag / h
    return np.stack([by_mean, log_density(mean, log_deviation + 1j * h).imag / h])
""",
        "says": "By complex steps of the log density, which is right.",
        "right": True,
    },
    {
        "exercise": "both_ends_of_the_mass",
        "code": """\
def both_ends_of_the_mass(coefficients, theta):
    q_edge = sum(c * theta**k for k, c in enumerate(coefficients))
    return q_edge / theta
""",
        "says": "Only what appears: the mean is not subtracted.",
        "right": False,
    },
    {
        "exercise": "both_ends_of_the_mass",
        "code": """\
import numpy as np


def both_ends_of_the_mass(coefficients, theta):
    k = np.arange(len(coefficients))
    mean = np.sum(coefficients * theta**k / (k + 1))
    return -mean / theta
""",
        "says": "Only the score's part: minus the mean over θ.",
        "right": False,
    },
    {
        "exercise": "both_ends_of_the_mass",
        "code": """\
import numpy as np


def both_ends_of_the_mass(coefficients, theta):
    k = np.arange(len(coefficients))
    appear = (coefficients * theta**k).sum()
    vanish = (coefficients * theta**k / (k + 1)).sum()
    return appear - vanish
""",
        "says": "The rate 1/θ is left out.",
        "right": False,
    },
    {
        "exercise": "both_ends_of_the_mass",
        "code": """\
import numpy as np


def both_ends_of_the_mass(coefficients, theta):
    q = np.polynomial.Polynomial(coefficients)
    return (q(theta) - q(0.0)) / theta
""",
        "says": "What vanishes is taken at 0, the other end.",
        "right": False,
    },
    {
        "exercise": "both_ends_of_the_mass",
        "code": """\
import numpy as np


def both_ends_of_the_mass(coefficients, theta):
    k = np.arange(len(coefficients))
    q = np.sum(coefficients * theta**k)
    integral = np.sum(coefficients * theta ** (k + 1) / (k + 1))
    return (q - integral) / theta
""",
        "says": "The integral is not divided by θ, so it is not a mean.",
        "right": False,
    },
    {
        "exercise": "both_ends_of_the_mass",
        "code": """\
import numpy as np


def both_ends_of_the_mass(coefficients, theta):
    edge = np.polyval(coefficients, theta)
    mean = np.polyval(np.polyint(coefficients), theta) / theta
    return (edge - mean) / theta
""",
        "says": "The coefficients are read from the highest power.",
        "right": False,
    },
    {
        "exercise": "both_ends_of_the_mass",
        "code": """\
import numpy as np


def both_ends_of_the_mass(coefficients, theta):
    k = np.arange(1, len(coefficients) + 1)
    edge = np.sum(coefficients * theta**k)
    mean = np.sum(coefficients * theta**k / (k + 1))
    return (edge - mean) / theta
""",
        "says": "The powers are counted from one.",
        "right": False,
    },
    {
        "exercise": "both_ends_of_the_mass",
        "code": """\
def both_ends_of_the_mass(coefficients, theta):
    def q(a):
        return sum(c * a**k for k, c in enumerate(coefficients))

    return (q(theta) - q(theta / 2)) / theta
""",
        "says": "The reward at the mean action in the place of the mean reward.",
        "right": False,
    },
    {
        "exercise": "both_ends_of_the_mass",
        "code": """\
import numpy as np


def both_ends_of_the_mass(coefficients, theta):
    k = np.arange(1, len(coefficients))
    return np.sum(np.asarray(coefficients)[1:] * k * theta ** (k - 1))
""",
        "says": "The slope of the reward at the edge.",
        "right": False,
    },
    {
        "exercise": "both_ends_of_the_mass",
        "code": """\
import numpy as np


def both_ends_of_the_mass(coefficients, theta):
    k = np.arange(len(coefficients))
    terms = coefficients * theta**k
    return (np.sum(terms / (k + 1)) - np.sum(terms)) / theta
""",
        "says": "Appearing and vanishing are swapped.",
        "right": False,
    },
    {
        "exercise": "both_ends_of_the_mass",
        "code": """\
def both_ends_of_the_mass(coefficients, theta):
    edge = sum(c * theta**k for k, c in enumerate(coefficients))
    mean = sum(c * theta**k / k for k, c in enumerate(coefficients) if k > 0)
    return edge - mean
""",
        "says": "Divided by k instead of k + 1, without the constant, and without the rate.",
        "right": False,
    },
    {
        "exercise": "both_ends_of_the_mass",
        "code": """\
def both_ends_of_the_mass(coefficients, theta):
    total = 0.0
    for k in range(len(coefficients)):
        total += coefficients[k] * theta**k / (k + 1)
    return total
""",
        "says": "Returns J itself.",
        "right": False,
    },
    {
        "exercise": "both_ends_of_the_mass",
        "code": """\
import numpy as np


def both_ends_of_the_mass(coefficients, theta):
    return float(np.dot(coefficients, theta ** np.arange(len(coefficients))))
""",
        "says": "Only what appears, and without the rate.",
        "right": False,
    },
    {
        "exercise": "both_ends_of_the_mass",
        "code": """\
def both_ends_of_the_mass(coefficients, theta):
    slope = 0.0
    for k, c in enumerate(coefficients):
        if k > 0:
            slope += c * k / (k + 1) * theta ** (k - 1)
    return slope
""",
        "says": "Term by term, J = Σ c θᵏ/(k+1) differentiated: right.",
        "right": True,
    },
    {
        "exercise": "steps_to_keep",
        "code": """\
import numpy as np


def steps_to_keep(discount, largest, error):
    return int(np.ceil(np.log(error / largest) / np.log(discount)))
""",
        "says": "The factor 1 − γ is left out.",
        "right": False,
    },
    {
        "exercise": "steps_to_keep",
        "code": """\
import numpy as np


def steps_to_keep(discount, largest, error):
    return int(np.log(error * (1 - discount) / largest) / np.log(discount))
""",
        "says": "Rounds down.",
        "right": False,
    },
    {
        "exercise": "steps_to_keep",
        "code": """\
import numpy as np


def steps_to_keep(discount, largest, error):
    return np.log(error * (1 - discount) / largest) / np.log(discount)
""",
        "says": "Not rounded up to a whole number.",
        "right": False,
    },
    {
        "exercise": "steps_to_keep",
        "code": """\
def steps_to_keep(discount, largest, error):
    t = 0
    reward = largest
    while reward > error:
        reward = reward * discount
        t = t + 1
    return t + 1
""",
        "says": "Compares the size of one reward with the error, not the whole rest, and counts one too many.",
        "right": False,
    },
    {
        "exercise": "steps_to_keep",
        "code": """\
def steps_to_keep(discount, largest, error):
    T = 0
    bound = largest / (1 - discount)
    while bound > error:
        T += 1
        bound = discount**T * largest / (1 - discount)
    return T, bound
""",
        "says": "Returns a pair, the number of steps and the bound.",
        "right": False,
    },
    {
        "exercise": "steps_to_keep",
        "code": """\
import numpy as np


def steps_to_keep(discount, largest, error):
    return np.ceil(np.log(error * (1 - discount)) / np.log(discount))
""",
        "says": "The largest reward is left out.",
        "right": False,
    },
    {
        "exercise": "steps_to_keep",
        "code": """\
def steps_to_keep(discount, largest, error):
    T = 1
    while discount ** (T - 1) * largest / (1 - discount) > error:
        T += 1
    return T
""",
        "says": "One step too many, since T counts from 1.",
        "right": False,
    },
    {
        "exercise": "steps_to_keep",
        "code": """\
def steps_to_keep(discount, largest, error):
    T = 0
    while discount ** (T + 1) * largest / (1 - discount) > error:
        T += 1
    return T
""",
        "says": "One step too few: the loop stops before its last step.",
        "right": False,
    },
    {
        "exercise": "steps_to_keep",
        "code": """\
import numpy as np


def steps_to_keep(discount, largest, error):
    return int(np.ceil(1 / (1 - discount)))
""",
        "says": "The rule of thumb 1/(1 − γ).",
        "right": False,
    },
    {
        "exercise": "steps_to_keep",
        "code": """\
import numpy as np


def steps_to_keep(discount, largest, error):
    return int(np.ceil(np.log(error / ((1 - discount) * largest)) / np.log(discount)))
""",
        "says": "The bound is multiplied by 1 − γ instead of divided.",
        "right": False,
    },
    {
        "exercise": "steps_to_keep",
        "code": """\
def steps_to_keep(discount, largest, error):
    T = 0
    while discount**T > error:
        T += 1
    return T
""",
        "says": "The tail is taken relative to the whole: the error is a fraction of r/(1 − γ).",
        "right": False,
    },
    {
        "exercise": "steps_to_keep",
        "code": """\
import numpy as np


def steps_to_keep(discount, largest, error):
    return np.ceil(np.log(largest / (error * (1 - discount))) / np.log(discount))
""",
        "says": "The sign of the logarithm is lost: a negative number of steps.",
        "right": False,
    },
    {
        "exercise": "steps_to_keep",
        "code": """\
import numpy as np


def steps_to_keep(discount, largest, error):
    return int(np.floor(np.log(error / largest) / np.log(discount)))
""",
        "says": "Rounds down, and 1 − γ is left out.",
        "right": False,
    },
    {
        "exercise": "steps_to_keep",
        "code": """\
import numpy as np


def steps_to_keep(discount, largest, error):
    T = np.ceil(np.log(error * (1 - discount) * largest) / np.log(discount))
    return int(T) + 1
""",
        "says": "The largest reward stands on the wrong side, and one is added to be safe.",
        "right": False,
    },
    {
        "exercise": "steps_to_keep",
        "code": """\
import numpy as np


def steps_to_keep(discount, largest, error):
    x = np.log(error * (1 - discount) / largest) / np.log(discount)
    return int(np.round(x))
""",
        "says": "Rounds to the nearest whole number.",
        "right": False,
    },
    {
        "exercise": "steps_to_keep",
        "code": """\
def steps_to_keep(discount, largest, error):
    tail = largest / (1 - discount)
    T = 0
    while tail > error:
        tail *= discount
        T += 1
    return T
""",
        "says": "Counts up until the bound is small enough, which is right.",
        "right": True,
    },
]
