"""Every docstring's example runs and prints what it says, and everything public has one."""

import doctest
import importlib
import inspect
import pkgutil
import warnings

import numpy as np
import pytest

import pgcode

MODULES = ["pgcode", *sorted(info.name for info in pkgutil.walk_packages(pgcode.__path__, "pgcode."))]


def examples(module):
    """The docstrings of a module that hold examples; those of names that it only imports belong elsewhere."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    return [test for test in finder.find(module, module.__name__) if test.examples]


@pytest.mark.parametrize("name", MODULES)
def test_examples_print_what_they_say(name, capsys):
    runner = doctest.DocTestRunner(optionflags=doctest.FAIL_FAST, verbose=False)
    for test in examples(importlib.import_module(name)):
        with warnings.catch_warnings(), np.printoptions(precision=8, suppress=False, threshold=1000, linewidth=75):
            warnings.simplefilter("error")
            runner.run(test, clear_globs=True)
    assert not runner.summarize(verbose=False).failed, capsys.readouterr().out


def public_things(module):
    """The functions and classes of a module's ``__all__``, and the public classmethods and staticmethods of these.

    An exercise is neither: its docstring is the task that a reader is told, where an example would be the answer.
    """
    for name in module.__all__:
        thing = getattr(module, name)
        if inspect.isclass(thing):
            yield f"{name}", thing
            for member, value in vars(thing).items():
                if isinstance(value, (classmethod, staticmethod)) and not member.startswith("_"):
                    yield f"{name}.{member}", getattr(thing, member)
        elif inspect.isfunction(thing):
            yield name, thing


@pytest.mark.parametrize("name", [name for name in MODULES if "._" not in name and name != "pgcode"])
def test_everything_public_has_an_example(name):
    parser = doctest.DocTestParser()
    missing = [
        thing
        for thing, value in public_things(importlib.import_module(name))
        if not parser.get_examples(inspect.getdoc(value) or "")
    ]
    assert missing == []
