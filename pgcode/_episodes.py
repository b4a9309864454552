"""Episodes of different lengths, and the buffers that hold them, on their way to one padded batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks

__all__ = ["Buffer", "Episodes", "Padded", "as_index", "one_episode", "terminal_states"]

Index = NDArray[np.int32]

#: States, actions, rewards, which states are terminal, lengths, and which were cut, as ``Trajectories`` takes them.
Padded = tuple[Index, Index, NDArray[np.float64], NDArray[np.bool_] | None, NDArray[np.int64], NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class Episodes:
    """Episodes end to end: each decision's state, action and reward, and how each episode stopped."""

    states: Index
    actions: Index
    rewards: NDArray[np.float64]
    last: Index
    lengths: NDArray[np.int64]
    ended: NDArray[np.bool_]

    def padded(
        self,
        n_states: int | None,
        terminal: ArrayLike | None,
        end_state: int | None,
        name: Callable[[int], str],
        last_name: Callable[[int], str],
    ) -> Padded:
        """Put each episode into a row of its own; the names are of a state's place in the source."""
        end = None
        if terminal is not None:
            end = terminal_states(terminal)
            if n_states not in (None, len(end)):
                raise ValueError(f"n_states is {n_states}, but terminal knows {len(end)} states: leave n_states out")
            n_states = len(end)
        elif n_states is not None:
            n_states = _checks.require_count("n_states", n_states, "states")
        for states, called in ((self.states, name), (self.last, last_name)):
            if n_states is not None and (states >= n_states).any():
                i = int(np.argmax(states >= n_states))
                raise ValueError(f"{called(i)} is {states[i]}, but there are {n_states} states: number them from 0")
        last = self.last.copy()
        if end_state is not None:
            if isinstance(end_state, bool) or not isinstance(end_state, (int, np.integer)):
                raise TypeError(f"end_state is {end_state!r}: pass the number of a state, such as mdp.n_states - 1")
            if not 0 <= end_state < (n_states or 2**31) or (end is not None and not end[end_state]):
                raise ValueError(
                    f"end_state is {end_state}, which is no terminal state: pass mdp.n_states - 1, or leave it out"
                )
            last[self.ended & (True if end is None else ~end[last])] = end_state
        if end is not None:
            going_on = end[self.states]
            if going_on.any():
                i = int(np.argmax(going_on))
                raise ValueError(f"{name(i)} is the terminal state {self.states[i]}, but a decision is taken there")
            for wrong, what in (
                (~self.ended & end[last], "cut in a terminal state: an episode that is there has ended (terminated)"),
                (
                    self.ended & ~end[last],
                    "where the episode ended, but no terminal state: pass end_state=mdp.n_states - 1 if the "
                    "process has an end state of its own, as TabularMDP.from_gymnasium adds one",
                ),
            ):
                if wrong.any():
                    i = int(np.argmax(wrong))
                    raise ValueError(f"{last_name(i)} is {last[i]}, {what}")
        m, horizon = len(self.lengths), int(self.lengths.max())
        _checks.require_memory(
            "the padded batch", (m, horizon + 1), "take fewer episodes at a time, or cut the longest of them"
        )
        counts = self.lengths.astype(np.intp)  # as numpy.repeat asks where a pointer has 4 bytes
        row = np.repeat(np.arange(m), counts)
        step = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        states = np.repeat(last[:, None], horizon + 1, axis=1)
        actions, rewards = np.zeros((m, horizon), dtype=np.int32), np.zeros((m, horizon))
        states[row, step], actions[row, step], rewards[row, step] = self.states, self.actions, self.rewards
        return states, actions, rewards, end, self.lengths, ~self.ended


def one_episode(name: str, episode: Any) -> tuple[Index, Index, NDArray[np.float64], bool]:
    """States, actions, rewards and whether it ended, of one episode of ``from_episodes``."""
    if not isinstance(episode, Mapping):
        raise TypeError(
            f"{name} is a {type(episode).__name__}: pass a mapping with states, actions, rewards, terminated"
        )
    missing = [key for key in ("states", "actions", "rewards", "terminated") if key not in episode]
    if missing:
        raise ValueError(f"{name} has no {', '.join(missing)}: it needs states, actions, rewards and terminated")
    parts = []
    for key in ("states", "actions"):
        called = f"{name}[{key!r}]"
        value = episode[key]
        no_step = isinstance(value, (list, tuple)) and not value  # of which NumPy makes floats
        numbers = _checks.whole_numbers(called, np.zeros(0, dtype=np.int32) if no_step else value)
        if numbers.ndim != 1:
            raise ValueError(f"{called} has shape {numbers.shape}: give one number for each step")
        parts.append(as_index(called, numbers, np.ones(numbers.shape, dtype=np.bool_)))
    states, actions = parts
    rewards = _checks.real_array(f"{name}['rewards']", episode["rewards"])
    _checks.require_finite(f"{name}['rewards']", rewards)
    if len(states) != len(actions) + 1:
        raise ValueError(
            f"{name} has {len(states)} states and {len(actions)} actions, but needs one state more than actions: "
            "the last state counts too"
        )
    if rewards.shape != actions.shape:
        raise ValueError(f"{name} has rewards of shape {rewards.shape}, but {len(actions)} actions: give one for each")
    terminated = episode["terminated"]
    if not isinstance(terminated, (bool, np.bool_)):
        raise TypeError(f"{name}['terminated'] is {terminated!r}: pass True where it ended, or False where it was cut")
    return states, actions, rewards, bool(terminated)


class Buffer:
    """The steps of ``Trajectories.from_buffer``, environments first, after a look whether they hang together."""

    def __init__(
        self,
        states: ArrayLike,
        actions: ArrayLike,
        rewards: ArrayLike,
        terminated: ArrayLike,
        truncated: ArrayLike,
        next_states: ArrayLike,
        autoreset: object,
    ) -> None:
        before = _checks.whole_numbers("states", states)
        if before.ndim not in (1, 2) or 0 in before.shape:
            raise ValueError(f"states has shape {before.shape}, but needs (T,), or (T, N) for N environments")
        self.flat, shape = before.ndim == 1, before.shape
        self.n_steps = shape[0]
        of_time = {
            "states": before,
            "actions": _checks.whole_numbers("actions", actions),
            "rewards": _checks.real_array("rewards", rewards),
            "terminated": _checks.flags("terminated", terminated),
            "truncated": _checks.flags("truncated", truncated),
            "next_states": _checks.whole_numbers("next_states", next_states),
        }
        everywhere = np.ones(shape, dtype=np.bool_)
        for name, array in of_time.items():
            if array.shape == (*shape, 1):
                raise ValueError(f"{name} has shape {array.shape}, but states {shape}: pass {name}.squeeze(-1)")
            _checks.require_shape(name, array.shape, shape, "the shape of states")
            if array.dtype.kind in "iu":
                of_time[name] = as_index(name, array, everywhere)
        _checks.require_finite("rewards", of_time["rewards"])
        self.states, self.actions, self.rewards, self.terminated, truncated, self.after = (
            array.reshape(self.n_steps, -1).T for array in of_time.values()
        )
        self.over = self.terminated | truncated
        self.resets = np.zeros_like(self.over)
        self._require_connected()
        if _autoreset_mode(autoreset) == "nextstep":
            self.resets[:, 1:] = self.over[:, :-1]
            self._require_resets()
        elif autoreset is None:
            self._require_no_resets()

    def place(self, name: str, row: int) -> str:
        """The name of an entry, given its number when environments come first."""
        environment, t = divmod(int(row), self.n_steps)
        return _checks.place(name, (t,) if self.flat else (t, environment))

    def _first(self, wrong: NDArray[np.bool_]) -> tuple[int, int]:
        """Environment and time of the first row that is marked wrong, in the order of time."""
        t, environment = (int(i) for i in np.argwhere(wrong.T)[0])
        return environment, t

    def _require_connected(self) -> None:
        broken = np.zeros_like(self.over)
        broken[:, 1:] = ~self.over[:, :-1] & (self.states[:, 1:] != self.after[:, :-1])
        if broken.any():
            n, t = self._first(broken)
            here = n * self.n_steps + t
            raise ValueError(
                f"{self.place('states', here)} is {self.states[n, t]}, but {self.place('next_states', here - 1)} is "
                f"{self.after[n, t - 1]} and the episode was not over: the rows are in the order of time, first axis, "
                "and an end has terminated or truncated set in its own row"
            )

    def _require_resets(self) -> None:
        moved = self.resets.copy()
        moved[:, 1:] &= self.states[:, 1:] != self.after[:, :-1]
        moved |= self.resets & ((self.rewards != 0) | self.over)
        if moved.any():
            n, t = self._first(moved)
            raise ValueError(
                f"{self.place('states', n * self.n_steps + t)} follows an end, but its row is a decision: a row that "
                "only resets begins in the state in which the episode ended, is paid 0 and ends nothing; "
                'pass autoreset="same_step"'
            )

    def _require_no_resets(self) -> None:
        follows = np.zeros_like(self.over)
        follows[:, 1:] = self.over[:, :-1]
        begins_there = follows.copy()
        begins_there[:, 1:] &= self.states[:, 1:] == self.after[:, :-1]
        if follows.any() and (begins_there == follows).all():
            n, t = self._first(follows)
            raise ValueError(
                f"{self.place('states', n * self.n_steps + t)} follows an end and is the state to which that step led, "
                "and so it is after every end. If these rows only reset, as in Gymnasium's vector environments since "
                'version 1.0, pass autoreset="next_step". If next_states holds the state after the reset, put '
                'info["final_obs"] in its place. If episodes do begin where the last one ended, pass '
                'autoreset="same_step"'
            )

    def rows(self) -> tuple[Episodes, NDArray[np.intp], NDArray[np.intp]]:
        """The decisions end to end, with their numbers in the buffer, and those of the last one of each episode."""
        starts = np.ones_like(self.over)
        starts[:, 1:] = (self.over | self.resets)[:, :-1]
        decision = np.flatnonzero(~self.resets)
        starts_here = np.flatnonzero(starts.ravel()[decision])
        lengths = np.diff(np.append(starts_here, len(decision)))
        last = decision[starts_here + lengths - 1]
        states, actions, rewards, after, terminated = (
            array.ravel() for array in (self.states, self.actions, self.rewards, self.after, self.terminated)
        )
        rows = Episodes(
            states[decision],
            actions[decision],
            rewards[decision],
            after[last],
            lengths.astype(np.int64),
            terminated[last],
        )
        return rows, decision, last


def _autoreset_mode(autoreset: object) -> str:
    """The mode's name without underscores, from a string or from Gymnasium's own enumeration."""
    mode = str(getattr(autoreset, "value", autoreset)).replace("_", "").lower()
    if mode not in ("nextstep", "samestep", "disabled", "none"):
        raise ValueError(f'autoreset is {autoreset!r}: pass "same_step", "next_step" or "disabled"')
    return mode


def as_index(name: str, array: NDArray[Any], used: NDArray[np.bool_]) -> Index:
    """Return numbers of states or actions as 4-byte integers; the entries that are not used may be anything."""
    for wrong, reason in (
        (array < 0, "states and actions are numbered from 0"),
        (array > np.iinfo(np.int32).max, "a number of a state or an action fits into 4 bytes"),
    ):
        if (wrong & used).any():
            where, index = _checks.first_place(name, wrong & used)
            raise ValueError(f"{where} is {array[index]}: {reason}")
    return np.where(used, array, 0).astype(np.int32)


def terminal_states(value: ArrayLike) -> NDArray[np.bool_]:
    """Return a new array (n_states,) of which states are terminal."""
    array = np.array(value)
    if array.dtype != np.bool_ or array.ndim != 1 or not array.size:
        raise TypeError("terminal needs one True or False for each state: pass mdp.terminal")
    return array
