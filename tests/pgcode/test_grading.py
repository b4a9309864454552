"""Grading: right and wrong answers get their verdicts, and no notebook changes its grade, reads answers or hangs."""

import ast
import csv
import json
import linecache
import os
import re
import socket
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from exercises_unseen_answers import all_answers

from pgcode.exercises import FunctionExercise, Outcome, _confined, _grading, _refused, setting
from pgcode.exercises import __main__ as shell
from pgcode.exercises._grading import Limits, decoded
from pgcode.exercises._searching import Search
from pgcode.exercises._student import encoded, without_magic

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="grading takes Linux or macOS")

ROOT = Path(__file__).parents[2]
IMPORTS = "import numpy as np\nfrom pgcode.exercises import setting as exercises"
RIGHT = """def discounted_return(rewards, discount):
    return np.sum(discount ** np.arange(len(rewards)) * rewards)"""
WRONG = """def discounted_return(rewards, discount):
    return np.sum(rewards)"""
#: For what ends by itself: they only end what hangs.
AMPLE = Limits(seconds=900, cell_seconds=300, notebook_seconds=3600)
#: For cells that never end. The others beside them take microseconds.
SHORT_CELLS = Limits(seconds=900, cell_seconds=3)
#: For notebooks that may do anything, and are never right.
QUICK = Limits(seconds=8, cell_seconds=1)
#: What the command is told, for the same reason as ``AMPLE``.
AMPLY = ("--seconds", "900", "--notebook-seconds", "3600")


def notebook(folder, *cells, name="student"):
    path = folder / f"{name}.ipynb"
    listed = [{"cell_type": "code", "source": cell, "metadata": {}, "outputs": []} for cell in (IMPORTS, *cells)]
    path.write_text(json.dumps({"cells": listed, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), encoding="utf-8")
    return path


def first(folder, *cells, limits=AMPLE):
    """The grade of the first exercise of the setting alone."""
    path = notebook(folder, *cells)
    return _grading._graded(path, _grading._cells(path), setting.discounted_return, ["setting"], limits)


@pytest.mark.parametrize("part", _grading.parts())
def test_the_answers_of_the_book_are_right(part):
    path = ROOT / "book" / "exercises" / "solutions" / f"{part.replace('_', '-')}.ipynb"
    grades = _grading.grade(_grading.read(path), AMPLE)
    assert [one.outcome for one in grades] == [Outcome.RIGHT] * len(grades)


def test_a_blank_notebook_is_not_attempted():
    grades = _grading.grade(_grading.read(ROOT / "book" / "exercises" / "setting.ipynb"), AMPLE)
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


# ---- what a notebook tells, the grader tells -----------------------------------------------------------------------


def in_the_notebook(exercise, code):
    """The verdict of the check, on an answer whose lines Python can show."""
    names = {"np": np, "__name__": "__main__"}
    linecache.cache["<answer>"] = (len(code), None, code.splitlines(keepends=True), "<answer>")
    exec(compile(code, "<answer>", "exec", dont_inherit=True), names)
    return exercise.check(names[exercise.name])


@pytest.fixture(autouse=True)
def searched_once(monkeypatch):
    """The same numbers, to the last digit, are not searched for a name twice: first the grader's, then the check's."""
    explain, found = Search.explain, {}

    def explained(search):
        parts = [part for result in (*search._results, *search._expected) for part in result]
        key = search._right[0], tuple((part.shape, part.tobytes()) for part in parts)
        if key not in found:
            found[key] = explain(search)
        return found[key]

    monkeypatch.setattr(Search, "explain", explained)


def assert_told_alike(folder, part, exercise, code):
    """A grade is the verdict of the notebook, to the letter."""
    path = notebook(folder, code)
    grade = _grading._graded(path, _grading._cells(path), exercise, [part], AMPLE)
    told = in_the_notebook(exercise, code)
    assert grade.told == _grading._plain(str(told), _grading._LONGEST_VERDICT)
    assert (grade.outcome, grade.mistake) == (told.outcome, told.mistake)
    return grade


FUNCTIONS = [
    (part, exercise)
    for part, exercises in _grading.parts().items()
    for exercise in exercises
    if isinstance(exercise, FunctionExercise)
]


@pytest.mark.parametrize(("part", "exercise"), FUNCTIONS, ids=[exercise.name for _, exercise in FUNCTIONS])
def test_right_and_wrong_answers_are_told_what_the_notebook_tells(tmp_path, part, exercise):
    wrong = [one.code for one in all_answers() if one.exercise == exercise.name and not one.right]
    for code in wrong[:1]:
        assert_told_alike(tmp_path, part, exercise, code)
    solution = _imports_of(exercise) + exercise.answer_text()
    assert assert_told_alike(tmp_path, part, exercise, solution).outcome is Outcome.RIGHT


#: What the notebook tells is tested with each recorded answer; that a process tells the same, with so many.
RECORDED = 10 if os.environ.get("TEN_RECORDED") else 4


@pytest.mark.slow
@pytest.mark.parametrize(("part", "exercise"), FUNCTIONS, ids=[exercise.name for _, exercise in FUNCTIONS])
def test_more_recorded_answers_are_told_what_the_notebook_tells(tmp_path, part, exercise):
    """Each takes a process. ``TEN_RECORDED=1`` takes ten of each exercise."""
    wrong = [one.code for one in all_answers() if one.exercise == exercise.name and not one.right]
    for code in wrong[1:RECORDED]:
        assert_told_alike(tmp_path, part, exercise, code)


def _imports_of(exercise):
    """What the source of the reference uses of the package, as the notebook of the exercises imports it."""
    names = vars(sys.modules[exercise.reference.__module__])
    used = [name for name in exercise.reference.__code__.co_names if name in names]
    lines = ["import numpy as np"]
    for name in used:
        value = names[name]
        if name != "np":
            module = getattr(value, "__module__", None)
            lines.append(f"from {module} import {name}" if module else f"import {value.__name__} as {name}")
    return "\n".join(lines) + "\n"


#: Answers to the first exercise that were told something else by the grader, or were not read at all.
TOLD_ALIKE = {
    "a fraction": """from fractions import Fraction
def discounted_return(rewards, discount):
    return sum((Fraction(float(x)) * Fraction(discount) ** k for k, x in enumerate(rewards)), Fraction(0))""",
    "a decimal": """from decimal import Decimal
def discounted_return(rewards, discount):
    return sum((Decimal(float(x)) * Decimal(discount) ** k for k, x in enumerate(rewards)), Decimal(0))""",
    "an array of objects": """def discounted_return(rewards, discount):
    return np.array(sum(x * discount**k for k, x in enumerate(rewards)), dtype=object)""",
    "a long double": """def discounted_return(rewards, discount):
    return sum((np.longdouble(x) * discount**k for k, x in enumerate(rewards)), np.longdouble(0))""",
    "an array of its own": """class Frame:
    def __array__(self, dtype=None, copy=None): return np.array([1.0, 2.0])
def discounted_return(rewards, discount):
    return Frame()""",
    "a lambda below the stub": """def discounted_return(rewards, discount):
    \"\"\"Return R.\"\"\"
    ...
discounted_return = lambda r, g: sum(x * g**k for k, x in enumerate(r))""",
    "a percent sign at the start of a line": """def discounted_return(rewards, discount):
    n = (len(rewards)
         % 1000)
    return sum(rewards[k] * discount**k for k in range(n))""",
    "parameters in another order": """def discounted_return(discount, rewards):
    return sum(x * discount**k for k, x in enumerate(rewards))""",
    "a parameter too many": """def discounted_return(rewards, discount, horizon):
    return sum(x * discount**k for k, x in enumerate(rewards))""",
    "an error with a constructor of its own": """def discounted_return(rewards, discount):
    return b"\\xff".decode("utf-8")""",
    "an error of its own": """class EmptyRewardsError(LookupError): pass
def discounted_return(rewards, discount):
    if len(rewards) < 3:
        raise EmptyRewardsError("of two rewards")
    return sum(x * discount**k for k, x in enumerate(rewards))""",
    "an error of NumPy": """def discounted_return(rewards, discount):
    return np.linalg.inv(np.zeros((2, 2)))""",
    "not yet written": """def discounted_return(rewards, discount):
    total = 0.0
    raise NotImplementedError""",
    "it changes its argument, prints and warns": """def discounted_return(rewards, discount):
    print("here", len(rewards))
    rewards *= discount ** np.arange(len(rewards))
    return rewards / np.zeros(1)""",
    "it replaces a function of NumPy": """def discounted_return(rewards, discount):
    np.sum = sum
    return sum(rewards)""",
    "nothing returned": """def discounted_return(rewards, discount):
    rewards.sum()""",
    "rows of several lengths": """def discounted_return(rewards, discount):
    return [[1.0], [1.0, 2.0]]""",
    "far too many numbers": """def discounted_return(rewards, discount):
    return np.zeros(10**7)""",
    "no function": "discounted_return = {1, 2}",
}


@pytest.mark.parametrize("code", TOLD_ALIKE.values(), ids=TOLD_ALIKE)
def test_an_answer_is_told_what_the_notebook_tells(tmp_path, code):
    assert_told_alike(tmp_path, "setting", setting.discounted_return, code)


def test_an_error_is_told_at_the_line_of_the_student(tmp_path):
    told = first(tmp_path, "def discounted_return(rewards, discount):\n    return rewards[99]").error
    assert "IndexError at line 2, `return rewards[99]`" in told


#: Cells that a notebook runs, with what is not Python or not there without IPython.
CELLS = {
    "display": f"display('hello')\n{RIGHT}",
    "a question": f"discounted_return?\n{RIGHT}",
    "a measured cell": f"%%time\n{RIGHT}",
    "a magic": f"%matplotlib inline\n{RIGHT}",
    "a call of the system": f"!ls\n{RIGHT}",
    "a magic in an answer": f"{RIGHT}\nif True:\n    %precision 3",
}


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_cell_runs_as_in_a_notebook(tmp_path, cell):
    assert first(tmp_path, cell).outcome is Outcome.RIGHT


def test_a_cell_that_calls_a_magic_for_its_value_runs(tmp_path):
    pytest.importorskip("IPython")
    cell = f"%time total = 1\nfiles = !ls\n{RIGHT}\nassert total == 1 and files == []\nchecked = True"
    use = "old = discounted_return\nif checked:\n    pass\ndiscounted_return = old"
    grade = first(tmp_path, "del_me = 1", cell, use)
    assert grade.outcome is Outcome.RIGHT


@pytest.mark.parametrize("name", [name for name in CELLS if name != "display"])
def test_without_ipython_what_is_no_python_is_left_out(name):
    kept = without_magic(CELLS[name])
    ast.parse(kept)
    assert RIGHT in kept


#: A cell that waits, as IPython lets it: for a coroutine, for time, for a task, in a loop, and in a comprehension.
WAITS = """import asyncio
async def soon(number):
    await asyncio.sleep(0.001)
    return number
async def some():
    for number in (1.0, 1.0):
        yield number
one = await soon(1.0)
one *= await asyncio.create_task(soon(1.0))
one *= (await asyncio.gather(soon(1.0), soon(2.0)))[0]
async for number in some():
    one *= number
one *= sum([number async for number in some()]) / 2
"""


def test_a_cell_may_wait_at_its_top_level(tmp_path):
    answer = RIGHT.replace("np.sum(", "one * np.sum(")
    assert first(tmp_path, WAITS, answer).outcome is Outcome.RIGHT
    assert first(tmp_path, WAITS + answer).outcome is Outcome.RIGHT
    for_ever = "import asyncio\nawait asyncio.sleep(1e6)"
    assert first(tmp_path, RIGHT, for_ever, limits=SHORT_CELLS).outcome is Outcome.RIGHT
    failed = first(tmp_path, f"{for_ever}\n{RIGHT}", limits=SHORT_CELLS)
    assert "cell 2 failed: TimeoutError: it did not end within 3 s" in failed.error
    raised = first(tmp_path, "async def f():\n    return 1 / 0\nawait f()\n" + RIGHT)
    assert "cell 2 failed: ZeroDivisionError: division by zero" in raised.error


def test_without_ipython_a_text_that_is_python_or_nothing_stays_as_it_is():
    for text in ("a = (3\n% 2)", '"""\n%time\n"""', "def f(:"):
        assert without_magic(text) == text


def test_a_cell_inherits_nothing_from_the_grader_and_the_future_from_a_cell(tmp_path):
    annotated = RIGHT.replace("rewards,", "rewards: NoSuchName,")
    alone = first(tmp_path, annotated)
    assert "NameError: name 'NoSuchName'" in alone.error
    assert first(tmp_path, "from __future__ import annotations", annotated).outcome is Outcome.RIGHT


#: Predictions of kinds that JSON does not know, and what is no prediction.
NUMBERS = ("Fraction(1, 3)", "Decimal('0.25')", "np.longdouble(2)", "10**400", "{1}", "np.inf", "print", "np.eye(2)")


@pytest.mark.parametrize("number", NUMBERS)
def test_a_number_is_told_what_the_notebook_tells(tmp_path, number):
    exercise = setting.fair_coin_value
    code = f"from fractions import Fraction\nfrom decimal import Decimal\nfair_coin_value = {number}"
    assert_told_alike(tmp_path, "setting", exercise, code)


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
    "registers for the end": ("import atexit, time; atexit.register(time.sleep, 1e6)", WRONG),
}


@pytest.mark.parametrize("cells", HOSTILE.values(), ids=HOSTILE)
def test_no_hostile_notebook_is_right_or_hangs(tmp_path, cells):
    grade = first(tmp_path, *cells, limits=QUICK)
    assert grade.outcome in (Outcome.WRONG, Outcome.ERROR)


def test_one_that_ignores_the_alarm_is_killed(tmp_path):
    deaf = "import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass"
    grade = first(tmp_path, deaf, RIGHT, limits=Limits(seconds=3, cell_seconds=1))
    assert grade.outcome is Outcome.ERROR
    assert "did not end within 3 s" in grade.error or "SIG" in grade.error


def test_a_cell_that_never_ends_costs_no_other_answer(tmp_path):
    assert first(tmp_path, "while True: pass", RIGHT, limits=SHORT_CELLS).outcome is Outcome.RIGHT


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
    done = run(good, other, bad, "--reports", "reports", *AMPLY, cwd=tmp_path)
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
    run(notebook(tmp_path, forks, RIGHT), *AMPLY, cwd=tmp_path)
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


def rows_of(path):
    """The outcome of the first exercise, and the error, by student; of a notebook that is none, its only row."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["exercise"] in ("discounted_return", "")]
    return {row["student"]: (row["outcome"], row["error"]) for row in rows}


@pytest.fixture
def unconfined(monkeypatch, tmp_path):
    """The command on a system that confines nothing, with stand-ins for students' code by the notebook's name."""
    codes = {}

    def graded(submission, limits):
        codes.get(submission.notebook.stem, lambda: None)()
        return [replace(right, student=submission.notebook.stem)]

    (tmp_path / "elsewhere").mkdir()
    right = first(tmp_path / "elsewhere", RIGHT)
    monkeypatch.setattr(_grading, "grade", graded)
    monkeypatch.setattr(shell, "_contain", lambda: None)
    monkeypatch.setattr(shell, "_end_what_is_left", lambda: None)
    monkeypatch.setattr(_confined, "version", lambda: 0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "elsewhere"))
    monkeypatch.chdir(tmp_path)
    return codes


def test_where_nothing_is_confined_what_is_changed_is_put_back_and_the_others_are_graded(tmp_path, unconfined, capsys):
    good, hostile = notebook(tmp_path, RIGHT, name="good"), notebook(tmp_path, RIGHT, name="hostile")
    other, late = notebook(tmp_path, RIGHT, name="other"), notebook(tmp_path, WRONG, name="late")
    before = {path: (path.read_bytes(), path.stat().st_mode) for path in (good, hostile, other, late)}

    def spoil():
        other.unlink()
        late.write_text("{}", encoding="utf-8")
        good.chmod(0)
        tmp_path.chmod(0o500)
        (tmp_path / "grades.csv").unlink(missing_ok=True)
        (tmp_path / "grades.csv").symlink_to(hostile)

    unconfined["hostile"] = spoil
    mode = tmp_path.stat().st_mode
    assert shell.main(["grade", *map(str, (good, hostile, other, late))]) == 2
    told = capsys.readouterr().err
    assert "cannot confine a process" in told
    assert "hostile.ipynb: its code changed what it must leave alone" in told
    assert {path: (path.read_bytes(), path.stat().st_mode) for path in before} == before
    assert tmp_path.stat().st_mode == mode
    found = rows_of(tmp_path / "grades.csv")
    assert {name: outcome for name, (outcome, _) in found.items()} == {
        "good": "Right", "hostile": "Error", "other": "Right", "late": "Right",
    }  # fmt: skip
    assert "none of its answers counts" in found["hostile"][1]


def test_a_package_that_cannot_be_put_back_leaves_the_rest_without_a_grade(tmp_path, unconfined, monkeypatch):
    good, hostile = notebook(tmp_path, RIGHT, name="good"), notebook(tmp_path, RIGHT, name="hostile")
    late = notebook(tmp_path, RIGHT, name="late")
    package = tmp_path / "package"
    package.mkdir()
    module = package / "module.py"
    module.write_text("right = 1", encoding="utf-8")
    monkeypatch.setattr(_grading, "PACKAGE", package)
    monkeypatch.setattr(_grading, "parts", lambda: {"setting": [setting.discounted_return]})

    def spoil():
        module.unlink()
        module.mkdir()

    def nowhere(path):
        raise OSError("there is no place for it")

    unconfined["hostile"] = spoil
    monkeypatch.setattr(_grading, "_move_away", nowhere)
    assert shell.main(["grade", *map(str, (good, hostile, late))]) == 2
    found = rows_of(tmp_path / "grades.csv")
    assert [found[name][0] for name in ("good", "hostile", "late")] == ["Right", "Error", "Error"]
    assert "not graded: hostile.ipynb changed pgcode" in found["late"][1]


def test_a_table_that_cannot_be_written_stands_elsewhere_and_its_place_is_told(tmp_path, unconfined, capsys):
    hostile, late = notebook(tmp_path, RIGHT, name="hostile"), notebook(tmp_path, RIGHT, name="late")

    def spoil():
        (tmp_path / "grades.csv").mkdir()
        (tmp_path / "grades.csv" / "left").touch()

    unconfined["hostile"] = spoil
    assert shell.main(["grade", str(hostile), str(late)]) == 2
    places = [
        line.rpartition("it stands in ")[2] for line in capsys.readouterr().err.splitlines() if "stands in" in line
    ]
    assert set(rows_of(Path(places[-1]))) == {"hostile", "late"}
    assert (tmp_path / "grades.csv" / "left").exists()  # a folder is nobody's to delete


def test_what_somebody_else_changes_meanwhile_stays(tmp_path, unconfined, monkeypatch):
    """A teacher who opens a notebook while it is graded; nobody's code could have done that where it is confined."""
    opened, late = notebook(tmp_path, RIGHT, name="opened"), notebook(tmp_path, RIGHT, name="late")
    monkeypatch.setattr(_confined, "version", lambda: 7)
    monkeypatch.setattr(_refused, "can_refuse", lambda: True)
    unconfined["opened"] = lambda: late.write_text("a note of the teacher", encoding="utf-8")
    assert shell.main(["grade", str(opened), str(late)]) == 0
    assert late.read_text(encoding="utf-8") == "a note of the teacher"
    assert {outcome for outcome, _ in rows_of(tmp_path / "grades.csv").values()} == {"Right"}


def test_what_stood_in_the_place_of_a_file_is_not_lost(tmp_path, monkeypatch):
    path = notebook(tmp_path, RIGHT)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    kept, before = _grading.Kept([path], contents=True, rights=True), path.read_bytes()
    path.write_text("of somebody", encoding="utf-8")
    assert kept.put_back() == ([str(path)], [])
    assert path.read_bytes() == before
    assert [one.read_text(encoding="utf-8") for one in tmp_path.glob(f"changed-*/{path.name}")] == ["of somebody"]


@pytest.mark.skipif(sys.platform != "linux", reason="no other system lets a process change another one's limits")
def test_limits_that_were_lowered_are_told_and_raised_again():
    import resource

    kept = _grading.Kept([], contents=False, rights=True)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 1, hard))
    assert kept.put_back() == (["the limit RLIMIT_NOFILE of the grading"], [])
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (soft, hard)
    assert kept.put_back() == ([], [])


def test_a_folder_is_no_table_and_a_file_no_folder(tmp_path):
    path = notebook(tmp_path, RIGHT)
    assert "is a folder" in run(path, "--csv", tmp_path, cwd=tmp_path).stderr
    assert "is no folder" in run(path, "--reports", path, cwd=tmp_path).stderr


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--seconds", "nan", "nan is no limit: pass seconds above 0"),
        ("--seconds", "0", "0 is no limit: pass seconds above 0"),
        ("--seconds", "-5", "-5 is no limit: pass seconds above 0"),
        ("--seconds", "inf", "inf is no limit: pass seconds above 0"),
        ("--seconds", "long", "long is no number: pass seconds"),
        ("--notebook-seconds", "nan", "nan is no limit: pass seconds above 0"),
        ("--memory", "0", "0 is no limit: pass megabytes above 0"),
        ("--memory", "-1", "-1 is no limit: pass megabytes above 0"),
        ("--memory", "1.5", "1.5 is no whole number: pass megabytes"),
    ],
)
def test_a_limit_with_which_nothing_is_graded_is_refused(tmp_path, capsys, option, value, message):
    """At the door: nothing is written that would say that every answer of every student is wrong."""
    table = tmp_path / "grades.csv"
    with pytest.raises(SystemExit) as left:
        shell.main(["grade", str(notebook(tmp_path, RIGHT)), "--csv", str(table), option, value])
    assert left.value.code == 2
    assert f"argument {option}: {message}" in capsys.readouterr().err
    assert not table.exists()


DEEP = '{"cells": ' + "[" * 100_000 + "]" * 100_000 + "}"
#: What would end the grading with an error of its own, if it believed what it is sent.
BREAKS = {
    "half of a sign": "def discounted_return(*_): raise ValueError('\\ud800 \\x1b[2J \\x00')",
    "an error that lies": FORGED.replace('"error": []', '"error": 7'),
    "many lists": """import os
try:
    for descriptor in range(3, 64):
        os.write(descriptor, b'{"results": [' + b'[],' * 300_000 + b'[]], "error": []}\\n')
except OSError:
    pass""",
    "a long word": "def discounted_return(*_): raise ValueError('word' * 10**6)",
    "a number of many digits": "def discounted_return(*_): return 10**4000",
    "an array of nothing": "def discounted_return(*_): return np.zeros((0, 10**6))",
}


@pytest.mark.slow
def test_nothing_that_is_handed_in_breaks_off_the_grading(tmp_path):
    """All in one call: each has its rows, in the order in which they were named, and the last is graded."""
    hostile = [notebook(tmp_path, code, name=name) for name, code in BREAKS.items()]
    deep, pipe, letter = (tmp_path / f"{name}.ipynb" for name in ("deep", "pipe", "letter"))
    deep.write_text(DEEP, encoding="utf-8")
    letter.write_text('{"cells": "Dear teacher"}', encoding="utf-8")
    os.mkfifo(pipe)
    late = notebook(tmp_path, RIGHT, name="late")
    done = run(deep, pipe, letter, *hostile, late, "--reports", "reports", *AMPLY, cwd=tmp_path)
    assert done.returncode == 1, done.stderr
    found = rows_of(tmp_path / "grades.csv")
    assert list(found) == ["deep", "pipe", "letter", *BREAKS, "late"]
    assert found.pop("late") == ("Right", "")
    assert {outcome for outcome, _ in found.values()} <= {"Error", "Wrong", "Not attempted"}
    assert "is no notebook: it is no file" in found["pipe"][1]
    assert r"\ud800 \x1b[2J \x00" in found["half of a sign"][1]
    assert max(len(error) for _, error in found.values()) <= 400
    assert {path.stem for path in (tmp_path / "reports").iterdir()} == {*found, "late"}


# ---- several notebooks in one call ----------------------------------------------------------------------------------

needs_confinement = pytest.mark.skipif(_confined.version() < 1, reason="the system cannot confine a process")

#: Runs whatever answer it can read on the disk, wherever the caller may have put it, as its own answer.
STEALS = """import os, json
places = [{folder!r}, os.path.expanduser("~"), os.getcwd(), "/tmp", "/proc"]
for parent in (os.getppid(), 1):
    try:
        given = open(f"/proc/{{parent}}/cmdline").read().split("\\0")
        places += [os.path.dirname(path) for path in given if path.endswith(".ipynb")]
    except OSError:
        pass
found = []
for place in places:
    for folder, _, names in os.walk(place):
        found += [os.path.join(folder, name) for name in names if name.endswith((".ipynb", ".csv", ".md"))]
for path in [*found, {right!r}, {solutions!r}, {module!r}]:
    try:
        text = open(path).read()
    except OSError:
        continue
    stolen = [text] if path.endswith(".py") else ["".join(c["source"]) for c in json.loads(text)["cells"]]
    for source in stolen:
        try:
            exec(source, globals())
        except Exception:
            pass
"""

#: Whatever a process may do to files and processes of others; what is refused is passed over.
SPOILS = """import os, resource, signal, socket
right, folder, grader = {right!r}, {folder!r}, os.getppid()


def told_through(address):
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(address)
        one.sendall(b"told")


attempts = [
    lambda: os.remove(right),
    lambda: os.rename(right, right + ".old"),
    lambda: os.replace(os.path.join(os.getcwd(), "mine"), right),
    lambda: os.truncate(right, 0),
    lambda: os.symlink(right, os.path.join(folder, "link.ipynb")),
    lambda: os.mkdir(os.path.join(folder, "left")),
    lambda: os.remove(os.path.join(folder, "grades.csv")),
    lambda: os.remove(os.path.join(folder, "reports", "early.md")),
    lambda: os.remove(os.path.join(folder, "letter.txt")),
]
if {refused}:
    attempts += [
        lambda: os.chmod(folder, 0),
        lambda: os.chmod(right, 0),
        lambda: os.chmod({module!r}, 0),
        lambda: os.chown(right, 1, 1),
        lambda: os.utime(right, (0, 0)),
        lambda: os.utime({module!r}, (0, 0)),
        lambda: os.setxattr(right, "user.mine", b"1"),
        lambda: resource.prlimit(grader, resource.RLIMIT_NOFILE, (3, 3)),
        lambda: resource.prlimit(grader, resource.RLIMIT_FSIZE, (0, 0)),
        lambda: resource.prlimit(grader, resource.RLIMIT_CPU, (1, 1)),
        lambda: os.setpriority(os.PRIO_PROCESS, grader, 19),
        lambda: os.sched_setaffinity(grader, [0]),
        lambda: os.kill(grader, signal.SIGKILL),
        lambda: os.killpg(os.getpgid(grader), signal.SIGKILL),
        lambda: told_through({address!r}),
        lambda: os.fork() or os._exit(0),
    ]
if {version} >= 4:
    attempts.append(lambda: socket.create_connection(("127.0.0.1", {port}), timeout=1).sendall(b"told"))
if {version} >= 6:
    attempts.append(lambda: os.kill(os.getppid(), signal.SIGTERM))
for attempt in attempts:
    try:
        attempt()
    except Exception:
        pass
"""


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        yield server


@pytest.fixture
def service(tmp_path_factory):
    """A service of the machine, at a socket in the file system."""
    address = tmp_path_factory.mktemp("service") / "socket"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(address))
        server.listen()
        server.settimeout(0.2)
        yield server, str(address)


def state_of(path):
    status = path.stat()
    return status.st_mode, status.st_mtime_ns, status.st_uid, path.read_bytes() if path.is_file() else b""


@needs_confinement
def test_a_submission_reads_and_changes_no_other_and_no_verdict(tmp_path, listener, service):
    """Four in one call: two that are right, one that looks for their answers, one that spoils what it can."""
    (tmp_path / "letter.txt").write_text("of the teacher", encoding="utf-8")
    early = notebook(tmp_path, RIGHT, name="early")
    told = {
        "folder": str(tmp_path),
        "right": str(early),
        "solutions": str(ROOT / "book" / "exercises" / "solutions" / "setting.ipynb"),
        "module": str(ROOT / "pgcode" / "exercises" / "setting" / "_discounted_return.py"),
        "port": listener.getsockname()[1],
        "version": _confined.version(),
        "refused": _refused.can_refuse(),
        "address": service[1],
    }
    spoils = notebook(tmp_path, SPOILS.format(**told), WRONG, name="spoils")
    steals = notebook(tmp_path, STEALS.format(**told), name="steals")
    late = notebook(tmp_path, RIGHT, name="late")
    handed_in = {path: state_of(path) for path in (early, spoils, steals, late, Path(told["module"]))}
    rights = tmp_path.stat().st_mode
    done = run(early, spoils, steals, late, "--reports", "reports", *AMPLY, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["exercise"] == "discounted_return"]
    assert [(row["student"], row["outcome"]) for row in rows] == [
        ("early", "Right"),
        ("spoils", "Wrong"),
        ("steals", "Not attempted"),
        ("late", "Right"),
    ]
    assert "✓ The return of a sequence" in (tmp_path / "reports" / "early.md").read_text(encoding="utf-8")
    assert {path: state_of(path) for path in handed_in} == handed_in
    assert tmp_path.stat().st_mode == rights
    names = {"grades.csv", "reports", "letter.txt", *(path.name for path in (early, spoils, steals, late))}
    assert {path.name for path in tmp_path.iterdir()} == names
    for server in (listener, service[0]):
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.skipif(not _refused.can_refuse(), reason="the system cannot refuse calls")
def test_what_is_refused_is_refused_and_what_python_needs_is_not(tmp_path):
    """Each attempt by itself, with what came of it as the answer."""
    path = notebook(tmp_path, RIGHT, name="other")
    attempts = {
        "chmod": f"os.chmod({str(path)!r}, 0)",
        "utime": f"os.utime({str(path)!r}, (0, 0))",
        "prlimit": "resource.prlimit(os.getppid(), resource.RLIMIT_CORE, (0, 0))",
        "own limits": "resource.setrlimit(resource.RLIMIT_NOFILE, (50, 50))",
        "own memory": "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
        "kill": "os.kill(os.getppid(), 0)",
        "killpg": "os.kill(0, 0)",
        "setpriority": "os.setpriority(os.PRIO_PROCESS, os.getppid(), 5)",
        "AF_UNIX": "socket.socket(socket.AF_UNIX)",
        "AF_INET": "socket.socket()",
        "fork": "os.fork()",
        "F_SETOWN": "fcntl.fcntl(0, fcntl.F_SETOWN, os.getppid())",
        "F_SETSIG": "fcntl.fcntl(0, fcntl.F_SETSIG, 9)",
        "shmget": "ctypes.CDLL(None, use_errno=True).shmget(0, 4096, 0o1600) == -1 and refuse(ctypes.get_errno())",
        "mount": "ctypes.CDLL(None, use_errno=True).umount2(b'/nowhere', 0) == -1 and refuse(ctypes.get_errno())",
    }
    needed = {
        "itself": "os.kill(os.getpid(), 0)",
        "its limits": "resource.getrlimit(resource.RLIMIT_NOFILE)",
        "asked limits": "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE)",
        "a lock": "threading.Lock().acquire()",
        "a pair": "socket.socketpair()",
        "a time": "time.sleep(0.001)",
        "flags": "fcntl.fcntl(0, fcntl.F_GETFL)",
    }
    code = f"""import ctypes, fcntl, os, resource, socket, threading, time
def refuse(number): raise OSError(number, "refused")
said = []
for attempt in {[*attempts.values(), *needed.values()]!r}:
    try:
        exec(attempt)
        said.append("done")
    except (OSError, ValueError) as error:  # setrlimit makes the second of the first
        said.append(getattr(error, "errno", 1))
def discounted_return(*_): raise ValueError(repr(said))
"""
    told = re.search(r"\[.*?\]", first(tmp_path, code).error)[0]
    came = dict(zip([*attempts, *needed], ast.literal_eval(told), strict=True))
    assert came == {**dict.fromkeys(attempts, 1), **dict.fromkeys(needed, "done")}


@pytest.mark.parametrize("name", ["x86_64-linux-gnu/asm/unistd_64.h", "asm-generic/unistd.h"])
def test_the_numbers_of_calls_are_those_of_the_system(name):
    """The second file is that of ARM of 64 bits, which has the common numbers."""
    path = Path("/usr/include") / name
    if not path.exists():
        pytest.skip("the headers of Linux are not installed")
    listed = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", path.read_text(encoding="utf-8"))
    known, column = {call: int(number) for call, number in listed}, int("generic" in name)
    more = {
        "prlimit64": _refused.PRLIMIT,
        "fcntl": _refused.FCNTL,
        "clone": _refused.CLONE,
        "clone3": _refused.CLONE3,
        "seccomp": _refused._SECCOMP,
    }
    numbers = {call: pair[column] for call, pair in {**_refused.NUMBERS, **_refused.OF_ONESELF, **more}.items()}
    there = {call: number for call, number in numbers.items() if number is not None and call in known}
    assert there == {call: known[call] for call in there}
    assert len(there) > 80
    assert not [call for call, number in numbers.items() if number is None and call in known]


@needs_confinement
def test_what_steals_would_find_the_answers_if_it_were_not_held(tmp_path):
    """The notebook above is no straw man: run freely, it comes by a right answer."""
    early = notebook(tmp_path, RIGHT, name="early")
    told = {"folder": str(tmp_path), "right": str(early), "solutions": "", "module": ""}
    script = STEALS.format(**told).replace('"/tmp", "/proc"', "")
    free = subprocess.run(
        [sys.executable, "-c", f"{IMPORTS}\n{script}\nprint(discounted_return(np.ones(2), 0.5))"],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert free.stdout.split()[-1] == "1.5"


@needs_confinement
def test_a_confined_answer_may_still_import_what_python_has(tmp_path):
    used = "import decimal, fractions, statistics\nimport numpy.linalg, numpy.random\nimport pgcode.values"
    assert first(tmp_path, used, RIGHT).outcome is Outcome.RIGHT
    pytest.importorskip("matplotlib")
    drawn = f"import matplotlib\nmatplotlib.use('agg')\nimport matplotlib.pyplot\n{RIGHT}"
    assert first(tmp_path, drawn).outcome is Outcome.RIGHT


def test_two_students_of_one_name_are_told(tmp_path):
    (tmp_path / "monday").mkdir()
    one, other = notebook(tmp_path, RIGHT), notebook(tmp_path / "monday", RIGHT)
    done = run(one, other, cwd=tmp_path)
    assert done.returncode == 2
    assert "two notebooks are called student" in done.stderr
    assert not (tmp_path / "grades.csv").exists()


def test_a_package_in_the_folder_of_all_packages_is_walked_round(tmp_path):
    """As where pgcode is installed, and not used from its source."""
    hidden = tmp_path / "pgcode" / "exercises"
    for folder in (hidden, tmp_path / "numpy", tmp_path / "pgcode" / "audit"):
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
    (tmp_path / "pgcode" / "mdp.py").touch()
    read = [path for path, rights in _confined._shown([tmp_path], [hidden]) if rights & 0b100]
    below = {str(path.relative_to(tmp_path.resolve())) for path in read}
    assert below == {"numpy", str(Path("pgcode") / "audit"), str(Path("pgcode") / "mdp.py")}


def test_other_copies_of_the_exercises_are_hidden_too(tmp_path, monkeypatch):
    """As where pgcode was installed, and the source of a clone grades."""
    installed, older = tmp_path / "lib" / "site-packages" / "pgcode", tmp_path / "lib" / "old.egg" / "pgcode"
    for folder in (installed / "exercises", older / "exercises", installed.parent / "numpy" / "exercises"):
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
    own = tmp_path / "clone" / "pgcode"
    monkeypatch.setattr(_confined, "_roots", lambda package: [tmp_path / "lib", tmp_path / "lib" / "site-packages"])
    hidden = _confined.answers(own)
    assert sorted(hidden) == sorted(path.resolve() / "exercises" for path in (own, installed, older))
    read = [path for path, rights in _confined._shown([tmp_path / "lib"], hidden) if rights & 0b100]
    assert [path.relative_to(tmp_path.resolve()) for path in read] == [Path("lib", "site-packages", "numpy")]


def test_a_notebook_that_takes_too_long_has_grades_for_what_came_before(tmp_path):
    path = notebook(tmp_path, f"{RIGHT}\nimport time\ntime.sleep(1e6)")
    grades = _grading.grade(_grading.read(path, "setting"), replace(AMPLE, notebook_seconds=1.0))
    assert "did not end within" in grades[0].error
    assert {grade.error for grade in grades[1:]} == {"it was not graded: the answers before it took the notebook's 1 s"}


def test_what_a_process_says_is_told_as_its_own_words(tmp_path, monkeypatch):
    monkeypatch.setattr(_grading, "_run", lambda job, limits: ({"setup": "it was not graded, OSError"}, ""))
    (grade, *_) = _grading.grade(_grading.read(notebook(tmp_path, RIGHT), "setting"), Limits())
    assert grade.error == "its process ended and said: it was not graded, OSError"


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


def test_of_anything_else_the_name_of_its_type_comes_back_and_nothing_more():
    there = type(decoded(json.loads(json.dumps(encoded(Path())))))
    assert there.__name__ == type(Path()).__name__
    assert there.__bases__ == (object,)
