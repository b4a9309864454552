import numpy as np
import pytest
from own_policies import (
    Exploring,
    ExploringByHand,
    Network,
    Quadratic,
    QuadraticByHand,
    Temperature,
    TemperatureByHand,
)
from scipy import stats

from pgcode import learning, values
from pgcode.environments import corridor_policy, random_mdp
from pgcode.mdp import TabularMDP
from pgcode.oracles import complex_step
from pgcode.policies import (
    DirectPolicy,
    GaussianPolicy,
    LinearSoftmaxPolicy,
    SoftmaxPolicy,
    TabularPolicy,
    action_probabilities,
    check_policy,
)

RNG = np.random.default_rng(3)
ALLOWED = np.array([[True, True, False, True], [False, True, False, False], [True, True, True, True]])
POLICIES = [
    (SoftmaxPolicy(3, 4), RNG.standard_normal((3, 4))),
    (SoftmaxPolicy(2, 1), RNG.standard_normal((2, 1))),
    (LinearSoftmaxPolicy(RNG.standard_normal((3, 4, 2))), RNG.standard_normal(2)),
    (corridor_policy(), RNG.standard_normal(2)),
    (DirectPolicy(2, 3), np.array([[0.2, 0.3], [0.6, 0.1]])),
    (Temperature(2, 3), RNG.standard_normal(7)),
    (TemperatureByHand(2, 3), RNG.standard_normal(7)),
    (Exploring(2, 3), RNG.standard_normal((2, 4))),
    (Quadratic(2, 3), np.array(0.3)),
]
RESTRICTED = [
    (SoftmaxPolicy(3, 4, ALLOWED), RNG.standard_normal((3, 4))),
    (
        LinearSoftmaxPolicy(np.where(ALLOWED[:, :, None], RNG.standard_normal((3, 4, 2)), np.nan), ALLOWED),
        RNG.random(2),
    ),
]
ANALYTIC = [case for case in POLICIES if not isinstance(case[0], (Temperature, Exploring, Quadratic))] + RESTRICTED


@pytest.mark.parametrize(("policy", "theta"), POLICIES + RESTRICTED, ids=repr)
class TestEveryPolicy:
    def test_theta_has_its_shape(self, policy, theta):
        assert isinstance(policy, TabularPolicy)
        assert theta.shape == policy.theta_shape

    def test_probabilities_are_distributions(self, policy, theta):
        probabilities = policy.probabilities(theta)
        assert probabilities.shape == (policy.n_states, policy.n_actions)
        assert ((probabilities > 0) == (True if policy.allowed is None else policy.allowed)).all()
        assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-14)
        with np.errstate(divide="ignore"):
            assert np.allclose(policy.log_probabilities(theta), np.log(probabilities), atol=1e-14)

    def test_score_is_the_derivative_of_the_logarithm(self, policy, theta):
        possible = policy.probabilities(theta) > 0
        derivative = complex_step(lambda at: np.log(policy.probabilities(at)[possible]), theta)
        score = policy.score(theta)
        assert score.shape == (policy.n_states, policy.n_actions, *policy.theta_shape)
        assert np.abs(score[possible] - derivative).max() < 1e-12
        assert not score[~possible].any()

    def test_score_has_mean_zero(self, policy, theta):
        mean = np.einsum("sa,sa...->s...", policy.probabilities(theta), policy.score(theta))
        assert np.abs(mean).max() < 1e-14

    def test_weighted_score_is_the_sum_of_scores(self, policy, theta):
        weights = RNG.standard_normal((5, policy.n_states, policy.n_actions))
        summed = np.tensordot(weights, policy.score(theta), axes=2)
        assert np.abs(policy.weighted_score(theta, weights) - summed).max() < 1e-13
        of_complex = policy.weighted_score(theta, weights[0] + 1j * weights[1])
        assert np.abs(of_complex - summed[0] - 1j * summed[1]).max() < 1e-13

    def test_weighted_gradient_is_the_derivative_of_the_probabilities(self, policy, theta):
        weights = RNG.standard_normal((policy.n_states, policy.n_actions))
        derivative = complex_step(lambda at: (weights * policy.probabilities(at)).sum(), theta)
        assert np.abs(policy.weighted_gradient(theta, weights) - derivative).max() < 1e-14

    def test_many_parameters_at_once_give_what_each_gives(self, policy, theta):
        many = np.stack([theta, theta * 0.5, theta * 0.9])
        weights = RNG.standard_normal((3, policy.n_states, policy.n_actions))
        for name in ("weighted_score", "weighted_gradient"):
            method = getattr(policy, name)
            sums, of_one_table = method(many, weights), method(many, weights[0])
            assert sums.shape == of_one_table.shape == many.shape
            for run in range(3):
                assert np.abs(sums[run] - method(many[run], weights[run])).max() < 1e-14
                assert np.abs(of_one_table[run] - method(many[run], weights[0])).max() < 1e-14
        for run in range(3):
            assert np.abs(policy.probabilities(many)[run] - policy.probabilities(many[run])).max() < 1e-15
            assert np.allclose(policy.log_probabilities(many)[run], policy.log_probabilities(many[run]), atol=1e-15)
        with pytest.raises(ValueError, match="theta has shape"):
            policy.score(many)
        assert policy.probabilities(many[:0]).shape == (0, policy.n_states, policy.n_actions)


@pytest.mark.parametrize(("policy", "theta"), ANALYTIC, ids=repr)
def test_score_can_itself_be_differentiated_by_the_complex_step(policy, theta):
    hessian = complex_step(policy.score, theta)
    other_order = np.moveaxis(hessian, range(-theta.ndim, 0), range(2, 2 + theta.ndim))
    assert np.abs(hessian - other_order).max() < 1e-12


def test_softmax_survives_large_preferences():
    probabilities = SoftmaxPolicy(1, 3).probabilities([[1e4, 0.0, -1e4]])
    assert probabilities.tolist() == [[1, 0, 0]]


def test_aliased_states_act_alike():
    probabilities = corridor_policy().probabilities([-0.4, 0.3])
    assert (probabilities == probabilities[0]).all()
    assert np.isclose(probabilities[0, 1], 1 / (1 + np.exp(-0.7)), rtol=1e-15)


def test_direct_policy_has_no_score_on_the_boundary():
    policy, boundary = DirectPolicy(1, 2), [[0.0]]
    assert policy.probabilities(boundary).tolist() == [[0, 1]]
    with pytest.raises(ValueError, match="action 0 in state 0 does not exist"):
        policy.score(boundary)
    with pytest.raises(ValueError, match="action 0 in state 0 does not exist"):
        policy.weighted_score(boundary, [[1.0, 0.0]])
    assert policy.weighted_score(boundary, [[0.0, 2.0]]).tolist() == [[-2.0]]


class Shares(TabularPolicy):
    """The direct parametrisation of two actions, by its probabilities alone."""

    def probabilities(self, theta):
        return np.stack([theta, 1 - theta], axis=1)


def test_a_derived_score_does_not_exist_on_the_boundary_either():
    policy, boundary = Shares(2, 2, (2,)), [0.5, 0.0]
    with pytest.raises(ValueError, match="action 0 in state 1 does not exist"):
        policy.score(boundary)
    with pytest.raises(ValueError, match="action 0 in state 1 does not exist"):
        policy.weighted_score(boundary, [[0, 0], [1, 0]])
    assert policy.weighted_score(boundary, [[0, 0], [0, 2]]).tolist() == [0, -2]
    assert policy.weighted_gradient(boundary, [[0, 0], [1, 3]]).tolist() == [0, -2]


@pytest.mark.parametrize(
    ("own", "by_hand"),
    [(Temperature, TemperatureByHand), (Exploring, ExploringByHand), (Quadratic, QuadraticByHand)],
)
def test_what_is_derived_is_what_formulas_give(own, by_hand):
    own, by_hand = own(3, 2), by_hand(3, 2)
    theta, weights = RNG.standard_normal(own.theta_shape), RNG.standard_normal((3, 2))
    assert np.allclose(own.score(theta), by_hand.score(theta), rtol=1e-13, atol=1e-14)
    assert np.allclose(
        own.weighted_score(theta, weights), by_hand.weighted_score(theta, weights), rtol=1e-13, atol=1e-14
    )
    assert np.allclose(
        own.weighted_gradient(theta, weights), by_hand.weighted_gradient(theta, weights), rtol=1e-13, atol=1e-14
    )


def test_what_a_subclass_replaces_is_not_mixed_with_what_it_inherits():
    class Cold(SoftmaxPolicy):
        def probabilities(self, theta):
            return SoftmaxPolicy.probabilities(self, 3 * theta)

    class Flipped(SoftmaxPolicy):
        def score(self, theta):
            return -super().score(theta)

    theta, weights = RNG.standard_normal((2, 3)), RNG.standard_normal((2, 3))
    cold, softmax = Cold(2, 3), SoftmaxPolicy(2, 3)
    assert np.allclose(cold.log_probabilities(theta), softmax.log_probabilities(3 * theta), atol=1e-14)
    assert np.allclose(cold.score(theta), 3 * softmax.score(3 * theta), atol=1e-13)
    assert np.allclose(
        Flipped(2, 3).weighted_score(theta, weights), -softmax.weighted_score(theta, weights), atol=1e-14
    )


class TestAPolicyThatTakesRealParametersAlone:
    MDP = random_mdp(np.random.default_rng(5), 3, 2, 0.9, None)
    NETWORK, SAME = Network(3, 2), TemperatureByHand(3, 2)
    THETA = np.random.default_rng(6).standard_normal(7)

    def test_what_needs_real_parameters_works(self):
        weights = RNG.standard_normal((4, 3, 2))
        for name in ("weighted_score", "weighted_gradient"):
            of_network, expected = (getattr(p, name)(self.THETA, weights) for p in (self.NETWORK, self.SAME))
            assert (of_network == expected).all()
        assert values.objective(self.MDP, self.NETWORK, self.THETA) == values.objective(self.MDP, self.SAME, self.THETA)

    def test_a_complex_step_says_why_not(self):
        with pytest.raises(TypeError, match=r"theta is complex, which Network\(3, 2\) cannot take"):
            complex_step(lambda at: values.objective(self.MDP, self.NETWORK, at), self.THETA)

    def test_without_a_score_it_says_what_to_give(self):
        class Scoreless(Temperature):
            complex_theta = False

        with pytest.raises(TypeError, match=r"complex_theta = False and no score of its own: give it score\(theta\)"):
            Scoreless(3, 2).score(self.THETA)


def test_a_lost_imaginary_part_is_found_out():
    class Lossy(Temperature):
        def probabilities(self, theta):
            return super().probabilities(np.asarray(theta, dtype=float))

    class Silent(Temperature):
        def probabilities(self, theta):
            return super().probabilities(theta.real)

    for policy in (Lossy(2, 2), Silent(2, 2)):
        for use in (policy.score, lambda at, p=policy: p.weighted_gradient(at, [[1, 0], [0, 0]])):
            with pytest.raises(
                TypeError, match=r"found by the complex step, which failed: .* set complex_theta = False"
            ):
                use(np.array([0.3, -0.1, 0.2, 0.5, 0.1]))


def test_forbidden_actions_are_not_taken_and_leave_the_rest_a_softmax():
    theta = RNG.standard_normal((3, 4))
    probabilities = SoftmaxPolicy(3, 4, ALLOWED).probabilities(theta)
    weights = np.where(ALLOWED, np.exp(theta), 0)
    assert np.allclose(probabilities, weights / weights.sum(axis=1, keepdims=True), rtol=1e-14)
    assert (probabilities[~ALLOWED] == 0).all()


def test_a_policy_for_an_mdp_knows_what_it_forbids():
    mdp = random_mdp(np.random.default_rng(1), 3, 4)
    assert SoftmaxPolicy.for_mdp(mdp).allowed is None
    mdp = TabularMDP(mdp.transition, mdp.reward, mdp.initial, mdp.discount, mdp.horizon, ALLOWED)
    theta = np.zeros((3, 4))
    assert (action_probabilities(mdp, SoftmaxPolicy.for_mdp(mdp), theta)[~ALLOWED] == 0).all()
    with pytest.raises(ValueError, match=r"action 2 in state 0 the probability 0.25, but mdp.allowed forbids it"):
        action_probabilities(mdp, SoftmaxPolicy(3, 4), theta)


def test_reinforce_learns_with_an_own_policy():
    mdp = random_mdp(np.random.default_rng(0), 3, 2)
    theta = np.zeros(7)
    own, by_hand = (
        learning.reinforce(mdp, policy, theta, 0.1, 5, 3, np.random.default_rng(0))
        for policy in (Temperature(3, 2), TemperatureByHand(3, 2))
    )
    assert np.abs(own.theta - by_hand.theta).max() < 1e-12


def test_own_code_cannot_change_the_caller_s_parameters():
    class Writing(Temperature):
        def probabilities(self, theta):
            theta[-1] = theta[-1] * 2
            return super().probabilities(theta)

    theta = np.ones(5)
    Writing(2, 2).probabilities(theta)
    assert (theta == 1).all()


@pytest.mark.parametrize(("policy", "theta"), POLICIES + RESTRICTED + [(Network(3, 2), RNG.random(7))], ids=repr)
def test_a_right_policy_passes_its_checks(policy, theta):
    assert check_policy(policy, theta) is None


def replaced(name, function, base=SoftmaxPolicy, **more):
    """A policy for 2 states and 3 actions, one method of which is another."""
    kind = type("Own", (base,), {name: function, **more})
    return kind(2, 3)


DICE = np.random.default_rng(0)
WRONG = {
    "unnormalised": (
        replaced("probabilities", lambda self, theta: np.exp(theta)),
        "probabilities: expected the sum 1, came .* in state 0",
    ),
    "negative": (
        replaced("probabilities", lambda self, theta: theta - theta.mean(axis=1, keepdims=True) + 1 / 3),
        r"probabilities: expected a number from 0 to 1, came -0\.\d+ for action",
    ),
    "NaN": (
        replaced("probabilities", lambda self, theta: np.full((2, 3), np.nan)),
        "probabilities: expected a number from 0 to 1, came nan for action 0 in state 0",
    ),
    "transposed": (
        replaced("probabilities", lambda self, theta: np.full((3, 2), 0.5)),
        r"probabilities: expected shape \(2, 3\), came \(3, 2\)",
    ),
    "single precision": (
        replaced("probabilities", lambda self, theta: np.full((2, 3), 1 / 3, dtype=np.float32)),
        "probabilities: expected float64 at a real theta, came float32",
    ),
    "log of another policy": (
        type(
            "Own",
            (SoftmaxPolicy,),
            {
                "log_probabilities": lambda self, theta: SoftmaxPolicy.log_probabilities(self, 2 * theta),
                "probabilities": lambda self, theta: SoftmaxPolicy.probabilities(self, theta),
            },
        )(2, 3),
        "log_probabilities: expected exp of it to be the probabilities",
    ),
    "logits for log-probabilities": (
        replaced("log_probabilities", lambda self, theta: theta),
        "log_probabilities: ValueError: the probabilities of .* in state 0 sum to",
    ),
    "score of the other sign": (
        replaced("score", lambda self, theta: -SoftmaxPolicy.score(self, theta)),
        "score: expected the complex step of log π",
    ),
    "score of another shape": (
        replaced("score", lambda self, theta: np.zeros((2, 3))),
        r"score: ValueError: what score of .* returns has shape \(2, 3\), but needs shape \(2, 3, 2, 3\)",
    ),
    "sum without weights": (
        replaced("weighted_score", lambda self, theta, w: SoftmaxPolicy.weighted_score(self, theta, np.ones((2, 3)))),
        r"weighted_score: expected Σ w · score",
    ),
    "gradient for score": (
        replaced("weighted_gradient", lambda self, theta, w: SoftmaxPolicy.weighted_score(self, theta, w)),
        r"weighted_gradient: expected the complex step of Σ w · π",
    ),
    "dice": (
        replaced("probabilities", lambda self, theta: DICE.dirichlet(np.ones(3), 2)),
        "the same answer twice: expected probabilities to return the same twice",
    ),
    "writing": (
        replaced("probabilities", lambda self, theta: np.exp(np.subtract(theta, 1, out=theta)) * 0 + 1 / 3),
        "theta is not written to: expected probabilities to leave theta as it is",
    ),
    "imaginary part lost": (
        replaced("probabilities", lambda self, theta: SoftmaxPolicy.probabilities(self, theta.real)),
        "complex theta: expected the probabilities to carry it through, or complex_theta = False",
    ),
    "forbidden and taken": (
        type("Own", (SoftmaxPolicy,), {"probabilities": lambda self, theta: np.full((2, 3), 1 / 3) + 0 * theta})(
            2, 3, [[True, True, False], [True, True, True]]
        ),
        r"forbidden actions: expected probability 0, came 0\.333333 for action 2 in state 0",
    ),
    "many at once, wrongly": (
        type(
            "Own",
            (SoftmaxPolicy,),
            {"probabilities": lambda self, theta: SoftmaxPolicy.probabilities(self, np.reshape(theta, (-1, 2, 3))[0])},
            many_thetas=True,
        )(2, 3),
        r"many thetas: expected probabilities of two θ to have shape \(2, 2, 3\), came \(2, 3\)",
    ),
    "an error of its own": (
        replaced("probabilities", lambda self, theta: 1 / 0),
        "probabilities: ZeroDivisionError: division by zero",
    ),
    "no score and no complex theta": (
        type("Own", (Temperature,), {"complex_theta": False})(2, 1),
        "score: TypeError: .* has complex_theta = False and no score of its own",
    ),
}


@pytest.mark.parametrize(("policy", "finding"), WRONG.values(), ids=WRONG)
def test_a_wrong_policy_is_told_what_is_wrong(policy, finding):
    theta = np.random.default_rng(9).standard_normal(policy.theta_shape)
    with pytest.raises(ValueError, match=rf"fails \d+ of 10 checks:(.*\n)*- {finding}"):
        check_policy(policy, theta)


def test_one_mistake_hides_no_other():
    policy = replaced("score", lambda self, theta: np.ones((2, 3, 2, 3)), weighted_score=lambda self, theta, w: theta)
    with pytest.raises(
        ValueError, match=r"(?s)fails [3-9] of 10.*- score: .*- weighted_score: .*- weighted_gradient: "
    ):
        check_policy(policy, np.ones((2, 3)))


GAUSSIANS = {
    "learnt deviations": (GaussianPolicy(3, 2), RNG.standard_normal((2, 4))),
    "fixed deviations": (GaussianPolicy(3, 2, [0.5, 2.0]), RNG.standard_normal((2, 3))),
    "one deviation": (GaussianPolicy(1, 1, 0.7), RNG.standard_normal((1, 1))),
}


def quadrature(policy, theta, features, n_nodes=20):
    """Nodes and weights of Gauss and Hermite for the expectation over an action in one state."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(n_nodes)
    grid = np.stack(np.meshgrid(*[nodes] * policy.n_components, indexing="ij"), axis=-1).reshape(
        -1, policy.n_components
    )
    joint = np.prod(np.stack(np.meshgrid(*[weights / weights.sum()] * policy.n_components)), axis=0).ravel()
    return grid, policy.pathwise(theta, features, grid)[0], joint


@pytest.mark.parametrize(("policy", "theta"), GAUSSIANS.values(), ids=GAUSSIANS)
class TestGaussianPolicy:
    def test_density_is_that_of_the_normal_distribution(self, policy, theta):
        features, actions = RNG.standard_normal((5, policy.n_features)), RNG.standard_normal((5, policy.n_components))
        deviation = policy.standard_deviation if policy.standard_deviation is not None else np.exp(theta[:, -1])
        expected = stats.norm.logpdf(actions, policy.mean(theta, features), deviation).sum(axis=1)
        assert np.allclose(policy.log_density(theta, features, actions), expected, rtol=1e-13)

    def test_score_is_the_complex_step_of_the_density(self, policy, theta):
        features, actions = RNG.standard_normal((5, policy.n_features)), RNG.standard_normal((5, policy.n_components))
        step = complex_step(lambda at: policy.log_density(at, features, actions), theta)
        score = policy.score(theta, features, actions)
        assert score.shape == (5, *policy.theta_shape)
        assert np.allclose(score, step, rtol=1e-12, atol=1e-13)
        assert np.allclose(policy.score(theta, features[2], actions[2]), score[2], rtol=1e-15)

    def test_score_has_mean_zero_and_the_variance_of_fisher(self, policy, theta):
        """Fisher's information: x xᵀ/σ_j² for w_j and 2 for log σ_j, nothing between components."""
        features = RNG.standard_normal(policy.n_features)
        _, actions, weights = quadrature(policy, theta, features)
        scores = policy.score(theta, features, actions).reshape(len(actions), -1)
        assert np.abs(weights @ scores).max() < 1e-12
        deviation = policy.standard_deviation if policy.standard_deviation is not None else np.exp(theta[:, -1])
        information = np.zeros((*policy.theta_shape, *policy.theta_shape))
        for j in range(policy.n_components):
            information[j, : policy.n_features, j, : policy.n_features] = (
                np.outer(features, features) / deviation[j] ** 2
            )
            if policy.standard_deviation is None:
                information[j, -1, j, -1] = 2
        fisher = np.einsum("n,ni,nj->ij", weights, scores, scores)
        assert np.allclose(fisher, information.reshape(fisher.shape), rtol=1e-11, atol=1e-11)

    def test_entropy_is_the_mean_of_the_negative_log_density(self, policy, theta):
        features = RNG.standard_normal(policy.n_features)
        _, actions, weights = quadrature(policy, theta, features)
        assert np.isclose(-weights @ policy.log_density(theta, features, actions), policy.entropy(theta), rtol=1e-12)

    def test_pathwise_is_the_complex_step_of_the_action(self, policy, theta):
        features, noise = RNG.standard_normal((5, policy.n_features)), RNG.standard_normal((5, policy.n_components))
        _, derivative = policy.pathwise(theta, features, noise)
        step = complex_step(lambda at: policy.pathwise(at, features, noise)[0], theta)
        assert derivative.shape == (5, policy.n_components, *policy.theta_shape)
        assert np.allclose(derivative, step, rtol=1e-14, atol=1e-15)

    def test_both_ways_to_the_gradient_agree(self, policy, theta):
        """∇E[f(a)] by E[f · score] and by E[∇f · ∂a/∂θ], for f a polynomial, by quadrature."""
        features = RNG.standard_normal(policy.n_features)
        noise, actions, weights = quadrature(policy, theta, features)
        _, derivative = policy.pathwise(theta, features, noise)
        f, slope = (actions**3).sum(axis=1) + actions.prod(axis=1), 3 * actions**2
        slope = slope + (actions[:, ::-1] if policy.n_components == 2 else 1)
        by_score = np.einsum("n,n,nij->ij", weights, f, policy.score(theta, features, actions))
        by_path = np.einsum("n,nk,nkij->ij", weights, slope, derivative)
        assert np.allclose(by_score, by_path, rtol=1e-11, atol=1e-11)

    def test_samples_have_the_mean_and_the_deviation(self, policy, theta):
        features = np.broadcast_to(RNG.standard_normal(policy.n_features), (20_000, policy.n_features))
        drawn = policy.sample(theta, features, np.random.default_rng(0))
        deviation = policy.standard_deviation if policy.standard_deviation is not None else np.exp(theta[:, -1])
        z = (drawn - policy.mean(theta, features[0])) / deviation
        assert (np.abs(z.mean(axis=0)) < 4 / np.sqrt(20_000)).all()
        assert (np.abs((z**2).mean(axis=0) - 1) < 4 * np.sqrt(2 / 20_000)).all()
