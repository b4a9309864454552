"""What the chapter on learning curves says in words, and the numbers that its cells leave."""

from math import comb

import numpy as np
import pytest

from pgcode import environments, learning, values
from pgcode.mdp import TabularMDP


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("practice/learning-curves")


def test_the_prediction_can_be_computed():
    assert (95 * -12 + 5 * -1000) / 100 == -61.4
    assert round(comb(95, 5) / comb(100, 5), 2) == 0.77


def test_five_seeds_by_hand():
    runs = np.array([0, 10, 80, 80, 90])
    assert (runs.mean(), np.median(runs), runs.max()) == (52, 80, 90)
    assert np.quantile(runs, [0.25, 0.75]).tolist() == [10, 80]
    without = [np.delete(runs, i) for i in range(5)]
    assert max(abs(x.mean() - 52) for x in without) == 13
    assert [np.median(x) for x in without] == [80, 80, 45, 45, 45]


def test_the_three_pictures_tell_three_stories(names):
    paid, last, reached = names["paid"], names["last"], names["reached"]
    assert last.max() > 80
    assert np.abs(last - last.mean()).min() > 20  # no run is where the mean is
    assert np.diff(paid.mean(axis=0)[::5]).min() > 0
    gave_up = reached <= 0.5
    assert gave_up.sum() == 4
    assert np.median(last[~gave_up]) > 75
    assert round(paid[gave_up, 0].mean()) == -52
    assert round(paid[gave_up, -1].mean()) == -17
    forces = np.exp(names["car"].theta[:, -1])  # σ, which was 1
    assert (forces[gave_up].round(1) == 0.4).all()
    assert (names["car"].lengths[~names["car"].ended] == 999).all()


def test_the_corridor_starts_and_ends_where_the_text_says(names):
    best = names["best_return"]
    assert round(best, 2) == -11.66
    assert abs(environments.corridor_state_values(2 - np.sqrt(2))[0] - best) < 1e-12
    assert round(environments.corridor_state_values(0.05)[0]) == -82
    start = names["policy"].probabilities(names["start"])[0, 1]
    assert abs(start - 0.05) < 1e-12
    # Of the first policy's episodes few reach 300 steps, and hardly one 1000.
    for limit, few in ((300, 0.04), (1000, 1e-4)):
        process = environments.short_corridor(horizon=limit)
        at_limit = values.occupancy(process, names["policy"], names["start"])[-1, :3].sum()
        assert at_limit < few


def test_both_figures_are_found_again(names):
    """Their captions: with a good step size the best return is approached, and a baseline is much faster."""
    best, ends = names["best_return"], names["ends"]
    assert best - ends["step 2⁻¹²"].mean() < 0.5
    assert best - ends["with a baseline"].mean() < 0.6
    arrives = {name: names["arrives"](x) for name, x in names["returns"].items()}
    assert arrives["with a baseline"] * 3 < arrives["step 2⁻¹²"] < arrives["step 2⁻¹³"]
    assert arrives["step 2⁻¹⁴"] is None
    assert ends["step 2⁻¹²"].mean() > ends["step 2⁻¹³"].mean() > ends["step 2⁻¹⁴"].mean()


def test_a_return_varies_more_than_j(names):
    one, hundred, exact = (x.std() for x in names["of_runs"].values())
    assert round(one / exact) == 26
    assert one > hundred > exact


def test_frozen_lake(names):
    optimum, exact, runs = names["optimum"], names["exact_J"], names["lake_J"]
    assert round(optimum, 2) == 0.54
    assert 0.95 * optimum < exact[-1] < optimum
    assert (runs <= optimum + 1e-12).all()
    assert exact[3] < 0.2 * exact[-1] < exact[6]  # flat for 30 updates, and up soon after
    assert np.median(runs[:, -1]) < exact[-1]
    lake = names["lake"]
    undiscounted = TabularMDP(lake.transition, lake.reward, lake.initial, 1.0)
    chance = values.objective(undiscounted, names["lake_policy"], names["origin"])
    assert round(100 * chance, 1) == 1.4
    assert round(0.99**59, 2) == 0.55


def test_all_poles_stay_up(names):
    held = names["held"]
    assert held.shape == (20, 30)
    assert (names["at_the_end"] >= 195).sum() >= 18  # most of them
    assert (names["cart"].lengths <= 200).all()
    middle = np.quantile(held, 0.9, axis=0) - np.quantile(held, 0.1, axis=0)
    assert 7 <= middle.argmax() <= 12
    first = [next(update for update in range(30) if run[update] >= 195) for run in held]
    assert names["solved"].tolist() == first
    assert max(first) == 23
    median = np.median(held, axis=0)
    assert round(median[0]) == 22
    assert round(median[10]) == 173
    assert (median[20:] > 199).all()
    assert median[-1] == 200


def test_the_number_of_seeds(names):
    assert round(2 * (1.96 + 0.84) ** 2, 1) == 15.7
    pairs, rng = names["pairs"], np.random.default_rng(5)
    by_return, by_objective = (names["seeds_needed"](*pair) for pair in pairs.values())
    assert (by_return, by_objective) == (130, 5)
    assert round(100 * names["wrong_order"](*pairs["last 100 episodes"], 5, rng)) in (28, 29, 30)
    # With so many runs a test at 5 % finds the difference in 80 % of the cases.
    one, other = pairs["last 100 episodes"]
    a, b = (rng.choice(x, (20_000, by_return)) for x in (one, other))
    error = np.sqrt((a.var(axis=1) + b.var(axis=1)) / by_return)
    power = (np.abs(a.mean(axis=1) - b.mean(axis=1)) > 1.96 * error).mean()
    assert 0.78 < power < 0.84


def test_without_the_cut_some_runs_are_stuck_and_with_it_none(names):
    (mean, error, median, stuck), (other, other_error, _, once) = names["outcomes"]
    assert (stuck, once) == (10, 0)
    assert 2 * comb(300, 10) / comb(600, 10) < 0.01  # that all ten are in one row, by chance alone
    assert other - mean > 2 * np.hypot(error, other_error)
    assert round(mean) == -68
    assert round((300 * mean + 10 * 1000) / 290) == -36  # each stuck run is cut in all of its last episodes
    assert -36 < median < -33
    curve = learning.stepwise_reinforce(
        names["corridor"], names["policy"], names["start"], 2.0**-12, 40, 300, np.random.default_rng(0)
    )
    right = names["policy"].probabilities(curve.theta[:, -1])[:, 0, 1]
    assert ((right > 0.002) & (right < 0.998)).all()


def test_the_exercises():
    draws = np.random.default_rng(0).standard_normal((100_000, 20))
    best = {n: draws[:, :n].max(axis=1).mean() for n in (5, 20)}
    assert round(best[20], 2) == 1.87
    assert round(best[5], 2) == 1.16
    assert round(15.7 * (0.16 + 0.09) / 2 / 0.1**2) == 196
