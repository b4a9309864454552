"""A Sphinx extension: the reference of a package, which ``press_reference`` names, made from its docstrings.

A page of the reference has a line that names modules, and their sections stand in its place. The page above these in
the contents has a line in whose place the list of all names stands, each with the first line of its docstring; a public
module that no page below it names is a warning. A link to a name on that page, where all of them stood once, goes on to
the page that the name has now.

The docstrings are in NumPy's style and hold formulas as plain text; what reStructuredText would take for markup is
escaped, and an indented formula keeps its lines.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sphinx.util import logging
from sphinx_external_toc.api import SiteMap

from press import config

logger = logging.getLogger(__name__)

#: The line of the page above that stands for all names.
PLACE = re.compile(r"^% the public names$", re.MULTILINE)
#: The line of a page that names its modules.
MODULES = re.compile(r"^% the modules (?P<names>.+)$", re.MULTILINE)


#: While a page of the reference is read, it is noted under this name.
IN_REFERENCE = "press:in_reference"


def public_modules(package: str) -> list[str]:
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


def engine_members() -> dict[str, list[str]]:
    """Return what an author of exercises declares and what a reader calls: names of the engine, and their methods.

    The kinds of exercises are left out: an author makes them by the decorators, and a reader calls all of them alike.
    """
    engine = importlib.import_module("pgcode.exercises")
    things = {name: getattr(engine, name) for name in engine.__all__}
    names = [
        name
        for name, thing in things.items()
        if thing is engine.Exercise or not (inspect.isclass(thing) and issubclass(thing, engine.Exercise))
    ]
    # What every exercise does comes first, then the decorators.
    names.sort(key=lambda name: (name != "Exercise", not inspect.isroutine(things[name])))
    methods = {"Exercise": ["check", "hint", "solution", "misconception"], "Chapter": ["section"]}
    return {name: methods.get(name, []) for name in names}


def engine_section() -> str:
    """Return the directives for the engine of the exercises."""
    engine = importlib.import_module("pgcode.exercises")
    lines = [".. automodule:: pgcode.exercises", ""]
    for name, methods in engine_members().items():
        directive = "autofunction" if inspect.isroutine(getattr(engine, name)) else "autoclass"
        lines.append(f".. {directive}:: pgcode.exercises.{name}")
        lines += [f"   :members: {', '.join(methods)}", "   :member-order: bysource"] if methods else []
        lines.append("")
    return "\n".join(["```{eval-rst}", *lines[:-1], "```"])


def section(name: str) -> str:
    """Return the section of one module, without its heading."""
    module = importlib.import_module(name)
    if name == "pgcode.exercises":
        return engine_section()
    if titles := exercises(name):
        return "\n".join(["Exercises:", "", *(f"- `{member}`: {title}" for member, title in titles.items())])
    if name == "pgcode.exercises.chapters":
        named = [f"- `{member}`: {getattr(module, member).title}" for member in module.__all__]
        return "\n".join(["The chapters, for the links of an exercise:", "", *named])
    options = [f"   :members: {', '.join(module.__all__)}", "   :member-order: bysource"]
    return "\n".join(["```{eval-rst}", f".. automodule:: {name}", *options, "```"])


@dataclass(frozen=True)
class Subject:
    """A page of the reference: where it is, its title, what it is about, and the modules that stand on it."""

    page: str
    title: str
    about: str
    modules: tuple[str, ...]


def subjects(root: Path, contents: SiteMap, above: str, modules: Sequence[str]) -> list[Subject]:
    """Return the pages below one that are pages of the reference, in the order of the table of contents."""
    found = []
    for page in contents[above].child_files():
        text = (root / f"{page}.md").read_text(encoding="utf-8")
        if line := MODULES.search(text):
            title, about = (part.strip() for part in text[: line.start()].split("\n", 1))
            found.append(Subject(page, title.removeprefix("# "), about, with_parts(line["names"], modules)))
    return found


def with_parts(names: str, modules: Sequence[str]) -> tuple[str, ...]:
    """Return the whole names of the modules in a line, each followed by those that are parts of it."""
    found: list[str] = []
    package = modules[0].partition(".")[0] if modules else ""
    for name in (f"{package}.{short.strip()}" for short in names.split(",")):
        found += [name, *(other for other in modules if other.startswith(f"{name}."))]
    return tuple(found)


def sections(modules: Iterable[str]) -> str:
    """Return a page's sections, in MyST: one for each module."""
    return "\n".join(f"## {name.partition('.')[2]}\n\n{section(name)}\n" for name in modules)


def members(name: str) -> list[str]:
    """Return the names that a module's section documents."""
    if name == "pgcode.exercises":
        return list(engine_members())
    return list(getattr(importlib.import_module(name), "__all__", []))


def first_line(thing: Any) -> str:
    """Return the first line of a docstring, or "" where a thing has none of its own."""
    if not (inspect.isroutine(thing) or inspect.isclass(thing) or inspect.ismodule(thing)):
        return ""
    return escape_markup((inspect.getdoc(thing) or "").partition("\n")[0])


def link_to(module: str, member: str) -> str:
    """Return a link to what the pages say of a name. A constant has its name alone: autodoc knows no word on it."""
    thing = getattr(importlib.import_module(module), member)
    if inspect.isclass(thing) or inspect.isroutine(thing):
        return f":py:{'class' if inspect.isclass(thing) else 'func'}:`~{module}.{member}`"
    return f"``{member}``"


def listed(name: str) -> str:
    """Return a module with its names, each with its first line, as an item of a list in reStructuredText."""
    module = importlib.import_module(name)
    short = name.partition(".")[2]
    lines = [f"- :py:mod:`{short} <{name}>`: {first_line(module)}", ""]
    for member in members(name):
        said = first_line(getattr(module, member))
        lines.append(f"  - {link_to(name, member)}" + (f": {said}" if said else ""))
    return "\n".join([*lines, ""])


def names_text(found: Iterable[Subject], package: str) -> str:
    """Return the list of all names, in MyST: a heading and a list for each page."""
    parts = []
    for subject in found:
        # Modules of exercises are no objects of Sphinx: their names stand on the page alone.
        modules = [name for name in subject.modules if not name.startswith("pgcode.exercises.")]
        lists = "\n".join(listed(name) for name in modules)
        head = f"### [{subject.title}](/{subject.page}.md)\n\n{subject.about}\n"
        held = textwrap.indent(lists, "   ")
        parts.append(f"{head}\n```{{eval-rst}}\n.. container:: pg-names\n\n{held}```\n")
    return "\n".join([*parts, f"```{{raw}} html\n{GO_ON.replace('PACKAGE', package)}\n```"])


#: Leads from the address of a name on the page of all names, where it once stood, to the page that it has now.
GO_ON = """<script>
(() => {
  const goOn = () => {
    const place = decodeURIComponent(location.hash.slice(1));
    if (!place || document.getElementById(place)) return;
    const name = place.replace(/^module-/, ""), named = `PACKAGE.${name.replaceAll("-", "_")}`;
    let best = "", page = "";
    for (const link of document.querySelectorAll("article .pg-names a[href*='#']")) {
      const other = decodeURIComponent(link.hash.slice(1)).replace(/^module-/, "");
      const holds = [name, named].some((one) => [".", "_"].some((end) => `${one}${end}`.startsWith(other + end)));
      if (holds && other.length > best.length) [best, page] = [other, link.href.split("#")[0]];
    }
    if (page) location.replace(`${page}#${encodeURIComponent(place)}`);
  };
  addEventListener("hashchange", goOn);
  addEventListener("DOMContentLoaded", goOn);
})();
</script>"""


def fill_page(app: Any, docname: str, source: list[str]) -> None:
    """Put the sections, or the list of all names, in their place."""
    package = app.config.press_reference
    if not package:
        return
    app.env.temp_data[IN_REFERENCE] = bool(PLACE.search(source[0]) or MODULES.search(source[0]))
    if place := PLACE.search(source[0]):
        modules = public_modules(package)
        found = subjects(Path(app.srcdir), app.env.external_site_map, docname, modules)
        for lost in sorted(set(modules) - {name for subject in found for name in subject.modules}):
            logger.warning("no page below this one names the module %s", lost, location=docname)
        source[0] = source[0].replace(place[0], names_text(found, package))
    elif line := MODULES.search(source[0]):
        source[0] = source[0].replace(line[0], sections(with_parts(line["names"], public_modules(package))))


def is_installed(env: Any, package: str) -> Iterator[str]:
    """Complain of a package that cannot be imported."""
    if importlib.util.find_spec(package) is None:
        yield f"names the package {package!r}, which is not installed"


SECTION = re.compile(r"^-{3,}$")
LITERAL = re.compile(r"(``.+?``)")
ENUMERATOR = re.compile(r"^(\s*\w)\.(?=\s|$)")
#: A name as docstrings write it, and what stands beside it.
NAME = re.compile(r"(?P<before>[^\s`(\[{<'\"/:-]?)(?<!`)`(?P<name>[^`\s](?:[^`]*[^`\s])?)`(?!`)(?P<after>\w?)")
MARKUP = re.compile(r"(?<!\*)\*(?!\*)|(?<!`)`(?!`)|\|")


def as_literal(match: re.Match[str]) -> str:
    """Return a name between backquotes as a literal, which must not touch a letter."""
    before, after = match["before"], match["after"]
    return f"{before}{chr(92) + ' ' if before else ''}``{match['name']}``{chr(92) + ' ' if after else ''}{after}"


def escape_markup(line: str) -> str:
    """Make literals of names between backquotes; escape stars, bars, and a letter with a dot that is no list."""
    parts = LITERAL.split(ENUMERATOR.sub(r"\1\.", line))
    parts = LITERAL.split("".join(part if part.startswith("``") else NAME.sub(as_literal, part) for part in parts))
    return "".join(part if part.startswith("``") else MARKUP.sub(r"\\\g<0>", part) for part in parts)


def mend_docstring(app: Any, what: str, name: str, object_: Any, options: Any, lines: list[str]) -> None:
    """Escape markup, in place, and make a literal block of each indented formula before the first section.

    An example stays as it is typed, from its prompt to the next empty line.
    """
    mended: list[str] = []
    in_block, sections, in_example = False, False, False
    for number, line in enumerate(lines):
        in_example = bool(line.strip()) and (in_example or line.lstrip().startswith(">>>"))
        sections = sections or (number + 1 < len(lines) and bool(SECTION.match(lines[number + 1].strip())))
        indented = not sections and line.startswith("    ")
        if indented and not in_block and not (mended and mended[-1].strip()):
            before = next((text for text in reversed(mended) if text.strip()), "")
            in_block = True
            if not before.endswith("::"):
                mended += ["::", ""]
        elif line.strip() and not indented:
            in_block = False
        mended.append(line if in_block or in_example else escape_markup(line))
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
    app.setup_extension("sphinx.ext.autodoc")
    config.add_value(app, "press_reference", "", is_installed)
    app.connect("source-read", fill_page)
    app.connect("missing-reference", leave_as_text)
    app.connect("autodoc-process-docstring", mend_docstring, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", restore_property, priority=600)  # and after it
    return {"parallel_read_safe": True, "parallel_write_safe": True}
