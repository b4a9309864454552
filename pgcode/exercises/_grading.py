"""Grade notebooks: each answer runs in a process of its own, and is judged in this one.

The process of the student holds neither the reference answers nor the verdicts. It is sent the arguments of the cases,
and what it sends back is read as plain data: what each call gave, or how it failed and where. The verdict of the
exercise is then found here.
"""

from __future__ import annotations

import base64
import csv
import importlib
import io
import json
import marshal
import math
import os
import pickle
import pkgutil
import re
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from pgcode._time_limit import TimeLimitReachedError, call_within
from pgcode.exercises import _confined
from pgcode.exercises._attempt import Attempt
from pgcode.exercises._comparing import Ragged, Result, UnsuitableError
from pgcode.exercises._exercise import Exercise
from pgcode.exercises._function import FunctionExercise
from pgcode.exercises._running import PRINTED_CHARACTERS, Failure, Run
from pgcode.exercises._student import rebuilt
from pgcode.exercises._verdict import Feedback, Outcome

__all__ = ["Grade", "Kept", "Limits", "Submission", "grade", "parts", "read", "report", "table", "without_grade"]

PACKAGE = Path(__file__).parents[1]
#: More than this no answer needs to send.
_MOST_BYTES = 20_000_000
#: No notebook is longer, and no text of a student's code is told at more length: an error, and a verdict with it.
_LONGEST_NOTEBOOK, _LONGEST_ERROR, _LONGEST_VERDICT = 50_000_000, 400, 4000
#: What was sent is judged within this time of the processor.
_JUDGING_SECONDS = 60.0
_BUILTIN_ERRORS = {
    name: kind
    for name, kind in vars(__import__("builtins")).items()
    if isinstance(kind, type) and issubclass(kind, Exception)
}


@dataclass(frozen=True)
class Limits:
    """What an answer may use.

    Attributes
    ----------
    seconds : float
        For one answer, with the cells of its notebook, on the clock.
    cell_seconds : float
        For one cell.
    memory : int
        Bytes of address space.
    user : str or None
        The user as whom it runs; this takes root.
    notebook_seconds : float
        For all answers of one notebook, on the clock. Those that are left when they are used up have no grade.
    """

    seconds: float = 60.0
    cell_seconds: float = 10.0
    memory: int = 2_000_000_000
    user: str | None = None
    notebook_seconds: float = 300.0


@dataclass(frozen=True)
class Grade:
    """What became of one answer.

    Attributes
    ----------
    student : str
        The name of the notebook.
    exercise, title : str
    outcome : Outcome
    mistake : str
        Its name, if it is known.
    error : str
        What went wrong in the code, or with it.
    told : str
        The verdict in full, as the student would have read it.
    """

    student: str
    exercise: str
    title: str
    outcome: Outcome
    mistake: str
    error: str
    told: str


def parts() -> dict[str, list[Exercise]]:
    """The parts that there are, by name, with their exercises in order."""
    names = [info.name for info in pkgutil.iter_modules([str(PACKAGE / "exercises")]) if info.name[0] != "_"]
    found = {}
    for name in names:
        module = importlib.import_module(f"pgcode.exercises.{name}")
        exercises = [value for value in map(vars(module).get, module.__all__) if isinstance(value, Exercise)]
        if exercises:
            found[name] = exercises
    return found


@dataclass(frozen=True)
class Submission:
    """What one student handed in, as it was when it was read: what becomes of the file later does not count.

    Attributes
    ----------
    notebook : Path
    cells : list of str
        Its code.
    part : str
        The part of the exercises that it belongs to.
    """

    notebook: Path
    cells: list[str]
    part: str


def read(notebook: Path, part: str | None = None) -> Submission:
    """Read a notebook.

    Raises
    ------
    ValueError
        If it is no notebook, or names no part of the exercises or several.
    """
    known = parts()
    cells = _cells(notebook)
    part = part or _part(notebook, cells, known)
    if part not in known:
        raise ValueError(f"{part} is no part of the exercises: there are {', '.join(known)}")
    return Submission(notebook, cells, part)


def grade(submission: Submission, limits: Limits) -> list[Grade]:
    """Grade every exercise of the part that a submission belongs to. Whatever it does, each has its grade."""
    known = parts()
    grades = []
    end = time.monotonic() + limits.notebook_seconds
    for exercise in known[submission.part]:
        left = end - time.monotonic()
        if left <= 0:
            told = f"it was not graded: the answers before it took the notebook's {limits.notebook_seconds:g} s"
            grades.append(_failed(submission.notebook, exercise, told))
            continue
        allowed = replace(limits, seconds=min(limits.seconds, left))
        try:
            one = _graded(submission.notebook, submission.cells, exercise, list(known), allowed)
        except Exception as error:  # such as a system that has no process left to give
            one = _failed(submission.notebook, exercise, f"it was not graded, {type(error).__name__}: {error}")
        grades.append(one)
    return grades


def without_grade(notebook: Path, part: str | None, why: str) -> list[Grade]:
    """The rows of a notebook that has no grade, each with the reason; a single one where its part is not known."""
    exercises = parts()[part] if part is not None else []
    return [_failed(notebook, exercise, why) for exercise in exercises] or [
        Grade(notebook.stem, "", "", Outcome.ERROR, "", _plain(why, _LONGEST_ERROR), f"! Error: {why}")
    ]


def _cells(notebook: Path) -> list[str]:
    try:
        status = notebook.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is no file")  # a pipe would be waited for
        if status.st_size > _LONGEST_NOTEBOOK:
            raise ValueError(f"it has {status.st_size:,} bytes")
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, MemoryError) as error:
        raise ValueError(f"{notebook} is no notebook: {str(error) or type(error).__name__}") from None
    return code


def _part(notebook: Path, cells: Sequence[str], known: Mapping[str, object]) -> str:
    named = dict.fromkeys(re.findall(r"from pgcode\.exercises import (\w+)", "\n".join(cells)))
    found = [name for name in named if name in known]
    if len(found) != 1:
        raise ValueError(f"{notebook} imports {len(found)} parts of the exercises: say which one with --part")
    return found[0]


def _graded(notebook: Path, cells: list[str], exercise: Exercise, names: list[str], limits: Limits) -> Grade:
    asked = exercise if isinstance(exercise, FunctionExercise) else None
    drawn = [] if asked is None else [asked.cases(), asked.cases(), asked.further_cases()]
    job = {
        "cells": cells,
        "name": exercise.name,
        "parameters": None if asked is None else asked.parameters,
        "drawn": [_pickled(cases) for cases in drawn],
        "parts": names,
        "memory": limits.memory,
        "cpu_seconds": math.ceil(limits.seconds),
        "seconds": limits.seconds,
        "cell_seconds": limits.cell_seconds,
        "answer_seconds": limits.cell_seconds if asked is None else asked.seconds,
    }
    sent, problem = _run(job, limits)
    if not problem and "setup" in sent:  # in words that may be the student's
        problem = f"its process ended and said: {str(sent['setup'])[:300]}"
    if problem:
        return _failed(notebook, exercise, problem)
    try:
        return call_within(lambda: _judged(notebook, exercise, sent), _JUDGING_SECONDS, of_work=True)
    except Exception:  # whatever a student's code may send
        return _failed(notebook, exercise, "what it sent back cannot be read")
    except TimeLimitReachedError:
        return _failed(notebook, exercise, f"what it sent back cannot be judged within {_JUDGING_SECONDS:g} s")


def _judged(notebook: Path, exercise: Exercise, sent: Mapping[str, Any]) -> Grade:
    """The grade of what a process sent."""
    if sent.get("missing"):
        if sent["failed"]:
            number, why = sent["failed"][0]
            told = f"there is no {exercise.name}, and cell {int(number) + 1} failed: {': '.join(map(str, why))}"
            return _failed(notebook, exercise, told)
        return _as_grade(notebook, exercise, exercise.check(...))
    if sent.get("exercise"):
        return _as_grade(notebook, exercise, exercise.check(exercise))
    if isinstance(exercise, FunctionExercise):
        return _as_grade(notebook, exercise, exercise.judge(_attempt(sent)))
    return _as_grade(notebook, exercise, exercise.check(decoded(sent["value"])))


def _attempt(sent: Mapping[str, Any]) -> Attempt:
    """What became of an answer in the process of the student."""
    if sent["ran"] is None:
        problem = _text(sent["problem"], _LONGEST_VERDICT)
        return Attempt(bool(sent["blank"]), _text(sent["instead"], _LONGEST_ERROR), problem)
    came = sent["ran"]
    failure = None if came["failure"] is None else _failure(came["failure"])
    told = [
        tuple(_text(one, _LONGEST_VERDICT) for one in many)
        for many in (came["warned"], came["restored"], sent["changed"])
    ]
    ran = Run(_results(came["results"]), failure, _text(came["printed"], PRINTED_CHARACTERS), *told[:2])
    further = _results(sent["further"]) if failure is None else []
    return Attempt(ran=ran, changed=told[2], further=lambda given: further[: len(given)])


def _failure(sent: Mapping[str, Any]) -> Failure:
    name, base = sent["kind"]
    kind: type[BaseException] = UnsuitableError
    if base != "unsuitable":
        kind = type(_plain(_text(name, _LONGEST_ERROR), 100), (_BUILTIN_ERRORS.get(base, Exception),), {})
    message, place = (_text(sent[key], _LONGEST_ERROR) for key in ("message", "place"))
    return Failure(kind, message, place, bool(sent["timed_out"]), int(sent["line"]))


def _text(given: Any, longest: int) -> str:
    if not isinstance(given, str):
        raise TypeError("no text")
    return given[:longest]


def _results(sent: Sequence[Mapping[str, Any]]) -> list[Result]:
    results: list[Result] = []
    for one in sent:
        parts = [
            np.frombuffer(base64.b64decode(numbers), "<f8").astype(np.float64).reshape([int(size) for size in shape])
            for shape, numbers in one["parts"]
        ]
        results.append(Ragged(parts) if one["ragged"] else tuple(parts))
    return results


def decoded(data: Any) -> Any:
    """What ``_student.encoded`` wrote. Nothing but numbers, texts and containers comes out of it."""
    if not isinstance(data, dict):
        return data
    kind = data["is"]
    if kind == "dots":
        return ...
    if kind == "float":
        return float(data["text"])
    if kind == "complex":
        return complex(*map(float, data["parts"]))
    if kind in ("list", "tuple"):
        items = [decoded(one) for one in data["items"]]
        return tuple(items) if kind == "tuple" else items
    if kind == "dict":
        return {str(key): decoded(one) for key, one in data["items"].items()}
    if kind == "array":
        dtype = np.dtype(data["dtype"])
        if dtype.kind not in "biufc":
            raise ValueError("no numbers")
        numbers = [
            complex(*map(float, one)) if dtype.kind == "c" else _number(one, dtype.kind) for one in data["numbers"]
        ]
        array = np.array(numbers, dtype=dtype)
        return array[0] if data["shape"] is None else array.reshape([int(size) for size in data["shape"]])
    if kind == "large":
        return 10**400
    return type(_plain(_text(data["type"], _LONGEST_ERROR), 100), (), {})()


def _number(text: str, kind: str) -> Any:
    return text == "True" if kind == "b" else float(text) if kind == "f" else int(text)


class _Pickler(pickle.Pickler):
    """Writes functions by their code, so that who reads them need not import the module that declares an exercise."""

    def reducer_override(self, given: Any) -> Any:
        if isinstance(given, ModuleType):
            return importlib.import_module, (given.__name__,)
        if not isinstance(given, FunctionType) or not given.__module__.startswith("pgcode.exercises."):
            return NotImplemented
        if given is rebuilt:
            return NotImplemented
        known = {name: given.__globals__[name] for name in _names(given.__code__) if name in given.__globals__}
        inside = tuple(cell.cell_contents for cell in given.__closure__ or ())
        return rebuilt, (marshal.dumps(given.__code__), known, inside, given.__defaults__)


def _names(code: CodeType) -> set[str]:
    """The global names that code may use, that of the functions in it too."""
    inner = [_names(one) for one in code.co_consts if isinstance(one, CodeType)]
    return set(code.co_names).union(*inner)


def _pickled(given: Any) -> bytes:
    written = io.BytesIO()
    _Pickler(written).dump(given)
    return written.getvalue()


# ---- the process of the student -------------------------------------------------------------------------------------


def _run(job: Mapping[str, Any], limits: Limits) -> tuple[dict[str, Any], str]:
    """What came back from a process, or what went wrong."""
    if not hasattr(os, "killpg"):
        raise OSError("grading takes Linux or macOS: elsewhere nothing holds the code of a student")
    reading, writing = os.pipe()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"PATH": os.defpath, "HOME": folder, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        command = [sys.executable, "-I", str(Path(__file__).with_name("_student.py")), str(writing)]
        if limits.user is not None:
            Path(folder).chmod(0o755)
        try:
            process = _started(command, folder, environment, writing, limits.user)
        except PermissionError as error:
            os.close(reading)
            os.close(writing)
            raise PermissionError(f"{command[0]} cannot be run as {limits.user or 'this user'}: {error}") from None
        os.close(writing)
        try:
            assert process.stdin is not None
            hidden = [str(path) for path in _confined.answers(PACKAGE)]
            header = json.dumps({"root": str(PACKAGE.parent), "hidden": hidden}).encode() + b"\n"
            with suppress(BrokenPipeError):
                process.stdin.write(header + _pickled(job))
                process.stdin.close()
            line, problem = _line(reading, process, limits.seconds)
        finally:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            os.close(reading)
    if problem:
        return {}, problem
    try:
        sent = json.loads(line)
    except (ValueError, RecursionError, MemoryError):
        sent = None
    return (sent, "") if isinstance(sent, dict) else ({}, "what it sent back cannot be read")


def _started(
    command: list[str], folder: str, environment: dict[str, str], writing: int, user: str | None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env=environment,
        pass_fds=[writing],
        start_new_session=True,
        **identity(user),
    )


def identity(user: str | None) -> dict[str, Any]:
    """What makes a process that of a user, without the groups of this one."""
    if user is None:
        return {}
    import pwd  # what Windows does not have

    try:
        known = pwd.getpwnam(user)
    except KeyError:
        raise ValueError(f"there is no user {user}") from None
    return {"user": known.pw_uid, "group": known.pw_gid, "extra_groups": []}


def _line(reading: int, process: subprocess.Popen[bytes], seconds: float) -> tuple[bytes, str]:
    """The first line that comes, within a time and a size."""
    end, got = time.monotonic() + seconds, b""
    while True:
        left = end - time.monotonic()
        if left <= 0:
            return b"", f"it did not end within {seconds:g} s"
        ready, _, _ = select.select([reading], [], [], min(left, 0.1))
        if not ready and process.poll() is not None:
            ready, _, _ = select.select([reading], [], [], 0)  # it may have answered and ended since the first look
            if not ready:
                return b"", "its process ended before it answered" + _how(process)
        if ready:
            more = os.read(reading, 1 << 16)
            got += more
            if b"\n" in got:
                return got.partition(b"\n")[0], ""
            if len(got) > _MOST_BYTES:
                return b"", f"it sent more than {_MOST_BYTES // 1_000_000} MB"
            if not more:
                return b"", "its process ended before it answered" + _how(process)


def _how(process: subprocess.Popen[bytes]) -> str:
    with suppress(subprocess.TimeoutExpired):
        status = process.wait(timeout=1)
        if status < 0:
            return f", by {signal.Signals(-status).name}"
    return ""


# ---- what is written ------------------------------------------------------------------------------------------------


def _as_grade(notebook: Path, exercise: Exercise, told: Feedback) -> Grade:
    error = _plain(" ".join(told.sentences), _LONGEST_ERROR) if told.outcome is Outcome.ERROR else ""
    full = _plain(str(told), _LONGEST_VERDICT)
    return Grade(notebook.stem, exercise.name, exercise.title, told.outcome, told.mistake or "", error, full)


def _failed(notebook: Path, exercise: Exercise, error: str) -> Grade:
    told = _plain(error, _LONGEST_ERROR)
    return Grade(notebook.stem, exercise.name, exercise.title, Outcome.ERROR, "", told, f"! Error: {told}")


def _plain(text: str, longest: int) -> str:
    """A text of a student's code as every file and console can hold it: without halves of signs and control signs."""
    whole = text[:longest].encode("utf-8", "backslashreplace").decode("utf-8")
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", lambda sign: f"\\x{ord(sign[0]):02x}", whole)


def table(grades: Sequence[Grade]) -> str:
    """One row for each student and exercise, as CSV."""
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(["student", "exercise", "title", "outcome", "mistake", "error"])
    for one in grades:
        student = _plain(one.student, _LONGEST_ERROR)
        row = [student, one.exercise, one.title, one.outcome.word, one.mistake, one.error]
        # A spreadsheet would run what begins like a formula.
        writer.writerow([f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text for text in row])
    return written.getvalue()


def report(grades: Sequence[Grade]) -> str:
    """What one student is told, in Markdown."""
    right = sum(one.outcome is Outcome.RIGHT for one in grades)
    lines = [f"# {_plain(grades[0].student, _LONGEST_ERROR)}", "", f"{right} of {len(grades)} are right.", ""]
    for one in grades:
        told = "\n".join(f"    {line}" for line in one.told.splitlines())
        lines += [f"## {one.outcome.mark} {one.title or 'The notebook'}", "", told, ""]
    return "\n".join(lines)


class Kept:
    """What a student's code must leave as it is, as it was: the package, the notebooks, their folders, and the limits.

    It is looked at where the system lets such code reach it, and there alone: elsewhere a file that has changed was
    changed by somebody else, whose work must stay.

    Parameters
    ----------
    paths : sequence of Path
        The notebooks, and the folders in which something is written.
    contents : bool
        Whether the contents of files may have been changed: nothing is confined.
    rights : bool
        Whether the rights on files, or the limits of this process may have been: no call is refused.
    """

    def __init__(self, paths: Sequence[Path], contents: bool, rights: bool) -> None:
        whole = [path.absolute() for path in (*PACKAGE.rglob("*.py"), *paths)] if contents or rights else []
        folders = {folder for path in whole for folder in (path.parent, path) if folder.is_dir()}
        files = {path for path in whole if path.is_file()}
        self._modes = {path: stat.S_IMODE(path.stat().st_mode) for path in sorted(folders | files)}
        self._contents = {path: _content(path) for path in sorted(files)} if contents else {}
        self._limits = _limits() if rights else {}

    def put_back(self) -> tuple[list[str], list[str]]:
        """Put back what was changed; return what that was, and of it what could not be put back.

        A file that stands in the place of one that was changed is moved away, and not deleted.
        """
        changed: dict[str, bool] = {}
        for path, mode in self._modes.items():  # a folder comes before what is in it
            if _mode(path) not in (mode, None):
                with suppress(OSError):
                    path.chmod(mode)
                changed[str(path)] = _mode(path) == mode
        for path, before in self._contents.items():
            if before is not None and _content(path) != before:
                with suppress(OSError):
                    _move_away(path)
                    path.write_bytes(before)
                    path.chmod(self._modes[path])
                changed[str(path)] = _content(path) == before
        for name, limit in self._limits.items():
            if _limits().get(name) != limit:
                changed[f"the limit {name} of the grading"] = _raised(name, limit)
        return list(changed), [one for one, done in changed.items() if not done]


def _mode(path: Path) -> int | None:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None


def _content(path: Path) -> bytes | None:
    """What a file holds; None where there is none, or something else, or nothing that can be read."""
    try:
        return path.read_bytes() if stat.S_ISREG(path.lstat().st_mode) else None
    except OSError:
        return None


def _move_away(path: Path) -> None:
    if os.path.lexists(path):
        shutil.move(path, Path(tempfile.mkdtemp(prefix="changed-")) / path.name)


def _limits() -> dict[str, tuple[int, int]]:
    """The limits of this process, by their names; another process of the same user may lower them."""
    try:
        import resource  # what only Linux and macOS have
    except ImportError:
        return {}
    names = [name for name in dir(resource) if name.startswith("RLIMIT_")]
    return {name: resource.getrlimit(getattr(resource, name)) for name in names}


def _raised(name: str, limit: tuple[int, int]) -> bool:
    """Set a limit to what it was, which takes root where the highest was lowered too."""
    import resource

    with suppress(OSError, ValueError):
        resource.setrlimit(getattr(resource, name), limit)
    return resource.getrlimit(getattr(resource, name)) == limit
