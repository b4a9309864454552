"""What a process refuses: arrays that are none, tables in another order, tables of environments that are wrong."""

import dataclasses
import pickle
from types import SimpleNamespace

import numpy as np

from pgcode.environments import random_mdp, two_armed_bandit
from pgcode.mdp import TabularMDP, gymnasium_states

EYE = np.eye(2)[:, None]
ZERO = np.zeros((2, 1, 2))
START = [1.0, 0.0]
MDP = random_mdp(np.random.default_rng(0), 4, 2)


def build(transition=EYE, reward=ZERO, initial=START, discount=0.9, horizon=None, allowed=None):
    return lambda: TabularMDP(transition, reward, initial, discount, horizon, allowed)


def tables(transition, reward, order="asn", **more):
    return lambda: TabularMDP.from_tables(transition, reward, [1, 0, 0, 0], 0.9, order=order, **more)


def env(table, **more):
    more = more or {"isd": np.eye(len(table))[0]}
    return lambda: TabularMDP.from_gymnasium(SimpleNamespace(P=table, **more), 0.9)


def write(array):
    array[...] = 7


def single_precision():
    p = np.random.default_rng(0).dirichlet(np.ones(7), (7, 2)).astype(np.float32)
    return TabularMDP(p, np.zeros((7, 2, 7)), np.eye(7)[0], 0.9)


ASN = np.moveaxis(MDP.transition, 1, 0)
GOOD = [(1.0, 0, 0.0, False)]

CASES = {
    "a transition in single precision": (
        single_precision,
        r"transition\[\d, \d\] sums to (1\.0|0\.9).*convert to float64 and renormalise, transition / tr",
    ),
    "a ragged transition": (build([[[1, 0]], [[1]]]), r"transition is no array, as its parts differ in length"),
    "a masked transition": (build(np.ma.array(EYE, mask=EYE > 0)), r"transition is a masked array"),
    "a masked reward": (build(reward=np.ma.array(ZERO, mask=True)), r"reward is a masked array"),
    "a transition of text": (build(EYE.astype(str)), r"transition holds <U32, not real numbers"),
    "a transition of two axes": (build(np.eye(2)), r"transition has shape \(2, 2\), but needs shape"),
    "a process without states": (build(np.zeros((0, 1, 0)), np.zeros((0, 1, 0)), []), r"at least one state"),
    "a process without actions": (build(np.zeros((2, 0, 2)), np.zeros((2, 0, 2))), r"one action"),
    "actions first": (
        build(ASN, ASN),
        r"transition has shape \(2, 4, 4\).*looks like \(n_actions, n_states, n_states\).*from_tables\(order=\"asn\"\)",
    ),
    "a negative probability": (build([[[1.5, -0.5]], [[0, 1]]]), r"transition\[0, 0, 1\] is -0\.5"),
    "NaN as a probability": (build([[[np.nan, 1]], [[0, 1]]]), r"transition\[0, 0, 0\] is nan"),
    "a reward for each state and action": (build(reward=np.zeros((2, 1))), r"numpy\.repeat\(reward\[:, :, None\], 2"),
    "a reward of another shape": (build(reward=np.zeros((2, 2, 2))), r"reward has shape \(2, 2, 2\), but needs"),
    "a reward of −∞": (build(reward=[[[-np.inf, 0]], [[0, 0]]]), r"reward\[0, 0, 0\] is -inf: .*give allowed \(S, A\)"),
    "a reward of NaN": (build(reward=[[[np.nan, 0]], [[0, 0]]]), r"reward\[0, 0, 0\] is nan: .*give allowed"),
    "a complex reward": (build(reward=ZERO + 0j), r"reward holds complex128, not real numbers"),
    "a start that is no distribution": (build(initial=[0.5, 0.4]), r"initial sums to 0\.9, not 1: add the missing"),
    "a start of another size": (build(initial=[1.0]), r"initial has shape \(1,\)"),
    "a discount above 1": (build(discount=1.01), r"discount is 1\.01: γ lies from 0 to 1"),
    "a discount in an array": (build(discount=np.array([0.9])), r"discount is array"),
    "a horizon of 0": (build(horizon=0), r"horizon is 0: pass a whole number of decisions"),
    "a horizon of 2.0": (build(horizon=2.0), r"horizon is 2\.0: pass a whole number"),
    "no action allowed": (build(allowed=[[True], [False]]), r"allowed\[1\] forbids every action"),
    "allowed as probabilities": (build(allowed=[[1.0], [1.0]]), r"allowed holds float64: pass True"),
    "allowed as counts": (build(allowed=[[2], [1]]), r"allowed holds int64: pass True"),
    "allowed of another shape": (build(allowed=[True, True]), r"allowed has shape \(2,\), but needs shape \(2, 1\)"),
    "a ragged allowed": (build(allowed=[[True], [True, False]]), r"allowed is no array"),
    "NaN where it is forbidden": (
        build(np.stack([np.eye(2), np.full((2, 2), np.nan)], 1), np.zeros((2, 2, 2)), allowed=[[1, 0], [1, 0]]),
        lambda mdp: np.isfinite(mdp.transition).all() and mdp.terminal.all(),
    ),
    "writing to a pickled transition": (lambda: write(pickle.loads(pickle.dumps(MDP)).transition), r"read-only"),
    "writing to what allowed says": (lambda: write(MDP.allowed), r"read-only"),
    "writing to a terminal": (lambda: write(pickle.loads(pickle.dumps(MDP)).terminal), r"read-only"),
    "writing to an expected reward": (lambda: write(dataclasses.replace(MDP).expected_reward), r"read-only"),
    "changing a discount": (
        lambda: dataclasses.replace(MDP, discount=2.0),
        r"discount is 2\.0",
    ),
    "an order that is none": (tables(ASN, ASN, "ass"), r"order is 'ass': name the axes"),
    "actions first, said to be states first": (
        tables(ASN, ASN, "san"),
        r"transition has shape \(2, 4, 4\), which is not \(n_states, n_actions, n_states\).*order=\"asn\"",
    ),
    "states first, said to be actions first": (
        tables(MDP.transition, MDP.reward),
        r"transition has shape \(4, 2, 4\), which is not \(n_actions, n_states, n_states\).*order=\"san\"",
    ),
    "rewards of actions by states": (
        tables(ASN, np.zeros((2, 4))),
        r"reward has shape \(2, 4\), but beside 4 states and 2 actions it needs shape \(4,\), \(4, 2\) or \(2",
    ),
    "one matrix for all actions": (tables(np.eye(4), np.zeros(4)), r"transition has shape \(4, 4\), which is not"),
    "matrices of different sizes": (tables([np.eye(4), np.eye(3)], np.zeros(4)), r"transition is no array"),
    "everything forbidden": (tables(ASN, np.full((4, 2), -np.inf)), r"allowed\[0\] forbids every action"),
    "a reward of +∞": (tables(ASN, np.full((4, 2), np.inf)), r"reward\[0, 0, 0\] is inf"),
    "forbidden twice": (
        tables(ASN, [[-np.inf, 0], [0, 0], [0, 0], [0, 0]], allowed=[[1, 1], [1, 0], [1, 1], [1, 1]]),
        lambda mdp: mdp.allowed.tolist() == [[0, 1], [1, 0], [1, 1], [1, 1]],
    ),
    "no environment": (lambda: TabularMDP.from_gymnasium(None, 0.9), r"env is None, which publishes no dynamics table"),
    "an environment without a start": (
        lambda: TabularMDP.from_gymnasium(SimpleNamespace(P=[[GOOD]]), 0.9),
        r"publishes no dynamics table \(P and initial_state_distrib or isd\)",
    ),
    "an empty table": (env([], isd=[]), r"env\.P has no state"),
    "a next state out of range": (
        env([[[(1.0, 1, 0.0, False)]]]),
        r"env\.P\[0\]\[0\]\[0\] leads to state 1, but the states",
    ),
    "a negative next state": (env([[[(1.0, -1, 0.0, False)]]]), r"env\.P\[0\]\[0\]\[0\] leads to state -1"),
    "half a next state": (env([[[(1.0, 0.5, 0.0, False)]]]), r"leads to state 0\.5"),
    "an outcome of three": (
        env([[[(1.0, 0, 0.0)]]]),
        r"env\.P\[0\]\[0\]\[0\] is \(1\.0, 0, 0\.0\): give \(probability, next state, reward, terminated\)",
    ),
    "an outcome without brackets": (
        env([[(1.0, 0, 0.0, False)]]),
        r"env\.P\[0\]\[0\]\[0\] is 1\.0: give \(probability",
    ),
    "probabilities that are missing": (
        env([[[(0.5, 0, 0.0, False), (0.4, 0, 0.0, False)]]]),
        r"env\.P\[0\]\[0\] has probabilities that sum to 0\.9, not 1",
    ),
    "no outcome": (env([[GOOD, []]]), r"env\.P\[0\]\[1\] has probabilities that sum to 0, not 1"),
    "a negative outcome": (
        env([[[(1.5, 0, 0.0, False), (-0.5, 0, 0.0, False)]]]),
        r"env\.P\[0\]\[0\]\[1\] has the probability -0\.5",
    ),
    "a probability of text": (
        env([[[("1", 0, 0.0, False)]]]),
        r"env\.P\[0\]\[0\]\[0\] has the probability '1': give a",
    ),
    "a reward of None": (env([[[(1.0, 0, None, False)]]]), r"has the reward None: give a number"),
    "a reward of −∞ in a table": (env([[[(1.0, 0, -np.inf, False)]]]), r"has the reward -inf: give a finite number"),
    "an end of text": (env([[[(1.0, 0, 0.0, "no")]]]), r"says 'no' for whether it terminates"),
    "an action that is missing": (env([[GOOD, GOOD], [GOOD]]), r"env\.P\[1\] does not hold the actions 0 to 1, as env"),
    "an action too many": (env([[GOOD], [GOOD, GOOD]]), r"env\.P\[1\] does not hold the actions 0 to 0, as env"),
    "actions named by text": (env({0: {"left": GOOD}}), r"env\.P\[0\] does not hold the actions 0 to 0: number"),
    "states named by text": (env({"s": {0: GOOD}}, isd=[1.0]), r"env\.P does not hold the states 0 to 0: number"),
    "a state that is no table": (env([[GOOD], None]), r"env\.P\[1\] is None: give a dictionary or a list"),
    "a start of another length": (env([[GOOD]], isd=[0.5, 0.5]), r"env\.isd has shape \(2,\), but P has 1 states"),
    "a start that sums to 0": (env([[GOOD]], initial_state_distrib=[0.0]), r"initial sums to 0, not 1"),
    "a state that the process has not": (
        lambda: gymnasium_states(two_armed_bandit(), [2], [False]),
        r"states\[0\] is 2, but the states of mdp are 0 to 1",
    ),
    "an end where the process goes on": (
        lambda: gymnasium_states(MDP, [[0, 1]], [[False, True]]),
        r"states\[0, 1\] is 1, where an episode terminated, but no state",
    ),
    "states that are no numbers of states": (lambda: gymnasium_states(MDP, [0.5], [False]), r"states holds float64"),
}
