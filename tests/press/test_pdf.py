"""What the PDF shows in the place of the website's HTML."""

import build_pdf
import matplotlib.pyplot as plt
import numpy as np
import pytest
from docutils import nodes

from pgcode import environments, figures, state_action_form
from pgcode.policies import SoftmaxPolicy
from press import pdf


@pytest.fixture
def slider(monkeypatch):
    """A slider as a figure of the PDF, with nothing drawn into a file."""
    monkeypatch.setattr(pdf, "draw", lambda svg, folder: "drawing.pdf")

    def draw(value):
        with figures.style():
            figure, axes = plt.subplots()
            axes.plot([0, value])
        return figure

    html = figures.frame_slider(draw, np.array([1.0, 2.0]), "θ", "A line", caption="A \\(\\theta\\).")._repr_html_()
    return pdf.figure(html, pdf.SVG.search(html)[0], None)


def test_the_caption_of_a_slider_says_that_one_frame_is_shown(slider):
    assert slider[-1].astext() == "A \\theta. θ = 1: one of 2 frames. The website shows the others."
    assert [formula.astext() for formula in slider.findall(nodes.math)] == ["\\theta"]


def test_what_is_folded_away_has_its_title():
    bar = nodes.raw("", '<details class="exercise-solution">\n<summary>Show the solution</summary>', format="html")
    document = nodes.section("", bar, nodes.paragraph("", "x = 1"))
    pdf.show_titles(document)
    assert [part.astext() for part in document] == ["Solution", "x = 1"]


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50" aria-label="a line &amp; a dot" fill="currentColor" '
    'style="display: block; width: 100%"><path d="M 0 0 L 9 9" style="stroke: var(--pg-blue, #0072b2); '
    'fill: var(--pg-surface, var(--jp-layout-color0, Canvas))" /></svg>'
)


def test_a_drawing_for_the_pdf_has_plain_colours() -> None:
    alone = pdf.standalone(SVG)
    assert "var(" not in alone
    assert "currentColor" not in alone
    assert "#0072b2" in alone
    assert "#ffffff" in alone


def test_a_ledger_for_the_pdf_has_every_line() -> None:
    endless = environments.random_mdp(np.random.default_rng(0), horizon=None)
    derivation = state_action_form.source_derivation(endless, SoftmaxPolicy(3, 2), np.zeros((3, 2)))
    printed = pdf.ledger(derivation._repr_html_())
    terms = [term.astext() for term in printed.findall(nodes.term)]
    assert [term.split("  ")[0] for term in terms] == [line.label for line in derivation]
    assert [block.astext() for block in printed.findall(nodes.math_block)] == [line.formula for line in derivation]
    assert sum("✗ false" in term for term in terms) == len(derivation.false_lines)


def test_captions_for_the_pdf_keep_their_formulas() -> None:
    parts = pdf.with_math(r"The return \(R(\tau)\), here.")
    assert [type(part) for part in parts] == [nodes.Text, nodes.math, nodes.Text]
    assert parts[1].astext() == r"R(\tau)"


def test_the_link_to_the_pdf_is_put_in_once() -> None:
    page = "<p><strong>Read it.</strong> Every page can be read.</p><p>Next.</p>"
    linked = build_pdf.with_link(page, "3 pages")
    assert linked.count(f'href="../{build_pdf.NAME}"') == 1
    assert linked.endswith("</p><p>Next.</p>")
    assert build_pdf.with_link(linked, "3 pages") == linked
    with pytest.raises(SystemExit, match="Read it"):
        build_pdf.with_link("<p>Another page.</p>", "3 pages")


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_pdf.shutil, "which", lambda command: None)
    monkeypatch.setattr(build_pdf, "known_to_latex", lambda file: False)
    missing = build_pdf.missing_packages()
    assert {"texlive-xetex", "librsvg2-bin", "latexmk"} <= set(missing)
    monkeypatch.setattr(build_pdf.shutil, "which", lambda command: f"/usr/bin/{command}")
    monkeypatch.setattr(build_pdf, "known_to_latex", lambda file: True)
    assert build_pdf.missing_packages() == []
