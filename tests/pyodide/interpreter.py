"""Python as the pages run it, in a process of Node that is started once for many calls."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from press.live.distribution import Distribution

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
#: A new interpreter is started when the memory of one has grown over this: it never shrinks.
MEGABYTES = 700
#: Nobody waits longer for a notebook or a file of tests.
SECONDS = 900.0


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
        try:
            line = self._lines.get(timeout=SECONDS)
        except queue.Empty:
            self.close()
            raise InterpreterError(f"Python in Node gave no answer within {SECONDS:g} seconds") from None
        if not line:
            assert self._process is not None
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


def write(made: Distribution, folder: Path) -> None:
    """Put the files of a distribution into a folder, those that were fetched as links."""
    for name, content in made.files().items():
        if isinstance(content, Path):
            (folder / name).symlink_to(content)
        else:
            (folder / name).write_bytes(content)
