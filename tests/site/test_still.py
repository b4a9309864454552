"""While a page arrives, nothing that is shown already moves."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from site_browser import FileHandler, FileServer

from .conftest import HEIGHT, SETTLE, SITE, WIDE, new_context

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


@contextmanager
def in_two_pieces(name: str, place: int) -> Iterator[tuple[str, threading.Event]]:
    """Serve the site, of which one page arrives up to a place, and the rest when the event is set."""
    go_on = threading.Event()

    class Handler(FileHandler):
        def do_GET(self) -> None:  # noqa: N802, as the library calls it
            if self.path != f"/{name}":
                super().do_GET()
                return
            content = (SITE / name).read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:place])
            self.wfile.flush()
            go_on.wait(60)
            self.wfile.write(content[place:])

    with FileServer(("127.0.0.1", 0), partial(Handler, directory=str(SITE))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", go_on
        server.shutdown()


#: After which part of the first screen its page is cut in two.
CUTS = {
    "in the verdict": r'<span class="[^"]*pg-chip',
    "before the formula": r'<span class="pg-claim">[^<]*',
    "in the formula": r'<span class="pg-claim">.*?(?:<mjx-c .*?){9}',
    "before what was found": r'<span class="pg-finding">',
    "before the drawing": r'<div class="pg-control">.*?</div>',
    "before the notice": r"<figcaption>",
}


@pytest.mark.parametrize("width", [390, WIDE])
@pytest.mark.parametrize("cut", CUTS)
def test_nothing_moves_where_the_first_screen_arrives_in_two_pieces(browser: Browser, cut: str, width: int) -> None:
    page_name = "book/intro.html"
    source = (SITE / page_name).read_text(encoding="utf-8")
    begins = source.index('<figure class="pg-figure pg-frames"')
    place = re.compile(CUTS[cut], re.DOTALL).search(source, begins)
    assert place
    with in_two_pieces(page_name, len(source[: place.end()].encode())) as (address, go_on):
        context = new_context(browser, viewport={"width": width, "height": HEIGHT})
        page = context.new_page()
        page.add_init_script(WATCH)
        page.goto(address + page_name, wait_until="commit")
        page.wait_for_function("() => document.querySelector('.pg-frames')")
        page.evaluate(FRAMES)
        go_on.set()
        page.wait_for_load_state("load")
        for until in (SETTLE, FRAMES):
            page.evaluate(until)
        moved = page.evaluate("() => window.shifts")
        context.close()
    assert moved == []
