"""A decision process drawn from its arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, PathPatch, Polygon, Rectangle
from matplotlib.path import Path
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
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
_RADIUS = 0.25
_GAP = 0.05
_HEAD = 0.13
_LABEL_SIZE = 9.5
_ACTION_LABEL_SIZE = 10

#: From this on a number is written with a power of ten.
_LARGE = 1e7


@dataclass
class _Arrow:
    """An arrow of an action: a Bézier curve already cut at the borders of its states."""

    action: int
    text: str
    control: Array  # shape (3, 2) for an arc, (4, 2) for a loop

    def at(self, t: float) -> Array:
        points = self.control
        while len(points) > 1:
            points = (1 - t) * points[:-1] + t * points[1:]
        return np.asarray(points[0])

    def samples(self, n: int = 25) -> Array:
        return np.array([self.at(t) for t in np.linspace(0, 1, n)])


def _number(value: float, digits: int, signed: bool = False) -> str:
    text = f"{value:.{digits}f}" if abs(value) < _LARGE else f"{value:.{digits + 1}g}"
    if "." in text and "e" not in text:
        text = text.rstrip("0").rstrip(".")
    text = "0" if text == "-0" else text
    if text == "0" and value != 0 and not signed:
        return f"<{10.0**-digits:g}"
    sign = "+" if signed and not text.startswith("-") and text != "0" else ""
    return sign + text.replace("-", "−")


def _cut(control: Array, t_start: float, t_end: float) -> Array:
    """Cut a Bézier curve to the piece between two parameters (de Casteljau)."""

    def split(points: Array, t: float) -> tuple[Array, Array]:
        left, right = [points[0]], [points[-1]]
        while len(points) > 1:
            points = (1 - t) * points[:-1] + t * points[1:]
            left.append(points[0])
            right.append(points[-1])
        return np.array(left), np.array(right[::-1])

    _, tail = split(control, t_start)
    head, _ = split(tail, (t_end - t_start) / (1 - t_start))
    return head


def _trim(control: Array, start: Array, start_square: bool, end: Array, end_square: bool) -> Array:
    """Cut a curve from centre to centre down to what lies outside the two states."""
    curve = _Arrow(0, "", control)
    parameters = np.linspace(0, 1, 401)
    points = np.array([curve.at(t) for t in parameters])

    def outside(centre: Array, square: bool) -> NDArray[np.bool_]:
        offset = np.abs(points - centre)
        distance = offset.max(axis=1) if square else np.hypot(*offset.T)
        return np.asarray(distance > _RADIUS + _GAP)

    middle = len(parameters) // 2
    start_inside = np.flatnonzero(~outside(start, start_square)[:middle])
    end_inside = np.flatnonzero(~outside(end, end_square)[middle:]) + middle
    first = parameters[start_inside[-1] + 1] if len(start_inside) else 0.0
    last = parameters[end_inside[0] - 1] if len(end_inside) else 1.0
    return _cut(control, float(first), float(last))


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


def _arcs(mdp: DecisionProcess, where: Array, text: Callable[[int, int, int], str]) -> list[_Arrow]:
    """Bend the arrows between two states apart, those of opposite directions to opposite sides."""
    arrows = []
    terminal = np.asarray(mdp.terminal, dtype=bool)
    for low in range(mdp.n_states):
        for high in range(low + 1, mdp.n_states):
            pairs = [
                (source, action, target)
                for source, target, order in ((high, low, 1), (low, high, -1))
                for action in range(mdp.n_actions)[::order]
                if not terminal[source] and mdp.transition[source, action, target] > 0
            ]
            chord = where[high] - where[low]
            length = float(np.hypot(*chord))
            normal = np.array([-chord[1], chord[0]]) / length
            spacing = 0.52 if len(pairs) == 2 else 0.36
            others = np.delete(where, [low, high], axis=0)
            # A broad bundle leaves the middle of the drawing to the bundles that face it.
            outwards = np.sign(np.round((where[[low, high]].mean(axis=0) - where.mean(axis=0)) @ normal, 6))
            shift = 0.75 * spacing * outwards if len(pairs) > 2 else 0.0
            for rank, (source, action, target) in enumerate(pairs):
                height = shift + (rank - (len(pairs) - 1) / 2) * spacing
                side = 1.0 if height > 0 or (height == 0 and source == low) else -1.0
                for attempt in range(20):
                    middle = (where[source] + where[target]) / 2 + 2 * height * normal
                    control = np.array([where[source], middle, where[target]])
                    points = _Arrow(action, "", control).samples()
                    if not len(others) or np.hypot(*(points[:, None] - others).T).min() > _RADIUS + 0.12:
                        break
                    height = side * max(abs(height) + 0.15, 0.2 * length) if attempt == 0 else height + side * 0.15
                control = _trim(control, where[source], terminal[source], where[target], terminal[target])
                arrows.append(_Arrow(action, text(source, action, target), control))
    return arrows


def _unit(angle: float) -> Array:
    return np.array([np.cos(angle), np.sin(angle)])


def _clearest_direction(centre: Array, reach: tuple[float, ...], taken: Array, preferred: Array) -> float:
    """Return the angle in which the most room is left around a state."""
    best, best_room = 0.0, -np.inf
    for angle in np.deg2rad(np.arange(0, 360, 15)):
        direction = _unit(angle)
        points = centre + np.outer(reach, direction)
        room = np.hypot(*(points[:, None] - taken).T).min() if len(taken) else 1.0
        room = min(float(room), 0.45) + 0.15 * float(direction @ preferred)
        if room > best_room + 1e-9:
            best, best_room = float(angle), room
    return best


def _add_arrow(axes: Axes, control: Array, color: str, linestyle: Any) -> None:
    """Draw a curve with a solid head at its end, whatever the style of the line."""
    curve = _Arrow(0, "", control)
    length = float(np.hypot(*np.diff(curve.samples(60), axis=0).T).sum())
    t_head = 1 - 0.85 * _HEAD / length
    tip, back = curve.at(1.0), curve.at(1 - _HEAD / length)
    direction = (tip - back) / np.hypot(*(tip - back))
    normal = np.array([-direction[1], direction[0]])
    shaft = _cut(control, 0.0, t_head)
    codes = [Path.MOVETO] + [Path.CURVE3 if len(shaft) == 3 else Path.CURVE4] * (len(shaft) - 1)
    axes.add_patch(
        PathPatch(Path(shaft, codes), fill=False, edgecolor=color, linewidth=1.6, linestyle=linestyle, capstyle="butt")
    )
    wings = 0.42 * _HEAD * normal
    base = tip - _HEAD * direction
    axes.add_patch(Polygon([tip, base + wings, base - wings], closed=True, facecolor=color, edgecolor="none"))


def _label_spots(arrow: _Arrow, size: Array) -> list[tuple[Array, float]]:
    """Return the points where an arrow's label may stand, each with its price."""
    line = arrow.samples(41)
    length = float(np.hypot(*np.diff(line, axis=0).T).sum())
    spots = []
    if len(arrow.control) == 4:
        # A loop's label stands outside, beyond its far end or a little to the side.
        outwards = arrow.at(0.5) - (arrow.at(0.0) + arrow.at(1.0)) / 2
        angle = float(np.arctan2(outwards[1], outwards[0]))
        for turn in (0.0, 0.3, -0.3, 0.6, -0.6):
            direction = _unit(angle + turn)
            beyond = float(np.min((size / 2 + 0.05) / np.maximum(np.abs(direction), 1e-9)))
            spots.append((arrow.at(0.5) + beyond * direction, 0.3 * abs(turn)))
        return spots
    for t in (0.5, 0.44, 0.56, 0.38, 0.62, 0.32, 0.68, 0.26, 0.74):
        point = arrow.at(t)
        along = arrow.at(t + 0.01) - arrow.at(t - 0.01)
        along /= np.hypot(*along)
        hidden = float(np.min(size / np.maximum(np.abs(along), 1e-9)))
        price = 0.5 * abs(t - 0.5)
        # On the line, when enough of the line stays in sight; else beside it.
        spots.append((point, price + (3.0 if length - hidden < 0.5 else 0.0)))
        normal = np.array([-along[1], along[0]])
        beside = float(np.abs(normal) @ size) / 2 + 0.04
        for spot in (point + beside * normal, point - beside * normal):
            covered = int((np.abs(line - spot) < size / 2).all(axis=1).sum())
            spots.append((spot, price + 1.2 + covered))
    return spots


def _place_labels(
    arrows: list[_Arrow], sizes: list[Array], where: Array, solid: list[tuple[Array, Array]]
) -> list[Array]:
    """Choose for each label a spot at its own arrow, away from other labels, states and arrows."""
    samples = [arrow.samples(41) for arrow in arrows]
    spots = [_label_spots(arrow, size) for arrow, size in zip(arrows, sizes, strict=True)]
    choice = [options[0][0] for options in spots]
    obstacles = [(state, np.full(2, _RADIUS)) for state in where] + solid

    def cost(index: int, point: Array, price: float) -> float:
        half = sizes[index] / 2 + 0.02
        total = price
        for other in range(len(arrows)):
            if other == index:
                continue
            overlap = half + sizes[other] / 2 - np.abs(point - choice[other])
            if (overlap > 0).all():
                total += 10 + 100 * float(overlap.prod())
            total += 0.5 * int((np.abs(samples[other] - point) < half).all(axis=1).sum())
        for centre, half_size in obstacles:
            overlap = half + half_size - np.abs(point - centre)
            if (overlap > 0).all():
                total += 20 + 100 * float(overlap.prod())
        return total

    for _ in range(6):
        before = list(choice)
        for index, options in enumerate(spots):
            prices = [cost(index, point, price) for point, price in options]
            choice[index] = options[int(np.argmin(prices))][0]
        if all(np.array_equal(a, b) for a, b in zip(before, choice, strict=True)):
            break
    return choice


def _labels(name: str, given: Sequence[str] | None, count: int, default: str) -> list[str]:
    if given is None:
        return [default.format(index) for index in range(count)]
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise TypeError(f"{name} is {given!r}: pass a list of {count} texts")
    labels = [str(text) for text in given]
    if len(labels) != count:
        raise ValueError(f"{name} holds {len(labels)} texts: pass {count}")
    return labels


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
            if np.hypot(*(where[i] - where[j])) < 3 * _RADIUS:
                raise ValueError(
                    f"positions[{j}] and positions[{i}] are closer than {3 * _RADIUS} inches: move them apart"
                )
    terminal = np.asarray(mdp.terminal, dtype=bool)

    def text(source: int, action: int, target: int) -> str:
        reward = _number(float(mdp.reward[source, action, target]), digits, signed=True)
        probability = float(mdp.transition[source, action, target])
        return reward if probability == 1 else f"{_number(probability, digits)}, {reward}"

    with style():
        figure = Figure(figsize=(5, 5))
        figure.set_layout_engine("none")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()

        arrows = _arcs(mdp, where, text)
        starts: list[tuple[Array, str, Array]] = []
        solid: list[tuple[Array, Array]] = []
        in_a_row = bool(np.ptp(where[:, 1]) < 1e-9)

        def taken(state: int) -> Array:
            points = [arrow.samples() for arrow in arrows] + [np.delete(where, state, axis=0)]
            points += [np.vstack([control, centre]) for centre, _, control in starts]
            return np.concatenate(points)

        def outwards(state: int) -> Array:
            if in_a_row:
                return np.array([0.0, 1.0])
            offset = where[state] - where.mean(axis=0)
            return np.asarray(offset / max(float(np.hypot(*offset)), 1e-9))

        for state in np.flatnonzero(np.asarray(mdp.initial) > 0).tolist():
            wish = np.array([-1.0, 0.0]) if in_a_row else outwards(state)
            angle = _clearest_direction(where[state], (0.4, 0.6, 0.8, 0.95), taken(state), wish)
            direction = _unit(angle)
            mass = float(mdp.initial[state])
            word = "start" if mass == 1 else f"start {_number(mass, digits)}"
            half = text_size(figure, word, _LABEL_SIZE) / 2
            tip, tail = (where[state] + (_RADIUS + _GAP + reach) * direction for reach in (0.0, 0.34))
            centre = tail + (0.06 + float(np.min(half / np.maximum(np.abs(direction), 1e-9)))) * direction
            starts.append((centre, word, np.array([tail, (tail + tip) / 2, tip])))
            solid.append((centre, half + 0.03))

        for state in np.flatnonzero(~terminal).tolist():
            for action in np.flatnonzero(mdp.transition[state, :, state] > 0).tolist():
                angle = _clearest_direction(where[state], (0.45, 0.65, 0.8), taken(state), outwards(state))
                feet = [where[state] + 1.05 * _unit(angle + turn) for turn in (0.62, -0.62)]
                control = np.array([where[state], *feet, where[state]])
                control = _trim(control, where[state], False, where[state], False)
                arrows.append(_Arrow(action, text(state, action, state), control))

        sizes = [text_size(figure, arrow.text, _LABEL_SIZE) for arrow in arrows]
        spots = _place_labels(arrows, sizes, where, solid)

        for _, _, control in starts:
            _add_arrow(axes, control, COLORS["foreground"], "-")
        for arrow in arrows:
            _add_arrow(axes, arrow.control, CYCLE[arrow.action], LINE_STYLES[arrow.action])
        for state, (x, y) in enumerate(where.tolist()):
            outline: dict[str, Any] = {
                "facecolor": COLORS["surface"],
                "edgecolor": COLORS["foreground"],
                "linewidth": 1.4,
            }
            if terminal[state]:
                for r in (_RADIUS, _RADIUS - 0.05):
                    axes.add_patch(Rectangle((x - r, y - r), 2 * r, 2 * r, **outline))
            else:
                axes.add_patch(Circle((x, y), _RADIUS, **outline))
            axes.text(x, y, states[state], ha="center", va="center_baseline", fontsize=11)
        plate = {"boxstyle": "round,pad=0.12", "facecolor": COLORS["surface"], "edgecolor": "none"}
        for (x, y), arrow in zip(spots, arrows, strict=True):
            axes.text(x, y, arrow.text, ha="center", va="center", fontsize=_LABEL_SIZE, bbox=plate)
        for (x, y), word, _ in starts:
            axes.text(x, y, word, ha="center", va="center", fontsize=_LABEL_SIZE, style="italic")

        corners = [where - _RADIUS, where + _RADIUS]
        corners += [arrow.samples() for arrow in arrows]
        corners += [spot + sign * size / 2 for spot, size in zip(spots, sizes, strict=True) for sign in (-1, 1)]
        corners += [centre + sign * half for centre, half in solid for sign in (-1, 1)]
        points = np.concatenate([np.atleast_2d(corner) for corner in corners])
        low, high = points.min(axis=0) - 0.08, points.max(axis=0) + 0.08

        certain = bool((mdp.transition[~terminal].max(axis=-1) == 1).all())
        key = "on an arrow: reward" if certain else "on an arrow: probability (unless 1), reward"
        handles = [
            Line2D([], [], color=CYCLE[action], linestyle=LINE_STYLES[action], linewidth=1.8, label=actions[action])
            for action in range(mdp.n_actions)
        ]
        legend = figure.legend(
            handles=handles,
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
