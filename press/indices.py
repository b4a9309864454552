"""A Sphinx extension: indices and exponents of docstrings are set as such on the pages of the reference.

A docstring is read in a terminal, so its formulas are letters and signs, Σ_t γᵗ r_t. On a page the t of Σ_t stands
below the line. A formula of its own, which a docstring sets in, is no code there: it has the letters of a formula and
keeps its lines. Names of code, such as n_states, stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx import addnodes

from press.api import IN_REFERENCE

#: Where no formula is: code, names, and what is copied into lists of headings.
NO_FORMULA = (
    nodes.literal
    | nodes.literal_block
    | nodes.doctest_block
    | nodes.math
    | nodes.math_block
    | nodes.raw
    | nodes.title
    | addnodes.desc_signature
    | addnodes.toctree
)
#: What has an index: one letter or sign, with a hat or a stroke. A letter of English with a word below it is a name.
BASE = r"(?:(?<![A-Za-z0-9_.])[A-Za-z]|[^\x00-\u036f]|[\u00c0-\u024f])[\u0302\u0304\u0303'′*]?"
BELOW = r"_(?:\{(?P<braced>[^{}]+)\}|(?P<short>[A-Za-z0-9]{1,3}|[^\x00-\u036f\s.,;:)\]|(=−·]+)(?![A-Za-z0-9_]))"
BELOW_SIGN = r"(?<=[^\x00-\u036f])_(?P<word>[a-z]+)(?![A-Za-z0-9_])"
ABOVE = r"\^(?:\{(?P<high>[^{}]+)\}|(?P<one>\w)(?!\w))"
INDEX = re.compile(rf"(?P<base>{BASE}){BELOW}|{BELOW_SIGN}|{ABOVE}")
#: In a formula of its own a word has an index too.
WORD = re.compile(r"(?P<base>[A-Za-z]{2,})_(?P<short>[A-Za-z0-9])(?![A-Za-z0-9_])")
#: A block of code that is a formula: it has a sign that no program has.
SIGN = re.compile(r"[Σ∇∂∏∫√≈≤≥−∈πγθψτμσδλκρφ]|\bE\[")

CODE = re.compile(r">>>|^\s*(import|from|def|for|return)\b|==|\*\*", re.MULTILINE)


def parts(words: str) -> Iterator[nodes.Node]:
    """Yield a text with its indices below the line and its exponents above it."""
    end = 0
    for match in INDEX.finditer(words):
        found = match.groupdict()
        base = found["base"] or ""
        yield nodes.Text(words[end : match.start()] + base)
        low = found["braced"] or found["short"] or found["word"]
        yield nodes.subscript("", low) if low else nodes.superscript("", found["high"] or found["one"])
        end = match.end()
    yield nodes.Text(words[end:])


def with_indices(words: str) -> list[nodes.Node]:
    """Return a text as nodes; an empty one has none."""
    return [part for part in parts(words) if part.astext()]


def formula_line(line: str) -> Iterator[nodes.Node]:
    """Yield a line of a formula of its own as nodes."""
    end = 0
    for match in WORD.finditer(line):
        yield from with_indices(line[end : match.start()] + match["base"])
        yield nodes.subscript("", match["short"])
        end = match.end()
    yield from with_indices(line[end:])


def is_formula(block: nodes.literal_block) -> bool:
    """Return whether a block that is set in is a formula and no code."""
    words = block.astext()
    return bool(SIGN.search(words)) and not CODE.search(words)


def takes_indices(text: nodes.Text) -> bool:
    """Return whether a text may hold a formula."""
    element = text.parent
    while element is not None:
        if isinstance(element, NO_FORMULA):
            return False
        element = element.parent
    return True


def set_indices(app: Any, doctree: nodes.document) -> None:
    """Set the formulas of a page of the reference."""
    if not app.env.temp_data.get(IN_REFERENCE):
        return
    for block in list(doctree.findall(nodes.literal_block)):
        if is_formula(block):
            lines = (nodes.line("", "", *formula_line(line)) for line in block.astext().splitlines())
            block.replace_self(nodes.line_block("", *lines, classes=["pg-formulas"]))
    for text in list(doctree.findall(nodes.Text)):
        if ("_" in text or "^" in text) and takes_indices(text):
            text.parent.replace(text, with_indices(text.astext()))


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.connect("doctree-read", set_indices)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
