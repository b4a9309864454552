"""Labels of errata as links."""

from types import SimpleNamespace

from docutils import nodes

from press import errata_links

APP = SimpleNamespace(builder=SimpleNamespace(format="html", get_relative_uri=lambda page, other: f"../{other}.html"))


def links(node, page="book/setting/decision-processes"):
    doctree = nodes.section("", node)
    errata_links.link_labels(APP, doctree, page)
    return {link.astext(): link["refuri"] for link in doctree.findall(nodes.reference)}


def test_labels_in_a_text_lead_to_the_errata():
    text = nodes.paragraph("", "EA8 and EB12, but not A8, EC1 or XEA8.")
    to = "../book/reference/errata.html"
    assert links(text) == {"EA8": f"{to}#ea8", "EB12": f"{to}#eb12"}
    assert text.astext() == "EA8 and EB12, but not A8, EC1 or XEA8."


def test_the_title_of_a_block_holds_links_and_that_of_a_section_none():
    assert list(links(nodes.admonition("", nodes.title("", "In the source: a name (EA1)")))) == ["EA1"]
    assert not links(nodes.title("", "EA1"))


def test_code_formulas_and_links_stay_as_they_are():
    for kind in (nodes.literal, nodes.literal_block, nodes.math):
        assert not links(nodes.paragraph("", "", kind("", "EA1")))
    link = nodes.paragraph("", "", nodes.reference("", "EA1", refuri="elsewhere"))
    assert links(link) == {"EA1": "elsewhere"}


def test_the_errata_do_not_lead_to_themselves():
    assert not links(nodes.paragraph("", "EA1"), errata_links.ERRATA)
