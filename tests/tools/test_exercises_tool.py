"""tools/exercises.py: the exercise notebook that a solution notebook gives."""

import re

import exercises
import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

FUNCTION = '''def discounted_return(rewards, discount):
    """Return the return."""
    # BEGIN SOLUTION
    # why
    return 1
    # END SOLUTION'''
VALUE = "# BEGIN SOLUTION\nfair_coin_value = 3\n# END SOLUTION"

EXAMPLE = new_code_cell("exercises.fair_coin_value.check(4)", metadata={"tags": ["example"]})


def solutions(*cells, title="# Solutions: the setting"):
    notebook = new_notebook(cells=[new_markdown_cell(title, id="title"), *cells])
    for number, cell in enumerate(notebook.cells[1:]):
        cell.id = f"cell-{number}"
    return notebook


def check(name):
    return new_code_cell(f"exercises.{name}.check({name})")


def explanation(text):
    return new_markdown_cell(text, metadata={"tags": ["explanation"]})


def sources(notebook):
    return [cell.source for cell in notebook.cells]


def test_a_body_becomes_dots():
    assert exercises.stub(FUNCTION) == (
        'def discounted_return(rewards, discount):\n    """Return the return."""\n    ...'
    )


REPAIRED = '''def discounted_return(rewards, discount):
    """Return the return."""
    # BEGIN SOLUTION
    return 1
    # END SOLUTION
    # BEGIN BROKEN
    # for reward in rewards:
    #     pass  # why
    # return 2
    # END BROKEN'''


def test_a_broken_body_takes_the_place_of_the_solution():
    head = 'def discounted_return(rewards, discount):\n    """Return the return."""\n'
    assert exercises.stub(REPAIRED) == head + "    for reward in rewards:\n        pass  # why\n    return 2"
    assert exercises.answer(REPAIRED) == head + "    return 1\n"
    with pytest.raises(ValueError, match="number sign"):
        exercises.stub(REPAIRED.replace("# return 2", "return 2"))


def test_a_broken_program_is_marked_and_its_check_is_not_run():
    notebook = exercises.generate(
        solutions(new_code_cell(REPAIRED), check("discounted_return"), new_code_cell(VALUE), check("fair_coin_value")),
        "setting",
    )
    tags = [cell.metadata.get("tags", []) for cell in notebook.cells if cell.cell_type == "code"]
    assert tags == [["repair"], ["skip-execution", "nbval-skip"], [], []]
    assert "return 1" in notebook.cells[3].source
    assert "BROKEN" not in "".join(sources(notebook))


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (VALUE, "fair_coin_value = ..."),
        ("x = 1\n# BEGIN SOLUTION\na = 2\nb = a\n# END SOLUTION\ny = 3", "x = 1\na = ...\nb = ...\ny = 3"),
        ("x = 1", "x = 1"),
    ],
)
def test_an_assignment_becomes_dots(source, expected):
    assert exercises.stub(source) == expected


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("# BEGIN SOLUTION\nx = 1", "a marker has no partner"),
        ("x = 1\n# END SOLUTION", "a marker has no partner"),
        ("x = 1  # BEGIN SOLUTION\n# END SOLUTION", "a marker has no partner"),
        ("# BEGIN SOLUTION\nprint(1)\n# END SOLUTION", "assigns no name"),
    ],
)
def test_markers_that_do_not_fit_are_named(source, message):
    with pytest.raises(ValueError, match=message):
        exercises.stub(source)


def test_the_solution_is_folded_away_below_its_check():
    text = "See $x$ and [there](../../setting/decision-processes.ipynb)."
    made = exercises.generate(
        solutions(new_markdown_cell("## Task"), new_code_cell(FUNCTION), check("discounted_return"), explanation(text)),
        "setting",
    )
    _, task, answer, asked, folded = sources(made)
    assert task == "## Task"
    assert answer.endswith("    ...")
    assert asked == "exercises.discounted_return.check(discounted_return)"
    assert folded == (
        "::::{admonition} Solution\n:class: dropdown solution\n\n```python\n"
        'def discounted_return(rewards, discount):\n    """Return the return."""\n    # why\n    return 1\n```\n\n'
        "See $x$ and [there](../setting/decision-processes.ipynb).\n::::"
    )


def test_without_an_explanation_the_exercise_speaks():
    made = exercises.generate(solutions(new_code_cell(VALUE), check("fair_coin_value")), "setting")
    assert "```python\nfair_coin_value = 3\n```" in made.cells[-1].source
    assert "twelve steps on average" in made.cells[-1].source


@pytest.mark.parametrize(
    ("cells", "words"),
    [([], "(setting.ipynb#a-wrong-answer-and-its-verdict)"), ([EXAMPLE], "as in the example below.")],
)
def test_the_first_cell_says_where_and_how(cells, words):
    made = exercises.generate(solutions(*cells, new_code_cell(VALUE), check("fair_coin_value")), "setting")
    title, once, needs, on_the_page, again, in_jupyter, how = made.cells[0].source.split("\n\n")
    assert once == again == "<!-- in Jupyter -->"
    assert title == "# Exercises: the setting"
    assert "[Decision processes, policies, returns](../setting/decision-processes.ipynb)" in needs
    assert "press **Check**" in on_the_page
    assert "`book/exercises/setting.ipynb`" in in_jupyter
    assert "hint()" in in_jupyter
    assert words in how


def test_the_chapters_of_a_part_are_needed_in_the_order_of_the_book():
    listed = yaml.safe_load((exercises.ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    numbered = (chapter["file"] for part in listed if part.get("numbered") for chapter in part["chapters"])
    chapters = [chapter for chapter in numbered if chapter.split("/")[1] in exercises.parts()]
    linked = [
        re.findall(r"\((?:\.\./)+(.*?)\.ipynb\)", exercises.needed_chapters(part))
        for part in dict.fromkeys(chapter.split("/")[1] for chapter in chapters)
    ]
    assert [f"book/{path}" for paths in linked for path in paths] == chapters


def test_an_example_is_copied_and_is_no_task():
    cells = [EXAMPLE, new_code_cell(VALUE), check("fair_coin_value")]
    made = exercises.generate(solutions(*cells), "setting")
    example = made.cells[1]
    assert (example.source, example.metadata.tags) == (EXAMPLE.source, ["example"])
    assert [cell.source[:12] == "::::{admonit" for cell in made.cells] == [False, False, False, False, True]


@pytest.mark.parametrize("page", [part for part in exercises.parts() if "-" in part])
def test_every_page_links_to_the_example(page):
    title = nbformat.read(exercises.ROOT / exercises.EXERCISES / f"{page}.ipynb", as_version=4).cells[0].source
    name, anchor = re.search(r"\(([\w-]+\.ipynb)#([\w-]+)\)\.$", title).groups()
    notebook = nbformat.read(exercises.ROOT / exercises.EXERCISES / name, as_version=4)
    headings = [cell.source.splitlines()[0] for cell in notebook.cells if exercises.is_example(cell)]
    assert f"## {anchor.replace('-', ' ').capitalize()}" in headings


def verdicts(path):
    """The words of the verdicts that a stored notebook shows below its tasks' checks, and of those of its examples."""
    tasks, examples = [], []
    for cell in nbformat.read(exercises.ROOT / path, as_version=4).cells:
        not_run = "skip-execution" in cell.metadata.get("tags", [])
        if cell.cell_type == "code" and ".check(" in cell.source and not not_run:
            (output,) = cell.outputs
            told = output.data["text/plain"].splitlines()[0]
            (examples if exercises.is_example(cell) else tasks).append(told)
    return tasks, examples


@pytest.mark.parametrize("part", exercises.parts())
def test_stored_checks_say_not_attempted_and_right_and_examples_name_their_mistake(part):
    untouched, shown = verdicts(exercises.EXERCISES / f"{part}.ipynb")
    solved, shown_again = verdicts(exercises.SOLUTIONS / f"{part}.ipynb")
    page = nbformat.read(exercises.ROOT / exercises.EXERCISES / f"{part}.ipynb", as_version=4)
    repairs = sum("repair" in cell.metadata.get("tags", []) for cell in page.cells)  # their checks are not run
    assert len(untouched) + repairs == len(solved) > 0
    assert all(line.startswith("• Not attempted: ") for line in untouched)
    assert all(line.startswith("✓ Right: ") for line in solved)
    assert shown == shown_again
    assert all(re.match(r"✗ Wrong \(.+\): ", line) for line in shown)


@pytest.mark.parametrize("part", exercises.parts())
def test_no_marker_is_seen_on_a_page(part):
    notebook = nbformat.read(exercises.ROOT / exercises.EXERCISES / f"{part}.ipynb", as_version=4)
    assert any("dropdown solution" in cell.source for cell in notebook.cells)
    assert "BEGIN SOLUTION" not in nbformat.writes(notebook)
    assert "END SOLUTION" not in nbformat.writes(notebook)


def test_solutions_do_not_stay_in_what_is_run():
    made = exercises.generate(
        solutions(new_code_cell(FUNCTION), check("discounted_return"), new_code_cell(VALUE), check("fair_coin_value")),
        "setting",
    )
    for cell in made.cells:
        assert "SOLUTION" not in cell.source
        if cell.cell_type == "code":
            assert "return 1" not in cell.source
            assert "= 3" not in cell.source
    assert len({cell.id for cell in made.cells}) == len(made.cells)


@pytest.mark.parametrize(
    ("cells", "title", "message"),
    [
        ([check("fair_coin_value")], "# Solutions: x", "no cell above it holds a solution"),
        (
            [new_code_cell(VALUE, metadata={"tags": ["example"]})],
            "# Solutions: x",
            "an example is no task, take the markers out",
        ),
        ([], "# Exercises: x", "must begin with '# Solutions: …'"),
        (
            [new_code_cell(VALUE), check("fair_coin_value"), explanation("Text.\n\n## The next task")],
            "# Solutions: x",
            "the explanation of fair_coin_value holds a heading",
        ),
    ],
)
def test_what_cannot_be_generated_is_named(cells, title, message):
    with pytest.raises(ValueError, match=message):
        exercises.generate(solutions(*cells, title=title), "setting")


def test_a_change_of_either_notebook_is_seen(tmp_path):
    (tmp_path / exercises.SOLUTIONS).mkdir(parents=True)
    source, made = tmp_path / exercises.SOLUTIONS / "setting.ipynb", tmp_path / exercises.EXERCISES / "setting.ipynb"
    notebook = solutions(new_code_cell(VALUE), check("fair_coin_value"))
    nbformat.write(notebook, source)
    assert exercises.parts(tmp_path) == ["setting"]
    assert not exercises.agrees(tmp_path, "setting")
    nbformat.write(exercises.generate(notebook, "setting"), made)
    assert exercises.agrees(tmp_path, "setting")
    changed = nbformat.read(made, as_version=4)
    changed.cells[1].source = "fair_coin_value = 3"
    nbformat.write(changed, made)
    assert not exercises.agrees(tmp_path, "setting")
    nbformat.write(exercises.generate(notebook, "setting"), made)
    notebook.cells[1].source = notebook.cells[1].source.replace("3", "4")
    nbformat.write(notebook, source)
    assert not exercises.agrees(tmp_path, "setting")
