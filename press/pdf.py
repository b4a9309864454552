"""A Sphinx extension: what the PDF shows in the place of the website's own HTML.

The outputs of cells are HTML: a figure is a ``<figure>`` around an inline SVG, a ledger is a table whose formulas
MathJax sets. LaTeX knows neither. Before Sphinx chooses among the forms of an output, a figure becomes an image with
its caption, a slider the frame that stands for it where scripts are blocked, and a ledger a list of its lines. What is
folded away on the website is open, under its title. Nothing here touches the website.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from docutils import nodes  # type: ignore[import-untyped]
from sphinx import addnodes
from sphinx.transforms.post_transforms import SphinxPostTransform

SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
CAPTION = re.compile(r"<figcaption>(.*?)</figcaption>", re.DOTALL)
LABEL = re.compile(r'aria-label="([^"]*)"')
FOLDED = re.compile(r"<summary>Show the (.*?)</summary>")
ONE_FRAME = re.compile(r"<noscript>(.*? frames)\..*?</noscript>", re.DOTALL)
PAGE_COLOR = re.compile(r"var\(--[\w-]+, *(#[0-9a-f]{6})\)")
PAGE_SURFACE = re.compile(r"var\(--[\w-]+, *var\([^)]*\)\)")
INLINE_MATH = re.compile(r"\\\((.*?)\\\)|\$([^$]+)\$", re.DOTALL)
LEDGER = re.compile(r'<div class="ledger\b.*?</table></div>', re.DOTALL)
POINTS_PER_PIXEL = 3 / 4


def standalone(svg: str) -> str:
    """Return an inline drawing as a file of its own, black on white."""
    svg = PAGE_SURFACE.sub("#ffffff", PAGE_COLOR.sub(r"\1", svg))
    return svg.replace("currentColor", "#000000").replace('style="display: block;', 'data-style="', 1)


def draw(svg: str, folder: Path) -> str:
    """Write a drawing as a PDF into the folder, unless it is there, and return the name of the file."""
    source = standalone(svg)
    name = f"drawing-{hashlib.sha256(source.encode()).hexdigest()[:16]}.pdf"
    if not (folder / name).exists():
        command = ["rsvg-convert", "--format=pdf", f"--output={folder / name}"]
        subprocess.run(command, input=source, encoding="utf-8", check=True)
    return name


def with_math(text: str) -> list[nodes.Node]:
    """Return a text as nodes, with its formulas as mathematics."""
    parts: list[nodes.Node] = []
    end = 0
    for match in INLINE_MATH.finditer(text):
        parts += [nodes.Text(text[end : match.start()]), nodes.math("", match[1] or match[2])]
        end = match.end()
    return [*parts, nodes.Text(text[end:])]


def figure(html: str, svg: str, folder: Path) -> nodes.figure:
    """Return the figure of an output."""
    name = draw(svg, folder)
    label, caption = LABEL.search(svg), CAPTION.search(html)
    image = nodes.image(uri=name, candidates={"*": name}, alt=unescape(label[1]) if label else "")
    view_box = re.search(r'viewBox="0 0 ([\d.]+) ', svg)
    if view_box and float(view_box[1]) < TEXT_WIDTH:
        image["width"] = f"{float(view_box[1]):.0f}pt"
    else:
        image["width"] = "100%"
    whole = nodes.figure("", image, align="center")
    if caption:
        text = unescape(ONE_FRAME.sub(r"\1. The website shows the others.", caption[1]))
        words = nodes.paragraph("", "", nodes.emphasis("", "", *with_math(text)))
        whole += nodes.legend("", words)  # not a caption: the website does not number its figures
    return whole


TEXT_WIDTH = 440  # points, a little less than the page of the PDF has


def ledger(html: str) -> nodes.definition_list:
    """Return a ledger as a list: the label and the verdict, then the formula and the reason."""
    table = ElementTree.fromstring(html)
    lines = nodes.definition_list()
    for row in table.iter("tr"):
        cells = {cell.get("class"): "".join(cell.itertext()).strip() for cell in row.iter("td")}
        if not cells:
            continue
        label = "".join(next(row.iter("th")).itertext())
        head = nodes.term("", "", nodes.strong("", label), nodes.Text(f"  {cells['ledger-verdict']}"))
        formula = cells["ledger-formula"].removeprefix("\\(\\displaystyle ").removesuffix("\\)")
        words = nodes.paragraph("", f"{cells['ledger-reason']} ({cells['ledger-value']})")
        block = nodes.math_block("", formula, nowrap=False, number=None, label=None, docname="")
        lines += nodes.definition_list_item("", head, nodes.definition("", block, words))
    return lines


def show_titles(document: nodes.document) -> None:
    """Put the title of what is folded away in the place of the bar that opens it."""
    for raw in list(document.findall(nodes.raw)):
        if title := FOLDED.search(raw.astext()):
            raw.replace_self(nodes.paragraph("", "", nodes.strong("", title[1].capitalize())))


class PrintedOutputs(SphinxPostTransform):
    """Put figures and ledgers in the place of HTML, before one form of each output is chosen."""

    formats = ("latex",)
    default_priority = 3

    def run(self, **kwargs: Any) -> None:
        """Run the transform."""
        folder = Path(self.app.outdir)
        for cell in list(self.document.findall(nodes.container)):
            if cell.get("hide_mode") == "input":
                # Folded away on the website. The outputs of the cell stay.
                for part in list(cell.children):
                    if part.get("nb_element") == "cell_code_source":
                        cell.remove(part)
        show_titles(self.document)
        for bundle in list(self.document.findall(nodes.container)):
            if bundle.get("nb_element") != "mime_bundle":
                continue
            forms = {form.get("mime_type"): form for form in bundle.children}
            html = forms["text/html"].astext() if "text/html" in forms else ""
            drawing = SVG.search(html)
            if drawing:
                bundle.replace_self(figure(html, drawing[0], folder))
            elif table := LEDGER.search(html):
                bundle.replace_self(ledger(table[0]))


def in_parts(root: nodes.document) -> nodes.document:
    """Return the first page with the book in parts: itself and what is not in a part of the contents, then the parts.

    The chapters of a part are numbered where the website numbers them.
    """
    contents = list(root.findall(addnodes.toctree))
    for wrapper in [toctree.parent for toctree in contents]:
        wrapper.parent.remove(wrapper)
    first = nodes.section("", nodes.title("", FIRST_PART), numbering(False), *root.children, ids=["first-part"])
    root.children = []
    book = nodes.section("", nodes.title("", "The book"), first, ids=["the-book"])  # LaTeX takes it for the title
    root += book
    for toctree in contents:
        caption = toctree.get("caption")
        if not caption:
            first += toctree
            continue
        toctree["caption"] = None
        name = nodes.make_id(f"part-{caption}")
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


def require_tools(app: Any) -> None:
    """Say what is missing before the work begins."""
    if app.builder.format == "latex" and shutil.which("rsvg-convert") is None:
        raise SystemExit("rsvg-convert was not found: it draws the figures of the PDF (Debian's librsvg2-bin)")


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.add_post_transform(PrintedOutputs)
    app.connect("builder-inited", require_tools)
    app.connect("builder-inited", arrange)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
