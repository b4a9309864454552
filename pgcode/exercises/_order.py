"""Exercises in which the reader puts the lines of a proof in order, with decoys among them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pgcode._places import Section
from pgcode.exercises._exercise import Exercise, Mistake, require_mistakes
from pgcode.exercises._source import is_blank
from pgcode.exercises._verdict import Feedback, an_object

#: What is said of lines that are all true, by what is wrong with them.
WORDS = {
    "none": "You passed no line.",
    "missing": "No line is false, and {missing} missing.",
    "so far": "What you have is right as far as it goes.",
    "later": "The order is right up to line {last}. Line {next} comes later{why}.",
    "first": "The first line is not {next}{why}.",
    "why": ": {absent} missing before it",
    "needs": ": it follows from a line that you put behind it",
    "a line": "a line is",
    "lines": "{number} lines are",
}
#: What such an answer is called: with one line missing, with several, and with none.
NAMES = {"a line": "a line missing", "lines": "lines missing", "order": "lines out of order"}


class OrderExercise(Exercise):
    """Put labels in order and leave out the decoys.

    Examples
    --------
    >>> from pgcode.exercises import trajectory_form
    >>> print(trajectory_form.ordered_lines.check("lines"))
    ! Error: From the definition to the scores
      There is no line 'l': the labels are a, b, c, d, e, f, g, h, i, j, k.
    """

    def __init__(
        self,
        reference: Callable[[], Any],
        *,
        decoys: Mapping[str, Mistake],
        title: str,
        shows: str,
        hints: Sequence[str],
        see: Section,
        also: Sequence[str] = (),
    ) -> None:
        super().__init__(reference, title=title, shows=shows, hints=hints, see=see)
        self.decoys = require_mistakes("decoys", decoys)
        self.also = tuple(also)

    @property
    def right_orders(self) -> list[list[str]]:
        """The orders that are right, the reference's first."""
        return [str(order).split() for order in (self.reference(), *self.also)]

    @property
    def labels(self) -> list[str]:
        """All labels, decoys among them, in alphabetical order."""
        return sorted({*self.right_orders[0], *self.decoys})

    def answer_text(self) -> str:
        """Return the right order as code."""
        return f'{self.name} = "{" ".join(self.right_orders[0])}"'

    def check(self, answer: object = ...) -> Feedback:
        """Say whether the order is right, and if not, where it first breaks."""
        if is_blank(answer):
            return self._not_attempted()
        order = _labels(answer)
        if order is None:
            example = " ".join(self.labels)
            return self._error(f'You passed {an_object(answer)}: pass the labels in order, such as "{example}".')
        known = {label.casefold(): label for label in self.labels}
        order = [known.get(label.casefold(), label) for label in order]
        for label in order:
            if label not in self.labels:
                return self._error(f"There is no line {label[:20]!r}: the labels are {', '.join(self.labels)}.")
            if order.count(label) > 1:
                return self._error(f"You use line {label} {order.count(label)} times: each line stands once at most.")
        if order in self.right_orders:
            return self._right()
        for label in order:
            if label in self.decoys:
                return self._mistaken(self.decoys[label], f"Leave out line {label}.")
        for misconception in self.misconceptions:
            if order == str(misconception.function()).split():
                return self._mistaken(misconception.mistake)
        name, told = self._where(order)
        return replace(self._wrong(*told), mistake=name, see=(self.see,))

    def _where(self, order: list[str]) -> tuple[str, list[str]]:
        """Say what is wrong with lines that are all true: how far the order is right, and what is missing."""
        if not order:
            return "", [WORDS["none"]]
        nearest = max(self.right_orders, key=lambda right: _common_start(order, right))
        reached = _common_start(order, nearest)
        missing = len(nearest) - len(order)
        name = NAMES["a line" if missing == 1 else "lines" if missing else "order"]
        told = []
        if missing > 0:
            told.append(WORDS["missing"].format(missing=_lines_are(missing)))
        if reached == len(order):
            told.append(WORDS["so far"])
            return name, told
        skipped = nearest[reached : nearest.index(order[reached])]
        absent = len(set(skipped) - set(order))
        why = WORDS["why"].format(absent=_lines_are(absent)) if absent else WORDS["needs"]
        last = order[reached - 1] if reached else ""
        told.append(WORDS["later" if reached else "first"].format(last=last, next=order[reached], why=why))
        return name, told


def order_exercise(
    *,
    title: str,
    decoys: Mapping[str, Mistake],
    shows: str,
    hints: Sequence[str],
    see: Section,
    also: Sequence[str] = (),
) -> Callable[[Callable[[], Any]], OrderExercise]:
    """Declare the order of a proof by the decorated function, which returns the labels with spaces between.

    Parameters
    ----------
    decoys : mapping from str to Mistake
        The labels of the lines that do not belong, and what is told to who uses one.
    also : sequence of str
        Other orders that are right too, where lines may be exchanged.
    title, shows, hints, see
        As for ``function_exercise``.

    Examples
    --------
    >>> from pgcode.exercises import Chapter, Mistake, order_exercise
    >>> place = Chapter("book/intro", "Arms").section("Two arms")
    >>> decoys = {"c": Mistake("a sign", "log has slope 1/p, not −1/p.")}
    >>> @order_exercise(title="The identity", decoys=decoys, shows="∇p = p ∇log p.", hints=["a"], see=place)
    ... def identity():
    ...     '''Put the lines in order.'''
    ...     return "a b"
    >>> identity.check("a c").mistake, identity.check("a, b").outcome
    ('a sign', Outcome.RIGHT)
    """

    def declare(reference: Callable[[], Any]) -> OrderExercise:
        return OrderExercise(reference, decoys=decoys, title=title, shows=shows, hints=hints, see=see, also=also)

    return declare


def _labels(answer: object) -> list[str] | None:
    """The labels in a text, with or without commas, arrows and spaces, or in a list of texts."""
    if issubclass(type(answer), str):
        cut = re.split(r"[\s,;→>-]+", str.strip(answer))  # type: ignore[arg-type]
        return [label for label in (list(cut[0]) if len(cut) == 1 else cut) if label]
    if type(answer) in {list, tuple} and all(type(label) is str for label in answer):  # type: ignore[attr-defined]
        return [label.strip() for label in answer]  # type: ignore[attr-defined]
    return None


def _lines_are(number: int) -> str:
    return WORDS["a line" if number == 1 else "lines"].format(number=number)


def _common_start(order: list[str], right: list[str]) -> int:
    """The number of labels at the beginning that agree."""
    agreeing = 0
    for mine, theirs in zip(order, right, strict=False):
        if mine != theirs:
            break
        agreeing += 1
    return agreeing
