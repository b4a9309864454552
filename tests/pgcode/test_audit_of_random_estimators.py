"""Estimators that draw random numbers: how many calls they take, and what is said where that is too many.

A clock that goes on by a step at each call stands in for that of the machine, so that nothing hangs on its speed.
"""

import re
from types import SimpleNamespace

import numpy as np
import pytest
import right_estimators
from listed import listed

from pgcode.audit import audit

loop = listed(right_estimators.loop)


@pytest.fixture
def noisy(monkeypatch):
    """Makes an estimator with noise of a size, each call of which takes some seconds."""
    now = [0.0]
    monkeypatch.setattr("pgcode.audit._calls.time", SimpleNamespace(perf_counter=lambda: now[0]))

    def made(noise, seconds, factor=1.0):
        def estimator(batch, theta, rng):
            now[0] += seconds
            return factor * loop(batch, theta) + noise * rng.normal(size=theta.shape)

        return estimator

    return made


def test_where_there_is_no_time_for_a_sharp_mean_little_is_spent_and_it_is_said_what_it_takes(noisy):
    """Of 60 seconds 3 are spent beyond the first calls, and not 24."""
    report = audit(noisy(0.1, 1e-3), n_trajectories=1)
    assert report.verdict == "undecided"
    assert re.search(r"That would take about 2\d0,000 calls: pass max_seconds=\d+, or switch", report.reason)
    assert report.calls < 13_000 + 3 / 1e-3
    report = audit(noisy(3.0, 1e-3), n_trajectories=1)
    assert re.search(r"about 1\d0,000,000 calls, which is hours: switch its random numbers off", report.reason)


def test_the_time_that_is_told_is_enough(noisy):
    report = audit(noisy(0.04, 1e-3), n_trajectories=1)
    assert report.verdict == "undecided"
    told = float(re.search(r"max_seconds=(\d+)", report.reason)[1])
    assert 60 < told < 200
    report = audit(noisy(0.04, 1e-3), n_trajectories=1, max_seconds=told)
    assert report.verdict == "unbiased"
    assert "That would take" not in report.reason


def test_a_mean_that_is_far_off_is_found_in_the_little_time(noisy):
    assert audit(noisy(0.3, 1e-3, factor=-1), n_trajectories=1).verdict == "biased"


def test_one_with_a_generator_of_its_own_is_told_so():
    own = np.random.default_rng(0)

    def of_its_own(batch, theta, rng=None):
        return loop(batch, theta) * (1 + 0.001 * own.normal())

    def of_the_one_given(batch, theta, rng=None):
        return loop(batch, theta) * (1 + 0.001 * rng.normal())

    told, *rest = audit(of_its_own, n_trajectories=1).notes
    assert "it draws from a generator of its own" in told
    assert list(audit(of_the_one_given, n_trajectories=1).notes) == rest
