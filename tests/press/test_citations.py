"""Citations as links of Markdown."""

import pytest
from pybtex.database import parse_string

from press import citations

WORKS = """
@misc{a92, author={Ab, Cy}, title={One}, year={1992}}
@misc{b98, author={van Bo, Al and Cy, Di}, title={Two}, year={1998}}
@misc{c00, author={{De Fo} and Gu, Hi and Iv, Jo}, title={Three}}
"""


@pytest.mark.parametrize(
    ("sphinx", "markdown"),
    [
        ("Known {cite}`a92`.", "Known ([Ab, 1992](w.md#a92))."),
        ("Known {cite:p}`a92, b98`.", "Known ([Ab, 1992](w.md#a92); [van Bo and Cy, 1998](w.md#b98))."),
        ("{cite:t}`b98` show it.", "[van Bo and Cy (1998)](w.md#b98) show it."),
        ("{cite:t}`a92,c00`", "[Ab (1992)](w.md#a92) and [De Fo et al. (n.d.)](w.md#c00)"),
        ("{eq}`a92` and [Ab, 1992](w.md#a92)", "{eq}`a92` and [Ab, 1992](w.md#a92)"),
    ],
)
def test_roles_become_links(sphinx, markdown):
    assert citations.with_links(sphinx, "w.md", parse_string(WORKS, "bibtex")) == markdown


def test_an_entry_that_is_not_there_is_an_error():
    with pytest.raises(KeyError, match="x00"):
        citations.with_links("{cite}`x00`", "w.md", parse_string(WORKS, "bibtex"))


def test_a_link_is_known_by_its_page_and_its_key():
    found = citations.LINK.search("By ([Ab, 1992](../reference/bibliography.md#a92)).")
    assert found.groupdict() == {"words": "Ab, 1992", "page": "../reference/bibliography.md", "key": "a92"}
    assert not citations.LINK.search("[here](../reference/bibliography.md) [there](glossary.md#a92)")


SETTINGS = """
extensions = ["myst_parser", "sphinx_design", "sphinxcontrib.bibtex", "press.citations"]
myst_enable_extensions = ["colon_fence"]
bibtex_bibfiles, bibtex_cite_id = ["works.bib"], "{key}"
root_doc = "start"
"""


def test_a_book_without_a_bibliography_is_built(tmp_path, sphinx_build):
    settings = "extensions = ['myst_parser', 'press.citations']\nroot_doc = 'start'\n"
    built = sphinx_build(tmp_path, settings, start="# Start\n\nWords.\n")
    assert "Words." in (built / "start.html").read_text(encoding="utf-8")


def test_a_link_leads_to_its_entry_and_one_to_nowhere_is_a_warning(tmp_path, sphinx_build, sphinx_fails):
    (tmp_path / "works.bib").write_text(WORKS, encoding="utf-8")
    start = "# Start\n\n```{toctree}\nlists/works\n```\n\n"
    pages = {"lists/works": "# Works\n\n```{bibliography}\n:all:\n```\n\n:::{div} elsewhere\n\n- For others\n\n:::\n"}
    link = "([Ab, 1992](lists/works.md#a92))"
    built = sphinx_build(tmp_path, SETTINGS, start=f"{start}{link}", **pages)
    page = (built / "start.html").read_text(encoding="utf-8")
    assert 'href="lists/works.html#a92"' in page
    works = (built / "lists/works.html").read_text(encoding="utf-8")
    assert 'id="a92"' in works
    assert "For others" not in works
    assert "x00" in sphinx_fails(tmp_path, SETTINGS, start=start + link.replace("a92", "x00"), **pages)
