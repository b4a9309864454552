r"""What a cell shows when two things are compared, or when numbers stand in columns.

``check`` compares two arrays as a line of a ledger does and says so in one line; ``table`` sets numbers below each
other. Both are shown alike by the website, JupyterLab and Colab, and as text by a terminal. Formulas in their
texts stand between ``\(`` and ``\)``.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from html import escape
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from pgcode import _checks
from pgcode._console import printable
from pgcode._mime import Display
from pgcode._tex import without_tex
from pgcode.derivation import ROUNDED_AWAY, Check, Derivation, Line, Verdict

__all__ = ["Comparison", "Table", "check", "table"]

#: The colour of a chip where no style sheet says otherwise, legible on white and on black.
_COLORS = {
    Verdict.EXACT: ("exact", "#0b8a63"),
    Verdict.ESTIMATE: ("estimate", "#2a7fc0"),
    Verdict.FALSE: ("false", "#d0473c"),
    Verdict.UNDECIDED: ("undecided", "#9a6b00"),
}
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_FORMULA = re.compile(r"(\\\(.+?\\\))", re.DOTALL)
#: What a number can be written by: a sign, thousands, decimals and a type.
_FORMAT = re.compile(r"[-+ ]?0?\d*[,_]?(\.\d+)?[deEfFgG%]?", re.ASCII)
_POWER = re.compile(r"([-+ ]*[\d.,_]+)[eE]([-+]\d+)", re.ASCII)
#: The most decimals of a number in a table: a float has no more.
_MOST_DIGITS = 17


@dataclass(frozen=True)
class Comparison(Display):
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
    _precision: str = ""

    _kind: ClassVar[str] = "check"

    def __bool__(self) -> bool:
        raise TypeError("a comparison is neither true nor false: ask whether its .verdict is Verdict.EXACT")

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
            digits = "1 digit" if outcome.digits == 1 else f"{outcome.digits} digits"
            told = f"agree as far as {digits} can tell" if outcome.digits else "no digit is left to tell"
            return told + (f", in {self._precision} precision" if self._precision else "")
        if self._estimated:
            return self._in_standard_errors()
        off = f"off by {_written(outcome.residual, '.3g')}"
        if outcome.entries == 1:
            return off
        if outcome.length_ratio < ROUNDED_AWAY:
            return "0 in every entry"
        parts = []
        if math.isfinite(outcome.length_ratio) and f"{outcome.length_ratio:.3g}" != "1":
            parts.append(f"{_written(outcome.length_ratio, '.3g')} times as long")
        if not math.isnan(outcome.angle) and f"{outcome.angle:.1f}" != "0.0":
            opposite = f"{outcome.angle:.1f}" == "180.0"
            parts.append("the opposite way" if opposite else f"turned by {outcome.angle:.1f}°")
        # Where both are equal as arrows, what is left is in single entries.
        return ", ".join(parts) or f"{off} at most in an entry"

    def _in_standard_errors(self) -> str:
        outcome = self.outcome
        if math.isinf(outcome.standard_errors):
            return (
                "apart, and the standard error is 0" if outcome.entries == 1 else "apart where the standard error is 0"
            )
        if outcome.standard_errors == 0 and outcome.relative_error == 0:
            return "agree, and the standard error is 0"
        number = _written(outcome.standard_errors, ".1f" if outcome.standard_errors < 1000 else ".2e")
        errors = "1 standard error" if number == "1.0" else f"{number} standard errors"
        return f"{errors} apart" if outcome.entries == 1 else f"at most {errors} apart"

    @property
    def data(self) -> dict[str, Any]:
        """The fields from which a page is made."""
        verdict = self.verdict
        return {"claim": self.claim, "verdict": verdict.word, "mark": verdict.mark, "finding": self.finding}

    def __str__(self) -> str:
        claim = f": {without_tex(self.claim)}" if self.claim else ""
        return printable(f"{self.verdict.mark} {self.verdict.word}{claim} ({self.finding})")

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        # Plain values before those of the page: a notebook that was not run here lets nothing else through.
        return (
            f'<div class="pg-check is-{self.verdict.word}" style="margin: 0.5em 0; line-height: 1.6">{chip(self)} '
            f'<span class="pg-claim">{escape(self.claim)}</span> '
            f'<span class="pg-finding" style="opacity: 0.8">({escape(self.finding)})</span></div>'
        )

    def _repr_markdown_(self) -> str:
        return f"**{self.verdict.mark} {self.verdict.word}** {_for_markdown(self.claim)} ({self.finding})"


def chip(comparison: Comparison) -> str:
    """Return the HTML of the sign and the word of a verdict."""
    name, color = _COLORS[comparison.verdict]
    style = (
        f"display: inline-block; padding: 0 0.5em; border-radius: 0.7em; border: 1px solid {color}; "
        f"border-color: var(--pg-{name}, {color}); color: {color}; color: var(--pg-{name}, {color}); font-weight: 650"
    )
    mark, word = comparison.verdict.mark, comparison.verdict.word
    return f'<span class="pg-chip is-{word}" style="{style}"><span aria-hidden="true">{mark}</span> {word}</span>'


def _for_markdown(text: str, cell: bool = False) -> str:
    r"""A text for Markdown: formulas between dollars, and every other sign as it is, not as HTML or Markdown."""
    parts = []
    for number, part in enumerate(_FORMULA.split(text)):
        if number % 2:
            formula = part[2:-2].replace("|", r"\vert ") if cell else part[2:-2]
            parts.append(f"${formula}$")
        else:
            parts.append(re.sub(r"([\\`*_\[\]$|~])", r"\\\1", escape(part, quote=False)))
    return "".join(parts)


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
    least = np.dtype(np.float64)
    for name, side in (("value", value), ("other", other)):
        array = _numbers(name, side)
        if array.dtype == np.bool_:
            raise TypeError(f"{name} holds bool, not real numbers: pass what is compared, not the comparison")
        if array.dtype.kind == "f" and array.dtype.itemsize < least.itemsize:
            least = array.dtype
        with np.errstate(over="ignore"):  # a long double may not fit
            sides[name] = _checks.real_array(name, array)
        if not np.isfinite(sides[name]).all():
            place, index = _checks.first_place(name, ~np.isfinite(sides[name]))
            raise ValueError(f"{place} is {sides[name][index]}: only finite numbers are compared")
    left, right = sides["value"], sides["other"]
    if right.ndim == 0:
        right = np.broadcast_to(right, left.shape)
    if left.shape != right.shape:
        raise ValueError(f"value has shape {left.shape}, but other has {right.shape}: pass two arrays of one shape")
    spread = None if standard_error is None else _numbers("standard_error", standard_error)
    # Numbers of less precision were rounded so much more coarsely, once or more.
    coarser = float(np.finfo(least).eps / np.finfo(float).eps)
    try:
        line = Line(
            "value", "", "", left, right_side=right, standard_error=spread, scale=np.asarray(scale), condition=coarser
        )
    except (TypeError, ValueError) as error:
        raise type(error)(str(error).replace(" of line value", "")) from None
    precision = {8: "", 4: "single", 2: "half"}[least.itemsize]
    return Comparison(" ".join(claim.split()), Derivation("", [line]).checks["value"], spread is not None, precision)


def _numbers(name: str, side: ArrayLike) -> np.ndarray[Any, Any]:
    """Return an array as it is, or say that there is none, and what it holds instead."""
    array: np.ndarray[Any, Any] = _checks._as_array(name, side)
    if array.dtype.kind != "O":
        return array
    first = array.flat[0] if array.size else side
    kind = f"a {type(first).__name__}"
    if isinstance(first, int):
        kind = "a whole number of more than 64 bits"
    raise TypeError(f"{name} holds {kind}, not real numbers: pass an array of floats")


@dataclass(frozen=True)
class Table(Display):
    r"""Numbers and words in columns.

    Attributes
    ----------
    heads : tuple of str
        What stands above the columns.
    rows : tuple of tuple
        The cells of each row, as written; a ``Comparison`` stays one.
    numeric : tuple of bool
        Which columns hold numbers, most of all; these are aligned to the right.
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

    _kind: ClassVar[str] = "table"

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

    def _repr_html_(self) -> str:
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
        return (
            f'<div class="pg-table" role="region" tabindex="0" aria-label="{escape(self.caption or "Table")}">'
            f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def _repr_markdown_(self) -> str:
        rules = ["--:" if numeric else ":--" for numeric in self.numeric]
        written = [[_in_markdown(cell) for cell in row] for row in (self.heads, *self.rows)]
        lines = ["| " + " | ".join(row) + " |" for row in (written[0], rules, *written[1:])]
        if self.caption is not None:
            lines += ["", _for_markdown(self.caption)]
        return "\n".join(lines)


def _width(text: str) -> int:
    """How many places a text takes in a terminal: an accent takes none, a Chinese sign two."""
    wide = sum(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    return wide + sum(not unicodedata.combining(sign) for sign in text)


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
    return _for_markdown(cell, cell=True)


def _is_number(entry: object) -> bool:
    return isinstance(entry, Real) and not isinstance(entry, (bool, np.bool_, np.timedelta64))


def _number(entry: Any, place: str) -> int | float:
    """A number as one of Python, or an error where it is too large or too small for that."""
    try:
        number = float(entry)
    except OverflowError:
        number = math.inf
    if (math.isinf(number) and entry != number) or (number == 0 and entry != 0):
        raise ValueError(f"{place} holds a number that no float can hold: divide the column by a constant")
    return int(entry) if isinstance(entry, Integral) else number


def _written(number: float, form: str) -> str:
    """A number as it is read: a true minus, no −0, a power of ten as such."""
    text = "0" if number == 0 and "e" in form.lower() else format(number, form)
    power = _POWER.fullmatch(text)
    digits = power[1] if power else text
    if digits.strip("-+ 0.,_%") == "":
        text, digits = (part.replace("-", "+" if "+" in form else "") for part in (text, digits))
    if power:
        digits += f"·10{str(int(power[2])).translate(_RAISED)}"
    return digits.strip().replace("-", "−").replace("inf", "∞").replace("INF", "∞")


def _checked_format(head: str, form: object, numbers: Sequence[int | float]) -> str:
    """The format of a column, or an error: Python's own name no column."""
    if not (isinstance(form, str) and form and _FORMAT.fullmatch(form)):
        raise ValueError(
            f"formats has {form!r} for {head!r}, which is no format of a number: pass one such as '.2e', '.3f', '.1%' "
            "or 'd'"
        )
    for number in numbers:
        try:
            format(number, form)
        except ValueError:
            raise ValueError(
                f"formats has {form!r} for {head!r}, which does not fit {number!r}: 'd' writes whole numbers without "
                "decimals, '.0f' rounds others"
            ) from None
    return form


def _form(numbers: Sequence[int | float], digits: int) -> str:
    """One format for a column: whole numbers as such, others with so many decimals, or with powers of ten."""
    if all(isinstance(number, int) for number in numbers):
        return "d"
    sizes = [abs(number) for number in numbers if math.isfinite(number) and number != 0]
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

    A column of numbers has one format and is aligned to the right, with the few texts in it. Whole numbers are written
    as such, others with ``digits`` decimals, or with powers of ten where the largest of them would otherwise be lost or
    too long.

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
        If columns is no mapping, an entry is none of the above, or digits, formats or caption is of another type.
    ValueError
        If there is no column or no row, columns differ in length, a number fits no float, or a format is for no column
        or not for its numbers.

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
    if isinstance(digits, bool) or not isinstance(digits, (int, np.integer)) or not 0 <= digits <= _MOST_DIGITS:
        raise TypeError(f"digits is {digits!r}: pass how many decimals, a whole number from 0 to {_MOST_DIGITS}")
    if not isinstance(formats, (Mapping, type(None))):
        raise TypeError(f"formats is {formats!r}: pass a dictionary from the head of a column to its format")
    if not isinstance(caption, (str, type(None))):
        raise TypeError(f"caption is {caption!r}: pass a text, or None")
    formats = {} if formats is None else dict(formats)
    if unknown := sorted(map(str, set(formats) - set(columns))):
        raise ValueError(f"formats names {unknown[0]!r}, which is no column: the heads are {', '.join(columns)}")
    written: list[list[str | Comparison]] = []
    numeric = []
    for head, given in columns.items():
        if not isinstance(head, str):
            raise TypeError(f"a head is {head!r}: pass a text for each column")
        entries = _entries(head, given)
        numbers = [entry for entry in entries if isinstance(entry, (int, float))]
        form = _checked_format(head, formats[head], numbers) if head in formats else _form(numbers, int(digits))
        written.append([_written(entry, form) if isinstance(entry, (int, float)) else entry for entry in entries])
        numeric.append(_are_numbers(entries))
    lengths = {head: len(column) for head, column in zip(columns, written, strict=True)}
    if len(set(lengths.values())) > 1:
        sizes = ", ".join(f"{head!r} has {length}" for head, length in lengths.items())
        raise ValueError(f"columns differ in length: {sizes}")
    if not written[0]:
        raise ValueError("columns have no entries: pass at least one row")
    heads = tuple(_on_one_line(head) for head in columns)
    named = None if caption is None else _on_one_line(caption)
    return Table(heads, tuple(zip(*written, strict=True)), tuple(numeric), named)


def _entries(head: str, given: Any) -> list[int | float | str | Comparison]:
    """The entries of a column: numbers of Python, texts on one line, comparisons."""
    if isinstance(given, np.ma.MaskedArray):
        raise TypeError(f"column {head!r} is a masked array: pass a list with None where a cell is empty")
    if isinstance(given, np.ndarray) and given.ndim != 1:
        raise TypeError(f"column {head!r} is an array of shape {given.shape}: pass one of its entries for each row")
    if isinstance(given, (str, bytes, bytearray, Mapping, Set)) or not hasattr(given, "__len__"):
        raise TypeError(f"column {head!r} is {given!r}: pass a list of its entries, in their order")
    entries: list[int | float | str | Comparison] = []
    for index, entry in enumerate(given):
        if _is_number(entry):
            entries.append(_number(entry, f"column {head!r} at place {index}"))
        elif entry is None or isinstance(entry, (str, Comparison)):
            entries.append("" if entry is None else _on_one_line(entry) if isinstance(entry, str) else entry)
        else:
            raise TypeError(
                f"column {head!r} holds {entry!r} at place {index}: pass numbers, texts or what check returns"
            )
    return entries


def _on_one_line(text: str) -> str:
    return re.sub(r"\s*[\n\r\t\v\f]\s*", " ", text)


#: A number that was written as a text.
_NUMBER = re.compile(r"[-−+]?\d[\d,]*(\.\d+)?")


def _are_numbers(entries: Sequence[int | float | str | Comparison]) -> bool:
    """Whether a column is one of numbers: most of what stands in it is, and the rest, such as "none", are texts."""
    if any(isinstance(entry, Comparison) for entry in entries):
        return False
    numbers = [not isinstance(entry, str) or bool(_NUMBER.fullmatch(entry)) for entry in entries if entry != ""]
    return 2 * sum(numbers) > len(numbers)
