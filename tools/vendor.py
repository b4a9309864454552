"""Fetch what the website is built with and is not of this repository, into ``press/vendor``, which is not committed.

MathJax and the Speech Rule Engine set and speak the formulas when the website is built. They are fetched with npm, from
the registry that npm is configured for, and compared with the checksums below. Without npm, pages set their formulas
themselves, by a script from a content delivery network, and this script says so.

Pyodide is the Python that pages run in the browser (``press/live/distribution.py``). ``COURSE_PYODIDE`` names a folder
that holds it with its compiled packages: all of them are copied from there, and the website needs no third party.
Without it Pyodide's core comes from npm, and pages take the compiled packages from the content delivery network of
Pyodide. Wheels that neither has come from the index that pip is configured for. Without them nothing runs in the pages.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from press.formulas import CDN, MATHJAX_VERSION
from press.live import distribution

VENDOR = Path(__file__).parent.parent / "press" / "vendor"


class Package(NamedTuple):
    """An npm package, the SHA-256 of its archive, and which of its files go where."""

    name: str
    version: str
    sha256: str
    target: str
    root: str
    patterns: tuple[str, ...]


PACKAGES = (
    Package(
        "mathjax",
        MATHJAX_VERSION,
        "1b9c0a1c44df864e915690558e72adb9cc5203360daefd385084ced3b6c64c09",
        "mathjax",
        "package/es5",
        (
            "node-main.js",
            "adaptors/liteDOM.js",
            "core.js",
            "loader.js",
            "startup.js",
            "input/tex-full.js",
            "output/chtml.js",
            "output/chtml/fonts/tex.js",
            "output/chtml/fonts/woff-v2/*",
        ),
    ),
    Package(
        "speech-rule-engine",
        "4.0.7",
        "400d15452e66401f5ff0b5a00b32d9a749cfc44a3ec0a1acf8d3e25e9f08a690",
        "node_modules/speech-rule-engine",
        "package",
        ("lib/sre.js", "lib/mathmaps/base.json", "lib/mathmaps/en.json"),
    ),
    # What the engine needs in Node.
    Package(
        "xmldom-sre",
        "0.1.31",
        "d0d5f6562b2e18a96635d1f97b824c7f4853efed5942aa2bd1a8d6c89a2c132d",
        "node_modules/xmldom-sre",
        "package",
        ("package.json", "*.js"),
    ),
    Package(
        "wicked-good-xpath",
        "1.3.0",
        "6dfd720a0f86ffcc8ad205e26ec9a45ae8c713ebd2f5e9cf99e9b02541995481",
        "node_modules/wicked-good-xpath",
        "package",
        ("package.json", "dist/wgxpath.install-node.js"),
    ),
    Package(
        "commander",
        "9.2.0",
        "6a4e7d8b81c79a781bd037ee9649251d0b5b0e876f66686f9d92fe1c36824f4f",
        "node_modules/commander",
        "package",
        ("package.json", "index.js", "lib/*.js"),
    ),
)


#: A folder with Pyodide and its compiled packages, all of which the website then has itself.
FOLDER_VARIABLE = "COURSE_PYODIDE"
LOCK = "pyodide-lock.json"
PYODIDE = Package(
    "pyodide",
    distribution.PYODIDE_VERSION,
    "85d930cbff5bcf8bf8f5fb62d5b73d9a1e73f706a8a64c3e527ec980f1d32bd4",
    ".",
    "package",
    (*distribution.CORE, LOCK),
)


class FetchError(Exception):
    """A package could not be fetched, or is not the one that was expected."""


def recipe() -> str:
    """Return what the folder is made of. It is stored beside them, and tells whether they are current."""
    return json.dumps(PACKAGES, indent=1) + "\n"


def is_current(vendor: Path = VENDOR) -> bool:
    """Tell whether the bundles are there, and made by this version of the script."""
    stored = vendor / "recipe.json"
    return stored.exists() and stored.read_text(encoding="utf-8") == recipe()


def fetch(package: Package, folder: Path) -> Path:
    """Download the archive of a package with npm, and check it."""
    npm = shutil.which("npm")
    if npm is None:
        raise FetchError("npm is not installed")
    command = [npm, "pack", "--silent", "--fetch-retries=1", "--fetch-timeout=60000"]
    command.append(f"{package.name}@{package.version}")
    try:
        run = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=300, check=False)
    except subprocess.TimeoutExpired:
        raise FetchError(f"npm did not fetch {package.name} within 5 minutes") from None
    archives = list(folder.glob("*.tgz"))
    if run.returncode or len(archives) != 1:
        raise FetchError(f"npm could not fetch {package.name}: {run.stderr.strip()[-300:]}")
    found = hashlib.sha256(archives[0].read_bytes()).hexdigest()
    if found != package.sha256:
        raise FetchError(f"{package.name}@{package.version} has the checksum {found}, not {package.sha256}")
    return archives[0]


def unpack(archive: Path, package: Package, target: Path) -> None:
    """Copy the files that the website needs out of an archive."""
    with tarfile.open(archive) as tar:
        files = {PurePosixPath(member.name): member for member in tar if member.isfile()}
        for pattern in package.patterns:
            wanted = [path for path in files if path.match(f"{package.root}/{pattern}")]
            if not wanted:
                raise FetchError(f"{package.name}@{package.version} holds no {pattern}")
            for path in wanted:
                copy = target / path.relative_to(package.root)
                copy.parent.mkdir(parents=True, exist_ok=True)
                content = tar.extractfile(files[path])
                assert content is not None  # it is a file
                copy.write_bytes(content.read())


def build(vendor: Path = VENDOR) -> None:
    """Fetch all packages, and put them in place only when all of them are there."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "vendor"
        made.mkdir()
        for number, package in enumerate(PACKAGES):
            download = Path(folder) / str(number)
            download.mkdir()
            unpack(fetch(package, download), package, made / package.target)
        (made / "recipe.json").write_text(recipe(), encoding="utf-8")
        remove(vendor)
        shutil.copytree(made, vendor, dirs_exist_ok=True)


def remove(vendor: Path) -> None:
    """Remove the bundles that set formulas; Python stays."""
    for path in vendor.glob("*"):
        if path.is_dir() and path.name != distribution.VENDOR.name:
            shutil.rmtree(path)
        elif path.is_file():
            path.unlink()


# ---- Python for the browser ----------------------------------------------------------------------------------------


def python_recipe() -> str:
    """Return what the folder of Python is made of, wherever it came from."""
    wheels = [*distribution.WHEELS, *distribution.TEST_WHEELS]
    return json.dumps([PYODIDE, distribution.CORE, wheels], indent=1) + "\n"


def python_is_current(source: str, python: Path) -> bool:
    """Tell whether Python is there, of this recipe, with all packages where a folder has them."""
    stored = python / "recipe.json"
    if not stored.exists() or stored.read_text(encoding="utf-8") != python_recipe():
        return False
    return not source or not distribution.Distribution(python).host


def build_python(source: str, python: Path) -> None:
    """Fetch Pyodide and the wheels, and put them in place only when all of them are there."""
    with tempfile.TemporaryDirectory() as folder:
        made, download = Path(folder) / "python", Path(folder) / "archive"
        made.mkdir()
        download.mkdir()
        if source:
            copy_pyodide(Path(source), made)
        else:
            unpack(fetch(PYODIDE, download), PYODIDE, made)
        for name, sha256 in distribution.CORE.items():
            require(made / name, sha256)
        fetch_wheels((*distribution.WHEELS, *distribution.TEST_WHEELS), made)
        (made / "recipe.json").write_text(python_recipe(), encoding="utf-8")
        shutil.rmtree(python, ignore_errors=True)
        shutil.copytree(made, python)


def copy_pyodide(source: Path, made: Path) -> None:
    """Copy Pyodide and the packages that notebooks need out of a folder that holds them."""
    if not (source / LOCK).is_file():
        raise FetchError(f"{FOLDER_VARIABLE} names {source}, which holds no {LOCK}")
    packages = json.loads((source / LOCK).read_text(encoding="utf-8"))["packages"]
    ours = {wheel.name: wheel.depends for wheel in (*distribution.WHEELS, *distribution.TEST_WHEELS)}
    ours |= distribution.OWN
    known = packages | {name: {"depends": depends} for name, depends in ours.items()}
    names = distribution.closure(known, (*distribution.NOTEBOOKS, *distribution.TESTS))
    files = {packages[name]["file_name"]: packages[name]["sha256"] for name in names if name not in ours}
    for name, sha256 in files.items():
        require(source / name, sha256)
    for name in (LOCK, *distribution.CORE, *files):
        shutil.copyfile(source / name, made / name)


def require(file: Path, sha256: str) -> None:
    """Refuse a file that is not the one that was expected."""
    if not file.is_file():
        raise FetchError(f"{file} is missing")
    found = hashlib.sha256(file.read_bytes()).hexdigest()
    if found != sha256:
        raise FetchError(f"{file.name} has the checksum {found}, not {sha256}")


def fetch_wheels(wheels: Iterable[distribution.Wheel], made: Path) -> None:
    """Download wheels with pip, which compares their checksums."""
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder) / "wanted.txt"
        lines = (f"{wheel.name}=={wheel.version} --hash=sha256:{wheel.sha256}\n" for wheel in wheels)
        wanted.write_text("".join(lines), encoding="utf-8")
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-input"]
        # Each is of pure Python, for the Python of Pyodide and not for that which runs this.
        command += ["--no-deps", "--only-binary=:all:", "--ignore-requires-python", "--require-hashes"]
        command += ["--dest", str(made), "--requirement", str(wanted)]
        try:
            run = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=300, check=False)
        except subprocess.TimeoutExpired:
            raise FetchError("pip did not fetch the wheels within 5 minutes") from None
        if run.returncode:
            raise FetchError(f"pip could not fetch the wheels: {run.stderr.strip()[-300:]}")
    for wheel in wheels:
        require(made / wheel.file, wheel.sha256)


def main(arguments: list[str] | None = None) -> int:
    """Fetch the bundles if they are not there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--required", action="store_true", help="fail where they cannot be fetched")
    required = parser.parse_args(arguments).required
    source = os.environ.get(FOLDER_VARIABLE, "")
    missing = False
    if not is_current():
        try:
            build()
        except FetchError as error:
            missing = True
            remove(VENDOR)
            print(f"MathJax was not fetched: {error}.", file=sys.stderr)
            if not required:
                print(f"Pages will set their formulas in the browser, with MathJax from {CDN}.", file=sys.stderr)
        else:
            print("Fetched MathJax into press/vendor.")
    python = distribution.VENDOR
    if not python_is_current(source, python):
        try:
            build_python(source, python)
        except FetchError as error:
            missing = True
            shutil.rmtree(python, ignore_errors=True)
            print(f"Pyodide was not fetched: {error}.", file=sys.stderr)
            if not required:
                print("Nothing will run in the pages.", file=sys.stderr)
        else:
            print("Fetched Pyodide into press/vendor/python.")
    return int(missing and required)


if __name__ == "__main__":
    sys.exit(main())
