"""Checks of policies, their parameters and their tables, at the doors of the package."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode.mdp import TabularMDP

Array = NDArray[Any]  # real, or complex when θ is complex

#: What ``TabularPolicy`` gives to its subclasses, and every function of the package may ask of a policy.
PARTS = (
    "n_states",
    "n_actions",
    "theta_shape",
    "probabilities",
    "log_probabilities",
    "score",
    "weighted_score",
    "weighted_gradient",
    "allowed",
    "complex_theta",
)


def require_policy(policy: object) -> None:
    """Require that an argument is a policy, or say what it lacks.

    Raises
    ------
    TypeError
        If a method or an attribute is not there, or is no size or shape.
    """
    lacking = [name for name in PARTS if not hasattr(policy, name)]
    if lacking or isinstance(policy, type):
        what = f"the class {policy.__name__}" if isinstance(policy, type) else f"a {type(policy).__name__}"
        lack = f"which has no {', '.join(lacking)}" if lacking else "not an object of it"
        raise TypeError(
            f"policy is {what}, {lack}: "
            "pass a policy, such as SoftmaxPolicy(n_states, n_actions), or derive one of your own from TabularPolicy"
        )
    shape = policy.theta_shape  # type: ignore[attr-defined]
    if not isinstance(shape, tuple) or not all(isinstance(size, (int, np.integer)) for size in shape):
        raise TypeError(f"theta_shape of {policy!r} is {shape!r}: give a tuple of whole numbers, such as (3, 2)")


def require_mdp(mdp: object) -> None:
    """Require that an argument is a process."""
    if not isinstance(mdp, TabularMDP):
        how = ", such as TabularMDP.from_gymnasium(env, discount)" if hasattr(mdp, "step") else ""
        raise TypeError(f"mdp is a {type(mdp).__name__}: pass a TabularMDP{how}")


def require_endless(name: str, process: Any) -> None:
    """Check that a process, finite or linear-quadratic, has no horizon, and a discount."""
    if process.horizon is not None or process.discount == 1:
        raise ValueError(f"this is for an endless process with a discount: give {name} no horizon and γ < 1")


def require_match(policy: Any, mdp: TabularMDP) -> None:
    """Require that a policy has as many states and actions as the MDP it is used on."""
    require_policy(policy)
    require_mdp(mdp)
    mine, needed = (policy.n_states, policy.n_actions), (mdp.n_states, mdp.n_actions)
    if mine != needed:
        raise ValueError(
            f"policy is {policy!r}, with {mine[0]} states and {mine[1]} actions, but mdp has {needed[0]} states "
            f"and {needed[1]} actions: build the policy for this MDP"
        )


def require_theta(policy: Any, theta: ArrayLike) -> Array:
    """Require one θ for a policy: its shape, and finite numbers."""
    require_policy(policy)
    array = many_thetas(policy, theta)
    if array.shape != policy.theta_shape:
        raise ValueError(_wrong_shape(policy, array))
    return array


def require_real_theta(policy: Any, theta: ArrayLike, reason: str) -> NDArray[np.float64]:
    """Require one real θ for a policy; ``reason`` says why it may not be complex."""
    if np.iscomplexobj(theta):
        raise TypeError(f"theta is complex: {reason}")
    return require_theta(policy, theta)


def many_thetas(policy: Any, theta: ArrayLike) -> Array:
    """Return one θ or many, on leading axes, as a new array of floats or of complex numbers."""
    array = _checks.numeric_array("theta", theta, f"pass an array of shape {policy.theta_shape}")
    if array.shape[max(array.ndim - len(policy.theta_shape), 0) :] != policy.theta_shape:
        raise ValueError(_wrong_shape(policy, array))
    _checks.require_finite("theta", array)
    if array.dtype.kind == "c" and not policy.complex_theta:
        raise TypeError(
            f"theta is complex, which {policy!r} cannot take (complex_theta is False), so nothing that contains it has "
            "a complex step: give it probabilities that carry complex numbers, or use functions that need π and the "
            "score alone, such as exact_gradient"
        )
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def table_weights(policy: Any, weights: ArrayLike) -> Array:
    """Return weights of states and actions, shape (..., n_states, n_actions)."""
    array = _checks.numeric_array("weights", weights)
    if array.shape[-2:] != (policy.n_states, policy.n_actions):
        raise ValueError(
            f"weights has shape {array.shape}, but its last two axes must be "
            f"({policy.n_states}, {policy.n_actions}), the states and actions of {policy!r}"
        )
    return array


def require_distributions(policy: Any, probabilities: Array) -> None:
    """Require that π(·|s) is a distribution in every state, shape (..., n_states, n_actions).

    Of a complex π, as the complex step has it, the real parts are a distribution and the imaginary parts sum to 0.
    """
    real = probabilities.real
    shape = (policy.n_states, policy.n_actions)
    if probabilities.shape[-2:] != shape:
        raise ValueError(f"{policy!r} gives probabilities of shape {probabilities.shape}, but needs shape {shape}")
    sums = probabilities.sum(axis=-1)
    right = np.abs(sums.real - 1) <= _checks.PROBABILITY_TOLERANCE  # a sum that is NaN fails every comparison
    lowest: Any = 0.0
    if probabilities.dtype.kind == "c":
        imaginary = np.abs(probabilities.imag)
        size = imaginary.sum(axis=-1)
        # The derivative of a nearly certain action is what 1 − π leaves, rounded beside ∇log π of the others.
        relative = np.divide(imaginary, real, out=np.zeros(real.shape), where=real > 0).max(axis=-1)
        right &= np.abs(sums.imag) <= _checks.PROBABILITY_TOLERANCE * np.maximum(size, relative) + 1e-300
        lowest = -np.square(size)[..., None]  # at θ + iy a probability that is 0 may be as low as −y²
    if right.all() and (real >= lowest).all():
        return
    wrong = ~((real >= lowest) & np.isfinite(real))
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"{policy!r} gives action {index[-1]} in state {index[-2]} the probability {real[index]:g}: "
            "a probability is a number from 0 to 1; mend the policy's probabilities"
        )
    index = tuple(int(i) for i in np.argwhere(~right)[0])
    total = sums[index]
    if abs(total.real - 1) <= _checks.PROBABILITY_TOLERANCE:
        raise ValueError(
            f"the probabilities of {policy!r} in state {index[-1]} have imaginary parts that sum to {total.imag:g}, "
            "not 0, at a complex theta: normalise without abs, real or conj, so that complex numbers are carried "
            "through, or set complex_theta = False and give a score"
        )
    repair = (
        "compute them in float64 and normalise there, not in float32"
        if abs(total.real - 1) < 1e-4
        else "divide each row by its sum"
    )
    raise ValueError(f"the probabilities of {policy!r} in state {index[-1]} sum to {total.real:.10g}, not 1: {repair}")


def require_obedience(mdp: TabularMDP, policy: Any, probabilities: Array) -> None:
    """Require that a policy gives the actions that the process forbids the probability 0."""
    if not mdp.allows_all:
        repair = "give the policy allowed=mdp.allowed, as SoftmaxPolicy.for_mdp(mdp) does"
        _require_untaken(policy, probabilities, mdp.allowed, "mdp.allowed", repair)


def require_own_obedience(policy: Any, probabilities: Array) -> None:
    """Require that a policy gives the actions that it forbids itself the probability 0."""
    if policy.allowed is not None:
        _require_untaken(policy, probabilities, policy.allowed, "its own allowed", "make it 0 and normalise the others")


def _require_untaken(policy: Any, probabilities: Array, allowed: NDArray[np.bool_], name: str, repair: str) -> None:
    wrong = (probabilities != 0) & ~allowed
    if wrong.any():
        index = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"{policy!r} gives action {index[-1]} in state {index[-2]} the probability "
            f"{probabilities[index].real:g}, but {name} forbids it: {repair}"
        )


def beside_likeliest(weights: Array, probabilities: Array) -> Array:
    """w(s,a) − w(s,b) for the likeliest b.

    The probabilities sum to 1, so that Σ_a w ∇π stays as it is. But where b is nearly certain, π(b|s)
    (w(s,b) − Σ_a π w) would be a difference of two large numbers, and all its digits lost.
    """
    likeliest = probabilities.real.argmax(axis=-1)[..., None]
    likeliest = np.broadcast_to(likeliest, np.broadcast_shapes(likeliest.shape, (*weights.shape[:-1], 1)))
    weights = np.broadcast_to(weights, (*likeliest.shape[:-1], weights.shape[-1]))
    return weights - np.take_along_axis(weights, likeliest, axis=-1)


def no_score(state: int, action: int) -> str:
    """Say that log π(a|s) has no derivative."""
    return (
        f"the score of action {action} in state {state} does not exist, because its probability is 0: "
        "move theta into the interior of the simplex"
    )


def _wrong_shape(policy: Any, theta: Array) -> str:
    return f"theta has shape {theta.shape}, but {policy!r} needs shape {policy.theta_shape}"
