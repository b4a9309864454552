"""The first page: one screen that says what this is, shows the idea and leads three ways."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

import pytest
import yaml
from site_browser import ROOT

from press.guide import kind

from .conftest import sources

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Site

PAGE = "book/intro.html"
SCREENS = [(1300, 900), (390, 844)]


@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_the_first_screen_holds_title_promise_row_and_ways(site: Site, width: int, height: int) -> None:
    opened = site.open(PAGE, width=width)
    opened.page.set_viewport_size({"width": width, "height": height})
    for part in ("h1", ".pg-promise", ".pg-frames input", ".pg-frames .ledger-verdict:visible", ".pg-ways"):
        box = opened.page.locator(f".bd-article {part}").first.bounding_box()
        assert box, part
        assert box["y"] >= 0, part
        assert box["y"] + box["height"] <= height, part
    assert opened.page.locator(".pg-ways a").count() == 3
    opened.page.close()


def test_the_row_turns_red_and_back_and_says_so(site: Site) -> None:
    opened = site.open(PAGE)
    figure = opened.page.locator(".pg-frames").first
    slider, row = figure.get_by_role("slider"), figure.locator("tbody tr:visible")

    def look() -> tuple[str, str, str]:
        color = row.evaluate("(row) => getComputedStyle(row).backgroundColor")
        return str(row.get_attribute("class")), str(color), str(slider.get_attribute("aria-valuetext"))

    right = look()
    assert right[0] == "is-exact"
    assert "exact" in right[2]
    slider.press("ArrowLeft")
    wrong = look()
    assert wrong[0] == "is-false"
    assert "false" in wrong[2]
    assert wrong[1] != right[1]
    slider.press("Home")
    assert "opposite way" in look()[2]
    slider.press("End")
    assert look() == right
    opened.page.close()


@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_nothing_moves_when_the_slider_does(site: Site, width: int, height: int) -> None:
    opened = site.open(PAGE, width=width)
    opened.page.set_viewport_size({"width": width, "height": height})
    ways, slider = opened.page.locator(".pg-ways"), opened.page.get_by_role("slider").first
    places = set()
    for key in ("End", *["ArrowLeft"] * int(slider.get_attribute("max") or 0)):
        slider.press(key)
        box = ways.bounding_box()
        assert box
        places.add(round(box["y"]))
    assert len(places) == 1
    opened.page.close()


def test_without_scripts_the_row_stands_alone(site: Site) -> None:
    opened = site.open(PAGE, scripts=False)
    figure = opened.page.locator(".pg-frames").first
    assert figure.locator("tbody tr:visible").count() == 1
    assert not figure.locator("input").is_visible()
    assert "needs scripts" in figure.locator("figcaption").inner_text()
    opened.page.close()


GUIDE = re.compile(r'<dl class="pg-guide">(.*?)</dl>', re.DOTALL)
ROW = re.compile(r"<div><dt>(.*?)</dt><dd>(.*?)</dd></div>", re.DOTALL)
CONTENTS = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
CHAPTERS = [f"{chapter['file']}.html" for part in CONTENTS["parts"] for chapter in part["chapters"]]
NUMBERED = [
    f"{chapter['file']}.html" for part in CONTENTS["parts"] if part.get("numbered") for chapter in part["chapters"]
]


def guide(page: str) -> dict[str, str]:
    """Return the rows of the line under the title of a page."""
    found = GUIDE.search(sources()[page])
    return dict(ROW.findall(found[1])) if found else {}


def pages_in(page: str, row: str) -> set[str]:
    """Return the pages to which a row of the guide of a page leads."""
    links = re.findall(r'href="([^"#]+)', guide(page).get(row, ""))
    return {posixpath.normpath(posixpath.join(posixpath.dirname(page), link)) for link in links}


def minutes(page: str) -> int:
    """Return the reading time of a page, or 0 where it is not told."""
    time = re.fullmatch(r"about (\d+) minutes", guide(page).get("Reading time", ""))
    return int(time[1]) if time else 0


def test_every_page_of_the_contents_tells_its_reading_time(site_files: Path) -> None:
    assert not [page for page in CHAPTERS if not minutes(page)]


def test_a_page_leads_to_those_that_need_it_and_chapters_and_exercises_lead_on(site_files: Path) -> None:
    needs = [(page, needed) for page in CHAPTERS for needed in pages_in(page, "Needs")]
    assert needs
    assert not [(page, needed) for page, needed in needs if page not in pages_in(needed, "Leads to")]
    kinds = [(page, kind(page.removesuffix(".html"))) for page in CHAPTERS]
    last = {name: page for page, name in kinds}
    ends = [page for page, name in kinds if page == last[name] or name == "reference"]
    assert [page for page in CHAPTERS if not pages_in(page, "Leads to")] == ends


def test_the_first_page_tells_the_time_of_all_chapters(site_files: Path) -> None:
    hours = round(sum(minutes(page) for page in NUMBERED) / 60)
    told = re.findall(r"(\d+) chapters, about (\d+) hours\.", sources()[PAGE])
    assert told == [(str(len(NUMBERED)), str(hours))]
