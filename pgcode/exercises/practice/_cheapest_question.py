"""The cheapest question that can find what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pgcode.exercises import Mistake, choice_exercise
from pgcode.exercises.practice._shared import PROCEDURE


class _Question(NamedTuple):
    """Its place in the order of the chapter, and what it looks at."""

    place: int
    looks_at: frozenset[str]


_QUESTIONS: Mapping[str, _Question] = {
    "a": _Question(1, frozenset({"shapes"})),
    "b": _Question(4, frozenset({"gradient", "change of theta"})),
    "c": _Question(6, frozenset({"gradient", "mean of the gradient"})),
    "d": _Question(8, frozenset({"learning", "change of theta"})),
}
#: What a θ that stays the same to the last digit shows in.
_SHOWS_IN = "change of theta"


@choice_exercise(
    title="θ does not move",
    wrong={
        "a": Mistake(
            "cheap, and blind to it",
            "Shapes that do not fit give wrong numbers, or an error. They do not keep every entry of θ the same to the "
            "last digit.",
        ),
        "c": Mistake(
            "a right estimator that nobody uses",
            "An audit judges what your function returns. An optimizer that holds other parameters gets a right "
            "gradient and moves nothing.",
        ),
        "d": Mistake(
            "the dearest question",
            "Ten runs on a known world would show that nothing is learnt, which you know already, and not why.",
        ),
    },
    shows="Two numbers, printed once: the largest entry of the gradient, and that of the change. If the first is 0, "
    "log π is detached or a ratio is constant. If only the second is, the optimizer holds other parameters.",
    hints=[
        "Which questions would have another answer if θ moved?",
        "Of these, which costs least?",
    ],
    see=PROCEDURE,
)
def cheapest_question() -> str:
    """Say which question to ask first when θ is after 100 updates what it was before."""
    able = {label: question for label, question in _QUESTIONS.items() if _SHOWS_IN in question.looks_at}
    return min(able, key=lambda label: able[label].place)
