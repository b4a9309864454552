"""Stands in for docutils and Sphinx where a page runs Python: as much of both as it takes to write what a cell shows.

So the modules of ``press/outputs`` write an output in the page as they do when the page is built. ``stand_in`` puts
this module in the place of ``docutils.nodes``; what else they import of the two is never used there.
"""

from __future__ import annotations

import copy
import re
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from typing import Any

#: Words that a link takes as a part of its address; the rest of a heading is dropped, as myst_parser does.
NOT_IN_ANCHOR = re.compile(r"[^\w\u4e00-\u9fff\- ]")


#: Words in code, each of which Sphinx gives an element.
WORD = re.compile(r"[^ \n]+")


class SkipNode(Exception):  # noqa: N818 (docutils calls it so)
    """What is in a node is not written."""


class Node:
    """A part of a page."""

    parent: Element | None = None

    def __init__(self) -> None:
        self.children: list[Any] = []

    def findall(self, condition: Any = None) -> Iterator[Any]:
        """Yield this node and all below it that are of a class, or for which a function says so."""
        if condition is None or (isinstance(self, condition) if isinstance(condition, type) else condition(self)):
            yield self
        for child in list(self.children):
            yield from child.findall(condition)


class Text(Node, str):
    """A text."""

    def __init__(self, text: str = "") -> None:
        super().__init__()

    def astext(self) -> str:
        """Return the text."""
        return str(self)

    def deepcopy(self) -> Text:
        """Return a copy."""
        return Text(self)


class Element(Node):
    """A node with attributes and children."""

    def __init__(self, rawsource: str = "", *children: Any, **attributes: Any) -> None:
        super().__init__()
        self.rawsource = rawsource
        self.attributes: dict[str, Any] = {"classes": [], **attributes}
        self.extend(children)

    def __getitem__(self, key: Any) -> Any:
        return self.attributes[key] if isinstance(key, str) else self.children[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, str):
            self.attributes[key] = value
        else:
            self.children[key] = value
            for child in self.children:
                child.parent = self

    def __contains__(self, key: object) -> bool:
        return key in self.attributes if isinstance(key, str) and not isinstance(key, Text) else key in self.children

    def __len__(self) -> int:
        return len(self.children)

    def __bool__(self) -> bool:
        return True

    def __iadd__(self, other: Any) -> Element:
        self.extend(other if isinstance(other, list) else [other])
        return self

    def get(self, key: str, default: Any = None) -> Any:
        """Return an attribute."""
        return self.attributes.get(key, default)

    def append(self, child: Any) -> None:
        """Put a child at the end."""
        child.parent = self
        self.children.append(child)

    def extend(self, children: Iterable[Any]) -> None:
        """Put children at the end."""
        for child in children:
            self.append(child)

    def index(self, child: Any) -> int:
        """Return the place of a child."""
        return next(place for place, one in enumerate(self.children) if one is child)

    def replace(self, old: Any, new: Any) -> None:
        """Put others in the place of a child."""
        place = self.index(old)
        self[place : place + 1] = new if isinstance(new, list) else [new]

    def astext(self) -> str:
        """Return the text of all that is in it."""
        return "".join(child.astext() for child in self.children)

    def deepcopy(self) -> Element:
        """Return a copy with copies of its children."""
        made = copy.copy(self)
        made.attributes, made.children, made.parent = copy.deepcopy(self.attributes), [], None
        made.extend(child.deepcopy() for child in self.children)
        return made

    def walkabout(self, translator: Translator) -> None:
        """Let a translator write it."""
        translator.write(self)


class TextElement(Element):
    """An element that holds text."""

    def __init__(self, rawsource: str = "", text: str = "", *children: Any, **attributes: Any) -> None:
        super().__init__(rawsource, *([Text(text)] if text else []), *children, **attributes)


class General:
    """An element that may stand anywhere."""


# Those of docutils and Sphinx that outputs are made of, by their names there.
document, container, section, pending_xref = (
    type(name, (Element,), {}) for name in ("document", "container", "section", "pending_xref")
)
(
    raw, title, comment, paragraph, inline, strong, literal, literal_block, math, math_block, reference, subscript,
    superscript,
) = (
    type(name, (TextElement,), {})
    for name in (
        "raw", "title", "comment", "paragraph", "inline", "strong", "literal", "literal_block", "math", "math_block",
        "reference", "subscript", "superscript",
    )
)  # fmt: skip


def default_slugify(heading: str) -> str:
    """Return the name by which a link finds a heading."""
    return NOT_IN_ANCHOR.sub("", heading.lower().replace(" ", "-"))


class Translator:
    """Writes nodes as HTML, those of docutils as Sphinx does.

    ``places`` says where a link leads: ``labels`` the address of a label, and ``anchors`` that of a heading, by its
    page and its name, where the page does not call it by that name.
    """

    def __init__(self, writers: Mapping[type, Mapping[str, Any]], root: str, places: Mapping[str, Any]) -> None:
        self.body: list[str] = []
        self._writers, self._root, self._places = writers, root, places
        self.in_code = False

    def write(self, node: Any) -> None:
        """Write a node and what is in it."""
        if isinstance(node, Text):
            encoded = self.encode(node)
            self.body.append(WORD.sub(r'<span class="pre">\g<0></span>', encoded) if self.in_code else encoded)
            return
        enter, leave = self._functions(node)
        try:
            enter(self, node)
        except SkipNode:
            return
        for child in node.children:
            self.write(child)
        if leave is not None:
            leave(self, node)

    def _functions(self, node: Any) -> tuple[Callable[..., None], Callable[..., None] | None]:
        if type(node) in self._writers:
            enter, leave = self._writers[type(node)]["html"]
            return enter, leave
        return STANDARD[type(node).__name__]

    def encode(self, text: str) -> str:
        """Return a text as HTML."""
        return escape(text, quote=False)

    def starttag(self, node: Any, tagname: str, suffix: str = "\n", **attributes: Any) -> str:
        """Return the start of an element, with the classes of its node."""
        given = {name.lower(): value for name, value in attributes.items()}
        classes = dict.fromkeys([*node.get("classes", []), *given.pop("class", "").split()])
        if classes:
            given["class"] = " ".join(classes)
        written = "".join(f' {name}="{escape(str(value))}"' for name, value in sorted(given.items()))
        return f"<{tagname}{written}>{suffix}"

    def address(self, node: Any) -> str:
        """Return where a link leads, or "" where nobody knows."""
        if node["reftype"] == "ref":
            known: str = self._places.get("labels", {}).get(node["reftarget"], "")
            return known and self._root + known
        page, name = node["reftarget"].lstrip("/"), node.get("reftargetid", "")
        anchor = self._places.get("anchors", {}).get(f"{page}#{name}", name)
        return f"{self._root}{page}.html" + (f"#{anchor}" if anchor else "")


def around(tag: str, classes: str = "") -> tuple[Callable[..., None], Callable[..., None]]:
    """Return what writes a node as an element."""

    def enter(translator: Translator, node: Any) -> None:
        translator.body.append(translator.starttag(node, tag, "", CLASS=classes))

    def leave(translator: Translator, node: Any) -> None:
        translator.body.append(f"</{tag}>")

    return enter, leave


def write_formula(translator: Translator, node: Any) -> None:
    """Write where a formula stands; the page sets it."""
    tag, display = ("div", "true") if isinstance(node, math_block) else ("span", "")
    formula = {"data-formula": node.astext(), "data-display": display}
    translator.body.append(f"{translator.starttag(node, tag, '', CLASS='math notranslate', **formula)}</{tag}>")
    raise SkipNode


def write_code(translator: Translator, node: Any) -> None:
    """Write a block of code."""
    language = node.get("language", "default")
    start = translator.starttag(node, "div", "", CLASS=f"highlight-{language} notranslate")
    code = translator.encode(node.astext().rstrip("\n"))
    translator.body.append(f'{start}<div class="highlight"><pre><span></span>{code}\n</pre></div>\n</div>\n')
    raise SkipNode


def enter_literal(translator: Translator, node: Any) -> None:
    """Write the start of code in a line."""
    translator.body.append(translator.starttag(node, "code", "", CLASS="docutils literal notranslate"))
    translator.in_code = True


def leave_literal(translator: Translator, node: Any) -> None:
    """Write its end."""
    translator.body.append("</code>")
    translator.in_code = False


def enter_link(translator: Translator, node: Any) -> None:
    """Write the start of a link, where it leads somewhere."""
    address = translator.address(node)
    if address:
        translator.body.append(translator.starttag(node, "a", "", CLASS="reference internal", href=address))


def leave_link(translator: Translator, node: Any) -> None:
    """Write its end."""
    if translator.address(node):
        translator.body.append("</a>")


def nothing(translator: Translator, node: Any) -> None:
    """Write nothing around what is in a node."""


STANDARD: dict[str, tuple[Callable[..., None], Callable[..., None] | None]] = {
    "document": (nothing, None),
    "paragraph": around("p"),
    "inline": around("span"),
    "strong": around("strong"),
    "subscript": around("sub"),
    "superscript": around("sup"),
    "literal": (enter_literal, leave_literal),
    "literal_block": (write_code, None),
    "math": (write_formula, None),
    "math_block": (write_formula, None),
    "pending_xref": (enter_link, leave_link),
    "Joint": (lambda translator, node: translator.body.append("<wbr>"), None),
}


class Absent(types.ModuleType):
    """A module of which nothing is used."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Exception if name.endswith("Error") else Absent(name)

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Return nothing, as whatever it is."""
        return self


def stand_in() -> None:
    """Let this module be imported in the place of those that a page does not have."""
    here = sys.modules[__name__]
    known: dict[str, types.ModuleType] = {
        name: Absent(name)
        for name in (
            "docutils", "sphinx", "sphinx.addnodes", "sphinx.errors", "sphinx.locale", "sphinx.util",
            "sphinx.util.math", "myst_nb", "myst_nb.core", "myst_parser", "myst_parser.mdit_to_docutils",
            "myst_parser.mdit_to_docutils.base",
        )
    }  # fmt: skip
    for name, module in known.items():
        module.__path__ = []
        sys.modules.setdefault(name, module)
    sys.modules["docutils.nodes"] = here
    for name in ("docutils", "sphinx.addnodes", "myst_parser.mdit_to_docutils.base"):
        module = sys.modules[name]
        module.__dict__.update({"nodes": here, "pending_xref": pending_xref, "default_slugify": default_slugify})
