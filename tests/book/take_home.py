"""The small worlds in which code to take home is tested, and the frameworks, which may be missing."""

from __future__ import annotations

import importlib
import os
from typing import Any

import numpy as np
import pytest

from pgcode.environments import random_mdp, short_corridor
from pgcode.mdp import TabularMDP

FRAMEWORKS = ("numpy", "torch", "jax")


def imported(name: str) -> Any:
    """A framework; without it the test is skipped, unless it is required (``TAKE_HOME_FRAMEWORKS=required``)."""
    if os.environ.get("TAKE_HOME_FRAMEWORKS") == "required":
        return importlib.import_module(name)
    return pytest.importorskip(name)


def worlds() -> dict[str, TabularMDP]:
    """Walks of one length; walks that end at different times; two starts, both paid and cut by the horizon."""
    ending = random_mdp(np.random.default_rng(3), n_states=3, n_actions=3, discount=0.7, horizon=2)
    return {
        "chance": random_mdp(np.random.default_rng(0), n_states=2, n_actions=2, discount=0.8, horizon=3),
        "ends": short_corridor(horizon=6, discount=0.9),
        "three actions": ending,
    }


WORLDS = worlds()


def at(mdp: TabularMDP) -> np.ndarray:
    """The parameters at which a world is looked at."""
    return np.random.default_rng(1).standard_normal((mdp.n_states, mdp.n_actions))
