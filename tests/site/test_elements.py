"""The elements of the course that do something: sliders and ledgers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .conftest import Site


def test_the_site_has_a_slider_and_a_ledger(page_with_slider: str, page_with_ledger: str) -> None:
    assert "none" not in (page_with_slider, page_with_ledger)


def test_slider_moves_by_keyboard_with_no_kernel(site: Site, page_with_slider: str) -> None:
    opened = site.open(page_with_slider)
    page = opened.page
    for figure in page.locator(".pg-frames").all():
        handle, readout = figure.get_by_role("slider"), figure.locator(".widget-readout")
        visible = figure.locator("svg[role=img]:visible")
        assert visible.count() == 1
        seen = set()
        for key in ("Home", "ArrowRight", "End"):
            handle.press(key)
            page.evaluate("() => new Promise(done => setTimeout(done, 80))")
            assert visible.count() == 1
            text = readout.inner_text().strip()
            assert text
            assert handle.get_attribute("aria-valuetext") == text
            assert (handle.get_attribute("aria-label") or "").strip()
            seen.add((text, visible.get_attribute("aria-label")))
        assert len({text for text, _ in seen}) >= 2
        assert len({alt for _, alt in seen}) == len({text for text, _ in seen})
    assert not opened.errors
    page.context.close()


def test_slider_moves_by_pointer(site: Site, page_with_slider: str) -> None:
    opened = site.open(page_with_slider, width=390)
    figure = opened.page.locator(".pg-frames").first
    figure.scroll_into_view_if_needed()
    track = figure.locator(".noUi-target").bounding_box()
    handle = figure.locator(".noUi-handle").bounding_box()
    assert track
    assert handle
    assert min(handle["width"], handle["height"]) >= 24, "the handle is too small for a finger"
    before = figure.locator(".widget-readout").inner_text()
    mouse = opened.page.mouse
    mouse.move(handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2)
    mouse.down()
    in_left_half = handle["x"] < track["x"] + track["width"] / 2
    mouse.move(track["x"] + track["width"] * (0.98 if in_left_half else 0.02), handle["y"] + handle["height"] / 2)
    mouse.up()
    assert figure.locator(".widget-readout").inner_text() != before
    opened.page.context.close()


def test_figure_without_scripts(site: Site, page_with_slider: str) -> None:
    opened = site.open(page_with_slider, scripts=False)
    figures = opened.page.locator("noscript figure.pg-figure")
    assert figures.count() >= 1
    for figure in figures.all():
        box = figure.locator("svg").bounding_box()
        assert box
        assert box["width"] > 200
        assert "needs scripts" in figure.locator("figcaption").inner_text()
    opened.page.context.close()


def test_ledger_is_a_table_on_a_wide_page_and_cards_on_a_phone(site: Site, page_with_ledger: str) -> None:
    opened = site.open(page_with_ledger)
    positions = """(row) => {
        const spot = (name) => row.querySelector(name).getBoundingClientRect();
        const line = spot("th"), formula = spot(".ledger-formula"), verdict = spot(".ledger-verdict");
        return {
            beside: formula.left >= line.right - 1 && verdict.left >= formula.right - 1,
            below: formula.top >= line.bottom - 1 && Math.abs(verdict.top - line.top) < 8,
            inside: [...row.children].every((cell) => cell.getBoundingClientRect().right <= innerWidth),
        };
    }"""
    rows = opened.page.locator(".ledger tbody tr").all()
    assert rows
    assert all(row.evaluate(positions)["beside"] for row in rows)
    assert opened.page.locator(".ledger thead").first.is_visible()
    opened.at_width(390)
    for row in rows:
        spots = row.evaluate(positions)
        assert spots["below"]
        assert spots["inside"]
        assert row.evaluate("(row) => getComputedStyle(row).display") == "grid"
    opened.page.context.close()


def test_every_verdict_has_a_sign_and_a_word(site: Site, page_with_ledger: str) -> None:
    opened = site.open(page_with_ledger)
    texts = opened.page.locator(".ledger-verdict").all_inner_texts()
    assert texts
    for text in texts:
        assert text[0] in "•✓≈✗"
        assert len(text.split()) > 1
    opened.page.context.close()
