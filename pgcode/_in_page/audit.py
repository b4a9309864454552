"""What a reader pastes in is audited: the source of an estimator becomes a report.

A loop that never ends is stopped with the worker, by the page, when the reader says so or the seconds are over: in a
browser no signal interrupts a call. The seconds are those of the reader's code. The page is told when it begins and
when its last call has returned; finding a name for a mistake is not counted.
"""

from __future__ import annotations

import contextlib
import io
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
from pgcode.exercises._running import PRINTED_CHARACTERS

__all__ = ["KINDS", "report"]

Answer = dict[str, Any]

#: The name under which the reader's code stands in tracebacks.
FILE = "your code"
#: Frameworks that there is an adapter for, outside of a page.
NOT_HERE = {"torch": "PyTorch", "jax": "JAX"}
#: What may be audited, and how.
KINDS: Mapping[str, Callable[..., Any]] = {
    "estimator": audit,
    "advantages": audit_advantages,
    "sequences": audit_sequences,
}
#: The seconds that an audit may take where nothing is said, and the most.
USUAL_SECONDS, SECONDS = 60.0, 120.0
#: The longest source that is taken.
LONGEST = 20_000


def report(request: Mapping[str, Any]) -> Answer:
    """Audit the last function that a source defines.

    The request holds ``source``, ``kind`` ("estimator", "advantages" or "sequences"), ``entropy`` (β, for an
    estimator, 0 unless given), ``aggregation`` (for sequences) and ``seconds`` (60 unless given). The answer holds
    ``verdict``, ``function`` (the name of what was audited), ``calls``, ``seconds``, ``printed`` and ``shown``, a
    display; or ``error``, a text and a line, where the code itself fails, and ``printed``; or ``problem``.
    """
    if not isinstance(request, Mapping) or not isinstance(request.get("source"), str):
        return {"problem": "There is no source: paste a function."}
    kind, source = request.get("kind", "estimator"), request["source"]
    if kind not in KINDS:
        return {"problem": f"What is audited is {kind!r}: choose one of {', '.join(KINDS)}."}
    if len(source) > LONGEST:
        return {"problem": f"The source has {len(source):,} characters: paste at most {LONGEST:,}."}
    seconds = _number(request, "seconds", USUAL_SECONDS)
    if seconds is None or not 1 <= seconds <= SECONDS:
        return {"problem": f"The limit is {request['seconds']!r}: give from 1 to {SECONDS:g} seconds."}
    options: dict[str, Any] = {"max_seconds": seconds}
    if kind == "estimator":
        options["entropy"] = _number(request, "entropy", 0.0)
        if options["entropy"] is None:
            return {"problem": f"The entropy bonus β is {request['entropy']!r}: give a number that is not negative."}
    if kind == "sequences":
        options["aggregation"] = request.get("aggregation", next(iter(AGGREGATIONS)))
    total = sum(len(draw) for draw in draws((1, 2, 3), 0.0)) if kind == "estimator" else 0
    began = time.monotonic()
    printed = _Printed()
    _progress.tell("Auditing", clock="begins")
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        try:
            function = _defined(source)
        except _FailedError as failed:
            return {"error": failed.answer, "printed": printed.told}
        if function is None:
            return {"problem": "Your code defines no function: write one with def, and the last one is audited."}
        counted = _Counted(function, total)
        try:
            found = KINDS[kind](counted.call, **options)
        except (TypeError, ValueError) as error:  # of the options, for what the function raises is in the report
            return {"problem": f"{error}."}
    return {
        "verdict": found.verdict,
        "function": function.__name__,
        "calls": counted.calls,
        "seconds": round(time.monotonic() - began, 2),
        "printed": printed.told,
        "shown": found,
    }


def _number(request: Mapping[str, Any], name: str, usual: float) -> float | None:
    """A number of a request, the usual one where nothing is given, or None where it is none."""
    given = request.get(name)
    if given is None:
        return usual
    return None if isinstance(given, bool) or not isinstance(given, (int, float)) else float(given)


class _Printed(io.StringIO):
    """Keeps the beginning of what is printed, and counts the rest: a function that prints is called 2,000 times."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.left = "", 0

    def write(self, written: str) -> int:
        kept = written[: max(PRINTED_CHARACTERS - len(self.text), 0)]
        self.text += kept
        self.left += len(written) - len(kept)
        return len(written)

    @property
    def told(self) -> str:
        """What was printed, and how much of it is not here."""
        return f"{self.text}\n… and {self.left:,} characters more" if self.left else self.text


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
        exec(compile(source, FILE, "exec", dont_inherit=True), names)
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
    missing = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    if missing in NOT_HERE:
        told += (
            f"\n\n{NOT_HERE[missing]} does not run in a page. Write the estimator with np, or audit your loss in a "
            f"notebook: pgcode.audit.from_{missing}_loss makes an estimator of it."
        )
    return told, frames[-1].lineno if frames else None


class _Counted:
    """Counts the calls of a function, tells after each fiftieth of all batches how much has been done, and the end."""

    def __init__(self, function: Callable[..., Any], total: int) -> None:
        self.calls = 0
        every = max(total // 50, 1)

        @wraps(function)  # so that the audit sees its arguments
        def call(*arguments: Any, **options: Any) -> Any:
            self.calls += 1
            if self.calls % every == 0 and self.calls <= total:
                _progress.tell(f"Auditing: {self.calls:,} of {total:,} batches", self.calls / total)
            elif self.calls % every == 0 and self.calls > 2 * total > 0:
                # It draws random numbers: it is called on each batch with many seeds, as time allows.
                _progress.tell(f"Auditing: {self.calls:,} calls")
            return function(*arguments, **options)

        call.called_no_more = _over  # type: ignore[attr-defined]
        self.call = call


def _over() -> None:
    """Tell that the reader's function has been called for the last time."""
    _progress.tell("Comparing with what is known", clock="ends")
