"""From tasks to HTML, which ``static/tasks.js`` makes alive."""

from __future__ import annotations

from html import escape
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

from press.embedded import embedded
from press.outputs.base import element, nothing
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

__all__ = ["WRITERS"]


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
            f'<p class="pg-task-field"><label for="{name}">Your answer, {node["answer"]}</label> '
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
    translator.body.append(f'<fieldset class="{kind}"><legend>Choose your answer here</legend>')


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
        '<p class="pg-lines-head">Your order: here with the buttons, or by dragging</p>'
        '<ol class="pg-lines is-chosen" aria-label="Your order"></ol>'
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


def enter_hint(translator: Any, node: TaskHint) -> None:
    """Write the start of a hint."""
    translator.body.append(f'<details class="pg-hint"><summary>{node["number"]}</summary>')


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


_DIV = element("div")

WRITERS = {
    Task: (enter_task, _DIV[1]),
    TaskForm: (enter_form, leave_form),
    TaskCode: element("div", CLASS="pg-task-code"),
    TaskCells: element("noscript"),
    TaskOptions: (enter_options, element("fieldset")[1]),
    TaskOption: (enter_option, leave_option),
    TaskLines: (enter_lines, element("ul")[1]),
    TaskLine: (enter_line, leave_line),
    TaskHint: (enter_hint, element("details")[1]),
    TaskData: (write_data, nothing),
    TaskPlace: (nothing, nothing),
    TaskOverview: (write_overview, nothing),
}
