"""Run a reader's code so that whatever it does ends, is told plainly, and leaves everything else as it was.

This guards against accidents and curiosity. It is no sandbox: the code runs in the reader's own process and may read
the reference answer, as ``solution()`` lets everyone.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import inspect
import io
import linecache
import math
import operator
import os
import random
import signal
import sys
import textwrap
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, compress, repeat
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from pgcode._time_limit import TimeLimitReachedError, call_all

#: What is kept of what the reader's code prints, and of the message of an exception.
PRINTED_CHARACTERS = 10_000
MESSAGE_CHARACTERS = 300

#: How much of a line of the reader's function is shown.
PLACE_CHARACTERS = 70

#: The modules whose contents are put back, besides those of pgcode and the builtins. Held here, whatever becomes of
#: ``sys.modules``.
_GUARDED = {"math": math, "numpy": np, "numpy.linalg": np.linalg, "numpy.random": np.random}

#: The names of the builtins, whatever becomes of the name of their module.
_BUILT_IN = vars(builtins)

_MISSING = object()


@dataclass(frozen=True)
class Failure:
    """How the reader's code ended without a result.

    Attributes
    ----------
    kind : type
        The type of the exception.
    message : str
    place : str
        The line of the reader's function, "line 3, `return 1 / 0`"; empty where it is not known.
    timed_out : bool
    line : int
        The same line, counted in the source that holds the function; 0 where it is not known.
    """

    kind: type[BaseException]
    message: str
    place: str
    timed_out: bool
    line: int = 0


@dataclass(frozen=True)
class Run:
    """What a run of the reader's code left behind.

    Attributes
    ----------
    results : list
        What each call returned; shorter than the calls where one failed.
    failure : Failure or None
    printed : str
    warned : tuple of str
        The warnings, each once.
    restored : tuple of str
        The names of what the code replaced in pgcode, NumPy or the builtins, and what was put back.
    """

    results: list[Any]
    failure: Failure | None
    printed: str
    warned: tuple[str, ...]
    restored: tuple[str, ...]


def run(calls: list[Callable[[], Any]], code: CodeType | None, seconds: float) -> Run:
    """Make calls one after the other until one fails or the time is over.

    Prints and warnings are kept and not shown. The state of NumPy's errors and of the global random generators, the
    recursion limit, the working folder, the tracing, the collection of garbage and the handler of interrupts are put
    back, and so is what the code replaced in pgcode, in the modules that are loaded, in NumPy and in the builtins.

    Parameters
    ----------
    calls : list of callable
    code : code object, optional
        The reader's function, to find the line at which it failed.
    seconds : float
        For all calls together.
    """
    results: list[Any] = []
    stopped: BaseException | None = None
    printed, restored = _Printed(), list[str]()
    put_back = _keeper_of_builtins(restored)
    calls = [_followed_by(put_back, call) for call in calls]
    with _everything_restored(restored), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            try:
                try:
                    call_all(calls, results, seconds)
                finally:
                    put_back()  # once more: the end of the time may have interrupted it
            except BaseException as error:  # also SystemExit, KeyboardInterrupt and the time limit
                stopped = error
    warned = tuple(dict.fromkeys(f"{warning.category.__name__}: {warning.message}" for warning in caught))
    # Described only now, because the code may have replaced what describing it takes.
    failure = None if stopped is None else _describe(stopped, code)
    return Run(results, failure, printed.text, warned, tuple(dict.fromkeys(restored)))


class _Printed(io.StringIO):
    """Keeps the beginning of what is printed, also when it is closed."""

    text = ""

    def write(self, written: str) -> int:
        self.text += written[: max(PRINTED_CHARACTERS - len(self.text), 0)]
        return len(written)


def _keeper_of_builtins(replaced: list[str], now: dict[str, Any] = _BUILT_IN) -> Callable[[], None]:
    """A function that undoes what is replaced in the builtins, by none of them: any may be what was replaced."""
    before, missing = dict(now), _MISSING

    def put_back() -> None:
        changed = [key for key in before if now.get(key, missing) is not before[key]]
        if changed:
            now.update(before)
            replaced.extend([f"builtins.{key}" for key in changed])

    return put_back


def _followed_by(then: Callable[[], None], call: Callable[[], Any]) -> Callable[[], Any]:
    """A call after which something is done at once, before other code takes what the call may have broken."""

    def called() -> Any:
        try:
            return call()
        finally:
            then()

    return called


@contextlib.contextmanager
def _everything_restored(replaced: list[str]) -> Iterator[None]:
    """Put back what the code inside changes, but for the builtins, and note the names of what it replaced."""
    loaded, everything = dict(sys.modules), _everything()
    states = [list(map(part, everything.functions)) for part in _PARTS]
    try:
        with np.printoptions(), _settings_restored():
            yield
    finally:
        for name, module in loaded.items():
            if sys.modules.get(name) is not module:
                sys.modules[name] = module
                replaced.append(f"sys.modules['{name}']")
        if not everything.is_true():
            for name, holds in everything.owners:
                if not holds.is_true():
                    replaced += [f"{name}.{key}" for key in _put_back(holds.owner, holds.names)]
                    if name.startswith("pgcode"):
                        replaced += [f"{name}.{key}" for key in _take_away_what_is_new(holds.owner, holds.names)]
        now = [list(map(part, everything.functions)) for part in _PARTS]
        if not all(map(_same, now, states)):
            for function, code, defaults, keyword_defaults in zip(everything.functions, *states, strict=True):
                if function.__code__ is not code:
                    function.__code__ = code
                    replaced.append(f"{function.__qualname__}.__code__")
                function.__defaults__, function.__kwdefaults__ = defaults, keyword_defaults


@contextlib.contextmanager
def _settings_restored() -> Iterator[None]:
    """Put back the settings of Python and NumPy that belong to everyone."""
    errors, error_call = np.geterr(), np.geterrcall()
    numpy_random = np.random.get_state()  # noqa: NPY002 - the reader's code may use it
    python_random, recursion_limit = random.getstate(), sys.getrecursionlimit()
    folder, collects, profiler = Path.cwd(), gc.isenabled(), sys.getprofile()
    on_interrupt = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if sys.getprofile() is not profiler:
            sys.setprofile(profiler if callable(profiler) else None)  # that of cProfile cannot be set from Python
        sys.setrecursionlimit(recursion_limit)
        os.chdir(folder)
        if collects:
            gc.enable()
        if threading.current_thread() is threading.main_thread():  # no other may
            signal.signal(signal.SIGINT, on_interrupt)
        random.setstate(python_random)
        np.random.set_state(numpy_random)  # noqa: NPY002
        np.seterr(**errors)
        np.seterrcall(error_call)


def _put_back(owner: Any, before: Mapping[str, Any]) -> list[str]:
    """Undo what was replaced in or deleted from a module, a class or an object, and return the names."""
    now = map(vars(owner).get, before, repeat(_MISSING))
    changed = list(compress(before, map(operator.is_not, now, before.values())))
    for key in changed:
        if isinstance(owner, type):
            type.__setattr__(owner, key, before[key])  # an enumeration refuses it for its members
        else:
            vars(owner)[key] = before[key]
    return changed


def _take_away_what_is_new(owner: Any, before: Mapping[str, Any]) -> list[str]:
    """Undo what was added, such as a method that hides that of the class; modules that were imported stay."""
    added = vars(owner).keys() - before.keys()
    new = [key for key in added if not isinstance(vars(owner)[key], ModuleType)]
    new = sorted((key for key in new if not str(key).startswith("__")), key=str)  # Python's own notes
    for key in new:
        if isinstance(owner, type):
            type.__delattr__(owner, key)
        else:
            del vars(owner)[key]
    return new


@dataclass(frozen=True)
class _Holds:
    """What a module, a class or an object holds by which names, and what of that can hold something itself."""

    owner: Any
    names: dict[str, Any]
    functions: tuple[FunctionType, ...]
    owners: tuple[tuple[str, Any], ...]

    def is_true(self) -> bool:
        """Tell whether it holds the same still, in the same order."""
        now, names = vars(self.owner), self.names
        return list(now) == list(names) and all(map(operator.is_, now.values(), names.values()))


class _Everything:
    """What all owners hold, in one row, which is compared at once: one by one they take much longer."""

    def __init__(self, modules: list[tuple[str, ModuleType]], owners: list[tuple[str, _Holds]]) -> None:
        self.modules = modules
        self.owners = owners
        self.functions = [function for _, holds in owners for function in holds.functions]
        self._each = [holds.owner for _, holds in owners]
        self._lengths = [len(holds.names) for _, holds in owners]
        self._names = [name for _, holds in owners for name in holds.names]
        self._values = [value for _, holds in owners for value in holds.names.values()]

    def is_true(self) -> bool:
        """Tell whether all of them hold the same still, in the same order."""
        held = list(map(vars, self._each))
        return (
            list(map(len, held)) == self._lengths
            and list(chain.from_iterable(held)) == self._names
            and _same(list(chain.from_iterable(map(_values_of, held))), self._values)
        )


def _same(now: list[Any], before: list[Any]) -> bool:
    """Tell whether two rows of one length hold the same objects: what equals another may be another."""
    return all(map(operator.is_, now, before))


#: What of a function can be replaced and matters.
_PARTS = tuple(map(operator.attrgetter, ("__code__", "__defaults__", "__kwdefaults__")))

#: The values of what a module, a class or an object holds.
_values_of = operator.methodcaller("values")

#: What each owner held when it was last looked at, and all of them: to look anew takes longer than many an answer.
_KNOWN: dict[int, _Holds] = {}
_SEEN: list[_Everything] = []


def _held_by(owner: Any) -> _Holds:
    known = _KNOWN.get(id(owner))
    if known is not None and known.owner is owner and known.is_true():
        return known
    names = dict(vars(owner))
    functions = tuple(
        value for value in names.values() if type(value) is FunctionType and str(value.__module__).startswith("pgcode")
    )
    owners = tuple((key, value) for key, value in names.items() if _is_owner(value))
    _KNOWN[id(owner)] = holds = _Holds(owner, names, functions, owners)
    return holds


def _is_owner(value: Any) -> bool:
    """Tell whether a value of a module is a class or an object of pgcode whose attributes can be replaced."""
    if isinstance(value, ModuleType) or not hasattr(value, "__dict__"):
        return False
    home = value.__module__ if isinstance(value, type) else type(value).__module__
    return str(home).startswith("pgcode.")  # one that was made of a text has none


def _everything() -> _Everything:
    """The modules, classes and objects whose attributes are put back, by their names, and what they hold."""
    named = [(str(name), module) for name, module in sys.modules.items()]  # whatever somebody has put there
    modules = [one for one in named if f"{one[0]}.".startswith("pgcode.") and isinstance(one[1], ModuleType)]
    if _SEEN and modules == _SEEN[0].modules and _SEEN[0].is_true():
        return _SEEN[0]
    found = [(name, _held_by(module)) for name, module in _GUARDED.items()]
    seen: set[int] = set()
    for name, module in modules:
        holds = _held_by(module)
        found.append((name, holds))
        for key, value in holds.owners:
            if id(value) not in seen:
                seen.add(id(value))
                found.append((f"{name}.{key}", _held_by(value)))
    _SEEN[:] = [_Everything(modules, found)]
    return _SEEN[0]


def _describe(error: BaseException, code: CodeType | None) -> Failure:
    try:
        message = " ".join(str(error)[:MESSAGE_CHARACTERS].split())
    except BaseException:  # an exception of the reader's own may fail at this too
        message = ""
    place, line = ("", 0) if code is None else _place(error, code)
    return Failure(type(error), message, place, type(error) is TimeLimitReachedError, line)


def _place(error: BaseException, code: CodeType) -> tuple[str, int]:
    """The last line of the reader's function that was running, in words, and its number in the source.

    The words are empty for a function of one line.
    """
    found, number = "", 0
    trace = BaseException.__dict__["__traceback__"].__get__(error)  # whatever a class of the reader's makes of it
    for frame, line in traceback.walk_tb(trace):
        if frame.f_code is code:
            number = line
        if frame.f_code is code and line > code.co_firstlineno:
            text = textwrap.shorten(linecache.getline(code.co_filename, line), PLACE_CHARACTERS, placeholder=" …")
            found = f"line {line - code.co_firstlineno + 1}" + (f", `{text}`" if text and "`" not in text else "")
    return found, number


def code_of(function: Any) -> CodeType | None:
    """Return the code of a function, of a method, or of what a decorator has wrapped."""
    found = None
    with contextlib.suppress(Exception):  # an object of the reader's own may refuse
        found = getattr(inspect.unwrap(function), "__code__", None)
    return found if isinstance(found, CodeType) else None
