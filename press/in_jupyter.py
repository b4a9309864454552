"""A Sphinx extension: what only readers in Jupyter need stays out of the website.

An exercise is answered with choices and fields there, and in a notebook with Python. ``<!-- in Jupyter -->`` names the
paragraph that follows it, which notebooks and the PDF show. A page that has no such paragraph behind it is a warning,
as every comment is that nothing takes.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]

from press.placeholders import comments

NAME = "in Jupyter"


def leave_out(app: Any, doctree: nodes.document, docname: str) -> None:
    """Take out the paragraphs, or for other builders what names them."""
    for comment, name in comments(doctree):
        paragraph = comment.next_node(descend=False, siblings=True)
        if name == NAME and isinstance(paragraph, nodes.paragraph):
            if app.builder.format == "html":
                paragraph.parent.remove(paragraph)
            comment.parent.remove(comment)


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.connect("doctree-resolved", leave_out)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
