"""Run a student's cells and one answer of theirs, and send back what comes out, as plain data.

This is the script of a process of its own, started by ``_grading`` and by nobody else. It holds no reference answer:
in it ``pgcode.exercises`` is a dummy, with nothing in it but what calls an answer. Whatever the student's code does
here, it can only change what is sent.
"""

from __future__ import annotations
import __future__

import ast
import base64
import builtins
import importlib
import inspect
import json
import linecache
import marshal
import math
import os
import pickle
import re
import runpy
import signal
import sys
from collections.abc import Callable
from decimal import Decimal
from numbers import Real
from pathlib import Path
from types import CellType, FunctionType, ModuleType
from typing import Any, NoReturn


class _TimeLimitReachedError(BaseException):
    pass


class _Silent:
    """Stands for a part of the exercises: everything can be called, and nothing is said."""

    def __getattr__(self, name: str) -> _Silent:
        return self

    def __call__(self, *_: Any, **__: Any) -> None:
        return None


class _Shell:
    """Stands for IPython: a magic that measures or hides runs what it is given, and any other one does nothing."""

    def __init__(self, run: Callable[[str], None]) -> None:
        self._run = run

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None

    def getoutput(self, *_: Any) -> list[str]:
        return []

    def run_line_magic(self, name: str, line: str, *_: Any) -> None:
        if name in _RUN:
            self._run(line)

    def run_cell_magic(self, name: str, _line: str, cell: str) -> None:
        if name in _RUN:
            self._run(cell)


#: The magics that leave behind what the code in them defines.
_RUN = ("time", "capture")

_FUTURE = 0
for _name in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _name).compiler_flag


class _Cells:
    """Runs cells one after the other, as a notebook does: one that waits at its top level has a loop."""

    def __init__(self, loop: Any) -> None:
        self._run, self._flags, self._loop = 0, 0, loop
        shell = _Shell(self.run)
        self.namespace: dict[str, Any] = {
            "__name__": "__main__",
            "display": lambda *_, **__: None,
            "get_ipython": lambda: shell,
        }

    def run(self, source: str) -> None:
        self._run += 1
        name, source = f"<cell {self._run}>", as_python(source)
        code = compile(source, name, "exec", self._flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        self._flags |= code.co_flags & _FUTURE  # what a cell imports from __future__ holds for those below it
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        waiting = eval(code, self.namespace)
        if code.co_flags & inspect.CO_COROUTINE:
            self._loop.run_until_complete(waiting)


def as_python(source: str) -> str:
    """A cell without what Python does not know: by IPython where it is there, and else without those lines."""
    if _wrong_line(source) is None:
        return source
    try:
        from IPython.core.inputtransformer2 import TransformerManager
    except ImportError:
        return without_magic(source)
    manager: Any = TransformerManager
    return str(manager().transform_cell(source))


def without_magic(source: str) -> str:
    """A cell in which a magic, a call of the system or a question does nothing."""
    while (number := _wrong_line(source)) is not None:
        lines = source.split("\n")
        found = re.match(r"(\s*)(?:[%!?].*|[\w.]+\?\??\s*)$", lines[number - 1]) if 0 < number <= len(lines) else None
        if found is None:
            break
        lines[number - 1] = f"{found[1]}pass" if found[1] else ""
        source = "\n".join(lines)
    return source


def _wrong_line(source: str) -> int | None:
    """The line at which a text is no Python; 0 where that is not known, None where it is Python."""
    try:
        ast.parse(source)
    except SyntaxError as error:
        return error.lineno or 0
    except (ValueError, RecursionError, MemoryError):
        return 0
    return None


def main() -> None:
    """Read the job from the standard input, and write one line of JSON to the file descriptor in the arguments."""
    sink = int(sys.argv[1])
    header = json.loads(sys.stdin.buffer.readline())
    sys.path.insert(0, header["root"])
    here = Path(__file__).parent
    dummy = ModuleType("pgcode.exercises")
    dummy.__path__ = [str(here)]
    sys.modules["pgcode.exercises"] = dummy
    sys.modules["pgcode.exercises._student"] = sys.modules["__main__"]
    try:
        calling = importlib.import_module("pgcode.exercises._attempt")
        job = pickle.loads(sys.stdin.buffer.read())
        drawn = [pickle.loads(one) for one in job["drawn"]]
    except Exception as error:  # such as a package that the user may not read
        _send(sink, {"setup": f"{type(error).__name__}: {error}"})
    dummy.__path__ = []
    dummy.__getattr__ = lambda name: _Silent()  # type: ignore[method-assign]
    confine = runpy.run_path(str(here / "_confined.py"))["confine"]
    refuse = runpy.run_path(str(here / "_refused.py"))["refuse"]  # read now: the folder is hidden from here on
    hidden = [Path(one) for one in header["hidden"]]
    confine(here.parent, hidden, Path.cwd())  # where a system cannot, the page for teachers says what that means
    loop = _loop(job["cells"])
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    _limit(job["memory"], job["cpu_seconds"])
    refuse()
    for part in job["parts"]:
        sys.modules[f"pgcode.exercises.{part}"] = _Silent()  # type: ignore[assignment]
    cells = _Cells(loop)
    failed = []
    for number, source in enumerate(job["cells"]):
        # May import IPython, which no cell's time should pay for.
        _within(job["seconds"], lambda code=source: as_python(code))
        wrong = _within(job["cell_seconds"], lambda code=source: cells.run(code))
        if wrong:
            failed.append([number, wrong])
    sent: dict[str, Any] = {"failed": failed, "missing": job["name"] not in cells.namespace}
    answer = cells.namespace.get(job["name"])
    if type(answer) is _Silent:
        sent["exercise"] = True
    elif job["parameters"] is None:
        sent["value"] = encoded(answer)
    else:

        def call() -> None:
            made = calling.attempt(answer, job["parameters"], iter(drawn[:2]).__next__, job["answer_seconds"])
            sent.update(_attempted(made))
            if made.ran is not None and made.ran.failure is None:
                sent["further"] = [_result(one) for one in made.further(drawn[2])]

        wrong = _within(job["seconds"], call)
        if wrong:
            sent["setup"] = ": ".join(wrong)
    _send(sink, sent)


def _loop(cells: list[str]) -> Any:
    """A loop for cells that wait, made while it may be: it takes a socket, which is refused later. Else None."""
    if not any(re.search(r"\b(await|async)\b", source) for source in cells):
        return None
    import asyncio  # what most notebooks do without

    return asyncio.new_event_loop()


def _attempted(made: Any) -> dict[str, Any]:
    """What became of an answer, as data."""
    sent: dict[str, Any] = {"blank": made.blank, "instead": made.instead, "problem": made.problem, "ran": None}
    if made.ran is not None:
        failure = made.ran.failure
        sent["ran"] = {
            "results": [_result(one) for one in made.ran.results],
            "printed": made.ran.printed,
            "warned": made.ran.warned[:1],
            "restored": made.ran.restored[:3],
            "failure": None if failure is None else {**vars(failure), "kind": _kind(failure.kind)},
        }
        sent["changed"] = made.changed
    return sent


def _kind(kind: type[BaseException]) -> list[str]:
    """The name of an error, and of the first of Python's own that it is."""
    every = type.__dict__["__mro__"].__get__(kind)
    names = [[type.__dict__["__name__"].__get__(one), type.__dict__["__module__"].__get__(one)] for one in every]
    if names[0] == ["UnsuitableError", "pgcode.exercises._comparing"]:
        return ["", "unsuitable"]
    return [names[0][0], next(name for name, module in names if module == "builtins")]


def _result(result: tuple[Any, ...]) -> dict[str, Any]:
    """Arrays of real numbers, as they came from ``as_result``."""
    parts = [[list(one.shape), base64.b64encode(one.astype("<f8").tobytes()).decode()] for one in result]
    return {"ragged": type(result) is not tuple, "parts": parts}


def _send(sink: int, sent: dict[str, Any]) -> NoReturn:
    """Write one line, and end: whatever was registered for the end does not run."""
    line = json.dumps(sent).encode() + b"\n"
    while line:
        line = line[os.write(sink, line) :]
    os._exit(0)


def rebuilt(code: bytes, names: dict[str, Any], inside: tuple[Any, ...], defaults: Any) -> FunctionType:
    """A function from its code, the global names that it uses and what it encloses."""
    cells = tuple(map(CellType, inside))
    return FunctionType(marshal.loads(code), {"__builtins__": builtins, **names}, "given", defaults, cells)


def _limit(memory: int, cpu_seconds: int) -> None:
    import resource  # what only Linux and macOS have

    for kind, most in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),  # no process and no thread more; root is not held by it
    ):
        try:
            resource.setrlimit(kind, (most, most))
        except (OSError, ValueError):  # macOS knows no limit of the address space
            continue


def _within(seconds: float, call: Any) -> list[str]:
    """Call, and return the type and the message of what it raised; nothing where it went well."""

    def interrupt(*_: Any) -> None:
        raise _TimeLimitReachedError

    try:
        signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        call()
    except _TimeLimitReachedError:
        return ["TimeoutError", f"it did not end within {seconds:g} s"]
    except BaseException as error:  # also SystemExit
        try:
            return [type(error).__name__, str(error)[:300]]
        except BaseException:
            return ["Exception", ""]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return []


def encoded(value: Any, depth: int = 0) -> Any:
    """A value as JSON: numbers, texts, lists and arrays as they are, and anything else as the name of its type."""
    import numpy as np  # not on the way to where nothing may be changed yet

    kind = type(value)
    if value is None or issubclass(kind, (bool, str)):
        return value
    if value is ...:
        return {"is": "dots"}
    if issubclass(kind, int):
        return int(value) if abs(value) < _LARGEST else {"is": "large"}
    if issubclass(kind, complex) and not issubclass(kind, np.generic):
        return {"is": "complex", "parts": [repr(value.real), repr(value.imag)]}
    if depth < 8 and issubclass(kind, (list, tuple)):
        return {"is": kind.__name__ if kind in (list, tuple) else "list"} | {
            "items": [encoded(one, depth + 1) for one in value]
        }
    if depth < 8 and issubclass(kind, dict) and all(isinstance(key, str) for key in value):
        return {"is": "dict", "items": {key: encoded(one, depth + 1) for key, one in value.items()}}
    if kind is np.ndarray and value.dtype.kind == "O" and not value.ndim:
        return encoded(value[()], depth + 1)
    if (kind is np.ndarray or issubclass(kind, np.generic)) and value.dtype.kind in "biufc":
        wide = np.asarray(value, dtype={"f": "f8", "c": "c16"}.get(value.dtype.kind) if value.itemsize > 8 else None)
        numbers = [[repr(z.real), repr(z.imag)] if wide.dtype.kind == "c" else repr(z) for z in wide.ravel().tolist()]
        shape = list(wide.shape) if kind is np.ndarray else None
        return {"is": "array", "dtype": wide.dtype.str, "shape": shape, "numbers": numbers}
    if issubclass(kind, (float, Real, Decimal)):
        try:
            number = float(value)
        except Exception:  # a number of the student's own
            return {"is": "large"}
        return number if math.isfinite(number) else {"is": "float", "text": repr(number)}
    return {"is": "other", "type": type.__dict__["__name__"].__get__(kind)}


#: A whole number beyond every float, which may have too many digits for JSON.
_LARGEST = 10**400


if __name__ == "__main__":
    main()
