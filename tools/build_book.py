"""Build the website, if anything that it is made of has changed.

Jupyter Book keeps the results of a chapter's cells and looks at nothing but the cells to tell whether they still hold.
They depend on pgcode too, and on the versions of what is installed: when either has changed, everything is run again.
Every warning of the build is an error.
"""

from __future__ import annotations

import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from jupyter_cache import get_cache
from notebooks import chapters
from run_chapters import run_chapters, without_results
from sphinx_external_toc.parsing import parse_toc_yaml

from press import results
from press.settings import repository_url
from press.source_archive import source_files

ROOT = Path(__file__).parent.parent
JUPYTER_BOOK = Path(sys.executable).with_name("jupyter-book")
BUILD = [str(JUPYTER_BOOK), "build", ".", "-W", "--keep-going", "-n", "--all"]
#: The chapters that take longest are run first, so that at the end none is run alone.
LONGEST = (
    "book/practice/learning-curves",
    "book/practice/debug-this-reinforce",
    "book/practice/audit-your-own",
    "book/one-gradient/discounting",
    "book/one-gradient/baselines-and-variance",
    "book/practice/from-theorem-to-loss",
    "book/trajectory-form/sample-estimate",
    "book/practice/continuous-actions",
    "book/practice/language-models",
)


def digest(root: Path, patterns: Iterable[str], *extra: str) -> str:
    """Return one checksum over the names and contents of the files that match, and of the extra strings."""
    total = hashlib.sha256(json.dumps(extra).encode())
    for path in sorted({path for pattern in patterns for path in root.glob(pattern)}):
        name = path.relative_to(root)
        hidden = any(part.startswith(".") or part == "__pycache__" for part in name.parts)
        if path.is_file() and not hidden:
            total.update(f"{name}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def inputs(root: Path) -> dict[str, str]:
    """Return the checksums of what the cells' results depend on, and of what only the pages depend on.

    These are files, and what the environment tells: the site's address, whether there is a lab …
    """
    told = sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith("COURSE_"))
    made_of = ["_config.yml", "_toc.yml", "book/**/*", "assets/**/*", "press/**/*", "tools/*.py"]
    address = repository_url(root, os.environ)
    if not address:  # then the website offers everything as an archive
        made_of += map(glob.escape, map(str, source_files(root)))
    return {
        "results": digest(root, ["pgcode/**/*", "requirements.lock"], sys.version),
        "pages": digest(root, made_of, address, *told),
    }


def run_and_build(root: Path, environment: Mapping[str, str]) -> int:
    """Run the chapters whose results are not kept, build the website beside it, and return the exit status.

    The build reads a page when its chapter has been run (``press/results.py``). Only the chapters in the table of
    contents become pages. A chapter that fails is left to the build, which runs it again and reports it. When the build
    has ended, nobody needs the chapters that are still to be run.
    """
    cache = get_cache(root / "_build" / ".jupyter_cache")
    contents = parse_toc_yaml(root / "_toc.yml")
    pages = {path: path.relative_to(root).with_suffix("").as_posix() for path in chapters(root)}
    places = {page: place for place, page in enumerate(LONGEST)}
    files = sorted(
        (path for path, page in pages.items() if page in contents),
        key=lambda path: places.get(pages[path], len(places)),
    )
    waiting = without_results(cache, files)
    reads, writes = os.pipe()
    told = {results.VARIABLE: results.told(reads, [pages[path] for path in waiting])}
    with subprocess.Popen(BUILD, cwd=root, env={**environment, **told}, pass_fds=[reads]) as sphinx:
        os.close(reads)
        try:
            for path in run_chapters(cache, waiting, timeout=300):
                os.write(writes, f"{pages[path]}\n".encode())
        except BrokenPipeError:
            pass
        finally:
            os.close(writes)
    return sphinx.returncode


def build(root: Path) -> int:
    """Build the website and return the exit status."""
    folder = root / "_build"
    index, record = folder / "html" / "index.html", folder / "inputs.json"
    now = inputs(root)
    before = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    if now == before and index.exists():
        print(f"The website is up to date: {index}")
        return 0
    # The record goes first: a build that fails may leave results of the new pgcode among those of the old one.
    record.unlink(missing_ok=True)
    shutil.rmtree(folder / "html", ignore_errors=True)
    if now["results"] != before.get("results"):
        shutil.rmtree(folder, ignore_errors=True)
    environment = {"COURSE_LAB": "1"} | os.environ  # press/live/lab.py; COURSE_LAB=0 leaves it out
    status = run_and_build(root, environment)
    if status:
        print("The website was not built: see the errors and warnings above.", file=sys.stderr)
        return status
    record.write_text(json.dumps(now), encoding="utf-8")
    print(f"The website: {index}")
    return 0


if __name__ == "__main__":
    sys.exit(build(ROOT.resolve()))
