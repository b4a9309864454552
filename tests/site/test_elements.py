"""The elements of the course that do something: sliders and ledgers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Opened

SLIDER = '<figure class="pg-figure pg-frames'
DRAWING = '<div class="pg-drawing"'
LEDGER = 'class="ledger"'


@pytest.mark.views(holding=SLIDER, schemes=["light"], acts=True)
def test_slider_moves_by_keyboard_with_no_kernel(opened: Opened) -> None:
    for figure in opened.page.locator(".pg-frames").all():
        handle, readout = figure.get_by_role("slider"), figure.locator("output")
        visible = figure.locator(".pg-frame:visible")
        assert visible.count() == 1
        seen = set()
        for key in ("Home", "ArrowRight", "End"):
            handle.press(key)
            assert visible.count() == 1
            text = readout.inner_text().strip()
            assert text
            # What came out is told after it, where something is compared.
            assert f"{handle.get_attribute('aria-valuetext')}: ".startswith(f"{text}: ")
            assert (handle.get_attribute("aria-label") or "").strip()
            seen.add((text, visible.inner_html()))
        assert len({text for text, _ in seen}) >= 2
        assert len({alt for _, alt in seen}) == len({text for text, _ in seen})
    assert not opened.errors


@pytest.mark.views(holding=SLIDER, schemes=["light"], widths=[390], acts=True, kinds=True)
def test_slider_moves_by_pointer(opened: Opened) -> None:
    figure = opened.page.locator(".pg-frames").first
    slider = figure.get_by_role("slider")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box
    assert box["height"] >= 24, "the slider is too small for a finger"
    before = figure.locator("output").inner_text()
    share = float(slider.input_value()) / float(slider.get_attribute("max") or 1)
    mouse, y = opened.page.mouse, box["y"] + box["height"] / 2
    mouse.move(box["x"] + 13 + share * (box["width"] - 26), y)
    mouse.down()
    mouse.move(box["x"] + box["width"] * (0.98 if share < 0.5 else 0.02), y)
    mouse.up()
    assert figure.locator("output").inner_text() != before


@pytest.mark.views(holding=SLIDER, schemes=["light"], scripts=False, kinds=True)
def test_figure_without_scripts(opened: Opened) -> None:
    figures = opened.page.locator("figure.pg-frames")
    assert figures.count() >= 1
    for figure in figures.all():
        frame = figure.locator(".pg-frame:visible")
        assert frame.count() == 1
        assert not figure.get_by_role("slider").count()
        box = frame.bounding_box()
        assert box
        assert box["width"] > 200
        assert "needs scripts" in figure.locator("figcaption").inner_text()


PLACES_IN_ROWS = """
(rows) => rows.map((row) => {
  const spot = (name) => row.querySelector(name).getBoundingClientRect();
  const line = spot("th"), formula = spot(".ledger-formula"), verdict = spot(".ledger-verdict");
  return {
    beside: formula.left >= line.right - 1 && verdict.left >= formula.right - 1 && verdict.top < formula.bottom,
    errata: [...row.querySelectorAll(".ledger-errata")].every((errata) => errata.offsetHeight < 30),
    whole: row.querySelector(".ledger-formula").scrollWidth <= row.querySelector(".ledger-formula").clientWidth + 1,
    below: formula.top >= line.bottom - 1 && Math.abs(verdict.top - line.top) < 8,
    inside: [...row.children].every((cell) => cell.getBoundingClientRect().right <= innerWidth),
    display: getComputedStyle(row).display,
  };
})
"""


# Where the verdicts of each ledger end, at the left and at the right.
ENDS = """
(ledgers) => ledgers.map((ledger) => {
  const ends = [...ledger.querySelectorAll("tbody .ledger-verdict")].map((cell) => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return range.getBoundingClientRect().right;
  });
  return [Math.min(...ends), Math.max(...ends)];
})
"""


@pytest.mark.views(holding=LEDGER, schemes=["light"])
def test_ledger_is_a_table_on_a_wide_page(opened: Opened) -> None:
    places = opened.page.locator(".ledger tbody tr:visible").evaluate_all(PLACES_IN_ROWS)
    assert places
    assert all(place["beside"] for place in places)
    assert all(place["whole"] for place in places), "a formula is cut"
    assert all(place["errata"] for place in places), "errata break behind their arrow"
    ends = opened.page.locator(".ledger:visible").evaluate_all(ENDS)
    assert all(end - first < 1 for first, end in ends), "the verdicts of a ledger do not end below each other"


@pytest.mark.views(holding=LEDGER, schemes=["light"], widths=[390])
def test_ledger_is_cards_on_a_phone(opened: Opened) -> None:
    places = opened.page.locator(".ledger tbody tr:visible").evaluate_all(PLACES_IN_ROWS)
    assert places
    for place in places:
        assert place["below"]
        assert place["inside"]
        assert place["display"] == "grid"


# Formulas of ledgers that leave their box, though it does not scroll, or does not show at its edge that it does.
CUT = """
() => [...document.querySelectorAll(".ledger-formula")].filter((box) => box.offsetParent).filter((box) => {
  const end = box.getBoundingClientRect().right;
  const formulas = [...box.querySelectorAll("mjx-container")].map((formula) => formula.getBoundingClientRect());
  const leaves = formulas.some((formula) => formula.right > end + 1);
  const scrolls = box.scrollWidth > box.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(box).overflowX);
  const shows = (box.dataset.pgMore || "").includes("end") && getComputedStyle(box).maskImage !== "none";
  return leaves && !(scrolls && shows) || [...box.querySelectorAll(".math")].some((part) =>
    getComputedStyle(part).overflowX !== "visible" && part.scrollWidth > part.clientWidth + 1);
}).map((box) => box.parentElement.innerText)
"""


@pytest.mark.views(holding=LEDGER, schemes=["light"], widths=[1280, 390])
def test_no_formula_of_a_ledger_is_cut_in_silence(opened: Opened) -> None:
    assert opened.page.locator(".ledger-formula mjx-container:visible").count()
    assert not opened.page.evaluate(CUT)


SCROLLING = """
() => [...document.querySelectorAll(".bd-article :is(div.math, mjx-container, .ledger-formula)")]
  .filter((box) => box.getClientRects().length && box.scrollWidth > box.clientWidth + 1)
  .filter((box) => /auto|scroll/.test(getComputedStyle(box).overflowX))
  .map((box) => (box.dataset.tex ? box : box.querySelector("mjx-container")).dataset.tex)
"""


@pytest.mark.views(holding="<mjx-container", schemes=["light"], widths=[390])
def test_no_formula_scrolls_on_a_phone(opened: Opened) -> None:
    assert not opened.page.evaluate(SCROLLING)


@pytest.mark.views(holding=LEDGER, schemes=["light"])
def test_every_verdict_has_a_sign_and_a_word(opened: Opened) -> None:
    texts = opened.page.locator(".ledger-verdict:visible").all_inner_texts()
    assert texts
    for text in texts:
        assert text[0] in "•✓≈✗"
        assert len(text.split()) > 1


OPENING = 'class="pg-opening"'
#: What stands at the head of a page draws what stands in the text.
DRAWS = '.pg-opening > svg > use[href="#pg-opening"]'


@pytest.mark.views(holding=OPENING, schemes=["light"], widths=[1280, 390], folded=True, kinds=True)
def test_a_chapter_shows_its_picture_once_at_its_head(opened: Opened) -> None:
    page = opened.page
    drawings = page.locator(".pg-opening > svg, .tag_opening .pg-drawing > svg")
    if page.locator(DRAWS).count():  # a slider, which moves in the text
        assert page.locator(".tag_opening").get_by_role("slider").count() == 1
        return
    shown = [one for one in drawings.all() if one.is_visible()]
    assert len(shown) == 1
    box = shown[0].bounding_box()
    assert box
    assert box["height"] > 50
    assert page.locator(".pg-opening > figcaption").is_visible()
    bars = page.locator(".tag_opening summary").all_inner_texts()
    assert [bar.strip() for bar in bars] == ["The picture at the head of this page, and its code"]


@pytest.mark.views(holding=OPENING, schemes=["light"], acts=True, kinds=True)
def test_the_picture_follows_its_cell_and_is_on_paper(opened: Opened) -> None:
    page = opened.page
    if page.locator(DRAWS).count() or not page.locator("#pg-live").count():
        return
    head = page.locator(".pg-opening > svg")
    before = head.inner_html()
    page.evaluate(
        """() => {
          const output = document.querySelector(".tag_opening .cell_output");
          const html = '<div class="pg-drawing"><svg viewBox="0 0 4 2"><rect width="4" height="2"/></svg></div>';
          output.replaceChildren();
          pgLive.show(output, { kind: "display", data: { "text/html": html } });
        }"""
    )
    assert head.inner_html() == '<rect width="4" height="2"></rect>'
    page.evaluate('document.querySelector(".tag_opening").dispatchEvent(new Event("pg-reset", { bubbles: true }))')
    assert head.inner_html() == before
    page.emulate_media(media="print")
    assert head.is_visible()
    assert not page.locator(".tag_opening .pg-drawing").is_visible()
    page.emulate_media(media="screen")


#: How tables look: those that a cell shows, and those that are written in the text.
LOOKS = """[...new Set([...document.querySelectorAll(".pg-table td, td:is(table.table *)")].map((cell) => {
    const styles = [cell, cell.parentElement, cell.closest("table")].map((part) => getComputedStyle(part));
    return [...styles.map((style) => style.backgroundColor + style.borderLeftWidth), styles[0].verticalAlign].join();
}))]"""


@pytest.mark.views(holding='class="table"', schemes=["light", "dark"])
def test_all_tables_have_one_design(opened: Opened) -> None:
    assert len(opened.page.evaluate(LOOKS)) == 1


SHOWN = """[...document.querySelectorAll(":is(.pg-drawing, .pg-opening) > svg")]
    .filter((svg) => svg.getClientRects().length)"""
WIDTH = "parent.clientWidth - parseFloat(getComputedStyle(parent).paddingLeft) * 2"


@pytest.mark.views(holding=DRAWING, schemes=["light"])
def test_a_figure_is_as_wide_as_it_says_or_as_its_column(opened: Opened) -> None:
    widths = opened.page.evaluate(
        f"""() => {SHOWN}.map((svg) => [
            svg.getBoundingClientRect().width,
            Math.max(Math.min(parseFloat(getComputedStyle(svg).maxWidth), ((parent) => {WIDTH})(svg.parentElement)),
                parseFloat(getComputedStyle(svg).minWidth)),
        ])"""
    )
    assert widths
    assert all(abs(width - wished) < 2 for width, wished in widths)


@pytest.mark.views(holding=DRAWING, schemes=["light"], widths=[390])
def test_words_of_a_figure_are_legible_on_a_phone(opened: Opened) -> None:
    sizes = opened.page.evaluate(
        f"""() => {SHOWN}.flatMap((svg) => [...svg.querySelectorAll("text")].map((text) =>
            parseFloat(getComputedStyle(text.firstElementChild ?? text).fontSize) * svg.getBoundingClientRect().width
                / svg.viewBox.baseVal.width))"""
    )
    assert sizes
    assert min(sizes) >= 11


@pytest.mark.views(schemes=["light"])
def test_a_line_of_text_is_not_too_long(opened: Opened) -> None:
    longest = opened.page.evaluate(
        """() => {
            const lines = [...document.querySelectorAll(".bd-article section > p")].filter((p) => p.offsetWidth);
            const zeros = lines.map((p) => {
                const zero = document.createElement("span");
                zero.textContent = "0".repeat(10);
                p.append(zero);
                return zero;
            });
            const width = (box) => box.getBoundingClientRect().width;
            const long = lines.map((p, number) => width(p) / (width(zeros[number]) / 10));
            for (const zero of zeros) zero.remove();
            return Math.max(0, ...long);
        }"""
    )
    assert longest <= 69


ICONS = """
() => [...document.querySelectorAll("[class*='fa-']")]
  .filter((icon) => /(^| )(fa[brs]?|fa-(solid|regular|brands))( |$)/.test(icon.className))
  .map((icon) => [icon.className, getComputedStyle(icon)])
  .filter(([, style]) => !style.maskImage.startsWith("url("))
  .map(([name]) => name)
"""


@pytest.mark.views(schemes=["light"])
def test_each_icon_has_its_picture(opened: Opened) -> None:
    assert opened.page.locator(".fa-solid").count() >= 3
    assert not opened.page.evaluate(ICONS)
