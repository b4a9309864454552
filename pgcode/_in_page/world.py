"""A reader's own world: a table of its rows becomes a process, and the course is computed on it.

A world is a mapping, as the page "Your world" keeps it in its link:

    {"name": "Shuttle", "states": ["home", "work"], "actions": ["wait", "go"],
     "rows": [[0, 0, 0, 1, 1], …],      a state, an action, the next state, its probability, its reward
     "start": [1, 0], "discount": 0.9, "horizon": 3 or None,
     "theta": [[0, 0], [0, 0]]}

An action without a row in a state cannot be taken there. A state without any row is an end.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import learning, state_action_form, trajectory_form, values
from pgcode._in_page import _progress
from pgcode.derivation import Derivation, Line
from pgcode.displays import check, table
from pgcode.estimators import full_return, policy_gradient, reward_to_go
from pgcode.exercises.chapters import ERRATA, LINES
from pgcode.mdp import TabularMDP
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import count_trajectories, sample_trajectories

__all__ = ["LIMITS", "World", "derivations", "exact", "learn", "read", "sample"]

Array = NDArray[np.float64]

#: The most of each that a page can show and a browser computes while one waits. The page has the same numbers.
LIMITS = {"states": 12, "actions": 4, "rows": 120, "horizon": 200}
#: Probabilities may be off from 1 by this much together, as three decimals of thirds are not.
SUM = 1e-9
#: Walks that have no end are cut where what is left is at most this share of all that could be paid.
LEFT = 1e-3
#: The longest walks that are drawn without a horizon.
LONGEST = 4000
#: The most numbers in the table of all derivatives of the ledger of source A.
LISTED = 20_000
#: So many sweeps are made to find what the best policy returns, without a horizon.
SWEEPS = 20_000
#: The most steps of all walks together that learning takes.
STEPS = 4_000_000

Answer = dict[str, Any]


@dataclass(frozen=True)
class World:
    """A world that was read.

    Attributes
    ----------
    states, actions : tuple of str
    mdp : TabularMDP
    policy : SoftmaxPolicy
    theta : array, shape (n_states, n_actions)
    """

    states: tuple[str, ...]
    actions: tuple[str, ...]
    mdp: TabularMDP
    policy: SoftmaxPolicy
    theta: Array


class WorldError(ValueError):
    """What is wrong with a world, in a sentence for who made it."""


def answered(compute: Callable[[Mapping[str, Any]], Answer]) -> Callable[[Any], Answer]:
    """Let a function answer an input that is refused with the sentence that says why."""

    @wraps(compute)
    def answer(request: Any) -> Answer:
        if not isinstance(request, Mapping):
            return {"problem": f"A request is {request!r}: give an object with a world."}
        try:
            return compute(request)
        except (ValueError, TypeError) as error:
            return {"problem": _sentence(str(error), request.get("world"))}

    return answer


def _sentence(text: str, world: Any = None) -> str:
    """An error as a sentence, in which states have their names."""
    names = world.get("states", ()) if isinstance(world, Mapping) else ()

    def named(match: re.Match[str]) -> str:
        number = int(match[1])
        return f"“{names[number]}”" if number < len(names) else match[0]

    text = re.sub(r"\bstate (\d+)\b", named, text)
    first = text[:1].upper() if text[:1].isascii() else text[:1]
    return f"{first}{text[1:]}{'' if text.endswith(('.', '?')) else '.'}"


def read(world: Any) -> World:
    """Read a world, or raise `WorldError` with the first thing that is wrong with it."""
    if not isinstance(world, Mapping):
        raise WorldError("a world is an object with states, actions, rows, start, discount, horizon and theta")
    states, actions = _names(world, "states"), _names(world, "actions")
    size = len(states), len(actions)
    transition, reward = np.zeros((2, *size, size[0]))
    for number, row in enumerate(_list(world, "rows", LIMITS["rows"]), 1):
        s, a, n, probability, pay = _row(row, number, size)
        where = f"row {number} (“{states[s]}”, “{actions[a]}” → “{states[n]}”)"
        if not 0 < probability <= 1 + SUM:
            raise WorldError(f"{where} has the probability {probability:g}: give a number above 0, at most 1")
        if transition[s, a, n]:
            raise WorldError(f"{where} is there twice: put both into one row")
        transition[s, a, n], reward[s, a, n] = probability, pay
    allowed: NDArray[np.bool_] = np.asarray(transition.any(axis=2))
    if not allowed.any():
        raise WorldError("there is no row, so nothing can happen: add one")
    for s, a in np.argwhere(allowed).tolist():
        total = transition[s, a].sum()
        if abs(total - 1) > SUM:
            raise WorldError(f"the probabilities of “{actions[a]}” in “{states[s]}” sum to {total:.6g}, not 1")
        transition[s, a] /= total
    start = _numbers(world.get("start"), "start", (size[0],))
    if (start < 0).any():
        raise WorldError(f"the start in “{states[int(start.argmin())]}” has the probability {start.min():g}, below 0")
    if not start.any():
        raise WorldError("there is no start: give at least one state a probability to begin in")
    if abs(start.sum() - 1) > SUM:
        raise WorldError(f"the probabilities of the start sum to {start.sum():.6g}, not 1")
    for s in np.flatnonzero(~allowed.any(axis=1)).tolist():  # an end
        transition[s, :, s], allowed[s] = 1, True
    discount = float(_numbers(world.get("discount"), "discount", ()))
    if not 0 <= discount <= 1:
        raise WorldError(f"the discount is {discount:g}: give a number from 0 to 1")
    mdp = TabularMDP(transition, reward, start / start.sum(), discount, _horizon(world), allowed)
    policy = SoftmaxPolicy.for_mdp(mdp)
    theta = _numbers(world.get("theta"), "theta", size)
    if mdp.horizon is None and mdp.discount == 1:
        _require_end(mdp, policy, theta, states)
    return World(states, actions, mdp, policy, theta)


def _list(world: Mapping[str, Any], name: str, most: int) -> list[Any]:
    given = world.get(name)
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise WorldError(f"{name} is {given!r}: give a list")
    if len(given) > most:
        raise WorldError(f"there are {len(given)} {name}: at most {most} are computed here")
    return list(given)


def _names(world: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    given = _list(world, kind, LIMITS[kind])
    if not given:
        raise WorldError(f"there are no {kind}: add one")
    for number, name in enumerate(given, 1):
        if not isinstance(name, str) or not name.strip():
            raise WorldError(f"number {number} of the {kind} has no name: give it one")
        if given.index(name) != number - 1:
            raise WorldError(f"two of the {kind} are called “{name}”: name one of them otherwise")
    return tuple(given)


def _row(row: Any, number: int, size: tuple[int, int]) -> tuple[int, int, int, float, float]:
    if not isinstance(row, Sequence) or isinstance(row, str) or len(row) != 5:
        raise WorldError(f"row {number} is {row!r}: give a state, an action, a next state, a probability and a reward")
    for place, (what, most) in enumerate((("state", size[0]), ("action", size[1]), ("next state", size[0]))):
        if isinstance(row[place], bool) or not isinstance(row[place], int) or not 0 <= row[place] < most:
            raise WorldError(f"row {number} names the {what} {row[place]!r}, which is not there")
    probability, reward = (
        float(_numbers(value, f"the {name} of row {number}", ()))
        for name, value in zip(("probability", "reward"), row[3:], strict=True)
    )
    return row[0], row[1], row[2], probability, reward


def _numbers(given: Any, name: str, shape: tuple[int, ...]) -> Array:
    """Return finite numbers of a shape."""
    try:
        plain = np.array(given, dtype=object)
        if any(isinstance(entry, (bool, str, type(None))) for entry in plain.ravel()):
            raise TypeError  # as numbers some of these would be taken
        array = np.array(given, dtype=float)
    except (TypeError, ValueError):
        raise WorldError(f"{name} is {given!r}: give {'a number' if not shape else 'numbers'}") from None
    if array.shape != shape:
        raise WorldError(f"{name} has the shape {array.shape}, but needs {shape}")
    if not np.isfinite(array).all() or (np.abs(array) > 1e9).any():
        raise WorldError(f"{name} holds {given!r}: give numbers between −1e9 and 1e9")
    return array


def _horizon(world: Mapping[str, Any]) -> int | None:
    horizon = world.get("horizon")
    if horizon is None:
        return None
    if isinstance(horizon, bool) or not isinstance(horizon, int) or not 1 <= horizon <= LIMITS["horizon"]:
        raise WorldError(f"the horizon is {horizon!r}: give a whole number from 1 to {LIMITS['horizon']}, or none")
    return horizon


def _require_end(mdp: TabularMDP, policy: SoftmaxPolicy, theta: Array, states: Sequence[str]) -> None:
    """Require that walks end, without a discount and without a horizon, from all states that they reach."""
    steps: NDArray[np.bool_] = np.asarray((mdp.transition > 0).any(axis=1))
    reached = _closure(steps, np.asarray(mdp.initial > 0))
    ends = _closure(steps.T, mdp.terminal)
    if (reached & ~ends).any():
        stuck = states[int(np.flatnonzero(reached & ~ends)[0])]
        raise WorldError(
            f"the discount is 1 and a walk that comes to “{stuck}” never ends: give a horizon or a discount below 1, "
            "or let a way lead to an end"
        )
    values.objective(mdp, policy, theta)  # which refuses what goes on for too long


def _closure(steps: NDArray[np.bool_], reached: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The states that are reached from some, these included."""
    for _ in range(len(steps)):
        reached = reached | (steps & reached[:, None]).any(axis=0)
    return reached


# ---- exact ---------------------------------------------------------------------------------------------------------


@answered
def exact(request: Mapping[str, Any]) -> Answer:
    """J and its gradient in both forms, each by a computation of its own.

    The request holds a ``world``. The answer holds ``objective``, ``trajectory``, ``state_action`` (n_states,
    n_actions), ``walks`` (a number, or None where a walk may be endless), ``said`` (why the first form was computed as
    it was), and ``shown``, a display.
    """
    world = read(request.get("world"))
    mdp, policy, theta = world.mdp, world.policy, world.theta
    state_action = state_action_form.exact_gradient(mdp, policy, theta)
    walks = None if mdp.horizon is None else count_trajectories(mdp)
    if walks is not None and walks * (mdp.horizon or 1) <= 2_000_000:
        trajectory = trajectory_form.enumerated_gradient(mdp, policy, theta)
        said = f"All {walks:,} walks were listed." if walks > 1 else "There is one walk."
    else:
        trajectory = _by_flow(mdp, policy, theta)
        many = "Walks may be endless" if walks is None else f"There are {_written(walks)} walks"
        said = f"{many}, so they were not listed one by one: those that are in one state were added up, step by step."
    verdict = check(
        r"\(\nabla J\) as a sum over walks is \(\nabla J\) as a sum over states and actions",
        trajectory,
        state_action,
        scale=np.abs(state_action).max(),
    )
    return {
        "objective": float(values.objective(mdp, policy, theta)),
        "trajectory": trajectory.tolist(),
        "state_action": state_action.tolist(),
        "walks": walks if walks is None or walks < 2**53 else float(walks),
        "said": said,
        "shown": verdict,
    }


def _by_flow(mdp: TabularMDP, policy: SoftmaxPolicy, theta: Array) -> Array:
    """Σ_τ P(τ;θ) Σ_k γᵏ r_k Σ_{t≤k} ∇log π(a_t|s_t), with all walks that are in one state added up.

    x_t(s) = E[1(s_t = s) Σ_{k<t} ∇log π], and Σ γᵗ x_t by one solve where there is no horizon. The scores after a
    reward are left out: their mean beside it is 0.
    """
    pi = policy.probabilities(theta)
    steps = pi[:, :, None] * mdp.transition
    steps[mdp.terminal] = 0
    paid = (steps * mdp.reward).sum(axis=2)
    chain, discount, n = steps.sum(axis=1), mdp.discount, mdp.n_states
    scored = policy.score(theta).reshape(n, mdp.n_actions, -1)  # of each pair, by parameter
    scored[mdp.terminal] = 0
    if mdp.horizon is None:
        live = np.flatnonzero(_closure(chain > 0, mdp.initial > 0) & ~mdp.terminal)
        matrix = np.eye(len(live)) - discount * chain[np.ix_(live, live)].T
        visits, scores = np.zeros(n), np.zeros((n, scored.shape[2]))
        visits[live] = np.linalg.solve(matrix, mdp.initial[live])
        entering = discount * np.einsum("s,san,sak->nk", visits, steps, scored)
        scores[live] = np.linalg.solve(matrix, entering[live])
    else:
        at, x = mdp.initial.copy(), np.zeros((n, scored.shape[2]))
        visits, scores = np.zeros(n), np.zeros_like(x)
        for t in range(mdp.horizon):
            visits, scores = visits + discount**t * at, scores + discount**t * x
            x = chain.T @ x + np.einsum("s,san,sak->nk", at, steps, scored)
            at = chain.T @ at
    gradient = np.einsum("sk,sa->k", scores, paid) + np.einsum("s,sa,sak->k", visits, paid, scored)
    return np.asarray(gradient.reshape(theta.shape))


# ---- ledgers -------------------------------------------------------------------------------------------------------


@answered
def derivations(request: Mapping[str, Any]) -> Answer:
    """The derivations of the course, evaluated on a world.

    The request holds a ``world``. The answer is ``ledgers``, a list of ``title``, ``said``, and ``shown`` (a display)
    or None where the derivation does not speak of such a world.
    """
    world = read(request.get("world"))
    ledgers: list[Answer] = []
    for title, evaluate in (
        ("Source A: the trajectory form, A1 to A15", _source_a),
        ("Source B: the state–action form, B1 to B11", _source_b),
        ("The theorem, proved: T1 to T10", _proof),
    ):
        _progress.tell(f"Evaluating the lines. {title}")
        try:
            said, ledger = evaluate(world)
        except ValueError as error:
            ledgers.append({"title": title, "said": _sentence(str(error)), "shown": None, "false": []})
        else:
            shown = ledger.linked(LINES, ERRATA)
            ledgers.append({"title": title, "said": said, "shown": shown, "false": ledger.false_lines})
    return {"ledgers": ledgers}


def _source_a(world: World) -> tuple[str, Derivation]:
    mdp, policy, theta = world.mdp, world.policy, world.theta
    most = LISTED // theta.size
    horizon = mdp.horizon or LIMITS["horizon"]
    while horizon > 1 and count_trajectories(replace(mdp, horizon=horizon)) > most:
        horizon -= 1
    mdp = replace(mdp, horizon=horizon)
    number = count_trajectories(mdp)
    if number > most:
        raise ValueError(f"one decision has {number} outcomes, and the ledger lists {most} walks at most")
    ledger = trajectory_form.derivation(mdp, policy, theta)
    uphill = trajectory_form.enumerated_gradient(mdp, policy, theta)
    step = learning.gradient_ascent(lambda at: state_action_form.exact_gradient(mdp, policy, at), theta, 0.1, n_steps=1)
    update = Line(
        "A1",
        r"\theta \leftarrow \theta + \alpha\, \nabla J(\theta)",
        "One step uphill, with α = 0.1.",
        theta + 0.1 * uphill,
        right_side=step[1],
    )
    lines = [update, replace(ledger["A2"], start=True, right_side=None), *list(ledger)[1:]]
    if horizon == world.mdp.horizon:
        said = f"Evaluated on all {number:,} walks."
    else:
        cut = "1 decision" if horizon == 1 else f"{horizon} decisions"
        said = f"This source lists every walk. So it is evaluated on your world cut after {cut}: {number:,} walks."
    return said, Derivation("Source A on your world", lines)


def _source_b(world: World) -> tuple[str, Derivation]:
    mdp = replace(world.mdp, horizon=None)
    if mdp.discount == 1:
        raise ValueError(
            "source B speaks of values without a horizon in the long run, which need a discount below 1: lower γ a "
            "little to see it"
        )
    said = "It speaks of the long run. "
    if world.mdp.horizon is not None:
        said = "It speaks of the long run, so it is evaluated on your world without its horizon. "
    if mdp.terminal.any():
        said += "In the long run every walk of yours may have ended, and there nothing is decided. "
    ledger = state_action_form.source_derivation(mdp, world.policy, world.theta)
    false = ledger.false_lines
    said += f"False on your world: {', '.join(false)}." if false else "On your world no line of it is false."
    return said, ledger


def _proof(world: World) -> tuple[str, Derivation]:
    ledger = state_action_form.full_derivation(world.mdp, world.policy, world.theta)
    return "What source B leaves out, on your world as it is.", ledger


# ---- sampling ------------------------------------------------------------------------------------------------------


@answered
def sample(request: Mapping[str, Any]) -> Answer:
    """Draw m walks, and estimate ∇J from them beside the exact one.

    The request holds a ``world``, ``m`` and ``seed``. The answer holds ``exact``, and for each of two estimators its
    ``mean`` and ``error`` (n_states, n_actions); a few ``walks`` in words, ``said`` and ``shown``.
    """
    world = read(request.get("world"))
    m = _count(request, "m", 2, 20_000)
    seed = _count(request, "seed", 0, 2**31)
    mdp, said = cut(world)
    longest = mdp.horizon or 1
    if m * longest > STEPS:
        raise WorldError(
            f"{m:,} walks of up to {longest} decisions are too many for a page: draw {STEPS // longest:,} at most, or "
            "lower the discount"
        )
    batch = sample_trajectories(mdp, world.policy, world.theta, m, np.random.default_rng(seed))
    exact_gradient = state_action_form.exact_gradient(mdp, world.policy, world.theta)
    away = np.abs(exact_gradient - state_action_form.exact_gradient(world.mdp, world.policy, world.theta)).max()
    if said:
        said += f" No entry of ∇J changes by more than {_size(away)}."
    estimates, rows = {}, []
    for name, weights in (("whole return", full_return(batch)), ("reward-to-go", reward_to_go(batch))):
        estimate = policy_gradient(batch, world.policy, world.theta, weights)
        estimates[name] = {"mean": estimate.mean.tolist(), "error": estimate.standard_error.tolist()}
        rows.append(check("", estimate.mean, exact_gradient, standard_error=estimate.standard_error))
    shown = table({"estimate of ∇J": list(estimates), f"from {m:,} walks": rows})
    returned = batch.returns
    return {
        "exact": exact_gradient.tolist(),
        "estimates": estimates,
        "objective": float(values.objective(mdp, world.policy, world.theta)),
        "mean": float(returned.mean()),
        "error": float(returned.std(ddof=1) / math.sqrt(m)),
        "walks": [_walk(world, batch, number) for number in range(min(m, 5))],
        "said": said,
        "shown": shown,
    }


def cut(world: World, longer: int = 1) -> tuple[TabularMDP, str]:
    """A process whose walks can be drawn, and what was done to it, in a sentence.

    Without a discount walks are cut where at most 1e-6 of them go on, or so many times later.
    """
    mdp = world.mdp
    if mdp.horizon is not None:
        return mdp, ""
    if mdp.discount < 1:
        horizon = 1 if mdp.discount == 0 else math.ceil(math.log(LEFT) / math.log(mdp.discount))
        why = f"what comes later weighs less than {LEFT:g} of all"
    else:
        horizon = longer * _steps_until_ended(world)
        why = "at most one in a million goes on for longer"
    horizon = min(max(horizon, 1), LONGEST)
    decisions = "1 decision" if horizon == 1 else f"{horizon:,} decisions"
    if horizon == LONGEST:
        why = "longer ones are not drawn here"
    return replace(mdp, horizon=horizon), f"Walks are cut after {decisions}: {why}."


def _steps_until_ended(world: World) -> int:
    """After how many decisions at most 1e-6 of the walks go on."""
    chain, _ = values.policy_chain(world.mdp, world.policy, world.theta)
    at = world.mdp.initial.copy()
    for step in range(LONGEST):
        if at[~world.mdp.terminal].sum() <= 1e-6:
            return step
        at = at @ chain
    return LONGEST


def _walk(world: World, batch: Any, number: int) -> str:
    """A walk in words, the first steps of it."""
    length, most = int(batch.lengths[number]), 6
    parts = [world.states[batch.states[number, 0]]]
    for t in range(min(length, most)):
        pay = f"{batch.rewards[number, t]:+g}".replace("-", "−").replace("+0", "0")
        parts.append(f"{world.actions[batch.actions[number, t]]} → {world.states[batch.states[number, t + 1]]} ({pay})")
    more = f", … {length - most} more" if length > most else ""
    return f"{', '.join(parts)}{more}: returned {float(batch.returns[number]):.4g}".replace("-", "−")


# ---- learning ------------------------------------------------------------------------------------------------------


@answered
def learn(request: Mapping[str, Any]) -> Answer:
    """Gradient ascent and REINFORCE from the policy of a world.

    The request holds a ``world``, ``alpha``, ``updates``, ``batch`` (episodes to an update), ``runs`` and ``seed``. The
    answer holds ``at`` (numbers of updates), ``ascent`` (J after each), the quartiles ``low``, ``mid`` and ``high`` of
    J over the runs, ``best`` (or None) with the words ``best_is``, the policies ``learned``, and ``said``.
    """
    world = read(request.get("world"))
    alpha = float(_numbers(request.get("alpha"), "the step size", ()))
    if not 0 < alpha <= 1000:
        raise WorldError(f"the step size is {alpha:g}: give a number above 0, at most 1000")
    updates, batch = _count(request, "updates", 1, 2000), _count(request, "batch", 2, 200)
    runs, seed = _count(request, "runs", 2, 50), _count(request, "seed", 0, 2**31)
    mdp, said = cut(world, longer=10)
    lasting = float(values.occupancy(mdp, world.policy, world.theta)[:-1, ~mdp.terminal].sum())
    asked = updates * batch * runs * lasting
    if asked > STEPS:
        fewer = max(int(updates * STEPS / asked), 5)
        if fewer < updates:
            said = f"{said} So that you need not wait, {fewer} updates were made instead of {updates}.".strip()
            updates = fewer
    policy, theta = world.policy, world.theta
    at = sorted({round(updates * share) for share in np.linspace(0, 1, 41) ** 1.5})

    def objectives(path: Array) -> list[float]:
        return [float(values.objective(world.mdp, policy, path[update])) for update in at]

    def uphill(parameters: Array) -> Array:
        return state_action_form.exact_gradient(world.mdp, policy, parameters)

    _progress.tell("Climbing the exact gradient")
    try:
        ascent = learning.gradient_ascent(uphill, theta, alpha, updates)
        climbed = objectives(ascent)
        _progress.tell(f"Learning from {runs * updates * batch:,} episodes")
        curve = learning.reinforce(
            mdp,
            policy,
            theta,
            alpha,
            n_episodes=updates * batch,
            n_runs=runs,
            rng=np.random.default_rng(seed),
            batch_size=batch,
            baseline="leave one out",
        )
        reached = np.array([objectives(path) for path in curve.theta])
    except ValueError as error:
        raise WorldError(f"learning broke off. {_sentence(str(error), request.get('world'))} {_TRY}") from None
    low, mid, high = np.quantile(reached, [0.25, 0.5, 0.75], axis=0)
    best = optimum(world.mdp)
    return {
        "at": at,
        "ascent": climbed,
        "low": low.tolist(),
        "mid": mid.tolist(),
        "high": high.tolist(),
        "best": best,
        "best_is": _best_is(world.mdp, best),
        "learned": policy.probabilities(ascent[-1]).tolist(),
        "theta": ascent[-1].tolist(),
        "updates": updates,
        "said": said,
    }


_TRY = "A smaller step size often helps; a discount below 1, or a horizon, always does."


def optimum(mdp: TabularMDP) -> float | None:
    """The most that any policy returns, one that knows the time too; None where sweeps do not settle."""
    v = np.zeros(mdp.n_states)
    reward = np.where(mdp.allowed, mdp.expected_reward, -np.inf)
    for sweep in range(mdp.horizon or SWEEPS):
        better = (reward + mdp.discount * mdp.transition @ v).max(axis=1)
        if mdp.horizon is None and np.abs(better - v).max() <= 1e-12 * (1 - mdp.discount or 1e-3):
            break
        if mdp.horizon is None and sweep == SWEEPS - 1:
            return None
        v = better
    return float(mdp.initial @ v)


def _best_is(mdp: TabularMDP, best: float | None) -> str:
    if best is None:
        return "What the best policy returns was not found: without a discount some policy may earn without end."
    if mdp.horizon is None:
        return f"The best policy returns {best:.4g}."
    return (
        f"The best policy that knows the time returns {best:.4g}. Yours sees the state alone, and may not be able to "
        "reach that."
    )


# ---- small things --------------------------------------------------------------------------------------------------


def _count(request: Mapping[str, Any], name: str, least: int, most: int) -> int:
    given = request.get(name)
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        raise WorldError(f"{_CALLED[name]} is {given!r}: give a whole number from {least} to {most:,}")
    return given


_CALLED = {
    "m": "the number of walks",
    "seed": "the seed",
    "updates": "the number of updates",
    "batch": "the number of episodes to an update",
    "runs": "the number of runs",
}


def _written(number: int) -> str:
    return f"{number:,}" if number < 10**9 else f"about 10^{math.floor(math.log10(number))}"


def _size(number: float) -> str:
    return f"{number:.1g}" if number else "0"
