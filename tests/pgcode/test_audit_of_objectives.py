"""An estimator that is right for J with an entropy bonus is told so where J alone, or another weight, is asked for."""

import re

import numpy as np
import pytest
from listed import made

from pgcode.audit import audit as audited
from pgcode.mistakes import BONUSES, ESTIMATORS
from pgcode.mistakes._bonuses import RIGHT_BONUSES

NAME = "entropy in the objective"
STEP = "discount of the step left out"


def audit(estimator, **options):
    """An audit with time without end: none of this hangs on how fast the machine is."""
    return audited(estimator, max_seconds=1e6, **options)


@pytest.mark.parametrize("bonus", RIGHT_BONUSES)
@pytest.mark.parametrize("weight", [0.01, 0.1, 2.5])
def test_a_right_bonus_is_named_with_its_weight_and_how_to_ask_for_it(bonus, weight):
    estimator = made(RIGHT_BONUSES[bonus](weight))
    report = audit(estimator)
    assert (report.verdict, report.mistakes, report.factor) == ("biased", (NAME,), "")
    assert f"It is the gradient of J with an entropy bonus of weight {weight}, in all 13 worlds" in report.reason
    (note,) = report.notes
    asked = float(re.search(r"audit\(…, entropy=(.+)\)", note)[1])
    assert audit(estimator, entropy=asked).verdict == "unbiased"
    assert ("and not 0.1" in note) == (weight != 0.1)


def test_sign_scale_and_single_precision_hide_no_bonus():
    estimator = made(RIGHT_BONUSES["sampled entropy as a reward"](0.02))
    report = audit(lambda batch, theta: (-2 * estimator(batch, theta)).astype(np.float32), n_trajectories=(1, 2))
    assert (report.mistakes, report.factor) == ((NAME,), "−2")
    assert "entropy=0.02" in report.notes[-1]


def test_another_weight_than_the_one_that_is_asked_for_is_told():
    report = audit(made(RIGHT_BONUSES["entropy as a reward and its gradient"](0.3)), entropy=0.2)
    assert (report.verdict, report.mistakes) == ("biased", ())
    assert "is not the gradient with the weight 0.2 of the entropy. It is the gradient with 0.3" in report.reason
    assert "entropy=0.3" in report.notes[-1]


def test_a_penalty_on_entropy_is_not_told_to_ask_for_it():
    report = audit(made(RIGHT_BONUSES["entropy as a reward and its gradient"](-0.2)))
    assert report.mistakes == (NAME,)
    assert "less random" in report.notes[-1]
    assert "audit(" not in report.notes[-1]


@pytest.mark.parametrize("bonus", RIGHT_BONUSES)
@pytest.mark.parametrize("other", [STEP, "mean over the steps of the batch", "discount left out"])
def test_a_mistake_beside_a_bonus_keeps_its_name(bonus, other):
    stations, mistake = RIGHT_BONUSES[bonus](0.05), ESTIMATORS[other]
    if mistake.station in stations:  # both change the data
        paid = stations["data"]
        changes = {**stations, "data": lambda batches: mistake.change(paid(batches))}
    else:
        changes = {**stations, mistake.station: mistake.change}
    report = audit(made(changes))
    assert report.verdict == "biased"
    assert set(report.mistakes) == {other, NAME}
    assert "with the weight 0.05 of the entropy" in report.reason


@pytest.mark.parametrize("weight", [0.01, 0.7])
def test_entropy_that_is_paid_and_not_differentiated_is_named_with_any_weight(weight):
    report = audit(made(BONUSES["entropy as a reward alone"].stations(weight)))
    assert report.mistakes == ("entropy as a reward alone",)
    assert f"entropy={weight}" in report.notes[-1]


def test_what_is_no_bonus_is_not_told_as_one():
    def twice(batch, theta):
        return (1 + 0.1 * batch.rewards.sum()) * ESTIMATORS[STEP](batch, theta)

    assert NAME not in audit(twice).mistakes
