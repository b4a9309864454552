"""What a reader sees in a real JupyterLab."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Locator, Page

ROOT = Path(__file__).parents[2]
CHAPTER = "book/state-action-form/the-short-derivation.ipynb"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start JupyterLab on a copy of the book, and return its address."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "book", folder / "book")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}"]
    command += ["--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={folder}"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        address = f"http://127.0.0.1:{port}/"
        for _ in range(300):
            try:
                urlopen(address).close()
                break
            except URLError:
                time.sleep(0.2)
        yield address
        server.terminate()


@pytest.fixture
def open_chapter(lab: str, browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Open a chapter that was not run here."""
    pages = []

    def open_it(name: str) -> Page:
        # A window of its own, so that Lab restores nothing of another.
        page = browser.new_context(viewport={"width": 1300, "height": 900}).new_page()
        page.set_default_timeout(60_000)
        page.goto(f"{lab}lab/tree/{name}?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.mouse.move(700, 500)
        pages.append(page)
        return page

    yield open_it
    for page in pages:
        page.context.close()


def scroll_to(page: Page, place: str) -> Locator:
    """Scroll until a place is there: cells are made when they come near the window."""
    for _ in range(200):
        if page.locator(place).count():
            break
        page.mouse.wheel(0, 1200)
        page.wait_for_timeout(150)
    return page.locator(place).first


def test_a_false_row_is_red_before_anything_is_run(open_chapter: Callable[[str], Page]) -> None:
    chapter = open_chapter(CHAPTER)
    scroll_to(chapter, ".ledger tr.is-false")
    row = chapter.locator(".ledger tr.is-false").first
    look = row.evaluate("(row) => [getComputedStyle(row).backgroundColor, getComputedStyle(row).borderLeft]")
    assert look == ["rgba(208, 71, 60, 0.18)", "6px double rgb(208, 71, 60)"]
    row.hover()
    assert row.evaluate("(row) => getComputedStyle(row).backgroundColor") == look[0]


def test_a_link_to_another_chapter_opens_it_in_the_same_lab(open_chapter: Callable[[str], Page]) -> None:
    page = open_chapter("book/intro.ipynb")
    loaded = page.evaluate("() => (window.thisVeryLab = Math.random())")
    page.get_by_role("link", name="Errata of the sources").first.click()
    page.locator(".lm-TabBar-tabLabel", has_text="errata.ipynb").wait_for()
    page.locator("h1", has_text="Errata of the sources").wait_for()
    assert page.evaluate("() => window.thisVeryLab") == loaded


def test_a_citation_is_a_link_to_a_list_of_works(open_chapter: Callable[[str], Page]) -> None:
    page = open_chapter("book/trajectory-form/likelihood-ratio.ipynb")
    cited = page.get_by_role("link", name="Hugging Face, n.d.").first
    cited.wait_for()
    assert "{cite" not in page.locator(".jp-Notebook").inner_text()
    cited.click()
    page.locator(".lm-TabBar-tabLabel", has_text="bibliography.md").wait_for()
    page.locator("li", has_text="Simple statistical gradient-following algorithms").first.wait_for()


def test_answers_and_solutions_are_folded_and_so_is_the_code_of_figures(open_chapter: Callable[[str], Page]) -> None:
    page = open_chapter("book/trajectory-form/likelihood-ratio.ipynb")
    imports = scroll_to(page, ".jp-CodeCell")
    imports.locator(".jp-InputPlaceholder").wait_for()
    assert imports.locator(".cm-content").count() == 0
    for words in ("Answer", "Solution"):
        title = scroll_to(page, f"details > summary:has-text('{words}')")
        assert not title.evaluate("(title) => title.parentElement.open")


def test_the_slider_of_the_first_page_stands_on_the_false_line(open_chapter: Callable[[str], Page]) -> None:
    page = open_chapter("book/intro.ipynb")
    row = scroll_to(page, ".pg-outcome")
    assert row.locator(".pg-verdict").inner_text() == "✗ false"
    assert row.evaluate("(row) => getComputedStyle(row).backgroundColor") == "rgba(208, 71, 60, 0.18)"
