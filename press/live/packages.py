"""Which packages of the browser's Python a piece of code takes: what it imports, and what pgcode imports lazily."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pgcode
from press.live import distribution

#: What the pages have of their own in the place of a package (``static/live.py``).
STOOD_IN = {"tqdm", "IPython"}
PACKAGE = Path(pgcode.__file__).parent


def needed(sources: Iterable[str]) -> list[str]:
    """Return the packages that have to be loaded, of those that a page can have."""
    modules = set().union(*map(imported, sources))
    made = distribution.distribution()
    return [] if made is None else [name for name in made.providing(modules) if name not in STOOD_IN]


@cache
def imported(source: str) -> frozenset[str]:
    """Return what code imports, with what the modules of pgcode that it names import when they are used."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found.add(alias.name.partition(".")[0])
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
            if node.module.partition(".")[0] == "pgcode":
                for alias in node.names:
                    found |= lazy(node.module.partition(".")[2] or alias.name)
        elif isinstance(node, ast.Attribute):
            found |= lazy(node.attr)
    return frozenset(found)


@cache
def optional() -> dict[str, frozenset[str]]:
    """Return the packages that modules of pgcode import when they need them, with those modules."""
    found: dict[str, set[str]] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if "optional_import" in text else ():
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("optional_import") and node.args:
                name = node.args[0]
                if isinstance(name, ast.Constant):
                    found.setdefault(str(name.value).partition(".")[0], set()).add(module)
    return {name: frozenset(modules) for name, modules in found.items() if name not in STOOD_IN}


def lazy(module: str) -> set[str]:
    """Return what a module of pgcode imports when it needs it."""
    return {name for name, modules in optional().items() if module.partition(".")[0] in modules}
