"""Works are cited by links of Markdown, which JupyterLab, GitHub and Colab follow too.

The address of such a link is the page of the bibliography with the key of the entry, ``bibliography.md#williams1992``,
and its words are the entry's label, "Williams, 1992", or, in a sentence, "Williams (1992)". ``tools/notebooks.py
--links`` writes them, and a test compares them with ``book/references.bib``. Here the links find their entries; one
without an entry is a warning, as for any link.

JupyterLab does not draw the bibliography either. Its page holds a list for it too, which the same command writes and
which the website and the PDF leave out.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes  # type: ignore[import-untyped]
from pybtex.database import BibliographyData, Entry  # type: ignore[import-untyped]

#: The class of what is shown elsewhere, and neither on the website nor in the PDF.
ELSEWHERE = "elsewhere"
#: A citation as sphinxcontrib-bibtex has it, which JupyterLab cannot resolve.
ROLE = re.compile(r"\{cite(?P<kind>:[pt])?\}`(?P<keys>[^`]+)`")
#: A link to an entry, and the words of it.
LINK = re.compile(r"\[(?P<words>[^\]\[]+)\]\((?P<page>[\w./-]*bibliography\.md)#(?P<key>\w+)\)")


def names(entry: Entry) -> str:
    """Return who wrote a work: "Sutton et al."."""
    people = [" ".join(person.prelast_names + person.last_names) for person in entry.persons["author"]]
    return re.sub("[{}]", "", f"{people[0]} et al." if len(people) > 2 else " and ".join(people))


def year(entry: Entry) -> str:
    """Return when a work was published, with the letter that tells two works of one label apart."""
    return f"{entry.fields.get('year', 'n.d.')}{entry.fields.get('yearletter', '')}"


def label(entry: Entry) -> str:
    """Return the words that cite a work between brackets, and stand before it in the bibliography."""
    return f"{names(entry)}, {year(entry)}"


def in_a_sentence(entry: Entry) -> str:
    """Return the words that cite a work as a part of a sentence."""
    return f"{names(entry)} ({year(entry)})"


def with_links(text: str, page: str, works: BibliographyData) -> str:
    """Return a text with links in the place of the citations of sphinxcontrib-bibtex.

    Parameters
    ----------
    text
        The Markdown of a page.
    page
        The address of the bibliography, relative to that page.
    works
        The entries.
    """

    def links(match: re.Match[str]) -> str:
        words = in_a_sentence if match["kind"] == ":t" else label
        keys = [key.strip() for key in match["keys"].split(",")]
        cited = [f"[{words(works.entries[key])}]({page}#{key})" for key in keys]
        return " and ".join(cited) if match["kind"] == ":t" else f"({'; '.join(cited)})"

    return ROLE.sub(links, text)


def let_links_find_entries(app: Any, env: Any) -> None:
    """Tell the parser of links, for each entry, its place on the page, as it knows the places of headings."""
    if "cite" not in env.domains:  # a book without sphinxcontrib.bibtex
        return
    works = env.get_domain("cite")
    for page in {place.docname for place in works.bibliographies}:
        slugs = env.metadata[page].setdefault("myst_slugs", {})
        for work in works.citations:
            slugs[work.key] = (0, work.citation_id, work.formatted_entry.label)


def leave_out_what_is_shown_elsewhere(app: Any, doctree: nodes.document) -> None:
    """Leave the list for JupyterLab out of a page."""
    for part in list(doctree.findall(nodes.container)):
        if ELSEWHERE in part.get("classes", ()):
            part.parent.remove(part)


def setup(app: Any) -> dict[str, bool]:
    """Register the module."""
    app.connect("doctree-read", leave_out_what_is_shown_elsewhere)
    app.connect("env-updated", let_links_find_entries, priority=600)  # after the entries are known
    return {"parallel_read_safe": True, "parallel_write_safe": True}
