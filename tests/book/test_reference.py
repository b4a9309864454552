"""The reference part: every line, erratum and question has its place in the book, and every public name its page."""

import importlib
import inspect
import re
from pathlib import Path

import nbformat
import notebooks
import pytest
from myst_parser.mdit_to_docutils.base import default_slugify
from pybtex.database import parse_file
from sphinx_external_toc.parsing import parse_toc_yaml

import pgcode
from pgcode import exercises
from pgcode.exercises import chapters
from press import api, bibliography, citations

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "book" / "reference"
HEADING = re.compile(r"^#{1,3} (.+)$", re.MULTILINE)
TARGET = re.compile(r"^\((.+)\)=$", re.MULTILINE)
LINK = re.compile(r"\]\((?P<file>[^)#:\s]*)#(?P<anchor>[^)\s]+)\)")
DOC = re.compile(r"\{doc\}`(?:[^`<]*<)?/?([^`>]+)>?`")


def prose(path: Path) -> str:
    """The text of a page without its code."""
    if path.suffix == ".md":
        return path.read_text(encoding="utf-8")
    return "\n\n".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown")


def outputs(path: Path, mime_type: str) -> str:
    """The outputs of a page's cells of one kind."""
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    return "\n".join(o.data[mime_type] for c in cells for o in c.outputs if mime_type in o.get("data", {}))


def headings(path: Path) -> list[str]:
    return HEADING.findall(prose(path))


def pages() -> list[Path]:
    written = [path for path in (ROOT / "book").rglob("*.md") if "/." not in path.relative_to(ROOT).as_posix()]
    return [*notebooks.chapters(), *written]


def anchors(path: Path) -> set[str]:
    """What a link to a page may lead to: its headings, and the targets that are named before them."""
    if path == ROOT / notebooks.BIBLIOGRAPHY:
        return set(parse_file(ROOT / "book" / "references.bib").entries)
    return {default_slugify(h) for h in headings(path)} | set(TARGET.findall(prose(path)))


def broken_links(path: Path, text: str) -> list[str]:
    """The links to headings that lead nowhere."""
    wrong = []
    for link in LINK.finditer(text):
        target = (path.parent / link["file"]).resolve() if link["file"] else path
        if not target.is_file() or link["anchor"] not in anchors(target):
            wrong.append(link[0])
    return wrong


def sections(path: Path, pattern: str) -> dict[str, str]:
    """The text below each heading that matches, by what the pattern takes from it."""
    parts = re.split(r"^#{1,3} (.+)$", prose(path), flags=re.MULTILINE)
    named = zip(parts[1::2], parts[2::2], strict=True)
    return {match[1]: text for heading, text in named if (match := re.match(pattern, heading))}


@pytest.mark.parametrize("name", ["ledger", "errata", "glossary", "questions"])
def test_links_to_headings_lead_there(name: str) -> None:
    path = next(REFERENCE.glob(f"{name}.*"))
    text = prose(path) + (outputs(path, "text/markdown") if path.suffix == ".ipynb" else "")
    assert LINK.search(text) or name == "ledger"
    assert not broken_links(path, text)


def test_a_broken_link_is_found() -> None:
    path = REFERENCE / "errata.ipynb"
    assert broken_links(
        path, "[x](../notation.ipynb#nowhere) [y](nowhere.ipynb#symbols) [z](../notation.ipynb#symbols)"
    )[:2] == ["](../notation.ipynb#nowhere)", "](nowhere.ipynb#symbols)"]


ERRATUM = r"(E[AB]\d+)\. "


def test_every_erratum_has_a_short_name_and_a_target_of_its_own() -> None:
    text = prose(REFERENCE / "errata.ipynb")
    found = re.findall(r"^(?:\((.+)\)=\n)?### (E[AB]\d+)\. (.+)$", text, re.MULTILINE)
    assert len(found) == text.count("\n### ")
    assert [target for target, _, _ in found] == [label.lower() for _, label, _ in found]
    names = [name for _, _, name in found]
    assert len(set(names)) == len(names)
    assert all(1 < len(name.split()) <= 6 for name in names)


def test_every_erratum_has_an_entry_with_its_kind_and_its_place() -> None:
    errata = sections(REFERENCE / "errata.ipynb", ERRATUM)
    assert list(errata) == [f"EA{n}" for n in range(1, 17)] + [f"EB{n}" for n in range(1, 16)]
    kinds = "wrong|loose|undefined|misleading|typo|remark"
    for label, text in errata.items():
        assert re.search(rf"\*({kinds})( and ({kinds}))?\.\*", text, re.IGNORECASE), label
        assert LINK.search(text), label


def test_the_place_of_an_erratum_names_it() -> None:
    chapters = [path for path in notebooks.chapters() if path.parent != REFERENCE]
    text = "\n".join(prose(path) for path in chapters).replace("EB6 to EB9", "EB6, EB7, EB8, EB9")
    for number, source in [(n, s) for s, count in (("A", 16), ("B", 15)) for n in range(1, count + 1)]:
        label = f"E{source}{number}"
        assert re.search(rf"\b{label}\b", text), label


#: What is no error of a source.
REMARKS = {"EA13", "EA14", "EA15", "EB5"}

#: Where a page of the course is right and its abridgement, source A, is not.
RIGHT_IN_THE_COURSE = {"EA4", "EA7", "EA12"}


def test_what_is_no_error_is_called_a_remark() -> None:
    errata = sections(REFERENCE / "errata.ipynb", ERRATUM)
    assert {label for label, text in errata.items() if text.lstrip().startswith("*Remark.*")} == REMARKS
    chapters = "\n".join(prose(path) for path in notebooks.chapters() if path.parent != REFERENCE)
    for label in REMARKS:
        assert re.search(rf"\b{label}\b(, a remark\.?\)| is only a remark)", chapters), label


def test_the_course_is_not_blamed_for_its_abridgement() -> None:
    errata = sections(REFERENCE / "errata.ipynb", ERRATUM)
    assert {label for label, text in errata.items() if re.search(r"\bcourse\b", text)} == RIGHT_IN_THE_COURSE
    for path in notebooks.chapters():
        text = prose(path)
        assert not re.search(r"[Ss]ource A \(?\[Hugging Face", text), path
        if "#huggingface" in text:
            assert re.search(r"abridge(s|ment)", text), path


def test_source_a_is_not_blamed_for_a_discount() -> None:
    """Neither source writes γ, so none of them uses it undefined."""
    undefined = sections(REFERENCE / "errata.ipynb", ERRATUM)["EA7"]
    assert "γ" not in undefined
    assert "gamma" not in undefined


def test_the_table_of_checked_citations_names_every_entry() -> None:
    entries = parse_file(ROOT / "book" / "references.bib").entries
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    _, found, after = text.partition("## What was checked of the bibliography")
    assert found
    table = after.partition("\n## ")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted(entries)


def test_every_question_has_an_answer_and_the_section_that_works_it_out() -> None:
    questions = sections(REFERENCE / "questions.ipynb", r"(\d+)\. .+\?$")
    assert list(questions) == [str(n) for n in range(1, 22)]
    for number, text in questions.items():
        assert LINK.search(text), number
        assert not DOC.search(text), f"{number} leads to a whole chapter"
        assert len(text.split()) > 12, number


def test_no_code_stands_before_the_first_question() -> None:
    cells = nbformat.read(REFERENCE / "questions.ipynb", as_version=4).cells
    assert "## 1. " in cells[0].source


@pytest.mark.parametrize("name", ["errata", "ledger", "questions"])
def test_headings_hold_no_raw_formulas(name: str) -> None:
    for heading in headings(REFERENCE / f"{name}.ipynb"):
        assert not re.search(r"\w_\w|\$|\\", re.sub(r"`[^`]*`", "", heading)), heading


def test_chapters_that_the_reference_part_names_are_chapters() -> None:
    known = {path.relative_to(ROOT).with_suffix("").as_posix() for path in pages()}
    for path in REFERENCE.glob("*.*"):
        assert {target for target in DOC.findall(prose(path)) if target not in known} == set(), path


MODULES = api.public_modules("pgcode")


def public_names() -> list[tuple[str, str]]:
    return [(module, name) for module in MODULES for name in getattr(importlib.import_module(module), "__all__", [])]


def test_every_public_module_says_what_is_public() -> None:
    for module in MODULES:
        assert hasattr(importlib.import_module(module), "__all__") or api.exercises(module), module
        assert importlib.import_module(module).__doc__, module


SUBJECTS = api.subjects(ROOT, parse_toc_yaml(ROOT / "_toc.yml"), "book/reference/api", MODULES)
SECTIONS = "\n".join(api.sections(subject.modules) for subject in SUBJECTS)


def test_every_public_module_stands_on_one_page_of_the_reference() -> None:
    named = [module for subject in SUBJECTS for module in subject.modules]
    assert sorted(named) == sorted(MODULES)
    pages = {path.relative_to(ROOT).with_suffix("").as_posix() for path in (REFERENCE / "api").glob("*.md")}
    assert pages == {subject.page for subject in SUBJECTS}
    assert all(subject.title and subject.about.endswith(".") for subject in SUBJECTS)


def test_the_pages_name_every_public_name() -> None:
    listed = {
        module: set(members.split(", "))
        for module, members in re.findall(r"automodule:: (\S+)\n\s+:members: (.+)", SECTIONS)
    }
    for module, name in public_names():
        if not module.startswith("pgcode.exercises"):
            assert name in listed[module], f"{module}.{name}"
    for module in MODULES:
        assert all(f"`{name}`: {title}" in SECTIONS for name, title in api.exercises(module).items()), module


def test_the_list_of_all_names_leads_to_each_and_says_what_it_is() -> None:
    assert api.PLACE.search((REFERENCE / "api.md").read_text(encoding="utf-8"))
    text = api.names_text(SUBJECTS, "pgcode")
    assert "named = `pgcode.${" in text
    assert re.findall(r"^### \[.+\]\(/(.+)\.md\)$", text, re.MULTILINE) == [subject.page for subject in SUBJECTS]
    for module in MODULES:
        if not module.startswith("pgcode.exercises."):
            short = module.partition(".")[2]
            assert re.search(rf"^   - :py:mod:`{short} <{module}>`: \S", text, re.MULTILINE)
            for name in api.members(module):
                thing = getattr(importlib.import_module(module), name)
                kind = "class" if inspect.isclass(thing) else "func"
                link = rf":py:{kind}:`~{module}\.{name}`: .+" if callable(thing) else f"``{name}``"
                assert re.search(rf"^     - {link}$", text, re.MULTILINE), f"{module}.{name}"


def test_a_module_is_followed_by_its_parts() -> None:
    modules = ["pgcode.a", "pgcode.b", "pgcode.b.c", "pgcode.bd"]
    assert api.with_parts("b, a", modules) == ("pgcode.b", "pgcode.b.c", "pgcode.a")


def test_the_page_has_of_the_exercises_what_one_calls_and_what_one_declares() -> None:
    for name in exercises.__all__:
        thing = getattr(exercises, name)
        kind = inspect.isclass(thing) and issubclass(thing, exercises.Exercise) and thing is not exercises.Exercise
        assert (f":: pgcode.exercises.{name}\n" in SECTIONS) != kind, name
    assert "pgcode.exercises.Exercise\n   :members: check, hint, solution, misconception\n" in SECTIONS
    for name in chapters.__all__:
        assert f"- `{name}`: {getattr(chapters, name).title}" in SECTIONS


#: What the page explains once for all.
COMMON = {"mdp", "policy", "theta", "trajectories", "rng", "self", "cls"}


def undocumented(function) -> list[str]:
    """The arguments that a docstring does not name."""
    text = inspect.getdoc(function) or ""
    return [
        name
        for name in inspect.signature(function).parameters
        if name not in COMMON and not re.search(rf"\b{name}\b", text)
    ]


@pytest.mark.parametrize(("module", "name"), public_names())
def test_every_public_name_is_documented(module: str, name: str) -> None:
    thing = getattr(importlib.import_module(module), name)
    if not (inspect.isroutine(thing) or inspect.isclass(thing)):
        pytest.skip("a constant: its comment is its documentation")
    assert inspect.getdoc(thing), "no docstring"
    if inspect.isclass(thing):
        for member, value in vars(thing).items():
            if not member.startswith("_") and (inspect.isroutine(value) or isinstance(value, property)):
                assert inspect.getdoc(getattr(thing, member)), f"{member} has no docstring"
    else:
        assert not undocumented(thing), f"arguments without a word: {undocumented(thing)}"


def test_docstrings_are_escaped_outside_of_literals() -> None:
    assert api.escape_markup("shape (m, *θ) and ``*θ`` of π(a|s)") == r"shape (m, \*θ) and ``*θ`` of π(a\|s)"
    assert api.escape_markup("    m.") == r"    m\."
    assert api.escape_markup("`audit` of `theta`s, (`a|b`)") == r"``audit`` of ``theta``\ s, (``a|b``)"
    lines = ["Head.", "", "    a = b", "    c = d", "", "Text.", "", "Parameters", "----------", "x : int", "    m."]
    api.mend_docstring(None, "function", "f", None, None, lines)
    assert lines[:7] == ["Head.", "", "::", "", "    a = b", "    c = d", ""]
    assert lines[-1] == r"    m\."


def test_examples_stay_as_they_are_typed() -> None:
    lines = ["Head of *θ.", "", "Examples", "--------", ">>> print(a | b * c)", "a | b", "", "See *θ."]
    api.mend_docstring(None, "function", "f", None, None, lines)
    assert lines == [r"Head of \*θ.", *["", "Examples", "--------", ">>> print(a | b * c)", "a | b", ""], r"See \*θ."]


def test_the_page_says_what_the_package_gives() -> None:
    page = prose(REFERENCE / "api.md")
    named = re.findall(r"`pg\.(\w+)`", page)
    assert all(name in pgcode.__all__ for name in named)
    assert {name for name in pgcode._HOMES if not name.endswith("Policy")} <= set(named)


def test_the_example_of_the_page_prints_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    text = (REFERENCE / "api.md").read_text(encoding="utf-8")
    ((code, printed),) = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", text, flags=re.DOTALL)
    exec(compile(code, "api.md", "exec"), {"__name__": "example"})
    assert capsys.readouterr().out == printed


def test_every_entry_of_the_bibliography_is_cited_and_can_be_found() -> None:
    entries = parse_file(ROOT / "book" / "references.bib").entries
    assert set(entries) == {link["key"] for path in pages() for link in citations.LINK.finditer(prose(path))}
    for key, entry in entries.items():
        assert {"doi", "url", "publisher", "note"} & set(entry.fields), f"{key} has no address and no publisher"
        assert entry.persons.get("author"), key
        assert "year" in entry.fields or entry.type == "misc", key


def test_a_citation_says_who_and_when_as_the_bibliography_does() -> None:
    entries = parse_file(ROOT / "book" / "references.bib").entries
    for path in pages():
        text = prose(path)
        assert not citations.ROLE.search(text), f"run `python tools/notebooks.py --links {path.relative_to(ROOT)}`"
        for link in citations.LINK.finditer(text):
            assert (path.parent / link["page"]).resolve() == ROOT / notebooks.BIBLIOGRAPHY, link[0]
            entry = entries[link["key"]]
            assert link["words"] in (citations.label(entry), citations.in_a_sentence(entry)), link[0]
        assert len(citations.LINK.findall(text)) == len(re.findall(r"bibliography\.md#", text)), path


def test_the_list_for_jupyterlab_is_that_of_the_bibliography() -> None:
    text = (ROOT / notebooks.BIBLIOGRAPHY).read_text(encoding="utf-8")
    assert notebooks.with_list(text) == text, "run `python tools/notebooks.py --links book/reference/bibliography.md`"
    entries = parse_file(ROOT / "book" / "references.bib").entries
    assert len(re.findall(r"^- \*\*", text, re.MULTILINE)) == len(entries)


def test_the_bibliography_is_sorted_and_has_the_labels_of_the_text() -> None:
    entries = parse_file(ROOT / "book" / "references.bib").entries
    labels = [entry.label for entry in bibliography.AuthorYearStyle().format_entries(entries.values())]
    assert {"Williams, 1992", "Sutton and Barto, 2018", "Sutton et al., 2000", "Hugging Face, n.d."} <= set(labels)
    assert len(set(labels)) == len(entries)
    assert labels == sorted(labels, key=lambda label: label.lower().replace(",", ""))  # one author before two
    assert "bibtex_default_style: author_year" in (ROOT / "_config.yml").read_text(encoding="utf-8")


def glossary() -> dict[str, str]:
    """The entries of the glossary, in their order."""
    text = (REFERENCE / "glossary.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^(?![ #:])(.+)\n  (.+)$", text, re.MULTILINE))


#: The no-break space keeps the arrow with what it points to.
PLACE = re.compile(r"→&nbsp;(\{doc\}`/book/[a-z/-]+`|\[[^\]]+\]\(\.\./[^)]+#[^)]+\))$")
TERM = re.compile(r"\{term\}`(?:(\w) <)?([^`>]+)>?`")


def test_every_term_of_the_glossary_ends_with_its_place_or_leads_to_another() -> None:
    terms = glossary()
    assert len(terms) > 60
    assert [t for t, text in terms.items() if not PLACE.search(text) and not re.search(r"See \{term\}`", text)] == []
    assert {"trajectory form", "state–action form", "bootstrapping", "features", "on-policy"} < set(terms)
    assert {"TD", "GAE", "score function", "reparameterization", "visitation", "leave-one-out baseline"} < set(terms)
    assert not re.search(r"→(?!&nbsp;)", "".join(terms.values()))
    for term, text in terms.items():
        for _, other in TERM.findall(text):
            assert PLACE.search(terms[other]), f"{term} leads to {other}"


def test_the_letters_of_the_glossary_lead_to_its_first_terms() -> None:
    terms = sorted(glossary(), key=str.lower)
    letters = dict(TERM.findall((REFERENCE / "glossary.md").read_text(encoding="utf-8").partition(":::")[0]))
    assert list(letters) == sorted({term[0].upper() for term in terms})
    for letter, term in letters.items():
        assert term == next(t for t in terms if t[0].upper() == letter)


STACK_EXCHANGE = {
    "ai": "Artificial Intelligence Stack Exchange",
    "stats": "Cross Validated",
    "cs": "Computer Science Stack Exchange",
    "datascience": "Data Science Stack Exchange",
}


def test_where_a_question_was_asked_is_a_link() -> None:
    text = prose(REFERENCE / "questions.ipynb")
    assert len(re.findall(r"\]\(https://(?:github\.com|[a-z]+\.stackexchange\.com)/", text)) > 20
    assert not re.search(r"\((?:[\w-]+/[\w-]+ issues?|ai|stats|cs|datascience) \d", text)
    for name, site in re.findall(r"\[([^\]]+)\]\(https://(\w+)\.stackexchange\.com/", text):
        assert re.fullmatch(rf"{STACK_EXCHANGE[site]} \d+", name)
