"""Exercises that are done on the page: what it says is what the check says, and the page holds what that takes."""

import itertools
import json
import re
import shutil
import subprocess
import types
from decimal import Decimal

import numpy as np
import pytest
from docutils import nodes
from exercises_parts import EXERCISES
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, writes

from pgcode.exercises import ChoiceExercise, NumberExercise, OrderExercise, setting, trajectory_form
from pgcode.exercises._rules import places, rule
from press import assets, tasks
from press.outputs.base import with_scripts
from press.tasks.found import is_answered

needs_node = pytest.mark.skipif(shutil.which("node") is None, reason="Node is not on this machine")

# Reads a list of calls from the standard input, and prints what each gives.
IN_NODE = """
process.argv.slice(1).forEach((script) => require(script));
const calls = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(calls.map(([name, ...given]) => ({ ...pgTasks, ...pgNumbers })[name](...given))));
"""


def in_node(calls):
    command = ["node", "-e", IN_NODE, *(str(assets.STATIC / name) for name in (tasks.NUMBERS, tasks.SCRIPT))]
    run = subprocess.run(command, input=json.dumps(calls), capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def each(kind):
    found = [exercise for _, exercise in EXERCISES if isinstance(exercise, kind)]
    return pytest.mark.parametrize("exercise", found, ids=lambda exercise: exercise.reference.__module__[17:])


def as_json(value):
    return json.loads(json.dumps(value))


# ---- formulas in texts ---------------------------------------------------------------------------------------------

SCRIPTS = {
    "Σ_a π(a|s) is 1, of d_γ(s).": "Σ<sub>a</sub> π(a|s) is 1, of d<sub>γ</sub>(s).",
    "θ_{k+1} − θ_k, π_old, ∇J_γ, γP_π, ĝ_i": "θ<sub>k+1</sub> − θ<sub>k</sub>, π<sub>old</sub>, ∇J<sub>γ</sub>, "
    "γP<sub>π</sub>, ĝ<sub>i</sub>",
    "∂π_b/∂θ_a": "∂π<sub>b</sub>/∂θ<sub>a</sub>",
    "R_1, d_10, P_π² and γᵗ": "R<sub>1</sub>, d<sub>10</sub>, P<sub>π</sub>² and γᵗ",
    "e^(−2|z|) − a_t": "e<sup>−2|z|</sup> − a<sub>t</sub>",
    "(n_states, n_actions) of grad_log, x_, _t, a_tx, g_old": "(n_states, n_actions) of grad_log, x_, _t, a_tx, g_old",
}


def in_html(words):
    """A sentence as its nodes are written."""
    written = {nodes.Text: "{}", nodes.subscript: "<sub>{}</sub>", nodes.superscript: "<sup>{}</sup>"}
    return "".join(written[type(part)].format(part.astext()) for part in with_scripts([nodes.Text(words)]))


@pytest.mark.parametrize("words", SCRIPTS)
def test_what_stands_below_or_above_the_line_is_set_so(words):
    assert in_html(words) == SCRIPTS[words]


@needs_node
def test_the_page_sets_them_by_the_same_rule():
    given = [*SCRIPTS, *(sentence for _, exercise in EXERCISES for sentence in exercise.hints)]
    for words, parts in zip(given, in_node([("withScripts", words) for words in given]), strict=True):
        said = [part if isinstance(part, str) else "<{0}>{1}</{0}>".format(*next(iter(part.items()))) for part in parts]
        assert "".join(said) == in_html(words)


# ---- one judge -----------------------------------------------------------------------------------------------------


@each(ChoiceExercise)
def test_of_each_choice_the_page_knows_what_the_check_says(exercise):
    told = as_json(rule(exercise))
    assert sorted(told["labels"]) == exercise.labels
    for label in exercise.labels:
        assert told["verdicts"][label] == exercise.check(label).in_page


def numbers_around(exercise):
    """Numbers at, around and between all that has a name, and many others."""
    values, tolerance = exercise.known_values(), exercise.tolerance
    steps = tolerance * np.array([0, 0.5, 0.999, 1, 1.001, 2, 20])
    yield from (value + sign * step * (abs(value) or 1) for value in values for step in steps for sign in (1, -1))
    yield from (low + (high - low) / 2 for low, high in itertools.pairwise(sorted(values)))
    yield from np.linspace(min(values) - 1, max(values) + 1, 101)
    yield from np.random.default_rng(0).normal(scale=2 * max(map(abs, values)), size=100)
    yield from (1e-7, -3e-12, 12345.678, 1234567.8, -1e30, 100000.5, -12345.25)


@needs_node
@each(NumberExercise)
def test_of_each_number_the_page_says_what_the_check_says(exercise):
    told = rule(exercise)
    numbers = [float(number) for number in numbers_around(exercise)]
    said = in_node([("judgeNumber", told, number) for number in numbers])
    for number, verdict in zip(numbers, said, strict=True):
        assert verdict == exercise.check(number).in_page, number
    assert {verdict["heading"] for verdict in told["verdicts"].values()} <= {verdict["heading"] for verdict in said}


def orders_of(exercise):
    """All that is short, all orders of the right lines, and each decoy at each place."""
    right = exercise.right_orders[0]
    for length in (1, 2, 3):
        yield from itertools.permutations(exercise.labels, length)
    yield from itertools.permutations(right)
    for length in range(len(right)):
        yield from itertools.combinations(right, length + 1)
    for decoy, place in itertools.product(exercise.decoys, range(len(right) + 1)):
        yield (*right[:place], decoy, *right[place:])


@needs_node
@each(OrderExercise)
def test_of_each_order_the_page_says_what_the_check_says(exercise):
    told, orders = rule(exercise), [list(order) for order in orders_of(exercise)]
    said = in_node([("judgeOrder", told, order) for order in orders])
    for order, verdict in zip(orders, said, strict=True):
        assert verdict == exercise.check(order).in_page, order
    assert sum(verdict["outcome"] == "right" for verdict in said) >= 1


@needs_node
def test_of_two_right_orders_the_nearer_one_is_meant():
    exercise = OrderExercise(
        trajectory_form.ordered_lines.reference,
        decoys={},
        title="Two ways",
        shows="Both.",
        hints=[],
        see=trajectory_form.ordered_lines.see,
        also=["k h d a i f b"],
    )
    orders = [order.split() for order in ("k h a", "k d a", "k h d a i f b", "k h b", "h")]
    for order, verdict in zip(
        orders, in_node([("judgeOrder", rule(exercise), order) for order in orders]), strict=True
    ):
        assert verdict == exercise.check(order).in_page


READ = {
    "0.25": 0.25, " -12 ": -12, "−12": -12, "+3": 3, ".5": 0.5, "5.": 5, "1e-3": 1e-3, "2E2": 200, "-1/3": -1 / 3,
    "1/4": 0.25, "2**-2": 0.25, "2^3^2": 512, "-2**2": -4, "(1 + 2) * 3": 9, "2 - sqrt(2)": 2 - 2**0.5, "3·4": 12,
    "np.sqrt(2)/2": 2**0.5 / 2, "√2": 2**0.5, "½": 0.5, "25 %": 0.25, "600 000": 600_000,
    "1\u202f234 567.5": 1_234_567.5, "0,25": 0.25, "-0,5": -0.5, "exp(0)": 1,
}  # fmt: skip
NOT_READ = ["2 pi", "1,000", "12,345", "", "abc", "1/0", "1 2", "(1", "1e", "constructor(1)", "1;2", "--", "9**999"]


@needs_node
def test_numbers_are_read_as_people_write_them():
    for (text, number), read in zip(READ.items(), in_node([("readNumber", text) for text in READ]), strict=True):
        assert read["number"] == pytest.approx(number, rel=1e-15), text


@needs_node
def test_what_is_no_number_is_told():
    for text, read in zip(NOT_READ, in_node([("readNumber", text) for text in NOT_READ]), strict=True):
        assert set(read) == {"problem"}, text
        assert read["problem"].endswith("."), text


@needs_node
def test_what_is_not_written_as_a_plain_number_is_read_back():
    plain, quotient, comma = in_node([("readNumber", text) for text in ("-0.25", "1/3", "0,25")])
    assert plain["note"] == ""
    assert quotient["note"] == "Read as 0.333333."
    assert comma["note"] == "With a point for the comma: 0.25."


@needs_node
def test_numbers_are_written_as_python_writes_them():
    powers = [
        sign * digits * 10.0**power for power in range(-9, 12) for digits in (1, 1.5, 9.999996) for sign in (1, -1)
    ]
    numbers = [0.0, *powers, *np.random.default_rng(1).normal(size=200).tolist()]
    said = in_node([("sixDigits", number) for number in numbers])
    assert said == [f"{number:.6g}".replace("-", "−") for number in numbers]


@needs_node
def test_a_number_between_two_of_six_digits_is_written_as_python_writes_it():
    """The last digit is even: JavaScript by itself takes the larger one."""
    halves = [
        sign * (digits * 10 + 5) / 10**places
        for digits in (*range(100_000, 100_060), *range(999_980, 1_000_000), *range(203_120, 203_140))
        for places in range(-3, 8)
        for sign in (1, -1)
    ]
    between = [half for half in halves if Decimal(half) == Decimal(repr(half))]  # those that a float is exactly
    assert len(between) > 500
    said = in_node([("sixDigits", half) for half in between])
    assert said == [f"{half:.6g}".replace("-", "−") for half in between]


def test_a_page_has_no_calls_for_a_notebook():
    """Its hints are below the answer, and not to be called."""
    for _, exercise in EXERCISES:
        assert ".hint()" not in json.dumps(rule(exercise))
    assert ".hint()" in str(setting.fair_coin_value.check(4))


# ---- the page ------------------------------------------------------------------------------------------------------

SETTINGS = """
extensions = ["myst_nb", "press.assets", "press.live", "press.tasks", "press.outputs", "press.search"]
nb_execution_mode = "off"
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence", "dollarmath"]
root_doc = "index"
press_how_to_run = "book/intro#how-to-use-this-book"
"""
HEADINGS = dict.fromkeys(
    (place.chapter.path, place.heading)
    for exercise in (*(getattr(setting, name) for name in setting.__all__), trajectory_form.objective_to_gradient)
    for place in places(exercise)
)
LINES = "\n".join(f"- **{label}**: line ${label}$" for label in setting.false_line.labels)


def page(*cells, part="setting"):
    made = [
        new_markdown_cell("# Exercises\n\nDo them.", id="title"),
        new_code_cell(f"from pgcode.exercises import {part} as exercises", id="imports"),
        *(
            new_markdown_cell(cell[4:], id=f"cell-{number}")
            if cell.startswith("md: ")
            else new_code_cell(cell, id=f"cell-{number}")
            for number, cell in enumerate(cells)
        ),
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return writes(new_notebook(cells=made, metadata={"kernelspec": kernel}))


def chapters():
    """Pages with the headings that verdicts name, and the one that says how a notebook is run."""
    pages = {"book/intro": "---\norphan: true\n---\n\n# Start\n\n## How to use this book\n\nText.\n"}
    for path, heading in HEADINGS:
        pages.setdefault(path, "---\norphan: true\n---\n\n# Chapter\n")
        pages[path] += f"\n## {heading}\n\nText.\n"
    return pages


SHOWN = page(
    "md: ## Given\n\nText.",
    "given = 1",
    "md: ## A number\n\nHow large?",
    "fair_coin_value = ...",
    "exercises.fair_coin_value.check(fair_coin_value)",
    "md: ::::{admonition} Solution\n:class: dropdown solution\n\nNo.\n::::",
    f"md: ## A line\n\nWhich?\n\n{LINES}",
    "false_line = ...",
    "exercises.false_line.check(false_line)",
    "md: ## A word\n\nWhich sign?",
    "worse_arm_slope = ...",
    "exercises.worse_arm_slope.check(worse_arm_slope)",
    "md: ## A function\n\nWrite it.",
    "def softmax(preferences):\n    '''Text.'''\n    ...",
    "exercises.softmax.check(softmax)",
    "md: ## Not a task\n\nIt is answered.",
    "def discounted_return(rewards, discount):\n    return 1",
    "exercises.discounted_return.check(discounted_return)",
)


PLAIN = page(
    "md: ## A number",
    "fair_coin_value = ...",
    "exercises.fair_coin_value.check(fair_coin_value)",
    "md: ## A line\n\nOne of four.",
    "false_line = ...",
    "exercises.false_line.check(false_line)",
)
ORDER = "objective_to_gradient = ...", "exercises.objective_to_gradient.check(objective_to_gradient)"
ORDERED = page(
    "md: ## An order\n\n" + "\n".join(f"- **{one}**: ${one}$" for one in trajectory_form.objective_to_gradient.labels),
    *ORDER,
    part="trajectory_form",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory, sphinx_build):
    names = ("part/exercises", "part/plain", "part/order")
    pages = dict(zip(names, (SHOWN, PLAIN, ORDERED), strict=True)) | chapters()
    index = "# Index\n\n```{toctree}\n" + "\n".join(names) + "\n```\n"
    site = sphinx_build(tmp_path_factory.mktemp("tasks"), SETTINGS, **pages, index=index)
    html, plain, order, first = ((site / f"{name}.html").read_text(encoding="utf-8") for name in (*names, "index"))
    found = (site / "searchindex.js").read_text(encoding="utf-8")
    return types.SimpleNamespace(html=html, plain=plain, order=order, index=first, found=found)


def data_of(html):
    return {one["name"]: one for one in map(json.loads, re.findall(r'class="pg-task-data">(.*?)</script>', html))}


def part(html, start, end):
    return html[html.index(start) : html.index(end, html.index(start))]


def test_each_answer_that_is_open_becomes_a_task(built):
    assert list(data_of(built.html)) == ["fair_coin_value", "false_line", "worse_arm_slope", "softmax"]
    assert re.findall(r'aria-label="(Task \d of \d: [^"]*)"', built.html)[1] == "Task 2 of 4: The false line"
    assert "exercises.discounted_return.check" in re.sub("<[^>]*>", "", built.html)


def test_the_script_is_loaded_where_there_are_tasks(built):
    assert "_static/tasks.js" in built.html
    assert "_static/live.js" in built.html
    assert "tasks.js" not in built.index


def test_a_page_without_functions_loads_no_python(built):
    assert "_static/tasks.js" in built.plain
    assert "live.js" not in built.plain


def test_a_choice_has_its_lines_beside_the_buttons(built):
    box = part(built.html, 'data-name="false_line" role', "pg-task-data")
    assert re.findall(
        r'<input type="radio" id="answer-false_line-(\w)" name="answer-false_line" value="(\w)">', box
    ) == [(label, label) for label in "abcd"]
    for label in "abcd":
        words = re.search(rf'for="answer-false_line-{label}"><span class="pg-words">(.*?)</span></label>', box)[1]
        assert words.startswith(f"<strong>{label}</strong>: line ")
    assert "<ul" not in box


def test_a_word_has_a_button_for_each(built):
    box = part(built.html, 'data-name="worse_arm_slope" role', "pg-task-data")
    assert re.findall(r'value="(\w+)"><label[^>]*><span[^>]*>(\w+)<', box) == [
        (word, word) for word in ("positive", "zero", "negative")
    ]


def test_without_scripts_the_cells_are_there(built):
    plain = re.sub("<[^>]*>", "", "".join(re.findall("<noscript>(.*?)</noscript>", built.html, flags=re.DOTALL)))
    for name in ("fair_coin_value", "false_line", "worse_arm_slope"):
        assert f"{name} = ..." in plain
        assert f"exercises.{name}.check({name})" in plain
    assert "exercises.softmax.check(softmax)" in plain
    assert "def softmax" not in plain, "it stands on the page for everyone"
    assert "Scripts are off in this browser" in plain
    assert 'href="../book/intro.html#how-to-use-this-book"' in built.html


def test_what_is_told_is_data_with_the_addresses_of_its_links(built):
    data = data_of(built.html)
    assert data["false_line"]["rule"] == as_json(rule(setting.false_line))
    assert data["false_line"]["places"] == {
        f"{place.chapter.path}#{place.heading}": f"../{place.chapter.path}.html#{anchor}"
        for place, anchor in zip(
            places(setting.false_line),
            ("the-dynamics-and-the-state-distribution", "the-objective", "returns"),
            strict=True,
        )
    }
    text = re.sub(r"<script.*?</script>|<[^>]*>", "", built.html, flags=re.DOTALL)
    assert "which is always allowed" not in text, "no verdict is to be read before it is asked for"


def test_a_function_has_what_stands_above_it(built):
    data = data_of(built.html)["softmax"]
    assert data["setup"] == ["from pgcode.exercises import setting as exercises", "given = 1"]
    assert data["source"].startswith("def softmax(preferences):")
    assert "rule" not in data


def test_hints_open_one_after_the_other(built):
    box = part(built.html, 'data-name="false_line" role', "pg-task-data")
    assert re.findall('<details class="pg-hint"><summary>(.*?)</summary><p>(.*?)</p>\n</details>', box) == [
        (f"Hint {number} of 2", in_html(hint)) for number, hint in enumerate(setting.false_line.hints, start=1)
    ]


def test_the_overview_lists_the_tasks(built):
    nav = part(built.html, '<nav class="pg-progress"', "</nav>")
    assert 'data-part="setting" data-root="../"' in nav
    assert "0 of 4 solved" in nav
    assert re.findall(r'<li data-name="(\w+)"><a class="reference internal" href="#([\w-]+)">', nav) == [
        ("fair_coin_value", "a-number"),
        ("false_line", "a-line"),
        ("worse_arm_slope", "a-word"),
        ("softmax", "a-function"),
    ]
    assert built.html.index("<p>Do them.</p>") < built.html.index(nav) < built.html.index("Given")


def test_the_search_knows_no_hints_and_no_verdicts(built):
    assert "wall" not in re.findall(r"\w+", built.found)  # of a hint to the corridor
    assert "exchanges" not in re.findall(r"\w+", built.found)


def test_lines_that_are_put_in_order(built):
    box = part(built.order, '<ul class="pg-lines is-left"', "</ul>")
    assert re.findall(r'<li class="pg-line" data-label="(\w)">', box) == list("abcdefgh")
    assert re.findall(r'data-move="(\w+)" aria-label="(.*?)">(.*?)<', box)[:4] == [
        ("use", "Use line a", "Use"),
        ("up", "Line a up", "↑"),
        ("down", "Line a down", "↓"),
        ("out", "Take out line a", "Take out"),
    ]
    assert '<ol class="pg-lines is-chosen" aria-label="Your order"></ol>' in built.order


def test_an_order_without_its_lines_fails(tmp_path, sphinx_fails):
    shown = page("md: ## An order\n\n- **a**: one\n- **b**: two", *ORDER, part="trajectory_form")
    said = sphinx_fails(tmp_path, SETTINGS, **chapters(), index=shown)
    assert "above objective_to_gradient no list says what its lines are" in said


def test_a_choice_without_lines_has_buttons_with_labels(built):
    assert re.findall(r'value="(\w)"><label[^>]*><span[^>]*>(\w)<', built.plain) == [(label, label) for label in "abcd"]


@pytest.mark.parametrize(
    ("source", "answered"),
    [
        ("x = ...", False),
        ("x = 1", True),
        ("def x(a):\n    '''Text.'''\n    ...", False),
        ("import math\ndef x(a):\n    return a", True),
        ("y = 1", None),
        ("x = (", None),
    ],
)
def test_an_answer_that_is_dots_is_open(source, answered):
    assert is_answered(source, "x") is answered
