"""Runs the cells of a page as a notebook does, each time from where the book stands. The worker of a page loads it."""

from __future__ import annotations

import ast
import importlib
import io
import json
import linecache
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from press.live import needs, stand_ins

HOME = Path.home()
#: What a traceback calls the code of a cell, where the page gives it no other name.
CELL = "this cell"
#: Printed lines are collected for so many seconds.
PAUSE = 0.05


class Page:
    """What the worker asks for."""

    def __init__(self, post: Callable[[str], object], page: str) -> None:
        self._post = post
        settings = json.loads(page)
        here = HOME / settings["folder"]
        here.mkdir(parents=True, exist_ok=True)
        os.chdir(here)
        self._writer = Writer(settings["root"])
        self._streams = Stream(self.show, "stdout"), Stream(self.show, "stderr")
        sys.stdout, sys.stderr = self._streams
        stand_ins.install(self.display, self.progress)

    def post(self, kind: str, **message: Any) -> None:
        """Tell the page something."""
        self._post(json.dumps({"kind": kind, **message}))

    def show(self, kind: str, data: Mapping[str, Any]) -> None:
        """Give the page an output."""
        self.post("output", output={"kind": kind, "data": data})

    def progress(self, text: str, share: float | None) -> None:
        """Tell how far something is."""
        self.post("progress", text=text, share=share)

    def display(self, value: Any) -> None:
        """Show a value, after what was printed before it."""
        self._flush()
        self.show("display", self._writer.as_built(forms(value)))

    def _flush(self) -> None:
        for stream in self._streams:
            stream.flush()

    def run(self, job: str) -> str:
        """Run what cells need, silently, and then the cells; return how that ended."""
        wanted = json.loads(job)
        names: dict[str, Any] = {"__name__": "__main__", "display": self.display}
        answer: dict[str, Any] = {"ok": True}
        files = {f"<{cell.get('name') or CELL}>" for cell in wanted["cells"]}
        tidy()
        try:
            setup = self._setup(wanted, answer)
            sys.stdout = io.StringIO()
            try:
                for number, source in enumerate(setup):
                    files.add(f"<above, part {number + 1}>")
                    execute(source, f"<above, part {number + 1}>", names)
            finally:
                sys.stdout = self._streams[0]
            close_drawings()
            for cell in wanted["cells"]:
                value = execute(cell["source"], f"<{cell.get('name') or CELL}>", names)
                if value is not None:
                    self.display(value)
                self._show_drawings()
        except BaseException as error:
            answer |= {"ok": False, "error": described(error, files)}
        finally:
            self._flush()
        return json.dumps(answer)

    def _setup(self, wanted: Mapping[str, Any], answer: dict[str, Any]) -> list[str]:
        """Return what has to be run before; where the reader has changed something above, find out what that is."""
        edited = wanted.get("edited")
        if not edited:
            return list(wanted.get("setup", ()))
        slice_ = needs.needed(edited["sources"], edited["index"])
        answer["uses"] = sorted({one.cell for one in slice_} & set(edited["changed"]))
        return [one.source for one in slice_]

    def slice(self, job: str) -> str:
        """Return what has to be run before a cell of a page, so that the page knows which of its outputs are behind."""
        wanted = json.loads(job)
        try:
            slice_ = needs.needed(wanted["sources"], wanted["index"])
        except (SyntaxError, ValueError):
            return json.dumps({"ok": False})
        return json.dumps({"ok": True, "slice": [one.source for one in slice_]})

    def call(self, name: str, argument: str) -> str:
        """Call a function of ``pgcode._in_page`` with a value; what shows itself in its answer is an output."""
        module, _, function = name.rpartition(".")
        try:
            called = getattr(importlib.import_module(f"pgcode._in_page.{module}"), function)
            value = json.dumps(called(json.loads(argument)), default=self.as_output)
        except BaseException as error:
            return json.dumps({"ok": False, "error": described(error, set())})
        finally:
            self._flush()
        return json.dumps({"ok": True, "value": value})

    def as_output(self, value: Any) -> Any:
        """Return what shows itself as an output for ``pgLive.show``, and arrays as lists."""
        if hasattr(value, "tolist"):
            return value.tolist()
        return {"kind": "display", "data": self._writer.as_built(forms(value))}

    def _show_drawings(self) -> None:
        """Show the figures of pyplot that are still open, as a notebook does at the end of a cell."""
        pyplot: Any = sys.modules.get("matplotlib.pyplot")
        for number in pyplot.get_fignums() if pyplot else ():
            self.display(pyplot.figure(number))
        close_drawings()


class Stream(io.TextIOBase):
    """Gives the page what is printed, some lines at a time."""

    def __init__(self, show: Callable[[str, dict[str, Any]], None], name: str) -> None:
        self._show, self._name, self._waiting, self._shown = show, name, "", 0.0

    def writable(self) -> bool:
        """Say that it takes text."""
        return True

    def write(self, text: str) -> int:
        """Keep a text until a line ends and some time has gone by."""
        self._waiting += text
        if "\n" in text and time.monotonic() - self._shown > PAUSE:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Give the page what it has not."""
        if self._waiting:
            text, self._waiting = self._waiting, ""
            self._show(self._name, {"text/plain": text})
            self._shown = time.monotonic()


class Writer:
    """Writes what shows itself as data in the way in which it was written when the page was built."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._tools: Any = None

    def as_built(self, data: dict[str, Any]) -> dict[str, Any]:
        """Return the forms of a value, with its HTML as in the page."""
        kind = next((name for name in data if name.startswith("application/vnd.pgcode.")), None)
        if kind is None:
            return data
        tools = self._tools = self._tools or self._load()
        build = tools["builders"].get(kind)
        if build is None:
            return data
        return {"text/html": self.written(build(data[kind])), "text/plain": data.get("text/plain", "")}

    def written(self, parts: list[Any]) -> str:
        """Return nodes as HTML."""
        tools = self._tools = self._tools or self._load()
        document = tools["nodes"].document("", *parts)
        for transform in tools["transforms"]:
            transform(document)
        translator = tools["nodes"].Translator(tools["writers"], self._root, tools["places"])
        translator.write(document)
        return "".join(translator.body)

    def _load(self) -> dict[str, Any]:
        """Import the modules that write outputs, with this folder's ``nodes`` in the place of docutils."""
        from press.live import nodes

        nodes.stand_in()
        outputs, joints, formulas, links = (
            importlib.import_module(f"press.{name}") for name in ("outputs", "joints", "formulas", "errata_links")
        )
        file = Path(__file__).with_name("places.json")
        places = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        config = stand_ins.Namespace(press_labels=places.get("pattern", ""))
        app = stand_ins.Namespace(config=config, builder=stand_ins.Namespace(format="html"))
        return {
            "nodes": nodes,
            "builders": outputs.BUILDERS,
            "writers": {node: one for module in outputs.MODULES for node, one in module.WRITERS.items()},
            "transforms": [
                lambda document: links.link_labels(app, document),
                lambda document: joints.add_joints(app, document, ""),
                lambda document: formulas.keep_marks(app, document, ""),
            ],
            "places": places,
        }


def execute(source: str, file: str, names: dict[str, Any]) -> Any:
    """Run source, and return the value of the expression at its end."""
    linecache.cache[file] = (len(source), None, source.splitlines(True), file)
    tree = ast.parse(source, file)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, file, "exec", dont_inherit=True), names)
    hidden = source.rstrip().endswith(";")  # as in a notebook
    value = None
    if isinstance(last, ast.Expr):
        value = eval(compile(ast.Expression(last.value), file, "eval", dont_inherit=True), names)
    return None if hidden else value


def forms(value: Any) -> dict[str, Any]:
    """Return the forms of a value that is shown."""
    if hasattr(value, "_repr_mimebundle_"):
        return dict(value._repr_mimebundle_())
    made = {"text/plain": repr(value)}
    for name, method in (("text/html", "_repr_html_"), ("image/svg+xml", "_repr_svg_")):
        if hasattr(value, method):
            made[name] = getattr(value, method)()
    if hasattr(value, "savefig"):
        drawn = io.StringIO()
        value.savefig(drawn, format="svg", bbox_inches="tight")
        made["image/svg+xml"] = drawn.getvalue().partition("?>")[2]
    return made


def tidy() -> None:
    """Put back what a cell may have set for all that come after it."""
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        numpy.set_printoptions(
            precision=8, suppress=False, linewidth=75, threshold=1000, edgeitems=3, sign="-", floatmode="maxprec",
            nanstr="nan", infstr="inf", formatter=None, legacy=False,
        )  # fmt: skip
    close_drawings()


def close_drawings() -> None:
    """Close the figures of pyplot."""
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")


def described(error: BaseException, files: set[str]) -> dict[str, Any]:
    """Return an error as Python shows it, with the frames that are in cells alone, and the line of the cell.

    What is missing is named too: the worker loads it, where it can, and runs the cell again.
    """
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename not in files:
        trace = trace.tb_next
    line, frame = error.lineno if isinstance(error, SyntaxError) else None, trace
    above = False
    while frame is not None:
        name = frame.tb_frame.f_code.co_filename
        if name in files:
            above = name.startswith("<above")
            line = None if above else frame.tb_lineno
        frame = frame.tb_next
    told = traceback.TracebackException(type(error), error, trace)
    keep_frames(told, files)
    return {"text": "".join(told.format()), "line": line, "above": above, "missing": missing(error)}


def keep_frames(told: traceback.TracebackException | None, files: set[str]) -> None:
    """Keep of an error, and of those that led to it, the frames that are in some files."""
    while told is not None:
        frames = [frame for frame in told.stack if frame.filename in files]
        told.stack = traceback.StackSummary.from_list(frames) if frames else None  # type: ignore[assignment]
        told = told.__cause__ or told.__context__


def missing(error: BaseException | None) -> str:
    """Return the name of the module for want of which something failed, or ""."""
    while error is not None:
        if isinstance(error, ModuleNotFoundError) and error.name:
            return error.name.partition(".")[0]
        error = error.__cause__ or error.__context__
    return ""
