"""Each chapter can be read in one sitting: its length, its visible code, and what its cells show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

from press.guide import READING_SECONDS

BOOK = Path(__file__).parents[2] / "book"
PARTS = ("start", "setting", "trajectory-form", "state-action-form", "one-gradient", "practice", "beyond")
CHAPTERS = sorted(path.relative_to(BOOK).as_posix() for part in PARTS for path in (BOOK / part).glob("*.ipynb"))
#: Pages that are looked up, and the first one: they may be longer, but their cells are as those of chapters.
LOOKED_UP = [
    "intro.ipynb",
    "notation.ipynb",
    *sorted(f"reference/{path.name}" for path in BOOK.glob("reference/*.ipynb")),
]
WRITTEN = sorted(path.relative_to(BOOK).as_posix() for path in BOOK.rglob("*.md") if "/." not in path.as_posix())

#: How long a chapter may be.
MOST_WORDS, MOST_MINUTES, MOST_LINES, MOST_COLUMNS = 3000, 40, 120, 72
FOLDED_CODE = {"hide-input", "hide-cell", "remove-input", "remove-cell"}

READER = MarkdownIt().enable("table").use(colon_fence_plugin).use(dollarmath_plugin)


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a Markdown text; those of its open blocks too, but not of what is folded away."""
    for token in READER.parse(text):
        if token.type in ("colon_fence", "fence") and token.info.startswith("{"):
            options = re.match(r"(?:\s*:[\w-]+:.*\n)*", token.content)
            assert options is not None
            if "dropdown" not in options[0]:
                title = token.info.partition("}")[2]
                yield from tokens(f"{title}\n\n{token.content[options.end() :]}")
        else:
            yield token


def words_and_formulas(text: str) -> Counter[str]:
    """How many words and formulas of a Markdown text a reader sees."""
    count: Counter[str] = Counter()
    for token in tokens(text):
        count["display"] += token.type in ("math_block", "math_block_label", "amsmath")
        for child in token.children or ():
            count["inline"] += child.type == "math_inline"
            if child.type in ("text", "code_inline"):
                count["word"] += len(re.findall(r"\w[\w’'.-]*", child.content))
    return count


@pytest.fixture(params=CHAPTERS)
def notebook(request) -> nbformat.NotebookNode:
    return nbformat.read(BOOK / request.param, as_version=4)


@pytest.fixture(params=[*CHAPTERS, *LOOKED_UP])
def page(request) -> nbformat.NotebookNode:
    return nbformat.read(BOOK / request.param, as_version=4)


def code(notebook, hidden=False) -> list[nbformat.NotebookNode]:
    """The cells of code that are shown, or those that are folded."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [cell for cell in cells if bool(FOLDED_CODE & set(cell.metadata.get("tags", ()))) == hidden]


def visible_lines(notebook) -> list[str]:
    return [line for cell in code(notebook) for line in cell.source.splitlines() if line.strip()]


def shown(notebook) -> list[str]:
    """The outputs, as HTML."""
    return [
        "".join(output.get("data", {}).get("text/html", ""))
        for cell in notebook.cells
        for output in cell.get("outputs", ())
    ]


def drawings(notebook) -> int:
    return sum("<svg" in text or 'class="ledger' in text for text in shown(notebook))


def ledger_lines(notebook) -> int:
    return sum(text.count('<td class="ledger-formula') for text in shown(notebook))


def size(notebook) -> Counter[str]:
    """What a reader of a chapter reads, by kind."""
    count: Counter[str] = Counter()
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            count += words_and_formulas(cell.source)
    count["code"], count["figure"] = len(visible_lines(notebook)), drawings(notebook)
    count["line"] = ledger_lines(notebook)
    return count


def test_the_lines_of_ledgers_are_counted():
    notebook = nbformat.read(BOOK / "start" / "both-derivations.ipynb", as_version=4)
    assert ledger_lines(notebook) > 15 + 11


def test_words_that_are_folded_away_are_not_counted():
    folded = ":::{admonition} no\n:class: dropdown\n\nno no\n:::\n"
    text = f"One two $x$.\n\n::::{{admonition}} Three\nfour\n\n{folded}::::\n\n$$\ny\n$$\n"
    assert words_and_formulas(text) == {"word": 4, "inline": 1, "display": 1}


def test_a_chapter_has_at_most_3000_words(notebook):
    assert size(notebook)["word"] <= MOST_WORDS


def test_a_chapter_is_read_in_40_minutes(notebook):
    count = size(notebook)
    assert sum(READING_SECONDS[kind] * number for kind, number in count.items()) <= 60 * MOST_MINUTES, count


def test_a_chapter_shows_at_most_120_lines_of_code(notebook):
    assert len(visible_lines(notebook)) <= MOST_LINES


def test_visible_code_fits_the_page(page):
    assert [line for line in visible_lines(page) if len(line) > MOST_COLUMNS] == []


def test_a_chapter_opens_with_a_picture(notebook):
    """It stands in the page's head too, so it has a caption that says what one sees."""
    (opening,) = (cell for cell in notebook.cells if "opening" in cell.metadata.get("tags", ()))
    assert opening.metadata.tags == ["hide-input", "opening"]
    assert "<figcaption" in "".join(text for output in opening.outputs for text in output["data"]["text/html"])


def test_no_cell_is_there_for_a_test_alone(page):
    """What a test should hold stands in a test of the chapter, not in a cell that a notebook's reader must skip."""
    for cell in page.cells:
        assert "remove-cell" not in cell.metadata.get("tags", ()), cell.source
        if cell.cell_type == "code":
            assert not re.search(r"^\s*assert\b", cell.source, re.MULTILINE), cell.source


def test_imports_stand_folded_in_one_cell(page):
    """The code to take home, which readers copy, brings its own."""
    importing = [cell for cell in code(page) if re.search(r"^(import|from) ", cell.source, re.MULTILINE)]
    alone = [cell for cell in importing if "take-home" not in cell.metadata.get("tags", ())]
    assert [cell.source for cell in alone] == []
    folded = [cell for cell in code(page, hidden=True) if re.search(r"^(import|from) ", cell.source, re.MULTILINE)]
    assert len(folded) <= 1, [cell.source for cell in folded[1:]]


def test_no_cell_prints_true(page):
    """Two things are compared by ``check``, which says by how much they differ."""
    for cell in page.cells:
        for output in cell.get("outputs", ()):
            text = output.get("text", "") or output.get("data", {}).get("text/plain", "")
            assert not re.search(r"\b(True|False)\b", text), cell.source


#: A page that moves takes no such reference with it.
POSITION = r"(?i)\b(the (previous|next|preceding|following|last) (chapter|section)|the chapter (before|after))\b"


def test_nothing_refers_by_position(page):
    for cell in page.cells:
        if cell.cell_type == "markdown":
            assert not re.search(POSITION, cell.source), re.search(POSITION, cell.source)[0]


@pytest.mark.parametrize("name", WRITTEN)
def test_no_page_in_markdown_refers_by_position(name):
    assert not re.search(POSITION, (BOOK / name).read_text(encoding="utf-8"))
