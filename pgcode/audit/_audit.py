"""Is this function an unbiased policy gradient? Exactly, with the name of the mistake."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pgcode import _checks
from pgcode.audit._calls import N_SEEDS, Called, Estimator, NotAnEstimatorError, call_on_all
from pgcode.audit._naming import NEARLY, RIGHT_ESTIMATORS, common_factor, names, plain_function, written
from pgcode.audit._report import Counterexample, Report
from pgcode.audit._worlds import Draw, draws
from pgcode.displays import Table, table
from pgcode.mistakes._pipeline import Batches, run
from pgcode.values import state_values

__all__ = ["assert_unbiased", "audit"]

Array = NDArray[np.float64]


def audit(
    estimator: Estimator,
    *,
    n_trajectories: Sequence[int] = (1, 2, 3),
    entropy: float = 0.0,
    max_seconds: float = 60.0,
) -> Report:
    r"""Tell whether a function is an unbiased estimator of the policy gradient.

    The function is called on every batch that ten small worlds can give, and its mean

        E[ĝ] = Σ_batches P(batch; θ) ĝ(batch)

    is compared with ∇J(θ). Nothing is sampled: what is found is exact, to the precision of the numbers that the
    function returns.

    Parameters
    ----------
    estimator : callable
        ``estimator(batch, theta)`` returns an estimate of ∇J(θ), an array (S, A). ``batch`` is a `Trajectories`, and
        ``theta`` the logits of the softmax policy that acted, shape (S, A). For other forms of data see
        `from_episodes`, `from_buffer`, `from_rollout` and `from_torch_loss`. One that draws random numbers takes
        ``rng`` as a third argument.
    n_trajectories : sequence of int
        The sizes of batches.
    entropy : float
        β. What is estimated is then ∇ of E[Σ_t γᵗ (r_t + β H(π(·|s_t)))], with the entropy H of the policy in each
        state.
    max_seconds : float
        An estimator that would take longer is not audited. A call that takes a quarter of it is stopped where there
        are signals: in the main thread of Linux and macOS. Elsewhere, such as in Windows, in another thread and in the
        browser, a loop that never ends is not.

    Returns
    -------
    Report
        Its ``verdict`` is one of

        - "unbiased": E[ĝ] = ∇J in all worlds.
        - "proportional": E[ĝ] = c ∇J with one c, or a plain function of the number m of episodes, the horizon T and γ.
        - "biased": with the known mistakes that have the same mean, and the smallest counterexample.
        - "not an estimator": it raises, gives the wrong shape or NaN, is random or too slow.

    Raises
    ------
    TypeError, ValueError
        If estimator is no function, or a size is not a positive whole number below 4, or entropy is negative.

    Examples
    --------
    >>> import numpy as np
    >>> from pgcode.audit import audit
    >>> def reinforce(batch, theta):
    ...     pi = np.exp(theta) / np.exp(theta).sum(axis=1, keepdims=True)
    ...     gradient = np.zeros_like(theta)
    ...     for i in range(batch.n_trajectories):
    ...         for t in range(batch.lengths[i]):
    ...             s, a = batch.states[i, t], batch.actions[i, t]
    ...             gradient[s] += batch.returns_from_step[i, t] * ((np.arange(theta.shape[1]) == a) - pi[s])
    ...     return gradient / batch.n_trajectories
    >>> report = audit(reinforce)
    >>> report.verdict, report.mistakes
    ('biased', ('discount of the step left out',))
    """
    if not callable(estimator):
        raise TypeError(f"estimator is {estimator!r}: pass a function of a batch and theta")
    sizes = tuple(dict.fromkeys(n_trajectories))
    for size in sizes:
        _checks.require_count("n_trajectories", size, "episodes of a batch")
        if size > 3:
            raise ValueError(f"n_trajectories holds {size}: batches of up to 3 episodes are enumerated")
    if not sizes:
        raise ValueError("n_trajectories is empty: pass at least one size")
    beta = float(_checks.real_array("entropy", entropy))
    if not 0 <= beta < np.inf:
        raise ValueError(f"entropy is {entropy}: pass β, which is not negative")
    try:
        called = call_on_all(estimator, draws(sizes, beta), max_seconds)
    except NotAnEstimatorError as error:
        return Report("not an estimator", f"This is not an estimator: {error}.")
    return _judged(called)


def assert_unbiased(estimator: Estimator, **options: float | Sequence[int]) -> None:
    """Fail, with the report, unless an estimator is unbiased: for a test of your own.

    Parameters
    ----------
    estimator : callable
        As for `audit`.
    **options
        Passed to `audit`.

    Raises
    ------
    AssertionError
        If the verdict is any other than "unbiased".

    Examples
    --------
    >>> from pgcode import mistakes
    >>> assert_unbiased(mistakes.ESTIMATORS["downhill"])
    Traceback (most recent call last):
    ...
    AssertionError: ∝ proportional
    The mean is −1 times the gradient, in all 10 worlds: a step size in disguise, and downhill.
    Downhill: The gradient has the opposite sign. A loss is lowered and J is raised: the loss is −J.
    Explained in “A1: the update” in the chapter “Gradient ascent and its two obstacles” (book/setting/gradient-ascent).
    """
    report = audit(estimator, **options)  # type: ignore[arg-type]
    if report.verdict != "unbiased":
        raise AssertionError(str(report))


def _judged(called: Called) -> Report:
    worlds = len({draw.world.name for draw in called.draws})
    tolerance = called.tolerance
    if called.averaged:
        return _judged_by_error(called)
    factors = [
        common_factor(mean, draw.gradient, tolerance) for mean, draw in zip(called.means, called.draws, strict=True)
    ]
    known = [factor for factor in factors if factor is not None]
    precision = ", in single precision" if called.single else ""
    if len(known) == len(factors):
        if all(abs(factor - 1) <= 10 * tolerance for factor in known):
            return Report(
                "unbiased",
                f"The mean is the gradient, in all {worlds} worlds{precision}.",
                variances=None if called.draws[0].entropy else _variances(called),
                notes=called.notes,
                calls=called.calls,
            )
        sizes = [(draw.n_trajectories, draw.horizon, draw.world.mdp.discount) for draw in called.draws]
        plain = plain_function(sizes, known, tolerance)
        if plain:
            explained, _ = names(called)
            alone = tuple(found[0] for found, factor in explained if len(found) == 1 and abs(factor - 1) < NEARLY)
            disguise = "a step size in disguise" + (", and downhill" if plain.startswith("−") else "")
            return Report(
                "proportional",
                f"The mean is {plain} times the gradient, in all {worlds} worlds{precision}: {disguise}.",
                mistakes=alone,
                factor=plain,
                notes=called.notes,
                calls=called.calls,
            )
    return _biased(called, worlds, precision)


def _biased(called: Called, worlds: int, precision: str) -> Report:
    if all(np.abs(given).max() < 1e-12 for given in called.estimates):
        return Report(
            "biased",
            "It gives 0 on every batch.",
            mistakes=("ratio held constant", "baseline of state and action"),
            counterexample=_smallest(called),
            notes=called.notes,
            calls=called.calls,
        )
    explained, everywhere = names(called)
    example = _smallest(called)
    if not explained:
        return Report(
            "biased",
            "The mean is not the gradient, and no mistake that is known has this mean.",
            counterexample=example,
            notes=called.notes,
            calls=called.calls,
        )
    first, factor = explained[0]
    together = len(first) > 1
    mistakes = first if together else tuple(found[0] for found, _ in explained)
    left = "" if abs(factor - 1) < NEARLY else written(factor)
    equals = "On every batch it gives" if everywhere else "Its mean is that of"
    two = " together" if together else ""
    quoted = " and ".join(f"“{name}”" for name in mistakes) if together else " or ".join(f"“{n}”" for n in mistakes)
    times = f", times {left}" if left else ""
    what = f"{equals} {'what ' if everywhere else ''}{quoted}{two}{' gives' if everywhere else ''}{times}"
    return Report(
        "biased",
        f"The mean is not the gradient. {what}, in all {worlds} worlds{precision}.",
        mistakes=mistakes,
        together=together,
        factor=left,
        counterexample=example,
        notes=called.notes,
        calls=called.calls,
    )


def _judged_by_error(called: Called) -> Report:
    """The verdict on an estimator that draws random numbers: only its mean over seeds is known."""
    off = max(
        float(np.abs(mean - draw.gradient).max() / np.abs(draw.gradient).max())
        for mean, draw in zip(called.means, called.draws, strict=True)
    )
    bound = 5 / np.sqrt(N_SEEDS)
    if off <= bound:
        reason = f"The mean over {N_SEEDS} seeds is the gradient up to {off:.2g} of its size: an estimate, not a proof."
        return Report("unbiased", reason, notes=called.notes, calls=called.calls)
    reason = f"The mean over {N_SEEDS} seeds is off by {off:.2g} of the gradient's size."
    return Report("biased", reason, counterexample=_smallest(called, bound), notes=called.notes, calls=called.calls)


def _smallest(called: Called, tolerance: float | None = None) -> Counterexample | None:
    """The draw with the fewest batches on which the mean is not the gradient."""
    allowed = called.tolerance if tolerance is None else tolerance
    for draw, given, mean in zip(called.draws, called.estimates, called.means, strict=True):
        gradient = draw.gradient
        if np.abs(mean - gradient).max() > 10 * allowed * np.abs(gradient).max():
            return Counterexample(draw.world.name, draw.n_trajectories, mean, gradient, draw, given)
    return None


def _variances(called: Called) -> Table:
    """The exact variance of an unbiased estimator beside those of known ones, in each world."""
    biggest = {draw.world.name: (draw, given) for draw, given in zip(called.draws, called.estimates, strict=True)}
    rows = list(biggest.values())
    columns = {
        "world": [draw.world.name for draw, _ in rows],
        r"\(m\)": [draw.n_trajectories for draw, _ in rows],
        "yours": [draw.variance(given) for draw, given in rows],
    }
    for name in ("whole return", "reward-to-go", "reward-to-go, leave-one-out"):
        columns[name] = [draw.variance(run(draw.batches, RIGHT_ESTIMATORS[name])) for draw, _ in rows]
    columns[r"reward-to-go less \(V\)"] = [
        draw.variance(run(draw.batches, {"baseline": _less_values(draw)})) for draw, _ in rows
    ]
    return table(columns, digits=4, caption=r"The variance \(\operatorname{tr}\operatorname{Cov}\hat{g}\), exactly.")


def _less_values(draw: Draw):  # type: ignore[no-untyped-def]
    world = draw.world
    values = np.asarray(state_values(world.mdp, world.policy, world.theta))

    def subtracted(batches: Batches, weights: Array) -> Array:
        steps = np.arange(weights.shape[-1])
        return np.asarray(weights - batches.powers * values[steps, batches.states[..., :-1]])

    return subtracted
