"""Remarks in the margin."""

import pytest
from bs4 import BeautifulSoup

SETTINGS = """
project, author, root_doc = "Course", "Us", "index"
extensions = ["myst_parser", "press.asides"]
myst_enable_extensions = ["colon_fence", "dollarmath"]
html_theme = "basic"
exclude_patterns = ["_build"]
"""
PAGE = """# Page

:::{admonition} Another *name*
:class: aside simple

It is also called a *walk*.
:::

:::{admonition} A question
:class: question

Why?
:::
"""


@pytest.fixture
def written(tmp_path, sphinx_build):
    """What is written of the page, by its builder and its file."""
    return lambda builder, file: (sphinx_build(tmp_path, SETTINGS, builder, index=PAGE) / file).read_text("utf-8")


def test_an_aside_is_what_the_theme_puts_into_the_margin(written):
    page = BeautifulSoup(written("html", "index.html"), "html.parser")
    (aside,) = page.select("aside.margin")
    assert "admonition" not in aside["class"]
    assert str(aside.find("p", class_="sidebar-title").decode_contents()) == "Another <em>name</em>"
    assert aside.get_text().split() == ["Another", "name", "It", "is", "also", "called", "a", "walk."]
    assert [block.find("p").get_text() for block in page.select("div.admonition")] == ["A question"]


def test_an_aside_is_a_box_in_print(written):
    latex = written("latex", "course.tex")
    box = latex[latex.index("sphinxShadowBox") : latex.index("{sphinxShadowBox}", latex.index("It is also called"))]
    assert r"Another \sphinxstyleemphasis{name}" in box
