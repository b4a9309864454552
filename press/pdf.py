"""A Sphinx extension: how the pages of the website become one book in print.

What is folded away on the website is open, under its title, and the parts of the contents are parts of the book. What
cells show is written for LaTeX where it is written for the website (``press/outputs``).
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import chain, count
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from press.placeholders import fill

#: Where the link to the PDF comes: it is made when the website is there (``tools/build_pdf.py``), and empty without it.
PLACE = '<span id="pg-pdf"></span>'


class OpenFolds(SphinxPostTransform):
    """Leave out code that is folded away on the website, and open what else is."""

    formats = ("latex",)
    default_priority = 3

    def run(self, **kwargs: Any) -> None:
        """Run the transform."""
        for cell in list(self.document.findall(nodes.container)):
            if cell.get("hide_mode") == "input":
                # The outputs of the cell stay.
                for part in list(cell.children):
                    if part.get("nb_element") == "cell_code_source":
                        cell.remove(part)


def label_of(caption: str, taken: Collection[str]) -> str:
    """Return the label of a part, with a number where another has it: a caption need not hold a Latin letter."""
    name = nodes.make_id(f"part-{caption}")
    return next(label for label in chain([name], (f"{name}-{number}" for number in count(2))) if label not in taken)


def in_parts(root: nodes.document) -> nodes.document:
    """Return the first page with the book in parts: itself and what is not in a part of the contents, then the parts.

    The chapters of a part are numbered where the website numbers them.
    """
    contents = list(root.findall(addnodes.toctree))
    for wrapper in [toctree.parent for toctree in contents]:
        wrapper.parent.remove(wrapper)
    first = nodes.section("", nodes.title("", FIRST_PART), numbering(False), *root.children, ids=["first-part"])
    root.children = []
    taken = {name for element in root.findall(nodes.Element) for name in element["ids"]}
    book = nodes.section("", nodes.title("", "The book"), first, ids=["the-book"])  # LaTeX takes it for the title
    root += book
    for toctree in contents:
        caption = toctree.get("caption")
        if not caption:
            first += toctree
            continue
        toctree["caption"] = None
        name = label_of(caption, taken)
        taken.add(name)
        book += nodes.section(
            "", nodes.title("", caption), numbering(bool(toctree.get("numbered"))), toctree, ids=[name]
        )
    return root


FIRST_PART = "Before you start"


def numbering(numbered: bool) -> nodes.raw:
    """Return what turns the numbers of chapters on or off."""
    return nodes.raw("", f"\\setcounter{{secnumdepth}}{{{1 if numbered else -2}}}", format="latex")


def arrange(app: Any) -> None:
    """Let the LaTeX builder see the first page in parts while it puts the book together."""
    if app.builder.format != "latex":
        return
    assemble = app.builder.assemble_doctree

    def assemble_in_parts(*arguments: Any, **options: Any) -> nodes.document:
        get_doctree = app.env.get_doctree

        def get_arranged(docname: str) -> nodes.document:
            doctree = get_doctree(docname)
            return in_parts(doctree) if docname == app.config.root_doc else doctree

        app.env.get_doctree = get_arranged
        try:
            return assemble(*arguments, **options)
        finally:
            del app.env.get_doctree

    app.builder.assemble_doctree = assemble_in_parts


def keep_place(app: Any, doctree: nodes.document, docname: str) -> None:
    """Keep the place of the link to the PDF, where a page asks for it by ``<!-- pdf -->``."""
    if app.builder.format == "html":
        fill(doctree, "pdf", lambda: [nodes.raw("", PLACE, format="html")])


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.add_post_transform(OpenFolds)
    app.connect("builder-inited", arrange)
    app.connect("doctree-resolved", keep_place)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
