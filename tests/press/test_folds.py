"""Blocks that open without a script."""

from types import SimpleNamespace

from docutils import nodes

from press import folds


def folded(block, builder="html"):
    doctree = nodes.section("", block)
    folds.fold_blocks(SimpleNamespace(builder=SimpleNamespace(format=builder)), doctree)
    return doctree[0]


def test_a_dropdown_is_folded_under_its_title():
    link = nodes.reference("", "Exercise 1", refuri="#ex")
    title = nodes.title("", "", nodes.Text("Solution to "), link)
    block = folded(nodes.admonition("", title, nodes.paragraph("", "Yes."), classes=["dropdown"], ids=["sol"]))
    assert isinstance(block, folds.FoldedBlock)
    assert block["ids"] == ["sol"]
    assert block["classes"] == ["admonition", "dropdown"]
    assert block[0].astext() == "Solution to Exercise 1"
    assert not list(block[0].findall(nodes.reference))
    assert block[1].astext() == "Yes."


def test_a_dropdown_without_a_title_has_one_of_its_kind():
    assert folded(nodes.note("", nodes.paragraph("", "n"), classes=["dropdown"]))[0].astext() == "Note"
    assert folded(nodes.admonition("", nodes.paragraph("", "p"), classes=["proof", "dropdown"]))[0].astext() == "Proof"


def test_other_blocks_and_other_builders_are_left_alone():
    title = nodes.title("", "T")
    assert isinstance(folded(nodes.admonition("", title)), nodes.admonition)
    assert isinstance(folded(nodes.admonition("", title, classes=["dropdown"]), "latex"), nodes.admonition)


def test_ids_that_every_block_of_a_kind_has_are_dropped():
    assert folded(nodes.section("", ids=["proof-content", "own"]))["ids"] == ["own"]


def test_the_word_with_which_a_proof_begins_is_strong_once():
    def block(*words):
        return nodes.admonition(
            "", nodes.paragraph("", "", *words), nodes.paragraph("", "Proof. Not here."), classes=["proof"]
        )

    proof, linked = block(nodes.Text("Proof. Clear.")), block(nodes.emphasis("", "Proof. Not it."))
    doctree = nodes.section("", proof, linked, nodes.admonition("", nodes.paragraph("", "Proof. No proof.")))
    folds.name_proofs(SimpleNamespace(), doctree)
    assert [strong.astext() for strong in doctree.findall(nodes.strong)] == ["Proof."]
    assert proof[0].astext() == "Proof. Clear."
    folds.name_proofs(SimpleNamespace(), doctree)
    assert len(list(doctree.findall(nodes.strong))) == 1
