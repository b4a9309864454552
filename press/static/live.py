"""Runs the cells of a page as a notebook does, each time from where the book stands. The worker of a page loads it."""

from __future__ import annotations

import ast
import importlib
import io
import json
import linecache
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

HOME = Path("/home/pyodide")
#: How the names begin by which a traceback calls the code of a page.
CELL, ABOVE = "<cell", "<above"


class Page:
    """What the worker asks for."""

    def __init__(self, post: Callable[[str], object], folder: str) -> None:
        self._post = post
        here = HOME / folder
        here.mkdir(parents=True, exist_ok=True)
        os.chdir(here)
        sys.stdout, sys.stderr = Stream(self.show, "stdout"), Stream(self.show, "stderr")

    def show(self, kind: str, data: dict[str, Any]) -> None:
        """Give the page an output."""
        self._post(json.dumps({"kind": kind, "data": data}))

    def run(self, job: str) -> str:
        """Run what cells need, silently, and then the cells; return how that ended."""
        wanted = json.loads(job)
        names: dict[str, Any] = {"__name__": "__main__"}
        try:
            shown, sys.stdout = sys.stdout, io.StringIO()
            try:
                for number, source in enumerate(wanted.get("setup", ())):
                    execute(source, f"{ABOVE} {number + 1}>", names)
            finally:
                sys.stdout = shown
            for number, cell in enumerate(wanted["cells"]):
                value = execute(cell["source"], f"{CELL} {cell.get('name', number + 1)}>", names)
                if value is not None:
                    sys.stdout.flush()
                    self.show("display", forms(value))
                self.show_drawings()
        except BaseException as error:
            return json.dumps({"ok": False, "error": described(error)})
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
        return json.dumps({"ok": True})

    def call(self, name: str, argument: str) -> str:
        """Call a function of ``pgcode._in_page`` with a value; what shows itself in its answer is an output."""
        module, _, function = name.rpartition(".")
        try:
            called = getattr(importlib.import_module(f"pgcode._in_page.{module}"), function)
            value = json.dumps(called(json.loads(argument)), default=as_output)
        except BaseException as error:
            return json.dumps({"ok": False, "error": described(error)})
        return json.dumps({"ok": True, "value": value})

    def show_drawings(self) -> None:
        """Show the figures of pyplot that are still open."""
        pyplot: Any = sys.modules.get("matplotlib.pyplot")
        for number in pyplot.get_fignums() if pyplot else ():
            buffer = io.StringIO()
            pyplot.figure(number).savefig(buffer, format="svg")
            self.show("display", {"image/svg+xml": buffer.getvalue().partition("?>")[2], "text/plain": ""})
            pyplot.close(number)


class Stream(io.TextIOBase):
    """Gives the page what is printed, line by line."""

    def __init__(self, show: Callable[[str, dict[str, Any]], None], name: str) -> None:
        self._show, self._name, self._waiting = show, name, ""

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, text: str) -> int:
        """Keep a text until its line ends."""
        self._waiting += text
        if "\n" in text:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Give the page what it has not."""
        if self._waiting:
            text, self._waiting = self._waiting, ""
            self._show(self._name, {"text/plain": text})


def execute(source: str, file: str, names: dict[str, Any]) -> Any:
    """Run source, and return the value of the expression at its end."""
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    tree = ast.parse(source, file)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, file, "exec"), names)
    return eval(compile(ast.Expression(last.value), file, "eval"), names) if isinstance(last, ast.Expr) else None


def forms(value: Any) -> dict[str, Any]:
    """Return the forms of a value that is shown."""
    if hasattr(value, "_repr_mimebundle_"):
        return dict(value._repr_mimebundle_())
    made = {"text/plain": repr(value)}
    for name, method in (("text/html", "_repr_html_"), ("image/svg+xml", "_repr_svg_")):
        if hasattr(value, method):
            made[name] = getattr(value, method)()
    return made


def as_output(value: Any) -> dict[str, Any]:
    """Return what shows itself as an output, as ``pgLive.show`` takes it."""
    return {"kind": "display", "data": forms(value)}


def described(error: BaseException) -> dict[str, Any]:
    """Return an error as a notebook shows it, from the first line of a cell on, and the line of the cell."""
    trace = error.__traceback__
    while trace is not None and not trace.tb_frame.f_code.co_filename.startswith((CELL, ABOVE)):
        trace = trace.tb_next
    line = error.lineno if isinstance(error, SyntaxError) else None
    frame = trace
    while frame is not None:
        if frame.tb_frame.f_code.co_filename.startswith(CELL):
            line = frame.tb_lineno
        frame = frame.tb_next
    return {"text": "".join(traceback.format_exception(type(error), error, trace)), "line": line}
