"""Where the arrows and labels of a decision process stand: geometry alone, in inches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "GAP",
    "HEAD",
    "RADIUS",
    "Arrow",
    "Label",
    "Start",
    "cut",
    "join_states",
    "place_around",
    "place_labels",
    "unit",
]

Array = NDArray[np.float64]

RADIUS = 0.25
GAP = 0.05
HEAD = 0.13

#: Points of a curve stand this close, so that none passes a label between two of them.
_STEP = 0.03
#: What a label keeps clear around it.
_PAD = 0.02
#: The price of covering something; prices of taste are below one.
_HARD = 20.0


@dataclass
class Arrow:
    """An arrow of an action: a Bézier curve already cut at the borders of its states."""

    source: int
    action: int
    target: int
    text: str
    control: Array  # shape (3, 2) for an arc, (4, 2) for a loop

    def at(self, t: float) -> Array:
        points = self.control
        while len(points) > 1:
            points = (1 - t) * points[:-1] + t * points[1:]
        return np.asarray(points[0])

    def samples(self, n: int = 25) -> Array:
        t = np.linspace(0, 1, n)[:, None, None]
        points = np.broadcast_to(self.control, (n, *self.control.shape))
        while points.shape[1] > 1:
            points = (1 - t) * points[:, :-1] + t * points[:, 1:]
        return np.asarray(points[:, 0])

    def length(self) -> float:
        return float(np.hypot(*np.diff(self.samples(60), axis=0).T).sum())

    def head(self) -> Array:
        """The three corners of the head, tip first."""
        tip, back = self.at(1.0), self.at(1 - HEAD / self.length())
        direction = (tip - back) / np.hypot(*(tip - back))
        wings = 0.42 * HEAD * np.array([-direction[1], direction[0]])
        base = tip - HEAD * direction
        return np.array([tip, base + wings, base - wings])

    @property
    def loop(self) -> bool:
        return len(self.control) == 4


@dataclass
class Start:
    """The short arrow into a state in which a process begins, with what probability, and its word."""

    mass: float
    text: str
    centre: Array
    half: Array
    control: Array = field(repr=False)


@dataclass
class Label:
    """A text at an arrow, its centre and its size."""

    text: str
    centre: Array
    size: Array


def unit(angle: float) -> Array:
    return np.array([np.cos(angle), np.sin(angle)])


def cut(control: Array, t_start: float, t_end: float) -> Array:
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
    parameters = np.linspace(0, 1, 401)
    points = Arrow(0, 0, 0, "", control).samples(401)

    def outside(centre: Array, square: bool) -> NDArray[np.bool_]:
        offset = np.abs(points - centre)
        distance = offset.max(axis=1) if square else np.hypot(*offset.T)
        return np.asarray(distance > RADIUS + GAP)

    middle = len(parameters) // 2
    start_inside = np.flatnonzero(~outside(start, start_square)[:middle])
    end_inside = np.flatnonzero(~outside(end, end_square)[middle:]) + middle
    first = parameters[start_inside[-1] + 1] if len(start_inside) else 0.0
    last = parameters[end_inside[0] - 1] if len(end_inside) else 1.0
    return cut(control, float(first), float(last))


def join_states(
    steps: Sequence[tuple[int, int, int, str]], where: Array, square: NDArray[np.bool_], breadth: float = 1.0
) -> list[Arrow]:
    """Bend the arrows between two states apart, those of opposite directions to opposite sides.

    A step is (source, action, target, text); steps that stay are left to `place_around`.
    """
    arrows = []
    n = len(where)
    for low in range(n):
        for high in range(low + 1, n):
            back = sorted((step for step in steps if step[0] == high and step[2] == low), key=lambda step: step[1])
            forth = sorted((step for step in steps if step[0] == low and step[2] == high), key=lambda step: -step[1])
            pairs = back + forth
            chord = where[high] - where[low]
            length = float(np.hypot(*chord))
            normal = np.array([-chord[1], chord[0]]) / length
            spacing = breadth * (0.52 if len(pairs) == 2 else 0.36)
            others = np.delete(where, [low, high], axis=0)
            # A broad bundle leaves the middle of the drawing to the bundles that face it.
            outwards = np.sign(np.round((where[[low, high]].mean(axis=0) - where.mean(axis=0)) @ normal, 6))
            shift = 0.75 * spacing * outwards if len(pairs) > 2 else 0.0
            for rank, (source, action, target, text) in enumerate(pairs):
                height = shift + (rank - (len(pairs) - 1) / 2) * spacing
                side = 1.0 if height > 0 or (height == 0 and source == low) else -1.0
                control = np.zeros((3, 2))
                for attempt in range(20):
                    middle = (where[source] + where[target]) / 2 + 2 * height * normal
                    control = np.array([where[source], middle, where[target]])
                    points = Arrow(0, 0, 0, "", control).samples(60)
                    if not len(others) or np.hypot(*(points[:, None] - others).T).min() > RADIUS + 0.12:
                        break
                    height = side * max(abs(height) + 0.15, 0.2 * length) if attempt == 0 else height + side * 0.15
                control = _trim(control, where[source], bool(square[source]), where[target], bool(square[target]))
                arrows.append(Arrow(source, action, target, text, control))
    return arrows


def _turned(one: Array | float, other: Array | float) -> Any:
    """The angle between two directions, from 0 to π."""
    return np.abs((np.asarray(one) - other + np.pi) % (2 * np.pi) - np.pi)


def _directions(wishes: list[float], apart: list[float], taken: Array) -> list[float]:
    """Choose a direction for each loop and start of a state: near its wish, off the curves and off each other."""
    grid = np.deg2rad(np.arange(0, 360, 7.5))
    room = _turned(grid[:, None], taken).min(axis=1) if len(taken) else np.full(len(grid), np.pi)
    prices = [
        0.25 * _turned(grid, wish) + 60 * np.maximum(need - room, 0) ** 2
        for wish, need in zip(wishes, apart, strict=True)
    ]
    best: list[int] = []
    least = np.inf
    for first in range(0, len(grid), 3):
        # Starting from each direction for the first, improve one after the other.
        choice = [first, *(int(price.argmin()) for price in prices[1:])]
        for _ in range(8):
            before = list(choice)
            for index in range(len(choice)):
                cost = prices[index].copy()
                for other in range(len(choice)):
                    if other != index:
                        need = apart[index] + apart[other]
                        cost += 60 * np.maximum(need - _turned(grid, grid[choice[other]]), 0) ** 2
                choice[index] = int(cost.argmin())
            if choice == before:
                break
        total = sum(float(prices[index][spot]) for index, spot in enumerate(choice))
        for index in range(len(choice)):
            for other in range(index):
                need = apart[index] + apart[other] - float(_turned(grid[choice[index]], grid[choice[other]]))
                total += 60 * max(need, 0.0) ** 2
        if total < least - 1e-9:
            best, least = choice, total
    return [float(grid[spot]) for spot in best]


def place_around(
    where: Array,
    square: NDArray[np.bool_],
    arcs: list[Arrow],
    stays: Sequence[tuple[int, int, str]],
    starts: Sequence[tuple[int, float, str, Array]],
    reach: float = 1.05,
) -> tuple[list[Arrow], list[Start]]:
    """Place the loops and starts of each state where its other arrows leave room.

    A stay is (state, action, text), a start (state, probability, text, half the size of its word).
    """
    in_a_row = bool(np.ptp(where[:, 1]) < 1e-9)
    loops, marks = [], []
    curves = [(arrow.source, arrow.target, arrow.samples(60)) for arrow in arcs]
    for state in range(len(where)):
        mine = [stay for stay in stays if stay[0] == state]
        begin = [start for start in starts if start[0] == state]
        if not mine and not begin:
            continue
        offset = where[state] - where.mean(axis=0)
        outwards = np.pi / 2 if in_a_row or np.hypot(*offset) < 1e-9 else float(np.arctan2(offset[1], offset[0]))
        near = []
        for source, target, points in curves:
            gap = points - where[state]
            distance = np.hypot(*gap.T)
            close = gap[distance < (reach if state in (source, target) else 0.85 * reach)]
            near.append(np.arctan2(close[:, 1], close[:, 0]))
        for other in range(len(where)):
            gap = where[other] - where[state]
            if other != state and np.hypot(*gap) < reach + RADIUS + 0.4:
                middle = np.arctan2(gap[1], gap[0])
                near.append(middle + np.arange(-0.3, 0.31, 0.1))
        taken = np.concatenate(near) if near else np.zeros(0)
        ahead = outwards
        if in_a_row:
            ahead = np.pi if offset[0] <= where[:, 0].min() - where[:, 0].mean() + 1e-9 else ahead
            ahead = 0.0 if offset[0] >= where[:, 0].max() - where[:, 0].mean() - 1e-9 and len(where) > 1 else ahead
        wishes = [ahead for _ in begin] + [outwards for _ in mine]
        turn = 0.62 if len(mine) < 3 else 0.5
        apart = [0.3 for _ in begin] + [turn - 0.12 for _ in mine]
        chosen = _directions(wishes, apart, taken)
        for (_, mass, word, half), angle in zip(begin, chosen, strict=False):
            direction = unit(angle)
            tip, tail = (where[state] + (RADIUS + GAP + far) * direction for far in (0.0, 0.34))
            centre = tail + (0.06 + float(np.min(half / np.maximum(np.abs(direction), 1e-9)))) * direction
            marks.append(Start(mass, word, centre, half, np.array([tail, (tail + tip) / 2, tip])))
        for (_, action, text), angle in zip(mine, chosen[len(begin) :], strict=True):
            feet = [where[state] + reach * unit(angle + side) for side in (turn, -turn)]
            control = _trim(
                np.array([where[state], *feet, where[state]]), where[state], square[state], where[state], square[state]
            )
            loops.append(Arrow(state, action, state, text, control))
    return loops, marks


def _spots(arrow: Arrow, size: Array) -> list[tuple[Array, float]]:
    """Return where the label of an arrow may stand, and the price of each place."""
    half = size / 2
    spots = []
    if arrow.loop:
        # Outside, beyond the far end of the loop or a little to the side.
        outwards = arrow.at(0.5) - (arrow.at(0.0) + arrow.at(1.0)) / 2
        angle = float(np.arctan2(outwards[1], outwards[0]))
        for t in (0.5, 0.4, 0.6, 0.3, 0.7):
            for turn in np.arange(-1.5, 1.51, 0.25):
                for far in (0.05, 0.12):
                    direction = unit(angle + float(turn))
                    beyond = far + float(np.min(half / np.maximum(np.abs(direction), 1e-9)))
                    price = 0.2 * abs(float(turn)) + abs(t - 0.5) + 2 * (far - 0.05)
                    spots.append((arrow.at(t) + beyond * direction, price))
        return spots
    length = arrow.length()
    for t in np.linspace(0.16, 0.84, 29):
        point = arrow.at(float(t))
        along = arrow.at(float(t) + 0.01) - arrow.at(float(t) - 0.01)
        along /= np.hypot(*along)
        hidden = float(np.min(size / np.maximum(np.abs(along), 1e-9)))
        price = 0.8 * abs(float(t) - 0.5)
        # On the line, when enough of the line stays in sight; else beside it.
        if length - hidden >= 0.5:
            spots.append((point, price))
        normal = np.array([-along[1], along[0]])
        for far in (0.04, 0.1):
            beside = float(np.abs(normal) @ half) + far
            spots.append((point + beside * normal, price + 0.6 + 3 * (far - 0.04)))
            spots.append((point - beside * normal, price + 0.6 + 3 * (far - 0.04)))
    return spots


def place_labels(
    arrows: list[Arrow], forms: Sequence[Sequence[tuple[str, Array]]], where: Array, starts: Sequence[Start]
) -> tuple[list[Label], int]:
    """Choose a form and a place for each label, and count the labels that still cover something.

    A label may stand on the line of its own arrow, not on its head, and on nothing else. Its forms are texts with
    their sizes, the best one first.
    """
    if not arrows:
        return [], 0
    spots, prices, owners, halves, texts = [], [], [], [], []
    for index, (arrow, options) in enumerate(zip(arrows, forms, strict=True)):
        for rank, (text, size) in enumerate(options):
            for spot, price in _spots(arrow, size):
                spots.append(spot)
                prices.append(price + 0.1 * rank)
                owners.append(index)
                halves.append(size / 2)
                texts.append(text)
    places, cost, owner, bare = np.array(spots), np.array(prices), np.array(owners), np.array(halves)
    half = bare + _PAD
    wrong = np.zeros(len(places), dtype=int)

    for index, arrow in enumerate(arrows):
        line = arrow.samples(max(int(arrow.length() / _STEP), 8))
        covered = (np.abs(places[:, None] - line) < half[:, None]).all(axis=2).sum(axis=1)
        head = arrow.head()
        head = np.concatenate([head, head.mean(axis=0, keepdims=True), (head[[0, 0, 1]] + head[[1, 2, 2]]) / 2])
        on_head = (np.abs(places[:, None] - head) < half[:, None]).all(axis=2).sum(axis=1)
        own = owner == index
        # Beside its own line a label is not crossed by it either; on the line the middle lies on it.
        on_line = np.hypot(*(places[:, None] - line).T).min(axis=0) < _STEP
        wrong += np.where(own, np.where(on_line, 0, covered), covered) + on_head
    for start in starts:
        line = np.linspace(start.control[0], start.control[-1], 16)
        wrong += (np.abs(places[:, None] - line) < half[:, None]).all(axis=2).sum(axis=1)
        wrong += 5 * (np.abs(places - start.centre) < half + start.half).all(axis=1)
    for state in where:
        wrong += 5 * (np.hypot(*np.maximum(np.abs(places - state) - half, 0).T) < RADIUS + 0.02)
    cost = cost + np.where(wrong > 0, _HARD, 0.0) + 2.0 * wrong

    choices = [np.flatnonzero(owner == index) for index in range(len(arrows))]

    def overlaps(candidates: NDArray[np.int_], index: int, chosen: NDArray[np.int_]) -> NDArray[np.int_]:
        gap = np.abs(places[candidates][:, None] - places[chosen]) < half[candidates][:, None] + bare[chosen]
        hit = np.asarray(gap.all(axis=2))
        hit[:, index] = False
        return np.asarray(hit.sum(axis=1))

    rng = np.random.default_rng(0)
    chosen = np.array([own_spots[cost[own_spots].argmin()] for own_spots in choices])
    hopeless = any((wrong[own_spots] > 0).all() for own_spots in choices)
    best, least, best_wrong = chosen.copy(), float("inf"), 0
    for _ in range(1 if hopeless else 12):
        for _ in range(15):
            before = chosen.copy()
            for index, own_spots in enumerate(choices):
                prices_now = cost[own_spots] + _HARD * overlaps(own_spots, index, chosen)
                chosen[index] = own_spots[prices_now.argmin()]
            if (before == chosen).all():
                break
        hits = np.array([int(overlaps(chosen[[index]], index, chosen)[0]) for index in range(len(arrows))])
        bad = (hits > 0) | (wrong[chosen] > 0)
        whole = float(cost[chosen].sum() + _HARD * hits.sum())
        if whole < least - 1e-9:
            best, least, best_wrong = chosen.copy(), whole, int(np.count_nonzero(bad))
        if not bad.any():
            break
        # Those in conflict, and a few others, try another place.
        for index in np.flatnonzero(bad | (rng.random(len(arrows)) < 0.2)).tolist():
            free = choices[index][wrong[choices[index]] == 0]
            if len(free):
                chosen[index] = rng.choice(free)
    return [Label(texts[spot], places[spot], 2 * bare[spot]) for spot in best], best_wrong
