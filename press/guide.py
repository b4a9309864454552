"""A Sphinx extension: the line under the title of a page, with its reading time, what it needs and where it leads.

Nobody writes it: the time is counted, and the rest comes from the sentences "You need …" of the pages. A page leads to
those that need it, or else to the next one of its kind; a page of reference is looked up and leads nowhere. The first
page tells the time of all numbered chapters instead, and that of each where it lists them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.addnodes import pending_xref
from sphinx.util import docname_join

from press import contents
from press.live.pages import CHECK
from press.outputs.base import element
from press.outputs.figure import Figure
from press.outputs.ledger import Ledger, LedgerLine
from press.outputs.slider import Slider, SliderFrame
from press.placeholders import fill

# Seconds that a reader who knows the field spends on a word of prose, a formula in a line, a formula of its own, a line
# of code that is shown, a drawing or a ledger, a line of a ledger, and an answer to a task, beside reading the task.
READING_SECONDS = {"word": 0.3, "inline": 2.0, "display": 20.0, "code": 3.0, "figure": 30.0, "line": 8.0, "task": 60.0}
# How many times as long somebody needs to whom all of it is new, with a pencil: a newcomer's times on eight chapters
# were 1.5 to 4 times the count, in the median 1.7.
WITH_A_PENCIL = 1.7
NEEDS = "You need "
HIDDEN_CODE = {"tag_hide-input", "tag_remove-input", "tag_hide-cell", "tag_remove-cell"}
COURSE_TIME = "course-time"
COURSE_WAY = "course-way"


@dataclass(frozen=True)
class Guide:
    """What stands under the title of a page."""

    minutes: int
    needs: tuple[str, ...] = ()
    leads_to: tuple[str, ...] = ()

    @property
    def longest(self) -> int:
        """How long it takes with a pencil, in minutes, in steps of 5."""
        return 5 * max(round(self.minutes * WITH_A_PENCIL / 5), self.minutes // 5 + 1)


def span(guides: Iterable[Guide]) -> str:
    """Return how many minutes some pages take, from reading alone to a pencil: 20–35."""
    told = [(guide.minutes, guide.longest) for guide in guides]
    return "–".join(str(sum(minutes)) for minutes in zip(*told, strict=True)) or "0"


def reading_minutes(doctree: nodes.document) -> int:
    """Return about how long a page is read, in minutes, in steps of 5."""
    count = dict.fromkeys(READING_SECONDS, 0)
    no_prose = nodes.literal_block | nodes.math_block | nodes.math
    for node in doctree.findall():
        if in_other_tab(node):
            continue
        if isinstance(node, nodes.Text) and not isinstance(node.parent, no_prose):
            count["word"] += 0 if in_cell(node) else len(node.astext().split())
        elif isinstance(node, nodes.math):
            count["inline"] += 0 if in_cell(node) else 1
        elif isinstance(node, nodes.math_block):
            count["display"] += 1
        elif isinstance(node, nodes.literal_block) and CHECK.fullmatch(node.astext().strip()):
            count["task"] += 1
        elif isinstance(node, nodes.literal_block) and not is_hidden(node):
            count["code"] += len(node.astext().splitlines())
        elif isinstance(node, Ledger | Figure | Slider) and not isinstance(node.parent, SliderFrame):
            count["figure"] += 1
        elif isinstance(node, LedgerLine):
            count["line"] += 1
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


def in_other_tab(node: nodes.Node) -> bool:
    """Return whether a node is in a tab that is not the first of its set: a reader reads one of them."""
    return any(
        element.get("design_component") == "tab-item" and element.parent.index(element) > 0 for element in around(node)
    )


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


def directly(page: str, needing: Iterable[str], needs: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    """Return, of the pages that need a page, those that can be read next: they need no other page that needs it."""

    def rests_on(other: str, seen: set[str]) -> set[str]:
        for one in needs.get(other, ()):
            if one not in seen:
                seen.add(one)
                rests_on(one, seen)
        return seen

    return tuple(
        other for other in needing if not any(page in rests_on(one, set()) for one in needs[other] if one != page)
    )


#: How long a page is read, and the pages that it needs.
Read = tuple[int, Sequence[str]]


def pages_read(env: Any) -> dict[str, Read]:
    """Return what is known of each page since it was read."""
    if not hasattr(env, "press_guide"):
        env.press_guide = {}
    kept: dict[str, Read] = env.press_guide
    return kept


def note_page(app: Any, doctree: nodes.document) -> None:
    """Keep what the guides say of a page that has been read."""
    pages_read(app.env)[app.env.docname] = reading_minutes(doctree), needed_pages(doctree, app.env.docname)


def forget_page(app: Any, env: Any, docname: str) -> None:
    """Forget a page that is read anew, or gone."""
    pages_read(env).pop(docname, None)


def merge_pages(app: Any, env: Any, docnames: set[str], other: Any) -> None:
    """Take the pages that another process has read."""
    pages_read(env).update({name: pages_read(other)[name] for name in docnames})


def reading_guides(pages: Mapping[str, Read], kinds: Mapping[str, str], sheet: str = "") -> dict[str, Guide]:
    """Return the guides of the pages, of which the kinds are given, in the order of the contents.

    Nothing leads from one kind to another by itself, and nothing to the ``sheet``, to which every chapter has a link of
    its own.
    """
    order = list(kinds)
    needs = {name: tuple(page for page in pages[name][1] if page in order) for name in order}
    guides = {}
    for index, name in enumerate(order):
        needing = directly(name, [other for other in order if name in needs[other]], needs)
        later = [other for other in order[index + 1 :] if other != sheet]
        next_page = later[:1] if kinds[name] != "reference" else []
        following = tuple(other for other in next_page if kinds[other] == kinds[name])
        guides[name] = Guide(pages[name][0], needs[name], needing or following)
    return guides


def find_guides(app: Any, env: Any) -> None:
    """Make the guides, once all pages are read."""
    if app.builder.format == "html":
        app.page_kinds = contents.kinds(env)
        order = {name: app.page_kinds[name] for name in env.toctree_includes.get(env.config.root_doc, ())}
        app.reading_guides = reading_guides(pages_read(env), order, app.config.press_sheet)


class GuideList(nodes.General, nodes.Element):  # type: ignore[misc]
    """The line under the title of a page."""


class GuideItem(nodes.General, nodes.TextElement):  # type: ignore[misc]
    """One thing that it says, under its name."""


def enter_item(translator: Any, node: GuideItem) -> None:
    """Write the start of an item."""
    translator.body.append(f"<div><dt>{escape(node['term'])}</dt><dd>")


def leave_item(translator: Any, node: GuideItem) -> None:
    """Write the end of an item."""
    translator.body.append("</dd></div>")


def guide_list(app: Any, page: str) -> GuideList:
    """Return the guide of a page."""
    guide = app.reading_guides[page]
    kind, sheet = app.page_kinds[page], app.config.press_sheet
    timed = kind != "reference"  # which is not read, but looked up
    items = [GuideItem("", f"{span([guide])} minutes", term="Reading time")] if timed else []
    for term, names in (("Needs", guide.needs), ("Leads to", guide.leads_to)):
        item = GuideItem("", "", term=term)
        for name in names:
            address, title = app.builder.get_relative_uri(page, name), app.env.titles[name].astext()
            item += nodes.Text(", " if item.children else "")
            item += nodes.reference("", title, refuri=address, internal=True)
        items += [item] if names else []
    if kind == "chapter" and page != sheet and sheet in app.env.titles:
        address, title = app.builder.get_relative_uri(page, sheet), app.env.titles[sheet].astext()
        link = nodes.reference("", title, refuri=address, internal=True)
        items.append(GuideItem("", "", link, nodes.Text(", one sheet"), term="To print"))
    return GuideList("", *items)


def course_time(guides: Mapping[str, Guide], numbered: Iterable[str]) -> str:
    """Return how many chapters there are, and in how many hours they and all pages are read, without and with a pencil.

    A chapter has a number; exercises and what is looked up have none.
    """

    def hours(told: Collection[Guide]) -> str:
        least, most = sum(one.minutes for one in told), sum(one.longest for one in told)
        return f"{round(least / 60)} to {round(most / 60)} hours"

    chapters = [guides[name] for name in numbered if name in guides]
    return f"{len(chapters)} chapters, {hours(chapters)}; all pages, {hours(guides.values())}."


class CourseWay(nodes.General, nodes.Element):  # type: ignore[misc]
    """The contents of the course, part by part, with the time that each page and each part takes."""


class WayPart(nodes.General, nodes.Element):  # type: ignore[misc]
    """A part of the course."""


class WayPage(nodes.General, nodes.TextElement):  # type: ignore[misc]
    """A page of a part."""


def enter_part(translator: Any, node: WayPart) -> None:
    """Write the start of a part, with its name and its time."""
    head = f"<h3>{escape(node['caption'])}<span> {node['minutes']} min</span></h3>" if node["caption"] else ""
    translator.body.append(f"<section>{head}<ul>")


def leave_part(translator: Any, node: WayPart) -> None:
    """Write the end of a part."""
    translator.body.append("</ul></section>")


def leave_page(translator: Any, node: WayPage) -> None:
    """Write the time of a page behind its title."""
    translator.body.append(f"<span> {node['minutes']} min</span></li>")


def course_way(app: Any, page: str) -> CourseWay:
    """Return the contents of the course, as they are shown on a page."""
    way = CourseWay()
    for caption, pages in contents.parts(app.env):
        names = [name for name in pages if name in app.reading_guides]
        guides = [app.reading_guides[name] for name in names]
        part = WayPart(caption=caption, minutes=span(guides))
        for name, guide in zip(names, guides, strict=True):
            address, title = app.builder.get_relative_uri(page, name), app.env.titles[name].astext()
            link = nodes.reference("", title, refuri=address, internal=True)
            part += WayPage("", "", link, minutes=span([guide]))
        way += part
    return way


def show_guide(app: Any, doctree: nodes.document, docname: str) -> None:
    """Put the guide under the title of a page, and the time of the course where the first page asks for it."""
    if app.builder.format != "html":
        return
    title = next(iter(doctree.findall(nodes.title)), None)
    if title is not None and docname in app.reading_guides:
        guide = guide_list(app, docname)
        title.parent.insert(title.parent.index(title) + 1, [guide] if guide.children else [])
    numbered = [name for name, numbers in app.env.toc_secnumbers.items() if numbers]
    fill(doctree, COURSE_TIME, lambda: [nodes.Text(course_time(app.reading_guides, numbered))])
    fill(doctree, COURSE_WAY, lambda: [course_way(app, docname)])


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.setup_extension("press.contents")
    app.setup_extension("press.sheet")  # whose page is led to
    app.add_node(GuideList, html=element("dl", CLASS="pg-guide"))
    app.add_node(GuideItem, html=(enter_item, leave_item))
    app.add_node(CourseWay, html=element("div", CLASS="pg-way"))
    app.add_node(WayPart, html=(enter_part, leave_part))
    app.add_node(WayPage, html=(element("li")[0], leave_page))
    app.connect("doctree-read", note_page, priority=990)  # when the page is as it will be written
    app.connect("env-purge-doc", forget_page)
    app.connect("env-merge-info", merge_pages)
    app.connect("env-updated", find_guides)
    app.connect("doctree-resolved", show_guide, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
