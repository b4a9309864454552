"""Walks through a small world, as bands that are as broad as the walk is probable."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode.figures._style import COLORS, COLUMN, style
from pgcode.figures._svg import largest_size
from pgcode.figures._words import number, spread, text_size

__all__ = ["walks"]

Array = NDArray[np.float64]

_SIZE = 10.5
#: The height of all bands together, in inches, and the gap between the places of two states.
_WHOLE = 1.5
_GAP = 0.26
#: So many walks have words of their own; of more, the most probable ones.
_MOST_LABELS = 8
#: Between two columns of words, in inches.
_BETWEEN = 0.2


def _alike(shares: dict[tuple[int, int], float]) -> dict[tuple[int, int], str]:
    """Write probabilities with the same number of decimals, unless one has a power of ten."""
    texts = {key: number(share) for key, share in shares.items()}
    if any("e" in text for text in texts.values()):
        return texts
    decimals = max((len(text.partition(".")[2]) for text in texts.values()), default=0)
    return {key: f"{share:.{decimals}f}" for key, share in shares.items()}


def _ribbon(axes: Axes, x: Array, y: Array, breadth: float, color: str) -> None:
    """Draw a band through points, level where it meets them."""
    codes: list[np.uint8] = [Path.MOVETO]
    points: list[tuple[float, float]] = [(float(x[0]), float(y[0] + breadth / 2))]
    for side, order in ((0.5, range(1, len(x))), (-0.5, range(len(x) - 2, -1, -1))):
        if side < 0:
            points.append((float(x[-1]), float(y[-1] - breadth / 2)))
            codes.append(Path.LINETO)
        for now in order:
            before = points[-1]
            here = (float(x[now]), float(y[now] + side * breadth))
            middle = (before[0] + here[0]) / 2
            points += [(middle, before[1]), (middle, here[1]), here]
            codes += [Path.CURVE4] * 3
    points.append(points[0])
    codes.append(Path.CLOSEPOLY)
    axes.add_patch(
        PathPatch(Path(points, codes), facecolor=color, alpha=0.5, edgecolor=color, linewidth=0.6, clip_on=False)
    )


def walks(
    states: ArrayLike,
    probabilities: ArrayLike,
    after: ArrayLike | None = None,
    *,
    returns: ArrayLike | None = None,
    names: Sequence[str] | None = None,
    state_names: Sequence[str] | None = None,
    titles: Sequence[str] = ("before", "after"),
) -> Figure:
    """Draw walks through the states as bands, as broad as the walks are probable, before and after an update.

    Time runs to the right, and a state is a height. Bands with a return above the mean are blue and those below it
    orange. At its end a band has its name, its return and its probability, and after the update an arrow that says
    whether it grew. Probabilities that do not sum to one leave the rest undrawn.

    Parameters
    ----------
    states : array of int, shape (n_walks, T + 1)
        The states of each walk. Walks that differ in their actions alone are bands side by side.
    probabilities : array, shape (n_walks,)
        P(τ) of each walk.
    after : array, shape (n_walks,), optional
        P(τ) after an update: a second panel.
    returns : array, shape (n_walks,), optional
        R(τ) of each walk. Without it all bands have one colour.
    names : sequence of str, optional
        A name for each walk, such as its actions.
    state_names : sequence of str, optional
        The names of the states. Without them, the numbers.
    titles : sequence of str
        The titles of the panels, where there are two.

    Returns
    -------
    matplotlib.figure.Figure
        The figure, for `show`.

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError
        When `states` holds no whole numbers.
    ValueError
        When shapes do not fit, or probabilities are negative or sum to more than one.

    Examples
    --------
    >>> from pgcode import figures
    >>> states = [[0, 1, 2], [0, 1, 0], [0, 0, 1]]
    >>> figure = figures.walks(states, [0.25, 0.25, 0.5], [0.4, 0.2, 0.4], returns=[2, 0, 1])
    >>> [axes.get_title(loc="left") for axes in figure.axes]
    ['before', 'after']
    >>> figures.show(figure, "The walk with the largest return grows from 0.25 to 0.4.")
    The walk with the largest return grows from 0.25 to 0.4.
    """
    table = _checks.whole_numbers("states", states)
    if table.ndim != 2 or table.shape[0] < 1 or table.shape[1] < 2:
        raise ValueError(f"states has shape {table.shape}: pass (n_walks, T + 1), with at least one step")
    if (table < 0).any():
        raise ValueError("states holds a negative number: number states from 0")
    n_walks, n_times = table.shape
    panels = []
    for name, given in (("probabilities", probabilities), ("after", after)):
        if given is None:
            continue
        masses = _checks.real_array(name, given)
        _checks.require_shape(name, masses.shape, (n_walks,), "one probability for each walk")
        _checks.require_finite(name, masses)
        if (masses < 0).any() or masses.sum() > 1 + 1e-6:
            raise ValueError(
                f"{name} has a negative entry or sums to {masses.sum():.6g}: probabilities sum to at most 1"
            )
        panels.append(masses)
    colors = [COLORS["foreground"]] * n_walks
    pays = None if returns is None else _checks.real_array("returns", returns)
    if pays is not None:
        _checks.require_shape("returns", pays.shape, (n_walks,), "one return for each walk")
        _checks.require_finite("returns", pays)
        weights = panels[0] if panels[0].sum() > 0 else np.ones(n_walks)
        mean = float(weights @ pays / weights.sum())
        near = 1e-9 * max(1.0, float(np.abs(pays).max()))
        colors = [
            COLORS["foreground"] if abs(pay - mean) <= near else COLORS["blue" if pay > mean else "orange"]
            for pay in pays
        ]
    if names is not None and (isinstance(names, str) or len(names) != n_walks):
        raise ValueError(f"names is {names!r}: pass a list of {n_walks} texts, one for each walk")
    n_states = int(table.max()) + 1
    if state_names is not None and (isinstance(state_names, str) or len(state_names) < n_states):
        raise ValueError(f"state_names is {state_names!r}: pass a list of at least {n_states} texts")
    if isinstance(titles, str) or len(titles) != 2:
        raise ValueError(f"titles is {titles!r}: pass two texts")

    # Walks keep one order at every state; those with a like path are neighbours.
    order = np.lexsort((*table.T[::-1], table.mean(axis=1)))
    present = np.unique(table)
    breadth = {
        state: max(float(masses[table[:, t] == state].sum()) for masses in panels for t in range(n_times))
        for state in present.tolist()
    }
    foot, height = {}, 0.0
    for state in present.tolist():
        foot[state] = height
        height += max(_WHOLE * breadth[state], 0.08) + _GAP
    height -= _GAP

    largest = np.max(panels, axis=0)
    labelled = np.sort(np.argsort(-largest, kind="stable")[:_MOST_LABELS])
    labelled = labelled[largest[labelled] > 0]
    line = 1.45 * _SIZE / 72
    tall = max(height, line * len(labelled))
    shares = _alike(
        {(panel, walk): float(masses[walk]) for panel, masses in enumerate(panels) for walk in labelled.tolist()}
    )

    def words(panel: int, walk: int) -> list[str]:
        now = panels[panel][walk]
        text = shares[panel, walk]
        if panel == 1:
            change = now - panels[0][walk]
            text += " ↑" if change > 0.005 * largest[walk] else " ↓" if change < -0.005 * largest[walk] else " ="
        if panel < len(panels) - 1:
            return [text]
        named = [] if names is None else [str(names[walk])]
        return [text, *named] if pays is None else [text, *named, f"R = {number(float(pays[walk]))}"]

    with style():
        figure = Figure(figsize=(COLUMN, tall + 0.85))
        figure.set_layout_engine("none")
        spelled = [str(state) if state_names is None else str(state_names[state]) for state in present.tolist()]
        left = max(float(text_size(figure, word, largest_size(_SIZE, 72 * COLUMN))[0]) for word in spelled) + 0.12
        # Where each column of words begins, from the first, and where the last ends.
        columns = [
            np.cumsum(
                [0.0]
                + [
                    max(float(text_size(figure, word, _SIZE)[0]) for word in column) + _BETWEEN
                    for column in zip(*(words(panel, walk) for walk in labelled.tolist()), strict=True)
                ]
            )
            for panel in range(len(panels))
        ]
        rooms = [float(ends[-1]) - _BETWEEN + 0.34 if len(ends) > 1 else 0.34 for ends in columns]
        width = (COLUMN - 0.1 - left - sum(rooms) - 0.12 * (len(panels) - 1)) / len(panels)
        width = max(width, 0.5)
        start = 0.05 + left
        for panel, masses in enumerate(panels):
            full = tall + 0.85
            axes = figure.add_axes((start / COLUMN, 0.5 / full, width / COLUMN, tall / full))
            low = (height - tall) / 2
            axes.set(xlim=(0, n_times - 1), ylim=(low, low + tall))
            axes.grid(False)
            axes.spines[:].set_visible(False)
            axes.tick_params(length=0, labelsize=_SIZE)
            axes.set_xticks(range(n_times))
            axes.set_yticks([])
            axes.set_xlabel("time $t$", fontsize=_SIZE, labelpad=2)
            if len(panels) == 2:
                axes.set_title(titles[panel], fontsize=11.5, pad=8)
            centre = np.zeros((n_walks, n_times))
            for t in range(n_times):
                for state in present.tolist():
                    here = [walk for walk in order.tolist() if table[walk, t] == state]
                    room = max(_WHOLE * breadth[state], 0.08)
                    level = foot[state] + (room - _WHOLE * float(masses[here].sum())) / 2
                    bottom = level
                    for walk in here:
                        centre[walk, t] = level + _WHOLE * masses[walk] / 2
                        level += _WHOLE * masses[walk]
                    if here and level > bottom:
                        axes.plot(
                            [t, t],
                            [bottom, level],
                            color=COLORS["foreground"],
                            linewidth=2.2,
                            linestyle="-",
                            solid_capstyle="butt",
                            zorder=3,
                            clip_on=False,
                        )
            for walk in order.tolist():
                if masses[walk] > 0:
                    _ribbon(axes, np.arange(n_times, dtype=float), centre[walk], _WHOLE * masses[walk], colors[walk])
            if panel == 0:
                for state, word in zip(present.tolist(), spelled, strict=True):
                    axes.text(
                        -0.1 * (n_times - 1) / width,
                        foot[state] + max(_WHOLE * breadth[state], 0.08) / 2,
                        word,
                        ha="right",
                        va="center",
                        fontsize=_SIZE,
                        clip_on=False,
                    )
            ends = centre[labelled, -1]
            heights = spread(ends, line, low + line / 2, low + tall - line / 2)
            per_inch = (n_times - 1) / width
            for walk, end, level in zip(labelled.tolist(), ends, heights, strict=True):
                edge = n_times - 1
                axes.plot(
                    [edge + 0.06 * per_inch, edge + 0.22 * per_inch],
                    [end, level],
                    color=colors[walk],
                    linewidth=1.6,
                    linestyle="-",
                    clip_on=False,
                )
                for place, word in zip(columns[panel], words(panel, walk), strict=False):
                    axes.text(
                        edge + (0.27 + float(place)) * per_inch,
                        level,
                        word,
                        ha="left",
                        va="center",
                        fontsize=_SIZE,
                        clip_on=False,
                    )
            start += width + rooms[panel] + 0.12
    return figure
