"""What a reader sees in a real JupyterLab."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .conftest import PATIENCE, new_context

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
CHAPTER = "book/state-action-form/the-short-derivation.ipynb"


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start JupyterLab on a copy of the book, and return its address."""
    folder = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "book", folder / "book")
    running, log = folder / "running", folder / "log"
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1"]
    command += ["--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={folder}"]
    # All cells at once, and not only those near the window: else a test scrolls until they have come.
    whole = folder / "settings" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    whole.parent.mkdir(parents=True)
    whole.write_text('{"windowingMode": "none"}', encoding="utf-8")
    environment = {**os.environ, "JUPYTER_RUNTIME_DIR": str(running)}
    environment["JUPYTERLAB_SETTINGS_DIR"] = str(folder / "settings")
    with log.open("w") as written, subprocess.Popen(command, stdout=written, stderr=written, env=environment) as server:
        try:
            yield address_of(server, running, log)
        finally:
            server.terminate()


def address_of(server: subprocess.Popen[bytes], running: Path, log: Path) -> str:
    """Return the address of a server, which it writes once it listens: it looks for a free port itself."""
    end = time.monotonic() + PATIENCE / 1000
    while True:
        known = "".join(file.read_text(encoding="utf-8") for file in running.glob("jpserver-*.json"))
        if known.rstrip().endswith("}"):  # else it is not written to its end
            return str(json.loads(known)["url"])
        if server.poll() is not None or time.monotonic() > end:
            pytest.fail(f"JupyterLab does not run: {log.read_text(encoding='utf-8')[-2000:]}")
        time.sleep(0.2)


@pytest.fixture(scope="module")
def open_chapter(lab: str, browser: Browser) -> Iterator[Callable[[str], Page]]:
    """Open a chapter that was not run here, once for all tests that look at it: those that leave it come last."""
    pages: dict[str, Page] = {}

    def open_it(name: str) -> Page:
        if name not in pages:
            for page in pages.values():
                page.context.close()
            pages.clear()
            # A window of its own, so that Lab restores nothing of another.
            pages[name] = new_context(browser, viewport={"width": 1300, "height": 900}).new_page()
            pages[name].goto(f"{lab}lab/tree/{name}?reset")
            pages[name].wait_for_selector(".jp-Notebook .jp-Cell")
        return pages[name]

    yield open_it
    for page in pages.values():
        page.context.close()


def test_a_false_row_is_red_before_anything_is_run(open_chapter: Callable[[str], Page]) -> None:
    chapter = open_chapter(CHAPTER)
    row = chapter.locator(".ledger tr.is-false").first
    look = row.evaluate("(row) => [getComputedStyle(row).backgroundColor, getComputedStyle(row).borderLeft]")
    assert look == ["rgba(208, 71, 60, 0.18)", "6px double rgb(208, 71, 60)"]
    row.hover()
    assert row.evaluate("(row) => getComputedStyle(row).backgroundColor") == look[0]


def test_the_slider_of_the_first_page_stands_on_the_false_line(open_chapter: Callable[[str], Page]) -> None:
    page = open_chapter("book/intro.ipynb")
    row = page.locator(".pg-outcome").first
    assert row.locator(".pg-verdict").inner_text() == "✗ false"
    assert row.evaluate("(row) => getComputedStyle(row).backgroundColor") == "rgba(208, 71, 60, 0.18)"


def test_a_link_to_another_chapter_opens_it_in_the_same_lab(open_chapter: Callable[[str], Page]) -> None:
    page = open_chapter("book/intro.ipynb")
    loaded = page.evaluate("() => (window.thisVeryLab = Math.random())")
    page.get_by_role("link", name="Errata of the sources").first.click()
    page.locator(".lm-TabBar-tabLabel", has_text="errata.ipynb").wait_for()
    page.locator("h1", has_text="Errata of the sources").wait_for()
    assert page.evaluate("() => window.thisVeryLab") == loaded


def test_answers_and_solutions_are_folded_and_so_is_the_code_of_figures(open_chapter: Callable[[str], Page]) -> None:
    page = open_chapter("book/trajectory-form/likelihood-ratio.ipynb")
    imports = page.locator(".jp-CodeCell:has(.jp-InputPlaceholder)").first
    imports.locator(".jp-InputPlaceholder").wait_for()
    assert imports.locator(".cm-content").count() == 0
    for words in ("Answer", "Solution"):
        title = page.locator(f"details > summary:has-text('{words}')").first
        assert not title.evaluate("(title) => title.parentElement.open")


@pytest.mark.parametrize("width", [1600, 1000])
def test_an_aside_has_a_place_of_its_own_between_two_paragraphs(
    open_chapter: Callable[[str], Page], width: int
) -> None:
    page = open_chapter("book/trajectory-form/likelihood-ratio.ipynb")
    page.set_viewport_size({"width": width, "height": 900})
    aside = page.locator("aside", has_text="Source A prints A3")
    aside.wait_for(state="attached")
    places = aside.evaluate("(aside) => [aside.previousElementSibling, aside, aside.nextElementSibling].map("
        "(one) => [one.getBoundingClientRect().top, one.getBoundingClientRect().bottom])")  # fmt: skip
    (_, above), (top, bottom), (below, _) = places
    assert above <= top < bottom <= below
    assert aside.evaluate("(aside) => aside.scrollHeight <= aside.clientHeight + 1")


def test_a_citation_is_a_link_to_a_list_of_works(open_chapter: Callable[[str], Page]) -> None:
    page = open_chapter("book/trajectory-form/likelihood-ratio.ipynb")
    cited = page.get_by_role("link", name="Hugging Face, n.d.").first
    cited.wait_for()
    assert "{cite" not in page.locator(".jp-Notebook").inner_text()
    cited.click()
    page.locator(".lm-TabBar-tabLabel", has_text="bibliography.md").wait_for()
    page.locator("li", has_text="Simple statistical gradient-following algorithms").first.wait_for()


def test_a_theorem_of_another_chapter_is_a_link_and_no_warning(open_chapter: Callable[[str], Page]) -> None:
    page = open_chapter("book/state-action-form/the-theorem.ipynb")
    link = page.locator("p:has-text('differential values are differentiable') a").first
    link.wait_for()
    assert link.inner_text() == "the lemma on what can be differentiated"
    assert page.locator('.jp-Notebook [title="Cross Reference Not Found"]').count() == 0
    link.click()
    page.locator(".lm-TabBar-tabLabel", has_text="values-and-state").wait_for()


def test_the_solution_of_an_exercise_folds_and_its_formulas_are_set(open_chapter: Callable[[str], Page]) -> None:
    page = open_chapter("book/exercises/trajectory-form.ipynb")
    solution = page.locator("details", has=page.locator("summary", has_text="Solution")).first
    solution.wait_for()
    assert not solution.evaluate("(solution) => solution.open")
    assert solution.locator("summary svg").count() == 2  # what it is, and that it opens
    solution.locator("summary").click()
    solution.locator("p", has_text="The definition is f").wait_for()
    assert solution.locator("p .katex").count() == 1
