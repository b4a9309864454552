"""A Sphinx extension: exercises that are done on the page.

In a notebook a task is a cell for the answer and a cell with its check. On a page these two become a form: buttons, a
field or a list for an answer that can be judged without Python, and an editor for a function. What a check says is
known when the page is built (``pgcode.exercises._rules``) and stands in the page as data; ``static/tasks.js`` looks it
up. A function is checked by Python in the browser, by ``static/live.js``. Above the tasks stands how many of them are
solved. Where scripts do not run, the cells are there as they are in the notebook.
"""

from __future__ import annotations

from typing import Any

from press import config
from press.tasks.found import MakeTasks
from press.tasks.written import WRITERS

NUMBERS, SCRIPT = "numbers.js", "tasks.js"


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
    for node, html in WRITERS.items():
        app.add_node(node, html=html)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
