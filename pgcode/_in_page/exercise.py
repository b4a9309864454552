"""Checks an answer that a reader wrote on the page of an exercise."""

from __future__ import annotations

import contextlib
import importlib
import io
import linecache
import traceback
from typing import Any

from pgcode._in_page import _progress
from pgcode.exercises import Exercise, FunctionExercise, Outcome
from pgcode.exercises._running import PRINTED_CHARACTERS
from pgcode.exercises._verdict import Feedback

#: The name of the reader's code where it stands for a file.
FILE = "<your answer>"


def check(asked: dict[str, Any]) -> dict[str, Any]:
    """Run a reader's code as the notebook would, and say what its answer is.

    Parameters
    ----------
    asked : dict
        ``part`` and ``name`` of the exercise, ``source``, which is the reader's code, and ``setup``, a list of cells
        that stand above it.

    Returns
    -------
    dict
        ``verdict``: the fields of the verdict, as pages show it. ``line``: the line of the reader's code at which it
        failed, or 0. ``printed``: what the code printed while it was read, not what the function printed in the check.
    """
    exercise = getattr(importlib.import_module(f"pgcode.exercises.{asked['part']}"), asked["name"])
    names: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for number, cell in enumerate(asked["setup"]):
            exec(compile(cell, f"<cell above, {number}>", "exec", dont_inherit=True), names)
    source = asked["source"]
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            exec(compile(source, FILE, "exec", dont_inherit=True), names)
    except BaseException as error:  # also SystemExit
        verdict = _stopped(exercise, error)
    else:
        verdict = _checked(exercise, names)
    told = printed.getvalue()[:PRINTED_CHARACTERS]
    return {"verdict": verdict.in_page, "line": verdict.line, "printed": told}


def _checked(exercise: Exercise, names: dict[str, Any]) -> Feedback:
    if exercise.name not in names:
        told = f"Your code defines no `{exercise.name}`: that is the name that is checked."
        return Feedback(Outcome.ERROR, exercise.title, (told,))
    if isinstance(exercise, FunctionExercise):
        exercise.before_search = _not_right
    verdict = exercise.check(names[exercise.name])
    if verdict.outcome is Outcome.NOT_ATTEMPTED:
        return Feedback(verdict.outcome, exercise.title, ("Put your answer in the place of the dots.",))
    return verdict


def _not_right() -> None:
    """Tell what is known already."""
    _progress.tell("It is not right. Looking for the mistake that gives your result")


def _stopped(exercise: Exercise, error: BaseException) -> Feedback:
    """The verdict on code that cannot be read, or that fails before there is an answer."""
    if isinstance(error, SyntaxError) and error.filename == FILE:
        first = "Python cannot read your code."
        line = error.lineno or 0
        shown = traceback.format_exception_only(error)
    else:
        here = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE]
        line = here[-1].lineno or 0 if here else 0
        where = f" at line {line}" if line else ""
        first = f"Your code stopped{where}, before there was an answer."
        shown = [*traceback.format_list(here), *traceback.format_exception_only(error)]
    block = "\n".join(f"    {row}" for row in "".join(shown).rstrip().splitlines())
    return Feedback(Outcome.ERROR, exercise.title, (first, block), line=line)
