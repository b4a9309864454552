"""What cells show, on a page and in print."""

import os
import re

import numpy as np
import pytest
from docutils import nodes
from matplotlib.figure import Figure

from pgcode import Derivation, Line, check, figures, mistakes, table
from pgcode.audit import Report
from pgcode.exercises import Chapter, Feedback, Outcome
from press import formulas, outputs
from press.outputs import base, figure

pytestmark = pytest.mark.skipif(not formulas.is_available(), reason="MathJax is not fetched: make vendor")

SETTINGS = """
extensions = ["myst_nb", "press.formulas", "press.joints", "press.outputs"]
nb_execution_mode = "off"
myst_heading_anchors = 3
root_doc = "index"
mathjax3_config = {"tex": {"macros": {}}, "chtml": {"scale": 1.1}}
"""
WHERE = Chapter("index", "Page").section("The lines, one by one")
LEDGER = Derivation(
    "Two <lines>",
    [
        Line("L1", r"x < y", r"Given \(x\).", 1.0),
        Line("L2", r"= a b c d e f + g", "So.", 2.0),
        Line("L3", r"= z", "Then.", 2.0),
    ],
)


def drawing(value=1.0):
    plot = Figure(figsize=(4, 2))
    plot.add_subplot().plot([0, value])
    return plot


def ledger_with(value):
    return Derivation("Moved", [Line("M1", r"\alpha", "Given.", 1.0), Line("M2", r"= \beta", "So.", value)])


TURNED = check("", np.ones(2), np.array([1.0, 0.0]))
SHOWN = (
    LEDGER.linked({"L1": WHERE}, {"L2": ["EA1"]}),
    figures.show(drawing(), "A < line.", r"Where \(a < b\)."),
    figures.frame_slider(
        drawing,
        [1.0, 2.0, 3.0],
        "slope <",
        "A line",
        start=2.0,
        caption=r"It is \(k\).",
        outcome=lambda slope: check(r"\(k\) < two", slope, 2.0),
        plays=3.0,
    ),
    figures.frame_slider(ledger_with, [1.0, 2.0], "value", "A ledger"),
    check(r"\(x\) is one", 2.0, 1.0),
    table(
        {"state": ["a < b", r"\(s\)"], r"\(V(s)\)": np.array([-1.5, 2.0]), "holds": [check("one", 1.0, 1.0), None]},
        digits=1,
        caption=r"Values \(V\).",
    ),
    table({"row": ["a", "b", "c"], "same": [check("", 1.0, 1.0), check("", 2.0, 2.0), TURNED]}),
    Feedback(Outcome.WRONG, "A title", ("No: `x_y` is\n    x = <1>",), "a mistake", (WHERE,)),
)
TEXT = "(ea1)=\n## The lines, one by one\n\nText."


@pytest.fixture(scope="module")
def html(tmp_path_factory, sphinx_build, notebook):
    folder = sphinx_build(tmp_path_factory.mktemp("html"), SETTINGS, index=notebook(TEXT, *SHOWN))
    return (folder / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tex(tmp_path_factory, sphinx_build, notebook):
    folder = tmp_path_factory.mktemp("tex")
    tool = folder / "bin" / "rsvg-convert"
    tool.parent.mkdir()
    tool.write_text('#!/bin/sh\nfor last; do :; done\necho drawn > "${last#--output=}"\n', encoding="utf-8")
    tool.chmod(0o755)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")
        made = sphinx_build(folder, SETTINGS, "latex", index=notebook(TEXT, *SHOWN))
    (text,) = made.glob("*.tex")
    assert list(made.glob("drawing-*.pdf"))
    return text.read_text(encoding="utf-8")


def test_a_tool_is_missing_where_there_is_something_to_draw(
    tmp_path, monkeypatch, sphinx_build, sphinx_fails, notebook
):
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = SETTINGS.replace('"press.outputs"', '"press.outputs", "press.pdf"')
    sphinx_build(tmp_path, settings, "latex", index=notebook("Words."))
    said = sphinx_fails(tmp_path, settings, "latex", index=notebook("Words.", *SHOWN))
    assert "Extension error" in said
    assert "rsvg-convert was not found: it draws the figures of the PDF (Debian's librsvg2-bin)" in said


def part(html, start, end):
    """What stands in a page from one text to another."""
    return html[html.index(start) : html.index(end, html.index(start)) + len(end)]


def test_a_ledger_is_a_table_with_links(html):
    ledger = part(html, '<div aria-label="Ledger: Two &lt;lines&gt;"', "</table>")
    assert 'role="region"' in ledger
    assert ledger.count("<tr") == 4
    assert re.findall(r'<tr class="([^"]+)"', ledger) == ["is-start", "is-false", "is-exact is-after-false"]
    label = re.search(r'<th scope="row">(.*?)</th>', ledger)[1]
    assert 'href="#the-lines-one-by-one"' in label
    assert "L1" in label
    assert re.search(r'→\xa0<a class="reference internal" href="#ea1">', ledger)
    assert 'data-tex="\\displaystyle x &lt; y"' in ledger
    assert "\\(" not in ledger
    reason = re.search(r'<td class="ledger-reason">(.*?)</td>', ledger)[1]
    assert 'data-tex="x"' in reason
    assert '<span class="pg-number">1</span>' in ledger


def test_a_long_formula_of_a_ledger_is_in_pieces(html):
    formula = re.findall(r'<td class="ledger-formula">(.*?)</td>', html)[1]
    assert re.findall(r'data-tex="(.*?)"', formula) == [
        r"\displaystyle = a b c d e f",
        r"\displaystyle {} + g",
    ]


def test_a_figure_is_its_drawing_and_its_caption(html):
    shown = part(html, '<figure class="pg-figure">', "</figure>")
    assert shown.count("<svg") == 1
    assert 'aria-label="A &lt; line."' in shown
    assert 'data-tex="a &lt; b"' in part(shown, "<figcaption>", "</figcaption>")


def sliders(html):
    return re.findall(r'<figure class="pg-figure pg-frames"[^>]*>.*?</figure>', html, re.DOTALL)


REPORT = Report(
    "biased",
    r"The mean is not \(\nabla J\) < 1.",
    mistakes=("downhill",),
    variances=table({"a <": [1]}),
    notes=("It writes into theta.",),
)


@pytest.fixture(scope="module")
def audited(tmp_path_factory, sphinx_build, notebook):
    """A function that builds a page with a report, in a book that has the section of its mistake."""
    see = mistakes.ESTIMATORS["downhill"].see
    other = notebook(f"## {see.heading}\n\nText.").replace("# Page", f"# {see.chapter.title}")
    index = notebook(f"```{{toctree}}\n{see.chapter.path}\n```", REPORT)
    return lambda builder: sphinx_build(
        tmp_path_factory.mktemp(builder), SETTINGS, builder, **{"index": index, see.chapter.path: other}
    )


def test_the_report_of_an_audit_leads_to_the_section_of_its_mistake(audited):
    html = (audited("html") / "index.html").read_text(encoding="utf-8")
    report = part(html, '<div class="is-biased pg-audit">', "It writes into theta.")
    assert '<span class="is-biased pg-chip"><span class="pg-mark">✗</span> biased</span>' in report
    assert 'data-tex="\\nabla J"' in report
    assert "&lt; 1." in report
    assert 'href="book/setting/gradient-ascent.html#a1-the-update"' in report
    assert '<div aria-label="Table" class="pg-table"' in html[html.index("It writes into theta.") :]


def test_the_report_of_an_audit_is_printed(audited):
    (text,) = audited("latex").glob("*.tex")
    printed = text.read_text(encoding="utf-8")
    assert re.search(r"\\textbf\{.*✗.* biased\}", printed)
    assert "Downhill: The gradient has the opposite sign." in printed


def test_frames_that_are_not_shown_are_texts(html):
    drawn, ledgers = sliders(html)
    assert re.findall(r'<(div|script) class="pg-frame"[^>]* data-readout="([^"]*)"', drawn) == [
        ("div", "slope &lt; = 2"),
        ("script", "slope &lt; = 1"),
        ("script", "slope &lt; = 3"),
    ]
    assert '<input type="range" min="0" max="2" value="1" autocomplete="off" aria-label="slope &lt;"' in drawn
    texts = re.findall(r'<script class="pg-frame".*?</script>', ledgers, re.DOTALL)
    assert len(texts) == 1
    assert "<mjx-container" in texts[0]
    assert "is-false" in texts[0]
    assert "is-false" not in ledgers.replace(texts[0], "")


def test_the_row_of_a_slider_stands_once_and_frames_hold_what_changes(html):
    drawn, ledgers = sliders(html)
    assert drawn.startswith('<figure class="pg-figure pg-frames" data-plays="2">')
    assert "data-plays" not in ledgers
    row = part(drawn, '<div class="pg-outcome">', "</div></div>")
    assert '<div class="is-exact pg-check">' in row
    assert drawn.count('data-tex="k"') == 2  # in the row and in the caption
    assert re.findall(r'data-verdict="(\w+)" data-mark="(.)" data-finding="([^"]*)"', drawn) == [
        ("exact", "✓", "agree to 10⁻¹⁰"),
        ("false", "✗", "off by 1"),
        ("false", "✗", "off by 1"),
    ]


def test_a_page_with_sliders_says_so_once_and_brings_no_script_in_its_text(html):
    assert html.count("Sliders need scripts") == 1
    assert "one of 3 frames. The slider that shows the others needs scripts.</noscript>" in html
    assert "pgReady" not in html


def test_a_comparison_is_a_chip_a_claim_and_a_finding(html):
    shown = part(html, '<div class="is-false pg-check">', "</div>")
    assert '<span class="is-false pg-chip"><span class="pg-mark">✗</span> false</span>' in shown
    assert 'data-tex="x"' in shown
    assert "off by" in shown


def test_a_table_has_heads_sides_and_comparisons(html):
    shown = part(html, '<figure class="pg-captioned">', "</figure>")
    caption, box, _ = shown.partition('<div aria-label="Table" class="pg-table"')
    assert 'data-tex="V"' in part(caption, "<figcaption>", "</figcaption>")  # outside of what scrolls
    assert box
    assert 'data-tex="V(s)"' in part(shown, "<thead>", "</thead>")
    assert re.findall(r'<td class="is-right">(.*?)</td>', shown) == ["−1.5", "2.0"]
    assert "a &lt; b" in shown
    assert "is-exact pg-chip" in shown


def test_what_exact_comparisons_of_a_table_have_in_common_is_said_once_below_it(html):
    shown = html[html.index('<th class="is-left" scope="col">same</th>') :].partition("</figure>")[0]
    rows, note = shown.split("</table></div>")
    assert "agree to" not in rows
    assert "agree to 10⁻¹⁰" in re.sub("<[^>]*>", "", part(note, '<p class="pg-note">', "</p>"))
    assert re.sub("<[^>]*>", "", part(rows, '<span class="pg-part">', "</td>")) == "1.41 times as long, turned by 45.0°"
    assert html.count('class="pg-note"') == 1  # the table with one comparison says it in its row


def test_a_verdict_has_code_and_leads_to_its_section(html):
    shown = html[html.index('role="status"') :]
    assert "Wrong (a mistake): A title</strong>" in shown
    assert "No: x_y is" in re.sub("<.*?>", "", shown)
    assert "x = &lt;1&gt;" in re.sub("</?span[^>]*>", "", shown)
    assert 'href="#the-lines-one-by-one"' in shown
    assert "“The lines, one by one” in the chapter “Page”" in shown


def test_other_forms_of_an_output_are_left_out(html):
    assert html.count('class="ledger"') == 3
    assert "mathjax_process" not in html


def test_print_has_every_line_of_a_ledger(tex):
    assert tex.count("\\sphinxlineitem") == 3 + 2
    line = tex[tex.index("\\sphinxlineitem") :]
    assert "✓" not in line.partition("L2")[0]
    assert "\\(\\displaystyle = a b c d e f + g\\)" in line
    assert re.search(r"✗\}? false", line)
    assert "Given \\(x\\)." in tex


def test_print_has_the_frame_at_the_start_and_says_that_there_are_more(tex):
    assert tex.count("\\sphinxincludegraphics[width=") == 2
    assert "one of 3 frames. The website shows the others." in tex
    assert "\\begin{sphinxlegend}\\emph{Where \\(a < b\\).}" in tex


def test_print_has_tables_and_comparisons(tex):
    assert "\\begin{tabulary}{\\linewidth}{LRL}" in tex  # columns break where they are too many for a line
    assert "\\(V(s)\\) & holds \\\\" in tex
    assert "\\(x\\) is one" in tex


def test_a_section_that_is_not_there_is_a_warning(tmp_path, sphinx_fails, notebook):
    where = {"L1": Chapter("index", "Page").section("Elsewhere"), "L2": Chapter("nowhere", "No").section("Page")}
    said = sphinx_fails(tmp_path, SETTINGS, index=notebook(LEDGER.linked(where, {"L3": ["EA9"]})))
    assert "local id not found in doc 'index': 'elsewhere'" in said
    assert "Unknown source document 'nowhere'" in said
    assert "undefined label: 'ea9'" in said


def test_a_formula_that_cannot_be_set_is_a_warning(tmp_path, sphinx_fails, notebook):
    wrong = Derivation("Wrong", [Line("L1", r"\unknown", "Given.", 1.0)])
    assert r"Undefined control sequence \unknown" in sphinx_fails(tmp_path, SETTINGS, index=notebook(wrong))


def test_another_form_of_the_renderers_of_myst_nb_is_an_error(monkeypatch):
    monkeypatch.setattr(outputs.render, "load_mime_renders", lambda: [])
    with pytest.raises(outputs.ExtensionError, match="register_renderer"):
        outputs.register_renderer()


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50" aria-label="a line &amp; a dot" fill="currentColor" '
    'style="display: block; width: 100%"><path d="M 0 0 L 9 9" style="stroke: var(--pg-blue, #0072b2); '
    'fill: var(--pg-surface, var(--jp-layout-color0, Canvas))" /><text style="font-size: max(10.5px, '
    'var(--pg-words, 0px))">θ<tspan style="font-size: max(7.35px, 0.7 * var(--pg-words, 0px))">1</tspan></text></svg>'
)


def test_a_drawing_for_the_pdf_has_plain_colours():
    alone = figure.standalone(SVG)
    assert "var(" not in alone
    assert "currentColor" not in alone
    assert "#0072b2" in alone
    assert "#ffffff" in alone
    assert re.findall('font-size: [^"]*', alone) == ["font-size: 10.5px", "font-size: 7.35px"]


def test_the_words_of_a_drawing_that_is_made_are_plain_in_the_pdf():
    with figures.style():
        drawn = Figure(figsize=(5.8, 3))
        drawn.add_subplot().set_xlabel("$x_1$ and more")
    svg = figures.show(drawn, "Axes.").svg
    assert "max(7.7px" in svg
    assert "max(11px" in svg
    assert "--pg-words" not in figure.standalone(svg)


def test_texts_hold_formulas_and_code():
    parts = base.text(r"The `return` \(R(\tau)\), here.", code=True)
    kinds = [nodes.Text, nodes.literal, nodes.Text, nodes.math, nodes.Text]
    assert [type(part) for part in parts] == kinds
    assert parts[3].astext() == r"R(\tau)"
    assert [type(part) for part in base.text("A `name`")] == [nodes.Text]


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("off A2 by 1e-10", ["1e-10"]),
        ("value (0.6867, −0.6867)", ["0.6867", "−0.6867"]),
        ("agrees with A3 to 10⁻¹⁰", ["10⁻¹⁰"]),
    ],
)
def test_numbers_stay_whole(words, numbers):
    parts = base.whole_numbers(words)
    assert [part.astext() for part in parts if isinstance(part, nodes.inline)] == numbers
    assert "".join(part.astext() for part in parts) == words
