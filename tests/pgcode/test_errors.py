"""Bad input, case by case: the error names the argument, the place, the value and the repair."""

import dataclasses

import gymnasium
import numpy as np
import pytest

from pgcode import moments, state_action_form, trajectory_form, values
from pgcode.derivation import Line
from pgcode.environments import (
    corridor_policy,
    corridor_state_values,
    gridworld,
    lone_payer,
    random_mdp,
    short_corridor,
    two_armed_bandit,
)
from pgcode.estimators import (
    full_return,
    generalized_advantage,
    policy_gradient,
    reward_to_go,
    state_action_weights,
    trajectory_gradients,
)
from pgcode.learning import gradient_ascent, reinforce
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step
from pgcode.policies import DirectPolicy, LinearSoftmaxPolicy, SoftmaxPolicy
from pgcode.rollouts import step_gymnasium
from pgcode.trajectories import (
    Trajectories,
    enumerate_trajectories,
    possible_trajectories,
    sample_trajectories,
    trajectory_probabilities,
)
from pgcode.trajectory_form import derivation, enumerated_gradient

MDP = random_mdp(np.random.default_rng(0))
POLICY, THETA = SoftmaxPolicy(3, 2), np.zeros((3, 2))
BATCH = sample_trajectories(MDP, POLICY, THETA, 10, np.random.default_rng(0))


def mdp_with(place=None, value=None, **changes):
    """The random MDP with one entry or whole arguments changed."""
    arguments = {name: getattr(MDP, name) for name in ("transition", "reward", "initial", "discount", "horizon")}
    if place:
        name, index = place
        arguments[name] = arguments[name].copy()
        arguments[name][index] = value
    return TabularMDP(**arguments | changes)


def unbalanced():
    rows = MDP.transition.copy()
    rows[2, 1] *= 0.9
    return mdp_with(transition=rows)


def theta_with(value):
    theta = THETA.copy()
    theta[1, 0] = value
    return theta


def learn(step_size):
    return reinforce(MDP, POLICY, THETA, step_size, 2, 3, np.random.default_rng(0))


def ascend(step_size=0.1, gradient=np.ones_like):
    return gradient_ascent(gradient, THETA, step_size, 2)


def weighted(state_weights=(1.0, 2.0, 3.0), action_values=((1.0, 2.0),) * 3):
    return state_action_form.state_weighted_gradient(POLICY, THETA, np.array(state_weights), np.array(action_values))


def spoilt_weights(place):
    """Weights for a batch whose second decision is not taken any more, one of them NaN."""
    batch = Trajectories([[0, 1, 1]], [[0, 0]], [[1.0, 0.0]], 1.0, np.array([False, True]))
    weights = np.ones((1, 2))
    weights[place] = np.nan
    return batch, SoftmaxPolicy(2, 2), np.zeros((2, 2)), weights


def sample(mdp=MDP, policy=POLICY, theta=THETA, m=5, rng=None):
    return sample_trajectories(mdp, policy, theta, m, np.random.default_rng(0) if rng is None else rng)


CASES = {
    "row sum": (unbalanced, r"transition\[2, 1\] sums to 0\.9, not 1: add the missing outcomes"),
    "negative probability": (
        lambda: mdp_with(("transition", (0, 1, 2)), -0.25),
        r"transition\[0, 1, 2\] is -0\.25: .* not negative",
    ),
    "NaN probability": (
        lambda: mdp_with(("transition", (1, 0, 0)), np.nan),
        r"transition\[1, 0, 0\] is nan: .* from 0 to 1",
    ),
    "infinite reward": (lambda: mdp_with(("reward", (2, 0, 1)), np.inf), r"reward\[2, 0, 1\] is inf: replace it"),
    "start that does not sum to 1": (lambda: mdp_with(initial=[0.5, 0.5, 0.5]), r"initial sums to 1\.5, not 1"),
    "negative start": (lambda: mdp_with(initial=[1.5, -0.5, 0.0]), r"initial\[1\] is -0\.5"),
    "start of the wrong length": (lambda: mdp_with(initial=[1.0]), r"initial has shape \(1,\), but needs shape \(3,\)"),
    "transition of two axes": (lambda: mdp_with(transition=np.eye(3)), r"transition has shape \(3, 3\), but needs"),
    "transition of unequal ends": (
        lambda: mdp_with(transition=np.ones((3, 2, 4)) / 4),
        r"needs shape \(n_states, n_actions, n_states\)",
    ),
    "reward without next state": (
        lambda: mdp_with(reward=np.zeros((3, 2))),
        r"pass numpy\.repeat\(reward\[:, :, None\], 3, axis=2\)",
    ),
    "reward of the wrong shape": (
        lambda: mdp_with(reward=np.zeros((2, 2, 2))),
        r"reward has shape \(2, 2, 2\), but needs shape \(3, 2, 3\)",
    ),
    "text as array": (lambda: mdp_with(initial=["a", "b", "c"]), r"initial holds <U1, not real numbers"),
    "complex array": (lambda: mdp_with(initial=np.ones(3) * 1j), r"initial holds complex128, not real numbers"),
    "discount above 1": (lambda: mdp_with(discount=1.01), r"discount is 1\.01: γ lies from 0 to 1"),
    "negative discount": (lambda: mdp_with(discount=-0.1), r"discount is -0\.1: γ lies from 0 to 1"),
    "NaN discount": (lambda: mdp_with(discount=np.nan), r"discount is nan: γ lies from 0 to 1"),
    "discount as text": (lambda: mdp_with(discount="0.9"), r"discount is '0\.9': pass a number"),
    "horizon 0": (lambda: mdp_with(horizon=0), r"horizon is 0: pass a whole number of decisions, at least 1"),
    "negative horizon": (lambda: mdp_with(horizon=-3), r"horizon is -3: pass a whole number"),
    "fractional horizon": (lambda: mdp_with(horizon=2.5), r"horizon is 2\.5: pass a whole number of decisions"),
    "theta of the wrong shape": (
        lambda: enumerated_gradient(MDP, POLICY, np.zeros(6)),
        r"theta has shape \(6,\), but SoftmaxPolicy\(3, 2\) needs",
    ),
    "many thetas where one is needed": (
        lambda: values.objective(MDP, POLICY, np.zeros((5, 3, 2))),
        r"theta has shape \(5, 3, 2\), but SoftmaxPolicy",
    ),
    "theta with NaN": (lambda: enumerated_gradient(MDP, POLICY, theta_with(np.nan)), r"theta\[1, 0\] is nan"),
    "theta with infinity": (lambda: sample(theta=theta_with(-np.inf)), r"theta\[1, 0\] is -inf"),
    "theta as text": (lambda: POLICY.probabilities([["a"] * 2] * 3), r"theta holds <U1, not numbers"),
    "complex theta for a sample": (lambda: sample(theta=THETA + 0j), r"theta is complex"),
    "theta of a linear policy": (
        lambda: corridor_policy().score([1.0, 2.0, 3.0]),
        r"theta has shape \(3,\), but LinearSoftmaxPolicy",
    ),
    "theta outside the simplex": (
        lambda: DirectPolicy(1, 2).probabilities([[1.2]]),
        r"theta gives action 1 in state 0 the probability -0\.2",
    ),
    "no trajectories": (lambda: sample(m=0), r"n_trajectories is 0: pass a whole number of trajectories, at least 1"),
    "fractional number of trajectories": (lambda: sample(m=1e3), r"n_trajectories is 1000\.0: pass a whole number"),
    "empty batch": (
        lambda: Trajectories(np.zeros((0, 3), int), np.zeros((0, 2), int), np.zeros((0, 2)), 0.9),
        r"actions has shape \(0, 2\), but needs .* at least one trajectory",
    ),
    "seed in place of a generator": (lambda: sample(rng=0), r"rng is 0: pass a generator with a seed"),
    "sample without a horizon": (
        lambda: sample(dataclasses.replace(MDP, horizon=None)),
        r"mdp\.horizon is None, .* dataclasses\.replace",
    ),
    "enumeration too large": (
        lambda: enumerate_trajectories(dataclasses.replace(MDP, horizon=12), POLICY, THETA),
        r"mdp has 6,530,347,008 trajectories of 12 decisions, more than .* sample_trajectories, or use dynamic",
    ),
    "enumeration for ever": (
        lambda: enumerated_gradient(dataclasses.replace(MDP, horizon=None), POLICY, THETA),
        r"mdp\.horizon is None",
    ),
    "environment without a table": (
        lambda: TabularMDP.from_gymnasium(gymnasium.make("CartPole-v1"), 0.9),
        r"publishes no dynamics table",
    ),
    "environment without a start distribution": (
        lambda: TabularMDP.from_gymnasium(object(), 0.9),
        r"publishes no dynamics table .*toy-text",
    ),
    "policy for another MDP": (
        lambda: enumerated_gradient(MDP, SoftmaxPolicy(4, 2), np.zeros((4, 2))),
        r"policy is SoftmaxPolicy\(4, 2\), .* but mdp has 3 states and 2 actions: build the policy for this MDP",
    ),
    "policy for another MDP in a sample": (
        lambda: sample(policy=SoftmaxPolicy(3, 5), theta=np.zeros((3, 5))),
        r"SoftmaxPolicy\(3, 5\)",
    ),
    "policy for another MDP in values": (
        lambda: values.objective(MDP, corridor_policy(), [0.0, 0.0]),
        r"policy is LinearSoftmaxPolicy",
    ),
    "policy that did not draw these trajectories": (
        lambda: policy_gradient(BATCH, SoftmaxPolicy(2, 2), np.zeros((2, 2)), full_return(BATCH)),
        r"with 2 states, but the trajectories come from an MDP with 3 states",
    ),
    "policy with too few actions": (
        lambda: policy_gradient(BATCH, SoftmaxPolicy(3, 1), np.zeros((3, 1)), full_return(BATCH)),
        r"with 1 actions, but action 1 occurs",
    ),
    "weights of the wrong shape": (
        lambda: policy_gradient(BATCH, POLICY, THETA, np.ones(10)),
        r"weights has shape \(10,\), but needs .* \(m, T\)",
    ),
    "states without the last one": (
        lambda: Trajectories([[0, 0]], [[0, 0]], [[0.0, 0.0]], 0.9),
        r"states has shape \(1, 2\), but needs shape \(1, 3\)",
    ),
    "states that are not numbers of states": (
        lambda: Trajectories([[0.0, 1.0]], [[0]], [[0.0]], 0.9),
        r"states holds float64, not whole numbers",
    ),
    "negative state": (lambda: Trajectories([[0, -1]], [[0]], [[0.0]], 0.9), r"states\[0, 1\] is -1"),
    "reward with NaN": (lambda: Trajectories([[0, 0]], [[0]], [[np.nan]], 0.9), r"rewards\[0, 0\] is nan"),
    "life after the end": (
        lambda: Trajectories([[1, 0]], [[0]], [[0.0]], 0.9, np.array([False, True])),
        r"states\[0, 0\] is the terminal state 1, but the next state is 0",
    ),
    "pay after the end": (
        lambda: Trajectories([[1, 1]], [[0]], [[2.0]], 0.9, np.array([False, True])),
        r"rewards\[0, 0\] is 2 in a terminal state",
    ),
    "features of two axes": (lambda: LinearSoftmaxPolicy(np.eye(3)), r"features has shape \(3, 3\), but needs"),
    "no actions": (lambda: SoftmaxPolicy(3, 0), r"n_actions is 0: pass a whole number of actions, at least 1"),
    "three arms": (lambda: two_armed_bandit((1, 2, 3)), r"rewards has shape \(3,\), but needs shape \(2,\)"),
    "corridor at the edge": (lambda: corridor_state_values(1.0), r"p is 1\.0: the walk ends with certainty only"),
    "corridor of fractional length": (lambda: short_corridor(horizon=1.5), r"horizon is 1\.5"),
    "grid that slips too much": (lambda: gridworld(("S.",), slip=1.5), r"slip is 1\.5: a probability lies from 0 to 1"),
    "batch with a text as discount": (
        lambda: Trajectories([[0, 0]], [[0]], [[0.0]], "0.9"),
        r"discount is '0\.9': pass a number from 0 to 1",
    ),
    "state that does not fit": (
        lambda: Trajectories([[0, 2**33]], [[0]], [[0.0]], 0.9),
        r"states\[0, 1\] is 8589934592: .* 4 bytes",
    ),
    "a baseline of another MDP": (
        lambda: reward_to_go(BATCH, np.zeros(2)),
        r"baseline holds 2 states, but the trajectories have 3: give one entry for each",
    ),
    "a baseline for each decision of another horizon": (
        lambda: full_return(BATCH, np.zeros((2, 3))),
        r"baseline has shape \(2, 3\), but needs \(\), \(3,\) or \(4, 3\): one number, one for each state",
    ),
    "NaN baseline": (lambda: full_return(BATCH, [0, np.nan, 0]), r"baseline\[1\] is nan"),
    "Q of another MDP": (
        lambda: state_action_weights(BATCH, np.zeros((3, 1))),
        r"table holds 1 actions, but the trajectories have 2",
    ),
    "values without the end": (
        lambda: generalized_advantage(BATCH, np.zeros((4, 3)), 0.5),
        r"state_values has shape \(4, 3\), but needs \(\), \(3,\) or \(5, 3\)",
    ),
    "λ above 1": (lambda: generalized_advantage(BATCH, np.zeros(3), 2), "gae_lambda is 2"),
    "one arm": (lambda: lone_payer(1), "n_actions is 1: a choice needs at least 2 arms"),
    "NaN weights": (lambda: policy_gradient(BATCH, POLICY, THETA, np.full((10, 4), np.nan)), r"weights\[0, 0\] is nan"),
    "complex theta for an estimate": (
        lambda: policy_gradient(BATCH, POLICY, THETA + 0j, full_return(BATCH)),
        r"theta is complex",
    ),
    "complex theta for a derivation": (lambda: derivation(MDP, POLICY, THETA + 0j), r"theta is complex"),
    "probability that underflows": (
        lambda: derivation(MDP, POLICY, theta_with(-600.0)),
        r"theta gives a trajectory the probability .*too small",
    ),
    "action without a score": (
        lambda: enumerated_gradient(two_armed_bandit(), DirectPolicy(2, 2), [[0.0], [0.5]]),
        r"action 0 in state 0 has probability 0 and a gradient that is not 0",
    ),
    "process that hardly ends": (
        lambda: values.objective(short_corridor(), corridor_policy(), [0.0, 37.0]),
        r"more than 1e\+08 steps",
    ),
    "trajectories of another MDP": (
        lambda: trajectory_probabilities(BATCH, two_armed_bandit(), SoftmaxPolicy(2, 2), np.zeros((2, 2))),
        r"trajectories hold state 2 and action 1, but mdp has 2 states",
    ),
    "trajectories with another end": (
        lambda: trajectory_probabilities(
            Trajectories([[0, 1]], [[0]], [[1.0]], 1.0, np.array([False, False])),
            two_armed_bandit(),
            SoftmaxPolicy(2, 2),
            np.zeros((2, 2)),
        ),
        r"trajectories\.terminal is not mdp\.terminal",
    ),
    "environment of another size": (
        lambda: step_gymnasium(gymnasium.make("FrozenLake-v1"), MDP, POLICY, THETA, 5, np.random.default_rng(0)),
        r"env has 16 states and 4 actions, but mdp has 3 and 2",
    ),
    "environment with another table": (
        lambda: step_gymnasium(
            gymnasium.make("FrozenLake-v1"),
            TabularMDP.from_gymnasium(gymnasium.make("FrozenLake-v1", is_slippery=False), 0.9, 5),
            SoftmaxPolicy(16, 4),
            np.zeros((16, 4)),
            50,
            np.random.default_rng(0),
        ),
        r"env went from state \d+ by action \d to state \d+.*, which mdp does not allow",
    ),
    "environment that leaves its table": (
        lambda: TabularMDP.from_gymnasium(gymnasium.make("Taxi-v4", fickle_passenger=True), 0.9),
        r"fickle_passenger=True and then does not follow its table",
    ),
    "line that follows itself": (lambda: Line("L1", "", "", np.ones(1), follows="L1"), r"line L1 follows itself"),
    "negative standard error": (
        lambda: Line("L1", "", "", np.ones(1), standard_error=-np.ones(1)),
        r"standard_error of line L1 has an entry",
    ),
    "part in the wrong order": (lambda: derivation(MDP, POLICY, THETA).between("A7", "A2"), r"A7 stands after A2"),
    "grid of unequal rows": (lambda: gridworld(("S.", "...")), r"rows\[1\] has 3 cells, but rows\[0\] 2"),
    "grid with an unknown cell": (lambda: gridworld(("S?",)), r"rows\[0\] holds '\?'"),
    "grid without a start": (lambda: gridworld(("..",)), r"rows has no S"),
    "enumeration too large to write its number": (
        lambda: possible_trajectories(dataclasses.replace(MDP, horizon=6000)),
        r"mdp has more than 10\^\d{4} trajectories of 6000 decisions, more than max_trajectories = 1,000,000: shorten",
    ),
    "limit of an enumeration as text": (
        lambda: possible_trajectories(MDP, "many"),
        r"max_trajectories is 'many': pass a whole number of trajectories",
    ),
    "no enumeration": (lambda: enumerate_trajectories(MDP, POLICY, THETA, 0), r"max_trajectories is 0"),
    "one weight for all states": (
        lambda: weighted(state_weights=(1.0,)),
        r"state_weights has shape \(1,\), but needs shape \(3,\), which is one weight for each state",
    ),
    "Q for each time": (
        lambda: weighted(action_values=np.ones((4, 3, 2))),
        r"action_values has shape \(4, 3, 2\), but needs shape \(3, 2\)",
    ),
    "NaN state weight": (lambda: weighted(state_weights=(1, np.nan, 1)), r"state_weights\[1\] is nan"),
    "infinite Q": (lambda: weighted(action_values=np.full((3, 2), np.inf)), r"action_values\[0, 0\] is inf"),
    "state weights as text": (lambda: weighted(state_weights=("a", "b", "c")), r"state_weights holds <U1, not numbers"),
    "NaN step size": (lambda: learn(np.nan), r"step_size is nan: replace it"),
    "infinite step size of a run": (lambda: learn([0.1, np.inf, 0.1]), r"step_size\[1\] is inf"),
    "step size as text": (lambda: learn("fast"), r"step_size is 'fast': pass a number"),
    "step sizes for other runs": (
        lambda: learn([0.1, 0.2]),
        r"step_size has shape \(2,\): pass one number, or 3 of them, one for each run",
    ),
    "NaN step size of the ascent": (lambda: ascend(np.nan), r"step_size is nan: replace it"),
    "step size of the ascent as text": (lambda: ascend("0.1"), r"step_size is '0.1': pass one number"),
    "step sizes for the ascent": (lambda: ascend([0.1, 0.2]), r"step_size has shape \(2,\): pass one number$"),
    "complex gradient for the ascent": (lambda: ascend(gradient=lambda at: 1j * at), r"gradient holds complex128"),
    "NaN weights for each trajectory": (
        lambda: trajectory_gradients(BATCH, POLICY, THETA, np.full((10, 4), np.nan)),
        r"weights\[0, 0\] is nan",
    ),
    "NaN weight of a decision": (lambda: policy_gradient(*spoilt_weights((0, 0))), r"weights\[0, 0\] is nan"),
    "NaN weight of a decision of one trajectory": (
        lambda: trajectory_gradients(*spoilt_weights((0, 0))),
        r"weights\[0, 0\] is nan",
    ),
    "complex step at NaN": (lambda: complex_step(lambda x: x, [np.nan]), r"theta\[0\] is nan"),
}


@pytest.mark.parametrize(("action", "message"), CASES.values(), ids=CASES)
def test_bad_input_gets_a_clear_error(action, message):
    with pytest.raises((ValueError, TypeError), match=message):
        action()


def test_a_weight_after_the_end_is_not_looked_at():
    for gradient in (policy_gradient(*spoilt_weights((0, 1))).mean, trajectory_gradients(*spoilt_weights((0, 1)))[0]):
        assert gradient.tolist() == [[0.5, -0.5], [0, 0]]


class Shapeless:
    """A policy but for the shape of θ and one method."""

    n_states, n_actions = 3, 2
    probabilities = log_probabilities = score = weighted_score = staticmethod(lambda *_: np.zeros((3, 2)))


@pytest.mark.parametrize(
    "use",
    [
        lambda policy: trajectory_form.enumerated_objective(MDP, policy, THETA),
        lambda policy: enumerated_gradient(MDP, policy, THETA),
        lambda policy: derivation(MDP, policy, THETA),
        lambda policy: state_action_form.exact_gradient(MDP, policy, THETA),
        lambda policy: state_action_form.full_derivation(MDP, policy, THETA),
        lambda policy: state_action_form.state_weighted_gradient(policy, THETA, np.ones(3), np.ones((3, 2))),
        lambda policy: values.objective(MDP, policy, THETA),
        lambda policy: moments.full_return_moments(MDP, policy, THETA),
        lambda policy: sample(policy=policy),
        lambda policy: policy_gradient(BATCH, policy, THETA, full_return(BATCH)),
        lambda policy: trajectory_gradients(BATCH, policy, THETA, full_return(BATCH)),
        lambda policy: reinforce(MDP, policy, THETA, 0.1, 2, 3, np.random.default_rng(0)),
    ],
)
def test_what_is_no_policy_is_told_with_what_it_lacks(use):
    with pytest.raises(TypeError, match=r"policy is a Shapeless, which has no theta_shape, weighted_gradient, al"):
        use(Shapeless())
    with pytest.raises(TypeError, match=r"policy is the class SoftmaxPolicy, which has no n_states, n_actions, theta_"):
        use(SoftmaxPolicy)
    with pytest.raises(TypeError, match=r"policy is a ndarray, which has no n_states, n_actions, theta_shape, prob"):
        use(THETA)
