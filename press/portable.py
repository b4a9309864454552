"""A chapter for hosts that know no directives: Colab, GitHub, plain Jupyter.

There is one source of a chapter, and this makes another notebook of it. Directives become plain Markdown, answers and
solutions fold, references become words and links to the website, what the cells show is stored with its figures, and a
first cell installs what ``press_notebooks_need`` names. The website's download button gives this notebook. The workflow
that publishes the website pushes all of them to the branch that Colab opens.

The Markdown is read by the parser that reads it for the website, and only what that parser finds is rewritten.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from itertools import takewhile
from pathlib import Path
from textwrap import dedent
from typing import Any

import nbformat
from jupyter_cache import get_cache
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig, merge_file_level
from myst_parser.parsers.mdit import create_md_parser
from myst_parser.parsers.options import TokenizeError, options_to_items
from nbformat import NotebookNode
from sphinx.errors import ExtensionError
from sphinx.util import logging

from press import beside, config, tracebacks
from press.outputs.figure import standalone
from press.settings import repository_of

logger = logging.getLogger(__name__)

#: Gives the words of a reference and where it leads, or "" where that is not known: by role and target.
Refer = Callable[[str, str], tuple[str, str]]

ADMONITIONS = {"admonition", "note", "tip", "hint", "warning", "attention", "caution", "danger", "error", "important"}
ADMONITIONS |= {"seealso"}
TITLES = {"seealso": "See also"}
ASIDES = {"margin", "sidebar", "epigraph", "aside"}
BARE = {"div", "container", "grid", "grid-item", "tab-set", "tableofcontents", "toctree", "contents"}
#: How the Markdown of a chapter is read where no configuration says it.
SYNTAX = MdParserConfig(
    enable_extensions={"amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath", "tasklist"}
)
#: Directives that are a title and a text on other hosts.
TITLED = {"tab-item", "card"}
#: Directives that take no argument: what stands behind their name begins what they hold.
WITHOUT_TITLE = ADMONITIONS - {"admonition"} | {"epigraph", "math", "prf:proof"}
#: Roles that lead to a place, beside those of ``prf``.
REFERENCES = {"doc", "eq", "numref", "ref"}
#: Roles of which the words alone are shown. A role whose name stands nowhere here is a warning.
WORDED = {"abbr", "command", "dfn", "guilabel", "kbd", "menuselection", "program", "term", "title"}
LITERAL = {"code", "file", "literal", "samp"}
TAGS = {"sub": "sub", "subscript": "sub", "sup": "sup", "superscript": "sup"}
MARKS = {"math": "$", "emphasis": "*", "strong": "**"}
#: Tags of cells whose code a reader of the website does not see at first.
FOLDED = {"hide-input", "hide-cell", "remove-input", "remove-cell"}
FIGURE, SLIDER = "application/vnd.pgcode.figure+json", "application/vnd.pgcode.slider+json"
DATA = "application/vnd.pgcode."

#: What is said of a name that stands nowhere here.
UNKNOWN = "press/portable.py does not know this {}, and can be told there what becomes of it"

DIRECTIVE = re.compile(r"\{(?P<name>\S+)\}(?:[ \t]+(?P<title>.*))?")
#: The words of a role and what it refers to, where they are not the same.
EXPLICIT = re.compile(r"(?P<words>.+?)\s*<(?P<target>[^<]+)>", re.DOTALL)
#: A place that the website fills, or a word to who edits the chapter: nothing that a reader is to see.
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
#: What is stored in the place of a drawing (``tools/notebooks.py``).
EMPTIED = re.compile(r"<svg\b[^>]*/>|\"data:,\"")


@dataclass(frozen=True)
class Chapter:
    """What a text is read with: what references say, the page that warnings name, and how its Markdown is written."""

    refer: Refer
    page: str = ""
    syntax: MdParserConfig = field(default_factory=lambda: SYNTAX)

    @cached_property
    def parser(self) -> MarkdownIt:
        """Return the parser of the website."""
        return create_md_parser(self.syntax, RendererHTML)

    def warn(self, message: str, *arguments: object) -> None:
        """Warn of what other hosts cannot show as the website does."""
        logger.warning(message, *arguments, location=self.page or None, type="press", subtype="portable")


def plain(text: str, chapter: Chapter) -> str:
    """Return a Markdown text of a chapter as plain Markdown."""
    starts = [0]
    for line in re.split(r"(?<=\n)", text):  # the parser knows no other ends of lines
        starts.append(starts[-1] + len(line))
    edits: list[tuple[int, int, str]] = []
    done = 0
    cursor = 0
    for index, token in enumerate(tokens := chapter.parser.parse(text)):
        if token.map is None or starts[token.map[0]] < done:
            continue
        begin, end = starts[token.map[0]], starts[min(token.map[1], len(starts) - 1)]
        new = block(token, text[begin:end], chapter)
        if token.type == "dl_open":
            new = definitions(tokens[index:], text, starts, chapter)
        if new is not None:
            edits.append((begin, end, new))
            done = end
        elif token.type == "inline":
            cursor = max(cursor, begin)
            found, cursor = inline(token, text, cursor, end, chapter)
            edits += found
    for begin, end, new in sorted(edits, reverse=True):
        text = text[:begin] + new + text[end:]
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def block(token: Token, source: str, chapter: Chapter) -> str | None:
    """Return what stands in the place of a block, or None where it stays."""
    if token.type in ("fence", "colon_fence") and (head := DIRECTIVE.fullmatch(token.info.strip())):
        new = directive(head["name"], head["title"] or "", token.content, chapter)
        return in_its_place(new, source.partition(token.markup)[0])
    if token.type == "colon_fence":
        return in_its_place(plain(token.content, chapter), source.partition(token.markup)[0])
    if token.type == "math_block_label":
        return in_its_place(formula(token.content, token.info, chapter), source.partition("$$")[0])
    if token.type == "substitution_block":
        value = substituted(token.content, chapter)
        return None if value is None else in_its_place(value, source.partition(2 * token.markup[0])[0])
    if token.type in ("myst_target", "myst_line_comment"):
        return "\n"
    if token.type == "html_block" and COMMENT.search(source):
        return COMMENT.sub("", source)
    return None


def in_its_place(text: str, before: str) -> str:
    """Return a block behind what stood before it on its first line: the mark of a list, or that of a quotation."""
    below = re.sub(r"[^\s>]", " ", before)
    first, *rest = text.split("\n")
    return "\n".join([before + first, *(below + line if line else below.rstrip() for line in rest)]) + "\n"


def formula(content: str, label: str, chapter: Chapter) -> str:
    """Return a formula of its own line, with its number where it has one."""
    number = f"\\tag{{{chapter.refer('eq', label)[0].strip('()')}}}\n" if label else ""
    return f"$$\n{content.strip()}\n{number}$$"


def definitions(tokens: list[Token], text: str, starts: list[int], chapter: Chapter) -> str:
    """Return a list of terms and definitions, which plain Markdown lacks, as a list of items."""
    items = []
    for place, token in enumerate(tokens):
        if token.type == "dl_close":
            break
        if token.type not in ("dt_open", "dd_open") or token.map is None:
            continue
        if token.type == "dt_open":
            items.append(f"- **{plain(tokens[place + 1].content, chapter)}**:")
        else:
            first = tokens[place + 1].map or token.map  # that of the definition may begin at its term
            source = text[starts[first[0]] : starts[token.map[1]]]
            lines = plain(re.sub(r"^ {0,3}[:~] +|^ {2,4}", "", source, flags=re.MULTILINE), chapter).split("\n")
            items[-1] += " " + "\n".join([lines[0], *(f"  {line}" if line else "" for line in lines[1:])])
    return "\n".join(items) + "\n\n"


def inline(token: Token, text: str, cursor: int, end: int, chapter: Chapter) -> tuple[list[tuple[int, int, str]], int]:
    """Return how the roles and links of a paragraph change, and where it was read to."""
    edits = []
    for child in token.children or ():
        if child.type == "myst_role":
            name = child.meta["name"]
            found = written(name, child.content).search(text, cursor, end)
            if found is None:
                chapter.warn("the role %r with %r stays as it is written: it was not found", name, child.content)
                continue
            words = words_of_role(name, child.content, chapter)
            if r"\|" in found[0] and r"\|" not in child.content:  # the bar would end the cell of a table
                words = words.replace("|", r"\|")
            edits.append((found.start(), found.end(), words))
            cursor = found.end()
        elif child.type == "substitution_inline":
            opening, closing = (re.escape(2 * mark) for mark in child.markup)
            found = re.compile(rf"{opening}\s*{re.escape(child.content)}\s*{closing}").search(text, cursor, end)
            value = substituted(child.content, chapter)
            if found is not None and value is not None:
                edits.append((found.start(), found.end(), value))
                cursor = found.end()
        elif child.type == "html_inline" and COMMENT.fullmatch(child.content):
            place = text.find(child.content, cursor, end)
            if place >= 0:
                begin = place - 1 if text[place - 1 : place] == " " else place
                cursor = place + len(child.content)
                edits.append((begin, cursor, ""))
        elif child.type == "code_inline":
            place = text.find(child.content.strip(), cursor, end)
            cursor = place + len(child.content.strip()) if place >= 0 else cursor
        elif child.type == "link_open":
            address = str(child.attrs["href"])
            place = text.find(f"]({address}", cursor, end)
            if place >= 0 and re.match(r"(?!\w+:)[^#]", address):
                edits.append((place + 2, place + 2 + len(address), chapter.refer("page", address)[1] or address))
    return edits, cursor


def substituted(name: str, chapter: Chapter) -> str | None:
    """Return what the configuration puts in the place of a name, or None of what is more than a name: it stays."""
    values = dict(chapter.syntax.substitutions)
    if name not in values:
        return None
    value = str(values.pop(name))  # it may name others, but not itself
    return plain(value, replace(chapter, syntax=chapter.syntax.copy(substitutions=values)))


def written(name: str, content: str) -> re.Pattern[str]:
    """Return how a role is written: perhaps on lines of a quotation, and in a table with a mark before each bar."""
    words = r"(?:\s|>)+".join(re.escape(word).replace(r"\|", r"\\?\|") for word in content.split())
    return re.compile(rf"\{{{re.escape(name)}\}}(`+)\s*{words}\s*\1")


def words_of_role(name: str, content: str, chapter: Chapter) -> str:
    """Return what stands in the place of a role: what it shows on the website, or else its words."""
    if name in REFERENCES or name.startswith("prf:"):
        return role(name, content, chapter.refer)
    content = content.strip()
    if name in MARKS:
        return f"{MARKS[name]}{content}{MARKS[name]}"
    if name in TAGS:
        return f"<{TAGS[name]}>{escape(content, quote=False)}</{TAGS[name]}>"
    if name in LITERAL:
        marks = "`" * (max(map(len, re.findall("`+", content)), default=0) + 1)
        return f"{marks}{content}{marks}"
    if name not in WORDED:
        chapter.warn("the notebook for Colab has only the words of %r: %s", name, UNKNOWN.format("role"))
    match = EXPLICIT.fullmatch(content)
    return match["words"] if match else content


def role(name: str, content: str, refer: Refer) -> str:
    """Return a reference as words, with a link where it leads somewhere."""
    match = EXPLICIT.fullmatch(content.strip())
    target = (match["target"] if match else content).strip()
    words, address = refer(name, target)
    words = match["words"] if match else words or target
    return f"[{words}]({address})" if address else words


def options_of(content: str) -> tuple[dict[str, str], str]:
    """Return the options of a directive, as myst_parser finds and reads them, and what it holds below them."""
    lines = content.split("\n")
    if content.startswith("---"):
        end = next((place for place, line in enumerate(lines) if place and line.startswith("---")), len(lines))
        options, rest = dedent("\n".join(lines[1:end])), lines[end + 1 :]
    else:
        fields = list(takewhile(lambda line: re.match(r"\s*:(?!::)", line), lines))
        options, rest = "\n".join(line.lstrip()[1:] for line in fields), lines[len(fields) :]
    try:
        return dict(options_to_items(options)[0]), "\n".join(rest)
    except TokenizeError:  # Sphinx warns of it, and the website has none of them either
        return {}, "\n".join(rest)


def directive(name: str, title: str, content: str, chapter: Chapter) -> str:
    """Return a directive as plain Markdown."""
    options, body = options_of(content)
    if name in WITHOUT_TITLE:
        title, body = "", f"{title}\n{body}"
    title, folds = plain(title, chapter), "dropdown" in options.get("class", "").split() or name == "dropdown"
    number = chapter.refer(name, options["label"])[0] if "label" in options else ""
    if name in ("code-block", "code", "sourcecode"):
        return f"```{title}\n{body.rstrip()}\n```"
    if name == "math":
        return formula(body, options.get("label", ""), chapter)
    if name in ("figure", "image"):
        picture = f"![{options.get('alt', '')}]({chapter.refer('file', title)[1] or title})"
        return f"{picture}\n\n{plain(body, chapter)}".strip()
    body = plain(body, chapter)
    if name in BARE:
        return body
    if name in ASIDES:
        return quote(f"**{title}**\n\n{body}" if title else body)
    if name == "prf:proof":
        return fold("Proof", body) if folds else f"**Proof.** {body} ∎"
    if name == "solution":
        return fold("Solution", body)
    if name.startswith("prf:") or name == "exercise":
        title = (number or name.removeprefix("prf:").capitalize()) + (f" ({title})" if title else "") + "."
    elif name == "dropdown" or name in ADMONITIONS:
        title = title if name in ("admonition", "dropdown") else TITLES.get(name, name.capitalize())
    else:
        if name not in TITLED:
            chapter.warn("the notebook for Colab has only the text of %r: %s", name, UNKNOWN.format("directive"))
        return f"**{title}**\n\n{body}" if title else body
    return fold(title, body) if folds else quote(f"**{title}**\n\n{body}")


def quote(text: str) -> str:
    """Return a text as a quotation. A formula in it stands on one line: Jupyter would take its marks for its own."""

    def on_a_line(match: re.Match[str]) -> str:
        return f"$${' '.join(match[1].split())}$$"

    text = re.sub(r"^\$\$\n(.*?)\n\$\$$", on_a_line, text, flags=re.DOTALL | re.MULTILINE)
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def fold(title: str, body: str) -> str:
    """Return a text that opens when its title is pressed."""
    words = MarkdownIt().renderInline(title)
    return f"<details>\n<summary><b>{words}</b></summary>\n\n{body}\n\n</details>"


def portable(
    notebook: NotebookNode,
    refer: Refer,
    install: Sequence[str] = (),
    page: str = "",
    syntax: MdParserConfig = SYNTAX,
) -> NotebookNode:
    """Return a chapter for hosts that know no directives.

    Parameters
    ----------
    notebook
        The chapter, with the outputs that it is to show.
    refer
        What references say, and where they lead.
    install
        What pip installs, the package of the course first, such as ``pgcode @ git+https://…``.
    page
        The page that a warning or an error names.
    syntax
        How its Markdown is read.
    """
    chapter = Chapter(refer, page, syntax)
    kernel = dict(notebook.metadata.get("kernelspec") or PYTHON)
    kernel.setdefault("display_name", kernel.get("name", ""))
    new = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    new.nbformat_minor = max(notebook.nbformat_minor, 5)  # the first in which cells have ids
    if install:
        package = install[0].partition("@")[0].strip()
        source = INSTALL.format(package=package, all=" ".join(f'"{one}"' for one in install))
        new.cells.append(nbformat.v4.new_code_cell(source, metadata={"cellView": "form"}, id=f"install-{package}"))
    try:
        for cell, name in zip(notebook.cells, identifiers(notebook.cells), strict=True):
            new.cells.append(portable_cell(cell, name, chapter))
        nbformat.validate(new)
    except nbformat.ValidationError as error:
        raise ExtensionError(
            f"{page}: the notebook is not valid: {error.message}. Open and save it in Jupyter"
        ) from error
    return new


#: The kernel of a notebook that names none.
PYTHON = {"display_name": "Python 3", "language": "python", "name": "python3"}


def identifiers(cells: Sequence[NotebookNode]) -> Iterator[str]:
    """Give the ids of cells. Those of older notebooks have none, and get the same in each build."""
    taken = {cell.get("id") for cell in cells}
    for number, cell in enumerate(cells):
        name = f"cell-{number}"
        while name in taken:
            name += f"-{number}"
        yield cell.get("id") or name


def portable_cell(cell: NotebookNode, name: str, chapter: Chapter) -> NotebookNode:
    """Return a cell for hosts that know no directives."""
    if cell.cell_type == "raw":
        return nbformat.v4.new_raw_cell(cell.source, metadata=cell.metadata, id=name)
    if cell.cell_type == "markdown":
        pictures = {"attachments": cell.attachments} if "attachments" in cell else {}
        return nbformat.v4.new_markdown_cell(plain(cell.source, chapter), id=name, **pictures)
    tags = set(cell.metadata.get("tags", ()))
    source, metadata = cell.source, {}
    if FOLDED & tags:
        # The first is for Jupyter, the second, with the title, for Colab.
        metadata = {"jupyter": {"source_hidden": True}, "cellView": "form"}
        source = f"# @title {heading(source)}\n{source}"
    outputs = [portable_output(output) for output in cell.outputs]
    if {"remove-output", "remove-cell"} & tags:
        outputs = []
    kept = nbformat.v4.new_code_cell(source, metadata=metadata, outputs=outputs, id=name)
    kept.execution_count = cell.execution_count
    return kept


INSTALL = """# @title Install {package}, the package of this course, where it is missing
import importlib.util

if importlib.util.find_spec("{package}") is None:
    %pip install --quiet {all}
"""


def is_a_list(env: Any, needed: Any) -> Iterator[str]:
    """Complain of what is no list of requirements."""
    if not all(isinstance(one, str) for one in needed):
        yield f"is a list of what pip installs, not {needed!r}"


#: What the code of a folded cell that shows something is called.
SHOWN = "Code of what is shown"


def heading(source: str) -> str:
    """Return what a folded cell is called: by the functions that it defines, if it shows nothing."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return "Code"
    only_imports = all(isinstance(one, ast.Import | ast.ImportFrom) for one in statements)
    if only_imports:
        return "Imports"
    names = [one.name for one in statements if isinstance(one, ast.FunctionDef | ast.ClassDef)]
    if not names or isinstance(statements[-1], ast.Expr):
        return SHOWN
    return f"Code of {', '.join(names[:3])}{' …' if len(names) > 3 else ''}"


def portable_output(output: NotebookNode) -> NotebookNode:
    """Return what a cell shows, for a host that drops drawings within HTML: a figure becomes a picture of its own."""
    output = nbformat.from_dict(dict(output))
    data = output.get("data", {})
    if output.output_type == "error":
        output.traceback = tracebacks.through_cells("\n".join(output.traceback)).split("\n")
    drawing = data.get(FIGURE) or shown_frame(data.get(SLIDER))
    if drawing is not None and "svg" in drawing:
        output.data = {"image/svg+xml": picture(drawing["svg"]), "text/plain": data.get("text/plain", "")}
    elif data:
        output.data = {kind: value for kind, value in data.items() if not kind.startswith(DATA)}
    return output


def shown_frame(slider: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return the frame of a slider that is shown first."""
    return slider["frames"][slider["start"]] if slider else None


def picture(svg: str) -> str:
    """Return a drawing of a page as a file of its own, on white."""
    name = "" if "xmlns=" in svg.partition(">")[0] else ' xmlns="http://www.w3.org/2000/svg"'
    return standalone(svg).replace("<svg", f'<svg{name} style="background: #ffffff"', 1)


# ---- where references of a built website lead -----------------------------------------------------------------------


class SiteReferences:
    """What the references of a page say, and where they lead, by what Sphinx knows of the website."""

    def __init__(self, app: Any, page: str) -> None:
        self.app, self.env, self.page = app, app.env, page

    def address(self, page: str, anchor: str = "") -> str:
        """Return the address of a place of the website, or of a notebook beside this one where there is no website."""
        place = f"#{anchor}" if anchor else ""
        if self.app.config.html_baseurl:
            return f"{self.app.config.html_baseurl}{self.app.builder.get_target_uri(page)}{place}"
        file = Path(self.env.doc2path(page, base=False))
        return os.path.relpath(file, Path(self.page).parent).replace(os.sep, "/")

    def title(self, page: str) -> str:
        """Return the title of a page."""
        return str(self.env.titles[page].astext())

    def __call__(self, role: str, target: str) -> tuple[str, str]:
        """Return the words of a reference, and its address."""
        if role == "page":
            file, _, anchor = target.partition("#")
            page = os.path.normpath(Path(self.page).parent / file).removesuffix(".ipynb").removesuffix(".md")
            known = page in self.env.titles
            return (self.title(page), self.address(page, anchor)) if known else ("", "")
        if role == "doc":
            page = target.lstrip("/") if target.startswith("/") else os.path.normpath(Path(self.page).parent / target)
            return (self.title(page), self.address(page)) if page in self.env.titles else (target, "")
        if role == "eq":
            page, anchor = self.env.domaindata["math"]["objects"].get(target, (self.page, ""))
            numbers = self.env.toc_fignumbers.get(page, {}).get("displaymath", {})
            name = f"equation-{nodes_id(target)}"
            number = ".".join(map(str, numbers[name])) if name in numbers else str(anchor)
            return f"({number})", self.address(page, name)
        if role.startswith("prf:"):
            entry = self.env.proof_list.get(target)
            if entry is None:  # Sphinx warns of it
                return target, ""
            numbers = self.env.toc_fignumbers.get(entry["docname"], {}).get(entry["countertype"], {})
            number = ".".join(map(str, numbers.get(target, ())))
            return f"{entry['realtype'].title()} {number}".strip(), self.address(entry["docname"], target)
        if role in ("ref", "numref"):
            labels = self.env.domaindata["std"]["labels"]
            page, anchor, words = labels.get(target, ("", "", ""))
            page = page or self.env.domaindata["std"]["anonlabels"].get(target, ("", ""))[0]
            return (str(words), self.address(page, anchor)) if page else (target, "")
        return "", ""


def nodes_id(label: str) -> str:
    """Return the anchor of a label, as Sphinx makes it."""
    from docutils import nodes  # type: ignore[import-untyped]

    return str(nodes.make_id(label))


def requirements(repository: str, environment: Mapping[str, str], needed: Iterable[str]) -> list[str]:
    """Return what pip installs in Colab, of what notebooks need there; nothing where no repository is known.

    For ``{repository}`` stands the address of the one that publishes, with the commit that is published.
    """
    commit = environment.get("GITHUB_SHA", "")
    address = f"git+{repository}{'@' + commit if commit else ''}"
    return [one.replace("{repository}", address) for one in needed] if repository else []


def with_results(app: Any, page: str) -> NotebookNode:
    """Return a chapter with what its cells show: from where results are kept, or else as it was run or stored.

    What myst_nb writes to ``jupyter_execute`` has the results of a run, and where they were kept, those of the source.
    """
    source = Path(app.env.doc2path(page))
    notebook = nbformat.read(source, as_version=4)
    settings = getattr(app.env, "mystnb_config", None)
    if settings is not None and settings.execution_mode == "cache":
        try:
            _, kept = get_cache(settings.execution_cache_path).merge_match_into_notebook(notebook)
        except KeyError:
            pass  # such as a chapter that is never run
        else:
            for cell, shown in zip(notebook.cells, kept.cells, strict=True):
                if cell.cell_type == "code":
                    cell.outputs, cell.execution_count = shown.outputs, shown.execution_count
            return notebook
    executed = Path(app.outdir).parent / "jupyter_execute" / f"{page}.ipynb"
    return nbformat.read(executed, as_version=4) if executed.exists() else notebook


def require_drawings(notebook: NotebookNode, page: str) -> None:
    """Refuse a notebook in which a figure has lost its drawing."""
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", ()):
            if EMPTIED.search(output.get("data", {}).get("text/html", "")):
                raise ExtensionError(
                    f"{page}: cell {number} shows a figure without its drawing. The chapter's stored form has none: "
                    "it must be run for the website."
                )


#: The folder of all notebooks, beside that of the website.
FOLDER = "notebooks"


def make_notebooks(app: Any) -> None:
    """Write the notebooks into a folder of their own."""
    if app.builder.format != "html":
        return
    install = requirements(repository_of(Path(app.confdir), app.config), os.environ, app.config.press_notebooks_need)
    for page in chapters(app):
        notebook = with_results(app, page)
        made = portable(notebook, SiteReferences(app, page), install, page, syntax_of(app, notebook))
        require_drawings(made, page)
        target = Path(app.outdir).parent / FOLDER / f"{page}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(nbformat.writes(made) + "\n", encoding="utf-8")


def syntax_of(app: Any, notebook: NotebookNode) -> MdParserConfig:
    """Return how the Markdown of a notebook is read on the website: as the configuration says, and it for itself."""
    return merge_file_level(getattr(app.env, "myst_config", SYNTAX), notebook.metadata, lambda kind, message: None)


def chapters(app: Any) -> list[str]:
    """Return the pages that are notebooks."""
    return [page for page in sorted(app.env.found_docs) if Path(app.env.doc2path(page)).suffix == ".ipynb"]


def put_beside_pages(app: Any, exception: Exception | None) -> None:
    """Let the download button of a page give the notebook that is made of it."""
    if exception is not None or app.builder.format != "html":
        return
    for page in chapters(app):
        made = Path(app.outdir).parent / FOLDER / f"{page}.ipynb"
        if made.exists():
            target = Path(app.outdir, "_sources", f"{page}.ipynb")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(made, target)


def setup(app: Any) -> dict[str, bool]:
    """Register the module. Sphinx itself puts the source of a page there, so that it is replaced at the end."""
    config.add_value(app, "press_notebooks_need", [], is_a_list)
    beside.connect(app, make_notebooks)
    app.connect("build-finished", put_beside_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
