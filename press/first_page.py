"""A Sphinx extension: what only the first page has, the promise and the ways in."""

from __future__ import annotations

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]


def mark_first_page(app: Any, doctree: nodes.document, docname: str) -> None:
    """Mark the first paragraph and the first list of the first page, for its style."""
    if docname == app.config.root_doc:
        for kind, name in ((nodes.paragraph, "pg-promise"), (nodes.bullet_list, "pg-ways")):
            first = next(iter(doctree.findall(kind)), None)
            if first is not None:
                first["classes"].append(name)


def title_once(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let the title of the first page, which is that of the course, not be followed by the title of the course."""
    if pagename == app.config.root_doc:
        context["docstitle"] = ""


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.connect("doctree-resolved", mark_first_page)
    app.connect("html-page-context", title_once, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
