"""Grading: right and wrong answers get their verdicts, and no notebook changes its grade, reads answers or hangs."""

import csv
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from pgcode.exercises import Outcome, _confined, _grading, setting
from pgcode.exercises import __main__ as shell
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
    grades = _grading.grade(_grading.read(path), Limits())
    assert [one.outcome for one in grades] == [Outcome.RIGHT] * len(grades)


def test_a_blank_notebook_is_not_attempted():
    grades = _grading.grade(_grading.read(ROOT / "book" / "exercises" / "setting.ipynb"), Limits())
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


def test_where_nothing_is_confined_code_that_changes_a_notebook_ends_the_run(tmp_path, monkeypatch, capsys):
    """The command itself, with a stand-in for code that deletes what another student handed in."""
    good, hostile = notebook(tmp_path, RIGHT, name="good"), notebook(tmp_path, RIGHT, name="hostile")
    other = notebook(tmp_path, RIGHT, name="other")

    def graded(submission, limits):
        if submission.notebook == hostile:
            other.unlink()
            (tmp_path / "grades.csv").unlink()
        return [first(tmp_path, RIGHT)]

    monkeypatch.setattr(_grading, "grade", graded)
    monkeypatch.setattr(shell, "_contain", lambda: None)
    monkeypatch.setattr(shell, "_end_what_is_left", lambda: None)
    monkeypatch.setattr(_confined, "version", lambda: 0)
    monkeypatch.chdir(tmp_path)
    assert shell.main(["grade", *map(str, (good, hostile, other))]) == 2
    told = capsys.readouterr().err
    assert "cannot confine a process" in told
    assert "hostile.ipynb changed files" in told
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == 1  # written once more, without the hostile one


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

#: Whatever a process may do to files of others; what is refused is passed over.
SPOILS = """import os, signal, socket
right, folder = {right!r}, {folder!r}
attempts = [
    lambda: os.remove(right),
    lambda: os.rename(right, right + ".old"),
    lambda: os.replace(os.path.join(os.getcwd(), "mine"), right),
    lambda: os.truncate(right, 0),
    lambda: os.chmod(folder, 0),
    lambda: os.symlink(right, os.path.join(folder, "link.ipynb")),
    lambda: os.mkdir(os.path.join(folder, "left")),
    lambda: os.remove(os.path.join(folder, "grades.csv")),
    lambda: os.remove(os.path.join(folder, "reports", "early.md")),
    lambda: os.remove(os.path.join(folder, "letter.txt")),
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


@needs_confinement
def test_a_submission_reads_and_changes_no_other_and_no_verdict(tmp_path, listener):
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
    }
    spoils = notebook(tmp_path, SPOILS.format(**told), WRONG, name="spoils")
    steals = notebook(tmp_path, STEALS.format(**told), name="steals")
    late = notebook(tmp_path, RIGHT, name="late")
    handed_in = {path: path.read_bytes() for path in (early, spoils, steals, late)}
    done = run(early, spoils, steals, late, "--reports", "reports", cwd=tmp_path)
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
    assert {path: path.read_bytes() for path in handed_in} == handed_in
    names = {"grades.csv", "reports", "letter.txt", *(path.name for path in handed_in)}
    assert {path.name for path in tmp_path.iterdir()} == names
    with pytest.raises(TimeoutError):
        listener.accept()


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
    assert first(tmp_path, drawn, limits=Limits(seconds=40, cell_seconds=30)).outcome is Outcome.RIGHT


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
    read = [path for path, rights in _confined._shown([tmp_path], hidden) if rights & 0b100]
    below = {str(path.relative_to(tmp_path.resolve())) for path in read}
    assert below == {"numpy", str(Path("pgcode") / "audit"), str(Path("pgcode") / "mdp.py")}


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
