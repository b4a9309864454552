"""Policies that are none, parameters that do not fit, and tables that are no distributions."""

import copy
import dataclasses
import pickle

import numpy as np

from pgcode import estimators, learning, trajectories, values
from pgcode.environments import random_mdp
from pgcode.mdp import TabularMDP
from pgcode.policies import (
    DirectPolicy,
    GaussianPolicy,
    LinearSoftmaxPolicy,
    SoftmaxPolicy,
    TabularPolicy,
    action_probabilities,
    check_policy,
)
from pgcode.state_action_form import average_reward_gradient, exact_gradient

MDP = random_mdp(np.random.default_rng(0), 3, 2)
ZEROS = np.zeros((3, 2))
ALLOWED = np.array([[True, False], [True, True], [False, True]])
RESTRICTED = TabularMDP(MDP.transition, MDP.reward, MDP.initial, 0.9, 4, ALLOWED)
GAUSS = GaussianPolicy(2)


def constant(table, **more):
    """A policy that gives one table, whatever θ is."""
    kind = type("Own", (TabularPolicy,), {"probabilities": lambda self, theta: table, **more})
    return kind(3, 2, (3, 2))


def by(method, **more):
    return type("Own", (TabularPolicy,), {"probabilities": method, **more})(3, 2, (3, 2))


def normalised(theta):
    return np.exp(theta) / np.exp(theta).sum(axis=1, keepdims=True)


class Sizes(TabularPolicy):
    """Sizes as attributes of the class, and no constructor."""

    n_states, n_actions, theta_shape = 3, 2, (3, 2)

    def probabilities(self, theta):
        return normalised(theta)


class Nothing(TabularPolicy):
    """A policy without a method."""


class Listed(Sizes):
    theta_shape = [3, 2]


class Restricted(Sizes):
    """What it forbids, as lists and as an attribute of the class."""

    allowed = [[True, False], [True, True], [True, True]]

    def probabilities(self, theta):
        weights = np.where(self.allowed, np.exp(theta), 0)
        return weights / weights.sum(axis=1, keepdims=True)


class Temperature(Sizes):
    """One parameter, which is a number."""

    theta_shape = ()

    def probabilities(self, theta):
        return normalised(theta * np.arange(6.0).reshape(3, 2))


class Cube(Sizes):
    theta_shape = (3, 2, 4)

    def probabilities(self, theta):
        return normalised(theta.sum(axis=2))


@dataclasses.dataclass(frozen=True)
class Fixed(TabularPolicy):
    """A frozen dataclass."""

    n_states: int = 3
    n_actions: int = 2
    theta_shape: tuple = (3, 2)

    def probabilities(self, theta):
        return normalised(theta)


class Slotted(Sizes):
    __slots__ = ("mark",)


class Buffered(Sizes):
    """A policy that writes its answer into one array again and again."""

    def __init__(self):
        self.buffer = np.zeros((3, 2))

    def probabilities(self, theta):
        if np.iscomplexobj(theta):
            return normalised(theta)
        self.buffer[...] = normalised(theta)
        return self.buffer


class Tripled(LinearSoftmaxPolicy):
    def score(self, theta):
        return 3 * super().score(theta)


def slotted():
    policy = Slotted()
    policy.mark = 7
    return policy


def features(size):
    return size * np.random.default_rng(0).standard_normal((3, 2, 2))


def antisymmetric(gradient):
    """Whether ∇J of a softmax of two actions has opposite entries, which are not 0, to 1e-14 of each of them."""
    return (gradient != 0).all() and np.allclose(gradient[..., 0], -gradient[..., 1], rtol=1e-14, atol=0)


CERTAIN = np.array([[38.0, 0.0], [0.0, 300.0], [700.0, 0.0]])
RANDOM = np.random.default_rng(1).standard_normal((3, 2))
SUMS_TO_2 = constant(np.ones((3, 2)))
BATCH = trajectories.sample_trajectories(MDP, SoftmaxPolicy(3, 2), ZEROS, 5, np.random.default_rng(0))


def write(array):
    array[...] = 1


CASES = {
    "writing to pickled features": (
        lambda: write(pickle.loads(pickle.dumps(LinearSoftmaxPolicy(np.ones((1, 2, 1))))).features),
        r"read-only",
    ),
    "writing to what a copy allows": (lambda: write(copy.deepcopy(SoftmaxPolicy(3, 2, ALLOWED)).allowed), r"read-only"),
    "rows that sum to 2, sampled": (
        lambda: trajectories.sample_trajectories(MDP, SUMS_TO_2, ZEROS, 5, np.random.default_rng(0)),
        r"the probabilities of Own\(3, 2\) in state 0 sum to 2, not 1: divide each row by its sum",
    ),
    "rows that sum to 2, learnt with": (
        lambda: learning.reinforce(MDP, SUMS_TO_2, ZEROS, 0.1, 2, 3, np.random.default_rng(0)),
        r"in state 0 sum to 2, not 1",
    ),
    "rows that sum to 2, valued": (lambda: values.objective(MDP, SUMS_TO_2, ZEROS), r"in state 0 sum to 2, not 1"),
    "rows that sum to 2, alone": (lambda: SUMS_TO_2.probabilities(ZEROS), r"in state 0 sum to 2, not 1"),
    "rows that sum to 2, as logarithms": (
        lambda: SUMS_TO_2.log_probabilities(ZEROS),
        r"in state 0 sum to 2, not 1",
    ),
    "rows that sum to 2, given by a policy that takes many θ": (
        lambda: action_probabilities(
            MDP,
            type("Own", (SoftmaxPolicy,), {"probabilities": lambda self, theta: np.ones((3, 2))}, many_thetas=True)(
                3, 2
            ),
            ZEROS,
        ),
        r"in state 0 sum to 2, not 1",
    ),
    "rows in single precision": (
        lambda: action_probabilities(MDP, by(lambda self, t: normalised(t).astype(np.float32)), ZEROS + [0.1, 0.7]),
        r"sum to (1\.0|0\.9).*compute them in float64 and normalise there, not in float32",
    ),
    "a negative row": (
        lambda: action_probabilities(MDP, constant(np.array([[0.5, 0.5], [1.5, -0.5], [0.5, 0.5]])), ZEROS),
        r"Own\(3, 2\) gives action 1 in state 1 the probability -0\.5",
    ),
    "a row of NaN": (
        lambda: action_probabilities(MDP, constant(np.array([[0.5, 0.5], [np.nan, 0.5], [0.5, 0.5]])), ZEROS),
        r"gives action 0 in state 1 the probability nan",
    ),
    "a row of ∞": (lambda: constant(np.full((3, 2), np.inf)).probabilities(ZEROS), r"in state 0 the probability inf"),
    "logits that are no logarithms": (
        lambda: type("Own", (TabularPolicy,), {"log_probabilities": lambda self, t: t})(3, 2, (3, 2)).score(ZEROS),
        r"in state 0 sum to 2, not 1",
    ),
    "a table of another shape": (
        lambda: constant(np.full((2, 3), 1 / 3)).probabilities(ZEROS),
        r"what probabilities of Own\(3, 2\) returns has shape \(2, 3\), but needs shape \(3, 2\)",
    ),
    "no table": (
        lambda: constant(None).probabilities(ZEROS),
        r"what probabilities of Own\(3, 2\) returns holds object",
    ),
    "a list as a table": (
        lambda: constant([[0.5, 0.5]] * 3).probabilities(ZEROS),
        lambda table: isinstance(table, np.ndarray) and (table == 0.5).all(),
    ),
    "a constant policy": (lambda: constant(np.full((3, 2), 0.5)).score(ZEROS), lambda score: not score.any()),
    "an imaginary policy": (
        lambda: constant(np.full((3, 2), 0.5 + 0.1j)).probabilities(ZEROS),
        r"is complex at a real theta: return probabilities that are real",
    ),
    "imaginary parts that do not sum to 0": (
        lambda: by(lambda self, t: t * 0.0j + 0.5 + 1j * t.imag).probabilities(ZEROS + 1e-30j),
        r"have imaginary parts that sum to 2e-30, not 0, at a complex theta: normalise without abs",
    ),
    "an imaginary part that is dropped": (
        lambda: by(lambda self, t: normalised(t.real)).score(ZEROS + [0.3, 0.1]),
        r"found by the complex step, which failed: .*set complex_theta = False and give score\(theta\)",
    ),
    "an imaginary part that NumPy drops": (
        lambda: by(lambda self, t: normalised(np.asarray(t, dtype=float))).weighted_gradient(ZEROS, np.eye(3)[:, :2]),
        r"found by the complex step, which failed: .*set complex_theta = False and give score\(theta\)",
    ),
    "float() of a parameter": (
        lambda: by(lambda self, t: normalised(t * 0 + float(t[0, 0]) * np.eye(3)[:, :2])).score(ZEROS),
        r"found by the complex step, which failed",
    ),
    "real θ alone, and no score": (
        lambda: by(lambda self, t: normalised(t), complex_theta=False).weighted_score(ZEROS, ZEROS),
        r"complex_theta = False and no score of its own: give it score\(theta\)",
    ),
    "real θ alone, and a complex one": (
        lambda: by(lambda self, t: normalised(t), complex_theta=False).probabilities(ZEROS + 0j),
        r"theta is complex, which Own\(3, 2\) cannot take \(complex_theta is False\)",
    ),
    "a second derivative of what is derived": (
        lambda: Sizes().score(ZEROS + 1e-30j),
        r"theta is complex, but score of Sizes\(3, 2\) is itself found by the complex step: override score",
    ),
    "a score that is infinite": (
        lambda: by(lambda self, t: normalised(t), score=lambda self, t: np.full((3, 2, 3, 2), np.inf)).score(ZEROS),
        r"what score of Own\(3, 2\) returns\[0, 0, 0, 0\] is inf: return a finite score",
    ),
    "a policy without a method": (
        lambda: Nothing(3, 2, (3, 2)).probabilities(ZEROS),
        r"Nothing gives no log_probabilities\(theta\) and no probabilities\(theta\)",
    ),
    "a policy without a method, valued": (
        lambda: values.objective(MDP, Nothing(3, 2, (3, 2)), ZEROS),
        r"Nothing gives no log_probabilities\(theta\) and no probabilities\(theta\)",
    ),
    "a policy whose constructor is never called": (
        lambda: values.objective(MDP, type("Own", (Nothing,), {"__init__": lambda self: None})(), ZEROS),
        r"policy is a Own, which has no n_states, n_actions, theta_shape",
    ),
    "sizes as attributes of a class": (
        lambda: exact_gradient(MDP, Sizes(), ZEROS) - exact_gradient(MDP, SoftmaxPolicy(3, 2), ZEROS),
        lambda difference: np.abs(difference).max() < 1e-14,
    ),
    "a list as the shape of θ": (
        lambda: Listed().probabilities(ZEROS),
        r"theta_shape of Listed\(3, 2\) is \[3, 2\]: give a tuple of whole numbers",
    ),
    "a number as the shape of θ": (lambda: Nothing(3, 2, 6), r"theta_shape is 6: give a tuple of whole numbers"),
    "no θ at all": (lambda: Nothing(3, 2, (0,)), r"theta_shape\[0\] is 0: pass a whole number of parameters"),
    "a class for a policy": (
        lambda: values.objective(MDP, Sizes, ZEROS),
        r"policy is the class Sizes, .*pass a policy",
    ),
    "a function for a policy": (
        lambda: estimators.policy_gradient(BATCH, lambda theta: ZEROS, ZEROS, np.ones((5, 4))),
        r"policy is a function, which has no n_states",
    ),
    "a function that is checked": (lambda: check_policy(normalised, ZEROS), r"policy is a function, which has no"),
    "a complex θ that is checked": (
        lambda: check_policy(Sizes(), ZEROS + 0j),
        r"theta is complex: the checks are made",
    ),
    "θ of text": (lambda: Sizes().probabilities([["a", "b"]] * 3), r"theta holds <U1, not numbers"),
    "a masked θ": (lambda: Sizes().probabilities(np.ma.array(ZEROS, mask=True)), r"theta is a masked array"),
    "a ragged θ": (lambda: SoftmaxPolicy(2, 2).score([[1, 2], [3]]), r"theta is no array, as its parts differ"),
    "θ with ∞": (lambda: Sizes().probabilities(ZEROS + [np.inf, 0]), r"theta\[0, 0\] is inf"),
    "θ of one axis": (lambda: Sizes().probabilities(np.zeros(6)), r"theta has shape \(6,\), but Sizes\(3, 2\) needs"),
    "weights of another shape": (
        lambda: Sizes().weighted_score(ZEROS, np.zeros((2, 3))),
        r"weights has shape \(2, 3\)",
    ),
    "weights of text": (lambda: Sizes().weighted_score(ZEROS, [["a", "b"]] * 3), r"weights holds <U1"),
    "θ of 800": (
        lambda: SoftmaxPolicy(1, 2).log_probabilities([[800.0, 0.0]]),
        lambda logarithm: logarithm.tolist() == [[0, -800]],
    ),
    "the score at θ of 800": (
        lambda: type(
            "Own", (TabularPolicy,), {"log_probabilities": lambda self, t: t - np.log(np.exp(t - 800).sum()) - 800}
        )(1, 2, (1, 2)).score([[800.0, 0.0]]),
        lambda score: score.tolist() == [[[[0, 0]], [[-1, 1]]]],
    ),
    "θ of 1e308": (
        lambda: SoftmaxPolicy(1, 2).score([[1e308, -1e308]])[0],
        lambda score: score.tolist() == [[[0, 0]], [[-1, 1]]],
    ),
    "θᵀx that overflows": (
        lambda: LinearSoftmaxPolicy([[[1e300], [0]], [[1], [2]]]).probabilities([1e10]),
        r"θᵀx\(0, 0\) overflows: scale the features down",
    ),
    "θᵀx of ∞ − ∞": (
        lambda: LinearSoftmaxPolicy([[[1e300, -1e300], [0, 0]]]).score([1e10, 1e10]),
        r"θᵀx\(0, 0\) overflows",
    ),
    "features of two axes": (lambda: LinearSoftmaxPolicy(np.ones((2, 2))), r"features has shape \(2, 2\), but needs"),
    "features with NaN": (lambda: LinearSoftmaxPolicy([[[np.nan], [0]]]), r"features\[0, 0, 0\] is nan"),
    "features with NaN where it is forbidden": (
        lambda: LinearSoftmaxPolicy([[[np.nan], [0]]], [[False, True]]).probabilities([3.0]),
        lambda pi: pi.tolist() == [[0, 1]],
    ),
    "the scores of Taxi": (
        lambda: SoftmaxPolicy(501, 6).score(np.zeros((501, 6))),
        lambda score: score.shape == (501, 6, 501, 6),
    ),
    "the scores of 30,000 pairs": (
        lambda: SoftmaxPolicy(5000, 6).score(np.zeros((5000, 6))),
        r"the score of SoftmaxPolicy\(5000, 6\) would have shape .* 6\.7 GiB: use weighted_score",
    ),
    "a forbidden action that is taken": (
        lambda: values.objective(RESTRICTED, SoftmaxPolicy(3, 2), ZEROS),
        r"SoftmaxPolicy\(3, 2\) gives action 1 in state 0 the probability 0\.5, but mdp\.allowed forbids it",
    ),
    "a forbidden action that is sampled": (
        lambda: trajectories.sample_trajectories(RESTRICTED, Sizes(), ZEROS, 5, np.random.default_rng(0)),
        r"but mdp\.allowed forbids it: give the policy allowed=mdp\.allowed",
    ),
    "a policy that forbids more than the process": (
        lambda: action_probabilities(MDP, SoftmaxPolicy(3, 2, ALLOWED), ZEROS),
        lambda pi: pi.tolist() == [[1, 0], [0.5, 0.5], [0, 1]],
    ),
    "a direct policy that stays off what is forbidden": (
        lambda: exact_gradient(RESTRICTED, DirectPolicy(3, 2), [[1.0], [0.5], [0.0]]),
        lambda gradient: np.isfinite(gradient).all(),
    ),
    "a direct policy in the corner, and its score": (
        lambda: DirectPolicy(3, 2).score([[1.0], [0.5], [0.0]]),
        r"the score of action 1 in state 0 does not exist, because its probability is 0",
    ),
    "a weight at a forbidden action": (
        lambda: SoftmaxPolicy(3, 2, ALLOWED).weighted_score(ZEROS, [[0, 7], [0, 0], [7, 0]]),
        lambda summed: not summed.any(),
    ),
    "a policy that forbids everything": (lambda: SoftmaxPolicy(1, 2, [[0, 0]]), r"allowed\[0\] forbids every action"),
    "a policy with an allowed of another shape": (
        lambda: SoftmaxPolicy(2, 2, [True, False]),
        r"allowed has shape \(2,\), but needs shape \(2, 2\)",
    ),
    "half a state": (lambda: SoftmaxPolicy(1.5, 2), r"n_states is 1\.5: pass a whole number of states"),
    "a direct policy of one action": (lambda: DirectPolicy(2, 1), r"n_actions is 1: .* at least 2 actions"),
    "θ of the Gaussian for another": (lambda: GAUSS.mean([1.0, 2.0], [1.0, 2.0]), r"theta has shape \(2,\), but needs"),
    "features of the Gaussian for another": (
        lambda: GAUSS.mean([[1.0, 2.0, 0.0]], [1.0]),
        r"features has shape \(1,\), but its last axis must have length 2",
    ),
    "a number as features": (lambda: GAUSS.mean([[1.0, 2.0, 0.0]], 3.0), r"features has shape \(\)"),
    "a deviation of exp 800": (
        lambda: GAUSS.entropy([[1.0, 2.0, 800.0]]),
        r"theta\[0, 2\] is 800, a logarithm of σ, whose exponential is no positive float",
    ),
    "a deviation of exp −800": (lambda: GAUSS.entropy([[1.0, 2.0, -800.0]]), r"theta\[0, 2\] is -800, a logarithm"),
    "an action far out": (
        lambda: GAUSS.score([[1.0, 2.0, -700.0]], [1.0, 1.0], [9.0]),
        r"\(a − Wx\)/σ is 6.*, too far out for a float: take a larger σ",
    ),
    "a mean that overflows": (
        lambda: GAUSS.mean([[1e300, 0, 0]], [1e300, 0]),
        r"the mean\[0\] is inf: scale the features",
    ),
    "an action of NaN": (lambda: GAUSS.log_density([[1, 2, 0]], [1, 1], [np.nan]), r"actions\[0\] is nan"),
    "a deviation of 0": (lambda: GaussianPolicy(1, 1, 0.0), r"standard_deviation is 0\.0: give finite numbers above 0"),
    "deviations for other components": (
        lambda: GaussianPolicy(1, 2, [1.0] * 3),
        r"standard_deviation has shape \(3,\)",
    ),
    "a seed for the Gaussian": (lambda: GAUSS.sample([[1, 2, 0]], [1, 1], 0), r"rng is 0: pass a generator"),
    "a Gaussian in a table": (
        lambda: values.objective(MDP, GAUSS, np.zeros((1, 3))),
        r"policy is a GaussianPolicy, which has no n_states, n_actions",
    ),
    "the gradient of actions that are nearly certain": (
        lambda: exact_gradient(MDP, SoftmaxPolicy(3, 2), CERTAIN),
        antisymmetric,
    ),
    "the same in features": (
        lambda: exact_gradient(MDP, LinearSoftmaxPolicy(np.eye(6).reshape(3, 2, 6)), CERTAIN.ravel()).reshape(3, 2),
        antisymmetric,
    ),
    "the average reward of actions that are nearly certain": (
        lambda: average_reward_gradient(MDP, SoftmaxPolicy(3, 2), np.minimum(CERTAIN, 300)),
        antisymmetric,
    ),
    "weights of many on leading axes, nearly certain": (
        lambda: SoftmaxPolicy(3, 2).weighted_gradient(np.stack([CERTAIN] * 2), np.arange(24.0).reshape(2, 2, 3, 2)[0]),
        lambda found: found.shape == (2, 3, 2) and antisymmetric(found),
    ),
    "allowed as lists of a class": (lambda: check_policy(Restricted(), RANDOM), lambda nothing: nothing is None),
    "allowed as lists of a class, valued": (
        lambda: Restricted().score(RANDOM)[0, 1],
        lambda score: not score.any(),
    ),
    "a policy that takes what it forbids": (
        lambda: values.objective(MDP, by(lambda self, theta: normalised(theta), allowed=ALLOWED), ZEROS),
        "gives action 1 in state 0 the probability 0.5, but its own allowed forbids it: make it 0",
    ),
    "a copied policy with slots": (lambda: copy.deepcopy(slotted()).mark, lambda mark: mark == 7),
    "a pickled deviation that is written to": (
        lambda: pickle.loads(pickle.dumps(GaussianPolicy(1, 1, 2.0))).standard_deviation.fill(1.0),
        "read-only",
    ),
    "a policy that returns one buffer": (
        lambda: (lambda policy: [policy.probabilities(ZEROS), policy.probabilities(RANDOM)])(Buffered()),
        lambda both: (both[0] == 0.5).all() and not (both[1] == 0.5).any(),
    ),
    "sums of scores of another shape": (
        lambda: exact_gradient(
            MDP, by(lambda self, theta: normalised(theta), weighted_gradient=lambda self, theta, w: np.zeros(3)), ZEROS
        ),
        r"what weighted_gradient of Own\(3, 2\) returns has shape \(3,\), but needs shape \(3, 2\)",
    ),
    "sums of scores that are NaN": (
        lambda: exact_gradient(
            MDP,
            by(lambda self, theta: normalised(theta), weighted_gradient=lambda self, theta, w: theta + np.nan),
            ZEROS,
        ),
        r"what weighted_gradient of Own\(3, 2\) returns\[0, 0\] is nan: return finite sums",
    ),
    "sums of scores that are nothing": (
        lambda: exact_gradient(
            MDP, by(lambda self, theta: normalised(theta), weighted_gradient=lambda self, theta, w: None), ZEROS
        ),
        r"what weighted_gradient of Own\(3, 2\) returns holds object, not numbers",
    ),
    "a right policy with features of 1e6": (
        lambda: check_policy(LinearSoftmaxPolicy(features(1e6)), [1e-6, 2e-6]),
        lambda nothing: nothing is None,
    ),
    "a right policy with features of 1e-8": (
        lambda: check_policy(LinearSoftmaxPolicy(features(1e-8)), [1.0, 2.0]),
        lambda nothing: nothing is None,
    ),
    "a wrong score of features of 1e-10": (
        lambda: check_policy(Tripled(features(1e-10)), [1.0, 2.0]),
        "- score: expected the complex step of log π",
    ),
    "a right policy that is nearly certain": (
        lambda: check_policy(SoftmaxPolicy(3, 2), 300 * RANDOM),
        lambda nothing: nothing is None,
    ),
    "a method that is static": (
        lambda: values.objective(MDP, by(staticmethod(normalised)), ZEROS),
        lambda found: np.isfinite(found),
    ),
    "a θ of no axis": (lambda: exact_gradient(MDP, Temperature(), 0.5).shape, lambda shape: shape == ()),
    "many θ of no axis": (lambda: Temperature().probabilities([0.5, 1.0]).shape, lambda shape: shape == (2, 3, 2)),
    "a θ of three axes": (
        lambda: check_policy(Cube(), np.random.default_rng(0).standard_normal((3, 2, 4))),
        lambda nothing: nothing is None,
    ),
    "a policy that is a frozen dataclass": (
        lambda: check_policy(Fixed(), RANDOM),
        lambda nothing: nothing is None,
    ),
    "an action that no float holds": (
        lambda: GaussianPolicy(1, 2).sample([[1.0, 709.7]] * 2, np.ones((1000, 1)), np.random.default_rng(0)),
        r"an action\[.*\] is -?inf: it is too far out for a float: take a smaller σ",
    ),
    "a noise that no float holds": (
        lambda: GAUSS.pathwise([[1.0, 2.0, 700.0]], [1.0, 1.0], [1e10]),
        r"an action\[0\] is inf: it is too far out",
    ),
    "four actions for three states": (
        lambda: GAUSS.score([[1.0, 2.0, 0.0]], np.ones((3, 2)), np.ones((4, 1))),
        r"actions has shape \(4, 1\), but features have leading axes \(3,\)",
    ),
    "weights of opposite signs as large as floats go": (
        lambda: SoftmaxPolicy(3, 2).weighted_gradient(ZEROS, [[1.7e308, -1.7e308]] * 3),
        "the difference of weights.* is -inf: two weights of a state differ by more than a float holds",
    ),
    "four noises for three states": (
        lambda: GAUSS.pathwise([[1.0, 2.0, 0.0]], np.ones((3, 2)), np.ones((4, 1))),
        r"noise has shape \(4, 1\), but features have leading axes \(3,\)",
    ),
}
