"""Tests of a group are run by one process, in their order: what they share is made once."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
#: In each file two tests that go with the first file, and one that goes with its own.
TESTS = """
import time

import pytest


@pytest.mark.xdist_group({how}"test_{first}.py")
@pytest.mark.parametrize("number", [1, 2])
def test_beside(number):
    time.sleep(0.1)


def test_own():
    time.sleep(0.1)
"""


@pytest.mark.slow
def test_the_tests_of_a_group_are_run_by_one_process(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8")
    for name in "abcd":
        tests = TESTS.format(first="b", how="name=" if name in "ab" else "")
        (tmp_path / f"test_{name}.py").write_text(tests, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-v", "-n", "2", "--dist", "loadgroup", "-p", "no:cacheprovider", "."]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "xdist.plugin"}  # starts sooner
    run = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, encoding="utf-8", check=False)
    found = re.findall(r"^\[(gw\d)\].* PASSED (test_\w\.py)::(test_\w+)", run.stdout, flags=re.MULTILINE)
    assert len(found) == 12, run.stdout + run.stderr
    processes: dict[str, set[str]] = {}
    for process, file, test in found:
        processes.setdefault("test_b.py" if test == "test_beside" else file, set()).add(process)
    assert all(len(by) == 1 for by in processes.values()), processes
    assert len(set.union(*processes.values())) > 1, processes


def test_without_xdist_the_tests_run_too(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text((ROOT / "conftest.py").read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "test_one.py").write_text("def test_one():\n    pass\n", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider", "."]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False)
    assert "1 passed" in run.stdout, run.stdout + run.stderr
