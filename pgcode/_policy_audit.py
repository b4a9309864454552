"""The checks of ``policies.check_policy``, each with a name and a sentence on what was expected and what came."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import _checks
from pgcode.oracles import complex_step, finite_difference

Array = NDArray[Any]

#: Numbers that should be equal to the last digits; numbers of which one is a finite difference.
_ROUNDING, _DIFFERENCE = 1e-9, 1e-5


def findings(policy: Any, theta: NDArray[np.float64]) -> tuple[list[str], int]:
    """Return what is wrong with a policy at one θ, sentence by sentence, and how many checks there are."""
    wrong: list[str] = []
    for name, check in _CHECKS.items():
        try:
            wrong.extend(f"{name}: {finding}" for finding in check(policy, theta))
        except Exception as error:  # whatever the policy's own code does, the other checks go on
            wrong.append(f"{name}: {type(error).__name__}: {error}")
    return wrong, len(_CHECKS)


def _raw(policy: Any, name: str, theta: Array) -> Any:
    """What a policy's own code returns, without the checks and the loop around it."""
    return inspect.unwrap(getattr(type(policy), name))(policy, theta.copy())


def _probabilities(policy: Any, theta: Array) -> Iterator[str]:
    table = np.asarray(_raw(policy, "probabilities", theta))
    shape = (policy.n_states, policy.n_actions)
    if table.shape != shape:
        yield f"expected shape {shape}, came {table.shape}"
        return
    if table.dtype != np.float64:
        yield f"expected float64 at a real theta, came {table.dtype}"
    real = table.real.astype(np.float64)
    for state, action in np.argwhere(~((real >= 0) & (real <= 1 + _ROUNDING))):
        yield f"expected a number from 0 to 1, came {real[state, action]:g} for action {action} in state {state}"
    for state in np.flatnonzero(~(np.abs(real.sum(axis=1) - 1) <= _checks.PROBABILITY_TOLERANCE)):
        yield f"expected the sum 1, came {real[state].sum():.10g} in state {state}"


def _log_probabilities(policy: Any, theta: Array) -> Iterator[str]:
    logarithm, table = np.asarray(_raw(policy, "log_probabilities", theta)), policy.probabilities(theta)
    if logarithm.shape != table.shape:
        yield f"expected shape {table.shape}, came {logarithm.shape}"
        return
    difference = np.abs(np.exp(logarithm) - table)
    yield from _worst("exp of it to be the probabilities", np.exp(logarithm), table, difference, _ROUNDING)


def _forbidden_actions(policy: Any, theta: Array) -> Iterator[str]:
    if policy.allowed is None:
        return
    table = np.asarray(_raw(policy, "probabilities", theta))
    taken = (table != 0) & ~policy.allowed
    for state, action in np.argwhere(taken):
        yield f"expected probability 0, came {table[state, action]:g} for action {action} in state {state}"
    score = np.zeros(policy.allowed.shape) if taken.any() else policy.score(theta)
    for state, action in np.argwhere(~policy.allowed):
        if score[state, action].any():
            yield f"expected score 0 for action {action} in state {state}, came {score[state, action]}"


def _the_argument(policy: Any, theta: Array) -> Iterator[str]:
    for name in ("probabilities", "log_probabilities"):
        given = theta.copy()
        inspect.unwrap(getattr(type(policy), name))(policy, given)
        if not np.array_equal(given, theta):
            yield f"expected {name} to leave theta as it is, but it was written to"


def _the_second_call(policy: Any, theta: Array) -> Iterator[str]:
    for name in ("probabilities", "log_probabilities", "score"):
        method = getattr(policy, name)
        if not np.array_equal(method(theta), method(theta)):
            yield f"expected {name} to return the same twice, but it did not"


def _complex_theta(policy: Any, theta: Array) -> Iterator[str]:
    if not policy.complex_theta:
        return
    try:
        complex_step(policy.probabilities, theta)
    except TypeError as error:
        yield f"expected the probabilities to carry it through, or complex_theta = False and a score; but {error}"


def _score(policy: Any, theta: Array) -> Iterator[str]:
    score, possible = policy.score(theta), policy.probabilities(theta) > 0
    shape = (policy.n_states, policy.n_actions, *policy.theta_shape)
    if score.shape != shape:
        yield f"expected shape {shape}, came {score.shape}"
        return

    def logarithm(at: Array) -> Array:
        return np.where(possible, policy.log_probabilities(at), 0)

    mine = np.where(possible.reshape(possible.shape + (1,) * theta.ndim), score, 0)
    if policy.complex_theta:
        step = complex_step(logarithm, theta)
        yield from _worst("the complex step of log π", mine, step, np.abs(mine - step), _ROUNDING)
    steepest = max(1.0, float(np.abs(mine).max()))
    found: list[str] = []
    for width in (1e-5, 1e-5 / steepest):  # log π may bend within the usual width
        try:
            step = finite_difference(logarithm, theta, step=width)
        except ValueError:  # θ stands too near to the edge of what the policy takes, or the width is lost beside it
            continue
        found = list(_worst("the finite difference of log π", mine, step, np.abs(mine - step), _DIFFERENCE))
        if not found:
            return
    yield from found


def _weighted_score(policy: Any, theta: Array) -> Iterator[str]:
    weights = np.where(policy.probabilities(theta) > 0, _weights(policy), 0)
    mine, summed = policy.weighted_score(theta, weights), np.tensordot(weights, policy.score(theta), axes=2)
    yield from _sums("Σ w · score", mine, summed)


def _weighted_gradient(policy: Any, theta: Array) -> Iterator[str]:
    weights = _weights(policy)
    mine = policy.weighted_gradient(theta, weights)
    if policy.complex_theta:
        step = complex_step(lambda at: (weights * policy.probabilities(at)).sum(), theta)
        yield from _sums("the complex step of Σ w · π", mine, step)
    else:
        summed = np.tensordot(weights * policy.probabilities(theta), policy.score(theta), axes=2)
        yield from _sums("Σ w · π · score", mine, summed)


def _many_thetas(policy: Any, theta: Array) -> Iterator[str]:
    many, weights = np.stack([theta, theta]), _weights(policy)
    for name, arguments in (("probabilities", ()), ("log_probabilities", ()), ("weighted_score", (weights,))):
        method = getattr(policy, name)
        came, expected = method(many, *arguments), method(theta, *arguments)
        if came.shape != (2, *expected.shape):
            yield f"expected {name} of two θ to have shape {(2, *expected.shape)}, came {came.shape}"
        elif not np.allclose(came[1], expected, rtol=_ROUNDING, atol=_ROUNDING):
            yield f"expected {name} of two θ to be that of each, but it is not"


_CHECKS: dict[str, Callable[[Any, Array], Iterator[str]]] = {
    "probabilities": _probabilities,
    "log_probabilities": _log_probabilities,
    "the same answer twice": _the_second_call,
    "theta is not written to": _the_argument,
    "complex theta": _complex_theta,
    "score": _score,
    "weighted_score": _weighted_score,
    "weighted_gradient": _weighted_gradient,
    "forbidden actions": _forbidden_actions,
    "many thetas": _many_thetas,
}


def _weights(policy: Any) -> Array:
    """Some weights of states and actions, no two of them alike."""
    return np.cos(1 + np.arange(policy.n_states * policy.n_actions)).reshape(policy.n_states, policy.n_actions)


def _sums(what: str, mine: Array, summed: Array) -> Iterator[str]:
    if mine.shape != summed.shape:
        yield f"expected shape {summed.shape}, came {mine.shape}"
        return
    yield from _worst(what, mine, summed, np.abs(mine - summed), _ROUNDING)


def _worst(what: str, came: Array, expected: Array, difference: Array, tolerance: float) -> Iterator[str]:
    """Say where two arrays differ most, if they differ."""
    size = max(1e-5, float(np.abs(expected).max(initial=0)))
    if not (difference <= tolerance * size).all():
        worst = np.argmax(np.where(np.isnan(difference), np.inf, difference))
        index = tuple(int(i) for i in np.unravel_index(worst, difference.shape))
        place = f" at {_checks.place('', index)}" if index else ""
        yield f"expected {what}, {expected[index]:.6g}{place}, came {came[index]:.6g}"
