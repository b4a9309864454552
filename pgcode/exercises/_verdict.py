"""What a reader is told: verdicts, hints and solutions, as HTML and as text."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from html import escape
from typing import Any

from pgcode._console import printable
from pgcode._mime import Display
from pgcode._palette import COLORS
from pgcode._places import Section

#: The width of a line of text in a terminal.
WIDTH = 96

#: The name of a mistake has no more characters: longer ones are not read.
NAME_CHARACTERS = 140


class Outcome(Enum):
    """What became of an answer: its sign, its word, and the colour of its edge where no style sheet knows it.

    Examples
    --------
    >>> from pgcode.exercises import Outcome
    >>> [outcome.mark + " " + outcome.word for outcome in Outcome]
    ['• Not attempted', '✓ Right', '✗ Wrong', '≈ Nearly right', '! Error']
    """

    NOT_ATTEMPTED = ("•", "Not attempted", "#808080")
    RIGHT = ("✓", "Right", COLORS["green"])
    WRONG = ("✗", "Wrong", COLORS["false"])
    NEARLY = ("≈", "Nearly right", "#808080")
    ERROR = ("!", "Error", COLORS["orange"])

    def __repr__(self) -> str:
        return str(self)

    @property
    def mark(self) -> str:
        """The sign, one of those of the ledger where the meaning is the same."""
        return self.value[0]

    @property
    def word(self) -> str:
        """The word beside the sign, so that nothing hangs on a colour or a glyph."""
        return self.value[1]

    @property
    def css_class(self) -> str:
        """The class of a box with this outcome."""
        return f"is-{self.name.lower().replace('_', '-')}"


@dataclass(frozen=True)
class Feedback(Display):
    """What the check of an answer says.

    In a notebook it shows itself as a box, elsewhere as text.

    Attributes
    ----------
    outcome : Outcome
    title : str
        The title of the exercise.
    sentences : tuple of str
        What the reader is told, one paragraph each; code stands between backticks.
    mistake : str
        The name of the mistake whose result it is; several with "or" between where they give the same, and with "and"
        where two were made together. Empty where none was recognised.
    see : tuple of Section
        Where it is explained.
    precision : str
        With how many digits a right answer is right, such as "in single precision"; empty where with all.
    calls : tuple of str
        What can be called next, such as a hint: for a notebook, and no part of a page that has buttons for it.
    line : int
        The line of the source at which the reader's code failed; 0 where that is not known.

    Examples
    --------
    >>> from pgcode.exercises import setting
    >>> feedback = setting.discounted_return.check(lambda rewards, discount: sum(rewards))
    >>> feedback.outcome, feedback.mistake
    (Outcome.WRONG, 'no discount')
    """

    outcome: Outcome
    title: str
    sentences: tuple[str, ...] = ()
    mistake: str = ""
    see: tuple[Section, ...] = field(default=())
    precision: str = ""
    calls: tuple[str, ...] = ()
    line: int = 0
    _kind = "feedback"

    @property
    def data(self) -> dict[str, Any]:
        """The fields from which a page is made."""
        return {**self.in_page, "sentences": [*self.sentences, *self.calls]}

    @property
    def in_page(self) -> dict[str, Any]:
        """The same for a page in which the exercise is done."""
        return {
            "outcome": self.outcome.css_class.removeprefix("is-"),
            "mark": self.mark,
            "heading": self.heading,
            "sentences": list(self.sentences),
            "see": [place.data for place in self.see],
        }

    @property
    def mark(self) -> str:
        """The sign, which says too where a right answer is right in its first digits alone."""
        return "≈" if self.precision else self.outcome.mark

    @property
    def heading(self) -> str:
        """The first line, without its sign."""
        named = f" ({self.mistake})" if self.mistake else f", {self.precision}" if self.precision else ""
        return f"{self.outcome.word}{named}: {self.title}"

    def __str__(self) -> str:
        explained = tuple(f"Explained in {place}." for place in self.see)
        return printable(as_text(f"{self.mark} {self.heading}", (*self.sentences, *self.calls, *explained)))

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        head = (
            f'<p class="exercise-verdict-head"><span aria-hidden="true">{self.mark}</span> '
            f"<strong>{escape(self.heading)}</strong></p>"
        )
        body = "".join(paragraph(sentence) for sentence in (*self.sentences, *self.calls))
        explained = "".join(f"<p>Explained in {place.to_html()}.</p>" for place in self.see)
        edge = f"border-left: var(--pg-mark-edge, 4px solid {self.outcome.value[2]}); padding-left: 1em"
        kind = f'class="exercise-verdict {self.outcome.css_class}" role="status" style="{edge}"'
        return f"<div {kind}>{head}{body}{explained}</div>"


@dataclass(frozen=True)
class Message(Display):
    """A titled text with an optional piece of code: a hint or a solution."""

    title: str
    sentences: tuple[str, ...]
    code: str = ""
    see: tuple[Section, ...] = ()
    _kind = "message"

    @property
    def data(self) -> dict[str, Any]:
        """The fields from which a page is made."""
        see = [place.data for place in self.see]
        return {"heading": self.title, "sentences": list(self.sentences), "code": self.code, "see": see}

    def __str__(self) -> str:
        more = tuple(f"More in {place}." for place in self.see)
        text = as_text(f"• {self.title}", (*self.sentences, *more))
        return printable(f"{text}\n\n{textwrap.indent(self.code.rstrip(), '    ')}" if self.code else text)

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        head = f"<p><strong>{escape(self.title)}</strong></p>"
        body = "".join(paragraph(sentence) for sentence in self.sentences)
        more = "".join(f"<p>More in {place.to_html()}.</p>" for place in self.see)
        code = f"<pre><code>{escape(self.code.rstrip())}</code></pre>" if self.code else ""
        return f'<div class="exercise-message" role="status">{head}{body}{more}{code}</div>'


def name_within(names: Sequence[str], between: str = "or") -> str:
    """Return as many of some names as can be read, with a word between; of one that is too long its last step.

    All are needed where the word between is "and".
    """
    name, *others = names if between == "or" else [f" {between} ".join(names)]
    for other in others:
        longer = f"{name} {between} {other}"
        if len(longer) > NAME_CHARACTERS:
            break
        name = longer
    if len(name) > NAME_CHARACTERS and " and " in name:
        name = f"… and {name.rpartition(' and ')[2]}"
    return name if len(name) <= NAME_CHARACTERS else f"{name[: NAME_CHARACTERS - 1].rstrip()}…"


def as_text(heading: str, sentences: tuple[str, ...]) -> str:
    """Return a heading and paragraphs as wrapped text; a line that is indented stays as it is."""
    lines = textwrap.wrap(heading, WIDTH, subsequent_indent="  ")
    for sentence in sentences:
        for line in sentence.splitlines() or [""]:
            room = "      " if line.startswith("    ") else "  "
            lines += textwrap.wrap(line, WIDTH, initial_indent="  ", subsequent_indent=room) or [""]
    return "\n".join(lines)


def paragraph(sentence: str) -> str:
    """Return a paragraph of HTML: backticks become code, and lines that are indented a block of code."""
    blocks = []
    for is_code, lines in _runs(sentence.splitlines()):
        if is_code:
            blocks.append(f"<pre><code>{escape(textwrap.dedent(chr(10).join(lines)))}</code></pre>")
        else:
            text = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(" ".join(lines)))
            blocks.append(f"<p>{text}</p>")
    return "".join(blocks)


def _runs(lines: list[str]) -> list[tuple[bool, list[str]]]:
    """Group neighbouring lines by whether they are indented."""
    groups: list[tuple[bool, list[str]]] = []
    for line in lines:
        indented = line.startswith("    ")
        if not groups or groups[-1][0] != indented:
            groups.append((indented, []))
        groups[-1][1].append(line)
    return groups


def type_name(kind: type) -> str:
    """Return the name of a type, also of one that refuses to tell it, and plain words for texts."""
    name: str = type.__dict__["__name__"].__get__(kind)
    return {"str": "text", "bytes": "text", "NoneType": "None"}.get(name, name)


def an_object(value: object) -> str:
    """Say what an object is: its type, with an article."""
    name = type_name(type(value))
    return name if name == "None" else a_or_an(name)


def a_or_an(name: str) -> str:
    """Return a name with its article."""
    vowel = name.lower().startswith(("a", "e", "i", "o", "u", "nd"))  # an ndarray
    return f"{'an' if vowel else 'a'} {name}"
