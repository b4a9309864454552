"""A Sphinx extension: a block that opens is a ``<details>`` with its title as the summary.

So it needs no script, its whole title bar opens it, and its name is its title.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.locale import admonitionlabels

from press import unopened


class FoldedBlock(nodes.General, nodes.Element):  # type: ignore[misc]
    """A block that opens."""


class FoldedTitle(nodes.General, nodes.TextElement):  # type: ignore[misc]
    """The title of a block that opens."""


def enter_block(translator: Any, node: FoldedBlock) -> None:
    """Write the start of a block that opens."""
    translator.body.append(translator.starttag(node, "details"))


def leave_block(translator: Any, node: FoldedBlock) -> None:
    """Write the end of a block that opens."""
    unopened.end(translator, node)
    translator.body.append("</details>\n")


def enter_title(translator: Any, node: FoldedTitle) -> None:
    """Write the start of the title bar."""
    translator.body.append('<summary class="admonition-title">')


def leave_title(translator: Any, node: FoldedTitle) -> None:
    """Write the end of the title bar."""
    translator.body.append("</summary>\n")
    unopened.begin(translator, node.parent)


PROOF = "Proof."
SHARED_IDS = {"proof", "proof-content", "exercise-content", "solution-content"}


def fold_blocks(app: Any, doctree: nodes.document, docname: str = "") -> None:
    """Turn each admonition and each solution of the class ``dropdown`` into a block that opens."""
    if app.builder.format != "html":
        return
    for block in list(doctree.findall(nodes.Element)):
        # Names that sphinx_proof and sphinx_exercise give to every block of a kind.
        if set(block.get("ids", ())) & SHARED_IDS:
            block["ids"] = [name for name in block["ids"] if name not in SHARED_IDS]
    for block in list(doctree.findall(nodes.Admonition)):
        if "dropdown" not in block.get("classes", ()):
            continue
        if "countertype" in block:
            continue  # sphinx_proof numbers these while it writes them
        if block.children and isinstance(block[0], nodes.title):
            title, content = block[0], block.children[1:]
            # A link in the title bar would lead away instead of opening the block.
            for link in list(title.findall(nodes.reference)):
                link.replace_self(link.children)
            words = title.children
        elif "proof" in block["classes"]:
            words, content = [nodes.Text("Proof")], block.children
        elif block.tagname in admonitionlabels:
            words, content = [nodes.Text(str(admonitionlabels[block.tagname]))], block.children
        else:
            continue
        kind = block.tagname.removesuffix("_node")
        classes = dict.fromkeys(["admonition", *([] if kind == "admonition" else [kind]), *block["classes"]])
        folded = FoldedBlock(classes=list(classes), ids=block["ids"], names=block["names"])
        folded += FoldedTitle("", "", *words)
        folded.extend(content)
        block.replace_self(folded)


def name_proofs(app: Any, doctree: nodes.document) -> None:
    """Set the word with which a proof begins apart from what follows: sphinx_proof puts it into the first sentence."""
    for block in doctree.findall(nodes.Admonition):
        words = next(iter(block.findall(nodes.Text)), None) if "proof" in block.get("classes", ()) else None
        if words is not None and words.startswith(PROOF) and words.parent.parent is block:
            words.parent.insert(0, nodes.strong("", PROOF))
            words.parent.replace(words, nodes.Text(words.removeprefix(PROOF)))


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.connect("doctree-read", name_proofs)
    app.add_node(FoldedBlock, html=(enter_block, leave_block))
    app.add_node(FoldedTitle, html=(enter_title, leave_title))
    app.connect("doctree-resolved", fold_blocks, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
