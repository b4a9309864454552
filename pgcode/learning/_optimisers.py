"""How an estimate of the gradient becomes a step: as it is, or scaled by its recent size as Adam does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pgcode import _checks

__all__ = ["SGD", "Adam", "Optimiser", "optimiser"]

Floats = NDArray[np.float64]
#: What an optimiser remembers from step to step: arrays, or nothing.
Memory = tuple[Any, ...]


class Optimiser(Protocol):
    """What turns gradients into steps uphill."""

    def start(self, theta: Floats) -> Memory:
        """Return what is remembered before the first step, for θ of all runs, shape (n_runs, *θ)."""

    def change(self, gradient: Floats, memory: Memory) -> tuple[Floats, Memory]:
        """Return what is added to θ, and what is remembered."""


@dataclass(frozen=True, eq=False)
class SGD:
    """Plain steps: θ ← θ + α g. Where g is a sample, this is stochastic gradient ascent.

    Parameters
    ----------
    step_size : float or array, shape (n_runs,)
        α, one for all runs or one for each.

    Raises
    ------
    TypeError, ValueError
        If the step size is no finite number, nor a list of them.

    Examples
    --------
    >>> import numpy as np
    >>> steps = SGD(0.1)
    >>> change, memory = steps.change(np.array([[2.0, 0.0]]), steps.start(np.zeros((1, 2))))
    >>> change
    array([[0.2, 0. ]])
    """

    step_size: ArrayLike

    def __post_init__(self) -> None:
        object.__setattr__(self, "step_size", _step_size(self.step_size))

    def __repr__(self) -> str:
        return f"SGD({_shown(self.step_size)})"

    def start(self, theta: Floats) -> Memory:
        """Nothing is remembered; but there must be as many step sizes as runs, or one."""
        _of_each_run(self.step_size, theta)
        return ()

    def change(self, gradient: Floats, memory: Memory) -> tuple[Floats, Memory]:
        """Return α g."""
        with np.errstate(over="ignore", invalid="ignore"):
            return _of_each_run(self.step_size, gradient) * gradient, memory


@dataclass(frozen=True, eq=False)
class Adam:
    """Steps whose size hardly depends on that of the gradient, for each parameter by itself.

        m ← β₁ m + (1 − β₁) g,   v ← β₂ v + (1 − β₂) g²
        θ ← θ + α m̂ / (√v̂ + ε),   m̂ = m / (1 − β₁ᵏ),   v̂ = v / (1 − β₂ᵏ)

    in step k = 1, 2, …, with m = v = 0 at first; m̂ and v̂ undo the pull of that start. The steps go uphill, while the
    source goes downhill.

    Parameters
    ----------
    step_size : float or array, shape (n_runs,)
        α, one for all runs or one for each. A step is hardly ever longer than α in any parameter.
    beta_1, beta_2 : float
        β₁, β₂, in [0, 1): how slowly the mean of g and of g² forget.
    epsilon : float
        ε, in the unit of the gradient.

    Raises
    ------
    TypeError, ValueError
        If a number is out of its range.

    References
    ----------
    Kingma and Ba (2015), algorithm 1.

    Examples
    --------
    The first step has the length α, whatever the gradient:

    >>> import numpy as np
    >>> steps = Adam(0.1)
    >>> change, memory = steps.change(np.array([[200.0, -0.03]]), steps.start(np.zeros((1, 2))))
    >>> change.round(6)
    array([[ 0.1, -0.1]])
    """

    step_size: ArrayLike
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        object.__setattr__(self, "step_size", _step_size(self.step_size))
        for name in ("beta_1", "beta_2"):
            if _checks.require_fraction(name, getattr(self, name), "how slowly it forgets") == 1:
                raise ValueError(f"{name} is 1, and nothing would ever be learnt: take a number below 1")
        _checks.require_positive("epsilon", self.epsilon, "which keeps from a division by 0")

    def __repr__(self) -> str:
        others = f"beta_1={self.beta_1:g}, beta_2={self.beta_2:g}, epsilon={self.epsilon:g}"
        return f"Adam({_shown(self.step_size)}, {others})"

    def start(self, theta: Floats) -> Memory:
        """The number of steps, m and v."""
        _of_each_run(self.step_size, theta)
        return 0, np.zeros_like(theta), np.zeros_like(theta)

    def change(self, gradient: Floats, memory: Memory) -> tuple[Floats, Memory]:
        """Return α m̂ / (√v̂ + ε), and the new k, m and v."""
        k, m, v = memory
        k, m = k + 1, self.beta_1 * m + (1 - self.beta_1) * gradient
        with np.errstate(over="ignore"):
            v = self.beta_2 * v + (1 - self.beta_2) * gradient**2
            v_hat = v / (1 - self.beta_2**k)
        m_hat = m / (1 - self.beta_1**k)
        return _of_each_run(self.step_size, gradient) * m_hat / (np.sqrt(v_hat) + self.epsilon), (k, m, v)


def _shown(step_size: Any) -> str:
    return f"{step_size:g}" if step_size.ndim == 0 else f"{step_size.tolist()}"


def carried_on(rule: Optimiser, theta: Floats, memory: Memory) -> Memory:
    """Return what an earlier curve remembers of its steps, if this optimiser can go on from it."""
    if len(memory) != len(rule.start(theta)):
        raise ValueError(f"the curve to go on from was not made with {type(rule).__name__}: give the same step_size")
    return memory


def optimiser(name: str, given: Any) -> Optimiser:
    """What was given as a step size: an optimiser, or a number or one for each run, with plain steps."""
    if callable(getattr(given, "start", None)) and callable(getattr(given, "change", None)):
        if isinstance(given, type):
            raise TypeError(f"{name} is the class {given.__name__}: pass {given.__name__}(0.01), with its step size")
        return given
    if given is None or isinstance(given, (str, dict)):
        raise TypeError(f"{name} is {given!r}: pass a number, one for each run, or an optimiser, such as Adam(0.01)")
    return SGD(given)


def _step_size(value: ArrayLike) -> Floats:
    sizes = _checks.step_sizes("step_size", value, "one number, or one for each run", n_axes=1)
    sizes.setflags(write=False)
    return sizes


def _of_each_run(step_size: Any, theta: Floats) -> Floats:
    """α with axes of θ behind that of the runs."""
    if step_size.ndim and len(step_size) != len(theta):
        raise ValueError(
            f"step_size has shape {step_size.shape}: pass one number, or {len(theta)} of them, one for each run"
        )
    alpha: Floats = step_size.reshape(-1, *(1,) * (theta.ndim - 1))
    return alpha
