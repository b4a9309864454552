"""What a wrong result is made of, where it is none of the mistakes that have a name.

A result is compared with what the right answer, and each known mistake, gives after one plain change: of an argument,
of a place in the code, or of the result. Where one change explains it, no pair is tried. An explanation counts only if
it gives the result in every case, and all that do so equally plainly are told.
"""

from __future__ import annotations

import functools
import itertools
import math
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode.exercises._candidates import Candidates, Cases
from pgcode.exercises._changes_of_arguments import ArgumentChange
from pgcode.exercises._changes_of_code import ADDED, SEVERAL, CodeChange, both_changed, code_changes
from pgcode.exercises._changes_of_results import ResultChange, result_changes
from pgcode.exercises._comparing import Result, agree, amount, says_something, size_of
from pgcode.exercises._exercise import Misconception, Mistake
from pgcode.exercises._naming import PlainFactors, factor_of

Array = NDArray[Any]
Function = Callable[..., Any]

#: So many pairs of changes are tried, each kind for itself.
PAIRS = 800

#: Whether a factor is a plain one is asked of so many cases first.
FIRST = 3

#: Results are compared in blocks of so many numbers, and so many are compared after each change of results: an exercise
#: has far fewer, and a result may be as large as its author likes.
BLOCK, COMPARED = 250_000, 20_000_000


@dataclass(frozen=True)
class Explanation:
    """Something that gives the result.

    Attributes
    ----------
    name : str
        In a few words.
    told : str
        In a sentence without its full stop, to stand behind "Your result".
    mistake : Mistake or None
        The known mistake that has a part in it.
    rank : int
        How plain it is among those that are found together: 0 is the plainest, and an odd one is that of another way.
    """

    name: str
    told: str
    mistake: Mistake | None = None
    rank: int = 0


@dataclass(frozen=True)
class _Base:
    """A function whose results are compared, and the words for it; no name where it is the right answer."""

    function: Function
    name: str
    told: str
    mistake: Mistake | None = None
    code: tuple[Function, CodeChange] | None = None
    rank: int = 0

    @property
    def is_long(self) -> bool:
        """Tell whether a further change would make more words of it than anybody reads, or vague ones vaguer."""
        return len(self.name) > 60 or self.name.endswith(SEVERAL)

    def times(self, factor: str) -> Explanation:
        """The words where the result is a multiple."""
        if not factor:
            name = f"{self.name}, up to a factor" if self.name else "right up to a factor that changes with the case"
            told = f"is in each case a multiple of {self.told}, and the factor is not always the same"
            return Explanation(name, told, self.mistake, self.rank)
        name = f"{self.name}, times {factor}" if self.name else f"{factor} times the right result"
        return Explanation(name, f"equals `{factor}` times {self.told}", self.mistake, self.rank)

    def explains(self, change: ResultChange | None) -> Explanation:
        if change is None:
            return Explanation(self.name, f"equals {self.told}", self.mistake, self.rank)
        if not self.name:
            return Explanation(f"the right result {change.name}", f"is the right one {change.name}")
        name, told = f"{self.name}, and the result {change.name}", f"equals {self.told}, then {change.name}"
        return Explanation(name, told, self.mistake, self.rank)


class Search:
    """The search for what gives some results.

    Parameters
    ----------
    ours : Candidates
        What functions of ours give in the cases.
    results, expected : list of Result
        Of the reader's answer and of the right one.
    tolerance : float
    right : sequence of callable
        The right answer, and others that compute the same in another way.
    known, of_catalogues : sequence of Misconception
        Those of the exercise, on which changes of arguments are put as well, and others.
    pairs : int
        How many pairs of changes are tried, of each kind.
    """

    def __init__(
        self,
        ours: Candidates,
        results: list[Result],
        expected: list[Result],
        tolerance: float,
        right: Sequence[Function],
        known: Sequence[Misconception],
        of_catalogues: Sequence[Misconception] = (),
        pairs: int = PAIRS,
    ) -> None:
        self._ours = ours
        self._results, self._expected, self._tolerance = results, expected, tolerance
        self._right, self._known, self._own = right, [*known, *of_catalogues], len(known)
        self._arguments, self._constants = ours.argument_changes, ours.constant_changes
        self._factors = PlainFactors(ours.names, ours.cases)
        self._pairs_tried = pairs

    def explain(self) -> list[Explanation]:
        """The plainest explanations, those that are equally plain after one another; none where there is none."""
        parts = len(self._expected[0])
        if any(len(one) != parts for one in self._results):
            return self._explain_alone(parts) if all(len(one) == 1 for one in self._results) else []
        return self._together([self._explain_part(_Part(part)) for part in range(parts)])

    def _explain_alone(self, parts: int) -> list[Explanation]:
        """Explain one result where several are needed: as one of them, or as their sum."""
        picks: list[_Pick] = [*map(_Part, range(parts)), _Sum()]
        for pick in picks:
            found = self._explain_part(pick)
            if found is None:
                return [Explanation(f"{pick} alone", f"is {pick}, and all parts are needed")]
            if found:
                return [
                    Explanation(f"{pick} alone: {one.name}", f"is {pick} alone, and it {one.told}", one.mistake)
                    for one in found
                ]
        return []

    def _together(self, found: list[list[Explanation] | None]) -> list[Explanation]:
        """What explains all parts: the same for each, or one for each. None for a part says that it is right."""
        if len(found) == 1:
            return found[0] or []
        wrong = {part: explanations for part, explanations in enumerate(found) if explanations is not None}
        if not all(wrong.values()):
            return self._some_of(wrong)
        first, *others = wrong.values()
        common = [one for one in first if all(one in other for other in others)]
        if len(wrong) == len(found) and common:
            return common
        if len(wrong) == 1:
            ((part, explanations),) = wrong.items()
            return [
                Explanation(
                    f"{one.name}, in part {part}", f"has its other parts right, and part {part} {one.told}", one.mistake
                )
                for one in explanations
            ]
        name = "; ".join(f"part {part}: {explanations[0].name}" for part, explanations in wrong.items())
        told = ", and ".join(f"in part {part} {explanations[0].told}" for part, explanations in wrong.items())
        mistakes = [explanations[0].mistake for explanations in wrong.values()]
        return [Explanation(name, told, next((one for one in mistakes if one is not None), None))]

    def _some_of(self, wrong: dict[int, list[Explanation]]) -> list[Explanation]:
        """What explains one wrong part, where another one is explained by nothing."""
        for part, explanations in wrong.items():
            others = " and ".join(f"part {other}" for other in wrong if other != part)
            found = [
                Explanation(
                    f"part {part}: {one.name}", f"{one.told} in part {part}, and {others} is wrong too", one.mistake
                )
                for one in explanations
            ]
            if found:
                return found
        return []

    def _explain_part(self, pick: _Pick) -> list[Explanation] | None:
        """What gives one part of the results; None where it is right."""
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return self._of_part(pick)

    def _of_part(self, pick: _Pick) -> list[Explanation] | None:
        try:
            right_part = [pick(result) for result in self._expected]
        except ValueError:  # parts of several shapes have no sum
            return []
        alone = len(self._results[0]) == 1
        target = _Target(
            [result[0] if alone else pick(result) for result in self._results],
            right_part,
            self._ours,
            pick,
            self._tolerance,
        )
        if target.is_right:
            return None
        if target.says_nothing:
            return []
        known = self._of_known()
        return target.matches(known) or self._of_changes(target, known)

    def _of_changes(self, target: _Target, known: list[_Base]) -> list[Explanation]:
        right, with_code = _Base(self._right[0], "", "the right one"), self._with_code
        single = [*self._with_arguments([right]), *with_code]
        plain = [*known, *(base for base in single if not base.is_long)]
        return (
            _once(target.matches([right], changed=True) + target.matches(single))
            or target.multiples([right, *single], self._factors)
            or target.matches(plain, changed=True)
            or target.multiples(known, self._factors)
            or _few(target.matches(_with_argument(right, change) for change in self._constants))
            or target.matches(self._on_known(known[: self._own], target))
            or target.matches(self._pairs(single, target))
            or target.matches(self._code_pairs(with_code, target))
            or target.multiples([right], None)
        )

    # ---- what is compared --------------------------------------------------------------------------------------------

    def _of_known(self) -> list[_Base]:
        return [
            _Base(one.function, one.mistake.name, f"that of “{one.mistake.name}”", one.mistake) for one in self._known
        ]

    def _with_arguments(self, bases: Iterable[_Base]) -> list[_Base]:
        return [_with_argument(base, change) for base in bases for change in self._arguments]

    @functools.cached_property
    def _with_code(self) -> list[_Base]:
        ways = [_way(right, number) for number, right in enumerate(self._right)]
        return [
            _Base(
                change.function,
                change.name,
                f"what {ways[number]} gives {change.phrase}",
                code=(right, change),
                rank=2 * change.rank + (number > 0),  # of two ways to the same, the solution's is told
            )
            for number, right in enumerate(self._right)
            for change in code_changes(right)
        ]

    def _on_known(self, known: Sequence[_Base], target: _Target) -> Iterator[_Base]:
        """Known mistakes with an argument changed, where the change moves the result of the mistake."""
        made = ((base, change) for change in self._arguments for base in known)
        yield from self._moved(made, target)

    def _pairs(self, single: Sequence[_Base], target: _Target) -> Iterator[_Base]:
        """Changes of an argument after another change, where each changes the result of the probe."""
        moving = [change for change in self._arguments if target.moves(change.after(self._right[0]))]
        bases = [base for base in single if target.moves(base.function)]
        made = (  # the plainest of both come first in their lists
            (bases[i], moving[total - i])
            for total in range(len(bases) + len(moving))
            for i in range(max(0, total - len(moving) + 1), min(total + 1, len(bases)))
            if bases[i].name != moving[total - i].name
        )
        yield from self._moved(made, target)

    def _moved(self, pairs: Iterable[tuple[_Base, ArgumentChange]], target: _Target) -> Iterator[_Base]:
        """As many as are tried, where the change of an argument changes what was there before."""
        for base, change in itertools.islice(pairs, self._pairs_tried):
            before = target.beside(base.function)
            after = None if before is None else target.of(change.after(base.function))
            if before is not None and after is not None and before.differs_from(after):
                yield _with_argument(base, change)

    def _code_pairs(self, with_code: Sequence[_Base], target: _Target) -> Iterator[_Base]:
        """Two places of the code changed, where each changes the result of the probe."""
        moving = [
            base
            for base in with_code
            if base.code is not None and base.code[1].rank < ADDED and target.moves(base.function)
        ]
        made = (  # the plainest of both come first in their lists
            _with_both(moving[i], moving[total - i])
            for total in range(2 * len(moving))
            for i in range(max(0, total - len(moving) + 1), (total + 1) // 2)
        )
        yield from itertools.islice((base for base in made if base is not None), self._pairs_tried)


def _with_argument(base: _Base, change: ArgumentChange) -> _Base:
    return _Base(
        change.after(base.function),
        f"{base.name} and {change.name}" if base.name else change.name,
        f"{base.told}{',' if base.mistake else ' and'} {change.phrase}"
        if base.name
        else f"what the solution gives {change.phrase}",
        base.mistake,
        rank=base.rank,
    )


def _with_both(one: _Base, other: _Base) -> _Base | None:
    if one.code is None or other.code is None or one.code[0] is not other.code[0]:
        return None
    function = both_changed(one.code[0], one.code[1], other.code[1])
    if function is None:
        return None
    return _Base(
        function, f"{one.name} and {other.name}", f"{one.told} and {other.code[1].phrase}", rank=one.rank + other.rank
    )


def _once(found: list[Explanation]) -> list[Explanation]:
    """Each explanation once, by its name, the plainest first."""
    by_name = {explanation.name: explanation for explanation in reversed(found)}
    first_again = list(by_name.values())[::-1]
    return sorted(first_again, key=lambda explanation: explanation.rank)


def _few(found: list[Explanation]) -> list[Explanation]:
    """One number or two that explain a result; where many do, none of them was written there."""
    return found if len(found) <= 2 else []


def _way(right: Function, number: int) -> str:
    """What a right answer is called: the solution, or how it goes about it."""
    words = f"{right.__doc__}".removesuffix(".")
    return words[0].lower() + words[1:] if number else "the solution"


class _Part:
    """Takes one of several results."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __call__(self, result: Result) -> Array:
        return result[self._number]

    def __str__(self) -> str:
        return f"part {self._number}"


class _Sum:
    """Takes the sum of several results."""

    def __call__(self, result: Result) -> Array:
        return np.asarray(sum(result))

    def __str__(self) -> str:
        return "the sum of all parts"


_Pick = _Part | _Sum


class _Beside:
    """Numbers with which many others are compared: most differ in one of the first already."""

    FIRST = 8

    def __init__(self, numbers: Array, tolerance: float) -> None:
        self._numbers, self._tolerance = numbers, tolerance
        self._bound = tolerance * (size_of((numbers,)) or 1.0)
        self._first = numbers.ravel()[: self.FIRST].tolist()

    def differs_from(self, others: Array) -> bool:
        """Tell whether others are not these, as ``agree`` does."""
        if others.shape != self._numbers.shape:
            return True
        for other, one in zip(others.ravel()[: self.FIRST].tolist(), self._first, strict=True):
            if not (abs(other - one) <= self._bound or other == one or (math.isnan(other) and math.isnan(one))):
                return True
        return others.size > self.FIRST and not agree((others,), (self._numbers,), self._tolerance)


class _Target:
    """One part of the results, in the case in which candidates are first compared, and in all."""

    def __init__(self, got: list[Array], right: list[Array], ours: Candidates, pick: _Pick, tolerance: float) -> None:
        self._got, self._ours, self._pick, self._tolerance = got, ours, pick, tolerance
        self._beside: dict[Function, _Beside | None] = {}
        self._scales = [size_of((one,)) * 1e-3 for one in right]
        failing = [
            number
            for number, (ours, theirs) in enumerate(zip(self._got, right, strict=True))
            if not agree((ours,), (theirs,), self._tolerance)
        ]
        self.is_right = not failing
        sizes = [max(size_of((one,)), 1e-300) for one in right]
        self.says_nothing = all(
            size_of((one,)) <= 1e-6 * size for one, size in zip(self._got, sizes, strict=True)
        ) or not any(says_something(ours, theirs, tolerance) for ours, theirs in zip(got, right, strict=True))
        if failing:
            self._probe = _probe(failing, ours.cases, self._got)
            self._wanted, self._scale = self._got[self._probe], self._scales[self._probe]
            self._expected = _Beside(right[self._probe], tolerance)

    def moves(self, function: Function) -> bool:
        """Tell whether a function gives something in the probe, and not what is right."""
        result = self.of(function)
        return result is not None and self._expected.differs_from(result)

    def beside(self, function: Function) -> _Beside | None:
        """What a function gives in the probe, to be compared with what others give."""
        if function not in self._beside:
            result = self.of(function)
            self._beside[function] = None if result is None else _Beside(result, self._tolerance)
        return self._beside[function]

    def matches(self, bases: Iterable[_Base], *, changed: bool = False) -> list[Explanation]:
        """What gives this part in all cases: bases as they are, or after one change of their results."""
        found = []
        compared: Counter[str] = Counter()
        for held in self._blocks(bases, changed):
            stack = np.stack([result for _, result in held])
            for change in result_changes(stack.ndim - 1) if changed else [None]:
                if change is not None:
                    if change.shape(stack.shape[1:]) != self._wanted.shape or compared[change.name] > COMPARED:
                        continue
                    compared[change.name] += len(held) * max(stack[0].size, self._wanted.size)
                for number in self._near(stack, change):
                    base = held[number][0]
                    if self._holds(base.function, change):
                        found.append(base.explains(change))
        return _once(found)

    def _blocks(self, bases: Iterable[_Base], changed: bool) -> Iterator[list[tuple[_Base, Array]]]:
        """Bases with what they give in the probe, those of one shape together, and no more than a block holds."""
        by_shape: dict[tuple[int, ...], list[tuple[_Base, Array]]] = {}
        for base in bases:
            result = self.of(base.function)
            if result is None or not (changed or result.shape == self._wanted.shape):
                continue
            held = by_shape.setdefault(result.shape, [])
            held.append((base, result))
            if len(held) * max(result.size, self._wanted.size) > BLOCK:
                yield by_shape.pop(result.shape)
        yield from by_shape.values()

    def _picked(self, result: Result | None) -> Array | None:
        if result is None:
            return None
        try:
            return self._pick(result)
        except Exception:  # a change may leave fewer parts, or parts that have no sum
            return None

    def of(self, function: Function) -> Array | None:
        """What a function gives in the probe."""
        return self._picked(self._ours.kept(function, self._probe))

    def _in_case(self, function: Function, number: int) -> Array | None:
        return self._picked(self._ours.made(function, number))

    def multiples(self, bases: Iterable[_Base], factors: PlainFactors | None) -> list[Explanation]:
        """What this part is a multiple of in all cases, by a plain factor; by any, where no factors are given."""
        if factors is None and (self._wanted.size < 3 or not size_of((self._wanted,))):
            return []
        found: list[tuple[int, Explanation]] = []
        for base in self._proportional(bases):
            first = self._factors_of(base.function, FIRST)
            if not first or (factors and any(one is not None for one in first) and not factors.words(first)):
                continue
            numbers = self._factors_of(base.function)
            words = factors.words(numbers) if factors and numbers else ""
            if words:
                found.append((len(words), base.times(words)))
            elif factors is None and len([one for one in numbers if one]) > 1:
                found.append((0, base.times("")))
        return _once([explanation for _, explanation in sorted(found, key=lambda one: one[0])])

    def _proportional(self, bases: Iterable[_Base]) -> list[_Base]:
        """Those that give a multiple in the probe: what is far from one is left out of all together."""
        there = [(base, result) for base in bases if (result := self.of(base.function)) is not None]
        there = [(base, result) for base, result in there if result.shape == self._wanted.shape]
        length = max(BLOCK // max(self._wanted.size, 1), 1)
        blocks = [there[start : start + length] for start in range(0, len(there), length)]
        return [
            base
            for block in blocks
            for near, (base, result) in zip(self._nearly_proportional([one for _, one in block]), block, strict=True)
            if near and factor_of((self._wanted,), (result,), self._tolerance) not in (False, None)
        ]

    def _nearly_proportional(self, results: list[Array]) -> Iterable[bool]:
        wanted = self._wanted.ravel()
        if not wanted.any() or not np.isfinite(wanted).all():
            return [True] * len(results)
        rows = np.stack([result.ravel() for result in results])
        multiples = (rows @ wanted / np.sum(rows**2, axis=1))[:, None] * rows
        sizes = np.max(np.abs(multiples), axis=1, initial=0.0)
        bounds = 2 * self._tolerance * np.where(sizes > 0, sizes, 1.0)
        near: Array = (np.abs(wanted - multiples) <= bounds[:, None]).all(axis=1)
        return [bool(one) for one in near]

    def _factors_of(self, function: Function, first: int | None = None) -> list[float | None]:
        """The factor of each case, or of the first ones; none where there are not such in all."""
        numbers = []
        for number, got in enumerate(self._got[:first]):
            result = self._in_case(function, number)
            if result is None or result.shape != got.shape:
                return []
            factor = factor_of((got,), (result,), self._tolerance)
            if factor is False:
                return []
            numbers.append(factor)
        return numbers

    def _near(self, stack: Array, change: ResultChange | None) -> list[int]:
        """Which of these results are the wanted one in the probe."""
        if change is not None:
            try:
                stack = change.change(stack)
            except (ValueError, IndexError):
                return []
        if stack.shape[1:] != self._wanted.shape:
            return []
        axes = tuple(range(1, stack.ndim))
        sizes = np.maximum(np.max(np.abs(stack), axis=axes, initial=0.0), self._scale)
        same = np.abs(stack - self._wanted) <= self._tolerance * sizes.reshape(-1, *[1] * len(axes))
        same |= (stack == self._wanted) | (np.isnan(stack) & np.isnan(self._wanted))
        return [int(number) for number in np.flatnonzero(same.all(axis=axes))]

    def _holds(self, function: Function, change: ResultChange | None) -> bool:
        """Tell whether it gives the result in every case."""
        for number, (got, scale) in enumerate(zip(self._got, self._scales, strict=True)):
            result = self._in_case(function, number)
            if result is None:
                return False
            if change is not None:
                if change.shape(result.shape) != got.shape:
                    return False
                try:
                    result = change.of(result)
                except (ValueError, IndexError):
                    return False
            if not agree((got,), (result,), self._tolerance, scale):
                return False
        return True


def _probe(failing: list[int], cases: Cases, got: list[Array]) -> int:
    """A small case among those that fail, and one in which little is equal by chance."""
    telling = [number for number in failing if got[number].size > 2 and size_of((got[number],))]
    ordered = sorted(telling or failing, key=lambda number: amount(cases[number]))
    return ordered[0] if telling else ordered[len(ordered) // 2]
