"""What all kinds of exercises have in common."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pgcode._console import printable
from pgcode._places import Section
from pgcode.exercises._verdict import Feedback, Message, Outcome, name_within

Function = TypeVar("Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Mistake:
    """What the reader is told about a wrong answer.

    Parameters
    ----------
    name : str
        A few words that name the mistake.
    sentence : str
        What was done, and what is needed instead.
    see : Section, optional
        Where in the book it is explained; where the exercise is, unless told.

    Examples
    --------
    >>> from pgcode.exercises import Mistake
    >>> Mistake("no discount", "You added the rewards without a discount.")
    <Mistake no discount: You added the rewards without a discount.>
    """

    name: str
    sentence: str
    see: Section | None = None

    def __repr__(self) -> str:
        return printable(f"<Mistake {self.name}: {self.sentence}>")


@dataclass(frozen=True)
class Misconception:
    """A wrong answer, as a function, and what its author is told."""

    function: Callable[..., Any]
    mistake: Mistake


def require_section(name: str, value: object, otherwise: str = "such as chapter.section(heading)") -> None:
    """Require a place in the book."""
    if not isinstance(value, Section):
        raise TypeError(f"{name} is {value!r}: pass a Section, {otherwise}")


def require_mistakes(name: str, given: object) -> dict[str, Mistake]:
    """Return what is told about each label, or say what is none of it."""
    if not isinstance(given, Mapping):
        raise TypeError(f"{name} is {given!r}: pass a dict from labels to Mistakes")
    for label, mistake in given.items():
        if not isinstance(mistake, Mistake):
            raise TypeError(f"{name}[{label!r}] is {mistake!r}: pass a Mistake(name, sentence)")
    return dict(given)


class Exercise(ABC):
    """A task whose answer is checked.

    Parameters
    ----------
    reference : callable
        The right answer, or for a prediction a function without arguments that computes it. Its name is the name of
        the exercise, its docstring the task in a sentence.
    title : str
    shows : str
        What the right answer shows.
    hints : sequence of str
        From the gentlest to the most direct.
    see : Section
        Where in the book the matter is explained.

    Examples
    --------
    >>> from pgcode.exercises import setting
    >>> setting.discounted_return.check()
    • Not attempted: The return of a sequence of rewards
      Put your answer in the place of the dots and run the cell again.
      `exercises.discounted_return.hint()` gives a hint, `exercises.discounted_return.solution()`
      the solution.
    >>> setting.discounted_return.check(lambda rewards, discount: sum(rewards)).mistake
    'no discount'
    """

    def __init__(
        self, reference: Callable[..., Any], *, title: str, shows: str, hints: Sequence[str], see: Section
    ) -> None:
        if not callable(reference):
            raise TypeError(f"reference is {reference!r}: declare an exercise by a function")
        for name, text in (("title", title), ("shows", shows)):
            if not isinstance(text, str):
                raise TypeError(f"{name} is {text!r}: pass a text")
        if isinstance(hints, str) or not all(isinstance(hint, str) for hint in hints):
            raise TypeError(f"hints is {hints!r}: pass a list of texts")
        require_section("see", see)
        self.reference = reference
        self.name = reference.__name__
        self.title = title
        self.statement = inspect.getdoc(reference) or ""
        self.shows = shows
        self.hints = tuple(hints)
        self.see = see
        self.misconceptions: tuple[Misconception, ...] = ()
        self._hints_given = 0
        self.__doc__ = self.statement

    def __repr__(self) -> str:
        return printable(f"{self.title}: {self.statement} Ask with check(answer), hint() or solution().")

    @property
    def mistakes(self) -> Mapping[str, Callable[..., Any]]:
        """The wrong answers that have a name, as functions by their names.

        Examples
        --------
        >>> import numpy as np
        >>> from pgcode.exercises import setting
        >>> setting.discounted_return.mistakes["no discount"](np.array([1.0, 2.0]), 0.5)
        np.float64(3.0)
        """
        first_forms: dict[str, Callable[..., Any]] = {}
        for known in self.misconceptions:
            first_forms.setdefault(known.mistake.name, known.function)
        return first_forms

    @abstractmethod
    def check(self, answer: object = ...) -> Feedback:
        """Look at an answer and say what it is."""

    @abstractmethod
    def answer_text(self) -> str:
        """Return the right answer as code."""

    def misconception(self, see: Section | None = None) -> Callable[[Function], Function]:
        """Register the decorated function as a wrong answer that is recognised.

        Its name, with spaces, is the name of the mistake. Its docstring is what the reader is told: in the first line
        what was done, then what is needed instead.

        Parameters
        ----------
        see : Section, optional
            Where it is explained; where the exercise is, unless told.
        """
        if see is not None:
            require_section("see", see, "or call misconception() with nothing above the wrong answer")

        def register(function: Function) -> Function:
            name = function.__name__.replace("_", " ")
            told = " ".join((inspect.getdoc(function) or "").split())
            self.misconceptions += (Misconception(function, Mistake(name, told, see)),)
            return function

        return register

    def another_form(self, name: str) -> Callable[[Function], Function]:
        """Register the decorated function as another way to make a mistake that has a name.

        Examples
        --------
        >>> import numpy as np
        >>> from pgcode.exercises import practice
        >>> practice.log_softmax.check(lambda x: x - np.log(np.exp(x).sum(axis=1, keepdims=True))).mistake
        'exponential of large numbers'
        """
        told = {one.mistake.name: one.mistake for one in self.misconceptions}
        if name not in told:
            raise ValueError(f"{name!r} is no mistake of {self.name} yet: register it by misconception")

        def register(function: Function) -> Function:
            self.misconceptions += (Misconception(function, told[name]),)
            return function

        return register

    def hint(self) -> Message:
        """Return a hint, and the next one at the next call."""
        number, total = self._hints_given + 1, len(self.hints)
        if number > total:
            told = f"These were all {total} hints. `solution()` shows an answer."
            return Message(f"No more hints: {self.title}", (told,))
        self._hints_given = number
        return Message(f"Hint {number} of {total}: {self.title}", (self.hints[number - 1],))

    def solution(self) -> Message:
        """Return a right answer, and what it shows."""
        return Message(f"Solution: {self.title}", (self.shows,), self.answer_text(), (self.see,))

    def _not_attempted(self) -> Feedback:
        told = (
            "Put your answer in the place of the dots and run the cell again. "
            f"`exercises.{self.name}.hint()` gives a hint, `exercises.{self.name}.solution()` the solution."
        )
        return Feedback(Outcome.NOT_ATTEMPTED, self.title, (told,))

    def _right(self, *notes: str) -> Feedback:
        return Feedback(Outcome.RIGHT, self.title, (self.shows, *notes))

    def _wrong(self, *sentences: str) -> Feedback:
        """The verdict on a mistake that has no name."""
        helped = f"`exercises.{self.name}.hint()` gives a hint."
        return Feedback(Outcome.WRONG, self.title, sentences, calls=(helped,))

    def _mistaken(self, mistake: Mistake, *notes: str) -> Feedback:
        """The verdict on a line or a word whose mistake is known without a comparison."""
        return Feedback(Outcome.WRONG, self.title, (mistake.sentence, *notes), mistake.name, (mistake.see or self.see,))

    def _equal_to(self, same: str, alike: Sequence[Mistake], *notes: str, between: str = "or") -> Feedback:
        """The verdict on a result that a mistake gives, or several alike, or two together.

        What was done is not known. What is said is which known mistakes give this result, all of them.
        """
        names = [mistake.name for mistake in alike]
        quoted = [f"“{name}”" for name in names]
        told = [mistake.sentence for mistake in alike]
        if len(alike) > 1:
            told = [f"{quote}: {sentence}" for quote, sentence in zip(quoted, told, strict=True)]
        joint = " and of " if between == "or" else " and "
        places = dict.fromkeys(mistake.see or self.see for mistake in alike)
        sentences = (f"{same} of {joint.join(quoted)}.", *told, *notes)
        return Feedback(Outcome.WRONG, self.title, sentences, name_within(names, between), tuple(places))

    def _error(self, *sentences: str) -> Feedback:
        return Feedback(Outcome.ERROR, self.title, sentences)
