"""A small multilayer perceptron with its gradient written out, and the policies that are made of it."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks

__all__ = ["MLP", "GaussianNetwork", "NetworkPolicy", "SoftmaxNetwork"]

Array = NDArray[Any]  # real, or complex when θ is complex


class MLP:
    """A multilayer perceptron with tanh between its layers, whose parameters are one vector.

        h_0 = x,   h_l = tanh(h_{l−1} W_l + b_l),   f(x) = h_{L−1} W_L + b_L

    θ holds W_1, b_1, W_2, b_2, …, each W row by row. Many θ on leading axes go with as many sets of inputs: so all runs
    of a learner are computed at once. A complex θ is carried through, so that any derivative can be taken by
    the complex step.

    Parameters
    ----------
    n_inputs, n_outputs : int
    hidden : sequence of int
        The sizes of the layers between; with () f is linear in x, and has a constant.

    Raises
    ------
    TypeError, ValueError
        If a size is no whole number above 0; every method, where shapes do not fit.

    Examples
    --------
    >>> import numpy as np
    >>> network = MLP(2, 1, hidden=(3,))
    >>> theta = network.initial(np.random.default_rng(0))
    >>> theta.shape, network.outputs(theta, np.ones((5, 2))).shape
    ((13,), (5, 1))

    The gradient of Σ_i w_i f(x_i) beside a difference of that sum:

    >>> x, w, small = np.array([[1.0, -1.0], [0.5, 2.0]]), np.array([[1.0], [-2.0]]), 1e-6 * np.eye(13)[0]
    >>> exact = network.weighted_gradient(theta, x, w)[0]
    >>> change = (w * (network.outputs(theta + small, x) - network.outputs(theta - small, x))).sum() / 2e-6
    >>> bool(abs(exact - change) < 1e-8)
    True
    """

    def __init__(self, n_inputs: int, n_outputs: int, hidden: Sequence[int] = (32,)) -> None:
        if not isinstance(hidden, (tuple, list)):
            raise TypeError(f"hidden is {hidden!r}: give the sizes of the layers, such as (32,), or () for none")
        self.n_inputs = _checks.require_count("n_inputs", n_inputs, "inputs")
        self.n_outputs = _checks.require_count("n_outputs", n_outputs, "outputs")
        self.hidden = tuple(_checks.require_count(f"hidden[{i}]", n, "units") for i, n in enumerate(hidden))
        sizes = (self.n_inputs, *self.hidden, self.n_outputs)
        self.shapes = tuple(itertools.pairwise(sizes))
        self.n_parameters = sum((n + 1) * m for n, m in self.shapes)

    def __repr__(self) -> str:
        return f"MLP({self.n_inputs}, {self.n_outputs}, hidden={self.hidden})"

    def initial(self, rng: np.random.Generator, last: float = 1.0) -> NDArray[np.float64]:
        """Draw parameters: b = 0 and W normal with variance 1/inputs, in the last layer ``last`` squared times that."""
        _checks.require_generator("rng", rng)
        parts: list[NDArray[np.float64]] = []
        for layer, (n, m) in enumerate(self.shapes):
            size = (last if layer == len(self.shapes) - 1 else 1.0) / np.sqrt(n)
            parts += [size * rng.standard_normal(n * m), np.zeros(m)]
        return np.concatenate(parts)

    def outputs(self, theta: ArrayLike, inputs: ArrayLike) -> Array:
        """Return f(x), shape (*many, n, n_outputs), for θ (*many, n_parameters) and inputs (*many, n, n_inputs)."""
        layers, x = self._checked(theta, inputs)
        return self._activations(layers, x)[-1]

    def weighted_gradient(self, theta: ArrayLike, inputs: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_i Σ_k w_ik ∂f_k(x_i)/∂θ, shape (*many, n_parameters), for weights (*many, n, n_outputs).

        From the last layer to the first: with D_L = w, the part of W_l is h_{l−1}ᵀ D_l, that of b_l the sum of the rows
        of D_l, and D_{l−1} = (D_l W_lᵀ)(1 − h_{l−1}²), entry by entry.
        """
        layers, x = self._checked(theta, inputs)
        down = _checks.numeric_array("weights", weights)
        if down.shape[-1:] != (self.n_outputs,) or down.shape[-2:-1] != x.shape[-2:-1]:
            raise ValueError(
                f"weights has shape {down.shape}, but needs one for each of {x.shape[-2]} inputs and of "
                f"{self.n_outputs} outputs"
            )
        activations = self._activations(layers, x)[:-1]
        parts: list[Array] = []
        for (matrix, _), below in zip(reversed(layers), reversed(activations), strict=True):
            product = np.swapaxes(below, -1, -2) @ down
            parts = [product.reshape(*product.shape[:-2], -1), down.sum(axis=-2), *parts]
            if below is not activations[0]:
                down = (down @ np.swapaxes(matrix, -1, -2)) * (1 - below * below)
        return np.concatenate(parts, axis=-1)

    def _checked(self, theta: ArrayLike, inputs: ArrayLike) -> tuple[list[tuple[Array, Array]], Array]:
        at = _checks.numeric_array("theta", theta, f"pass an array of {self.n_parameters} parameters")
        x = _checks.numeric_array("inputs", inputs)
        if at.shape[-1:] != (self.n_parameters,):
            raise ValueError(f"theta has shape {at.shape}, but {self!r} has {self.n_parameters} parameters")
        if x.ndim < 2 or x.shape[-1] != self.n_inputs or x.shape[:-2] != at.shape[:-1]:
            raise ValueError(
                f"inputs has shape {x.shape}, but needs {(*at.shape[:-1], 'n', self.n_inputs)}".replace("'", "")
                + ": a row for each input, for each θ"
            )
        layers, done = [], 0
        for n, m in self.shapes:
            matrix = at[..., done : done + n * m].reshape(*at.shape[:-1], n, m)
            layers.append((matrix, at[..., None, done + n * m : done + (n + 1) * m]))
            done += (n + 1) * m
        return layers, x

    def _activations(self, layers: list[tuple[Array, Array]], x: Array) -> list[Array]:
        """h_0 … h_{L−1} and f."""
        found = [x]
        for number, (matrix, offset) in enumerate(layers):
            found.append(found[-1] @ matrix + offset)
            if number < len(layers) - 1:
                np.tanh(found[-1], out=found[-1])
        return found


@runtime_checkable
class NetworkPolicy(Protocol):
    """What ``train`` asks of a policy over features x of observations, and what one of your own has to give.

    Many θ stand on leading axes: θ (*many, *θ), features (*many, n, n_features), actions (*many, n) of whole numbers or
    (*many, n, n_components).

    Examples
    --------
    >>> isinstance(SoftmaxNetwork(4, 2), NetworkPolicy)
    True
    """

    theta_shape: tuple[int, ...]

    def initial(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw a θ to start from, shape (*θ,)."""

    def sample(self, theta: ArrayLike, features: ArrayLike, rng: np.random.Generator) -> Array:
        """Draw an action for each row of features."""

    def log_probabilities(self, theta: ArrayLike, features: ArrayLike, actions: ArrayLike) -> Array:
        """Return log π_θ(a_i|x_i) of what was done, shape (*many, n); a log-density where actions are numbers."""

    def weighted_score(self, theta: ArrayLike, features: ArrayLike, actions: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_i w_i ∇_θ log π_θ(a_i|x_i), shape (*many, *θ), for weights (*many, n)."""


class SoftmaxNetwork:
    """π_θ(a|x) = softmax of a network's outputs, for finitely many actions.

        log π(a|x) = f_a(x) − log Σ_b exp f_b(x),   ∂ log π(a|x) / ∂f_b = 1[a = b] − π(b|x)

    Parameters
    ----------
    n_features, n_actions : int
    hidden : sequence of int
        The sizes of the network's layers; with () the preferences are linear in x, with a constant.

    Raises
    ------
    TypeError, ValueError
        If a size is no whole number above 0; every method, where shapes do not fit.

    References
    ----------
    Sutton and Barto (2018), section 13.1.

    Examples
    --------
    >>> import numpy as np
    >>> policy = SoftmaxNetwork(n_features=1, n_actions=2)
    >>> theta = np.array([0.0, 2.0, 0.0, 0.0])  # linear: the second preference is 2x
    >>> policy = SoftmaxNetwork(1, 2, hidden=())
    >>> np.exp(policy.log_probabilities(theta, [[0.0], [1.0]], [1, 1])).round(3)
    array([0.5  , 0.881])
    >>> policy.weighted_score(theta, [[0.0], [1.0]], [1, 1], [1.0, 1.0]).round(3)
    array([-0.119,  0.119, -0.619,  0.619])
    """

    def __init__(self, n_features: int, n_actions: int, hidden: Sequence[int] = ()) -> None:
        self.network = MLP(n_features, n_actions, hidden)
        self.theta_shape = (self.network.n_parameters,)

    def __repr__(self) -> str:
        network = self.network
        return f"SoftmaxNetwork({network.n_inputs}, {network.n_outputs}, hidden={network.hidden})"

    def initial(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw a θ under which all actions are nearly equally likely: the last layer is a hundredth of the usual."""
        return self.network.initial(rng, last=0.01)

    def table(self, theta: ArrayLike, features: ArrayLike) -> Array:
        """Return log π_θ(a|x) for every action, shape (*many, n, n_actions)."""
        preferences = self.network.outputs(theta, features)
        shifted = preferences - preferences.real.max(axis=-1, keepdims=True)
        logs: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        return logs

    def sample(self, theta: ArrayLike, features: ArrayLike, rng: np.random.Generator) -> NDArray[np.int64]:
        """Draw an action for each row of features, shape (*many, n)."""
        _checks.require_generator("rng", rng)
        preferences = self.network.outputs(theta, features)
        sums = np.cumsum(np.exp(preferences - preferences.max(axis=-1, keepdims=True)), axis=-1)
        # By inversion; the last sum is not asked, so that rounding cannot lead beyond the last action.
        uniform = sums[..., -1:] * rng.random((*sums.shape[:-1], 1))
        drawn: NDArray[np.int64] = (uniform >= sums[..., :-1]).sum(axis=-1)
        return drawn

    def log_probabilities(self, theta: ArrayLike, features: ArrayLike, actions: ArrayLike) -> Array:
        """Return log π_θ(a_i|x_i), shape (*many, n)."""
        logs = self.table(theta, features)
        taken = self._actions(actions, logs.shape)
        return np.take_along_axis(logs, taken[..., None], axis=-1)[..., 0]

    def weighted_score(self, theta: ArrayLike, features: ArrayLike, actions: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_i w_i ∇_θ log π_θ(a_i|x_i), shape (*many, n_parameters)."""
        probabilities = np.exp(self.table(theta, features))
        taken = self._actions(actions, probabilities.shape)
        w = _weights(weights, taken.shape)[..., None]
        by_preference = -w * probabilities
        np.put_along_axis(
            by_preference, taken[..., None], np.take_along_axis(by_preference, taken[..., None], -1) + w, axis=-1
        )
        return self.network.weighted_gradient(theta, features, by_preference)

    def entropy(self, theta: ArrayLike, features: ArrayLike) -> Array:
        """Return −Σ_a π log π at each row of features, shape (*many, n)."""
        logs = self.table(theta, features)
        return -(np.exp(logs) * logs).sum(axis=-1)

    def _actions(self, actions: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.int64]:
        taken = _checks.whole_numbers("actions", actions, "number actions from 0")
        _checks.require_shape("actions", taken.shape, shape[:-1], "one for each row of features")
        wrong = (taken < 0) | (taken >= shape[-1])
        if wrong.any():
            raise ValueError(f"actions holds {taken[wrong][0]}, but there are {shape[-1]}: number them from 0")
        return taken.astype(np.int64)


class GaussianNetwork:
    """Normal actions whose mean is a network of the features, with independent components and σ of their own.

        a_j = f_j(x) + σ_j ε_j,   ε_j ~ N(0, 1)
        ∂ log π / ∂f_j = z_j / σ_j,   ∂ log π / ∂ log σ_j = z_j² − 1,   z_j = (a_j − f_j(x)) / σ_j

    θ holds the network's parameters and then log σ, the same for all x. Actions are not bounded; ``train`` clips what
    it gives to an environment with bounds, and takes the score of what was drawn.

    Parameters
    ----------
    n_features, n_components : int
    hidden : sequence of int
        The sizes of the network's layers; with () the mean is linear in x, with a constant.
    standard_deviation : float
        σ at the start.

    Raises
    ------
    TypeError, ValueError
        If a size is no whole number above 0, σ is not above 0; every method, where shapes do not fit, or σ is no
        positive float.

    References
    ----------
    Sutton and Barto (2018), section 13.7; Williams (1992).

    Examples
    --------
    >>> import numpy as np
    >>> policy = GaussianNetwork(1, 1, hidden=(), standard_deviation=0.5)
    >>> theta = np.array([2.0, 1.0, np.log(0.5)])  # the mean is 2x + 1
    >>> policy.weighted_score(theta, [[3.0]], [[8.0]], [1.0])
    array([12.,  4.,  3.])
    """

    def __init__(
        self, n_features: int, n_components: int = 1, hidden: Sequence[int] = (), standard_deviation: float = 1.0
    ) -> None:
        self.network = MLP(n_features, n_components, hidden)
        self.standard_deviation = _checks.require_positive("standard_deviation", standard_deviation, "σ at the start")
        self.theta_shape = (self.network.n_parameters + n_components,)

    def __repr__(self) -> str:
        network = self.network
        return (
            f"GaussianNetwork({network.n_inputs}, {network.n_outputs}, hidden={network.hidden}, "
            f"standard_deviation={self.standard_deviation:g})"
        )

    def initial(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw a θ whose mean is near 0: the last layer is a hundredth of the usual."""
        spread = np.full(self.network.n_outputs, np.log(self.standard_deviation))
        return np.concatenate([self.network.initial(rng, last=0.01), spread])

    def mean(self, theta: ArrayLike, features: ArrayLike) -> Array:
        """Return f(x), shape (*many, n, n_components)."""
        return self.network.outputs(self._parts(theta)[0], features)

    def sample(self, theta: ArrayLike, features: ArrayLike, rng: np.random.Generator) -> NDArray[np.float64]:
        """Draw an action for each row of features, shape (*many, n, n_components)."""
        _checks.require_generator("rng", rng)
        weights, deviation = self._parts(theta)
        mean = self.network.outputs(weights, features)
        drawn: NDArray[np.float64] = mean + deviation * rng.standard_normal(mean.shape)
        return drawn

    def log_probabilities(self, theta: ArrayLike, features: ArrayLike, actions: ArrayLike) -> Array:
        """Return the log-density log π_θ(a_i|x_i), shape (*many, n)."""
        z, deviation = self._standardised(theta, features, actions)
        return (-(z**2) / 2 - np.log(deviation) - np.log(2 * np.pi) / 2).sum(axis=-1)

    def weighted_score(self, theta: ArrayLike, features: ArrayLike, actions: ArrayLike, weights: ArrayLike) -> Array:
        """Return Σ_i w_i ∇_θ log π_θ(a_i|x_i), shape (*many, n_parameters + n_components)."""
        z, deviation = self._standardised(theta, features, actions)
        w = _weights(weights, z.shape[:-1])[..., None]
        by_mean = self.network.weighted_gradient(self._parts(theta)[0], features, w * z / deviation)
        return np.concatenate([by_mean, (w * (z**2 - 1)).sum(axis=-2)], axis=-1)

    def entropy(self, theta: ArrayLike, features: ArrayLike) -> Array:
        """Return Σ_j (log σ_j + log(2πe)/2) at each row of features, shape (*many, n)."""
        deviation = self._parts(theta)[1]
        each = (np.log(deviation) + (np.log(2 * np.pi) + 1) / 2).sum(axis=-1)
        return np.broadcast_to(each, np.shape(features)[:-1])

    def _parts(self, theta: ArrayLike) -> tuple[Array, Array]:
        """The network's parameters, and σ with an axis for the rows of features."""
        at = _checks.numeric_array("theta", theta, f"pass an array of shape {self.theta_shape}")
        if at.shape[-1:] != self.theta_shape:
            raise ValueError(f"theta has shape {at.shape}, but {self!r} needs shape {self.theta_shape}")
        n = self.network.n_parameters
        with np.errstate(over="ignore", under="ignore"):
            deviation = np.exp(at[..., None, n:])
        if not ((deviation.real > 0) & np.isfinite(deviation)).all():
            wrong = at[..., n:].real.ravel()
            raise ValueError(
                f"theta has a log σ of {wrong[np.abs(wrong).argmax()]:g}, whose exponential is no positive float: "
                "take a smaller step_size"
            )
        return at[..., :n], deviation

    def _standardised(self, theta: ArrayLike, features: ArrayLike, actions: ArrayLike) -> tuple[Array, Array]:
        weights, deviation = self._parts(theta)
        mean = self.network.outputs(weights, features)
        taken = _checks.real_array("actions", actions)
        _checks.require_shape("actions", taken.shape, mean.shape, "one vector for each row of features")
        return (taken - mean) / deviation, deviation


def _weights(weights: ArrayLike, shape: tuple[int, ...]) -> Array:
    w = _checks.numeric_array("weights", weights)
    _checks.require_shape("weights", w.shape, shape, "one for each row of features")
    return w
