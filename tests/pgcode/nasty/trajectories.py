"""Nasty inputs of ``trajectories``."""

import dataclasses
import pickle

import numpy as np

from pgcode.environments import random_mdp, short_corridor, two_armed_bandit
from pgcode.mdp import TabularMDP
from pgcode.policies import DirectPolicy, SoftmaxPolicy
from pgcode.trajectories import (
    Trajectories,
    count_trajectories,
    enumerate_trajectories,
    possible_trajectories,
    sample_trajectories,
    trajectory_log_probabilities,
    trajectory_probabilities,
)

ARMS = TabularMDP(np.ones((1, 2, 1)), np.ones((1, 2, 1)), np.ones(1), 1.0, horizon=3000)
POLICY, ZERO = SoftmaxPolicy(1, 2), np.zeros((1, 2))
TERMINAL = np.array([False, False, True])
EPISODE = {"states": [0, 1, 2], "actions": [1, 0], "rewards": [1.0, 2.0], "terminated": True}


def batch(**changed):
    parts = {"states": [[0, 1, 2]], "actions": [[1, 0]], "rewards": [[1.0, 2.0]], "discount": 0.9}
    return Trajectories(**(parts | changed))


def drawn(m=2, horizon=3000):
    mdp = dataclasses.replace(ARMS, horizon=horizon)
    return sample_trajectories(mdp, POLICY, ZERO, m, np.random.default_rng(0))


def halving(horizon):
    """A process that ends with probability 1/2 at each step."""
    return TabularMDP([[[0.5, 0.5]], [[0.0, 1.0]]], [[[1.0, 1.0]], [[0.0, 0.0]]], [1.0, 0.0], 1.0, horizon)


def episodes(*changed, **options):
    return Trajectories.from_episodes([EPISODE | c for c in changed], 0.9, **options)


def buffer(autoreset="same_step", **changed):
    parts = {
        "states": [0, 1, 0, 1],
        "actions": [0, 0, 0, 0],
        "rewards": [1.0, 1.0, 0.0, 1.0],
        "terminated": [0, 1, 0, 0],
        "truncated": [0, 0, 0, 1],
        "next_states": [1, 2, 1, 2],
        "discount": 0.9,
    }
    return Trajectories.from_buffer(**(parts | changed), autoreset=autoreset)


def write(array):
    array[...] = 0


CASES = {
    "rewards written to": (lambda: write(batch().rewards), "read-only"),
    "cached returns written to": (lambda: write(batch().returns), "read-only"),
    "cached rewards-to-go written to": (lambda: write(batch().returns_from_step), "read-only"),
    "mask written to": (lambda: write(drawn(2, 3).active), "read-only"),
    "sampled states written to": (lambda: write(drawn(2, 3).states), "read-only"),
    "states of a pickle written to": (lambda: write(pickle.loads(pickle.dumps(batch())).states), "read-only"),
    "terminal that changes afterwards": (
        lambda: (lambda t: (batch(terminal=t), write(t))[0].terminal)(np.array([False, False, True])),
        lambda terminal: terminal.tolist() == [False, False, True],
    ),
    "masked rewards": (lambda: batch(rewards=np.ma.masked_array([[1.0, 2.0]], [[0, 1]])), "rewards is a masked array"),
    "masked states": (lambda: batch(states=np.ma.masked_array([[0, 1, 2]], [[0, 0, 1]])), "states is a masked array"),
    "ragged rewards": (lambda: batch(rewards=[[1.0], [1.0, 2.0]]), "rewards is no array, as its parts differ"),
    "actions of True and False": (lambda: batch(actions=[[True, False]]), "actions holds bool, not whole numbers"),
    "states of floats": (lambda: batch(states=[[0.0, 1.0, 2.0]]), "states holds float64, not whole numbers"),
    "states of 8 bits": (
        lambda: batch(states=np.array([[0, 127, 2]], np.int8), actions=np.array([[255, 0]], np.uint8)),
        lambda b: b.states.tolist() == [[0, 127, 2]] and b.actions.tolist() == [[255, 0]],
    ),
    "state beyond 4 bytes": (lambda: batch(states=np.array([[0, 1, 2**63]], np.uint64)), r"states\[0, 2\] is 9223372"),
    "discount just below 1": (lambda: batch(discount=1 - 1e-16).returns, lambda r: r.tolist() == [3.0]),
    "discount just above 1": (lambda: batch(discount=1 + 1e-15), "discount is 1.00000"),
    "return beyond the floats": (
        lambda: batch(rewards=[[1.7e308, 1.7e308]], discount=1.0).returns,
        r"R\(τ\) of trajectory 0 is beyond the largest float.*divide rewards",
    ),
    "reward-to-go beyond the floats": (
        lambda: batch(rewards=[[1.7e308, 1.7e308]], discount=1.0).returns_from_step,
        "G_t of trajectory 0 is beyond the largest float",
    ),
    "rewards 1e300": (lambda: batch(rewards=[[1e300, 1e300]], discount=1.0).returns, lambda r: r.tolist() == [2e300]),
    "a hundred thousand steps": (
        lambda: drawn(1, 100_000).returns_from_step[0, [0, -1]],
        lambda g: g.tolist() == [100_000.0, 1.0],
    ),
    "length below 0": (lambda: batch(lengths=[-1]), r"lengths\[0\] is -1: a length lies from 0 to T = 2"),
    "length above T": (lambda: batch(lengths=[3]), r"lengths\[0\] is 3: a length lies from 0 to T = 2"),
    "lengths of floats": (lambda: batch(lengths=[2.0]), "lengths holds float64, not whole numbers: give the number of"),
    "one length for all": (lambda: batch(lengths=2), r"lengths has shape \(\), but needs shape \(1,\)"),
    "lengths as a mask": (lambda: batch(lengths=[[True, True]]), "lengths holds bool"),
    "cut as text": (lambda: batch(cut=["yes"]), "cut holds <U3, not flags"),
    "cut for other trajectories": (lambda: batch(cut=[True, False]), r"cut has shape \(2,\), but needs shape \(1,\)"),
    "cut in a terminal state": (
        lambda: batch(terminal=TERMINAL, cut=[True]),
        r"cut\[0\] is True, but the trajectory stands in the terminal state 2",
    ),
    "on past the end": (
        lambda: batch(states=[[0, 2, 2]], terminal=TERMINAL, lengths=[2]),
        r"states\[0, 1\] is the terminal state 2, but lengths\[0\] is 2: .* set lengths\[0\] to 1",
    ),
    "early end in a state that is not terminal": (
        lambda: batch(terminal=TERMINAL, lengths=[1]),
        r"trajectory 0 ends after 1 of 2 decisions in state 1, which is not terminal: set cut\[0\] to True",
    ),
    "terminal as numbers": (lambda: batch(terminal=[0, 0, 1]), "terminal needs one True or False for each state"),
    "no terminal states at all": (lambda: batch(terminal=np.zeros(0, bool)), "terminal needs one True or False"),
    "no decision at all": (
        lambda: batch(lengths=[0]),
        lambda b: b.returns.tolist() == [0.0] and b.last_states.tolist() == [0] and not b.active.any(),
    ),
    "no episodes": (lambda: Trajectories.from_episodes([], 0.9), "episodes is empty"),
    "a dictionary in place of episodes": (lambda: Trajectories.from_episodes(EPISODE, 0.9), r"episodes\[0\] is a str"),
    "episode without an end": (
        lambda: Trajectories.from_episodes([{k: v for k, v in EPISODE.items() if k != "terminated"}], 0.9),
        r"episodes\[0\] has no terminated",
    ),
    "episode without its last state": (
        lambda: episodes({}, {"states": [0, 1]}),
        r"episodes\[1\] has 2 states and 2 actions, but needs one state more",
    ),
    "episode with flags for each step": (
        lambda: episodes({"terminated": [False, True]}),
        r"episodes\[0\]\['terminated'\] is \[False, True\]: pass True where it ended",
    ),
    "episode with a reward too many": (lambda: episodes({"rewards": [1.0] * 3}), r"episodes\[0\] has rewards of shape"),
    "episode with NaN": (lambda: episodes({"rewards": [1.0, np.nan]}), r"episodes\[0\]\['rewards'\]\[1\] is nan"),
    "episode with a state of floats": (
        lambda: episodes({"states": [0.5, 1, 2]}),
        r"episodes\[0\]\['states'\] holds float64",
    ),
    "episode with vectors as states": (
        lambda: episodes({"states": [[0, 1]] * 3}),
        r"episodes\[0\]\['states'\] has shape \(3, 2\): give one number for each step",
    ),
    "episodes without a decision": (
        lambda: episodes({"states": [0], "actions": [], "rewards": []}),
        "episodes holds no decision",
    ),
    "an episode without a decision among others": (
        lambda: episodes({}, {"states": [0], "actions": [], "rewards": []}),
        lambda b: b.lengths.tolist() == [2, 0] and b.last_states.tolist() == [2, 0],
    ),
    "episode with a state too high": (
        lambda: episodes({}, {"states": [0, 7, 1]}, n_states=3),
        r"episodes\[1\]\['states'\]\[1\] is 7, but there are 3 states",
    ),
    "episode that goes on in a terminal state": (
        lambda: episodes({"states": [0, 2, 2]}, terminal=TERMINAL),
        r"episodes\[0\]\['states'\]\[1\] is the terminal state 2, but a decision is taken there",
    ),
    "end state that is not terminal": (lambda: episodes({}, terminal=TERMINAL, end_state=1), "end_state is 1, which"),
    "end state as text": (lambda: episodes({}, end_state="end"), "end_state is 'end': pass the number of a state"),
    "two numbers of states": (
        lambda: episodes({}, terminal=TERMINAL, n_states=4),
        "n_states is 4, but terminal knows 3",
    ),
    "one very long episode among many": (
        lambda: Trajectories.from_episodes(
            [
                {"states": np.zeros(300_001, int), "actions": np.zeros(300_000, int), "rewards": np.zeros(300_000)}
                | {"terminated": True}
            ]
            + [EPISODE] * 2000,
            0.9,
        ),
        r"the padded batch would have shape \(2001, 300001\) and take .* cut the longest",
    ),
    "buffer with a gap": (
        lambda: buffer(states=[0, 3, 0, 1]),
        r"states\[1\] is 3, but next_states\[0\] is 1 and the episode was not over",
    ),
    "buffer with environments first": (
        lambda: buffer(
            **{
                k: np.array([v, v])
                for k, v in {
                    "states": [0, 1, 0],
                    "actions": [0] * 3,
                    "rewards": [0] * 3,
                    "terminated": [0] * 3,
                    "truncated": [0] * 3,
                    "next_states": [1, 0, 2],
                }.items()
            }
        ),
        r"states\[1, 0\] is 0, but next_states\[0, 0\] is 1 .* order of time, first axis",
    ),
    "buffer whose next states are those after the reset": (
        lambda: buffer(None, next_states=[1, 0, 1, 2]),
        r'states\[2\] follows an end and is the state to which that step led.*autoreset="next_step".*final_obs',
    ),
    "buffer with reset rows that are not told": (
        lambda: buffer(None, states=[0, 1, 2, 0], next_states=[1, 2, 0, 1]),
        r'states\[2\] follows an end .*autoreset="next_step"',
    ),
    "buffer with reset rows that are decisions": (
        lambda: buffer("next_step"),
        r'states\[2\] follows an end, but its row is a decision: .*pass autoreset="same_step"',
    ),
    "buffer of an unknown mode": (lambda: buffer("auto"), r"autoreset is 'auto': pass \"same_step\""),
    "buffer with a last axis of 1": (
        lambda: buffer(actions=[[0]] * 4),
        r"actions has shape \(4, 1\), but states \(4,\): pass actions.squeeze\(-1\)",
    ),
    "buffer with flags of 2": (lambda: buffer(terminated=[0, 2, 0, 0]), "terminated holds int64, not flags"),
    "buffer with NaN": (lambda: buffer(rewards=[0, np.nan, 0, 0]), r"rewards\[1\] is nan"),
    "empty buffer": (
        lambda: buffer(**dict.fromkeys(("states", "actions", "next_states"), np.zeros(0, int))),
        r"states has shape \(0,\), but needs \(T,\)",
    ),
    "buffer that ends in a state that is not terminal": (
        lambda: buffer(terminal=np.array([False] * 3)),
        r"next_states\[1\] is 2, where the episode ended, but no terminal state: pass end_state",
    ),
    "buffer that is cut in a terminal state": (
        lambda: buffer(terminal=TERMINAL),
        r"next_states\[3\] is 2, cut in a terminal state",
    ),
    "probability that underflows": (
        lambda: trajectory_probabilities(drawn(), ARMS, POLICY, ZERO),
        r"theta gives a trajectory the probability exp\(-2079\.44\), .*too small.*trajectory_log_probabilities",
    ),
    "logarithm of a probability that underflows": (
        lambda: trajectory_log_probabilities(drawn(), ARMS, POLICY, ZERO),
        lambda logs: np.allclose(logs, 3000 * np.log(0.5), rtol=1e-14, atol=0),
    ),
    "impossible trajectory": (
        lambda: trajectory_log_probabilities(
            possible_trajectories(two_armed_bandit()), two_armed_bandit(), DirectPolicy(2, 2), [[0.0], [0.5]]
        ),
        lambda logs: logs.tolist() == [-np.inf, 0.0],
    ),
    "θ of 700": (
        lambda: enumerate_trajectories(two_armed_bandit(), SoftmaxPolicy(2, 2), [[700.0, -700.0], [0.0, 0.0]])[1],
        lambda p: p.tolist() == [1.0, 0.0],
    ),
    "trajectories that act where the process has ended": (
        lambda: trajectory_probabilities(
            Trajectories([[0, 1, 1]], [[0, 0]], [[1.0, 0.0]], 1.0),
            two_armed_bandit(),
            SoftmaxPolicy(2, 2),
            np.zeros((2, 2)),
        ),
        r"trajectories\.states\[0, 1\] is 1, which is terminal in mdp",
    ),
    "sampling without a process": (
        lambda: sample_trajectories(None, POLICY, ZERO, 3, np.random.default_rng(0)),
        "mdp is a NoneType: pass a TabularMDP",
    ),
    "counting without a horizon": (lambda: count_trajectories(short_corridor()), "mdp.horizon is None"),
    "more samples than fit": (
        lambda: sample_trajectories(ARMS, POLICY, ZERO, 10**9, np.random.default_rng(0)),
        r"the rewards would have shape \(1000000000, 3000\).*draw fewer",
    ),
    "a list of 3,001 trajectories of 3,000 steps": (
        lambda: possible_trajectories(halving(3000)).lengths,
        lambda lengths: sorted(lengths) == [*range(1, 3001), 3000],
    ),
    "one trajectory of one step": (lambda: drawn(1, 1).lengths, lambda n: n.tolist() == [1]),
    "a policy that is certain": (
        lambda: sample_trajectories(ARMS, POLICY, [[-800.0, 0.0]], 5, np.random.default_rng(0)).actions.min(),
        lambda action: action == 1,
    ),
    "complex θ for a sample": (
        lambda: sample_trajectories(
            random_mdp(np.random.default_rng(0)),
            SoftmaxPolicy(3, 2),
            np.zeros((3, 2)) * 1j,
            2,
            np.random.default_rng(0),
        ),
        "theta is complex",
    ),
    "no list of episodes": (lambda: Trajectories.from_episodes(None, 0.9), "episodes is None: pass a list of mappings"),
    "probabilities of nothing": (
        lambda: trajectory_probabilities(None, ARMS, POLICY, ZERO),
        "trajectories is a NoneType: pass Trajectories",
    ),
}
