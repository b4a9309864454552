"""The card as a PDF of two pages of A4."""

import re
from pathlib import Path

import pytest
from docutils import nodes
from docutils.core import publish_doctree

from press import sheet

CARD = Path(__file__).parents[2] / "book/start/card.md"


def text(*children: nodes.Node) -> nodes.paragraph:
    return nodes.paragraph("", "", *children)


def section(title: str, *children: nodes.Node) -> nodes.section:
    return nodes.section("", nodes.title("", title), *children)


def page(*boxes: nodes.Node) -> nodes.document:
    document = publish_doctree("")
    document += section(
        "The card", section("Front: one", *boxes), section("Back: two", section("B", text(nodes.Text("Two."))))
    )
    return document


def warnings(monkeypatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(sheet.logger, "warning", lambda message, *args, **_: found.append(message % args))
    return found


def test_the_pdf_has_two_pages_of_a4(tmp_path):
    sides = sheet.sides_of(page(section("A", text(nodes.Text("A sentence.")), nodes.math_block("", r"\sum_t r_t"))))
    sheet.write(sides, "The card", tmp_path / "card.pdf")
    pdf = (tmp_path / "card.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 2
    boxes = [[float(x) for x in box.split()] for box in re.findall(rb"/MediaBox \[([^]]*)\]", pdf)]
    assert len(boxes) == 2
    for left, low, right, high in boxes:
        assert (left, low) == (0, 0)
        assert abs(right / 72 * 25.4 - 210) < 0.1
        assert abs(high / 72 * 25.4 - 297) < 0.1


def test_words_keep_their_spaces_and_their_style():
    paragraph = text(
        nodes.strong("", "Mean 0."),
        nodes.Text(" In "),
        nodes.math("", "s"),
        nodes.Text(", and"),
        nodes.literal("", "x"),
    )
    pieces = list(sheet.pieces_of(paragraph))
    assert [piece.text for piece in pieces] == ["Mean", "0.", "In", "$s$", ",", "and", "x"]
    assert [piece.space_before for piece in pieces][1:] == [True, True, True, False, True, False]
    assert [piece.bold for piece in pieces] == [True, True, False, False, False, False, False]
    assert pieces[-1].code


@pytest.mark.parametrize(
    ("formula", "set_as"),
    [
        (r"\sum_t r_t", r"$\sum_t\, r_t$"),
        (r"\sum_{s'} P", r"$\sum_{s'}\, P$"),
        (r"\sum_{i=1}^m \sum_t x", r"$\sum_{i=1}^m\, \sum_t\, x$"),
        (r"\sum_\tau P", r"$\sum_\tau\, P$"),
        ("x = 1 .", "$x = 1$"),
    ],
)
def test_a_formula_as_matplotlib_sets_it(formula, set_as):
    assert sheet.mathtext(formula) == set_as


def test_boxes_fill_two_columns_evenly():
    boxes = [section(f"Box {n}", text(nodes.Text("word " * 60))) for n in range(4)]
    figure = sheet.draw(sheet.sides_of(page(*boxes))[0], "The card")
    titles = [one for one in figure.texts if one.get_text().startswith("Box")]
    left, right = ({round(one.get_position()[0], 2) for one in titles[side : side + 2]} for side in (0, 2))
    assert len(left) == len(right) == 1
    assert left != right


def test_what_does_not_fit_is_a_warning(monkeypatch):
    found = warnings(monkeypatch)
    boxes = [section(f"Box {n}", text(nodes.Text("word " * 900))) for n in range(2)]
    sheet.draw(sheet.sides_of(page(*boxes))[0], "The card")
    assert len(found) == 2
    assert "the sheet is full: 'Box 0'" in found[0]
    wide = section("Wide", nodes.math_block("", " + ".join("abcdefghijklmnopqrstuvwxyz" * 2)))
    sheet.draw(sheet.sides_of(page(wide))[0], "The card")
    assert "no room for $a + b" in found[-1]


def test_what_cannot_be_set_is_an_error():
    with pytest.raises(ValueError, match="holds a table"):
        sheet.sides_of(page(section("A", nodes.table())))


def test_the_text_of_the_card_uses_formulas_that_matplotlib_knows():
    """Else the page would be built and the sheet would not."""
    from matplotlib.mathtext import MathTextParser

    parser = MathTextParser("path")
    source = CARD.read_text(encoding="utf-8")
    formulas = re.findall(r"\$\$(.*?)\$\$|\$(.+?)\$", source, re.DOTALL)
    assert len(formulas) > 40
    for display, inline in formulas:
        parser.parse(sheet.mathtext(display or inline))
