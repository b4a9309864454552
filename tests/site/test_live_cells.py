"""The cells of a page run in it: edited, stopped, kept, refused, by keyboard, and with nothing asked for before."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from .conftest import HEIGHT, SETTLE, Site, new_context
from .test_pages import CODE_CONTRASTS, OF_COLOURS, broken_rules

PAGE = "book/setting/gradient-ascent.html"
#: Cells of the page: the path from a start, and the way back, which uses another cell's function.
PATH, BACK = 5, 7
LARGEST_SCRIPT = 30_000
#: The largest file of Python, without which it does not start.
WHOLE = "**/pyodide.asm.wasm*"


@pytest.fixture(scope="session")
def with_python(site_files: Path) -> Path:
    """The folder of a website that has Python."""
    if not (site_files / "_static" / "python").is_dir():
        told = "the website was built without Python: `make vendor` fetches it"
        if os.environ.get("COURSE_PYODIDE"):
            pytest.fail(told)
        pytest.skip(told)
    return site_files


class Reader:
    """A reader with a browser of their own, on a page."""

    def __init__(self, context: BrowserContext, address: str, name: str = PAGE) -> None:
        self.context, self.address = context, address
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(address + name)
        expect(self.page.locator(".pg-run .pg-button").first).to_be_attached()

    def cell(self, number: int) -> Locator:
        """A cell."""
        return self.page.locator(f'.cell:has(.pg-run[data-cell="{number}"])')

    def button(self, number: int, name: str) -> Locator:
        """A button of a cell."""
        return self.cell(number).get_by_role("button", name=name, exact=True)

    def status(self, number: int) -> Locator:
        """What is said beside the buttons of a cell."""
        return self.cell(number).locator(".pg-status")

    def output(self, number: int) -> Locator:
        """What a cell shows."""
        return self.cell(number).locator(".cell_output")

    def write(self, number: int, text: str) -> None:
        """Put a text in the place of a cell's code."""
        if self.button(number, "Edit").is_visible():
            self.button(number, "Edit").click()
        self.cell(number).locator("textarea").fill(text)

    def run(self, number: int, words: str = "Done") -> None:
        """Run a cell, and wait until that is said of it, and not of the run before."""
        self.button(number, "Run").click()
        expect(self.button(number, "Run")).to_be_visible()  # it is away while the cell runs
        expect(self.status(number)).to_contain_text(words)


@pytest.fixture
def context(site: Site, with_python: Path) -> Iterator[BrowserContext]:
    """A browser that keeps nothing of other tests."""
    context = new_context(site.browser, viewport={"width": 1280, "height": HEIGHT}, reduced_motion="reduce")
    yield context
    context.close()


@pytest.fixture
def reader(context: BrowserContext, site: Site) -> Reader:
    """A reader of the page."""
    return Reader(context, site.address)


@pytest.fixture(scope="module")
def python_runs(site: Site, with_python: Path) -> Iterator[Reader]:
    """A reader whose Python goes on from test to test: a start takes ten seconds."""
    context = new_context(site.browser, viewport={"width": 1280, "height": HEIGHT}, reduced_motion="reduce")
    yield Reader(context, site.address)
    context.close()


@pytest.fixture
def goes_on(python_runs: Reader) -> Iterator[Reader]:
    """This reader, with the page as it is printed: what a test has changed is taken back by the page's own button.

    The first tests of the file look at what is asked for, and when. The others say nothing of it.
    """
    assert marked(python_runs) == {}
    python_runs.errors.clear()
    yield python_runs
    python_runs.page.set_viewport_size({"width": 1280, "height": HEIGHT})
    python_runs.page.emulate_media(color_scheme="light")
    for name in ("Reset all", "Reset"):
        buttons = python_runs.page.get_by_role("button", name=name, exact=True).locator("visible=true")
        while buttons.count():
            buttons.first.click()
    await_marks(python_runs, set())
    assert not python_runs.errors


@pytest.fixture
def code(with_python: Path) -> Callable[[int], str]:
    """A function that gives the code of a cell of the page."""
    (along,) = (with_python / "_static" / "live").glob("book-setting-gradient-ascent-*.json")
    known: dict[str, Any] = json.loads(along.read_text(encoding="utf-8"))
    return lambda number: str(known["sources"][known["numbers"].index(number)])


def test_nothing_of_python_is_asked_for_before_the_first_run(goes_on: Reader, with_python: Path) -> None:
    goes_on.page.evaluate(SETTLE)
    assert not [address for address in goes_on.asked if "/_static/python/" in address or "/_static/live/" in address]
    assert not [address for address in goes_on.asked if "/live-" in address and ".mjs" in address]
    data = goes_on.page.locator("#pg-live").text_content() or ""
    assert len((with_python / "_static" / "live.js").read_bytes()) + len(data.encode()) < LARGEST_SCRIPT
    expect(goes_on.status(PATH)).to_contain_text("The first run loads")


def test_loading_tells_how_far_it_is_at_the_first_visit(goes_on: Reader) -> None:
    """By tens of percent of what is fetched; where the browser has all of it, nothing is counted."""
    note = """(number) => {
      window.said = [];
      const place = document.querySelector(`.pg-run[data-cell="${number}"]`);
      new MutationObserver(() => said.push(place.querySelector(".pg-status").textContent))
        .observe(place, { subtree: true, childList: true });
    }"""
    shares = "() => said.map((words) => /^Loading Python: (\\d+) % …$/.exec(words)?.[1]).filter(Boolean).map(Number)"
    goes_on.page.evaluate(note, PATH)
    goes_on.run(PATH)
    told = goes_on.page.evaluate(shares)
    assert told == sorted(told)
    assert len(set(told)) > 5
    assert told[-1] >= 90, "what is counted is what is loaded"
    goes_on.page.reload()
    goes_on.page.evaluate(note, PATH)
    goes_on.run(PATH)
    assert goes_on.page.evaluate(shares) == []


def test_a_run_shows_what_the_page_shows_and_asks_no_third_party(goes_on: Reader, site: Site) -> None:
    # what the script that marks wide boxes adds, and links that were made for the page, may differ
    before = goes_on.output(PATH).inner_text()
    goes_on.run(PATH)
    assert goes_on.output(PATH).inner_text() == before
    assert goes_on.output(PATH).locator(".pg-table mjx-container").count() == 4
    goes_on.run(BACK)
    assert not [address for address in goes_on.asked if not address.startswith((site.address, "data:", "blob:"))]
    assert not [address for address in goes_on.asked if "mathjax" in address or "matplotlib" in address]
    assert not goes_on.errors


def test_figures_and_what_draws_them_are_loaded_when_they_are_used(goes_on: Reader) -> None:
    assert not [address for address in goes_on.asked if "matplotlib" in address]
    goes_on.write(PATH, "from matplotlib import pyplot as plt\nplt.plot([1, 2])\nNone")
    goes_on.run(PATH)
    expect(goes_on.output(PATH).locator("svg")).to_be_visible()
    assert [address for address in goes_on.asked if "matplotlib" in address]
    goes_on.write(PATH, "import scipy")
    goes_on.run(PATH, "An error, in line 1.")
    expect(goes_on.output(PATH)).to_contain_text("scipy is not part of the Python that this page has.")


def test_a_long_line_scrolls_and_what_is_typed_is_seen(goes_on: Reader) -> None:
    goes_on.page.set_viewport_size({"width": 390, "height": HEIGHT})
    goes_on.write(PATH, "def f():\n    return 1")
    field, editor = goes_on.cell(PATH).locator("textarea"), goes_on.cell(PATH).locator(".pg-editor")
    height = field.evaluate("(one) => one.getBoundingClientRect().height")
    field.press("ControlOrMeta+End")
    goes_on.page.keyboard.type(" + " + "long_name + " * 8 + "0")
    assert field.evaluate("(one) => one.getBoundingClientRect().height") == height, "a long line is one line"
    lies = "(one) => [one.scrollLeft, one.scrollWidth - one.clientWidth, one.querySelector('textarea').scrollLeft]"
    at, most, inner = editor.evaluate(lies)
    assert 0 < at <= most, "the end of the line is in view"
    assert inner == 0, "the field lies over its colours"
    assert goes_on.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_edit_counts_below_once_it_has_run_and_goes_with_reset_all(
    goes_on: Reader, code: Callable[[int], str]
) -> None:
    book = goes_on.output(BACK).inner_text()
    goes_on.write(BACK, "print(start.shape, n_left)")
    goes_on.run(BACK, "An error")
    goes_on.write(PATH, code(PATH) + "\nn_left = 42")
    goes_on.run(BACK, "An error")  # not yet run
    goes_on.run(PATH)
    goes_on.run(BACK)
    expect(goes_on.output(BACK)).to_contain_text("(2,) 42")
    expect(goes_on.cell(BACK)).to_contain_text("It used your change in a cell above.")
    expect(goes_on.cell(BACK)).not_to_contain_text("the last one that ran")
    goes_on.write(PATH, "nothing_of_that_name")
    goes_on.run(PATH, "An error")
    goes_on.run(BACK)
    expect(goes_on.output(BACK)).to_contain_text("(2,) 42")
    expect(goes_on.cell(BACK)).to_contain_text("It took the last one that ran, not what stands there now.")
    goes_on.button(BACK, "Reset all").click()
    assert goes_on.output(BACK).inner_text() == book
    expect(goes_on.cell(PATH).locator("textarea")).to_have_count(0)
    expect(goes_on.button(PATH, "Reset")).to_be_hidden()
    goes_on.run(BACK)
    assert goes_on.output(BACK).inner_text() == book


#: Cells below the path that use what it leaves: a figure whose code is folded away, and a table.
FIGURE, TRIED = 15, 25
AS_PRINTED = "Still as printed: your change in a cell above is not in this yet."


def marked(reader: Reader) -> dict[int, str]:
    """What is said at outputs that are not of the code above them, by the numbers of their cells."""
    found: list[tuple[str, str]] = reader.page.locator(".pg-as-of").evaluate_all(
        "(all) => all.map((one) => [one.closest('.cell').className, one.firstChild.textContent])"
    )
    return {int(re.findall(r"pg-cell-(\d+)", name)[0]): words for name, words in found}


def await_marks(reader: Reader, numbers: set[int]) -> None:
    """Wait until the outputs of these cells are marked, and no others."""
    selector = ", ".join(f".pg-cell-{number} .pg-as-of" for number in numbers) or "no-element"
    expect(reader.page.locator(selector)).to_have_count(len(numbers))
    expect(reader.page.locator(".pg-as-of")).to_have_count(len(numbers))


def mark_of(reader: Reader, number: int) -> Locator:
    """What is said at the output of a cell."""
    return reader.page.locator(f".pg-cell-{number} .pg-as-of")


def test_all_marked_outputs_run_and_reset_all_takes_all_marks_away(goes_on: Reader, code: Callable[[int], str]) -> None:
    book = goes_on.page.locator(f".pg-cell-{FIGURE} .cell_output").inner_html()
    goes_on.write(PATH, code(PATH).replace("0.3 / 0.7", "0.6 / 0.4"))
    goes_on.run(PATH)
    await_marks(goes_on, {FIGURE, TRIED})
    goes_on.button(PATH, "Run them").click()
    expect(goes_on.cell(TRIED)).to_contain_text("It used your change in a cell above.")
    await_marks(goes_on, {FIGURE})
    mark_of(goes_on, FIGURE).get_by_role("button", name="Reset all").click()
    await_marks(goes_on, set())
    assert goes_on.page.locator(f".pg-cell-{FIGURE} .cell_output").inner_html() == book


def test_outputs_that_use_a_change_say_that_they_are_as_printed_until_they_run_again(
    goes_on: Reader, code: Callable[[int], str]
) -> None:
    shown = {number: goes_on.page.locator(f".pg-cell-{number} .cell_output").inner_html() for number in (FIGURE, TRIED)}
    goes_on.write(PATH, code(PATH).replace("0.3 / 0.7", "0.6 / 0.4"))
    assert marked(goes_on) == {}, "nothing of it has run"
    goes_on.run(PATH)
    await_marks(goes_on, {FIGURE, TRIED})
    assert marked(goes_on) == {FIGURE: AS_PRINTED, TRIED: AS_PRINTED}
    expect(goes_on.cell(PATH)).to_contain_text("2 outputs below use this and are still as they were.")
    mark_of(goes_on, FIGURE).get_by_role("button", name="Run again").click()
    expect(mark_of(goes_on, FIGURE)).to_contain_text("This uses your change in a cell above.")
    assert goes_on.page.locator(f".pg-cell-{FIGURE} details[open]").count() == 0, "its code stays folded away"
    assert goes_on.page.locator(f".pg-cell-{FIGURE} .cell_output").inner_html() != shown[FIGURE]
    goes_on.button(PATH, "Reset").click()
    expect(mark_of(goes_on, FIGURE)).to_contain_text("Still as before")
    await_marks(goes_on, {FIGURE})
    mark_of(goes_on, FIGURE).get_by_role("button", name="Run again").click()
    await_marks(goes_on, set())
    assert goes_on.page.locator(f".pg-cell-{TRIED} .cell_output").inner_html() == shown[TRIED]
    assert not goes_on.errors


def test_a_change_that_no_other_output_uses_marks_none(goes_on: Reader, code: Callable[[int], str]) -> None:
    goes_on.write(PATH, f"{code(PATH)}\nprint('more')")
    goes_on.page.evaluate("document.addEventListener('pg-live-compared', () => { window.compared = true; })")
    goes_on.run(PATH)
    goes_on.page.wait_for_function("window.compared")
    assert marked(goes_on) == {}


def test_a_run_without_a_change_above_that_has_not_run_says_so(goes_on: Reader, code: Callable[[int], str]) -> None:
    note = goes_on.cell(TRIED).locator(".pg-note")
    goes_on.write(PATH, code(PATH).replace("0.3 / 0.7", "0.6 / 0.4"))
    goes_on.run(TRIED)
    expect(note).to_contain_text("It is without your change in a cell above, which has not run.")
    goes_on.button(TRIED, "Run that first").click()
    expect(note).to_contain_text("It used your change in a cell above.")
    expect(note).not_to_contain_text("has not run")
    assert not goes_on.errors


def test_a_cell_that_waits_is_stopped_at_once_and_an_endless_loop_too_and_the_next_run_works(goes_on: Reader) -> None:
    """What is shown after a stop is of the run before, and is not taken for that of the code that was stopped."""
    goes_on.write(PATH, "nothing_of_that_name")
    goes_on.run(PATH, "An error")
    goes_on.write(PATH, "while True:\n    pass")
    goes_on.button(PATH, "Run").click()
    expect(goes_on.status(PATH)).to_contain_text("Running")
    goes_on.button(BACK, "Run").click()
    expect(goes_on.status(BACK)).to_contain_text("Waits")
    goes_on.button(BACK, "Stop").click()
    expect(goes_on.status(BACK)).to_contain_text("Stopped")
    expect(goes_on.status(PATH)).to_contain_text("Running")
    goes_on.button(BACK, "Run").click()
    expect(goes_on.status(BACK)).to_contain_text("Waits")
    goes_on.button(PATH, "Stop").click()
    expect(goes_on.status(PATH)).to_contain_text("Stopped after")
    expect(goes_on.status(PATH)).to_contain_text("Shown is the run before.")
    expect(goes_on.output(PATH)).to_have_class(re.compile("pg-stale"))
    expect(goes_on.button(PATH, "Run")).to_be_focused()
    expect(goes_on.status(BACK)).to_contain_text("Done")
    goes_on.write(PATH, "silent = 1")
    goes_on.run(PATH)
    expect(goes_on.status(PATH)).to_contain_text("It shows nothing: run what uses it, below.")
    expect(goes_on.output(PATH)).not_to_have_class(re.compile("pg-stale"))


def test_a_smaller_size_is_run_and_says_so(context: BrowserContext, site: Site, code: Callable[[int], str]) -> None:
    first = code(PATH).split("\n")[0]
    edit = [PATH, first, f"n_left = 3\nprint('fewer')\n{first}"]
    smaller = {"edits": [edit], "called": "3 of 30", "said": "Smaller: 3 of 30."}

    def offer(route: Route) -> None:
        answer = route.fetch()
        text = answer.text()
        for number in (PATH, BACK):  # the second needs the first
            place = f'data-cell="{number}"'
            text = text.replace(place, f'{place} data-smaller="{escape(json.dumps(smaller))}"')
        route.fulfill(response=answer, body=text)

    context.route(f"**/{PAGE}", offer)
    reader = Reader(context, site.address)
    book = reader.output(PATH).inner_text()
    reader.write(BACK, "print(n_left)")
    reader.button(BACK, "Run 3 of 30").click()
    expect(reader.status(BACK)).to_contain_text("Done")
    assert reader.output(BACK).inner_text().split() == ["Smaller:", "3", "of", "30.", "3"]
    expect(reader.button(PATH, "Reset")).to_be_hidden()
    reader.run(BACK, "An error")  # it was for that run alone
    reader.button(PATH, "Run 3 of 30").click()
    expect(reader.button(PATH, "Run 3 of 30")).to_be_hidden()
    expect(reader.status(PATH)).to_contain_text("Done")
    assert reader.output(PATH).inner_text().startswith("Smaller: 3 of 30.")
    expect(reader.output(PATH)).to_contain_text("fewer")
    reader.run(BACK)
    expect(reader.output(BACK)).to_contain_text("3")
    expect(reader.cell(BACK)).to_contain_text("It used your change in a cell above.")
    reader.button(PATH, "Reset").click()
    assert reader.output(PATH).inner_text() == book
    reader.run(PATH)
    assert "maller" not in reader.output(PATH).inner_text()
    assert "fewer" not in reader.output(PATH).inner_text()
    reader.write(PATH, "print(6)")
    expect(reader.button(PATH, "Run 3 of 30")).to_be_hidden()


def test_a_start_that_was_stopped_does_not_end_the_next_one_two_minutes_later(reader: Reader) -> None:
    reader.page.clock.install()
    reader.context.route(WHOLE, lambda route: None)  # it is on its way until Stop is pressed
    reader.button(PATH, "Run").click()
    reader.button(PATH, "Stop").click()
    expect(reader.status(PATH)).to_contain_text("Stopped")
    reader.context.unroute(WHOLE)
    reader.run(PATH)
    reader.write(BACK, "while True:\n    pass")
    reader.button(BACK, "Run").click()
    expect(reader.status(BACK)).to_contain_text("Running")
    reader.page.clock.fast_forward(130_000)
    reader.page.wait_for_timeout(500)
    expect(reader.status(BACK)).to_contain_text("Running")
    reader.button(BACK, "Stop").click()


#: A cell of the page that is folded away.
FOLDED = 3


def test_what_was_typed_into_a_folded_cell_stays(reader: Reader) -> None:
    fold = reader.page.locator("details.hide").nth(1)
    fold.locator("summary").click()
    reader.write(FOLDED, "print('mine')")
    reader.page.reload()
    expect(reader.page.locator("details.pg-old")).to_have_count(0)
    fold.locator("summary").click()
    expect(reader.cell(FOLDED).locator("textarea")).to_have_value("print('mine')")


def twins(root: str) -> str:
    """A page with two folded cells of the same code."""
    data = {"release": "1", "page": "twins", "root": root, "folder": ".", "python": {}, "cells": "none.json"}
    cells = [
        f'<details><summary>{number}</summary><div class="cell"><div class="cell_input"><div class="highlight"><pre>'
        f'a = 1\n</pre></div><div class="pg-late" data-cell="{number}"{twin}></div></div></div></details>'
        for number, twin in ((1, ""), (2, ' data-twin="1"'))
    ]
    return (
        f'<!doctype html><title>Twins</title><article class="bd-article">{"".join(cells)}</article>'
        f'<script type="application/json" id="pg-live">{json.dumps(data)}</script>'
        '<script src="_static/live.js"></script>'
    )


def test_folded_cells_of_the_same_code_keep_their_own_text(context: BrowserContext, site: Site) -> None:
    context.route("**/twins.html", lambda route: route.fulfill(body=twins("./"), content_type="text/html"))
    page = context.new_page()

    def unfold(number: int) -> Locator:
        """Let a cell come, as when its fold is opened."""
        page.evaluate(
            """(number) => {
              const place = document.querySelector(`.pg-late[data-cell="${number}"]`);
              place.className = "pg-run";
              place.closest("details").open = true;
              place.closest("details").dispatchEvent(new Event("pg-unfolded", { bubbles: true }));
            }""",
            number,
        )
        return page.locator(f'.cell:has([data-cell="{number}"])')

    page.goto(f"{site.address}twins.html")
    for number in (2, 1):
        cell = unfold(number)
        cell.get_by_role("button", name="Edit").click()
        cell.locator("textarea").fill(f"mine = {number}")
    page.reload()
    for number in (1, 2):
        expect(unfold(number).locator("textarea")).to_have_value(f"mine = {number}")


@pytest.mark.parametrize(
    ("text", "row", "words"),
    [("a = 1\nb = (2", 2, "SyntaxError"), ("a = 1\n\na / 0\nb = 2", 3, "ZeroDivisionError: division by zero")],
)
def test_an_error_is_shown_as_in_a_notebook_with_its_line(goes_on: Reader, text: str, row: int, words: str) -> None:
    goes_on.write(PATH, text)
    goes_on.run(PATH, f"An error, in line {row}.")
    expect(goes_on.output(PATH)).to_contain_text(words)
    assert "in_page" not in goes_on.output(PATH).inner_text()
    marked = goes_on.cell(PATH).locator(".pg-marked")
    expect(marked).to_have_text(text.split("\n")[row - 1])
    goes_on.write(PATH, "1")
    expect(marked).to_have_count(0)


def test_what_is_typed_outlives_a_reload_and_a_release_that_leaves_the_cell_alone(reader: Reader) -> None:
    reader.write(PATH, "print('mine')")
    reader.page.reload()
    expect(reader.cell(PATH).locator("textarea")).to_have_value("print('mine')")
    reader.page.evaluate(
        """() => {
          for (const [key, value] of Object.entries(localStorage)) {
            if (!key.startsWith("pg-live ")) continue;
            localStorage.setItem(key, JSON.stringify({ ...JSON.parse(value), release: "0.0" }));
          }
        }"""
    )
    reader.page.reload()
    expect(reader.cell(PATH).locator("textarea")).to_have_value("print('mine')")
    reader.button(PATH, "Reset").click()
    reader.page.reload()
    expect(reader.cell(PATH).locator("textarea")).to_have_count(0)


def test_what_was_typed_into_a_cell_that_was_rewritten_is_offered_and_dropped(reader: Reader) -> None:
    reader.write(PATH, "print('mine')")
    reader.page.evaluate(
        """() => {
          for (const [key, value] of Object.entries(localStorage)) {
            if (!key.startsWith("pg-live ")) continue;
            localStorage.removeItem(key);
            localStorage.setItem(key + "x", JSON.stringify({ ...JSON.parse(value), release: "0.0" }));
          }
        }"""
    )
    reader.page.reload()
    expect(reader.cell(PATH).locator("textarea")).to_have_count(0)
    told = reader.cell(PATH).locator("details.pg-old")
    expect(told).to_contain_text("has since been rewritten (release 0.0)")
    told.locator("summary").click()
    expect(told.locator("pre")).to_have_text("print('mine')")
    told.get_by_role("button", name="Drop it").click()
    reader.page.reload()
    expect(told).to_have_count(0)


REFUSED = (
    "live-worker.mjs",
    "live-runs.mjs",
    "press-*.zip",
    "book-setting-*.json",
    "pyodide.asm.wasm",
    "pyodide-lock-*",
    "numpy-*",
)


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_download_is_told_and_the_page_stays(context: BrowserContext, site: Site, name: str) -> None:
    def refuse(route: Route) -> None:
        route.abort()

    context.route(f"**/{name}*", refuse)
    reader = Reader(context, site.address)
    before = reader.output(PATH).inner_html()
    reader.run(PATH, "could not be loaded")
    assert reader.output(PATH).inner_html() == before
    expect(reader.button(PATH, "Run")).to_be_enabled()
    expect(reader.button(PATH, "Stop")).to_be_hidden()


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("delete window.WebAssembly", "This browser has no WebAssembly"),
        ("window.Worker = class { constructor() { throw new Error('not allowed'); } }", "starts no worker here"),
    ],
)
def test_a_browser_that_cannot_is_told_why(context: BrowserContext, site: Site, script: str, words: str) -> None:
    context.add_init_script(script)
    reader = Reader(context, site.address)
    reader.run(PATH, words)
    assert not reader.errors


def test_a_browser_that_keeps_nothing_says_so_and_runs_after_a_refusal_too(context: BrowserContext, site: Site) -> None:
    """From the first line of the page on, and what was refused is asked for again."""
    context.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }"
    )
    reader = Reader(context, site.address)
    reader.write(PATH, "print(6 * 7)")
    expect(reader.cell(PATH)).to_contain_text("This browser keeps nothing here")
    context.route(f"**/{REFUSED[0]}*", lambda route: route.abort())
    reader.run(PATH, "could not be loaded")
    context.unroute(f"**/{REFUSED[0]}*")
    reader.run(PATH)
    expect(reader.output(PATH)).to_contain_text("42")


def test_a_page_that_was_opened_as_a_file_says_why_it_cannot(site_as_files: Site, with_python: Path) -> None:
    opened = site_as_files.open(PAGE)
    cell = opened.page.locator(f'.cell:has(.pg-run[data-cell="{PATH}"])')
    cell.get_by_role("button", name="Run", exact=True).click()
    expect(cell.locator(".pg-status")).to_contain_text("opened as a file")
    opened.close()


def test_a_new_formula_is_set_by_this_website(goes_on: Reader, site: Site) -> None:
    goes_on.write(PATH, 'table({r"\\(\\omega^{17} + \\zeta\\)": [1.0]})')
    goes_on.run(PATH)
    expect(goes_on.output(PATH).locator("th mjx-container")).to_be_visible()
    assert not [address for address in goes_on.asked if not address.startswith((site.address, "data:", "blob:"))]
    assert not goes_on.errors


def test_the_keyboard_alone_edits_runs_and_leaves(goes_on: Reader) -> None:
    goes_on.button(PATH, "Edit").focus()
    goes_on.page.keyboard.press("Enter")
    field = goes_on.cell(PATH).locator("textarea")
    expect(field).to_be_focused()
    goes_on.page.keyboard.press("ControlOrMeta+a")
    goes_on.page.keyboard.type("def f():\nreturn 6 * 7\n\nprint(f())")
    # Enter sets a line in after a colon, and back after return
    expect(field).to_have_value("def f():\n    return 6 * 7\n\nprint(f())")
    goes_on.page.keyboard.press("Tab")
    expect(goes_on.button(PATH, "Run")).to_be_focused()
    goes_on.page.keyboard.press("Shift+Tab")
    goes_on.page.keyboard.press("Shift+Enter")
    expect(goes_on.output(PATH)).to_contain_text("42")
    expect(field).to_be_focused()


def axe_finds_nothing(page: Page, cells: str) -> None:
    """In light and in the dark, where nothing moves, on a wide page and on a phone. Code stands out too."""
    for scheme, width in (("light", 1280), ("dark", 1280), ("dark", 390), ("light", 390)):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.wait_for_function("(scheme) => document.documentElement.dataset.theme === scheme", arg=scheme)
        assert not broken_rules(page, OF_COLOURS if scheme == "dark" else None, cells), f"{scheme}, {width}"
        assert not [row for row in page.evaluate(CODE_CONTRASTS) if row[2] < 4.5], scheme
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_axe_finds_nothing_beside_an_open_editor(goes_on: Reader) -> None:
    goes_on.write(PATH, "a = (1\n# comment\nx = 'text'\nreturn")
    goes_on.page.wait_for_function("document.querySelector('.pg-editor .k') !== null")
    axe_finds_nothing(goes_on.page, ".cell:has(.pg-editor)")


def test_after_a_reload_what_is_as_printed_says_so_and_axe_finds_nothing_before_and_after(
    goes_on: Reader, code: Callable[[int], str]
) -> None:
    """Of two outputs that use a change, of which one ran again, both are as printed then.

    The last test of the file: Python does not go on after it.
    """
    goes_on.write(PATH, code(PATH).replace("0.3 / 0.7", "0.6 / 0.4"))
    goes_on.run(PATH)
    await_marks(goes_on, {FIGURE, TRIED})
    axe_finds_nothing(goes_on.page, ".cell:has(.pg-editor), .cell:has(.pg-as-of)")
    mark_of(goes_on, TRIED).get_by_role("button", name="Run again").click()
    await_marks(goes_on, {FIGURE})
    expect(goes_on.cell(TRIED)).to_contain_text("It used your change in a cell above.")
    del goes_on.asked[:]
    goes_on.page.reload()
    await_marks(goes_on, {PATH, FIGURE, TRIED})
    axe_finds_nothing(goes_on.page, ".cell:has(.pg-as-of)")
    assert not [address for address in goes_on.asked if "/_static/python/" in address or "/_static/live/" in address]
    own = "Still as printed: your code in this cell has not run since you opened the page."
    assert marked(goes_on) == {PATH: own, FIGURE: AS_PRINTED, TRIED: AS_PRINTED}
    goes_on.button(PATH, "Reset").click()
    await_marks(goes_on, set())
    goes_on.page.reload()
    expect(goes_on.page.locator(".pg-run .pg-button").first).to_be_attached()
    await_marks(goes_on, set())
