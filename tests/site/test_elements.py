"""The elements of the course that do something: sliders and ledgers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .conftest import Opened

SLIDER = '<figure class="pg-figure pg-frames'
LEDGER = '<div class="ledger mathjax_process"'


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
            assert handle.get_attribute("aria-valuetext") == text
            assert (handle.get_attribute("aria-label") or "").strip()
            seen.add((text, visible.inner_html()))
        assert len({text for text, _ in seen}) >= 2
        assert len({alt for _, alt in seen}) == len({text for text, _ in seen})
    assert not opened.errors


@pytest.mark.views(holding=SLIDER, schemes=["light"], widths=[390], acts=True)
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


@pytest.mark.views(holding=SLIDER, schemes=["light"], scripts=False)
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


PLACES_IN_ROW = """
(row) => {
  const spot = (name) => row.querySelector(name).getBoundingClientRect();
  const line = spot("th"), formula = spot(".ledger-formula"), verdict = spot(".ledger-verdict");
  return {
    beside: formula.left >= line.right - 1 && verdict.left >= formula.right - 1,
    below: formula.top >= line.bottom - 1 && Math.abs(verdict.top - line.top) < 8,
    inside: [...row.children].every((cell) => cell.getBoundingClientRect().right <= innerWidth),
    display: getComputedStyle(row).display,
  };
}
"""


@pytest.mark.views(holding=LEDGER, schemes=["light"])
def test_ledger_is_a_table_on_a_wide_page(opened: Opened) -> None:
    rows = opened.page.locator(".ledger tbody tr:visible").all()
    assert rows
    assert all(row.evaluate(PLACES_IN_ROW)["beside"] for row in rows)
    assert opened.page.locator(".ledger thead:visible").count()


@pytest.mark.views(holding=LEDGER, schemes=["light"], widths=[390])
def test_ledger_is_cards_on_a_phone(opened: Opened) -> None:
    rows = opened.page.locator(".ledger tbody tr:visible").all()
    assert rows
    for row in rows:
        places = row.evaluate(PLACES_IN_ROW)
        assert places["below"]
        assert places["inside"]
        assert places["display"] == "grid"


@pytest.mark.views(holding=LEDGER, schemes=["light"])
def test_every_verdict_has_a_sign_and_a_word(opened: Opened) -> None:
    texts = opened.page.locator(".ledger-verdict:visible").all_inner_texts()
    assert texts
    for text in texts:
        assert text[0] in "•✓≈✗"
        assert len(text.split()) > 1
