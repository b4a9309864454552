"""Exercises in which the reader picks one of a few answers: a sign, a false line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeGuard

from pgcode._places import Section
from pgcode.exercises._exercise import Exercise, Mistake, require_mistakes
from pgcode.exercises._number import as_number
from pgcode.exercises._source import is_blank
from pgcode.exercises._verdict import Feedback, an_object


class ChoiceExercise(Exercise):
    """Pick one of some labels. The reference computes the right one; every other one is a mistake with a name.

    Examples
    --------
    >>> from pgcode.exercises import setting
    >>> setting.false_line.labels
    ['a', 'b', 'c', 'd']
    >>> setting.false_line.check("a").mistake
    'a definition taken for false'
    """

    def __init__(
        self,
        reference: Callable[[], Any],
        *,
        wrong: Mapping[str, Mistake],
        title: str,
        shows: str,
        hints: Sequence[str],
        see: Section,
    ) -> None:
        super().__init__(reference, title=title, shows=shows, hints=hints, see=see)
        self.wrong = require_mistakes("wrong", wrong)

    @property
    def right_label(self) -> str:
        """The label of the right answer."""
        return str(self.reference())

    @property
    def labels(self) -> list[str]:
        """All labels, in their order."""
        return sorted({*self.wrong, self.right_label})

    def answer_text(self) -> str:
        """Return the right label as code."""
        return f'{self.name} = "{self.right_label}"'

    def check(self, answer: object = ...) -> Feedback:
        """Say whether this is the right label, and what is wrong with another."""
        if is_blank(answer):
            return self._not_attempted()
        label = self._label(answer)
        right = self.right_label
        if label.casefold() == right.casefold():
            return self._right()
        for other, mistake in self.wrong.items():
            if label.casefold() == other.casefold():
                return self._mistaken(mistake)
        listed = ", ".join(f'"{name}"' for name in self.labels)
        return self._error(f"You passed {_shown(answer)}: pass one of {listed}.")

    def _label(self, answer: object) -> str:
        return str.strip(answer) if is_text(answer) else ""


class SignExercise(ChoiceExercise):
    """Predict a sign: "positive", "negative" or "zero". The reference computes a number that has it.

    Examples
    --------
    >>> from pgcode.exercises import setting
    >>> setting.worse_arm_slope.check("positive").mistake
    'a positive reward as a gain'
    """

    @property
    def right_label(self) -> str:
        """The word for the sign of the reference's number."""
        return _sign(float(self.reference()))

    def _label(self, answer: object) -> str:
        if is_text(answer):
            word = str.strip(answer)
            return {"+": "positive", "-": "negative", "−": "negative", "0": "zero"}.get(word, word)
        number = as_number(answer)
        return "" if isinstance(number, str) else _sign(number)


def choice_exercise(
    *, title: str, wrong: Mapping[str, Mistake], shows: str, hints: Sequence[str], see: Section
) -> Callable[[Callable[[], Any]], ChoiceExercise]:
    """Declare a choice by the decorated function, which takes nothing and computes the right label.

    Parameters
    ----------
    wrong : mapping from str to Mistake
        Every wrong label, and what is told to who picks it.
    title, shows, hints, see
        As for ``function_exercise``.

    Examples
    --------
    >>> from pgcode.exercises import Chapter, Mistake, choice_exercise
    >>> place = Chapter("book/intro", "Arms").section("Two arms")
    >>> worse = Mistake("the worse arm", "It pays less.")
    >>> @choice_exercise(title="Arms", wrong={"left": worse}, shows="It pays 2.", hints=["Look."], see=place)
    ... def better_arm():
    ...     '''Which arm pays more?'''
    ...     return "right"
    >>> better_arm.check("left").mistake, better_arm.check("right").outcome
    ('the worse arm', Outcome.RIGHT)
    """

    def declare(reference: Callable[[], Any]) -> ChoiceExercise:
        return ChoiceExercise(reference, wrong=wrong, title=title, shows=shows, hints=hints, see=see)

    return declare


def sign_exercise(
    *, title: str, wrong: Mapping[str, Mistake], shows: str, hints: Sequence[str], see: Section
) -> Callable[[Callable[[], Any]], SignExercise]:
    """Declare the prediction of a sign by the decorated function, which computes a number with that sign.

    Parameters
    ----------
    wrong : mapping from str to Mistake
        The two wrong ones of "positive", "negative" and "zero".
    title, shows, hints, see
        As for ``function_exercise``.

    Examples
    --------
    >>> from pgcode.exercises import Chapter, Mistake, sign_exercise
    >>> place = Chapter("book/intro", "Arms").section("Two arms")
    >>> wrong = {"positive": Mistake("a gain", "1 is less than J."), "zero": Mistake("no change", "It has a slope.")}
    >>> @sign_exercise(title="A slope", wrong=wrong, shows="It falls.", hints=["Compare with J."], see=place)
    ... def slope():
    ...     '''Predict the sign of the slope.'''
    ...     return 0.5 * (1.0 - 1.5)
    >>> slope.check("negative").outcome, slope.check(+3).mistake
    (Outcome.RIGHT, 'a gain')
    """

    def declare(reference: Callable[[], Any]) -> SignExercise:
        return SignExercise(reference, wrong=wrong, title=title, shows=shows, hints=hints, see=see)

    return declare


def _sign(number: float) -> str:
    return "zero" if abs(number) < 1e-12 else "positive" if number > 0 else "negative"


def is_text(answer: object) -> TypeGuard[str]:
    """Tell whether an answer is a text, without a question to an object of the reader's own."""
    return issubclass(type(answer), str)


def _shown(answer: object) -> str:
    text = repr(answer) if type(answer) in {str, bool, float} or (type(answer) is int and abs(answer) < 1e9) else ""
    return text if 0 < len(text) < 60 else an_object(answer)
