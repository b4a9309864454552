"""The tree of pages at the side is made of nodes, and what opens a part of it has a name.

The theme's own (``generate_toctree_html`` of pydata_sphinx_theme) takes the HTML of the tree apart, and marks with a
picture alone what opens the pages below another. So the templates are given one that arranges Sphinx's nodes as the
theme does, before they are written: what stands below a page folds, and is open where the page that is shown is among
it. Where the option ``show_navbar_depth`` is 0, the parts of the book fold too. A test compares both on pages of the
theme.

The theme also writes each part of the sidebar once to see whether it is empty, before anybody can give it another
function, so that its own tree would be made for every page too. Of templates with a certain name it takes for granted
that they are not: ours has such a name, and includes the theme's.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from docutils import nodes  # type: ignore[import-untyped]
from sphinx import addnodes
from sphinx.environment.adapters.toctree import global_toctree_for_doc
from sphinx.util.osutil import relative_uri

TOGGLE = '<span class="toctree-toggle" role="presentation"><i class="fa-solid fa-chevron-down"></i></span>'


class Below(nodes.General, nodes.Element):  # type: ignore[misc]
    """What stands below an entry of the tree: it opens."""


class Opener(nodes.General, nodes.Element):  # type: ignore[misc]
    """What opens it: it holds its words, or has a name."""


def enter_below(translator: Any, node: Below) -> None:
    """Write the start of what opens."""
    translator.body.append('<details open="open">' if node["opened"] else "<details>")


def leave_below(translator: Any, node: Below) -> None:
    """Write the end of what opens."""
    translator.body.append("</details>")


def enter_opener(translator: Any, node: Opener) -> None:
    """Write the start of what opens it."""
    translator.body.append(f'<summary aria-label="{escape(node["name"])}">' if node["name"] else "<summary>")


def leave_opener(translator: Any, node: Opener) -> None:
    """Write the end of what opens it, with its sign."""
    translator.body.append(f"{TOGGLE}</summary>")


#: The tree is made as for a page of this name, which there is not.
NO_PAGE = "_"


def whole_tree(app: Any, options: dict[str, Any]) -> nodes.Element | None:
    """Return the tree as it is on no page, its links relative to the folder of all pages. It is made but once.

    Sphinx makes it anew for each page, with the headings of all of them, and takes those out again: that is ten times
    the work of all else that a page of source code needs.
    """
    key = tuple(sorted(options.items()))
    if key not in app.press_trees:
        tree = global_toctree_for_doc(app.env, NO_PAGE, app.builder, **options)
        for link in () if tree is None else tree.findall(nodes.reference):
            link["refuri"] = urljoin(app.builder.get_target_uri(NO_PAGE), link["refuri"])
        app.press_trees[key] = tree
    tree = app.press_trees[key]
    return None if tree is None else tree.deepcopy()


def tree_for(app: Any, page: str, options: dict[str, Any]) -> nodes.Element | None:
    """Return the tree for a page, whose own entry and those above it are current."""
    if options.get("collapse"):  # what is left of it depends on the page
        return global_toctree_for_doc(app.env, page, app.builder, **options)
    tree, here = whole_tree(app, options), app.builder.get_target_uri(page)
    for link in () if tree is None else tree.findall(nodes.reference):
        if urlsplit(link["refuri"]).scheme:
            continue
        if link["refuri"] == here:
            branch = link
            while branch is not None:
                branch["classes"].append("current")
                branch = branch.parent
        link["refuri"] = relative_uri(here, link["refuri"])
    return tree


def level(item: nodes.list_item) -> int:
    """Return how deep an entry stands: 1 in a part of the contents, and so on."""
    return next(int(name.removeprefix("toctree-l")) for name in item["classes"] if name.startswith("toctree-l"))


def is_heading(item: nodes.list_item) -> bool:
    """Tell whether an entry leads to a heading of a page, and not to a page."""
    link = next(iter(item.findall(nodes.reference)))
    return "#" in link["refuri"] and link["refuri"] != "#"


def fold_items(tree: nodes.Element, shown: int) -> None:
    """Let fold what stands below the entries of a tree. It is open above a level, and where the page that is shown is.

    An entry is a link to a page, followed by a list of the entries below it.
    """
    for item in list(tree.findall(nodes.list_item)):
        if is_heading(item):
            item.parent.remove(item)
    for item in tree.findall(nodes.list_item):
        here = "current" in item["classes"]
        if here:
            item["classes"].append("active")
        if lists := [part for part in item.children[1:] if any(True for _ in part.findall(nodes.list_item))]:
            item["classes"].append("has-children")
            opener = Opener(name=f"Parts of {item[0].astext()}")
            item[1:] = [Below("", opener, *lists, opened=here or level(item) < shown)]


def fold_parts(tree: nodes.Element) -> nodes.bullet_list:
    """Return a tree whose parts, each with a title above its list, are entries that fold."""
    parts = nodes.bullet_list(classes=["list-caption"])
    for title, entries in zip(tree.children, tree.children[1:], strict=False):
        if isinstance(title, nodes.title):
            opener = Opener("", addnodes.compact_paragraph("", "", title, toctree=True), name="")
            below = Below("", opener, entries, opened="current" in entries["classes"])
            parts += nodes.list_item("", below, classes=["toctree-l0", "has-children"])
    return parts


def arranged(tree: nodes.Element, shown: int) -> nodes.Element:
    """Return the tree of pages as the theme's style sheets and scripts know it."""
    fold_items(tree, shown)
    for entries in tree.children:
        if isinstance(entries, nodes.bullet_list):
            entries["classes"] += ["nav", "bd-sidenav"]
    has_parts = any(isinstance(part, nodes.title) for part in tree.children)
    return fold_parts(tree) if has_parts and not shown else tree


def tree_of(app: Any, page: str, theirs: Callable[..., Any]) -> Callable[..., Any]:
    """Return what makes the tree of all pages for the sidebar of one; any other is the theme's."""

    @cache  # the theme asks twice, whether there is a tree and for it
    def made(kind: str, startdepth: int = 1, show_nav_level: int = 1, **options: Any) -> Any:
        if kind != "sidebar" or startdepth != 0:
            return theirs(kind, startdepth=startdepth, show_nav_level=show_nav_level, **options)
        tree = tree_for(app, page, options)
        return "" if tree is None else app.builder.render_partial(arranged(tree, show_nav_level))["fragment"]

    return made


def hand_over(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Give the templates of a page what makes its tree."""
    if "generate_toctree_html" in context:
        context["generate_toctree_html"] = tree_of(app, page, context["generate_toctree_html"])


#: The theme's template of the tree, and ours, which it does not write to see whether it is empty.
THEIRS, OURS = "sbt-sidebar-nav.html", "press-sidebar-nav-bs.html"


def name_template(app: Any, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
    """Let the sidebar of a page have our template in place of the theme's."""
    if context.get("sidebars"):
        context["sidebars"] = [OURS if name == THEIRS else name for name in context["sidebars"]]


def find_template(app: Any, config: Any) -> None:
    """Let our template be found."""
    config.templates_path.append(str(Path(__file__).with_name("templates") / "sidebar"))


def begin(app: Any) -> None:
    """Begin with no tree."""
    app.press_trees = {}


def setup(app: Any) -> dict[str, bool]:
    """Come after the theme, which makes the function for each page."""
    app.connect("config-inited", find_template)
    app.connect("builder-inited", begin)
    app.connect("html-page-context", name_template, priority=400)
    app.add_node(Below, html=(enter_below, leave_below))
    app.add_node(Opener, html=(enter_opener, leave_opener))
    app.connect("html-page-context", hand_over, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
