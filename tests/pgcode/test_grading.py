"""Grading: right and wrong answers get their verdicts, and no notebook changes its grade, reads answers or hangs."""

import csv
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pgcode.exercises import Outcome, _grading, setting
from pgcode.exercises._grading import Limits, decoded
from pgcode.exercises._student import encoded

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="grading takes Linux or macOS")

ROOT = Path(__file__).parents[2]
IMPORTS = "import numpy as np\nfrom pgcode.exercises import setting as exercises"
RIGHT = """def discounted_return(rewards, discount):
    return np.sum(discount ** np.arange(len(rewards)) * rewards)"""
WRONG = """def discounted_return(rewards, discount):
    return np.sum(rewards)"""
QUICK = Limits(seconds=8, cell_seconds=1)


def notebook(folder, *cells, name="student"):
    path = folder / f"{name}.ipynb"
    listed = [{"cell_type": "code", "source": cell, "metadata": {}, "outputs": []} for cell in (IMPORTS, *cells)]
    path.write_text(json.dumps({"cells": listed, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return path


def first(folder, *cells, limits=QUICK):
    """The grade of the first exercise of the setting alone."""
    path = notebook(folder, *cells)
    return _grading._graded(path, _grading._cells(path), setting.discounted_return, ["setting"], limits)


@pytest.mark.parametrize("part", _grading.parts())
def test_the_answers_of_the_book_are_right(part):
    path = ROOT / "book" / "exercises" / "solutions" / f"{part.replace('_', '-')}.ipynb"
    grades = _grading.grade(path, Limits())
    assert [one.outcome for one in grades] == [Outcome.RIGHT] * len(grades)


def test_a_blank_notebook_is_not_attempted():
    grades = _grading.grade(ROOT / "book" / "exercises" / "setting.ipynb", Limits())
    assert {one.outcome for one in grades} == {Outcome.NOT_ATTEMPTED}


def test_a_mistake_is_named(tmp_path):
    grade = first(tmp_path, WRONG)
    assert (grade.outcome, grade.mistake) == (Outcome.WRONG, "no discount")
    assert "without a discount" in grade.told


def test_an_error_is_told(tmp_path):
    raised = first(tmp_path, "def discounted_return(rewards, discount):\n    return rewards[99]")
    assert raised.outcome is Outcome.ERROR
    assert "IndexError" in raised.error
    unwritten = first(tmp_path, "def discounted_return(rewards, discount:\n    return 1")
    assert "SyntaxError" in unwritten.error


ALWAYS_TRUE = """import builtins, pgcode, json, sys
for module in list(sys.modules.values()):
    for name in ("allclose", "isclose", "agree", "array_equal"):
        if hasattr(module, name):
            setattr(module, name, lambda *_, **__: True)
exercises.discounted_return.reference = lambda *_: 0.0
exercises.discounted_return.check = lambda *_: "Right"
"""
FROM_MEMORY = """import gc, sys
found = [o for o in gc.get_objects() if type(o).__name__ == "FunctionExercise"]
found += [m for n, m in sys.modules.items() if n.startswith("pgcode.exercises.") and hasattr(m, "reference")]
discounted_return = found[0].reference if found else (lambda rewards, discount: -1.0)
"""
FORGED = """import os
for descriptor in range(3, 64):
    try:
        os.write(descriptor, b'{"failed": [], "missing": false, "outcome": "Right", "error": [], "results": [')
    except OSError:
        pass
"""
SURROGATE = """class Everything(float):
    def __eq__(self, other): return True
    def __sub__(self, other): return 0.0
    __rsub__ = __sub__
    def __reduce__(self): return (print, ("unpickled",))
def discounted_return(rewards, discount): return Everything(7.0)
"""

HOSTILE = {
    "patches what compares": (ALWAYS_TRUE, WRONG),
    "looks for the answer in memory": (FROM_MEMORY,),
    "asks the exercise for its solution": ("discounted_return = exercises.discounted_return.reference",),
    "writes a verdict of its own": (FORGED, WRONG),
    "gives what equals everything": (SURROGATE,),
    "exits": ("import sys; sys.exit(0)", WRONG),
    "ends the process": ("import os; os._exit(0)", RIGHT),
    "ends the process in the answer": ("import os\ndef discounted_return(*_): os._exit(0)",),
    "never ends": (WRONG, "def discounted_return(*_):\n    while True: pass"),
    "takes all memory": ("def discounted_return(*_): return np.ones(10**11).sum()",),
    "returns too much": ("def discounted_return(*_): return np.zeros(10**7)",),
    "recurses": ("def discounted_return(*_): return discounted_return(*_)",),
    "registers for the end": ("import atexit, time; atexit.register(time.sleep, 1000)", WRONG),
}


@pytest.mark.parametrize("cells", HOSTILE.values(), ids=HOSTILE)
def test_no_hostile_notebook_is_right_or_hangs(tmp_path, cells):
    begun = time.monotonic()
    grade = first(tmp_path, *cells)
    assert grade.outcome in (Outcome.WRONG, Outcome.ERROR)
    assert time.monotonic() - begun < 60


def test_one_that_ignores_the_alarm_is_killed(tmp_path):
    deaf = "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass"
    grade = first(tmp_path, deaf, RIGHT, limits=Limits(seconds=3, cell_seconds=1))
    assert grade.outcome is Outcome.ERROR
    assert "did not end within 3 s" in grade.error or "SIG" in grade.error


def test_a_cell_that_never_ends_costs_no_other_answer(tmp_path):
    assert first(tmp_path, "while True: pass", RIGHT).outcome is Outcome.RIGHT


def test_no_file_is_written(tmp_path):
    target = tmp_path / "grades.csv"
    first(tmp_path, f"open({str(target)!r}, 'w').write('student,Right')", RIGHT)
    assert not target.exists() or target.read_text(encoding="utf-8") == ""


def run(*arguments, cwd):
    command = [sys.executable, "-m", "pgcode.exercises", "grade", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False)


def test_the_shell_writes_a_table_and_reports(tmp_path):
    good, bad = notebook(tmp_path, RIGHT, name="=good"), notebook(tmp_path, WRONG, name="bad")
    other = tmp_path / "letter.ipynb"
    other.write_text("Dear teacher", encoding="utf-8")
    done = run(good, other, bad, "--reports", "reports", cwd=tmp_path)
    assert done.returncode == 1
    assert "letter.ipynb is no notebook" in done.stderr
    assert f"1 of {len(setting.__all__)} right" in done.stdout
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["exercise"] == "discounted_return"]
    assert [(row["student"], row["outcome"], row["mistake"]) for row in rows] == [
        ("'=good", "Right", ""),
        ("bad", "Wrong", "no discount"),
    ]
    assert "✗ The return of a sequence of rewards" in (tmp_path / "reports" / "bad.md").read_text(encoding="utf-8")


@pytest.mark.skipif(sys.platform != "linux", reason="orphans are found in Linux alone")
def test_processes_that_are_left_are_ended(tmp_path):
    marker = "86399.25"
    forks = f"""import os
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        os.execvp("sleep", ["sleep", "{marker}"])
"""
    run(notebook(tmp_path, forks, RIGHT), "--seconds", "20", cwd=tmp_path)
    lines = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if _is_there(path)]
    assert not [line for line in lines if marker.encode() in line]


def _is_there(path):
    try:
        path.read_bytes()
    except OSError:
        return False
    return True


def test_a_user_that_is_not_there_is_told(tmp_path):
    done = run(notebook(tmp_path, RIGHT), "--user", "nobody-of-this-name", cwd=tmp_path)
    assert done.returncode == 1
    assert "there is no user nobody-of-this-name" in done.stderr


def test_code_that_changes_a_notebook_ends_the_run(tmp_path):
    other = notebook(tmp_path, RIGHT, name="other")
    hostile = notebook(tmp_path, f"import os; os.remove({str(other)!r})", RIGHT, name="hostile")
    done = run(hostile, other, cwd=tmp_path)
    assert done.returncode == 2
    assert "changed files" in done.stderr


@pytest.mark.parametrize(
    "value",
    [None, True, 3, 2.5, float("nan"), float("-inf"), "θ", 1 + 2j, [1, [2.0]], (1, "a"), {"a": (1,)}, ...],
    ids=repr,
)
def test_values_come_back_as_they_were(value):
    there = decoded(json.loads(json.dumps(encoded(value))))
    assert repr(there) == repr(value)


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "uint8", "bool", "complex128"])
def test_arrays_come_back_as_they_were(dtype):
    value = np.array([[0.1, 1.0], [3.0, 0.0]]).astype(dtype)
    there = decoded(json.loads(json.dumps(encoded(value))))
    assert there.dtype == value.dtype
    np.testing.assert_array_equal(there, value)


def test_anything_else_comes_back_as_nothing():
    assert type(decoded(json.loads(json.dumps(encoded(Path()))))) is object
