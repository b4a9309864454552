"""What the chapter on the short derivation says in words, and the numbers that its cells leave."""

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from pgcode import environments, state_action_form, values
from pgcode.derivation import Verdict
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step, finite_difference
from pgcode.policies import SoftmaxPolicy


@pytest.fixture(scope="module")
def names(chapter):
    names = chapter("state-action-form/the-short-derivation")
    return names | {"d": values.stationary_distribution(names["machine"], names["policy"], names["theta"])}


def close(a, b, tolerance=1e-12):
    return bool(np.abs(np.asarray(a) - b).max() < tolerance)


def mean_of_values(mdp, policy, at):
    return values.stationary_distribution(mdp, policy, at) @ values.state_values(mdp, policy, at)


def test_the_prediction_is_right_for_the_shuttle():
    for x in (Fraction(1, 5), Fraction(1, 2), Fraction(3, 4)):
        v = (16 * x**2 / (1 + 2 * x), 16 * x * (1 + x) / (1 + 2 * x))
        assert (v[0] + v[1]) / 2 == 8 * x
        at = [np.log(float(x / (1 - x)))]
        assert close(values.state_values(environments.shuttle(), environments.shuttle_policy(), at), np.float64(v))
    ledger = state_action_form.source_derivation(environments.shuttle(), environments.shuttle_policy(), [0.0])
    assert close(ledger["B5"].value, 2)
    assert close(ledger["B6"].value, 1)
    assert ledger.checks["B6"].length_ratio == pytest.approx(0.5)


def test_the_audit_finds_three_false_rows(names):
    ledger = names["ledger"].between("B5", "B11")
    assert ledger.false_lines == ["B6", "B9", "B10 = ∇J"]
    assert all(ledger.checks[label].verdict is Verdict.EXACT for label in ("B7", "B8", "B10", "B11"))


def test_the_lines_are_what_their_formulas_say(names):
    machine, policy, theta, ledger = (names[name] for name in ("machine", "policy", "theta", "ledger"))
    d, q = values.stationary_distribution(machine, policy, theta), values.action_values(machine, policy, theta)
    pi, d_pi = policy.probabilities(theta), complex_step(policy.probabilities, theta)
    line = np.einsum("s,sak,sa->k", d, d_pi, q)
    assert close(ledger["B6"].value, line)
    assert close(ledger["B7"].value, np.einsum("s,sa,sa,sak->k", d, pi, q, d_pi / pi[:, :, None]))
    assert close(ledger["B8"].value, np.einsum("s,sa,sa,sak->k", d, pi, q, policy.score(theta)))
    assert close(names["B9"], np.einsum("sak,sa->sk", d_pi, q))
    assert close(d @ names["B9"], ledger["B8"].value)
    repeated = np.tile(ledger["B8"].value, (3, 1))
    ratio = np.linalg.norm(names["B9"]) / np.linalg.norm(repeated)
    assert ledger.checks["B9"].length_ratio == pytest.approx(ratio, rel=1e-9)
    rng, m = np.random.default_rng(0), 40_000  # B10, with draws
    state = rng.choice(3, size=m, p=d)
    action = (rng.random(m) < pi[state, 1]).astype(int)
    draws = policy.score(theta)[state, action] * q[state, action][:, None]
    error = draws.std(axis=0) / np.sqrt(m)
    assert (np.abs(draws.mean(axis=0) - ledger["B10"].value) < 4.5 * error).all()


def test_the_gradient_has_four_routes(names):
    machine, policy, theta = names["machine"], names["policy"], names["theta"]
    assert close(finite_difference(lambda at: mean_of_values(machine, policy, at), theta), names["B5"], 1e-7)
    average = complex_step(lambda at: values.average_reward(machine, policy, at), theta)
    assert close(average / (1 - names["gamma"]), names["B5"])
    assert close(names["grad_r"] / (1 - names["gamma"]), names["B5"])
    assert close(complex_step(lambda at: mean_of_values(machine, policy, at), theta), names["B5"])


def test_the_arrows_say_what_the_text_says(names):
    check = names["ledger"].checks["B6"]
    assert round(check.angle) == 58
    assert round(check.length_ratio, 2) == 0.16
    wear = np.array([0, 1, 2])
    assert (names["B6"][0] + wear * names["B6"][1] < 0).all()  # service less often, in every state
    assert names["B5"][1] > 0 > names["B5"][0]  # more often the more it is worn
    assert (names["policy"].probabilities(names["theta"])[:, 1].round(2) == 0.27).all()
    new, worn, old = names["B9"]
    assert new[0] < 0
    assert (worn < 0).all()
    assert (old > 0).all()


def test_the_three_terms_add_up_and_two_are_parallel(names):
    of_policy, of_q, of_d = names["terms"].values()
    assert close(of_policy + of_q + of_d, names["B5"])
    assert close(of_policy, names["B6"])
    assert close(of_q, 4 * of_policy)


def test_the_decomposition_holds_term_by_term(names):
    machine, policy, theta, gamma = names["machine"], names["policy"], names["theta"], names["gamma"]
    d, v = names["d"], values.state_values(machine, policy, theta)
    chain, _ = values.policy_chain(machine, policy, theta)
    d_moved = complex_step(lambda at: values.stationary_distribution(machine, policy, at), theta)
    v_moved = complex_step(lambda at: values.state_values(machine, policy, at), theta)
    assert close(np.linalg.solve((np.eye(3) - gamma * chain).T, d), d / (1 - gamma))
    assert close(d @ v_moved, names["B6"] / (1 - gamma))
    assert close(v @ d_moved + names["B6"] / (1 - gamma), names["B5"])
    assert close((1 - gamma) * v @ d_moved + names["B6"], names["grad_r"])
    assert close(d_moved.sum(axis=0), 0)


def test_the_dropped_terms_are_measured_by_their_own_derivatives(names):
    for discount, q_share, d_share in zip(names["discounts"], names["q_shares"], names["d_shares"], strict=True):
        machine = replace(names["machine"], discount=discount)
        line = names["line_at"](discount)
        pi = names["policy"].probabilities(names["theta"])
        dq = complex_step(
            lambda at, machine=machine: values.action_values(machine, names["policy"], at), names["theta"]
        )
        q_term = np.einsum("s,sa,sak->k", names["d"], pi, dq)
        assert np.linalg.norm(q_term) == pytest.approx(q_share * np.linalg.norm(line), rel=1e-9, abs=1e-12)
        d_moved = complex_step(
            lambda at, machine=machine: values.stationary_distribution(machine, names["policy"], at), names["theta"]
        )
        d_term = d_moved.T @ values.state_values(machine, names["policy"], names["theta"])
        assert np.linalg.norm(d_term) == pytest.approx(d_share * np.linalg.norm(line), rel=1e-9)


def test_without_a_future_the_line_leads_downhill(names):
    myopic = names["line_at"](0.0)
    assert round(names["angle"][0]) == 102
    assert myopic @ names["grad_r"] < 0
    after = values.average_reward(names["machine"], names["policy"], names["theta"] + 1e-3 * myopic)
    assert after < values.average_reward(names["machine"], names["policy"], names["theta"])


def test_the_bias_falls_in_proportion_to_what_is_missing_of_1(names):
    machine, policy, theta = names["machine"], names["policy"], names["theta"]
    d_moved = complex_step(lambda at: values.stationary_distribution(machine, policy, at), theta)
    limit = d_moved.T @ values.differential_values(machine, policy, theta)
    off = [
        np.linalg.norm((names["grad_r"] - names["line_at"](1 - gap)) / gap - limit) for gap in (1e-1, 1e-2, 1e-3, 1e-4)
    ]
    assert all(7 < a / b < 11 for a, b in itertools.pairwise(off))
    for discount in (0.0, 0.5, 0.9):
        v = values.state_values(replace(machine, discount=discount), policy, theta)
        beyond = v - values.average_reward(machine, policy, theta) / (1 - discount)
        bias = names["grad_r"] - names["line_at"](discount)
        assert close(bias, (1 - discount) * d_moved.T @ beyond)


def test_the_line_is_the_gradient_of_no_function(names):
    jacobian = complex_step(lambda at: names["line_at"](0.8, at), names["theta"])
    assert abs(jacobian[0, 1] - jacobian[1, 0]) > 0.01
    assert close(finite_difference(lambda at: names["line_at"](0.8, at), names["theta"]), jacobian, 1e-7)
    true = complex_step(
        lambda at: state_action_form.average_reward_gradient(names["machine"], names["policy"], at), names["theta"]
    )
    assert close(true, true.T)


def test_the_line_is_that_of_baxter_and_bartlett_up_to_the_discount(names):
    """With rewards of the state alone it is γ Σ d ∇P V."""
    pays = np.broadcast_to(np.array([2.0, 1.0, 0.0])[:, None, None], (3, 2, 3))
    paid, policy, theta = replace(names["machine"], reward=pays.copy()), names["policy"], names["theta"]
    moved = complex_step(lambda at: values.policy_chain(paid, policy, at)[0], theta)
    q, v = values.action_values(paid, policy, theta), values.state_values(paid, policy, theta)
    line = state_action_form.state_weighted_gradient(policy, theta, names["d"], q)
    assert close(line / names["gamma"], np.einsum("s,stk,t->k", names["d"], moved, v))


def test_random_processes_are_friendly_to_this_error(names):
    angles, lengths = names["angles"], names["lengths"]
    assert (angles < 10).mean() > 0.85
    assert (angles > 90).sum() == 1
    assert angles.max() < 150
    assert lengths.max() < 0.5
    assert np.median(lengths) == pytest.approx(0.2, abs=0.01)
    both = names["passing"]["that, and the angle is below 10°"]
    assert both.mean() > 0.8
    assert (names["left_over"] < 1e-6).sum() == 0
    shares = names["left_over"] / lengths  # the ∇d term over the line
    assert round(np.median(shares), 1) == 0.3
    assert round(names["d_shares"][2], 1) == 5.5


def test_what_moves_the_states_explains_the_error_and_memory_does_not(names):
    def memory_and_move(seed):
        rng = np.random.default_rng(seed)
        mdp, softmax = environments.random_mdp(rng, discount=0.8, horizon=None), SoftmaxPolicy(3, 2)
        at = rng.standard_normal((3, 2))
        chain, _ = values.policy_chain(mdp, softmax, at)
        moved = complex_step(lambda x: values.stationary_distribution(mdp, softmax, x), at)
        memory = np.sort(np.abs(np.linalg.eigvals(chain)))[-2]
        return memory, np.linalg.norm(moved) * np.ptp(values.state_values(mdp, softmax, at))

    memories, moves = np.array([memory_and_move(seed) for seed in range(300)]).T
    ranks = [x.argsort().argsort() for x in (memories, moves, names["left_over"][:300])]
    assert abs(np.corrcoef(ranks[0], ranks[2])[0, 1]) < 0.2 < 0.5 < np.corrcoef(ranks[1], ranks[2])[0, 1]


def test_random_comparisons_by_a_route_that_knows_no_theorem(names):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        mdp, softmax = environments.random_mdp(rng, discount=0.8, horizon=None), SoftmaxPolicy(3, 2)
        at = rng.standard_normal((3, 2))
        oracle = complex_step(lambda x, mdp=mdp, softmax=softmax: mean_of_values(mdp, softmax, x), at)
        line = state_action_form.source_derivation(mdp, softmax, at)["B6"].value
        cosine = np.sum(line * oracle) / np.linalg.norm(line) / np.linalg.norm(oracle)
        assert np.degrees(np.arccos(cosine)) == pytest.approx(names["angles"][seed], abs=1e-5)
        assert np.linalg.norm(line) / np.linalg.norm(oracle) == pytest.approx(names["lengths"][seed])


def test_without_steering_the_line_is_right_up_to_its_factor(names):
    law = np.array([0.5, 0.3, 0.2])
    contexts = np.broadcast_to(law, (3, 2, 3)).copy()
    for discount in (0.0, 0.8):
        bandit = TabularMDP(contexts, names["machine"].reward, law, discount)
        lines = state_action_form.source_derivation(bandit, names["policy"], names["theta"])
        assert close(lines["B6"].value, (1 - discount) * lines["B5"].value)


def test_stationary_weights_are_right_in_two_settings(names):
    machine, policy, theta, d = names["machine"], names["policy"], names["theta"], names["d"]
    differential = values.differential_action_values(machine, policy, theta)
    for constant in (0.0, 7.0):  # exercise: repair the line
        repaired = state_action_form.state_weighted_gradient(policy, theta, d, differential + constant)
        assert close(repaired, names["grad_r"])
        assert close(repaired / (1 - names["gamma"]), names["B5"])
    frozen = complex_step(lambda at: d @ values.state_values(machine, policy, at), theta)
    assert close(names["B6"] / (1 - names["gamma"]), frozen)


def test_the_restarting_chain_is_what_its_words_say(names):
    machine, policy, theta, gamma = names["machine"], names["policy"], names["theta"], names["gamma"]
    assert state_action_form.restart_derivation(machine, policy, theta).false_lines == []
    chain, _ = values.policy_chain(machine, policy, theta)
    again = gamma * chain + (1 - gamma) * machine.initial
    visits = values.discounted_visitation(machine, policy, theta)
    assert close((1 - gamma) * visits @ again, (1 - gamma) * visits)
    v = values.state_values(machine, policy, theta)
    paid = (policy.probabilities(theta) * machine.expected_reward).sum(axis=1)
    j = values.objective(machine, policy, theta)
    assert close(v, paid - (1 - gamma) * j + again @ v)
    restarting = environments.restarting_chain(machine)
    assert close(np.ptp(values.differential_values(restarting, policy, theta) - v), 0)
    line = np.einsum("s,sa,sa,sak->k", (1 - gamma) * visits, policy.probabilities(theta),
                     values.action_values(machine, policy, theta), policy.score(theta))  # fmt: skip
    assert close(line, (1 - gamma) * complex_step(lambda at: values.objective(machine, policy, at), theta))


def test_following_the_line_ends_where_the_text_says(names):
    starts = {round(curve[0], 2) for curve in names["climbs"].values()}
    assert starts == {0.7}
    assert [round(curve[-1], 2) for curve in names["climbs"].values()] == [1.22, 1.21, 0.48, 0.04]


def test_exercise_no_future(names):
    lines = state_action_form.source_derivation(
        replace(names["machine"], discount=0.0), names["policy"], names["theta"]
    )
    assert lines.false_lines == ["B6", "B9", "B10 = ∇J"]
    assert close(lines["B5"].value, names["grad_r"])


def test_exercise_one_component_right(names):
    def gap(x):
        lines = state_action_form.source_derivation(names["machine"], names["policy"], [-1.0, x])
        return lines["B5"].value - lines["B6"].value

    low, high = 0.0, 4.0
    assert gap(low)[1] > 0 > gap(high)[1]
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if gap(middle)[1] > 0 else (low, middle)
    assert round(low, 4) == 1.1202
    assert abs(gap(low)[1]) < 1e-10 < 0.1 < abs(gap(low)[0])
