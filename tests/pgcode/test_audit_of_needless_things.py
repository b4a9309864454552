"""An unbiased estimator that is noisier than it need be is told by what, and what it costs in exact variance."""

import numpy as np
import pytest
import right_estimators
from listed import made

from pgcode.audit import audit as audited
from pgcode.audit._naming import RIGHT_ESTIMATORS
from pgcode.audit._worlds import draws
from pgcode.mistakes._pipeline import run, to_go, whole_return
from pgcode.policies import SoftmaxPolicy
from pgcode.values import state_values


def audit(estimator, **options):
    """An audit with time without end: none of this hangs on how fast the machine is."""
    return audited(estimator, max_seconds=1e6, **options)


def early_by(steps):
    """The sum of the rewards begins some steps too early."""

    def weights(batches):
        paid = batches.powers * batches.rewards
        total = to_go(paid, 1.0)
        for lag in range(1, steps + 1):
            total[..., lag:] += paid[..., :-lag]
        return total

    return weights


def variances(changes):
    """Of each world, the variance in its largest draw: as the report has it."""
    largest = {draw.world.name: draw for draw in draws((1, 2, 3))}
    return np.array([draw.variance(run(draw.batches, changes)) for draw in largest.values()])


def test_a_sum_that_begins_one_step_early_is_told_with_what_it_costs():
    report = audit(made({"weights": early_by(1)}))
    assert report.verdict == "unbiased"
    (note,) = report.notes
    assert "also paid the reward of the step before, which it could not change" in note
    assert "From R(τ) to Q" in note
    own, known = variances({"weights": early_by(1)}), variances({})
    more, less = int((own > known * 1.000001).sum()), int((own < known * 0.999999).sum())
    assert f"yours has more variance than that in {more} of {len(own)} worlds" in note
    assert f"up to {max(own / known):.3g} times as much (in “seven steps”), and less in {less}" in note


@pytest.mark.parametrize("steps", [2, 6])
def test_more_than_one_step_early_is_told_as_such(steps):
    (note,) = audit(made({"weights": early_by(steps)})).notes
    assert "rewards of steps before it, which it could not change" in note


def whole_less_values(batch, theta, mdp):
    values = state_values(mdp, SoftmaxPolicy(*theta.shape), theta)
    pi, total = right_estimators.softmax(theta), np.zeros_like(theta)
    for i, length in enumerate(batch.lengths):
        gain = batch.rewards[i] @ batch.discount ** np.arange(batch.horizon)
        for t in range(length):
            s = batch.states[i, t]
            weight = gain - batch.discount**t * values[t, s]
            total[s] += weight * (np.eye(theta.shape[1])[batch.actions[i, t]] - pi[s])
    return total / batch.n_trajectories


@pytest.mark.parametrize(
    ("estimator", "sibling"),
    [
        (made(RIGHT_ESTIMATORS["whole return"]), "“reward-to-go”"),
        (made(RIGHT_ESTIMATORS["whole return, leave-one-out"]), "“reward-to-go, leave-one-out”"),
        (whole_less_values, "“reward-to-go less V”"),
    ],
)
def test_past_rewards_are_found_beside_a_baseline_and_compared_with_the_same_without_them(estimator, sibling):
    (note,) = audit(estimator).notes
    assert "which it could not change" in note
    assert f"Without them yours is {sibling}: " in note


@pytest.mark.parametrize("name", ["loop", "by_table"])
def test_the_plain_one_is_told_nothing(name):
    assert audit(getattr(right_estimators, name)).notes == ()


def test_a_baseline_that_lowers_the_variance_in_most_worlds_is_told_nothing():
    def less_values(batch, theta, mdp):
        values = state_values(mdp, SoftmaxPolicy(*theta.shape), theta)
        pi, total = right_estimators.softmax(theta), np.zeros_like(theta)
        for i, length in enumerate(batch.lengths):
            for t in range(length):
                s = batch.states[i, t]
                weight = batch.discount**t * (batch.returns_from_step[i, t] - values[t, s])
                total[s] += weight * (np.eye(theta.shape[1])[batch.actions[i, t]] - pi[s])
        return total / batch.n_trajectories

    report = audit(less_values)
    assert (report.verdict, report.notes) == ("unbiased", ())


def test_an_estimator_that_looks_at_one_episode_alone_is_told_so():
    report = audit(lambda batch, theta: right_estimators.loop(batch[[0]], theta))
    assert report.verdict == "unbiased"
    (note,) = report.notes
    assert note.startswith("Of the 2 episodes of a batch it uses only the first.")
    assert "the mean of all 2 has 1/2 of this variance" in note


def test_a_baseline_that_costs_more_than_it_gains_is_told_by_the_numbers():
    def plus_five(batches):
        return to_go(batches.powers * batches.rewards, 1.0) + 5.0

    (note,) = audit(made({"weights": plus_five})).notes
    assert note.startswith("The reward-to-go with nothing subtracted has the same mean: ")
    ratios = variances({"weights": plus_five}) / variances({})
    assert (ratios > 1).all()
    assert f"in all {len(ratios)} worlds, up to {max(ratios):.3g} times as much" in note


def test_single_precision_hides_no_past_rewards():
    whole = made({"weights": whole_return})
    (note,) = audit(lambda batch, theta: whole(batch, theta).astype(np.float32)).notes
    assert "which it could not change" in note
