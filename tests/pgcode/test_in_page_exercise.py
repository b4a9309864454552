"""The check of an answer that is written on a page: what the notebook would say, and what a page needs besides."""

import json
from pathlib import Path

import nbformat
import pytest
from exercises_parts import FUNCTIONS

from pgcode._in_page import exercise as in_page
from pgcode.exercises import setting

ROOT = Path(__file__).parents[2]
IMPORTS = "import numpy as np\n\nfrom pgcode.exercises import setting as exercises"
HEAD = "def discounted_return(rewards, discount):\n"
WRONG = f"{HEAD}    return sum(rewards)\n"


def check(source, name="discounted_return", part="setting", setup=(IMPORTS,)):
    """What a page gets, through JSON both ways."""
    asked = {"part": part, "name": name, "source": source, "setup": list(setup)}
    return json.loads(json.dumps(in_page.check(json.loads(json.dumps(asked)))))


def test_the_verdict_is_that_of_the_notebook():
    answer = check(WRONG)
    assert answer == {
        "verdict": setting.discounted_return.check(lambda rewards, discount: sum(rewards)).in_page,
        "line": 0,
        "printed": "",
        "case": setting.discounted_return.failing,
    }
    assert "no discount" in answer["verdict"]["heading"]


@pytest.mark.parametrize(("part", "exercise"), FUNCTIONS, ids=[one.name for _, one in FUNCTIONS])
def test_the_solution_of_each_function_is_right(part, exercise):
    path = ROOT / "book" / "exercises" / "solutions" / f"{part.replace('_', '-')}.ipynb"
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    (answer,) = (source for source in cells if f"def {exercise.name}(" in source)
    verdict = check(answer, exercise.name, part, [cells[0]])["verdict"]
    assert (verdict["outcome"], verdict["mark"]) == ("right", "✓")


def test_dots_are_no_answer():
    verdict = check(f"{HEAD}    ...")["verdict"]
    assert verdict["outcome"] == "not-attempted"
    assert verdict["sentences"] == ["Put your answer in the place of the dots."]


def test_a_syntax_error_is_told_as_python_tells_it():
    answer = check("total = 0\ndef discounted_return(rewards, discount)\n    return total")
    first, block = answer["verdict"]["sentences"]
    assert first == "Python cannot read your code."
    assert all(line.startswith("    ") for line in block.splitlines()), "a block of code"
    assert "SyntaxError: expected ':'" in block
    assert "line 2" in block
    assert (answer["line"], answer["verdict"]["outcome"]) == (2, "error")


def test_code_that_fails_before_there_is_an_answer():
    answer = check("x = [1]\n\nx[3]\n")
    first, block = answer["verdict"]["sentences"]
    assert first == "Your code stopped at line 3, before there was an answer."
    assert "IndexError: list index out of range" in block
    assert "exercise.py" not in block, "no line of ours"
    assert answer["line"] == 3


def test_code_that_ends_python_does_not():
    assert "SystemExit" in check("raise SystemExit")["verdict"]["sentences"][1]


def test_the_line_at_which_the_function_failed():
    answer = check(f"import math\n\n\n{HEAD}    total = 0\n    return rewards.nothing")
    assert answer["line"] == 6
    assert "line 3, `return rewards.nothing`" in answer["verdict"]["sentences"][0]


def test_another_name_is_told():
    (told,) = check("def my_return(rewards, discount):\n    return 0")["verdict"]["sentences"]
    assert told == "Your code defines no `discounted_return`: that is the name that is checked."


def test_what_is_printed_is_given_back_and_what_stands_above_is_silent():
    setup = [IMPORTS, "print('above')\nfactor = 2"]
    answer = check(f"{HEAD}    return sum(rewards)\nprint(factor)", setup=setup)
    assert answer["printed"] == "2\n"


def test_answers_do_not_see_those_of_others():
    check("secret = 1\n" + WRONG)
    assert "NameError" in check("secret")["verdict"]["sentences"][1]


def test_the_case_that_failed_can_be_tried():
    check(f"{HEAD}    return sum(rewards) + 1")
    answer = check(f"{HEAD}    return 0\nprint(len(exercises.discounted_return.case()))")
    assert answer["printed"] == "2\n"


@pytest.mark.parametrize(
    ("value", "is_told"), [("sum(rewards)", False), ("sum(rewards ** 4) * 1.37 + len(rewards) ** 0.31", True)]
)
def test_that_it_is_wrong_is_told_before_a_name_is_searched_for(value, is_told, monkeypatch):
    """The first has a name that is known, and the second is nothing that anybody has seen."""
    told = []
    monkeypatch.setattr(in_page._progress, "tell", told.append)
    answer = check(f"{HEAD}    return {value}\n")
    assert answer["verdict"]["outcome"] == "wrong"
    assert told == (["It is not right. Looking for the mistake that gives your result"] if is_told else [])


def test_a_change_that_nobody_has_declared_is_found():
    answer = check(f"{HEAD}    return np.sum(discount ** np.arange(len(rewards)) * np.sort(rewards))\n")
    assert answer["verdict"]["heading"].startswith("Wrong (rewards sorted")
    assert answer["verdict"]["sentences"][0] == "Your result equals what the solution gives with `rewards` sorted."


# ---- one case ------------------------------------------------------------------------------------------------------


def asked(source, **more):
    return {"part": "setting", "name": "discounted_return", "setup": [], "source": source, **more}


def test_a_wrong_answer_names_its_case_and_a_page_is_told_nothing_of_calls():
    answer = in_page.check(asked(f"{HEAD}    return sum(rewards) + 0.123\n"))
    assert answer["case"] == in_page.check(asked(f"{HEAD}    return 1 // 0 if len(rewards) == 1 else 0\n"))["case"] == 2
    stops = in_page.check(asked(f"{HEAD}    return 1 // 0 if len(rewards) == 1 else 0\n"))["verdict"]
    assert "in the case rewards" in " ".join(stops["sentences"])
    assert "case()" not in " ".join(stops["sentences"])


UNCALLED = (f"{HEAD}    ...", f"{HEAD}    return (", "1 / 0", "other = 1", "discounted_return = 3")


@pytest.mark.parametrize("source", UNCALLED)
def test_what_was_not_called_has_no_case(source):
    assert in_page.check(asked(source))["case"] is None
    assert "shown" not in in_page.case(asked(source, number=0)) or source.endswith("...")


def test_a_case_shows_what_is_given_printed_returned_and_right():
    shown = in_page.case(asked(f"print('once')\n{HEAD}    print(discount)\n    return rewards * 0\n", number=0))
    assert shown["line"] == 0
    assert shown["shown"].splitlines() == [
        "rewards = [-0.044005,  0.388728,  1.438075,  0.642891,  0.399336]",
        "discount = 0.9",
        "",
        "It prints",
        "    once",
        "    0.9",
        "",
        "It returns [-0.,  0.,  0.,  0.,  0.]",
        "Right is   2.2013637",
    ]


def test_a_case_says_how_a_call_ended_and_where():
    shown = in_page.case(asked(f"{HEAD}    return rewards.nothing\n", number=2))
    assert "It stops with AttributeError at line 2, `return rewards.nothing`: " in shown["shown"]
    assert shown["line"] == 2


@pytest.mark.parametrize(("part", "exercise"), FUNCTIONS, ids=[one.name for _, one in FUNCTIONS])
def test_a_case_of_every_function_can_be_shown(part, exercise):
    """Also one with a process or a batch, whose arrays would fill a page."""
    source = f"{exercise.name} = lambda *given: 0"
    shown = in_page.case({"part": part, "name": exercise.name, "setup": [], "source": source, "number": 0})["shown"]
    assert "\nIt returns 0\nRight is   " in shown
    assert len(shown) < 3000, len(shown)
    assert " at 0x" not in shown
