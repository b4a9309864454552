"""The same for those who train language models: groups of sequences, advantages, and how the loss is put together."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import _checks
from pgcode.audit._calls import (
    LONGEST_CALL,
    Counted,
    NotAnEstimatorError,
    called_no_more,
    ended,
    require_weight,
    result_of,
    single,
)
from pgcode.audit._naming import common_factor, plain_function, written
from pgcode.audit._report import Report
from pgcode.audit._worlds import frozen
from pgcode.displays import table
from pgcode.mistakes import PENALTIES, SEQUENCES, SequenceBatch, leave_one_out
from pgcode.mistakes._penalties import log_ratio_of_the_answer
from pgcode.mistakes._pipeline import log_softmax

__all__ = ["AGGREGATIONS", "SequenceProcess", "audit_sequences", "sequence_processes"]

Array = NDArray[np.float64]

#: What a small number in a divisor may do to a mean, such as 1e-4 beside a deviation.
NEARLY = 1e-3

#: What agrees so well is the same; in single precision, which has about seven digits, what agrees as well as this.
EXACT, SINGLE = 1e-9, 1e-5
#: How a loss is put together from its tokens: the weight of each token, from the mask (..., N, T).
AGGREGATIONS: dict[str, Callable[[NDArray[np.bool_]], Array]] = {
    "sequence sum": lambda mask: np.asarray(mask / mask.shape[-2]),
    "sequence mean": lambda mask: np.asarray(mask / (mask.shape[-2] * np.maximum(mask.sum(axis=-1, keepdims=True), 1))),
    "token mean": lambda mask: np.asarray(mask / np.maximum(mask.sum(axis=(-2, -1), keepdims=True), 1)),
    "constant": lambda mask: np.asarray(mask / (mask.shape[-2] * mask.shape[-1])),
}


@dataclass(frozen=True)
class SequenceProcess:
    r"""Prompts, tokens and a reward for each whole answer: J(θ) = E[R] − β KL(π_θ, π_ref).

    Attributes
    ----------
    name : str
    tokens : array of int, shape (n, T)
        Every answer, padded.
    mask : array of bool, shape (n, T)
    states : array of int, shape (n_prompts, n, T)
        The row of θ from which each token is drawn.
    rewards : array, shape (n_prompts, n)
    theta, reference : array, shape (S, A)
        The logits of the policy and of the one that it should stay near.
    """

    name: str
    tokens: NDArray[np.intp]
    mask: NDArray[np.bool_]
    states: NDArray[np.intp]
    rewards: Array
    theta: Array
    reference: Array

    def log_probabilities(self, theta: Array) -> NDArray[Any]:
        """Log π of each token, shape (n_prompts, n, T); 0 beyond the mask. θ may be complex."""
        shifted = theta - np.real(theta).max(axis=1, keepdims=True)
        logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
        return np.asarray(np.where(self.mask, logs[self.states, self.tokens], 0.0))

    def probabilities(self, theta: Array) -> NDArray[Any]:
        """P(answer | prompt), shape (n_prompts, n)."""
        return np.exp(self.log_probabilities(theta).sum(axis=-1))

    @cached_property
    def log_ratios(self) -> Array:
        """Log π_θ − log π_ref of each token, shape (n_prompts, n, T)."""
        return np.asarray(self.log_probabilities(self.theta) - self.log_probabilities(self.reference))

    @cached_property
    def scores(self) -> Array:
        """∇log π of each token, shape (n_prompts, n, T, S, A)."""
        n_states, n_actions = self.theta.shape
        row = np.eye(n_states)[self.states]
        taken = np.eye(n_actions)[self.tokens] - np.exp(log_softmax(self.theta))[self.states]
        return np.asarray(np.einsum("pnts,pnta,nt->pntsa", row, taken, self.mask))

    def objective(self, theta: Array, kl: float = 0.0) -> Any:
        """J(θ), with prompts drawn evenly. θ may be complex."""
        ratio = (self.log_probabilities(theta) - self.log_probabilities(self.reference)).sum(axis=-1)
        return np.mean(np.sum(self.probabilities(theta) * (self.rewards - kl * ratio), axis=1))

    def gradient(self, kl: float = 0.0) -> Array:
        """∇J(θ), shape (S, A)."""
        weight = self.probabilities(self.theta) * (self.rewards - kl * self.log_ratios.sum(axis=-1))
        return np.asarray(np.einsum("pn,pntsa->sa", weight, self.scores) / len(self.rewards))


def _process(
    name: str, n_tokens: int, longest: int, rewards: Callable[[int, tuple[int, ...]], float], seed: int
) -> SequenceProcess:
    """Two prompts, tokens 0 … A−1 of which the last one stops; a state is a prompt with the token before."""
    stop = n_tokens - 1
    answers: list[tuple[int, ...]] = [()]
    whole: list[tuple[int, ...]] = []
    for _ in range(longest):
        answers = [(*answer, token) for answer in answers for token in range(n_tokens)]
        whole += [answer for answer in answers if answer[-1] == stop or len(answer) == longest]
        answers = [answer for answer in answers if answer[-1] != stop]
    n = len(whole)
    tokens, mask, before = np.zeros((n, longest), int), np.zeros((n, longest), bool), np.zeros((n, longest), int)
    for number, answer in enumerate(whole):
        tokens[number, : len(answer)] = answer
        mask[number, : len(answer)] = True
        before[number, 1 : len(answer)] = 1 + np.array(answer[:-1], int)
    states = np.stack([before + prompt * n_tokens for prompt in range(2)])
    paid = np.array([[rewards(prompt, answer) for answer in whole] for prompt in range(2)])
    rng = np.random.default_rng(seed)
    theta, reference = rng.normal(size=(2, 2 * n_tokens, n_tokens)).round(2)
    return SequenceProcess(name, *map(frozen, (tokens, mask, states, paid, theta, reference)))


@lru_cache(maxsize=1)
def sequence_processes() -> tuple[SequenceProcess, ...]:
    """The processes on which sequences are audited.

    Examples
    --------
    >>> [len(process.tokens) for process in sequence_processes()]
    [4, 7, 3]
    """

    def by_length(prompt: int, answer: tuple[int, ...]) -> float:
        return [1.0, 0.2, -0.5][len(answer) - 1] + (0.6 if answer[-1] == 0 else 0.0) + 0.9 * prompt * len(answer)

    def by_words(prompt: int, answer: tuple[int, ...]) -> float:
        value = sum((1.3, -0.8, 0.4)[token] * (0.5 + step) for step, token in enumerate(answer))
        return round(value * (1 - 2.2 * prompt) + 0.7 * prompt, 3)

    return (
        _process("longer is worse", 2, 3, by_length, 3),
        _process("two words", 3, 2, by_words, 4),
        _process("right or wrong", 2, 2, lambda prompt, answer: float(len(answer) == 1 + prompt), 5),
    )


@dataclass(frozen=True)
class _GroupDraw:
    """Every batch of some groups of m sequences, with its probability."""

    process: SequenceProcess
    n_groups: int
    group_size: int

    @cached_property
    def prompts(self) -> NDArray[np.intp]:
        """The prompt of each sequence, shape (B, N)."""
        return self._rows[:, : self.n_groups].repeat(self.group_size, axis=1)

    @cached_property
    def answers(self) -> NDArray[np.intp]:
        """The answer of each sequence, shape (B, N)."""
        return self._rows[:, self.n_groups :]

    @cached_property
    def _rows(self) -> NDArray[np.intp]:
        n, size = len(self.process.tokens), self.n_groups * self.group_size
        ranges = [range(2)] * self.n_groups + [range(n)] * size
        return np.array(list(itertools.product(*ranges)))

    @cached_property
    def probabilities(self) -> Array:
        """The probability of each batch."""
        each = self.process.probabilities(self.process.theta)[self.prompts, self.answers]
        return np.asarray(each.prod(axis=1) / 2.0**self.n_groups)

    @cached_property
    def kept(self) -> NDArray[np.bool_]:
        """Whether in no group of each batch all rewards are alike, shape (B,)."""
        rewards = self.process.rewards[self.prompts, self.answers]
        by_group = rewards.reshape(len(rewards), self.n_groups, self.group_size)
        return np.asarray((np.ptp(by_group, axis=-1) > 0).all(axis=-1))

    @cached_property
    def share_kept(self) -> float:
        """The probability that the rewards of a group are not all alike."""
        return float(self.probabilities[self.kept].sum() ** (1 / self.n_groups))

    def chances(self, redraw_alike: bool) -> Array:
        """The probability of each batch, given that it is kept where others are drawn again, shape (B,)."""
        if not redraw_alike:
            return self.probabilities
        return np.asarray(np.where(self.kept, self.probabilities, 0.0) / self.probabilities[self.kept].sum())

    @cached_property
    def batches(self) -> tuple[SequenceBatch, ...]:
        """Each batch."""
        process, p, n = self.process, self.prompts, self.answers
        groups = np.broadcast_to(np.arange(self.n_groups).repeat(self.group_size), p.shape).copy()
        arrays = (process.rewards[p, n], process.mask[n], groups, process.log_ratios[p, n])
        return tuple(itertools.starmap(SequenceBatch, zip(*map(frozen, arrays), strict=True)))


@lru_cache(maxsize=1)
def _draws() -> tuple[_GroupDraw, ...]:
    short, words, graded = sequence_processes()
    return (
        _GroupDraw(graded, 1, 2),
        _GroupDraw(short, 1, 2),
        _GroupDraw(words, 1, 2),
        _GroupDraw(short, 1, 3),
        _GroupDraw(short, 1, 4),
        _GroupDraw(words, 1, 3),
        _GroupDraw(graded, 1, 4),
        _GroupDraw(short, 2, 2),
    )


def audit_sequences(
    function: Callable[[SequenceBatch], Any],
    *,
    aggregation: str = "sequence sum",
    kl: float = 0.0,
    redraw_alike: bool = False,
    max_seconds: float = 60.0,
) -> Report:
    r"""Tell what the mean gradient is of a loss on groups of sequences.

    The gradient of one batch of N sequences is

        ĝ = Σ_i Σ_t c_it A_it ∇log π_θ(y_it | x_i, y_i,<t),

    with the advantages A of the function and the weights c of the aggregation. Its mean over all batches of small
    sequence processes is compared with ∇J(θ), J = E[R] − β KL(π_θ, π_ref).

    **Losses with ratios.** At the first step of an update the policy is the one that wrote the answers: each ratio is
    1, and nothing is clipped, whatever the bounds. So the gradient of a token's clipped ratio times A is A ∇log π, and
    so it is with CISPO, which holds the ratio constant. The ratio of a whole answer to the power 1/length, as in GSPO,
    has the gradient A ∇log π(answer)/length: "sequence mean". Pass what the loss multiplies its ratios with, and the
    aggregation.

    **What it does not see.** Answers have at most three tokens, groups at most four answers, batches at most two
    groups, and rewards are about 1 in size: what is clipped at 5, or happens from five answers on, is not found. The
    answers of a group stand one after the other: what takes that for granted is right here.

    Parameters
    ----------
    function : callable
        ``function(batch)`` with a `mistakes.SequenceBatch` returns the advantages, shape (N,) or (N, T).
    aggregation : str
        "sequence sum", c = 1/N; "sequence mean", 1/(N · length); "token mean", 1/(number of tokens of the batch); or
        "constant", 1/(N · T).
    kl : float
        β. The function finds log π_θ − log π_ref of each token in ``batch.log_ratios`` and has to take account of it.
    redraw_alike : bool
        Whether a group whose rewards are all alike is thrown away and a group for a prompt that is drawn anew takes its
        place, until the batch is full: the dynamic sampling of DAPO.
    max_seconds : float
        A call that takes a quarter of it is stopped where there are signals, as in `audit`.

    Returns
    -------
    Report
        "unbiased"; "proportional", with the factor as a function of the number m of answers in a group, of the number N
        of all answers, of the number T of tokens to which they are padded, and of the probability P(kept) that the
        rewards of a group are not all alike; "biased", with the mistake, and the angles to ∇J in ``directions``.

    Raises
    ------
    TypeError, ValueError
        If function is none, the aggregation is not known, kl is negative, redraw_alike is no bool, or max_seconds is
        not a finite number above 0.

    Examples
    --------
    >>> from pgcode import mistakes
    >>> from pgcode.audit import audit_sequences
    >>> audit_sequences(mistakes.leave_one_out).verdict
    'unbiased'
    >>> audit_sequences(lambda batch: batch.rewards - batch.group_mean(batch.rewards)).factor
    '(1 − 1/m)'
    >>> audit_sequences(mistakes.leave_one_out, redraw_alike=True).factor
    '1/P(kept)'
    """
    if not callable(function):
        raise TypeError(f"function is {function!r}: pass a function of a SequenceBatch")
    if not isinstance(aggregation, str):
        raise TypeError(f"aggregation is {aggregation!r}: pass one of {', '.join(map(repr, AGGREGATIONS))}")
    if aggregation not in AGGREGATIONS:
        raise ValueError(f"aggregation is {aggregation!r}: pass one of {', '.join(map(repr, AGGREGATIONS))}")
    beta = require_weight("kl", kl)
    if not isinstance(redraw_alike, (bool, np.bool_)):
        raise TypeError(f"redraw_alike is {redraw_alike!r}: pass True or False")
    way = aggregation, bool(redraw_alike)
    longest = LONGEST_CALL * _checks.require_positive("max_seconds", max_seconds, "the seconds that an audit may take")
    counted = Counted(function)
    try:
        given = [_all_given(draw, counted, way[1], longest) for draw in _draws()]
        _require_repeatable(counted, given, way[1], longest)
    except NotAnEstimatorError as error:
        return Report("not an estimator", f"These are no advantages: {ended(error)}", calls=counted.calls)
    called_no_more(function)
    means = [_mean_of(draw, one, *way) for draw, one in zip(_draws(), given, strict=True)]
    exact = [draw.process.gradient(beta) for draw in _draws()]
    off = max(float(np.abs(mean - right).max() / np.abs(right).max()) for mean, right in zip(means, exact, strict=True))
    close = SINGLE if single(array for arrays in given for array in arrays) else EXACT
    if off <= close:
        precision = "" if off <= EXACT else f", to {off:.1g}: in single precision, it seems"
        return Report(
            "unbiased", f"The mean is the gradient, in all processes and groups{precision}.", calls=counted.calls
        )
    if all(not np.abs(one).any() for arrays in given for one in arrays):
        return Report("biased", "It gives 0 to every sequence, so the mean is 0.", calls=counted.calls)
    sizes = [(draw.group_size, draw.process.mask.shape[1], 1.0) for draw in _draws()]
    numbers = [draw.n_groups * draw.group_size for draw in _draws()]
    of_all: dict[str, list[float]] = {
        "N": [float(n) for n in numbers],
        "/N": [1 / n for n in numbers],
        "(1 − 1/N)": [1 - 1 / n for n in numbers],
        "(N − 1)": [n - 1 for n in numbers],
    }
    if redraw_alike:
        of_all |= _of_kept(sizes)
    for tolerance in dict.fromkeys((EXACT, close)):
        factors = [common_factor(mean, right, tolerance) for mean, right in zip(means, exact, strict=True)]
        known = [factor for factor in factors if factor is not None]
        plain = plain_function(sizes, known, tolerance, of_all) if len(known) == len(factors) else None
        if plain is not None and plain.keeps_its_sign:
            names, factor, near = _names(means, way) if not beta else ((), "", False)
            precision = "" if tolerance == EXACT else ", in single precision, it seems"
            disguise = "a step size in disguise" + (", and downhill" if plain.downhill else "")
            of = ", N in all" if "N" in plain.function else ""
            of += ", padded to T tokens" if "T" in plain.function else ""
            of += ", of which those with rewards all alike are drawn again" if redraw_alike else ""
            reason = f"{plain.sentence}, with groups of m sequences{of}{precision}: {disguise}."
            made = () if factor or near else names
            return Report(
                "proportional",
                reason,
                mistakes=made,
                factor=str(plain),
                calls=counted.calls,
                among_others=not all(_gives(given, name, way[1], close) for name in made),
            )
    vanish = all(
        np.abs(mean).max() <= 1e-12 * max(float(np.abs(one).max()) for one in arrays)
        for mean, arrays in zip(means, given, strict=True)
    )
    names, factor, near = ((), "", False) if vanish else _names(means, way) if not beta else _of_both(means, way, beta)
    shown = table(
        {
            "process": [draw.process.name for draw in _draws()],
            "groups": [draw.n_groups for draw in _draws()],
            r"\(m\)": [draw.group_size for draw in _draws()],
            "times as long": [_length(mean) / _length(right) for mean, right in zip(means, exact, strict=True)],
            "turned by (degrees)": [_angle(mean, right) for mean, right in zip(means, exact, strict=True)],
        },
        digits=3,
        caption=r"The mean of the estimate beside \(\nabla J\), exactly.",
    )
    ratio = "" if aggregation in ("sequence sum", "constant") else f" The aggregation “{aggregation}” is a ratio."
    quoted = (" and " if beta else " or ").join(f"“{name}”" for name in names)
    quoted += " together" if beta and len(names) > 1 else ""
    up_to = ", up to 1 part in 1000, as with another small number in the divisor" if near else ""
    times = f", times {factor}" if factor else ""
    alike = f" Its mean is that of {quoted}{times}{up_to}." if names else ""
    by = f": it is off by {off:.1g} of its size" if off < 1e-2 else ""
    found = "The mean is 0, and not the gradient" if vanish else f"The mean is not the gradient{by}"
    return Report(
        "biased",
        f"{found}.{alike}{ratio}",
        mistakes=names,
        together=bool(beta) and len(names) > 1,
        factor=factor,
        directions=shown,
        calls=counted.calls,
    )


def _of_kept(sizes: Sequence[tuple[int, int, float]]) -> dict[str, list[float]]:
    """Factors that hold the probability that a group is kept."""
    kept = [draw.share_kept for draw in _draws()]
    both = list(zip(sizes, kept, strict=True))
    return {
        "/P(kept)": [1 / p for p in kept],
        "(1 − 1/m)/P(kept)": [(1 - 1 / m) / p for (m, _, _), p in both],
        "/(T·P(kept))": [1 / (horizon * p) for (_, horizon, _), p in both],
        "(1 − 1/m)/(T·P(kept))": [(1 - 1 / m) / (horizon * p) for (m, horizon, _), p in both],
    }


def _all_given(
    draw: _GroupDraw, function: Callable[[SequenceBatch], Any], redraw_alike: bool, longest: float
) -> list[NDArray[Any]]:
    """What a function gives on each batch of a draw; 0 on those that are drawn again, which it never sees."""
    return [
        _given(batch, function, redraw_alike, longest) if kept or not redraw_alike else np.zeros(draw.answers.shape[1])
        for batch, kept in zip(draw.batches, draw.kept, strict=True)
    ]


def _given(
    batch: SequenceBatch, function: Callable[[SequenceBatch], Any], redraw_alike: bool, longest: float
) -> NDArray[Any]:
    """What a function gives on one batch, shape (N,) or (N, T)."""
    where = f"on {len(batch.rewards)} sequences"
    try:
        array = result_of(lambda: function(batch), longest, where)
    except NotAnEstimatorError as error:
        if str(error) == f"it gave nan {where}":
            raise NotAnEstimatorError(f"{error}: {_look_for_nan(batch)}") from None
        raise
    if array.shape not in (batch.rewards.shape, batch.mask.shape):
        raise NotAnEstimatorError(
            f"it gave shape {array.shape}, not {batch.rewards.shape} or {batch.mask.shape}: one number for each "
            "sequence, or for each token"
        )
    return array


def _look_for_nan(batch: SequenceBatch) -> str:
    """Where a nan may come from: rewards that are all alike, or a mask that removes no nan."""
    if any(np.ptp(batch.rewards[batch.groups == group]) == 0 for group in batch.groups):
        return (
            "the rewards of a group are all alike there, so a deviation of them is 0, and 0/0 is nan: add a small "
            "number to the divisor, or pass redraw_alike=True where such groups are thrown away and drawn again"
        )
    return "look for 0/0 and log 0, also in what is masked afterwards, for 0 times nan is nan"


def _require_repeatable(
    function: Callable[[SequenceBatch], Any],
    given: Sequence[Sequence[NDArray[Any]]],
    redraw_alike: bool,
    longest: float,
) -> None:
    """Refuse a function that gives two results for one batch: the first, that in the middle and that with the most."""
    for draw, arrays in zip(_draws(), given, strict=True):
        seen = np.flatnonzero(draw.kept | (not redraw_alike)).tolist()
        largest = max(seen, key=lambda number: float(np.abs(arrays[number]).max()))
        for number in {seen[0], seen[len(seen) // 2], largest}:
            if not np.array_equal(_given(draw.batches[number], function, redraw_alike, longest), arrays[number]):
                raise NotAnEstimatorError(
                    f"it gives two results for one batch of {draw.n_groups * draw.group_size} sequences, so it draws "
                    "random numbers or keeps something from call to call"
                )


def _mean_of(draw: _GroupDraw, given: Iterable[NDArray[Any]], aggregation: str, redraw_alike: bool) -> Array:
    """E[ĝ] over all batches, from the advantages of each, shape (S, A)."""
    process, each = draw.process, _by_token(draw, given)
    weights = AGGREGATIONS[aggregation](process.mask[draw.answers]) * each
    pushes = np.zeros((len(process.scores), *process.mask.shape))  # of each token of each answer to each prompt
    np.add.at(pushes, (draw.prompts, draw.answers), draw.chances(redraw_alike)[:, None, None] * weights)
    return np.asarray(np.einsum("pnt,pntsa->sa", pushes, process.scores))


def _by_token(draw: _GroupDraw, given: Iterable[NDArray[Any]]) -> Array:
    """Advantages of each batch, one for each sequence or for each token, as the latter; shape (B, N, T)."""
    each = np.empty(draw.process.mask[draw.answers].shape)
    for number, one in enumerate(given):
        each[number] = one[:, None] if one.ndim == 1 else one
    return each


def _gives(
    given: Sequence[Sequence[NDArray[Any]]],
    name: str,
    redraw_alike: bool,
    tolerance: float,
) -> bool:
    """Whether a known mistake gives the same on every batch, and not only the same mean."""
    for place, (draw, arrays) in enumerate(zip(_draws(), given, strict=True)):
        seen = (draw.kept | (not redraw_alike))[:, None, None] & draw.process.mask[draw.answers]
        other = np.where(seen, _known(name, place), 0.0)
        off = np.abs(np.where(seen, _by_token(draw, arrays), 0.0) - other).max(axis=(1, 2))
        if (off > tolerance * np.maximum(1.0, np.abs(other).max(axis=(1, 2)))).any():
            return False
    return True


#: How the mean of a batch is made: the aggregation, and whether groups whose rewards are alike are drawn again.
_Way = tuple[str, bool]


def _mean(draw: _GroupDraw, function: Callable[[SequenceBatch], Any], way: _Way) -> Array:
    """E[ĝ] over all batches, of a function that is known, shape (S, A)."""
    return _mean_of(draw, [np.asarray(function(batch)) for batch in draw.batches], *way)


@lru_cache(maxsize=512)
def _known(name: str, place: int) -> Array:
    """What a known mistake gives on each batch of one draw, shape (B, N, T)."""
    draw = _draws()[place]
    return _by_token(draw, [SEQUENCES[name](batch) for batch in draw.batches])


@lru_cache(maxsize=1024)
def _known_mean(name: str, place: int, way: _Way) -> Array:
    return _mean_of(_draws()[place], _known(name, place), *way)


def _known_means(name: str, way: _Way) -> Iterator[Array]:
    """The mean of a known mistake in one draw after the other; what nobody asks for is not computed."""
    return (_known_mean(name, place, way) for place in range(len(_draws())))


def _one_factor(means: Sequence[Array], others: Iterable[Array], tolerance: float) -> float | None:
    """The one number c with mean = c · other in all draws, or None; the others are asked for one after the other."""
    factors: list[float] = []
    for mean, other in zip(means, others, strict=True):
        factor = common_factor(mean, other, tolerance)
        if not factor:
            return None
        factors.append(factor)
    return factors[0] if max(factors) - min(factors) <= 10 * tolerance * abs(factors[0]) else None


def _names(means: Sequence[Array], way: _Way, tolerance: float = 1e-9) -> tuple[tuple[str, ...], str, bool]:
    """The known ways whose mean is the same everywhere up to one factor, that factor, and whether only nearly."""
    found: list[tuple[str, float]] = []
    for name in SEQUENCES:
        factor_of_it = _one_factor(means, _known_means(name, way), tolerance)
        if factor_of_it is not None:
            found.append((name, factor_of_it))
    if not found and tolerance < NEARLY:
        return _names(means, way, NEARLY)
    near = tolerance == NEARLY
    plain = [one for one in found if abs(one[1] - 1) <= 10 * NEARLY] or found
    factor = "" if not plain or abs(plain[0][1] - 1) <= 10 * NEARLY else written(plain[0][1])
    return tuple(name for name, _ in plain), factor, near


@lru_cache(maxsize=128)
def _means_with_kl(name: str, way: _Way) -> tuple[Array, ...]:
    """What a way to subtract KL adds to the mean, for β = 1; "" is the right one."""
    subtracted = PENALTIES[name] if name else log_ratio_of_the_answer
    return tuple(_mean(draw, lambda batch: -subtracted(batch), way) for draw in _draws())


@lru_cache(maxsize=16)
def _right_means(way: _Way) -> tuple[Array, ...]:
    return tuple(_mean(draw, leave_one_out, way) for draw in _draws())


def _of_both(
    means: Sequence[Array], way: _Way, beta: float, tolerance: float = EXACT
) -> tuple[tuple[str, ...], str, bool]:
    """What is wrong with the rewards and with KL, where their means add up to this one, up to one factor."""
    found: list[tuple[tuple[str, ...], float]] = []
    for of_rewards, of_kl in itertools.product(("", *SEQUENCES), ("", *PENALTIES)):
        plain: Iterable[Array] = _known_means(of_rewards, way) if of_rewards else _right_means(way)
        made = (one + beta * other for one, other in zip(plain, _means_with_kl(of_kl, way), strict=True))
        factor_of_both = _one_factor(means, made, tolerance)
        if factor_of_both is not None:
            found.append((tuple(name for name in (of_kl, of_rewards) if name), factor_of_both))
    if not found:
        return ((), "", False) if tolerance >= NEARLY else _of_both(means, way, beta, NEARLY)
    names, factor = min(found, key=lambda one: (len(one[0]), abs(one[1] - 1) > 10 * NEARLY))
    return names, "" if abs(factor - 1) <= 10 * NEARLY else written(factor), tolerance == NEARLY


def _length(array: Array) -> float:
    return float(np.linalg.norm(array))


def _angle(one: Array, other: Array) -> float:
    lengths = _length(one) * _length(other)
    return float("nan") if lengths == 0 else float(np.degrees(np.arccos(np.clip(np.sum(one * other) / lengths, -1, 1))))
