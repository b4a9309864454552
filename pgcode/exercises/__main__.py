"""``python -m pgcode.exercises grade FILE.ipynb …``: a CSV of all answers, and a report for each student."""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from pgcode.exercises import Outcome, _confined, _grading

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
    names = [notebook.stem for notebook in options.notebooks]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        parser.error(f"two notebooks are called {twice[0]}, and the name is that of the student: rename one")
    limits = _grading.Limits(options.seconds, min(10.0, options.seconds / 6), options.memory * 1_000_000, options.user)
    _contain()
    if not _confined.version():
        print(
            "This system cannot confine a process, so a student's code can read and delete what you can: "
            "the page for teachers says what to do",
            file=sys.stderr,
        )
    before = list(_grading.fingerprint(options.notebooks))
    submissions, grades, status = [], [], 0
    for notebook in options.notebooks:  # all of them, before the first one runs
        try:
            submissions.append(_grading.read(notebook, options.part))
        except ValueError as error:
            print(error, file=sys.stderr)
            status = 1
    for submission in submissions:
        notebook = submission.notebook
        try:
            own = _grading.grade(submission, limits)
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
            status = 2
            break
        grades.append(own)
        right = sum(one.outcome is Outcome.RIGHT for one in own)
        print(f"{notebook}: {right} of {len(own)} right")
        _write(options, grades)
    _write(options, grades)  # once more, now that no code of a student runs
    return status


def _write(options: argparse.Namespace, grades: list[list[_grading.Grade]]) -> None:
    """Write the table and all reports that there are so far."""
    if not grades:
        return
    if options.reports is not None:
        options.reports.mkdir(parents=True, exist_ok=True)
        for own in grades:
            (options.reports / f"{own[0].student}.md").write_text(_grading.report(own), encoding="utf-8")
    _grading.write_csv(options.csv, [grade for own in grades for grade in own])


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
