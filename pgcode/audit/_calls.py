"""Calling an estimator that somebody else wrote, on every batch, and saying what is wrong with what it gives."""

from __future__ import annotations

import inspect
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import _checks
from pgcode._time_limit import TimeLimitReachedError, call_within
from pgcode.audit._worlds import Draw
from pgcode.trajectories import Trajectories

__all__ = [
    "Called",
    "Counted",
    "Estimator",
    "NotAnEstimatorError",
    "call_on_all",
    "called_no_more",
    "require_weight",
    "result_of",
    "single",
    "vanishes",
]

Array = NDArray[np.float64]
Estimator = Callable[..., Any]

#: On how many seeds a batch is tried first where an estimator draws random numbers.
N_SEEDS = 100
#: More seeds are tried until its mean is known this well, five standard errors as a share of the gradient's length …
SHARP = 0.02
#: … if that takes no longer than this share of the time …
MOST_TIME = 0.4
#: … and for this share where it would, to see whether the mean is farther off than the errors.
SHORT_TIME = 0.05
#: Such an estimator is called on draws of so many batches at most.
MOST_BATCHES = 24

#: No gradient of a table, and no advantages of a small process, have more numbers.
_MOST_NUMBERS = 1_000_000

#: The share of the time for a whole audit after which a single call is stopped.
LONGEST_CALL = 0.25


class NotAnEstimatorError(Exception):
    """Why a function is not an estimator of ∇J, in a sentence, and how often it had been called until then."""

    calls = 0
    #: Whether a call did not return in time, or too late: what takes so long is not tried on other batches.
    was_stopped = False


@dataclass(frozen=True)
class Called:
    """What an estimator gave on all batches of some draws.

    Attributes
    ----------
    draws : tuple of Draw
    estimates : tuple of array, shape (B, S, A)
    precision : type
        The coarsest type of numbers that it gave; single where all its numbers are numbers of single precision.
    errors : tuple of array, shape (S, A), or None
        The standard error of each mean, where the estimator draws random numbers.
    notes : tuple of str
        What a reader of the report should know.
    calls : int
    wanted : tuple of (int, float), or None
        Where random numbers leave a mean too uncertain: how many calls it would take, and the seconds for a whole
        audit with so many.
    flagged : tuple of (int, Draw, array)
        Where a flag at the horizon changes an estimate: the number of the draw, the same with the flags of cuts, and
        what the estimator gave there.
    knows : bool
        Whether it was handed the process.
    """

    draws: tuple[Draw, ...]
    estimates: tuple[Array, ...]
    precision: np.dtype[Any]
    errors: tuple[Array, ...] | None
    notes: tuple[str, ...]
    calls: int
    flagged: tuple[tuple[int, Draw, Array], ...] = ()
    wanted: tuple[int, float] | None = None
    knows: bool = False

    @cached_property
    def means(self) -> list[Array]:
        """E[ĝ] for each draw, shape (S, A)."""
        return [draw.mean(given) for draw, given in zip(self.draws, self.estimates, strict=True)]

    @cached_property
    def vanishes(self) -> bool:
        """Whether the mean is 0 everywhere, as far as rounding tells."""
        return all(
            vanishes(draw, given, self.precision) for draw, given in zip(self.draws, self.estimates, strict=True)
        )

    @cached_property
    def where_states_are_seen(self) -> Called | None:
        """The same without the worlds in which states look alike; None where that leaves all, or nothing."""
        kept = [number for number, draw in enumerate(self.draws) if draw.world.looks is None]
        if self.errors is not None or len(kept) in (0, len(self.draws)):
            return None
        return replace(
            self,
            draws=tuple(self.draws[number] for number in kept),
            estimates=tuple(self.estimates[number] for number in kept),
            flagged=(),
        )

    @property
    def tolerance(self) -> float:
        """The relative size of what rounding may do."""
        return rounding(self.precision)


class Counted:
    """A function that knows how often it was called."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function, self.calls = function, 0

    def __call__(self, given: Any) -> Any:
        self.calls += 1
        return self.function(given)


def called_no_more(function: Callable[..., Any]) -> None:
    """Tell a function that wants to know it that no call follows: what takes time from here on is ours."""
    told = getattr(function, "called_no_more", None)
    if callable(told):
        told()


def ended(error: NotAnEstimatorError) -> str:
    """A reason as a sentence of its own."""
    reason = str(error)
    return reason if reason.endswith(("?", ".")) else f"{reason}."


def rounding(precision: np.dtype[Any]) -> float:
    """What rounding may do to numbers of a type, as a share of the largest."""
    return {2: 2e-2, 4: 2e-5}.get(precision.itemsize, 1e-9)


def single(arrays: Iterable[NDArray[Any]]) -> bool:
    """Whether all numbers are numbers of single precision, so that they come from there, whatever type they have."""
    with np.errstate(over="ignore"):
        return all(np.array_equal(array, np.asarray(array, dtype=np.float32)) for array in arrays)


def vanishes(draw: Draw, estimates: Array, precision: np.dtype[Any]) -> bool:
    """Whether the mean of estimates is 0 beside the estimates themselves, as far as rounding tells."""
    off = float(np.abs(draw.mean(estimates)).max())
    return off <= (1e-13 if precision.itemsize >= 8 else rounding(precision) / 20) * float(np.abs(estimates).max())


def call_on_all(estimator: Estimator, draws: Sequence[Draw], max_seconds: float) -> Called:
    """Call an estimator on every batch of every draw.

    Raises
    ------
    NotAnEstimatorError
        If it raises, gives no array of the right shape, is random without a generator, or would take too long.
    """
    caller = _Caller(estimator, max_seconds)
    try:
        called = _called_on_all(caller, draws)
    except NotAnEstimatorError as error:
        error.calls = caller.calls
        raise
    called_no_more(estimator)
    return called


def _called_on_all(caller: _Caller, draws: Sequence[Draw]) -> Called:
    if caller.takes_rng:
        small = [draw for draw in draws if len(draw) <= MOST_BATCHES and draw.world.looks is None]
        if caller.is_random(small, sum(map(len, small)) * N_SEEDS):
            return replace(averaged := _averaged(caller, small), notes=(*averaged.notes, _few(small, draws)))
    done: list[Draw] = []
    estimates: list[Array] = []
    notes: list[str] = []
    total = sum(map(len, draws))
    least = min(draw.n_trajectories for draw in draws)
    refused: NotAnEstimatorError | None = None
    for draw in draws:
        try:
            given = np.empty((len(draw), *draw.world.theta.shape))
            for number, batch in enumerate(draw):
                given[number] = caller.call(batch, draw)
                caller.require_speed(batch, draw, total)
        except NotAnEstimatorError as error:
            # One episode may be too few for it, as for a baseline of the others' returns.
            if error.was_stopped:
                raise
            if draw.n_trajectories == least and least < max(other.n_trajectories for other in draws) and not done:
                refused = refused or error
                continue
            if refused is not None and draw.n_trajectories == least:
                continue
            raise refused or error from None
        done.append(draw)
        estimates.append(given)
    if not done:
        raise refused or NotAnEstimatorError("there is nothing to call it on")
    if refused is not None:
        sizes = sorted({draw.n_trajectories for draw in done})
        of = f"{least} episode" if least == 1 else f"{least} episodes"
        notes.append(
            f"In some worlds it fails with {of} ({refused}); it was audited with more there."
            if least in sizes
            else f"With {of} it fails ({refused}); it was audited with {' and '.join(map(str, sizes))}."
        )
    caller.require_repeatable(done, estimates)
    precision = np.dtype(np.float32) if caller.precision.itemsize >= 8 and single(estimates) else caller.precision
    flagged = _with_flags(caller, done, estimates, rounding(precision), notes)
    return Called(
        tuple(done),
        tuple(estimates),
        precision,
        None,
        (*notes, *caller.notes),
        caller.calls,
        flagged,
        knows=caller.takes_mdp,
    )


def _few(small: Sequence[Draw], draws: Sequence[Draw]) -> str:
    """What is not seen of an estimator that draws random numbers."""
    several = sum(draw.n_trajectories > 1 for draw in small)
    return (
        f"It draws random numbers, so it was called with many seeds on the {len(small)} of {len(draws)} draws that "
        f"have at most {MOST_BATCHES} batches, where no two states look alike, {several} of them with several "
        "episodes, and with one flag at the horizon. To have it audited on all of them, audit it with what is random "
        "replaced by its mean."
    )


def _with_flags(
    caller: _Caller, draws: Sequence[Draw], estimates: Sequence[Array], tolerance: float, notes: list[str]
) -> tuple[tuple[int, Draw, Array], ...]:
    """The draws on which it changes an estimate that the ends at the horizon are flagged as cuts."""
    found = []
    for number, (draw, given) in enumerate(zip(draws, estimates, strict=True)):
        flagged = draw.with_cuts
        if flagged is None:
            continue
        try:
            other = given.copy()
            for row, batch in enumerate(flagged):
                if batch.cut.any():  # it is another batch than before
                    other[row] = caller.call(batch, flagged)
        except NotAnEstimatorError as error:
            notes.append(
                f"Where the end at the horizon is flagged as a cut it fails ({error}), so that is not audited."
            )
            return ()
        if np.abs(other - given).max() > tolerance * np.abs(given).max():
            found.append((number, flagged, other))
    return tuple(found)


class _Seeds:
    """The estimates of a draw over seeds, and what is known of their mean.

    Every call has a seed of its own, so that the errors of two batches have nothing to do with each other.
    """

    def __init__(self, caller: _Caller, draw: Draw, place: int, n_first: int) -> None:
        self.caller, self.draw, self.place = caller, draw, place
        self.n_first = n_first
        self.first = np.empty((len(draw), *draw.world.theta.shape))
        self.sum, self.squares = np.zeros((2, *self.first.shape))
        self.count = 0

    def call(self, n_seeds: int) -> None:
        """Call the estimator on each batch with more seeds, up to so many of them in all."""
        for number, batch in enumerate(self.draw):
            for seed in range(self.count, n_seeds):
                rng = np.random.default_rng((self.place, number, seed))
                given = self.caller.call(batch, self.draw, rng=rng)
                if seed == 0:
                    self.first[number] = given
                off = given - self.first[number]  # a shift keeps digits where the noise is small
                self.sum[number] += off
                self.squares[number] += off**2
                self.caller.require_speed(batch, self.draw, self.n_first)
        self.count = max(self.count, n_seeds)

    @property
    def means(self) -> Array:
        """The mean on each batch, shape (B, S, A)."""
        return np.asarray(self.first + self.sum / self.count)

    @property
    def error(self) -> Array:
        """The standard error of the mean over all batches, shape (S, A)."""
        squares = np.maximum(self.squares / self.count - (self.sum / self.count) ** 2, 0) / (self.count - 1)
        return np.sqrt(np.einsum("b,bsa->sa", self.draw.probabilities**2, squares))

    @property
    def wanted(self) -> int:
        """How many seeds make the mean as sharp as is asked."""
        blur = 5 * float(np.linalg.norm(self.error)) / float(np.linalg.norm(self.draw.gradient))
        return self.count if blur <= SHARP else int(1.2 * self.count * (blur / SHARP) ** 2) + 1

    @property
    def calls(self) -> int:
        """How many more calls that takes."""
        return (self.wanted - self.count) * len(self.draw)


def _averaged(caller: _Caller, draws: Sequence[Draw]) -> Called:
    """The mean of an estimator over seeds, on every batch, with the standard error of the mean over all batches.

    After the first seeds it is known how many a sharp mean takes. If that is more than there is time for, little of it
    is spent.
    """
    n_first = sum(map(len, draws)) * N_SEEDS
    every = [_Seeds(caller, draw, place, n_first) for place, draw in enumerate(draws)]
    for seeds in every:
        seeds.call(N_SEEDS)
    wanted = None
    while more := sum(seeds.calls for seeds in every):
        left = caller.seconds_for_all * MOST_TIME - caller.spent
        if more * caller.each > left:
            wanted = caller.calls + more, (caller.spent + more * caller.each) / MOST_TIME
            share = caller.seconds_for_all * SHORT_TIME / len(every)
            for seeds in every:
                affordable = int(share / (caller.each * len(seeds.draw)))
                seeds.call(min(seeds.wanted, seeds.count + affordable))
            break
        for seeds in every:
            seeds.call(seeds.wanted)
    return Called(
        tuple(draws),
        tuple(seeds.means for seeds in every),
        caller.precision,
        tuple(seeds.error for seeds in every),
        tuple(caller.notes),
        caller.calls,
        wanted=wanted,
    )


def _too_slow(each: float, total: int, max_seconds: float) -> NotAnEstimatorError:
    slow = NotAnEstimatorError(
        f"one call takes {each:.2g} s and the audit needs {total}, which would be {each * total:.0f} s: make a call "
        f"faster (batches hold at most 3 episodes of 7 steps), or pass max_seconds above {max_seconds:g}"
    )
    slow.was_stopped = True  # other batches are no faster
    return slow


def stopped(seconds: float, where: str) -> str:
    """What is said of a call that was stopped."""
    return f"it did not return within {seconds:g} s {where}: does a loop in it end?"


def result_of(call: Callable[[], Any], seconds: float, where: str) -> np.ndarray[Any, Any]:
    """What somebody else's function gives, as an array of finite real numbers.

    Raises
    ------
    NotAnEstimatorError
        If it raises, leaves Python, does not return in time, or gives something else.
    """

    def arrived() -> tuple[Any, Any]:
        """What it gave, and that as an array of our own; what cannot be one is told below."""
        given = call()
        if hasattr(given, "detach"):  # a tensor of PyTorch
            given = given.detach().cpu().numpy()
        size = getattr(given, "size", 0)
        if isinstance(size, int) and size > _MOST_NUMBERS:
            raise NotAnEstimatorError(f"it gave an array of shape {np.shape(given)} {where}, with {size:,} numbers")
        try:
            return given, np.array(given)  # a copy: what it gave may be a buffer that its next call writes into
        except Exception as error:
            return given, error

    try:
        given, array = call_within(arrived, seconds)
    except NotAnEstimatorError:
        raise
    except Exception as error:
        told = f"it raised {type(error).__name__} {where}{_message_of(error)}{_its_line(error)}"
        if "read-only" in told:
            told += ". It writes into what it is given, which other calls share: copy it first"
        raise NotAnEstimatorError(told) from error
    except TimeLimitReachedError:
        late = NotAnEstimatorError(stopped(seconds, where))
        late.was_stopped = True
        raise late from None
    except SystemExit as error:
        raise NotAnEstimatorError(f"it left Python {where}, exit({error.code!r})") from error
    if given is None:
        raise NotAnEstimatorError(f"it gave None {where}: did you forget to return?")
    if isinstance(given, np.ma.MaskedArray):
        raise NotAnEstimatorError(f"it gave a masked array {where}, and its mask would be lost: fill it")
    if isinstance(array, Exception):
        if isinstance(given, tuple):
            told = f"it gave a tuple of {len(given)} {where}, which is no array: return the gradient alone"
            raise NotAnEstimatorError(told) from array
        raise NotAnEstimatorError(f"it gave no array {where}: {array}") from array
    if array.dtype.kind == "O" and not isinstance(given, (np.ndarray, list, tuple)):
        raise NotAnEstimatorError(f"it gave a {type(given).__name__} {where}, not an array of real numbers")
    if array.dtype.kind not in "iuf":
        raise NotAnEstimatorError(f"it gave an array of {array.dtype} {where}, not of real numbers")
    if not np.isfinite(array).all():
        raise NotAnEstimatorError(f"it gave {array[~np.isfinite(array)][0]} {where}")
    if array.dtype.itemsize > 8 and not (np.abs(array) <= np.finfo(float).max).all():
        raise NotAnEstimatorError(f"it gave a number beyond 1.8e308 {where}")
    return array


#: Of a longer message of an error the beginning is shown.
_LONGEST_MESSAGE = 2000


def _message_of(error: Exception) -> str:
    """What an error says, after a colon; nothing, where it says nothing."""
    try:
        told = str(error)
    except Exception as another:
        return f", whose own message raises {type(another).__name__}"
    if len(told) > _LONGEST_MESSAGE:
        told = f"{told[:_LONGEST_MESSAGE]} … (of {len(told):,} characters)"
    return f": {told}" if told else ""


def _its_line(error: Exception) -> str:
    """Where an error came from: the last line that is not of this package, nor of an installed one."""
    here = str(Path(__file__).parents[1])
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith(here) and "site-packages" not in Path(frame.filename).parts
    ]
    if not frames or frames[-1].lineno is None:
        return ""
    line = frames[-1].line
    return f" (line {frames[-1].lineno}, “{line}”)" if line else f" (line {frames[-1].lineno})"


def require_weight(name: str, value: Any) -> float:
    """Require β: one finite number that is not negative."""
    if isinstance(value, (bool, np.bool_)) or np.ndim(value) or not np.isreal(value):
        raise TypeError(f"{name} is {value!r}: pass one number, β")
    weight = float(_checks.real_array(name, value))
    if not 0 <= weight < np.inf:
        raise ValueError(f"{name} is {value}: pass β, which is not negative")
    return weight


#: Why one batch may have two results: random numbers that everyone shares, or something that stays between calls.
_DRAWS = (
    "it gives two results for one batch, because it draws random numbers from a generator that all code shares: let it "
    "take one, estimator(batch, theta, rng), and it is averaged over seeds"
)
_REMEMBERS = (
    "it gives two results for one batch, and no generator that all code shares has moved: it remembers something of "
    "earlier batches, such as a baseline in a global, or it has a generator of its own. An estimate has to follow from "
    "its batch and theta alone, because an audit lists batches in an order that no training has: hold fixed what it "
    "remembers. A generator of its own has to come in as an argument, estimator(batch, theta, rng)"
)


_OWN_GENERATOR = (
    "With one seed in rng it gives two results: it draws from a generator of its own, so no two audits of it are the "
    "same. Draw from rng."
)


def _shared_generators() -> tuple[object, ...]:
    """The state of the generators that a function can draw from without being given one."""
    name, keys, *place = np.random.get_state(legacy=True)  # noqa: NPY002 - looked at, not drawn from
    torch = sys.modules.get("torch")
    of_torch = b"" if torch is None else bytes(torch.get_rng_state().numpy())
    return random.getstate(), name, np.asarray(keys).tobytes(), *place, of_torch


def _look_for_nan(batch: Trajectories) -> str:
    """Where a nan may come from: what is 0/0 in a short batch, and what a mask does not remove."""
    if int(batch.lengths.sum()) == 1:
        return (
            "there is a single step, and a deviation, or a mean of the others, that divides by n − 1 is 0/0 for one "
            "number"
        )
    if int(batch.lengths.min()) < batch.horizon:
        return "look for 0/0 and log 0, also in what is masked afterwards, for 0 times nan is nan"
    return "look for 0/0 and log 0"


class _Caller:
    """Calls a function and looks at what comes back."""

    def __init__(self, estimator: Estimator, max_seconds: float) -> None:
        self.estimator = estimator
        self.seconds_for_all = max_seconds
        self.seconds = max_seconds * LONGEST_CALL
        self.calls = 0
        self.counted = 0
        self.begun = time.perf_counter()
        self.precision = np.dtype(float)
        self.changed_theta = False
        self.only_whole = True
        self.own_generator = False
        self.options: dict[str, Any] = {}
        try:
            parameters = inspect.signature(estimator).parameters
        except (TypeError, ValueError):
            parameters = {}  # type: ignore[assignment]
        parameter = parameters.get("rng")
        self.takes_mdp = "mdp" in parameters
        self.takes_rng = parameter is not None
        self.needs_rng = parameter is not None and parameter.default is parameter.empty

    @property
    def notes(self) -> list[str]:
        """What was noticed on the way."""
        told = ["It writes into theta. It was given a copy each time."] if self.changed_theta else []
        told += [_OWN_GENERATOR] if self.own_generator else []
        return told + (["It gives whole numbers: what stands behind the point is lost."] if self.only_whole else [])

    @property
    def spent(self) -> float:
        """Seconds since the first call that counts."""
        return time.perf_counter() - self.begun

    @property
    def each(self) -> float:
        """Seconds of a call."""
        return self.spent / max(self.calls - self.counted, 1)

    def require_speed(self, batch: Trajectories, draw: Draw, total: int) -> None:
        """Refuse an estimator with which all calls would take too long. The first ones may, where they compile."""
        if self.spent <= self.seconds_for_all / 20 or self.each * total <= self.seconds_for_all:
            return
        before, begun = self.calls, time.perf_counter()
        for seed in range(2):
            self.call(batch, draw, **({"rng": np.random.default_rng(seed)} if self.takes_rng else {}))
        each = (time.perf_counter() - begun) / 2
        if each * (total - before) > self.seconds_for_all:
            raise _too_slow(each, total, self.seconds_for_all)
        self.begun, self.counted = begun, before

    def is_random(self, draws: Sequence[Draw], total: int) -> bool:
        """Whether two seeds give two results somewhere; where they do not, it is called without a choice."""
        for draw in draws:
            for batch in draw:
                one, other = (self.call(batch, draw, rng=np.random.default_rng(seed)) for seed in (1, 2))
                if not np.array_equal(one, other):
                    again = self.call(batch, draw, rng=np.random.default_rng(1))
                    self.own_generator = not np.array_equal(one, again)
                    return True
                self.require_speed(batch, draw, total)
        self.options = {"rng": np.random.default_rng(0)} if self.needs_rng else {}
        self.takes_rng = False
        return False

    def require_repeatable(self, draws: Sequence[Draw], estimates: Sequence[Array]) -> None:
        """Refuse an estimator that gives two results for one batch: the first of all, and the largest of each draw."""
        again = [(draws[0], 0, estimates[0][0])]
        for draw, given in zip(draws, estimates, strict=True):
            for number in {int(np.abs(given).max(axis=(1, 2)).argmax()), len(draw) // 2}:
                again.append((draw, number, given[number]))
        for draw, number, before in again:
            shared = _shared_generators()
            if not np.array_equal(self.call(draw.world.walks[0][draw.chosen[number]], draw), before):
                raise NotAnEstimatorError(_REMEMBERS if _shared_generators() == shared else _DRAWS)

    def call(self, batch: Trajectories, draw: Draw, **options: Any) -> Array:
        """One estimate."""
        theta = draw.world.theta.copy()
        self.calls += 1
        where = f"on a batch of {draw.n_trajectories} of “{draw.world.name}”"
        if self.takes_mdp:
            options["mdp"] = draw.world.seen
        try:
            array = result_of(lambda: self.estimator(batch, theta, **{**self.options, **options}), self.seconds, where)
        except NotAnEstimatorError as error:
            if str(error) == f"it gave nan {where}":
                raise NotAnEstimatorError(f"{error}: {_look_for_nan(batch)}") from None
            raise
        self.changed_theta |= not np.array_equal(theta, draw.world.theta)
        if array.shape != theta.shape:
            raise NotAnEstimatorError(f"it gave an array of shape {array.shape} {where}, and θ has shape {theta.shape}")
        self.only_whole &= array.dtype.kind != "f"
        if array.dtype.kind == "f" and array.dtype.itemsize < self.precision.itemsize:
            self.precision = array.dtype
        return array.astype(float)
