"""What functions of ours give on the cases of an exercise: right answers, known mistakes, and changes of either.

Who is told that an answer is wrong tries again, and the next one is compared with the same functions on the same cases.
So what they give is kept from one answer to the next, as far as it can be.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pgcode.exercises._changes_of_arguments import ArgumentChange, OfChanged, argument_changes, constant_changes
from pgcode.exercises._comparing import Result, UnsuitableError, amount, as_result

Cases = Sequence[tuple[Any, ...]]
Function = Callable[..., Any]

#: So many numbers are kept of what candidates give: an exercise has far fewer, and a result may be as large as its
#: author likes.
KEPT = 2_000_000


class Candidates:
    """What functions of ours give in some cases, by their numbers.

    A function is known again by what it is: two that are equal have to give the same, each time.

    Parameters
    ----------
    names : sequence of str
        Those of the arguments.
    cases : list of tuple
        The arguments of each case. No function writes into their arrays.
    """

    def __init__(self, names: Sequence[str], cases: Cases) -> None:
        self.names = names
        self.cases = cases
        self._seen: dict[tuple[Function, int], Result | None] = {}
        self._trusted: dict[tuple[Function, int], Result | None] = {}
        self._changed: dict[tuple[ArgumentChange, int], tuple[Any, ...] | None] = {}
        self._numbers = 0

    @functools.cached_property
    def argument_changes(self) -> list[ArgumentChange]:
        """How the arguments may be misread."""
        return argument_changes(self.names, self.cases)

    @functools.cached_property
    def constant_changes(self) -> list[ArgumentChange]:
        """Which plain numbers may stand in the place of one that is given."""
        return list(constant_changes(self.names, self.cases))

    def trusted(self, function: Function, number: int) -> Result | None:
        """What a known mistake gives in a case; None where it has no result there. Any other error is one of ours."""
        return self._remembered(self._trusted, _result_of_known, function, number)

    def kept(self, function: Function, number: int) -> Result | None:
        """What a function gives in a case, None where that is nothing; it is kept."""
        return self._remembered(self._seen, lambda *_: self.made(function, number), function, number)

    def _remembered(
        self,
        memory: dict[tuple[Function, int], Result | None],
        make: Callable[[Function, tuple[Any, ...]], Result | None],
        function: Function,
        number: int,
    ) -> Result | None:
        key = function, number
        if key in memory:
            return memory[key]
        result = make(function, self.cases[number])
        if self._has_room_for(0 if result is None else amount(result)):
            memory[key] = result
        return result

    def made(self, function: Function, number: int) -> Result | None:
        """What a function gives in a case, None where that is nothing."""
        try:
            if isinstance(function, OfChanged):
                given = self._given(function.change, number)
                with contextlib.suppress(_WritesError):
                    return None if given is None else _called(function.function, _held(given))
            return as_result(function(*_held(self.cases[number])))
        except Exception:  # a change may make nonsense of a function, and then it explains nothing
            return None

    def _given(self, change: ArgumentChange, number: int) -> tuple[Any, ...] | None:
        """The arguments of a case after a change, None where there are none."""
        key = change, number
        if key in self._changed:
            return self._changed[key]
        try:
            given = change.change(_held(self.cases[number]))
        except Exception:
            given = None
        if self._has_room_for(0 if given is None else amount(given)):
            self._changed[key] = given
        return given

    def _has_room_for(self, numbers: int) -> bool:
        if self._numbers + numbers > KEPT:
            return False
        self._numbers += numbers
        return True


class _WritesError(Exception):
    """A function writes into its arguments: it takes some of its own."""


def _result_of_known(function: Function, given: tuple[Any, ...]) -> Result | None:
    try:
        with np.errstate(all="ignore"):
            return as_result(function(*_own(given)))
    except (UnsuitableError, ValueError, IndexError, np.linalg.LinAlgError):
        return None


def _called(function: Function, given: tuple[Any, ...]) -> Result:
    try:
        return as_result(function(*given))
    except ValueError as error:
        if "read-only" in str(error):
            raise _WritesError from error
        raise


def _own(given: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments with arrays of their own, into which a known mistake may write."""
    return tuple(value.copy() if isinstance(value, np.ndarray) else value for value in given)


def _held(given: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments into whose arrays nothing can be written: copies, for ``np.add.at`` writes into what is read-only."""
    held = _own(given)
    for value in held:
        if isinstance(value, np.ndarray):
            value.flags.writeable = False
    return held
