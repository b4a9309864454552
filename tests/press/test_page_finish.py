"""The last touches to the HTML of a page."""

from types import SimpleNamespace

import pytest
from docutils import nodes

from press import page_finish


@pytest.mark.parametrize(
    ("code", "mended"),
    [
        ("policy.probabilities(theta)[s", "policy<wbr>.probabilities<wbr>(theta)<wbr>[s"),
        ("n_states", "n_<wbr>states"),
        ("_private", "_private"),
        ("2.5", "2.5"),
        ("plain", "plain"),
    ],
)
def test_inline_code_has_joints(code, mended):
    page = '<p>a_b <code class="docutils literal notranslate"><span class="pre">{}</span></code> a_b</p>'
    assert page_finish.add_joints(page.format(code)) == page.format(mended)


def test_blocks_of_code_have_no_joints():
    page = "<pre>n_states</pre><code>n_states</code>"
    assert page_finish.add_joints(page) == page


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("residual to A2 &lt; 1e-10", ["1e-10"]),
        ("value (0.6867, -0.6867)", ["0.6867", "-0.6867"]),
        ("agrees with A3 to 10⁻¹⁰", ["10⁻¹⁰"]),
    ],
)
def test_numbers_of_a_ledger_stay_whole(text, numbers):
    cell = f'<td class="ledger-value" style="text-align: left">{text}</td>'
    mended = page_finish.keep_numbers_whole(cell)
    assert [part.split("</span>")[0] for part in mended.split('<span class="pg-number">')[1:]] == numbers
    assert mended.replace('<span class="pg-number">', "").replace("</span>", "") == cell


def page(body, name="book/notation", **context):
    context = {"body": body, "docstitle": "Course", **context}
    config = SimpleNamespace(root_doc="book/intro", mathjax3_config={"chtml": {"scale": 1.1}})
    page_finish.mend_page(SimpleNamespace(config=config), name, "", context, None)
    return context


def test_links_of_ledgers_and_verdicts_lead_to_pages():
    row = '<div class="ledger mathjax_process"><a href="../part/a.{}">A1</a> <a href="b.{}">EA1</a></div>'
    verdict = '<div class="exercise-verdict is-wrong"><p>No.</p><p><a href="../part/a.{}">here</a></p></div>'
    assert page_finish.link_to_pages(row.format("ipynb#a1", "ipynb")) == row.format("html#a1", "html")
    assert page_finish.link_to_pages(verdict.format("ipynb#The-lines%2C-one")) == verdict.format("html#the-lines-one")
    other = '<a href="a.ipynb">the notebook</a>'
    assert page_finish.link_to_pages(other) == other


def test_a_page_says_that_it_needs_scripts():
    assert "<noscript>" in page('<div class="pg-frames">x</div>')["body"]
    assert "<noscript>" not in page("<p>x</p>")["body"]


def test_the_name_of_a_toggle_is_its_text():
    assert "aria-label" not in page('<summary aria-label="Toggle hidden content">')["body"]


def test_title_of_the_root_is_not_doubled():
    assert page("", "book/intro")["docstitle"] == ""
    assert page("")["docstitle"] == "Course"


def test_the_first_page_has_a_promise_and_ways_in():
    def classes(name):
        parts = [nodes.paragraph("", "p"), nodes.bullet_list(), nodes.paragraph("", "q"), nodes.bullet_list()]
        app = SimpleNamespace(config=SimpleNamespace(root_doc="book/intro"))
        page_finish.mark_first_page(app, nodes.section("", *parts), name)
        return [part["classes"] for part in parts]

    assert classes("book/intro") == [["pg-promise"], ["pg-ways"], [], []]
    assert classes("book/notation") == [[], [], [], []]
