"""The lab, as a reader finds it: from a page, by the page before it, to a notebook that runs, with no other host."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect
from site_browser import SITE, served

from press.live.distribution import distribution
from press.live.lab import LAB_SIZE

from .conftest import PATIENCE, SETTLE, new_context

made = distribution()
pytestmark = [
    pytest.mark.skipif(not (SITE / "lab.html").exists(), reason="the site has no lab: `make book` builds it"),
    pytest.mark.skipif(made is not None and made.host != "", reason="its Python is on another host"),
]

CHAPTER = "book/setting/decision-processes"
EXERCISES = "book/exercises/setting"
#: Notes each sentence of the line at the bottom of JupyterLab's page: the first stands there for a moment only.
NOTE = """
window.toldThere = [];
addEventListener("DOMContentLoaded", () => {
  const place = document.querySelector("#pg-lab-wait [role=status]");
  const note = () => window.toldThere.push(place.textContent);
  if (!place) return;
  note();
  new MutationObserver(note).observe(place, { childList: true, characterData: true, subtree: true });
});
"""


@pytest.fixture(scope="session")
def below(site_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve the site under a path, as GitHub's pages do, and return its address."""
    folder = tmp_path_factory.mktemp("host")
    (folder / "my-course").symlink_to(site_files, target_is_directory=True)
    with served(folder) as address:
        yield f"{address}my-course/"


@pytest.fixture
def reader(browser: Browser, below: str) -> Iterator[Callable[[str], Page]]:
    """A function that opens a page in a browser of its own, in which each request to another host is an error."""
    foreign: list[str] = []
    contexts = []

    def open_it(name: str) -> Page:
        context = new_context(browser, viewport={"width": 1280, "height": 900})
        context.add_init_script(NOTE)
        context.on("request", lambda request: foreign.append(request.url) if request.url[:5] == "https" else None)
        contexts.append(context)
        page = context.new_page()
        page.goto(below + name)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert foreign == []


def enter(page: Page) -> None:
    """Follow the page before the lab, and wait for the notebook and its Python."""
    page.click("#pg-lab-open")
    page.wait_for_selector(".jp-Notebook .jp-Cell")
    expect(page.locator("#pg-lab-wait [role=status]")).to_contain_text("Python is loading")
    first, *_ = page.evaluate("() => window.toldThere")
    assert first.startswith("JupyterLab is loading: 3 MB, and then Python")
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')


def run_all(page: Page) -> None:
    """Run all cells, and wait until the last one has run."""
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="busy"]')
    page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]')


def before_the_lab(reader: Callable[[str], Page], name: str) -> Page:
    """The page before the lab, to which the page of a notebook leads."""
    page = reader(f"{name}.html")
    address = page.locator('a[href*="lab.html"]').first.get_attribute("href")
    assert address == f"../../lab.html?notebook={name}.ipynb"
    page.goto(page.url.rpartition("/")[0] + "/" + address)
    return page


def opened_and_run(reader: Callable[[str], Page], name: str, at_idle: Callable[[], None] = lambda: None) -> Page:
    """A notebook that was opened from its page, and whose cells have all run without an error.

    What is done ``at_idle`` is done when Python is there, and no cell has run.
    """
    page = before_the_lab(reader, name)
    enter(page)
    at_idle()
    run_all(page)
    wrong = page.locator('[data-mime-type="application/vnd.jupyter.stderr"], [data-mime-type*="error"]')
    assert wrong.all_inner_texts() == []
    cells = page.locator(".jp-CodeCell .jp-InputArea-prompt").all_inner_texts()
    assert any(prompt.strip("[]: ").isdigit() for prompt in cells)
    expect(page.locator("#pg-lab-wait")).to_have_count(0)
    return page


def scroll_to(page: Page, sought: Locator) -> None:
    """Scroll down until something is there: cells are made when they come near the window."""
    page.mouse.move(700, 500)
    end = time.monotonic() + PATIENCE / 1000
    while not sought.count() and time.monotonic() < end:
        page.mouse.wheel(0, 900)
        page.wait_for_timeout(150)
    expect(sought).to_have_count(1)


def test_exercises_open_from_their_page(reader: Callable[[str], Page], site_files: Path) -> None:
    """They run as a chapter does, and each notebook is run by the browser's Python in the tests of that."""
    page = before_the_lab(reader, EXERCISES)
    address = str(page.locator("#pg-lab-open").get_attribute("href"))
    assert address.endswith(f"lab/index.html?path={EXERCISES}.ipynb")
    assert (site_files / address.partition("lab/index.html")[0] / "files" / f"{EXERCISES}.ipynb").is_file()


def test_a_chapter_opens_from_its_page_and_runs_and_its_slider_is_alive(reader: Callable[[str], Page]) -> None:
    """The slider is a widget: it stops between the frames that the page has, and Python draws the figure there.

    What is loaded is of the size that is told, JupyterLab within a fifth. What Python takes is counted from its files.
    """
    sizes: dict[str, int] = {}
    loaded: list[int] = []

    def heard(name: str) -> Page:
        page = reader(name)
        page.context.on(
            "response", lambda answer: sizes.update({answer.url: int(answer.headers.get("content-length", 0))})
        )
        return page

    def count() -> None:
        loaded.append(sum(size for address, size in sizes.items() if "/jupyter/" in address))

    page = opened_and_run(heard, CHAPTER, count)
    assert LAB_SIZE * 0.8 < loaded[0] < LAB_SIZE * 1.2, loaded
    figure = page.locator(".jp-OutputArea-output:has(.widget-slider)")
    scroll_to(page, figure)
    handle, readout = figure.locator(".noUi-handle"), figure.locator(".widget-html-content").first
    handle.scroll_into_view_if_needed()
    expect(readout).to_have_text("θ = 0.0, J = −0.05")
    at_start = figure.locator(".pg-drawing svg").get_attribute("aria-label")
    handle.press("ArrowRight")
    expect(readout).to_contain_text("θ = 0.1, J = ")
    drawn_anew = re.compile("^At preference 0.1 ")
    expect(figure.locator(".pg-drawing svg")).to_have_attribute("aria-label", drawn_anew)
    assert "preference 0.0" in str(at_start)
    for _ in range(9):  # each step is 0.05
        before = readout.inner_text()
        handle.press("ArrowRight")
        expect(readout).not_to_have_text(before)
    expect(readout).to_have_text("θ = 0.5, J = 0.40")


def test_the_page_before_it_asks_for_nothing_and_tells_what_is_loaded(reader: Callable[[str], Page]) -> None:
    asked: list[str] = []
    page = reader("search.html")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(page.url.replace("search.html", f"lab.html?notebook={CHAPTER}.ipynb"))
    page.evaluate(SETTLE)
    assert [url for url in asked if "/python/" in url or "/jupyter/" in url] == []
    assert page.locator("#pg-lab-open").inner_text().startswith("Open “")
    assert page.locator("#pg-lab-open").get_attribute("href").endswith(f"lab/index.html?path={CHAPTER}.ipynb")


@pytest.mark.parametrize("file", ["pyodide.mjs", "pyodide-lock-"])
def test_python_that_cannot_be_loaded_is_told_and_the_reader_stays(reader: Callable[[str], Page], file: str) -> None:
    page = reader("lab.html")

    def refuse(route: Route) -> None:
        route.abort() if file in route.request.url else route.continue_()

    page.route("**/python/*", refuse)
    page.click("#pg-lab-open")
    page.wait_for_function("document.getElementById('pg-lab-told').textContent.startsWith('Python cannot be loaded')")
    assert "127.0.0.1" in page.locator("#pg-lab-told").inner_text()
    assert "lab.html" in page.url


def test_a_notebook_that_is_not_there_is_not_opened(reader: Callable[[str], Page]) -> None:
    page = reader("lab.html?notebook=javascript:alert(1)")
    assert page.locator("#pg-lab-open").get_attribute("href").endswith("path=book/intro.ipynb")
    assert page.locator("#pg-lab-open").inner_text() == "Open the notebook"


def test_a_page_that_was_opened_as_a_file_says_why(browser: Browser, site_files: Path, tmp_path: Path) -> None:
    shutil.copy(site_files / "lab.html", tmp_path)
    context = new_context(browser)
    page = context.new_page()
    page.goto((tmp_path / "lab.html").as_uri())
    page.click("#pg-lab-open")
    assert "opened as a file" in page.locator("#pg-lab-told").inner_text()
    context.close()
