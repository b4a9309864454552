"""Policies as a user of the package would write them: the shortest one, and the same with formulas of its own."""

import numpy as np

from pgcode.policies import TabularPolicy


class Temperature(TabularPolicy):
    """A softmax with an inverse temperature exp θ[-1], by its probabilities alone."""

    def __init__(self, n_states, n_actions):
        super().__init__(n_states, n_actions, (n_states * n_actions + 1,))

    def probabilities(self, theta):
        weights = np.exp(np.exp(theta[-1]) * theta[:-1].reshape(self.n_states, self.n_actions))
        return weights / weights.sum(axis=1, keepdims=True)


class TemperatureByHand(Temperature):
    """The same, with its score and both sums by formulas."""

    def score(self, theta):
        pi, scale = self.probabilities(theta), np.exp(theta[-1])
        preferences = scale * theta[:-1].reshape(pi.shape)
        own = np.eye(self.n_actions) - pi[:, None, :]
        score = np.zeros((*pi.shape, *pi.shape), pi.dtype)
        state = np.arange(self.n_states)
        score[state, :, state, :] = scale * own
        by_scale = preferences - (pi * preferences).sum(axis=1, keepdims=True)
        return np.concatenate([score.reshape(*pi.shape, -1), by_scale[..., None]], axis=-1)


class Exploring(TabularPolicy):
    """A mixture of a uniform policy and a softmax, θ of shape (n_states, n_actions + 1), by log-probabilities."""

    def __init__(self, n_states, n_actions):
        super().__init__(n_states, n_actions, (n_states, n_actions + 1))

    def log_probabilities(self, theta):
        epsilon = 1 / (1 + np.exp(-theta[:, -1:]))
        weights = np.exp(theta[:, :-1])
        return np.log(epsilon / self.n_actions + (1 - epsilon) * weights / weights.sum(axis=1, keepdims=True))


class ExploringByHand(Exploring):
    def score(self, theta):
        epsilon = 1 / (1 + np.exp(-theta[:, -1:]))
        weights = np.exp(theta[:, :-1])
        greedy = weights / weights.sum(axis=1, keepdims=True)
        pi = epsilon / self.n_actions + (1 - epsilon) * greedy
        gradient = np.zeros((*pi.shape, *theta.shape), pi.dtype)
        state = np.arange(self.n_states)
        own = greedy[:, :, None] * (np.eye(self.n_actions) - greedy[:, None, :])
        gradient[state, :, state, :-1] = (1 - epsilon)[:, :, None] * own
        gradient[state, :, state, -1] = epsilon * (1 - epsilon) * (1 / self.n_actions - greedy)
        return gradient / pi[:, :, None, None]


class Quadratic(TabularPolicy):
    """A Boltzmann policy with one number θ, shape (), and an energy that is quadratic in it."""

    def __init__(self, n_states, n_actions):
        super().__init__(n_states, n_actions, ())

    def log_probabilities(self, theta):
        grid = np.linspace(-1, 1, self.n_states * self.n_actions).reshape(self.n_states, self.n_actions)
        energy = (theta - grid) ** 2
        return -energy - np.log(np.exp(-energy).sum(axis=1, keepdims=True))


class QuadraticByHand(Quadratic):
    def score(self, theta):
        grid = np.linspace(-1, 1, self.n_states * self.n_actions).reshape(self.n_states, self.n_actions)
        slope = -2 * (theta - grid)
        return slope - (self.probabilities(theta) * slope).sum(axis=1, keepdims=True)


class Network(TemperatureByHand):
    """A policy that takes real θ alone, as an autodiff network does."""

    complex_theta = False

    def probabilities(self, theta):
        return super().probabilities(_strictly_real(theta))

    def score(self, theta):
        return super().score(_strictly_real(theta))


def _strictly_real(theta):
    assert theta.dtype == np.float64, "a network takes float64"
    return np.asarray(theta, dtype=float)
