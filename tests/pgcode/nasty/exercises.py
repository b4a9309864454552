"""What an author declares, and what a reader answers."""

import numpy as np

from pgcode.exercises import (
    Chapter,
    Outcome,
    choice_exercise,
    function_exercise,
    number_exercise,
    order_exercise,
    setting,
    trajectory_form,
)

TOLD = {
    "title": "Arms",
    "shows": "It is so.",
    "hints": ["Look."],
    "see": Chapter("book/intro", "Arms").section("Two arms"),
}


def one():
    """Predict 1."""
    return 1.0


def number(reference=one, **changes):
    return number_exercise(**{**TOLD, **changes})(reference)


def function(cases, **changes):
    return function_exercise(**{**TOLD, "cases": cases, **changes})(lambda x: x)


def error(feedback):
    return feedback.outcome is Outcome.ERROR


CASES = {
    "a number for a reference": (lambda: number(3), r"reference is 3: declare an exercise by a function"),
    "a title that is none": (lambda: number(title=None), r"title is None: pass a text"),
    "one text for hints": (lambda: number(hints="Look."), r"hints is 'Look\.': pass a list of texts"),
    "a place in words": (lambda: number(see="Two arms"), r"see is 'Two arms': pass a Section"),
    "a negative tolerance": (lambda: number(tolerance=-1), r"tolerance is -1: the largest relative error"),
    "a reference that is NaN": (
        lambda: number(lambda: np.nan).check(1),
        r"the reference answer of <lambda> is nan: let it return a finite number",
    ),
    "a misconception without its brackets": (
        lambda: number().misconception(lambda: 2.0),
        r"see is <function .*: pass a Section, or call misconception\(\) with nothing",
    ),
    "no wrong labels": (lambda: choice_exercise(**TOLD, wrong=None)(lambda: "a"), r"wrong is None: pass a dict"),
    "a sentence for a mistake": (
        lambda: choice_exercise(**TOLD, wrong={"b": "No."})(lambda: "a"),
        r"wrong\['b'\] is 'No\.': pass a Mistake\(name, sentence\)",
    ),
    "a list of decoys": (
        lambda: order_exercise(**TOLD, decoys=["c"])(lambda: "a b"),
        r"decoys is \['c'\]: pass a dict",
    ),
    "no cases": (lambda: function(None), r"cases is None: pass a function of a generator"),
    "cases that are empty": (
        lambda: function(lambda rng: []).check(abs),
        r"the cases of <lambda> are \[\]: yield tuples",
    ),
    "cases that are no tuples": (
        lambda: function(lambda rng: [1, 2]).check(abs),
        r"the cases of <lambda> are \[1, 2\]",
    ),
    "no time": (lambda: function(lambda rng: [(1,)], seconds=0), r"seconds is 0: the time that a check may take"),
    "NaN as an answer": (lambda: setting.fair_coin_value.check(float("nan")), error),
    "an integer of 400 digits as an answer": (lambda: setting.fair_coin_value.check(10**400), error),
    "a text as a number": (lambda: setting.fair_coin_value.check("-12"), error),
    "an array as a number": (lambda: setting.fair_coin_value.check(np.array([1.0, 2.0])), error),
    "a class as a function": (lambda: setting.discounted_return.check(dict), error),
    "a function of other arguments": (lambda: setting.discounted_return.check(lambda: 1.0), error),
    "an answer that exits": (lambda: setting.discounted_return.check(lambda rewards, discount: exit()), error),
    "an answer of None": (
        lambda: setting.discounted_return.check(lambda rewards, discount: None),
        lambda feedback: feedback.outcome is Outcome.NOT_ATTEMPTED,  # it may be one that is not written yet
    ),
    "an answer of NaN": (
        lambda: setting.discounted_return.check(lambda rewards, discount: np.nan),
        lambda feedback: feedback.outcome is not Outcome.RIGHT,
    ),
    "an order of numbers": (lambda: trajectory_form.ordered_lines.check([1, 2]), error),
    "a label that there is none of": (lambda: trajectory_form.ordered_lines.check("a z"), error),
    "a sign as an object": (lambda: setting.worse_arm_slope.check(object()), error),
}
