"""The code to take home is the estimator that the course proves: its exact mean is the gradient, in each framework.

PyTorch and JAX are not among what the book needs. Where one is missing, its tests are skipped; the workflow has a job
in which both are installed and a skipped test is an error (``TAKE_HOME_FRAMEWORKS=required``).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from take_home import FRAMEWORKS, WORLDS, at, imported

from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import Trajectories, enumerate_trajectories
from pgcode.values import objective

FOLDER = Path(__file__).parents[1] / "book/start/take-home"


def source(name: str) -> str:
    return (FOLDER / name / "reinforce.py").read_text(encoding="utf-8")


Estimate = Callable[[np.ndarray, Trajectories], np.ndarray]


def estimator(name: str, code: str, single: bool = False) -> Estimate:
    """What the code estimates in a table of preferences, as an array: for a loss, what a step downhill adds to it."""
    framework = imported(name)
    space: dict[str, Any] = {}
    exec(compile(code, f"take-home/{name}/reinforce.py", "exec"), space)
    real = np.float32 if single else np.float64

    def estimate(theta: np.ndarray, walks: Trajectories) -> np.ndarray:
        states, actions = walks.states[:, :-1].astype(np.int64), walks.actions.astype(np.int64)
        rewards, mask = walks.rewards.astype(real), np.asarray(walks.active)
        theta = theta.astype(real)
        if name == "numpy":
            return space["reinforce"](theta, states, actions, rewards, mask, walks.discount)
        if name == "torch":
            table = framework.tensor(theta, requires_grad=True)
            tensors = [framework.tensor(array) for array in (states, actions, rewards, mask)]
            space["reinforce_loss"](table[tensors[0]], *tensors[1:], walks.discount).backward()
            assert table.grad.dtype == getattr(framework, real.__name__)
            return -table.grad.numpy()

        def loss(table: Any) -> Any:
            return space["reinforce_loss"](table[states], actions, rewards, mask, walks.discount)

        with nullcontext() if single else framework.enable_x64(True):
            gradient = framework.grad(loss)(framework.numpy.asarray(theta))
            assert gradient.dtype == real
            return -np.asarray(gradient)

    return estimate


def mean_over_all_walks(estimate: Estimate, mdp: TabularMDP, theta: np.ndarray) -> np.ndarray:
    """The exact mean of the estimate from one walk. From m walks it is the same, as the test of a batch says."""
    walks, probabilities = enumerate_trajectories(mdp, SoftmaxPolicy.for_mdp(mdp), theta)
    total = np.zeros(theta.shape)
    for i, probability in enumerate(probabilities):
        total += probability * estimate(theta, walks[i : i + 1])
    return total


def gradient(mdp: TabularMDP, theta: np.ndarray) -> np.ndarray:
    """∇J by differentiating dynamic programming, which knows no estimator."""
    return complex_step(lambda where: objective(mdp, SoftmaxPolicy.for_mdp(mdp), where), theta)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize(("single", "tolerance"), [(False, 1e-12), (True, 1e-5)])
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_the_mean_over_all_walks_is_the_gradient(name, single, tolerance, world):
    mdp = WORLDS[world]
    exact = gradient(mdp, at(mdp))
    assert np.abs(exact).max() > 0.01
    mean = mean_over_all_walks(estimator(name, source(name), single), mdp, at(mdp))
    assert np.abs(mean - exact).max() < tolerance


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_batch_is_the_mean_of_its_walks_whatever_fills_it_up(name):
    mdp = WORLDS["ends"]
    estimate, theta = estimator(name, source(name)), at(mdp)
    walks, _ = enumerate_trajectories(mdp, SoftmaxPolicy.for_mdp(mdp), theta)
    assert len(set(walks.lengths.tolist())) > 1
    single = [estimate(theta, walks[i : i + 1]) for i in range(len(walks))]
    spoiled = SimpleNamespace(
        states=walks.states.copy(), actions=walks.actions.copy(), rewards=walks.rewards.copy(),
        active=walks.active, discount=walks.discount,
    )  # fmt: skip
    spoiled.states[:, :-1][~walks.active] = 1
    spoiled.actions[~walks.active] = 1
    spoiled.rewards[~walks.active] = np.nan
    assert np.abs(estimate(theta, spoiled) - np.mean(single, axis=0)).max() < 1e-12


#: Mistakes of one line each, and where they show.
MISTAKES = {
    "numpy": {
        "γᵗ left out": ("discount ** np.arange(rewards.shape[1])", "np.ones(rewards.shape[1])"),
        "rewards before t alone": ("np.cumsum(paid[:, ::-1], axis=1)[:, ::-1]", "np.cumsum(paid, axis=1)"),
        "the probability left out": (" - pi[states]", ""),
        "what was filled up is paid for": ("np.where(mask, rewards, 0.0)", "rewards"),
        "mean over decisions": ("/ len(states)", "/ mask.sum()"),
    },
    "torch": {
        "γᵗ left out": (" * discount**time", ""),
        "uphill": ("return -(", "return ("),
        "mean over decisions": (".sum(1).mean()", ".sum() / mask.sum()"),
        "what was filled up is paid for": ("rewards.masked_fill(~mask, 0.0)", "rewards"),
        "probabilities for preferences": (
            "Categorical(logits=logits)",
            "Categorical(logits=torch.softmax(logits, -1))",
        ),
    },
    "jax": {
        "γᵗ left out": ("discount ** jnp.arange(rewards.shape[1])", "jnp.ones(rewards.shape[1])"),
        "uphill": ("return -jnp", "return jnp"),
        "mean over decisions": (".sum(axis=1).mean()", ".sum() / mask.sum()"),
        "what was filled up is paid for": ("jnp.where(mask, rewards, 0.0)", "rewards"),
        "no logarithm": ("jax.nn.log_softmax", "jax.nn.softmax"),
    },
}


@pytest.mark.parametrize(("name", "mistake"), [(name, mistake) for name in MISTAKES for mistake in MISTAKES[name]])
def test_a_mistake_in_one_line_would_be_seen(name, mistake):
    mdp = WORLDS["ends"]
    theta, (right, wrong) = at(mdp), MISTAKES[name][mistake]
    assert source(name).count(right) == 1
    estimate = estimator(name, source(name).replace(right, wrong))
    walks, probabilities = enumerate_trajectories(mdp, SoftmaxPolicy.for_mdp(mdp), theta)
    if "filled up" in mistake:  # the course's own arrays hold zeros there, other people's do not
        rewards = np.where(walks.active, walks.rewards, -1.0)
        batch = SimpleNamespace(
            states=walks.states, actions=walks.actions, rewards=rewards, active=walks.active, discount=walks.discount
        )
        one_by_one = np.mean([estimate(theta, walks[i : i + 1]) for i in range(len(walks))], axis=0)
        assert np.abs(estimate(theta, batch) - one_by_one).max() > 1e-3
        return
    wrong_mean = sum(p * estimate(theta, walks[i : i + 1]) for i, p in enumerate(probabilities))
    assert np.abs(wrong_mean - gradient(mdp, theta)).max() > 1e-3
