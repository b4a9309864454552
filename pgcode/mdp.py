"""Finite Markov decision processes as arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks

__all__ = ["TabularMDP", "gymnasium_states"]

_Array = NDArray[np.float64]


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

    Examples
    --------
    Stay for 1, or leave for 5; in the end, state 1, nothing is left to choose:

    >>> import numpy as np
    >>> transition = [[[1, 0], [0, 1]], [[0, 1], [0, 0]]]
    >>> reward = [[[1, 0], [0, 5]], [[0, 0], [0, -np.inf]]]
    >>> mdp = TabularMDP(transition, reward, [1, 0], discount=0.9, allowed=[[True, True], [True, False]])
    >>> mdp
    TabularMDP(n_states=2, n_actions=2, discount=0.9, horizon=None)
    >>> mdp.terminal
    array([False,  True])
    >>> mdp.expected_reward
    array([[1., 5.],
           [0., 0.]])
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
                f"with at least one state and one action{_other_order(transition.shape)}"
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
    def from_tables(
        cls,
        transition: Any,
        reward: Any,
        initial: ArrayLike,
        discount: float,
        horizon: int | None = None,
        *,
        order: str,
        allowed: ArrayLike | None = None,
    ) -> TabularMDP:
        """Take the process from tables as other packages hold them, in an order of axes that is named.

        The order says which axis is what, by the letters s (state), a (action) and n (next state):

            "asn"   transition[a, s, s'], as in pymdptoolbox: an array, or a list of A matrices, dense or of SciPy's
                    sparse kinds; rewards (S,), (S, A), (A, S, S) or a list of A matrices
            "san"   transition[s, a, s'], as here and in QuantEcon; rewards (S,), (S, A) or (S, A, S)

        A reward of shape (S,) is paid for every step out of s. A reward of −∞ forbids the action: the result knows it
        in ``allowed``. With as many actions as states both orders have one shape and every table is valid in both,
        so that a wrong order cannot be found out.

        Parameters
        ----------
        transition : array or list of matrices
            p, in the order that is named.
        reward : array or list of matrices
            r, of one of the shapes above.
        initial : array, shape (n_states,)
            The start distribution μ, which other packages do not hold.
        discount : float
            γ, from 0 to 1.
        horizon : int, optional
            T, the number of decisions.
        order : {"asn", "san"}
            The order of the axes.
        allowed : array of bool, shape (n_states, n_actions), optional
            Which actions may be taken, where that is not told by rewards of −∞.

        Returns
        -------
        TabularMDP

        Raises
        ------
        TypeError, ValueError
            Where a table has another shape or does not hold numbers, and as the constructor.

        Examples
        --------
        >>> import numpy as np
        >>> stay, leave = [[1, 0], [0, 1]], [[0, 1], [0, 1]]
        >>> mdp = TabularMDP.from_tables([stay, leave], [[1, 5], [0, -np.inf]], [1, 0], 0.9, order="asn")
        >>> mdp.transition[0]
        array([[1., 0.],
               [0., 1.]])
        >>> mdp.allowed
        array([[ True,  True],
               [ True, False]])
        """
        if order not in ("asn", "san"):
            raise ValueError(
                f'order is {order!r}: name the axes, "asn" for transition[a, s, next], "san" for transition[s, a, next]'
            )
        p, r = _stacked("transition", transition), _stacked("reward", reward)
        if p.ndim != 3 or 0 in p.shape or p.shape[order.index("s")] != p.shape[2]:
            raise ValueError(
                f"transition has shape {p.shape}, which is not (n_{_AXES[order[0]]}, n_{_AXES[order[1]]}, n_states) of "
                f'order="{order}"{_other_order(p.shape)}'
            )
        if order == "asn":
            p = np.moveaxis(p, 0, 1)
            r = np.moveaxis(r, 0, 1) if r.ndim == 3 else r
        n_states, n_actions, _ = p.shape
        if r.shape == (n_states,):
            r = r[:, None]
        if r.ndim < 3 and r.shape in ((n_states, 1), (n_states, n_actions)):
            r = np.broadcast_to(r[:, :, None], p.shape)
        elif r.shape != p.shape:
            axes = {"s": n_states, "a": n_actions, "n": n_states}
            shapes = ((n_states,), (n_states, n_actions), tuple(axes[letter] for letter in order))
            raise ValueError(
                f"reward has shape {_stacked('reward', reward).shape}, but beside {n_states} states and {n_actions} "
                f"actions it needs shape {shapes[0]}, {shapes[1]} or {shapes[2]}"
            )
        never = np.isneginf(r)
        forbids = (never & ~(p == 0)).any(axis=2) | never.all(axis=2)
        may = ~forbids
        if allowed is not None:
            may &= _checks.allowed_actions(allowed, n_states, n_actions)
        return cls(p, np.where(never, 0, r), np.asarray(initial), discount, horizon, may)

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
        Taxi-v4 is an example: dropping the passenger off in state 16 ends the episode in state 0, which is also a
        state to pass through. So the process has 501 states, and the end has the number 500.
        ``gymnasium_states`` says for what an environment reports which state of the process it is.

        Tables may be dictionaries or lists, ``isd`` is as good as ``initial_state_distrib``, and the outermost
        wrapper that has such a table is asked.

        Parameters
        ----------
        env : gymnasium.Env
            For example ``gymnasium.make("FrozenLake-v1")``. Wrappers without a table are looked through, so a
            time limit is not part of the result: choose the horizon here.
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
            ``average_rewards`` is set; if it is not complete, or an outcome is no (probability, next state, reward,
            terminated); if the environment does not follow it.

        References
        ----------
        Towers et al. (2024), Gymnasium; the toy-text environments.

        Examples
        --------
        >>> class Coin:
        ...     P = {0: {0: [(0.5, 0, 0.0, False), (0.5, 1, 1.0, True)]}, 1: {0: [(1.0, 1, 0.0, True)]}}
        ...     initial_state_distrib = [1.0, 0.0]
        >>> mdp = TabularMDP.from_gymnasium(Coin(), discount=0.9)
        >>> mdp.transition[0, 0], mdp.terminal
        (array([0.5, 0.5]), array([False,  True]))
        """
        _require_followed(env)
        table, (name, start) = _published(env, "P")[1], _published(env, "initial_state_distrib", "isd")
        if not isinstance(table, (Mapping, list, tuple, np.ndarray)) or start is None:
            raise TypeError(
                f"env is {getattr(env, 'unwrapped', env)!r}, which publishes no dynamics table (P and "
                "initial_state_distrib or isd): use a toy-text environment such as FrozenLake-v1, CliffWalking-v1 or "
                "Taxi-v4, or give the arrays to TabularMDP"
            )
        if _published(env, "fickle_passenger")[1]:
            raise ValueError("env has fickle_passenger=True and then does not follow its table: make it without")
        n_states = len(table)
        if not n_states:
            raise ValueError("env.P has no state: give at least one")
        start = _checks.real_array(f"env.{name}", start)
        if np.shape(start) != (n_states,):
            raise ValueError(
                f"env.{name} has shape {np.shape(start)}, but P has {n_states} states: give one number for each state"
            )
        outcomes = list(_outcomes(table))
        n_actions = 1 + max(a for _, a, *_ in outcomes)
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


def gymnasium_states(mdp: TabularMDP, states: ArrayLike, terminated: ArrayLike) -> NDArray[np.intp]:
    """Return which states of the process the states are that a Gymnasium environment has reported.

    They have the same number, but where an episode terminated in a state that others pass through:
    ``TabularMDP.from_gymnasium`` has added the end for these, the state with the highest number.

    Parameters
    ----------
    mdp : TabularMDP
        From ``TabularMDP.from_gymnasium``.
    states : array of int
        What ``env.step`` gave as observations.
    terminated : array of bool, of the same shape
        Whether the episode terminated there.

    Returns
    -------
    array of int, of the same shape

    Raises
    ------
    ValueError
        If a state is none of the process, or an episode terminated where the process goes on.

    Examples
    --------
    >>> class Loop:
    ...     P = [[[(0.5, 0, 0.0, False), (0.5, 0, 1.0, True)]]]
    ...     isd = [1.0]
    >>> mdp = TabularMDP.from_gymnasium(Loop(), discount=0.9, average_rewards=True)
    >>> gymnasium_states(mdp, [0, 0, 0], [False, False, True])
    array([0, 0, 1])
    """
    if not isinstance(mdp, TabularMDP):
        raise TypeError(f"mdp is a {type(mdp).__name__}: pass a TabularMDP")
    reported = np.asarray(states)
    ended = np.broadcast_to(np.asarray(terminated, dtype=bool), reported.shape)
    if reported.dtype.kind not in "iu":
        raise TypeError(f"states holds {reported.dtype}: pass the whole numbers that the environment reports")
    outside = (reported < 0) | (reported >= mdp.n_states)
    if outside.any():
        where, index = _checks.first_place("states", outside)
        raise ValueError(f"{where} is {reported[index]}, but the states of mdp are 0 to {mdp.n_states - 1}")
    elsewhere = ended & ~mdp.terminal[reported]
    if elsewhere.any() and not mdp.terminal[-1]:
        where, index = _checks.first_place("states", elsewhere)
        raise ValueError(
            f"{where} is {reported[index]}, where an episode terminated, but no state of mdp is an end for it: "
            "make mdp by TabularMDP.from_gymnasium from the same environment"
        )
    return np.where(elsewhere, mdp.n_states - 1, reported).astype(np.intp)


_AXES = {"s": "states", "a": "actions"}


def _other_order(shape: tuple[int, ...]) -> str:
    """Say what to do with a table whose axes look like those of another order."""
    if len(shape) != 3 or 0 in shape or shape[0] == shape[1]:
        return ""
    if shape[1] == shape[2]:
        return ': it looks like (n_actions, n_states, n_states), for which there is TabularMDP.from_tables(order="asn")'
    if shape[0] == shape[2]:
        return ': it looks like (n_states, n_actions, n_states), which is order="san"'
    return ""


def _stacked(name: str, table: Any) -> _Array:
    """An array from an array, a matrix, or a list of matrices, any of them of SciPy's sparse kinds."""
    parts = list(table) if isinstance(table, (list, tuple)) or getattr(table, "dtype", None) == np.object_ else None
    if parts is not None and any(hasattr(part, "toarray") for part in parts):
        _checks.require_memory(name, (len(parts), *np.shape(parts[0])), "keep to fewer states: arrays here are dense")
        return np.stack([_stacked(f"{name}[{k}]", part) for k, part in enumerate(parts)])
    if hasattr(table, "toarray"):
        _checks.require_memory(name, table.shape, "keep to fewer states: arrays here are dense")
        return _checks.real_array(name, table.toarray())
    return _checks.real_array(name, table if parts is None else parts)


def _require_followed(env: Any) -> None:
    """Require that no wrapper changes rewards or actions of a table that lies below it."""
    layer = env
    while layer is not None and getattr(layer, "__dict__", {}).get("P") is None:
        kinds = {kind.__name__ for kind in type(layer).__mro__}
        if kinds & {"RewardWrapper", "ActionWrapper", "NormalizeReward", "StickyAction"}:
            raise ValueError(
                f"env has the wrapper {type(layer).__name__}, which changes what env.P says: take the table of the "
                "environment below, env.unwrapped, and make the change in the arrays"
            )
        inner = getattr(layer, "env", None)
        layer = None if inner is layer else inner


def _published(env: Any, *names: str) -> tuple[str, Any]:
    """What the outermost wrapper that has one of these attributes has, with its name; or the first name and None."""
    layer = env
    while layer is not None:
        for name in names:
            found = getattr(layer, name, None)
            if found is not None:
                return name, found
        inner = getattr(layer, "env", None)
        layer = None if inner is layer else inner
    return names[0], getattr(getattr(env, "unwrapped", None), names[0], None)


def _outcomes(table: Any) -> Iterator[tuple[int, int, float, int, float, bool]]:
    """The (s, a, probability, next state, reward, terminated) of a Gymnasium table, each looked at."""
    by_state = [_numbered("env.P", table, s, "states") for s in range(len(table))]
    n_actions = _size("env.P[0]", by_state[0])
    for s, actions in enumerate(by_state):
        if not n_actions or _size(f"env.P[{s}]", actions) != n_actions:
            raise ValueError(
                f"env.P[{s}] does not hold the actions 0 to {max(n_actions - 1, 0)}, as env.P[0] does: give each state "
                "the same actions, or give TabularMDP arrays, and allowed"
            )
        for a in range(n_actions):
            place, total = f"env.P[{s}][{a}]", 0.0
            listed = _numbered(f"env.P[{s}]", actions, a, "actions")
            for k in range(_size(place, listed)):
                outcome = _outcome(f"{place}[{k}]", listed[k], len(table))
                total += outcome[0]
                if outcome[0] > 0:
                    yield s, a, *outcome
            if abs(total - 1) > _checks.PROBABILITY_TOLERANCE:
                raise ValueError(f"{place} has probabilities that sum to {total:.10g}, not 1: add the missing outcomes")


def _size(place: str, part: Any) -> int:
    if not isinstance(part, (Mapping, list, tuple, np.ndarray)):
        raise TypeError(f"{place} is {part!r}: give a dictionary or a list")
    return len(part)


def _numbered(place: str, part: Any, number: int, what: str) -> Any:
    if isinstance(part, Mapping) and number not in part:
        missing = f"{what} 0 to {len(part) - 1}"
        raise ValueError(f"{place} does not hold the {missing}: number all from 0")
    return part[number]


def _outcome(place: str, outcome: Any, n_states: int) -> tuple[float, int, float, bool]:
    """Look at one (probability, next state, reward, terminated)."""
    if not isinstance(outcome, (tuple, list, np.ndarray)) or len(outcome) != 4:
        raise ValueError(f"{place} is {outcome!r}: give (probability, next state, reward, terminated)")
    probability, after, paid, ended = outcome
    for what, number in (("probability", probability), ("next state", after), ("reward", paid)):
        if isinstance(number, (bool, np.bool_)) or not isinstance(number, (int, float, np.integer, np.floating)):
            raise TypeError(f"{place} has the {what} {number!r}: give a number")
        if not np.isfinite(number):
            raise ValueError(f"{place} has the {what} {number}: give a finite number")
    if not isinstance(ended, (bool, np.bool_)) and ended not in (0, 1):
        raise TypeError(f"{place} says {ended!r} for whether it terminates: give True or False")
    if probability < 0:
        raise ValueError(f"{place} has the probability {probability:g}: a probability is not negative")
    if after != int(after) or not 0 <= after < n_states:
        raise ValueError(f"{place} leads to state {after}, but the states of P are 0 to {n_states - 1}")
    return float(probability), int(after), float(paid), bool(ended)
