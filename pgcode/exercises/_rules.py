"""What the exercises say to each answer, as data: a page judges by it where there is no Python.

Nothing is decided here. A choice is a table that the exercise's own check has filled. A number is judged by which
known numbers it is near to, and the check has been asked about each such set. Of an order the check looks for decoys,
for orders that are known, and then for how far it is right; the data hold what is told in each case.
``press/static/tasks.js`` reads them, and a test compares what it says with what the check says.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

from pgcode._places import Section
from pgcode.exercises import _number, _order
from pgcode.exercises._choice import ChoiceExercise, SignExercise
from pgcode.exercises._exercise import Exercise, Mistake
from pgcode.exercises._function import FunctionExercise
from pgcode.exercises._number import NumberExercise
from pgcode.exercises._order import OrderExercise
from pgcode.exercises._verdict import Feedback, Outcome

#: What is known of an exercise as data that JSON can hold.
Rule = dict[str, Any]


def rule(exercise: Exercise) -> Rule:
    """Return the kind of an exercise, and what it says to each answer where that takes no Python.

    Examples
    --------
    >>> from pgcode.exercises import setting
    >>> from pgcode.exercises._rules import rule
    >>> told = rule(setting.false_line)
    >>> told["kind"], told["labels"], told["verdicts"]["c"]["outcome"]
    ('choice', ['a', 'b', 'c', 'd'], 'right')
    """
    if isinstance(exercise, NumberExercise):
        return _of_a_number(exercise)
    if isinstance(exercise, OrderExercise):
        return _of_an_order(exercise)
    if isinstance(exercise, ChoiceExercise):
        labels = ["positive", "zero", "negative"] if isinstance(exercise, SignExercise) else exercise.labels
        return {"kind": "choice", "labels": labels, "verdicts": {one: exercise.check(one).in_page for one in labels}}
    return {"kind": "function"}


def places(exercise: Exercise) -> list[Section]:
    """Return every place in the book to which a verdict on the exercise may lead."""
    told: list[Mistake] = [one.mistake for one in exercise.misconceptions]
    for table in ("wrong", "decoys"):
        told += getattr(exercise, table, {}).values()
    if isinstance(exercise, FunctionExercise):
        told += [mistake for pool in exercise.pools for mistake in pool.mistakes().values()]
    return list(dict.fromkeys([exercise.see, *(mistake.see for mistake in told if mistake.see is not None)]))


# ---- numbers -------------------------------------------------------------------------------------------------------


def _of_a_number(exercise: NumberExercise) -> Rule:
    values = exercise.known_values()
    verdicts: dict[str, Any] = {}
    for number in _probes(values, exercise.tolerance):
        near = " ".join(str(place) for place, value in enumerate(values) if exercise.near(number, value))
        if near and near not in verdicts:
            verdicts[near] = exercise.check(number).in_page
    far_off = {}
    for direction, number in (("small", -math.inf), ("large", math.inf)):
        told = exercise.check(_far_from(values, number)).in_page
        far_off[direction] = {**told, "sentences": [_number.FAR_OFF.replace("{direction}", direction), _number.BEGIN]}
    return {
        "kind": "number",
        "asked": exercise.asked,
        "tolerance": exercise.tolerance,
        "values": values,
        "verdicts": verdicts,
        "far off": far_off,
    }


def _probes(values: list[float], tolerance: float) -> Iterator[float]:
    """Numbers from each stretch in which the set of near values is the same: its ends, and its middle."""
    ends = sorted({value + sign * tolerance * (abs(value) or 1.0) for value in values for sign in (-1, 1)})
    yield from values
    for end in ends:
        yield from (end, math.nextafter(end, math.inf), math.nextafter(end, -math.inf))
    for low, high in itertools.pairwise(ends):
        yield (low + high) / 2


def _far_from(values: list[float], end: float) -> float:
    """A number beyond all values."""
    return math.copysign(3 * max(1.0, *map(abs, values)), end)


# ---- orders --------------------------------------------------------------------------------------------------------


def _of_an_order(exercise: OrderExercise) -> Rule:
    right = exercise.right_orders
    known = [str(one.function()).split() for one in exercise.misconceptions]
    return {
        "kind": "order",
        "labels": exercise.labels,
        "right": right,
        "verdicts": {" ".join(order): exercise.check(order).in_page for order in (*known, *right)},
        "decoys": {label: exercise.check([label]).in_page for label in exercise.decoys},
        "not right": Feedback(Outcome.WRONG, exercise.title, see=(exercise.see,)).in_page,
        "headings": {
            what: Feedback(Outcome.WRONG, exercise.title, mistake=name).heading for what, name in _order.NAMES.items()
        },
        "words": _order.WORDS,
    }
