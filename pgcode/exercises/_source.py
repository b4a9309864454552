"""The source text of a function, and whether a function is still a stub."""

from __future__ import annotations

import ast
import dis
import inspect
import textwrap
from collections.abc import Callable
from types import FunctionType
from typing import Any

#: What a function's code consists of when its body is dots, ``pass`` or nothing but a docstring.
_STUB_INSTRUCTIONS = {"RESUME", "NOP", "LOAD_CONST", "RETURN_VALUE", "RETURN_CONST", "CACHE", "COPY_FREE_VARS"}


def answer_source(function: Callable[..., Any]) -> str:
    """Return the source of a function as a reader would write it: without decorators and annotations.

    The lines of the body stay as they are, with their comments.
    """
    return without_annotations(textwrap.dedent(inspect.getsource(function)))


def without_annotations(source: str) -> str:
    """Return the source of one function without its decorators and annotations; the body stays as it is."""
    (definition,) = ast.parse(source).body
    assert isinstance(definition, ast.FunctionDef)
    arguments = definition.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    for argument in every:
        if argument is not None:
            argument.annotation = None
    body = source.splitlines()[definition.body[0].lineno - 1 :]
    return "\n".join([f"def {definition.name}({ast.unparse(arguments)}):", *body]).rstrip() + "\n"


def is_stub(function: object) -> bool:
    """Tell whether a function does nothing yet: it returns None, dots or NotImplemented at once."""
    code = function.__code__ if type(function) is FunctionType else None
    if code is None or code.co_flags & (inspect.CO_GENERATOR | inspect.CO_COROUTINE):
        return False
    returned: object = None
    for instruction in dis.get_instructions(code):
        if instruction.opname == "LOAD_GLOBAL" and instruction.argval == "NotImplemented":
            returned = NotImplemented
        elif instruction.opname not in _STUB_INSTRUCTIONS:
            return False
        elif instruction.opname in {"LOAD_CONST", "RETURN_CONST"}:
            returned = instruction.argval
    return is_blank(returned)


def is_blank(answer: object) -> bool:
    """Tell whether this is what stands where no answer has been given."""
    return answer is None or answer is ... or answer is NotImplemented
