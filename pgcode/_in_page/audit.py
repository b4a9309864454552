"""What a reader pastes in is audited: the source of an estimator becomes a report.

A loop that never ends is stopped with the worker, by the page, when the reader says so or the seconds are over: in a
browser no signal interrupts a call.
"""

from __future__ import annotations

import linecache
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from pgcode._in_page import _progress
from pgcode.audit import audit, audit_advantages, audit_sequences
from pgcode.audit._sequences import AGGREGATIONS
from pgcode.audit._worlds import draws

__all__ = ["KINDS", "report"]

Answer = dict[str, Any]

#: The name under which the reader's code stands in tracebacks.
FILE = "your code"
#: What may be audited, and how.
KINDS: Mapping[str, Callable[..., Any]] = {
    "estimator": audit,
    "advantages": audit_advantages,
    "sequences": audit_sequences,
}
#: The most seconds that an audit may take.
SECONDS = 120.0
#: The longest source that is taken.
LONGEST = 20_000


def report(request: Mapping[str, Any]) -> Answer:
    """Audit the last function that a source defines.

    The request holds ``source``, ``kind`` ("estimator", "advantages" or "sequences"), ``entropy`` (β, for an
    estimator, 0 unless given), ``aggregation`` (for sequences) and ``seconds``. The answer holds ``verdict``,
    ``function`` (the name of what was audited), ``calls``, ``seconds`` and ``shown``, a display; or ``error``, a text
    and a line, where the code itself fails; or ``problem``.
    """
    if not isinstance(request, Mapping) or not isinstance(request.get("source"), str):
        return {"problem": "There is no source: paste a function."}
    kind, source = request.get("kind", "estimator"), request["source"]
    if kind not in KINDS:
        return {"problem": f"What is audited is {kind!r}: choose one of {', '.join(KINDS)}."}
    if len(source) > LONGEST:
        return {"problem": f"The source has {len(source):,} characters: paste at most {LONGEST:,}."}
    seconds = request.get("seconds", 60)
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 1 <= seconds <= SECONDS:
        return {"problem": f"The limit is {seconds!r}: give from 1 to {SECONDS:g} seconds."}
    options: dict[str, Any] = {"max_seconds": float(seconds)}
    if kind == "estimator":
        options["entropy"] = request.get("entropy", 0)
    if kind == "sequences":
        options["aggregation"] = request.get("aggregation", next(iter(AGGREGATIONS)))
    began = time.monotonic()
    try:
        function = _defined(source)
    except _FailedError as failed:
        return {"error": failed.answer}
    if function is None:
        return {"problem": "Your code defines no function: write one with def, and the last one is audited."}
    try:
        found = KINDS[kind](_counted(function) if kind == "estimator" else function, **options)
    except (TypeError, ValueError) as error:  # of the options, for what the function raises is in the report
        return {"problem": f"{error}."}
    return {
        "verdict": found.verdict,
        "function": function.__name__,
        "calls": found.calls,
        "seconds": round(time.monotonic() - began, 2),
        "shown": {"kind": "display", "data": found._repr_mimebundle_()},
    }


class _FailedError(Exception):
    """The reader's code failed before anything was audited."""

    def __init__(self, text: str, line: int | None) -> None:
        super().__init__(text)
        self.answer = {"text": text, "line": line}


def _defined(source: str) -> Callable[..., Any] | None:
    """Run a source, and return the last function that it defines; one that it imports is not its own."""
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)  # for tracebacks
    names: dict[str, Any] = {"__name__": "__main__"}
    try:
        exec(compile("import numpy as np\n", FILE, "exec"), names)
        exec(compile(source, FILE, "exec"), names)
    except BaseException as error:  # an answer may raise anything, SystemExit too
        if isinstance(error, KeyboardInterrupt):
            raise
        raise _FailedError(*_told(error)) from None
    own = [
        (line, value)
        for name, value in names.items()
        if callable(value) and not isinstance(value, type) and not name.startswith("_")
        for line in [_first_line(value)]
        if line is not None
    ]
    return max(own, key=lambda found: found[0])[1] if own else None


def _first_line(function: Any) -> int | None:
    """Where in the reader's code a function begins, or None if it is not from there."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    return code.co_firstlineno if code is not None and code.co_filename == FILE else None


def _told(error: BaseException) -> tuple[str, int | None]:
    """An error as Python shows it, without frames of ours, and its line in the reader's code."""
    if isinstance(error, SyntaxError) and error.filename == FILE:
        return "".join(traceback.format_exception_only(error)).strip(), error.lineno
    frames = [frame for frame in traceback.extract_tb(sys.exc_info()[2]) if frame.filename == FILE]
    told = "".join([*traceback.format_list(frames), *traceback.format_exception_only(error)]).strip()
    return told, frames[-1].lineno if frames else None


def _counted(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, which tells after each fiftieth of its calls how much has been done."""
    total = sum(len(draw) for draw in draws((1, 2, 3), 0.0))
    every, calls = max(total // 50, 1), 0

    @wraps(function)  # so that the audit sees its arguments
    def call(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls % every == 0 and calls <= total:
            _progress.tell(f"Auditing: {calls:,} of {total:,} batches", calls / total)
        return function(*arguments)

    return call
