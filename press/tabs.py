"""A Sphinx extension: headings that a notebook has one below the other become tabs on the website.

In a notebook, which may be read in Jupyter or in Colab, one heading follows another. Between the comments
``<!-- tabs -->`` and ``<!-- end of tabs -->`` each heading is a tab of sphinx-design.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx_design.shared import create_component

logger = logging.getLogger(__name__)

BEGIN, END = "<!-- tabs -->", "<!-- end of tabs -->"


def comment(node: nodes.Node, text: str) -> bool:
    """Return whether a node is this comment, as MyST reads it."""
    return isinstance(node, nodes.comment | nodes.raw) and node.astext().strip() in (text, text[4:-3].strip())


def as_tab(section: nodes.section) -> nodes.container:
    """Return a section as a tab: its title is the label, the rest is the content."""
    label = nodes.rubric("", "", *section[0].children, classes=["sd-tab-label"], ids=section["ids"])
    content = create_component("tab-content", classes=["sd-tab-content"], children=section.children[1:])
    return create_component("tab-item", classes=["sd-tab-item"], children=[label, content], selected=False)


def put_in_tabs(begin: nodes.Node) -> bool:
    """Put the sections after a comment into tabs, and return whether there is a comment that ends them.

    The end stands within the last section, as all that follows a heading does. What follows the end goes on after the
    tabs.
    """
    parent = begin.parent
    sections = [node for node in parent.children[parent.index(begin) + 1 :] if isinstance(node, nodes.section)]
    for number, section in enumerate(sections):
        end = next((node for node in section.children if comment(node, END)), None)
        if end is None:
            continue
        place = section.index(end)
        after = section.children[place + 1 :]
        del section[place:]
        chosen = sections[: number + 1]
        first = parent.index(chosen[0])
        for one in chosen:
            parent.remove(one)
        tabs = create_component("tab-set", classes=["sd-tab-set"], children=[as_tab(one) for one in chosen])
        parent.insert(first, [tabs, *after])
        parent.remove(begin)
        return True
    return False


class Tabs(SphinxTransform):
    """Make the tabs of a page before the contents at its side are listed."""

    default_priority = 400

    def apply(self, **kwargs: Any) -> None:
        """Run the transform."""
        for node in list(self.document.findall(lambda node: comment(node, BEGIN))):
            if not put_in_tabs(node):
                logger.warning("tabs begin here and do not end: put %s after the last of them", END, location=node)


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.add_transform(Tabs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
