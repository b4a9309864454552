"""The first page: one screen that says what this is, shows the idea and leads three ways."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

import pytest
import yaml
from site_browser import ROOT

from .conftest import new_context, sources

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from .conftest import Site

PAGE = "book/intro.html"
SCREENS = [(1300, 900), (1280, 800), (390, 844)]


@pytest.mark.parametrize(("width", "height"), SCREENS)
def test_the_first_screen_holds_title_promise_row_and_ways(site: Site, width: int, height: int) -> None:
    opened = site.open(PAGE, width=width)
    opened.page.set_viewport_size({"width": width, "height": height})
    opened.settle()
    for part in ("h1", ".pg-promise", ".pg-symbols", ".pg-check", ".pg-frames svg", ".pg-frames input", ".pg-ways"):
        box = opened.page.locator(f".bd-article {part}").first.bounding_box()
        assert box, part
        assert box["y"] >= 0, part
        assert box["y"] + box["height"] <= height, part
    assert opened.page.locator(".pg-ways a").count() == 3
    opened.page.close()


def test_the_row_shows_its_whole_formula(site: Site) -> None:
    opened = site.open(PAGE, width=1920)
    fits = """(claim) => {
      const formula = claim.querySelector("mjx-container, math") ?? claim.firstElementChild;
      return [formula.getBoundingClientRect().right, claim.getBoundingClientRect().right];
    }"""
    for width in (1920, 1300, 1280, 1200, 1000, 800, 640, 390, 375, 360):
        opened.at_width(width)
        formula, room = opened.page.locator(".pg-outcome .pg-claim").evaluate(fits)
        assert 0 < formula <= room + 0.5, width
    opened.page.close()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_row_says_its_claim_in_words_and_below_them_as_a_formula(site: Site, width: int) -> None:
    opened = site.open(PAGE, width=width)
    claim = opened.page.locator(".pg-outcome .pg-claim")
    assert claim.inner_text().startswith("The update is the gradient:")
    below = """(claim) => {
      const words = document.createRange();
      words.selectNode(claim.firstChild);
      return claim.querySelector("mjx-container, math").getBoundingClientRect().top
        - words.getBoundingClientRect().bottom;
    }"""
    assert claim.evaluate(below) > -2
    opened.page.close()


def look(page: Page) -> tuple[str, str, str]:
    """Return the verdict of the row, its colour, and what the slider says."""
    row = page.locator(".pg-outcome > .pg-check")
    color = row.evaluate("(row) => getComputedStyle(row).borderLeftColor")
    said = page.get_by_role("slider").first.get_attribute("aria-valuetext")
    (verdict,) = re.findall(r"is-(\w+)", str(row.get_attribute("class")))
    return verdict, str(color), str(said)


def test_the_row_turns_red_and_back_and_says_so(site: Site) -> None:
    opened = site.open(PAGE)
    slider = opened.page.get_by_role("slider").first
    wrong = look(opened.page)
    assert (wrong[0], wrong[2]) == ("false", "γ = 0.70: false, 0.489 times as long, turned by 114.6°")
    slider.press("End")
    opened.settle()  # the colour changes within a moment
    right = look(opened.page)
    assert (right[0], right[2]) == ("exact", "γ = 1.00: exact, agree to 10⁻¹⁰")
    assert right[1] != wrong[1]
    told = opened.page.locator(".pg-outcome > .pg-check > :is(.pg-chip, .pg-finding)").all_inner_texts()
    assert told == ["✓ exact", "(agree to 10⁻¹⁰)"]
    slider.press("ArrowLeft")
    assert look(opened.page)[0] == "false"
    opened.page.close()


WATCH_SHIFTS = """async () => {
  await document.fonts.ready;
  await drawn();
  window.shifts = [];
  const note = (list) => window.shifts.push(...list.getEntries().map((entry) => entry.value));
  new PerformanceObserver(note).observe({ type: "layout-shift" });
}"""
#: Two frames, whatever the page's clock is made to say.
DRAWN = """
const frame = requestAnimationFrame.bind(window);
window.drawn = () => new Promise((done) => frame(() => frame(done)));
"""


def test_the_first_screen_plays_once_and_then_leaves_the_slider_to_the_reader(browser: Browser, address: str) -> None:
    """By a clock that the test moves, so that nothing hangs on how fast it looks."""
    context = new_context(browser, viewport={"width": 1300, "height": 900}, reduced_motion="no-preference")
    context.add_init_script(DRAWN)
    page = context.new_page()
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    page.goto(address + PAGE)
    page.evaluate(WATCH_SHIFTS)  # from here on: formulas move by some pixels when their fonts come
    slider = page.get_by_role("slider").first
    seen, verdicts = [], set()
    for _ in range(200):
        seen.append(int(slider.input_value()))
        verdicts.add(look(page)[0])
        if seen[-1] == 5:
            break
        page.clock.run_for(50)
        page.evaluate("drawn()")
    assert seen[0] == seen[20] == 15  # γ = 0.9, for the first second
    assert seen == sorted(seen, reverse=True)
    assert set(seen) == set(range(5, 16))
    assert verdicts == {"false"}  # a row that is green by itself would say the opposite of the words above it
    page.clock.run_for(5_000)
    page.evaluate("drawn()")
    assert slider.input_value() == "5"  # γ = 0.7
    assert page.evaluate("() => window.shifts") == []
    page.reload()
    assert slider.input_value() == "15"
    slider.press("ArrowLeft")  # whoever takes it in hand keeps it
    page.clock.run_for(5_000)
    assert slider.input_value() == "14"
    context.close()


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


def test_without_scripts_the_false_row_stands_alone(site: Site) -> None:
    opened = site.open(PAGE, scripts=False)
    figure = opened.page.locator(".pg-frames").first
    assert figure.locator(".pg-check.is-false").is_visible()
    assert figure.locator("svg").count() == 1
    assert not figure.locator("input").is_visible()
    assert "needs scripts" in figure.locator("figcaption").inner_text()
    opened.page.close()


GUIDE = re.compile(r'<dl class="pg-guide">(.*?)</dl>', re.DOTALL)
ROW = re.compile(r"<div><dt>(.*?)</dt><dd>(.*?)</dd></div>", re.DOTALL)
CONTENTS = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
NAMED = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]["press_parts"]
#: Each page of the contents, and whether it is a chapter, exercises or reference.
KINDS = {
    f"{chapter['file']}.html": NAMED.get(part["caption"], "chapter")
    for part in CONTENTS["parts"]
    for chapter in part["chapters"]
}
CHAPTERS = list(KINDS)
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


def minutes(page: str) -> tuple[int, int]:
    """Return the reading time of a page, without and with a pencil, or zeros where it is not told."""
    time = re.fullmatch(r"(\d+)–(\d+) minutes", guide(page).get("Reading time", ""))
    return (int(time[1]), int(time[2])) if time else (0, 0)


def test_every_page_that_is_read_and_not_looked_up_tells_its_reading_time(site_files: Path) -> None:
    read = [page for page, kind in KINDS.items() if kind != "reference"]
    assert len(read) > 25
    assert not [page for page in read if not 0 < minutes(page)[0] < minutes(page)[1]]
    assert not [page for page in CHAPTERS if page not in read and "Reading time" in guide(page)]


def reached(page: str) -> set[str]:
    """Return the pages to which a page leads, directly or by others."""
    found, front = set(), {page}
    while front := {there for one in front for there in pages_in(one, "Leads to")} - found:
        found |= front
    return found


def test_a_page_leads_to_those_that_need_it_and_chapters_and_exercises_lead_on(site_files: Path) -> None:
    needs = [(page, needed) for page in CHAPTERS for needed in pages_in(page, "Needs")]
    assert needs
    assert not [(page, needed) for page, needed in needs if page not in reached(needed)]
    last = {kind: page for page, kind in KINDS.items()}
    needed = {page for _, page in needs}
    ends = [page for page, kind in KINDS.items() if (page == last[kind] or kind == "reference") and page not in needed]
    assert [page for page in CHAPTERS if not pages_in(page, "Leads to")] == ends


def test_the_first_page_tells_the_time_of_all_chapters_and_of_all_pages(site_files: Path) -> None:
    chapters = map(minutes, NUMBERED)
    parts = [(int(a), int(b)) for a, b in re.findall(r"<h3>[^<]*<span> (\d+)–(\d+) min", sources()[PAGE])]
    hours = [round(sum(times) / 60) for pages in (chapters, parts) for times in zip(*pages, strict=True)]
    told = re.findall(r"(\d+) chapters, (\d+) to (\d+) hours; all pages, (\d+) to (\d+) hours\.", sources()[PAGE])
    assert told == [tuple(map(str, (len(NUMBERED), *hours)))]
    assert hours[2] > hours[0]
