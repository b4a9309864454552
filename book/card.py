"""The picture that others show beside a link to a page, and the one at the head of the README.

It is the first page's own: the first cell of code of its notebook defines ``draw_arrows(axes, discount)`` and
``verdict(discount)``, and that cell is run here. A card has the title of its page. Cards are made when the website is
built, by ``press/cards.py``; ``python book/card.py`` writes the README's picture anew.
"""

from __future__ import annotations

import hashlib
import json
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FIRST_PAGE = Path(__file__).with_name("intro.ipynb")
README_PICTURE = Path(__file__).parents[1] / "assets" / "arrows.svg"
#: What the picture shows, in words.
ALT = (
    "Two arrows from one point: the gradient of the mean reward, and the update that most policy gradient programs "
    "follow, which is turned away from it. Below them, the claim that they are one, and that it is false."
)
TITLE = "Policy Gradients, Line by Line"
PROMISE = "Every equals sign runs. A false line turns red."
DISCOUNT = 0.7
CLAIM = "The update is the gradient:"
FORMULA = r"$\nabla J(\theta)\;=\;\mathbb{E}\left[\,\sum_t\; G_t\,\nabla\log\pi_\theta(a_t|s_t)\,\right]$"

PAPER, INK, QUIET = "#fbfbf9", "#1d2733", "#5b6773"
FALSE, FALSE_PAPER = "#c0392b", "#fbe9e6"


@dataclass(frozen=True)
class FirstPage:
    """What a card takes from the first page."""

    draw_arrows: Callable[[Any, float], None]
    finding: str  # how the update differs from the gradient, in the last of the verdict's words
    source: str


@cache
def first_page() -> FirstPage:
    """Run the first cell of code of the first page."""
    notebook = nbformat.read(FIRST_PAGE, as_version=4)
    source = next(str(cell.source) for cell in notebook.cells if cell.cell_type == "code")
    names: dict[str, Any] = {}
    exec(compile(source, str(FIRST_PAGE), "exec"), names)
    return FirstPage(names["draw_arrows"], names["verdict"](DISCOUNT).finding.rpartition(", ")[2], source)


def card(title: str) -> Figure:
    """Draw a card: the title on the left, the arrows on the right, the false line below."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyBboxPatch, Rectangle

    with rc_context(
        {"font.family": "DejaVu Sans", "mathtext.fontset": "stix", "text.color": INK, "svg.hashsalt": "card"}
    ):
        figure = Figure(figsize=(12, 6.3), dpi=100, facecolor=PAPER)
        arrows = figure.add_axes((0.47, 0.34, 0.51, 0.62))
        first_page().draw_arrows(arrows, DISCOUNT)
        for text in arrows.texts:
            text.set_fontsize(15)
        axes = figure.add_axes((0, 0, 1, 1), xlim=(0, 12), ylim=(0, 6.3), facecolor="none")
        axes.set_axis_off()
        lines = textwrap.wrap(title, 19)
        size = 36 if len(lines) <= 3 else 28
        axes.text(0.6, 5.75, "\n".join(lines), size=size, weight="bold", va="top", linespacing=1.25)
        axes.text(0.6, 2.35, PROMISE if title == TITLE else TITLE, size=16, color=QUIET, va="center")
        box = "round,pad=0,rounding_size=0.12"
        axes.add_patch(FancyBboxPatch((0.5, 0.45), 11.0, 1.5, boxstyle=box, facecolor=FALSE_PAPER, edgecolor="none"))
        axes.add_patch(Rectangle((0.5, 0.55), 0.1, 1.3, facecolor=FALSE))
        axes.text(0.95, 1.66, CLAIM, size=18, weight="bold", va="center")
        axes.text(0.95, 1.02, FORMULA, size=29, va="center")
        words = f"✗ false at γ = {DISCOUNT}\n{first_page().finding}"
        axes.text(11.2, 1.2, words, size=18, color=FALSE, weight="bold", va="center", ha="right", linespacing=1.5)
        return figure


def digest() -> str:
    """Return a checksum over what the README's picture is made of."""
    page = first_page()
    made_of = [page.source, page.finding, Path(__file__).read_text(encoding="utf-8")]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:16]


if __name__ == "__main__":
    from matplotlib import rc_context

    # The picture says of what it was made.
    metadata = {"Date": None, "Creator": None, "Title": TITLE, "Description": digest()}
    with rc_context({"svg.hashsalt": "card"}):
        card(TITLE).savefig(README_PICTURE, metadata=metadata)
