"""A Sphinx extension: a remark of the class ``aside`` stands in the margin of a page.

It is an admonition, which every host of notebooks draws between two paragraphs. The theme has a directive for the
margin, but JupyterLab lays what that holds over the text: it gives it no height in a wide window.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]


def move_into_the_margin(app: Any, doctree: nodes.document) -> None:
    """Make of each aside what the theme puts into the margin."""
    for block in list(doctree.findall(nodes.admonition)):
        if "aside" in block.get("classes", ()):
            block.replace_self(nodes.sidebar("", *block.children, classes=["margin"], ids=block["ids"]))


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.connect("doctree-read", move_into_the_margin)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
