"""Fetch MathJax and the Speech Rule Engine, which set and speak the formulas when the website is built.

They are fetched with npm, from the registry that npm is configured for, and compared with the checksums below. They go
to ``press/vendor``, which is not committed. Without npm, pages set their formulas themselves, by a script from a
content delivery network, and this script says so.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from press.formulas import CDN, MATHJAX_VERSION

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
    vendor.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "vendor"
        for number, package in enumerate(PACKAGES):
            download = Path(folder) / str(number)
            download.mkdir()
            unpack(fetch(package, download), package, made / package.target)
        (made / "recipe.json").write_text(recipe(), encoding="utf-8")
        shutil.rmtree(vendor, ignore_errors=True)
        shutil.copytree(made, vendor)


def main(arguments: list[str] | None = None) -> int:
    """Fetch the bundles if they are not there."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--required", action="store_true", help="fail where they cannot be fetched")
    required = parser.parse_args(arguments).required
    if is_current():
        return 0
    try:
        build()
    except FetchError as error:
        shutil.rmtree(VENDOR, ignore_errors=True)
        print(f"MathJax was not fetched: {error}.", file=sys.stderr)
        if required:
            return 1
        print(f"Pages will set their formulas in the browser, with MathJax from {CDN}.", file=sys.stderr)
    else:
        print("Fetched MathJax into press/vendor.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
