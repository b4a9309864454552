"""The audit as its users use it: ten styles of estimator and of advantages, and functions that misbehave."""

import warnings
from pathlib import Path

import numpy as np
import pytest
from right_estimators import softmax
from usual_losses import gae, pushes

from pgcode.audit import assert_unbiased, audit, audit_advantages, audit_sequences, from_buffer, from_episodes
from pgcode.mistakes import leave_one_out, right_advantages
from pgcode.policies import SoftmaxPolicy
from pgcode.values import action_values


def score(theta, s, a):
    return (np.arange(theta.shape[1]) == a) - softmax(theta)[s]


def with_weights(batch, theta, weights):
    """(1/m) Σ_i Σ_t w_it ∇log π."""
    gradient = np.zeros_like(theta)
    for i, length in enumerate(batch.lengths):
        for t in range(length):
            s, a = batch.states[i, t], batch.actions[i, t]
            gradient[s] += weights[i, t] * score(theta, s, a)
    return gradient / batch.n_trajectories


def powers(batch):
    return batch.discount ** np.arange(batch.horizon)


def to_go(batch, theta):
    return with_weights(batch, theta, powers(batch) * batch.returns_from_step)


def leave_one_out_returns(batch, theta):
    if batch.n_trajectories < 2:
        raise ValueError("needs two episodes")
    others = (batch.returns.sum() - batch.returns) / (batch.n_trajectories - 1)
    return with_weights(batch, theta, np.repeat((batch.returns - others)[:, None], batch.horizon, axis=1))


def q_form(batch, theta, mdp):
    """Σ_t γᵗ Σ_a ∇π(a|s_t) Q_t(s_t, a), with the exact Q."""
    values, pi = action_values(mdp, SoftmaxPolicy(*theta.shape), theta), softmax(theta)
    gradient = np.zeros_like(theta)
    for i, length in enumerate(batch.lengths):
        for t in range(length):
            s = batch.states[i, t]
            gradient[s] += batch.discount**t * pi[s] * (values[t, s] - pi[s] @ values[t, s])
    return gradient / batch.n_trajectories


@pytest.mark.parametrize("estimator", [to_go, leave_one_out_returns])
def test_right_ones_are_unbiased_in_every_style(estimator):
    assert_unbiased(estimator)


def test_the_q_form_is_right_where_states_are_seen():
    """Where two look alike its Q is that of neither."""
    assert_unbiased(q_form, look_alikes=False)
    assert audit(q_form).verdict == "biased"


@from_episodes
def backwards(episodes, theta):
    """A loop as in many tutorials, without γᵗ."""
    gradient = np.zeros_like(theta)
    for episode in episodes:
        gain = 0.0
        steps = zip(episode["states"][:-1], episode["actions"], episode["rewards"], strict=True)
        for s, a, r in reversed(list(steps)):
            gain = r + episode["discount"] * gain
            gradient[s] += gain * score(theta, s, a)
    return gradient / len(episodes)


def fitted(steps, theta):
    """A baseline that is learnt from the batch itself: the mean return of each state."""
    gains = gae(steps, np.zeros(len(theta)), 1.0)
    sums, counts = np.zeros((2, len(theta)))
    np.add.at(sums, steps.states, gains)
    np.add.at(counts, steps.states, 1)
    return gains - (sums / np.maximum(counts, 1))[steps.states]


@from_buffer
def learnt_baseline(steps, theta):
    weights = steps.discount**steps.times * fitted(steps, theta)
    return pushes(theta, steps.states, steps.actions, weights) / steps.done.sum()


@from_buffer
def whitened_then_discounted(steps, theta):
    """γᵗ is put there after the returns were whitened, and the mean is one over steps."""
    gains = gae(steps, np.zeros(len(theta)), 1.0)
    weights = steps.discount**steps.times * (gains - gains.mean()) / (gains.std() + 1e-8)
    return pushes(theta, steps.states, steps.actions, weights) / len(gains)


@pytest.mark.parametrize(
    ("estimator", "names"),
    [
        (backwards, ("discount of the step left out",)),
        (learnt_baseline, ("mean of the same state in the batch",)),
        (whitened_then_discounted, ("standardised over the batch", "mean over the steps of the batch")),
    ],
)
def test_what_is_wrong_has_its_name_in_every_style(estimator, names):
    report = audit(estimator)
    assert (report.verdict, report.mistakes) == ("biased", names)


def fisher(theta, s):
    pi = softmax(theta)[s]
    return np.diag(pi) - np.outer(pi, pi)


def natural(batch, theta):
    gradient = to_go(batch, theta)
    return np.array([np.linalg.pinv(fisher(theta, s)) @ row for s, row in enumerate(gradient)])


@pytest.mark.parametrize(("factor", "words"), [(1.0, "it is the natural"), (-2.0, "−2 times the natural")])
def test_a_natural_gradient_is_told_as_one(factor, words):
    report = audit(lambda batch, theta: factor * natural(batch, theta))
    assert report.verdict == "biased"
    assert words in report.reason
    assert ("uphill by another path" in report.reason) == (factor > 0)
    assert "no mistake that is known" not in report.reason


@pytest.mark.parametrize("discounted", [True, False])
def test_a_natural_gradient_with_the_visits_is_told_as_one(discounted):
    def whole(batch, theta, mdp):
        """With the expected visits of the process, as the Fisher matrix over walks has them."""
        pi, here, visits = softmax(theta), mdp.initial.copy(), np.zeros(mdp.n_states)
        for t in range(mdp.horizon):
            here = np.where(mdp.terminal, 0, here)
            visits += (mdp.discount**t if discounted else 1) * here
            here = np.einsum("s,sa,san->n", here, pi, mdp.transition)
        return natural(batch, theta) / np.where(visits > 0, visits, 1)[:, None]

    report = audit(whole)
    assert f"the Fisher matrix over the {'discounted ' if discounted else ''}visits" in report.reason


def test_a_ratio_to_a_policy_that_did_not_act_is_looked_for_first():
    def stale(batch, theta):
        pi, old = softmax(theta), softmax(0.9 * theta)
        ratios = np.cumprod((pi / old)[batch.states[:, :-1], batch.actions], axis=1)
        return with_weights(batch, theta, ratios * powers(batch) * batch.returns_from_step)

    report = audit(stale)
    assert report.mistakes == ()
    assert "a ratio to a policy that did not draw the batch" in report.notes[-1]


# ---- functions that misbehave ---------------------------------------------------------------------------------------


def third_time():
    calls = []

    def raises(batch, theta):
        calls.append(None)
        if len(calls) == 3:
            raise KeyError("states")
        return to_go(batch, theta)

    return raises


def only_in_one_world(batch, theta):
    return to_go(batch, theta) * (np.nan if batch.discount == 0.6 else 1.0)


def writes(batch, theta):
    batch.rewards[:] = 0
    return to_go(batch, theta)


@pytest.mark.parametrize(
    ("estimator", "words"),
    [
        (third_time(), "It raised KeyError on a batch of 1 of “three arms”: 'states' (line "),
        (only_in_one_world, "It gave nan on a batch of 1 of “by chance”: look for 0/0"),
        (writes, "It writes into what it is given, which other calls share: copy it first."),
        (lambda batch, theta: (to_go(batch, theta), 3.0), "It gave a tuple of 2"),
        (lambda batch, theta: {"gradient": theta}, "It gave a dict on a batch"),
        (lambda batch, theta: (row for row in theta), "It gave a generator on a batch"),
        (lambda batch, theta: 1e308 * 10 * to_go(batch, theta), "It gave inf"),
        (lambda batch, theta: to_go(batch, theta) + 0j, "array of complex128"),
        (lambda batch, theta: to_go(batch, theta).astype(object), "array of object"),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_it_is_told_what_and_where(estimator, words):
    report = audit(estimator)
    assert report.verdict == "not an estimator"
    assert words in report.reason


def test_an_error_has_the_line_of_the_readers_own_code():
    """It is raised inside NumPy, and came from here."""

    def adds(batch, theta):
        return np.concatenate([theta, np.zeros(3)])

    assert "(line " in (reason := audit(adds).reason)
    assert "“return np.concatenate([theta, np.zeros(3)])”" in reason


def test_a_single_step_that_is_divided_by_its_deviation_is_told():
    def whitened(batch, theta):
        weights = batch.returns_from_step[batch.active]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            weights = (weights - weights.mean()) / weights.std(ddof=1)
        spread = np.zeros(batch.active.shape)
        spread[batch.active] = weights
        return with_weights(batch, theta, spread)

    report = audit(whitened, n_trajectories=1)
    assert report.verdict == "not an estimator"
    assert (
        "there is a single step, and a deviation, or a mean of the others, that divides by n − 1 is 0/0"
        in report.reason
    )


def test_whole_numbers_are_noticed():
    report = audit(lambda batch, theta: to_go(batch, theta).astype(int))
    assert "It gives whole numbers: what stands behind the point is lost." in report.notes


def test_what_it_prints_and_what_it_gives_again_does_no_harm(capsys):
    held = {}

    def estimator(batch, theta):
        print("step", theta.shape)
        buffer = held.setdefault(theta.shape, np.zeros(theta.shape))
        buffer[:] = to_go(batch, theta)
        return buffer

    assert audit(estimator, n_trajectories=1).verdict == "unbiased"


def into_one_buffer(function):
    """The same array each time, for each size."""
    held = {}

    def given(batch):
        found = np.asarray(function(batch))
        buffer = held.setdefault(found.shape, np.zeros(found.shape))
        buffer[:] = found
        return buffer

    return given


def test_a_buffer_that_is_used_again_changes_no_verdict():
    assert audit_advantages(into_one_buffer(right_advantages)).verdict == "equal"
    assert audit_sequences(into_one_buffer(leave_one_out)).verdict == "unbiased"


def test_who_seeds_the_generator_that_all_share_is_no_random_estimator():
    def seeded(batch, theta):
        np.random.seed(0)  # noqa: NPY002 - as much code does
        return to_go(batch, theta) * (1 + 0 * np.random.rand())  # noqa: NPY002 - the same

    assert audit(seeded, n_trajectories=1).verdict == "unbiased"


def test_pytest_shows_the_line_of_the_reader():
    """And none of the package."""
    with pytest.raises(AssertionError) as failed:
        assert_unbiased(lambda batch, theta: None)
    assert [Path(entry.path).name for entry in failed.traceback.filter(failed)] == [Path(__file__).name]
