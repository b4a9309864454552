"""The site in a copied folder, opened as files and with no server and no network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pytest

from .test_links import Targets

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Opened, Site

# What a reader sees of a page: its formulas, ledgers, drawings, sliders, images, style and fonts.
WHAT_IS_THERE = """
async () => {
  // Those of formulas all: which have been asked for hangs on what was unfolded before.
  const ofFormulas = [...document.fonts].filter(({ family }) => family.startsWith("MJX"));
  await Promise.allSettled(ofFormulas.map((font) => font.load()));
  await document.fonts.ready;
  const count = (selector) => document.querySelectorAll(selector).length;
  const article = document.querySelector(".bd-article") || document.body;
  const style = getComputedStyle(article);
  return {
    formulas: count("mjx-container"),
    failures: count("mjx-merror, merror, [data-mjx-error]"),
    ledgers: count(".ledger"),
    drawings: [...document.querySelectorAll("svg[role=img]")].map((svg) => Math.round(svg.clientWidth)),
    sliders: count("[role=slider]"),
    images: [...document.images].map((image) => image.complete && image.naturalWidth > 0),
    style: [style.fontFamily, style.fontSize, style.color, getComputedStyle(document.body).backgroundColor],
    sheets: document.styleSheets.length,
    fonts: [...document.fonts].map((font) => `${font.family} ${font.style} ${font.weight} ${font.status}`).sort(),
    // where cells and tasks stand a copied folder says why they cannot run, so the page is as high without what it says
    heights: [...document.querySelectorAll(`.bd-article :is(h1, h2, h3, section > p, .ledger, .pg-table, pre)`)]
      .filter((box) => !box.closest(".pg-run, .pg-task, .pg-workbench, .pg-bench")).map((box) => box.offsetHeight),
  };
}
"""


# Where the links of each page lead is tested of all pages, below and in test_links.
@pytest.mark.views(holding='class="headerlink"', schemes=["light"], files=True)
def test_page_is_the_same_from_a_copied_folder(opened: Opened, site_as_files: Site) -> None:
    served: dict[str, Any] = opened.page.evaluate(WHAT_IS_THERE)
    copy = site_as_files.show(opened.view)
    assert copy.page.evaluate(WHAT_IS_THERE) == served
    assert not copy.errors + copy.failed + copy.foreign


def test_links_of_the_start_page_lead_on_in_a_copied_folder(site_as_files: Site) -> None:
    copy = site_as_files.open("search.html")
    copy.page.goto(site_as_files.address + "index.html", wait_until="commit")
    copy.page.wait_for_url("**/book/intro.html")
    copy.page.locator(".prev-next-footer a.right-next").click()
    copy.page.wait_for_load_state("load")
    assert copy.page.url.startswith(site_as_files.address)
    assert not copy.page.url.endswith("intro.html")
    assert copy.page.locator("article h1:visible").inner_text().strip()
    copy.close()


def test_search_finds_pages_in_a_copied_folder(site_as_files: Site) -> None:
    copy = site_as_files.open("search.html?q=trajectory")
    copy.page.wait_for_selector("#search-results li a")
    copy.page.locator("#search-results li a").first.click()
    copy.page.wait_for_selector("article h1:visible")
    assert copy.page.url.startswith(site_as_files.address + "book/")
    copy.close()


def test_links_name_files_and_not_folders(site_files: Path) -> None:
    wrong = []
    for page in site_files.rglob("*.html"):
        if "_static" in page.relative_to(site_files).parts:
            continue
        for address in Targets(page.read_text(encoding="utf-8")).addresses:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc or not parts.path:
                continue
            if parts.path.startswith("/") or not (page.parent / unquote(parts.path)).is_file():
                wrong.append(f"{page.relative_to(site_files)}: {address}")
    assert not wrong, "\n".join(sorted(set(wrong)))
