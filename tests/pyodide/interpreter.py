"""Python as the pages run it, in a process of Node that is started once for many calls."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from press.live.distribution import Distribution

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
#: A new interpreter is started when the memory of one has grown over this: it never shrinks.
MEGABYTES = 700
#: A notebook or a file of tests may work so long, and an interpreter that does nothing at all is waited for as long.
SECONDS = 1800.0


class InterpreterError(Exception):
    """What went wrong in Node, or in a function of ``harness.py``."""


@dataclass(frozen=True)
class Answer:
    """What a function of ``harness.py`` returned, how long processors worked, and how large the memory is after it."""

    value: Any
    seconds: float
    megabytes: float


class Interpreter:
    """Pyodide in a process of Node; one that has died or has grown too large is followed by a new one."""

    def __init__(self, folder: Path, lock: str, packages: list[str]) -> None:
        self._command = ["node", str(HERE / "interpreter.mjs"), str(folder), lock, str(ROOT), *packages]
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str] = queue.Queue()

    @property
    def is_running(self) -> bool:
        """Whether the next call starts no process."""
        return self._process is not None

    def call(self, name: str, argument: Any) -> Answer:
        """Call a function of ``harness.py``."""
        if self._process is None:
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, text=True, encoding="utf-8")
            self._lines = queue.Queue()
            threading.Thread(target=self._listen, args=(self._process, self._lines), daemon=True).start()
            assert self._next() == {"value": "ready"}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"call": name, "argument": argument}) + "\n")
        self._process.stdin.flush()
        told = self._next()
        if "error" in told:
            self.close()
            raise InterpreterError("\n".join([f"{name}({argument!r}): {told['error']}", *told["said"]]))
        if told["megabytes"] > MEGABYTES:
            self.close()
        return Answer(told["value"], told["seconds"], told["megabytes"])

    @staticmethod
    def _listen(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put("")

    def _next(self) -> dict[str, Any]:
        assert self._process is not None
        watched = _Watched(self._process.pid)
        while True:
            try:
                line = self._lines.get(timeout=5)
                break
            except queue.Empty:
                if reason := watched.why_not_longer():
                    self.close()
                    raise InterpreterError(f"Python in Node gave no answer: {reason}") from None
        if not line:
            status = self._process.wait()
            self.close()
            raise InterpreterError(f"Python in Node ended with the status {status}")
        told: dict[str, Any] = json.loads(line)
        return told

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


class _Watched:
    """How long a process has worked since it was asked: on a machine that has much to do it takes its time."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._first = self._last = self._work()
        self._seen = time.monotonic()

    def _work(self) -> float:
        """The seconds of the processor so far; where the system does not tell them, those of the clock."""
        try:
            fields = Path(f"/proc/{self._pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            return time.monotonic()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def why_not_longer(self) -> str:
        """Say why it is waited for no longer, or "" where it is."""
        work, now = self._work(), time.monotonic()
        if work > self._last:
            self._last, self._seen = work, now
        if work - self._first > SECONDS:
            return f"it has worked for {SECONDS:g} seconds"
        return f"for {SECONDS:g} seconds it has done nothing" if now - self._seen > SECONDS else ""


def write(made: Distribution, folder: Path) -> None:
    """Put the files of a distribution into a folder, those that were fetched as links."""
    for name, content in made.files().items():
        if isinstance(content, Path):
            (folder / name).symlink_to(content)
        else:
            (folder / name).write_bytes(content)
