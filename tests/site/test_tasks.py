"""The exercises, done on their pages: each of them wrongly and rightly, by mouse, by keyboard and on a phone."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import itertools
import re
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from docutils import nodes  # type: ignore[import-untyped]
from exercises_wrong_answers import WrongAnswer, all_wrong_answers

from pgcode._in_page import exercise as in_page
from pgcode.exercises import ChoiceExercise, Exercise, FunctionExercise, NumberExercise, OrderExercise
from press.outputs.base import with_scripts

from .conftest import WIDE, pages_of_each_kind, site_pages, sources
from .test_pages import OF_COLOURS, OF_SIZES, violations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from playwright.sync_api import Locator

    from .conftest import Opened, Site

SOLUTIONS = Path(__file__).parents[2] / "book" / "exercises" / "solutions"
PAGES = site_pages('class="pg-progress"')

each_page = pytest.mark.parametrize("name", PAGES or ["no page has tasks"])


def part_of(name: str) -> str:
    return Path(name).stem.replace("-", "_")


def exercise_of(box: Locator, name: str) -> Exercise:
    module = importlib.import_module(f"pgcode.exercises.{part_of(name)}")
    found: Exercise = getattr(module, str(box.get_attribute("data-name")))
    return found


@pytest.fixture(autouse=True)
def forgotten(site: Site) -> Iterator[None]:
    """Let each test begin where nothing is kept, and leave nothing."""
    yield
    page = site.context(scripts=True).new_page()
    page.goto(site.address + "_static/tasks.js")  # what is kept belongs to the website, and a file is opened at once
    page.evaluate("() => localStorage.clear()")
    page.close()


def boxes(opened: Opened, *kinds: str) -> list[Locator]:
    """The tasks of a page, of some kinds."""
    chosen = ",".join(f'.pg-task[data-kind="{kind}"]' for kind in kinds)
    return opened.page.locator(chosen).all()


def sign_task(opened: Opened) -> Locator:
    """A task of the first part that asks for a sign."""
    return opened.page.locator('.pg-task[data-name="worse_arm_slope"]')


def press_check(box: Locator) -> None:
    box.get_by_role("button", name="Check").click()


def told(box: Locator) -> list[str]:
    """What stands in the verdict of a task, paragraph by paragraph; code without its line breaks."""
    rows = box.locator(".exercise-verdict > *").all_inner_texts()
    return [" ".join(row.split()) for row in rows]


def expected(verdict: dict[str, Any]) -> list[str]:
    """The same, of the data of a verdict."""
    heading, sentences = verdict["heading"], list(verdict["sentences"])
    if verdict["outcome"] == "wrong":  # without the title, which would read like the name of the mistake
        heading = re.sub(r"^([^:(]*(?:\([^)]*\))?): .*$", r"\1", heading, flags=re.DOTALL)
        number = re.match(r"([-−\d]\S* is [^.`\\]+)\.(?:\s+|$)", sentences[0]) if sentences else None
        if number and "(" not in heading:
            heading, sentences[0] = f"{heading}: {number[1]}", sentences[0][number.end() :]
    rows = [f"{verdict['mark']} {heading}"]
    for sentence in filter(None, sentences):
        rows += [block if block.startswith("    ") else as_set(block) for block in blocks(sentence)]
    rows += [f"Explained in “{one['heading']}” in the chapter “{one['title']}”." for one in verdict["see"]]
    return [" ".join(row.replace("`", "").split()) for row in rows]


def as_set(words: str) -> str:
    """A sentence as it is read: without backticks, and without the signs of what stands below or above the line."""
    parts = words.split("`")
    plain = ("".join(node.astext() for node in with_scripts([nodes.Text(part)])) for part in parts[::2])
    return "".join(itertools.chain(*itertools.zip_longest(plain, parts[1::2], fillvalue="")))


def blocks(sentence: str) -> list[str]:
    """A sentence and its blocks of code."""
    parts: list[tuple[bool, list[str]]] = []
    for line in sentence.splitlines():
        is_code = line.startswith("    ")
        if not parts or parts[-1][0] != is_code:
            parts.append((is_code, []))
        parts[-1][1].append(line)
    return ["\n".join(lines) for _, lines in parts]


def links_lead_somewhere(links: Iterable[str], site_files: Path, name: str) -> None:
    for link in links:
        target, _, anchor = link.partition("#")
        page = ((site_files / name).parent / target).resolve().relative_to(site_files.resolve())
        assert f'id="{anchor}"' in sources()[page.as_posix()], link


def links_of(box: Locator) -> list[str]:
    """The links of a verdict."""
    return [str(link.get_attribute("href")) for link in box.locator(".exercise-verdict a").all()]


# ---- without Python ------------------------------------------------------------------------------------------------


def choose(box: Locator, label: str) -> None:
    box.locator(f'input[type="radio"][value="{label}"]').check()


def write(box: Locator, number: float) -> None:
    box.locator('input[type="text"]').fill(repr(float(number)))


def put_in_order(box: Locator, labels: list[str]) -> None:
    """Take all lines out from the first that is another one, and use these, by the keyboard alone."""
    chosen = box.locator(".is-chosen > li").evaluate_all("lines => lines.map(line => line.dataset.label)")
    stay = len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], zip(chosen, labels, strict=False))))
    for _ in chosen[stay:]:
        box.locator('.is-chosen > li [data-move="out"]').last.press("Enter")
    for label in labels[stay:]:
        box.locator(f'[data-label="{label}"] [data-move="use"]').press("Enter")
    assert box.locator(".is-chosen > li").evaluate_all("lines => lines.map(line => line.dataset.label)") == labels


def answers(exercise: Exercise) -> Iterator[tuple[Any, Any]]:
    """How to give an answer, and the answers, wrong ones first and the right one last."""
    if isinstance(exercise, ChoiceExercise):
        right = exercise.right_label  # computed whenever it is asked for
        wrong = [label for label in exercise.labels if label != right]
        yield from ((choose, label) for label in (*wrong, right))
    elif isinstance(exercise, NumberExercise):
        right, *others = exercise.known_values()
        yield from ((write, number) for number in (*others, right + 1234.5, right))
    elif isinstance(exercise, OrderExercise):
        right = exercise.right_orders[0]
        named = [str(one.function()).split() for one in exercise.misconceptions]
        decoys = [[*right[:-1], label] for label in exercise.decoys]
        others = [right[:1], right[1:], [right[1], right[0], *right[2:]]]
        each = (order for order, _ in itertools.groupby((*named, *decoys, *others, right)))
        yield from ((put_in_order, order) for order in each)


# Presses Check where there is no answer, then gives one answer after the other in the page itself, and tells what
# stands there before and after Check.
GIVE = """
(box, answers) => {
  const all = (selector) => [...box.querySelectorAll(selector)];
  const give = (answer) => {
    if (Array.isArray(answer)) {
      const chosen = all(".is-chosen > li").map((line) => line.dataset.label);
      let stays = 0;
      while (stays < chosen.length && chosen[stays] === answer[stays]) stays += 1;
      for (const button of all('.is-chosen > li [data-move="out"]').slice(stays)) button.click();
      for (const label of answer.slice(stays)) all(`[data-label="${label}"] [data-move="use"]`)[0].click();
    } else if (typeof answer === "number") {
      const [field] = all('input[type="text"]');
      field.value = String(answer);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    } else {
      all(`input[type="radio"][value="${answer}"]`)[0].click();
    }
  };
  all("button[type=submit]")[0].click();
  const asked = [all(".pg-task-verdict")[0].innerText.trim(), box.dataset.state];
  const said = answers.map((answer) => {
    give(answer);
    const before = all(".exercise-verdict > *").length;
    all("button[type=submit]")[0].click();
    return {
      before,
      told: all(".exercise-verdict > *").map((row) => row.innerText.trim().split(/\\s+/).join(" ")),
      links: all(".exercise-verdict a").map((link) => link.getAttribute("href")),
      state: box.dataset.state,
    };
  });
  return [asked, said];
}
"""
#: What is said where there is no answer.
ASKED_FOR = {
    "choice": "Choose an answer first.",
    "number": "Write a number first.",
    "order": "Put the first line in its place first: press Use beside it.",
}


@each_page
def test_what_needs_no_python_is_done_wrongly_and_rightly(site: Site, site_files: Path, name: str) -> None:
    """None at all, and each answer that has a name. A reader gives the first and the right one of a task of each kind.

    On a phone as well no verdict is too wide, and no button too small.
    """
    opened = site.open(name)
    before = list(opened.asked)
    links: set[str] = set()
    by_hand = set(ASKED_FOR)
    for box in boxes(opened, *ASKED_FOR):
        exercise, kind = exercise_of(box, name), str(box.get_attribute("data-kind"))
        given = list(answers(exercise))
        assert len(given) > 2
        asked, said = box.evaluate(GIVE, [answer for _, answer in given])
        assert asked == [ASKED_FOR[kind], "open"]
        for (_, answer), one in zip(given, said, strict=True):
            assert not one["before"], "a verdict on another answer"
            assert one["told"] == expected(exercise.check(answer).in_page)
            links.update(one["links"])
            assert one["state"] == ("solved" if answer is given[-1][1] else "tried")
        for give, answer in (given[0], given[-1]) if kind in by_hand else ():
            give(box, answer)
            assert not told(box), "a verdict on another answer"
            press_check(box)
            assert told(box) == expected(exercise.check(answer).in_page)
        by_hand.discard(kind)
        box.evaluate(GIVE, [given[0][1]])  # wrong: it says most
    assert links
    links_lead_somewhere(links, site_files, name)
    assert opened.asked == before, "nothing is asked for"
    assert not opened.errors
    for hints in opened.page.locator(".pg-hint > summary:visible").all():
        hints.evaluate("(summary) => summary.click()")
    opened.at_width(390)
    fits(opened)
    opened.close()


def first_page_with(kind: str) -> str:
    return site_pages(f'data-kind="{kind}"')[0]


def test_a_number_may_be_written_as_a_quotient_or_with_a_comma(site: Site) -> None:
    name = first_page_with("number")
    opened = site.open(name)
    box = boxes(opened, "number")[0]
    field = box.locator("input")
    for text, said in {
        "-24/2": "Read as −12.",
        "0,5": "With a point for the comma: 0.5.",
        "twelve": "twelve is not read as a number: write one such as 0.25, -3, 1/4, 2**-2, 1e-3 or sqrt(2).",
    }.items():
        field.fill(text)
        field.press("Enter")
        assert box.locator(".pg-task-note").inner_text() == said
    assert box.locator(".exercise-verdict").count() == 0
    opened.close()


def test_lines_are_moved_by_keyboard_and_the_focus_stays(site: Site) -> None:
    opened = site.open(first_page_with("order"))
    box = boxes(opened, "order")[0]
    status = box.locator(".pg-task-status")
    put_in_order(box, ["a", "b", "c"])
    assert status.inner_text() == "Line c is number 3 of 3."
    up = box.locator('[data-label="c"] [data-move="up"]')
    up.focus()
    opened.page.keyboard.press("Enter")
    assert status.inner_text() == "Line c is number 2 of 3."
    opened.page.keyboard.press("Space")
    assert status.inner_text() == "Line c is number 1 of 3."
    assert opened.page.evaluate("() => document.activeElement.dataset.move") == "down", "up is at an end"
    opened.page.keyboard.press("Enter")
    labels = "lines => lines.map(line => line.dataset.label)"
    assert box.locator(".is-chosen > li").evaluate_all(labels) == ["a", "c", "b"]
    box.locator('[data-label="a"] [data-move="out"]').press("Enter")
    assert status.inner_text() == "Line a is not used."
    assert box.locator(".is-left > li").evaluate_all(labels)[0] == "a", "it is back in its place"
    assert box.locator('[data-label="c"] [data-move="up"]').is_disabled()
    opened.close()


def test_lines_are_dragged(site: Site) -> None:
    opened = site.open(first_page_with("order"))
    box = boxes(opened, "order")[0]
    put_in_order(box, ["a", "b"])

    def drag(label: str, to: str) -> None:
        handle, place = box.locator(f'[data-label="{label}"] .pg-line-handle'), box.locator(to)
        handle.hover()
        opened.page.mouse.down()
        target = place.bounding_box()
        assert target is not None
        opened.page.mouse.move(target["x"] + 20, target["y"] + 12, steps=6)
        opened.page.mouse.up()

    labels = "lines => lines.map(line => line.dataset.label)"
    drag("d", '[data-label="b"]')
    assert box.locator(".is-chosen > li").evaluate_all(labels) == ["a", "d", "b"]
    drag("b", '[data-label="a"]')
    assert box.locator(".is-chosen > li").evaluate_all(labels) == ["b", "a", "d"]
    assert box.locator(".pg-task-status").inner_text() == "Line b is number 1 of 3."
    drag("a", ".is-left")
    assert box.locator(".is-chosen > li").evaluate_all(labels) == ["b", "d"]
    assert box.locator(".is-left > li").evaluate_all(labels)[0] == "a"
    opened.close()


def test_hints_come_one_after_the_other(site: Site) -> None:
    name = first_page_with("number")
    opened = site.open(name)
    box = boxes(opened, "number")[0]
    hints = exercise_of(box, name).hints
    for number, hint in enumerate(hints, start=1):
        assert box.locator("details.pg-hint:visible").count() == number
        box.get_by_text(f"Hint {number} of {len(hints)}").click()
        assert " ".join(box.locator("details.pg-hint[open]").last.inner_text().split()).endswith(as_set(hint))
    opened.close()


# ---- what is kept --------------------------------------------------------------------------------------------------


def test_answers_and_progress_are_kept_until_they_are_forgotten(site: Site) -> None:
    name = "book/exercises/trajectory-form.html"
    opened = site.open(name)
    bar = opened.page.locator(".pg-progress")
    total = opened.page.locator(".pg-task").count()
    (order, *_), (number, *_), (choice, *_) = (boxes(opened, kind) for kind in ("order", "number", "choice"))
    put_in_order(order, ["f", "c"])
    press_check(order)
    write(number, exercise_of(number, name).reference())  # type: ignore[arg-type]
    press_check(number)
    label = str(exercise_of(choice, name).labels[0])  # type: ignore[attr-defined]
    choose(choice, label)
    opened.reload()
    assert bar.locator(".pg-progress-count").inner_text() == f"1 of {total} solved"
    assert bar.locator("li[data-state=solved]").inner_text().endswith(" (solved)")
    assert bar.locator("li[data-state=tried]").inner_text().endswith(" (tried)")
    (order, *_), (number, *_), (choice, *_) = (boxes(opened, kind) for kind in ("order", "number", "choice"))
    assert order.locator(".is-chosen > li").evaluate_all("all => all.map(one => one.dataset.label)") == ["f", "c"]
    assert float(number.locator("input").input_value()) == exercise_of(number, name).reference()
    assert choice.locator("input:checked").get_attribute("value") == label
    assert [one.get_attribute("data-state") for one in (order, number, choice)] == ["tried", "solved", "open"]
    number.get_by_role("button", name="Start again").click()
    assert number.locator("input").input_value() == ""
    assert number.get_attribute("data-state") == "solved", "what was solved stays solved"
    number.locator("input").fill("123456")
    number.get_by_role("button", name="Check").click()
    assert number.locator(".pg-task-state").text_content() == "solved before", "but not by what stands there now"
    opened.reload()
    assert number.locator("input").input_value() == "123456"
    assert number.locator(".pg-task-state").text_content() == "solved before", "the verdict is gone, and it is so still"
    other = site.open("book/exercises/setting.html")
    assert other.page.locator(".pg-progress-count").inner_text().startswith("0 of ")
    other.close()
    opened.page.once("dialog", lambda dialog: dialog.accept())
    bar.get_by_role("button", name="Forget all answers").click()
    assert bar.locator(".pg-progress-count").inner_text() == f"0 of {total} solved"
    opened.reload()
    assert bar.locator(".pg-progress-count").inner_text() == f"0 of {total} solved"
    assert opened.page.locator(".pg-task[data-state=open]").count() == total
    assert opened.page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('pg-tasks'))") == []
    opened.close()


def test_an_answer_to_what_a_task_asked_before_is_not_shown(site: Site) -> None:
    opened = site.open("book/exercises/setting.html")
    choose(sign_task(opened), "positive")
    opened.page.evaluate(
        """() => {
            const key = Object.keys(localStorage).find((name) => name.startsWith("pg-tasks"));
            const tasks = JSON.parse(localStorage.getItem(key));
            for (const task of Object.values(tasks)) Object.assign(task, { asks: "before", state: "solved" });
            localStorage.setItem(key, JSON.stringify(tasks));
        }"""
    )
    opened.reload()
    assert sign_task(opened).locator("input:checked").count() == 0
    assert opened.page.locator(".pg-progress-count").inner_text().startswith("0 of ")
    opened.close()


def test_a_browser_that_keeps_nothing_is_no_obstacle(site: Site) -> None:
    opened = site.open("book/intro.html")
    opened.page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })")
    opened.load(site.address + "book/exercises/setting.html")
    box = sign_task(opened)
    choose(box, "negative")
    press_check(box)
    assert told(box)[0].startswith("✓ Right")
    assert opened.page.locator(".pg-progress-count").inner_text().startswith("1 of ")
    opened.close()


# ---- elsewhere -----------------------------------------------------------------------------------------------------


def test_from_a_file_what_needs_no_python_works_and_the_rest_says_why(site_as_files: Site) -> None:
    opened = site_as_files.open("book/exercises/setting.html")
    box = sign_task(opened)
    choose(box, "negative")
    press_check(box)
    assert told(box)[0].startswith("✓ Right")
    function = boxes(opened, "function")[0]
    assert function.get_by_role("button", name="Check").is_disabled()
    assert "opened as a file" in function.locator(".pg-task-status").inner_text()
    assert "def discounted_return" in function.inner_text()
    opened.close()


def test_without_scripts_a_page_is_the_notebook(site: Site) -> None:
    opened = site.open("book/exercises/setting.html", scripts=False)
    text = opened.page.locator(".bd-article").inner_text()
    for code in ("fair_coin_value = ...", "exercises.fair_coin_value.check(fair_coin_value)", "def softmax"):
        assert code in text
    assert "Scripts are off in this browser" in text
    for control in (".pg-task-bar", ".pg-option > input", ".pg-task-field", ".pg-progress-bar"):
        assert opened.page.locator(f"{control}:visible").count() == 0
    opened.close()


# ---- with Python ---------------------------------------------------------------------------------------------------


@functools.cache
def solutions(part: str) -> tuple[str, list[str]]:
    """The first cell of a notebook of solutions, and the others."""
    notebook = nbformat.read(SOLUTIONS / f"{part.replace('_', '-')}.ipynb", as_version=4)
    first, *others = (cell.source for cell in notebook.cells if cell.cell_type == "code")
    return first, others


def right_source(part: str, exercise: Exercise) -> str:
    (source,) = (source for source in solutions(part)[1] if f"def {exercise.name}(" in source)
    return str(source)


@functools.cache
def helpers(module: str) -> str:
    """What answers in a module of wrong answers share: its imports and the functions that are no answers."""
    source = Path(str(importlib.import_module(module).__file__)).read_text(encoding="utf-8")
    shared = [
        statement
        for statement in ast.parse(source).body
        if isinstance(statement, ast.Import)
        or (isinstance(statement, ast.ImportFrom) and statement.module != "exercises_wrong_answers")
        or (isinstance(statement, ast.FunctionDef) and not statement.decorator_list)
    ]
    return "".join(f"{ast.unparse(statement)}\n" for statement in shared)


def source_of(answer: WrongAnswer) -> str:
    """What the author of a wrong answer would type; "" where it was not written as a function."""
    try:
        source = textwrap.dedent(inspect.getsource(answer.answer))
    except (OSError, TypeError):
        return ""
    head = source.find("def ")
    if head < 0:
        return ""
    return helpers(answer.answer.__module__) + re.sub(r"^def \w+\(", f"def {answer.exercise}(", source[head:])


def wrong_sources(part: str, exercise: Exercise) -> Iterator[tuple[str, dict[str, Any]]]:
    """Wrong answers as they are typed, with what the check says to each here: those that it names first."""
    asked = {"part": part, "name": exercise.name, "setup": [solutions(part)[0]]}
    mine = [one for one in all_wrong_answers() if (one.part, one.exercise) == (part, exercise.name)]
    for source in filter(None, map(source_of, mine)):
        if "eig(" in source or "svd(" in source:
            continue  # the sign of such a vector is another one in the browser
        verdict = in_page.check({**asked, "source": source})["verdict"]
        if verdict["outcome"] == "wrong" and "Wrong (" in verdict["heading"]:
            yield source, verdict


def write_source(box: Locator, source: str) -> None:
    opener = box.get_by_role("button", name="Edit")
    if opener.is_visible():
        opener.click()
    box.locator("textarea").fill(source)


def check_source(box: Locator, source: str) -> None:
    write_source(box, source)
    press_check(box)
    box.locator('button[type="submit"]:enabled').wait_for()


@each_page
def test_every_function_is_written_wrongly_and_rightly(site: Site, site_files: Path, name: str) -> None:
    opened = site.open(name)
    for box in boxes(opened, "function"):
        exercise, part = exercise_of(box, name), part_of(name)
        assert isinstance(exercise, FunctionExercise)
        wrong, verdict = next(wrong_sources(part, exercise), ("", {}))
        assert wrong, f"no wrong answer to {exercise.name} can be typed: write one as a function"
        check_source(box, wrong)
        assert told(box) == expected(verdict)
        links_lead_somewhere(links_of(box), site_files, name)
        assert box.get_attribute("data-state") == "tried"
        check_source(box, right_source(part, exercise))
        assert told(box)[0] == f"✓ Right: {exercise.title}"
        assert box.get_attribute("data-state") == "solved"
    assert not opened.foreign + opened.failed + opened.errors
    opened.close()


def test_check_stands_beside_a_function_before_it_is_edited(site: Site) -> None:
    opened = site.open("book/exercises/setting.html")
    before = list(opened.asked)
    box = boxes(opened, "function")[0]
    check = box.get_by_role("button", name="Check")
    assert check.is_visible()
    check.click()
    assert box.locator("textarea").is_visible()
    assert box.locator(".pg-task-note").inner_text() == "Write your answer first: put it in the place of the dots."
    assert not [one for one in opened.asked[len(before) :] if "pyodide" in one]
    opened.close()


@pytest.fixture(scope="module")
def python_runs(site: Site) -> Iterator[Opened]:
    """A page of tasks whose Python goes on from test to test: a start takes ten seconds."""
    opened = site.open("book/exercises/setting.html", whole=True)
    yield opened
    opened.close()


@pytest.fixture
def function(python_runs: Opened) -> Iterator[Locator]:
    """The first task of this page that asks for a function; what a test has written there goes after it."""
    box = boxes(python_runs, "function")[0]
    yield box
    box.get_by_role("button", name="Start again").click()


def test_a_function_that_fails_never_ends_or_cannot_be_read(python_runs: Opened, function: Locator) -> None:
    opened, box = python_runs, function
    assert "loads" in box.locator(".pg-task-status").inner_text(), "how much, before anything is asked for"
    head = "def discounted_return(rewards, discount):\n"
    check_source(box, f"{head}    ...")
    assert told(box) == [
        "• Not attempted: The return of a sequence of rewards",
        "Put your answer in the place of the dots.",
    ]
    assert box.get_attribute("data-state") == "open"
    check_source(box, f"{head}    return rewards.nothing\n")
    assert "AttributeError at line 2" in told(box)[1]
    check_source(box, f"{head}    return sum(rewards\n")
    assert "SyntaxError" in told(box)[2]
    check_source(box, f"print('Hello')\n{head}    return sum(rewards)\n")
    assert box.locator(".pg-task-printed").inner_text().strip() == "Hello"
    write_source(box, "while True:\n    pass\n")
    press_check(box)
    stop = box.get_by_role("button", name="Stop")
    stop.wait_for()
    stop.click()
    said = box.locator(".pg-task-note")
    said.wait_for()
    assert said.inner_text().startswith("Stopped. Your code is as you left it")
    opened.reload()
    assert box.locator("textarea").input_value() == "while True:\n    pass\n", "it is kept"
    box.get_by_role("button", name="Start again").click()
    assert box.locator("textarea").input_value().rstrip().endswith("...")
    box.locator("textarea").fill(f"{head}    while True:\n        pass\n")
    box.locator("textarea").press("Shift+Enter")
    box.locator(".exercise-verdict").wait_for()
    assert "did not end within 5 seconds" in told(box)[1]


def test_the_case_in_which_an_answer_fails_is_run_beside_the_right_result(
    python_runs: Opened, function: Locator
) -> None:
    """With what is written now, so that a reader who prints sees what is printed."""
    opened, box = python_runs, function
    head = "def discounted_return(rewards, discount):\n"
    shown = box.locator(".pg-task-printed.is-case")
    check_source(box, f"{head}    return sum(rewards) + 0.123\n")
    assert "case()" not in box.locator(".exercise-verdict").inner_text(), "that is for a notebook"
    box.locator("textarea").fill(f"{head}    print('here', discount)\n    return 7\n")
    box.get_by_role("button", name="Run this case").click()
    shown.wait_for()
    told = shown.inner_text().splitlines()
    assert told[:6] == ["rewards = [0.387643]", "discount = 0.7", "", "It prints", "    here 0.7", ""]
    assert told[6:] == ["It returns 7", "Right is   0.3876435"]
    box.locator("textarea").fill(f"{head}    return rewards.nothing\n")
    box.get_by_role("button", name="Run this case").press("Enter")
    opened.page.wait_for_function("(box) => box.innerText.includes('It stops')", arg=shown.element_handle())
    assert "AttributeError at line 2" in shown.inner_text()
    assert box.locator(".pg-marked").inner_text().strip() == "return rewards.nothing"
    assert box.get_by_role("button", name="Run this case").evaluate("(one) => one === document.activeElement")
    check_source(box, f"{head}    return sum(rewards\n")
    assert box.get_by_role("button", name="Run this case").count() == 0, "where nothing was called there is no case"


def test_a_verdict_is_on_what_was_checked(site: Site) -> None:
    """An answer that is changed, or taken back, while Python loads is not called right by the one before it."""
    opened = site.open("book/exercises/setting.html")
    box = boxes(opened, "function")[0]
    exercise = exercise_of(box, "book/exercises/setting.html")
    write_source(box, right_source("setting", exercise))
    check = box.get_by_role("button", name="Check")
    python, asked = "**/pyodide.asm.wasm*", []
    # Python is on its way until the answer has been changed.
    opened.page.context.route(python, lambda route: asked.append(route))
    check.focus()
    opened.page.keyboard.press("Enter")
    assert box.get_by_role("button", name="Stop").evaluate("(one) => one === document.activeElement")
    box.locator("textarea").evaluate("(field) => { field.value = '# other'; field.dispatchEvent(new Event('input')); }")
    while not asked:
        opened.page.wait_for_timeout(50)
    asked[0].continue_()
    opened.page.context.unroute(python)
    box.locator('button[type="submit"]:enabled').wait_for()
    assert check.evaluate("(one) => one === document.activeElement"), "whoever waits by keyboard stands there still"
    assert told(box)[0] == f"✓ Right: {exercise.title}"
    assert "is-stale" in str(box.locator(".exercise-verdict").get_attribute("class"))
    assert box.locator(".pg-task-note").inner_text().startswith("You have changed your answer since you pressed Check.")
    assert box.get_attribute("data-state") != "solved"

    write_source(box, right_source("setting", exercise))
    both = "(box) => box.querySelectorAll('[type=submit], .pg-task-again').forEach((button) => button.click())"
    box.evaluate(both)  # before an answer can come
    box.locator('button[type="submit"]:enabled').wait_for()
    assert box.locator(".pg-task-verdict").inner_text() == ""
    assert box.get_attribute("data-state") != "solved"
    opened.close()


# ---- for everyone --------------------------------------------------------------------------------------------------

# Code of tasks that is not seen whole, and fields that do not lie over their coloured text.
HIDDEN = """
() => [...document.querySelectorAll(".bd-article .highlight pre")]
  .filter((code) => code.checkVisibility() && code.scrollWidth > code.clientWidth + 1).map((code) => code.innerText)
"""
APART = """
() => [...document.querySelectorAll(".pg-task .pg-editor")].map((editor) => {
  const field = editor.querySelector("textarea"), code = editor.querySelector("pre");
  const { scrollWidth, scrollHeight } = field;
  return [editor.scrollWidth - editor.clientWidth, scrollWidth - code.clientWidth, scrollHeight - code.offsetHeight];
})
"""


@pytest.mark.parametrize("width", [1280, 390])
def test_what_a_task_asks_for_is_seen_whole(site: Site, width: int) -> None:
    opened = site.open("book/exercises/one-gradient.html", width=width, whole=True)
    assert opened.page.evaluate(HIDDEN) == []
    tasks = boxes(opened, "function")
    for box in tasks:
        box.get_by_role("button", name="Edit").click()
    assert opened.page.evaluate(APART) == [[0, 0, 0]] * len(tasks)
    words = f"def f():\n    x = '{'and more ' * 20}'  # {'wide' * 30}\n\n"
    tasks[0].locator("textarea").fill(words)
    assert opened.page.evaluate(APART) == [[0, 0, 0]] * len(tasks)
    opened.close()


TOO_LOW = """
() => [...document.querySelectorAll(".pg-task :is(.pg-task-button, .pg-option, input[type=text], .pg-hint > summary)")]
  .filter((part) => part.checkVisibility() && part.getBoundingClientRect().height < 44)
  .map((part) => `${part.outerHTML.slice(0, 100)} ${part.getBoundingClientRect().height}`)
"""
WIDER_THAN_THE_WINDOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def fits(opened: Opened) -> None:
    """A page is no wider than the window, and what is pressed is high enough for a finger."""
    assert opened.page.evaluate(WIDER_THAN_THE_WINDOW) <= 0
    assert opened.page.evaluate(TOO_LOW) == []


def is_for_everyone(opened: Opened, tasks: str = ".pg-task") -> None:
    """In light, in the dark, where nothing moves, and on a phone, where axe asks what may change with the width.

    Axe looks at the tasks and at what tells how far one is. All pages are looked at as they are loaded.
    """
    on_a_phone = (("dark", 390, OF_COLOURS), ("light", 390, OF_SIZES))
    for scheme, width, rules in (("light", WIDE, None), ("dark", WIDE, None), *on_a_phone):
        opened.in_scheme(scheme)
        opened.at_width(width)
        assert not violations(opened, rules, f"{tasks}, .pg-progress"), f"{scheme}, {width}"
        fits(opened)
    opened.at_width(WIDE)


def test_a_function_is_for_everyone_with_its_editor_open(python_runs: Opened, function: Locator) -> None:
    opened, box = python_runs, function
    head = "def discounted_return(rewards, discount):\n"
    check_source(box, f"{head}    x = (1  # comment {'and more ' * 9}\n    return 'no'\n")
    opened.page.wait_for_function("document.querySelector('.pg-marked') !== null")
    is_for_everyone(opened, ".pg-task:has(.pg-editor)")
    check_source(box, f"{head}    print('so ' * 40)\n    return sum(rewards) + 0.123\n")
    box.get_by_role("button", name="Run this case").click()
    box.locator(".pg-task-printed.is-case:visible").wait_for()
    is_for_everyone(opened, ".pg-task:has(.pg-editor)")


def test_a_task_that_was_solved_before_is_for_everyone(site: Site) -> None:
    name = "book/exercises/setting.html"
    opened = site.open(name, whole=True)
    number, choice = boxes(opened, "number")[0], boxes(opened, "choice")[0]
    for box in (number, choice):
        wrong, *_, right = answers(exercise_of(box, name))
        for give, answer in (right, wrong):
            give(box, answer)
            press_check(box)
    number.get_by_role("button", name="Start again").click()
    number.locator("input").fill("123456")
    for after_a_reload in (False, True):
        if after_a_reload:
            opened.reload()
        assert number.locator(".pg-task-state").text_content() == "solved before"
        is_for_everyone(opened)
    opened.close()


@pytest.mark.parametrize("name", [name for name in PAGES if name in pages_of_each_kind()] or ["no page has tasks"])
def test_verdicts_are_for_everyone(site: Site, name: str) -> None:
    opened = site.open(name, whole=True)
    for number, box in enumerate(boxes(opened, "choice", "number", "order")):
        give, answer = list(answers(exercise_of(box, name)))[-1 if number % 2 else 0]
        give(box, answer)
        press_check(box)
        box.locator(".pg-hint > summary").first.click()
    assert opened.page.locator(".exercise-verdict").count() >= 1
    is_for_everyone(opened)
    opened.close()
