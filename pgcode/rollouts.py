"""Rollouts: stepping Gymnasium environments, one or many side by side, with a table of their dynamics or without."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode._policy_checks import require_theta
from pgcode._sampling import cumulative, draw_each, draw_many
from pgcode.mdp import TabularMDP
from pgcode.policies import TabularPolicy, action_probabilities
from pgcode.trajectories import Trajectories

__all__ = ["Episode", "Rollout", "collect", "step_gymnasium", "tabular_actor"]


@dataclass(frozen=True, eq=False, repr=False)
class Episode:
    """One episode of L decisions, as an environment gave it.

    Attributes
    ----------
    observations : array, shape (L + 1, …)
        What was seen before each decision and after the last one, of any type.
    actions : array, shape (L, …)
    rewards : array, shape (L,)
    terminated : bool
        Whether it ended; otherwise it was cut, by a time limit or because the collecting stopped.

    Examples
    --------
    >>> Episode([0, 3], [1], [2.0], True)
    Episode(n_steps=1, terminated=True)
    """

    observations: NDArray[Any]
    actions: NDArray[Any]
    rewards: NDArray[np.float64]
    terminated: bool

    def __post_init__(self) -> None:
        rewards = _checks.real_array("rewards", self.rewards)
        for name, value in (("observations", self.observations), ("actions", self.actions), ("rewards", rewards)):
            array = np.array(value)
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        n = len(self.rewards)
        if self.rewards.ndim != 1 or len(self.actions) != n or len(self.observations) != n + 1:
            raise ValueError(
                f"an episode has {len(self.observations)} observations, {len(self.actions)} actions and rewards of "
                f"shape {self.rewards.shape}: give one reward for each action, and one observation more"
            )

    def __repr__(self) -> str:
        return f"Episode(n_steps={len(self.rewards)}, terminated={self.terminated})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are built anew, for an array that is unpickled can be written to."""
        return type(self), (self.observations, self.actions, self.rewards, self.terminated)


@dataclass(frozen=True, eq=False, repr=False)
class Rollout:
    """Episodes that were collected from an environment.

    Attributes
    ----------
    episodes : tuple of Episode
        In the order in which they began, environment by environment.

    Examples
    --------
    >>> rollout = Rollout((Episode([0, 3], [1], [2.0], True), Episode([0, 1, 0], [1, 0], [0.0, 1.0], False)))
    >>> rollout
    Rollout(n_episodes=2, n_steps=3)
    >>> rollout.trajectories(discount=0.9).cut
    array([False,  True])
    """

    episodes: tuple[Episode, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "episodes", tuple(self.episodes))
        for i, episode in enumerate(self.episodes):
            if not isinstance(episode, Episode):
                raise TypeError(f"episodes[{i}] is a {type(episode).__name__}: pass episodes, as collect gives them")

    def __repr__(self) -> str:
        return f"Rollout(n_episodes={len(self)}, n_steps={sum(len(episode.rewards) for episode in self.episodes)})"

    def __len__(self) -> int:
        return len(self.episodes)

    def __iter__(self) -> Iterator[Episode]:
        return iter(self.episodes)

    def __getitem__(self, number: int) -> Episode:
        return self.episodes[number]

    def trajectories(
        self,
        discount: float,
        n_states: int | None = None,
        *,
        terminal: ArrayLike | None = None,
        end_state: int | None = None,
    ) -> Trajectories:
        """The episodes as one batch, where observations and actions are numbers of states and actions.

        Parameters
        ----------
        discount, n_states, terminal, end_state
            As for ``Trajectories.from_episodes``, which tells how the end of an episode is written.

        Returns
        -------
        Trajectories

        Raises
        ------
        TypeError, ValueError
            As ``Trajectories.from_episodes``.
        """
        return Trajectories.from_episodes(
            (
                {
                    "states": episode.observations,
                    "actions": episode.actions,
                    "rewards": episode.rewards,
                    "terminated": episode.terminated,
                }
                for episode in self.episodes
            ),
            discount,
            n_states,
            terminal=terminal,
            end_state=end_state,
        )


def collect(
    env: Any,
    act: Callable[[Any], Any],
    rng: np.random.Generator,
    *,
    n_episodes: int | None = None,
    n_steps: int | None = None,
) -> Rollout:
    """Step a Gymnasium environment with a function of the observation, and keep what happened.

    With ``n_episodes``, each of N environments gives its share of them, the first ones one more where they do not
    divide: who takes the first episodes that are over, of many environments side by side, takes too many short
    ones. With ``n_steps``, each environment makes as many decisions, and the episode that is then on its way is cut.

    A time limit cuts an episode, it does not end it. The resets of a vector environment follow its own
    ``metadata["autoreset_mode"]``: steps that only reset are no decisions, and the last observation of an episode
    is its own, not the first of the next.

    Parameters
    ----------
    env : gymnasium.Env or gymnasium.vector.VectorEnv
        Observations and actions are numbers or arrays.
    act : callable
        From an observation, or from those of all N environments on a first axis, to an action, or to N of them.
    rng : numpy.random.Generator
        Draws the seed of the environment. What ``act`` draws is its own affair.
    n_episodes : int, optional
        The number of episodes; give this, or ``n_steps``.
    n_steps : int, optional
        The number of decisions of each environment.

    Returns
    -------
    Rollout

    Raises
    ------
    TypeError, ValueError
        If ``env`` cannot be stepped, both numbers are given or none, observations are no arrays, ``act``
        does not give one action for each environment, or a reward is not finite.

    References
    ----------
    Towers et al. (2024), Gymnasium.

    Examples
    --------
    >>> import gymnasium
    >>> env = gymnasium.make("CartPole-v1")
    >>> rollout = collect(env, lambda seen: int(seen[2] > 0), np.random.default_rng(0), n_episodes=3)
    >>> len(rollout), rollout[0].observations.shape[1:], rollout[0].terminated
    (3, (4,), True)
    """
    stepper = _stepper(env)
    _checks.require_generator("rng", rng)
    if not callable(act):
        raise TypeError(f"act is {act!r}: pass a function of the observation that returns an action")
    if (n_episodes is None) == (n_steps is None):
        raise ValueError("n_episodes and n_steps are both given, or neither is: give one of them")
    if n_episodes is not None:
        wanted = _checks.require_count("n_episodes", n_episodes, "episodes")
    else:
        wanted = _checks.require_count("n_steps", n_steps, "steps")
    n = stepper.n_environments
    # Of episodes each environment gives a share that is fixed before anything is seen.
    shares = np.full(n, wanted) if n_episodes is None else wanted // n + (np.arange(n) < wanted % n)
    records: list[_Record] = [_Record() for _ in range(n)]
    done = np.zeros(n, dtype=np.int64)
    seen = stepper.reset(int(rng.integers(2**31)))
    while (done < shares).any():
        actions = stepper.actions(act, seen)
        taken = [_copied(one) for one in actions]  # act may fill its answer again, and step write into it
        step = stepper.step(actions)
        for i in np.flatnonzero((done < shares) & step.decided):
            over = bool(step.terminated[i]) or bool(step.truncated[i])
            done[i] += 1 if n_episodes is None or over else 0
            stops = over or (n_episodes is None and done[i] == shares[i])
            records[i].add(seen[i], taken[i], step.rewards[i])
            if stops:
                records[i].close(step.after[i], bool(step.terminated[i]))
        seen = step.seen
    return Rollout(tuple(episode for record in records for episode in record.episodes))


def tabular_actor(policy: TabularPolicy, theta: ArrayLike, rng: np.random.Generator) -> Callable[[Any], Any]:
    """A function that draws an action from π_θ for a state, or one for each of many states.

    Parameters
    ----------
    policy, theta : TabularPolicy, array
        π_θ.
    rng : numpy.random.Generator
        The source of randomness.

    Returns
    -------
    callable
        From a state, or an array of states (N,), to an action, or an array of actions (N,).

    Raises
    ------
    TypeError, ValueError
        If policy and θ do not fit; and, when it is called, for what is no state of the policy.

    Examples
    --------
    >>> from pgcode.policies import SoftmaxPolicy
    >>> act = tabular_actor(SoftmaxPolicy(2, 2), [[0.0, 50.0], [50.0, 0.0]], np.random.default_rng(0))
    >>> act(0), act(np.array([1, 0, 1]))
    (1, array([0, 1, 0]))
    """
    _checks.require_generator("rng", rng)
    return _actor(_real_probabilities(None, policy, theta), rng)


def step_gymnasium(
    env: Any, mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike, n_trajectories: int, rng: np.random.Generator
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
    policy, theta : TabularPolicy, array
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
    TypeError, ValueError
        If the environment is not the one of the table, or its own time limit cuts a trajectory before
        the horizon.

    Examples
    --------
    >>> import gymnasium
    >>> from pgcode.policies import SoftmaxPolicy
    >>> env = gymnasium.make("FrozenLake-v1")
    >>> lake = TabularMDP.from_gymnasium(env, discount=0.9, horizon=5)
    >>> step_gymnasium(env, lake, SoftmaxPolicy(16, 4), np.zeros((16, 4)), 10, np.random.default_rng(0))
    Trajectories(n_trajectories=10, horizon=5, discount=0.9)
    """
    if mdp.horizon is None:
        raise ValueError(
            "mdp.horizon is None, but a trajectory needs a last step: set one with dataclasses.replace(mdp, horizon=T)"
        )
    probabilities = _real_probabilities(mdp, policy, theta)
    _checks.require_generator("rng", rng)
    m = _checks.require_count("n_trajectories", n_trajectories, "trajectories")
    _require_steppable(env)
    if hasattr(env, "num_envs"):
        raise TypeError("env holds several environments: pass a single one, or use collect")
    sizes = getattr(env.observation_space, "n", None), getattr(env.action_space, "n", None)
    if getattr(env.observation_space, "start", 0) or getattr(env.action_space, "start", 0):
        raise ValueError(
            "env numbers its states or actions from another number than 0, which the table cannot: use collect"
        )
    if sizes not in ((mdp.n_states, mdp.n_actions), (mdp.n_states - 1, mdp.n_actions)):
        raise ValueError(
            f"env has {sizes[0]} states and {sizes[1]} actions, but mdp has {mdp.n_states} and {mdp.n_actions}: "
            "take mdp = TabularMDP.from_gymnasium(env, discount, horizon)"
        )
    wrappers = _checks.optional_import("gymnasium.wrappers", "to step its environments")
    limited = wrappers.TimeLimit(env, max_episode_steps=mdp.horizon)
    rollout = collect(limited, _actor(probabilities, rng), rng, n_episodes=m)
    return _of_table(rollout, mdp, mdp.horizon)


def _of_table(rollout: Rollout, mdp: TabularMDP, horizon: int) -> Trajectories:
    """Episodes as trajectories of a table with a horizon, after a look whether the table allows them."""
    lengths = np.array([len(episode.rewards) for episode in rollout])
    ended = np.array([episode.terminated for episode in rollout])
    short = ~ended & (lengths < horizon)
    states = np.repeat([episode.observations[-1] for episode in rollout], horizon + 1).reshape(-1, horizon + 1)
    # Where the table has a state of its own for the end, an episode ended there, whatever state the environment names.
    states[ended & ~mdp.terminal[states[:, -1]]] = mdp.n_states - 1
    actions, rewards = np.zeros((len(rollout), horizon), dtype=np.int32), np.zeros((len(rollout), horizon))
    for i, (episode, length) in enumerate(zip(rollout, lengths, strict=True)):
        states[i, :length] = episode.observations[:-1]
        actions[i, :length], rewards[i, :length] = episode.actions, episode.rewards
    active = np.arange(horizon) < lengths[:, None]
    ends = np.zeros(active.shape, dtype=np.bool_)
    ends[np.arange(len(lengths)), lengths - 1] = ended
    before, after = states[:, :-1], states[:, 1:]
    wrong = active & ((mdp.transition[before, actions, after] == 0) | (mdp.terminal[after] != ends))
    if wrong.any():
        i, t = (int(k) for k in np.argwhere(wrong)[0])
        raise ValueError(
            f"env went from state {before[i, t]} by action {actions[i, t]} to state {after[i, t]}"
            f"{' and ended' if ends[i, t] else ''}, which mdp does not allow: take the table of this environment"
        )
    if short.any():
        raise ValueError(
            f"env cut the trajectory after {lengths[short][0]} steps, before the horizon {horizon}: "
            "make it with a larger max_episode_steps"
        )
    return Trajectories(states, actions, rewards, mdp.discount, mdp.terminal, lengths)


def _real_probabilities(mdp: TabularMDP | None, policy: TabularPolicy, theta: ArrayLike) -> NDArray[np.float64]:
    if np.iscomplexobj(theta):
        raise TypeError("theta is complex: actions can only be drawn with real parameters")
    if mdp is not None:
        return action_probabilities(mdp, policy, theta)
    return policy.probabilities(require_theta(policy, theta))


def _actor(probabilities: NDArray[np.float64], rng: np.random.Generator) -> Callable[[Any], Any]:
    sums = cumulative(probabilities)

    def act(state: Any) -> Any:
        if isinstance(state, (int, np.integer)) and 0 <= state < len(sums):
            return int(draw_many(sums[state], 1, rng)[0])
        states = _checks.whole_numbers("the observation", state)
        if ((states < 0) | (states >= len(sums))).any():
            raise ValueError(f"the observation is {state}, but the policy has {len(sums)} states: number them from 0")
        drawn = draw_each(sums[states.ravel()], rng).reshape(states.shape)
        return drawn if states.ndim else int(drawn)

    return act


class _Record:
    """The episodes of one environment, and the one that is on its way."""

    def __init__(self) -> None:
        self.episodes: list[Episode] = []
        self._begin()

    def _begin(self) -> None:
        self.seen: list[Any] = []
        self.actions: list[Any] = []
        self.rewards: list[float] = []

    def add(self, seen: Any, action: Any, reward: Any) -> None:
        paid = reward if isinstance(reward, float) else np.asarray(reward)
        if not isinstance(paid, float) and paid.size == 1 and paid.dtype.kind in "biuf":
            paid = paid.item()
        if not isinstance(paid, (float, int)) or not math.isfinite(paid):
            raise ValueError(
                f"env paid {reward!r} in step {len(self.rewards)} of an episode: a reward is a finite number"
            )
        self.seen.append(seen)
        self.actions.append(action)
        self.rewards.append(float(paid))

    def close(self, last: Any, terminated: bool) -> None:
        seen, shapes = [*self.seen, last], {np.shape(one) for one in (*self.seen, last)}
        if len(shapes) > 1:
            raise ValueError(f"env gives observations of shapes {sorted(shapes)} in one episode: give them one shape")
        self.episodes.append(Episode(np.array(seen), np.array(self.actions), np.array(self.rewards), terminated))
        self._begin()


@dataclass
class _Step:
    """What one step of N environments gave, each entry on a first axis of N.

    ``decided`` is False where the environment was only reset; ``after`` is where the step led to, before any
    reset, and ``seen`` what the next decision is to be made from.
    """

    after: Any
    rewards: Any
    terminated: Any
    truncated: Any
    decided: NDArray[np.bool_]
    seen: Any


class _One:
    """A single environment, as if it were one of one."""

    n_environments = 1
    _always = np.ones(1, dtype=np.bool_)

    def __init__(self, env: Any) -> None:
        self.env = env

    def reset(self, seed: int | None) -> list[Any]:
        return [_observed(_reset(self.env, seed))]

    def actions(self, act: Callable[[Any], Any], seen: list[Any]) -> list[Any]:
        return [act(_copied(seen[0]))]

    def step(self, actions: list[Any]) -> _Step:
        after, reward, terminated, truncated, _ = _five(self.env.step(actions[0]))
        after = _observed(after)
        seen = self.reset(None) if terminated or truncated else [after]
        return _Step([after], [reward], [terminated], [truncated], self._always, seen)


class _Many:
    """A vector environment, of any mode of its own resets."""

    def __init__(self, env: Any) -> None:
        self.env, self.n_environments = env, int(env.num_envs)
        mode = getattr(env, "metadata", {}).get("autoreset_mode")
        self.mode = str(getattr(mode, "value", mode)).replace("_", "").lower()
        if self.mode not in ("nextstep", "samestep", "disabled"):
            raise ValueError(
                f'env.metadata["autoreset_mode"] is {mode!r}: set it to the mode that env follows, of '
                "gymnasium.vector.AutoresetMode"
            )
        self.over = np.zeros(self.n_environments, dtype=np.bool_)
        self.single = _single_environments(env)
        self.last: Any = None

    def reset(self, seed: int | None) -> NDArray[Any]:
        self.over[:] = False
        self.last = self._batch(_reset(self.env, seed))
        return np.array(self.last)

    def actions(self, act: Callable[[Any], Any], seen: NDArray[Any]) -> NDArray[Any]:
        actions = np.array(act(seen.copy()))
        if actions.ndim == 0 or len(actions) != self.n_environments:
            raise ValueError(
                f"act returned an array of shape {actions.shape} for {self.n_environments} environments: "
                "return one action for each, on the first axis"
            )
        return actions

    def step(self, actions: NDArray[Any]) -> _Step:
        after, rewards, terminated, truncated, infos = _five(self.env.step(actions), self.n_environments)
        after = self._batch(after)
        terminated, truncated = np.array(terminated), np.array(truncated)
        decided = ~self.over if self.mode == "nextstep" else np.ones(self.n_environments, dtype=np.bool_)
        self.over = terminated | truncated
        seen = after
        if self.over.any() and self.mode == "samestep":
            seen, after = after, after.copy()
            if "final_obs" not in infos:
                raise ValueError(
                    'env resets in the same step, but gives no info["final_obs"]: its last states are lost'
                )
            for i in np.flatnonzero(self.over):
                after[i] = infos["final_obs"][i]
        if self.over.any() and self.mode == "disabled":
            seen = self._batch(self.env.reset(options={"reset_mask": self.over.copy()})[0])
        return _Step(after, rewards, terminated, truncated, decided, seen)

    def step_some(self, actions: NDArray[Any], some: NDArray[np.bool_]) -> _Step:
        """A step of some environments. What the others show and are paid means nothing, until they are all reset.

        Those that can be stepped one by one stand still meanwhile: in a batch of whole episodes most of the steps may
        be those of episodes that are over.
        """
        if self.single is None:
            return self.step(actions)
        after, rewards = np.array(self.last), np.zeros(self.n_environments)
        terminated, truncated = np.zeros((2, self.n_environments), dtype=np.bool_)
        for i in np.flatnonzero(some):
            after[i], rewards[i], terminated[i], truncated[i], _ = self.single[i].step(actions[i])
        self.last = after
        return _Step(after, rewards, terminated, truncated, some.copy(), after)

    def _batch(self, observations: Any) -> NDArray[Any]:
        batch = np.array(_observed(observations))
        if batch.ndim == 0 or len(batch) != self.n_environments:
            raise ValueError(f"env gives observations of shape {batch.shape} for {self.n_environments} environments")
        return batch


def _single_environments(env: Any) -> Any:
    """The single ones of a vector environment that does nothing but step them, with what they show as one array."""
    of_gymnasium = sys.modules.get("gymnasium.vector")
    alone = of_gymnasium is not None and type(env) is of_gymnasium.SyncVectorEnv
    return env.envs if alone and env.observation_space.shape is not None else None


def _stepper(env: Any) -> Any:
    _require_steppable(env)
    return _Many(env) if hasattr(env, "num_envs") else _One(env)


def _require_steppable(env: Any) -> None:
    lacking = [name for name in ("reset", "step", "observation_space", "action_space") if not hasattr(env, name)]
    if lacking or isinstance(env, type):
        what = f"the class {env.__name__}" if isinstance(env, type) else repr(env)
        raise TypeError(
            f"env is {what}, which is no environment that can be stepped: "
            'pass one, such as gymnasium.make("FrozenLake-v1")'
        )


def _reset(env: Any, seed: int | None) -> Any:
    """The first observation; environments of the old Gym package give it alone."""
    try:
        found = env.reset(seed=seed)
    except TypeError as error:
        if "seed" not in str(error):
            raise
        raise TypeError(f"env.reset takes no seed: {_OLD}") from error
    if not isinstance(found, tuple) or len(found) != 2 or not isinstance(found[1], dict):
        raise TypeError(f"env.reset returns {type(found).__name__}, not (observation, info): {_OLD}")
    return found[0]


def _five(found: Any, n_environments: int | None = None) -> Any:
    """What ``step`` returns, after a look whether it says how an episode stops."""
    if not isinstance(found, tuple) or len(found) != 5:
        size = f"{len(found)} values" if isinstance(found, tuple) else type(found).__name__
        raise TypeError(f"env.step returns {size}, not (observation, reward, terminated, truncated, info): {_OLD}")
    shape = () if n_environments is None else (n_environments,)
    for name, value in (("terminated", found[2]), ("truncated", found[3])):
        if not shape and type(value) is bool:
            continue
        flags = np.asarray(value)
        known = flags.dtype == np.bool_ or (flags.dtype.kind in "iu" and ((flags == 0) | (flags == 1)).all())
        if not known or flags.shape not in (shape, shape or (1,)):
            raise TypeError(f"env.step returns {name} = {value!r}: return True or False for each environment")
    return found


#: What to do with an environment of the package that came before Gymnasium.
_OLD = "it is no environment of Gymnasium; wrap one of Gym in shimmy.GymV21CompatibilityV0 or GymV26CompatibilityV0"


def _observed(observation: Any) -> Any:
    """An observation that is a number or an array, copied, as some environments write into the one that they gave."""
    if isinstance(observation, (dict, tuple)):
        raise TypeError(
            f"env gives observations of type {type(observation).__name__}, not arrays: wrap it in "
            "gymnasium.wrappers.FlattenObservation, or many at once in gymnasium.wrappers.vector.FlattenObservation"
        )
    return _copied(observation)


def _copied(value: Any) -> Any:
    return np.array(value) if isinstance(value, (np.ndarray, list)) else value
