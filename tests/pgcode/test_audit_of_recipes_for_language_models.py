"""Losses of language models from their formulas, at the first step of an update: what of each the audit is given.

Each loss is written out with its ratios and its clipping, and differentiated by the complex step; its mean over all
groups is that of advantages and an aggregation, which the audit judges. GSPO: Zheng et al. (2025), arXiv 2507.18071;
DAPO: Yu et al. (2025), 2503.14476; CISPO: MiniMax-M1 (2025), 2506.13585; Dr. GRPO: Liu et al. (2025), 2503.20783.
"""

import numpy as np
import pytest

from pgcode.audit import audit_sequences
from pgcode.audit._sequences import _draws, _mean
from pgcode.mistakes import PENALTIES, SEQUENCES, leave_one_out

LOWER, HIGHER = 0.2, 0.28


def standardised(batch):
    off = batch.rewards - batch.group_mean(batch.rewards)
    spread = np.sqrt(batch.group_mean(off**2))
    differ = spread > 1e-12  # by more than rounding
    return np.where(differ, off / np.where(differ, spread, 1), 0)


def centred(batch):
    return batch.rewards - batch.group_mean(batch.rewards)


def clipped(ratio, advantage, lower, higher):
    """min(ρ A, clip(ρ) A); clip keeps the slope inside, and ρ may be complex."""
    inside = np.where(ratio.real < 1 - lower, 1 - lower, np.where(ratio.real > 1 + higher, 1 + higher, ratio))
    return np.where((ratio * advantage).real <= (inside * advantage).real, ratio * advantage, inside * advantage)


def gspo(log_ratio, mask, advantage, log_pi):
    ratio = np.exp(log_ratio.sum(axis=1) / mask.sum(axis=1))
    return clipped(ratio, advantage, 3e-4, 4e-4).mean()


def dapo(log_ratio, mask, advantage, log_pi):
    tokens = clipped(np.exp(log_ratio), advantage[:, None], LOWER, HIGHER)
    return (tokens * mask).sum() / mask.sum()


def dr_grpo(log_ratio, mask, advantage, log_pi):
    """Divided by the longest answer that is allowed, as its programs do."""
    tokens = clipped(np.exp(log_ratio), advantage[:, None], LOWER, LOWER)
    return (tokens * mask).sum() / mask.size


def cispo(log_ratio, mask, advantage, log_pi):
    """The ratio is clipped from above and held constant; what is differentiated is log π."""
    held = np.minimum(np.exp(log_ratio.real), 1 + HIGHER)
    return (held * advantage[:, None] * log_pi * mask).sum() / mask.sum()


def slopes(function, theta):
    """The gradient by the complex step, unchecked: a ratio that is held constant drops its part on purpose."""
    found = np.empty(theta.shape)
    for index in np.ndindex(theta.shape):
        shifted = theta.astype(complex)
        shifted[index] += 1e-30j
        found[index] = function(shifted).imag / 1e-30
    return found


#: Each loss, with its advantages, and the aggregation that stands for it at the first step.
LOSSES = {
    "GSPO": (gspo, standardised, "sequence mean"),
    "DAPO": (dapo, standardised, "token mean"),
    "Dr. GRPO": (dr_grpo, centred, "constant"),
    "CISPO": (cispo, standardised, "token mean"),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_with_ratios_is_an_aggregation_at_the_first_step(name):
    """On every group, and so in the mean: in one process with groups of two, where there are not many."""
    loss, advantages, aggregation = LOSSES[name]
    draw = _draws()[0]
    process, total = draw.process, np.zeros(draw.process.theta.shape)
    old = process.log_probabilities(process.theta)
    for number, chance in enumerate(draw.probabilities):
        batch, at = draw.batches[number], (draw.prompts[number], draw.answers[number])
        given = advantages(batch)

        def of(theta, at=at, given=given, mask=batch.mask):
            log_pi = process.log_probabilities(theta)[at]
            return loss(log_pi - old[at], mask, given, log_pi)

        total += chance * slopes(of, process.theta)
    np.testing.assert_allclose(total, _mean(draw, advantages, (aggregation, False)), atol=1e-14)


def farthest(report):
    return max(float(row[-1]) for row in report.directions.rows)


def test_what_each_of_them_is():
    """GSPO is GRPO at the first step, DAPO and CISPO bend a little less, and Dr. GRPO is a step size."""
    gspo = audit_sequences(standardised, aggregation="sequence mean")
    dapo = audit_sequences(standardised, aggregation="token mean")
    assert gspo.mistakes == dapo.mistakes == ("group standardised",)
    assert [farthest(one) for one in (gspo, dapo)] == pytest.approx([63.47, 63.29], abs=0.01)
    report = audit_sequences(centred, aggregation="constant")
    assert (report.verdict, report.factor) == ("proportional", "(1 − 1/m)/T")


@pytest.mark.parametrize(
    ("advantages", "aggregation", "factor"),
    [
        (leave_one_out, "sequence sum", "1/P(kept)"),
        (centred, "sequence sum", "(1 − 1/m)/P(kept)"),
        (leave_one_out, "constant", "1/(T·P(kept))"),
        (centred, "constant", "(1 − 1/m)/(T·P(kept))"),
    ],
)
def test_to_draw_groups_again_is_a_step_size(advantages, aggregation, factor):
    """A group of rewards that are all alike gives 0, so to leave it out divides by the probability of the others."""
    report = audit_sequences(advantages, aggregation=aggregation, redraw_alike=True)
    assert (report.verdict, report.factor) == ("proportional", factor)


def without_a_small_number(batch):
    """DAPO as it is written: nothing is added to the deviation, for a group without one is drawn again."""
    deviation = np.array([batch.rewards[batch.groups == group].std() for group in batch.groups])
    with np.errstate(invalid="ignore"):
        return (batch.rewards - batch.group_mean(batch.rewards)) / deviation


def test_a_group_that_is_drawn_again_is_never_seen():
    seen = []

    def looks(batch):
        seen.append(min(np.ptp(batch.rewards[batch.groups == group]) for group in batch.groups))
        return without_a_small_number(batch)

    report = audit_sequences(looks, redraw_alike=True)
    assert min(seen) > 0
    assert report.verdict == "biased"
    assert report.mistakes == audit_sequences(standardised, redraw_alike=True).mistakes
    told = audit_sequences(without_a_small_number)
    assert told.verdict == "not an estimator"
    assert "the rewards of a group are all alike there" in told.reason
    assert "redraw_alike=True" in told.reason
    other = audit_sequences(lambda batch: batch.rewards * (np.nan if np.ptp(batch.rewards) > 0 else 1))
    assert "look for 0/0 and log 0" in other.reason


def test_to_draw_groups_again_turns_what_has_no_baseline():
    """A group of rewards that are all 1 pushes up, and is lost."""
    assert audit_sequences(lambda batch: batch.rewards).verdict == "unbiased"
    assert audit_sequences(lambda batch: batch.rewards, redraw_alike=True).verdict == "biased"


def test_to_draw_groups_again_turns_nothing_and_names_stay():
    for aggregation in ("sequence sum", "token mean"):
        once, again = (
            audit_sequences(standardised, aggregation=aggregation, redraw_alike=redraw) for redraw in (False, True)
        )
        assert once.mistakes == again.mistakes == ("group standardised",)
        turned = [[row[-1] for row in report.directions.rows if int(row[1]) == 1] for report in (once, again)]
        assert turned[0] == turned[1]


def test_the_probability_that_a_group_is_kept_is_that_of_its_rewards():
    """Counted by hand, where rewards are 0 and 1: 1 − q² − (1 − q)² of two answers, in the mean over the prompts."""
    draw = _draws()[0]
    right = (draw.process.probabilities(draw.process.theta) * draw.process.rewards).sum(axis=1)
    assert set(draw.process.rewards.ravel()) == {0, 1}
    assert draw.share_kept == pytest.approx(np.mean(2 * right * (1 - right)))
    two = _draws()[-1]
    assert two.n_groups == 2
    one = next(draw for draw in _draws() if draw.process is two.process and (draw.n_groups, draw.group_size) == (1, 2))
    assert two.share_kept == pytest.approx(one.share_kept)
    assert two.chances(True).sum() == pytest.approx(1)


def test_bad_arguments_are_refused():
    with pytest.raises(TypeError, match="redraw_alike is 1: pass True or False"):
        audit_sequences(SEQUENCES["group standardised"], redraw_alike=1)


# ---- a penalty on the distance ---------------------------------------------------------------------------------------


def less_kl(weigh, subtracted, beta=0.1):
    """A recipe: advantages of the rewards less β times something for the distance."""
    return lambda batch: np.reshape(weigh(batch), (-1, 1)) - beta * subtracted(batch) + np.zeros(batch.mask.shape)


def answer(batch):
    return batch.log_ratios.sum(axis=1, keepdims=True)


def to_go(batch):
    return np.cumsum(batch.log_ratios[:, ::-1], axis=1)[:, ::-1]


@pytest.mark.parametrize("right", [answer, to_go])
def test_a_log_ratio_that_is_paid_is_right(right):
    assert audit_sequences(less_kl(leave_one_out, right), kl=0.1).verdict == "unbiased"


@pytest.mark.parametrize("name", PENALTIES)
def test_each_wrong_penalty_is_named(name):
    report = audit_sequences(less_kl(leave_one_out, PENALTIES[name]), kl=0.1)
    assert (report.verdict, report.mistakes, report.factor) == ("biased", (name,), "")


def test_a_penalty_that_was_forgotten_is_what_is_told():
    """And not what is proportional by itself."""
    report = audit_sequences(lambda batch: batch.rewards - batch.group_mean(batch.rewards), kl=0.05)
    assert report.mistakes == ("penalty left out", "mean of the group subtracted")
    assert report.together
    assert "“penalty left out” and “mean of the group subtracted” together" in report.reason
    report = audit_sequences(lambda batch: 2 * leave_one_out(batch), kl=0.05)
    assert (report.mistakes, report.factor) == (("penalty left out",), "2")


def test_grpo_as_it_is_has_both_names():
    grpo = less_kl(SEQUENCES["group standardised"], PENALTIES["k3 differentiated by token"])
    report = audit_sequences(grpo, kl=0.1)
    assert report.mistakes == ("k3 differentiated by token", "group standardised")
    report = audit_sequences(less_kl(SEQUENCES["group standardised"], answer), kl=0.1)
    assert report.mistakes == ("group standardised",)
