"""Answers of learners to over 40 exercises on functions: right ones are right, wrong ones have their name.

When the first measure was taken, 65 of 100 wrong ones were told a name. Then changes of arguments, code and results
were tried as well; what they name is in ``exercises_unseen_answers/verdicts.json``. A line that changes is to be read
beside what the author of the answer says.
"""

import importlib

import pytest
from exercises_parts import FUNCTIONS
from exercises_unseen_answers import all_answers, verdicts

from pgcode.exercises import Outcome
from pgcode.exercises._verdict import NAME_CHARACTERS

ANSWERS = all_answers()
READ = verdicts()

#: What is told here hangs on the sign of an eigenvector, or on the inverse of a matrix that has none.
OTHERWISE_ELSEWHERE = {("state_action_form", 27), ("trajectory_form", 111)}


def exercise_of(answer):
    return getattr(importlib.import_module(f"pgcode.exercises.{answer.part}"), answer.exercise)


def test_there_are_at_least_500_over_40_functions_and_each_has_its_verdict():
    assert len(ANSWERS) >= 500
    answered = {(answer.part, answer.exercise) for answer in ANSWERS}
    assert len(answered) > 40
    assert answered <= {(part, one.name) for part, one in FUNCTIONS}
    assert {answer.key for answer in ANSWERS if not answer.right} == set(READ)


@pytest.mark.parametrize("aside", [False, True], ids=["looked at", "kept aside"])
def test_of_100_at_least_85_are_named(aside):
    wrong = [answer.key for answer in ANSWERS if not answer.right and answer.number % 2 == aside]
    assert sum(bool(READ[key]) for key in wrong) >= 0.85 * len(wrong)


def test_no_name_is_too_long_to_be_read():
    assert max(map(len, READ.values())) <= NAME_CHARACTERS


@pytest.mark.parametrize("answer", ANSWERS, ids=[f"{a.part}-{a.number}-{a.exercise}" for a in ANSWERS])
def test_an_answer_is_told_what_was_read(answer):
    verdict = exercise_of(answer).check(answer.function)
    if answer.right:
        assert verdict.outcome is Outcome.RIGHT, answer.says
        assert not verdict.mistake
    else:
        assert verdict.outcome in {Outcome.WRONG, Outcome.ERROR}
        if (answer.part, answer.number) not in OTHERWISE_ELSEWHERE:
            assert verdict.mistake == READ[answer.key]
