"""What the chapter says of recipes for language models is what its cells find."""

import numpy as np
import pytest

from pgcode import complex_step

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
    assert np.linalg.norm(clipped) < 0.05 * np.linalg.norm(gradient)


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
            max(float(line[-1]) for line in names["averaged"][rule, name].variances.rows)
            for name in ("mean of the answer", "mean over all tokens")
        ]
        assert angles[0] > angles[1] > 10
    rows = names["standard"].variances.rows
    assert max(float(line[-1]) for line in rows) == pytest.approx(64.7, abs=0.05)
    assert float(rows[0][-1]) == 0


def test_the_numbers_of_the_text():
    def weight(q):
        return 1 / np.sqrt(q * (1 - q))

    assert round(weight(0.02), 1) == 7.1
    assert weight(0.5) == 2
    slope = complex_step(lambda q: 2 * np.arcsin(np.sqrt(q)), 0.3)
    assert slope == pytest.approx(weight(0.3))
    assert np.std([0, 1], ddof=1) == pytest.approx(np.sqrt(1 / 2))
    assert round(1 - 1 / 16, 2) == 0.94
