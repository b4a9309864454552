"""The line under the title of a page."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from sphinx.addnodes import pending_xref

from press import guide


def chapter(*needs):
    """A chapter that opens with "You need …" and links to other pages in and after that sentence."""
    paragraph = nodes.paragraph("", "", nodes.Text("You need "))
    for page in needs:
        paragraph += [pending_xref("", reftype="doc", reftarget=f"/{page}"), nodes.Text(" and ")]
    paragraph += [nodes.Text("numbers. See also "), pending_xref("", reftype="doc", reftarget="/other")]
    return nodes.section("", paragraph)


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
    guides = guide.reading_guides(pages, list(pages))
    assert [guides[name].needs for name in pages] == [(), ("a",), (), ("a", "b")]
    assert [guides[name].leads_to for name in pages] == [("b", "d"), ("d",), ("d",), ()]


def test_a_chapter_leads_to_no_exercises_that_do_not_need_it():
    pages = dict.fromkeys(["book/x/a", "book/exercises/b", "book/exercises/c", "book/reference/d"], nodes.section())
    guides = guide.reading_guides(pages, list(pages))
    assert [guides[name].leads_to for name in pages] == [(), ("book/exercises/c",), (), ()]


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


@pytest.fixture
def app():
    """A build in which one page, b, needs a, leads to c and is the fourth chapter."""
    return SimpleNamespace(
        builder=SimpleNamespace(get_relative_uri=lambda page, name: f"{name}.html"),
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


def shown(app, page, body):
    context = {"body": body}
    guide.show_guide(app, page, "", context, None)
    return context["body"]


def test_the_guide_stands_under_the_title(app):
    body = shown(app, "b", "<h1>B</h1><p>x</p>")
    assert body.startswith('<h1>B</h1><dl class="pg-guide">')
    assert '<dt>Needs</dt><dd><a href="a.html">A &amp; B</a></dd>' in body
    assert '<dt>Leads to</dt><dd><a href="c.html">C</a></dd>' in body
    assert "<dd>about 65 minutes</dd>" in body
    assert shown(app, "d", "<h1>D</h1>") == "<h1>D</h1>"


def test_the_time_of_the_course_is_that_of_its_numbered_chapters(app):
    assert shown(app, "first", f"Read. {guide.COURSE_TIME}") == "Read. 2 chapters, about 2 hours."
