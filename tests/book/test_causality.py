"""The claims of "From R(τ) to Q", each by a way that the chapter does not take."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from pgcode import environments, state_action_form, trajectory_form, values
from pgcode.derivation import Derivation
from pgcode.estimators import full_return, reward_to_go, state_action_weights, trajectory_gradients
from pgcode.moments import enumerated_moments
from pgcode.oracles import complex_step
from pgcode.policies import SoftmaxPolicy
from pgcode.trajectories import enumerate_trajectories

T, GAMMA = 5, 0.8


@pytest.fixture(scope="module")
def names(chapter):
    return chapter("one-gradient/causality")


def close(a, b, tolerance=1e-12):
    return np.abs(np.asarray(a) - b).max() < tolerance


def test_prediction():
    cases = list(itertools.product((0, 1), repeat=2))
    score = [r1 - 0.5 for _, r1 in cases]
    assert np.mean([s * r0 for s, (r0, _) in zip(score, cases, strict=True)]) == 0
    assert np.mean([s * r1 for s, (_, r1) in zip(score, cases, strict=True)]) == 0.25
    assert np.mean([s * (r0 + r1) for s, (r0, r1) in zip(score, cases, strict=True)]) == 0.25
    assert np.mean([s * (r0 + r1) / 2 for s, (r0, r1) in zip(score, cases, strict=True)]) == 0.125


def test_the_matrix_by_dynamic_programming(names):
    """M[t, k] = Σ_s p_t Σ_a ∇π E[r_k | s_t = s, a_t = a], for k ≥ t, and 0 before."""
    machine, policy, theta = names["machine"], names["policy"], names["theta"]
    matrix = names["M"]
    chain, r = values.policy_chain(machine, policy, theta)
    d_pi, p_t = complex_step(policy.probabilities, theta), values.occupancy(machine, policy, theta)
    for t, k in np.ndindex(T, T):
        if k < t:
            assert close(matrix[t, k], 0)
            continue
        later = machine.expected_reward if k == t else machine.transition @ np.linalg.matrix_power(chain, k - t - 1) @ r
        assert close(np.einsum("s,saj,sa->j", p_t[t], d_pi, later), matrix[t, k])


@pytest.mark.parametrize("preference", np.linspace(-2, 2, 9))
def test_every_frame_of_the_matrix(names, preference):
    entries = names["score_times_reward"](np.array([preference, 0.0]))[:, :, 0]
    assert close(entries[np.tril_indices(T, -1)], 0)
    assert (np.diag(entries) < -1e-3).all()
    assert (entries[np.triu_indices(T, 1)] > 0).all()  # blue
    assert np.abs(entries).max() <= 0.7


def test_a_history_at_a_time(names):
    """In each history by itself the mean of σ_t r_k is zero for k < t, and for no k ≥ t in all of them."""
    walks, score, given = names["walks"], names["score"], names["given"]
    for t in range(T):
        history = np.hstack([walks.states[:, : t + 1], walks.actions[:, :t]])
        means = given(history, score[:, t, :1] * walks.rewards)
        assert close(given(history, score[:, t]), 0)
        for k in range(T):
            assert close(means[:, k], 0) == (k < t)


def test_the_bridge_on_other_processes(names):
    for seed in range(5):
        generator = np.random.default_rng(seed)
        mdp, policy, theta = environments.random_mdp(generator, horizon=4), SoftmaxPolicy(3, 2), None
        theta = generator.standard_normal((3, 2))
        walks, chance = enumerate_trajectories(mdp, policy, theta)
        score = policy.score(theta)[walks.states[:, :-1], walks.actions]
        q, share = values.action_values(mdp, policy, theta), names["shares"](mdp, policy, theta)
        for weights in (full_return(walks), reward_to_go(walks), state_action_weights(walks, q)):
            assert close(np.einsum("i,itjk,it->tjk", chance, score, weights), share)


def test_every_line(names):
    ledger = next(shown for shown in names.shown if isinstance(shown, Derivation))
    assert ledger.false_lines == []
    for line in ("C1", "C2", "C3", "C4", "C5", "C6"):
        assert close(names[line], names["share"]), line
    assert close(names["share"].sum(axis=0), names["gradient"])
    walks, q = names["walks"], names["Q"]
    taken = np.stack([q[t, walks.states[:, t], walks.actions[:, t]] for t in range(T)], axis=1)
    assert close(names["mean_G"], taken)  # C4
    for t in range(T):  # and the whole history says no more
        known = np.hstack([walks.states[:, : t + 1], walks.actions[:, : t + 1]])
        assert close(names["given"](known, walks.returns_from_step[:, t : t + 1])[:, 0], taken[:, t])
    first = names["share"][:, 0]
    assert (first > -0.186).all()
    assert (first < -0.175).all()


def test_both_forms_meet(names):
    for name, (mdp, policy, theta) in names["cases"].items():
        a7, t10, step = names["met"][name]
        assert np.abs(step).max() > 0.01
        for route in (
            a7,
            t10,
            trajectory_form.enumerated_gradient(mdp, policy, theta),
            state_action_form.exact_gradient(mdp, policy, theta),
            names["shares"](mdp, policy, theta).sum(axis=0),
        ):
            assert close(route, step, 1e-10), name


def test_which_q(names):
    gap, endless = names["gap"], names["gap_endless"]
    assert (gap[:8, 2] > 0).all()
    assert (gap[8:, 2] < 0).all()
    assert close(gap[-1, 2], -1)
    assert (gap[:, :2] < 0).all()
    assert np.abs(gap[0] - endless).max() < 0.005
    assert abs(np.abs(gap[-1] - endless).max() - 2.1) < 0.05


def test_one_q_for_all_times(names):
    """It points the opposite way on the last day; the failure is at most T γᵀ times a constant."""
    policy, theta = names["policy"], names["theta"]
    reach = np.abs(values.state_values(replace(names["machine"], horizon=None), policy, theta)).max()
    slope = np.linalg.norm(complex_step(policy.probabilities, theta), axis=2).sum(axis=1).max()
    angles = []
    for horizon in names["horizons"]:
        found, exact = names["with_one_q"](horizon)
        timed = state_action_form.exact_gradient(replace(names["old"], horizon=horizon), policy, theta)
        assert close(timed, exact)
        cosine = np.sum(found * exact) / np.linalg.norm(found) / np.linalg.norm(exact)
        angles.append(np.degrees(np.arccos(np.clip(cosine, -1, 1))))
        assert np.linalg.norm(found - exact) <= horizon * GAMMA**horizon * reach * slope
    assert angles[0] > 180 - 1e-4
    assert (np.diff(angles) < 0).all()


def test_the_variances_by_listing(names):
    for name, example in names["examples"].items():
        q = values.action_values(*example)
        makers = (full_return, reward_to_go, lambda walks, q=q: state_action_weights(walks, q))
        for make, by_recursion in zip(makers, names["traces"][name], strict=True):
            assert abs(enumerated_moments(*example, make).trace - by_recursion) < 1e-10 * (1 + by_recursion)
    cancelled = names["traces"]["payment taken back"]
    assert abs(cancelled[1] / cancelled[0] - 37) < 0.05
    shared, table = (
        names["traces"]["paid if they differ, one parameter"],
        names["traces"]["paid if they differ, a table"],
    )
    assert shared[1] < 1e-12
    assert abs(shared[2] - 1 / 16) < 1e-12
    assert table[2] < table[1]
    machine = names["traces"]["machine"]
    assert machine[0] > machine[1] > machine[2]


def test_the_return_of_the_payment_that_is_taken_back():
    walks, _ = enumerate_trajectories(environments.cancelling_rewards(), SoftmaxPolicy(5, 2), np.zeros((5, 2)))
    assert set(walks.returns) == {0, 1, 2}


def test_var_x_is_the_sum_of_three(names):
    """Var x = Var y + Var u + 2 Cov(y, u), and the covariance is negative where the payment is taken back."""
    for name, sign in (("machine", 1), ("payment taken back", -1)):
        mdp, policy, theta = names["examples"][name]
        walks, chance = enumerate_trajectories(mdp, policy, theta)
        x, y = (
            trajectory_gradients(walks, policy, theta, weights(walks)).reshape(len(walks), -1)
            for weights in (full_return, reward_to_go)
        )
        x, y = x - chance @ x, y - chance @ y
        u = x - y
        covariance = chance @ (y * u)
        assert close(chance @ x**2, chance @ y**2 + chance @ u**2 + 2 * covariance, 1e-10)
        total = (chance @ u**2 + 2 * covariance).sum()
        assert total * sign > 0


def test_each_term_has_no_more_variance_with_q(names):
    walks, chance, score = names["walks"], names["P_tau"], names["score"]

    def variances(weights):
        terms = score * weights[:, :, None]
        return np.einsum("i,itj->tj", chance, terms**2) - np.einsum("i,itj->tj", chance, terms) ** 2

    to_go, by_q = variances(reward_to_go(walks)), variances(state_action_weights(walks, names["Q"]))
    assert (by_q <= to_go + 1e-14).all()
    assert (by_q[:-1] < to_go[:-1]).any()


def test_how_often_q_harms(names):
    assert names["larger"] == {"random": [0, 0, 0], "fixed": [11, 23, 0]}
    clock = names["with_clock"](names["machine"])  # a process with the time in its state has the same gradient
    q = values.action_values(clock, SoftmaxPolicy(16, 2), np.zeros((16, 2)))
    timed = values.action_values(names["machine"], SoftmaxPolicy(3, 2), np.zeros((3, 2)))
    assert close(q[:-1].reshape(T, 3, 2), timed)


def test_what_may_be_subtracted(names):
    exact = [close(mean, names["share"]) for mean in names["shifted"].values()]
    assert exact == [True] * 3 + [False] * 5
    assert not names["shifted"][r"\(Q_t(s_t,a_t)\)"].any()
    late = names["to_go"] + np.pad((names["discounts"] * names["walks"].rewards)[:, :-1], ((0, 0), (1, 0)))
    assert close(names["mean_for_each_t"](late), names["share"])  # the exercise: a day late is harmless
    early = names["to_go"] - names["discounts"] * names["walks"].rewards
    assert not close(names["mean_for_each_t"](early), names["share"], 1e-3)


def test_a_policy_with_a_memory(names):
    exact = [close(mean, names["share_with_memory"]) for mean in names["remembered_means"].values()]
    assert exact == [True, True, True, False]


def test_exercises(names):
    mdp, policy, theta = names["cases"]["FrozenLake"]
    walks, _ = enumerate_trajectories(mdp, policy, theta)
    assert close(
        trajectory_gradients(walks, policy, theta, full_return(walks)),
        trajectory_gradients(walks, policy, theta, reward_to_go(walks)),
    )
    corridor, policy, theta = names["cases"]["corridor"]
    walks, chance, score = names["listed"](corridor, policy, theta)
    share = names["shares"](corridor, policy, theta)
    for t in range(corridor.horizon):  # a walk that has ended takes no action: a group of its own
        known = np.where(walks.active[:, t], walks.actions[:, t], -1)[:, None]
        mean = names["given"](known, walks.returns_from_step[:, t : t + 1], chance)[:, 0]
        assert close(np.einsum("i,ij,i->j", chance, score[:, t], mean), share[t])
