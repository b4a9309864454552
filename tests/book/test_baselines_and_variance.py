"""What the chapter on baselines says, by ways that it does not take, and the numbers that its words rest on."""

import itertools
import math
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import nbformat
import numpy as np
import pytest

from pgcode import environments, learning, state_action_form, values
from pgcode.baselines import full_return_variance, reward_to_go_variance
from pgcode.derivation import Verdict
from pgcode.estimators import full_return, generalized_advantage, reward_to_go, trajectory_gradients
from pgcode.mdp import TabularMDP
from pgcode.moments import enumerated_moments, full_return_moments, gae_moments, reward_to_go_moments
from pgcode.oracles import complex_step
from pgcode.policies import LinearSoftmaxPolicy, SoftmaxPolicy
from pgcode.trajectories import enumerate_trajectories

BOOK = Path(__file__).parents[2] / "book"
STATE_PREFERENCE = LinearSoftmaxPolicy(np.array([[[0.0], [1.0]]] * 3))


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("one-gradient/baselines-and-variance")


@pytest.fixture(scope="module")
def rooms(names):
    return names["rooms"], names["policy"], names["theta"]


# The prediction, and the two arms by hand.


def two_arms(p):
    """One decision, which pays 10 and 12, with the probability p of action 1."""
    mdp = environments.two_armed_bandit((10.0, 12.0))
    return mdp, LinearSoftmaxPolicy(np.array([[[0.0], [1.0]], [[0.0], [0.0]]])), np.array([np.log(p / (1 - p))])


def test_the_two_values_of_the_prediction():
    case = two_arms(0.5)
    walks, chance = enumerate_trajectories(*case)
    for b, expected in ((0, [-5, 6]), (11, [0.5, 0.5])):
        g = trajectory_gradients(walks, *case[1:], full_return(walks, b))[:, 0]
        assert sorted(g) == pytest.approx(expected)
        assert chance @ g == pytest.approx(0.5)


def test_half_of_the_slope_with_the_mean_of_two_draws():
    estimates = []
    for first in (0, 1):
        for second in (0, 1):
            pay = 10 + 2 * np.array([first, second])
            scores = np.array([first, second]) - 0.5
            estimates.append(np.mean(scores * (pay - pay.mean())))
    assert estimates == [0, 0.5, 0.5, 0]


@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
def test_the_parabola_of_two_arms(p):
    variance, best = reward_to_go_variance(*two_arms(p)), (1 - p) * 12 + p * 10
    assert variance.constant == pytest.approx(best)
    for b in (0, 3.0, 10 + 2 * p):
        assert variance(b).sum() == pytest.approx(p * (1 - p) * (best - b) ** 2)


def test_numbers_of_the_hand_example():
    variance = reward_to_go_variance(*two_arms(0.9))
    assert variance.constant == pytest.approx(10.2)
    assert variance(11.8).sum() == pytest.approx(0.23, abs=0.005)
    assert variance(0).sum() == pytest.approx(9.4, abs=0.05)


def test_the_trap_doubles_the_best_baseline():
    """A coin for the room; the quotient of parts of means is 10.2, a mean over a part on top makes 20.4."""
    mdp = TabularMDP(
        np.tile([0.0, 0.0, 1.0], (3, 2, 1)),
        np.array([[[0, 0, 10], [0, 0, 12]], [[0, 0, 3], [0, 0, 7]], [[0] * 3] * 2]),
        [0.5, 0.5, 0], 1.0, horizon=1,
    )  # fmt: skip
    theta = np.array([np.log(9)])
    walks, chance = enumerate_trajectories(mdp, STATE_PREFERENCE, theta)
    sigma = trajectory_gradients(walks, STATE_PREFERENCE, theta, np.ones(walks.actions.shape))[:, 0]
    here = walks.states[:, 0] == 0
    top, below = chance[here] @ (sigma**2 * walks.returns)[here], chance[here] @ sigma[here] ** 2
    assert top == pytest.approx(0.918 / 2)
    assert below == pytest.approx(0.09 / 2)
    assert top / below == pytest.approx(10.2)
    assert top / chance[here].sum() / below == pytest.approx(20.4)
    assert reward_to_go_variance(mdp, STATE_PREFERENCE, theta).timed[0, 0] == pytest.approx(10.2)


# Means.


def test_only_what_sees_too_much_is_false(names):
    first, second = (shown for shown in names.shown if getattr(shown, "heads", ("",))[0] == "weight of the score")
    assert [row[1].verdict for row in first.rows] == [Verdict.EXACT] * 3
    assert {row[0]: row[1].verdict for row in second.rows} == {
        "critic fitted to both walks": Verdict.FALSE,
        "critic fitted to the other walk": Verdict.EXACT,
        r"\(G_t - Q_t(s_t,a_t)\)": Verdict.FALSE,
    }


@pytest.mark.parametrize(("m", "length", "angle"), [(2, 0.319, 9.3), (4, 0.591, 3.8)])
def test_a_critic_fitted_to_the_batch(names, m, length, angle):
    """Every batch of two decisions, walk by walk: least squares for a table, subtracted from what it was fitted to."""
    mdp, policy, theta = names["short"], names["policy"], names["theta"]
    walks, chance = enumerate_trajectories(mdp, policy, theta)
    score = [
        trajectory_gradients(walks, policy, theta, np.tile(np.eye(2)[t], (len(walks), 1))).reshape(-1, 4)
        for t in range(2)
    ]
    to_go, rooms = walks.returns_from_step, walks.states[:, :2]
    mean = np.zeros(4)
    for batch in itertools.combinations_with_replacement(range(len(walks)), m):
        ways = math.factorial(m) / math.prod(math.factorial(count) for count in Counter(batch).values())
        probability = ways * chance[list(batch)].prod()
        for t in range(2):
            design = np.eye(2)[rooms[list(batch), t]]
            table = np.linalg.lstsq(design, to_go[list(batch), t])[0]
            for walk in batch:
                weight = mdp.discount**t * (to_go[walk, t] - table[rooms[walk, t]])
                mean += probability / m * weight * score[t][walk]
    found = names["beside"](mean.reshape(2, 2), names["short_gradient"])
    assert found == (pytest.approx(length, abs=5e-4), pytest.approx(angle, abs=0.05))
    assert names["turned"]["G, critic of the batch", m] == pytest.approx(found, rel=1e-6)


def test_a_critic_fitted_to_two_walks_is_the_row_of_pairs(names):
    one_by_one = names["weights"]["critic fitted to both walks"]
    mean = enumerated_moments(names["rooms"], names["policy"], names["theta"], one_by_one).mean
    assert np.abs(mean - names["ledger"]["G, critic of the batch, m = 2"][0]).max() < 1e-10


def test_v_is_worse_than_none_above_five_ninths(names):
    for p, worse in ((5 / 9 - 1e-3, False), (5 / 9 + 1e-3, True)):
        none, with_v, _ = names["payer_traces"](p)
        assert (with_v > none) == worse


def test_what_an_action_baseline_takes_away_can_be_added_again(rooms, names):
    mdp, policy, theta = rooms
    table = mdp.expected_reward
    seen = enumerated_moments(
        mdp, policy, theta, lambda tau: reward_to_go(tau) - names["state_action_weights"](tau, table)
    ).mean
    weights = (mdp.discount ** np.arange(4) @ values.occupancy(mdp, policy, theta)[:-1])[:, None] * table
    exact = complex_step(lambda at: values.objective(mdp, policy, at), theta)
    assert np.abs(seen + policy.weighted_gradient(theta, weights) - exact).max() < 1e-10


# Variances.


def test_the_recursions_are_the_list(rooms, names):
    traces = names["exact_traces"](rooms[0])
    for name, trace in traces.items():
        listed = names["ledger"].get(name)
        if listed is not None:
            assert trace == pytest.approx(listed[1], rel=1e-10)
    assert set(traces) - set(names["ledger"]) == {"R − V"}


def test_the_order_that_the_text_reads_down_a_column(names):
    for traces in names["by_length"].values():
        assert traces["R"] > traces["G"] > traces["G − V"] > traces["A"]
        assert traces["Q"] > traces["G"] / 2
    growth = {name: names["by_length"][20][name] / names["by_length"][2][name] for name in names["by_length"][2]}
    assert 5 * growth["A"] < min(value for name, value in growth.items() if name != "A")


def test_frozen_lake_has_more_walks_than_can_be_listed(names):
    assert names["count_trajectories"](names["lake"]) > 10**80
    for name, found in names["lake_sampled"].items():
        assert abs(found - names["lake_rows"][name][0]) < 4.5 * names["lake_error"][name]
    assert names["lake_rows"]["R"][0] == pytest.approx(names["lake_rows"]["G"][0], rel=1e-10)


# Learning.


def test_variance_leaving_one_out_is_that_of_all_triples(names):
    mdp, policy, theta = two_arms(0.3)
    walks, chance = enumerate_trajectories(mdp, policy, theta)
    scores = trajectory_gradients(walks, policy, theta, np.ones(walks.actions.shape))[:, 0]
    batches = np.indices((2, 2, 2)).reshape(3, -1).T
    paid, probability = walks.returns[batches], chance[batches].prod(axis=1)
    less = paid - (paid.sum(axis=1, keepdims=True) - paid) / 2
    estimate = (scores[batches] * less).mean(axis=1)
    variance = probability @ estimate**2 - (probability @ estimate) ** 2
    assert names["variance_leaving_one_out"](mdp, policy, theta, 3) == pytest.approx(variance, rel=1e-10)


@pytest.mark.parametrize("name", ["none", "leave one out", "V", "b*_t(s)"])
def test_one_update_of_the_corridor_has_the_exact_mean_and_variance(names, name):
    n = 10_000
    curve = learning.reinforce(
        names["corridor"], names["walker"], names["start"], 1.0, names["m"], n, np.random.default_rng(7),
        batch_size=names["m"], baseline=names["baseline_of"][name],
    )  # fmt: skip
    g = curve.theta[:, 1] - curve.theta[:, 0]
    squares = ((g - g.mean(axis=0)) ** 2).sum(axis=1)
    exact = state_action_form.exact_gradient(names["corridor"], names["walker"], names["start"])
    assert (np.abs(g.mean(axis=0) - exact) < 4 * g.std(axis=0) / np.sqrt(n)).all()
    # the tables are those of the nearest place, so that the variance is right to a hundredth
    tolerance = 4 * squares.std() / np.sqrt(n) + 0.01 * names["variances"][name]
    assert abs(squares.mean() - names["variances"][name]) < tolerance


def test_the_savings_are_those_that_the_variances_predict(names):
    predicted = {name: need / names["need"]["none"] for name, need in names["need"].items()}
    order = sorted(predicted, key=predicted.get)
    assert order == ["b*_t(s)", "V", "leave one out", "none"]
    reached = names["reached"]
    for name in order:
        measured = reached[name, 0.25] / reached["none", 0.25]
        assert 0.75 < measured / predicted[name] < 1.33
    least = {name: min(reached[name, pace] or np.inf for pace in (0.125, 0.25, 0.5)) for name in order}
    assert sorted(least, key=least.get) == order


def test_the_objective_between_its_places_is_exact_enough(names):
    for x in (-3.333, -0.0471, 1.777):
        at = names["with_preference"](x)
        exact = values.objective(names["corridor"], names["walker"], at)
        assert np.interp(x, names["fine"], names["J_of"]) == pytest.approx(exact, abs=2e-5)


# The best baseline.


def test_the_slope_is_its_three_terms_from_the_list(rooms):
    """c of the theorem: what the score meets of itself, of earlier and of later scores, and their closed forms."""
    mdp, policy, theta = rooms
    walks, chance = enumerate_trajectories(mdp, policy, theta)
    score = policy.score(theta)
    sigma = score[walks.states[:, :-1], walks.actions].reshape(len(walks), 4, 4)
    gamma, steps = mdp.discount, np.arange(4)
    terms = gamma ** steps[:, None] * sigma * walks.returns_from_step[:, :, None]
    pi, q = policy.probabilities(theta), values.action_values(mdp, policy, theta)
    occupied = values.occupancy(mdp, policy, theta)
    slope_of_occupied = complex_step(lambda at: values.occupancy(mdp, policy, at), theta).reshape(5, 2, 4)
    slope_of_v = complex_step(lambda at: values.state_values(mdp, policy, at), theta).reshape(5, 2, 4)
    flat = score.reshape(2, 2, 4)
    whole = np.zeros((4, 2, 4))
    for t in steps:
        for s in range(2):
            here = chance * (walks.states[:, t] == s)
            meets = [terms[:, span].sum(axis=1) for span in (slice(t), slice(t, t + 1), slice(t + 1, None))]
            earlier, itself, later = (gamma**t * np.einsum("i,ik,ik->k", here, sigma[:, t], met) for met in meets)
            by_q = np.einsum("a,ak,a->k", pi[s], flat[s], q[t, s])
            assert np.abs(earlier - gamma ** (2 * t) * slope_of_occupied[t, s] * by_q).max() < 1e-10
            squared = np.einsum("a,ak,a->k", pi[s], flat[s] ** 2, q[t, s])
            assert np.abs(itself - gamma ** (2 * t) * occupied[t, s] * squared).max() < 1e-10
            onward = np.einsum("a,ak,ab,bk->k", pi[s], flat[s], mdp.transition[s], slope_of_v[t + 1])
            assert np.abs(later - gamma ** (2 * t + 1) * occupied[t, s] * onward).max() < 1e-10
            whole[t, s] = earlier + itself + later
            past = here @ (walks.rewards[:, :t] @ gamma ** np.arange(t))
            c_full = np.einsum("i,ik,ik->k", here, sigma.sum(axis=1) * walks.returns[:, None], sigma[:, t])
            of_return = full_return_variance(mdp, policy, theta).slope.reshape(4, 2, 4)[t, s]
            assert np.abs(c_full - of_return).max() < 1e-10
            squares = pi[s] @ flat[s] ** 2
            assert np.abs(c_full - whole[t, s] / gamma**t - past * squares).max() < 1e-10
    assert np.abs(whole - reward_to_go_variance(mdp, policy, theta).slope.reshape(4, 2, 4)).max() < 1e-10


def test_the_quadratic_is_the_list_for_any_baseline(rooms):
    quadratic = reward_to_go_variance(*rooms)
    for b in np.random.default_rng(1).standard_normal((5, 4, 2)):
        listed = enumerated_moments(*rooms, lambda tau, b=b: reward_to_go(tau, b)).variance
        assert np.abs(quadratic(b) - listed).max() < 1e-10


def test_more_freedom_leaves_less_variance_and_the_trap_more(names):
    left = dict(zip(names["kinds"], names["left"], strict=True))
    ordered = ["none", "a constant", r"\(b(s)\)", r"\(b_t(s)\)", r"\(b_t(s)\), for each entry"]
    assert (np.diff([left[name] for name in ordered]) < 0).all()
    assert left[r"\(V_t(s)\)"] > left[r"\(b_t(s)\)"]
    assert left[r"\(b_t(s)\), misread"] > left["none"]


# What fails.


def test_two_processes_in_which_reward_to_go_is_noisier(names):
    for process, row in zip(names["two"].values(), zip(*names["rows"].values(), strict=True), strict=True):
        whole, to_go, _ = row
        assert to_go > 1.3 * whole
        for moments in (full_return_moments(*process), reward_to_go_moments(*process)):
            exact = complex_step(lambda at, case=process: values.objective(*case[:2], at), process[2])
            assert np.abs(moments.mean - exact).max() < 1e-10
    (whole, to_go, with_v), (_, alone, worse) = zip(*names["rows"].values(), strict=True)
    assert with_v < whole < to_go
    assert worse > alone


def test_fixed_payments_that_cancel():
    fixed = TabularMDP(
        np.array([[[0, 1, 0]] * 2, [[0, 0, 1]] * 2, [[0, 0, 1]] * 2]),
        np.array([[[0, 10, 0]] * 2, [[0, 0, -10]] * 2, [[0, 0, 0]] * 2]), np.array([1, 0, 0]), 1.0, horizon=2,
    )  # fmt: skip
    case = fixed, SoftmaxPolicy(3, 2), np.zeros((3, 2))
    assert enumerated_moments(*case, full_return).trace < 1e-12
    assert enumerated_moments(*case, reward_to_go).trace > 1


def test_rewards_of_one_sign_mostly_favour_reward_to_go():
    quieter = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        mdp = environments.random_mdp(rng)
        case = replace(mdp, reward=np.abs(mdp.reward)), SoftmaxPolicy(3, 2), rng.standard_normal((3, 2))
        quieter += reward_to_go_moments(*case).trace < full_return_moments(*case).trace
    assert quieter > 90


def test_where_v_is_worse_than_none_among_three_arms(names):
    for p in (0.2, 0.4):
        none, with_v, best = names["payer_traces"](p)
        assert best <= with_v < none
    none, with_v, best = names["payer_traces"](0.9)
    assert best < none < with_v / 10
    assert names["hits"][0] == 0
    assert min(names["hits"][2:]) > 20


# Standardising.


def test_one_episode_standardised(names):
    mean, exact = names["in_episode"]["corridor"]
    assert np.abs(mean / np.linalg.norm(mean) + exact / np.linalg.norm(exact)).max() < 1e-6
    assert np.abs(names["in_episode"]["cancelling rewards"][0]).max() < 1e-10


@pytest.mark.parametrize("m", [2, 4])
def test_factors_of_a_batch(names, m):
    exact = names["short_gradient"]
    means = {name: names["batch_means"][name, m] for name in names["rules"]}
    for name in ("R, mean of the batch", "G, mean of the batch at t"):
        assert np.abs(means[name] - (1 - 1 / m) * exact).max() < 1e-10
    assert np.abs(means["R, mean of the others"] - exact).max() < 1e-10
    for name in ("G, one mean for all", "G, critic of the batch", "R, standardised"):
        assert names["beside"](means[name], exact)[1] > 0.5


def test_bias_of_one_mean_for_all_is_divided_by_m(names):
    exact = names["short_gradient"]
    bias = {m: names["batch_means"]["G, one mean for all", m] - exact for m in (2, 4)}
    assert np.abs(bias[2] - 2 * bias[4]).max() < 1e-10


def test_the_mean_of_ones_own_episode_halves_the_gradient(names):
    def less_own_mean(tau):
        to_go, active = tau.returns_from_step, tau.active
        return active * (to_go - to_go.mean(axis=1, where=active, keepdims=True))

    case = names["corridor"], names["walker"], np.array([0.0, 0.5])
    exact = state_action_form.exact_gradient(*case)
    assert np.abs(enumerated_moments(*case, less_own_mean).mean - exact / 2).max() < 1e-10


# Generalized advantage estimation.


@pytest.mark.parametrize("lam", [0.0, 0.5, 0.9, 1.0])
def test_bias_of_gae_by_its_formula(rooms, names, lam):
    _, policy, theta = rooms
    walks, chance = enumerate_trajectories(*rooms)
    critic = names["stale"]
    error = (critic - names["V"])[np.arange(1, 5), walks.states[:, 1:]]  # e_{t+1}(s_{t+1})
    weights = np.zeros(walks.actions.shape)
    for t in range(4):
        for k in range(4 - t):
            weights[:, t] += 0.9 ** (k + 1) * lam**k * error[:, t + k]
    formula = (1 - lam) * np.tensordot(
        chance, trajectory_gradients(walks, policy, theta, 0.9 ** np.arange(4) * weights), axes=1
    )
    listed = enumerated_moments(*rooms, lambda tau: generalized_advantage(tau, critic, lam))
    assert np.abs(listed.mean - names["gradient"] - formula).max() < 1e-10
    assert gae_moments(*rooms, critic, lam).trace == pytest.approx(listed.trace, rel=1e-10)
    assert np.abs(gae_moments(*rooms, names["V"], lam).mean - names["gradient"]).max() < 1e-10


def test_the_best_lambda_goes_to_one(names):
    best = [names["best_lambda"](m) for m in names["batch_sizes"]]
    assert best == sorted(best)
    assert best[-1] == 1
    assert best[0] < 0.5
    assert (np.diff(names["bias2"]) < 0).all()
    assert (np.diff(names["variance"]) > 0).all()


def test_the_ledger_of_the_estimators(names):
    exact = {name for name, (mean, _) in names["ledger"].items() if np.abs(mean - names["gradient"]).max() < 1e-10}
    assert set(names["ledger"]) - exact == {
        "GAE, λ = 0.5, stale critic",
        "G, standardised in the episode",
        "R, mean of the batch, m = 2",
        "G, critic of the batch, m = 2",
        "R, standardised, m = 2",
    }
    leave = names["ledger"]["R, leave one out, m = 2"][1]
    assert leave == pytest.approx(4 * names["ledger"]["R, mean of the batch, m = 2"][1])
    assert min(exact, key=lambda name: names["ledger"][name][1]) == "A"


# Exercises.


@pytest.mark.parametrize("p", [0.6, 0.66, 0.67, 0.8])
def test_v_is_worse_than_nothing_above_two_thirds(p):
    at = np.array([[np.log(p / (1 - p)), 0.0], [0.0, 0.0]])
    variance = reward_to_go_variance(environments.lone_payer(2), SoftmaxPolicy(2, 2), at)
    assert variance.constant == pytest.approx(1 - p)
    assert (variance(p).sum() > variance(0).sum()) == (p > 2 / 3)


# ---- slips, with a number each --------------------------------------------------------------------------------------


def rows_below(title: str) -> list[list[str]]:
    """The rows of the table in the box with a title."""
    notebook = nbformat.read(BOOK / "one-gradient/baselines-and-variance.ipynb", as_version=4)
    (cell,) = (cell.source for cell in notebook.cells if f"{{admonition}} {title}" in cell.source)
    rows = re.findall(r"^\| (.*) \|$", cell.partition(f"{{admonition}} {title}")[2].partition(":::\n")[0], re.MULTILINE)
    return [row.split(" | ") for row in rows][1:]


def test_each_slip_in_the_sum_gives_the_number_beside_it():
    gamma, lam, r, v = 0.9, 0.5, (1, 3), (2, 1, 0)
    first, last = (r[t] + gamma * v[t + 1] - v[t] for t in (0, 1))
    advantage = first + gamma * lam * last
    assert round(advantage, 12) == 0.8
    expected = [
        r[0] + v[1] - v[0] + gamma * lam * last,
        first + lam * last,
        first + gamma**2 * lam * last,
        gamma * advantage,
        first + gamma * last,
        first,
        r[0] - v[0] + gamma * lam * (r[1] - v[1]),
        r[0] + gamma * lam * r[1],
        r[0] + gamma * v[1] - v[1] + gamma * lam * r[1],
        advantage + v[0],
        -advantage,
        first,
        last,
    ]
    told = [float(row[-1].replace("−", "-")) for row in rows_below("Slips in this sum")]
    assert told == [round(number, 2) for number in expected]


def test_the_examples_of_other_numbers_to_divide_by():
    examples = [row[-1] for row in rows_below("Other numbers to divide by")]
    assert len(examples) == 8
    assert np.std([2, 0], ddof=1).round(2) == 1.41
    assert np.std([2, 0]) == 1
    for pair in ([4, 0], [0.2, 0], [2, 0], [200, 0]):
        assert ((pair - np.mean(pair)) / np.std(pair)).round(12).tolist() == [1, -1]
    for pair in ([2, 1], [0, -1]):
        assert (np.exp(pair) / np.exp(pair).sum()).round(2).tolist() == [0.73, 0.27]
    rewards = np.array([0, 0, 3, 1]) - np.mean([0, 0, 3, 1])
    assert [rewards[:3].sum(), rewards[3]] == [0, 0]
