"""What is said of slips that a reader made, and never untruly."""

import warnings

import numpy as np
import pytest
import right_estimators
from listed import listed

from pgcode.audit import assert_unbiased, audit
from pgcode.mistakes import ESTIMATORS

STEP = "discount of the step left out"
loop = listed(right_estimators.loop)


def weighted(weights):
    """The mean over the episodes of Σ_t w_t ∇log π, with the weights (m, T) of a function of the batch."""

    def estimate(batch, theta):
        pi = np.exp(theta) / np.exp(theta).sum(axis=1, keepdims=True)
        gradient = np.zeros_like(theta)
        given = weights(batch)
        for i in range(batch.n_trajectories):
            for t in range(batch.lengths[i]):
                s, a = batch.states[i, t], batch.actions[i, t]
                gradient[s] += given[i, t] * ((np.arange(theta.shape[1]) == a) - pi[s])
        return gradient / batch.n_trajectories

    return estimate


def powers(batch, discount=None):
    return (batch.discount if discount is None else discount) ** np.arange(batch.horizon)


def to_go(batch, discount):
    total = np.zeros((batch.n_trajectories, batch.horizon + 1))
    for t in reversed(range(batch.horizon)):
        total[:, t] = np.where(batch.active[:, t], batch.rewards[:, t], 0.0) + discount * total[:, t + 1]
    return total[:, :-1]


def test_a_mean_that_is_zero_up_to_rounding_is_zero_times_the_gradient():
    """γᵗG_t less the mean return of the batch: with one episode the mean is 0, and the estimates are not."""
    report = audit(weighted(lambda b: powers(b) * to_go(b, b.discount) - b.returns.mean()))
    assert (report.verdict, report.factor) == ("proportional", "(1 − 1/m)")
    assert "So much is left too where the mean return of the whole batch is subtracted" in report.notes[-1]


@pytest.mark.parametrize(("power", "told"), [(-0.5, "1/√m"), (0.5, "√m")])
def test_roots_of_the_number_of_episodes_are_plain_factors(power, told):
    report = audit(lambda b, theta: loop(b, theta) * b.n_trajectories**power)
    assert (report.verdict, report.factor) == ("proportional", told)


@pytest.mark.parametrize(
    "near", [lambda g, b: g.astype(np.float16), lambda g, b: g * (1 + 1e-4 * np.sign(b.returns[0]))]
)
def test_what_is_right_for_one_episode_is_no_name(near):
    report = audit(lambda b, theta: near(loop(b, theta), b), n_trajectories=1)
    assert report.verdict == "biased"
    assert report.mistakes == ()
    assert "sum over the episodes" not in str(report)


@pytest.mark.parametrize(
    ("weights", "names", "told"),
    [
        (
            lambda b: to_go(b, 0.99),
            {STEP, "discount left out"},
            "0.99 here, and not 1: whatever the γ of the batch is.",
        ),
        (
            lambda b: powers(b, 0.99) * to_go(b, 0.99),
            {"discount left out"},
            "0.99 here, and not 1: whatever the γ of the batch is.",
        ),
        (
            lambda b: powers(b) * to_go(b, 0.9),
            {"discount left out"},
            "0.9 here, and not 1: whatever the γ of the batch is, and γᵗ",
        ),
        (
            lambda b: to_go(b, 0.95) * b.n_trajectories / b.lengths.sum(),
            {STEP, "discount left out", "mean over the steps of the batch"},
            "0.95 here, and not 1: whatever the γ of the batch is.",
        ),
    ],
)
def test_a_discount_that_is_written_into_the_code_is_told(weights, names, told):
    report = audit(weighted(weights))
    assert set(report.mistakes) == names
    assert f"The discount is {told}" in " ".join(report.notes)


@pytest.mark.parametrize(
    ("step", "told"), [(0.01, "is 0.01."), (0.5, "is 0.5."), (-0.01, "is −0.01, so it goes downhill.")]
)
def test_parameters_that_a_step_moved_are_told_with_the_step_size(step, told):
    report = audit(lambda b, theta: theta + step * loop(b, theta))
    assert (report.verdict, report.mistakes, report.factor) == ("biased", ("updated parameters returned",), "")
    assert f"The step size {told}" in report.notes


def test_updated_parameters_and_another_mistake():
    report = audit(lambda b, theta: theta + 0.01 * ESTIMATORS[STEP](b, theta))
    assert report.mistakes == (STEP, "updated parameters returned")
    assert "The step size is 0.01." in report.notes


def test_nan_of_a_mean_of_the_others_is_told_as_such():
    def others(batch):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            m = np.float64(batch.n_trajectories)
            less = (batch.returns - batch.returns.mean()) * m / (m - 1)
        return np.repeat(less[:, None], batch.horizon, axis=1)

    report = audit(weighted(others))
    assert report.verdict == "unbiased"
    assert "a deviation, or a mean of the others, that divides by n − 1" in " ".join(report.notes)


def test_what_holds_all_returns_of_the_batch_is_looked_for_first():
    """Rewards-to-go that are standardised over a padded matrix, with its zeros."""

    def padded(batch):
        weights = powers(batch) * to_go(batch, batch.discount)
        return (weights - weights.mean()) / (weights.std() + 1e-8)

    report = audit(weighted(padded))
    assert (report.verdict, report.mistakes) == ("biased", ())
    assert "look for a baseline or a deviation that holds all returns of the batch, the discounts" in str(report)


def standardised(batch, small=1e-8, one_less=0):
    """One number for each episode, at each of its steps."""
    less = max(0, min(one_less, batch.n_trajectories - 1))
    weights = (batch.returns - batch.returns.mean()) / (batch.returns.std(ddof=less) + small)
    return np.repeat(weights[:, None], batch.horizon, axis=1)


OF_EPISODES = "returns of whole episodes here, one's own among them, at every step"


@pytest.mark.parametrize(
    ("weights", "names", "note"),
    [
        (
            lambda b: powers(b) * (to_go(b, b.discount) - b.returns.mean()),
            ("mean of the batch subtracted",),
            f"The mean is that of the {OF_EPISODES}, times γᵗ.",
        ),
        (
            lambda b: to_go(b, b.discount) - b.returns.mean(),
            (STEP, "mean of the batch subtracted"),
            f"The mean is that of the {OF_EPISODES}.",
        ),
        (standardised, ("standardised over the batch",), "these are standardised over the episodes of the batch."),
        (
            lambda b: standardised(b, 1e-5, 1) / b.lengths[:, None],
            ("standardised over the batch with one less", "mean over the steps of each episode"),
            "these are standardised over the episodes of the batch.",
        ),
    ],
)
def test_the_returns_of_whole_episodes_put_to_every_step_are_told(weights, names, note):
    report = audit(weighted(weights))
    assert (report.verdict, report.mistakes, report.factor) == ("biased", names, "")
    assert any(told.endswith(note) for told in report.notes)


def test_what_is_too_slow_is_refused_after_three_calls(monkeypatch):
    """The clock is moved by hand: each call takes ten seconds."""
    from pgcode.audit import _calls

    now = [0.0]
    monkeypatch.setattr(_calls.time, "perf_counter", lambda: now[0])

    def slow(batch, theta):
        now[0] += 10.0
        return loop(batch, theta)

    report = audit(slow, max_seconds=60)
    assert report.verdict == "not an estimator"
    assert "One call takes 10 s and the audit needs" in report.reason
    assert report.calls == 3


class MuteError(Exception):
    def __str__(self):
        raise RuntimeError("boo")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (MuteError(), "It raised MuteError on a batch of 1 of “two arms”, whose own message raises RuntimeError"),
        (ValueError(), "It raised ValueError on a batch of 1 of “two arms” (line"),
        (ValueError("x" * 100_000), "xxx … (of 100,000 characters)"),
    ],
)
def test_errors_with_a_message_of_a_strange_kind_are_told(error, told):
    def raises(batch, theta):
        raise error

    report = audit(raises)
    assert report.verdict == "not an estimator"
    assert told in report.reason
    assert len(report.reason) < 3000


def test_pytest_shows_the_line_of_the_test():
    with pytest.raises(AssertionError) as raised:
        assert_unbiased(ESTIMATORS["downhill"])
    entries = {entry.name: entry.frame.f_locals.get("__tracebackhide__") for entry in raised.traceback}
    assert entries["assert_unbiased"] is True
