"""Python as the pages run it, in Node: started once for many tests, each of which it answers as a page would."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from interpreter import Interpreter, write

from press.live.distribution import NOTEBOOKS, TESTS, Distribution, distribution

HERE = Path(__file__).parent


def why_not() -> str:
    """Return why nothing can be run, or "" where it can."""
    made = distribution()
    if made is None:
        return "Pyodide was not fetched. With COURSE_PYODIDE=FOLDER, one that holds it, `make vendor` does that"
    if made.host and not os.environ.get("COURSE_NETWORK"):
        return (
            f"its packages are at {made.host}. COURSE_PYODIDE=FOLDER names a folder that holds them, and with "
            "COURSE_NETWORK=1 they are taken from there"
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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line that nothing was tested, where that is so: many skipped tests look like a success."""
    if reason := why_not():
        terminalreporter.write_line(f"THE BROWSER'S PYTHON WAS NOT TESTED: {reason}.", yellow=True)


@pytest.fixture(scope="session")
def python_folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Distribution]:
    """The folder that a website has, with what the tests need besides."""
    if reason := why_not():
        pytest.fail(reason, pytrace=False)
    made = Distribution(tests=True)
    folder = tmp_path_factory.mktemp("python")
    write(made, folder)
    return folder, made


@pytest.fixture(scope="session")
def interpreter(python_folder: tuple[Path, Distribution]) -> Iterator[Interpreter]:
    """Python with all packages of notebooks and of tests."""
    folder, made = python_folder
    started = Interpreter(folder, made.lock, [*NOTEBOOKS, *TESTS])
    yield started
    started.close()
