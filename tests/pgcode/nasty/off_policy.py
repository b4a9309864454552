"""What people pass by mistake when the data are another policy's, and what they are told."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from pgcode.environments import fork, fork_policy
from pgcode.mdp import TabularMDP
from pgcode.off_policy import (
    decision_ratios,
    emphatic_trace,
    emphatic_weights,
    excursion_derivation,
    excursion_objective,
    per_decision_returns,
    ratio_second_moments,
    squared_ratio_chain,
    trace_second_moments,
)
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import Trajectories

BETA = np.tile([0.25, 0.75], (4, 1))
DATA = [0.5, 0.125, 0.375, 0.0]
AT = np.zeros(2)
WALK = Trajectories([[0, 1, 3]], [[0, 1]], [[0.0, 0.0]], 1.0, terminal=fork().terminal)
LONG = Trajectories(np.zeros((1, 2001), int), np.zeros((1, 2000), int), np.ones((1, 2000)), 1.0)
APART = TabularMDP([[[1, 0, 0]] * 2, [[0, 1, 0]] * 2, [[1, 0, 0]] * 2], np.ones((3, 2, 3)), [1.0, 0.0, 0.0], 0.9)
NEVER = [[0.5, 0.5], [0.02, 0.98], [0.5, 0.5]]  # π and β are far apart where nothing leads

CASES: dict[str, tuple[Callable[[], object], str | Callable[[object], bool]]] = {
    "a policy for the behaviour": (
        lambda: decision_ratios(WALK, fork_policy(), AT, fork_policy()),  # type: ignore[arg-type]
        r"behaviour holds object, not real numbers",
    ),
    "a behaviour that is no distribution": (
        lambda: decision_ratios(WALK, fork_policy(), AT, 2 * BETA),
        r"behaviour\[0\] sums to 2, not 1",
    ),
    "a behaviour of one state": (
        lambda: squared_ratio_chain(fork(), fork_policy(), AT, [0.25, 0.75]),
        r"behaviour has shape \(2,\), but needs shape \(4, 2\)",
    ),
    "a behaviour that cannot have drawn the walk": (
        lambda: decision_ratios(WALK, fork_policy(), AT, np.tile([1.0, 0.0], (4, 1))),
        r"behaviour\[1, 1\] is 0, but trajectory 0 takes action 1 in state 1",
    ),
    "a behaviour that never tries an action": (
        lambda: squared_ratio_chain(fork(), fork_policy(), AT, np.tile([1.0, 0.0], (4, 1))),
        r"behaviour\[0, 1\] is 0, but the policy takes that action with the probability 0\.5",
    ),
    "a behaviour that tries nothing at the end alone": (
        lambda: squared_ratio_chain(fork(), fork_policy(), AT, [[0.5, 0.5]] * 3 + [[1.0, 0.0]]),
        lambda chain: np.allclose(chain.sum(axis=1), 1),
    ),
    "a buffer that is no trajectories": (
        lambda: decision_ratios([[0, 1]], fork_policy(), AT, BETA),  # type: ignore[arg-type]
        r"trajectories is a list: pass Trajectories",
    ),
    "a walk from another process": (
        lambda: decision_ratios(Trajectories([[7, 7]], [[0]], [[0.0]], 1.0), fork_policy(), AT, BETA),
        r"state 7 and action 0 occur in the trajectories",
    ),
    "ratios of whole trajectories": (
        lambda: per_decision_returns(WALK, [1.0]),
        r"ratios has shape \(1,\), but needs shape \(1, 2\)",
    ),
    "logarithms of ratios": (
        lambda: emphatic_trace(WALK, [[-0.5, 0.3]]),
        r"ratios\[0, 0\] is -0\.5: a ratio of probabilities is not negative; pass ratios, not logarithms",
    ),
    "ratios that are not numbers": (
        lambda: emphatic_trace(WALK, [[np.nan, 1.0]]),
        r"ratios\[0, 0\] is nan",
    ),
    "a list for trajectories in a trace": (
        lambda: emphatic_trace([1], [[1.0]]),  # type: ignore[arg-type]
        r"trajectories is a list: pass Trajectories",
    ),
    "products beyond the floats": (
        lambda: per_decision_returns(LONG, np.full((1, 2000), 2.0)),
        r"a product of ratios is beyond the floats",
    ),
    "a trace beyond the floats": (
        lambda: emphatic_trace(LONG, np.full((1, 2000), 2.0)),
        r"a trace is beyond the floats",
    ),
    "second moments beyond the floats": (
        lambda: ratio_second_moments(
            replace(fork(), transition=np.eye(4)[:, None].repeat(2, 1), reward=np.ones((4, 2, 4)), discount=0.5),
            fork_policy(),
            [9.0, 9.0],
            BETA,
            2000,
        ),
        r"the second moment of a product of 2000 ratios is beyond the floats",
    ),
    "a horizon": (
        lambda: emphatic_weights(replace(fork(), horizon=2), fork_policy(), AT, DATA),
        r"mdp\.horizon is 2, and states of the data have no time",
    ),
    "an environment in the place of the process": (
        lambda: emphatic_weights("fork", fork_policy(), AT, DATA),  # type: ignore[arg-type]
        r"mdp is a str: pass a TabularMDP",
    ),
    "a weight below 0": (
        lambda: excursion_objective(fork(), fork_policy(), AT, [0.5, -0.5, 1.0, 0.0]),
        r"state_weights\[1\] is -0\.5: a state is weighed by how often it is seen",
    ),
    "no weight": (
        lambda: emphatic_weights(fork(), fork_policy(), AT, np.zeros(4)),
        r"state_weights are all 0",
    ),
    "a weight for each time": (
        lambda: emphatic_weights(fork(), fork_policy(), AT, np.ones((3, 4))),
        r"state_weights has shape \(3, 4\), but needs shape \(4,\)",
    ),
    "weights that do not sum to 1": (
        lambda: emphatic_weights(fork(), fork_policy(), AT, 8 * np.array(DATA)),
        lambda found: np.allclose(found, 8 * emphatic_weights(fork(), fork_policy(), AT, DATA)),
    ),
    "states that the data never show": (
        lambda: excursion_derivation(fork(), fork_policy(), AT, BETA, [1.0, 0.0, 0.0, 0.0]),
        r"state_weights\[1\] is 0, but the policy leads to state 1",
    ),
    "complex parameters in a derivation": (
        lambda: excursion_derivation(fork(), fork_policy(), AT + 1j, BETA, DATA),
        r"theta is complex",
    ),
    "weights beyond the floats": (
        lambda: emphatic_weights(fork(), fork_policy(), AT, np.full(4, 1e308)),
        r"state_weights sum to more than the largest float",
    ),
    "a ratio beyond the floats": (
        lambda: decision_ratios(WALK, fork_policy(), AT, np.tile([1.0, 1e-320], (4, 1))),
        r"the ratio of decision 1 of trajectory 0 is beyond the floats, as its behaviour is 1e-320",
    ),
    "a squared ratio beyond the floats": (
        lambda: squared_ratio_chain(fork(), fork_policy(), AT, np.tile([1.0, 1e-320], (4, 1))),
        r"behaviour\[0, 1\] is 1e-320",
    ),
    "traces of episodes without a discount": (  # the trace is 1 at the fork, and in the rooms 1 plus one ratio
        lambda: trace_second_moments(fork(), fork_policy(), AT, BETA, DATA),
        lambda found: np.allclose(found, [0.5, 0.125 * 3**2, 0.375 * (5 / 3) ** 2, 0.0]),
    ),
    "an explosion where nobody comes": (
        lambda: trace_second_moments(APART, SoftmaxPolicy(3, 2), np.zeros((3, 2)), NEVER, [1.0, 0.0, 0.0]),
        lambda found: np.allclose(found, [100.0, 0.0, 0.0]),
    ),
}
