"""The page for an address that leads nowhere."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Route

from .conftest import new_context

ROOT = "http://course.example"


@pytest.mark.parametrize("below", ["/", "/us/course/"])
@pytest.mark.parametrize("lost", ["gone.html", "book/start/gone", "a/b/c/"])
def test_it_works_at_any_depth_and_at_any_address(browser: Browser, site_files: Path, below: str, lost: str) -> None:
    context = new_context(browser)
    page = context.new_page()

    def answer(route: Route) -> None:
        path = urlparse(route.request.url).path
        file = site_files / (path.removeprefix(below) or "index.html")
        if path.startswith(below) and file.is_file():
            return route.fulfill(path=file)
        return route.fulfill(status=404, body=lost_page, content_type="text/html")

    lost_page = (site_files / "404.html").read_text(encoding="utf-8")

    page.route("**/*", answer)
    page.goto(f"{ROOT}{below}{lost}")
    assert page.evaluate("document.baseURI") == f"{ROOT}{below}"
    sheets = page.evaluate("[...document.styleSheets].map((sheet) => sheet.href).filter(Boolean)")
    assert any(re.search(r"site-\w+\.css", sheet) for sheet in sheets)
    assert all(sheet.startswith(f"{ROOT}{below}_static/") for sheet in sheets)
    # A link within the page stays on it.
    page.evaluate("document.querySelector('a[href^=\"#\"]').click()")
    assert page.url.startswith(f"{ROOT}{below}{lost}#")
    page.get_by_role("link", name="The first page").click()
    page.wait_for_url(f"{ROOT}{below}**/*.html", wait_until="commit")
    context.close()


def test_without_scripts_it_works_where_the_website_is_published(browser: Browser, site_files: Path) -> None:
    known = re.search(r'<noscript><base href="(.*?)">', (site_files / "404.html").read_text(encoding="utf-8"))
    if not known:
        pytest.skip("this website does not know its address")
    context = new_context(browser, java_script_enabled=False)
    page = context.new_page()

    def answer(route: Route) -> None:
        path = urlparse(route.request.url).path
        file = site_files / path.removeprefix(known[1])
        if path.startswith(known[1]) and file.is_file():
            return route.fulfill(path=file)
        return route.fulfill(status=404, path=site_files / "404.html", content_type="text/html")

    page.route("**/*", answer)
    page.goto(f"{ROOT}{known[1]}gone/from/here")
    page.get_by_role("link", name="The first page").click()
    page.wait_for_url(f"{ROOT}{known[1]}book/intro.html")
    assert page.locator("h1").first.inner_text()
    context.close()
