"""What the chapter says of recipes for language models is what its cells find."""

import itertools

import numpy as np
import pytest

from pgcode import complex_step
from pgcode.audit import audit_sequences

NAME = "practice/language-models"


def turned(one, other):
    cosine = (one * other).sum() / np.linalg.norm(one) / np.linalg.norm(other)
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def test_all_write_balanced_brackets(chapter):
    names = chapter(NAME)
    assert len(names["answers"]) == 63
    assert [text for text in names["answers"] if names["balanced"](text)] == ["().", "(()).", "()()."]
    for runs in names["curves"].values():
        middle = np.median(runs[:, :, 0], axis=0)
        assert middle[0] == pytest.approx(0.045, abs=0.001)
        assert middle[-1] > 0.985


def test_a_mean_per_answer_leaves_the_wrong_ones_long(chapter):
    length = {name: np.median(runs[:, -1, 1]) for name, runs in chapter(NAME)["curves"].items()}
    assert all(3.1 < length[name] < 3.5 for name in ("leave one out", "over all tokens"))
    assert all(3.7 < length[name] < 4.1 for name in ("per answer", "GRPO"))


def test_the_probabilities_sum_to_one(chapter):
    names = chapter(NAME)
    assert names["chances"](names["theta"]).sum() == pytest.approx(1)
    at = names["theta"]
    score = names["mean_of"](names["rewards"])
    exact = complex_step(lambda theta: names["chances"](theta) @ names["rewards"], at)
    np.testing.assert_allclose(score, exact, atol=1e-12)


def test_which_estimates_of_kl_have_its_gradient(chapter):
    names = chapter(NAME)
    found, exact = names["found"], names["exact"]
    right = {name for name, mean in found.items() if np.abs(mean - exact).max() < 1e-10}
    assert right == {"k1 paid as a reward", "k2 differentiated"}
    assert not found["k1 differentiated"].any()
    for name, degrees in (("k2 differentiated, by token", 6.8), ("k3 differentiated, by token", 4.5)):
        assert turned(found[name], exact) == pytest.approx(degrees, abs=0.1)
    other = complex_step(
        lambda theta: (
            names["chances"](names["reference"])
            * np.log(names["chances"](names["reference"]) / names["chances"](theta))
        ).sum(),
        names["theta"],
    )
    np.testing.assert_allclose(found["k3 differentiated"], other, atol=1e-12)


def test_the_ratio_of_the_whole_answer_alone_is_exact(chapter):
    names = chapter(NAME)
    for updates, means in names["stale"].items():
        right = {name for name, mean in means.items() if np.abs(mean - names["gradient_at"][updates]).max() < 1e-10}
        assert right == (set(means) if updates == 0 else {"of the whole answer"})
    clipped, gradient = names["stale"][20]["of each token, clipped"], names["gradient_at"][20]
    assert round(100 * np.linalg.norm(clipped) / np.linalg.norm(gradient)) == 5
    assert turned(clipped, gradient) > 90


def test_a_mean_per_answer_is_the_gradient_of_another_objective(chapter):
    """E[(R − b)/N], with b held."""
    names = chapter(NAME)
    theta, lengths, rewards = names["theta"], names["lengths"], names["rewards"]
    p = names["chances"](theta)
    mean = names["pushes"](theta, names["everything"], (p * (rewards - 0.3) / lengths)[:, None] * names["mask"])
    exact = complex_step(lambda at: (names["chances"](at) * (rewards - 0.3) / lengths).sum(), theta)
    np.testing.assert_allclose(mean, exact, atol=1e-12)


def test_the_audit_has_the_factors_and_angles_of_the_text(chapter):
    names = chapter(NAME)
    found = {key: (report.verdict, report.factor) for key, report in names["averaged"].items()}
    assert found["leave one out", "sum of the answer"] == ("unbiased", "")
    assert found["group mean", "sum of the answer"] == ("proportional", "(1 − 1/m)")
    assert found["group mean", "over a constant"] == ("proportional", "(1 − 1/m)/T")
    for rule in ("leave one out", "group mean"):
        angles = [
            max(float(line[-1]) for line in names["averaged"][rule, name].directions.rows)
            for name in ("mean of the answer", "mean over all tokens")
        ]
        assert angles[0] > angles[1] > 10
    rows = names["standard"].directions.rows
    assert max(float(line[-1]) for line in rows) == pytest.approx(64.7, abs=0.05)
    assert float(rows[0][-1]) == 0
    assert [float(line[-1]) for line in rows if line[0] == "right or wrong" and int(line[2]) == 4] == [0.32]


def test_the_noise_of_the_estimates_of_kl(chapter):
    names = chapter(NAME)
    p, k1, k3 = names["p"], names["k1"], names["k3"]
    assert p @ k1 == pytest.approx(p @ k3)
    variances = [p @ (k - p @ k) ** 2 for k in (k1, k3)]
    assert round(variances[0] / variances[1]) == 5


def standardised(rewards):
    off = rewards - rewards.mean()
    return off / off.std(ddof=1) if off.any() else off


def mean_over_groups(rewards, chances, m):
    """E[w₁ ∇log π] of one prompt and one decision, each group of m answers listed: the push of each logit."""
    total = np.zeros(len(rewards))
    for group in itertools.product(range(len(rewards)), repeat=m):
        push = standardised(rewards[list(group)])[0] * (np.eye(len(rewards))[group[0]] - chances)
        total += chances[list(group)].prod() * push
    return total


def test_a_deviation_bends_one_prompt_only_where_there_are_three_rewards():
    thirds, paid = np.full(3, 1 / 3), np.array([0.0, 1.0, 10.0])
    gradient = thirds * (paid - paid.mean())
    np.testing.assert_allclose(9 * gradient, [-11, -8, 19])
    two = mean_over_groups(paid, thirds, 2)
    np.testing.assert_allclose(two / two[2], [-1, 0, 1], atol=1e-12)
    assert round(turned(two, gradient)) == 25
    assert round(turned(mean_over_groups(paid, thirds, 8), gradient)) == 2
    for m in (2, 3, 5):  # three answers, two rewards
        chances, right = np.array([0.2, 0.5, 0.3]), np.array([0.0, 1.0, 0.0])
        assert turned(mean_over_groups(right, chances, m), chances * (right - 0.5)) < 1e-5


def test_the_factor_of_a_prompt_in_groups_of_eight():
    """With rewards 0 and 1 the mean is E[w | right] − E[w | wrong], times ∇q."""
    for q, factor in ((0.02, 2.4), (0.5, 1.7)):
        mean = mean_over_groups(np.array([0.0, 1.0]), np.array([1 - q, q]), 8)
        assert round(mean[1] / (q * (1 - q)), 1) == factor
    assert 0.98**8 > 0.5


def test_a_constant_advantage_divided_by_the_length_lengthens(chapter):
    aimless = chapter(NAME)["aimless"]
    assert min(aimless["mean of the answer"]) > 4.4
    assert min(aimless["sum of the answer"]) < 2 < 3.4 < max(aimless["sum of the answer"])


def test_leave_one_out_with_the_distance_paid_climbs_its_objective():
    """As TRL's RLOO does: k1 of the answer is subtracted from its reward before the others' mean is."""

    def rloo(batch):
        paid = batch.rewards - 0.05 * batch.log_ratios.sum(axis=1)
        n = batch.group_sizes
        return (paid - batch.group_mean(paid)) * n / (n - 1)

    assert audit_sequences(rloo, kl=0.05).verdict == "unbiased"
    assert audit_sequences(rloo, kl=0.05, aggregation="token mean").verdict == "biased"


def test_answers_that_are_left_out_because_they_are_cut(chapter):
    """The mean is the gradient of E[(R − b) 1(whole)], which is that of neither task where b is not 0."""
    names = chapter(NAME)
    theta, p, rewards = names["theta"], names["p"], names["rewards"] + 0.3
    whole = np.array([text[-1] == "." for text in names["answers"]])
    baseline = p @ rewards

    def gradient(paid):
        return complex_step(lambda at: names["chances"](at) @ paid, theta)

    masked = names["mean_of"](np.where(whole, rewards - baseline, 0))
    np.testing.assert_allclose(masked, gradient(np.where(whole, rewards - baseline, 0)), atol=1e-12)
    assert turned(masked, gradient(rewards)) > 1
    assert turned(masked, gradient(rewards * whole)) > 1
    assert p @ ~whole > 0.01


def test_a_baseline_is_not_free_where_top_p_writes(chapter):
    names = chapter(NAME)
    theta, rewards, p = names["theta"], names["rewards"], names["p"]
    allowed = np.full_like(theta, -np.inf)
    for row, logits in enumerate(theta):
        order = np.argsort(-logits, kind="stable")
        share = np.exp(logits[order]) / np.exp(logits).sum()
        kept = order[: np.searchsorted(share.cumsum(), 0.9 - 1e-12) + 1]
        allowed[row, kept] = logits[kept]
    writes = names["chances"](allowed)
    assert writes.sum() == pytest.approx(1)
    assert (writes == 0).sum() == 9
    gradient = names["mean_of"](rewards)

    def mean(weights):
        return names["pushes"](theta, names["everything"], (writes * weights)[:, None] * names["mask"])

    assert round(np.linalg.norm(mean(rewards)) / np.linalg.norm(gradient), 1) == 1.3
    assert round(turned(mean(rewards), gradient), 1) == 0.1
    assert round(turned(mean(rewards - writes @ rewards), gradient)) == 26
    assert writes @ rewards > p @ rewards


def test_the_numbers_of_the_text():
    def weight(q):
        return 1 / np.sqrt(q * (1 - q))

    assert round(weight(0.02), 1) == 7.1
    assert weight(0.5) == 2
    slope = complex_step(lambda q: 2 * np.arcsin(np.sqrt(q)), 0.3)
    assert slope == pytest.approx(weight(0.3))
    assert np.std([0, 1], ddof=1) == pytest.approx(np.sqrt(1 / 2))
    assert round(1 - 1 / 16, 2) == 0.94
