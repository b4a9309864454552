"""Exercises of the trajectory form: scores, importance ratios, the exact gradient, its estimate, REINFORCE."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pgcode import trajectory_form
from pgcode.derivation import Derivation, Line
from pgcode.environments import corridor_policy, random_mdp, short_corridor, two_armed_bandit
from pgcode.estimators import full_return, policy_gradient, reward_to_go
from pgcode.exercises import (
    Mistake,
    choice_exercise,
    function_exercise,
    number_exercise,
    order_exercise,
    sign_exercise,
)
from pgcode.exercises.chapters import DYNAMICS_DROP_OUT, HOW_FAR_OFF, LIKELIHOOD_RATIO, SAMPLE_ESTIMATE
from pgcode.mdp import TabularMDP
from pgcode.moments import full_return_moments
from pgcode.oracles import complex_step
from pgcode.policies import SoftmaxPolicy, TabularPolicy
from pgcode.trajectories import Trajectories, enumerate_trajectories, sample_trajectories

__all__ = [
    "estimate_and_error",
    "estimate_from_one_pull",
    "factor_of_the_standard_error",
    "false_line",
    "gradient_by_listing",
    "importance_ratio",
    "ordered_lines",
    "reinforce_update",
    "trajectory_score",
]

Array = NDArray[Any]
Generator = np.random.Generator

_A3 = LIKELIHOOD_RATIO.section("A3: the gradient goes inside the sum")
_A4_AND_A5 = LIKELIHOOD_RATIO.section("A4 and A5: multiply by one")
_A6 = LIKELIHOOD_RATIO.section("A6: the ratio is the gradient of a logarithm")
_A7 = LIKELIHOOD_RATIO.section("A7: the trajectory form")
_A10 = DYNAMICS_DROP_OUT.section("A10: the logarithm of a product")
_A14 = DYNAMICS_DROP_OUT.section("A14: the sum of the scores")
_THEOREM = DYNAMICS_DROP_OUT.section("The theorem")
_SOFTMAX_SCORE = DYNAMICS_DROP_OUT.section("The score of a softmax policy")
_AFTER_THE_END = DYNAMICS_DROP_OUT.section("Break it")
_A8 = SAMPLE_ESTIMATE.section("A8: draw instead of sum")
_A15 = SAMPLE_ESTIMATE.section("A15: the same estimate from the policy alone")
_WHICH_TRAJECTORIES = SAMPLE_ESTIMATE.section("Which trajectories")
_WHICH_SCORES = SAMPLE_ESTIMATE.section("Which scores")
_WHICH_REWARDS = SAMPLE_ESTIMATE.section("Which rewards")
_STANDARD_ERROR = HOW_FAR_OFF.section("What the standard error says")
_HOW_MANY = HOW_FAR_OFF.section("How many walks")
_REINFORCE = SAMPLE_ESTIMATE.section("REINFORCE")


@sign_exercise(
    title="One pull of the better arm",
    wrong={
        "positive": Mistake(
            "the gradient for its estimate",
            "Positive is the sign of ∂J/∂θ(0): more of the better arm is better on average. You were asked for the "
            "estimate from one pull, which is the score of the arm that was pulled times what it paid.",
        ),
        "zero": Mistake(
            "a fixed return has no gradient",
            "The return of a trajectory is a fixed number, and indeed it is not differentiated. It multiplies the "
            "score, and the score is not zero: an arm that is pulled half of the time has room to move.",
            _A3,
        ),
    },
    shows="The score of arm 0 for its own parameter is 1 − 1/2, its return −1: the estimate is −1/2 and lowers the "
    "preference for the better arm. A pull of arm 1 gives (−1/2)·(−3) = 3/2. The mean of both is 1/2, which is "
    "∂J/∂θ(0). A single estimate may point away from the gradient; what is right is its mean.",
    hints=[
        "The estimate from one trajectory is its score times its return, with no average to help it.",
        "The entry of the score for the arm that was pulled is 1 − π(0). Which sign has that?",
        "Multiply that sign by the sign of the return.",
    ],
    see=_A8,
)
def estimate_from_one_pull() -> float:
    """Predict the sign of the estimate of ∂J/∂θ(0) after one pull of arm 0, the better of two arms that cost."""
    bandit, policy = two_armed_bandit((-1.0, -3.0)), SoftmaxPolicy(2, 2)
    pull = Trajectories(np.array([[0, 1]]), np.array([[0]]), np.array([[-1.0]]), bandit.discount, bandit.terminal)
    return float(policy_gradient(pull, policy, np.zeros((2, 2)), full_return(pull)).mean[0, 0])


def _standard_error(n_trajectories: float) -> float:
    """The exact standard error of one entry of A15, for a process of no importance: the factor is the same in all."""
    mdp, policy = random_mdp(np.random.default_rng(0)), SoftmaxPolicy(3, 2)
    moments = full_return_moments(mdp, policy, np.zeros((3, 2)))
    return float(moments.standard_deviation[0, 0] / np.sqrt(n_trajectories))


@number_exercise(
    title="Four thousand trajectories more",
    shows="The covariance of the mean is Σ₁/m. 500 and 4000 are 4500 trajectories, nine times as many, so the "
    "variance falls to a ninth and the standard error to a third. That is so for every entry, every policy and every "
    "decision process: only Σ₁ differs, and it cancels.",
    hints=[
        "All 4500 trajectories come from the same policy and are independent, so they make one estimate.",
        "What is divided by m is the variance.",
        "The standard error is the root of the variance. Nine times as many trajectories: the root of a ninth.",
    ],
    see=_HOW_MANY,
    tolerance=0.02,
)
def factor_of_the_standard_error() -> float:
    """Predict by which factor the standard error is multiplied when 500 trajectories become 4500."""
    return _standard_error(4500) / _standard_error(500)


@factor_of_the_standard_error.misconception()
def variance_for_standard_error() -> float:
    """That is the factor of the variance.

    The variance is divided by the number of trajectories. The standard error is the root of the variance.
    """
    return (_standard_error(4500) / _standard_error(500)) ** 2


@factor_of_the_standard_error.misconception()
def only_the_new_ones() -> float:
    """You compared the 500 trajectories with the 4000 new ones.

    The 500 are still good: they come from the same policy, and all 4500 make one estimate.
    """
    return _standard_error(4000) / _standard_error(500)


@factor_of_the_standard_error.misconception()
def upside_down() -> float:
    """You turned the factor over.

    It is the later standard error divided by the earlier one, and more trajectories make it smaller.
    """
    return _standard_error(500) / _standard_error(4500)


@factor_of_the_standard_error.misconception()
def number_of_trajectories() -> float:
    """That is the factor of the number of trajectories.

    The standard error falls while the number grows, and more slowly: with its root.
    """
    return 4500 / 500


def _walk(rng: Generator, n_states: int, n_actions: int, horizon: int) -> tuple[Array, Array, Array]:
    pi = rng.dirichlet(np.ones(n_actions), size=n_states)
    return rng.integers(n_states, size=horizon + 1), rng.integers(n_actions, size=horizon), pi


def _walks_and_policies(rng: Generator) -> Iterator[tuple[Any, ...]]:
    yield _walk(rng, 3, 2, 6)
    yield _walk(rng, 2, 4, 5)
    yield _walk(rng, 5, 3, 4)
    yield _walk(rng, 4, 3, 1)


@function_exercise(
    title="The score of a trajectory",
    cases=_walks_and_policies,
    shows="The entry of θ(s, b) is n(s, b) − n(s) π(b|s): how often b was taken in s, minus how often that was to be "
    "expected. Each row sums to zero. Neither μ nor p occurs, although log P(τ;θ) contains both.",
    hints=[
        "The score of a trajectory is the sum of the scores of its decisions. Each decision moves one row only.",
        "The decision at time t adds 1 to the entry of the action that was taken, and takes π(·|s_t) from the row.",
        "There are T decisions and T + 1 states. Go through `range(len(actions))` and leave the last state alone.",
    ],
    see=_A14,
)
def trajectory_score(states: Array, actions: Array, pi: Array) -> Array:
    """Return ∇log P(τ;θ) of one trajectory under a softmax policy with a parameter for each (s, a), shape (S, A)."""
    score = np.zeros(pi.shape)
    for t in range(len(actions)):
        score[states[t], actions[t]] += 1
        score[states[t]] -= pi[states[t]]
    return score


@trajectory_score.misconception(see=_WHICH_SCORES)
def last_score_lost(states: Array, actions: Array, pi: Array) -> Array:
    """You left out the last decision.

    T decisions are taken, at the times 0 to T − 1, and each of them has a score.
    """
    return np.asarray(trajectory_score.reference(states[:-1], actions[:-1], pi))


@trajectory_score.misconception()
def states_shifted_by_one(states: Array, actions: Array, pi: Array) -> Array:
    """You paired each action with the state that it leads to.

    a_t is chosen in s_t. The last state, s_T, is where the trajectory arrives, and nothing is chosen there.
    """
    return np.asarray(trajectory_score.reference(states[1:], actions, pi))


@trajectory_score.misconception()
def mean_over_time_steps(states: Array, actions: Array, pi: Array) -> Array:
    """You divided by the number of decisions.

    The logarithm of a product is a sum. The score of the trajectory is the sum over time, not the mean.
    """
    return np.asarray(trajectory_score.reference(states, actions, pi)) / max(len(actions), 1)


@trajectory_score.misconception(see=_SOFTMAX_SCORE)
def policy_not_subtracted(states: Array, actions: Array, pi: Array) -> Array:
    """You counted the actions and did not subtract the policy.

    log π(a|s) is θ(s, a) minus the logarithm of the sum of all exponentials of that state. The second term has a
    gradient too, minus the probabilities.
    """
    counts = np.zeros(pi.shape)
    np.add.at(counts, (states[:-1], actions), 1)
    return counts


@trajectory_score.misconception(see=_SOFTMAX_SCORE)
def other_actions_forgotten(states: Array, actions: Array, pi: Array) -> Array:
    """You changed only the entry of the action that was taken.

    What one action gains the others lose: every other action of that state gets minus its own probability.
    """
    score = np.zeros(pi.shape)
    np.add.at(score, (states[:-1], actions), 1 - pi[states[:-1], actions])
    return score


@trajectory_score.misconception(see=_A6)
def probability_for_log_probability(states: Array, actions: Array, pi: Array) -> Array:
    """You added up the gradients of the probabilities π(a|s).

    The score is the gradient of log π(a|s), which is ∇π(a|s) divided by π(a|s).
    """
    gradient = np.zeros(pi.shape)
    for s, a in zip(states[:-1], actions, strict=True):
        gradient[s] += pi[s, a] * (np.eye(pi.shape[1])[a] - pi[s])
    return gradient


@trajectory_score.misconception()
def repeated_visits_lost(states: Array, actions: Array, pi: Array) -> Array:
    """A pair or a state that the walk meets again counts only once.

    `score[states] += …` with an array of states adds once to each entry, however often it is named. Go through the
    steps one at a time, or use `np.add.at`.
    """
    score = np.zeros(pi.shape)
    score[states[:-1], actions] += 1
    score[states[:-1]] -= pi[states[:-1]]
    return score


@trajectory_score.misconception()
def last_visit_alone(states: Array, actions: Array, pi: Array) -> Array:
    """Each decision overwrites what an earlier visit to the same state has left.

    The scores of all decisions add up: write `+=` and `-=`, also for the row.
    """
    score = np.zeros(pi.shape)
    for s, a in zip(states[:-1], actions, strict=True):
        score[s] = np.eye(pi.shape[1])[a] - pi[s]
    return score


@trajectory_score.misconception(see=_SOFTMAX_SCORE)
def opposite_sign(states: Array, actions: Array, pi: Array) -> Array:
    """You subtracted what happened from what was expected.

    An action that was taken becomes more probable when its own parameter grows: 1 minus its probability is positive.
    """
    return -np.asarray(trajectory_score.reference(states, actions, pi))


@trajectory_score.misconception()
def transposed_theta(states: Array, actions: Array, pi: Array) -> Array:
    """Your result has a row for each action.

    θ has a row for each state and a column for each action, and so has the score.
    """
    return np.asarray(trajectory_score.reference(states, actions, pi)).T


def _stale_walks(rng: Generator) -> Iterator[tuple[Any, ...]]:
    for m, n_states, n_actions, horizon in ((5, 3, 2, 4), (2, 2, 3, 6), (4, 4, 3, 2)):
        states = rng.integers(n_states, size=(m, horizon + 1))
        actions = rng.integers(n_actions, size=(m, horizon))
        pi, pi_old = rng.dirichlet(np.full(n_actions, 3.0), size=(2, n_states))
        yield states, actions, pi, pi_old


@function_exercise(
    title="Importance ratios",
    cases=_stale_walks,
    shows="μ and p stand in both probabilities and cancel, so the ratio needs the two policies alone. It is a product "
    "of T factors: for long trajectories a few weights grow huge and most become tiny, and the estimate then rests "
    "on a few of the old trajectories.",
    hints=[
        "P(τ;θ) is a product. Write it for both policies, one above the other, and see which factors cancel.",
        "For each decision one factor is left, π(a_t|s_t)/π_old(a_t|s_t). Above stands the policy whose gradient is "
        "wanted.",
        "`pi[states[:, :-1], actions]` holds the probabilities of all decisions, with shape (m, T). Multiply along "
        "time, which is axis 1.",
    ],
    see=_WHICH_TRAJECTORIES,
)
def importance_ratio(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """Return ρ(τ) = P(τ;θ)/P(τ;θ_old) of each of m trajectories, shape (m,)."""
    visited = states[:, :-1], actions
    return np.prod(pi[visited] / pi_old[visited], axis=1)


def _step_ratios(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    visited = states[:, :-1], actions
    return np.asarray(pi[visited] / pi_old[visited])


@importance_ratio.misconception()
def ratio_upside_down(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You divided the old probability by the new one.

    The old policy drew the trajectories, and its probability is to cancel: it stands below the line.
    """
    return np.prod(1 / _step_ratios(states, actions, pi, pi_old), axis=1)


@importance_ratio.misconception()
def old_policy_left_out(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You multiplied the probabilities of the new policy and did not divide by those of the old.

    How often a trajectory came up in the batch was decided by the old policy, and the weight has to undo that.
    """
    return np.prod(pi[states[:, :-1], actions], axis=1)


@importance_ratio.misconception(see=_A10)
def logarithm_for_ratio(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """Your result is log ρ(τ), the sum of the logarithms.

    To sum logarithms is a good way. The ratio itself is the exponential of that sum.
    """
    return np.log(_step_ratios(states, actions, pi, pi_old)).sum(axis=1)


@importance_ratio.misconception()
def sum_of_ratios(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You added the ratios of the steps.

    P(τ;θ) is a product over time, and so is the ratio of two of them.
    """
    return _step_ratios(states, actions, pi, pi_old).sum(axis=1)


@importance_ratio.misconception()
def mean_of_ratios(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You took the mean of the ratios of the steps.

    P(τ;θ) is a product over time, and so is the ratio of two of them. Nothing is averaged.
    """
    return _step_ratios(states, actions, pi, pi_old).mean(axis=1)


@importance_ratio.misconception()
def last_decision_lost(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You left out the last decision.

    All T decisions were drawn from the old policy, and each of them has its factor.
    """
    return np.prod(_step_ratios(states, actions, pi, pi_old)[:, :-1], axis=1)


@importance_ratio.misconception()
def last_decision_alone(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You took the ratio of the last decision alone.

    The whole trajectory was drawn from the old policy: each of its decisions has a factor.
    """
    return _step_ratios(states, actions, pi, pi_old)[:, -1]


@importance_ratio.misconception()
def next_states_for_states(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You paired each action with the state that it leads to.

    a_t is chosen in s_t. Of the T + 1 states the last one is only reached, and nothing is chosen there.
    """
    visited = states[:, 1:], actions
    return np.prod(pi[visited] / pi_old[visited], axis=1)


@importance_ratio.misconception()
def a_weight_for_each_step(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You returned a ratio for each decision.

    One weight belongs to the whole trajectory: the product of the ratios of its decisions.
    """
    return _step_ratios(states, actions, pi, pi_old)


@importance_ratio.misconception()
def product_over_the_batch(states: Array, actions: Array, pi: Array, pi_old: Array) -> Array:
    """You multiplied over the trajectories.

    The trajectories are independent and each has its own ratio. Multiply over time, along axis 1.
    """
    return np.prod(_step_ratios(states, actions, pi, pi_old), axis=0)


@order_exercise(
    title="From the definition to the scores",
    decoys={
        "c": Mistake(
            "the return differentiated",
            "You let the gradient act on R(τ). What a trajectory earns is a fixed number: only its probability moves "
            "with θ.",
            _A3,
        ),
        "e": Mistake(
            "probability for log-probability",
            "The gradient of a product is not the sum of the gradients of its factors. It is so after the logarithm "
            "has made the product a sum, and then the terms are gradients of logarithms.",
            _A10,
        ),
        "g": Mistake(
            "the weight of the trajectory lost",
            "The factor P(τ;θ) is missing, so all trajectories count alike, however rare they are. ∇P = P ∇log P: the "
            "ratio becomes the gradient of the logarithm, and the factor in front of it stays.",
            _A4_AND_A5,
        ),
        "j": Mistake(
            "an estimate for an equality",
            "A mean over m trajectories that were drawn is another vector at each draw. Its mean is ∇J; no equals sign "
            "stands between the two.",
            _A8,
        ),
    },
    shows="Seven lines, and each changes one thing: the definition, the gradient under the sum (A3), times P/P (A5), "
    "the logarithm (A7), its product made a sum (A9, A10), term by term (A11), and the terms without θ dropped (A12 "
    "to A14). All of them are exact. The first step that is not comes after them, when the sum over τ becomes a "
    "sample.",
    hints=[
        "Begin with the definition of J under the gradient. Four of the eleven lines are false.",
        "Three lines come before the logarithm. The factor P(τ;θ) comes in as P/P, one line before the logarithm.",
        "After the logarithm: first ∇ of a sum, then the sum of ∇, then what is left of it. So i, f, b at the end.",
    ],
    see=_A7,
)
def ordered_lines() -> str:
    """Put the lines from ∇J to the sum of the scores in order; four of the eleven are false."""
    return "k d h a i f b"


@ordered_lines.misconception(see=_A4_AND_A5)
def logarithm_without_its_reason() -> str:
    """You wrote the gradient of a logarithm before the ratio that it replaces.

    A3 has no P in front. First multiply by P/P = 1, then write ∇P/P as a gradient of a logarithm.
    """
    return "k d a h i f b"


@ordered_lines.misconception(see=DYNAMICS_DROP_OUT.section("A11: the gradient of a sum"))
def gradients_before_the_sum_is_split() -> str:
    """You split the gradient before it stands in front of a sum.

    First the logarithm of the product becomes a sum of logarithms, then the gradient goes to each of them.
    """
    return "k d h a f i b"


def _proof_that_every_gradient_is_zero() -> Derivation:
    """The seven lines of the task, evaluated on a small decision process."""
    mdp, policy = random_mdp(np.random.default_rng(0), n_states=2, horizon=2), SoftmaxPolicy(2, 2)
    theta = np.array([[0.3, -0.2], [0.1, 0.4]])
    exact = trajectory_form.derivation(mdp, policy, theta, n_trajectories=1)
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    objective = probability @ trajectories.returns
    mean_score = np.tensordot(probability, exact["A14"].value, axes=1)

    def sum_of_probabilities(at: Array) -> Any:
        return enumerate_trajectories(mdp, policy, at)[1].sum()

    size = exact["A7"].scale
    return Derivation(
        "Every gradient is zero",
        [
            *(
                replace(exact[line], label=label, follows=None)
                for label, line in zip("abcd", ("A2", "A3", "A5", "A7"), strict=True)
            ),
            Line("e", "", "", mean_score * objective, scale=size),
            Line("f", "", "", complex_step(sum_of_probabilities, theta) * objective, scale=size),
            Line("g", "", "", np.zeros_like(theta), scale=size),
        ],
    )


@choice_exercise(
    title="A proof that every gradient is zero",
    wrong={
        "a": Mistake("the definition doubted", "Line a is the definition of J, under a gradient."),
        "b": Mistake(
            "the exchange doubted",
            "Line b is A3 and true: the sum is finite, and R(τ) has no θ in it.",
            _A3,
        ),
        "c": Mistake(
            "one doubted",
            "Line c multiplies by P/P = 1. A softmax policy makes no trajectory impossible that the environment "
            "allows, so nothing is divided by zero.",
            _A4_AND_A5,
        ),
        "d": Mistake("the logarithm doubted", "Line d is A7 and true: ∇P/P is ∇log P where P > 0."),
        "f": Mistake(
            "the mean score doubted",
            "The step from e to f is right: P ∇log P = ∇P, and the sum of the gradients is the gradient of the sum. "
            "The mean score is zero. Something went wrong before.",
        ),
        "g": Mistake(
            "the derivative of one doubted",
            "The step from f to g is right: the probabilities sum to one at every θ, and the gradient of 1 is 0. "
            "Something went wrong before.",
        ),
    },
    shows="Line d is the mean of a product, line e the product of two means. They differ by the covariance of score "
    "and return, and since the mean score is zero, this covariance is all there is: ∇J is the covariance of the score "
    "with the return. So adding a constant to every return changes nothing.",
    hints=[
        "Lines a to d are A2, A3, A5 and A7.",
        "The mean of the scores is indeed zero. Look at how it gets to stand alone.",
        "Is the mean of a product the product of the means?",
    ],
    see=_A6,
)
def false_line() -> str:
    """Find the first line that does not follow from the one before it."""
    return _proof_that_every_gradient_is_zero().false_lines[0]


def _processes(rng: Generator) -> Iterator[tuple[TabularMDP, TabularPolicy, Array]]:
    """Yield processes with a policy and parameters: no end and an end, θ of two shapes."""
    for n_states, n_actions, discount, horizon in ((3, 2, 0.8, 3), (2, 3, 0.5, 2)):
        mdp = random_mdp(rng, n_states, n_actions, discount, horizon)
        yield mdp, SoftmaxPolicy(n_states, n_actions), rng.standard_normal((n_states, n_actions))
    corridor = short_corridor(horizon=6, discount=0.9)
    yield corridor, corridor_policy(), rng.standard_normal(2)
    yield corridor, SoftmaxPolicy(4, 2), rng.standard_normal((4, 2))


@function_exercise(
    title="The exact gradient, by listing",
    cases=_processes,
    shows="This is A7 with A14 put in. Every trajectory counts with its probability, its return and its score. The "
    "dynamics are in P(τ;θ) and nowhere else. That is exact, and it is as long as the list: the list grows "
    "exponentially with T.",
    hints=[
        "∇J(θ) = Σ_τ P(τ;θ) R(τ) Σ_t ∇log π_θ(a_t|s_t). The list gives P and τ, and `trajectories.returns` gives R.",
        "`policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]` is an array with a score for each "
        "decision of each trajectory, shape (m, T, *θ).",
        "Where `trajectories.active` is False nothing is decided: set those scores to zero. Then sum over time and "
        "over the list, with the weights P(τ;θ) R(τ).",
    ],
    see=_THEOREM,
)
def gradient_by_listing(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """Return ∇J(θ) = Σ_τ P(τ;θ) R(τ) Σ_t ∇log π_θ(a_t|s_t), over all trajectories; the shape of θ."""
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    return np.einsum("it...,i->...", scores, probability * trajectories.returns)


def _scores(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> Array:
    """The score of each decision, shape (m, T, *θ); 0 after the end."""
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    return scores


def _scores_after_the_end_too(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> Array:
    return policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]


def _total(weights: Array, scores: Array) -> Array:
    """Σ_i w_i Σ_t of the scores."""
    return np.asarray(np.einsum("it...,i->...", scores, weights))


@gradient_by_listing.misconception(see=_AFTER_THE_END)
def scores_after_the_end(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You counted scores after the end of a trajectory.

    Where it has ended nobody chooses; the actions that are written there are fillers. `trajectories.active` says
    where a decision is taken.
    """
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    return _total(probability * trajectories.returns, _scores_after_the_end_too(trajectories, policy, theta))


@gradient_by_listing.misconception(see=_A8)
def listed_and_not_drawn(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You took the plain mean over the list, as if its trajectories had been drawn.

    In a sample the probable trajectories come more often. In the list each stands once, and its weight is P(τ;θ).
    """
    trajectories, _ = enumerate_trajectories(mdp, policy, theta)
    return _total(trajectories.returns / len(trajectories), _scores(trajectories, policy, theta))


@gradient_by_listing.misconception(see=_A4_AND_A5)
def probabilities_left_out(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You left out the probabilities of the trajectories.

    The sum of scores times returns counts a rare walk like a common one. Each term has the weight P(τ;θ).
    """
    trajectories, _ = enumerate_trajectories(mdp, policy, theta)
    return _total(trajectories.returns, _scores(trajectories, policy, theta))


@gradient_by_listing.misconception(see=_A6)
def probability_twice(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You counted the probability of each trajectory twice.

    P ∇log P is ∇P already: beside ∇P stands no P, and beside the score stands one.
    """
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    return _total(probability**2 * trajectories.returns, _scores(trajectories, policy, theta))


@gradient_by_listing.misconception(see=_A7)
def undiscounted_return(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You added up the rewards without the discount.

    R(τ) is Σ_t γᵗ r_t; `trajectories.returns` holds it.
    """
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    return _total(probability * trajectories.rewards.sum(axis=1), _scores(trajectories, policy, theta))


@gradient_by_listing.misconception(see=_A7)
def return_left_out(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """Your result is zero: that is the mean of the scores without the return.

    The mean score is zero for every policy. Each score is multiplied by the return of its trajectory.
    """
    return np.zeros(theta.shape)


@gradient_by_listing.misconception()
def mean_over_time(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You took the mean of the scores over time.

    The score of a trajectory is the sum of its scores. Nothing is divided by T.
    """
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    scores = _scores(trajectories, policy, theta)
    return _total(probability * trajectories.returns, scores) / trajectories.horizon


@gradient_by_listing.misconception(see=_WHICH_SCORES)
def last_score_missing(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You left out the score of the last decision.

    A trajectory of T + 1 states has T decisions, and the last of them can still earn a reward.
    """
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    return _total(probability * trajectories.returns, _scores(trajectories, policy, theta)[:, :-1])


@gradient_by_listing.misconception()
def states_that_follow(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You took the score of each action in the state that it leads to.

    a_t is chosen in s_t. Of the T + 1 states the last one has no action: leave it out, and not the first.
    """
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    scores = policy.score(theta)[trajectories.states[:, 1:], trajectories.actions]
    scores[~trajectories.active] = 0
    return _total(probability * trajectories.returns, scores)


@gradient_by_listing.misconception(see=_WHICH_REWARDS)
def reward_for_return(mdp: TabularMDP, policy: TabularPolicy, theta: Array) -> Array:
    """You multiplied each score by the reward of its own step.

    What a decision earns comes later too. Each score is multiplied by the return of the whole trajectory.
    """
    trajectories, probability = enumerate_trajectories(mdp, policy, theta)
    discounted = trajectories.rewards * trajectories.discount ** np.arange(trajectories.horizon)
    return np.asarray(np.einsum("it...,it,i->...", _scores(trajectories, policy, theta), discounted, probability))


def _samples(rng: Generator) -> Iterator[tuple[Trajectories, TabularPolicy, Array]]:
    for (mdp, policy, theta), m in zip(_processes(rng), (7, 4, 6, 9), strict=True):
        yield sample_trajectories(mdp, policy, theta, m, rng), policy, theta


@function_exercise(
    title="The estimate and its standard error",
    cases=_samples,
    shows="The mean of the g_i estimates ∇J(θ), and their spread estimates how far off that mean is, from the same "
    "sample and without the exact gradient. Nothing of μ or p was used.",
    hints=[
        "First make one vector g_i for each trajectory: its score times its return. An array of shape (m, *θ).",
        "`scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]` has shape (m, T, *θ). Set "
        "it to zero where `trajectories.active` is False.",
        '`np.einsum("it...,i->i...", scores, trajectories.returns)` sums over time and multiplies by the return.',
        "The standard error of a mean is the standard deviation divided by √m. `std` takes `ddof=1` for m − 1.",
    ],
    see=_A15,
)
def estimate_and_error(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """Return ĝ = (1/m) Σ_i g_i with g_i = Σ_t ∇log π_θ(a_t|s_t) R(τ_i), and its standard error; each the shape of θ."""
    scores = policy.score(theta)[trajectories.states[:, :-1], trajectories.actions]
    scores[~trajectories.active] = 0
    g = np.einsum("it...,i->i...", scores, trajectories.returns)
    return g.mean(axis=0), g.std(axis=0, ddof=1) / np.sqrt(len(g))


def _each(scores: Array, weights: Array) -> Array:
    """Σ_t scores · w for each trajectory, shape (m, *θ), with weights (m, T)."""
    return np.asarray(np.einsum("it...,it->i...", scores, weights))


def _mean_and_error(g: Array) -> tuple[Array, Array]:
    return g.mean(axis=0), g.std(axis=0, ddof=1) / np.sqrt(len(g))


def _right_terms(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> Array:
    return _each(_scores(trajectories, policy, theta), full_return(trajectories))


@estimate_and_error.misconception()
def standard_deviation_of_one(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """Your second result is the standard deviation of one trajectory.

    The standard error belongs to the mean of m of them and is smaller, by the factor 1/√m.
    """
    g = _right_terms(trajectories, policy, theta)
    return g.mean(axis=0), g.std(axis=0, ddof=1)


@estimate_and_error.misconception(see=_STANDARD_ERROR)
def divided_by_m_outside_the_root(
    trajectories: Trajectories, policy: TabularPolicy, theta: Array
) -> tuple[Array, Array]:
    """You divided the standard deviation by m.

    The variance of the mean is the variance of one trajectory divided by m. Under the root stands 1/m, too.
    """
    g = _right_terms(trajectories, policy, theta)
    return g.mean(axis=0), g.std(axis=0, ddof=1) / len(g)


@estimate_and_error.misconception(see=_STANDARD_ERROR)
def variance_of_the_mean(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """Your second result is the variance of the mean.

    The standard error is its root, in the units of the gradient.
    """
    g = _right_terms(trajectories, policy, theta)
    return g.mean(axis=0), g.var(axis=0, ddof=1) / len(g)


@estimate_and_error.misconception()
def m_in_the_denominator(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """You estimated the variance with m in the denominator.

    The deviations are taken from the sample's own mean, which lies nearer to the sample than ∇J does. With m − 1
    the variance is estimated without bias.
    """
    g = _right_terms(trajectories, policy, theta)
    return g.mean(axis=0), g.std(axis=0) / np.sqrt(len(g))


@estimate_and_error.misconception()
def mean_not_subtracted(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """You took the mean square of the g_i for their variance.

    A variance is the mean square of the deviations from the mean: subtract ĝ first.
    """
    g = _right_terms(trajectories, policy, theta)
    return g.mean(axis=0), np.sqrt((g**2).sum(axis=0) / (len(g) - 1) / len(g))


@estimate_and_error.misconception(see=_A8)
def sum_over_trajectories(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """Your first result is a sum over the trajectories and grows with m.

    ĝ is their mean, which stays near ∇J however many you draw.
    """
    g = _right_terms(trajectories, policy, theta)
    return g.sum(axis=0), g.std(axis=0, ddof=1) / np.sqrt(len(g))


@estimate_and_error.misconception(see=_AFTER_THE_END)
def fillers_counted(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """You counted scores after the end of a trajectory.

    Where it has ended the actions are fillers that nobody chose. `trajectories.active` says where a decision is taken.
    """
    return _mean_and_error(_each(_scores_after_the_end_too(trajectories, policy, theta), full_return(trajectories)))


@estimate_and_error.misconception()
def mean_over_all_time_steps(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """You took the mean of the scores over time.

    The g_i are sums over t. Dividing by T makes the estimate T times too short.
    """
    return _mean_and_error(_right_terms(trajectories, policy, theta) / trajectories.horizon)


@estimate_and_error.misconception()
def mean_over_the_decisions_taken(
    trajectories: Trajectories, policy: TabularPolicy, theta: Array
) -> tuple[Array, Array]:
    """You divided each g_i by the number of decisions of its trajectory.

    Then short walks count more than long ones, and the mean is in general no multiple of ∇J. The g_i are sums over t.
    """
    weights = full_return(trajectories) / trajectories.active.sum(axis=1, keepdims=True)
    return _mean_and_error(_each(_scores(trajectories, policy, theta), weights))


@estimate_and_error.misconception(see=_WHICH_REWARDS)
def own_reward_for_return(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """You multiplied each score by the reward of its own step.

    What a decision earns comes later too. The weight of every score is the return R(τ) of the whole trajectory.
    """
    return _mean_and_error(_each(_scores(trajectories, policy, theta), trajectories.rewards))


@estimate_and_error.misconception(see=_WHICH_REWARDS)
def rewards_to_go_for_return(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """You took the rewards from t on as weights, γᵗ G_t.

    That estimate has the mean ∇J as well. It is another one than A15, with another error, and here every score has
    the whole return R(τ) beside it.
    """
    return _mean_and_error(_each(_scores(trajectories, policy, theta), reward_to_go(trajectories)))


@estimate_and_error.misconception()
def discount_left_out(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """You added up the rewards without the discount.

    R(τ) is Σ_t γᵗ r_t; `trajectories.returns` holds it.
    """
    total = trajectories.rewards.sum(axis=1, keepdims=True)
    return _mean_and_error(_each(_scores(trajectories, policy, theta), total + 0 * trajectories.rewards))


@estimate_and_error.misconception(see=_WHICH_SCORES)
def final_score_lost(trajectories: Trajectories, policy: TabularPolicy, theta: Array) -> tuple[Array, Array]:
    """You left out the score of the last decision.

    A trajectory of T + 1 states has T decisions, and the last of them can still earn a reward.
    """
    scores = _scores(trajectories, policy, theta)
    scores[:, -1] = 0
    return _mean_and_error(_each(scores, full_return(trajectories)))


def _episodes(rng: Generator) -> Iterator[tuple[Any, ...]]:
    for n_states, n_actions, horizon, discount, step_size in (
        (3, 2, 5, 0.9, 0.1),
        (2, 3, 4, 0.6, 0.5),
        (4, 3, 7, 0.8, 2.0),
        (3, 4, 1, 0.7, 1.0),
    ):
        policy, theta = SoftmaxPolicy(n_states, n_actions), rng.standard_normal((n_states, n_actions))
        states, actions = rng.integers(n_states, size=horizon + 1), rng.integers(n_actions, size=horizon)
        yield theta, policy, states, actions, rng.standard_normal(horizon), discount, step_size


@function_exercise(
    title="Repair this REINFORCE",
    cases=_episodes,
    shows="Ascent on J, all T scores, and each of them in the state in which its action was chosen. Broken code of "
    "this kind runs without an error, and often it even learns something: only a comparison with known numbers tells.",
    hints=[
        "There are three mistakes. The line that computes γᵗ G_t is not one of them, nor is the one above it.",
        "Compare the number of states with the number of actions. In which state was the first action chosen?",
        "How many decisions are there, and how many of them does the sum take? Then ask whether J is to rise or fall.",
    ],
    see=_REINFORCE,
)
def reinforce_update(
    theta: Array,
    policy: TabularPolicy,
    states: Array,
    actions: Array,
    rewards: Array,
    discount: float,
    step_size: float,
) -> Array:
    """Return θ + α Σ_t γᵗ G_t ∇log π_θ(a_t|s_t) after one episode, the shape of θ."""
    paid = rewards * discount ** np.arange(len(rewards))
    weights = np.cumsum(paid[::-1])[::-1]  # γᵗ G_t
    scores = policy.score(theta)[states[:-1], actions]
    return theta + step_size * np.tensordot(weights, scores, axes=1)


def _update(
    theta: Array,
    policy: TabularPolicy,
    states: Array,
    actions: Array,
    rewards: Array,
    discount: float,
    step_size: float,
    *,
    sign: int = 1,
    shifted: bool = False,
    last_lost: bool = False,
    weights: Array | None = None,
) -> Array:
    """θ + α Σ_t w_t score_t with mistakes; the weights are γᵗ G_t unless told."""
    if weights is None:
        weights = _discounted_to_go(rewards, discount)
    scores = policy.score(theta)[states[1:] if shifted else states[:-1], actions]
    n_scores = len(rewards) - last_lost
    return np.asarray(theta + sign * step_size * np.tensordot(weights[:n_scores], scores[:n_scores], axes=1))


def _discounts(rewards: Array, discount: float) -> Array:
    return np.asarray(discount ** np.arange(len(rewards)))


def _discounted_to_go(rewards: Array, discount: float) -> Array:
    """γᵗ G_t of each step."""
    return np.cumsum((rewards * _discounts(rewards, discount))[::-1])[::-1]


@reinforce_update.misconception()
def nothing_repaired(*episode: Any) -> Array:
    """Three mistakes are left: your function does what the broken one does.

    One is in the states that are paired with the actions, one in the number of the scores, one in the direction of
    the step.
    """
    return _update(*episode, sign=-1, shifted=True, last_lost=True)


@reinforce_update.misconception()
def only_the_last_score_repaired(*episode: Any) -> Array:
    """All scores count now, and two mistakes are left.

    Each action still meets the state that it leads to, and the step still goes downhill.
    """
    return _update(*episode, sign=-1, shifted=True)


@reinforce_update.misconception()
def only_the_states_repaired(*episode: Any) -> Array:
    """Each action meets its own state now, and two mistakes are left.

    The sum still loses the last decision, and the step still goes downhill.
    """
    return _update(*episode, sign=-1, last_lost=True)


@reinforce_update.misconception()
def only_the_sign_repaired(*episode: Any) -> Array:
    """The step goes uphill now, and two mistakes are left.

    Each action still meets the state that it leads to, and the sum still loses the last decision.
    """
    return _update(*episode, shifted=True, last_lost=True)


@reinforce_update.misconception()
def still_downhill(*episode: Any) -> Array:
    """The step goes downhill, and the rest is right.

    A minus sign belongs to a loss that is minimised. Here J is to rise, and θ moves along the gradient.
    """
    return _update(*episode, sign=-1)


@reinforce_update.misconception(see=_WHICH_SCORES)
def last_score_still_lost(*episode: Any) -> Array:
    """The score of the last decision is missing, and the rest is right.

    T rewards belong to T decisions, and the last decision earns the last reward. Without it the mean is not ∇J.
    """
    return _update(*episode, last_lost=True)


@reinforce_update.misconception(see=_A14)
def states_still_shifted(*episode: Any) -> Array:
    """Each action meets the state that it leads to, and the rest is right.

    a_t is chosen in s_t. Of the T + 1 states the last one has no action.
    """
    return _update(*episode, shifted=True)


@reinforce_update.misconception()
def discount_of_the_step_dropped(*episode: Any) -> Array:
    """The factor γᵗ is missing: your weights are G_t.

    G_t counts the discount from time t on, and J counts it from time 0. The weight of the score at time t is γᵗ G_t.
    The broken code has that right.
    """
    rewards, discount = episode[4:6]
    return _update(*episode, weights=_discounted_to_go(rewards, discount) / _discounts(rewards, discount))


@reinforce_update.misconception()
def discounted_twice(*episode: Any) -> Array:
    """You applied γᵗ twice.

    `paid` holds γᵏ r_k, discounted from time 0, so its sums from t on are γᵗ G_t already.
    """
    rewards, discount = episode[4:6]
    return _update(*episode, weights=_discounted_to_go(rewards, discount) * _discounts(rewards, discount))


@reinforce_update.misconception(see=_WHICH_REWARDS)
def past_rewards_for_those_to_go(*episode: Any) -> Array:
    """Your weights add up the rewards until time t.

    A decision cannot change what has been paid before it. Its weight is the sum from time t to the end: the row is
    turned round, summed, and turned round again.
    """
    rewards, discount = episode[4:6]
    return _update(*episode, weights=np.cumsum(rewards * _discounts(rewards, discount)))


@reinforce_update.misconception()
def divided_by_the_length(*episode: Any) -> Array:
    """You divided by the number of steps.

    The update is a sum over time. A mean makes the step shorter the longer the episode was.
    """
    rewards, discount = episode[4:6]
    return _update(*episode, weights=_discounted_to_go(rewards, discount) / len(rewards))


@reinforce_update.misconception(see=_WHICH_REWARDS)
def whole_return_for_rewards_to_go(*episode: Any) -> Array:
    """Your weights are the whole return at every step.

    That update has the same mean, but it is not the one that is asked for: the weight of the score at time t leaves
    out what was paid before t.
    """
    rewards, discount = episode[4:6]
    weights = np.full(len(rewards), np.sum(rewards * _discounts(rewards, discount)))
    return _update(*episode, weights=weights)


@reinforce_update.misconception(see=_WHICH_REWARDS)
def own_reward_alone(*episode: Any) -> Array:
    """Each score has only the reward of its own step beside it.

    What a decision earns comes later too: its weight is the sum of the discounted rewards from time t to the end.
    """
    rewards, discount = episode[4:6]
    return _update(*episode, weights=rewards * _discounts(rewards, discount))


@reinforce_update.misconception()
def weights_not_turned_back(*episode: Any) -> Array:
    """Your weights stand in the wrong order.

    The sums that run from the end begin with the last step. Turn the row round again, so that time 0 comes first.
    """
    rewards, discount = episode[4:6]
    return _update(*episode, weights=_discounted_to_go(rewards, discount)[::-1])


@reinforce_update.misconception()
def step_without_its_start(*episode: Any) -> Array:
    """You returned the step, and not where it leads.

    The new parameters are the old ones plus the step.
    """
    return _update(*episode) - episode[0]


@reinforce_update.misconception()
def theta_changed_within_the_episode(
    theta: Array,
    policy: TabularPolicy,
    states: Array,
    actions: Array,
    rewards: Array,
    discount: float,
    step_size: float,
) -> Array:
    """You changed θ at each step and took the later scores at the changed θ.

    The episode was drawn with one θ, and all its scores are taken there. The update is made once, after the episode.
    """
    weights = _discounted_to_go(rewards, discount)
    for t in range(len(rewards)):
        theta = theta + step_size * weights[t] * policy.score(theta)[states[t], actions[t]]
    return theta
