"""Wrong answers as learners give them, written from the tasks alone, before a look at the mistakes that have names.

They measure how many mistakes the exercises know. ``verdicts.json`` holds what each is told today. Every line was read:
a name that stands there is true.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

VERDICTS = Path(__file__).parent / "verdicts.json"


class WrongAnswer(NamedTuple):
    """An answer to an exercise, and what its author did, in a few words."""

    part: str
    exercise: str
    did: str
    answer: Any

    @property
    def key(self) -> str:
        return f"{self.part}.{self.exercise}: {self.did}"


class Collection:
    """The wrong answers to the exercises of a part."""

    def __init__(self, part: str) -> None:
        self.part = part
        self.answers: list[WrongAnswer] = []

    def wrong(self, exercise: str, did: str) -> Callable[[Any], Any]:
        """Add the decorated function."""

        def add(answer: Any) -> Any:
            self.answers.append(WrongAnswer(self.part, exercise, did, answer))
            return answer

        return add

    def say(self, exercise: str, **answers: Any) -> None:
        """Add numbers, words or orders, each under what its author did."""
        for did, answer in answers.items():
            self.answers.append(WrongAnswer(self.part, exercise, did.replace("_", " "), answer))


def all_wrong_answers() -> list[WrongAnswer]:
    """Every wrong answer of every part."""
    found: list[WrongAnswer] = []
    for module in pkgutil.iter_modules(__path__):
        found += importlib.import_module(f"{__name__}.{module.name}").HERE.answers
    return found


def verdicts() -> dict[str, str]:
    """What each wrong answer is told, by its key; empty where its mistake has no name."""
    return dict(json.loads(VERDICTS.read_text(encoding="utf-8")))
