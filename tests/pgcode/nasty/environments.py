"""What the named processes refuse."""

import numpy as np

from pgcode import environments, values
from pgcode.policies import SoftmaxPolicy

CASES = {
    "a drawing in one string": (
        lambda: environments.gridworld("S.G"),
        r"rows is the string 'S\.G': give a sequence of rows, such as \['S\.G'\]",
    ),
    "a drawing in one string of lines": (
        lambda: environments.gridworld("S.\n.G"),
        r"give a sequence of rows, such as \['S\.', '\.G'\]",
    ),
    "an empty string": (lambda: environments.gridworld(""), r"rows is the string ''"),
    "no rows": (lambda: environments.gridworld(()), r"rows has no S: mark at least one start"),
    "rows without cells": (lambda: environments.gridworld(["", ""]), r"rows has no S"),
    "a drawing without a start": (lambda: environments.gridworld(["..G"]), r"rows has no S"),
    "rows of different lengths": (
        lambda: environments.gridworld(["S.", "."]),
        r"rows\[1\] has 1 cells, but rows\[0\] 2",
    ),
    "small letters": (lambda: environments.gridworld(["s.g"]), r"rows\[0\] holds '[gs]': use S, G, H, # and \."),
    "cells as lists": (lambda: environments.gridworld([["S", "G"]]), r"rows holds something that is no string"),
    "rows of bytes": (lambda: environments.gridworld([b"SG"]), r"rows holds something that is no string"),
    "a mill that breaks too often": (
        lambda: environments.mill(breaks=1.5),
        r"breaks is 1\.5: pass a probability from 0 to 1",
    ),
    "a mill that breaks with NaN": (lambda: environments.mill(breaks=np.nan), r"breaks is nan"),
    "a slip above 1": (lambda: environments.gridworld(slip=1.5), r"slip is 1\.5: a probability lies from 0 to 1"),
    "a slip of NaN": (lambda: environments.gridworld(slip=np.nan), r"slip is nan"),
    "a step that pays NaN": (lambda: environments.gridworld(step_reward=np.nan), r"step_reward is nan"),
    "a step that pays −∞": (lambda: environments.gridworld(step_reward=-np.inf), r"step_reward is -inf"),
    "a step that pays text": (lambda: environments.gridworld(step_reward="1"), r"step_reward holds <U1"),
    "an array of drawings": (
        lambda: environments.gridworld(np.array(["S.", ".G"])),
        lambda mdp: mdp.n_states == 4,
    ),
    "a grid that is all walls but the start": (
        lambda: environments.gridworld(["#S#"]).transition[1, :, 1],
        lambda stays: (stays == 1).all(),
    ),
    "a start beside nothing": (lambda: environments.gridworld(["S"]).n_states, lambda n: n == 1),
    "a goal that pays beside a start that ends": (
        lambda: values.objective(
            environments.gridworld(["SG"], slip=0.0, discount=1.0), SoftmaxPolicy(2, 4), np.zeros((2, 4))
        ),
        lambda j: np.isclose(j, 1 - 0.3, rtol=1e-12),
    ),
    "three arms of two": (lambda: environments.two_armed_bandit([1, 2, 3]), r"rewards has shape \(3,\), but needs"),
    "arms that pay NaN": (lambda: environments.two_armed_bandit([1, np.nan]), r"reward\[0, 1, 1\] is nan"),
    "arms that pay text": (lambda: environments.two_armed_bandit(["1", "2"]), r"rewards holds <U1"),
    "a corridor of discount 2": (lambda: environments.short_corridor(discount=2), r"discount is 2: γ lies"),
    "a corridor of half a step": (lambda: environments.short_corridor(0.5), r"horizon is 0\.5: pass a whole number"),
    "p of 0": (lambda: environments.corridor_state_values(0.0), r"p is 0\.0: the walk ends with certainty only"),
    "p of 1": (lambda: environments.corridor_state_values(1), r"p is 1: the walk ends with certainty only"),
    "p of NaN": (lambda: environments.corridor_state_values(np.nan), r"^p is nan"),
    "p of text": (lambda: environments.corridor_state_values("0.5"), r"^p holds <U3, not numbers: pass one number"),
    "two p": (lambda: environments.corridor_state_values([0.5, 0.5]), r"p has shape \(2,\), but needs shape \(\)"),
    "a seed for a random process": (lambda: environments.random_mdp(0), r"rng is 0: pass a generator with a seed"),
    "a random process without states": (
        lambda: environments.random_mdp(np.random.default_rng(0), 0),
        r"n_states is 0: pass a whole number of states",
    ),
    "a random process of 1e5 states": (
        lambda: environments.random_mdp(np.random.default_rng(0), 10**5),
        r"transition would have shape .*: take fewer states",
    ),
    "a random process of one state": (
        lambda: environments.random_mdp(np.random.default_rng(0), 1).transition.tolist(),
        lambda p: p == [[[1.0], [1.0]]],
    ),
    "a size of NaN": (lambda: environments.cancelling_rewards(np.nan), r"size is nan"),
    "a size and a bonus that overflow": (
        lambda: environments.cancelling_rewards(1.7e308, 1.7e308),
        r"reward\[0, 1, 2\] is inf",
    ),
    "one arm": (lambda: environments.lone_payer(1), r"n_actions is 1: a choice needs at least 2 arms"),
    "a cost of a complex number": (lambda: environments.aliased_chain(cost=1j), r"cost holds complex128"),
}
