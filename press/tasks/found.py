"""From a notebook to tasks: which cells are an answer and its check, and the form that stands in their place."""

from __future__ import annotations

import ast
import hashlib
import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.addnodes import pending_xref
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform

from pgcode.exercises import Exercise
from pgcode.exercises._rules import places, rule
from press.live import distribution, pages
from press.live.pages import CHECK
from press.outputs.base import place_link
from press.outputs.feedback import paragraphs
from press.tasks.nodes import (
    Task,
    TaskCells,
    TaskCode,
    TaskData,
    TaskForm,
    TaskHint,
    TaskLine,
    TaskLines,
    TaskOption,
    TaskOptions,
    TaskOverview,
    TaskPlace,
)  # fmt: skip

__all__ = ["MakeTasks", "is_answered"]

PACKAGE = "pgcode.exercises"


@dataclass(frozen=True)
class Found:
    """A task as it stands in a notebook."""

    exercise: Exercise
    section: nodes.Element
    answer: nodes.container
    check: nodes.container
    setup: tuple[str, ...]
    """The cells above that are no answers."""


class MakeTasks(SphinxPostTransform):
    """Make a form of each answer and its check."""

    default_priority = 5  # before references are resolved
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Apply the transform."""
        tasks = list(found_tasks(self.document))
        if not tasks:
            return
        part = part_of(tasks[0].exercise)
        made = []
        for number, found in enumerate(tasks, start=1):
            if found.section.parent is None:
                raise ExtensionError(f"press/tasks: {found.exercise.name} stands above the first heading")
            made.append(task(found, part, f"Task {number} of {len(tasks)}"))
        first = tasks[0].section
        while isinstance(first.parent.parent, nodes.section):
            first = first.parent
        place = next(i for i, child in enumerate(first.parent) if isinstance(child, nodes.section | nodes.container))
        overview = TaskOverview("", *how_to_run(self.config.press_how_to_run), part=part, tasks=made)
        overview["home"] = root_of(self.env.docname)
        first.parent.insert(place, overview)
        self.document["pg_tasks"] = True
        if any(one["kind"] == "function" for one in made):
            pages.require(self.env, self.env.docname)


def found_tasks(doctree: nodes.document) -> Iterator[Found]:
    """Find the answers that can be given on a page, with their checks."""
    setup: list[str] = []
    declared: Any = None
    waiting: nodes.container | None = None
    for cell in doctree.findall(nodes.container):
        if cell.get("nb_element") != "cell_code":
            continue
        source = source_of(cell)
        check = CHECK.fullmatch(source.strip())
        if check is None or waiting is None or declared is None:
            if waiting is not None:
                setup.append(source_of(waiting))
            waiting = cell if "tag_example" not in cell.get("classes", ()) else None
            declared = declared or exercises_of(source)
            continue
        name = check[1]
        exercise = getattr(declared, name, None)
        # A broken program that is to be repaired is no answer.
        answered = "tag_repair" not in waiting.get("classes", ()) and is_answered(source_of(waiting), name)
        if isinstance(exercise, Exercise) and answered is False:
            yield Found(exercise, waiting.parent, waiting, cell, tuple(setup))
        else:
            setup.append(source_of(waiting))
        waiting = None


def source_of(cell: nodes.Element) -> str:
    """Return the code of a cell."""
    return next((str(block.astext()) for block in cell.findall(nodes.literal_block)), "")


def exercises_of(source: str) -> Any:
    """Return the part of the exercises that a cell imports under the name ``exercises``, or None."""
    for statement in parsed(source):
        if isinstance(statement, ast.ImportFrom) and statement.module == PACKAGE:
            for name in statement.names:
                if name.asname == "exercises":
                    return importlib.import_module(f"{PACKAGE}.{name.name}")
    return None


def is_answered(source: str, name: str) -> bool | None:
    """Tell whether a cell answers: it defines the name by more than dots. None where it does not define it."""
    for statement in parsed(source):
        if isinstance(statement, ast.FunctionDef) and statement.name == name:
            return ast.unparse(statement.body[-1]) != "..."
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == name:
            return ast.unparse(statement.value) != "..."
    return None


def parsed(source: str) -> Sequence[ast.stmt]:
    """Return the statements of a cell; none where it is no Python."""
    try:
        return ast.parse(source).body
    except SyntaxError:
        return ()


def part_of(exercise: Exercise) -> str:
    """Return the name of the folder in which an exercise is declared."""
    return exercise.reference.__module__.removeprefix(f"{PACKAGE}.").partition(".")[0]


def packages_of(sources: Sequence[str]) -> list[str]:
    """Return the packages that cells import, as the website has them, with pgcode."""
    modules = {"pgcode"}
    for statement in (one for source in sources for block in parsed(source) for one in ast.walk(block)):
        if isinstance(statement, ast.Import):
            modules |= {name.name for name in statement.names}
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            modules.add(statement.module)
    made = distribution.distribution()
    return [] if made is None else made.providing(modules)


def root_of(page: str) -> str:
    """Return the way from a page to the root of the site."""
    return "../" * page.count("/") or "./"


def task(found: Found, part: str, number: str) -> Task:
    """Put a task in the place of an answer and its check, and return it."""
    exercise, section = found.exercise, found.section
    told = rule(exercise)
    stub = source_of(found.answer)
    asked = stub if told["kind"] == "function" else f"{told.get('labels', '')}{section.astext()}"
    data: dict[str, Any] = {
        "part": part,
        "name": exercise.name,
        "title": exercise.title,
        "asks": hashlib.sha256(asked.encode()).hexdigest()[:12],
    }
    place = section.index(found.answer)
    section.remove(found.check)
    section.remove(found.answer)
    answer = told.pop("asked", "")
    form = TaskForm(kind=told["kind"], name=exercise.name, title=exercise.title, answer=answer)
    if told["kind"] == "function":
        form += TaskCode("", found.answer)
        cells = TaskCells("", found.check)
        data |= {"source": stub, "setup": list(found.setup), "packages": packages_of([*found.setup, stub])}
    else:
        cells = TaskCells("", found.answer, found.check)
        data["rule"] = told
        lines = lines_with(section[place - 1] if place else None, told.get("labels", ()))
        if lines is not None:
            place -= 1
            section.remove(section[place])
        if told["kind"] == "choice":
            form += options(exercise.name, told["labels"], lines)
        elif told["kind"] == "order":
            if lines is None:
                raise ExtensionError(f"press/tasks: above {exercise.name} no list says what its lines are")
            form += TaskLines("", *(TaskLine("", "", *line, label=label) for label, line in lines.items()))
    links = [
        TaskPlace("", "", silent_link(one.data), place=f"{one.chapter.path}#{one.heading}") for one in places(exercise)
    ]
    hints = [
        TaskHint("", *paragraphs([hint]), number=f"Hint {count} of {len(exercise.hints)}")
        for count, hint in enumerate(exercise.hints, start=1)
    ]
    made = Task("", form, cells, *hints, TaskData("", *links, data=data), number=number, kind=told["kind"])
    made["name"], made["title"], made["anchor"] = exercise.name, exercise.title, section["ids"][0]
    section.insert(place, made)
    return made


def how_to_run(place: str) -> list[nodes.Node]:
    """Return the link to where the book says how a notebook is run, if it says so: a page, or a section of one."""
    page, _, anchor = place.partition("#")
    target = {"reftarget": page, "reftargetid": anchor or None}
    link = pending_xref("", nodes.inline(), refdomain="doc", reftype="myst", refexplicit=True, **target)
    return [link] if place else []


def silent_link(place: dict[str, str]) -> pending_xref:
    """Return a link whose address alone is wanted."""
    return place_link(place, "")


def lines_with(block: nodes.Node | None, labels: Sequence[str]) -> dict[str, list[nodes.Node]] | None:
    """Return the lines of a list by the labels with which they begin, or None where it is no such list."""
    if not isinstance(block, nodes.bullet_list):
        return None
    lines: dict[str, list[nodes.Node]] = {}
    for item in block:
        words = [part for paragraph in item.children for part in paragraph.children if part.astext()]
        if len(item.children) != 1 or not words or not isinstance(words[0], nodes.strong):
            return None
        lines[words[0].astext()] = words
    return lines if sorted(lines) == sorted(labels) else None


def options(name: str, labels: Sequence[str], lines: dict[str, list[nodes.Node]] | None) -> TaskOptions:
    """Return the answers of which one is chosen: the lines of a list, or words."""
    words = lines or {label: [nodes.Text(label)] for label in labels}
    return TaskOptions(
        "", *(TaskOption("", "", *words[label], label=label, name=name) for label in words), short=lines is None
    )
