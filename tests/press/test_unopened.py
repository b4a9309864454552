"""What is folded away stays text."""

from types import SimpleNamespace

from docutils import nodes

from press import folds, unopened
from press.outputs.slider import Slider


def written(fold):
    """What the visitors of a fold write, with its other nodes as their text."""
    translator = SimpleNamespace(body=[])
    translator.starttag = lambda node, tag: f"<{tag}>"

    def write(node):
        if isinstance(node, folds.FoldedBlock):
            folds.enter_block(translator, node)
            for child in node.children:
                write(child)
            folds.leave_block(translator, node)
        elif isinstance(node, folds.FoldedTitle):
            folds.enter_title(translator, node)
            folds.leave_title(translator, node)
        else:
            translator.body.append(f"[{node.astext()}]")

    write(fold)
    return "".join(translator.body).replace("\n", "")


def fold(*content):
    return folds.FoldedBlock("", folds.FoldedTitle("", "", nodes.Text("T")), *content)


SUMMARY = '<summary class="admonition-title"></summary>'


def test_the_content_of_a_fold_is_text_after_its_title():
    expected = f"<details>{SUMMARY}{unopened.START}[words]{unopened.STOP}</details>"
    assert written(fold(nodes.paragraph("", "words"))) == expected


def test_a_fold_in_a_fold_is_part_of_the_outer_one():
    inner = fold(nodes.paragraph("", "inner"))
    text = written(fold(nodes.paragraph("", "outer"), inner))
    assert text.count("noscript") == 2
    assert text.endswith(f"<details>{SUMMARY}[inner]</details>{unopened.STOP}</details>")


def test_one_after_the_other_are_both_text():
    block = nodes.section("", fold(nodes.paragraph("", "1")), fold(nodes.paragraph("", "2")))
    assert all(written(part).count(unopened.START) == 1 for part in block)


def test_words_for_readers_without_scripts_stay_outside():
    """A ``<noscript>`` ends at the first end of one: a fold that holds another stays as it is."""
    assert "noscript" not in written(fold(Slider("", plays=None)))
    raw = nodes.raw("", "<noscript>needs scripts</noscript>", format="html")
    assert unopened.START not in written(fold(raw))
