"""Runs inside the browser's Python: the cells of a notebook as a kernel runs them, and tests as pytest runs them."""

import contextlib
import dataclasses
import html
import io
import json
import os
import re
import sys
import types
from pathlib import Path


class _Cell:
    """What a cell shows, in the form in which notebooks store it."""

    def __init__(self, shell):
        from IPython.core.displayhook import CapturingDisplayHook

        class Hook(CapturingDisplayHook):
            is_active = do_full_cache = False

        self.streams, self.shown, self.results = {"stdout": io.StringIO(), "stderr": io.StringIO()}, [], []
        shell.display_pub.publish, shell.display_pub.clear_output = self.publish, self.clear_output
        shell.display_trap.hook = shell.displayhook = Hook(shell, self.results)
        shell._showtraceback = lambda *_arguments: None  # an error is an output of its own

    def publish(self, data, metadata=None, **_options):
        """Take what ``display`` shows."""
        self.shown.append({"output_type": "display_data", "data": dict(data)})

    def clear_output(self, wait=False):
        """Take back what was shown."""
        self.shown.clear()

    def run(self, shell, source):
        """Run it, and return its outputs."""
        with contextlib.redirect_stdout(self.streams["stdout"]), contextlib.redirect_stderr(self.streams["stderr"]):
            ran = shell.run_cell(source, store_history=True)
        said = {name: stream.getvalue() for name, stream in self.streams.items()}
        outputs = [{"output_type": "stream", "name": name, "text": text} for name, text in said.items() if text]
        outputs += self.shown
        outputs += [{"output_type": "execute_result", "data": result["data"]} for result in self.results]
        error = ran.error_before_exec or ran.error_in_exec
        if error is not None:
            outputs.append({"output_type": "error", "ename": type(error).__name__, "evalue": str(error)})
        return outputs


class _FirstFrame:
    """Draws the first frame of a cell's sliders, and gives the others its lines and their own words."""

    def __init__(self, draw):
        self.draw, self.first = draw, None

    def __call__(self, figure, alt, caption=None, salt=""):
        if self.first is None:
            self.first = self.draw(figure, alt, caption, salt)
            return self.first
        import matplotlib.pyplot as plt

        plt.close(figure)
        words = html.escape(alt, quote=False).replace('"', "&quot;")
        svg = re.sub('aria-label="[^"]*"', lambda _: f'aria-label="{words}"', self.first.svg, count=1)
        return dataclasses.replace(self.first, svg=svg, alt=alt, caption=caption)


def run_notebook(request):
    """Run the cells of a notebook in a namespace of their own and return, for each, its outputs.

    A cell with the tag ``nbval-skip`` is not run, as it is not natively.
    """
    import matplotlib.pyplot as plt
    import numpy as np
    from IPython.core.interactiveshell import InteractiveShell

    from pgcode.figures import _slider, _svg

    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.reset(new_session=True)
    plt.close("all")
    plt.rcdefaults()
    path = Path("/repository", json.loads(request))
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = []
    with np.printoptions(), contextlib.chdir(path.parent):
        for cell in cells:
            if cell["cell_type"] == "code":
                is_run = "nbval-skip" not in cell["metadata"].get("tags", [])
                _slider.draw = _FirstFrame(_svg.draw)
                outputs.append(_Cell(shell).run(shell, "".join(cell["source"])) if is_run else [])
    _slider.draw = _svg.draw
    return json.dumps(outputs, default=str)


def time_statements(request):
    """Run cells one after the other, statement by statement as a page runs them; return the seconds of each in each.

    It takes an interpreter of its own. A cell that fails is left where it does.
    """
    from js import process

    if "/repository" not in sys.path:
        os.environ["MPLBACKEND"] = "agg"
        sys.path.append("/repository")
    from press.live import in_page, needs

    asked = json.loads(request)
    page = in_page.Page(lambda message: None, json.dumps({"folder": asked["folder"], "root": "../"}))
    names = {"__name__": "__main__", "display": page.display}
    found = []
    for number, source in enumerate(asked["sources"]):
        found.append([])
        statements = needs.statements(source)
        for place, statement in enumerate(statements):
            before = process.cpuUsage()
            try:
                value = in_page.execute(statement.source, f"<{number}, {place}>", names)
                if value is not None:
                    page.display(value)
                if place == len(statements) - 1:
                    page._show_drawings()
            except Exception:
                break
            finally:
                used = process.cpuUsage(before)
                found[-1].append((used.user + used.system) / 1e6)
    return json.dumps(found)


#: What some tests import at their top and the browser does not have.
ABSENT = ("scipy", "scipy.linalg", "scipy.sparse", "scipy.special", "scipy.stats", "nbclient", "nbclient.exceptions")
ABSENT += ("nbformat", "nbformat.v4")


class _Absent(types.ModuleType):
    """A module that the browser does not have: tests can be collected that import it, and fail where they use it."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _Absent(f"{self.__name__}.{name}")

    def __call__(self, *_arguments, **_options):
        raise ModuleNotFoundError(f"{self.__name__} is not in the browser")


class _Record:
    """A plugin of pytest that leaves tests out and keeps what became of the others."""

    def __init__(self, left_out):
        self.names, self.left_out, self.outcomes = set(left_out), [], {}

    def pytest_collection_modifyitems(self, config, items):
        """Leave out what is named, and what is marked as slow."""
        kept = []
        for item in items:
            name = f"{item.path.name}::{item.nodeid.partition('::')[2]}"
            if self.names & {name, name.partition("[")[0]}:
                self.left_out.append(name)
            elif not item.get_closest_marker("slow"):
                kept.append(item)
        config.hook.pytest_deselected(items=[item for item in items if item not in kept])
        items[:] = kept

    def pytest_runtest_logreport(self, report):
        """Keep the worst of set-up, call and tear-down."""
        path, _, test = report.nodeid.partition("::")
        name = f"{Path(path).name}::{test}"
        if report.outcome != "passed" or self.outcomes.get(name) is None:
            self.outcomes[name] = report.outcome

    def pytest_collectreport(self, report):
        """A file that cannot be read is a test that fails."""
        if report.failed:
            self.outcomes[f"{Path(report.nodeid).name}::"] = "failed"


def run_tests(request):
    """Run a file of tests without some, and return what became of each and what pytest says."""
    import IPython
    import IPython.utils._process_emscripten  # noqa: F401
    import pytest

    asked = json.loads(request)
    os.chdir("/repository")
    absent = {name: _Absent(name) for name in ABSENT if name not in sys.modules}
    sys.modules.update(absent)
    said, record = io.StringIO(), _Record(asked["left_out"])
    before, environment = list(sys.path), dict(os.environ)
    arguments = ["-p", "no:cacheprovider", "-q", "--no-header", "--tb=short", "--durations=5", asked["file"]]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        pytest.main(arguments, plugins=[record])
    for name in absent:
        sys.modules.pop(name, None)
    sys.path[:] = before
    os.environ.clear()
    os.environ.update(environment)
    return json.dumps({"outcomes": record.outcomes, "left_out": record.left_out, "said": said.getvalue()})
