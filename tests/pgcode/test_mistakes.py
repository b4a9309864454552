"""The catalogue: every mistake is told from every other, wrong where it should be, and found by what it does."""

import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import right_estimators
from explained import SENTENCES, section

from pgcode import environments, mistakes
from pgcode.audit._worlds import draws
from pgcode.mistakes import ADVANTAGES, BONUSES, ESTIMATORS, SEQUENCES, Steps, right_advantages
from pgcode.mistakes._catalogue import batches_of
from pgcode.mistakes._pipeline import RIGHT, run, whole_return
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import sample_trajectories

ROOT = Path(__file__).parents[2]


def test_the_catalogue_is_as_large_as_it_says():
    assert len(ESTIMATORS) >= 90
    assert len(ADVANTAGES) >= 35
    assert len(SEQUENCES) >= 18
    assert len({*ESTIMATORS, *ADVANTAGES, *SEQUENCES, *BONUSES}) == sum(map(len, CATALOGUES.values()))


CATALOGUES = {"estimators": ESTIMATORS, "advantages": ADVANTAGES, "sequences": SEQUENCES, "bonuses": BONUSES}


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
