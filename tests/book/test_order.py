"""The book can be read from the first page to the last: what a page needs, and the words that it uses, come before."""

from __future__ import annotations

import re

import nbformat
import pytest
from letters import CHAPTERS, INFORMAL, PAGES, path_of

PLACE = {page: number for number, page in enumerate(PAGES)}
LINK = re.compile(r"\]\((?P<address>[^)#\s:]+)\.(?:ipynb|md)[^)]*\)|\{doc\}`(?:[^`<]*<)?/book/(?P<page>[a-z0-9/-]+)>?`")


def prose(page: str) -> str:
    path = path_of(page)
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def links(page: str, text: str) -> set[str]:
    """The pages to which a text on a page leads."""
    found = set()
    for link in LINK.finditer(text):
        parts = link["page"].split("/") if link["page"] else page.split("/")[:-1]
        for part in (link["address"] or "").split("/"):
            if part == "..":
                parts = parts[:-1]
            elif part not in ("", "."):
                parts = [*parts, part]
        found.add("/".join(parts))
    return found & set(PAGES)


def needs(page: str) -> set[str] | None:
    """The pages that a page says it needs, or None where it does not say."""
    paragraph = re.search(r"^You need .+$", prose(page), re.MULTILINE)
    if paragraph is None:
        return None
    # Notation and glossary may be looked up at any time.
    sentences = re.split(r"(?<=[.:)]) (?=[A-Z])", paragraph[0])
    said = " ".join(sentence for sentence in sentences if re.match(r"You (also )?need |The \S+ \S+ needs ", sentence))
    return links(page, said) & set(CHAPTERS)


def all_needs(page: str) -> set[str]:
    """What a page needs, what that needs, and so on."""
    known: set[str] = set()
    wanted = [page]
    while wanted:
        for other in (needs(wanted.pop()) or set()) - known:
            known.add(other)
            wanted.append(other)
    return known


@pytest.mark.parametrize("page", CHAPTERS)
def test_a_chapter_says_what_it_needs_and_that_comes_before(page: str) -> None:
    needed = needs(page)
    assert needed is not None
    assert {other for other in needed if PLACE[other] >= PLACE[page]} == set()
    if page not in ("start/a-policy-that-learns", "setting/decision-processes"):
        assert needed, "no chapter"


#: Where a label of MyST is put on a result or an equation, and where it is cited.
LABEL = re.compile(r"^:label: (\S+)$|^\$\$ \((\S+)\)$|^\((\S+)\)=$", re.MULTILINE)
CITED = re.compile(r"\{(?:prf:ref|eq|ref|numref)\}`(?:[^`<]*<)?([^`>]+)>?`|\]\([\w./-]+\.ipynb#([\w-]+)\)")
PROVED = re.compile(r"^(:{3,})\{prf:(?:proof|theorem|lemma|corollary|proposition)\}.*?^\1$", re.MULTILINE | re.DOTALL)

HOME = {next(filter(None, label.groups())): page for page in PAGES for label in LABEL.finditer(prose(page))}


def homes(text: str) -> set[str]:
    """Where the results stand that a text cites: by a reference, or by a link, which may lead to a heading instead."""
    cited = {next(filter(None, label.groups())): label[1] for label in CITED.finditer(text)}
    return {HOME[label] for label, by_reference in cited.items() if by_reference or label in HOME}


@pytest.mark.parametrize("page", CHAPTERS)
def test_what_a_proof_cites_is_needed(page: str) -> None:
    """A result of another chapter on which a theorem or a proof rests stands in a chapter that the page needs."""
    rests_on = {home for part in PROVED.finditer(prose(page)) for home in homes(part[0])}
    assert rests_on - all_needs(page) - {page} == set()


def test_proofs_cite_results_of_other_chapters() -> None:
    assert any(homes(part[0]) - {page} for page in CHAPTERS for part in PROVED.finditer(prose(page)))


def entries() -> dict[str, str]:
    """The terms of the glossary, and the page where each is explained."""
    text = prose("reference/glossary")
    found = {}
    for term, entry in re.findall(r"^(?![ #:])(.+)\n  (.+)$", text, re.MULTILINE):
        _, arrow, after = entry.partition("→&nbsp;")
        if arrow:
            (found[term],) = links("reference/glossary", after)
    return found


def early(term: str, home: str, page: str, text: str) -> list[str]:
    """The paragraphs in which a page uses a term that is explained later, without a link to the page that does.

    Titles of pages, formulas and code use no term.
    """
    word = re.compile(rf"(?<![\w-]){re.escape(term)}s?(?![\w-])", re.IGNORECASE)
    found = []
    for paragraph in re.split(r"\n\s*\n", re.sub(r"^(```+).*?^\1", "", text, flags=re.DOTALL | re.MULTILINE)):
        plain = re.sub(r"\$\$.*?\$\$|\$[^$\n]*\$|`[^`]*`|\[[^\]]*\]\([^)]*\)", " ", paragraph, flags=re.DOTALL)
        later = {other for other in links(page, paragraph) if PLACE[other] >= PLACE[home]}
        if word.search(plain) and not later and f"{{term}}`{term}" not in paragraph:
            found.append(paragraph)
    return found


def test_an_early_use_of_a_term_is_found() -> None:
    home, page = "one-gradient/baselines-and-variance", "setting/gradient-ascent"
    assert early("baseline", home, page, "No baselines.\n\n$baseline$ and `baseline`") == ["No baselines."]
    assert early("baseline", home, page, "A baseline: [here](../one-gradient/baselines-and-variance.ipynb#x).") == []


@pytest.mark.parametrize("page", [page for page in CHAPTERS if page not in INFORMAL])
def test_terms_are_explained_before_they_are_used(page: str) -> None:
    text = prose(page)
    later = {term: home for term, home in entries().items() if PLACE[home] > PLACE[page]}
    assert {term: used for term, home in later.items() if (used := early(term, home, page, text))} == {}
