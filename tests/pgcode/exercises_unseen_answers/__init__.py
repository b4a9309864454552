"""Answers of learners, written from the tasks alone by someone who had not seen which mistakes have names.

They measure how many mistakes are named. Those with an even number were looked at when kinds of mistakes were added;
those with an odd number were kept aside. ``verdicts.json`` holds what each is told today.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

VERDICTS = Path(__file__).parent / "verdicts.json"


@dataclass(frozen=True)
class Answer:
    """An answer to an exercise: its code, and what its author did."""

    part: str
    number: int
    exercise: str
    code: str
    says: str
    right: bool

    @property
    def key(self) -> str:
        return f"{self.part} {self.number} {self.exercise}: {self.says}"

    @property
    def function(self) -> Callable[..., Any]:
        """The function that the code defines."""
        names: dict[str, Any] = {"np": np, "__name__": "__main__"}
        exec(compile(self.code, "<answer>", "exec"), names)
        return names[self.exercise]


def all_answers() -> list[Answer]:
    """Every answer of every part."""
    return [
        Answer(module.name, number, **given)
        for module in pkgutil.iter_modules(__path__)
        for number, given in enumerate(importlib.import_module(f"{__name__}.{module.name}").ANSWERS)
    ]


def verdicts() -> dict[str, str]:
    """What each wrong answer is told, by its key; empty where its mistake has no name."""
    return dict(json.loads(VERDICTS.read_text(encoding="utf-8")))
