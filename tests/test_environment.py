"""What is declared, what is locked, and what Binder installs are one environment."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
ENVIRONMENT = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
#: What is installed apart from the rest: PyTorch and JAX, which test the code to take home.
APART = {"take-home"}
SUPPORTED_PYTHONS = ["3.11", "3.12", "3.13", "3.14"]


def declared() -> list[str]:
    """Every requirement of pyproject.toml: the package's and its extra's, its build's, and those of locked groups."""
    groups = PYPROJECT["dependency-groups"].items()
    in_groups = [entry for name, group in groups if name not in APART for entry in group if isinstance(entry, str)]
    return chapters_need() + PYPROJECT["build-system"]["requires"] + in_groups


def chapters_need() -> list[str]:
    """What pgcode needs, with its extra."""
    return PYPROJECT["project"]["dependencies"] + PYPROJECT["project"]["optional-dependencies"]["book"]


def locked(python: str) -> dict[str, Version]:
    """The versions that the lock holds for a version of Python, on Linux."""
    entries = re.findall(r"^([\w.-]+(?:\[[\w,-]+\])?==[^\\\n]+)\\$", LOCK, flags=re.MULTILINE)
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": "linux",
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
    }
    versions = {}
    for entry in map(Requirement, entries):
        if entry.marker is None or entry.marker.evaluate(environment):
            (pin,) = entry.specifier
            assert canonicalize_name(entry.name) not in versions, f"{entry.name} is locked twice for {python}"
            versions[canonicalize_name(entry.name)] = Version(pin.version)
    return versions


def binder_requirements() -> list[str]:
    return next(entry["pip"] for entry in ENVIRONMENT["dependencies"] if isinstance(entry, dict))


@pytest.mark.parametrize("python", SUPPORTED_PYTHONS)
def test_lock_satisfies_what_is_declared(python):
    versions = locked(python)
    wanted = [Requirement(entry) for entry in declared()]
    unmet = [str(one) for one in wanted if not one.specifier.contains(versions.get(canonicalize_name(one.name), "0"))]
    assert unmet == [], "requirements.lock does not hold what pyproject.toml asks for: run `make lock`"


def test_every_locked_package_has_a_checksum():
    for entry in re.split(r"\n(?=[\w.-]+(?:\[[\w,-]+\])?==)", LOCK)[1:]:
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_every_group_is_in_the_group_that_is_locked():
    groups = PYPROJECT["dependency-groups"]
    included = {entry["include-group"] for entry in groups["dev"] if isinstance(entry, dict)}
    assert included == set(groups) - {"dev"} - APART


def test_no_framework_is_locked():
    assert {"torch", "jax", "jaxlib"} & set(locked("3.11")) == set()


def test_lock_names_no_index_and_no_path():
    assert not re.search(r"https?://|file:|--(extra-)?index-url|--find-links|(?<!\w)/\w+/", LOCK)


def test_binder_installs_what_running_needs_and_nothing_else():
    assert sorted(binder_requirements()) == sorted(chapters_need() + PYPROJECT["dependency-groups"]["run"])


def test_press_asks_for_what_builds_the_website():
    press = tomllib.loads((ROOT / "press" / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert press == PYPROJECT["dependency-groups"]["website"]


def test_colab_installs_the_versions_that_are_tested():
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]
    package, *others = config["press_notebooks_need"]
    assert package == "pgcode @ {repository}"
    assert set(others) < set(chapters_need())


def test_the_extra_holds_all_that_chapters_and_the_package_import():
    """Also what is imported by a name in a string, as optional imports are."""
    files = [*(ROOT / "pgcode").rglob("*.py"), *(ROOT / "book").rglob("*.ipynb")]
    texts = [file.read_text(encoding="utf-8") for file in files]
    pattern = r"(?:^|\\n|\")\s*(?:import|from) (\w+)|optional_import\(\"(\w+)"
    imported = {a or b for text in texts for a, b in re.findall(pattern, text, flags=re.MULTILINE)}
    needed = {Requirement(entry).name for entry in chapters_need()}
    others = {Requirement(entry).name for entry in declared()} - needed
    assert imported & others == set()
    assert needed <= imported


def test_binder_installs_a_supported_python():
    (python,) = (entry for entry in ENVIRONMENT["dependencies"] if str(entry).startswith("python="))
    assert python.removeprefix("python=") in SUPPORTED_PYTHONS
    assert ENVIRONMENT["channels"] == ["conda-forge"]


def test_binder_installs_third_party_packages_only():
    for entry in binder_requirements():
        assert Requirement(entry).url is None  # and "-e ." or "-r file" is not a requirement at all


@pytest.mark.slow
def test_binders_plan(copy_of_repository, tmp_path):
    """Binder's own tool chooses conda, installs environment.yml before it copies the chapters, and runs postBuild."""
    command = [Path(sys.executable).parent / "jupyter-repo2docker", "--no-build", "--debug"]
    command += ["--user-id", "1000", "--user-name", "reader", copy_of_repository]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False, timeout=900)
    plan = run.stdout + run.stderr
    assert run.returncode == 0, plan
    assert "Building conda environment for python=" in plan, plan
    steps = [
        r"^COPY .* src/environment\.yml ",
        r'env update .*--file "environment\.yml"',
        r"^COPY .* src/ ",  # the chapters
        r"^RUN \./postBuild",
    ]
    places = [re.search(step, plan, flags=re.MULTILINE) for step in steps]
    assert all(places), plan
    starts = [place.start() for place in places]
    assert starts == sorted(starts), plan
    assert not re.search(r"pip install.*(-e|--editable) ", plan)
