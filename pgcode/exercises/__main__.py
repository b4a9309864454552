"""``python -m pgcode.exercises grade FILE.ipynb …``: a CSV of all answers, and a report for each student."""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from pgcode.exercises import Outcome, _grading

#: Numbers of prctl in Linux: nobody of the same user may read this process, and it becomes the parent of orphans.
_SET_DUMPABLE, _SET_CHILD_SUBREAPER = 4, 36


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m pgcode.exercises", description="Grade notebooks with exercises.")
    commands = parser.add_subparsers(dest="command", required=True)
    grading = commands.add_parser("grade", help="run notebooks in processes of their own and judge the answers")
    grading.add_argument("notebooks", nargs="+", type=Path, metavar="FILE.ipynb")
    grading.add_argument("--part", help="the part of the exercises, where a notebook does not tell")
    grading.add_argument("--csv", type=Path, default=Path("grades.csv"), help="where the table is written")
    grading.add_argument("--reports", type=Path, help="a folder for a report on each student")
    grading.add_argument("--seconds", type=float, default=60.0, help="for each answer with its notebook")
    grading.add_argument("--memory", type=int, default=2000, help="megabytes for each answer")
    grading.add_argument("--user", help="run the students' code as this user, which takes root")
    options = parser.parse_args(arguments)
    limits = _grading.Limits(options.seconds, min(10.0, options.seconds / 6), options.memory * 1_000_000, options.user)
    _contain()
    before = list(_grading.fingerprint(options.notebooks))
    grades: list[_grading.Grade] = []
    status = 0
    for notebook in options.notebooks:
        try:
            own = _grading.grade(notebook, limits, options.part)
        except (ValueError, LookupError, PermissionError) as error:
            print(error, file=sys.stderr)
            status = 1
            continue
        finally:
            _end_what_is_left()
        if list(_grading.fingerprint(options.notebooks)) != before:
            print(
                f"the code in {notebook} changed files of pgcode or a notebook: no grade after it counts",
                file=sys.stderr,
            )
            return 2
        grades += own
        right = sum(one.outcome is Outcome.RIGHT for one in own)
        print(f"{notebook}: {right} of {len(own)} right")
        if options.reports is not None:
            options.reports.mkdir(parents=True, exist_ok=True)
            (options.reports / f"{notebook.stem}.md").write_text(_grading.report(own), encoding="utf-8")
        _grading.write_csv(options.csv, grades)
    return status


def _contain() -> None:
    """Let no process of the same user read this one, and get hold of what students' code leaves behind."""
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            system = ctypes.CDLL(None)
            system.prctl(_SET_DUMPABLE, 0, 0, 0, 0)
            system.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _end_what_is_left() -> None:
    """End all processes below this one; those that students' code started and moved to a session of their own."""
    if sys.platform != "linux":
        return
    for _ in range(100):
        running = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
        left = [pid for pid in running if _parent(pid) == os.getpid()]
        if not left:
            return
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _parent(pid: int) -> int:
    with suppress(OSError, ValueError, IndexError):
        return int(
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
