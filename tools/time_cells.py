"""Measure how long each cell takes in the browser's Python, into ``benchmarks/cells.txt``.

``tools/time_cells.py [chapter ...]`` runs chapters in Node, all of them by default, statement by statement. A cell
takes what its statements take and those that it needs from above, which are run along with it in its page. Where cells
offer a smaller size the chapter is run once more with all of these. Other chapters stay in the file. Seconds are those
that processors worked, so that a busy machine says nearly the same, and cells of a few seconds are left out.
``tests/press/test_live_times.py`` holds the pages to the file: what takes long offers a smaller size.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "pyodide"))
from interpreter import Interpreter, write  # type: ignore[import-not-found]
from notebooks import ROOT, chapters

from press.live import pages
from press.live.distribution import VENDOR, Distribution

FILE = ROOT / "benchmarks" / "cells.txt"
#: Cells that take less than this, in seconds, are not worth a line.
LEAST = 3.0
#: A cell that takes more offers a smaller size, for a reader's machine may be slower; and the most that this may take.
MOST, MOST_OF_THE_SMALLER = 15.0, 20.0
#: Cells whose code no page shows.
UNSEEN = {"remove-input", "remove-cell"}
WARM = "import gymnasium, numpy, pgcode\nfrom matplotlib import pyplot as plt\nplt.plot([1, 2])\nNone"
HEAD = f"""\
# What cells take in the browser's Python: written by `make time-cells`, which says how.
# Seconds, those of the smaller size, the page, and a line of code that no other cell of the page has.
# Cells that take less than {LEAST:g} s are left out.
"""


class Row(NamedTuple):
    """A line of the file. The smaller size has no seconds where none is offered."""

    seconds: float
    smaller: float | None
    page: str
    line: str


def runnable() -> list[Path]:
    """Return the chapters whose cells have a Run button."""
    return [path for path in chapters() if "exercises" not in path.parts]


def page_of(path: Path) -> str:
    """Return what a chapter is called in the file."""
    return path.relative_to(ROOT).with_suffix("").as_posix()


def shown_cells(cells: dict[int, dict[str, Any]]) -> list[int]:
    """Return the numbers of the cells with a button."""
    return [number for number, cell in cells.items() if not (pages.NOT_HERE | UNSEEN) & set(cell["tags"])]


def lines_of(cells: dict[int, dict[str, Any]]) -> dict[int, str]:
    """Return, for each cell with a button, its first line that stands in no other one; "" where there is none."""
    lines = {number: [line.strip() for line in cells[number]["source"].splitlines()] for number in shown_cells(cells)}
    return {
        number: next((one for one in own if one and not any(one in lines[k] for k in lines if k != number)), "")
        for number, own in lines.items()
    }


def rows() -> list[Row]:
    """Return what the file holds."""
    found = []
    for text in FILE.read_text(encoding="utf-8").splitlines():
        if text and not text.startswith("#"):
            seconds, smaller, page, line = text.split("\t")
            found.append(Row(float(seconds), None if smaller == "-" else float(smaller), page, line))
    return found


def store(found: list[Row]) -> None:
    """Write the file, the slowest first."""
    lines = [
        f"{row.seconds:.1f}\t{'-' if row.smaller is None else f'{row.smaller:.1f}'}\t{row.page}\t{row.line}\n"
        for row in sorted(found, key=lambda row: (-round(row.seconds, 1), row.page, row.line))
    ]
    FILE.write_text(HEAD + "".join(lines), encoding="utf-8")


def measured(path: Path, python: Any) -> list[Row]:
    """Measure the cells of a chapter."""
    cells = pages.read(path)
    shown, lines = shown_cells(cells), lines_of(cells)
    offers, page, found = pages.offered(cells, shown, path.stem), page_of(path), []
    sources = {number: "" if pages.NOT_HERE & set(cell["tags"]) else cell["source"] for number, cell in cells.items()}
    smaller = dict(sources)
    for number, before, after in {tuple(edit) for offer in offers.values() for edit in offer["edits"]}:
        smaller[number] = smaller[number].replace(before, after)

    def run(given: dict[int, str]) -> dict[int, float]:
        if not python.is_running:  # what starting and importing takes is no cell's
            python.call("time_statements", {"folder": "book", "sources": [WARM]})
        times = python.call(
            "time_statements", {"folder": str(Path(page).parent), "sources": list(given.values())}
        ).value
        own = dict(zip(given, times, strict=True))
        order = list(given)
        return {
            number: sum(own[number]) + sum(sum(own[order[one.cell]][one.number :][:1]) for one in needed)
            for number in shown
            for needed in [pages.before({key: {**cells[key], "source": given[key]} for key in given}, number)]
        }

    whole = run(sources)
    less = run(smaller) if offers else {}
    for number in shown:
        row = Row(whole[number], less[number] if number in offers else None, page, lines[number])
        print(
            f"{row.seconds:6.1f} {'' if row.smaller is None else f'{row.smaller:.1f}':>6}  {page} {number}: {row.line}"
        )
        if row.seconds >= LEAST or row.smaller is not None:
            found.append(row)
    return found


def main(arguments: list[str]) -> int:
    """Measure, and say which cells are the slowest."""
    if not (VENDOR / "pyodide-lock.json").is_file():
        print("There is no Python for a browser here: make vendor fetches it.", file=sys.stderr)
        return 1
    paths = [Path(one).resolve() for one in arguments] or runnable()
    kept = rows() if arguments and FILE.exists() else []
    made = Distribution()
    with tempfile.TemporaryDirectory() as folder:
        write(made, Path(folder))
        python = Interpreter(Path(folder), made.lock, ["pgcode", "matplotlib", "gymnasium"])
        for path in paths:
            kept = [row for row in kept if row.page != page_of(path)] + measured(path, python)
            store(kept)
        python.close()
    print("\nThe slowest twenty:\n" + "".join(FILE.read_text(encoding="utf-8").splitlines(keepends=True)[3:23]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
