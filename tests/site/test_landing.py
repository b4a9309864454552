"""The first page: one screen that says what this is, shows the idea and leads three ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
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


def test_every_chapter_says_how_long_it_takes_and_where_it_leads(site: Site) -> None:
    opened = site.open("book/setting/decision-processes.html")
    guide = opened.page.locator("h1 + dl.pg-guide")
    assert "minutes" in guide.inner_text()
    guide.locator("dt", has_text="Leads to").locator("xpath=following-sibling::dd//a").first.click()
    opened.page.wait_for_load_state()
    needs = opened.page.locator("dl.pg-guide div", has=opened.page.locator("dt", has_text="Needs"))
    assert needs.locator('a[href*="decision-processes"]').count() == 1
    opened.page.close()
