"""What an audit found, and how it is shown."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pgcode._console import printable
from pgcode._mime import Display
from pgcode._places import Section
from pgcode.audit._worlds import Draw, World
from pgcode.displays import Table, table
from pgcode.mistakes._catalogue import known

__all__ = ["VERDICTS", "Counterexample", "Report"]

Array = NDArray[np.float64]

#: The verdicts, with their marks.
VERDICTS = {
    "unbiased": "✓",
    "proportional": "∝",
    "biased": "✗",
    "undecided": "?",
    "not an estimator": "!",
    "equal": "✓",
    "different": "✗",
}
#: The colours of the edges, where no sheet of style has them.
_COLORS = {
    **dict.fromkeys(("unbiased", "equal"), "#0b8a63"),
    "proportional": "#2a7fc0",
    **dict.fromkeys(("biased", "different"), "#d0473c"),
}

#: Rows of a counterexample that are shown.
_MOST_ROWS = 12


@dataclass(frozen=True, eq=False)
class Counterexample:
    """The smallest world and the fewest episodes on which an estimator is wrong.

    Attributes
    ----------
    world : str
        What it is.
    n_trajectories : int
        Episodes in a batch.
    mean : array, shape (S, A)
        E[ĝ].
    gradient : array, shape (S, A)
        ∇J(θ).

    Examples
    --------
    >>> from pgcode.audit import audit
    >>> example = audit(lambda batch, theta: theta).counterexample
    >>> example.world, example.n_trajectories, example.gradient.round(3)[0]
    ('two arms', 1, array([ 0.458, -0.458]))
    """

    world: str
    n_trajectories: int
    mean: Array
    gradient: Array
    _draw: Draw = field(repr=False)
    _estimates: Array = field(repr=False)

    @property
    def batches(self) -> Table:
        """Every batch with its probability, what was earned and what the estimator gave, where it fits a screen."""
        draw, world = self._draw, self._draw.world
        shown = np.argsort(-draw.probabilities, kind="stable")[:_MOST_ROWS]
        texts = [" and ".join(_walk(world, row) for row in draw.chosen[number]) for number in shown]
        left = len(draw) - len(shown)
        return table(
            {
                "batch": texts,
                "probability": draw.probabilities[shown],
                "estimate": [_numbers(self._estimates[number]) for number in shown],
            },
            caption=None if not left else f"The {len(shown)} likeliest of {len(draw)} batches.",
        )

    @property
    def sentence(self) -> str:
        """What its mean is, and what the gradient."""
        alike = self._draw.world.alike
        return (
            f"In the world “{self.world}” with {_episodes(self.n_trajectories)} a batch the mean is "
            f"{_numbers(self.mean)}, and the gradient is {_numbers(self.gradient)}.{alike and f' There {alike}'}"
        )

    def __str__(self) -> str:
        return printable(f"{self.sentence}\n{self.batches}")


def _walk(world: World, row: int) -> str:
    """A walk as it went: state, action, reward."""
    walks = world.hidden_walks[0]
    length = int(walks.lengths[row])
    steps = [
        f"{world.called(walks.states[row, t])} a{walks.actions[row, t]} {walks.rewards[row, t]:+g}".replace("-", "−")
        for t in range(length)
    ]
    return ", ".join([*steps, world.called(walks.states[row, length])])


def _numbers(array: Array) -> str:
    rows = ["(" + ", ".join(f"{number:.4g}" for number in np.round(row, 10) + 0.0) + ")" for row in array if row.any()]
    return (", ".join(rows) or "0").replace("-", "−")


def _episodes(number: int) -> str:
    return "1 episode" if number == 1 else f"{number} episodes"


@dataclass(frozen=True, eq=False)
class Report(Display):
    """The verdict on a function, as `audit`, `audit_advantages` and `audit_sequences` return it.

    What only one of them gives is None or empty for the others.

    Attributes
    ----------
    verdict : str
        Of `audit` and `audit_sequences`, which know the mean: "unbiased", "proportional" or "biased", and of `audit`
        also "undecided". Of `audit_advantages`, which compares numbers and not means: "equal" or "different". Of all:
        "not an estimator".
    mistakes : tuple of str
        Names in the catalogues of `pgcode.mistakes`: each explains it by itself, or, where ``together``, all do.
    together : bool
        Whether the mistakes were made together.
    among_others : bool
        Whether the mistakes are only some of the ways to what was found, as to an estimate that is 0 on every batch.
    factor : str
        For "proportional", c in E[ĝ] = c ∇J, such as "−1" or "m"; for a mistake what is left beside it; else empty.
        Of `audit`, m is the number of episodes in a batch and T the horizon. Of `audit_sequences`, m is the number of
        answers in a group, N that of all answers in a batch, and T the number of tokens to which answers are padded.
    reason : str
        What was found, in a sentence.
    counterexample : Counterexample or None
        Of `audit`: a world in which the mean is not ∇J, with all its batches.
    variances : Table or None
        Of `audit`, for an unbiased estimator: its exact variance beside those of known ones, in each world.
    ingredients : Table or None
        Of `audit`, for one that does several things at once: what each of them does alone.
    directions : Table or None
        Of `audit_sequences`: how long the mean is beside ∇J, and by how many degrees it is turned.
    rollout : Table or None
        Of `audit_advantages`: the shortest rollout that differs, step by step.
    notes : tuple of str
        What was noticed on the way.
    calls : int
        How often the estimator was called.

    Examples
    --------
    >>> from pgcode.audit import audit
    >>> audit(lambda batch, theta: theta.T[0]).reason[:30]
    'It gave an array of shape (2,)'
    """

    verdict: str
    reason: str
    mistakes: tuple[str, ...] = ()
    together: bool = False
    factor: str = ""
    counterexample: Counterexample | None = None
    variances: Table | None = None
    ingredients: Table | None = None
    directions: Table | None = None
    rollout: Table | None = None
    notes: tuple[str, ...] = ()
    calls: int = 0
    among_others: bool = False

    _kind: ClassVar[str] = "audit"

    @property
    def explained(self) -> list[tuple[str, Section]]:
        """For each mistake what it does and why that is wrong, and where the book explains it."""
        mistakes = {name: known(name) for name in self.mistakes}
        way = "One way to that, " if self.among_others else ""
        return [
            (f"{way}{name if way else name[0].upper() + name[1:]}: {one.what} {one.why}", one.see)
            for name, one in mistakes.items()
        ]

    @property
    def data(self) -> dict[str, Any]:
        """The fields from which a page is made."""
        example = self.counterexample
        return {
            "verdict": self.verdict,
            "mark": VERDICTS[self.verdict],
            "reason": self.reason,
            "mistakes": [
                {"name": name, "sentence": sentence, "see": see.data}
                for name, (sentence, see) in zip(self.mistakes, self.explained, strict=True)
            ],
            "notes": list(self.notes),
            "example": None if example is None else example.sentence,
            "tables": [shown.data for shown in self._tables()],
        }

    def _tables(self) -> list[Table]:
        return self._own_tables + ([self.counterexample.batches] if self.counterexample is not None else [])

    @property
    def _own_tables(self) -> list[Table]:
        every = (self.variances, self.ingredients, self.directions, self.rollout)
        return [shown for shown in every if shown is not None]

    def __str__(self) -> str:
        lines = [f"{VERDICTS[self.verdict]} {self.verdict}", self.reason]
        for sentence, see in self.explained:
            lines += [sentence, f"Explained in {see}."]
        lines += self.notes
        for shown in self._own_tables:
            lines += ["", str(shown)]
        if self.counterexample is not None:
            lines += ["", str(self.counterexample)]
        return printable("\n".join(lines))

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        color = _COLORS.get(self.verdict, "#9a6b00")
        paragraphs = [escape(self.reason)]
        paragraphs += [f"{escape(sentence)} Explained in {see.to_html()}." for sentence, see in self.explained]
        paragraphs += [escape(note) for note in self.notes]
        if self.counterexample is not None:
            paragraphs.append(escape(self.counterexample.sentence))
        told = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
        tables = "".join(shown._repr_html_() for shown in self._tables())
        return (
            f'<div class="pg-audit is-{self.verdict.replace(" ", "-")}" '
            f'style="border-left: 4px solid {color}; padding-left: 0.8em">'
            f'<p style="color: {color}; font-weight: 650">{VERDICTS[self.verdict]} {self.verdict}</p>'
            f"{told}{tables}</div>"
        )
