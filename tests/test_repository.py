"""What is committed holds nothing of the machine on which it was made, and every part has its place."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import pgcode

ROOT = Path(__file__).parent.parent
# Put together here, so that this file does not hold them itself.
INDEX_ADDRESSES = ["pypi" + ".org", "python" + "hosted", "registry." + "npmjs"]
MACHINE_PATH = re.compile(r"(?<![\w.~$}/-])/(?:root|home|tmp|work|Users)/")


def text_of(file: Path) -> str:
    return file.read_bytes().decode("utf-8", errors="ignore")


def test_no_file_names_a_package_index(repository_files):
    for file in repository_files:
        for address in INDEX_ADDRESSES:
            assert address not in text_of(file), f"{file.relative_to(ROOT)} names {address}"


def test_no_file_holds_a_path_of_a_machine(repository_files):
    for file in repository_files:
        found = MACHINE_PATH.search(text_of(file))
        assert not found, f"{file.relative_to(ROOT)}: {found}"


def test_what_is_built_or_fetched_is_not_committed(repository_files):
    for file in repository_files:
        top = file.relative_to(ROOT).as_posix()
        assert not top.startswith((".venv", "_build", "assets/vendor")), top


@pytest.mark.parametrize("script", [".ci/run", "postBuild"])
def test_scripts_can_be_run(script):
    assert os.access(ROOT / script, os.X_OK)


@pytest.mark.parametrize("target", ["book", "serve", "test", "test-site", "notebooks", "lock", "lint", "clean"])
def test_help_lists_the_targets(target):
    run = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.search(rf"^  make {target} +\w", run.stdout, flags=re.MULTILINE)


@pytest.mark.parametrize("python", ["no-such-python", "old-python"])
def test_a_missing_or_old_python_is_named(tmp_path, python):
    old = tmp_path / "old-python"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.10.0"\nexit 1\n')
    old.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    command = ["make", "check-python", f"PYTHON={python}"]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert "3.11 or newer" in run.stdout
    assert python in run.stdout


def test_the_python_of_the_environment_is_used_again(tmp_path):
    """Also where that of the system is too old."""
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHON"}
    environment["PATH"] = f"{tmp_path}:{environment['PATH']}"
    command = ["make", "-f", ROOT / "Makefile", "check-python"]
    run = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_version_is_the_same_everywhere():
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == pgcode.__version__
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), flags=re.MULTILINE)
    assert newest
    assert newest[1] == pgcode.__version__


def test_readme_names_every_folder(repository_files):
    readme = (ROOT / "README.md").read_text()
    folders = {file.relative_to(ROOT).parts[0] for file in repository_files if file.parent != ROOT}
    for folder in folders:
        assert folder.startswith(".") or f"`{folder}/`" in readme, f"README.md does not name {folder}/"
