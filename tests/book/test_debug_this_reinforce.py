"""What the chapter says of its ten programs is what they do."""

import inspect

import numpy as np
import pytest

from pgcode.audit import audit, first_checks, from_numpy_loss
from pgcode.mistakes import ESTIMATORS

NAME = "practice/debug-this-reinforce"

#: Of each program its line, the verdict, the name, and the first question that it fails.
PROGRAMS = {
    "A": (2, "likeliest action for the one taken", "where all actions pay alike the mean is zero"),
    "B": (2, "logarithm of a softmax over the states", "in each state the entries sum to zero"),
    "C": (2, "probabilities taken for logits", "where all actions pay alike the mean is zero"),
    "D": (7, "ratio held constant", "the gradient is not zero"),
    "E": (
        3,
        "rewards discounted before they are summed",
        "a reward at time 2 counts γ² times as much as one at time 0",
    ),
    "F": (5, "returns cut by the flag of the next step", "the order of the episodes does not matter"),
    "G": (6, "standardised per episode", "what paid becomes more probable"),
    "H": (6, "every score with all of its weights", "a reward at time 2 counts γ² times as much as one at time 0"),
    "I": (7, "mean over the steps of the batch", "steps that pay nothing change no other step"),
    "J": (7, "downhill", "what paid becomes more probable"),
}


#: What the chapter's audit says of each program, as far as a test has asked.
TOLD = {}


def told_of(names, letter):
    if letter not in TOLD:
        TOLD[letter] = names["audited"](names[f"program_{letter.lower()}"])
    return TOLD[letter]


@pytest.mark.parametrize("letter", PROGRAMS)
def test_a_program_differs_in_one_line_and_the_audit_names_it(chapter, letter):
    names, (line, mistake, question) = chapter(NAME), PROGRAMS[letter]
    function = names[f"program_{letter.lower()}"]
    report = told_of(names, letter)
    assert names["its_line"](function)[0] == line
    assert report.verdict == ("proportional" if letter == "J" else "biased")
    assert mistake in report.mistakes
    assert not report.together
    assert names["failed"][letter][0] == question


@pytest.mark.slow
@pytest.mark.parametrize("letter", PROGRAMS)
def test_an_audit_with_batches_of_three_says_the_same(chapter, letter):
    names = chapter(NAME)
    function = names[f"program_{letter.lower()}"]
    told, by_default = told_of(names, letter), audit(from_numpy_loss(function))
    assert (by_default.verdict, by_default.factor) == (told.verdict, told.factor)
    assert (by_default.mistakes, by_default.together) == (told.mistakes, told.together)
    assert str(by_default.counterexample) == str(told.counterexample)


def test_the_program_that_draws_the_figure_is_the_one_that_is_shown(chapter):
    names = chapter(NAME)
    assert inspect.getsource(names["right"]).splitlines() == names["RIGHT"]
    for letter, (number, line) in names["CHANGED"].items():
        shown = inspect.getsource(names[f"program_{letter.lower()}"]).splitlines()
        assert shown[1:] == [*names["RIGHT"][1 : number - 1], line, *names["RIGHT"][number:]]


def test_the_right_program_passes(chapter):
    names = chapter(NAME)
    assert names["audit"](names["from_numpy_loss"](names["right"])).verdict == "unbiased"
    assert names["failed"]["right"] == ()


def test_four_of_ten_learn_the_board_and_one_does_worse_than_nothing(chapter):
    ends = {name: curves[:, -1] for name, curves in chapter(NAME)["on_board"].items()}
    best, start = np.median(ends["right"]), 0.45
    assert {name for name, end in ends.items() if (end > best - 0.2).all()} == {"right", "B", "C", "E", "I"}
    assert [int((ends[name] > best - 0.2).sum()) for name in ("A", "H")] == [1, 3]
    assert {name for name, end in ends.items() if (end < start - 0.1).any()} == {"J"}
    assert (ends["D"].round(2) == start).all()
    assert ends["I"].max() < ends["right"].min()  # a little later


def test_the_four_that_learnt_the_board_fail_at_the_till(chapter):
    ends = {name: curves[:, -1] for name, curves in chapter(NAME)["at_till"].items()}
    assert ends.pop("right").min() > 1.05
    assert all(end.max() < 1.01 for end in ends.values())


def test_the_weights_by_hand(chapter):
    by_hand = {name: np.round(row, 2).tolist() for name, row in chapter(NAME)["by_hand"].items()}
    assert by_hand["right"] == [2.62, 1.62, 1.62]
    assert by_hand["F"] == [1.0, 0.0, 1.62]
    assert by_hand["G"] == [1.41, -0.71, -0.71]
    assert by_hand["H"] == [5.86] * 3
    assert round(2.62 + 1.62 + 1.62, 2) == 5.86


def test_the_next_episode_is_paid_to_the_last_move(chapter):
    """F on ↓→→ and ↓↓: the slopes in log π are 1, γ·0 and γ²·2.9."""
    names = chapter(NAME)

    class Two:
        states, actions = np.array([0, 2, 3, 0, 2]), np.array([1, 0, 0, 1, 1])
        rewards, times = np.array([1.0, 0, 2, 1, 0]), np.array([0, 1, 2, 0, 1])
        done, episodes, discount = np.array([0, 0, 1, 0, 1], bool), np.array([0, 0, 0, 1, 1]), 0.9

    def paid(state, action):
        theta = np.zeros((5, 2), dtype=complex)
        theta[state] = (1e-30j, -1e-30j) if action == 0 else (-1e-30j, 1e-30j)
        return -np.imag(names["program_f"](theta, Two)) / 1e-30 * 2  # two episodes

    assert paid(3, 0) == pytest.approx(0.81 * 2.9)
    # In place 2 the first walk goes right with weight 0 and the second down, with 0 as well.
    assert paid(2, 0) == pytest.approx(0, abs=1e-12)


def test_only_b_can_still_find_the_better_arm(chapter):
    found = chapter(NAME)["found_better"]
    assert found["right"] > 0.99
    assert {name for name, chance in found.items() if chance > 0.1 + 1e-9} == {"right", "B"}
    assert found["B"] < 0.2


def test_who_acts_decides_what_is_learnt(chapter):
    ends = {name: curves[:, -1] for name, curves in chapter(NAME)["looped"].items()}
    assert ends["sampled"].min() > 1.05
    assert (ends["argmax"].round(2) == 0.88).all()  # on its way to ¾·1 + ¼·½
    assert ends["first theta"].max() < 1


def test_the_program_of_the_exercise_fails_the_question_that_it_names(chapter):
    names = chapter(NAME)

    def forwards(theta, b):
        log_pi = names["log_softmax"](theta, axis=1)[b.states, b.actions]
        gains = b.rewards.copy()
        for i in range(1, len(gains)):
            gains[i] += b.discount * gains[i - 1] * (1 - b.done[i - 1])
        return -(b.discount**b.times * gains * log_pi).sum() / b.done.sum()

    failed = first_checks(names["from_numpy_loss"](forwards)).failed
    assert failed[0] == "a reward at time 2 counts γ² times as much as one at time 0"


def test_what_passes_the_nine_questions(chapter):
    passing = {name for name, mistake in ESTIMATORS.items() if not first_checks(mistake).failed}
    step_sizes = {"sum over the episodes", "step size included", "mean return of the batch for every decision"}
    assert passing - step_sizes == {"repeated visits overwritten", "first visit alone", "mean over the visits"}
    assert step_sizes < passing
