"""The house of press: what none of its modules does."""

import ast
import importlib
from pathlib import Path
from types import SimpleNamespace

import press
import press.live

PACKAGE = Path(press.__file__).parent
MODULES = {path.relative_to(PACKAGE): ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")}

#: What reads HTML or XML.
PARSERS = {"html.parser", "xml", "lxml", "bs4", "html5lib"}
#: It draws a picture from the favicon, which is XML.
READERS = {"sharing.py"}


class Recorder:
    """Stands for Sphinx while extensions are registered: it keeps what each promises, and takes everything else."""

    confdir = "."

    def __init__(self):
        self.promises = {}
        self.config = SimpleNamespace(html_baseurl="", html_theme_options={})

    def setup_extension(self, name):
        if name not in self.promises:
            module = importlib.import_module(name)
            self.promises[name] = module.setup(self) if name.startswith("press") else {}

    def __getattr__(self, name):
        return lambda *arguments, **options: None


def test_pages_are_read_and_written_by_several_processes():
    """A website takes half as long to build on two processors, and every module must do its part in each process."""
    recorder = Recorder()
    recorder.setup_extension("press")
    ours = {name: promises for name, promises in recorder.promises.items() if name.startswith("press")}
    named = [*press.MODULES, *(f"live.{name}" for name in press.live.MODULES)]
    assert {f"press.{name}" for name in named} <= set(ours)
    for name, promises in ours.items():
        assert (promises["parallel_read_safe"], promises["parallel_write_safe"]) == (True, True), name


def imported(tree):
    """The names of the modules that a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_every_module_that_is_registered_has_a_test():
    here = {path.stem.removeprefix("test_").removeprefix("live_") for path in Path(__file__).parent.glob("test_*.py")}
    assert set(press.MODULES) | set(press.live.MODULES) <= here | {"api", "live"}  # test_reference.py, and its modules


def test_no_module_parses_html():
    """No module has a parser of HTML, and one reads XML."""
    reading = {
        path.name for path, tree in MODULES.items() for name in imported(tree) if name.startswith(tuple(PARSERS))
    }
    assert reading == READERS


def test_no_module_mends_the_html_of_a_page():
    """A page is made of nodes; Sphinx writes it once, and no module takes the HTML that it is given to write.

    After that, ``tools/build_pdf.py`` alone changes one: it puts the link to the PDF, whose size is known last, into
    the first page.
    """
    for path, tree in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                assert node.slice.value != "body", f"{path} touches the body of a page"
