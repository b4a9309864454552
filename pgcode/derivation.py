"""A derivation as data: lines that hold their value and are compared with their neighbour."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from html import escape
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode._console import printable

__all__ = ["EXACT_TOLERANCE", "Check", "Derivation", "Line", "Verdict"]

#: Two sides of an exact line may differ by this much, relative to the size of the terms that they sum.
EXACT_TOLERANCE = 1e-10

#: An estimate is doubted when a component is further off than this many standard errors.
ESTIMATE_BOUND = 5.0

Array = NDArray[np.float64]


class Verdict(Enum):
    """What the comparison of a line with its neighbour says."""

    START = ("•", "start")
    EXACT = ("✓", "exact")
    ESTIMATE = ("≈", "estimate")
    FALSE = ("✗", "false")

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


@dataclass(frozen=True, eq=False)
class Line:
    """One line of a derivation.

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
    scale : float, optional
        The size of the terms that the line sums, where they cancel; rounding is judged against it. Without
        it, the largest entry of both sides counts.

    Raises
    ------
    TypeError
        If an array holds something other than real numbers.
    ValueError
        If the shapes differ, a standard error is negative, or the line follows itself.
    """

    label: str
    formula: str
    reason: str
    value: Array
    right_side: Array | None = None
    follows: str | None = None
    standard_error: Array | None = None
    start: bool = False
    scale: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", self._real("value", self.value))
        for name in ("right_side", "standard_error"):
            if getattr(self, name) is not None:
                other = self._real(name, getattr(self, name))
                object.__setattr__(self, name, other)
                if other.shape != self.value.shape:
                    raise ValueError(
                        f"{name} of line {self.label} has shape {other.shape}, but value has {self.value.shape}"
                    )
        if self.standard_error is not None and not (self.standard_error >= 0).all():
            raise ValueError(f"standard_error of line {self.label} has an entry that is not at least 0")
        if self.follows == self.label:
            raise ValueError(f"line {self.label} follows itself: name the line that it is compared with")

    def _real(self, name: str, value: ArrayLike) -> Array:
        """Return real numbers; True and False, which a comparison gives by mistake, are none here."""
        where = f"{name} of line {self.label}"
        if np.asarray(value).dtype == np.bool_:
            raise TypeError(f"{where} holds bool, not real numbers: pass what is compared, not the comparison")
        return _checks.real_array(where, value)


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
    """

    verdict: Verdict
    neighbour: str = ""
    rests_on: str = ""
    residual: float = 0.0
    standard_errors: float = 0.0
    length_ratio: float = 1.0
    angle: float = 0.0


class Derivation(Sequence[Line]):
    """A titled sequence of lines, each compared with its neighbour.

    In a notebook it shows itself as a table; ``print`` gives plain text and ``to_markdown`` a
    Markdown table.

    Parameters
    ----------
    title : str
    lines : sequence of Line
        In the order of the derivation; labels are distinct.

    Raises
    ------
    ValueError
        If a label occurs twice, a line follows one that is not there or stands after it, or shapes of
        neighbours differ.
    """

    def __init__(self, title: str, lines: Sequence[Line]) -> None:
        self.title = title
        self.lines = tuple(lines)
        labels = [line.label for line in self.lines]
        for label in labels:
            if labels.count(label) > 1:
                raise ValueError(f"lines holds {label!r} twice: give each line a label of its own")
        for number, line in enumerate(self.lines):
            if line.follows is not None and line.follows not in labels[:number]:
                where = "which stands after it" if line.follows in labels else "which is not there"
                raise ValueError(f"line {line.label} follows {line.follows}, {where}: name an earlier line")
        self.checks: dict[str, Check] = {}
        for number, line in enumerate(self.lines):
            self.checks[line.label] = self._check(number, line)

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Line]:
        return iter(self.lines)

    def __contains__(self, key: object) -> bool:
        """Tell whether there is a line of this label, or this line."""
        return any(key == line.label or key is line for line in self.lines)

    def __getitem__(self, key: Any) -> Any:
        """Return a line by its label or its place."""
        if isinstance(key, str):
            for line in self.lines:
                if line.label == key:
                    return line
            raise KeyError(f"no line {key!r}: the labels are {', '.join(line.label for line in self.lines)}")
        return self.lines[key]

    def between(self, first: str, last: str) -> Derivation:
        """Return the part from one label to another, both included.

        A line whose neighbour is not in the part becomes a start.
        """
        labels = [line.label for line in self.lines]
        for label in (first, last):
            if label not in labels:
                raise KeyError(f"no line {label!r}: the labels are {', '.join(labels)}")
        if labels.index(first) > labels.index(last):
            raise ValueError(f"{first} stands after {last}: name the first line of the part first")
        part = self.lines[labels.index(first) : labels.index(last) + 1]
        kept: set[str | None] = {line.label for line in part}
        return Derivation(
            self.title,
            [
                line
                if {self.checks[line.label].neighbour, line.follows} <= kept | {"", None}
                else replace(line, start=True, follows=None)
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

    def scaled(self, size: float, labels: Collection[str] | None = None) -> Derivation:
        """Return the derivation with the size of the terms that lines sum, as ``Line.scale``: of all or of some."""
        chosen = self.lines if labels is None else [self[label] for label in labels]
        return Derivation(self.title, [replace(line, scale=size) if line in chosen else line for line in self.lines])

    @property
    def false_lines(self) -> list[str]:
        """The labels of the lines that do not hold."""
        return [label for label, check in self.checks.items() if check.verdict is Verdict.FALSE]

    def _check(self, number: int, line: Line) -> Check:
        if line.right_side is not None:
            neighbour, other = "", line.right_side
        elif line.start or (line.follows is None and number == 0):
            return Check(Verdict.START)
        else:
            before = self.lines[number - 1] if line.follows is None else self[line.follows]
            neighbour, other = before.label, before.value
        if other.shape != line.value.shape:
            raise ValueError(
                f"line {line.label} has a value of shape {line.value.shape}, but {neighbour} has {other.shape}: "
                "name the line that it follows"
            )
        difference = np.abs(line.value - other)
        length, other_length = float(np.linalg.norm(line.value)), float(np.linalg.norm(other))
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = float(np.float64(length) / other_length)
            cosine = float(np.sum(line.value * other) / (length * other_length))
        sizes = [float(np.abs(side).max(initial=0.0)) for side in (line.value, other)]
        rounding = EXACT_TOLERANCE * max(line.scale, *sizes)
        residual = float(difference.max(initial=0.0))
        errors = 0.0
        if line.standard_error is None:
            verdict = Verdict.EXACT if residual <= rounding else Verdict.FALSE
        else:
            beyond = np.maximum(difference - rounding, 0)
            with np.errstate(divide="ignore", invalid="ignore"):
                errors = float(np.where(beyond == 0, 0, beyond / line.standard_error).max(initial=0.0))
            verdict = Verdict.ESTIMATE if errors <= ESTIMATE_BOUND else Verdict.FALSE
        return Check(
            verdict,
            neighbour,
            self._false_origin(neighbour),
            residual,
            errors,
            ratio,
            float(np.degrees(np.arccos(np.clip(cosine, -1, 1)))),
        )

    def _false_origin(self, neighbour: str) -> str:
        """The false line that a line rests on if it follows the neighbour."""
        if neighbour not in self.checks:
            return ""
        before = self.checks[neighbour]
        return neighbour if before.verdict is Verdict.FALSE else before.rests_on

    def _finding(self, line: Line) -> str:
        """The value of a start, the residual of any other line, in words that do not change with rounding."""
        check = self.checks[line.label]
        if check.verdict is Verdict.START:
            return f"value {_short(line.value)}"
        other = check.neighbour or "the other side"
        warning = f", but {check.rests_on} is false" if check.rests_on else ""
        if check.verdict is Verdict.EXACT:
            return f"agrees with {other} to 10⁻¹⁰{warning}"
        off = f"off {other} by {check.residual:.3g}"
        if line.standard_error is not None:
            bound = "at most " if check.verdict is Verdict.ESTIMATE else ""
            return f"{off}, {bound}{check.standard_errors:.1f} standard errors{warning}"
        length = f"; {check.length_ratio:.3g} times as long" if np.isfinite(check.length_ratio) else ""
        direction = "" if np.isnan(check.angle) else f", {_direction(check.angle)}"
        return f"{off}{length}{direction}{warning}"

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
            rows.append(f"  {'':<{width}}  {line.reason}")
        return printable("\n".join(rows))

    def to_markdown(self) -> str:
        """Return the ledger as a Markdown table, with the formulas between dollars."""
        rows = ["| line | formula | reason | value or residual | verdict |", "| --- | --- | --- | --- | --- |"]
        for line in self.lines:
            verdict = f"{self.checks[line.label].verdict.mark} {self._verdict(line)}"
            formula = line.formula.replace("|", r"\vert ")
            reason, finding = line.reason.replace("|", r"\|"), self._finding(line).replace("|", r"\|")
            rows.append(f"| {line.label} | ${formula}$ | {reason} | {finding} | {verdict} |")
        return "\n".join(rows)

    def _repr_html_(self) -> str:
        heads = "".join(
            f'<th scope="col" style="text-align: left">{head}</th>'
            for head in ("line", "formula", "reason", "value or residual", "verdict")
        )
        rows = []
        for line in self.lines:
            check = self.checks[line.label]
            after = " is-after-false" if check.rests_on else ""
            # Jupyter aligns the cells of a table to the right unless each says otherwise.
            rows.append(
                f'<tr class="is-{check.verdict.word}{after}"><th scope="row">{escape(line.label)}</th>'
                f'<td class="ledger-formula" style="text-align: left">\\(\\displaystyle {escape(line.formula)}\\)</td>'
                f'<td class="ledger-reason" style="text-align: left">{escape(line.reason)}</td>'
                f'<td class="ledger-value" style="text-align: left">{escape(self._finding(line))}</td>'
                f'<td class="ledger-verdict"><span aria-hidden="true">{check.verdict.mark}</span> '
                f"{self._verdict(line)}</td></tr>"
            )
        return (
            f'<div class="ledger mathjax_process" role="region" tabindex="0" aria-label="Ledger: {escape(self.title)}">'
            f"<table><thead><tr>{heads}</tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table></div>"
        )


def _direction(angle: float) -> str:
    """How the direction of a vector compares with that of another, at an angle in degrees."""
    words = {"0.0": "in the same direction", "180.0": "in the opposite direction"}
    rounded = f"{angle:.1f}"
    return words.get(rounded, f"turned by {rounded}°")


def _short(value: Array) -> str:
    """A few numbers as they are, many by their number and length."""
    numbers = [f"{float(number):.4g}".replace("-", "−") for number in np.round(value, 4).ravel()[:4] + 0.0]
    if value.size == 1:
        return numbers[0]
    if value.size <= 4:
        return f"({', '.join(numbers)})"
    return f"of {value.size} numbers, length {float(np.linalg.norm(value)):.4g}"
