"""Trajectories τ = (s₀, a₀, r₀, …, s_{T−1}, a_{T−1}, r_{T−1}, s_T): sampled, brought along, or all of them.

A trajectory ends, in a terminal state or at the horizon, or it is cut. Beyond that stands padding: the
last state, actions 0 and rewards 0, and neither the policy's probability nor its score counts.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode._episodes import Buffer, Episodes, Index, Padded, as_index, one_episode, terminal_states
from pgcode._policy_checks import require_match, require_mdp
from pgcode._sampling import GuideTable, cumulative, draw_many
from pgcode.mdp import TabularMDP
from pgcode.policies import TabularPolicy, action_probabilities

__all__ = [
    "Trajectories",
    "count_trajectories",
    "enumerate_trajectories",
    "possible_trajectories",
    "sample_trajectories",
    "trajectory_log_probabilities",
    "trajectory_probabilities",
]

#: Trajectories that are drawn together: enough that the cost of a call does not count, few enough that the
#: work in hand stays small beside the result.
_BLOCK = 1 << 16


@dataclass(frozen=True, eq=False, repr=False)
class Trajectories:
    """A batch of m trajectories of up to T decisions.

    A trajectory of ``lengths[i]`` decisions either **ended** there, in a terminal state or at the model's
    own horizon, so that nothing more can come, or it was **cut** there, so that more would have come: by a
    time limit, or because the collecting stopped. What the arrays hold beyond a length is padding. It is
    not looked at, and written anew: the last state goes on, the actions and the rewards are 0.

    Parameters
    ----------
    states : array of int, shape (m, T + 1)
        s_0 … s_T.
    actions : array of int, shape (m, T)
        a_0 … a_{T−1}.
    rewards : array, shape (m, T)
        r_0 … r_{T−1}.
    discount : float
        γ.
    terminal : array of bool, shape (n_states,), optional
        Which states are terminal, ``mdp.terminal``; not known, if it is left out.
    lengths : array of int, shape (m,), optional
        The number of decisions of each trajectory, from 0 to T. Unless told, a trajectory goes on to its
        first terminal state, after which it must stay there and be paid 0, or to T.
    cut : array of bool, shape (m,), optional
        Which trajectories were cut; none, if it is left out.

    Raises
    ------
    TypeError, ValueError
        Where shapes disagree, there is no trajectory, a state or an action is not a number that
        counts from 0, a reward is not finite, a length is out of range, a trajectory goes on in a terminal
        state or is cut there, or ends early in a state that is not terminal.

    Examples
    --------
    Two trajectories, the first cut after two of three decisions. What stands beyond does not count.

    >>> batch = Trajectories(
    ...     [[0, 1, 0, -1], [0, 0, 1, 2]], [[1, 1, -1], [0, 0, 1]], [[1.0, 2.0, float("nan")], [1.0, 1.0, 4.0]],
    ...     discount=0.5, lengths=[2, 3], cut=[True, False])
    >>> batch
    Trajectories(n_trajectories=2, horizon=3, discount=0.5)
    >>> batch.returns
    array([2. , 2.5])
    >>> batch.active
    array([[ True,  True, False],
           [ True,  True,  True]])
    >>> batch.last_states
    array([0, 2], dtype=int32)
    """

    states: Index
    actions: Index
    rewards: NDArray[np.float64]
    discount: float
    terminal: NDArray[np.bool_] | None = None
    lengths: NDArray[np.int64] = None  # type: ignore[assignment]  # an array once it is made
    cut: NDArray[np.bool_] = None  # type: ignore[assignment]  # the same

    def __post_init__(self) -> None:
        states, actions = _checks.whole_numbers("states", self.states), _checks.whole_numbers("actions", self.actions)
        rewards = _checks.real_array("rewards", self.rewards)
        if actions.ndim != 2 or 0 in actions.shape:
            raise ValueError(
                f"actions has shape {actions.shape}, but needs shape (m, T) with at least one trajectory and one step"
            )
        m, horizon = actions.shape
        _checks.require_shape("states", states.shape, (m, horizon + 1), "(m, T + 1): the last state counts too")
        _checks.require_shape("rewards", rewards.shape, (m, horizon), "(m, T)")
        discount = _checks.require_fraction("discount", self.discount, "γ")
        cut = np.zeros(m, dtype=np.bool_) if self.cut is None else _checks.flags("cut", self.cut)
        _checks.require_shape("cut", cut.shape, (m,), "(m,), whether each trajectory was cut")
        terminal = None if self.terminal is None else terminal_states(self.terminal)

        given = self.lengths is not None
        lengths = _lengths(self.lengths, m, horizon) if given else np.full(m, horizon, dtype=np.int64)
        visited = np.arange(horizon + 1) <= lengths[:, None]
        states = as_index("states", states, visited)
        _require_known(states, visited, terminal)
        if terminal is not None and not given:
            _require_absorbed(states, rewards, terminal)
            lengths = np.argmax(np.c_[terminal[states[:, :-1]], np.ones(m, dtype=np.bool_)], axis=1).astype(np.int64)
        active = np.arange(horizon) < lengths[:, None]
        actions = np.where(active, as_index("actions", actions, active), np.int32(0))
        _checks.require_finite("rewards", np.where(active, rewards, 0))
        rewards = np.where(active, rewards, 0)
        states = np.where(visited, states, states[np.arange(m), lengths][:, None])
        if terminal is not None:
            _require_ends(states, active, lengths, cut, terminal)
        self._hold(states, actions, rewards, discount, terminal, lengths, cut)

    def _hold(self, *values: Any) -> None:
        """Take the values of all fields, and let nobody write to their arrays."""
        for name, value in zip(self.__dataclass_fields__, values, strict=True):
            object.__setattr__(self, name, _read_only(value) if isinstance(value, np.ndarray) else value)

    @classmethod
    def _trusted(cls, *values: Any) -> Trajectories:
        """Build a batch from arrays that this module made itself, with no second look at them."""
        batch = object.__new__(cls)
        batch._hold(*values)
        return batch

    @classmethod
    def from_episodes(
        cls,
        episodes: Iterable[Mapping[str, Any]],
        discount: float,
        n_states: int | None = None,
        *,
        terminal: ArrayLike | None = None,
        end_state: int | None = None,
    ) -> Trajectories:
        """Take a list of episodes of any lengths.

        Gymnasium's environments name the state in which an episode ended, and that may be one that others pass
        through: in Taxi-v4, who drops the passenger off in state 16 ends in state 0, where others drive on. A process
        with a table needs a state of its own for the end, so ``TabularMDP.from_gymnasium`` adds one with the
        number ``mdp.n_states − 1``, 500 in Taxi-v4, to which every such step leads. To use episodes of Taxi-v4
        with that process, give ``terminal=mdp.terminal`` and ``end_state=mdp.n_states - 1``; an end in a state that is
        terminal itself stays as it is. Where the table needed no such state (``mdp.n_states`` is the environment's
        own number), leave ``end_state`` out. ``pgcode.mdp.gymnasium_states`` does the same for arrays.

        Parameters
        ----------
        episodes : iterable of mappings
            Each with ``states``, one more than actions; ``actions``; ``rewards``; and ``terminated``, a bool:
            True where the episode ended, False where it was cut. Other keys are not looked at.
        discount : float
            γ.
        n_states : int, optional
            S, to which the states are held.
        terminal : array of bool, shape (n_states,), optional
            ``mdp.terminal``; then S is its length.
        end_state : int, optional
            The state that is written where an episode ended, unless the state there is ``terminal`` itself.

        Returns
        -------
        Trajectories
            In the order of the episodes; T is the greatest length.

        Raises
        ------
        TypeError, ValueError
            Where an episode is not as told; the message says which.

        Examples
        --------
        >>> episodes = [
        ...     {"states": [116, 16, 0], "actions": [1, 5], "rewards": [-1.0, 20.0], "terminated": True},
        ...     {"states": [100, 0, 100, 0], "actions": [1, 0, 1], "rewards": [-1.0, -1.0, -1.0], "terminated": False},
        ... ]
        >>> batch = Trajectories.from_episodes(episodes, 0.9, n_states=501, end_state=500)
        >>> batch.lengths, batch.cut, batch.last_states
        (array([2, 3]), array([False,  True]), array([500,   0], dtype=int32))
        """
        if not isinstance(episodes, Iterable):
            raise TypeError(f"episodes is {episodes!r}: pass a list of mappings")
        whole = [one_episode(f"episodes[{i}]", episode) for i, episode in enumerate(episodes)]
        if not whole:
            raise ValueError("episodes is empty: pass at least one episode")
        lengths = np.array([len(actions) for _, actions, _, _ in whole], dtype=np.int64)
        if not lengths.any():
            raise ValueError("episodes holds no decision: pass at least one episode with an action")
        ended = np.array([terminated for *_, terminated in whole])
        last = np.array([states[-1] for states, *_ in whole], dtype=np.int32)
        rows = Episodes(
            np.concatenate([states[:-1] for states, *_ in whole]),
            np.concatenate([actions for _, actions, _, _ in whole]),
            np.concatenate([rewards for _, _, rewards, _ in whole]),
            last,
            lengths,
            ended,
        )
        begins = np.cumsum(lengths) - lengths

        def name(row: int) -> str:
            i = int(np.searchsorted(begins, row, side="right")) - 1
            return f"episodes[{i}]['states'][{row - begins[i]}]"

        def last_name(i: int) -> str:
            return f"episodes[{i}]['states'][{lengths[i]}]"

        return cls._of_padded(rows.padded(n_states, terminal, end_state, name, last_name), discount)

    @classmethod
    def from_buffer(
        cls,
        states: ArrayLike,
        actions: ArrayLike,
        rewards: ArrayLike,
        terminated: ArrayLike,
        truncated: ArrayLike,
        next_states: ArrayLike,
        discount: float,
        *,
        autoreset: object = None,
        n_states: int | None = None,
        terminal: ArrayLike | None = None,
        end_state: int | None = None,
    ) -> Trajectories:
        """Take the steps of one environment, or of N that were stepped side by side, as rollout buffers hold them.

        Row t holds (s_t, a_t, r_t), whether the episode was terminated or truncated by this step, and the state
        that the step led to, before any reset. Where both flags are set, it was terminated. The episode that
        is not over when the buffer ends counts as cut there.

        How environments are reset cannot always be told from the numbers. With ``autoreset="same_step"``
        (Stable-Baselines3, Gymnasium before 1.0, CleanRL on either) or ``"disabled"`` (you reset) every row is a
        decision, the row after an end is the first of the next episode, and ``next_states`` at an end is
        the last state of the old one, which Gymnasium gives as ``info["final_obs"]``. With ``"next_step"`` (the
        default of Gymnasium's vector environments since 1.0) the row after an end only resets: its action is
        ignored, its reward is 0, it is no decision, and it is left out. A buffer must not begin with such a row.

        Parameters
        ----------
        states : array of int, shape (T,) or (T, N)
            s_t, which each step began in.
        actions, rewards : array, the same shape
            a_t and r_t.
        terminated, truncated : array of bool (or of 0 and 1), the same shape
            Whether the step ended the episode, or cut it.
        next_states : array of int, the same shape
            Where the step led to.
        discount : float
            γ.
        autoreset : {"same_step", "next_step", "disabled"} or gymnasium.vector.AutoresetMode, optional
            How the environments were reset, ``env.metadata["autoreset_mode"]``. Without it every row is a decision,
            unless the rows look otherwise, which is an error.
        n_states, terminal, end_state
            As in ``from_episodes``. In Taxi-v4 a row (16, drop off, 20, terminated) has the next state 0, which is
            no end for others: with the process of ``TabularMDP.from_gymnasium``, ``terminal=mdp.terminal`` and
            ``end_state=mdp.n_states - 1`` write the added end state 500 in its place.

        Returns
        -------
        Trajectories
            The episodes of the first environment in the order of time, then those of the next one.

        Raises
        ------
        TypeError, ValueError
            Where shapes or types disagree, or the rows do not hang together; the message names the row.

        Examples
        --------
        Two episodes, ended after 2 steps and cut after 1; the second row of 5 that follows an end only resets.

        >>> batch = Trajectories.from_buffer(
        ...     states=[0, 1, 3, 0, 2], actions=[1, 1, 0, 0, 1], rewards=[0.0, 5.0, 0.0, 1.0, 0.0],
        ...     terminated=[0, 1, 0, 0, 0], truncated=[0, 0, 0, 1, 0], next_states=[1, 3, 0, 2, 0],
        ...     discount=0.9, autoreset="next_step")
        >>> batch.lengths, batch.cut
        (array([2, 1]), array([False,  True]))
        >>> batch.states
        array([[0, 1, 3],
               [0, 2, 2]], dtype=int32)
        """
        buffer = Buffer(states, actions, rewards, terminated, truncated, next_states, autoreset)
        rows, at, last = buffer.rows()

        def name(row: int) -> str:
            return buffer.place("states", at[row])

        def last_name(i: int) -> str:
            return buffer.place("next_states", last[i])

        return cls._of_padded(rows.padded(n_states, terminal, end_state, name, last_name), discount)

    @classmethod
    def _of_padded(cls, padded: Padded, discount: float) -> Trajectories:
        states, actions, rewards, terminal, lengths, cut = padded
        return cls(states, actions, rewards, discount, terminal, lengths, cut)

    def __repr__(self) -> str:
        return f"Trajectories(n_trajectories={self.n_trajectories}, horizon={self.horizon}, discount={self.discount:g})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are built anew, for an array that is unpickled can be written to."""
        return type(self), tuple(getattr(self, name) for name in self.__dataclass_fields__)

    def __len__(self) -> int:
        return self.n_trajectories

    def __getitem__(self, chosen: Any) -> Trajectories:
        """The batch of some trajectories: by a number, a slice, a mask (m,) or an array of numbers."""
        try:
            rows = np.arange(self.n_trajectories)[chosen]
        except IndexError as error:
            raise IndexError(f"{error}: choose among {self.n_trajectories} trajectories") from None
        rows = np.atleast_1d(rows)
        if rows.ndim != 1 or not rows.size:
            raise IndexError("no trajectory is chosen: a batch holds at least one")
        parts = (self.states[rows], self.actions[rows], self.rewards[rows])
        return self._trusted(*parts, self.discount, self.terminal, self.lengths[rows], self.cut[rows])

    def _batches(self, chosen: NDArray[np.intp]) -> Iterator[Trajectories]:
        """The batches of many choices (B, m), one after the other; their arrays are parts of larger ones."""
        rows = np.ascontiguousarray(chosen)  # so that the numbers of one batch lie side by side
        parts = [_read_only(one[rows]) for one in (self.states, self.actions, self.rewards, self.lengths, self.cut)]
        for states, actions, rewards, lengths, cut in zip(*parts, strict=True):
            yield self._trusted(states, actions, rewards, self.discount, self.terminal, lengths, cut)

    @property
    def n_trajectories(self) -> int:
        """The number m of trajectories."""
        return self.actions.shape[0]

    @property
    def horizon(self) -> int:
        """The number T of decisions of the longest that fits."""
        return self.actions.shape[1]

    @property
    def last_states(self) -> Index:
        """The state in which each trajectory ended or was cut, shape (m,)."""
        return self.states[:, -1]  # the padding repeats it

    @cached_property
    def active(self) -> NDArray[np.bool_]:
        """Where a decision is taken, t < length; shape (m, T)."""
        return _read_only((np.arange(self.horizon)[:, None] < self.lengths).T)

    @cached_property
    def returns(self) -> NDArray[np.float64]:
        """R(τ) = Σ_t γᵗ r_t, shape (m,): of a cut trajectory, what was seen of it.

        A sum beyond the largest float is a ValueError.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            returns = self.rewards @ self.discount ** np.arange(self.horizon)
        return _read_only(_checks.require_range("R(τ) of trajectory", returns, "rewards"))

    @cached_property
    def returns_from_step(self) -> NDArray[np.float64]:
        """G_t = Σ_{k≥t} γ^{k−t} r_k, shape (m, T), by G_t = r_t + γ G_{t+1}; of a cut trajectory, what was seen of it.

        A sum beyond the largest float is a ValueError.
        """
        to_go = np.array(self.rewards, order="F")
        with np.errstate(over="ignore", invalid="ignore"):
            for t in range(self.horizon - 2, -1, -1):
                to_go[:, t] += self.discount * to_go[:, t + 1]
        return _read_only(_checks.require_range("G_t of trajectory", to_go, "rewards"))


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)
    return array


def _lengths(value: ArrayLike, m: int, horizon: int) -> NDArray[np.int64]:
    array = _checks.whole_numbers("lengths", value, "give the number of decisions of each trajectory")
    _checks.require_shape("lengths", array.shape, (m,), "(m,), the number of decisions of each trajectory")
    wrong = (array < 0) | (array > horizon)
    if wrong.any():
        where, index = _checks.first_place("lengths", wrong)
        raise ValueError(f"{where} is {array[index]}: a length lies from 0 to T = {horizon}")
    return array.astype(np.int64)


def _require_known(states: Index, visited: NDArray[np.bool_], terminal: NDArray[np.bool_] | None) -> None:
    if terminal is None:
        return
    unknown = visited & (states >= len(terminal))
    if unknown.any():
        where, index = _checks.first_place("states", unknown)
        raise ValueError(f"{where} is {states[index]}, but terminal knows {len(terminal)} states")


def _require_absorbed(states: Index, rewards: NDArray[np.float64], terminal: NDArray[np.bool_]) -> None:
    """Without lengths, what follows a terminal state must be that state, paid with 0."""
    over = terminal[states[:, :-1]]
    left = over & (states[:, 1:] != states[:, :-1])
    if left.any():
        where, index = _checks.first_place("states", left)
        raise ValueError(
            f"{where} is the terminal state {states[index]}, but the next state is "
            f"{states[index[0], index[1] + 1]}: a trajectory stays in its terminal state"
        )
    paid = over & (rewards != 0)
    if paid.any():
        where, index = _checks.first_place("rewards", paid)
        raise ValueError(f"{where} is {rewards[index]:g} in a terminal state: set it to 0")


def _require_ends(
    states: Index,
    active: NDArray[np.bool_],
    lengths: NDArray[np.int64],
    cut: NDArray[np.bool_],
    terminal: NDArray[np.bool_],
) -> None:
    """Require that a trajectory ends in the first terminal state, and that who is not there was cut or is at T."""
    past = active & terminal[states[:, :-1]]
    if past.any():
        where, (i, t) = _checks.first_place("states", past)
        raise ValueError(
            f"{where} is the terminal state {states[i, t]}, but lengths[{i}] is {lengths[i]}: a trajectory ends in its "
            f"terminal state, set lengths[{i}] to {t}"
        )
    there = terminal[states[:, -1]]
    if (cut & there).any():
        i = int(np.argmax(cut & there))
        raise ValueError(
            f"cut[{i}] is True, but the trajectory stands in the terminal state {states[i, -1]} and has ended: "
            f"set cut[{i}] to False"
        )
    early = ~cut & ~there & (lengths < active.shape[1])
    if early.any():
        i = int(np.argmax(early))
        raise ValueError(
            f"trajectory {i} ends after {lengths[i]} of {active.shape[1]} decisions in state {states[i, -1]}, which is "
            f"not terminal: set cut[{i}] to True if it was cut there, or write the terminal state that it led to"
        )


def sample_trajectories(
    mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, n_trajectories: int, rng: np.random.Generator
) -> Trajectories:
    """Draw independent trajectories, s₀ ~ μ, a_t ~ π_θ(·|s_t), s_{t+1} ~ p(·|s_t,a_t), all at once.

    One uniform number is drawn per decision. It selects the action and the next state together, by
    inversion of the cumulative probabilities of the pairs (a, s'). A trajectory that has ended
    draws no more.

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon.
    policy, theta : TabularPolicy, array
        π_θ.
    n_trajectories : int
        m.
    rng : numpy.random.Generator
        The source of randomness.

    Returns
    -------
    Trajectories
        ``states`` (m, T+1) and ``actions`` (m, T) as 4-byte integers, ``rewards`` (m, T).

    Raises
    ------
    TypeError, ValueError
        If the MDP has no horizon, the policy is not for it, θ does not fit, or m is not at least 1.

    Examples
    --------
    >>> from pgcode.environments import random_mdp
    >>> from pgcode.policies import SoftmaxPolicy
    >>> mdp, policy = random_mdp(np.random.default_rng(0)), SoftmaxPolicy(3, 2)
    >>> sample_trajectories(mdp, policy, np.zeros((3, 2)), 1000, np.random.default_rng(1))
    Trajectories(n_trajectories=1000, horizon=4, discount=0.8)
    """
    horizon = _horizon_of(mdp)
    probabilities = _real_probabilities(mdp, policy, theta)
    _checks.require_generator("rng", rng)
    m = _checks.require_count("n_trajectories", n_trajectories, "trajectories")
    _checks.require_memory("the rewards", (m, horizon), "draw fewer trajectories at a time")
    table = _OutcomeTable(mdp, probabilities)

    # Time comes first in memory, so that each step writes one contiguous row.
    states = np.empty((horizon + 1, m), dtype=np.int32)
    actions = np.zeros((horizon, m), dtype=np.int32)
    rewards = np.zeros((horizon, m))
    lengths = np.full(m, horizon, dtype=np.int64)
    start = cumulative(mdp.initial)
    for begin in range(0, m, _BLOCK):
        block = slice(begin, min(begin + _BLOCK, m))
        states[0, block] = draw_many(start, block.stop - begin, rng)
        table.walk(states[:, block], actions[:, block], rewards[:, block], lengths[block], rng)
    cut = np.zeros(m, dtype=np.bool_)
    return Trajectories._trusted(states.T, actions.T, rewards.T, mdp.discount, mdp.terminal, lengths, cut)


class _OutcomeTable:
    """For each state the possible outcomes (a, s'), to be drawn together from one uniform number."""

    def __init__(self, mdp: TabularMDP, probabilities: NDArray[np.float64]) -> None:
        joint = (probabilities[:, :, None] * mdp.transition).reshape(mdp.n_states, -1)
        self.guide = GuideTable(joint)
        action, after = np.divmod(self.guide.outcome, mdp.n_states)
        self.action, self.after = action.astype(np.int32), after.astype(np.int32)
        self.reward = mdp.reward[self.guide.row, action, after]
        self.goes_on = ~mdp.terminal[after]
        self.terminal = mdp.terminal

    def walk(
        self,
        states: Index,
        actions: Index,
        rewards: NDArray[np.float64],
        lengths: NDArray[np.int64],
        rng: np.random.Generator,
    ) -> None:
        """Fill a block, time first, from its start states. A trajectory that has ended costs nothing more."""
        going = np.flatnonzero(~self.terminal[states[0]])
        lengths[self.terminal[states[0]]] = 0
        current = states[0, going]
        for t in range(len(actions)):
            found = self.guide.draw(current, rng)
            current = self.after[found]
            actions[t, going] = self.action[found]
            rewards[t, going] = self.reward[found]
            states[t + 1] = states[t]  # who has ended stays
            states[t + 1, going] = current
            on = self.goes_on[found]
            stay = np.flatnonzero(on)
            if stay.size < going.size:
                lengths[going[~on]] = t + 1
                going, current = going[stay], current[stay]


def count_trajectories(mdp: TabularMDP) -> int:
    """Count the trajectories that μ and p allow, exactly, by one backward pass: O(T·S²·A).

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon.

    Returns
    -------
    int

    Examples
    --------
    >>> from pgcode.environments import short_corridor
    >>> count_trajectories(short_corridor(horizon=100))
    57061537390281716798754120
    """
    horizon = _horizon_of(mdp)
    from_state, _, to_state = np.nonzero(_possible_steps(mdp))
    after: list[list[int]] = [[] for _ in range(mdp.n_states)]
    for s, n in zip(from_state.tolist(), to_state.tolist(), strict=True):
        after[s].append(n)
    continuations = [1] * mdp.n_states  # Python's own whole numbers, which have no largest one
    for _ in range(horizon):
        continuations = [sum(continuations[n] for n in after[s]) for s in range(mdp.n_states)]
    return sum(continuations[s] for s in np.flatnonzero(mdp.initial))


def possible_trajectories(mdp: TabularMDP, max_trajectories: int = 1_000_000) -> Trajectories:
    """List every trajectory that μ and p allow, whatever the policy.

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon.
    max_trajectories : int
        The most that will be listed.

    Returns
    -------
    Trajectories
        In lexicographic order of (s₀, a₀, s₁, a₁, …).

    Raises
    ------
    TypeError
        If ``max_trajectories`` is no whole number.
    ValueError
        If there are more; the message says how many and what to use instead.

    Examples
    --------
    >>> from pgcode.environments import short_corridor
    >>> possible_trajectories(short_corridor(horizon=2)).states
    array([[0, 0, 0],
           [0, 0, 1],
           [0, 1, 2],
           [0, 1, 0]], dtype=int32)
    """
    horizon = _horizon_of(mdp)
    max_trajectories = _checks.require_count("max_trajectories", max_trajectories, "trajectories")
    number = count_trajectories(mdp)
    if number > max_trajectories:
        raise ValueError(
            f"mdp has {_written(number)} trajectories of {horizon} decisions, more than max_trajectories = "
            f"{_written(max_trajectories)}: shorten the horizon, estimate with sample_trajectories, or use dynamic "
            "programming (pgcode.values), whose cost does not grow with their number"
        )
    from_state, action, to_state = np.nonzero(_possible_steps(mdp))
    first = np.searchsorted(from_state, np.arange(mdp.n_states))
    choices = np.bincount(from_state, minlength=mdp.n_states)

    # Forward, a step of every trajectory and where it comes from; then backward along each of the last ones.
    current = np.flatnonzero(mdp.initial)
    begins, steps, parents = current, [], []
    for _ in range(horizon):
        copies = choices[current]
        nth = np.arange(copies.sum()) - np.repeat(np.cumsum(copies) - copies, copies)
        steps.append(np.repeat(first[current], copies) + nth)
        parents.append(np.repeat(np.arange(len(current)), copies))
        current = to_state[steps[-1]]
    states = np.empty((horizon + 1, len(current)), dtype=np.int32)
    actions = np.empty((horizon, len(current)), dtype=np.int32)
    rewards = np.empty((horizon, len(current)))
    member = np.arange(len(current))
    for t in reversed(range(horizon)):
        step = steps[t][member]
        states[t + 1], actions[t] = to_state[step], action[step]
        rewards[t] = mdp.reward[from_state[step], action[step], to_state[step]]
        member = parents[t][member]
    states[0] = begins[member]
    states, actions, rewards = states.T, actions.T, rewards.T
    lengths = horizon - mdp.terminal[states[:, :-1]].sum(axis=1, dtype=np.int64)
    cut = np.zeros(len(states), dtype=np.bool_)
    return Trajectories._trusted(states, actions, rewards, mdp.discount, mdp.terminal, lengths, cut)


def _possible_steps(mdp: TabularMDP) -> NDArray[np.bool_]:
    """The steps (s, a, s') that are possible, grouped by s; a terminal state has the one step to itself."""
    possible = mdp.transition > 0
    possible[mdp.terminal] = False
    possible[mdp.terminal, 0, mdp.terminal] = True
    return possible


def _written(number: int) -> str:
    """A number with all its digits, or its size where they are more than one reads (or Python writes)."""
    if number < 10**30:
        return f"{number:,}"
    return f"more than 10^{math.floor((number.bit_length() - 1) * math.log10(2))}"


def trajectory_probabilities(
    trajectories: Trajectories, mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike
) -> NDArray[Any]:
    """P(τ;θ) = μ(s₀) Π_t π_θ(a_t|s_t) p(s_{t+1}|s_t,a_t), shape (m,); complex for complex θ.

    Parameters
    ----------
    trajectories : Trajectories
    mdp : TabularMDP
        μ and p.
    policy, theta : TabularPolicy, array
        π_θ.

    Returns
    -------
    array, shape (m,)

    Raises
    ------
    TypeError, ValueError
        If trajectories, policy and θ are not for this MDP, or if a possible trajectory has a probability
        below the smallest float that is exact.

    Examples
    --------
    >>> from pgcode.environments import two_armed_bandit
    >>> from pgcode.policies import SoftmaxPolicy
    >>> bandit = two_armed_bandit()
    >>> both = possible_trajectories(bandit)
    >>> trajectory_probabilities(both, bandit, SoftmaxPolicy(2, 2), [[0.0, 0.0], [0.0, 0.0]])
    array([0.5, 0.5])
    """
    probabilities = _products(trajectories, mdp, policy, theta)
    small = np.flatnonzero(np.abs(probabilities) < np.finfo(np.float64).tiny)
    if small.size:
        logs = trajectory_log_probabilities(trajectories[small], mdp, policy, theta).real
        if np.isfinite(logs).any():
            i = int(np.argmax(np.isfinite(logs)))
            raise ValueError(
                f"theta gives a trajectory the probability exp({logs[i]:.6g}), number {small[i]}, too small for a "
                "float: take trajectory_log_probabilities, or move theta nearer to 0"
            )
    return probabilities


def trajectory_log_probabilities(
    trajectories: Trajectories, mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike
) -> NDArray[Any]:
    """Log P(τ;θ) = log μ(s₀) + Σ_t (log π_θ(a_t|s_t) + log p(s_{t+1}|s_t,a_t)), shape (m,); complex for complex θ.

    The sum does not underflow, however long a trajectory is.

    Parameters
    ----------
    trajectories : Trajectories
    mdp : TabularMDP
        μ and p.
    policy, theta : TabularPolicy, array
        π_θ.

    Returns
    -------
    array, shape (m,)
        −∞ for a trajectory that is not possible.

    Raises
    ------
    TypeError, ValueError
        If trajectories, policy and θ are not for this MDP.

    Examples
    --------
    A thousand decisions between two arms, each taken with probability ½: the probability is 2⁻¹⁰⁰⁰.

    >>> from pgcode.mdp import TabularMDP
    >>> from pgcode.policies import SoftmaxPolicy
    >>> arms = TabularMDP(np.ones((1, 2, 1)), np.ones((1, 2, 1)), [1.0], 1.0, horizon=1000)
    >>> pulls = Trajectories(np.zeros((1, 1001), int), np.ones((1, 1000), int), np.ones((1, 1000)), 1.0)
    >>> log_p = trajectory_log_probabilities(pulls, arms, SoftmaxPolicy(1, 2), [[0.0, 0.0]])
    >>> float((log_p[0] / np.log(2)).round(9))
    -1000.0
    """
    _require_of(trajectories, mdp)
    action_probabilities(mdp, policy, theta)  # the door: MDP, policy and θ belong together
    log_policy = policy.log_probabilities(theta)
    before, after = trajectories.states[:, :-1], trajectories.states[:, 1:]
    with np.errstate(divide="ignore"):
        log_start, log_transition = np.log(mdp.initial), np.log(mdp.transition)
    steps = log_policy[before, trajectories.actions] + log_transition[before, trajectories.actions, after]
    logs: NDArray[Any] = np.ascontiguousarray(np.where(trajectories.active, steps, 0)).sum(axis=1)  # pairwise
    return logs + log_start[trajectories.states[:, 0]]


def _products(trajectories: Trajectories, mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> NDArray[Any]:
    """P(τ;θ) as a product, 0 where it underflows."""
    _require_of(trajectories, mdp)
    step = action_probabilities(mdp, policy, theta)[:, :, None] * mdp.transition
    before, after = trajectories.states[:, :-1], trajectories.states[:, 1:]
    factors = np.where(trajectories.active, step[before, trajectories.actions, after], 1)
    probabilities: NDArray[Any] = mdp.initial[trajectories.states[:, 0]] * factors.prod(axis=1)
    return probabilities


def _require_of(trajectories: Trajectories, mdp: TabularMDP) -> None:
    """Require that trajectories are those of an MDP."""
    if not isinstance(trajectories, Trajectories):
        raise TypeError(f"trajectories is a {type(trajectories).__name__}: pass Trajectories")
    highest = int(trajectories.states.max()), int(trajectories.actions.max())
    if highest[0] >= mdp.n_states or highest[1] >= mdp.n_actions:
        raise ValueError(
            f"trajectories hold state {highest[0]} and action {highest[1]}, but mdp has {mdp.n_states} states and "
            f"{mdp.n_actions} actions: pass trajectories of this MDP"
        )
    if trajectories.terminal is not None and not np.array_equal(trajectories.terminal, mdp.terminal):
        raise ValueError("trajectories.terminal is not mdp.terminal: pass trajectories of this MDP")
    if trajectories.terminal is None:
        past = trajectories.active & mdp.terminal[trajectories.states[:, :-1]]
        if past.any():
            where, index = _checks.first_place("states", past)
            raise ValueError(
                f"trajectories.{where} is {trajectories.states[index]}, which is terminal in mdp, but a decision is "
                "taken there: give the trajectories terminal=mdp.terminal"
            )


def enumerate_trajectories(
    mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, max_trajectories: int = 1_000_000
) -> tuple[Trajectories, NDArray[Any]]:
    """List every possible trajectory with its probability P(τ;θ).

    A trajectory is listed when μ and p allow it, also where π_θ gives it probability 0: there the
    derivative of its probability need not be 0.

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon.
    policy, theta : TabularPolicy, array
        π_θ; complex θ gives complex probabilities.
    max_trajectories : int
        The most that will be listed.

    Returns
    -------
    trajectories : Trajectories
    probabilities : array, shape (m,)
        They sum to 1. One below the smallest float is 0, which nothing beside the others shows.

    Raises
    ------
    TypeError, ValueError
        As ``possible_trajectories``, or if the policy is not for this MDP.

    Examples
    --------
    >>> from pgcode.environments import two_armed_bandit
    >>> from pgcode.policies import SoftmaxPolicy
    >>> arms, probabilities = enumerate_trajectories(
    ...     two_armed_bandit((1.0, 2.0)), SoftmaxPolicy(2, 2), np.log([[0.25, 0.75], [0.5, 0.5]]))
    >>> arms.returns, probabilities.round(12)
    (array([1., 2.]), array([0.25, 0.75]))
    """
    require_match(policy, mdp)
    trajectories = possible_trajectories(mdp, max_trajectories)
    return trajectories, _products(trajectories, mdp, policy, theta)


def _horizon_of(mdp: TabularMDP) -> int:
    require_mdp(mdp)
    if mdp.horizon is None:
        raise ValueError(
            "mdp.horizon is None, but a trajectory needs a last step: set one with dataclasses.replace(mdp, horizon=T)"
        )
    return mdp.horizon


def _real_probabilities(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> NDArray[np.float64]:
    if np.iscomplexobj(theta):
        raise TypeError("theta is complex: trajectories can only be drawn with real parameters")
    return action_probabilities(mdp, policy, theta)
