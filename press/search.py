"""The search finds what readers look for.

The index holds prose, no code, no formulas and no hints, and titles without numbers. Of the letters of a page's
formulas it has the names: who types "gamma" finds the pages that speak of γ. The file that ``press_search_words`` names
says which section answers what readers type; Sphinx's search knows these phrases as entries of an index.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from docutils import nodes  # type: ignore[import-untyped]
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from press import config, contents
from press.embedded import embedded
from press.guide import GuideList
from press.tasks.nodes import TaskHint

logger = logging.getLogger(__name__)


def index_prose_only(app: Any) -> None:
    """Leave code cells, their outputs and other blocks of code out of the search index, and numbers out of its titles.

    With its number, a page is not known by its title, and stands among those that share a word with it.
    """
    if app.builder.format != "html" or not hasattr(app.builder, "index_page"):
        return
    index_page = app.builder.index_page

    def index_prose(pagename: str, doctree: nodes.document, title: str) -> None:
        prose = doctree.deepcopy()
        named = names_of_letters(prose)
        for node in list(prose.findall(is_no_prose)):
            if node.parent is not None:
                node.parent.remove(node)
        for text in list(prose.findall(nodes.Text)):
            if "_" in text:  # Sphinx takes loss_type for one word: search.js folds what is typed in the same way
                text.parent.replace(text, nodes.Text(text.replace("_", " ")))
        if named:
            prose += nodes.paragraph("", " ".join(named))
        index_page(pagename, prose, escape(app.env.titles[pagename].astext(), quote=False))  # it is shown as HTML

    app.builder.index_page = index_prose


#: A letter or a sign that has a name, in the source of a formula or as it is typed.
LETTER = re.compile(
    r"\\(?:var)?(alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi|psi|omega|nabla)"
    r"(?![a-z])",
    re.IGNORECASE,
)


def names_of_letters(doctree: nodes.document) -> list[str]:
    """Return the names of the letters in the formulas of a page, each once, as one reads them out."""
    formulas = doctree.findall(lambda node: isinstance(node, nodes.math | nodes.math_block))
    return sorted({name.lower() for formula in formulas for name in LETTER.findall(formula.astext())})


def is_no_prose(node: nodes.Node) -> bool:
    """Return whether nobody searches for a node: code, an output, the source of a formula, a hint, or the guide."""
    hidden = nodes.literal_block | nodes.doctest_block | nodes.math | nodes.math_block | TaskHint | GuideList
    return isinstance(node, hidden) or (
        isinstance(node, nodes.container) and node.get("nb_element") in ("cell_code_source", "cell_code_output")
    )


#: The phrases of each section of each page.
Words = Mapping[str, Mapping[str, list[str]]]


def read_words(app: Any, env: Any, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Read the phrases, and return the pages whose phrases are others than at the last build: they are read anew."""
    path = Path(app.srcdir, app.config.press_search_words)
    before: Words = getattr(env, "press_search_words", {})
    now: Words = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}) if path.is_file() else {}
    env.press_search_words = now
    return [page for page in {*before, *now} & set(env.found_docs) if before.get(page) != now.get(page)]


def name_lost_pages(app: Any, env: Any) -> None:
    """Warn of phrases for pages that do not exist."""
    for page in sorted(set(env.press_search_words) - set(env.found_docs)):
        file = app.config.press_search_words
        logger.warning("%s names the page %r, which does not exist", file, page, location=file)


class IndexSearchWords(SphinxTransform):
    """Put the phrases that readers type into the sections that answer them, as entries of the index."""

    default_priority = 300  # before the entries are collected

    def apply(self, **kwargs: Any) -> None:
        """Apply the transform."""
        words: Words = getattr(self.env, "press_search_words", {})
        wanted = words.get(self.env.docname, {})
        sections = {section[0].astext(): section for section in self.document.findall(nodes.section)}
        for heading, phrases in wanted.items():
            if heading not in sections:
                file = self.env.config.press_search_words
                logger.warning("the page has no section %r, which %s names", heading, file, location=self.env.docname)
                continue
            section = sections[heading]
            entries = [("single", str(phrase), section["ids"][0], "main", None) for phrase in phrases]
            section.insert(1, addnodes.index(entries=entries))


def name_first(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    """Tell the search page which pages are shown before others that hold the same: the first page, and the chapters."""
    if pagename == "search":
        kinds = contents.kinds(app.env)
        first = [app.config.root_doc, *(page for page, kind in kinds.items() if kind == "chapter")]
        app.add_js_file(None, body=f"var pgShownFirst = {embedded(first)};")


def use_scorer(app: Any, config: Any) -> None:
    """Let the search page count, and read what is typed, as ``search.js`` says."""
    config.html_search_scorer = str(Path(__file__).with_name("search.js"))


def setup(app: Any) -> dict[str, bool]:
    """Register the extension."""
    app.setup_extension("press.contents")
    config.add_value(app, "press_search_words", "", config.file_is_there)
    app.connect("config-inited", use_scorer)
    app.connect("html-page-context", name_first)
    app.connect("env-get-outdated", read_words)
    app.connect("env-check-consistency", name_lost_pages)
    app.add_transform(IndexSearchWords)
    app.connect("builder-inited", index_prose_only)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
