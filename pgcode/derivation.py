"""A derivation as data: lines that hold their value and are compared with their neighbour."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum
from html import escape
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode._console import printable
from pgcode._mime import Display
from pgcode._places import Section, link
from pgcode._tex import without_tex

__all__ = ["EXACT_TOLERANCE", "ROUNDED_AWAY", "Check", "Derivation", "Line", "LinkedDerivation", "Verdict"]

#: Two sides of an exact line may differ by this much, entry by entry, relative to the size of the terms that they sum.
EXACT_TOLERANCE = 1e-10
#: What is so many times as long as its neighbour is what rounding leaves of 0.
ROUNDED_AWAY = 1e-14

#: An estimate is doubted when a component is further off than this many standard errors.
ESTIMATE_BOUND = 5.0

#: How a row of the ledger looks where no style sheet says otherwise, as in Jupyter, light or dark: the width, the kind
#: and the colour of its edge.
_EDGES = {
    "start": ("4px", "solid", "#7a7f87"),
    "exact": ("4px", "solid", "#0b8a63"),
    "exact step": ("4px", "dotted", "#7a7f87"),
    "estimate": ("4px", "dashed", "#2a7fc0"),
    "false": ("6px", "double", "#d0473c"),
    "undecided": ("4px", "dotted", "#9a6b00"),
}

#: The tint of a false row there.
_FALSE_TINT = "rgba(208, 71, 60, 0.18)"

#: The roundings that an entry of a line may have gone through one after the other, each of relative size 2⁻⁵².
_ROUNDINGS = 16

Array = NDArray[np.float64]


class Verdict(Enum):
    """What the comparison of a line with its neighbour says.

    ``UNDECIDED``: both sides agree as far as this precision can tell, which is not to 10 digits.

    Examples
    --------
    >>> Verdict.EXACT.word, Verdict.UNDECIDED.mark
    ('exact', '?')
    """

    START = ("•", "start")
    EXACT = ("✓", "exact")
    ESTIMATE = ("≈", "estimate")
    FALSE = ("✗", "false")
    UNDECIDED = ("?", "undecided")

    def __repr__(self) -> str:
        return str(self)

    @property
    def mark(self) -> str:
        """The sign in the ledger."""
        return self.value[0]

    @property
    def word(self) -> str:
        """The word beside the sign, so that nothing hangs on a colour or a glyph."""
        return self.value[1]


@dataclass(frozen=True, eq=False, repr=False)
class Line:
    r"""One line of a derivation.

    Its arrays are copies and cannot be written to, also after ``pickle``, ``copy`` or ``dataclasses.replace``.

    Parameters
    ----------
    label : str
        Its name in the ledger, such as ``"A5"``.
    formula : str
        LaTeX, without dollars.
    reason : str
        Why it follows, in a sentence.
    value : array
        What the line evaluates to.
    right_side : array, optional
        For a line that is an identity of its own, its other side: the line is compared with that.
    follows : str, optional
        The label of the earlier line it is compared with; the line before it, unless told.
    standard_error : array, optional
        For an estimate, the exact standard error of ``value``.
    start : bool
        Whether a new chain of equations begins here, so that there is nothing to compare with.
    scale : float or array, optional
        The size of the terms that each entry sums, where they cancel; one number for all, or an array that
        broadcasts to ``value``. Without it, and where it is smaller, the larger of both sides counts.
    condition : float or array, optional
        κ ≥ 1 of each entry: how often over the rounding of one term of size ``scale`` may be found in the entry. A
        linear solve over a process that is expected to go on for N steps has κ of about N. See ``Derivation``.

    Raises
    ------
    TypeError
        If an array holds something other than real numbers, or a text is none.
    ValueError
        If an array is empty or an entry is not finite, if shapes differ, if a standard error or a scale is negative
        or a condition is below 1, if the label is blank, or if the line follows itself or has something to be
        compared with and is a start.

    Examples
    --------
    >>> import numpy as np
    >>> line = Line("L1", r"x^2", "Given.", np.array([1.0, 4.0]))
    >>> line.value
    array([1., 4.])
    >>> Line("L2", r"= x \cdot x", "Because.", [1.0, np.inf])
    Traceback (most recent call last):
    ...
    ValueError: value[1] of line L2 is inf: a line is judged by finite numbers
    """

    label: str
    formula: str
    reason: str
    value: Array
    right_side: Array | None = None
    follows: str | None = None
    standard_error: Array | None = None
    start: bool = False
    scale: float | Array = 0.0
    condition: float | Array = 1.0

    def __post_init__(self) -> None:
        for name in ("label", "formula", "reason"):
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"{name} of a line is {getattr(self, name)!r}: pass a text")
        if not (self.follows is None or isinstance(self.follows, str)):
            raise TypeError(f"follows of line {self.label} is {self.follows!r}: pass the label of a line, or None")
        for name in ("value", "right_side", "standard_error", "scale", "condition"):
            if name in ("value", "scale", "condition") or getattr(self, name) is not None:
                object.__setattr__(self, name, self._real(name, getattr(self, name)))
        if not self.value.size:
            raise ValueError(f"value of line {self.label} is empty: a comparison of no numbers certifies nothing")
        for name, other in (("right_side", self.right_side), ("standard_error", self.standard_error)):
            if other is not None and other.shape != self.value.shape:
                raise ValueError(
                    f"{name} of line {self.label} has shape {other.shape}, but value has {self.value.shape}"
                )
        for name, sizes, least in (
            ("standard_error", self.standard_error, 0),
            ("scale", self.scale, 0),
            ("condition", self.condition, 1),
        ):
            if sizes is not None and not np.all(sizes >= least):
                raise ValueError(f"{name} of line {self.label} has an entry that is not at least {least}")
        for name, sizes in (("scale", self.scale), ("condition", self.condition)):
            shape = np.shape(sizes)
            fits = len(shape) <= self.value.ndim and all(
                n in (1, m) for n, m in zip(shape[::-1], self.value.shape[::-1], strict=False)
            )
            if not fits:
                raise ValueError(
                    f"{name} of line {self.label} has shape {np.shape(sizes)}, which does not broadcast to that of "
                    f"value, {self.value.shape}: pass one number, or one for each entry"
                )
        if not self.label.strip():
            raise ValueError("label of a line is blank: give it a name, such as L1")
        if not isinstance(self.start, (bool, np.bool_)):
            raise TypeError(f"start of line {self.label} is {self.start!r}: pass True or False")
        for name in ("right_side", "follows", "standard_error"):
            if self.start and getattr(self, name) is not None:
                raise ValueError(
                    f"line {self.label} begins a chain, so nothing is compared, but has {name}: leave one of them out"
                )
        if self.follows == self.label:
            raise ValueError(f"line {self.label} follows itself: name the line that it is compared with")

    def _real(self, name: str, value: ArrayLike) -> Array:
        """Return finite real numbers; True and False, which a comparison gives by mistake, are none here."""
        where = f"{name} of line {self.label}"
        if np.asarray(value).dtype == np.bool_:
            raise TypeError(f"{where} holds bool, not real numbers: pass what is compared, not the comparison")
        with np.errstate(over="ignore"):  # a long double may not fit
            array = _checks.real_array(where, value)
        wrong = ~np.isfinite(array)
        if wrong.any():
            place, index = _checks.first_place(name, wrong)
            raise ValueError(f"{place} of line {self.label} is {array[index]}: a line is judged by finite numbers")
        array.setflags(write=False)
        return array.view()  # a view of what is read-only cannot be made writable again

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), tuple(getattr(self, field.name) for field in fields(self))

    def __repr__(self) -> str:
        return printable(f"Line({self.label!r}, {self.formula!r}, value={_short(self.value)})")


@dataclass(frozen=True)
class Check:
    """A line beside its neighbour.

    Attributes
    ----------
    verdict : Verdict
    neighbour : str
        The label of the other line; empty for a start or an identity of its own.
    rests_on : str
        The label of a false line that this one was derived from, through lines that agree with their own
        neighbour; empty where there is none.
    residual : float
        The largest difference of a component.
    standard_errors : float
        For an estimate, the largest difference of a component in units of its standard error.
    length_ratio : float
        The length of the line's value divided by the length of the neighbour's.
    angle : float
        The angle between both, in degrees.
    relative_error : float
        For an estimate, the length of its standard error divided by the length of what it estimates; infinite where
        that is 0.
    digits : int
        How many digits, relative to the terms that the line sums, rounding leaves in its worst entry.
    cancelled : float
        How many times larger the largest terms are than the largest entry of both sides; 0 if all are 0, infinite
        where only the terms are not.
    entries : int
        How many numbers were compared.

    Examples
    --------
    >>> ledger = Derivation("Halves", [Line("L1", "x", "Given.", [2.0]), Line("L2", "= x", "So.", [1.0])])
    >>> check = ledger.checks["L2"]
    >>> check.verdict, check.residual, check.length_ratio
    (Verdict.FALSE, 1.0, 0.5)
    """

    verdict: Verdict
    neighbour: str = ""
    rests_on: str = ""
    residual: float = 0.0
    standard_errors: float = 0.0
    length_ratio: float = 1.0
    angle: float = 0.0
    relative_error: float = 0.0
    digits: int = 15
    cancelled: float = 1.0
    entries: int = 1


class _Comparison:
    """Two arrays, compared entry by entry, each entry in units in which its terms are about 1.

    Let s be the size of the terms that an entry sums (its ``scale``, or the larger of both sides) and d the
    difference. Two numbers judge d:

        η = 10⁻¹⁰ s         what may be missing from an exact line,
        ν = 16 ε κ s        what rounding may have done to it, of both sides together.

    ε = 2⁻⁵² is the spacing of floating-point numbers at 1. κ, the ``condition``, is the conditioning of the
    computation: the factor between one rounding of a term of size s and its effect on the entry. It is 1 for a sum.
    For x = (I − γP)⁻¹ g a rounding at every step of the process is summed over all of them, so that κ is about the
    expected number of steps. 16 is the number of roundings in a row that are allowed for: an entry of the
    longest lines (softmax, P, the solve, the sum over actions, the sum over states, a product) goes through about
    ten, each of at most ε/2, and the sums of n terms add about √n of them, with random signs. It is not fitted to
    any test.

    The entry is exact where d ≤ η and ν ≤ η; it is undecided where ν > η, but d ≤ max(ν, η); else it is false. So
    what is certified was within reach of the precision, and what is called false is not explained by it.
    """

    def __init__(self, line: Line, value: Array, other: Array, other_scale: Array, other_condition: Array) -> None:
        self.value, self.other = value, other
        given, sides = np.broadcast_to(line.scale, value.shape), np.maximum(np.abs(value), np.abs(other))
        largest = np.maximum(given, sides)
        self.exponent = np.frexp(largest)[1]
        with np.errstate(over="ignore", under="ignore"):
            mine, others, size, theirs = (
                np.ldexp(side, -self.exponent)
                for side in (value, other, largest, np.maximum(other_scale, np.abs(other)))
            )
            self.difference = np.abs(mine - others)
            self.exact = EXACT_TOLERANCE * size
            amplified = line.condition * size + other_condition * theirs
            # the spacing of the floats near 0
            least = np.where(self.exponent < -50, np.ldexp(1.0, np.minimum(-1074 - self.exponent, 0)), 0.0)
            self.rounding = np.where(size > 0, _ROUNDINGS * (np.finfo(float).eps * amplified + least), 0)
            self.cancelled = float(largest.max() / sides.max()) if sides.any() else (math.inf if size.any() else 0.0)
        self.tolerance = np.maximum(self.exact, self.rounding)
        # Where both sides are 0 and their terms are nothing beside the largest, 0 = 0 was not rounded.
        vanishes = (sides == 0) & (largest < 1e-200 * largest.max())
        self.blurred = (self.rounding > self.exact) & ~vanishes
        lost = float(np.divide(self.rounding, size, out=np.full(size.shape, 1e-15), where=size > 0).max())
        self.digits = max(0, math.floor(-math.log10(min(lost, 1.0))))

    def verdict(self) -> Verdict:
        """Judge two sides that should be equal."""
        if not (self.difference <= self.tolerance).all():
            return Verdict.FALSE
        return Verdict.UNDECIDED if self.blurred.any() else Verdict.EXACT

    def estimate(self, standard_error: Array) -> tuple[Verdict, float, float]:
        """Judge an estimate: the verdict, the most standard errors, and their length relative to the other side."""
        with np.errstate(over="ignore"):
            spread = np.ldexp(standard_error, -self.exponent)
        beyond = np.maximum(self.difference - self.tolerance, 0)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            errors = float(np.where(beyond == 0, 0, beyond / spread).max())
        relative = _ratio(standard_error, self.other)
        if not errors <= ESTIMATE_BOUND:
            return Verdict.FALSE, errors, relative
        hidden = self.blurred & (self.rounding > ESTIMATE_BOUND * spread)
        return Verdict.UNDECIDED if hidden.any() else Verdict.ESTIMATE, errors, relative

    def residual(self) -> float:
        """The largest difference."""
        with np.errstate(over="ignore"):
            return float(np.ldexp(self.difference, self.exponent).max())

    def angle(self) -> float:
        """The angle between both sides in degrees; NaN where one of them is 0."""
        sides = [side / np.abs(side).max() for side in (self.value, self.other) if side.any()]
        if len(sides) < 2:
            return math.nan
        cosine = float(np.sum(sides[0] * sides[1])) / float(np.linalg.norm(sides[0]) * np.linalg.norm(sides[1]))
        return math.degrees(math.acos(min(1.0, max(-1.0, cosine))))


def _ratio(numerator: Array, denominator: Array) -> float:
    """The length of one array divided by that of another; infinite or NaN where the other is 0."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        top, bottom = (np.abs(side).max() for side in (numerator, denominator))
        lengths = [np.linalg.norm(side / max(most, 5e-324)) for side, most in ((numerator, top), (denominator, bottom))]
        return float((top / bottom) * (lengths[0] / lengths[1])) if top else float(top / bottom)


class Derivation(Sequence[Line], Display):
    """A titled sequence of lines, each compared with its neighbour.

    In a notebook it shows itself as a table; ``print`` gives plain text and ``to_markdown`` a
    Markdown table. What was judged stays as it was: neither lines nor checks can be changed, and a copy is
    judged anew.

    Agreement is judged entry by entry. An entry is exact if both sides differ by at most 1e-10 of the size of the
    terms that it sums (``Line.scale``), and if rounding, amplified by ``Line.condition``, stays below that. Where
    rounding may have done more, 10 digits cannot be certified: an entry that agrees as far as rounding allows is
    undecided, and one that is further off is false. A line is false if one of its entries is, else undecided
    if one of them is.

    Parameters
    ----------
    title : str
    lines : sequence of Line
        In the order of the derivation; labels are distinct.

    Attributes
    ----------
    checks : mapping of str to Check
        By the label of the line.

    Raises
    ------
    TypeError
        If the title is no text or a line is no ``Line``.
    ValueError
        If there is no line, a label occurs twice, a line follows one that is not there or stands after it, or
        shapes of neighbours differ.

    Examples
    --------
    >>> ledger = Derivation(
    ...     "A square",
    ...     [
    ...         Line("L1", r"(a + b)^2", "Given.", [9.0, 16.0]),
    ...         Line("L2", r"= a^2 + 2ab + b^2", "Multiplied out.", [9.0, 16.0]),
    ...         Line("L3", r"= a^2 + b^2", "The middle term is lost.", [5.0, 16.0]),
    ...     ],
    ... )
    >>> ledger.false_lines
    ['L3']
    >>> print(ledger)
    A square
    • L1  start       value (9, 16)
          Given.
    ✓ L2  exact       agrees with L1 to 10⁻¹⁰
          Multiplied out.
    ✗ L3  false       0.913 times as long as L2, turned by 12.0°; off by 4 at most in an entry
          The middle term is lost.
    >>> ledger[1:].checks["L2"].verdict
    Verdict.START
    """

    _kind = "ledger"

    def __init__(self, title: str, lines: Sequence[Line]) -> None:
        if not isinstance(title, str):
            raise TypeError(f"title is {title!r}: pass a text, and then the lines")
        if isinstance(lines, Line):
            raise TypeError("lines is one Line: pass a list of lines")
        self._title = title
        self._lines = tuple(lines)
        if not self._lines:
            raise ValueError("lines is empty: a derivation has at least one line")
        for number, line in enumerate(self._lines):
            if type(line) is not Line:
                what = f"of a subclass of Line, {type(line).__name__}" if isinstance(line, Line) else f"{line!r}"
                raise TypeError(f"lines[{number}] is {what}: pass a Line, whose values cannot change")
        labels = [line.label for line in self.lines]
        for label in labels:
            if labels.count(label) > 1:
                raise ValueError(f"lines holds {label!r} twice: give each line a label of its own")
        for number, line in enumerate(self.lines):
            if line.follows is not None and line.follows not in labels[:number]:
                where = "which stands after it" if line.follows in labels else "which is not there"
                raise ValueError(f"line {line.label} follows {line.follows}, {where}: name an earlier line")
        checks: dict[str, Check] = {}
        for number, line in enumerate(self.lines):
            checks[line.label] = self._check(number, line, checks)
        self._checks = MappingProxyType(checks)

    @property
    def title(self) -> str:
        """The title."""
        return self._title

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines, in order."""
        return self._lines

    @property
    def checks(self) -> Mapping[str, Check]:
        """The check of each line, by its label; read-only."""
        return self._checks

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.title, self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def __contains__(self, key: object) -> bool:
        """Tell whether there is a line of this label, or this line."""
        return any(key is line or (isinstance(key, str) and key == line.label) for line in self.lines)

    def __getitem__(self, key: Any) -> Any:
        """Return a line by its label or its place, or for a slice the part of the derivation."""
        if isinstance(key, str):
            for line in self.lines:
                if line.label == key:
                    return line
            raise KeyError(f"no line {key!r}: the labels are {', '.join(line.label for line in self.lines)}")
        if isinstance(key, slice):
            if key.step not in (None, 1):
                raise ValueError(
                    f"the slice has the step {key.step}: a part of a derivation has no gaps and keeps order"
                )
            if not self.lines[key]:
                raise ValueError(f"the slice holds none of the {len(self)} lines: a derivation has at least one line")
            return self._part(self.lines[key])
        if isinstance(key, bool) or not hasattr(key, "__index__"):
            raise TypeError(f"{key!r} is no label, place or slice: the labels are {', '.join(self.checks)}")
        if not -len(self) <= key.__index__() < len(self):
            raise IndexError(f"there is no line number {key}: the derivation has {len(self)} lines, from number 0")
        return self.lines[key]

    def between(self, first: str, last: str) -> Derivation:
        """Return the part from one label to another, both included.

        A line whose neighbour is not in the part becomes a start.

        Examples
        --------
        >>> ledger = Derivation("", [Line(label, "", "", 1.0) for label in ("L1", "L2", "L3")])
        >>> [line.label for line in ledger.between("L2", "L3")]
        ['L2', 'L3']
        """
        labels = [line.label for line in self.lines]
        for label in (first, last):
            if label not in labels:
                raise KeyError(f"no line {label!r}: the labels are {', '.join(labels)}")
        if labels.index(first) > labels.index(last):
            raise ValueError(f"{first} stands after {last}: name the first line of the part first")
        return self._part(self.lines[labels.index(first) : labels.index(last) + 1])

    def _part(self, part: Sequence[Line]) -> Derivation:
        kept: set[str | None] = {line.label for line in part}
        return Derivation(
            self.title,
            [
                line
                if {self.checks[line.label].neighbour, line.follows} <= kept | {"", None}
                else replace(line, start=True, follows=None, standard_error=None)
                if line.right_side is None
                else replace(line, follows=None)
                for line in part
            ],
        )

    def with_line(self, line: Line) -> Derivation:
        """Return the derivation with the line of the same label replaced."""
        old = self[line.label]
        return Derivation(self.title, [line if other is old else other for other in self.lines])

    def with_value(self, label: str, value: Array) -> Derivation:
        """Return the derivation with another value on one line, to see whether it holds."""
        return self.with_line(replace(self[label], value=value))

    def scaled(self, size: ArrayLike, labels: Collection[str] | None = None) -> Derivation:
        """Return the derivation with the size of the terms that lines sum, as ``Line.scale``: of all or of some."""
        chosen = self.lines if labels is None else [self[label] for label in labels]
        lines = [replace(line, scale=np.asarray(size)) if line in chosen else line for line in self.lines]
        return Derivation(self.title, lines)

    @property
    def false_lines(self) -> list[str]:
        """The labels of the lines that do not hold."""
        return [label for label, check in self.checks.items() if check.verdict is Verdict.FALSE]

    @property
    def undecided_lines(self) -> list[str]:
        """The labels of the lines that agree as far as rounding lets one see, but not to 10 digits."""
        return [label for label, check in self.checks.items() if check.verdict is Verdict.UNDECIDED]

    def _check(self, number: int, line: Line, checks: Mapping[str, Check]) -> Check:
        other_scale, other_condition = np.zeros(()), np.zeros(())
        if line.right_side is not None:
            neighbour, other = "", line.right_side
        elif line.start or (line.follows is None and number == 0):
            return Check(Verdict.START)
        else:
            before = self.lines[number - 1] if line.follows is None else self[line.follows]
            neighbour, other = before.label, before.value
            other_scale, other_condition = np.asarray(before.scale), np.asarray(before.condition)
        if other.shape != line.value.shape:
            raise ValueError(
                f"line {line.label} has a value of shape {line.value.shape}, but {neighbour} has {other.shape}: "
                "name the line that it follows"
            )
        compared = _Comparison(line, line.value, other, other_scale, other_condition)
        verdict, errors, relative = compared.verdict(), 0.0, 0.0
        if line.standard_error is not None:
            verdict, errors, relative = compared.estimate(line.standard_error)
        before_it = checks.get(neighbour, Check(Verdict.START))
        return Check(
            verdict,
            neighbour,
            neighbour if before_it.verdict is Verdict.FALSE else before_it.rests_on,
            compared.residual(),
            errors,
            _ratio(line.value, other),
            compared.angle(),
            relative,
            compared.digits,
            compared.cancelled,
            line.value.size,
        )

    def _finding(self, line: Line) -> str:
        """The value of a start, the residual of any other line, in words that do not change with rounding."""
        check = self.checks[line.label]
        if check.verdict is Verdict.START:
            return f"value {_short(line.value)}"
        other = _named(check.neighbour) or "the other side"
        warning = f", but {_named(check.rests_on)} is false" if check.rests_on else ""
        if check.verdict is Verdict.EXACT:
            return f"agrees with {other} to 10⁻¹⁰{_of_terms(check.cancelled)}{warning}"
        if check.verdict is Verdict.UNDECIDED:
            if not check.digits:
                return f"rounding may be as large as the terms, so {other} decides nothing{warning}"
            digits = "1 digit" if check.digits == 1 else f"{check.digits} digits"
            return f"agrees with {other} as far as {digits} can tell; rounding leaves no more{warning}"
        if line.standard_error is not None:
            return f"{_errors(check, other)}{_beside(check.relative_error, other)}{warning}"
        direction = "" if np.isnan(check.angle) else f", {_direction(check.angle)}"
        if not np.isfinite(check.length_ratio):
            return f"off {other} by {check.residual:.3g}{_in_an_entry(check)}{warning}"
        if check.entries == 1:
            sign = ", with the opposite sign" if check.angle > 90 else ""
            return f"off {other} by {check.residual:.3g}; {check.length_ratio:.3g} times as large{sign}{warning}"
        ratio = f"{check.length_ratio:.3g}"
        length = f"as long as {other}" if ratio == "1" else f"{ratio} times as long as {other}"
        if check.length_ratio < ROUNDED_AWAY:
            length, direction = f"0 in every entry, and {other} is not", ""
        return f"{length}{direction}; off by {check.residual:.3g}{_in_an_entry(check)}{warning}"

    def _verdict(self, line: Line) -> str:
        """The word of the verdict: a line that agrees with its neighbour may rest on a false one."""
        check = self.checks[line.label]
        step = " step" if check.verdict is Verdict.EXACT and check.rests_on else ""
        return check.verdict.word + step

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        width = max((len(line.label) for line in self.lines), default=0)
        rows = [self.title]
        for line in self.lines:
            mark = self.checks[line.label].verdict.mark
            rows.append(f"{mark} {line.label:<{width}}  {self._verdict(line):<10}  {self._finding(line)}")
            rows.append(f"  {'':<{width}}  {without_tex(line.reason)}")
        return printable("\n".join(rows))

    def to_markdown(self) -> str:
        """Return the ledger as a Markdown table, with the formulas between dollars."""
        rows = ["| line | formula | reason | value or residual | verdict |", "| --- | --- | --- | --- | --- |"]
        for line in self.lines:
            verdict = f"{self.checks[line.label].verdict.mark} {self._verdict(line)}"
            formula = line.formula.replace("|", r"\vert ")
            reason, finding = line.reason.replace("|", r"\|"), self._finding(line).replace("|", r"\|")
            reason = reason.replace(r"\(", "$").replace(r"\)", "$")
            rows.append(f"| {line.label} | ${formula}$ | {reason} | {finding} | {verdict} |")
        return "\n".join(rows)

    @property
    def data(self) -> dict[str, Any]:
        """The fields from which a page is made."""
        lines = [
            {
                "label": line.label,
                "formula": line.formula,
                "reason": line.reason,
                "finding": self._finding(line),
                "verdict": self.checks[line.label].verdict.word,
                "mark": self.checks[line.label].verdict.mark,
                "word": self._verdict(line),
                "after_false": bool(self.checks[line.label].rests_on),
            }
            for line in self.lines
        ]
        return {"title": self.title, "lines": lines}

    def linked(
        self, places: Mapping[str, Section] | None = None, errata: Mapping[str, Sequence[str]] | None = None
    ) -> LinkedDerivation:
        """Return the ledger with links: from the label of a line to a place in the book, and to the list of errata.

        Parameters
        ----------
        places : mapping of str to Section, optional
            By label, where the line is explained.
        errata : mapping of str to sequence of str, optional
            By label, the entries on the page of errata, such as ``"EA4"``.

        What is named for other lines than those of this derivation leads nowhere.
        """
        places = {label: place for label, place in (places or {}).items() if label in self.checks}
        codes = {label: tuple(codes) for label, codes in (errata or {}).items() if label in self.checks}
        return LinkedDerivation(self, places, codes)

    def _repr_html_(self) -> str:
        return _ledger_html(self.data, {}, {})


@dataclass(frozen=True)
class LinkedDerivation(Display):
    """A derivation whose lines lead to where they are explained, as `Derivation.linked` makes it.

    Attributes
    ----------
    derivation : Derivation
    places : mapping of str to Section
    errata : mapping of str to tuple of str

    Examples
    --------
    >>> from pgcode.exercises import Chapter
    >>> chapter = Chapter("book/setting/decision-processes", "Decision processes")
    >>> ledger = Derivation("Given", [Line("L1", "x", "Given.", [1.0])])
    >>> ledger.linked({"L1": chapter.section("Returns")}).data["lines"][0]["place"]["heading"]
    'Returns'
    """

    derivation: Derivation
    places: Mapping[str, Section]
    errata: Mapping[str, tuple[str, ...]]
    _kind = "ledger"

    @property
    def data(self) -> dict[str, Any]:
        """The fields from which a page is made."""
        data = self.derivation.data
        for line in data["lines"]:
            if line["label"] in self.places:
                line["place"] = self.places[line["label"]].data
            if line["label"] in self.errata:
                line["errata"] = list(self.errata[line["label"]])
        return data

    def __repr__(self) -> str:
        return repr(self.derivation)

    def _repr_html_(self) -> str:
        return _ledger_html(self.derivation.data, self.places, self.errata)


#: The page of errata, in whose anchors their names are in small letters.
_ERRATA = "book/reference/errata"


def _ledger_html(data: Mapping[str, Any], places: Mapping[str, Section], errata: Mapping[str, tuple[str, ...]]) -> str:
    """A ledger as HTML that needs no style sheet."""
    heads = "".join(
        f'<th scope="col" style="text-align: left">{head}</th>'
        for head in ("line", "formula", "reason", "value or residual", "verdict")
    )
    rows = []
    for line in data["lines"]:
        after = " is-after-false" if line["after_false"] else ""
        width, kind, color = _EDGES[line["word"]]
        # Plain values first: Jupyter lets nothing else through in a notebook that was not run here.
        edge = f"border-left: {width} {kind} {color}; border-left: " + " ".join(
            f"var(--pg-mark{name}, {value})" for name, value in (("-width", width), ("-style", kind), ("", color))
        )
        tint = f"; background-color: {_FALSE_TINT}; background-color: var(--pg-mark-tint, {_FALSE_TINT})"
        tint = tint if line["verdict"] == "false" else ""
        label = places[line["label"]].to_html(line["label"]) if line["label"] in places else escape(line["label"])
        codes = ", ".join(link(_ERRATA, code.lower(), code) for code in errata.get(line["label"], ()))
        notes = f" →\N{NO-BREAK SPACE}{codes}" if codes else ""
        # Jupyter aligns the cells of a table to the right unless each says otherwise.
        rows.append(
            f'<tr class="is-{line["verdict"]}{after}" style="{edge}{tint}">'
            f'<th scope="row">{label}</th>'
            f'<td class="ledger-formula" style="text-align: left">\\(\\displaystyle {escape(line["formula"])}\\)</td>'
            f'<td class="ledger-reason" style="text-align: left">{escape(line["reason"])}</td>'
            f'<td class="ledger-value" style="text-align: left">{escape(line["finding"])}</td>'
            f'<td class="ledger-verdict" style="color: {color}; color: var(--pg-mark, {color}); font-weight: 650">'
            f'<span aria-hidden="true">{line["mark"]}</span> {line["word"]}{notes}</td></tr>'
        )
    return (
        f'<div class="ledger mathjax_process" role="region" tabindex="0" aria-label="Ledger: {escape(data["title"])}">'
        f"<table><thead><tr>{heads}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def reward_exponent(reward: Array) -> int:
    """The whole number k for which the largest reward is 2ᵏ times a number from ½ to 1; 0 if all are 0.

    A derivation is computed with rewards divided by 2ᵏ, which changes no digit, and its lines are multiplied by it
    afterwards. So verdicts do not depend on the unit of reward, and nothing overflows or underflows on the way.

    Raises
    ------
    ValueError
        If rewards differ so much in size that the smaller would be lost beside the larger.
    """
    sizes = np.abs(reward[reward != 0])
    if not sizes.size:
        return 0
    exponent = math.frexp(float(sizes.max()))[1]
    if float(np.ldexp(sizes.min(), -exponent)) < np.finfo(float).tiny:
        raise ValueError(
            f"reward holds numbers from {sizes.min():.1e} to {sizes.max():.1e} in size, which floating point cannot "
            "hold beside each other: set the smaller ones to 0"
        )
    return exponent


def in_rewards(line: Line, exponent: int) -> Line:
    """Return a line that was computed with rewards divided by 2ᵏ in the units of the rewards."""

    def multiplied(array: Any) -> Any:
        with np.errstate(over="ignore", under="ignore"):
            return None if array is None else np.ldexp(array, exponent)

    arrays = {name: multiplied(getattr(line, name)) for name in ("value", "right_side", "standard_error", "scale")}
    if not all(np.isfinite(array).all() for array in arrays.values() if array is not None):
        raise ValueError(f"rewards near 2^{exponent} make line {line.label} overflow: divide the rewards by a constant")
    return replace(line, **arrays)


def _errors(check: Check, other: str) -> str:
    """How many standard errors an estimate is off; of several entries it is the worst that is told."""
    errors = f"{check.standard_errors:.1f} standard errors from {other}"
    if check.entries == 1:
        return errors
    return f"{'at most ' if check.verdict is Verdict.ESTIMATE else 'up to '}{errors} in an entry"


def _in_an_entry(check: Check) -> str:
    return "" if check.entries == 1 else " at most in an entry"


def _direction(angle: float) -> str:
    """How the direction of a vector compares with that of another, at an angle in degrees."""
    words = {"0.0": "in the same direction", "180.0": "in the opposite direction"}
    rounded = f"{angle:.1f}"
    return words.get(rounded, f"turned by {rounded}°")


def _named(label: str) -> str:
    """A line as a sentence names it: "agrees with 1" would say that it is 1."""
    return f"line {label}" if label.isdigit() else label


def _of_terms(cancelled: float) -> str:
    """What 10⁻¹⁰ is relative to, where the terms of a line are much larger than what is left of them."""
    if cancelled <= 1e4:
        return ""
    return (
        " of its terms, and is 0 beside them" if cancelled > 1e10 else f" of its terms, {cancelled:.1g} times as large"
    )


def _beside(relative: float, other: str) -> str:
    """How long a standard error is beside what is estimated: one that is much longer says nothing of it."""
    if np.isnan(relative):
        return ""
    size = f"; a standard error is {relative:.2g} times its length"
    return size if np.isfinite(relative) else f", and {other} is 0"


def _short(value: Array) -> str:
    """A few numbers as they are, many by their number and length."""
    shown = np.round(np.round(value, 12), 4)  # in the middle of two numbers, last digits do not decide
    numbers = [f"{float(number):.4g}".replace("-", "−") for number in shown.ravel()[:4] + 0.0]
    if value.size == 1:
        return numbers[0]
    if value.size <= 4:
        return f"({', '.join(numbers)})"
    return f"of {value.size} numbers, length {float(np.linalg.norm(value)):.4g}"
