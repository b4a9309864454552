"""The page of the ledger: every line with its verdict, its place in the book and its errata."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

from pgcode import state_action_form
from pgcode.derivation import LinkedDerivation
from pgcode.displays import Table
from pgcode.exercises.chapters import ERRATA, LINES

ROOT = Path(__file__).parents[2]
ERRATUM = re.compile(r"^\((?P<target>.+)\)=\n### (?P<code>E[AB]\d+)\. (?P<text>(?:.|\n(?!\())*)", re.MULTILINE)


@pytest.fixture
def ledger(chapter):
    return chapter("reference/ledger")


@pytest.fixture
def lines(ledger):
    """The data of all lines, by their labels."""
    shown = [display for display in ledger.shown if isinstance(display, LinkedDerivation)]
    return {line["label"]: line for display in shown for line in display.data["lines"]}


def prose(path):
    cells = nbformat.read(path, as_version=4).cells
    return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


@pytest.fixture(scope="module")
def errata():
    """The text of each entry, by its name."""
    found = ERRATUM.finditer(prose(ROOT / "book" / "reference" / "errata.ipynb"))
    return {match["code"]: match["text"] for match in found if match["target"] == match["code"].lower()}


def test_each_line_that_has_a_place_stands_here_once(lines):
    assert set(lines) == set(LINES)
    assert all(line["place"] == LINES[label].data for label, line in lines.items())


@pytest.mark.parametrize("label", LINES)
def test_a_line_is_explained_where_it_is_said_to_be(label):
    place = LINES[label]
    headings = re.findall(r"^#+ (.+)$", prose(ROOT / f"{place.chapter.path}.ipynb"), re.MULTILINE)
    assert place.chapter.title == headings[0]
    assert place.heading in headings
    assert label[0] not in "AT" or re.search(rf"\b{label}\b", place.heading)


def test_verdicts(ledger, lines):
    assert {label for label, line in lines.items() if line["verdict"] == "false"} == {
        *("B6", "B9", "B10 = ∇J"),
        *("D7", "O8"),  # the surrogate for the rise, the semi-gradient for the gradient
    }
    assert {label for label, line in lines.items() if line["verdict"] == "estimate"} == {"A8", "A15"}
    assert {label for label, line in lines.items() if line["word"] == "exact step"} == {"B7", "B8", "B10"}
    with_horizon = state_action_form.full_derivation(ledger["finite"], ledger["policy"], ledger["theta"])
    assert [line.label for line in with_horizon] == [f"T{number}" for number in range(1, 11)]
    assert with_horizon.false_lines == []


def test_all_states_of_line_b9_count_as_one_array(ledger):
    """So says the text."""
    source = ledger["second"]
    many, one = source["B9"].value, source["B8"].value
    assert source.checks["B9"].residual == np.abs(many - one).max()
    repeated = np.sqrt(len(many)) * np.linalg.norm(one)
    assert abs(source.checks["B9"].length_ratio - np.linalg.norm(many) / repeated) < 1e-12


def test_the_count_is_that_of_the_lines(ledger, lines):
    (counted,) = (display for display in ledger.shown if isinstance(display, Table))
    words = [line["word"] for line in lines.values()]
    for word, *numbers, _ in counted.rows:
        assert sum(map(int, numbers)) == words.count(word)
    assert sum(words.count(row[0]) for row in counted.rows) == len(words)


def test_the_count_comes_first_and_each_ledger_has_a_heading(ledger):
    cells = nbformat.read(ROOT / "book" / "reference" / "ledger.ipynb", as_version=4).cells
    ledgers = [number for number, cell in enumerate(cells) if ".linked(" in cell.source]
    assert len(ledgers) == len(ledger["ledgers"]) == 9
    (count,) = (number for number, cell in enumerate(cells) if cell.source.startswith("ledgers = {"))
    assert count < ledgers[0]
    for before, number in zip([count, *ledgers], ledgers, strict=False):
        assert any(cell.source.startswith("## ") for cell in cells[before + 1 : number])


def test_what_is_not_exact_leads_to_an_erratum_of_its_source(lines, errata):
    for label, line in lines.items():
        codes = line.get("errata", [])
        assert codes == list(ERRATA.get(label, ()))
        assert codes or line["verdict"] not in ("false", "estimate") or label[0] not in "AB", label
        for code in codes:
            assert code in errata
            assert code[1] == label[0]


def test_the_erratum_of_a_line_names_it_where_it_speaks_of_a_line(errata):
    for code, text in errata.items():
        for label in re.findall(r"\b[Ll]ines? (B6|B9|A8|A13)\b", text):
            assert code in ERRATA[label], (code, label)


def test_the_source_is_right_on_the_restarting_chain(lines, errata):
    assert {lines[f"S{number}"]["verdict"] for number in range(1, 5)} == {"exact"}
    assert "restarting chain" in errata["EB4"]
