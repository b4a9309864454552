"""How the benchmarks measure."""

from __future__ import annotations

import time
from collections.abc import Callable


def best(work: Callable[[], object], repeats: int, clock: Callable[[], float] = time.perf_counter) -> float:
    """The shortest of several times, in seconds: the one that the rest of the machine disturbed least.

    Of work in one thread ``clock=time.process_time`` counts what the processor did for it and nothing else.
    """
    times = []
    for _ in range(repeats):
        start = clock()
        work()
        times.append(clock() - start)
    return min(times)
