"""A Sphinx extension: what only the first page has, the promise and the ways in.

A comment in its source names what follows it, ``<!-- promise -->`` a sentence, ``<!-- symbols -->`` the words for the
symbols of its formula, ``<!-- ways -->`` a list of links and ``<!-- verdicts -->`` a list of what is said of a line,
and the style sheet shows each in its own way.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

from press.placeholders import comments

#: What a comment names, and of which kind it is.
PARTS = {
    "promise": nodes.paragraph,
    "symbols": nodes.paragraph,
    "ways": nodes.bullet_list,
    "verdicts": nodes.definition_list,
}


def mark_parts(app: Any, doctree: nodes.document) -> None:
    """Give what comments name a class, for the style sheet."""
    if app.env.docname != app.config.root_doc:
        return
    for comment, name in comments(doctree):
        if name in PARTS:
            part = comment.next_node(descend=False, siblings=True)
            if isinstance(part, PARTS[name]):
                part["classes"].append(f"pg-{name}")
                comment.parent.remove(comment)


def title_once(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let the title of the first page, which is that of the course, not be followed by the title of the course."""
    if pagename == app.config.root_doc:
        context["docstitle"] = ""


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.connect("doctree-read", mark_parts)
    app.connect("html-page-context", title_once, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
