"""A Sphinx extension: exercises that are done on the page.

In a notebook a task is a cell for the answer and a cell with its check. On a page these two become a form: buttons, a
field or a list for an answer that can be judged without Python, and an editor for a function. What a check says is
known when the page is built (``pgcode.exercises._rules``) and stands in the page as data; ``static/tasks.js`` looks it
up. A function is checked by Python in the browser, by ``static/live.js``. Above the tasks stands how many of them are
solved. Where scripts do not run, the cells are there as they are in the notebook.
"""

from __future__ import annotations

import ast
import hashlib
import importlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.addnodes import pending_xref
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform

from pgcode.exercises import Exercise
from pgcode.exercises._rules import places, rule
from pgcode.exercises._verdict import paragraph
from press import config
from press.embedded import embedded
from press.live import distribution, pages
from press.outputs.base import element, nothing, place_link

NUMBERS, SCRIPT = "numbers.js", "tasks.js"
PACKAGE = "pgcode.exercises"
#: A cell that is the check of an answer, and nothing else.
CHECK = re.compile(r"exercises\.(\w+)\.check\(\1\)")


class Task(nodes.General, nodes.Element):  # type: ignore[misc]
    """A task: its form, its hints, and what its answers are told."""


class TaskForm(nodes.General, nodes.Element):  # type: ignore[misc]
    """Where the answer is given and checked."""


class TaskCode(nodes.General, nodes.Element):  # type: ignore[misc]
    """The cell that an editor takes the place of."""


class TaskCells(nodes.General, nodes.Element):  # type: ignore[misc]
    """Cells of the notebook that only a page without scripts shows."""


class TaskOptions(nodes.General, nodes.Element):  # type: ignore[misc]
    """The lines of which one is chosen."""


class TaskOption(nodes.General, nodes.TextElement):  # type: ignore[misc]
    """A line that can be chosen."""


class TaskLines(nodes.General, nodes.Element):  # type: ignore[misc]
    """The lines that are put in order."""


class TaskLine(nodes.General, nodes.TextElement):  # type: ignore[misc]
    """A line that can be moved."""


class TaskHint(nodes.General, nodes.Element):  # type: ignore[misc]
    """A hint, which opens. The next one is there when it is open."""


class TaskData(nodes.General, nodes.Element):  # type: ignore[misc]
    """What a script needs. The links in it are those of the verdicts."""


class TaskPlace(nodes.General, nodes.TextElement):  # type: ignore[misc]
    """A link of a verdict."""


class TaskOverview(nodes.General, nodes.Element):  # type: ignore[misc]
    """How many tasks of the page are solved, and which."""


@dataclass(frozen=True)
class Found:
    """A task as it stands in a notebook."""

    exercise: Exercise
    section: nodes.Element
    answer: nodes.container
    check: nodes.container
    setup: tuple[str, ...]
    """The cells above that are no answers."""


# ---- from a notebook to tasks --------------------------------------------------------------------------------------


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
                raise ExtensionError(f"press/tasks.py: {found.exercise.name} stands above the first heading")
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
    form = TaskForm(kind=told["kind"], name=exercise.name, title=exercise.title)
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
                raise ExtensionError(f"press/tasks.py: above {exercise.name} no list says what its lines are")
            form += TaskLines("", *(TaskLine("", "", *line, label=label) for label, line in lines.items()))
    links = [
        TaskPlace("", "", silent_link(one.data), place=f"{one.chapter.path}#{one.heading}") for one in places(exercise)
    ]
    hints = [
        TaskHint(number=f"Hint {count} of {len(exercise.hints)}", words=hint)
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


# ---- from tasks to HTML --------------------------------------------------------------------------------------------


def enter_task(translator: Any, node: Task) -> None:
    """Write the start of a task."""
    attributes = {"data-name": node["name"], "data-kind": node["kind"], "role": "group"}
    label = f"{node['number']}: {node['title']}"
    translator.body.append(translator.starttag(node, "div", "", CLASS="pg-task", **attributes, **{"aria-label": label}))
    translator.body.append(f'<p class="pg-task-head">{node["number"]} <span class="pg-task-state"></span></p>')


def enter_form(translator: Any, node: TaskForm) -> None:
    """Write the start of a form, with its field."""
    translator.body.append('<form class="pg-task-form" autocomplete="off">')
    if node["kind"] == "number":
        name = f"answer-{node['name']}"
        translator.body.append(
            f'<p class="pg-task-field"><label for="{name}">Your answer, a number</label> '
            f'<input id="{name}" type="text" inputmode="text" autocapitalize="off" spellcheck="false"></p>'
        )


def leave_form(translator: Any, node: TaskForm) -> None:
    """Write the end of a form: its buttons, and where it is said what they did."""
    translator.body.append(
        '<div class="pg-task-bar"><button type="submit" class="pg-task-button is-first">Check</button>'
        '<button type="button" class="pg-task-button pg-task-again">Start again</button>'
        '<span class="pg-task-status" role="status"></span></div></form>'
        '<div class="pg-task-verdict" aria-live="polite"></div>'
    )


def enter_options(translator: Any, node: TaskOptions) -> None:
    """Write the start of the answers of which one is chosen."""
    kind = "pg-options is-short" if node["short"] else "pg-options"
    translator.body.append(f'<fieldset class="{kind}"><legend>Your answer</legend>')


def enter_option(translator: Any, node: TaskOption) -> None:
    """Write the start of an answer."""
    label = f"answer-{node['name']}-{node['label']}"
    translator.body.append(
        f'<div class="pg-option"><input type="radio" id="{escape(label)}" name="answer-{node["name"]}" '
        f'value="{escape(node["label"])}"><label for="{escape(label)}"><span class="pg-words">'
    )


def leave_option(translator: Any, node: TaskOption) -> None:
    """Write the end of an answer."""
    translator.body.append("</span></label></div>\n")


def enter_lines(translator: Any, node: TaskLines) -> None:
    """Write the start of the lines, and where those that are chosen go."""
    translator.body.append(
        '<p class="pg-lines-head">Your order</p><ol class="pg-lines is-chosen" aria-label="Your order"></ol>'
        '<p class="pg-lines-head">Lines that are not used</p>'
        '<ul class="pg-lines is-left" aria-label="Lines that are not used">'
    )


#: What can be done with a line: the sign on the button, and what it is called.
MOVES = {
    "use": ("Use", "Use line {}"),
    "up": ("↑", "Line {} up"),
    "down": ("↓", "Line {} down"),
    "out": ("Take out", "Take out line {}"),
}


def enter_line(translator: Any, node: TaskLine) -> None:
    """Write the start of a line."""
    translator.body.append(
        f'<li class="pg-line" data-label="{escape(node["label"])}">'
        '<span class="pg-line-handle" aria-hidden="true"></span><div class="pg-line-words pg-words">'
    )


def leave_line(translator: Any, node: TaskLine) -> None:
    """Write the buttons of a line, and its end."""
    translator.body.append('</div><span class="pg-line-buttons">')
    for move, (sign, label) in MOVES.items():
        name = escape(label.format(node["label"]))
        button = f'<button type="button" class="pg-task-button" data-move="{move}" aria-label="{name}">{sign}</button>'
        translator.body.append(button)
    translator.body.append("</span></li>\n")


def write_hint(translator: Any, node: TaskHint) -> None:
    """Write a hint."""
    translator.body.append(
        f'<details class="pg-hint"><summary>{node["number"]}</summary>{paragraph(node["words"])}</details>'
    )
    raise nodes.SkipNode


def write_data(translator: Any, node: TaskData) -> None:
    """Write the data of a task, with the addresses of its links as they were resolved."""
    addresses = {place["place"]: address for place in node.children if (address := address_in(place))}
    text = embedded({**node["data"], "places": addresses})
    translator.body.append(f'<script type="application/json" class="pg-task-data">{text}</script>')
    raise nodes.SkipNode


def address_in(node: nodes.Element) -> str:
    """Return the address of the link in a node, or "" where nothing has been found for it."""
    link = next(iter(node.findall(nodes.reference)), None)
    return "" if link is None else str(link.get("refuri") or f"#{link['refid']}")


def write_overview(translator: Any, node: TaskOverview) -> None:
    """Write how many tasks are solved, and the list of tasks."""
    total = len(node["tasks"])
    address = escape(address_in(node))
    how = f': <a class="reference internal" href="{address}">how it is run</a>' if address else ""
    start = f'<nav class="pg-progress" data-part="{node["part"]}" data-root="{node["home"]}"'
    translator.body.append(
        f'{start} aria-label="Tasks of this page">'
        f'<p class="pg-progress-bar"><span class="pg-progress-count">0 of {total} solved</span>'
        f'<progress max="{total}" value="0" aria-label="Tasks solved"></progress>'
        '<button type="button" class="pg-task-button pg-progress-forget" hidden>Forget all answers</button></p><ol>'
    )
    for one in node["tasks"]:
        link = f'<a class="reference internal" href="#{one["anchor"]}">{escape(one["title"])}</a>'
        translator.body.append(f'<li data-name="{one["name"]}">{link}<span class="pg-progress-state"></span></li>')
    translator.body.append(
        "</ol><noscript><p>Scripts are off in this browser, and without them a page cannot check an answer. The "
        f"notebook of this page can{how}.</p></noscript></nav>"
    )
    raise nodes.SkipNode


def add_script(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Load the script where there are tasks."""
    if doctree is not None and doctree.get("pg_tasks"):
        app.add_js_file(NUMBERS)
        app.add_js_file(SCRIPT)


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    config.add_value(app, "press_how_to_run", "", config.page_is_there)
    app.add_post_transform(MakeTasks)
    app.connect("html-page-context", add_script)
    div, noscript = element("div"), element("noscript")
    writers = {
        Task: (enter_task, div[1]),
        TaskForm: (enter_form, leave_form),
        TaskCode: element("div", CLASS="pg-task-code"),
        TaskCells: noscript,
        TaskOptions: (enter_options, element("fieldset")[1]),
        TaskOption: (enter_option, leave_option),
        TaskLines: (enter_lines, element("ul")[1]),
        TaskLine: (enter_line, leave_line),
        TaskHint: (write_hint, nothing),
        TaskData: (write_data, nothing),
        TaskPlace: (nothing, nothing),
        TaskOverview: (write_overview, nothing),
    }
    for node, html in writers.items():
        app.add_node(node, html=html)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
