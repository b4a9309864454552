"""A Sphinx extension: the line under the title of a page, with its reading time, what it needs and where it leads.

Nobody writes it: the time is counted, and the rest comes from the sentences "You need …" of the pages. A page leads to
those that need it, or else to the next one of its kind. The first page tells the time of all numbered chapters instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.addnodes import pending_xref
from sphinx.util import docname_join

# Seconds that a reader spends on a word of prose, a formula in a line, a formula of its own, a line of code that is
# shown, and a drawing or a ledger.
READING_SECONDS = {"word": 0.3, "inline": 2.0, "display": 20.0, "code": 3.0, "figure": 30.0}
NEEDS = "You need "
HIDDEN_CODE = {"tag_hide-input", "tag_remove-input", "tag_hide-cell", "tag_remove-cell"}
COURSE_TIME = "<!-- course-time -->"


@dataclass(frozen=True)
class Guide:
    """What stands under the title of a page."""

    minutes: int
    needs: tuple[str, ...] = ()
    leads_to: tuple[str, ...] = ()


def reading_minutes(doctree: nodes.document) -> int:
    """Return about how long a page is read, in minutes, in steps of 5."""
    count = dict.fromkeys(READING_SECONDS, 0)
    no_prose = nodes.literal_block | nodes.math_block | nodes.math
    for node in doctree.findall():
        if isinstance(node, nodes.Text) and not isinstance(node.parent, no_prose):
            count["word"] += 0 if in_cell(node) else len(node.astext().split())
        elif isinstance(node, nodes.math):
            count["inline"] += 1
        elif isinstance(node, nodes.math_block):
            count["display"] += 1
        elif isinstance(node, nodes.literal_block) and not is_hidden(node):
            count["code"] += len(node.astext().splitlines())
        elif isinstance(node, nodes.raw) and ("<svg" in node.astext() or 'class="ledger' in node.astext()):
            count["figure"] += 1
    seconds = sum(READING_SECONDS[kind] * number for kind, number in count.items())
    return max(5, 5 * round(seconds / 300))


def around(node: nodes.Node) -> Iterator[nodes.Element]:
    """Iterate over the elements that hold a node, from the inside."""
    while node.parent is not None:
        node = node.parent
        yield node


def in_cell(node: nodes.Node) -> bool:
    """Return whether a node is in a cell of code or its output."""
    return any(element.get("nb_element") == "cell_code" for element in around(node))


def is_hidden(node: nodes.Node) -> bool:
    """Return whether a block of code is in a cell that hides it."""
    return any(HIDDEN_CODE & set(element.get("classes", ())) for element in around(node))


def needed_pages(doctree: nodes.document, page: str) -> list[str]:
    """Return the pages to which the sentence "You need …" of a page links."""
    paragraphs = (node for node in doctree.findall(nodes.paragraph) if node.astext().startswith(NEEDS))
    pages = []
    for part in next(paragraphs, nodes.paragraph()).children:
        if isinstance(part, nodes.Text) and re.search(r"\.(\s|$)", part.astext()):
            break
        if isinstance(part, pending_xref) and "doc" in (part.get("reftype"), part.get("refdomain")):
            # {doc}`/book/x` is a path like that of a file, [x](x.ipynb) is resolved when it is read
            relative = part.get("reftype") == "doc"
            pages.append(docname_join(page, part["reftarget"]).lstrip("/") if relative else part["reftarget"])
    return list(dict.fromkeys(pages))


def kind(page: str) -> str:
    """Return whether a page is a chapter, exercises or reference: nothing leads from one kind to another by itself."""
    folder = page.removeprefix("book/").partition("/")[0]
    return folder if folder in ("exercises", "reference") else "chapter"


def reading_guides(pages: Mapping[str, nodes.document], order: Sequence[str]) -> dict[str, Guide]:
    """Return the guides of the pages, in the order of the contents."""
    needs = {name: tuple(page for page in needed_pages(pages[name], name) if page in order) for name in order}
    guides = {}
    for index, name in enumerate(order):
        needing = tuple(other for other in order if name in needs[other])
        following = tuple(other for other in order[index + 1 : index + 2] if kind(other) == kind(name))
        guides[name] = Guide(reading_minutes(pages[name]), needs[name], needing or following)
    return guides


def find_guides(app: Any, env: Any) -> None:
    """Make the guides, once all pages are read."""
    if app.builder.format != "html":
        return
    order = list(env.toctree_includes.get(env.config.root_doc, ()))
    app.reading_guides = reading_guides({name: env.get_doctree(name) for name in order}, order)


def guide_html(app: Any, page: str) -> str:
    """Return the HTML of the guide of a page, or "" if it has none."""
    guide = app.reading_guides.get(page)
    if guide is None:
        return ""

    def links(names: Iterable[str]) -> str:
        return ", ".join(
            f'<a href="{app.builder.get_relative_uri(page, name)}">{escape(app.env.titles[name].astext())}</a>'
            for name in names
        )

    rows = [("Reading time", f"about {guide.minutes} minutes")]
    rows += [(term, links(names)) for term, names in (("Needs", guide.needs), ("Leads to", guide.leads_to)) if names]
    return '<dl class="pg-guide">' + "".join(f"<div><dt>{t}</dt><dd>{d}</dd></div>" for t, d in rows) + "</dl>"


def course_time(guides: Mapping[str, Guide], numbered: Iterable[str]) -> str:
    """Return how many chapters there are, and about how long they are read."""
    minutes = [guides[name].minutes for name in numbered if name in guides]
    return f"{len(minutes)} chapters, about {round(sum(minutes) / 60)} hours."


def show_guide(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Put the guide under the title of a page, and the time of the course where the first page asks for it."""
    body = context.get("body", "")
    if not body or not hasattr(app, "reading_guides"):
        return
    body = body.replace("</h1>", "</h1>" + guide_html(app, pagename), 1)
    if COURSE_TIME in body:
        numbered = (name for name, numbers in app.env.toc_secnumbers.items() if numbers)
        body = body.replace(COURSE_TIME, course_time(app.reading_guides, numbered))
    context["body"] = body


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.connect("env-updated", find_guides)
    app.connect("html-page-context", show_guide, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
