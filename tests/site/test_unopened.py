"""What is folded away costs nothing until it is opened, and is there whenever it is looked for."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from .conftest import sources

if TYPE_CHECKING:
    from .conftest import Opened, Site

CHAPTER = "book/trajectory-form/likelihood-ratio.html"
#: What a page may hold, in elements.
MOST_ELEMENTS = 6000
WAITING = "noscript.pg-unopened"


@pytest.mark.views(holding='class="headerlink"', schemes=["light"])
def test_a_page_has_fewer_than_6000_elements(opened: Opened) -> None:
    """As it was loaded, before any of its folds was opened."""
    assert 100 < opened.elements < MOST_ELEMENTS


def test_a_click_opens_a_fold_with_all_that_is_in_it(site: Site) -> None:
    opened = site.open(CHAPTER)
    folds = opened.page.locator(f".bd-article details:has(> {WAITING})")
    assert folds.count() > 3
    code = opened.page.locator(".bd-article details.hide").first
    assert code.locator(WAITING).count() == 1
    code.locator("summary").click()
    code.locator("pre").wait_for()
    assert code.locator(WAITING).count() == 0
    assert re.search(r"\bimport\b|\bdef\b|=", code.locator("pre").inner_text())
    assert code.locator("button.copybtn").count() == 1
    opened.close()


def folded_places() -> dict[str, str]:
    """For each page a place that is folded away and not empty, where it has one."""
    places = {}
    for name, text in sources().items():
        folded = "".join(re.findall(r'<noscript class="pg-unopened">(.*?)</noscript>', text, flags=re.DOTALL))
        if found := re.search(r'<(?:div|section|p|span)\b[^>]*\sid="([^"]+)"[^>]*>(?!</)', folded):
            places[name] = found[1]
    return places


def test_a_link_leads_into_a_fold(site: Site) -> None:
    places = folded_places()
    assert places
    for name, place in list(places.items())[:3]:
        opened = site.open(f"{name}#{place}")
        opened.page.locator(f"[id='{place}']").wait_for(state="visible")
        opened.close()


def test_paper_and_search_in_the_page_have_everything(site: Site) -> None:
    opened = site.open(CHAPTER)
    opened.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert opened.page.locator(f"details.dropdown > {WAITING}").count() == 0
    opened.page.keyboard.press("Control+f")
    assert opened.page.locator(WAITING).count() == 0
    opened.close()


def test_without_scripts_a_fold_opens_as_it_is(site: Site) -> None:
    opened = site.open(CHAPTER, scripts=False)
    fold = opened.page.locator(".bd-article details.predict-answer").first
    fold.locator("summary").click()
    assert fold.inner_text().count("\n") >= 1
    assert len(fold.inner_text()) > 30
    opened.close()
