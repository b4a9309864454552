"""Hard inputs of the state-action form: right, undecided, or refused."""

import dataclasses
from unittest import mock

import numpy as np

from pgcode import state_action_form as form
from pgcode import values
from pgcode.environments import random_mdp, short_corridor
from pgcode.mdp import TabularMDP
from pgcode.policies import SoftmaxPolicy

MDP = random_mdp(np.random.default_rng(0))
ENDLESS = dataclasses.replace(MDP, horizon=None)
POLICY, THETA = SoftmaxPolicy(3, 2), np.random.default_rng(1).standard_normal((3, 2))
ONE = TabularMDP(np.ones((1, 1, 1)), np.ones((1, 1, 1)), [1.0], 0.9)
OVER = TabularMDP(np.eye(2)[:, None].repeat(2, axis=1), np.zeros((2, 2, 2)), [0.5, 0.5], 1.0)


def ledger(derivation, mdp, policy=POLICY, theta=THETA, **changes):
    return lambda: derivation(dataclasses.replace(mdp, **changes), policy, np.asarray(theta))


def holds(found):
    return set(found.false_lines) <= {"B6", "B9", "B10 = ∇J"}


def huge(size):
    return np.broadcast_to([[[size], [-size]]], (3, 2, 3))


def impossible(size):
    """A process that goes round and pays −size, and where no step leads it pays size."""
    transition = np.broadcast_to(np.roll(np.eye(3), 1, axis=1)[:, None], (3, 2, 3))
    return TabularMDP(transition, np.where(transition > 0, -size, size), [1.0, 0, 0], discount=0.9)


def no_scale(found):
    return holds(found) and not found.undecided_lines


SHORT_REWARD = np.round(MDP.reward * 1024) / 1024  # to which 1e12 can be added with no rounding


def with_common_part(size, mdp, **changes):
    """The gradient where every step pays as much more, beside that where none does: it does not depend on it."""
    plain = dataclasses.replace(mdp, reward=SHORT_REWARD, **changes)
    richer = dataclasses.replace(plain, reward=SHORT_REWARD + size)
    return lambda: form.exact_gradient(richer, POLICY, THETA) / form.exact_gradient(plain, POLICY, THETA)


def shaped(size):
    """How far γΦ(s') − Φ(s) beside the rewards of a corridor moves its gradient, which it should not."""
    corridor, theta = short_corridor(), np.random.default_rng(1).standard_normal((4, 2))
    potential = size * np.array([1.0, -2.0, 3.0, 0.0])
    more = np.where(corridor.transition > 0, potential - potential[:, None, None], 0)
    richer = dataclasses.replace(corridor, reward=corridor.reward + more)
    gradients = [form.exact_gradient(mdp, SoftmaxPolicy(4, 2), theta) for mdp in (corridor, richer)]
    return np.abs(gradients[1] - gradients[0]).max() / np.abs(gradients[0]).max()


def many_steps():
    """Many steps without discount need no sums in twice the precision: only what all states share grows with them."""
    mdp = dataclasses.replace(MDP, horizon=20_000, discount=1.0)
    with mock.patch.object(values, "_jumps", side_effect=AssertionError):
        found = form.exact_gradient(mdp, POLICY, THETA)
    by_parts = values.advantages(mdp, POLICY, THETA) * POLICY.probabilities(THETA)
    return found / np.einsum("ts,tsa->sa", values.occupancy(mdp, POLICY, THETA)[:-1], by_parts)


def apart(*, reached, certain, horizon):
    """How far a common part of 1e12 moves the gradient where it is 1e12 more for one action in one state.

    That state is reached by a chance in each step, and it may be that one of its actions is nearly certain.
    """
    others = random_mdp(np.random.default_rng(0), 3, 2).transition * (1 - reached)
    transition = np.zeros((4, 2, 4))
    transition[:, :, :3], transition[:, :, 3] = others[[0, 1, 2, 0]], reached
    reward = np.round(np.random.default_rng(1).standard_normal((4, 2, 4)) * 1024) / 1024
    reward[3, 0] += 1e12
    plain = TabularMDP(transition, reward, [1.0, 0.0, 0.0, 0.0], discount=0.9, horizon=horizon)
    theta = np.array([[0.5, -0.2], [0.1, 0.3], [-1.0, 0.4], [0.0, 40.0 * certain]])
    gradients = [
        form.exact_gradient(mdp, SoftmaxPolicy(4, 2), theta)[:3]
        for mdp in (plain, dataclasses.replace(plain, reward=reward + 1e12))
    ]
    return np.abs(gradients[1] - gradients[0]).max() / np.abs(gradients[0]).max()


def is_one(ratio):
    return np.allclose(ratio, 1, rtol=0, atol=1e-12)


CERTAIN = {f"θ = {x:g}": np.array([[x, 0.0]] * 3) for x in (37.0, 700.0, -700.0, 800.0)}
ALL = {
    "full": (form.full_derivation, ENDLESS),
    "finite": (form.full_derivation, MDP),
    "average": (form.average_reward_derivation, ENDLESS),
    "source": (form.source_derivation, ENDLESS),
    "restart": (form.restart_derivation, ENDLESS),
}

CASES = {
    **{
        f"rewards with a common part of {size:g}, {name}": (with_common_part(size, mdp, **changes), is_one)
        for size in (1e4, 1e8, 1e12)
        for name, mdp, changes in (
            ("endless", ENDLESS, {}),
            ("γ of 0.999", ENDLESS, {"discount": 0.999}),
            ("with a horizon", MDP, {}),
            ("with a horizon at γ = 1", MDP, {"discount": 1.0}),
        )
    },
    "rewards that are paid and taken back": (lambda: shaped(1e8), lambda off: off < 1e-14),
    "rewards of 1e12 that are paid and taken back": (lambda: shaped(1e12), lambda off: off < 1e-14),
    **{
        f"a common part beside large differences in a state {where}": (
            lambda given=given: apart(**given),
            lambda off: off < 1e-12,
        )
        for where, given in (
            ("that is never reached", {"reached": 0.0, "certain": False, "horizon": 5}),
            ("that is hardly reached", {"reached": 2.0**-40, "certain": False, "horizon": 5}),
            ("that is hardly reached, endless", {"reached": 2.0**-40, "certain": False, "horizon": None}),
            ("where an action is certain", {"reached": 0.25, "certain": True, "horizon": 5}),
            ("where an action is certain, endless", {"reached": 0.25, "certain": True, "horizon": None}),
        )
    },
    "many steps without discount": (many_steps, lambda ratio: np.allclose(ratio, 1, rtol=0, atol=1e-10)),
    "differences of 1e307 within a state": (
        lambda: form.exact_gradient(dataclasses.replace(MDP, reward=huge(1e307), horizon=1), POLICY, 0 * THETA),
        lambda found: np.isfinite(found).all() and (found[:, 0] > 0).all(),
    ),
    "rewards of impossible steps as large as floats go": (
        lambda: form.average_reward_gradient(impossible(1.7e308), POLICY, THETA),
        lambda found: np.abs(found).max() < 1e290,
    ),
    "a common part beside the largest floats": (
        lambda: form.exact_gradient(dataclasses.replace(MDP, reward=np.full((3, 2, 3), 1e300)), POLICY, THETA),
        lambda found: np.isfinite(found).all() and np.abs(found).max() < 1e286,
    ),
    **{
        f"{name} at {size}": (ledger(derivation, mdp, theta=theta), holds)
        for name, (derivation, mdp) in ALL.items()
        for size, theta in CERTAIN.items()
        if name != "restart"
    },
    **{
        f"{name}, rewards of {factor:g}": (ledger(derivation, mdp, reward=MDP.reward * factor), no_scale)
        for name, (derivation, mdp) in ALL.items()
        for factor in (0.0, 1e-300, 1e150, 1e300)
    },
    **{
        f"full, discount 1 - {rest:g}": (ledger(form.full_derivation, ENDLESS, discount=1 - rest), holds)
        for rest in (1.0, 1e-3, 1e-5, 1e-7)
    },
    "rewards of all sizes": (
        ledger(form.full_derivation, MDP, reward=np.where(np.arange(3) == 0, 1e300, 1e-300) * MDP.reward),
        "reward holds numbers from .* set the smaller ones to 0",
    ),
    "values that overflow": (
        ledger(form.full_derivation, ENDLESS, reward=np.full((3, 2, 3), 1e308), discount=0.999),
        "make line .* overflow: divide the rewards",
    ),
    "all states terminal": (ledger(form.full_derivation, OVER, SoftmaxPolicy(2, 2), np.zeros((2, 2))), no_scale),
    "one state and one action": (ledger(form.full_derivation, ONE, SoftmaxPolicy(1, 1), np.zeros((1, 1))), no_scale),
    "its source": (ledger(form.source_derivation, ONE, SoftmaxPolicy(1, 1), np.zeros((1, 1))), no_scale),
    "300 steps": (ledger(form.full_derivation, MDP, horizon=300, discount=1.0), no_scale),
    "horizon whose table does not fit": (
        ledger(form.full_derivation, MDP, horizon=10**8),
        "the derivative of Q would have shape .* GiB: shorten the horizon",
    ),
    **{
        f"the average reward with a common part of {size:g}": (
            lambda size=size: (
                form.average_reward_gradient(dataclasses.replace(ENDLESS, reward=SHORT_REWARD + size), POLICY, THETA)
                / form.average_reward_gradient(dataclasses.replace(ENDLESS, reward=SHORT_REWARD), POLICY, THETA)
            ),
            is_one,
        )
        for size in (1e4, 1e8, 1e12)
    },
}
