"""What only the first page has."""

from types import SimpleNamespace

from docutils import nodes

from press import first_page

APP = SimpleNamespace(config=SimpleNamespace(root_doc="book/intro"))


def test_the_first_page_has_a_promise_words_for_symbols_and_ways_in():
    def classes(name):
        parts = [nodes.paragraph("", "p"), nodes.bullet_list(), nodes.paragraph("", "q"), nodes.bullet_list()]
        first_page.mark_first_page(APP, nodes.section("", *parts), name)
        return [part["classes"] for part in parts]

    assert classes("book/intro") == [["pg-promise"], ["pg-ways"], ["pg-symbols"], []]
    assert classes("book/notation") == [[], [], [], []]


def test_title_of_the_root_is_not_doubled():
    def title(name):
        context = {"docstitle": "Course"}
        first_page.title_once(APP, name, "", context, None)
        return context["docstitle"]

    assert title("book/intro") == ""
    assert title("book/notation") == "Course"
