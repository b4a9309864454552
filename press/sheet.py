"""A Sphinx extension: a page that is also one sheet of A4 with front and back, as a PDF beside it.

``press_sheet`` names the page, which is the only source. Its two parts are the sides of the sheet, the sections of a
part are boxes, which fill two columns, and formulas are set by matplotlib. What does not fit on the sheet is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes  # type: ignore[import-untyped]
from sphinx.util import logging

from press import beside, config
from press.placeholders import fill

if TYPE_CHECKING:
    from matplotlib.figure import Figure

logger = logging.getLogger(__name__)

LINK = "card"

#: All lengths are in points.
WIDTH, HEIGHT = 595.28, 841.89
MARGIN, GUTTER, HEAD = 34.0, 22.0, 32.0
COLUMN = (WIDTH - 2 * MARGIN - GUTTER) / 2
SIZE, TITLE_SIZE, HEAD_SIZE = 11.8, 13.2, 16.5
LINE, BETWEEN, AFTER_BOX = 15.2, 5.0, 13.0
INDENT = 10.0
FINE = 20  # text is measured this many times larger, because it is rounded to whole dots
FONTS = ["STIXGeneral", "DejaVu Sans"]  # the signs of the verdicts are in the second one only
ACCENT = "#0b5a8a"

#: A sign of a sum with what stands below and above it, after which matplotlib leaves no space.
SUM = re.compile(r"\\sum(?:[_^](?:\{(?:[^{}]|\{[^{}]*\})*\}|\\[a-z]+|\w))*")
THIN_SPACE = "\\,"


@dataclass(frozen=True)
class Piece:
    """A word or a formula: what is never broken."""

    text: str
    bold: bool = False
    italic: bool = False
    math: bool = False
    code: bool = False
    space_before: bool = True


@dataclass(frozen=True)
class Paragraph:
    """Pieces that fill lines; or a formula of its own, which is centred."""

    pieces: tuple[Piece, ...]
    display: bool = False
    bullet: bool = False


@dataclass(frozen=True)
class Box:
    """A section of the page."""

    title: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True)
class Side:
    """One side of the sheet."""

    title: str
    boxes: tuple[Box, ...]


def mathtext(formula: str) -> str:
    """Return a formula in the part of TeX that matplotlib sets."""
    one_line = re.sub(r" [.,]$", "", " ".join(formula.split()))
    return f"${SUM.sub(lambda match: match[0] + THIN_SPACE, one_line)}$"


def pieces_of(node: nodes.Element, style: Piece | None = None) -> Iterator[Piece]:
    """Iterate over the words and formulas of a paragraph."""
    style = style or Piece("")
    glued = False  # whether what comes next follows without a space
    for child in node.children:
        if isinstance(child, nodes.Text):
            text = child.astext()
            words = text.split()
            for number, word in enumerate(words):
                starts = number > 0 or text[0].isspace()
                yield replace(style, text=word, space_before=starts or not glued)
            glued = not text[-1:].isspace() if text else glued
        elif isinstance(child, nodes.math):
            yield replace(style, text=mathtext(child.astext()), math=True, space_before=not glued)
            glued = True
        elif isinstance(child, nodes.Element) and not isinstance(child, nodes.comment | nodes.raw):
            inner = replace(
                style,
                bold=style.bold or isinstance(child, nodes.strong),
                italic=style.italic or isinstance(child, nodes.emphasis),
                code=style.code or isinstance(child, nodes.literal),
            )
            for number, piece in enumerate(pieces_of(child, inner)):
                yield replace(piece, space_before=piece.space_before and not (glued and number == 0))
            glued = True


def paragraphs_of(section: nodes.section) -> Iterator[Paragraph]:
    """Iterate over the paragraphs of a section."""
    for child in section.children:
        if isinstance(child, nodes.paragraph):
            yield Paragraph(tuple(pieces_of(child)))
        elif isinstance(child, nodes.math_block):
            yield Paragraph((Piece(mathtext(child.astext()), math=True),), display=True)
        elif isinstance(child, nodes.bullet_list):
            for item in child.children:
                yield Paragraph(tuple(pieces_of(item[0])), bullet=True)
        elif not isinstance(child, nodes.title | nodes.target | nodes.comment):
            raise ValueError(f"the sheet holds a {child.tagname}, which is not set: {child.astext()[:60]!r}")


def sides_of(doctree: nodes.document) -> list[Side]:
    """Return the sides of the sheet."""
    (page,) = (node for node in doctree.children if isinstance(node, nodes.section))
    return [
        Side(
            part[0].astext(),
            tuple(
                Box(section[0].astext(), tuple(paragraphs_of(section)))
                for section in part.children
                if isinstance(section, nodes.section)
            ),
        )
        for part in page.children
        if isinstance(part, nodes.section)
    ]


class Setter:
    """Sets a side: measures each piece, breaks lines, and goes on in the next column where one is full."""

    def __init__(self, figure: Figure) -> None:
        from matplotlib.backends.backend_agg import RendererAgg

        self.figure = figure
        self.renderer = RendererAgg(100, 100, 72 * FINE)
        self.column, self.y = 0, HEIGHT - MARGIN - HEAD

    @property
    def left(self) -> float:
        """Where the column begins."""
        return MARGIN + self.column * (COLUMN + GUTTER)

    def font(self, piece: Piece, size: float = SIZE) -> Any:
        """Return the font of a piece."""
        from matplotlib.font_manager import FontProperties

        family = ["DejaVu Sans Mono"] if piece.code else FONTS
        return FontProperties(
            family=family,
            size=size * (0.86 if piece.code else 1),
            weight="bold" if piece.bold else "normal",
            style="italic" if piece.italic else "normal",
        )

    def measure(self, piece: Piece, size: float = SIZE) -> tuple[float, float, float]:
        """Return the width of a piece, and how far it rises above its line and hangs below it."""
        import matplotlib as mpl

        with mpl.rc_context({"mathtext.fontset": "stix", "text.hinting": "none"}):
            width, height, descent = self.renderer.get_text_width_height_descent(
                piece.text, self.font(piece, size), ismath=piece.math
            )
        return width / FINE, (height - descent) / FINE, descent / FINE

    def write(self, piece: Piece, x: float, y: float, size: float = SIZE, color: str = "#000000") -> None:
        """Write a piece with its line at a height of the sheet."""
        self.figure.text(
            x / WIDTH, y / HEIGHT, piece.text, fontproperties=self.font(piece, size), color=color, va="baseline",
            parse_math=piece.math, math_fontfamily="stix",
        )  # fmt: skip

    def lines_of(self, paragraph: Paragraph) -> list[list[tuple[Piece, float, float, float]]]:
        """Break a paragraph into lines: each piece with where it stands, how far it rises and hangs."""
        room = COLUMN - (INDENT if paragraph.bullet else 0)
        space = 0.25 * SIZE
        lines: list[list[tuple[Piece, float, float, float]]] = [[]]
        x = 0.0
        # What is glued together is one word, which no line break divides.
        words: list[list[Piece]] = []
        for piece in paragraph.pieces:
            if piece.space_before or not words:
                words.append([])
            words[-1].append(piece)
        for word in words:
            sizes = [self.measure(piece) for piece in word]
            width = sum(size[0] for size in sizes)
            if lines[-1]:
                x += space
            if x + width > room and lines[-1]:
                lines.append([])
                x = 0.0
            if width > room:
                logger.warning("the sheet has no room for %s", "".join(piece.text for piece in word))
            for piece, (own, rise, hang) in zip(word, sizes, strict=True):
                lines[-1].append((piece, x, rise, hang))
                x += own
        return lines

    def height_of(self, paragraph: Paragraph) -> float:
        """How much of a column a paragraph takes."""
        if paragraph.display:
            _, rise, hang = self.measure(paragraph.pieces[0], SIZE + 1)
            return rise + hang + 4 + BETWEEN
        return sum(self.leading(line) for line in self.lines_of(paragraph)) + BETWEEN

    @staticmethod
    def leading(line: Sequence[tuple[Piece, float, float, float]]) -> float:
        """How much of a column a line takes."""
        return max(LINE, 2.5 + max(rise + hang for _, _, rise, hang in line))

    def set(self, boxes: Sequence[Box]) -> None:
        """Set boxes in two columns that are as equal as they can be."""
        heights = [
            TITLE_SIZE + 7 + AFTER_BOX + sum(self.height_of(paragraph) for paragraph in box.paragraphs) for box in boxes
        ]
        in_left = min(range(1, len(boxes) + 1), key=lambda n: max(sum(heights[:n]), sum(heights[n:])))
        for part in (boxes[:in_left], boxes[in_left:]):
            for box in part:
                self.box(box)
            if self.y + AFTER_BOX < MARGIN:
                logger.warning("the sheet is full: %r is beyond it", part[-1].title)
            self.column, self.y = self.column + 1, HEIGHT - MARGIN - HEAD

    def box(self, box: Box) -> None:
        """Set a box below what is there."""
        self.y -= TITLE_SIZE
        self.write(Piece(box.title, bold=True), self.left, self.y, TITLE_SIZE, ACCENT)
        self.rule(self.y - 3.5)
        self.y -= 7
        for paragraph in box.paragraphs:
            self.paragraph(paragraph)
        self.y -= AFTER_BOX

    def rule(self, y: float) -> None:
        """Draw a line across the column."""
        from matplotlib.lines import Line2D

        ends = [self.left / WIDTH, (self.left + COLUMN) / WIDTH]
        self.figure.add_artist(Line2D(ends, [y / HEIGHT] * 2, color=ACCENT, linewidth=0.6))

    def paragraph(self, paragraph: Paragraph) -> None:
        """Set a paragraph below what is there."""
        if paragraph.display:
            piece = paragraph.pieces[0]
            width, rise, hang = self.measure(piece, SIZE + 1)
            if width > COLUMN:
                logger.warning("the sheet has no room for %s", piece.text)
            self.y -= rise + 2
            self.write(piece, self.left + (COLUMN - width) / 2, self.y, SIZE + 1)
            self.y -= hang + 2 + BETWEEN
            return
        indent = INDENT if paragraph.bullet else 0
        for number, line in enumerate(self.lines_of(paragraph)):
            height = self.leading(line)
            hang = max(2.5, *(hang for _, _, _, hang in line), 0)
            baseline = self.y - height + hang
            if paragraph.bullet and number == 0:
                self.write(Piece("•"), self.left + 1, baseline)
            for piece, x, _, _ in line:
                self.write(piece, self.left + indent + x, baseline)
            self.y -= height
        self.y -= BETWEEN


def draw(side: Side, title: str) -> Figure:
    """Draw a side of the sheet."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))
    setter = Setter(figure)
    top = HEIGHT - MARGIN - HEAD_SIZE
    setter.write(Piece(side.title.partition(": ")[2].capitalize() or side.title, bold=True), MARGIN, top, HEAD_SIZE)
    width = setter.measure(Piece(title, italic=True))[0]
    setter.write(Piece(title, italic=True), WIDTH - MARGIN - width, top)
    setter.set(side.boxes)
    return figure


def write(sides: Sequence[Side], title: str, path: Path) -> None:
    """Write the sheet as a PDF."""
    from matplotlib.backends.backend_pdf import PdfPages

    path.parent.mkdir(parents=True, exist_ok=True)
    with PdfPages(path, metadata={"Title": title, "CreationDate": None}) as pdf:
        for side in sides:
            pdf.savefig(draw(side, title))


def show_link(app: Any, doctree: nodes.document, docname: str) -> None:
    """Put the link to the PDF where the page asks for it, and name the page for the style sheet."""
    if docname != app.config.press_sheet or app.builder.format != "html":
        return
    file = f"{Path(docname).name}.pdf"
    fill(doctree, LINK, lambda: [nodes.reference("", "Download the PDF.", refuri=file, internal=True)])
    next(iter(doctree.findall(nodes.section)))["classes"].append("pg-sheet")


def make(app: Any) -> None:
    """Write the PDF beside the page."""
    page = app.config.press_sheet
    if app.builder.format == "html" and page in app.env.found_docs:
        write(sides_of(app.env.get_doctree(page)), app.config.project, Path(app.outdir, f"{page}.pdf"))


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    config.add_value(app, "press_sheet", "", config.page_is_there)
    app.connect("doctree-resolved", show_link)
    beside.connect(app, make)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
