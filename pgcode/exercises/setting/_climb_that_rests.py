"""Four climbs along an exact gradient, and where they end."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from pgcode.exercises import Mistake, choice_exercise
from pgcode.exercises.chapters import GRADIENT_ASCENT

_WHERE = GRADIENT_ASCENT.section("Where ascent goes")
_NEVER = GRADIENT_ASCENT.section("A maximum that no θ reaches")

#: J as a function of the probability u, and its derivative by u.
_HILLS: Mapping[str, tuple[Callable[[float], float], Callable[[float], float]]] = {
    "a": (lambda u: u, lambda u: 1.0),
    "b": (lambda u: 2 * u * (1 - u), lambda u: 2 - 4 * u),
    "c": (lambda u: u**2 + (1 - u) ** 2, lambda u: 4 * u - 2),
    "d": (lambda u: (2 * u - 1) ** 3, lambda u: 6 * (2 * u - 1) ** 2),
}


def _end(slope: Callable[[float], float]) -> float:
    """Where 3000 steps of size 1 lead from θ = −½."""
    theta = -0.5
    for _ in range(3000):
        u = 1 / (1 + np.exp(-theta))
        theta += u * (1 - u) * slope(u)
    return theta


@choice_exercise(
    title="A climb that comes to rest",
    wrong={
        "a": Mistake(
            "a best value that no θ has",
            "J = u rises for ever: u = 1 would be best, and no finite θ has it. The climb slows down and never rests.",
            _NEVER,
        ),
        "c": Mistake(
            "a valley taken for a top",
            "At θ = 0 this J is least. From θ = −½ the climb goes away from it, towards u = 0, which no θ reaches.",
            _NEVER,
        ),
        "d": Mistake(
            "a place to rest that is no maximum",
            "At θ = 0 the slope is 0 and the climb from θ = −½ comes to rest there. But J is 0 there and larger for "
            "every θ above: stationary is not best.",
        ),
    },
    shows="You and your twin differ half of the time at best: u = ½ is θ = 0, a maximum that a θ has. Of the others "
    "one rests at a place that is no maximum, and two have their best value where no θ is.",
    hints=[
        "At which u is each J largest? Is there a θ with that u?",
        "Where is the slope u (1 − u) dJ/du zero, and does the climb from u = 0.38 get there?",
    ],
    see=_WHERE,
)
def climb_that_rests() -> str:
    """Say which of four climbs comes to rest at the best θ."""
    found = []
    for label, (height, slope) in _HILLS.items():
        theta = _end(slope)
        u = 1 / (1 + np.exp(-theta))
        best = max(height(v) for v in np.linspace(0, 1, 1001))
        if abs(theta) < 1 and height(u) > best - 1e-3:
            found.append(label)
    (label,) = found
    return label
