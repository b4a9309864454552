"""Real code plugs in as it is: other forms of data, and losses of PyTorch and JAX."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import _checks
from pgcode.audit._calls import Estimator
from pgcode.mistakes._pipeline import log_softmax
from pgcode.trajectories import Trajectories

__all__ = [
    "LossBatch",
    "StepArrays",
    "from_buffer",
    "from_episodes",
    "from_jax_loss",
    "from_numpy_loss",
    "from_rollout",
    "from_torch_loss",
]

Array = NDArray[np.float64]


@dataclass(frozen=True)
class StepArrays:
    """Steps as arrays, as rollout buffers hold them; each of ``from_buffer`` and ``from_rollout`` says in which shape.

    Where there is padding, after the end of an episode, it holds numbers that do no harm: the reward 0, the action 0,
    the last state and no flags. So ``x * mask``, ``x[mask]`` and ``np.where(mask, x, 0)`` are the same here. In a
    buffer of your own padding may hold nan, which a product with 0 does not remove.

    Attributes
    ----------
    states, actions : array of int
    rewards : array
    next_states : array of int
        Where each step led to.
    terminated, truncated : array of bool
        Whether the step ended its episode, or cut it. In an audit of estimators only the horizon cuts: an episode that
        lasts so long is handed in with either flag, and J is the same.
    mask : array of bool
        Which rows are decisions; the rest is padding.
    times, episodes : array of int
        The time t of each step in its episode, and the number of the episode.
    discount : float
        γ.

    Examples
    --------
    >>> from pgcode.audit import audit, from_rollout
    >>> shapes = set()
    >>> _ = audit(from_rollout(lambda steps, theta: shapes.add(steps.mask.shape) or theta))
    >>> (4, 2) in shapes  # four steps, two episodes
    True
    """

    states: NDArray[np.intp]
    actions: NDArray[np.intp]
    rewards: Array
    next_states: NDArray[np.intp]
    terminated: NDArray[np.bool_]
    truncated: NDArray[np.bool_]
    mask: NDArray[np.bool_]
    times: NDArray[np.intp]
    episodes: NDArray[np.intp]
    discount: float

    @property
    def done(self) -> NDArray[np.bool_]:
        """Whether the step was the last of its episode, because it ended or because it was cut."""
        return np.asarray(self.terminated | self.truncated)


def _steps(batch: Trajectories, episodes: NDArray[np.intp], times: NDArray[np.intp]) -> StepArrays:
    """The steps of a batch at some places, as arrays of their shape."""
    last, cut = times == batch.lengths[episodes] - 1, batch.cut[episodes]
    return StepArrays(
        batch.states[episodes, times].astype(np.intp),
        batch.actions[episodes, times].astype(np.intp),
        batch.rewards[episodes, times],
        batch.states[episodes, times + 1].astype(np.intp),
        last & ~cut,
        last & cut,
        batch.active[episodes, times],
        times,
        episodes,
        batch.discount,
    )


def _rows(batch: Trajectories) -> StepArrays:
    """The decisions of a batch as arrays (N,), one episode after the other."""
    return _steps(batch, *batch.active.nonzero())


def _padded(batch: Trajectories) -> StepArrays:
    """A batch as arrays (m, T)."""
    return _steps(batch, *np.indices(batch.actions.shape))


def _arranged(rollout: StepArrays, arrange: Callable[[NDArray[Any]], NDArray[Any]]) -> StepArrays:
    arrays: dict[str, Any] = {name: arrange(value) for name, value in vars(rollout).items() if name != "discount"}
    return StepArrays(**arrays, discount=rollout.discount)


def from_episodes(function: Callable[..., Any]) -> Estimator:
    """Audit a function of a list of episodes.

    Parameters
    ----------
    function : callable
        ``function(episodes, theta)``: each episode is a dictionary with the lists ``states`` (one more than actions),
        ``actions`` and ``rewards``, with ``terminated`` and ``discount``.

    Returns
    -------
    callable
        An estimator for `audit`.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode.audit import audit, from_episodes
    >>> def estimate(episodes, theta):
    ...     pi = np.exp(theta) / np.exp(theta).sum(axis=1, keepdims=True)
    ...     total = np.zeros_like(theta)
    ...     for episode in episodes:
    ...         gain = sum(episode["discount"] ** t * r for t, r in enumerate(episode["rewards"]))
    ...         for s, a in zip(episode["states"], episode["actions"]):
    ...             total[s] += gain * ((np.arange(len(pi[s])) == a) - pi[s])
    ...     return total / len(episodes)
    >>> audit(from_episodes(estimate)).verdict
    'unbiased'
    """

    @wraps(_callable("function", function))
    def estimator(batch: Trajectories, theta: Array, **options: Any) -> Any:
        episodes = [
            {
                "states": batch.states[i, : length + 1].tolist(),
                "actions": batch.actions[i, :length].tolist(),
                "rewards": batch.rewards[i, :length].tolist(),
                "terminated": not batch.cut[i],
                "discount": batch.discount,
            }
            for i, length in enumerate(batch.lengths.tolist())
        ]
        return function(episodes, theta, **options)

    return estimator


def from_buffer(function: Callable[..., Any]) -> Estimator:
    """Audit a function of a flat buffer, one row a step, episodes one after the other.

    Parameters
    ----------
    function : callable
        ``function(buffer, theta)`` with a `StepArrays` of arrays (N,), N steps in all; every row is a decision.

    Returns
    -------
    callable
        An estimator for `audit`.

    Examples
    --------
    >>> from pgcode.audit import audit, from_buffer
    >>> audit(from_buffer(lambda buffer, theta: theta * buffer.rewards.sum())).verdict
    'biased'
    """

    @wraps(_callable("function", function))
    def estimator(batch: Trajectories, theta: Array, **options: Any) -> Any:
        return function(_rows(batch), theta, **options)

    return estimator


def from_rollout(function: Callable[..., Any], *, several: bool = False) -> Estimator:
    """Audit a function of rollout arrays (T, N): time first, one column for each of N environments.

    Parameters
    ----------
    function : callable
        ``function(steps, theta)`` with a `StepArrays` of arrays (T, N).
    several : bool
        False: a column holds one episode, and there are as many columns as episodes. True: one column holds all
        episodes, one after the other, as an environment fills it that begins anew after each end; what runs over an
        end is then found. What follows the last end is padding, where ``mask`` is False. With one in each column a
        report has a note where the same function is wrong with several.

    Returns
    -------
    callable
        An estimator for `audit`.

    Examples
    --------
    >>> from pgcode.audit import audit, from_rollout
    >>> audit(from_rollout(lambda steps, theta: theta[0])).verdict
    'not an estimator'
    """

    @wraps(_callable("function", function))
    def estimator(batch: Trajectories, theta: Array, **options: Any) -> Any:
        padded = _padded(batch)
        order = np.argsort(~padded.mask.ravel(), kind="stable")  # decisions, then padding
        arrange = (lambda array: array.ravel()[order][:, None]) if several else np.transpose
        return function(_arranged(padded, arrange), theta, **options)

    if not several:
        estimator.as_one_column = from_rollout(function, several=True)  # type: ignore[attr-defined]
    return estimator


def _callable(name: str, given: Any) -> Any:
    """Require a function, here where it is handed in: an audit would say that the estimator is none."""
    if not callable(given):
        raise TypeError(f"{name} is {given!r}: pass a function")
    return given


@dataclass(frozen=True)
class LossBatch:
    """What a loss is given: the arrays of a rollout buffer as tensors (m, T), one row an episode.

    What follows the end of an episode is padding: the reward 0, the action 0, the last state with its logits, times
    that go on, and no flags, nothing that is not finite. So ``x * mask``, ``x[mask]``, ``x.masked_fill(~mask, 0)`` and
    ``where(mask, x, 0)`` are the same, and so are their gradients. Flags are of type bool: where PyTorch refuses
    ``1 - mask``, write ``~mask`` or ``1 - mask.to(x)``.

    Attributes
    ----------
    logits : tensor, shape (m, T, A)
        Of the state of each decision: what a network would give. The gradient flows through them, and through nothing
        else here.
    actions : tensor of int, shape (m, T)
    rewards : tensor, shape (m, T)
    terminated, truncated, mask : tensor of bool, shape (m, T)
        Whether the step ended its episode, cut it, and was a decision.
    returns : tensor, shape (m,)
        R(τ) = Σ_t γᵗ r_t.
    returns_from_step : tensor, shape (m, T)
        G_t = Σ_{k≥t} γ^{k−t} r_k.
    discount : float
        γ.
    states, next_states : tensor of int, shape (m, T)
        The states themselves, for a critic that is a table: ``values[batch.states]``.
    times : tensor of int, shape (m, T)
        t, for a baseline of each time: ``baseline[batch.times]``.
    powers : tensor, shape (m, T)
        γᵗ, in the precision of the loss. In PyTorch ``batch.discount**batch.times`` is in single precision.
    lengths : tensor of int, shape (m,)
        How many decisions each episode has.
    old_log_probabilities : tensor, shape (m, T)
        log π(a_t|s_t) from when the batch was drawn, a constant: with it ``exp(log_pi - old)`` is the ratio of PPO. An
        audit looks at the first step of an update, where each ratio is 1.

    Examples
    --------
    >>> def loss(batch):  # takes a LossBatch
    ...     log_pi = batch.logits.log_softmax(-1).gather(-1, batch.actions[..., None])[..., 0]
    ...     ratios = (log_pi - batch.old_log_probabilities).exp()
    ...     return -(batch.mask * batch.powers * batch.returns_from_step * ratios).sum(1).mean()
    """

    logits: Any
    actions: Any
    rewards: Any
    terminated: Any
    truncated: Any
    mask: Any
    returns: Any
    returns_from_step: Any
    discount: float
    states: Any
    next_states: Any
    times: Any
    powers: Any
    lengths: Any
    old_log_probabilities: Any

    @property
    def done(self) -> Any:
        """Whether the step was the last of its episode, because it ended or because it was cut."""
        return self.terminated | self.truncated


def _constants(batch: Trajectories, theta: Array) -> dict[str, NDArray[Any]]:
    """What a loss is given beside γ and the logits, as arrays."""
    padded = _padded(batch)
    return {
        "actions": padded.actions,
        "rewards": padded.rewards,
        "terminated": padded.terminated,
        "truncated": padded.truncated,
        "mask": padded.mask,
        "returns": batch.returns,
        "returns_from_step": batch.returns_from_step,
        "states": padded.states,
        "next_states": padded.next_states,
        "times": padded.times,
        "powers": batch.discount**padded.times,
        "lengths": batch.lengths,
        "old_log_probabilities": log_softmax(theta)[padded.states, padded.actions],
    }


def from_torch_loss(loss: Callable[..., Any], *, dtype: str = "float64") -> Estimator:
    """Audit a loss of PyTorch: the estimate is −∇ loss, because a loss is lowered and J is raised.

    Parameters
    ----------
    loss : callable
        ``loss(batch)`` with a `LossBatch` of tensors returns a scalar tensor.
    dtype : {"float64", "float32"}
        In which precision it is computed.

    Returns
    -------
    callable
        An estimator for `audit`.

    Raises
    ------
    ImportError
        Where PyTorch is missing.
    TypeError, ValueError
        If loss is no function, or dtype is another one. The estimator raises ``TypeError`` where the loss gives no
        tensor, not one number, or one that does not depend on the logits.

    Examples
    --------
    >>> def loss(batch):
    ...     log_pi = batch.logits.log_softmax(-1).gather(-1, batch.actions[..., None])[..., 0]
    ...     return -(batch.mask * batch.powers * batch.returns_from_step * log_pi).sum(1).mean()
    >>> estimator = from_torch_loss(loss)  # doctest: +SKIP
    """
    torch = _checks.optional_import("torch", "to audit a loss of PyTorch", extra=False)
    if not isinstance(dtype, str):
        raise TypeError(f"dtype is {dtype!r}: pass 'float64' or 'float32'")
    if dtype not in ("float64", "float32"):
        raise ValueError(f"dtype is {dtype!r}: pass 'float64' or 'float32'")
    kind = getattr(torch, dtype)

    @wraps(_callable("loss", loss))
    def estimator(batch: Trajectories, theta: Array, **options: Any) -> Any:
        parameters = torch.tensor(theta, dtype=kind, requires_grad=True)
        constants = {
            name: torch.tensor(array, dtype=kind if array.dtype.kind == "f" else None)
            for name, array in _constants(batch, theta).items()
        }
        value = loss(
            LossBatch(logits=parameters[constants["states"]], discount=batch.discount, **constants),
            **options,
        )
        if not isinstance(value, torch.Tensor):
            raise TypeError(_no_number_of("PyTorch", value, "return the tensor itself, without .item() or float()"))
        _require_one_number(value)
        if not value.requires_grad:
            raise TypeError(
                "the loss does not depend on the logits, so it has no gradient: is log π detached or computed in "
                "torch.no_grad(), or is a new tensor made of its numbers? Detach the weight alone"
            )
        (gradient,) = torch.autograd.grad(value, parameters, allow_unused=True)
        return np.zeros_like(theta) if gradient is None else -gradient.detach().numpy()

    return estimator


def _no_number_of(framework: str, value: Any, instead: str) -> str:
    """What is said of a loss that gives nothing that can be differentiated."""
    if value is None:
        return "the loss gave None: did you forget to return?"
    if isinstance(value, (bool, int, float, np.number, np.ndarray)):
        shown = f"{value!r}" if np.ndim(value) == 0 else f"an array of NumPy, {np.shape(value)}"
        return f"the loss gave {shown}, which remembers nothing of the logits, so it has no gradient: {instead}"
    return f"the loss gave a {type(value).__name__}, not one number of {framework}: {instead}"


def _require_one_number(value: Any) -> None:
    """Require a loss without axes, also where a batch has one episode."""
    if value.shape != ():
        raise TypeError(
            f"the loss gave shape {tuple(value.shape)}, not one number: sum over the steps and take the mean over the "
            "episodes"
        )


#: How far the complex step goes into the imaginary.
_STEP = 1e-30


def from_numpy_loss(loss: Callable[..., Any]) -> Estimator:
    """Audit a loss that is written in NumPy: the estimate is −∇ loss, because a loss is lowered and J is raised.

    The loss is differentiated by the complex step, so θ is complex in it. ``.real`` is here what ``detach`` or
    ``stop_gradient`` is elsewhere, and ``abs`` drops the slope as well: write ``np.sqrt(x**2)``.

    Parameters
    ----------
    loss : callable
        ``loss(theta, buffer)`` with the logits and a `StepArrays` of arrays (N,), N steps in all, episodes one after
        the other, returns a number.

    Returns
    -------
    callable
        An estimator for `audit`. It raises ``TypeError`` where the loss is not one number, or writes into an array of
        real numbers what depends on θ.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode.audit import audit, from_numpy_loss
    >>> def loss(theta, b):
    ...     log_pi = (theta - np.log(np.exp(theta).sum(axis=1, keepdims=True)))[b.states, b.actions]
    ...     gains = b.rewards.copy()
    ...     for i in reversed(range(len(gains) - 1)):
    ...         gains[i] += b.discount * gains[i + 1] * (1 - b.done[i])
    ...     return -(b.discount**b.times * gains * log_pi).sum() / b.done.sum()
    >>> audit(from_numpy_loss(loss)).verdict
    'unbiased'
    """

    def slope(buffer: StepArrays, theta: Array, **options: Any) -> Array:
        gradient = np.empty(theta.shape)
        with warnings.catch_warnings():
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            for index in np.ndindex(theta.shape):
                shifted = theta.astype(complex)
                shifted[index] += 1j * _STEP
                try:
                    value = loss(shifted, buffer, **options)
                except np.exceptions.ComplexWarning as error:
                    raise TypeError(
                        "loss writes a complex number into a real array, which drops its slope: make the array with "
                        "dtype=complex, or take .real where it is meant to be held constant"
                    ) from error
                if np.shape(value) != ():
                    raise TypeError(f"loss gave shape {np.shape(value)}, not one number: sum it")
                gradient[index] = np.imag(value) / _STEP
        return -gradient

    return wraps(_callable("loss", loss))(from_buffer(slope))


def from_jax_loss(loss: Callable[..., Any], *, jit: bool = False) -> Estimator:
    """Audit a loss of JAX: the estimate is −∇ loss, in the precision that JAX is set to.

    Parameters
    ----------
    loss : callable
        ``loss(batch)`` with a `LossBatch` of JAX's arrays returns a scalar.
    jit : bool
        Compile it, once for each shape that a batch can have. That is several times as fast, and takes a loss that
        looks at no value: ``where(mask, x, 0)`` and not ``x[mask]``, no ``if`` on what is in the batch. What a compiled
        loss draws from a generator of NumPy is drawn once, so random numbers go unnoticed.

    Returns
    -------
    callable
        An estimator for `audit`.

    Raises
    ------
    ImportError
        Where JAX is missing.
    TypeError
        If loss is no function. The estimator raises it where the loss gives something else than one number of JAX.

    Examples
    --------
    >>> def loss(batch):
    ...     logs = jax.nn.log_softmax(batch.logits)
    ...     log_pi = jax.numpy.take_along_axis(logs, batch.actions[..., None], axis=-1)[..., 0]
    ...     return -(batch.mask * batch.powers * batch.returns_from_step * log_pi).sum(1).mean()
    >>> estimator = from_jax_loss(loss)  # doctest: +SKIP
    """
    jax = _checks.optional_import("jax", "to audit a loss of JAX", extra=False)

    def of(parameters: Any, constants: dict[str, Any], discount: float, **options: Any) -> Any:
        logits = parameters[constants["states"]]
        value = loss(LossBatch(logits=logits, discount=discount, **constants), **options)
        if isinstance(value, (int, float)) and value == 0:  # a loss may say that there is nothing to learn from
            return jax.numpy.zeros(())
        if not isinstance(value, jax.Array):
            raise TypeError(_no_number_of("JAX", value, "return JAX's own number, without .item() or float()"))
        _require_one_number(value)
        if not jax.numpy.issubdtype(value.dtype, jax.numpy.floating):
            raise TypeError(
                f"the loss is of type {value.dtype}, which has no gradient: leave out what rounds or compares it"
            )
        return value

    compiled = jax.jit(jax.grad(of), static_argnums=2)

    @wraps(_callable("loss", loss))
    def estimator(batch: Trajectories, theta: Array, **options: Any) -> Any:
        constants = {name: jax.numpy.asarray(array) for name, array in _constants(batch, theta).items()}
        parameters = jax.numpy.asarray(theta)
        if options or not jit:
            try:
                return -np.asarray(jax.grad(of)(parameters, constants, batch.discount, **options))
            except jax.errors.JAXTypeError as error:
                raise TypeError(
                    "the loss makes a number of Python or an array of NumPy of what depends on the logits, as .item(), "
                    "float() and np.asarray do, and JAX cannot differentiate that: keep it in JAX, and hold it "
                    f"constant with jax.lax.stop_gradient. {str(error).splitlines()[0]}"
                ) from error
        try:
            return -np.asarray(compiled(parameters, constants, batch.discount))
        except jax.errors.JAXTypeError as error:
            raise TypeError(f"the loss cannot be compiled: pass jit=False. {str(error).splitlines()[0]}") from error

    return estimator
