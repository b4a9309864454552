"""Calls that end, whatever they do: with a signal where there are some, by looking at the clock elsewhere."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

__all__ = ["TimeLimitReachedError", "call_all", "call_within", "has_signals"]

#: How long after the first interruption the next one comes, for code that catches the first.
_INSIST_SECONDS = 0.003


class TimeLimitReachedError(BaseException):
    """Raised inside code that takes too long. No Exception, so that ``except Exception`` does not stop it."""


def has_signals() -> bool:
    """Whether a call can be interrupted by a signal: in the main thread of a system with timers."""
    in_main_thread = threading.current_thread() is threading.main_thread()
    return sys.platform != "emscripten" and hasattr(signal, "setitimer") and in_main_thread


def call_within(call: Callable[[], Any], seconds: float, *, of_work: bool = False) -> Any:
    """Make one call, and interrupt it after some seconds where there are signals; elsewhere it is not interrupted.

    With ``of_work`` those seconds count in which the processor works for it. What it comes to does then not depend on
    what else the machine does; but a call that waits for ever is never interrupted.
    """
    if not has_signals():
        return call()
    results: list[Any] = []
    call_all([call], results, seconds, of_work=of_work)
    return results[0]


def call_all(calls: list[Callable[[], Any]], results: list[Any], seconds: float, *, of_work: bool = False) -> None:
    """Make calls, add what they return to the results, and interrupt them after some seconds.

    In the main thread of a system with timers a signal does it, which ends a sleep too. Code that catches everything is
    interrupted again, then also at the next line, which is in its ``except`` clause. An interruption cannot leave a
    destructor or a callback of the garbage collector, and Python prints a message instead: that is left out, and the
    next line after it is interrupted. Elsewhere, such as in another thread or in the browser, each step of its own
    code, and each line of what it calls, looks at the clock first. There a call into compiled code that never returns
    is not interrupted, and neither is a loop that catches everything.
    """
    if not has_signals():
        _call_all_traced(calls, results, seconds)
        return
    inside, insisting = True, False
    worked = time.thread_time() if of_work else 0.0  # a call of the system, which costs most where many run
    here, tracer_before, unraisable_before = sys._getframe(), sys.gettrace(), sys.unraisablehook

    def interrupt(_number: int, frame: FrameType | None) -> None:
        nonlocal insisting
        if not inside:
            return
        if of_work and (left := seconds - (time.thread_time() - worked)) > 0:
            signal.setitimer(signal.ITIMER_REAL, max(left, _INSIST_SECONDS), _INSIST_SECONDS)
            return
        if insisting:
            interrupt_the_next_line_of(frame)
        insisting = True
        raise TimeLimitReachedError

    def interrupt_the_next_line_of(frame: FrameType | None) -> None:
        sys.settrace(interrupt_at_a_line)
        while frame is not None and frame is not here:
            frame.f_trace = interrupt_at_a_line
            frame = frame.f_back

    def interrupt_at_a_line(_frame: FrameType, event: str, _argument: Any) -> Any:
        if inside and event == "line":
            raise TimeLimitReachedError
        return interrupt_at_a_line

    def interrupt_after_a_destructor(unraisable: Any) -> None:
        if not issubclass(unraisable.exc_type, TimeLimitReachedError):
            unraisable_before(unraisable)
        elif inside:
            interrupt_the_next_line_of(sys._getframe(1))

    sys.unraisablehook = interrupt_after_a_destructor
    # Someone else's alarm is held first: one that rang from here on would be taken for the end of these calls.
    remaining_before, interval_before = signal.setitimer(signal.ITIMER_REAL, 0)
    began = time.monotonic()
    handler_before = signal.signal(signal.SIGALRM, interrupt)
    try:
        # Within, for a very short time is over before the next line, and the timer would go on for ever.
        signal.setitimer(signal.ITIMER_REAL, seconds, _INSIST_SECONDS)
        for call in calls:
            results.append(call())
    finally:
        inside = False  # first of all: no signal is looked at between it and here
        signal.setitimer(signal.ITIMER_REAL, 0)
        sys.settrace(tracer_before)
        signal.signal(signal.SIGALRM, handler_before)
        sys.unraisablehook = unraisable_before
        if remaining_before:
            rest = max(remaining_before - (time.monotonic() - began), 1e-6)
            signal.setitimer(signal.ITIMER_REAL, rest, interval_before)


def _call_all_traced(calls: list[Callable[[], Any]], results: list[Any], seconds: float) -> None:
    """The same without signals."""
    end = time.monotonic() + seconds

    def look_at_the_clock(frame: FrameType, event: str, _argument: Any) -> Any:
        if time.monotonic() > end:
            raise TimeLimitReachedError
        if event == "call" and not str(frame.f_globals.get("__name__")).startswith(("pgcode", "numpy")):
            frame.f_trace_opcodes = True  # a loop in one line never comes to a new line
        return look_at_the_clock

    before = sys.gettrace()
    sys.settrace(look_at_the_clock)
    try:
        for call in calls:
            results.append(call())
    finally:
        sys.settrace(before)
