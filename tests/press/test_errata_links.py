"""Labels of errata as links."""

from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.core import publish_doctree
from sphinx.addnodes import pending_xref

from press import errata_links
from press.live import distribution

APP = SimpleNamespace(config=SimpleNamespace(press_labels=r"E[AB]\d+"))


def links(node, *here):
    """The links that are made on a page that holds some labels itself."""
    doctree = publish_doctree("".join(f".. _{label}:\n\n" for label in here) + "A page.")
    doctree += nodes.section("", node)
    errata_links.link_labels(APP, doctree)
    return {link.astext(): link["reftarget"] for link in doctree.findall(pending_xref)}


def test_labels_in_a_text_lead_to_the_errata():
    text = nodes.paragraph("", "EA8 and EB12, but not A8, EC1 or XEA8.")
    assert links(text) == {"EA8": "ea8", "EB12": "eb12"}
    assert text.astext() == "EA8 and EB12, but not A8, EC1 or XEA8."


def test_the_title_of_a_block_holds_links_and_that_of_a_section_none():
    assert list(links(nodes.admonition("", nodes.title("", "In the source: a name (EA1)")))) == ["EA1"]
    assert not links(nodes.title("", "EA1"))


def test_code_formulas_and_links_stay_as_they_are():
    for kind in (nodes.literal, nodes.literal_block, nodes.math):
        assert not links(nodes.paragraph("", "", kind("", "EA1")))
    assert not links(nodes.paragraph("", "", nodes.reference("", "EA1", refuri="elsewhere")))
    assert links(nodes.paragraph("", "", pending_xref("", nodes.Text("EA1"), reftarget="x"))) == {"EA1": "x"}


def test_the_errata_do_not_lead_to_themselves():
    text = nodes.paragraph("", "EA1, EA2 and EB3")
    assert links(text, "ea1", "eb3") == {"EA2": "ea2"}
    assert text.astext() == "EA1, EA2 and EB3"


def test_where_no_labels_are_named_there_are_no_links():
    doctree = nodes.section("", nodes.paragraph("", "EA1"))
    errata_links.link_labels(SimpleNamespace(config=SimpleNamespace(press_labels="")), doctree)
    assert not list(doctree.findall(pending_xref))


PAGE = r"""
extensions = ['press.errata_links']
press_labels = r"E[AB]\d+"
"""


def test_an_erratum_that_is_not_there_is_a_warning(tmp_path, sphinx_build, sphinx_fails):
    errata = ":orphan:\n\nErrata\n======\n\nOne is EA1.\n\n.. _ea1:\n\nAn erratum\n----------\n"
    there = "Page\n====\n\nAs EA1 says.\n"
    page = (sphinx_build(tmp_path, PAGE, index=there, errata=errata) / "index.html").read_text(encoding="utf-8")
    assert 'href="errata.html#ea1"' in page
    said = sphinx_fails(tmp_path, PAGE, index=there.replace("EA1", "EA2"), errata=errata)
    assert "undefined label: 'ea2'" in said


def test_what_is_no_regular_expression_is_a_warning(tmp_path, sphinx_fails):
    said = sphinx_fails(tmp_path, PAGE.replace("[AB]", "(AB"), index="Page\n====\n")
    assert "press_labels in the configuration is no regular expression" in said


def test_a_page_that_runs_is_built_where_labels_are_no_regular_expression(tmp_path, sphinx_fails, notebook):
    if distribution.distribution() is None:
        pytest.skip("press/vendor/python is missing, which `make vendor` fetches")
    settings = (
        "extensions = ['myst_nb', 'press.assets', 'press.outputs', 'press.cells', 'press.live']\n"
        "nb_execution_mode, press_labels = 'off', 'E('\n"
    )
    said = sphinx_fails(tmp_path, settings, index=notebook(("print(1)", {})))
    assert "press_labels in the configuration is no regular expression" in said
    assert "unterminated" in said
    assert "Extension error" not in said
