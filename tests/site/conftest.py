"""The built website, served on this machine, and a browser that may ask nothing of any other."""

from __future__ import annotations

import functools
import re
import shutil
from collections import deque
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    Response,
    expect,
    sync_playwright,
)
from playwright.sync_api import Error as PlaywrightError
from site_browser import FLAGS, NO_BROWSER, NO_SITE, SITE, browser_path, served

SCHEMES = ("light", "dark")
WIDE, HEIGHT = 1280, 800
NO_PAGE = "none"
#: Milliseconds for whatever a test waits for. It only ends what hangs: what takes a second here may take a minute on a
#: machine that does much else, and a test that is red for that says nothing of the website.
PATIENCE = 300_000
expect.set_options(timeout=PATIENCE)

# Waits for what scripts do a moment later: until the fonts are there and nothing has changed or moved for some frames.
SETTLE = """
async () => {
  let quiet = 0;
  const note = () => { quiet = 0; };
  const changes = new MutationObserver(note);
  changes.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  const sizes = new ResizeObserver(note);
  sizes.observe(document.querySelector(".bd-article") || document.body);
  const moves = (animation) => animation.playState === "running"
    && Number.isFinite(animation.effect.getComputedTiming().endTime);
  while (quiet++ < 3) {
    await document.fonts.ready;
    await new Promise(requestAnimationFrame);
    await new Promise((done) => setTimeout(done)); // what waited while the frame was drawn
    if (document.fonts.status === "loading" || document.getAnimations().some(moves)) quiet = 0;
  }
  changes.disconnect();
  sizes.disconnect();
}
"""

# A telephone sets the sections that are seen. A test that looks at a page looks at all of it.
WHOLE = "@media screen { .bd-article section > section { content-visibility: visible !important; } }"

# Opens every block that opens, or closes all, and tells whether there was one to change.
FOLD = """
(folded) => {
  const blocks = [...document.querySelectorAll(".bd-article details")].filter((block) => block.open === folded);
  for (const block of blocks) block.open = !folded;
  return blocks.length > 0;
}
"""


@functools.cache
def sources() -> dict[str, str]:
    """Return the source of every page, by its address relative to the site's root."""
    pages = {}
    for path in sorted(SITE.rglob("*.html")):
        name = path.relative_to(SITE)
        text = path.read_text(encoding="utf-8")
        if name.parts[0] != "_static" and 'http-equiv="refresh"' not in text.lower():
            pages[name.as_posix()] = text
    return pages


def site_pages(marker: str = "") -> list[str]:
    """Return the pages whose source holds the marker, as addresses relative to the site's root."""
    return [name for name, text in sources().items() if marker in text]


def looked_at(pages: list[str]) -> list[str]:
    """Return the pages that a browser looks at: of the listings of source code, which are all made alike, three.

    They are the shortest, the longest, and the one with the longest line. Their links and heads are tested in all.
    """
    left_out = listings_left_out(frozenset(pages))
    return [name for name in pages if name not in left_out]


@functools.cache
def listings_left_out(pages: frozenset[str]) -> frozenset[str]:
    """Return the listings of source code among some pages that no browser looks at."""
    listings = sorted(name for name in pages if name.startswith("_modules/") and name != "_modules/index.html")

    def longest_line(name: str) -> int:
        return max(len(re.sub("<[^>]*>", "", line)) for line in sources()[name].splitlines())

    by_length = sorted(listings, key=lambda name: len(sources()[name]))
    chosen = {*by_length[:1], *by_length[-1:], *sorted(listings, key=longest_line)[-1:]}
    return frozenset(listings) - chosen


#: What a page is made of: its elements, their classes and attributes, the colours that it sets itself, and the kinds of
#: files that it asks for.
MADE_OF = re.compile(
    r"(<[a-z][\w-]*)|\sclass=\"([^\"]*)\""
    r"|\s(data-[a-z-]+|aria-[a-z]+|role=\"[^\"]*\"|type=\"[^\"]*\"|(?:fill|stroke|color)=\"[^\"]*\")"
    r"|\ssrc=\"[^\"?]*(\.\w+)(?:\?[^\"]*)?\"|\sstyle=\"([^\"]*)\""
)
COLOURED = re.compile(r"(?:^|;)\s*((?:[a-z-]*color|background|fill|stroke)\s*:[^;]*)")
#: Classes that name a letter, the number of a cell, or a word of code in colours say nothing of how a page is made.
SAYS_NOTHING = re.compile(r"mjx-c[0-9A-F]+|(pg-)?cell-\d+|[a-z]\w?|id\d+")


def parts_of(source: str) -> frozenset[str]:
    """Return what a page with this source is made of."""
    parts = set()
    for element, classes, attribute, ending, style in set(MADE_OF.findall(source)):
        parts |= {name for name in classes.split() if not SAYS_NOTHING.fullmatch(name)}
        parts |= set(COLOURED.findall(style))
        parts |= {part for part in (element, attribute, ending) if part}
    return frozenset(parts)


@functools.cache
def made_of(name: str) -> frozenset[str]:
    """Return what a page is made of."""
    return parts_of(sources()[name])


def covering(pages: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return pages that hold together all parts of all of them. Those that add most come first."""
    missing = frozenset[str]().union(*pages.values())
    chosen = set()
    while missing:
        best = max(pages, key=lambda name: len(pages[name] & missing))
        chosen.add(best)
        missing -= pages[best]
    return frozenset(chosen)


@functools.cache
def pages_of_each_kind() -> frozenset[str]:
    """Return some pages that hold together everything that one of all pages is made of.

    The site tells: a page with something new is one of them. Short ones are preferred. Pages with headings to link to
    are chosen for themselves, so that a test of these alone sees everything too.
    """
    pages = sorted(looked_at(site_pages()), key=lambda name: len(sources()[name]))
    headed = set(site_pages('class="headerlink"'))
    return frozenset().union(
        *(covering({name: made_of(name) for name in pages if (name in headed) is wanted}) for wanted in (True, False))
    )


#: The files of the website itself that a page asks for.
ASKS_FOR = re.compile(r"(?:src|href)=\"[^\"#?]*?(_static/[^\"#?]*)")


def elements_and_files(name: str) -> frozenset[str]:
    """Return what may fail where a page arrives in another way: its elements, their data, and the files it asks for."""
    elements = {part for part in made_of(name) if re.match(r"<|data-|role=|type=|\.", part)}
    return frozenset(elements.union(ASKS_FOR.findall(sources()[name])))


@functools.cache
def pages_that_ask_for_each_file() -> frozenset[str]:
    """Return some pages with headings that hold together all elements and ask for all files that one of them does."""
    pages = sorted(site_pages('class="headerlink"'), key=lambda name: len(sources()[name]))
    return covering({name: elements_and_files(name) for name in pages})


@dataclass(frozen=True)
class View:
    """A page as one kind of reader sees it."""

    name: str
    scheme: str = "light"
    width: int = WIDE
    scripts: bool = True
    folded: bool = False

    def __str__(self) -> str:
        width = "" if self.width == WIDE else f"-{self.width}"
        return f"{self.name}-{self.scheme}{width}"


def views(
    holding: str = "",
    schemes: Sequence[str] = SCHEMES,
    widths: Sequence[int] = (WIDE,),
    scripts: bool = True,
    folded: bool = False,
    acts: bool = False,
    kinds: bool = False,
    files: bool = False,
) -> list[View]:
    """Return what a test with ``@pytest.mark.views(...)`` looks at.

    Parameters
    ----------
    holding
        The source of the page holds this.
    schemes, widths, scripts
        How the pages are seen. In the dark these are ``kinds``: the colours of a page change there, and nothing moves.
    folded
        The blocks that open are closed. Else all are open, so that what they hold is looked at too, except where
        there are no scripts.
    acts
        The test leaves the page in another state than that in which it was loaded.
    kinds
        Not all of these pages: a few on which everything stands that stands on any page.
    files
        Fewer still: together they have all elements, and ask for all files.
    """
    pages = looked_at(site_pages(holding))
    if kinds:
        pages = [page for page in pages if page in pages_of_each_kind()]
    if files:
        pages = [page for page in pages if page in pages_that_ask_for_each_file()]
    return [
        View(page, scheme, width, scripts, folded)
        for page in pages
        for width in widths
        for scheme in schemes
        if scheme == "light" or page in pages_of_each_kind()
    ]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "views(...): the pages that a test with `opened` looks at, see conftest.views")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    # A test that takes `opened` runs on every page in light, and on one of each kind in the dark, or as its mark says.
    # Where there is no such page, or no site at all, there is one case, which fails and says why.
    if "opened" in metafunc.fixturenames:
        mark = metafunc.definition.get_closest_marker("views")
        cases = views(**mark.kwargs if mark else {}) or [View(NO_PAGE)]
        metafunc.parametrize("opened", cases, indirect=True, ids=str)


def order(item: pytest.Item) -> tuple[object, ...]:
    """Return the place of a test: all tests of a page together, those that act after those that only look."""
    view = item.callspec.params.get("opened") if hasattr(item, "callspec") else None
    if view is None:
        return (1,)
    return (0, view.name, not view.scripts, acts(item), view.folded, -view.width, SCHEMES.index(view.scheme))


def acts(item: pytest.Item) -> bool:
    """Return whether a test leaves the page in another state."""
    mark = item.get_closest_marker("views")
    return bool(mark and mark.kwargs.get("acts"))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # A page is then loaded about once for all of its tests, in each of several processes too.
    here = [item for item in items if item.path.parent == Path(__file__).parent]
    places = iter(sorted(here, key=order))
    items[:] = [next(places) if item in here else item for item in items]
    for item in here:
        item.add_marker(pytest.mark.xdist_group(group(item)))


def group(item: pytest.Item) -> str:
    """Return the name of the tests that one process runs in their order: of a page, or of a file that shares something.

    All others are shared out one by one, as processes are free.
    """
    place = order(item)
    if len(place) > 1:
        return str(place[1])
    shares = any(known[-1].scope == "module" for known in item._fixtureinfo.name2fixturedefs.values())
    return item.path.name if shares else item.name


# ---- what a failed test tells --------------------------------------------------------------------------------------

#: The browsers of this process, and what the pages of each of their contexts complained about last.
BROWSERS: list[Browser] = []
COMPLAINTS: dict[BrowserContext, deque[str]] = {}

LOOK = """
() => {
  const short = (text, length) => (text ?? "").replace(/\\s+/g, " ").trim().slice(0, length);
  const seen = (element) => element.checkVisibility() && element.innerText.trim();
  const said = [...document.querySelectorAll("[role=status], [role=alert], [aria-live], .pg-status")].filter(seen);
  const inView = [...document.querySelectorAll("h1, h2, h3, p, li, td, th, pre, button, summary, label")]
    .filter((part) => seen(part) && !part.querySelector("p, li, td"))
    .filter((part) => part.getBoundingClientRect().bottom > 0 && part.getBoundingClientRect().top < innerHeight);
  return [
    `${location.href} (${document.readyState}, ${innerWidth} × ${innerHeight}, scrolled by ${Math.round(scrollY)}, ` +
      `${document.documentElement.dataset.theme}, fonts ${document.fonts.status})`,
    `focus: ${short(document.activeElement?.outerHTML, 200)}`,
    ...said.slice(0, 8).map((part) => `said: ${short(part.innerText, 300)}`),
    `in view: ${short([...new Set(inView.map((part) => short(part.innerText, 300)))].join(" | "), 1500)}`,
  ].join("\\n");
}
"""


def look(page: Page) -> str:
    """Return in a few lines what is on a page now."""
    try:
        # It has an end, which evaluate has not: a page may hang, and that may be what is wrong.
        return str(page.wait_for_function(LOOK, timeout=20_000).json_value())
    except PlaywrightError as error:
        return f"{page.url} cannot be looked at: {str(error).splitlines()[0]}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell with a failure what the newest pages show, so that it can be understood without another run."""
    report = yield
    if report.failed and call.when != "teardown" and "browser" in getattr(item, "fixturenames", ()):
        contexts = [context for browser in BROWSERS for context in browser.contexts]
        for page in [page for context in contexts for page in context.pages][-3:]:
            complaints = COMPLAINTS.get(page.context, ())
            report.sections.append(("a page at the failure", "\n".join([look(page), *complaints])))
    return report


def new_context(browser: Browser, **settings: Any) -> BrowserContext:
    """Return a reader's browser that keeps nothing of others, and is as patient as all of them."""
    context = browser.new_context(**settings)
    context.set_default_timeout(PATIENCE)
    told = COMPLAINTS[context] = deque(maxlen=6)
    context.on("console", lambda said: told.append(f"console: {said.text[:200]}") if said.type == "error" else None)
    context.on("weberror", lambda failed: told.append(f"error: {str(failed.error)[:200]}"))
    context.on("requestfailed", lambda request: told.append(f"not loaded: {request.url[:150]}, {request.failure}"))
    context.on("close", lambda closed: COMPLAINTS.pop(closed, None))
    return context


def asked_to_draw(request: Request) -> bool:
    """Return whether the browser asks by itself, when it has time: for the page's icon, for fonts of what is shown."""
    return request.resource_type == "font" or request.url.endswith("/_static/favicon.svg")


@dataclass
class Opened:
    """A page in the browser, and what happened since it began to load."""

    view: View
    page: Page
    addresses: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    changed: bool = False
    elements: int = 0
    whole: bool = False

    @property
    def name(self) -> str:
        """The page's address, relative to the site's root."""
        return self.view.name

    @property
    def scheme(self) -> str:
        """Light or dark."""
        return self.view.scheme

    def at_width(self, width: int) -> None:
        """Give the window a width, and the page's scripts the time to notice."""
        self.view = replace(self.view, width=width)
        if self.page.viewport_size != {"width": width, "height": HEIGHT}:
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
            self.settle()

    def in_scheme(self, scheme: str) -> None:
        """Let the reader's system switch to light or dark: the page follows."""
        if scheme == self.scheme:
            return
        self.view = replace(self.view, scheme=scheme)
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        if self.view.scripts:
            self.page.wait_for_function("(scheme) => document.documentElement.dataset.theme === scheme", arg=scheme)
        self.settle()

    def fold(self, folded: bool) -> None:
        """Close all blocks that open, or open them."""
        self.view = replace(self.view, folded=folded)
        if self.view.scripts and self.page.evaluate(FOLD, folded):
            self.settle()

    def load(self, address: str) -> None:
        """Load an address, and wait until its formulas and widgets are there."""
        self.page.goto(address, wait_until="load")
        if self.view.scripts:
            self.settle()
            self.elements = self.page.evaluate("document.querySelectorAll('*').length")
            if self.whole:
                self.page.add_style_tag(content=WHOLE)
                self.settle()

    def settle(self) -> None:
        """Wait for what the page's scripts do a moment later."""
        if self.view.scripts:
            self.page.evaluate(SETTLE)

    def reload(self) -> None:
        """Load the page anew."""
        self.load(self.page.url)

    def listen(self, address: str) -> None:
        """Keep what happens from now on; what begins with the address is of the site."""

        def request(asked: Request) -> None:
            self.addresses.add(asked.url)
            if not asked_to_draw(asked):
                self.asked.append(asked.url)
            if not asked.url.startswith((address, "data:", "blob:")):
                self.foreign.append(asked.url)

        def console(message: ConsoleMessage) -> None:
            if message.type == "error":
                self.errors.append(message.text)

        def response(answer: Response) -> None:
            if answer.status >= 400:
                self.failed.append(f"{answer.status} {answer.url}")

        self.page.on("request", request)
        self.page.on("console", console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("response", response)

    def close(self) -> None:
        """Close the tab."""
        self.page.close()


#: Sphinx marks the words of a search on the next page that is opened, which may be that of another test.
NO_SEARCH = 'try { localStorage.removeItem("sphinx_highlight_terms"); } catch {}'


#: The file in the tab that stays: it asks for no other.
STAYS = "_static/favicon.svg"
#: Tabs of one reader share a process.
FOR_TESTS = (*FLAGS, "--process-per-site")


class Site:
    """The site at its address, in a browser that finds no other host.

    The tabs of readers with scripts share one cache, as those of one reader do, and so do the tabs of readers without.
    One tab stays, so that the process which shows the site goes on from page to page: to start one, which reads all
    scripts and fonts anew, costs as much as a page does.
    """

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.address = address
        self.contexts: dict[bool, BrowserContext] = {}
        self.shown: dict[bool, Opened] = {}

    def context(self, scripts: bool) -> BrowserContext:
        """Return the browser of readers with scripts, or of those without."""
        if scripts not in self.contexts:
            context = new_context(self.browser, java_script_enabled=scripts, reduced_motion="reduce")
            context.add_init_script(NO_SEARCH)
            context.new_page().goto(f"{self.address}{STAYS}")
            self.contexts[scripts] = context
        return self.contexts[scripts]

    def open(
        self,
        name: str,
        scheme: str = "light",
        width: int = WIDE,
        scripts: bool = True,
        whole: bool = False,
    ) -> Opened:
        """Open a page in a tab of its own, as readers have it or with what they do not see yet."""
        page = self.context(scripts).new_page()
        opened = Opened(View(name.split("?")[0], scheme, width, scripts), page, whole=whole)
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        opened.listen(self.address)
        opened.load(self.address + name)
        return opened

    def show(self, view: View, acts: bool = False) -> Opened:
        """Return a page in the tab that is reused from test to test, in the state in which it is loaded."""
        shown = self.shown.pop(view.scripts, None)
        if shown is None or shown.name != view.name:
            if shown is not None:
                shown.close()  # a used tab may ask for fonts that the next page does not show
            shown = self.open(view.name, view.scheme, view.width, view.scripts, whole=True)
        elif shown.changed and not acts:
            shown.reload()
            shown.changed = False
        shown.changed |= acts
        shown.in_scheme(view.scheme)
        shown.at_width(view.width)
        shown.fold(view.folded)
        self.shown[view.scripts] = shown
        return shown


@pytest.fixture(scope="session")
def site_files() -> Path:
    """Return the folder of the built site, or fail."""
    if not (SITE / "index.html").exists():
        pytest.fail(NO_SITE)
    return SITE


@pytest.fixture(scope="session")
def address(site_files: Path) -> Iterator[str]:
    """Serve the site on a free port of this machine."""
    with served(site_files) as address:
        yield address


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Start the driver of the browser."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Start the Chromium that is on this machine, or fail."""
    path = browser_path()
    if path is None:
        pytest.fail(NO_BROWSER)
    browser = playwright.chromium.launch(executable_path=path, headless=True, args=list(FOR_TESTS), timeout=PATIENCE)
    BROWSERS.append(browser)
    yield browser
    BROWSERS.remove(browser)
    browser.close()


@pytest.fixture(scope="session")
def site(browser: Browser, address: str) -> Site:
    """Return the site, ready to open pages of it."""
    return Site(browser, address)


@pytest.fixture
def opened(request: pytest.FixtureRequest, site: Site) -> Opened:
    """Return a page in the tab that all tests of this page share."""
    view: View = request.param
    if view.name == NO_PAGE:
        mark = request.node.get_closest_marker("views")
        pytest.fail(f"no page holds {mark.kwargs['holding'] if mark else 'anything'}")
    return site.show(view, acts(request.node))


@pytest.fixture(scope="session")
def copied(site_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the site in a folder with a space and a letter that is not of ASCII in its name."""
    folder = tmp_path_factory.mktemp("copy") / "my course θ"
    shutil.copytree(site_files, folder)
    return folder


@pytest.fixture(scope="session")
def site_as_files(site: Site, copied: Path) -> Site:
    """Return the copy, opened as files in a browser with no network."""
    result = Site(site.browser, copied.as_uri() + "/")
    result.context(scripts=True).set_offline(True)
    return result
