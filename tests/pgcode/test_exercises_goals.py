"""Each goal that a chapter names has an exercise that puts it to another situation."""

import json
import re
from pathlib import Path

import pytest
from exercises_parts import EXERCISES

from pgcode.exercises._goals import GOALS

ROOT = Path(__file__).parents[2]
PAGES = re.findall(r"file: book/(\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))
PARTS = ("start", "setting", "trajectory-form", "state-action-form", "one-gradient", "practice", "beyond")
#: The chapters in the order of the book.
CHAPTERS = [page for page in PAGES if page.partition("/")[0] in PARTS and (ROOT / "book" / f"{page}.ipynb").is_file()]
KNOWN = {f"{part}.{exercise.name}": (part, exercise) for part, exercise in EXERCISES}


def goals(chapter):
    """What a reader of a chapter will be able to do, as it says at its head."""
    cells = json.loads((ROOT / "book" / f"{chapter}.ipynb").read_text(encoding="utf-8"))["cells"]
    head = "".join(cells[0]["source"])
    (listed,) = re.findall(r"(?:[Yy]ou will be able to|Then you can):?\n\n((?:- .+\n)+)", f"{head}\n")
    return listed.splitlines()


def test_each_chapter_has_its_goals_here_in_the_order_of_the_book():
    assert list(GOALS) == CHAPTERS


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_each_goal_of_a_chapter_has_an_exercise(chapter):
    told = goals(chapter)
    assert len(told) >= 3
    assert len(GOALS[chapter]) == len(told), f"{chapter} names {len(told)} goals"
    assert all(GOALS[chapter])


def test_every_exercise_serves_a_goal_and_no_other_is_named():
    assert {name for rows in GOALS.values() for names in rows for name in names} == set(KNOWN)
