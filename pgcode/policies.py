"""Differentiable policies π_θ(a|s) over finite states and actions.

Every policy answers for all states and actions at once: its probabilities, its score
∇_θ log π_θ(a|s), and weighted sums of scores and of gradients of probabilities. The sums are
methods of their own because they cost no more than the weights, while the table of all scores has
S·A·|θ| entries.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks
from pgcode.mdp import TabularMDP

__all__ = [
    "DirectPolicy",
    "LinearSoftmaxPolicy",
    "Policy",
    "SoftmaxPolicy",
    "action_probabilities",
    "require_match",
    "require_policy",
    "require_real_theta",
    "require_theta",
]

Array = NDArray[Any]  # real, or complex when θ is complex


@runtime_checkable
class Policy(Protocol):
    """What the course asks of a policy.

    Complex θ is accepted everywhere and carried through, so that any function of θ can be
    differentiated by the complex step. ``probabilities`` and ``weighted_score`` also take many θ at
    once, on leading axes, such as one for each of many runs.
    """

    @property
    def n_states(self) -> int:
        """The number S of states."""

    @property
    def n_actions(self) -> int:
        """The number A of actions."""

    @property
    def theta_shape(self) -> tuple[int, ...]:
        """The shape of θ."""

    def probabilities(self, theta: ArrayLike) -> Array:
        """π_θ(a|s), shape (..., n_states, n_actions)."""

    def log_probabilities(self, theta: ArrayLike) -> Array:
        """Log π_θ(a|s), shape (..., n_states, n_actions); −∞ where the probability is 0."""

    def score(self, theta: ArrayLike) -> Array:
        """∇_θ log π_θ(a|s), shape (n_states, n_actions, *theta_shape)."""

    def weighted_score(self, theta: ArrayLike, weights: ArrayLike) -> Array:
        """Σ_{s,a} w(s,a) ∇_θ log π_θ(a|s): weights (..., n_states, n_actions) to (..., *theta_shape)."""

    def weighted_gradient(self, theta: ArrayLike, weights: ArrayLike) -> Array:
        """Σ_{s,a} w(s,a) ∇_θ π_θ(a|s): weights (..., n_states, n_actions) to (..., *theta_shape)."""


class SoftmaxPolicy:
    """Softmax policy with one parameter for each state and action.

        π_θ(a|s) = exp θ(s,a) / Σ_b exp θ(s,b)
        ∂ log π_θ(a|s) / ∂θ(s',b) = 1[s = s'] (1[a = b] − π_θ(b|s))

    Parameters
    ----------
    n_states, n_actions : int
        S and A; θ has shape (n_states, n_actions).

    References
    ----------
    Sutton and Barto (2018), section 13.1, equation (13.2); Agarwal et al. (2021), the softmax parameterization.
    """

    def __init__(self, n_states: int, n_actions: int) -> None:
        self.n_states = _checks.require_count("n_states", n_states, "states")
        self.n_actions = _checks.require_count("n_actions", n_actions, "actions")
        self.theta_shape = (self.n_states, self.n_actions)

    def __repr__(self) -> str:
        return f"SoftmaxPolicy({self.n_states}, {self.n_actions})"

    def probabilities(self, theta: ArrayLike) -> Array:
        """Return π_θ(a|s), shape (..., n_states, n_actions); complex for complex θ."""
        return np.exp(self.log_probabilities(theta))

    def log_probabilities(self, theta: ArrayLike) -> Array:
        """Return log π_θ(a|s) = θ(s,a) − log Σ_b exp θ(s,b), finite also where exp would underflow."""
        return _log_softmax(_checked_theta(self, theta))

    def score(self, theta: ArrayLike) -> Array:
        """Return ∇_θ log π_θ(a|s), shape (n_states, n_actions, n_states, n_actions).

        The table has (S·A)² entries, nearly all 0. ``weighted_score`` sums it without forming it.
        """
        probabilities = self.probabilities(require_theta(self, theta))
        score = np.zeros(self.theta_shape + self.theta_shape, probabilities.dtype)
        state = np.arange(self.n_states)
        score[state, :, state, :] = np.eye(self.n_actions) - probabilities[:, None, :]
        return score

    def weighted_score(self, theta: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_{s,a} w(s,a) ∇_θ log π_θ(a|s) = w(s,b) − π_θ(b|s) Σ_a w(s,a), for each (s,b)."""
        return _centred(_checked_weights(self, weights), self.probabilities(theta))

    def weighted_gradient(self, theta: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_{s,a} w(s,a) ∇_θ π_θ(a|s) = π_θ(b|s) (w(s,b) − Σ_a π_θ(a|s) w(s,a)), for each (s,b)."""
        probabilities = self.probabilities(theta)
        return _centred(_checked_weights(self, weights) * probabilities, probabilities)


class LinearSoftmaxPolicy:
    """Softmax policy whose preferences are linear in features.

        π_θ(a|s) = exp θᵀx(s,a) / Σ_b exp θᵀx(s,b)
        ∇_θ log π_θ(a|s) = x(s,a) − Σ_b π_θ(b|s) x(s,b)

    States with equal features are aliased: the policy cannot tell them apart.

    Parameters
    ----------
    features : array, shape (n_states, n_actions, n_features)
        x(s,a); θ has shape (n_features,).

    References
    ----------
    Sutton and Barto (2018), section 13.1, equations (13.2) and (13.3), and exercise 13.3.
    """

    def __init__(self, features: ArrayLike) -> None:
        array = _checks.real_array("features", features)
        if array.ndim != 3 or 0 in array.shape:
            raise ValueError(
                f"features has shape {array.shape}, but needs shape (n_states, n_actions, n_features), none of them 0"
            )
        _checks.require_finite("features", array)
        array.setflags(write=False)
        self.features = array
        self.n_states, self.n_actions, n_features = array.shape
        self.theta_shape = (n_features,)

    def __repr__(self) -> str:
        return f"LinearSoftmaxPolicy(features of shape {self.features.shape})"

    def probabilities(self, theta: ArrayLike) -> Array:
        """Return π_θ(a|s), shape (..., n_states, n_actions); complex for complex θ."""
        return np.exp(self.log_probabilities(theta))

    def log_probabilities(self, theta: ArrayLike) -> Array:
        """Return log π_θ(a|s) = θᵀx(s,a) − log Σ_b exp θᵀx(s,b), finite also where exp would underflow."""
        return _log_softmax(np.tensordot(_checked_theta(self, theta), self.features, axes=(-1, -1)))

    def score(self, theta: ArrayLike) -> Array:
        """Return ∇_θ log π_θ(a|s), shape (n_states, n_actions, n_features)."""
        probabilities = self.probabilities(require_theta(self, theta))
        mean_feature = np.einsum("sa,sad->sd", probabilities, self.features)
        return self.features - mean_feature[:, None, :]

    def weighted_score(self, theta: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_{s,a} w(s,a) ∇_θ log π_θ(a|s), shape (..., n_features)."""
        centred = _centred(_checked_weights(self, weights), self.probabilities(theta))
        return np.tensordot(centred, self.features, axes=2)

    def weighted_gradient(self, theta: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_{s,a} w(s,a) ∇_θ π_θ(a|s), shape (..., n_features)."""
        return self.weighted_score(theta, _checked_weights(self, weights) * self.probabilities(theta))


class DirectPolicy:
    """Direct parametrisation: the parameters are the probabilities themselves.

        π_θ(a|s) = θ(s,a) for a < A − 1,   π_θ(A−1|s) = 1 − Σ_{b<A−1} θ(s,b)

    On the boundary of the simplex an action has probability 0 although its probability has a
    derivative. There log π, and with it the score, does not exist.

    Parameters
    ----------
    n_states, n_actions : int
        S and A; θ has shape (n_states, n_actions − 1).

    References
    ----------
    Agarwal et al. (2021), the direct parameterization; here without its redundant coordinate.
    """

    def __init__(self, n_states: int, n_actions: int) -> None:
        self.n_states = _checks.require_count("n_states", n_states, "states")
        self.n_actions = _checks.require_count("n_actions", n_actions, "actions")
        if self.n_actions < 2:
            raise ValueError("n_actions is 1: a policy with parameters chooses among at least 2 actions")
        self.theta_shape = (self.n_states, self.n_actions - 1)

    def __repr__(self) -> str:
        return f"DirectPolicy({self.n_states}, {self.n_actions})"

    def probabilities(self, theta: ArrayLike) -> Array:
        """Return π_θ(a|s), shape (..., n_states, n_actions); complex for complex θ.

        Raises
        ------
        ValueError
            If θ leaves the simplex.
        """
        free = _checked_theta(self, theta)
        rest = 1 - free.sum(axis=-1, keepdims=True)
        rounding = np.abs(rest.real) <= self.n_actions * np.finfo(float).eps
        rest = np.where(rounding, rest - rest.real, rest)  # 0.7 + 0.2 + 0.1 is not 1 in floating point
        probabilities = np.concatenate([free, rest], axis=-1)
        outside = probabilities.real < 0
        if outside.any():
            index = tuple(np.argwhere(outside)[0])
            raise ValueError(
                f"theta gives action {index[-1]} in state {index[-2]} the probability {probabilities[index].real:g}: "
                "keep every entry at least 0 and every row's sum at most 1"
            )
        return probabilities

    def log_probabilities(self, theta: ArrayLike) -> Array:
        """Return log π_θ(a|s), −∞ where the probability is 0."""
        with np.errstate(divide="ignore"):
            return np.log(self.probabilities(theta))

    def score(self, theta: ArrayLike) -> Array:
        """Return ∇_θ log π_θ(a|s), shape (n_states, n_actions, n_states, n_actions − 1).

        Raises
        ------
        ValueError
            Where π_θ(a|s) = 0: the logarithm has no derivative there.
        """
        probabilities = self.probabilities(require_theta(self, theta))
        if (probabilities == 0).any():
            index = tuple(np.argwhere(probabilities == 0)[0])
            raise ValueError(_no_score(index))
        score = np.zeros((self.n_states, self.n_actions, *self.theta_shape), probabilities.dtype)
        state, free = np.arange(self.n_states)[:, None], np.arange(self.n_actions - 1)
        score[state, free, state, free] = 1 / probabilities[:, :-1]
        score[state, -1, state, free] = -1 / probabilities[:, -1:]
        return score

    def weighted_score(self, theta: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_{s,a} w(s,a) ∇_θ log π_θ(a|s), shape (..., n_states, n_actions − 1).

        An action of probability 0 is allowed as long as its weight is 0.
        """
        w, probabilities = _checked_weights(self, weights), self.probabilities(theta)
        undefined = (w != 0) & (probabilities == 0)
        if undefined.any():
            raise ValueError(_no_score(tuple(np.argwhere(undefined)[0][-2:])))
        ratio = w / np.where(probabilities == 0, 1, probabilities)
        return ratio[..., :-1] - ratio[..., -1:]

    def weighted_gradient(self, theta: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_{s,a} w(s,a) ∇_θ π_θ(a|s), shape (..., n_states, n_actions − 1); on the boundary too."""
        _checked_theta(self, theta)
        w = _checked_weights(self, weights)
        return w[..., :-1] - w[..., -1:]


def action_probabilities(mdp: TabularMDP, policy: Policy, theta: ArrayLike) -> Array:
    """Return π_θ(a|s) as a table (n_states, n_actions), after a look whether MDP, policy and θ belong together."""
    require_match(policy, mdp)
    return policy.probabilities(require_theta(policy, theta))


def require_theta(policy: Policy, theta: ArrayLike) -> Array:
    """Require one θ for a policy: its shape, and finite numbers."""
    require_policy(policy)
    array = _checked_theta(policy, theta)
    if array.shape != policy.theta_shape:
        raise ValueError(f"theta has shape {array.shape}, but {policy!r} needs shape {policy.theta_shape}")
    return array


def require_real_theta(policy: Policy, theta: ArrayLike, reason: str) -> NDArray[np.float64]:
    """Require one real θ for a policy; ``reason`` says why it may not be complex."""
    if np.iscomplexobj(theta):
        raise TypeError(f"theta is complex: {reason}")
    return require_theta(policy, theta)


def require_policy(policy: object) -> None:
    """Require that an argument is a policy, or say what of ``Policy`` it lacks.

    Raises
    ------
    TypeError
        If a method or an attribute is not there.
    """
    lacking = [name for name in vars(Policy) if not name.startswith("_") and not hasattr(policy, name)]
    if lacking:
        what = f"the class {policy.__name__}" if isinstance(policy, type) else f"a {type(policy).__name__}"
        raise TypeError(
            f"policy is {what}, which has no {', '.join(lacking)}: "
            "pass a policy, such as SoftmaxPolicy(n_states, n_actions)"
        )


def require_match(policy: Policy, mdp: TabularMDP) -> None:
    """Require that a policy has as many states and actions as the MDP it is used on."""
    require_policy(policy)
    mine, needed = (policy.n_states, policy.n_actions), (mdp.n_states, mdp.n_actions)
    if mine != needed:
        raise ValueError(
            f"policy is {policy!r}, with {mine[0]} states and {mine[1]} actions, but mdp has {needed[0]} states "
            f"and {needed[1]} actions: build the policy for this MDP"
        )


def _log_softmax(preferences: Array) -> Array:
    """Log-softmax over the last axis; the shift keeps exp from overflowing and cancels exactly."""
    shifted = preferences - preferences.real.max(axis=-1, keepdims=True)
    normalised: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return normalised


def _centred(weights: Array, probabilities: Array) -> Array:
    """w(s,a) − π(a|s) Σ_b w(s,b)."""
    return weights - probabilities * weights.sum(axis=-1, keepdims=True)


def _checked_theta(policy: Policy, theta: ArrayLike) -> Array:
    """Require numbers and, on the last axes, the shape of θ."""
    array = np.asarray(theta)
    if array.dtype.kind not in "biufc":
        raise TypeError(f"theta holds {array.dtype}, not numbers: pass an array of shape {policy.theta_shape}")
    if array.shape[-len(policy.theta_shape) :] != policy.theta_shape:
        raise ValueError(f"theta has shape {array.shape}, but {policy!r} needs shape {policy.theta_shape}")
    _checks.require_finite("theta", array)
    return array if array.dtype.kind == "c" else array.astype(np.float64)


def _checked_weights(policy: Policy, weights: ArrayLike) -> Array:
    array = np.asarray(weights)
    if array.shape[-2:] != (policy.n_states, policy.n_actions):
        raise ValueError(
            f"weights has shape {array.shape}, but its last two axes must be "
            f"({policy.n_states}, {policy.n_actions}), the states and actions of {policy!r}"
        )
    return array


def _no_score(index: tuple[int, ...]) -> str:
    return (
        f"the score of action {index[1]} in state {index[0]} does not exist, because its probability is 0: "
        "move theta into the interior of the simplex"
    )
