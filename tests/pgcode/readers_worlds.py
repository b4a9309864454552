"""Worlds as readers put them in, sound ones and broken ones, for the tests of the package and of the page."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

SHUTTLE: dict[str, Any] = {
    "name": "Shuttle",
    "states": ["home", "work"],
    "actions": ["wait", "go"],
    "rows": [[0, 0, 0, 1, 1], [0, 1, 1, 0.9, 0], [0, 1, 0, 0.1, -0.5], [1, 0, 1, 1, 0], [1, 1, 0, 1, 8]],
    "start": [1, 0],
    "discount": 0.9,
    "horizon": 3,
    "theta": [[0, 0.3], [-0.2, 0.5]],
}


def changed(**parts: Any) -> dict[str, Any]:
    """The shuttle with other parts."""
    return deepcopy({**SHUTTLE, **parts})


def with_row(number: int, **parts: Any) -> dict[str, Any]:
    """The shuttle with another row."""
    world = deepcopy(SHUTTLE)
    places = ("state", "action", "next", "probability", "reward")
    world["rows"][number] = [parts.get(name, old) for name, old in zip(places, world["rows"][number], strict=True)]
    return world


#: Three states with an end, an action that is not allowed everywhere, and two places to start.
ERRAND = {
    "name": "Errand",
    "states": ["shop", "street", "done"],
    "actions": ["walk", "ask", "rest"],
    "rows": [
        [0, 0, 1, 0.7, -1],
        [0, 0, 0, 0.3, -1],
        [0, 2, 0, 1, -0.25],
        [1, 0, 2, 0.5, 6],
        [1, 0, 1, 0.5, -1],
        [1, 1, 2, 0.8, 3],
        [1, 1, 0, 0.2, -2],
    ],
    "start": [0.75, 0.25, 0],
    "discount": 1,
    "horizon": None,
    "theta": [[0.4, 0, -0.3], [0, 0.2, 0], [0, 0, 0]],
}

SOUND = {
    "a horizon": SHUTTLE,
    "no horizon": changed(horizon=None),
    "more walks than one lists": changed(horizon=60),
    "one decision": changed(horizon=1),
    "only the next reward counts": changed(discount=0, horizon=None),
    "no discount, but a horizon": changed(discount=1),
    "ends, no discount": ERRAND,
    "ends, with a horizon": {**ERRAND, "horizon": 4, "discount": 0.8},
    "all begin at the end": {**ERRAND, "start": [0, 0, 1]},
}

#: What is wrong, as a world, as the package says it, and as the page says it.
BROKEN: dict[str, tuple[Any, str, str]] = {
    "probabilities that do not add up": (
        with_row(1, probability=0.8),
        r"probabilities of “go” in “home” sum to 0\.9, not 1",
        r"probabilities of “go” in “home” sum to 0\.9, not 1",
    ),
    "a negative probability": (with_row(1, probability=-0.9), r"row 2 .* probability -0\.9", r"−0\.9 .* above 0"),
    "a probability of 0": (with_row(1, probability=0), r"row 2 .* probability 0:", r"above 0"),
    "a probability above 1": (with_row(0, probability=1.5), r"row 1 .* probability 1\.5", r"at most 1"),
    "a row twice": (with_row(2, next=1), r"row 3 .* there twice", r"there twice"),
    "an unknown state": (with_row(0, next=7), r"row 1 names the next state 7, which is not there", r"next state"),
    "an unknown action": (with_row(0, action=2), r"row 1 names the action 2", r"action"),
    "no rows": (changed(rows=[]), r"no row", r"no row"),
    "no start": (changed(start=[0, 0]), r"no start", r"no start"),
    "a start that does not add up": (changed(start=[0.5, 0.4]), r"start sum to 0\.9, not 1", r"sum to 0\.9, not 1"),
    "a negative start": (changed(start=[1.2, -0.2]), r"start in “work” .* -0\.2, below 0", r"−0\.2 .* from 0"),
    "a discount above 1": (changed(discount=1.1), r"discount is 1\.1: give a number from 0 to 1", r"from 0 to 1"),
    "a discount below 0": (changed(discount=-0.1), r"discount is -0\.1", r"from 0 to 1"),
    "no end without a discount": (
        changed(discount=1, horizon=None),
        r"discount is 1 and a walk that comes to “home” never ends",
        r"never ends",
    ),
    "a horizon of 0": (changed(horizon=0), r"horizon is 0: give a whole number from 1 to 200", r"from 1 to 200"),
    "half a decision": (changed(horizon=2.5), r"horizon is 2\.5", r"whole number"),
    "too long a horizon": (changed(horizon=1000), r"horizon is 1000", r"from 1 to 200"),
    "two states of one name": (changed(states=["home", "home"]), r"two of the states are called “home”", r"two states"),
    "an action without a name": (changed(actions=["wait", " "]), r"number 2 of the actions has no name", r"a name"),
    "a reward that is too large": (with_row(0, reward=1e12), r"the reward of row 1 holds 1", r"1e9"),
    "a policy that does not fit": (changed(theta=[[0, 0]]), r"theta has the shape \(1, 2\), but needs \(2, 2\)", ""),
}
