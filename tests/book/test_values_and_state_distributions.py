"""What the chapter on values and state distributions says in words, and the numbers that its cells leave."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from pgcode import environments, state_action_form, values
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step, finite_difference
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import enumerate_trajectories, sample_trajectories

REST, GO = 0, 1
SHUTTLE = (environments.shuttle(), environments.shuttle_policy(), np.zeros(1))


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("state-action-form/values-and-state-distributions")


@pytest.fixture(scope="module")
def case(names):
    return names["loop"], names["policy"], names["theta"]


def test_the_probabilities_of_going_that_the_text_names(names):
    assert names["pi"][:, GO].round(2).tolist() == [0.73, 0.27, 0.5, 0.82]


def test_the_shuttle_has_the_values_found_by_hand():
    assert values.state_values(*SHUTTLE) == pytest.approx([2, 6], rel=1e-12)
    assert values.action_values(*SHUTTLE) == pytest.approx(np.array([[1, 3], [3, 9]]), rel=1e-12)
    assert values.discounted_visitation(*SHUTTLE) == pytest.approx([3 / 2, 1 / 2], rel=1e-12)
    assert values.stationary_distribution(*SHUTTLE) == pytest.approx([1 / 2, 1 / 2], rel=1e-12)
    assert values.average_reward(*SHUTTLE) == pytest.approx(2, rel=1e-12)
    assert values.differential_values(*SHUTTLE) == pytest.approx([-2, 2], rel=1e-12)


def test_the_prediction_is_what_counting_visits_gives():
    rng = np.random.default_rng(3)
    station, weighed = np.zeros(20_000, dtype=int), np.zeros((20_000, 2))
    for t in range(40):
        weighed[np.arange(20_000), station] += 0.5**t
        station = np.where(rng.random(20_000) < 0.5, 1 - station, station)
    error = weighed.std(axis=0) / np.sqrt(20_000)
    assert (np.abs(weighed.mean(axis=0) - [1.5, 0.5]) < 4 * error + 1e-11).all()


def test_tables_of_the_loop_are_those_of_the_package(names, case):
    assert names["V"] == pytest.approx(values.state_values(*case), rel=1e-12)
    assert names["Q"] == pytest.approx(values.action_values(*case), rel=1e-12)
    assert names["A"] == pytest.approx(values.advantages(*case), rel=1e-9)
    assert np.abs((names["pi"] * names["A"]).sum(axis=1)).max() < 1e-12
    assert names["d_gamma"] == pytest.approx(values.discounted_visitation(*case), rel=1e-12)
    assert names["d_pi"] == pytest.approx(values.stationary_distribution(*case), rel=1e-12)
    assert names["pi"][:, GO].argmax() == 3
    assert names["pi"][:, GO].argmin() == 1


def test_values_with_a_horizon_are_means_over_all_trajectories(names):
    everywhere = replace(names["loop"], horizon=5, initial=np.full(4, 0.25))
    trajectories, probability = enumerate_trajectories(everywhere, names["policy"], names["theta"])
    listed = np.zeros((5, 4))
    for t, s in np.ndindex(5, 4):
        here = trajectories.states[:, t] == s
        listed[t, s] = np.average(trajectories.returns_from_step[here, t], weights=probability[here])
    assert names["V_timed"] == pytest.approx(listed, abs=1e-12)
    assert (np.diff(listed, axis=0) <= 1e-12).all()  # worth less when less time is left


def test_what_a_horizon_misses_shrinks_like_the_discount(names, case):
    def missing(horizon):
        at_horizon = replace(names["loop"], horizon=horizon)
        return np.abs(names["V"] - values.state_values(at_horizon, *case[1:])[0]).max()

    assert missing(40) / missing(39) == pytest.approx(names["gamma"], abs=1e-6)
    assert round(0.8**20, 3) == 0.012


def test_values_are_what_is_earned_on_average(names, case):
    rng = np.random.default_rng(0)
    for s in range(4):
        started = replace(names["loop"], horizon=80, initial=np.eye(4)[s])
        batch = sample_trajectories(started, *case[1:], 20_000, rng)
        for exact, chosen in (
            (names["V"][s], np.ones(len(batch), dtype=bool)),
            (names["Q"][s, REST], batch.actions[:, 0] == REST),
            (names["Q"][s, GO], batch.actions[:, 0] == GO),
        ):
            returns = batch.returns[chosen]
            assert abs(returns.mean() - exact) < 5 * returns.std(ddof=1) / np.sqrt(returns.size) + 1e-6


def test_the_best_value_sends_a_coin_tosser_through_the_door():
    transition, reward = np.zeros((3, 2, 3)), np.zeros((3, 2, 3))  # door, room, end
    transition[0, 0, 2] = transition[0, 1, 1] = 1  # leave, enter
    transition[1:, :, 2] = 1
    reward[0, 0, 2], reward[1, 0, 2], reward[1, 1, 2] = 1, 4, -4
    door = TabularMDP(transition, reward, np.eye(3)[0], discount=1.0)
    policy, theta = SoftmaxPolicy(3, 2), np.zeros((3, 2))
    q = values.action_values(door, policy, theta)
    assert q[0].tolist() == [1, 0]
    best = door.expected_reward + door.transition @ [0, door.expected_reward[1].max(), 0]
    assert best[0, 1] == 4
    entering = [state_action_form.state_weighted_gradient(policy, theta, [1, 0, 0], table)[0, 1] for table in (q, best)]
    assert entering[0] < 0 < entering[1]
    assert entering[0] == pytest.approx(state_action_form.exact_gradient(door, policy, theta)[0, 1])


def played(chain, discount, rng, first_asked):
    """Where a walk stops that is asked before its step number ``first_asked`` (0 is the first) and each later one."""
    state, step = 0, 0
    while step < first_asked or rng.random() < discount:
        state = rng.choice(len(chain), p=chain[state])
        step += 1
    return state


@pytest.mark.parametrize("first_asked", [0, 1])
def test_the_stopping_game_does_what_its_words_say(names, first_asked):
    """Asked before each step, the first too, or only after a step."""
    rng, n_games = np.random.default_rng(7), 4000
    chain, law = names["P"], (1 - names["gamma"]) * names["d_gamma"]
    if first_asked:
        law = law @ chain
    shares = np.bincount([played(chain, names["gamma"], rng, first_asked) for _ in range(n_games)], minlength=4)
    assert (np.abs(shares / n_games - law) < 4.5 * np.sqrt(law * (1 - law) / n_games)).all()


def test_both_games_can_be_told_apart(names):
    law = (1 - names["gamma"]) * names["d_gamma"]
    assert np.abs(law - law @ names["P"]).max() > 0.05
    assert np.abs(names["stopped"] - law).max() < 0.02 < np.abs(names["stopped"] - law @ names["P"]).max()


def test_the_visitation_leaves_the_start_and_nears_the_long_run(names):
    to_start, to_long_run = (
        np.array([names["distance"](names["normalised_visitation"](g), other) for g in names["discounts"]])
        for other in (names["mu"], names["d_pi"])
    )
    assert to_start[0] == 0
    assert (np.diff(to_start) > 0).all()
    assert (np.diff(to_long_run) < 0).all()
    assert to_long_run[-1] < 0.005


def test_the_visitation_is_stationary_for_the_restarting_chain_alone(names):
    law, gamma, mu = (1 - names["gamma"]) * names["d_gamma"], names["gamma"], names["mu"]
    assert law @ (gamma * names["P"] + (1 - gamma) * mu) == pytest.approx(law, rel=1e-12)
    assert law @ names["P"] == pytest.approx((law - (1 - gamma) * mu) / gamma, rel=1e-12)
    assert names["d_gamma"] @ names["r"] == pytest.approx(mu @ names["V"], rel=1e-12)


def without_choice(chain):
    start = np.eye(len(chain))[0]
    none = np.zeros((len(chain), 2, len(chain)))
    process = TabularMDP(np.repeat(chain[:, None], 2, axis=1), none, start, 0.8)
    return process, SoftmaxPolicy(len(chain), 2), np.zeros((len(chain), 2))


def test_the_loop_forgets_and_the_others_do_not(names, case):
    assert names["spreads"]["loop"][0] == 1
    assert round(names["spreads"]["loop"][10], 2) == 0.02
    for name in ("rhythm", "rooms"):
        assert names["spreads"][name] == pytest.approx(1, abs=1e-12)
    assert values.period(*case) == 1
    rhythm = without_choice(names["chains"]["rhythm"])
    assert values.period(*rhythm) == 2
    assert values.stationary_distribution(*rhythm) == pytest.approx([0.5, 0.5])
    occupied = values.occupancy(replace(rhythm[0], horizon=1000), *rhythm[1:])
    assert occupied[1000].tolist() == [1, 0]
    assert occupied[:1000].mean(axis=0) == pytest.approx([0.5, 0.5])


def test_the_rooms_have_no_distribution_of_their_own(names):
    rooms = without_choice(names["chains"]["rooms"])
    with pytest.raises(ValueError, match="recurrent class"):
        values.stationary_distribution(*rooms)
    first, _, second, _ = np.linalg.matrix_power(names["chains"]["rooms"], 500)
    mixed = 0.3 * first + 0.7 * second
    assert mixed @ names["chains"]["rooms"] == pytest.approx(mixed, abs=1e-12)
    assert names["distance"](first, second) > 0.999


@pytest.mark.parametrize(("x", "y"), [(1e-9, 1e-9), (1e-9, 3e-9), (2e-9, 1e-9)])
def test_a_door_between_the_rooms_gives_a_share_without_a_limit(names, x, y):
    # Both rooms lead through the door from their second state, where their own chains are alike often.
    doors = np.array([[1 - x, x], [y, 1 - y]])
    share = values.stationary_distribution(*without_choice(doors))[0]
    assert share == pytest.approx(y / (x + y), rel=1e-6)


def test_the_ledger_has_the_lines_as_the_text_reads_them(names):
    ledger = names["ledger"].between("B1", "B4")
    assert ledger.false_lines == []
    for label in ("B1", "B2", "B3", "B4"):
        assert float(ledger[label].value) == pytest.approx(names["d_pi"] @ names["V"], rel=1e-12)


@pytest.mark.parametrize("discount", [0.0, 0.5, 0.95, 0.999])
def test_the_stationary_mean_is_the_average_reward(names, case, discount):
    mean = names["d_pi"] @ values.state_values(replace(case[0], discount=discount), *case[1:])
    assert mean == pytest.approx(names["average"] / (1 - discount), rel=1e-11)


def test_the_objective_of_b1_never_changes_its_order(names):
    curves = names["curves"]  # policies, discounts, start or source
    orders = {tuple(np.argsort(-column).tolist()) for column in curves[:, :, 1].T}
    assert len(orders) == 1
    assert len({tuple(np.argsort(-column).tolist()) for column in curves[:, 1:, 0].T}) > 1
    assert np.ptp(curves[:, :, 1], axis=1).max() < 1e-11
    assert curves[:, 1, 0].argmax() == 0  # who rests earns early
    assert curves[:, -1, 0].argmax() == 3  # who goes on earns more in the long run


def test_differential_values_add_nothing_in_the_mean(names):
    differential = names["differential"]
    assert abs(names["d_pi"] @ differential) < 1e-12
    right = names["r"] - names["average"] + names["P"] @ differential
    assert differential == pytest.approx(right, abs=1e-12)
    solved = np.linalg.solve(np.eye(4) - names["P"] + np.ones((4, 4)), names["r"] - names["average"])
    assert solved - names["d_pi"] @ solved == pytest.approx(differential, abs=1e-12)


def test_the_gradient_of_the_stationary_distribution_is_its_formula(names, case):
    d_chain = complex_step(lambda at: values.policy_chain(case[0], case[1], at)[0], case[2])
    inverse = np.linalg.inv(np.eye(4) - names["P"] + np.ones((4, 4)))
    formula = np.einsum("s,snij,nm->mij", names["d_pi"], d_chain, inverse)

    def stationary(at):
        return values.stationary_distribution(case[0], case[1], at)

    assert np.abs(formula - complex_step(stationary, case[2])).max() < 1e-12
    assert np.abs(formula - finite_difference(stationary, case[2])).max() < 1e-8


def test_one_recurrent_class_is_seen_in_the_rank(names):
    ranks = {name: np.linalg.matrix_rank(np.eye(len(chain)) - chain) for name, chain in names["chains"].items()}
    assert ranks == {"loop": 3, "rhythm": 1, "rooms": 2}


def test_the_end_of_the_corridor_takes_everything(names):
    assert names["at_end"] == pytest.approx([1, 1, 1])
    assert np.abs(names["B1_at_end"]).max() < 1e-12
    assert (np.array(names["V_start"]) < -1).all()


def test_without_a_discount_the_loop_has_no_value_but_a_growth(names, case):
    with pytest.raises(ValueError, match="discount"):
        values.state_values(names["undiscounted"], *case[1:])
    assert names["beyond"] == pytest.approx(names["differential"][0], abs=1e-6)


def test_exercise_start_where_you_would_end(names, case):
    at_home = replace(SHUTTLE[0], initial=np.array([0.5, 0.5]))
    assert values.discounted_visitation(at_home, *SHUTTLE[1:]) == pytest.approx([1, 1])
    assert values.objective(at_home, *SHUTTLE[1:]) == pytest.approx(4)
    for discount in (0.1, 0.8, 0.99):
        loop = replace(case[0], initial=names["d_pi"], discount=discount)
        visits = values.discounted_visitation(loop, *case[1:])
        assert (1 - discount) * visits == pytest.approx(names["d_pi"], abs=1e-12)
        assert (1 - discount) * values.objective(loop, *case[1:]) == pytest.approx(names["average"])
    at_home = replace(case[0], initial=names["d_pi"])
    frozen = state_action_form.exact_gradient(at_home, *case[1:])
    moving = state_action_form.average_reward_gradient(*case) / (1 - names["gamma"])
    assert np.abs(frozen - moving).max() > 0.01


def test_exercise_a_bonus_for_everyone(names, case):
    richer = replace(case[0], reward=case[0].reward + 2.5)
    assert values.action_values(richer, *case[1:]) - names["Q"] == pytest.approx(2.5 / (1 - names["gamma"]))
    assert values.advantages(richer, *case[1:]) == pytest.approx(names["A"], abs=1e-12)
    assert values.average_reward(richer, *case[1:]) == pytest.approx(names["average"] + 2.5)
    assert values.differential_values(richer, *case[1:]) == pytest.approx(names["differential"], abs=1e-12)


def test_exercise_once_round_the_loop(names):
    share = names["d_pi"][3] * 0.9 * names["pi"][3, GO]
    assert share == pytest.approx(0.9 / (1 / names["pi"][:, GO]).sum(), rel=1e-12)
    flows = [names["d_pi"][s] * 0.9 * names["pi"][s, GO] for s in range(4)]
    assert all(a == pytest.approx(b, rel=1e-12) for a, b in itertools.pairwise(flows))
