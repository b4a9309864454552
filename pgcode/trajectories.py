"""Trajectories τ = (s₀, a₀, r₀, …, s_{T−1}, a_{T−1}, r_{T−1}, s_T): sampled, stepped or all of them.

After a terminal state a trajectory stays there: the rewards are 0, the actions are written as 0,
and neither the policy's probability nor its score counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode._policy_checks import require_match
from pgcode._sampling import cumulative
from pgcode.mdp import TabularMDP
from pgcode.policies import Policy, action_probabilities

__all__ = [
    "Trajectories",
    "count_trajectories",
    "enumerate_trajectories",
    "possible_trajectories",
    "sample_trajectories",
    "step_gymnasium",
    "trajectory_probabilities",
]

Index = NDArray[np.int32]

#: Trajectories that are drawn together: enough that the cost of a call does not count, few enough that the
#: work in hand stays small beside the result.
_BLOCK = 1 << 16


@dataclass(frozen=True, eq=False, repr=False)
class Trajectories:
    """A batch of m trajectories of T decisions.

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
        Which states are terminal, ``mdp.terminal``; none, if it is left out.

    Raises
    ------
    TypeError, ValueError
        Where shapes disagree, there is no trajectory, a state or an action is not a number that
        counts from 0, a reward is not finite, or a trajectory leaves a terminal state or is paid there.
    """

    states: Index
    actions: Index
    rewards: NDArray[np.float64]
    discount: float
    terminal: NDArray[np.bool_] | None = None

    def __post_init__(self) -> None:
        states, actions = _index_array("states", self.states), _index_array("actions", self.actions)
        rewards = _checks.real_array("rewards", self.rewards)
        if actions.ndim != 2 or 0 in actions.shape:
            raise ValueError(
                f"actions has shape {actions.shape}, but needs shape (m, T) with at least one trajectory and one step"
            )
        m, horizon = actions.shape
        _checks.require_shape("states", states.shape, (m, horizon + 1), "(m, T + 1): the last state counts too")
        _checks.require_shape("rewards", rewards.shape, (m, horizon), "(m, T)")
        _checks.require_finite("rewards", rewards)
        discount = _checks.require_fraction("discount", self.discount, "γ")
        object.__setattr__(self, "states", states)
        object.__setattr__(self, "actions", actions)
        object.__setattr__(self, "rewards", rewards)
        object.__setattr__(self, "discount", discount)
        if self.terminal is not None:
            terminal = np.asarray(self.terminal)
            if terminal.dtype != np.bool_ or terminal.ndim != 1:
                raise TypeError("terminal needs one True or False for each state: pass mdp.terminal")
            if states.max() >= len(terminal):
                where, index = _checks.first_place("states", states >= len(terminal))
                raise ValueError(f"{where} is {states[index]}, but terminal knows {len(terminal)} states")
            object.__setattr__(self, "terminal", terminal)
            self._require_absorbed()

    def _require_absorbed(self) -> None:
        over = ~self.active
        left = over & (self.states[:, 1:] != self.states[:, :-1])
        if left.any():
            where, index = _checks.first_place("states", left)
            raise ValueError(
                f"{where} is the terminal state {self.states[index]}, but the next state is "
                f"{self.states[index[0], index[1] + 1]}: a trajectory stays in its terminal state"
            )
        paid = over & (self.rewards != 0)
        if paid.any():
            where, index = _checks.first_place("rewards", paid)
            raise ValueError(f"{where} is {self.rewards[index]:g} in a terminal state: set it to 0")

    @classmethod
    def _trusted(
        cls,
        states: Index,
        actions: Index,
        rewards: NDArray[np.float64],
        discount: float,
        terminal: NDArray[np.bool_] | None,
    ) -> Trajectories:
        """Build a batch from arrays that this module made itself, with no second look at them."""
        batch = object.__new__(cls)
        for name, value in zip(cls.__dataclass_fields__, (states, actions, rewards, discount, terminal), strict=True):
            object.__setattr__(batch, name, value)
        return batch

    def __repr__(self) -> str:
        return f"Trajectories(n_trajectories={self.n_trajectories}, horizon={self.horizon}, discount={self.discount:g})"

    def __len__(self) -> int:
        return self.n_trajectories

    @property
    def n_trajectories(self) -> int:
        """The number m of trajectories."""
        return self.actions.shape[0]

    @property
    def horizon(self) -> int:
        """The number T of decisions."""
        return self.actions.shape[1]

    @cached_property
    def active(self) -> NDArray[np.bool_]:
        """Where a decision is taken, shape (m, T): False from the terminal state on."""
        if self.terminal is None:
            return np.ones(self.actions.shape, dtype=bool)
        active: NDArray[np.bool_] = ~self.terminal[self.states[:, :-1]]
        return active

    @cached_property
    def returns(self) -> NDArray[np.float64]:
        """R(τ) = Σ_t γᵗ r_t, shape (m,)."""
        returns: NDArray[np.float64] = self.rewards @ self.discount ** np.arange(self.horizon)
        return returns

    @cached_property
    def returns_from_step(self) -> NDArray[np.float64]:
        """G_t = Σ_{k≥t} γ^{k−t} r_k, shape (m, T), by G_t = r_t + γ G_{t+1}."""
        to_go = np.array(self.rewards, order="F")
        for t in range(self.horizon - 2, -1, -1):
            to_go[:, t] += self.discount * to_go[:, t + 1]
        return to_go


def sample_trajectories(
    mdp: TabularMDP, policy: Policy, theta: ArrayLike, n_trajectories: int, rng: np.random.Generator
) -> Trajectories:
    """Draw independent trajectories, s₀ ~ μ, a_t ~ π_θ(·|s_t), s_{t+1} ~ p(·|s_t,a_t), all at once.

    One uniform number is drawn per decision. It selects the action and the next state together, by
    inversion of the cumulative probabilities of the pairs (a, s'). A trajectory that has ended
    draws no more.

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon.
    policy, theta : Policy, array
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
    """
    horizon = _horizon_of(mdp)
    probabilities = _real_probabilities(mdp, policy, theta)
    _checks.require_generator("rng", rng)
    m = _checks.require_count("n_trajectories", n_trajectories, "trajectories")
    table = _OutcomeTable(mdp, probabilities)

    # Time comes first in memory, so that each step writes one contiguous row.
    states = np.empty((horizon + 1, m), dtype=np.int32)
    actions = np.zeros((horizon, m), dtype=np.int32)
    rewards = np.zeros((horizon, m))
    start = cumulative(mdp.initial)
    for begin in range(0, m, _BLOCK):
        block = slice(begin, min(begin + _BLOCK, m))
        states[0, block] = np.searchsorted(start, rng.random(block.stop - begin), side="right")
        table.walk(states[:, block], actions[:, block], rewards[:, block], rng)
    return Trajectories._trusted(states.T, actions.T, rewards.T, mdp.discount, mdp.terminal)


class _OutcomeTable:
    """For each state the possible outcomes (a, s'), with their cumulative probabilities.

    State s owns the interval from s to s + 1 of one sorted table, so that the number s + u, with u
    uniform, finds the outcome by inversion. A guide table cuts each interval into equal cells and
    says where the search in a cell begins (Chen and Asau 1974), so that it ends after a step or two.
    A rounded sum may pass the interval's end, or fall short of it, and s + u may be rounded up to it. So
    the sums are cut off at the end, the last outcome has no upper bound, and no cell of the guide leads
    out of its state.
    """

    def __init__(self, mdp: TabularMDP, probabilities: NDArray[np.float64]) -> None:
        joint = (probabilities[:, :, None] * mdp.transition).reshape(mdp.n_states, -1)
        state, outcome = np.nonzero(joint)
        every = np.arange(mdp.n_states)[:, None]
        first, last = np.searchsorted(state, every), np.searchsorted(state, every, side="right") - 1
        sums = np.minimum(np.cumsum(joint, axis=1)[state, outcome], 1) + state
        self.n_cells = 1 << int(np.bincount(state).max()).bit_length()
        cell = every + np.arange(self.n_cells) / self.n_cells
        self.guide = np.clip(np.searchsorted(sums, cell, side="right"), first, last).ravel()
        self.first_above = sums
        self.first_above[last] = np.inf
        action, after = np.divmod(outcome, mdp.n_states)
        self.action, self.after = action.astype(np.int32), after.astype(np.int32)
        self.reward = mdp.reward[state, action, after]
        self.goes_on = ~mdp.terminal[after]
        self.terminal = mdp.terminal

    def draw(self, state: Index, rng: np.random.Generator) -> NDArray[np.intp]:
        """Draw the number of an outcome for each state."""
        uniform = rng.random(state.size)
        found = self.guide[state * self.n_cells + (uniform * self.n_cells).astype(np.intp)]
        uniform += state
        low = np.flatnonzero(self.first_above[found] <= uniform)
        while low.size:
            found[low] += 1
            low = low[self.first_above[found[low]] <= uniform[low]]
        return found

    def walk(self, states: Index, actions: Index, rewards: NDArray[np.float64], rng: np.random.Generator) -> None:
        """Fill a block, time first, from its start states. A trajectory that has ended costs nothing more."""
        going = np.flatnonzero(~self.terminal[states[0]])
        current = states[0, going]
        for t in range(len(actions)):
            found = self.draw(current, rng)
            current = self.after[found]
            actions[t, going] = self.action[found]
            rewards[t, going] = self.reward[found]
            states[t + 1] = states[t]  # who has ended stays
            states[t + 1, going] = current
            stay = np.flatnonzero(self.goes_on[found])
            if stay.size < going.size:
                going, current = going[stay], current[stay]


def step_gymnasium(
    env: Any, mdp: TabularMDP, policy: Policy, theta: ArrayLike, n_trajectories: int, rng: np.random.Generator
) -> Trajectories:
    """Draw trajectories by stepping a Gymnasium environment itself.

    The environment chooses the next states and rewards, one step at a time; only the actions come
    from π_θ. ``mdp`` is the table of the same environment and supplies horizon, discount and what
    is terminal.

    Parameters
    ----------
    env : gymnasium.Env
        The environment, with a time limit not below the horizon.
    mdp : TabularMDP
        ``TabularMDP.from_gymnasium(env, discount, horizon)``.
    policy, theta : Policy, array
        π_θ.
    n_trajectories : int
        m.
    rng : numpy.random.Generator
        Draws the actions and the environment's seed.

    Returns
    -------
    Trajectories

    Raises
    ------
    ValueError
        If the environment is not the one of the table, or its own time limit cuts a trajectory before
        the horizon.
    """
    horizon = _horizon_of(mdp)
    probabilities = _real_probabilities(mdp, policy, theta)
    _checks.require_generator("rng", rng)
    m = _checks.require_count("n_trajectories", n_trajectories, "trajectories")
    sizes = getattr(env.observation_space, "n", None), getattr(env.action_space, "n", None)
    if sizes not in ((mdp.n_states, mdp.n_actions), (mdp.n_states - 1, mdp.n_actions)):
        raise ValueError(
            f"env has {sizes[0]} states and {sizes[1]} actions, but mdp has {mdp.n_states} and {mdp.n_actions}: "
            "take mdp = TabularMDP.from_gymnasium(env, discount, horizon)"
        )
    choice = cumulative(probabilities)
    states = np.empty((m, horizon + 1), dtype=np.int32)
    actions = np.zeros((m, horizon), dtype=np.int32)
    rewards = np.zeros((m, horizon))
    seed: int | None = int(rng.integers(2**31))
    for i in range(m):  # an environment has one state and can only be stepped
        state, _ = env.reset(seed=seed)
        seed = None
        states[i] = state
        for t in range(horizon):
            if mdp.terminal[state]:
                break
            action = int(choice[state].searchsorted(rng.random(), side="right"))
            after, reward, ended, cut, _ = env.step(action)
            if ended and not mdp.terminal[after]:
                after = mdp.n_states - 1  # the absorbing state that from_gymnasium added
            if mdp.transition[state, action, after] == 0 or mdp.terminal[after] != ended:
                raise ValueError(
                    f"env went from state {state} by action {action} to state {after}"
                    f"{' and ended' if ended else ''}, which mdp does not allow: take the table of this environment"
                )
            actions[i, t], rewards[i, t] = action, reward
            state = after
            states[i, t + 1 :] = state
            if cut and not ended and t + 1 < horizon:
                raise ValueError(
                    f"env cut the trajectory after {t + 1} steps, before the horizon {horizon}: "
                    "make it with a larger max_episode_steps"
                )
    return Trajectories(states, actions, rewards, mdp.discount, mdp.terminal)


def count_trajectories(mdp: TabularMDP) -> int:
    """Count the trajectories that μ and p allow, exactly, by one backward pass: O(T·S²·A)."""
    horizon = _horizon_of(mdp)
    after = [
        [np.flatnonzero(mdp.transition[s, a]).tolist() for a in range(1 if mdp.terminal[s] else mdp.n_actions)]
        for s in range(mdp.n_states)
    ]
    continuations = [1] * mdp.n_states
    for _ in range(horizon):
        continuations = [sum(continuations[n] for choice in after[s] for n in choice) for s in range(mdp.n_states)]
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
    # The steps (s, a, s') that are possible, grouped by s; a terminal state has the one step to itself.
    possible = mdp.transition > 0
    possible[mdp.terminal, 1:] = False
    from_state, action, to_state = np.nonzero(possible)
    first = np.searchsorted(from_state, np.arange(mdp.n_states))
    choices = np.bincount(from_state, minlength=mdp.n_states)

    history = np.flatnonzero(mdp.initial)[:, None].astype(np.int32)  # columns s₀, a₀, s₁, a₁, …
    rewards = np.zeros((len(history), 0))
    for _ in range(horizon):
        current = history[:, -1]
        copies = choices[current]
        nth = np.arange(copies.sum()) - np.repeat(np.cumsum(copies) - copies, copies)
        step = np.repeat(first[current], copies) + nth
        paid = mdp.reward[from_state[step], action[step], to_state[step]]
        new_columns = np.stack([action[step], to_state[step]], axis=1).astype(np.int32)
        history = np.concatenate([np.repeat(history, copies, axis=0), new_columns], axis=1)
        rewards = np.concatenate([np.repeat(rewards, copies, axis=0), paid[:, None]], axis=1)
    return Trajectories._trusted(history[:, 0::2], history[:, 1::2], rewards, mdp.discount, mdp.terminal)


def _written(number: int) -> str:
    """A number with all its digits, or its size where they are more than one reads (or Python writes)."""
    if number < 10**30:
        return f"{number:,}"
    return f"more than 10^{math.floor((number.bit_length() - 1) * math.log10(2))}"


def trajectory_probabilities(
    trajectories: Trajectories, mdp: TabularMDP, policy: Policy, theta: ArrayLike
) -> NDArray[Any]:
    """P(τ;θ) = μ(s₀) Π_t π_θ(a_t|s_t) p(s_{t+1}|s_t,a_t), shape (m,); complex for complex θ."""
    before, after = trajectories.states[:, :-1], trajectories.states[:, 1:]
    highest = int(trajectories.states.max()), int(trajectories.actions.max())
    if highest[0] >= mdp.n_states or highest[1] >= mdp.n_actions:
        raise ValueError(
            f"trajectories hold state {highest[0]} and action {highest[1]}, but mdp has {mdp.n_states} states and "
            f"{mdp.n_actions} actions: pass trajectories of this MDP"
        )
    if trajectories.terminal is not None and not np.array_equal(trajectories.terminal, mdp.terminal):
        raise ValueError("trajectories.terminal is not mdp.terminal: pass trajectories of this MDP")
    step = action_probabilities(mdp, policy, theta)[:, :, None] * mdp.transition
    factors = np.where(~mdp.terminal[before], step[before, trajectories.actions, after], 1)
    probabilities: NDArray[Any] = mdp.initial[trajectories.states[:, 0]] * factors.prod(axis=1)
    return probabilities


def enumerate_trajectories(
    mdp: TabularMDP, policy: Policy, theta: ArrayLike, max_trajectories: int = 1_000_000
) -> tuple[Trajectories, NDArray[Any]]:
    """List every possible trajectory with its probability P(τ;θ).

    A trajectory is listed when μ and p allow it, also where π_θ gives it probability 0: there the
    derivative of its probability need not be 0.

    Parameters
    ----------
    mdp : TabularMDP
        With a horizon.
    policy, theta : Policy, array
        π_θ; complex θ gives complex probabilities.
    max_trajectories : int
        The most that will be listed.

    Returns
    -------
    trajectories : Trajectories
    probabilities : array, shape (m,)
        They sum to 1.

    Raises
    ------
    TypeError, ValueError
        As ``possible_trajectories``, or if the policy is not for this MDP.
    """
    require_match(policy, mdp)
    trajectories = possible_trajectories(mdp, max_trajectories)
    return trajectories, trajectory_probabilities(trajectories, mdp, policy, theta)


def _horizon_of(mdp: TabularMDP) -> int:
    if mdp.horizon is None:
        raise ValueError(
            "mdp.horizon is None, but a trajectory needs a last step: set one with dataclasses.replace(mdp, horizon=T)"
        )
    return mdp.horizon


def _real_probabilities(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> NDArray[np.float64]:
    if np.iscomplexobj(theta):
        raise TypeError("theta is complex: trajectories can only be drawn with real parameters")
    return action_probabilities(mdp, policy, theta)


def _index_array(name: str, value: ArrayLike) -> Index:
    array = np.asarray(value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} holds {array.dtype}, not whole numbers: number states and actions from 0")
    if (array < 0).any():
        where, index = _checks.first_place(name, array < 0)
        raise ValueError(f"{where} is {array[index]}: states and actions are numbered from 0")
    if (array > np.iinfo(np.int32).max).any():
        where, index = _checks.first_place(name, array > np.iinfo(np.int32).max)
        raise ValueError(f"{where} is {array[index]}: a number of a state or an action fits into 4 bytes")
    return array.astype(np.int32)
