"""What a reader sees: sizes that stay, edges that show, blocks that open, and pages without scripts."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest

from .conftest import HEIGHT, SETTLE, WIDE, new_context, site_pages
from .test_elements import LEDGER, SLIDER

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Opened, Site

FORMULA = 'class="math'
BLOCK = '<details class="admonition'

SIZES = """
() => [...document.querySelectorAll(".bd-article mjx-container")].map((formula) =>
    parseFloat(getComputedStyle(formula).fontSize) / parseFloat(getComputedStyle(formula.parentElement).fontSize))
"""

# Every box that hides something at a side, and cannot be scrolled or does not show it.
SILENT = """
() => {
  const boxes = ["div.math", "mjx-container", ".ledger-formula", "pre", "div.cell_output", ".pg-drawing"]
    .concat(".pg-table", ".pst-scrollable-table-container");
  return [...document.querySelectorAll(boxes.map((box) => ".bd-article " + box).join())]
    .filter((box) => box.offsetParent && box.scrollWidth > box.clientWidth + 1)
    .filter((box) => getComputedStyle(box).overflowX !== "visible")
    .filter((box) => !(/auto|scroll/.test(getComputedStyle(box).overflowX) && (box.dataset.pgMore || "").includes("end")
        && getComputedStyle(box).maskImage !== "none" && box.tabIndex === 0))
    .map((box) => box.outerHTML.slice(0, 200));
}
"""

# Words of inline code in tables that are broken inside, away from their joints.
BROKEN = r"""
() => {
  const found = [];
  const joint = /[._([\]=/, ]/;
  for (const code of document.querySelectorAll(".bd-article :is(td, th) code, .bd-article .ledger-value .pg-number")) {
    const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
    const range = document.createRange();
    let before = null;
    while (walker.nextNode()) {
      const text = walker.currentNode.data;
      for (let i = 0; i < text.length; i++) {
        range.setStart(walker.currentNode, i);
        range.setEnd(walker.currentNode, i + 1);
        const box = range.getBoundingClientRect();
        if (!box.width) continue;
        const atJoint = code.matches("code") && (joint.test(text[i]) || (before && joint.test(before.text)));
        if (before && box.top > before.bottom - 2 && !atJoint) found.push(code.textContent);
        before = { bottom: box.bottom, text: text[i] };
      }
    }
  }
  return found;
}
"""


@pytest.mark.views(holding='class="pg-table"', schemes=["light"])
def test_no_table_of_numbers_scrolls_on_a_wide_page(opened: Opened) -> None:
    wide = """[...document.querySelectorAll(".bd-article .pg-table")]
        .filter((box) => box.getClientRects().length && box.scrollWidth > box.clientWidth + 1)
        .map((box) => box.innerText.slice(0, 200))"""
    assert not opened.page.evaluate(wide)


@pytest.mark.views(holding='class="pg-captioned"', schemes=["light"], widths=[390])
def test_the_caption_of_a_table_stays_while_the_table_moves(opened: Opened) -> None:
    captions = opened.page.locator(".bd-article .pg-captioned > figcaption:visible")
    assert captions.count()
    for caption in captions.all():
        box = caption.bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390


@pytest.mark.views(holding=FORMULA, schemes=["light"])
def test_formulas_have_one_size(opened: Opened) -> None:
    have_one_size(set(opened.page.evaluate(SIZES)))


@pytest.mark.views(holding=FORMULA, schemes=["light"], files=True)
def test_formulas_have_one_size_however_one_arrives(opened: Opened, site_as_files: Site) -> None:
    """As files, in a browser that keeps nothing of them, the fonts come late."""
    have_one_size({*opened.page.evaluate(SIZES), *site_as_files.show(opened.view).page.evaluate(SIZES)})


def have_one_size(sizes: set[float]) -> None:
    assert sizes
    assert max(sizes) - min(sizes) < 0.01
    assert 1 <= max(sizes) <= 1.15


@pytest.mark.views(holding=LEDGER, schemes=["light"])
def test_rows_of_a_ledger_lie_alike_before_and_after_typesetting(opened: Opened) -> None:
    kinds = opened.page.evaluate(
        """() => [...document.querySelectorAll(".ledger")].filter((ledger) => ledger.offsetParent).map((ledger) =>
            new Set([...ledger.querySelectorAll("tbody tr")].map((row) =>
                ["th", ".ledger-formula", ".ledger-reason", ".ledger-value", ".ledger-verdict"].map((cell) => {
                    const { left, width } = row.querySelector(cell).getBoundingClientRect();
                    return [left, width].map(Math.round).join();
                }).join(" "))).size)"""
    )
    assert set(kinds) == {1}


@pytest.mark.views(schemes=["light"], widths=[1280, 390])
def test_what_is_cut_shows_that_it_scrolls(opened: Opened) -> None:
    """An observer tells a box its width some frames after the page has it."""
    assert not opened.page.evaluate(
        f"""async () => {{
            const silent = {SILENT.strip().rstrip(";")};
            for (let frame = 0; frame < 180 && silent().length; frame++) await new Promise(requestAnimationFrame);
            return silent();
        }}"""
    )


@pytest.mark.views(schemes=["light"], widths=[1280, 390])
def test_code_in_tables_and_numbers_are_whole(opened: Opened) -> None:
    assert not opened.page.evaluate(BROKEN)


def test_no_formula_leaves_its_cell(site: Site) -> None:
    opened = site.open("book/notation.html", width=390)
    found = opened.page.evaluate(
        """() => [...document.querySelectorAll(".bd-article td mjx-container")].filter((formula) =>
            formula.getBoundingClientRect().right > formula.closest("td").getBoundingClientRect().right + 1)
            .map((formula) => formula.closest("td").innerText)"""
    )
    opened.close()
    assert not found


def test_first_column_stays_when_a_table_scrolls(site: Site) -> None:
    opened = site.open("book/practice/language-models.html", width=300, whole=True)
    found = opened.page.evaluate(
        """() => [...document.querySelectorAll(".pst-scrollable-table-container[data-pg-more]")].map((box) => {
            const cell = box.querySelector("td");
            const before = cell.getBoundingClientRect().left;
            box.scrollLeft = 120;
            return Math.abs(cell.getBoundingClientRect().left - before);
        })"""
    )
    opened.close()
    assert found
    assert max(found) < 2


@pytest.mark.views(holding='class="pg-long"', schemes=["light"], widths=[390])
def test_a_line_of_code_that_breaks_keeps_its_indentation(opened: Opened) -> None:
    broken = opened.page.evaluate(
        """() => [...document.querySelectorAll(".bd-article .pg-long")].filter((line) => line.offsetParent)
            .map((line) => {
                const code = document.createRange();
                code.selectNodeContents(line);
                const parts = [...code.getClientRects()].filter((part) => part.width > 1);
                const first = Math.min(...parts.map((part) => part.top + 4));
                const spaces = line.textContent.length - line.textContent.trimStart().length;
                const letter = parseFloat(getComputedStyle(line).paddingLeft) / (spaces + 4);
                const start = line.getBoundingClientRect().left + spaces * letter;
                return parts.filter((part) => part.top > first).map((part) => part.left - start);
            }).filter((rest) => rest.length)"""
    )
    assert broken
    assert all(left > 1 for rest in broken for left in rest), "what is left of a line stands further in than its start"


# Whether a block is the first of its kind on the page or has the tallest title, for each block.
FIRST_OR_TALLEST = """
() => {
  const kinds = new Set();
  const blocks = [...document.querySelectorAll("details.dropdown")];
  const tall = blocks.map((block) => block.firstElementChild.getBoundingClientRect().height);
  const tallest = tall.indexOf(Math.max(...tall));
  return blocks.map((block, place) => {
    const kind = `${block.className} in ${block.parentElement.closest("details")?.className}`;
    const isNew = !kinds.has(kind);
    kinds.add(kind);
    return isNew || place === tallest;
  });
}
"""


@pytest.mark.views(holding=BLOCK, schemes=["light"], folded=True, acts=True, kinds=True)
def test_a_block_opens_by_its_whole_title_and_is_named_by_it(opened: Opened) -> None:
    first = opened.page.evaluate(FIRST_OR_TALLEST)
    assert any(first)
    for block in itertools.compress(opened.page.locator("details.dropdown").all(), first):
        summary = block.locator("> summary")
        assert summary.inner_text().strip()
        assert summary.locator("a, button").count() == 0
        box = summary.bounding_box()
        assert box
        text_starts = summary.evaluate(
            """(summary) => {
                const range = document.createRange();
                range.selectNodeContents(summary);
                return range.getBoundingClientRect().left;
            }"""
        )
        assert text_starts - box["x"] < 40
        for place, is_open in ((12, True), (box["width"] - 12, False), (box["width"] / 2, True)):
            summary.click(position={"x": place, "y": box["height"] / 2})
            assert block.evaluate("(block) => block.open") is is_open
    assert opened.page.locator(".bd-article summary[aria-label]").count() == 0
    assert opened.page.locator("details.dropdown > summary :is(a, button)").count() == 0
    named = "(all) => all.every((summary) => summary.textContent.trim())"
    assert opened.page.locator("details.dropdown > summary").evaluate_all(named)


@pytest.mark.views(holding=BLOCK, schemes=["light"], folded=True, kinds=True)
def test_everything_is_open_on_paper(opened: Opened) -> None:
    state = "() => [...document.querySelectorAll('details.dropdown')].map((block) => block.open)"
    opened.page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    assert all(opened.page.evaluate(state))
    opened.page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    assert not any(opened.page.evaluate(state))


@pytest.mark.views(holding=BLOCK, schemes=["light"], scripts=False, kinds=True)
def test_without_scripts_formulas_are_there_and_answers_stay_folded(opened: Opened) -> None:
    notice = opened.page.locator(".bd-article .pg-notice")
    if opened.page.locator(".bd-article .pg-frames").count():
        assert notice.is_visible()
    formulas = opened.page.locator(".bd-article p mjx-container.math")
    for formula in formulas.all()[:3]:
        assert formula.locator("mjx-c").count()
    assert formulas.count() == opened.page.locator(".bd-article p .math").count()
    assert not opened.page.locator("details.dropdown > :not(summary):visible").count()


def test_placeholder_of_the_search_stands_beside_its_icon(site: Site) -> None:
    for scripts in (True, False):
        opened = site.open("search.html", scripts=scripts)
        for form in opened.page.locator("form.bd-search:visible").all():
            icon, field = form.locator("i, svg").first.bounding_box(), form.locator("input").first
            text = field.bounding_box()
            assert icon
            assert text
            padding = float(re.sub("px", "", field.evaluate("(field) => getComputedStyle(field).paddingLeft")))
            assert text["x"] + padding >= icon["x"] + icon["width"]
        opened.close()


@pytest.mark.views(holding=SLIDER, schemes=["light"], widths=[390], acts=True, kinds=True)
def test_a_swipe_on_the_track_scrolls_the_page(opened: Opened) -> None:
    page = opened.page
    figure = page.locator(".pg-frames").first
    readout = figure.locator("output")
    touch = page.context.new_cdp_session(page)
    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def place() -> tuple[float, float]:
        """Return a point on the track, in the half in which the handle is not."""
        figure.evaluate("(figure) => figure.scrollIntoView({ block: 'center', behavior: 'instant' })")
        slider = figure.get_by_role("slider")
        box = slider.bounding_box()
        assert box
        in_left_half = float(slider.input_value()) < float(slider.get_attribute("max") or 1) / 2
        return box["x"] + (0.9 if in_left_half else 0.1) * box["width"], box["y"] + box["height"] / 2

    x, y = place()
    opened.settle()
    before, top = readout.inner_text(), page.evaluate("() => scrollY")
    page.evaluate(
        """() => {
            window.hasScrolled = false;
            document.addEventListener("scrollend", () => { window.hasScrolled = true; }, { once: true });
        }"""
    )
    # With no pause: a finger that is held still for half a second is a long press.
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 11):
        points = [{"x": x, "y": y - 15 * step}]
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    # A finger that touches a page which still scrolls holds it, and does no more.
    page.wait_for_function("(top) => window.hasScrolled && scrollY > top + 50", arg=top)
    assert readout.inner_text() == before

    x, y = place()
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_function("([output, before]) => output.innerText !== before", arg=[readout.element_handle(), before])
    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
    touch.detach()


def test_search_shows_prose(site: Site) -> None:
    opened = site.open("search.html?q=trajectory")
    opened.page.wait_for_selector("#search-results li p.context")
    for text in opened.page.locator("#search-results p.context").all_inner_texts():
        assert not re.search(r"Contents|Skip to|import |Show the code", text)
    opened.close()


def test_search_index_holds_no_code(site_files: Path) -> None:
    index = (site_files / "searchindex.js").read_text(encoding="utf-8")
    assert re.search(r'"?trajectori"?:', index)
    assert not re.search(r"\bplt\b", index)  # every chapter that draws has it in its code, and none in its prose


def test_head_of_each_page(site_files: Path) -> None:
    for name in site_pages():
        text = (site_files / name).read_text(encoding="utf-8")
        title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
        assert title
        parts = title[1].split("&#8212;")
        assert len({part.strip() for part in parts}) == len(parts)
        assert text.count('<meta name="description"') == 1


def test_there_is_no_page_of_bare_labels(site_files: Path) -> None:
    assert not [name for name in ("genindex.html", "prf-prf.html") if (site_files / name).exists()]


# Whether the first formula or box of a section is set, by the number of the section.
SET = """
() => [...document.querySelectorAll(".bd-article section > section")].map((section) =>
  section.querySelector("p, pre, mjx-container").checkVisibility({ contentVisibilityAuto: true }))
"""
THROUGH = """
async () => {
  for (let place = 0; place < document.documentElement.scrollHeight; place += 400) {
    scrollTo({ top: place, behavior: "instant" });
    for (let frame = 0; frame < 3; frame++) await new Promise(requestAnimationFrame);
  }
}
"""


def test_a_phone_sets_what_is_seen_and_marks_it_then(site: Site) -> None:
    opened = site.open("book/one-gradient/baselines-and-variance.html", width=390)
    page = opened.page
    sections = page.evaluate(SET)
    assert sum(sections) < len(sections) / 2
    marked = page.locator(".bd-article [data-pg-more]").count()
    page.evaluate(THROUGH)
    opened.settle()
    assert page.evaluate(SET)[-1]
    assert page.locator(".bd-article [data-pg-more]").count() > marked
    assert not page.evaluate(SILENT)
    opened.close()


def test_the_contents_say_where_one_is_when_there_is_room_for_them(site: Site) -> None:
    opened = site.open("book/one-gradient/baselines-and-variance.html", width=390)
    opened.at_width(WIDE)
    place = opened.page.locator(".bd-article section > section > h2").nth(2)
    place.evaluate("(heading) => heading.scrollIntoView({ behavior: 'instant' })")
    mark = opened.page.locator(".bd-toc .nav-link.active").first
    mark.wait_for(state="attached")
    assert mark.inner_text() == place.inner_text().removesuffix("#").strip()
    opened.close()


def test_the_side_bar_shows_the_entry_of_the_page_wherever_it_stood_before(site: Site) -> None:
    opened = site.open("book/exercises/one-gradient.html", width=1300)
    page = opened.page
    bar = page.locator(".bd-sidebar-primary")
    bar.evaluate("bar => { bar.scrollTop = bar.scrollHeight; }")
    page.locator('article a[href*="baselines-and-variance.html"]').first.click()
    page.wait_for_url("**/baselines-and-variance.html*")
    page.wait_for_load_state("load")
    entry, frame = page.locator(".bd-docs-nav a.current").bounding_box(), bar.bounding_box()
    assert entry
    assert frame
    assert frame["y"] <= entry["y"] <= frame["y"] + frame["height"] - entry["height"]
    stood = bar.evaluate("bar => bar.scrollTop")
    page.reload()
    assert abs(bar.evaluate("bar => bar.scrollTop") - stood) < 1, "it stays where its own entry is in view"
    opened.close()


def test_nothing_is_cut_at_the_side_of_a_section(site: Site) -> None:
    """A section that is set on its own cuts what stands out of it: the ring around what has the focus must not."""
    opened = site.open("book/one-gradient/baselines-and-variance.html", width=390)
    rings = opened.page.evaluate(
        """() => [...document.querySelectorAll(".bd-article section > section")].map((section) => {
          const style = getComputedStyle(section), first = section.querySelector("p").getBoundingClientRect();
          return [style.contentVisibility, first.left - section.getBoundingClientRect().left];
        })"""
    )
    assert rings
    assert all(kind == "auto" and room >= 6 for kind, room in rings)
    opened.close()


ASIDE = '<aside class="margin'
PASSES = """
async ([aside]) => {
  aside.scrollIntoView({ block: "center" });
  const contents = document.querySelector(".bd-sidebar-secondary");
  while (!contents.classList.contains("hide")) await new Promise(requestAnimationFrame);
}
"""
CONTENTS = """
(contents) => {
  const { backgroundColor, boxShadow } = getComputedStyle(contents);
  const links = contents.querySelector("nav.page-toc");
  return {
    moving: contents.getAnimations({ subtree: true }).length,
    seen: getComputedStyle(links).opacity === "1",
    bare: backgroundColor === "rgba(0, 0, 0, 0)" && boxShadow === "none",
  };
}
"""


@pytest.mark.views(holding=ASIDE, acts=True)
def test_the_contents_make_room_for_an_aside_without_a_panel(opened: Opened) -> None:
    contents = opened.page.locator(".bd-sidebar-secondary")
    opened.page.evaluate("document.activeElement.blur()")
    opened.page.locator("aside.margin").evaluate_all(PASSES)
    there = contents.evaluate(CONTENTS)
    assert there == {"moving": 0, "seen": False, "bare": True}
    contents.locator("nav.page-toc a").first.focus()
    read = contents.evaluate(CONTENTS)
    assert read["seen"], "who goes through the links by keyboard does not see them"
    assert not read["bare"]


#: Waits until a page has not been scrolled for half a second.
STANDS = """
async () => {
  for (let last = -1, still = 0; still < 30; still = scrollY === last ? still + 1 : 0, last = scrollY) {
    await new Promise(requestAnimationFrame);
  }
}
"""
#: How far below the upper edge of the window a place begins.
TOP = "(name) => document.getElementById(name).getBoundingClientRect().top"


@pytest.mark.parametrize("page", ["book/practice/debug-this-reinforce.html", "book/one-gradient/discounting.html"])
def test_a_link_to_a_section_shows_it_on_a_phone_too(browser, address, page):
    context = new_context(browser, viewport={"width": 390, "height": HEIGHT}, reduced_motion="no-preference")
    tab = context.new_page()
    tab.goto(f"{address}{page}")
    tab.evaluate(SETTLE)
    names = tab.evaluate("[...document.querySelectorAll('.bd-article section > section')].map(({ id }) => id)")
    for name in (names[-1], names[1], names[-2]):
        tab.evaluate("(name) => { location.hash = name; }", name)
        tab.evaluate(STANDS)
        assert 0 <= tab.evaluate(TOP, name) < 200, name
    for name in (names[len(names) // 2], names[-1]):
        arrived = context.new_page()
        arrived.goto(f"{address}{page}#{name}")
        arrived.evaluate(SETTLE)
        arrived.evaluate(STANDS)
        assert 0 <= arrived.evaluate(TOP, name) < 200, name
    context.close()
