"""Every link inside the site leads somewhere, by the files alone, and an old one to the package goes on."""

from __future__ import annotations

import os
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from site_browser import ROOT

from press.settings import repository_url

from .conftest import sources

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Site

# Where the site was published from: `make test-site` builds it with the same settings. With COURSE_SITE, set
# COURSE_REPOSITORY_URL to what that site was built with.
REPOSITORY = repository_url(ROOT, os.environ)
LAUNCH_HOSTS = ("mybinder.org", "colab.research.google.com")


class Targets(HTMLParser):
    """The addresses that a page names, and the anchors that it offers."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "base":  # where the website is published; from other places the page finds it, see test_lost
            return
        values = dict(attributes)
        self.anchors.update(values[name] or "" for name in ("id", "name") if name in values)
        self.addresses += [values[name] or "" for name in ("href", "src") if name in values]


def test_internal_links_and_anchors_resolve(site_files: Path) -> None:
    pages = {path.resolve(): Targets(path.read_text(encoding="utf-8")) for path in site_files.rglob("*.html")}
    wrong = []
    for path, page in pages.items():
        if "_static" in path.relative_to(site_files.resolve()).parts:
            continue
        for address in page.addresses:
            parts = urlsplit(address)
            if parts.scheme or parts.netloc or not (parts.path or parts.fragment):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target = target / "index.html"
            if not target.exists():
                wrong.append(f"{path.relative_to(site_files.resolve())}: no file for {address}")
            elif parts.fragment and target in pages and unquote(parts.fragment) not in pages[target].anchors:
                wrong.append(f"{path.relative_to(site_files.resolve())}: no anchor for {address}")
    assert not wrong, "\n".join(sorted(set(wrong)))


def launch_links(page: str) -> set[str]:
    """Return the links that open the notebook of a page elsewhere, for the repository that publishes the site."""
    owner, notebook = urlsplit(REPOSITORY).path, page.replace(".html", ".ipynb")
    if page == "lab.html":  # for those whose browser cannot run Python
        return {link for link in launch_links("book/intro.html") if "mybinder.org" in link}
    if not REPOSITORY or not (ROOT / notebook).is_file():
        return set()
    host = "gl" if "gitlab.com" in REPOSITORY else "gh"
    links = {f"https://mybinder.org/v2/{host}{owner}/HEAD?urlpath=lab/tree/{notebook}"}
    if host == "gh":
        links.add(f"https://colab.research.google.com/github{owner}/blob/notebooks/{notebook}")
    return links


def test_every_page_leads_to_the_repository_that_publishes_it_and_to_no_other(site_files: Path) -> None:
    wrong = []
    for page, text in sources().items():
        addresses = set(Targets(text).addresses)
        launch = {address for address in addresses if urlsplit(address).netloc in LAUNCH_HOSTS}
        issues = {address for address in addresses if re.search(r"/issues/new\b", address)}
        if launch != launch_links(page):
            wrong.append(f"{page} is opened at {sorted(launch)}, not at {sorted(launch_links(page))}")
        if bool(issues) != bool(REPOSITORY) or not all(a.startswith(f"{REPOSITORY}/issues/new?") for a in issues):
            wrong.append(f"{page} sends issues to {sorted(issues)}")
        if REPOSITORY and REPOSITORY not in addresses:
            wrong.append(f"{page} does not name {REPOSITORY}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("place", "page"),
    [
        ("pgcode.values.state_values", "exact-gradients"),
        ("pgcode.mdp.TabularMDP.from_tables", "processes"),
        ("module-pgcode.state_action_form", "exact-gradients"),
        ("linear-quadratic", "processes"),
        ("exercises-one-gradient", "exercises"),
    ],
)
def test_an_old_link_to_a_name_of_the_package_goes_on_to_its_page(site: Site, place: str, page: str) -> None:
    opened = site.open(f"book/reference/api.html#{place}")
    opened.page.wait_for_url(f"**/book/reference/api/{page}.html#{place}")
    opened.page.locator(f"[id='{place}']").wait_for(state="attached")
    opened.close()


def test_a_place_of_the_list_of_names_itself_stays(site: Site) -> None:
    for place in ("all-names", "bring-your-own", "pgcodes-no-such-name"):
        opened = site.open(f"book/reference/api.html#{place}")
        assert opened.page.url.endswith(f"book/reference/api.html#{place}")
        opened.close()
