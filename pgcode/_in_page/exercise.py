"""Checks an answer that a reader wrote on the page of an exercise."""

from __future__ import annotations

import contextlib
import importlib
import io
import linecache
import textwrap
import traceback
from typing import Any

import numpy as np

from pgcode._in_page import _progress
from pgcode.exercises import Exercise, FunctionExercise, Outcome
from pgcode.exercises._comparing import describe
from pgcode.exercises._function import advice
from pgcode.exercises._running import PRINTED_CHARACTERS, Run, run
from pgcode.exercises._verdict import Feedback, type_name

#: The name of the reader's code where it stands for a file.
FILE = "<your answer>"
#: Of what is no array, so many characters are shown.
SHOWN_CHARACTERS = 400


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
        ``case``: the number of the case in which a function failed, or None.
    """
    exercise, names, printed, stopped = _read(asked)
    verdict = stopped or _checked(exercise, names)
    failing = None
    if stopped is None and isinstance(exercise, FunctionExercise) and callable(names.get(exercise.name)):
        failing = exercise.failing if verdict.outcome in (Outcome.WRONG, Outcome.ERROR) else None
    return {"verdict": verdict.in_page, "line": verdict.line, "printed": printed, "case": failing}


def case(asked: dict[str, Any]) -> dict[str, Any]:
    """Call a reader's function in one case of the check, and show beside it what is right there.

    Parameters
    ----------
    asked : dict
        What `check` takes, and ``number``, that of the case.

    Returns
    -------
    dict
        ``shown``: lines of text with what the function is given, prints and returns, and with the right result.
        ``line``: the line at which it failed, or 0. Where the code cannot be read, ``verdict`` and ``line`` of `check`.
    """
    exercise, names, printed, stopped = _read(asked)
    if stopped is not None or not callable(names.get(exercise.name)):
        verdict = stopped or _checked(exercise, names)
        return {"verdict": verdict.in_page, "line": verdict.line}
    assert isinstance(exercise, FunctionExercise)
    function, number = names[exercise.name], asked["number"]
    ran = run([lambda: function(*exercise.case(number))], getattr(function, "__code__", None), exercise.seconds)
    rows = [_row(f"{name} =", value) for name, value in zip(exercise.parameters, exercise.case(number), strict=True)]
    if printed or ran.printed:
        rows += ["", "It prints", textwrap.indent((printed + ran.printed).rstrip(), "    ")]
    rows += ["", _ended(ran), _row("Right is  ", exercise.reference(*exercise.case(number)))]
    return {"shown": "\n".join(rows), "line": 0 if ran.failure is None else ran.failure.line}


def _ended(ran: Run) -> str:
    """What a function returned, or how else its call ended."""
    if ran.failure is None:
        return _row("It returns", ran.results[0])
    where = f" at {ran.failure.place}" if ran.failure.place else ""
    if ran.failure.timed_out:
        return f"It does not end{where}"
    return f"It stops with {type_name(ran.failure.kind)}{where}: {ran.failure.message}"


def _row(words: str, value: Any) -> str:
    """A value after some words. An array is shown whole, or its first and last numbers."""
    if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
        shown = np.array2string(
            value, max_line_width=72, precision=6, separator=", ", threshold=200, edgeitems=2, prefix=f"{words} "
        )
    elif isinstance(value, float | np.floating):
        shown = f"{float(value):.8g}"
    else:
        shown = repr(value)
        if callable(value) or len(shown) > SHOWN_CHARACTERS:
            shown = describe(value)
    return f"{words} {shown}"


def _read(asked: dict[str, Any]) -> tuple[Exercise, dict[str, Any], str, Feedback | None]:
    """Run what stands above an answer, and the answer: the exercise, all names, what was printed, how it stopped."""
    exercise = getattr(importlib.import_module(f"pgcode.exercises.{asked['part']}"), asked["name"])
    names: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for number, cell in enumerate(asked["setup"]):
            exec(compile(cell, f"<cell above, {number}>", "exec", dont_inherit=True), names)
    source = asked["source"]
    linecache.cache[FILE] = (len(source), None, source.splitlines(keepends=True), FILE)
    printed, stopped = io.StringIO(), None
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            exec(compile(source, FILE, "exec", dont_inherit=True), names)
    except BaseException as error:  # also SystemExit
        stopped = _stopped(exercise, error)
    return exercise, names, printed.getvalue()[:PRINTED_CHARACTERS], stopped


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
    return Feedback(Outcome.ERROR, exercise.title, (first, block, *advice(type(error), str(error))), line=line)
