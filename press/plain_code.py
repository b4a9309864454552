"""A Sphinx extension: code has elements for what has a colour, and for nothing else but a long line.

Names, brackets and spaces have the colour of all code. Pygments puts an element around each of them; they are half of
the elements of a page with much code. A line that is too long for a phone breaks there; an element around it carries
how far what is left of it is set in, so that the indentation, which means something in Python, can still be seen.

Sphinx puts an element around each word of a literal and of a signature too, so that it is not broken. The style sheet
takes that back, for a long name must break on a phone; so the elements go, a seventh of those of the package's page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.token import Name, Punctuation, Text, Whitespace  # type: ignore[import-untyped]
from sphinx.addnodes import desc_signature
from sphinx.writers.html5 import HTML5Translator

PLAIN = {Name, Punctuation, Whitespace}

#: A line of at most so many characters fits on every phone.
SHORT = 34
#: What is left of a line is set in by so many characters more than its start.
HANGING = 4


class PlainCode(HtmlFormatter):  # type: ignore[misc]
    """Writes plain parts of code as text."""

    def format_unencoded(self, tokensource: Iterable[tuple[Any, str]], outfile: Any) -> None:
        """Write code as HTML."""
        tokens = [(Text if kind in PLAIN else kind, value) for kind, value in tokensource]
        self._typed = "".join(value for _, value in tokens).split("\n")
        super().format_unencoded(tokens, outfile)

    def wrap(self, source: Iterable[tuple[int, str]]) -> Iterable[tuple[int, str]]:
        """Return the lines in the elements around them."""
        wrapped: Iterable[tuple[int, str]] = super().wrap(hanging(source, self._typed))
        return wrapped


def hanging(source: Iterable[tuple[int, str]], typed: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Give each line that was typed long an element that carries its indentation, with the end of the line in it."""
    for (is_code, line), text in zip(source, map(str.rstrip, typed), strict=False):  # an empty one may be last
        if len(text) > SHORT:
            indented = len(text) - len(text.lstrip()) + HANGING
            yield is_code, f'<span class="pg-long" style="--pg-hanging: {indented}ch">{line}</span>'
        else:
            yield is_code, line


def enter(translator: HTML5Translator, node: nodes.Element) -> None:
    """Write the start of a literal or of a signature, and let its words be written as they are."""
    before = translator.protect_literal_text
    START[type(node)](translator, node)
    node["protects"] = translator.protect_literal_text - before if "  " not in node.astext() else 0
    translator.protect_literal_text -= node["protects"]


def leave(translator: HTML5Translator, node: nodes.Element) -> None:
    """Write the end."""
    translator.protect_literal_text += node["protects"]
    END[type(node)](translator, node)


START = {nodes.literal: HTML5Translator.visit_literal, desc_signature: HTML5Translator.visit_desc_signature}
END = {nodes.literal: HTML5Translator.depart_literal, desc_signature: HTML5Translator.depart_desc_signature}


def use_formatter(app: Any) -> None:
    """Let all code of the website be written so."""
    if app.builder.format == "html":
        app.builder.highlighter.formatter = PlainCode


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.connect("builder-inited", use_formatter)
    for kind in START:
        app.add_node(kind, override=True, html=(enter, leave))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
