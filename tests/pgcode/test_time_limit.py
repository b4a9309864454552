"""Calls that end: what is too slow is interrupted, and nothing that comes after it is."""

import contextlib
import gc
import sys
import time

import pytest

from pgcode._time_limit import TimeLimitReachedError, call_within, has_signals

pytestmark = pytest.mark.skipif(not has_signals(), reason="needs signals of a timer")


def test_an_endless_loop_is_interrupted_also_one_that_catches_everything():
    def stubborn():
        while True:
            with contextlib.suppress(BaseException):
                time.sleep(1)

    with pytest.raises(TimeLimitReachedError):
        call_within(stubborn, 0.05)


def test_seconds_of_work_leave_out_those_in_which_it_waits():
    assert call_within(lambda: time.sleep(0.6) or "awake", 0.2, of_work=True) == "awake"

    def endless():
        while True:
            pass

    worked = time.thread_time()
    with pytest.raises(TimeLimitReachedError):
        call_within(endless, 0.2, of_work=True)
    assert time.thread_time() - worked >= 0.2


class _SlowToDie:
    def __del__(self):
        time.sleep(0.2)


def _deleting():
    while True:
        _SlowToDie()


def _collecting():
    def slow(phase, info):
        time.sleep(0.2)

    gc.callbacks.append(slow)
    try:
        while True:
            gc.collect(0)
    finally:
        gc.callbacks.remove(slow)


@pytest.mark.parametrize("endless", [_deleting, _collecting])
def test_an_interruption_that_cannot_leave_a_destructor_comes_again_and_is_not_reported(endless, monkeypatch):
    reported = []
    monkeypatch.setattr(sys, "unraisablehook", reported.append)
    hook = sys.unraisablehook
    with pytest.raises(TimeLimitReachedError):
        call_within(endless, 0.05)
    assert reported == []
    assert sys.unraisablehook == hook


def test_what_other_destructors_raise_within_a_call_is_reported_as_ever(monkeypatch):
    class Broken:
        def __del__(self):
            raise ValueError("of the destructor")

    reported = []
    monkeypatch.setattr(sys, "unraisablehook", lambda given: reported.append(str(given.exc_value)))
    assert call_within(lambda: bool(Broken()), 5)
    assert reported == ["of the destructor"]


@pytest.mark.parametrize("seconds", [1e-6, 1e-4])
def test_a_limit_that_is_reached_at_once_leaves_no_timer_behind(seconds):
    for _ in range(100):
        with contextlib.suppress(TimeLimitReachedError):
            call_within(lambda: sum(range(2000)), seconds)
        time.sleep(0.005)  # longer than the time between two interruptions
