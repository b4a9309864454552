"""A Sphinx extension: what only the first page has, the promise and the ways in."""

from __future__ import annotations

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]


def mark_first_page(app: Any, doctree: nodes.document, docname: str) -> None:
    """Mark the promise, the words for the symbols and the first list of the first page, for their style."""
    if docname == app.config.root_doc:
        paragraphs = [node for node in doctree.findall(nodes.paragraph) if isinstance(node.parent, nodes.section)]
        lists = doctree.findall(nodes.bullet_list)
        for node, name in zip(paragraphs, ("pg-promise", "pg-symbols"), strict=False):
            node["classes"].append(name)
        for node in [*lists][:1]:
            node["classes"].append("pg-ways")


def title_once(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Let the title of the first page, which is that of the course, not be followed by the title of the course."""
    if pagename == app.config.root_doc:
        context["docstitle"] = ""


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.connect("doctree-resolved", mark_first_page)
    app.connect("html-page-context", title_once, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
