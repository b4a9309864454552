"""A Sphinx extension: the places on a page in which a reader puts something of their own, a world or an estimator.

A comment in the page's source, ``<!-- your world -->`` or ``<!-- your estimator -->``, is where the tool stands. The
tool itself is made by scripts that only such a page loads; where scripts are blocked, a sentence says what would be
there. What it computes in Python is in ``pgcode._in_page``.
"""

from __future__ import annotations

from functools import partial
from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.builders.html._assets import _CascadingStyleSheet

from press.live import pages
from press.outputs.base import skip
from press.placeholders import fill

STATIC = Path(__file__).with_name("static")
FOLDER = "workbench"
#: Reads numbers as people write them, for the exercises too.
NUMBERS = "numbers.js"
#: By the comment that asks for it: the class of the tool, its scripts, and what is said without scripts.
TOOLS = {
    "your world": (
        "pg-world",
        ("bench.js", "world-model.js", "world.js"),
        "Here stands an editor for a world of your own, which needs scripts. The cells below do the same in Python.",
    ),
    "your estimator": (
        "pg-audit-own",
        ("bench.js", "audit.js"),
        "Here stands an editor for an estimator of your own, which needs scripts. In a notebook, call the audit on it.",
    ),
}


class Workbench(nodes.General, nodes.Element):  # type: ignore[misc]
    """The place of a tool."""


def place_tools(app: Any, doctree: nodes.document) -> None:
    """Put the tools where comments ask for them; such a page can run Python."""
    for name in TOOLS:
        fill(doctree, name, partial(tool, app.env, name))


def tool(env: Any, name: str) -> list[nodes.Node]:
    """Return the place of a tool."""
    pages.require(env, env.docname)
    return [Workbench(tool=name, ids=[TOOLS[name][0]])]


def enter_workbench(translator: Any, node: Workbench) -> None:
    """Write the place of a tool."""
    kind, _, without = TOOLS[node["tool"]]
    translator.body.append(translator.starttag(node, "div", "", CLASS=f"pg-workbench {kind}"))
    translator.body.append(f'<noscript><p class="pg-notice">{escape(without)}</p></noscript>')


def leave_workbench(translator: Any, node: Workbench) -> None:
    """Write its end."""
    translator.body.append("</div>\n")


def load_scripts(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let a page with a tool load its scripts and its styles, and no other page."""
    tools = [] if doctree is None else [TOOLS[node["tool"]] for node in doctree.findall(Workbench)]
    if tools:
        app.add_js_file(NUMBERS)
    for script in dict.fromkeys(script for _, scripts, _ in tools for script in scripts):
        app.add_js_file(f"{FOLDER}/{script}", defer="defer")
    context["workbench"] = bool(tools)


def load_style(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let it load the style sheet too, after the one of the site, in which it is not."""
    if context["workbench"]:
        context["css_files"] = [*context["css_files"], _CascadingStyleSheet(f"_static/{FOLDER}/workbench.css")]


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.add_node(Workbench, html=(enter_workbench, leave_workbench), latex=(skip, None))
    app.connect("config-inited", lambda app, config: config.html_static_path.append(str(STATIC)))
    app.connect("doctree-read", place_tools)
    app.connect("html-page-context", load_scripts, priority=600)  # after the script that they call
    app.connect("html-page-context", load_style, priority=960)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
