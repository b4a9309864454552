"""The exercises of all parts: right answers are accepted, wrong ones are known by name, the notebooks agree."""

import functools
import importlib
import itertools
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import exercises
import nbformat
import numpy as np
import pytest
from exercises_mutation import mutants
from exercises_parts import EXERCISES, FUNCTIONS, equivalent_mutants, exercises_of, part_names, places
from explained import section

from pgcode.exercises import (
    Chapter,
    ChoiceExercise,
    FunctionExercise,
    NumberExercise,
    OrderExercise,
    Outcome,
    SignExercise,
    chapters,
)
from pgcode.exercises._attempt import attempt
from pgcode.exercises._comparing import agree, size_of
from pgcode.exercises._source import without_annotations

ROOT = Path(__file__).parents[2]
PARTS = part_names()


def ids(pairs):
    return [f"{part}-{exercise.name}" for part, exercise in pairs]


each_exercise = pytest.mark.parametrize(("part", "exercise"), EXERCISES, ids=ids(EXERCISES))
each_function = pytest.mark.parametrize(("part", "exercise"), FUNCTIONS, ids=ids(FUNCTIONS))
each_part = pytest.mark.parametrize("part", PARTS)


def right_answer(exercise):
    """The answer that a reader who knows it would pass."""
    match exercise:
        case FunctionExercise():
            return exercise.reference
        case NumberExercise():
            return exercise.reference()
        case ChoiceExercise():
            return exercise.right_label
        case OrderExercise():
            return " ".join(exercise.right_orders[0])


def wrong_answers(exercise):
    """Pairs (mistake, answer) for every wrong answer that has a name."""
    for misconception in exercise.misconceptions:
        function = misconception.function
        yield misconception.mistake, function if isinstance(exercise, FunctionExercise) else function()
    if isinstance(exercise, ChoiceExercise):
        for label, mistake in exercise.wrong.items():
            yield mistake, label
    if isinstance(exercise, OrderExercise):
        order = exercise.right_orders[0]
        for label, mistake in exercise.decoys.items():
            yield mistake, " ".join([*order[:-1], label])
            yield mistake, [label, *order]


@functools.cache
def told(exercise):
    """Triples (mistake, answer, verdict) for every wrong answer that has a name. Each takes a check."""
    return [(mistake, answer, exercise.check(answer)) for mistake, answer in wrong_answers(exercise)]


class Balanced(HTMLParser):
    """Reads HTML and fails where an element is not closed."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


# ---- declarations --------------------------------------------------------------------------------------------------


def test_every_module_that_is_no_part_is_known():
    assert {"setting", "trajectory_form", "state_action_form", "one_gradient", "practice", "beyond"} <= set(PARTS)
    assert all(exercises_of(part) for part in PARTS)


@each_part
def test_a_part_lists_its_exercises_which_have_titles_of_their_own(part):
    exercises = exercises_of(part)
    assert len({exercise.title for exercise in exercises}) == len(exercises)
    assert set(importlib.import_module(f"pgcode.exercises.{part}").__all__) == {one.name for one in exercises}


@each_exercise
def test_an_exercise_is_declared_under_its_name_and_says_what_it_must(part, exercise):
    module = importlib.import_module(f"pgcode.exercises.{part}")
    assert getattr(module, exercise.name) is exercise
    assert exercise.statement.endswith(".")
    assert exercise.shows.endswith((".", "?"))
    assert len(set(exercise.hints)) >= 2
    for text in (exercise.statement, exercise.shows, *exercise.hints):
        assert text.count("`") % 2 == 0
        assert "$" not in text, "a terminal shows formulas as they are: write them in Unicode"


@each_exercise
def test_every_mistake_has_a_name_of_its_own_and_a_sentence(part, exercise):
    mistakes = dict.fromkeys(mistake for mistake, _ in wrong_answers(exercise))
    assert len({mistake.name for mistake in mistakes}) == len(mistakes)
    for mistake in mistakes:
        assert mistake.sentence.endswith((".", "?"))
        assert mistake.sentence.count("`") % 2 == 0


# ---- the confusion matrix ------------------------------------------------------------------------------------------


@each_exercise
def test_the_right_answer_is_accepted_and_nothing_else_is_said(part, exercise):
    verdict = exercise.check(right_answer(exercise))
    assert verdict.outcome is Outcome.RIGHT
    assert verdict.sentences == (exercise.shows,)


@each_exercise
def test_every_wrong_answer_is_known_by_its_own_name(part, exercise):
    assert told(exercise)
    for mistake, _, verdict in told(exercise):
        assert verdict.outcome is Outcome.WRONG
        assert mistake.name in verdict.mistake.split(" or "), str(verdict)
        assert any(sentence.endswith(mistake.sentence) for sentence in verdict.sentences)
        assert (mistake.see or exercise.see) in verdict.see


@each_exercise
def test_a_verdict_says_what_the_result_equals_and_not_what_was_done(part, exercise):
    if isinstance(exercise, (FunctionExercise, NumberExercise)):
        for mistake, _, verdict in told(exercise):
            first = verdict.sentences[0]
            assert f"“{mistake.name}”" in first
            assert first.startswith(("Your result equals that of ", "Your number is that of "))


def test_only_exercises_are_listed_and_mistakes_have_a_place_of_their_own():
    for part in PARTS:
        module = importlib.import_module(f"pgcode.exercises.{part}")
        assert set(dir(module)) == {exercise.name for exercise in exercises_of(part)}
    known = importlib.import_module("pgcode.exercises.setting").discounted_return.mistakes
    assert {"no discount", "last reward lost"} < set(known)


# ---- two mistakes at once ------------------------------------------------------------------------------------------


COMPOSED = [(part, exercise) for part, exercise in FUNCTIONS if exercise._composition is not None]


@pytest.mark.parametrize(("part", "exercise"), COMPOSED, ids=ids(COMPOSED))
def test_the_parts_of_an_answer_make_the_answer_and_its_mistakes(part, exercise):
    composition = exercise._composition
    expected = exercise.results(exercise.reference)
    made = exercise.results(composition.build)
    assert all(agree(a, b, exercise.tolerance) for a, b in zip(made, expected, strict=True))
    for name in composition.variations:
        changed = exercise.results(functools.partial(composition.build, **composition.variations[name]))
        declared = exercise.results(exercise.mistakes[name])
        for ours, theirs, right in zip(changed, declared, expected, strict=True):
            assert agree(ours, theirs, exercise.tolerance, scale=max(size_of(right), 1e-3)), name


@pytest.mark.parametrize(("part", "exercise"), COMPOSED, ids=ids(COMPOSED))
def test_two_mistakes_together_are_named_or_equal_something_plainer(part, exercise):
    """Some pairs give what one mistake gives, or the right answer; none is told a pair that does not give it."""
    composition = exercise._composition
    named = 0
    for pair in list(composition.pairs())[:12]:
        verdict = exercise.check(lambda *given, pair=pair: pair(*given))
        assert verdict.outcome in {Outcome.RIGHT, Outcome.WRONG, Outcome.ERROR}
        assert verdict.mistake or verdict.outcome is not Outcome.WRONG, f"{pair.one} and {pair.other}: {verdict}"
        named += verdict.mistake == f"{pair.one} and {pair.other}"
    assert named


@each_function
def test_cases_tell_all_candidates_apart(part, exercise):
    """By far more than the tolerance, so that no rounding confuses two. Where two give the very same, both are told."""
    candidates = {"the reference": exercise.reference}
    candidates |= {misconception.mistake.name: misconception.function for misconception in exercise.misconceptions}
    cases = [*exercise.cases(), *exercise.further_cases()]
    results = {name: exercise.results(function, cases) for name, function in candidates.items()}
    for (one, ours), (other, theirs) in itertools.combinations(results.items(), 2):
        close = [agree(a, b, 1e4 * exercise.tolerance) for a, b in zip(ours, theirs, strict=True)]
        same = [agree(a, b, exercise.tolerance) for a, b in zip(ours, theirs, strict=True)]
        if all(same) and one != "the reference":
            names = next(verdict for mistake, _, verdict in told(exercise) if mistake.name == one).mistake
            assert {one, other} <= set(names.split(" or "))
            continue
        assert not all(close), f"{one} and {other} give the same on all cases"


@pytest.mark.parametrize(
    "exercise", [exercise for _, exercise in EXERCISES if isinstance(exercise, NumberExercise)], ids=lambda e: e.name
)
def test_predictions_are_further_apart_than_the_tolerance(exercise):
    numbers = [exercise.reference(), *(misconception.function() for misconception in exercise.misconceptions)]
    for one, other in itertools.combinations(numbers, 2):
        assert abs(one - other) > 2 * exercise.tolerance * max(abs(one), abs(other), 1e-12)


@each_exercise
def test_every_other_right_order_is_accepted(part, exercise):
    for order in getattr(exercise, "also", ()):
        assert exercise.check(order).outcome is Outcome.RIGHT


@each_function
def test_a_fixed_result_is_recognised(part, exercise):
    fixed = exercise.reference(*exercise.cases()[0])
    verdict = exercise.check(lambda *_: fixed)
    assert (verdict.outcome, verdict.mistake) == (Outcome.WRONG, "a fixed result")


@each_function
def test_cases_are_the_same_at_every_check(part, exercise):
    first, again = exercise.results(exercise.reference), exercise.results(exercise.reference)
    assert len(first) >= 3
    assert all(agree(a, b, 0.0) for a, b in zip(first, again, strict=True))


@each_function
def test_a_check_is_little_work(part, exercise):
    """A reader does not wait for it: it makes fewer calls than a processor makes in a fraction of a second."""
    calls = 0
    exercise._kept = None  # as at the first answer

    def count(frame, event, argument):
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        exercise.check(exercise.misconceptions[-1].function)
    finally:
        sys.setprofile(before)
    assert len(exercise.cases()) < calls < 200_000


# ---- mutants -------------------------------------------------------------------------------------------------------


@functools.cache
def mutants_of(exercise):
    return list(mutants(exercise.reference))


@each_function
def test_no_mutant_is_accepted(part, exercise):
    """Whether it is right is all that is asked: what its mistake is called would take ten times as long."""
    equivalent = equivalent_mutants(part).get(exercise.name, {})
    assert all(equivalent.values())
    accepted = set()
    for mutant in mutants_of(exercise):
        # Some never end, and need not be waited for. What ought to be accepted has all the time that a reader has.
        seconds = exercise.seconds if mutant.description in equivalent else 1.0
        if exercise.accepts(attempt(mutant.function, exercise.parameters, exercise.cases, seconds)):
            accepted.add(mutant.description)
    assert accepted == set(equivalent)
    assert accepted < {mutant.description for mutant in mutants_of(exercise)}


@each_function
def test_what_is_accepted_is_what_is_told_to_be_right(part, exercise):
    """The answer is, in single precision too; some mutants, and what is no answer, are not."""

    def single(*given):
        result = exercise.reference(*given)
        parts = result if isinstance(result, tuple) else (result,)
        return tuple(np.asarray(one, dtype=np.float32) for one in parts) if len(parts) > 1 else np.float32(parts[0])

    answers = [exercise.reference, single, lambda *given: None, lambda: 0.0, ..., mutants_of(exercise)[0].function]
    for answer in answers:
        made = attempt(answer, exercise.parameters, exercise.cases, exercise.seconds)
        assert exercise.accepts(made) == (exercise.judge(made).outcome is Outcome.RIGHT)


# ---- the book ------------------------------------------------------------------------------------------------------


@functools.cache
def headings(path):
    cells = nbformat.read(path, as_version=4).cells
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    return [line.lstrip("# ").strip() for text in texts for line in text.splitlines() if re.match("#+ ", line)]


@pytest.mark.parametrize("name", chapters.__all__)
def test_a_chapter_is_where_it_is_said_to_be(name):
    chapter = getattr(chapters, name)
    assert isinstance(chapter, Chapter)
    assert headings(ROOT / f"{chapter.path}.ipynb")[0] == chapter.title


@each_exercise
def test_every_place_is_in_the_book(part, exercise):
    for place in places(exercise):
        assert place.heading in headings(ROOT / f"{place.chapter.path}.ipynb"), str(place)


#: What is linked to, and words of its explanation. A mistake with a place of its own has them there, not nearby.
EXPLAINED = [
    ("one_gradient", "gradient_estimate", "sum over trajectories", "average what you have drawn"),
    ("one_gradient", "gradient_estimate", "only the baseline repaired", "ratio of two random sums"),
    ("one_gradient", "gradient_estimate", "only the discount repaired", "ratio of two random sums"),
    ("one_gradient", "gradient_estimate", "baseline added", "baseline"),
    ("one_gradient", "gradient_estimate", "fillers counted", "after the end"),
    ("one_gradient", "false_line", "the tower rule doubted", "mean in two steps"),
    ("one_gradient", "field_without_power", "score for the gradient of the policy", "\\nabla\\log\\pi = \\nabla\\pi"),
    ("one_gradient", "best_constant", "length not squared", "squared"),
    ("practice", "log_softmax", "logarithm of a rounded 0", "Four places"),
    ("practice", "log_softmax", "exponential of large numbers", "nan"),
    ("practice", "group_weights", "group standardised", "deviation"),
    ("practice", "penalised_rewards", "mean over the room", "mean"),
    ("setting", "softmax", "exponential of large numbers", "overflow"),
    ("setting", "softmax", "one shift for all states", "largest of the whole table"),
    ("setting", "softmax", "preferences cut", "cut at"),
    ("setting", "softmax", "mean for the maximum", "mean"),
    ("trajectory_form", "estimate_and_error", "mean not subtracted", "deviation"),
]


@pytest.mark.parametrize(("part", "name", "mistake", "words"), EXPLAINED, ids=lambda value: str(value)[:30])
def test_a_mistake_leads_to_where_it_is_explained(part, name, mistake, words):
    exercise = next(one for one in exercises_of(part) if one.name == name)
    known = [one for one, _ in wrong_answers(exercise) if one.name == mistake]
    assert words in section(known[0].see or exercise.see)


#: The chapters in the order of the book.
ORDER = re.findall(r"file: (book/\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"))


@each_exercise
def test_what_explains_a_mistake_stands_before_the_exercises_of_its_part(part, exercise):
    """A page needs the chapters of its part, and these need those before them."""
    last = max(ORDER.index(page) for page in ORDER if page.startswith(f"book/{part.replace('_', '-')}/"))
    of_pools = [mistake.see for pool in getattr(exercise, "pools", ()) for mistake in pool.mistakes().values()]
    for place in [*places(exercise), *(place for place in of_pools if place)]:
        assert ORDER.index(place.chapter.path) <= last, str(place)


@each_part
def test_an_exercise_refers_to_the_part_that_it_stands_in(part):
    """Its own place is no earlier one: there it would belong to that page."""
    for exercise in exercises_of(part):
        assert exercise.see.chapter.path.startswith(f"book/{part.replace('_', '-')}/"), exercise.name


@each_exercise
def test_what_a_reader_is_told_can_be_read_without_colours(part, exercise, monkeypatch):
    monkeypatch.chdir(ROOT / "book" / "exercises")
    verdicts = [exercise.check(answer) for answer in (..., right_answer(exercise))]
    verdicts += [verdict for _, _, verdict in told(exercise)]
    messages = [*verdicts, *(exercise.hint() for _ in range(len(exercise.hints) + 1)), exercise.solution()]
    monkeypatch.setattr(exercise, "_hints_given", 0)
    for message in messages:
        page = Balanced()
        page.feed(message._repr_html_())
        assert page.open == []
        for sentence in message.sentences:
            words = re.sub(r"\s+", " ", sentence.replace("`", "")).strip()
            assert words in re.sub(r"\s+", " ", page.text)
        assert all(len(line) <= 110 for line in str(message).splitlines() if not line.startswith("    "))
    for verdict in verdicts:
        assert f"<strong>{verdict.outcome.word}" in verdict._repr_html_()
        assert 'role="status"' in verdict._repr_html_()
        for target in re.findall('href="([^"#]*)', verdict._repr_html_()):
            assert Path(target).is_file()


# ---- the notebooks -------------------------------------------------------------------------------------------------


@functools.cache
def solutions(part):
    return nbformat.read(ROOT / exercises.SOLUTIONS / f"{part.replace('_', '-')}.ipynb", as_version=4)


@functools.cache
def tasks(part):
    """For each exercise of the solution notebook: its name, the text above its answer, and its answer."""
    found, text, code = {}, "", ""
    for cell in solutions(part).cells:
        if exercises.is_example(cell):
            continue
        if cell.cell_type == "markdown":
            text = cell.source
        elif exercises.BEGIN in cell.source:
            code = exercises.answer(cell.source)
        for name in exercises.CHECK.findall(cell.source):
            assert name not in found, f"{name} is checked twice"
            found[name] = (text, code)
    return found


def test_every_part_has_a_notebook():
    assert [part.replace("_", "-") for part in PARTS] == exercises.parts()


@each_part
def test_the_exercise_notebook_is_what_the_solutions_give(part):
    assert exercises.agrees(ROOT, part.replace("_", "-")), "run tools/exercises.py"


@each_part
def test_every_exercise_has_its_place_in_the_notebook(part):
    assert set(tasks(part)) == {exercise.name for exercise in exercises_of(part)}


@each_exercise
def test_the_task_has_its_title_and_its_labels(part, exercise):
    text, _ = tasks(part)[exercise.name]
    assert text.splitlines()[0] == f"## {exercise.title}"
    for label in [] if isinstance(exercise, SignExercise) else getattr(exercise, "labels", []):
        assert f"**{label}**" in text


@each_exercise
def test_the_answer_of_the_notebook_is_the_reference(part, exercise):
    _, code = tasks(part)[exercise.name]
    if isinstance(exercise, FunctionExercise):
        assert without_annotations(code) == exercise.answer_text()
    else:
        namespace = {}
        exec(code, namespace)
        assert exercise.check(namespace[exercise.name]).outcome is Outcome.RIGHT


# ---- programs to be repaired ---------------------------------------------------------------------------------------


def broken_programs(part):
    """The broken programs of an exercise notebook, by the name of their exercise."""
    path = ROOT / exercises.EXERCISES / f"{part.replace('_', '-')}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    found = {}
    for cell in cells:
        if "repair" not in cell["metadata"].get("tags", []):
            continue
        namespace = {"np": np}
        exec("".join(cell["source"]), namespace)
        found |= {name: value for name, value in namespace.items() if callable(value) and name != "np"}
    return found


def test_half_of_the_tasks_of_practice_are_repairs():
    assert 2 * len(broken_programs("practice")) >= len(exercises_of("practice"))


@pytest.mark.parametrize(
    ("name", "program"), [pytest.param(*pair, id=pair[0]) for part in PARTS for pair in broken_programs(part).items()]
)
def test_a_broken_program_is_told_which_mistake_it_makes(name, program):
    exercise = {one.name: one for _, one in FUNCTIONS}[name]
    verdict = exercise.check(program)
    assert verdict.outcome is Outcome.WRONG
    assert verdict.mistake
