"""What values refuse, and what they get right although it looks bad."""

import dataclasses

import numpy as np

from pgcode import values
from pgcode.environments import corridor_policy, random_mdp, short_corridor, two_armed_bandit
from pgcode.mdp import TabularMDP
from pgcode.policies import DirectPolicy, SoftmaxPolicy
from pgcode.state_action_form import exact_gradient

MDP = random_mdp(np.random.default_rng(0), 3, 2, 0.9, None)
POLICY, ZEROS = SoftmaxPolicy(3, 2), np.zeros((3, 2))
STAY = TabularMDP([[[1, 0], [0, 1]], [[0, 1], [0, 1]]], [[[1, 0], [0, 0]], [[0, 0], [0, 0]]], [1, 0], 1.0)
ENDS = TabularMDP(np.ones((2, 2, 2)) * np.eye(2)[:, None], np.zeros((2, 2, 2)), [0.5, 0.5], 1.0)
LONG = dataclasses.replace(MDP, horizon=10**9)


def paying(size, horizon=None):
    return dataclasses.replace(MDP, reward=np.full((3, 2, 3), size), horizon=horizon)


CASES = {
    "a stay of 1e16 steps": (
        lambda: values.objective(STAY, SoftmaxPolicy(2, 2), [[37, 0], [0, 0]]),
        r"expected to go on for more than 1e\+08 steps",
    ),
    "a stay of 1e15 steps": (
        lambda: values.objective(STAY, SoftmaxPolicy(2, 2), [[35, 0], [0, 0]]),
        r"expected to go on for more than 1e\+08 steps",
    ),
    "a stay whose end underflows": (
        lambda: values.objective(STAY, SoftmaxPolicy(2, 2), [[800, 0], [0, 0]]),
        r"π\(1\|0\) = exp\(-800\) is too small for a float and became 0, and then discount is 1 and .* nearer to 0",
    ),
    "visits of a stay whose end underflows": (
        lambda: values.discounted_visitation(STAY, SoftmaxPolicy(2, 2), [[800, 0], [0, 0]]),
        r"π\(1\|0\) = exp\(-800\)",
    ),
    "a stay that leaves at once": (
        lambda: values.objective(STAY, SoftmaxPolicy(2, 2), [[-700, 0], [0, 0]]),
        lambda j: 0 < j < 1e-300,
    ),
    "a chain that falls apart because π underflows": (
        lambda: values.stationary_distribution(
            TabularMDP(
                STAY.transition[:, :, ::-1][::-1] * 0 + [[[1, 0], [0, 1]], [[0, 1], [1, 0]]], STAY.reward, [1, 0], 0.9
            ),
            SoftmaxPolicy(2, 2),
            [[800, 0], [800, 0]],
        ),
        r"π\(1\|0\) = exp\(-800\) .* more than one recurrent class.*: move theta nearer to 0",
    ),
    "a chain that connects by 1e-304": (
        lambda: values.stationary_distribution(
            TabularMDP([[[1, 0], [0, 1]], [[0, 1], [1, 0]]], STAY.reward, [1, 0], 0.9),
            SoftmaxPolicy(2, 2),
            [[700, 0], [700, 0]],
        ),
        lambda d: np.abs(d - 0.5).max() < 1e-12,
    ),
    "the complex step of a chain that connects by 1e-304": (
        lambda: values.average_reward(
            TabularMDP([[[1, 0], [0, 1]], [[0, 1], [1, 0]]], STAY.reward, [1, 0], 0.9),
            SoftmaxPolicy(2, 2),
            np.array([[700, 0], [700, 1e-30j]]),
        ),
        r"a probability of the chain is .*e-305.*, and its complex step is too small for a float",
    ),
    "differential values of a chain that hardly connects": (
        lambda: values.differential_values(
            TabularMDP([[[1, 0], [0, 1]], [[0, 1], [1, 0]]], STAY.reward, [1, 0], 0.9),
            SoftmaxPolicy(2, 2),
            [[60, 0], [60, 0]],
        ),
        r"hardly connects",
    ),
    "all states terminal": (
        lambda: [f(ENDS, SoftmaxPolicy(2, 2), np.zeros((2, 2))) for f in (values.objective, exact_gradient)],
        lambda both: both[0] == 0 and not both[1].any(),
    ),
    "values of a process that has ended": (
        lambda: values.state_values(ENDS, SoftmaxPolicy(2, 2), np.zeros((2, 2))),
        lambda v: v.tolist() == [0, 0],
    ),
    "visits of a process that has ended": (
        lambda: values.discounted_visitation(ENDS, SoftmaxPolicy(2, 2), np.zeros((2, 2))),
        lambda d: d.tolist() == [0, 0],
    ),
    "a start in the end": (
        lambda: values.objective(dataclasses.replace(STAY, initial=[0, 1]), SoftmaxPolicy(2, 2), [[800, 0], [0, 0]]),
        lambda j: j == 0,
    ),
    "rewards of 1e300": (lambda: values.objective(paying(1e300), POLICY, ZEROS), lambda j: np.isclose(j, 1e301)),
    "rewards of 1e308": (
        lambda: values.objective(paying(1e308), POLICY, ZEROS),
        r"V is too large for a float, with rewards of up to 1e\+308: scale the rewards down",
    ),
    "rewards of 1e308 with a horizon": (
        lambda: values.state_values(paying(1e308, 5), POLICY, ZEROS),
        r"V is too large for a float",
    ),
    "advantages of 1e308": (
        lambda: values.advantages(
            dataclasses.replace(two_armed_bandit(), reward=[[[0, 1.5e308], [0, -1.5e308]], [[0, 0], [0, 0]]]),
            SoftmaxPolicy(2, 2),
            [[3.0, 0.0], [0, 0]],
        ),
        r"A is too large for a float",
    ),
    "rewards of 1e-300": (lambda: values.objective(paying(1e-300), POLICY, ZEROS), lambda j: np.isclose(j * 1e300, 10)),
    "a discount of 1 − 1e-7": (
        lambda: values.objective(dataclasses.replace(paying(1.0), discount=1 - 1e-7), POLICY, ZEROS),
        lambda j: np.isclose(j, 1e7, rtol=1e-7),
    ),
    "a discount of 1 − 1e-12": (
        lambda: values.objective(dataclasses.replace(paying(1.0), discount=1 - 1e-12), POLICY, ZEROS),
        r"expected to go on for more than 1e\+08 steps",
    ),
    "a discount of 0": (
        lambda: values.objective(dataclasses.replace(paying(2.0), discount=0), POLICY, ZEROS),
        lambda j: np.isclose(j, 2, rtol=1e-15),
    ),
    "a horizon of 1e9": (lambda: values.state_values(LONG, POLICY, ZEROS), r"V_t\(s\) would have shape .* 22\.4 GiB"),
    "an occupancy of 1e9 steps": (lambda: values.occupancy(LONG, POLICY, ZEROS), r"p_t\(s\) would have shape"),
    "an occupancy without a horizon": (lambda: values.occupancy(MDP, POLICY, ZEROS), r"mdp\.horizon is None: set one"),
    "a policy as a table": (lambda: values.objective(MDP, np.full((3, 2), 0.5), ZEROS), r"policy is a ndarray"),
    "arguments in another order": (
        lambda: values.objective(POLICY, MDP, ZEROS),
        r"policy is a TabularMDP, which has no",
    ),
    "a policy for the process": (
        lambda: values.objective(POLICY, POLICY, ZEROS),
        r"mdp is a SoftmaxPolicy: pass a TabularMDP",
    ),
    "θ of another policy": (lambda: values.objective(MDP, POLICY, np.zeros(6)), r"theta has shape \(6,\)"),
    "θ with NaN": (lambda: values.objective(MDP, POLICY, np.full((3, 2), np.nan)), r"theta\[0, 0\] is nan"),
    "θ without an entry": (lambda: values.objective(MDP, POLICY, []), r"theta has shape \(0,\)"),
    "no θ": (lambda: values.objective(MDP, POLICY, None), r"theta holds object"),
    "many θ": (lambda: values.objective(MDP, POLICY, np.zeros((5, 3, 2))), r"theta has shape \(5, 3, 2\)"),
    "θ of 700": (
        lambda: values.state_values(MDP, POLICY, [[700, -700], [-700, 700], [700, -700]]),
        lambda v: np.isfinite(v).all(),
    ),
    "θ of 1e308": (
        lambda: values.state_values(MDP, POLICY, [[1e308, -1e308], [-1e308, 1e308], [0, 0]]),
        lambda v: np.isfinite(v).all(),
    ),
    "a policy that leaves the simplex": (
        lambda: values.objective(MDP, DirectPolicy(3, 2), [[1.1], [0.5], [0.5]]),
        r"theta gives action 1 in state 0 the probability -0\.1",
    ),
    "the corridor without a way out": (
        lambda: values.objective(short_corridor(), corridor_policy(), [0.0, 800.0]),
        r"π\(0\|0\) = exp\(-800\) is too small",
    ),
    "advantages of actions that are nearly certain": (
        lambda: (
            values.advantages(MDP, POLICY, [[38.0, 0], [0, 300], [700, 0]])
            * POLICY.probabilities([[38.0, 0], [0, 300], [700, 0]])
        ),
        lambda found: (found != 0).all() and np.allclose(found[:, 0], -found[:, 1], rtol=1e-14, atol=0),
    ),
}
