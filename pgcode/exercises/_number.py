"""Exercises in which the reader predicts a number before anything is run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np

from pgcode import _checks
from pgcode._places import Section
from pgcode.exercises._exercise import Exercise
from pgcode.exercises._source import is_blank
from pgcode.exercises._verdict import Feedback, Outcome, an_object

#: A prediction may be off by this much, relative to the right number.
TOLERANCE = 1e-3

#: What is said to the right number with too few digits.
ROUNDED = "That is the right number, rounded too far: give four digits."

#: What is said to a number that is near to none that has a name, and what helps.
FAR_OFF = "{number} is too {direction}."
BEGIN = "The first hint says where to begin."


class NumberExercise(Exercise):
    """Predict a number. The reference computes it.

    Examples
    --------
    >>> from pgcode.exercises import setting
    >>> print(setting.fair_coin_value.check(4))
    ✗ Wrong: The corridor with a fair coin
      4 is too large.
      The first hint says where to begin.
      `exercises.fair_coin_value.hint()` gives a hint.
      Explained in “The corridor, solved” in the chapter “Decision processes, policies, returns”
      (book/setting/decision-processes).
    """

    def __init__(
        self,
        reference: Callable[[], Any],
        *,
        title: str,
        shows: str,
        hints: Sequence[str],
        see: Section,
        tolerance: float = TOLERANCE,
    ) -> None:
        super().__init__(reference, title=title, shows=shows, hints=hints, see=see)
        self.tolerance = _checks.require_positive("tolerance", tolerance, "the largest relative error")

    def answer_text(self) -> str:
        """Return the number, rounded far below the tolerance."""
        return f"{self.name} = {float(self.reference()):.8g}"

    def check(self, answer: object = ...) -> Feedback:
        """Compare a number with the right one, to the tolerance."""
        if is_blank(answer):
            return self._not_attempted()
        number = as_number(answer)
        if isinstance(number, str):
            return self._error(number)
        right = float(self.reference())
        if not np.isfinite(right):
            raise ValueError(f"the reference answer of {self.name} is {right}: let it return a finite number")
        if self.near(number, right):
            return self._right()
        known = [(one.mistake, float(one.function())) for one in self.misconceptions]
        alike = [mistake for mistake, value in known if self.near(number, value)]
        if alike:
            return self._equal_to("Your number is that", alike)
        for name, value in self._related(right):
            if self.near(number, value):
                return replace(self._wrong(f"Your number is {name} of the right one."), mistake=f"{name} of it")
        opposite = [mistake for mistake, value in known if value and self.near(number, -value)]
        if opposite:
            told = self._equal_to("With the opposite sign your number is that", opposite)
            return replace(told, mistake=f"{told.mistake}, and the opposite sign")
        if any(self.near(number, rounded) for rounded in self._roundings(right)):
            return Feedback(Outcome.NEARLY, self.title, (ROUNDED,), "rounded too far")
        direction = "small" if number < right else "large"
        far_off = FAR_OFF.format(number=f"{number:.6g}".replace("-", "−"), direction=direction)
        return replace(self._wrong(far_off, BEGIN), see=(self.see,))

    @property
    def asked(self) -> str:
        """What is to be written, with the digits that are needed, such as "a number with four digits"."""
        return "a number with four digits" if self._roundings(float(self.reference())) else "a number"

    def known_values(self) -> list[float]:
        """The numbers on which a verdict depends, the right one first: a number is near to some of them, or far off."""
        right = float(self.reference())
        known = [float(one.function()) for one in self.misconceptions]
        related = [value for _, value in self._related(right)]
        others = [*known, *related, *(-value for value in known if value), *self._roundings(right)]
        return list(dict.fromkeys([right, *others]))

    def _related(self, right: float) -> list[tuple[str, float]]:
        """Numbers in which a right calculation ends, or from which it goes on; only those that differ from it."""
        related = [("the negative", -right), ("the square", right**2)]
        if right:
            related.append(("the reciprocal", 1 / right))
        if right > 0:
            related.append(("the root", float(np.sqrt(right))))
        return [(name, value) for name, value in related if not self.near(value, right)]

    def _roundings(self, right: float) -> list[float]:
        """The number with three digits and with two, where these are too few."""
        rounded = [float(f"{right:.{digits}g}") for digits in (3, 2)]
        return [value for value in rounded if not self.near(value, right)]

    def near(self, number: float, other: float) -> bool:
        """Tell whether a number is another one to the tolerance."""
        return abs(number - other) <= self.tolerance * (abs(other) or 1.0)


def number_exercise(
    *, title: str, shows: str, hints: Sequence[str], see: Section, tolerance: float = TOLERANCE
) -> Callable[[Callable[[], Any]], NumberExercise]:
    """Declare a prediction by the decorated function, which takes nothing and computes the number.

    Parameters
    ----------
    title, shows, hints, see
        As for ``function_exercise``.
    tolerance : float
        How far the reader may be off, relative to the right number, or absolutely where that is 0.

    Examples
    --------
    >>> from pgcode.exercises import Chapter, number_exercise
    >>> place = Chapter("book/intro", "Arms").section("Two arms")
    >>> @number_exercise(title="J at θ = 0", shows="J is a mean.", hints=["Both arms count."], see=place)
    ... def objective_at_zero():
    ...     '''Predict J of arms that pay 1 and 2.'''
    ...     return (1.0 + 2.0) / 2
    >>> @objective_at_zero.misconception()
    ... def the_sum():
    ...     '''You added both.  Each is taken half of the time.'''
    ...     return 1.0 + 2.0
    >>> objective_at_zero.check(3).mistake, objective_at_zero.check(1.5).outcome
    ('the sum', Outcome.RIGHT)
    """

    def declare(reference: Callable[[], Any]) -> NumberExercise:
        return NumberExercise(reference, title=title, shows=shows, hints=hints, see=see, tolerance=tolerance)

    return declare


def as_number(answer: object) -> float | str:
    """Return a finite real number, or say what was passed instead."""
    kind = type(answer)  # and not isinstance, which asks an object of the reader's own
    if issubclass(kind, Exercise):
        return "You passed the exercise itself: pass your prediction, a number."
    if issubclass(kind, (str, bytes)):
        return "You passed a text: pass one number, without quotation marks."
    if issubclass(kind, np.ndarray) and np.ndim(answer) == 0:  # type: ignore[arg-type]
        answer = np.asarray(answer)[()]
        kind = type(answer)
    if issubclass(kind, (bool, np.bool_)) or not issubclass(kind, (Real, Decimal)):
        return f"You passed {an_object(answer)}: pass one number."
    try:
        number = float(answer)  # type: ignore[arg-type]
    except Exception:  # an integer of 400 digits; a number of the reader's own
        return f"You passed {an_object(answer)} that no float can hold: pass one number."
    return number if np.isfinite(number) else f"You passed {number}: pass a finite number."
