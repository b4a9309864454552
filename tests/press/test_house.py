"""The house of press: what none of its modules does."""

import ast
from pathlib import Path

import press

PACKAGE = Path(press.__file__).parent
MODULES = {path.relative_to(PACKAGE): ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")}

#: What reads HTML or XML.
PARSERS = {"html.parser", "xml", "lxml", "bs4", "html5lib"}
#: One looks for names of icons in pages that are written, the other draws a picture from the favicon.
READERS = {"icons.py", "sharing.py"}


def imported(tree):
    """The names of the modules that a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield node.module or ""
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_every_module_that_is_registered_has_a_test():
    here = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert set(press.MODULES) <= here | {"api"}  # tests/book/test_reference.py has its tests


def test_no_module_parses_html():
    reading = {
        path.name for path, tree in MODULES.items() for name in imported(tree) if name.startswith(tuple(PARSERS))
    }
    assert reading == READERS


def test_no_module_mends_the_html_of_a_page():
    """A page is made of nodes; Sphinx writes it once."""
    for path, tree in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                assert node.slice.value != "body", f"{path} touches the body of a page"
