"""The catalogue: every mistake is told from every other, wrong where it should be, and found by what it does."""

import itertools
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import right_estimators
from explained import SENTENCES, section

from pgcode import environments, mistakes
from pgcode.audit._worlds import Draw, draws
from pgcode.mistakes import ADVANTAGES, BONUSES, ESTIMATORS, PENALTIES, SEQUENCES, Steps, right_advantages
from pgcode.mistakes._catalogue import batches_of
from pgcode.mistakes._pipeline import RIGHT, run, whole_return
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import sample_trajectories

ROOT = Path(__file__).parents[2]


def test_the_catalogue_is_as_large_as_it_says():
    assert len(ESTIMATORS) >= 90
    assert len(ADVANTAGES) >= 35
    assert len(SEQUENCES) >= 18
    assert len({*ESTIMATORS, *ADVANTAGES, *SEQUENCES, *BONUSES, *PENALTIES}) == sum(map(len, CATALOGUES.values()))


CATALOGUES = {
    "estimators": ESTIMATORS, "advantages": ADVANTAGES, "sequences": SEQUENCES, "bonuses": BONUSES,
    "penalties": PENALTIES,
}  # fmt: skip


@pytest.mark.parametrize("catalogue", CATALOGUES.values(), ids=CATALOGUES)
def test_each_mistake_says_what_it_does_and_why_that_is_wrong(catalogue):
    for name, mistake in catalogue.items():
        assert mistake.name == name == name.lower()
        assert mistake.what.endswith(".")
        assert mistake.why.endswith((".", "−J."))
        assert "\n" not in mistake.what + mistake.why


def test_an_unknown_name_is_told():
    with pytest.raises(KeyError, match="no mistake is called 'upside down'"):
        _ = ESTIMATORS["upside down"]


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_mistake_is_the_pipeline_with_one_station_changed(name):
    """Called on a batch it gives what the stack of all batches holds; it differs from a right estimator somewhere."""
    mistake, differs = ESTIMATORS[name], False
    for draw in draws((1, 2)):
        stack = run(draw.batches, {mistake.station: mistake.change})
        number = len(draw) // 2
        batch = draw.world.walks[0][draw.chosen[number]]
        np.testing.assert_allclose(mistake(batch, draw.world.theta), stack[number], atol=1e-12)
        differs |= bool(np.abs(stack - run(draw.batches)).max() > 1e-6)
    assert differs


@pytest.mark.parametrize("estimator", [right_estimators.loop, right_estimators.whole])
def test_the_right_pipeline_is_what_people_write(estimator):
    rng = np.random.default_rng(0)
    mdp = environments.random_mdp(rng, 4, 3, discount=0.8, horizon=5)
    policy, theta = SoftmaxPolicy(4, 3), rng.normal(size=(4, 3))
    batch = sample_trajectories(mdp, policy, theta, 7, rng)
    changes = {"weights": whole_return} if estimator is right_estimators.whole else {}
    np.testing.assert_allclose(run(batches_of(batch, theta), changes)[0], estimator(batch, theta), atol=1e-12)


def test_no_two_mistakes_are_one():
    """Two of them may have one mean, but not one value on every batch, with either kind of return."""
    given = {}
    for name, mistake in ESTIMATORS.items():
        bases = [{}] if mistake.station == "weights" else [{}, {"weights": whole_return}]
        given[name] = np.concatenate(
            [
                run(draw.batches, {**base, mistake.station: mistake.change}).ravel()
                for base in bases
                for draw in draws((1, 2))
            ]
        )
    #: Two ways to the same: with a table, and with one weight for each state and action, what is left sums to 0.
    always_zero = {"ratio held constant", "baseline of state and action"}
    assert all(np.abs(given[name]).max() < 1e-12 for name in always_zero)
    for one, other in itertools.combinations(given, 2):
        if {one, other} != always_zero and given[one].shape == given[other].shape:
            assert np.abs(given[one] - given[other]).max() > 1e-6, (one, other)


@pytest.mark.parametrize("m", [1, 2, 3])
def test_an_unfinished_episode_is_a_mistake_where_it_is_counted(m):
    """The mean over the whole episodes alone is ∇J, if none is longer than the steps of a batch: here for m ≥ 2."""
    mistake = ESTIMATORS["unfinished episode dropped but counted"]

    def whole_alone(batches):
        seen = mistake.change(batches)
        return seen.changed(counted=(seen.lengths > 0).sum(axis=1))

    worlds_with_ends = [draw for draw in draws((m,)) if draw.world.name in ("stay or leave", "toll and prize")]
    assert worlds_with_ends
    for draw in worlds_with_ends:
        right = np.abs(draw.mean(run(draw.batches, {"data": whole_alone})) - draw.world.gradient).max() < 1e-12
        assert right == (m >= 2)
        wrong = draw.mean(run(draw.batches, {"data": mistake.change}))
        assert np.abs(wrong - draw.world.gradient).max() > 0.01


def is_the_gradient_of_something(stations):
    """Whether the mean of an estimator has a symmetric Jacobian in two worlds of several decisions, by differences."""
    worst = 0.0
    for draw in (draw for draw in draws((1,)) if draw.world.name in ("toll and prize", "by chance")):
        theta, step = draw.world.theta, 1e-5
        slopes = np.zeros((theta.size, theta.size))
        for k in range(theta.size):
            ahead = np.zeros(theta.size)
            ahead[k] = step
            there = [Draw(replace(draw.world, theta=theta + sign * ahead.reshape(theta.shape)), 1) for sign in (1, -1)]
            means = [one.mean(run(one.batches, stations)).ravel() for one in there]
            slopes[:, k] = (means[0] - means[1]) / (2 * step)
        worst = max(worst, np.abs(slopes - slopes.T).max() / np.abs(slopes).max())
    return worst < 1e-6


OF_THE_WHOLE_RETURN = {
    "return squared": lambda batches: whole_return(batches) ** 2,
    "exponential of the return": lambda batches: np.exp(whole_return(batches)),
    "return divided by length": lambda batches: whole_return(batches) / np.maximum(batches.lengths, 1)[..., None],
}


@pytest.mark.parametrize("name", OF_THE_WHOLE_RETURN)
def test_a_function_of_the_return_to_go_has_another_mean_than_one_of_the_whole_return(name):
    assert "the gradient of no function" in ESTIMATORS[name].why
    assert is_the_gradient_of_something({"weights": OF_THE_WHOLE_RETURN[name]})
    assert not is_the_gradient_of_something({"weights": ESTIMATORS[name].change})


@pytest.mark.parametrize(
    ("name", "whether"),
    [
        ("discount left out", True),
        ("rewards discounted before they are summed", True),
        ("weight decay included", True),
        ("entropy bonus included", True),
        ("discount of the step left out", False),
    ],
)
def test_who_is_called_the_gradient_of_another_objective_is_one(name, whether):
    mistake = ESTIMATORS[name]
    assert whether == ("no function" not in mistake.why)
    assert "gradient of" in mistake.why
    assert is_the_gradient_of_something({mistake.station: mistake.change}) == whether


def test_whose_mean_is_said_to_be_zero():
    said = [name for name, mistake in ESTIMATORS.items() if re.search("mean (is|of this is) (zero|0)", mistake.why)]
    assert said == ["return left out", "earlier rewards alone"]
    for name, draw in itertools.product(said, draws((1, 2))):
        mean = draw.mean(run(draw.batches, {"weights": ESTIMATORS[name].change}))
        assert np.abs(mean).max() < 1e-12


def test_how_often_a_reward_counts_with_every_weight_of_its_episode():
    """As often as there are weights that hold it: k + 1 times with rewards-to-go, once a step with whole returns."""
    change = {"mean": ESTIMATORS["every score with all of its weights"].change}

    def counted(batches):
        paid = batches.powers * batches.rewards * (np.arange(batches.rewards.shape[-1]) + 1)
        return np.cumsum(paid[..., ::-1], axis=-1)[..., ::-1]

    ways = [({}, counted), ({"weights": whole_return}, lambda b: whole_return(b) * b.lengths[..., None])]
    for (base, weights), draw in itertools.product(ways, draws((1,))):
        found = draw.mean(run(draw.batches, {**base, **change}))
        assert found == pytest.approx(draw.mean(run(draw.batches, {"weights": weights})), abs=1e-12)


def test_a_changed_station_is_one_of_the_line():
    assert {mistake.station for mistake in ESTIMATORS.values()} == set(RIGHT)


# ---- advantages ----------------------------------------------------------------------------------------------------


def steps(**changes):
    no = np.zeros(3, dtype=bool)
    fields = {
        "rewards": np.array([1.0, 0.5, -1.0]),
        "values": np.array([0.3, 0.7, 0.2]),
        "next_values": np.array([0.7, 0.2, 0.4]),
        "terminated": no,
        "truncated": no,
        "discount": 0.9,
        "gae_lambda": 0.8,
    }
    return Steps(**{**fields, **changes})


def test_advantages_are_the_sum_of_errors():
    """By the definition: Â_t = Σ_l (γλ)^l δ_{t+l}, up to the end of the episode."""
    flags = [False, True, False]
    for ends, cuts in ((flags, [False] * 3), ([False] * 3, flags)):
        now = steps(terminated=np.array(ends), truncated=np.array(cuts))
        errors = now.rewards + 0.9 * np.where(now.terminated, 0, now.next_values) - now.values
        expected = [errors[0] + 0.72 * errors[1], errors[1], errors[2]]
        np.testing.assert_allclose(right_advantages(now), expected, atol=1e-15)


def test_at_lambda_one_they_are_returns_less_values():
    now = steps(gae_lambda=1.0)
    returns = [1.0 + 0.9 * (0.5 + 0.9 * (-1.0 + 0.9 * 0.4)), 0.5 + 0.9 * (-1.0 + 0.9 * 0.4), -1.0 + 0.9 * 0.4]
    np.testing.assert_allclose(right_advantages(now) + now.values, returns, atol=1e-15)


def test_wrong_arguments_are_told():
    batch = draws((1,))[0].world.walks[0]
    with pytest.raises(TypeError, match="trajectories is a int"):
        mistakes.ESTIMATORS["downhill"](1, np.zeros((2, 2)))
    with pytest.raises(ValueError, match=r"theta has shape \(1, 2\)"):
        mistakes.ESTIMATORS["downhill"](batch, np.zeros((1, 2)))


EXPLAINED = {(words, name) for words, names in SENTENCES.items() for name in names}


def test_every_mistake_has_its_sentence():
    named = Counter(name for _, name in EXPLAINED)
    assert set(named) == {name for catalogue in CATALOGUES.values() for name in catalogue}
    assert set(named.values()) == {1}


@pytest.mark.parametrize(("words", "name"), sorted(EXPLAINED), ids=lambda text: text.replace("\\", ""))
def test_the_link_of_a_mistake_explains_that_very_mistake(words, name):
    (mistake,) = (catalogue[name] for catalogue in CATALOGUES.values() if name in catalogue)
    assert words in section(mistake.see), f"{mistake.see} does not say it"


#: Of the reports on code in the wild (the ends of episodes, batches, entropy, critics, ratios), who is named where.
REPORTED = {
    "skrl 449": "cut taken for an end",
    "CoursIA 7825": "sum runs over cuts",
    "PufferLib 445": "sum runs over ends and cuts",
    "rl-triton 4": "end taken for a cut",
    "drl-zh 13": "done a step late",
    "rlevo 342": "last advantage left out",
    "pg-is-all-you-need 37": "sampled entropy bonus",
    "keras-io 194": "critic not detached",
    "PPO-PyTorch 12": "ratio held constant",
    "pytorch 61727": "probabilities taken for logits",
    "Deep-Reinforcement-Learning-Hands-On 74": "every score with every weight",
    "Spinning Up, 2_rtg_pg": "as many episodes as the steps allow",
}


@pytest.mark.parametrize(("report", "name"), REPORTED.items())
def test_what_was_reported_is_in_the_catalogue(report, name):
    (mistake,) = (catalogue[name] for catalogue in CATALOGUES.values() if name in catalogue)
    assert report in mistake.reports
