"""Calls that end: what is too slow is interrupted, and nothing that comes after it is."""

import contextlib
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


@pytest.mark.parametrize("seconds", [1e-6, 1e-4])
def test_a_limit_that_is_reached_at_once_leaves_no_timer_behind(seconds):
    for _ in range(100):
        with contextlib.suppress(TimeLimitReachedError):
            call_within(lambda: sum(range(2000)), seconds)
        time.sleep(0.005)  # longer than the time between two interruptions
