"""Is this function an unbiased policy gradient? Exactly, with the name of the mistake."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pgcode import _checks
from pgcode._chapters import AUDIT
from pgcode._time_limit import TimeLimitReachedError, call_within
from pgcode.audit._calls import (
    LONGEST_CALL,
    SHARP,
    Called,
    Estimator,
    NotAnEstimatorError,
    call_on_all,
    ended,
    require_weight,
    vanishes,
)
from pgcode.audit._constants import Solved, with_a_constant, with_its_own_discount
from pgcode.audit._first_checks import first_checks
from pgcode.audit._naming import NEARLY, RIGHT_ESTIMATORS, common_factor, names, nearly, plain_function, written
from pgcode.audit._needless import less_values, needless
from pgcode.audit._objectives import AnotherObjective, another_objective, beside_an_entropy
from pgcode.audit._of_episodes import with_the_returns_of_episodes
from pgcode.audit._recipes import Found, Recipe, recipe_of
from pgcode.audit._report import Counterexample, Report
from pgcode.audit._worlds import Draw, draws
from pgcode.displays import Table, table

__all__ = ["assert_unbiased", "audit"]

Array = NDArray[np.float64]

#: A mean that is this close to the gradient is the gradient, as a share of its largest entry …
EXACT = 1e-9
#: … and it is so in single precision, which has about seven digits, if it is as close as this.
SINGLE = 1e-5


def audit(
    estimator: Estimator,
    *,
    n_trajectories: int | Sequence[int] = (1, 2, 3),
    entropy: float = 0.0,
    look_alikes: bool = True,
    max_seconds: float = 60.0,
) -> Report:
    r"""Tell whether a function is an unbiased estimator of the policy gradient.

    The function is called on every batch that a battery of small worlds can give, and its mean

        E[ĝ] = Σ_batches P(batch; θ) ĝ(batch)

    is compared with ∇J(θ). Nothing is sampled: what is found is exact, to the precision of the numbers that the
    function computes with. Where all that it gives are numbers of single precision, the mean may differ from the
    gradient by up to 1e-5 of its size, and the report says by how much; elsewhere by 1e-9.

    A function that draws random numbers, from the generator ``rng``, is called with many seeds on the smaller draws,
    so that five standard errors of its mean are at most 2 % of the gradient's length. Where they stay above, in the
    time that there is, the verdict is "undecided". Its mean is known only so well, so no factor and no name is looked
    up for it: what is c ∇J is told as "biased", with how far it is off.

    **What it does not see.** Worlds have at most 7 steps, 5 states and 4 actions, those with many walks at most 4
    steps, 3 states and 3 actions; batches have at most 3 episodes, and 3 only in five worlds of at most 3 steps;
    rewards lie between −200 and 200, logits between −5 and 5. What happens only beyond, such as a reward clipped at
    1000, a bootstrap after 10 steps, or standardising from 4 episodes on, is not found. Only softmax policies of a
    table are looked at, and one batch at a time: what an optimizer does with the estimate, or a network with the
    state, is not.

    **States that look alike.** In one of the worlds two states are seen as one, as in a process that is observed in
    part: they share a row of θ, and a batch holds what is seen. ∇J is that of this policy. Sums of rewards are right
    there as well. A value that is kept for what is seen may be subtracted, but put in the place of what comes later it
    is wrong, be it as exact as it can be. For an estimator that draws random numbers this world is left out.

    **Ends and cuts.** J has T steps, and an episode that lasts to the horizon ends there. It is handed in twice: with
    the flag of an end, and with that of a cut, as by a time limit that is part of the task. The gradient is the same,
    and so should the mean be. A cut after which the task would go on, where a bootstrap with V is right, has another J:
    that one is for `audit_advantages`. For an estimator that draws random numbers flags are not changed.

    Parameters
    ----------
    estimator : callable
        ``estimator(batch, theta)`` returns an estimate of ∇J(θ), an array (S, A). ``batch`` is a `Trajectories`, and
        ``theta`` the logits of the softmax policy that acted, shape (S, A). For other forms of data see
        `from_episodes`, `from_buffer`, `from_rollout` and `from_torch_loss`. One that draws random numbers takes
        ``rng`` as a third argument, and one whose critic knows the process takes ``mdp``, the `TabularMDP` from which
        the batch is. Where states look alike it is the process of what is seen, with the averages that a table learns
        from endless data.
    n_trajectories : int or sequence of int
        The sizes of batches, or one of them.
    entropy : float
        β. What is estimated is then ∇ of E[Σ_t γᵗ (r_t + β H(π(·|s_t)))], with the entropy H of the policy in each
        state.
    look_alikes : bool
        Whether the world in which two states look alike is among them. Leave it out with False where your policy sees
        the whole state.
    max_seconds : float
        An estimator that would take longer is not audited. A call that takes a quarter of it is stopped where there
        are signals: in the main thread of Linux and macOS. Elsewhere, such as in Windows, in another thread and in the
        browser, a loop that never ends is not.

    Returns
    -------
    Report
        Its ``verdict`` is one of

        - "unbiased": E[ĝ] = ∇J in all worlds.
        - "proportional": E[ĝ] = c ∇J with one c, or a plain function of the number m of episodes, the horizon T, γ, or
          the shape (S, A) of θ. One that draws random numbers is never told to be so.
        - "biased": with the known mistakes that have the same mean, and the smallest counterexample. Where three
          things or more are done together, as in a usual loss of PPO or A2C, each is named, with what it does alone.
        - "undecided": it draws random numbers, and they leave its mean too uncertain.
        - "not an estimator": it raises, gives the wrong shape or NaN, is random or too slow.

    Raises
    ------
    TypeError, ValueError
        If estimator is no function, a size is not a positive whole number below 4, entropy is negative, look_alikes
        is neither True nor False, or max_seconds is not a finite number above 0.

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
    sizes = _sizes(n_trajectories)
    beta = require_weight("entropy", entropy)
    if not isinstance(look_alikes, (bool, np.bool_)):
        raise TypeError(f"look_alikes is {look_alikes!r}: pass True or False")
    seconds = _checks.require_positive("max_seconds", max_seconds, "the seconds that an audit may take")
    try:
        called = call_on_all(estimator, draws(sizes, beta, bool(look_alikes)), seconds)
    except NotAnEstimatorError as error:
        told = ended(error)
        return Report("not an estimator", f"{told[0].upper()}{told[1:]}", calls=error.calls)
    report = _by_flags(_judged(called), called)
    exactly = called.errors is None and called.precision.itemsize > 2 and not beta
    if report.verdict == "biased" and not report.mistakes and exactly and "natural gradient" not in report.reason:
        return replace(report, notes=(*report.notes, *_unusual(estimator, seconds * LONGEST_CALL)))
    if report.verdict not in ("unbiased", "proportional"):
        return report
    notes = [_ONE_EPISODE] if sizes == (1,) else []
    one_column = getattr(estimator, "as_one_column", None)
    if one_column is not None and max(sizes) > 1:
        other = audit(
            one_column, n_trajectories=sizes, entropy=entropy, look_alikes=look_alikes, max_seconds=max_seconds
        )
        notes += [_within_a_column(other)] if other.verdict != report.verdict else []
    return replace(report, notes=(*report.notes, *notes))


#: What batches of one episode cannot tell.
_ONE_EPISODE = "With one episode a batch a sum over episodes and their mean are the same: audit larger ones too."


#: How a note on rollouts begins.
_ONE_COLUMN = "Each column held one episode."


def _within_a_column(other: Report) -> str:
    """What is said of a function of rollouts that is right with one episode a column, and not with several."""
    named = f", {' and '.join(other.mistakes)}" if other.mistakes else ""
    return (
        f"{_ONE_COLUMN} With several in a column, one after the other, it is {other.verdict}{named}. "
        "If your environments begin anew within a rollout, that is the verdict on it: "
        "from_rollout(function, several=True) shows it."
    )


def _by_flags(report: Report, called: Called) -> Report:
    """The report, with what it changes that an end at the horizon is flagged as a cut."""
    wrong = []
    for number, flagged, given in called.flagged:
        mean, size = flagged.mean(given), float(np.abs(flagged.gradient).max())
        if np.abs(mean - called.means[number]).max() > closeness(called) * size:
            wrong.append((flagged, given, mean))
    if not wrong:
        return report
    flagged, given, mean = wrong[0]
    world = f"{flagged.world.name}, cut at the horizon"
    if report.verdict not in ("unbiased", "proportional"):
        note = f"It gives something else where an end at the horizon is flagged as a cut, as in “{flagged.world.name}”."
        return replace(report, notes=(*report.notes, note))
    return Report(
        "biased",
        f"As long as the end at the horizon is flagged as an end, it is {report.verdict}. Where it is flagged as a cut "
        "(truncated, not terminated), it has another mean, and J is the same, with T steps.",
        counterexample=Counterexample(world, flagged.n_trajectories, mean, flagged.gradient.copy(), flagged, given),
        notes=(*report.notes, _CUTS),
        calls=report.calls,
    )


#: What may be behind it that a flag at the horizon changes the mean.
_CUTS = (
    "Does a return run on over a cut into the next episode? Is a cut episode dropped? Either is wrong. To go on after "
    "a cut with γV(s) is right where the time limit is not part of the task, with the J of a process that goes on; J "
    "here has T steps, so whether V is right for that other J is not audited."
)

#: What a check of `first_checks` may fail for in an audit, beside what it says itself.
_ALSO = {
    "the gradient is not zero": "a baseline that holds the own return",
    "where all actions pay alike the mean is zero": "a ratio to a policy that did not draw the batch",
}
#: … and what it fails for more often than for what it says itself.
_FIRST = {
    "a reward at time 2 counts γ² times as much as one at time 0": (
        "a baseline or a deviation that holds all returns of the batch"
    ),
}


def _unusual(estimator: Estimator, seconds: float) -> tuple[str, ...]:
    """What every policy gradient fulfils and this estimator does not: where to look for a mistake without a name."""
    try:
        found = call_within(lambda: first_checks(estimator), seconds)
    except (Exception, SystemExit, TimeLimitReachedError):  # it was written for the worlds, and not for a batch by hand
        return ()
    hints = {str(row[0]): str(row[2]) for row in found.rows}
    told = [
        f"“{name}” (if not, look for {', '.join(filter(None, (_FIRST.get(name), hints[name], _ALSO.get(name))))})"
        for name in found.failed[:3]
    ]
    if not told:
        return ()
    return (
        "It fails what every policy gradient fulfils on a handful of batches, as pgcode.audit.first_checks tells: "
        f"{'; '.join(told)}.",
    )


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

    Warns
    -----
    UserWarning
        If a function of rollouts is unbiased with one episode in a column, and not with several.

    Examples
    --------
    >>> from pgcode import mistakes
    >>> assert_unbiased(mistakes.ESTIMATORS["downhill"])
    Traceback (most recent call last):
    ...
    AssertionError: ∝ proportional
    The mean is −1 times the gradient, in all 13 worlds: a step size in disguise, and downhill.
    Downhill: The gradient has the opposite sign. A loss is lowered and J is raised: the loss is −J.
    Explained in “A1: the update” in the chapter “Gradient ascent and its two obstacles” (book/setting/gradient-ascent).
    """
    __tracebackhide__ = True  # pytest then ends at the line of the reader
    report = audit(estimator, **options)  # type: ignore[arg-type]
    if report.verdict != "unbiased":
        raise AssertionError(str(report))
    for note in report.notes:
        if note.startswith(_ONE_COLUMN):  # what no test that passes would show
            warnings.warn(note, UserWarning, stacklevel=2)


def _sizes(given: object) -> tuple[int, ...]:
    """The sizes of batches, each once."""
    if isinstance(given, (int, np.integer)):
        given = (given,)
    if isinstance(given, (str, bytes)) or not isinstance(given, (Iterable, np.ndarray)):
        raise TypeError(f"n_trajectories is {given!r}: pass the sizes of batches, such as (1, 2), or one of them")
    sizes = [_checks.require_count("n_trajectories", size, "episodes of a batch") for size in given]
    for size in sizes:
        if size > 3:
            raise ValueError(f"n_trajectories holds {size}: batches of up to 3 episodes are enumerated")
    if not sizes:
        raise ValueError("n_trajectories is empty: pass at least one size")
    return tuple(dict.fromkeys(sizes))


def _off(called: Called) -> float:
    """The largest difference between a mean and the gradient, as a share of the gradient's largest entry."""
    return max(
        float(np.abs(mean - draw.gradient).max() / np.abs(draw.gradient).max())
        for mean, draw in zip(called.means, called.draws, strict=True)
    )


def closeness(called: Called) -> float:
    """How close a mean has to be to the gradient, by the precision of what the estimator gave."""
    return EXACT if called.precision.itemsize >= 8 else SINGLE


def _is_off(called: Called, draw: Draw, mean: Array) -> bool:
    """Whether a mean is not the gradient of its draw."""
    return bool(np.abs(mean - draw.gradient).max() > closeness(called) * np.abs(draw.gradient).max())


def is_the_gradient(called: Called) -> bool:
    """Whether the mean is the gradient in all worlds."""
    return _off(called) <= closeness(called)


def _judged(called: Called) -> Report:
    """The verdict, where that is one thing, or where states look alike another."""
    seen = called.where_states_are_seen
    if seen is not None and _along(seen) and not _along(called):
        return _where_states_look_alike(called, _judged_at_once(seen))
    report = _judged_at_once(called)
    if seen is None or not called.knows or report.verdict != "biased" or report.mistakes:
        return report
    apart = _judged_at_once(seen)  # a mistake beside a critic that is exact only where the state is seen
    return _where_states_look_alike(called, apart) if apart.mistakes else report


def _along(called: Called) -> bool:
    """Whether the mean is a multiple of the gradient on every draw, not always the same."""
    return all(factor is not None for factor in _factors(called, closeness(called)))


def _factors(called: Called, tolerance: float) -> list[float | None]:
    """The c of E[ĝ] = c ∇J on each draw, None where there is none; a mean that is 0 up to rounding is 0 times ∇J."""
    found = zip(called.draws, called.estimates, called.means, strict=True)
    factors = []
    for draw, given, mean in found:
        factor = common_factor(mean, draw.gradient, tolerance)
        factors.append(0.0 if factor is None and vanishes(draw, given, called.precision) else factor)
    return factors


def _where_states_look_alike(called: Called, elsewhere: Report) -> Report:
    """The verdict on an estimator that is well understood but for where states look alike."""
    found = zip(called.draws, called.estimates, called.means, strict=True)
    alike = [one for one in found if one[0].world.looks is not None]
    turned = [one for one in alike if common_factor(one[2], one[0].gradient, closeness(called)) is None]
    draw, given, mean = (turned or alike)[0]
    aim = -draw.gradient if elsewhere.factor.startswith("−") else draw.gradient
    bent = f"turned by {_degrees(mean, aim):.0f}°"
    if elsewhere.verdict == "unbiased":
        off = float(np.linalg.norm(mean - draw.gradient) / np.linalg.norm(draw.gradient))
        bent = f"off by {_percent(off)} of the gradient's length, and {bent}"
    elif elsewhere.verdict == "biased":
        bent = "another"
    return replace(
        elsewhere,
        verdict="biased",
        reason=f"Where it sees the state, {elsewhere.reason[0].lower()}{elsewhere.reason[1:]} "
        f"Where two states look alike, as in “{draw.world.name}”, the mean is {bent}.",
        counterexample=_example(draw, given, mean),
        variances=None,
        notes=(*elsewhere.notes, _LOOK_ALIKE, f"Explained in {AUDIT.section('States that look alike')}."),
    )


#: Why what is right where the state is seen is wrong where two look alike.
_LOOK_ALIKE = (
    "A value that is kept for what is seen is an average over the states behind it. As a baseline it bends nothing. In "
    "the place of what comes later, as γV(s′) in a bootstrap, it is wrong: an action that leads to the better one of "
    "the states is not credited with it. Sums of rewards up to the end, which is λ = 1, are right. Where your policy "
    "sees the whole state, leave this world out, by the option look_alikes of audit."
)


def _judged_at_once(called: Called) -> Report:
    worlds = len({draw.world.name for draw in called.draws})
    if called.errors is not None:
        return _judged_by_error(called, called.errors)
    off = _off(called)
    if is_the_gradient(called):
        seems = f", to {off:.1g}: in single precision, it seems, in which no bias of that size is seen"
        precision = seems if off > EXACT else ""
        return Report(
            "unbiased",
            f"The mean is the gradient, in all {worlds} worlds{precision}.",
            variances=None if called.draws[0].entropy else _variances(called),
            notes=called.notes if called.draws[0].entropy else (*called.notes, *needless(called)),
            calls=called.calls,
        )
    sizes = [(draw.n_trajectories, draw.horizon, draw.world.mdp.discount) for draw in called.draws]
    shapes = [draw.gradient.shape for draw in called.draws]  # a mean over the table is a step size too
    of_table = {
        "/S": [1 / n_states for n_states, _ in shapes],
        "/A": [1 / n_actions for _, n_actions in shapes],
        "/(S·A)": [1 / (n_states * n_actions) for n_states, n_actions in shapes],
    }
    for tolerance in dict.fromkeys((EXACT, closeness(called))):
        factors = _factors(called, tolerance)
        known = [factor for factor in factors if factor is not None]
        if len(known) < len(factors):
            continue
        precision = "" if tolerance == EXACT else ", in single precision, it seems"
        plain = plain_function(sizes, known, tolerance, of_table)
        if plain is not None and not plain.keeps_its_sign:
            opposite = "uphill" if plain.downhill else "downhill"
            return _biased(called, worlds, f"{plain.sentence}{precision}: there it goes {opposite}.")
        if plain is not None:
            tiny = max(float(np.abs(mean).max()) for mean in called.means) < 1e-12  # as those that give 0 do
            explained, everywhere = ([], True) if tiny else names(called)
            alone = tuple(found[0] for found, factor in explained if len(found) == 1 and abs(factor - 1) < NEARLY)
            disguise = "a step size in disguise" + (", and downhill" if plain.downhill else "")
            return Report(
                "proportional",
                f"{plain.sentence}{_letters(plain.function)}, in all {worlds} worlds{precision}: {disguise}.",
                mistakes=alone,
                factor=str(plain),
                notes=(*called.notes, *([_OWN_SHARE] if str(plain) == _OWN_SHARE_LEFT and not everywhere else [])),
                calls=called.calls,
                among_others=not everywhere,
            )
        if min(known) > 0:
            return _biased(
                called,
                worlds,
                f"The mean is a positive multiple of the gradient in each world, with factors from "
                f"{written(min(known))} to {written(max(known))} that are no plain function of the number of episodes, "
                "the horizon and γ.",
            )
    near = f": it is off by {off:.1g} of its size" if off < 1e-2 else ""
    if off < SINGLE:
        called = replace(called, notes=(*called.notes, _SMALL_BIAS))
    return _biased(called, worlds, f"The mean is not the gradient{near}.")


def _letters(function: str) -> str:
    """What the letters of a factor are."""
    told = {"m": "m episodes a batch", "T": "the horizon T"}
    found = [words for letter, words in told.items() if letter in function]
    return f", with {' and '.join(found)}" if found else ""


#: What is left of the gradient where a batch takes its own mean away, and what is said of it.
_OWN_SHARE_LEFT = "(1 − 1/m)"
_OWN_SHARE = (
    "So much is left too where the mean return of the whole batch is subtracted, one's own return among it: subtract "
    "the mean of the other episodes, and nothing is lost."
)

#: What may be behind a bias that small in double precision.
_SMALL_BIAS = (
    "A bias as small as this comes from a small number in a divisor or in a logarithm, or from single precision in a "
    "part of what is computed: with float64 everywhere the audit tells."
)


def _biased(called: Called, worlds: int, found: str) -> Report:
    most = max(float(np.abs(given).max()) for given in called.estimates)
    if most < 1e-12:
        return _nothing_given(called, most)
    if called.vanishes:
        found = f"The mean is 0, in all {worlds} worlds, and not the gradient."
    other = another_objective(called, closeness(called))
    if other is not None:
        return _of_another_objective(called, worlds, other)
    explained, everywhere = names(called)
    solved = (with_its_own_discount(called) or with_the_returns_of_episodes(called)) if not explained else None
    if solved is not None:
        return _solved(called, worlds, found, solved)
    made, near = None if explained else recipe_of(called), ""
    beside = beside_an_entropy(called, closeness(called)) if not explained and made is None else None
    if beside is not None:
        return _beside_an_entropy(called, worlds, found, beside)
    solved = with_a_constant(called) if not explained and made is None else None
    if solved is not None:
        return _solved(called, worlds, found, solved)
    if not explained and made is None:
        (explained, off), everywhere = nearly(called), True
        made = None if explained else recipe_of(called, NEARLY)
        if made is not None:
            off = max(
                float(np.abs(made.estimates(draw) - given).max() / np.abs(given).max())
                for draw, given in zip(called.draws, called.estimates, strict=True)
            )
        near = f"nearly, to {_percent(off)}, "
    explained = [one for one in explained if not set(one[0]) & {"downhill", "step size included"}]  # no step size
    if _off(called) < 1e-2 and called.precision.itemsize == 2:
        found += " Half precision has about three digits."
    example = _smallest(called)
    if made is not None and made.recipe.names:
        return _taken_apart(called, worlds, found, made, near)
    if not explained:
        natural = _natural(called)
        same = "gives the same" if called.vanishes else "has this mean"
        return Report(
            "biased",
            f"{found[:-1]}: it is {natural}." if natural else f"{found[:-1]}, and no mistake that is known {same}.",
            counterexample=example,
            notes=called.notes,
            calls=called.calls,
        )
    first, factor = explained[0]
    together = len(first) > 1
    mistakes = first if together else tuple(found[0] for found, _ in explained)
    left = "" if abs(factor - 1) < NEARLY else written(factor)
    equals = f"On every batch it gives {near}" if everywhere else "Its mean is that of "
    two = " together" if together else ""
    quoted = " and ".join(f"“{name}”" for name in mistakes) if together else " or ".join(f"“{n}”" for n in mistakes)
    times = f", times {left}" if left else ""
    gives = " give" if together else " gives"
    what = f"{equals}{'what ' if everywhere else ''}{quoted}{two}{gives if everywhere else ''}{times}"
    return Report(
        "biased",
        f"{found} {what}, in all {worlds} worlds.",
        mistakes=mistakes,
        together=together,
        factor=left,
        counterexample=example,
        notes=called.notes,
        calls=called.calls,
    )


def _of_another_objective(called: Called, worlds: int, other: AnotherObjective) -> Report:
    """The verdict on an estimator that is right for another weight of the entropy."""
    asked, left = called.draws[0].entropy, _left(other)
    bonus = f"with {other.asked_for}" if asked else f"of J with an entropy bonus of weight {other.asked_for}"
    this = f"with the weight {written(asked)} of the entropy" if asked else "of J"
    reason = (
        f"The mean is not the gradient {this}. It is {f'{left} times ' if left else ''}the gradient {bonus}, in all "
        f"{worlds} worlds."
    )
    return _with_an_entropy(called, other, reason)


def _beside_an_entropy(called: Called, worlds: int, found: str, beside: AnotherObjective) -> Report:
    """The verdict on an estimator with an entropy bonus of a weight of its own and a known mistake."""
    left = _left(beside)
    quoted = " and ".join(f"“{name}”" for name in beside.mistakes)
    together = len(beside.mistakes) > 1
    reason = (
        f"{found} Its mean is that of {quoted}{' together' if together else ''}{f', times {left}' if left else ''}, "
        f"with the weight {beside.asked_for} of the entropy, in all {worlds} worlds."
    )
    return _with_an_entropy(called, beside, reason, together)


def _left(other: AnotherObjective) -> str:
    """The factor that is left, or nothing for 1."""
    return "" if abs(other.factor - 1) < NEARLY else written(other.factor)


def _with_an_entropy(called: Called, other: AnotherObjective, reason: str, together: bool = False) -> Report:
    return Report(
        "biased",
        reason,
        mistakes=other.mistakes,
        together=together,
        factor=_left(other),
        counterexample=_smallest(called),
        notes=(*called.notes, other.hint),
        calls=called.calls,
    )


def _solved(called: Called, worlds: int, found: str, solved: Solved) -> Report:
    """The verdict on an estimator in which known mistakes have a constant of their own."""
    left = "" if abs(solved.factor - 1) < NEARLY else written(solved.factor)
    *most, last = [f"“{name}”" for name in solved.names]
    quoted = f"{', '.join(most)} and {last}" if most else last
    together = " together" if most else ""
    near = "nearly " if solved.near else ""
    every = f"On every batch it gives {near}what {quoted}"
    told = f"Its mean is that of {quoted}{together}" if solved.by_mean else every
    gives = "" if solved.by_mean else f"{together} give" if most else " gives"
    return Report(
        "biased",
        f"{found} {told}{gives}{f', times {left}' if left else ''}, {solved.by}, in all {worlds} worlds.",
        mistakes=solved.names,
        together=bool(most),
        factor=left,
        counterexample=_smallest(called),
        notes=(*called.notes, *solved.notes),
        calls=called.calls,
    )


#: How often each state counts in a Fisher matrix, from the powers of γ and a walk's probability.
_VISITS = {
    "with the Fisher matrix of π in each state by itself": None,
    "with the Fisher matrix over the discounted visits": True,
    "with the Fisher matrix over the visits": False,
}


def _natural(called: Called) -> str:
    """Whether the mean is F⁻¹ ∇J in all worlds, up to one factor: the natural gradient, and with which F."""
    for told, discounted in _VISITS.items():
        factors = []
        for draw, mean in zip(called.draws, called.means, strict=True):
            one = Draw(draw.world, 1).batches
            pi = one.probabilities
            weights = one.powers if discounted else np.ones_like(one.powers)
            times = np.where(one.active, weights, 0.0)[..., None] * np.equal.outer(
                one.states[..., :-1], np.arange(len(pi))
            )
            visits = np.einsum("b,bmts->s", draw.world.walks[1], times)[:, None]
            pushed = pi * (mean - (pi * mean).sum(axis=1, keepdims=True))
            factors.append(common_factor(pushed if discounted is None else visits * pushed, draw.gradient, EXACT))
        known = [factor for factor in factors if factor is not None and not np.isnan(factor)]
        if len(known) == len(factors) and max(known) - min(known) <= 1e-6 * max(map(abs, known)) and known[0]:
            left = "" if abs(known[0] - 1) < 1e-6 else f"{written(known[0])} times "
            way = "uphill by another path" if known[0] > 0 else "downhill"
            return f"{left}the natural gradient F⁻¹∇J, {told}, which goes {way}"
    return ""


def _nothing_given(called: Called, most: float) -> Report:
    """The verdict on an estimator that gives 0, whatever is in a batch: many ways lead there."""
    explained = names(called)[0] if most == 0 or most > 1e-25 else []
    silent = tuple(
        sorted((found[0] for found, _ in explained if len(found) == 1), key=lambda name: name != "ratio held constant")
    )  # what losses that are clipped hide is told first
    found = "It gives 0 on every batch" if most == 0 else f"It gives at most {most:.1g}, on any batch"
    *most_of, last = [f"“{name}”" for name in silent] or [""]
    quoted = f"{', '.join(most_of)} and {last}" if most_of else last
    does = f" So {'do' if most_of else 'does'} {quoted}, among other ways." if silent else ""
    return Report(
        "biased",
        f"{found}, so its mean is 0.{does}",
        mistakes=silent,
        counterexample=_smallest(called),
        notes=(
            *called.notes,
            "Other ways to that: a log π that is detached, a term less itself, or abs or np.linalg.norm in a loss that "
            "is differentiated by the complex step.",
            *(
                ["With batches of one episode a mean over the batch is the episode itself: audit larger ones too."]
                if max(draw.n_trajectories for draw in called.draws) == 1
                else []
            ),
        ),
        calls=called.calls,
        among_others=bool(silent),
    )


def _taken_apart(called: Called, worlds: int, found: str, made: Found, near: str) -> Report:
    """The verdict on an estimator that is a usual loss with several ingredients."""
    recipe = made.recipe
    left = "" if abs(recipe.factor - 1) < NEARLY else written(recipe.factor)
    *most, last = [f"“{name}”" for name in recipe.names]
    quoted = f"{', '.join(most)} and {last}" if most else last
    gives = "together give" if most else "gives"
    return Report(
        "biased",
        f"{found} On every batch it gives {near}what {quoted} {gives}{f', times {left}' if left else ''}, "
        f"in all {worlds} worlds.",
        mistakes=recipe.names,
        together=bool(most),
        factor=left,
        counterexample=_smallest(called),
        ingredients=_each_alone(called, made) if most and not called.draws[0].entropy else None,
        notes=(*called.notes, *recipe.notes),
        calls=called.calls,
    )


def _each_alone(called: Called, made: Found) -> Table:
    """What each ingredient does to the gradient by itself, over the largest draw of each world."""
    biggest = list({draw.world.name: draw for draw in called.draws}.values())
    rows: list[tuple[str, Recipe]] = [*made.recipe.ingredients, ("all together", replace(made.recipe, factor=1.0))]
    turned, shortest, longest = [], [], []
    for _, recipe in rows:
        pairs = [(draw.mean(made.estimates(draw, recipe)), draw.gradient) for draw in biggest]
        lengths = [float(np.linalg.norm(mean)) / float(np.linalg.norm(gradient)) for mean, gradient in pairs]
        turned.append(max(_degrees(mean, gradient) for mean, gradient in pairs))
        shortest.append(min(lengths))
        longest.append(max(lengths))
    return table(
        {
            "alone": [name for name, _ in rows],
            "turned by up to (degrees)": turned,
            "times as long, from": shortest,
            "to": longest,
        },
        digits=2,
        caption="What each does by itself to an estimator that is right, in the mean, beside \\(\\nabla J\\).",
    )


def _degrees(one: Array, other: Array) -> float:
    """The angle between two arrays; 0 where one of them is 0."""
    lengths = float(np.linalg.norm(one)) * float(np.linalg.norm(other))
    return 0.0 if lengths < 1e-12 else float(np.degrees(np.arccos(np.clip(np.sum(one * other) / lengths, -1, 1))))


def _judged_by_error(called: Called, errors: tuple[Array, ...]) -> Report:
    """The verdict on an estimator that draws random numbers: only its mean over seeds is known."""
    lengths = [float(np.linalg.norm(draw.gradient)) for draw in called.draws]
    blur = max(5 * float(np.linalg.norm(error)) / length for error, length in zip(errors, lengths, strict=True))
    sampled = f"over the seeds of {called.calls} calls"
    for draw, given, mean, error, length in zip(
        called.draws, called.estimates, called.means, errors, lengths, strict=True
    ):
        if (np.abs(mean - draw.gradient) > 5 * error + EXACT * np.abs(draw.gradient).max()).any():
            off = float(np.linalg.norm(mean - draw.gradient)) / length
            apart = 5 * float(np.linalg.norm(error)) / length
            return Report(
                "biased",
                f"It draws random numbers. Its mean {sampled} is off by {_percent(off)} ± {_percent(apart)} of the "
                f"gradient's length in “{draw.world.name}”.",
                counterexample=_example(draw, given, mean),
                notes=called.notes,
                calls=called.calls,
            )
    if blur <= SHARP:
        verdict, reason = "unbiased", f"agrees with the gradient within ± {_percent(blur)} of its length: five"
    else:
        verdict = "undecided"
        reason = (
            f"is known only within ± {_percent(blur)} of the gradient's length, and {_percent(SHARP)} is asked: five"
        )
    return Report(
        verdict,
        f"It draws random numbers. Its mean {sampled} {reason} standard errors.{_what_it_takes(called.wanted)}",
        notes=called.notes,
        calls=called.calls,
    )


def _what_it_takes(wanted: tuple[int, float] | None) -> str:
    """What to do where random numbers leave a mean too uncertain."""
    if wanted is None:
        return ""
    calls, seconds = wanted
    number = f"{round(calls, 2 - len(str(calls))):,}"
    off = "switch its random numbers off, such as dropout or a part of the batch, and audit what is left"
    if seconds > 3600:
        return f" That would take about {number} calls, which is hours: {off}."
    return f" That would take about {number} calls: pass max_seconds={10 * int(seconds / 9 + 1)}, or {off}."


def _percent(share: float) -> str:
    whole = share >= 0.995  # with two digits it would be written 1e+02
    return f"{100 * share:.{0 if whole else 2}{'f' if whole else 'g'}} %"


def _example(draw: Draw, given: Array, mean: Array) -> Counterexample:
    return Counterexample(draw.world.name, draw.n_trajectories, mean, draw.gradient.copy(), draw, given)


def _smallest(called: Called) -> Counterexample | None:
    """The draw with the fewest batches on which the mean is not the gradient, of those in which states are seen."""
    found = zip(called.draws, called.estimates, called.means, strict=True)
    for draw, given, mean in sorted(found, key=lambda one: one[0].world.looks is not None):
        if _is_off(called, draw, mean):
            return _example(draw, given, mean)
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
        columns[name] = [draw.variance(draw.known(RIGHT_ESTIMATORS[name])) for draw, _ in rows]
    columns[r"reward-to-go less \(V\)"] = [
        draw.variance(draw.known({"baseline": less_values(draw)})) for draw, _ in rows
    ]
    return table(columns, digits=4, caption=r"The variance \(\operatorname{tr}\operatorname{Cov}\hat{g}\), exactly.")
