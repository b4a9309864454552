"""The line under the title of a page."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from sphinx.addnodes import pending_xref

from press import guide
from press.outputs import figure, ledger


def chapter(*needs):
    """A chapter that opens with "You need …" and links to other pages in and after that sentence."""
    paragraph = nodes.paragraph("", "", nodes.Text("You need "))
    for page in needs:
        paragraph += [pending_xref("", reftype="doc", reftarget=f"/{page}"), nodes.Text(" and ")]
    paragraph += [nodes.Text("numbers. See also "), pending_xref("", reftype="doc", reftarget="/other")]
    return nodes.section("", paragraph)


def guides_of(pages, kinds=None, sheet=""):
    """The guides of some pages, in their order; all are chapters where nothing is said."""
    read = {name: (guide.reading_minutes(page), guide.needed_pages(page, name)) for name, page in pages.items()}
    return guide.reading_guides(read, kinds or dict.fromkeys(pages, "chapter"), sheet)


def test_a_chapter_needs_what_its_first_sentence_links_to():
    assert guide.needed_pages(chapter("a", "b", "a"), "c") == ["a", "b"]
    assert guide.needed_pages(nodes.section("", nodes.paragraph("", "We need nothing.")), "c") == []


def test_links_to_notebooks_count_too():
    link = pending_xref("", reftype="myst", refdomain="doc", reftarget="book/a")
    section = pending_xref("", reftype="myst", refdomain=None, reftarget="a-heading")
    paragraph = nodes.paragraph("", "", nodes.Text("You need "), link, section, nodes.Text("."))
    assert guide.needed_pages(nodes.section("", paragraph), "book/exercises/b") == ["book/a"]


def test_a_page_leads_to_those_that_need_it_or_else_to_the_next():
    pages = {"a": chapter("elsewhere"), "b": chapter("a"), "c": nodes.section(), "d": chapter("a", "b")}
    guides = guides_of(pages)
    assert [guides[name].needs for name in pages] == [(), ("a",), (), ("a", "b")]
    assert [guides[name].leads_to for name in pages] == [("b",), ("d",), ("d",), ()]  # from a to d by b


def test_a_chapter_leads_to_no_exercises_that_do_not_need_it():
    kinds = {"a": "chapter", "b": "exercises", "c": "exercises", "d": "reference", "e": "reference"}
    guides = guides_of(dict.fromkeys(kinds, nodes.section()), kinds)
    assert [guides[name].leads_to for name in kinds] == [(), ("c",), (), (), ()]


def test_a_chapter_leads_past_the_card():
    pages = dict.fromkeys(["b", "card", "c"], nodes.section())
    guides = guides_of(pages, sheet="card")
    assert [guides[name].leads_to for name in pages] == [("c",), ("c",), ()]


def test_reading_takes_longer_with_more_to_read():
    def minutes(*parts):
        return guide.reading_minutes(nodes.section("", *parts))

    words = nodes.paragraph("", "word " * 2000)
    assert minutes(words) == 10
    assert minutes(words, *[nodes.math_block("", "x y z") for _ in range(15)]) == 15
    code = nodes.literal_block("", "\n".join("x" * 200))
    shown = nodes.container("", code.deepcopy(), nb_element="cell_code")
    hidden = nodes.container("", code.deepcopy(), nb_element="cell_code", classes=["tag_hide-input"])
    assert minutes(words, shown) == 20
    assert minutes(words, hidden) == 10
    assert minutes() == 5


def test_an_answer_takes_longer_than_its_task_is_read():
    def cell(line):
        return nodes.container("", nodes.literal_block("", line), nb_element="cell_code")

    words = nodes.paragraph("", "word " * 2000)
    tasks = [cell(f"exercises.task_{number}.check(task_{number})\n") for number in range(10)]
    assert guide.reading_minutes(nodes.section("", words, *tasks)) == 20
    others = [cell(f"exercises.task_{number}.check(another)\n") for number in range(10)]
    assert guide.reading_minutes(nodes.section("", words, *others)) == 10


def test_with_a_pencil_it_takes_longer_and_never_as_long():
    assert [guide.Guide(minutes).longest for minutes in (5, 10, 20, 25, 30, 40)] == [10, 15, 35, 40, 50, 70]
    assert guide.span([guide.Guide(5), guide.Guide(20)]) == "25–45"
    assert guide.span([]) == "0"


def test_of_several_tabs_one_is_read():
    def tab(lines):
        content = nodes.container("", nodes.literal_block("", "\n".join("x" * lines)), design_component="tab-content")
        return nodes.container("", nodes.rubric("", "a"), content, design_component="tab-item")

    tabs = nodes.container("", tab(200), tab(200), tab(200), design_component="tab-set")
    assert guide.reading_minutes(nodes.section("", tabs)) == 10


@pytest.fixture
def app():
    """A build in which one page, b, needs a, leads to c and is the fourth chapter."""
    return SimpleNamespace(
        builder=SimpleNamespace(format="html", get_relative_uri=lambda page, name: f"{name}.html"),
        config=SimpleNamespace(press_sheet="card"),
        page_kinds={"a": "chapter", "b": "chapter", "c": "chapter", "card": "chapter", "errata": "reference"},
        env=SimpleNamespace(
            titles={"a": nodes.title("", "A & B"), "c": nodes.title("", "C")},
            toc_secnumbers={"a": {"": (3,)}, "b": {"": (4,)}, "c": {}},
        ),
        reading_guides={
            "a": guide.Guide(50),
            "b": guide.Guide(65, ("a",), ("c",)),
            "c": guide.Guide(500),
        },
    )


def shown(app, page, *parts):
    doctree = nodes.section("", *parts)
    guide.show_guide(app, doctree, page)
    return doctree


def test_the_guide_stands_under_the_title(app):
    title, under, text = shown(app, "b", nodes.title("", "B"), nodes.paragraph("", "x"))
    assert (title.astext(), text.astext()) == ("B", "x")
    assert [(item["term"], item.astext()) for item in under] == [
        ("Reading time", "65–110 minutes"),
        ("Needs", "A & B"),
        ("Leads to", "C"),
    ]
    assert [link["refuri"] for link in under.findall(nodes.reference)] == ["a.html", "c.html"]
    assert len(shown(app, "d", nodes.title("", "D"))) == 1


def test_a_chapter_leads_to_the_card_and_the_card_to_no_other(app):
    app.env.titles["card"] = nodes.title("", "The card")
    app.reading_guides |= {"card": guide.Guide(5), "errata": guide.Guide(5)}
    assert shown(app, "errata", nodes.title("", "x")).astext() == "x"  # looked up, and nothing to tell
    places = {page: list(shown(app, page, nodes.title("", "x"))[1]) for page in ("b", "card")}
    assert [[item["term"] for item in items].count("To print") for items in places.values()] == [1, 0]
    assert places["b"][-1].astext() == "The card, one sheet"
    assert places["b"][-1].next_node(nodes.reference)["refuri"] == "card.html"


def test_the_time_of_the_course_is_that_of_its_numbered_chapters(app):
    place = nodes.raw("", "<!-- course-time -->", format="html")
    assert shown(app, "first", nodes.paragraph("", "", nodes.Text("Read. "), place)).astext() == (
        "Read. 2 chapters, 2 to 3 hours; all pages, 10 to 17 hours."
    )


def test_a_drawing_counts_and_the_formulas_of_a_ledger_do_not():
    data = {"svg": "<svg/>", "alt": "A.", "width": 1, "wide": False, "caption": None}
    cell = nodes.container("", *figure.build(data), nodes.math("", "x"), nb_element="cell_code")
    words = nodes.paragraph("", "word " * 1950)
    assert guide.reading_minutes(nodes.section("", words, *[cell.deepcopy() for _ in range(10)])) == 15
    assert guide.reading_minutes(nodes.section("", words)) == 10


def test_each_line_of_a_ledger_counts():
    lines = [ledger.LedgerLine() for _ in range(30)]
    whole = nodes.container("", ledger.Ledger("", ledger.LedgerLines("", *lines)), nb_element="cell_code")
    words = nodes.paragraph("", "word " * 1950)
    assert guide.reading_minutes(nodes.section("", words, whole)) == 15


def test_the_guide_is_a_list_of_terms(tmp_path, sphinx_build):
    toctree = "Start\n=====\n\n.. toctree::\n\n   a\n   b\n"
    site = sphinx_build(tmp_path, "extensions = ['press.guide']", index=toctree, a="A\n=\n", b="B & c\n=====\n")
    page = (site / "a.html").read_text(encoding="utf-8")
    assert '<dl class="pg-guide"><div><dt>Reading time</dt><dd>5–10 minutes</dd></div>' in page
    assert '<div><dt>Leads to</dt><dd><a class="reference internal" href="b.html">B &amp; c</a></dd></div></dl>' in page


def test_the_way_through_the_course_has_the_time_of_each_page_and_part(tmp_path, sphinx_build):
    start = "Start\n=====\n\n.. raw:: html\n\n   <!-- course-way -->\n\n.. toctree::\n   :caption: First & last\n"
    start += "\n   a\n   b\n"
    site = sphinx_build(tmp_path, "extensions = ['press.guide']", index=start, a="A\n=\n", b="B\n=\n")
    way = (site / "index.html").read_text(encoding="utf-8").partition('<div class="pg-way">')[2]
    assert way.startswith("<section><h3>First &amp; last<span> 10–20 min</span></h3><ul>")
    assert '<li><a class="reference internal" href="a.html">A</a><span> 5–10 min</span></li>' in way
