"""What the cells of a notebook show: data from pgcode become nodes, and each node is written as HTML and as LaTeX.

Each kind of display has a module with ``KINDS``, from the name of the kind to a function that turns its data into
nodes, and ``WRITERS``, from a class of nodes to the functions that write it for each format.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from myst_nb.core import render  # type: ignore[import-untyped]
from sphinx.errors import ExtensionError

from press.outputs import audit, check, feedback, figure, ledger, slider, table
from press.outputs.base import Display

MODULES = (audit, check, feedback, figure, ledger, slider, table)


def media_type(kind: str) -> str:
    """Return the media type of the data of a kind of display."""
    return f"application/vnd.pgcode.{kind}+json"


BUILDERS: Mapping[str, Callable[[Mapping[str, Any]], list[nodes.Node]]] = {
    media_type(kind): build for module in MODULES for kind, build in module.KINDS.items()
}


class DisplayRenderer:
    """What myst_nb asks for the nodes of an output."""

    #: Before all other forms of an output, whatever the format of the pages.
    mime_priority_overrides = tuple(("*", name, 1) for name in BUILDERS)

    @staticmethod
    def handle_mime(renderer: Any, data: Any, inline: bool) -> list[nodes.Node] | None:
        """Return the nodes of an output, or None where it is not one of ours."""
        build = BUILDERS.get(data.mime_type)
        return None if build is None or inline else build(data.content)


def register_renderer() -> None:
    """Make the renderer known to myst_nb, once.

    It would find it by an entry point of an installed package too. Then every other build in this environment would
    use it, and none before the environment is installed anew.
    """
    known = render.load_mime_renders()  # a list that is made once
    if DisplayRenderer not in known:
        known.append(DisplayRenderer)
    if DisplayRenderer not in render.load_mime_renders():
        raise ExtensionError("myst_nb keeps its renderers otherwise than press/outputs knows: adapt register_renderer")


def keep_data(app: Any, doctree: nodes.document) -> None:
    """Leave out the other forms of each output that has nodes of ours."""
    for display in list(doctree.findall(Display)):
        form, bundle = display.parent, display.parent.parent
        if form.get("mime_type") in BUILDERS:
            bundle.children = [form]


def setup(app: Any) -> dict[str, bool]:
    """Register the kinds of displays."""
    register_renderer()
    for module in MODULES:
        for node, writers in module.WRITERS.items():
            app.add_node(node, **writers)
    app.connect("doctree-read", keep_data, priority=100)
    slider.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
