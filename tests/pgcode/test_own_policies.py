"""A policy of ten lines works in every public function, and gives there what its formulas by hand give."""

import importlib
import inspect
import pkgutil
from dataclasses import fields, is_dataclass

import gymnasium
import numpy as np
import pytest
from own_policies import (
    Exploring,
    ExploringByHand,
    Network,
    Quadratic,
    QuadraticByHand,
    Temperature,
    TemperatureByHand,
)

import pgcode
from pgcode import estimators, learning, trajectories
from pgcode.environments import random_mdp
from pgcode.mdp import TabularMDP

MODULES = [
    info.name
    for info in pkgutil.iter_modules(pgcode.__path__)
    if not info.name.startswith("_") and info.name not in ("exercises", "figures")
]
FUNCTIONS = {
    f"{module}.{name}": getattr(importlib.import_module(f"pgcode.{module}"), name)
    for module in MODULES
    for name in importlib.import_module(f"pgcode.{module}").__all__
    if inspect.isfunction(getattr(importlib.import_module(f"pgcode.{module}"), name))
    and name not in ("train", "train_on_segments")  # they learn the parameters of networks
    and "policy" in inspect.signature(getattr(importlib.import_module(f"pgcode.{module}"), name)).parameters
}
PAIRS = [(Temperature, TemperatureByHand), (Exploring, ExploringByHand), (Quadratic, QuadraticByHand)]

#: Those that ask for an infinite horizon and differentiate nothing by the complex step.
FOR_EVER_AND_REAL = {
    "off_policy.emphatic_weights",
    "off_policy.excursion_objective",
    "off_policy.excursion_gradient",
    "off_policy.trace_second_moments",
    "step_form.surrogate_error_bound",
}
#: Those that ask for an infinite horizon, a short one being what the others are given.
FOR_EVER = FOR_EVER_AND_REAL | {
    "off_policy.excursion_derivation",
    "state_action_form.average_reward_derivation",
    "state_action_form.source_derivation",
    "state_action_form.restart_derivation",
    "general_form.derivation_with_sums",
    "step_form.step_derivation",
}
#: Those that ask for a function that makes weights of trajectories.
WEIGHTS_AS_A_FUNCTION = {"moments.enumerated_moments", "bias.simulated_bias_test"}
#: Those that differentiate something by the complex step whatever the policy brings.
BY_COMPLEX_STEP = FOR_EVER - FOR_EVER_AND_REAL | {
    "state_action_form.full_derivation",
    "trajectory_form.derivation",
}


def arguments(name, function, policy, theta):
    """Something for every parameter that a public function asks for."""
    lake = name == "rollouts.step_gymnasium"
    env = gymnasium.make("FrozenLake-v1") if lake else None
    mdp = TabularMDP.from_gymnasium(env, 0.9, 4) if lake else random_mdp(np.random.default_rng(0), 3, 2, 0.9, 3)
    if name in FOR_EVER:
        mdp = random_mdp(np.random.default_rng(0), 3, 2, 0.9, None)
    batch = trajectories.sample_trajectories(mdp, policy, theta, 20, np.random.default_rng(1)) if mdp.horizon else None
    tables = name.startswith("moments.")
    rng = np.random.default_rng(2)
    known = {
        "mdp": mdp,
        "policy": policy,
        "theta": theta,
        "other": 0.5 * theta,
        "behaviour_theta": 0.9 * theta,
        "trajectories": batch,
        "weights": estimators.full_return if name in WEIGHTS_AS_A_FUNCTION else None,
        "state_weights": rng.random(3),
        "action_values": rng.standard_normal((3, 2)),
        "state_values": rng.standard_normal((3 + 1, 3)) if tables else None,
        "gae_lambda": 0.5,
        "env": env,
        "rng": np.random.default_rng(3),
        "n_trajectories": 20,
        "n_replications": 20,
        "step_size": 0.1,
        "n_episodes": 3,
        "n_runs": 2,
        "n_steps": 3,
        "radius": 0.01,
        "behaviour": policy.probabilities(0.9 * theta),
        "n_decisions": 3,
        "critic": learning.Critic(0.2),
    }
    if name == "moments.state_action_moments":
        known["weights"] = rng.standard_normal((3, 3, 2))
    elif known["weights"] is None and batch is not None:
        known["weights"] = estimators.reward_to_go(batch)
    parameters = inspect.signature(function).parameters.values()
    needed = [p.name for p in parameters if p.default is p.empty or p.name in ("rng", "n_runs")]
    return {parameter: known[parameter] for parameter in needed}


def numbers(result):
    """All numbers in a result, whatever it is made of."""
    if is_dataclass(result):
        return [n for field in fields(result) for n in numbers(getattr(result, field.name))]
    if isinstance(result, (tuple, list)):
        return [n for part in result for n in numbers(part)]
    if hasattr(result, "lines"):
        return [n for line in result.lines for n in numbers(line.value)]
    if isinstance(result, (float, int, complex, np.ndarray, np.generic)):
        return [np.asarray(result)]
    names = [name for name in ("mean", "trace", "covariance", "standard_error") if hasattr(result, name)]
    return [np.asarray(getattr(result, name)) for name in names if getattr(result, name) is not None]


def answers(name, policy):
    theta = np.random.default_rng(7).standard_normal(policy.theta_shape)
    function = FUNCTIONS[name]
    result = function(**arguments(name, function, policy, theta))
    if callable(result) and not is_dataclass(result):  # an actor: ask it for the actions in some states
        result = result(np.arange(30) % policy.n_states)
    return numbers(result)


def sizes(name):
    return (16, 4) if name == "rollouts.step_gymnasium" else (3, 2)


@pytest.mark.parametrize(("own", "by_hand"), PAIRS, ids=[own.__name__ for own, _ in PAIRS])
@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"policies.check_policy"}))
def test_ten_lines_make_a_policy(name, own, by_hand):
    found, expected = (answers(name, kind(*sizes(name))) for kind in (own, by_hand))
    assert len(found) == len(expected) > 0
    for mine, theirs in zip(found, expected, strict=True):
        if mine.dtype.kind in "fciub":
            assert np.allclose(mine, theirs, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("name", sorted(set(FUNCTIONS) - {"policies.check_policy"}))
def test_a_network_works_wherever_no_complex_step_is_asked_for(name):
    network, same = Network(*sizes(name)), TemperatureByHand(*sizes(name))
    if name in BY_COMPLEX_STEP:
        with pytest.raises(TypeError, match=r"theta is complex, which Network\(3, 2\) cannot take"):
            answers(name, network)
        return
    for mine, theirs in zip(answers(name, network), answers(name, same), strict=True):
        assert np.allclose(mine, theirs, rtol=1e-12, atol=1e-13)
