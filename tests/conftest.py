"""What several test files use."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples in every run, and no limit of time, so that a loaded machine changes nothing.
settings.register_profile("course", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("course")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def repository_files() -> list[Path]:
    """The files that are committed, or would be: everything that git does not ignore."""
    if not (ROOT / ".git").exists():
        pytest.skip("this folder is not a git checkout")
    command = ["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=True).stdout
    files = [ROOT / name for name in answer.split("\0") if name]
    return [file for file in files if file.is_file()]


@pytest.fixture(scope="session")
def copy_of_repository(repository_files: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository as a clone would hold it: without what is built, fetched or installed."""
    folder = tmp_path_factory.mktemp("copy") / "repository"
    for file in repository_files:
        copy = folder / file.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
        copy.chmod(file.stat().st_mode)
    return folder
