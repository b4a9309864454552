"""Networks, the policies made of them, and optimisers: each gradient beside the complex step and a difference."""

import numpy as np
import pytest

from pgcode.learning import MLP, SGD, Adam, GaussianNetwork, NetworkPolicy, SoftmaxNetwork
from pgcode.oracles import complex_step

HIDDEN = [(), (5,), (4, 3)]


def problem(hidden, n_outputs=3, seed=0):
    rng = np.random.default_rng(seed)
    network = MLP(2, n_outputs, hidden)
    theta = network.initial(rng) + 0.3 * rng.standard_normal(network.n_parameters)
    return network, theta, rng.standard_normal((7, 2)), rng.standard_normal((7, n_outputs))


@pytest.mark.parametrize("hidden", HIDDEN)
def test_the_gradient_of_a_network_is_that_of_the_complex_step(hidden):
    network, theta, x, w = problem(hidden)
    exact = complex_step(lambda at: (w * network.outputs(at, x)).sum(), theta)
    assert np.abs(network.weighted_gradient(theta, x, w) - exact).max() < 1e-13


@pytest.mark.parametrize("hidden", HIDDEN)
def test_the_gradient_of_a_network_is_a_difference(hidden):
    network, theta, x, w = problem(hidden)
    steps = 1e-5 * np.eye(network.n_parameters)
    ahead, behind = ([(w * network.outputs(theta + sign * step, x)).sum() for step in steps] for sign in (1, -1))
    found = (np.array(ahead) - behind) / 2e-5
    assert np.abs(network.weighted_gradient(theta, x, w) - found).max() < 1e-8


def test_a_network_is_what_its_formula_says():
    network, theta, x, _ = problem((4,))
    w1, b1, w2, b2 = theta[:8].reshape(2, 4), theta[8:12], theta[12:24].reshape(4, 3), theta[24:]
    assert np.abs(network.outputs(theta, x) - (np.tanh(x @ w1 + b1) @ w2 + b2)).max() < 1e-14


@pytest.mark.parametrize("hidden", HIDDEN)
def test_many_thetas_are_one_after_the_other(hidden):
    network = problem(hidden)[0]
    many = [problem(hidden, seed=seed)[1:] for seed in range(4)]
    theta, x, w = (np.stack(arrays).reshape(2, 2, *arrays[0].shape) for arrays in zip(*many, strict=True))
    outputs, gradients = network.outputs(theta, x), network.weighted_gradient(theta, x, w)
    for place, one in enumerate(many):
        index = divmod(place, 2)
        assert np.abs(outputs[index] - network.outputs(*one[:2])).max() < 1e-14
        assert np.abs(gradients[index] - network.weighted_gradient(*one)).max() < 1e-13


def policies(hidden):
    rng = np.random.default_rng(1)
    x, w = rng.standard_normal((6, 2)), rng.standard_normal(6)
    soft, normal = SoftmaxNetwork(2, 3, hidden), GaussianNetwork(2, 2, hidden, standard_deviation=0.7)
    for policy, actions in ((soft, rng.integers(3, size=6)), (normal, rng.standard_normal((6, 2)))):
        theta = policy.initial(rng) + 0.4 * rng.standard_normal(policy.theta_shape)
        yield policy, theta, x, actions, w


@pytest.mark.parametrize("hidden", HIDDEN)
def test_scores_are_those_of_the_complex_step(hidden):
    for policy, theta, x, actions, w in policies(hidden):
        exact = complex_step(lambda at, p=policy, x=x, a=actions, w=w: (w * p.log_probabilities(at, x, a)).sum(), theta)
        assert np.abs(policy.weighted_score(theta, x, actions, w) - exact).max() < 1e-12
        assert isinstance(policy, NetworkPolicy)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_the_mean_score_of_what_is_drawn_is_zero(hidden):
    n = 200_000
    for policy, theta, x, _, _ in policies(hidden):
        same = np.repeat(x[:1], n, axis=0)
        drawn = policy.sample(theta, same, np.random.default_rng(2))
        mean = policy.weighted_score(theta, same, drawn, np.full(n, 1 / n))
        square = np.zeros_like(mean)
        for start in range(0, 2000):
            one = slice(start, start + 1)
            square += policy.weighted_score(theta, same[one], drawn[one], np.ones(1)) ** 2 / 2000
        assert (np.abs(mean) < 5 * np.sqrt(square / n) + 1e-15).all()
        entropy = policy.entropy(theta, same)
        logs = policy.log_probabilities(theta, same, drawn)
        assert abs(logs.mean() + entropy[0]) < 5 * logs.std() / np.sqrt(n)


def test_actions_are_drawn_with_their_probabilities():
    policy = SoftmaxNetwork(1, 3)
    theta = np.array([0.0, 0.0, 0.0, *np.log([0.2, 0.5, 0.3])])
    x = np.zeros((2, 50_000, 1))
    drawn = policy.sample(np.stack([theta, theta]), x, np.random.default_rng(0))
    shares = np.bincount(drawn.ravel(), minlength=3) / drawn.size
    assert drawn.shape == (2, 50_000)
    assert np.abs(shares - [0.2, 0.5, 0.3]).max() < 4 * np.sqrt(0.25 / drawn.size)


def test_adam_is_its_algorithm_step_by_step():
    """The algorithm as the paper has it, in plain numbers, uphill."""
    rng = np.random.default_rng(0)
    gradients, steps, theta = rng.standard_normal((20, 2, 3)), Adam(0.1, 0.8, 0.95, 1e-3), np.zeros((2, 3))
    memory = steps.start(theta)
    for gradient in gradients:
        change, memory = steps.change(gradient, memory)
        theta = theta + change
    for index in np.ndindex(2, 3):
        at = m = v = 0.0
        for k, g in enumerate(gradients[:, *index], start=1):
            m, v = 0.8 * m + 0.2 * g, 0.95 * v + 0.05 * g * g
            at += 0.1 * (m / (1 - 0.8**k)) / ((v / (1 - 0.95**k)) ** 0.5 + 1e-3)
        assert abs(theta[index] - at) < 1e-12


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_each_run_may_have_its_own_step_size(kind):
    gradient = np.ones((2, 3, 1))
    steps = kind([0.0, 0.5])
    change, _ = steps.change(gradient, steps.start(gradient))
    assert np.abs(change[:, :, 0] - [[0.0] * 3, [0.5] * 3]).max() < 1e-7
    with pytest.raises(ValueError, match=r"step_size has shape \(2,\): pass one number, or 5 of them"):
        steps.start(np.ones((5, 1)))
