"""Run a student's cells and one answer of theirs, and send back what comes out, as plain data.

This is the script of a process of its own, started by ``_grading`` and by nobody else. It holds no reference answer:
in it ``pgcode.exercises`` is a dummy. Whatever the student's code does here, it can only change what is sent.
"""

from __future__ import annotations

import builtins
import json
import marshal
import math
import os
import pickle
import runpy
import signal
import sys
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


def main() -> None:
    """Read the job from the standard input, and write one line of JSON to the file descriptor in the arguments."""
    sink = int(sys.argv[1])
    header = json.loads(sys.stdin.buffer.readline())
    sys.path.insert(0, header["root"])
    dummy = ModuleType("pgcode.exercises")
    dummy.__path__ = []
    dummy.__getattr__ = lambda name: _Silent()  # type: ignore[method-assign]
    sys.modules["pgcode.exercises"] = dummy
    sys.modules["pgcode.exercises._student"] = sys.modules["__main__"]
    try:
        job = pickle.loads(sys.stdin.buffer.read())
    except Exception as error:  # such as a package that the user may not read
        _send(sink, {"setup": f"{type(error).__name__}: {error}"})
    here = Path(__file__).parent
    confine = runpy.run_path(str(here / "_confined.py"))["confine"]
    refuse = runpy.run_path(str(here / "_refused.py"))["refuse"]  # read now: the folder is hidden from here on
    confine(here.parent, here, Path.cwd())  # where a system cannot, the page for teachers says what that means
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    _limit(job["memory"], job["cpu_seconds"])
    refuse()
    for part in job["parts"]:
        sys.modules[f"pgcode.exercises.{part}"] = _Silent()  # type: ignore[assignment]
    namespace: dict[str, Any] = {"__name__": "__main__"}
    failed = []
    for number, source in enumerate(job["cells"]):
        wrong = _within(job["cell_seconds"], lambda code=source: exec(compile(code, "<cell>", "exec"), namespace))
        if wrong:
            failed.append([number, wrong])
    sent: dict[str, Any] = {"failed": failed, "missing": job["name"] not in namespace}
    answer = namespace.get(job["name"])
    if callable(answer):
        results: list[Any] = []

        def call_all() -> None:
            for arguments in job["calls"]:
                results.append(encoded(answer(*arguments)))

        sent["error"] = _within(job["answer_seconds"], call_all)
        sent["results"] = results
    else:
        sent["value"] = encoded(answer)
    _send(sink, sent)


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
    if value is None or isinstance(value, (bool, str)):
        return value
    if value is ...:
        return {"is": "dots"}
    if isinstance(value, int):
        return value
    if isinstance(value, float) and type(value) is float:
        return value if math.isfinite(value) else {"is": "float", "text": repr(value)}
    if isinstance(value, complex) and type(value) is complex:
        return {"is": "complex", "parts": [repr(value.real), repr(value.imag)]}
    if depth < 8 and isinstance(value, (list, tuple)):
        return {"is": type(value).__name__ if type(value) in (list, tuple) else "list"} | {
            "items": [encoded(one, depth + 1) for one in value]
        }
    if depth < 8 and isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"is": "dict", "items": {key: encoded(one, depth + 1) for key, one in value.items()}}
    dtype, shape = getattr(value, "dtype", None), getattr(value, "shape", None)
    if dtype is not None and getattr(dtype, "kind", "") in tuple("biufc") and isinstance(shape, tuple):
        flat = value.reshape(-1).tolist()
        numbers = [[repr(z.real), repr(z.imag)] if dtype.kind == "c" else repr(z) for z in flat]
        return {"is": "array", "dtype": dtype.str, "shape": list(shape), "numbers": numbers}
    return {"is": "other", "type": type(value).__name__}


if __name__ == "__main__":
    main()
