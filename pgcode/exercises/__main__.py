"""``python -m pgcode.exercises grade FILE.ipynb …``: a CSV of all answers, and a report for each student."""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from pgcode.exercises import Outcome, _confined, _grading, _refused

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
    grading.add_argument("--seconds", type=_seconds, default=60.0, help="for each answer with its notebook")
    grading.add_argument("--notebook-seconds", type=_seconds, default=300.0, help="for all answers of a notebook")
    grading.add_argument("--memory", type=_megabytes, default=2000, help="megabytes for each answer")
    grading.add_argument("--user", help="run the students' code as this user, which takes root")
    options = parser.parse_args(arguments)
    names = [notebook.stem for notebook in options.notebooks]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        parser.error(f"two notebooks are called {twice[0]}, and the name is that of the student: rename one")
    options.csv = options.csv.resolve()
    options.reports = options.reports and options.reports.resolve()
    if options.csv.is_dir():
        parser.error(f"{options.csv} is a folder: pass a file for the table, such as grades.csv")
    if options.reports is not None and options.reports.exists() and not options.reports.is_dir():
        parser.error(f"{options.reports} is no folder: pass one for the reports")
    limits = _grading.Limits(
        options.seconds,
        min(10.0, options.seconds / 6),
        options.memory * 1_000_000,
        options.user,
        options.notebook_seconds,
    )
    _contain()
    if not _confined.version():
        print(
            "This system cannot confine a process, so a student's code can read and delete what you can: "
            "the page for teachers says what to do",
            file=sys.stderr,
        )
    elif not _refused.can_refuse():
        print(
            "This system cannot refuse calls to a process, so a student's code can change the rights and dates of your "
            "files and use sockets: the page for teachers says what to do",
            file=sys.stderr,
        )
    try:
        _grading.identity(options.user)
    except ValueError as error:
        _say(str(error), sys.stderr)
        return 1
    return _Run(options, limits).status()


#: No limit is larger: what Linux counts seconds and bytes with holds these.
_MOST_SECONDS, _MOST_MEGABYTES = 1e9, 10**9


def _seconds(text: str) -> float:
    """A limit of time: with nan, 0 or less no answer of anybody could be graded."""
    try:
        seconds = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no number: pass seconds, such as 60") from None
    if not 0 < seconds <= _MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{text} is no limit: pass seconds above 0, up to {_MOST_SECONDS:.0e}")
    return seconds


def _megabytes(text: str) -> int:
    """A limit of memory: −1 would be none at all, and with 0 no answer of anybody could be graded."""
    try:
        megabytes = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no whole number: pass megabytes, such as 2000") from None
    if not 0 < megabytes <= _MOST_MEGABYTES:
        raise argparse.ArgumentTypeError(f"{text} is no limit: pass megabytes above 0, such as 2000")
    return megabytes


class _Run:
    """One call of the command. Every notebook has its rows, whatever the code of another one does."""

    def __init__(self, options: argparse.Namespace, limits: _grading.Limits) -> None:
        self.options, self.limits = options, limits
        self.grades: dict[Path, list[_grading.Grade]] = {}
        written = [options.csv.parent, *([options.reports] if options.reports is not None else [])]
        free = not _confined.version()
        self.kept = _grading.Kept([*options.notebooks, *written], free, free or not _refused.can_refuse())

    def status(self) -> int:
        """Grade, and return the exit status: 1 where something had no grade, 2 where code changed what it must not."""
        status, submissions, stopped = 0, [], ""
        for notebook in self.options.notebooks:  # all of them, before the first one runs
            try:
                submissions.append(_grading.read(notebook, self.options.part))
            except ValueError as error:
                _say(str(error), sys.stderr)
                self.grades[notebook] = _grading.without_grade(notebook, None, str(error))
                status = max(status, 1)
        for submission in submissions:
            notebook = submission.notebook
            if stopped:
                self.grades[notebook] = _grading.without_grade(notebook, submission.part, stopped)
                continue
            try:
                own = _grading.grade(submission, self.limits)
            finally:
                _end_what_is_left()
            changed, lost = self.kept.put_back()
            if changed:
                status = 2
                shown = f"{changed[0]}{f' and {len(changed) - 1} more' if len(changed) > 1 else ''}"
                why = f"its code changed what it must leave alone ({shown}), so none of its answers counts"
                _say(f"{notebook}: {why}", sys.stderr)
                own = _grading.without_grade(notebook, submission.part, why)
                if any(Path(one).suffix == ".py" for one in lost):
                    stopped = f"not graded: {notebook.name} changed pgcode ({lost[0]}), which could not be put back"
                    _say(stopped, sys.stderr)
            self.grades[notebook] = own
            right = sum(one.outcome is Outcome.RIGHT for one in own)
            _say(f"{notebook}: {right} of {len(own)} right", sys.stdout)
            self.write()
        if not self.write():  # once more, now that no code of a student runs
            status = 2
        return status

    def write(self) -> bool:
        """Write the table and all reports that there are so far; say whether they stand where they should."""
        ordered = [self.grades[notebook] for notebook in self.options.notebooks if notebook in self.grades]
        done = [_put(self.options.csv, _grading.table([grade for own in ordered for grade in own]))]
        if self.options.reports is not None:
            for own in ordered:
                done.append(_put(self.options.reports / f"{own[0].student}.md", _grading.report(own)))
        return all(done)


def _say(text: str, stream: TextIO) -> None:
    """Print a line, also where a name of a file holds signs that the console has not."""
    coding = stream.encoding or "utf-8"
    print(text.encode(coding, "backslashreplace").decode(coding), file=stream)


def _put(path: Path, text: str) -> bool:
    """Write a file, in the place of whatever stands there; elsewhere, where that cannot be, and say where."""
    content = text.encode("utf-8")
    for attempt in (_write, _write_in_the_place_of_something):
        with suppress(OSError):
            attempt(path, content)
            return True
    try:
        other = Path(tempfile.mkdtemp(prefix="grades-")) / path.name
        other.write_bytes(content)
    except OSError as error:
        _say(f"{path} cannot be written: {error}. It would hold:\n{text}", sys.stderr)
    else:
        _say(f"{path} cannot be written: it stands in {other}", sys.stderr)
    return False


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise OSError("something else stands there")
    path.write_bytes(content)


def _write_in_the_place_of_something(path: Path, content: bytes) -> None:
    """Where code that is not confined left a link, or a file that cannot be written. A folder is nobody's to delete."""
    path.unlink(missing_ok=True)
    _write(path, content)


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
