"""Python as the pages run it, in Node: started once for many tests, each of which it answers as a page would."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from press.live.distribution import NOTEBOOKS, TESTS, Distribution, distribution

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
#: A new interpreter is started when the memory of one has grown over this: it never shrinks.
MEGABYTES = 700
#: Nobody waits longer for a notebook or a file of tests.
SECONDS = 900.0


def why_not() -> str:
    """Return why nothing can be run, or "" where it can."""
    made = distribution()
    if made is None:
        return "Pyodide was not fetched: COURSE_PYODIDE=folder tools/vendor.py does it"
    if made.host and not os.environ.get("COURSE_NETWORK"):
        return (
            f"the packages of Pyodide are at {made.host}: COURSE_PYODIDE names no folder that holds them, and "
            "COURSE_NETWORK=1 does not let the tests ask for them"
        )
    if shutil.which("node") is None:
        return "Node is not installed"
    return ""


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "whole: `make test-pyodide` runs it, and `.ci/run` does not")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs the interpreter where there is none, unless somebody has said from where it comes."""
    here = [item for item in items if HERE in item.path.parents and "interpreter" in getattr(item, "fixturenames", ())]
    for item in here:
        item.add_marker(pytest.mark.slow)
    required = os.environ.get("COURSE_PYODIDE") or os.environ.get("COURSE_NETWORK")
    if here and (reason := why_not()) and not required:
        for item in here:
            item.add_marker(pytest.mark.skip(reason=reason))


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
            pytest.fail(f"{name}({argument!r}): {told['error']}\n" + "\n".join(told["said"]), pytrace=False)
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
            pytest.fail(f"Python in Node gave no answer within {SECONDS:g} seconds", pytrace=False)
        if not line:
            assert self._process is not None
            status = self._process.wait()
            self.close()
            pytest.fail(f"Python in Node ended with the status {status}", pytrace=False)
        told: dict[str, Any] = json.loads(line)
        return told

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@pytest.fixture(scope="session")
def python_folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Distribution]:
    """The folder that a website has, with what the tests need besides."""
    if reason := why_not():
        pytest.fail(reason, pytrace=False)
    made = Distribution(tests=True)
    folder = tmp_path_factory.mktemp("python")
    for name, content in made.files().items():
        if isinstance(content, Path):
            (folder / name).symlink_to(content)
        else:
            (folder / name).write_bytes(content)
    return folder, made


@pytest.fixture(scope="session")
def interpreter(python_folder: tuple[Path, Distribution]) -> Iterator[Interpreter]:
    """Python with all packages of notebooks and of tests."""
    folder, made = python_folder
    started = Interpreter(folder, made.lock, [*NOTEBOOKS, *TESTS])
    yield started
    started.close()
