"""The house of press: what none of its modules does."""

import ast
from pathlib import Path

import press

PACKAGE = Path(press.__file__).parent
MODULES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in PACKAGE.rglob("*.py")}


def test_every_module_is_registered_and_has_a_test():
    here = {path.stem.removeprefix("test_") for path in Path(__file__).parent.glob("test_*.py")}
    assert set(press.MODULES) <= here | {"api"}


def test_no_module_mends_the_html_of_a_page():
    """A page is made of nodes; Sphinx writes it once."""
    for path, tree in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                assert node.slice.value != "body", f"{path.name} touches the body of a page"
