"""A decision process drawn from its arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, PathPatch, Polygon, Rectangle
from matplotlib.path import Path
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode.figures._layout import (
    HEAD,
    RADIUS,
    Arrow,
    Label,
    Start,
    cut,
    join_states,
    place_around,
    place_labels,
    unit,
)
from pgcode.figures._style import COLORS, CYCLE, LINE_STYLES, style
from pgcode.figures._words import renderer, text_size

__all__ = ["DecisionProcess", "draw_mdp"]

Array = NDArray[np.float64]


class DecisionProcess(Protocol):
    """What `draw_mdp` reads of a decision process."""

    @property
    def transition(self) -> Array:
        """p(s'|s,a), shape (n_states, n_actions, n_states)."""

    @property
    def reward(self) -> Array:
        """r(s,a,s'), shape (n_states, n_actions, n_states)."""

    @property
    def initial(self) -> Array:
        """μ(s), shape (n_states,)."""

    @property
    def terminal(self) -> NDArray[np.bool_]:
        """Which states are terminal, shape (n_states,)."""

    @property
    def n_states(self) -> int:
        """S."""

    @property
    def n_actions(self) -> int:
        """A."""


# One unit of the drawing is one inch, so that text and lines keep their proportion.
_LABEL_SIZE = 9.5
_ACTION_LABEL_SIZE = 10

#: From this on a number is written with a power of ten.
_LARGE = 1e7

#: So many labels are tried; where there are more, or where they find no place, each action has a panel.
_MOST_LABELS = 30
#: A drawing is stretched by these factors until its labels have room.
_STRETCHES = (1.0, 1.15, 1.3, 1.5)
_WIDEST = 7.0


def _number(value: float, digits: int, signed: bool = False) -> str:
    text = f"{value:.{digits}f}" if abs(value) < _LARGE else f"{value:.{digits + 1}g}"
    if "." in text and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    text = "0" if text == "-0" else text
    if text == "0" and value != 0 and not signed:
        return f"<{10.0**-digits:g}"
    sign = "+" if signed and not text.startswith("-") and text != "0" else ""
    return sign + text.replace("-", "−")


def _default_positions(mdp: DecisionProcess) -> Array:
    """Place states in a row when arrows join neighbours only, else on a circle, clockwise from the top."""
    n = mdp.n_states
    live = ~np.asarray(mdp.terminal, dtype=bool)
    source, _, target = np.nonzero(mdp.transition * live[:, None, None])
    if n <= 2 or (np.abs(source - target) <= 1).all():
        spacing = 2.3 if n <= 2 else float(np.clip(4.1 / (n - 1), 1.2, 1.8))
        return np.column_stack([spacing * np.arange(n), np.zeros(n)])
    radius = max(3.0, 1.8 + 0.25 * n) / (2 * np.sin(np.pi / n))
    angle = np.pi / 2 - 2 * np.pi * np.arange(n) / n
    return radius * np.column_stack([np.cos(angle), np.sin(angle)])


def _add_arrow(axes: Axes, arrow: Arrow, color: str, linestyle: Any, linewidth: float = 1.6) -> None:
    """Draw a curve with a solid head at its end, whatever the style of the line."""
    shaft = cut(arrow.control, 0.0, 1 - 0.85 * HEAD / arrow.length())
    codes = [Path.MOVETO] + [Path.CURVE3 if len(shaft) == 3 else Path.CURVE4] * (len(shaft) - 1)
    name = f"{arrow.source}-{arrow.action}-{arrow.target}"
    axes.add_patch(
        PathPatch(
            Path(shaft, codes),
            fill=False,
            edgecolor=color,
            linewidth=linewidth,
            linestyle=linestyle,
            capstyle="butt",
            gid=f"shaft {name}",
        )
    )
    axes.add_patch(Polygon(arrow.head(), closed=True, facecolor=color, edgecolor="none", gid=f"head {name}"))


def _labels(name: str, given: Sequence[str] | None, count: int, default: str) -> list[str]:
    if given is None:
        return [default.format(index) for index in range(count)]
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise TypeError(f"{name} is {given!r}: pass a list of {count} texts")
    labels = [str(text) for text in given]
    if len(labels) != count:
        raise ValueError(f"{name} holds {len(labels)} texts: pass {count}")
    return labels


@dataclass
class _Layout:
    """Where everything of one drawing stands, in inches, and how many labels cover something."""

    where: Array
    arrows: list[Arrow]
    starts: list[Start]
    labels: list[Label]
    wrong: int
    corners: Array


def _arrange(
    figure: Figure,
    where: Array,
    terminal: NDArray[np.bool_],
    steps: Sequence[tuple[int, int, int, str]],
    starts: Sequence[tuple[int, float]],
    *,
    labelled: bool = True,
    reach: float = 1.05,
    breadth: float = 1.0,
) -> _Layout:
    """Lay out a process whose states stand at given places."""
    arcs = join_states([step for step in steps if step[0] != step[2]], where, terminal, breadth)
    words = []
    for state, mass in starts:
        word = "start" if mass == 1 else f"start {_number(mass, 2)}" if labelled else ""
        words.append((state, mass, word, text_size(figure, word, _LABEL_SIZE) / 2 + 0.02))
    stays = [(source, action, text) for source, action, target, text in steps if source == target]
    loops, marks = place_around(where, terminal, arcs, stays, words, reach)
    arrows = arcs + loops
    labels: list[Label] = []
    wrong = 0
    if labelled:

        def sized(words: str) -> tuple[str, Array]:
            # The plate of a label reaches a little beyond its text.
            return words, text_size(figure, words, _LABEL_SIZE) + 0.03

        forms = [[sized(arrow.text)] for arrow in arrows]
        labels, wrong = place_labels(arrows, forms, where, marks)
        if wrong:
            # In two lines a label is narrower, and stands between steep arrows.
            forms = [[sized(words) for words in {arrow.text: 0, arrow.text.replace(", ", "\n"): 0}] for arrow in arrows]
            labels, wrong = place_labels(arrows, forms, where, marks)
    corners = [where - RADIUS, where + RADIUS, *(arrow.samples() for arrow in arrows)]
    corners += [label.centre + sign * label.size / 2 for label in labels for sign in (-1, 1)]
    corners += [mark.centre + sign * mark.half for mark in marks for sign in (-1, 1)]
    points = np.concatenate([np.atleast_2d(corner) for corner in corners])
    return _Layout(where, arrows, marks, labels, wrong, points)


def _panels(
    figure: Figure,
    mdp: DecisionProcess,
    terminal: NDArray[np.bool_],
    steps: Sequence[tuple[int, int, int, str]],
    starts: Sequence[tuple[int, float]],
    actions: Sequence[str],
) -> tuple[list[_Layout], list[tuple[Array, str, str]]]:
    """Give each action a panel of its own, two in a row."""
    n = mdp.n_states
    ring = max(0.75, 0.47 / np.sin(np.pi / n)) * np.array(
        [unit(np.pi / 2 - 2 * np.pi * state / n) for state in range(n)]
    )
    panels = [
        _arrange(
            figure,
            ring,
            terminal,
            [step for step in steps if step[1] == action],
            starts,
            labelled=False,
            reach=0.8,
            breadth=0.45,
        )
        for action in range(mdp.n_actions)
    ]
    low = np.min([panel.corners.min(axis=0) for panel in panels], axis=0)
    high = np.max([panel.corners.max(axis=0) for panel in panels], axis=0)
    step = high - low + np.array([0.25, 0.5])
    placed, titles = [], []
    for action, panel in enumerate(panels):
        shift = np.array([action % 2, -(action // 2)]) * step
        if action == mdp.n_actions - 1 and action % 2 == 0 and action > 0:
            shift = shift + np.array([step[0] / 2, 0.0])
        placed.append(
            _Layout(
                panel.where + shift,
                [replace(arrow, control=arrow.control + shift) for arrow in panel.arrows],
                [replace(mark, centre=mark.centre + shift, control=mark.control + shift) for mark in panel.starts],
                [],
                0,
                panel.corners + shift,
            )
        )
        titles.append((np.array([0.0, high[1] + 0.2]) + shift, actions[action], CYCLE[action]))
    return placed, titles


def _add_state(axes: Axes, x: float, y: float, name: str, terminal: bool) -> None:
    outline: dict[str, Any] = {"facecolor": COLORS["surface"], "edgecolor": COLORS["foreground"], "linewidth": 1.4}
    if terminal:
        for r in (RADIUS, RADIUS - 0.05):
            axes.add_patch(Rectangle((x - r, y - r), 2 * r, 2 * r, **outline))
    else:
        axes.add_patch(Circle((x, y), RADIUS, **outline))
    # A long name is written smaller, so that it stays inside.
    figure = axes.get_figure(root=True)
    room = 2 * RADIUS - 0.08
    size = 11.0 if figure is None else min(11.0, 11.0 * room / max(float(text_size(figure, name, 11)[0]), 1e-9))
    axes.text(x, y, name, ha="center", va="center_baseline", fontsize=size)


def draw_mdp(
    mdp: DecisionProcess,
    positions: ArrayLike | None = None,
    state_labels: Sequence[str] | None = None,
    action_labels: Sequence[str] | None = None,
    *,
    digits: int = 2,
) -> Figure:
    """Draw a decision process from its arrays.

    States are circles, terminal states double squares. Each action has a colour and a line style. An arrow
    carries p(s'|s,a), unless it is 1, and r(s,a,s') with its sign. A short arrow marks where μ(s) > 0.

    Labels stand where they cover no other label, arrow or state. A process with more arrows than that allows has
    a panel for each action instead, in which an arrow is as thick as it is probable and has no label; this is not
    done at `positions` of your own.

    Parameters
    ----------
    mdp : TabularMDP
        The decision process.
    positions : array, shape (n_states, 2), optional
        The centres of the states, in inches. Without them, a row or a circle.
    state_labels, action_labels : sequence of str, optional
        The names. Without them, the numbers.
    digits : int
        The most digits after the decimal point.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, for `show`.

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError
        When `mdp` is no decision process, the labels are no list of texts, or `digits` is no whole number.
    ValueError
        When there are more than four actions, when `positions` has the wrong shape or puts two states too
        close together, or when the number of labels is wrong.

    Examples
    --------
    >>> from pgcode import environments, figures
    >>> figure = figures.draw_mdp(environments.two_armed_bandit(), action_labels=["left", "right"])
    >>> [text.get_text() for text in figure.legends[0].get_texts()]
    ['left', 'right']
    >>> figures.show(figure, "Two arms: the left one pays 0, the right one 1.")
    Two arms: the left one pays 0, the right one 1.
    """
    for name in ("transition", "reward", "initial", "terminal", "n_states", "n_actions"):
        if not hasattr(mdp, name):
            raise TypeError(f"mdp is {type(mdp).__name__}, which has no {name}: pass a TabularMDP")
    digits = _checks.require_count("digits", digits, "digits")
    if mdp.n_actions > len(CYCLE):
        raise ValueError(f"mdp has {mdp.n_actions} actions: at most {len(CYCLE)} can be told apart in a drawing")
    states = _labels("state_labels", state_labels, mdp.n_states, "{}")
    actions = _labels("action_labels", action_labels, mdp.n_actions, "action {}")
    if positions is None:
        where = _default_positions(mdp)
    else:
        where = _checks.real_array("positions", positions)
        _checks.require_shape("positions", where.shape, (mdp.n_states, 2), "(n_states, 2), in inches")
        _checks.require_finite("positions", where)
    for i in range(mdp.n_states):
        for j in range(i):
            if np.hypot(*(where[i] - where[j])) < 3 * RADIUS:
                raise ValueError(
                    f"positions[{j}] and positions[{i}] are closer than {3 * RADIUS} inches: move them apart"
                )
    terminal = np.asarray(mdp.terminal, dtype=bool)

    def text(source: int, action: int, target: int) -> str:
        reward = _number(float(mdp.reward[source, action, target]), digits, signed=True)
        probability = float(mdp.transition[source, action, target])
        return reward if probability == 1 else f"{_number(probability, digits)}, {reward}"

    steps = [
        (source, action, target, text(source, action, target))
        for source, action, target in np.argwhere(mdp.transition > 0).tolist()
        if not terminal[source]
    ]
    starts = [(state, float(mdp.initial[state])) for state in np.flatnonzero(np.asarray(mdp.initial) > 0).tolist()]
    with style():
        figure = Figure(figsize=(5, 5))
        figure.set_layout_engine("none")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()

        layout = None
        if positions is not None or len(steps) <= _MOST_LABELS:
            arrangements = [where] if positions is not None else [stretch * where for stretch in _STRETCHES]
            for arrangement in arrangements:
                found = _arrange(figure, arrangement, terminal, steps, starts)
                if layout is None or found.wrong < layout.wrong:
                    layout = found
                if not layout.wrong:
                    break
            if layout is not None and positions is None and (layout.wrong or np.ptp(layout.corners[:, 0]) > _WIDEST):
                layout = None
        if layout is None:
            panels, titles = _panels(figure, mdp, terminal, steps, starts, actions)
        else:
            panels, titles = [layout], []

        for panel in panels:
            for start in panel.starts:
                width = 1.6 if layout is not None else 0.5 + 3.0 * start.mass
                _add_arrow(axes, Arrow(-1, -1, -1, "", start.control), COLORS["foreground"], "-", width)
            for arrow in panel.arrows:
                color = CYCLE[arrow.action]
                if layout is None:
                    probability = float(mdp.transition[arrow.source, arrow.action, arrow.target])
                    _add_arrow(axes, arrow, color, "-", 0.5 + 3.0 * probability)
                else:
                    _add_arrow(axes, arrow, color, LINE_STYLES[arrow.action])
            for state, (x, y) in enumerate(panel.where.tolist()):
                _add_state(axes, x, y, states[state], bool(terminal[state]))
        plate = {"boxstyle": "round,pad=0.3", "facecolor": COLORS["surface"], "edgecolor": "none"}
        for panel in panels:
            for label, arrow in zip(panel.labels, panel.arrows, strict=False):
                name = f"label {arrow.source}-{arrow.action}-{arrow.target}"
                x, y = label.centre.tolist()
                axes.text(x, y, label.text, ha="center", va="center", fontsize=_LABEL_SIZE, bbox=plate, gid=name)
            for start in panel.starts:
                x, y = start.centre.tolist()
                axes.text(x, y, start.text, ha="center", va="center", fontsize=_LABEL_SIZE, style="italic")
        for (x, y), title, color in titles:
            axes.text(x, y, title, ha="center", va="center", fontsize=11, color=color)

        points = np.concatenate([panel.corners for panel in panels] + [spot[None] for spot, _, _ in titles])
        low, high = points.min(axis=0) - 0.08, points.max(axis=0) + 0.08
        if titles:
            high[1] += 0.1

        certain = bool((mdp.transition[~terminal].max(axis=-1) == 1).all())
        key = "on an arrow: reward" if certain else "on an arrow: probability (unless 1), reward"
        if layout is None:
            key = "an arrow is as thick as it is probable, a black one leads to a start"
        handles = [
            Line2D([], [], color=CYCLE[action], linestyle=LINE_STYLES[action], linewidth=1.8, label=actions[action])
            for action in range(mdp.n_actions)
        ]
        legend = figure.legend(
            handles=[] if layout is None else handles,
            title=key,
            loc="lower center",
            ncols=mdp.n_actions,
            fontsize=_ACTION_LABEL_SIZE,
            title_fontsize=_LABEL_SIZE,
            borderaxespad=0.1,
            handlelength=2.6,
        )
        extent = legend.get_window_extent(renderer(figure))
        legend_size = np.array([extent.width, extent.height]) / figure.dpi
        low[1] -= legend_size[1] + 0.1
        missing = max(legend_size[0] + 0.1 - (high[0] - low[0]), 0.0)
        low[0], high[0] = low[0] - missing / 2, high[0] + missing / 2
        figure.set_size_inches(*(high - low))
        axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    return figure
