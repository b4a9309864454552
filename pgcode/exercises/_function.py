"""Exercises in which the reader writes a function."""

from __future__ import annotations

import functools
import inspect
import re
import warnings
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from pgcode import _checks
from pgcode._places import Section
from pgcode._time_limit import TimeLimitReachedError, call_within
from pgcode.exercises._attempt import Attempt, attempt
from pgcode.exercises._candidates import Candidates
from pgcode.exercises._comparing import (
    SINGLE,
    Ragged,
    Result,
    UnsuitableError,
    agree,
    amount,
    as_result,
    common_factor,
    describe,
    differs,
    in_single_precision,
    like,
    reshaped,
    same_value,
    says_something,
)
from pgcode.exercises._exercise import Exercise, Misconception, Mistake
from pgcode.exercises._naming import (
    Composition,
    Known,
    PlainFactors,
    number_text,
    plain_factor,
    reductions,
)
from pgcode.exercises._running import Failure, Run
from pgcode.exercises._searching import PAIRS, Search
from pgcode.exercises._source import answer_source
from pgcode.exercises._verdict import Feedback, Outcome, name_within, type_name

Cases = Callable[[np.random.Generator], Iterable[tuple[Any, ...]]]

#: Two results may differ by this much, relative to the largest entry of the right one.
TOLERANCE = 1e-8

#: Results that differ by less than this are right but for their digits.
ROUGHLY = 1e-4

#: Results that differ by less are the same but for a small number that somebody adds to a divisor, such as 1e-8.
NEARLY = 1e-6

#: A check may take this long. Where nothing goes wrong it takes milliseconds.
SECONDS = 5.0

#: So many rounds of further cases are drawn, on which what explains a wrong result has to give it too.
FURTHER_ROUNDS = 2

#: The search for a name may work this long, where there are signals: some twenty times what the longest one takes.
SEARCH_SECONDS = 20.0

#: What a verdict shows of what the reader's function printed.
PRINTED_LINES = 8


#: What is said to an answer of single precision.
_SINGLE = (
    "Your numbers are those of single precision (`float32`), and as such they are right: to about seven digits. That "
    "is what PyTorch and JAX compute with by default."
)


class Pool(Protocol):
    """Mistakes of a catalogue, as answers to an exercise."""

    @property
    def singles(self) -> Sequence[Misconception]:
        """Each mistake for itself; the same ones each time, so that what they give is found again."""

    def mistakes(self) -> Mapping[str, Mistake]:
        """What is told, by the names that the compositions use."""

    @property
    def compositions(self) -> Sequence[Composition]:
        """How two of them are made together."""


@dataclass(frozen=True)
class _Evidence:
    """What a name for a wrong answer has to agree with: its results and the right ones, case by case.

    The cases are those of the exercise, and then those of further seeds, on which nothing agrees by the luck of the
    exercise's own.
    """

    ours: Candidates
    results: list[Result]
    expected: list[Result]
    tolerance: float


class FunctionExercise(Exercise):
    """Write a function. It is called on cases that the reader has not seen, and its results are compared.

    Examples
    --------
    >>> from pgcode.exercises import setting
    >>> setting.discounted_return.check(lambda rewards, discount: discount * sum(rewards)).outcome
    Outcome.WRONG
    >>> print(setting.discounted_return.check(lambda rewards: rewards))
    ! Error: The return of a sequence of rewards
      Your function takes the parameters (rewards), and it is called with 2: (rewards, discount).
    """

    def __init__(
        self,
        reference: Callable[..., Any],
        *,
        cases: Cases,
        title: str,
        shows: str,
        hints: Sequence[str],
        see: Section,
        tolerance: float = TOLERANCE,
        seconds: float = SECONDS,
        pairs: int = PAIRS,
    ) -> None:
        super().__init__(reference, title=title, shows=shows, hints=hints, see=see)
        if not callable(cases):
            raise TypeError(f"cases is {cases!r}: pass a function of a generator that yields tuples of arguments")
        self.tolerance = _checks.require_positive("tolerance", tolerance, "the largest relative error")
        self.seconds = _checks.require_positive("seconds", seconds, "the time that a check may take")
        self.pairs = _checks.require_count("pairs", pairs, "pairs of changes")
        self._make_cases = cases
        self._composition: Composition | None = None
        self._variations: dict[str, dict[str, Any]] = {}
        self.pools: list[Pool] = []
        self._other_forms: list[Callable[..., Any]] = []
        self._failing = 0
        self._kept: Candidates | None = None
        #: Called before a name is searched for, which takes up to some seconds in a browser.
        self.before_search: Callable[[], object] = lambda: None

    def made_of(self, build: Callable[..., Any]) -> Callable[..., Any]:
        """Declare how the answer is made of parts, so that two mistakes can be recognised that were made together.

        The decorated function takes the arguments of the exercise and, by name alone, its parts, each with what is
        right as its default. ``variation`` says which parts a mistake replaces.

        Examples
        --------
        >>> import numpy as np
        >>> from pgcode.exercises import setting
        >>> wrong = lambda rewards, discount: np.sum(rewards[:-1] * discount ** np.arange(1, len(rewards)))
        >>> setting.discounted_return.check(wrong).mistake
        'first reward discounted and last reward lost'
        """
        self._composition = Composition(build, self._variations)
        return build

    def variation(self, name: str, sentence: str = "", see: Section | None = None, **parts: Any) -> None:
        """Declare a mistake by the parts that it replaces.

        Parameters
        ----------
        name : str
            The name of the mistake. One that is declared already gets its parts, and no sentence.
        sentence : str
            What the reader is told.
        see : Section, optional
            Where it is explained; where the exercise is, unless told.
        parts
            What stands in place of a part, by its name.
        """
        if self._composition is None:
            raise TypeError(f"{self.name} has no parts yet: declare them by made_of")
        if not sentence and name not in self.mistakes:
            raise ValueError(f"{name!r} is no mistake of {self.name} yet: pass a sentence")
        self._variations = {**self._variations, name: parts}
        self._composition = Composition(self._composition.build, self._variations)
        if sentence:
            told = Mistake(name, sentence, see)
            self.misconceptions += (Misconception(functools.partial(self._composition.build, **parts), told),)

    def recognise(self, pool: Pool) -> None:
        """Recognise the mistakes of a catalogue too, where none of the exercise's own gives the result."""
        self.pools.append(pool)

    def also_right(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Declare another way to the same results, so that a slip in it is recognised too."""
        self._other_forms.append(function)
        return function

    def cases(self) -> list[tuple[Any, ...]]:
        """Return the arguments of every call, made anew, so that nobody holds those of another call."""
        return self._drawn(self.name)

    def further_cases(self) -> list[tuple[Any, ...]]:
        """Return cases of further seeds, drawn as those of the exercise and new, on which a name is confirmed."""
        own, new = self.cases(), list[tuple[Any, ...]]()
        for further in range(1, FURTHER_ROUNDS + 1):
            for given in self._drawn(f"{self.name} {further}"):
                if not any(same_value(given, other) for other in (*own, *new)):
                    new.append(given)
        return new

    def _drawn(self, seed: str) -> list[tuple[Any, ...]]:
        made = list(self._make_cases(np.random.default_rng(zlib.crc32(seed.encode()))))
        if not made or not all(isinstance(arguments, tuple) for arguments in made):
            raise ValueError(f"the cases of {self.name} are {made!r:.80}: yield tuples of arguments, three at least")
        return made

    def results(self, function: Callable[..., Any], cases: list[tuple[Any, ...]] | None = None) -> list[Result]:
        """Return what a trusted function gives on the cases: on those of the exercise, unless told."""
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return [as_result(function(*arguments)) for arguments in (self.cases() if cases is None else cases)]

    @property
    def parameters(self) -> list[str]:
        """The names of the arguments, in order."""
        return list(inspect.signature(self.reference).parameters)

    def answer_text(self) -> str:
        """Return the source of the reference answer."""
        return answer_source(self.reference)

    def check(self, answer: object = ...) -> Feedback:
        """Call the answer on the cases and say what it is.

        What it prints is kept and shown in the verdict, where it does not succeed. Its arguments are its own. It has
        ``seconds`` for all cases together.
        """
        if issubclass(type(answer), Exercise):
            return self._error(f"You passed the exercise itself: pass your function, `check({self.name})`.")
        return self.judge(attempt(answer, self.parameters, self.cases, self.seconds))

    def judge(self, made: Attempt) -> Feedback:
        """Say what an answer is that was called already, in this process or in another one."""
        if made.blank:
            return self._not_attempted()
        if made.instead:
            return self._not_callable(made.instead)
        if made.ran is None:
            return self._error(made.problem)
        if made.ran.failure is not None:
            return self._failed(made.ran.failure, made.ran)
        # Only now are the right results made, so that no answer can find them.
        return self._compare(made, made.ran, self._notes(made.changed, made.ran))

    def accepts(self, made: Attempt) -> bool:
        """Tell whether an answer that was called already is right, without looking for what is wrong with it."""
        if made.ran is None or made.ran.failure is not None:
            return False
        expected = self.results(self.reference)
        results = [like(got, right) for got, right in zip(made.ran.results, expected, strict=True)]
        return self._all_agree(results, expected) or self._nearly(results, expected)

    def _compare(self, made: Attempt, ran: Run, notes: tuple[str, ...]) -> Feedback:
        expected = self.results(self.reference)
        results = [like(got, right) for got, right in zip(ran.results, expected, strict=True)]
        if self._all_agree(results, expected):
            return self._right(*notes)
        reader, shaped = results, [reshaped(got, right) for got, right in zip(results, expected, strict=True)]
        form = next((_form_problem(got, right) for got, right in zip(results, expected, strict=True)), "")
        if form and not any(_form_problem(got, right) for got, right in zip(shaped, expected, strict=True)):
            results = shaped
            if self._all_agree(results, expected) or self._nearly(results, expected):
                return self._error(f"{form}. The numbers are right.", *_printed(ran), *notes)
        if self._nearly(results, expected) and results is reader:
            return replace(self._right(_SINGLE, *notes), precision="in single precision")
        notes += _printed(ran)
        self._failing = self._smallest_failing(results, expected)
        evidence = self._evidence(made, results, expected, results is not reader)
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what overflows here is none of the reader's concern
            named = None if evidence is None else self._named(evidence)
        if named is not None:
            with_form = (f"{form}.",) if form and results is not reader else ()
            return replace(named, sentences=(*named.sentences, *with_form, *notes))
        for number, (got, right) in enumerate(zip(reader, expected, strict=True)):
            problem = _form_problem(got, right)
            if problem:
                self._failing = number
                return self._error(f"{problem}.", f"It is so{self._in_the_case()}.", *_warned(ran), *notes)
        told = self._wrong(*self._size_of_difference(results, expected), *notes)
        roughly = self._all_agree(results, expected, max(ROUGHLY, self.tolerance))
        return told if roughly else replace(told, calls=(self._how_to_try(), *told.calls))

    def _nearly(self, results: list[Result], expected: list[Result]) -> bool:
        """Tell whether results are right as far as single precision goes, in which they are."""
        return in_single_precision(results) and self._all_agree(results, expected, max(SINGLE, self.tolerance))

    def _smallest_failing(self, results: list[Result], expected: list[Result]) -> int:
        """The number of the case with the fewest numbers among those that are not right."""
        failing = [
            number
            for number, (got, right) in enumerate(zip(results, expected, strict=True))
            if not agree(got, right, self.tolerance)
        ]
        cases = self.cases()
        return min(failing, key=lambda number: (amount(cases[number]), number))

    def _evidence(self, made: Attempt, results: list[Result], expected: list[Result], shaped: bool) -> _Evidence | None:
        """The results with those on further cases, as far as the answer gives some; None where it gives none there."""
        tolerance = max(SINGLE, self.tolerance) if in_single_precision(results) else self.tolerance
        given = self.further_cases()
        found = made.further(given)
        if given and not found:
            return None
        cases = self.further_cases()[: len(found)]
        right = self.results(self.reference, cases)
        further = [like(got, theirs) for got, theirs in zip(found, right, strict=True)]
        if shaped:
            further = [reshaped(got, theirs) for got, theirs in zip(further, right, strict=True)]
        return _Evidence(self._candidates(cases), [*results, *further], [*expected, *right], tolerance)

    def _candidates(self, further: list[tuple[Any, ...]]) -> Candidates:
        """What functions of ours give on the cases and some further ones: those of the last answer, where it can be."""
        cases = [*self.cases(), *further]
        kept = [] if self._kept is None else self._kept.cases
        if self._kept is None or len(kept) != len(cases) or not all(map(same_value, kept, cases)):
            self._kept = Candidates(self.parameters, cases)
        return self._kept

    def _named(self, evidence: _Evidence) -> Feedback | None:
        """Say which known mistakes give these results, the plainest explanation first; None where none does."""
        ours, results, expected = evidence.ours, evidence.results, evidence.expected
        known = Known(ours, results, expected, evidence.tolerance)
        kinds = [self.misconceptions, *(pool.singles for pool in self.pools)]
        for mistakes in kinds:
            alike = _once(known.equal(mistakes))
            if alike:
                return self._equal_to("Your result equals that", alike)
        ragged = any(isinstance(got, Ragged) for got in results)
        if len(results) > 1 and not _constant(expected) and _constant(results) and not ragged:
            return self._hard_coded()
        if not _say_something(results, expected, evidence.tolerance):
            return None
        if _is_zero(results) and not _is_zero(expected):
            words = "Your result is zero in every entry of every case: what is added up cancels, or nothing is added."
            return self._right_but("zero everywhere", words)
        plain = self._plainly(evidence)
        if plain is not None:
            return plain
        for mistakes in kinds:
            factor, alike = known.proportional(mistakes)
            if alike and abs(factor - 1) < ROUGHLY:
                return self._equal_to("Your result equals, but for its last digits, that", _once(alike))
            if alike:
                told = self._equal_to(f"Your result equals {_times(factor)} that", _once(alike))
                return replace(told, mistake=name_within([f"{told.mistake}, {_factor_name(factor)}"]))
        for mistakes in kinds:
            alike = known.up_to_sign(mistakes)
            if alike:
                told = self._equal_to(
                    "Your result equals, up to a sign that is not always the same, that", _once(alike)
                )
                return replace(told, mistake=name_within([f"{told.mistake}, up to its sign"]))
        mistakes_by_name = {one.mistake.name: one.mistake for one in self.misconceptions}
        for composition, by_name in [
            *([] if self._composition is None else [(self._composition, mistakes_by_name)]),
            *((one, pool.mistakes()) for pool in self.pools for one in pool.compositions),
        ]:
            pairs = known.pairs(composition, by_name)
            if pairs:
                return self._two_together(pairs)
        nearly = Known(ours, results, expected, max(NEARLY, evidence.tolerance))
        near_the_right_one = self._all_agree(results, expected, ROUGHLY)
        for mistakes in [] if near_the_right_one else kinds:
            alike = _once(nearly.equal(mistakes))
            if alike:
                return self._equal_to("Your result equals, but for its last digits, that", alike)
        return self._in_parts(evidence) or self._searched(evidence)

    def _searched(self, evidence: _Evidence) -> Feedback | None:
        """Say which change of the solution, of its arguments or of a result gives these results; None where none."""
        results, expected, tolerance = evidence.results, evidence.expected, evidence.tolerance
        if self._all_agree(results, expected, max(ROUGHLY, tolerance)):
            return None
        pools = [one for pool in self.pools for one in pool.singles]
        right = [self.reference, *self._other_forms]
        search = Search(evidence.ours, results, expected, tolerance, right, self.misconceptions, pools, self.pairs)
        self.before_search()
        try:
            found = call_within(search.explain, SEARCH_SECONDS, of_work=True)
        except TimeLimitReachedError:  # a change of the solution may have made a loop that never ends
            return None
        if not found:
            return None
        plainest = [one for one in found if one.rank == found[0].rank]
        first, *others = plainest[:3]
        told = [f"Your result {first.told}."]
        if others:
            told += [f"It also {one.told}." for one in others]
        if len(found) > 1 + len(others):
            told.append("Other changes would give it too.")
        mistakes = _once([one.mistake for one in (first, *others) if one.mistake is not None])
        one = len(mistakes) == 1
        told += [mistake.sentence if one else f"“{mistake.name}”: {mistake.sentence}" for mistake in mistakes]
        places = dict.fromkeys([mistake.see or self.see for mistake in mistakes] or [self.see])
        name = name_within([one.name for one in (first, *others)])
        return Feedback(Outcome.WRONG, self.title, tuple(told), name, tuple(places))

    def _two_together(self, pairs: Sequence[tuple[Mistake, Mistake]]) -> Feedback:
        told = self._equal_to("Your result equals that of two mistakes together,", pairs[0], between="and")
        others = dict.fromkeys(f"“{one.name}” and “{other.name}”" for one, other in pairs[1:])
        return replace(told, sentences=(*told.sentences, *(f"So do {pair}." for pair in list(others)[:3])))

    def _plainly(self, evidence: _Evidence) -> Feedback | None:
        """Say how the results come from the right ones by one plain change; None where they do not."""
        results, expected, tolerance = evidence.results, evidence.expected, evidence.tolerance
        if self._all_agree(results, expected, ROUGHLY):  # that is no other number, but one with wrong digits
            return None
        factor = common_factor(results, expected, tolerance)
        if factor is not None:
            if abs(factor + 1) < 1e-6:
                return self._right_but("the opposite sign", "Your result is the right one with the opposite sign.")
            number = number_text(factor)
            return self._right_but(f"{number} times the right result", f"Your result is {number} times the right one.")
        factors = PlainFactors(self.parameters, evidence.ours.cases)
        words = plain_factor(results, expected, factors, tolerance)
        if words:
            return self._right_but(f"{words} times the right result", f"Your result is `{words}` times the right one.")
        if self._all_agree([_transposed(got) for got in results], expected, tolerance):
            told = "Your result is the right one with its axes in the opposite order: transpose it."
            return self._right_but("transposed", told)
        words = reductions(results, expected, tolerance)
        if words:
            told = f"Your result has an axis too many: {words} it is the right one."
            return self._right_but("an axis too many", told)
        return None

    def _in_parts(self, evidence: _Evidence) -> Feedback | None:
        """Where several results are asked for: say which of them are right, missing or exchanged."""
        results, expected, tolerance = evidence.results, evidence.expected, evidence.tolerance
        parts = len(expected[0])
        if parts == 1:
            return None
        if all(len(got) == parts for got in results):
            if self._all_agree([got[::-1] for got in results], expected, tolerance):
                return self._right_but("parts exchanged", "The results are right, and their order is not.")
            return self._one_part_wrong(evidence)
        for part in range(parts):
            if all(len(got) == 1 and agree(got, (right[part],), tolerance) for got, right in zip(results, expected)):  # noqa: B905
                told = f"You returned part {part} alone, and it is right: return {parts} results, with a comma between."
                return self._right_but("a part missing", told)
        return None

    def _one_part_wrong(self, evidence: _Evidence) -> Feedback | None:
        results, expected, tolerance = evidence.results, evidence.expected, evidence.tolerance
        factors = PlainFactors(self.parameters, evidence.ours.cases)
        for part in range(len(expected[0])):
            pairs = zip(results, expected, strict=True)
            if not all(agree(a[:part] + a[part + 1 :], b[:part] + b[part + 1 :], tolerance) for a, b in pairs):
                continue
            got: list[Result] = [(one[part],) for one in results]
            right: list[Result] = [(one[part],) for one in expected]
            factor = common_factor(got, right, tolerance)
            words = plain_factor(got, right, factors, tolerance) if factor is None else number_text(factor)
            if words:
                told = f"Part {part} of your result is `{words}` times the right one, and the rest is right."
                return self._right_but(f"part {part} times {words}", told)
        return None

    def _right_but(self, name: str, *sentences: str) -> Feedback:
        """The verdict on the right result after one plain change."""
        return Feedback(Outcome.WRONG, self.title, sentences, name, (self.see,))

    def _all_agree(self, results: list[Result], expected: list[Result], tolerance: float | None = None) -> bool:
        allowed = self.tolerance if tolerance is None else tolerance
        return all(agree(got, right, allowed) for got, right in zip(results, expected, strict=True))

    def _size_of_difference(self, results: list[Result], expected: list[Result]) -> list[str]:
        """Say where the results differ, and how, in a case that is easily looked through."""
        right = [agree(got, expect, self.tolerance) for got, expect in zip(results, expected, strict=True)]
        if self._all_agree(results, expected, max(ROUGHLY, self.tolerance)):
            wrong_cases = len(right) - sum(right)
            return [
                f"Your function is nearly right: in {wrong_cases} of {len(right)} cases the first digits are right and "
                "the later ones are not. A sum or a loop that ends early does this, and so do a rounded number, a "
                "small constant that was added, steps in single precision, and a difference in place of a derivative."
            ]
        told = [f"Your function is right in {sum(right)} of {len(right)} cases."]
        worst = self._failing
        got, expect = results[worst], expected[worst]
        part = next(i for i in range(len(expect)) if differs(got[i], expect[i], self.tolerance).any())
        wrong = differs(got[part], expect[part], self.tolerance)
        distance = np.abs(got[part] - expect[part])
        index = tuple(int(i) for i in np.argwhere(wrong & (distance == distance[wrong].max()))[0])
        entry = f"entry {list(index)}" if index else "the result"
        if len(expect) > 1:
            entry += f" of part {part}"
        if wrong.sum() > 1:
            off = f"{int(wrong.sum())} of {wrong.size} numbers are off, most of all {entry}, which"
        else:
            off = f"1 of {wrong.size} numbers is off: {entry}" if index else entry
        told.append(
            f"It differs{self._in_the_case()}: {off} should be {expect[part][index]:.6g} and is {got[part][index]:.6g}."
        )
        return told

    def case(self, number: int | None = None) -> tuple[Any, ...]:
        """Return the arguments of a case: of the one in which the last answer failed, unless told.

        Parameters
        ----------
        number : int, optional
            The first case is 0.

        Examples
        --------
        >>> from pgcode.exercises import setting
        >>> setting.discounted_return.check(lambda rewards, discount: sum(rewards) + 1).outcome
        Outcome.WRONG
        >>> rewards, discount = setting.discounted_return.case()
        >>> len(rewards), discount
        (1, 0.7)
        """
        cases = self.cases()
        if number is None:
            return cases[self._failing]
        if number not in range(len(cases)):
            raise ValueError(f"number is {number!r}: {self.name} has {len(cases)} cases, and the first is 0")
        return cases[number]

    @property
    def failing(self) -> int:
        """The number of the case in which the last answer that was not right failed."""
        return self._failing

    def _how_to_try(self) -> str:
        return f"`{self.name}(*exercises.{self.name}.case())` calls your function in this case."

    def _in_the_case(self) -> str:
        """The arguments of the case in which the answer failed, in words."""
        arguments = self.cases()[self._failing]
        names = self.parameters
        listed = ", ".join(f"{name} = {describe(value)}" for name, value in zip(names, arguments, strict=True))
        return f" in the case {listed}"

    def _hard_coded(self, *notes: str) -> Feedback:
        told = (
            "Your function returns the same result whatever it is given, and the right one depends on what it is "
            "given. It is called on several cases that you have not seen: compute the result from the arguments."
        )
        return Feedback(Outcome.WRONG, self.title, (told, *notes), "a fixed result")

    def _not_callable(self, instead: str) -> Feedback:
        return self._error(
            f"You passed {instead}, and this exercise asks for a function, which is then called "
            f"on cases that you have not seen: pass it without brackets and arguments, `check({self.name})`."
        )

    def _failed(self, failure: Failure, ran: Run) -> Feedback:
        if issubclass(failure.kind, NotImplementedError):
            return self._not_attempted()
        where = f" at {failure.place}" if failure.place else ""
        self._failing = len(ran.results)
        case = self._in_the_case()
        notes = (*_warned(ran), *_printed(ran), *_restored(ran))
        told: tuple[str, ...]
        calls: tuple[str, ...] = ()
        if failure.timed_out:
            told = (
                f"Your function did not end within {self.seconds:g} seconds{where}{case}. "
                "Look for a loop that never ends, or for far too much work: the solution takes a moment.",
            )
        elif issubclass(failure.kind, UnsuitableError):
            told = (f"Your function {failure.message}.",)
        else:
            message = f": {failure.message}" if failure.message else ""
            told = (
                f"Your function stopped with {type_name(failure.kind)}{where}{message.rstrip('.')}.",
                *advice(failure.kind, failure.message),
                f"It did so{case}.",
            )
            calls = (self._how_to_try(),)
        nothing = issubclass(failure.kind, UnsuitableError) and failure.message.startswith("returned None")
        mistake = "nothing returned" if nothing else ""
        return replace(self._error(*told, *notes), line=failure.line, mistake=mistake, calls=calls)

    def _notes(self, changed: Sequence[str], ran: Run) -> tuple[str, ...]:
        """What else the reader should know, whatever the verdict."""
        told = tuple(
            f"Your function changes its argument `{name}` in place, and whoever calls it loses the original: "
            "work on a copy."
            for name in changed
        )
        return told + _restored(ran)


def function_exercise(
    *,
    title: str,
    cases: Cases,
    shows: str,
    hints: Sequence[str],
    see: Section,
    tolerance: float = TOLERANCE,
    seconds: float = SECONDS,
    pairs: int = PAIRS,
) -> Callable[[Callable[..., Any]], FunctionExercise]:
    """Declare an exercise by its reference answer, the decorated function.

    Parameters
    ----------
    title : str
        The heading of the task in the notebook.
    cases : callable
        Takes a random generator with a fixed seed and yields tuples of arguments, at least three. Each check makes
        them anew.
    shows : str
        What the reader is told when the answer is right.
    hints : sequence of str
        From the gentlest to the most direct.
    see : Section
        Where in the book the matter is explained.
    tolerance : float
        How far a result may be off, relative to the largest entry of the right one, or absolutely where that is 0.
    seconds : float
        The time that all cases together may take.
    pairs : int
        How many pairs of changes of the solution a wrong result is compared with; few where the solution is much work.

    Examples
    --------
    >>> from pgcode.exercises import Chapter, function_exercise
    >>> place = Chapter("book/intro", "Arms").section("Two arms")
    >>> def cases(rng):
    ...     for size in (2, 3, 4):
    ...         yield (rng.normal(size=size),)
    >>> @function_exercise(title="A mean", cases=cases, shows="Yes.", hints=["Divide."], see=place)
    ... def mean(rewards):
    ...     '''Return the mean reward.'''
    ...     return sum(rewards) / len(rewards)
    >>> @mean.misconception()
    ... def no_division(rewards):
    ...     '''You added the rewards. Divide by their number.'''
    ...     return sum(rewards)
    >>> mean.check(sum).mistake
    'no division'
    """

    def declare(reference: Callable[..., Any]) -> FunctionExercise:
        return FunctionExercise(
            reference,
            cases=cases,
            title=title,
            shows=shows,
            hints=hints,
            see=see,
            tolerance=tolerance,
            seconds=seconds,
            pairs=pairs,
        )

    return declare


def _once(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """Each mistake once, in order."""
    return list({mistake.name: mistake for mistake in mistakes}.values())


def _times(factor: float) -> str:
    return "−1 times" if abs(factor + 1) < 1e-6 else f"{number_text(factor)} times"


def _factor_name(factor: float) -> str:
    return "and the opposite sign" if abs(factor + 1) < 1e-6 else f"times {number_text(factor)}"


def _constant(results: list[Result]) -> bool:
    """Tell whether all results are the same numbers."""
    first = results[0]
    return all(np.isfinite(part).all() for part in first) and all(
        len(other) == len(first)
        and all(np.array_equal(a, b, equal_nan=True) for a, b in zip(first, other, strict=True))
        for other in results[1:]
    )


def _is_zero(results: list[Result]) -> bool:
    """Tell whether there is nothing but zeros."""
    return all(part.size and not part.any() for result in results for part in result)


def _say_something(results: list[Result], expected: list[Result], tolerance: float) -> bool:
    """Tell whether what is wrong is a finite number somewhere, so that a name can be confirmed on it."""
    return any(
        len(got) != len(right) or any(says_something(a, b, tolerance) for a, b in zip(got, right, strict=True))
        for got, right in zip(results, expected, strict=True)
    )


#: Shapes of which one is that of a table and the other that of what was left of its rows.
_LOST_AXIS = re.compile(r"shapes \((\d+),(\d+)\) \((\d+),\)|shapes \((\d+),\) \((\d+),(\d+)\)")


def advice(kind: type[BaseException], message: str) -> tuple[str, ...]:
    """What helps against an exception that many meet."""
    if issubclass(kind, ImportError):
        return ("Only NumPy and what comes with Python are there, and no answer needs more.",)
    shapes = _LOST_AXIS.search(message) if issubclass(kind, ValueError) else None
    if shapes is None:
        return ()
    rows, columns, left = shapes.group(1, 2, 3) if shapes[1] else shapes.group(5, 6, 4)
    if rows != left:
        return ()
    return (
        f"A sum or a maximum over `axis=1` leaves {rows} numbers in a row, and they do not fit beside {rows} rows of "
        f"{columns}. Keep the axis: with `keepdims=True` they are a column.",
    )


def _transposed(result: Result) -> Result:
    return tuple(part.T for part in result)


def _form_problem(got: Result, expected: Result) -> str:
    """Say what is wrong with the form of a result: how many parts, which shapes, no finite numbers."""
    if isinstance(got, Ragged) and len(expected) == 1:
        return f"Your function returned a list that is no array: its {len(got)} rows have several shapes"
    if len(got) != len(expected):
        return f"Your function should return {_results(len(expected))}, and it returns {len(got)}"
    for number, (ours, right) in enumerate(zip(got, expected, strict=True)):
        part = f"Part {number} of your result" if len(expected) > 1 else "Your result"
        if ours.shape != right.shape:
            return f"{part} {_shape(ours.shape)}, and {_needed(right.shape)} is needed"
        if (np.isfinite(right) & ~np.isfinite(ours)).any():
            index = [int(i) for i in np.argwhere(~np.isfinite(ours))[0]]
            entry = f" in entry {index}" if index else ""
            return f"{part} holds {ours[tuple(index)]}{entry}, where a finite number is needed"
    return ""


def _results(number: int) -> str:
    return "one result" if number == 1 else f"{number} results, with a comma between"


def _shape(shape: tuple[int, ...]) -> str:
    return f"has shape {shape}" if shape else "is one number"


def _needed(shape: tuple[int, ...]) -> str:
    return f"shape {shape}" if shape else "one number"


def _printed(ran: Run) -> tuple[str, ...]:
    lines = ran.printed.splitlines()
    if not lines:
        return ()
    shown = [f"    {line[:200]}" for line in lines[:PRINTED_LINES]]
    left = len(lines) - PRINTED_LINES
    more = [f"    … and {left} more {'line' if left == 1 else 'lines'}"] if left > 0 else []
    return ("\n".join(["Your function printed:", *shown, *more]),)


def _warned(ran: Run) -> tuple[str, ...]:
    return (f"It gave a warning: {ran.warned[0]}.",) if ran.warned else ()


def _restored(ran: Run) -> tuple[str, ...]:
    if not ran.restored:
        return ()
    listed = ", ".join(f"`{name}`" for name in ran.restored[:3])
    return (f"Your function replaced {listed}. It was put back, and an answer needs no such thing.",)
