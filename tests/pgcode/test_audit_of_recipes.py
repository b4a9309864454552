"""A usual loss is taken apart: every ingredient by its name, none that is not there."""

import itertools

import numpy as np
import pytest
import usual_losses
from listed import made
from mutants import mutants
from right_estimators import loop, softmax

from pgcode.audit import audit, from_buffer, from_episodes
from pgcode.audit._calls import Called, NotAnEstimatorError, call_on_all
from pgcode.audit._recipes import LAMBDAS, recipe_of
from pgcode.audit._worlds import draws, worlds
from pgcode.mistakes import ESTIMATORS
from pgcode.mistakes._pipeline import run, whole_return
from pgcode.policies import SoftmaxPolicy
from pgcode.values import state_values

STEP, MEAN = "discount of the step left out", "mean over the steps of the batch"
ONE_LESS = "standardised over the batch with one less"
BONUS = "entropy of the visited states without discount"

#: Of each program: the ingredients, and what else is said.
PROGRAMS = {
    "cleanrl_ppo": (("value left out", STEP, ONE_LESS, MEAN, BONUS), ("λ = 0.95", "weight of the entropy is 0.01")),
    "stable_baselines_ppo": (("value left out", STEP, ONE_LESS, MEAN), ("λ = 0.95",)),
    "spinning_up_vpg": (("value left out", STEP, "standardised over the batch", MEAN), ("λ = 0.97",)),
    "stable_baselines_a2c": ((STEP, MEAN, BONUS), ("weight of the entropy is 0.01", "one number for each state")),
    "actor_critic": (("critic for what comes later", STEP), ("λ = 0.", "one number for each state")),
    "whitened": ((STEP, "standardised over the batch", MEAN, BONUS), ()),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # 0/0, as there
@pytest.mark.parametrize("name", PROGRAMS)
def test_the_ingredients_of_a_usual_loss_are_named(name):
    expected, told = PROGRAMS[name]
    report = audit(from_buffer(getattr(usual_losses, name)))
    assert (report.verdict, report.mistakes, report.factor) == ("biased", expected, "")
    assert report.together
    assert len(report.explained) == len(expected)
    for words in told:
        assert any(words in note for note in report.notes), report.notes
    rows = [dict(zip(report.ingredients.heads, row, strict=True)) for row in report.ingredients.rows]
    assert [row["alone"] for row in rows] == [*expected, "all together"]
    assert all(float(row["turned by up to (degrees)"]) > 0.1 for row in rows)
    assert f"in all {len(worlds())} worlds" in report.reason


def test_a_divisor_alone_turns_nothing_and_is_told_all_the_same():
    """Returns without γᵗ, whitened and summed over the padded arrays: three, of which one is a step size."""
    changes = {name: ESTIMATORS[name] for name in (STEP, "standardised over the batch", "mean over padded steps")}
    report = audit(made({one.station: one.change for one in changes.values()}))
    assert report.mistakes == tuple(changes)
    assert report.ingredients.rows[2][1] == "0.00"


def test_ingredients_do_not_hang_on_sign_and_scale():
    report = audit(from_buffer(lambda steps, theta: -0.5 * usual_losses.stable_baselines_ppo(steps, theta)))
    assert report.mistakes == PROGRAMS["stable_baselines_ppo"][0]
    assert report.factor == "−0.5"
    assert "times −0.5" in report.reason


def called_with(given):
    """What an audit holds of an estimator, from a function of a draw."""
    chosen = draws((1, 2, 3))
    return Called(chosen, tuple(given(draw) for draw in chosen), np.dtype(float), None, (), 1)


THREE = list(
    itertools.product(
        ("rewards clipped", "signs of rewards", "discount left out"),
        (STEP, "own reward alone", "whole return"),
        ("standardised over the batch", ONE_LESS, "standardised per episode", "divided by the largest",
         "standardised per mini batch", "mean of the batch subtracted", "weights clipped"),
        (MEAN, "mean over the steps of each episode", "mean over padded steps", "sum over the episodes"),
    )
)  # fmt: skip


@pytest.mark.parametrize("number", range(0, len(THREE), 17))
def test_any_three_that_come_together_are_named(number):
    """Put together by the catalogue's own line of stations, which the search does not use."""
    names = [name for name in THREE[number] if name in ESTIMATORS]
    changes = {ESTIMATORS[name].station: ESTIMATORS[name].change for name in names}
    if "whole return" in THREE[number]:
        changes["weights"] = whole_return
    found = recipe_of(called_with(lambda draw: run(draw.batches, changes)))
    assert found is not None
    assert len(found.recipe.names) <= len(names)
    if set(found.recipe.names) != set(names):  # then it is the same in other words, with fewer of them
        for draw in draws((1, 2)):
            off = np.abs(found.estimates(draw) - run(draw.batches, changes)).max()
            assert off <= 1e-9 * np.abs(found.estimates(draw)).max()


def test_a_right_estimator_has_no_ingredients_and_an_unknown_one_no_recipe():
    for wrong in (ESTIMATORS["softmax over the states"], ESTIMATORS["return squared"]):
        assert recipe_of(called_with(lambda draw, n=wrong: run(draw.batches, {n.station: n.change}))) is None
    assert recipe_of(called_with(lambda draw: np.zeros((len(draw), *draw.world.theta.shape)))) is None
    found = recipe_of(called_with(lambda draw: 3 * run(draw.batches)))
    assert found.recipe.names == ()
    assert found.recipe.factor == pytest.approx(3)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_no_mutant_of_a_usual_loss_is_given_ingredients_that_it_does_not_have():
    """What is said of a mutant is true: the recipe gives what it gives, on batches that the search did not look at."""
    seen = tuple(draw for draw in draws((1, 2)) if len(draw) <= 40)
    unseen = tuple(draw for draw in draws((3,)) if len(draw) <= 64)
    right = "value left out", STEP, "standardised over the batch", MEAN, BONUS
    assert recipe_of(call_on_all(from_buffer(usual_losses.in_one_piece), seen, 60)).recipe.names == right
    counted, named = 0, 0
    for _, mutant in itertools.islice(mutants(usual_losses.in_one_piece), 0, None, 3):
        try:
            called = call_on_all(from_buffer(mutant), seen, 60)
            later = call_on_all(from_buffer(mutant), unseen, 60)
        except NotAnEstimatorError:
            continue
        counted += 1
        found = recipe_of(called)
        if found is None:
            continue
        named += 1
        for draw, given in zip(later.draws, later.estimates, strict=True):
            assert np.abs(found.estimates(draw) - given).max() <= 1e-8 * np.abs(given).max()
    assert counted >= 20
    assert 3 <= named < counted


@pytest.mark.parametrize("decay", LAMBDAS)
def test_with_the_exact_critic_any_lambda_is_right(decay):
    """A critic that knows the process is handed it, and is subtracted at its own time."""
    report = audit(lambda batch, theta, mdp: exact_gae(batch, theta, mdp, decay), look_alikes=False)
    assert report.verdict == "unbiased"


def test_with_the_exact_critic_of_what_is_seen_only_the_sum_of_all_rewards_is_right():
    assert audit(lambda batch, theta, mdp: exact_gae(batch, theta, mdp, 1.0)).verdict == "unbiased"
    report = audit(lambda batch, theta, mdp: exact_gae(batch, theta, mdp, 0.95))
    assert (report.verdict, report.mistakes) == ("biased", ())
    assert report.counterexample.world == "two rooms that look alike"
    assert "the gradient, in all 12 worlds. Where two states look alike" in report.reason
    assert any("look_alikes" in note for note in report.notes)


def exact_gae(batch, theta, mdp, decay, with_power=True):
    values = state_values(mdp, SoftmaxPolicy(*theta.shape), theta)
    total = np.zeros_like(theta)
    for i, length in enumerate(batch.lengths):
        running = 0.0
        for t in reversed(range(length)):
            s, a, then = batch.states[i, t], batch.actions[i, t], batch.states[i, t + 1]
            after = values[t + 1, then] if t + 1 < length else 0.0
            error = batch.rewards[i, t] + batch.discount * after - values[t, s]
            running = error + batch.discount * decay * running
            power = batch.discount**t if with_power else 1.0
            total[s] += power * running * ((np.arange(theta.shape[1]) == a) - softmax(theta)[s])
    return total / batch.n_trajectories


def test_a_mistake_beside_an_exact_critic_is_named():
    def wrong(batch, theta, mdp):
        return exact_gae(batch, theta, mdp, 0.95, with_power=False) * batch.n_trajectories / batch.lengths.sum()

    report = audit(wrong)
    assert report.mistakes == (STEP, MEAN)
    assert any("Where two states look alike it does." in note for note in report.notes)


@pytest.mark.parametrize("name", ["signs of rewards", "scores of another theta"])
def test_a_mistake_beside_a_critic_of_what_is_seen_is_named_where_states_are_seen(name):
    """The rewards that come after the own one are in V, which is exact only where the state is seen."""
    wrong = ESTIMATORS[name]

    def estimator(batch, theta, mdp):
        return exact_gae(batch, theta, mdp, 0.0) + wrong(batch, theta) - loop(batch, theta)

    report = audit(estimator)
    assert (report.verdict, report.mistakes) == ("biased", (name,))
    assert "Where two states look alike, as in “two rooms that look alike”, the mean is another" in report.reason


def test_where_nothing_is_known_it_is_said_where_to_look():
    def unknown(episodes, theta):
        total = np.zeros_like(theta)
        for episode in episodes:
            for s, a, r in zip(episode["states"], episode["actions"], episode["rewards"], strict=False):
                total[s] += np.tanh(r) * ((np.arange(theta.shape[1]) == a) - 0.5)
        return total

    report = audit(from_episodes(unknown))
    assert report.mistakes == ()
    assert "as pgcode.audit.first_checks tells: “in each state the entries sum to zero”" in report.notes[-1]
    assert "look for" in report.notes[-1]


def test_returns_that_are_standardised_over_steps_are_named_where_they_are_all_equal_too():
    """In one world all weights are 0 but for rounding, which is not compared with itself."""

    def whitened(batch, theta):
        decided = batch.active
        weights = batch.returns_from_step[decided]
        weights = (weights - weights.mean()) / (weights.std() + 1e-8)
        states, actions = batch.states[:, :-1][decided], batch.actions[decided]
        pi = np.exp(theta - theta.max(axis=1, keepdims=True))
        pi /= pi.sum(axis=1, keepdims=True)
        total = np.zeros_like(theta)
        np.add.at(total, states, weights[:, None] * (np.eye(theta.shape[1])[actions] - pi[states]))
        return total / len(weights)

    report = audit(whitened)
    assert set(report.mistakes) == {
        "discount of the step left out", "standardised over the batch", "mean over the steps of the batch"
    }  # fmt: skip
