"""While a page arrives, nothing that is shown already moves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from .conftest import HEIGHT, SETTLE, WIDE, new_context

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = ("book/intro.html", "book/one-gradient/baselines-and-variance.html")

# The phone of Lighthouse: it shows the beginning of a page before the rest has come, and fonts come last.
NETWORK = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1474.56 * 1024 / 8,
    "uploadThroughput": 675 * 1024 / 8,
}
PROCESSOR = {"rate": 4}

WATCH = """
(() => {
  window.shifts = [];
  const where = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(" ");
  const told = ({ node, previousRect, currentRect }) =>
    `${(node?.outerHTML ?? node?.textContent ?? "").slice(0, 90)}: ${where(previousRect)} to ${where(currentRect)}`;
  // Nobody touches the page: a shift that is said to follow an input follows the opening of the window.
  new PerformanceObserver((list) => list.getEntries().forEach(({ value, sources }) => {
    window.shifts.push([value, ...sources.map(told)]);
  })).observe({ type: "layout-shift", buffered: true });
})();
"""
#: The fonts of the text and of formulas are there.
FONTS = """() => document.fonts.status === "loaded"
  && [...document.fonts].filter(({ status }) => status === "loaded").length > 2"""
#: Frames in which a script would have drawn anew what it draws late.
FRAMES = "async () => { for (let frame = 0; frame < 90; frame++) await new Promise(requestAnimationFrame); }"


def shifts(browser: Browser, address: str, width: int) -> list[Any]:
    """Open a page on a slow line with an empty cache, and return what moved, and by how much."""
    context = new_context(browser, viewport={"width": width, "height": HEIGHT})
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", NETWORK)
    devtools.send("Emulation.setCPUThrottlingRate", PROCESSOR)
    page.add_init_script(WATCH)
    page.goto(address, wait_until="load")
    page.wait_for_function(FONTS)
    for until in (SETTLE, FRAMES):
        page.evaluate(until)
    moved: list[Any] = page.evaluate("() => window.shifts")
    context.close()
    return moved


@pytest.mark.parametrize("width", [390, WIDE])
@pytest.mark.parametrize("page", PAGES)
def test_nothing_moves_while_a_page_arrives(browser: Browser, address: str, page: str, width: int) -> None:
    assert shifts(browser, address + page, width) == []
