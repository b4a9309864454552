"""What the page on auditing says is what its cells find."""

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from pgcode import mistakes
from pgcode.audit import audit
from pgcode.audit._recipes import Recipe, estimates
from pgcode.audit._worlds import draws, worlds
from pgcode.mistakes._pipeline import run
from pgcode.values import state_values

NAME = "practice/audit-your-own"
BY_STEPS = (
    "cut where the steps are enough",
    "unfinished episode dropped but counted",
    "as many episodes as the steps allow",
)

#: Of each program's formula: the verdict, the factor and the names.
ESTIMATORS = [
    ("biased", "", {"discount left out", "mean over the steps of the batch"}),
    ("biased", "", {"discount of the step left out", "standardised per episode with one less"}),
    ("biased", "", {"discount of the step left out", "mean over the steps of the batch"}),
    ("proportional", "1/T", {"mean over padded steps"}),
    ("biased", "", {"discount of the step left out", "mean over padded steps"}),
]
ADVANTAGES = [
    ("equal", "", set()),
    ("different", "", {"standardised"}),
    ("different", "", {"cut taken for an end"}),
    ("different", "", {"cut taken for an end"}),
    ("equal", "", set()),
    ("equal", "", set()),
]
SEQUENCES = [
    ("biased", "", {"group standardised with one less"}),
    ("biased", "", {"group standardised with one less"}),
    ("proportional", "(1 − 1/m)", {"mean of the group subtracted"}),
    ("unbiased", "", set()),
    ("biased", "", set()),
    ("biased", "", {"standardised over all tokens"}),
    ("biased", "", {"mean of the group subtracted then standardised over all tokens"}),
    ("biased", "", {"mean weighted by length subtracted"}),
    ("biased", "", {"mean of the group subtracted by share of rewards"}),
    ("biased", "", {"group standardised then standardised over all tokens"}),
    ("biased", "", {"best of the group less the second"}),
    ("biased", "", {"group standardised with one less"}),
    ("biased", "", {"group standardised with one less"}),
    ("proportional", "(1 − 1/m)/T", {"mean of the group subtracted"}),
    ("unbiased", "", set()),
]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("of_estimators", ESTIMATORS), ("of_advantages", ADVANTAGES), ("of_sequences", SEQUENCES)],
)
def test_the_verdict_on_each_public_program(chapter, kind, expected):
    found = [(report.verdict, report.factor, set(report.mistakes)) for report in chapter(NAME)[kind]]
    assert found == expected


@pytest.mark.slow
@pytest.mark.parametrize("row", range(len(ESTIMATORS)))
def test_an_audit_with_batches_of_three_says_the_same(chapter, row):
    report = audit(chapter(NAME)["estimators"][row][2])
    assert (report.verdict, report.factor, set(report.mistakes)) == ESTIMATORS[row]


def test_the_recipes_have_the_numbers_of_the_text(chapter):
    names = chapter(NAME)
    reports = names["reports"]
    assert [(name, report.verdict, report.factor) for name, report in reports.items()] == [
        ("leave one out", "unbiased", ""),
        ("group mean", "proportional", "(1 − 1/m)"),
        ("group mean, constant", "proportional", "(1 − 1/m)/T"),
        ("over the group's deviation", "biased", ""),
        ("leave one out, per answer", "biased", ""),
        ("leave one out, per token", "biased", ""),
    ]
    farthest = [names["farthest"](report) for report in list(reports.values())[3:]]
    assert 64 < farthest[0] < 65
    assert farthest[1] > farthest[2]  # a mean over all tokens bends less


def test_the_counterexample_is_that_of_the_text(chapter):
    case = chapter(NAME)["wrong"].counterexample
    stay, leave = 0.668, 0.332
    assert case.world == "stay or leave"
    assert re.search(r"s0 a0 \+0\.6, s0 a1 \+2, s1\s+0\.2217\s+\(−0\.6728, 0\.6728\)", str(case))
    assert round(-leave * 2 + stay * 2, 2) == 0.67
    assert round(-leave * 2 + 0.7 * stay * 2, 2) == 0.27
    assert [round(float(case.mean[0, 1]), 3), round(float(case.gradient[0, 1]), 3)] == [0.304, 0.204]


def test_the_worlds_are_as_many_as_the_text_says():
    number = {12: "twelve", 13: "thirteen", 14: "fourteen", 15: "fifteen"}[len(worlds())]
    text = (Path(__file__).parents[2] / f"book/{NAME}.ipynb").read_text(encoding="utf-8")
    assert set(re.findall(r"(?:in|of|all|has) (\w+teen|twelve)\b", text)) == {number}


def test_the_critic_of_what_is_seen_has_the_numbers_of_the_text(chapter):
    report = chapter(NAME)["alike"]
    case = report.counterexample
    world = case._draw.world
    assert report.reason.endswith("the mean is off by 181 % of the gradient's length, and turned by 122°.")
    assert [round(float(case.mean[0, 0]), 3), round(float(case.gradient[0, 0]), 3)] == [-0.358, 0.328]
    assert world.values[1, 1].round(2) == 0.80
    values = state_values(world.mdp, world.policy, world.theta)
    assert values[1, 1:3].round(2).tolist() == [2.02, -1.22]
    assert np.asarray(world.mdp.reward)[0, [0, 1], [1, 2]].tolist() == [-0.5, 0.7]
    assert np.asarray(world.mdp.reward)[[1, 2], 0, 3].tolist() == [3, -2]


@pytest.mark.parametrize(("decay", "turned"), [(0.95, 3), (1.0, 0)])
def test_the_sum_of_all_rewards_does_not_turn_where_states_look_alike(decay, turned):
    (draw,) = (draw for draw in draws((1,)) if draw.world.looks is not None)
    mean = draw.mean(estimates(draw, Recipe(critic="exact", decay=decay)))
    cosine = np.sum(mean * draw.gradient) / np.linalg.norm(mean) / np.linalg.norm(draw.gradient)
    assert round(float(np.degrees(np.arccos(min(cosine, 1))))) == turned


def test_batches_by_steps_are_biased_in_the_order_of_the_text(chapter):
    found = chapter(NAME)["found"]
    assert [case.n_trajectories for case in found] == [1, 1, 2]
    assert {case.world for case in found} == {"stay or leave"}


def test_four_things_of_the_loss_bend_the_gradient_and_the_deviation_most(chapter):
    report = audit(chapter(NAME)["ppo"])
    alone = {row[0]: float(row[1]) for row in report.ingredients.rows}
    assert list(alone) == [*report.mistakes, "all together"]
    assert len(report.mistakes) == 4
    assert max(report.mistakes, key=alone.get) == "standardised over the batch"
    one = audit(chapter(NAME)["ppo"], n_trajectories=1)
    turned = {row[0]: row[1] for row in one.ingredients.rows}
    assert float(turned["discount of the step left out"]) == alone["discount of the step left out"]


def biases(draw, m):
    """The biases of the three ways with m walks, exactly: episode after episode, by their numbers and their steps."""
    walks, chances = draw.world.walks
    right = run(draw.batches)[:, 0, 1]
    enough = (m * walks.horizon + 1) // 2
    cut = {}
    for room in range(1, walks.horizon + 1):
        kept = draw.batches.active & (np.arange(walks.horizon) < room)
        shorter = draw.batches.changed(active=kept, rewards=np.where(kept, draw.batches.rewards, 0.0))
        cut[room] = run(shorter)[:, 0, 1]
    means, running = np.zeros(3), {(0, 0): (1.0, 0.0)}
    while running:
        then = Counter(), Counter()
        for (count, steps), (chance, total) in running.items():
            for i, length in enumerate(walks.lengths):
                p, end = chance * chances[i], steps + length
                before = total * chances[i]
                if end < enough and count + 1 < m:
                    then[0][count + 1, end] += p
                    then[1][count + 1, end] += before + p * right[i]
                else:
                    last = [cut[min(length, enough - steps)][i], right[i] * (end <= enough), right[i]]
                    means += (before + p * np.array(last)) / (count + 1)
        running = {key: (then[0][key], then[1][key]) for key in then[0]}
    return means - draw.world.gradient[0, 1]


def test_the_biases_of_batches_by_steps_fall_with_the_number_of_walks():
    (draw,) = (draw for draw in draws((1,)) if draw.world.name == "stay or leave")
    assert biases(draw, 10).round(3).tolist() == [-0.033, -0.011, -0.045]
    assert biases(draw, 100).round(4).tolist() == [-0.0038, -0.0015, -0.0051]
    few = np.array([biases(draw, m) for m in (1, 2)])
    assert (few[:, :2].prod(axis=0) < 0).all()  # of either sign
    (two,) = (draw for draw in draws((2,)) if draw.world.name == "stay or leave")
    for name, bias in zip(BY_STEPS, few[1], strict=True):
        mean = two.mean(run(two.batches, {"data": mistakes.ESTIMATORS[name].change}))
        assert mean[0, 1] - two.world.gradient[0, 1] == pytest.approx(bias, abs=1e-12)
