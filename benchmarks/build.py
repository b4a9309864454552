"""How long the website takes to build from nothing, beside what Jupyter Book does with the same chapters by default.

    python benchmarks/build.py

Both run all cells anew and write all pages, one after the other, from a copy of the book. The default book has our
table of contents and none of our settings: it knows no extension but those that come with Jupyter Book, runs the
chapters one by one, and leaves the formulas to the browser. Ours runs several at a time, sets the formulas, and makes
the lab, the search and the notebooks for other hosts. Seconds depend on the machine, the ratio less.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
BINARIES = Path(sys.executable).parent
#: What no build needs, or makes anew.
LEFT_OUT = ("_build", ".*", "__pycache__", "tests")
DEFAULT_SETTINGS = {
    "title": "The same chapters",
    "only_build_toc_files": True,
    "execute": {"execute_notebooks": "force", "timeout": 300},
    "bibtex_bibfiles": ["book/references.bib"],
    "parse": {"myst_enable_extensions": ["amsmath", "colon_fence", "deflist", "dollarmath", "linkify", "substitution"]},
    "sphinx": {"extra_extensions": ["sphinx_proof", "sphinx_exercise"]},
}


def seconds_of(command: list[str], folder: Path) -> float:
    """Run a program in a folder, and return how long it took."""
    began = time.perf_counter()
    environment = os.environ | {"PYTHONPATH": str(folder), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8")
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
    return time.perf_counter() - began


def copied(folder: Path) -> Path:
    """Copy the book into a folder, without what a build leaves."""
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT), symlinks=True, dirs_exist_ok=True)
    return folder


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        ours, default = copied(Path(first)), copied(Path(second))
        (default / "_config.yml").write_text(yaml.safe_dump(DEFAULT_SETTINGS), encoding="utf-8")
        took = {
            "this book": seconds_of([sys.executable, "tools/build_book.py"], ours),
            "its chapters, Jupyter Book's defaults": seconds_of(
                [str(BINARIES / "jupyter-book"), "build", "."], default
            ),
        }
    width = max(map(len, took)) + 2
    print(f"{'from an empty cache':{width}}{'seconds':>12}")
    for name, seconds in took.items():
        print(f"{name:{width}}{seconds:>12.0f}")
    ours_took, theirs_took = took.values()
    print(f"{'  ratio':{width}}{ours_took / theirs_took:>12.2f}, on {os.cpu_count()} processors")


if __name__ == "__main__":
    main()
