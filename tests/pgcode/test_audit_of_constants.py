"""A known mistake with another constant than that of the catalogue is named, with its value, and never untruly."""

import listed
import numpy as np
import pytest
import right_estimators
import usual_losses
from right_estimators import softmax

from pgcode.audit import audit, from_buffer
from pgcode.audit._calls import call_on_all
from pgcode.audit._constants import with_a_constant
from pgcode.audit._naming import RIGHT_ESTIMATORS
from pgcode.audit._worlds import draws
from pgcode.mistakes import ESTIMATORS
from pgcode.mistakes._pipeline import RIGHT

STEP, MEAN = "discount of the step left out", "mean over the steps of the batch"
WHITENED = (STEP, "standardised over the batch", MEAN, "entropy of the visited states without discount")


def made(**changes):
    return listed.made(changes)


loop = listed.listed(right_estimators.loop)
without_power = made(**{ESTIMATORS[STEP].station: ESTIMATORS[STEP].change})


def entropies(theta):
    pi = softmax(theta)
    return -pi * (np.log(pi) - (pi * np.log(pi)).sum(axis=1, keepdims=True))


def shortened(estimator, longest):
    """As PyTorch does it, with a small number beside the length."""

    def estimate(batch, theta):
        gradient = estimator(batch, theta)
        return gradient * min(1.0, longest / (np.linalg.norm(gradient) + 1e-6))

    return estimate


whitened = listed.listed(from_buffer(usual_losses.whitened))


@pytest.mark.parametrize(
    ("estimator", "names", "factor", "notes"),
    [
        (
            lambda b, t: loop(b, t) - 0.01 * t,
            ("weight decay included",),
            "",
            ("weight of θ is 0.01 here, and not 0.1",),
        ),
        (lambda b, t: 0.01 * t - loop(b, t), ("weight decay included",), "−1", ("weight of θ is 0.01 here",)),
        (
            lambda b, t: loop(b, t) + 0.05 * entropies(t),
            ("entropy bonus included",),
            "",
            ("of the entropy is 0.05 here",),
        ),
        (
            lambda b, t: loop(b, t) + 0.05 * entropies(t) - 0.01 * t,
            ("weight decay included", "entropy bonus included"),
            "",
            ("weight of θ is 0.01", "weight of the entropy is 0.05"),
        ),
        (
            lambda b, t: without_power(b, t) - 0.01 * t,
            (STEP, "weight decay included"),
            "",
            ("weight of θ is 0.01",),
        ),
        (
            lambda b, t: whitened(b, t) - 0.01 * t,
            (*WHITENED, "weight decay included"),
            "",
            ("weight of θ is 0.01", "weight of the entropy is 0.01"),
        ),
    ],
    ids=["decay", "downhill", "entropy", "both", "without γᵗ", "a usual loss"],
)
def test_a_pull_is_named_with_its_weight(estimator, names, factor, notes):
    report = audit(estimator)
    assert (report.verdict, report.mistakes, report.factor) == ("biased", names, factor)
    for told in notes:
        assert any(told in note for note in report.notes), report.notes


@pytest.mark.parametrize("longest", [0.1, 1.0, 10.0])
def test_a_longest_length_is_named_with_its_value(longest):
    report = audit(shortened(loop, longest))
    assert (report.verdict, report.mistakes) == ("biased", ("clipped to a length",))
    assert f"The longest length is {longest:g} here, and not 0.5." in report.notes


def test_a_usual_loss_that_is_shortened_is_taken_apart():
    report = audit(shortened(from_buffer(usual_losses.stable_baselines_ppo), 0.5))
    ppo = ("value left out", STEP, "standardised over the batch with one less", MEAN)
    assert report.mistakes == (*ppo, "clipped to a length")
    assert report.notes == ("The longest length is 0.5.", "Its advantages are summed with λ = 0.95.")


def test_whitening_with_a_small_number_a_bonus_and_a_longest_length_are_told_together():
    """As PPO has them: each by its name, with the weight and the length that the code has."""
    report = audit(shortened(whitened, 0.5))
    assert report.verdict == "biased"
    assert report.together
    assert set(report.mistakes) == {*WHITENED, "clipped to a length"}
    assert "The longest length is 0.5." in report.notes
    assert "The weight of the entropy is 0.01." in " ".join(report.notes)


@pytest.mark.parametrize("limit", [0.5, 2.0, 10.0, 60.0])
@pytest.mark.parametrize("beside", [(), (STEP,)])
def test_a_limit_of_rewards_and_of_weights_is_named_with_its_value(limit, beside):
    others = {ESTIMATORS[name].station: ESTIMATORS[name].change for name in beside}
    clips = {
        "rewards clipped": {"data": lambda batches: batches.changed(rewards=np.clip(batches.rewards, -limit, limit))},
        "weights clipped": {"baseline": lambda batches, weights: np.clip(weights, -limit, limit)},
    }
    for name, changes in clips.items():
        report = audit(made(**others, **changes))
        assert (report.verdict, report.mistakes) == ("biased", (*beside, name))
        assert report.notes == (f"The limit is {limit:g} here, and not 1.",)


@pytest.mark.parametrize("times", [2.0, 0.1])
def test_a_temperature_is_named_with_its_value(times):
    def scores(batches):
        return times * RIGHT["scores"](batches.changed(theta=times * batches.theta))

    report = audit(made(scores=scores))
    assert (report.verdict, report.mistakes) == ("biased", ("temperature forgotten",))
    assert report.notes == (f"The factor of the logits is {times:g} here, and not 0.5.",)


def unknown(batch, theta):
    return loop(batch, theta) * (1 + 0.3 * batch.rewards.sum())


@pytest.mark.parametrize(
    "estimator",
    [
        unknown,
        lambda b, t: unknown(b, t) - 0.01 * t,
        lambda b, t: loop(b, t) - 0.01 * t * b.n_trajectories,
        lambda b, t: loop(b, t) - 0.01 * t * b.lengths.sum(),
        lambda b, t: loop(b, t) - 0.01 * t**2,
        lambda b, t: -0.01 * t,
        lambda b, t: np.clip(loop(b, t), -1, 1),
        shortened(unknown, 1.0),
        made(baseline=lambda batches, weights: np.clip(weights, -3, 5)),
        made(data=lambda batches: batches.changed(rewards=np.tanh(batches.rewards / 5))),
    ],
    ids=[
        "unknown",
        "unknown, decays",
        "by m",
        "by steps",
        "θ²",
        "θ alone",
        "entries",
        "unknown, short",
        "one-sided",
        "tanh",
    ],
)
def test_what_is_another_thing_has_no_name(estimator):
    report = audit(estimator)
    assert (report.verdict, report.mistakes) == ("biased", ()), report.mistakes


@pytest.mark.parametrize("name", RIGHT_ESTIMATORS)
def test_a_right_estimator_has_no_constant(name):
    called = call_on_all(made(**RIGHT_ESTIMATORS[name]), draws((1, 2)), 60)
    assert with_a_constant(called) is None
