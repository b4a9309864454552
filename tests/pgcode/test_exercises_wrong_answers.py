"""Wrong answers as learners give them: how many have their mistake named, and that no name is untrue.

The first 383 answers were written from the tasks alone. The exercises as they were then named 241 of them, five with
words that were not true. Those to later exercises came with the exercises. What each is told now is in
``exercises_wrong_answers/verdicts.json``, and every line of it was read beside what the author of the answer did. One
that changes is to be read again.
"""

import importlib

import numpy as np
import pytest
from exercises_parts import EXERCISES
from exercises_wrong_answers import all_wrong_answers, verdicts

from pgcode.exercises import FunctionExercise, Outcome
from pgcode.exercises._verdict import NAME_CHARACTERS

ANSWERS = all_wrong_answers()
READ = verdicts()

#: Answers that turn out to be right.
RIGHT_AFTER_ALL = {"state_action_form.state_and_action_values: Q as a list of different lengths"}

#: Answers whose sign is that of a singular vector, which is another one on another machine.
SIGN_IS_FREE = {"state_action_form.stationary_distribution: least squares without the sum"}


def exercise_of(answer):
    return getattr(importlib.import_module(f"pgcode.exercises.{answer.part}"), answer.exercise)


def test_there_are_at_least_300_over_all_exercises_and_each_has_been_read():
    assert len(ANSWERS) >= 300
    assert len({answer.key for answer in ANSWERS}) == len(ANSWERS)
    assert {(answer.part, answer.exercise) for answer in ANSWERS} == {(part, one.name) for part, one in EXERCISES}
    assert {answer.key for answer in ANSWERS} == set(READ)


def test_of_100_at_least_85_are_named():
    wrong = [key for key in READ if key not in RIGHT_AFTER_ALL]
    assert sum(bool(READ[key]) for key in wrong) >= 0.85 * len(wrong)


def test_no_name_is_too_long_to_be_read():
    assert max(map(len, READ.values())) <= NAME_CHARACTERS


@pytest.mark.parametrize("answer", ANSWERS, ids=[answer.key for answer in ANSWERS])
def test_a_wrong_answer_is_told_what_was_read(answer):
    verdict = exercise_of(answer).check(answer.answer)
    if answer.key in RIGHT_AFTER_ALL:
        assert verdict.outcome is Outcome.RIGHT
    else:
        assert verdict.outcome in {Outcome.WRONG, Outcome.NEARLY, Outcome.ERROR}
    named, read = verdict.mistake, READ[answer.key]
    if answer.key in SIGN_IS_FREE:
        named, read = named.removesuffix(", and the opposite sign"), read.removesuffix(", and the opposite sign")
    assert named == read


# ---- verdicts that were untrue -------------------------------------------------------------------------------------


@pytest.mark.parametrize("did", ["return forgotten", "mean score times mean return", "zeros"])
def test_zero_is_not_called_a_return_that_was_left_out(did):
    (answer,) = [one for one in ANSWERS if one.key == f"trajectory_form.gradient_by_listing: {did}"]
    verdict = exercise_of(answer).check(answer.answer)
    assert verdict.mistake == "zero for the gradient"
    assert "and so is that mean times the mean return" in str(verdict).replace("\n ", "")


def test_a_baseline_that_has_no_effect_is_not_called_left_out():
    (answer,) = [one for one in ANSWERS if one.did == "score times reward less b"]
    verdict = exercise_of(answer).check(answer.answer)
    assert "you left out" not in str(verdict).lower()
    assert "where it stands outside of the product" in " ".join(str(verdict).split())


def test_a_list_of_results_is_taken_for_the_results():
    (answer,) = [one for one in ANSWERS if one.did == "Q as a list of different lengths"]
    assert exercise_of(answer).check(answer.answer).outcome is Outcome.RIGHT


def test_a_sum_that_was_cut_short_is_not_called_single_precision():
    (answer,) = [one for one in ANSWERS if one.did == "a hundred sweeps"]
    verdict = exercise_of(answer).check(answer.answer)
    assert verdict.mistake == "cut short after 100 sweeps"
    assert "precision" not in str(verdict)


@pytest.mark.parametrize(
    "exercise", [one for _, one in EXERCISES if isinstance(one, FunctionExercise)], ids=lambda e: e.name
)
def test_the_right_answer_in_single_precision_is_right(exercise):
    def single(*given):
        result = exercise.reference(*given)
        if isinstance(result, tuple):
            return tuple(np.asarray(part, dtype=np.float32) for part in result)
        return np.asarray(result, dtype=np.float32)

    verdict = exercise.check(single)
    whole = all(np.all(np.round(part) == part) for result in exercise.results(exercise.reference) for part in result)
    assert (verdict.outcome, verdict.precision) == (Outcome.RIGHT, "" if whole else "in single precision")


# ---- slips of readers ----------------------------------------------------------------------------------------------


def returns_less_their_mean(theta, policy, states, actions, rewards, discount, step_size):
    gains, total = np.zeros(len(rewards)), 0.0
    for t in reversed(range(len(rewards))):
        gains[t] = total = rewards[t] + discount * total
    weights = discount ** np.arange(len(rewards)) * (gains - gains.mean())
    return theta + step_size * np.tensordot(weights, policy.score(theta)[states[:-1], actions], axes=1)


SLIPS = {
    "the axis and the shift": ("setting", "softmax", lambda x: np.exp(x) / np.exp(x).sum(0)),
    "G_t less its mean": ("trajectory_form", "reinforce_update", returns_less_their_mean),
    "the square, rounded up": (
        "trajectory_form",
        "walks_needed",
        lambda pilot, error: np.ceil(pilot.std(ddof=1) / error),
    ),
    "the square, cut": ("trajectory_form", "walks_needed", lambda pilot, error: int(pilot.std(ddof=1) / error)),
    "1/(1 − γ)": ("beyond", "steps_to_keep", lambda discount, largest, error: 1 / (1 - discount)),
    "1/(1 − γ), rounded up": ("beyond", "steps_to_keep", lambda discount, largest, error: np.ceil(1 / (1 - discount))),
    "σ²/2": (
        "practice",
        "scaled_step",
        lambda g, log_sigma, alpha: alpha * g * np.exp(2 * log_sigma) * np.array([1.0, 0.5]),
    ),
}
NAMES = {
    "the axis and the shift": "sums over the states and large exponentials",
    "G_t less its mean": "mean return subtracted",
    "the square, rounded up": "square forgotten",
    "the square, cut": "square forgotten and rounded down",
    "1/(1 − γ)": "rule of thumb",
    "1/(1 − γ), rounded up": "rule of thumb rounded up",
    "σ²/2": "step of the deviation",
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_of_a_reader_has_its_name(slip):
    part, exercise, answer = SLIPS[slip]
    asked = getattr(importlib.import_module(f"pgcode.exercises.{part}"), exercise)
    assert asked.check(answer).mistake == NAMES[slip]
