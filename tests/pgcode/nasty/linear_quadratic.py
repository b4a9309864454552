"""What people pass to a linear-quadratic problem by mistake, and what they are told."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from pgcode.environments import random_mdp
from pgcode.general_form import derivation_with_integrals, derivation_with_sums, derivation_without_chance
from pgcode.linear_quadratic import (
    LinearQuadratic,
    LQTrajectories,
    lq_action_values,
    lq_average_reward,
    lq_deterministic_gradient,
    lq_deterministic_objective,
    lq_gradient,
    lq_objective,
    lq_quadrature,
    lq_sample,
    lq_second_moments,
    lq_state_values,
)
from pgcode.oracles import complex_step
from pgcode.policies import SoftmaxPolicy

PROBLEM = LinearQuadratic([[0.9]], [[1.0]], [[0.1]], [[1.0]], [[0.5]], [1.0], [[0.2]], discount=0.9)
SHORT = replace(PROBLEM, horizon=3)
AT = PROBLEM.parameters([[0.5]], 0.3)
PLANE = LinearQuadratic(np.eye(2) / 2, [[0.0], [1.0]], np.eye(2), np.eye(2), [[1.0]], [0, 0], np.eye(2), 0.9)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def right_by_complex_step(problem: LinearQuadratic, theta: object) -> Callable[[], object]:
    return lambda: (lq_gradient(problem, theta), complex_step(lambda at: lq_objective(problem, at), theta))


def agree(both: object) -> bool:
    found, expected = both  # type: ignore[misc]
    return bool((np.abs(found - expected) <= 1e-9 * np.abs(expected) + 1e-300).all())


CASES: dict[str, tuple[Callable[[], object], str | Callable[[object], bool]]] = {
    "dynamics not square": (lambda: replace(PROBLEM, dynamics=[[1.0, 2.0]]), r"dynamics has shape \(1, 2\)"),
    "dynamics a number": (lambda: replace(PROBLEM, dynamics=0.9), r"dynamics has shape \(\)"),
    "no state": (lambda: replace(PROBLEM, dynamics=np.zeros((0, 0))), r"dynamics has shape \(0, 0\)"),
    "control a row": (lambda: replace(PLANE, control=[[0.0, 1.0]]), r"control has shape \(1, 2\), but needs"),
    "noise of one entry": (
        lambda: replace(PLANE, noise=[[1.0]]),
        r"noise has shape \(1, 1\), but needs",
    ),
    "noise a vector of variances": (lambda: replace(PLANE, noise=[1.0, 1.0]), r"noise has shape \(2,\)"),
    "negative variance": (lambda: replace(PROBLEM, noise=[[-0.1]]), r"noise has the eigenvalue -0.1"),
    "no covariance": (lambda: replace(PLANE, noise=[[1, 2], [2, 1]]), r"noise has the eigenvalue -1"),
    "cost not symmetric": (
        lambda: replace(PLANE, state_cost=[[1, 2], [0, 1]]),
        r"state_cost\[0, 1\] is 2 and state_cost\[1, 0\] is 0: make state_cost symmetric",
    ),
    "NaN in the dynamics": (lambda: replace(PROBLEM, dynamics=[[np.nan]]), r"dynamics\[0, 0\] is nan"),
    "infinite cost": (lambda: replace(PROBLEM, state_cost=[[np.inf]]), r"state_cost\[0, 0\] is inf"),
    "text for a cost": (lambda: replace(PROBLEM, state_cost=[["a"]]), r"state_cost holds"),
    "masked dynamics": (
        lambda: replace(PROBLEM, dynamics=np.ma.array([[0.9]], mask=[[True]])),
        r"dynamics is a masked array",
    ),
    "mean a number": (lambda: replace(PROBLEM, initial_mean=1.0), r"initial_mean has shape \(\)"),
    "discount above 1": (lambda: replace(PROBLEM, discount=1.5), r"discount is 1.5"),
    "discount NaN": (lambda: replace(PROBLEM, discount=np.nan), r"discount is nan"),
    "horizon 0": (lambda: replace(PROBLEM, horizon=0), r"horizon is 0"),
    "horizon 2.5": (lambda: replace(PROBLEM, horizon=2.5), r"horizon is 2.5"),
    "theta in the place of the gain": (
        lambda: lq_deterministic_objective(PROBLEM, AT),
        r"gain has shape \(2,\), but needs shape \(1, 1\)",
    ),
    "a gain that is not finite": (lambda: lq_deterministic_gradient(PROBLEM, [[np.nan]]), r"gain\[0, 0\] is nan"),
    "a gain without chance that runs away": (
        lambda: lq_deterministic_gradient(PROBLEM, [[-0.2]]),
        r"squared spectral radius of A − B K is 1\.089",
    ),
    "visits of one entry": (
        lambda: lq_deterministic_gradient(PLANE, [[0.1, 0.1]], [[1.0]]),
        r"visits has shape \(1, 1\), but needs shape \(2, 2\)",
    ),
    "visits of too few times": (
        lambda: lq_deterministic_gradient(SHORT, [[0.5]], np.ones((2, 1, 1))),
        r"visits has shape \(2, 1, 1\), but needs a matrix \(1, 1\) for each of the 3 times",
    ),
    "a horizon in the lines without chance": (
        lambda: derivation_without_chance(SHORT, [[0.5]]),
        r"give problem no horizon",
    ),
    "gain of the wrong shape": (
        lambda: PLANE.parameters([0.1, 0.2], 1.0),
        r"gain has shape \(2,\), but needs",
    ),
    "scale 0": (lambda: PROBLEM.parameters([[0.5]], 0.0), r"scale is 0.0"),
    "theta too short": (lambda: lq_objective(PROBLEM, [0.5]), r"theta has shape \(1,\), but needs shape \(2,\)"),
    "theta NaN": (lambda: lq_objective(PROBLEM, [np.nan, 0.0]), r"theta\[0\] is nan"),
    "log σ of 700": (lambda: lq_objective(PROBLEM, [0.5, 700.0]), r"theta\[1\] is 700.*log σ"),
    "log σ of −700": (lambda: lq_gradient(PROBLEM, [0.5, -700.0]), r"theta\[1\] is -700.*log σ"),
    "tiny σ is right": (right_by_complex_step(PROBLEM, [0.5, -30.0]), agree),
    "tiny costs are right": (
        right_by_complex_step(replace(PROBLEM, state_cost=[[1e-200]], action_cost=[[1e-200]]), AT),
        agree,
    ),
    "huge costs are right": (
        right_by_complex_step(replace(PROBLEM, state_cost=[[1e150]], action_cost=[[1e150]]), AT),
        agree,
    ),
    "unstable for ever": (
        lambda: lq_objective(PROBLEM, [-1.0, 0.0]),
        r"γ times the squared spectral radius",
    ),
    "unstable with a horizon is right": (right_by_complex_step(replace(PROBLEM, horizon=20), [-1.0, 0.0]), agree),
    "overflow": (lambda: lq_objective(replace(PROBLEM, horizon=2000), [-5.0, 0.0]), r"J is too large for a float"),
    "overflow of the gradient": (
        lambda: lq_gradient(replace(PROBLEM, horizon=2000), [-5.0, 0.0]),
        r"the gradient is too large for a float",
    ),
    "gain of 1e200": (lambda: lq_objective(SHORT, [1e200, 0.0]), r"J is too large for a float"),
    "endless with discount 1": (
        lambda: lq_objective(replace(PROBLEM, discount=1.0), AT),
        r"discount is 1 and horizon is None.*lq_average_reward",
    ),
    "moments with discount 1": (
        lambda: lq_second_moments(replace(PROBLEM, discount=1.0), AT),
        r"discount is 1 and horizon is None",
    ),
    "edge of stability": (
        lambda: lq_objective(replace(PROBLEM, discount=1 - 1e-9), [-0.1 + 1e-9, 0.0]),
        r"lost in rounding",
    ),
    "average of an unstable system": (lambda: lq_average_reward(PROBLEM, [-0.2, 0.0]), r"squared spectral radius"),
    "sampling without a horizon": (lambda: lq_sample(PROBLEM, AT, 5, rng()), r"problem.horizon is None"),
    "quadrature without a horizon": (lambda: lq_quadrature(PROBLEM, AT), r"problem.horizon is None"),
    "sampling without a generator": (lambda: lq_sample(SHORT, AT, 5, 0), r"rng is 0: pass a generator"),  # type: ignore[arg-type]
    "no trajectory": (lambda: lq_sample(SHORT, AT, 0, rng()), r"n_trajectories is 0"),
    "sampling at a complex θ": (lambda: lq_sample(SHORT, AT + 0j, 5, rng()), r"theta is complex"),
    "too many trajectories": (lambda: lq_sample(SHORT, AT, 10**10, rng()), r"the scores would have shape"),
    "too many nodes": (lambda: lq_quadrature(replace(PROBLEM, horizon=30), AT), r"the list of nodes would have shape"),
    "one node": (lambda: lq_quadrature(SHORT, AT, 1), r"n_nodes is 1"),
    "an unstable trajectory overflows": (
        lambda: lq_sample(replace(PROBLEM, horizon=1000), [-5.0, 0.0], 2, rng()),
        r"too large for a float",
    ),
    "states without a last axis": (lambda: lq_state_values(PROBLEM, AT, 1.0), r"states has shape \(\)"),
    "states too wide": (lambda: lq_state_values(PROBLEM, AT, [[1.0, 2.0]]), r"states has shape \(1, 2\)"),
    "actions NaN": (lambda: lq_action_values(PROBLEM, AT, [[1.0]], [[np.nan]]), r"actions\[0, 0\] is nan"),
    "two actions for three states": (
        lambda: lq_action_values(PROBLEM, AT, np.ones((3, 1)), np.ones((2, 1))),
        r"states has shape \(3, 1\) and actions \(2, 1\)",
    ),
    "one action for three states": (
        lambda: lq_action_values(PROBLEM, AT, np.ones((3, 1)), [1.0]),
        lambda q: np.shape(q) == (3,),
    ),
    "three hundred states": (
        lambda: lq_objective(
            LinearQuadratic(
                np.eye(300) / 2, np.ones((300, 1)), np.eye(300), np.eye(300), [[1.0]], np.ones(300), np.eye(300), 0.9
            ),
            np.zeros(301),
        ),
        r"the linear system for a second moment would have shape \(90000, 90000\)",
    ),
    "step beyond the horizon": (
        lambda: lq_action_values(SHORT, AT, [[1.0]], [[1.0]], 3),
        r"step is 3: it lies",
    ),
    "last value is 0": (lambda: lq_state_values(SHORT, AT, [[1.0]], 3), lambda v: bool(np.all(v == 0))),
    "negative step": (lambda: lq_state_values(SHORT, AT, [[1.0]], -1), r"step is -1"),
    "step of 0.5": (lambda: lq_state_values(SHORT, AT, [[1.0]], 0.5), r"step is 0.5"),  # type: ignore[arg-type]
    "scores of another length": (
        lambda: LQTrajectories([1.0], [[1.0]], [[[1.0], [1.0]]], 0.9),
        r"scores has shape \(1, 2, 1\)",
    ),
    "infinite reward": (
        lambda: LQTrajectories([1.0], [[np.inf]], [[[1.0]]], 0.9),
        r"rewards\[0, 0\] is inf",
    ),
    "trajectories with discount 2": (lambda: LQTrajectories([1.0], [[1.0]], [[[1.0]]], 2.0), r"discount is 2"),
    "weights of another length": (
        lambda: LQTrajectories([0.5, 0.5], [[1.0]], [[[1.0]]], 0.9),
        r"weights has shape",
    ),
    "ledger with a horizon": (lambda: derivation_with_integrals(SHORT, AT, AT), r"endless process with a discount"),
    "finite ledger with a horizon": (
        lambda: derivation_with_sums(random_mdp(rng()), SoftmaxPolicy(3, 2), np.zeros((3, 2)), np.zeros((3, 2))),
        r"endless process with a discount",
    ),
    "ledger with an unstable θ'": (
        lambda: derivation_with_integrals(PROBLEM, AT, [-1.0, 0.0]),
        r"squared spectral radius",
    ),
    "ledger of one θ twice": (
        lambda: derivation_with_integrals(PROBLEM, AT, AT),
        lambda ledger: ledger.false_lines == [],  # type: ignore[attr-defined]
    ),
    "a ledger of numbers for states": (
        lambda: derivation_with_integrals(PROBLEM, AT, AT, [1.0, 2.0]),
        r"states has shape \(2,\), but needs \(number, 1\)",
    ),
    "a ledger at states too wide": (
        lambda: derivation_without_chance(PROBLEM, [[0.5]], [[1.0, 2.0]]),
        r"states has shape \(1, 2\), but needs \(number, 1\): a row for each state",
    ),
    "a ledger at no state": (
        lambda: derivation_without_chance(PROBLEM, [[0.5]], np.zeros((0, 1))),
        r"states has shape \(0, 1\).* at least one",
    ),
    "a ledger at a state that is NaN": (
        lambda: derivation_without_chance(PROBLEM, [[0.5]], [[np.nan]]),
        r"states\[0, 0\] is nan",
    ),
    "a ledger of a gain that is NaN": (
        lambda: derivation_without_chance(PROBLEM, [[np.nan]]),
        r"gain\[0, 0\] is nan",
    ),
    "a ledger with integrals of a finite process": (
        lambda: derivation_with_integrals(random_mdp(rng(), horizon=None), AT, AT),  # type: ignore[arg-type]
        r"problem is a TabularMDP: pass a LinearQuadratic",
    ),
}
