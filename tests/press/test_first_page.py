"""What only the first page has."""

import re
from types import SimpleNamespace

import pytest

from press import first_page

APP = SimpleNamespace(config=SimpleNamespace(root_doc="book/intro"))
PROJECT = 'extensions = ["myst_parser", "press.first_page", "press.placeholders"]\nmyst_enable_extensions = ["deflist"]'
PAGE = """# Page

<!-- promise -->

It is short.

<!-- symbols -->

*a* is a letter.

Text.

- no way

<!-- ways -->

- a way

<!-- verdicts -->

✓ exact
: Both sides agree.
"""


def test_the_first_page_has_a_promise_words_for_symbols_and_ways_in(tmp_path, sphinx_build):
    site = sphinx_build(tmp_path, PROJECT, index=PAGE)
    page = (site / "index.html").read_text(encoding="utf-8")
    assert '<p class="pg-promise">It is short.</p>' in page
    assert '<p class="pg-symbols"><em>a</em>' in page
    assert page.count("pg-ways") == 1
    assert re.search(r'<dl class="[^"]*pg-verdicts">\s*<dt>✓ exact', page)
    assert page.index("no way") < page.index('<ul class="pg-ways')
    assert "<!--" not in page[page.index("<h1>") : page.index("a way</p>")]


@pytest.mark.parametrize("words", ["- a list", "# A heading"])
def test_a_comment_that_names_something_else_is_a_warning(tmp_path, sphinx_fails, words):
    said = sphinx_fails(tmp_path, PROJECT, index=f"# Page\n\n<!-- promise -->\n\n{words}\n")
    assert "<!-- promise --> asks for something that there is not" in said


def test_title_of_the_root_is_not_doubled():
    def title(name):
        context = {"docstitle": "Course"}
        first_page.title_once(APP, name, "", context, None)
        return context["docstitle"]

    assert title("book/intro") == ""
    assert title("book/notation") == "Course"
