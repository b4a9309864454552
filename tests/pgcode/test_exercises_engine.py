"""The engine of the exercises: whatever an answer does, the verdict is plain, and the next check is unharmed."""

import builtins
import contextlib
import cProfile
import functools
import gc
import math
import os
import random
import signal
import subprocess
import sys
import threading
import time
import warnings
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import pgcode.values
from pgcode.exercises import (
    Chapter,
    Feedback,
    Mistake,
    Outcome,
    choice_exercise,
    function_exercise,
    number_exercise,
    order_exercise,
    practice,
    sign_exercise,
)
from pgcode.exercises._function import advice
from pgcode.exercises._running import PRINTED_CHARACTERS, run
from pgcode.exercises._source import answer_source, is_stub

PLACE = Chapter("book/setting/decision-processes", "Decision processes, policies, returns").section("Returns")
TOLD = {"shows": "What it shows.", "hints": ["Gently.", "Nearly."], "see": PLACE}


def make_exercise(**changes):
    """A function exercise: the sum of the squares of the rows of a table."""

    def cases(rng):
        for shape in ((3, 2), (2, 4), (1, 5)):
            yield rng.standard_normal(shape), 10.0

    @function_exercise(title="Squares", cases=cases, **({"seconds": 600} | TOLD | changes))
    def squares(table: np.ndarray, scale: float) -> np.ndarray:
        """Return the sums of the squares of the rows."""
        # each row
        return scale * (table**2).sum(axis=1)

    @squares.misconception()
    def over_the_columns(table: np.ndarray, scale: float) -> np.ndarray:
        """You added over the wrong axis.

        Rows are needed.
        """
        return scale * (table**2).sum(axis=0)

    return squares


@pytest.fixture
def exercise():
    return make_exercise()


@pytest.fixture
def short():
    """For answers that never return. What is right has more time, so that a loaded machine changes nothing."""
    return make_exercise(seconds=0.3)


def right(table, scale):
    return scale * (table**2).sum(axis=1)


def blank(table, scale):
    """Nothing yet."""
    ...


def unfinished(table, scale):
    raise NotImplementedError


def told(verdict):
    """All words of a verdict, on one line."""
    return " ".join(str(verdict).split())


class AsArray:
    """What other libraries have for arrays."""

    def __init__(self, array):
        self.array = array

    def __array__(self, dtype=None, copy=None):
        return self.array


class Caller:
    """A function of another kind."""

    def __call__(self, table, scale):
        return right(table, scale)

    def method(self, table, scale):
        return right(table, scale)

    @classmethod
    def of_the_class(cls, table, scale):
        return right(table, scale)


# ---- the outcomes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer", [..., None, NotImplemented, blank, unfinished, lambda table, scale: ..., lambda *_: NotImplemented]
)
def test_what_was_not_attempted_is_not_wrong(exercise, answer):
    verdict = exercise.check(answer)
    assert verdict.outcome is Outcome.NOT_ATTEMPTED
    assert "exercises.squares.hint()" in told(verdict)


def test_check_without_an_answer_is_not_attempted(exercise):
    assert exercise.check().outcome is Outcome.NOT_ATTEMPTED


def test_a_right_answer_is_told_what_it_shows(exercise):
    verdict = exercise.check(right)
    assert verdict.outcome is Outcome.RIGHT
    assert verdict.sentences == ("What it shows.",)


@pytest.mark.parametrize(
    "answer",
    [
        lambda table, scale: list(right(table, scale)),
        lambda table, scale: right(table, scale) * (1 + 1e-10),
        lambda table, scale: right(table.astype(np.float64), scale).astype(object).astype(float),
        lambda *given: right(*given),
        lambda table, scale=10.0: right(table, scale),
        lambda table, scale: [Fraction(float(number)) for number in right(table, scale)],
        lambda table, scale: right(table, scale).astype(object),
        lambda table, scale: np.ma.array(right(table, scale)),
        lambda table, scale: AsArray(right(table, scale)),
        lambda table, scale: right(table.astype(np.longdouble), scale),
        functools.partial(right),
        functools.wraps(right)(lambda *given: right(*given)),
        Caller(),
        Caller().method,
        Caller.of_the_class,
    ],
)
def test_an_equal_answer_of_another_kind_is_right(exercise, answer):
    assert exercise.check(answer).outcome is Outcome.RIGHT


def test_a_named_mistake_says_what_and_where(exercise):
    verdict = exercise.check(lambda table, scale: scale * (table**2).sum(axis=0))
    assert (verdict.outcome, verdict.mistake, verdict.see) == (Outcome.WRONG, "over the columns", (PLACE,))
    assert verdict.sentences == (
        "Your result equals that of “over the columns”.",
        "You added over the wrong axis. Rows are needed.",
    )
    assert "Explained in “Returns” in the chapter “Decision processes, policies, returns”" in told(verdict)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (
            lambda table, scale: right(table.astype(np.float32), scale).astype(float) + 1e-7,
            "is nearly right: in 3 of 3",
        ),
        (lambda table, scale: np.round(right(table, scale), 5), "nearly right"),
        (lambda table, scale: right(table, scale) + 1e-5, "nearly right"),
        (lambda table, scale: right(table, scale) + (len(table) == 2), "right in 2 of 3 cases"),
        (lambda table, scale: right(table, scale) + (len(table) == 2), "2 of 2 numbers are off"),
        (lambda table, scale: right(table, scale) * (1 + 1e-6), "in 3 of 3 cases the first digits"),
        (lambda table, scale: right(table, scale) + 1e-6 * table.sum(), "in 3 of 3 cases the first digits"),
        (lambda table, scale: right(table, scale) * (1 + 1e-3 * table[:, 0]), "right in 0 of 3 cases"),
        (lambda table, scale: right(table, scale) + np.eye(len(table))[0], "is off: entry [0] should be"),
    ],
)
def test_an_unknown_mistake_is_told_where_it_differs(exercise, answer, words):
    verdict = exercise.check(answer)
    assert (verdict.outcome, verdict.mistake) == (Outcome.WRONG, "")
    assert words in told(verdict)


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        (lambda table, scale: -right(table, scale), "the opposite sign"),
        (lambda table, scale: right(table, 2.5 * scale), "2.5 times the right result"),
        (lambda table, scale: right(table, scale) / len(table), "1/len(table) times the right result"),
        (
            lambda table, scale: right(table, scale) * (1 + 1e-3 * table.sum()),
            "right up to a factor that changes with the case",
        ),
        (lambda table, scale: scale * table**2, "an axis too many"),
        (lambda table, scale: scale * (table**2).sum(axis=0) * -1, "over the columns, and the opposite sign"),
        (lambda table, scale: scale * (table**2).sum(axis=0) * 3, "over the columns, times 3"),
    ],
)
def test_sign_scale_and_axes_are_matched(exercise, answer, name):
    verdict = exercise.check(answer)
    assert (verdict.outcome, verdict.mistake) == (Outcome.WRONG, name)
    assert verdict.sentences[0].startswith(("Your result", "In each case"))


def test_single_precision_is_right_and_says_so(exercise):
    verdict = exercise.check(lambda table, scale: right(table.astype(np.float32), np.float32(scale)))
    assert (verdict.outcome, verdict.precision) == (Outcome.RIGHT, "in single precision")
    assert verdict.heading == "Right, in single precision: Squares"
    assert verdict.data["mark"] == "≈"
    assert verdict.sentences[0] == "What it shows."
    assert exercise.check(right).precision == ""


def test_mistakes_are_named_in_single_precision_too(exercise):
    wrong = exercise.check(lambda table, scale: np.float32(scale) * (table.astype(np.float32) ** 2).sum(axis=0))
    assert (wrong.outcome, wrong.mistake) == (Outcome.WRONG, "over the columns")


@pytest.mark.parametrize(
    "answer",
    [
        lambda table, scale: right(table, scale)[:, None],
        lambda table, scale: right(table, scale)[None],
        lambda table, scale: right(table, scale).astype(np.float32)[:, None],
    ],
)
def test_an_axis_of_length_one_is_a_matter_of_form(exercise, answer):
    verdict = exercise.check(answer)
    assert verdict.outcome is Outcome.ERROR
    assert "is needed. The numbers are right." in told(verdict)


def test_a_mistake_is_named_in_another_form_too(exercise):
    verdict = exercise.check(lambda table, scale: -right(table, scale)[:, None])
    assert (verdict.outcome, verdict.mistake) == (Outcome.WRONG, "the opposite sign")
    assert "has shape (3, 1), and shape (3,) is needed" in told(verdict)


def test_the_smallest_failing_case_is_shown_and_returned(exercise):
    def wrong(table, scale):
        return right(table, scale) + table[:, 0] ** 3

    verdict = exercise.check(wrong)
    table, scale = exercise.case()
    assert table.shape == (1, 5)
    assert f"table = [[{table[0, 0]:.4f}," in told(verdict).replace("[[ ", "[[")
    assert "`squares(*exercises.squares.case())` calls your function in this case" in told(verdict)
    assert exercise.case(0)[0].shape == (3, 2)
    assert scale == 10
    with pytest.raises(ValueError, match="squares has 3 cases, and the first is 0"):
        exercise.case(3)


def test_the_case_in_which_an_answer_stops_is_returned(exercise):
    def stops(table, scale):
        return right(table, scale) / (0 if len(table) == 2 else 1) if len(table) != 2 else 1 // 0

    assert exercise.check(stops).outcome is Outcome.ERROR
    assert exercise.case()[0].shape == (2, 4)


def test_mistakes_that_give_the_same_are_all_told():
    exercise = make_exercise()

    @exercise.misconception()
    def over_the_first_axis(table: np.ndarray, scale: float) -> np.ndarray:
        """You added along axis 0."""
        return scale * (table**2).sum(axis=0)

    verdict = exercise.check(lambda table, scale: scale * (table**2).sum(axis=0))
    assert verdict.mistake == "over the columns or over the first axis"
    assert verdict.sentences[0] == "Your result equals that of “over the columns” and of “over the first axis”."
    assert verdict.sentences[2] == "“over the first axis”: You added along axis 0."


def test_two_mistakes_made_together_are_told():
    exercise = make_exercise()

    @exercise.made_of
    def made(table, scale, *, power=2, axis=1, shift=0.0):
        return scale * (table**power).sum(axis=axis) + shift

    exercise.variation("over the columns", axis=0)
    exercise.variation("cubes", "The third power stands in place of the second.", power=3)
    exercise.variation("one more", "There is one more.", shift=1.0)
    assert exercise.check(lambda table, scale: scale * (table**3).sum(axis=1)).mistake == "cubes"
    verdict = exercise.check(lambda table, scale: scale * (table**3).sum(axis=0))
    assert verdict.mistake == "over the columns and cubes"
    assert (
        verdict.sentences[0] == "Your result equals that of two mistakes together, of “over the columns” and “cubes”."
    )
    assert exercise.check(lambda table, scale: 1 + scale * (table**3).sum(axis=0)).mistake == ""


def test_parts_are_declared_before_variations():
    exercise = make_exercise()
    with pytest.raises(TypeError, match="squares has no parts yet: declare them by made_of"):
        exercise.variation("cubes", "Cubes.", power=3)
    exercise.made_of(lambda table, scale, *, power=2: scale * (table**power).sum(axis=1))
    with pytest.raises(ValueError, match="'cubes' is no mistake of squares yet: pass a sentence"):
        exercise.variation("cubes", power=3)


def test_a_fixed_result_is_recognised(exercise):
    verdict = exercise.check(lambda table, scale: np.ones(3))
    assert (verdict.outcome, verdict.mistake) == (Outcome.WRONG, "a fixed result")


def test_a_transposed_result_is_recognised():
    def cases(rng):
        for shape in ((3, 2), (2, 2), (1, 5)):
            yield (rng.standard_normal(shape),)

    @function_exercise(title="The same", cases=cases, **TOLD)
    def same(table: np.ndarray) -> np.ndarray:
        """Return it."""
        return table

    verdict = same.check(lambda table: table.T)
    assert (verdict.outcome, verdict.mistake, verdict.see) == (Outcome.WRONG, "transposed", (PLACE,))
    assert same.check(lambda table: np.sin(table.T)).mistake == ""


def test_one_number_is_called_the_result():
    def cases(rng):
        for size in (2, 3, 4):
            yield (rng.standard_normal(size),)

    @function_exercise(title="The sum", cases=cases, **TOLD)
    def total(row: np.ndarray) -> float:
        """Return it."""
        return row.sum()

    assert "]: the result should be" in told(total.check(lambda row: np.sin(row[0])))
    assert total.check(lambda row: Decimal(float(row.sum()))).outcome is Outcome.RIGHT
    assert "returned an int that no float can hold" in told(total.check(lambda row: 10**400))


@pytest.mark.parametrize("size", [1e-30, 1.0, 1e30])
def test_the_tolerance_follows_the_size_of_the_results(size):
    def cases(rng):
        for length in (2, 3, 4):
            yield (size * rng.standard_normal(length),)

    @function_exercise(title="The same", cases=cases, **TOLD)
    def same(row: np.ndarray) -> np.ndarray:
        """Return it."""
        return row

    assert same.check(lambda row: row * (1 + 1e-9)).outcome is Outcome.RIGHT
    assert same.check(lambda row: row * (1 + 1e-6 * np.arange(len(row)))).outcome is Outcome.WRONG
    assert same.check(lambda row: row[::-1]).outcome is Outcome.WRONG


def test_a_result_may_have_several_parts():
    def cases(rng):
        for size in (2, 3, 4):
            yield (rng.standard_normal(size),)

    @function_exercise(title="Both", cases=cases, **TOLD)
    def both(row: np.ndarray) -> tuple[np.ndarray, float]:
        """Return the squares and their sum."""
        return row**2, (row**2).sum()

    assert both.check(lambda row: (row**2, np.sum(row**2))).outcome is Outcome.RIGHT
    assert both.check(lambda row: [row**2, np.sum(row**2)]).outcome is Outcome.RIGHT
    assert both.check(lambda row: row**2).mistake == "a part missing"
    assert both.check(lambda row: (np.sum(row**2), row**2)).mistake == "parts exchanged"
    assert both.check(lambda row: (row**2, 2 * np.sum(row**2))).mistake == "part 1 times 2"
    assert both.check(lambda row: (row**2, np.mean(row**2))).mistake == "part 1 times 1/len(row)"
    assert "should return 2 results, with a comma between, and it returns 1" in told(
        both.check(lambda row: np.sin(row))
    )
    assert "Part 1 of your result has shape (2,)" in told(both.check(lambda row: (row**2, np.sin(row))))
    assert "the result of part 1 should be" in told(both.check(lambda row: (row**2, np.sin(row).sum())))


# ---- errors in the answer's own code -------------------------------------------------------------------------------


def divides_by_zero(table, scale):
    first = len(table)
    return first / 0


class Hostile:
    """Refuses everything."""

    def __getattr__(self, name):
        raise RuntimeError(name)

    def __eq__(self, other):
        return True

    __hash__ = None

    def __array__(self, *_, **__):
        raise ValueError("no array")

    def __repr__(self):
        raise RuntimeError


class UnspeakableError(Exception):
    def __str__(self):
        raise RuntimeError


class UntraceableError(Exception):
    @property
    def __traceback__(self):
        raise RuntimeError


class NamelessType(type):
    @property
    def __name__(cls):
        raise RuntimeError


class Nameless(metaclass=NamelessType):
    @property
    def __class__(self):
        raise RuntimeError


def untraceable(table, scale):
    raise UntraceableError


def fails_in_a_long_line(table, scale):
    return table[99]  # comments are shown too, and whatever is too long for a line of a verdict is cut off


def unspeakable(table, scale):
    raise UnspeakableError


def recurses(table, scale):
    return recurses(table, scale)


def exits(table, scale):
    sys.exit(3)


def interrupts(table, scale):
    raise KeyboardInterrupt


def generates(table, scale):
    yield table


async def waits(table, scale):
    return table


ERRORS = {
    "raises": (divides_by_zero, "stopped with ZeroDivisionError at line 3, `return first / 0`: division by zero"),
    "raises what cannot be shown": (unspeakable, "stopped with UnspeakableError at line 2"),
    "raises what cannot be traced": (untraceable, "stopped with UntraceableError"),
    "fails in one line": (lambda table, scale: table[99], "stopped with IndexError: index 99 is out of bounds"),
    "fails in a long line": (
        fails_in_a_long_line, "line 2, `return table[99] # comments are shown too, and whatever is too long …`: index"),
    "recurses": (recurses, "stopped with RecursionError"),
    "exits": (exits, "stopped with SystemExit"),
    "is interrupted": (interrupts, "stopped with KeyboardInterrupt"),
    "names the case": (divides_by_zero, "], scale = 10. `squares(*exercises.squares.case())` calls"),
    "returns nothing": (lambda table, scale: print(end=""), "returned None: end it with `return`"),
    "returns text": (lambda table, scale: "12", "returned a text"),
    "returns texts": (lambda table, scale: ["a"] * len(table), "returned a list of dtype <U1"),
    "returns objects": (
        lambda table, scale: np.array([object()] * len(table)), "returned an ndarray that holds an object"),
    "returns something hostile": (lambda table, scale: Hostile(), "returned a Hostile that is no array"),
    "returns a dictionary": (lambda table, scale: {0: 1}, "returned a dict: return a number or an array of numbers"),
    "returns ragged rows": (lambda table, scale: [[1], [1, 2]], "returned a list that is no array"),
    "returns complex numbers": (lambda table, scale: right(table, scale) + 0j, "returned complex numbers"),
    "returns far too much": (
        lambda table, scale: np.broadcast_to(1.0, (10**6, 10**6)), "returned 1000000000000 numbers, far more than"),
    "returns a long list": (lambda table, scale: [0.0] * (10**6 + 1), "returned 1000001 numbers, far more than"),
    "returns masked entries": (
        lambda table, scale: np.ma.array(right(table, scale), mask=True), "returned an array with masked entries"),
    "returns a hole": (lambda table, scale: [None] * len(table), "returned a list that holds None"),
    "returns an iterator": (lambda table, scale: map(sum, table), "returned a map: return a number or an array"),
    "returns no type's name": (lambda table, scale: Nameless(), "stopped with RuntimeError"),
    "returns a function": (lambda table, scale: right, "returned a function"),
    "is a generator": (generates, "returned a generator"),
    "is a coroutine": (waits, "returned a coroutine"),
    "has another shape": (
        lambda table, scale: right(table, scale)[:, None], "has shape (3, 1), and shape (3,) is needed. The numbers"),
    "returns one number": (lambda table, scale: table.sum(), "Your result is one number, and shape (3,) is needed"),
    "returns NaN": (
        lambda table, scale: np.sqrt(-right(table, scale)), "holds nan in entry [0], where a finite number"),
    "returns nothing but NaN": (lambda table, scale: np.full(3, np.nan), "holds nan in entry [0]"),
    "passes a warning on": (lambda table, scale: np.sqrt(-right(table, scale)), "invalid value encountered in sqrt"),
    "returns infinity": (lambda table, scale: right(table, scale) * np.inf, "holds inf in entry [0]"),
    "takes too few": (lambda table: table, "takes the parameters (table), and it is called with 2: (table, scale)"),
    "takes too many": (lambda table, scale, more: table, "takes the parameters (table, scale, more)"),
    "takes them by name": (
        lambda table, *, scale: table, "takes the parameters (table, *, scale), and it is called with 2: (table, "
        "scale). They are passed in this order and without their names"),
    "takes a part of them": (functools.partial(right, table=3), "takes the parameters (*, table=3, scale)"),
    "takes them in another order": (
        lambda scale, table: table, "in the order (scale, table), and it is called with (table, scale)"),
    "has no type's name": (Nameless(), "You passed a Nameless"),
    "is a number": (3.0, "You passed a float, and this exercise asks for a function"),
    "is an array": (np.ones(3), "You passed an ndarray"),
    "is hostile": (Hostile(), "You passed a Hostile"),
    "is a class": (Hostile, "takes the parameters ()"),
}  # fmt: skip


@pytest.mark.parametrize(("answer", "words"), ERRORS.values(), ids=ERRORS)
def test_an_error_in_the_answer_is_said_plainly(exercise, answer, words):
    verdict = exercise.check(answer)
    assert verdict.outcome is Outcome.ERROR
    assert words in told(verdict)
    assert "Traceback" not in told(verdict)
    assert verdict._repr_html_()
    assert exercise.check(right).outcome is Outcome.RIGHT


def test_the_exercise_itself_is_no_answer(exercise):
    assert "You passed the exercise itself" in told(exercise.check(exercise))


# ---- answers that never return -------------------------------------------------------------------------------------


def loops(table, scale):
    while True:
        pass


def sleeps(table, scale):
    time.sleep(1e6)


def catches(table, scale):
    while True:
        try:
            time.sleep(0.01)
        except BaseException:
            continue


def catches_quickly(table, scale):
    while True:
        try:
            len(table)
        except BaseException:
            scale += 1


@pytest.mark.parametrize("answer", [loops, sleeps, catches, catches_quickly])
def test_an_answer_that_never_returns_is_stopped(exercise, short, answer):
    before = signal.getsignal(signal.SIGALRM)
    verdict = short.check(answer)
    assert verdict.outcome is Outcome.ERROR
    assert "did not end within 0.3 seconds at line" in told(verdict)
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert exercise.check(right).outcome is Outcome.RIGHT


def loops_in_one_line(table, scale):
    while True: pass  # fmt: skip  # noqa: E701


@pytest.mark.parametrize("loops", [loops, loops_in_one_line, lambda table, scale: sum(1 for _ in iter(int, 1))])
def test_a_loop_is_stopped_in_another_thread_too(exercise, short, loops):
    verdicts = []
    tracer = sys.gettrace()
    thread = threading.Thread(target=lambda: verdicts.extend([short.check(loops), exercise.check(right)]))
    thread.start()
    thread.join()
    assert [verdict.outcome for verdict in verdicts] == [Outcome.ERROR, Outcome.RIGHT]
    assert "did not end within 0.3 seconds" in told(verdicts[0])
    assert sys.gettrace() is tracer


def test_an_alarm_of_the_reader_is_kept(exercise):
    rang = []
    before = signal.signal(signal.SIGALRM, lambda *_: rang.append(True))
    try:
        signal.setitimer(signal.ITIMER_REAL, 3600)
        exercise.check(right)
        assert 1800 < signal.getitimer(signal.ITIMER_REAL)[0] <= 3600
        signal.setitimer(signal.ITIMER_REAL, 0.01)
        exercise.check(lambda table, scale: time.sleep(0.03) or right(table, scale))
        time.sleep(0.05)
        assert rang == [True]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# ---- answers that leave something behind ---------------------------------------------------------------------------


def test_what_a_wrong_answer_prints_is_shown(exercise, capsys):
    def talks(table, scale):
        print("so far", table.shape)
        print("and so on\n" * 40)
        return right(table, scale) + table[:, 0] ** 3

    verdict = exercise.check(talks)
    assert "Your function printed: so far (3, 2) and so on" in told(verdict)
    assert "more lines" in told(verdict)
    assert "exercises.squares.hint()" in told(verdict)
    assert capsys.readouterr() == ("", "")
    assert exercise.check(lambda table, scale: print("x") or right(table, scale)).sentences == ("What it shows.",)


def test_endless_printing_fills_no_memory(short):
    def prints(table, scale):
        while True:
            print("x" * 100)

    assert "did not end" in told(short.check(prints))
    ran = run([lambda: prints(None, None)], None, 0.2)
    assert ran.failure is not None
    assert 0 < len(ran.printed) <= PRINTED_CHARACTERS


def test_an_answer_may_close_its_output(exercise, capsys):
    def closes(table, scale):
        sys.stdout.close()
        return right(table, scale)

    assert exercise.check(closes).outcome in {Outcome.RIGHT, Outcome.ERROR}
    print("still open")
    assert capsys.readouterr().out == "still open\n"


def test_changed_arguments_are_told_and_do_no_harm(exercise):
    def changes(table, scale):
        table *= table
        return scale * table.sum(axis=1)

    for _ in range(2):
        verdict = exercise.check(changes)
        assert verdict.outcome is Outcome.RIGHT
        assert "changes its argument `table` in place" in told(verdict)
    assert exercise.check(right).sentences == ("What it shows.",)


def test_a_result_of_an_earlier_call_is_no_answer(exercise):
    """Whatever objects an answer gets hold of: results are compared by value, with cases of their own."""
    kept = []

    def keeps(table, scale):
        kept.append(right(table, scale))
        return kept[0]

    assert exercise.check(keeps).mistake == "a fixed result"
    expected = exercise.results(exercise.reference)[0][0]
    assert exercise.check(lambda table, scale: expected).mistake == "a fixed result"
    expected *= 0
    assert exercise.check(lambda table, scale: expected).outcome is Outcome.WRONG
    assert exercise.check(right).outcome is Outcome.RIGHT


def test_right_results_are_not_there_while_the_answer_runs(exercise):
    found = []

    def looks(table, scale):
        frame = sys._getframe()
        while frame is not None:
            found.extend(name for name in frame.f_locals if name in {"expected", "right", "expect"})
            frame = frame.f_back if frame.f_code.co_name != "check" else None
        return right(table, scale)

    assert exercise.check(looks).outcome is Outcome.RIGHT
    assert found == []


def test_code_of_functions_is_put_back(exercise):
    """Also that of the reference and of the engine, under the same names as before."""
    from pgcode.exercises import _comparing, setting

    reference, agree = setting.discounted_return.reference, _comparing.agree
    before = reference.__code__, agree.__code__, agree.__defaults__

    def rewrites(rewards, discount):
        reference.__code__ = (lambda rewards, discount: 0.0).__code__
        agree.__code__ = (lambda result, expected, tolerance: True).__code__
        agree.__defaults__ = (None,)
        return rewards[0]

    verdict = setting.discounted_return.check(rewrites)
    assert (reference.__code__, agree.__code__, agree.__defaults__) == before
    assert verdict.outcome is Outcome.WRONG
    assert "`agree.__code__`" in told(verdict)
    assert setting.discounted_return.check(reference).sentences == (setting.discounted_return.shows,)


def test_what_was_added_is_taken_away():
    from pgcode.exercises import _comparing, setting

    def hides(rewards, discount):
        setting.discounted_return.check = lambda *_: None
        _comparing.len = lambda _: 1
        pgcode.SoftmaxPolicy.another = None
        np.added = None
        return rewards[0]

    try:
        verdict = setting.discounted_return.check(hides)
    finally:
        del np.added
    assert verdict.outcome is Outcome.WRONG
    assert "discounted_return.check" in told(verdict)
    assert "check" not in vars(setting.discounted_return)
    assert not hasattr(_comparing, "len")
    assert not hasattr(pgcode.SoftmaxPolicy, "another")


def test_modules_that_were_dropped_are_put_back(exercise):
    before = dict(sys.modules)

    def drops(table, scale):
        sys.modules.pop("pgcode.exercises._comparing", None)
        sys.modules["numpy"] = None
        return right(table, scale)

    assert "replaced `sys.modules['numpy']`" in told(exercise.check(drops))
    assert {name: sys.modules.get(name) for name in before} == before
    assert exercise.check(right).sentences == ("What it shows.",)


def test_states_that_belong_to_everyone_are_put_back(exercise):
    def meddles(table, scale):
        np.seterr(all="ignore")
        np.random.seed(0)  # noqa: NPY002
        random.seed(0)
        sys.setrecursionlimit(5000)
        np.set_printoptions(precision=1)
        warnings.simplefilter("ignore")
        np.seterrcall(print)
        os.chdir("/")
        gc.disable()
        sys.setprofile(lambda *_: None)
        sys.settrace(lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        math.exp = None
        return right(table, scale)

    def state():
        numpy_state = np.random.get_state()[1].tolist()  # noqa: NPY002
        return (
            np.geterr(), numpy_state, random.getstate(), sys.getrecursionlimit(),
            np.get_printoptions(), list(warnings.filters), np.geterrcall(), Path.cwd(), gc.isenabled(),
            sys.getprofile(), sys.gettrace(), signal.getsignal(signal.SIGINT), math.exp,
        )  # fmt: skip

    before = state()
    assert exercise.check(meddles).outcome is Outcome.RIGHT
    assert state() == before


def test_the_readers_settings_of_numpy_do_not_reach_the_reference(exercise):
    with np.errstate(all="raise"):
        assert exercise.check(right).outcome is Outcome.RIGHT


def test_what_was_replaced_is_put_back(exercise):
    originals = np.sum, np.linalg.norm, builtins.len, pgcode.values.objective, pgcode.SoftmaxPolicy.probabilities

    def replaces(table, scale):
        np.sum = np.linalg.norm = pgcode.values.objective = lambda *_: 0
        pgcode.SoftmaxPolicy.probabilities = None
        builtins.len = None
        return (scale * table**2) @ np.ones(table.shape[1])

    verdict = exercise.check(replaces)
    now = np.sum, np.linalg.norm, builtins.len, pgcode.values.objective, pgcode.SoftmaxPolicy.probabilities
    assert now == originals
    assert verdict.outcome is Outcome.RIGHT
    assert "Your function replaced `builtins.len`, `numpy.sum`, `numpy.linalg.norm`" in told(verdict)
    assert exercise.check(right).sentences == ("What it shows.",)


@pytest.mark.parametrize(
    "change",
    [
        lambda held, name: held.update({name: lambda *_: True}),
        lambda held, name: held.update({name: None}),
        lambda held, name: held.pop(name),
    ],
    ids=["another", "None", "deleted"],
)
def test_a_builtin_that_the_engine_takes_itself_is_put_back(exercise, change):
    """Such as an ``all`` that finds nothing changed, or a ``setattr`` that does not give the prints back."""
    held, stdout, total = vars(builtins), sys.stdout, np.sum
    before = dict(held)
    wrong = []
    for name in [name for name in before if not name.startswith("__") and name != "None"]:

        def replaces(table, scale, *, name=name):
            found = right(table, scale)
            np.sum = None
            change(held, name)
            return found

        try:
            verdict = exercise.check(replaces)
        except BaseException as error:
            held.update(before)
            verdict = error
        finally:
            are_back = held == before and sys.stdout is stdout and np.sum is total
            held.update(before)
            sys.stdout, np.sum = stdout, total
        if not are_back or f"replaced `builtins.{name}`, `numpy.sum`" not in str(verdict):
            wrong.append((name, str(verdict)[:100]))
    assert not wrong


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_builtin_is_put_back_however_the_answer_holds_on(monkeypatch, interrupted):
    """What interrupts a loop that catches everything may interrupt what puts the builtins back, too."""
    if interrupted:
        monkeypatch.setattr("pgcode.exercises._running._followed_by", lambda then, call: call)
    held = vars(builtins)
    before = dict(held)

    def holds_on():
        held["len"] = None
        while True:
            with contextlib.suppress(BaseException):
                while True:
                    pass

    try:
        came = run([holds_on], None, 0.05)
        are_back = held == before
    finally:
        held.update(before)
    assert came.failure.timed_out
    assert are_back
    assert came.restored == ("builtins.len",)


def test_what_no_name_is_and_no_module_is_left_alone(exercise):
    def adds(table, scale):
        sys.modules[1] = 3
        sys.modules["pgcode.none"] = None
        vars(pgcode.values)[2] = 3
        return right(table, scale)

    try:
        assert exercise.check(adds).outcome is Outcome.RIGHT
        assert exercise.check(right).outcome is Outcome.RIGHT
        assert 2 not in vars(pgcode.values)
    finally:
        sys.modules.pop(1)
        sys.modules.pop("pgcode.none")


def test_members_of_an_enumeration_are_put_back(exercise):
    before = Outcome.RIGHT

    def replaces(table, scale):
        type.__setattr__(Outcome, "RIGHT", Outcome.WRONG)
        return right(table, scale)

    try:
        verdict = exercise.check(replaces)
    finally:
        now = Outcome.RIGHT
        type.__setattr__(Outcome, "RIGHT", before)
    assert now is before
    assert verdict.outcome is before


def test_the_engine_itself_is_put_back(exercise):
    from pgcode.exercises import _comparing, _function

    def cheats(table, scale):
        _comparing.agree = _function.agree = lambda *_: True
        _function.FunctionExercise._all_agree = lambda *_: True
        return 0 * table

    assert exercise.check(cheats).outcome is not Outcome.RIGHT
    assert exercise.check(lambda table, scale: 0 * table).outcome is not Outcome.RIGHT


# ---- hints, solutions, rendering -----------------------------------------------------------------------------------


def test_hints_come_one_at_a_time(exercise):
    texts = [told(exercise.hint()) for _ in range(4)]
    assert "Hint 1 of 2" in texts[0]
    assert "Gently." in texts[0]
    assert "Hint 2 of 2" in texts[1]
    assert "Nearly." in texts[1]
    assert "No more hints" in texts[2]
    assert texts[2] == texts[3]
    assert "Hint 1" in str(make_exercise().hint())


def test_the_solution_is_the_source_of_the_reference(exercise):
    source = (
        "def squares(table, scale):\n"
        '    """Return the sums of the squares of the rows."""\n'
        "    # each row\n"
        "    return scale * (table**2).sum(axis=1)\n"
    )
    assert exercise.answer_text() == answer_source(exercise.reference) == source
    assert "    return scale" in str(exercise.solution())
    assert "What it shows." in str(exercise.solution())
    assert "More in “Returns” in the chapter" in told(exercise.solution())


def test_a_solution_links_to_the_book(exercise, monkeypatch, root):
    monkeypatch.chdir(root / "book" / "exercises")
    assert 'More in <a href="../setting/decision-processes.ipynb#Returns">' in exercise.solution()._repr_html_()


def test_html_is_escaped_and_code_is_marked():
    verdict = Feedback(Outcome.WRONG, "a < b", ("See `x < y`.", "It printed:\n    1 < 2\n    3"), "<b>", (PLACE,))
    html = verdict._repr_html_()
    assert "<code>x &lt; y</code>" in html
    assert "<pre><code>1 &lt; 2\n3</code></pre>" in html
    assert "Wrong (&lt;b&gt;): a &lt; b" in html
    assert '<span aria-hidden="true">✗</span>' in html


def test_a_place_is_a_link_only_where_the_book_is(tmp_path, monkeypatch, root):
    monkeypatch.chdir(root / "book" / "exercises")
    assert 'href="../setting/decision-processes.ipynb#Returns"' in PLACE.to_html()
    monkeypatch.chdir(tmp_path)
    assert "href" not in PLACE.to_html()
    assert "“Returns” in the chapter “Decision processes, policies, returns”" in PLACE.to_html()


def nothing_but_a_value(table):
    return 0


def does_something(table):
    table.sort()


def test_what_does_something_is_no_stub():
    for function in (nothing_but_a_value, does_something, generates, waits, print, Hostile(), 3):
        assert not is_stub(function)


# ---- the other kinds -----------------------------------------------------------------------------------------------


@number_exercise(title="A number", tolerance=1e-3, **TOLD)
def number() -> float:
    """Predict it."""
    return -12.0


@number.misconception()
def half_of_it() -> float:
    """You gave half."""
    return -6.0


@number_exercise(title="A number with many digits", **TOLD)
def long_number() -> float:
    """Predict it."""
    return -2 * math.log(2)


@sign_exercise(
    title="A sign", wrong={"positive": Mistake("p", "No."), "zero": Mistake("z", "Not zero.", PLACE)}, **TOLD
)
def sign() -> float:
    """Predict its sign."""
    return -0.25


@choice_exercise(title="A choice", wrong={"a": Mistake("first", "Not a."), "c": Mistake("last", "Not c.")}, **TOLD)
def choice() -> str:
    """Pick one."""
    return "b"


@order_exercise(title="An order", decoys={"d": Mistake("decoy", "Not d.")}, also=["b c a e"], **TOLD)
def order() -> str:
    """Put them in order."""
    return "c b a e"


@order.misconception()
def backwards() -> str:
    """You have it backwards."""
    return "e a b c"


OTHERS = {
    "number, right": (number, -12, Outcome.RIGHT, "What it shows."),
    "number, near": (number, np.float32(-12.01), Outcome.RIGHT, "What it shows."),
    "number, of no axes": (number, np.array(-12.0), Outcome.RIGHT, "What it shows."),
    "number, off": (number, -12.02, Outcome.WRONG, "−12.02 is too small"),
    "number, larger": (number, 3, Outcome.WRONG, "3 is too large"),
    "number, sign": (number, 12.0, Outcome.WRONG, "Your number is the negative of the right one"),
    "number, mistaken": (number, -6, Outcome.WRONG, "Wrong (half of it)"),
    "number, three digits": (long_number, -1.39, Outcome.NEARLY, "the right number, rounded too far: give four digits"),
    "number, two digits": (long_number, -1.4, Outcome.NEARLY, "the right number, rounded too far: give four digits"),
    "number, four digits": (long_number, -1.386, Outcome.RIGHT, "What it shows."),
    "number, cut off": (long_number, -1.38, Outcome.WRONG, "−1.38 is too large"),
    "number, blank": (number, ..., Outcome.NOT_ATTEMPTED, "exercises.number.hint()"),
    "number, text": (number, "-12", Outcome.ERROR, "You passed a text: pass one number, without quotation marks"),
    "number, fraction": (number, Fraction(-12), Outcome.RIGHT, "What it shows."),
    "number, decimal": (number, Decimal(-12), Outcome.RIGHT, "What it shows."),
    "number, huge": (number, 10**400, Outcome.ERROR, "You passed an int that no float can hold"),
    "number, nameless": (number, Nameless(), Outcome.ERROR, "You passed a Nameless"),
    "number, truth": (number, True, Outcome.ERROR, "You passed a bool"),
    "number, complex": (number, -12 + 0j, Outcome.ERROR, "You passed a complex"),
    "number, array": (number, np.ones(2), Outcome.ERROR, "You passed an ndarray"),
    "number, function": (number, right, Outcome.ERROR, "You passed a function"),
    "number, NaN": (number, float("nan"), Outcome.ERROR, "You passed nan: pass a finite number"),
    "number, hostile": (number, Hostile(), Outcome.ERROR, "You passed a Hostile"),
    "sign, word": (sign, " Negative ", Outcome.RIGHT, "What it shows."),
    "sign, minus": (sign, "−", Outcome.RIGHT, "What it shows."),
    "sign, number": (sign, -7, Outcome.RIGHT, "What it shows."),
    "sign, wrong": (sign, "+", Outcome.WRONG, "Wrong (p): A sign No. Explained in"),
    "sign, zero": (sign, 0, Outcome.WRONG, "Wrong (z)"),
    "sign, strange": (sign, "left", Outcome.ERROR, "pass one of \"negative\", \"positive\", \"zero\""),
    "sign, hostile": (sign, Hostile(), Outcome.ERROR, "You passed a Hostile"),
    "choice, right": (choice, "B", Outcome.RIGHT, "What it shows."),
    "choice, wrong": (choice, "c", Outcome.WRONG, "Wrong (last): A choice Not c."),
    "choice, strange": (choice, "d", Outcome.ERROR, "You passed 'd': pass one of \"a\", \"b\", \"c\""),
    "choice, number": (choice, 1, Outcome.ERROR, "You passed 1"),
    "choice, nameless": (choice, Nameless(), Outcome.ERROR, "You passed a Nameless"),
    "choice, digits": (choice, 10**10**4, Outcome.ERROR, "You passed an int"),
    "choice, blank": (choice, None, Outcome.NOT_ATTEMPTED, "exercises.choice.hint()"),
    "order, right": (order, "c b a e", Outcome.RIGHT, "What it shows."),
    "order, other right": (order, ["b", "c", "a", "e"], Outcome.RIGHT, "What it shows."),
    "order, without spaces": (order, "cbae", Outcome.RIGHT, "What it shows."),
    "order, with commas": (order, "c, b, a, e", Outcome.RIGHT, "What it shows."),
    "order, with arrows": (order, "c → b -> a, e", Outcome.RIGHT, "What it shows."),
    "order, in capitals": (order, "CBAE", Outcome.RIGHT, "What it shows."),
    "order, nameless": (order, Nameless(), Outcome.ERROR, "You passed a Nameless"),
    "order, decoy": (order, "c b d e", Outcome.WRONG, "Wrong (decoy): An order Not d. Leave out line d."),
    "order, mistaken": (order, "e a b c", Outcome.WRONG, "You have it backwards"),
    "order, too short": (order, "c b", Outcome.WRONG, "2 lines are missing. What you have is right as far as it goes"),
    "order, from a point": (order, "c b e a", Outcome.WRONG, "right up to line b. Line e comes later"),
    "order, with a gap": (order, "c a e", Outcome.WRONG, "up to line c. Line a comes later: a line is missing"),
    "order, with a wide gap": (order, "c e", Outcome.WRONG, "Line e comes later: 2 lines are missing before it."),
    "order, exchanged with a gap": (order, "c e b", Outcome.WRONG, "Line e comes later: a line is missing before it."),
    "order, exchanged": (order, "c a b e", Outcome.WRONG, "Line a comes later: it follows from a line"),
    "order, without the first": (order, "a e", Outcome.WRONG, "The first line is not a: 2 lines are missing"),
    "order, from the start": (order, "a b c e", Outcome.WRONG, "The first line is not a: it follows from a line"),
    "order, twice": (order, "c b a a", Outcome.ERROR, "You use line a 2 times"),
    "order, unknown": (order, "c b x", Outcome.ERROR, "There is no line 'x': the labels are a, b, c, d, e"),
    "order, number": (order, 3, Outcome.ERROR, "You passed an int: pass the labels in order"),
    "order, empty": (order, "", Outcome.WRONG, "You passed no line"),
    "order, blank": (order, ..., Outcome.NOT_ATTEMPTED, "exercises.order.hint()"),
    "order, hostile": (order, Hostile(), Outcome.ERROR, "You passed a Hostile"),
}  # fmt: skip


@pytest.mark.parametrize(("exercise", "answer", "outcome", "words"), OTHERS.values(), ids=OTHERS)
def test_other_kinds(exercise, answer, outcome, words):
    verdict = exercise.check(answer)
    assert verdict.outcome is outcome
    assert words in told(verdict)


def test_solutions_of_other_kinds_are_code():
    assert "number = -12" in str(number.solution())
    assert 'sign = "negative"' in str(sign.solution())
    assert 'choice = "b"' in str(choice.solution())
    assert 'order = "c b a e"' in str(order.solution())


def test_an_answer_may_be_the_first_to_use_a_name_of_the_package():
    script = """
from pgcode.exercises import setting
import pgcode as pg

def answer(rewards, discount):
    pg.figures.draw_grid, pg.bias_test, pg.learning
    return sum(discount**time * reward for time, reward in enumerate(rewards))

setting.discounted_return.seconds = 600  # what is loaded for the first time may take long
print(setting.discounted_return.check(answer))
"""
    environment = os.environ | {"PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=True)
    assert run.stdout.startswith("✓ Right")
    assert "replaced" not in run.stdout


# ---- what helps -----------------------------------------------------------------------------------------------------


def test_who_imports_more_than_numpy_is_told_what_is_there(exercise):
    def imports(table, scale):
        from a_package_that_nobody_has import softmax

        return softmax(table)

    assert "Only NumPy and what comes with Python are there" in " ".join(exercise.check(imports).sentences)


@pytest.mark.parametrize("turned", [False, True])
def test_who_loses_the_axis_of_a_maximum_is_told_to_keep_it(turned):
    """Where there are as many rows as columns nothing stops, and the maximum of another row is subtracted."""

    def no_axis(logits):
        largest = logits.max(axis=1)
        return largest - logits if turned else logits - largest

    told = " ".join(practice.log_softmax.check(no_axis).sentences)
    assert "3 numbers in a row, and they do not fit beside 3 rows of 2" in told
    assert "`keepdims=True`" in told
    assert advice(ValueError, "operands could not be broadcast together with shapes (3,2) (4,)") == ()
    assert advice(ValueError, "") == advice(TypeError, "shapes (3,2) (3,)") == ()


def test_a_number_says_with_how_many_digits_it_is_asked_for():
    assert practice.seeds_needed.asked == "a number"
    assert practice.surrogate_value.asked == "a number with four digits"
    verdict = practice.surrogate_value.check(-1.39)
    assert (verdict.outcome, verdict.mark, verdict.mistake) == (Outcome.NEARLY, "≈", "rounded too far")


def test_a_number_and_an_order_without_a_name_lead_to_their_section():
    assert practice.seeds_needed.check(20).see == (practice.seeds_needed.see,)
    assert "The first hint says where to begin." in practice.seeds_needed.check(20).sentences
    assert practice.ordered_update.check("a d g c f").see == (practice.ordered_update.see,)


def test_an_answer_is_checked_while_its_time_is_measured(exercise):
    profile = cProfile.Profile()
    assert profile.runcall(exercise.check, right).outcome is Outcome.RIGHT

    def measures(table, scale):
        sys.setprofile(lambda *_: None)
        return right(table, scale)

    assert exercise.check(measures).outcome is Outcome.RIGHT
    assert sys.getprofile() is None
