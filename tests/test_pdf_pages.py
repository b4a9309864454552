"""What the PDF shows in the place of the website's HTML."""

import matplotlib.pyplot as plt
import numpy as np
import pdf_pages
import pytest
from docutils import nodes

from pgcode import figures


@pytest.fixture
def slider(monkeypatch):
    """A slider as a figure of the PDF, with nothing drawn into a file."""
    monkeypatch.setattr(pdf_pages, "draw", lambda svg, folder: "drawing.pdf")

    def draw(value):
        with figures.style():
            figure, axes = plt.subplots()
            axes.plot([0, value])
        return figure

    html = figures.frame_slider(draw, np.array([1.0, 2.0]), "θ", "A line", caption="A \\(\\theta\\).")._repr_html_()
    return pdf_pages.figure(html, pdf_pages.SVG.search(html)[0], None)


def test_the_caption_of_a_slider_says_that_one_frame_is_shown(slider):
    assert slider[-1].astext() == "A \\theta. θ = 1: one of 2 frames. The website shows the others."
    assert [formula.astext() for formula in slider.findall(nodes.math)] == ["\\theta"]


def test_what_is_folded_away_has_its_title():
    bar = nodes.raw("", '<details class="exercise-solution">\n<summary>Show the solution</summary>', format="html")
    document = nodes.section("", bar, nodes.paragraph("", "x = 1"))
    pdf_pages.show_titles(document)
    assert [part.astext() for part in document] == ["Solution", "x = 1"]
