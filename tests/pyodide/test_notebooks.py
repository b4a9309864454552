"""Every notebook of the book runs in the browser's Python, and each of its cells shows what is stored."""

from __future__ import annotations

import pytest
from notebooks import chapters
from same_outputs import ROOT, difference, differences

NOTEBOOKS = [path.relative_to(ROOT).as_posix() for path in chapters(ROOT)]

#: Cells that show something else there, and why; one that does not is an error.
DIFFERS: dict[tuple[str, int], str] = {
    ("book/practice/learning-curves.ipynb", 11): "a pole falls a step sooner or later for the last digit of an "
    "exponential, and after 40 updates the returns of the worst run differ",
}


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_cells_show_what_is_stored(notebook, interpreter):
    answer = interpreter.call("run_notebook", notebook)
    print(f"{answer.seconds:.1f} s, {answer.megabytes:.0f} MB")
    wrong = []
    for number, told in differences(notebook, answer.value):
        if (notebook, number) in DIFFERS:
            told = "" if told else f"cell {number} shows what is stored, against what DIFFERS says"
        if told:
            wrong.append(told)
    assert not wrong, "\n".join(wrong)


# ---- the comparison itself, which needs no interpreter -------------------------------------------------------------


def result(text, **more):
    return {"output_type": "execute_result", "data": {"text/plain": text} | more}


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


DIFFERENT = {
    "a digit": ([result("0.12")], [result("0.13")]),
    "a kind": ([result("a")], [result("a", **{"text/html": "<p>a</p>"})]),
    "one more": ([result("a")], [result("a"), result("a")]),
    "nothing": ([result("a")], []),
    "an error": ([], [{"output_type": "error", "ename": "ValueError", "evalue": "no"}]),
    "a warning": ([], [stream("Warning", "stderr")]),
    "words of a figure": (
        [result("", **{"text/html": '<svg aria-label="One."/>'})],
        [result("", **{"text/html": '<svg aria-label="Two."><path/></svg>'})],
    ),
}
EQUAL = {
    "pieces of a stream": ([stream(["a\n", "b\n"])], [stream("a\n"), stream("b\n")]),
    "a drawing": (
        [result("", **{"text/html": '<svg aria-label="One."/>'})],
        [result("", **{"text/html": '<svg width="1" aria-label="One."><path d="M0"/></svg>'})],
    ),
    "data of a display": ([result("a")], [result("a", **{"application/vnd.pgcode.ledger+json": {}})]),
}


@pytest.mark.parametrize("name", DIFFERENT)
def test_a_difference_is_seen(name):
    assert difference(*DIFFERENT[name])


@pytest.mark.parametrize("name", EQUAL)
def test_what_may_differ_may(name):
    assert difference(*EQUAL[name]) == ""
