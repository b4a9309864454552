"""What an answer does when it is called on the cases of an exercise: all that a verdict has to know of it.

A check in a notebook makes it there. Where notebooks are graded, it is made in the process of the student, which holds
no reference answer, and the verdict in the process that grades.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pgcode.exercises._comparing import Result, as_result, same_value
from pgcode.exercises._running import Run, code_of, run
from pgcode.exercises._source import is_blank, is_stub
from pgcode.exercises._verdict import an_object, type_name

Case = tuple[Any, ...]


@dataclass(frozen=True)
class Attempt:
    """What became of an answer.

    Attributes
    ----------
    blank : bool
        Whether there is none yet: dots, or a function that does nothing.
    instead : str
        What it is, where it is no function.
    problem : str
        What is wrong with its parameters.
    ran : Run or None
        What came of the calls, where there was nothing wrong so far.
    changed : tuple of str
        The parameters that it changes in place.
    further : callable
        Takes further cases and returns the results on them, as far as there are some.
    """

    blank: bool = False
    instead: str = ""
    problem: str = ""
    ran: Run | None = None
    changed: tuple[str, ...] = ()
    further: Callable[[Sequence[Case]], list[Result]] = field(default=lambda _: [])


def attempt(answer: Any, parameters: list[str], cases: Callable[[], list[Case]], seconds: float) -> Attempt:
    """Call an answer on cases.

    Parameters
    ----------
    answer : object
    parameters : list of str
        The names of those of the reference answer.
    cases : callable
        Makes the cases anew: for the calls, and to see what these changed.
    seconds : float
        For all cases together.
    """
    if is_blank(answer) or is_stub(answer):
        return Attempt(blank=True)
    if not callable(answer):
        return Attempt(instead=an_object(answer))
    arguments = cases()
    problem = parameters_problem(answer, parameters, arguments[0])
    if problem:
        return Attempt(problem=problem)
    ran = _ran(answer, arguments, seconds)
    changed: tuple[str, ...] = ()
    if ran.failure is None:
        changed = _changed(parameters, arguments, cases())
    return Attempt(ran=ran, changed=changed, further=lambda given: _ran(answer, given, seconds).results)


def _ran(answer: Callable[..., Any], cases: Sequence[Case], seconds: float) -> Run:
    return run([_call(answer, given) for given in cases], code_of(answer), seconds)


def _call(answer: Callable[..., Any], arguments: Case) -> Callable[[], Result]:
    return lambda: as_result(answer(*arguments))


def _changed(parameters: list[str], arguments: list[Case], before: list[Case]) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            name
            for now, original in zip(arguments, before, strict=True)
            for name, one, other in zip(parameters, now, original, strict=True)
            if not same_value(one, other)
        )
    )


def parameters_problem(answer: Callable[..., Any], needed: list[str], arguments: Case) -> str:
    """Say why a function cannot be called with some arguments, or takes them in another order; empty where it can."""
    try:
        signature = inspect.signature(answer)
    except (ValueError, TypeError):
        return ""  # some compiled functions have none
    except BaseException as error:
        return f"The parameters of your function cannot be read: {type_name(type(error))}."
    taken = list(signature.parameters)
    try:
        signature.bind(*arguments)
    except TypeError:
        by_name = any(parameter.kind is parameter.KEYWORD_ONLY for parameter in signature.parameters.values())
        return (
            f"Your function takes the parameters {_without_annotations(signature)}, and it is called with "
            f"{len(arguments)}: ({', '.join(needed)})."
            + (" They are passed in this order and without their names." if by_name else "")
        )
    if taken != needed and sorted(taken) == sorted(needed):
        return (
            f"Your function takes the parameters in the order ({', '.join(taken)}), and it is called with "
            f"({', '.join(needed)})."
        )
    return ""


def _without_annotations(signature: inspect.Signature) -> str:
    bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()]
    try:
        return str(inspect.Signature(bare))
    except Exception:  # a default value of the reader's own that cannot be shown
        return f"({', '.join(signature.parameters)})"
