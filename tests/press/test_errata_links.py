"""Labels of errata as links."""

from types import SimpleNamespace

from docutils import nodes
from sphinx.addnodes import pending_xref

from press import errata_links


def links(node, page="book/setting/decision-processes"):
    doctree = nodes.section("", node)
    errata_links.link_labels(SimpleNamespace(env=SimpleNamespace(docname=page)), doctree)
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
    assert not links(nodes.paragraph("", "EA1"), errata_links.ERRATA)


PAGE = "extensions = ['press.errata_links']"


def test_an_erratum_that_is_not_there_is_a_warning(tmp_path, sphinx_build, sphinx_fails):
    there = "Page\n====\n\nAs EA1 says.\n\n.. _ea1:\n\nAn erratum\n----------\n"
    page = (sphinx_build(tmp_path, PAGE, index=there) / "index.html").read_text(encoding="utf-8")
    assert 'href="#ea1"' in page
    assert "undefined label: 'ea2'" in sphinx_fails(tmp_path, PAGE, index=there.replace("EA1", "EA2"))
