"""The book's pages in their order; the letters of a formula, and their registry, the tables of the page on notation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import yaml

BOOK = Path(__file__).parents[2] / "book"
NOTATION = BOOK / "notation.ipynb"

GREEK = (
    "alpha|beta|gamma|delta|epsilon|varepsilon|zeta|eta|theta|vartheta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|"
    "upsilon|phi|varphi|chi|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega|ell"
)
LETTER = rf"\\(?:{GREEK})(?![A-Za-z])|[A-Za-z]"
ACCENTS = "hat|bar|tilde|dot|check|vec|widehat|widetilde|overline|mathcal|mathbb|mathbf|boldsymbol|mathfrak"
ACCENT = rf"\\(?:{ACCENTS})(?![A-Za-z])"
SYMBOL = re.compile(rf"(?:(?P<accent>{ACCENT})\s*)?(?P<open>\{{\s*)?(?P<letter>{LETTER})")
#: What is set upright: words, names of functions, and units. None of it is a letter that stands for something.
WORDS = re.compile(
    r"\\(?:text|textit|textbf|operatorname|mathrm|tag|label|begin|end|vphantom|phantom|hspace|cite)\*?\s*\{[^{}]*\}"
    r"|(?<=\})\{[lcr@|{} ]+\}"
)
MATH = re.compile(r"\$\$(?P<display>.+?)\$\$|(?<![\\$])\$(?P<inline>[^$\n]+?)\$|\\\((?P<output>.+?)\\\)", re.DOTALL)
#: Indices: times, walks, entries, counts, and what is counted up to.
INDEX = re.compile(r"^[tkijnmsa0-9T,+\-'<\s()H]*$")


#: In a subscript, what makes no other object: θ', θ⁽ᵗ⁾ and θ_old are points of the parameters; π_θ is π.
OTHER_POINT = re.compile(r"\s|'|\^\{[^{}]*\}|\^.|_\{[{}\s]*\}|\{\s*\}|(?<=\\pi)_\\theta")
ONE = re.compile(rf"(?:{LETTER})?")
#: What an f-string puts into a formula.
PUT_IN = r"\{\w+[.:(\[][^{}]*\}|\{\w*_\w+\}|\{[a-z]{3,}\}"


@dataclass(frozen=True)
class Symbol:
    """A letter with its accent, and with the subscript that makes another object of it."""

    letter: str
    subscript: str = ""

    def __str__(self) -> str:
        return f"{self.letter}_{self.subscript}" if self.subscript else self.letter


def _argument(text: str, place: int) -> tuple[str, int]:
    """What a subscript or superscript holds, and where it ends."""
    while place < len(text) and text[place] == " ":
        place += 1
    if place == len(text):
        return "", place
    if text[place] == "{":
        depth = 0
        for end in range(place, len(text)):
            depth += (text[end] == "{") - (text[end] == "}")
            if depth == 0:
                return text[place + 1 : end], end + 1
        return text[place + 1 :], len(text)
    command = re.compile(r"\\[A-Za-z]+|.", re.DOTALL).match(text, place)
    assert command is not None
    return command[0], command.end()


def symbols(formula: str) -> Iterator[Symbol]:
    """The symbols of a formula, those in its subscripts and superscripts too.

    The d of a differential is no symbol, nor is the i of complex numbers, which is set upright.
    """
    text = WORDS.sub("{ }", formula)
    place = 0
    while place < len(text):
        found = SYMBOL.match(text, place)
        if found is None or (found["open"] and not found["accent"]):
            command = re.compile(r"\\[A-Za-z]+|\\.|.", re.DOTALL).match(text, place)
            assert command is not None
            place = command.end()
            continue
        place = found.end()
        if found["open"] and text[place : place + 1] == "}":
            place += 1
        letter = f"{found['accent'] or ''}{'{' + found['letter'] + '}' if found['accent'] else found['letter']}"
        subscript, inner = "", ""
        while place < len(text) and (mark := re.compile(r"\s*(['_^])").match(text, place)):
            place = mark.end()
            if mark[1] != "'":
                argument, place = _argument(text, place)
                if not ONE.fullmatch(OTHER_POINT.sub("", argument)):
                    inner += f" {argument} "
                subscript = argument if mark[1] == "_" else subscript
        if letter == "d" and not subscript and re.compile(r"\\?[A-Za-z]").match(text, place):
            continue
        if letter == r"\mathbb{E}":
            subscript = ""
        yield Symbol(letter, OTHER_POINT.sub("", subscript))
        yield from symbols(inner)


def formulas(text: str) -> Iterator[str]:
    """The formulas of a Markdown text; listings of code are left out."""
    for match in MATH.finditer(re.sub(r"^(```+).*?^\1", "", text, flags=re.DOTALL | re.MULTILINE)):
        yield match["display"] or match["inline"] or match["output"]


def page_formulas(path: Path) -> Iterator[str]:
    """The formulas of a page, those of its tables, captions and claims too, which its code holds."""
    if path.suffix == ".md":
        yield from formulas(path.read_text(encoding="utf-8"))
        return
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            yield from formulas(LOCAL.sub("", cell.source))
        elif cell.cell_type == "code":
            found = re.findall(r"\\\(([^\"]+?)\\\)", cell.source)
            found += re.findall(r'\bLine\(\s*"[^"]*",\s*r"([^"]+)"', cell.source)
            for formula in found:
                yield re.sub(PUT_IN, " ", formula.replace(r"\\", "\\"))


#: The table of other pages' letters, which is no use of them.
LOCAL = re.compile(r"^### Letters of one page$.*?(?=^## )", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Registry:
    """The letters of the book: those that mean the same everywhere, those of one page, and the indices."""

    everywhere: dict[Symbol, str]
    introduced: dict[Symbol, str]
    of_page: dict[str, dict[Symbol, str]]
    listed: list[tuple[str, Symbol]]

    def knows(self, symbol: Symbol, page: str) -> bool:
        """Whether a symbol means something on a page: as it stands, or with its subscript read as an index."""
        known = self.everywhere.keys() | self.of_page.get(page, {}).keys()
        return any(reading in known for reading in readings(symbol))


def readings(symbol: Symbol) -> list[Symbol]:
    """A symbol as it stands; with its time or number as index t; without its index. A time may be left out."""
    if not symbol.subscript:
        return [symbol, Symbol(symbol.letter, "t")]
    if INDEX.match(symbol.subscript):
        return [symbol, Symbol(symbol.letter, "t"), Symbol(symbol.letter)]
    return [symbol]


def _first(cell: str) -> list[Symbol]:
    """The symbol that each formula of a cell begins with; letters that it lists with commas are several formulas."""
    begins = (next(symbols(formula), None) for formula in formulas(cell))
    return [symbol for symbol in begins if symbol is not None]


def tables(text: str, heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, without its head."""
    after = re.split(rf"^#+ {re.escape(heading)}$", text, maxsplit=1, flags=re.MULTILINE)[1]
    table = re.search(r"^\|.*(?:\n\|.*)*", after, re.MULTILINE)
    assert table is not None, heading
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in table[0].splitlines()[2:]]


def page_of(cell: str) -> str:
    """The page that a cell links to, such as "setting/decision-processes"."""
    link = re.search(r"\]\(([^)#]+?)\.(?:ipynb|md)", cell)
    assert link is not None, cell
    return link[1]


def registry(text: str | None = None) -> Registry:
    """The tables of the page on notation."""
    if text is None:
        cells = nbformat.read(NOTATION, as_version=4).cells
        text = "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    everywhere, introduced, listed = {}, {}, []
    for row in [*tables(text, "Symbols"), *tables(text, "Also used")]:
        for symbol in _first(row[0]):
            everywhere.setdefault(symbol, row[-2])
            introduced.setdefault(symbol, page_of(row[-1]))
    for row in tables(text, "Indices and free letters"):
        everywhere |= dict.fromkeys(_first(row[0]), row[1])
    of_page: dict[str, dict[Symbol, str]] = {}
    for row in tables(text, "Letters of one page"):
        page = page_of(row[0])
        for entry in row[1].split(";"):
            names, meaning = re.fullmatch(r"\s*((?:\$[^$]+\$(?:, | and )?)+) (.+?)\.?\s*", entry).groups()
            for symbol in _first(names):
                listed.append((page, symbol))
                of_page.setdefault(page, {})[symbol] = meaning
    return Registry(everywhere, introduced, of_page, listed)


def contents() -> list[str]:
    """The pages in the order of the table of contents."""

    def files(node: object) -> list[str]:
        if isinstance(node, list):
            return [file for entry in node for file in files(entry)]
        if isinstance(node, dict):
            own = [node[key] for key in ("root", "file") if key in node]
            return own + [file for value in node.values() for file in files(value)]
        return []

    named = files(yaml.safe_load((BOOK.parent / "_toc.yml").read_text(encoding="utf-8")))
    return [file.removeprefix("book/") for file in named]


PAGES = contents()


def path_of(page: str) -> Path:
    return next(path for end in ("ipynb", "md") if (path := BOOK / f"{page}.{end}").is_file())


#: The folders of chapters.
PARTS = ("start", "setting", "trajectory-form", "state-action-form", "one-gradient", "practice", "beyond")
CHAPTERS = [page for page in PAGES if page.startswith(tuple(f"{part}/" for part in PARTS)) and page != "start/card"]
#: Pages that may use a letter or a word before the chapter that defines it, because they say in place what it is.
INFORMAL = {"intro", "notation"} | {page for page in PAGES if page.startswith("start/")}
