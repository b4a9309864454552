"""How fast pages of the website open on a slow phone, beside a page of the theme with nothing of ours.

    python benchmarks/pages.py                                    # the introduction, some chapters, the ledgers
    python benchmarks/pages.py book/notation.html                 # or pages that you name

The phone is that of Lighthouse's mobile setting: a processor four times slower than this one, 562.5 ms of latency and
1.47 megabits a second, set through the DevTools protocol. The other page is made here: the elements that the theme's
demonstration shows (headings, lists, tables, admonitions, code, formulas, a drawing, footnotes), built with the same
versions of Sphinx, of the theme and of MathJax, and served by the same server, compressed. Pages take turns, each load
starts with an empty cache, and every number is the median of several loads. Times depend on the machine, ratios less.

Two pages are of a book as Jupyter Book makes it by default: one that it gives to a beginner, and a chapter of ours with
its stored outputs, its formulas set in the browser by the same MathJax. What a default book asks of a content delivery
network besides is not found here, so that it is judged with less than readers load.

With npm at hand, Lighthouse gives its score for performance too, from 0 to 100, as a phone and as a desktop see a page.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from playwright.sync_api import Browser, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent / "tools"))
from site_browser import FLAGS, NO_BROWSER, NO_SITE, SITE, browser_path, served
from vendor import PACKAGES, fetch, unpack

REPEATS = int(os.environ.get("REPEATS", 3))
QUIET = 2000  # ms without a request or a long task, after which a page counts as finished

PHONE = {"viewport": {"width": 412, "height": 823}, "device_scale_factor": 1.75, "is_mobile": True, "has_touch": True}
PROCESSOR = {"rate": 4}
NETWORK = {
    "offline": False,
    "latency": 562.5,
    "downloadThroughput": 1474.56 * 1024 / 8,
    "uploadThroughput": 675 * 1024 / 8,
}

MEASURES = {
    "first contentful paint": "ms",
    "largest contentful paint": "ms",
    "total blocking time": "ms",
    "cumulative layout shift": "",
    "transferred": "kB",
}

# What the browser says while the page loads. Shifts count by sessions: gaps below 1 s, 5 s at most, the worst of them.
OBSERVE = """
(() => {
  const seen = { paint: 0, largest: 0, tasks: [], shifts: [], last: 0 };
  const watch = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note))
    .observe({ type, buffered: true });
  watch("paint", (entry) => { if (entry.name === "first-contentful-paint") seen.paint = entry.startTime; });
  watch("largest-contentful-paint", (entry) => { seen.largest = entry.startTime; });
  watch("longtask", (entry) => {
    seen.tasks.push([entry.startTime, entry.duration]);
    seen.last = Math.max(seen.last, entry.startTime + entry.duration);
  });
  watch("resource", (entry) => { seen.last = Math.max(seen.last, entry.responseEnd); });
  // Nobody touches the page: a shift that is said to follow an input follows the opening of the window.
  watch("layout-shift", (entry) => { seen.shifts.push([entry.startTime, entry.value]); });
  window.whatWasSeen = seen;
})();
"""
FINISHED = "(quiet) => document.readyState === 'complete' && performance.now() - window.whatWasSeen.last > quiet"

DEMO_SETTINGS = """
project = "Demonstration"
extensions = ["myst_parser", "sphinx.ext.mathjax"]
myst_enable_extensions = ["dollarmath", "colon_fence", "deflist"]
html_theme = "sphinx_book_theme"
html_static_path = ["assets"]
"""
DEMO_PAGE = r"""# Kitchen sink

A paragraph with *emphasis*, **strong text**, `code`, a [link](https://example.org) and a footnote.[^note]
Inline mathematics: $e^{i\pi} + 1 = 0$ and $\sum_{k=1}^n k = n(n+1)/2$.

[^note]: The note.

## Lists

- one
- two
  1. first
  2. second

Term
: Its definition.

## Tables

| name | value | remark |
|------|------:|--------|
| one  |     1 | first  |
| two  |     2 | second |

## Blocks

:::{note}
A note.
:::

:::{warning}
A warning, with mathematics: $a^2 + b^2 = c^2$.
:::

:::{sidebar} Beside the text
Something beside the text.
:::

> A quotation.

## Code

```python
def add(a: int, b: int) -> int:
    # Return the sum.
    return a + b
```

## Mathematics

$$
\int_{-\infty}^{\infty} e^{-x^2} \, dx = \sqrt{\pi}
$$

$$
\begin{aligned}
\nabla f(x) &= \lim_{h \to 0} \frac{f(x + h) - f(x)}{h} \\
&= 2x
\end{aligned}
$$

## A drawing

```{image} drawing.svg
:alt: A circle in a square.
:width: 300px
```
"""
DRAWING = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><rect width="100" height="100" fill="#ddd"/>'
    '<circle cx="50" cy="50" r="40" fill="#36c"/></svg>'
)


def unpack_mathjax(folder: Path, target: Path) -> None:
    """Give a page the script that sets its formulas in the browser, from its own server."""
    scripts = PACKAGES[0]._replace(patterns=("tex-chtml.js", "output/chtml/fonts/woff-v2/*"))
    unpack(fetch(scripts, folder), scripts, target)


def build_demo(folder: Path) -> Path:
    """Build the page of the theme with nothing of ours, and return the folder of its website."""
    source = folder / "source"
    (source / "assets").mkdir(parents=True)
    unpack_mathjax(folder, source / "assets" / "mathjax")
    settings = DEMO_SETTINGS + 'mathjax_path = "mathjax/tex-chtml.js"\n'
    (source / "conf.py").write_text(settings, encoding="utf-8")
    (source / "drawing.svg").write_text(DRAWING, encoding="utf-8")
    (source / "index.md").write_text(DEMO_PAGE, encoding="utf-8")
    command = [sys.executable, "-m", "sphinx", "-q", "-b", "html", str(source), str(folder / "html")]
    subprocess.run(command, check=True)
    return folder / "html"


def worst_session(shifts: list[tuple[float, float]]) -> float:
    """Return the greatest sum of layout shifts in one session."""
    worst = total = first = last = 0.0
    for time, value in sorted(shifts):
        if not total or time - last > 1000 or time - first > 5000:
            total, first = 0.0, time
        total, last = total + value, time
        worst = max(worst, total)
    return worst


def load(browser: Browser, address: str) -> dict[str, float]:
    """Open a page once with an empty cache, and return its measures."""
    phone: Any = PHONE
    context = browser.new_context(**phone)
    context.set_default_timeout(180_000)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    received: list[float] = []
    devtools.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", NETWORK)
    devtools.send("Emulation.setCPUThrottlingRate", PROCESSOR)
    page.add_init_script(OBSERVE)
    page.goto(address, wait_until="load")
    page.evaluate("async () => { await window.MathJax?.startup?.promise }")
    page.wait_for_function(FINISHED, arg=QUIET, polling=250)
    seen = page.evaluate("() => window.whatWasSeen")
    context.close()
    after_paint = [duration for start, duration in seen["tasks"] if start + duration > seen["paint"]]
    return {
        "first contentful paint": seen["paint"],
        "largest contentful paint": seen["largest"],
        "total blocking time": sum(duration - 50 for duration in after_paint),
        "cumulative layout shift": worst_session(seen["shifts"]),
        "transferred": sum(received) / 1000,
    }


def measure(browser: Browser, addresses: dict[str, str]) -> dict[str, dict[str, float]]:
    """Return the median of every measure of each page; the pages take turns."""
    loads: dict[str, list[dict[str, float]]] = {name: [] for name in addresses}
    for _ in range(REPEATS):
        for name, address in addresses.items():
            loads[name].append(load(browser, address))
    return {
        name: {key: statistics.median(one[key] for one in some) for key in MEASURES} for name, some in loads.items()
    }


def report(results: dict[str, dict[str, float]], demo: str) -> None:
    """Print the measures, and for each page of ours how often it takes what the demonstration takes."""
    width = max(map(len, results)) + 2
    print(f"{'':{width}}" + "".join(f"{name:>26}" for name in MEASURES))
    for page, values in results.items():
        cells = [f"{values[name]:.3f}" if not unit else f"{values[name]:.0f} {unit}" for name, unit in MEASURES.items()]
        print(f"{page:{width}}" + "".join(f"{cell:>26}" for cell in cells))
    for page, values in results.items():
        if page == demo:
            continue
        cells = [f"{values[name] / results[demo][name]:.2f}" if results[demo][name] else "-" for name in MEASURES]
        print(f"{'  ratio of ' + Path(page).name:{width}}" + "".join(f"{cell:>26}" for cell in cells))


LIGHTHOUSE = "lighthouse@12.8.2"  # the last that needs no newer Node than 18
DEVICES = {"phone": [], "desktop": ["--preset=desktop"]}
ROOT = Path(__file__).parent.parent
CHAPTER = "book/trajectory-form/likelihood-ratio.ipynb"  # what is built in a default book too
KEY_PAGES = (
    "book/intro.html",
    str(Path(CHAPTER).with_suffix(".html")),
    "book/one-gradient/baselines-and-variance.html",
    "book/reference/ledger.html",
)


def build_default_book(folder: Path) -> Path:
    """Build the book that Jupyter Book makes for a beginner, with a chapter of ours, and return the site's folder."""
    jupyter_book, book = str(Path(sys.executable).with_name("jupyter-book")), folder / "book"
    subprocess.run([jupyter_book, "create", str(book)], check=True, stdout=subprocess.DEVNULL)
    unpack_mathjax(folder, book / "_static" / "mathjax")
    shutil.copy(ROOT / CHAPTER, book)
    contents = book / "_toc.yml"
    contents.write_text(f"{contents.read_text(encoding='utf-8')}- file: {Path(CHAPTER).stem}\n", encoding="utf-8")
    ours = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    settings = {
        "title": "A default book",
        "execute": {"execute_notebooks": "off"},
        "bibtex_bibfiles": ["references.bib"],
        "sphinx": {
            "extra_extensions": ["sphinx_proof", "sphinx_exercise"],
            "config": {
                "mathjax_path": "mathjax/tex-chtml.js",
                "mathjax3_config": {"tex": ours["sphinx"]["config"]["mathjax3_config"]["tex"]},
            },
        },
    }
    (book / "_config.yml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    # A chapter that stands alone has links and roles that lead nowhere.
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run([jupyter_book, "build", "-q", str(book)], check=True, **quiet)
    return book / "_build" / "html"


def lighthouse(chromium: str, address: str, device: str) -> float:
    """Return the score for performance that Lighthouse gives to a page, the median of several loads."""
    flags = " ".join(["--headless=new", *FLAGS])
    command = ["npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", "--only-categories=performance"]
    command += [f"--chrome-flags={flags}", *DEVICES[device]]
    scores = []
    for _ in range(REPEATS):
        answer = subprocess.run(
            command, env=os.environ | {"CHROME_PATH": chromium}, capture_output=True, encoding="utf-8", check=True
        )
        scores.append(100 * json.loads(answer.stdout)["categories"]["performance"]["score"])
    return statistics.median(scores)


def report_scores(chromium: str, addresses: dict[str, str]) -> None:
    """Print the scores of Lighthouse, if it can be had."""
    if shutil.which("npx") is None:
        print("\nLighthouse was not run: npx was not found.")
        return
    width = max(map(len, addresses)) + 2
    print(f"\n{'score of Lighthouse for performance':{width}}" + "".join(f"{device:>12}" for device in DEVICES))
    for name, address in addresses.items():
        print(f"{name:{width}}" + "".join(f"{lighthouse(chromium, address, device):>12.0f}" for device in DEVICES))


def chosen_pages() -> list[str]:
    """Return the pages that are named, or the introduction, a chapter, the ledgers, and the heaviest chapter."""
    if sys.argv[1:]:
        return sys.argv[1:]
    chapters = [path for path in (SITE / "book").rglob("*.html") if path.name != "intro.html"]
    heaviest = max(chapters, key=lambda path: path.stat().st_size).relative_to(SITE).as_posix()
    return list(dict.fromkeys([*(page for page in KEY_PAGES if (SITE / page).is_file()), heaviest]))


def main() -> None:
    """Measure and print."""
    chromium = browser_path()
    if not (SITE / "index.html").exists():
        print(f"The pages were not measured. {NO_SITE}.")
        return
    if chromium is None:
        print(f"The pages were not measured. {NO_BROWSER}.")
        return
    pages, demo = chosen_pages(), "the theme's demonstration"
    for page in pages:
        if not (SITE / page).is_file():
            raise SystemExit(f"{page} is not a page of {SITE}. Name a page as in book/intro.html.")
    with (
        tempfile.TemporaryDirectory() as folder,
        served(build_demo(Path(folder))) as theirs,
        served(build_default_book(Path(folder))) as default,
        served(SITE) as ours,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=chromium, headless=True, args=list(FLAGS))
        addresses = {page: ours + page for page in pages} | {demo: theirs + "index.html"}
        addresses["a page of a default book"] = default + "markdown.html"
        addresses[f"{Path(CHAPTER).stem} in it"] = f"{default}{Path(CHAPTER).stem}.html"
        results = measure(browser, addresses)
        browser.close()
        report(results, demo)
        report_scores(chromium, addresses)


if __name__ == "__main__":
    main()
