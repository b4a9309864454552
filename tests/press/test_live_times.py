"""What takes long in the browser's Python offers a smaller size, by the seconds that ``make time-cells`` measured."""

import functools
import json

import pytest
import time_cells
from notebooks import ROOT
from time_cells import LEAST, MOST, MOST_OF_THE_SMALLER, Row, page_of, rows, runnable

from press.live import pages

ROWS = rows()
AGAIN = "make time-cells NOTEBOOKS={}.ipynb measures the page anew"


@functools.cache
def offers_of(page):
    """The lines by which a page's cells are known, each with the smaller size that its cell offers, or None."""
    cells = pages.read(ROOT / f"{page}.ipynb")
    offers = pages.offered(cells, time_cells.shown_cells(cells), page)
    return {line: offers.get(number) for number, line in time_cells.lines_of(cells).items()}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.page.rpartition('/')[2]}: {row.line[:30]}")
def test_what_was_measured_is_there_and_offers_a_smaller_size_if_it_takes_long(row):
    assert row.page in map(page_of, runnable())
    again = AGAIN.format(row.page)
    assert row.line in offers_of(row.page), f"{row.page} has no cell of its own with {row.line!r} any more: {again}"
    offer = offers_of(row.page)[row.line]
    assert (offer is None) == (row.smaller is None), f"{row.line!r} offers another size than was measured: {again}"
    assert offer or row.seconds <= MOST, f"it takes {row.seconds:g} s and offers no smaller size: CONTRIBUTING says how"
    if row.smaller is not None:
        assert row.smaller <= MOST_OF_THE_SMALLER
        assert row.smaller < row.seconds


def test_every_smaller_size_was_measured():
    known = {(row.page, row.line) for row in ROWS}
    for page in map(page_of, runnable()):
        unknown = [line for line, offer in offers_of(page).items() if offer and (page, line) not in known]
        assert not unknown, f"{page}: {unknown}: {AGAIN.format(page)}"


def test_the_file_is_as_it_is_written(tmp_path, monkeypatch):
    before = time_cells.FILE.read_text(encoding="utf-8")
    monkeypatch.setattr(time_cells, "FILE", tmp_path / "cells.txt")
    time_cells.store(ROWS)
    assert time_cells.FILE.read_text(encoding="utf-8") == before
    assert time_cells.rows() == ROWS
    assert all(row.seconds >= LEAST or row.smaller is not None for row in ROWS)


def test_a_cell_is_known_by_a_line_that_is_its_own(tmp_path):
    sources = ["import a\nx = 1", "import a\ny = 1\nx = 1", "import a", "z = 1"]
    cells = [{"cell_type": "code", "metadata": {}, "source": source} for source in sources]
    (tmp_path / "one.ipynb").write_text(json.dumps({"cells": cells}), encoding="utf-8")
    assert time_cells.lines_of(pages.read(tmp_path / "one.ipynb")) == {0: "", 1: "y = 1", 2: "", 3: "z = 1"}


class FakePython:
    """Answers with the seconds of each statement: as many as its number, and its cell's tens, from 1."""

    is_running = True

    def __init__(self):
        self.asked = []

    def call(self, name, argument):
        self.asked.append(argument)
        cells = [source.splitlines() for source in argument["sources"]]
        times = [[10.0 * (i + 1) + k + 1 for k in range(len(lines))] for i, lines in enumerate(cells)]
        return type("Answer", (), {"value": times})


def test_a_cell_takes_what_it_needs_and_what_it_is_in_both_sizes(tmp_path, monkeypatch):
    monkeypatch.setattr(time_cells, "ROOT", tmp_path)
    smaller = {"from": "1000", "to": "1", "called": "1", "said": "Only 1."}
    cells = [("a = 1\nn = 1000", {"live": {"smaller": smaller}}), ("b = 2", {}), ("n  # slow", {}), ("b", {})]
    made = [{"cell_type": "code", "metadata": metadata, "source": source} for source, metadata in cells]
    (tmp_path / "one.ipynb").write_text(json.dumps({"cells": made}), encoding="utf-8")
    python = FakePython()
    found = time_cells.measured(tmp_path / "one.ipynb", python)
    assert found == [
        Row(11 + 12, 11 + 12, "one", "a = 1"),
        Row(21, None, "one", "b = 2"),
        Row(12 + 31, 12 + 31, "one", "n  # slow"),
        Row(21 + 41, None, "one", "b"),
    ]
    assert [asked["sources"][0] for asked in python.asked] == ["a = 1\nn = 1000", "a = 1\nn = 1"]
