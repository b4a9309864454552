"""A figure with a slider that needs no kernel and no library in the page, and is a widget where there is a kernel."""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pgcode import _checks
from pgcode._console import printable
from pgcode._mime import Display
from pgcode._tex import without_tex
from pgcode.derivation import Derivation, Verdict
from pgcode.displays import Comparison, chip
from pgcode.figures._live_slider import Frames, has_kernel, widget
from pgcode.figures._style import written
from pgcode.figures._svg import Drawing, draw, plain

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FrameSlider", "frame_slider"]

Array = NDArray[np.float64]

#: The most frames of one slider: each weighs about 20 kB in the page.
_MOST_FRAMES = 40

#: The colour behind a row that is not exact.
_TINTS = {Verdict.FALSE: "rgba(208, 71, 60, 0.18)"}

_MINUS = re.compile(r"(?<![\w.)])-(?=[\d.])")

# Runs where the output stands, on the website and in Jupyter alike. Where it may not run, the slider stays hidden and
# the frame at the start stands alone. The other frames are texts until they are shown, so that a page with many
# sliders costs no more than one with as many figures; only ledgers, whose formulas are set with the page, are elements.
_SCRIPT = """
for (const figure of document.querySelectorAll(".pg-frames:not([data-pg-ready])")) {
  const [input, readout] = figure.querySelectorAll("input, output");
  const elements = [...figure.querySelectorAll("div.pg-frame")];
  const texts = [...figure.querySelectorAll("script.pg-frame")];
  const stage = elements[0];
  const sources = texts.length ? texts : elements;
  const frames = sources.map(({ text, dataset }) => ({ html: text, readout: dataset.readout }));
  if (texts.length) frames.splice(+input.value, 0, { html: stage.innerHTML, readout: stage.dataset.readout });
  let shown = +input.value;
  const outcome = figure.querySelector(".pg-outcome");
  const outcomes = outcome ? JSON.parse(outcome.dataset.outcomes) : [];
  const show = () => {
    const index = +input.value;
    if (outcome) {
      outcome.style.background = outcomes[index][2];
      outcome.querySelector(".pg-verdict").innerHTML = outcomes[index][0];
      outcome.querySelector(".pg-finding").textContent = outcomes[index][1];
    }
    if (!texts.length) elements.forEach((element, number) => { element.hidden = number !== index; });
    else if (index !== shown) stage.innerHTML = frames[index].html;
    shown = index;
    readout.textContent = frames[index].readout;
    input.setAttribute("aria-valuetext", frames[index].readout);
  };
  input.addEventListener("input", show);
  // A finger that turns out to scroll the page leaves the slider where it was.
  let before = input.value;
  input.addEventListener("pointerdown", () => { before = input.value; }, true);
  input.addEventListener("pointercancel", () => { input.value = before; show(); });
  input.parentElement.hidden = false;
  figure.dataset.pgReady = "";
  show();
}
"""


@dataclass(frozen=True)
class FrameSlider(Display):
    """A figure with a slider.

    Attributes
    ----------
    label : str
        The name of what moves.
    labels : tuple of str
        What is written below the slider at each frame.
    frames : tuple of Drawing or Derivation
        What is shown at each place of the slider.
    start : int
        The frame shown first, and the only one where scripts are blocked.
    alt : str
        The text alternative of that frame.
    caption : str, optional
        The visible caption.
    outcomes : tuple of Comparison
        What is compared at each place of the slider, or nothing.
    plays : int, optional
        The frame from which the slider moves by itself to the one at the start, once, on the website.
    live : Frames, optional
        How a kernel draws a frame of any value. Copies and pickles keep the frames alone.

    Examples
    --------
    >>> from pgcode import figures
    >>> rows = ["SG", "SF"]
    >>> slider = figures.frame_slider(lambda row: figures.draw_grid([row]), rows, "row", "A grid", value_format="{}")
    >>> slider.labels
    ('row = SG', 'row = SF')
    """

    label: str
    labels: tuple[str, ...]
    frames: tuple[Drawing | Derivation, ...] = field(repr=False)
    start: int
    alt: str
    caption: str | None = None
    outcomes: tuple[Comparison, ...] = ()
    plays: int | None = None
    live: Frames | None = field(default=None, repr=False, compare=False)
    _kind = "slider"

    @property
    def data(self) -> dict[str, Any]:
        """The fields from which a page is made; each frame is the data of a ledger or of a figure."""
        return {
            "label": self.label,
            "labels": list(self.labels),
            "frames": [{"kind": frame._kind, **frame.data} for frame in self.frames],
            "start": self.start,
            "alt": self.alt,
            "caption": self.caption,
            "outcomes": [outcome.data for outcome in self.outcomes],
            "plays": self.plays,
        }

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle = super()._repr_mimebundle_(include, exclude)
        if self.live is None or not has_kernel():
            return bundle
        # What can show widgets prefers this one; all else, and who opens the notebook without a kernel, has the frames.
        return {**widget(self, self.live)._repr_mimebundle_(), **bundle}

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the functions, which cannot be pickled."""
        return {**self.__dict__, "live": None}

    def _repr_html_(self) -> str:
        # Jupyter has none of the style sheets of the website: what a slider cannot do without is said inline.
        control = (
            '<div class="pg-control" style="max-width: 32rem; margin: 0 auto" hidden>'
            # JupyterLab would take the arrow keys for its own shortcuts.
            '<input data-lm-suppress-shortcuts="true" type="range" '
            f'min="0" max="{len(self.frames) - 1}" value="{self.start}" autocomplete="off" '
            f'aria-label="{html.escape(self.label)}" aria-valuetext="{html.escape(self.labels[self.start])}" '
            'style="display: block; width: 100%; margin: 0; touch-action: pan-y">'
            # The slider itself tells its value to a screen reader: once is enough.
            '<output aria-live="off" style="display: block; text-align: center; font-variant-numeric: tabular-nums">'
            f"{html.escape(self.labels[self.start])}</output></div>"
        )
        # The frame at the start first: it is the one that stands where scripts are blocked, and on paper.
        as_elements = any(isinstance(frame, Derivation) for frame in self.frames)
        order = range(len(self.frames)) if as_elements else sorted(range(len(self.frames)), key=self.start.__ne__)
        frames = "".join(
            self._frame(index, f'div class="pg-frame"{"" if index == self.start else " hidden"}')
            if as_elements or index == self.start
            else self._frame(index, 'script class="pg-frame" type="text/html"')
            for index in order
        )
        caption = "" if self.caption is None else f"{html.escape(self.caption, quote=False)} "
        blocked = (
            f"<noscript>{html.escape(self.labels[self.start])}: one of {len(self.labels)} frames. "
            "The slider that shows the others needs scripts.</noscript>"
        )
        return (
            f'<figure class="pg-figure pg-frames mathjax_process" style="margin: 1em 0">{self._outcome()}{control}'
            f"{frames}"
            f"<figcaption>{caption}{blocked}</figcaption></figure><script>{_SCRIPT}</script>"
        )

    def _frame(self, index: int, tag: str) -> str:
        readout, frame = html.escape(self.labels[index]), self.frames[index]
        shown = frame.in_box() if isinstance(frame, Drawing) else frame._repr_html_()
        return f'<{tag} data-readout="{readout}">{shown}</{tag.partition(" ")[0]}>'

    def _outcome(self) -> str:
        """The row of what is compared: its formula stays, and the verdict changes with the frame."""
        if not self.outcomes:
            return ""
        rows = [(chip(one), f"({one.finding})", _TINTS.get(one.verdict, "none")) for one in self.outcomes]
        verdict, finding, tint = rows[self.start]
        return (
            f'<div class="pg-outcome" data-outcomes="{html.escape(json.dumps(rows, ensure_ascii=False))}" '
            f'style="padding: 0.5em 1em; text-align: center; background: {tint}">'
            f'<div style="font-size: 1.25em">{html.escape(self.outcomes[0].claim)}</div>'
            f'<span class="pg-verdict">{verdict}</span> <span class="pg-finding">{html.escape(finding)}</span></div>'
        )

    def __repr__(self) -> str:
        frames = f"{len(self.labels)} frames, from {self.labels[0]} to {self.labels[-1]}"
        return printable(f"{without_tex(self.alt)} [{frames}]")


def _compared(outcome: object, value: Any) -> Comparison:
    if not isinstance(outcome, Comparison):
        raise TypeError(f"outcome({value!r}) returned {outcome!r}: let it return what `check` returns")
    return outcome


def _start_index(name: str, values: Sequence[Any], start: Any) -> int:
    if start is None:
        return 0
    for index, value in enumerate(values):
        if value is start or (isinstance(value, type(start)) and np.array_equal(value, start)):
            return index
        if isinstance(value, Real) and isinstance(start, Real) and math.isclose(value, start, abs_tol=1e-12):
            return index
    raise ValueError(f"{name} is {start!r}, which is not among the values: pass one of {list(values)}")


def _frame(drawn: object, value: Any, alt: str, text: str) -> Drawing | Derivation:
    """One frame: a derivation as it is, a figure as a drawing."""
    if isinstance(drawn, Derivation):
        return drawn
    if isinstance(drawn, _checks.optional_import("matplotlib.figure", "to show a figure").Figure):
        return draw(drawn, alt, salt=text)
    raise TypeError(f"draw({value!r}) returned {drawn!r}: let it return the matplotlib figure, or a Derivation")


def frame_slider(
    draw: Callable[[Any], Figure | Derivation],
    values: Sequence[Any] | Array,
    label: str,
    alt: str | Callable[[Any], str],
    *,
    value_format: str = "{:g}",
    start: Any = None,
    caption: str | None = None,
    readout: Callable[[Any], str] | None = None,
    outcome: Callable[[Any], Comparison] | None = None,
    plays: Any = None,
) -> FrameSlider:
    r"""Draw one frame for each value and show them with a slider that needs no kernel.

    Every frame is drawn at once, and the browser shows one of them. The slider is the browser's own: it
    moves by mouse, touch and arrow keys, on Jupyter and on the static website alike, and tells its value
    to a screen reader.

    Where a kernel runs and there are ipywidgets, the same slider is a widget: between two frames it stops at up to
    nine more values, which the kernel draws, as many as the readout tells apart. So ``draw``, ``readout`` and
    ``outcome`` take every number between the values. Set ``PGCODE_SLIDERS=baked`` to have the frames alone.

    Parameters
    ----------
    draw : callable
        Takes one value and returns a new matplotlib figure, or a `Derivation`, which is shown as its
        ledger. All frames should have one size.
    values : sequence
        The values, 2 to 40 of them.
    label : str
        The name of what moves, such as "θ".
    alt : str or callable
        The text alternative: one sentence for all frames, to which the value is added, or a function of the
        value.
    value_format : str
        How a value is written, as for `str.format`.
    start : optional
        The value of the frame shown first. Without it, the first value.
    caption : str, optional
        The visible caption below the frames. Formulas stand in it as ``\(…\)``.
    readout : callable, optional
        Takes a value and returns what is written below the slider, such as "θ = 0.5, J = −6.56". Without
        it, the label and the value.
    outcome : callable, optional
        Takes a value and returns a `Comparison`, as `check` does: a row above the frames, whose verdict and colour
        change with the slider. All of them make the same claim.
    plays : optional
        A value from which the slider moves to ``start`` by itself, once, when the website shows it. It does not
        where motion is unwelcome.

    Returns
    -------
    FrameSlider
        Shown by the notebook when it ends a cell.

    Raises
    ------
    ImportError
        When `draw` returns no `Derivation` and there is no matplotlib.
    TypeError
        When `values` is no list, `draw` no function or what it returns neither a figure nor a `Derivation`, or
        a text is not a string.
    ValueError
        When there are too few or too many values, when `value_format` does not fit them or writes two of them
        alike, when `start` or `plays` is not among the values, when a text is empty, or when the comparisons make
        different claims.

    Examples
    --------
    A slider of ledgers needs no matplotlib.

    >>> from pgcode import Derivation, Line, figures
    >>> def doubled(x):
    ...     lines = Line("1", "x + x", "a sum", x + x), Line("2", "2x", "a product", 2 * x)
    ...     return Derivation("Twice x", lines)
    >>> slider = figures.frame_slider(doubled, [1.0, 2.0, 3.0], "x", "Two lines that agree", start=2.0)
    >>> slider
    Two lines that agree (x = 2) [3 frames, from x = 1 to x = 3]
    """
    if not isinstance(values, Iterable):
        raise TypeError(f"values is {values!r}: pass a list of values, one for each frame")
    for name, function in (("draw", draw), ("readout", readout), ("outcome", outcome)):
        if not callable(function) and (name == "draw" or function is not None):
            raise TypeError(f"{name} is {function!r}: pass a function of a value")
    values = list(values)
    if not 2 <= len(values) <= _MOST_FRAMES:
        raise ValueError(f"values holds {len(values)} values: pass 2 to {_MOST_FRAMES}, each is one frame in the page")
    label = plain("label", label)
    if caption is not None:
        caption = plain("caption", caption)

    def label_of(value: Any) -> str:
        if readout is None:
            return f"{label} = {written(value, value_format)}"
        return _MINUS.sub("−", plain("readout", readout(value)))

    labels = tuple(label_of(value) for value in values)
    for index, text in enumerate(labels):
        if text in labels[:index]:
            both = f"values[{labels.index(text)}] and values[{index}]"
            remedy = "give value_format more digits" if readout is None else "let readout tell them apart"
            raise ValueError(f"{both} are both written {text!r}: {remedy}")
    first = _start_index("start", values, start)
    begins = None if plays is None else _start_index("plays", values, plays)
    outcomes = () if outcome is None else tuple(_compared(outcome(value), value) for value in values)
    for one in outcomes:
        if one.claim != outcomes[0].claim:
            raise ValueError(f"outcome claims {outcomes[0].claim!r} and {one.claim!r}: let all make the same claim")

    def alt_of(value: Any) -> str:
        return plain("alt", alt(value)) if callable(alt) else f"{plain('alt', alt)} ({label_of(value)})"

    def frame_of(value: Any) -> Drawing | Derivation:
        return _frame(draw(value), value, alt_of(value), label_of(value))

    frames = tuple(frame_of(value) for value in values)
    return FrameSlider(
        label=label,
        labels=labels,
        frames=frames,
        start=first,
        alt=alt_of(values[first]),
        caption=caption,
        outcomes=outcomes,
        plays=begins,
        live=Frames(values, label_of, frame_of, outcome),
    )
