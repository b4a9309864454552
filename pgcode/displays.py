r"""What a cell shows when two things are compared, or when numbers stand in columns.

``check`` compares two arrays as a line of a ledger does and says so in one line; ``table`` sets numbers below each
other. Both are shown alike by the website, JupyterLab and Colab, and as text by a terminal. Formulas in their
texts stand between ``\(`` and ``\)``.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from pgcode import _checks
from pgcode._console import printable
from pgcode._tex import without_tex
from pgcode.derivation import Check, Derivation, Line, Verdict

__all__ = ["Comparison", "Table", "check", "table"]

#: The colour of a chip where no style sheet says otherwise, legible on white and on black.
_COLORS = {
    Verdict.EXACT: ("exact", "#0b8a63"),
    Verdict.ESTIMATE: ("estimate", "#2a7fc0"),
    Verdict.FALSE: ("false", "#d0473c"),
    Verdict.UNDECIDED: ("undecided", "#9a6b00"),
}
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


@dataclass(frozen=True)
class Comparison:
    """Two things beside each other: what was claimed, what came out, and by how much they differ.

    Attributes
    ----------
    claim : str
        What should be equal, in a sentence.
    outcome : Check
        The same as that of a line of a ledger.

    Examples
    --------
    >>> from pgcode import check
    >>> check("twice two is four", 2 * 2, 4).verdict
    Verdict.EXACT
    """

    claim: str
    outcome: Check
    _estimated: bool = False

    @property
    def verdict(self) -> Verdict:
        """Exact, estimate, false or undecided."""
        return self.outcome.verdict

    @property
    def finding(self) -> str:
        """By how much both sides differ, in words that do not change with rounding."""
        outcome = self.outcome
        if outcome.verdict is Verdict.EXACT:
            return "agree to 10⁻¹⁰"
        if outcome.verdict is Verdict.UNDECIDED:
            return f"agree as far as {outcome.digits} digits can tell"
        if self._estimated:
            number = f"{outcome.standard_errors:.1f}"
            errors = "1 standard error" if number == "1.0" else f"{number} standard errors"
            return f"{errors} apart" if outcome.entries == 1 else f"at most {errors} apart"
        off = f"off by {_written(outcome.residual, '.3g')}"
        if outcome.entries == 1:
            return off
        parts = []
        if math.isfinite(outcome.length_ratio) and f"{outcome.length_ratio:.3g}" != "1":
            parts.append(f"{_written(outcome.length_ratio, '.3g')} times as long")
        if not math.isnan(outcome.angle) and f"{outcome.angle:.1f}" != "0.0":
            opposite = f"{outcome.angle:.1f}" == "180.0"
            parts.append("the opposite way" if opposite else f"turned by {outcome.angle:.1f}°")
        # Where both are equal as arrows, what is left is in single entries.
        return ", ".join(parts) or f"{off} at most in an entry"

    @property
    def data(self) -> dict[str, str]:
        """The fields from which a page is made."""
        verdict = self.verdict
        return {"claim": self.claim, "verdict": verdict.word, "mark": verdict.mark, "finding": self.finding}

    def __str__(self) -> str:
        claim = f": {without_tex(self.claim)}" if self.claim else ""
        return printable(f"{self.verdict.mark} {self.verdict.word}{claim} ({self.finding})")

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        # Plain values before those of the page: a notebook that was not run here lets nothing else through.
        page = (
            f'<div class="pg-check is-{self.verdict.word}" style="margin: 0.5em 0; line-height: 1.6">{chip(self)} '
            f'<span class="pg-claim">{escape(self.claim)}</span> '
            f'<span class="pg-finding" style="opacity: 0.8">({escape(self.finding)})</span></div>'
        )
        markdown = f"**{self.verdict.mark} {self.verdict.word}** {_with_dollars(self.claim)} ({self.finding})"
        return {
            "application/vnd.pgcode.check+json": self.data,
            "text/html": page,
            "text/markdown": markdown,
            "text/plain": str(self),
        }


def chip(comparison: Comparison) -> str:
    """Return the HTML of the sign and the word of a verdict."""
    name, color = _COLORS[comparison.verdict]
    style = (
        f"display: inline-block; padding: 0 0.5em; border-radius: 0.7em; border: 1px solid {color}; "
        f"border-color: var(--pg-{name}, {color}); color: {color}; color: var(--pg-{name}, {color}); font-weight: 650"
    )
    mark, word = comparison.verdict.mark, comparison.verdict.word
    return f'<span class="pg-chip is-{word}" style="{style}"><span aria-hidden="true">{mark}</span> {word}</span>'


def _with_dollars(text: str) -> str:
    r"""A text for Markdown: formulas between dollars."""
    return text.replace(r"\(", "$").replace(r"\)", "$")


def check(
    claim: str,
    value: ArrayLike,
    other: ArrayLike,
    *,
    standard_error: ArrayLike | None = None,
    scale: ArrayLike = 0.0,
) -> Comparison:
    r"""Compare two arrays, entry by entry, as a line of a ledger is compared with its neighbour.

    Exact means that every entry agrees to 10⁻¹⁰ of the size of what it sums, see `pgcode.Derivation`.

    Parameters
    ----------
    claim : str
        What should be equal, in a sentence; "" where a table says it. Formulas stand between ``\(`` and ``\)``.
    value : array
        What was computed.
    other : array
        What it should equal, of the same shape; or one number, for all entries.
    standard_error : array, optional
        The exact standard error of ``value`` where that is an estimate, of its shape.
    scale : float or array, optional
        The size of the terms that each entry sums, where they cancel.

    Returns
    -------
    Comparison
        Shown by the notebook when it ends a cell.

    Raises
    ------
    TypeError
        If the claim is no text, or an array holds something other than real numbers.
    ValueError
        If shapes differ, an array is empty or an entry is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode import check
    >>> check("the squares sum to one", np.cos(1) ** 2 + np.sin(1) ** 2, 1)
    ✓ exact: the squares sum to one (agree to 10⁻¹⁰)
    >>> check(r"\(\hat{g}\) is \(\nabla J\)", [1.0, 0.0], [1.0, 1.0])
    ✗ false: ĝ is ∇J (0.707 times as long, turned by 45.0°)
    >>> check("the mean of the sample is that of the process", [0.1, 0.3], [0, 0], standard_error=[0.1, 0.2])
    ≈ estimate: the mean of the sample is that of the process (at most 1.5 standard errors apart)
    """
    if not isinstance(claim, str):
        raise TypeError(f"claim is {claim!r}: pass a sentence that says what should be equal, and then the two sides")
    sides = {}
    for name, side in (("value", value), ("other", other)):
        if np.asarray(side).dtype == np.bool_:
            raise TypeError(f"{name} holds bool, not real numbers: pass what is compared, not the comparison")
        sides[name] = _checks.real_array(name, side)
        if not np.isfinite(sides[name]).all():
            place, index = _checks.first_place(name, ~np.isfinite(sides[name]))
            raise ValueError(f"{place} is {sides[name][index]}: only finite numbers are compared")
    left, right = sides["value"], sides["other"]
    if right.ndim == 0:
        right = np.broadcast_to(right, left.shape)
    if left.shape != right.shape:
        raise ValueError(f"value has shape {left.shape}, but other has {right.shape}: pass two arrays of one shape")
    spread = None if standard_error is None else _checks.real_array("standard_error", standard_error)
    line = Line("value", "", "", left, right_side=right, standard_error=spread, scale=np.asarray(scale))
    return Comparison(" ".join(claim.split()), Derivation("", [line]).checks["value"], spread is not None)


@dataclass(frozen=True)
class Table:
    r"""Numbers and words in columns.

    Attributes
    ----------
    heads : tuple of str
        What stands above the columns.
    rows : tuple of tuple
        The cells of each row, as written; a ``Comparison`` stays one.
    numeric : tuple of bool
        Which columns hold numbers; these are aligned to the right.
    caption : str, optional

    Examples
    --------
    >>> from pgcode import table
    >>> table({"a": [1, 2]}).rows
    (('1',), ('2',))
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str | Comparison, ...], ...]
    numeric: tuple[bool, ...]
    caption: str | None = None

    @property
    def data(self) -> dict[str, Any]:
        """The fields from which a page is made."""
        rows = [[cell.data if isinstance(cell, Comparison) else {"text": cell} for cell in row] for row in self.rows]
        return {"heads": list(self.heads), "numeric": list(self.numeric), "rows": rows, "caption": self.caption}

    def __str__(self) -> str:
        cells = [[_in_text(cell) for cell in row] for row in (self.heads, *self.rows)]
        widths = [max(_width(row[column]) for row in cells) for column in range(len(self.heads))]
        lines = [] if self.caption is None else [without_tex(self.caption)]
        for row in cells:
            sides = zip(row, widths, self.numeric, strict=True)
            padded = ((text, " " * (width - _width(text)), right) for text, width, right in sides)
            lines.append("  ".join(space + text if right else text + space for text, space, right in padded).rstrip())
        return printable("\n".join(lines))

    def __repr__(self) -> str:
        return str(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        sides = ["right" if numeric else "left" for numeric in self.numeric]
        style = "text-align: {}; padding: 0.15em 0.8em; font-variant-numeric: tabular-nums"
        heads = "".join(
            f'<th scope="col" class="is-{side}" style="{style.format(side)}">{escape(head)}</th>'
            for head, side in zip(self.heads, sides, strict=True)
        )
        body = "".join(
            "<tr>"
            + "".join(
                f'<td class="is-{side}" style="{style.format(side)}">{_in_html(cell)}</td>'
                for cell, side in zip(row, sides, strict=True)
            )
            + "</tr>"
            for row in self.rows
        )
        caption = "" if self.caption is None else f"<caption>{escape(self.caption)}</caption>"
        page = (
            f'<div class="pg-table" role="region" tabindex="0" aria-label="{escape(self.caption or "Table")}">'
            f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
        )
        rules = ["--:" if numeric else ":--" for numeric in self.numeric]
        written = [[_in_markdown(cell) for cell in row] for row in (self.heads, *self.rows)]
        lines = ["| " + " | ".join(row) + " |" for row in (written[0], rules, *written[1:])]
        if self.caption is not None:
            lines += ["", _with_dollars(self.caption)]
        return {
            "application/vnd.pgcode.table+json": self.data,
            "text/html": page,
            "text/markdown": "\n".join(lines),
            "text/plain": str(self),
        }


def _width(text: str) -> int:
    """How many places a text takes in a terminal: an accent takes none."""
    return sum(not unicodedata.combining(sign) for sign in text)


def _in_text(cell: str | Comparison) -> str:
    if isinstance(cell, Comparison):
        return f"{cell.verdict.mark} {cell.verdict.word} ({cell.finding})"
    return without_tex(cell)


def _in_html(cell: str | Comparison) -> str:
    if isinstance(cell, Comparison):
        return f'{chip(cell)} <span class="pg-finding" style="opacity: 0.8">{escape(cell.finding)}</span>'
    return escape(cell)


def _in_markdown(cell: str | Comparison) -> str:
    if isinstance(cell, Comparison):
        return f"**{cell.verdict.mark} {cell.verdict.word}** ({cell.finding})"
    return _with_dollars(cell).replace("|", r"\vert " if r"\(" in cell else r"\|")


def _is_number(entry: object) -> bool:
    return isinstance(entry, (Real, np.number)) and not isinstance(entry, (bool, np.bool_))


def _written(number: Any, form: str) -> str:
    """A number as it is read: a true minus, no −0, a power of ten as such."""
    text = "0" if number == 0 and "e" in form else format(number, form)
    if text.lstrip("-").strip("0.") == "":
        text = text.lstrip("-")
    digits, power, exponent = text.partition("e")
    if power:
        digits += f"·10{str(int(exponent)).translate(_RAISED)}"
    return digits.replace("-", "−").replace("inf", "∞")


def _form(numbers: Sequence[Any], digits: int) -> str:
    """One format for a column: whole numbers as such, others with so many decimals, or with powers of ten."""
    if all(isinstance(number, (Integral, np.integer)) for number in numbers):
        return "d"
    sizes = [abs(float(number)) for number in numbers if math.isfinite(number) and number != 0]
    wide = sizes and (max(sizes) >= 1e6 or max(sizes) < 10.0**-digits)
    return ".2e" if wide else f".{digits}f"


def table(
    columns: Mapping[str, Sequence[Any] | Any],
    *,
    digits: int = 4,
    formats: Mapping[str, str] | None = None,
    caption: str | None = None,
) -> Table:
    r"""Set numbers, words and comparisons in columns.

    A column of numbers has one format and is aligned to the right. Whole numbers are written as such, others with
    ``digits`` decimals, or with powers of ten where the largest of them would otherwise be lost or too long.

    Parameters
    ----------
    columns : mapping of str to sequence
        From the head of each column to its entries: numbers, texts, comparisons by ``check``, or None for an
        empty cell. Heads and texts may hold formulas between ``\(`` and ``\)``.
    digits : int
        The decimals of numbers that are not whole.
    formats : mapping of str to str, optional
        By head, a format such as ``".2e"`` for the numbers of one column.
    caption : str, optional

    Returns
    -------
    Table
        Shown by the notebook when it ends a cell.

    Raises
    ------
    TypeError
        If columns is no mapping, or an entry is none of the above.
    ValueError
        If there is no column or no row, columns differ in length, or a format is for no column.

    Examples
    --------
    >>> from pgcode import check, table
    >>> table({"state": ["left", "right"], r"\(V(s)\)": [1.5, -0.25]}, digits=2)
    state   V(s)
    left    1.50
    right  −0.25
    >>> table({"line": ["A2"], "verdict": [check("it is 1", 1.0, 1.0)]})
    line  verdict
    A2    ✓ exact (agree to 10⁻¹⁰)
    """
    if not isinstance(columns, Mapping):
        raise TypeError(f"columns is {columns!r}: pass a dictionary from the head of each column to its entries")
    if not columns:
        raise ValueError("columns is empty: pass at least one column")
    formats = {} if formats is None else dict(formats)
    if unknown := sorted(set(formats) - set(columns)):
        raise ValueError(f"formats names {unknown[0]!r}, which is no column: the heads are {', '.join(columns)}")
    written: list[list[str | Comparison]] = []
    numeric = []
    for head, given in columns.items():
        if not isinstance(head, str):
            raise TypeError(f"a head is {head!r}: pass a text for each column")
        if isinstance(given, str) or not hasattr(given, "__len__"):
            raise TypeError(f"column {head!r} is {given!r}: pass a list of its entries")
        entries = list(given)
        numbers = [entry for entry in entries if _is_number(entry)]
        form = formats.get(head) or _form(numbers, digits)
        column: list[str | Comparison] = []
        for index, entry in enumerate(entries):
            if _is_number(entry):
                column.append(_written(entry, form))
            elif entry is None or isinstance(entry, (str, Comparison)):
                column.append("" if entry is None else entry)
            else:
                raise TypeError(
                    f"column {head!r} holds {entry!r} at place {index}: pass numbers, texts or what check returns"
                )
        written.append(column)
        numeric.append(bool(numbers) and all(_is_number(entry) or entry in (None, "") for entry in entries))
    lengths = {head: len(column) for head, column in zip(columns, written, strict=True)}
    if len(set(lengths.values())) > 1:
        sizes = ", ".join(f"{head!r} has {length}" for head, length in lengths.items())
        raise ValueError(f"columns differ in length: {sizes}")
    if not written[0]:
        raise ValueError("columns have no entries: pass at least one row")
    return Table(tuple(columns), tuple(zip(*written, strict=True)), tuple(numeric), caption)
