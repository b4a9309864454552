"""Finite Markov decision processes as arrays."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import _checks

__all__ = ["TabularMDP"]


@dataclass(frozen=True, eq=False, repr=False)
class TabularMDP:
    """A finite Markov decision process, given by its arrays.

    From state ``s``, action ``a`` leads to ``s'`` with probability p(s'|s,a) and pays r(s,a,s').
    The objective of a policy is the expected discounted return from the start distribution μ,

        J(θ) = E[ Σ_{t<T} γᵗ r(s_t, a_t, s_{t+1}) ],   s₀ ~ μ.

    A state is terminal when every action that it allows leads back to it and pays 0.

    Parameters
    ----------
    transition : array, shape (n_states, n_actions, n_states)
        ``transition[s, a, s']`` is p(s'|s,a).
    reward : array, shape (n_states, n_actions, n_states)
        ``reward[s, a, s']`` is r(s,a,s').
    initial : array, shape (n_states,)
        The start distribution μ.
    discount : float
        γ, from 0 to 1.
    horizon : int, optional
        T, the number of decisions. Without it the process goes on for ever.
    allowed : array of bool, shape (n_states, n_actions), optional
        Which actions may be taken; every one, if it is not given. What ``transition`` and ``reward``
        hold where an action is forbidden is not used, it may be NaN or −∞, and is stored as 0. So
        ``transition[s, a]`` sums to 0 there.

    Raises
    ------
    TypeError, ValueError
        Where an array has the wrong shape, holds a value that is not finite, or is not a
        distribution; where γ or T is out of range. The arrays are copied and made read-only.

    References
    ----------
    Sutton and Barto (2018), chapter 3.
    """

    transition: NDArray[np.float64]
    reward: NDArray[np.float64]
    initial: NDArray[np.float64]
    discount: float
    horizon: int | None = None
    allowed: NDArray[np.bool_] = None  # type: ignore[assignment]  # an array once it is made

    def __post_init__(self) -> None:
        transition = _checks.real_array("transition", self.transition)
        if transition.ndim != 3 or transition.shape[0] != transition.shape[2] or 0 in transition.shape:
            raise ValueError(
                f"transition has shape {transition.shape}, but needs shape (n_states, n_actions, n_states), "
                "with at least one state and one action"
            )
        n_states, n_actions, _ = transition.shape
        given = np.ones((n_states, n_actions), dtype=np.bool_) if self.allowed is None else self.allowed
        allowed = _checks.allowed_actions(given, n_states, n_actions)
        transition[~allowed] = np.eye(n_states)[0]  # a distribution, until it has been looked at
        _checks.require_distributions("transition", transition)
        transition[~allowed] = 0

        reward = _checks.real_array("reward", self.reward)
        if reward.shape == (n_states, n_actions):
            raise ValueError(
                f"reward has shape {reward.shape}, but needs the next state as third axis: "
                f"pass numpy.repeat(reward[:, :, None], {n_states}, axis=2)"
            )
        _checks.require_shape("reward", reward.shape, transition.shape, "(n_states, n_actions, n_states)")
        reward[~allowed] = 0
        _checks.require_finite(
            "reward", reward, "replace it by a finite number, or, where it forbids an action, give allowed (S, A)"
        )

        initial = _checks.real_array("initial", self.initial)
        _checks.require_shape("initial", initial.shape, (n_states,), "(n_states,)")
        _checks.require_distributions("initial", initial)

        discount = _checks.require_fraction("discount", self.discount, "γ")
        horizon = None if self.horizon is None else _checks.require_count("horizon", self.horizon, "decisions")

        for array in (transition, reward, initial):
            array.setflags(write=False)
        object.__setattr__(self, "transition", transition)
        object.__setattr__(self, "reward", reward)
        object.__setattr__(self, "initial", initial)
        object.__setattr__(self, "discount", discount)
        object.__setattr__(self, "horizon", horizon)
        object.__setattr__(self, "allowed", allowed)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are built anew, for an array that is unpickled can be written to."""
        parts = (self.transition, self.reward, self.initial, self.discount, self.horizon, self.allowed)
        return type(self), parts

    def __repr__(self) -> str:
        return (
            f"TabularMDP(n_states={self.n_states}, n_actions={self.n_actions}, "
            f"discount={self.discount:g}, horizon={self.horizon})"
        )

    @property
    def n_states(self) -> int:
        """S, the number of states."""
        return self.transition.shape[0]

    @property
    def n_actions(self) -> int:
        """A, the number of actions."""
        return self.transition.shape[1]

    @cached_property
    def allows_all(self) -> bool:
        """Whether every action may be taken in every state."""
        return bool(self.allowed.all())

    @cached_property
    def terminal(self) -> NDArray[np.bool_]:
        """Which states are terminal: absorbing under every action they allow, with reward 0; shape (n_states,)."""
        state = np.arange(self.n_states)
        stays = ((self.transition[state, :, state] == 1) | ~self.allowed).all(axis=1)
        pays_nothing = (self.reward[state, :, state] == 0).all(axis=1)
        terminal = stays & pays_nothing
        terminal.setflags(write=False)
        return terminal

    @cached_property
    def expected_reward(self) -> NDArray[np.float64]:
        """r(s,a) = Σ_{s'} p(s'|s,a) r(s,a,s'), shape (n_states, n_actions)."""
        expected = np.einsum("san,san->sa", self.transition, self.reward)
        expected.setflags(write=False)
        return expected

    @classmethod
    def from_gymnasium(
        cls, env: Any, discount: float, horizon: int | None = None, *, average_rewards: bool = False
    ) -> TabularMDP:
        """Take the process from a Gymnasium environment that publishes its dynamics.

        Gymnasium's toy-text environments hold ``env.unwrapped.P[s][a]``, a list of
        (probability, next state, reward, terminated), and ``initial_state_distrib``.
        A transition that ends the episode leads to an absorbing state. The state it names is
        made absorbing where nothing else passes through it; otherwise one state is added, with
        the number ``len(P)``, and every ending transition that names such a state leads there.

        Parameters
        ----------
        env : gymnasium.Env
            For example ``gymnasium.make("FrozenLake-v1")``. Wrappers are looked through, so a time
            limit is not part of the result: choose the horizon here.
        discount : float
            γ, from 0 to 1.
        horizon : int, optional
            T, the number of decisions.
        average_rewards : bool
            Where the table gives different rewards for one (s, a, s'), take their mean. J and its
            gradient stay as they are, but the variance of the return does not.

        Returns
        -------
        TabularMDP

        Raises
        ------
        TypeError
            If the environment publishes no table.
        ValueError
            If the table gives different rewards for one (s, a, s'), which r(s,a,s') cannot hold, unless
            ``average_rewards`` is set; if it is not complete; if the environment does not follow it.

        References
        ----------
        Towers et al. (2024), Gymnasium; the toy-text environments.
        """
        base = getattr(env, "unwrapped", env)
        table = getattr(base, "P", None)
        start = getattr(base, "initial_state_distrib", None)
        if not isinstance(table, dict) or start is None:
            raise TypeError(
                f"env is {base!r}, which publishes no dynamics table (P and initial_state_distrib): "
                "use a toy-text environment such as FrozenLake-v1, CliffWalking-v1 or Taxi-v4, "
                "or give the arrays to TabularMDP"
            )
        if getattr(base, "fickle_passenger", False):
            raise ValueError("env has fickle_passenger=True and then does not follow its table: make it without")
        n_states, n_actions = len(table), len(next(iter(table.values()), ()))
        for s in range(n_states):
            if s not in table or set(table[s]) != set(range(n_actions)):
                raise ValueError(f"env.P[{s}] does not hold the actions 0 to {n_actions - 1}: number all from 0")
        if np.shape(start) != (n_states,):
            raise ValueError(
                f"env.initial_state_distrib has shape {np.shape(start)}, but P has {n_states} states: "
                "give one number for each state"
            )
        outcomes = [
            (s, a, float(probability), int(after), float(paid), bool(ended))
            for s in range(n_states)
            for a in range(n_actions)
            for probability, after, paid, ended in table[s][a]
            if probability > 0
        ]
        ends = {after for _, _, _, after, _, ended in outcomes if ended}
        passed_through = {after for s, _, _, after, _, ended in outcomes if not ended and s not in ends}
        passed_through |= set(np.flatnonzero(start).tolist())
        absorbing, needs_extra = ends - passed_through, ends & passed_through
        size = n_states + bool(needs_extra)

        transition = np.zeros((size, n_actions, size))
        reward = np.zeros((size, n_actions, size))
        for s, a, probability, after, paid, ended in outcomes:
            if s in absorbing:
                continue
            if ended and after in needs_extra:
                after = n_states
            before = transition[s, a, after]
            if before > 0 and not np.isclose(reward[s, a, after], paid, rtol=1e-12, atol=0) and not average_rewards:
                raise ValueError(
                    f"env.P[{s}][{a}] pays both {reward[s, a, after]!s} and {paid!s} on the way to state {after}, "
                    "and a table r(s,a,s') holds one number: pass average_rewards=True to take their mean, "
                    "which leaves J and its gradient as they are"
                )
            transition[s, a, after] = before + probability
            reward[s, a, after] += (paid - reward[s, a, after]) * probability / transition[s, a, after]
        for s in absorbing | set(range(n_states, size)):
            transition[s, :, s] = 1
        initial = np.zeros(size)
        initial[:n_states] = start
        return cls(transition, reward, initial, discount, horizon)
