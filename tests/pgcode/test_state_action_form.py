"""The state–action form against the trajectory form, the complex step and its own wrong readings."""

import dataclasses
from fractions import Fraction

import gymnasium
import numpy as np
import pytest
from hypothesis import given, settings
from strategies import problems

from pgcode import state_action_form, trajectory_form, values
from pgcode.derivation import Verdict
from pgcode.environments import corridor_policy, corridor_state_values, random_mdp, short_corridor, two_armed_bandit
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step
from pgcode.policies import DirectPolicy, LinearSoftmaxPolicy, SoftmaxPolicy


def without_horizon(problem):
    mdp, policy, theta = problem
    return dataclasses.replace(mdp, horizon=None), policy, theta


def directional_derivative(function, theta, direction):
    """The complex step along one direction: one evaluation, however many parameters there are."""
    return function(theta + 1e-30j * direction).imag / 1e-30


@settings(max_examples=100)
@given(problems())
def test_it_is_the_trajectory_form_at_a_finite_horizon(problem):
    by_enumeration = trajectory_form.enumerated_gradient(*problem)
    scale = max(1, np.abs(by_enumeration).max())
    assert np.abs(state_action_form.exact_gradient(*problem) - by_enumeration).max() < 1e-10 * scale


@settings(max_examples=100)
@given(problems(discounts=(0.0, 0.5, 0.9)))
def test_without_a_horizon_it_is_the_derivative_of_j(problem):
    mdp, policy, theta = without_horizon(problem)
    derivative = complex_step(lambda at: values.objective(mdp, policy, at), theta)
    exact = state_action_form.exact_gradient(mdp, policy, theta)
    assert np.abs(exact - derivative).max() < 1e-10
    far = dataclasses.replace(mdp, horizon=300)
    assert np.abs(exact - state_action_form.exact_gradient(far, policy, theta)).max() < 1e-10


@given(problems(with_end=False))
def test_the_average_reward_form_is_the_derivative_of_the_average_reward(problem):
    mdp, policy, theta = problem
    derivative = complex_step(lambda at: values.average_reward(mdp, policy, at), theta)
    assert np.abs(state_action_form.average_reward_gradient(mdp, policy, theta) - derivative).max() < 1e-10


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_corridor_without_discount_or_horizon(p):
    theta = np.array([0.0, np.log(p / (1 - p))])
    closed = complex_step(lambda at: corridor_state_values(1 / (1 + np.exp(at[0] - at[1])))[0], theta)
    exact = state_action_form.exact_gradient(short_corridor(), corridor_policy(), theta)
    assert np.abs(exact - closed).max() < 1e-10


@pytest.mark.parametrize("name", ["FrozenLake-v1", "FrozenLake8x8-v1", "CliffWalking-v1", "Taxi-v4"])
def test_gymnasiums_tables_without_a_horizon(name):
    """Every component on the small ones, on all the derivative along 20 random directions."""
    mdp = TabularMDP.from_gymnasium(gymnasium.make(name), 0.95)
    policy, rng = SoftmaxPolicy(mdp.n_states, mdp.n_actions), np.random.default_rng(0)
    theta = rng.standard_normal(policy.theta_shape)
    exact = state_action_form.exact_gradient(mdp, policy, theta)
    assert np.abs(exact).max() > 1e-6

    def objective(at):
        return values.objective(mdp, policy, at)

    for _ in range(20):
        direction = rng.standard_normal(policy.theta_shape)
        along = directional_derivative(objective, theta, direction)
        assert abs(along - (exact * direction).sum()) < 1e-10 * max(1, abs(along))
    if mdp.n_states <= 64:
        assert np.abs(complex_step(objective, theta) - exact).max() < 1e-10


def test_a_thousand_states_take_seconds_and_little_memory():
    mdp = random_mdp(np.random.default_rng(0), n_states=1000, n_actions=4, discount=0.95, horizon=None)
    policy, rng = SoftmaxPolicy(1000, 4), np.random.default_rng(1)
    theta, direction = rng.standard_normal((2, 1000, 4))
    exact = state_action_form.exact_gradient(mdp, policy, theta)
    along = directional_derivative(lambda at: values.objective(mdp, policy, at), theta, direction)
    assert abs(along - (exact * direction).sum()) < 1e-10


def test_it_holds_on_the_boundary_where_the_score_form_fails():
    mdp, policy, theta = two_armed_bandit((1.0, 2.0)), DirectPolicy(2, 2), np.array([[0.0], [0.5]])
    assert state_action_form.exact_gradient(mdp, policy, theta)[0, 0] == -1
    assert trajectory_form.derivation(mdp, policy, theta)["A7"].value[0, 0] == -2


def test_the_weighted_gradient_is_the_sum_it_says():
    """With θ on the first axes of ∇π and in lists, which are arrays too."""
    policy, theta = SoftmaxPolicy(3, 2), np.random.default_rng(1).standard_normal((3, 2))
    weights, q = [0.5, 2.0, -1.0], [[1.0, 2.0], [0.0, 4.0], [3.0, 1.0]]
    d_pi = complex_step(policy.probabilities, theta)
    expected = sum(weights[s] * q[s][a] * d_pi[s, a] for s in range(3) for a in range(2))
    assert np.abs(state_action_form.state_weighted_gradient(policy, theta, weights, q) - expected).max() < 1e-14


def test_a_derivation_is_evaluated_at_real_parameters():
    mdp, policy = random_mdp(np.random.default_rng(0)), SoftmaxPolicy(3, 2)
    for derivation in (state_action_form.full_derivation, state_action_form.average_reward_derivation):
        with pytest.raises(TypeError, match="theta is complex: a derivation is evaluated at real parameters"):
            derivation(mdp, policy, np.full((3, 2), 1j))


class TestProofs:
    @settings(max_examples=25, deadline=None)
    @given(problems())
    def test_every_line_at_a_finite_horizon(self, problem):
        ledger = state_action_form.full_derivation(*problem)
        assert [line.label for line in ledger] == [f"T{n}" for n in range(1, 11)]
        assert ledger.false_lines == []
        assert np.abs(ledger["T8"].value - trajectory_form.enumerated_gradient(*problem)).max() < 1e-9

    @settings(max_examples=25, deadline=None)
    @given(problems(discounts=(0.0, 0.5, 0.9)))
    def test_every_line_without_a_horizon(self, problem):
        assert state_action_form.full_derivation(*without_horizon(problem)).false_lines == []

    def test_every_line_for_an_episodic_process_without_discount(self):
        assert state_action_form.full_derivation(short_corridor(), corridor_policy(), [0.2, -0.3]).false_lines == []

    @settings(max_examples=25, deadline=None)
    @given(problems(with_end=False))
    def test_every_line_for_the_average_reward(self, problem):
        ledger = state_action_form.average_reward_derivation(*problem)
        assert [line.label for line in ledger] == [f"R{n}" for n in range(1, 7)]
        assert ledger.false_lines == []

    @pytest.mark.parametrize(
        ("derivation", "horizon", "honest"),
        [
            (state_action_form.full_derivation, None, ()),
            (state_action_form.full_derivation, 4, ()),
            (state_action_form.average_reward_derivation, None, ()),
            (state_action_form.source_derivation, None, ("B6", "B9", "B10 = ∇J")),
        ],
    )
    def test_a_wrong_line_turns_false(self, derivation, horizon, honest):
        mdp = dataclasses.replace(random_mdp(np.random.default_rng(0)), horizon=horizon)
        ledger = derivation(mdp, SoftmaxPolicy(3, 2), np.random.default_rng(1).standard_normal((3, 2)))
        assert ledger.false_lines == list(honest)
        for line in ledger:
            if ledger.checks[line.label].verdict is Verdict.EXACT:
                wrong = line.value + 1e-7 * max(1.0, float(np.abs(line.value).max()))
                assert line.label in ledger.with_value(line.label, wrong).false_lines, line.label

    def test_lines_name_the_time_where_there_is_one(self):
        mdp, policy, theta = random_mdp(np.random.default_rng(0)), SoftmaxPolicy(3, 2), np.zeros((3, 2))
        timed = state_action_form.full_derivation(mdp, policy, theta).between("T1", "T4")
        untimed = state_action_form.full_derivation(dataclasses.replace(mdp, horizon=None), policy, theta)
        assert all("Q_t(s,a)" in line.formula for line in timed)
        assert [r"\nabla V_{t+1}(s')" in line.formula for line in timed] == [False, False, True, True]
        assert timed["T3"].reason.startswith(r"\(Q_t\) is \(r + \gamma\sum p\,V_{t+1}\), and")
        for line in untimed.between("T1", "T4"):
            assert "_t" not in line.formula + line.reason
            assert timed[line.label].formula.replace("_{t+1}", "").replace("_t", "") == line.formula

    def test_the_unrolled_line_holds_as_many_steps_as_it_prints(self):
        mdp = dataclasses.replace(random_mdp(np.random.default_rng(0)), horizon=None)
        policy, theta = SoftmaxPolicy(3, 2), np.random.default_rng(1).standard_normal((3, 2))
        ledger = state_action_form.full_derivation(mdp, policy, theta)
        assert r"\sum_{k<5}" in ledger["T5"].formula
        chain, _ = values.policy_chain(mdp, policy, theta)
        d_pi = complex_step(policy.probabilities, theta)
        local = np.einsum("sa...,sa->s...", d_pi, values.action_values(mdp, policy, theta))
        expected = sum(np.tensordot(np.linalg.matrix_power(0.8 * chain, k), local, axes=1) for k in range(5))
        expected += np.tensordot(np.linalg.matrix_power(0.8 * chain, 5), ledger["T1"].value, axes=1)
        assert np.abs(ledger["T5"].value - expected).max() < 1e-12


class TestSourceB:
    RNG = np.random.default_rng(0)
    MDP = dataclasses.replace(random_mdp(RNG), horizon=None)
    POLICY, THETA = SoftmaxPolicy(3, 2), RNG.standard_normal((3, 2))

    def test_b6_b9_and_the_conclusion_are_false_and_nothing_else(self):
        ledger = state_action_form.source_derivation(self.MDP, self.POLICY, self.THETA)
        assert ledger.false_lines == ["B6", "B9", "B10 = ∇J"]
        starts = [label for label, check in ledger.checks.items() if check.verdict is Verdict.START]
        assert starts == ["B1", "B5"]

    @given(problems(kinds=("softmax",), discounts=(0.5, 0.9), with_end=False))
    def test_what_b6_drops(self, problem):
        """∇(Σ d V) = ∇d·V + line / (1 − γ), and ∇r(π) = (1 − γ) ∇d·V + line."""
        mdp, policy, theta = without_horizon(problem)
        ledger = state_action_form.source_derivation(mdp, policy, theta)
        v = values.state_values(mdp, policy, theta)
        d_derivative = complex_step(lambda at: values.stationary_distribution(mdp, policy, at), theta)
        through_d = np.tensordot(v, d_derivative, axes=1)
        line, gradient = ledger["B6"].value, ledger["B5"].value
        assert np.abs(gradient - through_d - line / (1 - mdp.discount)).max() < 1e-9
        average = complex_step(lambda at: values.average_reward(mdp, policy, at), theta)
        assert np.abs(average - (1 - mdp.discount) * through_d - line).max() < 1e-10

    def test_the_line_tends_to_the_average_reward_gradient_as_the_discount_tends_to_one(self):
        average = state_action_form.average_reward_gradient(self.MDP, self.POLICY, self.THETA)
        errors = []
        for discount in (0.9, 0.99, 0.999):
            mdp = dataclasses.replace(self.MDP, discount=discount)
            line = state_action_form.source_derivation(mdp, self.POLICY, self.THETA)["B6"].value
            errors.append(np.linalg.norm(line - average))
        assert errors[0] / errors[1] == pytest.approx(10, rel=0.1)
        assert errors[1] / errors[2] == pytest.approx(10, rel=0.1)

    @pytest.mark.parametrize("changes", [{"horizon": 4}, {"discount": 1.0}])
    def test_it_needs_a_discount_and_no_horizon(self, changes):
        with pytest.raises(ValueError, match="take horizon=None and a discount below 1"):
            state_action_form.source_derivation(dataclasses.replace(self.MDP, **changes), self.POLICY, self.THETA)


def solved_exactly(matrix, right):
    """Solve a linear system of fractions."""
    rows = [[*row, *b] for row, b in zip(matrix, right, strict=True)]
    for k in range(len(rows)):
        pivot = next(i for i in range(k, len(rows)) if rows[i][k])
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [entry / rows[k][k] for entry in rows[k]]
        for i in range(len(rows)):
            if i != k and rows[i][k]:
                rows[i] = [a - rows[i][k] * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [row[len(rows) :] for row in rows]


def exact_gradient_of_values(mdp, theta):
    """∇V by fractions, for two actions of probabilities θ(s) and 1 − θ(s); what the floats say is taken as exact."""
    states, gamma = range(mdp.n_states), Fraction(mdp.discount)
    pi = [[Fraction(float(t)), 1 - Fraction(float(t))] for t in theta[:, 0]]
    p = [[[Fraction(float(x)) for x in row] for row in table] for table in mdp.transition]
    r = [
        [sum((p[s][a][n] * Fraction(float(mdp.reward[s, a, n])) for n in states), Fraction(0)) for a in (0, 1)]
        for s in states
    ]
    chain = [[sum(pi[s][a] * p[s][a][n] for a in (0, 1)) for n in states] for s in states]
    matrix = [[(s == n) - gamma * chain[s][n] for n in states] for s in states]
    v = solved_exactly(matrix, [[sum(pi[s][a] * r[s][a] for a in (0, 1))] for s in states])
    q = [[r[s][a] + gamma * sum(p[s][a][n] * v[n][0] for n in states) for a in (0, 1)] for s in states]
    return solved_exactly(matrix, [[(q[s][0] - q[s][1]) * (s == k) for k in states] for s in states])


def hardly_leaving(seed):
    """A process whose states are left with small probabilities of any size, and whose rewards differ in size."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(2, 5))
    leave = 10.0 ** rng.uniform(-5, 0, (n, 2, n)) * rng.random((n, 2, n))
    transition = np.empty((n, 2, n))
    for s in range(n):
        leave[s, :, s] = 0
        leave[s] /= np.maximum(1, leave[s].sum(axis=1, keepdims=True))
        transition[s] = leave[s]
        transition[s, :, s] = 1 - leave[s].sum(axis=1)
    reward = rng.standard_normal((n, 2, n)) * 10.0 ** rng.uniform(-3, 3, (n, 1, 1))
    initial = rng.dirichlet(np.ones(n))
    mdp = TabularMDP(transition, reward, initial, 1 - 10.0 ** rng.uniform(-6, 0))
    return mdp, DirectPolicy(n, 2), rng.random((n, 1)) * 10.0 ** rng.uniform(-4, 0, (n, 1))


class TestConditioning:
    """What a line is allowed bounds what rounding did to it; and it is still tight enough to find a mistake."""

    @pytest.mark.parametrize("seed", range(60))
    def test_rounding_is_bounded_by_the_condition(self, seed):
        mdp, policy, theta = hardly_leaving(seed)
        dv = exact_gradient_of_values(mdp, theta)
        dj = [sum(Fraction(float(m)) * row[k] for m, row in zip(mdp.initial, dv, strict=True)) for k in range(len(dv))]
        ledger = state_action_form.full_derivation(mdp, policy, theta)
        assert ledger.false_lines == []
        for line in ledger:
            exact = dv if line.value.ndim == 3 else dj
            found = line.value[..., 0]
            off = np.vectorize(lambda a, b: abs(float(Fraction(float(a)) - b)))(found, np.array(exact, dtype=object))
            allowed = 16 * np.finfo(float).eps * (line.condition * np.maximum(line.scale, np.abs(line.value)))[..., 0]
            assert (off <= allowed).all(), (line.label, (off / allowed).max())

    @pytest.mark.parametrize("discount", [0.9, 1 - 1e-5, 1 - 1e-7])
    def test_true_lines_are_never_false_and_wrong_ones_always(self, discount):
        for seed in range(3):
            rng = np.random.default_rng(seed)
            mdp = dataclasses.replace(random_mdp(rng), horizon=None, discount=discount)
            policy, theta = SoftmaxPolicy(3, 2), rng.standard_normal((3, 2))
            ledger = state_action_form.full_derivation(mdp, policy, theta)
            assert ledger.false_lines == []
            assert bool(ledger.undecided_lines) == (discount > 0.9)
            for line in ledger.lines[1:]:
                assert line.label in ledger.with_value(line.label, 1.001 * line.value).false_lines
                worst = line.value.copy()
                smallest = np.unravel_index(np.abs(worst).argmin(), worst.shape)
                worst[smallest] *= -1
                assert line.label in ledger.with_value(line.label, worst).false_lines, "one sign"

    @pytest.mark.parametrize("exponent", [-996, -300, 500, 996])
    @pytest.mark.parametrize(
        "derivation",
        [
            state_action_form.source_derivation,
            state_action_form.full_derivation,
            state_action_form.average_reward_derivation,
        ],
    )
    def test_verdicts_do_not_depend_on_the_unit_of_reward(self, derivation, exponent):
        mdp = dataclasses.replace(random_mdp(np.random.default_rng(0)), horizon=None)
        policy, theta = SoftmaxPolicy(3, 2), np.random.default_rng(1).standard_normal((3, 2))
        before = derivation(mdp, policy, theta)
        after = derivation(dataclasses.replace(mdp, reward=np.ldexp(mdp.reward, exponent)), policy, theta)
        assert [check.verdict for check in after.checks.values()] == [c.verdict for c in before.checks.values()]
        factor = 1 if derivation is state_action_form.source_derivation else exponent
        if factor != 1:
            assert all(np.array_equal(np.ldexp(a.value, exponent), b.value) for a, b in zip(before, after, strict=True))

    @pytest.mark.parametrize("size", [20.0, 37.0, 370.0, 700.0, -700.0, 800.0])
    def test_nearly_certain_actions(self, size):
        mdp = dataclasses.replace(random_mdp(np.random.default_rng(0)), horizon=None)
        policy, theta = SoftmaxPolicy(3, 2), np.zeros((3, 2))
        theta[:, 0] = size
        for horizon in (None, 4):
            at = dataclasses.replace(mdp, horizon=horizon)
            assert state_action_form.full_derivation(at, policy, theta).false_lines == []
            assert state_action_form.average_reward_derivation(at, policy, theta).false_lines == []
        assert set(state_action_form.source_derivation(mdp, policy, theta).false_lines) <= {"B6", "B9", "B10 = ∇J"}

    @pytest.mark.parametrize("discount", [0.0, 0.5, 1.0])
    @pytest.mark.parametrize("horizon", [None, 3])
    def test_nothing_happens_where_all_states_are_terminal(self, discount, horizon):
        mdp = TabularMDP(np.eye(2)[:, None].repeat(2, axis=1), np.zeros((2, 2, 2)), [0.5, 0.5], discount, horizon)
        ledger = state_action_form.full_derivation(mdp, SoftmaxPolicy(2, 2), np.zeros((2, 2)))
        assert ledger.false_lines == ledger.undecided_lines == []

    def test_linear_policies(self):
        mdp = dataclasses.replace(random_mdp(np.random.default_rng(0)), horizon=None)
        policy = LinearSoftmaxPolicy(np.random.default_rng(2).standard_normal((3, 2, 4)))
        theta = np.random.default_rng(3).standard_normal(4)
        ledger = state_action_form.source_derivation(mdp, policy, theta)
        assert ledger.false_lines == ["B6", "B9", "B10 = ∇J"]
        gradient = complex_step(
            lambda at: values.stationary_distribution(mdp, policy, at) @ values.state_values(mdp, policy, at), theta
        )
        assert np.abs(ledger["B5"].value - gradient).max() < 1e-12 * np.abs(gradient).max()
        q, d = values.action_values(mdp, policy, theta), values.stationary_distribution(mdp, policy, theta)
        line = policy.weighted_score(theta, d[:, None] * policy.probabilities(theta) * q)
        assert np.abs(ledger["B8"].value - line).max() < 1e-12 * np.abs(line).max()

    def test_forbidden_actions(self):
        rng = np.random.default_rng(0)
        base = random_mdp(rng, n_actions=3)
        allowed = np.array([[True, True, False], [True, True, True], [False, True, True]])
        reward = np.where(allowed[:, :, None], base.reward, -np.inf)
        mdp = dataclasses.replace(base, reward=reward, allowed=allowed)
        policy = SoftmaxPolicy(3, 3, allowed)
        theta = rng.standard_normal((3, 3))
        for horizon in (None, 3):
            at = dataclasses.replace(mdp, horizon=horizon)
            assert state_action_form.full_derivation(at, policy, theta).false_lines == []
        endless = dataclasses.replace(mdp, horizon=None)
        assert state_action_form.average_reward_derivation(endless, policy, theta).false_lines == []
        false = state_action_form.source_derivation(endless, policy, theta).false_lines
        assert false == ["B6", "B9", "B10 = ∇J"]
        assert trajectory_form.derivation(mdp, policy, theta, n_trajectories=50)["A7"].value == pytest.approx(
            state_action_form.exact_gradient(mdp, policy, theta), rel=1e-10, abs=1e-12
        )

    def test_a_policy_without_complex_parameters_is_told(self):
        class Closed(SoftmaxPolicy):
            complex_theta = False

        mdp = dataclasses.replace(random_mdp(np.random.default_rng(0)), horizon=3)
        for derivation in (state_action_form.full_derivation, trajectory_form.derivation):
            with pytest.raises(TypeError, match="complex"):
                derivation(mdp, Closed(3, 2), np.zeros((3, 2)))


def test_what_no_term_reaches_is_not_undecided():
    """Where a parameter has nothing to do with a value that is left, 0 = 0 is exact, not lost to rounding."""
    moves, pays = np.zeros((3, 2, 3)), np.zeros((3, 2, 3))
    for s in range(3):
        moves[s, 0, s], moves[s, 1, (s + 1) % 3] = 1, 1
    pays[2, 1, 0] = 6
    loop = TabularMDP(moves, pays, np.eye(3)[0], 0.8, horizon=4)
    ledger = state_action_form.full_derivation(loop, SoftmaxPolicy(3, 2), np.array([[0.0, 1], [1, 0], [0, 0.5]]))
    assert ledger.undecided_lines == ledger.false_lines == []


def test_the_average_reward_gradient_keeps_its_digits_beside_what_all_pay_or_take_back():
    rng = np.random.default_rng(0)
    transition = np.concatenate([rng.dirichlet(np.ones(3), (4, 2)), np.zeros((4, 2, 1))], axis=2)  # 3 is left for good
    reward = np.round(rng.normal(size=(4, 2, 4)) * 1024) / 1024  # so that the sums below are floats
    policy, theta = SoftmaxPolicy(4, 2), rng.normal(size=(4, 2))
    mdp = TabularMDP(transition, reward, np.eye(4)[3], 0.9)
    expected = state_action_form.average_reward_gradient(mdp, policy, theta)
    of_r = complex_step(lambda at: values.average_reward(mdp, policy, at), theta)
    assert np.abs(expected - of_r).max() < 1e-13
    taken_back = np.array([0, 1e12, -3e11, 5e11])
    in_the_long_run = np.array([1e12, 1e12, 1e12, 0])[:, None, None]
    for more in (1e12, in_the_long_run, taken_back - taken_back[:, None, None]):
        found = state_action_form.average_reward_gradient(dataclasses.replace(mdp, reward=reward + more), policy, theta)
        assert np.abs(found - expected).max() < 1e-14 * np.abs(expected).max()


def never_back(seed):
    """Six states, in any order: three that are never left, and three that lead everywhere."""
    rng = np.random.default_rng(seed)
    transition = np.zeros((6, 2, 6))
    transition[:3, :, :3] = rng.dirichlet(np.ones(3), (3, 2))
    transition[3:] = rng.dirichlet(np.ones(6), (3, 2))
    start = np.concatenate([rng.dirichlet(np.ones(3)), np.zeros(3)])
    order = rng.permutation(6)
    reward = rng.standard_normal((6, 2, 6))
    mdp = TabularMDP(transition[order][:, :, order], reward, start[order], 0.9)
    return mdp, SoftmaxPolicy(6, 2), rng.standard_normal((6, 2))


@pytest.mark.parametrize("seed", range(8))
def test_a_state_knows_nothing_of_those_to_which_it_never_leads(seed):
    """What is 0 there is 0, and not a rounding of something else, which the ledger would call false."""
    mdp, policy, theta = never_back(seed)
    closed = mdp.initial > 0
    slope = complex_step(lambda at: values.state_values(mdp, policy, at), theta)
    assert (slope[closed][:, ~closed] == 0).all()
    ledger = state_action_form.full_derivation(mdp, policy, theta)
    assert {check.verdict for check in ledger.checks.values()} == {Verdict.START, Verdict.EXACT}
