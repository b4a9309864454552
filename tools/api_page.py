"""A Sphinx extension: the reference page of pgcode, made from its docstrings.

The page ``book/reference/api`` holds a line that stands for all public modules. They are found here, so that a new
module is on the page without being named anywhere. The docstrings are in NumPy's style and hold formulas as plain text;
what reStructuredText would take for markup is escaped, and an indented formula keeps its lines.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import Any

PAGE = "book/reference/api"
PLACE = "% the public modules of pgcode"


def public_modules(package: str = "pgcode") -> list[str]:
    """Return the names of the modules that a reader may import, in the order of the package's floors."""
    root = importlib.import_module(package)
    names = [
        info.name
        for info in pkgutil.walk_packages(root.__path__, f"{package}.")
        if not any(part.startswith("_") for part in info.name.split("."))
    ]
    floors = re.findall(r"``(\w+)``", root.__doc__ or "")
    return sorted(names, key=lambda name: (_floor(name, floors), name))


def _floor(name: str, floors: list[str]) -> int:
    module = name.split(".")[1]
    return floors.index(module) if module in floors else len(floors)


def exercises(name: str) -> dict[str, str]:
    """Return the titles of the exercises that a module declares, by their names."""
    declared = importlib.import_module("pgcode.exercises").Exercise
    members = vars(importlib.import_module(name)).items()
    return {member: thing.title for member, thing in members if isinstance(thing, declared)}


def api_text(package: str = "pgcode") -> str:
    """Return the page's sections, in MyST: one for each module."""
    sections = []
    for name in public_modules(package):
        members = getattr(importlib.import_module(name), "__all__", [])
        listed = [f"   :members: {', '.join(members)}", "   :member-order: bysource"] if members else []
        if not members:
            names = [f"- `{member}`: {title}" for member, title in exercises(name).items()]
            sections.append(f"## {name.partition('.')[2]}\n\n" + "\n".join(["Exercises:", "", *names, ""]))
            continue
        automodule = "\n".join([f".. automodule:: {name}", *listed])
        sections.append(f"## {name.partition('.')[2]}\n\n```{{eval-rst}}\n{automodule}\n```\n")
    return "\n".join(sections)


def fill_page(app: Any, docname: str, source: list[str]) -> None:
    """Put the sections in their place."""
    if docname == PAGE:
        source[0] = source[0].replace(PLACE, api_text())


SECTION = re.compile(r"^-{3,}$")
LITERAL = re.compile(r"(``.+?``)")
ENUMERATOR = re.compile(r"^(\s*\w)\.(?=\s|$)")
MARKUP = re.compile(r"(?<!\*)\*(?!\*)|(?<!`)`(?!`)|\|")


def escape_markup(line: str) -> str:
    """Escape single stars, backquotes and bars outside of literals, and a letter with a dot that is no list."""
    parts = LITERAL.split(ENUMERATOR.sub(r"\1\.", line))
    return "".join(part if part.startswith("``") else MARKUP.sub(r"\\\g<0>", part) for part in parts)


def mend_docstring(app: Any, what: str, name: str, object_: Any, options: Any, lines: list[str]) -> None:
    """Escape markup, in place, and make a literal block of each indented formula before the first section."""
    mended: list[str] = []
    in_block, sections = False, False
    for number, line in enumerate(lines):
        sections = sections or (number + 1 < len(lines) and bool(SECTION.match(lines[number + 1].strip())))
        indented = not sections and line.startswith("    ")
        if indented and not in_block and not (mended and mended[-1].strip()):
            before = next((text for text in reversed(mended) if text.strip()), "")
            in_block = True
            if not before.endswith("::"):
                mended += ["::", ""]
        elif line.strip() and not indented:
            in_block = False
        mended.append(line if in_block else escape_markup(line))
    lines[:] = mended
    if what == "property":
        app.env.temp_data[f"api:{name}"] = mended


def restore_property(app: Any, what: str, name: str, object_: Any, options: Any, lines: list[str]) -> None:
    """Undo what napoleon does to a property: it takes the words before a colon for a type."""
    if what == "property":
        lines[:] = app.env.temp_data.pop(f"api:{name}")


def leave_as_text(app: Any, env: Any, node: Any, contnode: Any) -> Any:
    """Leave the words in which a docstring says its types as they are: "array, shape (S, A)" names no class."""
    if node.get("reftype") == "class" and node.get("py:module") and "." not in node.get("reftarget", ""):
        return contnode
    return None


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.connect("source-read", fill_page)
    app.connect("missing-reference", leave_as_text)
    app.connect("autodoc-process-docstring", mend_docstring, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", restore_property, priority=600)  # and after it
    return {"parallel_read_safe": True, "parallel_write_safe": True}
