"""A Sphinx extension: code has elements for what has a colour, and for nothing else.

Names, brackets and spaces have the colour of all code. Pygments puts an element around each of them; they are half of
the elements of a page with much code.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pygments.formatters import HtmlFormatter  # type: ignore[import-untyped]
from pygments.token import Name, Punctuation, Text, Whitespace  # type: ignore[import-untyped]

PLAIN = {Name, Punctuation, Whitespace}


class PlainCode(HtmlFormatter):  # type: ignore[misc]
    """Writes plain parts of code as text."""

    def format_unencoded(self, tokensource: Iterable[tuple[Any, str]], outfile: Any) -> None:
        """Write code as HTML."""
        tokens = ((Text if kind in PLAIN else kind, value) for kind, value in tokensource)
        super().format_unencoded(tokens, outfile)


def use_formatter(app: Any) -> None:
    """Let all code of the website be written so."""
    if app.builder.format == "html":
        app.builder.highlighter.formatter = PlainCode


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.connect("builder-inited", use_formatter)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
