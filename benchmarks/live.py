"""What it costs to run a cell in its page: the time to its first output, and what is loaded for it and before it.

    python benchmarks/live.py

A reader presses Run below a cell that prints, and below one that draws. Cold is a browser that has nothing of the site,
warm one that has it and loads the page anew; in between the cell is run again. Every number is the median of several
readers. Times depend on the machine. How much is loaded stands in the data of the page, as the server sends it.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent / "tools"))
from site_browser import FLAGS, NO_BROWSER, NO_SITE, SITE, browser_path, served

REPEATS = int(os.environ.get("REPEATS", 3))
PAGE = "book/setting/gradient-ascent.html"
CELL = ".pg-run[data-cell='5']"
DRAWS = "from matplotlib import pyplot as plt\nplt.plot([1, 2])\nNone"


def run(page: Page, source: str = "") -> float:
    """Run the cell, and return the seconds until it has shown something."""
    place = page.locator(CELL)
    if source:
        place.get_by_role("button", name="Edit").click()
        page.locator(f".cell:has({CELL}) textarea").fill(source)
    began = time.perf_counter()
    place.get_by_role("button", name="Run", exact=True).click()
    place.locator(".pg-status", has_text="Done").wait_for(timeout=300_000)
    return time.perf_counter() - began


def requested(address: str, browser: Browser, source: str = "") -> tuple[float, float, float]:
    """Return the seconds of a first, of a second run, and of a first one after a reload, each of a new browser."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(address + PAGE, wait_until="networkidle")
    cold = run(page, source)
    again = run(page)
    page.reload(wait_until="networkidle")
    warm = run(page)
    context.close()
    return cold, again, warm


def data_of(site: Path) -> str:
    """Return the data that stand in the page."""
    page = (site / PAGE).read_text(encoding="utf-8")
    return page.partition('id="pg-live"')[2].partition(">")[2].partition("</script>")[0]


def main() -> int:
    """Measure, and print a table."""
    if not (SITE / PAGE).exists() or not (SITE / "_static" / "python").is_dir():
        print(NO_SITE if not (SITE / PAGE).exists() else "The website was built without Python.", file=sys.stderr)
        return 1
    path = browser_path()
    if path is None:
        print(NO_BROWSER, file=sys.stderr)
        return 1
    data, script = data_of(SITE), (SITE / "_static" / "live.js").stat().st_size
    python = json.loads(data.replace("<\\/", "</"))["python"]
    print(f"before a run: {script / 1000:.1f} kB of script, {len(data.encode()) / 1000:.1f} kB of data, not compressed")
    print(f"for a run: {python['text'] / 1e6:.1f} MB, or {python['figures'] / 1e6:.1f} MB where something is drawn")
    with sync_playwright() as driver, served(SITE) as address:
        browser = driver.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))
        print(f"{'':24}{'cold':>8}{'again':>8}{'warm':>8}   (s)")
        for name, source in (("a cell that prints", ""), ("a cell that draws", DRAWS)):
            runs = [requested(address, browser, source) for _ in range(REPEATS)]
            medians = [statistics.median(column) for column in zip(*runs, strict=True)]
            print(f"{name:24}" + "".join(f"{seconds:8.1f}" for seconds in medians))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
