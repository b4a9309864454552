"""The small worlds on which an estimator is audited, and every batch that can come out of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode.mdp import TabularMDP
from pgcode.mistakes._bonuses import RIGHT_BONUSES
from pgcode.mistakes._pipeline import RIGHT, Batches, Station, run, whole_return
from pgcode.policies import SoftmaxPolicy, TabularPolicy
from pgcode.state_action_form import exact_gradient
from pgcode.trajectories import Trajectories, enumerate_trajectories
from pgcode.values import discounted_visitation, state_values

__all__ = ["Draw", "World", "draws", "frozen", "worlds"]

Array = NDArray[np.float64]

#: Larger enumerations are left out: what they show is shown by smaller ones.
_MOST_BATCHES = 700
#: Of smaller ones it is also asked what a flag at the horizon changes.
_MOST_FLAGGED = 64


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """A view of an array to which nobody can write: what a function is given must stay as it is for the next one."""
    array.setflags(write=False)
    return array.view()  # a view of what is read-only cannot be made writable again


class _SoftmaxOfWhatIsSeen(TabularPolicy, many_thetas=True):
    """π_θ(a|s) = softmax(θ[looks[s]])_a: states that look alike share their logits."""

    def __init__(self, looks: NDArray[np.intp], n_actions: int) -> None:
        n_looks = int(looks.max()) + 1
        super().__init__(len(looks), n_actions, theta_shape=(n_looks, n_actions))
        self.looks, self.seen = looks, SoftmaxPolicy(n_looks, n_actions)

    def log_probabilities(self, theta: ArrayLike) -> NDArray[Any]:
        """Return log π_θ(a|s), shape (..., S, A)."""
        return self.seen.log_probabilities(theta)[..., self.looks, :]


@dataclass(frozen=True)
class World:
    """A decision process with parameters θ at which its gradient is known.

    The policy may see less than the state: ``looks`` says as what it sees each. Then θ has a row for each of O looks,
    and a batch holds the looks, as a buffer of observations does.

    Attributes
    ----------
    name : str
    shows : str
        What it is there for.
    mdp : TabularMDP
        With its S states, as they are.
    theta : array, shape (O, A)
    most_batches : int
        How many batches of one size are worth their time.
    looks : tuple of int, length S, or None
        As what each state is seen; None where each is seen as it is, and O = S.
    """

    name: str
    shows: str
    mdp: TabularMDP
    theta: Array
    most_batches: int = _MOST_BATCHES
    looks: tuple[int, ...] | None = None

    @cached_property
    def policy(self) -> TabularPolicy:
        """The softmax policy over all looks and actions."""
        if self.looks is None:
            return SoftmaxPolicy(self.mdp.n_states, self.mdp.n_actions)
        return _SoftmaxOfWhatIsSeen(np.array(self.looks), self.mdp.n_actions)

    @cached_property
    def gradient(self) -> Array:
        """∇J(θ), shape (O, A)."""
        return frozen(np.array(exact_gradient(self.mdp, self.policy, self.theta), dtype=float))

    @cached_property
    def seen(self) -> TabularMDP:
        """The process as it looks, with O states; the process itself where each state is seen as it is.

        p(o'|o, a) and r(o, a, o') are averages over the states that look like o, each by how often it is visited,
        Σ_t γᵗ Pr(s_t = s). That is what a table over looks learns from endless data.
        """
        if self.looks is None:
            return self.mdp
        alike = np.equal.outer(np.arange(len(self.theta)), self.looks)  # (O, S)
        weights = alike * discounted_visitation(self.mdp, self.policy, self.theta)
        unvisited = weights.sum(axis=1, keepdims=True) == 0
        weights = np.where(unvisited, alike, weights)
        weights = weights / weights.sum(axis=1, keepdims=True)
        steps = np.asarray(self.mdp.transition)
        transition = np.einsum("os,sat,pt->oap", weights, steps, alike)
        paid = np.einsum("os,sat,pt->oap", weights, steps * self.mdp.reward, alike)
        reward = np.divide(paid, transition, out=np.zeros_like(paid), where=transition > 0)
        return TabularMDP(transition, reward, alike @ self.mdp.initial, self.mdp.discount, self.mdp.horizon)

    @cached_property
    def hidden_walks(self) -> tuple[Trajectories, Array]:
        """Every trajectory through the states, with its probability."""
        walks, probabilities = enumerate_trajectories(self.mdp, self.policy, self.theta)
        return walks, frozen(np.array(probabilities, dtype=float))

    @cached_property
    def walks(self) -> tuple[Trajectories, Array]:
        """Every trajectory as it is seen, with its probability."""
        walks, probabilities = self.hidden_walks
        if self.looks is None:
            return walks, probabilities
        seen = np.array(self.looks)[walks.states]
        return replace(walks, states=seen, terminal=self.seen.terminal), probabilities

    @cached_property
    def flagged_walks(self) -> Trajectories:
        """The same trajectories, of which those that the horizon ends are flagged as cut."""
        walks = self.walks[0]
        goes_on = ~np.asarray(self.seen.terminal)[walks.last_states]
        return replace(walks, cut=goes_on & (walks.lengths == walks.horizon))

    @cached_property
    def values(self) -> Array:
        """V of the process as it looks, at each time, shape (T + 1, O)."""
        return frozen(np.array(state_values(self.seen, SoftmaxPolicy(*self.theta.shape), self.theta), dtype=float))

    @property
    def alike(self) -> str:
        """Which states look alike, in a sentence; empty where none do."""
        looks = self.looks or ()
        shared = [[self.called(s) for s, look in enumerate(looks) if look == one] for one in range(len(self.theta))]
        told = [f"{' and '.join(names)} look alike: a batch holds {names[0][1:]}" for names in shared if len(names) > 1]
        return f"{' and '.join(told)} for each of them." if told else ""

    def called(self, state: int) -> str:
        """What a state is called where it is shown: s and its look, with a prime for each one before that looks so."""
        if self.looks is None:
            return f"s{state}"
        return f"s{self.looks[state]}" + "′" * self.looks[:state].count(self.looks[state])


@dataclass(frozen=True)
class Draw:
    """Every batch of m trajectories that a world can give, in order, with its probability.

    Where it is ``flagged``, episodes that the horizon ends are flagged as cut, as by a time limit that is part of the
    task: J and its gradient are the same. Where some are ``kept``, by their numbers, the others are left out: then
    the probabilities do not sum to 1.
    """

    world: World
    n_trajectories: int
    entropy: float = 0.0
    flagged: bool = False
    kept: tuple[int, ...] | None = None

    @property
    def with_cuts(self) -> Draw | None:
        """The same batches with the ends at the horizon flagged as cuts; None where there are none, or too many."""
        if len(self) > _MOST_FLAGGED or not self.world.flagged_walks.cut.any():
            return None
        return replace(self, flagged=True)

    @cached_property
    def gradient(self) -> Array:
        """∇ of E[Σ_t γᵗ (r_t + β H(π(·|s_t)))] with the weight β of the entropy, shape (S, A)."""
        if not self.entropy:
            return self.world.gradient
        one = Draw(self.world, 1)
        stations = RIGHT_BONUSES["entropy as a reward and its gradient"](self.entropy)
        return frozen(one.mean(run(one.batches, {"weights": whole_return, **stations})))

    @cached_property
    def chosen(self) -> NDArray[np.intp]:
        """Which walks each batch holds, shape (B, m)."""
        n = len(self.world.walks[1])
        every = np.indices((n,) * self.n_trajectories).reshape(self.n_trajectories, -1).T
        return frozen(every if self.kept is None else every[list(self.kept)])

    @cached_property
    def probabilities(self) -> Array:
        """The probability of each batch, shape (B,)."""
        return frozen(self.world.walks[1][self.chosen].prod(axis=1))

    @cached_property
    def batches(self) -> Batches:
        """All batches as arrays."""
        walks = self.world.walks[0]
        return Batches(
            frozen(walks.states[self.chosen].astype(np.intp)),
            frozen(walks.actions[self.chosen].astype(np.intp)),
            frozen(walks.rewards[self.chosen]),
            frozen(walks.active[self.chosen]),
            walks.discount,
            self.world.theta,
        )

    @cached_property
    def _right(self) -> dict[object, Any]:
        """What comes out of the stations of right estimators: nearly all that is known shares some of it."""
        memory: dict[object, Any] = {}
        for weights in (RIGHT["weights"], whole_return):
            run(self.batches, {"weights": weights}, memory)
        for one in memory.values():
            if isinstance(one, np.ndarray):
                one.setflags(write=False)
        return memory

    def known(self, changes: Mapping[str, Station]) -> Array:
        """What an estimator with some stations changed gives on each batch, shape (B, S, A)."""
        return run(self.batches, changes, dict(self._right))

    @cached_property
    def memory(self) -> dict[object, Any]:
        """What is kept for the next audit, some megabytes: nothing of it comes from an estimator that is audited."""
        return {}

    @property
    def horizon(self) -> int:
        """T."""
        return self.world.walks[0].horizon

    def __len__(self) -> int:
        return len(self.chosen)

    def __iter__(self) -> Iterator[Trajectories]:
        walks = self.world.flagged_walks if self.flagged else self.world.walks[0]
        return walks._batches(self.chosen)

    def mean(self, estimates: Array) -> Array:
        """E[ĝ] of the estimates of all batches, shape (B, S, A)."""
        return np.asarray(np.einsum("b,bsa->sa", self.probabilities, estimates))

    def means(self, estimates: Array) -> Array:
        """E[ĝ] of many estimators at once, shape (P, S, A), from their estimates of all batches, (P, B, S, A)."""
        return np.asarray(np.tensordot(estimates, self.probabilities, axes=(1, 0)))

    def variance(self, estimates: Array) -> float:
        """The trace of Cov ĝ."""
        centred = estimates - self.mean(estimates)
        return float(np.einsum("b,bsa->", self.probabilities, centred**2))


def _world(
    name: str,
    shows: str,
    steps: dict[tuple[int, int], list[tuple[float, int, float]]],
    start: list[float],
    discount: float,
    horizon: int,
    theta: list[list[float]],
    most_batches: int = _MOST_BATCHES,
    looks: tuple[int, ...] | None = None,
) -> World:
    """A world from its steps: (state, action) to (probability, next state, reward) of what may come."""
    n_states, n_actions = len(start), len(theta[0])
    transition = np.zeros((n_states, n_actions, n_states))
    reward = np.zeros_like(transition)
    for (state, action), outcomes in steps.items():
        for probability, then, paid in outcomes:
            transition[state, action, then] += probability
            reward[state, action, then] = paid
    for state in range(n_states):
        if not transition[state].any():
            transition[state, :, state] = 1  # terminal
    mdp = TabularMDP(transition, reward, np.array(start), discount, horizon)
    return World(name, shows, mdp, frozen(np.array(theta)), most_batches, looks)


@lru_cache(maxsize=1)
def worlds() -> tuple[World, ...]:
    """The battery, from the smallest world to the largest."""
    return (
        _world(
            "two arms",
            "one decision, a gain and a loss",
            {(0, 0): [(1.0, 1, 1.5)], (0, 1): [(1.0, 1, -0.5)]},
            [1.0, 0.0],
            1.0,
            1,
            [[0.4, -0.2], [0.1, 0.3]],
        ),
        _world(
            "three arms",
            "three actions, one of them pays nothing",
            {(0, 0): [(1.0, 1, 0.0)], (0, 1): [(1.0, 1, 2.5)], (0, 2): [(1.0, 1, -1.5)]},
            [1.0, 0.0],
            0.9,
            1,
            [[0.5, -0.3, 0.1], [0.2, 0.0, -0.4]],
        ),
        _world(
            "stay or leave",
            "one state is visited again and again, episodes end at different times or at the horizon",
            {(0, 0): [(1.0, 0, 0.6)], (0, 1): [(1.0, 1, 2.0)]},
            [1.0, 0.0],
            0.7,
            3,
            [[0.3, -0.4], [0.2, -0.1]],
        ),
        _world(
            "two rooms",
            "two states, γ = 1, nothing ends before the horizon",
            {
                (0, 0): [(1.0, 1, 1.0)],
                (0, 1): [(1.0, 0, -0.7)],
                (1, 0): [(1.0, 0, 0.0)],
                (1, 1): [(1.0, 1, 1.9)],
            },
            [0.6, 0.4],
            1.0,
            2,
            [[0.2, -0.5], [-0.3, 0.4]],
        ),
        _world(
            "toll and prize",
            "a loss first and a gain later, γ = 0.8, two ways to end",
            {
                (0, 0): [(1.0, 1, -1.2)],
                (0, 1): [(0.5, 2, 0.3), (0.5, 1, 0.0)],
                (1, 0): [(1.0, 2, 3.1)],
                (1, 1): [(1.0, 0, 0.4)],
            },
            [1.0, 0.0, 0.0],
            0.8,
            3,
            [[0.35, -0.15], [-0.45, 0.25], [0.0, 0.2]],
        ),
        _world(
            "by chance",
            "chance decides when it ends, γ = 0.6, two starts, rewards of both signs",
            {
                (0, 0): [(0.6, 1, 0.9), (0.4, 2, -1.1)],
                (0, 1): [(0.5, 0, -0.4), (0.5, 2, 2.2)],
                (1, 0): [(0.7, 0, 1.3), (0.3, 2, 0.0)],
                (1, 1): [(1.0, 2, -0.8)],
            },
            [0.7, 0.3, 0.0],
            0.6,
            2,
            [[-0.25, 0.45], [0.55, -0.1], [0.3, 0.1]],
        ),
        _world(
            "nothing but losses",
            "all rewards are negative or 0, three actions",
            {
                (0, 0): [(1.0, 0, -1.0)],
                (0, 1): [(1.0, 1, -2.3)],
                (0, 2): [(1.0, 2, 0.0)],
                (1, 0): [(1.0, 2, -0.4)],
                (1, 1): [(1.0, 0, 0.0)],
                (1, 2): [(1.0, 1, -3.0)],
            },
            [0.5, 0.5, 0.0],
            0.9,
            2,
            [[0.1, -0.35, 0.2], [-0.15, 0.3, 0.05], [0.4, 0.0, -0.2]],
        ),
        _world(
            "paid at the end",
            "one reward, at the end, after steps that pay nothing",
            {
                (0, 0): [(1.0, 1, 0.0)],
                (0, 1): [(0.5, 0, 0.0), (0.5, 1, 0.0)],
                (1, 0): [(0.8, 2, 4.0), (0.2, 0, 0.0)],
                (1, 1): [(1.0, 0, 0.0)],
            },
            [1.0, 0.0, 0.0],
            0.75,
            3,
            [[0.15, 0.5], [0.25, -0.3], [0.0, 0.1]],
        ),
        _world(
            "no discount, many lengths",
            "γ = 1, an episode of one step or of four",
            {
                (0, 0): [(1.0, 1, 0.5)],
                (0, 1): [(1.0, 2, 1.0)],
                (1, 0): [(1.0, 0, -0.2)],
                (1, 1): [(1.0, 2, -1.7)],
            },
            [0.8, 0.2, 0.0],
            1.0,
            4,
            [[-0.1, 0.2], [0.35, -0.25], [0.1, -0.2]],
        ),
        _world(
            "large and small",
            "rewards of 40 and of 0.01 beside each other, γ = 0.5",
            {
                (0, 0): [(0.9, 0, 0.01), (0.1, 1, 40.0)],
                (0, 1): [(1.0, 1, 6.0)],
                (1, 0): [(1.0, 2, -9.0)],
                (1, 1): [(0.5, 2, 0.02), (0.5, 0, 0.0)],
            },
            [0.9, 0.1, 0.0],
            0.5,
            2,
            [[0.05, -0.15], [0.2, 0.45], [-0.3, 0.0]],
        ),
        _world(
            "two rooms that look alike",
            "behind one door is a prize and behind the other a loss, and both rooms are seen as one, γ = 0.9",
            {
                (0, 0): [(1.0, 1, -0.5)],
                (0, 1): [(1.0, 2, 0.7)],
                (1, 0): [(1.0, 3, 3.0)],
                (1, 1): [(1.0, 0, 0.1)],
                (2, 0): [(1.0, 3, -2.0)],
                (2, 1): [(1.0, 0, 0.4)],
            },
            [1.0, 0.0, 0.0, 0.0],
            0.9,
            3,
            [[0.3, -0.2], [0.45, -0.25], [0.1, 0.0]],
            looks=(0, 1, 1, 2),
        ),
        _world(
            "seven steps",
            "a long horizon with few walks, γ = 0.95",
            {(0, 0): [(1.0, 0, 0.4)], (0, 1): [(1.0, 1, -1.3)]},
            [1.0, 0.0],
            0.95,
            7,
            [[1.1, -0.3], [0.2, 0.0]],
            64,
        ),
        _world(
            "five rooms, four doors",
            "many states and actions, logits from −5 to 5, rewards from −200 to 200",
            {
                **{(0, door): [(1.0, door + 1, paid)] for door, paid in enumerate((2.0, -200.0, 0.5, 1.0))},
                **{
                    (room, door): [(1.0, (room + door) % 5, paid)]
                    for room, rewards in enumerate(
                        (
                            (120.0, -3.0, 0.0, 7.0),
                            (-60.0, 200.0, 1.5, -1.0),
                            (0.2, 4.0, -90.0, 30.0),
                            (5.0, 0.0, 2.0, 60.0),
                        ),
                        start=1,
                    )
                    for door, paid in enumerate(rewards)
                },
            },
            [1.0, 0.0, 0.0, 0.0, 0.0],
            0.85,
            2,
            [
                [5.0, 1.0, -5.0, 2.5],
                [0.5, -2.0, 3.0, 0.0],
                [4.0, 5.0, -1.0, 0.3],
                [-5.0, 0.0, 1.0, 0.2],
                [0.1, 2.0, 0.4, -1.0],
            ],
            64,
        ),
    )


@lru_cache(maxsize=4)
def draws(sizes: tuple[int, ...], entropy: float = 0.0, look_alikes: bool = True) -> tuple[Draw, ...]:
    """What is enumerated: batches of each size from each world, from the fewest to the most.

    Without ``look_alikes`` only of those worlds in which each state is seen as it is.
    """
    every = [Draw(world, m, entropy) for world in worlds() for m in sizes if look_alikes or world.looks is None]
    return tuple(sorted((draw for draw in every if len(draw) <= draw.world.most_batches), key=len))
