"""One table of inputs that nobody should pass, and somebody will: each is answered rightly, or by a clear error.

The rows stand in ``nasty/``, one module for each module of pgcode, as a dictionary ``CASES`` from a name to a call and
what must come of it: a regular expression that the message of its error matches, or a predicate that its result
satisfies. A warning is an error here. An error counts only where a ``raise`` of pgcode gives it: the raw message of a
package below names nothing that the caller has passed.
"""

import importlib.util
import re
import traceback
import warnings
from pathlib import Path

import pytest

import pgcode

PACKAGE = Path(pgcode.__file__).parent
FOLDER = Path(__file__).parent / "nasty"


def cases(path):
    spec = importlib.util.spec_from_file_location(f"nasty_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.CASES.items()


ROWS = [
    pytest.param(call, expected, id=f"{path.stem}: {name}")
    for path in sorted(FOLDER.glob("*.py"))
    for name, (call, expected) in cases(path)
]


def answer(call):
    """What comes of a call, be it a result or one of the errors by which a caller is told."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return call()
        except (TypeError, ValueError, KeyError, ImportError) as error:
            return error


@pytest.mark.parametrize(("call", "expected"), ROWS)
def test_nasty_input(call, expected):
    came = answer(call)
    if not isinstance(expected, str):
        assert not isinstance(came, Exception), came
        assert expected(came), came
        return
    assert isinstance(came, Exception), f"no error, but {came!r}"
    assert re.search(expected, str(came)), came
    last = traceback.extract_tb(came.__traceback__)[-1]
    by_pgcode = PACKAGE in Path(last.filename).parents and last.line.startswith("raise ")
    # A row may also do what raises itself, such as write to an array that is read-only.
    assert by_pgcode or Path(last.filename).parent == FOLDER, f"{last.filename}:{last.lineno} raised it: {came!r}"


def test_every_module_of_rows_is_read():
    assert {path.stem for path in FOLDER.glob("*.py")} <= {path.stem for path in PACKAGE.glob("*.py")} | {
        path.name for path in PACKAGE.iterdir() if path.is_dir()
    }
