"""What every policy gradient fulfils: right ones do, wrong ones are caught, and a loss in NumPy is differentiated."""

import numpy as np
import pytest
import right_estimators

from pgcode.audit import audit, first_checks, from_buffer, from_numpy_loss
from pgcode.audit._naming import RIGHT_ESTIMATORS
from pgcode.mistakes import ESTIMATORS
from pgcode.mistakes._catalogue import batches_of
from pgcode.mistakes._pipeline import run


def log_softmax(logits):
    return logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))


def loss(theta, b):
    gains = b.rewards.copy()
    for i in reversed(range(len(gains) - 1)):
        gains[i] += b.discount * gains[i + 1] * (1 - b.done[i])
    return -(b.discount**b.times * gains * log_softmax(theta)[b.states, b.actions]).sum() / b.done.sum()


@pytest.mark.parametrize("name", RIGHT_ESTIMATORS)
def test_right_estimators_fulfil_all(name):
    assert first_checks(lambda batch, theta: run(batches_of(batch, theta), RIGHT_ESTIMATORS[name])[0]).failed == ()


@pytest.mark.parametrize("name", ["loop", "whole", "vectorised"])
def test_so_does_what_people_write(name):
    assert first_checks(getattr(right_estimators, name)).failed == ()


def test_single_precision_fails_nothing():
    assert first_checks(lambda batch, theta: right_estimators.loop(batch, theta).astype(np.float32)).failed == ()


def test_each_question_fails_for_something():
    questions = [row[0] for row in first_checks(right_estimators.loop).rows]
    assert len(questions) == 9
    assert {name for mistake in ESTIMATORS.values() for name in first_checks(mistake).failed} == set(questions)


def test_it_shows_itself_as_a_table():
    found = first_checks(ESTIMATORS["downhill"])
    assert str(found) == repr(found)
    assert "the sign of the loss" in str(found)


@pytest.mark.parametrize(
    ("estimator", "error", "message"),
    [
        (1, TypeError, "estimator is 1: pass a function"),
        (lambda batch, theta: theta[0], ValueError, r"estimator gave shape \(3,\) on 2 episodes"),
        (lambda batch, theta: theta * np.nan, ValueError, "estimator gave nan on 2 episodes: look for 0/0"),
        (lambda batch, theta: theta * 1j, TypeError, "estimator gave complex128"),
    ],
)
def test_what_is_no_estimator_is_told(estimator, error, message):
    with pytest.raises(error, match=message):
        first_checks(estimator)


def test_a_loss_in_numpy_plugs_in():
    assert audit(from_numpy_loss(loss)).verdict == "unbiased"
    assert audit(from_numpy_loss(lambda theta, b: -loss(theta, b))).mistakes == ("downhill",)


def test_the_real_part_is_held_constant():
    """As by ``detach``: with log π of the real θ there is no slope."""
    report = audit(from_numpy_loss(lambda theta, b: loss(theta.real, b)))
    assert report.reason.startswith("It gives 0 on every batch, so its mean is 0.")
    assert "a log π that is detached" in report.notes[-1]


def test_what_drops_the_slope_unawares_is_told():
    def drops(theta, b):
        chances = np.zeros(len(b.states))
        chances[:] = log_softmax(theta)[b.states, b.actions]
        return chances.sum()

    assert "which drops its slope" in audit(from_numpy_loss(drops)).reason
    assert "loss gave shape" in audit(from_numpy_loss(lambda theta, b: theta[0])).reason


def test_a_buffer_knows_its_times_and_episodes():
    seen = []

    def estimator(steps, theta):
        ends = np.flatnonzero(steps.done)
        begins = np.r_[0, ends[:-1] + 1]
        lengths = ends - begins + 1
        seen.append(len(ends))
        np.testing.assert_array_equal(steps.times, np.concatenate([np.arange(length) for length in lengths]))
        np.testing.assert_array_equal(steps.episodes, np.repeat(np.arange(len(ends)), lengths))
        return theta

    audit(from_buffer(estimator))
    assert set(seen) == {1, 2, 3}
