"""tools/exercises.py: the exercise notebook that a solution notebook gives."""

import exercises
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

FUNCTION = '''def discounted_return(rewards, discount):
    """Return the return."""
    # BEGIN SOLUTION
    # why
    return 1
    # END SOLUTION'''
VALUE = "# BEGIN SOLUTION\nfair_coin_value = 3\n# END SOLUTION"


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
        '<details class="exercise-solution">\n<summary>Solution</summary>\n\n```python\n'
        'def discounted_return(rewards, discount):\n    """Return the return."""\n    # why\n    return 1\n```\n\n'
        "See $x$ and [there](../setting/decision-processes.ipynb).\n\n</details>"
    )


def test_without_an_explanation_the_exercise_speaks():
    made = exercises.generate(solutions(new_code_cell(VALUE), check("fair_coin_value")), "setting")
    assert "```python\nfair_coin_value = 3\n```" in made.cells[-1].source
    assert "twelve steps on average" in made.cells[-1].source


def test_the_first_cell_says_how():
    made = exercises.generate(solutions(new_code_cell(VALUE), check("fair_coin_value")), "setting")
    assert made.cells[0].source.startswith("# Exercises: the setting\n\n")
    assert "hint()" in made.cells[0].source


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
