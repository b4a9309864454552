"""What a wrong result is said to be made of: changes of arguments, of the code and of the result, and pairs of them."""

import ast
import tracemalloc

import numpy as np
import pytest
from exercises_parts import FUNCTIONS

from pgcode.environments import random_mdp
from pgcode.exercises import Chapter, Outcome, _changes_of_code, _function, function_exercise
from pgcode.exercises._changes_of_arguments import argument_changes
from pgcode.exercises._changes_of_code import both_changed, code_changes
from pgcode.exercises._changes_of_results import result_changes
from pgcode.exercises._comparing import agree, same_value
from pgcode.exercises._exercise import Misconception
from pgcode.exercises._source import answer_source
from pgcode.exercises._verdict import NAME_CHARACTERS, name_within

PLACE = Chapter("book/setting/decision-processes", "Decision processes").section("Returns")
TOLD = {"title": "A sum", "shows": "Yes.", "hints": ["First.", "Second."], "see": PLACE}


def cases(rng):
    for size, power in ((4, 0.7), (3, 0.4), (6, 0.9)):
        yield rng.standard_normal(size), rng.random(size) + 0.5, power


def reference(row, weights, power):
    """Return it."""
    times = np.arange(len(row))
    return np.cumsum(power**times * row / weights)


@pytest.fixture
def exercise():
    return function_exercise(cases=cases, **TOLD)(reference)


def told(verdict):
    return " ".join(str(verdict).split())


ONE_CHANGE = {
    "power = 1": lambda row, weights, power: np.cumsum(row / weights),
    "minus row": None,
    "weights all 1": lambda row, weights, power: np.cumsum(power ** np.arange(len(row)) * row),
    "row backwards": lambda row, weights, power: reference(row[::-1], weights, power),
    "row and weights exchanged": lambda row, weights, power: reference(weights, row, power),
    "weights for row": lambda row, weights, power: reference(weights, weights, power),
    "cumprod in place of cumsum": lambda row, weights, power: np.cumprod(power ** np.arange(len(row)) * row / weights),
    "multiplication in place of a power before times": lambda row, weights, power: np.cumsum(
        power * np.arange(len(row)) * row / weights
    ),
    "the right result backwards": lambda *given: reference(*given)[::-1],
    "the right result divided by its sum": lambda *given: reference(*given) / reference(*given).sum(),
    "power²": lambda row, weights, power: power**2 * reference(row, weights, power),
}


@pytest.mark.parametrize("name", [name for name, wrong in ONE_CHANGE.items() if wrong is not None])
def test_one_change_is_named(exercise, name):
    verdict = exercise.check(ONE_CHANGE[name])
    assert verdict.outcome is Outcome.WRONG
    assert name in verdict.mistake
    assert "Your result" in verdict.sentences[0]


TWO_CHANGES = {
    "cumprod in place of cumsum": lambda row, weights, power: np.cumprod(power ** np.arange(len(row)) * row * weights),
}


@pytest.mark.parametrize("name", TWO_CHANGES)
def test_two_changes_are_named_together(exercise, name):
    verdict = exercise.check(TWO_CHANGES[name])
    assert name in verdict.mistake
    assert " and " in verdict.mistake


def test_what_explains_some_cases_and_not_all_is_not_told(exercise):
    def wrong(row, weights, power):
        return reference(row, weights, 1.0 if len(row) > 3 else 0.123456)

    verdict = exercise.check(wrong)
    assert (verdict.outcome, verdict.mistake) == (Outcome.WRONG, "")


@pytest.mark.parametrize("noise", [1e-3, 1e-5, 1e-7])
def test_a_result_that_is_near_to_an_explanation_is_not_told_it(exercise, noise):
    def wrong(row, weights, power):
        return np.cumsum(row / weights) * (1 + noise * np.arange(1, len(row) + 1) ** 2)

    assert exercise.check(wrong).mistake == ""


@pytest.mark.parametrize("nothing", [0.0, np.nan, np.inf])
def test_a_result_that_says_nothing_is_explained_by_nothing(exercise, nothing):
    verdict = exercise.check(lambda row, weights, power: np.full(len(row), nothing))
    assert " of the solution" not in told(verdict)
    assert "what the solution gives" not in told(verdict)


def test_of_all_that_give_the_result_three_are_told(exercise):
    verdict = exercise.check(ONE_CHANGE["power = 1"])
    assert verdict.sentences[0] == "Your result equals what the solution gives with `power` = 1."
    assert "It also equals what the solution gives with a factor left out." in told(verdict)
    assert "Other changes would give it too." in told(verdict)


@pytest.mark.parametrize("number", [0.93, 0.4, 0.995, 2.5])
def test_a_number_in_the_place_of_an_argument_is_told_with_the_argument_and_what_that_is(exercise, number):
    """0.4 is right in one case: another one, in which it is not, is told."""
    verdict = exercise.check(lambda row, weights, power: reference(row, weights, number))
    assert verdict.mistake == f"power = {number:g}"
    should = 0.7 if number != 0.7 else 0.4
    assert verdict.sentences[0] == (
        f"Your result equals what the solution gives with {number:g} in the place of `power`, which is {should:g} in "
        "one case."
    )


def test_a_number_in_the_place_of_a_discount_is_told():
    def processes(rng):
        for discount in (0.8, 0.5):
            yield random_mdp(rng, n_states=3, n_actions=2, discount=discount), 2.0

    @function_exercise(cases=processes, **TOLD)
    def first_values(mdp, scale):
        """Return them."""
        return scale * np.linalg.inv(np.eye(3) - mdp.discount * mdp.transition[:, 0])[0]

    def wrong(mdp, scale):
        return scale * np.linalg.inv(np.eye(3) - 0.83 * mdp.transition[:, 0])[0]

    verdict = first_values.check(wrong)
    assert verdict.mistake == "mdp.discount = 0.83"
    assert "with 0.83 in the place of `mdp.discount`, which is 0.8 in one case." in verdict.sentences[0]


def test_where_many_numbers_give_a_result_none_is_told():
    def rows(rng):
        for size, bound in ((3, 0.95), (5, 0.97)):
            yield rng.standard_normal(size), bound

    def inside(bound):
        return 0.37 if 0.31 < bound < 0.44 else 0.0

    @function_exercise(cases=rows, **TOLD)
    def within(row, bound):
        """Return it."""
        return np.cumsum(row) + inside(bound) * row[::-1] ** 3

    verdict = within.check(lambda row, bound: np.cumsum(row) + 0.37 * row[::-1] ** 3)
    assert "bound = " not in (verdict.mistake or "")


def test_the_arguments_of_a_search_are_not_changed(exercise):
    given = exercise.cases()[0]
    before = [np.array(value) for value in given]
    with np.errstate(all="ignore"):
        for change in argument_changes(["row", "weights", "power"], [given]):
            change.change(given)
    assert all(np.array_equal(one, other) for one, other in zip(given, before, strict=True))


def adds_at(places, row):
    """Return it."""
    counts = np.zeros(len(row))
    np.add.at(counts, places, 1)
    return counts * row


def test_a_change_that_writes_into_an_argument_changes_no_other_candidate():
    """``np.add.at`` writes into what is read-only; and with ``row`` in the place of ``counts`` it would."""

    def given(rng):
        for size in (4, 3, 5):
            yield rng.integers(size, size=6), rng.random(size)

    exercise = function_exercise(cases=given, **TOLD)(adds_at)
    exercise.check(lambda places, row: np.sin(row))
    assert exercise.check(lambda places, row: adds_at(places, row[::-1])).mistake == "row backwards"
    kept = exercise._kept.cases
    assert all(same_value(one, other) for one, other in zip(kept, exercise.cases(), strict=False))


def test_parts_are_explained_one_by_one():
    @function_exercise(cases=cases, **TOLD)
    def both(row, weights, power):
        """Return two."""
        return power * row, np.sum(row / weights)

    def part(answer):
        return both.check(answer).mistake

    assert "sum left out" not in part(lambda row, weights, power: (power * row, np.mean(row / weights)))
    assert part(lambda row, weights, power: (power * row, np.sum(row * weights))).endswith("in part 1")
    assert part(lambda row, weights, power: (row, np.sum(row))).startswith("part 0: ")
    assert part(lambda row, weights, power: np.sum(row * weights) / 3).startswith("part 1 alone: ")


def test_a_factor_of_a_changed_answer_is_found(exercise):
    verdict = exercise.check(lambda row, weights, power: len(row) * np.cumsum(row / weights))
    assert verdict.mistake.startswith("power = 1, times len(row)")


@pytest.mark.parametrize(("part", "exercise"), FUNCTIONS, ids=[f"{part}-{one.name}" for part, one in FUNCTIONS])
def test_the_other_ways_to_an_answer_are_right_and_are_called_something(part, exercise):
    for way in exercise._other_forms:
        assert exercise.check(way).outcome is Outcome.RIGHT
        assert way.__doc__.endswith(".")
        assert "\n" not in way.__doc__


@pytest.mark.parametrize(("part", "exercise"), FUNCTIONS, ids=[f"{part}-{one.name}" for part, one in FUNCTIONS])
def test_changes_of_the_code_are_many_and_told_without_an_expression_of_the_solution(part, exercise):
    changes = code_changes(exercise.reference)
    assert len(changes) >= 40
    assert all(change.phrase.startswith("with ") and change.phrase.count("`") % 2 == 0 for change in changes)
    assert not any(sign in change.name for change in changes for sign in ("np.", "(", "[", "=", "**", "@", "_ "))
    for right in (exercise.reference, *exercise._other_forms):
        told_of = "\n".join(change.phrase.replace("`", "") for change in code_changes(right))
        assert [text for text in expressions_of(right) if text in told_of] == []


def expressions_of(function):
    """The code of all that is computed in a function, but for names and what their objects hold."""
    computed = (ast.BinOp, ast.BoolOp, ast.Call, ast.Compare, ast.Subscript, ast.IfExp, ast.keyword)
    return {ast.unparse(node) for node in ast.walk(ast.parse(answer_source(function))) if isinstance(node, computed)}


@pytest.mark.parametrize("nothing", [np.nan, np.inf, -np.inf])
def test_where_all_that_is_wrong_is_no_number_nothing_is_put_together(exercise, nothing):
    """One nan looks like another, and so does what might have led to it."""

    def wrong(row, weights, power):
        result = reference(row, weights, power)
        return np.where(np.arange(len(row)) == 2, nothing, result)

    verdict = exercise.check(wrong)
    assert verdict.mistake == ""
    assert "where a finite number is needed" in told(verdict)


def test_a_known_mistake_whose_trace_is_nan_is_named(exercise):
    @exercise.misconception()
    def divided_by_itself(row, weights, power):
        """Nothing is divided by nothing."""
        return np.where(np.arange(len(row)) == 2, np.nan, reference(row, weights, power))

    assert exercise.check(divided_by_itself).mistake == "divided by itself"


def test_a_mistake_has_another_form(exercise):
    @exercise.misconception()
    def doubled(row, weights, power):
        """Everything is doubled."""
        return 2 * reference(row, weights, power)

    exercise.another_form("doubled")(lambda *given: 3 * reference(*given))
    assert exercise.check(lambda *given: 3 * reference(*given)).mistake == "doubled"
    assert exercise.mistakes["doubled"] is doubled
    with pytest.raises(ValueError, match="'tripled' is no mistake of reference yet"):
        exercise.another_form("tripled")


def test_two_places_of_the_code_are_changed_together():
    by_name = {change.name: change for change in code_changes(reference)}
    one, other = by_name["weights left out"], by_name["cumprod in place of cumsum"]
    made = both_changed(reference, one, other)
    assert np.allclose(made(np.array([2.0, 3.0]), np.array([5.0, 7.0]), 1.0), [2.0, 6.0])
    assert both_changed(reference, one, one) is None
    assert np.allclose(one.function(np.array([2.0, 3.0]), np.array([5.0, 7.0]), 1.0), [2.0, 5.0])


def in_a_loop(row, weights, power):
    """Return it."""
    total = np.zeros(len(row))
    for t in range(len(row)):
        if weights[t] > 0.9:
            total[t] += power**t * row[t]
        else:
            total[t] -= row[-1 - t] if t < 2 else row[t] * weights[t]
    parts = [entry / (1 + power) for entry in total[::-1]]
    return np.sum(parts) * total


def came(function, given):
    """What a function gives, to the last digit, or what it raises."""
    try:
        return np.asarray(function(*given)).tobytes()
    except Exception as error:
        return type(error).__name__.replace("UnboundLocalError", "NameError")


@pytest.mark.filterwarnings("ignore::SyntaxWarning")  # as in a search: of a number that is called, or has an index
@pytest.mark.parametrize("function", [reference, in_a_loop])
def test_changes_that_are_compiled_together_give_what_each_gives_alone(function):
    """One change, and two: beside one another, and one within the other."""
    code = _changes_of_code._Code(function)
    given = next(cases(np.random.default_rng(0)))
    some = code.spots[:: len(code.spots) // 12]
    pairs = [(one, other) for one in some for other in some if one.place < other.place]
    assert {code._are_nested(pair) for pair in pairs} == {True, False}
    for spots in [*((spot,) for spot in code.spots), *pairs]:
        together, alone = code.with_changes(*spots), code._changed_alone(spots)
        assert (together is None) == (alone is None)
        if alone is not None:
            words = [spot.change.words for spot in spots]
            with np.errstate(all="ignore"):
                separate = code._function_of(alone, function.__globals__)
                assert came(together, given) == came(separate, given), words
    with np.errstate(all="ignore"):
        assert came(function, given) == came(code._switches[code.spots[0].key].board, ({}, *given))


def test_changes_are_compiled_together_but_for_what_stands_in_the_module(monkeypatch):
    compiled = []
    one_by_one = _changes_of_code._compiled
    monkeypatch.setattr(_changes_of_code, "_compiled", lambda tree: compiled.append(tree) or one_by_one(tree))

    def answer(row, weights, power):
        """Return it."""
        cases = np.cumsum(row)  # what stands in this module too
        return cases * power

    assert len(_changes_of_code.code_changes(answer)) > 60
    assert 1 < len(compiled) < 8
    (left_out,) = [change for change in _changes_of_code.code_changes(answer) if "line that sets cases" in change.name]
    with pytest.raises(TypeError):
        left_out.function(np.ones(2), np.ones(2), 2.0)


@pytest.mark.parametrize("ndim", [0, 1, 2, 3])
def test_changes_of_results_are_made_of_many_at_once_as_of_one(ndim):
    many = np.random.default_rng(ndim).standard_normal((5, 2, 3, 4)[: ndim + 1]) + 2.0
    names = set()
    with np.errstate(all="ignore"):
        for change in result_changes(ndim):
            names.add(change.name)
            together = change.change(many)
            for one, expected in zip(many, together, strict=True):
                assert np.array_equal(change.of(one), expected, equal_nan=True), change.name
                assert change.shape(one.shape) == expected.shape, change.name
    assert len(names) == len(result_changes(ndim))


# ---- solutions of another make --------------------------------------------------------------------------------------


def adds_up(row, weights, power):
    """Return it."""
    t, total = 0, 0.0
    while t < len(row):
        total += row[t]
        t += 1
    return total


def test_a_change_that_never_ends_ends_the_search(monkeypatch):
    monkeypatch.setattr(_function, "SEARCH_SECONDS", 0.5)
    exercise = function_exercise(cases=cases, **TOLD)(adds_up)
    verdict = exercise.check(lambda row, weights, power: float(np.sin(row).sum()))
    assert verdict.outcome is Outcome.WRONG
    assert not verdict.mistake


def test_a_solution_without_code_is_no_obstacle():
    space = {}
    exec("def made(row, weights, power):\n    'Return it.'\n    return row * power\n", space)
    exercise = function_exercise(cases=cases, **TOLD)(space["made"])
    assert exercise.check(lambda row, weights, power: row * power).outcome is Outcome.RIGHT
    assert exercise.check(lambda row, weights, power: np.sin(row) + 3).outcome is Outcome.WRONG
    assert not code_changes(space["made"])


def implicit(row, weights, power):
    """Return it."""
    return np.einsum("i,i", row, weights)


def test_a_product_without_an_arrow_has_changes_too():
    assert "weights in place of row" in {change.name for change in code_changes(implicit)}


def test_a_word_that_stands_twice_is_told_to_stand_at_several_places():
    def twice(row, weights, power):
        """Return it."""
        return np.exp(row) * power + row

    names = [change.name for change in code_changes(twice)]
    assert "row squared" not in names
    assert names.count("row squared at one of several places") == 2
    assert "power squared" in names


# ---- further cases --------------------------------------------------------------------------------------------------


def rare(rng):
    for size in (4, 5, 3):
        yield rng.standard_normal(size), 1.0


def cut_above(row, bound):
    """Return it."""
    return np.where(row > bound, 0.0, row)


def twice_cut_on_both_sides(row, bound):
    return 2 * np.where(abs(row) > bound, 0.0, row)


def test_what_holds_on_the_cases_of_the_exercise_alone_is_not_told(monkeypatch):
    exercise = function_exercise(cases=rare, **TOLD)(cut_above)
    assert all((row >= -bound).all() for row, bound in exercise.cases())
    assert any((row < -bound).any() for row, bound in exercise.further_cases())
    assert exercise.check(twice_cut_on_both_sides).mistake != "2 times the right result"
    monkeypatch.setattr(_function, "FURTHER_ROUNDS", 0)
    assert exercise.check(twice_cut_on_both_sides).mistake == "2 times the right result"


def test_a_known_mistake_that_is_another_one_on_further_cases_is_not_told():
    @function_exercise(cases=rare, **TOLD)
    def raised(row, bound):
        """Return it."""
        return np.where(row > bound, 0.0, row) + 1

    def on_both_sides(row, bound):
        return np.where(abs(row) > bound, 0.0, row)

    raised.misconception()(cut_above)
    assert all(np.array_equal(cut_above(*given), on_both_sides(*given)) for given in raised.cases())
    assert raised.check(cut_above).mistake == "cut above"
    assert raised.check(on_both_sides).mistake != "cut above"


@pytest.mark.parametrize("answered", [0, 1, 2])
def test_an_answer_that_fails_on_further_cases_is_told_what_is_confirmed_before(answered):
    exercise = function_exercise(cases=rare, **TOLD)(cut_above)
    calls = []

    def fails(row, bound):
        calls.append(bound)
        if len(calls) > 3 + answered:
            raise ValueError("no more")
        return 3 * cut_above(row, bound)

    verdict = exercise.check(fails)
    assert verdict.outcome is Outcome.WRONG
    assert verdict.mistake == ("3 times the right result" if answered else "")


@pytest.mark.parametrize(("part", "exercise"), FUNCTIONS, ids=[f"{part}-{one.name}" for part, one in FUNCTIONS])
def test_every_exercise_draws_further_cases_on_which_its_answer_is_good(part, exercise):
    cases, further = exercise.cases(), exercise.further_cases()
    assert len(further) >= 4
    assert not any(same_value(one, other) for one in cases for other in further)
    right = exercise.results(exercise.reference, exercise.further_cases())
    assert all(np.isfinite(part).all() for result in right for part in result)
    for way in exercise._other_forms:
        theirs = exercise.results(way, exercise.further_cases())
        assert all(agree(one, other, exercise.tolerance) for one, other in zip(theirs, right, strict=True))


# ---- how much is kept and said --------------------------------------------------------------------------------------


def long_rows(rng):
    for size in (1000, 990, 980):
        yield rng.standard_normal(size), rng.random(size) + 0.5, 0.9


@pytest.mark.parametrize("table", [False, True])
def test_long_results_are_compared_in_little_memory(table):
    exercise = function_exercise(cases=long_rows, **TOLD)(reference)

    def wrong(row, weights, power):
        return np.outer(row, weights) if table else np.sin(row) + np.cos(weights)

    tracemalloc.start()
    try:
        verdict = exercise.check(wrong)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert verdict.mistake == ""
    assert peak < 150e6


CALLS = []


def counted(row, weights, power):
    """Return it."""
    CALLS.append(power)
    return np.cumsum(power * row / weights)


def test_what_known_mistakes_and_changes_give_is_computed_once_for_all_answers():
    """Who is told that an answer is wrong tries again, and does not wait again."""
    exercise, of_the_mistake = function_exercise(cases=cases, **TOLD)(counted), []

    @exercise.misconception()
    def wrong_power(row, weights, power):
        """You took another power."""
        of_the_mistake.append(power)
        return np.cumsum(weights * row * power**2)

    def calls_of_one_check(shift):
        CALLS.clear()
        of_the_mistake.clear()
        told = exercise.check(lambda row, weights, power: np.cumsum(np.sin(row)) + shift)
        assert (told.outcome, told.mistake) == (Outcome.WRONG, "")
        return len(CALLS), len(of_the_mistake)

    solution, mistake = calls_of_one_check(0.0)
    assert mistake > 0
    solution_again, mistake_again = calls_of_one_check(1.0)
    assert solution_again < solution / 3
    assert mistake_again == 0
    assert exercise.check(exercise.mistakes["wrong power"]).mistake == "wrong power"  # what is kept is what it gives


def test_a_known_mistake_may_write_into_its_arguments():
    exercise = function_exercise(cases=cases, **TOLD)(reference)

    @exercise.misconception()
    def in_place(row, weights, power):
        """You wrote into the row."""
        row *= np.sin(weights)
        return np.cumsum(row)

    answer = lambda row, weights, power: np.cumsum(row * np.sin(weights))  # noqa: E731
    assert [exercise.check(answer).mistake for _ in range(2)] == ["in place", "in place"]


def test_a_variation_that_is_declared_anew_is_the_new_one():
    """As where an author runs a cell again."""
    exercise = function_exercise(cases=cases, **TOLD)(reference)

    @exercise.made_of
    def build(row, weights, power, *, f=np.abs, g=np.square):
        return np.cumsum(power ** np.arange(len(row)) * row / weights) + f(row) - np.abs(row) + g(row) - row**2

    def both(f, g):
        return exercise.check(lambda *given: build(*given, f=f, g=g)).mistake

    exercise.variation("a", "It is a.", f=np.sin)
    exercise.variation("b", "It is b.", g=np.exp)
    assert both(np.sin, np.exp) == "a and b"
    exercise.variation("a", f=np.arctan)
    assert both(np.arctan, np.exp) == "a and b"
    assert both(np.sin, np.exp) != "a and b"


def test_an_answer_that_fails_on_some_further_cases_is_compared_on_those_that_it_has():
    exercise = function_exercise(cases=cases, **TOLD)(reference)
    calls = 0

    def fails_late(row, weights, power):
        nonlocal calls
        calls += 1
        if calls > len(exercise.cases()) + 1:
            raise ValueError
        return 2 * reference(row, weights, power)

    twice = "2 times the right result"
    assert exercise.check(lambda *given: 2 * reference(*given)).mistake == twice
    assert exercise.check(fails_late).mistake == twice
    assert exercise.check(lambda *given: 2 * reference(*given)).mistake == twice


def test_a_long_result_is_named_as_a_short_one_is():
    exercise = function_exercise(cases=long_rows, **TOLD)(reference)
    verdict = exercise.check(lambda row, weights, power: np.diag(np.cumsum(row / weights)))
    assert verdict.mistake.startswith("power = 1, and the result on a diagonal")


def test_names_are_short_enough_to_be_read():
    part, whole = "a" * 60, f"{'b' * 90} and {'c' * 60}"
    assert name_within([part, part, part]) == f"{part} or {part}"
    assert name_within([whole]) == f"… and {'c' * 60}"
    assert name_within([whole, part]) == f"… and {'c' * 60}"
    assert name_within([part, part, part], "and") == f"… and {part}"
    assert len(name_within(["d" * 300])) == NAME_CHARACTERS


@pytest.mark.parametrize(("part", "exercise"), FUNCTIONS, ids=[f"{part}-{one.name}" for part, one in FUNCTIONS])
def test_most_changes_of_the_code_have_short_names(part, exercise):
    for right in (exercise.reference, *exercise._other_forms):
        lengths = [len(change.name) for change in code_changes(right)]
        assert np.mean(np.array(lengths) <= NAME_CHARACTERS / 2) > 0.6
        assert np.mean(np.array(lengths) <= NAME_CHARACTERS) > 0.98


# ---- nearly a known mistake -----------------------------------------------------------------------------------------


@pytest.fixture
def with_a_mistake(exercise):
    @exercise.misconception()
    def alternating(row, weights, power):
        """Every second sign is turned."""
        return reference(row, weights, power) * (-1.0) ** np.arange(len(row))

    return exercise, alternating


def test_a_mistake_with_a_sign_of_its_own_in_each_case_is_named(with_a_mistake):
    exercise, alternating = with_a_mistake
    verdict = exercise.check(lambda row, weights, power: np.sign(row[0]) * alternating(row, weights, power))
    assert verdict.mistake == "alternating, up to its sign"
    assert "up to a sign that is not always the same" in told(verdict)


def test_a_mistake_with_other_last_digits_is_named_as_that(with_a_mistake):
    exercise, alternating = with_a_mistake

    def nearly(size):
        return lambda row, weights, power: alternating(row, weights, power) * (1 + size * np.arange(len(row)))

    verdict = exercise.check(nearly(1e-7))
    assert verdict.mistake == "alternating"
    assert "but for its last digits" in told(verdict)
    assert exercise.check(nearly(1e-5)).mistake == ""


def test_what_is_nearly_right_is_told_no_mistake_that_is_nearly_right_too(exercise):
    @exercise.misconception()
    def ends_early(row, weights, power):
        """Your sum ended early."""
        return reference(row, weights, power) * (1 + 1e-7)

    verdict = exercise.check(lambda row, weights, power: reference(row, weights, power) * (1 - 1e-7 * np.sign(row)))
    assert verdict.mistake == ""
    assert "nearly right" in told(verdict)


def test_one_branch_for_a_choice_is_named():
    def chosen(row, weights, power):
        """Return it."""
        return np.where(row > 0, row * power, row / weights)

    exercise = function_exercise(cases=cases, **TOLD)(chosen)
    verdict = exercise.check(lambda row, weights, power: row * power)
    assert verdict.mistake == "the first of two cases for both"


def test_two_known_mistakes_that_explain_the_same_are_told_each_with_its_name(exercise):
    @exercise.misconception()
    def doubled(row, weights, power):
        """Everything is doubled."""
        return 2 * reference(row, weights, power) + 1

    @exercise.misconception()
    def tripled(row, weights, power):
        """Everything is tripled."""
        return 3 * reference(row, weights, power) + 2

    def standardised(row, weights, power):
        result = reference(row, weights, power) ** 3
        return (result - result.mean()) / result.std()

    for known in (doubled, tripled):
        exercise.misconceptions = tuple(
            one if one.mistake.name != known.__name__ else Misconception(lambda *x: reference(*x) ** 3, one.mistake)
            for one in exercise.misconceptions
        )
    verdict = exercise.check(standardised)
    assert verdict.mistake == "doubled, and the result standardised or tripled, and the result standardised"
    assert "“doubled”: Everything is doubled." in told(verdict)
    assert "“tripled”: Everything is tripled." in told(verdict)
