"""The losses to take home have the gradients that the chapter says, in each framework.

An actor–critic's is compared with the gradient of the objective with an entropy bonus, over all walks of small worlds;
the clipped one of PPO with its formula, at the parameters that drew the walks and at others. As in
``test_take_home``, a framework that is missing is skipped, except in the job that requires it.
"""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from take_home import FRAMEWORKS, WORLDS, at, imported

from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import Trajectories, enumerate_trajectories, trajectory_probabilities

FOLDER = Path(__file__).parents[1] / "book/practice/take-home"
BETA, WEIGHT, CLIP = 0.3, 0.7, 0.2


def source(name: str) -> str:
    return (FOLDER / name / "losses.py").read_text(encoding="utf-8")


class Losses:
    """The two functions of one framework, each as what a step adds to θ and to a table of values."""

    def __init__(self, name: str, code: str, single: bool = False) -> None:
        self.name, self.framework, self.single = name, imported(name), single
        self.space: dict[str, Any] = {}
        exec(compile(code, f"take-home/{name}/losses.py", "exec"), self.space)
        self.real = np.float32 if single else np.float64

    def _arrays(self, walks: Any) -> tuple[np.ndarray, ...]:
        states, actions = walks.states[:, :-1].astype(np.int64), walks.actions.astype(np.int64)
        return states, actions, walks.rewards.astype(self.real), np.asarray(walks.active)

    def actor_critic(self, theta: np.ndarray, values: np.ndarray, walks: Any) -> tuple[np.ndarray, np.ndarray]:
        states, actions, rewards, mask = self._arrays(walks)
        theta, values = theta.astype(self.real), values.astype(self.real)
        if self.name == "numpy":
            function = self.space["actor_critic_gradient"]
            return function(theta, values, states, actions, rewards, mask, walks.discount, BETA, WEIGHT)

        def loss(table: Any, critic: Any, *arrays: Any) -> Any:
            function = self.space["actor_critic_loss"]
            return function(table[states], critic[states], *arrays, walks.discount, BETA, WEIGHT)

        return self._downhill(loss, (theta, values), (actions, rewards, mask))

    def clipped(
        self, theta: np.ndarray, walks: Any, advantages: np.ndarray, old_log_pi: np.ndarray
    ) -> np.ndarray:
        states, actions, _, mask = self._arrays(walks)
        numbers = advantages.astype(self.real), old_log_pi.astype(self.real)
        theta = theta.astype(self.real)
        if self.name == "numpy":
            return self.space["clipped_gradient"](theta, states, actions, *numbers, mask, CLIP)

        def loss(table: Any, *arrays: Any) -> Any:
            return self.space["clipped_loss"](table[states], *arrays, CLIP)

        return self._downhill(loss, (theta,), (actions, *numbers, mask))[0]

    def _downhill(self, loss: Any, parameters: tuple[np.ndarray, ...], arrays: tuple[np.ndarray, ...]) -> Any:
        if self.name == "torch":
            tables = [self.framework.tensor(one, requires_grad=True) for one in parameters]
            loss(*tables, *map(self.framework.tensor, arrays)).backward()
            assert all(one.grad.dtype == getattr(self.framework, self.real.__name__) for one in tables)
            return tuple(-one.grad.numpy() for one in tables)
        with nullcontext() if self.single else self.framework.enable_x64(True):
            numpy = self.framework.numpy
            slopes = self.framework.grad(loss, argnums=tuple(range(len(parameters))))(
                *map(numpy.asarray, parameters), *map(numpy.asarray, arrays)
            )
            assert all(one.dtype == self.real for one in slopes)
            return tuple(-np.asarray(one) for one in slopes)


def guess(mdp: TabularMDP) -> np.ndarray:
    """A critic that is not V."""
    return np.random.default_rng(2).standard_normal(mdp.n_states)


def log_softmax(theta: np.ndarray) -> np.ndarray:
    return theta - np.log(np.exp(theta).sum(axis=1, keepdims=True))


def with_entropy(mdp: TabularMDP, theta: np.ndarray) -> np.ndarray:
    """∇ of E[Σ γᵗ (r_t + β H(π(·|s_t)))], from the probabilities of all walks, which know no score."""
    policy = SoftmaxPolicy.for_mdp(mdp)
    walks, _ = enumerate_trajectories(mdp, policy, theta)

    def objective(where: np.ndarray) -> Any:
        logs = log_softmax(where)
        entropy = -(np.exp(logs) * logs).sum(axis=1)[walks.states[:, :-1]]
        paid = np.where(walks.active, walks.rewards + BETA * entropy, 0) * mdp.discount ** np.arange(walks.horizon)
        return (trajectory_probabilities(walks, mdp, policy, where) * paid.sum(axis=1)).sum()

    return complex_step(objective, theta)


def means(losses: Losses, mdp: TabularMDP, theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The exact means of what a step adds to θ and to the critic."""
    walks, chances = enumerate_trajectories(mdp, SoftmaxPolicy.for_mdp(mdp), theta)
    total, critic = np.zeros(theta.shape), np.zeros(mdp.n_states)
    for i, chance in enumerate(chances):
        one, other = losses.actor_critic(theta, guess(mdp), walks[i : i + 1])
        total, critic = total + chance * one, critic + chance * other
    return total, critic


def critic_step(mdp: TabularMDP, theta: np.ndarray) -> np.ndarray:
    """2c Σ_t Σ_τ P(τ) (G_t − v(s_t)) in each state, with the entropies paid."""
    walks, chances = enumerate_trajectories(mdp, SoftmaxPolicy.for_mdp(mdp), theta)
    logs = log_softmax(theta)
    entropy = -(np.exp(logs) * logs).sum(axis=1)
    found = np.zeros(mdp.n_states)
    for i, chance in enumerate(chances):
        for t in range(walks.lengths[i]):
            later = range(t, walks.lengths[i])
            paid = [walks.rewards[i, k] + BETA * entropy[walks.states[i, k]] for k in later]
            gain = sum(mdp.discount ** (k - t) * r for k, r in zip(later, paid, strict=True))
            s = walks.states[i, t]
            found[s] += 2 * WEIGHT * chance * (gain - guess(mdp)[s])
    return found


@pytest.mark.parametrize("world", ["chance", "ends"])
@pytest.mark.parametrize(("single", "tolerance"), [(False, 1e-12), (True, 2e-5)])
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_the_actor_follows_the_objective_with_the_bonus_and_the_critic_its_own_error(name, single, tolerance, world):
    mdp = WORLDS[world]
    actor, critic = means(Losses(name, source(name), single), mdp, at(mdp))
    assert np.abs(actor - with_entropy(mdp, at(mdp))).max() < tolerance
    assert np.abs(critic - critic_step(mdp, at(mdp))).max() < tolerance


def sample(mdp: TabularMDP) -> tuple[Trajectories, np.ndarray, np.ndarray]:
    """All walks of a world as one batch, some advantages, and log π of the policy that drew it."""
    walks, _ = enumerate_trajectories(mdp, SoftmaxPolicy.for_mdp(mdp), at(mdp))
    advantages = np.random.default_rng(4).standard_normal(walks.actions.shape)
    return walks, advantages, log_softmax(at(mdp))[walks.states[:, :-1], walks.actions.astype(int)]


def clipped_objective(where: np.ndarray, walks: Trajectories, advantages: np.ndarray, old: np.ndarray) -> Any:
    ratio = np.exp(log_softmax(where)[walks.states[:, :-1], walks.actions.astype(int)] - old)
    kept = np.where(ratio.real > 1 + CLIP, 1 + CLIP, np.where(ratio.real < 1 - CLIP, 1 - CLIP, ratio))
    one, other = ratio * advantages, kept * advantages
    least = np.where(one.real <= other.real, one, other)
    return np.where(walks.active, least, 0).sum(axis=1).mean()


@pytest.mark.parametrize("away", [0.0, 0.1, 1.0])
@pytest.mark.parametrize(("single", "tolerance"), [(False, 1e-12), (True, 2e-5)])
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_the_clipped_loss_has_the_gradient_of_its_formula(name, single, tolerance, away):
    mdp = WORLDS["ends"]
    batch = sample(mdp)
    where = at(mdp) + away * np.random.default_rng(5).standard_normal(at(mdp).shape)
    found = Losses(name, source(name), single).clipped(where, *batch)
    exact = complex_step(lambda x: clipped_objective(x, *batch), where)
    assert np.abs(exact).max() > 0.01
    assert np.abs(found - exact).max() < tolerance
    if away == 0:  # the policy gradient
        walks, advantages, _ = batch
        score = np.eye(2)[walks.actions.astype(int)] - np.exp(log_softmax(where))[walks.states[:, :-1]]
        push = np.zeros(where.shape)
        np.add.at(push, walks.states[:, :-1], np.where(walks.active, advantages, 0)[..., None] * score)
        assert np.abs(found - push / len(walks)).max() < tolerance


class Spoiled:
    """A batch whose padding holds what other people's padding holds."""

    def __init__(self, walks: Trajectories) -> None:
        self.states, self.actions, self.rewards = walks.states.copy(), walks.actions.copy(), walks.rewards.copy()
        self.active, self.discount = walks.active, walks.discount
        self.states[:, :-1][~walks.active] = 1
        self.actions[~walks.active] = 1
        self.rewards[~walks.active] = np.nan


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_what_fills_up_is_not_seen(name):
    mdp = WORLDS["ends"]
    walks, advantages, old = sample(mdp)
    assert len(set(walks.lengths.tolist())) > 1
    losses, theta, spoiled = Losses(name, source(name)), at(mdp), Spoiled(walks)
    for one, other in zip(
        losses.actor_critic(theta, guess(mdp), spoiled), losses.actor_critic(theta, guess(mdp), walks), strict=True
    ):
        assert np.abs(one - other).max() < 1e-12
    found = losses.clipped(theta, spoiled, np.where(walks.active, advantages, np.nan), old)
    assert np.abs(found - losses.clipped(theta, walks, advantages, old)).max() < 1e-12


#: Mistakes of one line each. The chapter has a section on every one.
MISTAKES = {
    "numpy": {
        "the entropy is not paid": ("rewards + entropy_weight * entropy[states]", "rewards"),
        "no slope of the entropy": ("actor += bonus[..., None] * slope[states]", "pass"),
        "γᵗ left out": ("actor = (powers * error)[..., None]", "actor = error[..., None]"),
        "clipped where it pushes back": ("(advantages > 0) & (ratio > 1 + clip)", "ratio > 1 + clip"),
        "the ratio left out": ("ratio * advantages, 0.0", "advantages, 0.0"),
    },
    "torch": {
        "critic not detached": ("(to_go - values).detach()", "(to_go - values)"),
        "the entropy is differentiated twice": ("entropy.detach()", "entropy"),
        "softmax twice": ("Categorical(logits=logits)  # not probs=", "Categorical(logits=torch.softmax(logits, -1))"),
        "sampled entropy": ("entropy_weight * powers * entropy", "entropy_weight * powers * -log_pi"),
        "uphill": ("value_weight * critic - actor", "value_weight * critic + actor"),
        "old log π is the new one": ("old_log_pi.detach()", "log_pi"),
        "the ratio held": ("torch.exp(log_pi - old_log_pi.detach())", "torch.exp(log_pi - old_log_pi).detach()"),
        "the larger one": ("torch.minimum", "torch.maximum"),
        "masked at the end alone": (".detach().masked_fill(~mask, 0.0)\n    kept", ".detach()\n    kept"),
    },
    "jax": {
        "critic not stopped": ("jax.lax.stop_gradient(to_go - values)", "(to_go - values)"),
        "the entropy is differentiated twice": ("jax.lax.stop_gradient(entropy)", "entropy"),
        "softmax twice": (
            "log_pi = jax.nn.log_softmax(logits)\n    return",
            "log_pi = jax.nn.log_softmax(jax.nn.softmax(logits))\n    return",
        ),
        "sampled entropy": ("entropy_weight * powers * entropy", "entropy_weight * powers * -log_pi"),
        "uphill": ("value_weight * critic - actor", "value_weight * critic + actor"),
        "the ratio held": (
            "jnp.exp(log_prob(logits, actions) - old_log_pi)",
            "jax.lax.stop_gradient(jnp.exp(log_prob(logits, actions) - old_log_pi))",
        ),
        "the larger one": ("jnp.minimum", "jnp.maximum"),
        "masked at the end alone": ("jnp.where(mask, jax.lax.stop_gradient(advantages), 0.0)", "advantages"),
    },
}


def test_what_pytorch_takes_for_probabilities():
    """Two negative logits are read in the opposite order, mixed signs are refused, and what has no name is probs."""
    torch = imported("torch")
    categorical = torch.distributions.Categorical
    assert categorical(probs=torch.tensor([-1.0, -3.0])).probs.tolist() == [0.25, 0.75]
    with pytest.raises(ValueError, match="probs"):
        categorical(probs=torch.tensor([1.0, -3.0]))
    assert categorical(torch.tensor([0.25, 0.75])).probs.tolist() == [0.25, 0.75]
    with pytest.raises(RuntimeError, match="does not require grad"):
        torch.tensor([1.0, 2.0]).mean().backward()  # the mean of returns


@pytest.mark.parametrize("name", ["torch", "jax"])
def test_a_mask_at_the_end_leaves_a_nan_in_the_gradient(name):
    framework = imported(name)
    if name == "torch":
        x = framework.tensor([1.0, 2.0], requires_grad=True)
        value = framework.where(framework.tensor([True, False]), x * framework.tensor([1.0, np.nan]), 0.0).sum()
        value.backward()
        gradient = x.grad.numpy()
    else:
        numpy = framework.numpy

        def function(x: Any) -> Any:
            return numpy.where(numpy.array([True, False]), x * numpy.array([1.0, np.nan]), 0.0).sum()

        value, gradient = framework.value_and_grad(function)(numpy.array([1.0, 2.0]))
    assert value.item() == 1
    assert gradient[0] == 1
    assert np.isnan(gradient[1])


def test_the_chapter_says_how_many_there_are():
    chapter = (FOLDER.parent / "from-theorem-to-loss.ipynb").read_text(encoding="utf-8")
    assert f"each of {sum(map(len, MISTAKES.values()))} changes of one line is noticed" in chapter


@pytest.mark.parametrize(("name", "mistake"), [(name, mistake) for name in MISTAKES for mistake in MISTAKES[name]])
def test_a_mistake_in_one_line_would_be_seen(name, mistake):
    mdp, (right, wrong) = WORLDS["ends"], MISTAKES[name][mistake]
    assert source(name).count(right) == 1
    losses = Losses(name, source(name).replace(right, wrong))
    if right in source(name).partition("clipped_")[0]:
        actor, critic = means(losses, mdp, at(mdp))
        off = [np.abs(actor - with_entropy(mdp, at(mdp))).max(), np.abs(critic - critic_step(mdp, at(mdp))).max()]
        assert max(off) > 1e-3
        return
    walks, advantages, old = sample(mdp)
    where = at(mdp) + np.random.default_rng(5).standard_normal(at(mdp).shape)
    exact = complex_step(lambda x: clipped_objective(x, walks, advantages, old), where)
    nothing_left = (name, mistake) == ("torch", "the ratio held")  # and PyTorch says so, without a critic beside it
    with pytest.raises(RuntimeError, match="does not require grad") if nothing_left else nullcontext():
        found = losses.clipped(where, walks, np.where(walks.active, advantages, np.nan), old)
        assert not np.abs(found - exact).max() < 1e-3
