"""The built website, served on this machine, and a browser that may ask nothing of any other."""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, Route, sync_playwright

ROOT = Path(__file__).parents[2]
SITE = Path(os.environ.get("COURSE_SITE", ROOT / "_build" / "html"))
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SCHEMES = ("light", "dark")


def site_pages(marker: str = "") -> list[str]:
    """Return the pages whose source holds the marker, as addresses relative to the site's root."""
    pages = []
    for path in sorted(SITE.rglob("*.html")):
        name = path.relative_to(SITE)
        text = path.read_text(encoding="utf-8")
        if name.parts[0] != "_static" and 'http-equiv="refresh"' not in text.lower() and marker in text:
            pages.append(name.as_posix())
    return pages


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    # A test that takes `opened` runs on every page in light and dark; one that takes `page_with_…` on the pages
    # that hold what it is about. A site that is not built gives one page, which fails to open and says why.
    pages = site_pages() or ["index.html"]
    if "opened" in metafunc.fixturenames:
        cases = [(page, scheme) for page in pages for scheme in SCHEMES]
        metafunc.parametrize(
            "opened", cases, indirect=True, scope="session", ids=[f"{page}-{scheme}" for page, scheme in cases]
        )
    for fixture, marker in (("page_with_slider", "pg-frames"), ("page_with_ledger", 'class="ledger mathjax_process"')):
        if fixture in metafunc.fixturenames:
            metafunc.parametrize(fixture, site_pages(marker) or ["none"])


@dataclass
class Opened:
    """A page in the browser, and what happened while it loaded."""

    name: str
    scheme: str
    page: Page
    foreign: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def at_width(self, width: int) -> None:
        """Give the window a width, and the page's scripts the time to notice."""
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.evaluate("() => new Promise(done => setTimeout(done, 150))")


class Site:
    """The site at its address, opened in contexts that refuse every other host."""

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser = browser
        self.address = address

    def open(
        self, name: str, scheme: str = "light", width: int = 1280, scripts: bool = True, touch: bool = False
    ) -> Opened:
        """Open a page and wait until its formulas and widgets are there."""
        context: BrowserContext = self.browser.new_context(
            color_scheme="dark" if scheme == "dark" else "light",
            viewport={"width": width, "height": 800},
            java_script_enabled=scripts,
            has_touch=touch,
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)
        page = context.new_page()
        opened = Opened(name, scheme, page)

        def refuse_other_hosts(route: Route, request: Request) -> None:
            if request.url.startswith(self.address):
                route.continue_()
            else:
                opened.foreign.append(request.url)
                route.abort()

        context.route(lambda address: urlsplit(address).scheme in ("http", "https"), refuse_other_hosts)
        page.on("console", lambda message: opened.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: opened.errors.append(str(error)))
        page.on(
            "response",
            lambda answer: opened.failed.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None,
        )
        page.goto(self.address + name, wait_until="load")
        if scripts:
            page.evaluate("async () => { await window.MathJax?.startup?.promise }")
            if page.locator('script[type="application/vnd.jupyter.widget-view+json"]').count():
                page.wait_for_selector(".jupyter-widgets", state="attached")
            opened.at_width(width)
        return opened


@pytest.fixture(scope="session")
def site_files() -> Path:
    """Return the folder of the built site, or fail."""
    if not (SITE / "index.html").exists():
        pytest.fail(f"{SITE} holds no website: build it with `make book`, or run `make test-site`")
    return SITE


@pytest.fixture(scope="session")
def address(site_files: Path) -> Iterator[str]:
    """Serve the site on a free port of this machine."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            pass  # a browser that goes away before it has read everything is no error

    with Server(("127.0.0.1", 0), functools.partial(Handler, directory=str(site_files))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Start the driver of the browser."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Start the Chromium that is on this machine, or fail."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.fail("Chromium was not found: install it, or set CHROMIUM to its path")
    browser = playwright.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def site(browser: Browser, address: str) -> Site:
    """Return the site, ready to open pages of it."""
    return Site(browser, address)


@pytest.fixture(scope="session")
def opened(request: pytest.FixtureRequest, site: Site) -> Iterator[Opened]:
    """Open a page once for all tests of it in one colour scheme."""
    name, scheme = request.param
    result = site.open(name, scheme)
    yield result
    result.page.context.close()
