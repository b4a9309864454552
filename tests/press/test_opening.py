"""A chapter opens with its picture."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from myst_nb.sphinx_ import HideCodeCellNode

from press import opening
from press.outputs import figure, slider

STYLE = "width: 100%; max-width: 674px; min-width: 320px"
SVG = f'<svg xmlns="x" viewBox="0 0 400 200" role="img" style="{STYLE}"><g/></svg>'
DATA = {"kind": "figure", "svg": SVG, "alt": "A line.", "caption": r"The line \(a\).", "width": 674, "wide": False}


def page(*shown, classes=("tag_hide-input", "tag_opening")):
    output = nodes.container("", *shown, nb_element="cell_code_output")
    code = HideCodeCellNode("", nodes.literal_block("", "draw()"), prompt_show="Show", prompt_hide="Hide")
    cell = nodes.container("", output, code, classes=["cell", *classes])
    return nodes.section("", nodes.title("", "Title"), nodes.paragraph("", "Goals."), cell)


def opened(doctree, builder="html"):
    opening.open_with_picture(SimpleNamespace(builder=SimpleNamespace(format=builder)), doctree, "book/page")
    return doctree


class Writer:
    """As much of a translator as is needed."""

    def __init__(self):
        self.body = []
        self.document = SimpleNamespace(reporter=SimpleNamespace(debug=lambda *_: None))

    def dispatch_visit(self, node):
        if isinstance(node, nodes.Text):
            self.body.append(node.astext())
        elif isinstance(node, nodes.math):
            self.body.append(f"[{node.astext()}]")
            raise nodes.SkipNode

    def dispatch_departure(self, node):
        pass


def written(node):
    writer = Writer()
    with pytest.raises(nodes.SkipNode):
        opening.write_opening(writer, node)
    return "".join(writer.body)


def test_the_picture_stands_under_the_title_with_its_caption():
    doctree = opened(page(*figure.build(DATA)))
    assert [type(part).__name__ for part in doctree] == ["title", "Opening", "paragraph", "container"]
    html = written(doctree[1])
    assert html.startswith('<figure class="pg-opening"><svg id="pg-opening" xmlns="x"')
    assert 'style="width: 100%; max-width: 674px"><g/></svg>' in html  # it never scrolls
    assert "<figcaption>The line [a].</figcaption>" in html


def test_where_the_cell_stands_is_one_fold_with_the_picture_and_its_code():
    (fold,) = opened(page(*figure.build(DATA)))[3]
    assert isinstance(fold, HideCodeCellNode)
    assert fold["prompt_show"] == fold["prompt_hide"] == "The picture at the head of this page, and its code"
    assert [type(part).__name__ for part in fold] == ["container", "literal_block"]
    (drawing,) = fold.findall(figure.Drawing)
    assert drawing["svg"].endswith('><use href="#pg-opening" width="400" height="200"/></svg>')
    assert 'viewBox="0 0 400 200"' in drawing["svg"]
    assert 'role="img" aria-label="A line."' in drawing["svg"]
    assert [caption.astext() for caption in fold.findall(figure.FigureCaption)] == ["The line a."]


def test_a_cell_whose_code_is_not_folded_keeps_its_picture():
    doctree = page(*figure.build(DATA))
    doctree[2].remove(doctree[2][1])
    opened(doctree)
    (drawing,) = doctree.findall(figure.Drawing)
    assert drawing["svg"].startswith('<svg id="pg-opening" xmlns="x"')
    assert '<use href="#pg-opening" width="400" height="200"/>' in written(doctree[1])
    assert 'aria-hidden="true"' in written(doctree[1])


def test_it_is_found_once():
    doctree = opened(page(*figure.build(DATA)))
    assert doctree[1].astext() == ""


def test_a_slider_opens_with_the_frame_at_its_start():
    frames = [{**DATA, "svg": SVG.replace("<g/>", f"<g>{number}</g>")} for number in range(3)]
    data = {"labels": ["a", "b", "c"], "start": 1, "outcomes": None, "frames": frames, "label": "x", "plays": None}
    doctree = opened(page(*slider.build({**data, "caption": "Moves."})))
    marked = [node["svg"] for node in doctree.findall(figure.Drawing) if "pg-opening" in node["svg"]]
    assert [svg.partition("<g>")[2][0] for svg in marked] == ["1"]
    assert "<figcaption>Moves. </figcaption>" in written(doctree[1])
    assert 'aria-hidden="true"' in written(doctree[1])  # it is said where it can be moved
    assert len(doctree[3]) == 2


@pytest.mark.parametrize(
    "doctree",
    [
        page(*figure.build(DATA), classes=()),
        page(nodes.paragraph("", "No drawing.")),
    ],
)
def test_other_pages_open_as_they_are(doctree):
    assert not list(opened(doctree).findall(opening.Opening))


def test_the_pdf_shows_it_once():
    assert not list(opened(page(*figure.build(DATA)), "latex").findall(opening.Opening))
