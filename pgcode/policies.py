"""Differentiable policies π_θ(a|s): over finite states and actions, and a Gaussian one over vectors.

Every policy over finite states and actions answers for all states and actions at once: its probabilities, its score
∇_θ log π_θ(a|s), and weighted sums of scores and of gradients of probabilities. The sums are
methods of their own because they cost no more than the weights, while the table of all scores has
S·A·|θ| entries.

``TabularPolicy`` derives all of that from the probabilities, or from their logarithms, alone.
"""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks, _policy_audit, _policy_checks
from pgcode._policy_checks import (
    beside_likeliest,
    many_thetas,
    no_score,
    require_distributions,
    require_theta,
    table_weights,
)
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step

__all__ = [
    "DirectPolicy",
    "GaussianPolicy",
    "LinearSoftmaxPolicy",
    "SoftmaxPolicy",
    "TabularPolicy",
    "action_probabilities",
    "check_policy",
]

Array = NDArray[Any]  # real, or complex when θ is complex

_METHODS = ("log_probabilities", "probabilities", "score", "weighted_score", "weighted_gradient")


class TabularPolicy:
    """A policy π_θ(a|s) for finitely many states and actions; the base class of all, and of your own.

    A subclass gives its sizes and one method, ``log_probabilities(theta)`` or ``probabilities(theta)``. From it are
    derived the other one, and by the complex step

        score:              ∇_θ log π_θ(a|s)
        weighted_score:     Σ_{s,a} w(s,a) ∇_θ log π_θ(a|s)
        weighted_gradient:  Σ_{s,a} w(s,a) ∇_θ π_θ(a|s)

    the sums with |θ| evaluations and without the table of all scores. Any of these may be overridden by a formula
    of one's own, which is faster; ``check_policy`` says whether it is right.

    A method of a subclass is called with one θ, of the shape ``theta_shape``, real or complex. It must carry complex
    numbers through: no ``abs``, ``max``, ``float``, or real array that is written to. What it returns is checked
    (each row a distribution), and many θ on leading axes are given to it one by one. A subclass whose methods take
    many θ themselves says ``class Mine(TabularPolicy, many_thetas=True)``.

    Where θ cannot be complex, as in a network with automatic differentiation of its own, set
    ``complex_theta = False`` and give ``score(theta)``. Then everything works that needs π and the score at real θ,
    and what needs a complex step says why it does not.

    Parameters
    ----------
    n_states, n_actions : int
        S and A. These and ``theta_shape`` may be left out where the class has them as attributes.
    theta_shape : tuple of int
        The shape of θ.
    allowed : array of bool, shape (n_states, n_actions), optional
        Which actions may be taken; elsewhere π and the score are 0.

    Attributes
    ----------
    complex_theta : bool
        Whether θ may be complex.

    Raises
    ------
    TypeError, ValueError
        The constructor, where a size is no whole number above 0, or ``allowed`` is no such table; every method,
        where θ or the weights do not fit, or a row of π is no distribution.

    Examples
    --------
    A softmax whose temperature is a parameter too, and REINFORCE with it:

    >>> import numpy as np
    >>> from pgcode.environments import two_armed_bandit
    >>> from pgcode.learning import reinforce
    >>> class TemperatureSoftmax(TabularPolicy):
    ...     def __init__(self, n_states, n_actions):
    ...         super().__init__(n_states, n_actions, theta_shape=(n_states * n_actions + 1,))
    ...
    ...     def probabilities(self, theta):
    ...         preferences = theta[:-1].reshape(self.n_states, self.n_actions)
    ...         weights = np.exp(preferences * np.exp(theta[-1]))
    ...         return weights / weights.sum(axis=1, keepdims=True)
    >>> policy = TemperatureSoftmax(2, 2)
    >>> policy.score([0.0, 0.0, 0.0, 0.0, 0.0])[0, 1]
    array([-0.5,  0.5,  0. ,  0. ,  0. ])
    >>> runs = reinforce(two_armed_bandit(), policy, np.zeros(5), 0.5, 100, 20, np.random.default_rng(0))
    >>> runs.theta.shape
    (20, 101, 5)
    """

    n_states: int
    n_actions: int
    theta_shape: tuple[int, ...]
    allowed: NDArray[np.bool_] | None = None
    complex_theta: bool = True

    def __init__(
        self,
        n_states: int | None = None,
        n_actions: int | None = None,
        theta_shape: tuple[int, ...] | None = None,
        allowed: ArrayLike | None = None,
    ) -> None:
        if n_states is not None:
            self.n_states = _checks.require_count("n_states", n_states, "states")
        if n_actions is not None:
            self.n_actions = _checks.require_count("n_actions", n_actions, "actions")
        if theta_shape is not None:
            self.theta_shape = _shape(theta_shape)
        allowed = self.allowed if allowed is None else allowed  # a class may have a list
        if allowed is not None:
            self.allowed = _checks.allowed_actions(allowed, self.n_states, self.n_actions)

    def __init_subclass__(cls, *, many_thetas: bool = False, **others: Any) -> None:
        """Let the methods of a subclass see one θ at a time, and derive anew what it has made obsolete."""
        super().__init_subclass__(**others)
        if isinstance(vars(cls).get("allowed"), (list, tuple)):
            cls.allowed = np.array(cls.allowed, dtype=np.bool_)
        given = {name for name in _METHODS if name in vars(cls)}
        for name in _METHODS:
            method = getattr(cls, name)
            if isinstance(vars(cls).get(name), (staticmethod, classmethod)):
                method = _bound(method)
            if name in given or not (method is vars(TabularPolicy)[name] or getattr(method, "takes_many", False)):
                setattr(cls, name, _takes_many(method) if many_thetas else _one_by_one(name, method))
        of_probabilities = given & {"probabilities", "log_probabilities"}
        if of_probabilities == {"log_probabilities"}:
            cls.probabilities = _exponential(cls.log_probabilities)  # type: ignore[method-assign]
        elif of_probabilities == {"probabilities"}:
            cls.log_probabilities = _logarithm(cls.probabilities)  # type: ignore[method-assign]
        # A score that is inherited speaks of the probabilities that are inherited with it.
        replaced = of_probabilities and any(
            vars(base).keys() & of_probabilities for base in cls.__mro__[1:] if base is not TabularPolicy
        )
        for name in ("score", "weighted_score", "weighted_gradient"):
            if name not in given and (replaced or ("score" in given and name != "score")):
                setattr(cls, name, vars(TabularPolicy)[name])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({getattr(self, 'n_states', '?')}, {getattr(self, 'n_actions', '?')})"

    def __setstate__(self, state: Any) -> None:
        """Copies and pickles keep what is read-only."""
        in_dictionary, in_slots = state if isinstance(state, tuple) else (state, None)
        for name, value in ((in_dictionary or {}) | (in_slots or {})).items():
            if name in ("allowed", "features") and isinstance(value, np.ndarray):
                value.setflags(write=False)
            object.__setattr__(self, name, value)

    def probabilities(self, theta: ArrayLike) -> Array:
        """Return π_θ(a|s), shape (..., n_states, n_actions); complex for complex θ."""
        raise TypeError(f"{type(self).__name__} gives no log_probabilities(theta) and no probabilities(theta)")

    def log_probabilities(self, theta: ArrayLike) -> Array:
        """Return log π_θ(a|s), shape (..., n_states, n_actions); −∞ where the probability is 0."""
        raise TypeError(f"{type(self).__name__} gives no log_probabilities(theta) and no probabilities(theta)")

    def score(self, theta: ArrayLike) -> Array:
        """Return ∇_θ log π_θ(a|s), shape (n_states, n_actions, *theta_shape); 0 at forbidden actions.

        Raises
        ------
        ValueError
            Where π_θ(a|s) = 0 and θ changes that, for the logarithm has no derivative there.
        TypeError
            If it is to be found by the complex step, and θ is complex, or ``complex_theta`` is False.
        """
        at = self._real_theta(theta, "score")
        _require_score_memory(self)
        impossible = self._impossible(at)
        return self._complex_step(lambda x: np.where(impossible, 0, self.log_probabilities(x)), at)

    def weighted_score(self, theta: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_{s,a} w(s,a) ∇_θ log π_θ(a|s): weights (..., n_states, n_actions) to (..., *theta_shape).

        One θ, or many on leading axes, which go together with those of the weights. Where π is 0 for good, as at
        forbidden actions, the weight plays no part.
        """
        return self._for_each_theta(theta, weights, self._weighted_score)

    def weighted_gradient(self, theta: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_{s,a} w(s,a) ∇_θ π_θ(a|s): weights (..., n_states, n_actions) to (..., *theta_shape)."""
        return self._for_each_theta(theta, weights, self._weighted_gradient)

    def _weighted_score(self, theta: Array, weights: Array) -> Array:
        if self._has_own("score"):
            return np.tensordot(weights, self.score(theta), axes=2)
        at = self._real_theta(theta, "weighted_score")
        impossible = self._impossible(at, weights)
        return self._sums(lambda x: np.where(impossible, 0, self.log_probabilities(x)), at, weights)

    def _weighted_gradient(self, theta: Array, weights: Array) -> Array:
        if self._has_own("score"):
            return np.tensordot(weights * self.probabilities(theta), self.score(theta), axes=2)
        return self._sums(self.probabilities, self._real_theta(theta, "weighted_gradient"), weights)

    def _sums(self, table: Callable[[Array], Array], theta: Array, weights: Array) -> Array:
        """Σ_{s,a} w(s,a) ∂f(s,a)/∂θ, by a complex step of the sum; of complex weights, of both parts."""
        parts = [weights.real, weights.imag] if weights.dtype.kind == "c" else [weights]
        sums = [self._complex_step(lambda x, w=w: (w * table(x)).sum(axis=(-2, -1)), theta) for w in parts]  # type: ignore[misc]
        return sums[0] if len(sums) == 1 else sums[0] + 1j * sums[1]

    def _complex_step(self, function: Callable[[Array], Array], theta: Array) -> Array:
        """Differentiate at real θ; what does not carry complex numbers through is found out."""
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            try:
                return complex_step(function, theta)
            except (TypeError, np.exceptions.ComplexWarning) as error:
                raise TypeError(
                    f"the score of {self!r} is found by the complex step, which failed: {error}. Write its "
                    "probabilities so that they carry complex numbers through, or set complex_theta = False and give "
                    "score(theta)"
                ) from error

    def _impossible(self, theta: Array, weights: Array | None = None) -> NDArray[np.bool_]:
        """Where π is 0, after a look whether it stays 0 there; where weights are given, only where they count."""
        impossible: NDArray[np.bool_] = np.isneginf(self.log_probabilities(theta))
        uncertain = impossible if self.allowed is None else impossible & self.allowed
        if weights is not None:
            uncertain = uncertain & (weights != 0).any(axis=tuple(range(weights.ndim - 2)))
        if uncertain.any():
            slopes = self._complex_step(lambda x: self.probabilities(x)[uncertain], theta)
            moves = slopes.reshape(len(slopes), -1).any(axis=1)
            if moves.any():
                raise ValueError(no_score(*np.argwhere(uncertain)[moves][0]))
        return impossible

    def _for_each_theta(self, theta: ArrayLike, weights: ArrayLike, one: Callable[[Array, Array], Array]) -> Array:
        """Apply a function to θ and weights; many θ go together with the leading axes of the weights."""
        _policy_checks.require_policy(self)
        many, w = many_thetas(self, theta), table_weights(self, weights)
        leading = many.shape[: many.ndim - len(self.theta_shape)]
        if not leading:
            return one(many, w)
        leading = np.broadcast_shapes(leading, w.shape[:-2])
        many = np.broadcast_to(many, leading + self.theta_shape)
        w = np.broadcast_to(w, leading + w.shape[-2:])
        sums = np.array([one(many[index], w[index]) for index in np.ndindex(leading)])
        return sums.reshape(leading + self.theta_shape)

    def _real_theta(self, theta: ArrayLike, name: str) -> Array:
        """One real θ, at which a method can be derived by the complex step."""
        at = require_theta(self, theta)
        if not self.complex_theta:
            raise TypeError(f"{self!r} has complex_theta = False and no score of its own: give it score(theta)")
        if at.dtype.kind == "c":
            raise TypeError(
                f"theta is complex, but {name} of {self!r} is itself found by the complex step: "
                f"override {name} by a formula that carries complex numbers through"
            )
        return at

    def _has_own(self, name: str) -> bool:
        return getattr(type(self), name) is not vars(TabularPolicy)[name]


def _shape(theta_shape: Any) -> tuple[int, ...]:
    if not isinstance(theta_shape, (tuple, list)):
        raise TypeError(f"theta_shape is {theta_shape!r}: give a tuple of whole numbers, such as (3, 2)")
    return tuple(_checks.require_count(f"theta_shape[{k}]", size, "parameters") for k, size in enumerate(theta_shape))


def _exponential(log_probabilities: Callable[..., Array]) -> Callable[..., Array]:
    """The method ``probabilities`` that goes with ``log_probabilities``."""

    def probabilities(self: TabularPolicy, theta: ArrayLike) -> Array:
        return np.exp(log_probabilities(self, theta))

    return _as_method(probabilities, TabularPolicy.probabilities)


def _logarithm(probabilities: Callable[..., Array]) -> Callable[..., Array]:
    """The method ``log_probabilities`` that goes with ``probabilities``."""

    def log_probabilities(self: TabularPolicy, theta: ArrayLike) -> Array:
        with np.errstate(divide="ignore"):
            return np.log(probabilities(self, theta))

    return _as_method(log_probabilities, TabularPolicy.log_probabilities)


def _as_method(derived: Any, described: Any) -> Any:
    """Give a derived method the name and the words of the one that it stands for."""
    functools.update_wrapper(derived, described)
    del derived.__wrapped__  # it is not called
    return _takes_many(derived)


def _bound(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method that does not ask for the policy, as a static one or one of the class, called like any other."""

    @functools.wraps(method)
    def unbound(self: TabularPolicy, *arguments: Any) -> Any:
        return method(*arguments)

    del unbound.__wrapped__  # its arguments are others
    return unbound


def _takes_many(method: Any) -> Any:
    method.takes_many = True
    return method


def _one_by_one(name: str, method: Callable[..., Any]) -> Callable[..., Array]:
    """Let a method that takes one θ take many, and look at what it returns."""

    @functools.wraps(method)
    def table(self: TabularPolicy, theta: ArrayLike) -> Array:
        _policy_checks.require_policy(self)
        if name == "score":
            return _checked_score(self, method(self, require_theta(self, theta)))
        many = many_thetas(self, theta)
        leading = many.shape[: many.ndim - len(self.theta_shape)]
        if not leading:
            return _checked_table(self, name, many, method(self, many.copy()))
        tables = [_checked_table(self, name, many[i], method(self, many[i].copy())) for i in np.ndindex(leading)]
        return np.array(tables).reshape(*leading, self.n_states, self.n_actions)

    @functools.wraps(method)
    def weighted(self: TabularPolicy, theta: ArrayLike, weights: ArrayLike) -> Array:
        def one(at: Array, w: Array) -> Array:
            return _checked_sums(self, name, w, method(self, at.copy(), w))

        return self._for_each_theta(theta, weights, one)

    return _takes_many(weighted if name.startswith("weighted_") else table)


def _checked_table(policy: TabularPolicy, name: str, theta: Array, returned: Any) -> Array:
    """Look at what a subclass returns as π or log π for one θ."""
    what = f"what {name} of {policy!r} returns"
    table = _checks.numeric_array(what, returned, "return an array of floats")
    shape = (policy.n_states, policy.n_actions)
    _checks.require_shape(what, table.shape, shape, "(n_states, n_actions)")
    if table.dtype.kind == "c" and theta.dtype.kind != "c":
        if table.imag.any():
            raise TypeError(f"{what} is complex at a real theta: return probabilities that are real for real theta")
        table = table.real
    table = table.astype(np.complex128 if table.dtype.kind == "c" else np.float64)  # a copy: it may be a buffer
    probabilities = np.exp(table) if name == "log_probabilities" else table
    require_distributions(policy, probabilities)
    _policy_checks.require_own_obedience(policy, probabilities)
    return table


def _checked_score(policy: TabularPolicy, returned: Any) -> Array:
    what = f"what score of {policy!r} returns"
    table = _checks.numeric_array(what, returned, "return an array of floats")
    shape = (policy.n_states, policy.n_actions, *policy.theta_shape)
    _checks.require_shape(what, table.shape, shape, "(n_states, n_actions, *theta_shape)")
    _checks.require_finite(what, table, "return a finite score, and 0 where the action is forbidden")
    return table


def _checked_sums(policy: TabularPolicy, name: str, weights: Array, returned: Any) -> Array:
    what = f"what {name} of {policy!r} returns"
    sums = _checks.numeric_array(what, returned, "return an array of floats")
    _checks.require_shape(what, sums.shape, (*weights.shape[:-2], *policy.theta_shape), "(..., *theta_shape)")
    _checks.require_finite(what, sums, "return finite sums")
    return sums


def _require_score_memory(policy: TabularPolicy) -> None:
    _checks.require_memory(
        f"the score of {policy!r}",
        (policy.n_states, policy.n_actions, *policy.theta_shape),
        "use weighted_score(theta, weights), which sums it without forming it",
    )


class SoftmaxPolicy(TabularPolicy, many_thetas=True):
    """Softmax policy with one parameter for each state and action.

        π_θ(a|s) = exp θ(s,a) / Σ_a' exp θ(s,a')
        ∂ log π_θ(a|s) / ∂θ(s',b) = 1[s = s'] (1[a = b] − π_θ(b|s))

    Parameters
    ----------
    n_states, n_actions : int
        S and A; θ has shape (n_states, n_actions).
    allowed : array of bool, shape (n_states, n_actions), optional
        Which actions may be taken. Elsewhere π and the score are 0, the sum in the denominator leaves the
        action out, and its θ plays no part.

    References
    ----------
    Sutton and Barto (2018), section 13.1, equation (13.2); Agarwal et al. (2021), the softmax parameterization.

    Examples
    --------
    >>> import numpy as np
    >>> policy = SoftmaxPolicy(1, 3, allowed=[[True, True, False]])
    >>> theta = [[np.log(3), 0.0, 9.0]]
    >>> policy.probabilities(theta)
    array([[0.75, 0.25, 0.  ]])
    >>> policy.score(theta)[0, 1]
    array([[-0.75,  0.75,  0.  ]])
    """

    def __init__(self, n_states: int, n_actions: int, allowed: ArrayLike | None = None) -> None:
        super().__init__(n_states, n_actions, (n_states, n_actions), allowed)

    @classmethod
    def for_mdp(cls, mdp: TabularMDP) -> Self:
        """Return the policy with the states, the actions and the allowed actions of an MDP.

        Examples
        --------
        >>> from pgcode.environments import short_corridor
        >>> SoftmaxPolicy.for_mdp(short_corridor())
        SoftmaxPolicy(4, 2)
        """
        _policy_checks.require_mdp(mdp)
        return cls(mdp.n_states, mdp.n_actions, None if mdp.allows_all else mdp.allowed)

    def log_probabilities(self, theta: ArrayLike) -> Array:
        """Return log π_θ(a|s) = θ(s,a) − log Σ_a' exp θ(s,a'), finite also where exp would underflow."""
        return _log_softmax(many_thetas(self, theta), self.allowed)

    def score(self, theta: ArrayLike) -> Array:
        """Return ∇_θ log π_θ(a|s), shape (n_states, n_actions, n_states, n_actions).

        The table has (S·A)² entries, nearly all 0. ``weighted_score`` sums it without forming it.
        """
        _require_score_memory(self)
        probabilities = self.probabilities(require_theta(self, theta))
        score = np.zeros(self.theta_shape + self.theta_shape, probabilities.dtype)
        state = np.arange(self.n_states)
        score[state, :, state, :] = np.eye(self.n_actions) - probabilities[:, None, :]
        if self.allowed is not None:
            score[~self.allowed] = 0
        return score

    def weighted_score(self, theta: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_{s,a} w(s,a) ∇_θ log π_θ(a|s) = w(s,b) − π_θ(b|s) Σ_a w(s,a), for each (s,b)."""
        return _centred(_allowed_weights(self, weights), self.probabilities(theta))

    def weighted_gradient(self, theta: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_{s,a} w(s,a) ∇_θ π_θ(a|s) = π_θ(b|s) (w(s,b) − Σ_a π_θ(a|s) w(s,a)), for each (s,b)."""
        probabilities = self.probabilities(theta)
        return _centred(probabilities * _beside(self, weights, probabilities), probabilities)


class LinearSoftmaxPolicy(TabularPolicy, many_thetas=True):
    """Softmax policy whose preferences are linear in features.

        π_θ(a|s) = exp θᵀφ(s,a) / Σ_a' exp θᵀφ(s,a')
        ∇_θ log π_θ(a|s) = φ(s,a) − Σ_a' π_θ(a'|s) φ(s,a')

    States with equal features are aliased: the policy cannot tell them apart.

    Parameters
    ----------
    features : array, shape (n_states, n_actions, n_features)
        φ(s,a); θ has shape (n_features,).
    allowed : array of bool, shape (n_states, n_actions), optional
        Which actions may be taken. Elsewhere π and the score are 0, and the features play no part.

    References
    ----------
    Sutton and Barto (2018), section 13.1, equations (13.2) and (13.3), and exercise 13.3.

    Examples
    --------
    >>> policy = LinearSoftmaxPolicy([[[1.0], [0.0]], [[1.0], [0.0]]])
    >>> policy.probabilities([0.0])
    array([[0.5, 0.5],
           [0.5, 0.5]])
    >>> policy.score([0.0])[0]
    array([[ 0.5],
           [-0.5]])
    """

    def __init__(self, features: ArrayLike, allowed: ArrayLike | None = None) -> None:
        array = _checks.real_array("features", features)
        if array.ndim != 3 or 0 in array.shape:
            raise ValueError(
                f"features has shape {array.shape}, but needs shape (n_states, n_actions, n_features), none of them 0"
            )
        super().__init__(array.shape[0], array.shape[1], array.shape[2:], allowed)
        if self.allowed is not None:
            array[~self.allowed] = 0
        _checks.require_finite("features", array)
        array.setflags(write=False)
        self.features = array

    def __repr__(self) -> str:
        return f"{type(self).__name__}(features of shape {self.features.shape})"

    def log_probabilities(self, theta: ArrayLike) -> Array:
        """Return log π_θ(a|s) = θᵀφ(s,a) − log Σ_a' exp θᵀφ(s,a'), finite also where exp would underflow."""
        many = many_thetas(self, theta)
        with np.errstate(over="ignore", invalid="ignore"):
            preferences = np.tensordot(many, self.features, axes=(-1, -1))
        wrong = ~np.isfinite(preferences)
        if wrong.any():
            state, action = np.argwhere(wrong)[0][-2:]
            raise ValueError(f"θᵀx({state}, {action}) overflows: scale the features down, or move theta nearer to 0")
        return _log_softmax(preferences, self.allowed)

    def score(self, theta: ArrayLike) -> Array:
        """Return ∇_θ log π_θ(a|s), shape (n_states, n_actions, n_features)."""
        _require_score_memory(self)
        probabilities = self.probabilities(require_theta(self, theta))
        mean_feature = np.einsum("sa,sad->sd", probabilities, self.features)
        score = self.features - mean_feature[:, None, :]
        if self.allowed is not None:
            score[~self.allowed] = 0
        return score

    def weighted_score(self, theta: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_{s,a} w(s,a) ∇_θ log π_θ(a|s), shape (..., n_features)."""
        centred = _centred(_allowed_weights(self, weights), self.probabilities(theta))
        return np.tensordot(centred, self.features, axes=2)

    def weighted_gradient(self, theta: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_{s,a} w(s,a) ∇_θ π_θ(a|s), shape (..., n_features)."""
        probabilities = self.probabilities(theta)
        centred = _centred(probabilities * _beside(self, weights, probabilities), probabilities)
        return np.tensordot(centred, self.features, axes=2)


class DirectPolicy(TabularPolicy, many_thetas=True):
    """Direct parametrisation: the parameters are the probabilities themselves.

        π_θ(a|s) = θ(s,a) for a < A − 1,   π_θ(A−1|s) = 1 − Σ_{b<A−1} θ(s,b)

    On the boundary of the simplex an action has probability 0 although its probability has a
    derivative. There log π, and with it the score, does not exist. Forbidden actions are given the
    probability 0 by θ, and stand on that boundary; a softmax with ``allowed`` has a score there.

    Parameters
    ----------
    n_states, n_actions : int
        S and A; θ has shape (n_states, n_actions − 1).

    References
    ----------
    Agarwal et al. (2021), the direct parameterization; here without its redundant coordinate.

    Examples
    --------
    >>> policy = DirectPolicy(1, 3)
    >>> policy.probabilities([[0.5, 0.25]])
    array([[0.5 , 0.25, 0.25]])
    >>> policy.weighted_gradient([[0.5, 0.25]], [[1.0, 2.0, 4.0]])
    array([[-3., -2.]])
    """

    def __init__(self, n_states: int, n_actions: int) -> None:
        if _checks.require_count("n_actions", n_actions, "actions") < 2:
            raise ValueError("n_actions is 1: a policy with parameters chooses among at least 2 actions")
        super().__init__(n_states, n_actions, (n_states, n_actions - 1))

    def probabilities(self, theta: ArrayLike) -> Array:
        """Return π_θ(a|s), shape (..., n_states, n_actions); complex for complex θ.

        Raises
        ------
        ValueError
            If θ leaves the simplex.
        """
        free = many_thetas(self, theta)
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
            raise ValueError(no_score(*index))
        score = np.zeros((self.n_states, self.n_actions, *self.theta_shape), probabilities.dtype)
        state, free = np.arange(self.n_states)[:, None], np.arange(self.n_actions - 1)
        score[state, free, state, free] = 1 / probabilities[:, :-1]
        score[state, -1, state, free] = -1 / probabilities[:, -1:]
        return score

    def weighted_score(self, theta: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_{s,a} w(s,a) ∇_θ log π_θ(a|s), shape (..., n_states, n_actions − 1).

        An action of probability 0 is allowed as long as its weight is 0.
        """
        w, probabilities = table_weights(self, weights), self.probabilities(theta)
        undefined = (w != 0) & (probabilities == 0)
        if undefined.any():
            raise ValueError(no_score(*np.argwhere(undefined)[0][-2:]))
        ratio = w / np.where(probabilities == 0, 1, probabilities)
        return ratio[..., :-1] - ratio[..., -1:]

    def weighted_gradient(self, theta: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_{s,a} w(s,a) ∇_θ π_θ(a|s), shape (..., n_states, n_actions − 1); on the boundary too."""
        many, w = many_thetas(self, theta), table_weights(self, weights)
        return np.broadcast_arrays(w[..., :-1] - w[..., -1:], many)[0].copy()


class GaussianPolicy:
    """Normal actions whose mean is linear in features of the state, with independent components.

        a_j = w_jᵀx + σ_j ε_j,   ε_j ~ N(0, 1)
        log π_θ(a|x) = Σ_j ( −z_j²/2 − log σ_j − log(2π)/2 ),   z_j = (a_j − w_jᵀx) / σ_j
        ∂ log π / ∂w_j = z_j x / σ_j,   ∂ log π / ∂ log σ_j = z_j² − 1

    The score is one way to a gradient; the pathwise derivative, ∂a_j/∂w_j = x and ∂a_j/∂ log σ_j = σ_j ε_j, is the
    other. Features and actions may have leading axes, for many states at once.

    Parameters
    ----------
    n_features : int
        d, the length of x; for a constant mean give the feature 1.
    n_components : int
        k, the length of an action.
    standard_deviation : number or array, shape (n_components,), optional
        σ, where it is fixed. Then θ has shape (k, d) and its row j is w_j. Without it log σ_j is the last entry of row
        j, and θ has shape (k, d + 1).

    Raises
    ------
    TypeError, ValueError
        Every method, where an argument does not hold numbers, is not finite or has another shape, or σ is too large
        or too small for a float.

    References
    ----------
    Sutton and Barto (2018), section 13.7 and exercise 13.4.

    Examples
    --------
    >>> import numpy as np
    >>> policy = GaussianPolicy(n_features=2)
    >>> theta = [[1.0, 2.0, np.log(0.5)]]
    >>> policy.mean(theta, [3.0, 1.0])
    array([5.])
    >>> policy.score(theta, [3.0, 1.0], [6.0])
    array([[12.,  4.,  3.]])
    >>> action, derivative = policy.pathwise(theta, [3.0, 1.0], noise=[2.0])
    >>> action, derivative
    (array([6.]), array([[[3., 1., 1.]]]))
    >>> print(round(policy.entropy(theta), 6))
    0.725791
    >>> states = np.zeros((1000, 2))
    >>> policy.sample(theta, states, np.random.default_rng(0)).shape
    (1000, 1)
    """

    def __init__(self, n_features: int, n_components: int = 1, standard_deviation: ArrayLike | None = None) -> None:
        self.n_features = _checks.require_count("n_features", n_features, "features")
        self.n_components = _checks.require_count("n_components", n_components, "components")
        self.standard_deviation: NDArray[np.float64] | None = None
        if standard_deviation is not None:
            fixed = _checks.real_array("standard_deviation", standard_deviation)
            if fixed.shape not in ((), (self.n_components,)):
                raise ValueError(f"standard_deviation has shape {fixed.shape}: give one number, or {self.n_components}")
            if not ((fixed > 0) & np.isfinite(fixed)).all():
                raise ValueError(f"standard_deviation is {fixed}: give finite numbers above 0")
            self.standard_deviation = np.full(self.n_components, fixed)
            self.standard_deviation.setflags(write=False)
        self.theta_shape = (self.n_components, self.n_features + (standard_deviation is None))

    def __repr__(self) -> str:
        fixed = "" if self.standard_deviation is None else f", standard_deviation={self.standard_deviation.tolist()}"
        return f"{type(self).__name__}({self.n_features}, {self.n_components}{fixed})"

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are built anew, for an array that is unpickled can be written to."""
        return type(self), (self.n_features, self.n_components, self.standard_deviation)

    def mean(self, theta: ArrayLike, features: ArrayLike) -> Array:
        """Return w_jᵀx, shape (..., n_components), for features of shape (..., n_features)."""
        weights, _ = self._parts(theta)
        with np.errstate(over="ignore", invalid="ignore"):
            mean: Array = self._vectors("features", features, self.n_features) @ weights.T
        _checks.require_finite("the mean", mean, "scale the features down, or move theta nearer to 0")
        return mean

    def sample(self, theta: ArrayLike, features: ArrayLike, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return one action for each state, shape (..., n_components), at real θ."""
        rng = _checks.require_generator("rng", rng)
        if np.iscomplexobj(theta):
            raise TypeError("theta is complex: actions can only be drawn with real parameters")
        mean, (_, deviation) = self.mean(theta, features), self._parts(theta)
        with np.errstate(over="ignore"):
            actions: NDArray[np.float64] = mean + deviation * rng.standard_normal(mean.shape)
        return self._held("an action", actions)

    def pathwise(self, theta: ArrayLike, features: ArrayLike, noise: ArrayLike) -> tuple[Array, Array]:
        """Return a = Wx + σε and ∂a_j/∂θ, shapes (..., n_components) and (..., n_components, *theta_shape).

        The noise ε is standard normal, shape (..., n_components). What is drawn so is differentiated with ε fixed.
        """
        mean, (_, deviation) = self.mean(theta, features), self._parts(theta)
        drawn = self._vectors("noise", noise, self.n_components)
        self._require_together(mean, noise=drawn)
        with np.errstate(over="ignore"):
            moved = deviation * drawn
            actions = self._held("an action", mean + moved)
        derivative = np.zeros((*actions.shape, *self.theta_shape), actions.dtype)
        component = np.arange(self.n_components)
        derivative[..., component, component, : self.n_features] = self._vectors("features", features, self.n_features)[
            ..., None, :
        ]
        if self.standard_deviation is None:
            derivative[..., component, component, -1] = moved
        return actions, derivative

    def log_density(self, theta: ArrayLike, features: ArrayLike, actions: ArrayLike) -> Array:
        """Return log π_θ(a|x), shape (...); complex for complex θ."""
        z, deviation = self._standardised(theta, features, actions)
        return (-(z**2) / 2 - np.log(deviation) - np.log(2 * np.pi) / 2).sum(axis=-1)

    def score(self, theta: ArrayLike, features: ArrayLike, actions: ArrayLike) -> Array:
        """Return ∇_θ log π_θ(a|x), shape (..., *theta_shape)."""
        z, deviation = self._standardised(theta, features, actions)
        x = self._vectors("features", features, self.n_features)
        by_weights = (z / deviation)[..., None] * x[..., None, :]
        if self.standard_deviation is not None:
            return by_weights
        return np.concatenate([by_weights, (z**2 - 1)[..., None]], axis=-1)

    def entropy(self, theta: ArrayLike) -> Any:
        """Return −E[log π_θ(a|x)] = Σ_j (log σ_j + log(2πe)/2), the same in every state; a number."""
        _, deviation = self._parts(theta)
        return (np.log(deviation) + (np.log(2 * np.pi) + 1) / 2).sum()

    def _parts(self, theta: ArrayLike) -> tuple[Array, Array]:
        """W and σ."""
        array = _checks.numeric_array("theta", theta, f"pass an array of shape {self.theta_shape}")
        _checks.require_shape("theta", array.shape, self.theta_shape, f"what {self!r} takes")
        _checks.require_finite("theta", array)
        if self.standard_deviation is not None:
            return array, self.standard_deviation
        with np.errstate(over="ignore", under="ignore"):
            deviation = np.exp(array[:, -1])
        wrong = ~((deviation.real > 0) & np.isfinite(deviation))
        if wrong.any():
            j = int(np.flatnonzero(wrong)[0])
            raise ValueError(
                f"theta[{j}, {self.n_features}] is {array[j, -1].real:g}, a logarithm of σ, whose exponential is no "
                "positive float: move it nearer to 0"
            )
        return array[:, :-1], deviation

    def _vectors(self, name: str, values: ArrayLike, length: int) -> NDArray[np.float64]:
        array = _checks.real_array(name, values)
        if array.ndim == 0 or array.shape[-1] != length:
            raise ValueError(f"{name} has shape {array.shape}, but its last axis must have length {length}")
        _checks.require_finite(name, array)
        return array

    def _held(self, what: str, numbers: Array) -> Array:
        _checks.require_finite(what, numbers, "it is too far out for a float: take a smaller σ")
        return numbers

    def _require_together(self, mean: Array, **given: Array) -> None:
        """Require that leading axes fit those of the features."""
        for name, array in given.items():
            try:
                np.broadcast_shapes(mean.shape, array.shape)
            except ValueError as error:
                raise ValueError(
                    f"{name} has shape {array.shape}, but features have leading axes {mean.shape[:-1]}: give one "
                    "vector for each"
                ) from error

    def _standardised(self, theta: ArrayLike, features: ArrayLike, actions: ArrayLike) -> tuple[Array, Array]:
        """Z = (a − Wx) / σ, and σ."""
        mean, (_, deviation) = self.mean(theta, features), self._parts(theta)
        taken = self._vectors("actions", actions, self.n_components)
        self._require_together(mean, actions=taken)
        with np.errstate(over="ignore", invalid="ignore"):
            z = (taken - mean) / deviation
            overflow = ~np.isfinite(z / deviation) | ~np.isfinite(z**2)
        if overflow.any():
            raise ValueError(f"(a − Wx)/σ is {np.abs(z[overflow][0]):g}, too far out for a float: take a larger σ")
        return z, deviation


def action_probabilities(mdp: TabularMDP, policy: TabularPolicy, theta: ArrayLike) -> Array:
    """Return π_θ(a|s) as a table (n_states, n_actions), after a look whether MDP, policy and θ belong together.

    Raises
    ------
    TypeError
        If the policy is none, or θ does not hold numbers.
    ValueError
        If the policy has not the states and actions of the MDP, θ has another shape, a row of π is no
        distribution, or a forbidden action has a probability.

    Examples
    --------
    >>> from pgcode.environments import two_armed_bandit
    >>> action_probabilities(two_armed_bandit(), SoftmaxPolicy(2, 2), [[0, 0], [0, 0]])
    array([[0.5, 0.5],
           [0.5, 0.5]])
    """
    _policy_checks.require_match(policy, mdp)
    probabilities = policy.probabilities(require_theta(policy, theta))
    require_distributions(policy, probabilities)
    _policy_checks.require_obedience(mdp, policy, probabilities)
    return probabilities


def check_policy(policy: TabularPolicy, theta: ArrayLike) -> None:
    """Say everything that is wrong with a policy at one θ, or return without a word.

    Ten checks, each with what was expected, what came and where: shapes, types and rows of ``probabilities``;
    ``log_probabilities`` against them; the same answer twice; θ not written to; complex θ carried through; the score
    against the complex step and the finite difference of log π; both weighted sums against the score; forbidden
    actions; many θ at once. It costs a few times the table of all scores, so check on a small policy.

    Parameters
    ----------
    policy : TabularPolicy
    theta : array, shape (*θ,)
        Real, and where π > 0 if the policy has an edge; best random, for at 0 much is right by chance.

    Raises
    ------
    TypeError
        If the policy is none, or θ is not real.
    ValueError
        With the list of all checks that fail.

    Examples
    --------
    >>> import numpy as np
    >>> check_policy(SoftmaxPolicy(2, 3), np.linspace(-1, 1, 6).reshape(2, 3))
    >>> class Doubled(SoftmaxPolicy):
    ...     def score(self, theta):
    ...         return 2 * super().score(theta)
    >>> check_policy(Doubled(1, 2), [[0.0, 0.0]])
    Traceback (most recent call last):
    ValueError: Doubled(1, 2) fails 2 of 10 checks:
    - score: expected the complex step of log π, 0.5 at [0, 0, 0, 0], came 1
    - score: expected the finite difference of log π, 0.5 at [0, 0, 0, 0], came 1
    - weighted_gradient: expected the complex step of Σ w · π, 0.239112 at [0, 0], came 0.478225
    """
    at = _policy_checks.require_real_theta(policy, theta, "the checks are made around real parameters")
    if not isinstance(policy, TabularPolicy):
        raise TypeError(f"policy is a {type(policy).__name__}, and no TabularPolicy: derive its class from that")
    wrong, n_checks = _policy_audit.findings(policy, at)
    if wrong:
        n_failed = len({line.split(": ")[0] for line in wrong})
        lines = "".join(f"\n- {line}" for line in wrong)
        raise ValueError(f"{policy!r} fails {n_failed} of {n_checks} checks:{lines}")


def _log_softmax(preferences: Array, allowed: NDArray[np.bool_] | None) -> Array:
    """Log-softmax over the allowed actions; the shift keeps exp from overflowing and cancels exactly."""
    if allowed is not None:
        preferences = np.where(allowed, preferences, -np.inf)
    with np.errstate(over="ignore"):
        shifted = preferences - _over_actions(np.maximum, preferences.real)
    normalised: Array = shifted - np.log(_over_actions(np.add, np.exp(shifted)))
    return normalised if allowed is None else np.where(allowed, normalised, -np.inf)


def _over_actions(ufunc: np.ufunc, table: Array) -> Array:
    """Reduce the last axis, and keep it: of few actions one after the other, as NumPy is slow along a short axis."""
    if table.shape[-1] > 4:
        reduced: Array = ufunc.reduce(table, axis=-1, keepdims=True)
        return reduced
    return functools.reduce(ufunc, [table[..., action, None] for action in range(table.shape[-1])])


def _centred(weights: Array, probabilities: Array) -> Array:
    """w(s,a) − π(a|s) Σ_a' w(s,a')."""
    return weights - probabilities * _over_actions(np.add, weights)


def _beside(policy: TabularPolicy, weights: ArrayLike, probabilities: Array) -> Array:
    """Weights less that of the likeliest action, or say that they are too far apart for a float."""
    with np.errstate(over="ignore", invalid="ignore"):
        beside = beside_likeliest(table_weights(policy, weights), probabilities)
    apart = "two weights of a state differ by more than a float holds: divide the weights by a constant"
    _checks.require_finite("the difference of weights", beside, apart)
    return beside


def _allowed_weights(policy: TabularPolicy, weights: ArrayLike) -> Array:
    """Weights of states and actions, 0 where an action is forbidden and has no score."""
    w = table_weights(policy, weights)
    return w if policy.allowed is None else np.where(policy.allowed, w, 0)
