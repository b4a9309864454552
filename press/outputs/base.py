"""What all displays share: their class of nodes, and texts with formulas, code and links as nodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from myst_parser.mdit_to_docutils.base import default_slugify
from sphinx.addnodes import pending_xref

#: A formula in a text, or code where the text may hold some.
FORMULA = re.compile(r"\\\((?P<formula>.+?)\\\)", re.DOTALL)
FORMULA_OR_CODE = re.compile(rf"{FORMULA.pattern}|`(?P<code>[^`]+)`", re.DOTALL)
NUMBER = re.compile(r"(?<!\w)[-−]?\d[\d.⁻⁰¹²³⁴⁵⁶⁷⁸⁹]*(?:e[-+]?\d+)?")

Writers = dict[str, tuple[Callable[[Any, Any], None], Callable[[Any, Any], None]]]


class Display(nodes.General, nodes.Element):  # type: ignore[misc]
    """What a cell shows."""


class Part(nodes.General, nodes.TextElement):  # type: ignore[misc]
    """A part of a display that holds text."""


#: What plain text writes for an index or an exponent. ``static/tasks.js`` has the same rule.
SCRIPT = re.compile(
    r"(?<![A-Za-z0-9_])(?P<base>[^\W\d_])_"
    r"(?:\{(?P<whole>[^{}]+)\}|(?P<below>\d+|[^\W\d_]|(?<=[\u0370-\u03ff]_)[a-z]+)(?![A-Za-z0-9_\u0370-\u03ff]))"
    r"|\^\((?P<above>[^()]+)\)"
)


def text(words: str, code: bool = False) -> list[nodes.Node]:
    r"""Return a text as nodes: formulas between ``\(`` and ``\)``, and code, where there may be some, in backticks."""
    parts: list[nodes.Node] = []
    end = 0
    for match in (FORMULA_OR_CODE if code else FORMULA).finditer(words):
        parts.append(nodes.Text(words[end : match.start()]))
        formula = match["formula"]
        parts.append(nodes.literal("", match["code"]) if formula is None else nodes.math("", formula))
        end = match.end()
    parts.append(nodes.Text(words[end:]))
    return [part for part in parts if not isinstance(part, nodes.Text) or part.astext()]


def with_scripts(parts: list[nodes.Node]) -> list[nodes.Node]:
    """Return the nodes of a text with what stands after ``_`` below the line, and after ``^`` above it.

    Plain text writes ``d_γ``, ``θ_{k+1}``, ``π_old`` and ``e^(−z)``. A name of code, such as ``n_states``, stays.
    """
    made: list[nodes.Node] = []
    for part in parts:
        if not isinstance(part, nodes.Text):
            made.append(part)
            continue
        words, end = part.astext(), 0
        for match in SCRIPT.finditer(words):
            made.append(nodes.Text(words[end : match.start()] + (match["base"] or "")))
            above = match["above"]
            below = match["whole"] or match["below"] or ""
            made.append(nodes.subscript("", below) if above is None else nodes.superscript("", above))
            end = match.end()
        made.append(nodes.Text(words[end:]))
    return [part for part in made if part.astext()]


def whole_numbers(words: str) -> list[nodes.Node]:
    """Return a text with each number as a node that stays on one line."""
    parts: list[nodes.Node] = []
    end = 0
    for match in NUMBER.finditer(words):
        parts.append(nodes.Text(words[end : match.start()]))
        parts.append(nodes.inline("", match[0], classes=["pg-number"]))
        end = match.end()
    parts.append(nodes.Text(words[end:]))
    return [part for part in parts if part.astext()]


def place_link(place: Mapping[str, str], words: str) -> pending_xref:
    """Return a link to a section of a page, named by its heading; one that is not there is a warning."""
    return pending_xref(
        "",
        nodes.inline("", words),
        refdomain="doc",
        reftype="myst",
        reftarget=place["page"],
        reftargetid=default_slugify(place["heading"]),
        refexplicit=True,
    )


def label_link(label: str, words: str) -> pending_xref:
    """Return a link to a label of the book; one that is not there is a warning."""
    return pending_xref(
        "",
        nodes.inline("", words),
        refdomain="std",
        reftype="ref",
        reftarget=label,
        refexplicit=True,
        refwarn=True,
    )


def element(tag: str, **attributes: str) -> tuple[Callable[[Any, Any], None], Callable[[Any, Any], None]]:
    """Return what writes a node as an element of HTML."""

    def enter(translator: Any, node: nodes.Element) -> None:
        translator.body.append(translator.starttag(node, tag, "", **attributes))

    def leave(translator: Any, node: nodes.Element) -> None:
        translator.body.append(f"</{tag}>")

    return enter, leave


def latex(before: str, after: str) -> tuple[Callable[[Any, Any], None], Callable[[Any, Any], None]]:
    """Return what writes a node as its content between two pieces of LaTeX."""

    def enter(translator: Any, node: nodes.Element) -> None:
        translator.body.append(before)

    def leave(translator: Any, node: nodes.Element) -> None:
        translator.body.append(after)

    return enter, leave


def skip(translator: Any, node: nodes.Element) -> None:
    """Write nothing of a node."""
    raise nodes.SkipNode


def nothing(translator: Any, node: nodes.Element) -> None:
    """Write nothing before or after a node."""
