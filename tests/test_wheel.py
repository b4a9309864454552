"""The package alone: its wheel, in an environment that holds nothing but NumPy, does what the README says."""

import importlib.metadata
import os
import pkgutil
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "pgcode"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def run(*command, cwd):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=900
    )


@pytest.fixture(scope="module")
def alone(copy_of_repository, tmp_path_factory):
    """The Python of an environment with NumPy, and with the wheel, which is all that pip finds it to need."""
    folder = tmp_path_factory.mktemp("alone")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    built = run(*pip, "wheel", "--no-index", "--no-deps", "--no-build-isolation", copy_of_repository, cwd=folder)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")

    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder).check_returncode()
    python = folder / "venv" / "bin" / "python"
    (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
    numpy = importlib.metadata.distribution("numpy")
    for top in {file.parts[0] for file in numpy.files} - {".."}:
        (site / top).symlink_to(numpy.locate_file(top))

    # With no index to take anything from: what the wheel asks for must be there.
    installed = run(*pip, "--python", python, "install", "--no-index", wheel, cwd=folder)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return python


@pytest.mark.slow
def test_the_example_of_the_readme_prints_what_it_says(alone, tmp_path):
    assert len(re.findall(r"^>>> ", README, flags=re.MULTILINE)) > 3
    (tmp_path / "README.md").write_text(README, encoding="utf-8")
    example = run(alone, "-X", "utf8", "-W", "error", "-m", "doctest", "README.md", cwd=tmp_path)
    assert example.returncode == 0, example.stdout + example.stderr


@pytest.mark.slow
def test_every_module_is_in_the_wheel_and_needs_numpy_alone(alone, tmp_path):
    (installed,) = alone.parents[1].glob("lib/python*/site-packages/pgcode")
    for file in PACKAGE.rglob("*"):
        if file.suffix == ".py" or file.name == "py.typed":
            assert (installed / file.relative_to(PACKAGE)).is_file(), file
    names = [info.name for info in pkgutil.walk_packages([str(installed)], "pgcode.")]
    public = [name for name in names if "._" not in name]
    imported = run(alone, "-W", "error", "-c", f"import {', '.join(public)}", cwd=tmp_path)
    assert imported.returncode == 0, imported.stderr


NEEDS_MORE = {
    "figures.draw_grid(['SG'])": "matplotlib",
    "figures.draw_mdp(pg.environments.two_armed_bandit())": "matplotlib",
    "figures.style()": "matplotlib",
    "figures.show(None, 'A figure.')": "matplotlib",
    "figures.frame_slider(lambda value: None, [1, 2], 'x', 'A figure')": "matplotlib",
    "pg.learning.reinforce(pg.environments.two_armed_bandit(), pg.SoftmaxPolicy(2, 2), np.zeros((2, 2)), 0.1, 1, 1, "
    "np.random.default_rng(0), progress=True)": "tqdm",
}


@pytest.mark.slow
@pytest.mark.parametrize("call", NEEDS_MORE)
def test_what_needs_more_names_the_extra(alone, tmp_path, call):
    script = f"import numpy as np, pgcode as pg; figures = pg.figures; {call}"
    answer = run(alone, "-c", script, cwd=tmp_path)
    last = answer.stderr.splitlines()[-1]
    assert re.fullmatch(rf"ImportError: {NEEDS_MORE[call]} is needed to .*pip install 'pgcode\[book\]'.*", last), last


@pytest.mark.slow
def test_the_extension_can_be_installed_from_a_wheel_too(copy_of_repository, tmp_path):
    """All of it is in the wheel: what its pages load and its templates, not modules alone."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    press = copy_of_repository / "press"
    built = run(*pip, "wheel", "--no-index", "--no-deps", "--no-build-isolation", press, cwd=tmp_path)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = set(packed.namelist())
    kept = subprocess.run(["git", "-C", ROOT, "ls-files", "press"], capture_output=True, encoding="utf-8", check=True)
    files = [name for name in kept.stdout.split() if name != "press/pyproject.toml"]
    assert len(files) > 50
    assert [name for name in files if name not in names] == []
