"""What a verdict says is true of the estimator: means of 0, factors, precision, and what is nearly alike."""

import numpy as np
import pytest
import right_estimators
from listed import listed

from pgcode.audit import audit, audit_sequences, from_buffer
from pgcode.audit._worlds import draws
from pgcode.mistakes import ESTIMATORS

loop = listed(right_estimators.loop)


def held(batch, theta):
    """Every decision counts by its time and state, whatever it earned: the mean is 0, and the estimates are not."""
    pi, total = right_estimators.softmax(theta), np.zeros_like(theta)
    for i, length in enumerate(batch.lengths):
        for t in range(length):
            s = batch.states[i, t]
            total[s] += (1 + s + t**2) * (np.eye(theta.shape[1])[batch.actions[i, t]] - pi[s])
    return total


# ---- a mean of 0 ---------------------------------------------------------------------------------------------------


def test_an_estimator_that_gives_nothing_is_not_told_that_it_has_a_ratio():
    report = audit(lambda batch, theta: np.zeros_like(theta))
    assert report.verdict == "biased"
    assert report.reason.startswith("It gives 0 on every batch, so its mean is 0.")
    assert report.among_others
    assert all(sentence.startswith("One way to that, ") for sentence, _ in report.explained)
    assert "np.linalg.norm" in report.notes[0]


@pytest.mark.parametrize(
    "name", ["mean of the batch subtracted", "standardised at each step", "last episode dropped", "ratio held constant"]
)
def test_what_is_0_with_one_episode_has_its_name_among_the_ways(name):
    report = audit(ESTIMATORS[name], n_trajectories=1)
    assert name in report.mistakes
    assert "its mean is 0" in report.reason
    assert any("audit larger ones too" in note for note in report.notes)


@pytest.mark.parametrize("estimator", [held, lambda batch, theta: -3 * held(batch, theta)])
def test_a_mean_of_0_gives_no_name_to_other_values(estimator):
    report = audit(estimator)
    assert (report.verdict, report.mistakes, report.factor) == ("biased", (), "")
    assert "The mean is 0, in all" in report.reason
    assert "no mistake that is known gives the same" in report.reason


def test_a_mean_of_0_is_named_by_its_values():
    report = audit(ESTIMATORS["earlier rewards alone"])
    assert report.mistakes == ("earlier rewards alone",)
    assert "The mean is 0, in all" in report.reason


def test_the_mean_return_of_the_batch_is_not_told_as_an_episode_that_was_dropped():
    """Both leave 1 − 1/m of the gradient, and on no batch are they the same."""

    def mean_subtracted(batch, theta):
        pi, gradient = right_estimators.softmax(theta), np.zeros_like(theta)
        returns = batch.returns_from_step[:, 0]
        for i, length in enumerate(batch.lengths):
            for t in range(length):
                s, a = batch.states[i, t], batch.actions[i, t]
                gradient[s] += (returns[i] - returns.mean()) * (np.eye(theta.shape[1])[a] - pi[s])
        return gradient / batch.n_trajectories

    report = audit(mean_subtracted)
    assert (report.verdict, report.factor) == ("proportional", "(1 − 1/m)")
    assert all(sentence.startswith("One way to that, ") for sentence, _ in report.explained)
    assert any("mean return of the whole batch is subtracted" in note for note in report.notes)
    dropped = audit(ESTIMATORS["last episode dropped"])
    assert (dropped.mistakes, dropped.among_others) == (("last episode dropped",), False)
    assert not any("mean return of the whole batch" in note for note in dropped.notes)


@pytest.mark.parametrize("factor", [1, -3])
def test_no_mistake_whose_mean_is_0_explains_what_another_thing_adds(factor):
    """θ itself is what “updated parameters returned” leaves of a gradient of 0, whatever made it 0."""
    assert audit(lambda batch, theta: factor * theta).mistakes == ()


def test_sequences_with_a_mean_of_0_have_no_name():
    nothing = audit_sequences(lambda batch: np.zeros(len(batch.rewards)))
    assert (nothing.verdict, nothing.mistakes) == ("biased", ())
    assert nothing.reason == "It gives 0 to every sequence, so the mean is 0."
    alike = audit_sequences(lambda batch: np.ones(len(batch.rewards)))
    assert (alike.verdict, alike.mistakes) == ("biased", ())
    assert "The mean is 0, and not the gradient" in alike.reason


# ---- factors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factor", "verdict", "told"),
    [
        (lambda b: 1 / (1 - b.discount) if b.discount < 1 else 7.0, "proportional", "and 7 times where γ = 1"),
        (lambda b: b.n_trajectories / (b.n_trajectories - 1) if b.n_trajectories > 1 else 17, "proportional", "m = 1"),
        (lambda b: 1 / (1 - b.discount) if b.discount < 1 else -5.0, "biased", "−5 times where γ = 1: there it goes d"),
        (lambda b: 1 / (b.discount - 1) if b.discount < 1 else 5.0, "biased", "5 times where γ = 1: there it goes u"),
        (lambda b: 1 / (1 - b.discount) if b.discount < 1 else b.horizon, "biased", "no plain function"),
    ],
)
def test_where_a_factor_is_not_defined_it_is_said_what_it_is(factor, verdict, told):
    report = audit(lambda batch, theta: factor(batch) * loop(batch, theta))
    assert report.verdict == verdict
    assert told in report.reason


def test_a_factor_that_is_not_defined_may_raise_there():
    def others(batch, theta):
        m = batch.n_trajectories
        return loop(batch, theta) * (m / (m - 1) if m > 1 else np.nan)

    report = audit(others)
    assert (report.verdict, report.factor) == ("proportional", "m/(m − 1)")
    assert "2 and 3" in report.notes[0]


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_factor_that_drifts_with_the_horizon_is_no_constant(kind):
    def drifts(batch, theta):
        return (loop(batch, theta) * (2 + 3e-4 * batch.horizon)).astype(kind)

    report = audit(drifts)
    assert report.verdict == "biased"
    assert report.mistakes == ()
    assert "no plain function" in report.reason


def test_the_number_of_all_sequences_is_a_plain_factor():
    report = audit_sequences(lambda batch: batch.rewards - batch.rewards.mean())
    assert (report.verdict, report.factor) == ("proportional", "(1 − 1/N)")
    assert report.mistakes == ("mean over all sequences subtracted",)
    assert "N in all" in report.reason
    assert not report.among_others


def test_another_way_to_a_factor_is_no_mistake_that_was_made():
    report = audit_sequences(lambda batch: batch.rewards - batch.rewards[0])
    assert (report.verdict, report.factor) == ("proportional", "(1 − 1/N)")
    assert report.among_others
    assert "One way to that, mean over all sequences subtracted" in str(report)


# ---- precision -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [3e-6, 3e-8])
def test_a_small_bias_in_double_precision_is_a_bias(size):
    report = audit(lambda batch, theta: loop(batch, theta) + size * theta)
    assert report.verdict == "biased"
    assert report.counterexample is not None
    assert any("with float64 everywhere the audit tells" in note for note in report.notes)
    assert "single precision, it seems" not in report.reason
    rewards = audit_sequences(lambda batch: batch.rewards * (1 + size * batch.rewards))
    assert rewards.verdict == "biased"


def test_what_is_nearly_a_mistake_is_said_with_its_size():
    def clipped(batch, theta):
        pi, total = right_estimators.softmax(theta), np.zeros_like(theta)
        for i, length in enumerate(batch.lengths):
            for t in range(length):
                weight = np.clip(batch.discount**t * batch.returns_from_step[i, t], -1.002, 1.001)
                score = np.eye(theta.shape[1])[batch.actions[i, t]] - pi[batch.states[i, t]]
                total[batch.states[i, t]] += weight * score
        return total / batch.n_trajectories

    report = audit(clipped)
    assert report.mistakes == ("weights clipped",)
    assert "On every batch it gives nearly, to 0." in report.reason


# ---- ends at the horizon that are flagged as cuts --------------------------------------------------------------------


def by_row(goes_on):
    """A flat buffer whose return goes on from a row to what a function says of the next one."""

    def estimator(steps, theta):
        pi, total, to_go = right_estimators.softmax(theta), np.zeros_like(theta), 0.0
        for row in reversed(range(len(steps.rewards))):
            to_go = steps.rewards[row] + steps.discount * goes_on(steps, row, to_go)
            score = np.eye(theta.shape[1])[steps.actions[row]] - pi[steps.states[row]]
            total[steps.states[row]] += steps.discount ** steps.times[row] * to_go * score
        return total / len(set(steps.episodes.tolist()))

    return from_buffer(estimator)


def stops(steps, row, to_go):
    return 0.0 if steps.done[row] else to_go


def leaks(steps, row, to_go):
    """It does not look at truncated: the return runs on into the next episode."""
    return 0.0 if steps.terminated[row] else to_go


def bootstraps(steps, row, to_go):
    return 0.0 if steps.terminated[row] else 1000.0 if steps.truncated[row] else to_go


@pytest.mark.parametrize("wrong", [leaks, bootstraps])
def test_a_flag_at_the_horizon_must_not_change_the_mean(wrong):
    report = audit(by_row(wrong))
    assert (report.verdict, report.mistakes) == ("biased", ())
    assert "As long as the end at the horizon is flagged as an end, it is unbiased." in report.reason
    assert report.counterexample.world.endswith("cut at the horizon")
    assert np.abs(report.counterexample.mean - report.counterexample.gradient).max() > 1e-3
    assert "a return run on over a cut" in report.notes[-1]


def test_one_that_stops_at_both_is_unbiased():
    report = audit(by_row(stops))
    assert (report.verdict, report.notes) == ("unbiased", ())


def test_a_bias_that_hangs_on_the_flag_as_well_keeps_its_name():
    report = audit(by_row(lambda steps, row, to_go: 5.0 if steps.truncated[row] else 0.0))
    assert report.mistakes == ("own reward alone",)
    assert "flagged as a cut" in report.notes[-1]


def test_one_that_refuses_cuts_is_audited_with_ends_and_it_is_said():
    def refuses(batch, theta):
        if batch.cut.any():
            raise ValueError("no cuts, please")
        return loop(batch, theta)

    report = audit(refuses)
    assert report.verdict == "unbiased"
    assert "no cuts, please" in report.notes[0]
    assert "not audited" in report.notes[0]


def test_only_what_the_horizon_ends_is_flagged():
    for draw in draws((1, 2)):
        flagged = draw.with_cuts
        if flagged is None:
            continue
        for batch, other in zip(draw, flagged, strict=True):
            assert not batch.cut.any()
            np.testing.assert_array_equal(batch.rewards, other.rewards)
            ends = draw.world.mdp.terminal[other.last_states]
            np.testing.assert_array_equal(other.cut, ~ends & (other.lengths == other.horizon))
