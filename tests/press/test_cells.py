"""What a page shows of the cells of its notebook."""

import re
from types import SimpleNamespace

import pytest
from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode

from press import cells
from press.outputs import feedback
from press.portable import heading


def output(*forms):
    """The output of a cell in several forms, as MyST-NB writes it."""
    texts = [nodes.container("", nodes.literal_block("", text), mime_type=kind) for kind, text in forms]
    return nodes.container("", *texts, nb_element="mime_bundle")


WIDGET = (cells.WIDGET, "")


BAR = ("text/plain", "episodes:   0%|          | 0/1000 [00:00<?, ?it/s]")


@pytest.fixture
def said(monkeypatch):
    """The warnings of a build."""
    said = []
    monkeypatch.setattr(cells.logger, "warning", lambda text, **where: said.append(text))
    return said


def without_widgets(*outputs):
    """The outputs of a cell that are left, and the scripts that the page still carries."""
    page = nodes.section("", cell := nodes.container("", nodes.container("", *outputs), nb_element="cell_code"))
    scripts = {"ipywidgets_state": (None, {"body": "{}"}), "other": ("other.js", {})}
    env = SimpleNamespace(docname="page", nb_metadata={"page": {"js_files": scripts}})
    cells.leave_widgets_out(SimpleNamespace(env=env), page)
    return [out.astext() for part in cell.children for out in part.children], list(scripts)


def test_a_page_has_no_progress_bars(said):
    drawing = output(("text/html", "drawing"), ("text/plain", "text"))
    assert without_widgets(output(WIDGET, BAR), drawing) == ([drawing.astext()], ["other"])
    assert without_widgets(output(WIDGET, BAR)) == ([], ["other"])
    assert not said


def test_a_cell_with_nothing_but_a_bar_has_no_empty_output():
    cell = nodes.container("", nodes.container("", output(WIDGET, BAR)), nb_element="cell_code")
    cells.leave_widgets_out(SimpleNamespace(env=SimpleNamespace(docname="p")), nodes.section("", cell))
    assert not cell.children


def test_another_widget_is_a_warning(said):
    assert without_widgets(output(WIDGET, ("text/plain", "interactive(children=(…))")))[0] == []
    assert without_widgets(output(WIDGET))[0] == []
    assert ["`live`" in text for text in said] == [True, True]


def test_code_may_stand_below_its_output():
    def cell(*classes):
        parts = nodes.paragraph("", "code"), nodes.paragraph("", "output")
        return nodes.container("", *parts, nb_element="cell_code", classes=list(classes))

    doctree = nodes.section("", cell("cell", "tag_code-below"), cell("cell"))
    cells.put_code_below(None, doctree)
    assert [part.astext().split() for part in doctree] == [["output", "code"], ["code", "output"]]


def test_folded_code_stands_below_what_it_shows_and_imports_are_called_that():
    def cell(code, *outputs):
        fold = HideCodeCellNode(prompt_show="Show", prompt_hide="Hide")
        fold += nodes.literal_block("", code)
        return nodes.container("", fold, *outputs, nb_element="cell_code", classes=["tag_hide-input"])

    hidden_output = nodes.container("", nodes.paragraph("", "code"), HideCodeCellNode(), nb_element="cell_code")
    doctree = nodes.section("", cell("draw()", nodes.paragraph("", "figure")), cell("import numpy"), hidden_output)
    cells.put_code_below(None, doctree)
    shown, imports, _ = doctree
    assert [part.astext() for part in shown] == ["figure", "draw()"]
    assert shown[1]["prompt_show"] == "Show"
    assert imports[0]["prompt_show"] == "Show the imports"
    assert hidden_output[0].astext() == "code"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("import numpy", "Imports"),
        ("m = 3\ndef mean(x):\n    return x\nclass Walk:\n    pass", "Code of mean, Walk"),
        ("def a(): ...\ndef b(): ...\ndef c(): ...\ndef d(): ...", "Code of a, b, c …"),
        ("def draw(): ...\ndraw()", "Code of what is shown"),
        ("m = 3", "Code of what is shown"),
        ("%pip install", "Code"),
    ],
)
def test_code_that_shows_nothing_is_called_by_what_it_defines(code, name):
    assert heading(code) == name


def verdict(outcome):
    data = {"outcome": outcome, "mark": "•", "heading": outcome, "sentences": [], "see": []}
    form = nodes.container("", *feedback.build(data), mime_type="application/vnd.pgcode.feedback+json")
    return nodes.container("", form, nb_element="mime_bundle")


def test_a_page_does_not_say_that_its_reader_has_not_answered():
    said, right = verdict("not-attempted"), verdict("right")
    cell = nodes.container("", nodes.container("", said, right), nb_element="cell_code")
    empty = nodes.container("", nodes.paragraph("", "check(x)"), nodes.container("", said.deepcopy()))
    cells.leave_out_what_is_not_attempted(None, nodes.section("", cell, empty))
    assert list(cell[0].children) == [right]
    assert empty.astext() == "check(x)"


def test_the_name_of_a_bar_is_its_text(tmp_path, sphinx_build, notebook):
    hidden = notebook(("x = 1", {"tags": ["hide-input"]}))
    settings = "extensions = ['myst_nb', 'press.cells']\nnb_execution_mode = 'off'\nnb_code_prompt_show = 'Show it'"
    page = (sphinx_build(tmp_path, settings, index=hidden) / "index.html").read_text(encoding="utf-8")
    bar = r'<details class="above-input admonition hide">\s*<summary><p class="collapsed[^>]*>Show it</p>'
    assert re.search(bar, page)
    assert "Toggle hidden content" not in page
